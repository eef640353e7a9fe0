//! The order desk: owns each order of one account and one trading day from the request to its end.
//!
//! Pure and deterministic: commands, send outcomes, notices, order lists and time go in; [`Effect`]s come out. It reads
//! no clock, opens nothing and waits for nothing, so the same inputs give the same outputs, in the same order.
//!
//! # What it promises
//!
//! 1. **At most once.** One command is one [`Effect::Write`], whatever happens to it.
//! 2. **Unknown is not refused.** Only a code of the broker's [`ClosedList`] refuses a command. Everything else that is
//!    not a number makes it unknown, and the list decides.
//! 3. **The list is the truth, the stream is the news.** Fills are counted per order number. What the list shows
//!    beyond the count is emitted once, as an inferred fill of the missing shares at their average price. The count
//!    never falls.
//! 4. **Nothing disappears in silence.** A notice ends as an event, is held for a command in flight, or is counted in
//!    [`Counters`] and looked up in the list.
//! 5. **Everything is bounded.** See [`Config`] for each bound and what happens at it.
//!
//! # How an unknown command is decided
//!
//! From then on the list is read on a schedule. A *candidate* is an order that the command asked for word by word, whose
//! number was not known before the send, and whose time lies between the send and the deadline. One candidate is it.
//! Several leave it [`Resolution::Unresolved`](crate::domain::Resolution). None, for long enough, makes it absent.
//! Modifications and cancels are found by the number that they change, which is exact, because an order has one of each
//! in flight. Identical orders in flight together (a setting) are interchangeable, and matched by count.
//!
//! # What is left to the caller
//!
//! The limiter, the sockets, the journal's file, the clock, and one thread: the desk is driven by `&mut self`. Tell it
//! the time by [`Desk::tick`] at [`Desk::next_wake`] at the latest. A fill that its broker does not number is
//! given a number with the highest bit set.

mod absence;
mod answers;
mod chains;
mod claims;
mod config;
mod effect;
mod entry;
mod external;
mod fills;
mod held;
mod input;
mod moment;
mod neighbours;
mod notices;
mod pending;
mod reads;
mod recent;
mod restore;
mod seam;
mod settle;
mod slab;
mod store;
mod submit;
mod unknowns;

use std::time::Duration;

use crate::domain::{
    AccountId, ClientOrderId, ExecutionEvent, Order, OrderCommand, OrderNo, OrderRef, PendingOrder,
    Symbol, Timestamp,
};
use crate::error::{Block, Result};

pub use config::Config;
pub use effect::{Effect, Effects, Instruction, ReadId, Ticket, WriteRequest};
pub use input::{Answer, News, Notice, OrderList, Row};
pub use moment::Moment;
pub use seam::{ClosedList, Gate, Journal, NoJournal, OpenGate, Record};
pub use submit::{CancelledAll, Decision};

use held::Held;
use pending::{PendingTable, Phase};
use reads::Reads;
use recent::Recent;
use store::Store;

/// Counts of what needs no event of its own. They only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Fill notices that repeated a numbered one, or told what the list had shown.
    pub repeated: u64,
    /// Fill notices that were not counted because only the list can tell whether they are new.
    pub doubted: u64,
    /// Fills that came from the list.
    pub inferred: u64,
    /// Notices that contradict what the desk knows, or cannot be placed before the list is read.
    pub contradictions: u64,
    /// Frames that could not be read.
    pub unreadable: u64,
    /// Answers of commands that have ended, or that nobody asked for.
    pub late_answers: u64,
    /// Numbers that the broker gave to two orders, or that belong to another one.
    pub mixed_up: u64,
    /// List reads that failed, were too long, or came too late.
    pub failed_reads: u64,
    /// Rows of the list that could not be used.
    pub unusable_rows: u64,
    /// Journal records that were not kept.
    pub unjournaled: u64,
    /// Other people's orders for which there was no room.
    pub unfollowed: u64,
}

