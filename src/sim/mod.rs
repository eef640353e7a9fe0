//! A deterministic Korean exchange: commands and time in, events out. No clock, no I/O, no async.

pub mod book;
mod events;
pub mod ladder;
pub mod ladder_book;
mod ledger;
pub mod naive;
mod orders;
