//! What the gate has to know of each issue for a day.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::Date;

use crate::domain::{Instrument, Price, PriceBand, Qty, Symbol, TickTable};
use crate::error::Result;
use crate::orders::gate::MarketFacts;

/// An issue with its prices of the day.
#[derive(Clone, Debug)]
pub struct Issue {
    /// The issue.
    pub instrument: Instrument,
    /// The day's base price.
    pub base: Price,
    /// The day's limits; `None` for an issue without.
    pub band: Option<PriceBand>,
}

/// The issues of a day. Clones share them, last prices included.
#[derive(Clone, Debug)]
pub struct Issues {
    date: Date,
    /// Sorted by symbol.
    rows: Arc<[Row]>,
}

#[derive(Debug)]
struct Row {
    symbol: Symbol,
    issue: Issue,
    ticks: TickTable,
    /// Units of the last trade's price; 0 before the first one.
    last: AtomicI64,
}

impl Issues {
    /// No issue: no order passes.
    pub fn none(date: Date) -> Self {
        Self {
            date,
            rows: Arc::default(),
        }
    }

    /// The issues of a day; of two with one symbol the first counts.
    ///
    /// # Errors
    /// For a day whose tick ladders are not known.
    pub fn new(date: Date, issues: impl IntoIterator<Item = Issue>) -> Result<Self> {
        let mut rows = issues
            .into_iter()
            .map(|issue| {
                Ok(Row {
                    symbol: issue.instrument.symbol(),
                    ticks: issue.instrument.tick_table(date)?,
                    issue,
                    last: AtomicI64::new(0),
                })
            })
            .collect::<Result<Vec<Row>>>()?;
        rows.sort_by_key(|row| row.symbol);
        rows.dedup_by_key(|row| row.symbol);
        Ok(Self {
            date,
            rows: rows.into(),
        })
    }

    /// The day.
    pub const fn date(&self) -> Date {
        self.date
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// An issue traded at that price. Takes no lock; an issue that is not there is passed over.
    pub fn set_last(&self, symbol: Symbol, price: Price) {
        if let Some(row) = self.row(symbol) {
            row.last.store(price.units(), Ordering::Relaxed);
        }
    }

    pub(super) fn facts(&self, symbol: Symbol, sellable: Qty) -> Option<MarketFacts<'_>> {
        let row = self.row(symbol)?;
        let last = Price::from_units(row.last.load(Ordering::Relaxed));
        Some(MarketFacts {
            instrument: &row.issue.instrument,
            ticks: row.ticks,
            base: row.issue.base,
            band: row.issue.band,
            last,
            sellable,
        })
    }

    fn row(&self, symbol: Symbol) -> Option<&Row> {
        let place = self.rows.binary_search_by_key(&symbol, |row| row.symbol);
        place.ok().map(|place| &self.rows[place])
    }
}
