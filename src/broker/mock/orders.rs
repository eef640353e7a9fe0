//! The order desks of MOCK, one an account and trading day, and what they keep for those who ask.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use jiff::civil::Date;

use super::gate::DayGate;
use super::journal::{Journals, Log, Opened};
use crate::config::BrokerConfig;
use crate::domain::{
    AccountId, CancelReason, ClientOrderId, Fill, Order, OrderNo, OrderRef, OrderResult,
    PendingOrder, Timestamp, TradingState,
};
use crate::error::{Block, Error, Result};
use crate::orders::desk::{self, ClosedList, Desk, Effect, Effects, Moment, News, Notice, Ticket};
use crate::orders::gate::TradingSwitch;
use crate::sim::{Exchange, REFUSAL_CODES};

/// Orders that an exchange has open at most, and that a desk has to hold beside the ended ones.
pub(super) const OPEN_MAX: usize = 10_000;

pub(super) type AccountDesk = Desk<Log, DayGate>;

/// The desks of the day and their common parts.
#[derive(Debug)]
pub(super) struct Orders {
    /// In the order of `accounts`.
    desks: Vec<AccountDesk>,
    accounts: Vec<AccountId>,
    settings: desk::Config,
    /// Whether a desk may be killed and has to begin again.
    keeps_records: bool,
    switch: TradingSwitch,
    /// What the desks ask for and was not done yet, each with the place of its desk.
    effects: VecDeque<(usize, Effect)>,
    /// Fills of the day, by time; the oldest are forgotten at the bound.
    fills: VecDeque<Fill>,
    fills_max: usize,
    forgotten_fills: u64,
    /// Orders whose number was found out.
    inferred: BTreeSet<ClientOrderId>,
    /// Client order ids are unique in the gateway, because `resolve_order` names no account.
    next_id: u64,
    /// Monotonic time 0.
    begin: Timestamp,
    /// When a desk has something to do; the outer `None` when that has to be found out anew.
    wake: Option<Option<Timestamp>>,
    awaited: Option<Awaited>,
    journals: Option<Journals>,
}

/// The command that a caller waits for.
#[derive(Debug)]
struct Awaited {
    desk: usize,
    ticket: Ticket,
    id: ClientOrderId,
    outcome: Option<Result<OrderResult>>,
}

/// Puts the place of a desk beside each of its effects.
pub(super) struct Tagged<'a> {
    desk: usize,
    effects: &'a mut VecDeque<(usize, Effect)>,
}

impl Effects for Tagged<'_> {
    fn push(&mut self, effect: Effect) {
        self.effects.push_back((self.desk, effect));
    }
}

impl Orders {
    /// No desks yet: they come with the first day.
    pub(super) fn new(config: &BrokerConfig, begin: Timestamp) -> Self {
        let history = config.mock_config().history;
        Self {
            desks: Vec::new(),
            accounts: config
                .accounts()
                .iter()
                .map(|account| account.account_id)
                .collect(),
            settings: settings(config),
            keeps_records: config
                .mock_config()
                .faults
                .is_some_and(|faults| faults.restart > 0),
            switch: TradingSwitch::default(),
            effects: VecDeque::with_capacity(256),
            fills: VecDeque::with_capacity(history),
            fills_max: history,
            forgotten_fills: 0,
            inferred: BTreeSet::new(),
            next_id: 1,
            begin,
            wake: Some(None),
            awaited: None,
            journals: None,
        }
    }

    /// The desks write to those journals, and the kill switch stands as it was kept with them.
    pub(super) fn keep_journals(&mut self, journals: Journals) {
        self.switch.set(journals.state());
        self.journals = Some(journals);
    }

