//! Side, kind and time in force.

use serde::{Deserialize, Serialize};

use crate::domain::price::Price;
use crate::domain::text::text_enum;

text_enum! {
    /// Buy or sell (FIX `Side`).
    pub enum Side("side") {
        /// Buy.
        Buy = "BUY",
        /// Sell.
        Sell = "SELL",
    }
}

impl Side {
    /// The other side.
    pub const fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }
}

text_enum! {
    /// How long an order lives (FIX `TimeInForce`).
    pub enum TimeInForce("time in force") {
        /// Until the end of the session.
        Day = "DAY",
        /// Fill what is possible at once, cancel the rest.
        Ioc = "IOC",
        /// All at once or nothing.
        Fok = "FOK",
    }
}

text_enum! {
    /// The kind of an order without its prices (FIX `OrdType`): the key of the rule tables.
    pub enum OrderType("order type") {
        /// Limit (지정가).
        Limit = "LIMIT",
        /// Market (시장가).
        Market = "MARKET",
        /// Conditional limit (조건부지정가): a limit that becomes a market order in the closing auction.
        ConditionalLimit = "CONDITIONAL_LIMIT",
        /// Best limit (최유리지정가): a limit at the best opposite price at entry.
        BestLimit = "BEST_LIMIT",
        /// Top-priority limit (최우선지정가): a limit at the best own-side price at entry.
        TopPriority = "TOP_PRIORITY",
        /// Mid-price (중간가): follows the middle of the best bid and ask.
        MidPrice = "MID_PRICE",
        /// Stop limit (스톱지정가): a limit that enters when the last price reaches the stop.
        StopLimit = "STOP_LIMIT",
        /// Pre-hours closing price (장전 시간외종가): at the previous close.
        PreClose = "PRE_CLOSE",
        /// Post-hours closing price (장후 시간외종가): at today's close.
        PostClose = "POST_CLOSE",
    }
}

/// The kind of an order with the prices that it needs, and no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OrderKind {
    /// See [`OrderType::Limit`].
    Limit {
        /// The worst price.
        price: Price,
    },
    /// See [`OrderType::Market`].
    Market,
    /// See [`OrderType::ConditionalLimit`].
    ConditionalLimit {
        /// The worst price until the closing auction.
        price: Price,
    },
    /// See [`OrderType::BestLimit`].
    BestLimit,
    /// See [`OrderType::TopPriority`].
    TopPriority,
    /// See [`OrderType::MidPrice`].
    MidPrice,
    /// See [`OrderType::StopLimit`].
    StopLimit {
        /// The last price that lets the order in.
        stop: Price,
        /// The worst price from then on.
        price: Price,
    },
    /// See [`OrderType::PreClose`].
    PreClose,
    /// See [`OrderType::PostClose`].
    PostClose,
}

impl OrderKind {
    /// The kind without its prices.
    pub const fn order_type(self) -> OrderType {
        match self {
            Self::Limit { .. } => OrderType::Limit,
            Self::Market => OrderType::Market,
            Self::ConditionalLimit { .. } => OrderType::ConditionalLimit,
            Self::BestLimit => OrderType::BestLimit,
            Self::TopPriority => OrderType::TopPriority,
            Self::MidPrice => OrderType::MidPrice,
            Self::StopLimit { .. } => OrderType::StopLimit,
            Self::PreClose => OrderType::PreClose,
            Self::PostClose => OrderType::PostClose,
        }
    }

    /// The worst price, for kinds that name one.
    pub const fn limit_price(self) -> Option<Price> {
        match self {
            Self::Limit { price }
            | Self::ConditionalLimit { price }
            | Self::StopLimit { price, .. } => Some(price),
            Self::Market
            | Self::BestLimit
            | Self::TopPriority
            | Self::MidPrice
            | Self::PreClose
            | Self::PostClose => None,
        }
    }
}
