//! The rate limiter between the desk and the broker, on the history's own time, and a count of what it let through that
//! does not trust it.

use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use gwanmun::Error;
use gwanmun::domain::{AccountType, BrokerType};
use gwanmun::limiter::{Lane, Limits, RateLimiter};
use tokio::runtime::Runtime;

use super::rng::Rng;

thread_local! {
    /// Its clock is the limiter's: it stands still until a history moves it.
    static CLOCK: Runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
}

/// Runs `history` where the limiter's clock is this thread's stopped one.
pub(crate) fn on_stopped_clock<T>(history: impl FnOnce() -> T) -> T {
    CLOCK.with(|clock| {
        let _entered = clock.enter();
        history()
    })
}

/// The limiter of one process.
#[derive(Debug)]
pub(crate) struct Limiter {
    limits: Limits,
    limiter: RateLimiter,
    /// How far the clock has been moved.
    now_ns: u64,
    granted: Vec<(u64, Lane)>,
    is_ignored: bool,
}

impl Limiter {
    /// One of the broker tables, or no limit.
    pub(crate) fn swarm(rng: &mut Rng) -> Self {
        let broker = match rng.below(4) {
            0 => BrokerType::Kis,
            1 => BrokerType::Kiwoom,
            2 => BrokerType::Creon,
            _ => BrokerType::Mock,
        };
        let account = match rng.below(2) {
            0 => AccountType::Real,
            _ => AccountType::Paper,
        };
        Self::new(Limits::of(broker, account))
    }

    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limiter: RateLimiter::new(&limits),
            limits,
            now_ns: 0,
            granted: Vec::with_capacity(64),
            is_ignored: false,
        }
    }

    /// Whoever asks from now on sends whatever the limiter says.
    pub(crate) fn ignore(&mut self) {
        self.is_ignored = true;
    }

    /// What a new process begins with. The time stays.
    pub(crate) fn restart(&mut self) {
        self.limiter = RateLimiter::new(&self.limits);
        self.granted.clear();
    }

    /// Asks for room at the monotonic time `now_ns`, and notes what leaves. `Err` is how long to wait.
    pub(crate) fn ask(&mut self, lane: Lane, now_ns: u64) -> Result<(), u64> {
        self.move_clock(now_ns);
        match self.limiter.try_acquire(lane) {
            Err(Error::RateLimited { retry_after }) if !self.is_ignored => {
                // No wait would be a loop that stands still.
                Err(u64::try_from(retry_after.as_nanos()).unwrap().max(1))
            }
            _ => {
                self.granted.push((now_ns, lane));
                Ok(())
            }
        }
    }

    /// The broker said that a request was over its rate.
    pub(crate) fn over_rate(&mut self, lane: Lane, now_ns: u64) {
        self.move_clock(now_ns);
        self.limiter.on_over_rate(lane);
    }

    /// A window of the process so far that let more through than its limit. It may start at any request.
    pub(crate) fn violation(&self) -> Option<String> {
        self.limits.windows().iter().find_map(|window| {
            let counted = self
                .granted
                .iter()
                .filter(|(_, lane)| window.lanes().contains(*lane));
            let times: Vec<u64> = counted.map(|&(at_ns, _)| at_ns).collect();
            let requests = usize::try_from(window.requests()).unwrap();
            let length_ns = u64::try_from(window.length().as_nanos()).unwrap();
            times
                .windows(requests + 1)
                .find(|run| run[requests] - run[0] < length_ns)
                .map(|run| {
                    let micros = (run[requests] - run[0]) / 1_000;
                    format!(
                        "{} requests left within {micros} µs, of {requests}",
                        requests + 1
                    )
                })
        })
    }

    fn move_clock(&mut self, now_ns: u64) {
        let step = now_ns.saturating_sub(self.now_ns);
        if step == 0 {
            return;
        }
        self.now_ns = now_ns;
        // The first poll moves the clock; what it then waits for is a runtime that nothing runs on.
        let advance = pin!(tokio::time::advance(Duration::from_nanos(step)));
        let _ = advance.poll(&mut Context::from_waker(Waker::noop()));
    }
}
