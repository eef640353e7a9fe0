//! Send outcomes: what a written request became, as far as an answer, or its absence, proves it.

use std::sync::Arc;

use crate::domain::{
    BrokerCode, ExecutionEvent, OrderCommand, OrderNo, OrderResult, OrderStatus, PendingOrder,
    Receipt, Refusal, RefusalReason, Resolution, Timestamp,
};

use super::Desk;
use super::effect::{Effect, Effects, Ticket};
use super::entry::{Fate, Leg};
use super::input::Answer;
use super::moment::Moment;
use super::pending::{self, Decided, Phase};
use super::seam::{Gate, Journal, Record};

impl<J: Journal, G: Gate> Desk<J, G> {
    /// The writer knows that no byte of the request left: limiter, connect, TLS, or a write that took nothing.
    pub fn not_written(&mut self, now: Moment, ticket: Ticket, out: &mut impl Effects) {
        match self.pending.index_of(ticket) {
            Some(index) => self.forget_unsent(now, index, out),
            None => self.counters.late_answers += 1,
        }
        self.advance(now, out);
    }

    /// The write broke off after `written` bytes, or the connection ended before a whole answer.
    pub fn cut(&mut self, now: Moment, ticket: Ticket, written: usize, out: &mut impl Effects) {
        if written == 0 {
            return self.not_written(now, ticket, out);
        }
        self.answered(now, ticket, Answer::Unclear, out);
    }

    /// An answer came, in time or late.
    pub fn answered(
        &mut self,
        now: Moment,
        ticket: Ticket,
        answer: Answer,
        out: &mut impl Effects,
    ) {
        match (self.pending.index_of(ticket), answer) {
            (Some(index), Answer::Accepted { order_no, at }) => {
                self.accept(now, index, order_no, at, false, out);
            }
            (Some(index), Answer::Code { code, message }) => match self.refusals.reason(code) {
                Some(reason) => self.refuse(now, index, reason, code, message, out),
                None => self.make_unknown(now, index, out),
            },
            (Some(index), Answer::Unclear) => self.make_unknown(now, index, out),
            (None, answer) => match self.pending.take_decided(ticket) {
                Some(decided) => self.answer_decided(now, decided, answer, out),
                None => self.counters.late_answers += 1,
            },
        }
        self.advance(now, out);
    }

    /// Commands whose deadline has passed are unknown.
    pub(super) fn pass_deadlines(&mut self, now: Moment, out: &mut impl Effects) {
        let mut index = 0;
        while let Some(pending) = self.pending.all().get(index) {
            let ticket = pending.ticket;
            if pending.phase == Phase::Sending && pending.deadline <= now.elapsed {
                self.make_unknown(now, index, out);
            }
            // Becoming unknown may decide it at once, which removes it from the table.
            let is_there = self
                .pending
                .all()
                .get(index)
                .is_some_and(|pending| pending.ticket == ticket);
            index += usize::from(is_there);
        }
    }

    /// No answer proves what happened. Not a refusal, and never sent again.
    pub(super) fn make_unknown(&mut self, now: Moment, index: usize, out: &mut impl Effects) {
        let pending = &mut self.pending.all_mut()[index];
        if pending.phase != Phase::Sending {
            return;
        }
        pending.phase = Phase::Unknown;
        pending.since = now.elapsed;
        pending.next_look = pending::next_look(now.elapsed, now.elapsed);
        let pending = *pending;
        if pending.command == OrderCommand::Place {
            self.store.entries[pending.entry].fate = Fate::Unknown;
        }
        self.note(&Record::Unknown {
            ticket: pending.ticket,
        });
        let since = PendingOrder {
            id: pending.id,
            since: pending.sent.at,
        };
        let result = OrderResult::Unknown(since);
        out.push(Effect::Outcome {
            ticket: pending.ticket,
            result,
        });
        let (account, command) = (self.account, pending.command);
        out.push(Effect::Event(ExecutionEvent::Unknown {
            account,
            pending: since,
            command,
        }));
        // A change may have been told by the stream already, under its new number.
        if let Some(leg) = self.find_change(&pending) {
            let order_no = self.store.legs[leg].order_no;
            self.accept(now, index, order_no, now.at, true, out);
        }
    }

