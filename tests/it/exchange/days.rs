//! From day to day: expiry, settlement, base prices and new limits.

use gwanmun::domain::{
    CancelReason, OrderStatus, PriceLimit, Qty, RefusalReason, Side, TradingCalendar,
};
use gwanmun::sim::book::Book;
use gwanmun::sim::{Command, Listing, TradingDay};
use gwanmun::symbol;
use jiff::civil::date;

use super::support::*;

fn the_end_of_the_day_expires_what_is_open<B: Book>() {
    let mut world = World::<B>::with_base(50_000);
    let account = world.customer("a", 10_000_000, 10);
    world.place(buy(account, 10, limit(50_000)).with_id(id(1)));
    world.place(sell(account, 4, limit(50_000)).with_id(id(2)));
    world.place(sell(account, 6, limit(51_000)).with_id(id(3)));
    world.news.clear();
    world.done(Command::CloseDay);
    assert_eq!(
        world.cancels(),
        [(6, CancelReason::SessionEnd), (6, CancelReason::SessionEnd)]
    );
    let order = world.order(account, id(1));
    assert_eq!(
        (order.status, order.filled.get()),
        (OrderStatus::Expired, 4)
    );
    let balance = world.exchange.balance(account).unwrap();
    assert_eq!(
        (balance.held, balance.orderable),
        (won(0), balance.deposit_d2)
    );
    assert_eq!(
        world.exchange.positions(account).unwrap()[0].sellable.get(),
        10
    );
    assert_eq!((world.asks(), world.bids()), (vec![], vec![]));
    let late = buy(account, 1, limit(50_000));
    world.refused(Command::Place(late), RefusalReason::MarketClosed);
    assert!(world.apply(&Command::CloseDay).refused().is_some());
}

fn the_last_price_is_the_next_base<B: Book>() {
    let mut world = World::<B>::with_base(50_000);
    let account = world.customer("a", 10_000_000, 10);
    world.place(sell(account, 1, limit(71_000 - 9_000)));
    world.place(buy(account, 1, limit(62_000)));
    world.done(Command::CloseDay);
    world.open_day(date(2026, 3, 11));
    let quote = world.exchange.quote(SYMBOL).unwrap();
    assert_eq!((quote.base, quote.last), (price(62_000), price(62_000)));
    assert_eq!(
        (quote.open, quote.volume.get(), quote.value),
        (None, 0, won(0))
    );
    assert_eq!(quote.lower_limit, Some(price(43_400)));
    assert_eq!(quote.upper_limit, Some(price(80_600)));
    // Nothing traded: the base stays.
    world.done(Command::CloseDay);
    world.open_day(date(2026, 3, 12));
    assert_eq!(world.exchange.quote(SYMBOL).unwrap().base, price(62_000));
}

fn numbers_and_ids_begin_anew<B: Book>() {
    let mut world = World::<B>::with_base(50_000);
    let account = world.customer("a", 10_000_000, 0);
    let order = buy(account, 1, limit(50_000)).with_id(id(5));
    assert_eq!(world.place(order).order_no.get(), 1);
    world.done(Command::CloseDay);
    assert!(world.exchange.order(account, id(5).into()).is_some());
    world.open_day(date(2026, 3, 11));
    assert!(world.exchange.order(account, id(5).into()).is_none());
    assert!(world.exchange.fills(account).unwrap().is_empty());
    assert_eq!(world.place(order).order_no.get(), 1);
}

fn days_follow_each_other<B: Book>() {
    let mut world = World::<B>::with_base(50_000);
    let day = |date| TradingDay::of_krx(TradingCalendar::builtin(), date).unwrap();
    let tomorrow = Command::OpenDay(day(date(2026, 3, 11)));
    assert!(
        world.apply(&tomorrow).refused().is_some(),
        "today has not ended"
    );
    world.done(Command::CloseDay);
    let today = Command::OpenDay(day(TODAY));
    assert!(world.apply(&today).refused().is_some(), "today was already");
    world.done(tomorrow);
    assert_eq!(world.exchange.trading_date(), Some(date(2026, 3, 11)));
}

