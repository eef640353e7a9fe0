//! What the desk is given: a journal, a gate, and the broker's closed list of refusals.

use crate::domain::{
    BrokerCode, ClientOrderId, Money, OrderCommand, OrderKind, OrderNo, OrderRequest, OrderStatus,
    Qty, RefusalReason, Timestamp,
};
use crate::error::Result;

use super::effect::Ticket;
use super::moment::Moment;

/// One line of the journal. From the lines of a day [`Desk::restore`](super::Desk::restore) makes the desk again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record {
    /// A new order is about to be sent.
    Place {
        /// The command.
        ticket: Ticket,
        /// The order; its id is given.
        request: OrderRequest,
        /// When.
        at: Timestamp,
    },
    /// A modification is about to be sent.
    Modify {
        /// The command.
        ticket: Ticket,
        /// The order.
        id: ClientOrderId,
        /// The number to change.
        target: OrderNo,
        /// Shares, or all that is left.
        qty: Option<Qty>,
        /// Kind and prices from then on.
        kind: OrderKind,
        /// The order that gets the changed part, for a change of a part.
        part_id: Option<ClientOrderId>,
        /// When.
        at: Timestamp,
    },
    /// A cancel is about to be sent.
    Cancel {
        /// The command.
        ticket: Ticket,
        /// The order.
        id: ClientOrderId,
        /// The number to cancel.
        target: OrderNo,
        /// Shares, or all that is left.
        qty: Option<Qty>,
        /// When.
        at: Timestamp,
    },
    /// Nothing of a command left.
    NotSent {
        /// The command.
        ticket: Ticket,
    },
    /// Nobody knows what became of a command.
    Unknown {
        /// The command.
        ticket: Ticket,
    },
    /// The broker has a command.
    Accepted {
        /// The command.
        ticket: Ticket,
        /// Its number.
        order_no: OrderNo,
        /// Whether that was found out afterwards.
        inferred: bool,
        /// When.
        at: Timestamp,
    },
    /// The broker said no to a command.
    Refused {
        /// The command.
        ticket: Ticket,
        /// What it means.
        reason: RefusalReason,
        /// The code.
        code: BrokerCode,
    },
    /// A command was looked for and not found.
    Absent {
        /// The command.
        ticket: Ticket,
    },
    /// A command cannot be decided.
    Unresolved {
        /// The command.
        ticket: Ticket,
        /// Orders that may be it.
        candidates: usize,
    },
    /// A number that this desk did not ask for: somebody else's order, or change of an order.
    External {
        /// The number.
        order_no: OrderNo,
        /// The number that it changes.
        original_no: Option<OrderNo>,
        /// What it does.
        command: OrderCommand,
        /// The order as far as known; its id is 0, or that of the order that it changes.
        request: OrderRequest,
    },
    /// A number that changes another was told before it is known whose it is.
    Seen {
        /// The number.
        order_no: OrderNo,
        /// The number that it changes.
        original_no: OrderNo,
        /// What it does.
        command: OrderCommand,
    },
    /// A number was filled.
    Filled {
        /// The number.
        order_no: OrderNo,
        /// Shares of it so far.
        filled: Qty,
        /// Won of them.
        value: Money,
        /// Whether the shares that it adds were found in the list instead of being told.
        inferred: bool,
    },
    /// Shares of a number ended without a fill.
    Cancelled {
        /// The number.
        order_no: OrderNo,
        /// Shares of it so far.
        cancelled: Qty,
    },
    /// A modification took effect.
    Modified {
        /// The number that was changed.
        original_no: OrderNo,
        /// The new number.
        order_no: OrderNo,
        /// Shares that moved.
        qty: Qty,
        /// Kind and prices from then on.
        kind: OrderKind,
        /// The order that has them now, where it is another; 0 for another of somebody else.
        part_id: Option<ClientOrderId>,
    },
    /// A cancel took effect, or the exchange turned a modification or a cancel away: nothing more comes of it.
    Closed {
        /// Its number.
        order_no: OrderNo,
    },
    /// An order ended.
    Ended {
        /// Any number of it.
        order_no: OrderNo,
        /// How.
        status: OrderStatus,
    },
}

/// Keeps the desk's records. Appending an intent returns only when it would survive what the journal promises.
pub trait Journal {
    /// Appends a record.
    ///
    /// # Errors
    /// When it is not kept. For an intent of a new order that is proof that nothing is sent; the desk takes no new
    /// orders from then on, and cancels go on.
    fn append(&mut self, record: &Record) -> Result<()>;
}

/// Keeps nothing: for simulations that never restart.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoJournal;

impl Journal for NoJournal {
    fn append(&mut self, _record: &Record) -> Result<()> {
        Ok(())
    }
}

impl Journal for Vec<Record> {
    fn append(&mut self, record: &Record) -> Result<()> {
        self.push(*record);
        Ok(())
    }
}

/// Checks orders before they are sent. Cancels never come here.
pub trait Gate {
    /// Looks at a new order, or at an order as a modification would make it.
    ///
    /// # Errors
    /// When it must not be sent.
    fn check(&mut self, request: &OrderRequest, now: Moment) -> Result<()>;
}

/// Lets everything pass.
#[derive(Clone, Copy, Debug, Default)]
pub struct OpenGate;

impl Gate for OpenGate {
    fn check(&mut self, _request: &OrderRequest, _now: Moment) -> Result<()> {
        Ok(())
    }
}

/// The codes by which a broker says that it did **not** accept an order, and what each means. A code that is not
/// listed proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosedList(pub &'static [(&'static str, RefusalReason)]);

impl ClosedList {
    /// What a code means, if it is a refusal.
    pub fn reason(self, code: BrokerCode) -> Option<RefusalReason> {
        self.0
            .iter()
            .find(|(listed, _)| *listed == code.as_str())
            .map(|&(_, reason)| reason)
    }
}
