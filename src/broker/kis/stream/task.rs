//! The task that keeps the stream: one session after the other.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::HeaderMap;
use http::uri::PathAndQuery;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use super::reader::{IMPORTANT_MAX, KisReader};
use super::silence::{GRACE, Silence};
use super::topics::Topics;
use super::{NoticeState, Watch, Wish, Wishes};
use crate::broker::kis::capabilities::REGISTRATIONS_MAX;
use crate::broker::kis::client::Client;
use crate::broker::kis::convert::feed::{feed_of, symbol_of};
use crate::broker::kis::login::Login;
use crate::broker::kis::market_data::MarketReads;
use crate::broker::kis::numbers::Accounts;
use crate::broker::kis::orders::KisOrders;
use crate::broker::kis::session::Listings;
use crate::broker::live::Dealer;
use crate::config::Secret;
use crate::contract::Publisher;
use crate::domain::{AccountId, MarketEvent, Qty, Timestamp, Topic};
use crate::transport::ws::{Frame, WsEvent, WsReceiver, WsSender, WsSettings, WsTarget};
use crate::transport::{Backoff, Connect, Endpoint};
use crate::wire::kis::hosts::STREAM_PATH;
use crate::wire::kis::realtime::{
    self as wire, Control, CustomerCode, Feed, Message, NoticeKey, OpspCode, RegisterCode,
    Registration, Splitter,
};

/// How long an answer to the registration of notices may take before it counts as unconfirmed.
const CONFIRM_WITHIN: Duration = Duration::from_secs(10);
/// Between two attempts to register notices that KIS may take later.
const CONFIRM_AGAIN: Duration = Duration::from_secs(30);
/// Between registrations, as in the official samples (kis_auth.py, read 2026-07): real, and paper.
const GAPS: [Duration; 2] = [Duration::from_millis(50), Duration::from_millis(500)];
/// How often callers that have gone are forgotten.
const SWEEP: Duration = Duration::from_secs(1);

/// Everything that the task works with.
pub(in crate::broker::kis) struct Parts<C: Connect> {
    pub(in crate::broker::kis) connector: C,
    pub(in crate::broker::kis) endpoint: Endpoint,
    pub(in crate::broker::kis) login: Login<C>,
    pub(in crate::broker::kis) client: Arc<Client<C>>,
    pub(in crate::broker::kis) dealer: Dealer<KisOrders<C>>,
    pub(in crate::broker::kis) accounts: Accounts,
    pub(in crate::broker::kis) ids: Vec<AccountId>,
    pub(in crate::broker::kis) hts_id: Option<Box<str>>,
    pub(in crate::broker::kis) market_data: Arc<Publisher<MarketEvent>>,
    pub(in crate::broker::kis) listings: Listings,
    pub(in crate::broker::kis) is_paper: bool,
    pub(in crate::broker::kis) watch: Arc<Watch>,
    pub(in crate::broker::kis) backoff: Backoff,
    pub(in crate::broker::kis) connect_timeout: Duration,
}

/// Keeps the stream until nobody can wish anything of it any more.
pub(in crate::broker::kis) async fn run<C: Connect>(parts: Parts<C>, wishes: Wishes) {
    let reserved = usize::from(parts.hts_id.is_some());
    let mut task = Task {
        topics: Topics::new(REGISTRATIONS_MAX - reserved),
        silence: Silence::new(Instant::now()),
        splitter: Splitter::new(),
        plain: Vec::new(),
        parts,
    };
    let mut wishes = wishes.0;
    loop {
        if task.has_nothing_to_hear() && task.wait_for_wish(&mut wishes).await.is_break() {
            return;
        }
        let delay = task.parts.backoff.next_delay(Instant::now());
        if task.idle(delay, &mut wishes).await.is_break() {
            return;
        }
        let opened = match task.open().await {
            Ok(opened) => opened,
            Err(reason) => {
                tracing::warn!(%reason, "the KIS stream cannot be opened");
                continue;
            }
        };
        let began = Instant::now();
        let mut session = opened;
        let end = task.listen(&mut session, &mut wishes).await;
        task.session_ended(&session);
        task.parts.backoff.lived(began.elapsed());
        match end {
            End::Gone => return,
            End::Lost(reason) => tracing::warn!(%reason, "the KIS stream has ended"),
        }
    }
}

/// One WebSocket.
pub(super) struct Session {
    approval: Secret,
    sender: WsSender,
    receiver: WsReceiver,
    important: mpsc::Receiver<Frame>,
    overflow: Arc<AtomicBool>,
    /// The key of the notices, of this session alone.
    pub(super) key: Option<NoticeKey>,
    notices: Registering,
    /// When something was last heard, for the desks.
    heard: Timestamp,
    /// When the next registration may be sent.
    send_at: Instant,
}

