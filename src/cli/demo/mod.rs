//! `demo`: a trading loop on MOCK, and what came of it.

mod costs;
mod faults;
mod latency;
mod report;
mod schedule;
mod strategy;
mod tally;

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

use gwanmun::config::{FaultConfig, FeeTariff, MarketSource, MockConfig};
use gwanmun::sim::RecordedCandles;
use gwanmun::{
    AccountId, AccountType, Balance, BrokerConfig, BrokerGateway, BrokerType, CancelRequest,
    ClientOrderId, ConfigError, ConfigProblem, Error, ExecutionEvent, FeeSchedule, Gateway,
    InstrumentKind, Market, Mock, ModifyRequest, Money, OrderRequest, OrderResult, Side,
    Subscription, Symbol, TryRecvError, ValueError, Venue,
};

use super::args::{Common, DemoArgs, DemoMarket, StrategyName};
use super::connect::open;
use super::exit::Failure;
use super::output::Output;
use costs::Costs;
use latency::{Latency, Stopwatch};
use report::{Commands, Reconciled, Report, Run, Timing, Turnover};
use schedule::Schedule;
use strategy::{Change, Strategy, Turn, View};
use tally::{Tally, TallyError};

/// The venue of the demo's orders.
const VENUE: Venue = Venue::Krx;
/// What the account starts with: taxes of a million orders are high.
const CASH_WON: i64 = 10_000_000_000;
/// Trading days without a recording.
const GBM_DAYS: usize = 12;

pub(crate) async fn run(
    common: &Common,
    args: &DemoArgs,
    output: &mut Output,
) -> Result<(), Failure> {
    for (given, option) in [
        (common.config.is_some(), "--config"),
        (common.account.is_some(), "--account"),
    ] {
        if given {
            return Err(Failure::Usage(format!(
                "demo makes its own MOCK: leave {option} out, and see --seed, --market and --candles"
            )));
        }
    }
    let config = configure(args)?;
    let symbol = config.mock_config().symbols[0].symbol;
    let schedule = schedule(args, &config, symbol)?;
    let gateway = open(config)?;
    gateway.connect().await?;
    if args.faults.is_some() {
        return faults::run(&gateway, symbol, args, &schedule, output).await;
    }
    let trader = Trader::new(&gateway, symbol, args.strategy).await?;
    let report = trader.run(args, &schedule).await?;
    gateway.disconnect().await?;
    output.answer(&report, Report::people)?;
    if report.agrees() {
        return Ok(());
    }
    let Report { cash, shares, .. } = &report;
    Err(Failure::Other(format!(
        "the gateway's books differ from the executions by {} won and {} shares: this is a defect, please report it with \
         the arguments of this run",
        cash.difference, shares.difference
    )))
}

fn configure(args: &DemoArgs) -> Result<BrokerConfig, Failure> {
    let mut mock = MockConfig::default();
    mock.seed = args.seed;
    mock.fees = FeeTariff::Kis;
    mock.market = match args.market {
        DemoMarket::Replay => MarketSource::Replay,
        DemoMarket::Gbm => MarketSource::Gbm,
    };
    mock.candles.clone_from(&args.candles);
    mock.faults = args.faults.map(FaultConfig::new);
    mock.cash = Money::from_won(CASH_WON).map_err(Error::from)?;
    let mut builder = BrokerConfig::builder(BrokerType::Mock).mock(mock);
    if let Some(rate_limit) = args.rate_limit {
        builder = builder.rate_limit(rate_limit);
    }
    Ok(builder.build()?)
}

/// When the orders are sent.
fn schedule(args: &DemoArgs, config: &BrokerConfig, symbol: Symbol) -> Result<Schedule, Failure> {
    let schedule = match (args.market, &args.candles) {
        (DemoMarket::Gbm, _) => {
            let mock = config.mock_config();
            let first = mock.trading_date.unwrap_or(MockConfig::DEFAULT_DATE);
            Schedule::of_days(first, GBM_DAYS, args.orders).map_err(Error::from)?
        }
        (DemoMarket::Replay, None) => {
            Schedule::of_recording(RecordedCandles::samsung_2025_10(), args.orders)
                .map_err(Error::from)?
        }
        (DemoMarket::Replay, Some(path)) => {
            Schedule::of_recording(&read_candles(path, symbol)?, args.orders)
                .map_err(|error| in_file(path, error))?
        }
    };
    Ok(schedule)
}

fn read_candles(path: &Path, symbol: Symbol) -> Result<RecordedCandles, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::io(format!("reading the candles {}", path.display()), error))?;
    Ok(RecordedCandles::from_csv(
        &path.display().to_string(),
        symbol,
        &text,
    )?)
}

