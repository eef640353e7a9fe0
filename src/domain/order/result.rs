//! What became of an order command. `Accepted`, `Refused` and `Unknown` are different things, and an `Err` is proof
//! that nothing was sent.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::id::{ClientOrderId, OrderNo};
use crate::domain::text::{ValueError, deserialize_from_str, text_enum};
use crate::domain::time::Timestamp;

/// The outcome of an order command that may have left this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "SCREAMING_SNAKE_CASE")]
#[must_use = "an order may be unknown: look at the outcome"]
pub enum OrderResult {
    /// The broker gave an order number.
    Accepted(Receipt),
    /// The broker said no, in words from a closed list. Terminal. Boxed, because it is rare and large, and results travel
    /// through every awaited call.
    Refused(Box<Refusal>),
    /// Nobody knows yet. Never send it again; `resolve_order(pending.id)` decides.
    Unknown(PendingOrder),
}

impl OrderResult {
    /// The receipt, if accepted.
    pub const fn accepted(&self) -> Option<&Receipt> {
        match self {
            Self::Accepted(receipt) => Some(receipt),
            Self::Refused(_) | Self::Unknown(_) => None,
        }
    }

    /// The refusal, if refused.
    pub fn refused(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Accepted(_) | Self::Unknown(_) => None,
        }
    }
}

/// The broker has the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The caller's number, or the one the gateway gave.
    pub id: ClientOrderId,
    /// The broker's number: of the new order, or of the modification or cancel itself.
    pub order_no: OrderNo,
    /// When the broker took it.
    pub at: Timestamp,
    /// Whether this was found out afterwards instead of being told.
    pub inferred: bool,
}

/// An order command of which nobody knows what became.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingOrder {
    /// The caller's number, or the one the gateway gave.
    pub id: ClientOrderId,
    /// When it was sent.
    pub since: Timestamp,
}

/// The broker's no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The caller's number, or the one the gateway gave.
    pub id: ClientOrderId,
    /// What it means.
    pub reason: RefusalReason,
    /// The broker's code, verbatim.
    pub code: BrokerCode,
    /// The broker's words, verbatim but for control characters.
    pub message: Option<Arc<str>>,
}

impl Refusal {
    /// The broker's words, or what the reason means where it gave none.
    pub fn words(&self) -> &str {
        self.message
            .as_deref()
            .unwrap_or_else(|| self.reason.remedy())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused ({}): {}", self.code, self.reason.remedy())?;
        match &self.message {
            Some(message) => write!(f, ": {message}"),
            None => Ok(()),
        }
    }
}

text_enum! {
    /// Why an order command is refused: a closed list over all brokers.
    pub enum RefusalReason("refusal reason") {
        /// The price is off the tick grid.
        Tick = "TICK",
        /// The price is outside the daily limits.
        PriceBand = "PRICE_BAND",
        /// The quantity is zero or beyond a cap.
        Quantity = "QUANTITY",
        /// The quantity is not a multiple of the lot.
        Lot = "LOT",
        /// The issue is not listed.
        UnknownSymbol = "UNKNOWN_SYMBOL",
        /// The account is not known.
        UnknownAccount = "UNKNOWN_ACCOUNT",
        /// The order is not known, or has ended.
        UnknownOrder = "UNKNOWN_ORDER",
        /// The client order id was used before.
        DuplicateId = "DUPLICATE_ID",
        /// Not enough cash.
        InsufficientCash = "INSUFFICIENT_CASH",
        /// Not enough shares to sell.
        InsufficientShares = "INSUFFICIENT_SHARES",
        /// The order type, time in force and venue do not go together, or not now.
        OrderType = "ORDER_TYPE",
        /// The market does not take orders now.
        MarketClosed = "MARKET_CLOSED",
        /// The issue is halted.
        Halted = "HALTED",
        /// No quote to take the price from.
        NoQuote = "NO_QUOTE",
        /// A modification to the same price and kind.
        NoChange = "NO_CHANGE",
        /// More shares to modify or cancel than are left.
        ExceedsRemaining = "EXCEEDS_REMAINING",
        /// The venue takes no more open orders.
        Capacity = "CAPACITY",
        /// Too many requests; the broker turned this one away.
        RateLimited = "RATE_LIMITED",
        /// The login, token or permission is not good.
        Authentication = "AUTHENTICATION",
        /// On the closed list, but none of the above.
        Other = "OTHER",
    }
}

