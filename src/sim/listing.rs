//! A listed issue on its trading day: grid, book and the tape of its trades.

use jiff::civil::Date;

use super::book::{Book, Tick};
use super::costs::IssueCosts;
use super::day::TradingDay;
use super::ladder::Ladder;
use super::ledger::ListingIndex;
use super::matching::HOUSE;
use super::orders::OrderStore;
use super::refusal::Denial;
use crate::domain::{
    Instrument, Level, Money, OrderBook, Price, PriceLimit, Qty, Quote, RefusalReason, Side,
    Symbol, Timestamp, Trade, ValueError, Venue,
};

/// An issue and its market.
#[derive(Debug)]
pub(super) struct Listed<B> {
    pub(super) instrument: Instrument,
    pub(super) symbol: Symbol,
    pub(super) index: ListingIndex,
    /// The day that the grid is for.
    pub(super) date: Date,
    pub(super) costs: IssueCosts,
    pub(super) ladder: Ladder,
    pub(super) book: B,
    pub(super) tape: Tape,
}

/// The day's trades in a few numbers.
#[derive(Clone, Copy, Debug, Hash)]
pub(super) struct Tape {
    pub(super) base: Price,
    /// The last traded price; the base price before the first trade.
    pub(super) last: Price,
    /// `last` on the grid.
    pub(super) last_tick: Tick,
    open: Option<Price>,
    high: Option<Price>,
    low: Option<Price>,
    volume: u64,
    /// In 1/10,000 won.
    value: i128,
}

impl<B: Book> Listed<B> {
    /// The market of an issue on a date, from its base price.
    pub(super) fn open(
        instrument: Instrument,
        index: ListingIndex,
        base: Price,
        date: Date,
        settles: Date,
    ) -> Result<Self, Denial> {
        let (ladder, last_tick) = grid(&instrument, base, date)?;
        Ok(Self {
            symbol: instrument.symbol(),
            costs: IssueCosts::new(&instrument, settles)?,
            instrument,
            index,
            date,
            book: B::new(ladder.levels()),
            ladder,
            tape: Tape {
                base,
                last: base,
                last_tick,
                open: None,
                high: None,
                low: None,
                volume: 0,
                value: 0,
            },
        })
    }

    /// The issue's market on a later day: its last price is the base.
    ///
    /// A day without a trade keeps the base. KRX can replace it by a better quote then (special quote, 특별호가), which
    /// the simulation does not do.
    pub(super) fn next_day(&self, day: &TradingDay) -> Result<Self, Denial> {
        let date = day.date();
        let mut instrument = self.instrument.clone();
        if instrument.price_limit() == PriceLimit::FirstDay && date > self.date {
            // A stock that had a first day has ordinary limits, so this does not fail.
            if let Ok(ordinary) = instrument.clone().with_price_limit(PriceLimit::Percent) {
                instrument = ordinary;
            }
        }
        // The ladder may have changed over night.
        let table = instrument.tick_table(date);
        let base = table.ok().and_then(|table| table.ceil(self.tape.last));
        let base = base.unwrap_or(self.tape.last);
        Self::open(instrument, self.index, base, date, day.settles())
    }

    /// The price of a level of the book.
    pub(super) fn price(&self, tick: Tick) -> Price {
        // Ticks come from the ladder or from the book, which has exactly the ladder's levels.
        self.ladder
            .price(tick)
            .unwrap_or_else(|| self.ladder.upper())
    }

    /// The last level.
    pub(super) const fn top(&self) -> Tick {
        self.ladder.levels() - 1
    }

    /// The worst level that an order of that side may trade at: its daily limit.
    pub(super) const fn limit(&self, side: Side) -> Tick {
        match side {
            Side::Buy => self.top(),
            Side::Sell => 0,
        }
    }

    /// The best price that the book shows of a side.
    pub(super) fn best_shown(&self, side: Side) -> Option<Tick> {
        if self.book.market_qty(side).is_zero() {
            self.book.best_limit(side)
        } else {
            Some(self.market_shown(side))
        }
    }

    /// Where resting market orders of a side are shown: one tick better than the side's best limit order, or at the
    /// last price without one.
    ///
    /// UNCONFIRMED, like all of KRX's display of resting market orders.
    pub(super) fn market_shown(&self, side: Side) -> Tick {
        match (self.book.best_limit(side), side) {
            (Some(best), Side::Buy) => (best + 1).min(self.top()),
            (Some(best), Side::Sell) => best.saturating_sub(1),
            (None, _) => self.tape.last_tick,
        }
    }

    /// The levels that the book shows of a side, best first.
    pub(super) fn levels(&self, side: Side) -> impl Iterator<Item = Level> {
        let market = self.book.market_qty(side);
        let shown = (!market.is_zero()).then(|| self.market_shown(side));
        let mut limit = self.book.best_limit(side);
        let mut extra = shown;
        std::iter::from_fn(move || {
            let mut qty = Qty::ZERO;
            // Market orders are shown no worse than the best limit order, so they come first or with it.
            let tick = extra.take().or(limit)?;
            if shown == Some(tick) {
                qty = market;
            }
            if limit == Some(tick) {
                let resting = self.book.limit_qty_at(side, tick);
                qty = Qty::new(qty.get().saturating_add(resting.get()));
                limit = self.book.next_limit(side, tick);
            }
            Some(Level {
                price: self.price(tick),
                qty,
            })
        })
    }

