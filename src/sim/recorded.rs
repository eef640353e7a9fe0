//! Recorded candles, read from CSV.
//!
//! The recording keeps what was recorded: prices half a tick off the grid (mid-price trades) stay as they are, and so do
//! the bars of the closing auction and after it. Who walks a recording decides what to do with them.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::num::NonZeroU16;
use std::ops::Range;
use std::sync::LazyLock;

use jiff::civil::Date;

use crate::domain::{Candle, Price, Qty, Symbol, Timeframe, Timestamp, ValueError};
use crate::error::{ConfigError, ConfigProblem};
use crate::symbol;

/// The columns of the file, in order.
const COLUMNS: [&str; 6] = ["time", "open", "high", "low", "close", "volume"];
/// After so many bad rows the rest of a file is not looked at.
const PROBLEMS_MAX: usize = 20;
const NANOS_PER_MINUTE: i64 = 60_000_000_000;

/// The recorded candles of one issue, oldest first, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedCandles {
    symbol: Symbol,
    candles: Vec<Candle>,
}

impl RecordedCandles {
    /// Reads CSV text with the header `time,open,high,low,close,volume`.
    ///
    /// Times are RFC 3339 and rise from row to row, prices are whole won, volumes are shares. Lines that begin with `#`
    /// are comments. The candles' length is the smallest distance between two of them (one minute when there is only
    /// one row). `file` names the text in errors.
    ///
    /// # Errors
    /// With line, field, found and expected for every row that is not so; after 20 of them the rest is not looked at.
    pub fn from_csv(file: &str, symbol: Symbol, text: &str) -> Result<Self, ConfigError> {
        let mut reader = csv::ReaderBuilder::new()
            .comment(Some(b'#'))
            .flexible(true)
            .has_headers(false)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let mut problems = Problems::new(file);
        let mut candles: Vec<Candle> = Vec::new();
        let mut header = false;
        let mut record = csv::StringRecord::new();
        while problems.list.len() < PROBLEMS_MAX {
            // The reader's place before a record may be that of a comment ahead of it; the place after it is exact.
            match reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    problems.add(reader.position().line(), "row", error, "a row of CSV");
                    break;
                }
            }
            let line = line_of(text, reader.position());
            if !header {
                header = true;
                if record.iter().ne(COLUMNS) {
                    let found = record.iter().collect::<Vec<_>>().join(",");
                    problems.add(line, "header", found, &COLUMNS.join(","));
                    break;
                }
                continue;
            }
            match Row::parse(&record) {
                Ok(row) => match row.candle(symbol, candles.last()) {
                    Ok(candle) => candles.push(candle),
                    Err(error) => problems.add_error(line, &error),
                },
                Err(error) => problems.add_error(line, &error),
            }
        }
        if candles.is_empty() && problems.list.is_empty() {
            let expected = format!("the header {} and at least one row", COLUMNS.join(","));
            problems.add(1, "rows", "none", &expected);
        }
        if !problems.list.is_empty() {
            return Err(ConfigError {
                problems: problems.list,
            });
        }
        let timeframe = smallest_distance(&candles);
        for candle in &mut candles {
            candle.timeframe = timeframe;
        }
        Ok(Self { symbol, candles })
    }

    /// Samsung Electronics (005930) in 5-minute candles from 2025-10-14 11:55 to 2025-10-29 15:30 KST.
    ///
    /// # Panics
    /// Never: the data are part of the crate and read by its tests.
    pub fn samsung_2025_10() -> &'static Self {
        static RECORDING: LazyLock<RecordedCandles> = LazyLock::new(|| {
            let file = "005930_5m_20251014_20251029.csv";
            let text = include_str!("data/005930_5m_20251014_20251029.csv");
            // The text is fixed at compile time and a test reads it.
            RecordedCandles::from_csv(file, symbol!("005930"), text)
                .expect("the built-in recording is well formed")
        });
        &RECORDING
    }

    /// The issue.
    pub const fn symbol(&self) -> Symbol {
        self.symbol
    }

    /// The length of a candle.
    pub fn timeframe(&self) -> Timeframe {
        self.candles[0].timeframe
    }

    /// The candles, oldest first.
    pub fn candles(&self) -> &[Candle] {
        &self.candles
    }

    /// The date (KST) of the first candle.
    pub fn first_date(&self) -> Date {
        self.candles[0].start.kst_date()
    }

    /// The dates (KST) with candles, oldest first, each with its place in [`RecordedCandles::candles`].
    pub fn days(&self) -> Vec<(Date, Range<usize>)> {
        let dates: BTreeSet<Date> = self.candles.iter().map(|c| c.start.kst_date()).collect();
        let place = |date| {
            let from = self
                .candles
                .partition_point(|candle| candle.start.kst_date() < date);
            let to = self
                .candles
                .partition_point(|candle| candle.start.kst_date() <= date);
            (date, from..to)
        };
        dates.into_iter().map(place).collect()
    }
}

