use super::*;
use crate::domain::{
    DayKind, InstrumentKind, Market, OrderCap, OrderType, TimeInForce, Timetable, TradingState,
    Unaccepted, Venue,
};
use crate::error::Error;
use crate::symbol;
use jiff::civil::{Date, Time, date, time};
use proptest::prelude::*;
use std::num::NonZeroU32;

const DATE: Date = date(2026, 11, 24);
const CONTINUOUS: Time = time(10, 30, 0, 0);

fn price(won: i64) -> Price {
    Price::from_won(won).unwrap()
}

fn won(won: i64) -> Money {
    Money::from_won(won).unwrap()
}

fn at(time: Time) -> GateTime {
    GateTime {
        at: Timestamp::from_kst(DATE, time).unwrap(),
        elapsed: Duration::from_secs(1_000),
    }
}

fn now() -> GateTime {
    at(CONTINUOUS)
}

/// Later, by the clock that never goes back.
fn after(ms: u64) -> GateTime {
    let mut later = now();
    later.elapsed += Duration::from_millis(ms);
    later
}

fn instrument(kind: InstrumentKind) -> Instrument {
    Instrument::new(symbol!("005930"), "한 종목", Market::Kospi, kind).unwrap()
}

/// Base 71,000: from 49,700 to 92,300 in ticks of 100 won (50 below 50,000); last trade at 71,000.
fn facts(instrument: &Instrument) -> MarketFacts<'_> {
    MarketFacts {
        instrument,
        ticks: instrument.tick_table(DATE).unwrap(),
        base: price(71_000),
        band: instrument.price_band(price(71_000), DATE).unwrap(),
        last: Some(price(71_000)),
        sellable: Qty::new(100),
    }
}

fn gate(rules: GateRules) -> Gate {
    let hours = OrderHours::of(DATE, Timetable::of(DATE, DayKind::Normal).unwrap()).unwrap();
    Gate::new(rules, TradingSwitch::default(), hours)
}

fn order(side: Side, qty: u64, kind: OrderKind) -> OrderRequest {
    OrderRequest::new(
        "12345678".parse().unwrap(),
        symbol!("005930"),
        side,
        Qty::new(qty),
        kind,
    )
}

fn limit(side: Side, qty: u64, won: i64) -> OrderRequest {
    order(side, qty, OrderKind::Limit { price: price(won) })
}

/// Checks orders for a stock, now.
fn check(gate: &Gate, order: &OrderRequest) -> Result<(), GateRefusal> {
    gate.check(order, &facts(&instrument(InstrumentKind::Stock)), now())
}

fn note(gate: &mut Gate, order: &OrderRequest, now: GateTime) {
    let stock = instrument(InstrumentKind::Stock);
    gate.note_sent(order, &facts(&stock), now.elapsed);
}

#[test]
fn a_plain_order_passes() {
    let gate = gate(GateRules::none());
    for side in [Side::Buy, Side::Sell] {
        assert_eq!(check(&gate, &limit(side, 10, 71_000)), Ok(()));
        assert_eq!(check(&gate, &order(side, 10, OrderKind::Market)), Ok(()));
    }
}

#[test]
fn the_switch_decides_at_run_time() {
    let gate = gate(GateRules::none());
    let switch = gate.switch().clone();
    let outcomes = || {
        [Side::Buy, Side::Sell].map(|side| {
            let changed = limit(side, 10, 71_000);
            let stock = instrument(InstrumentKind::Stock);
            let modified = gate.check_modified(&changed, &facts(&stock), now());
            assert!(gate.permits_cancel());
            (check(&gate, &changed).is_ok(), modified.is_ok())
        })
    };
    assert_eq!(outcomes(), [(true, true), (true, true)]);
    switch.set(TradingState::ReduceOnly);
    assert_eq!(outcomes(), [(false, false), (true, true)]);
    switch.set(TradingState::Halted);
    assert_eq!(outcomes(), [(false, false), (false, false)]);
    assert_eq!(
        check(&gate, &limit(Side::Sell, 10, 71_000)),
        Err(GateRefusal::TradingState {
            state: TradingState::Halted,
            side: Side::Sell
        })
    );
    switch.set(TradingState::Active);
    assert_eq!(outcomes(), [(true, true), (true, true)]);
}

