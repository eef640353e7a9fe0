//! One history: a caller, the desk, the broker and the faults between them, in virtual time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use gwanmun::domain::{
    AccountId, BrokerCode, CancelRequest, ClientOrderId, ExecutionEvent, ModifyRequest,
    OrderCommand, OrderKind, OrderNo, OrderRequest, OrderResult, Price, Qty, Refusal,
    RefusalReason, Side, Symbol, TimeInForce, Timestamp,
};
use gwanmun::limiter::Lane;
use gwanmun::orders::desk::{
    Answer, ClosedList, Config, Desk, Effect, Instruction, Moment, Notice, OpenGate, OrderList,
    ReadId, Record, Row, Ticket, WriteRequest,
};
use gwanmun::symbol;

use super::broker::{Broker, Request, Verdict};
use super::faults::Faults;
use super::limiter::{Limiter, on_stopped_clock};
use super::oracle::Oracle;
use super::rng::Rng;

/// The refusals of the model broker.
pub(crate) const REFUSALS: ClosedList = ClosedList(&[
    ("NOCASH", RefusalReason::InsufficientCash),
    ("NOTHING", RefusalReason::UnknownOrder),
    ("TOOMANY", RefusalReason::RateLimited),
]);

const SECOND: u64 = 1_000_000_000;
const MILLI: u64 = 1_000_000;
/// Monotonic time 0 is this wall-clock time.
const START: i64 = 1_795_478_400 * 1_000_000_000;
/// A command that the limiter holds back for longer does not leave at all.
const PATIENCE_NS: u64 = 5 * SECOND;
/// From then on a desk that goes deaf reads no list.
const DEAF_FROM_NS: u64 = 10 * SECOND;
const SYMBOLS: [Symbol; 2] = [symbol!("005930"), symbol!("000660")];

/// A desk that is broken on purpose, to show that the oracle sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    None,
    /// A request without an answer is written again.
    ResendOnTimeout,
    /// A command whose outcome nobody knows is shown as refused.
    UnknownAsRefused,
    /// A fill that the list brings is counted although its notice was.
    FillTwice,
    /// After a while no order list comes any more.
    GoesDeaf,
    /// Requests leave whatever the limiter says.
    IgnoresLimiter,
}

#[derive(Clone, Copy, Debug)]
enum Happening {
    Command,
    /// A write that asks the limiter, again or for the first time; it has waited so long.
    Leave(u32, WriteRequest, u64),
    /// The same of an order list.
    Ask(u32, ReadId),
    Arrive(WriteRequest),
    /// A request of somebody else.
    Foreign,
    Answer(u32, Ticket, u8, Option<OrderNo>),
    Unwritten(u32, Ticket),
    Confirm(usize),
    Fill(usize),
    Deliver(u32, Notice),
    List(u32, ReadId, bool),
    StreamDown,
    StreamUp,
    Garbage,
    Crash,
    Restart,
    Sleep,
    Awake,
    Quiet,
}

#[derive(Clone, Copy, Debug)]
struct Planned {
    at_ns: u64,
    seq: u64,
    happening: Happening,
}

impl PartialEq for Planned {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Planned {}
impl PartialOrd for Planned {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Planned {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at_ns, self.seq).cmp(&(other.at_ns, other.seq))
    }
}

/// What one history came to.
#[derive(Debug)]
pub(crate) struct Story {
    pub(crate) violation: Option<String>,
    pub(crate) steps: u64,
    pub(crate) unknowns: u32,
    pub(crate) inferred: u32,
    pub(crate) orders: usize,
    /// A number that every step went into: equal histories have equal ones.
    pub(crate) fingerprint: u64,
}