/// The order desk of one account and one trading day.
#[derive(Debug)]
pub struct Desk<J, G> {
    account: AccountId,
    config: Config,
    refusals: ClosedList,
    journal: J,
    gate: G,
    store: Store,
    pending: PendingTable,
    held: Held,
    recent: Recent,
    reads: Reads,
    /// When the stream of notices came up, if it is up.
    stream_since: Option<Duration>,
    /// News are missing; a list read that starts at or after this time brings them.
    resync_after: Option<Duration>,
    /// Reasons for which new orders are not taken, one bit each.
    blocks: u8,
    /// The list must be read from this time on before new orders.
    reconcile_after: Duration,
    consumer_behind: Option<usize>,
    /// The broker's clock minus ours.
    clock_offset_ns: i64,
    tickets: u64,
    next_id: u64,
    made_fills: u64,
    last: Option<Moment>,
    counters: Counters,
}

impl<J: Journal, G: Gate> Desk<J, G> {
    /// A desk for a day of which no journal exists.
    pub fn new(
        account: AccountId,
        config: Config,
        refusals: ClosedList,
        journal: J,
        gate: G,
    ) -> Self {
        let mut desk = Self {
            account,
            config,
            refusals,
            journal,
            gate,
            store: Store::new(&config),
            pending: PendingTable::new(config.pending_max),
            held: Held::new(config.held_max),
            recent: Recent::new(config.marks_max),
            reads: Reads::default(),
            stream_since: None,
            resync_after: None,
            blocks: 0,
            reconcile_after: Duration::ZERO,
            consumer_behind: None,
            clock_offset_ns: 0,
            tickets: 0,
            next_id: 1,
            made_fills: 0,
            last: None,
            counters: Counters::default(),
        };
        if config.reconcile_first {
            desk.block(Block::Reconciling);
            desk.reads.want(Duration::ZERO);
        }
        desk
    }

    /// Takes no new orders and no modifications for that reason. Cancels go on.
    pub fn block(&mut self, by: Block) {
        self.blocks |= bit(by);
    }

    /// Ends a reason. [`Block::Reconciling`] ends by itself, and [`Block::Journal`] with a new desk.
    pub fn unblock(&mut self, by: Block) {
        if !matches!(by, Block::Reconciling | Block::Journal) {
            self.blocks &= !bit(by);
        }
    }

    /// The first reason for which new orders are not taken.
    pub fn blocked_by(&self) -> Option<Block> {
        Block::ALL
            .iter()
            .copied()
            .find(|&by| self.blocks & bit(by) != 0)
    }

    /// Tells that a subscriber of events is full, with its capacity, or that all keep up. While one is full, new
    /// orders are refused, because its events may not be dropped.
    pub const fn set_consumer_behind(&mut self, capacity: Option<usize>) {
        self.consumer_behind = capacity;
    }

    /// Tells by how many nanoseconds the broker's clock is ahead of ours.
    pub const fn set_clock_offset(&mut self, broker_ahead_ns: i64) {
        self.clock_offset_ns = broker_ahead_ns;
    }

    /// The stream of notices delivers from now on. What it missed is fetched from the list.
    pub fn stream_up(&mut self, now: Moment, out: &mut impl Effects) {
        if self.stream_since.is_none() {
            self.stream_since = Some(now.elapsed);
            self.resync_after = Some(now.elapsed);
            self.reads.want(now.elapsed);
        }
        self.advance(now, out);
    }

    /// The stream of notices ended, stalled, or was not confirmed. `since` is when it last surely delivered.
    pub fn stream_down(&mut self, now: Moment, since: Timestamp, out: &mut impl Effects) {
        if self.stream_since.take().is_some() {
            self.resync_after = None;
            let account = self.account;
            out.push(Effect::Event(ExecutionEvent::Gap { account, since }));
            self.reads.want(now.elapsed);
        }
        self.advance(now, out);
    }

    /// A frame of the stream could not be read. It may have been a fill, so the list is read.
    pub fn unreadable_frame(&mut self, now: Moment, out: &mut impl Effects) {
        self.counters.unreadable += 1;
        self.reads.doubt(now.elapsed, &self.config);
        self.advance(now, out);
    }

    /// The account holds more or less of something than the desk's fills explain. Absence is proven anew from here.
    pub fn unexplained_position(&mut self, now: Moment, symbol: Symbol, out: &mut impl Effects) {
        for index in 0..self.pending.all().len() {
            let entry = self.pending.all()[index].entry;
            if self.store.entries[entry].request.symbol == symbol {
                self.pending.all_mut()[index].evidence.reset();
            }
        }
        self.reads.doubt(now.elapsed, &self.config);
        self.advance(now, out);
    }