/// How far the registration of notices has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Registering {
    /// Not asked for, or refused for good.
    Off,
    /// To be sent at that time.
    Due(Instant),
    /// Sent, with an answer due at that time.
    Sent(Instant),
    /// Confirmed.
    Up,
}

/// What a look at a silent topic brought.
struct Look {
    topic: Topic,
    began: Instant,
    volume: Qty,
}

enum End {
    /// Nobody needs the stream any more.
    Gone,
    /// The session is over, for that reason.
    Lost(String),
}

pub(super) struct Task<C: Connect> {
    pub(super) parts: Parts<C>,
    pub(super) topics: Topics,
    pub(super) silence: Silence,
    pub(super) splitter: Splitter,
    /// The values of a notice, decrypted.
    pub(super) plain: Vec<u8>,
}

impl<C: Connect> Task<C> {
    fn has_nothing_to_hear(&self) -> bool {
        self.parts.hts_id.is_none() && self.topics.is_empty()
    }

    /// Waits for something to listen to.
    async fn wait_for_wish(&mut self, wishes: &mut mpsc::Receiver<Wish>) -> ControlFlow<()> {
        while self.has_nothing_to_hear() {
            match wishes.recv().await {
                Some(wish) => self.note(wish),
                None => return ControlFlow::Break(()),
            }
        }
        ControlFlow::Continue(())
    }

    /// Waits, and takes wishes meanwhile.
    async fn idle(
        &mut self,
        delay: Duration,
        wishes: &mut mpsc::Receiver<Wish>,
    ) -> ControlFlow<()> {
        let until = Instant::now() + delay;
        loop {
            tokio::select! {
                biased;
                () = sleep_until(until) => return ControlFlow::Continue(()),
                wish = wishes.recv() => match wish {
                    Some(wish) => self.note(wish),
                    None => return ControlFlow::Break(()),
                },
            }
        }
    }

    /// Takes a wish while there is no session.
    fn note(&mut self, wish: Wish) {
        match wish {
            Wish::Subscribe(topics, reply) => self.topics.add(&topics, reply),
            Wish::Unsubscribe(topics) => {
                self.topics.remove(&topics);
            }
            Wish::Reconnect => {}
        }
    }

    async fn open(&self) -> Result<Session, String> {
        let approval = self
            .parts
            .login
            .approval_key()
            .await
            .map_err(|error| error.to_string())?;
        let (sender, important) = mpsc::channel(IMPORTANT_MAX);
        let overflow = Arc::new(AtomicBool::new(false));
        let settings = WsSettings::within(self.parts.connect_timeout);
        let target = WsTarget {
            connector: self.parts.connector.clone(),
            endpoint: self.parts.endpoint.clone(),
            path: PathAndQuery::from_static(STREAM_PATH),
            headers: HeaderMap::new(),
            settings,
        };
        let (sender, receiver) = target
            .connect(KisReader::new(sender, Arc::clone(&overflow)))
            .await
            .map_err(|error| crate::broker::kis::login::chain(&error))?;
        self.parts.watch.sessions.fetch_add(1, Ordering::Relaxed);
        let now = Instant::now();
        Ok(Session {
            approval,
            sender,
            receiver,
            important,
            overflow,
            key: None,
            notices: match &self.parts.hts_id {
                Some(_) => Registering::Due(now),
                None => Registering::Off,
            },
            heard: self.parts.client.broker_now(),
            send_at: now,
        })
    }

