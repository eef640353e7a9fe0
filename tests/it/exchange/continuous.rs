//! Continuous trading against one book: scenarios S-37 to S-57.

use gwanmun::domain::CancelReason::{FillOrKill, ImmediateOrCancel};
use gwanmun::domain::OrderKind::{BestLimit, Market, TopPriority};
use gwanmun::domain::TimeInForce::{Day, Fok, Ioc};
use gwanmun::domain::{
    AccountId, CancelReason, OrderKind, OrderRequest, OrderStatus, RefusalReason, Side, Venue,
};
use gwanmun::sim::Command;
use gwanmun::sim::book::Book;

use super::support::*;

const A1: u64 = 1;
const A2: u64 = 2;
const A3: u64 = 3;
const A4: u64 = 4;
const B1: u64 = 5;
const B2: u64 = 6;
const B3: u64 = 7;
const B4: u64 = 8;
const TAKER: u64 = 100;

const ASKS: &[(i64, u64)] = &[(50_100, 50), (50_200, 100), (50_300, 200)];
const BIDS: &[(i64, u64)] = &[(50_000, 40), (49_950, 60), (49_900, 200)];

/// The book that every vector starts from, and an account to trade against it.
fn market<B: Book>() -> (World<B>, AccountId, AccountId) {
    let mut world = World::with_base(50_000);
    let maker = world.customer("maker", 100_000_000, 1_000);
    let taker = world.customer("taker", 100_000_000, 1_000);
    let asks = [
        (A1, 50_100, 30),
        (A2, 50_100, 20),
        (A3, 50_200, 100),
        (A4, 50_300, 200),
    ];
    for (order, won, qty) in asks {
        world.place(sell(maker, qty, limit(won)).with_id(id(order)));
    }
    let bids = [
        (B1, 50_000, 40),
        (B2, 49_950, 60),
        (B3, 49_900, 150),
        (B4, 49_900, 50),
    ];
    for (order, won, qty) in bids {
        world.place(buy(maker, qty, limit(won)).with_id(id(order)));
    }
    assert_eq!((world.asks(), world.bids()), (ASKS.to_vec(), BIDS.to_vec()));
    world.news.clear();
    (world, maker, taker)
}

/// What a vector expects.
struct Expected<'a> {
    /// (resting order, won, shares).
    fills: &'a [(u64, i64, u64)],
    amount: i64,
    /// (won, shares) of what rests.
    resting: Option<(i64, u64)>,
    cancelled: Option<(u64, CancelReason)>,
    asks: &'a [(i64, u64)],
    bids: &'a [(i64, u64)],
}

const NOTHING: Expected<'static> = Expected {
    fills: &[],
    amount: 0,
    resting: None,
    cancelled: None,
    asks: ASKS,
    bids: BIDS,
};

fn check<B: Book>(request: impl FnOnce(AccountId) -> OrderRequest, expected: &Expected<'_>) {
    let (mut world, _, taker) = market::<B>();
    let request = request(taker).with_id(id(TAKER));
    world.place(request);

    assert_eq!(world.maker_fills(), expected.fills);
    let of_taker = |&(_, won, qty): &(u64, i64, u64)| (TAKER, won, qty);
    let mirrored: Vec<_> = expected.fills.iter().map(of_taker).collect();
    assert_eq!(world.taker_fills(), mirrored);
    assert_eq!(world.cancels(), Vec::from_iter(expected.cancelled));

    let order = world.order(taker, id(TAKER));
    let filled: u64 = expected.fills.iter().map(|&(_, _, qty)| qty).sum();
    assert_eq!(order.filled.get(), filled);
    assert_eq!(order.filled_value, won(expected.amount));
    assert_eq!(
        order.cancelled.get(),
        expected.cancelled.map_or(0, |(qty, _)| qty)
    );
    assert_eq!(
        order.remaining().get(),
        expected.resting.map_or(0, |(_, qty)| qty)
    );
    let status = match (expected.resting, expected.cancelled) {
        (Some(_), _) if filled > 0 => OrderStatus::PartiallyFilled,
        (Some(_), _) => OrderStatus::New,
        (None, Some(_)) => OrderStatus::Cancelled,
        (None, None) => OrderStatus::Filled,
    };
    assert_eq!(order.status, status);
    if let Some((won, _)) = expected.resting {
        let working = world.exchange.working_price(taker, id(TAKER).into());
        assert_eq!(working, Some(price(won)));
    }
    assert_eq!(world.asks(), expected.asks);
    assert_eq!(world.bids(), expected.bids);

    // Every trade was told, and the book only if it changed.
    let trades: Vec<_> = world
        .news
        .trades
        .iter()
        .map(|trade| trade.qty.get())
        .collect();
    let fills: Vec<_> = expected.fills.iter().map(|&(_, _, qty)| qty).collect();
    assert_eq!(trades, fills);
    let changed = filled > 0 || expected.resting.is_some();
    assert_eq!(world.news.books.len(), usize::from(changed));
}

