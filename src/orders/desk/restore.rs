//! The desk made again from the day's journal.

use rustc_hash::FxHashMap;

use crate::domain::{
    AccountId, ClientOrderId, OrderCommand, OrderNo, OrderRequest, OrderStatus, Qty, Timestamp,
};
use crate::error::Block;

use super::absence::Evidence;
use super::effect::Ticket;
use super::entry::{Entry, Fate, Leg, Piece};
use super::moment::Moment;
use super::pending::{Pending, Phase};
use super::seam::{ClosedList, Gate, Journal, Record};
use super::{Config, Desk};

impl<J: Journal, G: Gate> Desk<J, G> {
    /// The desk as the records of the day left it. Commands without an end are unknown, whatever they were when the
    /// process ended, and no new order is taken before the list was read.
    ///
    /// Records that contradict the ones before them are counted and left out: the list is read anyway.
    pub fn restore(
        now: Moment,
        account: AccountId,
        config: Config,
        refusals: ClosedList,
        journal: J,
        gate: G,
        records: impl IntoIterator<Item = Record>,
    ) -> Self {
        let mut desk = Self::new(account, config, refusals, journal, gate);
        let mut commands = FxHashMap::default();
        for record in records {
            if desk.replay(now, &mut commands, record).is_none() {
                desk.counters.contradictions += 1;
            }
        }
        let entries: Vec<usize> = desk.store.entries.iter().map(|(key, _)| key).collect();
        for entry in entries {
            desk.end_if_done(now, entry);
        }
        for pending in desk.pending.all_mut() {
            // Which numbers were known at the send is not known any more, but for the ones in the journal.
            (pending.since, pending.next_look) = (now.elapsed, now.elapsed);
        }
        desk.block(Block::Reconciling);
        desk.reconcile_after = now.elapsed;
        desk.reads.want(now.elapsed);
        desk.last = Some(now);
        desk
    }

