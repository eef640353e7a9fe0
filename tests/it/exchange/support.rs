//! A small world around an exchange, and words to say what is expected of it.

use gwanmun::domain::{
    AccountId, CancelReason, CancelRequest, ClientOrderId, ExecutionEvent, FeeSchedule, Instrument,
    InstrumentKind, Level, Market, ModifyRequest, Money, Order, OrderKind, OrderRef, OrderRequest,
    Price, Qty, Receipt, RefusalReason, Side, TimeInForce, Timestamp, TradingCalendar,
};
use gwanmun::sim::book::Book;
use gwanmun::sim::{Capacity, Command, Exchange, Listing, Outcome, Recorder, Tariff, TradingDay};
use gwanmun::{Symbol, symbol};
use jiff::civil::{Date, date, time};

pub(crate) const SYMBOL: Symbol = symbol!("005930");
pub(crate) const CAPACITY: Capacity = Capacity {
    open_orders: 64,
    history: 256,
    fills: 256,
};

/// Makes a test of each generic function, once for either book.
macro_rules! on_both_books {
    ($($name:ident),+ $(,)?) => {
        mod on_both_books {
            $(
                mod $name {
                    #[test]
                    fn fast_book() {
                        super::super::$name::<gwanmun::sim::ladder_book::LadderBook>();
                    }

                    #[test]
                    fn naive_book() {
                        super::super::$name::<gwanmun::sim::naive::NaiveBook>();
                    }
                }
            )+
        }
    };
}
pub(crate) use on_both_books;

pub(crate) fn named(name: &str) -> AccountId {
    name.parse().unwrap()
}

pub(crate) fn won(won: i64) -> Money {
    Money::from_won(won).unwrap()
}

pub(crate) fn price(won: i64) -> Price {
    Price::from_won(won).unwrap()
}

pub(crate) fn limit(won: i64) -> OrderKind {
    OrderKind::Limit { price: price(won) }
}

pub(crate) fn id(id: u64) -> ClientOrderId {
    ClientOrderId::new(id)
}

pub(crate) fn stock(symbol: Symbol) -> Instrument {
    Instrument::new(symbol, "a stock", Market::Kospi, InstrumentKind::Stock).unwrap()
}

pub(crate) fn at(day: Date, hour: i8, minute: i8) -> Timestamp {
    Timestamp::from_kst(day, time(hour, minute, 0, 0)).unwrap()
}

pub(crate) const TODAY: Date = date(2026, 3, 10);

/// An exchange, its news since they were last read, and a clock that stands at 10:00.
pub(crate) struct World<B: Book> {
    pub(crate) exchange: Exchange<B>,
    pub(crate) news: Recorder,
    pub(crate) now: Timestamp,
}

impl<B: Book> World<B> {
    /// One stock with that base price, on its first day here.
    pub(crate) fn with_base(base_won: i64) -> Self {
        let mut world = Self {
            exchange: Exchange::new(CAPACITY),
            news: Recorder::default(),
            now: at(TODAY, 10, 0),
        };
        let instrument = stock(SYMBOL)
            .with_listed_shares(Qty::new(5_000_000))
            .unwrap();
        let base = price(base_won);
        world.done(Command::List(Listing { instrument, base }));
        world.open_day(TODAY);
        world
    }

    pub(crate) fn open_day(&mut self, day: Date) {
        let day = TradingDay::of_krx(TradingCalendar::builtin(), day).unwrap();
        self.now = at(day.date(), 10, 0);
        self.done(Command::OpenDay(day));
    }

    /// An account with the fees of KIS, cash, and shares at the base price.
    pub(crate) fn customer(&mut self, name: &str, cash: i64, shares: u64) -> AccountId {
        self.customer_with(name, cash, shares, Tariff::flat(FeeSchedule::KIS))
    }

    pub(crate) fn customer_with(
        &mut self,
        name: &str,
        cash: i64,
        shares: u64,
        tariff: Tariff,
    ) -> AccountId {
        let account = named(name);
        self.done(Command::OpenAccount { account, tariff });
        self.done(Command::Deposit {
            account,
            amount: won(cash),
        });
        if shares > 0 {
            self.done(Command::AddPosition {
                account,
                symbol: SYMBOL,
                qty: Qty::new(shares),
                average_price: self.exchange.quote(SYMBOL).unwrap().base,
            });
        }
        account
    }

