//! The integration tests, all in one binary.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod books;
#[cfg(feature = "cli")]
mod cli;
mod compile_fail;
mod desk;
#[cfg(all(feature = "emulator", feature = "kis"))]
mod emulator;
mod exchange;
mod gateway;
mod journal;
#[cfg(any(feature = "kis", feature = "emulator"))]
mod kis_realtime;
mod limits;
mod mock;
mod registry;
mod rows;
mod tidy;
