//! Broker-blind plumbing: connections, HTTP exchanges, WebSocket sessions.
//!
//! What an order may rely on here: a request is written at most once, on one connection, and nothing below repeats it,
//! follows a redirect or asks the environment for a proxy. Its outcome is one of three: not sent, with proof; answered,
//! as a whole; or unknown ([`Exchange`]).
//!
//! Everything is generic over [`Connect`], which opens byte streams, and reads time through `tokio::time` only, so that
//! a simulated network and a paused clock can be put underneath.

mod backoff;
mod connect;
mod endpoint;
mod http;
mod stream;
mod tls;
pub mod ws;

pub use backoff::{Backoff, BackoffSettings};
pub use connect::{Connect, ConnectError, Net};
pub use endpoint::{Endpoint, Security};
pub use http::{Cut, Exchange, Late, LineSettings, Lines, NotSent, Pending, Reply, Request};
pub use tls::Tls;
