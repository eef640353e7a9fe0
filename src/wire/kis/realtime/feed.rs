//! Which feeds there are, what their records hold, and how wide they were when.

use std::fmt;

use super::frame::FrameError;

/// What a feed's records are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FeedKind {
    /// Trades.
    Trade,
    /// Matches that a call auction would make, in the form of trades.
    Expected,
    /// Trades at the single price after hours.
    OvertimeTrade,
    /// Order books.
    Book,
    /// Order books of the single price after hours.
    OvertimeBook,
    /// Execution notices, encrypted.
    Notice,
    /// States of issues and markets.
    Status,
    /// Indices.
    Index,
}

/// The width that frames have: a choice of an emulator. Decoders take each of them, and wider ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layout {
    /// As documented in 2023: what old client libraries insist on.
    Y2023,
    /// As captured up to July 2026: midpoints in books, 26 values in real notices.
    Mid2026,
    /// Since 2026-09-14: the session class in trades and KRX books. Told by two public clients of October 2026 that agree; no
    /// capture is at hand.
    #[default]
    Current,
}

impl Layout {
    /// Every layout, oldest first.
    pub const ALL: &'static [Self] = &[Self::Y2023, Self::Mid2026, Self::Current];

    /// The name by which settings choose it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Y2023 => "2023",
            Self::Mid2026 => "mid-2026",
            Self::Current => "current",
        }
    }

    /// The layout of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|layout| layout.as_str() == name)
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Defines the feeds: TR id, kind, narrowest record, width in each layout.
macro_rules! feeds {
    ( $( $(#[$meta:meta])* $feed:ident = $tr_id:literal, $kind:ident, $least:literal, $widths:expr; )+ ) => {
        /// A feed of domestic stocks, by its TR id.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Feed {
            $( $(#[$meta])* $feed ),+
        }

        impl Feed {
            /// Every feed.
            pub const ALL: &'static [Self] = &[$( Self::$feed ),+];

            /// The TR id, as subscriptions and frames name it.
            pub const fn tr_id(self) -> &'static str {
                match self { $( Self::$feed => $tr_id ),+ }
            }

            /// The feed of that TR id; `None` for feeds of other products.
            #[inline]
            #[expect(non_upper_case_globals, reason = "constants named after the feeds")]
            pub fn from_tr_id(tr_id: &[u8]) -> Option<Self> {
                let tr_id: [u8; 8] = tr_id.try_into().ok()?;
                $( const $feed: u64 = number_of($tr_id); )+
                match u64::from_le_bytes(tr_id) {
                    $( $feed => Some(Self::$feed), )+
                    _ => None,
                }
            }

            /// What its records are.
            pub const fn kind(self) -> FeedKind {
                match self { $( Self::$feed => FeedKind::$kind ),+ }
            }

            /// The narrowest record that has every value known by position.
            pub const fn width_min(self) -> usize {
                match self { $( Self::$feed => $least ),+ }
            }

            /// The width of its records in a layout.
            pub const fn width(self, layout: Layout) -> usize {
                let widths: [usize; 3] = match self { $( Self::$feed => $widths ),+ };
                widths[layout as usize]
            }
        }
    };
}

// Widths: portal tables of 2023 and 2026, official samples of 2026-07, captures of 2026-07, and for the last column two
// public clients of 2026-10. What did not exist in 2023 has its first width there. The narrowest H0STMKO0 is that of every
// capture, one less than documented. H0NXASP0 since 2026-09 and H0STCNI9 since 2026-09 are UNCONFIRMED (one client has 62
// and 26): the last captured widths stand.
feeds! {
    /// Trades on KRX.
    TradeKrx = "H0STCNT0", Trade, 46, [46, 46, 47];
    /// Trades on NXT. Not in paper trading.
    TradeNxt = "H0NXCNT0", Trade, 46, [46, 46, 47];
    /// Trades on KRX and NXT. Not in paper trading.
    TradeUnified = "H0UNCNT0", Trade, 46, [46, 46, 47];
    /// Order book of KRX.
    BookKrx = "H0STASP0", Book, 59, [59, 62, 63];
    /// Order book of NXT. Not in paper trading.
    BookNxt = "H0NXASP0", Book, 59, [65, 65, 65];
    /// Order book of KRX and NXT together. Not in paper trading.
    BookUnified = "H0UNASP0", Book, 59, [65, 65, 66];
    /// Execution notices of real accounts.
    Notice = "H0STCNI0", Notice, 23, [23, 26, 26];
    /// Execution notices of paper accounts.
    NoticePaper = "H0STCNI9", Notice, 23, [23, 23, 23];
    /// Expected matches on KRX. Not in paper trading.
    ExpectedKrx = "H0STANC0", Expected, 45, [45, 45, 45];
    /// Expected matches on NXT. Not in paper trading.
    ExpectedNxt = "H0NXANC0", Expected, 45, [46, 46, 46];
    /// Expected matches on KRX and NXT. Not in paper trading.
    ExpectedUnified = "H0UNANC0", Expected, 45, [46, 46, 46];
    /// Trades at the single price after hours. Not in paper trading.
    OvertimeTrade = "H0STOUP0", OvertimeTrade, 43, [43, 43, 43];
    /// Expected matches at the single price after hours. Not in paper trading.
    OvertimeExpected = "H0STOAC0", Expected, 43, [43, 43, 43];
    /// Order book of the single price after hours. Not in paper trading. The portal's table has 54 values and 9 levels, its
    /// own example 58 values, which are those of [`Feed::BookKrx`] without the last: the example is believed. UNCONFIRMED.
    OvertimeBook = "H0STOAA0", OvertimeBook, 58, [58, 58, 58];
    /// State of an issue on KRX. Not in paper trading.
    StatusKrx = "H0STMKO0", Status, 10, [10, 10, 10];
    /// State of an issue on NXT. Not in paper trading.
    StatusNxt = "H0NXMKO0", Status, 10, [10, 10, 10];
    /// State of an issue on KRX and NXT. Not in paper trading.
    StatusUnified = "H0UNMKO0", Status, 10, [10, 10, 10];
    /// An index, by its sector code. Not in paper trading.
    Index = "H0UPCNT0", Index, 30, [30, 30, 30];
}

impl Feed {
    /// The width that a record must not reach: twice the narrowest. Values are appended one by one; a record twice as wide is
    /// two records under a wrong count.
    pub const fn width_bound(self) -> usize {
        2 * self.width_min()
    }

    /// Whether the paper server has the feed.
    pub const fn is_in_paper(self) -> bool {
        matches!(self, Self::TradeKrx | Self::BookKrx | Self::NoticePaper)
    }

    /// Whether the real server has the feed.
    pub const fn is_in_real(self) -> bool {
        !matches!(self, Self::NoticePaper)
    }
}

impl fmt::Display for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.tr_id())
    }
}

