//! A server that speaks the KIS Open API (한국투자증권), REST and WebSocket on one port.
//!
//! As strict as KIS and no stricter: app keys and tokens, TR ids of each server and the older ones, six-key orders, hash
//! keys, envelopes and codes, pages, rate windows, approval keys, one session an app key, 41 registrations, PINGPONG,
//! encrypted notices. What it does not model it refuses in KIS's own words.
//!
//! Behind it is one simulated exchange ([`sim`](crate::sim)). KRX, NXT and SOR orders meet in one book an issue: the venue
//! is what an order was sent to, and where lists and notices show it; NXT and unified feeds carry that one book.
//!
//! ```no_run
//! use gwanmun::emulator::kis::{Emulator, Fault, Rule, Settings, Target};
//!
//! # async fn example() -> gwanmun::Result<()> {
//! let running = Emulator::start(Settings::real(), ([127, 0, 0, 1], 0).into(), None).await?;
//! println!("{} {}", running.rest_url(), running.stream_url());
//! running.emulator().inject(Rule::once(Fault::NeverAnswer).at(Target::NewOrders));
//! # Ok(())
//! # }
//! ```

mod account;
mod charts;
mod encode;
mod fault;
mod floor;
mod hand;
mod hub;
mod keys;
mod ledger;
mod lists;
mod masters;
mod no;
mod order;
mod past;
mod quotes;
mod reference;
mod rest;
mod server;
mod settings;
mod stream;
mod tape;
mod text;
mod world;

pub use crate::wire::kis::realtime::Layout;
pub use fault::{Fault, PageBody, Rule, Target};
pub use hand::LedgerEntry;
pub use ledger::Channel;
pub use server::{Emulator, Running};
pub use settings::{Client, Hours, Issue, Limits, MarketSettings, Settings, Timing};
pub use world::Counts;

/// The content type of every JSON answer.
const CONTENT_TYPE: &str = "application/json; charset=utf-8";
