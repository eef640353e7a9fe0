//! The caller's own limits, as data. Those of the market are always checked.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::domain::{Money, Qty};

/// What one gate lets through, besides the rules of the market. Nothing is limited until it is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GateRules {
    /// The most shares of one order.
    pub order_qty_max: Option<Qty>,
    /// The most won of one order. An order without a price counts at the upper limit.
    pub order_value_max: Option<Money>,
    /// The most shares of all new orders of a day, whatever became of them.
    pub day_qty_max: Option<Qty>,
    /// The most won of all new orders of a day, whatever became of them.
    pub day_value_max: Option<Money>,
    /// How far, in 1/100 of a per cent, a limit price may be worse for us than the last trade: above it for a purchase,
    /// below it for a sale. The stop takes the place of the last trade in stop-limit orders. Orders without a price
    /// have no collar.
    pub collar_basis_points: Option<u32>,
    /// For how long a second order is refused that is the same in everything but its client order id.
    pub duplicate_window: Option<Duration>,
    /// The most new orders and modifications in any second, up to [`GateRules::ORDERS_PER_SECOND_MAX`].
    pub orders_per_second: Option<NonZeroU32>,
}

impl GateRules {
    /// The highest rate that is counted; a higher one is taken as this one.
    pub const ORDERS_PER_SECOND_MAX: u32 = 10_000;

    /// No limits of our own.
    pub const fn none() -> Self {
        Self {
            order_qty_max: None,
            order_value_max: None,
            day_qty_max: None,
            day_value_max: None,
            collar_basis_points: None,
            duplicate_window: None,
            orders_per_second: None,
        }
    }

    /// With a cap on the shares of one order.
    #[must_use]
    pub const fn with_order_qty_max(mut self, shares: Qty) -> Self {
        self.order_qty_max = Some(shares);
        self
    }

    /// With a cap on the won of one order.
    #[must_use]
    pub const fn with_order_value_max(mut self, won: Money) -> Self {
        self.order_value_max = Some(won);
        self
    }

    /// With a cap on the shares of a day's orders.
    #[must_use]
    pub const fn with_day_qty_max(mut self, shares: Qty) -> Self {
        self.day_qty_max = Some(shares);
        self
    }

    /// With a cap on the won of a day's orders.
    #[must_use]
    pub const fn with_day_value_max(mut self, won: Money) -> Self {
        self.day_value_max = Some(won);
        self
    }

    /// With a price collar in 1/100 of a per cent.
    #[must_use]
    pub const fn with_collar_basis_points(mut self, basis_points: u32) -> Self {
        self.collar_basis_points = Some(basis_points);
        self
    }

    /// With a guard against duplicates.
    #[must_use]
    pub const fn with_duplicate_window(mut self, window: Duration) -> Self {
        self.duplicate_window = Some(window);
        self
    }

    /// With a limit on the rate of orders.
    #[must_use]
    pub const fn with_orders_per_second(mut self, orders: NonZeroU32) -> Self {
        self.orders_per_second = Some(orders);
        self
    }
}
