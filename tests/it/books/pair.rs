//! The obvious and the fast book side by side.

use std::fmt::Debug;

use gwanmun::domain::{Qty, Side};
use gwanmun::sim::book::{Book, Handle, Maker, Tick};
use gwanmun::sim::ladder_book::LadderBook;
use gwanmun::sim::naive::NaiveBook;

/// What a book can be asked. Orders are named by the number under which they came to rest.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Command {
    Rest {
        side: Side,
        tick: Tick,
        market: bool,
        qty: u64,
    },
    Reduce {
        order: usize,
        qty: u64,
    },
    Take {
        side: Side,
        worst: Tick,
        qty: u64,
    },
    Available {
        side: Side,
        worst: Tick,
        want: u64,
    },
}

/// Both books, and the shares that went in and out.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    naive: NaiveBook,
    ladder: LadderBook,
    levels: u32,
    handles: Vec<(Handle, Handle)>,
    shares_in: u128,
    shares_out: u128,
    fills: usize,
}

impl Pair {
    pub(crate) fn new(levels: u32) -> Self {
        Self {
            naive: NaiveBook::new(levels),
            ladder: LadderBook::new(levels),
            levels,
            handles: Vec::new(),
            shares_in: 0,
            shares_out: 0,
            fills: 0,
        }
    }

    /// How many orders ever rested.
    pub(crate) const fn rested(&self) -> usize {
        self.handles.len()
    }

    /// How many makers were filled.
    pub(crate) const fn fills(&self) -> usize {
        self.fills
    }

    /// Gives both books the command, compares their answers and all that can be read from them, lets both check
    /// themselves, and counts the shares. Returns whether any share moved.
    pub(crate) fn apply(&mut self, command: Command, context: &impl Debug) -> bool {
        let before = (self.shares_in, self.shares_out);
        match command {
            Command::Rest {
                side,
                tick,
                market,
                qty,
            } => self.rest(side, tick, market, qty),
            Command::Reduce { order, qty } => self.reduce(order, qty, context),
            Command::Take { side, worst, qty } => self.take(side, worst, qty, context),
            Command::Available { side, worst, want } => self.available(side, worst, want, context),
        }
        self.compare(context);
        before != (self.shares_in, self.shares_out)
    }

    fn rest(&mut self, side: Side, tick: Tick, market: bool, qty: u64) {
        let key = u32::try_from(self.handles.len()).unwrap();
        let naive = self.naive.rest(side, tick, market, Qty::new(qty), key);
        let ladder = self.ladder.rest(side, tick, market, Qty::new(qty), key);
        self.handles.push((naive, ladder));
        self.shares_in += u128::from(qty);
    }

    fn reduce(&mut self, order: usize, qty: u64, context: &impl Debug) {
        let (naive, ladder) = self.handles[order];
        let before = self.naive.reduce(naive, Qty::ZERO);
        let left = self.naive.reduce(naive, Qty::new(qty));
        assert_eq!(
            left,
            self.ladder.reduce(ladder, Qty::new(qty)),
            "{context:?}"
        );
        assert_eq!(before.is_some(), left.is_some(), "{context:?}");
        if let (Some(before), Some(left)) = (before, left) {
            assert_eq!(left, before.saturating_sub(Qty::new(qty)), "{context:?}");
            self.shares_out += u128::from(before.get() - left.get());
        }
    }

    fn take(&mut self, side: Side, worst: Tick, qty: u64, context: &impl Debug) {
        let makers_side = side.opposite();
        let promised = self.naive.available(side, worst, Qty::new(qty));
        let queue = self.naive.orders(makers_side);
        let mut naive = Vec::new();
        let mut ladder = Vec::new();
        let left = self
            .naive
            .take(side, worst, Qty::new(qty), |maker| naive.push(maker));
        let ladder_left = self
            .ladder
            .take(side, worst, Qty::new(qty), |maker| ladder.push(maker));
        assert_eq!((left, &naive), (ladder_left, &ladder), "{context:?}");
        let taken = naive.iter().map(|maker| maker.qty.get()).sum::<u64>();
        assert_eq!(taken + left.get(), qty, "{context:?}: filled and left");
        assert_eq!(taken, promised.get(), "{context:?}: promised and filled");
        // Fills come off the front of the queue, and only the last may leave something.
        for (at, (maker, first)) in naive.iter().zip(&queue).enumerate() {
            assert_eq!(
                (maker.key, maker.tick),
                (first.key, first.tick),
                "{context:?}"
            );
            assert_eq!(
                maker.qty.get() + maker.left.get(),
                first.left.get(),
                "{context:?}"
            );
            assert!(maker.left.is_zero() || at + 1 == naive.len(), "{context:?}");
            assert!(!maker.qty.is_zero(), "{context:?}: a fill of nothing");
        }
        self.fills += naive.len();
        self.shares_out += u128::from(taken);
    }

