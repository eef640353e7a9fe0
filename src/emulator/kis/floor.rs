//! The trading floor: the exchange, what moves its prices, its clock, and the tapes that quotes and streams are made of.

use jiff::civil::{Date, Time};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::settings::{Hours, Issue, Settings};
use super::tape::{Origin, Print, Tape};
use crate::domain::{
    ExecutionEvent, Instrument, Symbol, TickTable, Timestamp, Trade, TradingCalendar,
};
use crate::emulator::clock::Clock;
use crate::error::{Error, Result};
use crate::sim::{
    Capacity, Command, Events, Exchange, Gbm, GbmParams, LiquidityParams, Listing, MarketModel,
    MarketStep, NoEvents, Outcome, PricePath, Replay, ReplayParams, SymbolIndex, Tariff,
};

/// Everything that trades.
#[derive(Debug)]
pub(super) struct Floor {
    exchange: Exchange,
    model: MarketModel,
    /// By place in the settings, which is the exchange's too.
    tapes: Vec<Tape>,
    clock: Clock,
    hours: Hours,
    pace: i64,
    /// Trading time at the start.
    origin: Timestamp,
    /// Nights left out so far.
    skipped_ns: i64,
    now: Timestamp,
}

/// What happened since somebody last looked.
#[derive(Debug, Default)]
pub(super) struct News {
    pub(super) happenings: Vec<Happening>,
    pub(super) prints: Vec<Print>,
    /// Places of the issues whose books changed, in the order of the first change.
    pub(super) books: Vec<usize>,
}

/// What orders are concerned with, in the order of happening.
#[derive(Debug)]
pub(super) enum Happening {
    Execution(ExecutionEvent),
    /// A trading day began: yesterday's order numbers mean nothing.
    DayOpened,
}

impl Floor {
    pub(super) fn new(settings: &Settings, clock: Clock) -> Result<Self> {
        let market = &settings.market;
        let recorded = market.recording.as_ref();
        let hours = match (market.hours, recorded) {
            // A recording brings its dates.
            (Hours::RoundTheClock | Hours::Krx, Some(recording)) => Hours::Simulated(
                Timestamp::from_kst(recording.first_date(), Time::midnight())?,
            ),
            (hours, _) => hours,
        };
        let calendar = TradingCalendar::builtin();
        let mut origin = match hours {
            Hours::RoundTheClock | Hours::Krx => clock.now(),
            Hours::Simulated(start) => start,
        };
        let mut model = match hours {
            Hours::RoundTheClock => MarketModel::round_the_clock(whole_second(origin))?,
            Hours::Krx | Hours::Simulated(_) => MarketModel::new(calendar, origin.kst_date())?,
        };
        let mut exchange = Exchange::new(Capacity::default());
        let mut tapes = Vec::with_capacity(market.issues.len());
        for (place, issue) in market.issues.iter().enumerate() {
            let path = path(settings, place, issue)?;
            let base = match &path {
                Some(PricePath::Replay(_)) => {
                    on_the_grid(issue, path.as_ref(), origin.kst_date()).unwrap_or(issue.base)
                }
                Some(PricePath::Gbm(_)) | None => issue.base,
            };
            let instrument = Instrument::new(issue.symbol, &issue.name, issue.market, issue.kind)?;
            let instrument = match issue.nxt {
                true => instrument.with_nxt_listed(true)?,
                false => instrument,
            };
            let listing = Command::List(Listing { instrument, base });
            set_up(&mut exchange, origin, &listing)?;
            if let Some(path) = path {
                let liquidity = LiquidityParams::new(draw(settings, place, Purpose::Liquidity));
                model.add(&exchange, issue.symbol, path, liquidity)?;
            }
            tapes.push(Tape::new(Origin {
                issue: issue.clone(),
                base,
                first: origin.kst_date(),
                seed: draw(settings, place, Purpose::Past),
            }));
        }
        for client in &settings.clients {
            let account = client.account;
            let tariff = Tariff::of_broker(crate::domain::BrokerType::Kis, settings.account_type);
            let amount = client.cash;
            set_up(
                &mut exchange,
                origin,
                &Command::OpenAccount { account, tariff },
            )?;
            set_up(&mut exchange, origin, &Command::Deposit { account, amount })?;
            for &(symbol, qty, average_price) in &client.positions {
                let add = Command::AddPosition {
                    account,
                    symbol,
                    qty,
                    average_price,
                };
                set_up(&mut exchange, origin, &add)?;
            }
        }
        if matches!(hours, Hours::Simulated(_)) {
            // A simulated clock does not wait for the first opening.
            origin = origin.max(model.next_at().unwrap_or(origin));
        }
        let mut floor = Self {
            exchange,
            model,
            tapes,
            clock,
            hours,
            pace: i64::from(market.pace.max(1)),
            origin,
            skipped_ns: 0,
            now: origin,
        };
        floor.advance(&mut News::default());
        Ok(floor)
    }

