//! A walk through recorded candles.
//!
//! Inside a candle the way is: open, then low and high in seeded order, then close. Each leg is a seeded bridge: every
//! step goes the even part of the way left to the leg's end, plus a jitter of up to an eighth of the candle's range, and
//! is held between low and high. Integers only. Recorded prices off the grid are snapped inwards: the low up, the high
//! down, open and close down and into that range. (A candle that has only one price, off the grid, is the one exception:
//! it snaps down.)

use std::ops::Range;
use std::sync::Arc;

use jiff::civil::Date;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::super::book::Tick;
use super::super::day::TradingDay;
use super::super::ladder::Ladder;
use super::{PathPoint, tick_at_or_above, tick_at_or_below};
use crate::domain::{Candle, Price, Timeframe, Timestamp, ValueError};
use crate::sim::RecordedCandles;

/// What makes a replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplayParams {
    /// The seed of the way inside each candle.
    pub seed: u64,
    /// Points in each candle, from 4 (open, low, high, close) to 100,000.
    pub steps: u32,
}

/// A walk through recorded candles, date by date.
///
/// Only the candles that begin inside the continuous session are walked. A later one of the same date (the closing
/// auction's) gives the day's close.
#[derive(Clone, Debug)]
pub struct Replay {
    recording: Arc<RecordedCandles>,
    days: Vec<(Date, Range<usize>)>,
    steps: u32,
    random: ChaCha8Rng,
    day: Option<TradingDay>,
    /// Candles of the day that are still to walk.
    bars: Range<usize>,
    close: Option<Price>,
    way: Option<Way>,
}

impl Replay {
    /// A walk from the first candle on.
    ///
    /// # Errors
    /// When the number of steps is outside its range.
    pub fn new(recording: Arc<RecordedCandles>, params: ReplayParams) -> Result<Self, ValueError> {
        const STEPS: std::ops::RangeInclusive<u32> = 4..=100_000;
        if !STEPS.contains(&params.steps) {
            let expected = "4 to 100000 points a candle";
            return Err(ValueError::new("steps", params.steps, expected));
        }
        Ok(Self {
            days: recording.days(),
            recording,
            steps: params.steps,
            random: ChaCha8Rng::seed_from_u64(params.seed),
            day: None,
            bars: 0..0,
            close: None,
            way: None,
        })
    }

    pub(super) fn first_price(&self) -> Price {
        // A recording has at least one candle.
        self.recording.candles()[0].open
    }

    pub(super) fn date_from(&self, date: Date) -> Option<Date> {
        let place = self.days.partition_point(|(day, _)| *day < date);
        self.days.get(place).map(|(day, _)| *day)
    }

    pub(super) const fn close(&self) -> Option<Price> {
        self.close
    }

    pub(super) fn open_day(&mut self, day: &TradingDay) {
        self.day = Some(*day);
        self.way = None;
        let recorded = self.days.iter().find(|(date, _)| *date == day.date());
        let all = recorded.map_or(0..0, |(_, bars)| bars.clone());
        let candles = &self.recording.candles()[all.clone()];
        let walked = |candle: &Candle| day.is_open_at(start_of(candle, day));
        let before = candles
            .iter()
            .take_while(|c| c.start < day.opens() && !walked(c));
        let from = all.start + before.count();
        let to = from
            + self.recording.candles()[from..all.end]
                .iter()
                .take_while(|candle| walked(candle))
                .count();
        let closing = self.recording.candles()[to..all.end].first();
        let last = self.recording.candles()[from..to].last();
        self.close = closing.or(last).map(|candle| candle.close);
        self.bars = from..to;
    }

    pub(super) fn next_point(&mut self, ladder: &Ladder) -> Option<PathPoint> {
        let day = self.day?;
        let mut way = match self.way.take() {
            Some(way) => way,
            None => {
                let bar = &self.recording.candles()[self.bars.next()?];
                Way::new(bar, &day, self.steps, ladder, &mut self.random)
            }
        };
        let trades = way.is_turn();
        let (nanos, tick) = way.next(&mut self.random);
        let at = way.start.saturating_add_nanos(nanos);
        self.way = Some(way).filter(|way| !way.is_over());
        Some(PathPoint {
            at,
            price: ladder.price(tick)?,
            tick,
            trades,
        })
    }
}

