//! The fast book: an array of levels, a bitmap that finds the next one, and orders in a slab linked by index.
//!
//! Both sides are kept alike by counting levels from the side's own daily limit: **rank** 0 is the best price a side can
//! have (bids: the upper limit, asks: the lower one), so "better" is "smaller" on either side and only the translation
//! between ticks and ranks asks which side it is. A handle is the slot in the slab and the slot's generation, so that no map is needed to find an order.
//!
//! | operation | cost |
//! |---|---|
//! | `rest`, `reduce` | constant; the best level is found anew when it empties |
//! | `take` | constant for each maker and each level emptied |
//! | `best`, `limit_qty_at`, `market_qty` | a read |
//!
//! Memory is 16 bytes for each level and side, and 32 for each order that ever rested at the same time. Once the slab has
//! grown to the largest number of orders nothing is allocated.

use crate::domain::{Qty, Side};

use super::book::{Book, Handle, LEVELS_MAX, Maker, Tick};
use bitmap::Bitmap;

mod bitmap;
mod validate;

/// No slot, no rank. Larger than any rank, so that an empty side is out of every taker's reach.
const NIL: u32 = u32::MAX;

/// A book for low latency; see the module's page.
#[derive(Clone, Debug)]
pub struct LadderBook {
    sides: [Half; 2],
    slots: Vec<Slot>,
    /// The slot to use next, the first of a list through `next`, or `NIL`.
    free: u32,
    /// How many orders rest.
    len: usize,
    /// The last level.
    last: Tick,
}

/// One side of the book.
#[derive(Clone, Debug)]
struct Half {
    /// By rank.
    levels: Box<[Level]>,
    /// The ranks at which orders rest.
    occupied: Bitmap,
    /// The first of them, or `NIL`.
    best: u32,
    /// Shares of market orders, all of them at rank 0.
    market: u64,
}

#[derive(Clone, Copy, Debug)]
#[repr(align(16))]
struct Level {
    /// The earliest order, or `NIL`.
    head: u32,
    /// The latest order; meaningless without a head.
    tail: u32,
    /// Shares of its orders, market orders included.
    shares: u64,
}

/// Room for an order. Aligned so that it never straddles two cache lines.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
struct Slot {
    /// Shares left; none in a free slot.
    qty: u64,
    key: u32,
    /// How often the slot was freed. A slot that reaches the last generation is never used again.
    generation: u32,
    /// The earlier order of the level; meaningless for its head.
    prev: u32,
    /// The later order of the level, meaningless for its tail; or the next free slot.
    next: u32,
    place: Place,
}

/// Side, rank, and whether it is a market order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place(u32);

impl Place {
    const fn new(side: Side, rank: u32, market: bool) -> Self {
        Self(rank << 2 | (market as u32) << 1 | bit(side))
    }

    const fn rank(self) -> u32 {
        self.0 >> 2
    }

    const fn is_market(self) -> bool {
        self.0 & 2 != 0
    }

    const fn side_index(self) -> usize {
        (self.0 & 1) as usize
    }
}

const fn bit(side: Side) -> u32 {
    match side {
        Side::Buy => 0,
        Side::Sell => 1,
    }
}

const fn index(side: Side) -> usize {
    bit(side) as usize
}

/// The rank of a level, or the level of a rank; neither is above `last`.
#[inline]
const fn flip(side: Side, tick_or_rank: u32, last: Tick) -> u32 {
    match side {
        Side::Buy => last - tick_or_rank,
        Side::Sell => tick_or_rank,
    }
}

impl Half {
    fn new(levels: u32) -> Self {
        let empty = Level {
            head: NIL,
            tail: NIL,
            shares: 0,
        };
        Self {
            levels: vec![empty; levels as usize].into(),
            occupied: Bitmap::new(levels),
            best: NIL,
            market: 0,
        }
    }

    /// Takes note that the last order of a level has gone.
    #[inline]
    fn vacate(&mut self, rank: u32) {
        self.levels[rank as usize].head = NIL;
        self.occupied.clear(rank);
        if rank == self.best {
            self.best = self.first_from(rank);
        }
    }

    /// The first occupied rank from `rank` on, or `NIL`.
    #[inline]
    fn first_from(&self, rank: u32) -> u32 {
        self.occupied.first_from(rank).unwrap_or(NIL)
    }

