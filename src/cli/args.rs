//! The arguments of the program.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use gwanmun::{
    OrderKind, OrderNo, OrderType, Price, Qty, Symbol, TimeInForce, Timeframe, ValueError, Venue,
};
use jiff::civil::Date;

use super::exit;

const ABOUT: &str =
    "Trades Korean markets through one gateway: KIS, CREON, KIWOOM, or MOCK, a simulated exchange.";

const LONG_ABOUT: &str = "\
Trades Korean markets through one gateway: KIS, CREON, KIWOOM, or MOCK, a simulated exchange.

The configuration is the file of --config, or gwanmun.toml in this directory, or, without either, MOCK with one paper \
account. MOCK lives inside the process: every command meets a fresh exchange of its own at the opening of its first day, \
and nothing stays after it. Its clock stands still unless a command waits for the market.";

const EXAMPLES: &str = "\
Examples:
  gwanmun demo                                    a market maker over twelve recorded days
  gwanmun demo --orders 100000 --strategy momentum --json
  gwanmun quote 005930
  gwanmun buy 005930 10 --price 71000             limit order
  gwanmun buy 005930 10 --type MARKET --watch-for 5
  gwanmun sell 005930 10 --price 71500 --tif IOC --yes
  gwanmun cancel 0000012345
  gwanmun watch 005930 | head
  gwanmun candles 005930 --timeframe 5m --json
  gwanmun doctor --config kis.toml                what a connection needs, and what is missing of it
  gwanmun journal mock-2026-11-24.journal         what an order journal holds
  gwanmun emulate kis                             a KIS server on this machine";

const DEMO_ABOUT: &str = "Runs a trading loop on MOCK and prints what came of it";

// On the variant, because its own words would hide those of its arguments.
const DEMO_LONG_ABOUT: &str = "\
Runs a trading loop on MOCK and prints what came of it.\n\nThe strategy trades through the same gateway as \
any program would: one half of the orders by `submit_order`, the other by awaited `place_order`, with \
modifications and cancels between them. What it did is added up from the executions alone, fees and taxes \
included, and compared with the cash and shares that the gateway reports: a difference is an exit code of 1. The \
same seed gives the same output, apart from the section `timing`.\n\nThe demo makes its own MOCK with one account: \
--config and --account are not for it.";

#[derive(Debug, Parser)]
#[command(
    name = "gwanmun",
    version,
    about = ABOUT,
    long_about = LONG_ABOUT,
    after_help = "`gwanmun help <command>` explains a command; `gwanmun --help` shows examples and exit codes.",
    after_long_help = format!("{EXAMPLES}\n\n{}", exit::HELP),
    max_term_width = 100,
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// The configuration [default: gwanmun.toml where it exists, else MOCK]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// The account, by number or name [default: the first of the configuration]
    #[arg(long, global = true, value_name = "ACCOUNT")]
    pub(crate) account: Option<String>,

    /// JSON for programs instead of tables for people
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Sends orders of a real account without asking
    #[arg(long, short, global = true)]
    pub(crate) yes: bool,

    /// Logs on stderr, for example `info` or `gwanmun=debug`
    #[arg(long, global = true, value_name = "FILTER", env = "GWANMUN_LOG")]
    pub(crate) log: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(about = DEMO_ABOUT, long_about = DEMO_LONG_ABOUT)]
    Demo(DemoArgs),
    /// Shows the state of an issue
    Quote(IssueArgs),
    /// Shows the ten-level order book of an issue
    Book(IssueArgs),
    /// Buys
    Buy(OrderArgs),
    /// Sells
    Sell(OrderArgs),
    /// Cancels an order, or a part of it
    Cancel(CancelArgs),
    /// Lists the orders that may still be filled
    Orders,
    /// Lists what the account holds
    Positions,
    /// Shows the cash of the account and what it is worth
    Balance,
    /// Shows trades and books as they come, until Ctrl-C
    Watch(WatchArgs),
    /// Shows candles
    Candles(CandleArgs),
    /// Looks at everything that a connection needs, step by step, and places no order
    Doctor,
    /// Shows what an order journal holds
    Journal(JournalArgs),
    /// Runs a broker's server on this machine, with the simulated exchange behind it
    #[cfg(all(feature = "emulator", feature = "kis"))]
    Emulate(EmulateArgs),
}

#[cfg(all(feature = "emulator", feature = "kis"))]
#[derive(Debug, Args)]
pub(crate) struct EmulateArgs {
    #[command(subcommand)]
    pub(crate) broker: EmulatedBroker,
}

