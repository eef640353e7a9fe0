//! Tick ladders (호가가격단위): which prices an order may name.
//!
//! The tick depends on the order's own price, not on the base price. A boundary belongs to the band above it, every
//! boundary is a valid price, and every tick divides the ones above it, so going down from a valid price by its tick
//! always ends on a valid price. A price with a fraction of a won is never valid.
//!
//! Nextrade uses the ladders of the market that lists the issue.

use jiff::civil::{Date, date};

use super::instrument::{InstrumentKind, Market};
use super::price::{Price, UNITS_PER_WON};
use super::text::ValueError;

/// The tick of a price, in whole won.
///
/// # Errors
/// As [`TickTable::of`].
pub fn tick_size(
    kind: InstrumentKind,
    market: Market,
    date: Date,
    price: Price,
) -> Result<i64, ValueError> {
    TickTable::of(kind, market, date).map(|table| table.tick_at(price))
}

/// The ladder of one kind of issue on one date. A pointer to constant data: copy it freely.
///
/// The valid prices are numbered upwards from 1, the lowest: see [`TickTable::index`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TickTable {
    /// Never empty, ascending, starting at 0.
    steps: &'static [Step],
}

impl TickTable {
    /// The ladder of a kind of issue, on a market, on a date. Rights have the ladder of stocks.
    ///
    /// # Errors
    /// When there is no such issue, or on a date before the first ladder that we know.
    pub fn of(kind: InstrumentKind, market: Market, date: Date) -> Result<Self, ValueError> {
        LADDERS
            .iter()
            .find(|ladder| {
                ladder.kinds.contains(&kind)
                    && ladder.markets.contains(&market)
                    && ladder.from.is_none_or(|from| from <= date)
                    && ladder.to.is_none_or(|to| date <= to)
            })
            .map(|ladder| ladder.table)
            .ok_or_else(|| {
                ValueError::new(
                    "tick ladder",
                    format_args!("{kind} of {market} on {date}"),
                    "a kind, market and date with a known ladder",
                )
            })
    }

    /// The tick at a price, in whole won, whether or not the price is valid.
    pub fn tick_at(self, price: Price) -> i64 {
        self.step_at(price.units()).tick / UNITS_PER_WON
    }

    /// Whether an order may name the price.
    pub fn is_valid(self, price: Price) -> bool {
        price.units() % self.step_at(price.units()).tick == 0
    }

    /// The highest valid price that is not above `price`; `None` below the lowest one.
    pub fn floor(self, price: Price) -> Option<Price> {
        let units = price.units();
        Price::from_units(units - units % self.step_at(units).tick)
    }

    /// The lowest valid price that is not below `price`; `None` beyond the range of [`Price`].
    pub fn ceil(self, price: Price) -> Option<Price> {
        let units = price.units();
        let tick = self.step_at(units).tick;
        match units % tick {
            0 => Some(price),
            // Never past the next boundary, which is a multiple of this tick.
            past => units.checked_add(tick - past).and_then(Price::from_units),
        }
    }

    /// The lowest valid price above `price`; `None` beyond the range of [`Price`].
    pub fn next_up(self, price: Price) -> Option<Price> {
        let units = price.units();
        let tick = self.step_at(units).tick;
        (units - units % tick)
            .checked_add(tick)
            .and_then(Price::from_units)
    }

    /// The highest valid price below `price`; `None` when there is none.
    pub fn next_down(self, price: Price) -> Option<Price> {
        self.floor(Price::from_units(price.units() - 1)?)
    }

    /// How many valid prices lie above `from`, up to and including `to`: the ticks to walk from one to the other.
    /// Negative when `to` is the lower one.
    pub fn ticks_between(self, from: Price, to: Price) -> i64 {
        self.index(to) - self.index(from)
    }

    /// How many valid prices are not above `price`: the number of a valid price, counted from 1.
    pub fn index(self, price: Price) -> i64 {
        let step = self.step_at(price.units());
        step.index + (price.units() - step.from) / step.tick
    }