    /// Begins a day: new desks, whose orders are numbered anew by the broker.
    ///
    /// # Errors
    /// When there is no journal or no gate for the day. No orders are taken then.
    pub(super) fn open_day(
        &mut self,
        exchange: &mut Exchange,
        date: Date,
        now: Timestamp,
    ) -> Result<()> {
        self.effects.clear();
        self.fills.clear();
        self.forgotten_fills = 0;
        self.inferred.clear();
        self.wake = None;
        let old = std::mem::take(&mut self.desks);
        let mut logs = old.into_iter().map(Desk::into_journal);
        let gate = DayGate::new(exchange, date, self.switch.clone())?;
        for place in 0..self.accounts.len() {
            let opened = self.open_log(place, date, now, logs.next())?;
            let desk = self.make_desk(place, now, opened, gate.clone());
            self.next_id = self.next_id.max(desk.next_id().get());
            if let Some(last) = desk.highest_number() {
                let next = OrderNo::new(last.get().saturating_add(1)).unwrap_or(last);
                exchange.number_from(next);
            }
            self.desks.push(desk);
        }
        for desk in 0..self.desks.len() {
            self.with(desk, now, |desk, now, out| desk.stream_up(now, out));
        }
        Ok(())
    }

    /// Where the desk at `place` writes that day, and what stands there of before.
    fn open_log(
        &mut self,
        place: usize,
        date: Date,
        now: Timestamp,
        old: Option<Log>,
    ) -> Result<Opened> {
        let account = self.accounts[place];
        if let Some(journals) = &mut self.journals {
            return journals.begin(place, account, date, now, old);
        }
        let log = if self.keeps_records {
            Log::Memory(Vec::new())
        } else {
            Log::None
        };
        let records = Vec::new();
        Ok(Opened { log, records })
    }

    fn make_desk(
        &self,
        place: usize,
        now: Timestamp,
        opened: Opened,
        gate: DayGate,
    ) -> AccountDesk {
        let (account, settings) = (self.accounts[place], self.settings);
        let refusals = ClosedList(REFUSAL_CODES);
        let Opened { log, records } = opened;
        if records.is_empty() {
            return Desk::new(account, settings, refusals, log, gate);
        }
        let moment = self.moment(now);
        Desk::restore(moment, account, settings, refusals, log, gate, records)
    }

    /// Orders of the journals whose exchange is gone end with it.
    pub(super) fn end_orphans(&mut self, now: Timestamp) {
        for desk in 0..self.desks.len() {
            let open: Vec<Order> = self.desks[desk].open_orders().collect();
            for order in open {
                let notice = Notice {
                    order_no: order.order_no,
                    original_no: None,
                    symbol: order.symbol,
                    side: order.side,
                    order_qty: None,
                    news: News::Cancelled {
                        qty: Some(order.remaining()),
                        reason: CancelReason::External,
                    },
                    at: now,
                };
                self.with(desk, now, |desk, now, out| desk.notice(now, &notice, out));
            }
        }
    }

    /// A desk's process is killed and begins again from its journal. A caller that waits learns what it knows: nothing.
    pub(super) fn restart(&mut self, desk: usize, now: Timestamp) {
        let old = self.desks.remove(desk);
        let gate = old.gate().clone();
        let clock = self.journals.as_ref().map(Journals::clock).cloned();
        let opened = match old.into_journal().reopened(&clock.unwrap_or_default()) {
            Ok(opened) => opened,
            Err(error) => {
                tracing::error!(%error, "the journal cannot be read again: no orders are taken");
                return self.close();
            }
        };
        let new = self.make_desk(desk, now, opened, gate);
        self.desks.insert(desk, new);
        self.with(desk, now, |desk, now, out| desk.stream_up(now, out));
        if let Some(awaited) = &mut self.awaited
            && awaited.desk == desk
            && awaited.outcome.is_none()
        {
            let pending = PendingOrder {
                id: awaited.id,
                since: now,
            };
            awaited.outcome = Some(Ok(OrderResult::Unknown(pending)));
        }
    }

    /// The kill switch.
    pub(super) fn trading_state(&self) -> TradingState {
        self.switch.state()
    }

    /// Sets the kill switch, and keeps it where there is a journal.
    ///
    /// # Errors
    /// When it is not kept. It is set all the same.
    pub(super) fn set_trading_state(
        &mut self,
        state: TradingState,
        now: Timestamp,
    ) -> Result<TradingState> {
        let before = self.switch.set(state);
        if let Some(journals) = &mut self.journals {
            journals.keep(state)?;
            for desk in &mut self.desks {
                desk.journal_mut().switched(now, state)?;
            }
        }
        Ok(before)
    }

