//! The desks' orders beside the exchange's own.

use serde::Serialize;

use super::floor::Floor;
use crate::domain::{Money, OrderRef, Side};

/// What MOCK's desks know beside what its exchange knows, over all days and accounts.
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
    /// Shares filled: by the exchange.
    pub shares: u64,
    /// Shares filled: by the events that the desks told.
    pub shares_told: u64,
    /// Won that purchases cost less what sales brought, before fees and taxes: by the exchange.
    pub spent: Money,
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
            && self.spent == self.spent_by_desks
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
            let told: u64 = self.orders.fills(account).map(|fill| fill.qty.get()).sum();
            sum.shares_told += told;
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
