//! Order books: single values on demand, and whole records both ways.

use super::book_field::BookField;
use super::codes::{Code, HourClass, MarketClass, SignCode};
use super::digits;
use super::encode::Writer;
use super::feed::Feed;
use super::field::Field;
use super::record::{BookRecord, FieldError, FieldFault, Record, TimeOfDay};

/// Levels on each side.
pub const LEVELS: usize = 10;

/// Where the values that differ by venue begin.
const TAIL: usize = BookField::ALL.len();

/// A price and the shares that wait there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// Won; 0 where there is no order.
    pub price: i64,
    /// Shares.
    pub qty: u64,
}

/// Orders at the midpoint of a venue's best prices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Midpoint {
    /// Won; 0 where there is none.
    pub price: i64,
    /// Shares.
    pub qty: u64,
    /// 매수매도구분 (their side); 0 where there are none.
    pub class: Code,
}

/// What stands behind the midpoint of KRX, by venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BookTail {
    /// Nothing known.
    None,
    /// MARKET_CLS_CODE of KRX, in frames since 2026-09-14 according to two public clients.
    Krx(MarketClass),
    /// The midpoint of NXT, and in the unified feed since the same day ANTC_EXCH_CLS_CODE: the venue of the expected match, 1 KRX
    /// or 2 NXT.
    Nxt(Midpoint, Option<Code>),
}

impl<'f> BookRecord<'f> {
    /// The code.
    ///
    /// # Errors
    /// When it is empty or not printable ASCII.
    #[inline]
    pub fn symbol(&self) -> Result<&'f str, FieldError> {
        self.key(BookField::MKSC_SHRN_ISCD)
    }

    /// The time of the book, KST.
    ///
    /// # Errors
    /// When it is not a time of day.
    #[inline]
    pub fn book_time(&self) -> Result<TimeOfDay, FieldError> {
        self.time(BookField::BSOP_HOUR)
    }

    /// Whether the market is in session or in a call auction.
    ///
    /// # Errors
    /// When it is no code.
    #[inline]
    pub fn hour_class(&self) -> Result<HourClass, FieldError> {
        self.code(BookField::HOUR_CLS_CODE).map(HourClass::from)
    }

    /// The asks, the best one first.
    ///
    /// # Errors
    /// When one is not whole numbers.
    #[inline]
    pub fn asks(&self) -> Result<[Level; LEVELS], FieldError> {
        self.levels(BookField::ASKP1, BookField::ASKP_RSQN1)
    }

    /// The bids, the best one first.
    ///
    /// # Errors
    /// When one is not whole numbers.
    #[inline]
    pub fn bids(&self) -> Result<[Level; LEVELS], FieldError> {
        self.levels(BookField::BIDP1, BookField::BIDP_RSQN1)
    }

    /// The shares of all asks.
    ///
    /// # Errors
    /// When it is not a whole number.
    #[inline]
    pub fn ask_total(&self) -> Result<u64, FieldError> {
        self.unsigned(BookField::TOTAL_ASKP_RSQN)
    }

    /// The shares of all bids.
    ///
    /// # Errors
    /// When it is not a whole number.
    #[inline]
    pub fn bid_total(&self) -> Result<u64, FieldError> {
        self.unsigned(BookField::TOTAL_BIDP_RSQN)
    }

    /// The midpoint of KRX; `None` in frames of older layouts.
    ///
    /// # Errors
    /// When it is not whole numbers.
    pub fn krx_midpoint(&self) -> Result<Option<Midpoint>, FieldError> {
        if self.width() < TAIL {
            return Ok(None);
        }
        Ok(Some(Midpoint {
            price: self
                .optional(BookField::KMID_PRC, Record::won)?
                .unwrap_or(0),
            qty: self
                .optional(BookField::KMID_TOTAL_RSQN, Record::unsigned)?
                .unwrap_or(0),
            class: self.code(BookField::KMID_CLS_CODE)?,
        }))
    }

    /// What stands behind it.
    ///
    /// # Errors
    /// When a number is not one.
    pub fn tail(&self) -> Result<BookTail, FieldError> {
        let feed = self.feed();
        if feed == Feed::BookKrx && self.width() > TAIL {
            let class = self.code_at(TAIL, "MARKET_CLS_CODE")?;
            return Ok(BookTail::Krx(class.into()));
        }
        // A narrower record of these feeds is UNCONFIRMED, and what it would hold is unknown.
        if !matches!(feed, Feed::BookNxt | Feed::BookUnified) || self.width() < TAIL + 3 {
            return Ok(BookTail::None);
        }
        let price = self.number_at(TAIL, "NMID_PRC", |text, start, end| {
            or_zero(digits::signed(text, start, end))
        })?;
        let qty = self.number_at(TAIL + 1, "NMID_TOTAL_RSQN", |text, start, end| {
            or_zero(digits::unsigned(text, start, end))
        })?;
        let class = self.code_at(TAIL + 2, "NMID_CLS_CODE")?;
        let expected = match self.raw_at(TAIL + 3) {
            None => None,
            Some(_) => Some(self.code_at(TAIL + 3, "ANTC_EXCH_CLS_CODE")?),
        };
        Ok(BookTail::Nxt(Midpoint { price, qty, class }, expected))
    }

    #[inline]
    fn levels(&self, price: BookField, qty: BookField) -> Result<[Level; LEVELS], FieldError> {
        let mut levels = [Level::default(); LEVELS];
        let prices = BookField::ALL.iter().skip(price.index());
        let qtys = BookField::ALL.iter().skip(qty.index());
        for ((level, price), qty) in levels.iter_mut().zip(prices).zip(qtys) {
            *level = Level {
                price: self.won(*price)?,
                qty: self.unsigned(*qty)?,
            };
        }
        Ok(levels)
    }
}

