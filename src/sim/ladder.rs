//! The day's tick grid of one symbol: prices between the daily limits, counted from the lower one.
//!
//! The grid is a few segments of even steps. A price of segment `s` lies `(price − s.from) ÷ s.step` steps into it, and
//! the division has no remainder exactly if the price is on the grid. So no division is done: a multiplication by the
//! inverse of the step modulo 2⁶⁴ yields the quotient for multiples of the step, and for everything else a number too
//! large to be inside the segment. One comparison then tells all three: off the grid, outside the segment, or found.

use crate::domain::{Price, UNITS_PER_WON, ValueError};

use super::book::{LEVELS_MAX, Tick};

/// The most segments that a band may span. The stock table has seven.
const SEGMENTS_MAX: usize = 8;

/// The tick grid between a lower and an upper daily limit, both of which are on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ladder {
    /// The first `count` are in use, ascending; the others have no steps.
    segments: [Segment; SEGMENTS_MAX],
    count: usize,
    levels: u32,
    lower: Price,
    upper: Price,
}

/// A stretch of the grid with one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Segment {
    /// Its first price in units.
    from: u64,
    /// Its step in units.
    step: u64,
    /// The inverse modulo 2⁶⁴ of the step's odd part.
    inverse: u64,
    /// How often two divides the step.
    twos: u32,
    /// The tick of its first price.
    first: Tick,
    /// How many prices it has.
    len: u32,
}

impl Ladder {
    /// The grid from `lower` to `upper`, both included.
    ///
    /// `segments` is the table of ticks: from which price in won (included) which tick in won holds, ascending. A price
    /// is on the grid if it is a multiple of the tick of its segment.
    ///
    /// # Errors
    /// When the table is not ascending from zero or above, a tick is not positive, a limit is not on the grid, `lower` is
    /// above `upper`, or the band has more than [`LEVELS_MAX`] prices or spans more than eight segments.
    pub fn new(segments: &[(i64, i64)], lower: Price, upper: Price) -> Result<Self, ValueError> {
        let mut ladder = Self {
            segments: [Segment::default(); SEGMENTS_MAX],
            count: 0,
            levels: 0,
            lower,
            upper,
        };
        let mut from_below = None;
        for (index, &(from_won, tick_won)) in segments.iter().enumerate() {
            let entry = units(from_won).zip(units(tick_won).filter(|&step| step > 0));
            let Some((from, step)) = entry.filter(|&(from, _)| from_below < Some(from)) else {
                return Err(ValueError::new(
                    "tick table",
                    format_args!("from {from_won} won a tick of {tick_won} won"),
                    "ascending prices from zero on, positive ticks",
                ));
            };
            from_below = Some(from);
            let above = segments.get(index + 1).and_then(|&(won, _)| units(won));
            ladder.add_segment(from, above, step)?;
        }
        let bottom = ladder.tick(lower);
        let top = ladder.tick(upper);
        if bottom != Some(0) || top.is_none() || top != ladder.levels.checked_sub(1) {
            return Err(ValueError::new(
                "daily limits",
                format_args!("{lower} to {upper}"),
                "two prices on the tick grid, the lower one first",
            ));
        }
        Ok(ladder)
    }

    /// Adds what the band has of the prices from `from` (included) to `above` (excluded).
    fn add_segment(&mut self, from: u64, above: Option<u64>, step: u64) -> Result<(), ValueError> {
        let low = from.max(self.lower.units().unsigned_abs());
        let high = self.upper.units().unsigned_abs();
        let high = above.map_or(high, |above| high.min(above.saturating_sub(1)));
        let first_price = low.div_ceil(step).checked_mul(step);
        let Some(first_price) = first_price.filter(|&price| price <= high) else {
            return Ok(());
        };
        let len = u32::try_from((high - first_price) / step + 1)
            .ok()
            .filter(|len| *len <= LEVELS_MAX - self.levels);
        let (Some(len), Some(segment)) = (len, self.segments.get_mut(self.count)) else {
            return Err(ValueError::new(
                "daily limits",
                format_args!("{} to {}", self.lower, self.upper),
                format!("at most {LEVELS_MAX} prices in at most {SEGMENTS_MAX} segments"),
            ));
        };
        let twos = step.trailing_zeros();
        *segment = Segment {
            from: first_price,
            step,
            inverse: inverse_of_odd(step >> twos),
            twos,
            first: self.levels,
            len,
        };
        self.count += 1;
        self.levels += len;
        Ok(())
    }

