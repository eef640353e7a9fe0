//! A deterministic Korean exchange: commands and time in, events out. No clock, no I/O, no async.

pub mod book;
mod candles;
mod checks;
mod command;
mod costs;
mod day;
mod events;
mod exchange;
mod house;
pub mod ladder;
pub mod ladder_book;
mod ledger;
mod liquidity;
mod listing;
mod matching;
pub mod naive;
mod orders;
mod paths;
mod queries;
mod recorded;
mod refusal;

pub use candles::CandleBuilder;
pub use command::{Command, Listing, Outcome};
pub use costs::Tariff;
pub use day::TradingDay;
pub use events::{Events, NoEvents, Recorder, SymbolIndex};
pub use exchange::Exchange;
pub use house::{HouseOrder, HousePlaced};
pub use liquidity::{Liquidity, LiquidityParams, Plan, Take};
pub use orders::Capacity;
pub use paths::{Gbm, GbmParams, PathPoint, PricePath, Replay, ReplayParams, SessionSpan};
pub use recorded::RecordedCandles;
