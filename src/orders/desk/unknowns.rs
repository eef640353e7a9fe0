//! Finding unknown orders among those that the list shows.

use crate::domain::{
    ExecutionEvent, Money, OrderCommand, OrderKind, OrderNo, OrderRequest, PendingOrder, Qty,
    Resolution, Side, Symbol, Timestamp, Venue,
};

use super::Desk;
use super::absence::Evidence;
use super::effect::{Effect, Effects, Ticket};
use super::entry::{Entry, Fate, Piece};
use super::input::{News, Notice, Row};
use super::moment::{Moment, earlier, later};
use super::pending::{Pending, Phase};
use super::seam::{Gate, Journal, Record};
use super::submit::same_fingerprint;

/// Candidates that an event names.
const CANDIDATES_MAX: usize = 16;

/// Whether a row is what the request asked for, word by word, as far as the row tells.
fn matches(request: &OrderRequest, row: &Row) -> bool {
    let kind = request.kind;
    let price = kind.limit_price();
    row.symbol == request.symbol
        && row.side == request.side
        && row.qty == request.qty
        && (price.is_none() || row.price == price)
        && row.order_type.is_none_or(|order_type| order_type == kind.order_type())
        && row.time_in_force.is_none_or(|tif| tif == request.time_in_force)
        // A smart-routed order may come back under the venue that it was routed to.
        && row.venue.is_none_or(|venue| venue == request.venue || request.venue == Venue::Sor)
}

/// An acceptance that waits for a number shows an order as a row does.
fn row_of(notice: &Notice) -> Option<Row> {
    match (notice.news, notice.order_qty) {
        (
            News::Accepted {
                command: OrderCommand::Place,
                price,
            },
            Some(qty),
        ) => Some(Row {
            order_no: notice.order_no,
            original_no: None,
            command: OrderCommand::Place,
            symbol: notice.symbol,
            venue: None,
            side: notice.side,
            order_type: None,
            time_in_force: None,
            price,
            qty,
            confirmed: Qty::ZERO,
            filled: Qty::ZERO,
            filled_value: Money::ZERO,
            remaining: qty,
            refused: false,
            at: notice.at,
        }),
        (
            News::Accepted { .. }
            | News::Filled { .. }
            | News::Modified { .. }
            | News::Cancelled { .. }
            | News::Refused { .. },
            _,
        ) => None,
    }
}

impl<J: Journal, G: Gate> Desk<J, G> {
    /// Decides unknown new orders by the rows of numbers that are no order's of this desk.
    pub(super) fn match_unknowns(&mut self, now: Moment, rows: &[&Row], out: &mut impl Effects) {
        let mut free: Vec<Row> = rows
            .iter()
            .filter(|row| row.command == OrderCommand::Place && self.is_free(row.order_no))
            .map(|row| **row)
            .collect();
        let told: Vec<Row> = self.held.iter().filter_map(row_of).collect();
        free.extend(told);
        // The list's row comes before the notice's of the same number.
        free.sort_by_key(|row| row.order_no);
        free.dedup_by_key(|row| row.order_no);

        let tickets: Vec<Ticket> = self
            .pending
            .all()
            .iter()
            .map(|pending| pending.ticket)
            .collect();
        for ticket in tickets {
            if let Some(index) = self.pending.index_of(ticket) {
                self.match_unknown(now, index, &mut free, out);
            }
        }
        self.match_absent(now, &free, out);
    }

