//! What KIS can do, in each environment.

use super::site::Access;
use crate::contract::Capabilities;
use crate::domain::{BrokerType, OrderRequest, OrderType, TimeInForce, Venue, is_accepted};
use crate::error::{Error, Result};
use OrderType::{
    BestLimit, ConditionalLimit, Limit, Market, MidPrice, PostClose, PreClose, StopLimit,
    TopPriority,
};
use TimeInForce::{Day, Fok, Ioc};
use Venue::{Krx, Nxt, Sor};

const ANY: &[TimeInForce] = &[Day, Ioc, Fok];
const NOW: &[TimeInForce] = &[Ioc, Fok];
const DAY: &[TimeInForce] = &[Day];

/// Registrations of one session, over all products, the execution notice among them (notice of 2026-04-20).
pub(super) const REGISTRATIONS_MAX: usize = 41;

/// Order divisions by venue: portal, order-cash, read 2026-07.
const REAL: Capabilities = Capabilities {
    trading: true,
    orders: &[
        (Krx, Limit, ANY),
        (Krx, Market, ANY),
        (Krx, ConditionalLimit, DAY),
        (Krx, BestLimit, ANY),
        (Krx, TopPriority, DAY),
        (Krx, MidPrice, ANY),
        (Krx, StopLimit, DAY),
        (Krx, PreClose, DAY),
        (Krx, PostClose, DAY),
        (Nxt, Limit, ANY),
        (Nxt, Market, NOW),
        (Nxt, BestLimit, ANY),
        (Nxt, TopPriority, DAY),
        (Nxt, MidPrice, ANY),
        (Nxt, StopLimit, DAY),
        (Sor, Limit, ANY),
        (Sor, Market, ANY),
        (Sor, BestLimit, ANY),
        (Sor, TopPriority, DAY),
    ],
    modify_part: true,
    cancel_part: true,
    market_data: true,
    candles: true,
    topics_max: Some(REGISTRATIONS_MAX - 1),
};

/// Paper trading knows KRX alone. Limit and market orders work there; the other divisions are reported as unsupported or
/// untried, so they are not offered. UNCONFIRMED for each.
const PAPER: Capabilities = Capabilities {
    orders: &[(Krx, Limit, DAY), (Krx, Market, DAY)],
    ..REAL
};

/// What an access can do.
pub(super) const fn of(access: &Access) -> &'static Capabilities {
    if access.is_paper() { &PAPER } else { &REAL }
}

/// Whether an order is one that can be sent at all.
pub(super) fn check(capabilities: &Capabilities, request: &OrderRequest) -> Result<()> {
    check_kind(
        capabilities,
        request.venue,
        request.kind.order_type(),
        request.time_in_force,
    )
}

/// What no venue takes is invalid; what KIS does not offer is unsupported.
pub(super) fn check_kind(
    capabilities: &Capabilities,
    venue: Venue,
    order_type: OrderType,
    time_in_force: TimeInForce,
) -> Result<()> {
    if capabilities.accepts(venue, order_type, time_in_force) {
        return Ok(());
    }
    Err(refused(venue, order_type, time_in_force))
}

#[cold]
fn refused(venue: Venue, order_type: OrderType, time_in_force: TimeInForce) -> Error {
    if is_accepted(venue, order_type, time_in_force) {
        return Error::Unsupported {
            broker: BrokerType::Kis,
            operation: "this order kind and venue: `capabilities` lists what is there",
        };
    }
    let combination = format_args!("{order_type} {time_in_force} on {venue}");
    Error::invalid(
        "kind, time_in_force and venue",
        combination,
        "a combination that the venue takes",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::accepted_orders;

    #[test]
    fn real_trading_offers_everything_that_a_venue_takes() {
        for &venue in Venue::ALL {
            for (order_type, time_in_force) in accepted_orders(venue).iter() {
                assert!(
                    REAL.accepts(venue, order_type, time_in_force),
                    "{venue} {order_type} {time_in_force}"
                );
            }
        }
        for &(venue, order_type, times) in REAL.orders {
            assert!(
                times
                    .iter()
                    .all(|&time| is_accepted(venue, order_type, time))
            );
        }
    }

    #[test]
    fn paper_trading_says_what_it_lacks() {
        assert!(PAPER.accepts(Krx, Limit, Day));
        assert!(matches!(
            check_kind(&PAPER, Nxt, Limit, Day),
            Err(Error::Unsupported { .. })
        ));
        assert!(matches!(
            check_kind(&PAPER, Nxt, Market, Day),
            Err(Error::Invalid(_))
        ));
    }
}
