//! Keeps requests under the broker's rate limit.
//!
//! An exact sliding-window ledger admits every request. In front of it a `leaky-bucket` (fair mode: the unfair one can
//! wedge for good) paces queries, so that they come evenly and leave a reserve that orders alone may use. Orders never
//! wait behind queries.

mod ledger;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use crate::error::{Error, Result, TimeoutPhase};
use ledger::Ledger;

/// What a request is for. Orders go ahead of queries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Orders, modifications and cancels.
    Order,
    /// Everything else.
    Query,
}

/// How near the limit the use is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum LimitLevel {
    /// Under 70 %.
    Normal,
    /// 70 to 90 %.
    Caution,
    /// Over 90 %.
    Limited,
}

/// Use of the rate limit in the window that ends now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// Requests in the window.
    pub used: usize,
    /// The most requests in a window; `None` without a limit.
    pub limit: Option<usize>,
}

impl Usage {
    /// Used ÷ limit, 0 to 1; 0 without a limit.
    #[expect(
        clippy::float_arithmetic,
        clippy::cast_precision_loss,
        reason = "a ratio for people, not money"
    )]
    pub fn ratio(self) -> f64 {
        self.limit
            .map_or(0.0, |limit| self.used as f64 / limit as f64)
    }

    /// Where the ratio stands.
    pub fn level(self) -> LimitLevel {
        match self.limit {
            Some(limit) if self.used * 10 > limit * 9 => LimitLevel::Limited,
            Some(limit) if self.used * 10 >= limit * 7 => LimitLevel::Caution,
            Some(_) | None => LimitLevel::Normal,
        }
    }
}

/// The rate limiter of one gateway.
#[derive(Debug)]
pub struct RateLimiter {
    windowed: Option<Windowed>,
}

#[derive(Debug)]
struct Windowed {
    started: Instant,
    limit: usize,
    /// Grants that queries may use of a window; the rest is the orders' reserve.
    query_cap: usize,
    ledger: Mutex<Ledger>,
    query_pace: leaky_bucket::RateLimiter,
}

impl RateLimiter {
    /// The window is the broker's second and a margin: requests that leave evenly may arrive closer together.
    const WINDOW: Duration = Duration::from_millis(1_050);

    /// No limit.
    pub const fn unlimited() -> Self {
        Self { windowed: None }
    }

    /// At most `limit` requests in any second; at least 1.
    pub fn per_second(limit: u32) -> Self {
        let limit = limit.max(1);
        let reserve = limit / 4;
        let query_cap = limit - reserve;
        let window_ms = u64::try_from(Self::WINDOW.as_millis()).unwrap_or(u64::MAX);
        let interval_ms = window_ms.div_ceil(u64::from(query_cap)).max(1);
        let query_pace = leaky_bucket::RateLimiter::builder()
            .max(1)
            .initial(1)
            .refill(1)
            .interval(Duration::from_millis(interval_ms))
            .fair(true)
            .build();
        let as_count = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        Self {
            windowed: Some(Windowed {
                started: Instant::now(),
                limit: as_count(limit),
                query_cap: as_count(query_cap),
                ledger: Mutex::new(Ledger::new(limit, nanos(Self::WINDOW))),
                query_pace,
            }),
        }
    }

    /// Room for one request now, or an error that says when there is.
    ///
    /// # Errors
    /// [`Error::RateLimited`].
    #[inline]
    pub fn try_acquire(&self, lane: Lane) -> Result<()> {
        match &self.windowed {
            None => Ok(()),
            Some(windowed) => windowed.admit(lane).map_err(|wait_ns| Error::RateLimited {
                retry_after: Duration::from_nanos(wait_ns),
            }),
        }
    }

