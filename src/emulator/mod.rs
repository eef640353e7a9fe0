//! Servers on loopback that speak as the brokers do, with the simulated exchange behind them.

#[cfg(feature = "kis")]
pub mod kis;
