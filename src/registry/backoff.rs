//! How long to wait between attempts.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::config::Retry;

/// Doubling delays with jitter: each is drawn from the upper half of its span, so that gateways that fell together do not
/// come back together.
#[derive(Debug)]
pub(super) struct Backoff {
    settings: Retry,
    failed_attempts: u32,
    random: ChaCha8Rng,
}

impl Backoff {
    pub(super) fn new(settings: Retry, name: &str) -> Self {
        // Jitter must differ between processes, so it is seeded by the process's own random hash keys.
        let random = ChaCha8Rng::seed_from_u64(RandomState::new().hash_one(name));
        Self {
            settings,
            failed_attempts: 0,
            random,
        }
    }

    /// Failed attempts since the start or the last [`restart`](Self::restart).
    pub(super) const fn failed_attempts(&self) -> u32 {
        self.failed_attempts
    }

    /// Forgets the failed attempts.
    pub(super) const fn restart(&mut self) {
        self.failed_attempts = 0;
    }

    /// Counts a failed attempt and says how long to wait before the next; `None` after the last.
    pub(super) fn next_delay(&mut self) -> Option<Duration> {
        self.failed_attempts += 1;
        if self.failed_attempts >= self.settings.attempts_max {
            return None;
        }
        let doublings = (self.failed_attempts - 1).min(20);
        let doubled = self.settings.backoff_initial.saturating_mul(1 << doublings);
        let span_ms =
            u64::try_from(doubled.min(self.settings.backoff_max).as_millis()).unwrap_or(u64::MAX);
        let half_ms = span_ms / 2;
        let jitter_ms = self.random.next_u64() % (span_ms - half_ms + 1);
        Some(Duration::from_millis(half_ms + jitter_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_with_jitter_up_to_the_bound_and_end() {
        let settings = Retry {
            attempts_max: 8,
            backoff_initial: Duration::from_millis(100),
            backoff_max: Duration::from_millis(1_000),
        };
        let mut backoff = Backoff::new(settings, "test");
        // The second round begins where the first did.
        for _ in 0..2 {
            for span_ms in [100, 200, 400, 800, 1_000, 1_000, 1_000] {
                let delay = backoff.next_delay().unwrap();
                assert!(
                    delay >= Duration::from_millis(span_ms / 2)
                        && delay <= Duration::from_millis(span_ms)
                );
            }
            assert_eq!((backoff.next_delay(), backoff.failed_attempts()), (None, 8));
            backoff.restart();
        }
    }

    #[test]
    fn gateways_that_fell_together_do_not_come_back_together() {
        let settings = Retry {
            attempts_max: 20,
            backoff_initial: Duration::from_secs(3_600),
            backoff_max: Duration::from_secs(3_600),
        };
        let delays = |name| {
            let mut backoff = Backoff::new(settings, name);
            (1..20)
                .map_while(|_| backoff.next_delay())
                .collect::<Vec<_>>()
        };
        let (first, second) = (delays("first"), delays("second"));
        assert_eq!((first.len(), second.len()), (19, 19));
        assert_ne!(first, second);
    }
}
