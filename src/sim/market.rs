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
    days: Days,
    issues: Vec<Issue>,
    state: State,
}

/// Which days there are.
#[derive(Clone, Copy, Debug)]
enum Days {
    /// Those of KRX.
    Krx(&'static TradingCalendar),
    /// Every date, from midnight to midnight.
    RoundTheClock,
}

impl Days {
    fn day(self, date: Date) -> Result<TradingDay, ValueError> {
        match self {
            Self::Krx(calendar) => TradingDay::of_krx(calendar, date),
            Self::RoundTheClock => {
                TradingDay::whole(Timestamp::from_kst(date, jiff::civil::Time::midnight())?)
            }
        }
    }
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
            days: Days::Krx(calendar),
            issues: Vec::new(),
            state: State::Before(TradingDay::of_krx(calendar, date)?),
        })
    }

    /// A market without issues that never sleeps: its days are the civil ones, each open from midnight to midnight,
    /// weekends too; the first begins at `opens`. For programs that are tried at any hour.
    ///
    /// # Errors
    /// Where the calendar of the world ends.
    pub fn round_the_clock(opens: Timestamp) -> Result<Self, ValueError> {
        Ok(Self {
            days: Days::RoundTheClock,
            issues: Vec::new(),
            state: State::Before(TradingDay::whole(opens)?),
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
            self.state = State::Before(self.days.day(date)?);
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
        self.days.day(date).ok()
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
mod tests;
