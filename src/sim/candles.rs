//! Candles folded from trades as they print.

use std::collections::VecDeque;
use std::num::NonZeroU16;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time};

use crate::domain::{Candle, CandleRequest, Symbol, Timeframe, Timestamp, Trade};

/// Minute candles count from here: 09:00, when the regular session opens.
const ANCHOR_MINUTE: i64 = 9 * 60;
const MINUTE: Timeframe = Timeframe::Minutes(NonZeroU16::MIN);

/// The last minutes of one issue, out of which candles of any length are put together.
///
/// Minutes without a trade have no candle. The oldest minute is forgotten when the history is full, so a longer candle
/// at the edge of the history lacks what came before it. Allocates when made, and never again while trades come in.
#[derive(Clone, Debug)]
pub struct CandleBuilder {
    symbol: Symbol,
    minutes: VecDeque<Candle>,
    minutes_max: usize,
}

impl CandleBuilder {
    /// An empty history of at most `minutes_max` minutes, at least one.
    pub fn new(symbol: Symbol, minutes_max: usize) -> Self {
        let minutes_max = minutes_max.max(1);
        Self {
            symbol,
            minutes: VecDeque::with_capacity(minutes_max),
            minutes_max,
        }
    }

    /// The issue.
    pub const fn symbol(&self) -> Symbol {
        self.symbol
    }

    /// Adds a trade. Trades come in the order of their time; an older one counts to the newest minute.
    pub fn add(&mut self, trade: &Trade) {
        if let Some(last) = self.minutes.back_mut()
            && trade.at < end_of_minute(last.start)
        {
            last.high = last.high.max(trade.price);
            last.low = last.low.min(trade.price);
            last.close = trade.price;
            // More shares than `u64` counts are not held by any issue; the volume then stays as it is.
            last.volume = last.volume.checked_add(trade.qty).unwrap_or(last.volume);
            return;
        }
        if self.minutes.len() == self.minutes_max {
            self.minutes.pop_front();
        }
        let start = start_of_minute(trade.at);
        let mut candle = Candle::at_price(self.symbol, MINUTE, start, trade.price);
        candle.volume = trade.qty;
        self.minutes.push_back(candle);
    }

    /// The candles of that length whose trades lie in the dates asked for, oldest first. Those of another issue are
    /// none.
    ///
    /// Candles of minutes begin at multiples of their length counted from 09:00, those of days, weeks (from Monday) and
    /// months at midnight KST of their first calendar day.
    pub fn candles(&self, request: &CandleRequest) -> Vec<Candle> {
        let mut candles: Vec<Candle> = Vec::new();
        let wanted = |minute: &&Candle| {
            let date = minute.start.kst_date();
            request.symbol == self.symbol && (request.from..=request.to).contains(&date)
        };
        for minute in self.minutes.iter().filter(wanted) {
            let start = start_of_span(request.timeframe, minute.start);
            match candles.last_mut().filter(|last| last.start == start) {
                Some(last) => {
                    last.high = last.high.max(minute.high);
                    last.low = last.low.min(minute.low);
                    last.close = minute.close;
                    last.volume = last
                        .volume
                        .checked_add(minute.volume)
                        .unwrap_or(last.volume);
                }
                None => candles.push(Candle {
                    start,
                    timeframe: request.timeframe,
                    ..*minute
                }),
            }
        }
        candles
    }
}

const fn end_of_minute(start: Timestamp) -> Timestamp {
    start.saturating_add_nanos(NANOS_PER_MINUTE)
}

const fn start_of_minute(at: Timestamp) -> Timestamp {
    Timestamp::from_nanos(at.nanos() - at.nanos().rem_euclid(NANOS_PER_MINUTE))
}

const NANOS_PER_MINUTE: i64 = 60_000_000_000;

/// Where the candle begins that holds a minute.
fn start_of_span(timeframe: Timeframe, minute: Timestamp) -> Timestamp {
    let civil = minute.kst();
    let date = civil.date();
    let start = match timeframe {
        Timeframe::Minutes(length) => {
            let of_day = i64::from(civil.hour()) * 60 + i64::from(civil.minute());
            let past = (of_day - ANCHOR_MINUTE).rem_euclid(i64::from(length.get()));
            return minute.saturating_add_nanos(-past * NANOS_PER_MINUTE);
        }
        Timeframe::Day => date,
        Timeframe::Week => monday_of(date),
        Timeframe::Month => date.first_of_month(),
    };
    // A first of the month or a Monday before the earliest time that 64 bits span; no market is that old.
    Timestamp::from_kst(start, Time::midnight()).unwrap_or(minute)
}

