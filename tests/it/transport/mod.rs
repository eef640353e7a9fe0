//! Connections, exchanges and sessions, over streams that fail in every way that the tests can think of.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever else comes fails the test"
)]

mod certificates;
mod cut;
mod lines;
mod simulated;
mod support;
mod watchdog;
mod ws;
