//! The desks' orders beside the exchange's own.

use serde::Serialize;

use super::floor::Floor;
use crate::domain::{Money, OrderRef, Side};

/// What MOCK's desks know beside what its exchange knows, over all days and accounts.
///
/// Orders that a desk has from a journal of before are of another exchange, and count as invented.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Reconciliation {
    /// Orders that the exchange took.
    pub orders: u64,
    /// Of these, orders that the desk does not know by their number, or knows with other fills or another end.
    pub unlike: u64,
    /// Orders that the desk has and the exchange never took.
    pub invented: u64,
    /// Commands that are not decided.
    pub undecided: u64,
    /// Fills: by the exchange.
    pub fills: u64,
    /// Fills: by the events that the desks told. Several that were missed are told as one.
    pub fills_told: u64,
    /// Shares filled: by the exchange.
    pub shares: u64,
    /// Shares filled: by the events that the desks told.
    pub shares_told: u64,
    /// Won that purchases cost less what sales brought, before fees and taxes: by the exchange.
    pub spent: Money,
    /// The same by the accounts' cash.
    pub cash: Money,
    /// The same by the desks.
    pub spent_by_desks: Money,
}

impl Reconciliation {
    /// Whether both sides agree in everything.
    pub fn agrees(&self) -> bool {
        self.unlike == 0
            && self.invented == 0
            && self.undecided == 0
            && self.shares == self.shares_told
            && self.fills_told <= self.fills
            && (self.fills_told == 0) == (self.fills == 0)
            && self.spent == self.spent_by_desks
            && self.cash == self.spent_by_desks
    }
}

impl Floor {
    /// The days that are over, and this one as it stands.
    pub(super) fn reconciliation(&self) -> Reconciliation {
        let mut sum = self.reconciled;
        for place in 0..self.orders.len() {
            let account = self.orders.account(place);
            let (Ok(desk), Some(orders)) =
                (self.orders.desk(account), self.exchange().orders(account))
            else {
                continue;
            };
            let mut known = 0;
            for theirs in &orders {
                sum.orders += 1;
                sum.shares += theirs.filled.get();
                sum.spent = plus(sum.spent, theirs.side, theirs.filled_value);
                let Some(ours) = desk.order(OrderRef::Number(theirs.order_no)) else {
                    sum.unlike += 1;
                    continue;
                };
                known += 1;
                sum.spent_by_desks = plus(sum.spent_by_desks, ours.side, ours.filled_value);
                let is_like = (ours.filled, ours.filled_value, ours.cancelled)
                    == (theirs.filled, theirs.filled_value, theirs.cancelled)
                    && ours.is_active() == theirs.is_active()
                    && (ours.symbol, ours.side, ours.qty)
                        == (theirs.symbol, theirs.side, theirs.qty);
                sum.unlike += u64::from(!is_like);
            }
            let numbered = u64::try_from(desk.numbered()).unwrap_or(u64::MAX);
            sum.invented += numbered.saturating_sub(known);
            sum.undecided += u64::try_from(desk.undecided().count()).unwrap_or(u64::MAX);
            let told = self.orders.fills(account);
            for fill in told {
                sum.fills_told += 1;
                sum.shares_told += fill.qty.get();
            }
            let fills = self.exchange().fills(account).unwrap_or_default();
            sum.fills += u64::try_from(fills.len()).unwrap_or(u64::MAX);
            if let Some(balance) = self.exchange().balance(account) {
                sum.cash = plus(sum.cash, Side::Buy, balance.bought_today);
                sum.cash = plus(sum.cash, Side::Sell, balance.sold_today);
            }
        }
        sum
    }
}

fn plus(sum: Money, side: Side, value: Money) -> Money {
    let sum = match side {
        Side::Buy => sum.checked_add(value),
        Side::Sell => sum.checked_sub(value),
    };
    sum.unwrap_or(Money::MAX)
}
