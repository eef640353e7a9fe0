//! `demo`: a trading loop on MOCK, and what came of it.

mod costs;
mod latency;
mod report;
mod strategy;
mod tally;

use std::io::{self, IsTerminal, Write};

use gwanmun::{
    AccountId, BrokerConfig, BrokerGateway, BrokerType, CancelRequest, ClientOrderId,
    ExecutionEvent, FeeSchedule, Gateway, MarketSource, MockConfig, MockSymbol, ModifyRequest,
    OrderRequest, OrderResult, Quote, Side, Subscription, Symbol, Timestamp, TryRecvError, Venue,
};

use super::args::{Common, DemoArgs, DemoMarket, StrategyName};
use super::exit::Failure;
use super::output::Output;
use costs::Costs;
use latency::{Latency, Stopwatch};
use report::{Commands, Reconciled, Report, Run, Timing, Turnover};
use strategy::{Change, Strategy, Turn, View};
use tally::Tally;

/// The venue of the demo's orders.
const VENUE: Venue = Venue::Krx;

pub(crate) async fn run(
    common: &Common,
    args: &DemoArgs,
    output: &mut Output,
) -> Result<(), Failure> {
    if common.config.is_some() {
        return Err(Failure::Usage(
            "demo makes its own MOCK: leave --config out, and see --seed, --market and --candles"
                .to_owned(),
        ));
    }
    let gateway = Gateway::new(configure(args)?)?;
    gateway.connect().await?;
    let mut trader = Trader::new(&gateway, args).await?;
    let report = trader.run(args).await?;
    gateway.disconnect().await?;
    output.answer(&report, Report::people)?;
    if report.agrees() {
        Ok(())
    } else {
        Err(Failure::Other(format!(
            "the gateway's books differ from the executions by {} won and {} shares: this is a defect, please report it \
             with the arguments of this run",
            report.cash.difference, report.shares.difference
        )))
    }
}

fn configure(args: &DemoArgs) -> Result<BrokerConfig, Failure> {
    let mut mock = MockConfig::default();
    mock.seed = args.seed;
    mock.market = match args.market {
        DemoMarket::Replay => MarketSource::Replay,
        DemoMarket::Gbm => MarketSource::Gbm,
    };
    mock.candles = args.candles.clone();
    let config = BrokerConfig::builder(BrokerType::Mock).mock(mock).build();
    Ok(config.map_err(gwanmun::Error::from)?)
}
