//! Market data: quotes, depth, trades and candles.

use std::fmt;
use std::num::NonZeroU16;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::order::Side;
use super::price::{Money, Price, Qty};
use super::symbol::{Symbol, Venue};
use super::text::{ValueError, deserialize_from_str};
use super::time::Timestamp;

/// A price and the shares that wait there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// The price.
    pub price: Price,
    /// Shares of all orders there.
    pub qty: Qty,
}

/// The state of an issue on a venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Quote {
    /// The issue.
    pub symbol: Symbol,
    /// The venue.
    pub venue: Venue,
    /// Last traded price; the base price before the first trade.
    pub last: Price,
    /// First price of the day, if there was a trade.
    pub open: Option<Price>,
    /// Highest price of the day.
    pub high: Option<Price>,
    /// Lowest price of the day.
    pub low: Option<Price>,
    /// Base price of the day (기준가격), from which the limits are counted.
    pub base: Price,
    /// Upper daily limit; none for products without one.
    pub upper_limit: Option<Price>,
    /// Lower daily limit.
    pub lower_limit: Option<Price>,
    /// Best bid.
    pub bid: Option<Level>,
    /// Best ask.
    pub ask: Option<Level>,
    /// Shares traded today.
    pub volume: Qty,
    /// Won traded today.
    pub value: Money,
    /// When this was so.
    pub at: Timestamp,
}

impl Quote {
    /// An issue that has not traded today; the other fields are public.
    pub const fn untraded(symbol: Symbol, venue: Venue, base: Price, at: Timestamp) -> Self {
        Self {
            symbol,
            venue,
            last: base,
            open: None,
            high: None,
            low: None,
            base,
            upper_limit: None,
            lower_limit: None,
            bid: None,
            ask: None,
            volume: Qty::ZERO,
            value: Money::ZERO,
            at,
        }
    }
}

/// Ten price levels a side, best first, inline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OrderBook {
    /// The issue.
    pub symbol: Symbol,
    /// The venue.
    pub venue: Venue,
    /// Bids, highest first, then `None`.
    pub bids: [Option<Level>; Self::DEPTH],
    /// Asks, lowest first, then `None`.
    pub asks: [Option<Level>; Self::DEPTH],
    /// When this was so.
    pub at: Timestamp,
}

impl OrderBook {
    /// Levels a side, as both brokers and the exchange show them.
    pub const DEPTH: usize = 10;

    /// A book without orders.
    pub const fn empty(symbol: Symbol, venue: Venue, at: Timestamp) -> Self {
        Self {
            symbol,
            venue,
            bids: [None; Self::DEPTH],
            asks: [None; Self::DEPTH],
            at,
        }
    }

    /// Highest bid.
    pub const fn best_bid(&self) -> Option<Level> {
        self.bids[0]
    }

    /// Lowest ask.
    pub const fn best_ask(&self) -> Option<Level> {
        self.asks[0]
    }

    /// The levels of one side.
    pub const fn side(&self, side: Side) -> &[Option<Level>; Self::DEPTH] {
        match side {
            Side::Buy => &self.bids,
            Side::Sell => &self.asks,
        }
    }
}

/// One trade of the market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Trade {
    /// The issue.
    pub symbol: Symbol,
    /// The venue.
    pub venue: Venue,
    /// The price.
    pub price: Price,
    /// Shares.
    pub qty: Qty,
    /// The side of the order that came in; unknown for auction prints.
    pub aggressor: Option<Side>,
    /// Shares traded today, this trade included.
    pub volume: Qty,
    /// When.
    pub at: Timestamp,
}

impl Trade {
    /// A trade; `aggressor` and `volume` are public.
    pub const fn new(symbol: Symbol, venue: Venue, price: Price, qty: Qty, at: Timestamp) -> Self {
        Self {
            symbol,
            venue,
            price,
            qty,
            aggressor: None,
            volume: qty,
            at,
        }
    }
}

