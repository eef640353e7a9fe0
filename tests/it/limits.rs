//! The rate limiter under load, in paused time: nothing is ever granted beyond a broker's windows, and the best lanes
//! get through whatever the others do.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use gwanmun::Error;
use gwanmun::domain::{AccountType, BrokerType};
use gwanmun::limiter::{Lane, Limits, RateLimiter};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tokio::time::Instant;

/// Every table with a window, and what the override makes of them.
fn tables() -> Vec<(String, Limits)> {
    let mut tables = Vec::new();
    for &broker in BrokerType::ALL {
        for &account in AccountType::ALL {
            let limits = Limits::of(broker, account);
            for rate_limit in [None, Some(1), Some(3), Some(100)] {
                let limits = match rate_limit {
                    Some(rate) => limits.clone().with_rate_limit(rate),
                    None => limits.clone(),
                };
                if !limits.windows().is_empty() {
                    tables.push((format!("{broker} {account} {rate_limit:?}"), limits));
                }
            }
        }
    }
    tables
}

/// When which lane was granted.
type Grants = Arc<Mutex<Vec<(Lane, Duration)>>>;

/// A limiter in paused time that notes what it grants.
#[derive(Clone)]
struct Watched {
    limiter: Arc<RateLimiter>,
    started: Instant,
    grants: Grants,
}

impl Watched {
    fn new(limits: &Limits) -> Self {
        Self {
            limiter: Arc::new(RateLimiter::new(limits)),
            started: Instant::now(),
            grants: Arc::default(),
        }
    }

    fn note(&self, lane: Lane) {
        let at = self.started.elapsed();
        self.grants.lock().unwrap().push((lane, at));
    }

    fn try_acquire(&self, lane: Lane) -> bool {
        let granted = self.limiter.try_acquire(lane).is_ok();
        if granted {
            self.note(lane);
        }
        granted
    }

    async fn acquire(&self, lane: Lane, patience: Duration) -> bool {
        let granted = self.limiter.acquire(lane, patience).await.is_ok();
        if granted {
            self.note(lane);
        }
        granted
    }

    /// Asks for one after the other, for ever.
    fn flood(&self, lane: Lane, tasks: usize) {
        for _ in 0..tasks {
            let watched = self.clone();
            tokio::spawn(async move {
                while watched.acquire(lane, Duration::from_secs(3_600)).await {
                    tokio::task::yield_now().await;
                }
            });
        }
    }

    fn times(&self, counts: impl Fn(Lane) -> bool) -> Vec<Duration> {
        let grants = self.grants.lock().unwrap();
        let counted = grants.iter().filter(|(lane, _)| counts(*lane));
        counted.map(|&(_, at)| at).collect()
    }

    /// The first window that holds more than its limit, if any; a window may start at any grant.
    fn violation(&self, limits: &Limits) -> Option<String> {
        limits.windows().iter().find_map(|window| {
            let mut times = self.times(|lane| window.lanes().contains(lane));
            times.sort();
            let requests = usize::try_from(window.requests()).unwrap();
            times
                .windows(requests + 1)
                .find(|run| run[requests] - run[0] < window.length() + limits.margin())
                .map(|run| {
                    format!(
                        "{requests} + 1 in {:?} from {:?}",
                        run[requests] - run[0],
                        run[0]
                    )
                })
        })
    }
}

fn in_paused_time<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(future)
}

/// Clients that come at random, in bursts and singly, in every lane, by either way; some give up, some are dropped.
async fn random_arrivals(limits: &Limits, seed: u64) -> Watched {
    let watched = Watched::new(limits);
    let longest = limits
        .windows()
        .iter()
        .map(|window| window.length())
        .max()
        .unwrap();
    let mut clients = Vec::new();
    for client in 0..12 {
        let watched = watched.clone();
        let mut random = ChaCha8Rng::seed_from_u64(seed ^ (client << 56));
        clients.push(tokio::spawn(async move {
            for _ in 0..40 {
                let lane = Lane::ALL[random.random_range(0..Lane::ALL.len())];
                let gap = longest.mul_f64(random.random_range(0.0..0.6));
                let patience = longest.mul_f64(random.random_range(0.0..3.0));
                match random.random_range(0..6) {
                    0 => tokio::time::sleep(gap).await,
                    1 => while watched.try_acquire(lane) {},
                    2 => {
                        watched.try_acquire(lane);
                    }
                    3 => {
                        // Dropped half way.
                        let dropped = watched.acquire(lane, patience);
                        let _ = tokio::time::timeout(gap, dropped).await;
                    }
                    4 => watched.limiter.on_over_rate(lane),
                    _ => {
                        watched.acquire(lane, patience).await;
                    }
                }
            }
        }));
    }
    for client in clients {
        client.await.unwrap();
    }
    watched
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// Zero windows over the limit, for every broker's table and any window start.
    #[test]
    fn no_window_of_any_broker_is_ever_exceeded(seed: u64) {
        for (name, limits) in tables() {
            let watched = in_paused_time(random_arrivals(&limits, seed));
            prop_assert_eq!(watched.violation(&limits), None, "{}", name);
            prop_assert!(!watched.times(|_| true).is_empty(), "{} granted nothing", name);
        }
    }
}

