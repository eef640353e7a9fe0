//! A desk, a clock that the test moves, and the effects so far.

use std::collections::BTreeSet;
use std::time::Duration;

use gwanmun::domain::{
    AccountId, BrokerCode, CancelReason, CancelRequest, ClientOrderId, ExecutionEvent,
    ModifyRequest, Money, OrderCommand, OrderNo, OrderRequest, OrderResult, Price, Qty,
    RefusalReason, Resolution, Side, Symbol, Timestamp,
};
use gwanmun::orders::desk::{
    Answer, ClosedList, Config, Desk, Effect, Moment, News, Notice, OpenGate, OrderList, ReadId,
    Record, Row, Ticket, WriteRequest,
};
use gwanmun::{Result, symbol};

pub(super) const SAMSUNG: Symbol = symbol!("005930");
/// Wall clock at monotonic time 0.
pub(super) const START: i64 = 1_795_478_400_000_000_000;

/// A closed list as a broker would give it; the codes are KIS's.
pub(super) const REFUSALS: ClosedList = ClosedList(&[
    ("APBK0400", RefusalReason::InsufficientShares),
    ("APBK0952", RefusalReason::InsufficientCash),
    ("APBK0918", RefusalReason::MarketClosed),
    ("APBK0927", RefusalReason::UnknownOrder),
    ("EGW00201", RefusalReason::RateLimited),
    ("EGW00123", RefusalReason::Authentication),
]);

pub(super) type TestDesk = Desk<Vec<Record>, OpenGate>;

/// The desk under test.
pub(super) struct Bench {
    pub(super) desk: TestDesk,
    pub(super) ms: u64,
    /// Monotonic minus wall clock, in milliseconds: moved by a jump.
    pub(super) wall_ms: i64,
    pub(super) out: Vec<Effect>,
    /// Everything so far, `out` included once it was taken.
    pub(super) events: Vec<ExecutionEvent>,
    pub(super) writes: Vec<WriteRequest>,
    pub(super) outcomes: Vec<(Ticket, OrderResult)>,
    pub(super) reads: Vec<(u64, ReadId)>,
    pub(super) answered: BTreeSet<ReadId>,
}

pub(super) fn account() -> AccountId {
    "1234567801".parse().unwrap()
}

pub(super) fn no(number: u64) -> OrderNo {
    OrderNo::new(number).unwrap()
}

pub(super) fn won(won: i64) -> Price {
    Price::from_won(won).unwrap()
}

pub(super) fn buy(qty: u64, price: i64) -> OrderRequest {
    OrderRequest::limit_buy(account(), SAMSUNG, Qty::new(qty), won(price))
}

pub(super) fn id(number: u64) -> ClientOrderId {
    ClientOrderId::new(number)
}

pub(super) fn code(text: &str) -> Answer {
    Answer::Code {
        code: BrokerCode::new(text),
        message: None,
    }
}

impl Bench {
    /// A desk that takes orders at once, with the stream up.
    pub(super) fn new() -> Self {
        let mut bench = Self::with(Config {
            reconcile_first: false,
            ..Config::default()
        });
        let now = bench.now();
        bench.desk.stream_up(now, &mut bench.out);
        bench.sort();
        bench.answer_read(&[]);
        bench.events.clear();
        bench.reads.clear();
        bench
    }

    pub(super) fn with(config: Config) -> Self {
        Self::of(Desk::new(account(), config, REFUSALS, Vec::new(), OpenGate))
    }

    pub(super) fn of(desk: TestDesk) -> Self {
        Self {
            desk,
            ms: 1_000,
            wall_ms: 0,
            out: Vec::new(),
            events: Vec::new(),
            writes: Vec::new(),
            outcomes: Vec::new(),
            reads: Vec::new(),
            answered: BTreeSet::new(),
        }
    }

    pub(super) fn now(&self) -> Moment {
        Moment {
            elapsed: Duration::from_millis(self.ms),
            at: self.at(),
        }
    }

    pub(super) fn at(&self) -> Timestamp {
        let ms = i64::try_from(self.ms).unwrap() + self.wall_ms;
        Timestamp::from_nanos(START + ms * 1_000_000)
    }

