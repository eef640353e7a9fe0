//! The stream: each notice finds its order, waits for it, or is somebody else's.

use crate::domain::{OrderCommand, OrderNo, Price};

use super::Desk;
use super::chains::Change;
use super::effect::Effects;
use super::input::{News, Notice, kind_of};
use super::moment::Moment;
use super::pending::PendingTable;
use super::seam::{Gate, Journal};
use super::store::Store;

impl<J: Journal, G: Gate> Desk<J, G> {
    /// A notice of the stream.
    pub fn notice(&mut self, now: Moment, notice: &Notice, out: &mut impl Effects) {
        self.route(now, notice, out);
        self.advance(now, out);
    }

    fn route(&mut self, now: Moment, notice: &Notice, out: &mut impl Effects) {
        if let Some(leg) = self.store.leg_of(notice.order_no) {
            return self.apply(now, leg, notice, out);
        }
        if self.store.is_archived(notice.order_no) {
            // Only number and totals are left of it. The list shows whether this is more.
            self.counters.doubted += 1;
            return self.reads.doubt(now.elapsed, &self.config);
        }
        let original = notice
            .original_no
            .and_then(|original| self.store.leg_of(original));
        if let (Some(original), Some(command)) = (original, changing(notice)) {
            let kind = match notice.news {
                News::Accepted { price, .. } | News::Modified { price, .. } => {
                    price.map(|price| kind_of(None, Some(price), self.store.legs[original].kind))
                }
                News::Filled { .. } | News::Cancelled { .. } | News::Refused { .. } => None,
            };
            let change = Change {
                order_no: notice.order_no,
                command,
                kind,
                told: told_price(notice),
            };
            let leg = self.adopt_change(now, original, change, out);
            return self.apply(now, leg, notice, out);
        }
        if is_wanted(&self.pending, &self.store, notice) {
            return self.hold(now, notice, out);
        }
        self.give_up(now, notice, out);
    }

    /// A notice about a known number.
    fn apply(&mut self, now: Moment, leg: usize, notice: &Notice, out: &mut impl Effects) {
        let record = &self.store.legs[leg];
        let request = self.store.entries[record.entry].request;
        let is_order = record.command == OrderCommand::Place && record.ours;
        let told_qty = notice.order_qty.filter(|qty| !qty.is_zero());
        let other_qty = is_order && told_qty.is_some_and(|qty| qty != request.qty);
        if notice.symbol != request.symbol || notice.side != request.side || other_qty {
            return self.disown(now, leg, notice.symbol, notice.side, told_qty, out);
        }
        if let Some(price) = told_price(notice) {
            self.price_told(now, leg, price, out);
        }
        let kind = self.store.legs[leg].kind;
        match notice.news {
            News::Accepted { .. } => {}
            News::Filled { .. } if self.awaits_effect(leg) => {
                self.reads.doubt(now.elapsed, &self.config);
                self.hold(now, notice, out);
            }
            News::Filled {
                qty,
                price,
                fill_no,
                cumulative,
            } => {
                self.fill_told(now, leg, qty, price, fill_no, cumulative, notice.at, out);
            }
            News::Modified {
                qty: Some(qty),
                price,
            } => {
                self.modified(now, leg, qty, kind_of(None, price, kind), None, out);
            }
            News::Modified { qty: None, .. } => self.reads.doubt(now.elapsed, &self.config),
            News::Cancelled { qty, reason } => self.cancel_told(now, leg, qty, reason, out),
            News::Refused { reason, .. } => self.rejected(now, leg, reason, out),
        }
    }

    fn hold(&mut self, now: Moment, notice: &Notice, out: &mut impl Effects) {
        if self
            .pending
            .all()
            .iter()
            .any(super::pending::Pending::is_unknown)
        {
            // It may be what is looked for.
            self.reads.want(now.elapsed);
        }
        if let Some(oldest) = self.held.push(now.elapsed, *notice) {
            self.give_up(now, &oldest, out);
        }
    }

    /// A notice that no command in flight can explain: somebody else's order.
    fn give_up(&mut self, now: Moment, notice: &Notice, out: &mut impl Effects) {
        if let Some(leg) = self.store.leg_of(notice.order_no) {
            if self.awaits_effect(leg) {
                self.counters.doubted += 1;
                return self.reads.doubt(now.elapsed, &self.config);
            }
            return self.apply(now, leg, notice, out);
        }
        let is_change = changing(notice).is_some();
        match self.request_of_notice(notice) {
            Some(request) if !is_change => {
                let (order_no, original_no) = (notice.order_no, notice.original_no);
                match self.adopt_stranger(now, order_no, original_no, request, out) {
                    Some(leg) => self.apply(now, leg, notice, out),
                    None => self.reads.doubt(now.elapsed, &self.config),
                }
            }
            Some(_) | None => {
                // It does not say enough. The list does.
                self.counters.contradictions += 1;
                self.reads.doubt(now.elapsed, &self.config);
            }
        }
    }

    /// Notices that waited for a number, or for a change of it, find their order now.
    pub(super) fn rejoin(&mut self, now: Moment, order_no: OrderNo, out: &mut impl Effects) {
        // Those that have to wait on are held again, behind the others.
        for _ in 0..self.held.len() {
            let Some(notice) = self.held.take_about(order_no) else {
                break;
            };
            self.route(now, &notice, out);
        }
    }

    /// Notices that were held as long as allowed.
    pub(super) fn flush_held(&mut self, now: Moment, out: &mut impl Effects) {
        let Some(until) = now.elapsed.checked_sub(self.config.hold) else {
            return;
        };
        while let Some(notice) = self.held.take_older(until) {
            self.give_up(now, &notice, out);
        }
    }

    /// Notices that waited for a command that has ended.
    pub(super) fn flush_unwanted(&mut self, now: Moment, out: &mut impl Effects) {
        while let Some(notice) = self
            .held
            .take_unless(|notice| is_wanted(&self.pending, &self.store, notice))
        {
            self.give_up(now, &notice, out);
        }
    }
}

/// Whether a notice of an unknown number may be of a command in flight, or waits for a modification to take effect.
fn is_wanted(pending: &PendingTable, store: &Store, notice: &Notice) -> bool {
    let waits = store.leg_of(notice.order_no).is_some();
    waits
        || pending.all().iter().any(|pending| {
            let request = &store.entries[pending.entry].request;
            request.symbol == notice.symbol && request.side == notice.side
        })
}

/// The change that a notice with an original number tells of.
const fn changing(notice: &Notice) -> Option<OrderCommand> {
    match notice.news {
        News::Accepted {
            command: OrderCommand::Place,
            ..
        }
        | News::Refused {
            command: OrderCommand::Place,
            ..
        } => None,
        News::Accepted { command, .. } | News::Refused { command, .. } => Some(command),
        News::Modified { .. } => Some(OrderCommand::Modify),
        News::Filled { .. } if notice.original_no.is_some() => Some(OrderCommand::Modify),
        News::Cancelled { .. } if notice.original_no.is_some() => Some(OrderCommand::Cancel),
        News::Filled { .. } | News::Cancelled { .. } => None,
    }
}

/// The limit price of a modification, if any, where a notice tells of it.
const fn told_price(notice: &Notice) -> Option<Option<Price>> {
    match notice.news {
        News::Accepted { price, .. } => Some(price),
        News::Modified {
            price: Some(price), ..
        } => Some(Some(price)),
        News::Modified { price: None, .. }
        | News::Filled { .. }
        | News::Cancelled { .. }
        | News::Refused { .. } => None,
    }
}
