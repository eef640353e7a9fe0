//! A broker that follows a script, and a dealer in front of it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use gwanmun::broker::live::{
    Clocks, Dealer, Executions, Issue, Issues, Journals, LateAnswer, ListJob, ListRead,
    MemoryJournals, OrderWire, Reply, Runtime, Setup, WriteJob, Written,
};
use gwanmun::domain::{
    AccountId, BrokerCode, BrokerType, ExecutionEvent, Instrument, InstrumentKind, Market, Money,
    OrderCommand, OrderNo, OrderRequest, Price, Qty, RefusalReason, Side, Symbol, Timestamp,
};
use gwanmun::limiter::RateLimiter;
use gwanmun::orders::desk::{Answer, ClosedList, Instruction, News, Notice, Row};
use gwanmun::{Error, Result, Subscription, TimeoutPhase, TryRecvError, symbol};
use tokio::time::Instant;

pub(super) const SAMSUNG: Symbol = symbol!("005930");
/// A Tuesday in the continuous session.
pub(super) const MORNING: &str = "2026-11-24T10:00:00+09:00";

const FIRST_NUMBER: u64 = 100;

const REFUSALS: ClosedList = ClosedList(&[
    ("APBK0918", RefusalReason::MarketClosed),
    ("APBK0927", RefusalReason::UnknownOrder),
    ("EGW00201", RefusalReason::RateLimited),
]);

pub(super) fn account() -> AccountId {
    "1234567801".parse().unwrap()
}

pub(super) fn won(won: i64) -> Price {
    Price::from_won(won).unwrap()
}

pub(super) fn buy(qty: u64, price: i64) -> OrderRequest {
    OrderRequest::limit_buy(account(), SAMSUNG, Qty::new(qty), won(price))
}

/// What the broker does with the next command.
#[derive(Clone, Copy, Debug)]
pub(super) enum Play {
    /// Takes it and answers after so long.
    Accept(Duration),
    /// Says no with that code.
    Refuse(&'static str),
    /// Takes it and never answers; the late answer can be given by the test.
    Silent,
    /// Loses it and never answers.
    Lose,
    /// The login is not there before the deadline.
    NoLogin,
    /// Panics.
    Panic,
    /// Does not even keep its own deadline.
    Hang,
}

/// The broker.
#[derive(Debug)]
pub(super) struct FakeWire {
    clocks: Clocks,
    script: Mutex<VecDeque<Play>>,
    /// What happens without a script.
    pub(super) usual: Mutex<Play>,
    /// Every write, in order.
    pub(super) writes: Mutex<Vec<WriteJob>>,
    pub(super) late: Mutex<Vec<(LateAnswer, OrderNo)>>,
    /// The order list of the day.
    pub(super) rows: Mutex<Vec<Row>>,
    /// When each list was asked for, and of which day.
    pub(super) reads: Mutex<Vec<(Instant, jiff::civil::Date)>>,
    pub(super) failing_reads: AtomicU32,
    pub(super) jumps: AtomicU32,
    number: AtomicU64,
}

impl FakeWire {
    pub(super) fn new(clocks: Clocks) -> Self {
        Self {
            clocks,
            script: Mutex::default(),
            usual: Mutex::new(Play::Accept(Duration::from_millis(20))),
            writes: Mutex::default(),
            late: Mutex::default(),
            rows: Mutex::default(),
            reads: Mutex::default(),
            failing_reads: AtomicU32::new(0),
            jumps: AtomicU32::new(0),
            number: AtomicU64::new(FIRST_NUMBER),
        }
    }

    /// Plays for the next commands; after them the usual one: every command is taken in 20 ms.
    pub(super) fn script(&self, plays: impl IntoIterator<Item = Play>) {
        self.script.lock().unwrap().extend(plays);
    }

    /// Forgets plays that nothing came for.
    pub(super) fn clear_script(&self) {
        self.script.lock().unwrap().clear();
    }

    pub(super) fn writes(&self) -> MutexGuard<'_, Vec<WriteJob>> {
        self.writes.lock().unwrap()
    }

    pub(super) fn reads(&self) -> usize {
        self.reads.lock().unwrap().len()
    }