    /// Decides one, and its equals with it.
    fn match_unknown(
        &mut self,
        now: Moment,
        index: usize,
        free: &mut Vec<Row>,
        out: &mut impl Effects,
    ) {
        let pending = self.pending.all()[index];
        if pending.command != OrderCommand::Place || !pending.is_unknown() {
            return;
        }
        self.pending.all_mut()[index].candidates = 0;
        let found: Vec<Row> = free
            .iter()
            .filter(|row| self.is_candidate(&pending, row))
            .copied()
            .collect();
        if found.is_empty() {
            return;
        }
        let request = self.store.entries[pending.entry].request;
        let (equals, rivals): (Vec<&Pending>, Vec<&Pending>) = self
            .pending
            .all()
            .iter()
            .filter(|other| {
                other.command == OrderCommand::Place
                    && found.iter().any(|row| self.is_candidate(other, row))
            })
            .partition(|other| {
                same_fingerprint(&self.store.entries[other.entry].request, &request)
            });
        if equals
            .iter()
            .chain(&rivals)
            .any(|other| other.phase == Phase::Sending)
        {
            // The answer of the one in flight may take one of these away.
            return;
        }
        let in_time = found.iter().all(|row| self.is_in_window(&pending, row));
        let tickets: Vec<Ticket> = equals.iter().map(|other| other.ticket).collect();
        if !rivals.is_empty() || found.len() > tickets.len() || !in_time {
            let numbers: Vec<OrderNo> = found.iter().map(|row| row.order_no).collect();
            return self.unresolved(now, index, &numbers, out);
        }
        // Equals are interchangeable, so the first sent gets the lowest number.
        for (ticket, row) in tickets.into_iter().zip(found) {
            if let Some(index) = self.pending.index_of(ticket) {
                free.retain(|other| other.order_no != row.order_no);
                self.accept(now, index, row.order_no, row.at, true, out);
            }
        }
    }

    /// Orders that counted as absent and appear after all.
    fn match_absent(&mut self, now: Moment, free: &[Row], out: &mut impl Effects) {
        for row in free {
            let wanted =
                self.pending.all().iter().any(|other| {
                    other.command == OrderCommand::Place && self.is_candidate(other, row)
                });
            let late = self.pending.absent().find(|decided| {
                decided.command == OrderCommand::Place
                    && self.store.entry_of(decided.id).is_some_and(|entry| {
                        let entry = &self.store.entries[entry];
                        entry.fate == Fate::Absent
                            && matches(&entry.request, row)
                            && self.is_new_since(row.order_no, entry.known)
                            && self.our_time(row)
                                >= earlier(entry.sent.at, self.config.window_margin)
                    })
            });
            if let (false, Some(&decided)) = (wanted, late) {
                self.pending.take_decided(decided.ticket);
                self.revive_absent(now, &decided, row.order_no, row.at, out);
            }
        }
    }

    /// Whether a number may be that of an order in flight, so that it is not somebody else's yet.
    pub(super) fn may_be_in_flight(&self, row: &Row) -> bool {
        self.pending.all().iter().any(|pending| {
            pending.command == OrderCommand::Place
                && pending.phase == Phase::Sending
                && matches(&self.store.entries[pending.entry].request, row)
        })
    }

    /// Whether a missing order may explain something that was seen: then it is not absent.
    pub(super) fn may_explain(&self, pending: &Pending) -> bool {
        let request = &self.store.entries[pending.entry].request;
        pending.command == OrderCommand::Place
            && (pending.candidates > 0
                || self.held.iter().any(|notice| {
                    notice.symbol == request.symbol
                        && notice.side == request.side
                        && self.store.leg_of(notice.order_no).is_none()
                }))
    }

    /// Reports a command that cannot be decided, once for each set of candidates.
    pub(super) fn unresolved(
        &mut self,
        now: Moment,
        index: usize,
        candidates: &[OrderNo],
        out: &mut impl Effects,
    ) {
        let pending = &mut self.pending.all_mut()[index];
        let is_known = pending.phase == Phase::Unresolved && pending.reported == candidates.len();
        (pending.phase, pending.candidates) = (Phase::Unresolved, candidates.len());
        pending.reported = candidates.len();
        if is_known {
            return;
        }
        let (ticket, id, command) = (pending.ticket, pending.id, pending.command);
        self.note(&Record::Unresolved {
            ticket,
            candidates: candidates.len(),
        });
        let named = candidates.iter().copied().take(CANDIDATES_MAX).collect();
        out.push(Effect::Event(ExecutionEvent::Resolved {
            account: self.account,
            id,
            command,
            resolution: Resolution::Unresolved { candidates: named },
            at: now.at,
        }));
    }

    /// Reports the commands for which the list could not decide in time.
    pub(super) fn report_undecidable(&mut self, now: Moment, out: &mut impl Effects) {
        for index in 0..self.pending.all().len() {
            let pending = &self.pending.all()[index];
            let until = pending
                .deadline
                .saturating_add(self.config.unresolved_after);
            if pending.phase == Phase::Unknown && until <= now.elapsed {
                self.unresolved(now, index, &[], out);
            }
        }
    }

