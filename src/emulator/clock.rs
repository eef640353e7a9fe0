//! The clock of an emulator: the wall clock at the start, and tokio's since then, so that paused and simulated time
//! reach it.

use tokio::time::Instant;

use crate::domain::Timestamp;

/// A wall clock that runs with tokio's time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    origin: Timestamp,
    started: Instant,
}

impl Clock {
    /// A clock that shows `origin` now.
    pub(super) fn starting_at(origin: Timestamp) -> Self {
        Self {
            origin,
            started: Instant::now(),
        }
    }

    /// What it shows.
    pub(super) fn now(&self) -> Timestamp {
        self.origin.saturating_add_nanos(self.elapsed_ns())
    }

    /// Nanoseconds since the start.
    pub(super) fn elapsed_ns(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_nanos()).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_runs_with_the_time_of_the_runtime() {
        let clock = Clock::starting_at(Timestamp::from_nanos(7));
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(clock.now(), Timestamp::from_nanos(3_000_000_007));
    }
}
