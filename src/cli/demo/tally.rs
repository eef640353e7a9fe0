//! The demo's own books, kept from the executions alone.
//!
//! They share nothing with the gateway's ledger but the published rates of fees and taxes, so that an agreement to the
//! won says something about both.

use std::collections::VecDeque;

use gwanmun::{
    CancelReason, ClientOrderId, ExecutionEvent, Fill, Money, OrderRequest, Price, Qty, Side,
    ValueError,
};
use serde::Serialize;

use super::strategy::Waiting;

/// Fees and taxes of what an order has traded so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Charges {
    pub(super) fee: Money,
    pub(super) tax: Money,
}

/// What happened, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Counts {
    /// New orders that the broker took.
    pub(super) accepted: u64,
    /// Commands that the broker refused.
    pub(super) refused: u64,
    /// Orders filled whole.
    pub(super) filled: u64,
    /// Modifications.
    pub(super) modified: u64,
    /// Cancels asked for.
    pub(super) cancelled: u64,
    /// Rests of immediate-or-cancel orders.
    pub(super) not_immediate: u64,
    /// Orders that ended with the session.
    pub(super) expired: u64,
    /// Fills.
    pub(super) fills: u64,
    /// Fills of orders that waited in the book.
    pub(super) maker_fills: u64,
    /// Shares bought.
    pub(super) bought_shares: u64,
    /// Shares sold.
    pub(super) sold_shares: u64,
}

/// Something in the executions that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TallyError {
    #[error("an execution of client order id {0}, which the demo did not send")]
    UnknownOrder(ClientOrderId),
    #[error("client order id {0} sold more shares than the demo holds")]
    Oversold(ClientOrderId),
    #[error("an amount beyond what money counts")]
    OutOfRange,
    #[error("fee or tax of a fill: {0}")]
    Costs(#[from] ValueError),
}

/// An own order that may still be filled, and what it has traded.
#[derive(Clone, Copy, Debug)]
struct Open {
    id: ClientOrderId,
    side: Side,
    /// Whether the broker took it.
    accepted: bool,
    traded: Money,
    charges: Charges,
}

/// The demo's own books.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) counts: Counts,
    /// Cash by the executions.
    pub(super) cash: Money,
    pub(super) held: Qty,
    /// Purchase amount of the shares held.
    pub(super) cost: Money,
    /// Profit of the shares sold against their average cost.
    pub(super) realized: Money,
    pub(super) bought: Money,
    pub(super) sold: Money,
    pub(super) fees: Money,
    pub(super) taxes: Money,
    /// The price of the last own fill.
    pub(super) last_fill: Option<Price>,
    open: Vec<Open>,
    waiting: VecDeque<Waiting>,
}

impl Tally {
    pub(super) fn new(cash: Money) -> Self {
        Self {
            counts: Counts::default(),
            cash,
            held: Qty::ZERO,
            cost: Money::ZERO,
            realized: Money::ZERO,
            bought: Money::ZERO,
            sold: Money::ZERO,
            fees: Money::ZERO,
            taxes: Money::ZERO,
            last_fill: None,
            open: Vec::new(),
            waiting: VecDeque::new(),
        }
    }

    /// Own orders that may still be filled, oldest first.
    pub(super) const fn waiting(&self) -> &VecDeque<Waiting> {
        &self.waiting
    }

    /// Shares of a side on order.
    pub(super) fn on_order(&self, side: Side) -> u64 {
        let of_side = self.waiting.iter().filter(|order| order.side == side);
        of_side.map(|order| order.left.get()).sum()
    }

    /// Notes a new order that is on its way. Its executions come later.
    pub(super) fn sent(&mut self, id: ClientOrderId, request: &OrderRequest) {
        self.open.push(Open {
            id,
            side: request.side,
            accepted: false,
            traded: Money::ZERO,
            charges: Charges::default(),
        });
        self.waiting.push_back(Waiting {
            id,
            side: request.side,
            price: request.kind.limit_price(),
            left: request.qty,
        });
    }

