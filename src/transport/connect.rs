//! Opening a byte stream: the seam under which a simulated network goes.

use std::future::Future;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};

use super::endpoint::Endpoint;

/// Opens byte streams.
///
/// What it opens lies below TLS: certificates are checked above it, over a simulated network as over a real one.
pub trait Connect: Clone + Send + Sync + 'static {
    /// The stream. `poll_write` must answer `Ok(n)` for exactly the bytes that it took: whether an order may have left
    /// this machine is decided by it.
    type Io: AsyncRead + AsyncWrite + Send + Unpin + 'static;

    /// Opens one stream to an endpoint, without TLS whatever the endpoint's security. The caller bounds the time.
    fn connect(
        &self,
        endpoint: &Endpoint,
    ) -> impl Future<Output = Result<Self::Io, ConnectError>> + Send;
}

/// TCP of this machine, without Nagle's delay. Names are resolved by the system; each address is tried once, in the
/// system's order. No proxy, whatever the environment says.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Net;

impl Connect for Net {
    type Io = TcpStream;

    async fn connect(&self, endpoint: &Endpoint) -> Result<TcpStream, ConnectError> {
        let addresses = lookup_host((endpoint.host(), endpoint.port()))
            .await
            .map_err(ConnectError::Resolve)?;
        let mut failure = None;
        for address in addresses {
            match TcpStream::connect(address).await {
                Ok(stream) => {
                    stream.set_nodelay(true).map_err(ConnectError::Tcp)?;
                    return Ok(stream);
                }
                Err(error) => failure = Some(error),
            }
        }
        Err(failure.map_or_else(
            || ConnectError::Resolve(io::ErrorKind::NotFound.into()),
            ConnectError::Tcp,
        ))
    }
}

/// Why there is no connection. Nothing of a request was sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The host's name has no address.
    #[error("the host's name could not be resolved")]
    Resolve(#[source] io::Error),
    /// No address took the connection, or this machine had no socket left for it.
    #[error("the connection was not established")]
    Tcp(#[source] io::Error),
    /// The TLS handshake failed: among others, a certificate that is expired, of another name, or of no known authority.
    #[error("the TLS handshake failed")]
    Tls(#[source] io::Error),
    /// It took longer than it was given.
    #[error("no connection after {} ms", after.as_millis())]
    Timeout {
        /// How long it was given.
        after: Duration,
    },
    /// The peer answered the WebSocket handshake with something else. Redirects are not followed.
    #[error("the WebSocket handshake was answered with HTTP status {status}")]
    Status {
        /// The HTTP status.
        status: u16,
    },
    /// The peer broke off the WebSocket handshake, or does not speak the protocol.
    #[error("the WebSocket handshake failed: {0}")]
    Handshake(Box<str>),
}
