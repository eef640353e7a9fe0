//! WebSocket sessions.
//!
//! One task owns the socket. It reads whatever comes, however slow its consumer is, answers the pings of the protocol and
//! those of the broker ([`Reader`]) itself, and finds out when the connection is dead. What it read waits in a bounded
//! queue; when that is full the oldest frames go, and the consumer is told how many ([`WsEvent::Lagged`]).
//!
//! Whether *data* comes as it should is not judged here: that takes a calendar.

mod inbox;
mod session;

use std::io::ErrorKind;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::uri::PathAndQuery;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::tungstenite::Error as WsError;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::{CapacityError, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use super::backoff::Backoff;
use super::connect::{Connect, ConnectError};
use super::endpoint::Endpoint;
use super::stream::open;

pub use tokio_tungstenite::tungstenite::Utf8Bytes;

use inbox::Inbox;
use session::Session;

/// The bounds of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WsSettings {
    /// Opening it, TLS and WebSocket handshakes included. Default: 10 s.
    pub connect_timeout: Duration,
    /// The longest message and the longest frame, in bytes; a longer one ends the session. Default: 1 MiB.
    pub message_max: usize,
    /// A ping goes out when nothing was heard for this long. Default: 10 s.
    pub ping_after: Duration,
    /// The session is dead when nothing at all is heard for this long after a ping. Only a peer that has answered a ping
    /// of this session is held to it: KIS's own samples switch pings off and rely on the broker's, so it may not answer
    /// them. Default: 5 s.
    pub pong_within: Duration,
    /// Any session is dead when nothing at all is heard for this long. Default: 150 s: KIS's PINGPONG is reported at
    /// intervals of 10 s up to some 100 s (UNCONFIRMED).
    pub silence_max: Duration,
    /// The session is dead when what we send does not leave for this long. Default: 10 s.
    pub stall_max: Duration,
    /// Messages that may wait for the consumer. Default: 8,192.
    pub queue_messages: usize,
    /// Bytes of them. Default: 8 MiB.
    pub queue_bytes: usize,
    /// Messages of ours that may wait to be written. Default: 256.
    pub outgoing_max: usize,
}

impl WsSettings {
    /// The defaults, with so long to open a connection.
    pub fn within(connect_timeout: Duration) -> Self {
        Self {
            connect_timeout,
            ..Self::default()
        }
    }
}

impl Default for WsSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            message_max: 1024 * 1024,
            ping_after: Duration::from_secs(10),
            pong_within: Duration::from_secs(5),
            silence_max: Duration::from_secs(150),
            stall_max: Duration::from_secs(10),
            queue_messages: 8_192,
            queue_bytes: 8 * 1024 * 1024,
            outgoing_max: 256,
        }
    }
}

/// A message, put together from however many fragments it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Text.
    Text(Utf8Bytes),
    /// Anything else, or text of a server that marks it as such.
    Binary(Bytes),
}

impl Frame {
    /// The bytes, whichever way they came.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_ref(),
            Self::Binary(bytes) => bytes,
        }
    }
}

/// What becomes of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It waits for the consumer.
    Queue,
    /// It is answered at once, ahead of everything else that is to be sent, and the consumer does not see it.
    Answer(Frame),
    /// It was dealt with; the consumer does not see it.
    Done,
}

/// Sees each message on the task that reads the socket, before anything is queued. Has to be quick.
pub trait Reader: Send + 'static {
    /// Decides about one message.
    fn read(&mut self, frame: &Frame) -> Verdict;
}

impl<F: FnMut(&Frame) -> Verdict + Send + 'static> Reader for F {
    fn read(&mut self, frame: &Frame) -> Verdict {
        self(frame)
    }
}

/// What a consumer sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WsEvent {
    /// A message.
    Frame(Frame),
    /// So many messages in this place were thrown away, because the consumer was too slow.
    Lagged(u64),
    /// The session is over, and says so from now on.
    Closed(Ended),
}

/// Why a session is over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Ended {
    /// The peer closed it.
    #[error("closed by the peer{}", code.map(|code| format!(" with code {code}")).unwrap_or_default())]
    ByPeer {
        /// The code of its closing message, if it sent one.
        code: Option<u16>,
    },
    /// The connection failed.
    #[error("the connection failed: {0}")]
    Io(ErrorKind),
    /// Nothing was heard for too long.
    #[error("nothing was heard from the peer for {} s", after.as_secs())]
    Silent {
        /// For how long.
        after: Duration,
    },
    /// What we sent did not leave.
    #[error("the peer took nothing from us for {} s", after.as_secs())]
    Stalled {
        /// For how long.
        after: Duration,
    },
    /// A message was longer than the bound.
    #[error("a message was longer than the bound")]
    TooLarge,
    /// The peer does not keep to the protocol.
    #[error("the peer does not keep to the protocol: {0}")]
    Protocol(Box<str>),
    /// We closed it.
    #[error("closed by us")]
    ByUs,
    /// The runtime that carried it is gone.
    #[error("the runtime stopped")]
    Stopped,
}

/// Sends on a session. Cheap to clone.
#[derive(Clone, Debug)]
pub struct WsSender(mpsc::Sender<Frame>);