    /// Takes an execution into the books. `charges` tells fee and tax of what one order of that side has traded.
    pub(super) fn add(
        &mut self,
        event: &ExecutionEvent,
        charges: impl FnMut(Side, Money, &Fill) -> Result<Charges, ValueError>,
    ) -> Result<(), TallyError> {
        match event {
            ExecutionEvent::Accepted { receipt, .. } => {
                self.counts.accepted += 1;
                if let Some(order) = self.open.iter_mut().find(|order| order.id == receipt.id) {
                    order.accepted = true;
                }
            }
            ExecutionEvent::Filled {
                fill, remaining, ..
            } => {
                self.fill(fill, charges)?;
                self.left(fill.id, *remaining);
                if remaining.is_zero() {
                    self.counts.filled += 1;
                }
            }
            ExecutionEvent::Modified { id, kind, .. } => {
                self.counts.modified += 1;
                let price = kind.limit_price();
                if let Some(order) = self.waiting.iter_mut().find(|order| order.id == *id) {
                    order.price = price;
                }
            }
            ExecutionEvent::Cancelled {
                id,
                remaining,
                reason,
                ..
            } => {
                match reason {
                    // The demo is alone in its account, so somebody else's cancel is counted with its own.
                    CancelReason::Requested | CancelReason::External => {
                        self.counts.cancelled += 1;
                    }
                    CancelReason::ImmediateOrCancel | CancelReason::FillOrKill => {
                        self.counts.not_immediate += 1;
                    }
                    CancelReason::SessionEnd => self.counts.expired += 1,
                }
                self.left(*id, *remaining);
            }
            ExecutionEvent::Refused { refusal, .. } => {
                self.counts.refused += 1;
                // A refused modification or cancel leaves its order alive; a refused new order has none.
                self.forget_if_new(refusal.id);
            }
            // These, and events that are added later, move no money of this demo.
            ExecutionEvent::NotSent { .. }
            | ExecutionEvent::Unknown { .. }
            | ExecutionEvent::Resolved { .. }
            | ExecutionEvent::External { .. }
            | ExecutionEvent::Gap { .. }
            | ExecutionEvent::Resynced { .. }
            | ExecutionEvent::Disputed { .. }
            | ExecutionEvent::Rejected { .. }
            | _ => {}
        }
        Ok(())
    }

    /// Profit before and after costs, with the shares held at `last`.
    pub(super) fn profit(&self, last: Price) -> Option<Profit> {
        let unrealized = last.value(self.held)?.checked_sub(self.cost)?;
        let gross = self.realized.checked_add(unrealized)?;
        let costs = self.fees.checked_add(self.taxes)?;
        Some(Profit {
            realized: self.realized,
            unrealized,
            net: gross.checked_sub(costs)?,
        })
    }

    fn fill(
        &mut self,
        fill: &Fill,
        mut charges: impl FnMut(Side, Money, &Fill) -> Result<Charges, ValueError>,
    ) -> Result<(), TallyError> {
        let id = fill.id;
        let order = self.open.iter_mut().find(|order| order.id == id);
        let order = order.ok_or(TallyError::UnknownOrder(id))?;
        let value = fill.value().ok_or(TallyError::OutOfRange)?;
        order.traded = order
            .traded
            .checked_add(value)
            .ok_or(TallyError::OutOfRange)?;
        let after = charges(order.side, order.traded, fill)?;
        let before = std::mem::replace(&mut order.charges, after);
        self.counts.fills += 1;
        self.counts.maker_fills += u64::from(fill.maker);
        self.last_fill = Some(fill.price);
        match fill.side {
            Side::Buy => self.counts.bought_shares += fill.qty.get(),
            Side::Sell => self.counts.sold_shares += fill.qty.get(),
        }
        if fill.side == Side::Sell && fill.qty > self.held {
            return Err(TallyError::Oversold(id));
        }
        self.post(fill, value, before, after)
            .ok_or(TallyError::OutOfRange)
    }

    /// Moves cash, shares and costs; `None` out of range.
    fn post(&mut self, fill: &Fill, value: Money, before: Charges, after: Charges) -> Option<()> {
        let fee = after.fee.checked_sub(before.fee)?;
        let tax = after.tax.checked_sub(before.tax)?;
        self.fees = self.fees.checked_add(fee)?;
        self.taxes = self.taxes.checked_add(tax)?;
        let cash = self.cash.checked_sub(fee)?.checked_sub(tax)?;
        match fill.side {
            Side::Buy => {
                self.cash = cash.checked_sub(value)?;
                self.bought = self.bought.checked_add(value)?;
                self.held = self.held.checked_add(fill.qty)?;
                self.cost = self.cost.checked_add(value)?;
            }
            Side::Sell => {
                let cost = self.cost.share_of(fill.qty, self.held)?;
                self.cash = cash.checked_add(value)?;
                self.sold = self.sold.checked_add(value)?;
                self.held = self.held.checked_sub(fill.qty)?;
                self.cost = self.cost.checked_sub(cost)?;
                let profit = value.checked_sub(cost)?;
                self.realized = self.realized.checked_add(profit)?;
            }
        }
        Some(())
    }

    /// Notes what is left of an order, and forgets it when nothing is.
    fn left(&mut self, id: ClientOrderId, left: Qty) {
        if left.is_zero() {
            self.open.retain(|order| order.id != id);
            self.waiting.retain(|order| order.id != id);
        } else if let Some(order) = self.waiting.iter_mut().find(|order| order.id == id) {
            order.left = left;
        }
    }

    fn forget_if_new(&mut self, id: ClientOrderId) {
        let taken = |order: &Open| order.id == id && order.accepted;
        if !self.open.iter().any(taken) {
            self.left(id, Qty::ZERO);
        }
    }
}

/// What was won or lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Profit {
    /// Of the shares sold, before costs.
    pub(super) realized: Money,
    /// Of the shares held, before costs.
    pub(super) unrealized: Money,
    /// Both, less fees and taxes.
    pub(super) net: Money,
}

#[cfg(test)]
mod tests {
    use super::*;
    use gwanmun::{
        AccountId, BrokerCode, OrderNo, Receipt, Refusal, RefusalReason, Timestamp, Venue, symbol,
    };

