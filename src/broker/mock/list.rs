//! The order list of the day as MOCK's broker shows it: one row for each order number, with its totals.

use std::collections::VecDeque;

use rustc_hash::{FxBuildHasher, FxHashMap};

use super::orders::OPEN_MAX;
use crate::domain::{
    AccountId, ExecutionEvent, Money, OrderCommand, OrderKind, OrderNo, OrderRequest, Qty,
    Timestamp,
};
use crate::orders::desk::{News, Notice, Row};

/// One thing that changes the list.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change {
    /// A number that is new.
    Add(AccountId, Row),
    /// A part of a number traded.
    Fill(OrderNo, Qty, Money),
    /// Shares of a number ended, or moved to another one.
    Take(OrderNo, Qty),
}

/// The rows of every account. The oldest go at the bound, unless something is left of them: those stay until they are
/// done, because their fills are still to be told.
#[derive(Debug)]
pub(super) struct List {
    /// By number.
    rows: VecDeque<(AccountId, Row)>,
    rows_max: usize,
    /// Rows of before with something left, and some that are done.
    older: FxHashMap<OrderNo, (AccountId, Row)>,
}

/// Rows that outlive their turn: twice as many as orders can be open, so that those that are done are swept seldom.
const OLDER_MAX: usize = 2 * OPEN_MAX;

impl List {
    /// Memory for so many rows is reserved here.
    pub(super) fn new(rows_max: usize) -> Self {
        Self {
            rows: VecDeque::with_capacity(rows_max),
            rows_max,
            // Twice the room keeps the table from growing over its removed keys.
            older: FxHashMap::with_capacity_and_hasher(2 * OLDER_MAX, FxBuildHasher),
        }
    }

    /// Begins another day.
    pub(super) fn clear(&mut self) {
        self.rows.clear();
        self.older.clear();
    }

    /// The row of a number.
    pub(super) fn row(&self, order_no: OrderNo) -> Option<&Row> {
        let (_, row) = match self.place(order_no) {
            Some(place) => self.rows.get(place)?,
            None => self.older.get(&order_no)?,
        };
        Some(row)
    }

    /// The rows of an account, those of before first.
    pub(super) fn rows(&self, account: AccountId) -> impl Iterator<Item = &Row> {
        let all = self.older.values().chain(&self.rows);
        all.filter(move |(whose, _)| *whose == account)
            .map(|(_, row)| row)
    }

    /// Takes the oldest row out of the line.
    fn retire(&mut self) {
        let Some((account, row)) = self.rows.pop_front() else {
            return;
        };
        if row.remaining.is_zero() {
            return;
        }
        if self.older.len() >= OLDER_MAX {
            self.older.retain(|_, (_, row)| !row.remaining.is_zero());
        }
        self.older.insert(row.order_no, (account, row));
    }

    pub(super) fn apply(&mut self, change: &Change) {
        match *change {
            Change::Add(account, row) => {
                if self.rows.len() == self.rows_max {
                    self.retire();
                }
                self.rows.push_back((account, row));
            }
            Change::Fill(order_no, qty, value) => {
                if let Some(row) = self.row_mut(order_no) {
                    row.filled = sum(row.filled, qty);
                    row.filled_value = row.filled_value.checked_add(value).unwrap_or(Money::MAX);
                    row.remaining = row.remaining.saturating_sub(qty);
                }
            }
            Change::Take(order_no, qty) => {
                if let Some(row) = self.row_mut(order_no) {
                    row.remaining = row.remaining.saturating_sub(qty);
                }
            }
        }
    }

    fn row_mut(&mut self, order_no: OrderNo) -> Option<&mut Row> {
        let (_, row) = match self.place(order_no) {
            Some(place) => self.rows.get_mut(place)?,
            None => self.older.get_mut(&order_no)?,
        };
        Some(row)
    }

    /// The exchange numbers without gaps, so that a number says where its row is.
    fn place(&self, order_no: OrderNo) -> Option<usize> {
        let (_, first) = self.rows.front()?;
        let place = order_no.get().checked_sub(first.order_no.get())?;
        let place = usize::try_from(place).ok()?;
        let (_, row) = self.rows.get(place)?;
        (row.order_no == order_no).then_some(place)
    }
}

