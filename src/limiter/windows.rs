//! All windows of a broker together, and the slow-down after its over-rate answers.

use std::time::Duration;

use tokio::time::Instant;

use super::lane::{Lane, Lanes, Share};
use super::ledger::Ledger;
use super::limits::{Limits, WindowLimit};
use super::usage::Usage;

/// How long without an over-rate answer until the rate is raised by a step.
pub(super) const QUIET: Duration = Duration::from_secs(5);
/// A window is never longer: the end of each must be a time that the clock can tell.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// A step is this part of the broker's limit, and at least one request.
const STEPS: u32 = 10;

/// Grants only what every window has room for.
#[derive(Debug)]
pub(super) struct Windows {
    windows: Box<[Window]>,
    /// The latest grant, or the start: times of grants do not go back.
    latest: Instant,
    slowdown: Option<Slowdown>,
}

#[derive(Debug)]
struct Window {
    limit: WindowLimit,
    length: Duration,
    /// What is granted now: the limit, or less after a slow-down.
    effective: u32,
    /// The most grants that each lane may fill the window up to. By lane and not by share, because an order looks its own
    /// up, and one step is fewer than two.
    caps: [usize; Lane::COUNT],
    ledger: Ledger,
}

#[derive(Clone, Copy, Debug)]
struct Slowdown {
    /// The last halving. Answers to what left before it are not a reason for another one.
    halved: Instant,
    /// Since when there was neither an over-rate answer nor a step.
    quiet_since: Instant,
}

impl Windows {
    pub(super) fn new(limits: &Limits, start: Instant) -> Self {
        let window = |limit: &WindowLimit| {
            let length = limit.length().saturating_add(limits.margin()).min(LONGEST);
            Window {
                limit: *limit,
                length,
                effective: limit.requests(),
                caps: caps_by_lane(limit, limit.requests()),
                ledger: Ledger::new(count(limit.requests()), length, start),
            }
        };
        Self {
            windows: limits.windows().iter().map(window).collect(),
            latest: start,
            slowdown: None,
        }
    }

    /// Grants a request of the lane, if there is room in all of its share and nothing else to see to. What is `false` here
    /// is for [`Windows::check`] to explain, or to grant after all.
    ///
    /// This is what an order costs. One pass asks and notes, and goes back over the windows only when one is full.
    #[inline]
    pub(super) fn grant_at_once(&mut self, lane: Lane, now: Instant) -> bool {
        if self.slowdown.is_some() || now < self.latest {
            return false;
        }
        for at in 0..self.windows.len() {
            let window = &mut self.windows[at];
            if window.limit.lanes().contains(lane) && !window.grant_at_once(lane, now) {
                self.take_back(lane, at);
                return false;
            }
        }
        self.latest = now;
        true
    }

    /// Takes back what the first `count` windows granted the lane just now.
    #[cold]
    #[inline(never)]
    fn take_back(&mut self, lane: Lane, count: usize) {
        for window in &mut self.windows[..count] {
            if window.limit.lanes().contains(lane) {
                window.ledger.take_back();
            }
        }
    }

    /// Whether a request may leave now; otherwise when it may, if nobody else takes the room.
    pub(super) fn check(&mut self, lane: Lane, share: Share, now: Instant) -> Result<(), Instant> {
        if self.slowdown.is_some() {
            self.recover(now);
        }
        let now = now.max(self.latest);
        let free_at = self.of(lane).map(|window| window.free_at(share)).max();
        match free_at {
            Some(free_at) if free_at > now => Err(free_at),
            Some(_) | None => Ok(()),
        }
    }

    /// Notes that a request of the lane leaves now.
    pub(super) fn grant(&mut self, lane: Lane, now: Instant) {
        let now = now.max(self.latest);
        self.latest = now;
        for window in &mut self.windows {
            if window.limit.lanes().contains(lane) {
                window.ledger.grant(now);
            }
        }
    }

    /// Halves what the lane's windows grant, down to one a second; once for all answers to what left before that.
    pub(super) fn slow_down(&mut self, lane: Lane, now: Instant) {
        self.recover(now);
        let longest = self.of(lane).map(|window| window.length).max();
        let settling = self
            .slowdown
            .filter(|slowdown| now < slowdown.halved + longest.unwrap_or_default());
        if settling.is_none() {
            for window in &mut self.windows {
                if window.limit.lanes().contains(lane) {
                    window.set_effective((window.effective / 2).max(window.floor()));
                }
            }
        }
        self.slowdown = Some(Slowdown {
            halved: settling.map_or(now, |slowdown| slowdown.halved),
            quiet_since: now,
        });
    }

