//! The order list: the truth against which everything else is settled.

use crate::domain::{
    CancelReason, ExecutionEvent, Fill, OrderCommand, OrderNo, OrderRef, OrderStatus, Qty,
    RefusalReason, TimeInForce, Venue,
};
use crate::error::Block;

use super::chains::Change;
use super::effect::{Effect, Effects, ReadId};
use super::entry::Fate;
use super::input::{OrderList, Row};
use super::moment::Moment;
use super::seam::{Gate, Journal, Record};
use super::{Desk, bit};

/// An ended order that a complete list does not show at all settles without it after so many list lags: 10 minutes by
/// default.
const UNLISTED_LAGS: u32 = 10;

impl<J: Journal, G: Gate> Desk<J, G> {
    /// A whole order list, of the read of that name.
    pub fn list_read(
        &mut self,
        now: Moment,
        id: ReadId,
        list: OrderList<'_>,
        out: &mut impl Effects,
    ) {
        if list.rows.len() > self.config.rows_max {
            return self.list_failed(now, id, out);
        }
        let Some(started) = self.reads.finish(id, true) else {
            self.counters.failed_reads += 1;
            return self.advance(now, out);
        };
        let mut rows: Vec<&Row> = list.rows.iter().filter(|row| row.is_sound()).collect();
        rows.sort_by_key(|row| row.order_no);
        let unusable = list.rows.len() - rows.len();

        self.check_known(now, &rows, out);
        self.adopt_changes(now, &rows, out);
        self.claim_changes(now, out);
        self.match_unknowns(now, &rows, out);
        self.adopt_strangers(now, &rows, out);
        self.adopt_changes(now, &rows, out);
        self.apply_changes(now, &rows, out);
        for row in &rows {
            self.apply_totals(now, started, id, row, out);
        }
        self.settle_ended(now, started, id);
        if unusable == 0 {
            self.weigh_absence(now, started, list.all_venues, out);
        } else {
            // Any of these rows may be what is missing.
            self.counters.unusable_rows += u64::try_from(unusable).unwrap_or(u64::MAX);
            self.distrust_absence();
        }
        self.caught_up(now, started, out);
        self.advance(now, out);
    }

    /// A list read failed, was refused, or brought something that could not be read whole. Nothing follows from it.
    pub fn list_failed(&mut self, now: Moment, id: ReadId, out: &mut impl Effects) {
        self.fail_read(id);
        self.advance(now, out);
    }

    pub(super) fn fail_read(&mut self, id: ReadId) {
        self.counters.failed_reads += 1;
        if self.reads.finish(id, false).is_some() {
            self.distrust_absence();
        }
    }

    fn distrust_absence(&mut self) {
        for pending in self.pending.all_mut() {
            pending.evidence.failed();
        }
    }

    /// Numbers that are known are what they are known for.
    fn check_known(&mut self, now: Moment, rows: &[&Row], out: &mut impl Effects) {
        for row in rows {
            let Some(leg) = self.store.leg_of(row.order_no) else {
                continue;
            };
            let record = &self.store.legs[leg];
            let entry = record.entry;
            let order = &self.store.entries[entry];
            let is_place = record.command == OrderCommand::Place;
            if record.command != row.command {
                self.counters.contradictions += 1;
                continue;
            }
            // A modification changes the price of the order, and not of the number that it was placed by.
            let other_price = record.kind.limit_price() != row.price
                && record.kind.limit_price().is_some()
                && row.price.is_some();
            let other_words =
                is_place && record.ours && (row.qty != order.request.qty || other_price);
            if row.symbol != order.request.symbol || row.side != order.request.side || other_words {
                self.disown(now, leg, row.symbol, row.side, Some(row.qty), out);
            }
            self.price_told(now, leg, row.price, out);
        }
    }