    /// What trading time it is.
    pub(super) const fn now(&self) -> Timestamp {
        self.now
    }

    pub(super) const fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    pub(super) const fn hours(&self) -> Hours {
        self.hours
    }

    pub(super) fn tape(&self, place: usize) -> &Tape {
        &self.tapes[place]
    }

    /// The place of an issue.
    pub(super) fn place(&self, symbol: Symbol) -> Option<usize> {
        let index = self.exchange.symbol_index(symbol)?;
        usize::try_from(index.get()).ok()
    }

    /// The date that orders belong to.
    pub(super) fn date(&self) -> Date {
        let open = self.exchange.trading_date();
        open.unwrap_or_else(|| self.now.kst_date())
    }

    /// Lets the time pass that has passed.
    pub(super) fn advance(&mut self, news: &mut News) {
        let elapsed = self.clock.elapsed_ns().saturating_mul(self.pace);
        let mut until = self
            .origin
            .saturating_add_nanos(elapsed)
            .saturating_add_nanos(self.skipped_ns);
        while let Some(at) = self.model.next_at().filter(|&at| at <= until) {
            self.now = self.now.max(at);
            let mut relay = Relay {
                tapes: &mut self.tapes,
                news,
            };
            let step = self.model.step(&mut self.exchange, &mut relay);
            match step {
                Some(MarketStep::DayOpened(_)) => {
                    news.happenings.push(Happening::DayOpened);
                    for tape in &mut self.tapes {
                        tape.open_day();
                    }
                }
                Some(MarketStep::DayClosed(_)) => {
                    let next = self.model.next_at();
                    if let (Hours::Simulated(_), Some(next)) = (self.hours, next) {
                        let night = next.nanos_since(at).max(0);
                        self.skipped_ns = self.skipped_ns.saturating_add(night);
                        until = until.saturating_add_nanos(night);
                    }
                }
                Some(MarketStep::Moved(_)) | None => {}
            }
        }
        self.now = self.now.max(until);
    }

    /// Carries out a command now.
    pub(super) fn apply(&mut self, command: &Command, news: &mut News) -> Outcome {
        let mut relay = Relay {
            tapes: &mut self.tapes,
            news,
        };
        self.exchange.apply(command, self.now, &mut relay)
    }

    /// Somebody in the market trades against what rests there.
    pub(super) fn take(
        &mut self,
        symbol: Symbol,
        side: crate::domain::Side,
        price: crate::domain::Price,
        qty: crate::domain::Qty,
        news: &mut News,
    ) -> Option<crate::domain::Qty> {
        let index = self.exchange.symbol_index(symbol)?;
        let mut relay = Relay {
            tapes: &mut self.tapes,
            news,
        };
        let taken = self
            .exchange
            .take_house(index, side, price, qty, self.now, &mut relay);
        taken.ok()
    }
}

/// Hands on what the exchange tells.
#[derive(Debug)]
struct Relay<'a> {
    tapes: &'a mut [Tape],
    news: &'a mut News,
}

impl Events for Relay<'_> {
    fn execution(&mut self, event: ExecutionEvent) {
        self.news.happenings.push(Happening::Execution(event));
    }

    fn trade(&mut self, trade: Trade) {
        let tape = self
            .tapes
            .iter_mut()
            .position(|tape| tape.symbol() == trade.symbol);
        if let Some(place) = tape {
            let print = self.tapes[place].print(place, trade);
            self.news.prints.push(print);
        }
    }

    fn book_changed(&mut self, index: SymbolIndex, _: Symbol) {
        if let Ok(place) = usize::try_from(index.get())
            && !self.news.books.contains(&place)
        {
            self.news.books.push(place);
        }
    }
}