/// A running history.
pub(crate) struct World {
    rng: Rng,
    faults: Faults,
    flaw: Flaw,
    trace: bool,
    now_ns: u64,
    seq: u64,
    queue: BinaryHeap<Reverse<Planned>>,
    desk: Option<Desk<Vec<Record>, OpenGate>>,
    records: Vec<Record>,
    broker: Broker,
    limiter: Limiter,
    oracle: Oracle,
    out: Vec<Effect>,
    rows: Vec<Row>,
    account: AccountId,
    ids: Vec<ClientOrderId>,
    /// Every write that left, for the desk that resends.
    sent: Vec<WriteRequest>,
    next_id: u64,
    /// When the running process began, and how long the machine slept since, for its monotonic clock.
    born_ns: u64,
    slept_ns: u64,
    asleep_since: Option<u64>,
    /// How long the machine has slept in all.
    slept_in_all_ns: u64,
    /// Connections of an earlier epoch are dead.
    epoch: u32,
    stream: Option<u32>,
    steps: u64,
    fingerprint: u64,
}

/// The desk's settings in the simulation: the default waits, small stores.
pub(crate) fn config() -> Config {
    Config {
        orders_max: 64,
        pending_max: 32,
        held_max: 32,
        marks_max: 256,
        ..Config::default()
    }
}

/// Runs the history of a seed.
pub(crate) fn run(seed: u64, flaw: Flaw, trace: bool) -> Story {
    let mut rng = Rng::new(seed);
    let faults = Faults::swarm(&mut rng);
    on_stopped_clock(|| World::new(rng, faults, flaw, trace).run())
}

/// Runs a history with given faults.
pub(crate) fn run_with(seed: u64, faults: Faults, flaw: Flaw) -> Story {
    on_stopped_clock(|| World::new(Rng::new(seed), faults, flaw, false).run())
}

impl World {
    fn new(mut rng: Rng, faults: Faults, flaw: Flaw, trace: bool) -> Self {
        let account: AccountId = "1234567801".parse().unwrap();
        let desk = Desk::new(account, config(), REFUSALS, Vec::new(), OpenGate);
        let mut limiter = Limiter::swarm(&mut rng);
        if flaw == Flaw::IgnoresLimiter {
            limiter.ignore();
        }
        Self {
            limiter,
            broker: Broker::new(faults.dialect, faults.clock_ms + START / 1_000_000),
            rng,
            faults,
            flaw,
            trace,
            now_ns: 0,
            seq: 0,
            queue: BinaryHeap::with_capacity(128),
            desk: Some(desk),
            records: Vec::new(),
            oracle: Oracle::default(),
            out: Vec::with_capacity(32),
            rows: Vec::with_capacity(32),
            account,
            ids: Vec::with_capacity(16),
            sent: Vec::with_capacity(32),
            next_id: 1,
            born_ns: 0,
            slept_ns: 0,
            asleep_since: None,
            slept_in_all_ns: 0,
            epoch: 0,
            stream: None,
            steps: 0,
            fingerprint: 0,
        }
    }

    fn plan(&mut self, after_ns: u64, happening: Happening) {
        self.seq += 1;
        let at_ns = self.now_ns + after_ns;
        self.queue.push(Reverse(Planned {
            at_ns,
            seq: self.seq,
            happening,
        }));
    }

    fn plan_at(&mut self, at_ns: u64, happening: Happening) {
        self.plan(at_ns.saturating_sub(self.now_ns), happening);
    }

    fn moment(&self) -> Moment {
        Moment {
            elapsed: Duration::from_nanos(self.now_ns - self.born_ns - self.slept_ns),
            at: Timestamp::from_nanos(START + i64::try_from(self.now_ns).unwrap()),
        }
    }

    fn is_up(&self) -> bool {
        self.desk.is_some() && self.asleep_since.is_none()
    }

    fn run(mut self) -> Story {
        let quiet_ns = self.write_script();
        let end_ns = quiet_ns + 120 * SECOND;
        self.tell_clock();
        while self.step(end_ns) {}
        self.now_ns = end_ns;
        match self.desk.take() {
            Some(desk) => self.oracle.finish(&self.broker, &desk),
            None => self.oracle.violation = Some("the process never came back".into()),
        }
        self.check_limiter();
        Story {
            violation: self.oracle.violation,
            steps: self.steps,
            unknowns: self.oracle.unknowns,
            inferred: self.oracle.inferred,
            orders: self.broker.orders.len(),
            fingerprint: self.fingerprint,
        }
    }

