//! The timetable against the exchanges' tables, row by row, and against the worked scenarios.

use std::fmt::Write;

use jiff::civil::{Date, Time, date, time};

use super::*;
use crate::domain::instrument::{Instrument, InstrumentKind};
use crate::symbol;
use OrderType::*;
use TimeInForce::{Day, Fok, Ioc};
use Venue::{Krx, Nxt, Sor};

const TODAY: Date = date(2026, 11, 24);

fn today() -> Timetable {
    Timetable::on(TODAY, TradingCalendar::builtin()).unwrap()
}

fn at(hour: i8, minute: i8, second: i8) -> Time {
    time(hour, minute, second, 0)
}

/// Date, segment, start and end of entry, start and end of matching, order types with their times in force; by venue
/// and start of entry. Written down apart from the tables of the code.
const EXPECTED: &str = "\
2024-06-12 OPEN_AUCTION 08:30:00 09:00:00 09:00:00 09:00:30 LIMIT:DAY MARKET:DAY CONDITIONAL_LIMIT:DAY
2024-06-12 PRE_CLOSE 08:30:00 08:40:00 08:30:00 08:40:00 PRE_CLOSE:DAY
2024-06-12 CONTINUOUS 09:00:00 15:20:00 09:00:00 15:20:00 LIMIT:DAY/IOC/FOK MARKET:DAY/IOC/FOK CONDITIONAL_LIMIT:DAY BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY
2024-06-12 CLOSE_AUCTION 15:20:00 15:30:00 15:30:00 15:30:30 LIMIT:DAY MARKET:DAY
2024-06-12 POST_CLOSE 15:30:00 16:00:00 15:40:00 16:00:00 POST_CLOSE:DAY
2024-11-14 OPEN_AUCTION 09:30:00 10:00:00 10:00:00 10:00:30 LIMIT:DAY MARKET:DAY CONDITIONAL_LIMIT:DAY
2024-11-14 PRE_CLOSE 09:30:00 09:40:00 09:30:00 09:40:00 PRE_CLOSE:DAY
2024-11-14 CONTINUOUS 10:00:00 16:20:00 10:00:00 16:20:00 LIMIT:DAY/IOC/FOK MARKET:DAY/IOC/FOK CONDITIONAL_LIMIT:DAY BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY
2024-11-14 CLOSE_AUCTION 16:20:00 16:30:00 16:30:00 16:30:30 LIMIT:DAY MARKET:DAY
2024-11-14 POST_CLOSE 16:30:00 17:00:00 16:40:00 17:00:00 POST_CLOSE:DAY
2024-01-02 PRE_CLOSE 08:30:00 08:40:00 08:30:00 08:40:00 PRE_CLOSE:DAY
2024-01-02 OPEN_AUCTION 09:30:00 10:00:00 10:00:00 10:00:30 LIMIT:DAY MARKET:DAY CONDITIONAL_LIMIT:DAY
2024-01-02 CONTINUOUS 10:00:00 15:20:00 10:00:00 15:20:00 LIMIT:DAY/IOC/FOK MARKET:DAY/IOC/FOK CONDITIONAL_LIMIT:DAY BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY
2024-01-02 CLOSE_AUCTION 15:20:00 15:30:00 15:30:00 15:30:30 LIMIT:DAY MARKET:DAY
2024-01-02 POST_CLOSE 15:30:00 16:00:00 15:40:00 16:00:00 POST_CLOSE:DAY
2025-06-12 OPEN_AUCTION 08:30:00 09:00:00 09:00:00 09:00:30 LIMIT:DAY MARKET:DAY CONDITIONAL_LIMIT:DAY
2025-06-12 PRE_CLOSE 08:30:00 08:40:00 08:30:00 08:40:00 PRE_CLOSE:DAY
2025-06-12 CONTINUOUS 09:00:00 15:20:00 09:00:00 15:20:00 LIMIT:DAY/IOC/FOK MARKET:DAY/IOC/FOK CONDITIONAL_LIMIT:DAY BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY MID_PRICE:DAY/IOC/FOK STOP_LIMIT:DAY
2025-06-12 CLOSE_AUCTION 15:20:00 15:30:00 15:30:00 15:30:30 LIMIT:DAY MARKET:DAY
2025-06-12 POST_CLOSE 15:30:00 16:00:00 15:40:00 16:00:00 POST_CLOSE:DAY
2025-06-12 NXT_PRE 08:00:00 08:50:00 08:00:00 08:50:00 LIMIT:DAY/IOC/FOK BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY
2025-06-12 NXT_MAIN 09:00:30 15:20:00 09:00:30 15:20:00 LIMIT:DAY/IOC/FOK MARKET:IOC/FOK BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY MID_PRICE:DAY/IOC/FOK STOP_LIMIT:DAY
2025-06-12 NXT_CLOSE_PRICE 15:00:00 16:00:00 15:30:00 16:00:00 -
2025-06-12 NXT_AFTER_OPEN 15:30:00 15:40:00 15:40:00 15:40:30 LIMIT:DAY
2025-06-12 NXT_AFTER 15:40:00 20:00:00 15:40:00 20:00:00 LIMIT:DAY/IOC/FOK BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY
2025-11-13 OPEN_AUCTION 09:30:00 10:00:00 10:00:00 10:00:30 LIMIT:DAY MARKET:DAY CONDITIONAL_LIMIT:DAY
2025-11-13 PRE_CLOSE 09:30:00 09:40:00 09:30:00 09:40:00 PRE_CLOSE:DAY
2025-11-13 CONTINUOUS 10:00:00 16:20:00 10:00:00 16:20:00 LIMIT:DAY/IOC/FOK MARKET:DAY/IOC/FOK CONDITIONAL_LIMIT:DAY BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY MID_PRICE:DAY/IOC/FOK STOP_LIMIT:DAY
2025-11-13 CLOSE_AUCTION 16:20:00 16:30:00 16:30:00 16:30:30 LIMIT:DAY MARKET:DAY
2025-11-13 POST_CLOSE 16:30:00 17:00:00 16:40:00 17:00:00 POST_CLOSE:DAY
2025-11-13 NXT_MAIN 10:00:30 16:20:00 10:00:30 16:20:00 LIMIT:DAY/IOC/FOK MARKET:IOC/FOK BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY MID_PRICE:DAY/IOC/FOK STOP_LIMIT:DAY
2025-11-13 NXT_AFTER_OPEN 16:30:00 16:40:00 16:40:00 16:40:30 LIMIT:DAY
2025-11-13 NXT_AFTER 16:40:00 20:00:00 16:40:00 20:00:00 LIMIT:DAY/IOC/FOK BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY
2026-01-02 PRE_CLOSE 08:30:00 08:40:00 08:30:00 08:40:00 PRE_CLOSE:DAY
2026-01-02 OPEN_AUCTION 09:30:00 10:00:00 10:00:00 10:00:30 LIMIT:DAY MARKET:DAY CONDITIONAL_LIMIT:DAY
2026-01-02 CONTINUOUS 10:00:00 15:20:00 10:00:00 15:20:00 LIMIT:DAY/IOC/FOK MARKET:DAY/IOC/FOK CONDITIONAL_LIMIT:DAY BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY MID_PRICE:DAY/IOC/FOK STOP_LIMIT:DAY
2026-01-02 CLOSE_AUCTION 15:20:00 15:30:00 15:30:00 15:30:30 LIMIT:DAY MARKET:DAY
2026-01-02 POST_CLOSE 15:30:00 16:00:00 15:40:00 16:00:00 POST_CLOSE:DAY
2026-01-02 NXT_MAIN 10:00:30 15:20:00 10:00:30 15:20:00 LIMIT:DAY/IOC/FOK MARKET:IOC/FOK BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY MID_PRICE:DAY/IOC/FOK STOP_LIMIT:DAY
2026-01-02 NXT_CLOSE_PRICE 15:00:00 16:00:00 15:30:00 16:00:00 -
2026-01-02 NXT_AFTER_OPEN 15:30:00 15:40:00 15:40:00 15:40:30 LIMIT:DAY
2026-01-02 NXT_AFTER 15:40:00 20:00:00 15:40:00 20:00:00 LIMIT:DAY/IOC/FOK BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY
2026-09-11 OPEN_AUCTION 08:30:00 09:00:00 09:00:00 09:00:30 LIMIT:DAY MARKET:DAY CONDITIONAL_LIMIT:DAY
2026-09-11 PRE_CLOSE 08:30:00 08:40:00 08:30:00 08:40:00 PRE_CLOSE:DAY
2026-09-11 CONTINUOUS 09:00:00 15:20:00 09:00:00 15:20:00 LIMIT:DAY/IOC/FOK MARKET:DAY/IOC/FOK CONDITIONAL_LIMIT:DAY BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY MID_PRICE:DAY/IOC/FOK STOP_LIMIT:DAY
2026-09-11 CLOSE_AUCTION 15:20:00 15:30:00 15:30:00 15:30:30 LIMIT:DAY MARKET:DAY
2026-09-11 POST_CLOSE 15:30:00 16:00:00 15:40:00 16:00:00 POST_CLOSE:DAY
2026-09-11 NXT_PRE 08:00:00 08:50:00 08:00:00 08:50:00 LIMIT:DAY/IOC/FOK BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY
2026-09-11 NXT_MAIN 09:00:30 15:20:00 09:00:30 15:20:00 LIMIT:DAY/IOC/FOK MARKET:IOC/FOK BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY MID_PRICE:DAY/IOC/FOK STOP_LIMIT:DAY
2026-09-11 NXT_CLOSE_PRICE 15:00:00 16:00:00 15:30:00 16:00:00 -
2026-09-11 NXT_AFTER_OPEN 15:30:00 15:40:00 15:40:00 15:40:30 LIMIT:DAY
2026-09-11 NXT_AFTER 15:40:00 20:00:00 15:40:00 20:00:00 LIMIT:DAY/IOC/FOK BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY
2026-09-14 OPEN_AUCTION 08:20:00 09:00:00 09:00:00 09:00:30 LIMIT:DAY MARKET:DAY CONDITIONAL_LIMIT:DAY
2026-09-14 PRE_CLOSE 08:30:00 08:40:00 08:30:00 08:40:00 PRE_CLOSE:DAY
2026-09-14 CONTINUOUS 09:00:00 15:20:00 09:00:00 15:20:00 LIMIT:DAY/IOC/FOK MARKET:DAY/IOC/FOK CONDITIONAL_LIMIT:DAY BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY MID_PRICE:DAY/IOC/FOK STOP_LIMIT:DAY
2026-09-14 CLOSE_AUCTION 15:20:00 15:30:00 15:30:00 15:30:30 LIMIT:DAY MARKET:DAY
2026-09-14 POST_CLOSE 15:30:00 16:00:00 15:40:00 16:00:00 POST_CLOSE:DAY
2026-09-14 AFTER_MARKET 16:00:00 20:00:00 16:00:00 20:00:00 LIMIT:DAY/IOC/FOK BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY
2026-09-14 NXT_PRE 08:00:00 08:50:00 08:00:00 08:50:00 LIMIT:DAY/IOC/FOK BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY
2026-09-14 NXT_MAIN 09:00:30 15:20:00 09:00:30 15:20:00 LIMIT:DAY/IOC/FOK MARKET:IOC/FOK BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY MID_PRICE:DAY/IOC/FOK STOP_LIMIT:DAY
2026-09-14 NXT_CLOSE_PRICE 15:00:00 16:00:00 15:30:00 16:00:00 -
2026-09-14 NXT_AFTER_OPEN 15:30:00 15:40:00 15:40:00 15:40:30 LIMIT:DAY
2026-09-14 NXT_AFTER 15:40:00 20:00:00 15:40:00 20:00:00 LIMIT:DAY/IOC/FOK BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY
2026-11-19 OPEN_AUCTION 09:20:00 10:00:00 10:00:00 10:00:30 LIMIT:DAY MARKET:DAY CONDITIONAL_LIMIT:DAY
2026-11-19 PRE_CLOSE 09:30:00 09:40:00 09:30:00 09:40:00 PRE_CLOSE:DAY
2026-11-19 CONTINUOUS 10:00:00 16:20:00 10:00:00 16:20:00 LIMIT:DAY/IOC/FOK MARKET:DAY/IOC/FOK CONDITIONAL_LIMIT:DAY BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY MID_PRICE:DAY/IOC/FOK STOP_LIMIT:DAY
2026-11-19 CLOSE_AUCTION 16:20:00 16:30:00 16:30:00 16:30:30 LIMIT:DAY MARKET:DAY
2026-11-19 POST_CLOSE 16:30:00 17:00:00 16:40:00 17:00:00 POST_CLOSE:DAY
2026-11-19 AFTER_MARKET 17:00:00 20:00:00 17:00:00 20:00:00 LIMIT:DAY/IOC/FOK BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY
2026-11-19 NXT_MAIN 10:00:30 16:20:00 10:00:30 16:20:00 LIMIT:DAY/IOC/FOK MARKET:IOC/FOK BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY MID_PRICE:DAY/IOC/FOK STOP_LIMIT:DAY
2026-11-19 NXT_AFTER_OPEN 16:30:00 16:40:00 16:40:00 16:40:30 LIMIT:DAY
2026-11-19 NXT_AFTER 16:40:00 20:00:00 16:40:00 20:00:00 LIMIT:DAY/IOC/FOK BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY
2027-01-04 PRE_CLOSE 08:30:00 08:40:00 08:30:00 08:40:00 PRE_CLOSE:DAY
2027-01-04 OPEN_AUCTION 09:30:00 10:00:00 10:00:00 10:00:30 LIMIT:DAY MARKET:DAY CONDITIONAL_LIMIT:DAY
2027-01-04 CONTINUOUS 10:00:00 15:20:00 10:00:00 15:20:00 LIMIT:DAY/IOC/FOK MARKET:DAY/IOC/FOK CONDITIONAL_LIMIT:DAY BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY MID_PRICE:DAY/IOC/FOK STOP_LIMIT:DAY
2027-01-04 CLOSE_AUCTION 15:20:00 15:30:00 15:30:00 15:30:30 LIMIT:DAY MARKET:DAY
2027-01-04 POST_CLOSE 15:30:00 16:00:00 15:40:00 16:00:00 POST_CLOSE:DAY
2027-01-04 AFTER_MARKET 16:00:00 20:00:00 16:00:00 20:00:00 LIMIT:DAY/IOC/FOK BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY
2027-01-04 NXT_MAIN 10:00:30 15:20:00 10:00:30 15:20:00 LIMIT:DAY/IOC/FOK MARKET:IOC/FOK BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY MID_PRICE:DAY/IOC/FOK STOP_LIMIT:DAY
2027-01-04 NXT_CLOSE_PRICE 15:00:00 16:00:00 15:30:00 16:00:00 -
2027-01-04 NXT_AFTER_OPEN 15:30:00 15:40:00 15:40:00 15:40:30 LIMIT:DAY
2027-01-04 NXT_AFTER 15:40:00 20:00:00 15:40:00 20:00:00 LIMIT:DAY/IOC/FOK BEST_LIMIT:DAY/IOC/FOK TOP_PRIORITY:DAY
";

