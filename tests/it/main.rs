//! The integration tests, all in one binary.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod books;
#[cfg(feature = "cli")]
mod cli;
mod compile_fail;
mod desk;
mod exchange;
mod gateway;
mod journal;
mod limits;
mod mock;
mod registry;
mod rows;
mod tidy;
#[cfg(feature = "network")]
mod transport;
