//! The process that trades and dies.

use std::cell::Cell;
use std::collections::VecDeque;
use std::io::{BufRead, StdinLock, Write};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use gwanmun::domain::{
    AccountId, BrokerCode, BrokerType, CancelRequest, ExecutionEvent, ModifyRequest, Money,
    OrderCommand, OrderNo, OrderRequest, OrderType, Price, Qty, RefusalReason, Resolution, Side,
    TimeInForce, Timestamp, Venue,
};
use gwanmun::orders::DeskJournal;
use gwanmun::orders::desk::{
    Answer, ClosedList, Config, Desk, Effect, Instruction, Moment, News, Notice, OpenGate,
    OrderList, ReadId, Record, Row, WriteRequest,
};
use gwanmun::orders::journal::{Journal, JournalOptions, Reserve};
use gwanmun::{Symbol, symbol};

use super::exchange::{CANCEL, MODIFY, PLACE};
use super::rng::Rng;
use super::wire::{Known, Report, Request, What, Writing};

/// The folder of the journal; a process that has it is a child.
pub(crate) const FOLDER: &str = "GWANMUN_CRASH_FOLDER";
/// The virtual time, in milliseconds.
pub(crate) const NOW: &str = "GWANMUN_CRASH_NOW";
/// Where the child's choices come from.
pub(crate) const SEED: &str = "GWANMUN_CRASH_SEED";
/// Where the child dies: a failpoint and how many times it is passed, this one included.
pub(crate) const CRASH_AT: &str = "GWANMUN_CRASH_AT";
/// What a child says on its standard error when it stands there.
pub(crate) const AT_FAILPOINT: &str = "at the failpoint";

/// Where a child may die.
pub(crate) const FAILPOINTS: &[&str] = &[
    "journal-before",
    "journal-after",
    "write-before",
    "write-half",
    "write-after",
    "answer-before",
    "answer-after",
    "list-before",
    "list-after",
    "restored",
];

const SAMSUNG: Symbol = symbol!("005930");
const REFUSALS: ClosedList = ClosedList(&[("NO", RefusalReason::InsufficientCash)]);
/// Wall clock at virtual time 0.
const START: i64 = 1_795_478_400_000_000_000;
/// Orders of a life.
const ORDERS: u64 = 6;

pub(crate) fn is_child() -> bool {
    std::env::var_os(FOLDER).is_some()
}

fn account() -> AccountId {
    "1234567801".parse().unwrap()
}

fn number_in(name: &str) -> u64 {
    std::env::var(name).unwrap().parse().unwrap()
}

/// Counts down to the end.
#[derive(Clone, Debug)]
struct Failpoint {
    place: Rc<str>,
    left: Rc<Cell<u64>>,
}

impl Failpoint {
    fn of_the_environment() -> Self {
        let named = std::env::var(CRASH_AT).unwrap_or_default();
        let (place, left) = named.split_once(':').unwrap_or_default();
        Self {
            place: place.into(),
            left: Rc::new(Cell::new(left.parse().unwrap_or_default())),
        }
    }

    fn pass(&self, place: &str) {
        if *self.place != *place {
            return;
        }
        self.left.set(self.left.get().saturating_sub(1));
        if self.left.get() == 0 {
            eprintln!("{AT_FAILPOINT}");
            // Until the signal comes.
            loop {
                std::thread::park();
            }
        }
    }
}

type FileJournal = DeskJournal<Box<dyn Fn() -> Timestamp>>;

/// The desk's journal, with failpoints around each record.
struct Mortal(FileJournal, Failpoint);

impl gwanmun::orders::desk::Journal for Mortal {
    fn append(&mut self, record: &Record) -> gwanmun::Result<()> {
        self.1.pass("journal-before");
        let kept = self.0.append(record);
        self.1.pass("journal-after");
        kept
    }
}

struct Life {
    desk: Desk<Mortal, OpenGate>,
    failpoint: Failpoint,
    input: StdinLock<'static>,
    out: VecDeque<Effect>,
    /// Virtual time of the start and now.
    began: u64,
    now: Rc<Cell<u64>>,
    rows: Vec<Row>,
    absent: u32,
}

fn at(ms: u64) -> Timestamp {
    Timestamp::from_nanos(START + i64::try_from(ms).unwrap() * 1_000_000)
}

/// A life: what is open is looked for and reported, then there are new orders, then what is open again.
pub(crate) fn run() {
    let mut rng = Rng::new(number_in(SEED));
    // A restart takes a second.
    let began = number_in(NOW) + 1_000;
    let now = Rc::new(Cell::new(began));
    let failpoint = Failpoint::of_the_environment();
    let desk = restore(began, &now, &failpoint);
    let mut life = Life {
        desk,
        failpoint,
        input: std::io::stdin().lock(),
        out: VecDeque::new(),
        began,
        now,
        rows: Vec::new(),
        absent: 0,
    };
    life.failpoint.pass("restored");
    let moment = life.moment();
    life.desk.stream_up(moment, &mut life.out);
    life.settle();
    life.report();
    for _ in 0..ORDERS {
        life.trade(&mut rng);
    }
    life.settle();
    life.report();
}