/// When a candle begins: one of a whole day begins with the session.
fn start_of(candle: &Candle, day: &TradingDay) -> Timestamp {
    match candle.timeframe {
        Timeframe::Minutes(_) => candle.start,
        Timeframe::Day | Timeframe::Week | Timeframe::Month => day.opens(),
    }
}

/// How long a candle that begins at `start` lasts, no longer than the session.
fn nanos_of(candle: &Candle, start: Timestamp, day: &TradingDay) -> i64 {
    const NANOS_PER_MINUTE: i64 = 60_000_000_000;
    let rest = day.closes().nanos_since(start);
    match candle.timeframe {
        Timeframe::Minutes(minutes) => rest.min(i64::from(minutes.get()) * NANOS_PER_MINUTE),
        Timeframe::Day | Timeframe::Week | Timeframe::Month => rest,
    }
}

/// The way through one candle.
#[derive(Clone, Copy, Debug)]
struct Way {
    start: Timestamp,
    nanos: i64,
    steps: u32,
    /// The number of the next point, below `steps`.
    step: u32,
    tick: Tick,
    low: Tick,
    high: Tick,
    /// The ends of the legs: the number of the point, and its tick. The first is the open, the last the close.
    ends: [(u32, Tick); 4],
}

impl Way {
    fn new(
        bar: &Candle,
        day: &TradingDay,
        steps: u32,
        ladder: &Ladder,
        random: &mut ChaCha8Rng,
    ) -> Self {
        let high = tick_at_or_below(ladder, bar.high);
        // Where no price of the grid lies between low and high, the one below both is taken.
        let low = tick_at_or_above(ladder, bar.low).min(high);
        let inside = |price| tick_at_or_below(ladder, price).clamp(low, high);
        let (first, second) = if random.random::<bool>() {
            (low, high)
        } else {
            (high, low)
        };
        let last = steps - 1;
        let turn = random.random_range(1..last - 1);
        let second_turn = random.random_range(turn + 1..last);
        let start = start_of(bar, day);
        Self {
            start,
            nanos: nanos_of(bar, start, day),
            steps,
            step: 0,
            tick: inside(bar.open),
            low,
            high,
            ends: [
                (0, inside(bar.open)),
                (turn, first),
                (second_turn, second),
                (last, inside(bar.close)),
            ],
        }
    }

    const fn is_over(&self) -> bool {
        self.step >= self.steps
    }

    /// Whether the next point is the end of a leg.
    fn is_turn(&self) -> bool {
        self.ends.iter().any(|(at, _)| *at == self.step)
    }

