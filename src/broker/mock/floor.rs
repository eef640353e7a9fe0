//! The trading floor of a MOCK: the exchange, what moves its prices, and its clock.

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::faults::Line;
use super::journal::Journals;
use super::list::List;
use super::orders::Orders;
use super::reconciliation::Reconciliation;
use super::relay::{Feed, Relay};
use crate::config::{BrokerConfig, MarketSource, MockConfig, MockSymbol};
use crate::contract::{Overflow, Publisher};
use crate::domain::{
    Candle, CandleRequest, ExecutionEvent, Instrument, InstrumentKind, MarketEvent, Price,
    TickTable, Timestamp, Topic, TradingCalendar,
};
use crate::error::{Error, Result};
use crate::orders::desk::Row;
use crate::sim::{
    Capacity, Command, Exchange, Gbm, GbmParams, LiquidityParams, Listing, MarketModel, MarketStep,
    NoEvents, Outcome, PricePath, RecordedCandles, Replay, ReplayParams, Tariff,
};

/// Everything behind the lock of a MOCK.
#[derive(Debug)]
pub(super) struct Floor {
    exchange: Exchange,
    model: MarketModel,
    feed: Feed,
    pub(super) now: Timestamp,
    pub(super) orders: Orders,
    /// The broker's order list of the day.
    pub(super) list: List,
    /// What the exchange has told and was not carried on yet.
    news: Vec<ExecutionEvent>,
    /// The rows of the list that is being read.
    pub(super) rows: Vec<Row>,
    /// How long a connection may take to be made.
    pub(super) connect_within: Duration,
    /// A bad line between desks and exchange, where one is asked for.
    pub(super) line: Option<Box<Line>>,
    /// What the days that are over came to.
    pub(super) reconciled: Reconciliation,
    /// Why the day has no desks.
    unopened: Option<Error>,
}

/// Where the news of the floor go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outlets<'a> {
    pub(super) executions: &'a Publisher<ExecutionEvent>,
    pub(super) market_data: &'a Publisher<MarketEvent>,
}

impl Floor {
    /// The floor at the opening of its first day, with the house's first quotes in the book.
    pub(super) fn new(config: &BrokerConfig) -> Result<Self> {
        let mock = config.mock_config();
        let recording = recording(mock)?;
        let first = mock.trading_date.unwrap_or_else(|| {
            let recorded = recording
                .as_ref()
                .and_then(|recording| recording.candles().first());
            recorded.map_or(MockConfig::DEFAULT_DATE, |candle| candle.start.kst_date())
        });
        let calendar = TradingCalendar::builtin();
        if !calendar.is_trading_day(first)? {
            let next = calendar.next_trading_day(first)?;
            let expected = format!("a trading day of KRX, such as {next}");
            let what = match (&mock.trading_date, &mock.candles) {
                (None, Some(_)) => "first date of mock.candles",
                (Some(_), _) | (None, None) => "mock.trading_date",
            };
            return Err(Error::invalid(what, first, expected));
        }
        let midnight = Timestamp::from_kst(first, jiff::civil::Time::midnight())?;
        let mut model = MarketModel::new(calendar, first)?;
        let capacity = Capacity {
            history: mock.history,
            fills: mock.history,
            ..Capacity::default()
        };
        let mut exchange = Exchange::new(capacity);
        for (place, issue) in mock.symbols.iter().enumerate() {
            let path = path(
                mock,
                issue,
                seed(mock, place, Purpose::Path),
                recording.as_ref(),
            )?;
            let base = path.as_ref().map_or(issue.base_price, |path| {
                whole_ticks(issue, path.first_price(), first)
            });
            let instrument = Instrument::new(issue.symbol, &issue.name, issue.market, issue.kind)?;
            set_up(
                &mut exchange,
                midnight,
                &Command::List(Listing { instrument, base }),
            )?;
            if let Some(path) = path {
                let liquidity = LiquidityParams::new(seed(mock, place, Purpose::Liquidity));
                model.add(&exchange, issue.symbol, path, liquidity)?;
            }
        }
        let tariff = Tariff {
            stock: mock.fees.schedule(InstrumentKind::Stock),
            product: mock.fees.schedule(InstrumentKind::Etf),
        };
        for account in config.accounts() {
            let account = account.account_id;
            set_up(
                &mut exchange,
                midnight,
                &Command::OpenAccount { account, tariff },
            )?;
            set_up(
                &mut exchange,
                midnight,
                &Command::Deposit {
                    account,
                    amount: mock.cash,
                },
            )?;
        }
        let now = model.next_at().unwrap_or(Timestamp::EPOCH);
        let feed = Feed::new(mock.symbols.iter().map(|issue| issue.symbol));
        let mut floor = Self {
            exchange,
            model,
            feed,
            now,
            orders: Orders::new(config, now),
            list: List::new(mock.history),
            news: Vec::with_capacity(64),
            rows: Vec::new(),
            connect_within: config.timeouts().connect,
            line: mock
                .faults
                .map(|faults| Box::new(Line::new(faults, config.accounts().len(), mock.history))),
            reconciled: Reconciliation::default(),
            unopened: None,
        };
        if let Some(journals) = Journals::open(config, now.kst_date(), now)? {
            floor.orders.keep_journals(journals);
        }
        floor.begin(mock)?;
        Ok(floor)
    }

