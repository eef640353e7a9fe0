//! What a request is for, and who goes first.

use serde::Serialize;

/// What a request is for.
///
/// Cancels go ahead of orders, orders ahead of reconciliation, and reconciliation ahead of the other reads. Account and
/// market reads are equal: the one that asked first goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Lane {
    /// Cancels.
    Cancel,
    /// New orders and modifications.
    Order,
    /// Reads that decide what became of an order: order lists, fills.
    Reconciliation,
    /// Balance, positions, buying power.
    Account,
    /// Quotes, candles, instruments.
    Market,
}

impl Lane {
    /// Every lane, in order of priority.
    pub const ALL: [Self; 5] = [
        Self::Cancel,
        Self::Order,
        Self::Reconciliation,
        Self::Account,
        Self::Market,
    ];

    pub(super) const COUNT: usize = Self::ALL.len();

    pub(super) const fn index(self) -> usize {
        self as usize
    }

    /// How much of a window the lane may use.
    pub(super) const fn share(self) -> Share {
        match self {
            Self::Cancel | Self::Order => Share::Whole,
            Self::Reconciliation => Share::Reconciliation,
            Self::Account | Self::Market => Share::Reads,
        }
    }
}

/// How much of a window may be used; the later, the less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Share {
    /// All of it.
    Whole,
    /// All but what is kept for orders.
    Reconciliation,
    /// All but what is kept for orders and reconciliation.
    Reads,
}

impl Share {
    pub(super) const COUNT: usize = 3;
}

/// A set of lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lanes(u8);

impl Lanes {
    /// Every lane.
    pub const ALL: Self = Self::of(&Lane::ALL);

    /// Those lanes.
    pub const fn of(lanes: &[Lane]) -> Self {
        let mut bits = 0;
        let mut at = 0;
        while at < lanes.len() {
            bits |= 1 << lanes[at].index();
            at += 1;
        }
        Self(bits)
    }

    /// Whether the lane is one of them.
    pub const fn contains(self, lane: Lane) -> bool {
        self.0 & (1 << lane.index()) != 0
    }

    /// Whether all of `other` are among them.
    pub const fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_hold_what_they_were_given() {
        let orders = Lanes::of(&[Lane::Cancel, Lane::Order]);
        let held = Lane::ALL.map(|lane| orders.contains(lane));
        assert_eq!(held, [true, true, false, false, false]);
        assert!(Lanes::ALL.covers(orders) && !orders.covers(Lanes::ALL));
        assert!(Lane::ALL.iter().all(|&lane| Lanes::ALL.contains(lane)));
    }
}
