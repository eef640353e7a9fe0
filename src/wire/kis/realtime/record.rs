//! From a frame to its records, and from a record to the values that are asked for.
//!
//! A [`Splitter`] finds where the values begin; nothing is read before it is asked for. Numbers come out as integers in the
//! unit that the accessor names.

use std::marker::PhantomData;

use super::book_field::BookField;
use super::codes::Code;
use super::digits;
use super::feed::{Feed, FeedKind};
use super::field::Field;
use super::frame::{Frame, FrameError};
use super::notice_field::NoticeField;
use super::split;
use super::status_field::{IndexField, StatusField};
use super::trade_field::TradeField;

/// Characters of a key: an issue's code, an order's number, an account. The longest that KIS documents has 10.
const KEY_LEN_MAX: usize = 16;

/// Shares out frames into records, with one buffer for all of them: nothing is allocated once it has the size of the largest
/// frame.
#[derive(Clone, Debug, Default)]
pub struct Splitter {
    starts: Vec<u32>,
}

impl Splitter {
    /// A splitter with an empty buffer.
    pub const fn new() -> Self {
        Self { starts: Vec::new() }
    }

    /// The records of a frame.
    ///
    /// Their width is the number of values divided by the number of records. It may be larger than known: values are appended
    /// to records from time to time, and what is known by position stays where it was.
    ///
    /// # Errors
    /// When the values are encrypted, do not divide, or are fewer or far more than the records can have.
    #[inline]
    pub fn split<'f>(&'f mut self, frame: &Frame<'f>) -> Result<Records<'f>, FrameError> {
        let feed = frame.feed;
        if frame.encrypted {
            return Err(FrameError::Encrypted(feed));
        }
        let records = usize::from(frame.records);
        // Less one: a record that is twice as wide is none.
        let values_max = records * (feed.width_bound() - 1);
        let values = split::starts(frame.text, frame.from, values_max, &mut self.starts)
            .ok_or(FrameError::TooWide(feed))?;
        // Most frames have one record, and a division takes longer than reading a number.
        let width = if records == 1 {
            values
        } else {
            values / records
        };
        if width * records != values {
            return Err(FrameError::Uneven {
                feed,
                values: u32::try_from(values).unwrap_or(u32::MAX),
                records: frame.records,
            });
        }
        if width < feed.width_min() {
            return Err(FrameError::TooNarrow {
                feed,
                width: u16::try_from(width).unwrap_or(u16::MAX),
            });
        }
        let rows = Rows {
            feed,
            text: frame.text,
            starts: &self.starts[..=values],
            records,
            width,
        };
        Ok(match feed.kind() {
            FeedKind::Trade => Records::Trades(Table::new(rows)),
            FeedKind::Expected => Records::Expected(Table::new(rows)),
            FeedKind::OvertimeTrade => Records::OvertimeTrades(Table::new(rows)),
            FeedKind::Book => Records::Books(Table::new(rows)),
            FeedKind::OvertimeBook => Records::OvertimeBooks(Table::new(rows)),
            FeedKind::Notice => Records::Notices(Table::new(rows)),
            FeedKind::Status => Records::Statuses(Table::new(rows)),
            FeedKind::Index => Records::Indices(Table::new(rows)),
        })
    }
}

