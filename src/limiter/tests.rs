use std::future::Future;
use std::sync::{Arc, Mutex};
use std::task::Waker;

use super::*;

/// The window of a second with the usual margin.
const WINDOW: Duration = Duration::from_millis(1_050);
const MINUTE: Duration = Duration::from_secs(60);

fn fill(limiter: &RateLimiter, lane: Lane) -> usize {
    (0..10_000)
        .take_while(|_| limiter.try_acquire(lane).is_ok())
        .count()
}

fn poll_once<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Runs everything that can run now.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

/// Spawns requests one after the other; their names come out in the order in which they went.
struct Race {
    limiter: Arc<RateLimiter>,
    went: Arc<Mutex<Vec<(&'static str, Duration)>>>,
    started: Instant,
}

impl Race {
    fn new(limiter: RateLimiter) -> Self {
        Self {
            limiter: Arc::new(limiter),
            went: Arc::default(),
            started: Instant::now(),
        }
    }

    async fn enter(&self, name: &'static str, lane: Lane) -> tokio::task::JoinHandle<()> {
        let (limiter, went, started) = (self.limiter.clone(), self.went.clone(), self.started);
        let task = tokio::spawn(async move {
            limiter.acquire(lane, MINUTE).await.unwrap();
            went.lock().unwrap().push((name, started.elapsed()));
        });
        settle().await;
        task
    }

