//! What the desk asks for: writes, list reads, outcomes and events.

use std::collections::VecDeque;
use std::time::Duration;

use crate::domain::{
    ClientOrderId, ExecutionEvent, OrderCommand, OrderKind, OrderNo, OrderRequest, OrderResult, Qty,
};

/// The name of one command. Never used twice by one desk and its journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// The name of one list read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReadId(pub u64);

/// What a request tells the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instruction {
    /// A new order.
    Place,
    /// A new price or kind for `qty` shares of number `target`; for all that is left without one.
    Modify {
        /// The number to change.
        target: OrderNo,
        /// Shares to change.
        qty: Option<Qty>,
        /// Kind and prices from now on.
        kind: OrderKind,
    },
    /// A cancel of `qty` shares of number `target`; of all that is left without one.
    Cancel {
        /// The number to cancel.
        target: OrderNo,
        /// Shares to cancel.
        qty: Option<Qty>,
    },
}

impl Instruction {
    /// The command.
    pub const fn command(self) -> OrderCommand {
        match self {
            Self::Place => OrderCommand::Place,
            Self::Modify { .. } => OrderCommand::Modify,
            Self::Cancel { .. } => OrderCommand::Cancel,
        }
    }
}

/// A request to be written **once**. Cancels use the limiter's cancel lane, the others its order lane.
///
/// The writer tells the desk exactly one of `not_written`, `cut`, `answered`; silence is an outcome too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteRequest {
    /// Its name, for the outcome.
    pub ticket: Ticket,
    /// The order, by the caller's number.
    pub id: ClientOrderId,
    /// The order as it stands.
    pub order: OrderRequest,
    /// What to do.
    pub instruction: Instruction,
    /// When its answer is due, by the monotonic clock. A request that did not leave by then must not leave at all.
    pub deadline: Duration,
}

/// What the desk asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Write this once.
    Write(WriteRequest),
    /// Read the whole order list of the day, all venues, on the limiter's reserve for reconciliation; then call
    /// `list_read` or `list_failed`.
    ReadList(ReadId),
    /// What became of a command, as far as known: exactly one for each that was not `NotSent`.
    Outcome {
        /// The command.
        ticket: Ticket,
        /// What is known.
        result: OrderResult,
    },
    /// News for every subscriber.
    Event(ExecutionEvent),
}

/// Takes the desk's effects, in order.
pub trait Effects {
    /// Takes one.
    fn push(&mut self, effect: Effect);
}

impl Effects for Vec<Effect> {
    fn push(&mut self, effect: Effect) {
        self.push(effect);
    }
}

impl Effects for VecDeque<Effect> {
    fn push(&mut self, effect: Effect) {
        self.push_back(effect);
    }
}