#[test]
fn reduce_only_sells_no_more_than_is_held() {
    let gate = gate(GateRules::none());
    let sell = |qty| check(&gate, &limit(Side::Sell, qty, 71_000));
    assert_eq!(sell(101), Ok(()), "the broker knows what is held");
    gate.switch().set(TradingState::ReduceOnly);
    assert_eq!(sell(100), Ok(()));
    let (qty, sellable) = (Qty::new(101), Qty::new(100));
    assert_eq!(sell(101), Err(GateRefusal::NotReducing { qty, sellable }));
}

#[test]
fn prices_stand_on_the_grid() {
    let gate = gate(GateRules::none());
    for (won, below, above) in [(71_050, 71_000, 71_100), (71_001, 71_000, 71_100)] {
        assert_eq!(
            check(&gate, &limit(Side::Buy, 1, won)),
            Err(GateRefusal::Tick {
                price: price(won),
                below: Some(price(below)),
                above: Some(price(above)),
            })
        );
    }
    for won in [71_100, 50_000, 49_950] {
        assert_eq!(check(&gate, &limit(Side::Buy, 1, won)), Ok(()), "{won}");
    }
    let stop = |stop, limit| {
        let (stop, price) = (price(stop), price(limit));
        check(
            &gate,
            &order(Side::Buy, 1, OrderKind::StopLimit { stop, price }),
        )
    };
    assert_eq!(stop(72_000, 72_100), Ok(()));
    assert!(matches!(
        stop(72_050, 72_100),
        Err(GateRefusal::Tick { .. })
    ));
    assert!(matches!(
        stop(72_000, 72_050),
        Err(GateRefusal::Tick { .. })
    ));
}

#[test]
fn prices_stay_in_the_band() {
    let gate = gate(GateRules::none());
    let (lower, upper) = (price(49_700), price(92_300));
    for (won, passes) in [
        (49_650, false),
        (49_700, true),
        (92_300, true),
        (92_400, false),
    ] {
        let outcome = check(&gate, &limit(Side::Buy, 1, won));
        let price = price(won);
        let refusal = GateRefusal::Band {
            price,
            lower,
            upper,
        };
        assert_eq!(outcome, if passes { Ok(()) } else { Err(refusal) }, "{won}");
    }
    let elw = instrument(InstrumentKind::Elw);
    let facts = facts(&elw);
    assert_eq!(facts.band, None);
    assert_eq!(
        gate.check(&limit(Side::Buy, 10, 200_000), &facts, now()),
        Ok(())
    );
}

#[test]
fn quantities_are_whole_lots() {
    let gate = gate(GateRules::none());
    let (stock, elw) = (
        instrument(InstrumentKind::Stock),
        instrument(InstrumentKind::Elw),
    );
    let lot = |instrument, qty| {
        let order = limit(Side::Buy, qty, 71_000);
        gate.check(&order, &facts(instrument), now()).err()
    };
    let refused = |qty, lot| {
        let qty = Qty::new(qty);
        Some(GateRefusal::Lot { qty, lot })
    };
    assert_eq!([0, 1].map(|qty| lot(&stock, qty)), [refused(0, 1), None]);
    assert_eq!(
        [0, 9, 10, 11, 20].map(|qty| lot(&elw, qty)),
        [refused(0, 10), refused(9, 10), None, refused(11, 10), None]
    );
}