fn a_first_day_has_wide_limits_and_the_second_ordinary_ones<B: Book>() {
    let mut world = World::<B>::with_base(50_000);
    let symbol = symbol!("0155E0");
    let instrument = stock(symbol)
        .with_price_limit(PriceLimit::FirstDay)
        .unwrap();
    world.done(Command::List(Listing {
        instrument,
        base: price(10_000),
    }));
    let limits = |world: &World<B>| {
        let quote = world.exchange.quote(symbol).unwrap();
        (
            quote.lower_limit.unwrap().won(),
            quote.upper_limit.unwrap().won(),
        )
    };
    assert_eq!(limits(&world), (6_000, 40_000));
    world.done(Command::CloseDay);
    world.open_day(date(2026, 3, 11));
    assert_eq!(limits(&world), (7_000, 13_000));
}

/// The house trades without account, number and news, and only today.
fn the_markets_own_orders_live_for_a_day<B: Book>() {
    let mut world = World::<B>::with_base(50_000);
    let account = world.customer("a", 10_000_000, 100);
    let index = world.exchange.symbol_index(SYMBOL).unwrap();
    let (now, ten) = (world.now, Qty::new(10));
    let place = |world: &mut World<B>, side, won, now| {
        let placed = world
            .exchange
            .place_house(index, side, price(won), ten, now, &mut world.news);
        world.exchange.validate();
        placed
    };
    let ask = place(&mut world, Side::Sell, 50_100, now)
        .unwrap()
        .resting
        .unwrap();
    let bid = place(&mut world, Side::Buy, 49_900, now)
        .unwrap()
        .resting
        .unwrap();
    assert_eq!(
        (world.asks(), world.bids()),
        (vec![(50_100, 10)], vec![(49_900, 10)])
    );
    assert!(world.news.executions.is_empty());

    world.place(buy(account, 4, limit(50_100)).with_id(id(1)));
    world.place(sell(account, 10, limit(49_900)).with_id(id(2)));
    assert_eq!(world.taker_fills(), [(1, 50_100, 4), (2, 49_900, 10)]);
    assert_eq!(world.news.trades.len(), 2);
    let reduced = world
        .exchange
        .cancel_house(ask, Some(Qty::new(1)), now, &mut world.news);
    assert_eq!(reduced, Some(Qty::new(5)));
    assert_eq!(
        world.exchange.cancel_house(bid, None, now, &mut world.news),
        None
    );

    // It takes, too, and what is left of a take is gone.
    world.place(buy(account, 3, limit(50_000)).with_id(id(3)));
    let taken =
        world
            .exchange
            .take_house(index, Side::Sell, price(49_000), ten, now, &mut world.news);
    world.exchange.validate();
    assert_eq!(taken, Ok(Qty::new(3)));
    assert_eq!(world.bids(), []);

    for (won, qty, reason) in [
        (50_050, 10, RefusalReason::Tick),
        (70_000, 10, RefusalReason::Tick),
        (50_000, 0, RefusalReason::Quantity),
        (50_000, u64::MAX, RefusalReason::Quantity),
    ] {
        let placed = world.exchange.place_house(
            index,
            Side::Buy,
            price(won),
            Qty::new(qty),
            now,
            &mut world.news,
        );
        assert_eq!(placed, Err(reason));
    }

    world.done(Command::CloseDay);
    world.open_day(date(2026, 3, 11));
    let tomorrow = world.now;
    world.place(sell(account, 7, limit(50_100)).with_id(id(9)));
    assert_eq!(
        world
            .exchange
            .cancel_house(ask, None, tomorrow, &mut world.news),
        None
    );
    assert_eq!(
        world.asks(),
        [(50_100, 7)],
        "an old handle reached a new order"
    );
    let early = at(date(2026, 3, 11), 8, 59);
    assert!(
        place(&mut world, Side::Sell, 50_000, early).is_ok(),
        "time does not go back"
    );
    let late = at(date(2026, 3, 11), 15, 20);
    assert_eq!(
        place(&mut world, Side::Sell, 50_000, late),
        Err(RefusalReason::MarketClosed)
    );
}

on_both_books! {
    the_end_of_the_day_expires_what_is_open,
    the_last_price_is_the_next_base,
    numbers_and_ids_begin_anew,
    days_follow_each_other,
    a_first_day_has_wide_limits_and_the_second_ordinary_ones,
    the_markets_own_orders_live_for_a_day,
}
