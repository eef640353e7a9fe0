//! Who may leave now: the windows, the queue in front of them and the pace of the reads.

use std::task::Waker;
use std::time::Duration;

use tokio::time::Instant;

use super::lane::{Lane, Lanes};
use super::limits::Limits;
use super::queue::{GRACE, RECONCILIATION_WAIT, Standing, Waiters, Wakes};
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
        /// When.
        at: Instant,
        /// Whether there is no room before that in any case.
        certain: bool,
    },
}

/// The even pace of a lane of reads. The bucket is asked without waiting, and by the first of the lane only: its own
/// queue lets a task that asks again without yielding in at the head, and stands still while one future is not polled.
#[derive(Debug)]
struct Pace {
    bucket: leaky_bucket::RateLimiter,
    interval: Duration,
    /// When the bucket has a token at the latest.
    token_at: Instant,
}

impl Admission {
    pub(super) fn new(limits: &Limits) -> Self {
        let start = Instant::now();
        let windows = Windows::new(limits, start);
        let pace = |lane| Pace::new(windows.spacing(lane), windows.burst(lane)?, start);
        Self {
            account_pace: pace(Lane::Account),
            market_pace: pace(Lane::Market),
            windows,
            waiters: Waiters::default(),
        }
    }

    /// Grants a request of one who has not queued, when nobody has and nothing is in the way. What is `false` here is for
    /// [`Admission::go`] to explain, or to grant after all.
    #[inline]
    pub(super) fn go_at_once(&mut self, lane: Lane, now: Instant) -> bool {
        self.waiters.is_empty() && self.windows.grant_at_once(lane, now)
    }

    /// Grants a request of one who has not queued, unless one of those who have goes first; or says at what time there is
    /// room.
    pub(super) fn go(
        &mut self,
        lane: Lane,
        now: Instant,
        wakes: &mut Wakes,
    ) -> Result<(), Instant> {
        let waiting = self.waiters.len(lane);
        if waiting == 0 && !self.is_another_first(Standing::newcomer(lane), now, wakes) {
            self.windows.check(lane, lane.share(), now)?;
            self.windows.grant(lane, now);
            return Ok(());
        }
        Err(now + self.turns(lane, waiting.max(1)))
    }

    /// Whether a request of one who has not queued would be granted; or when there is room.
    pub(super) fn could_go(
        &mut self,
        lane: Lane,
        now: Instant,
        wakes: &mut Wakes,
    ) -> Result<(), Instant> {
        let waiting = self.waiters.len(lane);
        if waiting == 0 && !self.is_another_first(Standing::newcomer(lane), now, wakes) {
            return self.windows.check(lane, lane.share(), now);
        }
        Err(now + self.turns(lane, waiting.max(1)))
    }

    /// A place in the queue; or, when the lane is full, about how long until it is empty again.
    pub(super) fn join(&mut self, lane: Lane, now: Instant) -> Result<u64, Duration> {
        let waiting = self.waiters.len(lane);
        self.waiters
            .join(lane, now)
            .ok_or_else(|| self.turns(lane, waiting))
    }

    /// One in the queue asks whether its turn has come.
    pub(super) fn ask(
        &mut self,
        lane: Lane,
        ticket: u64,
        now: Instant,
        waker: &Waker,
        wakes: &mut Wakes,
    ) -> Answer {
        self.waiters.ask(lane, ticket, now, waker, wakes);
        let Some(front) = self.waiters.front(lane, now, wakes) else {
            // It has just asked, so there is a first one.
            return self.send_away(lane, ticket, now + GRACE, false);
        };
        if front.ticket != ticket {
            // Just past the grace, should the first one not come.
            let at = front.due.unwrap_or(now) + GRACE + Duration::from_nanos(1);
            self.waiters.send_away(lane, ticket, None);
            return Answer::Later { at, certain: false };
        }
        let standing = front.standing(lane, now);
        let ages_at = front.joined + RECONCILIATION_WAIT;
        if self.is_another_first(standing, now, wakes) {
            let at = now + GRACE;
            self.waiters.send_behind(lane, ticket, Some(at));
            return Answer::Later { at, certain: false };
        }
        let share = standing.share(lane);
        if let Err(free_at) = self.windows.check(lane, share, now) {
            let ages = matches!(lane, Lane::Reconciliation) && share == lane.share();
            let sooner = [ages.then_some(ages_at), self.windows.recovers_at()];
            let at = sooner.into_iter().flatten().fold(free_at, Instant::min);
            return self.send_away(lane, ticket, at, at == free_at);
        }
        if let Some(pace) = self.pace(lane)
            && let Err(token_at) = pace.take(now)
        {
            return self.send_away(lane, ticket, token_at, false);
        }
        self.windows.grant(lane, now);
        self.leave(lane, ticket, now, wakes);
        Answer::Granted
    }

