//! What orders are refused for: S-13, S-57 and the rest of the closed list.

use gwanmun::domain::{
    ClientOrderId, ExecutionEvent, Instrument, InstrumentKind, Market, OrderKind, PriceLimit, Qty,
    RefusalReason, TimeInForce,
};
use gwanmun::sim::book::Book;
use gwanmun::sim::{Capacity, Command, Exchange, Listing, NoEvents, Outcome, Tariff};
use gwanmun::symbol;

use super::support::*;

fn s13_static_checks<B: Book>() {
    let mut world = World::<B>::with_base(71_000);
    let account = world.customer("a", 100_000_000_000, 100_000);
    for (request, reason) in [
        (buy(account, 10, limit(71_000)), None),
        (buy(account, 10, limit(71_050)), Some(RefusalReason::Tick)),
        (buy(account, 10, limit(49_750)), None),
        (buy(account, 1, limit(49_700)), None),
        (
            buy(account, 1, limit(49_650)),
            Some(RefusalReason::PriceBand),
        ),
        (sell(account, 1, limit(92_300)), None),
        (
            sell(account, 1, limit(92_400)),
            Some(RefusalReason::PriceBand),
        ),
        (
            buy(account, 0, limit(71_000)),
            Some(RefusalReason::Quantity),
        ),
        (buy(account, 14_084, limit(71_000)), None),
        (
            buy(account, 60_000, limit(71_000)),
            Some(RefusalReason::Quantity),
        ),
        (buy(account, 50_000, limit(71_000)), None),
        (
            sell(account, 60_000, OrderKind::Market),
            Some(RefusalReason::Quantity),
        ),
        (
            buy(account, u64::MAX, limit(71_000)),
            Some(RefusalReason::Quantity),
        ),
    ] {
        match reason {
            None => _ = world.place(request),
            Some(reason) => world.refused(Command::Place(request), reason),
        }
    }
}

fn lots_are_whole<B: Book>() {
    let mut world = World::<B>::with_base(71_000);
    let account = world.customer("a", 100_000_000, 0);
    let symbol = symbol!("000660");
    let instrument = stock(symbol).with_lot(10.try_into().unwrap());
    world.done(Command::List(Listing {
        instrument,
        base: price(10_000),
    }));
    let order = |qty| {
        let mut request = buy(account, qty, limit(10_000));
        request.symbol = symbol;
        request.with_id(id(qty))
    };
    world.refused(Command::Place(order(15)), RefusalReason::Lot);
    world.place(order(20));
    let part = gwanmun::domain::CancelRequest::part(account, id(20), Qty::new(5));
    world.refused(Command::Cancel(part), RefusalReason::Lot);
}

fn unknown_symbols_and_accounts<B: Book>() {
    let mut world = World::<B>::with_base(71_000);
    let known = world.customer("a", 1_000_000, 0);
    let mut request = buy(known, 1, limit(71_000));
    request.symbol = symbol!("999999");
    world.refused(Command::Place(request), RefusalReason::UnknownSymbol);
    let request = buy(named("b"), 1, limit(71_000));
    world.refused(Command::Place(request), RefusalReason::UnknownAccount);
    assert!(world.exchange.balance(named("b")).is_none());
    assert!(world.exchange.quote(symbol!("999999")).is_none());
}

fn client_order_ids_are_unique_and_given_where_missing<B: Book>() {
    let mut world = World::<B>::with_base(71_000);
    let account = world.customer("a", 10_000_000, 0);
    let other = world.customer("b", 10_000_000, 0);
    let order = |id: u64| buy(account, 1, limit(71_000)).with_id(ClientOrderId::new(id));
    assert_eq!(world.place(order(0)).id.get(), 1);
    assert_eq!(world.place(order(500)).id.get(), 500);
    assert_eq!(world.place(order(7)).id.get(), 7);
    assert_eq!(world.place(order(0)).id.get(), 501);
    world.refused(Command::Place(order(500)), RefusalReason::DuplicateId);
    let of_other = buy(other, 1, limit(71_000)).with_id(id(7));
    world.refused(Command::Place(of_other), RefusalReason::DuplicateId);
    world.refused(Command::Place(order(u64::MAX)), RefusalReason::Other);
    let last = i64::MAX.cast_unsigned();
    assert_eq!(world.place(order(last)).id.get(), last);
    world.refused(Command::Place(order(0)), RefusalReason::Other);
}

