//! The knobs of MOCK: the simulated exchange and what moves its prices.

use std::path::PathBuf;

use jiff::civil::Date;

use super::faults::FaultConfig;
use crate::domain::text::text_enum;
use crate::domain::{
    AccountType, BrokerType, FeeSchedule, InstrumentKind, Market, Money, Price, Symbol, Venue,
};

/// Settings of MOCK. In a file: section `[mock]`; other brokers check it and do not use it, so that one word turns a
/// tried configuration into a real one.
///
/// ```toml
/// broker_type = "MOCK"
///
/// [mock]
/// seed = 7
/// market = "GBM"
/// cash = 50_000_000
///
/// [[mock.symbols]]
/// symbol = "0155E0"
/// base_price = 12_340
/// volatility_percent = 45
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MockConfig {
    /// Where all randomness comes from: one seed, one history. `seed`, 0 to 2^63 − 1, default 1.
    pub seed: u64,
    /// The first simulated day, which must be a trading day of the built-in calendar. `trading_date = 2026-11-24`; default: the recording's
    /// first day under REPLAY, [`MockConfig::DEFAULT_DATE`] otherwise.
    pub trading_date: Option<Date>,
    /// What each account starts with. `cash`, 0 to 10 trillion whole won, default 100,000,000.
    pub cash: Money,
    /// Finished orders that can still be asked for; beyond it the oldest are forgotten. `history`, 1,000 to 10,000,000,
    /// default 100,000.
    pub history: usize,
    /// Whose fees are charged. `fees`, default KIS.
    pub fees: FeeTariff,
    /// What moves the prices. `market`, default GBM.
    pub market: MarketSource,
    /// The recording that REPLAY plays: a CSV file, relative to the folder of the configuration file. `candles`;
    /// default: the recording of 005930 that is built in. Only with REPLAY.
    pub candles: Option<PathBuf>,
    /// How much faster than the wall clock the simulated one runs. `pace`, 0 to 100,000; 0, the default, moves it on
    /// request only, so that a run repeats exactly.
    pub pace: u32,
    /// The issues traded. `symbols`, 1 to 256, exactly one under REPLAY; default: 005930.
    pub symbols: Vec<MockSymbol>,
    /// Where order commands are written down before they are sent: a directory, relative to the folder of the
    /// configuration file, made if it is not there. It gets one file an account and trading day,
    /// `account-<place>/<gateway>-<date>.journal`, and the kill switch, `<gateway>.trading-state`. The next start begins
    /// again from them. `journal_dir`; default: none, no journal, and a kill switch that ends with the process.
    pub journal_dir: Option<PathBuf>,
    /// What the journal survives. `durability`, default PROCESS_CRASH. Only with `journal_dir`.
    pub durability: JournalDurability,
    /// What goes wrong between the order desk and the exchange. `[mock.faults]`; default: nothing.
    pub faults: Option<FaultConfig>,
}

impl MockConfig {
    /// The simulated day unless the configuration names one: Tuesday, 24 November 2026, a normal trading day.
    pub const DEFAULT_DATE: Date = jiff::civil::date(2026, 11, 24);
}

impl Default for MockConfig {
    fn default() -> Self {
        const DEFAULT_CASH_UNITS: i64 = 100_000_000 * crate::domain::UNITS_PER_WON;
        Self {
            seed: 1,
            trading_date: None,
            cash: Money::from_units(DEFAULT_CASH_UNITS),
            history: 100_000,
            fees: FeeTariff::Kis,
            market: MarketSource::Gbm,
            candles: None,
            pace: 0,
            symbols: vec![MockSymbol::SAMSUNG],
            journal_dir: None,
            durability: JournalDurability::ProcessCrash,
            faults: None,
        }
    }
}

