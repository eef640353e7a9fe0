//! What a caller asks for. All `Copy`, without heap.

use serde::{Deserialize, Serialize};

use super::id::{ClientOrderId, OrderRef};
use super::kind::{OrderKind, Side, TimeInForce};
use crate::domain::account::AccountId;
use crate::domain::price::{Price, Qty};
use crate::domain::symbol::{Symbol, Venue};
use crate::domain::text::ValueError;

/// A new order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OrderRequest {
    /// The caller's number; [`ClientOrderId::AUTO`] asks the gateway for one.
    #[serde(default)]
    pub id: ClientOrderId,
    /// Whose order.
    pub account: AccountId,
    /// The issue.
    pub symbol: Symbol,
    /// Where to.
    pub venue: Venue,
    /// Buy or sell.
    pub side: Side,
    /// Shares, at least 1.
    pub qty: Qty,
    /// Kind and prices.
    pub kind: OrderKind,
    /// How long.
    pub time_in_force: TimeInForce,
}

impl OrderRequest {
    /// An order for KRX until the end of the session; `with_…` changes the rest.
    pub const fn new(
        account: AccountId,
        symbol: Symbol,
        side: Side,
        qty: Qty,
        kind: OrderKind,
    ) -> Self {
        Self {
            id: ClientOrderId::AUTO,
            account,
            symbol,
            venue: Venue::Krx,
            side,
            qty,
            kind,
            time_in_force: TimeInForce::Day,
        }
    }

    /// A limit buy.
    pub const fn limit_buy(account: AccountId, symbol: Symbol, qty: Qty, price: Price) -> Self {
        Self::new(account, symbol, Side::Buy, qty, OrderKind::Limit { price })
    }

    /// A limit sell.
    pub const fn limit_sell(account: AccountId, symbol: Symbol, qty: Qty, price: Price) -> Self {
        Self::new(account, symbol, Side::Sell, qty, OrderKind::Limit { price })
    }

    /// A market buy.
    pub const fn market_buy(account: AccountId, symbol: Symbol, qty: Qty) -> Self {
        Self::new(account, symbol, Side::Buy, qty, OrderKind::Market)
    }

    /// A market sell.
    pub const fn market_sell(account: AccountId, symbol: Symbol, qty: Qty) -> Self {
        Self::new(account, symbol, Side::Sell, qty, OrderKind::Market)
    }

    /// What can be said of an order anywhere: at least one share, and a number that the gateway can count on from.
    ///
    /// # Errors
    /// Names the field, what was found and what is allowed.
    #[inline]
    pub fn check(&self) -> Result<(), ValueError> {
        if self.qty.is_zero() {
            return Err(ValueError::new("qty", self.qty, "at least 1 share"));
        }
        if self.id > ClientOrderId::MAX {
            return Err(ValueError::new(
                "id",
                self.id,
                format!("0 to {}", ClientOrderId::MAX),
            ));
        }
        Ok(())
    }

    /// With the caller's number.
    #[must_use]
    pub const fn with_id(mut self, id: ClientOrderId) -> Self {
        self.id = id;
        self
    }

    /// To that venue.
    #[must_use]
    pub const fn with_venue(mut self, venue: Venue) -> Self {
        self.venue = venue;
        self
    }

    /// For that long.
    #[must_use]
    pub const fn with_time_in_force(mut self, time_in_force: TimeInForce) -> Self {
        self.time_in_force = time_in_force;
        self
    }
}

/// A change of an order's price or kind (정정). Its quantity cannot be changed: cancel a part, or send a new order.
///
/// What is changed loses its place in the queue. A change of a part makes a new order of that part, with its own
/// number; the rest keeps its price and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ModifyRequest {
    /// Whose order.
    pub account: AccountId,
    /// Which order.
    pub order: OrderRef,
    /// Shares to change; all that is left without one.
    pub qty: Option<Qty>,
    /// The new kind and prices.
    pub kind: OrderKind,
    /// The number of the new order that a change of a part makes; unused for a change of the whole.
    #[serde(default)]
    pub part_id: ClientOrderId,
}

impl ModifyRequest {
    /// All that is left of an order to a new limit price.
    pub fn to_price(account: AccountId, order: impl Into<OrderRef>, price: Price) -> Self {
        Self {
            account,
            order: order.into(),
            qty: None,
            kind: OrderKind::Limit { price },
            part_id: ClientOrderId::AUTO,
        }
    }

    /// Only that many shares.
    #[must_use]
    pub const fn with_qty(mut self, qty: Qty) -> Self {
        self.qty = Some(qty);
        self
    }
}

/// A cancel of an order (취소), or of a part of it. What stays keeps its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CancelRequest {
    /// Whose order.
    pub account: AccountId,
    /// Which order.
    pub order: OrderRef,
    /// Shares to cancel; all that is left without one.
    pub qty: Option<Qty>,
}

impl CancelRequest {
    /// All that is left of an order.
    pub fn all(account: AccountId, order: impl Into<OrderRef>) -> Self {
        Self {
            account,
            order: order.into(),
            qty: None,
        }
    }

    /// A part of an order.
    pub fn part(account: AccountId, order: impl Into<OrderRef>, qty: Qty) -> Self {
        Self {
            account,
            order: order.into(),
            qty: Some(qty),
        }
    }
}

/// How much a new order might be: see [`Orderable`](crate::domain::Orderable).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OrderableRequest {
    /// Whose order.
    pub account: AccountId,
    /// The issue.
    pub symbol: Symbol,
    /// Buy or sell.
    pub side: Side,
    /// Kind and prices; a market buy is valued at the upper limit.
    pub kind: OrderKind,
}
