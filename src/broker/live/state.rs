//! Everything behind the lock: the desks, and what they ask for.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::civil::Date;
use tokio::time::Instant;

use super::day::{Day, DayOpening};
use super::gate::Next;
use super::latency::{Spans, Stage};
use super::outbox::Post;
use super::setup::Setup;
use super::shared::Outlets;
use super::waiters::Awaited;
use crate::domain::{
    AccountId, CancelRequest, ClientOrderId, ExecutionEvent, ModifyRequest, OrderRequest,
    OrderResult, PendingOrder, Resolution,
};
use crate::error::{Block, Error, Result};
use crate::limiter::Lane;
use crate::orders::desk::{ClosedList, Effect, Effects, Moment, ReadId, Ticket};
use crate::orders::gate::TradingSwitch;

/// The name of one desk: never used twice by one dealer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DayKey(u32);

/// Past days of an account that may still have something undecided; the oldest is closed beyond so many. Its journal
/// keeps it.
const PAST_MAX: usize = 4;
/// The longest time between two looks of the timers: so long a machine's sleep may go unnoticed after it woke.
pub(super) const LOOK: Duration = Duration::from_millis(250);
/// Between two attempts to open a day's journal.
const OPEN_AGAIN: Duration = Duration::from_secs(5);

/// The desks of a gateway.
#[derive(Debug)]
pub(super) struct State {
    pub(super) setup: Setup,
    refusals: ClosedList,
    pub(super) switch: TradingSwitch,
    accounts: Vec<Account>,
    /// What the desks ask for and was not done yet.
    effects: VecDeque<(DayKey, Effect)>,
    /// List reads that nobody has begun yet.
    pub(super) reads: Vec<(DayKey, ReadId)>,
    /// Client order ids are unique in the gateway, because an unknown order is resolved without naming its account.
    next_id: u64,
    keys: u32,
    /// A command that has passed the limiter, until its write is handed over.
    admitted: Option<(DayKey, Ticket)>,
    spans: Spans,
    entered: Option<Instant>,
    last: Option<Moment>,
    /// When the timers last looked, by the monotonic clock.
    looked: Duration,
    /// How often the clocks have parted, or the process has stood still.
    pub(super) jumps: u64,
    roll_again: Duration,
    pub(super) blocks: Vec<Block>,
}

/// The desks of an account.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) today: Day,
    /// Past days in which something is undecided, oldest first.
    pub(super) past: Vec<Day>,
    stream_up: bool,
    clock_offset_ns: i64,
}

/// Puts the name of a desk beside each of its effects.
pub(super) struct Tagged<'a> {
    day: DayKey,
    effects: &'a mut VecDeque<(DayKey, Effect)>,
}

impl Effects for Tagged<'_> {
    fn push(&mut self, effect: Effect) {
        self.effects.push_back((self.day, effect));
    }
}

/// A command that is on its way, or waits for the limiter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begun {
    pub(super) day: DayKey,
    pub(super) ticket: Ticket,
    pub(super) pending: PendingOrder,
}

impl State {
    /// Opens today's journals, and the last ones before in which something is undecided.
    pub(super) fn open(setup: Setup, refusals: ClosedList, now: Moment) -> Result<Self> {
        let switch = TradingSwitch::new(setup.journals.kept_state());
        let mut state = Self {
            setup,
            refusals,
            switch,
            accounts: Vec::new(),
            effects: VecDeque::with_capacity(256),
            reads: Vec::new(),
            next_id: 1,
            keys: 0,
            admitted: None,
            spans: Spans::default(),
            entered: None,
            last: None,
            looked: now.elapsed,
            jumps: 0,
            roll_again: Duration::ZERO,
            blocks: Vec::new(),
        };
        let date = now.at.kst_date();
        for index in 0..state.setup.accounts.len() {
            let today = state.open_day(index, date, None, now)?;
            let mut past = Vec::new();
            let before = state.setup.journals.last_before(index, date)?;
            if let Some(before) = before.filter(|&before| is_recent(before, date)) {
                let beside = Some(&today);
                let mut day = state.open_day(index, before, beside, now)?;
                if day.desk.undecided().next().is_some() {
                    day.over_since = Some(now.elapsed);
                    past.push(day);
                }
            }
            state.accounts.push(Account {
                today,
                past,
                stream_up: false,
                clock_offset_ns: 0,
            });
        }
        Ok(state)
    }

