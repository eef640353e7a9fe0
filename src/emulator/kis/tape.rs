//! What was traded in an issue: the day's figures, the last prints, the candles.

use std::cell::OnceCell;
use std::collections::VecDeque;

use jiff::civil::Date;

use super::past;
use super::settings::Issue;
use crate::domain::{
    Candle, CandleRequest, Money, Price, Qty, Side, Symbol, Timeframe, Timestamp, Trade,
};
use crate::sim::CandleBuilder;

/// Minutes of candles kept of each issue: ten trading days.
const MINUTES_MAX: usize = 3_900;
/// Prints kept of each issue.
const PRINTS_MAX: usize = 600;

/// A trade, with the day's figures right after it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Print {
    /// The issue.
    pub(super) place: usize,
    pub(super) trade: Trade,
    pub(super) day: DayFigures,
}

/// What a day's trades add up to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DayFigures {
    pub(super) open: Option<(Price, Timestamp)>,
    pub(super) high: Option<(Price, Timestamp)>,
    pub(super) low: Option<(Price, Timestamp)>,
    pub(super) volume: u64,
    pub(super) value: Money,
    pub(super) buys: u64,
    pub(super) sells: u64,
    pub(super) bought: u64,
    pub(super) sold: u64,
}

/// One issue's tape.
#[derive(Debug)]
pub(super) struct Tape {
    symbol: Symbol,
    /// Where its made-up past comes from.
    origin: Origin,
    day: DayFigures,
    /// The newest in front.
    prints: VecDeque<Print>,
    candles: CandleBuilder,
    /// Days of before the simulation, oldest first. Made when somebody asks.
    past: OnceCell<Vec<Candle>>,
    /// Volume of the last simulated day.
    volume_before: Option<u64>,
}

/// What a past is made up of.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub(super) issue: Issue,
    pub(super) base: Price,
    pub(super) first: Date,
    pub(super) seed: u64,
}

impl Tape {
    pub(super) fn new(origin: Origin) -> Self {
        Self {
            symbol: origin.issue.symbol,
            day: DayFigures::default(),
            prints: VecDeque::with_capacity(PRINTS_MAX),
            candles: CandleBuilder::new(origin.issue.symbol, MINUTES_MAX),
            volume_before: None,
            past: OnceCell::new(),
            origin,
        }
    }

    pub(super) const fn symbol(&self) -> Symbol {
        self.symbol
    }

    pub(super) const fn seed(&self) -> u64 {
        self.origin.seed
    }

    fn past(&self) -> &[Candle] {
        let Origin {
            issue,
            base,
            first,
            seed,
        } = &self.origin;
        self.past
            .get_or_init(|| past::days(issue, *base, *first, *seed))
    }

    /// Shares traded on the day before.
    pub(super) fn volume_before(&self) -> u64 {
        let made_up = || self.past().last().map_or(0, |day| day.volume.get());
        self.volume_before.unwrap_or_else(made_up)
    }

    /// The last prints of the day, newest first.
    pub(super) fn prints(&self) -> impl Iterator<Item = &Print> {
        self.prints.iter()
    }

    pub(super) fn open_day(&mut self) {
        if self.day.volume > 0 {
            self.volume_before = Some(self.day.volume);
        }
        self.day = DayFigures::default();
        self.prints.clear();
    }

    pub(super) fn print(&mut self, place: usize, trade: Trade) -> Print {
        let day = &mut self.day;
        let here = (trade.price, trade.at);
        day.open.get_or_insert(here);
        if day.high.is_none_or(|(high, _)| trade.price > high) {
            day.high = Some(here);
        }
        if day.low.is_none_or(|(low, _)| trade.price < low) {
            day.low = Some(here);
        }
        day.volume = day.volume.saturating_add(trade.qty.get());
        let value = trade.price.value(trade.qty).unwrap_or(Money::MAX);
        day.value = day.value.checked_add(value).unwrap_or(Money::MAX);
        match trade.aggressor {
            Some(Side::Buy) => {
                day.buys += 1;
                day.bought = day.bought.saturating_add(trade.qty.get());
            }
            Some(Side::Sell) => {
                day.sells += 1;
                day.sold = day.sold.saturating_add(trade.qty.get());
            }
            None => {}
        }
        self.candles.add(&trade);
        let print = Print {
            place,
            trade,
            day: *day,
        };
        self.prints.truncate(PRINTS_MAX - 1);
        self.prints.push_front(print);
        print
    }

    /// Candles from one date to another, oldest first: the made-up past, then what was simulated.
    pub(super) fn long_candles(&self, span: Span, from: Date, to: Date) -> Vec<Candle> {
        let simulated = self.candles.candles(&CandleRequest {
            symbol: self.symbol,
            timeframe: Timeframe::Day,
            from,
            to,
        });
        let dates = from..=to;
        let mut days: Vec<Candle> = self
            .past()
            .iter()
            .filter(|day| dates.contains(&day.start.kst_date()))
            .copied()
            .collect();
        let until = days.last().map(|day| day.start);
        days.extend(simulated.into_iter().filter(|day| Some(day.start) > until));
        match span {
            Span::Day => days,
            Span::Week => fold(&days, |date| {
                let monday = i32::from(date.weekday().to_monday_zero_offset());
                date.checked_sub(jiff::ToSpan::days(monday)).unwrap_or(date)
            }),
            Span::Month => fold(&days, Date::first_of_month),
            Span::Year => fold(&days, Date::first_of_year),
        }
    }

    /// The day's close and shares traded before a date, for changes from day to day.
    pub(super) fn day_before(&self, date: Date) -> Option<&Candle> {
        let before = |day: &&Candle| day.start.kst_date() < date;
        self.past().iter().rev().find(before)
    }

    /// Minutes of a date that was simulated, oldest first.
    pub(super) fn minutes(&self, date: Date) -> Vec<Candle> {
        self.candles.candles(&CandleRequest {
            symbol: self.symbol,
            timeframe: Timeframe::Minutes(std::num::NonZeroU16::MIN),
            from: date,
            to: date,
        })
    }
}

/// How long a candle is, of those that are put together of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Span {
    Day,
    Week,
    Month,
    Year,
}

/// Longer candles out of days, each named by the first day that it has.
fn fold(days: &[Candle], first: impl Fn(Date) -> Date) -> Vec<Candle> {
    let mut folded: Vec<(Date, Candle)> = Vec::new();
    for day in days {
        let key = first(day.start.kst_date());
        match folded.last_mut().filter(|(last, _)| *last == key) {
            Some((_, candle)) => {
                candle.high = candle.high.max(day.high);
                candle.low = candle.low.min(day.low);
                candle.close = day.close;
                candle.volume = Qty::new(candle.volume.get().saturating_add(day.volume.get()));
            }
            None => folded.push((key, *day)),
        }
    }
    folded.into_iter().map(|(_, candle)| candle).collect()
}