    /// The process ends: what it let through is held against the limits.
    fn check_limiter(&mut self) {
        if let Some(violation) = self.limiter.violation() {
            self.oracle.violation.get_or_insert(violation);
        }
    }

    /// The machine's monotonic time, which stands still while it sleeps.
    const fn monotonic_ns(&self) -> u64 {
        self.now_ns - self.slept_in_all_ns
    }

    /// Plans the commands and the great faults. Returns when everything falls quiet.
    fn write_script(&mut self) -> u64 {
        let mut quiet_ns = self.rng.between(40, 70) * SECOND;
        if !self.faults.no_stream {
            self.plan_at(0, Happening::StreamUp);
        }
        for _ in 0..self.rng.between(4, 14) {
            let at_ns = self.rng.between(SECOND, quiet_ns - 10 * SECOND);
            self.plan_at(at_ns, Happening::Command);
        }
        if self.rng.hits(self.faults.stream_cut) && !self.faults.no_stream {
            let at_ns = self.rng.between(SECOND, quiet_ns - 2 * SECOND);
            self.plan_at(at_ns, Happening::StreamDown);
        }
        if self.rng.hits(self.faults.external) {
            for _ in 0..self.rng.between(1, 3) {
                let at_ns = self.rng.between(SECOND, quiet_ns - SECOND);
                self.plan_at(at_ns, Happening::Foreign);
            }
        }
        if self.rng.hits(self.faults.garbage) {
            let at_ns = self.rng.between(SECOND, quiet_ns - SECOND);
            self.plan_at(at_ns, Happening::Garbage);
        }
        if self.rng.hits(self.faults.sleep) {
            let at_ns = self.rng.between(SECOND, quiet_ns / 2);
            let awake_ns = at_ns + self.rng.between(5, 90) * SECOND;
            self.plan_at(at_ns, Happening::Sleep);
            self.plan_at(awake_ns, Happening::Awake);
            quiet_ns = quiet_ns.max(awake_ns + SECOND);
        }
        if self.rng.hits(self.faults.crash) {
            for _ in 0..self.rng.between(1, 2) {
                let at_ns = self.rng.between(SECOND, quiet_ns - 20 * SECOND);
                self.plan_at(at_ns, Happening::Crash);
            }
        }
        self.plan_at(quiet_ns, Happening::Quiet);
        quiet_ns
    }

    /// One happening, or one wake of the desk. `false` at the end.
    fn step(&mut self, end_ns: u64) -> bool {
        let next_ns = self.queue.peek().map(|Reverse(planned)| planned.at_ns);
        let wake_ns = self.wake_ns();
        let at_ns = match (next_ns, wake_ns) {
            (Some(next), Some(wake)) => next.min(wake),
            (Some(next), None) => next,
            (None, Some(wake)) => wake,
            (None, None) => return false,
        };
        if at_ns > end_ns {
            return false;
        }
        self.steps += 1;
        if self.steps > 200_000 {
            self.oracle
                .violation
                .get_or_insert_with(|| "the history does not end".into());
            return false;
        }
        self.now_ns = at_ns.max(self.now_ns);
        if wake_ns == Some(at_ns) {
            let now = self.moment();
            if let Some(desk) = &mut self.desk {
                desk.tick(now, &mut self.out);
            }
        } else if let Some(Reverse(planned)) = self.queue.pop() {
            if self.trace {
                let (secs, millis) = (self.now_ns / SECOND, self.now_ns % SECOND / MILLI);
                eprintln!("{secs:>5}.{millis:03} {:?}", planned.happening);
            }
            self.happen(planned.happening);
        }
        self.take_effects();
        true
    }