/// Kind × time in force × venue × time of day, against the tables of `domain`.
#[test]
fn kinds_pass_where_and_when_the_venue_takes_them() {
    let gate = gate(GateRules::none());
    let stock = instrument(InstrumentKind::Stock)
        .with_nxt_listed(true)
        .unwrap();
    let at_prices = |order_type| {
        let price = price(71_000);
        match order_type {
            OrderType::Limit => OrderKind::Limit { price },
            OrderType::Market => OrderKind::Market,
            OrderType::ConditionalLimit => OrderKind::ConditionalLimit { price },
            OrderType::BestLimit => OrderKind::BestLimit,
            OrderType::TopPriority => OrderKind::TopPriority,
            OrderType::MidPrice => OrderKind::MidPrice,
            OrderType::StopLimit => OrderKind::StopLimit { stop: price, price },
            OrderType::PreClose => OrderKind::PreClose,
            OrderType::PostClose => OrderKind::PostClose,
        }
    };
    let timetable = Timetable::of(DATE, DayKind::Normal).unwrap();
    let (mut passed, mut closed, mut never) = (0, 0, 0);
    for hour in 0..24 {
        for &venue in Venue::ALL {
            for &order_type in OrderType::ALL {
                for &time_in_force in TimeInForce::ALL {
                    let time = time(hour, 35, 0, 0);
                    let order = order(Side::Buy, 1, at_prices(order_type))
                        .with_venue(venue)
                        .with_time_in_force(time_in_force);
                    let session = timetable.session_for(venue, time, order_type, time_in_force);
                    match gate.check(&order, &facts(&stock), at(time)) {
                        Ok(()) => {
                            assert!(session.is_some(), "{order:?} at {time}");
                            passed += 1;
                        }
                        Err(GateRefusal::Closed { .. }) => {
                            assert!(session.is_none(), "{order:?} at {time}");
                            closed += 1;
                        }
                        Err(GateRefusal::Combination(unaccepted)) => {
                            let expected = check_accepted(venue, order_type, time_in_force);
                            assert_eq!(expected, Err(unaccepted));
                            never += 1;
                        }
                        Err(other) => panic!("{order:?} at {time}: {other}"),
                    }
                }
            }
        }
    }
    assert_eq!(never, 24 * (3 * 27 - 17 - 13 - 10));
    assert!(passed > 100 && closed > 100);
}

#[test]
fn hours_begin_inclusive_and_end_exclusive() {
    let gate = gate(GateRules::none());
    let stock = instrument(InstrumentKind::Stock);
    let best = order(Side::Buy, 1, OrderKind::BestLimit);
    let passes = |time| gate.check(&best, &facts(&stock), at(time)).is_ok();
    assert_eq!(
        [
            time(8, 59, 59, 999_999_999),
            time(9, 0, 0, 0),
            time(15, 19, 59, 999_999_999),
            time(15, 20, 0, 0)
        ]
        .map(passes),
        [false, true, true, false]
    );
}

#[test]
fn issues_take_the_types_of_their_kind() {
    let gate = gate(GateRules::none());
    let elw = instrument(InstrumentKind::Elw);
    let market = order(Side::Buy, 10, OrderKind::Market);
    assert_eq!(
        gate.check(&market, &facts(&elw), now()),
        Err(GateRefusal::InstrumentKind {
            kind: InstrumentKind::Elw,
            order_type: OrderType::Market
        })
    );
}

#[test]
fn facts_of_another_issue_are_noticed() {
    let gate = gate(GateRules::none());
    let mut other = limit(Side::Buy, 1, 71_000);
    other.symbol = symbol!("000660");
    assert_eq!(
        check(&gate, &other),
        Err(GateRefusal::OtherSymbol {
            found: symbol!("000660"),
            expected: symbol!("005930")
        })
    );
}

#[test]
fn an_order_stays_under_its_caps() {
    let gate = gate(
        GateRules::none()
            .with_order_qty_max(Qty::new(100))
            .with_order_value_max(won(7_100_000)),
    );
    let buy = |qty, won| check(&gate, &limit(Side::Buy, qty, won));
    assert_eq!(buy(100, 71_000), Ok(()));
    assert_eq!(
        buy(101, 50_000),
        Err(GateRefusal::OrderQty {
            qty: Qty::new(101),
            limit: Qty::new(100)
        })
    );
    assert_eq!(
        buy(100, 71_100),
        Err(GateRefusal::OrderValue {
            value: won(7_110_000),
            limit: won(7_100_000)
        })
    );
    // Without a price an order counts at the upper limit, 92,300.
    let market = |qty| check(&gate, &order(Side::Buy, qty, OrderKind::Market));
    assert_eq!(market(76), Ok(()));
    assert!(matches!(market(77), Err(GateRefusal::OrderValue { .. })));
}

