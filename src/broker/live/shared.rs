//! What callers, writers and timers share: one lock around the desks, and the ways out of it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::clocks::Clocks;
use super::latency::Latency;
use super::outbox::Outbox;
use super::setup::Setup;
use super::state::{Begun, DayKey, State};
use super::waiters::{Awaited, Waiters, Waiting};
use crate::contract::Publisher;
use crate::domain::{BrokerType, ExecutionEvent, RefusalReason};
use crate::error::{Block, Error, Result};
use crate::limiter::{Lane, RateLimiter};
use crate::orders::desk::{Answer, ClosedList, Moment, Ticket};

/// Everything of a dealer but its wire.
#[derive(Debug)]
pub(super) struct Shared {
    broker: BrokerType,
    pub(super) clocks: Clocks,
    pub(super) limiter: Arc<RateLimiter>,
    refusals: ClosedList,
    /// A plain mutex: held for one step of a desk, never across an await. What happens under it is a few checks and a
    /// journal record.
    state: Mutex<State>,
    pub(super) outbox: Outbox,
    pub(super) waiters: Waiters,
    executions: Arc<Publisher<ExecutionEvent>>,
    pub(super) latency: Latency,
    /// The timers have something to look at.
    pub(super) turn: Notify,
    /// A command has ended.
    pub(super) progress: Notify,
    failed: AtomicBool,
    /// Tells those who wait for the end by failure.
    pub(super) failure: Notify,
}

/// Where the effects of the desks go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outlets<'a> {
    pub(super) outbox: &'a Outbox,
    pub(super) waiters: &'a Waiters,
    pub(super) executions: &'a Publisher<ExecutionEvent>,
    pub(super) latency: &'a Latency,
}

impl Outlets<'_> {
    /// The capacity of a subscriber that is full, if one is.
    pub(super) fn consumer_behind(&self) -> Option<usize> {
        let full = !self.executions.has_room();
        full.then(|| self.executions.capacity())
    }
}

impl Shared {
    /// Opens the desks.
    pub(super) fn open(setup: Setup, refusals: ClosedList) -> Result<Self> {
        let clocks = setup.clocks.clone();
        let commands = setup.desk.pending_max.max(1) * setup.accounts.len().max(1);
        let shared = Self {
            broker: setup.broker,
            limiter: Arc::clone(&setup.limiter),
            refusals,
            outbox: Outbox::new(2 * commands),
            waiters: Waiters::new(2 * commands),
            executions: Arc::clone(&setup.executions.0),
            latency: Latency::new(setup.latency),
            turn: Notify::new(),
            progress: Notify::new(),
            failed: AtomicBool::new(false),
            failure: Notify::new(),
            state: Mutex::new(State::open(setup, refusals, clocks.moment())?),
            clocks,
        };
        Ok(shared)
    }

    /// Lets the desks do something, and does what they ask for.
    ///
    /// # Errors
    /// [`Error::Blocked`] when the gateway broke.
    pub(super) fn act<T>(
        &self,
        act: impl FnOnce(&mut State, Moment, &Outlets<'_>) -> T,
    ) -> Result<T> {
        if self.has_failed() {
            return Err(FAILED);
        }
        let Ok(mut state) = self.state.lock() else {
            self.fail();
            return Err(FAILED);
        };
        let alarm = Alarm(self);
        let outlets = self.outlets();
        // Read under the lock, so that a desk's time never runs backwards.
        let now = self.clocks.moment();
        let jumped = state.look_at_clocks(now);
        let done = act(&mut state, now, &outlets);
        let notable = state.settle(now, &outlets);
        drop(alarm);
        drop(state);
        if notable || jumped {
            self.turn.notify_one();
            self.progress.notify_waiters();
        }
        Ok(done)
    }

    /// As [`Shared::act`], for what may fail by itself.
    pub(super) fn try_act<T>(
        &self,
        act: impl FnOnce(&mut State, Moment, &Outlets<'_>) -> Result<T>,
    ) -> Result<T> {
        self.act(act)?
    }

    /// Begins a command and takes a place to wait for its outcome, before that can come.
    pub(super) fn begin(
        &self,
        act: impl FnOnce(&mut State, Moment, &Outlets<'_>) -> Result<Begun>,
    ) -> Result<Waiting<'_>> {
        self.try_act(|state, now, outlets| {
            let begun = act(state, now, outlets)?;
            let awaited = Awaited::Outcome(begun.day, begun.ticket);
            Ok(self.waiters.join(awaited, begun.pending))
        })
    }

    /// The broker answered, in time or late.
    pub(super) fn answered(&self, day: DayKey, ticket: Ticket, answer: Answer) -> Result<()> {
        self.act(|state, now, _| {
            state.with(day, |day, out| {
                day.desk.answered(now, ticket, answer, out);
            });
        })
    }

    /// Nothing of a command left.
    pub(super) fn not_written(&self, day: DayKey, ticket: Ticket, cause: Error) -> Result<()> {
        tracing::warn!(broker = %self.broker, error = %cause, "a command was not sent");
        let mut cause = Some(cause);
        let awaited = Awaited::Outcome(day, ticket);
        let told = self.act(|state, now, outlets| {
            // One command has one caller.
            outlets.waiters.tell(awaited, || {
                Err(cause.take().unwrap_or(Error::Blocked {
                    by: Block::Stopping,
                }))
            });
            state.with(day, |day, out| day.desk.not_written(now, ticket, out));
        });
        self.progress.notify_waiters();
        told
    }

    /// Slows down where an answer says that we are too fast.
    pub(super) fn heed(&self, lane: Lane, answer: &Answer) {
        if let Answer::Code { code, .. } = answer
            && self.refusals.reason(*code) == Some(RefusalReason::RateLimited)
        {
            self.limiter.on_over_rate(lane);
        }
    }

    /// The gateway broke inside: nothing is sent any more, streams end with the reason, and whoever waits learns that the
    /// outcome is unknown. The journal has what was begun; the next start looks it up.
    #[cold]
    pub(super) fn fail(&self) {
        if self.failed.swap(true, Ordering::AcqRel) {
            return;
        }
        tracing::error!(broker = %self.broker, "the gateway broke inside and has ended");
        self.outbox.close();
        self.waiters.end();
        self.executions
            .close("the gateway broke inside and has ended: make a new one");
        self.failure.notify_waiters();
        self.progress.notify_waiters();
        self.turn.notify_one();
    }

    pub(super) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// Ends the work and lets go of the journals.
    pub(super) fn close(&self) {
        self.outbox.close();
        // After a panic the desks are not looked at, only dropped.
        self.locked().close();
        self.waiters.end();
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn outlets(&self) -> Outlets<'_> {
        Outlets {
            outbox: &self.outbox,
            waiters: &self.waiters,
            executions: &self.executions,
            latency: &self.latency,
        }
    }
}

const FAILED: Error = Error::Blocked { by: Block::Failed };

/// Ends the gateway visibly when a panic passes by.
#[derive(Debug)]
pub(super) struct Alarm<'a>(pub(super) &'a Shared);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.fail();
        }
    }
}
