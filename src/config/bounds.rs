//! The allowed range of every number of a configuration, in one place.

use std::time::Duration;

/// An inclusive range of whole numbers and the unit that they count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) min: i64,
    pub(super) max: i64,
    unit: &'static str,
}

impl Bounds {
    const fn new(min: i64, max: i64, unit: &'static str) -> Self {
        Self { min, max, unit }
    }

    pub(super) fn contains(self, number: impl TryInto<i64>) -> bool {
        number
            .try_into()
            .is_ok_and(|number| (self.min..=self.max).contains(&number))
    }

    /// Whether the duration, in whole milliseconds, lies inside.
    pub(super) fn contains_ms(self, duration: Duration) -> bool {
        let whole = duration.subsec_nanos().is_multiple_of(1_000_000);
        whole && self.contains(duration.as_millis())
    }

    /// `100 to 120000 ms`.
    pub(super) fn expected(self) -> String {
        let Self { min, max, unit } = self;
        match unit {
            "" => format!("a whole number from {min} to {max}"),
            unit => format!("a whole number from {min} to {max} ({unit})"),
        }
    }
}

const MS_PER_HOUR: i64 = 3_600_000;

pub(super) const PORT: Bounds = Bounds::new(1, 65_535, "port");
pub(super) const RATE_LIMIT: Bounds = Bounds::new(1, 1_000, "requests per second");
pub(super) const CONNECT_MS: Bounds = Bounds::new(100, 120_000, "ms");
pub(super) const ORDER_MS: Bounds = Bounds::new(100, 60_000, "ms");
pub(super) const QUERY_MS: Bounds = Bounds::new(100, 120_000, "ms");
pub(super) const ATTEMPTS_MAX: Bounds = Bounds::new(1, 1_000, "attempts");
pub(super) const BACKOFF_MS: Bounds = Bounds::new(1, MS_PER_HOUR, "ms");
pub(super) const HEALTH_CHECK_MS: Bounds = Bounds::new(100, MS_PER_HOUR, "ms");
pub(super) const CAPACITY: Bounds = Bounds::new(16, 1 << 20, "events");
pub(super) const SEED: Bounds = Bounds::new(0, i64::MAX, "");
pub(super) const CASH_WON: Bounds = Bounds::new(0, 10_000_000_000_000, "won");
pub(super) const HISTORY: Bounds = Bounds::new(1_000, 10_000_000, "orders");
pub(super) const PACE: Bounds = Bounds::new(0, 100_000, "times the wall clock");
pub(super) const CHANCE: Bounds = Bounds::new(0, 1_000, "of 1,000");
pub(super) const VOLATILITY: Bounds = Bounds::new(0, 500, "percent per year");
pub(super) const DRIFT: Bounds = Bounds::new(-200, 200, "percent per year");
pub(super) const BASE_PRICE_WON: Bounds = Bounds::new(1, 100_000_000, "won");
/// Characters of a text that only people read.
pub(super) const TEXT_LEN: Bounds = Bounds::new(1, 64, "characters");
/// Gateways of a file, accounts and simulated issues of a gateway.
pub(super) const ENTRIES_MAX: usize = 256;