fn s37_limit_buy_takes_the_earlier_first<B: Book>() {
    check::<B>(
        |account| buy(account, 40, limit(50_100)),
        &Expected {
            fills: &[(A1, 50_100, 30), (A2, 50_100, 10)],
            amount: 2_004_000,
            asks: &[(50_100, 10), (50_200, 100), (50_300, 200)],
            ..NOTHING
        },
    );
}

fn s38_rest_of_a_limit_buy_becomes_best_bid<B: Book>() {
    check::<B>(
        |account| buy(account, 200, limit(50_200)),
        &Expected {
            fills: &[(A1, 50_100, 30), (A2, 50_100, 20), (A3, 50_200, 100)],
            amount: 7_525_000,
            resting: Some((50_200, 50)),
            asks: &[(50_300, 200)],
            bids: &[(50_200, 50), (50_000, 40), (49_950, 60), (49_900, 200)],
            ..NOTHING
        },
    );
}

fn s39_limit_sell_gets_price_improvement<B: Book>() {
    check::<B>(
        |account| sell(account, 110, limit(49_900)),
        &Expected {
            fills: &[(B1, 50_000, 40), (B2, 49_950, 60), (B3, 49_900, 10)],
            amount: 5_496_000,
            bids: &[(49_900, 190)],
            ..NOTHING
        },
    );
}

fn s40_market_buy_walks_the_book<B: Book>() {
    check::<B>(
        |account| buy(account, 120, Market),
        &Expected {
            fills: &[(A1, 50_100, 30), (A2, 50_100, 20), (A3, 50_200, 70)],
            amount: 6_019_000,
            asks: &[(50_200, 30), (50_300, 200)],
            ..NOTHING
        },
    );
}

fn s41_market_sell_walks_the_book<B: Book>() {
    check::<B>(
        |account| sell(account, 130, Market),
        &Expected {
            fills: &[(B1, 50_000, 40), (B2, 49_950, 60), (B3, 49_900, 30)],
            amount: 6_494_000,
            bids: &[(49_900, 170)],
            ..NOTHING
        },
    );
}

fn s43_ioc_cancels_the_rest<B: Book>() {
    check::<B>(
        |account| lasting(buy(account, 80, limit(50_100)), Ioc),
        &Expected {
            fills: &[(A1, 50_100, 30), (A2, 50_100, 20)],
            amount: 2_505_000,
            cancelled: Some((30, ImmediateOrCancel)),
            asks: &[(50_200, 100), (50_300, 200)],
            ..NOTHING
        },
    );
}

fn s44_ioc_that_does_not_cross_is_cancelled<B: Book>() {
    check::<B>(
        |account| lasting(buy(account, 10, limit(50_000)), Ioc),
        &Expected {
            cancelled: Some((10, ImmediateOrCancel)),
            ..NOTHING
        },
    );
}

fn s45_fok_without_enough_is_cancelled_whole<B: Book>() {
    check::<B>(
        |account| lasting(buy(account, 80, limit(50_100)), Fok),
        &Expected {
            cancelled: Some((80, FillOrKill)),
            ..NOTHING
        },
    );
}

fn s46_fok_with_exactly_enough_is_filled<B: Book>() {
    check::<B>(
        |account| lasting(buy(account, 150, limit(50_200)), Fok),
        &Expected {
            fills: &[(A1, 50_100, 30), (A2, 50_100, 20), (A3, 50_200, 100)],
            amount: 7_525_000,
            asks: &[(50_300, 200)],
            ..NOTHING
        },
    );
}

