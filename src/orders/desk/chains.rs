//! Modifications and cancels: numbers of their own that belong to the order whose number they change.

use crate::domain::{
    CancelReason, ClientOrderId, ExecutionEvent, OrderCommand, OrderKind, OrderNo, OrderStatus,
    Price, Qty, RefusalReason,
};

use super::Desk;
use super::effect::{Effect, Effects};
use super::entry::{Entry, Fate, Leg, Piece};
use super::moment::Moment;
use super::seam::{Gate, Journal, Record};

/// A number that changes another, as it is first told of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    pub(super) order_no: OrderNo,
    pub(super) command: OrderCommand,
    /// Kind and price from then on, where told.
    pub(super) kind: Option<OrderKind>,
    /// The limit price, if any, where told.
    pub(super) told: Option<Option<Price>>,
}

impl<J: Journal, G: Gate> Desk<J, G> {
    /// A number that changes a known one belongs to its order, whoever asked for it.
    pub(super) fn adopt_change(
        &mut self,
        now: Moment,
        original: usize,
        change: Change,
        out: &mut impl Effects,
    ) -> usize {
        let Change {
            order_no,
            command,
            kind,
            told,
        } = change;
        let (entry, target) = {
            let leg = &self.store.legs[original];
            (leg.entry, leg.order_no)
        };
        let index = self.asked_for(entry, target, command, told, None);
        let asked = index.map(|index| self.pending.all()[index]);
        let kind = asked
            .map(|pending| pending.kind)
            .or(kind)
            .unwrap_or(self.store.entries[entry].request.kind);
        let learned = self.store.learn();
        let mut leg = Leg::new(
            order_no,
            Some(target),
            entry,
            command,
            learned,
            Qty::ZERO,
            kind,
        );
        leg.told = told;
        leg.piece = asked.map_or(Piece::Undecided, |pending| pending.piece);
        let leg = self.store.add_leg(leg);
        self.open_change(entry, leg);
        self.note(&Record::Seen {
            order_no,
            original_no: target,
            command,
        });
        match (index, asked) {
            (Some(index), Some(pending)) if pending.is_unknown() => {
                self.accept(now, index, order_no, now.at, true, out);
            }
            // It may be the one in flight: its answer will say.
            (Some(_), _) => {}
            // It may still be one of this desk's, once its price is told.
            (None, _) if told.is_none() && self.pending.of(entry, command).is_some() => {}
            (None, _) => self.report_stray(now, leg, out),
        }
        leg
    }

    /// A modification took effect. `rest` is what the list shows to be left of the original, if the list tells of it.
    pub(super) fn modified(
        &mut self,
        now: Moment,
        leg: usize,
        qty: Qty,
        kind: OrderKind,
        rest: Option<Qty>,
        out: &mut impl Effects,
    ) {
        let Some(original) = self.original_of(leg) else {
            self.counters.contradictions += 1;
            return;
        };
        let (record, before) = (&self.store.legs[leg], &self.store.legs[original]);
        let (entry, order_no, original_no) = (record.entry, record.order_no, before.order_no);
        let (asked, left, moved) = (record.piece, before.left(), before.moved);
        if record.closed {
            self.counters.repeated += u64::from(rest.is_none());
            return;
        }
        let most = match rest {
            None => left,
            // The list outranks the count of fills, but no more can have moved than there was.
            Some(_) => before.qty.saturating_sub(moved),
        };
        if qty.is_zero() || qty > most {
            self.counters.contradictions += 1;
            return self.reads.doubt(now.elapsed, &self.config);
        }
        let piece = match (asked, rest) {
            (Piece::Undecided, _) if qty >= left => Piece::Whole,
            (Piece::Undecided, Some(rest)) if rest.is_zero() => Piece::Whole,
            (Piece::Undecided, Some(_)) => Piece::Part(self.part_id(original)),
            // Either a part, or all with a fill that was not told yet: the list shows it.
            (Piece::Undecided, None) => return self.reads.doubt(now.elapsed, &self.config),
            // Somebody else made the same change at the same time, and theirs was taken for this desk's.
            (Piece::Part(id), _) if self.store.is_used(id) => Piece::Part(self.part_id(original)),
            (piece @ (Piece::Whole | Piece::Part(_)), _) => piece,
        };
        let id = self.store.entries[entry].id;
        let before = &mut self.store.legs[original];
        before.moved = moved.checked_add(qty).unwrap_or(before.qty);
        let record = &mut self.store.legs[leg];
        (record.qty, record.kind, record.closed) = (qty, kind, true);
        self.close_change(entry, leg);
        let part_id = match piece {
            Piece::Part(part_id) => {
                self.split(now, entry, leg, part_id, qty, kind);
                part_id
            }
            Piece::Whole | Piece::Undecided => {
                let record = &mut self.store.entries[entry];
                (record.current, record.request.kind, record.updated_at) =
                    (Some(leg), kind, now.at);
                id
            }
        };
        let other = matches!(piece, Piece::Part(_)).then_some(part_id);
        self.note(&Record::Modified {
            original_no,
            order_no,
            qty,
            kind,
            part_id: other,
        });
        let (account, at) = (self.account, now.at);
        out.push(Effect::Event(ExecutionEvent::Modified {
            account,
            id,
            original_no,
            order_no,
            part_id,
            qty,
            kind,
            at,
        }));
        if piece == Piece::Whole && !self.store.legs[original].left().is_zero() {
            // What is left of a number that was changed whole can only have been filled.
            self.reads.doubt(now.elapsed, &self.config);
        }
        self.end_if_done(now, entry);
        self.rejoin(now, order_no, out);
    }