    /// The place of a price on the grid; `None` off the grid or outside the limits.
    #[inline]
    pub fn tick(&self, price: Price) -> Option<Tick> {
        let units = price.units().unsigned_abs();
        self.segments
            .iter()
            .take(self.count)
            .find_map(|segment| segment.tick(units))
    }

    /// The price of a place on the grid; `None` beyond the upper limit.
    #[inline]
    pub fn price(&self, tick: Tick) -> Option<Price> {
        self.segments
            .iter()
            .take(self.count)
            .find_map(|segment| segment.price(tick))
    }

    /// How many prices there are, at least one. The upper limit is the last: `levels() - 1`.
    pub const fn levels(&self) -> u32 {
        self.levels
    }

    /// The lower limit, tick 0.
    pub const fn lower(&self) -> Price {
        self.lower
    }

    /// The upper limit, the last tick.
    pub const fn upper(&self) -> Price {
        self.upper
    }
}

impl Segment {
    #[inline]
    fn tick(&self, units: u64) -> Option<Tick> {
        // A price below the segment wraps to a huge distance, so the one comparison refuses it too.
        let distance = units.wrapping_sub(self.from);
        let steps = distance.wrapping_mul(self.inverse).rotate_right(self.twos);
        match u32::try_from(steps) {
            Ok(steps) if steps < self.len => Some(self.first + steps),
            _ => None,
        }
    }

    #[inline]
    fn price(&self, tick: Tick) -> Option<Price> {
        let steps = tick.checked_sub(self.first)?;
        if steps >= self.len {
            return None;
        }
        let units = self.from + u64::from(steps) * self.step;
        Price::from_units(units.cast_signed())
    }
}

/// Whole won in price units; `None` when negative or out of range.
fn units(won: i64) -> Option<u64> {
    u64::try_from(won.checked_mul(UNITS_PER_WON)?).ok()
}

