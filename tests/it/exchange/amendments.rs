//! Priority, modification and cancel: scenarios S-65 to S-70.

use gwanmun::domain::{
    AccountId, CancelReason, CancelRequest, ExecutionEvent, ModifyRequest, OrderKind, OrderStatus,
    Qty, RefusalReason,
};
use gwanmun::sim::Command;
use gwanmun::sim::Outcome;
use gwanmun::sim::book::Book;

use super::support::*;

const P1: u64 = 1;
const P2: u64 = 2;
const P3: u64 = 3;
const P4: u64 = 4;

/// Three buys of 100 at 50,000, and somebody who sells.
fn queue<B: Book>() -> (World<B>, AccountId, AccountId) {
    let mut world = World::with_base(50_000);
    let maker = world.customer("maker", 100_000_000, 0);
    let taker = world.customer("taker", 0, 1_000);
    for order in [P1, P2, P3] {
        world.place(buy(maker, 100, limit(50_000)).with_id(id(order)));
    }
    world.news.clear();
    (world, maker, taker)
}

fn s65_partial_cancel_keeps_the_place<B: Book>() {
    let (mut world, maker, taker) = queue::<B>();
    let cancel = CancelRequest::part(maker, id(P1), Qty::new(60));
    let receipt = world.accepted(Command::Cancel(cancel));
    assert_eq!((receipt.id.get(), receipt.order_no.get()), (P1, 4));
    let [
        ExecutionEvent::Cancelled {
            order_no,
            cancel_no,
            qty,
            remaining,
            reason,
            ..
        },
    ] = &world.news.executions[..]
    else {
        panic!("{:?}", world.news)
    };
    assert_eq!((order_no.get(), cancel_no.unwrap().get()), (1, 4));
    assert_eq!(
        (qty.get(), remaining.get(), *reason),
        (60, 40, CancelReason::Requested)
    );
    world.place(sell(taker, 120, limit(50_000)));
    assert_eq!(world.maker_fills(), [(P1, 50_000, 40), (P2, 50_000, 80)]);
    let order = world.order(maker, id(P1));
    assert_eq!(
        (order.status, order.cancelled.get()),
        (OrderStatus::Filled, 60)
    );
}

fn s66_price_change_and_return_loses_the_place<B: Book>() {
    let (mut world, maker, taker) = queue::<B>();
    let first = world.modify(maker, P1, 49_950);
    let second = world.modify(maker, P1, 50_000);
    assert_eq!((first.order_no.get(), second.order_no.get()), (4, 5));
    let order = world.order(maker, id(P1));
    assert_eq!(
        (order.order_no.get(), order.original_no.unwrap().get()),
        (5, 4)
    );
    // The chain is one order: every number of it names it.
    for number in [1, 4, 5] {
        let number = gwanmun::domain::OrderNo::new(number).unwrap();
        assert_eq!(world.order(maker, number), order);
    }
    world.news.clear();
    world.place(sell(taker, 120, limit(50_000)));
    assert_eq!(world.maker_fills(), [(P2, 50_000, 100), (P3, 50_000, 20)]);
}

fn s67_partial_price_change_makes_a_new_order<B: Book>() {
    let (mut world, maker, taker) = queue::<B>();
    let mut request = ModifyRequest::to_price(maker, id(P1), price(50_100));
    (request.qty, request.part_id) = (Some(Qty::new(30)), id(10));
    let receipt = world.accepted(Command::Modify(request));
    assert_eq!((receipt.id.get(), receipt.order_no.get()), (10, 4));
    let [
        ExecutionEvent::Modified {
            id: parent,
            original_no,
            order_no,
            part_id,
            qty,
            ..
        },
    ] = &world.news.executions[..]
    else {
        panic!("{:?}", world.news)
    };
    assert_eq!((parent.get(), original_no.get()), (P1, 1));
    assert_eq!((part_id.get(), order_no.get(), qty.get()), (10, 4, 30));
    let (rest, part) = (world.order(maker, id(P1)), world.order(maker, id(10)));
    assert_eq!((rest.remaining().get(), rest.cancelled.get()), (70, 30));
    assert_eq!(
        (part.remaining().get(), part.original_no),
        (30, Some(rest.order_no))
    );
    world.news.clear();
    world.place(sell(taker, 120, limit(50_000)));
    assert_eq!(
        world.maker_fills(),
        [(10, 50_100, 30), (P1, 50_000, 70), (P2, 50_000, 20)]
    );
    assert_eq!(world.order(maker, id(P1)).status, OrderStatus::Filled);
}

fn s68_increase_needs_a_new_order<B: Book>() {
    let (mut world, maker, taker) = queue::<B>();
    world.place(buy(maker, 50, limit(50_000)).with_id(id(P4)));
    world.news.clear();
    world.place(sell(taker, 320, limit(50_000)));
    let fills = [
        (P1, 50_000, 100),
        (P2, 50_000, 100),
        (P3, 50_000, 100),
        (P4, 50_000, 20),
    ];
    assert_eq!(world.maker_fills(), fills);
}

fn s69_change_to_the_same_price_is_refused<B: Book>() {
    let (mut world, maker, _) = queue::<B>();
    for qty in [None, Some(Qty::new(50))] {
        let mut request = ModifyRequest::to_price(maker, id(P2), price(50_000));
        request.qty = qty;
        world.refused(Command::Modify(request), RefusalReason::NoChange);
    }
    let mut to_market = ModifyRequest::to_price(maker, id(P2), price(50_000));
    to_market.kind = OrderKind::Market;
    world.accepted(Command::Modify(to_market));
    world.refused(Command::Modify(to_market), RefusalReason::NoChange);
}