    /// A number that an answer gave to an order belongs to another one: the order is unknown again.
    pub(super) fn disown(
        &mut self,
        now: Moment,
        leg: usize,
        symbol: Symbol,
        side: Side,
        qty: Option<Qty>,
        out: &mut impl Effects,
    ) {
        self.counters.mixed_up += 1;
        self.reads.doubt(now.elapsed, &self.config);
        let record = &self.store.legs[leg];
        let entry = record.entry;
        let order = &self.store.entries[entry];
        let can_go = record.ours
            && record.command == OrderCommand::Place
            && record.filled.is_zero()
            && order.legs == 1
            && order.fate == Fate::Working
            && self
                .pending
                .all()
                .iter()
                .all(|pending| pending.entry != entry);
        if !can_go {
            return;
        }
        let order_no = record.order_no;
        let kind = OrderKind::Market;
        let request =
            OrderRequest::new(self.account, symbol, side, qty.unwrap_or(record.qty), kind);
        let (original_no, command) = (None, OrderCommand::Place);
        self.note(&Record::External {
            order_no,
            original_no,
            command,
            request,
        });
        let stranger = self.store.insert(Entry::new(request, Fate::Working, now));
        self.store.move_leg(leg, stranger);
        self.store.entries[stranger].current = Some(leg);
        let learned = self.store.learn();
        let record = &mut self.store.legs[leg];
        (record.ours, record.reported, record.learned) = (false, true, learned);
        // What it really is, the list says.
        (record.qty, record.kind, record.listed) = (request.qty, kind, false);
        out.push(Effect::Event(ExecutionEvent::External {
            account: self.account,
            order_no,
            original_no,
            command,
            symbol,
            side,
            qty: request.qty,
            at: now.at,
        }));
        self.reopen(now, entry, out);
    }

    /// Looks again for an order that lost its number.
    fn reopen(&mut self, now: Moment, entry: usize, out: &mut impl Effects) {
        let order = &mut self.store.entries[entry];
        order.fate = Fate::Unknown;
        let (id, ticket) = (order.id, order.ticket);
        let pending = Pending {
            ticket,
            entry,
            id,
            command: OrderCommand::Place,
            target: None,
            qty: None,
            kind: order.request.kind,
            piece: Piece::Undecided,
            phase: Phase::Unknown,
            sent: order.sent,
            deadline: order.deadline,
            known: order.known,
            since: now.elapsed,
            next_look: now.elapsed,
            evidence: Evidence::default(),
            candidates: 0,
            reported: 0,
        };
        self.pending.insert(pending);
        self.note(&Record::Unknown { ticket });
        let since = PendingOrder {
            id,
            since: pending.sent.at,
        };
        let (account, command) = (self.account, pending.command);
        out.push(Effect::Event(ExecutionEvent::Unknown {
            account,
            pending: since,
            command,
        }));
    }

    /// Whether a number is no order's of this desk.
    fn is_free(&self, order_no: OrderNo) -> bool {
        match self.store.leg_of(order_no) {
            Some(leg) => self.store.entries[self.store.legs[leg].entry].is_external(),
            None => !self.store.is_archived(order_no),
        }
    }

    fn is_candidate(&self, pending: &Pending, row: &Row) -> bool {
        matches(&self.store.entries[pending.entry].request, row)
            && self.is_new_since(row.order_no, pending.known)
            && self.our_time(row) >= earlier(pending.sent.at, self.config.window_margin)
    }

    /// Whether a number was not known when the count of learned numbers was `known`.
    fn is_new_since(&self, order_no: OrderNo, known: u64) -> bool {
        self.store
            .leg_of(order_no)
            .is_none_or(|leg| self.store.legs[leg].learned > known)
    }

    /// Whether the broker took a row's order between the send and the deadline.
    fn is_in_window(&self, pending: &Pending, row: &Row) -> bool {
        let margin = self.config.window_margin;
        let deadline = later(pending.sent.at, self.config.answer_within);
        self.our_time(row) <= later(deadline, margin)
    }

    /// The time of a row by our clock.
    fn our_time(&self, row: &Row) -> Timestamp {
        row.at
            .saturating_add_nanos(self.clock_offset_ns.saturating_neg())
    }
}