/// The number that times `odd` is one modulo 2⁶⁴.
const fn inverse_of_odd(odd: u64) -> u64 {
    // Newton's step doubles the correct low bits; an odd number is its own inverse modulo 8, so 3 → 6 → … → 96.
    let mut inverse = odd;
    let mut round = 0;
    while round < 5 {
        inverse = inverse.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(inverse)));
        round += 1;
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Ticks of Korean stocks since 2023-01-25.
    const STOCK: [(i64, i64); 7] = [
        (0, 1),
        (2_000, 5),
        (5_000, 10),
        (20_000, 50),
        (50_000, 100),
        (200_000, 500),
        (500_000, 1_000),
    ];
    /// Ticks of Korean ETFs since December 2023.
    const ETF: [(i64, i64); 2] = [(0, 1), (2_000, 5)];

    fn won(won: i64) -> Price {
        Price::from_won(won).unwrap()
    }

    fn ladder(table: &[(i64, i64)], lower: i64, upper: i64) -> Ladder {
        Ladder::new(table, won(lower), won(upper)).unwrap()
    }

    /// The rule itself: the tick of the last segment that starts at or below the price divides it.
    fn is_on_grid(table: &[(i64, i64)], won: i64) -> bool {
        let segment = table.iter().rev().find(|(from, _)| *from <= won);
        segment.is_some_and(|(_, tick)| won % tick == 0)
    }

    /// Compares every whole won from `lower - 1000` to `upper + 1000` with the rule.
    fn check_every_won(table: &[(i64, i64)], lower: i64, upper: i64) {
        let ladder = ladder(table, lower, upper);
        let mut expected = 0;
        for price in (lower - 1_000).max(1)..=upper + 1_000 {
            let inside = (lower..=upper).contains(&price) && is_on_grid(table, price);
            let want = inside.then_some(expected);
            assert_eq!(ladder.tick(won(price)), want, "{price} won");
            if inside {
                assert_eq!(ladder.price(expected), Some(won(price)));
                expected += 1;
            }
        }
        assert_eq!(ladder.levels(), expected);
        assert_eq!(ladder.price(expected), None);
        assert_eq!(ladder.price(Tick::MAX), None);
    }

    #[test]
    fn every_price_of_a_band_has_its_place_and_every_other_has_none() {
        for (lower, upper) in [
            (1_400, 2_600),
            (3_500, 6_500),
            (6_990, 12_970),
            (35_000, 65_000),
            (140_000, 260_000),
            (167_500, 310_500),
            (350_000, 650_000),
            (1_190_000, 2_210_000),
            (1, 600_000),
            (71_900, 71_900),
        ] {
            check_every_won(&STOCK, lower, upper);
        }
        check_every_won(&ETF, 800, 3_200);
        check_every_won(&ETF, 4_000, 16_000);
        check_every_won(&[(0, 5)], 5, 400);
        // Ticks that are no powers of anything, and a segment that starts off its own grid.
        check_every_won(&[(0, 3), (100, 7), (301, 11)], 9, 1_001);
    }

    #[test]
    fn fractions_of_a_won_are_off_the_grid() {
        let ladder = ladder(&STOCK, 1_400, 2_600);
        for units in 1..UNITS_PER_WON {
            let price = Price::from_units(1_500 * UNITS_PER_WON + units).unwrap();
            assert_eq!(ladder.tick(price), None, "{price}");
        }
    }

    #[test]
    fn distances_count_ticks_across_boundaries() {
        let ladder = ladder(&STOCK, 1, 600_000);
        for (from, to, ticks) in [
            (1_990, 2_010, 12),
            (4_980, 5_020, 6),
            (19_900, 20_100, 12),
            (49_500, 50_500, 15),
            (199_000, 201_000, 12),
            (498_500, 502_000, 5),
        ] {
            let place = |price| ladder.tick(won(price)).unwrap();
            assert_eq!(place(to) - place(from), ticks, "{from} to {to}");
        }
    }

    #[test]
    fn bad_tables_and_limits_are_refused() {
        let refused = |table: &[(i64, i64)], lower, upper| {
            Ladder::new(table, won(lower), won(upper)).unwrap_err()
        };
        for table in [
            &[(0, 0)][..],
            &[(0, -5)],
            &[(-1, 5)],
            &[(0, 1), (0, 5)],
            &[(2_000, 5), (0, 1)],
            &[(0, i64::MAX)],
        ] {
            assert_eq!(refused(table, 1_000, 3_000).what, "tick table", "{table:?}");
        }
        for (table, lower, upper) in [
            (&STOCK[..], 2_001, 3_000),
            (&STOCK, 2_000, 3_001),
            (&STOCK, 3_000, 2_000),
            (&STOCK[1..], 1_000, 3_000),
            (&STOCK[1..], 1_000, 1_500),
            (&[], 1_000, 3_000),
            // One price too many.
            (&[(0, 1)], 1, i64::from(LEVELS_MAX) + 1),
            (&[(0, 1)], 1, Price::MAX_WON),
        ] {
            let error = refused(table, lower, upper);
            assert_eq!(error.what, "daily limits", "{lower} to {upper}");
        }
        let nine: Vec<_> = (0..9).map(|place| (place * 10, 1)).collect();
        assert_eq!(refused(&nine, 1, 100).what, "daily limits");
        assert_eq!(ladder(&nine, 1, 79).levels(), 79);
        assert_eq!(
            ladder(&[(0, 1)], 1, i64::from(LEVELS_MAX)).levels(),
            LEVELS_MAX
        );
    }

    proptest! {
        #[test]
        fn any_price_is_placed_exactly_or_not_at_all(
            units in prop_oneof![1..=i64::MAX, 1_i64..=10_000_000_000, (1_i64..=1_000_000).prop_map(|won| won * UNITS_PER_WON)],
        ) {
            let ladder = ladder(&STOCK, 500, 900_000);
            let price = Price::from_units(units).unwrap();
            let on_grid = price.is_whole_won()
                && (500..=900_000).contains(&price.won())
                && is_on_grid(&STOCK, price.won());
            let tick = ladder.tick(price);
            prop_assert_eq!(tick.is_some(), on_grid);
            if let Some(tick) = tick {
                prop_assert_eq!(ladder.price(tick), Some(price));
            }
        }

        #[test]
        fn any_input_is_a_ladder_or_an_error(
            table in prop::collection::vec((any::<i64>(), any::<i64>()), 0..4),
            lower in 1..=Price::MAX_WON,
            upper in 1..=Price::MAX_WON,
        ) {
            if let Ok(ladder) = Ladder::new(&table, won(lower), won(upper)) {
                prop_assert_eq!(ladder.price(0), Some(won(lower)));
                prop_assert_eq!(ladder.price(ladder.levels() - 1), Some(won(upper)));
            }
        }
    }
}