#[test]
fn every_session_is_as_the_exchanges_publish_it() {
    let mut dates: Vec<Date> = EXPECTED.lines().map(|l| l[..10].parse().unwrap()).collect();
    dates.dedup();
    let mut found = String::new();
    for date in dates {
        let timetable = Timetable::on(date, TradingCalendar::builtin()).unwrap();
        for venue in [Krx, Nxt] {
            let mut sessions: Vec<&Session> = timetable.sessions(venue).collect();
            sessions.sort_by_key(|session| (session.entry.start, session.segment.as_str()));
            for session in sessions {
                assert_eq!(session.segment.venue(), venue);
                writeln!(found, "{date} {}", row(session)).unwrap();
            }
        }
    }
    for (found, expected) in found.lines().zip(EXPECTED.lines()) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.lines().count(), EXPECTED.lines().count());
}

fn row(session: &Session) -> String {
    let mut types: Vec<String> = Vec::new();
    for order_type in OrderType::ALL {
        let times = TimeInForce::ALL
            .iter()
            .filter(|&&time| session.accepts.contains(*order_type, time));
        let times: Vec<&str> = times.map(|time| time.as_str()).collect();
        if !times.is_empty() {
            types.push(format!("{order_type}:{}", times.join("/")));
        }
    }
    let types = if types.is_empty() {
        "-".to_owned()
    } else {
        types.join(" ")
    };
    let Session {
        segment,
        entry,
        matching,
        ..
    } = session;
    format!(
        "{segment} {} {} {} {} {types}",
        entry.start, entry.end, matching.start, matching.end
    )
}

