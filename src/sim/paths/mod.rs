//! Seeded price paths: where the simulated market goes, by itself.
//!
//! A path yields points in time and price, one trading day after another. It places no orders and knows no clock: the
//! market model walks it. One seed is one path, on every platform.

mod gbm;
mod replay;

pub use gbm::{Gbm, GbmParams};
pub use replay::{Replay, ReplayParams};

use jiff::civil::Date;

use super::book::Tick;
use super::day::TradingDay;
use super::ladder::Ladder;
use crate::domain::{Price, Timestamp};

/// Where a price is at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathPoint {
    /// When.
    pub at: Timestamp,
    /// The price: on the day's grid, inside the day's band.
    pub price: Price,
    /// Its place on the day's ladder.
    pub tick: Tick,
    /// Whether the market surely trades there: at the open, low, high and close of a recorded candle.
    pub trades: bool,
}

/// A seeded price path, of a closed list of kinds.
#[derive(Clone, Debug)]
pub enum PricePath {
    /// Geometric Brownian motion.
    Gbm(Gbm),
    /// Recorded candles.
    Replay(Replay),
}

impl PricePath {
    /// The price before the first point: the base price of the first day, off the grid where the recording is.
    pub fn first_price(&self) -> Price {
        match self {
            Self::Gbm(path) => path.start(),
            Self::Replay(path) => path.first_price(),
        }
    }

    /// Whether the path is bound to dates, and ends.
    pub const fn is_dated(&self) -> bool {
        matches!(self, Self::Replay(_))
    }

    /// The first date from `date` on for which a path that is bound to dates has points.
    pub fn date_from(&self, date: Date) -> Option<Date> {
        match self {
            Self::Gbm(_) => None,
            Self::Replay(path) => path.date_from(date),
        }
    }

    /// Begins a day. A path bound to dates walks what was recorded on that date, which may be nothing.
    pub fn open_day(&mut self, day: &TradingDay) {
        match self {
            Self::Gbm(path) => path.open_day(day),
            Self::Replay(path) => path.open_day(day),
        }
    }

    /// The next point of the day, later than the one before; `None` when the day is over.
    pub fn next_point(&mut self, ladder: &Ladder) -> Option<PathPoint> {
        match self {
            Self::Gbm(path) => path.next_point(ladder),
            Self::Replay(path) => path.next_point(ladder),
        }
    }

    /// The closing price of the day begun last, where one was recorded; otherwise the last trade decides.
    pub fn recorded_close(&self) -> Option<Price> {
        match self {
            Self::Gbm(_) => None,
            Self::Replay(path) => path.close(),
        }
    }
}

/// The highest price of the grid at or below a price, held inside the day's band.
pub(super) fn snap_down(ladder: &Ladder, price: Price) -> Option<Price> {
    ladder.price(tick_at_or_below(ladder, price))
}

/// The highest tick at or below a price; the lowest tick when none is.
fn tick_at_or_below(ladder: &Ladder, price: Price) -> Tick {
    first_above(ladder, |at| at > price).saturating_sub(1)
}

/// The lowest tick at or above a price; the highest tick when none is.
fn tick_at_or_above(ladder: &Ladder, price: Price) -> Tick {
    first_above(ladder, |at| at >= price).min(ladder.levels().saturating_sub(1))
}

/// The first tick whose price satisfies `beyond`, or the number of levels.
fn first_above(ladder: &Ladder, beyond: impl Fn(Price) -> bool) -> Tick {
    let (mut from, mut to) = (0, ladder.levels());
    while from < to {
        let middle = from + (to - from) / 2;
        if ladder.price(middle).is_some_and(&beyond) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    from
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::time;

    /// The ladder of stocks since 2023-01-25.
    pub(super) fn ladder(lower_won: i64, upper_won: i64) -> Ladder {
        const SEGMENTS: [(i64, i64); 7] = [
            (0, 1),
            (2_000, 5),
            (5_000, 10),
            (20_000, 50),
            (50_000, 100),
            (200_000, 500),
            (500_000, 1_000),
        ];
        let price = |won| Price::from_won(won).unwrap();
        Ladder::new(&SEGMENTS, price(lower_won), price(upper_won)).unwrap()
    }

    /// A day of 09:00 to 15:20.
    pub(super) fn day_of(date: Date) -> TradingDay {
        let at = |hour, minute| Timestamp::from_kst(date, time(hour, minute, 0, 0)).unwrap();
        let next = date.tomorrow().unwrap();
        TradingDay::new(date, at(9, 0), at(15, 20), next, next).unwrap()
    }

    pub(super) fn some_day() -> TradingDay {
        day_of(jiff::civil::date(2026, 11, 24))
    }

    #[test]
    fn prices_snap_to_the_nearest_tick_on_their_side() {
        let ladder = ladder(4_900, 5_100);
        let last = ladder.levels() - 1;
        for (won, below, above) in [
            (1, 0, 0),
            (4_900, 0, 0),
            (4_901, 0, 1),
            (4_999, 19, 20),
            (5_000, 20, 20),
            (5_009, 20, 21),
            (5_100, last, last),
            (9_999, last, last),
        ] {
            let price = Price::from_won(won).unwrap();
            let found = (
                tick_at_or_below(&ladder, price),
                tick_at_or_above(&ladder, price),
            );
            assert_eq!(found, (below, above), "{won}");
        }
    }
}
