//! The WebSocket: registrations in, frames and PINGPONG out.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use super::fault::{Fault, Point, Target};
use super::hub::{Outgoing, SessionId, Subject};
use super::server::Shared;
use super::world::World;
use crate::domain::Symbol;
use crate::wire::kis::realtime::{
    Answer, Feed, FeedKind, OpspCode, RegisterCode, Registration, SessionKey, heartbeat,
};

/// How long one message may take to go out.
const SEND_MAX: Duration = Duration::from_secs(10);

/// Serves one session until it ends.
pub(super) async fn serve<Io>(shared: Arc<Shared>, mut socket: WebSocketStream<Io>)
where
    Io: AsyncRead + AsyncWrite + Send + Unpin,
{
    let (id, mut outgoing) = shared.world().open_session();
    let timing = shared.world().settings.timing;
    let mut pings = interval_at(Instant::now() + timing.ping_every, timing.ping_every);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut unanswered = 0;
    loop {
        // In this order, so that one seed is one history.
        tokio::select! {
            biased;
            _ = pings.tick() => {
                if unanswered >= timing.pings_unanswered {
                    break;
                }
                unanswered += 1;
                let now = shared.world().floor.now().kst();
                let text = heartbeat(&now.strftime("%Y%m%d%H%M%S").to_string());
                if !send(&mut socket, Outgoing::Text(text)).await {
                    break;
                }
            }
            message = outgoing.recv() => {
                let Some(message) = message else { break };
                if !send(&mut socket, message).await {
                    break;
                }
            }
            message = socket.next() => match message {
                Some(Ok(Message::Text(text))) if is_pingpong(text.as_bytes()) => unanswered = 0,
                Some(Ok(Message::Text(text))) => {
                    let mut world = shared.world();
                    world.advance();
                    world.register(id, text.as_bytes());
                }
                // The payload of a pong may be the heartbeat: the samples answer so.
                Some(Ok(Message::Pong(payload))) if is_pingpong(&payload) => unanswered = 0,
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => {}
            },
        }
    }
    shared.world().hub.close(id);
    drain(&mut outgoing, &mut socket).await;
}

/// Sends what was on its way when the session ended, and says goodbye to who still listens.
async fn drain<Io>(outgoing: &mut mpsc::Receiver<Outgoing>, socket: &mut WebSocketStream<Io>)
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    outgoing.close();
    let _ = timeout(Duration::from_millis(100), socket.close(None)).await;
}

/// Whether it went out and the session goes on.
async fn send<Io>(socket: &mut WebSocketStream<Io>, message: Outgoing) -> bool
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    let whole = async {
        match message {
            Outgoing::Text(text) => socket.send(Message::text(text)).await,
            Outgoing::Binary(bytes) => socket.send(Message::binary(bytes)).await,
            Outgoing::Fragments(text) => {
                let mut middle = text.len() / 2;
                while !text.is_char_boundary(middle) {
                    middle -= 1;
                }
                let (first, second) = text.split_at(middle);
                let part = |text: &str, code, last| {
                    Message::Frame(Frame::message(text.to_owned(), OpCode::Data(code), last))
                };
                socket.send(part(first, Data::Text, false)).await?;
                socket.send(part(second, Data::Continue, true)).await
            }
            Outgoing::Close => Err(tokio_tungstenite::tungstenite::Error::ConnectionClosed),
        }
    };
    matches!(timeout(SEND_MAX, whole).await, Ok(Ok(())))
}

fn is_pingpong(text: &[u8]) -> bool {
    text.len() < 256 && text.windows(8).any(|window| window == b"PINGPONG")
}

impl World {
    fn open_session(&mut self) -> (SessionId, mpsc::Receiver<Outgoing>) {
        self.counts.sessions += 1;
        let cipher = self.keys.cipher();
        self.hub.open(cipher)
    }

