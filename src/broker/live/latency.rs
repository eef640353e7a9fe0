//! How long each stage of an order takes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;
use tokio::time::Instant;

/// A stage of an order, in the order in which they pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Local checks and the pre-trade gate.
    Gate,
    /// The fingerprint lock and the journal.
    Journal,
    /// Room under the rate limit.
    Limiter,
    /// From the caller's thread to the writer's.
    HandOver,
    /// The request's bytes are made.
    Encode,
    /// They are handed to the socket.
    Write,
    /// To the broker and back.
    Wire,
    /// The answer is read and told to the desk.
    Decode,
    /// All of it.
    Total,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 9] = [
        Self::Gate,
        Self::Journal,
        Self::Limiter,
        Self::HandOver,
        Self::Encode,
        Self::Write,
        Self::Wire,
        Self::Decode,
        Self::Total,
    ];
}

/// What is known of a stage, of all commands so far. Of the percentiles two digits are exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StageTimes {
    /// The stage.
    pub stage: Stage,
    /// Commands that were measured.
    pub count: u64,
    /// The shortest.
    pub min: Duration,
    /// Half of them took no longer.
    pub p50: Duration,
    /// 99 of 100.
    pub p99: Duration,
    /// 999 of 1,000.
    pub p999: Duration,
    /// The longest.
    pub max: Duration,
}

/// One command's stages; `None` where nothing was measured.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spans([Option<Duration>; Stage::ALL.len()]);

impl Spans {
    /// A stage went from the one instant to the other.
    pub(super) fn set(&mut self, stage: Stage, from: Option<Instant>, to: Option<Instant>) {
        if let (Some(from), Some(to)) = (from, to) {
            self.0[stage as usize] = Some(to.saturating_duration_since(from));
        }
    }
}

/// The stages of all commands. Recording allocates nothing.
#[derive(Debug)]
pub(super) struct Latency {
    on: AtomicBool,
    /// In the order of [`Stage::ALL`]; empty where histograms cannot be.
    stages: Mutex<Vec<Histogram<u64>>>,
}

impl Latency {
    pub(super) fn new(on: bool) -> Self {
        /// From a nanosecond to a minute; what takes longer counts as that.
        const HIGHEST_NS: u64 = 60_000_000_000;
        const DIGITS: u8 = 2;
        let stages = Stage::ALL
            .iter()
            .filter_map(|_| Histogram::new_with_bounds(1, HIGHEST_NS, DIGITS).ok())
            .collect();
        Self {
            on: AtomicBool::new(on),
            stages: Mutex::new(stages),
        }
    }

    /// Now, if anybody wants to know.
    #[inline]
    pub(super) fn now(&self) -> Option<Instant> {
        self.is_on().then(Instant::now)
    }

    #[inline]
    pub(super) fn is_on(&self) -> bool {
        self.on.load(Ordering::Relaxed)
    }

    pub(super) fn switch(&self, on: bool) {
        self.on.store(on, Ordering::Relaxed);
    }

    pub(super) fn record(&self, spans: &Spans) {
        if !self.is_on() {
            return;
        }
        let mut stages = self.stages.lock().unwrap_or_else(PoisonError::into_inner);
        for (histogram, span) in stages.iter_mut().zip(spans.0) {
            if let Some(span) = span {
                histogram.saturating_record(u64::try_from(span.as_nanos()).unwrap_or(u64::MAX));
            }
        }
    }

    /// The stages that were measured at all.
    pub(super) fn times(&self) -> Vec<StageTimes> {
        let stages = self.stages.lock().unwrap_or_else(PoisonError::into_inner);
        let times = |(&stage, histogram): (&Stage, &Histogram<u64>)| StageTimes {
            stage,
            count: histogram.len(),
            min: Duration::from_nanos(histogram.min()),
            p50: Duration::from_nanos(histogram.value_at_quantile(0.5)),
            p99: Duration::from_nanos(histogram.value_at_quantile(0.99)),
            p999: Duration::from_nanos(histogram.value_at_quantile(0.999)),
            max: Duration::from_nanos(histogram.max()),
        };
        Stage::ALL
            .iter()
            .zip(stages.iter())
            .filter(|(_, histogram)| !histogram.is_empty())
            .map(times)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_measured_is_told_and_nothing_else() {
        let latency = Latency::new(true);
        let start = Instant::now();
        let mut spans = Spans::default();
        spans.set(
            Stage::Wire,
            Some(start),
            Some(start + Duration::from_millis(5)),
        );
        spans.set(Stage::Gate, None, Some(start));
        latency.record(&spans);
        latency.switch(false);
        latency.record(&spans);
        let times = latency.times();
        assert_eq!(times.len(), 1);
        assert_eq!((times[0].stage, times[0].count), (Stage::Wire, 1));
        let error = times[0].p99.abs_diff(Duration::from_millis(5));
        assert!(error < Duration::from_micros(50), "{error:?}");
        assert_eq!(latency.now(), None);
    }
}
