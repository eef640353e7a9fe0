//! Orders of the account that this desk did not send.

use crate::domain::{
    ClientOrderId, ExecutionEvent, Money, OrderCommand, OrderKind, OrderNo, OrderRequest,
    OrderType, Qty, TimeInForce, Venue,
};

use super::Desk;
use super::effect::{Effect, Effects};
use super::entry::{Entry, Fate, Leg};
use super::input::{News, Notice, Row, kind_of};
use super::moment::Moment;
use super::seam::{Gate, Journal, Record};
use super::store::Archived;

impl<J: Journal, G: Gate> Desk<J, G> {
    /// Follows an order of somebody else. `None` where there is no room: then only its fills are reported.
    pub(super) fn adopt_stranger(
        &mut self,
        now: Moment,
        order_no: OrderNo,
        original_no: Option<OrderNo>,
        request: OrderRequest,
        out: &mut impl Effects,
    ) -> Option<usize> {
        let (account, command) = (self.account, OrderCommand::Place);
        self.note(&Record::External {
            order_no,
            original_no,
            command,
            request,
        });
        out.push(Effect::Event(ExecutionEvent::External {
            account,
            order_no,
            original_no,
            command,
            symbol: request.symbol,
            side: request.side,
            qty: request.qty,
            at: now.at,
        }));
        self.follow(now, order_no, original_no, request)
    }

    fn follow(
        &mut self,
        now: Moment,
        order_no: OrderNo,
        original_no: Option<OrderNo>,
        request: OrderRequest,
    ) -> Option<usize> {
        if !self.store.make_room() {
            self.counters.unfollowed += 1;
            let (id, filled, value) = (ClientOrderId::AUTO, Qty::ZERO, Money::ZERO);
            self.store.note(order_no, Archived { id, filled, value });
            return None;
        }
        Some(self.keep(now, order_no, original_no, request))
    }

    /// Keeps an order of somebody else, whatever the bound: it was followed before.
    pub(super) fn keep(
        &mut self,
        now: Moment,
        order_no: OrderNo,
        original_no: Option<OrderNo>,
        request: OrderRequest,
    ) -> usize {
        let entry = self.store.insert(Entry::new(request, Fate::Working, now));
        let learned = self.store.learn();
        let command = OrderCommand::Place;
        let leg = Leg::new(
            order_no,
            original_no,
            entry,
            command,
            learned,
            request.qty,
            request.kind,
        );
        let leg = self.store.add_leg(leg);
        self.store.legs[leg].reported = true;
        self.store.entries[entry].current = Some(leg);
        leg
    }

    /// An order of somebody else turns out to be one of this desk, with all that was counted of it.
    pub(super) fn take_over(&mut self, from: usize, to: usize) {
        let old = &self.store.entries[from];
        let (filled, value, cancelled) = (old.filled, old.value, old.cancelled);
        let (current, expired) = (old.current, old.expired);
        let (open_modify, open_cancel) = (old.open_modify, old.open_cancel);
        while let Some(leg) = self.store.entries[from].first_leg {
            self.store.move_leg(leg, to);
        }
        self.store.remove_empty(from);
        let new = &mut self.store.entries[to];
        new.filled = new.filled.checked_add(filled).unwrap_or(new.filled);
        new.value = new.value.checked_add(value).unwrap_or(new.value);
        new.cancelled = new
            .cancelled
            .checked_add(cancelled)
            .unwrap_or(new.cancelled);
        new.expired |= expired;
        // The kind is that of the last modification. What a notice said of the first number may be less than was asked.
        let modified = current.map(|leg| &self.store.legs[leg]);
        if let Some(leg) = modified.filter(|leg| leg.command == OrderCommand::Modify) {
            self.store.entries[to].request.kind = leg.kind;
        }
        let new = &mut self.store.entries[to];
        new.current = current;
        (new.open_modify, new.open_cancel) = (open_modify, open_cancel);
        // Somebody may be cancelling it by its number.
        for pending in self.pending.all_mut() {
            if pending.entry == from {
                (pending.entry, pending.id) = (to, new.id);
            }
        }
    }

    pub(super) fn request_of_row(&self, row: &Row) -> OrderRequest {
        let mut request = OrderRequest::new(
            self.account,
            row.symbol,
            row.side,
            row.qty,
            row.kind_like(OrderKind::Market),
        );
        if row.order_type.is_none() {
            request.kind = row
                .price
                .map_or(OrderKind::Market, |price| OrderKind::Limit { price });
        }
        request.venue = row.venue.unwrap_or(Venue::Krx);
        request.time_in_force = row.time_in_force.unwrap_or(TimeInForce::Day);
        request
    }

    /// What a notice says of somebody else's order, if it says how large it is.
    pub(super) fn request_of_notice(&self, notice: &Notice) -> Option<OrderRequest> {
        let qty = notice.order_qty.filter(|qty| !qty.is_zero())?;
        let price = match notice.news {
            News::Accepted { price, .. } | News::Modified { price, .. } => price,
            News::Filled { .. } | News::Cancelled { .. } | News::Refused { .. } => None,
        };
        let kind = kind_of(price.map(|_| OrderType::Limit), price, OrderKind::Market);
        Some(OrderRequest::new(
            self.account,
            notice.symbol,
            notice.side,
            qty,
            kind,
        ))
    }
}