/// S-14, every row that our types express. The GTP row and the after-hours single price (code 07) are not expressible.
#[test]
fn s14_by_time_of_day() {
    for (time, venue, order_type, tif, segment) in [
        (at(7, 59, 59), Nxt, Limit, Day, None),
        (at(8, 0, 0), Nxt, Limit, Day, Some(Segment::NxtPre)),
        (at(8, 10, 0), Nxt, Market, Ioc, None),
        (at(8, 15, 0), Krx, Limit, Day, None),
        (at(8, 25, 0), Krx, Limit, Day, Some(Segment::OpenAuction)),
        (at(8, 35, 0), Krx, PreClose, Day, Some(Segment::PreClose)),
        (at(8, 35, 0), Krx, Limit, Day, Some(Segment::OpenAuction)),
        (at(8, 41, 0), Krx, PreClose, Day, None),
        (at(8, 45, 0), Krx, Market, Day, Some(Segment::OpenAuction)),
        (at(8, 45, 0), Krx, BestLimit, Day, None),
        (at(8, 45, 0), Krx, Limit, Ioc, None),
        (at(8, 55, 0), Nxt, Limit, Day, None),
        (at(9, 0, 10), Nxt, Limit, Day, None),
        (at(9, 0, 30), Nxt, Limit, Day, Some(Segment::NxtMain)),
        (at(10, 0, 0), Nxt, ConditionalLimit, Day, None),
        (
            at(15, 19, 59),
            Krx,
            ConditionalLimit,
            Day,
            Some(Segment::Continuous),
        ),
        (at(15, 20, 0), Krx, ConditionalLimit, Day, None),
        (at(15, 25, 0), Krx, Limit, Day, Some(Segment::CloseAuction)),
        (at(15, 25, 0), Krx, Market, Day, Some(Segment::CloseAuction)),
        (at(15, 25, 0), Krx, Market, Fok, None),
        (at(15, 25, 0), Nxt, Limit, Day, None),
        (at(15, 35, 0), Krx, PostClose, Day, Some(Segment::PostClose)),
        (at(15, 50, 0), Krx, Limit, Day, None),
        (at(16, 5, 0), Krx, Limit, Day, Some(Segment::AfterMarket)),
        (at(16, 5, 0), Krx, Market, Day, None),
        (at(19, 59, 0), Nxt, Limit, Day, Some(Segment::NxtAfter)),
        (at(20, 0, 0), Krx, Limit, Day, None),
        (at(20, 0, 0), Nxt, Limit, Day, None),
    ] {
        let session = today().session_for(venue, time, order_type, tif);
        let found = session.map(|session| session.segment);
        assert_eq!(found, segment, "{time} {venue} {order_type} {tif}");
    }
    // The post-hours closing price is taken from 15:30 and matched from 15:40.
    let post_close = today().session_for(Krx, at(15, 35, 0), PostClose, Day);
    assert_eq!(post_close.unwrap().matching.start, at(15, 40, 0));
}

