//! The two clocks of a gateway: one that never jumps, for deadlines, and the wall clock, for records and trading days.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::clock;
use crate::domain::Timestamp;
use crate::orders::desk::Moment;

/// Tells the time to desks. Clones are the same clocks.
#[derive(Clone, Debug)]
pub struct Clocks {
    /// Monotonic time 0.
    origin: Instant,
    wall: Wall,
}

#[derive(Clone, Debug)]
enum Wall {
    System,
    Simulated {
        start: Timestamp,
        shift_ns: Arc<AtomicI64>,
    },
}

impl Clocks {
    /// The machine's.
    pub fn system() -> Self {
        Self {
            origin: Instant::now(),
            wall: Wall::System,
        }
    }

    /// A wall clock that shows `start` now and then goes with tokio's, which tests and simulated networks pause.
    pub fn simulated(start: Timestamp) -> Self {
        Self {
            origin: Instant::now(),
            wall: Wall::Simulated {
                start,
                shift_ns: Arc::default(),
            },
        }
    }

    /// Sets a simulated wall clock forwards or backwards, as a machine does that slept or was set. The machine's own
    /// clock stays as it is.
    pub fn jump(&self, nanos: i64) {
        if let Wall::Simulated { shift_ns, .. } = &self.wall {
            shift_ns.fetch_add(nanos, Ordering::Relaxed);
        }
    }

    /// Now, by both.
    pub fn moment(&self) -> Moment {
        let elapsed = self.origin.elapsed();
        let at = match &self.wall {
            Wall::System => clock::now(),
            Wall::Simulated { start, shift_ns } => {
                let nanos = i64::try_from(elapsed.as_nanos()).unwrap_or(i64::MAX);
                start
                    .saturating_add_nanos(nanos)
                    .saturating_add_nanos(shift_ns.load(Ordering::Relaxed))
            }
        };
        Moment { elapsed, at }
    }

    /// A monotonic time as an instant to wait for.
    pub fn instant(&self, elapsed: Duration) -> Instant {
        /// A longer wait is taken as this one, because its end must be a time that the clock can tell.
        const WAIT_MAX: Duration = Duration::from_secs(365 * 24 * 60 * 60);
        self.origin
            .checked_add(elapsed)
            .unwrap_or_else(|| Instant::now() + WAIT_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_jump_moves_the_wall_clock_alone() {
        let clocks = Clocks::simulated(Timestamp::EPOCH);
        tokio::time::advance(Duration::from_secs(3)).await;
        clocks.jump(-1_000_000_000);
        let now = clocks.moment();
        assert_eq!(now.elapsed, Duration::from_secs(3));
        assert_eq!(now.at, Timestamp::from_nanos(2_000_000_000));
        assert_eq!(clocks.instant(now.elapsed), Instant::now());
    }
}
