//! What a price-time order book does, whatever it is made of.
//!
//! A book knows levels, not prices: level 0 is the lower daily limit, the last level the upper one, and [`Ladder`]
//! turns one into the other. It knows no accounts either: a resting order carries the exchange's `key` and the book
//! hands it back.
//!
//! [`NaiveBook`] is the obvious book and [`LadderBook`] the fast one; from the same commands both give the same answers.
//!
//! [`Ladder`]: super::ladder::Ladder
//! [`LadderBook`]: super::ladder_book::LadderBook
//! [`NaiveBook`]: super::naive::NaiveBook

use crate::domain::{Qty, Side};

/// A price as its place on the day's tick grid, counted from the lower limit.
pub type Tick = u32;

/// The most levels a book has.
///
/// The widest band there is, a leveraged fund of a million won (±60 % in steps of 5 won), has a quarter of these.
pub const LEVELS_MAX: u32 = 1 << 20;

/// A resting order's place in its book. Stale handles are told apart from live ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Handle {
    /// The order's place in the book's store.
    pub slot: u32,
    /// How often that place was used before.
    pub generation: u32,
}

/// A resting order as the book shows it to the exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Maker {
    /// The exchange's name of the order.
    pub key: u32,
    /// Where it rests. A resting market order rests at its side's daily limit.
    pub tick: Tick,
    /// Whether it is a resting market order, which has no price of its own.
    pub market: bool,
    /// Shares taken from it now.
    pub qty: Qty,
    /// Shares left of it. At zero the order is gone and its handle is stale.
    pub left: Qty,
}

/// A book with price-time priority over a ladder of `levels` ticks.
///
/// Bids are better the higher, asks the lower. Inside a level the earlier order comes first. A resting market order
/// stands at its side's daily limit (bids: the last level; asks: level 0), so that it comes before every limit order
/// but those at the limit, with which it is equal by time (KRX order priority).
///
/// A book never matches by itself: an order that should trade first goes through [`take`](Self::take). It may therefore be
/// crossed, and is, in every call auction: bids may rest at or above the best ask and each side stays in its own order.
///
/// Totals are `u64`: the shares of one level, and the market shares of one side, must fit.
pub trait Book: std::fmt::Debug {
    /// An empty book of `levels` price levels.
    ///
    /// # Panics
    /// When `levels` is zero or above [`LEVELS_MAX`].
    fn new(levels: u32) -> Self;

    /// Adds an order at the end of its level. `qty` is not zero and `tick` is below `levels`; of a market order `tick` is
    /// not looked at, because it always stands at its side's limit. `key` is the caller's and need not be unique.
    ///
    /// # Panics
    /// When `qty` is zero or a limit order's `tick` is not below `levels`. Totals that do not fit panic here or when read.
    fn rest(&mut self, side: Side, tick: Tick, market: bool, qty: Qty, key: u32) -> Handle;

    /// Takes `qty` shares off a resting order, which keeps its place; all or more ends it. Returns what is left, or
    /// `None` for a stale handle. Taking no shares only reads what is left.
    fn reduce(&mut self, handle: Handle, qty: Qty) -> Option<Qty>;

    /// Fills up to `qty` shares of an incoming order of side `taker` against the other side, best and earliest first,
    /// no worse than `worst`, and shows each maker. Returns the shares that found none.
    ///
    /// A `worst` beyond the last level is no bound for a buy, and keeps a sell from every bid.
    fn take(&mut self, taker: Side, worst: Tick, qty: Qty, on_fill: impl FnMut(Maker)) -> Qty;

    /// How many shares, at most `want`, an incoming order of side `taker` would find no worse than `worst`.
    fn available(&self, taker: Side, worst: Tick, want: Qty) -> Qty;

    /// The best level that holds limit orders, market orders not counted.
    fn best_limit(&self, side: Side) -> Option<Tick>;

    /// The best level, market orders included.
    fn best(&self, side: Side) -> Option<Tick>;

    /// Shares of limit orders at a level; none beyond the last.
    fn limit_qty_at(&self, side: Side, tick: Tick) -> Qty;

    /// Shares of resting market orders of a side.
    fn market_qty(&self, side: Side) -> Qty;

    /// The next level below (bids) or above (asks) `tick` that holds limit orders. `tick` itself may be empty or beyond the
    /// last level.
    fn next_limit(&self, side: Side, tick: Tick) -> Option<Tick>;

    /// Number of resting orders.
    fn len(&self) -> usize;

    /// Whether no order rests.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The resting orders of a side in the order in which they would be filled; of each, nothing is taken and all is left.
    fn orders(&self, side: Side) -> Vec<Maker>;

    /// Checks everything that must hold inside, and panics with what does not.
    ///
    /// # Panics
    /// When the book is inconsistent, which is a defect of the book.
    fn validate(&self);
}