    /// Carries out a command and checks everything that must hold afterwards, and that a refusal left no trace.
    pub(crate) fn apply(&mut self, command: &Command) -> Outcome {
        let before = self.exchange.checksum();
        let outcome = self.exchange.apply(command, self.now, &mut self.news);
        self.exchange.validate();
        if let Outcome::Refused(refusal) = &outcome {
            assert_eq!(self.exchange.checksum(), before, "a refusal left a trace");
            assert!(refusal.message.is_some(), "{refusal} says no more");
        }
        outcome
    }

    pub(crate) fn done(&mut self, command: Command) {
        let outcome = self.apply(&command);
        assert_eq!(outcome, Outcome::Done, "{command:?}");
    }

    pub(crate) fn accepted(&mut self, command: Command) -> Receipt {
        let outcome = self.apply(&command);
        let Some(receipt) = outcome.accepted() else {
            panic!("{command:?}: {outcome:?}");
        };
        *receipt
    }

    /// Expects a refusal for that reason, told once and leaving no trace.
    pub(crate) fn refused(&mut self, command: Command, reason: RefusalReason) {
        self.news.clear();
        let outcome = self.apply(&command);
        let Some(refusal) = outcome.refused() else {
            panic!("{command:?}: {outcome:?}");
        };
        assert_eq!(refusal.reason, reason, "{command:?}: {refusal}");
        assert!(self.news.trades.is_empty() && self.news.books.is_empty());
        let [ExecutionEvent::Refused { refusal: told, .. }] = &self.news.executions[..] else {
            panic!("not told once: {:?}", self.news.executions);
        };
        assert_eq!(told, refusal);
    }

    pub(crate) fn place(&mut self, request: OrderRequest) -> Receipt {
        self.accepted(Command::Place(request))
    }

    pub(crate) fn order(&self, account: AccountId, order: impl Into<OrderRef>) -> Order {
        self.exchange.order(account, order.into()).unwrap()
    }

    pub(crate) fn modify(&mut self, account: AccountId, order: u64, to: i64) -> Receipt {
        let request = ModifyRequest::to_price(account, id(order), price(to));
        self.accepted(Command::Modify(request))
    }

    pub(crate) fn cancel(&mut self, account: AccountId, order: u64) -> Receipt {
        self.accepted(Command::Cancel(CancelRequest::all(account, id(order))))
    }

    /// `(order id, won, qty)` of the fills of resting orders, since the news were last cleared.
    pub(crate) fn maker_fills(&self) -> Vec<(u64, i64, u64)> {
        self.fills(true)
    }

    pub(crate) fn taker_fills(&self) -> Vec<(u64, i64, u64)> {
        self.fills(false)
    }

    fn fills(&self, maker: bool) -> Vec<(u64, i64, u64)> {
        let fills = self.news.executions.iter().filter_map(|event| {
            let ExecutionEvent::Filled { fill, .. } = event else {
                return None;
            };
            let row = (fill.id.get(), fill.price.won(), fill.qty.get());
            (fill.maker == maker).then_some(row)
        });
        fills.collect()
    }

    /// `(qty, reason)` of what was cancelled since the news were last cleared.
    pub(crate) fn cancels(&self) -> Vec<(u64, CancelReason)> {
        let cancels = self.news.executions.iter().filter_map(|event| {
            let ExecutionEvent::Cancelled { qty, reason, .. } = event else {
                return None;
            };
            Some((qty.get(), *reason))
        });
        cancels.collect()
    }

    pub(crate) fn asks(&self) -> Vec<(i64, u64)> {
        self.levels(Side::Sell)
    }

    pub(crate) fn bids(&self) -> Vec<(i64, u64)> {
        self.levels(Side::Buy)
    }

    fn levels(&self, side: Side) -> Vec<(i64, u64)> {
        let book = self.exchange.order_book(SYMBOL).unwrap();
        let row = |level: &Level| (level.price.won(), level.qty.get());
        book.side(side).iter().flatten().map(row).collect()
    }
}

pub(crate) fn buy(account: AccountId, qty: u64, kind: OrderKind) -> OrderRequest {
    OrderRequest::new(account, SYMBOL, Side::Buy, Qty::new(qty), kind)
}

pub(crate) fn sell(account: AccountId, qty: u64, kind: OrderKind) -> OrderRequest {
    OrderRequest::new(account, SYMBOL, Side::Sell, Qty::new(qty), kind)
}

pub(crate) fn lasting(request: OrderRequest, time_in_force: TimeInForce) -> OrderRequest {
    request.with_time_in_force(time_in_force)
}