impl WsSender {
    /// Puts a message behind those that are still to be written. Says nothing about whether it arrives.
    ///
    /// # Errors
    ///
    /// [`SendError::Full`] or [`SendError::Closed`]; the message was then not sent.
    pub fn send(&self, frame: Frame) -> Result<(), SendError> {
        self.0.try_send(frame).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SendError::Full,
            mpsc::error::TrySendError::Closed(_) => SendError::Closed,
        })
    }

    /// [`send`](Self::send) for text.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn text(&self, text: impl Into<Utf8Bytes>) -> Result<(), SendError> {
        self.send(Frame::Text(text.into()))
    }
}

/// Why a message was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Too many wait to be written.
    #[error("too many messages wait to be written")]
    Full,
    /// The session is over.
    #[error("the session is over")]
    Closed,
}

/// Receives from a session. Dropping it closes the session.
#[derive(Debug)]
pub struct WsReceiver {
    inbox: Inbox,
    /// Dropped with the rest, which tells the session.
    _stop: oneshot::Sender<()>,
}

impl WsReceiver {
    /// The next event; after the last one [`WsEvent::Closed`] for ever.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when it is dropped.
    pub async fn recv(&mut self) -> WsEvent {
        self.inbox.recv().await
    }

    /// The next event, if it is there.
    pub fn try_recv(&mut self) -> Option<WsEvent> {
        self.inbox.pop()
    }
}

/// Where sessions are opened, and how.
#[derive(Clone, Debug)]
pub struct WsTarget<C> {
    /// What opens the stream.
    pub connector: C,
    /// Where to.
    pub endpoint: Endpoint,
    /// The path that is asked for.
    pub path: PathAndQuery,
    /// Headers besides those of the handshake.
    pub headers: HeaderMap,
    /// The bounds.
    pub settings: WsSettings,
}

impl<C: Connect> WsTarget<C> {
    /// Opens a session and starts its task.
    ///
    /// # Errors
    ///
    /// Why there is none. A redirect is an error.
    ///
    /// # Cancel safety
    ///
    /// Dropping it opens nothing.
    pub async fn connect(
        &self,
        reader: impl Reader,
    ) -> Result<(WsSender, WsReceiver), ConnectError> {
        let settings = self.settings;
        let limit = settings.connect_timeout;
        let began = Instant::now();
        let (stream, _) = open(&self.connector, &self.endpoint, limit).await?;
        let mut config = WebSocketConfig::default();
        config.max_message_size = Some(settings.message_max);
        config.max_frame_size = Some(settings.message_max);
        // Each message is written at once.
        config.write_buffer_size = 0;
        let request = self.request().map_err(refusal)?;
        let handshake = tokio_tungstenite::client_async_with_config(request, stream, Some(config));
        let left = limit.saturating_sub(began.elapsed());
        let (socket, _) = timeout(left, handshake)
            .await
            .map_err(|_| ConnectError::Timeout { after: limit })?
            .map_err(refusal)?;

        let (sender, outgoing) = mpsc::channel(settings.outgoing_max.max(1));
        let (stop, stopped) = oneshot::channel();
        let inbox = Inbox::new(settings.queue_messages, settings.queue_bytes);
        let session = Session::new(socket, settings, outgoing, stopped);
        tokio::spawn(session.run(inbox.clone(), reader));
        let receiver = WsReceiver { inbox, _stop: stop };
        Ok((WsSender(sender), receiver))
    }

    /// Waits as `backoff` says, then tries; and so on until a session stands. `reader` makes the [`Reader`] of each
    /// attempt, and `failed` is told of each attempt that came to nothing.
    ///
    /// # Cancel safety
    ///
    /// Dropping it opens nothing.
    pub async fn reconnect<R: Reader>(
        &self,
        backoff: &mut Backoff,
        mut reader: impl FnMut() -> R,
        mut failed: impl FnMut(ConnectError),
    ) -> (WsSender, WsReceiver) {
        loop {
            sleep(backoff.next_delay(Instant::now())).await;
            match self.connect(reader()).await {
                Ok(session) => return session,
                Err(error) => failed(error),
            }
        }
    }

    fn request(&self) -> Result<http::Request<()>, WsError> {
        let scheme = if self.endpoint.is_secure() {
            "wss"
        } else {
            "ws"
        };
        // Made from an authority, which is text.
        let host = self.endpoint.host_header().to_str().unwrap_or_default();
        let mut request = format!("{scheme}://{host}{}", self.path).into_client_request()?;
        let own = self.headers.iter();
        let own = own.map(|(name, value)| (name.clone(), value.clone()));
        request.headers_mut().extend(own);
        Ok(request)
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "every other error is one of the protocol"
)]
fn refusal(error: WsError) -> ConnectError {
    match error {
        WsError::Http(response) => ConnectError::Status {
            status: response.status().as_u16(),
        },
        WsError::Io(error) => ConnectError::Tcp(error),
        other => ConnectError::Handshake(other.to_string().into()),
    }
}

impl From<WsError> for Ended {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "every other error is one of the protocol"
    )]
    fn from(error: WsError) -> Self {
        match error {
            WsError::ConnectionClosed | WsError::AlreadyClosed => Self::ByPeer { code: None },
            WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
                Self::Io(ErrorKind::UnexpectedEof)
            }
            WsError::Io(error) => Self::Io(error.kind()),
            WsError::Capacity(CapacityError::MessageTooLong { .. }) => Self::TooLarge,
            other => Self::Protocol(other.to_string().into()),
        }
    }
}
