//! Random histories: the same commands into exchanges on both books must give the same news and the same state, and an
//! auditor who hears only the news must come to the same accounts.

use std::collections::BTreeMap;

use gwanmun::domain::{
    AccountId, CancelRequest, ClientOrderId, ExecutionEvent, FeeSchedule, Fill, Instrument,
    InstrumentKind, Market, ModifyRequest, Money, OrderKind, OrderNo, OrderRef, OrderRequest,
    Price, Qty, Side, TaxRates, TickTable, TimeInForce, TradingCalendar,
};
use gwanmun::sim::ladder_book::LadderBook;
use gwanmun::sim::naive::NaiveBook;
use gwanmun::sim::{
    Capacity, Command, Exchange, HouseOrder, Listing, Outcome, Recorder, Tariff, TradingDay,
};
use gwanmun::{Symbol, symbol};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::support::*;

const SYMBOLS: [Symbol; 3] = [symbol!("005930"), symbol!("069500"), symbol!("0155E0")];
const ACCOUNTS: [&str; 3] = ["a", "b", "c"];
/// Small, so that a history runs into every bound.
const BOUNDS: Capacity = Capacity {
    open_orders: 24,
    history: 40,
    fills: 32,
};

/// Names the seed of a history that fails.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("failed with seed {}", self.0);
        }
    }
}

/// Keeps accounts from the news alone.
#[derive(Default)]
struct Auditor {
    /// Cash that was paid in.
    paid_in: BTreeMap<AccountId, i64>,
    shares: BTreeMap<(AccountId, Symbol), i64>,
    /// Money of the fills of each order, which costs count on.
    filled: BTreeMap<(AccountId, Symbol, u64, Side), Money>,
    traded: BTreeMap<AccountId, i64>,
    /// Of the orders of earlier days.
    costs: BTreeMap<AccountId, (i64, i64)>,
    orders: BTreeMap<u64, Progress>,
}

/// Shares of an order: all, filled, and ended otherwise.
#[derive(Clone, Copy, Debug)]
struct Progress {
    qty: u64,
    filled: u64,
    gone: u64,
}

impl Progress {
    fn check(&self, remaining: Qty) {
        let parts = self.filled + self.gone + remaining.get();
        assert_eq!(parts, self.qty, "parts differ from the whole: {self:?}");
    }
}

