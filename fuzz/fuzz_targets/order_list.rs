//! Commands, answers, notices and order lists that make no sense, in any order: the desk must not panic, must not write
//! a command twice, and must not take filled shares back.
#![no_main]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use arbitrary::{Result, Unstructured};
use gwanmun::domain::{
    BrokerCode, CancelReason, CancelRequest, ClientOrderId, ExecutionEvent, ModifyRequest, Money,
    OrderCommand, OrderKind, OrderNo, OrderRef, OrderRequest, OrderType, Price, Qty, RefusalReason,
    Side, TimeInForce, Timestamp, Venue,
};
use gwanmun::orders::desk::{
    Answer, ClosedList, Config, Decision, Desk, Effect, Moment, News, Notice, OpenGate, OrderList,
    ReadId, Record, Row, Ticket,
};
use gwanmun::{AccountId, Symbol, symbol};
use libfuzzer_sys::fuzz_target;

const SYMBOLS: [Symbol; 2] = [symbol!("005930"), symbol!("000660")];
const REFUSALS: ClosedList = ClosedList(&[("NO", RefusalReason::InsufficientCash)]);
const START: i64 = 1_795_478_400_000_000_000;
const STEPS_MAX: u32 = 200;

struct Story<'a> {
    bytes: Unstructured<'a>,
    ms: u64,
    desk: Desk<Vec<Record>, OpenGate>,
    out: Vec<Effect>,
    reads: Vec<ReadId>,
    written: BTreeSet<Ticket>,
    filled: BTreeMap<ClientOrderId, Qty>,
}

fn account() -> AccountId {
    "1234567801".parse().expect("a valid account")
}

/// Small bounds, so that a short story comes to all of them.
fn config() -> Config {
    Config {
        orders_max: 6,
        pending_max: 4,
        held_max: 3,
        marks_max: 8,
        numbers_max: 5,
        archive_max: 5,
        rows_max: 12,
        identical_max: 2,
        reconcile_first: false,
        ..Config::default()
    }
}