fn orders_are_taken_in_continuous_trading_only<B: Book>() {
    let mut world = World::<B>::with_base(71_000);
    let account = world.customer("a", 10_000_000, 0);
    let order =
        |id: u64| Command::Place(buy(account, 1, limit(71_000)).with_id(ClientOrderId::new(id)));
    world.now = at(TODAY, 15, 19);
    world.accepted(order(1));
    world.now = at(TODAY, 15, 20);
    world.refused(order(2), RefusalReason::MarketClosed);
    let cancel = gwanmun::domain::CancelRequest::all(account, id(1));
    world.refused(Command::Cancel(cancel), RefusalReason::MarketClosed);
    world.refused(Command::CancelAll { account }, RefusalReason::MarketClosed);
    // Time does not go back.
    let now = world.exchange.now();
    assert_eq!(now, at(TODAY, 15, 19));
    world.now = at(TODAY, 9, 0);
    let receipt = world.accepted(order(2));
    assert_eq!(receipt.at, at(TODAY, 15, 19));
}

fn issues_without_daily_limits_are_not_listed<B: Book>() {
    let mut world = World::<B>::with_base(71_000);
    let elw = Instrument::new(
        symbol!("57ABCD"),
        "an ELW",
        Market::Kospi,
        InstrumentKind::Elw,
    )
    .unwrap();
    let cleared = stock(symbol!("000001"))
        .with_price_limit(PriceLimit::Unlimited)
        .unwrap();
    for instrument in [elw, cleared] {
        let listing = Listing {
            instrument,
            base: price(1_000),
        };
        assert!(world.apply(&Command::List(listing)).refused().is_some());
    }
    let odd_base = Listing {
        instrument: stock(symbol!("000002")),
        base: price(71_050),
    };
    let outcome = world.apply(&Command::List(odd_base));
    assert_eq!(outcome.refused().unwrap().reason, RefusalReason::Tick);
    let twice = Listing {
        instrument: stock(SYMBOL),
        base: price(71_000),
    };
    assert!(world.apply(&Command::List(twice)).refused().is_some());
    assert_eq!(world.exchange.instruments().count(), 1);
}

fn accounts_open_once_and_with_sane_fees<B: Book>() {
    let mut world = World::<B>::with_base(71_000);
    let account = world.customer("a", 0, 0);
    let again = Command::OpenAccount {
        account,
        tariff: Tariff::FREE,
    };
    assert!(world.apply(&again).refused().is_some());
    let tariff = Tariff::flat(gwanmun::domain::FeeSchedule::new(500_000_001, 1).unwrap());
    let greedy = Command::OpenAccount {
        account: named("b"),
        tariff,
    };
    assert!(world.apply(&greedy).refused().is_some());
}

fn open_orders_are_bounded<B: Book>() {
    let mut world = World::<B>::with_base(71_000);
    let account = world.customer("a", 100_000_000, 0);
    let order = || buy(account, 2, limit(71_000));
    for _ in 0..CAPACITY.open_orders {
        world.place(order());
    }
    world.refused(Command::Place(order()), RefusalReason::Capacity);
    let change = gwanmun::domain::ModifyRequest::to_price(account, id(1), price(70_000));
    world.refused(
        Command::Modify(change.with_qty(Qty::new(1))),
        RefusalReason::Capacity,
    );
    world.accepted(Command::Modify(change));
    world.cancel(account, 1);
    world.place(order());
}