    fn open_day(
        &mut self,
        index: usize,
        date: Date,
        beside: Option<&Day>,
        now: Moment,
    ) -> Result<Day> {
        self.keys += 1;
        let opening = DayOpening {
            setup: &self.setup,
            refusals: self.refusals,
            switch: &self.switch,
            key: DayKey(self.keys),
            account_index: index,
            date,
            beside: beside.map(|day| day.desk.journal()),
        };
        let (mut day, highest) = opening.open(now)?;
        self.next_id = self.next_id.max(highest.saturating_add(1));
        for &block in &self.blocks {
            day.desk.block(block);
        }
        Ok(day)
    }

    /// Lets go of every desk, and so of the journals.
    pub(super) fn close(&mut self) {
        self.accounts.clear();
    }

    /// Every desk, today's first.
    pub(super) fn days(&self) -> impl Iterator<Item = &Day> {
        let today = self.accounts.iter().map(|account| &account.today);
        let past = self.accounts.iter().flat_map(|account| &account.past);
        today.chain(past)
    }

    pub(super) fn days_mut(&mut self) -> impl Iterator<Item = &mut Day> {
        self.accounts
            .iter_mut()
            .flat_map(|account| std::iter::once(&mut account.today).chain(&mut account.past))
    }

    /// The desk of that name, if it is still there.
    pub(super) fn day(&self, key: DayKey) -> Option<&Day> {
        self.days().find(|day| day.key == key)
    }

    /// Today's desk of an account.
    pub(super) fn today(&self, account: AccountId) -> Result<&Day> {
        let found = self.accounts.iter().map(|account| &account.today);
        let mut found = found.filter(|day| day.account == account);
        found.next().ok_or_else(|| self.unknown_account(account))
    }

