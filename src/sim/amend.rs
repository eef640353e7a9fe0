//! Modifications (정정): a new price or kind, a new number and a new place in the queue, for all or a part of an order.

use super::book::Book;
use super::checks::{self, Terms};
use super::command::Outcome;
use super::entry::{NamedDenial, refuse};
use super::events::Events;
use super::exchange::Exchange;
use super::matching::{cost, needed};
use super::orders::{Record, Slot};
use super::refusal::Denial;
use crate::domain::{
    ClientOrderId, ExecutionEvent, ModifyRequest, Money, OrderCommand, OrderKind, OrderStatus, Qty,
    Receipt, RefusalReason, Side, Timestamp,
};

/// A change that may be made.
#[derive(Clone, Copy, Debug)]
struct Change {
    slot: Slot,
    qty: Qty,
    terms: Terms,
    /// The number of the order of the changed part; `None` when all that is left is changed.
    part: Option<ClientOrderId>,
}

impl<B: Book> Exchange<B> {
    pub(super) fn modify(
        &mut self,
        request: &ModifyRequest,
        at: Timestamp,
        events: &mut impl Events,
    ) -> Outcome {
        let change = match self.check_change(request, at) {
            Ok(change) => change,
            Err((id, denial)) => {
                return refuse(
                    request.account,
                    OrderCommand::Modify,
                    id,
                    denial,
                    at,
                    events,
                );
            }
        };
        self.now = at;
        let receipt = match change.part {
            None => self.change_whole(&change, request.kind, events),
            Some(part_id) => self.change_part(&change, part_id, request.kind, events),
        };
        Outcome::Accepted(receipt)
    }

    /// Gives all that is left of an order new terms, a new number and a new place.
    fn change_whole(
        &mut self,
        change: &Change,
        kind: OrderKind,
        events: &mut impl Events,
    ) -> Receipt {
        let at = self.now;
        let order_no = self.orders.take_number(change.slot);
        let record = self.orders.get_mut(change.slot);
        let handle = record.handle.take();
        (record.tick, record.price) = (change.terms.tick, change.terms.price);
        record.market = change.terms.market;
        let order = &mut record.order;
        let original_no = std::mem::replace(&mut order.order_no, order_no);
        order.original_no = Some(original_no);
        order.kind = kind;
        order.updated_at = at;
        let (account, id) = (order.account, order.id);
        let (mut clearing, listed) = self.clearing_of(change.slot, events);
        if let Some(handle) = handle {
            listed.book.reduce(handle, change.qty);
        }
        // It comes in anew, and holds nothing until it rests again.
        clearing.release(change.slot);
        events.execution(ExecutionEvent::Modified {
            account,
            id,
            original_no,
            order_no,
            part_id: id,
            qty: change.qty,
            kind,
            at,
        });
        self.work(change.slot, events);
        Receipt {
            id,
            order_no,
            at,
            inferred: false,
        }
    }

    /// Makes a new order of a part of one, with new terms; the rest keeps its place.
    fn change_part(
        &mut self,
        change: &Change,
        part_id: ClientOrderId,
        kind: OrderKind,
        events: &mut impl Events,
    ) -> Receipt {
        let at = self.now;
        let slot = self.orders.vacant();
        let order_no = self.orders.take_number(slot);
        let parent = self.orders.get_mut(change.slot);
        let mut part = parent.order;
        (part.id, part.order_no) = (part_id, order_no);
        part.original_no = Some(parent.order.order_no);
        (part.kind, part.qty) = (kind, change.qty);
        (part.filled, part.filled_value) = (Qty::ZERO, Money::ZERO);
        part.cancelled = Qty::ZERO;
        part.status = OrderStatus::New;
        (part.accepted_at, part.updated_at) = (at, at);
        let record = Record::new(part, parent.account, parent.listing, change.terms);
        // The part's shares on offer go with it.
        let moved = parent
            .order
            .cancelled
            .get()
            .saturating_add(change.qty.get());
        parent.order.cancelled = Qty::new(moved);
        parent.order.updated_at = at;
        let (handle, original) = (parent.handle, parent.order);
        self.orders.insert(slot, record);
        let (mut clearing, listed) = self.clearing_of(change.slot, events);
        if let Some(handle) = handle {
            listed.book.reduce(handle, change.qty);
        }
        clearing.rehold(listed.costs, change.slot);
        events.execution(ExecutionEvent::Modified {
            account: original.account,
            id: original.id,
            original_no: original.order_no,
            order_no,
            part_id,
            qty: change.qty,
            kind,
            at,
        });
        self.work(slot, events);
        Receipt {
            id: part_id,
            order_no,
            at,
            inferred: false,
        }
    }

    fn check_change(&self, request: &ModifyRequest, at: Timestamp) -> Result<Change, NamedDenial> {
        let (account, slot) = self.require_order(request.account, request.order, at)?;
        let record = self.orders.get(slot);
        let order = &record.order;
        let named = |denial: Denial| (order.id, denial);
        let listed = &self.listings[record.listing as usize];
        let order_type = request.kind.order_type();
        let (venue, time_in_force) = (order.venue, order.time_in_force);
        checks::check_type(&listed.instrument, venue, order_type, time_in_force).map_err(named)?;
        let left = order.remaining();
        let qty = request.qty.unwrap_or(left);
        checks::check_part(listed, qty, left).map_err(named)?;
        let terms = checks::terms(listed, order.side, request.kind).map_err(named)?;
        if (terms.tick, terms.market) == (record.tick, record.market) {
            return Err(named(Denial::new(
                RefusalReason::NoChange,
                format!("order {} is a {} already", order.order_no, describe(&terms)),
            )));
        }
        checks::check_caps(listed, order.side, &terms, qty).map_err(named)?;
        let tariff = &self.tariffs[account as usize];
        let issue = listed.costs;
        let (part, needed) = if qty == left {
            (None, needed(tariff, issue, record, terms.price, left))
        } else {
            let id = self.require_new_id(request.part_id).map_err(named)?;
            self.require_room().map_err(named)?;
            let rest = Qty::new(left.get() - qty.get());
            let kept = needed(tariff, issue, record, record.price, rest);
            let moved = match order.side {
                Side::Buy => cost(tariff, issue, terms.price, qty, Money::ZERO, Money::ZERO),
                Side::Sell => Money::ZERO,
            };
            (Some(id), kept.checked_add(moved).unwrap_or(Money::MAX))
        };
        self.require_cash(account, needed, record.hold)
            .map_err(named)?;
        Ok(Change {
            slot,
            qty,
            terms,
            part,
        })
    }
}

/// How the terms of an order read.
fn describe(terms: &Terms) -> String {
    if terms.market {
        "market order".to_owned()
    } else {
        format!("limit order at {}", terms.price)
    }
}
