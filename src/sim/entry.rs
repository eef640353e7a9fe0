//! Order commands: what comes in, trades, rests, and is taken off.

use super::book::Book;
use super::checks::{self, Terms};
use super::command::Outcome;
use super::events::Events;
use super::exchange::Exchange;
use super::ledger::{AccountIndex, ListingIndex};
use super::matching::{Taker, cost};
use super::orders::{NO_SLOT, Record, Slot};
use super::refusal::Denial;
use crate::domain::{
    AccountId, CancelReason, CancelRequest, ClientOrderId, ExecutionEvent, Money, Order,
    OrderCommand, OrderRef, OrderRequest, Qty, Receipt, RefusalReason, Side, TimeInForce,
    Timestamp,
};

/// A new order that may enter.
#[derive(Clone, Copy, Debug)]
struct Admission {
    id: ClientOrderId,
    account: AccountIndex,
    listing: ListingIndex,
    terms: Terms,
}

/// A refused command that names an order: whose it is, as far as that is known.
pub(super) type NamedDenial = (ClientOrderId, Denial);

impl<B: Book> Exchange<B> {
    pub(super) fn place(
        &mut self,
        request: &OrderRequest,
        at: Timestamp,
        events: &mut impl Events,
    ) -> Outcome {
        let admission = match self.admit(request, at) {
            Ok(admission) => admission,
            Err(denial) => {
                return refuse(
                    request.account,
                    OrderCommand::Place,
                    request.id,
                    denial,
                    at,
                    events,
                );
            }
        };
        self.now = at;
        let slot = self.orders.vacant();
        let order_no = self.orders.take_number(slot);
        let Admission {
            id,
            account,
            listing,
            terms,
        } = admission;
        let order = Order::accepted(request, id, order_no, at);
        let record = Record::new(order, account, listing, terms);
        self.orders.insert(slot, record);
        if request.side == Side::Sell {
            self.ledger.offer(account, listing, request.qty);
        }
        let receipt = Receipt {
            id,
            order_no,
            at,
            inferred: false,
        };
        events.execution(ExecutionEvent::Accepted {
            account: request.account,
            receipt,
        });
        self.work(slot, events);
        Outcome::Accepted(receipt)
    }

    fn admit(&self, request: &OrderRequest, at: Timestamp) -> Result<Admission, Denial> {
        let account = self.require_account(request.account)?;
        let listed = self.require_symbol(request.symbol)?;
        self.require_open(at)?;
        checks::check_type(
            &listed.instrument,
            request.venue,
            request.kind.order_type(),
            request.time_in_force,
        )?;
        checks::check_lot(listed, request.qty)?;
        let terms = checks::terms(listed, request.side, request.kind)?;
        checks::check_caps(listed, request.side, &terms, request.qty)?;
        let id = self.require_new_id(request.id)?;
        self.require_room()?;
        match request.side {
            Side::Buy => {
                let tariff = &self.tariffs[account as usize];
                let needed = cost(
                    tariff,
                    listed.costs,
                    terms.price,
                    request.qty,
                    Money::ZERO,
                    Money::ZERO,
                );
                self.require_cash(account, needed, Money::ZERO)?;
            }
            Side::Sell => {
                let sellable = self.ledger.holding(account, listed.index).sellable();
                if request.qty > sellable {
                    return Err(Denial::new(
                        RefusalReason::InsufficientShares,
                        format!("qty {} exceeds the sellable {sellable}", request.qty),
                    ));
                }
            }
        }
        Ok(Admission {
            id,
            account,
            listing: listed.index,
            terms,
        })
    }

    /// Trades an order that came in, and rests or ends what is left of it.
    pub(super) fn work(&mut self, slot: Slot, events: &mut impl Events) {
        let record = self.orders.get(slot);
        let (side, tick, market) = (record.order.side, record.tick, record.market);
        let time_in_force = record.order.time_in_force;
        let taker = Taker {
            key: slot,
            side,
            worst: tick,
            qty: record.order.remaining(),
        };
        let (mut clearing, listed) = self.clearing(record.listing, events);
        if time_in_force == TimeInForce::Fok
            && listed.book.available(side, tick, taker.qty) < taker.qty
        {
            let reason = CancelReason::FillOrKill;
            clearing.cancel(listed.costs, slot, taker.qty, reason, None);
            return;
        }
        let left = clearing.sweep(listed, &taker);
        let rests = time_in_force == TimeInForce::Day && !left.is_zero();
        if rests {
            let handle = listed.book.rest(side, tick, market, left, slot);
            clearing.orders.get_mut(slot).handle = Some(handle);
            clearing.rehold(listed.costs, slot);
        } else if !left.is_zero() {
            let reason = CancelReason::ImmediateOrCancel;
            clearing.cancel(listed.costs, slot, left, reason, None);
        }
        if rests || left < taker.qty {
            clearing.tell_book(listed);
        }
    }

    pub(super) fn cancel(
        &mut self,
        request: &CancelRequest,
        at: Timestamp,
        events: &mut impl Events,
    ) -> Outcome {
        let (slot, qty) = match self.check_cancel(request, at) {
            Ok(cancel) => cancel,
            Err((id, denial)) => {
                return refuse(
                    request.account,
                    OrderCommand::Cancel,
                    id,
                    denial,
                    at,
                    events,
                );
            }
        };
        self.now = at;
        Outcome::Accepted(self.take_off(slot, qty, events))
    }

