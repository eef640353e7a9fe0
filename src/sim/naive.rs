//! The obvious book: sorted maps of queues. Slower than [`LadderBook`](super::ladder_book::LadderBook), and what it is
//! checked and measured against.

use std::collections::btree_map::OccupiedEntry;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::Bound;

use crate::domain::{Qty, Side};

use super::book::{Book, Handle, LEVELS_MAX, Maker, Tick};

/// A book of sorted maps from level to queue, and a hash map that finds an order's level.
#[derive(Clone, Debug)]
pub struct NaiveBook {
    levels: u32,
    bids: BTreeMap<Tick, VecDeque<Order>>,
    asks: BTreeMap<Tick, VecDeque<Order>>,
    places: HashMap<Handle, (Side, Tick)>,
    /// How many orders ever rested; the next one's number.
    rested: u64,
}

#[derive(Clone, Copy, Debug)]
struct Order {
    /// Ascending inside a queue, because orders only join at its end.
    number: u64,
    key: u32,
    market: bool,
    qty: Qty,
}

impl Order {
    const fn maker(&self, tick: Tick, taken: Qty) -> Maker {
        Maker {
            key: self.key,
            tick,
            market: self.market,
            qty: taken,
            left: self.qty,
        }
    }
}

impl NaiveBook {
    const fn map(&self, side: Side) -> &BTreeMap<Tick, VecDeque<Order>> {
        match side {
            Side::Buy => &self.bids,
            Side::Sell => &self.asks,
        }
    }

    const fn map_mut(&mut self, side: Side) -> &mut BTreeMap<Tick, VecDeque<Order>> {
        match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        }
    }

    /// The levels of a side, best first.
    fn best_first(&self, side: Side) -> impl Iterator<Item = (Tick, &VecDeque<Order>)> {
        let bids = (side == Side::Buy).then(|| self.bids.iter().rev());
        let asks = (side == Side::Sell).then(|| self.asks.iter());
        let bids = bids.into_iter().flatten();
        bids.chain(asks.into_iter().flatten())
            .map(|(tick, queue)| (*tick, queue))
    }

    /// Where the market orders of a side stand.
    const fn limit_of(&self, side: Side) -> Tick {
        match side {
            Side::Buy => self.levels - 1,
            Side::Sell => 0,
        }
    }
}

/// The best level of side `side`, whose levels these are.
fn best_level(
    levels: &mut BTreeMap<Tick, VecDeque<Order>>,
    side: Side,
) -> Option<OccupiedEntry<'_, Tick, VecDeque<Order>>> {
    match side {
        Side::Buy => levels.last_entry(),
        Side::Sell => levels.first_entry(),
    }
}

/// Whether an order of side `taker` that goes no further than `worst` reaches `tick`.
const fn reaches(taker: Side, worst: Tick, tick: Tick) -> bool {
    match taker {
        Side::Buy => tick <= worst,
        Side::Sell => tick >= worst,
    }
}

fn has_limit(queue: &VecDeque<Order>) -> bool {
    queue.iter().any(|order| !order.market)
}

fn total<'a>(orders: impl Iterator<Item = &'a Order>) -> Qty {
    orders.fold(Qty::ZERO, |sum, order| {
        // `Book` asks its callers for totals that fit.
        sum.checked_add(order.qty).expect("the total fits")
    })
}

const fn handle_of(number: u64) -> Handle {
    #[expect(clippy::cast_possible_truncation, reason = "two halves of the number")]
    Handle {
        slot: number as u32,
        generation: (number >> 32) as u32,
    }
}

const fn number_of(handle: Handle) -> u64 {
    (handle.generation as u64) << 32 | handle.slot as u64
}

impl Book for NaiveBook {
    fn new(levels: u32) -> Self {
        assert!((1..=LEVELS_MAX).contains(&levels), "{levels} levels");
        Self {
            levels,
            bids: BTreeMap::new(),
            asks: BTreeMap::new(),
            places: HashMap::new(),
            rested: 0,
        }
    }

    fn rest(&mut self, side: Side, tick: Tick, market: bool, qty: Qty, key: u32) -> Handle {
        let tick = if market { self.limit_of(side) } else { tick };
        assert!(tick < self.levels, "tick {tick} of {} levels", self.levels);
        assert!(!qty.is_zero(), "an order of no shares");
        let number = self.rested;
        self.rested += 1;
        let order = Order {
            number,
            key,
            market,
            qty,
        };
        self.map_mut(side).entry(tick).or_default().push_back(order);
        let handle = handle_of(number);
        self.places.insert(handle, (side, tick));
        handle
    }

    fn reduce(&mut self, handle: Handle, qty: Qty) -> Option<Qty> {
        let (side, tick) = *self.places.get(&handle)?;
        let map = self.map_mut(side);
        let queue = map.get_mut(&tick)?;
        let at = queue
            .binary_search_by_key(&number_of(handle), |order| order.number)
            .ok()?;
        let order = queue.get_mut(at)?;
        order.qty = order.qty.saturating_sub(qty);
        let left = order.qty;
        if left.is_zero() {
            queue.remove(at);
            if queue.is_empty() {
                map.remove(&tick);
            }
            self.places.remove(&handle);
        }
        Some(left)
    }

