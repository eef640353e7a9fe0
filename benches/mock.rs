//! A MOCK order end to end: the contract's checks, the exchange, the ledger, and the news read by a subscriber.
//!
//! A slower result means that a trading loop on MOCK is slower: the gateway, the exchange or the queues between them.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on stops")]

#[path = "support/mod.rs"]
mod support;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gwanmun::{
    BrokerGateway, CancelRequest, Gateway, ModifyRequest, OrderRequest, OrderResult, Price, Qty,
    Topic, Venue, symbol,
};
use support::ready;

/// The command must have been taken.
fn accepted(result: OrderResult) {
    black_box(result.accepted().unwrap());
}

fn orders(criterion: &mut Criterion) {
    let gateway = Gateway::from(support::connected());
    let (account, symbol) = (support::account(), symbol!("005930"));
    let mut executions = gateway.executions();
    let mut read = || while executions.try_recv().is_ok() {};
    let resting = support::resting_buy();
    let lower = resting.kind.limit_price().unwrap();
    let dearer = Price::from_won(lower.won() + 100).unwrap();

    let mut group = criterion.benchmark_group("mock/order");
    group.throughput(Throughput::Elements(1));
    group.bench_function("submit_and_cancel", |b| {
        b.iter(|| {
            let id = gateway.submit_order(black_box(&resting)).unwrap();
            accepted(ready(gateway.cancel_order(&CancelRequest::all(account, id))).unwrap());
            read();
        });
    });
    group.bench_function("place_modify_and_cancel", |b| {
        b.iter(|| {
            let placed = ready(gateway.place_order(black_box(&resting))).unwrap();
            let id = placed.accepted().unwrap().id;
            accepted(
                ready(gateway.modify_order(&ModifyRequest::to_price(account, id, dearer))).unwrap(),
            );
            accepted(ready(gateway.cancel_order(&CancelRequest::all(account, id))).unwrap());
            read();
        });
    });

    // There and back between two accounts' worth of liquidity: the house's quote is taken and the shares sold again.
    let ask = ready(gateway.quote(symbol, Venue::Krx))
        .unwrap()
        .ask
        .unwrap()
        .price;
    let maker = OrderRequest::limit_sell(account, symbol, Qty::new(1), ask);
    let taker = OrderRequest::limit_buy(account, symbol, Qty::new(1), ask);
    gateway
        .as_mock()
        .unwrap()
        .add_position(account, symbol, Qty::new(1_000_000), ask)
        .unwrap();
    // The book's own quotes at that price are bought first, so that every taker meets the maker placed before it.
    let best = ready(gateway.order_book(symbol, Venue::Krx))
        .unwrap()
        .best_ask()
        .unwrap();
    let clear = OrderRequest::limit_buy(account, symbol, best.qty, best.price);
    assert!(
        ready(gateway.place_order(&clear))
            .unwrap()
            .accepted()
            .is_some()
    );
    group.throughput(Throughput::Elements(2));
    group.bench_function("rest_and_trade", |b| {
        b.iter(|| {
            gateway.submit_order(black_box(&maker)).unwrap();
            gateway.submit_order(black_box(&taker)).unwrap();
            read();
        });
    });
    group.finish();
}

/// What a market-data subscriber adds: every change sends a ten-level book.
fn with_market_data(criterion: &mut Criterion) {
    let gateway = Gateway::from(support::connected());
    let (account, symbol) = (support::account(), symbol!("005930"));
    ready(gateway.subscribe(&[Topic::Book {
        symbol,
        venue: Venue::Krx,
    }]))
    .unwrap();
    let mut books = gateway.market_data();
    let resting = support::resting_buy();
    let mut group = criterion.benchmark_group("mock/order_with_book");
    group.throughput(Throughput::Elements(1));
    group.bench_function("submit_and_cancel", |b| {
        b.iter(|| {
            let id = gateway.submit_order(black_box(&resting)).unwrap();
            accepted(ready(gateway.cancel_order(&CancelRequest::all(account, id))).unwrap());
            while books.try_recv().is_ok() {}
        });
    });
    group.finish();
}

criterion_group!(benches, orders, with_market_data);
criterion_main!(benches);
