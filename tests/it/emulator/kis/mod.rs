//! The emulator of KIS, by a small client of its own: over an in-memory network in paused time, and over loopback sockets.

mod account;
mod auth;
mod faults;
mod hand;
mod lists;
mod loopback;
mod orders;
mod quotes;
mod stream;
mod support;
