//! Stream sessions: who listens to what, and what is sent to them.

use std::collections::BTreeMap;

use tokio::sync::mpsc;

use super::encode;
use super::fault::{Fault, Faults, Point, Target};
use super::floor::Floor;
use super::keys::ClientIndex;
use super::ledger::Notice;
use super::settings::Settings;
use super::tape::Print;
use crate::domain::Timestamp;
use crate::wire::kis::realtime::{Feed, FeedKind, NoticeKey};

/// The number of a session.
pub(super) type SessionId = u64;

/// What goes out to a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outgoing {
    Text(String),
    Binary(Vec<u8>),
    /// A text in two fragments.
    Fragments(String),
    /// The end of the session.
    Close,
}

/// What a subscription is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// An issue, by its place.
    Issue(usize),
    /// The notices of the session's customer.
    Customer,
}

#[derive(Debug)]
struct Subscription {
    feed: Feed,
    subject: Subject,
    /// Whether nothing comes of it any more.
    silent: bool,
}

/// One WebSocket.
#[derive(Debug)]
pub(super) struct Session {
    /// Whose it is, once it has registered something.
    pub(super) client: Option<ClientIndex>,
    subscriptions: Vec<Subscription>,
    out: mpsc::Sender<Outgoing>,
    pub(super) key: String,
    pub(super) iv: String,
    cipher: NoticeKey,
    wrong_cipher: NoticeKey,
}

impl Session {
    pub(super) fn is_subscribed(&self, feed: Feed, subject: Subject) -> bool {
        let same = |known: &Subscription| known.feed == feed && known.subject == subject;
        self.subscriptions.iter().any(same)
    }

    pub(super) const fn subscription_count(&self) -> usize {
        self.subscriptions.len()
    }

    pub(super) fn subscribe(&mut self, feed: Feed, subject: Subject, silent: bool) {
        self.subscriptions.push(Subscription {
            feed,
            subject,
            silent,
        });
    }

    pub(super) fn unsubscribe(&mut self, feed: Feed, subject: Subject) -> bool {
        let before = self.subscriptions.len();
        self.subscriptions
            .retain(|known| known.feed != feed || known.subject != subject);
        self.subscriptions.len() < before
    }

    fn listens(&mut self, feed: Feed, subject: Subject) -> Option<&mut Subscription> {
        let same = |known: &&mut Subscription| {
            known.feed == feed && known.subject == subject && !known.silent
        };
        self.subscriptions.iter_mut().find(same)
    }
}

/// What is sent later.
#[derive(Debug)]
enum Later {
    Notice(Box<Notice>),
    Text(SessionId, String),
}

/// All sessions.
#[derive(Debug)]
pub(super) struct Hub {
    sessions: BTreeMap<SessionId, Session>,
    next_id: SessionId,
    /// By due time and order of entry.
    later: BTreeMap<(Timestamp, u64), Later>,
    later_count: u64,
    /// A notice that waits for the next one to go first.
    held: Option<Box<Notice>>,
    backlog: usize,
    /// Shares of all asks and bids that were last sent, by place.
    totals: BTreeMap<usize, (u64, u64)>,
}

