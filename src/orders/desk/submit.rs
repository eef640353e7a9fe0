//! Commands: the checks before a send, each of which is proof that nothing leaves, then journal and write.

use crate::domain::{
    CancelRequest, ClientOrderId, ExecutionEvent, ModifyRequest, OrderCommand, OrderNo, OrderRef,
    OrderRequest, Qty, Resolution,
};
use crate::error::{Bounded, Error, Result};

use super::Desk;
use super::absence::Evidence;
use super::effect::{Effect, Effects, Instruction, Ticket, WriteRequest};
use super::entry::{Entry, Fate, Piece};
use super::moment::Moment;
use super::pending::{Decided, Pending, Phase};
use super::seam::{Gate, Journal, Record};

/// How somebody decides an unknown command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Look again, on the schedule from its start.
    Look,
    /// It is that order.
    Is(OrderNo),
    /// It never arrived.
    Absent,
}

/// What `cancel_all` did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CancelledAll {
    /// Cancels that are on their way.
    pub sent: usize,
    /// Orders that may live and got none: not found yet, or another command of theirs is on its way.
    pub left: usize,
}

impl<J: Journal, G: Gate> Desk<J, G> {
    /// A new order: checks, fingerprint lock, journal, then [`Effect::Write`]. Returns the command and the order's
    /// number by which everything else about it comes.
    ///
    /// # Errors
    /// Proof that nothing is sent: the gate's refusal, an id used before, [`Error::Busy`] while an order of the same
    /// fingerprint is in flight or unknown, [`Error::Blocked`], [`Error::ConsumerBehind`], [`Error::Full`], and the
    /// journal's failure.
    pub fn place(
        &mut self,
        now: Moment,
        request: &OrderRequest,
        out: &mut impl Effects,
    ) -> Result<(Ticket, ClientOrderId)> {
        self.place_when(now, request, || Ok(()), out)
    }

    /// [`Desk::place`], with one more check behind all others: the limiter, of which an order that is refused here takes
    /// nothing.
    ///
    /// # Errors
    /// As [`Desk::place`], and those of `admitted`.
    pub fn place_when(
        &mut self,
        now: Moment,
        request: &OrderRequest,
        admitted: impl FnOnce() -> Result<()>,
        out: &mut impl Effects,
    ) -> Result<(Ticket, ClientOrderId)> {
        self.advance(now, out);
        if request.qty.is_zero() {
            return Err(Error::invalid("qty", request.qty, "at least 1 share"));
        }
        if request.account != self.account {
            return Err(Error::invalid(
                "account",
                request.account,
                "the account of this desk",
            ));
        }
        self.gate.check(request, now)?;
        self.may_add_orders()?;
        self.lock(request)?;
        let id = self.take_id(request.id)?;
        if !self.store.make_room() {
            return Err(full(Bounded::Orders, self.config.orders_max));
        }
        admitted()?;
        let request = request.with_id(id);
        let ticket = self.next_ticket();
        self.record(&Record::Place {
            ticket,
            request,
            at: now.at,
        })?;

        let deadline = now.elapsed.saturating_add(self.config.answer_within);
        let mut entry = Entry::new(request, Fate::Sending, now);
        (entry.ticket, entry.deadline, entry.known) = (ticket, deadline, self.store.learned());
        let entry = self.store.insert(entry);
        self.send(
            now,
            ticket,
            entry,
            Instruction::Place,
            Piece::Undecided,
            out,
        );
        Ok((ticket, id))
    }

    /// A new price or kind, of all that is left or of a part.
    ///
    /// # Errors
    /// As [`Desk::place`]; also when the order is not working, or another command of it is in flight or unknown.
    pub fn modify(
        &mut self,
        now: Moment,
        request: &ModifyRequest,
        out: &mut impl Effects,
    ) -> Result<(Ticket, ClientOrderId)> {
        self.modify_when(now, request, || Ok(()), out)
    }

