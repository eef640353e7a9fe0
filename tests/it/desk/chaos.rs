//! Inputs that make no sense, in any order: the desk must not panic, write twice, count backwards or show an unknown
//! command as refused; and its journal must always make a desk again.

use std::collections::{BTreeMap, BTreeSet};

use gwanmun::domain::{
    CancelReason, CancelRequest, ClientOrderId, ExecutionEvent, ModifyRequest, Money, OrderCommand,
    OrderKind, OrderRef, Price, Qty, RefusalReason, Side, Timestamp,
};
use gwanmun::orders::desk::{
    Answer, Config, Decision, Desk, Effect, Moment, News, Notice, OpenGate, OrderList, Record, Row,
    Ticket,
};

use super::harness::{REFUSALS, SAMSUNG, START, account, buy, code, no};
use super::simulation::rng::Rng;

struct Chaos {
    rng: Rng,
    ms: u64,
    desk: Desk<Vec<Record>, OpenGate>,
    out: Vec<Effect>,
    written: BTreeSet<Ticket>,
    filled: BTreeMap<ClientOrderId, u64>,
    reads: Vec<gwanmun::orders::desk::ReadId>,
}

const CONFIG: fn() -> Config = || Config {
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
};

impl Chaos {
    fn new(seed: u64) -> Self {
        Self {
            rng: Rng::new(seed),
            ms: 0,
            desk: Desk::new(account(), CONFIG(), REFUSALS, Vec::new(), OpenGate),
            out: Vec::new(),
            written: BTreeSet::new(),
            filled: BTreeMap::new(),
            reads: Vec::new(),
        }
    }

    fn now(&self) -> Moment {
        let wall = START + i64::try_from(self.ms).unwrap() * 1_000_000;
        Moment {
            elapsed: std::time::Duration::from_millis(self.ms),
            at: Timestamp::from_nanos(wall),
        }
    }

    fn number(&mut self) -> gwanmun::domain::OrderNo {
        no(self.rng.between(1, 8))
    }

    fn qty(&mut self) -> Qty {
        match self.rng.below(12) {
            0 => Qty::ZERO,
            1 => Qty::new(u64::MAX),
            _ => Qty::new(self.rng.between(1, 10)),
        }
    }

    fn price(&mut self) -> Price {
        match self.rng.below(20) {
            0 => Price::from_units(i64::MAX).unwrap(),
            1 => Price::from_units(1).unwrap(),
            _ => Price::from_won(70_000 + 100 * i64::try_from(self.rng.below(2)).unwrap()).unwrap(),
        }
    }

    fn side(&mut self) -> Side {
        if self.rng.below(8) == 0 {
            Side::Sell
        } else {
            Side::Buy
        }
    }

    fn command(&mut self) -> OrderCommand {
        OrderCommand::ALL[usize::try_from(self.rng.below(3)).unwrap()]
    }

    fn order(&mut self) -> OrderRef {
        match self.rng.below(2) {
            0 => OrderRef::Client(ClientOrderId::new(self.rng.below(8))),
            _ => OrderRef::Number(self.number()),
        }
    }