/// Whose server.
#[cfg(all(feature = "emulator", feature = "kis"))]
#[derive(Debug, Subcommand)]
pub(crate) enum EmulatedBroker {
    /// KIS Open API, REST and WebSocket on one port
    Kis(EmulateKisArgs),
}

#[cfg(all(feature = "emulator", feature = "kis"))]
#[derive(Debug, Args)]
#[command(
    long_about = "Runs a server that speaks the KIS Open API, REST and WebSocket on one port of this machine, until Ctrl-C.\n\nIt \
        prints its addresses, an app key and an account that are made up, and a snippet for Python. Any client of KIS works \
        with it once its addresses are changed; no order leaves this machine.",
    after_long_help = format!(
        "Examples:\n  gwanmun emulate kis\n  gwanmun emulate kis --paper --port 0 --json\n  gwanmun emulate kis --fault \
            never-answer@new-orders~200\n  gwanmun emulate kis --faults 7\n  gwanmun emulate kis --layout 2023\n\nFaults, \
            some with =VALUE: {}\nTargets: {}",
        gwanmun::emulator::kis::Fault::names().collect::<Vec<_>>().join(", "),
        gwanmun::emulator::kis::Target::ALL.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", "),
    )
)]
pub(crate) struct EmulateKisArgs {
    /// The port; 0 takes any that is free
    #[arg(long, default_value_t = 9443)]
    pub(crate) port: u16,

    /// The paper server (모의투자) instead of the real one
    #[arg(long)]
    pub(crate) paper: bool,

    /// Where prices come from: a seed, or a CSV file of candles with the header time,open,high,low,close,volume
    #[arg(long, default_value = "1", value_name = "SEED|FILE")]
    pub(crate) market: String,

    /// When the market is open
    #[arg(long, value_enum, default_value_t = EmulatedHours::Always)]
    pub(crate) hours: EmulatedHours,

    /// How wide stream records are
    #[arg(long, value_enum, default_value_t = EmulatedLayout::Current)]
    pub(crate) layout: EmulatedLayout,

    /// TLS with a certificate made on the spot
    #[arg(long)]
    pub(crate) tls: bool,

    /// Where --tls writes the certificate that clients are to trust
    #[arg(long, value_name = "FILE", default_value = "gwanmun-emulator-ca.pem")]
    pub(crate) ca: PathBuf,

    /// The faults of a bad day, by this seed
    #[arg(long, value_name = "SEED")]
    pub(crate) faults: Option<u64>,

    /// A fault: NAME[=VALUE][@TARGET][~PER_MILLE]; may be given several times
    #[arg(long, value_name = "FAULT")]
    pub(crate) fault: Vec<gwanmun::emulator::kis::Rule>,
}

#[cfg(all(feature = "emulator", feature = "kis"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EmulatedHours {
    /// At any hour, on weekends too
    Always,
    /// In the continuous session of KRX
    Krx,
}

#[cfg(all(feature = "emulator", feature = "kis"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EmulatedLayout {
    /// As documented in 2023: what old client libraries insist on
    #[value(name = "2023")]
    Y2023,
    /// As captured up to July 2026
    #[value(name = "mid-2026")]
    Mid2026,
    /// Since September 2026
    Current,
}

#[cfg(all(feature = "emulator", feature = "kis"))]
impl EmulatedLayout {
    pub(crate) const fn layout(self) -> gwanmun::emulator::kis::Layout {
        match self {
            Self::Y2023 => gwanmun::emulator::kis::Layout::Y2023,
            Self::Mid2026 => gwanmun::emulator::kis::Layout::Mid2026,
            Self::Current => gwanmun::emulator::kis::Layout::Current,
        }
    }
}

#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  gwanmun demo\n  gwanmun demo --orders 1000000 --json > run.json\n  gwanmun demo --market \
        gbm --strategy momentum --seed 7\n  gwanmun demo --faults 7\n  gwanmun demo --candles my-candles.csv"
)]
pub(crate) struct DemoArgs {
    /// New orders to send
    #[arg(long, value_name = "N", default_value_t = 10_000, allow_negative_numbers = true,
        value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    pub(crate) orders: u64,

