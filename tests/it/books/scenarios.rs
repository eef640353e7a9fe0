//! Worked examples of continuous trading on KRX, as far as a book alone decides them: which makers are filled, at which
//! prices, what rests and what is seen afterwards.

use gwanmun::domain::{Money, Price, Qty, Side};
use gwanmun::sim::book::{Book, Handle, Maker, Tick};
use gwanmun::sim::ladder::Ladder;
use gwanmun::sim::ladder_book::LadderBook;
use gwanmun::sim::naive::NaiveBook;

use vectors::VECTORS;

mod vectors;

/// Ticks of Korean stocks around 50,000 won, since 2023-01-25.
const TICKS: [(i64, i64); 2] = [(20_000, 50), (50_000, 100)];
const A1: u32 = 1;
const A2: u32 = 2;
const A3: u32 = 3;
const A4: u32 = 4;
const B1: u32 = 11;
const B2: u32 = 12;
const B3: u32 = 13;
const B4: u32 = 14;
/// The incoming order.
const TAKER: u32 = 99;

type Levels = &'static [(i64, u64)];

const ASKS: Levels = &[(50_100, 50), (50_200, 100), (50_300, 200)];
const BIDS: Levels = &[(50_000, 40), (49_950, 60), (49_900, 200)];

#[derive(Clone, Copy, Debug)]
enum Kind {
    Limit(i64),
    Market,
    /// A limit order at the other side's best.
    BestLimit,
    /// A limit order at its own side's best.
    TopPriority,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Rest {
    /// The remainder rests.
    Day,
    /// The remainder is cancelled.
    Ioc,
    /// All or nothing.
    Fok,
}

/// An incoming order to the fresh book, and what comes of it.
#[derive(Debug)]
struct Vector {
    name: &'static str,
    side: Side,
    kind: Kind,
    rest: Rest,
    qty: u64,
    /// Maker, price in won, shares.
    fills: &'static [(u32, i64, u64)],
    amount_won: i64,
    resting: u64,
    cancelled: u64,
    asks: Levels,
    bids: Levels,
}

/// A book with prices.
struct Market<B> {
    ladder: Ladder,
    book: B,
}

impl<B: Book> Market<B> {
    /// An empty book of a stock with base 50,000 won.
    fn empty() -> Self {
        let limit = |won| Price::from_won(won).unwrap();
        let ladder = Ladder::new(&TICKS, limit(35_000), limit(65_000)).unwrap();
        let book = B::new(ladder.levels());
        Self { ladder, book }
    }

    /// The book that every vector starts from.
    fn fresh() -> Self {
        let mut market = Self::empty();
        for (key, won, qty) in [
            (A1, 50_100, 30),
            (A2, 50_100, 20),
            (A3, 50_200, 100),
            (A4, 50_300, 200),
        ] {
            market.rest(Side::Sell, won, qty, key);
        }
        for (key, won, qty) in [
            (B1, 50_000, 40),
            (B2, 49_950, 60),
            (B3, 49_900, 150),
            (B4, 49_900, 50),
        ] {
            market.rest(Side::Buy, won, qty, key);
        }
        market
    }

    fn tick(&self, won: i64) -> Tick {
        self.ladder.tick(Price::from_won(won).unwrap()).unwrap()
    }

    fn won(&self, tick: Tick) -> i64 {
        self.ladder.price(tick).unwrap().won()
    }

    fn rest(&mut self, side: Side, won: i64, qty: u64, key: u32) -> Handle {
        let tick = self.tick(won);
        self.book.rest(side, tick, false, Qty::new(qty), key)
    }

    /// Fills an incoming limit order and returns the fills as maker, price and shares.
    fn take(&mut self, side: Side, won: i64, qty: u64) -> Vec<(u32, i64, u64)> {
        let mut makers: Vec<Maker> = Vec::new();
        let worst = self.tick(won);
        self.book
            .take(side, worst, Qty::new(qty), |maker| makers.push(maker));
        self.book.validate();
        let fill = |maker: &Maker| (maker.key, self.won(maker.tick), maker.qty.get());
        makers.iter().map(fill).collect()
    }

