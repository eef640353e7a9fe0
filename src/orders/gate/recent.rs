//! What was sent lately: rings of fixed size that forget the oldest.

use std::time::Duration;

use crate::domain::{ClientOrderId, OrderKind, OrderRequest};

/// How many orders the duplicate guard remembers. More than these in its window, and the oldest are forgotten.
pub(super) const REMEMBERED: usize = 256;

/// Chains of orders by some bits of their fingerprints: more than orders, so that most are short.
const CHAINS: usize = 2 * REMEMBERED;

/// The last orders, to be found by what they are.
#[derive(Clone, Debug)]
pub(super) struct Recent {
    /// Ring by number: order `n` stands at `n` modulo its length.
    marks: Vec<Mark>,
    orders: Vec<OrderRequest>,
    /// The latest number of each chain; 0 for none.
    latest: Box<[u64; CHAINS]>,
    /// How many orders were noted, which is the number of the last.
    count: u64,
}

#[derive(Clone, Copy, Debug)]
struct Mark {
    number: u64,
    fingerprint: u64,
    at: Duration,
    /// The number before it in its chain; 0 for none.
    before: u64,
}

impl Recent {
    pub(super) fn new() -> Self {
        Self {
            marks: Vec::with_capacity(REMEMBERED),
            orders: Vec::with_capacity(REMEMBERED),
            latest: Box::new([0; CHAINS]),
            count: 0,
        }
    }

    /// How long ago the same order was sent, if less than `window`.
    #[inline]
    pub(super) fn age(
        &self,
        order: &OrderRequest,
        elapsed: Duration,
        window: Duration,
    ) -> Option<Duration> {
        let fingerprint = fingerprint(order);
        let mut number = self.latest[chain(fingerprint)];
        // A number whose place has another one is forgotten, and so are all before it.
        while let Some(mark) = self
            .marks
            .get(place(number))
            .filter(|mark| mark.number == number)
        {
            let age = elapsed.saturating_sub(mark.at);
            if age >= window {
                return None;
            }
            if mark.fingerprint == fingerprint && is_same(&self.orders[place(number)], order) {
                return Some(age);
            }
            number = mark.before;
        }
        None
    }

    /// Remembers an order, without allocating. Times do not go back.
    pub(super) fn note(&mut self, order: &OrderRequest, elapsed: Duration) {
        self.count += 1;
        let fingerprint = fingerprint(order);
        let latest = &mut self.latest[chain(fingerprint)];
        let mark = Mark {
            number: self.count,
            fingerprint,
            at: elapsed,
            before: std::mem::replace(latest, self.count),
        };
        let place = place(self.count);
        if place == self.marks.len() {
            self.marks.push(mark);
            self.orders.push(*order);
        } else {
            self.marks[place] = mark;
            self.orders[place] = *order;
        }
    }
}

/// Where an order stands in the ring; numbers begin with 1.
#[expect(
    clippy::cast_possible_truncation,
    reason = "what is cut off is a multiple of the ring"
)]
const fn place(number: u64) -> usize {
    (number.wrapping_sub(1) as usize) % REMEMBERED
}

/// The high bits, because multiplication mixes upwards.
const fn chain(fingerprint: u64) -> usize {
    (fingerprint >> 32) as usize % CHAINS
}

/// The same in everything but the caller's number.
fn is_same(one: &OrderRequest, other: &OrderRequest) -> bool {
    one.with_id(ClientOrderId::AUTO) == other.with_id(ClientOrderId::AUTO)
}

/// Equal for the same orders, and hardly ever for others.
#[inline]
fn fingerprint(order: &OrderRequest) -> u64 {
    let (price, stop) = match order.kind {
        OrderKind::Limit { price } | OrderKind::ConditionalLimit { price } => (price.units(), 0),
        OrderKind::StopLimit { stop, price } => (price.units(), stop.units()),
        OrderKind::Market
        | OrderKind::BestLimit
        | OrderKind::TopPriority
        | OrderKind::MidPrice
        | OrderKind::PreClose
        | OrderKind::PostClose => (0, 0),
    };
    let mut symbol = [0; 8];
    symbol[..6].copy_from_slice(order.symbol.as_bytes());
    let words = [
        u64::from_le_bytes(symbol),
        u64::from(order.venue as u8)
            | u64::from(order.side as u8) << 8
            | u64::from(order.time_in_force as u8) << 16
            | u64::from(order.kind.order_type() as u8) << 24,
        order.qty.get(),
        price.cast_unsigned(),
        stop.cast_unsigned(),
    ];
    // Any odd constant without a pattern will do: this one is 2^64 ÷ the golden ratio.
    const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
    words.iter().fold(0_u64, |hash, word| {
        (hash.rotate_left(23) ^ word).wrapping_mul(MIX)
    })
}