impl Auditor {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "an exchange knows no other news, and none may come unseen"
    )]
    fn hear(&mut self, event: &ExecutionEvent, placed: Option<&OrderRequest>) {
        match event {
            ExecutionEvent::Accepted { receipt, .. } => {
                let new = Progress {
                    qty: placed.expect("accepted what was not placed").qty.get(),
                    filled: 0,
                    gone: 0,
                };
                let known = self.orders.insert(receipt.id.get(), new);
                assert!(known.is_none(), "an id was given twice");
            }
            ExecutionEvent::Filled {
                fill,
                cumulative,
                remaining,
            } => {
                self.settle(fill);
                let progress = self.orders.get_mut(&fill.id.get()).unwrap();
                progress.filled += fill.qty.get();
                assert_eq!(
                    progress.filled,
                    cumulative.get(),
                    "cumulative is not the sum"
                );
                progress.check(*remaining);
            }
            ExecutionEvent::Modified {
                id, part_id, qty, ..
            } => {
                if id != part_id {
                    self.orders.get_mut(&id.get()).unwrap().gone += qty.get();
                    let part = Progress {
                        qty: qty.get(),
                        filled: 0,
                        gone: 0,
                    };
                    let known = self.orders.insert(part_id.get(), part);
                    assert!(known.is_none(), "an id was given twice");
                }
            }
            ExecutionEvent::Cancelled {
                id, qty, remaining, ..
            } => {
                let progress = self.orders.get_mut(&id.get()).unwrap();
                progress.gone += qty.get();
                progress.check(*remaining);
            }
            ExecutionEvent::Refused { .. } => {}
            other => panic!("news of a new kind: {other:?}"),
        }
    }

    fn settle(&mut self, fill: &Fill) {
        let value = fill.value().unwrap();
        let sign = match fill.side {
            Side::Buy => 1,
            Side::Sell => -1,
        };
        let shares = self.shares.entry((fill.account, fill.symbol)).or_default();
        *shares += sign * fill.qty.get().cast_signed();
        *self.traded.entry(fill.account).or_default() -= sign * value.units();
        let order = (fill.account, fill.symbol, fill.id.get(), fill.side);
        let sum = self.filled.entry(order).or_default();
        *sum = sum.checked_add(value).unwrap();
    }

    /// Fees and taxes of an account to date.
    fn costs(&self, account: AccountId, stage: &Stage) -> (i64, i64) {
        let mut costs = self.costs.get(&account).copied().unwrap_or_default();
        for (&(owner, symbol, _, side), &value) in &self.filled {
            if owner != account {
                continue;
            }
            costs.0 += stage.fees.fee(value).units();
            if side == Side::Sell {
                let instrument = stage
                    .instruments
                    .iter()
                    .find(|it| it.symbol() == symbol)
                    .unwrap();
                let settles = stage.fast.trading_day().unwrap().settles();
                let rates = TaxRates::of_sale(instrument.market(), instrument.kind(), settles);
                costs.1 += rates.unwrap().taxes(value).total().units();
            }
        }
        costs
    }

    fn begin_day(&mut self, costs: BTreeMap<AccountId, (i64, i64)>) {
        self.costs = costs;
        self.filled.clear();
        self.orders.clear();
    }

    fn compare(&self, stage: &Stage) {
        for account in ACCOUNTS.map(named) {
            let (fees, taxes) = self.costs(account, stage);
            assert_eq!(stage.fast.fees(account).unwrap().units(), fees, "fees");
            assert_eq!(stage.fast.taxes(account).unwrap().units(), taxes, "taxes");
            let traded = self.traded.get(&account).copied().unwrap_or_default();
            let cash = self.paid_in[&account] + traded - fees - taxes;
            let balance = stage.fast.balance(account).unwrap();
            assert_eq!(balance.deposit_d2.units(), cash, "cash");
            assert!(balance.orderable >= Money::ZERO, "overdrawn: {balance:?}");
            let mut held = BTreeMap::new();
            for position in stage.fast.positions(account).unwrap() {
                held.insert(position.symbol, position.qty.get().cast_signed());
            }
            for symbol in SYMBOLS {
                let expected = self
                    .shares
                    .get(&(account, symbol))
                    .copied()
                    .unwrap_or_default();
                assert_eq!(
                    held.get(&symbol).copied().unwrap_or_default(),
                    expected,
                    "shares"
                );
            }
        }
    }
}

/// The same history on both books.
struct Stage {
    fast: Exchange<LadderBook>,
    naive: Exchange<NaiveBook>,
    instruments: Vec<Instrument>,
    fees: FeeSchedule,
    now: gwanmun::domain::Timestamp,
    day: TradingDay,
    house: Vec<(HouseOrder, HouseOrder)>,
    names: Vec<OrderRef>,
    auditor: Auditor,
    accepted: u64,
    refused: u64,
    fills: usize,
}

