//! What static dispatch costs: one body called directly, through `Gateway`, through a match by hand and through a box.
//!
//! `turned_away` answers at the first check, so that little but the dispatch is timed; `whole_order` is a limit order that
//! rests and is cancelled, which is what a trading loop pays. A slower `enum` beside an unchanged `direct` means that
//! dispatch itself got dearer.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on stops")]

#[path = "support/mod.rs"]
mod support;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gwanmun::{BrokerGateway, Gateway};
use rand::{Rng, SeedableRng};
use support::{BoxedGateway, HandMatched, ready};

fn submit_turned_away(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("dispatch/submit_order/turned_away");
    let (mock, request) = (support::unconnected(), support::any_order());
    group.bench_function("direct", |b| {
        b.iter(|| black_box(&mock).submit_order(black_box(&request)))
    });
    for (broker_type, gateway) in support::gateways() {
        group.bench_function(format!("enum_{broker_type}"), |b| {
            b.iter(|| black_box(&gateway).submit_order(black_box(&request)));
        });
    }
    let hand = HandMatched::Mock(support::unconnected());
    group.bench_function("match", |b| {
        b.iter(|| black_box(&hand).submit_order(black_box(&request)))
    });
    let boxed: Box<dyn BoxedGateway> = Box::new(support::unconnected());
    group.bench_function("boxed", |b| {
        b.iter(|| black_box(&boxed).submit(black_box(&request)))
    });
    group.finish();
}

fn place_turned_away(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("dispatch/place_order/turned_away");
    let (mock, request) = (support::unconnected(), support::any_order());
    group.bench_function("direct", |b| {
        b.iter(|| ready(black_box(&mock).place_order(black_box(&request))))
    });
    for (broker_type, gateway) in support::gateways() {
        group.bench_function(format!("enum_{broker_type}"), |b| {
            b.iter(|| ready(black_box(&gateway).place_order(black_box(&request))));
        });
    }
    let hand = HandMatched::Mock(support::unconnected());
    group.bench_function("match", |b| {
        b.iter(|| ready(black_box(&hand).place_order(black_box(&request))))
    });
    let boxed: Box<dyn BoxedGateway> = Box::new(support::unconnected());
    group.bench_function("boxed", |b| {
        b.iter(|| ready(black_box(&boxed).place(black_box(&request))))
    });
    group.finish();
}

/// The broker changes at random from call to call, so that no branch is foretold.
fn mixed(criterion: &mut Criterion) {
    const CALLS: usize = 4_096;
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(7);
    let picks: Vec<usize> = (0..CALLS)
        .map(|_| (random.next_u32() % 4) as usize)
        .collect();
    let request = support::any_order();
    let gateways: Vec<Gateway> = support::gateways()
        .into_iter()
        .map(|(_, gateway)| gateway)
        .collect();
    let boxed: Vec<Box<dyn BoxedGateway>> = gateways
        .iter()
        .map(|gateway| Box::new(gateway.clone()) as Box<dyn BoxedGateway>)
        .collect();

    let mut group = criterion.benchmark_group("dispatch/mixed/turned_away");
    group.throughput(Throughput::Elements(CALLS as u64));
    group.bench_function("submit_order/enum", |b| {
        b.iter(|| {
            picks
                .iter()
                .filter(|&&pick| gateways[pick].submit_order(black_box(&request)).is_ok())
                .count()
        });
    });
    group.bench_function("submit_order/boxed", |b| {
        b.iter(|| {
            picks
                .iter()
                .filter(|&&pick| boxed[pick].submit(black_box(&request)).is_ok())
                .count()
        });
    });
    group.bench_function("place_order/enum", |b| {
        b.iter(|| {
            picks
                .iter()
                .filter(|&&pick| ready(gateways[pick].place_order(black_box(&request))).is_ok())
                .count()
        });
    });
    group.bench_function("place_order/boxed", |b| {
        b.iter(|| {
            picks
                .iter()
                .filter(|&&pick| ready(boxed[pick].place(black_box(&request))).is_ok())
                .count()
        });
    });
    group.finish();
}

fn whole_order(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("dispatch/place_and_cancel/whole_order");
    let request = support::resting_buy();
    let mock = support::connected();
    group.bench_function("direct", |b| {
        b.iter(|| support::place_and_cancel(black_box(&mock), &request))
    });
    let gateway = Gateway::from(support::connected());
    group.bench_function("enum", |b| {
        b.iter(|| support::place_and_cancel(black_box(&gateway), &request))
    });
    group.finish();
}

criterion_group!(
    benches,
    submit_turned_away,
    place_turned_away,
    mixed,
    whole_order
);
criterion_main!(benches);