#[test]
fn the_exchange_caps_single_orders() {
    let gate = gate(GateRules::none());
    let stock = instrument(InstrumentKind::Stock)
        .with_listed_shares(Qty::new(5_000_000))
        .unwrap();
    let buy = |qty| gate.check(&limit(Side::Buy, qty, 71_000), &facts(&stock), now());
    assert_eq!(buy(50_000), Ok(()));
    assert_eq!(
        buy(50_001),
        Err(GateRefusal::ExchangeCap {
            cap: OrderCap::ListedShares { percent: 1 },
            qty: Qty::new(50_001),
            value: won(50_001 * 71_000)
        })
    );
    let most = 100_000_000_000 / 71_000;
    assert_eq!(check(&gate, &limit(Side::Buy, most, 71_000)), Ok(()));
    let above = check(&gate, &limit(Side::Buy, most + 1, 71_000));
    assert!(matches!(
        above,
        Err(GateRefusal::ExchangeCap {
            cap: OrderCap::Value,
            ..
        })
    ));
    let beyond = check(&gate, &limit(Side::Buy, u64::MAX, 71_000));
    assert!(matches!(beyond, Err(GateRefusal::Overflow { .. })));
}

#[test]
fn a_day_stays_under_its_caps() {
    let mut gate = gate(
        GateRules::none()
            .with_day_qty_max(Qty::new(30))
            .with_day_value_max(won(1_420_000)),
    );
    let ten = limit(Side::Buy, 10, 71_000);
    note(&mut gate, &ten, now());
    assert_eq!(
        gate.today(),
        DayTotals {
            qty: Qty::new(10),
            value: won(710_000)
        }
    );
    assert_eq!(check(&gate, &ten), Ok(()), "exactly the limit");
    assert_eq!(
        check(&gate, &limit(Side::Buy, 10, 71_100)),
        Err(GateRefusal::DayValue {
            value: won(711_000),
            used: won(710_000),
            limit: won(1_420_000)
        })
    );
    // Sales count as purchases do.
    assert_eq!(check(&gate, &limit(Side::Sell, 11, 50_000)), Ok(()));
    assert_eq!(
        check(&gate, &limit(Side::Sell, 21, 50_000)),
        Err(GateRefusal::DayQty {
            qty: Qty::new(21),
            used: Qty::new(10),
            limit: Qty::new(30)
        })
    );
    // A modification is no new order.
    let stock = instrument(InstrumentKind::Stock);
    let modified = limit(Side::Buy, 21, 71_000);
    assert_eq!(
        gate.check_modified(&modified, &facts(&stock), now()),
        Ok(())
    );

    let kept = gate.today();
    let hours = OrderHours::of(DATE, Timetable::of(DATE, DayKind::Normal).unwrap()).unwrap();
    gate.start_day(hours);
    assert_eq!(gate.today(), DayTotals::default());
    assert_eq!(check(&gate, &limit(Side::Sell, 21, 50_000)), Ok(()));
    gate.restore(kept);
    assert!(check(&gate, &limit(Side::Sell, 21, 50_000)).is_err());
}

#[test]
fn totals_beyond_all_numbers_stay_full() {
    let mut gate = gate(GateRules::none().with_day_value_max(won(1_000_000)));
    note(&mut gate, &limit(Side::Buy, u64::MAX, 71_000), now());
    note(&mut gate, &limit(Side::Buy, u64::MAX, 71_000), now());
    assert_eq!(gate.today().value, Money::MAX);
    assert!(matches!(
        check(&gate, &limit(Side::Buy, 1, 71_000)),
        Err(GateRefusal::DayValue { .. })
    ));
}