/// What moves the price of an issue; nothing in a market without a house.
fn path(settings: &Settings, place: usize, issue: &Issue) -> Result<Option<PricePath>> {
    /// One point a second: as often as a busy issue trades.
    const GBM_STEP_NS: i64 = 1_000_000_000;
    /// One point every five seconds of a five-minute candle.
    const REPLAY_STEPS: u32 = 60;
    const BASIS_POINTS_PER_PERCENT: u32 = 100;
    let market = &settings.market;
    if !market.house {
        return Ok(None);
    }
    let seed = draw(settings, place, Purpose::Path);
    let recording = market.recording.as_ref().filter(|_| place == 0);
    let path = match recording {
        Some(recording) => {
            let params = ReplayParams {
                seed,
                steps: REPLAY_STEPS,
            };
            PricePath::Replay(Replay::new(recording.clone(), params)?)
        }
        None => PricePath::Gbm(Gbm::new(GbmParams {
            seed,
            start: issue.base,
            drift_bp: 0,
            volatility_bp: issue
                .volatility_percent
                .saturating_mul(BASIS_POINTS_PER_PERCENT),
            step_ns: GBM_STEP_NS,
        })?),
    };
    Ok(Some(path))
}

/// A recorded price may lie between two ticks; a base price may not.
fn on_the_grid(
    issue: &Issue,
    path: Option<&PricePath>,
    date: Date,
) -> Option<crate::domain::Price> {
    let table = TickTable::of(issue.kind, issue.market, date).ok()?;
    table.floor(path?.first_price())
}

const fn whole_second(at: Timestamp) -> Timestamp {
    const NANOS_PER_SECOND: i64 = 1_000_000_000;
    Timestamp::from_nanos(at.nanos() - at.nanos().rem_euclid(NANOS_PER_SECOND))
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
    Past,
}

/// A seed of its own for each issue and purpose: the house must not draw the numbers that move the price.
fn draw(settings: &Settings, place: usize, purpose: Purpose) -> u64 {
    const PURPOSES: u64 = 3;
    let mut random = ChaCha8Rng::seed_from_u64(settings.market.seed);
    let place = u64::try_from(place).unwrap_or(u64::MAX);
    random.set_stream(place.wrapping_mul(PURPOSES).wrapping_add(purpose as u64));
    random.next_u64()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::symbol;

    fn floor(hours: Hours) -> Floor {
        let mut settings = Settings::real();
        settings.market.hours = hours;
        settings.market.issues.truncate(2);
        let clock = Clock::starting_at("2026-11-28T02:15:00.5+09:00".parse().unwrap());
        Floor::new(&settings, clock).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn round_the_clock_there_are_quotes_at_once_on_a_saturday_night() {
        let mut floor = floor(Hours::RoundTheClock);
        let quote = floor.exchange().quote(symbol!("005930")).unwrap();
        assert!(quote.bid.is_some() && quote.ask.is_some());
        assert_eq!(floor.date(), jiff::civil::date(2026, 11, 28));
        tokio::time::advance(Duration::from_secs(60)).await;
        let mut news = News::default();
        floor.advance(&mut news);
        assert!(!news.prints.is_empty() && !news.books.is_empty());
        assert_eq!(floor.now(), "2026-11-28T02:16:00.5+09:00".parse().unwrap());
        // Midnight is another day, and the market is open there too.
        tokio::time::advance(Duration::from_secs(22 * 3600)).await;
        floor.advance(&mut news);
        assert!(matches!(news.happenings[..], [Happening::DayOpened]));
        assert_eq!(floor.date(), jiff::civil::date(2026, 11, 29));
        assert!(floor.exchange().is_open_at(floor.now()));
    }

    #[tokio::test(start_paused = true)]
    async fn in_exchange_hours_a_saturday_is_closed() {
        let floor = floor(Hours::Krx);
        assert!(!floor.exchange().is_open_at(floor.now()));
    }

    #[tokio::test(start_paused = true)]
    async fn simulated_nights_have_no_length() {
        let start = "2026-11-27T15:19:00+09:00".parse().unwrap();
        let mut floor = floor(Hours::Simulated(start));
        assert!(floor.exchange().is_open_at(floor.now()));
        tokio::time::advance(Duration::from_secs(120)).await;
        floor.advance(&mut News::default());
        assert!(floor.exchange().is_open_at(floor.now()), "{}", floor.now());
        assert_eq!(floor.date(), jiff::civil::date(2026, 11, 30));
        assert_eq!(floor.now(), "2026-11-30T09:01:00+09:00".parse().unwrap());
    }
}
