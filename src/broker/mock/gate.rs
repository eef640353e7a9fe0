//! MOCK's pre-trade gate: the rules of the day, from the exchange's issues.

use std::time::Duration;

use jiff::civil::Date;

use super::unknown_symbol;
use crate::domain::{
    Instrument, OrderRequest, Price, PriceBand, Qty, Symbol, TickTable, TradingCalendar, ValueError,
};
use crate::error;
use crate::orders::desk::{self, Moment};
use crate::orders::gate::{Gate, GateRules, GateTime, MarketFacts, OrderHours, TradingSwitch};
use crate::sim::Exchange;

/// The gate of one account and day.
#[derive(Clone, Debug)]
pub(super) struct DayGate {
    gate: Gate,
    /// Sorted by symbol.
    issues: Vec<Issue>,
    next: Next,
}

/// What is known of an issue for a day.
#[derive(Clone, Debug)]
struct Issue {
    symbol: Symbol,
    instrument: Instrument,
    ticks: TickTable,
    base: Price,
    band: Option<PriceBand>,
}

/// What the next check is of.
#[derive(Clone, Copy, Debug)]
enum Next {
    /// A new order, with the shares that may be sold.
    New(Qty),
    /// An order as a modification would make it.
    Modified,
}

impl DayGate {
    /// The gate of the exchange's open day.
    pub(super) fn new(
        exchange: &Exchange,
        date: Date,
        switch: TradingSwitch,
    ) -> Result<Self, ValueError> {
        let hours = OrderHours::on(date, TradingCalendar::builtin())?;
        let issues = exchange
            .instruments()
            .filter_map(|instrument| Issue::of(exchange, instrument, date).transpose());
        let mut issues: Vec<Issue> = issues.collect::<Result<_, _>>()?;
        issues.sort_by_key(|issue| issue.symbol);
        Ok(Self {
            gate: Gate::new(GateRules::none(), switch, hours),
            issues,
            next: Next::New(Qty::ZERO),
        })
    }

    /// The next check is of a new order.
    pub(super) const fn expect_new(&mut self, sellable: Qty) {
        self.next = Next::New(sellable);
    }

    /// The next check is of a modified order.
    pub(super) const fn expect_modified(&mut self) {
        self.next = Next::Modified;
    }

    /// Counts a new order that is on its way.
    pub(super) fn note_sent(&mut self, request: &OrderRequest, elapsed: Duration) {
        if let Ok(place) = self.place(request.symbol) {
            let facts = self.issues[place].facts(Qty::ZERO);
            self.gate.note_sent(request, &facts, elapsed);
        }
    }

    fn place(&self, symbol: Symbol) -> Result<usize, usize> {
        self.issues
            .binary_search_by_key(&symbol, |issue| issue.symbol)
    }
}

impl desk::Gate for DayGate {
    #[inline]
    fn check(&mut self, request: &OrderRequest, now: Moment) -> error::Result<()> {
        let place = self
            .place(request.symbol)
            .map_err(|_| unknown_symbol(request.symbol))?;
        let issue = &self.issues[place];
        let now = GateTime {
            at: now.at,
            elapsed: now.elapsed,
        };
        match self.next {
            Next::New(sellable) => self.gate.check(request, &issue.facts(sellable), now),
            Next::Modified => self
                .gate
                .check_modified(request, &issue.facts(Qty::ZERO), now),
        }?;
        Ok(())
    }
}

impl Issue {
    /// `None` for an issue without a quote, which the exchange does not list.
    fn of(
        exchange: &Exchange,
        instrument: &Instrument,
        date: Date,
    ) -> Result<Option<Self>, ValueError> {
        let symbol = instrument.symbol();
        let Some(quote) = exchange.quote(symbol) else {
            return Ok(None);
        };
        let limits = quote.lower_limit.zip(quote.upper_limit);
        let band = limits
            .map(|(lower, upper)| PriceBand::new(lower, upper))
            .transpose()?;
        Ok(Some(Self {
            symbol,
            instrument: instrument.clone(),
            ticks: TickTable::of(instrument.kind(), instrument.market(), date)?,
            base: quote.base,
            band,
        }))
    }

    const fn facts(&self, sellable: Qty) -> MarketFacts<'_> {
        MarketFacts {
            instrument: &self.instrument,
            ticks: self.ticks,
            base: self.base,
            band: self.band,
            // Only a price collar asks for it, and MOCK has none.
            last: None,
            sellable,
        }
    }
}