/// The line, from 1, of the record that ends at `end`.
fn line_of(text: &str, end: &csv::Position) -> u64 {
    let at = usize::try_from(end.byte()).unwrap_or(text.len());
    let ended_by_newline = text.as_bytes()[..at.min(text.len())].ends_with(b"\n");
    end.line() - u64::from(ended_by_newline)
}

/// The candles' length: the smallest distance between two, in whole minutes.
fn smallest_distance(candles: &[Candle]) -> Timeframe {
    const DAY_MINUTES: i64 = 24 * 60;
    let minutes = candles
        .windows(2)
        .map(|pair| pair[1].start.nanos_since(pair[0].start) / NANOS_PER_MINUTE)
        .min()
        .unwrap_or(1);
    if minutes >= DAY_MINUTES {
        return Timeframe::Day;
    }
    u16::try_from(minutes)
        .ok()
        .and_then(NonZeroU16::new)
        .map_or(Timeframe::Minutes(NonZeroU16::MIN), Timeframe::Minutes)
}

/// One row, its fields read but not compared.
struct Row {
    start: Timestamp,
    /// Open, high, low, close.
    prices: [Price; 4],
    volume: Qty,
}

impl Row {
    fn parse(record: &csv::StringRecord) -> Result<Self, ValueError> {
        if record.len() != COLUMNS.len() {
            return Err(ValueError::new(
                "row",
                format_args!("{} fields", record.len()),
                format!("the {} fields {}", COLUMNS.len(), COLUMNS.join(",")),
            ));
        }
        let start: Timestamp = record[0].parse()?;
        if start.nanos().rem_euclid(NANOS_PER_MINUTE) != 0 {
            return Err(ValueError::new("time", &record[0], "a whole minute"));
        }
        let price = |column: usize| {
            record[column]
                .parse::<Price>()
                .ok()
                .filter(|price| price.is_whole_won())
                .ok_or_else(|| {
                    ValueError::new(COLUMNS[column], &record[column], "a price in whole won")
                })
        };
        let volume = record[5].parse().map_err(|error: ValueError| ValueError {
            what: COLUMNS[5],
            ..error
        })?;
        Ok(Self {
            start,
            prices: [price(1)?, price(2)?, price(3)?, price(4)?],
            volume,
        })
    }

    fn candle(&self, symbol: Symbol, before: Option<&Candle>) -> Result<Candle, ValueError> {
        if let Some(before) = before.filter(|before| before.start >= self.start) {
            return Err(ValueError::new(
                "time",
                self.start,
                format!("later than the row before, {}", before.start),
            ));
        }
        let [open, high, low, close] = self.prices;
        let unknown = Timeframe::Minutes(NonZeroU16::MIN);
        let mut candle = Candle::at_price(symbol, unknown, self.start, open)
            .with_prices(open, high, low, close)?;
        candle.volume = self.volume;
        Ok(candle)
    }
}

/// The mistakes found so far.
struct Problems<'a> {
    file: &'a str,
    list: Vec<ConfigProblem>,
}

impl<'a> Problems<'a> {
    const fn new(file: &'a str) -> Self {
        Self {
            file,
            list: Vec::new(),
        }
    }

    fn add(&mut self, line: u64, field: &'static str, found: impl Display, expected: &str) {
        self.add_error(line, &ValueError::new(field, found, expected));
    }

