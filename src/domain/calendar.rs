//! Trading days: which days the exchange is open, and by which timetable.
//!
//! The table is data that changes: temporary holidays are announced weeks or days ahead. [`TradingCalendar::builtin`]
//! is what was known when the crate was made; [`TradingCalendar::from_tsv`] reads a newer one and
//! [`TradingCalendar::close`] adds a single day. A date outside the table is an error, never a guess.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::{Arc, LazyLock};

use jiff::civil::{Date, Weekday, date};

use super::text::{ValueError, text_enum};

text_enum! {
    /// The timetable of a trading day.
    pub enum DayKind("day kind") {
        /// An ordinary day.
        Normal = "NORMAL",
        /// The day of the university entrance examination (수능): everything an hour later.
        Csat = "CSAT",
        /// The first trading day of a year: opens at 10:00, closes as usual.
        FirstDay = "FIRST_DAY",
    }
}

/// Trading days from trade to settlement: T+2 for shares, ETF, ETN and ELW, in force in November 2026.
pub const SETTLEMENT_DAYS: u8 = 2;

/// A day of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecialDay {
    /// The timetable; `None` on a day without trading.
    pub kind: Option<DayKind>,
    /// What day it is, in English.
    pub name: Arc<str>,
    /// How sure that is: `confirmed`, `by rule`, `UNCONFIRMED`, with remarks.
    pub status: Arc<str>,
}

/// The trading days of whole years.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TradingCalendar {
    first: Date,
    last: Date,
    special: BTreeMap<Date, SpecialDay>,
}

static BUILTIN: LazyLock<TradingCalendar> = LazyLock::new(|| {
    // The text is part of the crate and a test reads it, so this cannot fail in use.
    TradingCalendar::from_tsv(include_str!("holidays.tsv")).expect("the built-in calendar is valid")
});

impl TradingCalendar {
    /// The days known when the crate was made: 2024 to 2027, the last year not confirmed by the exchange.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// Reads a table: tab-separated, one header line, lines that start with `#` skipped, and the columns `date`,
    /// `weekday`, `name_en`, `name_ko`, `state` (`closed`, `late-open`, `open`), `regular_open`, `regular_close`,
    /// `status`.
    ///
    /// It covers whole years, from that of its first row to that of its last, and must close the last weekday of each:
    /// a table that was cut off is not taken for a year without holidays.
    ///
    /// # Errors
    /// At the first line that is not such a row, with its number; when dates do not ascend, or a year is not whole.
    pub fn from_tsv(text: &str) -> Result<Self, ValueError> {
        let mut lines = text
            .lines()
            .zip(1..)
            .filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
        match lines.next() {
            Some((HEADER, _)) => {}
            header => {
                let found = header.map_or("", |(line, _)| line);
                return Err(ValueError::new("calendar header", found, HEADER));
            }
        }
        let mut special = BTreeMap::new();
        for (line, number) in lines {
            let (date, day) = parse_row(line).map_err(|(what, expected)| {
                ValueError::new(what, format_args!("line {number}: {line}"), expected)
            })?;
            if special
                .last_key_value()
                .is_some_and(|(&last, _)| date <= last)
            {
                return Err(ValueError::new(
                    "calendar date",
                    format_args!("line {number}: {date}"),
                    "dates in ascending order, each once",
                ));
            }
            special.insert(date, day);
        }
        let years = special
            .first_key_value()
            .zip(special.last_key_value())
            .map(|((first, _), (last, _))| first.year()..=last.year())
            .ok_or_else(|| ValueError::new("calendar", "no rows", "at least one year"))?;
        let calendar = Self {
            first: date(*years.start(), 1, 1),
            last: date(*years.end(), 12, 31),
            special,
        };
        for year in years {
            let end = last_weekday(year);
            if calendar.is_trading_day(end)? {
                return Err(ValueError::new(
                    "calendar year",
                    year,
                    format!("a whole year, with {end} closed"),
                ));
            }
        }
        Ok(calendar)
    }

    /// The first and the last date of the table.
    pub const fn covers(&self) -> RangeInclusive<Date> {
        self.first..=self.last
    }

    /// Closes the market on a date of the table: an unscheduled holiday.
    ///
    /// # Errors
    /// Outside the table.
    pub fn close(&mut self, date: Date, name: &str) -> Result<(), ValueError> {
        self.set(date, None, name)
    }