fn s47_ioc_market_sell_empties_the_bids<B: Book>() {
    check::<B>(
        |account| lasting(sell(account, 500, Market), Ioc),
        &Expected {
            fills: &[
                (B1, 50_000, 40),
                (B2, 49_950, 60),
                (B3, 49_900, 150),
                (B4, 49_900, 50),
            ],
            amount: 14_977_000,
            cancelled: Some((200, ImmediateOrCancel)),
            bids: &[],
            ..NOTHING
        },
    );
}

fn s48_fok_market_sell_of_all_bids<B: Book>() {
    check::<B>(
        |account| lasting(sell(account, 300, Market), Fok),
        &Expected {
            fills: &[
                (B1, 50_000, 40),
                (B2, 49_950, 60),
                (B3, 49_900, 150),
                (B4, 49_900, 50),
            ],
            amount: 14_977_000,
            bids: &[],
            ..NOTHING
        },
    );
}

fn s49_fok_market_sell_of_one_more<B: Book>() {
    check::<B>(
        |account| lasting(sell(account, 301, Market), Fok),
        &Expected {
            cancelled: Some((301, FillOrKill)),
            ..NOTHING
        },
    );
}

fn s50_best_limit_buy_freezes_the_opposite_best<B: Book>() {
    check::<B>(
        |account| buy(account, 80, BestLimit),
        &Expected {
            fills: &[(A1, 50_100, 30), (A2, 50_100, 20)],
            amount: 2_505_000,
            resting: Some((50_100, 30)),
            asks: &[(50_200, 100), (50_300, 200)],
            bids: &[(50_100, 30), (50_000, 40), (49_950, 60), (49_900, 200)],
            ..NOTHING
        },
    );
}

fn s51_best_limit_sell_freezes_the_opposite_best<B: Book>() {
    check::<B>(
        |account| sell(account, 100, BestLimit),
        &Expected {
            fills: &[(B1, 50_000, 40)],
            amount: 2_000_000,
            resting: Some((50_000, 60)),
            asks: &[(50_000, 60), (50_100, 50), (50_200, 100), (50_300, 200)],
            bids: &[(49_950, 60), (49_900, 200)],
            ..NOTHING
        },
    );
}

fn s52_best_limit_ioc<B: Book>() {
    check::<B>(
        |account| lasting(buy(account, 80, BestLimit), Ioc),
        &Expected {
            fills: &[(A1, 50_100, 30), (A2, 50_100, 20)],
            amount: 2_505_000,
            cancelled: Some((30, ImmediateOrCancel)),
            asks: &[(50_200, 100), (50_300, 200)],
            ..NOTHING
        },
    );
}

fn s53_best_limit_fok_without_enough<B: Book>() {
    check::<B>(
        |account| lasting(buy(account, 80, BestLimit), Fok),
        &Expected {
            cancelled: Some((80, FillOrKill)),
            ..NOTHING
        },
    );
}

fn s54_best_limit_fok_with_exactly_enough<B: Book>() {
    check::<B>(
        |account| lasting(buy(account, 50, BestLimit), Fok),
        &Expected {
            fills: &[(A1, 50_100, 30), (A2, 50_100, 20)],
            amount: 2_505_000,
            asks: &[(50_200, 100), (50_300, 200)],
            ..NOTHING
        },
    );
}

fn s55_top_priority_buy_joins_the_best_bid<B: Book>() {
    check::<B>(
        |account| buy(account, 10, TopPriority),
        &Expected {
            resting: Some((50_000, 10)),
            bids: &[(50_000, 50), (49_950, 60), (49_900, 200)],
            ..NOTHING
        },
    );
}

fn s56_top_priority_sell_joins_the_best_ask<B: Book>() {
    check::<B>(
        |account| sell(account, 25, TopPriority),
        &Expected {
            resting: Some((50_100, 25)),
            asks: &[(50_100, 75), (50_200, 100), (50_300, 200)],
            ..NOTHING
        },
    );
}

