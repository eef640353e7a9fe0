//! Who waits, in which order. First come, first served inside a lane.

use std::collections::VecDeque;
use std::task::Waker;

use super::lane::{Lane, Share};

/// The most waiters of one lane.
pub(super) const WAITERS_MAX: usize = 256;

/// How long the others hold back for one whose turn it is and who does not come. A future may be kept and not polled;
/// it must not hold up the rest.
pub(super) const STALL_NS: u64 = 100_000_000;

/// After this wait a reconciliation read goes ahead of new orders and may use the whole window, so that a flood of
/// orders cannot keep unknown ones from being resolved.
pub(super) const RECONCILIATION_WAIT_NS: u64 = 1_000_000_000;

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
    pub(super) joined_ns: u64,
    /// When it will ask again of itself; [`u64::MAX`] while it waits behind another one of its lane.
    pub(super) due_ns: u64,
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
        Self::of(lane, u64::MAX, 0)
    }

    fn of(lane: Lane, ticket: u64, waited_ns: u64) -> Self {
        let rank = match lane {
            Lane::Cancel => 0,
            Lane::Reconciliation if waited_ns >= RECONCILIATION_WAIT_NS => 1,
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
    pub(super) fn standing(&self, lane: Lane, now_ns: u64) -> Standing {
        Standing::of(lane, self.ticket, now_ns.saturating_sub(self.joined_ns))
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
    pub(super) fn join(&mut self, lane: Lane, now_ns: u64) -> Option<u64> {
        let queue = &mut self.lanes[lane.index()];
        if queue.len() >= WAITERS_MAX {
            return None;
        }
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.len += 1;
        queue.push_back(Waiter {
            ticket,
            joined_ns: now_ns,
            due_ns: now_ns,
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
        now_ns: u64,
        waker: &Waker,
        wakes: &mut Wakes,
    ) {
        if let Some(waiter) = self.get(lane, ticket) {
            waiter.due_ns = now_ns;
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

    /// One is told to ask again at `due_ns`.
    pub(super) fn send_away(&mut self, lane: Lane, ticket: u64, due_ns: u64) {
        if let Some(waiter) = self.get(lane, ticket) {
            waiter.due_ns = due_ns;
        }
    }

    /// One lets another lane go first, and is woken when that has gone.
    pub(super) fn send_behind(&mut self, lane: Lane, ticket: u64, due_ns: u64) {
        if let Some(waiter) = self.get(lane, ticket) {
            waiter.due_ns = due_ns;
            waiter.yields = true;
        }
    }

    /// The first of a lane, past those whose turn came and who did not.
    pub(super) fn front(
        &mut self,
        lane: Lane,
        now_ns: u64,
        wakes: &mut Wakes,
    ) -> Option<&mut Waiter> {
        let waiter = self.lanes[lane.index()]
            .iter_mut()
            .find(|waiter| now_ns <= waiter.due_ns.saturating_add(STALL_NS))?;
        if waiter.due_ns == u64::MAX {
            // The ones before it are gone.
            waiter.due_ns = now_ns;
            wakes.push(waiter.waker.take());
        }
        Some(waiter)
    }

    /// One has gone: wakes those who waited for that.
    pub(super) fn wake_fronts(&mut self, now_ns: u64, wakes: &mut Wakes) {
        for lane in Lane::ALL {
            if let Some(waiter) = self.front(lane, now_ns, wakes)
                && waiter.yields
            {
                waiter.yields = false;
                waiter.due_ns = now_ns;
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
