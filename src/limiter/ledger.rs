//! An exact sliding window: when each of the last `limit` grants leaves it.

use std::time::Duration;

use tokio::time::Instant;

/// Counts grants in any window of one length, wherever it starts.
///
/// A grant at `t` occupies `[t, t + window)`. Bursts up to the limit and the full sustained rate are both possible,
/// which no parameters of a token bucket give.
#[derive(Debug)]
pub(super) struct Ledger {
    window: Duration,
    /// Ring of the times at which grants leave the window, in order; the start where there was none. `next` is the
    /// oldest.
    leave: Box<[Instant]>,
    next: usize,
}

impl Ledger {
    /// An empty window from `start` on; `limit` is at least 1.
    pub(super) fn new(limit: usize, window: Duration, start: Instant) -> Self {
        Self {
            window,
            leave: vec![start; limit.max(1)].into(),
            next: 0,
        }
    }

    /// When fewer grants than the limit less `kept` are in the window; at or before now when that is so already. `kept`
    /// is under the limit.
    #[inline]
    pub(super) fn free_at(&self, kept: usize) -> Instant {
        // The grant whose leaving brings the count below that.
        let mut at = self.next + kept;
        if at >= self.leave.len() {
            at -= self.leave.len();
        }
        self.leave[at]
    }

    /// Notes a grant. `now` does not go back from one to the next.
    #[inline]
    pub(super) fn grant(&mut self, now: Instant) {
        self.leave[self.next] = now + self.window;
        self.next += 1;
        if self.next == self.leave.len() {
            self.next = 0;
        }
    }

    /// Grants in the window that ends at `now`.
    pub(super) fn used(&self, now: Instant) -> usize {
        let (latest, older) = self.leave.split_at(self.next);
        let from_the_latest = latest.iter().rev().chain(older.iter().rev());
        from_the_latest.take_while(|&&leaves| leaves > now).count()
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
            kept in 0_usize..30,
            gaps in prop::collection::vec(0_u64..300, 1..600),
        ) {
            const WINDOW: Duration = Duration::from_nanos(1_000);
            let mut now = Instant::now();
            let mut ledger = Ledger::new(limit, WINDOW, now);
            let mut grants: Vec<Instant> = Vec::new();
            let kept = kept % limit;
            let effective = limit - kept;
            for gap in gaps {
                now += Duration::from_nanos(gap);
                let in_window = grants.iter().filter(|&&grant| grant + WINDOW > now).count();
                prop_assert_eq!(ledger.used(now), in_window);
                let free_at = ledger.free_at(kept);
                prop_assert_eq!(free_at <= now, in_window < effective);
                if free_at <= now {
                    ledger.grant(now);
                    grants.push(now);
                }
            }
        }
    }
}
