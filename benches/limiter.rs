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
use gwanmun::limiter::{Lane, Lanes, Limits, RateLimiter, WindowLimit};

/// Calls that are timed together.
const BATCH: u32 = 500;

/// Three windows that count an order, none of which implies another. They hold more requests than a millisecond can
/// bring, so that they never fill.
const WINDOWS: [(Lanes, u32); 3] = [
    (Lanes::ALL, 60_002),
    (Lanes::of(&[Lane::Cancel, Lane::Order]), 60_001),
    (Lanes::of(&[Lane::Order]), 60_000),
];

fn limiter(windows: usize) -> RateLimiter {
    let none = Limits::none().with_margin(Duration::ZERO);
    let limits = WINDOWS
        .iter()
        .take(windows)
        .fold(none, |limits, &(lanes, requests)| {
            limits.with_window(WindowLimit::new(lanes, requests, Duration::from_millis(1)))
        });
    assert_eq!(limits.windows().len(), windows);
    RateLimiter::new(&limits)
}

fn admission(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("limiter");
    group.bench_function("clock_read", |b| b.iter(tokio::time::Instant::now));
    for (name, windows) in [("unlimited", 0), ("one_window", 1), ("three_windows", 3)] {
        let limiter = limiter(windows);
        group.bench_function(format!("try_acquire/{name}"), |b| {
            b.iter(|| {
                let outcome = black_box(&limiter).try_acquire(black_box(Lane::Order));
                assert!(outcome.is_ok());
            });
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
    let limiters = [limiter(0), limiter(1), limiter(2), limiter(3)];
    let mut best = [Duration::MAX; 5];
    for _ in 0..ROUNDS {
        let clock = batch(|| {
            black_box(tokio::time::Instant::now());
        });
        best[0] = best[0].min(clock);
        for (best, limiter) in best[1..].iter_mut().zip(&limiters) {
            let admission = batch(|| {
                assert!(
                    black_box(limiter)
                        .try_acquire(black_box(Lane::Order))
                        .is_ok()
                );
            });
            *best = (*best).min(admission);
        }
    }
    let names = [
        "clock_read",
        "unlimited",
        "one_window",
        "two_windows",
        "three_windows",
    ];
    for (name, time) in names.iter().zip(best) {
        let (each, ratio) = (
            time.as_nanos() / u128::from(BATCH),
            time.as_secs_f64() / best[0].as_secs_f64(),
        );
        println!("limiter/ratio/{name}: {each} ns, {ratio:.2} × clock_read");
    }
}

criterion_group!(benches, admission, refusal, ratios);
criterion_main!(benches);
