//! Who waits, in which order. First come, first served inside a lane.

use std::collections::VecDeque;
use std::task::Waker;
use std::time::Duration;

use tokio::time::Instant;

use super::lane::{Lane, Share};

/// The most waiters of one lane.
pub(super) const WAITERS_MAX: usize = 256;

/// How long the others hold back for one whose turn it is and who does not come. A future may be kept and not polled;
/// it must not hold up the rest.
pub(super) const GRACE: Duration = Duration::from_millis(100);

/// After this wait a reconciliation read goes ahead of new orders and may use the whole window, so that a flood of
/// orders cannot keep unknown ones from being resolved.
pub(super) const RECONCILIATION_WAIT: Duration = Duration::from_secs(1);

/// The waiters of all lanes.
#[derive(Debug, Default)]
pub(super) struct Waiters {
    lanes: [VecDeque<Waiter>; Lane::COUNT],
    next_ticket: u64,
    len: usize,
}

/// A place in the queue.
#[derive(Debug)]
pub(super) struct Waiter {
    pub(super) ticket: u64,
    pub(super) joined: Instant,
    /// When it will ask again of itself; `None` while it waits behind another one of its lane.
    pub(super) due: Option<Instant>,
    /// Whether there was room, and one of another lane goes first.
    yields: bool,
    waker: Option<Waker>,
}

/// Where a request stands: lower goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Standing {
    rank: u8,
    ticket: u64,
}

impl Standing {
    /// That of one who has not queued.
    pub(super) fn newcomer(lane: Lane) -> Self {
        Self::of(lane, u64::MAX, Duration::ZERO)
    }

    fn of(lane: Lane, ticket: u64, waited: Duration) -> Self {
        let rank = match lane {
            Lane::Cancel => 0,
            Lane::Reconciliation if waited >= RECONCILIATION_WAIT => 1,
            Lane::Order => 2,
            Lane::Reconciliation => 3,
            Lane::Account | Lane::Market => 4,
        };
        Self { rank, ticket }
    }

    /// How much of a window one of the lane that stands here may use.
    pub(super) fn share(self, lane: Lane) -> Share {
        match lane {
            Lane::Reconciliation if self.rank == 1 => Share::Whole,
            Lane::Cancel | Lane::Order | Lane::Reconciliation | Lane::Account | Lane::Market => {
                lane.share()
            }
        }
    }
}

impl Waiter {
    pub(super) fn standing(&self, lane: Lane, now: Instant) -> Standing {
        Standing::of(
            lane,
            self.ticket,
            now.saturating_duration_since(self.joined),
        )
    }
}

impl Waiters {
    pub(super) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn len(&self, lane: Lane) -> usize {
        self.lanes[lane.index()].len()
    }

    /// A place at the end of the lane; `None` when it is full.
    pub(super) fn join(&mut self, lane: Lane, now: Instant) -> Option<u64> {
        let queue = &mut self.lanes[lane.index()];
        if queue.len() >= WAITERS_MAX {
            return None;
        }
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.len += 1;
        queue.push_back(Waiter {
            ticket,
            joined: now,
            due: Some(now),
            yields: false,
            waker: None,
        });
        Some(ticket)
    }

    /// Gives a place up.
    pub(super) fn leave(&mut self, lane: Lane, ticket: u64, wakes: &mut Wakes) {
        let queue = &mut self.lanes[lane.index()];
        let at = queue.binary_search_by_key(&ticket, |waiter| waiter.ticket);
        if let Some(waiter) = at.ok().and_then(|at| queue.remove(at)) {
            wakes.discard(waiter.waker);
            self.len -= 1;
        }
    }

    /// One asks: from now on it is woken by `waker`.
    pub(super) fn ask(
        &mut self,
        lane: Lane,
        ticket: u64,
        now: Instant,
        waker: &Waker,
        wakes: &mut Wakes,
    ) {
        if let Some(waiter) = self.get(lane, ticket) {
            waiter.due = Some(now);
            waiter.yields = false;
            if waiter
                .waker
                .as_ref()
                .is_none_or(|known| !known.will_wake(waker))
            {
                wakes.discard(waiter.waker.replace(waker.clone()));
            }
        }
    }

    /// One is told to ask again then; with `None` it is behind another one of its lane.
    pub(super) fn send_away(&mut self, lane: Lane, ticket: u64, due: Option<Instant>) {
        if let Some(waiter) = self.get(lane, ticket) {
            waiter.due = due;
        }
    }

    /// One lets another lane go first, and is woken when that has gone.
    pub(super) fn send_behind(&mut self, lane: Lane, ticket: u64, due: Option<Instant>) {
        if let Some(waiter) = self.get(lane, ticket) {
            waiter.due = due;
            waiter.yields = true;
        }
    }

    /// The first of a lane, past those whose turn came and who did not.
    pub(super) fn front(
        &mut self,
        lane: Lane,
        now: Instant,
        wakes: &mut Wakes,
    ) -> Option<&mut Waiter> {
        let waiter = self.lanes[lane.index()]
            .iter_mut()
            .find(|waiter| waiter.due.is_none_or(|due| now <= due + GRACE))?;
        if waiter.due.is_none() {
            // The ones before it are gone.
            waiter.due = Some(now);
            wakes.push(waiter.waker.take());
        }
        Some(waiter)
    }

    /// One has gone: wakes those who waited for that.
    pub(super) fn wake_fronts(&mut self, now: Instant, wakes: &mut Wakes) {
        for lane in Lane::ALL {
            if let Some(waiter) = self.front(lane, now, wakes)
                && waiter.yields
            {
                waiter.yields = false;
                waiter.due = Some(now);
                wakes.push(waiter.waker.take());
            }
        }
    }

    fn get(&mut self, lane: Lane, ticket: u64) -> Option<&mut Waiter> {
        let queue = &mut self.lanes[lane.index()];
        let at = queue
            .binary_search_by_key(&ticket, |waiter| waiter.ticket)
            .ok()?;
        queue.get_mut(at)
    }
}

/// Wakers to be woken, and others to be dropped, when the lock is free again: both may run code of the caller's.
#[derive(Debug, Default)]
pub(super) struct Wakes {
    wake: [Option<Waker>; Self::WAKES_MAX],
    len: usize,
    discarded: [Option<Waker>; 2],
}

impl Wakes {
    /// One step looks at the first of each lane twice, and at its own lane once more on either side of a grant.
    const WAKES_MAX: usize = 2 * Lane::COUNT + 2;

    fn push(&mut self, waker: Option<Waker>) {
        if waker.is_some() {
            debug_assert!(self.len < Self::WAKES_MAX);
            if let Some(free) = self.wake.get_mut(self.len) {
                *free = waker;
                self.len += 1;
            }
        }
    }

    fn discard(&mut self, waker: Option<Waker>) {
        if waker.is_some() {
            let [first, second] = &mut self.discarded;
            let free = if first.is_none() { first } else { second };
            debug_assert!(free.is_none());
            *free = waker;
        }
    }

    /// Call it without the lock.
    pub(super) fn wake(self) {
        self.wake.into_iter().flatten().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_that_all_have_left_is_empty() {
        let (mut waiters, mut wakes) = (Waiters::default(), Wakes::default());
        let now = Instant::now();
        for lane in Lane::ALL {
            let ticket = waiters.join(lane, now).unwrap();
            assert!(!waiters.is_empty());
            waiters.leave(lane, ticket, &mut wakes);
            waiters.leave(lane, ticket, &mut wakes);
            assert!(waiters.is_empty());
        }
    }
}