/// What an event of the exchange changes, at most two things. `placed` is the order that is being placed.
pub(super) fn changes(
    list: &List,
    event: &ExecutionEvent,
    placed: Option<&OrderRequest>,
) -> [Option<Change>; 2] {
    match event {
        ExecutionEvent::Accepted { account, receipt } => {
            let row = placed.map(|request| new_row(request, receipt.order_no, receipt.at));
            [row.map(|row| Change::Add(*account, row)), None]
        }
        ExecutionEvent::Filled { fill, .. } => {
            let value = fill.value().unwrap_or(Money::ZERO);
            [Some(Change::Fill(fill.order_no, fill.qty, value)), None]
        }
        ExecutionEvent::Modified {
            account,
            original_no,
            order_no,
            qty,
            kind,
            at,
            ..
        } => {
            let row = list.row(*original_no).map(|original| Row {
                order_type: Some(kind.order_type()),
                price: kind.limit_price(),
                remaining: *qty,
                ..changing(original, *order_no, OrderCommand::Modify, *qty, *at)
            });
            [
                Some(Change::Take(*original_no, *qty)),
                row.map(|row| Change::Add(*account, row)),
            ]
        }
        ExecutionEvent::Cancelled {
            account,
            order_no,
            cancel_no,
            qty,
            at,
            ..
        } => {
            let row = cancel_no
                .zip(list.row(*order_no))
                .map(|(cancel_no, row)| changing(row, cancel_no, OrderCommand::Cancel, *qty, *at));
            [
                Some(Change::Take(*order_no, *qty)),
                row.map(|row| Change::Add(*account, row)),
            ]
        }
        // Nothing else comes from the exchange that has a number.
        ExecutionEvent::Refused { .. }
        | ExecutionEvent::NotSent { .. }
        | ExecutionEvent::Unknown { .. }
        | ExecutionEvent::Resolved { .. }
        | ExecutionEvent::External { .. }
        | ExecutionEvent::Gap { .. }
        | ExecutionEvent::Resynced { .. }
        | ExecutionEvent::Disputed { .. }
        | ExecutionEvent::Rejected { .. } => [None, None],
    }
}

fn new_row(request: &OrderRequest, order_no: OrderNo, at: Timestamp) -> Row {
    Row {
        order_no,
        original_no: None,
        command: OrderCommand::Place,
        symbol: request.symbol,
        venue: Some(request.venue),
        side: request.side,
        order_type: Some(request.kind.order_type()),
        time_in_force: Some(request.time_in_force),
        price: request.kind.limit_price(),
        qty: request.qty,
        confirmed: Qty::ZERO,
        filled: Qty::ZERO,
        filled_value: Money::ZERO,
        remaining: request.qty,
        refused: false,
        at,
    }
}

/// The row of a number that changes another one. The exchange carries it out at once.
fn changing(
    original: &Row,
    order_no: OrderNo,
    command: OrderCommand,
    qty: Qty,
    at: Timestamp,
) -> Row {
    Row {
        order_no,
        original_no: Some(original.order_no),
        command,
        qty,
        confirmed: qty,
        filled: Qty::ZERO,
        filled_value: Money::ZERO,
        remaining: Qty::ZERO,
        at,
        ..*original
    }
}

/// The notice that the broker sends of an event, and to whom. A refused command has an answer and no notice.
pub(super) fn notice(list: &List, event: &ExecutionEvent) -> Option<(AccountId, Notice)> {
    let about = |order_no, original_no, news, at| {
        let row = list.row(order_no)?;
        Some(Notice {
            order_no,
            original_no,
            symbol: row.symbol,
            side: row.side,
            order_qty: (row.command == OrderCommand::Place).then_some(row.qty),
            news,
            at,
        })
    };
    let (account, notice) = match event {
        ExecutionEvent::Accepted { account, receipt } => {
            let row = list.row(receipt.order_no)?;
            let news = News::Accepted {
                command: OrderCommand::Place,
                price: row.price,
            };
            (*account, about(receipt.order_no, None, news, receipt.at))
        }
        ExecutionEvent::Filled { fill, .. } => {
            let row = list.row(fill.order_no)?;
            let news = News::Filled {
                qty: fill.qty,
                price: fill.price,
                fill_no: Some(fill.fill_no),
                cumulative: Some(row.filled),
            };
            let notice = about(fill.order_no, row.original_no, news, fill.at);
            (fill.account, notice)
        }
        ExecutionEvent::Modified {
            account,
            original_no,
            order_no,
            qty,
            kind,
            at,
            ..
        } => {
            let news = News::Modified {
                qty: Some(*qty),
                price: OrderKind::limit_price(*kind),
            };
            (*account, about(*order_no, Some(*original_no), news, *at))
        }
        ExecutionEvent::Cancelled {
            account,
            order_no,
            cancel_no,
            qty,
            reason,
            at,
            ..
        } => {
            let news = News::Cancelled {
                qty: Some(*qty),
                reason: *reason,
            };
            let number = cancel_no.unwrap_or(*order_no);
            let original = match cancel_no {
                Some(_) => Some(*order_no),
                None => list.row(*order_no)?.original_no,
            };
            (*account, about(number, original, news, *at))
        }
        ExecutionEvent::Refused { .. }
        | ExecutionEvent::NotSent { .. }
        | ExecutionEvent::Unknown { .. }
        | ExecutionEvent::Resolved { .. }
        | ExecutionEvent::External { .. }
        | ExecutionEvent::Gap { .. }
        | ExecutionEvent::Resynced { .. }
        | ExecutionEvent::Disputed { .. }
        | ExecutionEvent::Rejected { .. } => return None,
    };
    notice.map(|notice| (account, notice))
}

fn sum(a: Qty, b: Qty) -> Qty {
    a.checked_add(b).unwrap_or(Qty::new(u64::MAX))
}