    /// Where all randomness comes from: one seed, one history
    #[arg(long, default_value_t = 1, allow_negative_numbers = true,
        value_parser = clap::value_parser!(u64).range(..=i64::MAX.cast_unsigned()))]
    pub(crate) seed: u64,

    /// Recorded candles to replay: CSV with the header time,open,high,low,close,volume; RFC 3339 times, whole won
    #[arg(long, value_name = "FILE", conflicts_with = "market")]
    pub(crate) candles: Option<PathBuf>,

    /// What moves the prices
    #[arg(long, value_enum, default_value_t = DemoMarket::Replay)]
    pub(crate) market: DemoMarket,

    /// Requests a second that the limiter lets through; such a run depends on the wall clock and does not repeat
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) rate_limit: Option<u32>,

    /// Trades on a bad line instead, with faults from that seed, and compares the order desk's books with the exchange's
    #[arg(long, value_name = "SEED", conflicts_with_all = ["rate_limit", "strategy"],
        value_parser = clap::value_parser!(u64).range(..=i64::MAX.cast_unsigned()))]
    pub(crate) faults: Option<u64>,

    /// What trades
    #[arg(long, value_enum, default_value_t = StrategyName::MarketMaker)]
    pub(crate) strategy: StrategyName,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DemoMarket {
    /// Twelve recorded days of 005930
    Replay,
    /// A seeded geometric Brownian motion
    Gbm,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StrategyName {
    /// Joins the best bid and the best ask and leans against what it holds
    MarketMaker,
    /// Buys into rises and sells into falls
    Momentum,
}

#[derive(Debug, Args)]
pub(crate) struct IssueArgs {
    /// The issue: 6 letters and digits, such as 005930
    pub(crate) symbol: Symbol,

    /// KRX, NXT or SOR
    #[arg(long, default_value = "KRX")]
    pub(crate) venue: Venue,
}

#[derive(Debug, Args)]
#[command(
    after_long_help = "On MOCK the order meets a fresh exchange inside this process and ends with it; --watch-for shows \
        what becomes of it meanwhile.\n\nExamples:\n  gwanmun buy 005930 10 --price 71000\n  gwanmun buy 005930 10 --type \
        MARKET --watch-for 5\n  gwanmun sell 005930 10 --type BEST_LIMIT --tif IOC"
)]
pub(crate) struct OrderArgs {
    #[command(flatten)]
    pub(crate) issue: IssueArgs,

    /// Shares, at least 1
    #[arg(value_parser = parse_qty, allow_negative_numbers = true)]
    pub(crate) qty: Qty,

    /// The limit price in won, on the tick grid
    #[arg(long, allow_negative_numbers = true)]
    pub(crate) price: Option<Price>,

    /// LIMIT, MARKET, CONDITIONAL_LIMIT, BEST_LIMIT, TOP_PRIORITY, MID_PRICE, STOP_LIMIT, PRE_CLOSE or POST_CLOSE
    #[arg(long = "type", default_value = "LIMIT", value_name = "TYPE")]
    pub(crate) order_type: OrderType,

    /// The last price that lets a stop limit in
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true)]
    pub(crate) stop: Option<Price>,

    /// DAY, IOC or FOK
    #[arg(long = "tif", default_value = "DAY", value_name = "TIF")]
    pub(crate) time_in_force: TimeInForce,

    /// Shows what becomes of the order for so long, or until it has ended, or Ctrl-C
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds, allow_negative_numbers = true)]
    pub(crate) watch_for: Option<Duration>,
}

impl OrderArgs {
    /// The kind with its prices, or what is missing or too much.
    pub(crate) fn kind(&self) -> Result<OrderKind, String> {
        let order_type = self.order_type;
        let price = || {
            self.price
                .ok_or_else(|| format!("--type {order_type} needs a price: add --price"))
        };
        let kind = match order_type {
            OrderType::Limit => OrderKind::Limit { price: price()? },
            OrderType::Market => OrderKind::Market,
            OrderType::ConditionalLimit => OrderKind::ConditionalLimit { price: price()? },
            OrderType::BestLimit => OrderKind::BestLimit,
            OrderType::TopPriority => OrderKind::TopPriority,
            OrderType::MidPrice => OrderKind::MidPrice,
            OrderType::StopLimit => OrderKind::StopLimit {
                stop: self
                    .stop
                    .ok_or_else(|| format!("--type {order_type} needs a stop: add --stop"))?,
                price: price()?,
            },
            OrderType::PreClose => OrderKind::PreClose,
            OrderType::PostClose => OrderKind::PostClose,
        };
        if kind.limit_price().is_none() && self.price.is_some() {
            return Err(format!(
                "--type {order_type} has no price: leave --price out"
            ));
        }
        if order_type != OrderType::StopLimit && self.stop.is_some() {
            return Err(format!("--type {order_type} has no stop: leave --stop out"));
        }
        Ok(kind)
    }
}