    /// Lets a desk do something; what it asks for waits to be done. `None` when it is gone.
    pub(super) fn with<T>(
        &mut self,
        key: DayKey,
        act: impl FnOnce(&mut Day, &mut Tagged<'_>) -> T,
    ) -> Option<T> {
        let effects = &mut self.effects;
        let mut days = self
            .accounts
            .iter_mut()
            .flat_map(|account| std::iter::once(&mut account.today).chain(&mut account.past));
        let day = days.find(|day| day.key == key)?;
        Some(act(day, &mut Tagged { day: key, effects }))
    }

    /// As [`State::with`], for today's desk of an account.
    pub(super) fn with_today<T>(
        &mut self,
        account: AccountId,
        act: impl FnOnce(&mut Day, &mut Tagged<'_>) -> T,
    ) -> Result<T> {
        let key = self.today(account)?.key;
        let done = self.with(key, act);
        done.ok_or_else(|| self.unknown_account(account))
    }

    /// Whether the machine slept, its clock was set, or the process stood still, since the last time: then connections may
    /// be dead and news missing, and nothing new is sent before the list was read.
    pub(super) fn look_at_clocks(&mut self, now: Moment) -> bool {
        let allowed = self.setup.desk.clock_jump;
        let jumped = self.last.is_some_and(|last| jump(last, now) > allowed);
        // The clocks agree where both went on. The timers look so often that they show it.
        let still = now.elapsed.saturating_sub(self.looked) > allowed.saturating_add(LOOK);
        self.last = Some(now);
        if jumped || still {
            self.looked = now.elapsed;
            self.jumps += 1;
            let keys: Vec<DayKey> = self.days().map(|day| day.key).collect();
            for key in keys {
                self.with(key, |day, out| day.desk.reconcile(now, out));
            }
        }
        jumped || still
    }

    /// A new order. With `waits`, its caller lets it wait for the limiter.
    pub(super) fn place(
        &mut self,
        now: Moment,
        request: &OrderRequest,
        waits: bool,
        outlets: &Outlets<'_>,
    ) -> Result<Begun> {
        self.entered = outlets.latency.now();
        request.check()?;
        let key = self.today(request.account)?.key;
        let request = request.with_id(self.number(key, request.id)?);
        let behind = outlets.consumer_behind();
        let times = outlets.latency.is_on();
        let next = if waits { Next::New } else { Next::NewNow };
        let begun = self.with(key, |day, out| -> Result<Begun> {
            day.desk.set_consumer_behind(behind);
            day.prepare(next, times);
            let (ticket, id) = day.desk.place(now, &request, out)?;
            day.desk.gate_mut().note_sent(&request, now);
            Ok(begun(key, ticket, id, now))
        });
        let begun = begun.ok_or_else(|| self.unknown_account(request.account))??;
        self.note_spans(key);
        self.admit(now, begun, Lane::Order, waits)?;
        Ok(begun)
    }

    /// A modification, which may wait for the limiter.
    pub(super) fn modify(
        &mut self,
        now: Moment,
        request: &ModifyRequest,
        outlets: &Outlets<'_>,
    ) -> Result<Begun> {
        self.entered = outlets.latency.now();
        let key = self.today(request.account)?.key;
        let mut request = *request;
        if request.qty.is_some() {
            request.part_id = self.number(key, request.part_id)?;
        }
        let behind = outlets.consumer_behind();
        let times = outlets.latency.is_on();
        let begun = self.with(key, |day, out| -> Result<Begun> {
            day.desk.set_consumer_behind(behind);
            day.prepare(Next::Modified, times);
            let (ticket, id) = day.desk.modify(now, &request, out)?;
            day.desk.gate_mut().note_modified(now);
            Ok(begun(key, ticket, id, now))
        });
        let begun = begun.ok_or_else(|| self.unknown_account(request.account))??;
        self.note_spans(key);
        self.admit(now, begun, Lane::Order, true)?;
        Ok(begun)
    }

    /// A cancel, which may wait for the limiter.
    pub(super) fn cancel(
        &mut self,
        now: Moment,
        request: &CancelRequest,
        outlets: &Outlets<'_>,
    ) -> Result<Begun> {
        self.entered = outlets.latency.now();
        let times = outlets.latency.is_on();
        let begun = self.with_today(request.account, |day, out| -> Result<Begun> {
            day.prepare(Next::Modified, times);
            let (ticket, id) = day.desk.cancel(now, request, out)?;
            Ok(begun(day.key, ticket, id, now))
        })??;
        self.note_spans(begun.day);
        self.admit(now, begun, Lane::Cancel, true)?;
        Ok(begun)
    }

    /// Takes room under the rate limit if there is some; without, the command waits for it at the writers or, where its
    /// caller does not wait, was not sent.
    fn admit(&mut self, now: Moment, begun: Begun, lane: Lane, waits: bool) -> Result<()> {
        let Begun { day, ticket, .. } = begun;
        match self.setup.limiter.try_acquire(lane) {
            Ok(()) => self.admitted = Some((day, ticket)),
            Err(_) if waits => {}
            Err(error) => {
                self.effects.retain(|(key, effect)| {
                    *key != day || !matches!(effect, Effect::Write(write) if write.ticket == ticket)
                });
                self.with(day, |day, out| day.desk.not_written(now, ticket, out));
                return Err(error);
            }
        }
        Ok(())
    }

    /// The stages that the desk's parts have told.
    fn note_spans(&mut self, key: DayKey) {
        let told = self.with(key, |day, _| {
            let checked = day.desk.gate_mut().checked;
            (checked, day.desk.journal().appended)
        });
        if let Some((checked, appended)) = told {
            self.spans.set(Stage::Gate, self.entered, checked);
            // Cancels pass no gate.
            self.spans
                .set(Stage::Journal, checked.or(self.entered), appended);
        }
    }

    /// The number of an order: the caller's, or the next one.
    fn number(&mut self, key: DayKey, id: ClientOrderId) -> Result<ClientOrderId> {
        if id.is_auto() {
            let next = ClientOrderId::new(self.next_id);
            self.next_id = self.next_id.saturating_add(1);
            return Ok(next);
        }
        if id > ClientOrderId::MAX {
            let expected = format!("0 to {}", ClientOrderId::MAX);
            return Err(Error::invalid("id", id, expected));
        }
        let is_taken = self.days().any(|day| day.key != key && day.desk.knows(id));
        if is_taken {
            let expected = "a number that no order of the gateway has, or 0";
            return Err(Error::invalid("id", id, expected));
        }
        self.next_id = self.next_id.max(id.get().saturating_add(1));
        Ok(id)
    }

    /// Does what the desks ask for, in their order. Says whether there was more to it than a write.
    pub(super) fn settle(&mut self, now: Moment, outlets: &Outlets<'_>) -> bool {
        let mut notable = false;
        while let Some((key, effect)) = self.effects.pop_front() {
            notable |= !matches!(effect, Effect::Write(_));
            match effect {
                Effect::Write(request) => {
                    let mut spans = std::mem::take(&mut self.spans);
                    let Some(day) = self.day(key) else { continue };
                    let admitted = self.admitted == Some((key, request.ticket));
                    let patience = now.elapsed.saturating_add(self.setup.order_timeout);
                    let posted = outlets.latency.now();
                    if admitted {
                        let appended = day.desk.journal().appended.filter(|_| posted.is_some());
                        spans.set(Stage::Limiter, appended, posted);
                    }
                    outlets.outbox.push(Post {
                        day: key,
                        account_index: day.account_index,
                        date: day.date,
                        request,
                        admitted,
                        patience: self.setup.clocks.instant(patience),
                        spans,
                        entered: self.entered,
                        posted,
                    });
                }
                Effect::ReadList(id) => self.reads.push((key, id)),
                Effect::Outcome { ticket, result } => {
                    let awaited = Awaited::Outcome(key, ticket);
                    outlets.waiters.tell(awaited, || Ok(result.clone()));
                }
                Effect::Event(event) => self.tell(key, &event, outlets),
            }
        }
        (self.admitted, self.spans) = (None, Spans::default());
        notable
    }

    /// News for the subscribers, for those who wait, and for those who ask later.
    fn tell(&mut self, key: DayKey, event: &ExecutionEvent, outlets: &Outlets<'_>) {
        if let Some(day) = self.days_mut().find(|day| day.key == key) {
            day.remember(event);
        }
        if let ExecutionEvent::Resolved {
            id, resolution, at, ..
        } = event
        {
            let (id, since) = (*id, *at);
            let resolved = || match resolution {
                Resolution::Accepted(receipt) => Ok(OrderResult::Accepted(*receipt)),
                Resolution::Refused(refusal) => Ok(OrderResult::Refused(Box::new(refusal.clone()))),
                Resolution::Absent => Err(never_arrived(id)),
                Resolution::Unresolved { .. } => {
                    Ok(OrderResult::Unknown(PendingOrder { id, since }))
                }
            };
            outlets.waiters.tell(Awaited::Resolution(id), resolved);
        }
        outlets.executions.publish(event);
    }

    /// Tells every desk the time, begins the day if it is another one, and says when there is something to do again.
    pub(super) fn tick(&mut self, now: Moment) -> Option<Duration> {
        self.looked = now.elapsed;
        self.turn_day(now);
        let keys: Vec<DayKey> = self.days().map(|day| day.key).collect();
        for &key in &keys {
            self.with(key, |day, out| day.desk.tick(now, out));
        }
        if self.days().all(|day| day.desk.can_stop()) {
            for day in self.days_mut() {
                day.desk.journal_mut().tend(now);
            }
        }
        self.days().filter_map(|day| day.desk.next_wake()).min()
    }

    /// Order numbers begin anew with the day, so there is a desk for each.
    fn turn_day(&mut self, now: Moment) {
        let date = now.at.kst_date();
        for account in &mut self.accounts {
            account.past.retain(|day| !day.is_settled(now));
        }
        let is_another = self.accounts.iter().any(|it| it.today.date < date);
        if !is_another || now.elapsed < self.roll_again {
            return;
        }
        for index in 0..self.accounts.len() {
            if self.accounts[index].today.date >= date {
                continue;
            }
            // Taken out, because opening needs the rest of the state; put back in whatever happens.
            let accounts = std::mem::take(&mut self.accounts);
            let opened = self.open_day(index, date, Some(&accounts[index].today), now);
            self.accounts = accounts;
            match opened {
                Ok(day) => self.begin_day(index, day, now),
                Err(error) => {
                    // The old desk's gate takes nothing on another day.
                    tracing::error!(%date, %error, "no journal for the day: no orders are taken");
                    self.roll_again = now.elapsed.saturating_add(OPEN_AGAIN);
                }
            }
        }
    }

    fn begin_day(&mut self, index: usize, day: Day, now: Moment) {
        let key = day.key;
        let account = &mut self.accounts[index];
        let mut old = std::mem::replace(&mut account.today, day);
        old.over_since = Some(now.elapsed);
        account.past.push(old);
        if account.past.len() > PAST_MAX {
            let oldest = account.past.remove(0);
            let undecided = oldest.desk.undecided().count();
            tracing::warn!(date = %oldest.date, undecided, "a past day is closed undecided");
        }
        let (offset, is_up) = (account.clock_offset_ns, account.stream_up);
        self.with(key, |day, out| {
            day.desk.set_clock_offset(offset);
            if is_up {
                day.desk.stream_up(now, out);
            }
        });
    }

    /// The account's stream of notices delivers, or does not.
    pub(super) fn set_stream(&mut self, account: AccountId, is_up: bool) -> Result<()> {
        self.account_mut(account)?.stream_up = is_up;
        Ok(())
    }

    /// By how much the broker's clock is ahead of ours.
    pub(super) fn set_clock_offset(&mut self, broker_ahead_ns: i64) {
        for account in &mut self.accounts {
            account.clock_offset_ns = broker_ahead_ns;
            account.today.desk.set_clock_offset(broker_ahead_ns);
            for day in &mut account.past {
                day.desk.set_clock_offset(broker_ahead_ns);
            }
        }
    }

    /// The desk that a notice of that day is for: that day's, or else today's.
    pub(super) fn desk_of(&self, account: AccountId, date: Date) -> Result<DayKey> {
        let days = self.accounts.iter().find(|it| it.today.account == account);
        let days = days.ok_or_else(|| self.unknown_account(account))?;
        let past = days.past.iter().find(|day| day.date == date);
        Ok(past.unwrap_or(&days.today).key)
    }

    fn account_mut(&mut self, account: AccountId) -> Result<&mut Account> {
        let error = self.unknown_account(account);
        let mut accounts = self.accounts.iter_mut();
        let found = accounts.find(|it| it.today.account == account);
        found.ok_or(error)
    }

    fn unknown_account(&self, account: AccountId) -> Error {
        if self.accounts.is_empty() {
            return Error::Blocked {
                by: Block::Stopping,
            };
        }
        Error::invalid("account", account, "one of `accounts`")
    }
}

/// Whether a day that is past is near enough for something of it to be found out still.
fn is_recent(before: Date, date: Date) -> bool {
    const DAYS: i32 = 7;
    let days = before.until(date).map_or(i32::MAX, |span| span.get_days());
    days <= DAYS
}

#[cold]
pub(super) fn never_arrived(id: ClientOrderId) -> Error {
    Error::not_found(
        "order",
        id,
        "an order that the broker has: this one never arrived",
    )
}

const fn begun(day: DayKey, ticket: Ticket, id: ClientOrderId, now: Moment) -> Begun {
    let pending = PendingOrder { id, since: now.at };
    Begun {
        day,
        ticket,
        pending,
    }
}

/// By how much the two clocks moved differently.
fn jump(from: Moment, to: Moment) -> Duration {
    let wall = to.at.nanos_since(from.at);
    let monotonic = to.elapsed.saturating_sub(from.elapsed).as_nanos();
    let monotonic = i64::try_from(monotonic).unwrap_or(i64::MAX);
    Duration::from_nanos(wall.saturating_sub(monotonic).unsigned_abs())
}
