//! All windows of a broker together, and the slow-down after its over-rate answers.

use std::time::Duration;

use super::lane::{Lane, Lanes, Share};
use super::ledger::Ledger;
use super::limits::{Limits, WindowLimit};
use super::nanos;
use super::usage::Usage;

/// How long without an over-rate answer until the rate is raised by a step.
pub(super) const QUIET: Duration = Duration::from_secs(5);
/// A step is this part of the broker's limit, and at least one request.
const STEPS: u32 = 10;

/// Grants only what every window has room for.
#[derive(Debug)]
pub(super) struct Windows {
    windows: Box<[Window]>,
    slowdown: Option<Slowdown>,
}

#[derive(Debug)]
struct Window {
    limit: WindowLimit,
    length_ns: u64,
    /// What is granted now: the limit, or less after a slow-down.
    effective: u32,
    /// The most grants by [`Share`], from `effective`.
    caps: [usize; Share::COUNT],
    ledger: Ledger,
}

#[derive(Clone, Copy, Debug)]
struct Slowdown {
    /// The last halving. Answers to what left before it are not a reason for another one.
    halved_ns: u64,
    /// Since when there was neither an over-rate answer nor a step.
    quiet_ns: u64,
}

impl Windows {
    pub(super) fn new(limits: &Limits) -> Self {
        let margin_ns = nanos(limits.margin());
        let window = |limit: &WindowLimit| {
            let length_ns = nanos(limit.length()).saturating_add(margin_ns);
            Window {
                limit: *limit,
                length_ns,
                effective: limit.requests(),
                caps: caps(limit, limit.requests()),
                ledger: Ledger::new(count(limit.requests()), length_ns),
            }
        };
        Self {
            windows: limits.windows().iter().map(window).collect(),
            slowdown: None,
        }
    }

    /// Whether a request may leave at `now_ns`; otherwise when it may, if nobody else takes the room.
    #[inline]
    pub(super) fn check(&mut self, lane: Lane, share: Share, now_ns: u64) -> Result<(), u64> {
        if self.slowdown.is_some() {
            self.recover(now_ns);
        }
        let free_at = self
            .of(lane)
            .map(|window| window.ledger.free_at(window.caps[share as usize]))
            .fold(0, u64::max);
        if free_at <= now_ns {
            Ok(())
        } else {
            Err(free_at)
        }
    }

    /// Notes that a request of the lane leaves at `now_ns`.
    #[inline]
    pub(super) fn grant(&mut self, lane: Lane, now_ns: u64) {
        for window in &mut self.windows {
            if window.limit.lanes().contains(lane) {
                window.ledger.grant(now_ns);
            }
        }
    }

    /// Halves what the lane's windows grant, down to one a second; once for all answers to what left before that.
    pub(super) fn slow_down(&mut self, lane: Lane, now_ns: u64) {
        self.recover(now_ns);
        let settling = self.slowdown.is_some_and(|slowdown| {
            let longest_ns = self.of(lane).map(|window| window.length_ns).max();
            now_ns < slowdown.halved_ns.saturating_add(longest_ns.unwrap_or(0))
        });
        let halved_ns = match self.slowdown {
            Some(slowdown) if settling => slowdown.halved_ns,
            Some(_) | None => {
                for window in &mut self.windows {
                    if window.limit.lanes().contains(lane) {
                        window.set_effective((window.effective / 2).max(window.floor()));
                    }
                }
                now_ns
            }
        };
        self.slowdown = Some(Slowdown {
            halved_ns,
            quiet_ns: now_ns,
        });
    }

    /// When the next step up is due, after a slow-down.
    pub(super) fn recovers_at(&self) -> Option<u64> {
        self.slowdown
            .map(|slowdown| slowdown.quiet_ns.saturating_add(nanos(QUIET)))
    }

    /// Use of the fullest window among those that count one of the lanes.
    pub(super) fn usage(&mut self, lanes: Lanes, now_ns: u64) -> Usage {
        self.recover(now_ns);
        self.windows
            .iter()
            .filter(|window| {
                Lane::ALL
                    .iter()
                    .any(|&lane| lanes.contains(lane) && window.limit.lanes().contains(lane))
            })
            .map(|window| Usage {
                used: window.ledger.used(now_ns),
                limit: Some(count(window.effective)),
            })
            .fold(Usage::UNLIMITED, Usage::fuller)
    }

    /// The even distance between requests of the lane at the broker's full rate; 0 without a limit.
    pub(super) fn spacing_ns(&self, lane: Lane) -> u64 {
        let spacing = |window: &Window| {
            let cap = caps(&window.limit, window.limit.requests())[lane.share() as usize];
            window
                .length_ns
                .div_ceil(u64::try_from(cap).unwrap_or(u64::MAX))
        };
        self.of(lane).map(spacing).max().unwrap_or(0)
    }