    /// A notice of somebody else's order may have told less than its row does.
    fn complete_stranger(&mut self, now: Moment, leg: usize, row: &Row) {
        let record = &self.store.legs[leg];
        let entry = record.entry;
        let is_place = (record.command, row.command) == (OrderCommand::Place, OrderCommand::Place);
        // What was counted already stays.
        let order = &self.store.entries[entry];
        let is_less = row.qty < record.qty.saturating_sub(record.left())
            || row.qty < order.request.qty.saturating_sub(order.remaining());
        if !is_place || is_less || record.listed || !self.store.entries[entry].is_external() {
            return;
        }
        let record_qty = record.qty;
        let request = self.request_of_row(row);
        (self.store.legs[leg].qty, self.store.legs[leg].kind) = (row.qty, request.kind);
        let order = &mut self.store.entries[entry];
        let kind = match order.current {
            Some(current) if current != leg => order.request.kind,
            Some(_) | None => request.kind,
        };
        order.request = request.with_id(order.id);
        order.request.kind = kind;
        if record_qty != row.qty {
            let (order_no, original_no, command) = (row.order_no, row.original_no, row.command);
            self.note(&Record::External {
                order_no,
                original_no,
                command,
                request,
            });
        }
        self.reopen_larger(entry);
        self.end_if_done(now, entry);
    }

    /// An order that ended by a smaller quantity than it has goes on.
    pub(super) fn reopen_larger(&mut self, entry: usize) {
        let order = &self.store.entries[entry];
        let ended = matches!(
            order.fate,
            Fate::Ended(OrderStatus::Filled | OrderStatus::Cancelled | OrderStatus::Expired)
        );
        if ended && !order.remaining().is_zero() {
            self.store.revive(entry);
        }
    }

    /// Numbers that change known ones join their orders. Each round finds the next links of the chains.
    fn adopt_changes(&mut self, now: Moment, rows: &[&Row], out: &mut impl Effects) {
        for _ in 0..rows.len() {
            let mut found = false;
            for row in rows {
                if row.command == OrderCommand::Place || self.store.is_known(row.order_no) {
                    continue;
                }
                let original = row
                    .original_no
                    .and_then(|original| self.store.leg_of(original));
                if let Some(original) = original {
                    let kind = row.kind_like(self.store.legs[original].kind);
                    let change = Change {
                        order_no: row.order_no,
                        command: row.command,
                        kind: Some(kind),
                        told: Some(row.price),
                    };
                    self.adopt_change(now, original, change, out);
                    found = true;
                }
            }
            if !found {
                break;
            }
        }
    }

    /// Numbers that nobody here asked for.
    fn adopt_strangers(&mut self, now: Moment, rows: &[&Row], out: &mut impl Effects) {
        for row in rows {
            if row.command != OrderCommand::Place
                || self.store.is_known(row.order_no)
                || self.may_be_in_flight(row)
            {
                continue;
            }
            let request = self.request_of_row(row);
            self.adopt_stranger(now, row.order_no, row.original_no, request, out);
            self.rejoin(now, row.order_no, out);
        }
    }

    /// Modifications that took effect, and commands that the exchange turned away.
    fn apply_changes(&mut self, now: Moment, rows: &[&Row], out: &mut impl Effects) {
        for row in rows {
            let Some(leg) = self.store.leg_of(row.order_no) else {
                continue;
            };
            let record = &self.store.legs[leg];
            if record.refused || record.command != row.command {
                continue;
            }
            let (is_closed, is_filled, kind) =
                (record.closed, !record.filled.is_zero(), record.kind);
            match (record.command, row.refused) {
                (OrderCommand::Place, true) if !is_filled && record.cancelled.is_zero() => {
                    self.rejected(now, leg, RefusalReason::Other, out);
                }
                (OrderCommand::Modify | OrderCommand::Cancel, true) if !is_closed => {
                    self.rejected(now, leg, RefusalReason::Other, out);
                }
                (OrderCommand::Modify, false) if !is_closed && !row.confirmed.is_zero() => {
                    let kind = row.kind_like(kind);
                    let rest = row
                        .original_no
                        .and_then(|original| remaining_of(rows, original));
                    self.modified(now, leg, row.confirmed, kind, rest.or(Some(Qty::ZERO)), out);
                }
                (OrderCommand::Place | OrderCommand::Modify | OrderCommand::Cancel, _) => {}
            }
        }
        // After all modifications, so that what they moved is not taken for cancelled.
        for row in rows {
            let leg = self.store.leg_of(row.order_no);
            if let (OrderCommand::Cancel, Some(leg)) = (row.command, leg) {
                self.store.legs[leg].listed |= !row.confirmed.is_zero();
            }
        }
    }

