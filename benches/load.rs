//! A long run of orders through gate, desk and limiter: whether memory stays flat, and whether many open orders slow the
//! next one down.
//!
//! ```text
//! cargo bench --bench load                        # 10 million orders; a minute or two
//! cargo bench --bench load -- --orders 1000000
//! ```
//!
//! The orders come in trading days of 100,000, each with a desk of its own, as a broker's order numbers do; the exchange
//! fills at once and shows its list of the day when asked. The run fails when the memory after the last tenth is more than
//! 5 % above that after the second, or when a submit with 10,000 open orders takes more than 1.2 times as long as one
//! with 10.
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on stops")]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
#![expect(clippy::float_arithmetic, reason = "a ratio is not money")]

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use gwanmun::Result;
use gwanmun::domain::{
    AccountId, BrokerType, DayKind, Instrument, InstrumentKind, Market, Money, OrderCommand,
    OrderNo, OrderRequest, OrderResult, OrderType, Price, Qty, Side, TimeInForce, Timestamp,
    Timetable, Venue,
};
use gwanmun::limiter::{Lane, Lanes, Limits, RateLimiter, WindowLimit};
use gwanmun::orders::DeskJournal;
use gwanmun::orders::desk::{
    Answer, ClosedList, Config, Desk, Effect, Gate, Journal, Moment, News, NoJournal, Notice,
    OpenGate, OrderList, Row, Ticket,
};
use gwanmun::orders::gate::{
    Gate as PreTradeGate, GateRules, GateTime, MarketFacts, OrderHours, TradingSwitch,
};
use gwanmun::orders::journal;
use gwanmun::symbol;
use jiff::civil::{Date, date, time};

const DATE: Date = date(2026, 11, 24);
const PRICE_WON: i64 = 71_000;
/// Between two orders of the long run.
const PACE: Duration = Duration::from_millis(10);
const REFUSALS: ClosedList = ClosedList(&[]);

struct Options {
    orders: u64,
    orders_a_day: u64,
    rounds: u32,
}

fn main() {
    let mut options = Options {
        orders: 10_000_000,
        orders_a_day: 100_000,
        rounds: 3_000,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--orders" => options.orders = arguments.next().unwrap().parse().unwrap(),
            // As criterion does: once through everything, without figures to trust.
            "--test" => {
                options = Options {
                    orders: 20_000,
                    orders_a_day: 2_000,
                    rounds: 0,
                };
            }
            _ => {}
        }
    }
    memory(&options);
    open_orders(&options);
}

fn account() -> AccountId {
    "1234567801".parse().unwrap()
}

fn price() -> Price {
    Price::from_won(PRICE_WON).unwrap()
}

fn buy(qty: u64) -> OrderRequest {
    OrderRequest::limit_buy(account(), symbol!("005930"), Qty::new(qty), price())
}

/// The pre-trade gate with every rule on, and the facts it looks at.
struct EveryRule {
    gate: PreTradeGate,
    facts: MarketFacts<'static>,
}

impl EveryRule {
    fn new() -> Self {
        let instrument = Instrument::new(
            symbol!("005930"),
            "삼성전자",
            Market::Kospi,
            InstrumentKind::Stock,
        )
        .unwrap();
        // For as long as the program runs.
        let instrument: &'static Instrument = Box::leak(Box::new(instrument));
        let rules = GateRules::none()
            .with_order_qty_max(Qty::new(1_000_000))
            .with_order_value_max(Money::from_won(1_000_000_000_000).unwrap())
            .with_day_qty_max(Qty::new(1_000_000_000_000))
            .with_day_value_max(Money::from_won(900_000_000_000_000).unwrap())
            .with_collar_basis_points(300)
            .with_duplicate_window(Duration::from_millis(5))
            .with_orders_per_second(NonZeroU32::new(2_000).unwrap());
        Self {
            gate: PreTradeGate::new(rules, TradingSwitch::default(), hours()),
            facts: MarketFacts {
                instrument,
                ticks: instrument.tick_table(DATE).unwrap(),
                base: price(),
                band: instrument.price_band(price(), DATE).unwrap(),
                last: Some(price()),
                sellable: Qty::new(1_000_000),
            },
        }
    }
}

