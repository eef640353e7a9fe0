//! The one place that reads time. Everything deeper takes a [`Timestamp`] or an [`Instant`] as an argument, so that
//! tests and simulations choose it.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::domain::Timestamp;

/// The wall clock, to the resolution of the system. It may jump, forwards or backwards, when the system sets it: measure
/// durations with [`monotonic`].
#[expect(
    clippy::disallowed_methods,
    reason = "this is where the wall clock is read"
)]
pub fn now() -> Timestamp {
    timestamp_from(SystemTime::now())
}

/// The monotonic clock, which never runs backwards and belongs to this process alone.
#[expect(
    clippy::disallowed_methods,
    reason = "this is where the monotonic clock is read"
)]
pub fn monotonic() -> Instant {
    Instant::now()
}

/// Held at the years that a [`Timestamp`] spans, 1678 to 2262.
fn timestamp_from(time: SystemTime) -> Timestamp {
    let nanos = match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |nanos| -nanos),
    };
    Timestamp::from_nanos(nanos)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn system_time_becomes_the_same_instant_on_both_sides_of_1970() {
        let century = Duration::from_secs(100 * 365 * 24 * 3600);
        for (time, nanos) in [
            (UNIX_EPOCH, 0),
            (UNIX_EPOCH + Duration::from_nanos(700), 700),
            (UNIX_EPOCH - Duration::from_nanos(700), -700),
            (UNIX_EPOCH + century * 3, i64::MAX),
            (UNIX_EPOCH - century * 3, i64::MIN),
        ] {
            assert_eq!(timestamp_from(time), Timestamp::from_nanos(nanos));
        }
    }

    #[test]
    fn the_clocks_run() {
        let released: Timestamp = "2026-01-01T00:00:00+09:00".parse().unwrap();
        assert!(now() > released, "the wall clock of this machine is wrong");
        assert!(monotonic() <= monotonic());
    }
}