/// The records of a frame, by what they are.
#[derive(Clone, Copy, Debug)]
pub enum Records<'f> {
    /// Trades.
    Trades(Table<'f, TradeField>),
    /// Expected matches: no trade has happened.
    Expected(Table<'f, TradeField>),
    /// Trades at the single price after hours.
    OvertimeTrades(Table<'f, TradeField>),
    /// Order books.
    Books(Table<'f, BookField>),
    /// Order books of the single price after hours.
    OvertimeBooks(Table<'f, BookField>),
    /// Execution notices.
    Notices(Table<'f, NoticeField>),
    /// States of issues and markets.
    Statuses(Table<'f, StatusField>),
    /// Indices.
    Indices(Table<'f, IndexField>),
}

/// A trade, of which nothing is read before it is asked for.
pub type TradeRecord<'f> = Record<'f, TradeField>;
/// An order book, of which nothing is read before it is asked for.
pub type BookRecord<'f> = Record<'f, BookField>;
/// An execution notice, of which nothing is read before it is asked for.
pub type NoticeRecord<'f> = Record<'f, NoticeField>;
/// A state of an issue, of which nothing is read before it is asked for.
pub type StatusRecord<'f> = Record<'f, StatusField>;
/// An index, of which nothing is read before it is asked for.
pub type IndexRecord<'f> = Record<'f, IndexField>;

/// Records of one form, one or several.
#[derive(Clone, Copy, Debug)]
pub struct Table<'f, F> {
    rows: Rows<'f>,
    field: PhantomData<F>,
}

#[derive(Clone, Copy, Debug)]
struct Rows<'f> {
    feed: Feed,
    text: &'f [u8],
    /// Where each value begins, and one place beyond where another would.
    starts: &'f [u32],
    records: usize,
    width: usize,
}

impl<'f, F: Field> Table<'f, F> {
    const fn new(rows: Rows<'f>) -> Self {
        Self {
            rows,
            field: PhantomData,
        }
    }

    /// The feed.
    pub const fn feed(&self) -> Feed {
        self.rows.feed
    }

    /// Values of each record.
    pub const fn width(&self) -> usize {
        self.rows.width
    }

    /// Values of each record beyond the newest layout known: what the vendor appended since.
    pub fn unknown_values(&self) -> usize {
        let known = self.rows.feed.width(super::Layout::Current);
        self.rows.width.saturating_sub(known)
    }

    /// The records, in the order of the frame.
    #[inline]
    pub fn records(&self) -> impl ExactSizeIterator<Item = Record<'f, F>> + use<'f, F> {
        let Rows {
            feed,
            text,
            starts,
            records,
            width,
        } = self.rows;
        (0..records).map(move |row| Record {
            feed,
            text,
            starts: &starts[row * width..=(row + 1) * width],
            field: PhantomData,
        })
    }
}

/// One record: values by name.
#[derive(Clone, Copy, Debug)]
pub struct Record<'f, F> {
    feed: Feed,
    /// The whole frame, so that a number can be read together with what stands before it.
    text: &'f [u8],
    /// Where each value begins, and one place beyond where another would.
    starts: &'f [u32],
    field: PhantomData<F>,
}

/// A value that is not what its field holds. Names the field, never the value: it may be an account or a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{feed} {field}: {fault}")]
pub struct FieldError {
    /// The feed.
    pub feed: Feed,
    /// The vendor's name of the field.
    pub field: &'static str,
    /// What is wrong.
    pub fault: FieldFault,
}

/// What is wrong with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldFault {
    /// The record ends before it.
    #[error("the record is too short")]
    Missing,
    /// Nothing, where something has to be.
    #[error("empty")]
    Empty,
    /// Other characters than a number has.
    #[error("not a number")]
    NotANumber,
    /// A number that does not fit, or has more decimals than the field.
    #[error("a number out of range")]
    OutOfRange,
    /// Not six digits of a time of day.
    #[error("not a time of day")]
    NotATime,
    /// Other characters than a key or a code has: printable ASCII.
    #[error("not printable ASCII")]
    NotAscii,
    /// Longer than any key or code.
    #[error("too long")]
    TooLong,
}

impl<'f, F: Field> Record<'f, F> {
    /// The feed.
    pub const fn feed(&self) -> Feed {
        self.feed
    }

    /// Values of the record.
    pub const fn width(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// A value as it was sent; `None` when the record ends before it.
    #[inline]
    pub fn raw(&self, field: F) -> Option<&'f [u8]> {
        self.raw_at(field.index())
    }

    /// A value by position, for those that have no name.
    #[inline]
    pub fn raw_at(&self, index: usize) -> Option<&'f [u8]> {
        let (start, end) = self.bounds(index)?;
        self.text.get(start..end)
    }

    /// A whole number, not negative: shares, counts, won.
    ///
    /// # Errors
    /// When it is not one.
    #[inline]
    pub fn unsigned(&self, field: F) -> Result<u64, FieldError> {
        self.number(field, digits::unsigned)
    }

    /// A whole number with a sign or none: changes.
    ///
    /// # Errors
    /// When it is not one.
    #[inline]
    pub fn signed(&self, field: F) -> Result<i64, FieldError> {
        self.number(field, digits::signed)
    }

    /// A price in won, not negative. KIS sends 0 where there is none.
    ///
    /// # Errors
    /// When it is not one.
    #[inline]
    pub fn won(&self, field: F) -> Result<i64, FieldError> {
        self.number(field, |text, start, end| {
            let won = digits::unsigned(text, start, end)?;
            i64::try_from(won).map_err(|_| FieldFault::OutOfRange)
        })
    }

    /// A number with decimals, in hundredths: percentages, averages.
    ///
    /// # Errors
    /// When it is not one, or finer.
    #[inline]
    pub fn hundredths(&self, field: F) -> Result<i64, FieldError> {
        self.number(field, |text, start, end| {
            digits::scaled(text, start, end, 2)
        })
    }

    /// A time of day.
    ///
    /// # Errors
    /// When it is not six digits of one.
    #[inline]
    pub fn time(&self, field: F) -> Result<TimeOfDay, FieldError> {
        self.number(field, |text, start, end| {
            if end - start != 6 {
                return Err(FieldFault::NotATime);
            }
            let hhmmss = digits::unsigned(text, start, end).map_err(|_| FieldFault::NotATime)?;
            u32::try_from(hhmmss)
                .ok()
                .and_then(TimeOfDay::from_hhmmss)
                .ok_or(FieldFault::NotATime)
        })
    }

    /// A key: not empty, printable ASCII, blanks around it taken off.
    ///
    /// # Errors
    /// When it is not one.
    #[inline]
    pub fn key(&self, field: F) -> Result<&'f str, FieldError> {
        let key = self
            .raw(field)
            .ok_or_else(|| self.error(field, FieldFault::Missing))?;
        key_of(key).map_err(|fault| self.error(field, fault))
    }

    /// A code; it may be empty, and is when the record ends before it.
    ///
    /// # Errors
    /// When it is longer than any code, or not printable ASCII.
    #[inline]
    pub fn code(&self, field: F) -> Result<Code, FieldError> {
        self.code_at(field.index(), field.name())
    }

    /// A code by position; `name` is for the error.
    pub(super) fn code_at(&self, index: usize, name: &'static str) -> Result<Code, FieldError> {
        let code = self.raw_at(index).unwrap_or_default();
        Code::read(code).map_err(|fault| self.error_at(name, fault))
    }

    /// A value by position; `name` is for the error.
    pub(super) fn number_at<T>(
        &self,
        index: usize,
        name: &'static str,
        read: impl FnOnce(&[u8], usize, usize) -> Result<T, FieldFault>,
    ) -> Result<T, FieldError> {
        let (start, end) = self
            .bounds(index)
            .ok_or_else(|| self.error_at(name, FieldFault::Missing))?;
        read(self.text, start, end).map_err(|fault| self.error_at(name, fault))
    }

    /// As the given reading, but `None` for an empty value and beyond the end of the record.
    pub(super) fn optional<T>(
        &self,
        field: F,
        read: impl FnOnce(&Self, F) -> Result<T, FieldError>,
    ) -> Result<Option<T>, FieldError> {
        match self.raw(field) {
            None | Some([]) => Ok(None),
            Some(_) => read(self, field).map(Some),
        }
    }

    #[inline]
    fn number<T>(
        &self,
        field: F,
        read: impl FnOnce(&[u8], usize, usize) -> Result<T, FieldFault>,
    ) -> Result<T, FieldError> {
        let (start, end) = self
            .bounds(field.index())
            .ok_or_else(|| self.error(field, FieldFault::Missing))?;
        read(self.text, start, end).map_err(|fault| self.error(field, fault))
    }

    /// From where to where a value stands in the text.
    #[inline]
    fn bounds(&self, index: usize) -> Option<(usize, usize)> {
        let [start, next] = *self.starts.get(index..)?.first_chunk::<2>()?;
        // The next value begins one separator later.
        Some((start as usize, (next as usize).wrapping_sub(1)))
    }

    #[cold]
    pub(super) fn error(&self, field: F, fault: FieldFault) -> FieldError {
        self.error_at(field.name(), fault)
    }

    #[cold]
    pub(super) fn error_at(&self, field: &'static str, fault: FieldFault) -> FieldError {
        FieldError {
            feed: self.feed,
            field,
            fault,
        }
    }
}

#[inline]
fn key_of(text: &[u8]) -> Result<&str, FieldFault> {
    // Six characters without blanks are the rule.
    let is_plain = !text.is_empty() && text.iter().all(u8::is_ascii_graphic);
    let key = if is_plain { text } else { text.trim_ascii() };
    if key.is_empty() {
        return Err(FieldFault::Empty);
    }
    if key.len() > KEY_LEN_MAX {
        return Err(FieldFault::TooLong);
    }
    if !is_plain && !key.iter().all(u8::is_ascii_graphic) {
        return Err(FieldFault::NotAscii);
    }
    str::from_utf8(key).map_err(|_| FieldFault::NotAscii)
}

/// A time of day in KST, to the second, as frames carry it: `HHMMSS`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay {
    seconds: u32,
}

impl TimeOfDay {
    /// Midnight; frames also send it where there is no time.
    pub const MIDNIGHT: Self = Self { seconds: 0 };

    /// The time of six digits, read as a number; `None` when it is none.
    #[inline]
    pub const fn from_hhmmss(hhmmss: u32) -> Option<Self> {
        let (hour, minute, second) = (hhmmss / 10_000, hhmmss / 100 % 100, hhmmss % 100);
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        Some(Self {
            seconds: (hour * 60 + minute) * 60 + second,
        })
    }

    /// The time that many seconds after midnight; `None` from 24 hours.
    pub const fn from_seconds(seconds: u32) -> Option<Self> {
        if seconds >= 24 * 60 * 60 {
            return None;
        }
        Some(Self { seconds })
    }

    /// Seconds since midnight.
    pub const fn seconds(self) -> u32 {
        self.seconds
    }

    /// The six digits, read as a number.
    pub const fn hhmmss(self) -> u32 {
        let (minutes, second) = (self.seconds / 60, self.seconds % 60);
        minutes / 60 * 10_000 + minutes % 60 * 100 + second
    }
}
