//! When the order list is read: one read at a time, for whatever needs it.

use std::time::Duration;

use super::config::Config;
use super::effect::ReadId;
use super::moment::Moment;
use super::pending::next_look;

/// The longest pause after failed reads.
const BACKOFF_MAX: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
pub(super) struct Reads {
    in_flight: Option<(ReadId, Moment)>,
    started: u64,
    last_started: Option<Duration>,
    last_complete: Option<Duration>,
    /// Something wants one read, at this time.
    wanted: Option<Duration>,
    failures: u32,
    /// Something was told that only the list can explain, and the list may lag: since, until, and the next look.
    doubt: Option<(Duration, Duration, Duration)>,
}

impl Reads {
    /// Wants a read at `at` or earlier.
    pub(super) fn want(&mut self, at: Duration) {
        self.wanted = Some(self.wanted.map_or(at, |wanted| wanted.min(at)));
    }

    /// Wants reads until the list must have caught up with `now`.
    pub(super) fn doubt(&mut self, now: Duration, config: &Config) {
        let until = now.saturating_add(config.list_lag);
        self.doubt = Some(match self.doubt {
            Some((since, _, next)) => (since, until, next),
            None => (now, until, next_look(now, now)),
        });
        self.want(now);
    }

    /// When the next read starts, with `needed` as what the commands and the open orders want.
    pub(super) fn due(&self, needed: Option<Duration>, config: &Config) -> Option<Duration> {
        if self.in_flight.is_some() {
            return None;
        }
        let look = self.doubt.map(|(_, _, next)| next);
        let wish = sooner(sooner(self.wanted, needed), look)?;
        let pause = match self.failures {
            0 => config.read_gap,
            failures => config
                .read_gap
                .saturating_mul(1 << failures.min(8))
                .min(BACKOFF_MAX)
                .max(config.read_gap),
        };
        let earliest = self
            .last_started
            .map_or(Duration::ZERO, |last| last.saturating_add(pause));
        Some(wish.max(earliest))
    }

    pub(super) fn start(&mut self, now: Moment) -> ReadId {
        self.started += 1;
        let id = ReadId(self.started);
        self.in_flight = Some((id, now));
        self.last_started = Some(now.elapsed);
        self.wanted = None;
        self.doubt = self
            .doubt
            .filter(|&(_, until, _)| now.elapsed < until)
            .map(|(since, until, _)| (since, until, next_look(since, now.elapsed).min(until)));
        id
    }

    /// Ends the read of that name; when it had started.
    pub(super) fn finish(&mut self, id: ReadId, complete: bool) -> Option<Moment> {
        let (_, started) = self.in_flight.filter(|&(in_flight, _)| in_flight == id)?;
        self.in_flight = None;
        if complete {
            self.failures = 0;
            self.last_complete = Some(started.elapsed);
        } else {
            self.failures = self.failures.saturating_add(1);
            self.want(started.elapsed);
        }
        Some(started)
    }

    pub(super) const fn last_complete(&self) -> Option<Duration> {
        self.last_complete
    }

    /// The read in flight and when it counts as failed.
    pub(super) fn times_out(&self, config: &Config) -> Option<(ReadId, Duration)> {
        self.in_flight
            .map(|(id, started)| (id, started.elapsed.saturating_add(config.read_within)))
    }
}

/// The earlier of two times that may not be.
fn sooner(a: Option<Duration>, b: Option<Duration>) -> Option<Duration> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    fn moment(millis: u64) -> Moment {
        Moment {
            elapsed: Duration::from_millis(millis),
            at: Timestamp::EPOCH,
        }
    }

    #[test]
    fn one_read_serves_everybody_and_failures_back_off() {
        let config = Config::default();
        let mut reads = Reads::default();
        let at = Duration::from_millis;
        assert_eq!(reads.due(None, &config), None);
        reads.want(at(500));
        reads.want(at(700));
        assert_eq!(reads.due(Some(at(600)), &config), Some(at(500)));
        let id = reads.start(moment(500));
        assert_eq!(reads.due(Some(at(0)), &config), None, "two reads at once");
        reads.want(at(510));
        assert_eq!(reads.finish(id, true), Some(moment(500)));
        assert_eq!(reads.finish(id, true), None, "one read ended twice");
        assert_eq!(
            reads.due(None, &config),
            Some(at(750)),
            "closer than the gap"
        );
        let mut pauses = Vec::new();
        let mut now = 750;
        for _ in 0..6 {
            let id = reads.start(moment(now));
            reads.finish(id, false);
            let next = reads.due(None, &config).unwrap();
            pauses.push((next - at(now)).as_millis());
            now = u64::try_from(next.as_millis()).unwrap();
        }
        assert_eq!(pauses, [500, 1_000, 2_000, 4_000, 5_000, 5_000]);
    }

    #[test]
    fn a_doubt_is_looked_into_until_the_list_cannot_lag_any_more() {
        let config = Config::default();
        let mut reads = Reads::default();
        reads.doubt(Duration::ZERO, &config);
        let mut starts = Vec::new();
        while let Some(due) = reads.due(None, &config) {
            let millis = u64::try_from(due.as_millis()).unwrap();
            starts.push(millis);
            let id = reads.start(moment(millis));
            reads.finish(id, true);
        }
        assert_eq!(
            starts,
            [0, 300, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000]
        );
    }
}
