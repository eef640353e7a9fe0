//! What each stage of the order path costs: a limit order that rests, and its cancel, with a stage on or off.
//!
//! | row | what is on |
//! |---|---|
//! | `exchange` | the simulated exchange alone |
//! | `desk` | the order desk in front of it |
//! | `all` | desk, gate, limiter, and a journal in a file |
//! | `all_but_gate`, `all_but_limiter`, `all_but_journal` | all but that one |
//! | `mock` | MOCK whole, without a journal: contract, gate, desk, order list, events |
//! | `mock_journal` | the same with one |
//! | `mock_open_10000` | MOCK beside 10,000 open orders instead of none; more than 1.2 × `mock` is a scan somewhere |
//!
//! A slower `desk` beside an unchanged `exchange` is the desk; an `all` that grows beside `all_but_journal` is the system
//! call. Criterion's rows are for one machine over time; the last lines are the ratios of one run, each the best of many
//! short batches that take turns.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::float_arithmetic,
    reason = "a bench that cannot go on stops; it reads the clock, and a ratio is not money"
)]

use std::collections::VecDeque;
use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gwanmun::config::MockConfig;
use gwanmun::limiter::{Lane, Lanes, Limits, RateLimiter, WindowLimit};
use gwanmun::orders::DeskJournal;
use gwanmun::orders::desk::{
    self, Answer, ClosedList, Config, Desk, Effect, Instruction, Moment, News, NoJournal, Notice,
    OpenGate, OrderList, WriteRequest,
};
use gwanmun::orders::gate::{Gate, GateRules, GateTime, MarketFacts, OrderHours, TradingSwitch};
use gwanmun::orders::journal::{Journal, JournalOptions};
use gwanmun::sim::{
    Capacity, Command, Events, Exchange, Listing, NoEvents, REFUSAL_CODES, SymbolIndex, Tariff,
    TradingDay,
};
use gwanmun::{
    AccountId, BrokerConfig, BrokerGateway, BrokerType, CancelRequest, ClientOrderId,
    ExecutionEvent, Gateway, Instrument, InstrumentKind, Market, Money, OrderRef, OrderRequest,
    Price, PriceBand, Qty, Result, Symbol, TickTable, Timestamp, Trade, TradingCalendar, symbol,
};
use tempfile::TempDir;

const DATE: jiff::civil::Date = MockConfig::DEFAULT_DATE;
const SYMBOL: Symbol = symbol!("005930");

fn account() -> AccountId {
    "12345678-01".parse().unwrap()
}

/// The lowest price of the day and up: nothing trades there.
fn resting(account: AccountId, step: i64) -> OrderRequest {
    let price = Price::from_won(49_700 + 100 * step).unwrap();
    OrderRequest::limit_buy(account, SYMBOL, Qty::new(1), price)
}

fn day() -> TradingDay {
    TradingDay::of_krx(TradingCalendar::builtin(), DATE).unwrap()
}

fn instrument() -> Instrument {
    Instrument::new(SYMBOL, "bench", Market::Kospi, InstrumentKind::Stock).unwrap()
}

fn exchange() -> Exchange {
    let mut exchange = Exchange::new(Capacity::default());
    let (account, tariff) = (account(), Tariff::FREE);
    let amount = Money::from_won(10_000_000_000).unwrap();
    let (instrument, base) = (instrument(), Price::from_won(71_000).unwrap());
    for command in [
        Command::List(Listing { instrument, base }),
        Command::OpenAccount { account, tariff },
        Command::Deposit { account, amount },
        Command::OpenDay(day()),
    ] {
        let outcome = exchange.apply(&command, day().opens(), &mut NoEvents);
        assert!(outcome.refused().is_none(), "{outcome:?}");
    }
    exchange
}

/// The gate with the day's rules for one issue.
struct OneIssue {
    gate: Gate,
    instrument: Instrument,
    ticks: TickTable,
    base: Price,
    band: Option<PriceBand>,
}

impl OneIssue {
    fn new() -> Self {
        let (instrument, base) = (instrument(), Price::from_won(71_000).unwrap());
        let hours = OrderHours::on(DATE, TradingCalendar::builtin()).unwrap();
        Self {
            gate: Gate::new(GateRules::none(), TradingSwitch::default(), hours),
            ticks: instrument.tick_table(DATE).unwrap(),
            band: instrument.price_band(base, DATE).unwrap(),
            instrument,
            base,
        }
    }
}

impl desk::Gate for OneIssue {
    fn check(&mut self, request: &OrderRequest, now: Moment) -> Result<()> {
        let facts = MarketFacts {
            instrument: &self.instrument,
            ticks: self.ticks,
            base: self.base,
            band: self.band,
            last: None,
            sellable: Qty::ZERO,
        };
        let now = GateTime {
            at: now.at,
            elapsed: now.elapsed,
        };
        self.gate.check(request, &facts, now)?;
        self.gate.note_sent(request, &facts, now.elapsed);
        Ok(())
    }
}