    fn wake_ns(&self) -> Option<u64> {
        if !self.is_up() {
            return None;
        }
        let wake = self.desk.as_ref()?.next_wake()?;
        let wake_ns = u64::try_from(wake.as_nanos()).unwrap_or(u64::MAX);
        Some(
            wake_ns
                .saturating_add(self.born_ns + self.slept_ns)
                .max(self.now_ns),
        )
    }

    fn happen(&mut self, happening: Happening) {
        let now = self.moment();
        let up = self.is_up();
        match happening {
            Happening::Command if up => self.command(now),
            Happening::Leave(epoch, write, waited_ns) if up && epoch == self.epoch => {
                self.leave(&write, waited_ns);
            }
            Happening::Ask(epoch, id) if up && epoch == self.epoch => self.ask(id),
            Happening::Arrive(write) => self.arrive(&write),
            Happening::Foreign => self.foreign(),
            Happening::Answer(epoch, ticket, kind, order_no) if up && epoch == self.epoch => {
                let at = self.broker.clock(self.now_ns);
                let answer = match (kind, order_no) {
                    (0, Some(order_no)) => Answer::Accepted { order_no, at },
                    (1, _) => code("NOCASH"),
                    (2, _) => code("NOTHING"),
                    (5, _) => code("TOOMANY"),
                    (3, _) => code("WHATEVER"),
                    _ => Answer::Unclear,
                };
                if kind == 5 {
                    let now_ns = self.monotonic_ns();
                    self.limiter.over_rate(Lane::Order, now_ns);
                }
                self.with_desk(|desk, out| desk.answered(now, ticket, answer, out));
            }
            Happening::Unwritten(epoch, ticket) if up && epoch == self.epoch => {
                self.with_desk(|desk, out| desk.not_written(now, ticket, out));
            }
            Happening::Confirm(index) => self.confirm(index),
            Happening::Fill(index) => self.fill(index),
            Happening::Deliver(stream, notice) if up && self.stream == Some(stream) => {
                self.with_desk(|desk, out| desk.notice(now, &notice, out));
            }
            Happening::List(epoch, id, fails) if up && epoch == self.epoch => {
                self.list(now, id, fails)
            }
            Happening::StreamDown if up && self.stream.is_some() => {
                self.stream = None;
                self.with_desk(|desk, out| desk.stream_down(now, now.at, out));
                let pause = self.rng.between(1, 40) * SECOND;
                self.plan(pause, Happening::StreamUp);
            }
            Happening::StreamUp if up && self.stream.is_none() && !self.faults.no_stream => {
                self.seq += 1;
                self.stream = Some(u32::try_from(self.seq).unwrap());
                self.with_desk(|desk, out| desk.stream_up(now, out));
            }
            Happening::Garbage if up => self.with_desk(|desk, out| desk.unreadable_frame(now, out)),
            Happening::Crash if up => {
                self.epoch += 1;
                self.stream = None;
                self.check_limiter();
                self.records = self.desk.take().map(Desk::into_journal).unwrap_or_default();
                let pause = self.rng.between(100, 10_000) * MILLI;
                self.plan(pause, Happening::Restart);
            }
            Happening::Restart => self.restart(),
            Happening::Sleep if up => self.asleep_since = Some(self.now_ns),
            Happening::Awake => self.wake_up(),
            Happening::Quiet => {
                self.faults = Faults {
                    no_stream: self.faults.no_stream,
                    ..Faults::none(self.faults.dialect)
                };
                self.plan(0, Happening::StreamUp);
            }
            // What reaches a process that is not there, or a connection that is dead, is lost.
            Happening::Command
            | Happening::Leave(..)
            | Happening::Ask(..)
            | Happening::Answer(..)
            | Happening::Unwritten(..)
            | Happening::Deliver(..)
            | Happening::List(..)
            | Happening::StreamDown
            | Happening::StreamUp
            | Happening::Garbage
            | Happening::Crash
            | Happening::Sleep => {}
        }
    }

    fn with_desk(&mut self, act: impl FnOnce(&mut Desk<Vec<Record>, OpenGate>, &mut Vec<Effect>)) {
        if let Some(desk) = &mut self.desk {
            act(desk, &mut self.out);
        }
    }