#[test]
fn the_collar_holds_prices_on_the_wrong_side() {
    // 2 % of 71,000 is 1,420.
    let gate = gate(GateRules::none().with_collar_basis_points(200));
    let passes = |side, won| check(&gate, &limit(side, 1, won)).is_ok();
    assert!(passes(Side::Buy, 72_400) && !passes(Side::Buy, 72_500));
    assert!(passes(Side::Sell, 69_600) && !passes(Side::Sell, 69_500));
    // Better for us is no mistake that costs.
    assert!(passes(Side::Buy, 49_700) && passes(Side::Sell, 92_300));

    let stock = instrument(InstrumentKind::Stock);
    let mut before_the_first_trade = facts(&stock);
    (before_the_first_trade.last, before_the_first_trade.base) = (None, price(60_000));
    assert_eq!(
        gate.check(&limit(Side::Buy, 1, 61_300), &before_the_first_trade, now()),
        Err(GateRefusal::Collar {
            price: price(61_300),
            reference: price(60_000),
            basis_points: 200
        })
    );
    let stop = |stop, limit| {
        let (stop, price) = (price(stop), price(limit));
        check(
            &gate,
            &order(Side::Buy, 1, OrderKind::StopLimit { stop, price }),
        )
        .is_ok()
    };
    assert!(stop(80_000, 81_600) && !stop(80_000, 81_700));
}

#[test]
fn an_exact_collar_includes_its_edge() {
    // 100 basis points of 70,000 are 700.
    let gate = gate(GateRules::none().with_collar_basis_points(100));
    let stock = instrument(InstrumentKind::Stock);
    let mut facts = facts(&stock);
    facts.last = Some(price(70_000));
    let passes = |side, won| gate.check(&limit(side, 1, won), &facts, now()).is_ok();
    assert!(passes(Side::Buy, 70_700) && !passes(Side::Buy, 70_800));
    assert!(passes(Side::Sell, 69_300) && !passes(Side::Sell, 69_200));
}

#[test]
fn the_same_order_waits_for_its_window() {
    let window = Duration::from_millis(500);
    let mut gate = gate(GateRules::none().with_duplicate_window(window));
    let stock = instrument(InstrumentKind::Stock);
    let first = limit(Side::Buy, 10, 71_000);
    note(&mut gate, &first, now());
    let again = |order: &OrderRequest, ms| gate.check(order, &facts(&stock), after(ms));
    assert_eq!(
        again(&first, 499),
        Err(GateRefusal::Duplicate {
            age: Duration::from_millis(499),
            window
        })
    );
    assert_eq!(again(&first, 500), Ok(()));
    let same = first.with_id(crate::domain::ClientOrderId::new(7));
    assert!(again(&same, 0).is_err());
    let mut other_account = first;
    other_account.account = "87654321".parse().unwrap();
    for other in [
        limit(Side::Sell, 10, 71_000),
        limit(Side::Buy, 11, 71_000),
        limit(Side::Buy, 10, 71_100),
        first.with_time_in_force(TimeInForce::Ioc),
        order(Side::Buy, 10, OrderKind::Market),
        other_account,
    ] {
        assert_eq!(again(&other, 0), Ok(()), "{other:?}");
    }
    assert_eq!(
        gate.check_modified(&first, &facts(&stock), after(0)),
        Ok(())
    );
}

#[test]
fn orders_a_second_are_counted_in_any_second() {
    let mut gate = gate(GateRules::none().with_orders_per_second(NonZeroU32::new(2).unwrap()));
    let stock = instrument(InstrumentKind::Stock);
    let order = limit(Side::Buy, 1, 71_000);
    note(&mut gate, &order, after(0));
    assert_eq!(gate.check(&order, &facts(&stock), after(100)), Ok(()));
    gate.note_modified(after(400).elapsed);
    let refusal = gate.check(&order, &facts(&stock), after(900)).unwrap_err();
    assert_eq!(
        refusal,
        GateRefusal::OrderRate {
            orders_per_second: 2,
            retry_after: Duration::from_millis(100)
        }
    );
    assert!(
        gate.check_modified(&order, &facts(&stock), after(999))
            .is_err()
    );
    assert_eq!(gate.check(&order, &facts(&stock), after(1_000)), Ok(()));
}

