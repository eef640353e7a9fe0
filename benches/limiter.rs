//! What admission costs beside the clock reading that it cannot do without.
//!
//! Slower `one_window` or `three_windows` beside an unchanged `clock_read` means that every order got dearer.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use gwanmun::limiter::{Lane, Lanes, Limits, RateLimiter, WindowLimit};

/// Three windows that count an order, none of which implies another. They hold more requests than a millisecond can
/// bring, so that they never fill.
const WINDOWS: [(Lanes, u32); 3] = [
    (Lanes::ALL, 100_002),
    (Lanes::of(&[Lane::Cancel, Lane::Order]), 100_001),
    (Lanes::of(&[Lane::Order]), 100_000),
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

criterion_group!(benches, admission, refusal);
criterion_main!(benches);