/// A window that never fills: it holds more than a millisecond can bring.
fn limiter() -> RateLimiter {
    let window = WindowLimit::new(Lanes::ALL, 60_000, Duration::from_millis(1));
    RateLimiter::new(
        &Limits::none()
            .with_margin(Duration::ZERO)
            .with_window(window),
    )
}

fn journal(directory: &TempDir) -> impl desk::Journal {
    let options = JournalOptions::new(
        directory.path(),
        "bench".parse().unwrap(),
        BrokerType::Mock,
        DATE,
    );
    let now = day().opens();
    let (file, _) = Journal::open(&options, now).unwrap();
    DeskJournal::new(file, &[], account(), 0, move || now)
        .unwrap()
        .0
}

/// What the exchange tells of orders.
struct Told<'a>(&'a mut Vec<ExecutionEvent>);

impl Events for Told<'_> {
    fn execution(&mut self, event: ExecutionEvent) {
        self.0.push(event);
    }

    fn trade(&mut self, _: Trade) {}

    fn book_changed(&mut self, _: SymbolIndex, _: Symbol) {}
}

/// A desk in front of an exchange that answers at once.
struct Stages<J, G> {
    exchange: Exchange,
    desk: Desk<J, G>,
    limiter: Option<RateLimiter>,
    effects: VecDeque<Effect>,
    told: Vec<ExecutionEvent>,
    now: Moment,
}

impl<J: desk::Journal, G: desk::Gate> Stages<J, G> {
    fn new(journal: J, gate: G, limiter: Option<RateLimiter>) -> Self {
        let hour = Duration::from_secs(3_600);
        let config = Config {
            poll: hour,
            poll_idle: hour,
            list_lag: Duration::ZERO,
            exact_stream: true,
            forgets_beyond: Some(100_000),
            orders_max: 110_000,
            ..Config::default()
        };
        let (elapsed, at) = (Duration::ZERO, day().opens());
        let mut stages = Self {
            exchange: exchange(),
            desk: Desk::new(account(), config, ClosedList(REFUSAL_CODES), journal, gate),
            limiter,
            effects: VecDeque::with_capacity(64),
            told: Vec::with_capacity(64),
            now: Moment { elapsed, at },
        };
        stages.desk.stream_up(stages.now, &mut stages.effects);
        stages.run();
        stages
    }

    fn submit_and_cancel(&mut self, request: &OrderRequest) {
        let Self {
            desk,
            limiter,
            effects,
            now,
            ..
        } = self;
        let admitted = |lane| limiter.as_ref().map_or(Ok(()), |it| it.try_acquire(lane));
        let order = || admitted(Lane::Order);
        let (_, id) = desk.place_when(*now, request, order, effects).unwrap();
        self.run();
        let Self {
            desk,
            limiter,
            effects,
            now,
            ..
        } = self;
        let admitted = |lane| limiter.as_ref().map_or(Ok(()), |it| it.try_acquire(lane));
        let cancel = CancelRequest::all(request.account, id);
        desk.cancel_when(*now, &cancel, || admitted(Lane::Cancel), effects)
            .unwrap();
        self.run();
        debug_assert!(self.desk.is_at_rest());
    }

    fn run(&mut self) {
        while let Some(effect) = self.effects.pop_front() {
            match effect {
                Effect::Write(write) => self.write(&write),
                Effect::ReadList(id) => {
                    let list = OrderList {
                        rows: &[],
                        all_venues: true,
                    };
                    self.desk.list_read(self.now, id, list, &mut self.effects);
                }
                Effect::Outcome { result, .. } => {
                    black_box(result.accepted().unwrap());
                }
                Effect::Event(event) => {
                    black_box(event);
                }
            }
        }
    }

    fn write(&mut self, write: &WriteRequest) {
        let account = write.order.account;
        let command = match write.instruction {
            Instruction::Place => Command::Place(write.order.with_id(ClientOrderId::AUTO)),
            Instruction::Cancel { target, qty } => Command::Cancel(CancelRequest {
                account,
                order: OrderRef::Number(target),
                qty,
            }),
            Instruction::Modify { .. } => unreachable!("nothing is modified here"),
        };
        let mut told = Told(&mut self.told);
        let outcome = self.exchange.apply(&command, self.now.at, &mut told);
        let receipt = outcome.accepted().unwrap();
        let (order_no, at) = (receipt.order_no, receipt.at);
        let answer = Answer::Accepted { order_no, at };
        let (now, effects) = (self.now, &mut self.effects);
        self.desk.answered(now, write.ticket, answer, effects);
        for event in self.told.drain(..) {
            if let ExecutionEvent::Cancelled {
                order_no,
                cancel_no: Some(cancel_no),
                qty,
                reason,
                at,
                ..
            } = event
            {
                let notice = Notice {
                    order_no: cancel_no,
                    original_no: Some(order_no),
                    symbol: write.order.symbol,
                    side: write.order.side,
                    order_qty: Some(write.order.qty),
                    news: News::Cancelled {
                        qty: Some(qty),
                        reason,
                    },
                    at,
                };
                self.desk.notice(now, &notice, effects);
            }
        }
    }
}

fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("MOCK answers at once"),
    }
}

/// A MOCK with so many open orders.
fn mock(journal: Option<&TempDir>, open: i64) -> Gateway {
    let mut mock = MockConfig::default();
    mock.cash = Money::from_won(10_000_000_000_000).unwrap();
    mock.journal_dir = journal.map(|directory| directory.path().into());
    let config = BrokerConfig::builder(BrokerType::Mock).mock(mock);
    let gateway = Gateway::new(config.build().unwrap()).unwrap();
    ready(gateway.connect()).unwrap();
    let account = gateway.accounts()[0].account_id;
    for place in 0..open {
        gateway
            .submit_order(&resting(account, place % 150))
            .unwrap();
    }
    gateway
}

fn submit_and_cancel(gateway: &Gateway, request: &OrderRequest) {
    let id = gateway.submit_order(black_box(request)).unwrap();
    let cancel = CancelRequest::all(request.account, id);
    let cancelled = ready(gateway.cancel_order(&cancel)).unwrap();
    assert!(cancelled.accepted().is_some());
}

/// Hands every row to `run`, by its name.
fn rows(mut run: impl FnMut(Vec<(&'static str, Row<'_>)>)) {
    let directories: Vec<TempDir> = (0..4).map(|_| TempDir::new().unwrap()).collect();
    let request = resting(account(), 0);
    let now: Timestamp = day().opens();
    let mut alone = exchange();
    let mut desk = Stages::new(NoJournal, OpenGate, None);
    let mut all = Stages::new(journal(&directories[0]), OneIssue::new(), Some(limiter()));
    let mut no_gate = Stages::new(journal(&directories[1]), OpenGate, Some(limiter()));
    let mut no_limiter = Stages::new(journal(&directories[2]), OneIssue::new(), None);
    let mut no_journal = Stages::new(NoJournal, OneIssue::new(), Some(limiter()));
    let (plain, crowded) = (mock(None, 0), mock(None, 9_999));
    let journaled = mock(Some(&directories[3]), 0);
    let of_mock = resting(plain.accounts()[0].account_id, 0);
    run(vec![
        (
            "exchange",
            Box::new(|| {
                let placed = alone.apply(&Command::Place(request), now, &mut NoEvents);
                let id = placed.accepted().unwrap().id;
                let cancel = Command::Cancel(CancelRequest::all(request.account, id));
                let cancelled = alone.apply(&cancel, now, &mut NoEvents);
                assert!(cancelled.refused().is_none());
            }),
        ),
        ("desk", Box::new(|| desk.submit_and_cancel(&request))),
        (
            "all_but_journal",
            Box::new(|| no_journal.submit_and_cancel(&request)),
        ),
        (
            "all_but_limiter",
            Box::new(|| no_limiter.submit_and_cancel(&request)),
        ),
        (
            "all_but_gate",
            Box::new(|| no_gate.submit_and_cancel(&request)),
        ),
        ("all", Box::new(|| all.submit_and_cancel(&request))),
        ("mock", Box::new(|| submit_and_cancel(&plain, &of_mock))),
        (
            "mock_journal",
            Box::new(|| submit_and_cancel(&journaled, &of_mock)),
        ),
        (
            "mock_open_10000",
            Box::new(|| submit_and_cancel(&crowded, &of_mock)),
        ),
    ]);
}

/// One order and its cancel.
type Row<'a> = Box<dyn FnMut() + 'a>;

fn stages(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("desk/submit_and_cancel");
    group.throughput(Throughput::Elements(1));
    rows(|rows| {
        for (name, mut row) in rows {
            group.bench_function(name, |b| b.iter(&mut row));
        }
    });
    group.finish();
}

/// The same in one run, as multiples of the exchange alone.
fn ratios(_: &mut Criterion) {
    const ROUNDS: usize = 400;
    const BATCH: u32 = 250;
    rows(|mut rows| {
        let mut best = vec![Duration::MAX; rows.len()];
        for _ in 0..ROUNDS {
            for ((_, row), best) in rows.iter_mut().zip(&mut best) {
                let start = Instant::now();
                (0..BATCH).for_each(|_| row());
                *best = (*best).min(start.elapsed());
            }
        }
        for ((name, _), time) in rows.iter().zip(&best) {
            let (each, ratio) = (
                time.as_nanos() / u128::from(BATCH),
                time.as_secs_f64() / best[0].as_secs_f64(),
            );
            println!("desk/ratio/{name}: {each} ns, {ratio:.2} × exchange");
        }
    });
}

criterion_group!(benches, stages, ratios);
criterion_main!(benches);