    /// Takes a message of a client.
    fn register(&mut self, id: SessionId, text: &[u8]) {
        let asked = match Registration::parse(text) {
            Ok(asked) => asked,
            Err(code) => return self.reply(id, "(null)", "", code, None),
        };
        let now = self.wall();
        let Some(client) = self.keys.approved(&asked.approval_key, now) else {
            return self.reply(id, "(null)", "", OpspCode::UnknownApproval, None);
        };
        let fault = self.faults.strike(Point::Subscribe, Target::Any);
        if self.hub.is_in_use(client, id) || fault == Some(Fault::SessionInUse) {
            return self.reply(id, "(null)", "", OpspCode::InUse, None);
        }
        if let Some(session) = self.hub.session(id) {
            session.client = Some(client);
        }
        let (tr_id, tr_key) = (&*asked.tr_id, &*asked.tr_key);
        let subject = match self.subject(tr_id, tr_key, client) {
            Ok(subject) => subject,
            Err(code) => return self.reply(id, tr_id, tr_key, code, None),
        };
        let code = match asked.action {
            RegisterCode::Release => self.release(id, subject),
            RegisterCode::Register | RegisterCode::Other(_) => match &fault {
                Some(Fault::NoAck) => return,
                Some(Fault::RefuseSubscription(code)) => {
                    let known = OpspCode::ALL.iter().find(|known| known.as_str() == &**code);
                    known.copied().unwrap_or(OpspCode::InternalError)
                }
                _ => self.subscribe(id, subject),
            },
        };
        let late = match fault {
            Some(Fault::LateAck(time)) => Some(time),
            _ => None,
        };
        self.reply(id, tr_id, tr_key, code, late);
    }

    /// What is subscribed to, where there is such a thing on this server.
    fn subject(
        &self,
        tr_id: &str,
        tr_key: &str,
        client: usize,
    ) -> Result<(Feed, Subject), OpspCode> {
        let feed = Feed::from_tr_id(tr_id.as_bytes());
        let here = |feed: &Feed| match self.settings.is_paper() {
            true => feed.is_in_paper(),
            false => feed.is_in_real(),
        };
        // Indices are not simulated.
        let feed = feed
            .filter(here)
            .filter(|feed| feed.kind() != FeedKind::Index)
            .ok_or(OpspCode::InvalidTrId)?;
        if feed.kind() == FeedKind::Notice {
            return match *self.client(client).hts_id == *tr_key {
                true => Ok((feed, Subject::Customer)),
                false => Err(OpspCode::InvalidTrKey),
            };
        }
        let symbol: Symbol = tr_key.parse().map_err(|_| OpspCode::InvalidTrKey)?;
        let (place, issue) = self.issue(symbol).ok_or(OpspCode::InvalidTrKey)?;
        let nxt = matches!(
            feed,
            Feed::TradeNxt | Feed::BookNxt | Feed::ExpectedNxt | Feed::StatusNxt
        );
        match nxt && !issue.nxt {
            true => Err(OpspCode::InvalidTrKey),
            false => Ok((feed, Subject::Issue(place))),
        }
    }

    fn subscribe(&mut self, id: SessionId, (feed, subject): (Feed, Subject)) -> OpspCode {
        let most = self.settings.limits.registrations;
        let Some(session) = self.hub.session(id) else {
            return OpspCode::InternalError;
        };
        if session.is_subscribed(feed, subject) {
            return OpspCode::AlreadySubscribed;
        }
        if session.subscription_count() >= most {
            return OpspCode::TooMany;
        }
        session.subscribe(feed, subject, false);
        OpspCode::Subscribed
    }

    fn release(&mut self, id: SessionId, (feed, subject): (Feed, Subject)) -> OpspCode {
        let session = self.hub.session(id);
        match session.is_some_and(|session| session.unsubscribe(feed, subject)) {
            true => OpspCode::Released,
            false => OpspCode::NotSubscribed,
        }
    }

    fn reply(
        &mut self,
        id: SessionId,
        tr_id: &str,
        tr_key: &str,
        code: OpspCode,
        late: Option<Duration>,
    ) {
        let success = matches!(code, OpspCode::Subscribed | OpspCode::Released);
        let key = self
            .hub
            .session(id)
            .filter(|_| success)
            .map(|session| SessionKey {
                iv: session.iv.clone().into(),
                key: session.key.clone().into(),
            });
        let answer = Answer {
            tr_id: tr_id.into(),
            tr_key: tr_key.into(),
            encrypt: "N".into(),
            success,
            rt_cd: match (success, code) {
                (true, _) => "0",
                (false, OpspCode::InUse) => "9",
                (false, _) => "1",
            }
            .into(),
            code,
            message: code.message().into(),
            key,
        };
        let text = answer.to_json();
        match late {
            None => self.hub.send(id, Outgoing::Text(text)),
            Some(time) => {
                let nanos = i64::try_from(time.as_nanos()).unwrap_or(i64::MAX);
                let due = self.floor.now().saturating_add_nanos(nanos);
                self.hub.send_later(id, text, due);
            }
        }
    }
}