/// Reads a TR id.
impl std::str::FromStr for Feed {
    type Err = FrameError;

    fn from_str(tr_id: &str) -> Result<Self, Self::Err> {
        Self::from_tr_id(tr_id.as_bytes()).ok_or(FrameError::UnknownFeed)
    }
}

/// The eight characters of a TR id as one number, so that a feed is found by comparing numbers.
const fn number_of(tr_id: &str) -> u64 {
    match tr_id.as_bytes().first_chunk::<8>() {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_is_found_by_its_tr_id() {
        for feed in Feed::ALL {
            assert_eq!(Feed::from_tr_id(feed.tr_id().as_bytes()), Some(*feed));
            assert_eq!(feed.tr_id().parse(), Ok(*feed));
        }
        for other in ["", "H0STCNT", "H0STCNT00", "HDFSCNT0", "h0stcnt0"] {
            assert_eq!(Feed::from_tr_id(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn no_layout_is_narrower_than_what_is_known() {
        for feed in Feed::ALL {
            let widths = Layout::ALL.iter().map(|layout| feed.width(*layout));
            assert!(widths.clone().is_sorted(), "{feed}");
            for width in widths {
                let known = feed.width_min()..feed.width_bound();
                assert!(known.contains(&width), "{feed}: {width}");
            }
        }
    }

    #[test]
    fn a_layout_is_chosen_by_name() {
        for layout in Layout::ALL {
            assert_eq!(Layout::from_name(layout.as_str()), Some(*layout));
        }
        assert_eq!(Layout::from_name("2022"), None);
    }
}
