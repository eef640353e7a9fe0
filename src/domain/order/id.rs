//! The names of an order: the caller's and the broker's.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::text::{ValueError, deserialize_from_str};

/// The caller's number of an order, unique in a gateway's trading day. 0 asks the gateway to number it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct ClientOrderId(u64);

impl ClientOrderId {
    /// The highest number: 2^63 − 1, so that a gateway that numbers orders itself can count on. An order with this very
    /// number leaves nothing to count on to.
    pub const MAX: Self = Self(i64::MAX.unsigned_abs());

    /// Asks the gateway for a number.
    pub const AUTO: Self = Self(0);

    /// That number; 0 is [`ClientOrderId::AUTO`].
    pub const fn new(id: u64) -> Self {
        Self(id)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Whether the gateway is to choose.
    pub const fn is_auto(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for ClientOrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The broker's number of an order, unique in (broker, account, trading date).
///
/// Brokers print it with leading zeros of varying count; it compares without them and shows ten digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderNo(NonZeroU64);

impl OrderNo {
    /// That number; `None` for 0, which brokers send for "no number".
    pub const fn new(number: u64) -> Option<Self> {
        match NonZeroU64::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0.get()
    }
}

impl fmt::Display for OrderNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:010}", self.0)
    }
}

impl fmt::Debug for OrderNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OrderNo({})", self.0)
    }
}

impl FromStr for OrderNo {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse()
            .ok()
            .filter(|_| digits)
            .map(Self)
            .ok_or_else(|| {
                ValueError::new(
                    "order number",
                    text,
                    "a positive whole number, such as 0000012345",
                )
            })
    }
}

impl Serialize for OrderNo {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OrderNo {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_from_str(deserializer)
    }
}

/// An order, by either of its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderRef {
    /// By the caller's number.
    Client(ClientOrderId),
    /// By the broker's number, of today.
    Number(OrderNo),
}

impl From<ClientOrderId> for OrderRef {
    fn from(id: ClientOrderId) -> Self {
        Self::Client(id)
    }
}

impl From<OrderNo> for OrderRef {
    fn from(number: OrderNo) -> Self {
        Self::Number(number)
    }
}

impl fmt::Display for OrderRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client(id) => write!(f, "client order id {id}"),
            Self::Number(number) => write!(f, "order number {number}"),
        }
    }
}