    /// The process may have missed things: it stood still, say. No new orders before the list was read.
    pub fn reconcile(&mut self, now: Moment, out: &mut impl Effects) {
        self.distrust(now);
        self.advance(now, out);
    }

    /// Time passes. Call it at [`Desk::next_wake`] at the latest; more often does no harm.
    pub fn tick(&mut self, now: Moment, out: &mut impl Effects) {
        self.advance(now, out);
    }

    /// When `tick` has something to do, by the monotonic clock; `None` while nothing is due.
    pub fn next_wake(&self) -> Option<Duration> {
        let deadlines = self
            .pending
            .all()
            .iter()
            .filter(|pending| pending.phase == Phase::Sending)
            .map(|pending| pending.deadline);
        let undecided = self
            .pending
            .all()
            .iter()
            .filter(|pending| pending.phase == Phase::Unknown)
            .map(|pending| {
                pending
                    .deadline
                    .saturating_add(self.config.unresolved_after)
            });
        let held = self
            .held
            .oldest()
            .map(|since| since.saturating_add(self.config.hold));
        let read_timeout = self.reads.times_out(&self.config).map(|(_, at)| at);
        deadlines
            .chain(undecided)
            .chain(held)
            .chain(read_timeout)
            .chain(self.reads.due(self.read_needed(), &self.config))
            .min()
    }

    /// An order, if it has a number.
    pub fn order(&self, order: impl Into<OrderRef>) -> Option<Order> {
        self.view(self.store.find(order.into())?)
    }

    /// How many orders with a number are held, somebody else's too; archived ones are not counted.
    pub fn numbered(&self) -> usize {
        let entries = self.store.entries.iter();
        entries.filter(|(_, entry)| entry.current.is_some()).count()
    }

    /// The id that the next order without one gets.
    pub const fn next_id(&self) -> ClientOrderId {
        ClientOrderId::new(self.next_id)
    }

    /// The highest order number that is held; archived ones are not counted.
    pub fn highest_number(&self) -> Option<OrderNo> {
        self.store.legs.iter().map(|(_, leg)| leg.order_no).max()
    }

    /// The orders that may be filled, somebody else's too.
    pub fn open_orders(&self) -> impl Iterator<Item = Order> {
        self.store
            .entries
            .iter()
            .filter(|(_, entry)| entry.fate == entry::Fate::Working)
            .filter_map(|(key, _)| self.view(key))
    }

    /// Commands without an end, oldest first: the order, the command, and since when.
    pub fn undecided(&self) -> impl Iterator<Item = (OrderCommand, PendingOrder)> {
        self.pending.all().iter().map(|pending| {
            let (id, since) = (pending.id, pending.sent.at);
            (pending.command, PendingOrder { id, since })
        })
    }

    /// Whether nothing is in flight or undecided, nothing may be filled, and the list agrees with the rest.
    pub fn is_at_rest(&self) -> bool {
        self.pending.is_empty() && self.held.is_empty() && self.store.open() == 0
    }

    /// Whether no command waits for its answer: then the gateway may stop.
    pub fn can_stop(&self) -> bool {
        self.pending
            .all()
            .iter()
            .all(|pending| pending.phase != Phase::Sending)
    }

    /// The counts of what needs no event.
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The journal.
    pub const fn journal(&self) -> &J {
        &self.journal
    }

    /// The journal, for what is not the desk's: room, flushes, remarks.
    pub const fn journal_mut(&mut self) -> &mut J {
        &mut self.journal
    }

    /// Whether an order of the day has or had that number, the caller's.
    pub fn knows(&self, id: ClientOrderId) -> bool {
        self.id_taken(id)
    }

    /// The gate.
    pub const fn gate(&self) -> &G {
        &self.gate
    }

    /// The gate, to change its limits or state.
    pub const fn gate_mut(&mut self) -> &mut G {
        &mut self.gate
    }

    /// Ends the desk and gives its journal back.
    pub fn into_journal(self) -> J {
        self.journal
    }

