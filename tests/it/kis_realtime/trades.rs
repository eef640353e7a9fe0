//! Trades, expected matches and trades after hours.

use gwanmun::wire::kis::realtime::{
    Feed, HourClass, Layout, MarketClass, Records, SignCode, TakerCode, TimeOfDay, Trade,
    TradeField, TradeRecord, YesNo, encode,
};

use super::{Example, frame_of, with_records};

/// The trades of a frame, of whichever kind.
fn trades_of<'f>(records: Records<'f>) -> Vec<TradeRecord<'f>> {
    let (Records::Trades(table) | Records::Expected(table) | Records::OvertimeTrades(table)) =
        records
    else {
        panic!("{records:?}");
    };
    table.records().collect()
}

#[test]
fn a_recorded_trade_has_its_values() {
    let example = Example::read("H0STCNT0_single");
    with_records(example.frames()[0], |records| {
        let [trade] = trades_of(records)[..] else {
            panic!("one record");
        };
        assert_eq!(trade.feed(), Feed::TradeKrx);
        assert_eq!(trade.symbol(), Ok("000660"));
        assert_eq!(
            trade.trade_time(),
            Ok(TimeOfDay::from_hhmmss(103_925).unwrap())
        );
        assert_eq!(trade.price(), Ok(1_996_000));
        assert_eq!(trade.change(), Ok(-184_000));
        assert_eq!(trade.ask(), Ok(1_997_000));
        assert_eq!(trade.bid(), Ok(1_996_000));
        assert_eq!(trade.qty(), Ok(20));
        assert_eq!(trade.volume(), Ok(2_388_396));
        assert_eq!(trade.turnover(), Ok(4_895_117_363_500));
        assert_eq!(trade.taker(), Ok(TakerCode::Seller));
        assert_eq!(trade.hour_class(), Ok(HourClass::Session));
        assert_eq!(trade.market_class(), Ok(None));
        let whole = Trade::read(&trade).unwrap();
        assert_eq!(whole.sign, SignCode::Down);
        assert_eq!(whole.change_rate, -844);
        assert_eq!(whole.average_price, 204_953_680);
        assert_eq!(
            (whole.open, whole.high, whole.low),
            (2_113_000, 2_142_000, 1_985_000)
        );
        assert_eq!(
            (whole.sell_count, whole.buy_count, whole.net_buy_count),
            (102_204, 95_496, -6_708)
        );
        assert_eq!(whole.strength, 7_645);
        assert_eq!(whole.against_low.time.hhmmss(), 103_324);
        assert_eq!(whole.against_low.change, 11_000);
        assert_eq!(whole.date, "20260713");
        assert_eq!(whole.operation.as_str(), "20");
        assert_eq!(whole.halted, YesNo::No);
        assert_eq!((whole.ask_qty, whole.bid_qty), (516, 53));
        assert_eq!((whole.ask_total, whole.bid_total), (5_028, 2_770));
        assert_eq!(whole.random_end.as_str(), "");
        assert_eq!(whole.vi_price, Some(2_113_000));
    });
}

#[test]
fn a_frame_may_hold_several_trades() {
    let example = Example::read("H0STCNT0_multi_003");
    with_records(example.frames()[0], |records| {
        let seen = trades_of(records)
            .iter()
            .map(|trade| {
                (
                    trade.price().unwrap(),
                    trade.qty().unwrap(),
                    trade.volume().unwrap(),
                )
            })
            .collect::<Vec<_>>();
        assert_eq!(
            seen,
            [
                (2_920, 3_418, 27_066_179),
                (2_925, 1_873, 27_068_052),
                (2_925, 3, 27_068_055)
            ]
        );
    });
}

/// Reading and writing meet the vendor's bytes from both sides: a field that is read from or written to the wrong place
/// changes them.
#[test]
fn every_example_is_written_as_it_was_read() {
    for (name, feed) in [
        ("H0STCNT0_single", Feed::TradeKrx),
        ("H0STCNT0_multi_003", Feed::TradeKrx),
        ("H0NXCNT0_single", Feed::TradeNxt),
        ("H0UNCNT0_single", Feed::TradeUnified),
        ("H0STANC0", Feed::ExpectedKrx),
        ("H0STOUP0", Feed::OvertimeTrade),
        ("H0STOAC0", Feed::OvertimeExpected),
    ] {
        for text in Example::read(name).frames() {
            let written = with_records(text, |records| {
                let trades = trades_of(records)
                    .iter()
                    .map(|trade| {
                        Trade::read(trade).unwrap_or_else(|error| panic!("{name}: {error}"))
                    })
                    .collect::<Vec<_>>();
                let mut out = Vec::new();
                encode::trades(feed, Layout::Mid2026, &trades, &mut out);
                String::from_utf8(out).unwrap()
            });
            assert_eq!(written, text, "{name}");
        }
    }
}

#[test]
fn an_expected_match_is_not_a_trade() {
    let example = Example::read("H0STANC0");
    with_records(example.frames()[0], |records| {
        let Records::Expected(table) = records else {
            panic!("{records:?}");
        };
        let trade = table.records().next().unwrap();
        assert_eq!(trade.width(), 45);
        assert_eq!(trade.price(), Ok(77_600));
        assert_eq!(trade.hour_class(), Ok(HourClass::BeforeExpected));
        assert_eq!(trade.raw(TradeField::VI_STND_PRC), None);
    });
}

#[test]
fn the_session_class_is_appended_and_moves_nothing() {
    let example = Example::read("H0STCNT0_single");
    let text = format!("{}^3", example.frames()[0]);
    with_records(&text, |records| {
        let Records::Trades(table) = records else {
            panic!("{records:?}");
        };
        assert_eq!((table.width(), table.unknown_values()), (47, 0));
        let trade = table.records().next().unwrap();
        assert_eq!(trade.market_class(), Ok(Some(MarketClass::After)));
        assert_eq!(trade.price(), Ok(1_996_000));
        let mut out = Vec::new();
        let trades = [Trade::read(&trade).unwrap()];
        encode::trades(Feed::TradeKrx, Layout::Current, &trades, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), text);
    });
}

/// What the vendor appends later is left aside and counted, in frames of any number of records.
#[test]
fn appended_values_are_counted_and_ignored() {
    let example = Example::read("H0STCNT0_single");
    let values = example.frames()[0].rsplit('|').next().unwrap();
    for appended in 0..6 {
        for records in 1..5 {
            let record = values.split('^').chain(std::iter::repeat_n("X", appended));
            let record = record.collect::<Vec<_>>();
            let text = frame_of("H0STCNT0", records, &record.repeat(records));
            with_records(&text, |found| {
                let Records::Trades(table) = found else {
                    panic!("{found:?}");
                };
                assert_eq!(table.unknown_values(), appended.saturating_sub(1));
                assert_eq!(table.records().len(), records);
                for trade in table.records() {
                    assert_eq!(trade.symbol(), Ok("000660"));
                    assert_eq!(trade.price(), Ok(1_996_000));
                    assert_eq!(trade.won(TradeField::VI_STND_PRC), Ok(2_113_000));
                }
            });
        }
    }
}
