//! A deterministic Korean exchange: commands and time in, events out. No clock, no I/O, no async.

pub mod book;
pub mod ladder;
pub mod ladder_book;
pub mod naive;