/// S-14, 10:00: KRX takes the 15 regular types, and no others.
#[test]
fn s14_continuous_trading_takes_every_regular_type() {
    let taken = accepted_at(Krx, at(10, 0, 0));
    assert_eq!(taken.len(), 15);
    assert!(
        !taken
            .iter()
            .any(|(order_type, _)| matches!(order_type, PreClose | PostClose))
    );
}

fn accepted_at(venue: Venue, time: Time) -> Vec<(OrderType, TimeInForce)> {
    let all = |order_type: &OrderType| {
        TimeInForce::ALL
            .iter()
            .map(|&tif| (*order_type, tif))
            .collect()
    };
    OrderType::ALL
        .iter()
        .flat_map::<Vec<_>, _>(all)
        .filter(|&(order_type, tif)| today().session_for(venue, time, order_type, tif).is_some())
        .collect()
}

/// S-14, 16:05 on an ETF, and the other issues that a segment does not take.
#[test]
fn s14_segments_do_not_take_every_issue() {
    use crate::domain::instrument::Market::{Konex, Kospi};
    let issue = |market, kind| Instrument::new(symbol!("005930"), "issue", market, kind).unwrap();
    let stock = issue(Kospi, InstrumentKind::Stock);
    let on_nxt = stock.clone().with_nxt_listed(true).unwrap();
    let alerted = on_nxt.clone().with_alert(true);
    let etf = issue(Kospi, InstrumentKind::Etf);
    let elw = issue(Kospi, InstrumentKind::Elw);
    let konex = issue(Konex, InstrumentKind::Stock);
    for (issue, segment, traded) in [
        (&stock, Segment::AfterMarket, true),
        (&stock, Segment::NxtMain, false),
        (&on_nxt, Segment::NxtMain, true),
        (&alerted, Segment::NxtMain, false),
        (&alerted, Segment::AfterMarket, false),
        (&alerted, Segment::Continuous, true),
        (&etf, Segment::AfterMarket, false),
        (&etf, Segment::PostClose, true),
        (&elw, Segment::PreClose, false),
        (&elw, Segment::Continuous, true),
        (&konex, Segment::AfterMarket, false),
    ] {
        assert_eq!(
            issue.trades_in(segment),
            traded,
            "{} in {segment}",
            issue.kind()
        );
    }
}

