//! Everything behind the server's lock.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::fault::{Faults, Point, Target};
use super::floor::{Floor, Happening, News};
use super::hub::Hub;
use super::keys::{ClientIndex, Keys, Window};
use super::ledger::{Channel, Entry, Ledger, Notice};
use super::settings::{Client, Issue, Settings};
use crate::domain::{OrderRef, Symbol, Timestamp, Venue};
use crate::emulator::clock::Clock;
use crate::emulator::http::Answer;
use crate::error::Result;
use crate::sim::{Command, Outcome};

/// The server's state.
#[derive(Debug)]
pub(super) struct World {
    pub(super) settings: Arc<Settings>,
    pub(super) clock: Clock,
    pub(super) floor: Floor,
    pub(super) ledger: Ledger,
    pub(super) keys: Keys,
    pub(super) faults: Faults,
    pub(super) hub: Hub,
    pub(super) counts: Counts,
    /// By client.
    windows: Vec<Windows>,
    /// An answer that waits to be exchanged for another, and who waits for that one.
    pub(super) swap: Option<(Answer, oneshot::Sender<Answer>)>,
}

/// What one app key may do in a second.
#[derive(Debug, Default)]
pub(super) struct Windows {
    pub(super) requests: Window,
    pub(super) ledger: Window,
    pub(super) approvals: Window,
}

/// What came in, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Connections accepted.
    pub connections: u64,
    /// Requests that broke off in their middle.
    pub torn: u64,
    /// Whole requests, by method and path; those of `/uapi` with their TR id.
    pub requests: BTreeMap<String, u64>,
    /// Stream sessions opened.
    pub sessions: u64,
}

impl Counts {
    /// Whole requests whose method, path or TR id holds that text.
    pub fn of(&self, part: &str) -> u64 {
        let rows = self.requests.iter();
        let wanted = rows.filter(|(name, _)| name.contains(part));
        wanted.map(|(_, count)| count).sum()
    }
}

impl World {
    pub(super) fn new(settings: Settings, clock: Clock) -> Result<Self> {
        let settings = Arc::new(settings);
        Ok(Self {
            floor: Floor::new(&settings, clock)?,
            ledger: Ledger::new(&settings.clients),
            keys: Keys::new(&settings),
            faults: Faults::new(settings.faults.clone(), settings.seed),
            hub: Hub::new(&settings),
            counts: Counts::default(),
            windows: settings
                .clients
                .iter()
                .map(|_| Windows::default())
                .collect(),
            swap: None,
            clock,
            settings,
        })
    }

    /// The wall clock, by which tokens and limits go.
    pub(super) fn wall(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn client(&self, client: ClientIndex) -> &Client {
        &self.settings.clients[client]
    }

    pub(super) fn windows(&mut self, client: ClientIndex) -> &mut Windows {
        &mut self.windows[client]
    }

    /// The place and the facts of an issue; `None` when it is not listed here.
    pub(super) fn issue(&self, symbol: Symbol) -> Option<(usize, &Issue)> {
        let place = self.floor.place(symbol)?;
        Some((place, &self.settings.market.issues[place]))
    }

    /// Lets the time pass that has passed, and sends what came of it.
    pub(super) fn advance(&mut self) {
        let mut news = News::default();
        self.floor.advance(&mut news);
        self.digest(&news, None);
        let now = self.floor.now();
        let settings = Arc::clone(&self.settings);
        self.hub.send_due(now, &settings, &mut self.faults);
    }

    /// Carries out a command of a customer.
    pub(super) fn command(&mut self, command: &Command, entry: &Entry) -> Outcome {
        let mut news = News::default();
        let outcome = self.floor.apply(command, &mut news);
        self.digest(&news, Some(entry));
        outcome
    }

    /// An entry of a customer's command, now.
    pub(super) fn entry(
        &self,
        client: ClientIndex,
        venue: Venue,
        division: &'static str,
        channel: Channel,
    ) -> Entry {
        Entry {
            client,
            venue,
            division,
            channel,
            listed_from: self.floor.now(),
        }
    }

    /// Takes down and sends on what happened.
    pub(super) fn digest(&mut self, news: &News, entry: Option<&Entry>) {
        let mut notices = Vec::new();
        let today = self.floor.date();
        let exchange = self.floor.exchange();
        let order = |account, number| exchange.order(account, OrderRef::Number(number));
        for happening in &news.happenings {
            match happening {
                Happening::Execution(event) => {
                    self.ledger.note(event, entry, today, order, &mut notices);
                }
                Happening::DayOpened => self.ledger.open_day(),
            }
        }
        for notice in &notices {
            self.tell(notice);
        }
        let prints = &news.prints;
        self.hub
            .send_prints(prints, &self.floor, &self.settings, &mut self.faults);
        self.hub
            .send_books(&news.books, &self.floor, &self.settings, &mut self.faults);
    }

    /// Sends a notice to whoever listens.
    pub(super) fn tell(&mut self, notice: &Notice) {
        let fault = self.faults.strike(Point::Notice, Target::Any);
        let now = self.floor.now();
        self.hub
            .notify(notice, &self.settings, fault, now, &mut self.faults);
    }
}
