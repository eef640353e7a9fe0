//! An exact sliding window: when each of the last `limit` grants leaves it.

use std::time::Duration;

use tokio::time::Instant;

/// Counts grants in any window of one length, wherever it starts.
///
/// A grant at `t` occupies `[t, t + window)`. Bursts up to the limit and the full sustained rate are both possible,
/// which no parameters of a token bucket give.
#[derive(Debug)]
pub(super) struct Ledger {
    limit: usize,
    window: Duration,
    /// Ring of the times at which grants leave the window, in order; the start where there was none. Longer than the limit,
    /// and as long as a power of two, so that a slot is found without a branch.
    leave: Box<[Instant]>,
    /// How many grants there were. The next one takes the oldest slot.
    grants: usize,
}

impl Ledger {
    /// An empty window from `start` on; `limit` is at least 1.
    pub(super) fn new(limit: usize, window: Duration, start: Instant) -> Self {
        Self {
            limit,
            window,
            leave: vec![start; (limit + 1).next_power_of_two()].into(),
            grants: 0,
        }
    }

    /// When fewer grants than `cap` are in the window; at or before now when that is so already. `cap` is at least 1 and at
    /// most the limit.
    #[inline]
    pub(super) fn free_at(&self, cap: usize) -> Instant {
        // When that many grants ago leaves.
        self.leave[self.slot(self.grants.wrapping_sub(cap))]
    }

    /// Notes a grant. `now` does not go back from one to the next.
    #[inline]
    pub(super) fn grant(&mut self, now: Instant) {
        let slot = self.slot(self.grants);
        self.leave[slot] = now + self.window;
        self.grants = self.grants.wrapping_add(1);
    }

    /// Takes the last grant back, once.
    pub(super) fn take_back(&mut self) {
        // It took the slot of a grant that had left before the limit's oldest, so that nothing is lost.
        self.grants = self.grants.wrapping_sub(1);
    }

    #[inline]
    const fn slot(&self, grant: usize) -> usize {
        grant & (self.leave.len() - 1)
    }

    /// Grants in the window that ends at `now`.
    pub(super) fn used(&self, now: Instant) -> usize {
        let (latest, older) = self.leave.split_at(self.slot(self.grants));
        let from_the_latest = latest.iter().rev().chain(older.iter().rev());
        from_the_latest
            .take(self.limit)
            .take_while(|&&leaves| leaves > now)
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Random arrivals: no window of the length, wherever it starts, holds more grants than the cap, and a
        /// request is turned away only when its window is full.
        #[test]
        fn no_window_holds_more_than_the_limit(
            limit in 1_usize..30,
            less in 0_usize..30,
            gaps in prop::collection::vec(0_u64..300, 1..600),
        ) {
            const WINDOW: Duration = Duration::from_nanos(1_000);
            let mut now = Instant::now();
            let mut ledger = Ledger::new(limit, WINDOW, now);
            let mut grants: Vec<Instant> = Vec::new();
            let cap = limit - less % limit;
            for gap in gaps {
                now += Duration::from_nanos(gap);
                let in_window = grants.iter().filter(|&&grant| grant + WINDOW > now).count();
                prop_assert_eq!(ledger.used(now), in_window);
                let free_at = ledger.free_at(cap);
                prop_assert_eq!(free_at <= now, in_window < cap);
                if free_at <= now {
                    ledger.grant(now);
                    // Every third one is taken back.
                    if gap % 3 == 0 {
                        ledger.take_back();
                    } else {
                        grants.push(now);
                    }
                }
            }
        }
    }
}
