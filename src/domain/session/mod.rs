//! The timetable of a day: which segment of which market takes which orders, and when it matches them.
//!
//! Dated data. In force since 2026-09-14: KRX with its after-market from 16:00 to 20:00 in place of the after-hours
//! single-price auctions, and Nextrade as before. A KRX pre-market is announced and not in force, so it is not here.
//!
//! Left out, because our order types do not have them: the after-hours single price (시간외단일가, until 2026-09-11) and
//! the good-till-pre-market orders of Nextrade (GTP). Nextrade's closing-price market is listed for its hours and takes
//! no order, because no broker has a code for one.
//!
//! Times are KST; a span includes its start and excludes its end. Segments overlap (the opening auction and the
//! pre-hours closing price), so it is the order that decides which segment it is for.

mod table;

use jiff::civil::{Date, Time};

use self::table::{DayTable, KRX_DAYS, NXT_DAYS};
use super::calendar::{DayKind, TradingCalendar};
use super::order::{OrderType, TimeInForce};
use super::order_table::{OrderSet, is_accepted};
use super::symbol::Venue;
use super::text::{ValueError, text_enum};

text_enum! {
    /// A part of the trading day.
    pub enum Segment("segment") {
        /// KRX, pre-hours closing price (장전 시간외종가): at the previous close, by time.
        PreClose = "PRE_CLOSE",
        /// KRX, opening auction (시가 단일가).
        OpenAuction = "OPEN_AUCTION",
        /// KRX, continuous trading (접속매매).
        Continuous = "CONTINUOUS",
        /// KRX, closing auction (종가 단일가).
        CloseAuction = "CLOSE_AUCTION",
        /// KRX, post-hours closing price (장후 시간외종가): at today's close, by time.
        PostClose = "POST_CLOSE",
        /// KRX, after-market (애프터마켓): continuous.
        AfterMarket = "AFTER_MARKET",
        /// Nextrade, pre-market (프리마켓): continuous, without an opening auction.
        NxtPre = "NXT_PRE",
        /// Nextrade, main market (메인마켓): continuous.
        NxtMain = "NXT_MAIN",
        /// Nextrade, auction that opens the after-market.
        NxtAfterOpen = "NXT_AFTER_OPEN",
        /// Nextrade, after-market (애프터마켓): continuous.
        NxtAfter = "NXT_AFTER",
        /// Nextrade, closing-price market (종가매매): at the close of KRX.
        NxtClosePrice = "NXT_CLOSE_PRICE",
    }
}

text_enum! {
    /// How a segment finds its prices.
    pub enum Mechanism("mechanism") {
        /// Price, then time, order by order.
        Continuous = "CONTINUOUS",
        /// One price for all at the end, which comes up to 30 s late at random.
        CallAuction = "CALL_AUCTION",
        /// A closing price, by time.
        FixedPrice = "FIXED_PRICE",
    }
}

impl Segment {
    /// Whose segment it is.
    pub const fn venue(self) -> Venue {
        match self {
            Self::PreClose
            | Self::OpenAuction
            | Self::Continuous
            | Self::CloseAuction
            | Self::PostClose
            | Self::AfterMarket => Venue::Krx,
            Self::NxtPre
            | Self::NxtMain
            | Self::NxtAfterOpen
            | Self::NxtAfter
            | Self::NxtClosePrice => Venue::Nxt,
        }
    }

    /// How it finds its prices.
    pub const fn mechanism(self) -> Mechanism {
        match self {
            Self::PreClose | Self::PostClose | Self::NxtClosePrice => Mechanism::FixedPrice,
            Self::OpenAuction | Self::CloseAuction | Self::NxtAfterOpen => Mechanism::CallAuction,
            Self::Continuous
            | Self::AfterMarket
            | Self::NxtPre
            | Self::NxtMain
            | Self::NxtAfter => Mechanism::Continuous,
        }
    }

    /// Whether an order of that type that is unfilled at its end lives on in the next segment of the venue.
    ///
    /// KRX orders end with the regular session, those of Nextrade last from the pre-market to the end of the
    /// after-market. After continuous trading of KRX, conditional limit orders live on as market orders; mid-price and
    /// stop-limit orders end (UNCONFIRMED).
    pub const fn carries_over(self, order_type: OrderType) -> bool {
        match self {
            Self::OpenAuction | Self::NxtPre | Self::NxtMain | Self::NxtAfterOpen => true,
            Self::Continuous => !matches!(order_type, OrderType::MidPrice | OrderType::StopLimit),
            Self::PreClose
            | Self::CloseAuction
            | Self::PostClose
            | Self::AfterMarket
            | Self::NxtAfter
            | Self::NxtClosePrice => false,
        }
    }

