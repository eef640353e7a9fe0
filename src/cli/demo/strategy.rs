//! What the demo trades: one new order a turn, and sometimes a change of an older one before it.
//!
//! Pure and deterministic: the book and the state of the own orders in, orders out.

use std::collections::VecDeque;

use gwanmun::{ClientOrderId, OrderBook, OrderKind, Price, Qty, Side, TimeInForce};

use crate::cli::args::StrategyName;

/// The most shares held or on order.
const HELD_MAX: u64 = 300;
/// The most own orders a side that wait in the book.
const WAITING_MAX: usize = 4;

/// What the strategy sees.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    pub(super) book: &'a OrderBook,
    /// Last traded price.
    pub(super) last: Price,
    /// Shares held.
    pub(super) held: u64,
    /// Shares on order, by side.
    pub(super) buying: u64,
    pub(super) selling: u64,
    /// Own orders in the book, oldest first.
    pub(super) waiting: &'a VecDeque<Waiting>,
}

/// An own order in the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) id: ClientOrderId,
    pub(super) side: Side,
    /// Its limit; none for a market order.
    pub(super) price: Option<Price>,
    pub(super) left: Qty,
}

/// What to do in a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) change: Option<Change>,
    pub(super) side: Side,
    pub(super) qty: Qty,
    pub(super) kind: OrderKind,
    pub(super) time_in_force: TimeInForce,
}

/// What to do with an older order first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Modify { id: ClientOrderId, price: Price },
    Cancel { id: ClientOrderId },
}

/// A strategy of a closed list.
#[derive(Debug)]
pub(super) enum Strategy {
    MarketMaker,
    Momentum(Trend),
}

impl Strategy {
    pub(super) fn new(name: StrategyName) -> Self {
        match name {
            StrategyName::MarketMaker => Self::MarketMaker,
            StrategyName::Momentum => Self::Momentum(Trend::default()),
        }
    }

    /// The turn of that number, counted from 0.
    pub(super) fn turn(&mut self, number: u64, view: &View<'_>) -> Turn {
        let qty = 1 + number * 7 % 10;
        let (side, aggressive) = match self {
            Self::MarketMaker => make_market(number, view, qty),
            Self::Momentum(trend) => follow(trend.add(view.last), number, view, qty),
        };
        let own = own_best(view, side);
        let (kind, time_in_force) = match view.book.side(side.opposite())[0] {
            Some(opposite) if aggressive => {
                let price = opposite.price;
                (OrderKind::Limit { price }, TimeInForce::Ioc)
            }
            Some(_) | None => (OrderKind::Limit { price: own }, TimeInForce::Day),
        };
        let qty = Qty::new(qty);
        Turn {
            change: change(number, view, side, own),
            side,
            qty,
            kind,
            time_in_force,
        }
    }
}

/// Both sides in turn; sells only what it has, and sheds shares when it holds many.
const fn make_market(number: u64, view: &View<'_>, qty: u64) -> (Side, bool) {
    let can_sell = view.held >= view.selling + qty;
    let can_buy = view.held + view.buying + qty <= HELD_MAX;
    let wants_buy = number.is_multiple_of(2);
    if can_buy && (wants_buy || !can_sell) {
        (Side::Buy, false)
    } else if can_sell {
        (Side::Sell, view.held * 4 > HELD_MAX * 3)
    } else {
        // Neither is within bounds: every share held is on offer. A buy order at the back of the queue does least.
        (Side::Buy, false)
    }
}

/// With the trend and at once; without one, patiently on the side that there is room for.
const fn follow(trend: Option<Side>, number: u64, view: &View<'_>, qty: u64) -> (Side, bool) {
    let can_sell = view.held >= view.selling + qty;
    let can_buy = view.held + view.buying + qty <= HELD_MAX;
    match trend {
        Some(Side::Buy) if can_buy => (Side::Buy, true),
        Some(Side::Sell) if can_sell => (Side::Sell, true),
        Some(_) | None => make_market(number, view, qty),
    }
}

/// Where an order joins its own side.
fn own_best(view: &View<'_>, side: Side) -> Price {
    view.book.side(side)[0].map_or(view.last, |level| level.price)
}

/// Every eighth turn the oldest order of the side moves to the best price; beyond the bound it goes.
fn change(number: u64, view: &View<'_>, side: Side, best: Price) -> Option<Change> {
    let mut of_side = view.waiting.iter().filter(|order| order.side == side);
    let oldest = of_side.next()?;
    let id = oldest.id;
    if number.is_multiple_of(8) && oldest.price != Some(best) {
        return Some(Change::Modify { id, price: best });
    }
    (of_side.count() + 1 >= WAITING_MAX).then_some(Change::Cancel { id })
}