fn restore(began: u64, now: &Rc<Cell<u64>>, failpoint: &Failpoint) -> Desk<Mortal, OpenGate> {
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
    let day = jiff::civil::date(2026, 11, 24);
    let mut options = JournalOptions::new(folder, "crash".parse().unwrap(), BrokerType::Mock, day);
    options.reserve = Reserve {
        start: 1_024,
        step: 512,
        outcomes: 128,
    };
    let (file, recovered) = Journal::open(&options, at(began)).unwrap();
    let clock = Rc::clone(now);
    let clock: Box<dyn Fn() -> Timestamp> = Box::new(move || at(clock.get()));
    let (journal, records) =
        DeskJournal::new(file, &recovered.entries, account(), 0, clock).unwrap();
    let journal = Mortal(journal, failpoint.clone());
    let moment = Moment {
        elapsed: Duration::ZERO,
        at: at(began),
    };
    let config = Config::default();
    let desk = Desk::restore(
        moment,
        account(),
        config,
        REFUSALS,
        journal,
        OpenGate,
        records,
    );
    assert_eq!(
        desk.counters().contradictions,
        0,
        "the journal contradicts itself"
    );
    desk
}

impl Life {
    fn moment(&self) -> Moment {
        let now = self.now.get();
        Moment {
            elapsed: Duration::from_millis(now - self.began),
            at: at(now),
        }
    }

    /// Lets time pass until nothing is left to look for.
    fn settle(&mut self) {
        // Ten minutes: twice what it takes to decide, or to give up.
        let until = self.now.get() + 600_000;
        loop {
            self.act();
            let open = self.desk.undecided().count();
            if (open == 0 && self.desk.blocked_by().is_none()) || self.now.get() >= until {
                break;
            }
            let wake = self.desk.next_wake().unwrap_or_default();
            let wake = self.began + u64::try_from(wake.as_nanos().div_ceil(1_000_000)).unwrap();
            self.now.set(wake.max(self.now.get() + 1));
            let moment = self.moment();
            self.desk.tick(moment, &mut self.out);
        }
        self.read_list();
        self.act();
    }

    /// One more read, for a report of the latest state.
    fn read_list(&mut self) {
        // Beyond the period of reads, so that one is due.
        self.now.set(self.now.get() + 61_000);
        let moment = self.moment();
        self.desk.tick(moment, &mut self.out);
    }

    fn trade(&mut self, rng: &mut Rng) {
        self.now.set(self.now.get() + rng.below(2_000));
        let moment = self.moment();
        let price = 70_000 + 100 * i64::try_from(rng.below(3)).unwrap();
        let price = Price::from_won(price).unwrap();
        let request =
            OrderRequest::limit_buy(account(), SAMSUNG, Qty::new(1 + rng.below(3)), price);
        let open: Vec<_> = self.desk.open_orders().map(|order| order.id).collect();
        // A refusal of the desk is fine each time: the same order, or another command of it, may be on its way.
        match (rng.below(5), open.first()) {
            (0, Some(&id)) => {
                let request = CancelRequest::all(account(), id);
                let _ = self.desk.cancel(moment, &request, &mut self.out);
            }
            (1 | 2, Some(&id)) => {
                let request = ModifyRequest::to_price(account(), id, price);
                let _ = self.desk.modify(moment, &request, &mut self.out);
            }
            _ => {
                let _ = self.desk.place(moment, &request, &mut self.out);
            }
        }
        self.act();
    }

    /// Does what the desk asks for, and what follows from that.
    fn act(&mut self) {
        while let Some(effect) = self.out.pop_front() {
            match effect {
                Effect::Write(write) => self.write(&write),
                Effect::ReadList(id) => self.list(id),
                Effect::Event(ExecutionEvent::Resolved {
                    resolution: Resolution::Absent,
                    ..
                }) => self.absent += 1,
                Effect::Event(_) | Effect::Outcome { .. } => {}
            }
        }
    }

