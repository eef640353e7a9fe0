//! One closed, statically dispatched gateway to the Korean brokers.

pub mod clock;
pub mod config;
pub mod domain;
mod error;
pub mod limiter;
pub mod orders;
pub mod sim;

pub use config::{AccountConfig, BrokerConfig, GatewayConfigs, Secret};
pub use domain::{BrokerType, Symbol};
pub use error::{ConfigError, ConfigProblem, Error, Result, TimeoutPhase};