    /// The first rank from `rank` on with limit orders, or `NIL`.
    fn first_limit_from(&self, rank: u32) -> u32 {
        let first = self.first_from(rank);
        if first == 0 && self.limit_shares(0) == 0 {
            self.first_from(1)
        } else {
            first
        }
    }

    fn limit_shares(&self, rank: u32) -> u64 {
        let shares = self.levels[rank as usize].shares;
        if rank == 0 {
            shares - self.market
        } else {
            shares
        }
    }
}

impl LadderBook {
    /// An empty book with room for `orders` resting orders before it allocates again.
    ///
    /// # Panics
    /// As [`Book::new`].
    pub fn with_capacity(levels: u32, orders: usize) -> Self {
        assert!((1..=LEVELS_MAX).contains(&levels), "{levels} levels");
        Self {
            sides: [Half::new(levels), Half::new(levels)],
            slots: Vec::with_capacity(orders),
            free: NIL,
            len: 0,
            last: levels - 1,
        }
    }

    const fn half(&self, side: Side) -> &Half {
        &self.sides[index(side)]
    }

    /// The last rank of `side` that an order of the other side reaches if it goes no further than `worst`.
    #[inline]
    fn reach(&self, side: Side, worst: Tick) -> Option<u32> {
        match side {
            Side::Buy => self.last.checked_sub(worst),
            Side::Sell => Some(worst.min(self.last)),
        }
    }

    /// The level of a rank that may be `NIL`.
    fn tick(&self, side: Side, rank: u32) -> Option<Tick> {
        (rank != NIL).then(|| flip(side, rank, self.last))
    }
}

/// Puts an order into a free slot, or a further one, in its own generation.
#[inline]
fn allocate(slots: &mut Vec<Slot>, free: &mut u32, order: Slot) -> Handle {
    if let Some(slot) = slots.get_mut(*free as usize) {
        let generation = slot.generation;
        let handle = Handle {
            slot: *free,
            generation,
        };
        *free = slot.next;
        *slot = Slot {
            generation,
            ..order
        };
        return handle;
    }
    let slot = u32::try_from(slots.len()).ok().filter(|slot| *slot < NIL);
    // Four billion orders of 32 bytes do not fit the memory of a machine that trades.
    let slot = slot.expect("fewer than 2^32 orders");
    slots.push(order);
    Handle {
        slot,
        generation: order.generation,
    }
}

impl Slot {
    /// Marks the slot free and puts it in front of the free list `free`, of which it returns the new front.
    #[inline]
    const fn release(&mut self, at: u32, free: u32) -> u32 {
        self.generation += 1;
        if self.generation == u32::MAX {
            return free;
        }
        self.next = free;
        at
    }
}

impl Book for LadderBook {
    fn new(levels: u32) -> Self {
        Self::with_capacity(levels, 0)
    }

    #[inline]
    fn rest(&mut self, side: Side, tick: Tick, market: bool, qty: Qty, key: u32) -> Handle {
        assert!(!qty.is_zero(), "an order of no shares");
        assert!(
            market || tick <= self.last,
            "tick {tick} of {} levels",
            self.last + 1
        );
        let rank = if market {
            0
        } else {
            flip(side, tick, self.last)
        };
        let half = &mut self.sides[index(side)];
        let level = &mut half.levels[rank as usize];
        // `Book` asks its callers for totals that fit.
        level.shares = level.shares.checked_add(qty.get()).expect("the total fits");
        if market {
            half.market += qty.get();
        }
        let handle = allocate(
            &mut self.slots,
            &mut self.free,
            Slot {
                qty: qty.get(),
                key,
                generation: 0,
                prev: NIL,
                next: NIL,
                place: Place::new(side, rank, market),
            },
        );
        let tail = level.tail;
        level.tail = handle.slot;
        if level.head == NIL {
            level.head = handle.slot;
            half.occupied.set(rank);
            half.best = half.best.min(rank);
        } else {
            self.slots[tail as usize].next = handle.slot;
            self.slots[handle.slot as usize].prev = tail;
        }
        self.len += 1;
        handle
    }