    async fn listen(&mut self, session: &mut Session, wishes: &mut mpsc::Receiver<Wish>) -> End {
        let mut sweep = Instant::now() + SWEEP;
        let mut looks = JoinSet::new();
        loop {
            if let Err(reason) = self.register(session) {
                return End::Lost(reason);
            }
            let wake = self.wake(session).min(sweep);
            tokio::select! {
                biased;
                // Ahead of quotes: answers with keys, and what may be a fill.
                Some(frame) = session.important.recv() => {
                    if let ControlFlow::Break(reason) = self.important(session, &frame) {
                        return End::Lost(reason);
                    }
                }
                wish = wishes.recv() => match wish {
                    None => return End::Gone,
                    Some(Wish::Reconnect) => return End::Lost("to be opened anew".to_owned()),
                    Some(Wish::Unsubscribe(topics)) => {
                        topics.iter().for_each(|topic| self.silence.forget(*topic));
                        for topic in self.topics.remove(&topics) {
                            if let Err(reason) = self.send(session, topic, RegisterCode::Release) {
                                return End::Lost(reason);
                            }
                        }
                    }
                    Some(wish) => self.note(wish),
                },
                event = session.receiver.recv() => match event {
                    WsEvent::Frame(frame) => self.quotes(session, &frame),
                    WsEvent::Lagged(count) => {
                        self.parts.watch.lagged.fetch_add(count, Ordering::Relaxed);
                        tracing::warn!(count, "quotes were thrown away: this machine is too slow");
                    }
                    WsEvent::Closed(ended) => {
                        // What was read before the end counts.
                        while let Ok(frame) = session.important.try_recv() {
                            if self.important(session, &frame).is_break() {
                                break;
                            }
                        }
                        return End::Lost(ended.to_string());
                    }
                },
                Some(looked) = looks.join_next() => {
                    if let Ok(Some(look)) = looked
                        && let Err(reason) = self.looked(session, look)
                    {
                        return End::Lost(reason);
                    }
                }
                () = sleep_until(wake) => {
                    if looks.is_empty()
                        && let Some(topic) = self.silence.due(Instant::now())
                    {
                        looks.spawn(self.look(topic));
                    }
                    if Instant::now() >= sweep {
                        sweep = Instant::now() + SWEEP;
                        for topic in self.topics.forget_gone() {
                            if let Err(reason) = self.send(session, topic, RegisterCode::Release) {
                                return End::Lost(reason);
                            }
                        }
                    }
                }
            }
            if session.overflow.swap(false, Ordering::AcqRel) {
                self.unreadable("more notices than can wait");
            }
        }
    }