/// One of each, with the words that a person reads.
#[test]
fn refusals_say_rule_finding_and_remedy() {
    let qty = Qty::new(7);
    for (refusal, words) in [
        (
            GateRefusal::TradingState {
                state: TradingState::ReduceOnly,
                side: Side::Buy,
            },
            "trading state: found BUY while REDUCE_ONLY, expected a sale or a cancel, or trading resumed",
        ),
        (
            GateRefusal::NotReducing {
                qty,
                sellable: Qty::new(5),
            },
            "trading state: found a sale of 7 shares while REDUCE_ONLY, expected at most the 5 that can be sold",
        ),
        (
            GateRefusal::Combination(Unaccepted::OrderType {
                venue: Venue::Sor,
                order_type: OrderType::MidPrice,
            }),
            "order combination: found SOR takes no MID_PRICE orders, expected another type or time in force, or another venue",
        ),
        (
            GateRefusal::Closed {
                venue: Venue::Krx,
                order_type: OrderType::Limit,
                time_in_force: TimeInForce::Day,
            },
            "order hours: found LIMIT DAY to KRX now, expected an order that the venue takes at this time of day for this issue",
        ),
        (
            GateRefusal::Lot { qty, lot: 10 },
            "lot: found 7 shares, expected a multiple of 10, at least 10",
        ),
        (
            GateRefusal::Tick {
                price: price(71_050),
                below: Some(price(71_000)),
                above: Some(price(71_100)),
            },
            "tick: found 71050, expected 71000 or 71100",
        ),
        (
            GateRefusal::Band {
                price: price(9),
                lower: price(10),
                upper: price(20),
            },
            "price band: found 9, expected a price from 10 to 20",
        ),
        (
            GateRefusal::ExchangeCap {
                cap: OrderCap::Value,
                qty,
                value: won(100_000_000_001),
            },
            "exchange order cap: found 100000000001 won, expected less: an order may be worth at most 100 billion won",
        ),
        (
            GateRefusal::DayValue {
                value: won(3),
                used: won(8),
                limit: won(10),
            },
            "daily value cap: found 3 won after 8, expected at most 10 won a day",
        ),
        (
            GateRefusal::Collar {
                price: price(105),
                reference: price(100),
                basis_points: 405,
            },
            "price collar: found 105 against 100, expected a price within 4.05 % of it",
        ),
        (
            GateRefusal::Duplicate {
                age: Duration::from_millis(12),
                window: Duration::from_millis(500),
            },
            "duplicate guard: found the same order 12 ms ago, expected another order, or 500 ms between them",
        ),
    ] {
        assert_eq!(refusal.to_string(), words);
        let error = Error::from(refusal);
        let Error::Invalid(value) = &error else {
            panic!("{error}")
        };
        assert_eq!(value.what, refusal.rule());
        assert_eq!(*value.expected, *refusal.expected().to_string());
    }
    let retry_after = Duration::from_millis(100);
    let error = Error::from(GateRefusal::OrderRate {
        orders_per_second: 2,
        retry_after,
    });
    assert_eq!(error.retry_after(), Some(retry_after));
}

#[test]
fn refusals_stay_small() {
    assert!(
        size_of::<GateRefusal>() <= 40,
        "{}",
        size_of::<GateRefusal>()
    );
}

fn any_kind() -> impl Strategy<Value = OrderKind> {
    // Around the band, on and off the grid, and anywhere.
    let any_price = prop_oneof![
        (480_i64..940).prop_map(|hundreds| price(hundreds * 100)),
        (1_i64..200_000).prop_map(price),
        (1_i64..i64::MAX).prop_map(|units| Price::from_units(units).unwrap()),
    ];
    (any_price.clone(), any_price, 0..9_u8).prop_map(|(price, stop, kind)| match kind {
        0..=2 => OrderKind::Limit { price },
        3 => OrderKind::ConditionalLimit { price },
        4 => OrderKind::StopLimit { stop, price },
        5 => OrderKind::Market,
        6 => OrderKind::BestLimit,
        7 => OrderKind::MidPrice,
        _ => OrderKind::PostClose,
    })
}