#[derive(Debug, Args)]
#[command(
    after_long_help = "On MOCK every command meets a fresh exchange, where no order of an earlier command exists."
)]
pub(crate) struct CancelArgs {
    /// The broker's order number
    #[arg(allow_negative_numbers = true)]
    pub(crate) order_no: OrderNo,

    /// Only so many shares [default: all that is left]
    #[arg(long, value_parser = parse_qty, allow_negative_numbers = true)]
    pub(crate) qty: Option<Qty>,
}

#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  gwanmun watch 005930\n  gwanmun watch 005930 --trades --count 100 --json"
)]
pub(crate) struct WatchArgs {
    /// The issues
    #[arg(required = true)]
    pub(crate) symbols: Vec<Symbol>,

    /// KRX, NXT or SOR
    #[arg(long, default_value = "KRX")]
    pub(crate) venue: Venue,

    /// Only trades
    #[arg(long, conflicts_with = "books")]
    pub(crate) trades: bool,

    /// Only books
    #[arg(long)]
    pub(crate) books: bool,

    /// Ends after so many events, at least 1
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) count: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct CandleArgs {
    #[command(flatten)]
    pub(crate) issue: IssueArgs,

    /// Minutes such as 1m or 5m, or 1d, 1w, 1M
    #[arg(long, default_value = "1d")]
    pub(crate) timeframe: Timeframe,

    /// The first date, such as 2026-11-01 [default: 30 days before the last]
    #[arg(long, value_parser = parse_date)]
    pub(crate) from: Option<Date>,

    /// The last date [default: the day of the last quote]
    #[arg(long, value_parser = parse_date)]
    pub(crate) to: Option<Date>,
}

#[derive(Debug, Args)]
#[command(
    long_about = "Shows what an order journal holds: one line a record, in the order of writing.\n\nThe file is not changed \
        and not locked, so the journal of a running gateway may be looked at; its last record may then be seen half \
        written. A torn end, which the next start drops, is shown as such. Damage anywhere before the end stops a start: \
        what stands before it is shown, and the exit code is 1.",
    after_long_help = "Examples:\n  gwanmun journal mock-2026-11-24.journal\n  gwanmun journal mock-2026-11-24.journal --json"
)]
pub(crate) struct JournalArgs {
    /// The file
    pub(crate) file: PathBuf,
}

fn parse_qty(text: &str) -> Result<Qty, ValueError> {
    let qty: Qty = text.parse()?;
    if qty.is_zero() {
        return Err(ValueError::new("quantity", text, "at least 1 share"));
    }
    Ok(qty)
}

fn parse_seconds(text: &str) -> Result<Duration, ValueError> {
    const SECONDS_MAX: u64 = 86_400;
    text.parse()
        .ok()
        .filter(|seconds| (1..=SECONDS_MAX).contains(seconds))
        .map(Duration::from_secs)
        .ok_or_else(|| ValueError::new("seconds", text, "a whole number from 1 to 86400"))
}

fn parse_date(text: &str) -> Result<Date, ValueError> {
    text.parse()
        .map_err(|_| ValueError::new("date", text, "a date such as 2026-11-24"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    fn kind(arguments: &str) -> Result<OrderKind, String> {
        let words = format!("gwanmun buy 005930 10 {arguments}");
        let parsed = Arguments::try_parse_from(words.split_whitespace()).unwrap();
        let Command::Buy(order) = parsed.command else {
            unreachable!("the command is `buy`")
        };
        order.kind()
    }

    #[test]
    fn prices_go_with_the_types_that_have_them() {
        let price = Price::from_won(71_000).unwrap();
        assert_eq!(kind("--price 71000"), Ok(OrderKind::Limit { price }));
        assert_eq!(kind("--type market"), Ok(OrderKind::Market));
        for (arguments, remedy) in [
            ("", "--price"),
            ("--type MARKET --price 1", "leave --price out"),
            ("--price 1 --stop 1", "leave --stop out"),
            ("--type STOP_LIMIT --price 1", "add --stop"),
        ] {
            let error = kind(arguments).unwrap_err();
            assert!(error.contains(remedy), "{error}");
        }
    }
}