    /// [`Desk::modify`], with one more check behind all others.
    ///
    /// # Errors
    /// As [`Desk::modify`], and those of `admitted`.
    pub fn modify_when(
        &mut self,
        now: Moment,
        request: &ModifyRequest,
        admitted: impl FnOnce() -> Result<()>,
        out: &mut impl Effects,
    ) -> Result<(Ticket, ClientOrderId)> {
        self.advance(now, out);
        let (entry, target) = self.working(request.order)?;
        let record = &self.store.entries[entry];
        let mut changed = record.request;
        changed.kind = request.kind;
        let remaining = record.remaining();
        let part = check_qty(request.qty, remaining)?.filter(|&qty| qty < remaining);
        self.may_change(entry)?;
        if let Some(qty) = part {
            changed.qty = qty;
        }
        self.gate.check(&changed, now)?;
        self.may_add_orders()?;
        let piece = match part {
            None => Piece::Whole,
            Some(_) => Piece::Part(self.take_id(request.part_id)?),
        };
        admitted()?;
        let id = self.store.entries[entry].id;
        let ticket = self.next_ticket();
        let part_id = match piece {
            Piece::Part(part_id) => Some(part_id),
            Piece::Whole | Piece::Undecided => None,
        };
        self.record(&Record::Modify {
            ticket,
            id,
            target,
            qty: part,
            kind: request.kind,
            part_id,
            at: now.at,
        })?;
        let instruction = Instruction::Modify {
            target,
            qty: part,
            kind: request.kind,
        };
        self.send(now, ticket, entry, instruction, piece, out);
        Ok((ticket, id))
    }

    /// A cancel, of all that is left or of a part. Not stopped by anything that stops new orders.
    ///
    /// A cancel of all that is left may be repeated while an earlier one is unknown: it cannot add exposure. A partial
    /// one may not.
    ///
    /// # Errors
    /// When the order is not working, or a command of it is on its way; for a part also while one is unknown.
    pub fn cancel(
        &mut self,
        now: Moment,
        request: &CancelRequest,
        out: &mut impl Effects,
    ) -> Result<(Ticket, ClientOrderId)> {
        self.cancel_when(now, request, || Ok(()), out)
    }

    /// [`Desk::cancel`], with one more check behind all others.
    ///
    /// # Errors
    /// As [`Desk::cancel`], and those of `admitted`.
    pub fn cancel_when(
        &mut self,
        now: Moment,
        request: &CancelRequest,
        admitted: impl FnOnce() -> Result<()>,
        out: &mut impl Effects,
    ) -> Result<(Ticket, ClientOrderId)> {
        self.advance(now, out);
        let (entry, target) = self.working(request.order)?;
        let remaining = self.store.entries[entry].remaining();
        let part = check_qty(request.qty, remaining)?.filter(|&qty| qty < remaining);
        if part.is_some() {
            self.may_change(entry)?;
        } else if self.is_sending(entry) {
            let id = self.store.entries[entry].id;
            return Err(Error::Busy { id });
        }
        admitted()?;
        Ok(self.send_cancel(now, entry, target, part, out))
    }

    /// Cancels all that is left of every order that has a number. Not stopped by anything.
    pub fn cancel_all(&mut self, now: Moment, out: &mut impl Effects) -> CancelledAll {
        self.advance(now, out);
        let mut done = CancelledAll::default();
        let live: Vec<(usize, Fate)> = self
            .store
            .entries
            .iter()
            .map(|(key, entry)| (key, entry.fate))
            .collect();
        for (entry, fate) in live {
            let number = self.number_of(entry);
            match (fate, number) {
                (Fate::Working, Some(target)) if !self.is_sending(entry) => {
                    self.send_cancel(now, entry, target, None, out);
                    done.sent += 1;
                }
                (Fate::Working | Fate::Sending | Fate::Unknown, _) => done.left += 1,
                (Fate::Absent | Fate::Ended(_), _) => {}
            }
        }
        done
    }

