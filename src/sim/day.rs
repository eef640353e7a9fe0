//! A trading day, as far as the exchange needs to know it.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::domain::{
    SETTLEMENT_DAYS, Segment, Timestamp, Timetable, TradingCalendar, ValueError, Venue,
};

/// When a day trades continuously, and when its trades settle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TradingDay {
    date: Date,
    opens: Timestamp,
    closes: Timestamp,
    next: Date,
    settles: Date,
}

impl TradingDay {
    /// A day that trades from `opens` (included) to `closes` (excluded), is followed by the trading day `next`, and whose
    /// trades settle on `settles`.
    ///
    /// # Errors
    /// When the times or the dates are not in order.
    pub fn new(
        date: Date,
        opens: Timestamp,
        closes: Timestamp,
        next: Date,
        settles: Date,
    ) -> Result<Self, ValueError> {
        if opens >= closes {
            return Err(ValueError::new(
                "opening time",
                opens,
                format!("before the closing time {closes}"),
            ));
        }
        if next <= date || settles < date {
            return Err(ValueError::new(
                "trading day",
                date,
                format!("before the next one {next}, and settled no earlier: {settles}"),
            ));
        }
        Ok(Self {
            date,
            opens,
            closes,
            next,
            settles,
        })
    }

    /// A day of the calendar: KRX continuous trading, settlement on T+2.
    ///
    /// # Errors
    /// On a day without trading, and when the calendar ends before the settlement.
    pub fn of_krx(calendar: &TradingCalendar, date: Date) -> Result<Self, ValueError> {
        let hours = Timetable::on(date, calendar)?
            .sessions(Venue::Krx)
            .find(|session| session.segment == Segment::Continuous)
            .map(|session| session.matching)
            .ok_or_else(|| ValueError::new("trading day", date, "a day with trading"))?;
        Self::new(
            date,
            Timestamp::from_kst(date, hours.start)?,
            Timestamp::from_kst(date, hours.end)?,
            calendar.next_trading_day(date)?,
            calendar.settlement_date(date, SETTLEMENT_DAYS)?,
        )
    }

    /// The civil day of `opens` in Korea from then to midnight, as if there were no nights and no holidays: the next
    /// trading day is tomorrow, and trades settle the day after.
    ///
    /// # Errors
    /// Where the calendar of the world ends.
    pub fn whole(opens: Timestamp) -> Result<Self, ValueError> {
        let date = opens.kst_date();
        let later = |days: i32| {
            let error = |_| ValueError::new("date", date, "a date that others follow");
            date.checked_add(days.days()).map_err(error)
        };
        let (next, settles) = (later(1)?, later(i32::from(SETTLEMENT_DAYS))?);
        let closes = Timestamp::from_kst(next, jiff::civil::Time::midnight())?;
        Self::new(date, opens, closes, next, settles)
    }

    /// The date.
    pub const fn date(&self) -> Date {
        self.date
    }

    /// The first moment of continuous trading.
    pub const fn opens(&self) -> Timestamp {
        self.opens
    }

    /// The first moment after continuous trading.
    pub const fn closes(&self) -> Timestamp {
        self.closes
    }

    /// The next trading day (D+1).
    pub const fn next(&self) -> Date {
        self.next
    }

    /// When the day's trades settle (D+2).
    pub const fn settles(&self) -> Date {
        self.settles
    }

    /// Whether orders are taken then.
    pub fn is_open_at(&self, now: Timestamp) -> bool {
        self.opens <= now && now < self.closes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn special_days_have_their_hours_and_settlement() {
        let calendar = TradingCalendar::builtin();
        for (date, opens, closes, settles) in [
            (date(2026, 11, 18), "09:00", "15:20", date(2026, 11, 20)),
            (date(2026, 11, 19), "10:00", "16:20", date(2026, 11, 23)),
            (date(2026, 1, 2), "10:00", "15:20", date(2026, 1, 6)),
            (date(2026, 12, 29), "09:00", "15:20", date(2027, 1, 4)),
        ] {
            let day = TradingDay::of_krx(calendar, date).unwrap();
            assert_eq!(day.settles(), settles, "{date}");
            let minute = |at: Timestamp| at.kst_time().strftime("%H:%M").to_string();
            assert_eq!(
                (minute(day.opens()), minute(day.closes())),
                (opens.into(), closes.into())
            );
            let before = |at: Timestamp| at.saturating_add_nanos(-1);
            assert!(day.is_open_at(day.opens()) && !day.is_open_at(before(day.opens())));
            assert!(day.is_open_at(before(day.closes())) && !day.is_open_at(day.closes()));
        }
        for closed in [date(2026, 11, 21), date(2026, 6, 3), date(2020, 1, 2)] {
            assert!(TradingDay::of_krx(calendar, closed).is_err(), "{closed}");
        }
    }

    #[test]
    fn a_whole_day_ends_at_midnight_in_korea() {
        let opens: Timestamp = "2026-11-28T02:15:00+09:00".parse().unwrap();
        let day = TradingDay::whole(opens).unwrap();
        assert_eq!(
            (day.date(), day.next()),
            (date(2026, 11, 28), date(2026, 11, 29))
        );
        assert_eq!(day.settles(), date(2026, 11, 30));
        assert_eq!(
            (day.opens(), day.closes()),
            (opens, "2026-11-29T00:00:00+09:00".parse().unwrap())
        );
    }

    #[test]
    fn days_out_of_order_are_errors() {
        let (first, second) = (date(2026, 3, 10), date(2026, 3, 11));
        let at = Timestamp::from_nanos;
        assert!(TradingDay::new(first, at(1), at(1), second, second).is_err());
        assert!(TradingDay::new(first, at(0), at(1), first, second).is_err());
        assert!(TradingDay::new(second, at(0), at(1), date(2026, 3, 12), first).is_err());
    }
}
