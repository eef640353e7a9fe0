//! A stream to an endpoint, plain or TLS, that counts what it hands to the socket.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use super::connect::{Connect, ConnectError};
use super::endpoint::{Endpoint, Security};

/// How many bytes a stream has handed to its socket. Counted below TLS: what is still being encrypted has not left.
#[derive(Debug, Default)]
pub(super) struct Meter(AtomicU64);

impl Meter {
    /// Bytes, since the connection was opened. Only the task that drives the stream may draw conclusions from it.
    pub(super) fn written(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Opens a connection to an endpoint, TLS handshake included, within `limit`.
pub(super) async fn open<C: Connect>(
    connector: &C,
    endpoint: &Endpoint,
    limit: Duration,
) -> Result<(Stream<C::Io>, Arc<Meter>), ConnectError> {
    let opening = async {
        let io = connector.connect(endpoint).await?;
        let meter = Arc::new(Meter::default());
        let metered = Metered {
            io,
            meter: Arc::clone(&meter),
            failure: None,
        };
        let stream = match endpoint.security() {
            Security::Plain => Stream::Plain(metered),
            Security::Tls(tls) => {
                Stream::Tls(Box::new(tls.handshake(endpoint.host(), metered).await?))
            }
        };
        Ok((stream, meter))
    };
    timeout(limit, opening)
        .await
        .unwrap_or(Err(ConnectError::Timeout { after: limit }))
}

/// Either kind, behind one type.
#[derive(Debug)]
pub(super) enum Stream<Io> {
    Plain(Metered<Io>),
    /// Boxed: the state of a TLS session is large, and streams move.
    Tls(Box<TlsStream<Metered<Io>>>),
}

/// Counts what is written, and writes nothing more after a failed write: what did not leave then never leaves.
#[derive(Debug)]
pub(super) struct Metered<Io> {
    io: Io,
    meter: Arc<Meter>,
    failure: Option<io::ErrorKind>,
}

impl<Io> Metered<Io> {
    fn count(&mut self, polled: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &polled {
            Poll::Ready(Ok(taken)) => {
                // Lossless: `usize` is at most 64 bits wide.
                let taken = u64::try_from(*taken).unwrap_or(u64::MAX);
                self.meter.0.fetch_add(taken, Ordering::Relaxed);
            }
            Poll::Ready(Err(error)) => self.failure = Some(error.kind()),
            Poll::Pending => {}
        }
        polled
    }
}

impl<Io: AsyncRead + Unpin> AsyncRead for Metered<Io> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buffer)
    }
}

impl<Io: AsyncWrite + Unpin> AsyncWrite for Metered<Io> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if let Some(kind) = self.failure {
            return Poll::Ready(Err(kind.into()));
        }
        let polled = Pin::new(&mut self.io).poll_write(cx, bytes);
        self.count(polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let Some(kind) = self.failure {
            return Poll::Ready(Err(kind.into()));
        }
        let polled = Pin::new(&mut self.io).poll_write_vectored(cx, slices);
        self.count(polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

impl<Io: AsyncRead + AsyncWrite + Unpin> AsyncRead for Stream<Io> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_read(cx, buffer),
        }
    }
}

/// Not vectored: whoever writes joins head and body first, so that they leave in one write.
impl<Io: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Stream<Io> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_shutdown(cx),
        }
    }
}