    /// Gives a part of an order to an order of its own.
    pub(super) fn split(
        &mut self,
        now: Moment,
        from: usize,
        leg: usize,
        id: ClientOrderId,
        qty: Qty,
        kind: OrderKind,
    ) {
        let parent = &mut self.store.entries[from];
        parent.cancelled = parent
            .cancelled
            .checked_add(qty)
            .unwrap_or(parent.request.qty);
        parent.updated_at = now.at;
        let mut request = parent.request.with_id(id);
        (request.qty, request.kind) = (qty, kind);
        let mut part = Entry::new(request, Fate::Working, now);
        part.known = self.store.learned();
        let part = self.store.insert(part);
        self.store.move_leg(leg, part);
        self.store.entries[part].current = Some(leg);
        self.move_changes(from, part);
    }

    /// Changes of a number that went to another order follow it.
    fn move_changes(&mut self, from: usize, to: usize) {
        let mut next = self.store.entries[from].first_leg;
        while let Some(leg) = next {
            next = self.store.legs[leg].next;
            let original = self.original_of(leg);
            if original.is_some_and(|original| self.store.legs[original].entry == to) {
                self.close_change(from, leg);
                self.store.move_leg(leg, to);
                if !self.store.legs[leg].closed {
                    self.open_change(to, leg);
                }
                // Later links of the chain may stand before this one.
                next = self.store.entries[from].first_leg;
            }
        }
    }

    /// A number for a part that somebody else made: of this desk's orders a new one, of others' none.
    fn part_id(&mut self, original: usize) -> ClientOrderId {
        let entry = self.store.legs[original].entry;
        if self.store.entries[entry].is_external() {
            return ClientOrderId::AUTO;
        }
        let id = ClientOrderId::new(self.next_id);
        self.next_id = self.next_id.saturating_add(1);
        id
    }

    /// A cancel took effect, or shares ended by themselves.
    pub(super) fn cancel_told(
        &mut self,
        now: Moment,
        leg: usize,
        qty: Option<Qty>,
        reason: CancelReason,
        out: &mut impl Effects,
    ) {
        let cancel = (self.store.legs[leg].command == OrderCommand::Cancel).then_some(leg);
        if cancel.is_some_and(|cancel| self.store.legs[cancel].closed) {
            self.counters.repeated += 1;
            return;
        }
        let target = match cancel {
            Some(cancel) => self.original_of(cancel),
            None => Some(leg),
        };
        let (Some(target), Some(qty)) = (target, qty) else {
            return self.reads.doubt(now.elapsed, &self.config);
        };
        let left = self.store.legs[target].left();
        if qty > left {
            if left.is_zero() && cancel.is_none() {
                self.counters.repeated += 1;
            } else {
                self.counters.contradictions += 1;
                self.reads.doubt(now.elapsed, &self.config);
            }
            return;
        }
        let reason = match cancel {
            Some(cancel) if self.is_asked(cancel) => CancelReason::Requested,
            Some(_) => CancelReason::External,
            None => reason,
        };
        self.cancelled(now, target, cancel, qty, reason, out);
        if qty < left {
            // Either a part was meant, or fills are missing.
            self.reads.doubt(now.elapsed, &self.config);
        }
    }