/// S-55, S-56: the order queues last where it joins.
fn top_priority_orders_queue_last<B: Book>() {
    let (mut world, maker, taker) = market::<B>();
    world.place(buy(taker, 10, TopPriority).with_id(id(TAKER)));
    world.place(sell(taker, 25, TopPriority).with_id(id(TAKER + 1)));
    world.news.clear();
    world.place(sell(maker, 45, limit(50_000)));
    world.place(buy(maker, 60, limit(50_100)));
    let fills = [
        (B1, 50_000, 40),
        (TAKER, 50_000, 5),
        (A1, 50_100, 30),
        (A2, 50_100, 20),
    ];
    assert_eq!(world.maker_fills()[..4], fills);
    assert_eq!(world.maker_fills()[4..], [(TAKER + 1, 50_100, 10)]);
}

/// S-42: what exhausts the book rests, shown one tick above the best bid.
fn s42_rest_of_a_market_buy_rests_ahead_of_limit_buys<B: Book>() {
    let (mut world, maker, taker) = market::<B>();
    world.place(buy(taker, 500, Market).with_id(id(TAKER)));
    let fills = [
        (A1, 50_100, 30),
        (A2, 50_100, 20),
        (A3, 50_200, 100),
        (A4, 50_300, 200),
    ];
    assert_eq!(world.maker_fills(), fills);
    assert_eq!(world.order(taker, id(TAKER)).remaining().get(), 150);
    assert_eq!(world.exchange.working_price(taker, id(TAKER).into()), None);
    assert_eq!(world.cancels(), []);
    assert_eq!(world.asks(), []);
    assert_eq!(world.bids()[..2], [(50_100, 150), (50_000, 40)]);
    assert_eq!(
        world.exchange.quote(SYMBOL).unwrap().bid.unwrap().price,
        price(50_100)
    );

    // Ahead of a higher limit order, at the price where it is shown: one tick above the new best bid.
    world.place(buy(maker, 10, limit(50_500)).with_id(id(20)));
    assert_eq!(world.bids()[..2], [(50_600, 150), (50_500, 10)]);
    world.news.clear();
    world.place(sell(maker, 100, limit(50_000)));
    assert_eq!(world.maker_fills(), [(TAKER, 50_600, 100)]);
    // No worse for the incoming order than its own limit.
    world.news.clear();
    world.place(sell(maker, 30, limit(52_000)));
    assert_eq!(world.maker_fills(), [(TAKER, 52_000, 30)]);
    // After the market order come the limit orders.
    world.news.clear();
    world.place(sell(maker, 25, Market));
    assert_eq!(world.maker_fills(), [(TAKER, 50_600, 20), (20, 50_500, 5)]);
}

/// S-42: a limit order at the upper limit has the same priority, and then time decides.
fn market_orders_and_orders_at_the_limit_rank_by_time<B: Book>() {
    let mut world = World::<B>::with_base(50_000);
    let maker = world.customer("maker", 100_000_000, 1_000);
    for (order, kind) in [(1, limit(65_000)), (2, Market), (3, limit(65_000))] {
        world.place(buy(maker, 10, kind).with_id(id(order)));
    }
    world.news.clear();
    assert_eq!(world.bids(), [(65_000, 30)]);
    world.place(sell(maker, 25, limit(50_000)));
    assert_eq!(
        world.maker_fills(),
        [(1, 65_000, 10), (2, 65_000, 10), (3, 65_000, 5)]
    );
}

fn a_market_sell_without_own_quotes_is_shown_at_the_last_price<B: Book>() {
    let mut world = World::<B>::with_base(50_000);
    let maker = world.customer("maker", 100_000_000, 1_000);
    world.place(sell(maker, 10, Market).with_id(id(1)));
    assert_eq!(world.asks(), [(50_000, 10)]);
    world.place(sell(maker, 10, limit(51_000)));
    assert_eq!(world.asks(), [(50_900, 10), (51_000, 10)]);
    world.news.clear();
    world.place(buy(maker, 15, limit(51_000)));
    assert_eq!(world.maker_fills(), [(1, 50_900, 10), (2, 51_000, 5)]);
    let quote = world.exchange.quote(SYMBOL).unwrap();
    assert_eq!(
        (quote.low, quote.high),
        (Some(price(50_900)), Some(price(51_000)))
    );
    assert_eq!(
        (quote.open, quote.last),
        (Some(price(50_900)), price(51_000))
    );
    assert_eq!((quote.volume.get(), quote.value), (15, won(764_000)));
}