    async fn order_after(&self, time: Duration) -> Vec<&'static str> {
        tokio::time::sleep(time).await;
        settle().await;
        let went = self.went.lock().unwrap();
        went.iter().map(|(name, _)| *name).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn orders_burst_to_the_limit_and_then_wait_for_the_window() {
    let limiter = RateLimiter::per_second(4);
    assert_eq!(fill(&limiter, Lane::Order), 4);
    assert_eq!(
        (limiter.usage().used, limiter.level()),
        (4, LimitLevel::Limited)
    );
    let refused = limiter.try_acquire(Lane::Order).unwrap_err();
    assert_eq!(refused.retry_after(), Some(WINDOW));
    tokio::time::advance(WINDOW - Duration::from_nanos(1)).await;
    assert!(limiter.try_acquire(Lane::Order).is_err());
    tokio::time::advance(Duration::from_nanos(1)).await;
    assert_eq!(
        (limiter.usage_ratio(), limiter.level()),
        (0.0, LimitLevel::Normal)
    );
    limiter.try_acquire(Lane::Order).unwrap();
}

#[tokio::test(start_paused = true)]
async fn reads_leave_a_reserve_for_orders_and_reconciliation() {
    let limiter = RateLimiter::per_second(18);
    assert_eq!(fill(&limiter, Lane::Market), 14);
    assert_eq!(fill(&limiter, Lane::Account), 0);
    assert_eq!(fill(&limiter, Lane::Reconciliation), 2);
    assert_eq!(fill(&limiter, Lane::Order), 2);
    assert_eq!(fill(&limiter, Lane::Cancel), 0);
}

#[tokio::test(start_paused = true)]
async fn paced_reads_leave_the_reserve_too() {
    let limiter = RateLimiter::per_second(8);
    let start = Instant::now();
    for _ in 0..20 {
        limiter.acquire(Lane::Market, MINUTE).await.unwrap();
        assert!(limiter.usage().used <= 6, "reads used the reserve");
    }
    assert!(start.elapsed() > Duration::from_secs(2));
    limiter.try_acquire(Lane::Order).unwrap();
    limiter.try_acquire(Lane::Cancel).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_lane_is_held_by_every_window_that_counts_it() {
    let kis = Limits::of(crate::domain::BrokerType::Kis, AccountType::Real);
    let limiter = RateLimiter::new(&kis);
    assert_eq!(fill(&limiter, Lane::Order), 8);
    // The ledger is full, the app key is not.
    assert_eq!(fill(&limiter, Lane::Reconciliation), 0);
    assert_eq!(fill(&limiter, Lane::Market), 6);
    let fullest = limiter.usage();
    assert_eq!((fullest.used, fullest.limit), (8, Some(8)));
    let market = limiter.usage_of(Lanes::of(&[Lane::Market]));
    assert_eq!((market.used, market.limit), (14, Some(18)));
}

/// S22: proof that nothing was sent, and at once when no wait can help.
#[tokio::test(start_paused = true)]
async fn s22_a_wait_that_cannot_end_in_time_is_refused_at_once() {
    let limiter = RateLimiter::per_second(1);
    limiter.try_acquire(Lane::Order).unwrap();
    let start = Instant::now();
    let patience = Duration::from_millis(1_049);
    let late = limiter.acquire(Lane::Order, patience).await.unwrap_err();
    assert_eq!(late.retry_after(), Some(WINDOW));
    assert_eq!(start.elapsed(), Duration::ZERO);
    limiter.acquire(Lane::Order, WINDOW).await.unwrap();
    assert_eq!(start.elapsed(), WINDOW);
}

/// S22: a wait behind others ends at the patience, and uses nothing.
#[tokio::test(start_paused = true)]
async fn s22_a_wait_ends_at_the_patience_without_using_room() {
    let race = Race::new(RateLimiter::per_second(1));
    race.limiter.try_acquire(Lane::Order).unwrap();
    race.enter("first", Lane::Order).await;
    let start = Instant::now();
    let patience = Duration::from_millis(1_000);
    let late = race.limiter.acquire(Lane::Order, patience).await;
    assert!(matches!(
        late,
        Err(Error::Timeout { phase: TimeoutPhase::Limiter, after }) if after == patience
    ));
    assert_eq!(start.elapsed(), patience);
    assert_eq!(race.limiter.waiting(Lane::Order), 1);
    assert_eq!(race.order_after(WINDOW).await, ["first"]);
    assert_eq!(race.limiter.usage().used, 1);
}

#[tokio::test(start_paused = true)]
async fn better_lanes_go_first_and_each_lane_in_order() {
    let race = Race::new(RateLimiter::per_second(1));
    race.limiter.try_acquire(Lane::Market).unwrap();
    for (name, lane) in [
        ("market 1", Lane::Market),
        ("account 1", Lane::Account),
        ("market 2", Lane::Market),
        ("order 1", Lane::Order),
        ("order 2", Lane::Order),
        ("cancel", Lane::Cancel),
    ] {
        race.enter(name, lane).await;
    }
    assert_eq!(
        race.order_after(MINUTE).await,
        [
            "cancel",
            "order 1",
            "order 2",
            "market 1",
            "account 1",
            "market 2"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_newcomer_does_not_go_before_those_who_wait() {
    let race = Race::new(RateLimiter::per_second(2));
    assert_eq!(fill(&race.limiter, Lane::Order), 2);
    race.enter("order", Lane::Order).await;
    // The room is there, and the waiter has not been polled yet.
    tokio::time::advance(WINDOW).await;
    for lane in [Lane::Order, Lane::Reconciliation, Lane::Market] {
        assert!(race.limiter.try_acquire(lane).is_err(), "{lane:?}");
    }
    race.limiter.try_acquire(Lane::Cancel).unwrap();
    assert_eq!(race.order_after(Duration::from_millis(1)).await, ["order"]);
}

#[tokio::test(start_paused = true)]
async fn a_newcomer_is_told_to_come_back_after_the_turns_of_those_who_wait() {
    let race = Race::new(RateLimiter::per_second(2));
    assert_eq!(fill(&race.limiter, Lane::Order), 2);
    for waiting in 1..=3 {
        race.enter("order", Lane::Order).await;
        let turns = Some(WINDOW / 2 * waiting);
        let refused = race.limiter.try_acquire(Lane::Order).unwrap_err();
        assert_eq!(refused.retry_after(), turns);
        let refused = race.limiter.has_room(Lane::Order).unwrap_err();
        assert_eq!(refused.retry_after(), turns);
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_waits_for_another_window_holds_nobody_up() {
    let kis = Limits::of(crate::domain::BrokerType::Kis, AccountType::Real);
    let race = Race::new(RateLimiter::new(&kis));
    assert_eq!(fill(&race.limiter, Lane::Order), 8);
    race.enter("order", Lane::Order).await;
    race.limiter.try_acquire(Lane::Market).unwrap();
    race.enter("market", Lane::Market).await;
    assert_eq!(race.order_after(WINDOW).await, ["market", "order"]);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_waiter_leaves_the_queue_and_wakes_the_next() {
    let race = Race::new(RateLimiter::per_second(1));
    race.limiter.try_acquire(Lane::Order).unwrap();
    let first = race.enter("first", Lane::Order).await;
    race.enter("second", Lane::Order).await;
    assert_eq!(race.limiter.waiting(Lane::Order), 2);
    first.abort();
    assert_eq!(race.order_after(WINDOW).await, ["second"]);
    let at = race.went.lock().unwrap()[0].1;
    assert_eq!(at, WINDOW, "the second one took the first one's turn");
}

/// A future that is kept and not polled must not hold up anybody for longer than the grace.
#[tokio::test(start_paused = true)]
async fn a_waiter_that_is_not_polled_is_passed_over() {
    let race = Race::new(RateLimiter::per_second(1));
    race.limiter.try_acquire(Lane::Order).unwrap();
    let limiter = race.limiter.clone();
    let mut kept = pin!(limiter.acquire(Lane::Cancel, MINUTE));
    assert!(poll_once(kept.as_mut()).is_pending());
    race.enter("order", Lane::Order).await;
    race.enter("market", Lane::Market).await;
    assert_eq!(race.order_after(3 * WINDOW).await, ["order", "market"]);
    let order_at = race.went.lock().unwrap()[0].1;
    let grace = queue::GRACE;
    assert!(
        order_at > WINDOW && order_at <= WINDOW + 2 * grace,
        "{order_at:?}"
    );
    // It is still the first one when it comes back.
    kept.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_number_of_waiters_is_bounded_by_lane() {
    let limiter = RateLimiter::per_second(1);
    limiter.try_acquire(Lane::Order).unwrap();
    let mut waiting: Vec<_> = (0..queue::WAITERS_MAX)
        .map(|_| Box::pin(limiter.acquire(Lane::Market, MINUTE * 60)))
        .collect();
    for future in &mut waiting {
        assert!(poll_once(future.as_mut()).is_pending());
    }
    let refused = limiter.acquire(Lane::Market, MINUTE).await.unwrap_err();
    assert!(refused.retry_after().unwrap() > MINUTE);
    limiter.acquire(Lane::Order, MINUTE).await.unwrap();
    drop(waiting);
    assert_eq!(limiter.waiting(Lane::Market), 0);
    limiter.acquire(Lane::Market, MINUTE).await.unwrap();
}

/// A flood of orders cannot keep reconciliation out for longer than its wait and two windows.
#[tokio::test(start_paused = true)]
async fn reconciliation_ages_past_a_flood_of_orders() {
    let race = Race::new(RateLimiter::per_second(4));
    for _ in 0..32 {
        let limiter = race.limiter.clone();
        tokio::spawn(async move { while limiter.acquire(Lane::Order, MINUTE).await.is_ok() {} });
    }
    tokio::time::sleep(3 * WINDOW).await;
    let start = race.started.elapsed();
    race.enter("reconciliation", Lane::Reconciliation).await;
    race.enter("account", Lane::Account).await;
    let bound = queue::RECONCILIATION_WAIT + 2 * WINDOW;
    assert_eq!(race.order_after(bound).await, ["reconciliation"]);
    let at = race.went.lock().unwrap()[0].1;
    assert!(at - start >= queue::RECONCILIATION_WAIT);
}

/// A reader that asks again without yielding takes turns with the others all the same.
#[tokio::test(start_paused = true)]
async fn readers_share_the_pace_evenly() {
    let limiter = Arc::new(RateLimiter::per_second(18));
    let counts: Arc<[std::sync::atomic::AtomicU32; 4]> = Arc::default();
    for reader in 0..4 {
        let (limiter, counts) = (limiter.clone(), counts.clone());
        tokio::spawn(async move {
            while limiter.acquire(Lane::Market, MINUTE).await.is_ok() {
                counts[reader].fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            }
        });
    }
    tokio::time::sleep(MINUTE).await;
    let counts = [0, 1, 2, 3].map(|r| counts[r].load(std::sync::atomic::Ordering::Relaxed));
    let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
    // The first one found the burst alone.
    assert!(most - least <= 1 + 14 / 4, "{counts:?}");
    assert!(
        counts.iter().sum::<u32>() >= 60 * 13 * 95 / 100,
        "{counts:?}"
    );
}

/// S21: over-rate answers slow the rate down, and quiet time brings it back, to the nanosecond.
#[tokio::test(start_paused = true)]
async fn s21_over_rate_answers_slow_down_and_quiet_time_recovers() {
    let limiter = RateLimiter::per_second(20);
    let burst = async |limiter: &RateLimiter| {
        tokio::time::advance(Duration::from_millis(1_000)).await;
        fill(limiter, Lane::Order)
    };
    tokio::time::advance(WINDOW).await;
    assert_eq!(fill(&limiter, Lane::Order), 20);
    limiter.on_over_rate(Lane::Order);
    assert_eq!(limiter.usage().limit, Some(10));
    assert_eq!(burst(&limiter).await, 0, "the window still holds 20");
    tokio::time::advance(Duration::from_millis(50)).await;
    assert_eq!(fill(&limiter, Lane::Order), 10);
    limiter.on_over_rate(Lane::Order);
    assert_eq!(limiter.usage().limit, Some(5));

    let quiet = windows::QUIET;
    tokio::time::advance(quiet - Duration::from_nanos(1)).await;
    assert_eq!(limiter.usage().limit, Some(5));
    for limit in [7, 9, 11, 13, 15, 17, 19, 20, 20] {
        tokio::time::advance(Duration::from_nanos(1)).await;
        assert_eq!(limiter.usage().limit, Some(limit));
        tokio::time::advance(quiet - Duration::from_nanos(1)).await;
        assert_eq!(limiter.usage().limit, Some(limit));
    }
}

/// One that waits under a slow-down goes when a step up makes room, not a window later.
#[tokio::test(start_paused = true)]
async fn a_step_up_wakes_those_who_wait() {
    let minute = WindowLimit::new(Lanes::ALL, 10, MINUTE);
    let limiter = RateLimiter::new(&Limits::none().with_window(minute));
    assert_eq!(fill(&limiter, Lane::Order), 10);
    tokio::time::advance(MINUTE + Duration::from_millis(50)).await;
    limiter.on_over_rate(Lane::Order);
    assert_eq!(fill(&limiter, Lane::Order), 10, "never under one a second");

    let half = WindowLimit::new(Lanes::ALL, 10, Duration::from_secs(4));
    let limiter = RateLimiter::new(&Limits::none().with_window(half));
    limiter.on_over_rate(Lane::Order);
    tokio::time::advance(Duration::from_secs(3)).await;
    assert_eq!(fill(&limiter, Lane::Order), 5);
    let start = Instant::now();
    limiter.acquire(Lane::Order, MINUTE).await.unwrap();
    assert_eq!(start.elapsed(), Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn without_patience_there_is_one_try() {
    let limiter = RateLimiter::per_second(1);
    limiter.acquire(Lane::Order, Duration::ZERO).await.unwrap();
    assert!(limiter.acquire(Lane::Order, Duration::ZERO).await.is_err());
    let forever = limiter.acquire(Lane::Order, Duration::MAX);
    forever.await.unwrap();
}

#[test]
fn no_limit_is_never_in_the_way() {
    let limiter = RateLimiter::unlimited();
    (0..1_000).for_each(|_| limiter.try_acquire(Lane::Order).unwrap());
    limiter.on_over_rate(Lane::Order);
    assert_eq!(limiter.usage(), Usage::UNLIMITED);
}

/// The future is part of every gateway call's future.
#[test]
fn waiting_takes_little_room() {
    let limiter = RateLimiter::per_second(1);
    let size = size_of_val(&limiter.acquire(Lane::Order, MINUTE));
    assert!(size <= 256, "{size}");
}

#[tokio::test(start_paused = true)]
async fn asking_for_room_uses_none() {
    let limiter = RateLimiter::per_second(2);
    for _ in 0..10 {
        limiter.has_room(Lane::Order).unwrap();
    }
    assert_eq!(fill(&limiter, Lane::Order), 2);
    let told = limiter.has_room(Lane::Order);
    assert!(
        matches!(told, Err(Error::RateLimited { retry_after }) if retry_after == WINDOW),
        "{told:?}"
    );
    tokio::time::sleep(WINDOW).await;
    limiter.has_room(Lane::Order).unwrap();
    // One that waits in the lane goes first, whether there is room or not.
    assert_eq!(fill(&limiter, Lane::Order), 2);
    let race = Race::new(limiter);
    race.enter("first", Lane::Order).await;
    assert!(race.limiter.has_room(Lane::Order).is_err());
    assert_eq!(
        RateLimiter::unlimited().has_room(Lane::Market).ok(),
        Some(())
    );
}

/// No wait is too long to be kept, and no window too long to be counted.
#[tokio::test(start_paused = true)]
async fn a_window_of_most_of_a_year_is_counted_and_waited_for() {
    const DAY: Duration = Duration::from_secs(86_400);
    let window = WindowLimit::new(Lanes::ALL, 1, 300 * DAY);
    let limits = Limits::none().with_margin(Duration::ZERO);
    let limiter = RateLimiter::new(&limits.with_window(window));
    limiter.try_acquire(Lane::Order).unwrap();
    let start = Instant::now();
    limiter.acquire(Lane::Order, 350 * DAY).await.unwrap();
    assert_eq!(start.elapsed(), 300 * DAY);
}
