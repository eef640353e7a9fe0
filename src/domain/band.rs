//! Daily price limits (상한가, 하한가) and the base price (기준가격) from which they are counted.

use serde::{Deserialize, Serialize};

use super::price::{Price, Qty, UNITS_PER_WON};
use super::text::ValueError;
use super::tick::TickTable;

/// The lowest and the highest price of a day, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Edges")]
pub struct PriceBand {
    lower: Price,
    upper: Price,
}

#[derive(Deserialize)]
struct Edges {
    lower: Price,
    upper: Price,
}

impl TryFrom<Edges> for PriceBand {
    type Error = ValueError;

    fn try_from(edges: Edges) -> Result<Self, ValueError> {
        Self::new(edges.lower, edges.upper)
    }
}

impl PriceBand {
    /// The band between two prices that a broker or exchange named.
    ///
    /// # Errors
    /// When `lower` is above `upper`.
    pub fn new(lower: Price, upper: Price) -> Result<Self, ValueError> {
        if lower > upper {
            return Err(ValueError::new(
                "lower limit",
                lower,
                format!("at most the upper limit {upper}"),
            ));
        }
        Ok(Self { lower, upper })
    }

    /// The band of `base` ± `percent`.
    ///
    /// Its half-width is the percentage of the base, truncated to the tick *of the base*; the upper limit is truncated
    /// again to the tick where it ends up (KRX price limit pages, read 2026-11). So the lower limit is not 70 % of the
    /// base: from 239,000 it is 167,500. Where the half-width is less than a tick, it is a tick (UNCONFIRMED; base
    /// prices of 1 to 3 won), and no limit is below the lowest valid price.
    ///
    /// `None` when a limit is out of the range of [`Price`].
    pub fn around(base: Price, percent: u32, ticks: TickTable) -> Option<Self> {
        Self::between(base, percent, percent, ticks)
    }

    /// The band of a first trading day: 60 % to 400 % of the offering price, in force since 2023-06-26 on KOSPI and
    /// KOSDAQ. Odd results are rounded as in [`PriceBand::around`] (UNCONFIRMED).
    ///
    /// `None` when a limit is out of the range of [`Price`].
    pub fn first_day(offering_price: Price, ticks: TickTable) -> Option<Self> {
        Self::between(offering_price, 40, 300, ticks)
    }

    fn between(base: Price, down: u32, up: u32, ticks: TickTable) -> Option<Self> {
        let tick = ticks.tick_at(base) * UNITS_PER_WON;
        let width = |percent: u32| {
            let raw = i128::from(base.units()) * i128::from(percent) / 100;
            let raw = i64::try_from(raw).ok()?;
            Some((raw - raw % tick).max(tick))
        };
        let upper = base
            .units()
            .checked_add(width(up)?)
            .and_then(Price::from_units)
            .and_then(|price| ticks.floor(price))?;
        // A base on the grid gives a lower limit on the grid, so that `ceil` only moves the limit of an odd base.
        let lower = Price::from_units(base.units().saturating_sub(width(down)?))
            .and_then(|price| ticks.ceil(price))
            .or_else(|| ticks.price_at(1))?;
        Some(Self { lower, upper })
    }

    /// The lowest price of the day.
    pub const fn lower(self) -> Price {
        self.lower
    }

    /// The highest price of the day.
    pub const fn upper(self) -> Price {
        self.upper
    }

    /// Whether the price is inside.
    pub const fn contains(self, price: Price) -> bool {
        self.lower.units() <= price.units() && price.units() <= self.upper.units()
    }
}

/// The base price after a split, a merger of shares or a stock dividend that makes `new` shares of `old`: the close in
/// that proportion, rounded up to the tick. For stock dividends the direction of rounding is UNCONFIRMED.
///
/// `None` when a number of shares is zero or the result is out of the range of [`Price`].
pub fn base_after_split(close: Price, old: Qty, new: Qty, ticks: TickTable) -> Option<Price> {
    let value = i128::from(close.units()).checked_mul(i128::from(old.get()))?;
    base_of(value, new, ticks)
}