/// S-15: what is unfilled at the end of a segment.
#[test]
fn s15_unfilled_orders() {
    for (segment, order_type, carried) in [
        (Segment::Continuous, Limit, true),
        (Segment::Continuous, ConditionalLimit, true),
        (Segment::Continuous, StopLimit, false),
        (Segment::CloseAuction, Limit, false),
        (Segment::PreClose, PreClose, false),
        (Segment::NxtPre, Limit, true),
        (Segment::NxtMain, Limit, true),
        (Segment::AfterMarket, Limit, false),
        (Segment::NxtAfter, Limit, false),
    ] {
        assert_eq!(
            segment.carries_over(order_type),
            carried,
            "{order_type} in {segment}"
        );
    }
}

/// S-104, the rows with a time of day.
#[test]
fn s104_venue_order_type_and_time() {
    for (venue, time, order_type, taken) in [
        (Nxt, at(10, 0, 0), MidPrice, true),
        (Nxt, at(17, 0, 0), MidPrice, false),
        (Sor, at(10, 0, 0), Market, true),
        (Sor, at(8, 10, 0), Market, false),
        (Sor, at(17, 0, 0), Market, false),
        (Sor, at(8, 10, 0), Limit, true),
        (Sor, at(10, 0, 0), MidPrice, false),
    ] {
        let session = today().session_for(venue, time, order_type, Day);
        assert_eq!(session.is_some(), taken, "{venue} {order_type} {time}");
    }
    let early = today().session_for(Sor, at(8, 10, 0), Limit, Day).unwrap();
    assert_eq!(early.segment.venue(), Nxt);
}