    /// The totals of a number: fills first, then what ended without one.
    fn apply_totals(
        &mut self,
        now: Moment,
        started: Moment,
        id: ReadId,
        row: &Row,
        out: &mut impl Effects,
    ) {
        let Some(leg) = self.store.leg_of(row.order_no) else {
            return self.apply_archived(now, row, out);
        };
        self.complete_stranger(now, leg, row);
        if !self.store.legs[leg].is_live() || self.store.legs[leg].refused {
            self.close_confirmed(leg, row);
            return;
        }
        if row.command == OrderCommand::Modify && row.confirmed.is_zero() {
            // The list is of before the modification took effect, which a notice has told.
            return;
        }
        if !self.fits(leg, row) {
            self.counters.contradictions += 1;
            return;
        }
        self.fill_listed(now, leg, row, out);
        self.dispute(now, started, leg, row, out);
        self.correct_cancelled(leg);
        let record = &self.store.legs[leg];
        let closed = row.closed().saturating_sub(record.moved);
        let ended = closed.saturating_sub(record.cancelled).min(record.left());
        if !ended.is_zero() {
            let cancel = self.cancel_of(leg);
            let reason = self.reason_of(leg, cancel);
            self.cancelled(now, leg, cancel, ended, reason, out);
        }
        let record = &mut self.store.legs[leg];
        record.listed = true;
        let agrees = row.filled == record.filled && row.remaining == record.left();
        if agrees || record.disputed {
            record.agreed = id.0;
        }
    }

    /// Whether a row is of the order that its number is known for.
    fn fits(&self, leg: usize, row: &Row) -> bool {
        let record = &self.store.legs[leg];
        let request = &self.store.entries[record.entry].request;
        let qty = match row.command {
            OrderCommand::Modify => row.confirmed,
            OrderCommand::Place | OrderCommand::Cancel => row.qty,
        };
        row.command == record.command
            && row.symbol == request.symbol
            && row.side == request.side
            && qty == record.qty
    }

    /// A cancel whose effect the list confirms is done, even where its target shows no difference.
    fn close_confirmed(&mut self, leg: usize, row: &Row) {
        let record = &self.store.legs[leg];
        if record.command == OrderCommand::Cancel && !row.confirmed.is_zero() {
            let confirmed_target = self.original_of(leg).is_some_and(|target| {
                // Rows come by number, so the target's totals were applied before.
                self.store.legs[target].listed
            });
            if confirmed_target {
                self.close_leg(leg);
            }
        }
    }

    /// More cannot have been cancelled than was not filled.
    fn correct_cancelled(&mut self, leg: usize) {
        let record = &mut self.store.legs[leg];
        let most = record
            .qty
            .saturating_sub(record.filled)
            .saturating_sub(record.moved);
        let excess = record.cancelled.saturating_sub(most);
        if excess.is_zero() {
            return;
        }
        record.cancelled = most;
        let (order_no, cancelled) = (record.order_no, record.cancelled);
        let entry = &mut self.store.entries[record.entry];
        entry.cancelled = entry.cancelled.saturating_sub(excess);
        self.note(&Record::Cancelled {
            order_no,
            cancelled,
        });
    }

    /// The cancel that ended shares of a number: one that the list confirms before one that is only open.
    fn cancel_of(&self, target: usize) -> Option<usize> {
        let record = &self.store.legs[target];
        self.store
            .legs_of(record.entry)
            .filter(|&leg| {
                let leg = &self.store.legs[leg];
                leg.command == OrderCommand::Cancel
                    && leg.original_no == Some(record.order_no)
                    && !leg.closed
            })
            .min_by_key(|&leg| (!self.store.legs[leg].listed, leg))
    }

    fn reason_of(&self, leg: usize, cancel: Option<usize>) -> CancelReason {
        if let Some(cancel) = cancel {
            return if self.is_asked(cancel) {
                CancelReason::Requested
            } else {
                CancelReason::External
            };
        }
        let entry = self.store.legs[leg].entry;
        match self.store.entries[entry].request.time_in_force {
            TimeInForce::Ioc => CancelReason::ImmediateOrCancel,
            TimeInForce::Fok => CancelReason::FillOrKill,
            TimeInForce::Day => CancelReason::External,
        }
    }

