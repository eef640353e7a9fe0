//! Keeps requests under every rate limit of a broker.
//!
//! Exact sliding windows admit each request: none of the broker's windows ever holds more than its limit, wherever it
//! starts. In front of them stands one queue in order of [`Lane`], so that a cancel never waits behind a read, and a
//! reserve that reads cannot use. `leaky-bucket` paces account and market reads, so that they come evenly; orders never
//! wait for it.
//!
//! | bound | behaviour at it |
//! |---|---|
//! | a window is full | [`RateLimiter::try_acquire`] is refused with the time to come back, [`RateLimiter::acquire`] waits |
//! | 256 waiters of a lane | the next one is refused |
//! | the caller's patience | [`Error::Timeout`]; [`Error::RateLimited`] at once when no room can come in time |
//! | 100 ms after a waiter's turn | the next one goes, until that waiter is polled again |
//! | a second's wait of a reconciliation read | it goes ahead of new orders |
//!
//! A grant is for a request that leaves at once: what is sent later counts at the broker's in another window.

mod admission;
mod lane;
mod ledger;
mod limits;
mod lock;
mod queue;
mod usage;
mod windows;

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Instant;

use crate::config::BrokerConfig;
use crate::domain::AccountType;
use crate::error::{Error, Result, TimeoutPhase};
use admission::{Admission, Answer};
pub use lane::{Lane, Lanes};
pub use limits::{Limits, WindowLimit};
use lock::Lock;
use queue::Wakes;
pub use usage::{LimitLevel, Usage};

/// A longer patience is taken as this one, because the end of every wait must be a time that the clock can tell.
const PATIENCE_MAX: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The rate limiter of one gateway.
#[derive(Debug)]
pub struct RateLimiter {
    limited: Option<Limited>,
}

#[derive(Debug)]
struct Limited(Lock<Admission>);

impl RateLimiter {
    /// Keeps those limits.
    pub fn new(limits: &Limits) -> Self {
        let limited = !limits.windows().is_empty();
        Self {
            limited: limited.then(|| Limited(Lock::new(Admission::new(limits)))),
        }
    }

    /// No limit.
    pub const fn unlimited() -> Self {
        Self { limited: None }
    }

    /// The limits of a gateway's broker, lowered by its `rate_limit`.
    pub fn of_gateway(config: &BrokerConfig) -> Self {
        // The accounts of a gateway are all real or all paper where that makes a difference.
        let account = config
            .accounts()
            .first()
            .map_or(AccountType::Real, |account| account.account_type);
        let limits = Limits::of(config.broker_type(), account);
        Self::new(&match config.rate_limit() {
            Some(per_second) => limits.with_rate_limit(per_second),
            None => limits,
        })
    }

    /// At most `limit` requests in any second; at least 1.
    pub fn per_second(limit: u32) -> Self {
        Self::new(&Limits::per_second(limit))
    }

    /// Room for one request now, or an error that says when to come back. Does not allocate, and does not go before
    /// those who wait in this lane or a better one.
    ///
    /// # Errors
    /// [`Error::RateLimited`].
    #[inline]
    pub fn try_acquire(&self, lane: Lane) -> Result<()> {
        match &self.limited {
            None => Ok(()),
            Some(limited) => limited.try_now(lane),
        }
    }

    /// Whether [`RateLimiter::try_acquire`] would be granted now. Uses no room, so that what depends on room can be
    /// turned away before anything else is done for it; somebody else may take the room in between.
    ///
    /// # Errors
    /// [`Error::RateLimited`].
    pub fn has_room(&self, lane: Lane) -> Result<()> {
        let Some(limited) = &self.limited else {
            return Ok(());
        };
        let mut wakes = Wakes::default();
        let mut admission = limited.0.lock();
        let now = Instant::now();
        let outcome = admission.could_go(lane, now, &mut wakes);
        drop(admission);
        wakes.wake();
        outcome.map_err(|at| Error::RateLimited {
            retry_after: at.saturating_duration_since(now),
        })
    }