    /// Whether it is outside of the regular session of KRX and the main market of Nextrade.
    pub const fn is_off_hours(self) -> bool {
        match self {
            Self::OpenAuction | Self::Continuous | Self::CloseAuction | Self::NxtMain => false,
            Self::PreClose
            | Self::PostClose
            | Self::AfterMarket
            | Self::NxtPre
            | Self::NxtAfterOpen
            | Self::NxtAfter
            | Self::NxtClosePrice => true,
        }
    }
}

/// A span of a day in KST: the start is inside, the end is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hours {
    /// The first moment.
    pub start: Time,
    /// The first moment after it.
    pub end: Time,
}

impl Hours {
    /// Whether the time is inside.
    pub fn contains(self, time: Time) -> bool {
        self.start <= time && time < self.end
    }
}

/// A segment on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Session {
    /// Which segment.
    pub segment: Segment,
    /// When it takes orders.
    pub entry: Hours,
    /// When it matches; for a call auction, between which times the one match happens.
    pub matching: Hours,
    /// What it takes.
    pub accepts: OrderSet,
}

impl Session {
    /// Whether it takes such an order at that time.
    pub fn takes(&self, time: Time, order_type: OrderType, time_in_force: TimeInForce) -> bool {
        self.entry.contains(time) && self.accepts.contains(order_type, time_in_force)
    }
}

/// The sessions of one day on both exchanges. A pointer to constant data: resolve it once a day and copy it freely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timetable {
    krx: &'static [Session],
    nxt: &'static [Session],
}

impl Timetable {
    /// A day without trading.
    pub const CLOSED: Self = Self { krx: &[], nxt: &[] };

    /// The sessions of a trading day of that kind. Nextrade has none before its start on 2025-03-04.
    ///
    /// # Errors
    /// Before 2019-04-29, where our timetables begin.
    pub fn of(date: Date, kind: DayKind) -> Result<Self, ValueError> {
        let on = |tables: &'static [DayTable]| {
            tables
                .iter()
                .rev()
                .find(|table| table.kind == kind && table.from <= date)
                .map(|table| table.sessions)
        };
        let krx = on(KRX_DAYS).ok_or_else(|| {
            ValueError::new("date", date, "a date since 2019-04-29, with known sessions")
        })?;
        let nxt = on(NXT_DAYS).unwrap_or_default();
        Ok(Self { krx, nxt })
    }

    /// The sessions of a date by a calendar; none on a day without trading.
    ///
    /// # Errors
    /// Outside the calendar, and as [`Timetable::of`].
    pub fn on(date: Date, calendar: &TradingCalendar) -> Result<Self, ValueError> {
        match calendar.day_kind(date)? {
            Some(kind) => Self::of(date, kind),
            None => Ok(Self::CLOSED),
        }
    }

    /// The sessions of a venue in the order of the day; for SOR those of KRX, then those of Nextrade.
    pub fn sessions(self, venue: Venue) -> impl Iterator<Item = &'static Session> {
        let (krx, nxt): (&[Session], &[Session]) = match venue {
            Venue::Krx => (self.krx, &[]),
            Venue::Nxt => (&[], self.nxt),
            Venue::Sor => (self.krx, self.nxt),
        };
        krx.iter().chain(nxt)
    }

    /// The sessions of a venue that take orders at a time.
    pub fn sessions_at(self, venue: Venue, time: Time) -> impl Iterator<Item = &'static Session> {
        self.sessions(venue)
            .filter(move |session| session.entry.contains(time))
    }

    /// The session that an order sent now is for; `None` when the venue does not take such an order now.
    ///
    /// For SOR, a session of either exchange that takes it: while only Nextrade is open, SOR means Nextrade.
    pub fn session_for(
        self,
        venue: Venue,
        time: Time,
        order_type: OrderType,
        time_in_force: TimeInForce,
    ) -> Option<&'static Session> {
        if !is_accepted(venue, order_type, time_in_force) {
            return None;
        }
        self.sessions(venue)
            .find(|session| session.takes(time, order_type, time_in_force))
    }
}

#[cfg(test)]
mod tests;
