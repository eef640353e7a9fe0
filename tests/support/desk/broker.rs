//! The model broker: an obvious book of truth, and the list and the notices that it shows of it.

use gwanmun::domain::{
    CancelReason, Money, OrderCommand, OrderKind, OrderNo, Price, Qty, RefusalReason, Side, Symbol,
    TimeInForce, Timestamp,
};
use gwanmun::orders::desk::{News, Notice, Row};

use super::faults::Dialect;

/// One number as it really stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Truth {
    pub(crate) row: Row,
    /// Shares that a modification or cancel asks for; all that is left without.
    pub(crate) asked: Option<Qty>,
    /// Whether the exchange has dealt with a modification or cancel.
    pub(crate) done: bool,
    pub(crate) last_fill: u64,
}

/// What became of a ticket at the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Accepted(OrderNo),
    Refused,
}

/// A request as it arrives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    pub(crate) command: OrderCommand,
    pub(crate) target: Option<OrderNo>,
    pub(crate) symbol: Symbol,
    pub(crate) side: Side,
    pub(crate) qty: Option<Qty>,
    pub(crate) kind: OrderKind,
    pub(crate) time_in_force: TimeInForce,
}

/// The broker.
#[derive(Debug)]
pub(crate) struct Broker {
    pub(crate) dialect: Dialect,
    pub(crate) orders: Vec<Truth>,
    /// Every change of every row, for lists that lag.
    log: Vec<(u64, usize, Row)>,
    /// By ticket: requests that arrived, and what became of the first.
    pub(crate) arrivals: Vec<(u32, Option<Verdict>)>,
    fills: u64,
    clock_ms: i64,
}

const FIRST_NO: u64 = 100;

impl Broker {
    pub(crate) fn new(dialect: Dialect, clock_ms: i64) -> Self {
        Self {
            dialect,
            orders: Vec::with_capacity(32),
            log: Vec::with_capacity(128),
            arrivals: Vec::with_capacity(32),
            fills: 0,
            clock_ms,
        }
    }

    /// The broker's time, in whole seconds.
    pub(crate) fn clock(&self, now_ns: u64) -> Timestamp {
        let nanos = i64::try_from(now_ns).unwrap_or(i64::MAX) + self.clock_ms * 1_000_000;
        Timestamp::from_nanos(nanos.div_euclid(1_000_000_000) * 1_000_000_000)
    }

    pub(crate) fn index_of(&self, order_no: OrderNo) -> Option<usize> {
        let index = usize::try_from(order_no.get().checked_sub(FIRST_NO)?).ok()?;
        (index < self.orders.len()).then_some(index)
    }

    fn log(&mut self, now_ns: u64, index: usize) {
        self.log.push((now_ns, index, self.orders[index].row));
    }

    /// Counts a request of a ticket.
    pub(crate) fn arrived(&mut self, ticket: u64) {
        let index = usize::try_from(ticket).unwrap_or(0);
        if self.arrivals.len() <= index {
            self.arrivals.resize(index + 1, (0, None));
        }
        self.arrivals[index].0 += 1;
    }

    pub(crate) fn verdict(&mut self, ticket: Option<u64>, verdict: Verdict) {
        if let Some(index) = ticket.and_then(|ticket| usize::try_from(ticket).ok()) {
            self.arrivals[index].1.get_or_insert(verdict);
        }
    }

    pub(crate) fn arrivals_of(&self, ticket: u64) -> (u32, Option<Verdict>) {
        let index = usize::try_from(ticket).unwrap_or(usize::MAX);
        self.arrivals.get(index).copied().unwrap_or((0, None))
    }

    /// Takes a request, or says no where it cannot be: the index of its number.
    pub(crate) fn take(&mut self, now_ns: u64, request: &Request) -> Option<usize> {
        if let Some(target) = request.target {
            let index = self.index_of(target)?;
            if self.orders[index].row.remaining.is_zero() {
                return None;
            }
        }
        let order_no = OrderNo::new(FIRST_NO + self.orders.len() as u64)?;
        let is_place = request.command == OrderCommand::Place;
        let tells_more = self.dialect != Dialect::Bare;
        let qty = request.qty.unwrap_or(Qty::ZERO);
        let row = Row {
            order_no,
            original_no: request.target,
            command: request.command,
            symbol: request.symbol,
            venue: None,
            side: request.side,
            order_type: tells_more.then(|| request.kind.order_type()),
            time_in_force: tells_more.then_some(request.time_in_force),
            price: request.kind.limit_price(),
            qty,
            confirmed: Qty::ZERO,
            filled: Qty::ZERO,
            filled_value: Money::ZERO,
            remaining: if is_place { qty } else { Qty::ZERO },
            refused: false,
            at: self.clock(now_ns),
        };
        self.orders.push(Truth {
            row,
            asked: request.qty,
            done: is_place,
            last_fill: now_ns,
        });
        let index = self.orders.len() - 1;
        self.log(now_ns, index);
        Some(index)
    }

