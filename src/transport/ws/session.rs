//! The task that owns a WebSocket.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};

use super::inbox::Inbox;
use super::{Ended, Frame, Reader, Verdict, WsSettings};

/// How long saying goodbye may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// A session and what it knows of its peer.
pub(super) struct Session<Io> {
    socket: WebSocketStream<Io>,
    settings: WsSettings,
    outgoing: mpsc::Receiver<Frame>,
    /// Whether there may still be something in `outgoing`.
    has_senders: bool,
    stopped: oneshot::Receiver<()>,
    /// Pings and answers, which go first.
    urgent: VecDeque<Message>,
    /// What comes after them.
    outbox: VecDeque<Message>,
    /// Why nothing can be written any more. What has come by then is still read.
    broken: Option<Ended>,
    /// Since when something written has not left.
    unflushed: Option<Instant>,
    /// When anything last came from the peer.
    heard: Instant,
    /// When the last ping was sent, if nothing was heard since.
    pinged: Option<Instant>,
    /// Whether the peer has answered a ping.
    answers_pings: bool,
}

/// What happened next.
enum Step {
    Message(Message),
    Ended(Ended),
    /// Time for [`Session::watch`].
    Due,
}

impl<Io: AsyncRead + AsyncWrite + Unpin> Session<Io> {
    pub(super) fn new(
        socket: WebSocketStream<Io>,
        settings: WsSettings,
        outgoing: mpsc::Receiver<Frame>,
        stopped: oneshot::Receiver<()>,
    ) -> Self {
        Self {
            socket,
            settings,
            outgoing,
            has_senders: true,
            stopped,
            urgent: VecDeque::new(),
            outbox: VecDeque::new(),
            broken: None,
            unflushed: None,
            heard: Instant::now(),
            pinged: None,
            answers_pings: false,
        }
    }

    /// Runs to the end, which it tells.
    pub(super) async fn run(mut self, inbox: Inbox, mut reader: impl Reader) {
        // Should the task be dropped or panic, the consumer learns that, too.
        let end = EndGuard(inbox);
        // The first ping shows whether the peer answers any.
        self.ping();
        let ended = self.serve(&end.0, &mut reader).await;
        end.0.end(ended);
        // How it went makes no difference to anybody.
        let _ = timeout(FAREWELL, self.socket.close(None)).await;
    }

    async fn serve(&mut self, inbox: &Inbox, reader: &mut impl Reader) -> Ended {
        let mut timer = pin!(sleep_until(self.due()));
        loop {
            let step = poll_fn(|cx| self.poll_step(cx, timer.as_mut())).await;
            match step {
                Step::Message(message) => {
                    self.heard = Instant::now();
                    self.pinged = None;
                    let frame = match message {
                        Message::Text(text) => Frame::Text(text),
                        Message::Binary(bytes) => Frame::Binary(bytes),
                        // The library has prepared the answer, which now has to leave.
                        Message::Ping(_) => {
                            self.unflushed.get_or_insert(self.heard);
                            continue;
                        }
                        Message::Pong(_) => {
                            self.answers_pings = true;
                            continue;
                        }
                        // The library answers it when the session is closed from this side, too.
                        Message::Close(frame) => {
                            let code = frame.map(|frame| u16::from(frame.code));
                            return Ended::ByPeer { code };
                        }
                        // Never read, only written.
                        Message::Frame(_) => continue,
                    };
                    match reader.read(&frame) {
                        Verdict::Queue => inbox.put(frame),
                        Verdict::Answer(answer) => self.answer(answer),
                        Verdict::Done => {}
                    }
                }
                Step::Ended(ended) => return ended,
                Step::Due => {
                    if let Some(ended) = self.watch(Instant::now()) {
                        return ended;
                    }
                    timer.as_mut().reset(self.due());
                }
            }
        }
    }