    /// Moves the clock to the opening. A market with a house is never without quotes: there the clock starts when every
    /// issue has its first.
    ///
    /// # Errors
    /// When the market is over before that, or the first day has no journal.
    fn begin(&mut self, mock: &MockConfig) -> Result<()> {
        // Nobody can have subscribed yet, but the first trades belong into the candles.
        let outlets = Outlets {
            executions: &Publisher::new(1, Overflow::Keep),
            market_data: &Publisher::new(1, Overflow::DropOldest),
        };
        self.advance(0, outlets);
        while mock.market != MarketSource::None && !has_quotes(&self.exchange) {
            let Some(next) = self.model.next_at() else {
                let expected = "candles that begin inside the continuous session of a trading day";
                let file = mock
                    .candles
                    .as_ref()
                    .map_or_else(String::new, |path| path.display().to_string());
                return Err(Error::invalid("mock.candles", file, expected));
            };
            self.advance(next.nanos_since(self.now), outlets);
        }
        if let Some(error) = self.unopened.take() {
            return Err(error);
        }
        // On a bad line the first list may take a while, and nothing is sent before it.
        let patience = self.now.saturating_add_nanos(FIRST_LIST_NS);
        while self.orders.is_blocked() && self.step(patience, outlets) {}
        Ok(())
    }

    pub(super) const fn now(&self) -> Timestamp {
        self.now
    }

    pub(super) const fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    pub(super) fn subscribe(&mut self, topics: &[Topic]) -> Result<()> {
        self.feed.set(topics, true)
    }

    pub(super) fn unsubscribe(&mut self, topics: &[Topic]) -> Result<()> {
        self.feed.set(topics, false)
    }

    pub(super) fn candles(&self, request: &CandleRequest) -> Option<Vec<Candle>> {
        self.feed.candles(request)
    }

    pub(super) fn load_candles(&mut self, candles: Vec<Candle>) -> Result<()> {
        self.feed.load(candles)
    }

    /// Moves the clock: prices walk, desks look at their lists, days end and begin.
    pub(super) fn advance(&mut self, span_ns: i64, outlets: Outlets<'_>) {
        let until = self.now.saturating_add_nanos(span_ns);
        while self.step(until, outlets) {}
        self.now = until;
        self.orders.rest();
    }

    /// Does what happens next, if that is not later than `until`.
    pub(super) fn step(&mut self, until: Timestamp, outlets: Outlets<'_>) -> bool {
        let model = self.model.next_at();
        let wake = self.orders.wake_at(self.now);
        let arrival = self.line.as_ref().and_then(|line| line.next_at());
        let Some(at) = model
            .into_iter()
            .chain(wake)
            .chain(arrival)
            .min()
            .filter(|&at| at <= until)
        else {
            return false;
        };
        self.now = self.now.max(at);
        if arrival == Some(at) {
            self.receive(outlets);
        } else if wake == Some(at) {
            self.orders.tick(self.now);
            self.take_effects(outlets);
        } else {
            self.move_market(outlets);
        }
        true
    }

    /// The market's next move, and what follows from it for the orders.
    fn move_market(&mut self, outlets: Outlets<'_>) {
        // What the day came to can be asked for until the next one begins.
        let is_over = self.line.is_some() && !self.exchange.is_open_at(self.now);
        let reconciled = is_over.then(|| self.reconciliation());
        let mut relay = Relay {
            news: &mut self.news,
            market_data: outlets.market_data,
            feed: &mut self.feed,
        };
        let step = self.model.step(&mut self.exchange, &mut relay);
        if let Some(MarketStep::DayOpened(day)) = step {
            self.list.clear();
            if let Some(line) = &mut self.line {
                line.clear();
            }
            self.reconciled = reconciled.unwrap_or(self.reconciled);
            self.open_desks(day.date(), outlets);
        }
        self.carry_news(None, outlets);
        self.feed.send_books(&self.exchange, outlets.market_data);
    }

    /// The desks of a day.
    fn open_desks(&mut self, date: Date, outlets: Outlets<'_>) {
        if let Err(error) = self.orders.open_day(&mut self.exchange, date, self.now) {
            tracing::error!(%date, %error, "no desks for the day: no orders are taken");
            self.orders.close();
            self.unopened = Some(error);
            return;
        }
        self.take_effects(outlets);
        self.orders.end_orphans(self.now);
        self.take_effects(outlets);
    }