    /// Time for what is better not done in the way of an order.
    pub(super) fn rest(&mut self) {
        for desk in &mut self.desks {
            desk.journal_mut().keep_room();
        }
    }

    /// Ends all desks: no orders are taken.
    pub(super) fn close(&mut self) {
        self.desks.clear();
        self.effects.clear();
        self.wake = None;
    }

    /// The place of an account's desk.
    ///
    /// # Errors
    /// For an unknown account, and on a day without desks.
    pub(super) fn place_of(&self, account: AccountId) -> Result<usize> {
        let place = self.accounts.iter().position(|&id| id == account);
        let place = place.ok_or_else(|| super::unknown_account(account))?;
        if place < self.desks.len() {
            return Ok(place);
        }
        let by = Block::Journal;
        Err(Error::Blocked { by })
    }

    pub(super) fn account(&self, desk: usize) -> AccountId {
        self.accounts[desk]
    }

    pub(super) fn desk(&self, account: AccountId) -> Result<&AccountDesk> {
        Ok(&self.desks[self.place_of(account)?])
    }

    pub(super) fn moment(&self, at: Timestamp) -> Moment {
        let elapsed = at.nanos_since(self.begin).max(0);
        Moment {
            elapsed: Duration::from_nanos(elapsed.unsigned_abs()),
            at,
        }
    }