/// At most so many orders in any second.
#[derive(Clone, Debug)]
pub(super) struct OrderRate {
    /// Ring of the times of the last orders; `next` is the oldest. `None` where there was none.
    sent: Box<[Option<Duration>]>,
    next: usize,
}

impl OrderRate {
    const SECOND: Duration = Duration::from_secs(1);

    pub(super) fn new(orders_per_second: usize) -> Self {
        Self {
            sent: vec![None; orders_per_second.max(1)].into(),
            next: 0,
        }
    }

    /// How long until there is room, if there is none.
    #[inline]
    pub(super) fn wait(&self, elapsed: Duration) -> Option<Duration> {
        let free_at = self.sent[self.next]?.saturating_add(Self::SECOND);
        free_at.checked_sub(elapsed).filter(|wait| !wait.is_zero())
    }

    pub(super) fn note(&mut self, elapsed: Duration) {
        self.sent[self.next] = Some(elapsed);
        self.next += 1;
        if self.next == self.sent.len() {
            self.next = 0;
        }
    }

    pub(super) fn limit(&self) -> usize {
        self.sent.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Price, Qty};
    use crate::symbol;

    fn order(qty: u64) -> OrderRequest {
        let price = Price::from_won(71_000).unwrap();
        OrderRequest::limit_buy(
            "12345678".parse().unwrap(),
            symbol!("005930"),
            Qty::new(qty),
            price,
        )
    }

    const WINDOW: Duration = Duration::from_secs(1);

    #[test]
    fn the_same_order_is_found_back_to_the_end_of_the_window() {
        let mut recent = Recent::new();
        let seconds = Duration::from_secs_f64;
        recent.note(&order(1), seconds(5.0));
        recent.note(&order(2), seconds(5.5));
        let age = |qty, now| recent.age(&order(qty), seconds(now), WINDOW);
        assert_eq!(age(1, 5.75), Some(seconds(0.75)));
        assert_eq!(age(1, 5.999), Some(seconds(0.999)));
        assert_eq!(age(1, 6.0), None);
        assert_eq!(age(2, 6.0), Some(seconds(0.5)));
        assert_eq!(age(3, 5.5), None);
        let numbered = order(2).with_id(ClientOrderId::new(7));
        assert_eq!(
            recent.age(&numbered, seconds(5.5), WINDOW),
            Some(Duration::ZERO)
        );
    }

    #[test]
    fn the_ring_forgets_the_oldest_and_only_that() {
        let mut recent = Recent::new();
        let orders = u64::try_from(REMEMBERED).unwrap() + 100;
        for qty in 1..=orders {
            recent.note(&order(qty), Duration::from_millis(qty));
        }
        let now = Duration::from_millis(orders);
        for qty in 1..=orders {
            let known = recent.age(&order(qty), now, WINDOW).is_some();
            assert_eq!(known, qty > 100, "order {qty}");
        }
    }

    #[test]
    fn equal_fingerprints_alone_do_not_make_a_duplicate() {
        let mut recent = Recent::new();
        recent.note(&order(1), Duration::ZERO);
        // As if the two had the same fingerprint.
        recent.marks[0].fingerprint = fingerprint(&order(2));
        recent.latest[chain(fingerprint(&order(2)))] = 1;
        assert_eq!(recent.age(&order(2), Duration::ZERO, WINDOW), None);
    }

    #[test]
    fn orders_of_one_chain_are_all_found() {
        let mut recent = Recent::new();
        for qty in 1..=3 {
            recent.note(&order(qty), Duration::from_millis(qty));
        }
        // As if all three were in the chain of the last.
        (recent.marks[2].before, recent.marks[1].before) = (2, 1);
        recent.latest.fill(3);
        for qty in 1..=3 {
            let age = recent.age(&order(qty), Duration::from_millis(3), WINDOW);
            assert_eq!(age, Some(Duration::from_millis(3 - qty)));
        }
        assert_eq!(
            recent.age(&order(4), Duration::from_millis(3), WINDOW),
            None
        );
    }
}