    /// Ten levels a side.
    pub(super) fn order_book(&self, at: Timestamp) -> OrderBook {
        let mut book = OrderBook::empty(self.symbol, Venue::Krx, at);
        for (place, level) in book.bids.iter_mut().zip(self.levels(Side::Buy)) {
            *place = Some(level);
        }
        for (place, level) in book.asks.iter_mut().zip(self.levels(Side::Sell)) {
            *place = Some(level);
        }
        book
    }

    pub(super) fn quote(&self, at: Timestamp) -> Quote {
        let tape = &self.tape;
        let mut quote = Quote::untraded(self.symbol, Venue::Krx, tape.base, at);
        quote.last = tape.last;
        (quote.open, quote.high, quote.low) = (tape.open, tape.high, tape.low);
        quote.upper_limit = Some(self.ladder.upper());
        quote.lower_limit = Some(self.ladder.lower());
        quote.bid = self.levels(Side::Buy).next();
        quote.ask = self.levels(Side::Sell).next();
        quote.volume = Qty::new(tape.volume);
        quote.value = Money::from_units(i64::try_from(tape.value).unwrap_or(i64::MAX));
        quote
    }

    /// Checks the book, and that each of its customers' orders is the one in the store, and counts these.
    ///
    /// # Panics
    /// When book and store differ: a defect of the exchange.
    pub(super) fn validate(&self, orders: &OrderStore) -> usize {
        self.book.validate();
        let mut count = 0;
        for side in [Side::Buy, Side::Sell] {
            for maker in self.book.orders(side) {
                if maker.key == HOUSE {
                    continue;
                }
                count += 1;
                let record = orders.get(maker.key);
                assert_eq!(record.listing, self.index, "an order in another book");
                assert_eq!(record.order.side, side, "an order on the other side");
                assert_eq!(
                    record.order.remaining(),
                    maker.left,
                    "book and order differ"
                );
                assert_eq!((record.tick, record.market), (maker.tick, maker.market));
                assert_eq!(self.ladder.tick(record.price), Some(record.tick));
            }
        }
        let best = |side| self.book.best(side);
        if let (Some(bid), Some(ask)) = (best(Side::Buy), best(Side::Sell)) {
            assert!(bid < ask, "the book is crossed");
        }
        count
    }

    /// Adds everything that tells two histories apart.
    pub(super) fn hash_into(&self, state: &mut impl std::hash::Hasher) {
        use std::hash::Hash;

        (&self.instrument, self.index, &self.tape).hash(state);
        (
            self.ladder.lower(),
            self.ladder.upper(),
            self.ladder.levels(),
        )
            .hash(state);
        for side in [Side::Buy, Side::Sell] {
            for maker in self.book.orders(side) {
                (side, maker.key, maker.tick, maker.market, maker.left).hash(state);
            }
        }
    }
}

impl Tape {
    /// Notes a trade and returns its news.
    #[expect(
        clippy::too_many_arguments,
        reason = "a trade is a record of that many facts"
    )]
    pub(super) fn print(
        &mut self,
        symbol: Symbol,
        tick: Tick,
        price: Price,
        qty: Qty,
        value: Money,
        aggressor: Side,
        at: Timestamp,
    ) -> Trade {
        (self.last, self.last_tick) = (price, tick);
        self.open.get_or_insert(price);
        self.high = self.high.max(Some(price));
        self.low = Some(self.low.map_or(price, |low| low.min(price)));
        self.volume = self.volume.saturating_add(qty.get());
        self.value += i128::from(value.units());
        let mut trade = Trade::new(symbol, Venue::Krx, price, qty, at);
        trade.aggressor = Some(aggressor);
        trade.volume = Qty::new(self.volume);
        trade
    }
}

/// The day's grid, and the base price on it.
pub(super) fn grid(
    instrument: &Instrument,
    base: Price,
    date: Date,
) -> Result<(Ladder, Tick), Denial> {
    let other = |error: ValueError| {
        Denial::new(
            RefusalReason::Other,
            format!("{}: {error}", instrument.symbol()),
        )
    };
    let band = instrument.price_band(base, date).map_err(other)?;
    let Some(band) = band else {
        return Err(Denial::missing(
            RefusalReason::Other,
            format_args!(
                "issues without daily limits, such as {}",
                instrument.symbol()
            ),
        ));
    };
    let table = instrument.tick_table(date).map_err(other)?;
    let rows: Vec<(i64, i64)> = table.rows().collect();
    let ladder = Ladder::new(&rows, band.lower(), band.upper()).map_err(other)?;
    let tick = ladder.tick(base).ok_or_else(|| {
        Denial::new(
            RefusalReason::Tick,
            format!(
                "base {base} of {} is off the tick grid",
                instrument.symbol()
            ),
        )
    })?;
    Ok((ladder, tick))
}