    /// The levels of a side, best first.
    fn levels(&self, side: Side) -> Vec<(i64, u64)> {
        let mut levels = Vec::new();
        let mut next = self.book.best_limit(side);
        while let Some(tick) = next {
            levels.push((self.won(tick), self.book.limit_qty_at(side, tick).get()));
            next = self.book.next_limit(side, tick);
        }
        levels
    }

    fn run(mut self, vector: &Vector) {
        let name = vector.name;
        let side = vector.side;
        let own_limit = match side {
            Side::Buy => self.ladder.levels() - 1,
            Side::Sell => 0,
        };
        let worst = match vector.kind {
            Kind::Limit(won) => self.tick(won),
            Kind::Market => own_limit,
            Kind::BestLimit => self.book.best_limit(side.opposite()).unwrap(),
            Kind::TopPriority => self.book.best_limit(side).unwrap(),
        };
        let qty = Qty::new(vector.qty);
        let is_enough = self.book.available(side, worst, qty) == qty;
        let mut makers: Vec<Maker> = Vec::new();
        let mut left = qty;
        if vector.rest != Rest::Fok || is_enough {
            left = self.book.take(side, worst, qty, |maker| makers.push(maker));
        }
        let is_market = matches!(vector.kind, Kind::Market);
        if vector.rest == Rest::Day {
            if !left.is_zero() {
                self.book.rest(side, worst, is_market, left, TAKER);
            }
            assert_eq!(
                (left.get(), 0),
                (vector.resting, vector.cancelled),
                "{name}: remainder"
            );
        } else {
            assert_eq!(
                (0, left.get()),
                (vector.resting, vector.cancelled),
                "{name}: remainder"
            );
        }
        self.book.validate();
        let fill = |maker: &Maker| (maker.key, self.won(maker.tick), maker.qty.get());
        let fills: Vec<_> = makers.iter().map(fill).collect();
        assert_eq!(fills, vector.fills, "{name}: fills");
        let amount = makers.iter().fold(Money::ZERO, |sum, maker| {
            let price = self.ladder.price(maker.tick).unwrap();
            sum.checked_add(price.value(maker.qty).unwrap()).unwrap()
        });
        assert_eq!(amount.won(), vector.amount_won, "{name}: amount");
        assert_eq!(self.levels(Side::Sell), vector.asks, "{name}: asks");
        assert_eq!(self.levels(Side::Buy), vector.bids, "{name}: bids");
    }
}

/// Runs every vector on a book of its own.
fn run_vectors<B: Book>() {
    for vector in VECTORS {
        Market::<B>::fresh().run(vector);
    }
}

#[test]
fn incoming_orders_fill_as_worked_out_on_the_naive_book() {
    run_vectors::<NaiveBook>();
}

#[test]
fn incoming_orders_fill_as_worked_out_on_the_ladder_book() {
    run_vectors::<LadderBook>();
}

/// A market buy larger than all asks rests ahead of every limit buy but the earlier ones at the upper limit.
fn exhausting_market_order<B: Book>() {
    let mut market = Market::<B>::fresh();
    market.rest(Side::Buy, 65_000, 7, B1);
    let top = market.ladder.levels() - 1;
    let left = market.book.take(Side::Buy, top, Qty::new(500), |_| {});
    assert_eq!(left, Qty::new(150));
    market.book.rest(Side::Buy, 0, true, left, TAKER);
    market.rest(Side::Buy, 65_000, 5, B2);
    market.rest(Side::Buy, 64_900, 5, B3);
    assert_eq!(market.book.market_qty(Side::Buy), Qty::new(150));
    assert_eq!(market.book.best(Side::Buy), Some(top));
    assert_eq!(market.levels(Side::Buy)[..2], [(65_000, 12), (64_900, 5)]);
    let queue = market.book.orders(Side::Buy);
    let queue: Vec<_> = queue
        .iter()
        .map(|maker| (maker.key, maker.market))
        .collect();
    assert_eq!(
        queue[..4],
        [(B1, false), (TAKER, true), (B2, false), (B3, false)]
    );
    let fills = market.take(Side::Sell, 50_000, 160);
    assert_eq!(
        fills,
        [(B1, 65_000, 7), (TAKER, 65_000, 150), (B2, 65_000, 3)]
    );
    assert_eq!(market.book.market_qty(Side::Buy), Qty::ZERO);
}

#[test]
fn an_exhausting_market_order_rests_first() {
    exhausting_market_order::<NaiveBook>();
    exhausting_market_order::<LadderBook>();
}

/// Without limit orders the best limit level is none, however many market orders rest.
fn only_market_orders<B: Book>() {
    let mut market = Market::<B>::empty();
    market.book.rest(Side::Sell, 300, true, Qty::new(10), A1);
    assert_eq!(market.book.best(Side::Sell), Some(0));
    assert_eq!(market.book.best_limit(Side::Sell), None);
    assert_eq!(market.levels(Side::Sell), []);
    market.rest(Side::Sell, 50_100, 5, A2);
    assert_eq!(market.levels(Side::Sell), [(50_100, 5)]);
    assert_eq!(market.take(Side::Buy, 50_000, 20), [(A1, 35_000, 10)]);
}

#[test]
fn market_orders_are_not_a_limit_level() {
    only_market_orders::<NaiveBook>();
    only_market_orders::<LadderBook>();
}

/// Three bids of 100 at 50,000, by time.
fn queue<B: Book>() -> (Market<B>, [Handle; 3]) {
    let mut market = Market::<B>::empty();
    let handles = [1, 2, 3].map(|key| market.rest(Side::Buy, 50_000, 100, key));
    (market, handles)
}

fn priorities<B: Book>() {
    // A partial cancel keeps its place.
    let (mut market, [p1, ..]) = queue::<B>();
    assert_eq!(market.book.reduce(p1, Qty::new(60)), Some(Qty::new(40)));
    let fills = market.take(Side::Sell, 50_000, 120);
    assert_eq!(fills, [(1, 50_000, 40), (2, 50_000, 80)], "partial cancel");
    assert_eq!(market.levels(Side::Buy), [(50_000, 120)], "partial cancel");

    // Another price and back loses it.
    let (mut market, [p1, ..]) = queue::<B>();
    assert_eq!(market.book.reduce(p1, Qty::new(100)), Some(Qty::ZERO));
    let moved = market.rest(Side::Buy, 49_950, 100, 1);
    assert_eq!(market.book.reduce(p1, Qty::new(1)), None, "stale handle");
    assert_eq!(market.book.reduce(moved, Qty::new(100)), Some(Qty::ZERO));
    market.rest(Side::Buy, 50_000, 100, 1);
    let fills = market.take(Side::Sell, 50_000, 120);
    assert_eq!(fills, [(2, 50_000, 100), (3, 50_000, 20)], "price and back");

    // The corrected part gets a new time, the rest keeps its place.
    let (mut market, [p1, ..]) = queue::<B>();
    assert_eq!(market.book.reduce(p1, Qty::new(30)), Some(Qty::new(70)));
    market.rest(Side::Buy, 50_100, 30, 1);
    let fills = market.take(Side::Sell, 50_000, 120);
    assert_eq!(
        fills,
        [(1, 50_100, 30), (1, 50_000, 70), (2, 50_000, 20)],
        "partial correction"
    );

    // More shares are a new order behind the others.
    let (mut market, _) = queue::<B>();
    market.rest(Side::Buy, 50_000, 50, 4);
    let fills = market.take(Side::Sell, 50_000, 320);
    assert_eq!(
        fills,
        [
            (1, 50_000, 100),
            (2, 50_000, 100),
            (3, 50_000, 100),
            (4, 50_000, 20)
        ],
        "increase"
    );
    assert_eq!(market.levels(Side::Buy), [(50_000, 30)], "increase");
}

#[test]
fn amendments_keep_or_lose_priority() {
    priorities::<NaiveBook>();
    priorities::<LadderBook>();
}