    /// When the next step up is due, after a slow-down.
    pub(super) fn recovers_at(&self) -> Option<Instant> {
        self.slowdown.map(|slowdown| slowdown.quiet_since + QUIET)
    }

    /// Use of the fullest window among those that count one of the lanes.
    pub(super) fn usage(&mut self, lanes: Lanes, now: Instant) -> Usage {
        self.recover(now);
        self.windows
            .iter()
            .filter(|window| {
                Lane::ALL
                    .iter()
                    .any(|&lane| lanes.contains(lane) && window.limit.lanes().contains(lane))
            })
            .map(|window| Usage {
                used: window.ledger.used(now),
                limit: Some(count(window.effective)),
            })
            .fold(Usage::UNLIMITED, Usage::fuller)
    }

    /// The even distance between requests of the lane at the broker's full rate; zero without a limit.
    pub(super) fn spacing(&self, lane: Lane) -> Duration {
        let spacing = |window: &Window| {
            let caps = caps(&window.limit, window.limit.requests());
            window.length / caps[lane.share() as usize]
        };
        self.of(lane).map(spacing).max().unwrap_or_default()
    }

    /// The most requests of the lane at once; `None` without a limit.
    pub(super) fn burst(&self, lane: Lane) -> Option<usize> {
        self.of(lane)
            .map(|window| count(caps(&window.limit, window.effective)[lane.share() as usize]))
            .min()
    }

    #[inline]
    fn of(&self, lane: Lane) -> impl Iterator<Item = &Window> {
        self.windows
            .iter()
            .filter(move |window| window.limit.lanes().contains(lane))
    }

    /// Takes the steps up that are due.
    #[cold]
    #[inline(never)]
    fn recover(&mut self, now: Instant) {
        let Some(slowdown) = &mut self.slowdown else {
            return;
        };
        let quiet = now.saturating_duration_since(slowdown.quiet_since);
        let steps = quiet.as_nanos() / QUIET.as_nanos();
        if steps == 0 {
            return;
        }
        let steps = u32::try_from(steps).unwrap_or(u32::MAX);
        slowdown.quiet_since += QUIET * steps;
        for window in &mut self.windows {
            let requests = window.limit.requests();
            let step = (requests / STEPS).max(1);
            let raised = window.effective.saturating_add(steps.saturating_mul(step));
            window.set_effective(raised.min(requests));
        }
        if self
            .windows
            .iter()
            .all(|window| window.effective == window.limit.requests())
        {
            self.slowdown = None;
        }
    }
}

impl Window {
    /// Grants a request of the lane, if its share has room.
    #[inline]
    fn grant_at_once(&mut self, lane: Lane, now: Instant) -> bool {
        if self.ledger.free_at(self.caps[lane.index()]) > now {
            return false;
        }
        self.ledger.grant(now);
        true
    }

    /// When a share has room.
    fn free_at(&self, share: Share) -> Instant {
        let caps = caps(&self.limit, self.effective);
        self.ledger.free_at(count(caps[share as usize]))
    }

    fn set_effective(&mut self, effective: u32) {
        self.effective = effective;
        self.caps = caps_by_lane(&self.limit, effective);
    }

    /// The slowest rate: one request a second of the broker's window.
    fn floor(&self) -> u32 {
        let seconds = u32::try_from(self.limit.length().as_secs()).unwrap_or(u32::MAX);
        seconds.clamp(1, self.limit.requests())
    }
}

/// The most grants by [`Share`] when `effective` is the most of all; each at least 1. The reserve shrinks with the rate,
/// but not to nothing.
fn caps(limit: &WindowLimit, effective: u32) -> [u32; Share::COUNT] {
    let scaled = u64::from(limit.reserve()) * u64::from(effective);
    let reserve = u32::try_from(scaled.div_ceil(u64::from(limit.requests())))
        .unwrap_or(u32::MAX)
        .min(effective - 1);
    [effective, effective - reserve / 2, effective - reserve]
}

fn caps_by_lane(limit: &WindowLimit, effective: u32) -> [usize; Lane::COUNT] {
    let caps = caps(limit, effective);
    Lane::ALL.map(|lane| count(caps[lane.share() as usize]))
}

