//! What the exchange tells while it works.

use super::ledger::ListingIndex;
use crate::domain::{ExecutionEvent, Symbol, Trade};

/// An issue's place in the exchange's list: shorter than its code, and fixed for the life of the exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SymbolIndex(pub(super) ListingIndex);

impl SymbolIndex {
    /// The place, counted from 0 in the order of listing.
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// Takes the news of the exchange in the order in which it happens.
///
/// A command's news come in this order: the order is accepted, modified or refused; each of its trades, with the fill
/// of the order that rested and then that of the order that came in; what is cancelled of it; the change of the book.
pub trait Events {
    /// An order of a customer changed, or a command was refused.
    fn execution(&mut self, event: ExecutionEvent);

    /// Shares were traded.
    fn trade(&mut self, trade: Trade);

    /// The book of an issue changed: once a command, after everything else.
    fn book_changed(&mut self, index: SymbolIndex, symbol: Symbol);
}

/// Listens to nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoEvents;

impl Events for NoEvents {
    fn execution(&mut self, _: ExecutionEvent) {}

    fn trade(&mut self, _: Trade) {}

    fn book_changed(&mut self, _: SymbolIndex, _: Symbol) {}
}

/// Keeps everything, each kind in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorder {
    /// News of orders.
    pub executions: Vec<ExecutionEvent>,
    /// Trades of the market.
    pub trades: Vec<Trade>,
    /// Changes of books.
    pub books: Vec<Symbol>,
}

impl Recorder {
    /// Forgets everything.
    pub fn clear(&mut self) {
        self.executions.clear();
        self.trades.clear();
        self.books.clear();
    }
}

impl Events for Recorder {
    fn execution(&mut self, event: ExecutionEvent) {
        self.executions.push(event);
    }

    fn trade(&mut self, trade: Trade) {
        self.trades.push(trade);
    }

    fn book_changed(&mut self, _: SymbolIndex, symbol: Symbol) {
        self.books.push(symbol);
    }
}