    /// The next point: nanoseconds since the candle's start, and the tick.
    fn next(&mut self, random: &mut ChaCha8Rng) -> (i64, Tick) {
        let step = self.step;
        self.step += 1;
        // The last end is the last point, so there always is an end at or after a point.
        let end = self.ends.iter().find(|(at, _)| *at >= step);
        let (end_step, end_tick) = end.copied().unwrap_or(self.ends[3]);
        self.tick = if step == end_step {
            end_tick
        } else {
            let steps_left = i64::from(end_step - step) + 1;
            let even = (i64::from(end_tick) - i64::from(self.tick)) / steps_left;
            let jitter_max = i64::from((self.high - self.low).div_ceil(8));
            let jitter = random.random_range(-jitter_max..=jitter_max);
            let tick = i64::from(self.tick) + even + jitter;
            let held = tick.clamp(i64::from(self.low), i64::from(self.high));
            // Held between two ticks.
            Tick::try_from(held).unwrap_or(self.low)
        };
        let nanos = i128::from(self.nanos) * i128::from(step) / i128::from(self.steps);
        // A part of an `i64` of nanoseconds.
        (i64::try_from(nanos).unwrap_or(self.nanos), self.tick)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{day_of, ladder};
    use super::*;
    use crate::domain::{Qty, Symbol, Venue};
    use crate::sim::{CandleBuilder, PricePath};
    use crate::symbol;
    use proptest::prelude::*;

    fn samsung() -> Arc<RecordedCandles> {
        Arc::new(RecordedCandles::samsung_2025_10().clone())
    }

    fn replay(recording: Arc<RecordedCandles>, seed: u64, steps: u32) -> PricePath {
        PricePath::Replay(Replay::new(recording, ReplayParams { seed, steps }).unwrap())
    }

    /// All days, each with its points and its close.
    fn walk(mut path: PricePath, ladder: &Ladder) -> Vec<(Date, Vec<PathPoint>, Option<Price>)> {
        let mut days = Vec::new();
        let mut from = Date::MIN;
        while let Some(date) = path.date_from(from) {
            path.open_day(&day_of(date));
            let points = std::iter::from_fn(|| path.next_point(ladder)).collect();
            days.push((date, points, path.recorded_close()));
            from = date.tomorrow().unwrap();
        }
        days
    }

    fn from_rows(rows: &str) -> Arc<RecordedCandles> {
        let text = format!("time,open,high,low,close,volume\n{rows}");
        Arc::new(RecordedCandles::from_csv("x.csv", symbol!("005930"), &text).unwrap())
    }

    #[test]
    fn a_seed_is_a_path() {
        let ladder = ladder(64_500, 119_500);
        let days = |seed| walk(replay(samsung(), seed, 10), &ladder);
        assert!(days(1) == days(1), "one seed, two paths");
        assert_ne!(days(1), days(2));
    }

    #[test]
    fn days_close_at_the_closing_auction() {
        let days = walk(replay(samsung(), 1, 4), &ladder(64_500, 119_500));
        let closes: Vec<i64> = days
            .iter()
            .map(|(_, _, close)| close.unwrap().won())
            .collect();
        let expected = [
            91_600, 95_000, 97_700, 97_900, 98_100, 97_500, 98_600, 96_500, 98_800, 102_000,
            99_500, 100_500,
        ];
        assert_eq!(closes, expected);
        let points: Vec<usize> = days.iter().map(|(_, points, _)| points.len()).collect();
        assert_eq!(points[0], 41 * 4);
        assert!(
            points[1..].iter().all(|&points| points == 76 * 4),
            "{points:?}"
        );
    }

    /// The points of every candle, folded again, are the candle that was recorded, snapped inwards.
    #[test]
    fn every_candle_comes_back_with_its_extremes() {
        let grid = ladder(64_500, 119_500);
        let recording = samsung();
        for seed in 0..20 {
            let steps = 4 + u32::try_from(seed).unwrap() * 3;
            let mut builder = CandleBuilder::new(recording.symbol(), 100_000);
            for (_, points, _) in walk(replay(Arc::clone(&recording), seed, steps), &grid) {
                assert!(points.is_sorted_by(|a, b| a.at < b.at), "seed {seed}");
                for point in points {
                    assert_eq!(grid.tick(point.price), Some(point.tick), "seed {seed}");
                    let symbol: Symbol = recording.symbol();
                    let (price, at) = (point.price, point.at);
                    let trade =
                        crate::domain::Trade::new(symbol, Venue::Krx, price, Qty::new(1), at);
                    builder.add(&trade);
                }
            }
            let walked = builder.candles(&crate::domain::CandleRequest {
                symbol: recording.symbol(),
                timeframe: recording.timeframe(),
                from: jiff::civil::date(2025, 10, 1),
                to: jiff::civil::date(2025, 10, 31),
            });
            let in_session =
                |candle: &&Candle| day_of(candle.start.kst_date()).is_open_at(candle.start);
            let recorded: Vec<&Candle> = recording.candles().iter().filter(in_session).collect();
            assert_eq!(walked.len(), recorded.len());
            for (walked, recorded) in walked.iter().zip(recorded) {
                assert_eq!(walked.start, recorded.start);
                let high = tick_at_or_below(&grid, recorded.high);
                let low = tick_at_or_above(&grid, recorded.low).min(high);
                assert_eq!(grid.tick(walked.high), Some(high), "seed {seed}");
                assert_eq!(grid.tick(walked.low), Some(low), "seed {seed}");
                for (walked, recorded) in
                    [(walked.open, recorded.open), (walked.close, recorded.close)]
                {
                    let snapped = tick_at_or_below(&grid, recorded).clamp(low, high);
                    assert_eq!(grid.tick(walked), Some(snapped), "seed {seed}");
                }
            }
        }
    }

    #[test]
    fn a_candle_of_one_price_off_the_grid_snaps_down() {
        let rows = "2025-10-14T09:00:00+09:00,92850,92850,92850,92850,1\n";
        let days = walk(replay(from_rows(rows), 1, 5), &ladder(64_500, 119_500));
        assert!(days[0].1.iter().all(|point| point.price.won() == 92_800));
    }

    #[test]
    fn candles_outside_of_the_band_are_held_at_its_edge() {
        let rows = "2025-10-14T09:00:00+09:00,92000,200000,100,92000,1\n";
        let days = walk(replay(from_rows(rows), 1, 5), &ladder(90_000, 93_000));
        let prices = days[0].1.iter().map(|point| point.price.won());
        assert_eq!(prices.clone().min(), Some(90_000));
        assert_eq!(prices.max(), Some(93_000));
    }

    #[test]
    fn candles_of_days_are_walked_over_the_session() {
        let rows = "2025-10-14T00:00:00+09:00,100,120,90,110,1\n\
                    2025-10-15T00:00:00+09:00,110,110,110,110,1\n";
        let days = walk(replay(from_rows(rows), 1, 380), &ladder(50, 150));
        let (date, points, close) = &days[0];
        assert_eq!((points.len(), close.unwrap().won()), (380, 110));
        assert_eq!(points[0].at, day_of(*date).opens());
        assert_eq!(points[379].at.kst().to_string(), "2025-10-14T15:19:00");
    }

    #[test]
    fn a_date_without_candles_is_a_day_without_points() {
        let mut path = replay(samsung(), 1, 4);
        let date = jiff::civil::date(2025, 10, 18);
        path.open_day(&day_of(date));
        assert_eq!(path.next_point(&ladder(64_500, 119_500)), None);
        assert_eq!(path.recorded_close(), None);
        assert_eq!(path.date_from(date), Some(jiff::civil::date(2025, 10, 20)));
    }

    #[test]
    fn too_few_steps_are_refused() {
        for steps in [0, 3, 100_001] {
            let params = ReplayParams { seed: 0, steps };
            assert_eq!(Replay::new(samsung(), params).unwrap_err().what, "steps");
        }
    }

    proptest! {
        #[test]
        fn any_candle_is_walked_inside_its_range(
            seed: u64,
            steps in 4_u32..60,
            (low, high) in (1_i64..2_000).prop_flat_map(|low| (Just(low), low..2_000)),
            open in 0_i64..1_000,
            close in 0_i64..1_000,
        ) {
            let (open, close) = (low + open % (high - low + 1), low + close % (high - low + 1));
            let rows = format!("2025-10-14T09:00:00+09:00,{open},{high},{low},{close},1\n");
            let days = walk(replay(from_rows(&rows), seed, steps), &ladder(1, 2_000));
            let points = &days[0].1;
            prop_assert_eq!(points.len(), steps as usize);
            let won = |at: usize| points[at].price.won();
            prop_assert_eq!((won(0), won(points.len() - 1)), (open, close));
            let prices = points.iter().map(|point| point.price.won());
            prop_assert_eq!((prices.clone().min(), prices.max()), (Some(low), Some(high)));
        }
    }
}