#[test]
fn a_venue_never_takes_at_a_time_what_it_never_takes() {
    for kind in DayKind::ALL {
        for venue in [Krx, Nxt] {
            for session in Timetable::of(TODAY, *kind).unwrap().sessions(venue) {
                let mut orders = session.accepts.iter();
                assert!(orders.all(|(order_type, tif)| is_accepted(venue, order_type, tif)));
            }
        }
    }
}

#[test]
fn days_without_trading_have_no_sessions() {
    let calendar = TradingCalendar::builtin();
    let holiday = Timetable::on(date(2026, 12, 25), calendar).unwrap();
    assert_eq!(holiday, Timetable::CLOSED);
    assert_eq!(holiday.sessions_at(Sor, at(10, 0, 0)).count(), 0);
    assert!(Timetable::on(date(2028, 1, 3), calendar).is_err());
    assert!(Timetable::of(date(2019, 4, 26), DayKind::Normal).is_err());
}

#[test]
fn nextrade_began_at_ten_on_its_first_day() {
    let orders_at = |date, time| {
        let timetable = Timetable::of(date, DayKind::Normal).unwrap();
        timetable.session_for(Nxt, time, Limit, Day).is_some()
    };
    assert!(!orders_at(date(2025, 2, 28), at(10, 0, 0)));
    assert!(!orders_at(date(2025, 3, 4), at(9, 30, 0)));
    assert!(orders_at(date(2025, 3, 4), at(10, 0, 0)));
    assert!(orders_at(date(2025, 3, 5), at(8, 0, 0)));
}

#[test]
fn segments_overlap_where_the_exchange_overlaps_them() {
    let at_835: Vec<Segment> = today()
        .sessions_at(Krx, at(8, 35, 0))
        .map(|session| session.segment)
        .collect();
    assert_eq!(at_835, [Segment::OpenAuction, Segment::PreClose]);
}