fn count(requests: u32) -> usize {
    usize::try_from(requests).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AccountType, BrokerType};

    fn windows(limits: &Limits) -> (Windows, impl Fn(u64) -> Instant + use<>) {
        let start = Instant::now();
        (Windows::new(limits, start), move |ms| {
            start + Duration::from_millis(ms)
        })
    }

    fn limits_now(windows: &Windows) -> Vec<u32> {
        windows.windows.iter().map(|w| w.effective).collect()
    }

    #[test]
    fn shares_leave_the_reserve_and_never_nothing() {
        let window = |requests| WindowLimit::new(Lanes::ALL, requests, Duration::from_secs(1));
        assert_eq!(caps(&window(18), 18), [18, 16, 14]);
        assert_eq!(caps(&window(18), 9), [9, 8, 7]);
        assert_eq!(caps(&window(18), 2), [2, 2, 1]);
        assert_eq!(caps(&window(18), 1), [1, 1, 1]);
        assert_eq!(caps(&window(1), 1), [1, 1, 1]);
        assert_eq!(caps(&window(2), 2), [2, 2, 1]);
        let creon = Limits::of(BrokerType::Creon, AccountType::Real);
        assert_eq!(caps(&creon.windows()[0], 20), [20, 17, 14]);
        assert_eq!(caps(&creon.windows()[1], 60), [60, 60, 60]);
    }

    #[test]
    fn a_clock_that_was_read_late_does_not_turn_grants_back() {
        let (mut windows, at) = windows(&Limits::per_second(2));
        windows.grant(Lane::Order, at(500));
        assert_eq!(windows.check(Lane::Order, Share::Whole, at(400)), Ok(()));
        windows.grant(Lane::Order, at(400));
        let full = windows.check(Lane::Order, Share::Whole, at(1_549));
        assert_eq!(full, Err(at(1_550)));
        assert_eq!(windows.check(Lane::Order, Share::Whole, at(1_550)), Ok(()));
        windows.grant(Lane::Order, at(1_550));
        assert_eq!(windows.check(Lane::Order, Share::Whole, at(1_550)), Ok(()));
    }

    #[test]
    fn over_rate_answers_halve_down_to_one_a_second() {
        let (mut windows, at) = windows(&Limits::of(BrokerType::Kis, AccountType::Real));
        let mut ms = 0;
        for expected in [[9, 4], [4, 2], [2, 1], [1, 1], [1, 1]] {
            windows.slow_down(Lane::Order, at(ms));
            assert_eq!(limits_now(&windows), expected);
            ms += 1_050;
        }
        let (mut creon, at) = self::windows(&Limits::of(BrokerType::Creon, AccountType::Real));
        creon.slow_down(Lane::Market, at(0));
        assert_eq!(limits_now(&creon), [20, 30]);
        creon.slow_down(Lane::Market, at(16_000));
        assert_eq!(limits_now(&creon), [20, (30 + 3 * 6) / 2]);
        creon.slow_down(Lane::Market, at(32_000));
        creon.slow_down(Lane::Market, at(48_000));
        assert!(limits_now(&creon)[1] >= 15);
    }

    #[test]
    fn answers_to_one_burst_are_one_reason() {
        let (mut windows, at) = windows(&Limits::per_second(16));
        (0..16).for_each(|answer| windows.slow_down(Lane::Market, at(answer * 50)));
        assert_eq!(limits_now(&windows), [8]);
        windows.slow_down(Lane::Market, at(1_050));
        assert_eq!(limits_now(&windows), [4]);
    }

    #[test]
    fn only_windows_of_the_lane_slow_down() {
        let (mut windows, at) = windows(&Limits::of(BrokerType::Kis, AccountType::Real));
        windows.slow_down(Lane::Market, at(0));
        assert_eq!(limits_now(&windows), [9, 8]);
    }

    #[test]
    fn quiet_time_raises_the_rate_step_by_step() {
        let (mut windows, at) = windows(&Limits::per_second(20));
        windows.slow_down(Lane::Market, at(0));
        for (seconds, expected) in [(4, 10), (5, 12), (9, 12), (10, 14), (24, 18), (25, 20)] {
            windows.recover(at(seconds * 1_000));
            assert_eq!(limits_now(&windows), [expected], "after {seconds} s");
        }
        assert!(windows.slowdown.is_none());
    }

    #[test]
    fn an_over_rate_answer_starts_the_quiet_time_anew() {
        let (mut windows, at) = windows(&Limits::per_second(20));
        windows.slow_down(Lane::Market, at(0));
        windows.slow_down(Lane::Market, at(1_000));
        windows.recover(at(5_000));
        assert_eq!(limits_now(&windows), [10]);
        windows.recover(at(6_000));
        assert_eq!(limits_now(&windows), [12]);
    }

    #[test]
    fn steps_that_are_taken_late_do_not_bring_the_next_one_forward() {
        let (mut windows, at) = windows(&Limits::per_second(20));
        windows.slow_down(Lane::Market, at(0));
        for (ms, expected) in [(12_000, 14), (14_999, 14), (15_000, 16)] {
            windows.recover(at(ms));
            assert_eq!(limits_now(&windows), [expected], "after {ms} ms");
        }
    }
}
