//! One closed, statically dispatched gateway to the Korean brokers.

pub mod domain;
mod error;
pub mod limiter;
pub mod orders;
pub mod sim;

pub use domain::Symbol;
pub use error::{Block, Bounded, ConfigError, ConfigProblem, Error, Result, TimeoutPhase};