/// What a file of candles has wrong as a whole: its dates.
fn in_file(path: &Path, error: ValueError) -> ConfigError {
    ConfigError {
        problems: vec![ConfigProblem {
            place: None,
            field: format!("{}: {}", path.display(), error.what).into(),
            found: error.found,
            expected: error.expected,
        }],
    }
}

/// The trading loop.
#[derive(Debug)]
struct Trader<'a> {
    gateway: &'a Gateway,
    mock: &'a Mock,
    account: AccountId,
    symbol: Symbol,
    strategy: Strategy,
    executions: Subscription<ExecutionEvent>,
    opening: Balance,
    tally: Tally,
    costs: Costs,
    commands: Commands,
    submit: Latency,
    place: Latency,
}

impl<'a> Trader<'a> {
    async fn new(
        gateway: &'a Gateway,
        symbol: Symbol,
        strategy: StrategyName,
    ) -> Result<Self, Failure> {
        let mock = gateway
            .as_mock()
            .ok_or_else(|| Failure::Other("the demo's gateway is not MOCK".to_owned()))?;
        let account = gateway.accounts()[0].account_id;
        // Before the first order, so that no execution is missed.
        let executions = gateway.executions();
        let opening = gateway.balance(account).await?;
        let kind = InstrumentKind::Stock;
        let fees = FeeSchedule::of_broker(BrokerType::Kis, AccountType::Real, kind, VENUE);
        Ok(Self {
            gateway,
            mock,
            account,
            symbol,
            strategy: Strategy::new(strategy),
            executions,
            tally: Tally::new(opening.deposit_d2),
            opening,
            costs: Costs::new(fees, Market::Kospi, kind),
            commands: Commands::default(),
            submit: Latency::new(),
            place: Latency::new(),
        })
    }

    async fn run(mut self, args: &DemoArgs, schedule: &Schedule) -> Result<Report, Failure> {
        let from = self.mock.now();
        let started = Stopwatch::start();
        let progress = Progress::new(args.orders);
        for number in 0..args.orders {
            let wait = schedule.at(number).nanos_since(self.mock.now());
            self.mock
                .advance(Duration::from_nanos(wait.max(0).unsigned_abs()));
            self.read_executions()?;
            self.turn(number).await?;
            progress.done(number + 1);
        }
        self.read_executions()?;
        let elapsed_ns = started.nanos();
        let usage = self.gateway.rate_limiter().usage();
        for result in self.gateway.cancel_all_orders(self.account).await? {
            match result {
                Ok(result) => self.count(&result),
                Err(error) => self.not_sent(&error),
            }
        }
        self.read_executions()?;
        let closing = self.gateway.balance(self.account).await?;
        let positions = self.gateway.positions(self.account).await?;
        let quote = self.gateway.quote(self.symbol, VENUE).await?;
        let cash = Reconciled::cash(&self.opening, &self.tally, &closing);
        Ok(Report {
            run: Run {
                market: market_name(args),
                strategy: strategy_name(args.strategy),
                symbol: self.symbol,
                seed: args.seed,
                from,
                to: self.mock.now(),
                last_price: quote.last,
            },
            commands: self.commands,
            executions: self.tally.counts,
            money: Turnover::of(&self.tally),
            profit: self.tally.profit(quote.last),
            cash: cash.ok_or_else(|| Failure::from(TallyError::OutOfRange))?,
            shares: Reconciled::shares(&self.tally, &positions),
            positions,
            timing: Timing {
                elapsed_ms: elapsed_ns / 1_000_000,
                orders_per_second: per_second(args.orders, elapsed_ns),
                submit_order: self.submit.summary(),
                place_order: self.place.summary(),
                limiter: usage,
                limiter_percent: percent(usage.used, usage.limit),
            },
        })
    }

    /// One new order, and a change of an older one before it where the strategy wants that.
    async fn turn(&mut self, number: u64) -> Result<(), Failure> {
        let book = self.gateway.order_book(self.symbol, VENUE).await?;
        let quote = self.gateway.quote(self.symbol, VENUE).await?;
        let turn = self.strategy.turn(
            number,
            &View {
                book: &book,
                last: quote.last,
                held: self.tally.held.get(),
                buying: self.tally.on_order(Side::Buy),
                selling: self.tally.on_order(Side::Sell),
                waiting: self.tally.waiting(),
            },
        );
        if let Some(change) = turn.change {
            self.change(change).await?;
        }
        // Pairs, so that both kinds of call send both sides.
        self.send(&turn, number % 4 < 2).await
    }

    async fn change(&mut self, change: Change) -> Result<(), Failure> {
        let account = self.account;
        let result = match change {
            Change::Modify { id, price } => {
                self.commands.modifications += 1;
                let request = ModifyRequest::to_price(account, id, price);
                self.gateway.modify_order(&request).await
            }
            Change::Cancel { id } => {
                self.commands.cancels += 1;
                let request = CancelRequest::all(account, id);
                self.gateway.cancel_order(&request).await
            }
        };
        match result {
            Ok(result) => self.count(&result),
            Err(error) => self.not_sent(&error),
        }
        Ok(())
    }

