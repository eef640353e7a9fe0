//! Who may leave now: the windows, the queue in front of them and the pace of the reads.

use std::task::Waker;
use std::time::Duration;

use super::lane::{Lane, Lanes};
use super::limits::Limits;
use super::queue::{RECONCILIATION_WAIT_NS, STALL_NS, Standing, Waiters, Wakes};
use super::usage::Usage;
use super::windows::Windows;

/// Everything behind the lock.
#[derive(Debug)]
pub(super) struct Admission {
    windows: Windows,
    waiters: Waiters,
    account_pace: Option<Pace>,
    market_pace: Option<Pace>,
}

/// What one in the queue is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Go.
    Granted,
    /// Ask again at that time.
    Later {
        /// Nanoseconds since the start.
        at_ns: u64,
        /// Whether there is no room before that in any case.
        certain: bool,
    },
}

/// The even pace of a lane of reads. The bucket is asked without waiting, and by the first of the lane only: its own
/// queue lets a task that asks again without yielding in at the head, and stands still while one future is not polled.
#[derive(Debug)]
struct Pace {
    bucket: leaky_bucket::RateLimiter,
    interval_ns: u64,
    /// When the bucket has a token at the latest.
    token_ns: u64,
}

impl Admission {
    pub(super) fn new(limits: &Limits) -> Self {
        let windows = Windows::new(limits);
        let pace = |lane| Pace::new(windows.spacing_ns(lane), windows.burst(lane)?);
        Self {
            account_pace: pace(Lane::Account),
            market_pace: pace(Lane::Market),
            windows,
            waiters: Waiters::default(),
        }
    }

    pub(super) const fn has_waiters(&self) -> bool {
        !self.waiters.is_empty()
    }

    /// Grants a request of one who has not queued, when nobody has; or says at what time there is room.
    #[inline]
    pub(super) fn go(&mut self, lane: Lane, now_ns: u64) -> Result<(), u64> {
        self.windows.check(lane, lane.share(), now_ns)?;
        self.windows.grant(lane, now_ns);
        Ok(())
    }

    /// As [`Admission::go`], unless one of those who wait goes first.
    #[cold]
    pub(super) fn go_past_waiters(
        &mut self,
        lane: Lane,
        now_ns: u64,
        wakes: &mut Wakes,
    ) -> Result<(), u64> {
        let waiting = self.waiters.len(lane);
        if waiting == 0 && !self.is_another_first(Standing::newcomer(lane), now_ns, wakes) {
            return self.go(lane, now_ns);
        }
        let ahead = u64::try_from(waiting).unwrap_or(u64::MAX).max(1);
        let wait_ns = self.windows.spacing_ns(lane).saturating_mul(ahead);
        Err(now_ns.saturating_add(wait_ns))
    }

    /// A place in the queue; or, when the lane is full, about how long until it is empty again.
    pub(super) fn join(&mut self, lane: Lane, now_ns: u64) -> Result<u64, u64> {
        self.waiters.join(lane, now_ns).ok_or_else(|| {
            let waiting = u64::try_from(self.waiters.len(lane)).unwrap_or(u64::MAX);
            self.windows.spacing_ns(lane).saturating_mul(waiting)
        })
    }

