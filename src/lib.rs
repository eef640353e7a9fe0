#![doc = include_str!("../README.md")]

pub mod broker;
pub mod clock;
pub mod config;
mod contract;
pub mod domain;
#[cfg(feature = "emulator")]
pub mod emulator;
mod error;
mod gateway;
pub mod limiter;
pub mod orders;
mod registry;
pub mod sim;
#[cfg(feature = "network")]
pub mod transport;
pub mod wire;

pub use broker::Mock;
pub use config::{
    AccountConfig, BrokerConfig, FeeTariff, GatewayConfigs, MarketSource, MockConfig, MockSymbol,
    Secret,
};
pub use contract::{
    BrokerGateway, Capabilities, Health, Lagged, RecvError, Subscription, TryRecvError,
};
pub use domain::*;
pub use error::{
    Block, Bounded, BrokerError, ConfigError, ConfigProblem, ConnectionError, Error, IoError,
    Result, TimeoutPhase,
};
pub use gateway::Gateway;
pub use limiter::{LimitLevel, RateLimiter, Usage};
pub use registry::{BrokerInfo, Registry};