fn hours() -> OrderHours {
    OrderHours::of(DATE, Timetable::of(DATE, DayKind::Normal).unwrap()).unwrap()
}

impl Gate for EveryRule {
    fn check(&mut self, request: &OrderRequest, now: Moment) -> Result<()> {
        let time = GateTime {
            at: now.at,
            elapsed: now.elapsed,
        };
        self.gate.check(request, &self.facts, time)?;
        self.gate.note_sent(request, &self.facts, now.elapsed);
        Ok(())
    }
}

/// A limiter that is asked and never refuses.
fn limiter() -> RateLimiter {
    const NEVER_FULL: u32 = 100_000;
    let window = WindowLimit::new(Lanes::ALL, NEVER_FULL, Duration::from_millis(1));
    RateLimiter::new(
        &Limits::none()
            .with_margin(Duration::ZERO)
            .with_window(window),
    )
}

/// From the start of the run, and from 10:30 of the trading day.
fn moment(elapsed: Duration, into_the_day: Duration) -> Moment {
    let opened = Timestamp::from_kst(DATE, time(10, 30, 0, 0)).unwrap();
    let nanos = opened.nanos() + i64::try_from(into_the_day.as_nanos()).unwrap();
    Moment {
        elapsed,
        at: Timestamp::from_nanos(nanos),
    }
}

/// A desk, and an exchange that fills at once.
struct Day<J: Journal, G: Gate> {
    desk: Desk<J, G>,
    rows: Vec<Row>,
    out: Vec<Effect>,
    fills: u64,
}

impl<J: Journal, G: Gate> Day<J, G> {
    fn new(config: Config, journal: J, gate: G, mut rows: Vec<Row>, now: Moment) -> Self {
        rows.clear();
        let mut day = Self {
            desk: Desk::new(account(), config, REFUSALS, journal, gate),
            rows,
            out: Vec::with_capacity(64),
            fills: 0,
        };
        day.desk.stream_up(now, &mut day.out);
        day
    }

    /// An order in, accepted, filled; and the list when the desk asks for it.
    fn trade(&mut self, now: Moment, limiter: &RateLimiter, request: &OrderRequest) {
        if self
            .desk
            .next_wake()
            .is_some_and(|wake| wake <= now.elapsed)
        {
            self.desk.tick(now, &mut self.out);
        }
        self.desk.place(now, request, &mut self.out).unwrap();
        while let Some(effect) = self.out.pop() {
            match effect {
                Effect::Write(write) => {
                    limiter.try_acquire(Lane::Order).unwrap();
                    self.fill(now, write.ticket, &write.order);
                }
                Effect::ReadList(id) => {
                    limiter.try_acquire(Lane::Reconciliation).unwrap();
                    let list = OrderList {
                        rows: &self.rows,
                        all_venues: true,
                    };
                    self.desk.list_read(now, id, list, &mut self.out);
                }
                Effect::Outcome { result, .. } => {
                    assert!(matches!(result, OrderResult::Accepted(_)), "{result:?}");
                }
                Effect::Event(_) => {}
            }
        }
    }

