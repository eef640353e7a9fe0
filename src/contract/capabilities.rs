//! What a broker can do, said beforehand.

use std::time::Duration;

use serde::Serialize;

use crate::domain::{ConnectionStatus, OrderType, TimeInForce, Venue};
use crate::limiter::Usage;

/// What a broker can do. What it cannot do it answers with [`Error::Unsupported`](crate::Error::Unsupported).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Capabilities {
    /// Whether orders and queries work at all in this version.
    pub trading: bool,
    /// The combinations of venue, order type and times in force that orders may have.
    pub orders: &'static [(Venue, OrderType, &'static [TimeInForce])],
    /// Whether a part of an order can be modified.
    pub modify_part: bool,
    /// Whether a part of an order can be cancelled.
    pub cancel_part: bool,
    /// Whether books and trades stream.
    pub market_data: bool,
    /// Whether candles can be asked for.
    pub candles: bool,
    /// The most topics at once; `None` without a limit.
    pub topics_max: Option<usize>,
}

impl Capabilities {
    /// Nothing yet.
    pub const NONE: Self = Self {
        trading: false,
        orders: &[],
        modify_part: false,
        cancel_part: false,
        market_data: false,
        candles: false,
        topics_max: Some(0),
    };

    /// Whether an order may have that combination.
    pub fn accepts(&self, venue: Venue, order_type: OrderType, time_in_force: TimeInForce) -> bool {
        self.orders.iter().any(|&(on, of, times)| {
            on == venue && of == order_type && times.contains(&time_in_force)
        })
    }
}

/// How a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Health {
    /// Where the connection stands.
    pub status: ConnectionStatus,
    /// How long a question and its answer took.
    pub round_trip: Duration,
    /// How long ago the last stream frame came; `None` without a stream.
    pub last_frame_age: Option<Duration>,
    /// How long the login is good; `None` without a login.
    pub token_life: Option<Duration>,
    /// Use of the rate limit.
    pub usage: Usage,
}

impl Health {
    /// The health of a broker in this process, which has neither stream nor login.
    pub const fn local(status: ConnectionStatus, round_trip: Duration, usage: Usage) -> Self {
        Self {
            status,
            round_trip,
            last_frame_age: None,
            token_life: None,
            usage,
        }
    }
}