    fn tell_clock(&mut self) {
        let error = i64::try_from(self.rng.below(1_000)).unwrap() - 500;
        let offset = (self.faults.clock_ms + error) * 1_000_000;
        self.with_desk(|desk, _| desk.set_clock_offset(offset));
    }

    fn restart(&mut self) {
        self.limiter.restart();
        (self.born_ns, self.slept_ns) = (self.now_ns, 0);
        let records = std::mem::take(&mut self.records);
        let lines = records.clone();
        let now = self.moment();
        let desk = Desk::restore(
            now,
            self.account,
            config(),
            REFUSALS,
            records,
            OpenGate,
            lines,
        );
        if desk.counters().contradictions > 0 {
            self.oracle
                .violation
                .get_or_insert_with(|| "a journal contradicts itself".into());
        }
        self.desk = Some(desk);
        self.tell_clock();
        let pause = self.rng.between(100, 3_000) * MILLI;
        self.plan(pause, Happening::StreamUp);
    }

    fn wake_up(&mut self) {
        let Some(since) = self.asleep_since.take() else {
            return;
        };
        self.slept_ns += self.now_ns - since;
        self.slept_in_all_ns += self.now_ns - since;
        self.epoch += 1;
        let now = self.moment();
        if self.stream.take().is_some() {
            let at = Timestamp::from_nanos(START + i64::try_from(since).unwrap());
            self.with_desk(|desk, out| desk.stream_down(now, at, out));
        }
        let pause = self.rng.between(100, 3_000) * MILLI;
        self.plan(pause, Happening::StreamUp);
    }

    /// The caller does something.
    fn command(&mut self, now: Moment) {
        let choice = self.rng.below(10);
        let Some(mut desk) = self.desk.take() else {
            return;
        };
        let old = if self.ids.is_empty() {
            None
        } else {
            let index = usize::try_from(self.rng.below(self.ids.len() as u64)).unwrap();
            Some(self.ids[index])
        };
        match (choice, old) {
            (0..=1, Some(id)) => {
                let qty = self.part(&desk, id);
                let price = self.price();
                let mut request = ModifyRequest::to_price(self.account, id, price);
                request.qty = qty;
                if qty.is_some() {
                    let part = ClientOrderId::new(self.next_id);
                    self.next_id += 1;
                    request.part_id = part;
                    self.ids.push(part);
                }
                let _ = desk.modify(now, &request, &mut self.out);
            }
            (2..=3, Some(id)) => {
                let mut request = CancelRequest::all(self.account, id);
                request.qty = self.part(&desk, id);
                let _ = desk.cancel(now, &request, &mut self.out);
            }
            (4, Some(_)) if self.rng.hits(60) => {
                desk.cancel_all(now, &mut self.out);
            }
            _ => {
                let request = self.order();
                if let Ok((_, id)) = desk.place(now, &request, &mut self.out) {
                    self.ids.push(id);
                }
            }
        }
        self.desk = Some(desk);
    }

    fn part(&mut self, desk: &Desk<Vec<Record>, OpenGate>, id: ClientOrderId) -> Option<Qty> {
        let left = desk.order(id)?.remaining().get();
        (left > 1 && self.rng.hits(100)).then(|| Qty::new(self.rng.between(1, left)))
    }

    fn price(&mut self) -> Price {
        Price::from_won(70_000 + 100 * i64::try_from(self.rng.below(8)).unwrap()).unwrap()
    }

