//! How much cash a purchase needs, and how many shares the cash buys.

use serde::{Deserialize, Serialize};

use super::costs::FeeSchedule;
use super::price::{Money, Price, Qty, UNITS_PER_WON};
use super::text::ValueError;

/// The part of a purchase that must be there in cash when ordering (증거금률), in per cent: 1 to 100.
///
/// Brokers use 20, 30, 40 and 100 by issue and account. What is missing must arrive by the settlement date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct MarginRate(u8);

impl MarginRate {
    /// All of it in cash.
    pub const FULL: Self = Self(100);

    /// That many per cent.
    ///
    /// # Errors
    /// Unless 1 to 100.
    pub fn new(percent: u8) -> Result<Self, ValueError> {
        if (1..=100).contains(&percent) {
            Ok(Self(percent))
        } else {
            Err(ValueError::new("margin rate", percent, "1 to 100 per cent"))
        }
    }

    /// In per cent.
    pub const fn percent(self) -> u8 {
        self.0
    }

    /// The margin of an amount, truncated to whole won; nothing for a negative amount.
    pub fn of(self, amount: Money) -> Money {
        // The product could overflow, so whole hundreds are multiplied apart from the rest; the sum is exact.
        let (percent, amount) = (i64::from(self.0), amount.units().max(0));
        let units = amount / 100 * percent + amount % 100 * percent / 100;
        Money::from_units(units - units % UNITS_PER_WON)
    }
}

impl TryFrom<u8> for MarginRate {
    type Error = ValueError;

    fn try_from(percent: u8) -> Result<Self, ValueError> {
        Self::new(percent)
    }
}

impl From<MarginRate> for u8 {
    fn from(rate: MarginRate) -> Self {
        rate.0
    }
}

/// The cash that a purchase of that value holds: its margin and its fee. `None` out of the range of [`Money`].
///
/// Whether brokers count the fee in is UNCONFIRMED; for one that does not, pass [`FeeSchedule::FREE`]. A market order
/// is valued at the upper limit.
pub fn buying_cost(value: Money, margin: MarginRate, fees: FeeSchedule) -> Option<Money> {
    margin.of(value).checked_add(fees.fee(value))
}