impl Hub {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            sessions: BTreeMap::new(),
            next_id: 1,
            later: BTreeMap::new(),
            later_count: 0,
            held: None,
            backlog: settings.timing.backlog.max(1),
            totals: BTreeMap::new(),
        }
    }

    /// A new session with its own key; what it is sent comes out of the receiver. The receiver ends when the session does.
    pub(super) fn open(
        &mut self,
        (key, iv): ([u8; 32], [u8; 16]),
    ) -> (SessionId, mpsc::Receiver<Outgoing>) {
        let (out, receiver) = mpsc::channel(self.backlog);
        let id = self.next_id;
        self.next_id += 1;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (key, iv) = (text(&key), text(&iv));
        let other: String = key.chars().rev().collect();
        // Keys are made of ASCII characters in the right numbers.
        let cipher = |key: &str| NoticeKey::new(key, &iv).expect("32 and 16 characters");
        let session = Session {
            client: None,
            subscriptions: Vec::new(),
            out,
            cipher: cipher(&key),
            wrong_cipher: cipher(&other),
            key,
            iv,
        };
        self.sessions.insert(id, session);
        (id, receiver)
    }

    pub(super) fn close(&mut self, id: SessionId) {
        self.sessions.remove(&id);
    }

    /// Ends every session.
    pub(super) fn close_all(&mut self) {
        self.sessions.clear();
    }

    pub(super) fn session(&mut self, id: SessionId) -> Option<&mut Session> {
        self.sessions.get_mut(&id)
    }

    /// How many sessions are open.
    pub(super) fn len(&self) -> usize {
        self.sessions.len()
    }

    /// How many subscriptions there are, over all sessions.
    pub(super) fn subscriptions(&self) -> usize {
        self.sessions
            .values()
            .map(Session::subscription_count)
            .sum()
    }

    /// Whether another session has the app key.
    pub(super) fn is_in_use(&self, client: ClientIndex, id: SessionId) -> bool {
        let mut sessions = self.sessions.iter();
        sessions.any(|(other, session)| *other != id && session.client == Some(client))
    }

    /// Sends to one session; one that does not read is cut off.
    pub(super) fn send(&mut self, id: SessionId, message: Outgoing) {
        let sent = self
            .sessions
            .get(&id)
            .is_some_and(|session| session.out.try_send(message).is_ok());
        if !sent {
            self.sessions.remove(&id);
        }
    }

    pub(super) fn send_later(&mut self, id: SessionId, text: String, due: Timestamp) {
        self.put_off(Later::Text(id, text), due);
    }

    fn put_off(&mut self, what: Later, due: Timestamp) {
        self.later_count += 1;
        self.later.insert((due, self.later_count), what);
    }

    /// Sends what is due.
    pub(super) fn send_due(&mut self, now: Timestamp, settings: &Settings, faults: &mut Faults) {
        while let Some(entry) = self.later.first_entry()
            && entry.key().0 <= now
        {
            match entry.remove() {
                Later::Text(id, text) => self.send(id, Outgoing::Text(text)),
                Later::Notice(notice) => {
                    self.deliver_notice(&notice, settings, None, faults);
                }
            }
        }
    }

    /// Sends trades to those who listen, several in a frame where they come together.
    pub(super) fn send_prints(
        &mut self,
        prints: &[Print],
        floor: &Floor,
        settings: &Settings,
        faults: &mut Faults,
    ) {
        if self.sessions.is_empty() {
            return;
        }
        let most = settings.timing.records_per_frame.clamp(1, 999);
        let mut by_place: BTreeMap<usize, Vec<&Print>> = BTreeMap::new();
        for print in prints {
            by_place.entry(print.place).or_default().push(print);
        }
        for (place, prints) in by_place {
            for feed in [Feed::TradeKrx, Feed::TradeNxt, Feed::TradeUnified] {
                let listeners = self.listeners(feed, Subject::Issue(place));
                if listeners.is_empty() {
                    continue;
                }
                for chunk in prints.chunks(most) {
                    let frame = encode::trades(feed, chunk, floor, settings);
                    for id in &listeners {
                        self.send_frame(*id, feed, Subject::Issue(place), &frame, faults);
                    }
                }
            }
        }
    }

    /// Sends the books of those issues to those who listen.
    pub(super) fn send_books(
        &mut self,
        places: &[usize],
        floor: &Floor,
        settings: &Settings,
        faults: &mut Faults,
    ) {
        if self.sessions.is_empty() {
            return;
        }
        for &place in places {
            for feed in [Feed::BookKrx, Feed::BookNxt, Feed::BookUnified] {
                let listeners = self.listeners(feed, Subject::Issue(place));
                if listeners.is_empty() {
                    continue;
                }
                let before = self.totals.get(&place).copied();
                let Some((frame, totals)) = encode::book(feed, place, before, floor, settings)
                else {
                    continue;
                };
                self.totals.insert(place, totals);
                for id in listeners {
                    self.send_frame(id, feed, Subject::Issue(place), &frame, faults);
                }
            }
        }
    }

    /// Sends a notice to the sessions of its customer.
    pub(super) fn notify(
        &mut self,
        notice: &Notice,
        settings: &Settings,
        fault: Option<Fault>,
        now: Timestamp,
        faults: &mut Faults,
    ) {
        match fault {
            Some(Fault::DropNotice) => return,
            Some(Fault::DelayNotice(time)) => {
                let nanos = i64::try_from(time.as_nanos()).unwrap_or(i64::MAX);
                let due = now.saturating_add_nanos(nanos);
                self.put_off(Later::Notice(Box::new(notice.clone())), due);
                return;
            }
            Some(Fault::SwapNotices) if self.held.is_none() => {
                self.held = Some(Box::new(notice.clone()));
                return;
            }
            Some(Fault::RepeatNotice) => {
                self.deliver_notice(notice, settings, None, faults);
            }
            _ => {}
        }
        self.deliver_notice(notice, settings, fault.as_ref(), faults);
        if let Some(held) = self.held.take() {
            self.deliver_notice(&held, settings, None, faults);
        }
    }

    fn deliver_notice(
        &mut self,
        notice: &Notice,
        settings: &Settings,
        fault: Option<&Fault>,
        faults: &mut Faults,
    ) {
        let feed = match settings.is_paper() {
            true => Feed::NoticePaper,
            false => Feed::Notice,
        };
        for id in self.listeners(feed, Subject::Customer) {
            let Some(session) = self.sessions.get(&id) else {
                continue;
            };
            if session.client != Some(notice.client) {
                continue;
            }
            let cipher = match fault {
                Some(Fault::WrongKey) => &session.wrong_cipher,
                _ => &session.cipher,
            };
            let mut frame = encode::notice(feed, notice, cipher, settings);
            match fault {
                // Four characters of base64 less is no whole number of blocks.
                Some(Fault::BadPadding) => frame.truncate(frame.len().saturating_sub(4)),
                Some(Fault::BadBase64) => frame.push_str("*!"),
                _ => {}
            }
            self.send_frame(id, feed, Subject::Customer, &frame, faults);
        }
    }

    fn listeners(&mut self, feed: Feed, subject: Subject) -> Vec<SessionId> {
        let listens =
            |(id, session): (&SessionId, &mut Session)| session.listens(feed, subject).map(|_| *id);
        self.sessions.iter_mut().filter_map(listens).collect()
    }

    fn send_frame(
        &mut self,
        id: SessionId,
        feed: Feed,
        subject: Subject,
        frame: &str,
        faults: &mut Faults,
    ) {
        let fault = faults.strike(Point::Frame, Target::Any);
        let text = frame.to_owned();
        let message = match fault {
            Some(Fault::CloseStream) => Outgoing::Close,
            Some(Fault::Stall) => {
                let session = self.sessions.get_mut(&id);
                if let Some(known) = session.and_then(|session| session.listens(feed, subject)) {
                    known.silent = true;
                }
                return;
            }
            Some(Fault::Binary) => Outgoing::Binary(text.into_bytes()),
            Some(Fault::Fragment) => Outgoing::Fragments(text),
            Some(Fault::WrongCount) => Outgoing::Text(encode::with_wrong_count(&text)),
            Some(Fault::WiderRecords(more)) if feed.kind() != FeedKind::Notice => {
                Outgoing::Text(encode::with_more_values(&text, more))
            }
            _ => Outgoing::Text(text),
        };
        let closes = message == Outgoing::Close;
        self.send(id, message);
        if closes {
            self.sessions.remove(&id);
        }
    }
}