    fn order(&mut self) -> OrderRequest {
        let symbol = SYMBOLS[usize::try_from(self.rng.below(2)).unwrap()];
        let side = if self.rng.hits(128) {
            Side::Buy
        } else {
            Side::Sell
        };
        let is_market = self.rng.hits(50);
        let kind = if is_market {
            OrderKind::Market
        } else {
            OrderKind::Limit {
                price: self.price(),
            }
        };
        let is_ioc = self.rng.hits(40);
        // A list without times in force cannot tell these apart, so their sizes do.
        let base = match (is_market, is_ioc) {
            (false, false) => 0,
            (false, true) => 20,
            (true, false) => 40,
            (true, true) => 60,
        };
        let qty = Qty::new(base + self.rng.between(1, 20));
        let mut request = OrderRequest::new(self.account, symbol, side, qty, kind);
        if is_ioc {
            request = request.with_time_in_force(TimeInForce::Ioc);
        }
        request.with_id(ClientOrderId::new({
            self.next_id += 1;
            self.next_id - 1
        }))
    }

    /// Somebody else places, changes or cancels.
    fn foreign(&mut self) {
        let index = usize::try_from(self.rng.below(self.broker.orders.len() as u64 + 1)).unwrap();
        let known = self.broker.orders.get(index).map(|truth| truth.row);
        let choice = self.rng.below(3);
        let request = match (known, choice) {
            (Some(row), 0 | 1) if !row.remaining.is_zero() => Request {
                command: if choice == 0 {
                    OrderCommand::Modify
                } else {
                    OrderCommand::Cancel
                },
                target: Some(row.order_no),
                symbol: row.symbol,
                side: row.side,
                qty: self
                    .rng
                    .hits(80)
                    .then(|| Qty::new(self.rng.between(1, row.remaining.get()))),
                kind: OrderKind::Limit {
                    price: self.price(),
                },
                time_in_force: TimeInForce::Day,
            },
            _ => Request {
                command: OrderCommand::Place,
                target: None,
                symbol: SYMBOLS[0],
                side: Side::Buy,
                qty: Some(Qty::new(self.rng.between(1_000, 2_000))),
                kind: OrderKind::Limit {
                    price: self.price(),
                },
                time_in_force: TimeInForce::Day,
            },
        };
        self.process(&request);
    }

    /// A request reaches the broker.
    fn arrive(&mut self, write: &WriteRequest) {
        let ticket = write.ticket;
        self.broker.arrived(ticket.0);
        let (target, qty, kind) = match write.instruction {
            Instruction::Place => (None, Some(write.order.qty), write.order.kind),
            Instruction::Modify { target, qty, kind } => (Some(target), qty, kind),
            Instruction::Cancel { target, qty } => (Some(target), qty, write.order.kind),
        };
        let request = Request {
            command: write.instruction.command(),
            target,
            symbol: write.order.symbol,
            side: write.order.side,
            qty,
            kind,
            time_in_force: write.order.time_in_force,
        };
        let strange = self.rng.hits(self.faults.strange_code);
        let too_many = self.rng.hits(self.faults.over_rate);
        let refuses =
            too_many || self.rng.hits(self.faults.refuse) || (strange && self.rng.hits(128));
        let taken = if refuses {
            None
        } else {
            self.process(&request)
        };
        let kind = match taken {
            Some(order_no) => {
                self.broker
                    .verdict(Some(ticket.0), Verdict::Accepted(order_no));
                if strange { 3 } else { 0 }
            }
            None => {
                if !strange {
                    self.broker.verdict(Some(ticket.0), Verdict::Refused);
                }
                if strange {
                    3
                } else if too_many {
                    5
                } else if refuses {
                    1
                } else {
                    2
                }
            }
        };
        if self.rng.hits(self.faults.lost) {
            return;
        }
        let kind = if self.rng.hits(self.faults.unclear) {
            4
        } else {
            kind
        };
        let wait_ns = if self.rng.hits(self.faults.late) {
            self.rng.between(8_000, 25_000) * MILLI
        } else {
            self.rng.between(1, 200) * MILLI
        };
        self.plan(wait_ns, Happening::Answer(self.epoch, ticket, kind, taken));
    }

