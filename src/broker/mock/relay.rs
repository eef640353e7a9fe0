//! From the exchange to the desks, the subscribers and the candles.

use crate::contract::Publisher;
use crate::domain::{
    Candle, CandleRequest, ExecutionEvent, MarketEvent, Symbol, Topic, Trade, Venue,
};
use crate::error::{Error, Result};
use crate::sim::{CandleBuilder, Events, Exchange, SymbolIndex};

/// Minutes of candles kept of each issue: ten trading days.
const MINUTES_MAX: usize = 3_900;

/// What goes out and is kept of each issue.
#[derive(Debug)]
pub(super) struct Feed {
    /// Sorted by symbol.
    rows: Vec<Row>,
    /// Whether a book changed since it was last sent, of an issue whose book is subscribed.
    any_changed: bool,
}

#[derive(Debug)]
struct Row {
    symbol: Symbol,
    trades: bool,
    books: bool,
    changed: bool,
    candles: CandleBuilder,
    /// Candles of before the simulation.
    loaded: Vec<Candle>,
}

impl Feed {
    /// Nothing subscribed.
    pub(super) fn new(symbols: impl Iterator<Item = Symbol>) -> Self {
        let row = |symbol| Row {
            symbol,
            trades: false,
            books: false,
            changed: false,
            candles: CandleBuilder::new(symbol, MINUTES_MAX),
            loaded: Vec::new(),
        };
        let mut rows: Vec<Row> = symbols.map(row).collect();
        rows.sort_by_key(|row| row.symbol);
        Self {
            rows,
            any_changed: false,
        }
    }

    fn row(&mut self, symbol: Symbol) -> Option<&mut Row> {
        let index = self
            .rows
            .binary_search_by_key(&symbol, |row| row.symbol)
            .ok()?;
        self.rows.get_mut(index)
    }

    /// Switches topics on or off: all of them, or none when one cannot be.
    pub(super) fn set(&mut self, topics: &[Topic], on: bool) -> Result<()> {
        for topic in topics {
            let (Topic::Trades { symbol, venue } | Topic::Book { symbol, venue }) = *topic;
            super::check_venue(venue)?;
            self.row(symbol)
                .ok_or_else(|| super::unknown_symbol(symbol))?;
        }
        for topic in topics {
            let (Topic::Trades { symbol, .. } | Topic::Book { symbol, .. }) = *topic;
            if let Some(row) = self.row(symbol) {
                match topic {
                    Topic::Trades { .. } => row.trades = on,
                    Topic::Book { .. } => row.books = on,
                }
            }
        }
        Ok(())
    }

    /// The loaded and the simulated candles of an issue; `None` when it is not listed.
    pub(super) fn candles(&self, request: &CandleRequest) -> Option<Vec<Candle>> {
        let index = self
            .rows
            .binary_search_by_key(&request.symbol, |row| row.symbol)
            .ok()?;
        let row = &self.rows[index];
        let dates = request.from..=request.to;
        let mut candles: Vec<Candle> = row
            .loaded
            .iter()
            .filter(|candle| {
                candle.timeframe == request.timeframe && dates.contains(&candle.start.kst_date())
            })
            .copied()
            .collect();
        let loaded_until = candles.last().map(|candle| candle.start);
        let simulated = row.candles.candles(request);
        candles.extend(
            simulated
                .into_iter()
                .filter(|candle| Some(candle.start) > loaded_until),
        );
        Some(candles)
    }

    /// Replaces the loaded candles of one issue and timeframe.
    pub(super) fn load(&mut self, candles: Vec<Candle>) -> Result<()> {
        let Some(&Candle {
            symbol, timeframe, ..
        }) = candles.first()
        else {
            return Ok(());
        };
        for pair in candles.windows(2) {
            if (pair[1].symbol, pair[1].timeframe) != (symbol, timeframe) {
                let found = format_args!("{} {}", pair[1].symbol, pair[1].timeframe);
                return Err(Error::invalid(
                    "candles",
                    found,
                    format!("{symbol} {timeframe}, as the first"),
                ));
            }
            if pair[1].start <= pair[0].start {
                let expected = format!("after the candle before, {}", pair[0].start);
                return Err(Error::invalid("candle start", pair[1].start, expected));
            }
        }
        let row = self
            .row(symbol)
            .ok_or_else(|| super::unknown_symbol(symbol))?;
        row.loaded.retain(|candle| candle.timeframe != timeframe);
        row.loaded.extend(candles);
        Ok(())
    }

    /// Sends the books that changed.
    #[inline]
    pub(super) fn send_books(&mut self, exchange: &Exchange, market_data: &Publisher<MarketEvent>) {
        if !std::mem::take(&mut self.any_changed) {
            return;
        }
        for row in &mut self.rows {
            if std::mem::take(&mut row.changed)
                && let Some(book) = exchange.order_book(row.symbol)
            {
                market_data.publish(&MarketEvent::Book(book));
            }
        }
    }
}

/// Hands on what the exchange tells. Books are marked, and read when the exchange is done.
#[derive(Debug)]
pub(super) struct Relay<'a> {
    /// What happened to orders, for their desks.
    pub(super) news: &'a mut Vec<ExecutionEvent>,
    pub(super) market_data: &'a Publisher<MarketEvent>,
    pub(super) feed: &'a mut Feed,
}

impl Events for Relay<'_> {
    fn execution(&mut self, event: ExecutionEvent) {
        self.news.push(event);
    }

    fn trade(&mut self, trade: Trade) {
        debug_assert_eq!(trade.venue, Venue::Krx, "the simulation has one venue");
        if let Some(row) = self.feed.row(trade.symbol) {
            row.candles.add(&trade);
            if row.trades {
                self.market_data.publish(&MarketEvent::Trade(trade));
            }
        }
    }

    fn book_changed(&mut self, _: SymbolIndex, symbol: Symbol) {
        if !self.market_data.has_subscribers() {
            return;
        }
        if let Some(row) = self.feed.row(symbol)
            && row.books
        {
            row.changed = true;
            self.feed.any_changed = true;
        }
    }
}