    fn some<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.rng.below(3) > 0).then(|| make(self))
    }

    fn at(&mut self) -> Timestamp {
        let back = i64::try_from(self.rng.below(20_000)).unwrap() - 5_000;
        self.now().at.saturating_add_nanos(-back * 1_000_000)
    }

    fn notice(&mut self) -> Notice {
        let news = match self.rng.below(5) {
            0 => News::Accepted {
                command: self.command(),
                price: self.some(Self::price),
            },
            1 => News::Filled {
                qty: self.qty(),
                price: self.price(),
                fill_no: self.some(|chaos| chaos.rng.below(6)),
                cumulative: self.some(Self::qty),
            },
            2 => News::Modified {
                qty: self.some(Self::qty),
                price: self.some(Self::price),
            },
            3 => News::Cancelled {
                qty: self.some(Self::qty),
                reason: CancelReason::SessionEnd,
            },
            _ => News::Refused {
                command: self.command(),
                reason: RefusalReason::Other,
            },
        };
        Notice {
            order_no: self.number(),
            original_no: self.some(Self::number),
            symbol: SAMSUNG,
            side: self.side(),
            order_qty: self.some(Self::qty),
            news,
            at: self.at(),
        }
    }

    fn row(&mut self) -> Row {
        let money = match self.rng.below(10) {
            0 => Money::MAX,
            1 => Money::from_units(-5),
            _ => Money::from_won(i64::try_from(self.rng.below(700_000)).unwrap()).unwrap(),
        };
        Row {
            order_no: self.number(),
            original_no: self.some(Self::number),
            command: self.command(),
            symbol: SAMSUNG,
            venue: None,
            side: self.side(),
            order_type: None,
            time_in_force: None,
            price: self.some(Self::price),
            qty: self.qty(),
            confirmed: self.qty(),
            filled: self.qty(),
            filled_value: money,
            remaining: self.qty(),
            refused: self.rng.below(6) == 0,
            at: self.at(),
        }
    }

    fn step(&mut self) {
        self.ms += match self.rng.below(6) {
            0 => self.rng.below(40_000),
            1 => 0,
            _ => self.rng.below(2_000),
        };
        let now = self.now();
        let ticket = Ticket(self.rng.below(20));
        match self.rng.below(14) {
            0..=2 => {
                let mut request = buy(self.rng.between(1, 10), 70_000);
                request.kind = OrderKind::Limit {
                    price: self.price(),
                };
                request.id = ClientOrderId::new(self.rng.below(10));
                let _ = self.desk.place(now, &request, &mut self.out);
            }
            3 => {
                let order = self.order();
                let price = self.price();
                let mut request = ModifyRequest::to_price(account(), order, price);
                request.qty = self.some(Self::qty);
                let _ = self.desk.modify(now, &request, &mut self.out);
            }
            4 => {
                let mut request = CancelRequest::all(account(), self.order());
                request.qty = self.some(Self::qty);
                let _ = self.desk.cancel(now, &request, &mut self.out);
            }
            5 => {
                if self.rng.below(4) == 0 {
                    self.desk.cancel_all(now, &mut self.out);
                }
                let decision = match self.rng.below(3) {
                    0 => Decision::Look,
                    1 => Decision::Absent,
                    _ => Decision::Is(self.number()),
                };
                let id = ClientOrderId::new(self.rng.below(8));
                let _ = self.desk.resolve(now, id, decision, &mut self.out);
            }
            6..=8 => {
                let answer = match self.rng.below(4) {
                    0 | 1 => Answer::Accepted {
                        order_no: self.number(),
                        at: now.at,
                    },
                    2 => code(if self.rng.below(2) == 0 {
                        "APBK0400"
                    } else {
                        "HUH"
                    }),
                    _ => Answer::Unclear,
                };
                match self.rng.below(5) {
                    0 => self.desk.not_written(now, ticket, &mut self.out),
                    _ => self.desk.answered(now, ticket, answer, &mut self.out),
                }
            }
            9 | 10 => {
                let notice = self.notice();
                self.desk.notice(now, &notice, &mut self.out);
            }
            11 | 12 => {
                let rows: Vec<Row> = (0..self.rng.below(14)).map(|_| self.row()).collect();
                if let Some(id) = self.reads.pop() {
                    if self.rng.below(5) == 0 {
                        self.desk.list_failed(now, id, &mut self.out);
                    } else {
                        let list = OrderList {
                            rows: &rows,
                            all_venues: self.rng.below(2) == 0,
                        };
                        self.desk.list_read(now, id, list, &mut self.out);
                    }
                }
            }
            _ => match self.rng.below(3) {
                0 => self.desk.stream_up(now, &mut self.out),
                1 => self.desk.stream_down(now, now.at, &mut self.out),
                _ => self.desk.unreadable_frame(now, &mut self.out),
            },
        }
        self.check();
    }

    fn check(&mut self) {
        for effect in self.out.drain(..) {
            match effect {
                Effect::Write(write) => assert!(self.written.insert(write.ticket), "written twice"),
                Effect::ReadList(id) => self.reads.push(id),
                Effect::Event(ExecutionEvent::Filled {
                    fill, cumulative, ..
                }) if !fill.id.is_auto() => {
                    let before = self.filled.insert(fill.id, cumulative.get()).unwrap_or(0);
                    assert!(
                        before < cumulative.get(),
                        "order {}: {before} to {cumulative}",
                        fill.id
                    );
                }
                Effect::Event(_) | Effect::Outcome { .. } => {}
            }
        }
        for order in self.desk.open_orders() {
            assert!(
                order.is_active() && !order.remaining().is_zero(),
                "{order:?}"
            );
        }
        assert!(self.desk.undecided().count() <= 64);
    }

    fn restart(&mut self) {
        let now = self.now();
        let lines = self.desk.journal().clone();
        let before: Vec<_> = self
            .desk
            .undecided()
            .map(|(command, pending)| (command, pending.id))
            .collect();
        self.desk = Desk::restore(
            now,
            account(),
            CONFIG(),
            REFUSALS,
            lines.clone(),
            OpenGate,
            lines,
        );
        let after: Vec<_> = self
            .desk
            .undecided()
            .map(|(command, pending)| (command, pending.id))
            .collect();
        assert_eq!(before, after, "a restart changed what is undecided");
        self.reads.clear();
    }
}

#[test]
fn nonsense_in_any_order_breaks_no_law() {
    for seed in 0..1_500 {
        let mut chaos = Chaos::new(seed);
        for _ in 0..150 {
            chaos.step();
        }
    }
}

#[test]
fn a_journal_of_nonsense_makes_a_desk_with_the_same_open_questions() {
    for seed in 0..1_500 {
        let mut chaos = Chaos::new(seed);
        for step in 0..120 {
            chaos.step();
            if step % 40 == 39 {
                chaos.restart();
            }
        }
    }
}
