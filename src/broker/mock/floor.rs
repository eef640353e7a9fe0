//! The trading floor of a MOCK: the exchange, what moves its prices, and its clock.

use jiff::civil::Date;

use super::relay::{Feed, Relay};
use crate::config::{BrokerConfig, FeeTariff};
use crate::contract::Publisher;
use crate::domain::{
    AccountType, BrokerType, Candle, CandleRequest, ExecutionEvent, Instrument, MarketEvent,
    SETTLEMENT_DAYS, Segment, Timestamp, Timetable, Topic, TradingCalendar, Venue,
};
use crate::error::{Error, Result};
use crate::sim::{Capacity, Command, Exchange, Listing, NoEvents, Outcome, Tariff, TradingDay};

/// Everything behind the lock of a MOCK.
#[derive(Debug)]
pub(super) struct Floor {
    exchange: Exchange,
    feed: Feed,
    now: Timestamp,
    day: TradingDay,
    /// Whether the day is open, or has ended.
    open: bool,
}

impl Floor {
    /// The floor at the opening of its first day.
    pub(super) fn new(config: &BrokerConfig) -> Result<Self> {
        let mock = config.mock_config();
        let day = trading_day(
            mock.trading_date
                .unwrap_or(crate::config::MockConfig::DEFAULT_DATE),
        )?;
        let now = day.opens();
        let capacity = Capacity {
            history: mock.history,
            fills: mock.history,
            ..Capacity::default()
        };
        let mut exchange = Exchange::new(capacity);
        let mut setup = |command: Command| carry_out(&mut exchange, &command, now);
        for issue in &mock.symbols {
            let instrument = Instrument::new(issue.symbol, &issue.name, issue.market, issue.kind)?;
            setup(Command::List(Listing {
                instrument,
                base: issue.base_price,
            }))?;
        }
        let tariff = tariff(mock.fees);
        for account in config.accounts() {
            let account = account.account_id;
            setup(Command::OpenAccount { account, tariff })?;
            setup(Command::Deposit {
                account,
                amount: mock.cash,
            })?;
        }
        setup(Command::OpenDay(day))?;
        let feed = Feed::new(mock.symbols.iter().map(|issue| issue.symbol));
        Ok(Self {
            exchange,
            feed,
            now,
            day,
            open: true,
        })
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

    /// Moves the clock: a day ends when its session does, and the next one begins at its opening.
    pub(super) fn advance(
        &mut self,
        span_ns: i64,
        executions: &Publisher<ExecutionEvent>,
        market_data: &Publisher<MarketEvent>,
    ) {
        let until = self.now.saturating_add_nanos(span_ns);
        while let Some(at) = self.next_turn().filter(|&at| at <= until) {
            self.now = at;
            let turn = if self.open {
                Some(Command::CloseDay)
            } else {
                self.next_day().map(Command::OpenDay)
            };
            let Some(turn) = turn else { break };
            let outcome = self.apply(&turn, executions, market_data);
            debug_assert_eq!(outcome, Outcome::Done, "a day ends and begins");
            match turn {
                Command::OpenDay(day) => (self.day, self.open) = (day, true),
                _ => self.open = false,
            }
        }
        self.now = until;
    }

    /// When the day ends, or the next one begins; `None` beyond the calendar.
    fn next_turn(&self) -> Option<Timestamp> {
        if self.open {
            Some(self.day.closes())
        } else {
            self.next_day().map(|day| day.opens())
        }
    }

    fn next_day(&self) -> Option<TradingDay> {
        trading_day(self.day.next()).ok()
    }

    /// Carries out a command now.
    #[inline]
    pub(super) fn apply(
        &mut self,
        command: &Command,
        executions: &Publisher<ExecutionEvent>,
        market_data: &Publisher<MarketEvent>,
    ) -> Outcome {
        let mut relay = Relay {
            executions,
            market_data,
            feed: &mut self.feed,
        };
        let outcome = self.exchange.apply(command, self.now, &mut relay);
        self.feed.send_books(&self.exchange, market_data);
        outcome
    }
}

fn carry_out(exchange: &mut Exchange, command: &Command, now: Timestamp) -> Result<()> {
    match exchange.apply(command, now, &mut NoEvents) {
        Outcome::Refused(refusal) => {
            let why = refusal
                .message
                .as_deref()
                .unwrap_or(refusal.reason.remedy());
            Err(Error::invalid("mock", refusal.reason, why))
        }
        Outcome::Accepted(_) | Outcome::Cancelled(_) | Outcome::Done => Ok(()),
    }
}

/// A day of the calendar, as the exchange wants it.
fn trading_day(date: Date) -> Result<TradingDay> {
    let calendar = TradingCalendar::builtin();
    let timetable = Timetable::on(date, calendar)?;
    let continuous = timetable
        .sessions(Venue::Krx)
        .find(|session| session.segment == Segment::Continuous)
        .ok_or_else(|| Error::invalid("mock.trading_date", date, "a trading day of KRX"))?;
    let opens = Timestamp::from_kst(date, continuous.matching.start)?;
    let closes = Timestamp::from_kst(date, continuous.matching.end)?;
    let next = calendar.next_trading_day(date)?;
    let settles = calendar.settlement_date(date, SETTLEMENT_DAYS)?;
    Ok(TradingDay::new(date, opens, closes, next, settles)?)
}

const fn tariff(fees: FeeTariff) -> Tariff {
    let (broker, account) = match fees {
        FeeTariff::Kis => (BrokerType::Kis, AccountType::Real),
        FeeTariff::Kiwoom => (BrokerType::Kiwoom, AccountType::Real),
        FeeTariff::KiwoomPaper => (BrokerType::Kiwoom, AccountType::Paper),
        FeeTariff::Creon => (BrokerType::Creon, AccountType::Real),
        FeeTariff::None => return Tariff::FREE,
    };
    Tariff::of_broker(broker, account)
}