    fn available(&self, side: Side, worst: Tick, want: u64, context: &impl Debug) {
        let reached = |maker: &&Maker| match side {
            Side::Buy => maker.tick <= worst,
            Side::Sell => maker.tick >= worst,
        };
        let queue = self.naive.orders(side.opposite());
        let all = queue.iter().filter(reached).map(|maker| maker.left.get());
        let expected = Qty::new(all.sum::<u64>().min(want));
        let want = Qty::new(want);
        assert_eq!(
            self.naive.available(side, worst, want),
            expected,
            "{context:?}"
        );
        assert_eq!(
            self.ladder.available(side, worst, want),
            expected,
            "{context:?}"
        );
    }

    fn compare(&self, context: &impl Debug) {
        self.naive.validate();
        self.ladder.validate();
        let mut resting = 0;
        let mut count = 0;
        for side in [Side::Buy, Side::Sell] {
            let orders = self.naive.orders(side);
            assert_eq!(
                orders,
                self.ladder.orders(side),
                "{context:?}: {side} orders"
            );
            resting += orders
                .iter()
                .map(|maker| u128::from(maker.left.get()))
                .sum::<u128>();
            count += orders.len();
            self.compare_side(side, &orders, context);
        }
        assert_eq!(
            self.shares_in,
            self.shares_out + resting,
            "{context:?}: shares"
        );
        for (len, is_empty) in [
            (self.naive.len(), self.naive.is_empty()),
            (self.ladder.len(), self.ladder.is_empty()),
        ] {
            assert_eq!(
                (len, is_empty),
                (count, count == 0),
                "{context:?}: number of orders"
            );
        }
    }

    /// Compares what the two books say of a side with each other and with its orders.
    fn compare_side(&self, side: Side, orders: &[Maker], context: &impl Debug) {
        let (naive, ladder) = (&self.naive, &self.ladder);
        let limits = || orders.iter().filter(|maker| !maker.market);
        let best = orders.first().map(|maker| maker.tick);
        let best_limit = limits().next().map(|maker| maker.tick);
        let market = orders
            .iter()
            .filter(|maker| maker.market)
            .map(|maker| maker.left.get());
        let market = Qty::new(market.sum());
        for (book, found) in [
            (
                "naive",
                (
                    naive.best(side),
                    naive.best_limit(side),
                    naive.market_qty(side),
                ),
            ),
            (
                "ladder",
                (
                    ladder.best(side),
                    ladder.best_limit(side),
                    ladder.market_qty(side),
                ),
            ),
        ] {
            assert_eq!(
                found,
                (best, best_limit, market),
                "{context:?}: {book} {side} best and market"
            );
        }
        let mut levels: Vec<(Tick, u64)> = Vec::new();
        for maker in limits() {
            match levels.last_mut() {
                Some((tick, qty)) if *tick == maker.tick => *qty += maker.left.get(),
                _ => levels.push((maker.tick, maker.left.get())),
            }
        }
        // The levels with orders, their neighbours, the limits and what lies beyond.
        let edges = [0, self.levels - 1, self.levels, self.levels + 64, Tick::MAX];
        let places = levels.iter().map(|(tick, _)| *tick);
        let places = places.flat_map(|tick| [tick.saturating_sub(1), tick, tick + 1]);
        for tick in places.chain(edges) {
            let worse = |level: Tick| match side {
                Side::Buy => level < tick,
                Side::Sell => level > tick,
            };
            let after = levels.partition_point(|(level, _)| !worse(*level));
            let next = levels.get(after).map(|(level, _)| *level);
            let at = levels[..after].last().filter(|(level, _)| *level == tick);
            let qty = Qty::new(at.map_or(0, |(_, qty)| *qty));
            for (book, found) in [
                (
                    "naive",
                    (naive.limit_qty_at(side, tick), naive.next_limit(side, tick)),
                ),
                (
                    "ladder",
                    (
                        ladder.limit_qty_at(side, tick),
                        ladder.next_limit(side, tick),
                    ),
                ),
            ] {
                assert_eq!(
                    found,
                    (qty, next),
                    "{context:?}: {book} {side} {tick} and after"
                );
            }
        }
    }
}