    /// Takes one record over; `None` when it does not fit.
    fn replay(
        &mut self,
        now: Moment,
        commands: &mut FxHashMap<Ticket, Pending>,
        record: Record,
    ) -> Option<()> {
        match record {
            Record::Place {
                ticket,
                request,
                at,
            } => {
                if request.id.is_auto() || self.id_taken(request.id) {
                    return None;
                }
                // The bound does not hold here: it is no reason to forget an order that was sent, and which orders are
                // settled is not in the journal, so that another one than before would make room.
                // The monotonic clock began anew: the deadline has passed.
                let sent = Moment {
                    elapsed: now.elapsed,
                    at,
                };
                let mut entry = Entry::new(request, Fate::Unknown, sent);
                (entry.ticket, entry.known) = (ticket, self.store.learned());
                entry.deadline = now.elapsed;
                self.see_id(request.id);
                let entry = self.store.insert(entry);
                self.replay_intent(now, commands, ticket, entry, OrderCommand::Place, at);
            }
            Record::Modify {
                ticket,
                id,
                target,
                qty,
                kind,
                part_id,
                at,
            } => {
                let leg = self.store.leg_of(target)?;
                let entry = self.store.legs[leg].entry;
                self.replay_intent(now, commands, ticket, entry, OrderCommand::Modify, at);
                let index = self.pending.index_of(ticket)?;
                let pending = &mut self.pending.all_mut()[index];
                (pending.id, pending.target, pending.qty, pending.kind) =
                    (id, Some(target), qty, kind);
                pending.piece = part_id.map_or(Piece::Whole, Piece::Part);
                commands.insert(ticket, *pending);
                if let Some(part_id) = part_id {
                    self.see_id(part_id);
                }
            }
            Record::Cancel {
                ticket,
                id,
                target,
                qty,
                at,
            } => {
                let leg = self.store.leg_of(target)?;
                let entry = self.store.legs[leg].entry;
                self.replay_intent(now, commands, ticket, entry, OrderCommand::Cancel, at);
                let index = self.pending.index_of(ticket)?;
                let pending = &mut self.pending.all_mut()[index];
                (pending.id, pending.target, pending.qty) = (id, Some(target), qty);
                commands.insert(ticket, *pending);
            }
            Record::NotSent { ticket } => {
                let pending = self
                    .pending
                    .index_of(ticket)
                    .map(|index| self.pending.remove(index))?;
                if pending.command == OrderCommand::Place {
                    self.store.remove_unsent(pending.entry);
                }
            }
            Record::Unknown { ticket } => self.replay_unknown(commands, ticket)?,
            Record::Unresolved { ticket, .. } => {
                let index = self.pending.index_of(ticket)?;
                self.pending.all_mut()[index].phase = Phase::Unresolved;
            }
            Record::Accepted {
                ticket,
                order_no,
                at,
                ..
            } => {
                let pending = *commands.get(&ticket)?;
                if let Some(index) = self.pending.index_of(ticket) {
                    self.pending.remove(index);
                }
                let bound = match pending.command {
                    OrderCommand::Place => {
                        let entry = self.store.entry_of(pending.id)?;
                        self.bind(entry, order_no, at)
                    }
                    OrderCommand::Modify | OrderCommand::Cancel => {
                        self.own_change(&pending, order_no)
                    }
                };
                return bound.then_some(());
            }
            Record::Refused { ticket, .. } => {
                let pending = *commands.get(&ticket)?;
                if let Some(index) = self.pending.index_of(ticket) {
                    self.pending.remove(index);
                }
                if pending.command == OrderCommand::Place {
                    let fate = Fate::Ended(OrderStatus::Refused);
                    let entry = self.store.entry_of(pending.id)?;
                    self.store.end(entry, fate, now.elapsed);
                    self.store.settle(entry);
                }
            }
            Record::Absent { ticket } => {
                let index = self.pending.index_of(ticket)?;
                let pending = self.pending.remove(index);
                if pending.command == OrderCommand::Place {
                    self.store.end(pending.entry, Fate::Absent, now.elapsed);
                    self.store.settle(pending.entry);
                }
            }
            Record::External {
                order_no,
                original_no,
                command,
                request,
            } => {
                self.replay_external(now, order_no, original_no, command, request)?;
            }
            Record::Seen {
                order_no,
                original_no,
                command,
            } => {
                let original = self.store.leg_of(original_no)?;
                if self.store.is_known(order_no) {
                    return None;
                }
                self.replay_change(original, order_no, command);
            }
            Record::Filled {
                order_no,
                filled,
                value,
                ..
            } => {
                let leg = self.store.leg_of(order_no)?;
                let record = &mut self.store.legs[leg];
                let entry = &mut self.store.entries[record.entry];
                let more = filled.checked_sub(record.filled)?;
                entry.filled = entry.filled.checked_add(more)?;
                entry.value = entry.value.checked_add(value.checked_sub(record.value)?)?;
                (record.filled, record.value) = (filled, value);
                self.made_fills += 1;
                // What was told before the start may be told again by the new stream.
                record.base = filled;
                record.explained_until = Some(now.at);
                record.filled_at = now.elapsed;
            }
            Record::Cancelled {
                order_no,
                cancelled,
            } => {
                let leg = self.store.leg_of(order_no)?;
                let record = &mut self.store.legs[leg];
                let entry = &mut self.store.entries[record.entry];
                entry.cancelled = entry
                    .cancelled
                    .saturating_sub(record.cancelled)
                    .checked_add(cancelled)?;
                record.cancelled = cancelled;
            }
            Record::Modified {
                original_no,
                order_no,
                qty,
                kind,
                part_id,
            } => {
                let original = self.store.leg_of(original_no)?;
                let leg = self.store.leg_of(order_no)?;
                let moved = self.store.legs[original].moved.checked_add(qty)?;
                self.store.legs[original].moved = moved;
                let entry = self.store.legs[leg].entry;
                let record = &mut self.store.legs[leg];
                (record.qty, record.kind, record.closed) = (qty, kind, true);
                self.close_change(entry, leg);
                if let Some(part_id) = part_id {
                    self.split(now, entry, leg, part_id, qty, kind);
                    self.see_id(part_id);
                } else {
                    let order = &mut self.store.entries[entry];
                    (order.current, order.request.kind) = (Some(leg), kind);
                }
            }
            Record::Closed { order_no } => {
                let leg = self.store.leg_of(order_no)?;
                let entry = self.store.legs[leg].entry;
                self.store.legs[leg].closed = true;
                self.close_change(entry, leg);
            }
            Record::Ended { order_no, status } => {
                let leg = self.store.leg_of(order_no)?;
                let entry = self.store.legs[leg].entry;
                self.store.end(entry, Fate::Ended(status), now.elapsed);
            }
        }
        Some(())
    }

