//! The market around the customers: price paths and liquidity, carried out on one exchange.
//!
//! The model walks the points of its paths in the order of their times and rolls the days: it opens a day when it
//! begins, closes it when it ends, and goes on with the next trading day, or with the next recorded one. What happens
//! next, and when, is always known ([`MarketModel::next_at`]), so the caller decides whether to wait for it
//! ([`MarketModel::advance_to`]) or to jump there ([`MarketModel::step`]).

use jiff::civil::Date;

use super::book::{Book, Tick};
use super::command::{Command, Outcome};
use super::day::TradingDay;
use super::events::{Events, SymbolIndex};
use super::exchange::Exchange;
use super::house::HouseOrder;
use super::liquidity::{Liquidity, LiquidityParams, Plan};
use super::paths::{PathPoint, PricePath};
use crate::domain::{Side, Symbol, Timestamp, TradingCalendar, ValueError};

/// What moves the prices of an exchange. One seed, one history.
#[derive(Debug)]
pub struct MarketModel {
    calendar: &'static TradingCalendar,
    issues: Vec<Issue>,
    state: State,
}

/// Where the model stands between days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// This day comes next.
    Before(TradingDay),
    Open(TradingDay),
    /// No day comes: the recording or the calendar has ended.
    Over,
}

/// One issue, its path and the house's quotes.
#[derive(Debug)]
struct Issue {
    index: SymbolIndex,
    path: PricePath,
    liquidity: Liquidity,
    next: Option<PathPoint>,
    bids: Quotes,
    asks: Quotes,
}

/// What happened in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarketStep {
    /// A trading day began.
    DayOpened(TradingDay),
    /// A path reached a point.
    Moved(Timestamp),
    /// A trading day ended.
    DayClosed(TradingDay),
}

impl MarketModel {
    /// A market without issues, whose first day is `first` or, where that is not a trading day, the next one.
    ///
    /// # Errors
    /// When the calendar does not know the day.
    pub fn new(calendar: &'static TradingCalendar, first: Date) -> Result<Self, ValueError> {
        let date = if calendar.is_trading_day(first)? {
            first
        } else {
            calendar.next_trading_day(first)?
        };
        Ok(Self {
            calendar,
            issues: Vec::new(),
            state: State::Before(TradingDay::of_krx(calendar, date)?),
        })
    }

    /// Adds an issue that the exchange lists. A path of recorded dates binds the days of the whole market to them.
    ///
    /// # Errors
    /// When the exchange does not list the issue, a parameter is out of range, the recording has no date from the
    /// first day on, or a day was opened already.
    pub fn add<B: Book>(
        &mut self,
        exchange: &Exchange<B>,
        symbol: Symbol,
        path: PricePath,
        liquidity: LiquidityParams,
    ) -> Result<(), ValueError> {
        let index = exchange
            .symbol_index(symbol)
            .ok_or_else(|| ValueError::new("symbol", symbol, "an issue that is listed"))?;
        let State::Before(day) = self.state else {
            return Err(ValueError::new(
                "symbol",
                symbol,
                "added before the first day",
            ));
        };
        let levels = liquidity.levels;
        let liquidity = Liquidity::new(liquidity)?;
        if path.is_dated() {
            let date = path.date_from(day.date()).ok_or_else(|| {
                let expected = "a date not after the last one that is recorded";
                ValueError::new("first day", day.date(), expected)
            })?;
            self.state = State::Before(TradingDay::of_krx(self.calendar, date)?);
        }
        self.issues.push(Issue {
            index,
            path,
            liquidity,
            next: None,
            bids: Quotes::new(levels),
            asks: Quotes::new(levels),
        });
        Ok(())
    }

    /// When something happens next; `None` when the market is over.
    pub fn next_at(&self) -> Option<Timestamp> {
        match self.state {
            State::Before(day) => Some(day.opens()),
            State::Open(day) => Some(
                self.next_issue()
                    .map_or_else(|| day.closes(), |(_, point)| point.at),
            ),
            State::Over => None,
        }
    }

    /// Does what happens next, whenever that is; `None` when the market is over.
    pub fn step<B: Book>(
        &mut self,
        exchange: &mut Exchange<B>,
        events: &mut impl Events,
    ) -> Option<MarketStep> {
        match self.state {
            State::Before(day) => {
                self.open_day(day, exchange, events);
                Some(MarketStep::DayOpened(day))
            }
            State::Open(day) => match self.next_issue() {
                Some((place, point)) => {
                    self.issues[place].reach(point, exchange, events);
                    Some(MarketStep::Moved(point.at))
                }
                None => {
                    self.close_day(day, exchange, events);
                    Some(MarketStep::DayClosed(day))
                }
            },
            State::Over => None,
        }
    }

