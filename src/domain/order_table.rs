//! Which order types and times in force go together, and where: one table per venue.
//!
//! The table says what a venue takes at all; [`Timetable`](super::Timetable) says what it takes at a time of day.

use std::fmt;

use super::order::{OrderType, TimeInForce};
use super::symbol::Venue;
use OrderType::{
    BestLimit, ConditionalLimit, Limit, Market, MidPrice, PostClose, PreClose, StopLimit,
    TopPriority,
};
use TimeInForce::{Day, Fok, Ioc};

/// A set of combinations of order type and time in force: one bit each.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct OrderSet(u32);

impl OrderSet {
    /// No order at all.
    pub const EMPTY: Self = Self(0);

    /// The combinations of the rows.
    pub const fn of(rows: &[(OrderType, &[TimeInForce])]) -> Self {
        let mut bits = 0;
        let mut row = 0;
        while row < rows.len() {
            let (order_type, times) = rows[row];
            let mut at = 0;
            while at < times.len() {
                bits |= bit(order_type, times[at]);
                at += 1;
            }
            row += 1;
        }
        Self(bits)
    }

    /// The combinations of both sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the combination is in the set.
    pub const fn contains(self, order_type: OrderType, time_in_force: TimeInForce) -> bool {
        self.0 & bit(order_type, time_in_force) != 0
    }

    /// Whether the type is in the set with any time in force.
    pub const fn contains_type(self, order_type: OrderType) -> bool {
        let all = bit(order_type, Day) | bit(order_type, Ioc) | bit(order_type, Fok);
        self.0 & all != 0
    }

    /// Whether there is no combination.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The combinations, by type.
    pub fn iter(self) -> impl Iterator<Item = (OrderType, TimeInForce)> {
        let all = |&order_type: &OrderType| TimeInForce::ALL.iter().map(move |&t| (order_type, t));
        OrderType::ALL
            .iter()
            .flat_map(all)
            .filter(move |&(order_type, time)| self.contains(order_type, time))
    }
}

impl fmt::Debug for OrderSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

const fn bit(order_type: OrderType, time_in_force: TimeInForce) -> u32 {
    // 9 types × 3 times in force need 27 of the 32 bits.
    1 << (order_type as u32 * 3 + time_in_force as u32)
}

const ANY: &[TimeInForce] = &[Day, Ioc, Fok];
const NOW: &[TimeInForce] = &[Ioc, Fok];
const DAY: &[TimeInForce] = &[Day];

/// Everything that KRX takes. IOC and FOK do not go with conditional limit, top priority and stop limit (KRX trading
/// hours and order types page; order codes of KIS, read 2026-11).
const KRX: OrderSet = OrderSet::of(&[
    (Limit, ANY),
    (Market, ANY),
    (ConditionalLimit, DAY),
    (BestLimit, ANY),
    (TopPriority, DAY),
    (MidPrice, ANY),
    (StopLimit, DAY),
    (PreClose, DAY),
    (PostClose, DAY),
]);

/// Everything that Nextrade takes: market orders only as IOC and FOK. Its closing-price market has no order code.
const NXT: OrderSet = OrderSet::of(&[
    (Limit, ANY),
    (Market, NOW),
    (BestLimit, ANY),
    (TopPriority, DAY),
    (MidPrice, ANY),
    (StopLimit, DAY),
]);

/// Everything that the brokers' routing takes.
const SOR: OrderSet = OrderSet::of(&[
    (Limit, ANY),
    (Market, ANY),
    (BestLimit, ANY),
    (TopPriority, DAY),
]);

/// What is taken during the call auctions of a volatility interruption or after a circuit breaker. Conditional limit
/// orders are UNCONFIRMED, and only until 15:20.
pub const VI_AUCTION_ORDERS: OrderSet =
    OrderSet::of(&[(Limit, DAY), (Market, DAY), (ConditionalLimit, DAY)]);

/// What is taken for issues that trade by periodic call auctions (liquidation, short-term overheated, low liquidity).
/// UNCONFIRMED in detail.
pub const PERIODIC_AUCTION_ORDERS: OrderSet = OrderSet::of(&[(Limit, DAY), (Market, DAY)]);