    fn fill(&mut self, now: Moment, ticket: Ticket, order: &OrderRequest) {
        let order_no = OrderNo::new(self.rows.len() as u64 + 1).unwrap();
        let won = PRICE_WON * i64::try_from(order.qty.get()).unwrap();
        self.rows.push(Row {
            order_no,
            original_no: None,
            command: OrderCommand::Place,
            symbol: order.symbol,
            venue: Some(Venue::Krx),
            side: Side::Buy,
            order_type: Some(OrderType::Limit),
            time_in_force: Some(TimeInForce::Day),
            price: Some(price()),
            qty: order.qty,
            confirmed: Qty::ZERO,
            filled: order.qty,
            filled_value: Money::from_won(won).unwrap(),
            remaining: Qty::ZERO,
            refused: false,
            at: now.at,
        });
        let answer = Answer::Accepted {
            order_no,
            at: now.at,
        };
        self.desk.answered(now, ticket, answer, &mut self.out);
        self.fills += 1;
        let notice = Notice {
            order_no,
            original_no: None,
            symbol: order.symbol,
            side: order.side,
            order_qty: Some(order.qty),
            news: News::Filled {
                qty: order.qty,
                price: price(),
                fill_no: Some(self.fills),
                cumulative: Some(order.qty),
            },
            at: now.at,
        };
        self.desk.notice(now, &notice, &mut self.out);
    }
}

/// Memory of the process in KiB, where the system tells.
fn resident_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn memory(options: &Options) {
    let config = Config {
        reconcile_first: false,
        // What ends within the lag of the broker's list: it is put away once the list agrees.
        orders_max: 16_384,
        rows_max: usize::try_from(options.orders_a_day).unwrap(),
        ..Config::default()
    };
    let (limiter, tenth) = (limiter(), (options.orders / 10).max(1));
    let (mut elapsed, mut into_the_day) = (Duration::ZERO, Duration::ZERO);
    let day = |now, rows| Day::new(config, NoJournal, EveryRule::new(), rows, now);
    let mut today = day(moment(elapsed, into_the_day), Vec::new());
    // The most of each tenth: a desk that goes with its day gives some of its memory back, and the next takes it again.
    let (mut resident, mut most) = (Vec::new(), None);
    let start = Instant::now();
    for order in 1..=options.orders {
        elapsed += PACE;
        into_the_day += PACE;
        today.trade(moment(elapsed, into_the_day), &limiter, &buy(1 + order % 7));
        if order % options.orders_a_day == 0 {
            into_the_day = Duration::ZERO;
            let counters = today.desk.counters();
            assert_eq!(
                (
                    counters.inferred,
                    counters.contradictions,
                    counters.failed_reads
                ),
                (0, 0, 0),
                "the exchange has no faults"
            );
            let rows = std::mem::take(&mut today.rows);
            // Before the next one, which takes the same memory.
            drop(today);
            today = day(moment(elapsed, into_the_day), rows);
        }
        if order % (options.orders_a_day / 10) == 0 {
            most = most.max(resident_kib());
        }
        if order % tenth == 0
            && let Some(kib) = most.take()
        {
            println!("load/memory/until_{order}: {kib} KiB");
            resident.push(kib);
        }
    }
    let micros = start.elapsed().as_micros().max(1);
    let rate = u128::from(options.orders) * 1_000_000 / micros;
    println!("load/orders: {} at {rate}/s", options.orders);
    let is_long = options.orders >= 20 * options.orders_a_day;
    if let (Some(&second), Some(&last)) = (resident.get(1), resident.last()) {
        assert!(
            !is_long || last * 100 <= second * 105,
            "memory is not flat: {second} KiB after two tenths, {last} KiB at the end"
        );
    }
}

/// A desk with so many working orders, and the time of a submit in it.
struct Crowd<J: Journal, G: Gate> {
    day: Day<J, G>,
    limiter: RateLimiter,
    elapsed: Duration,
    best: Duration,
}

/// Submits that are timed together, under the desk's bound for commands in flight.
const BATCH: usize = 32;
/// Finished orders are kept until so many are held beside the open ones.
const SPARE: usize = 1_000;
const MANY: usize = 10_000;