    fn take(&mut self, taker: Side, worst: Tick, qty: Qty, mut on_fill: impl FnMut(Maker)) -> Qty {
        let mut wanted = qty;
        let side = taker.opposite();
        let makers = match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        };
        while !wanted.is_zero()
            && let Some(mut level) = best_level(makers, side)
            && reaches(taker, worst, *level.key())
        {
            let tick = *level.key();
            let queue = level.get_mut();
            while !wanted.is_zero()
                && let Some(order) = queue.front_mut()
            {
                let taken = order.qty.min(wanted);
                wanted = wanted.saturating_sub(taken);
                order.qty = order.qty.saturating_sub(taken);
                on_fill(order.maker(tick, taken));
                if order.qty.is_zero() {
                    self.places.remove(&handle_of(order.number));
                    queue.pop_front();
                }
            }
            if queue.is_empty() {
                level.remove();
            }
        }
        wanted
    }

    fn available(&self, taker: Side, worst: Tick, want: Qty) -> Qty {
        let mut found = Qty::ZERO;
        for (tick, queue) in self.best_first(taker.opposite()) {
            if !reaches(taker, worst, tick) {
                break;
            }
            for order in queue {
                // Beyond the range of a quantity is beyond any wanted one.
                found = found.checked_add(order.qty).unwrap_or(want);
                if found >= want {
                    return want;
                }
            }
        }
        found
    }

    fn best_limit(&self, side: Side) -> Option<Tick> {
        let mut levels = self.best_first(side);
        levels
            .find(|(_, queue)| has_limit(queue))
            .map(|(tick, _)| tick)
    }

    fn best(&self, side: Side) -> Option<Tick> {
        self.best_first(side).next().map(|(tick, _)| tick)
    }

    fn limit_qty_at(&self, side: Side, tick: Tick) -> Qty {
        let queue = self.map(side).get(&tick).into_iter().flatten();
        total(queue.filter(|order| !order.market))
    }

    fn market_qty(&self, side: Side) -> Qty {
        let queue = self.map(side).get(&self.limit_of(side));
        total(queue.into_iter().flatten().filter(|order| order.market))
    }

    fn next_limit(&self, side: Side, tick: Tick) -> Option<Tick> {
        let holds_limit = |(_, queue): &(&Tick, &VecDeque<Order>)| has_limit(queue);
        let next = match side {
            Side::Buy => self.bids.range(..tick).rev().find(holds_limit),
            Side::Sell => {
                let above = (Bound::Excluded(tick), Bound::Unbounded);
                self.asks.range(above).find(holds_limit)
            }
        };
        next.map(|(tick, _)| *tick)
    }

    fn len(&self) -> usize {
        self.places.len()
    }

    fn orders(&self, side: Side) -> Vec<Maker> {
        self.best_first(side)
            .flat_map(|(tick, queue)| queue.iter().map(move |order| order.maker(tick, Qty::ZERO)))
            .collect()
    }

    fn validate(&self) {
        let mut found = 0;
        for side in [Side::Buy, Side::Sell] {
            for (tick, queue) in self.best_first(side) {
                assert!(tick < self.levels, "{side} {tick}: beyond the last level");
                assert!(!queue.is_empty(), "{side} {tick}: an empty level is kept");
                assert!(
                    queue.iter().is_sorted_by(|a, b| a.number < b.number),
                    "{side} {tick}: not in order of time"
                );
                for order in queue {
                    assert!(!order.qty.is_zero(), "{order:?}: no shares");
                    assert!(
                        !order.market || tick == self.limit_of(side),
                        "{order:?}: a market order off the limit"
                    );
                    let place = self.places.get(&handle_of(order.number));
                    assert_eq!(place, Some(&(side, tick)), "{order:?}: wrongly filed");
                    found += 1;
                }
            }
        }
        assert_eq!(self.places.len(), found, "handles without an order");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_hold_the_whole_number() {
        for number in [0, 1, u64::from(u32::MAX), 1 << 32, u64::MAX] {
            assert_eq!(number_of(handle_of(number)), number);
        }
    }

    #[test]
    fn better_levels_and_earlier_orders_are_filled_first() {
        let mut book = NaiveBook::new(10);
        for (tick, qty, key) in [(6, 5, 1), (5, 3, 2), (5, 4, 3), (7, 9, 4)] {
            book.rest(Side::Sell, tick, false, Qty::new(qty), key);
        }
        let mut fills = Vec::new();
        let left = book.take(Side::Buy, 6, Qty::new(20), |maker| {
            fills.push((maker.key, maker.tick, maker.qty.get(), maker.left.get()));
        });
        assert_eq!(fills, [(2, 5, 3, 0), (3, 5, 4, 0), (1, 6, 5, 0)]);
        assert_eq!(left, Qty::new(8));
        assert_eq!((book.len(), book.best(Side::Sell)), (1, Some(7)));
        book.validate();
    }

    #[test]
    #[should_panic(expected = "wrongly filed")]
    fn validate_sees_an_order_without_a_handle() {
        let mut book = NaiveBook::new(10);
        let handle = book.rest(Side::Buy, 3, false, Qty::new(1), 1);
        book.places.remove(&handle);
        book.validate();
    }
}
