//! Callers that wait for what becomes of their commands.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::state::DayKey;
use crate::domain::{ClientOrderId, OrderResult, PendingOrder};
use crate::error::Result;
use crate::orders::desk::Ticket;

/// What a caller waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Awaited {
    /// The outcome of a command.
    Outcome(DayKey, Ticket),
    /// What an unknown order turns out to be.
    Resolution(ClientOrderId),
}

#[derive(Debug)]
struct Slot {
    awaited: Awaited,
    /// What is known until then.
    pending: PendingOrder,
    waker: Option<Waker>,
    outcome: Option<Result<OrderResult>>,
}

/// The callers that wait. In steady state nothing is allocated: slots are used again.
#[derive(Debug)]
pub(super) struct Waiters(Mutex<Slots>);

#[derive(Debug)]
struct Slots {
    slots: Vec<Option<Slot>>,
    free: Vec<usize>,
    /// The gateway broke: nobody waits any more.
    ended: bool,
}

impl Waiters {
    pub(super) fn new(capacity: usize) -> Self {
        Self(Mutex::new(Slots {
            slots: Vec::with_capacity(capacity),
            free: Vec::with_capacity(capacity),
            ended: false,
        }))
    }

    /// A place to wait at. It has to be there before the outcome can come.
    pub(super) fn join(&self, awaited: Awaited, pending: PendingOrder) -> Waiting<'_> {
        let mut slots = self.lock();
        let slot = Some(Slot {
            awaited,
            pending,
            waker: None,
            outcome: slots.ended.then_some(Ok(OrderResult::Unknown(pending))),
        });
        let place = match slots.free.pop() {
            Some(place) => {
                slots.slots[place] = slot;
                place
            }
            None => {
                slots.slots.push(slot);
                slots.slots.len() - 1
            }
        };
        Waiting {
            waiters: self,
            place,
        }
    }

    /// Tells everybody who waits for that. `outcome` is asked for each of them.
    pub(super) fn tell(&self, awaited: Awaited, mut outcome: impl FnMut() -> Result<OrderResult>) {
        let mut slots = self.lock();
        for slot in slots.slots.iter_mut().flatten() {
            if slot.awaited == awaited && slot.outcome.is_none() {
                slot.outcome = Some(outcome());
                if let Some(waker) = slot.waker.take() {
                    waker.wake();
                }
            }
        }
    }

    /// Nothing will be told any more: whoever waits learns that the outcome is unknown.
    pub(super) fn end(&self) {
        let mut slots = self.lock();
        slots.ended = true;
        for slot in slots.slots.iter_mut().flatten() {
            if slot.outcome.is_none() {
                slot.outcome = Some(Ok(OrderResult::Unknown(slot.pending)));
                if let Some(waker) = slot.waker.take() {
                    waker.wake();
                }
            }
        }
    }

    /// No code that can panic runs under it, but for wakers, which leave the slots whole.
    fn lock(&self) -> MutexGuard<'_, Slots> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits. Dropping it changes nothing but that nobody waits.
#[derive(Debug)]
#[must_use = "nobody waits for the outcome unless it is awaited"]
pub(super) struct Waiting<'a> {
    waiters: &'a Waiters,
    place: usize,
}

impl Future for Waiting<'_> {
    type Output = Result<OrderResult>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut slots = self.waiters.lock();
        let Some(slot) = slots.slots.get_mut(self.place).and_then(Option::as_mut) else {
            return Poll::Pending;
        };
        if let Some(outcome) = slot.outcome.take() {
            return Poll::Ready(outcome);
        }
        match &mut slot.waker {
            Some(waker) => waker.clone_from(context.waker()),
            none => *none = Some(context.waker().clone()),
        }
        Poll::Pending
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut slots = self.waiters.lock();
        if let Some(slot) = slots.slots.get_mut(self.place) {
            *slot = None;
        }
        slots.free.push(self.place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;
    use std::pin::pin;

    fn pending(id: u64) -> PendingOrder {
        PendingOrder {
            id: ClientOrderId::new(id),
            since: Timestamp::EPOCH,
        }
    }

    #[test]
    fn slots_are_used_again_and_an_end_is_told_to_all() {
        let waiters = Waiters::new(2);
        let awaited = Awaited::Resolution(ClientOrderId::new(1));
        let mut first = waiters.join(awaited, pending(1));
        drop(waiters.join(awaited, pending(2)));
        let mut second = waiters.join(awaited, pending(3));
        assert_eq!(second.place, 1);
        let mut context = Context::from_waker(Waker::noop());
        assert!(pin!(&mut first).poll(&mut context).is_pending());
        waiters.end();
        for (waiting, id) in [(&mut first, 1), (&mut second, 3)] {
            let Poll::Ready(Ok(OrderResult::Unknown(told))) = pin!(waiting).poll(&mut context)
            else {
                panic!("the end was not told");
            };
            assert_eq!(told, pending(id));
        }
        let late = waiters.join(awaited, pending(4));
        assert!(pin!(late).poll(&mut context).is_ready());
    }
}
