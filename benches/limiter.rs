//! What admission costs beside the clock reading that it cannot do without.
//!
//! Slower `one_window` or `three_windows` beside an unchanged `clock_read` means that every order got dearer.

#![expect(
    clippy::disallowed_methods,
    clippy::float_arithmetic,
    reason = "a bench reads the clock, and a ratio is not money"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use gwanmun::domain::{AccountType, BrokerType};
use gwanmun::limiter::{Lane, Lanes, Limits, RateLimiter, WindowLimit};

/// Calls that are timed together.
const BATCH: u32 = 500;

/// More requests than a millisecond can bring: such a window never fills.
const NEVER_FULL: u32 = 60_000;

/// Three windows that count an order, none of which implies another.
const WINDOWS: [(Lanes, u32); 3] = [
    (Lanes::ALL, 2),
    (Lanes::of(&[Lane::Cancel, Lane::Order]), 1),
    (Lanes::of(&[Lane::Order]), 0),
];

fn limiter_of(windows: impl ExactSizeIterator<Item = (Lanes, u32)>) -> RateLimiter {
    let (none, count) = (Limits::none().with_margin(Duration::ZERO), windows.len());
    let limits = windows.fold(none, |limits, (lanes, more)| {
        let requests = NEVER_FULL + more;
        limits.with_window(WindowLimit::new(lanes, requests, Duration::from_millis(1)))
    });
    assert_eq!(limits.windows().len(), count);
    RateLimiter::new(&limits)
}

fn limiter(windows: usize) -> RateLimiter {
    limiter_of(WINDOWS.into_iter().take(windows))
}

/// The windows of a broker's table, too large to fill.
fn limiter_like(broker: BrokerType) -> RateLimiter {
    let table = Limits::of(broker, AccountType::Real);
    let windows = table.windows().iter();
    limiter_of(windows.map(|window| (window.lanes(), window.requests())))
}

/// An order asks. A refusal ends the run: it would cost something else.
fn acquire(limiter: &RateLimiter) {
    if let Err(error) = black_box(limiter).try_acquire(black_box(Lane::Order)) {
        panic!("{error}");
    }
}

fn admission(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("limiter");
    group.bench_function("clock_read", |b| b.iter(tokio::time::Instant::now));
    for (name, windows) in [("unlimited", 0), ("one_window", 1), ("three_windows", 3)] {
        let limiter = limiter(windows);
        group.bench_function(format!("try_acquire/{name}"), |b| {
            b.iter(|| acquire(&limiter));
        });
    }
    group.finish();
}

fn refusal(criterion: &mut Criterion) {
    let limiter = RateLimiter::new(&Limits::none().with_window(WindowLimit::new(
        Lanes::ALL,
        1,
        Duration::from_secs(3_600),
    )));
    assert!(limiter.try_acquire(Lane::Order).is_ok());
    criterion.bench_function("limiter/try_acquire/full", |b| {
        b.iter(|| black_box(&limiter).try_acquire(black_box(Lane::Order)));
    });
}

fn batch(call: impl Fn()) -> Duration {
    let start = Instant::now();
    (0..BATCH).for_each(|_| call());
    start.elapsed()
}

/// The same against one clock reading in one run: the best of many short batches that take turns, so that a busy machine
/// slows both sides or neither. The goal is 1.5.
fn ratios(_: &mut Criterion) {
    const ROUNDS: usize = 3_000;
    let limiters = [
        ("unlimited", limiter(0)),
        ("one_window", limiter(1)),
        ("two_windows", limiter(2)),
        ("three_windows", limiter(3)),
        ("windows_of_kis", limiter_like(BrokerType::Kis)),
        ("windows_of_kiwoom", limiter_like(BrokerType::Kiwoom)),
        ("windows_of_creon", limiter_like(BrokerType::Creon)),
    ];
    let mut clock_read = Duration::MAX;
    let mut best = limiters.each_ref().map(|_| Duration::MAX);
    for _ in 0..ROUNDS {
        let clock = batch(|| {
            black_box(tokio::time::Instant::now());
        });
        clock_read = clock_read.min(clock);
        for (best, (_, limiter)) in best.iter_mut().zip(&limiters) {
            *best = (*best).min(batch(|| acquire(limiter)));
        }
    }
    let report = |name: &str, time: Duration| {
        let each = time.as_secs_f64() * 1e9 / f64::from(BATCH);
        let ratio = time.as_secs_f64() / clock_read.as_secs_f64();
        println!("limiter/ratio/{name}: {each:.1} ns, {ratio:.2} × clock_read");
    };
    report("clock_read", clock_read);
    for ((name, _), time) in limiters.iter().zip(best) {
        report(name, time);
    }
}

criterion_group!(benches, admission, refusal, ratios);
criterion_main!(benches);
