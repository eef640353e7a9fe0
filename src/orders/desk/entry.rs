//! An order and its numbers, as the desk holds them.

use std::time::Duration;

use crate::domain::{
    AccountId, ClientOrderId, Money, Order, OrderCommand, OrderKind, OrderNo, OrderRequest,
    OrderStatus, Price, Qty, Timestamp,
};

use super::effect::Ticket;
use super::moment::Moment;

/// Where an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Written, or about to be; no outcome.
    Sending,
    /// No answer proves what happened, or nothing can be decided.
    Unknown,
    /// Looked for and not found.
    Absent,
    /// Has a number and may be filled.
    Working,
    /// Nothing is left of it. Fills may still come, where the count was wrong.
    Ended(OrderStatus),
}

/// One order.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The caller's number; [`ClientOrderId::AUTO`] for an order of somebody else.
    pub(super) id: ClientOrderId,
    /// The request, with the kind of the last modification.
    pub(super) request: OrderRequest,
    pub(super) fate: Fate,
    /// The command that made it.
    pub(super) ticket: Ticket,
    /// When it was sent.
    pub(super) sent: Moment,
    /// When its answer was due.
    pub(super) deadline: Duration,
    /// Numbers learned before this count were known when it was sent.
    pub(super) known: u64,
    /// Its number now, as the key of a leg.
    pub(super) current: Option<usize>,
    /// Its first leg; the others follow by `next`.
    pub(super) first_leg: Option<usize>,
    pub(super) legs: u32,
    pub(super) filled: Qty,
    pub(super) value: Money,
    pub(super) cancelled: Qty,
    /// Whether shares ended with the session.
    pub(super) expired: bool,
    /// A modification that the broker took and that has not taken effect, as the key of a leg.
    pub(super) open_modify: Option<usize>,
    /// The same of a cancel.
    pub(super) open_cancel: Option<usize>,
    pub(super) accepted_at: Timestamp,
    pub(super) updated_at: Timestamp,
    /// When it ended, by the monotonic clock.
    pub(super) ended: Option<Duration>,
    /// Whether the list agreed, late enough after the end.
    pub(super) settled: bool,
}

impl Entry {
    pub(super) const fn new(request: OrderRequest, fate: Fate, sent: Moment) -> Self {
        Self {
            id: request.id,
            request,
            fate,
            ticket: Ticket(0),
            sent,
            deadline: sent.elapsed,
            known: 0,
            current: None,
            first_leg: None,
            legs: 0,
            filled: Qty::ZERO,
            value: Money::ZERO,
            cancelled: Qty::ZERO,
            expired: false,
            open_modify: None,
            open_cancel: None,
            accepted_at: sent.at,
            updated_at: sent.at,
            ended: None,
            settled: false,
        }
    }

    pub(super) const fn is_external(&self) -> bool {
        self.id.is_auto()
    }

    /// Shares that may still be filled.
    pub(super) const fn remaining(&self) -> Qty {
        self.request
            .qty
            .saturating_sub(self.filled)
            .saturating_sub(self.cancelled)
    }

    pub(super) const fn status(&self) -> OrderStatus {
        match self.fate {
            Fate::Sending | Fate::Unknown | Fate::Absent => OrderStatus::Unknown,
            Fate::Working if self.filled.is_zero() => OrderStatus::New,
            Fate::Working => OrderStatus::PartiallyFilled,
            Fate::Ended(status) => status,
        }
    }

    /// The order as a value.
    pub(super) const fn view(
        &self,
        account: AccountId,
        order_no: OrderNo,
        original_no: Option<OrderNo>,
    ) -> Order {
        let mut order = Order::accepted(&self.request, self.id, order_no, self.accepted_at);
        order.account = account;
        order.original_no = original_no;
        order.filled = self.filled;
        order.filled_value = self.value;
        order.cancelled = self.cancelled;
        order.status = self.status();
        order.updated_at = self.updated_at;
        order
    }
}

/// Which order has the shares that a modification moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// The same: all that was left was changed.
    Whole,
    /// Another, by that number.
    Part(ClientOrderId),
    /// Not known before it takes effect.
    Undecided,
}

/// One number of an order: its first, a modification's, or a cancel's. Fills are counted per number.
#[derive(Clone, Debug)]
pub(super) struct Leg {
    pub(super) order_no: OrderNo,
    pub(super) original_no: Option<OrderNo>,
    pub(super) entry: usize,
    pub(super) command: OrderCommand,
    /// The next leg of the same order.
    pub(super) next: Option<usize>,
    /// The count of numbers learned when this one was.
    pub(super) learned: u64,
    /// Shares of this number: of a modification, those that moved to it.
    pub(super) qty: Qty,
    /// The kind of a modification.
    pub(super) kind: OrderKind,
    /// The limit price of a modification, if any, once the broker has told of it. A fill does not.
    pub(super) told: Option<Option<Price>>,
    pub(super) piece: Piece,
    pub(super) filled: Qty,
    pub(super) value: Money,
    /// Shares that ended without a fill.
    pub(super) cancelled: Qty,
    /// Shares that moved to later numbers.
    pub(super) moved: Qty,
    /// Shares that the list explained when it last showed more than was counted.
    pub(super) base: Qty,
    /// A fill of before this time may be one that the list explained.
    pub(super) explained_until: Option<Timestamp>,
    /// When a fill was last counted, by the monotonic clock.
    pub(super) filled_at: Duration,
    /// Whether a list showed this number.
    pub(super) listed: bool,
    /// Whether this command, of this desk, is known to be this number.
    pub(super) ours: bool,
    /// Whether a modification or cancel took effect, or never will.
    pub(super) closed: bool,
    /// Whether the exchange turned it away.
    pub(super) refused: bool,
    /// Whether it was reported as somebody else's.
    pub(super) reported: bool,
    /// The last list read whose totals were the same.
    pub(super) agreed: u64,
    /// Whether fills are told that the order cannot have: from then on only the list counts.
    pub(super) frozen: bool,
    /// Whether the list's smaller count was reported.
    pub(super) disputed: bool,
}

impl Leg {
    pub(super) const fn new(
        order_no: OrderNo,
        original_no: Option<OrderNo>,
        entry: usize,
        command: OrderCommand,
        learned: u64,
        qty: Qty,
        kind: OrderKind,
    ) -> Self {
        Self {
            order_no,
            original_no,
            entry,
            command,
            next: None,
            learned,
            qty,
            kind,
            told: None,
            piece: Piece::Undecided,
            filled: Qty::ZERO,
            value: Money::ZERO,
            cancelled: Qty::ZERO,
            moved: Qty::ZERO,
            base: Qty::ZERO,
            explained_until: None,
            filled_at: Duration::ZERO,
            listed: false,
            ours: false,
            closed: false,
            refused: false,
            reported: false,
            agreed: 0,
            frozen: false,
            disputed: false,
        }
    }

    /// Shares of this number that may still be filled.
    pub(super) const fn left(&self) -> Qty {
        self.qty
            .saturating_sub(self.filled)
            .saturating_sub(self.cancelled)
            .saturating_sub(self.moved)
    }

    /// Whether this number can be filled now: a first one, or a modification that took effect.
    pub(super) const fn is_live(&self) -> bool {
        match self.command {
            OrderCommand::Place => true,
            OrderCommand::Modify => self.closed && !self.refused,
            OrderCommand::Cancel => false,
        }
    }
}