fn best_and_top_orders_need_a_quote<B: Book>() {
    let mut world = World::<B>::with_base(50_000);
    let maker = world.customer("maker", 100_000_000, 1_000);
    for kind in [BestLimit, TopPriority] {
        for request in [buy(maker, 1, kind), sell(maker, 1, kind)] {
            world.refused(Command::Place(request), RefusalReason::NoQuote);
        }
    }
    world.place(buy(maker, 1, limit(50_000)));
    world.refused(
        Command::Place(buy(maker, 1, BestLimit)),
        RefusalReason::NoQuote,
    );
    world.refused(
        Command::Place(sell(maker, 1, TopPriority)),
        RefusalReason::NoQuote,
    );
    world.place(buy(maker, 1, TopPriority));
    world.place(sell(maker, 1, BestLimit));
}

/// S-57, and what the simulation does not have: refused, never faked.
fn s57_combinations_that_are_refused<B: Book>() {
    let (mut world, _, taker) = market::<B>();
    let (stop, level) = (price(50_500), price(50_600));
    let mut refused = Vec::new();
    for side in [Side::Buy, Side::Sell] {
        let request = |kind: OrderKind, time_in_force| {
            let mut request = lasting(buy(taker, 10, kind), time_in_force);
            request.side = side;
            request
        };
        for time_in_force in [Day, Ioc, Fok] {
            for kind in [
                OrderKind::ConditionalLimit { price: level },
                OrderKind::StopLimit { stop, price: level },
                OrderKind::MidPrice,
                OrderKind::PreClose,
                OrderKind::PostClose,
            ] {
                refused.push(request(kind, time_in_force));
            }
            for venue in [Venue::Nxt, Venue::Sor] {
                refused.push(request(limit(50_000), time_in_force).with_venue(venue));
            }
        }
        for time_in_force in [Ioc, Fok] {
            refused.push(request(TopPriority, time_in_force));
        }
    }
    for request in refused {
        world.refused(Command::Place(request), RefusalReason::OrderType);
    }
}

fn an_account_may_trade_with_itself<B: Book>() {
    let mut world = World::<B>::with_base(50_000);
    let account = world.customer("self", 1_000_000, 20);
    world.place(sell(account, 20, limit(50_000)).with_id(id(1)));
    world.place(buy(account, 15, limit(50_000)).with_id(id(2)));
    assert_eq!(world.maker_fills(), [(1, 50_000, 15)]);
    assert_eq!(world.taker_fills(), [(2, 50_000, 15)]);
    let position = world.exchange.positions(account).unwrap()[0];
    assert_eq!((position.qty.get(), position.sellable.get()), (20, 15));
    let numbers: Vec<u64> = world
        .exchange
        .fills(account)
        .unwrap()
        .iter()
        .map(|fill| fill.fill_no)
        .collect();
    assert_eq!(numbers, [1, 2], "fills are told apart by number");
}

on_both_books! {
    s37_limit_buy_takes_the_earlier_first,
    s38_rest_of_a_limit_buy_becomes_best_bid,
    s39_limit_sell_gets_price_improvement,
    s40_market_buy_walks_the_book,
    s41_market_sell_walks_the_book,
    s43_ioc_cancels_the_rest,
    s44_ioc_that_does_not_cross_is_cancelled,
    s45_fok_without_enough_is_cancelled_whole,
    s46_fok_with_exactly_enough_is_filled,
    s47_ioc_market_sell_empties_the_bids,
    s48_fok_market_sell_of_all_bids,
    s49_fok_market_sell_of_one_more,
    s50_best_limit_buy_freezes_the_opposite_best,
    s51_best_limit_sell_freezes_the_opposite_best,
    s52_best_limit_ioc,
    s53_best_limit_fok_without_enough,
    s54_best_limit_fok_with_exactly_enough,
    s55_top_priority_buy_joins_the_best_bid,
    s56_top_priority_sell_joins_the_best_ask,
    top_priority_orders_queue_last,
    s42_rest_of_a_market_buy_rests_ahead_of_limit_buys,
    market_orders_and_orders_at_the_limit_rank_by_time,
    a_market_sell_without_own_quotes_is_shown_at_the_last_price,
    best_and_top_orders_need_a_quote,
    s57_combinations_that_are_refused,
    an_account_may_trade_with_itself,
}