impl RefusalReason {
    /// What is wrong and what would be right, in one line.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Tick => "price is off the tick grid: round it to the instrument's tick",
            Self::PriceBand => "price is outside the daily limits: the quote shows them",
            Self::Quantity => {
                "qty is zero or over the single-order cap: send from 1 share up to the cap"
            }
            Self::Lot => "qty is not a multiple of the lot",
            Self::UnknownSymbol => "symbol is not listed: `instruments` shows those that are",
            Self::UnknownAccount => "account is not one of the gateway's: `accounts` shows them",
            Self::UnknownOrder => {
                "order is unknown or has ended: `open_orders` shows those that live"
            }
            Self::DuplicateId => {
                "id was used before: take a new one, or 0 to have the gateway number it"
            }
            Self::InsufficientCash => {
                "cash does not cover qty × price and fees: `orderable` shows the most"
            }
            Self::InsufficientShares => "qty exceeds the sellable shares: `positions` shows them",
            Self::OrderType => {
                "order type, time in force and venue do not go together here and now"
            }
            Self::MarketClosed => {
                "market is closed for this order: the session calendar shows when it opens"
            }
            Self::Halted => "symbol is halted: wait until it resumes",
            Self::NoQuote => "no quote to take the price from: send a limit order",
            Self::NoChange => {
                "price and kind are unchanged: a quantity cannot be modified, only cancelled in part"
            }
            Self::ExceedsRemaining => "qty exceeds what is left of the order",
            Self::Capacity => "too many open orders: cancel some first",
            Self::RateLimited => "too many requests: wait for the limiter",
            Self::Authentication => "login, token or permission was not accepted",
            Self::Other => "the broker's code says why",
        }
    }
}

/// A broker's message code: up to 15 ASCII characters, inline and `Copy`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct BrokerCode {
    len: u8,
    text: [u8; Self::LEN_MAX],
}

impl BrokerCode {
    /// The longest code.
    pub const LEN_MAX: usize = 15;

    /// The code of that text, cut at the first character that is not printable ASCII and at 15 characters.
    pub const fn new(code: &str) -> Self {
        let bytes = code.as_bytes();
        let mut text = [0; Self::LEN_MAX];
        let mut len = 0;
        while (len as usize) < Self::LEN_MAX
            && (len as usize) < bytes.len()
            && bytes[len as usize].is_ascii_graphic()
        {
            text[len as usize] = bytes[len as usize];
            len += 1;
        }
        Self { len, text }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        // Only ASCII enters, so the text is always UTF-8.
        str::from_utf8(&self.text[..usize::from(self.len)]).unwrap_or_default()
    }
}

impl fmt::Display for BrokerCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for BrokerCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BrokerCode({})", self.as_str())
    }
}

impl std::str::FromStr for BrokerCode {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let code = Self::new(text);
        if code.as_str() == text {
            Ok(code)
        } else {
            Err(ValueError::new(
                "broker code",
                text,
                "at most 15 printable ASCII characters",
            ))
        }
    }
}

impl Serialize for BrokerCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for BrokerCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_from_str(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stay_small() {
        // A result travels through every awaited order call.
        assert!(
            size_of::<OrderResult>() <= 32,
            "{}",
            size_of::<OrderResult>()
        );
        assert_eq!(size_of::<Option<OrderNo>>(), 8);
    }

    #[test]
    fn codes_are_verbatim_or_refused() {
        assert_eq!(
            "APBK0918".parse::<BrokerCode>().unwrap().as_str(),
            "APBK0918"
        );
        assert!("AB\nCD".parse::<BrokerCode>().is_err());
        assert_eq!(BrokerCode::new("AB\nCD").as_str(), "AB");
    }
}