    /// Sorts the new effects.
    pub(super) fn sort(&mut self) {
        for effect in self.out.drain(..) {
            match effect {
                Effect::Write(write) => self.writes.push(write),
                Effect::ReadList(id) => self.reads.push((self.ms, id)),
                Effect::Outcome { ticket, result } => self.outcomes.push((ticket, result)),
                Effect::Event(event) => self.events.push(event),
            }
        }
    }

    /// Acts on the desk now.
    pub(super) fn act<T>(
        &mut self,
        act: impl FnOnce(&mut TestDesk, Moment, &mut Vec<Effect>) -> T,
    ) -> T {
        let now = self.now();
        let result = act(&mut self.desk, now, &mut self.out);
        self.sort();
        result
    }

    /// Lets time pass, waking the desk whenever it wants.
    pub(super) fn pass(&mut self, ms: u64) {
        let until = self.ms + ms;
        loop {
            let wake = self
                .desk
                .next_wake()
                .map(|wake| u64::try_from(wake.as_nanos().div_ceil(1_000_000)).unwrap());
            match wake {
                Some(wake) if wake <= until => {
                    self.ms = self.ms.max(wake);
                    self.act(|desk, now, out| desk.tick(now, out));
                    if self
                        .desk
                        .next_wake()
                        .is_some_and(|next| next <= self.now().elapsed)
                    {
                        // A read in flight is the only thing that a tick cannot finish.
                        break;
                    }
                }
                _ => break,
            }
        }
        self.ms = until;
        self.act(|desk, now, out| desk.tick(now, out));
    }

    /// Lets time pass while every list read shows `rows`.
    pub(super) fn pass_with(&mut self, ms: u64, rows: &[Row]) {
        let until = self.ms + ms;
        self.answer_read(rows);
        while self.ms < until {
            let step = self.desk.next_wake().map_or(until, |wake| {
                u64::try_from(wake.as_nanos().div_ceil(1_000_000)).unwrap()
            });
            let step = step.clamp(self.ms + 1, until);
            self.ms = step;
            self.act(|desk, now, out| desk.tick(now, out));
            self.answer_read(rows);
        }
    }

    /// Answers the last read, if it waits.
    pub(super) fn answer_read(&mut self, rows: &[Row]) {
        if let Some(&(_, id)) = self.reads.last() {
            let list = OrderList {
                rows,
                all_venues: true,
            };
            if self.answered.insert(id) {
                self.act(|desk, now, out| desk.list_read(now, id, list, out));
            }
        }
    }

    /// Fails the last read.
    pub(super) fn fail_read(&mut self) {
        if let Some(&(_, id)) = self.reads.last()
            && self.answered.insert(id)
        {
            self.act(|desk, now, out| desk.list_failed(now, id, out));
        }
    }

    pub(super) fn place(&mut self, request: OrderRequest) -> Result<(Ticket, ClientOrderId)> {
        self.act(|desk, now, out| desk.place(now, &request, out))
    }

    pub(super) fn modify(&mut self, request: ModifyRequest) -> Result<(Ticket, ClientOrderId)> {
        self.act(|desk, now, out| desk.modify(now, &request, out))
    }

    pub(super) fn cancel(&mut self, request: CancelRequest) -> Result<(Ticket, ClientOrderId)> {
        self.act(|desk, now, out| desk.cancel(now, &request, out))
    }

    pub(super) fn answer(&mut self, ticket: Ticket, answer: Answer) {
        self.act(|desk, now, out| desk.answered(now, ticket, answer, out));
    }

    pub(super) fn accept(&mut self, ticket: Ticket, number: u64) {
        let at = self.at();
        self.answer(
            ticket,
            Answer::Accepted {
                order_no: no(number),
                at,
            },
        );
    }

    pub(super) fn cut(&mut self, ticket: Ticket, written: usize) {
        self.act(|desk, now, out| desk.cut(now, ticket, written, out));
    }

    /// Places and gets the number.
    pub(super) fn working(&mut self, request: OrderRequest, number: u64) -> ClientOrderId {
        let (ticket, id) = self.place(request).unwrap();
        self.accept(ticket, number);
        id
    }

    pub(super) fn tell(&mut self, notice: Notice) {
        self.act(|desk, now, out| desk.notice(now, &notice, out));
    }