    /// Gives a date of the table a timetable, or none: announced changes.
    ///
    /// # Errors
    /// Outside the table, and for an opening on a weekend.
    pub fn set(&mut self, date: Date, kind: Option<DayKind>, name: &str) -> Result<(), ValueError> {
        self.check(date)?;
        if kind.is_some() && is_weekend(date) {
            return Err(ValueError::new("trading day", date, "a weekday"));
        }
        let day = SpecialDay {
            kind,
            name: name.into(),
            status: "set at run time".into(),
        };
        self.special.insert(date, day);
        Ok(())
    }

    /// The row of a date, if the table has one.
    pub fn special_day(&self, date: Date) -> Option<&SpecialDay> {
        self.special.get(&date)
    }

    /// The timetable of a date; `None` on a day without trading.
    ///
    /// # Errors
    /// Outside the table.
    pub fn day_kind(&self, date: Date) -> Result<Option<DayKind>, ValueError> {
        self.check(date)?;
        Ok(match self.special.get(&date) {
            _ if is_weekend(date) => None,
            Some(day) => day.kind,
            None => Some(DayKind::Normal),
        })
    }

    /// Whether there is trading on a date.
    ///
    /// # Errors
    /// Outside the table.
    pub fn is_trading_day(&self, date: Date) -> Result<bool, ValueError> {
        self.day_kind(date).map(|kind| kind.is_some())
    }

    /// The first trading day after a date.
    ///
    /// # Errors
    /// When the table ends before it.
    pub fn next_trading_day(&self, date: Date) -> Result<Date, ValueError> {
        self.walk(date, Date::tomorrow)
    }

    /// The last trading day before a date.
    ///
    /// # Errors
    /// When the table begins after it.
    pub fn previous_trading_day(&self, date: Date) -> Result<Date, ValueError> {
        self.walk(date, Date::yesterday)
    }

    /// The trading day `days` after a trade: with [`SETTLEMENT_DAYS`], when it settles.
    ///
    /// # Errors
    /// When there is no trading on `trade`, or the table ends before the answer.
    pub fn settlement_date(&self, trade: Date, days: u8) -> Result<Date, ValueError> {
        if !self.is_trading_day(trade)? {
            return Err(ValueError::new("trade date", trade, "a trading day"));
        }
        (0..days).try_fold(trade, |day, _| self.next_trading_day(day))
    }

    fn walk(
        &self,
        date: Date,
        step: impl Fn(Date) -> Result<Date, jiff::Error>,
    ) -> Result<Date, ValueError> {
        self.check(date)?;
        let mut day = date;
        loop {
            day = step(day).map_err(|_| self.outside(day))?;
            if self.is_trading_day(day)? {
                return Ok(day);
            }
        }
    }

    fn check(&self, date: Date) -> Result<(), ValueError> {
        if date < self.first || self.last < date {
            return Err(self.outside(date));
        }
        Ok(())
    }

    fn outside(&self, date: Date) -> ValueError {
        let expected = format!("{} to {}, which the calendar covers", self.first, self.last);
        ValueError::new("date", date, expected)
    }
}

const HEADER: &str = "date\tweekday\tname_en\tname_ko\tstate\tregular_open\tregular_close\tstatus";

/// What is wrong with a row: which value, and what is expected.
type RowError = (&'static str, &'static str);

fn parse_row(line: &str) -> Result<(Date, SpecialDay), RowError> {
    let columns: Vec<&str> = line.split('\t').collect();
    let &[day, weekday, name, _, state, open, close, status] = columns.as_slice() else {
        return Err(("calendar row", "8 columns"));
    };
    let date = day
        .parse()
        .ok()
        .filter(|date: &Date| date.to_string() == day)
        .ok_or(("calendar date", "a date such as 2026-11-24"))?;
    if weekday != weekday_word(date.weekday()) {
        return Err(("weekday", "the weekday of the date, such as Mon"));
    }
    if is_weekend(date) {
        return Err(("calendar date", "a weekday: weekends are always closed"));
    }
    let kind = match (state, open, close) {
        ("closed", "", "") => None,
        ("open", "09:00", "15:30") => Some(DayKind::Normal),
        ("late-open", "10:00", "15:30") => Some(DayKind::FirstDay),
        ("late-open", "10:00", "16:30") => Some(DayKind::Csat),
        _ => {
            return Err((
                "calendar hours",
                "closed; open 09:00 to 15:30; late-open 10:00 to 15:30 or 16:30",
            ));
        }
    };
    let day = SpecialDay {
        kind,
        name: name.into(),
        status: status.into(),
    };
    Ok((date, day))
}