impl Stage {
    fn new(bases: [i64; 3], fees: FeeSchedule) -> Self {
        let instrument =
            |symbol, market, kind| Instrument::new(symbol, "an issue", market, kind).unwrap();
        let instruments = vec![
            instrument(SYMBOLS[0], Market::Kospi, InstrumentKind::Stock),
            instrument(SYMBOLS[1], Market::Kospi, InstrumentKind::Etf),
            instrument(SYMBOLS[2], Market::Kosdaq, InstrumentKind::Stock),
        ];
        let day = TradingDay::of_krx(TradingCalendar::builtin(), TODAY).unwrap();
        let mut stage = Self {
            fast: Exchange::new(BOUNDS),
            naive: Exchange::new(BOUNDS),
            instruments: instruments.clone(),
            fees,
            now: day.opens(),
            day,
            house: Vec::new(),
            names: Vec::new(),
            auditor: Auditor::default(),
            accepted: 0,
            refused: 0,
            fills: 0,
        };
        for (instrument, base) in instruments.into_iter().zip(bases) {
            let base = price(base);
            stage.done(&Command::List(Listing { instrument, base }));
        }
        for account in ACCOUNTS.map(named) {
            let tariff = Tariff::flat(fees);
            stage.done(&Command::OpenAccount { account, tariff });
            stage.auditor.paid_in.insert(account, 0);
            stage.deposit(account, won(bases[0] * 200));
            for (symbol, base) in SYMBOLS.into_iter().zip(bases) {
                stage.grant(account, symbol, 50, price(base));
            }
        }
        stage.done(&Command::OpenDay(day));
        stage
    }

    fn deposit(&mut self, account: AccountId, amount: Money) {
        let outcome = self.apply(&Command::Deposit { account, amount });
        if outcome == Outcome::Done {
            *self.auditor.paid_in.get_mut(&account).unwrap() += amount.units();
        }
    }

    fn grant(&mut self, account: AccountId, symbol: Symbol, qty: u64, average_price: Price) {
        let command = Command::AddPosition {
            account,
            symbol,
            qty: Qty::new(qty),
            average_price,
        };
        if self.apply(&command) == Outcome::Done {
            let shares = self.auditor.shares.entry((account, symbol)).or_default();
            *shares += qty.cast_signed();
        }
    }

    /// Carries out a command that must not be refused.
    fn done(&mut self, command: &Command) {
        assert_eq!(self.apply(command), Outcome::Done, "{command:?}");
    }

    /// Carries out a command that may be refused.
    fn attempt(&mut self, command: &Command) {
        let _ = self.apply(command);
    }

    fn apply(&mut self, command: &Command) -> Outcome {
        let before = self.fast.checksum();
        let placed = if let Command::Place(request) = command {
            Some(*request)
        } else {
            None
        };
        let (mut fast, mut naive) = (Recorder::default(), Recorder::default());
        let outcome = self.fast.apply(command, self.now, &mut fast);
        let same = self.naive.apply(command, self.now, &mut naive);
        assert_eq!(outcome, same, "{command:?}");
        match &outcome {
            Outcome::Refused(_) => {
                assert_eq!(
                    self.fast.checksum(),
                    before,
                    "a refusal left a trace: {command:?}"
                );
                self.refused += 1;
            }
            Outcome::Accepted(receipt) => {
                self.names
                    .extend([receipt.id.into(), OrderRef::Number(receipt.order_no)]);
                self.accepted += 1;
            }
            Outcome::Cancelled(_) | Outcome::Done => {}
        }
        self.agree(&fast, &naive, placed.as_ref());
        outcome
    }

    /// Both told the same, stand alike and are in order, and the auditor agrees.
    fn agree(&mut self, fast: &Recorder, naive: &Recorder, placed: Option<&OrderRequest>) {
        assert_eq!(fast, naive);
        for event in &fast.executions {
            self.auditor.hear(event, placed);
        }
        for trade in &fast.trades {
            let quote = self.fast.quote(trade.symbol).unwrap();
            assert!(quote.lower_limit.unwrap() <= trade.price);
            assert!(trade.price <= quote.upper_limit.unwrap());
        }
        self.fills += fast.trades.len();
        self.fast.validate();
        self.naive.validate();
        assert_eq!(self.fast.checksum(), self.naive.checksum());
        for symbol in SYMBOLS {
            assert_eq!(self.fast.order_book(symbol), self.naive.order_book(symbol));
            assert_eq!(self.fast.quote(symbol), self.naive.quote(symbol));
        }
    }