fn any_order() -> impl Strategy<Value = OrderRequest> {
    let qty = prop_oneof![0_u64..200, any::<u64>()];
    let (sides, venues) = (
        prop::sample::select(Side::ALL),
        prop::sample::select(Venue::ALL),
    );
    let times = prop::sample::select(TimeInForce::ALL);
    (sides, venues, times, qty, any_kind()).prop_map(|(side, venue, time, qty, kind)| {
        order(side, qty, kind)
            .with_venue(venue)
            .with_time_in_force(time)
    })
}

proptest! {
    /// Whatever passes keeps every rule, stated here a second time and in another way; nothing panics.
    #[test]
    fn what_passes_keeps_every_rule(
        orders in prop::collection::vec((any_order(), 0_u64..400), 1..60),
        hour in 8_i8..20,
    ) {
        let rules = GateRules::none()
            .with_order_qty_max(Qty::new(150))
            .with_order_value_max(won(10_000_000))
            .with_day_qty_max(Qty::new(1_000))
            .with_day_value_max(won(50_000_000))
            .with_collar_basis_points(1_000)
            .with_duplicate_window(Duration::from_millis(700))
            .with_orders_per_second(NonZeroU32::new(3).unwrap());
        let mut gate = gate(rules);
        let stock = instrument(InstrumentKind::Stock).with_nxt_listed(true).unwrap();
        let facts = facts(&stock);
        let timetable = Timetable::of(DATE, DayKind::Normal).unwrap();
        let civil = time(hour, 35, 0, 0);
        let mut now = at(civil);
        let mut sent: Vec<(OrderRequest, Duration)> = Vec::new();
        for (order, gap) in orders {
            now.elapsed += Duration::from_millis(gap);
            if gate.check(&order, &facts, now).is_err() {
                continue;
            }
            let (order_type, time_in_force) = (order.kind.order_type(), order.time_in_force);
            prop_assert!(timetable.session_for(order.venue, civil, order_type, time_in_force).is_some());
            prop_assert!((1..=150).contains(&order.qty.get()));
            let priced = order.kind.limit_price();
            if let Some(price) = priced {
                prop_assert!((49_700..=92_300).contains(&price.won()) && price.is_whole_won());
                prop_assert_eq!(price.won() % if price.won() < 50_000 { 50 } else { 100 }, 0);
                let reference = if let OrderKind::StopLimit { stop, .. } = order.kind {
                    stop.won()
                } else {
                    71_000
                };
                let (most, least) = (reference * 11 / 10, reference * 9 / 10);
                let inside = match order.side {
                    Side::Buy => price.won() <= most,
                    Side::Sell => price.won() >= least,
                };
                prop_assert!(inside);
            }
            let worth = |order: &OrderRequest| {
                let each = order.kind.limit_price().map_or(92_300, Price::won);
                each * i64::try_from(order.qty.get()).unwrap()
            };
            prop_assert!(worth(&order) <= 10_000_000);
            for (before, at) in &sent {
                prop_assert!(before != &order || now.elapsed - *at >= Duration::from_millis(700));
            }
            sent.push((order, now.elapsed));
            gate.note_sent(&order, &facts, now.elapsed);
            let total: i64 = sent.iter().map(|(order, _)| worth(order)).sum();
            prop_assert!(total <= 50_000_000);
            prop_assert!(sent.iter().map(|(order, _)| order.qty.get()).sum::<u64>() <= 1_000);
            if let [.., (_, first), _, _, (_, last)] = sent[..] {
                prop_assert!(last - first >= Duration::from_secs(1));
            }
        }
    }

    /// While halted nothing but cancels passes, while reducing no purchase does.
    #[test]
    fn the_switch_has_the_last_word(order in any_order()) {
        let gate = gate(GateRules::none());
        let stock = instrument(InstrumentKind::Stock);
        let facts = facts(&stock);
        gate.switch().set(TradingState::Halted);
        prop_assert!(gate.check(&order, &facts, now()).is_err());
        prop_assert!(gate.check_modified(&order, &facts, now()).is_err());
        prop_assert!(gate.permits_cancel());
        gate.switch().set(TradingState::ReduceOnly);
        let bought = order.side == Side::Buy;
        prop_assert!(!bought || gate.check(&order, &facts, now()).is_err());
        prop_assert!(gate.permits_cancel());
    }
}