/// Why a venue never takes an order like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Unaccepted {
    /// The venue does not have the type.
    #[error("{venue} takes no {order_type} orders")]
    OrderType {
        /// The venue.
        venue: Venue,
        /// The type.
        order_type: OrderType,
    },
    /// The venue has the type, but not with this time in force.
    #[error("{venue} takes no {order_type} orders with time in force {time_in_force}")]
    TimeInForce {
        /// The venue.
        venue: Venue,
        /// The type.
        order_type: OrderType,
        /// The time in force.
        time_in_force: TimeInForce,
    },
}

/// All that a venue takes at any time of day.
pub const fn accepted_orders(venue: Venue) -> OrderSet {
    match venue {
        Venue::Krx => KRX,
        Venue::Nxt => NXT,
        Venue::Sor => SOR,
    }
}

/// Whether a venue takes that combination at any time of day.
pub const fn is_accepted(venue: Venue, order_type: OrderType, time_in_force: TimeInForce) -> bool {
    accepted_orders(venue).contains(order_type, time_in_force)
}

/// As [`is_accepted`], and says what is wrong.
///
/// # Errors
/// When the venue never takes it.
pub const fn check_accepted(
    venue: Venue,
    order_type: OrderType,
    time_in_force: TimeInForce,
) -> Result<(), Unaccepted> {
    let accepted = accepted_orders(venue);
    if accepted.contains(order_type, time_in_force) {
        Ok(())
    } else if accepted.contains_type(order_type) {
        Err(Unaccepted::TimeInForce {
            venue,
            order_type,
            time_in_force,
        })
    } else {
        Err(Unaccepted::OrderType { venue, order_type })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Venue::{Krx, Nxt, Sor};

    /// S-57: combinations that no venue takes, and those of mid-price that are taken.
    #[test]
    fn s57_combinations() {
        for venue in [Krx, Nxt, Sor] {
            for order_type in [
                TopPriority,
                ConditionalLimit,
                StopLimit,
                PreClose,
                PostClose,
            ] {
                for time in [Ioc, Fok] {
                    assert!(
                        !is_accepted(venue, order_type, time),
                        "{venue} {order_type}"
                    );
                }
            }
        }
        assert!(is_accepted(Krx, MidPrice, Ioc) && is_accepted(Krx, MidPrice, Fok));
    }

    /// S-104, the rows without a time of day; GTP orders are not among our types.
    #[test]
    fn s104_venue_and_order_type() {
        let wrong_type = |venue, order_type| Err(Unaccepted::OrderType { venue, order_type });
        let wrong_time = Err(Unaccepted::TimeInForce {
            venue: Nxt,
            order_type: Market,
            time_in_force: Day,
        });
        for (venue, order_type, time, expected) in [
            (Nxt, Market, Day, wrong_time),
            (Nxt, Market, Ioc, Ok(())),
            (Nxt, Market, Fok, Ok(())),
            (
                Nxt,
                ConditionalLimit,
                Day,
                wrong_type(Nxt, ConditionalLimit),
            ),
            (
                Sor,
                ConditionalLimit,
                Day,
                wrong_type(Sor, ConditionalLimit),
            ),
            (Sor, Market, Day, Ok(())),
            (Sor, MidPrice, Day, wrong_type(Sor, MidPrice)),
            (Sor, StopLimit, Day, wrong_type(Sor, StopLimit)),
            (Nxt, MidPrice, Day, Ok(())),
            (Nxt, PostClose, Day, wrong_type(Nxt, PostClose)),
        ] {
            assert_eq!(check_accepted(venue, order_type, time), expected);
            assert_eq!(is_accepted(venue, order_type, time), expected.is_ok());
        }
    }

    #[test]
    fn auctions_take_what_can_wait() {
        for set in [VI_AUCTION_ORDERS, PERIODIC_AUCTION_ORDERS] {
            assert!(set.contains(Limit, Day) && set.contains(Market, Day));
            for order_type in [BestLimit, TopPriority, MidPrice, StopLimit] {
                assert!(!set.contains_type(order_type), "{order_type}");
            }
            assert!(set.iter().all(|(_, time)| time == Day));
        }
    }

    /// One code of the KIS table per combination: 17 on KRX, 13 on NXT, 10 by SOR.
    #[test]
    fn venues_take_as_many_combinations_as_there_are_codes() {
        let count = |venue| accepted_orders(venue).iter().count();
        assert_eq!([Krx, Nxt, Sor].map(count), [17, 13, 10]);
    }
}
