//! An exact sliding window: when each of the last `limit` grants leaves it.

/// Counts grants in any window of one length, wherever it starts.
///
/// A grant at `t` occupies `[t, t + window)`. Bursts up to the limit and the full sustained rate are both possible,
/// which no parameters of a token bucket give.
#[derive(Debug)]
pub(super) struct Ledger {
    window_ns: u64,
    /// Ring of the times at which grants leave the window, in order; 0 where there was none. `next` is the oldest.
    leave_ns: Box<[u64]>,
    next: usize,
}

impl Ledger {
    /// An empty window; `limit` is at least 1.
    pub(super) fn new(limit: usize, window_ns: u64) -> Self {
        Self {
            window_ns,
            leave_ns: vec![0; limit.max(1)].into(),
            next: 0,
        }
    }

    /// When fewer than `cap` grants are in the window; at or before now when that is so already. `cap` is from 1 to the
    /// limit, and held there.
    #[inline]
    pub(super) fn free_at(&self, cap: usize) -> u64 {
        let limit = self.leave_ns.len();
        // The grant whose leaving brings the count below the cap.
        self.leave_ns[self.back(cap.clamp(1, limit))]
    }

    /// Notes a grant. `now_ns` does not go back from one to the next.
    #[inline]
    pub(super) fn grant(&mut self, now_ns: u64) {
        self.leave_ns[self.next] = now_ns.saturating_add(self.window_ns);
        self.next += 1;
        if self.next == self.leave_ns.len() {
            self.next = 0;
        }
    }

    /// Grants in the window that ends at `now_ns`.
    pub(super) fn used(&self, now_ns: u64) -> usize {
        (1..=self.leave_ns.len())
            .take_while(|&count| self.leave_ns[self.back(count)] > now_ns)
            .count()
    }

    /// The place of the `count`-th grant from the latest; `count` is from 1 to the limit.
    #[inline]
    fn back(&self, count: usize) -> usize {
        if self.next >= count {
            self.next - count
        } else {
            self.next + self.leave_ns.len() - count
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Random arrivals: no window of the length, wherever it starts, holds more grants than the cap, and a
        /// request is turned away only when its window is full.
        #[test]
        fn no_window_holds_more_than_the_limit(
            limit in 1_usize..30,
            cap in 1_usize..40,
            gaps in prop::collection::vec(0_u64..300, 1..600),
        ) {
            const WINDOW_NS: u64 = 1_000;
            let mut ledger = Ledger::new(limit, WINDOW_NS);
            let mut grants: Vec<u64> = Vec::new();
            let mut now_ns = 0;
            let effective = cap.clamp(1, limit);
            for gap in gaps {
                now_ns += gap;
                let in_window = grants.iter().filter(|&&grant| grant + WINDOW_NS > now_ns).count();
                prop_assert_eq!(ledger.used(now_ns), in_window);
                let free_at = ledger.free_at(cap);
                prop_assert_eq!(free_at <= now_ns, in_window < effective);
                if free_at <= now_ns {
                    ledger.grant(now_ns);
                    grants.push(now_ns);
                }
            }
        }
    }
}