/// Two moving averages of the last traded price.
#[derive(Debug, Default)]
pub(super) struct Trend {
    /// The newest is the last.
    prices: VecDeque<i64>,
    long_sum: i64,
}

impl Trend {
    const SHORT: usize = 8;
    const LONG: usize = 32;

    /// The side of the trend after one more price: where the short average stands from the long one.
    fn add(&mut self, price: Price) -> Option<Side> {
        let won = price.won();
        self.prices.push_back(won);
        self.long_sum = self.long_sum.saturating_add(won);
        if self.prices.len() > Self::LONG {
            let oldest = self.prices.pop_front().unwrap_or_default();
            self.long_sum = self.long_sum.saturating_sub(oldest);
        }
        if self.prices.len() < Self::LONG {
            return None;
        }
        let newest = self.prices.iter().rev().take(Self::SHORT);
        let short_sum: i64 = newest.fold(0, |sum, won| sum.saturating_add(*won));
        // LONG is four times SHORT, so that sums compare without a division.
        match short_sum.saturating_mul(4).cmp(&self.long_sum) {
            std::cmp::Ordering::Greater => Some(Side::Buy),
            std::cmp::Ordering::Less => Some(Side::Sell),
            std::cmp::Ordering::Equal => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gwanmun::{Level, Timestamp, Venue, symbol};

    fn won(won: i64) -> Price {
        Price::from_won(won).unwrap()
    }

    fn book() -> OrderBook {
        let mut book = OrderBook::empty(symbol!("005930"), Venue::Krx, Timestamp::EPOCH);
        let level = |price| {
            Some(Level {
                price: won(price),
                qty: Qty::new(100),
            })
        };
        (book.bids[0], book.asks[0]) = (level(99), level(100));
        book
    }

    fn view<'a>(book: &'a OrderBook, held: u64, waiting: &'a VecDeque<Waiting>) -> View<'a> {
        View {
            book,
            last: won(100),
            held,
            buying: 0,
            selling: 0,
            waiting,
        }
    }

    #[test]
    fn a_market_maker_never_sells_what_it_has_not() {
        let (book, none) = (book(), VecDeque::new());
        let mut strategy = Strategy::new(StrategyName::MarketMaker);
        for number in 0..100 {
            assert_eq!(
                strategy.turn(number, &view(&book, 0, &none)).side,
                Side::Buy
            );
        }
        let turn = strategy.turn(1, &view(&book, 100, &none));
        let price = won(100);
        assert_eq!(
            (turn.side, turn.kind),
            (Side::Sell, OrderKind::Limit { price })
        );
        let full = strategy.turn(0, &view(&book, HELD_MAX, &none));
        let price = won(99);
        assert_eq!(
            (full.side, full.kind),
            (Side::Sell, OrderKind::Limit { price })
        );
        assert_eq!(full.time_in_force, TimeInForce::Ioc);
    }

    #[test]
    fn the_oldest_order_moves_or_goes() {
        let book = book();
        let order = |id, price| Waiting {
            id: ClientOrderId::new(id),
            side: Side::Buy,
            price: Some(won(price)),
            left: Qty::new(1),
        };
        let waiting: VecDeque<_> = (1..=4).map(|id| order(id, 90)).collect();
        let mut strategy = Strategy::new(StrategyName::MarketMaker);
        let id = ClientOrderId::new(1);
        let turn = strategy.turn(8, &view(&book, 0, &waiting));
        let price = won(99);
        assert_eq!(turn.change, Some(Change::Modify { id, price }));
        let turn = strategy.turn(2, &view(&book, 0, &waiting));
        assert_eq!(turn.change, Some(Change::Cancel { id }));
        let few: VecDeque<_> = (1..=3).map(|id| order(id, 99)).collect();
        assert_eq!(strategy.turn(8, &view(&book, 0, &few)).change, None);
    }

    #[test]
    fn momentum_follows_the_short_average() {
        let (book, none) = (book(), VecDeque::new());
        let mut strategy = Strategy::new(StrategyName::Momentum);
        let mut turn = |number, last, held| {
            let view = View {
                last: won(last),
                ..view(&book, held, &none)
            };
            strategy.turn(number, &view)
        };
        for number in 0..32 {
            let quiet = turn(number, 100, 0);
            assert_eq!(quiet.time_in_force, TimeInForce::Day);
        }
        let rise = turn(32, 200, 0);
        assert_eq!(
            (rise.side, rise.time_in_force),
            (Side::Buy, TimeInForce::Ioc)
        );
        turn(33, 1, 100);
        let fall = turn(34, 1, 100);
        assert_eq!(
            (fall.side, fall.time_in_force),
            (Side::Sell, TimeInForce::Ioc)
        );
    }
}