    #[inline]
    fn reduce(&mut self, handle: Handle, qty: Qty) -> Option<Qty> {
        let order = self.slots.get_mut(handle.slot as usize)?;
        if order.generation != handle.generation || order.qty == 0 {
            return None;
        }
        let Slot {
            prev, next, place, ..
        } = *order;
        let gone = qty.get().min(order.qty);
        order.qty -= gone;
        let left = order.qty;
        let half = &mut self.sides[place.side_index()];
        let level = &mut half.levels[place.rank() as usize];
        level.shares -= gone;
        if place.is_market() {
            half.market -= gone;
        }
        if left != 0 {
            return Some(Qty::new(left));
        }
        self.free = order.release(handle.slot, self.free);
        self.len -= 1;
        match (level.head == handle.slot, level.tail == handle.slot) {
            (true, true) => half.vacate(place.rank()),
            (true, false) => level.head = next,
            (false, true) => level.tail = prev,
            (false, false) => {
                self.slots[prev as usize].next = next;
                self.slots[next as usize].prev = prev;
            }
        }
        Some(Qty::ZERO)
    }

    #[inline]
    fn take(&mut self, taker: Side, worst: Tick, qty: Qty, mut on_fill: impl FnMut(Maker)) -> Qty {
        let side = taker.opposite();
        let Some(worst) = self.reach(side, worst) else {
            return qty;
        };
        let last = self.last;
        let half = &mut self.sides[index(side)];
        let mut wanted = qty.get();
        // An empty side's best is `NIL`, which no rank reaches.
        while wanted != 0 && half.best <= worst {
            let rank = half.best;
            let tick = flip(side, rank, last);
            let level = &mut half.levels[rank as usize];
            let mut at = level.head;
            loop {
                let order = &mut self.slots[at as usize];
                let taken = order.qty.min(wanted);
                wanted -= taken;
                order.qty -= taken;
                level.shares -= taken;
                let market = order.place.is_market();
                if market {
                    half.market -= taken;
                }
                on_fill(Maker {
                    key: order.key,
                    tick,
                    market,
                    qty: Qty::new(taken),
                    left: Qty::new(order.qty),
                });
                if order.qty != 0 {
                    level.head = at;
                    break;
                }
                let next = order.next;
                self.free = order.release(at, self.free);
                self.len -= 1;
                if at == level.tail {
                    half.vacate(rank);
                    break;
                }
                at = next;
                if wanted == 0 {
                    level.head = at;
                    break;
                }
            }
        }
        Qty::new(wanted)
    }

    fn available(&self, taker: Side, worst: Tick, want: Qty) -> Qty {
        let side = taker.opposite();
        let Some(worst) = self.reach(side, worst) else {
            return Qty::ZERO;
        };
        let half = self.half(side);
        let mut found = 0_u64;
        let mut rank = half.best;
        while found < want.get() && rank <= worst {
            // More than a quantity can be is more than any wanted one.
            found = found.saturating_add(half.levels[rank as usize].shares);
            rank = half.first_from(rank + 1);
        }
        Qty::new(found.min(want.get()))
    }

    fn best_limit(&self, side: Side) -> Option<Tick> {
        self.tick(side, self.half(side).first_limit_from(0))
    }

    fn best(&self, side: Side) -> Option<Tick> {
        self.tick(side, self.half(side).best)
    }

    fn limit_qty_at(&self, side: Side, tick: Tick) -> Qty {
        if tick > self.last {
            return Qty::ZERO;
        }
        Qty::new(self.half(side).limit_shares(flip(side, tick, self.last)))
    }

    fn market_qty(&self, side: Side) -> Qty {
        Qty::new(self.half(side).market)
    }

    fn next_limit(&self, side: Side, tick: Tick) -> Option<Tick> {
        let first = match side {
            // A bid's level beyond the last has all of them below it.
            Side::Buy if tick > self.last => 0,
            Side::Buy => self.last - tick + 1,
            Side::Sell => tick.saturating_add(1),
        };
        self.tick(side, self.half(side).first_limit_from(first))
    }

    fn len(&self) -> usize {
        self.len
    }

    fn orders(&self, side: Side) -> Vec<Maker> {
        let half = self.half(side);
        let mut orders = Vec::new();
        let mut rank = half.best;
        while rank != NIL {
            let tick = flip(side, rank, self.last);
            let level = &half.levels[rank as usize];
            let mut at = level.head;
            loop {
                let order = &self.slots[at as usize];
                orders.push(Maker {
                    key: order.key,
                    tick,
                    market: order.place.is_market(),
                    qty: Qty::ZERO,
                    left: Qty::new(order.qty),
                });
                if at == level.tail {
                    break;
                }
                at = order.next;
            }
            rank = half.first_from(rank + 1);
        }
        orders
    }

    fn validate(&self) {
        self.validate_all();
    }
}

#[cfg(test)]
mod tests;
