//! A deterministic Korean exchange: commands and time in, events out. No clock, no I/O, no async.

pub mod book;
mod checks;
mod command;
mod costs;
mod day;
mod events;
mod exchange;
mod house;
mod id_map;
pub mod ladder;
pub mod ladder_book;
mod ledger;
mod listing;
mod matching;
pub mod naive;
mod orders;
mod queries;
mod refusal;

pub use command::{Command, Listing, Outcome};
pub use costs::Tariff;
pub use day::TradingDay;
pub use events::{Events, NoEvents, Recorder, SymbolIndex};
pub use exchange::Exchange;
pub use house::{HouseOrder, HousePlaced};
pub use orders::Capacity;
