//! Time as the desk is told it.

use std::time::Duration;

use crate::domain::Timestamp;

/// A point in time by two clocks: deadlines follow the monotonic one, records and the broker's times the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Monotonic: since any fixed point of this process.
    pub elapsed: Duration,
    /// The wall clock.
    pub at: Timestamp,
}

impl Moment {
    /// By how much the wall clock moved more, or less, than the monotonic one since `earlier`.
    pub(super) fn jump_since(self, earlier: Self) -> Duration {
        let wall = i128::from(self.at.nanos()) - i128::from(earlier.at.nanos());
        let monotonic = nanos(self.elapsed) - nanos(earlier.elapsed);
        Duration::from_nanos(u64::try_from((wall - monotonic).unsigned_abs()).unwrap_or(u64::MAX))
    }
}

/// `at` moved by `duration`, held at the range of the type.
pub(super) fn later(at: Timestamp, duration: Duration) -> Timestamp {
    at.saturating_add_nanos(i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX))
}

/// `at` moved back by `duration`, held at the range of the type.
pub(super) fn earlier(at: Timestamp, duration: Duration) -> Timestamp {
    at.saturating_add_nanos(i64::try_from(duration.as_nanos()).map_or(i64::MIN, |nanos| -nanos))
}

fn nanos(duration: Duration) -> i128 {
    i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_is_the_difference_of_the_two_clocks() {
        let moment = |elapsed, at| Moment {
            elapsed: Duration::from_secs(elapsed),
            at: Timestamp::from_nanos(at),
        };
        let second = 1_000_000_000;
        let start = moment(10, 0);
        assert_eq!(moment(11, second).jump_since(start), Duration::ZERO);
        assert_eq!(
            moment(11, 91 * second).jump_since(start),
            Duration::from_secs(90)
        );
        assert_eq!(
            moment(11, -3_599 * second).jump_since(start),
            Duration::from_secs(3_600)
        );
    }
}
