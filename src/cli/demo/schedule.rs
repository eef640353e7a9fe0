//! When the demo sends its orders: evenly over the trading hours of its days.

use gwanmun::sim::{RecordedCandles, TradingDay};
use gwanmun::{Timestamp, TradingCalendar, ValueError};
use jiff::civil::Date;

/// Stretches of trading, oldest first, and how many orders are spread over them.
#[derive(Debug)]
pub(super) struct Schedule {
    stretches: Vec<Stretch>,
    orders: u64,
}

#[derive(Clone, Copy, Debug)]
struct Stretch {
    from: Timestamp,
    nanos: i64,
}

impl Schedule {
    /// Over the recorded days, each from its first candle in the session to the session's end.
    pub(super) fn of_recording(
        recording: &RecordedCandles,
        orders: u64,
    ) -> Result<Self, ValueError> {
        let mut stretches = Vec::new();
        for (date, place) in recording.days() {
            let day = TradingDay::of_krx(TradingCalendar::builtin(), date)?;
            let first = recording.candles()[place].first();
            let from = first.map_or_else(|| day.opens(), |candle| candle.start.max(day.opens()));
            if from < day.closes() {
                stretches.push(Stretch::new(from, &day));
            }
        }
        if stretches.is_empty() {
            let found = recording.candles()[0].start;
            let expected = "a candle that begins inside the continuous session of its date";
            return Err(ValueError::new("recorded candles", found, expected));
        }
        Ok(Self { stretches, orders })
    }

    /// Over so many trading days from a date on.
    pub(super) fn of_days(first: Date, days: usize, orders: u64) -> Result<Self, ValueError> {
        let calendar = TradingCalendar::builtin();
        let mut stretches = Vec::with_capacity(days);
        let mut date = first;
        for _ in 0..days {
            let day = TradingDay::of_krx(calendar, date)?;
            stretches.push(Stretch::new(day.opens(), &day));
            date = day.next();
        }
        Ok(Self { stretches, orders })
    }

    /// When order `number`, counted from 0, is sent.
    pub(super) fn at(&self, number: u64) -> Timestamp {
        let lengths = self
            .stretches
            .iter()
            .map(|stretch| i128::from(stretch.nanos));
        let total: i128 = lengths.sum();
        // One part more than orders, so that none falls on the very opening or closing.
        let mut past = total * (i128::from(number) + 1) / (i128::from(self.orders) + 1);
        let mut at = Timestamp::EPOCH;
        for stretch in &self.stretches {
            let inside = past.min(i128::from(stretch.nanos) - 1);
            // Less than the stretch's own length.
            at = stretch
                .from
                .saturating_add_nanos(i64::try_from(inside).unwrap_or(0));
            past -= i128::from(stretch.nanos);
            if past < 0 {
                break;
            }
        }
        at
    }
}

impl Stretch {
    const fn new(from: Timestamp, day: &TradingDay) -> Self {
        Self {
            from,
            nanos: day.closes().nanos_since(from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn orders_spread_evenly_over_trading_hours_only() {
        let schedule = Schedule::of_days(date(2026, 11, 27), 2, 3).unwrap();
        let times: Vec<String> = (0..3)
            .map(|number| schedule.at(number).to_string())
            .collect();
        // Friday and Monday of 6 h 20 min each, in four parts.
        let expected = [
            "2026-11-27T12:10:00+09:00",
            "2026-11-30T09:00:00+09:00",
            "2026-11-30T12:10:00+09:00",
        ];
        assert_eq!(times, expected);
    }

    #[test]
    fn a_recording_is_used_from_its_first_candle_to_its_last_session() {
        let recording = RecordedCandles::samsung_2025_10();
        let schedule = Schedule::of_recording(recording, 1_000_000).unwrap();
        let (first, last) = (schedule.at(0), schedule.at(999_999));
        assert!(
            first.to_string().starts_with("2025-10-14T11:55:00"),
            "{first}"
        );
        assert!(
            last.to_string().starts_with("2025-10-29T15:19:59"),
            "{last}"
        );
        let mut before = Timestamp::EPOCH;
        for number in (0..1_000_000).step_by(997) {
            let at = schedule.at(number);
            assert!(at > before);
            before = at;
        }
    }
}
