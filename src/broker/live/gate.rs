//! The pre-trade gate of one account and day.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use tokio::time::Instant;

use super::issues::Issues;
use crate::domain::{Money, OrderRequest, Qty, Side, Symbol};
use crate::error::{Error, Result};
use crate::limiter::{Lane, RateLimiter};
use crate::orders::desk::{self, Moment, Record};
use crate::orders::gate::{DayTotals, Gate, GateTime};

/// The gate with the facts of its day.
#[derive(Debug)]
pub(super) struct DayGate {
    gate: Gate,
    issues: Issues,
    /// Shares that could be sold when they were last told, less the sales since then.
    sellable: FxHashMap<Symbol, Qty>,
    limiter: Arc<RateLimiter>,
    next: Next,
    /// Whether `checked` is told.
    pub(super) times: bool,
    pub(super) checked: Option<Instant>,
}

/// What the next check is of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Next {
    /// A new order whose caller does not wait for the limiter.
    NewNow,
    /// A new order that may wait.
    New,
    /// An order as a modification would make it.
    Modified,
}

impl DayGate {
    pub(super) fn new(gate: Gate, issues: Issues, limiter: Arc<RateLimiter>) -> Self {
        Self {
            gate,
            issues,
            sellable: FxHashMap::default(),
            limiter,
            next: Next::New,
            times: false,
            checked: None,
        }
    }

    pub(super) const fn expect(&mut self, next: Next) {
        self.next = next;
    }

    pub(super) fn set_issues(&mut self, issues: Issues) {
        self.issues = issues;
    }

    pub(super) fn set_sellable(&mut self, symbol: Symbol, qty: Qty) {
        self.sellable.insert(symbol, qty);
    }

    /// Counts a new order that is on its way.
    pub(super) fn note_sent(&mut self, request: &OrderRequest, now: Moment) {
        if let Some(facts) = self.issues.facts(request.symbol, Qty::ZERO) {
            self.gate.note_sent(request, &facts, now.elapsed);
        }
        // What a sale that is refused or cancelled frees again, the next reading of the positions tells.
        if request.side == Side::Sell
            && let Some(sellable) = self.sellable.get_mut(&request.symbol)
        {
            *sellable = sellable.saturating_sub(request.qty);
        }
    }

    /// Counts a modification that is on its way.
    pub(super) fn note_modified(&mut self, now: Moment) {
        self.gate.note_modified(now.elapsed);
    }

    /// Counts the orders that were sent before a restart. Those without a price count at none, because which prices held
    /// then is not known.
    pub(super) fn count_again(&mut self, records: &[Record]) {
        let mut today = DayTotals::default();
        for record in records {
            if let Record::Place { request, .. } = record {
                let qty = today.qty.checked_add(request.qty);
                today.qty = qty.unwrap_or(Qty::new(u64::MAX));
                let value = request.kind.limit_price();
                let value = value.and_then(|price| price.value(request.qty));
                let value = value.unwrap_or(Money::ZERO);
                today.value = today.value.checked_add(value).unwrap_or(Money::MAX);
            }
        }
        self.gate.restore(today);
    }

    fn sellable(&self, symbol: Symbol) -> Qty {
        self.sellable.get(&symbol).copied().unwrap_or(Qty::ZERO)
    }

    fn look(&self, request: &OrderRequest, now: Moment) -> Result<()> {
        let sellable = match request.side {
            Side::Buy => Qty::ZERO,
            Side::Sell => self.sellable(request.symbol),
        };
        let facts = self
            .issues
            .facts(request.symbol, sellable)
            .ok_or_else(|| unknown_symbol(request.symbol))?;
        let time = GateTime {
            at: now.at,
            elapsed: now.elapsed,
        };
        match self.next {
            Next::NewNow => {
                self.gate.check(request, &facts, time)?;
                // Before the order is written down: a program that asks again and again must not fill the journal.
                self.limiter.has_room(Lane::Order)?;
            }
            Next::New => self.gate.check(request, &facts, time)?,
            Next::Modified => self.gate.check_modified(request, &facts, time)?,
        }
        Ok(())
    }
}

impl desk::Gate for DayGate {
    fn check(&mut self, request: &OrderRequest, now: Moment) -> Result<()> {
        let looked = self.look(request, now);
        if self.times {
            self.checked = Some(Instant::now());
        }
        looked
    }
}

#[cold]
fn unknown_symbol(symbol: Symbol) -> Error {
    Error::not_found("symbol", symbol, "one of today's `instruments`")
}
