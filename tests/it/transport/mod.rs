//! Connections, exchanges and sessions, over streams that fail in every way that the tests can think of.

mod certificates;
mod cut;
mod lines;
mod simulated;
mod support;
mod watchdog;
mod ws;