    /// Puts the command into the list and numbers it.
    fn take(&self, job: &WriteJob) -> OrderNo {
        let order_no = OrderNo::new(self.number.fetch_add(1, Ordering::Relaxed)).unwrap();
        let order = job.request.order;
        let mut rows = self.rows.lock().unwrap();
        let (command, original_no) = match job.request.instruction {
            Instruction::Place => (OrderCommand::Place, None),
            Instruction::Modify { target, .. } => (OrderCommand::Modify, Some(target)),
            Instruction::Cancel { target, .. } => (OrderCommand::Cancel, Some(target)),
        };
        let kind = match job.request.instruction {
            Instruction::Modify { kind, .. } => kind,
            Instruction::Place | Instruction::Cancel { .. } => order.kind,
        };
        let mut moved = order.qty;
        if let Some(target) = original_no
            && let Some(row) = rows.iter_mut().find(|row| row.order_no == target)
        {
            moved = row.remaining;
            row.remaining = Qty::ZERO;
        }
        let lives = command != OrderCommand::Cancel;
        rows.push(Row {
            order_no,
            original_no,
            command,
            symbol: order.symbol,
            venue: Some(order.venue),
            side: order.side,
            order_type: Some(kind.order_type()),
            time_in_force: Some(order.time_in_force),
            price: kind.limit_price(),
            qty: moved,
            confirmed: if original_no.is_some() {
                moved
            } else {
                Qty::ZERO
            },
            filled: Qty::ZERO,
            filled_value: Money::ZERO,
            remaining: if lives { moved } else { Qty::ZERO },
            refused: false,
            at: self.clocks.moment().at,
        });
        order_no
    }

    /// Whether nothing is left of what a command changes.
    fn is_late_for(&self, job: &WriteJob) -> bool {
        let (Instruction::Modify { target, .. } | Instruction::Cancel { target, .. }) =
            job.request.instruction
        else {
            return false;
        };
        let rows = self.rows.lock().unwrap();
        !rows
            .iter()
            .any(|row| row.order_no == target && !row.remaining.is_zero())
    }

    /// Shares of an order trade at a price, without any notice.
    pub(super) fn fill(&self, order_no: OrderNo, qty: u64, price: i64) {
        let mut rows = self.rows.lock().unwrap();
        let row = rows
            .iter_mut()
            .find(|row| row.order_no == order_no)
            .unwrap();
        let qty = Qty::new(qty);
        row.filled = row.filled.checked_add(qty).unwrap();
        row.remaining = row.remaining.checked_sub(qty).unwrap();
        let value = won(price).value(qty).unwrap();
        row.filled_value = row.filled_value.checked_add(value).unwrap();
    }

    /// Another day begins: its first order gets the number of the last day's first.
    pub(super) fn restart_numbers(&self) {
        self.number.store(FIRST_NUMBER, Ordering::Relaxed);
    }

    fn accepted(&self, order_no: OrderNo) -> Written {
        Written::Answered(Answer::Accepted {
            order_no,
            at: self.clocks.moment().at,
        })
    }
}

pub(super) fn accepted(order_no: OrderNo, at: Timestamp) -> Answer {
    Answer::Accepted { order_no, at }
}

impl OrderWire for FakeWire {
    fn refusals(&self) -> ClosedList {
        REFUSALS
    }

    async fn write(&self, job: &WriteJob, late: LateAnswer) -> Reply {
        let begun = Instant::now();
        let play = self.script.lock().unwrap().pop_front();
        let play = play.unwrap_or_else(|| *self.usual.lock().unwrap());
        if matches!(play, Play::NoLogin) {
            tokio::time::sleep_until(job.deadline).await;
            return Written::NotSent(Error::Timeout {
                phase: TimeoutPhase::Connect,
                after: Duration::from_secs(5),
            })
            .into();
        }
        self.writes().push(*job);
        let takes = matches!(play, Play::Accept(_) | Play::Silent);
        match if takes && self.is_late_for(job) {
            Play::Refuse("APBK0927")
        } else {
            play
        } {
            Play::Accept(after) => {
                let order_no = self.take(job);
                tokio::time::sleep(after).await;
                Reply {
                    written: self.accepted(order_no),
                    encoded: Some(begun),
                    sent: Some(begun),
                    received: Some(Instant::now()),
                }
            }
            Play::Refuse(code) => Written::Answered(Answer::Code {
                code: BrokerCode::new(code),
                message: None,
            })
            .into(),
            Play::Silent => {
                let order_no = self.take(job);
                self.late.lock().unwrap().push((late, order_no));
                tokio::time::sleep_until(job.deadline).await;
                Written::Unknown.into()
            }
            Play::Lose => {
                tokio::time::sleep_until(job.deadline).await;
                Written::Unknown.into()
            }
            Play::NoLogin => unreachable!("answered above"),
            Play::Panic => panic!("the wire breaks"),
            Play::Hang => std::future::pending().await,
        }
    }

