//! Where connections come from. A seam: a simulated network, or TLS, goes under a server without it knowing.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::tls::Certificate;

/// A source of connections.
pub trait Listen: Send + 'static {
    /// One connection.
    type Io: AsyncRead + AsyncWrite + Send + Unpin + 'static;

    /// Waits for the next connection.
    ///
    /// # Cancel safety
    /// A connection that was not returned is not lost.
    fn accept(&mut self) -> impl Future<Output = io::Result<Self::Io>> + Send;
}

impl Listen for TcpListener {
    type Io = TcpStream;

    async fn accept(&mut self) -> io::Result<TcpStream> {
        let (stream, _) = Self::accept(self).await?;
        // Frames and answers are written whole; waiting for more to come would only delay them.
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

/// TLS over TCP. Handshakes run beside each other; one that fails or takes longer than ten seconds is dropped.
#[derive(Debug)]
pub struct TlsListener {
    ready: mpsc::Receiver<TlsStream<TcpStream>>,
}

impl TlsListener {
    /// Speaks TLS with that certificate on what `listener` accepts. Needs a running tokio runtime.
    pub fn new(listener: TcpListener, certificate: &Certificate) -> Self {
        const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
        const READY_MAX: usize = 16;
        let acceptor = TlsAcceptor::from(certificate.server_config());
        let (sender, ready) = mpsc::channel(READY_MAX);
        tokio::spawn(async move {
            loop {
                let accepted = tokio::select! {
                    biased;
                    () = sender.closed() => return,
                    accepted = listener.accept() => accepted,
                };
                let Ok((stream, _)) = accepted else {
                    wait_for_resources().await;
                    continue;
                };
                // Without it the connection is slower, not wrong.
                let _ = stream.set_nodelay(true);
                let (acceptor, sender) = (acceptor.clone(), sender.clone());
                tokio::spawn(async move {
                    let handshake = acceptor.accept(stream);
                    if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE_MAX, handshake).await {
                        // The server has gone: nobody needs the connection.
                        let _ = sender.send(stream).await;
                    }
                });
            }
        });
        Self { ready }
    }
}

impl Listen for TlsListener {
    type Io = TlsStream<TcpStream>;

    async fn accept(&mut self) -> io::Result<Self::Io> {
        let stream = self.ready.recv().await;
        stream.ok_or_else(|| io::Error::new(io::ErrorKind::BrokenPipe, "the listener has stopped"))
    }
}

/// Accepting fails when descriptors run out; they come back when connections end.
pub(super) async fn wait_for_resources() {
    tokio::time::sleep(Duration::from_millis(20)).await;
}
