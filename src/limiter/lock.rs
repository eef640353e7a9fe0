//! A lock that costs one atomic step on the way in and none on the way out.

use std::time::Duration;

use try_lock::{Locked, TryLock};

/// Guards what is held for less than a microsecond, never across an await, and never while code of the caller's runs.
/// An order pays for it each time: a mutex has to ask on the way out whether anybody sleeps, which costs as much again.
///
/// Whoever finds it taken spins, then lets other threads run, and then sleeps: a holder that was put off the processor
/// gets it back even from a thread of higher priority.
#[derive(Debug)]
pub(super) struct Lock<T>(TryLock<T>);

impl<T> Lock<T> {
    pub(super) const fn new(value: T) -> Self {
        Self(TryLock::new(value))
    }

    #[inline]
    pub(super) fn try_lock(&self) -> Option<Locked<'_, T>> {
        self.0.try_lock()
    }

    #[inline]
    pub(super) fn lock(&self) -> Locked<'_, T> {
        match self.0.try_lock() {
            Some(locked) => locked,
            None => self.wait(),
        }
    }

    #[cold]
    fn wait(&self) -> Locked<'_, T> {
        const SPINS: u32 = 100;
        const YIELDS: u32 = 10;
        const SLEEP: Duration = Duration::from_micros(50);
        for attempt in 0_u32.. {
            if let Some(locked) = self.0.try_lock() {
                return locked;
            }
            if attempt < SPINS {
                std::hint::spin_loop();
            } else if attempt < SPINS + YIELDS {
                std::thread::yield_now();
            } else {
                break;
            }
        }
        loop {
            std::thread::sleep(SLEEP);
            if let Some(locked) = self.0.try_lock() {
                return locked;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_and_all_in_the_end() {
        const EACH: u32 = 20_000;
        // Two halves that only a holder sees apart.
        let lock = Lock::new((0_u32, 0_u32));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..EACH {
                        let mut halves = lock.lock();
                        assert_eq!(halves.0, halves.1);
                        halves.0 += 1;
                        std::hint::black_box(&mut *halves);
                        halves.1 += 1;
                    }
                });
            }
        });
        assert_eq!(*lock.lock(), (4 * EACH, 4 * EACH));
    }

    #[test]
    fn a_holder_that_takes_long_is_waited_for() {
        let lock = Lock::new(0);
        let held = lock.lock();
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| *lock.lock() += 1);
            // Long enough in the waiter's own steps: it has spun, yielded and gone to sleep, or will.
            (0..1_000).for_each(|_| std::thread::yield_now());
            assert!(!waiter.is_finished());
            drop(held);
        });
        assert_eq!(*lock.lock(), 1);
    }
}