    /// Gives a place up.
    pub(super) fn leave(&mut self, lane: Lane, ticket: u64, now: Instant, wakes: &mut Wakes) {
        self.waiters.leave(lane, ticket, wakes);
        self.waiters.wake_fronts(now, wakes);
    }

    pub(super) fn slow_down(&mut self, lane: Lane, now: Instant) {
        self.windows.slow_down(lane, now);
    }

    pub(super) fn usage(&mut self, lanes: Lanes, now: Instant) -> Usage {
        self.windows.usage(lanes, now)
    }

    pub(super) fn waiting(&self, lane: Lane) -> usize {
        self.waiters.len(lane)
    }

    fn send_away(&mut self, lane: Lane, ticket: u64, at: Instant, certain: bool) -> Answer {
        self.waiters.send_away(lane, ticket, Some(at));
        Answer::Later { at, certain }
    }

    /// About how long that many requests of a lane take.
    fn turns(&self, lane: Lane, requests: usize) -> Duration {
        let requests = u32::try_from(requests).unwrap_or(u32::MAX);
        self.windows.spacing(lane).saturating_mul(requests)
    }

    /// Whether one of another lane goes first and could go now. One that could not is no reason to hold back: a window
    /// that is full for it is full for everyone behind it.
    fn is_another_first(&mut self, standing: Standing, now: Instant, wakes: &mut Wakes) -> bool {
        Lane::ALL.into_iter().any(|lane| {
            let Some(front) = self.waiters.front(lane, now, wakes) else {
                return false;
            };
            let other = front.standing(lane, now);
            let could_go = front.due.is_none_or(|due| due <= now);
            could_go && other < standing && self.windows.check(lane, other.share(lane), now).is_ok()
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
    /// A token each `spacing`, kept up to a quarter of `burst`. `None` where nothing has to be spaced.
    fn new(spacing: Duration, burst: usize, start: Instant) -> Option<Self> {
        const MILLI: Duration = Duration::from_millis(1);
        // The bucket counts in whole milliseconds; a finer pace is left to the windows.
        if spacing < MILLI {
            return None;
        }
        let millis = spacing.as_nanos().div_ceil(MILLI.as_nanos());
        let interval = Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX));
        let kept = (burst / 4).max(1);
        Some(Self {
            bucket: leaky_bucket::RateLimiter::builder()
                .max(kept)
                .initial(kept)
                .refill(1)
                .interval(interval)
                .fair(true)
                .build(),
            interval,
            token_at: start,
        })
    }

    /// Takes a token, or says when there is one.
    fn take(&mut self, now: Instant) -> Result<(), Instant> {
        if self.bucket.try_acquire(1) {
            self.token_at = now + self.interval;
            return Ok(());
        }
        // It refills within an interval of the last token; should its clock be behind ours, ask a little later.
        const AGAIN: Duration = Duration::from_millis(1);
        Err(self.token_at.max(now + AGAIN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_read_that_is_too_early_comes_back_when_there_is_a_token() {
        const SPACING: Duration = Duration::from_millis(100);
        let mut pace = Pace::new(SPACING, 4, Instant::now()).unwrap();
        let now = Instant::now();
        assert_eq!(pace.take(now), Ok(()));
        assert_eq!(pace.take(now), Err(now + SPACING));
        // The bucket has nothing, and by our reckoning should have.
        pace.token_at = now;
        assert_eq!(pace.take(now), Err(now + Duration::from_millis(1)));
        tokio::time::advance(SPACING).await;
        assert_eq!(pace.take(Instant::now()), Ok(()));
    }
    /// One that asked again too early would ask and ask until the clock had moved.
    #[test]
    fn one_behind_another_comes_back_when_that_ones_turn_has_passed() {
        let (waker, now) = (Waker::noop(), Instant::now());
        let mut admission = Admission::new(&Limits::per_second(8));
        let [_, second] = [(); 2].map(|()| admission.join(Lane::Order, now).unwrap());
        let mut ask = |at| admission.ask(Lane::Order, second, at, waker, &mut Wakes::default());
        let Answer::Later { at, certain: false } = ask(now) else {
            panic!("it went before the first one");
        };
        assert_eq!(ask(at), Answer::Granted);
    }
}