impl<J: Journal, G: Gate> Crowd<J, G> {
    fn new(open: usize, journal: J, gate: G) -> Self {
        let config = Config {
            reconcile_first: false,
            orders_max: MANY + SPARE,
            ..Config::default()
        };
        let mut crowd = Self {
            day: Day::new(config, journal, gate, Vec::new(), moment(PACE, PACE)),
            limiter: limiter(),
            elapsed: PACE,
            best: Duration::MAX,
        };
        for order in 0..open {
            let ticket = crowd.submit(1_000 + order as u64 % 64);
            let answer = Answer::Accepted {
                order_no: OrderNo::new(order as u64 + 1).unwrap(),
                at: crowd.now().at,
            };
            let (now, day) = (crowd.now(), &mut crowd.day);
            day.desk.answered(now, ticket, answer, &mut day.out);
            day.out.clear();
        }
        // Until each submit puts an old one away, as in a long run.
        for _ in 0..(MANY + SPARE - open) / BATCH + 2 {
            crowd.batch();
        }
        assert_eq!(crowd.day.desk.open_orders().count(), open);
        crowd.best = Duration::MAX;
        crowd
    }

    fn now(&self) -> Moment {
        moment(self.elapsed, self.elapsed)
    }

    fn submit(&mut self, qty: u64) -> Ticket {
        self.elapsed += Duration::from_millis(1);
        let (now, day) = (self.now(), &mut self.day);
        let (ticket, _) = day.desk.place(now, &buy(qty), &mut day.out).unwrap();
        self.limiter.try_acquire(Lane::Order).unwrap();
        ticket
    }

    /// Times some submits, and takes them back: nothing of them left.
    fn batch(&mut self) {
        let mut tickets = [Ticket(0); BATCH];
        let start = Instant::now();
        for (qty, ticket) in (1..).zip(&mut tickets) {
            *ticket = self.submit(qty);
        }
        self.best = self.best.min(start.elapsed());
        let (now, day) = (self.now(), &mut self.day);
        day.out.clear();
        for ticket in tickets {
            day.desk.not_written(now, ticket, &mut day.out);
        }
        day.out.clear();
    }

    fn nanos(&self) -> f64 {
        self.best.as_secs_f64() * 1e9 / BATCH as f64
    }
}

/// Best batches of both desks, in turns, so that a busy machine slows both or neither.
fn compare<J: Journal, G: Gate>(
    name: &str,
    rounds: u32,
    mut few: Crowd<J, G>,
    mut many: Crowd<J, G>,
) {
    for _ in 0..rounds.max(1) {
        few.batch();
        many.batch();
    }
    let (few, many) = (few.nanos(), many.nanos());
    let ratio = many / few;
    println!("load/submit/{name}/open_10: {few:.0} ns");
    println!("load/submit/{name}/open_10000: {many:.0} ns, {ratio:.2} × open_10");
    assert!(
        rounds == 0 || ratio <= 1.2,
        "10,000 open orders slow a submit down: {ratio:.2}"
    );
}

fn open_orders(options: &Options) {
    let rounds = options.rounds;
    let bare = |open| Crowd::new(open, NoJournal, OpenGate);
    compare("desk", rounds, bare(10), bare(MANY));
    let gated = |open| Crowd::new(open, NoJournal, EveryRule::new());
    compare("desk_gate", rounds, gated(10), gated(MANY));

    let directory = tempfile::TempDir::new().unwrap();
    let journaled = |open: usize| {
        let name = format!("bench{open}");
        let options = journal::JournalOptions::new(
            directory.path(),
            name.parse().unwrap(),
            BrokerType::Mock,
            DATE,
        );
        let (file, _) = journal::Journal::open(&options, Timestamp::EPOCH).unwrap();
        let clock = || Timestamp::EPOCH;
        let (journal, _) = DeskJournal::new(file, &[], account(), 0, clock).unwrap();
        Crowd::new(open, journal, EveryRule::new())
    };
    // Fewer, so that the files stay small.
    compare(
        "desk_gate_journal",
        rounds / 3,
        journaled(10),
        journaled(MANY),
    );
}