/// 0 for an empty value.
fn or_zero<T: Default>(number: Result<T, FieldFault>) -> Result<T, FieldFault> {
    match number {
        Err(FieldFault::Empty) => Ok(T::default()),
        number => number,
    }
}

/// All values of an order book, as they are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Book<'a> {
    /// The code.
    pub symbol: &'a str,
    /// The time, KST.
    pub time: TimeOfDay,
    /// In session or in a call auction.
    pub hour_class: HourClass,
    /// The best ask first.
    pub asks: [Level; LEVELS],
    /// The best bid first.
    pub bids: [Level; LEVELS],
    /// Shares of all asks.
    pub ask_total: u64,
    /// Shares of all bids.
    pub bid_total: u64,
    /// Shares of all asks after hours.
    pub overtime_ask_total: u64,
    /// Shares of all bids after hours.
    pub overtime_bid_total: u64,
    /// What the call auction would do; zeros and a meaningless rate outside of one.
    pub expected: ExpectedMatch,
    /// Shares of the day so far.
    pub volume: u64,
    /// By how much the shares of all asks changed.
    pub ask_total_change: i64,
    /// By how much the shares of all bids changed.
    pub bid_total_change: i64,
    /// By how much the shares of all asks after hours changed.
    pub overtime_ask_change: i64,
    /// By how much the shares of all bids after hours changed.
    pub overtime_bid_change: i64,
    /// 주식매매구분코드 (trade class); unused.
    pub deal_class: Code,
    /// The midpoint of KRX; not in the layout of 2023.
    pub krx_midpoint: Midpoint,
    /// What is behind it.
    pub tail: BookTail,
}

/// What a call auction would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpectedMatch {
    /// Won.
    pub price: i64,
    /// Shares.
    pub qty: u64,
    /// Shares of the day with it.
    pub volume: u64,
    /// Against the close before, won.
    pub change: i64,
    /// The direction of that.
    pub sign: SignCode,
    /// The same in 1/100 percent.
    pub change_rate: i64,
}

impl ExpectedMatch {
    /// No match.
    pub const NONE: Self = Self {
        price: 0,
        qty: 0,
        volume: 0,
        change: 0,
        sign: SignCode::Unchanged,
        change_rate: 0,
    };
}

impl Default for Book<'_> {
    /// No symbol, every number 0, in session.
    fn default() -> Self {
        Self {
            symbol: "",
            time: TimeOfDay::MIDNIGHT,
            hour_class: HourClass::Session,
            asks: [Level::default(); LEVELS],
            bids: [Level::default(); LEVELS],
            ask_total: 0,
            bid_total: 0,
            overtime_ask_total: 0,
            overtime_bid_total: 0,
            expected: ExpectedMatch::NONE,
            volume: 0,
            ask_total_change: 0,
            bid_total_change: 0,
            overtime_ask_change: 0,
            overtime_bid_change: 0,
            deal_class: Code::new("0").unwrap_or(Code::EMPTY),
            krx_midpoint: Midpoint::default(),
            tail: BookTail::None,
        }
    }
}

