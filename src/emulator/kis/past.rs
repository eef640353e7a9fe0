//! A past for issues whose simulation begins today: made up from the seed, so that charts have something to show.

use jiff::ToSpan;
use jiff::civil::{Date, Time, Weekday};
use rand::RngExt;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::settings::Issue;
use crate::domain::{Candle, Price, Qty, Symbol, TickTable, Timeframe, Timestamp, TradingCalendar};

/// Two years of trading days.
const DAYS: usize = 500;
/// Minutes from 09:00 to 15:30.
const MINUTES: u32 = 391;
/// The most that a day closes away from the last, in 1/10,000.
const MOVE_BP: i64 = 250;
const BP: i64 = 10_000;

/// The days before `first`, oldest first; the last one closes at `base`.
pub(super) fn days(issue: &Issue, base: Price, first: Date, seed: u64) -> Vec<Candle> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut days = Vec::with_capacity(DAYS);
    let (mut date, mut close) = (first, base);
    while days.len() < DAYS {
        let Some(before) = trading_day_before(date) else {
            break;
        };
        date = before;
        let on_grid = |won: i64| on_grid(issue, date, won).unwrap_or(close);
        let moved = random.random_range(-MOVE_BP..=MOVE_BP);
        let open = on_grid(close.won() * BP / (BP + moved));
        let (top, bottom) = (open.max(close), open.min(close));
        let high = on_grid(top.won() * (BP + random.random_range(0..=MOVE_BP / 2)) / BP).max(top);
        let low =
            on_grid(bottom.won() * (BP - random.random_range(0..=MOVE_BP / 2)) / BP).min(bottom);
        let volume = Qty::new(random.random_range(200_000..2_000_000));
        let Some(day) = candle(issue.symbol, Timeframe::Day, date, Time::midnight()) else {
            break;
        };
        days.push(Candle {
            open,
            high,
            low,
            close,
            volume,
            ..day(close)
        });
        close = open;
    }
    days.reverse();
    days
}

/// The minutes of a made-up day, oldest first: down or up to the one end of its range, to the other, and to its close.
pub(super) fn minutes(issue: &Issue, day: &Candle, seed: u64) -> Vec<Candle> {
    let date = day.start.kst_date();
    let ordinal = u64::from(date.day_of_year().unsigned_abs());
    let mut random = ChaCha8Rng::seed_from_u64(seed ^ ordinal);
    let corners = match day.close >= day.open {
        true => [day.open, day.low, day.high, day.close],
        false => [day.open, day.high, day.low, day.close],
    };
    let leg = MINUTES / 3;
    let price_at = |minute: u32| {
        let place = usize::try_from((minute / leg).min(2)).unwrap_or(2);
        let (from, to) = (corners[place].won(), corners[place + 1].won());
        let into = i64::from(minute - minute / leg.max(1) * leg.min(minute)).min(i64::from(leg));
        match minute + 1 == MINUTES {
            true => day.close,
            false => {
                let won = from + (to - from) * into / i64::from(leg);
                on_grid(issue, date, won).unwrap_or(day.close)
            }
        }
    };
    let share = day.volume.get() / u64::from(MINUTES);
    (0..MINUTES)
        .filter_map(|minute| {
            let clock = Time::constant(9, 0, 0, 0)
                .checked_add(i64::from(minute).minutes())
                .ok()?;
            let timeframe = Timeframe::Minutes(std::num::NonZeroU16::MIN);
            let make = candle(day.symbol, timeframe, date, clock)?;
            let (open, close) = (price_at(minute.saturating_sub(1)), price_at(minute));
            Some(Candle {
                open,
                high: open.max(close),
                low: open.min(close),
                close,
                volume: Qty::new(share.saturating_add(random.random_range(0..100))),
                ..make(close)
            })
        })
        .collect()
}

/// The price of the grid at or below so many won.
fn on_grid(issue: &Issue, date: Date, won: i64) -> Option<Price> {
    let table = TickTable::of(issue.kind, issue.market, date).ok()?;
    table.floor(Price::checked_won(won.max(1))?)
}

fn candle(
    symbol: Symbol,
    timeframe: Timeframe,
    date: Date,
    time: Time,
) -> Option<impl Fn(Price) -> Candle> {
    let start = Timestamp::from_kst(date, time).ok()?;
    Some(move |price| Candle::at_price(symbol, timeframe, start, price))
}

/// The trading day before; beyond the calendar, the weekday before.
pub(super) fn trading_day_before(date: Date) -> Option<Date> {
    if let Ok(before) = TradingCalendar::builtin().previous_trading_day(date) {
        return Some(before);
    }
    let mut before = date;
    loop {
        before = before.checked_sub(1.day()).ok()?;
        if !matches!(before.weekday(), Weekday::Saturday | Weekday::Sunday) {
            return Some(before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_past_ends_at_the_base_price_and_is_in_order() {
        let issue = &Issue::defaults()[0];
        let days = days(issue, issue.base, jiff::civil::date(2026, 11, 28), 7);
        assert_eq!(days.len(), DAYS);
        assert_eq!(days.last().unwrap().close, issue.base);
        assert!(days.windows(2).all(|pair| pair[0].start < pair[1].start));
        assert!(days.windows(2).all(|pair| pair[0].close == pair[1].open));
        let sound = |day: &Candle| {
            day.low <= day.open.min(day.close) && day.high >= day.open.max(day.close)
        };
        assert!(days.iter().all(sound));
        let minutes = minutes(issue, &days[400], 7);
        assert_eq!(minutes.len(), 391);
        assert_eq!(minutes.last().unwrap().close, days[400].close);
        assert!(minutes.iter().all(sound));
        let on_tick = |minute: &Candle| minute.close.won() % 100 == 0;
        assert!(minutes.iter().all(on_tick));
        let within = |minute: &Candle| minute.low >= days[400].low && minute.high <= days[400].high;
        assert!(minutes.iter().all(within));
    }
}