const fn weekday_word(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "Mon",
        Weekday::Tuesday => "Tue",
        Weekday::Wednesday => "Wed",
        Weekday::Thursday => "Thu",
        Weekday::Friday => "Fri",
        Weekday::Saturday => "Sat",
        Weekday::Sunday => "Sun",
    }
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// 31 December, or the Friday before it: the market is closed on it every year.
fn last_weekday(year: i16) -> Date {
    let day = match date(year, 12, 31).weekday() {
        Weekday::Saturday => 30,
        Weekday::Sunday => 29,
        Weekday::Monday
        | Weekday::Tuesday
        | Weekday::Wednesday
        | Weekday::Thursday
        | Weekday::Friday => 31,
    };
    date(year, 12, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn builtin() -> &'static TradingCalendar {
        TradingCalendar::builtin()
    }

    fn days(year: i16) -> impl Iterator<Item = Date> {
        date(year, 1, 1)
            .series(jiff::Span::new().days(1))
            .take_while(move |day| day.year() == year)
    }

    /// Counted apart from the table: 244, 242, 244, and 245 as expected for 2027.
    #[test]
    fn years_have_their_number_of_trading_days() {
        assert_eq!(builtin().covers(), date(2024, 1, 1)..=date(2027, 12, 31));
        for (year, count) in [(2024, 244), (2025, 242), (2026, 244), (2027, 245)] {
            let open = days(year).filter(|&day| builtin().is_trading_day(day).unwrap());
            assert_eq!(open.count(), count, "{year}");
        }
    }

    /// S-86: (trade date, D+1, D+2).
    #[test]
    fn s86_settlement_dates() {
        for (trade, next, settlement) in [
            (date(2024, 2, 7), date(2024, 2, 8), date(2024, 2, 13)),
            (date(2024, 2, 8), date(2024, 2, 13), date(2024, 2, 14)),
            (date(2024, 9, 12), date(2024, 9, 13), date(2024, 9, 19)),
            (date(2024, 9, 13), date(2024, 9, 19), date(2024, 9, 20)),
            (date(2024, 12, 27), date(2024, 12, 30), date(2025, 1, 2)),
            (date(2024, 12, 30), date(2025, 1, 2), date(2025, 1, 3)),
            (date(2025, 1, 23), date(2025, 1, 24), date(2025, 1, 31)),
            (date(2025, 1, 24), date(2025, 1, 31), date(2025, 2, 3)),
            (date(2025, 5, 2), date(2025, 5, 7), date(2025, 5, 8)),
            (date(2025, 10, 1), date(2025, 10, 2), date(2025, 10, 10)),
            (date(2025, 10, 2), date(2025, 10, 10), date(2025, 10, 13)),
            (date(2025, 12, 29), date(2025, 12, 30), date(2026, 1, 2)),
            (date(2026, 2, 12), date(2026, 2, 13), date(2026, 2, 19)),
            (date(2026, 2, 13), date(2026, 2, 19), date(2026, 2, 20)),
            (date(2026, 6, 1), date(2026, 6, 2), date(2026, 6, 4)),
            (date(2026, 6, 2), date(2026, 6, 4), date(2026, 6, 5)),
            (date(2026, 7, 15), date(2026, 7, 16), date(2026, 7, 20)),
            (date(2026, 7, 16), date(2026, 7, 20), date(2026, 7, 21)),
            (date(2026, 9, 22), date(2026, 9, 23), date(2026, 9, 28)),
            (date(2026, 9, 23), date(2026, 9, 28), date(2026, 9, 29)),
            (date(2026, 10, 2), date(2026, 10, 6), date(2026, 10, 7)),
            (date(2026, 11, 18), date(2026, 11, 19), date(2026, 11, 20)),
            (date(2026, 11, 19), date(2026, 11, 20), date(2026, 11, 23)),
            (date(2026, 12, 29), date(2026, 12, 30), date(2027, 1, 4)),
            (date(2026, 12, 30), date(2027, 1, 4), date(2027, 1, 5)),
        ] {
            let calendar = builtin();
            assert_eq!(calendar.settlement_date(trade, 0), Ok(trade));
            assert_eq!(calendar.settlement_date(trade, 1), Ok(next), "{trade}");
            assert_eq!(
                calendar.settlement_date(trade, SETTLEMENT_DAYS),
                Ok(settlement),
                "{trade}"
            );
            assert_eq!(calendar.previous_trading_day(settlement), Ok(next));
            assert_eq!(calendar.previous_trading_day(next), Ok(trade));
        }
    }

    #[test]
    fn special_days_have_their_timetable() {
        use DayKind::{Csat, FirstDay, Normal};
        for (day, kind) in [
            (date(2026, 1, 1), None),
            (date(2026, 1, 2), Some(FirstDay)),
            (date(2026, 6, 3), None),
            (date(2026, 7, 17), None),
            (date(2026, 11, 19), Some(Csat)),
            (date(2026, 11, 20), Some(Normal)),
            (date(2026, 11, 21), None),
            (date(2026, 12, 30), Some(Normal)),
            (date(2026, 12, 31), None),
            (date(2027, 1, 4), Some(FirstDay)),
        ] {
            assert_eq!(builtin().day_kind(day), Ok(kind), "{day}");
        }
        let day = builtin().special_day(date(2027, 7, 19)).unwrap();
        assert!(day.status.starts_with("UNCONFIRMED"));
        assert_eq!(&*day.name, "Constitution Day substitute");
    }

    #[test]
    fn dates_outside_the_table_are_errors() {
        let (before, after) = (date(2023, 12, 29), date(2028, 1, 3));
        for day in [before, after] {
            assert!(builtin().day_kind(day).is_err());
            assert!(builtin().next_trading_day(day).is_err());
            assert!(builtin().settlement_date(day, 2).is_err());
        }
        assert!(builtin().next_trading_day(date(2027, 12, 30)).is_err());
        assert!(builtin().previous_trading_day(date(2024, 1, 2)).is_err());
        assert!(builtin().settlement_date(date(2027, 12, 29), 2).is_err());
        assert!(builtin().settlement_date(date(2026, 1, 3), 2).is_err());
    }

    #[test]
    fn an_announced_holiday_moves_settlement() {
        let mut calendar = builtin().clone();
        let trade = date(2026, 11, 24);
        assert_eq!(calendar.settlement_date(trade, 2), Ok(date(2026, 11, 26)));
        calendar
            .close(date(2026, 11, 25), "temporary holiday")
            .unwrap();
        assert_eq!(calendar.settlement_date(trade, 2), Ok(date(2026, 11, 27)));
        calendar
            .set(date(2026, 11, 25), Some(DayKind::Csat), "moved exam")
            .unwrap();
        assert_eq!(
            calendar.day_kind(date(2026, 11, 25)),
            Ok(Some(DayKind::Csat))
        );
        assert!(calendar.close(date(2028, 1, 3), "beyond").is_err());
        assert!(
            calendar
                .set(date(2026, 11, 28), Some(DayKind::Normal), "Saturday")
                .is_err()
        );
    }

    /// 31 December 2022 is a Saturday, that of 2023 a Sunday: the Friday before is closed.
    #[test]
    fn the_last_weekday_of_a_year_is_closed() {
        let read = |row: &str| TradingCalendar::from_tsv(&format!("{HEADER}\n{row}"));
        for (friday, thursday) in [
            (date(2022, 12, 30), date(2022, 12, 29)),
            (date(2023, 12, 29), date(2023, 12, 28)),
        ] {
            let calendar = read(&format!("{friday}\tFri\tYear end\t\tclosed\t\t\tx")).unwrap();
            assert_eq!(calendar.is_trading_day(friday), Ok(false));
            assert!(read(&format!("{thursday}\tThu\tYear end\t\tclosed\t\t\tx")).is_err());
        }
    }

    #[test]
    fn tables_with_mistakes_are_refused() {
        const END: &str = "2026-12-31\tThu\tYear end\t\tclosed\t\t\tx";
        let read =
            |rows: &[&str]| TradingCalendar::from_tsv(&format!("{HEADER}\n{}\n", rows.join("\n")));
        assert!(read(&[END]).is_ok());
        for rows in [
            &[][..],
            // The year is cut off.
            &["2026-01-01\tThu\tNew Year\t\tclosed\t\t\tx"],
            // A year in the middle is missing.
            &["2024-12-31\tTue\tYear end\t\tclosed\t\t\tx", END],
            &[END, END],
            &["2026-12-31\tFri\tYear end\t\tclosed\t\t\tx"],
            &["2026-12-32\tThu\tYear end\t\tclosed\t\t\tx"],
            &["2026-12-31\tThu\tYear end\t\tclosed\t\t"],
            &["2026-12-31\tThu\tYear end\t\tclosed\t09:00\t15:30\tx"],
            &["2026-12-31\tThu\tYear end\t\thalf\t\t\tx"],
            &["2026-11-19\tThu\tExam\t\tlate-open\t11:00\t16:30\tx", END],
            &["2026-01-03\tSat\tWeekend\t\tclosed\t\t\tx", END],
            &["2026-02-16T00\tMon\tSeollal\t\tclosed\t\t\tx", END],
        ] {
            assert!(read(rows).is_err(), "{rows:?}");
        }
        assert!(TradingCalendar::from_tsv(END).is_err());
        assert!(TradingCalendar::from_tsv("").is_err());
    }
}