/// The most shares whose [`buying_cost`] at `price` is not above `cash`.
pub fn max_buy_qty(cash: Money, price: Price, margin: MarginRate, fees: FeeSchedule) -> Qty {
    if cash < Money::ZERO {
        return Qty::ZERO;
    }
    let affordable = |qty: u64| {
        price
            .value(Qty::new(qty))
            .and_then(|value| buying_cost(value, margin, fees))
            .is_some_and(|cost| cost <= cash)
    };
    // Truncation only makes a purchase cheaper, by less than 1 won of margin and one unit of the fee, so the answer lies
    // between these two quotients.
    let cash_units = u128::from(cash.units().unsigned_abs());
    let slack = u128::from(1 + fees.unit_won()) * u128::from(UNITS_PER_WON.unsigned_abs());
    let per_share_ppb = u128::from(price.units().unsigned_abs())
        * (u128::from(margin.0) * 10_000_000 + u128::from(fees.rate_ppb()));
    let shares =
        |units: u128| u64::try_from(units * 1_000_000_000 / per_share_ppb).unwrap_or(u64::MAX);
    let representable = i64::MAX.unsigned_abs() / price.units().unsigned_abs();
    let mut enough = shares(cash_units).min(representable);
    let mut too_many = shares(cash_units + slack)
        .min(representable)
        .saturating_add(1);
    while too_many - enough > 1 {
        let middle = enough + (too_many - enough) / 2;
        if affordable(middle) {
            enough = middle;
        } else {
            too_many = middle;
        }
    }
    Qty::new(enough)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn won(won: i64) -> Money {
        Money::from_won(won).unwrap()
    }

    fn price(won: i64) -> Price {
        Price::from_won(won).unwrap()
    }

    fn margin(percent: u8) -> MarginRate {
        MarginRate::new(percent).unwrap()
    }

    const KIS: FeeSchedule = FeeSchedule::KIS;
    const KIWOOM: FeeSchedule = FeeSchedule::KIWOOM;

    /// S-88: (cash, price, margin, fees, qty, amount, margin money, fee, cash left).
    #[test]
    fn s88_maximum_quantity_at_a_limit_price() {
        for (cash, at, percent, fees, qty, amount, margin_money, fee, left) in [
            (
                10_000_000, 71_000, 100, KIS, 140, 9_940_000, 9_940_000, 1_396, 58_604,
            ),
            (
                10_000_000, 71_000, 40, KIS, 351, 24_921_000, 9_968_400, 3_502, 28_098,
            ),
            (
                10_000_000, 71_000, 30, KIS, 469, 33_299_000, 9_989_700, 4_679, 5_621,
            ),
            (
                10_000_000, 71_000, 20, KIS, 703, 49_913_000, 9_982_600, 7_014, 10_386,
            ),
            (
                10_000_000, 71_000, 100, KIWOOM, 140, 9_940_000, 9_940_000, 1_490, 58_510,
            ),
            (
                1_000_000, 1_999, 100, KIWOOM, 500, 999_500, 999_500, 140, 360,
            ),
            (500_000, 500_000, 100, KIS, 0, 0, 0, 0, 500_000),
            (
                3_000_000,
                50_000,
                100,
                FeeSchedule::KIWOOM_MOCK,
                59,
                2_950_000,
                2_950_000,
                10_320,
                39_680,
            ),
            (
                1_000_000,
                35_720,
                100,
                FeeSchedule::KIS_PRODUCT,
                27,
                964_440,
                964_440,
                141,
                35_419,
            ),
        ] {
            let rate = margin(percent);
            let most = max_buy_qty(won(cash), price(at), rate, fees);
            assert_eq!(most, Qty::new(qty), "{cash} at {at}, {percent} %");
            let value = price(at).value(most).unwrap();
            assert_eq!(value, won(amount));
            assert_eq!(rate.of(value), won(margin_money));
            assert_eq!(fees.fee(value), won(fee));
            let cost = buying_cost(value, rate, fees).unwrap();
            assert_eq!(won(cash).checked_sub(cost), Some(won(left)));
        }
    }

    /// S-89: a market order is valued at the upper limit; after the fill only what it cost is used.
    #[test]
    fn s89_market_order_at_the_upper_limit() {
        let most = |at| max_buy_qty(won(10_000_000), price(at), MarginRate::FULL, KIS);
        assert_eq!(most(92_300), Qty::new(108));
        assert_eq!(most(71_000), Qty::new(140));
        let filled = price(71_100).value(Qty::new(100)).unwrap();
        assert_eq!(
            buying_cost(filled, MarginRate::FULL, KIS),
            Some(won(7_110_000 + 999))
        );
    }

    /// S-90: what open orders hold, without fees.
    #[test]
    fn s90_open_orders_hold_cash() {
        let hold = |qty, at| {
            let value = price(at).value(Qty::new(qty)).unwrap();
            buying_cost(value, MarginRate::FULL, FeeSchedule::FREE).unwrap()
        };
        let free = |held: Money| won(1_000_000).checked_sub(held).unwrap();
        let first = hold(10, 50_000);
        assert!(hold(11, 50_000) > free(first));
        let second = hold(10, 50_000);
        assert!(second <= free(first));
        let corrected = hold(10, 49_000);
        assert_eq!(corrected, won(490_000));
        assert_eq!(free(corrected.checked_add(second).unwrap()), won(10_000));
        assert_eq!(
            (hold(4, 49_000), hold(6, 49_000)),
            (won(196_000), won(294_000))
        );
    }

    /// S-91, the purchase that the proceeds allow.
    #[test]
    fn s91_proceeds_buy_again() {
        let most = max_buy_qty(won(997_860), price(50_000), MarginRate::FULL, KIS);
        assert_eq!(most, Qty::new(19));
    }

    /// S-92: the margin lets the order in, and the rest is owed at settlement.
    #[test]
    fn s92_unpaid_balance() {
        let (cash, value) = (won(4_000_000), won(7_100_000));
        assert!(buying_cost(value, margin(40), KIS).unwrap() <= cash);
        let due = buying_cost(value, MarginRate::FULL, KIS).unwrap();
        assert_eq!(due.checked_sub(cash), Some(won(3_100_997)));
    }

    #[test]
    fn without_cash_nothing_is_bought() {
        for cash in [i64::MIN, -1, 0] {
            let cash = Money::from_units(cash);
            assert_eq!(
                max_buy_qty(cash, price(1), MarginRate::FULL, KIS),
                Qty::ZERO
            );
        }
        assert!(MarginRate::new(0).is_err());
        assert!(MarginRate::new(101).is_err());
        assert!(serde_json::from_str::<MarginRate>("101").is_err());
    }

    proptest! {
        #[test]
        fn one_share_more_is_too_much(
            cash in prop_oneof![0..=10_000_000_000_i64, 0..=i64::MAX],
            price in prop_oneof![1..=10_000_000_i64, 1..=i64::MAX],
            percent in 1_u8..=100,
            rate_ppb in prop_oneof![Just(0), 0..=10_000_000_u32, 0..=1_000_000_000_u32],
            unit_won in prop::sample::select(vec![1_u32, 10]),
        ) {
            let (cash, price) = (Money::from_units(cash), Price::from_units(price).unwrap());
            let (rate, fees) = (margin(percent), FeeSchedule::new(rate_ppb, unit_won).unwrap());
            let most = max_buy_qty(cash, price, rate, fees);
            let cost = |qty| price.value(qty).and_then(|value| buying_cost(value, rate, fees));
            prop_assert!(cost(most).is_some_and(|cost| cost <= cash));
            let more = most.checked_add(Qty::new(1)).unwrap();
            prop_assert!(cost(more).is_none_or(|cost| cost > cash));
        }
    }
}