/// The base price after a rights issue that adds `new` shares at `issue_price` to `old` ones: the mean of the close
/// with the right and the issue price, rounded up to the tick (direction UNCONFIRMED).
///
/// `None` when there are no shares or the result is out of the range of [`Price`].
pub fn base_after_rights_issue(
    close: Price,
    old: Qty,
    issue_price: Price,
    new: Qty,
    ticks: TickTable,
) -> Option<Price> {
    let worth = |price: Price, qty: Qty| i128::from(price.units()).checked_mul(qty.get().into());
    let value = worth(close, old)?.checked_add(worth(issue_price, new)?)?;
    base_of(value, old.checked_add(new)?, ticks)
}

/// `value` (in 1/10,000 won) ÷ `shares`, rounded up to the tick.
fn base_of(value: i128, shares: Qty, ticks: TickTable) -> Option<Price> {
    let shares = i128::from(shares.get());
    if shares == 0 || value == 0 {
        return None;
    }
    let units = value / shares + i128::from(value % shares != 0);
    Price::from_units(i64::try_from(units).ok()?).and_then(|price| ticks.ceil(price))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::instrument::{Instrument, InstrumentKind, Market, PriceLimit};
    use crate::symbol;
    use jiff::civil::{Date, date};
    use proptest::prelude::*;

    const TODAY: Date = date(2026, 11, 24);

    fn won(won: i64) -> Price {
        Price::from_won(won).unwrap()
    }

    fn instrument(market: Market, kind: InstrumentKind) -> Instrument {
        Instrument::new(symbol!("005930"), "issue", market, kind).unwrap()
    }

    fn stock() -> Instrument {
        instrument(Market::Kospi, InstrumentKind::Stock)
    }

    fn stock_ticks() -> TickTable {
        stock().tick_table(TODAY).unwrap()
    }

    fn edges(instrument: &Instrument, base: i64) -> (i64, i64) {
        let band = instrument.price_band(won(base), TODAY).unwrap().unwrap();
        assert!(band.lower().is_whole_won() && band.upper().is_whole_won());
        (band.lower().won(), band.upper().won())
    }

    /// S-06: (base, lower, upper).
    #[test]
    fn s06_stock_limits() {
        for (base, lower, upper) in [
            (105, 74, 136),
            (950, 665, 1_235),
            (1_538, 1_077, 1_999),
            (1_540, 1_078, 2_000),
            (1_999, 1_400, 2_595),
            (2_000, 1_400, 2_600),
            (2_005, 1_405, 2_605),
            (3_845, 2_695, 4_995),
            (4_995, 3_500, 6_490),
            (5_000, 3_500, 6_500),
            (6_990, 4_900, 9_080),
            (9_940, 6_960, 12_920),
            (9_980, 6_990, 12_970),
            (12_340, 8_640, 16_040),
            (15_380, 10_770, 19_990),
            (15_390, 10_780, 20_000),
            (19_990, 14_000, 25_950),
            (20_000, 14_000, 26_000),
            (24_250, 17_000, 31_500),
            (38_450, 26_950, 49_950),
            (38_500, 26_950, 50_000),
            (49_950, 35_000, 64_900),
            (50_000, 35_000, 65_000),
            (71_000, 49_700, 92_300),
            (99_900, 70_000, 129_800),
            (153_800, 107_700, 199_900),
            (153_900, 107_800, 200_000),
            (199_900, 140_000, 259_500),
            (200_000, 140_000, 260_000),
            (239_000, 167_500, 310_500),
            (384_500, 269_500, 499_500),
            (385_000, 269_500, 500_000),
            (499_500, 350_000, 649_000),
            (500_000, 350_000, 650_000),
            (737_000, 516_000, 958_000),
            (1_250_000, 875_000, 1_625_000),
        ] {
            assert_eq!(edges(&stock(), base), (lower, upper), "base {base}");
        }
    }

    /// S-07: the lower limit comes from the truncated width of the base: (base, lower).
    #[test]
    fn s07_lower_limit_is_not_70_per_cent() {
        for (base, lower) in [
            (2_005, 1_405),
            (5_010, 3_510),
            (6_990, 4_900),
            (24_250, 17_000),
            (50_100, 35_100),
            (52_300, 36_700),
            (200_500, 140_500),
            (239_000, 167_500),
            (503_000, 353_000),
        ] {
            assert_eq!(edges(&stock(), base).0, lower, "base {base}");
        }
    }

    /// S-08: (kind, market, leverage, base, lower, upper).
    #[test]
    fn s08_funds_and_konex() {
        for (kind, market, leverage, base, lower, upper) in [
            (InstrumentKind::Etf, Market::Kospi, 1, 10_005, 7_005, 13_005),
            (InstrumentKind::Etf, Market::Kospi, 1, 1_997, 1_398, 2_595),
            (
                InstrumentKind::Etf,
                Market::Kospi,
                1,
                35_720,
                25_005,
                46_435,
            ),
            (InstrumentKind::Etf, Market::Kospi, 2, 10_005, 4_005, 16_005),
            (InstrumentKind::Etf, Market::Kospi, -2, 1_563, 626, 2_500),
            (InstrumentKind::Etf, Market::Kospi, 2, 18_255, 7_305, 29_205),
            (
                InstrumentKind::Stock,
                Market::Konex,
                1,
                10_030,
                8_530,
                11_530,
            ),
            (InstrumentKind::Stock, Market::Konex, 1, 4_985, 4_240, 5_730),
        ] {
            let instrument = instrument(market, kind).with_leverage(leverage).unwrap();
            assert_eq!(edges(&instrument, base), (lower, upper), "{kind} {base}");
        }
    }

    /// S-09: the first day of a listing: (offering price, lower, upper, order price, accepted).
    #[test]
    fn s09_first_day_of_a_listing() {
        let listing = stock().with_price_limit(PriceLimit::FirstDay).unwrap();
        for (offering, lower, upper, price, accepted) in [
            (10_000, 6_000, 40_000, 40_000, true),
            (10_000, 6_000, 40_000, 40_050, false),
            (3_000, 1_800, 12_000, 1_799, false),
            (21_000, 12_600, 84_000, 83_950, false),
            (5_500, 3_300, 22_000, 3_300, true),
        ] {
            assert_eq!(edges(&listing, offering), (lower, upper));
            let band = listing.price_band(won(offering), TODAY).unwrap().unwrap();
            let valid = band.contains(won(price)) && stock_ticks().is_valid(won(price));
            assert_eq!(valid, accepted, "{price} at offering price {offering}");
        }
        assert!(!listing.has_volatility_interruption());
        assert!(stock().has_volatility_interruption());
        assert!(listing.price_band(won(10_000), date(2023, 6, 23)).is_err());
    }

    /// S-10: no limits, but ticks.
    #[test]
    fn s10_products_without_a_limit() {
        let liquidation = stock().with_price_limit(PriceLimit::Unlimited).unwrap();
        let elw = instrument(Market::Kospi, InstrumentKind::Elw);
        let right = instrument(Market::Kosdaq, InstrumentKind::Right);
        for instrument in [liquidation, elw, right] {
            assert_eq!(instrument.price_band(won(500), TODAY), Ok(None));
            assert!(!instrument.has_volatility_interruption());
        }
        assert!(stock_ticks().is_valid(won(35)) && stock_ticks().is_valid(won(1_200)));
    }

    /// S-11: (close, old shares, new shares, base).
    #[test]
    fn s11_base_after_corporate_actions() {
        let shares = Qty::new;
        let split = |close, old, new| base_after_split(won(close), old, new, stock_ticks());
        for (close, old, new, base) in [
            (53_300, 1, 5, 10_660),
            (10_050, 1, 4, 2_515),
            (199_900, 1, 10, 19_990),
            (985, 5, 1, 4_925),
            (42_000, 100, 105, 40_000),
        ] {
            let found = split(close, shares(old), shares(new));
            assert_eq!(found, Some(won(base)), "{close} {old}:{new}");
        }
        assert_eq!(split(985, shares(1), Qty::ZERO), None);
        assert_eq!(split(985, Qty::ZERO, shares(1)), None);

        let rights =
            |old, new| base_after_rights_issue(won(20_000), old, won(15_000), new, stock_ticks());
        assert_eq!(rights(shares(100), shares(20)), Some(won(19_170)));
        assert_eq!(rights(Qty::ZERO, Qty::ZERO), None);
        assert_eq!(rights(shares(u64::MAX), shares(1)), None);
    }

    /// S-12: the base of the next day is the close of the regular session, whatever trades after it.
    #[test]
    fn s12_band_of_the_next_day() {
        assert_eq!(edges(&stock(), 71_000), (49_700, 92_300));
    }

    /// S-13, the rows on ticks and limits: (price, on the grid, in the band).
    #[test]
    fn s13_ticks_and_limits_of_an_order() {
        let band = stock().price_band(won(71_000), TODAY).unwrap().unwrap();
        for (price, on_grid, inside) in [
            (71_000, true, true),
            (71_050, false, true),
            (49_750, true, true),
            (49_700, true, true),
            (49_650, true, false),
            (92_300, true, true),
            (92_400, true, false),
        ] {
            assert_eq!(stock_ticks().is_valid(won(price)), on_grid, "{price}");
            assert_eq!(band.contains(won(price)), inside, "{price}");
        }
    }

    #[test]
    fn limits_before_2015_are_not_guessed() {
        let band = |day| stock().price_band(won(10_000), day);
        assert!(band(date(2015, 6, 12)).is_err());
        assert!(band(date(2015, 6, 15)).is_ok());
    }

    /// Every valid base below one million: the upper limit is 1.3 × base on the grid. Below 4 won the band is one
    /// tick wide, which is more than that.
    #[test]
    fn upper_limit_is_130_per_cent_for_every_base() {
        let ticks = stock_ticks();
        let last = ticks.index(won(1_000_000));
        for base in (1..last).map(|index| ticks.price_at(index).unwrap()) {
            let band = PriceBand::around(base, 30, ticks).unwrap();
            let scaled = Price::from_units(base.units() / 10 * 13).unwrap();
            let expected = if base < won(4) {
                ticks.next_up(base)
            } else {
                ticks.floor(scaled)
            };
            assert_eq!(Some(band.upper()), expected, "base {base}");
            assert!(
                ticks.is_valid(band.lower()) && band.contains(base),
                "base {base}"
            );
        }
        assert_eq!(edges(&stock(), 1), (1, 2));
        assert_eq!(edges(&stock(), 3), (2, 4));
    }

    #[test]
    fn a_band_upside_down_is_refused() {
        assert!(PriceBand::new(won(2), won(1)).is_err());
        assert!(serde_json::from_str::<PriceBand>(r#"{"lower":"2","upper":"1"}"#).is_err());
        assert!(serde_json::from_str::<PriceBand>(r#"{"lower":"1","upper":"1"}"#).is_ok());
    }

    proptest! {
        #[test]
        fn edges_are_valid_prices(
            units in prop_oneof![1..=10_000_000_000_i64, 1..=i64::MAX],
            percent in 1_u32..=600,
            fund in any::<bool>(),
        ) {
            let kind = if fund { InstrumentKind::Etf } else { InstrumentKind::Stock };
            let ticks = instrument(Market::Kospi, kind).tick_table(TODAY).unwrap();
            let base = Price::from_units(units).unwrap();
            let around = PriceBand::around(base, percent, ticks);
            let first_day = PriceBand::first_day(base, ticks);
            for band in [around, first_day].into_iter().flatten() {
                prop_assert!(ticks.is_valid(band.lower()) && ticks.is_valid(band.upper()));
                prop_assert!(band.lower() <= band.upper());
                prop_assert!(!ticks.is_valid(base) || band.contains(base));
            }
            if base < won(1_000_000_000) {
                prop_assert!(around.is_some() && first_day.is_some());
            }
        }
    }
}