    /// Decides an unknown command, or looks for it again. Applies to the oldest undecided command of the order.
    ///
    /// # Errors
    /// When the order has none, or the number that is named cannot be it.
    pub fn resolve(
        &mut self,
        now: Moment,
        id: ClientOrderId,
        decision: Decision,
        out: &mut impl Effects,
    ) -> Result<()> {
        self.advance(now, out);
        let index = self
            .pending
            .all()
            .iter()
            .position(|pending| pending.id == id && pending.is_unknown())
            .ok_or_else(|| {
                Error::not_found("undecided order", id, "an order whose outcome is unknown")
            })?;
        match decision {
            Decision::Look => {
                let pending = &mut self.pending.all_mut()[index];
                (pending.since, pending.next_look) = (now.elapsed, now.elapsed);
                pending.phase = Phase::Unknown;
                pending.candidates = 0;
                self.reads.want(now.elapsed);
                self.advance(now, out);
            }
            Decision::Is(order_no) => {
                let ticket = self.pending.all()[index].ticket;
                self.accept(now, index, order_no, now.at, true, out);
                if self.pending.index_of(ticket).is_some() {
                    return Err(Error::invalid(
                        "order number",
                        order_no,
                        "a number that the order can have",
                    ));
                }
            }
            Decision::Absent => self.conclude_absent(now, index, out),
        }
        Ok(())
    }

    /// A command was looked for long enough, or somebody knows that it never arrived.
    pub(super) fn conclude_absent(&mut self, now: Moment, index: usize, out: &mut impl Effects) {
        let pending = self.pending.remove(index);
        self.note(&Record::Absent {
            ticket: pending.ticket,
        });
        self.pending.decide(Decided {
            ticket: pending.ticket,
            id: pending.id,
            command: pending.command,
            order_no: None,
        });
        if pending.command == OrderCommand::Place {
            self.store.end(pending.entry, Fate::Absent, now.elapsed);
            self.store.settle(pending.entry);
        }
        out.push(Effect::Event(ExecutionEvent::Resolved {
            account: self.account,
            id: pending.id,
            command: pending.command,
            resolution: Resolution::Absent,
            at: now.at,
        }));
        self.flush_unwanted(now, out);
    }

    /// Whether new orders and modifications are taken at all.
    fn may_add_orders(&self) -> Result<()> {
        if let Some(by) = self.blocked_by() {
            return Err(Error::Blocked { by });
        }
        if let Some(capacity) = self.consumer_behind {
            return Err(Error::ConsumerBehind { capacity });
        }
        if self.pending.is_full() {
            return Err(full(Bounded::Commands, self.config.pending_max));
        }
        Ok(())
    }

    /// The fingerprint lock: an order that the list could not tell from this one must be decided first.
    fn lock(&self, request: &OrderRequest) -> Result<()> {
        let mut alike = self.pending.all().iter().filter(|pending| {
            pending.command == OrderCommand::Place
                && same_fingerprint(&self.store.entries[pending.entry].request, request)
        });
        match alike.nth(self.config.identical_max.max(1) - 1) {
            Some(pending) => Err(Error::Busy { id: pending.id }),
            None => Ok(()),
        }
    }

    fn take_id(&mut self, id: ClientOrderId) -> Result<ClientOrderId> {
        if !id.is_auto() {
            if self.id_taken(id) {
                return Err(Error::invalid(
                    "id",
                    id,
                    "a number that was not used before, or 0",
                ));
            }
            self.next_id = self.next_id.max(id.get().saturating_add(1));
            return Ok(id);
        }
        let id = ClientOrderId::new(self.next_id);
        if self.id_taken(id) {
            return Err(full(Bounded::OrderIds, usize::MAX));
        }
        self.next_id = self.next_id.saturating_add(1);
        Ok(id)
    }