/// One simulated issue. In a file: `[[mock.symbols]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MockSymbol {
    /// The short code; no two alike. `symbol`, required.
    pub symbol: Symbol,
    /// What people call it: 1 to 64 characters. `name`, default: the code.
    pub name: std::borrow::Cow<'static, str>,
    /// The market it is listed on, which decides its taxes. `market`, default KOSPI.
    pub market: Market,
    /// What it is, which decides its ticks, band and taxes. `kind`, default STOCK.
    pub kind: InstrumentKind,
    /// The first day's base price (기준가격), from which the daily band follows. `base_price`, whole won on the tick
    /// grid, 1 to 100,000,000, required.
    pub base_price: Price,
    /// Standard deviation of a year's log return under GBM. `volatility_percent`, 0 to 500, default 30.
    pub volatility_percent: u32,
    /// Mean of a year's log return under GBM. `drift_percent`, −200 to 200, default 0.
    pub drift_percent: i32,
}

impl MockSymbol {
    const SAMSUNG: Self = Self {
        symbol: crate::symbol!("005930"),
        name: std::borrow::Cow::Borrowed("Samsung Electronics"),
        market: Market::Kospi,
        kind: InstrumentKind::Stock,
        base_price: Price::from_units(71_000 * crate::domain::UNITS_PER_WON)
            // A positive constant.
            .expect("a price above zero"),
        volatility_percent: Self::DEFAULT_VOLATILITY_PERCENT,
        drift_percent: 0,
    };

    const DEFAULT_VOLATILITY_PERCENT: u32 = 30;

    /// A KOSPI stock with the defaults for all else.
    pub fn new(symbol: Symbol, base_price: Price) -> Self {
        Self {
            symbol,
            name: symbol.as_str().to_owned().into(),
            market: Market::Kospi,
            kind: InstrumentKind::Stock,
            base_price,
            volatility_percent: Self::DEFAULT_VOLATILITY_PERCENT,
            drift_percent: 0,
        }
    }
}

text_enum! {
    /// Whose fees MOCK charges.
    pub enum FeeTariff("fees") {
        /// KIS online.
        Kis = "KIS",
        /// KIWOOM online.
        Kiwoom = "KIWOOM",
        /// KIWOOM's paper trading, many times the real fee.
        KiwoomPaper = "KIWOOM_PAPER",
        /// CREON online.
        Creon = "CREON",
        /// No fees. Taxes are charged all the same.
        None = "NONE",
    }
}

impl FeeTariff {
    /// The fee for that kind of issue on the exchange.
    pub const fn schedule(self, kind: InstrumentKind) -> FeeSchedule {
        let (broker, account) = match self {
            Self::None => return FeeSchedule::FREE,
            Self::Kis => (BrokerType::Kis, AccountType::Real),
            Self::Kiwoom => (BrokerType::Kiwoom, AccountType::Real),
            Self::KiwoomPaper => (BrokerType::Kiwoom, AccountType::Paper),
            Self::Creon => (BrokerType::Creon, AccountType::Real),
        };
        FeeSchedule::of_broker(broker, account, kind, Venue::Krx)
    }
}

text_enum! {
    /// What a journal record survives once it is written.
    pub enum JournalDurability("durability") {
        /// The end of the process at any point.
        ProcessCrash = "PROCESS_CRASH",
        /// The end of the machine: each record is on the disk before its command is sent.
        PowerLoss = "POWER_LOSS",
    }
}

text_enum! {
    /// What moves MOCK's prices.
    pub enum MarketSource("market") {
        /// A seeded geometric Brownian motion with liquidity around it.
        Gbm = "GBM",
        /// A recording of candles, with liquidity around it.
        Replay = "REPLAY",
        /// Nothing: only the orders of the gateway's own accounts meet.
        None = "NONE",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tariff_is_that_brokers_schedule() {
        let stock = InstrumentKind::Stock;
        for (tariff, schedule) in [
            (FeeTariff::Kis, FeeSchedule::KIS),
            (FeeTariff::Kiwoom, FeeSchedule::KIWOOM),
            (FeeTariff::KiwoomPaper, FeeSchedule::KIWOOM_MOCK),
            (FeeTariff::Creon, FeeSchedule::CREON),
            (FeeTariff::None, FeeSchedule::FREE),
        ] {
            assert_eq!(tariff.schedule(stock), schedule);
        }
        let etf = FeeTariff::Kis.schedule(InstrumentKind::Etf);
        assert_eq!(etf, FeeSchedule::KIS_PRODUCT);
    }
}
