//! The exchange's cap on the size of a single order (호가 수량 제한), against slips of the finger.

use super::price::{Money, Price, Qty};

/// Why a single order is too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum OrderCap {
    /// Worth more than [`ORDER_VALUE_MAX`].
    #[error("an order may be worth at most 100 billion won")]
    Value,
    /// More than a part of the listed shares.
    #[error(
        "an order of more than 1 billion won may be for at most {percent} % of the listed shares"
    )]
    ListedShares {
        /// The part: 1, or 5 for issues with a market capitalisation under 20 billion won.
        percent: u8,
    },
}

/// The most that one order may be worth: 100 billion won.
pub const ORDER_VALUE_MAX: Money = Money::from_units(1_000_000_000_000_000);

/// Up to this value, 1 billion won, an order is never too large a part of the listed shares.
const SMALL_ORDER: Money = Money::from_units(10_000_000_000_000);

/// Issues with a market capitalisation below this, 20 billion won, have the wider cap.
const SMALL_CAPITALISATION: Money = Money::from_units(200_000_000_000_000);

/// Checks a single order of `qty` shares that is worth `value` (a market order: at the upper limit; UNCONFIRMED).
///
/// `listed_shares` and `base` (today's base price) give the market capitalisation; without the number of listed shares
/// only the value is checked. In force since 2018-09-17 (Hankyung, 2018-09-12).
///
/// # Errors
/// The cap that the order exceeds.
pub fn check_order_cap(
    qty: Qty,
    value: Money,
    listed_shares: Option<Qty>,
    base: Price,
) -> Result<(), OrderCap> {
    if value > ORDER_VALUE_MAX {
        return Err(OrderCap::Value);
    }
    let Some(listed) = listed_shares.filter(|_| value > SMALL_ORDER) else {
        return Ok(());
    };
    // A capitalisation beyond the range of `Money` is not a small one.
    let small = base
        .value(listed)
        .is_some_and(|capitalisation| capitalisation < SMALL_CAPITALISATION);
    let percent = if small { 5 } else { 1 };
    if u128::from(qty.get()) * 100 > u128::from(listed.get()) * u128::from(percent) {
        return Err(OrderCap::ListedShares { percent });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(qty: u64, price: i64, listed: Option<u64>, base: i64) -> Result<(), OrderCap> {
        let qty = Qty::new(qty);
        let value = Price::from_won(price).unwrap().value(qty).unwrap();
        check_order_cap(
            qty,
            value,
            listed.map(Qty::new),
            Price::from_won(base).unwrap(),
        )
    }

    const ONE_PERCENT: Result<(), OrderCap> = Err(OrderCap::ListedShares { percent: 1 });
    const FIVE_PERCENT: Result<(), OrderCap> = Err(OrderCap::ListedShares { percent: 5 });

    /// S-13, the rows on caps: 5,000,000 listed shares, base 71,000.
    #[test]
    fn s13_order_caps() {
        for (qty, expected) in [
            (14_084, Ok(())),
            (60_000, ONE_PERCENT),
            (50_000, Ok(())),
            (50_001, ONE_PERCENT),
        ] {
            assert_eq!(
                check(qty, 71_000, Some(5_000_000), 71_000),
                expected,
                "{qty}"
            );
        }
    }

    #[test]
    fn small_orders_and_small_companies() {
        // Exactly 1 billion won is small, whatever part of the listed shares it is.
        assert_eq!(check(100_000, 10_000, Some(5_000_000), 10_000), Ok(()));
        assert_eq!(check(100_001, 10_000, Some(5_000_000), 10_000), ONE_PERCENT);
        // 1,999,999 shares at 10,000 won are just under 20 billion won; 2,000,000 are not.
        assert_eq!(check(99_999, 10_001, Some(1_999_999), 10_000), Ok(()));
        assert_eq!(
            check(100_001, 10_001, Some(1_999_999), 10_000),
            FIVE_PERCENT
        );
        assert_eq!(check(99_999, 10_002, Some(2_000_000), 10_000), ONE_PERCENT);
    }

    #[test]
    fn no_order_is_worth_more_than_100_billion_won() {
        assert_eq!(check(1_000_000, 100_000, None, 100_000), Ok(()));
        assert_eq!(
            check(1_000_001, 100_000, None, 100_000),
            Err(OrderCap::Value)
        );
        let listed = Some(u64::MAX);
        assert_eq!(
            check(1_000_001, 100_000, listed, 100_000),
            Err(OrderCap::Value)
        );
        assert_eq!(check(1_000_000, 100_000, listed, 100_000), Ok(()));
    }
}