    /// The broker has a command, by its answer or because it was found.
    pub(super) fn accept(
        &mut self,
        now: Moment,
        index: usize,
        order_no: OrderNo,
        at: Timestamp,
        inferred: bool,
        out: &mut impl Effects,
    ) {
        let pending = self.pending.all()[index];
        let bound = match pending.command {
            OrderCommand::Place => self.bind(pending.entry, order_no, at),
            OrderCommand::Modify | OrderCommand::Cancel => self.own_change(&pending, order_no),
        };
        if !bound {
            // The number is another order's: the answer is not to be trusted.
            self.counters.mixed_up += 1;
            return self.make_unknown(now, index, out);
        }
        self.pending.remove(index);
        let (ticket, id) = (pending.ticket, pending.id);
        self.note(&Record::Accepted {
            ticket,
            order_no,
            inferred,
            at,
        });
        let receipt = Receipt {
            id,
            order_no,
            at,
            inferred,
        };
        let (account, command) = (self.account, pending.command);
        if pending.phase == Phase::Sending {
            let result = OrderResult::Accepted(receipt);
            out.push(Effect::Outcome { ticket, result });
            if command == OrderCommand::Place {
                out.push(Effect::Event(ExecutionEvent::Accepted { account, receipt }));
            }
        } else {
            let resolution = Resolution::Accepted(receipt);
            out.push(Effect::Event(ExecutionEvent::Resolved {
                account,
                id,
                command,
                resolution,
                at,
            }));
        }
        if inferred {
            let order_no = Some(order_no);
            self.pending.decide(Decided {
                ticket,
                id,
                command,
                order_no,
            });
        }
        if command != OrderCommand::Place {
            self.report_strays(now, pending.entry, command, out);
        }
        self.end_if_done(now, pending.entry);
        self.rejoin(now, order_no, out);
        self.flush_unwanted(now, out);
    }

    /// The broker said no, by a code of the closed list.
    fn refuse(
        &mut self,
        now: Moment,
        index: usize,
        reason: RefusalReason,
        code: BrokerCode,
        message: Option<Arc<str>>,
        out: &mut impl Effects,
    ) {
        let pending = self.pending.remove(index);
        let (ticket, command) = (pending.ticket, pending.command);
        let refusal = Refusal {
            id: pending.id,
            reason,
            code,
            message,
        };
        let first = pending.phase == Phase::Sending;
        self.keep_refusal(now, first, ticket, command, refusal, out);
        if command == OrderCommand::Place {
            self.end_refused(now, pending.entry);
        } else {
            self.report_strays(now, pending.entry, command, out);
            // Most often the order has just been filled or ended.
            self.reads.want(now.elapsed);
        }
        self.flush_unwanted(now, out);
    }

    /// Journals a refusal and tells it: as the outcome where it is the first thing known, as a resolution where it is not.
    fn keep_refusal(
        &mut self,
        now: Moment,
        first: bool,
        ticket: Ticket,
        command: OrderCommand,
        refusal: Refusal,
        out: &mut impl Effects,
    ) {
        let (account, id, at) = (self.account, refusal.id, now.at);
        self.note(&Record::Refused {
            ticket,
            reason: refusal.reason,
            code: refusal.code,
        });
        if first {
            let result = OrderResult::Refused(Box::new(refusal.clone()));
            out.push(Effect::Outcome { ticket, result });
            out.push(Effect::Event(ExecutionEvent::Refused {
                account,
                command,
                refusal,
                at,
            }));
        } else {
            let resolution = Resolution::Refused(refusal);
            out.push(Effect::Event(ExecutionEvent::Resolved {
                account,
                id,
                command,
                resolution,
                at,
            }));
        }
    }

    /// An order that the broker never took ends; the list has nothing to add.
    fn end_refused(&mut self, now: Moment, entry: usize) {
        self.store
            .end(entry, Fate::Ended(OrderStatus::Refused), now.elapsed);
        self.store.settle(entry);
    }

    fn forget_unsent(&mut self, now: Moment, index: usize, out: &mut impl Effects) {
        let pending = self.pending.remove(index);
        self.note(&Record::NotSent {
            ticket: pending.ticket,
        });
        if pending.command == OrderCommand::Place {
            self.store.remove_unsent(pending.entry);
        } else {
            self.report_strays(now, pending.entry, pending.command, out);
        }
        out.push(Effect::Event(ExecutionEvent::NotSent {
            account: self.account,
            id: pending.id,
            command: pending.command,
            at: now.at,
        }));
        self.flush_unwanted(now, out);
    }

