//! How long to wait before connecting again.

use std::collections::VecDeque;
use std::time::Duration;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tokio::time::Instant;

/// The bounds of a [`Backoff`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BackoffSettings {
    /// The span of the first wait; it doubles with each one. Default: 0.5 s.
    pub first: Duration,
    /// The longest span. Default: 30 s.
    pub longest: Duration,
    /// A connection that lived for less counts as a failed attempt: a server that takes connections only to close them
    /// is not to be stormed. Default: 30 s.
    pub stable_after: Duration,
    /// Attempts in any one minute; at least 1. Default: 10. KIS blocks who connects and disconnects in an endless loop,
    /// at a rate that it does not publish.
    pub per_minute_max: usize,
}

impl Default for BackoffSettings {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            longest: Duration::from_secs(30),
            stable_after: Duration::from_secs(30),
            per_minute_max: 10,
        }
    }
}

const MINUTE: Duration = Duration::from_secs(60);

/// Waits that double, with jitter: each is drawn from the upper half of its span, so that gateways that fell together do
/// not come back together. Without end: whoever waits decides when to give up.
#[derive(Debug)]
pub struct Backoff {
    settings: BackoffSettings,
    failures: u32,
    /// The attempts of the last minute, oldest first.
    attempts: VecDeque<Instant>,
    random: ChaCha8Rng,
}

impl Backoff {
    /// The same seed gives the same jitter: one that differs between processes belongs here, outside of tests.
    pub fn new(settings: BackoffSettings, seed: u64) -> Self {
        Self {
            settings,
            failures: 0,
            attempts: VecDeque::with_capacity(settings.per_minute_max),
            random: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    /// How long to wait from `now` until the next attempt, which is counted as made then.
    pub fn next_delay(&mut self, now: Instant) -> Duration {
        let doublings = self.failures.min(31);
        self.failures = self.failures.saturating_add(1);
        let doubled = self.settings.first.saturating_mul(1 << doublings);
        let span = doubled.min(self.settings.longest);
        let half = span / 2;
        let mut at = now + half + self.jitter(span - half);

        let most = self.settings.per_minute_max.max(1);
        if self.attempts.len() >= most
            && let Some(oldest) = self.attempts.pop_front()
        {
            // A part of its own, lest those that began together go on together.
            let spacing = MINUTE / u32::try_from(most).unwrap_or(u32::MAX);
            at = at.max(oldest + MINUTE + self.jitter(spacing));
        }
        self.attempts.push_back(at);
        at.saturating_duration_since(now)
    }

    /// From nothing to `longest`.
    fn jitter(&mut self, longest: Duration) -> Duration {
        let longest_us = u64::try_from(longest.as_micros()).unwrap_or(u64::MAX - 1);
        Duration::from_micros(self.random.next_u64() % (longest_us + 1))
    }

    /// Tells how long a connection lived: long enough, and the next wait is the shortest again.
    pub fn lived(&mut self, for_: Duration) {
        if for_ >= self.settings.stable_after {
            self.failures = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn waits_double_with_jitter_up_to_the_longest() {
        let settings = BackoffSettings {
            per_minute_max: 1_000,
            ..BackoffSettings::default()
        };
        let mut backoff = Backoff::new(settings, 7);
        for span_ms in [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000] {
            let delay = backoff.next_delay(Instant::now());
            let span = Duration::from_millis(span_ms);
            assert!(delay >= span / 2 && delay <= span, "{delay:?} of {span:?}");
            tokio::time::advance(delay).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn only_a_connection_that_lived_starts_anew() {
        let mut backoff = Backoff::new(BackoffSettings::default(), 7);
        for _ in 0..5 {
            backoff.next_delay(Instant::now());
        }
        backoff.lived(Duration::from_secs(29));
        assert!(backoff.next_delay(Instant::now()) > Duration::from_secs(1));
        backoff.lived(Duration::from_secs(30));
        tokio::time::advance(MINUTE).await;
        assert!(backoff.next_delay(Instant::now()) <= Duration::from_millis(500));
    }

    /// When attempts are made before a broker that refuses for ten minutes, in time since the start.
    fn attempts(settings: BackoffSettings, seed: u64) -> Vec<Duration> {
        let start = Instant::now();
        let mut backoff = Backoff::new(settings, seed);
        let mut at = start;
        std::iter::from_fn(|| {
            at += backoff.next_delay(at);
            Some(at.duration_since(start)).filter(|since| *since < MINUTE * 10)
        })
        .collect()
    }

    #[tokio::test(start_paused = true)]
    async fn no_minute_has_more_attempts_than_it_may() {
        let settings = BackoffSettings {
            longest: Duration::from_secs(2),
            ..BackoffSettings::default()
        };
        for seed in 0..100 {
            let attempts = attempts(settings, seed);
            assert!(attempts.len() > 85, "{}", attempts.len());
            for window in attempts.windows(settings.per_minute_max + 1) {
                assert!(window[settings.per_minute_max] - window[0] >= MINUTE);
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_hundred_gateways_do_not_come_in_waves() {
        let mut per_second = [0_u32; 600];
        for seed in 0..100 {
            for at in attempts(BackoffSettings::default(), seed) {
                per_second[usize::try_from(at.as_secs()).unwrap()] += 1;
            }
        }
        let later = per_second[120..].iter().copied();
        assert!(later.clone().sum::<u32>() > 1_500);
        assert!(later.max() < Some(20), "{per_second:?}");
    }
}