    /// The most requests of the lane at once; `None` without a limit.
    pub(super) fn burst(&self, lane: Lane) -> Option<usize> {
        self.of(lane)
            .map(|window| window.caps[lane.share() as usize])
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
    fn recover(&mut self, now_ns: u64) {
        let Some(slowdown) = &mut self.slowdown else {
            return;
        };
        let steps = now_ns.saturating_sub(slowdown.quiet_ns) / nanos(QUIET);
        if steps == 0 {
            return;
        }
        slowdown.quiet_ns += steps * nanos(QUIET);
        let steps = u32::try_from(steps).unwrap_or(u32::MAX);
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
    fn set_effective(&mut self, effective: u32) {
        self.effective = effective;
        self.caps = caps(&self.limit, effective);
    }

    /// The slowest rate: one request a second of the broker's window.
    fn floor(&self) -> u32 {
        let seconds = u32::try_from(self.limit.length().as_secs()).unwrap_or(u32::MAX);
        seconds.clamp(1, self.limit.requests())
    }
}

/// The most grants by [`Share`] when `effective` is the most of all; each at least 1. The reserve shrinks with the rate,
/// but not to nothing.
fn caps(limit: &WindowLimit, effective: u32) -> [usize; Share::COUNT] {
    let scaled = u64::from(limit.reserve()) * u64::from(effective);
    let reserve = u32::try_from(scaled.div_ceil(u64::from(limit.requests())))
        .unwrap_or(u32::MAX)
        .min(effective - 1);
    [effective, effective - reserve / 2, effective - reserve].map(count)
}

fn count(requests: u32) -> usize {
    usize::try_from(requests).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AccountType, BrokerType};

    const SECOND_NS: u64 = 1_000_000_000;

    fn limits_now(windows: &Windows) -> Vec<u32> {
        windows.windows.iter().map(|w| w.effective).collect()
    }

    #[test]
    fn shares_leave_the_reserve_and_never_nothing() {
        let window = |requests| WindowLimit::new(Lanes::ALL, requests, Duration::from_secs(1));
        assert_eq!(caps(&window(18), 18), [18, 16, 14]);
        assert_eq!(caps(&window(18), 9), [9, 8, 7]);
        assert_eq!(caps(&window(18), 2), [2, 2, 1]);
        assert_eq!(caps(&window(1), 1), [1, 1, 1]);
        assert_eq!(caps(&window(2), 2), [2, 2, 1]);
        let creon = Limits::of(BrokerType::Creon, AccountType::Real);
        assert_eq!(caps(&creon.windows()[0], 20), [20, 17, 14]);
        assert_eq!(caps(&creon.windows()[1], 60), [60, 60, 60]);
    }

    #[test]
    fn over_rate_answers_halve_down_to_one_a_second() {
        let mut windows = Windows::new(&Limits::of(BrokerType::Kis, AccountType::Real));
        let mut now_ns = 0;
        for expected in [[9, 4], [4, 2], [2, 1], [1, 1], [1, 1]] {
            windows.slow_down(Lane::Order, now_ns);
            assert_eq!(limits_now(&windows), expected);
            now_ns += 1_050_000_000;
        }
        let mut creon = Windows::new(&Limits::of(BrokerType::Creon, AccountType::Real));
        creon.slow_down(Lane::Market, 0);
        assert_eq!(limits_now(&creon), [20, 30]);
        creon.slow_down(Lane::Market, 16 * SECOND_NS);
        assert_eq!(limits_now(&creon), [20, (30 + 3 * 6) / 2]);
        creon.slow_down(Lane::Market, 32 * SECOND_NS);
        creon.slow_down(Lane::Market, 48 * SECOND_NS);
        assert!(limits_now(&creon)[1] >= 15);
    }

    #[test]
    fn answers_to_one_burst_are_one_reason() {
        let mut windows = Windows::new(&Limits::per_second(16));
        (0..16).for_each(|answer| windows.slow_down(Lane::Market, answer * 50_000_000));
        assert_eq!(limits_now(&windows), [8]);
        windows.slow_down(Lane::Market, 1_050_000_000);
        assert_eq!(limits_now(&windows), [4]);
    }

    #[test]
    fn only_windows_of_the_lane_slow_down() {
        let mut windows = Windows::new(&Limits::of(BrokerType::Kis, AccountType::Real));
        windows.slow_down(Lane::Market, 0);
        assert_eq!(limits_now(&windows), [9, 8]);
    }

    #[test]
    fn quiet_time_raises_the_rate_step_by_step() {
        let mut windows = Windows::new(&Limits::per_second(20));
        windows.slow_down(Lane::Market, 0);
        for (seconds, expected) in [(4, 10), (5, 12), (9, 12), (10, 14), (24, 18), (25, 20)] {
            windows.recover(seconds * SECOND_NS);
            assert_eq!(limits_now(&windows), [expected], "after {seconds} s");
        }
        assert!(windows.slowdown.is_none());
    }

    #[test]
    fn an_over_rate_answer_starts_the_quiet_time_anew() {
        let mut windows = Windows::new(&Limits::per_second(20));
        windows.slow_down(Lane::Market, 0);
        windows.slow_down(Lane::Market, SECOND_NS);
        windows.recover(5 * SECOND_NS);
        assert_eq!(limits_now(&windows), [10]);
        windows.recover(6 * SECOND_NS);
        assert_eq!(limits_now(&windows), [12]);
    }
}