    /// Does everything that happens up to `to`, included.
    pub fn advance_to<B: Book>(
        &mut self,
        exchange: &mut Exchange<B>,
        to: Timestamp,
        events: &mut impl Events,
    ) {
        while self.next_at().is_some_and(|next| next <= to) {
            self.step(exchange, events);
        }
    }

    /// The issue whose point comes first; of several at one time, the one added first.
    fn next_issue(&self) -> Option<(usize, PathPoint)> {
        let points = self.issues.iter().enumerate();
        points
            .filter_map(|(place, issue)| Some((place, issue.next?)))
            .min_by_key(|(_, point)| point.at)
    }

    fn open_day<B: Book>(
        &mut self,
        day: TradingDay,
        exchange: &mut Exchange<B>,
        events: &mut impl Events,
    ) {
        // Refused only when the exchange has that day open already, by somebody else's command; then it is the same day.
        let _: Outcome = exchange.apply(&Command::OpenDay(day), day.opens(), events);
        for issue in &mut self.issues {
            issue.bids.clear();
            issue.asks.clear();
            issue.path.open_day(&day);
            issue.liquidity.open_day();
            issue.prepare(exchange);
        }
        self.state = State::Open(day);
    }

    fn close_day<B: Book>(
        &mut self,
        day: TradingDay,
        exchange: &mut Exchange<B>,
        events: &mut impl Events,
    ) {
        let _: Outcome = exchange.apply(&Command::CloseDay, day.closes(), events);
        for issue in &self.issues {
            if let Some(close) = issue.path.recorded_close() {
                let ladder = exchange.ladder(issue.index);
                let close = ladder.and_then(|ladder| super::paths::snap_down(ladder, close));
                // On the ladder, after the close, of a listed issue: there is nothing to refuse.
                let _ = close.map(|close| exchange.set_closing_price(issue.index, close));
            }
        }
        let next = self.day_after(day);
        self.state = next.map_or(State::Over, State::Before);
    }

    /// The trading day that follows: the first that every recording has, or that of the calendar.
    fn day_after(&self, day: TradingDay) -> Option<TradingDay> {
        let next = day.next();
        let mut dated = self
            .issues
            .iter()
            .filter(|issue| issue.path.is_dated())
            .peekable();
        let date = if dated.peek().is_some() {
            dated.filter_map(|issue| issue.path.date_from(next)).min()?
        } else {
            next
        };
        TradingDay::of_krx(self.calendar, date).ok()
    }
}

impl Issue {
    /// Reads the next point off the path.
    fn prepare<B: Book>(&mut self, exchange: &Exchange<B>) {
        let ladder = exchange.ladder(self.index);
        self.next = ladder.and_then(|ladder| self.path.next_point(ladder));
    }

    /// Moves the house to a point: what is out of place goes, what is missing comes, and then the house takes.
    fn reach<B: Book>(
        &mut self,
        point: PathPoint,
        exchange: &mut Exchange<B>,
        events: &mut impl Events,
    ) {
        let levels = exchange
            .ladder(self.index)
            .map_or(0, |ladder| ladder.levels());
        let plan = self.liquidity.plan(point.tick, levels, point.trades);
        // All that is out of place goes first, so that the house never meets itself.
        for side in [Side::Buy, Side::Sell] {
            self.quotes(side)
                .withdraw(&plan, side, point.at, exchange, events);
        }
        for side in [Side::Buy, Side::Sell] {
            self.quote(side, &plan, point.at, exchange, events);
        }
        if let Some(take) = plan.take {
            // What finds nobody is gone, and a halt of the market refuses it: the house then does not trade.
            let (side, qty) = (take.side, take.qty);
            let _ = exchange.take_house(self.index, side, point.price, qty, point.at, events);
        }
        self.prepare(exchange);
    }