/// The audit above can fail: two limiters on one key are over the limit.
#[test]
fn the_audit_sees_a_window_that_is_exceeded() {
    in_paused_time(async {
        let limits = Limits::per_second(4);
        let (one, mut other) = (Watched::new(&limits), Watched::new(&limits));
        other.grants = one.grants.clone();
        while one.try_acquire(Lane::Order) {}
        assert_eq!(one.violation(&limits), None);
        assert!(other.try_acquire(Lane::Order));
        assert!(one.violation(&limits).is_some());
    });
}

/// Under full demand each window is used to 95 % of the broker's rate by the lanes that may use all of it.
#[test]
fn every_window_is_sustained_to_95_per_cent() {
    for (name, limits) in tables() {
        for (at, window) in limits.windows().iter().enumerate() {
            let watched = in_paused_time(async {
                let watched = Watched::new(&limits);
                // One lane is enough: the one with the widest share of this window and the fewest others.
                let lane = Lane::ALL
                    .into_iter()
                    .filter(|&lane| window.lanes().contains(lane))
                    .min_by_key(|&lane| {
                        let windows = limits.windows().iter();
                        windows.filter(|other| other.lanes().contains(lane)).count()
                    })
                    .unwrap();
                watched.flood(lane, 4);
                tokio::time::sleep(window.length() * 200).await;
                watched
            });
            let granted = watched.times(|_| true).len();
            let lane = watched.grants.lock().unwrap()[0].0;
            let reads = matches!(lane, Lane::Account | Lane::Market);
            let kept = if reads { window.reserve() } else { 0 };
            let binding = limits
                .windows()
                .iter()
                .enumerate()
                .all(|(other_at, other)| {
                    other_at == at
                        || !other.lanes().contains(lane)
                        || other.requests() * u32::try_from(window.length().as_secs()).unwrap()
                            >= window.requests() * u32::try_from(other.length().as_secs()).unwrap()
                });
            if binding {
                let possible = usize::try_from(window.requests() - kept).unwrap() * 200;
                assert!(
                    granted * 100 >= possible * 95,
                    "{name}, window {at}, {lane:?}: {granted} of {possible}"
                );
            }
        }
    }
}

/// The share of a window's whole limit that orders and reads use together.
#[test]
fn orders_and_reads_together_sustain_95_per_cent_of_one_limit() {
    for requests in [1, 2, 5, 18, 20] {
        let granted = in_paused_time(async {
            let watched = Watched::new(&Limits::per_second(requests));
            watched.flood(Lane::Order, 2);
            watched.flood(Lane::Market, 16);
            tokio::time::sleep(Duration::from_secs(200)).await;
            watched.times(|_| true).len()
        });
        let possible = usize::try_from(requests).unwrap() * 200;
        assert!(granted * 100 >= possible * 95, "{granted} of {possible}");
    }
}

/// S21: a flood of reads and one cancel, for every table: the cancel leaves at once where there is a reserve, and
/// within a window where there is room for one request only.
#[test]
fn s21_cancels_leave_within_their_bound_under_a_flood_of_reads() {
    for (name, limits) in tables() {
        in_paused_time(async {
            let watched = Watched::new(&limits);
            watched.flood(Lane::Market, 16);
            watched.flood(Lane::Account, 16);
            let window = limits
                .windows()
                .iter()
                .filter(|window| window.lanes().contains(Lane::Cancel))
                .min_by_key(|window| window.reserve())
                .unwrap();
            let reads_share_it = window.lanes().contains(Lane::Account);
            let bound = if reads_share_it && window.reserve() == 0 {
                window.length() + limits.margin()
            } else {
                Duration::ZERO
            };
            let mut random = ChaCha8Rng::seed_from_u64(21);
            for _ in 0..50 {
                // Apart by more than a window: the bound is that of one cancel.
                let pause = window.length().mul_f64(random.random_range(2.0..4.0));
                tokio::time::sleep(pause).await;
                let asked = Instant::now();
                watched.acquire(Lane::Cancel, Duration::from_secs(60)).await;
                assert!(
                    asked.elapsed() <= bound,
                    "{name}: {:?} > {bound:?}",
                    asked.elapsed()
                );
            }
        });
    }
}

