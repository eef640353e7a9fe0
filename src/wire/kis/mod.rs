//! The formats of the KIS Open API (한국투자증권, Korea Investment & Securities), for domestic stocks.
//!
//! Sources are named where they matter; "the portal" is apiportal.koreainvestment.com, and "the samples" are
//! github.com/koreainvestment/open-trading-api, both as of 2026-07.

pub mod codes;
pub mod hosts;
pub mod masters;
pub mod messages;
pub mod number;
pub mod query;
pub mod realtime;
pub mod record;
pub mod rest;
pub mod tr;