    /// Asks how many shares of a silent topic's issue were traded, and again a moment later.
    fn look(&self, topic: Topic) -> impl Future<Output = Option<Look>> + Send + 'static {
        let (client, is_paper) = (Arc::clone(&self.parts.client), self.parts.is_paper);
        let code = self.parts.listings.code_of(symbol_of(topic));
        async move {
            let reads = MarketReads {
                client: &client,
                is_paper,
            };
            let (Topic::Trades { venue, .. } | Topic::Book { venue, .. }) = topic;
            let began = Instant::now();
            let volume = reads.volume(venue, code.as_str()).await.ok()?;
            sleep(GRACE).await;
            Some(Look {
                topic,
                began,
                volume,
            })
        }
    }

    /// A topic that is silent while its issue trades is registered anew.
    fn looked(&mut self, session: &mut Session, look: Look) -> Result<(), String> {
        let now = Instant::now();
        let Look {
            topic,
            began,
            volume,
        } = look;
        if !self.silence.is_silent_since(topic, began) || !self.silence.looked(topic, volume, now) {
            return Ok(());
        }
        tracing::warn!(
            ?topic,
            "the issue trades and its topic is silent: registered anew"
        );
        self.send(session, topic, RegisterCode::Release)?;
        self.topics.again(topic);
        Ok(())
    }

    /// When something has to be sent.
    fn wake(&self, session: &Session) -> Instant {
        let far = Instant::now() + SWEEP;
        let notices = match session.notices {
            Registering::Due(at) | Registering::Sent(at) => at.max(session.send_at),
            Registering::Off | Registering::Up => far,
        };
        match self.topics.next() {
            Some(_) if !self.waits_for_notices(session) => notices.min(session.send_at),
            _ => notices,
        }
    }

    /// Notices come first: until they are answered, no quote is registered.
    fn waits_for_notices(&self, session: &Session) -> bool {
        matches!(session.notices, Registering::Sent(_))
    }

    /// Sends the registration that is due.
    fn register(&mut self, session: &mut Session) -> Result<(), String> {
        let now = Instant::now();
        if now < session.send_at {
            return Ok(());
        }
        match session.notices {
            Registering::Due(at) if at <= now => {
                let hts_id = self.parts.hts_id.clone().unwrap_or_default();
                self.send_raw(session, self.notice_feed(), &hts_id, RegisterCode::Register)?;
                session.notices = Registering::Sent(now + CONFIRM_WITHIN);
                return Ok(());
            }
            Registering::Sent(due) if due <= now => {
                tracing::warn!(
                    "KIS does not confirm the execution notices: fills come from the order list"
                );
                session.notices = Registering::Due(now + CONFIRM_AGAIN);
            }
            Registering::Sent(_) => return Ok(()),
            Registering::Due(_) | Registering::Off | Registering::Up => {}
        }
        if let Some(topic) = self.topics.next() {
            self.send(session, topic, RegisterCode::Register)?;
            self.topics.sent(topic, now);
        }
        Ok(())
    }

    fn send(
        &self,
        session: &mut Session,
        topic: Topic,
        action: RegisterCode,
    ) -> Result<(), String> {
        let code = self.parts.listings.code_of(symbol_of(topic));
        self.send_raw(session, feed_of(topic), code.as_str(), action)
    }

    fn send_raw(
        &self,
        session: &mut Session,
        feed: Feed,
        key: &str,
        action: RegisterCode,
    ) -> Result<(), String> {
        let message = Registration {
            approval_key: session.approval.expose().into(),
            customer: CustomerCode::Person,
            action,
            tr_id: feed.tr_id().into(),
            tr_key: key.into(),
        };
        session.send_at = Instant::now() + GAPS[usize::from(self.parts.is_paper)];
        session
            .sender
            .text(message.to_json())
            .map_err(|error| error.to_string())
    }

    const fn notice_feed(&self) -> Feed {
        if self.parts.is_paper {
            Feed::NoticePaper
        } else {
            Feed::Notice
        }
    }

    /// An answer or a notice.
    fn important(&mut self, session: &mut Session, frame: &Frame) -> ControlFlow<String> {
        self.note_heard(session);
        match Message::parse(frame.as_bytes()) {
            Ok(Message::Control(Control::Answer(answer))) => self.answer(session, &answer),
            Ok(Message::Control(Control::Heartbeat(_))) => ControlFlow::Continue(()),
            Ok(Message::Frame(frame)) => {
                self.notices(session, &frame);
                ControlFlow::Continue(())
            }
            Err(error) => {
                self.unreadable(&error.to_string());
                ControlFlow::Continue(())
            }
        }
    }

    fn answer(&mut self, session: &mut Session, answer: &wire::Answer<'_>) -> ControlFlow<String> {
        let is_notice = answer.feed() == Some(self.notice_feed())
            || (matches!(session.notices, Registering::Sent(_)) && answer.feed().is_none());
        if !is_notice {
            return match self.topics.answered(answer) {
                Ok(confirmed) => {
                    if let Some(topic) = confirmed {
                        self.silence.began(topic, Instant::now());
                    }
                    ControlFlow::Continue(())
                }
                Err(code) => self.give_up(code),
            };
        }
        if answer.is_released() {
            return ControlFlow::Continue(());
        }
        if !answer.is_subscribed() {
            return self.notices_refused(session, answer);
        }
        match answer.key.as_ref().map(wire::SessionKey::notice_key) {
            Some(Ok(key)) => session.key = Some(key),
            // A second confirmation may come without a key.
            None if session.key.is_some() => {}
            Some(Err(_)) | None => {
                self.unreadable("a confirmation without a usable key");
                session.notices = Registering::Due(Instant::now() + CONFIRM_AGAIN);
                return ControlFlow::Continue(());
            }
        }
        if session.notices != Registering::Up {
            session.notices = Registering::Up;
            self.parts.watch.set_notices(NoticeState::Up);
            for account in &self.parts.ids {
                // The gateway's end is told by itself.
                let _ = self.parts.dealer.stream_up(*account);
            }
        }
        ControlFlow::Continue(())
    }

    fn notices_refused(
        &self,
        session: &mut Session,
        answer: &wire::Answer<'_>,
    ) -> ControlFlow<String> {
        let code = answer.code;
        if matches!(code, OpspCode::InUse | OpspCode::UnknownApproval) {
            return self.give_up(code);
        }
        tracing::error!(
            code = code.as_str(),
            message = %answer.message,
            "KIS refused the execution notices: fills come from the order list"
        );
        if code.may_be_repeated() {
            session.notices = Registering::Due(Instant::now() + CONFIRM_AGAIN);
        } else {
            session.notices = Registering::Off;
            self.parts.watch.set_notices(NoticeState::Refused);
        }
        ControlFlow::Continue(())
    }

    /// The session is worth nothing.
    fn give_up(&self, code: OpspCode) -> ControlFlow<String> {
        if code == OpspCode::InUse && self.parts.hts_id.is_some() {
            self.parts.watch.set_notices(NoticeState::InUse);
        }
        ControlFlow::Break(format!("{} {}", code.as_str(), code.message()))
    }

    pub(super) fn note_heard(&self, session: &mut Session) {
        session.heard = self.parts.client.broker_now();
        self.parts.watch.heard(Instant::now());
    }

    fn session_ended(&mut self, session: &Session) {
        self.topics.session_ended();
        self.silence.clear();
        if session.notices == Registering::Up {
            self.parts.watch.set_notices(NoticeState::Down);
        }
        if self.parts.hts_id.is_some() {
            for account in &self.parts.ids {
                // The gateway's end is told by itself.
                let _ = self.parts.dealer.stream_down(*account, session.heard);
            }
        }
    }
}