    /// Writes what can be written, then reads one message. Neither waits for the other.
    fn poll_step<T: Future<Output = ()>>(
        &mut self,
        cx: &mut Context<'_>,
        timer: Pin<&mut T>,
    ) -> Poll<Step> {
        if Pin::new(&mut self.stopped).poll(cx).is_ready() {
            return Poll::Ready(Step::Ended(Ended::ByUs));
        }
        while self.has_senders && self.outbox.len() < self.settings.outgoing_max {
            match self.outgoing.poll_recv(cx) {
                Poll::Ready(Some(Frame::Text(text))) => self.outbox.push_back(Message::Text(text)),
                Poll::Ready(Some(Frame::Binary(bytes))) => {
                    self.outbox.push_back(Message::Binary(bytes));
                }
                Poll::Ready(None) => self.has_senders = false,
                Poll::Pending => break,
            }
        }
        if self.broken.is_none()
            && let Err(error) = self.poll_write(cx)
        {
            self.broken = Some(error.into());
        }
        match self.socket.poll_next_unpin(cx) {
            Poll::Ready(Some(Ok(message))) => return Poll::Ready(Step::Message(message)),
            Poll::Ready(Some(Err(error))) => return Poll::Ready(Step::Ended(error.into())),
            Poll::Ready(None) => {
                return Poll::Ready(Step::Ended(Ended::ByPeer { code: None }));
            }
            Poll::Pending => {}
        }
        if let Some(broken) = self.broken.take() {
            return Poll::Ready(Step::Ended(broken));
        }
        timer.poll(cx).map(|()| Step::Due)
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Result<(), WsError> {
        while !self.urgent.is_empty() || !self.outbox.is_empty() {
            match self.socket.poll_ready_unpin(cx) {
                Poll::Ready(ready) => ready?,
                Poll::Pending => {
                    self.unflushed.get_or_insert_with(Instant::now);
                    return Ok(());
                }
            }
            let next = self.urgent.pop_front().or_else(|| self.outbox.pop_front());
            if let Some(message) = next {
                self.socket.start_send_unpin(message)?;
                self.unflushed.get_or_insert_with(Instant::now);
            }
        }
        if self.unflushed.is_some()
            && let Poll::Ready(flushed) = self.socket.poll_flush_unpin(cx)
        {
            flushed?;
            self.unflushed = None;
        }
        Ok(())
    }

    fn answer(&mut self, frame: Frame) {
        self.hurry(match frame {
            Frame::Text(text) => Message::Text(text),
            Frame::Binary(bytes) => Message::Binary(bytes),
        });
    }

    fn ping(&mut self) {
        self.hurry(Message::Ping(Bytes::new()));
        self.pinged = Some(Instant::now());
    }

    /// Of a peer that asks and takes no answers, the newest are kept, until [`WsSettings::stall_max`] ends it.
    fn hurry(&mut self, message: Message) {
        if self.urgent.len() >= self.settings.outgoing_max {
            self.urgent.pop_front();
        }
        self.urgent.push_back(message);
    }

    /// When there is something to watch for.
    fn due(&self) -> Instant {
        let settings = &self.settings;
        let mut due = self.heard + settings.silence_max;
        match self.pinged {
            Some(pinged) if self.answers_pings => due = due.min(pinged + settings.pong_within),
            Some(pinged) => due = due.min(pinged + settings.ping_after),
            None => due = due.min(self.heard + settings.ping_after),
        }
        // Also when nothing waits now: the timer is not set anew for each message.
        let since = self.unflushed.unwrap_or_else(Instant::now);
        due.min(since + settings.stall_max)
    }

    /// Pings where it is time to; the reason to give up, if there is one.
    fn watch(&mut self, now: Instant) -> Option<Ended> {
        let settings = self.settings;
        let silent = now.duration_since(self.heard);
        if let Some(since) = self.unflushed
            && now >= since + settings.stall_max
        {
            let after = now.duration_since(since);
            return Some(Ended::Stalled { after });
        }
        if silent >= settings.silence_max {
            return Some(Ended::Silent { after: silent });
        }
        match self.pinged {
            Some(pinged) if self.answers_pings => {
                if now >= pinged + settings.pong_within {
                    return Some(Ended::Silent { after: silent });
                }
            }
            Some(pinged) if now < pinged + settings.ping_after => {}
            None if silent < settings.ping_after => {}
            Some(_) | None => self.ping(),
        }
        None
    }
}

/// Tells the end even if the task does not get to it.
struct EndGuard(Inbox);

impl Drop for EndGuard {
    fn drop(&mut self) {
        self.0.end(Ended::Stopped);
    }
}
