//! KIS: Korea Investment & Securities (한국투자증권), domestic stocks on KRX, NXT and SOR.

mod account;
mod auth;
mod client;
mod convert;
mod login;
mod market_data;
mod numbers;
mod paging;
mod site;

pub use site::{Access, Address, Environment, Keys, Paper, Real, Site};