    /// An answer of a command that was decided without it.
    fn answer_decided(
        &mut self,
        now: Moment,
        decided: Decided,
        answer: Answer,
        out: &mut impl Effects,
    ) {
        self.counters.late_answers += 1;
        match (decided.order_no, answer) {
            (Some(found), Answer::Accepted { order_no, .. }) if found == order_no => {}
            (None, Answer::Accepted { order_no, at }) => {
                self.revive_absent(now, &decided, order_no, at, out);
            }
            (None, Answer::Code { code, message }) => {
                let (ticket, id, command) = (decided.ticket, decided.id, decided.command);
                match self.refusals.reason(code) {
                    Some(reason) => {
                        let refusal = Refusal {
                            id,
                            reason,
                            code,
                            message,
                        };
                        self.keep_refusal(now, false, ticket, command, refusal, out);
                        if let (OrderCommand::Place, Some(entry)) =
                            (command, self.store.entry_of(id))
                        {
                            self.end_refused(now, entry);
                        }
                    }
                    None => self.pending.decide(decided),
                }
            }
            (None, Answer::Unclear) => self.pending.decide(decided),
            (Some(_), Answer::Accepted { .. } | Answer::Code { .. } | Answer::Unclear) => {
                // What was found is not what the answer says. Both are looked at in the list.
                self.counters.contradictions += 1;
                self.reads.doubt(now.elapsed, &self.config);
            }
        }
    }

    /// A command that counted as absent exists: it was late, not lost.
    pub(super) fn revive_absent(
        &mut self,
        now: Moment,
        decided: &Decided,
        order_no: OrderNo,
        at: Timestamp,
        out: &mut impl Effects,
    ) {
        let Some(entry) = self.store.entry_of(decided.id) else {
            return;
        };
        if decided.command != OrderCommand::Place {
            // The change itself is found by the number that it changes, and told by what it does.
            self.reads.doubt(now.elapsed, &self.config);
            return;
        }
        if !self.bind(entry, order_no, at) {
            self.counters.mixed_up += 1;
            return;
        }
        let (account, id, command, ticket) =
            (self.account, decided.id, decided.command, decided.ticket);
        self.note(&Record::Accepted {
            ticket,
            order_no,
            inferred: true,
            at,
        });
        let receipt = Receipt {
            id,
            order_no,
            at,
            inferred: true,
        };
        let resolution = Resolution::Accepted(receipt);
        out.push(Effect::Event(ExecutionEvent::Resolved {
            account,
            id,
            command,
            resolution,
            at: now.at,
        }));
        self.end_if_done(now, entry);
        self.rejoin(now, order_no, out);
    }

    /// Gives an order its number. `false` when the number is another order's, of this desk or not.
    pub(super) fn bind(&mut self, entry: usize, order_no: OrderNo, at: Timestamp) -> bool {
        let leg = match self.store.leg_of(order_no) {
            Some(leg) => {
                let record = &self.store.legs[leg];
                let (other, qty, command) = (record.entry, record.qty, record.command);
                let theirs = &self.store.entries[other];
                let ours = &self.store.entries[entry].request;
                let fits = theirs.is_external()
                    && command == OrderCommand::Place
                    && (theirs.request.symbol, theirs.request.side) == (ours.symbol, ours.side)
                    && qty == ours.qty;
                if !fits {
                    return false;
                }
                let kind = ours.kind;
                self.take_over(other, entry);
                self.store.legs[leg].kind = kind;
                leg
            }
            None if self.store.is_archived(order_no) => return false,
            None => {
                let (qty, kind) = {
                    let request = &self.store.entries[entry].request;
                    (request.qty, request.kind)
                };
                let learned = self.store.learn();
                let command = OrderCommand::Place;
                self.store
                    .add_leg(Leg::new(order_no, None, entry, command, learned, qty, kind))
            }
        };
        self.store.legs[leg].ours = true;
        let record = &mut self.store.entries[entry];
        if record.current.is_none() {
            record.current = Some(leg);
        }
        (record.accepted_at, record.updated_at) = (at, at);
        self.store.revive(entry);
        true
    }
}
