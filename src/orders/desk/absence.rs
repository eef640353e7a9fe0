//! When a command that cannot be found counts as absent. The rule errs towards waiting.

use std::time::Duration;

use super::config::Config;

/// What was looked at for one unknown command since its deadline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Evidence {
    /// Complete list reads that count: started after the deadline, far enough apart.
    reads: u32,
    /// Those of them that asked for all venues.
    all_venues: u32,
    /// When the last one that counts started.
    last: Option<Duration>,
    /// Whether the last read, counted or not, was complete.
    last_complete: bool,
}

impl Evidence {
    /// A complete read that began at `started`.
    pub(super) fn complete(
        &mut self,
        started: Duration,
        deadline: Duration,
        all_venues: bool,
        config: &Config,
    ) {
        self.last_complete = true;
        let far_enough = self
            .last
            .is_none_or(|last| started >= last.saturating_add(config.absent_read_gap));
        if started >= deadline && far_enough {
            self.reads += 1;
            self.all_venues += u32::from(all_venues);
            self.last = Some(started);
        }
    }

    /// A read that failed.
    pub(super) const fn failed(&mut self) {
        self.last_complete = false;
    }

    /// Something happened that the missing command may explain: what was seen before proves nothing.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// Whether it counts as absent at `now`. `stream_since` is when the stream of notices came up, if it is up.
    pub(super) fn is_absent(
        &self,
        now: Duration,
        sent: Duration,
        deadline: Duration,
        stream_since: Option<Duration>,
        config: &Config,
    ) -> bool {
        let watched = stream_since.is_some_and(|since| since <= sent) || self.all_venues >= 2;
        now >= deadline.saturating_add(config.absent_after)
            && self.reads >= config.absent_reads
            && self.last_complete
            && watched
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    fn absent(reads: &[(u64, bool)], now: u64, stream_since: Option<u64>) -> bool {
        let config = Config::default();
        let mut evidence = Evidence::default();
        for &(started, all_venues) in reads {
            evidence.complete(secs(started), secs(10), all_venues, &config);
        }
        evidence.is_absent(
            secs(now),
            secs(0),
            secs(10),
            stream_since.map(secs),
            &config,
        )
    }

    #[test]
    fn every_part_of_the_rule_is_needed() {
        let three = [(10, false), (15, false), (70, false)];
        assert!(absent(&three, 70, Some(0)));
        assert!(!absent(&three, 69, Some(0)), "too early");
        assert!(!absent(&three[1..], 70, Some(0)), "two reads");
        assert!(
            !absent(&[(9, false), (15, false), (70, false)], 70, Some(0)),
            "one before the deadline"
        );
        assert!(
            !absent(&[(10, false), (14, false), (70, false)], 70, Some(0)),
            "two too close"
        );
        assert!(
            !absent(&three, 70, Some(1)),
            "the stream came up after the send"
        );
        assert!(!absent(&three, 70, None), "no stream, not all venues");
        assert!(
            absent(&[(10, true), (15, false), (70, true)], 70, None),
            "all venues, twice"
        );
        assert!(
            !absent(&[(10, true), (15, false), (70, false)], 70, None),
            "all venues, once"
        );
    }

    #[test]
    fn a_failed_last_read_and_a_reset_defer() {
        let config = Config::default();
        let mut evidence = Evidence::default();
        let ask = |evidence: &Evidence| {
            evidence.is_absent(secs(99), secs(0), secs(10), Some(secs(0)), &config)
        };
        for started in [10, 20, 80] {
            evidence.complete(secs(started), secs(10), true, &config);
        }
        assert!(ask(&evidence));
        evidence.failed();
        assert!(!ask(&evidence));
        evidence.complete(secs(81), secs(10), true, &config);
        assert!(ask(&evidence));
        evidence.reset();
        assert!(!ask(&evidence));
    }
}
