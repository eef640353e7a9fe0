//! One request, at most one write of it, and what came of it.

mod answer;
mod io;
mod line;
mod lines;

use std::future::Future;
use std::io::ErrorKind;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, Method};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::connect::ConnectError;

pub use lines::{LineSettings, Lines};

/// A request. `Host` and `Content-Length` are added to its headers; nothing else is, `Accept-Encoding` least of all.
#[derive(Clone, Debug)]
pub struct Request {
    /// GET or POST, as a rule.
    pub method: Method,
    /// What stands behind the host.
    pub path_and_query: PathAndQuery,
    /// Headers; a secret among them is to be marked as sensitive.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
}

/// An answer that came as a whole, whatever its status: a redirect is one, and is not followed.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The HTTP status, 100 to 999.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as sent: of the announced length, or chunked to its end.
    pub body: Bytes,
    /// When the last byte of the request had been handed to the socket.
    pub sent: Instant,
    /// When the last byte of the answer had been read.
    pub received: Instant,
}

/// What came of a request.
#[derive(Debug)]
pub enum Exchange {
    /// Proof that not one byte of it was handed to a socket, nor will be.
    NotSent(NotSent),
    /// Bytes may have left, and no whole answer says what became of them.
    Unknown(Cut),
    /// A whole answer.
    Answered(Reply),
}

/// Why a request was not sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotSent {
    /// No connection was warm, and opening one failed.
    #[error("no connection")]
    Connect(#[source] ConnectError),
    /// The connection ended before the first byte was written.
    #[error("the connection ended before the request was written")]
    Closed,
    /// The deadline passed first.
    #[error("the deadline passed before the request was written")]
    Deadline,
    /// As many requests wait for a connection as may.
    #[error("too many requests wait for a connection")]
    Busy,
}

/// Why there is no whole answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Cut {
    /// The deadline passed. The answer is still read when it comes, and the connection is not used for anything else.
    #[error("no answer by the deadline")]
    Deadline(Late),
    /// The connection ended before the answer did.
    #[error("the connection ended before the answer was whole")]
    Closed,
    /// The connection failed.
    #[error("the connection failed: {0}")]
    Io(ErrorKind),
    /// The answer is longer than the bound.
    #[error("the answer is longer than {limit} bytes")]
    TooLarge {
        /// The bound, in bytes.
        limit: usize,
    },
    /// The answer is not HTTP.
    #[error("the answer is not HTTP/1.1")]
    Malformed,
    /// The answer announces no length, and over a plain connection its end cannot be told from a cut.
    #[error("the end of the answer cannot be told from a cut")]
    Endless,
    /// The runtime that carried the request is gone.
    #[error("the runtime stopped")]
    Stopped,
}

/// A request on its way. It goes its way whether or not this is awaited; dropping it changes nothing.
#[derive(Debug)]
pub struct Pending(oneshot::Receiver<Exchange>);

impl Future for Pending {
    type Output = Exchange;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Exchange> {
        // Whoever held the other end may have begun to write.
        let stopped = |_| Exchange::Unknown(Cut::Stopped);
        Pin::new(&mut self.0)
            .poll(cx)
            .map(|answer| answer.unwrap_or_else(stopped))
    }
}

/// An answer that missed its deadline and may still come: the reply, or `None` when it will not.
///
/// It is waited for as long as [`LineSettings::late`] says, whether or not this is awaited.
#[derive(Debug)]
pub struct Late(oneshot::Receiver<Reply>);

impl Future for Late {
    type Output = Option<Reply>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Reply>> {
        Pin::new(&mut self.0).poll(cx).map(Result::ok)
    }
}
