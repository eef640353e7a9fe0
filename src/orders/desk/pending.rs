//! Commands in flight or undecided, oldest first.

use std::collections::VecDeque;
use std::time::Duration;

use crate::domain::{ClientOrderId, OrderCommand, OrderKind, OrderNo, Qty};

use super::absence::Evidence;
use super::effect::Ticket;
use super::entry::Piece;
use super::moment::Moment;

/// When the list is read for an unknown command, counted from when it became unknown.
const SCHEDULE: [Duration; 8] = [
    Duration::from_millis(300),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(15),
    Duration::from_secs(30),
    Duration::from_secs(60),
];
/// Period of the reads after those.
const SCHEDULE_PERIOD: Duration = Duration::from_secs(10);

/// The next read after `now` for something that began at `since`.
pub(super) fn next_look(since: Duration, now: Duration) -> Duration {
    let ahead = SCHEDULE
        .iter()
        .map(|&after| since.saturating_add(after))
        .find(|&at| at > now);
    ahead.unwrap_or_else(|| now.saturating_add(SCHEDULE_PERIOD))
}

/// How much is known of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// On its way; an answer may come until the deadline.
    Sending,
    /// No answer, looked for.
    Unknown,
    /// Reported as undecidable; still looked for.
    Unresolved,
}

/// One command without an end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    pub(super) ticket: Ticket,
    /// The order, as the key of an entry.
    pub(super) entry: usize,
    pub(super) id: ClientOrderId,
    pub(super) command: OrderCommand,
    /// The number that a modification or cancel changes.
    pub(super) target: Option<OrderNo>,
    pub(super) qty: Option<Qty>,
    pub(super) kind: OrderKind,
    pub(super) piece: Piece,
    pub(super) phase: Phase,
    pub(super) sent: Moment,
    pub(super) deadline: Duration,
    /// Numbers learned up to this count were known when it was sent, and so are not it.
    pub(super) known: u64,
    /// When it became unknown.
    pub(super) since: Duration,
    pub(super) next_look: Duration,
    pub(super) evidence: Evidence,
    /// Orders of the last list that may be it.
    pub(super) candidates: usize,
    /// How many candidates were reported.
    pub(super) reported: usize,
}

impl Pending {
    pub(super) const fn is_unknown(&self) -> bool {
        matches!(self.phase, Phase::Unknown | Phase::Unresolved)
    }
}

/// A command that was decided without its answer, which may still come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decided {
    pub(super) ticket: Ticket,
    pub(super) id: ClientOrderId,
    pub(super) command: OrderCommand,
    /// What was found; `None` when it counted as absent.
    pub(super) order_no: Option<OrderNo>,
}

/// The commands without an end, by ticket, and the last ones that were decided without an answer.
#[derive(Debug)]
pub(super) struct PendingTable {
    commands: Vec<Pending>,
    decided: VecDeque<Decided>,
    max: usize,
}

impl PendingTable {
    pub(super) fn new(max: usize) -> Self {
        // Cancels of the rest go beyond the bound, at most a few for each order; the vector grows once for them.
        Self {
            commands: Vec::with_capacity(2 * max),
            decided: VecDeque::with_capacity(max.max(1)),
            max: max.max(1),
        }
    }

    pub(super) const fn is_full(&self) -> bool {
        self.commands.len() >= self.max
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    /// Adds a command in the order of tickets.
    pub(super) fn insert(&mut self, pending: Pending) {
        let after = self
            .commands
            .partition_point(|other| other.ticket < pending.ticket);
        self.commands.insert(after, pending);
    }

    pub(super) fn index_of(&self, ticket: Ticket) -> Option<usize> {
        self.commands
            .binary_search_by_key(&ticket, |pending| pending.ticket)
            .ok()
    }

    pub(super) fn all(&self) -> &[Pending] {
        &self.commands
    }

    pub(super) fn all_mut(&mut self) -> &mut [Pending] {
        &mut self.commands
    }

    pub(super) fn remove(&mut self, index: usize) -> Pending {
        self.commands.remove(index)
    }

    /// Of an order and a command, the oldest.
    pub(super) fn of(&self, entry: usize, command: OrderCommand) -> Option<&Pending> {
        self.commands
            .iter()
            .find(|pending| pending.entry == entry && pending.command == command)
    }

    /// Remembers a command for its late answer; the oldest is forgotten at the bound.
    pub(super) fn decide(&mut self, decided: Decided) {
        if self.decided.len() == self.max {
            self.decided.pop_front();
        }
        self.decided.push_back(decided);
    }

    pub(super) fn take_decided(&mut self, ticket: Ticket) -> Option<Decided> {
        let index = self
            .decided
            .iter()
            .position(|decided| decided.ticket == ticket)?;
        self.decided.remove(index)
    }

    /// Commands that were decided as absent.
    pub(super) fn absent(&self) -> impl Iterator<Item = &Decided> {
        self.decided
            .iter()
            .filter(|decided| decided.order_no.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_read_often_first_and_never_for_the_last_time() {
        let since = Duration::from_secs(100);
        let mut now = since;
        let mut looks = Vec::new();
        while looks.len() < 10 {
            now = next_look(since, now);
            looks.push((now - since).as_millis());
        }
        assert_eq!(
            looks,
            [
                300, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000, 70_000, 80_000
            ]
        );
    }
}