impl<'a> Story<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes: Unstructured::new(bytes),
            ms: 0,
            desk: Desk::new(account(), config(), REFUSALS, Vec::new(), OpenGate),
            out: Vec::new(),
            reads: Vec::new(),
            written: BTreeSet::new(),
            filled: BTreeMap::new(),
        }
    }

    fn now(&self) -> Moment {
        let wall = i64::try_from(self.ms).expect("a short story") * 1_000_000;
        Moment {
            elapsed: Duration::from_millis(self.ms),
            at: Timestamp::from_nanos(START + wall),
        }
    }

    fn below(&mut self, bound: u64) -> Result<u64> {
        self.bytes.int_in_range(0..=bound - 1)
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> Result<T> {
        self.bytes.choose(of).copied()
    }

    fn some<T>(&mut self, make: impl FnOnce(&mut Self) -> Result<T>) -> Result<Option<T>> {
        if self.bytes.arbitrary()? {
            make(self).map(Some)
        } else {
            Ok(None)
        }
    }

    fn number(&mut self) -> Result<OrderNo> {
        let number = 1 + self.below(8)?;
        Ok(OrderNo::new(number).expect("not 0"))
    }

    fn id(&mut self) -> Result<ClientOrderId> {
        self.below(10).map(ClientOrderId::new)
    }

    fn qty(&mut self) -> Result<Qty> {
        Ok(match self.below(16)? {
            15 => Qty::new(self.bytes.arbitrary()?),
            shares => Qty::new(shares),
        })
    }

    fn price(&mut self) -> Result<Price> {
        let units = match self.below(8)? {
            7 => self.bytes.arbitrary()?,
            step => (70_000 + 100 * i64::try_from(step).unwrap_or(0)) * 10_000,
        };
        Ok(Price::from_units(units).unwrap_or(Price::from_units(1).expect("a price")))
    }

    fn at(&mut self) -> Result<Timestamp> {
        let away = i64::from(self.bytes.arbitrary::<i16>()?) * 2_000_000;
        Ok(self.now().at.saturating_add_nanos(away))
    }

    fn order(&mut self) -> Result<OrderRef> {
        Ok(if self.bytes.arbitrary()? {
            OrderRef::Client(self.id()?)
        } else {
            OrderRef::Number(self.number()?)
        })
    }

    fn notice(&mut self) -> Result<Notice> {
        let news = match self.below(5)? {
            0 => News::Accepted {
                command: self.one(&OrderCommand::ALL)?,
                price: self.some(Self::price)?,
            },
            1 => News::Filled {
                qty: self.qty()?,
                price: self.price()?,
                fill_no: self.some(|story| story.below(6))?,
                cumulative: self.some(Self::qty)?,
            },
            2 => News::Modified {
                qty: self.some(Self::qty)?,
                price: self.some(Self::price)?,
            },
            3 => News::Cancelled {
                qty: self.some(Self::qty)?,
                reason: self.one(&[CancelReason::Requested, CancelReason::SessionEnd])?,
            },
            _ => News::Refused {
                command: self.one(&OrderCommand::ALL)?,
                reason: RefusalReason::Other,
            },
        };
        Ok(Notice {
            order_no: self.number()?,
            original_no: self.some(Self::number)?,
            symbol: self.one(&SYMBOLS)?,
            side: self.one(&[Side::Buy, Side::Sell])?,
            order_qty: self.some(Self::qty)?,
            news,
            at: self.at()?,
        })
    }

    fn row(&mut self) -> Result<Row> {
        Ok(Row {
            order_no: self.number()?,
            original_no: self.some(Self::number)?,
            command: self.one(&OrderCommand::ALL)?,
            symbol: self.one(&SYMBOLS)?,
            venue: self.some(|story| story.one(&[Venue::Krx, Venue::Nxt]))?,
            side: self.one(&[Side::Buy, Side::Sell])?,
            order_type: self.some(|story| story.one(&[OrderType::Limit, OrderType::Market]))?,
            time_in_force: self.some(|story| story.one(&[TimeInForce::Day, TimeInForce::Ioc]))?,
            price: self.some(Self::price)?,
            qty: self.qty()?,
            confirmed: self.qty()?,
            filled: self.qty()?,
            filled_value: Money::from_units(match self.below(4)? {
                3 => self.bytes.arbitrary()?,
                few => i64::try_from(few).unwrap_or(0) * 700_000_000,
            }),
            remaining: self.qty()?,
            refused: self.bytes.arbitrary()?,
            at: self.at()?,
        })
    }

    fn step(&mut self) -> Result<()> {
        self.ms += u64::from(self.bytes.arbitrary::<u8>()?).pow(2);
        let now = self.now();
        match self.below(12)? {
            0 | 1 => {
                let symbol = self.one(&SYMBOLS)?;
                let (qty, price) = (self.qty()?, self.price()?);
                let mut request = OrderRequest::limit_buy(account(), symbol, qty, price);
                request.id = self.id()?;
                if self.bytes.ratio(1, 6)? {
                    request.kind = OrderKind::Market;
                }
                // Refused by a check or sent, both are fine.
                let _ = self.desk.place(now, &request, &mut self.out);
            }
            2 => {
                let (order, price) = (self.order()?, self.price()?);
                let mut request = ModifyRequest::to_price(account(), order, price);
                request.qty = self.some(Self::qty)?;
                let _ = self.desk.modify(now, &request, &mut self.out);
            }
            3 => {
                let mut request = CancelRequest::all(account(), self.order()?);
                request.qty = self.some(Self::qty)?;
                let _ = self.desk.cancel(now, &request, &mut self.out);
            }
            4 => {
                let decision = match self.below(3)? {
                    0 => Decision::Look,
                    1 => Decision::Absent,
                    _ => Decision::Is(self.number()?),
                };
                let id = self.id()?;
                let _ = self.desk.resolve(now, id, decision, &mut self.out);
            }
            5 | 6 => {
                let ticket = Ticket(self.below(24)?);
                let answer = match self.below(5)? {
                    0 | 1 => Answer::Accepted {
                        order_no: self.number()?,
                        at: self.at()?,
                    },
                    2 => Answer::Code {
                        code: BrokerCode::new(self.one(&["NO", "HUH"])?),
                        message: None,
                    },
                    3 => Answer::Unclear,
                    _ => {
                        self.desk.not_written(now, ticket, &mut self.out);
                        return Ok(());
                    }
                };
                self.desk.answered(now, ticket, answer, &mut self.out);
            }
            7 => {
                let notice = self.notice()?;
                self.desk.notice(now, &notice, &mut self.out);
            }
            8 | 9 => {
                if let Some(id) = self.reads.pop() {
                    let count = self.below(14)?;
                    let rows = (0..count)
                        .map(|_| self.row())
                        .collect::<Result<Vec<Row>>>()?;
                    let list = OrderList {
                        rows: &rows,
                        all_venues: self.bytes.arbitrary()?,
                    };
                    self.desk.list_read(now, id, list, &mut self.out);
                }
            }
            10 => match self.below(5)? {
                0 => self.desk.stream_up(now, &mut self.out),
                1 => self.desk.stream_down(now, now.at, &mut self.out),
                2 => self.desk.unreadable_frame(now, &mut self.out),
                3 => {
                    if let Some(id) = self.reads.pop() {
                        self.desk.list_failed(now, id, &mut self.out);
                    }
                }
                _ => {
                    self.desk.cancel_all(now, &mut self.out);
                }
            },
            _ => match self.below(4)? {
                0 => self.restart(),
                _ => self.desk.tick(now, &mut self.out),
            },
        }
        Ok(())
    }

    /// The same questions are open after a restart as before it.
    fn restart(&mut self) {
        self.check();
        let open = |desk: &Desk<Vec<Record>, OpenGate>| -> Vec<_> {
            desk.undecided()
                .map(|(command, pending)| (command, pending.id))
                .collect()
        };
        let before = open(&self.desk);
        let lines = self.desk.journal().clone();
        let (now, journal) = (self.now(), lines.clone());
        let records = lines.iter().copied();
        self.desk = Desk::restore(
            now,
            account(),
            config(),
            REFUSALS,
            journal,
            OpenGate,
            records,
        );
        assert_eq!(before, open(&self.desk), "{lines:#?}");
        self.reads.clear();
    }

    fn check(&mut self) {
        for effect in self.out.drain(..) {
            match effect {
                Effect::Write(write) => assert!(self.written.insert(write.ticket), "written twice"),
                Effect::ReadList(id) => self.reads.push(id),
                Effect::Event(ExecutionEvent::Filled {
                    fill, cumulative, ..
                }) if !fill.id.is_auto() => {
                    let before = self.filled.insert(fill.id, cumulative).unwrap_or_default();
                    assert!(before < cumulative, "{}: {before} to {cumulative}", fill.id);
                }
                Effect::Event(_) | Effect::Outcome { .. } => {}
            }
        }
        for order in self.desk.open_orders() {
            assert!(order.filled <= order.qty, "{order:?}");
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut story = Story::new(bytes);
    for _ in 0..STEPS_MAX {
        if story.bytes.is_empty() || story.step().is_err() {
            break;
        }
        story.check();
    }
});
