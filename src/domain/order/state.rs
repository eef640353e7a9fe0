//! How an order stands.

use serde::{Deserialize, Serialize};

use super::id::{ClientOrderId, OrderNo};
use super::kind::{OrderKind, Side, TimeInForce};
use super::request::OrderRequest;
use crate::domain::account::AccountId;
use crate::domain::fill::Fill;
use crate::domain::price::{Money, Price, Qty};
use crate::domain::symbol::{Symbol, Venue};
use crate::domain::text::{ValueError, text_enum};
use crate::domain::time::Timestamp;

text_enum! {
    /// Where an order stands (FIX `OrdStatus`).
    pub enum OrderStatus("order status") {
        /// Working, nothing filled.
        New = "NEW",
        /// Working, a part filled.
        PartiallyFilled = "PARTIALLY_FILLED",
        /// All filled. Terminal.
        Filled = "FILLED",
        /// What was left is cancelled. Terminal.
        Cancelled = "CANCELLED",
        /// What was left ended with the session. Terminal.
        Expired = "EXPIRED",
        /// The broker said no. Terminal.
        Refused = "REFUSED",
        /// Nobody knows yet.
        Unknown = "UNKNOWN",
    }
}

impl OrderStatus {
    /// Whether fills may still come.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::New | Self::PartiallyFilled | Self::Unknown)
    }
}

/// An order as the broker has it. Its modifications are the same order under new numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Order {
    /// The caller's number, or the one the gateway gave.
    pub id: ClientOrderId,
    /// The broker's number: the last one of the chain.
    pub order_no: OrderNo,
    /// The number before the last modification.
    pub original_no: Option<OrderNo>,
    /// Whose.
    pub account: AccountId,
    /// The issue.
    pub symbol: Symbol,
    /// Where.
    pub venue: Venue,
    /// Buy or sell.
    pub side: Side,
    /// Kind and prices.
    pub kind: OrderKind,
    /// How long.
    pub time_in_force: TimeInForce,
    /// Shares ordered.
    pub qty: Qty,
    /// Shares filled.
    pub filled: Qty,
    /// Won of the fills.
    pub filled_value: Money,
    /// Shares cancelled, expired, or moved to another order by a modification of a part.
    pub cancelled: Qty,
    /// Where it stands.
    pub status: OrderStatus,
    /// When the broker took it.
    pub accepted_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Order {
    /// A new order that the broker took.
    pub const fn accepted(
        request: &OrderRequest,
        id: ClientOrderId,
        order_no: OrderNo,
        at: Timestamp,
    ) -> Self {
        Self {
            id,
            order_no,
            original_no: None,
            account: request.account,
            symbol: request.symbol,
            venue: request.venue,
            side: request.side,
            kind: request.kind,
            time_in_force: request.time_in_force,
            qty: request.qty,
            filled: Qty::ZERO,
            filled_value: Money::ZERO,
            cancelled: Qty::ZERO,
            status: OrderStatus::New,
            accepted_at: at,
            updated_at: at,
        }
    }

    /// Shares that may still be filled.
    pub const fn remaining(&self) -> Qty {
        self.qty
            .saturating_sub(self.filled)
            .saturating_sub(self.cancelled)
    }

    /// Won of the fills ÷ shares filled, 4 decimals half-up; `None` before the first fill.
    pub fn average_price(&self) -> Option<Price> {
        self.filled_value.per_share(self.filled)
    }

    /// Whether fills may still come.
    pub const fn is_active(&self) -> bool {
        self.status.is_active()
    }

    /// Whether every share is filled.
    pub const fn is_filled(&self) -> bool {
        matches!(self.status, OrderStatus::Filled)
    }

    /// The order after a fill.
    ///
    /// # Errors
    /// When the fill is of another order, or more than what is left.
    pub fn with_fill(mut self, fill: &Fill) -> Result<Self, ValueError> {
        if fill.id != self.id || fill.symbol != self.symbol || fill.side != self.side {
            return Err(ValueError::new(
                "fill",
                fill.order_no,
                format!("a fill of order {}", self.order_no),
            ));
        }
        let filled = self.filled.checked_add(fill.qty);
        let value = fill
            .price
            .value(fill.qty)
            .and_then(|value| self.filled_value.checked_add(value));
        match (filled, value) {
            (Some(filled), Some(value)) if fill.qty <= self.remaining() && !fill.qty.is_zero() => {
                (self.filled, self.filled_value, self.updated_at) = (filled, value, fill.at);
                self.status = if self.remaining().is_zero() {
                    OrderStatus::Filled
                } else {
                    OrderStatus::PartiallyFilled
                };
                Ok(self)
            }
            _ => Err(ValueError::new(
                "fill qty",
                fill.qty,
                format!("1 to the remaining {}", self.remaining()),
            )),
        }
    }
}