    /// Carries out a command now. What it means for orders waits in `news`.
    #[inline]
    pub(super) fn apply(&mut self, command: &Command, outlets: Outlets<'_>) -> Outcome {
        let mut relay = Relay {
            news: &mut self.news,
            market_data: outlets.market_data,
            feed: &mut self.feed,
        };
        let outcome = self.exchange.apply(command, self.now, &mut relay);
        self.feed.send_books(&self.exchange, outlets.market_data);
        outcome
    }

    /// What the exchange has told, to be given back empty.
    pub(super) fn take_news(&mut self) -> Vec<ExecutionEvent> {
        std::mem::take(&mut self.news)
    }

    pub(super) fn give_back(&mut self, mut news: Vec<ExecutionEvent>) {
        news.clear();
        self.news = news;
    }
}

/// The longest wait for the first list: ten minutes.
const FIRST_LIST_NS: i64 = 600 * 1_000_000_000;

/// The recording that is replayed, if one is.
fn recording(mock: &MockConfig) -> Result<Option<Arc<RecordedCandles>>> {
    let (MarketSource::Replay, Some(issue)) = (mock.market, mock.symbols.first()) else {
        return Ok(None);
    };
    let Some(path) = &mock.candles else {
        return Ok(Some(Arc::new(RecordedCandles::samsung_2025_10().clone())));
    };
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::io(format!("reading mock.candles, {file}"), error))?;
    Ok(Some(Arc::new(RecordedCandles::from_csv(
        &file,
        issue.symbol,
        &text,
    )?)))
}

/// What moves the price of an issue; nothing in a market without a house.
fn path(
    mock: &MockConfig,
    issue: &MockSymbol,
    seed: u64,
    recording: Option<&Arc<RecordedCandles>>,
) -> Result<Option<PricePath>> {
    /// One point a second: as often as a busy issue trades.
    const GBM_STEP_NS: i64 = 1_000_000_000;
    /// One point every five seconds of a five-minute candle.
    const REPLAY_STEPS: u32 = 60;
    const BASIS_POINTS_PER_PERCENT: u32 = 100;
    let path = match (mock.market, recording) {
        (MarketSource::Gbm, _) => PricePath::Gbm(Gbm::new(GbmParams {
            seed,
            start: issue.base_price,
            drift_bp: issue
                .drift_percent
                .saturating_mul(BASIS_POINTS_PER_PERCENT.cast_signed()),
            volatility_bp: issue
                .volatility_percent
                .saturating_mul(BASIS_POINTS_PER_PERCENT),
            step_ns: GBM_STEP_NS,
        })?),
        (MarketSource::Replay, Some(recording)) => {
            let params = ReplayParams {
                seed,
                steps: REPLAY_STEPS,
            };
            PricePath::Replay(Replay::new(Arc::clone(recording), params)?)
        }
        (MarketSource::Replay, None) | (MarketSource::None, _) => return Ok(None),
    };
    Ok(Some(path))
}

/// A recorded price may lie between two ticks (mid-price trades do); a base price may not.
fn whole_ticks(issue: &MockSymbol, price: Price, first: Date) -> Price {
    let table = TickTable::of(issue.kind, issue.market, first);
    table
        .ok()
        .and_then(|table| table.floor(price))
        .unwrap_or(issue.base_price)
}

fn has_quotes(exchange: &Exchange) -> bool {
    let mut symbols = exchange.instruments().map(Instrument::symbol);
    symbols.all(|symbol| {
        exchange
            .quote(symbol)
            .is_some_and(|quote| quote.bid.is_some() || quote.ask.is_some())
    })
}

fn set_up(exchange: &mut Exchange, at: Timestamp, command: &Command) -> Result<()> {
    match exchange.apply(command, at, &mut NoEvents) {
        Outcome::Refused(refusal) => Err(Error::Simulation(refusal.words().into())),
        Outcome::Accepted(_) | Outcome::Cancelled(_) | Outcome::Done => Ok(()),
    }
}

/// What randomness is for.
#[derive(Clone, Copy, Debug)]
enum Purpose {
    Path,
    Liquidity,
}

/// A seed of its own for each issue and purpose: the house must not draw the numbers that move the price.
fn seed(mock: &MockConfig, place: usize, purpose: Purpose) -> u64 {
    let mut random = ChaCha8Rng::seed_from_u64(mock.seed);
    let place = u64::try_from(place).unwrap_or(u64::MAX);
    random.set_stream(place.wrapping_mul(2).wrapping_add(purpose as u64));
    random.next_u64()
}