    fn next_day(&mut self) {
        self.done(&Command::CloseDay);
        let costs = ACCOUNTS
            .map(named)
            .map(|account| (account, self.auditor.costs(account, self)));
        self.auditor.begin_day(BTreeMap::from(costs));
        let calendar = TradingCalendar::builtin();
        let date = calendar.next_trading_day(self.day.date()).unwrap();
        self.day = TradingDay::of_krx(calendar, date).unwrap();
        self.now = self.day.opens();
        self.names.clear();
        self.done(&Command::OpenDay(self.day));
    }

    /// A price some ticks from the last one, now and then anywhere or off the grid.
    fn some_price(&self, rng: &mut ChaCha8Rng, symbol: Symbol) -> Price {
        let quote = self.fast.quote(symbol).unwrap();
        let instrument = self
            .instruments
            .iter()
            .find(|it| it.symbol() == symbol)
            .unwrap();
        let table: TickTable = instrument.tick_table(self.day.date()).unwrap();
        match rng.random_range(0..40) {
            0 => quote.lower_limit.unwrap(),
            1 => quote.upper_limit.unwrap(),
            2 => Price::from_units(rng.random_range(1..quote.last.units() * 2)).unwrap(),
            _ => {
                let index = table.index(quote.last) + rng.random_range(-4..=4);
                table.price_at(index).unwrap_or(quote.last)
            }
        }
    }

    fn some_kind(&self, rng: &mut ChaCha8Rng, symbol: Symbol) -> OrderKind {
        let price = self.some_price(rng, symbol);
        match rng.random_range(0..20) {
            0..=13 => OrderKind::Limit { price },
            14 | 15 => OrderKind::Market,
            16 | 17 => OrderKind::BestLimit,
            18 => OrderKind::TopPriority,
            _ => OrderKind::ConditionalLimit { price },
        }
    }

    fn some_name(&self, rng: &mut ChaCha8Rng) -> OrderRef {
        // Late ones are likely to be open.
        let late = self.names.len().saturating_sub(40);
        match self.names.len() {
            0 => ClientOrderId::new(1).into(),
            len if rng.random_ratio(1, 10) => self.names[rng.random_range(0..len)],
            len => self.names[rng.random_range(late..len)],
        }
    }

    fn step(&mut self, rng: &mut ChaCha8Rng) {
        self.now = self
            .now
            .saturating_add_nanos(rng.random_range(0..20_000_000_000));
        let account = named(ACCOUNTS[rng.random_range(0..3)]);
        let symbol = SYMBOLS[rng.random_range(0..3)];
        let side = if rng.random() { Side::Buy } else { Side::Sell };
        let qty = match rng.random_range(0..50) {
            0 => 0,
            1 => rng.random(),
            2 => 200,
            _ => rng.random_range(1..30),
        };
        let qty = Qty::new(qty);
        match rng.random_range(0..1_000) {
            0..500 => {
                let kind = self.some_kind(rng, symbol);
                let mut request = OrderRequest::new(account, symbol, side, qty, kind);
                request.time_in_force = TimeInForce::ALL[[0, 0, 0, 1, 2][rng.random_range(0..5)]];
                if rng.random_ratio(1, 10) {
                    request.id = self.some_id(rng);
                }
                self.attempt(&Command::Place(request));
            }
            500..640 => {
                let order = self.some_name(rng);
                let mut request = CancelRequest::all(self.owner(order, account), order);
                request.qty = rng.random_ratio(1, 2).then_some(qty);
                self.attempt(&Command::Cancel(request));
            }
            640..780 => {
                let order = self.some_name(rng);
                let price = self.some_price(rng, symbol);
                let owner = self.owner(order, account);
                let mut request = ModifyRequest::to_price(owner, order, price);
                request.qty = rng.random_ratio(1, 2).then_some(qty);
                if let Some(order) = self.fast.order(owner, order) {
                    request.kind = self.some_kind(rng, order.symbol);
                }
                self.attempt(&Command::Modify(request));
            }
            780..900 => self.house_trades(rng, symbol, side, qty),
            900..950 => self.house_cancels(rng),
            950..960 => self.attempt(&Command::CancelAll { account }),
            960..980 => {
                let most = 1_000 * self.fast.quote(SYMBOLS[0]).unwrap().base.units();
                self.deposit(
                    account,
                    Money::from_units(rng.random_range(-most..most / 20)),
                );
            }
            980..990 => {
                let cash = won(rng.random_range(-1..10_000_000));
                let settled = self.fast.balance(account).unwrap().deposit;
                let outcome = self.apply(&Command::SetBalance { account, cash });
                if outcome == Outcome::Done {
                    let amount = cash.units() - settled.units();
                    *self.auditor.paid_in.get_mut(&account).unwrap() += amount;
                }
            }
            990..997 => {
                let qty = rng.random_range(0..20);
                let price = self.some_price(rng, symbol);
                self.grant(account, symbol, qty, price);
            }
            _ => self.next_day(),
        }
    }

