//! Counting fills: each once, per order number, whoever tells of it first.

use crate::domain::{
    ExecutionEvent, Fill, Money, OrderCommand, OrderStatus, Price, Qty, Timestamp,
};

use super::Desk;
use super::effect::{Effect, Effects};
use super::entry::{Fate, Leg};
use super::input::Row;
use super::moment::{Moment, later};
use super::recent::Mark;
use super::seam::{Gate, Journal, Record};

/// Set in the numbers of fills that the broker does not number.
pub(super) const MADE: u64 = 1 << 63;

/// A trade of one order number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trade {
    pub(super) qty: Qty,
    pub(super) price: Price,
    /// Won: qty × price, or the exact difference of totals.
    pub(super) value: Money,
    pub(super) fill_no: Option<u64>,
    pub(super) at: Timestamp,
    pub(super) inferred: bool,
}

/// What a fill notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// A fill that was not counted.
    New,
    /// One that was.
    Told,
    /// Only the list can tell.
    Doubtful,
}

fn judge(leg: &Leg, qty: Qty, cumulative: Option<Qty>, at: Timestamp) -> Verdict {
    match cumulative {
        Some(cumulative) if cumulative <= leg.base => return Verdict::Told,
        Some(cumulative) if cumulative.saturating_sub(qty) < leg.base => return Verdict::Doubtful,
        Some(_) => {}
        None if leg.explained_until.is_some_and(|until| at <= until) => return Verdict::Doubtful,
        None => {}
    }
    if leg.frozen || qty > leg.left() {
        return Verdict::Doubtful;
    }
    Verdict::New
}