/// Open, high, low, close and volume of a span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Candle {
    /// The issue.
    pub symbol: Symbol,
    /// The span's length.
    pub timeframe: Timeframe,
    /// The span's start.
    pub start: Timestamp,
    /// First price.
    pub open: Price,
    /// Highest price.
    pub high: Price,
    /// Lowest price.
    pub low: Price,
    /// Last price.
    pub close: Price,
    /// Shares traded.
    pub volume: Qty,
}

impl Candle {
    /// A candle with one price; the other fields are public.
    pub const fn at_price(
        symbol: Symbol,
        timeframe: Timeframe,
        start: Timestamp,
        price: Price,
    ) -> Self {
        Self {
            symbol,
            timeframe,
            start,
            open: price,
            high: price,
            low: price,
            close: price,
            volume: Qty::ZERO,
        }
    }

    /// The candle with these prices, or an error that names the one out of place.
    ///
    /// # Errors
    /// When `high` is below, or `low` above, one of the others.
    pub fn with_prices(
        mut self,
        open: Price,
        high: Price,
        low: Price,
        close: Price,
    ) -> Result<Self, ValueError> {
        for (what, price) in [
            ("candle open", open),
            ("candle low", low),
            ("candle close", close),
        ] {
            if price > high {
                return Err(ValueError::new(
                    what,
                    price,
                    format!("at most the high {high}"),
                ));
            }
            if price < low {
                return Err(ValueError::new(
                    what,
                    price,
                    format!("at least the low {low}"),
                ));
            }
        }
        (self.open, self.high, self.low, self.close) = (open, high, low, close);
        Ok(self)
    }
}

/// The length of a candle, written `5m`, `1d`, `1w`, `1M`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timeframe {
    /// That many minutes.
    Minutes(NonZeroU16),
    /// A trading day.
    Day,
    /// A week of trading days.
    Week,
    /// A month of trading days.
    Month,
}

impl fmt::Display for Timeframe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Minutes(minutes) => write!(f, "{minutes}m"),
            Self::Day => f.write_str("1d"),
            Self::Week => f.write_str("1w"),
            Self::Month => f.write_str("1M"),
        }
    }
}

impl FromStr for Timeframe {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let minutes = || {
            text.strip_suffix('m')
                .and_then(|digits| digits.parse().ok())
                .map(Self::Minutes)
        };
        match text {
            "1d" => Some(Self::Day),
            "1w" => Some(Self::Week),
            "1M" => Some(Self::Month),
            _ => minutes(),
        }
        .ok_or_else(|| {
            ValueError::new("timeframe", text, "minutes such as 1m or 5m, or 1d, 1w, 1M")
        })
    }
}

impl Serialize for Timeframe {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timeframe {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_from_str(deserializer)
    }
}

/// Which candles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CandleRequest {
    /// The issue.
    pub symbol: Symbol,
    /// The length of one.
    pub timeframe: Timeframe,
    /// The first date.
    pub from: Date,
    /// The last date, included.
    pub to: Date,
}

/// What [`MarketEvent`]s to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "topic", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Topic {
    /// Every trade of an issue.
    Trades {
        /// The issue.
        symbol: Symbol,
        /// The venue.
        venue: Venue,
    },
    /// The ten-level book of an issue, whole at every change.
    Book {
        /// The issue.
        symbol: Symbol,
        /// The venue.
        venue: Venue,
    },
}

/// News of the market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
#[expect(
    clippy::large_enum_variant,
    reason = "events are copied through preallocated queues; a box would allocate"
)]
pub enum MarketEvent {
    /// A trade.
    Trade(Trade),
    /// The book after a change.
    Book(OrderBook),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeframes_read_what_they_write() {
        for text in ["1m", "5m", "240m", "1d", "1w", "1M"] {
            assert_eq!(text.parse::<Timeframe>().unwrap().to_string(), text);
        }
        for text in ["", "m", "0m", "-5m", "2d", "1h", "5 m", "65536m"] {
            assert!(
                text.parse::<Timeframe>().is_err(),
                "{text:?} was read as a timeframe"
            );
        }
    }
}