    /// Waits for room for one request, for at most `patience`.
    ///
    /// # Errors
    /// [`Error::Timeout`] when there was no room in time; [`Error::RateLimited`] at once when there cannot be, or when
    /// 256 others of the lane wait. Either proves that nothing was sent.
    ///
    /// # Cancel safety
    /// Dropping the future gives its place up; nothing is used.
    pub async fn acquire(&self, lane: Lane, patience: Duration) -> Result<()> {
        let Some(limited) = &self.limited else {
            return Ok(());
        };
        let place = Place::join(limited, lane)?;
        let deadline = Instant::now() + patience.min(PATIENCE_MAX);
        let mut timer = pin!(tokio::time::sleep_until(deadline));
        poll_fn(|context| {
            loop {
                let (at, certain) = match place.ask(context) {
                    Answer::Granted => return Poll::Ready(Ok(())),
                    Answer::Later { at, certain } => (at, certain),
                };
                let now = Instant::now();
                if now >= deadline {
                    return Poll::Ready(Err(Error::Timeout {
                        phase: TimeoutPhase::Limiter,
                        after: patience,
                    }));
                }
                if certain && at > deadline {
                    return Poll::Ready(Err(Error::RateLimited {
                        retry_after: at - now,
                    }));
                }
                timer.as_mut().reset(at.min(deadline));
                if timer.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
            }
        })
        .await
    }

    /// The broker said that a request of the lane was over its rate: the windows that count the lane grant half as much
    /// from now on, down to one a second. After each 5 s without such an answer they grant a tenth of the broker's
    /// limit more, until it is reached. Answers within a window of the last halving are about what left before it, and
    /// only put the first step off.
    pub fn on_over_rate(&self, lane: Lane) {
        if let Some(limited) = &self.limited {
            let mut admission = limited.0.lock();
            admission.slow_down(lane, Instant::now());
        }
    }

    /// Use of the fullest window, as it stands now.
    pub fn usage(&self) -> Usage {
        self.usage_of(Lanes::ALL)
    }

    /// Use of the fullest window among those that count one of the lanes.
    pub fn usage_of(&self, lanes: Lanes) -> Usage {
        self.limited.as_ref().map_or(Usage::UNLIMITED, |limited| {
            let mut admission = limited.0.lock();
            admission.usage(lanes, Instant::now())
        })
    }

    /// Used ÷ limit of the fullest window, 0 to 1; 0 without a limit.
    pub fn usage_ratio(&self) -> f64 {
        self.usage().ratio()
    }

    /// How near the limit the use is.
    pub fn level(&self) -> LimitLevel {
        self.usage().level()
    }

    /// How many wait in the lane.
    pub fn waiting(&self, lane: Lane) -> usize {
        self.limited
            .as_ref()
            .map_or(0, |limited| limited.0.lock().waiting(lane))
    }
}

impl Limited {
    #[inline]
    fn try_now(&self, lane: Lane) -> Result<()> {
        // Read before the lock, where the processor overlaps the two: the admission keeps grant times in order, and a
        // thread that is stopped in between sends as late as one that is stopped behind the grant.
        let now = Instant::now();
        if let Some(mut admission) = self.0.try_lock()
            && admission.go_at_once(lane, now)
        {
            return Ok(());
        }
        self.try_slowly(lane)
    }

    #[cold]
    #[inline(never)]
    fn try_slowly(&self, lane: Lane) -> Result<()> {
        let mut wakes = Wakes::default();
        let mut admission = self.0.lock();
        let now = Instant::now();
        let outcome = admission.go(lane, now, &mut wakes);
        drop(admission);
        wakes.wake();
        outcome.map_err(|at| Error::RateLimited {
            retry_after: at.saturating_duration_since(now),
        })
    }
}

/// A place in the queue, given up on drop.
struct Place<'a> {
    limited: &'a Limited,
    lane: Lane,
    ticket: u64,
}

impl<'a> Place<'a> {
    fn join(limited: &'a Limited, lane: Lane) -> Result<Self> {
        let mut admission = limited.0.lock();
        let joined = admission.join(lane, Instant::now());
        drop(admission);
        joined
            .map(|ticket| Self {
                limited,
                lane,
                ticket,
            })
            .map_err(|retry_after| Error::RateLimited { retry_after })
    }

    fn ask(&self, context: &Context<'_>) -> Answer {
        let mut wakes = Wakes::default();
        let mut admission = self.limited.0.lock();
        let (now, waker) = (Instant::now(), context.waker());
        let answer = admission.ask(self.lane, self.ticket, now, waker, &mut wakes);
        drop(admission);
        wakes.wake();
        answer
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut wakes = Wakes::default();
        let mut admission = self.limited.0.lock();
        admission.leave(self.lane, self.ticket, Instant::now(), &mut wakes);
        drop(admission);
        wakes.wake();
    }
}

#[cfg(test)]
mod tests;