    async fn send(&mut self, turn: &Turn, submits: bool) -> Result<(), Failure> {
        let request = OrderRequest::new(self.account, self.symbol, turn.side, turn.qty, turn.kind)
            .with_venue(VENUE)
            .with_time_in_force(turn.time_in_force);
        let started = Stopwatch::start();
        let id = if submits {
            let id = self.gateway.submit_order(&request);
            self.submit.record(started);
            self.commands.submitted += 1;
            id
        } else {
            let result = self.gateway.place_order(&request).await;
            self.place.record(started);
            self.commands.placed += 1;
            result.map(|result| {
                self.count(&result);
                id_of(&result)
            })
        };
        match id {
            // Its executions are read afterwards, so the order is noted in time.
            Ok(id) => self.tally.sent(id, &request),
            Err(error) => self.not_sent(&error),
        }
        Ok(())
    }

    fn count(&mut self, result: &OrderResult) {
        if let OrderResult::Unknown(pending) = result {
            tracing::warn!(
                id = pending.id.get(),
                "nobody knows what became of an order"
            );
            self.commands.unknown += 1;
        }
    }

    fn not_sent(&mut self, error: &Error) {
        tracing::warn!(%error, "an order command was not sent");
        self.commands.not_sent += 1;
    }

    /// Takes all news into the demo's books.
    fn read_executions(&mut self) -> Result<(), Failure> {
        loop {
            match self.executions.try_recv() {
                Ok(event) => {
                    let costs = &mut self.costs;
                    let charges = |side, traded, fill: &_| costs.charges(side, traded, fill);
                    self.tally.add(&event, charges)?;
                }
                Err(TryRecvError::Empty | TryRecvError::Closed) => return Ok(()),
                // Executions are never dropped; were they, the demo's books would be worth nothing.
                Err(TryRecvError::Lagged(count)) => {
                    return Err(Failure::Other(format!(
                        "{count} executions were lost: this is a defect"
                    )));
                }
            }
        }
    }
}

impl From<TallyError> for Failure {
    fn from(error: TallyError) -> Self {
        Self::Other(format!(
            "the executions do not add up: {error}: this is a defect"
        ))
    }
}

/// The number of an order, whatever became of it.
const fn id_of(result: &OrderResult) -> ClientOrderId {
    match result {
        OrderResult::Accepted(receipt) => receipt.id,
        OrderResult::Refused(refusal) => refusal.id,
        OrderResult::Unknown(pending) => pending.id,
    }
}

const fn market_name(args: &DemoArgs) -> &'static str {
    match (args.market, &args.candles) {
        (DemoMarket::Gbm, _) => "geometric Brownian motion",
        (DemoMarket::Replay, None) => "recorded candles of October 2025",
        (DemoMarket::Replay, Some(_)) => "recorded candles",
    }
}

const fn strategy_name(strategy: StrategyName) -> &'static str {
    match strategy {
        StrategyName::MarketMaker => "market maker",
        StrategyName::Momentum => "momentum",
    }
}

/// `count` in `nanos`, by the second.
fn per_second(count: u64, nanos: u64) -> u64 {
    let per_second = u128::from(count) * 1_000_000_000 / u128::from(nanos.max(1));
    u64::try_from(per_second).unwrap_or(u64::MAX)
}

fn percent(used: usize, limit: Option<usize>) -> u64 {
    let percent = limit.map_or(0, |limit| used.saturating_mul(100) / limit.max(1));
    u64::try_from(percent).unwrap_or(u64::MAX)
}

/// Tells a person at a terminal how far a long run is.
#[derive(Debug)]
struct Progress {
    total: u64,
    /// Orders from one message to the next; none where nobody looks, or the run is short.
    every: Option<u64>,
}

impl Progress {
    /// Shorter runs are over before anybody wonders.
    const TOTAL_MIN: u64 = 50_000;

    fn new(total: u64) -> Self {
        let shown = total >= Self::TOTAL_MIN && io::stderr().is_terminal();
        Self {
            total,
            every: shown.then_some(total / 100),
        }
    }

    fn done(&self, count: u64) {
        if self.every.is_some_and(|every| count.is_multiple_of(every)) {
            let end = if count == self.total { '\n' } else { '\r' };
            let percent = count * 100 / self.total;
            // A terminal that went away is no reason to stop.
            let _ = write!(
                io::stderr(),
                "{count} of {} orders, {percent} %{end}",
                self.total
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_do_not_overflow() {
        assert_eq!(per_second(10_000, 500_000_000), 20_000);
        assert_eq!(per_second(u64::MAX, 0), u64::MAX);
        assert_eq!((percent(5, Some(20)), percent(5, None)), (25, 0));
    }
}