    const fn quotes(&mut self, side: Side) -> &mut Quotes {
        match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        }
    }

    /// Fills the empty levels of a side, the best first: it may meet customers' orders, and they get the better price.
    fn quote<B: Book>(
        &mut self,
        side: Side,
        plan: &Plan,
        at: Timestamp,
        exchange: &mut Exchange<B>,
        events: &mut impl Events,
    ) {
        let ticks = plan.levels(side).clone();
        for step in 0..ticks.end.saturating_sub(ticks.start) {
            let tick = match side {
                Side::Buy => ticks.end - 1 - step,
                Side::Sell => ticks.start + step,
            };
            if self.quotes(side).stands(tick, exchange) {
                continue;
            }
            let Some(price) = exchange
                .ladder(self.index)
                .and_then(|ladder| ladder.price(tick))
            else {
                continue;
            };
            let qty = self.liquidity.quote_qty();
            let placed = exchange.place_house(self.index, side, price, qty, at, events);
            let resting = placed.ok().and_then(|placed| placed.resting);
            self.quotes(side).put(tick, resting);
        }
    }
}

/// The house's quotes of one side: at most one a level, in a window of neighbouring levels.
#[derive(Debug)]
struct Quotes {
    /// Neighbouring levels never share a place: the place is the level modulo the number of places.
    places: Box<[Option<(Tick, HouseOrder)>]>,
}

impl Quotes {
    fn new(levels: u32) -> Self {
        // `LiquidityParams` bounds the levels.
        let levels = usize::try_from(levels).unwrap_or(1).max(1);
        Self {
            places: vec![None; levels].into(),
        }
    }

    fn clear(&mut self) {
        self.places.fill(None);
    }

    const fn place(&self, tick: Tick) -> usize {
        tick as usize % self.places.len()
    }

    fn put(&mut self, tick: Tick, order: Option<HouseOrder>) {
        let place = self.place(tick);
        self.places[place] = order.map(|order| (tick, order));
    }

    /// Whether a quote of that level is still in the book.
    fn stands<B: Book>(&self, tick: Tick, exchange: &mut Exchange<B>) -> bool {
        self.places[self.place(tick)]
            .filter(|(at, _)| *at == tick)
            .is_some_and(|(_, order)| exchange.house_left(order).is_some())
    }