    /// The exchange deals with a modification or a cancel; or turns a number away.
    pub(crate) fn confirm(&mut self, now_ns: u64, index: usize, refuse: bool) -> Notice {
        let change = self.orders[index];
        self.orders[index].done = true;
        let target = change.row.original_no.and_then(|no| self.index_of(no));
        let left = target.map_or(Qty::ZERO, |target| self.orders[target].row.remaining);
        let qty = change.asked.unwrap_or(left).min(left);
        let Some(target) = target.filter(|_| !refuse && !qty.is_zero()) else {
            let row = &mut self.orders[index].row;
            row.refused = true;
            row.remaining = Qty::ZERO;
            let (command, reason) = (row.command, RefusalReason::UnknownOrder);
            self.log(now_ns, index);
            return self.notice(now_ns, index, News::Refused { command, reason });
        };
        let old = &mut self.orders[target].row;
        old.remaining = old.remaining.saturating_sub(qty);
        let row = &mut self.orders[index].row;
        row.confirmed = qty;
        if row.command == OrderCommand::Modify {
            (row.qty, row.remaining) = (qty, qty);
        }
        let (command, price) = (row.command, row.price);
        self.log(now_ns, target);
        self.log(now_ns, index);
        let news = match command {
            OrderCommand::Modify => News::Modified {
                qty: Some(qty),
                price,
            },
            OrderCommand::Place | OrderCommand::Cancel => News::Cancelled {
                qty: Some(qty),
                reason: CancelReason::Requested,
            },
        };
        self.notice(now_ns, index, news)
    }

    /// A fill of a number.
    pub(crate) fn fill(&mut self, now_ns: u64, index: usize, qty: Qty, price: Price) -> Notice {
        self.fills += 1;
        let fill_no = self.fills;
        let row = &mut self.orders[index].row;
        row.filled = row.filled.checked_add(qty).unwrap();
        row.remaining = row.remaining.checked_sub(qty).unwrap();
        row.filled_value = row
            .filled_value
            .checked_add(price.value(qty).unwrap())
            .unwrap();
        let cumulative = row.filled;
        self.orders[index].last_fill = now_ns;
        self.log(now_ns, index);
        let news = News::Filled {
            qty,
            price,
            fill_no: (self.dialect != Dialect::Bare).then_some(fill_no),
            cumulative: (self.dialect == Dialect::Cumulative).then_some(cumulative),
        };
        self.notice(now_ns, index, news)
    }

    /// The rest of an immediate order ends.
    pub(crate) fn lapse(&mut self, now_ns: u64, index: usize) -> Option<Notice> {
        let row = &mut self.orders[index].row;
        let qty = row.remaining;
        if qty.is_zero() {
            return None;
        }
        row.remaining = Qty::ZERO;
        self.log(now_ns, index);
        let reason = CancelReason::ImmediateOrCancel;
        Some(self.notice(
            now_ns,
            index,
            News::Cancelled {
                qty: Some(qty),
                reason,
            },
        ))
    }

    /// The notice that a number was taken.
    pub(crate) fn accepted(&self, now_ns: u64, index: usize) -> Notice {
        let row = &self.orders[index].row;
        let (command, price) = (row.command, row.price);
        self.notice(now_ns, index, News::Accepted { command, price })
    }

    fn notice(&self, now_ns: u64, index: usize, news: News) -> Notice {
        let row = &self.orders[index].row;
        Notice {
            order_no: row.order_no,
            original_no: row.original_no,
            symbol: row.symbol,
            side: row.side,
            order_qty: (row.command == OrderCommand::Place).then_some(row.qty),
            news,
            at: self.clock(now_ns),
        }
    }

    /// The list as it was at `as_of_ns`.
    pub(crate) fn list(&self, as_of_ns: u64, rows: &mut Vec<Row>) {
        rows.clear();
        for &(at, index, row) in &self.log {
            if at > as_of_ns {
                break;
            }
            match rows.get_mut(index) {
                Some(slot) => *slot = row,
                None => rows.push(row),
            }
        }
    }
}