    /// The valid price of that number: the inverse of [`TickTable::index`]. `None` unless positive and in the range
    /// of [`Price`].
    pub fn price_at(self, index: i64) -> Option<Price> {
        let step = self.last_step(|step| step.index <= index);
        (index - step.index)
            .checked_mul(step.tick)
            .and_then(|above| above.checked_add(step.from))
            .and_then(Price::from_units)
    }

    /// The ladder's rows, ascending: from which price in won (included) which tick in won holds.
    pub fn rows(self) -> impl Iterator<Item = (i64, i64)> {
        self.steps
            .iter()
            .map(|step| (step.from / UNITS_PER_WON, step.tick / UNITS_PER_WON))
    }

    fn step_at(self, units: i64) -> &'static Step {
        self.last_step(|step| step.from <= units)
    }

    fn last_step(self, reached: impl Fn(&Step) -> bool) -> &'static Step {
        self.steps
            .iter()
            .rev()
            .find(|step| reached(step))
            .unwrap_or(&self.steps[0])
    }
}

/// From a price upwards, a tick. Prices in 1/10,000 won.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Step {
    from: i64,
    tick: i64,
    /// How many valid prices lie above 0 and not above `from`.
    index: i64,
}

/// Builds a ladder from (price in won, tick in won) rows, and refuses at compile time one that breaks the rules of the
/// module.
const fn steps<const N: usize>(rows: [(i64, i64); N]) -> [Step; N] {
    let mut steps = [Step {
        from: 0,
        tick: UNITS_PER_WON,
        index: 0,
    }; N];
    assert!(N > 0 && rows[0].0 == 0, "a ladder starts at 0");
    let mut at = 0;
    while at < N {
        let (from, tick) = (rows[at].0 * UNITS_PER_WON, rows[at].1 * UNITS_PER_WON);
        let mut index = 0;
        if at > 0 {
            let below = steps[at - 1];
            assert!(below.from < from, "a ladder ascends");
            assert!(tick % below.tick == 0, "a tick divides those above it");
            assert!(from % tick == 0, "a boundary is a valid price");
            index = below.index + (from - below.from) / below.tick;
        }
        steps[at] = Step { from, tick, index };
        at += 1;
    }
    steps
}

/// Stocks of every market since 2023-01-25 (KRX; Yonhap, 2023-01-17).
static STOCK: [Step; 7] = steps([
    (0, 1),
    (2_000, 5),
    (5_000, 10),
    (20_000, 50),
    (50_000, 100),
    (200_000, 500),
    (500_000, 1_000),
]);

/// Stocks of KOSPI until 2023-01-24.
static KOSPI_STOCK_2010: [Step; 7] = steps([
    (0, 1),
    (1_000, 5),
    (5_000, 10),
    (10_000, 50),
    (50_000, 100),
    (100_000, 500),
    (500_000, 1_000),
]);

/// Stocks of KOSDAQ until 2023-01-24.
static KOSDAQ_STOCK: [Step; 5] =
    steps([(0, 1), (1_000, 5), (5_000, 10), (10_000, 50), (50_000, 100)]);

/// ETF and ETN since December 2023.
static FUND: [Step; 2] = steps([(0, 1), (2_000, 5)]);

/// ELW, and ETF and ETN until December 2023.
static FIVE_WON: [Step; 1] = steps([(0, 5)]);

/// A ladder with whom and when it is for. No `from`: since ever; no `to`: in force.
struct DatedLadder {
    kinds: &'static [InstrumentKind],
    markets: &'static [Market],
    from: Option<Date>,
    to: Option<Date>,
    table: TickTable,
}

const LIKE_STOCK: &[InstrumentKind] = &[InstrumentKind::Stock, InstrumentKind::Right];
const FUNDS: &[InstrumentKind] = &[InstrumentKind::Etf, InstrumentKind::Etn];

/// The day of the 1-won tick below 2,000 won for ETF and ETN. UNCONFIRMED: the announcement of 2023-10-05 was reported
/// with 2023-12-08 and with 2023-12-18; this day is given most often.
const FUND_ONE_WON_SINCE: Date = date(2023, 12, 11);
const FUND_FIVE_WON_UNTIL: Date = date(2023, 12, 10);

