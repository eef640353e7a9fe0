//! The market's own orders: liquidity without accounts, order numbers and news of orders.
//!
//! They meet customers' orders by the same rules in the same book. Their cash and shares are unlimited and counted, so
//! that the sums over everybody stay what they are.

use super::book::{Book, Handle};
use super::events::{Events, SymbolIndex};
use super::exchange::{Exchange, Phase};
use super::ledger::ListingIndex;
use super::listing::Listed;
use super::matching::{HOUSE, Taker};
use crate::domain::{Money, Price, Qty, RefusalReason, Side, Symbol, Timestamp};

/// A resting order of the market. Good for its day only, and told apart from later ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HouseOrder {
    listing: ListingIndex,
    handle: Handle,
    day: u32,
}

/// What became of a new order of the market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HousePlaced {
    /// Shares that traded at once.
    pub filled: Qty,
    /// What rests, if anything does.
    pub resting: Option<HouseOrder>,
}

impl<B: Book> Exchange<B> {
    /// The place of an issue, which the market's commands name it by. It stays the same for the life of the exchange.
    pub fn symbol_index(&self, symbol: Symbol) -> Option<SymbolIndex> {
        self.listing_index(symbol).map(SymbolIndex)
    }

    /// A limit order of the market: trades what it can, and rests with what is left.
    ///
    /// # Errors
    /// [`RefusalReason::UnknownSymbol`], [`RefusalReason::MarketClosed`], [`RefusalReason::Tick`] also for a price
    /// outside the daily limits, [`RefusalReason::Quantity`] for none, broken lots, or a value out of range. Nothing
    /// changed then.
    pub fn place_house(
        &mut self,
        index: SymbolIndex,
        side: Side,
        price: Price,
        qty: Qty,
        now: Timestamp,
        events: &mut impl Events,
    ) -> Result<HousePlaced, RefusalReason> {
        self.trade_house(index, side, price, qty, true, now, events)
    }

    /// An order of the market that trades what it can no worse than `price`, and returns the shares traded. What is
    /// left of it is gone.
    ///
    /// # Errors
    /// As [`Exchange::place_house`].
    pub fn take_house(
        &mut self,
        index: SymbolIndex,
        side: Side,
        price: Price,
        qty: Qty,
        now: Timestamp,
        events: &mut impl Events,
    ) -> Result<Qty, RefusalReason> {
        self.trade_house(index, side, price, qty, false, now, events)
            .map(|placed| placed.filled)
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "flat arguments keep the hot path free of a request struct"
    )]
    fn trade_house(
        &mut self,
        index: SymbolIndex,
        side: Side,
        price: Price,
        qty: Qty,
        rests: bool,
        now: Timestamp,
        events: &mut impl Events,
    ) -> Result<HousePlaced, RefusalReason> {
        let at = now.max(self.now);
        if !self.is_open_at(at) {
            return Err(RefusalReason::MarketClosed);
        }
        let listed = self
            .listings
            .get(index.0 as usize)
            .ok_or(RefusalReason::UnknownSymbol)?;
        let worst = listed.ladder.tick(price).ok_or(RefusalReason::Tick)?;
        check_qty(listed, qty)?;
        self.now = at;
        let day = self.day_count;
        let taker = Taker {
            key: HOUSE,
            side,
            worst,
            qty,
        };
        let (mut clearing, listed) = self.clearing(index.0, events);
        let left = clearing.sweep(listed, &taker);
        let filled = qty.saturating_sub(left);
        let mut placed = HousePlaced {
            filled,
            resting: None,
        };
        if rests && !left.is_zero() {
            let handle = listed.book.rest(side, worst, false, left, HOUSE);
            placed.resting = Some(HouseOrder {
                listing: index.0,
                handle,
                day,
            });
        }
        if placed.resting.is_some() || !filled.is_zero() {
            clearing.tell_book(listed);
        }
        Ok(placed)
    }

    /// Takes shares off a resting order of the market, or all of it, and returns what is left; `None` when it is gone
    /// already. Possible at any time of its day.
    pub fn cancel_house(
        &mut self,
        order: HouseOrder,
        qty: Option<Qty>,
        now: Timestamp,
        events: &mut impl Events,
    ) -> Option<Qty> {
        if order.day != self.day_count {
            return None;
        }
        let listed = self.listings.get_mut(order.listing as usize)?;
        let left = listed
            .book
            .reduce(order.handle, qty.unwrap_or(Qty::new(u64::MAX)))?;
        self.now = self.now.max(now);
        events.book_changed(SymbolIndex(listed.index), listed.symbol);
        Some(left)
    }

    /// What is left of a resting order of the market; `None` when it is gone.
    pub fn house_left(&mut self, order: HouseOrder) -> Option<Qty> {
        if order.day != self.day_count {
            return None;
        }
        let listed = self.listings.get_mut(order.listing as usize)?;
        listed.book.reduce(order.handle, Qty::ZERO)
    }

    /// Sets the closing price of an issue after [`Command::CloseDay`](super::Command::CloseDay), where a closing auction
    /// that is not simulated found it. It is the last price, and so the next day's base.
    ///
    /// # Errors
    /// [`RefusalReason::UnknownSymbol`], [`RefusalReason::MarketClosed`] while the day is open or before the first one,
    /// [`RefusalReason::Tick`] also for a price outside the daily limits. Nothing changed then.
    pub fn set_closing_price(
        &mut self,
        index: SymbolIndex,
        price: Price,
    ) -> Result<(), RefusalReason> {
        let listed = self
            .listings
            .get_mut(index.0 as usize)
            .ok_or(RefusalReason::UnknownSymbol)?;
        if !matches!(self.phase, Phase::Closed(_)) {
            return Err(RefusalReason::MarketClosed);
        }
        let tick = listed.ladder.tick(price).ok_or(RefusalReason::Tick)?;
        (listed.tape.last, listed.tape.last_tick) = (price, tick);
        Ok(())
    }
}

fn check_qty<B: Book>(listed: &Listed<B>, qty: Qty) -> Result<(), RefusalReason> {
    // Sums of shares in the book are 64 bits wide; this leaves room for millions of such orders.
    const QTY_MAX: Qty = Qty::new(1_000_000_000_000);
    let value = listed.ladder.upper().value(qty).unwrap_or(Money::MAX);
    let whole = listed.instrument.is_whole_lots(qty);
    if whole && qty <= QTY_MAX && value < Money::MAX {
        Ok(())
    } else {
        Err(RefusalReason::Quantity)
    }
}