    /// Waits for room for one request, for at most `patience`.
    ///
    /// # Errors
    /// [`Error::Timeout`] when there is no room in time.
    ///
    /// # Cancel safety
    /// Dropping the future gives its place up; nothing is used.
    pub async fn acquire(&self, lane: Lane, patience: Duration) -> Result<()> {
        let Some(windowed) = &self.windowed else {
            return Ok(());
        };
        let waiting = async {
            if lane == Lane::Query {
                windowed.query_pace.acquire_one().await;
            }
            while let Err(wait_ns) = windowed.admit(lane) {
                tokio::time::sleep(Duration::from_nanos(wait_ns)).await;
            }
        };
        tokio::time::timeout(patience, waiting)
            .await
            .map_err(|_| Error::Timeout {
                phase: TimeoutPhase::Limiter,
                after: patience,
            })
    }

    /// Use in the window that ends now.
    pub fn usage(&self) -> Usage {
        self.windowed.as_ref().map_or(
            Usage {
                used: 0,
                limit: None,
            },
            |windowed| Usage {
                used: windowed.ledger().used(windowed.now_ns()),
                limit: Some(windowed.limit),
            },
        )
    }

    /// Used ÷ limit, 0 to 1; 0 without a limit.
    pub fn usage_ratio(&self) -> f64 {
        self.usage().ratio()
    }

    /// How near the limit the use is.
    pub fn level(&self) -> LimitLevel {
        self.usage().level()
    }
}

impl Windowed {
    fn admit(&self, lane: Lane) -> std::result::Result<(), u64> {
        let cap = match lane {
            Lane::Order => self.limit,
            Lane::Query => self.query_cap,
        };
        let mut ledger = self.ledger();
        // Read under the lock, so that grant times do not go back.
        ledger.admit(self.now_ns(), cap)
    }

    fn now_ns(&self) -> u64 {
        nanos(self.started.elapsed())
    }

    /// A plain mutex: held for a few loads and stores, never across an await.
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn orders_burst_to_the_limit_and_then_wait_for_the_window() {
        let limiter = RateLimiter::per_second(4);
        for _ in 0..4 {
            limiter.try_acquire(Lane::Order).unwrap();
        }
        assert_eq!(
            (limiter.usage().used, limiter.level()),
            (4, LimitLevel::Limited)
        );
        let refused = limiter.try_acquire(Lane::Order).unwrap_err();
        assert_eq!(refused.retry_after(), Some(RateLimiter::WINDOW));
        tokio::time::advance(RateLimiter::WINDOW).await;
        assert_eq!(
            (limiter.usage_ratio(), limiter.level()),
            (0.0, LimitLevel::Normal)
        );
        limiter.try_acquire(Lane::Order).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn queries_leave_a_reserve_for_orders() {
        let limiter = RateLimiter::per_second(8);
        let start = Instant::now();
        for _ in 0..20 {
            limiter
                .acquire(Lane::Query, Duration::from_secs(60))
                .await
                .unwrap();
            assert!(
                limiter.usage().used <= 6,
                "queries used the orders' reserve"
            );
        }
        assert!(start.elapsed() > Duration::from_secs(2));
        limiter.try_acquire(Lane::Order).unwrap();
        limiter.try_acquire(Lane::Order).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_ends_at_the_patience_without_using_room() {
        let limiter = RateLimiter::per_second(1);
        limiter.try_acquire(Lane::Order).unwrap();
        let patience = Duration::from_millis(100);
        let late = limiter.acquire(Lane::Order, patience).await.unwrap_err();
        assert!(
            matches!(late, Error::Timeout { phase: TimeoutPhase::Limiter, after } if after == patience)
        );
        limiter
            .acquire(Lane::Order, Duration::from_secs(2))
            .await
            .unwrap();
    }

    #[test]
    fn no_limit_is_never_in_the_way() {
        let limiter = RateLimiter::unlimited();
        (0..1_000).for_each(|_| limiter.try_acquire(Lane::Order).unwrap());
        assert_eq!(
            limiter.usage(),
            Usage {
                used: 0,
                limit: None
            }
        );
    }

    #[test]
    fn levels_change_at_70_and_over_90_per_cent() {
        let level = |used| {
            Usage {
                used,
                limit: Some(100),
            }
            .level()
        };
        assert_eq!(
            [69, 70, 90, 91].map(level),
            [
                LimitLevel::Normal,
                LimitLevel::Caution,
                LimitLevel::Caution,
                LimitLevel::Limited
            ]
        );
    }
}