    fn account() -> AccountId {
        "12345678-01".parse().unwrap()
    }

    fn won(won: i64) -> Money {
        Money::from_won(won).unwrap()
    }

    fn order(side: Side, qty: u64) -> OrderRequest {
        let kind = gwanmun::OrderKind::Limit {
            price: Price::from_won(100).unwrap(),
        };
        OrderRequest::new(account(), symbol!("005930"), side, Qty::new(qty), kind)
    }

    fn filled(id: u64, side: Side, qty: u64, price: i64, remaining: u64) -> ExecutionEvent {
        let no = OrderNo::new(1).unwrap();
        let price = Price::from_won(price).unwrap();
        let (id, qty, at) = (ClientOrderId::new(id), Qty::new(qty), Timestamp::EPOCH);
        let symbol = symbol!("005930");
        ExecutionEvent::Filled {
            fill: Fill::new(
                1,
                id,
                no,
                account(),
                symbol,
                Venue::Krx,
                side,
                qty,
                price,
                at,
            ),
            cumulative: qty,
            remaining: Qty::new(remaining),
        }
    }

    /// A fee of 1 % cut to the won and a tax of 2 % on sales, of all that the order has traded.
    fn charges(side: Side, traded: Money, _: &Fill) -> Result<Charges, ValueError> {
        let tax = if side == Side::Sell {
            traded.won() * 2 / 100
        } else {
            0
        };
        Ok(Charges {
            fee: won(traded.won() / 100),
            tax: won(tax),
        })
    }

    #[test]
    fn a_round_trip_is_booked_to_the_won() {
        let mut tally = Tally::new(won(10_000));
        tally.sent(ClientOrderId::new(1), &order(Side::Buy, 15));
        // 150 won at 1 % is cut to 1, 1,550 won to 15: the fee of an order is that of its sum, not of its parts.
        tally
            .add(&filled(1, Side::Buy, 1, 150, 14), charges)
            .unwrap();
        assert_eq!((tally.cash, tally.fees), (won(9_849), won(1)));
        tally
            .add(&filled(1, Side::Buy, 14, 100, 0), charges)
            .unwrap();
        assert_eq!((tally.cash, tally.fees), (won(8_435), won(15)));
        assert!(tally.waiting().is_empty());
        tally.sent(ClientOrderId::new(2), &order(Side::Sell, 5));
        tally
            .add(&filled(2, Side::Sell, 3, 200, 2), charges)
            .unwrap();
        assert_eq!((tally.cash, tally.taxes), (won(9_017), won(12)));
        // 3 of 15 shares that cost 1,550 cost 310.
        assert_eq!((tally.cost, tally.realized), (won(1_240), won(290)));
        assert_eq!(tally.on_order(Side::Sell), 2);
        let profit = tally.profit(Price::from_won(100).unwrap()).unwrap();
        assert_eq!(
            (profit.unrealized, profit.net),
            (won(-40), won(290 - 40 - 21 - 12))
        );
        // What was won is what the account is worth more.
        let worth = tally.cash.checked_add(won(12 * 100)).unwrap();
        assert_eq!(worth.checked_sub(won(10_000)), Some(profit.net));
    }

    #[test]
    fn what_cannot_be_is_an_error() {
        let mut tally = Tally::new(won(10_000));
        let foreign = tally.add(&filled(9, Side::Buy, 1, 100, 0), charges);
        assert_eq!(
            foreign,
            Err(TallyError::UnknownOrder(ClientOrderId::new(9)))
        );
        tally.sent(ClientOrderId::new(1), &order(Side::Sell, 1));
        let short = tally.add(&filled(1, Side::Sell, 1, 100, 0), charges);
        assert_eq!(short, Err(TallyError::Oversold(ClientOrderId::new(1))));
    }

    #[test]
    fn a_refused_order_is_forgotten_and_a_refused_cancel_is_not() {
        let mut tally = Tally::new(won(10_000));
        let id = ClientOrderId::new(1);
        let refusal = Refusal {
            id,
            reason: RefusalReason::Tick,
            code: BrokerCode::new("X"),
            message: None,
        };
        let refused = ExecutionEvent::Refused {
            account: account(),
            command: gwanmun::OrderCommand::Place,
            refusal,
            at: Timestamp::EPOCH,
        };
        let (order_no, at) = (OrderNo::new(1).unwrap(), Timestamp::EPOCH);
        let receipt = Receipt {
            id,
            order_no,
            at,
            inferred: false,
        };
        let accepted = ExecutionEvent::Accepted {
            account: account(),
            receipt,
        };
        tally.sent(id, &order(Side::Buy, 1));
        tally.add(&accepted, charges).unwrap();
        tally.add(&refused, charges).unwrap();
        assert_eq!(tally.waiting().len(), 1);
        tally.waiting.clear();
        tally.open.clear();
        tally.sent(id, &order(Side::Buy, 1));
        tally.add(&refused, charges).unwrap();
        assert!(tally.waiting().is_empty());
        assert_eq!(tally.counts.refused, 2);
    }
}