fn s70_no_more_than_what_is_left<B: Book>() {
    let (mut world, maker, taker) = queue::<B>();
    world.place(sell(taker, 70, limit(50_000)));
    let cancel = |qty| Command::Cancel(CancelRequest::part(maker, id(P1), Qty::new(qty)));
    let change = |qty| {
        let request = ModifyRequest::to_price(maker, id(P1), price(49_000));
        Command::Modify(request.with_qty(Qty::new(qty)))
    };
    world.refused(cancel(40), RefusalReason::ExceedsRemaining);
    world.refused(change(31), RefusalReason::ExceedsRemaining);
    world.refused(cancel(0), RefusalReason::Quantity);
    world.refused(change(0), RefusalReason::Quantity);
    world.cancel(maker, P1);
    assert_eq!(world.order(maker, id(P1)).status, OrderStatus::Cancelled);
    world.refused(cancel(1), RefusalReason::UnknownOrder);
    world.refused(change(1), RefusalReason::UnknownOrder);
    world.place(sell(taker, 100, limit(50_000)));
    let filled = CancelRequest::all(maker, id(P2));
    world.refused(Command::Cancel(filled), RefusalReason::UnknownOrder);
}

fn a_changed_price_can_trade_at_once<B: Book>() {
    let (mut world, maker, taker) = queue::<B>();
    world.place(sell(taker, 150, limit(51_000)).with_id(id(20)));
    world.news.clear();
    world.modify(taker, 20, 50_000);
    assert_eq!(world.maker_fills(), [(P1, 50_000, 100), (P2, 50_000, 50)]);
    assert_eq!(world.taker_fills(), [(20, 50_000, 100), (20, 50_000, 50)]);
    assert!(matches!(
        world.news.executions[0],
        ExecutionEvent::Modified { .. }
    ));
    assert_eq!(world.order(taker, id(20)).status, OrderStatus::Filled);
    assert_eq!(world.order(maker, id(P2)).filled.get(), 50);
}

fn a_change_that_the_cash_does_not_cover_is_refused<B: Book>() {
    let mut world = World::<B>::with_base(50_000);
    let account = world.customer_with("poor", 500_000, 0, gwanmun::sim::Tariff::FREE);
    world.place(buy(account, 10, limit(49_000)).with_id(id(1)));
    world.modify(account, 1, 50_000);
    let request = ModifyRequest::to_price(account, id(1), price(50_100));
    world.refused(Command::Modify(request), RefusalReason::InsufficientCash);
    world.refused(
        Command::Modify(request.with_qty(Qty::new(1))),
        RefusalReason::InsufficientCash,
    );
    let mut to_market = request;
    to_market.kind = OrderKind::Market;
    world.refused(Command::Modify(to_market), RefusalReason::InsufficientCash);
}

fn orders_of_others_cannot_be_touched<B: Book>() {
    let (mut world, maker, taker) = queue::<B>();
    let number = world.order(maker, id(P1)).order_no;
    let stranger = named("nobody");
    for command in [
        Command::Cancel(CancelRequest::all(taker, id(P1))),
        Command::Cancel(CancelRequest::all(taker, number)),
        Command::Modify(ModifyRequest::to_price(taker, number, price(49_000))),
    ] {
        world.refused(command, RefusalReason::UnknownOrder);
    }
    let cancel = CancelRequest::all(stranger, id(P1));
    world.refused(Command::Cancel(cancel), RefusalReason::UnknownAccount);
    let all = Command::CancelAll { account: stranger };
    world.refused(all, RefusalReason::UnknownAccount);
    assert_eq!(world.exchange.order(taker, id(P1).into()), None);
}

fn cancel_all_takes_the_open_orders_of_one_account_by_entry<B: Book>() {
    let (mut world, maker, taker) = queue::<B>();
    world.place(sell(taker, 10, limit(51_000)).with_id(id(20)));
    world.modify(maker, P1, 49_950);
    world.news.clear();
    let all = Command::CancelAll { account: maker };
    assert_eq!(world.apply(&all), Outcome::Cancelled(3));
    let mut ended = Vec::new();
    for event in &world.news.executions {
        let ExecutionEvent::Cancelled { id, reason, .. } = event else {
            panic!("{event:?}");
        };
        assert_eq!(*reason, CancelReason::Requested);
        ended.push(id.get());
    }
    assert_eq!(ended, [P1, P2, P3]);
    assert_eq!(world.exchange.open_orders(maker).unwrap(), []);
    assert_eq!(world.exchange.open_orders(taker).unwrap().len(), 1);
    assert_eq!(world.apply(&all), Outcome::Cancelled(0));
}

on_both_books! {
    s65_partial_cancel_keeps_the_place,
    s66_price_change_and_return_loses_the_place,
    s67_partial_price_change_makes_a_new_order,
    s68_increase_needs_a_new_order,
    s69_change_to_the_same_price_is_refused,
    s70_no_more_than_what_is_left,
    a_changed_price_can_trade_at_once,
    a_change_that_the_cash_does_not_cover_is_refused,
    orders_of_others_cannot_be_touched,
    cancel_all_takes_the_open_orders_of_one_account_by_entry,
}