    /// The broker takes a request, and the exchange deals with it.
    fn process(&mut self, request: &Request) -> Option<OrderNo> {
        let index = self.broker.take(self.now_ns, request)?;
        let order_no = self.broker.orders[index].row.order_no;
        let notice = self.broker.accepted(self.now_ns, index);
        self.tell(notice);
        if request.command == OrderCommand::Place {
            if self.rng.hits(self.faults.exchange_refuse) {
                let notice = self.broker.confirm(self.now_ns, index, true);
                self.tell(notice);
            } else if request.time_in_force == TimeInForce::Ioc {
                self.plan(0, Happening::Fill(index));
                self.plan(0, Happening::Confirm(index));
            } else {
                self.plan_fills(index);
            }
        } else {
            let wait_ns = self.rng.between(0, 50) * MILLI;
            self.plan(wait_ns, Happening::Confirm(index));
        }
        Some(order_no)
    }

    fn plan_fills(&mut self, index: usize) {
        let mut wait_ns = 0;
        for _ in 0..self.rng.below(4) {
            wait_ns += match self.rng.below(3) {
                0 => self.rng.between(0, 5) * MILLI,
                1 => self.rng.between(0, 1_000) * MILLI,
                _ => self.rng.between(1, 15) * SECOND,
            };
            self.plan(wait_ns, Happening::Fill(index));
        }
    }

    fn confirm(&mut self, index: usize) {
        if self.broker.orders[index].row.command == OrderCommand::Place {
            if let Some(notice) = self.broker.lapse(self.now_ns, index) {
                self.tell(notice);
            }
            return;
        }
        let refuses = self.rng.hits(self.faults.exchange_refuse);
        let notice = self.broker.confirm(self.now_ns, index, refuses);
        self.tell(notice);
        if !self.broker.orders[index].row.remaining.is_zero() {
            self.plan_fills(index);
        }
    }

    fn fill(&mut self, index: usize) {
        let left = self.broker.orders[index].row.remaining.get();
        if left == 0 {
            return;
        }
        // Equal fills in one second are common: chunks of half, or all.
        let qty = match self.rng.below(3) {
            0 => left,
            1 => left.div_ceil(2),
            _ => self.rng.between(1, left),
        };
        let price = self.price();
        let notice = self.broker.fill(self.now_ns, index, Qty::new(qty), price);
        self.tell(notice);
    }

    /// A notice goes out, with the faults of the stream.
    fn tell(&mut self, notice: Notice) {
        let copies = 1 + u8::from(self.rng.hits(self.faults.repeat_notice));
        for _ in 0..copies {
            let late_ns = self.rng.below(self.faults.notice_ms + 1) * MILLI;
            let wait_ns = self.rng.below(20) * MILLI + if self.rng.hits(100) { late_ns } else { 0 };
            let is_lost = self.rng.hits(self.faults.drop_notice);
            if let (false, Some(stream)) = (is_lost, self.stream) {
                self.plan(wait_ns, Happening::Deliver(stream, notice));
            }
        }
    }

    fn list(&mut self, now: Moment, id: ReadId, fails: bool) {
        if fails {
            return self.with_desk(|desk, out| desk.list_failed(now, id, out));
        }
        let lag_ns = self.rng.below(self.faults.list_lag_ms + 1) * MILLI;
        let mut rows = std::mem::take(&mut self.rows);
        self.broker
            .list(self.now_ns.saturating_sub(lag_ns), &mut rows);
        let list = OrderList {
            rows: &rows,
            all_venues: true,
        };
        self.with_desk(|desk, out| desk.list_read(now, id, list, out));
        self.rows = rows;
    }

    /// The desk's effects reach the world.
    fn take_effects(&mut self) {
        let mut out = std::mem::take(&mut self.out);
        for effect in out.drain(..) {
            if self.trace {
                eprintln!("          -> {effect:?}");
            }
            match effect {
                Effect::Write(write) => self.write(&write),
                Effect::ReadList(id) => {
                    let is_deaf = self.flaw == Flaw::GoesDeaf && self.now_ns > DEAF_FROM_NS;
                    if !is_deaf {
                        self.ask(id);
                    }
                }
                Effect::Outcome { ticket, result } => self.outcome(ticket, result),
                Effect::Event(event) => self.event(&event),
            }
        }
        self.out = out;
    }

