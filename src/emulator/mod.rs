//! Servers on loopback that speak as the brokers do, with the simulated exchange behind them.

#[cfg(feature = "kis")]
mod clock;
#[cfg(feature = "kis")]
mod http;
mod listen;
mod tls;

#[cfg(feature = "kis")]
pub mod kis;

pub use listen::{Listen, TlsListener};
pub use tls::{Certificate, CertificateFlaw};
