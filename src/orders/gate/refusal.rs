//! Why the gate holds an order back. Nothing of it was sent.

use std::fmt;
use std::time::Duration;

use crate::domain::{
    InstrumentKind, Money, OrderCap, OrderType, Price, Qty, Side, Symbol, TimeInForce,
    TradingState, Unaccepted, ValueError, Venue,
};
use crate::error::Error;

/// Why an order is held back: the rule, what was found, and what would pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GateRefusal {
    /// The kill switch.
    TradingState {
        /// The state.
        state: TradingState,
        /// What was to be sent.
        side: Side,
    },
    /// More to sell than is held, while only that may be sold.
    NotReducing {
        /// Shares of the order.
        qty: Qty,
        /// Shares that can be sold.
        sellable: Qty,
    },
    /// The facts are about another issue than the order. A mistake of the program.
    OtherSymbol {
        /// That of the order.
        found: Symbol,
        /// That of the facts.
        expected: Symbol,
    },
    /// Type and time in force do not go together at the venue, at any time.
    Combination(Unaccepted),
    /// Issues of this kind are not traded by orders of this type.
    InstrumentKind {
        /// The kind.
        kind: InstrumentKind,
        /// The type.
        order_type: OrderType,
    },
    /// The venue takes no such order for this issue at this time.
    Closed {
        /// The venue.
        venue: Venue,
        /// The type.
        order_type: OrderType,
        /// The time in force.
        time_in_force: TimeInForce,
    },
    /// No shares, or not whole lots.
    Lot {
        /// Shares of the order.
        qty: Qty,
        /// Shares of a lot.
        lot: u32,
    },
    /// The price is not on the tick grid.
    Tick {
        /// The price.
        price: Price,
        /// The nearest valid price below.
        below: Option<Price>,
        /// The nearest valid price above.
        above: Option<Price>,
    },
    /// The price is outside of the daily limits.
    Band {
        /// The price.
        price: Price,
        /// The lower limit.
        lower: Price,
        /// The upper limit.
        upper: Price,
    },
    /// The order is larger than the exchange takes.
    ExchangeCap {
        /// The cap.
        cap: OrderCap,
        /// Shares of the order.
        qty: Qty,
        /// Won of the order.
        value: Money,
    },
    /// Quantity × price is beyond all money.
    Overflow {
        /// Shares of the order.
        qty: Qty,
        /// The price by which it is valued.
        price: Price,
    },
    /// More shares than one order may have.
    OrderQty {
        /// Shares of the order.
        qty: Qty,
        /// The most.
        limit: Qty,
    },
    /// More won than one order may have.
    OrderValue {
        /// Won of the order.
        value: Money,
        /// The most.
        limit: Money,
    },
    /// More shares than are left of the day's.
    DayQty {
        /// Shares of the order.
        qty: Qty,
        /// Shares of the day so far.
        used: Qty,
        /// The most of a day.
        limit: Qty,
    },
    /// More won than are left of the day's.
    DayValue {
        /// Won of the order.
        value: Money,
        /// Won of the day so far.
        used: Money,
        /// The most of a day.
        limit: Money,
    },
    /// The price is too far on the wrong side of the last trade.
    Collar {
        /// The price.
        price: Price,
        /// The last trade, or the stop.
        reference: Price,
        /// The most, in 1/100 of a per cent.
        basis_points: u32,
    },
    /// The same order was sent a moment ago.
    Duplicate {
        /// How long ago.
        age: Duration,
        /// How long a second one is refused.
        window: Duration,
    },
    /// Too many orders in a second.
    OrderRate {
        /// The most in a second.
        orders_per_second: u32,
        /// When there is room again.
        retry_after: Duration,
    },
}

