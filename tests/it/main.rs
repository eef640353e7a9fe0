//! The integration tests, all in one binary.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod books;
#[cfg(feature = "cli")]
mod cli;
#[cfg(all(feature = "cli", feature = "kis", feature = "emulator"))]
mod cli_kis;
mod compile_fail;
mod contract;
mod desk;
#[cfg(all(feature = "emulator", feature = "kis"))]
mod emulator;
mod exchange;
mod gateway;
mod journal;
#[cfg(all(feature = "kis", feature = "emulator"))]
mod kis_gateway;
#[cfg(any(feature = "kis", feature = "emulator"))]
mod kis_realtime;
#[cfg(feature = "kis")]
mod kis_rest;
mod limits;
#[cfg(feature = "network")]
mod live;
mod mock;
mod mock_faults;
mod mock_journal;
mod registry;
mod rows;
mod tidy;
#[cfg(feature = "network")]
mod transport;
