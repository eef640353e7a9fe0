//! Points in time and the Korean civil day.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

use super::text::ValueError;

/// Korea Standard Time: UTC+9, without daylight saving since 1988.
pub const KST: Offset = Offset::constant(9);

/// A point in time: nanoseconds since 1970-01-01T00:00:00Z. Serialized as RFC 3339 in KST.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// That many nanoseconds since 1970.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since 1970.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// A civil time in Korea.
    ///
    /// # Errors
    /// Outside of the years 1678 to 2262, which 64 bits of nanoseconds span.
    pub fn from_kst(date: Date, time: Time) -> Result<Self, ValueError> {
        let civil = DateTime::from_parts(date, time);
        KST.to_timestamp(civil)
            .ok()
            .and_then(|instant| i64::try_from(instant.as_nanosecond()).ok())
            .map(Self)
            .ok_or_else(|| ValueError::new("time", civil, "a time in the years 1678 to 2262"))
    }

    /// The date in Korea.
    pub fn kst_date(self) -> Date {
        self.kst().date()
    }

    /// The time of day in Korea.
    pub fn kst_time(self) -> Time {
        self.kst().time()
    }

    /// Date and time in Korea.
    pub fn kst(self) -> DateTime {
        KST.to_datetime(self.to_jiff())
    }

    /// Later by `nanos`, held at the last representable point.
    pub const fn saturating_add_nanos(self, nanos: i64) -> Self {
        Self(self.0.saturating_add(nanos))
    }

    /// Nanoseconds from `earlier` to this, held at the range of `i64`.
    pub const fn nanos_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    fn to_jiff(self) -> jiff::Timestamp {
        // Every `i64` of nanoseconds lies inside the years that jiff spans.
        jiff::Timestamp::from_nanosecond(i128::from(self.0)).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}+09:00", self.kst())
    }
}

impl std::str::FromStr for Timestamp {
    type Err = ValueError;

    /// Reads RFC 3339, with any offset.
    fn from_str(text: &str) -> Result<Self, ValueError> {
        text.parse::<jiff::Timestamp>()
            .ok()
            .and_then(|instant| i64::try_from(instant.as_nanosecond()).ok())
            .map(Self)
            .ok_or_else(|| {
                ValueError::new("time", text, "RFC 3339, such as 2026-11-24T09:00:00+09:00")
            })
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        super::text::deserialize_from_str(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};

    #[test]
    fn kst_goes_both_ways() {
        let open = Timestamp::from_kst(date(2026, 11, 24), time(9, 0, 0, 0)).unwrap();
        assert_eq!(open.to_string(), "2026-11-24T09:00:00+09:00");
        assert_eq!("2026-11-24T00:00:00Z".parse(), Ok(open));
        assert_eq!(
            (open.kst_date(), open.kst_time()),
            (date(2026, 11, 24), time(9, 0, 0, 0))
        );
        for nanos in [i64::MIN, -1, 0, 1, i64::MAX] {
            let at = Timestamp::from_nanos(nanos);
            assert_eq!(at.to_string().parse(), Ok(at));
        }
    }
}
