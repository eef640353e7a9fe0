//! What the desk is told: answers, notices and order lists, in the domain's words.
//!
//! A broker turns its frames and pages into these and decides nothing. Where its protocol does not say something, the
//! field is `None`; a guess would be taken for a fact.

use std::sync::Arc;

use crate::domain::{
    BrokerCode, CancelReason, OrderCommand, OrderKind, OrderNo, OrderType, Price, Qty, Side,
    Symbol, TimeInForce, Timestamp, Venue,
};
use crate::domain::{Money, RefusalReason};

/// What came back for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Success, whole, with an order number that is a number.
    Accepted {
        /// The number of the new order, or of the modification or cancel itself.
        order_no: OrderNo,
        /// The broker's time of it, or ours.
        at: Timestamp,
    },
    /// A whole answer with a code that is not success. Whether it is a refusal is the closed list's to say.
    Code {
        /// The code, verbatim.
        code: BrokerCode,
        /// The text.
        message: Option<Arc<str>>,
    },
    /// Anything else: cut, malformed, without a number, a redirect, a proxy's page.
    Unclear,
}

/// One notice of the broker's execution stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The number that it is about.
    pub order_no: OrderNo,
    /// The number that this one changes, where it is a modification or a cancel.
    pub original_no: Option<OrderNo>,
    /// The issue.
    pub symbol: Symbol,
    /// Buy or sell.
    pub side: Side,
    /// Shares of the order that `order_no` names, where told.
    pub order_qty: Option<Qty>,
    /// What happened.
    pub news: News,
    /// The broker's time of it.
    pub at: Timestamp,
}

/// What a notice tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// The broker took a command. Says nothing about shares filled.
    Accepted {
        /// Which.
        command: OrderCommand,
        /// Its limit price, where it has one.
        price: Option<Price>,
    },
    /// A part traded.
    Filled {
        /// Shares of this trade.
        qty: Qty,
        /// Its price.
        price: Price,
        /// Number of the execution, unique in the day, where the broker has them.
        fill_no: Option<u64>,
        /// Shares of this number filled so far, this trade included, where told.
        cumulative: Option<Qty>,
    },
    /// A modification took effect.
    Modified {
        /// Shares that moved to the new number, where told.
        qty: Option<Qty>,
        /// The new limit price, where told.
        price: Option<Price>,
    },
    /// Shares ended without a fill.
    Cancelled {
        /// How many, where told.
        qty: Option<Qty>,
        /// Why.
        reason: CancelReason,
    },
    /// The exchange turned a command away that the broker had taken.
    Refused {
        /// Which.
        command: OrderCommand,
        /// Why, as far as a code says so.
        reason: RefusalReason,
    },
}

/// One row of the broker's order list of the day: one number with its totals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The number.
    pub order_no: OrderNo,
    /// The number that it changes.
    pub original_no: Option<OrderNo>,
    /// What it does.
    pub command: OrderCommand,
    /// The issue.
    pub symbol: Symbol,
    /// Where it went, where told.
    pub venue: Option<Venue>,
    /// Buy or sell.
    pub side: Side,
    /// The type, where told.
    pub order_type: Option<OrderType>,
    /// How long, where told.
    pub time_in_force: Option<TimeInForce>,
    /// The limit price, where it has one.
    pub price: Option<Price>,
    /// Shares asked for.
    pub qty: Qty,
    /// Shares that a modification or cancel has moved or ended so far. Unused for new orders.
    pub confirmed: Qty,
    /// Shares filled.
    pub filled: Qty,
    /// Won of the fills.
    pub filled_value: Money,
    /// Shares that may still be filled.
    pub remaining: Qty,
    /// Whether it was turned away.
    pub refused: bool,
    /// The broker's time of the command.
    pub at: Timestamp,
}

impl Row {
    /// Whether the row's quantities can be of one order. One that contradicts itself is not used.
    pub(super) fn is_sound(&self) -> bool {
        let done = self.filled.checked_add(self.remaining);
        let most = match self.command {
            OrderCommand::Place if self.qty.is_zero() => return false,
            OrderCommand::Place => self.qty,
            // Before it takes effect nothing of it can be filled, or be left.
            OrderCommand::Modify => self.confirmed,
            OrderCommand::Cancel => Qty::ZERO,
        };
        done.is_some_and(|done| done <= most) && self.filled_value >= Money::ZERO
    }

    /// Shares that ended without a fill: cancelled, expired or moved to another number.
    pub(super) const fn closed(&self) -> Qty {
        let qty = match self.command {
            OrderCommand::Modify => self.confirmed,
            OrderCommand::Place | OrderCommand::Cancel => self.qty,
        };
        qty.saturating_sub(self.filled)
            .saturating_sub(self.remaining)
    }

    /// The kind that the row's words make, with `like` for what they leave open.
    pub(super) fn kind_like(&self, like: OrderKind) -> OrderKind {
        kind_of(self.order_type, self.price, like)
    }
}

/// The kind of that type and price, as `like` where they do not say. A stop price is never told, so it stays.
pub(super) fn kind_of(
    order_type: Option<OrderType>,
    price: Option<Price>,
    like: OrderKind,
) -> OrderKind {
    let order_type = match (order_type, price, like.limit_price()) {
        (Some(order_type), _, _) => order_type,
        // What has a price now and had none is a limit order now.
        (None, Some(_), None) => OrderType::Limit,
        (None, _, _) => like.order_type(),
    };
    match (order_type, price) {
        (OrderType::Limit, Some(price)) => OrderKind::Limit { price },
        (OrderType::ConditionalLimit, Some(price)) => OrderKind::ConditionalLimit { price },
        (OrderType::StopLimit, Some(price)) => match like {
            OrderKind::StopLimit { stop, .. } => OrderKind::StopLimit { stop, price },
            OrderKind::Limit { .. }
            | OrderKind::Market
            | OrderKind::ConditionalLimit { .. }
            | OrderKind::BestLimit
            | OrderKind::TopPriority
            | OrderKind::MidPrice
            | OrderKind::PreClose
            | OrderKind::PostClose => OrderKind::Limit { price },
        },
        (OrderType::Market, _) => OrderKind::Market,
        (OrderType::BestLimit, _) => OrderKind::BestLimit,
        (OrderType::TopPriority, _) => OrderKind::TopPriority,
        (OrderType::MidPrice, _) => OrderKind::MidPrice,
        (OrderType::PreClose, _) => OrderKind::PreClose,
        (OrderType::PostClose, _) => OrderKind::PostClose,
        (OrderType::Limit | OrderType::ConditionalLimit | OrderType::StopLimit, None) => like,
    }
}

/// A whole order list of the day: every page, every order, finished ones too.
#[derive(Clone, Copy, Debug)]
pub struct OrderList<'a> {
    /// The rows, in any order; a number may come twice.
    pub rows: &'a [Row],
    /// Whether every venue of the broker was asked for.
    pub all_venues: bool,
}