fn the_first_that_ended_is_forgotten_first<B: Book>() {
    let mut world = World::<B>::with_base(71_000);
    let account = world.customer("a", 100_000_000, 0);
    let first = world.place(buy(account, 1, limit(70_000)));
    let more = CAPACITY.history + 10;
    for _ in 0..more {
        let receipt = world.place(lasting(buy(account, 1, limit(70_000)), TimeInForce::Ioc));
        assert_eq!(world.order(account, receipt.order_no).id, receipt.id);
    }
    // The oldest is open and known, by both names, however long ago its number was given.
    assert_eq!(
        world.order(account, first.id),
        world.order(account, first.order_no)
    );
    let known = |number: u64| {
        let number = gwanmun::domain::OrderNo::new(number).unwrap();
        world.exchange.order(account, number.into()).is_some()
    };
    let last = u64::try_from(more).unwrap() + 1;
    let kept = u64::try_from(CAPACITY.history).unwrap();
    assert!(known(last) && known(last - kept));
    assert!(!known(2) && !known(last - kept - 1) && !known(last + 1));
    let ended = world.exchange.orders(account).unwrap();
    assert_eq!(ended.len(), CAPACITY.history + 2);
    assert!(ended.is_sorted_by_key(|order| order.order_no));
}

on_both_books! {
    s13_static_checks,
    lots_are_whole,
    unknown_symbols_and_accounts,
    client_order_ids_are_unique_and_given_where_missing,
    orders_are_taken_in_continuous_trading_only,
    issues_without_daily_limits_are_not_listed,
    accounts_open_once_and_with_sane_fees,
    open_orders_are_bounded,
    the_first_that_ended_is_forgotten_first,
}

/// A refusal names the field, what was found and what is allowed, under a code of its own.
#[test]
fn refusals_say_what_would_be_right() {
    let mut world = World::<gwanmun::sim::ladder_book::LadderBook>::with_base(71_000);
    let account = world.customer("a", 71_000, 0);
    for (request, words) in [
        (
            buy(account, 1, limit(71_050)),
            "(SIM1001): price is off the tick grid: round it to the instrument's tick: price 71050 is off the tick \
             grid; the nearest are 71000 and 71100",
        ),
        (
            buy(account, 1, limit(100_000)),
            "(SIM1002): price is outside the daily limits: the quote shows them: price 100000 is outside the daily \
             limits 49700 to 92300",
        ),
        (
            buy(account, 1, limit(71_000)),
            "(SIM2002): cash does not cover qty × price and fees: `orderable` shows the most: needs 71009 won with \
             fees; orderable 71000, released 0",
        ),
    ] {
        let Outcome::Refused(refusal) = world.apply(&Command::Place(request)) else {
            panic!("accepted: {request:?}");
        };
        assert_eq!(refusal.to_string(), format!("refused {words}"));
    }
}

#[test]
fn an_exchange_without_room_refuses_every_order() {
    let none = Capacity {
        open_orders: 0,
        history: 0,
        fills: 0,
    };
    let mut world = World::<gwanmun::sim::ladder_book::LadderBook>::with_base(71_000);
    let account = world.customer("a", 1_000_000, 0);
    let mut exchange: Exchange = Exchange::new(none);
    for command in [
        Command::OpenAccount {
            account,
            tariff: Tariff::FREE,
        },
        Command::Deposit {
            account,
            amount: won(1_000_000),
        },
        Command::List(Listing {
            instrument: stock(SYMBOL),
            base: price(71_000),
        }),
        Command::OpenDay(world.exchange.trading_day().unwrap()),
    ] {
        let outcome = exchange.apply(&command, world.now, &mut NoEvents);
        assert_eq!(outcome, Outcome::Done);
    }
    let order = Command::Place(buy(account, 1, limit(71_000)));
    let outcome = exchange.apply(&order, world.now, &mut NoEvents);
    assert_eq!(outcome.refused().unwrap().reason, RefusalReason::Capacity);
}

#[test]
fn an_accepted_order_is_told_once_with_its_receipt() {
    let mut world = World::<gwanmun::sim::ladder_book::LadderBook>::with_base(71_000);
    let account = world.customer("a", 1_000_000, 0);
    let receipt = world.place(buy(account, 1, limit(71_000)));
    let told = ExecutionEvent::Accepted { account, receipt };
    assert_eq!(world.news.executions, [told]);
}
