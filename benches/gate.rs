//! What the pre-trade gate adds to an order that passes every rule, and to one that the kill switch stops.
//!
//! A slower `all_rules` makes every order dearer; the goal is under 50 ns. Twenty orders stand in the duplicate guard's
//! window, as of a loop that sends twenty a second.

#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]

use std::hint::black_box;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use gwanmun::domain::{
    AccountId, DayKind, Instrument, InstrumentKind, Market, Money, OrderRequest, Price, Qty,
    Timestamp, Timetable, TradingState,
};
use gwanmun::orders::gate::{Gate, GateRules, GateTime, MarketFacts, OrderHours, TradingSwitch};
use gwanmun::symbol;
use jiff::civil::{Date, date, time};

const DATE: Date = date(2026, 11, 24);

/// An order that passes, the gate and facts that let it pass, and the time.
fn passing<T>(run: impl FnOnce(&Gate, &OrderRequest, &MarketFacts<'_>, GateTime) -> T) -> T {
    let price = Price::from_won(71_000).expect("a price");
    let won = |won| Money::from_won(won).expect("an amount");
    let instrument = Instrument::new(
        symbol!("005930"),
        "삼성전자",
        Market::Kospi,
        InstrumentKind::Stock,
    )
    .and_then(|stock| stock.with_listed_shares(Qty::new(5_900_000_000)))
    .expect("a stock");
    let facts = MarketFacts {
        instrument: &instrument,
        ticks: instrument.tick_table(DATE).expect("a ladder"),
        base: price,
        band: instrument.price_band(price, DATE).expect("limits"),
        last: Some(price),
        sellable: Qty::new(1_000),
    };
    let rules = GateRules::none()
        .with_order_qty_max(Qty::new(1_000_000))
        .with_order_value_max(won(1_000_000_000_000))
        .with_day_qty_max(Qty::new(1_000_000_000))
        .with_day_value_max(won(100_000_000_000_000))
        .with_collar_basis_points(300)
        .with_duplicate_window(Duration::from_secs(1))
        .with_orders_per_second(NonZeroU32::new(50).expect("not 0"));
    let timetable = Timetable::of(DATE, DayKind::Normal).expect("a timetable");
    let hours = OrderHours::of(DATE, timetable).expect("hours");
    let mut gate = Gate::new(rules, TradingSwitch::default(), hours);
    let account: AccountId = "1234567801".parse().expect("an account");
    let buy = |qty| OrderRequest::limit_buy(account, symbol!("005930"), Qty::new(qty), price);
    for qty in 1..=20 {
        gate.note_sent(&buy(qty), &facts, Duration::from_millis(10_000 + 50 * qty));
    }
    let now = GateTime {
        at: Timestamp::from_kst(DATE, time(10, 30, 0, 0)).expect("a time"),
        elapsed: Duration::from_millis(11_010),
    };
    // Worth more than a billion won, so that its part of the listed shares is looked at, too.
    run(&gate, &buy(20_000), &facts, now)
}

fn check(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("gate/check");
    passing(|gate, order, facts, now| {
        assert_eq!(gate.check(order, facts, now), Ok(()));
        group.bench_function("all_rules", |b| {
            b.iter(|| black_box(gate).check(black_box(order), black_box(facts), black_box(now)));
        });
        gate.switch().set(TradingState::Halted);
        assert!(gate.check(order, facts, now).is_err());
        group.bench_function("halted", |b| {
            b.iter(|| black_box(gate).check(black_box(order), black_box(facts), black_box(now)));
        });
    });
    group.finish();
}

/// The best of many short batches, which a busy machine does not touch.
fn best(_: &mut Criterion) {
    const BATCH: u32 = 500;
    passing(|gate, order, facts, now| {
        for state in [TradingState::Active, TradingState::Halted] {
            gate.switch().set(state);
            let batches = (0..3_000).map(|_| {
                let start = Instant::now();
                for _ in 0..BATCH {
                    let _ = black_box(black_box(gate).check(
                        black_box(order),
                        black_box(facts),
                        black_box(now),
                    ));
                }
                start.elapsed()
            });
            let each = batches.min().unwrap_or_default() / BATCH;
            println!("gate/best/{state}: {} ns", each.as_nanos());
        }
    });
}

criterion_group!(benches, check, best);
criterion_main!(benches);
