//! Whose a change is: this desk's, by its number, command and price, or somebody else's.

use crate::domain::{ExecutionEvent, OrderCommand, OrderNo, Price, Qty, Timestamp};

use super::Desk;
use super::effect::{Effect, Effects};
use super::entry::Leg;
use super::input::kind_of;
use super::moment::Moment;
use super::pending::Pending;
use super::seam::{Gate, Journal, Record};

impl<J: Journal, G: Gate> Desk<J, G> {
    /// The broker tells of the price of a modification that was known by its number only.
    pub(super) fn price_told(
        &mut self,
        now: Moment,
        leg: usize,
        price: Option<Price>,
        out: &mut impl Effects,
    ) {
        let record = &mut self.store.legs[leg];
        if record.command != OrderCommand::Modify || record.told.is_some() {
            return;
        }
        record.told = Some(price);
        if record.ours || record.closed {
            return;
        }
        record.kind = kind_of(None, price, record.kind);
        let (entry, order_no, told) = (record.entry, record.order_no, record.told);
        let Some(target) = record.original_no else {
            return;
        };
        match self.asked_for(entry, target, OrderCommand::Modify, told, Some(leg)) {
            Some(index) => {
                let pending = self.pending.all()[index];
                let record = &mut self.store.legs[leg];
                (record.kind, record.piece) = (pending.kind, pending.piece);
                if pending.is_unknown() {
                    self.accept(now, index, order_no, now.at, true, out);
                }
            }
            None => self.report_stray(now, leg, out),
        }
    }

    /// The command that may have made a change: of this order, number and price, and not taken by another number than
    /// `leg` yet.
    pub(super) fn asked_for(
        &self,
        entry: usize,
        target: OrderNo,
        command: OrderCommand,
        told: Option<Option<Price>>,
        leg: Option<usize>,
    ) -> Option<usize> {
        self.pending.all().iter().position(|pending| {
            pending.entry == entry
                && pending.command == command
                && pending.target == Some(target)
                && may_be_price(pending, told)
                && self
                    .find_change(pending)
                    .is_none_or(|taken| Some(taken) == leg)
        })
    }

    /// Makes a number the one of a change that this desk asked for. `false` when it cannot be.
    pub(super) fn own_change(&mut self, pending: &Pending, order_no: OrderNo) -> bool {
        let leg = match self.store.leg_of(order_no) {
            Some(leg) => {
                let record = &self.store.legs[leg];
                let fits =
                    record.command == pending.command && record.original_no == pending.target;
                if record.ours || !fits {
                    return false;
                }
                leg
            }
            None if self.store.is_archived(order_no) => return false,
            None => {
                // The number that it changes says whose it is, wherever that number went meanwhile.
                let Some(target) = pending.target.and_then(|target| self.store.leg_of(target))
                else {
                    return false;
                };
                let learned = self.store.learn();
                let (entry, command) = (self.store.legs[target].entry, pending.command);
                let leg = Leg::new(
                    order_no,
                    pending.target,
                    entry,
                    command,
                    learned,
                    Qty::ZERO,
                    pending.kind,
                );
                self.store.add_leg(leg)
            }
        };
        let record = &mut self.store.legs[leg];
        record.ours = true;
        record.reported = true;
        if !record.closed {
            (record.kind, record.piece) = (pending.kind, pending.piece);
            let entry = record.entry;
            self.open_change(entry, leg);
        }
        true
    }

    /// Gives unknown changes the numbers that may be theirs and were told before they became unknown.
    pub(super) fn claim_changes(&mut self, now: Moment, out: &mut impl Effects) {
        let mut index = 0;
        while let Some(pending) = self.pending.all().get(index).copied() {
            match self.find_change(&pending) {
                Some(leg) if pending.is_unknown() => {
                    let order_no = self.store.legs[leg].order_no;
                    self.accept(now, index, order_no, now.at, true, out);
                }
                Some(_) | None => {}
            }
            let is_there = self.pending.index_of(pending.ticket).is_some();
            index += usize::from(is_there);
        }
    }

    /// A number that an unknown change may have: of its command and original, learned since, and nobody's yet.
    pub(super) fn find_change(&self, pending: &Pending) -> Option<usize> {
        if pending.command == OrderCommand::Place {
            return None;
        }
        self.store
            .legs
            .iter()
            .filter(|(_, leg)| {
                leg.command == pending.command
                    && leg.original_no == pending.target
                    && leg.learned > pending.known
                    && !leg.ours
                    && may_be_price(pending, leg.told)
            })
            .min_by_key(|(_, leg)| leg.order_no)
            .map(|(key, _)| key)
    }

    /// Reports the numbers of a command that no command of this desk can have any more.
    pub(super) fn report_strays(
        &mut self,
        now: Moment,
        entry: usize,
        command: OrderCommand,
        out: &mut impl Effects,
    ) {
        if self.pending.of(entry, command).is_some() {
            return;
        }
        let mut next = self.store.entries[entry].first_leg;
        while let Some(leg) = next {
            next = self.store.legs[leg].next;
            if self.store.legs[leg].command == command && !self.store.legs[leg].ours {
                self.report_stray(now, leg, out);
            }
        }
    }

    pub(super) fn report_stray(&mut self, now: Moment, leg: usize, out: &mut impl Effects) {
        let record = &mut self.store.legs[leg];
        if record.reported {
            return;
        }
        record.reported = true;
        let (order_no, original_no, command) =
            (record.order_no, record.original_no, record.command);
        let request = self.store.entries[record.entry].request;
        self.note(&Record::External {
            order_no,
            original_no,
            command,
            request,
        });
        let at: Timestamp = now.at;
        out.push(Effect::Event(ExecutionEvent::External {
            account: self.account,
            order_no,
            original_no,
            command,
            symbol: request.symbol,
            side: request.side,
            qty: request.qty,
            at,
        }));
    }

    /// Whether a change is, or may be, one that this desk asked for.
    pub(super) fn is_asked(&self, leg: usize) -> bool {
        let record = &self.store.legs[leg];
        record.ours || self.pending.of(record.entry, record.command).is_some()
    }
}

/// Whether a modification of which that price is told may be this one. Before anything is told it may not, unless this
/// one names no price either. A cancel has no price of its own.
fn may_be_price(pending: &Pending, told: Option<Option<Price>>) -> bool {
    let asked = pending.kind.limit_price();
    match told {
        _ if pending.command != OrderCommand::Modify || asked.is_none() => true,
        None => false,
        Some(None) => true,
        Some(price) => price == asked,
    }
}