    /// The order and its number, if it may be changed.
    fn working(&self, order: OrderRef) -> Result<(usize, OrderNo)> {
        let entry = self
            .store
            .find(order)
            .ok_or_else(|| Error::not_found("order", order, "an order of today"))?;
        let record = &self.store.entries[entry];
        match (record.fate, self.number_of(entry)) {
            (Fate::Working, Some(order_no)) => Ok((entry, order_no)),
            (Fate::Sending | Fate::Unknown, _) => Err(Error::Busy { id: record.id }),
            (Fate::Absent | Fate::Ended(_), _) | (Fate::Working, None) => Err(Error::not_found(
                "order",
                order,
                "an order that has not ended",
            )),
        }
    }

    /// Whether no other command of the order is under way, so that a change can be found by its original number.
    fn may_change(&self, entry: usize) -> Result<()> {
        let record = &self.store.entries[entry];
        let in_flight = self
            .pending
            .all()
            .iter()
            .any(|pending| pending.entry == entry);
        if in_flight || record.open_modify.is_some() || record.open_cancel.is_some() {
            return Err(Error::Busy { id: record.id });
        }
        if record.legs >= self.config.numbers_max {
            let limit = self.config.numbers_max;
            return Err(Error::Full {
                what: Bounded::OrderNumbers,
                limit,
            });
        }
        Ok(())
    }

    fn is_sending(&self, entry: usize) -> bool {
        self.pending
            .all()
            .iter()
            .any(|pending| pending.entry == entry && pending.phase == Phase::Sending)
    }

    fn send_cancel(
        &mut self,
        now: Moment,
        entry: usize,
        target: OrderNo,
        qty: Option<Qty>,
        out: &mut impl Effects,
    ) -> (Ticket, ClientOrderId) {
        let ticket = self.next_ticket();
        let id = self.store.entries[entry].id;
        self.note(&Record::Cancel {
            ticket,
            id,
            target,
            qty,
            at: now.at,
        });
        self.send(
            now,
            ticket,
            entry,
            Instruction::Cancel { target, qty },
            Piece::Whole,
            out,
        );
        (ticket, id)
    }

    /// Hands a journaled command over. From here on it ends by an outcome only.
    fn send(
        &mut self,
        now: Moment,
        ticket: Ticket,
        entry: usize,
        instruction: Instruction,
        piece: Piece,
        out: &mut impl Effects,
    ) {
        let order = self.store.entries[entry].request;
        let (target, qty, kind) = match instruction {
            Instruction::Place => (None, None, order.kind),
            Instruction::Modify { target, qty, kind } => (Some(target), qty, kind),
            Instruction::Cancel { target, qty } => (Some(target), qty, order.kind),
        };
        let deadline = now.elapsed.saturating_add(self.config.answer_within);
        self.pending.insert(Pending {
            ticket,
            entry,
            id: order.id,
            command: instruction.command(),
            target,
            qty,
            kind,
            piece,
            phase: Phase::Sending,
            sent: now,
            deadline,
            known: self.store.learned(),
            since: now.elapsed,
            next_look: deadline,
            evidence: Evidence::default(),
            candidates: 0,
            reported: 0,
        });
        out.push(Effect::Write(WriteRequest {
            ticket,
            id: order.id,
            order,
            instruction,
            deadline,
        }));
    }

    const fn next_ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }
}

/// Whether the broker's list could not tell one from the other: everything but the id.
pub(super) fn same_fingerprint(a: &OrderRequest, b: &OrderRequest) -> bool {
    a.with_id(ClientOrderId::AUTO) == b.with_id(ClientOrderId::AUTO)
}

fn check_qty(qty: Option<Qty>, remaining: Qty) -> Result<Option<Qty>> {
    match qty {
        Some(qty) if qty.is_zero() || qty > remaining => Err(Error::invalid(
            "qty",
            qty,
            format!("1 to the remaining {remaining}"),
        )),
        Some(_) | None => Ok(qty),
    }
}

fn full(what: Bounded, limit: usize) -> Error {
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    Error::Full { what, limit }
}