    /// Lets a desk do something; what it asks for waits to be done.
    #[inline]
    pub(super) fn with<T>(
        &mut self,
        desk: usize,
        now: Timestamp,
        act: impl FnOnce(&mut AccountDesk, Moment, &mut Tagged<'_>) -> T,
    ) -> T {
        let moment = self.moment(now);
        if let Some(journals) = &self.journals {
            journals.clock().set(now);
        }
        self.wake = None;
        let effects = &mut self.effects;
        act(&mut self.desks[desk], moment, &mut Tagged { desk, effects })
    }

    /// What is to be done next.
    pub(super) fn next_effect(&mut self) -> Option<(usize, Effect)> {
        self.effects.pop_front()
    }

    /// When a desk has to be told the time.
    pub(super) fn wake_at(&mut self, now: Timestamp) -> Option<Timestamp> {
        if let Some(wake) = self.wake {
            return wake;
        }
        let next = self.desks.iter().filter_map(Desk::next_wake).min();
        let wake = next.map(|elapsed| {
            let nanos = i64::try_from(elapsed.as_nanos()).unwrap_or(i64::MAX);
            // What was due already and is due still waits for something else: it is looked at again soon.
            self.begin
                .saturating_add_nanos(nanos)
                .max(now.saturating_add_nanos(WAKE_GAP_NS))
        });
        self.wake = Some(wake);
        wake
    }

    /// Tells every desk the time.
    pub(super) fn tick(&mut self, now: Timestamp) {
        for desk in 0..self.desks.len() {
            self.with(desk, now, |desk, now, out| desk.tick(now, out));
        }
    }

    /// The number of an order: the caller's, or the next one.
    ///
    /// # Errors
    /// When another account has an order of that number.
    pub(super) fn number(&mut self, desk: usize, id: ClientOrderId) -> Result<ClientOrderId> {
        if id.is_auto() {
            let next = ClientOrderId::new(self.next_id);
            self.next_id += 1;
            return Ok(next);
        }
        let others = self.desks.iter().enumerate();
        let is_taken = others
            .filter(|&(place, _)| place != desk)
            .any(|(_, other)| other.order(id).is_some());
        if is_taken {
            let expected = "a number that no order of today has, or 0";
            return Err(Error::invalid("id", id, expected));
        }
        self.next_id = self.next_id.max(id.get().saturating_add(1));
        Ok(id)
    }

    /// A caller waits for the outcome of a command.
    pub(super) fn await_outcome(&mut self, desk: usize, ticket: Ticket, id: ClientOrderId) {
        self.awaited = Some(Awaited {
            desk,
            ticket,
            id,
            outcome: None,
        });
    }

    /// Whether the outcome that is waited for is there.
    pub(super) fn has_outcome(&self) -> bool {
        let awaited = self.awaited.as_ref();
        awaited.is_some_and(|awaited| awaited.outcome.is_some())
    }

    /// The outcome that was waited for; unknown when it did not come.
    pub(super) fn take_outcome(&mut self, now: Timestamp) -> Result<OrderResult> {
        let awaited = self.awaited.take();
        let id = awaited.as_ref().map_or(ClientOrderId::AUTO, |it| it.id);
        awaited
            .and_then(|awaited| awaited.outcome)
            .unwrap_or(Ok(OrderResult::Unknown(PendingOrder { id, since: now })))
    }

    /// A command has an outcome.
    pub(super) fn decide(&mut self, desk: usize, ticket: Ticket, result: OrderResult) {
        if let Some(awaited) = &mut self.awaited
            && (awaited.desk, awaited.ticket) == (desk, ticket)
        {
            awaited.outcome = Some(Ok(result));
        }
    }

    /// A command did not leave.
    pub(super) fn decide_unsent(&mut self, id: ClientOrderId, error: Error) {
        if let Some(awaited) = &mut self.awaited
            && awaited.id == id
            && awaited.outcome.is_none()
        {
            awaited.outcome = Some(Err(error));
        }
    }

    /// Remembers a fill, and forgets the oldest one where there is no room.
    pub(super) fn remember(&mut self, fill: Fill) {
        if self.fills.len() == self.fills_max {
            self.fills.pop_front();
            self.forgotten_fills += 1;
        }
        self.fills.push_back(fill);
    }

    /// How many of the day's first fills, of whichever accounts, are forgotten.
    pub(super) const fn forgotten_fills(&self) -> u64 {
        self.forgotten_fills
    }

    /// The fills of an account, by time.
    pub(super) fn fills(&self, account: AccountId) -> impl Iterator<Item = &Fill> {
        self.fills
            .iter()
            .filter(move |fill| fill.account == account)
    }

    /// An order of an account.
    pub(super) fn order(&self, account: AccountId, order: OrderRef) -> Result<Option<Order>> {
        Ok(self.desk(account)?.order(order))
    }

    /// Whether a desk takes no new orders.
    pub(super) fn is_blocked(&self) -> bool {
        self.desks.iter().any(|desk| desk.blocked_by().is_some())
    }

    pub(super) const fn len(&self) -> usize {
        self.desks.len()
    }

    /// The command of an order that is not decided, if there is one.
    pub(super) fn undecided(&self, account: AccountId, id: ClientOrderId) -> Option<PendingOrder> {
        let desk = self.desk(account).ok()?;
        let mut undecided = desk.undecided().map(|(_, pending)| pending);
        undecided.find(|pending| pending.id == id)
    }

    /// Nanoseconds after which an unknown command is decided or cannot be.
    pub(super) fn patience(&self) -> i64 {
        i64::try_from(self.settings.unresolved_after.as_nanos()).unwrap_or(i64::MAX)
    }

    /// The number of an order was found out.
    pub(super) fn infer(&mut self, id: ClientOrderId) {
        self.inferred.insert(id);
    }

    pub(super) fn is_inferred(&self, id: ClientOrderId) -> bool {
        self.inferred.contains(&id)
    }
}

/// Least time between two looks at what is due: one millisecond.
const WAKE_GAP_NS: i64 = 1_000_000;

/// The settings of desks whose broker is in this process: it loses nothing, unless faults are asked for.
fn settings(config: &BrokerConfig) -> desk::Config {
    let history = config.mock_config().history;
    if config.mock_config().faults.is_some() {
        return desk::Config {
            answer_within: config.timeouts().order,
            ..desk::Config::default()
        };
    }
    desk::Config {
        answer_within: config.timeouts().order,
        // The list is read for the principle: it can have nothing that the stream has not told.
        poll: Duration::from_secs(60 * 60),
        poll_idle: Duration::from_secs(60 * 60),
        list_lag: Duration::ZERO,
        reconcile_first: false,
        exact_stream: true,
        forgets_beyond: Some(history),
        orders_max: history + OPEN_MAX,
        rows_max: OPEN_MAX,
        ..desk::Config::default()
    }
}
