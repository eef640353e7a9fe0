//! Tells repeated fill notices from new ones, as far back as it remembers.

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};

use rustc_hash::{FxBuildHasher, FxHashSet, FxHasher};

use crate::domain::{OrderNo, Price, Qty, Timestamp};

/// What identifies a fill notice of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Mark {
    /// By the broker's execution number: equal marks are one fill.
    Numbered(OrderNo, u64),
    /// By what it says: equal marks may be one fill told twice, or two equal fills of one second.
    Alike(OrderNo, u64),
}

impl Mark {
    pub(super) fn of(
        order_no: OrderNo,
        fill_no: Option<u64>,
        qty: Qty,
        price: Price,
        at: Timestamp,
    ) -> Self {
        fill_no.map_or_else(
            || {
                // A collision makes a fill look repeated, and then the list decides: nothing is lost by it.
                let mut hasher = FxHasher::default();
                (qty, price, at).hash(&mut hasher);
                Self::Alike(order_no, hasher.finish())
            },
            |fill_no| Self::Numbered(order_no, fill_no),
        )
    }
}

/// The last marks, oldest first.
#[derive(Debug)]
pub(super) struct Recent {
    marks: FxHashSet<Mark>,
    order: VecDeque<Mark>,
    max: usize,
}

impl Recent {
    pub(super) fn new(max: usize) -> Self {
        let max = max.max(1);
        Self {
            // Twice the room keeps the table from growing when removed marks leave their traces in it.
            marks: FxHashSet::with_capacity_and_hasher(2 * max, FxBuildHasher),
            order: VecDeque::with_capacity(max),
            max,
        }
    }

    /// Remembers a mark; `false` when it was there.
    pub(super) fn insert(&mut self, mark: Mark) -> bool {
        if !self.marks.insert(mark) {
            return false;
        }
        if self.order.len() == self.max
            && let Some(oldest) = self.order.pop_front()
        {
            self.marks.remove(&oldest);
        }
        self.order.push_back(mark);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembers_the_last_marks_only() {
        let number = |number| OrderNo::new(number).unwrap();
        let mark = |fill_no| Mark::Numbered(number(1), fill_no);
        let mut recent = Recent::new(2);
        assert!(recent.insert(mark(1)) && recent.insert(mark(2)));
        assert!(!recent.insert(mark(1)));
        assert!(recent.insert(Mark::Numbered(number(2), 1)));
        assert!(recent.insert(mark(1)), "the oldest was not forgotten");
    }
}
