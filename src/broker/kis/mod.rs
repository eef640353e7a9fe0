//! KIS: Korea Investment & Securities (한국투자증권), domestic stocks on KRX, NXT and SOR.

mod auth;
mod convert;
mod site;

pub use site::{Access, Address, Environment, Keys, Paper, Real, Site};
