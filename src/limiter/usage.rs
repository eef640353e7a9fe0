//! How near the limit the use is.

use serde::Serialize;

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

/// Use of a rate limit in the window that ends now: of the fullest one, where there are several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// Requests in the window. After a slow-down it may exceed the limit for the length of a window.
    pub used: usize,
    /// The most requests in a window; `None` without a limit.
    pub limit: Option<usize>,
}

impl Usage {
    /// Nothing used, nothing limited.
    pub const UNLIMITED: Self = Self {
        used: 0,
        limit: None,
    };

    /// Used ÷ limit, 0 to 1; 0 without a limit.
    #[expect(
        clippy::float_arithmetic,
        clippy::cast_precision_loss,
        reason = "a ratio for people, not money"
    )]
    pub fn ratio(self) -> f64 {
        self.limit
            .map_or(0.0, |limit| self.used.min(limit) as f64 / limit as f64)
    }

    /// Where the ratio stands.
    pub fn level(self) -> LimitLevel {
        match self.limit {
            Some(limit) if self.used * 10 > limit * 9 => LimitLevel::Limited,
            Some(limit) if self.used * 10 >= limit * 7 => LimitLevel::Caution,
            Some(_) | None => LimitLevel::Normal,
        }
    }

    /// The one with the higher ratio.
    pub(super) fn fuller(self, other: Self) -> Self {
        match (self.limit, other.limit) {
            (_, None) => self,
            (None, _) => other,
            (Some(mine), Some(theirs)) if self.used * theirs >= other.used * mine => self,
            (Some(_), Some(_)) => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(used: usize, limit: usize) -> Usage {
        Usage {
            used,
            limit: Some(limit),
        }
    }

    #[test]
    fn levels_change_at_70_and_over_90_per_cent() {
        assert_eq!(
            [69, 70, 90, 91].map(|used| usage(used, 100).level()),
            [
                LimitLevel::Normal,
                LimitLevel::Caution,
                LimitLevel::Caution,
                LimitLevel::Limited
            ]
        );
    }

    #[test]
    fn the_fullest_window_counts() {
        let (a, b) = (usage(8, 18), usage(4, 8));
        assert_eq!((a.fuller(b), b.fuller(a)), (b, b));
        assert_eq!(a.fuller(Usage::UNLIMITED), a);
        assert_eq!(Usage::UNLIMITED.fuller(a), a);
    }

    #[test]
    fn a_ratio_stays_within_one_after_a_slow_down() {
        assert_eq!(usage(18, 9).ratio(), 1.0);
        assert_eq!(usage(18, 9).level(), LimitLevel::Limited);
    }
}
