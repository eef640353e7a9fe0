//! The market model on a real exchange.

use std::sync::Arc;

use jiff::civil::date;

use super::*;
use crate::domain::{
    AccountId, AccountType, BrokerType, CandleRequest, ExecutionEvent, Instrument, InstrumentKind,
    Market, Money, OrderRequest, Price, Qty, Venue,
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
        93_000, 91_600, 95_000, 97_700, 97_900, 98_100, 97_500, 98_600, 96_500, 98_800, 102_000,
        99_500,
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
        let near = |printed: Price, recorded: Price| (printed.won() - recorded.won()).abs() <= 50;
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
    let instrument = Instrument::new(other, name, Market::Kospi, InstrumentKind::Stock).unwrap();
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