    /// An id of an order that is known, or one with a gap before it. (One that is forgotten would be taken again.)
    fn some_id(&self, rng: &mut ChaCha8Rng) -> ClientOrderId {
        let known = |&name: &OrderRef| {
            let orders = ACCOUNTS
                .map(named)
                .map(|account| self.fast.order(account, name));
            orders.into_iter().flatten().next().map(|order| order.id)
        };
        let known: Vec<_> = self.names.iter().filter_map(known).collect();
        let highest = self
            .auditor
            .orders
            .keys()
            .last()
            .copied()
            .unwrap_or_default();
        match known.len() {
            len if len > 0 && rng.random() => known[rng.random_range(0..len)],
            _ => ClientOrderId::new(highest + rng.random_range(1..50)),
        }
    }

    /// Mostly whose the order is.
    fn owner(&self, order: OrderRef, otherwise: AccountId) -> AccountId {
        let owners = ACCOUNTS.map(named).into_iter();
        let mut owners = owners.filter(|&account| self.fast.order(account, order).is_some());
        owners.next().unwrap_or(otherwise)
    }

    fn house_trades(&mut self, rng: &mut ChaCha8Rng, symbol: Symbol, side: Side, qty: Qty) {
        let index = self.fast.symbol_index(symbol).unwrap();
        let (price, now) = (self.some_price(rng, symbol), self.now);
        let (mut fast, mut naive) = (Recorder::default(), Recorder::default());
        if rng.random_ratio(1, 3) {
            let taken = self
                .fast
                .take_house(index, side, price, qty, now, &mut fast);
            let same = self
                .naive
                .take_house(index, side, price, qty, now, &mut naive);
            assert_eq!(taken, same);
        } else {
            let placed = self
                .fast
                .place_house(index, side, price, qty, now, &mut fast);
            let same = self
                .naive
                .place_house(index, side, price, qty, now, &mut naive);
            match (placed, same) {
                (Ok(placed), Ok(same)) => {
                    assert_eq!(placed.filled, same.filled);
                    assert_eq!(placed.resting.is_some(), same.resting.is_some());
                    self.house.extend(placed.resting.zip(same.resting));
                }
                (placed, same) => assert_eq!(placed.err(), same.err()),
            }
        }
        self.agree(&fast, &naive, None);
    }

    fn house_cancels(&mut self, rng: &mut ChaCha8Rng) {
        if self.house.is_empty() {
            return;
        }
        let place = rng.random_range(0..self.house.len());
        let qty = rng.random_ratio(1, 2).then_some(Qty::new(3));
        let (order, twin) = match qty {
            Some(_) => self.house[place],
            None => self.house.swap_remove(place),
        };
        let (mut fast, mut naive) = (Recorder::default(), Recorder::default());
        let left = self.fast.cancel_house(order, qty, self.now, &mut fast);
        let same = self.naive.cancel_house(twin, qty, self.now, &mut naive);
        assert_eq!(left, same);
        self.agree(&fast, &naive, None);
    }
}