    fn write(&mut self, write: &WriteRequest) {
        let what = match write.instruction {
            Instruction::Place => What::Place {
                qty: write.order.qty.get(),
                price: write.order.kind.limit_price().unwrap().units() / 10_000,
            },
            Instruction::Cancel { target, .. } => What::Cancel {
                number: target.get(),
            },
            Instruction::Modify { target, kind, .. } => What::Modify {
                number: target.get(),
                price: kind.limit_price().unwrap().units() / 10_000,
            },
        };
        let writing = Writing {
            at: self.now.get(),
            ticket: write.ticket.0,
            id: write.id.get(),
            what,
        };
        let line = Request::Write(writing).line();
        let (first, second) = line.split_at(line.len() / 2);
        self.failpoint.pass("write-before");
        say(first);
        self.failpoint.pass("write-half");
        say(second);
        self.failpoint.pass("write-after");
        loop {
            let line = self.heard();
            let words: Vec<&str> = line.split(' ').collect();
            let moment = self.moment();
            match words.as_slice() {
                ["FILLED", number, qty, price] => {
                    let notice = Notice {
                        order_no: number_of(number).unwrap(),
                        original_no: None,
                        symbol: SAMSUNG,
                        side: Side::Buy,
                        order_qty: None,
                        news: News::Filled {
                            qty: Qty::new(qty.parse().unwrap()),
                            price: Price::from_won(price.parse().unwrap()).unwrap(),
                            fill_no: None,
                            cumulative: None,
                        },
                        at: moment.at,
                    };
                    self.desk.notice(moment, &notice, &mut self.out);
                    continue;
                }
                ["ACCEPTED", number] => {
                    self.failpoint.pass("answer-before");
                    let answer = Answer::Accepted {
                        order_no: number_of(number).unwrap(),
                        at: moment.at,
                    };
                    self.desk
                        .answered(moment, write.ticket, answer, &mut self.out);
                }
                ["REFUSED"] => {
                    self.failpoint.pass("answer-before");
                    let (code, message) = (BrokerCode::new("NO"), None);
                    let answer = Answer::Code { code, message };
                    self.desk
                        .answered(moment, write.ticket, answer, &mut self.out);
                }
                ["SILENCE"] => {}
                _ => panic!("not understood: {line}"),
            }
            self.failpoint.pass("answer-after");
            return;
        }
    }

    fn list(&mut self, id: ReadId) {
        self.failpoint.pass("list-before");
        let at = self.now.get();
        say(&Request::List { at }.line());
        let mut rows = Vec::new();
        loop {
            let line = self.heard();
            if line == "END" {
                break;
            }
            rows.push(row(&line).unwrap());
        }
        let moment = self.moment();
        let list = OrderList {
            rows: &rows,
            all_venues: true,
        };
        self.desk.list_read(moment, id, list, &mut self.out);
        self.rows = rows;
        self.failpoint.pass("list-after");
    }

    fn heard(&mut self) -> String {
        let mut line = String::new();
        let read = self.input.read_line(&mut line).unwrap();
        assert!(read > 0, "the exchange has gone");
        line.truncate(line.trim_end().len());
        line
    }

    /// What is known of every order of the last list.
    fn report(&mut self) {
        let known = self.rows.iter().filter_map(|row| {
            let order = self.desk.order(row.order_no)?;
            Some(Known {
                number: row.order_no.get(),
                id: order.id.get(),
                filled: order.filled.get(),
                left: order.remaining().get(),
            })
        });
        let known = known.collect();
        let undecided: Vec<u64> = self
            .desk
            .undecided()
            .map(|(_, pending)| pending.id.get())
            .collect();
        let report = Report {
            absent: std::mem::take(&mut self.absent),
            unresolved: 0,
            undecided,
            known,
        };
        say(&Request::Report(report).line());
    }
}

fn number_of(word: &str) -> Option<OrderNo> {
    OrderNo::new(word.parse().ok()?)
}

fn row(line: &str) -> Option<Row> {
    let words: Vec<&str> = line.split(' ').collect();
    let &[
        "ROW",
        number,
        command,
        original,
        qty,
        price,
        filled,
        left,
        time,
    ] = words.as_slice()
    else {
        return None;
    };
    let original_no = number_of(original);
    let (price, filled): (i64, u64) = (price.parse().ok()?, filled.parse().ok()?);
    let qty = Qty::new(qty.parse().ok()?);
    let (command, confirmed) = match command {
        PLACE => (OrderCommand::Place, Qty::ZERO),
        MODIFY => (OrderCommand::Modify, qty),
        CANCEL => (OrderCommand::Cancel, qty),
        _ => return None,
    };
    Some(Row {
        order_no: number_of(number)?,
        original_no,
        command,
        symbol: SAMSUNG,
        venue: Some(Venue::Krx),
        side: Side::Buy,
        order_type: Some(OrderType::Limit),
        time_in_force: Some(TimeInForce::Day),
        price: Price::from_won(price).ok(),
        qty,
        confirmed,
        filled: Qty::new(filled),
        filled_value: Money::from_won(price * i64::try_from(filled).ok()?).ok()?,
        remaining: Qty::new(left.parse().ok()?),
        refused: false,
        at: at(time.parse().ok()?),
    })
}

/// Says it at once: what was said stays said when the process dies.
fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).unwrap();
    out.flush().unwrap();
}