    /// Ends shares of a number without a fill.
    pub(super) fn cancelled(
        &mut self,
        now: Moment,
        target: usize,
        cancel: Option<usize>,
        qty: Qty,
        reason: CancelReason,
        out: &mut impl Effects,
    ) {
        let cancel_no = cancel.map(|cancel| self.store.legs[cancel].order_no);
        if let Some(cancel) = cancel {
            self.close_leg(cancel);
        }
        if qty.is_zero() {
            return;
        }
        let record = &mut self.store.legs[target];
        record.cancelled = record.cancelled.checked_add(qty).unwrap_or(record.qty);
        let (order_no, cancelled, entry) = (record.order_no, record.cancelled, record.entry);
        let order = &mut self.store.entries[entry];
        order.cancelled = order
            .cancelled
            .checked_add(qty)
            .unwrap_or(order.request.qty);
        order.expired |= reason == CancelReason::SessionEnd;
        order.updated_at = now.at;
        let (id, remaining) = (order.id, order.remaining());
        self.note(&Record::Cancelled {
            order_no,
            cancelled,
        });
        let (account, at) = (self.account, now.at);
        out.push(Effect::Event(ExecutionEvent::Cancelled {
            account,
            id,
            order_no,
            cancel_no,
            qty,
            remaining,
            reason,
            at,
        }));
        self.end_if_done(now, entry);
    }

    /// The exchange turned a number away.
    pub(super) fn rejected(
        &mut self,
        now: Moment,
        leg: usize,
        reason: RefusalReason,
        out: &mut impl Effects,
    ) {
        let record = &self.store.legs[leg];
        let (entry, order_no, command) = (record.entry, record.order_no, record.command);
        if record.refused {
            self.counters.repeated += 1;
            return;
        }
        let has_effect = match command {
            OrderCommand::Place => !record.filled.is_zero() || !record.cancelled.is_zero(),
            OrderCommand::Modify | OrderCommand::Cancel => record.closed,
        };
        if has_effect {
            self.counters.contradictions += 1;
            return self.reads.doubt(now.elapsed, &self.config);
        }
        let record = &mut self.store.legs[leg];
        record.refused = true;
        record.cancelled = record.qty;
        let qty = record.qty;
        if command == OrderCommand::Place {
            let order = &mut self.store.entries[entry];
            order.cancelled = order
                .cancelled
                .checked_add(qty)
                .unwrap_or(order.request.qty);
            order.updated_at = now.at;
            self.end_order(now, entry, OrderStatus::Refused);
        } else {
            self.close_leg(leg);
            self.reads.want(now.elapsed);
        }
        let (account, id, at) = (self.account, self.store.entries[entry].id, now.at);
        out.push(Effect::Event(ExecutionEvent::Rejected {
            account,
            id,
            order_no,
            command,
            reason,
            at,
        }));
    }

    /// The number that a change changes.
    pub(super) fn original_of(&self, leg: usize) -> Option<usize> {
        self.store.leg_of(self.store.legs[leg].original_no?)
    }

    pub(super) fn open_change(&mut self, entry: usize, leg: usize) {
        let order = &mut self.store.entries[entry];
        if order.ended.is_some() {
            return;
        }
        match self.store.legs[leg].command {
            OrderCommand::Modify => order.open_modify = Some(leg),
            OrderCommand::Cancel => order.open_cancel = Some(leg),
            OrderCommand::Place => {}
        }
    }

    pub(super) fn close_change(&mut self, entry: usize, leg: usize) {
        let order = &mut self.store.entries[entry];
        order.open_modify = order.open_modify.filter(|&open| open != leg);
        order.open_cancel = order.open_cancel.filter(|&open| open != leg);
    }

    /// Nothing more comes of a modification or a cancel.
    pub(super) fn close_leg(&mut self, leg: usize) {
        let record = &mut self.store.legs[leg];
        if record.closed {
            return;
        }
        record.closed = true;
        let (entry, order_no) = (record.entry, record.order_no);
        self.close_change(entry, leg);
        self.note(&Record::Closed { order_no });
    }
}