/// A history of `steps` commands; returns how many were accepted, refused, and how many trades there were.
fn history(seed: u64, bases: [i64; 3], fees: FeeSchedule, steps: usize) -> [u64; 3] {
    let guard = Seed(seed);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut stage = Stage::new(bases, fees);
    for step in 0..steps {
        stage.step(&mut rng);
        if step % 10 == 0 {
            stage.auditor.compare(&stage);
        }
    }
    stage.auditor.compare(&stage);
    drop(guard);
    [stage.accepted, stage.refused, stage.fills as u64]
}

/// Many short histories, of which enough must have come to something.
fn histories(seeds: std::ops::Range<u64>, bases: [i64; 3], fees: FeeSchedule) {
    const STEPS: usize = 400;
    let count = seeds.end - seeds.start;
    let mut sums = [0; 3];
    for seed in seeds {
        let counts = history(seed, bases, fees, STEPS);
        for (sum, count) in sums.iter_mut().zip(counts) {
            *sum += count;
        }
    }
    let [accepted, refused, fills] = sums.map(|sum| sum / count);
    assert!(
        accepted > 100,
        "only {accepted} commands a history were accepted"
    );
    assert!(
        refused > 25,
        "only {refused} commands a history were refused"
    );
    assert!(fills > 50, "only {fills} trades happened in a history");
}

const ORDINARY: [i64; 3] = [71_000, 35_720, 19_990];
/// Few levels, fees of 10 won on trades of a few won, bands with a lower limit of 1 won.
const PENNIES: [i64; 3] = [12, 30, 3];

#[test]
fn both_books_and_the_auditor_agree_at_ordinary_prices() {
    histories(0..10, ORDINARY, FeeSchedule::KIS);
}

#[test]
fn both_books_and_the_auditor_agree_on_penny_stocks() {
    histories(0..10, PENNIES, FeeSchedule::KIWOOM_MOCK);
}

#[test]
fn both_books_and_the_auditor_agree_with_monstrous_fees() {
    let fees = FeeSchedule::new(500_000_000, 10).unwrap();
    histories(0..10, [20, 500, 26], fees);
}

/// As the tests above, over 200,000 histories.
#[test]
#[ignore = "an hour: cargo test --release --test it long_histories -- --ignored"]
fn long_histories() {
    for seeds in (1_000..101_000)
        .step_by(1_000)
        .map(|first| first..first + 1_000)
    {
        histories(seeds.clone(), ORDINARY, FeeSchedule::KIWOOM);
        histories(seeds, PENNIES, FeeSchedule::KIWOOM_MOCK);
    }
}

#[test]
fn one_seed_is_one_history() {
    let run = || {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let mut stage = Stage::new(ORDINARY, FeeSchedule::KIS);
        for _ in 0..200 {
            stage.step(&mut rng);
        }
        (stage.fast.checksum(), stage.accepted, stage.fills)
    };
    assert_eq!(run(), run());
}

/// The numbers of a day are all different and without gaps.
#[test]
fn order_numbers_are_sequential() {
    let mut world = World::<LadderBook>::with_base(50_000);
    let account = world.customer("a", 10_000_000, 0);
    let mut numbers = Vec::new();
    for step in 0..30 {
        let placed = world.place(buy(account, 2, limit(50_000)));
        let changed = world.modify(account, placed.id.get(), 49_000 + 50 * (step % 7));
        let cancelled = world.cancel(account, placed.id.get());
        numbers.extend([placed, changed, cancelled].map(|receipt| receipt.order_no));
    }
    let expected: Vec<_> = (1..=90).filter_map(OrderNo::new).collect();
    assert_eq!(numbers, expected);
}