    fn write(&mut self, write: &WriteRequest) {
        self.oracle.write(write);
        self.mix(write.ticket.0);
        self.leave(write, 0);
    }

    /// An order list is asked for as soon as the limiter lets it.
    fn ask(&mut self, id: ReadId) {
        if let Err(wait_ns) = self.limiter.ask(Lane::Reconciliation, self.monotonic_ns()) {
            return self.plan(wait_ns, Happening::Ask(self.epoch, id));
        }
        if !self.rng.hits(self.faults.list_silent) {
            let fails = self.rng.hits(self.faults.list_fail);
            let wait_ns = self.rng.between(5, 400) * MILLI;
            self.plan(wait_ns, Happening::List(self.epoch, id, fails));
        }
    }

    /// A request leaves as soon as the limiter lets it, with the faults of the way there.
    fn leave(&mut self, write: &WriteRequest, waited_ns: u64) {
        let lane = match write.instruction {
            Instruction::Cancel { .. } => Lane::Cancel,
            Instruction::Place | Instruction::Modify { .. } => Lane::Order,
        };
        if let Err(wait_ns) = self.limiter.ask(lane, self.monotonic_ns()) {
            let waited_ns = waited_ns + wait_ns;
            return if waited_ns > PATIENCE_NS {
                self.plan(0, Happening::Unwritten(self.epoch, write.ticket));
            } else {
                self.plan(wait_ns, Happening::Leave(self.epoch, *write, waited_ns));
            };
        }
        if self.rng.hits(self.faults.not_written) {
            let wait_ns = self.rng.between(0, 500) * MILLI;
            self.plan(wait_ns, Happening::Unwritten(self.epoch, write.ticket));
            return;
        }
        let wait_ns =
            self.rng.between(1, 30) * MILLI + self.rng.below(self.faults.queue_ms + 1) * MILLI;
        if self.rng.hits(self.faults.cut) {
            let cut_ns = self.rng.between(0, 100) * MILLI;
            self.plan(cut_ns, Happening::Answer(self.epoch, write.ticket, 4, None));
            if self.rng.hits(128) {
                return;
            }
        }
        self.plan(wait_ns, Happening::Arrive(*write));
        self.sent.push(*write);
    }

    fn outcome(&mut self, ticket: Ticket, result: OrderResult) {
        let mut result = result;
        if let OrderResult::Unknown(pending) = result {
            match self.flaw {
                Flaw::ResendOnTimeout => {
                    if let Some(write) = self
                        .sent
                        .iter()
                        .find(|write| write.ticket == ticket)
                        .copied()
                    {
                        self.plan(0, Happening::Arrive(write));
                    }
                }
                Flaw::UnknownAsRefused => {
                    result = OrderResult::Refused(Box::new(Refusal {
                        id: pending.id,
                        reason: RefusalReason::Other,
                        code: BrokerCode::new("TIMEOUT"),
                        message: None,
                    }));
                }
                Flaw::None | Flaw::FillTwice | Flaw::GoesDeaf | Flaw::IgnoresLimiter => {}
            }
        }
        self.mix(ticket.0 << 8);
        self.oracle.outcome(&self.broker, ticket, &result);
    }

    fn event(&mut self, event: &ExecutionEvent) {
        if let ExecutionEvent::Filled {
            fill, cumulative, ..
        } = event
        {
            self.mix(fill.order_no.get() ^ (cumulative.get() << 32));
            if self.flaw == Flaw::FillTwice && fill.inferred {
                self.oracle.event(&self.broker, event);
            }
        }
        self.mix(self.now_ns);
        self.oracle.event(&self.broker, event);
    }

    fn mix(&mut self, value: u64) {
        self.fingerprint =
            (self.fingerprint.rotate_left(5) ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

fn code(text: &str) -> Answer {
    Answer::Code {
        code: BrokerCode::new(text),
        message: None,
    }
}
