//! Fills: the parts of an order that traded.

use serde::{Deserialize, Serialize};

use super::account::AccountId;
use super::order::{ClientOrderId, OrderNo, Side};
use super::price::{Money, Price, Qty};
use super::symbol::{Symbol, Venue};
use super::time::Timestamp;

/// A part of an order that traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Fill {
    /// Number of the execution, unique in the trading day.
    pub fill_no: u64,
    /// The order, by the caller's number.
    pub id: ClientOrderId,
    /// The order, by the broker's number at the time.
    pub order_no: OrderNo,
    /// Whose.
    pub account: AccountId,
    /// The issue.
    pub symbol: Symbol,
    /// Where.
    pub venue: Venue,
    /// Buy or sell.
    pub side: Side,
    /// Shares.
    pub qty: Qty,
    /// The price.
    pub price: Price,
    /// Whether the order waited in the book (maker) or came in (taker).
    pub maker: bool,
    /// When.
    pub at: Timestamp,
    /// Whether this was derived from a difference of totals instead of being told.
    pub inferred: bool,
}

impl Fill {
    /// A fill at `price`, number and order as given; `maker` and `inferred` are public.
    #[expect(
        clippy::too_many_arguments,
        reason = "a fill is a record of that many facts"
    )]
    pub const fn new(
        fill_no: u64,
        id: ClientOrderId,
        order_no: OrderNo,
        account: AccountId,
        symbol: Symbol,
        venue: Venue,
        side: Side,
        qty: Qty,
        price: Price,
        at: Timestamp,
    ) -> Self {
        Self {
            fill_no,
            id,
            order_no,
            account,
            symbol,
            venue,
            side,
            qty,
            price,
            maker: false,
            at,
            inferred: false,
        }
    }

    /// Shares × price; `None` out of range.
    pub const fn value(&self) -> Option<Money> {
        self.price.value(self.qty)
    }
}