    fn check_cancel(
        &self,
        request: &CancelRequest,
        at: Timestamp,
    ) -> Result<(Slot, Qty), NamedDenial> {
        let (_, slot) = self.require_order(request.account, request.order, at)?;
        let record = self.orders.get(slot);
        let left = record.order.remaining();
        let qty = request.qty.unwrap_or(left);
        let listed = &self.listings[record.listing as usize];
        checks::check_part(listed, qty, left).map_err(|denial| (record.order.id, denial))?;
        Ok((slot, qty))
    }

    /// Cancels shares of a resting order under a number of its own.
    fn take_off(&mut self, slot: Slot, qty: Qty, events: &mut impl Events) -> Receipt {
        let order_no = self.orders.take_number(NO_SLOT);
        let record = self.orders.get(slot);
        let (id, handle) = (record.order.id, record.handle);
        let at = self.now;
        let (mut clearing, listed) = self.clearing_of(slot, events);
        if let Some(handle) = handle {
            listed.book.reduce(handle, qty);
        }
        let reason = CancelReason::Requested;
        clearing.cancel(listed.costs, slot, qty, reason, Some(order_no));
        clearing.tell_book(listed);
        Receipt {
            id,
            order_no,
            at,
            inferred: false,
        }
    }

    pub(super) fn cancel_all(
        &mut self,
        account: AccountId,
        at: Timestamp,
        events: &mut impl Events,
    ) -> Outcome {
        let checked = self
            .require_account(account)
            .and_then(|index| self.require_open(at).map(|()| index));
        let index = match checked {
            Ok(index) => index,
            Err(denial) => {
                return refuse(
                    account,
                    OrderCommand::Cancel,
                    ClientOrderId::AUTO,
                    denial,
                    at,
                    events,
                );
            }
        };
        self.now = at;
        let mut count = 0;
        while let Some(slot) = self.orders.first_open(index) {
            let left = self.orders.get(slot).order.remaining();
            self.take_off(slot, left, events);
            count += 1;
        }
        Outcome::Cancelled(count)
    }

    /// The id of a new order: the caller's, or the next one.
    pub(super) fn require_new_id(&self, id: ClientOrderId) -> Result<ClientOrderId, Denial> {
        if id.is_auto() {
            return self.orders.next_id().ok_or_else(|| {
                Denial::new(
                    RefusalReason::Other,
                    "no client order id is left above the last one: send one",
                )
            });
        }
        if i64::try_from(id.get()).is_err() {
            return Err(Denial::new(
                RefusalReason::Other,
                format!("client order id {id}: at most {}", i64::MAX),
            ));
        }
        if self.orders.is_known(id) {
            return Err(Denial::new(
                RefusalReason::DuplicateId,
                format!("client order id {id} was used today"),
            ));
        }
        Ok(id)
    }

    pub(super) fn require_room(&self) -> Result<(), Denial> {
        if self.orders.has_room() {
            return Ok(());
        }
        let most = self.orders.capacity().open_orders;
        Err(Denial::new(
            RefusalReason::Capacity,
            format!("{most} orders are open, which is the most"),
        ))
    }

    pub(super) fn require_cash(
        &self,
        account: AccountIndex,
        needed: Money,
        released: Money,
    ) -> Result<(), Denial> {
        let customer = self.ledger.customer(account);
        if customer.covers(needed, released) {
            return Ok(());
        }
        let orderable = customer.orderable();
        Err(Denial::new(
            RefusalReason::InsufficientCash,
            format!("needs {needed} won with fees; orderable {orderable}, released {released}"),
        ))
    }

    /// An open order of an account, and the market is open for it.
    pub(super) fn require_order(
        &self,
        account: AccountId,
        order: OrderRef,
        at: Timestamp,
    ) -> Result<(AccountIndex, Slot), NamedDenial> {
        let mut id = match order {
            OrderRef::Client(id) => id,
            OrderRef::Number(_) => ClientOrderId::AUTO,
        };
        let index = self
            .require_account(account)
            .map_err(|denial| (id, denial))?;
        let slot = self.orders.find(index, order);
        if let Some(slot) = slot {
            id = self.orders.get(slot).order.id;
        }
        self.require_open(at).map_err(|denial| (id, denial))?;
        let resting = slot.filter(|&slot| self.orders.get(slot).handle.is_some());
        let slot = resting.ok_or_else(|| {
            let state = if slot.is_some() {
                "has ended"
            } else {
                "is unknown"
            };
            let message = format!("{order} {state}");
            (id, Denial::new(RefusalReason::UnknownOrder, message))
        })?;
        Ok((index, slot))
    }
}

/// Tells and answers that an order command is refused.
pub(super) fn refuse(
    account: AccountId,
    command: OrderCommand,
    id: ClientOrderId,
    denial: Denial,
    at: Timestamp,
    events: &mut impl Events,
) -> Outcome {
    let refusal = denial.into_refusal(id);
    events.execution(ExecutionEvent::Refused {
        account,
        command,
        refusal: refusal.clone(),
        at,
    });
    Outcome::Refused(refusal)
}