    fn add_error(&mut self, line: u64, error: &ValueError) {
        let line = usize::try_from(line).unwrap_or(usize::MAX);
        self.list.push(ConfigProblem {
            place: Some((self.file.into(), line)),
            field: error.what.trim_start_matches("candle ").into(),
            found: error.found.clone(),
            expected: error.expected.clone(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};
    use proptest::prelude::*;

    const HEADER: &str = "time,open,high,low,close,volume\n";

    fn read(rows: &str) -> Result<RecordedCandles, ConfigError> {
        RecordedCandles::from_csv("x.csv", symbol!("005930"), &format!("{HEADER}{rows}"))
    }

    fn first_problem(rows: &str) -> String {
        read(rows).unwrap_err().problems[0].to_string()
    }

    #[test]
    fn the_built_in_recording_is_whole() {
        let recording = RecordedCandles::samsung_2025_10();
        assert_eq!(recording.candles().len(), 900);
        assert_eq!(recording.timeframe().to_string(), "5m");
        assert_eq!(recording.days().len(), 12);
        let (first, bars) = recording.days()[0].clone();
        assert_eq!((first, bars), (date(2025, 10, 14), 0..43));
        let last = recording.candles().last().unwrap();
        let at = Timestamp::from_kst(date(2025, 10, 29), time(15, 30, 0, 0)).unwrap();
        assert_eq!((last.start, last.close.won()), (at, 100_500));
        // The second row of the file has its open half a tick off the grid, and it stays there.
        assert_eq!(recording.candles()[1].open.won(), 92_850);
    }

    #[test]
    fn a_bad_row_is_named_by_line_field_found_and_expected() {
        let good = "2025-10-14T09:00:00+09:00,100,110,90,105,7\n";
        for (row, problem) in [
            (
                "yesterday,1,1,1,1,1",
                "x.csv:3: time: found yesterday, expected RFC 3339, such as 2026-11-24T09:00:00+09:00",
            ),
            (
                "2025-10-14T09:05:30+09:00,1,1,1,1,1",
                "x.csv:3: time: found 2025-10-14T09:05:30+09:00, expected a whole minute",
            ),
            (
                "2025-10-14T09:00:00+09:00,1,1,1,1,1",
                "x.csv:3: time: found 2025-10-14T09:00:00+09:00, expected later than the row before, 2025-10-14T09:00:00+09:00",
            ),
            (
                "2025-10-14T09:05:00+09:00,1,1,0,1,1",
                "x.csv:3: low: found 0, expected a price in whole won",
            ),
            (
                "2025-10-14T09:05:00+09:00,1.5,2,1,1,1",
                "x.csv:3: open: found 1.5, expected a price in whole won",
            ),
            (
                "2025-10-14T09:05:00+09:00,1,1,1,1e3,1",
                "x.csv:3: close: found 1e3, expected a price in whole won",
            ),
            (
                "2025-10-14T09:05:00+09:00,1,1,1,1,-1",
                "x.csv:3: volume: found -1, expected a whole number of shares",
            ),
            (
                "2025-10-14T09:05:00+09:00,5,4,1,2,1",
                "x.csv:3: open: found 5, expected at most the high 4",
            ),
            (
                "2025-10-14T09:05:00+09:00,1,1,1,1",
                "x.csv:3: row: found 5 fields, expected the 6 fields time,open,high,low,close,volume",
            ),
        ] {
            assert_eq!(first_problem(&format!("{good}{row}\n")), problem);
        }
    }

    #[test]
    fn comments_and_blank_lines_count_as_lines() {
        let rows = "# one\n\n# two\n2025-10-14T09:00:00+09:00,1,1,1,x,1\n# three\nnonsense";
        let problems = read(rows).unwrap_err().problems;
        let lines: Vec<usize> = problems
            .iter()
            .map(|p| p.place.as_ref().unwrap().1)
            .collect();
        assert_eq!(lines, [5, 7]);
        let problems = read(&rows.replace('\n', "\r\n")).unwrap_err().problems;
        let lines: Vec<usize> = problems
            .iter()
            .map(|p| p.place.as_ref().unwrap().1)
            .collect();
        assert_eq!(lines, [5, 7]);
    }

    #[test]
    fn a_file_without_rows_or_with_another_header_is_refused() {
        let symbol = symbol!("005930");
        for text in ["", "# only this\n", HEADER, "a,b\n1,2\n", "\0\0\0"] {
            let error = RecordedCandles::from_csv("x.csv", symbol, text).unwrap_err();
            assert_eq!(error.problems.len(), 1, "{text:?}: {error}");
        }
    }

    #[test]
    fn a_file_of_mistakes_ends_at_the_twentieth() {
        assert_eq!(read(&"x\n".repeat(50)).unwrap_err().problems.len(), 20);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,80}", rows in "[0-9:T+,\\n\"#-]{0,80}") {
            let _ = RecordedCandles::from_csv("x.csv", symbol!("005930"), &text);
            if let Err(error) = read(&rows) {
                prop_assert!(!error.problems.is_empty());
            }
        }
    }
}