fn monday_of(date: Date) -> Date {
    let past = i64::from(date.weekday().to_monday_zero_offset());
    // The subtraction fails only before the year -9999.
    DateTime::from(date)
        .checked_sub(past.days())
        .map_or(date, DateTime::date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Price, Qty, Venue};
    use crate::sim::RecordedCandles;
    use crate::symbol;
    use jiff::civil::date;

    const SYMBOL: Symbol = symbol!("005930");

    fn trade(at: &str, won: i64, qty: u64) -> Trade {
        let price = Price::from_won(won).unwrap();
        let at = at.parse().unwrap();
        Trade::new(SYMBOL, Venue::Krx, price, Qty::new(qty), at)
    }

    fn request(timeframe: &str) -> CandleRequest {
        CandleRequest {
            symbol: SYMBOL,
            timeframe: timeframe.parse().unwrap(),
            from: date(2025, 10, 1),
            to: date(2025, 10, 31),
        }
    }

    fn shown(candles: &[Candle]) -> Vec<String> {
        let show = |c: &Candle| {
            let start = c.start.kst().strftime("%d %H:%M");
            format!(
                "{start} {} {} {} {} {}",
                c.open, c.high, c.low, c.close, c.volume
            )
        };
        candles.iter().map(show).collect()
    }

    #[test]
    fn trades_fold_into_minutes_and_minutes_into_longer_candles() {
        let mut builder = CandleBuilder::new(SYMBOL, 100);
        for (at, won, qty) in [
            ("2025-10-14T09:00:00+09:00", 100, 1),
            ("2025-10-14T09:00:59.999999999+09:00", 90, 2),
            ("2025-10-14T09:01:00+09:00", 120, 3),
            ("2025-10-14T09:06:30+09:00", 95, 4),
            ("2025-10-15T09:00:00+09:00", 99, 5),
        ] {
            builder.add(&trade(at, won, qty));
        }
        let minutes = [
            "14 09:00 100 100 90 90 3",
            "14 09:01 120 120 120 120 3",
            "14 09:06 95 95 95 95 4",
            "15 09:00 99 99 99 99 5",
        ];
        assert_eq!(shown(&builder.candles(&request("1m"))), minutes);
        let fives = [
            "14 09:00 100 120 90 120 6",
            "14 09:05 95 95 95 95 4",
            "15 09:00 99 99 99 99 5",
        ];
        assert_eq!(shown(&builder.candles(&request("5m"))), fives);
        let days = ["14 00:00 100 120 90 95 10", "15 00:00 99 99 99 99 5"];
        assert_eq!(shown(&builder.candles(&request("1d"))), days);
        assert_eq!(
            shown(&builder.candles(&request("1w"))),
            ["13 00:00 100 120 90 99 15"]
        );
        assert_eq!(
            shown(&builder.candles(&request("1M"))),
            ["01 00:00 100 120 90 99 15"]
        );
        let one_day = CandleRequest {
            to: date(2025, 10, 14),
            ..request("1d")
        };
        assert_eq!(builder.candles(&one_day).len(), 1);
        let other = CandleRequest {
            symbol: symbol!("000660"),
            ..request("1d")
        };
        assert_eq!(builder.candles(&other), []);
    }

    #[test]
    fn long_candles_count_from_nine() {
        let mut builder = CandleBuilder::new(SYMBOL, 100);
        builder.add(&trade("2025-10-14T15:19:00+09:00", 100, 1));
        assert_eq!(
            shown(&builder.candles(&request("240m"))),
            ["14 13:00 100 100 100 100 1"]
        );
        assert_eq!(
            shown(&builder.candles(&request("7m"))),
            ["14 15:18 100 100 100 100 1"]
        );
    }

    #[test]
    fn the_history_is_bounded_and_forgets_the_oldest() {
        let mut builder = CandleBuilder::new(SYMBOL, 3);
        let capacity = builder.minutes.capacity();
        for minute in 0..60 {
            builder.add(&trade(
                &format!("2025-10-14T09:{minute:02}:00+09:00"),
                100,
                1,
            ));
        }
        assert_eq!(builder.minutes.capacity(), capacity);
        let starts = shown(&builder.candles(&request("1m")));
        assert_eq!(starts.len(), 3);
        assert!(starts[0].starts_with("14 09:57"), "{starts:?}");
    }

    /// Every recorded bar, told as the four trades that made it, comes back as the same bar.
    #[test]
    fn recorded_bars_come_back_from_their_trades() {
        let recording = RecordedCandles::samsung_2025_10();
        let mut builder = CandleBuilder::new(SYMBOL, 10_000);
        for bar in recording.candles() {
            let quarter = Qty::new(bar.volume.get() / 4);
            let rest = Qty::new(bar.volume.get() - 3 * quarter.get());
            let parts = [
                (bar.open, quarter),
                (bar.low, quarter),
                (bar.high, quarter),
                (bar.close, rest),
            ];
            for (minute, (price, qty)) in (0..).zip(parts) {
                let at = bar.start.saturating_add_nanos(minute * NANOS_PER_MINUTE);
                builder.add(&Trade::new(SYMBOL, Venue::Krx, price, qty, at));
            }
        }
        assert_eq!(builder.candles(&request("5m")), recording.candles());
    }
}