    async fn read_list(&self, job: &mut ListJob, rows: &mut Vec<Row>) -> Result<ListRead> {
        self.reads.lock().unwrap().push((Instant::now(), job.date));
        job.admit_page().await?;
        tokio::time::sleep(Duration::from_millis(30)).await;
        let failing = &self.failing_reads;
        let fails = failing.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            left.checked_sub(1)
        });
        if fails.is_ok() {
            return Err(Error::Timeout {
                phase: TimeoutPhase::Answer,
                after: Duration::from_secs(1),
            });
        }
        let all = self.rows.lock().unwrap();
        rows.extend(all.iter().filter(|row| row.at.kst_date() == job.date));
        Ok(ListRead { all_venues: true })
    }

    fn clock_jumped(&self) {
        self.jumps.fetch_add(1, Ordering::Relaxed);
    }
}

/// A dealer with everything around it.
pub(super) struct Desk {
    pub(super) dealer: Dealer<FakeWire>,
    pub(super) wire: Arc<FakeWire>,
    pub(super) clocks: Clocks,
    pub(super) memory: MemoryJournals,
    pub(super) executions: Executions,
    pub(super) events: Subscription<ExecutionEvent>,
}

impl Desk {
    /// A dealer that takes orders, with its stream up.
    pub(super) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(super) async fn with(change: impl FnOnce(&mut Setup)) -> Self {
        let clocks = Clocks::simulated(MORNING.parse().unwrap());
        let wire = Arc::new(FakeWire::new(clocks.clone()));
        let memory = MemoryJournals::default();
        let desk = Self::start(wire, clocks, memory, change).unwrap();
        desk.open().await;
        desk
    }

    /// A dealer that has just started.
    pub(super) fn start(
        wire: Arc<FakeWire>,
        clocks: Clocks,
        memory: MemoryJournals,
        change: impl FnOnce(&mut Setup),
    ) -> Result<Self> {
        let journals = Journals::Memory(memory.clone());
        let executions = Executions::new(1_000);
        let limiter = Arc::new(RateLimiter::unlimited());
        let mut setup = Setup::new(
            BrokerType::Kis,
            vec![account()],
            journals,
            executions,
            limiter,
        );
        setup.clocks = clocks.clone();
        change(&mut setup);
        let executions = setup.executions.clone();
        let events = executions.subscribe();
        let runtime = Runtime::current().unwrap();
        let dealer = Dealer::start(setup, Arc::clone(&wire), &runtime)?;
        let desk = Self {
            dealer,
            wire,
            clocks,
            memory,
            executions,
            events,
        };
        desk.set_issues();
        Ok(desk)
    }

    /// Brings the stream up and waits for the first list.
    pub(super) async fn open(&self) {
        self.dealer.stream_up(account()).unwrap();
        self.until(|desk| desk.dealer.blocked_by(account()).unwrap().is_none())
            .await;
    }

    pub(super) fn set_issues(&self) {
        let date = self.clocks.moment().at.kst_date();
        let instrument =
            Instrument::new(SAMSUNG, "삼성전자", Market::Kospi, InstrumentKind::Stock).unwrap();
        let base = won(70_000);
        let band = instrument.price_band(base, date).unwrap();
        let issue = Issue {
            instrument,
            base,
            band,
        };
        self.dealer
            .set_issues(&Issues::new(date, [issue]).unwrap())
            .unwrap();
    }

    /// Waits for a condition, for at most a quarter of an hour of simulated time.
    pub(super) async fn until(&self, is_so: impl Fn(&Self) -> bool) {
        for _ in 0..90_000 {
            if is_so(self) {
                return;
            }
            pass(10).await;
        }
        panic!("it never came so");
    }

    /// The events so far.
    pub(super) fn events(&mut self) -> Vec<ExecutionEvent> {
        let mut events = Vec::new();
        loop {
            match self.events.try_recv() {
                Ok(event) => events.push(event),
                Err(TryRecvError::Empty | TryRecvError::Closed) => return events,
                Err(TryRecvError::Lagged(count)) => panic!("{count} events were dropped"),
            }
        }
    }

    /// A fill told by the stream.
    pub(super) fn tell_fill(&self, order_no: OrderNo, qty: u64, price: i64, fill_no: u64) {
        let notice = Notice {
            order_no,
            original_no: None,
            symbol: SAMSUNG,
            side: Side::Buy,
            order_qty: None,
            news: News::Filled {
                qty: Qty::new(qty),
                price: won(price),
                fill_no: Some(fill_no),
                cumulative: None,
            },
            at: self.clocks.moment().at,
        };
        self.dealer.notice(account(), &notice).unwrap();
    }
}

/// Lets time pass.
pub(super) async fn pass(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}