    /// One in the queue asks whether its turn has come.
    pub(super) fn ask(
        &mut self,
        lane: Lane,
        ticket: u64,
        now_ns: u64,
        waker: &Waker,
        wakes: &mut Wakes,
    ) -> Answer {
        self.waiters.ask(lane, ticket, now_ns, waker, wakes);
        let Some(front) = self.waiters.front(lane, now_ns, wakes) else {
            // It has just asked, so there is a first one.
            return self.send_away(lane, ticket, now_ns.saturating_add(STALL_NS), false);
        };
        if front.ticket != ticket {
            let stalled_ns = front.due_ns.saturating_add(STALL_NS).saturating_add(1);
            self.waiters.send_away(lane, ticket, u64::MAX);
            return Answer::Later {
                at_ns: stalled_ns,
                certain: false,
            };
        }
        let standing = front.standing(lane, now_ns);
        let ages_ns = front.joined_ns.saturating_add(RECONCILIATION_WAIT_NS);
        if self.is_another_first(standing, now_ns, wakes) {
            let at_ns = now_ns.saturating_add(STALL_NS);
            self.waiters.send_behind(lane, ticket, at_ns);
            return Answer::Later {
                at_ns,
                certain: false,
            };
        }
        let share = standing.share(lane);
        if let Err(free_ns) = self.windows.check(lane, share, now_ns) {
            let ages = matches!(lane, Lane::Reconciliation) && share == lane.share();
            let sooner = [ages.then_some(ages_ns), self.windows.recovers_at()];
            let at_ns = sooner.into_iter().flatten().fold(free_ns, u64::min);
            return self.send_away(lane, ticket, at_ns, at_ns == free_ns);
        }
        if let Some(pace) = self.pace(lane)
            && let Err(token_ns) = pace.take(now_ns)
        {
            return self.send_away(lane, ticket, token_ns, false);
        }
        self.windows.grant(lane, now_ns);
        self.leave(lane, ticket, now_ns, wakes);
        Answer::Granted
    }

    /// Gives a place up.
    pub(super) fn leave(&mut self, lane: Lane, ticket: u64, now_ns: u64, wakes: &mut Wakes) {
        self.waiters.leave(lane, ticket, wakes);
        self.waiters.wake_fronts(now_ns, wakes);
    }

    pub(super) fn slow_down(&mut self, lane: Lane, now_ns: u64) {
        self.windows.slow_down(lane, now_ns);
    }

    pub(super) fn usage(&mut self, lanes: Lanes, now_ns: u64) -> Usage {
        self.windows.usage(lanes, now_ns)
    }

    pub(super) fn waiting(&self, lane: Lane) -> usize {
        self.waiters.len(lane)
    }

    fn send_away(&mut self, lane: Lane, ticket: u64, at_ns: u64, certain: bool) -> Answer {
        self.waiters.send_away(lane, ticket, at_ns);
        Answer::Later { at_ns, certain }
    }

    /// Whether one of another lane goes first and could go now. One that could not is no reason to hold back: a window
    /// that is full for it is full for everyone behind it.
    fn is_another_first(&mut self, standing: Standing, now_ns: u64, wakes: &mut Wakes) -> bool {
        Lane::ALL.into_iter().any(|lane| {
            let Some(front) = self.waiters.front(lane, now_ns, wakes) else {
                return false;
            };
            let other = front.standing(lane, now_ns);
            other < standing
                && front.due_ns <= now_ns
                && self.windows.check(lane, other.share(lane), now_ns).is_ok()
        })
    }

    fn pace(&mut self, lane: Lane) -> Option<&mut Pace> {
        match lane {
            Lane::Account => self.account_pace.as_mut(),
            Lane::Market => self.market_pace.as_mut(),
            Lane::Cancel | Lane::Order | Lane::Reconciliation => None,
        }
    }
}

impl Pace {
    /// A token each `spacing_ns`, kept up to a quarter of `burst`. `None` where nothing has to be spaced.
    fn new(spacing_ns: u64, burst: usize) -> Option<Self> {
        const NANOS_PER_MILLI: u64 = 1_000_000;
        // The bucket counts in whole milliseconds; a finer pace is left to the windows.
        if spacing_ns < NANOS_PER_MILLI {
            return None;
        }
        let interval = Duration::from_millis(spacing_ns.div_ceil(NANOS_PER_MILLI));
        let kept = (burst / 4).max(1);
        Some(Self {
            bucket: leaky_bucket::RateLimiter::builder()
                .max(kept)
                .initial(kept)
                .refill(1)
                .interval(interval)
                .fair(true)
                .build(),
            interval_ns: super::nanos(interval),
            token_ns: 0,
        })
    }

    /// Takes a token, or says when there is one.
    fn take(&mut self, now_ns: u64) -> Result<(), u64> {
        if self.bucket.try_acquire(1) {
            self.token_ns = now_ns.saturating_add(self.interval_ns);
            return Ok(());
        }
        // It refills within an interval of the last token; should its clock be behind ours, ask a little later.
        const AGAIN_NS: u64 = 1_000_000;
        Err(self.token_ns.max(now_ns.saturating_add(AGAIN_NS)))
    }
}