    pub(super) fn notice(&self, number: u64, original: Option<u64>, news: News) -> Notice {
        Notice {
            order_no: no(number),
            original_no: original.map(no),
            symbol: SAMSUNG,
            side: Side::Buy,
            order_qty: None,
            news,
            at: self.at(),
        }
    }

    /// A fill notice as KIS sends it: no number, no total.
    pub(super) fn fill(&mut self, number: u64, qty: u64, price: i64) {
        self.fill_of(number, None, qty, price, None, None);
    }

    pub(super) fn fill_of(
        &mut self,
        number: u64,
        original: Option<u64>,
        qty: u64,
        price: i64,
        fill_no: Option<u64>,
        cumulative: Option<u64>,
    ) {
        let news = News::Filled {
            qty: Qty::new(qty),
            price: won(price),
            fill_no,
            cumulative: cumulative.map(Qty::new),
        };
        self.tell(self.notice(number, original, news));
    }

    pub(super) fn cancelled(&mut self, number: u64, original: Option<u64>, qty: u64) {
        let (qty, reason) = (Some(Qty::new(qty)), CancelReason::Requested);
        self.tell(self.notice(number, original, News::Cancelled { qty, reason }));
    }

    pub(super) fn modified(&mut self, number: u64, original: u64, qty: u64, price: i64) {
        let (qty, price) = (Some(Qty::new(qty)), Some(won(price)));
        self.tell(self.notice(number, Some(original), News::Modified { qty, price }));
    }

    /// Fills told so far of an order: shares, won, and how many of them were inferred.
    pub(super) fn told(&self, id: ClientOrderId) -> (u64, i64, usize) {
        let mut told = (0, 0, 0);
        for event in &self.events {
            if let ExecutionEvent::Filled { fill, .. } = event
                && fill.id == id
            {
                told.0 += fill.qty.get();
                told.1 += fill.value().unwrap().won();
                told.2 += usize::from(fill.inferred);
            }
        }
        told
    }

    pub(super) fn resolutions(&self, of: ClientOrderId) -> Vec<Resolution> {
        self.events
            .iter()
            .filter_map(|event| match event {
                ExecutionEvent::Resolved { id, resolution, .. } if *id == of => {
                    Some(resolution.clone())
                }
                _ => None,
            })
            .collect()
    }

    pub(super) fn is_unknown(&self, ticket: Ticket) -> bool {
        self.outcomes
            .iter()
            .any(|(of, result)| *of == ticket && matches!(result, OrderResult::Unknown(_)))
    }

    pub(super) fn refusal(&self, ticket: Ticket) -> Option<RefusalReason> {
        self.outcomes
            .iter()
            .find(|(of, _)| *of == ticket)
            .and_then(|(_, result)| result.refused())
            .map(|refusal| refusal.reason)
    }
}

/// A row of a new limit buy.
pub(super) fn row(number: u64, qty: u64, price: i64, at: Timestamp) -> Row {
    Row {
        order_no: no(number),
        original_no: None,
        command: OrderCommand::Place,
        symbol: SAMSUNG,
        venue: None,
        side: Side::Buy,
        order_type: None,
        time_in_force: None,
        price: Some(won(price)),
        qty: Qty::new(qty),
        confirmed: Qty::ZERO,
        filled: Qty::ZERO,
        filled_value: Money::ZERO,
        remaining: Qty::new(qty),
        refused: false,
        at,
    }
}

/// The row with so many shares filled for so many won, and so many left.
pub(super) fn filled(mut row: Row, qty: u64, value: i64, left: u64) -> Row {
    row.filled = Qty::new(qty);
    row.filled_value = Money::from_won(value).unwrap();
    row.remaining = Qty::new(left);
    row
}

/// A row of a change that took effect on so many shares.
pub(super) fn change(mut row: Row, command: OrderCommand, original: u64, confirmed: u64) -> Row {
    row.command = command;
    row.original_no = Some(no(original));
    row.confirmed = Qty::new(confirmed);
    row.remaining = match command {
        OrderCommand::Modify => Qty::new(confirmed),
        OrderCommand::Place | OrderCommand::Cancel => Qty::ZERO,
    };
    row
}