const LADDERS: &[DatedLadder] = &[
    DatedLadder {
        kinds: LIKE_STOCK,
        markets: Market::ALL,
        from: Some(date(2023, 1, 25)),
        to: None,
        table: TickTable { steps: &STOCK },
    },
    DatedLadder {
        kinds: FUNDS,
        markets: &[Market::Kospi],
        from: Some(FUND_ONE_WON_SINCE),
        to: None,
        table: TickTable { steps: &FUND },
    },
    DatedLadder {
        kinds: &[InstrumentKind::Elw],
        markets: &[Market::Kospi],
        from: None,
        to: None,
        table: TickTable { steps: &FIVE_WON },
    },
    DatedLadder {
        kinds: LIKE_STOCK,
        markets: &[Market::Kospi],
        // The first day is UNCONFIRMED.
        from: Some(date(2010, 10, 4)),
        to: Some(date(2023, 1, 24)),
        table: TickTable {
            steps: &KOSPI_STOCK_2010,
        },
    },
    DatedLadder {
        kinds: LIKE_STOCK,
        markets: &[Market::Kosdaq],
        from: None,
        to: Some(date(2023, 1, 24)),
        table: TickTable {
            steps: &KOSDAQ_STOCK,
        },
    },
    DatedLadder {
        kinds: FUNDS,
        markets: &[Market::Kospi],
        from: None,
        to: Some(FUND_FIVE_WON_UNTIL),
        table: TickTable { steps: &FIVE_WON },
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TODAY: Date = date(2026, 11, 24);

    fn won(won: i64) -> Price {
        Price::from_won(won).unwrap()
    }

    fn table(kind: InstrumentKind) -> TickTable {
        TickTable::of(kind, Market::Kospi, TODAY).unwrap()
    }

    /// Price, tick, validity, floor, ceil, next up from the floor, next down from the ceil (0: none).
    type Row = (i64, i64, bool, i64, i64, i64, i64);

    fn check(table: TickTable, rows: &[Row]) {
        for &(price, tick, valid, floor, ceil, up, down) in rows {
            let at = won(price);
            assert_eq!(table.tick_at(at), tick, "tick at {price}");
            assert_eq!(table.is_valid(at), valid, "{price}");
            assert_eq!(table.floor(at), Some(won(floor)), "floor of {price}");
            assert_eq!(table.ceil(at), Some(won(ceil)), "ceil of {price}");
            assert_eq!(table.next_up(won(floor)), Some(won(up)), "above {floor}");
            let below = table.next_down(won(ceil)).map_or(0, Price::won);
            assert_eq!(below, down, "below {ceil}");
        }
    }

    #[test]
    fn s01_stock_ladder() {
        check(
            table(InstrumentKind::Stock),
            &[
                (1, 1, true, 1, 1, 2, 0),
                (999, 1, true, 999, 999, 1_000, 998),
                (1_999, 1, true, 1_999, 1_999, 2_000, 1_998),
                (2_000, 5, true, 2_000, 2_000, 2_005, 1_999),
                (2_003, 5, false, 2_000, 2_005, 2_005, 2_000),
                (4_995, 5, true, 4_995, 4_995, 5_000, 4_990),
                (4_998, 5, false, 4_995, 5_000, 5_000, 4_995),
                (5_000, 10, true, 5_000, 5_000, 5_010, 4_995),
                (5_005, 10, false, 5_000, 5_010, 5_010, 5_000),
                (9_990, 10, true, 9_990, 9_990, 10_000, 9_980),
                (19_990, 10, true, 19_990, 19_990, 20_000, 19_980),
                (19_995, 10, false, 19_990, 20_000, 20_000, 19_990),
                (20_000, 50, true, 20_000, 20_000, 20_050, 19_990),
                (20_010, 50, false, 20_000, 20_050, 20_050, 20_000),
                (49_950, 50, true, 49_950, 49_950, 50_000, 49_900),
                (49_975, 50, false, 49_950, 50_000, 50_000, 49_950),
                (50_000, 100, true, 50_000, 50_000, 50_100, 49_950),
                (50_050, 100, false, 50_000, 50_100, 50_100, 50_000),
                (199_900, 100, true, 199_900, 199_900, 200_000, 199_800),
                (199_950, 100, false, 199_900, 200_000, 200_000, 199_900),
                (200_000, 500, true, 200_000, 200_000, 200_500, 199_900),
                (200_300, 500, false, 200_000, 200_500, 200_500, 200_000),
                (499_500, 500, true, 499_500, 499_500, 500_000, 499_000),
                (499_999, 500, false, 499_500, 500_000, 500_000, 499_500),
                (500_000, 1_000, true, 500_000, 500_000, 501_000, 499_500),
                (500_500, 1_000, false, 500_000, 501_000, 501_000, 500_000),
                (
                    1_000_000, 1_000, true, 1_000_000, 1_000_000, 1_001_000, 999_000,
                ),
            ],
        );
    }

    #[test]
    fn s02_fund_ladder() {
        for kind in [InstrumentKind::Etf, InstrumentKind::Etn] {
            check(
                table(kind),
                &[
                    (999, 1, true, 999, 999, 1_000, 998),
                    (1_999, 1, true, 1_999, 1_999, 2_000, 1_998),
                    (2_000, 5, true, 2_000, 2_000, 2_005, 1_999),
                    (2_003, 5, false, 2_000, 2_005, 2_005, 2_000),
                    (2_005, 5, true, 2_005, 2_005, 2_010, 2_000),
                    (9_997, 5, false, 9_995, 10_000, 10_000, 9_995),
                    (10_000, 5, true, 10_000, 10_000, 10_005, 9_995),
                    (50_010, 5, true, 50_010, 50_010, 50_015, 50_005),
                    (123_455, 5, true, 123_455, 123_455, 123_460, 123_450),
                ],
            );
        }
    }

    #[test]
    fn s03_walks_across_boundaries() {
        let walks: &[&[i64]] = &[
            &[1_998, 1_999, 2_000, 2_005, 2_010],
            &[2_005, 2_000, 1_999, 1_998],
            &[4_990, 4_995, 5_000, 5_010, 5_020],
            &[20_050, 20_000, 19_990, 19_980],
            &[49_900, 49_950, 50_000, 50_100],
            &[50_100, 50_000, 49_950, 49_900, 49_850],
            &[199_900, 200_000, 200_500],
            &[200_500, 200_000, 199_900, 199_800],
            &[499_000, 499_500, 500_000, 501_000],
            &[501_000, 500_000, 499_500, 499_000],
        ];
        let table = table(InstrumentKind::Stock);
        for pair in walks.iter().flat_map(|walk| walk.windows(2)) {
            let (from, to) = (won(pair[0]), won(pair[1]));
            let next = if from < to {
                table.next_up(from)
            } else {
                table.next_down(from)
            };
            assert_eq!(next, Some(to), "from {from}");
        }
    }

    #[test]
    fn s04_distances() {
        let table = table(InstrumentKind::Stock);
        for (from, to, ticks) in [
            (1_990, 2_010, 12),
            (4_980, 5_020, 6),
            (19_900, 20_100, 12),
            (49_500, 50_500, 15),
            (199_000, 201_000, 12),
            (498_500, 502_000, 5),
        ] {
            assert_eq!(table.ticks_between(won(from), won(to)), ticks);
            assert_eq!(table.ticks_between(won(to), won(from)), -ticks);
        }
    }

    /// S-05, the rows on ticks.
    #[test]
    fn s05_elw_tick() {
        let table = table(InstrumentKind::Elw);
        assert!(table.is_valid(won(105)));
        assert!(!table.is_valid(won(103)));
        assert_eq!(table.floor(won(4)), None);
        assert_eq!(table.ceil(won(4)), Some(won(5)));
    }

    #[test]
    fn a_fraction_of_a_won_is_never_valid() {
        let price: Price = "1999.5".parse().unwrap();
        let table = table(InstrumentKind::Stock);
        assert!(!table.is_valid(price));
        assert_eq!(table.floor(price), Some(won(1_999)));
        assert_eq!(table.ceil(price), Some(won(2_000)));
        assert_eq!(table.next_up(price), Some(won(2_000)));
        assert_eq!(table.next_down(price), Some(won(1_999)));
    }

    /// The ladder of every kind and market around the days on which it changed: (kind, market, date, price, tick; 0:
    /// not known).
    #[test]
    fn ladders_change_on_their_days() {
        use InstrumentKind::{Elw, Etf, Etn, Right, Stock};
        use Market::{Konex, Kosdaq, Kospi};
        for (kind, market, date, price, tick) in [
            (Stock, Kospi, date(2010, 10, 1), 1_500, 0),
            (Stock, Kospi, date(2010, 10, 4), 1_500, 5),
            (Stock, Kospi, date(2023, 1, 24), 1_500, 5),
            (Stock, Kospi, date(2023, 1, 25), 1_500, 1),
            (Stock, Kospi, date(2023, 1, 24), 150_000, 500),
            (Stock, Kospi, date(2023, 1, 25), 150_000, 100),
            (Stock, Kosdaq, date(2023, 1, 24), 600_000, 100),
            (Stock, Kosdaq, date(2023, 1, 25), 600_000, 1_000),
            (Stock, Konex, date(2023, 1, 24), 1_500, 0),
            (Stock, Konex, date(2023, 1, 25), 1_500, 1),
            (Right, Kosdaq, TODAY, 2_500, 5),
            (Etf, Kospi, date(2023, 12, 10), 1_500, 5),
            (Etf, Kospi, date(2023, 12, 11), 1_500, 1),
            (Etn, Kospi, date(2023, 12, 10), 1_500, 5),
            (Etn, Kospi, TODAY, 150_000, 5),
            (Elw, Kospi, date(2015, 1, 5), 1_500, 5),
            (Elw, Kospi, TODAY, 1_500, 5),
            (Etf, Kosdaq, TODAY, 1_500, 0),
        ] {
            let found = tick_size(kind, market, date, won(price)).unwrap_or(0);
            assert_eq!(found, tick, "{kind} of {market} on {date} at {price}");
        }
    }

    fn tables() -> impl Strategy<Value = TickTable> {
        let tables = LADDERS.iter().map(|ladder| ladder.table);
        prop::sample::select(tables.collect::<Vec<_>>())
    }

    proptest! {
        #[test]
        fn floor_and_ceil_embrace_the_price(
            table in tables(),
            units in prop_oneof![1..=10_000_000_000_i64, 1..=i64::MAX],
        ) {
            let price = Price::from_units(units).unwrap();
            let (floor, ceil) = (table.floor(price), table.ceil(price));
            prop_assert!(floor.is_none_or(|floor| floor <= price && table.is_valid(floor)));
            prop_assert!(ceil.is_none_or(|ceil| price <= ceil && table.is_valid(ceil)));
            prop_assert_eq!(table.is_valid(price), floor == Some(price));
            prop_assert_eq!(table.is_valid(price), ceil == Some(price));
            if let (Some(floor), Some(ceil), false) = (floor, ceil, table.is_valid(price)) {
                prop_assert_eq!(table.next_up(floor), Some(ceil));
                prop_assert_eq!(table.next_down(ceil), Some(floor));
            }
        }

        #[test]
        fn steps_and_numbers_are_inverse_on_the_grid(table in tables(), index in 1..2_000_000_i64) {
            let price = table.price_at(index).unwrap();
            prop_assert!(table.is_valid(price));
            prop_assert_eq!(table.index(price), index);
            let up = table.next_up(price).unwrap();
            prop_assert_eq!(table.next_down(up), Some(price));
            prop_assert_eq!(table.price_at(index + 1), Some(up));
            prop_assert_eq!(table.ticks_between(price, up), 1);
        }

        #[test]
        fn any_number_is_a_price_or_none(table in tables(), index in any::<i64>()) {
            if let Some(price) = table.price_at(index) {
                prop_assert!(table.is_valid(price));
                prop_assert_eq!(table.index(price), index);
            }
        }
    }
}