/// S22: an order whose deadline is nearer than the limiter's room is proven not sent, and in time.
#[test]
fn s22_orders_past_their_deadline_are_not_sent() {
    in_paused_time(async {
        let watched = Watched::new(&Limits::per_second(1));
        watched.flood(Lane::Order, 3);
        tokio::time::sleep(Duration::from_secs(1)).await;
        for patience in [0, 10, 500, 2_000].map(Duration::from_millis) {
            let asked = Instant::now();
            let outcome = watched.limiter.acquire(Lane::Order, patience).await;
            assert!(matches!(
                outcome,
                Err(Error::Timeout { .. } | Error::RateLimited { .. })
            ));
            assert!(asked.elapsed() <= patience);
        }
    });
}

/// Waits of orders that come in bursts, under 16 readers that ask as fast as they are let.
async fn order_waits<O, R>(order: impl Fn() -> O, read: impl Fn() -> R) -> Vec<Duration>
where
    O: Future<Output = ()> + Send + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    for _ in 0..16 {
        tokio::spawn(read());
    }
    let mut random = ChaCha8Rng::seed_from_u64(16);
    let mut orders = Vec::new();
    for _ in 0..200 {
        tokio::time::sleep(Duration::from_millis(random.random_range(200..2_000))).await;
        for _ in 0..random.random_range(1..=8) {
            let (asked, order) = (Instant::now(), order());
            orders.push(tokio::spawn(async move {
                order.await;
                asked.elapsed()
            }));
        }
    }
    let mut waits = Vec::new();
    for order in orders {
        waits.push(order.await.unwrap());
    }
    waits.sort();
    waits
}

/// Orders against one fair bucket that keeps the same limit, in one run.
#[test]
fn orders_wait_a_quarter_of_what_one_fair_bucket_makes_them_wait() {
    const LIMIT: u32 = 18;
    const FOR_EVER: Duration = Duration::from_secs(3_600);
    let ours = in_paused_time(async {
        let limiter = Arc::new(RateLimiter::per_second(LIMIT));
        let ask = |lane| {
            let limiter = limiter.clone();
            move || {
                let limiter = limiter.clone();
                async move { limiter.acquire(lane, FOR_EVER).await.unwrap() }
            }
        };
        let (order, read) = (ask(Lane::Order), ask(Lane::Market));
        order_waits(order, move || {
            let read = read.clone();
            async move {
                loop {
                    read().await;
                    tokio::task::yield_now().await;
                }
            }
        })
        .await
    });
    let fair_bucket = in_paused_time(async {
        // A burst of one and an interval of 59 ms: the fastest bucket with at most 18 in any second.
        let bucket = Arc::new(
            leaky_bucket::RateLimiter::builder()
                .max(1)
                .initial(1)
                .refill(1)
                .interval(Duration::from_millis(59))
                .fair(true)
                .build(),
        );
        let ask = move || {
            let bucket = bucket.clone();
            async move { bucket.acquire_one().await }
        };
        let order = ask.clone();
        order_waits(order, move || {
            let ask = ask.clone();
            async move {
                loop {
                    ask().await;
                    tokio::task::yield_now().await;
                }
            }
        })
        .await
    });
    let p99 = |waits: &[Duration]| waits[waits.len() * 99 / 100];
    let (ours_p99, bucket_p99) = (p99(&ours), p99(&fair_bucket));
    println!(
        "order wait p50/p99/max: {:?}/{ours_p99:?}/{:?}, one fair bucket {:?}/{bucket_p99:?}/{:?}",
        ours[ours.len() / 2],
        ours.last().unwrap(),
        fair_bucket[fair_bucket.len() / 2],
        fair_bucket.last().unwrap(),
    );
    assert!(
        ours_p99 * 4 <= bucket_p99,
        "{ours_p99:?} against {bucket_p99:?}"
    );
}
