//! News of orders.

use serde::{Deserialize, Serialize};

use super::account::AccountId;
use super::fill::Fill;
use super::order::{
    ClientOrderId, OrderKind, OrderNo, PendingOrder, Receipt, Refusal, RefusalReason, Side,
};
use super::price::Qty;
use super::symbol::Symbol;
use super::text::text_enum;
use super::time::Timestamp;

text_enum! {
    /// Why shares of an order ended without a fill.
    pub enum CancelReason("cancel reason") {
        /// Asked for.
        Requested = "REQUESTED",
        /// The rest of an immediate-or-cancel order.
        ImmediateOrCancel = "IMMEDIATE_OR_CANCEL",
        /// A fill-or-kill order that could not be filled whole.
        FillOrKill = "FILL_OR_KILL",
        /// The session ended.
        SessionEnd = "SESSION_END",
        /// Somebody else did it: a person in the broker's own program, another program, or the broker.
        External = "EXTERNAL",
    }
}

text_enum! {
    /// What an order command does.
    pub enum OrderCommand("order command") {
        /// A new order.
        Place = "PLACE",
        /// A modification.
        Modify = "MODIFY",
        /// A cancel.
        Cancel = "CANCEL",
    }
}

/// What an unknown command turned out to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "resolution", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Resolution {
    /// The broker has it.
    Accepted(Receipt),
    /// The broker said no, late.
    Refused(Refusal),
    /// Long enough looked for and not found: very strong evidence, not proof. Nothing is sent again.
    Absent,
    /// Cannot be decided: more than one order may be it, or the order list cannot be read. The same order stays
    /// blocked until somebody decides.
    Unresolved {
        /// The orders that may be it, lowest number first, at most 16.
        candidates: Vec<OrderNo>,
    },
}

/// What happened to an order. Every order command ends in at least one of these; none is dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum ExecutionEvent {
    /// The broker took a new order.
    Accepted {
        /// Whose order.
        account: AccountId,
        /// Its numbers.
        receipt: Receipt,
    },
    /// A part of an order traded.
    Filled {
        /// The trade.
        fill: Fill,
        /// Shares of the order filled so far, this fill included. Never falls.
        cumulative: Qty,
        /// Shares that may still be filled.
        remaining: Qty,
    },
    /// An order got a new price or kind, and a new number.
    Modified {
        /// Whose order.
        account: AccountId,
        /// The order that was changed.
        id: ClientOrderId,
        /// Its number before.
        original_no: OrderNo,
        /// The new number.
        order_no: OrderNo,
        /// The order that has the changed part: `id` itself when all that was left was changed.
        part_id: ClientOrderId,
        /// Shares changed.
        qty: Qty,
        /// The new kind and prices.
        kind: OrderKind,
        /// When.
        at: Timestamp,
    },
    /// Shares of an order ended without a fill.
    Cancelled {
        /// Whose order.
        account: AccountId,
        /// The order.
        id: ClientOrderId,
        /// The order's number.
        order_no: OrderNo,
        /// The cancel's own number, where it was a command.
        cancel_no: Option<OrderNo>,
        /// Shares that ended.
        qty: Qty,
        /// Shares that may still be filled.
        remaining: Qty,
        /// Why.
        reason: CancelReason,
        /// When.
        at: Timestamp,
    },
    /// The broker said no to a command. Only a refused new order ends with that: a refused modification or cancel leaves
    /// its order as it was, and a new order that was refused for its id (`DUPLICATE_ID`) says nothing of the older one.
    Refused {
        /// Whose command.
        account: AccountId,
        /// What was refused.
        command: OrderCommand,
        /// The order and the reason.
        refusal: Refusal,
        /// When.
        at: Timestamp,
    },
    /// Proof that nothing of a command left this machine. Terminal.
    NotSent {
        /// Whose command.
        account: AccountId,
        /// The order.
        id: ClientOrderId,
        /// What it was to do.
        command: OrderCommand,
        /// When.
        at: Timestamp,
    },
    /// Nobody knows yet what became of a command. Not a refusal, and never sent again.
    Unknown {
        /// Whose command.
        account: AccountId,
        /// The order, and since when.
        pending: PendingOrder,
        /// What it was to do.
        command: OrderCommand,
    },
    /// An unknown command is decided, or cannot be.
    Resolved {
        /// Whose command.
        account: AccountId,
        /// The order.
        id: ClientOrderId,
        /// What it was to do.
        command: OrderCommand,
        /// What it turned out to be.
        resolution: Resolution,
        /// When.
        at: Timestamp,
    },
    /// Somebody else placed, modified or cancelled an order of the account.
    External {
        /// Whose order.
        account: AccountId,
        /// Its number.
        order_no: OrderNo,
        /// The number of the order that it changes.
        original_no: Option<OrderNo>,
        /// What it does.
        command: OrderCommand,
        /// The issue.
        symbol: Symbol,
        /// Buy or sell.
        side: Side,
        /// Shares ordered.
        qty: Qty,
        /// When.
        at: Timestamp,
    },
    /// News of the account may be missing since then. `Resynced` follows.
    Gap {
        /// Whose news.
        account: AccountId,
        /// Since when.
        since: Timestamp,
    },
    /// What was missing was fetched from the order list.
    Resynced {
        /// Whose news.
        account: AccountId,
        /// When.
        at: Timestamp,
    },
    /// More fills were told of an order than its list shows. The count stays, and grows again only with the list.
    Disputed {
        /// Whose order.
        account: AccountId,
        /// The order.
        id: ClientOrderId,
        /// Its number.
        order_no: OrderNo,
        /// Shares of that number counted so far.
        counted: Qty,
        /// Shares that the list shows.
        listed: Qty,
        /// When.
        at: Timestamp,
    },
    /// The exchange turned away what the broker had taken.
    Rejected {
        /// Whose order.
        account: AccountId,
        /// The order.
        id: ClientOrderId,
        /// The number of the command.
        order_no: OrderNo,
        /// What it was to do.
        command: OrderCommand,
        /// What it means, as far as a code says so.
        reason: RefusalReason,
        /// When.
        at: Timestamp,
    },
}

impl ExecutionEvent {
    /// The order that the news is of; `None` for news of somebody else's order, or of the stream itself.
    pub const fn id(&self) -> Option<ClientOrderId> {
        Some(match self {
            Self::Accepted { receipt, .. } => receipt.id,
            Self::Filled { fill, .. } => fill.id,
            Self::Refused { refusal, .. } => refusal.id,
            Self::Unknown { pending, .. } => pending.id,
            Self::Modified { id, .. }
            | Self::Cancelled { id, .. }
            | Self::NotSent { id, .. }
            | Self::Resolved { id, .. }
            | Self::Disputed { id, .. }
            | Self::Rejected { id, .. } => *id,
            Self::External { .. } | Self::Gap { .. } | Self::Resynced { .. } => return None,
        })
    }

    /// Whose account it is.
    pub const fn account(&self) -> AccountId {
        match self {
            Self::Filled { fill, .. } => fill.account,
            Self::Accepted { account, .. }
            | Self::Modified { account, .. }
            | Self::Cancelled { account, .. }
            | Self::Refused { account, .. }
            | Self::NotSent { account, .. }
            | Self::Unknown { account, .. }
            | Self::Resolved { account, .. }
            | Self::External { account, .. }
            | Self::Gap { account, .. }
            | Self::Resynced { account, .. }
            | Self::Disputed { account, .. }
            | Self::Rejected { account, .. } => *account,
        }
    }
}
