//! A deterministic Korean exchange: commands and time in, events out. No clock, no I/O, no async.

pub mod book;
mod candles;
pub mod ladder;
pub mod naive;
mod recorded;

pub use candles::CandleBuilder;
pub use recorded::RecordedCandles;
