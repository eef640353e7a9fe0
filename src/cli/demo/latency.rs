//! How long calls take.

use std::time::Instant;

use hdrhistogram::Histogram;
use serde::Serialize;

/// A clock that runs from its making.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "the time a call takes is what is measured here, and decides nothing"
    )]
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    pub(super) fn nanos(self) -> u64 {
        u64::try_from(self.0.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

/// The durations of one kind of call: 3 digits exact, up to a minute.
#[derive(Debug)]
pub(super) struct Latency(Histogram<u64>);

impl Latency {
    const NANOS_MAX: u64 = 60_000_000_000;

    /// # Panics
    /// Never: the bounds are constants that the histogram takes.
    pub(super) fn new() -> Self {
        let histogram = Histogram::new_with_bounds(1, Self::NANOS_MAX, 3);
        // The only mistakes are a highest value below twice the lowest and more than 5 digits.
        Self(histogram.expect("constant bounds are valid"))
    }

    pub(super) fn record(&mut self, started: Stopwatch) {
        self.0.saturating_record(started.nanos());
    }

    pub(super) fn summary(&self) -> Percentiles {
        let at = |quantile| self.0.value_at_quantile(quantile);
        Percentiles {
            calls: self.0.len(),
            p50_ns: at(0.5),
            p90_ns: at(0.9),
            p99_ns: at(0.99),
            p99_9_ns: at(0.999),
            max_ns: self.0.max(),
        }
    }
}

/// So many calls took at most so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Percentiles {
    pub(super) calls: u64,
    pub(super) p50_ns: u64,
    pub(super) p90_ns: u64,
    pub(super) p99_ns: u64,
    pub(super) p99_9_ns: u64,
    pub(super) max_ns: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_rise() {
        let mut latency = Latency::new();
        for nanos in 1..=1_000 {
            latency.0.saturating_record(nanos);
        }
        latency.0.saturating_record(u64::MAX);
        let summary = latency.summary();
        assert_eq!(
            (summary.calls, summary.p50_ns, summary.p90_ns),
            (1_001, 501, 901)
        );
        assert!(summary.max_ns >= Latency::NANOS_MAX);
    }
}