impl<J: Journal, G: Gate> Desk<J, G> {
    /// A fill notice of a number that can be filled.
    #[expect(
        clippy::too_many_arguments,
        reason = "a fill notice is that many facts"
    )]
    pub(super) fn fill_told(
        &mut self,
        now: Moment,
        leg: usize,
        qty: Qty,
        price: Price,
        fill_no: Option<u64>,
        cumulative: Option<Qty>,
        at: Timestamp,
        out: &mut impl Effects,
    ) {
        let order_no = self.store.legs[leg].order_no;
        let mark = Mark::of(order_no, fill_no, qty, price, at);
        let is_repeat = !self.recent.insert(mark);
        let verdict = match (is_repeat, mark) {
            (true, Mark::Numbered(..)) => Verdict::Told,
            (true, Mark::Alike(..)) => Verdict::Doubtful,
            (false, _) if qty.is_zero() => Verdict::Doubtful,
            (false, _) => judge(&self.store.legs[leg], qty, cumulative, at),
        };
        let value = price.value(qty);
        match (verdict, value) {
            (Verdict::New, Some(value)) => {
                let inferred = false;
                let trade = Trade {
                    qty,
                    price,
                    value,
                    fill_no,
                    at,
                    inferred,
                };
                self.count(now, leg, trade, out);
                if cumulative.is_some_and(|cumulative| cumulative > self.store.legs[leg].filled) {
                    // An earlier one is missing: it may come, or be lost.
                    self.reads.doubt(now.elapsed, &self.config);
                }
            }
            (Verdict::Told, _) => self.counters.repeated += 1,
            (Verdict::New | Verdict::Doubtful, _) => {
                self.counters.doubted += 1;
                let leg = &mut self.store.legs[leg];
                leg.frozen |= qty > leg.left() && !is_repeat;
                self.reads.doubt(now.elapsed, &self.config);
            }
        }
    }

    /// What the list shows of a number beyond what was counted, once, as one inferred fill.
    pub(super) fn fill_listed(
        &mut self,
        now: Moment,
        leg: usize,
        row: &Row,
        out: &mut impl Effects,
    ) {
        let record = &self.store.legs[leg];
        let missing = row.filled.saturating_sub(record.filled);
        if missing.is_zero() {
            if row.filled == record.filled {
                self.store.legs[leg].frozen = false;
            }
            return;
        }
        let value = row.filled_value.checked_sub(record.value);
        let exact = value.and_then(|value| value.per_share(missing).map(|price| (price, value)));
        // A wrong price told earlier can make the difference of the amounts no price at all.
        let average = || {
            let price = row.filled_value.per_share(row.filled)?;
            Some((price, price.value(missing)?))
        };
        let Some((price, value)) = exact.or_else(average) else {
            self.counters.unusable_rows += 1;
            return;
        };
        let at = now.at;
        let trade = Trade {
            qty: missing,
            price,
            value,
            fill_no: None,
            at,
            inferred: true,
        };
        if !self.count(now, leg, trade, out) {
            return;
        }
        self.counters.inferred += 1;
        let broker_now = now.at.saturating_add_nanos(self.clock_offset_ns);
        let record = &mut self.store.legs[leg];
        record.frozen = false;
        record.base = row.filled;
        record.explained_until = Some(later(broker_now, self.config.fill_margin));
    }

    /// Reports a count that the list has not reached although it must have caught up.
    pub(super) fn dispute(
        &mut self,
        now: Moment,
        started: Moment,
        leg: usize,
        row: &Row,
        out: &mut impl Effects,
    ) {
        let record = &mut self.store.legs[leg];
        let caught_up = started.elapsed >= record.filled_at.saturating_add(self.config.list_lag);
        if row.filled >= record.filled || !caught_up || record.disputed {
            return;
        }
        record.disputed = true;
        record.frozen = true;
        let (order_no, counted) = (record.order_no, record.filled);
        let id = self.store.entries[record.entry].id;
        let (account, listed, at) = (self.account, row.filled, now.at);
        out.push(Effect::Event(ExecutionEvent::Disputed {
            account,
            id,
            order_no,
            counted,
            listed,
            at,
        }));
    }

    /// Counts a trade and tells of it. `false` when the totals cannot hold it.
    fn count(&mut self, now: Moment, leg: usize, trade: Trade, out: &mut impl Effects) -> bool {
        let record = &mut self.store.legs[leg];
        let entry = &mut self.store.entries[record.entry];
        let sums = (
            record.filled.checked_add(trade.qty),
            record.value.checked_add(trade.value),
            entry.filled.checked_add(trade.qty),
            entry.value.checked_add(trade.value),
        );
        let (Some(filled), Some(value), Some(entry_filled), Some(entry_value)) = sums else {
            self.counters.contradictions += 1;
            return false;
        };
        (record.filled, record.value, record.filled_at) = (filled, value, now.elapsed);
        (entry.filled, entry.value, entry.updated_at) = (entry_filled, entry_value, trade.at);
        let order_no = record.order_no;
        let request = entry.request;
        let remaining = entry.remaining();
        let key = record.entry;
        self.made_fills += 1;
        let mut fill = Fill::new(
            trade.fill_no.unwrap_or(MADE | self.made_fills),
            request.id,
            order_no,
            self.account,
            request.symbol,
            request.venue,
            request.side,
            trade.qty,
            trade.price,
            trade.at,
        );
        fill.inferred = trade.inferred;
        self.note(&Record::Filled {
            order_no,
            filled,
            value,
            inferred: trade.inferred,
        });
        let cumulative = entry_filled;
        out.push(Effect::Event(ExecutionEvent::Filled {
            fill,
            cumulative,
            remaining,
        }));
        self.end_if_done(now, key);
        true
    }

    /// Ends an order of which nothing is left.
    pub(super) fn end_if_done(&mut self, now: Moment, key: usize) {
        let entry = &self.store.entries[key];
        if entry.fate != Fate::Working || !entry.remaining().is_zero() {
            return;
        }
        let status = if entry.cancelled.is_zero() {
            OrderStatus::Filled
        } else if entry.expired {
            OrderStatus::Expired
        } else {
            OrderStatus::Cancelled
        };
        self.end_order(now, key, status);
    }

    pub(super) fn end_order(&mut self, now: Moment, key: usize, status: OrderStatus) {
        if let Some(order_no) = self.number_of(key) {
            self.note(&Record::Ended { order_no, status });
        }
        self.store.end(key, Fate::Ended(status), now.elapsed);
        if self.config.exact_stream {
            self.store.settle(key);
        }
    }

    /// Whether a fill of a number cannot be counted yet: its modification has not taken effect.
    pub(super) fn awaits_effect(&self, leg: usize) -> bool {
        let leg = &self.store.legs[leg];
        leg.command == OrderCommand::Modify && !leg.is_live()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{OrderKind, OrderNo};

    fn leg() -> Leg {
        let number = OrderNo::new(1).unwrap();
        Leg::new(
            number,
            None,
            0,
            OrderCommand::Place,
            0,
            Qty::new(10),
            OrderKind::Market,
        )
    }

    #[test]
    fn what_the_list_explained_is_not_counted_again() {
        let at = Timestamp::from_nanos;
        let ask = |leg: &Leg, qty, cumulative: Option<u64>, when| {
            judge(leg, Qty::new(qty), cumulative.map(Qty::new), at(when))
        };
        let mut leg = leg();
        assert_eq!(ask(&leg, 10, None, 0), Verdict::New);
        assert_eq!(
            ask(&leg, 11, None, 0),
            Verdict::Doubtful,
            "more than was ordered"
        );
        (leg.base, leg.filled, leg.explained_until) = (Qty::new(4), Qty::new(4), Some(at(100)));
        assert_eq!(ask(&leg, 3, Some(4), 0), Verdict::Told);
        assert_eq!(
            ask(&leg, 3, Some(6), 0),
            Verdict::Doubtful,
            "partly explained"
        );
        assert_eq!(
            ask(&leg, 3, Some(7), 0),
            Verdict::New,
            "the cumulative quantity outranks the time"
        );
        assert_eq!(ask(&leg, 3, None, 100), Verdict::Doubtful);
        assert_eq!(ask(&leg, 3, None, 101), Verdict::New);
        leg.frozen = true;
        assert_eq!(ask(&leg, 3, None, 101), Verdict::Doubtful);
    }
}