impl<'a> Book<'a> {
    /// Reads all values of a record.
    ///
    /// # Errors
    /// When one of them is not what its field holds. A caller who needs few values asks the record for them.
    pub fn read(record: &BookRecord<'a>) -> Result<Self, FieldError> {
        use BookField as F;
        Ok(Self {
            symbol: record.symbol()?,
            time: record.book_time()?,
            hour_class: record.hour_class()?,
            asks: record.asks()?,
            bids: record.bids()?,
            ask_total: record.ask_total()?,
            bid_total: record.bid_total()?,
            overtime_ask_total: record.unsigned(F::OVTM_TOTAL_ASKP_RSQN)?,
            overtime_bid_total: record.unsigned(F::OVTM_TOTAL_BIDP_RSQN)?,
            expected: ExpectedMatch {
                price: record.won(F::ANTC_CNPR)?,
                qty: record.unsigned(F::ANTC_CNQN)?,
                volume: record.unsigned(F::ANTC_VOL)?,
                change: record.signed(F::ANTC_CNTG_VRSS)?,
                sign: record.code(F::ANTC_CNTG_VRSS_SIGN)?.into(),
                change_rate: record.hundredths(F::ANTC_CNTG_PRDY_CTRT)?,
            },
            volume: record.unsigned(F::ACML_VOL)?,
            ask_total_change: record.signed(F::TOTAL_ASKP_RSQN_ICDC)?,
            bid_total_change: record.signed(F::TOTAL_BIDP_RSQN_ICDC)?,
            overtime_ask_change: record.signed(F::OVTM_TOTAL_ASKP_ICDC)?,
            overtime_bid_change: record.signed(F::OVTM_TOTAL_BIDP_ICDC)?,
            deal_class: record.code(F::STCK_DEAL_CLS_CODE)?,
            krx_midpoint: record.krx_midpoint()?.unwrap_or_default(),
            tail: record.tail()?,
        })
    }

    pub(super) fn write_to(&self, feed: Feed, width: usize, to: &mut Writer<'_>) {
        to.text(self.symbol);
        to.time(self.time);
        to.text(self.hour_class.as_str());
        for levels in [&self.asks, &self.bids] {
            levels.iter().for_each(|level| to.signed(level.price));
        }
        for levels in [&self.asks, &self.bids] {
            levels.iter().for_each(|level| to.unsigned(level.qty));
        }
        to.unsigned(self.ask_total);
        to.unsigned(self.bid_total);
        to.unsigned(self.overtime_ask_total);
        to.unsigned(self.overtime_bid_total);
        to.signed(self.expected.price);
        to.unsigned(self.expected.qty);
        to.unsigned(self.expected.volume);
        to.signed(self.expected.change);
        to.text(self.expected.sign.as_str());
        to.hundredths(self.expected.change_rate);
        to.unsigned(self.volume);
        to.signed(self.ask_total_change);
        to.signed(self.bid_total_change);
        to.signed(self.overtime_ask_change);
        to.signed(self.overtime_bid_change);
        // The single price after hours ends here.
        if width > BookField::STCK_DEAL_CLS_CODE.index() {
            to.code(self.deal_class);
        }
        if width >= TAIL {
            write_midpoint(&self.krx_midpoint, to);
        }
        self.write_tail(feed, width, to);
    }

    fn write_tail(&self, feed: Feed, width: usize, to: &mut Writer<'_>) {
        if width <= TAIL {
            return;
        }
        if feed == Feed::BookKrx {
            let class = match self.tail {
                BookTail::Krx(class) => class,
                BookTail::None | BookTail::Nxt(..) => MarketClass::Regular,
            };
            to.text(class.as_str());
            return;
        }
        let (midpoint, expected) = match self.tail {
            BookTail::Nxt(midpoint, expected) => (midpoint, expected),
            BookTail::None | BookTail::Krx(_) => (Midpoint::default(), None),
        };
        write_midpoint(&midpoint, to);
        if width > TAIL + 3 {
            to.optional(expected, Writer::code);
        }
    }
}

fn write_midpoint(midpoint: &Midpoint, to: &mut Writer<'_>) {
    to.signed(midpoint.price);
    to.unsigned(midpoint.qty);
    match midpoint.class.is_empty() {
        true => to.text("0"),
        false => to.code(midpoint.class),
    }
}