    fn view(&self, entry: usize) -> Option<Order> {
        let record = &self.store.entries[entry];
        let leg = &self.store.legs[record.current?];
        Some(record.view(self.account, leg.order_no, leg.original_no))
    }

    fn number_of(&self, entry: usize) -> Option<OrderNo> {
        self.store.entries[entry]
            .current
            .map(|leg| self.store.legs[leg].order_no)
    }

    /// What follows from the time, in a fixed order.
    fn advance(&mut self, now: Moment, out: &mut impl Effects) {
        self.check_clocks(now);
        self.pass_deadlines(now, out);
        if let Some((id, at)) = self.reads.times_out(&self.config)
            && at <= now.elapsed
        {
            self.fail_read(id);
        }
        self.report_undecidable(now, out);
        self.flush_held(now, out);
        if self.store.is_crowded()
            && self
                .reads
                .last_complete()
                .is_none_or(|last| now.elapsed > last)
        {
            self.reads.want(now.elapsed);
        }
        let due = self.reads.due(self.read_needed(), &self.config);
        if due.is_some_and(|due| due <= now.elapsed) {
            let id = self.reads.start(now);
            for pending in self.pending.all_mut() {
                if pending.is_unknown() && pending.next_look <= now.elapsed {
                    pending.next_look = match pending.phase {
                        Phase::Unresolved => now.elapsed.saturating_add(self.config.poll),
                        Phase::Sending | Phase::Unknown => {
                            pending::next_look(pending.since, now.elapsed)
                        }
                    };
                }
            }
            out.push(Effect::ReadList(id));
        }
    }

    /// A machine that slept, or whose clock was set, has missed things: nothing new before the list is read.
    fn check_clocks(&mut self, now: Moment) {
        if self.last == Some(now) {
            return;
        }
        let jumped = self
            .last
            .is_some_and(|last| now.jump_since(last) > self.config.clock_jump);
        if jumped {
            self.distrust(now);
        }
        self.last = Some(now);
    }

    /// No new orders before a list that is read from now on.
    fn distrust(&mut self, now: Moment) {
        self.block(Block::Reconciling);
        self.reconcile_after = now.elapsed;
        self.reads.want(now.elapsed);
    }

    /// When commands and open orders want the next list read.
    fn read_needed(&self) -> Option<Duration> {
        let mut needed = None;
        let mut want =
            |at: Duration| needed = Some(needed.map_or(at, |first: Duration| first.min(at)));
        for pending in self.pending.all() {
            if pending.is_unknown() {
                want(pending.next_look);
            }
        }
        let is_open = self.store.open() > 0 || !self.held.is_empty();
        let period = match (is_open, self.stream_since) {
            (false, _) => self.config.poll_idle,
            (true, Some(_)) => self.config.poll,
            (true, None) => self.config.poll_without_stream,
        };
        match self.reads.last_complete() {
            Some(last) => want(last.saturating_add(period)),
            // Without any complete read, the first open order wants one.
            None if is_open => want(Duration::ZERO),
            None => {}
        }
        if self.blocks & bit(Block::Reconciling) != 0 {
            want(self.reconcile_after);
        }
        if let Some(resync) = self.resync_after {
            want(resync);
        }
        needed
    }

    /// Writes a record. From the first one that is not kept on, new orders are not taken.
    fn record(&mut self, record: &Record) -> Result<()> {
        let kept = self.journal.append(record);
        if kept.is_err() {
            self.counters.unjournaled += 1;
            self.block(Block::Journal);
        }
        kept
    }

    /// Writes a record of what has happened already, which a failure cannot undo.
    fn note(&mut self, record: &Record) {
        // `record` blocks new orders, which is all that can be done about it.
        let _ = self.record(record);
    }

    fn id_taken(&self, id: ClientOrderId) -> bool {
        self.store.is_used(id)
            || self
                .pending
                .all()
                .iter()
                .any(|pending| pending.piece == entry::Piece::Part(id))
    }
}

const fn bit(by: Block) -> u8 {
    match by {
        Block::Stopping => 1,
        Block::Login => 2,
        Block::Journal => 4,
        Block::Reconciling => 8,
        Block::Failed => 16,
    }
}