impl GateRefusal {
    /// The rule, in a word or two.
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::TradingState { .. } | Self::NotReducing { .. } => "trading state",
            Self::OtherSymbol { .. } => "symbol",
            Self::Combination(_) => "order combination",
            Self::InstrumentKind { .. } => "instrument kind",
            Self::Closed { .. } => "order hours",
            Self::Lot { .. } => "lot",
            Self::Tick { .. } => "tick",
            Self::Band { .. } => "price band",
            Self::ExchangeCap { .. } => "exchange order cap",
            Self::Overflow { .. } => "order value",
            Self::OrderQty { .. } => "order quantity cap",
            Self::OrderValue { .. } => "order value cap",
            Self::DayQty { .. } => "daily quantity cap",
            Self::DayValue { .. } => "daily value cap",
            Self::Collar { .. } => "price collar",
            Self::Duplicate { .. } => "duplicate guard",
            Self::OrderRate { .. } => "order rate",
        }
    }

    /// What was found.
    pub fn found(&self) -> impl fmt::Display {
        Words(|f: &mut fmt::Formatter<'_>| match self {
            Self::TradingState { state, side } => write!(f, "{side} while {state}"),
            Self::NotReducing { qty, .. } => write!(f, "a sale of {qty} shares while REDUCE_ONLY"),
            Self::OtherSymbol { found, .. } => write!(f, "{found}"),
            Self::Combination(unaccepted) => write!(f, "{unaccepted}"),
            Self::InstrumentKind { kind, order_type } => write!(f, "{order_type} for {kind}"),
            Self::Closed {
                venue,
                order_type,
                time_in_force,
            } => write!(f, "{order_type} {time_in_force} to {venue} now"),
            Self::Lot { qty, .. }
            | Self::ExchangeCap {
                cap: OrderCap::ListedShares { .. },
                qty,
                ..
            }
            | Self::OrderQty { qty, .. } => write!(f, "{qty} shares"),
            Self::Tick { price, .. } | Self::Band { price, .. } => write!(f, "{price}"),
            Self::ExchangeCap { value, .. } | Self::OrderValue { value, .. } => {
                write!(f, "{value} won")
            }
            Self::Overflow { qty, price } => write!(f, "{qty} shares at {price}"),
            Self::DayQty { qty, used, .. } => write!(f, "{qty} shares after {used}"),
            Self::DayValue { value, used, .. } => write!(f, "{value} won after {used}"),
            Self::Collar {
                price, reference, ..
            } => write!(f, "{price} against {reference}"),
            Self::Duplicate { age, .. } => {
                write!(f, "the same order {} ms ago", age.as_millis())
            }
            Self::OrderRate {
                orders_per_second, ..
            } => write!(f, "{orders_per_second} orders in the last second"),
        })
    }

    /// What would pass.
    pub fn expected(&self) -> impl fmt::Display {
        Words(|f: &mut fmt::Formatter<'_>| match self {
            Self::TradingState { state, .. } => match state {
                TradingState::ReduceOnly => f.write_str("a sale or a cancel, or trading resumed"),
                TradingState::Active | TradingState::Halted => {
                    f.write_str("a cancel, or trading resumed")
                }
            },
            Self::NotReducing { sellable, .. } => {
                write!(f, "at most the {sellable} that can be sold")
            }
            Self::OtherSymbol { expected, .. } => {
                write!(f, "{expected}, which the facts are about")
            }
            Self::Combination(_) => f.write_str("another type or time in force, or another venue"),
            Self::InstrumentKind { kind, .. } => write!(f, "an order type that {kind} issues have"),
            Self::Closed { .. } => {
                f.write_str("an order that the venue takes at this time of day for this issue")
            }
            Self::Lot { lot, .. } => write!(f, "a multiple of {lot}, at least {lot}"),
            Self::Tick { below, above, .. } => match (below, above) {
                (Some(below), Some(above)) => write!(f, "{below} or {above}"),
                (Some(only), None) | (None, Some(only)) => write!(f, "{only}"),
                (None, None) => f.write_str("a price on the tick grid"),
            },
            Self::Band { lower, upper, .. } => write!(f, "a price from {lower} to {upper}"),
            Self::ExchangeCap { cap, .. } => write!(f, "less: {cap}"),
            Self::Overflow { .. } => f.write_str("fewer shares"),
            Self::OrderQty { limit, .. } => write!(f, "at most {limit} shares"),
            Self::OrderValue { limit, .. } => write!(f, "at most {limit} won"),
            Self::DayQty { limit, .. } => write!(f, "at most {limit} shares a day"),
            Self::DayValue { limit, .. } => write!(f, "at most {limit} won a day"),
            Self::Collar { basis_points, .. } => write!(
                f,
                "a price within {}.{:02} % of it",
                basis_points / 100,
                basis_points % 100
            ),
            Self::Duplicate { window, .. } => {
                write!(
                    f,
                    "another order, or {} ms between them",
                    window.as_millis()
                )
            }
            Self::OrderRate { retry_after, .. } => {
                write!(f, "the next one in {} ms", retry_after.as_millis().max(1))
            }
        })
    }
}

impl fmt::Display for GateRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rule, found, expected) = (self.rule(), self.found(), self.expected());
        write!(f, "{rule}: found {found}, expected {expected}")
    }
}

impl std::error::Error for GateRefusal {}

impl From<GateRefusal> for Error {
    /// [`Error::RateLimited`] for the order rate, which passes by waiting, [`Error::Invalid`] for the rest.
    fn from(refusal: GateRefusal) -> Self {
        if let GateRefusal::OrderRate { retry_after, .. } = refusal {
            return Self::RateLimited { retry_after };
        }
        Self::Invalid(Box::new(ValueError::new(
            refusal.rule(),
            refusal.found(),
            refusal.expected().to_string(),
        )))
    }
}

/// Words that a closure writes.
struct Words<F>(F);

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> fmt::Display for Words<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0(f)
    }
}