    /// Cancels the quotes outside of the plan.
    fn withdraw<B: Book>(
        &mut self,
        plan: &Plan,
        side: Side,
        at: Timestamp,
        exchange: &mut Exchange<B>,
        events: &mut impl Events,
    ) {
        for place in &mut self.places {
            if let Some((_, order)) = place.take_if(|(tick, _)| !plan.levels(side).contains(tick)) {
                // A quote that was traded away is gone already.
                exchange.cancel_house(order, None, at, events);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::civil::date;

    use super::*;
    use crate::domain::{
        AccountId, AccountType, BrokerType, CandleRequest, ExecutionEvent, Instrument,
        InstrumentKind, Market, Money, OrderRequest, Price, Qty, Venue,
    };
    use crate::sim::{
        CandleBuilder, Capacity, Gbm, GbmParams, Listing, RecordedCandles, Recorder, Replay,
        ReplayParams, Tariff,
    };
    use crate::symbol;

    const SYMBOL: Symbol = symbol!("005930");

    fn account() -> AccountId {
        "12345678-01".parse().unwrap()
    }

    fn won(won: i64) -> Price {
        Price::from_won(won).unwrap()
    }

    /// Before the first day of every test.
    fn before() -> Timestamp {
        "2025-10-01T00:00:00+09:00".parse().unwrap()
    }

    /// An exchange with one issue and one customer.
    fn exchange(base: i64) -> Exchange {
        let mut exchange = Exchange::new(Capacity {
            open_orders: 100,
            history: 1_000,
            fills: 1_000,
        });
        let instrument =
            Instrument::new(SYMBOL, "Samsung", Market::Kospi, InstrumentKind::Stock).unwrap();
        let tariff = Tariff::of_broker(BrokerType::Mock, AccountType::Paper);
        let account = account();
        for command in [
            Command::List(Listing {
                instrument,
                base: won(base),
            }),
            Command::OpenAccount { account, tariff },
            Command::Deposit {
                account,
                amount: Money::from_won(1_000_000_000).unwrap(),
            },
        ] {
            let outcome = exchange.apply(&command, before(), &mut Recorder::default());
            assert_eq!(outcome, Outcome::Done);
        }
        exchange
    }

    fn replay(seed: u64, steps: u32) -> PricePath {
        let recording = Arc::new(RecordedCandles::samsung_2025_10().clone());
        PricePath::Replay(Replay::new(recording, ReplayParams { seed, steps }).unwrap())
    }

    fn gbm(seed: u64) -> PricePath {
        let params = GbmParams {
            seed,
            start: won(71_000),
            drift_bp: 0,
            volatility_bp: 3_000,
            step_ns: 60_000_000_000,
        };
        PricePath::Gbm(Gbm::new(params).unwrap())
    }

    fn model(first: Date, exchange: &Exchange, path: PricePath, seed: u64) -> MarketModel {
        let mut model = MarketModel::new(TradingCalendar::builtin(), first).unwrap();
        let liquidity = LiquidityParams::new(seed);
        model.add(exchange, SYMBOL, path, liquidity).unwrap();
        model
    }

    #[test]
    fn a_seed_is_a_history() {
        let run = |seed| {
            let mut exchange = exchange(71_000);
            let mut model = model(date(2026, 11, 24), &exchange, gbm(seed), seed);
            let mut events = Recorder::default();
            for _ in 0..500 {
                model.step(&mut exchange, &mut events).unwrap();
            }
            (events, exchange.checksum())
        };
        assert!(run(1) == run(1), "one seed, two histories");
        assert_ne!(run(1).1, run(2).1);
    }

    /// The trades of the replayed market, folded again, are the candles that were recorded, and every day begins at the
    /// close that was recorded for the day before.
    #[test]
    fn a_replay_prints_the_recorded_candles_day_by_day() {
        let recording = RecordedCandles::samsung_2025_10();
        let mut exchange = exchange(93_000);
        let mut model = model(date(2025, 10, 1), &exchange, replay(7, 10), 7);
        let mut candles = CandleBuilder::new(SYMBOL, 100_000);
        let mut events = Recorder::default();
        let (mut dates, mut bases) = (Vec::new(), Vec::new());
        while let Some(step) = model.step(&mut exchange, &mut events) {
            events.trades.iter().for_each(|trade| candles.add(trade));
            events.clear();
            if let MarketStep::DayOpened(day) = step {
                dates.push(day.date());
                bases.push(exchange.quote(SYMBOL).unwrap().base.won());
                exchange.validate();
            }
        }
        assert_eq!(model.next_at(), None);
        let recorded: Vec<Date> = recording.days().iter().map(|(date, _)| *date).collect();
        assert_eq!(dates, recorded);
        let closes = [
            93_000, 91_600, 95_000, 97_700, 97_900, 98_100, 97_500, 98_600, 96_500, 98_800,
            102_000, 99_500,
        ];
        assert_eq!(bases, closes);
        let printed = candles.candles(&CandleRequest {
            symbol: SYMBOL,
            timeframe: recording.timeframe(),
            from: date(2025, 10, 1),
            to: date(2025, 10, 31),
        });
        let last = time_of_last_walked();
        let walked = recording
            .candles()
            .iter()
            .filter(|candle| candle.start.kst_time() <= last);
        let walked: Vec<_> = walked.collect();
        assert_eq!(printed.len(), walked.len());
        for (printed, recorded) in printed.iter().zip(walked) {
            assert_eq!(printed.start, recorded.start);
            // Off the grid by half a tick at most, and snapped inwards.
            let near =
                |printed: Price, recorded: Price| (printed.won() - recorded.won()).abs() <= 50;
            assert!(
                near(printed.high, recorded.high),
                "{printed:?} {recorded:?}"
            );
            assert!(near(printed.low, recorded.low), "{printed:?} {recorded:?}");
            assert!(
                near(printed.close, recorded.close),
                "{printed:?} {recorded:?}"
            );
        }
    }

    fn time_of_last_walked() -> jiff::civil::Time {
        jiff::civil::time(15, 15, 0, 0)
    }

    /// A customer's order below the market is filled when the path falls through it, and at its own price.
    #[test]
    fn a_path_through_a_resting_order_fills_it() {
        let mut exchange = exchange(93_000);
        let mut model = model(date(2025, 10, 14), &exchange, replay(1, 10), 1);
        let mut events = Recorder::default();
        model.step(&mut exchange, &mut events).unwrap();
        model.step(&mut exchange, &mut events).unwrap();
        let order = OrderRequest::limit_buy(account(), SYMBOL, Qty::new(50), won(92_000));
        let outcome = exchange.apply(&Command::Place(order), exchange.now(), &mut events);
        assert!(outcome.accepted().is_some(), "{outcome:?}");
        let is_fill = |event: &ExecutionEvent| matches!(event, ExecutionEvent::Filled { .. });
        while !events.executions.iter().any(is_fill) {
            model.step(&mut exchange, &mut events).unwrap();
            exchange.validate();
        }
        let fills = exchange.fills(account()).unwrap();
        assert!(
            fills
                .iter()
                .all(|fill| fill.price == won(92_000) && fill.maker)
        );
        // The recording first falls to 92,000 in its candle of 13:00.
        let filled_at = fills[0].at.kst_time();
        assert!(filled_at >= jiff::civil::time(13, 0, 0, 0), "{filled_at}");
    }

    #[test]
    fn the_house_keeps_a_bounded_number_of_orders() {
        let mut exchange = exchange(71_000);
        let mut model = model(date(2026, 11, 24), &exchange, gbm(3), 3);
        let mut events = Recorder::default();
        for _ in 0..2_000 {
            model.step(&mut exchange, &mut events).unwrap();
            events.clear();
            let resting = exchange.listings[0].book.len();
            assert!(resting <= 20, "{resting} orders of ten levels a side");
            exchange.validate();
        }
    }

    #[test]
    fn days_follow_the_calendar_and_waiting_is_the_same_as_jumping() {
        let mut waiting = exchange(71_000);
        let mut jumping = exchange(71_000);
        // A Sunday: the market begins on the Monday after.
        let sunday = date(2026, 11, 22);
        let mut waits = model(sunday, &waiting, gbm(1), 1);
        let mut jumps = model(sunday, &jumping, gbm(1), 1);
        let (mut waited, mut jumped) = (Recorder::default(), Recorder::default());
        let mut dates = Vec::new();
        while dates.len() < 6 {
            if let Some(MarketStep::DayOpened(day)) = jumps.step(&mut jumping, &mut jumped) {
                dates.push(day.date());
            }
        }
        let expected = [23, 24, 25, 26, 27, 30].map(|day| date(2026, 11, day));
        assert_eq!(dates, expected);
        let now = jumping.now();
        jumps.advance_to(&mut jumping, now, &mut jumped);
        for hour in 0.. {
            const NANOS_PER_HOUR: i64 = 3_600_000_000_000;
            let to = now.saturating_add_nanos((hour - 200) * NANOS_PER_HOUR);
            waits.advance_to(&mut waiting, to.min(now), &mut waited);
            if to >= now {
                break;
            }
        }
        assert!(waited == jumped, "the histories differ");
        assert_eq!(waiting.checksum(), jumping.checksum());
    }

    #[test]
    fn the_market_is_over_where_the_calendar_ends() {
        let mut exchange = exchange(71_000);
        let mut model = model(date(2027, 12, 20), &exchange, gbm(1), 1);
        let mut events = Recorder::default();
        while model.step(&mut exchange, &mut events).is_some() {
            events.clear();
        }
        assert_eq!(model.next_at(), None);
        let now = exchange.now();
        assert!(!exchange.is_open_at(now));
    }

    #[test]
    fn what_cannot_be_added_is_named() {
        let exchange = exchange(71_000);
        let calendar = TradingCalendar::builtin();
        let mut model = MarketModel::new(calendar, date(2026, 11, 24)).unwrap();
        let liquidity = LiquidityParams::new(1);
        let unknown = model.add(&exchange, symbol!("000660"), gbm(1), liquidity);
        assert_eq!(unknown.unwrap_err().what, "symbol");
        let ended = model.add(&exchange, SYMBOL, replay(1, 4), liquidity);
        assert_eq!(ended.unwrap_err().what, "first day");
        assert!(MarketModel::new(calendar, date(1999, 1, 4)).is_err());
    }

    #[test]
    fn several_issues_move_in_the_order_of_time() {
        let mut exchange = exchange(71_000);
        let other = symbol!("000660");
        let name = "SK hynix";
        let instrument =
            Instrument::new(other, name, Market::Kospi, InstrumentKind::Stock).unwrap();
        let listing = Listing {
            instrument,
            base: won(71_000),
        };
        let mut events = Recorder::default();
        let listed = exchange.apply(&Command::List(listing), before(), &mut events);
        assert_eq!(listed, Outcome::Done);
        let mut model = model(date(2026, 11, 24), &exchange, gbm(1), 1);
        model
            .add(&exchange, other, gbm(2), LiquidityParams::new(2))
            .unwrap();
        for _ in 0..200 {
            model.step(&mut exchange, &mut events).unwrap();
        }
        assert!(events.trades.is_sorted_by(|a, b| a.at <= b.at));
        for symbol in [SYMBOL, other] {
            assert!(events.trades.iter().any(|trade| trade.symbol == symbol));
            let book = exchange.order_book(symbol).unwrap();
            assert_eq!(book.venue, Venue::Krx);
            assert!(book.best_bid().is_some() && book.best_ask().is_some());
        }
    }
}
