//! A deterministic Korean exchange: commands and time in, events out. No clock, no I/O, no async.

pub mod book;
mod candles;
pub mod ladder;
mod liquidity;
pub mod naive;
mod paths;
mod recorded;

pub use candles::CandleBuilder;
pub use liquidity::{Liquidity, LiquidityParams, Plan, Take};
pub use paths::{Gbm, GbmParams, PathPoint, PricePath, Replay, ReplayParams, SessionSpan};
pub use recorded::RecordedCandles;
