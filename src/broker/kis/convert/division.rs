//! 주문구분 (ORD_DVSN): order type and time in force as one code of two digits.

use crate::domain::{OrderType, TimeInForce};
use OrderType::{
    BestLimit, ConditionalLimit, Limit, Market, MidPrice, PostClose, PreClose, StopLimit,
    TopPriority,
};
use TimeInForce::{Day, Fok, Ioc};

/// Every combination that KIS has a code for, as of 2026-07 (portal, order-cash). The code 07, after-hours single price,
/// belongs to a session that ended with the after-market of 2026-09-14. Which venue takes which is said by the
/// capabilities.
const CODES: &[(OrderType, TimeInForce, &str)] = &[
    (Limit, Day, "00"),
    (Market, Day, "01"),
    (ConditionalLimit, Day, "02"),
    (BestLimit, Day, "03"),
    (TopPriority, Day, "04"),
    (PreClose, Day, "05"),
    (PostClose, Day, "06"),
    (Limit, Ioc, "11"),
    (Limit, Fok, "12"),
    (Market, Ioc, "13"),
    (Market, Fok, "14"),
    (BestLimit, Ioc, "15"),
    (BestLimit, Fok, "16"),
    (MidPrice, Day, "21"),
    (StopLimit, Day, "22"),
    (MidPrice, Ioc, "23"),
    (MidPrice, Fok, "24"),
];

/// The code, where there is one.
pub(in crate::broker::kis) fn code_of(
    order_type: OrderType,
    time_in_force: TimeInForce,
) -> Option<&'static str> {
    CODES
        .iter()
        .find(|&&(of, how_long, _)| (of, how_long) == (order_type, time_in_force))
        .map(|&(_, _, code)| code)
}

/// What a code of a list or notice says; `None` for those of other trades (blocks, baskets, treasury shares).
pub(in crate::broker::kis) fn of_code(code: &str) -> Option<(OrderType, TimeInForce)> {
    CODES
        .iter()
        .find(|(_, _, known)| *known == code.trim())
        .map(|&(order_type, time_in_force, _)| (order_type, time_in_force))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Venue, accepted_orders};

    #[test]
    fn codes_and_combinations_are_one_to_one() {
        for &(order_type, time_in_force, code) in CODES {
            assert_eq!(code_of(order_type, time_in_force), Some(code));
            assert_eq!(of_code(code), Some((order_type, time_in_force)));
        }
        assert_eq!(of_code("51"), None);
        assert_eq!(of_code(""), None);
    }

    #[test]
    fn everything_that_a_venue_takes_has_a_code() {
        for venue in Venue::ALL {
            for (order_type, time_in_force) in accepted_orders(*venue).iter() {
                assert!(
                    code_of(order_type, time_in_force).is_some(),
                    "{venue} {order_type} {time_in_force}"
                );
            }
        }
    }
}