    /// Fills of a number of which only the totals are kept.
    fn apply_archived(&mut self, now: Moment, row: &Row, out: &mut impl Effects) {
        let made = self.made_fills + 1;
        let (account, venue) = (self.account, row.venue.unwrap_or(Venue::Krx));
        let Some(archived) = self.store.archived_mut(row.order_no) else {
            return;
        };
        let missing = row.filled.saturating_sub(archived.filled);
        let price = row
            .filled_value
            .checked_sub(archived.value)
            .and_then(|value| value.per_share(missing));
        let Some(price) = price else {
            return;
        };
        (archived.filled, archived.value) = (row.filled, row.filled_value);
        let id = archived.id;
        self.made_fills = made;
        let mut fill = Fill::new(
            super::fills::MADE | made,
            id,
            row.order_no,
            account,
            row.symbol,
            venue,
            row.side,
            missing,
            price,
            now.at,
        );
        fill.inferred = true;
        self.counters.inferred += 1;
        let (order_no, filled, value) = (row.order_no, row.filled, row.filled_value);
        self.note(&Record::Filled {
            order_no,
            filled,
            value,
            inferred: true,
        });
        let cumulative = if id.is_auto() {
            row.filled
        } else {
            self.store.add_archived(id, missing)
        };
        let remaining = row.remaining;
        out.push(Effect::Event(ExecutionEvent::Filled {
            fill,
            cumulative,
            remaining,
        }));
    }

    /// Ended orders with which a late enough list agrees need no more lists.
    fn settle_ended(&mut self, now: Moment, started: Moment, id: ReadId) {
        if !self.store.has_unsettled() {
            return;
        }
        let lag = self.config.list_lag;
        let agreed: Vec<usize> = self
            .store
            .entries
            .iter()
            .filter(|(key, entry)| {
                let Some(ended) = entry.ended.filter(|_| !entry.settled) else {
                    return false;
                };
                let unlisted =
                    now.elapsed >= ended.saturating_add(lag.saturating_mul(UNLISTED_LAGS));
                started.elapsed >= ended.saturating_add(lag)
                    && self
                        .pending
                        .all()
                        .iter()
                        .all(|pending| pending.entry != *key)
                    && self.store.legs_of(*key).all(|leg| {
                        let leg = &self.store.legs[leg];
                        !leg.is_live()
                            || leg.refused
                            || leg.agreed == id.0
                            || (unlisted && !leg.listed)
                    })
            })
            .map(|(key, _)| key)
            .collect();
        for entry in agreed {
            self.store.settle(entry);
        }
    }

    /// Commands that were looked for long enough are absent.
    fn weigh_absence(
        &mut self,
        now: Moment,
        started: Moment,
        all_venues: bool,
        out: &mut impl Effects,
    ) {
        let mut index = 0;
        while index < self.pending.all().len() {
            let pending = &mut self.pending.all_mut()[index];
            if pending.is_unknown() {
                let deadline = pending.deadline;
                pending
                    .evidence
                    .complete(started.elapsed, deadline, all_venues, &self.config);
            }
            let pending = self.pending.all()[index];
            let absent = pending.is_unknown()
                && pending.evidence.is_absent(
                    now.elapsed,
                    pending.sent.elapsed,
                    pending.deadline,
                    self.stream_since,
                    &self.config,
                )
                && !self.may_explain(&pending);
            if absent {
                self.conclude_absent(now, index, out);
            } else {
                index += 1;
            }
        }
    }

    /// What waited for a list that began late enough.
    fn caught_up(&mut self, now: Moment, started: Moment, out: &mut impl Effects) {
        if self
            .resync_after
            .is_some_and(|after| started.elapsed >= after)
        {
            self.resync_after = None;
            let (account, at) = (self.account, now.at);
            out.push(Effect::Event(ExecutionEvent::Resynced { account, at }));
        }
        if started.elapsed >= self.reconcile_after {
            self.blocks &= !bit(Block::Reconciling);
        }
    }

    /// When an order ended, for tests and displays that wait for settlement.
    pub fn is_settled(&self, order: impl Into<OrderRef>) -> Option<bool> {
        self.store
            .find(order.into())
            .map(|entry| self.store.entries[entry].settled)
    }
}

/// What the list shows to be left of a number.
fn remaining_of(rows: &[&Row], order_no: OrderNo) -> Option<Qty> {
    rows.binary_search_by_key(&order_no, |row| row.order_no)
        .ok()
        .map(|index| rows[index].remaining)
}
