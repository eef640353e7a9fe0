//! An exact sliding window: the times of the last `limit` grants.

/// Admits at most `limit` requests in any window of `window_ns` nanoseconds, wherever it starts.
///
/// A grant at `t` occupies `[t, t + window)`. Bursts up to the limit and the full sustained rate are both possible,
/// which no parameters of a token bucket give.
#[derive(Debug)]
pub(super) struct Ledger {
    window_ns: u64,
    /// Ring of grant times; `next` is the oldest when full.
    grants_ns: Box<[u64]>,
    next: usize,
    len: usize,
}

impl Ledger {
    /// An empty window; `limit` is at least 1.
    pub(super) fn new(limit: u32, window_ns: u64) -> Self {
        let limit = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
        Self {
            window_ns,
            grants_ns: vec![0; limit].into(),
            next: 0,
            len: 0,
        }
    }

    /// Grants one request at `now_ns` if fewer than `cap` grants are in the window; otherwise says how many nanoseconds
    /// until there is room. `now_ns` does not go back; `cap` beyond the limit means the limit.
    pub(super) fn admit(&mut self, now_ns: u64, cap: usize) -> Result<(), u64> {
        let limit = self.grants_ns.len();
        let cap = cap.clamp(1, limit);
        if self.len >= cap {
            // The grant whose leaving brings the count below the cap.
            let blocking = self.grants_ns[(self.next + limit - cap) % limit];
            let free_ns = blocking.saturating_add(self.window_ns);
            if now_ns < free_ns {
                return Err(free_ns - now_ns);
            }
        }
        self.grants_ns[self.next] = now_ns;
        self.next = (self.next + 1) % limit;
        self.len = (self.len + 1).min(limit);
        Ok(())
    }

    /// Grants in the window that ends at `now_ns`.
    pub(super) fn used(&self, now_ns: u64) -> usize {
        let limit = self.grants_ns.len();
        (1..=self.len)
            .take_while(|back| {
                let grant_ns = self.grants_ns[(self.next + limit - back) % limit];
                grant_ns.saturating_add(self.window_ns) > now_ns
            })
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Random arrivals: no window of the length, wherever it starts, holds more grants than the limit, and a
        /// request is turned away only when its window is full.
        #[test]
        fn no_window_holds_more_than_the_limit(
            limit in 1_u32..30,
            cap in 1_usize..40,
            gaps in prop::collection::vec(0_u64..300, 1..600),
        ) {
            const WINDOW_NS: u64 = 1_000;
            let mut ledger = Ledger::new(limit, WINDOW_NS);
            let mut grants: Vec<u64> = Vec::new();
            let mut now_ns = 0;
            let effective = cap.clamp(1, limit as usize);
            for gap in gaps {
                now_ns += gap;
                let in_window = grants.iter().filter(|&&grant| grant + WINDOW_NS > now_ns).count();
                prop_assert_eq!(ledger.used(now_ns), in_window);
                match ledger.admit(now_ns, cap) {
                    Ok(()) => {
                        prop_assert!(in_window < effective);
                        grants.push(now_ns);
                    }
                    Err(wait_ns) => {
                        prop_assert!(in_window >= effective);
                        prop_assert!(ledger.admit(now_ns + wait_ns - 1, cap).is_err());
                    }
                }
            }
        }
    }
}
