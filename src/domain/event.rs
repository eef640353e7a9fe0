//! News of orders.

use serde::{Deserialize, Serialize};

use super::account::AccountId;
use super::fill::Fill;
use super::order::{ClientOrderId, OrderKind, OrderNo, Receipt, Refusal};
use super::price::Qty;
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
}

impl ExecutionEvent {
    /// The order that the news is of.
    pub const fn id(&self) -> ClientOrderId {
        match self {
            Self::Accepted { receipt, .. } => receipt.id,
            Self::Filled { fill, .. } => fill.id,
            Self::Modified { id, .. } | Self::Cancelled { id, .. } => *id,
            Self::Refused { refusal, .. } => refusal.id,
        }
    }

    /// Whose order it is.
    pub const fn account(&self) -> AccountId {
        match self {
            Self::Filled { fill, .. } => fill.account,
            Self::Accepted { account, .. }
            | Self::Modified { account, .. }
            | Self::Cancelled { account, .. }
            | Self::Refused { account, .. } => *account,
        }
    }
}