    fn replay_intent(
        &mut self,
        now: Moment,
        commands: &mut FxHashMap<Ticket, Pending>,
        ticket: Ticket,
        entry: usize,
        command: OrderCommand,
        at: Timestamp,
    ) {
        self.tickets = self.tickets.max(ticket.0);
        let order = &self.store.entries[entry];
        let pending = Pending {
            ticket,
            entry,
            id: order.id,
            command,
            target: None,
            qty: None,
            kind: order.request.kind,
            piece: Piece::Whole,
            phase: Phase::Unknown,
            sent: Moment {
                elapsed: now.elapsed,
                at,
            },
            deadline: now.elapsed,
            known: self.store.learned(),
            since: now.elapsed,
            next_look: now.elapsed,
            evidence: Evidence::default(),
            candidates: 0,
            reported: 0,
        };
        self.pending.insert(pending);
        commands.insert(ticket, pending);
    }

    /// A command is unknown; one that had a number lost it.
    fn replay_unknown(
        &mut self,
        commands: &FxHashMap<Ticket, Pending>,
        ticket: Ticket,
    ) -> Option<()> {
        if self.pending.index_of(ticket).is_none() {
            let pending = *commands.get(&ticket)?;
            let entry = self.store.entry_of(pending.id)?;
            self.store.entries[entry].fate = Fate::Unknown;
            self.pending.insert(pending);
        }
        Some(())
    }

    fn replay_external(
        &mut self,
        now: Moment,
        order_no: OrderNo,
        original_no: Option<OrderNo>,
        command: OrderCommand,
        request: OrderRequest,
    ) -> Option<()> {
        let original = original_no.and_then(|original| self.store.leg_of(original));
        match (self.store.leg_of(order_no), command, original) {
            (None, OrderCommand::Place, _) => {
                self.keep(now, order_no, original_no, request);
            }
            (None, OrderCommand::Modify | OrderCommand::Cancel, original) => {
                let leg = self.replay_change(original?, order_no, command);
                self.store.legs[leg].reported = true;
            }
            (Some(leg), OrderCommand::Place, _) => {
                let entry = self.store.legs[leg].entry;
                if self.store.entries[entry].is_external() {
                    // The list told more than the first notice.
                    self.store.entries[entry].request.qty = request.qty;
                    self.reopen_larger(entry);
                } else {
                    // The number was taken for one of this desk's.
                    let stranger = self.store.insert(Entry::new(request, Fate::Working, now));
                    self.store.move_leg(leg, stranger);
                    self.store.entries[stranger].current = Some(leg);
                }
                let record = &mut self.store.legs[leg];
                (record.ours, record.qty, record.kind) = (false, request.qty, request.kind);
            }
            (Some(leg), OrderCommand::Modify | OrderCommand::Cancel, _) => {
                self.store.legs[leg].reported = true;
            }
        }
        Some(())
    }

    fn replay_change(
        &mut self,
        original: usize,
        order_no: OrderNo,
        command: OrderCommand,
    ) -> usize {
        let record = &self.store.legs[original];
        let (entry, target, kind) = (record.entry, record.order_no, record.kind);
        let learned = self.store.learn();
        let qty = Qty::ZERO;
        let leg = Leg::new(order_no, Some(target), entry, command, learned, qty, kind);
        let leg = self.store.add_leg(leg);
        self.open_change(entry, leg);
        leg
    }

    const fn see_id(&mut self, id: ClientOrderId) {
        if self.next_id <= id.get() {
            self.next_id = id.get().saturating_add(1);
        }
    }
}
