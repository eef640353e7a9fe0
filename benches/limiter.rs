//! What admission costs beside the clock reading that it cannot do without.
//!
//! Slower `one_window` or `three_windows` beside an unchanged `clock_read` means that every order got dearer. The
//! windows never fill: each has as many requests as fit in memory, of a nanosecond's length or more.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use gwanmun::limiter::{Lane, Lanes, Limits, RateLimiter, WindowLimit};

/// Windows of a few requests and of a millisecond without margin would fill up, so they hold many.
fn limiter(windows: u64) -> RateLimiter {
    let window = |number: u64| {
        let requests = 100_000 * u32::try_from(number).unwrap_or(1);
        WindowLimit::new(Lanes::ALL, requests, Duration::from_millis(number))
    };
    let limits = (1..=windows).fold(Limits::none().with_margin(Duration::ZERO), |limits, number| {
        limits.with_window(window(number))
    });
    assert_eq!(limits.windows().len(), usize::try_from(windows).unwrap_or(0));
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
