//! Rows S1 to S27: what a send can become.

use std::time::Duration;

use gwanmun::domain::{
    CancelRequest, ExecutionEvent, ModifyRequest, OrderCommand, OrderStatus, Qty, RefusalReason,
    Resolution, Venue,
};
use gwanmun::orders::desk::{Answer, Config, Decision, Instruction, OrderList};
use gwanmun::{Block, Error};

use super::harness::{Bench, REFUSALS, account, buy, code, filled, id, no, row, won};

#[test]
fn s1_a_failed_check_leaves_no_trace() {
    let mut bench = Bench::new();
    let mut other = buy(1, 70_000);
    other.account = "9999999901".parse().unwrap();
    for request in [buy(0, 70_000), other] {
        assert!(matches!(bench.place(request), Err(Error::Invalid(_))));
    }
    bench.working(buy(1, 70_000).with_id(id(7)), 10);
    let lines = bench.desk.journal().len();
    assert!(
        bench.place(buy(2, 70_000).with_id(id(7))).is_err(),
        "an id was used twice"
    );
    assert_eq!((bench.writes.len(), bench.desk.journal().len()), (1, lines));
}

#[test]
fn s2_s3_what_never_left_is_not_sent_and_may_be_sent_again() {
    let mut bench = Bench::new();
    let (ticket, first) = bench.place(buy(10, 70_000)).unwrap();
    bench.act(|desk, now, out| desk.not_written(now, ticket, out));
    assert!(matches!(
        bench.events[..],
        [ExecutionEvent::NotSent { id, command: OrderCommand::Place, .. }] if id == first
    ));
    assert!(bench.outcomes.is_empty());
    bench.working(buy(10, 70_000), 10);
    assert_eq!(bench.desk.undecided().count(), 0);
}

#[test]
fn s2_an_order_that_never_left_takes_no_room() {
    let config = Config {
        reconcile_first: false,
        orders_max: 1,
        ..Config::default()
    };
    let mut bench = Bench::with(config);
    let (ticket, _) = bench.place(buy(10, 70_000)).unwrap();
    bench.act(|desk, now, out| desk.not_written(now, ticket, out));
    assert!(bench.desk.is_at_rest());
    bench.place(buy(10, 70_000)).unwrap();
}

#[test]
fn s4_s5_a_cut_write_is_not_sent_only_at_zero_bytes() {
    const LEN: usize = 300;
    for written in 0..=LEN {
        let mut bench = Bench::new();
        let (ticket, _) = bench.place(buy(10, 70_000)).unwrap();
        bench.cut(ticket, written);
        assert_eq!(bench.is_unknown(ticket), written > 0, "{written} bytes");
        assert_eq!(bench.desk.undecided().count(), usize::from(written > 0));
        assert_eq!(bench.writes.len(), 1, "{written} bytes: written again");
    }
}

#[test]
fn s6_silence_is_unknown_at_the_deadline_and_looked_up_at_once() {
    let mut bench = Bench::new();
    let (ticket, order) = bench.place(buy(10, 70_000)).unwrap();
    let at = bench.at();
    bench.pass(9_999);
    assert!(!bench.is_unknown(ticket));
    bench.reads.clear();
    bench.pass(1);
    assert!(bench.is_unknown(ticket));
    bench.pass(300);
    assert_eq!(bench.reads.len(), 1, "no look after 0.3 s");
    bench.answer_read(&[row(55, 10, 70_000, at)]);
    let found = bench.desk.order(order).unwrap();
    assert_eq!((found.order_no, found.status), (no(55), OrderStatus::New));
    assert!(matches!(
        bench.resolutions(order)[..],
        [Resolution::Accepted(receipt)] if receipt.inferred && receipt.order_no == no(55)
    ));
    assert_eq!(bench.writes.len(), 1);
}

#[test]
fn s7_s11_s15_s16_an_answer_that_is_not_whole_is_unknown() {
    // Cut answers, HTML, redirects, success without a number: the broker side makes all of them `Unclear`.
    let mut bench = Bench::new();
    let (ticket, order) = bench.place(buy(10, 70_000)).unwrap();
    bench.answer(ticket, Answer::Unclear);
    assert!(bench.is_unknown(ticket));
    let at = bench.at();
    bench.pass(300);
    bench.answer_read(&[row(55, 10, 70_000, at)]);
    assert_eq!(bench.desk.order(order).unwrap().order_no, no(55));
}

#[test]
fn s9_a_late_answer_goes_to_the_same_order() {
    for late_ms in [9_999, 10_000, 10_001, 20_000] {
        let mut bench = Bench::new();
        let (ticket, order) = bench.place(buy(10, 70_000)).unwrap();
        bench.pass(late_ms);
        bench.accept(ticket, 55);
        let found = bench.desk.order(order).unwrap();
        assert_eq!((found.order_no, found.status), (no(55), OrderStatus::New));
        assert_eq!(bench.desk.undecided().count(), 0);
        assert_eq!((bench.writes.len(), bench.outcomes.len()), (1, 1));
        assert_eq!(bench.is_unknown(ticket), late_ms >= 10_000);
    }
}

#[test]
fn s9_an_answer_after_absence_brings_the_order_back() {
    let mut bench = Bench::new();
    let (ticket, order) = bench.place(buy(10, 70_000)).unwrap();
    bench.pass_with(75_000, &[]);
    assert_eq!(bench.resolutions(order), [Resolution::Absent]);
    bench.accept(ticket, 55);
    assert_eq!(bench.desk.order(order).unwrap().status, OrderStatus::New);
    bench.fill(55, 10, 70_000);
    assert_eq!(bench.told(order).0, 10);
}

#[test]
fn s9_an_answer_after_it_was_found_changes_nothing() {
    let mut bench = Bench::new();
    let (ticket, order) = bench.place(buy(10, 70_000)).unwrap();
    let at = bench.at();
    bench.pass(10_300);
    bench.answer_read(&[row(55, 10, 70_000, at)]);
    let events = bench.events.len();
    bench.accept(ticket, 55);
    assert_eq!(bench.events.len(), events);
    assert_eq!(bench.desk.open_orders().count(), 1);
    assert_eq!(bench.desk.order(order).unwrap().order_no, no(55));
}

#[test]
fn s12_s13_only_codes_of_the_closed_list_refuse() {
    for &(text, reason) in REFUSALS.0 {
        let mut bench = Bench::new();
        let (ticket, order) = bench.place(buy(10, 70_000)).unwrap();
        bench.answer(ticket, code(text));
        assert_eq!(bench.refusal(ticket), Some(reason));
        assert!(matches!(bench.events[..], [ExecutionEvent::Refused { .. }]));
        assert!(bench.desk.order(order).is_none() && bench.desk.undecided().count() == 0);
    }
}

#[test]
fn s13_s14_every_other_code_is_unknown() {
    // The broker's own "time-out, check the previous transaction", routing, temporary and unheard-of codes.
    for text in [
        "EGW00301",
        "EGW00302",
        "EGW00202",
        "EGW00203",
        "EGW00300",
        "EGW00001",
        "EGW00002",
        "1999",
        "IGW00009",
        "APBK9999",
        "",
        "XYZ",
        "APBK04000",
    ] {
        let mut bench = Bench::new();
        let (ticket, _) = bench.place(buy(10, 70_000)).unwrap();
        bench.answer(ticket, code(text));
        assert!(bench.is_unknown(ticket), "{text}");
        assert!(
            matches!(bench.events[..], [ExecutionEvent::Unknown { .. }]),
            "{text}"
        );
    }
}

#[test]
fn s17_s20_a_token_refusal_is_a_refusal_and_a_broken_login_blocks() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 1);
    let (ticket, _) = bench.place(buy(11, 70_000)).unwrap();
    bench.answer(ticket, code("EGW00123"));
    assert_eq!(bench.refusal(ticket), Some(RefusalReason::Authentication));
    bench.desk.block(Block::Login);
    assert!(matches!(
        bench.place(buy(12, 70_000)),
        Err(Error::Blocked { by: Block::Login })
    ));
    bench.cancel(CancelRequest::all(account(), order)).unwrap();
    bench.desk.unblock(Block::Login);
    bench.place(buy(12, 70_000)).unwrap();
}

#[test]
fn s21_an_over_rate_refusal_is_not_sent_again() {
    let mut bench = Bench::new();
    let (ticket, _) = bench.place(buy(10, 70_000)).unwrap();
    bench.answer(ticket, code("EGW00201"));
    assert_eq!(bench.refusal(ticket), Some(RefusalReason::RateLimited));
    bench.pass_with(300_000, &[]);
    assert_eq!(bench.writes.len(), 1);
}

#[test]
fn s22_a_wait_for_the_limiter_that_lasts_too_long_is_not_sent() {
    let mut bench = Bench::new();
    let (ticket, _) = bench.place(buy(10, 70_000)).unwrap();
    assert_eq!(
        bench.writes[0].deadline,
        Duration::from_millis(bench.ms + 10_000)
    );
    bench.pass(9_000);
    bench.act(|desk, now, out| desk.not_written(now, ticket, out));
    bench.pass(60_000);
    assert!(!bench.is_unknown(ticket));
    assert!(matches!(bench.events[..], [ExecutionEvent::NotSent { .. }]));
}

#[test]
fn s23_an_identical_order_waits_for_the_first_and_any_other_does_not() {
    let mut bench = Bench::new();
    let (ticket, first) = bench.place(buy(10, 70_000)).unwrap();
    let busy = |bench: &mut Bench| {
        let result = bench.place(buy(10, 70_000));
        assert!(matches!(result, Err(Error::Busy { id }) if id == first));
    };
    busy(&mut bench);
    bench.place(buy(10, 70_100)).unwrap();
    bench.place(buy(11, 70_000)).unwrap();
    bench.place(buy(10, 70_000).with_venue(Venue::Nxt)).unwrap();
    bench.pass(10_000);
    busy(&mut bench);
    bench.accept(ticket, 5);
    bench.place(buy(10, 70_000)).unwrap();
    assert_eq!(bench.writes.len(), 5);
}

#[test]
fn s24_a_clock_that_jumps_stops_new_orders_until_the_list_was_read() {
    for jump_ms in [90_000, 3_600_000, -3_600_000] {
        let mut bench = Bench::new();
        let order = bench.working(buy(10, 70_000), 1);
        let (ticket, _) = bench.place(buy(11, 70_000)).unwrap();
        bench.wall_ms += jump_ms;
        let blocked = bench.place(buy(12, 70_000));
        assert!(matches!(
            blocked,
            Err(Error::Blocked {
                by: Block::Reconciling
            })
        ));
        bench.cancel(CancelRequest::all(account(), order)).unwrap();
        assert!(
            !bench.is_unknown(ticket),
            "a deadline followed the wall clock"
        );
        bench.pass_with(1_000, &[row(1, 10, 70_000, bench.at())]);
        bench.place(buy(12, 70_000)).unwrap();
    }
}

#[test]
fn s25_the_match_window_follows_the_brokers_clock() {
    for ahead_s in [-120_i64, 120] {
        let mut bench = Bench::new();
        bench.desk.set_clock_offset(ahead_s * 1_000_000_000);
        let (_, order) = bench.place(buy(10, 70_000)).unwrap();
        let theirs = bench.at().saturating_add_nanos(ahead_s * 1_000_000_000);
        bench.pass(10_300);
        bench.answer_read(&[row(55, 10, 70_000, theirs)]);
        assert_eq!(bench.desk.order(order).unwrap().order_no, no(55));
    }
}

#[test]
fn s27_a_smart_routed_order_is_found_under_the_venue_that_it_went_to() {
    let found = |asked: Venue, shown: Venue| {
        let mut bench = Bench::new();
        let (_, order) = bench.place(buy(10, 70_000).with_venue(asked)).unwrap();
        let mut shown_row = row(55, 10, 70_000, bench.at());
        shown_row.venue = Some(shown);
        bench.pass(10_300);
        bench.answer_read(&[shown_row]);
        bench.desk.order(order).is_some()
    };
    assert!(
        found(Venue::Sor, Venue::Nxt)
            && found(Venue::Sor, Venue::Krx)
            && found(Venue::Krx, Venue::Krx)
    );
    assert!(
        !found(Venue::Krx, Venue::Nxt),
        "an order for KRX was found on NXT"
    );
}

#[test]
fn the_first_orders_wait_for_the_first_list() {
    let mut bench = Bench::with(Config::default());
    let blocked = bench.place(buy(10, 70_000));
    assert!(matches!(
        blocked,
        Err(Error::Blocked {
            by: Block::Reconciling
        })
    ));
    bench.fail_read();
    assert!(
        bench.place(buy(10, 70_000)).is_err(),
        "a failed read counted"
    );
    bench.pass_with(2_000, &[]);
    bench.place(buy(10, 70_000)).unwrap();
}

#[test]
fn an_order_goes_from_request_to_end() {
    let mut bench = Bench::new();
    let (ticket, order) = bench.place(buy(10, 70_000)).unwrap();
    assert_eq!(bench.writes[0].instruction, Instruction::Place);
    assert_eq!(bench.writes[0].order, buy(10, 70_000).with_id(order));
    bench.accept(ticket, 55);
    bench.fill(55, 4, 70_000);
    bench.ms += 1_000;
    bench.fill(55, 6, 69_900);
    let done = bench.desk.order(order).unwrap();
    assert_eq!(
        (done.status, done.filled),
        (OrderStatus::Filled, Qty::new(10))
    );
    assert_eq!(done.average_price(), Some("69940".parse().unwrap()));
    assert_eq!(bench.told(order), (10, 699_400, 0));
    assert!(matches!(
        bench.events.last(),
        Some(ExecutionEvent::Filled { cumulative, remaining, .. })
            if cumulative.get() == 10 && remaining.is_zero()
    ));
    // The list agrees a minute later, and then nothing is left to do.
    let shown = filled(row(55, 10, 70_000, bench.at()), 10, 699_400, 0);
    bench.pass_with(120_000, &[shown]);
    assert!(bench.desk.is_at_rest() && bench.desk.is_settled(order) == Some(true));
    assert_eq!(bench.desk.counters().inferred, 0);
}

#[test]
fn bounds_refuse_new_orders_and_never_cancels() {
    let config = Config {
        reconcile_first: false,
        pending_max: 2,
        ..Config::default()
    };
    let mut bench = Bench::with(config);
    let order = bench.working(buy(1, 70_000), 1);
    bench.place(buy(2, 70_000)).unwrap();
    bench.place(buy(3, 70_000)).unwrap();
    assert!(matches!(
        bench.place(buy(4, 70_000)),
        Err(Error::Full { limit: 2, .. })
    ));
    bench.cancel(CancelRequest::all(account(), order)).unwrap();

    let config = Config {
        reconcile_first: false,
        orders_max: 2,
        ..Config::default()
    };
    let mut bench = Bench::with(config);
    let first = bench.working(buy(1, 70_000), 1);
    bench.working(buy(2, 70_000), 2);
    assert!(matches!(
        bench.place(buy(3, 70_000)),
        Err(Error::Full { limit: 2, .. })
    ));
    bench.fill(1, 1, 70_000);
    assert!(
        bench.place(buy(3, 70_000)).is_err(),
        "an order was forgotten before the list agreed"
    );
    let rows = [
        filled(row(1, 1, 70_000, bench.at()), 1, 70_000, 0),
        row(2, 2, 70_000, bench.at()),
    ];
    bench.pass_with(120_000, &rows);
    bench.working(buy(3, 70_000), 3);
    assert!(
        bench.desk.order(first).is_none(),
        "the settled order was to make room"
    );
    // Its number is still known: nothing of it is taken for somebody else's, and a late fill is told.
    let late = filled(row(1, 2, 70_000, bench.at()), 2, 140_000, 0);
    let events = bench.events.len();
    bench.pass_with(
        60_000,
        &[
            late,
            row(2, 2, 70_000, bench.at()),
            row(3, 3, 70_000, bench.at()),
        ],
    );
    assert!(matches!(
        bench.events[events..],
        [ExecutionEvent::Filled { fill, .. }] if fill.id == first && fill.qty.get() == 1 && fill.price == won(70_000)
    ));
}

#[test]
fn a_decision_by_hand_ends_an_unresolved_order() {
    let mut bench = Bench::new();
    let (_, order) = bench.place(buy(10, 70_000)).unwrap();
    bench.pass(10_300);
    let at = bench.at();
    bench.answer_read(&[row(55, 10, 70_000, at), row(56, 10, 70_000, at)]);
    assert!(
        bench
            .act(|desk, now, out| desk.resolve(now, id(99), Decision::Look, out))
            .is_err()
    );
    let other = bench.working(buy(3, 70_000), 70);
    let taken = bench.act(|desk, now, out| desk.resolve(now, order, Decision::Is(no(70)), out));
    assert!(taken.is_err(), "the number of {other} was taken");
    bench
        .act(|desk, now, out| desk.resolve(now, order, Decision::Is(no(56)), out))
        .unwrap();
    assert_eq!(bench.desk.order(order).unwrap().order_no, no(56));

    let (_, lost) = bench.place(buy(20, 70_000)).unwrap();
    bench.pass(10_000);
    bench
        .act(|desk, now, out| desk.resolve(now, lost, Decision::Absent, out))
        .unwrap();
    assert_eq!(bench.resolutions(lost), [Resolution::Absent]);
    bench.place(buy(20, 70_000)).unwrap();
}

#[test]
fn a_stale_list_read_changes_nothing() {
    let mut bench = Bench::new();
    bench.working(buy(10, 70_000), 55);
    bench.pass_with(31_000, &[row(55, 10, 70_000, bench.at())]);
    let (_, old) = bench.reads[0];
    let shown = [filled(row(55, 10, 70_000, bench.at()), 10, 700_000, 0)];
    let list = OrderList {
        rows: &shown,
        all_venues: true,
    };
    bench.act(|desk, now, out| desk.list_read(now, old, list, out));
    assert!(
        bench
            .events
            .iter()
            .all(|event| !matches!(event, ExecutionEvent::Filled { .. }))
    );
}

#[test]
fn a_refused_order_has_ended_and_leaves_nothing_to_do() {
    let mut bench = Bench::new();
    let (ticket, order) = bench.place(buy(10, 70_000)).unwrap();
    bench.answer(ticket, code("APBK0952"));
    assert_eq!(bench.desk.open_orders().count(), 0);
    assert_eq!(bench.desk.is_settled(order), Some(true));
}

#[test]
fn a_change_has_the_number_that_its_answer_gives_before_anything_else_tells_of_it() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 1);
    let request = ModifyRequest::to_price(account(), order, won(70_100));
    let (modify, _) = bench.modify(request).unwrap();
    bench.accept(modify, 2);
    bench.modified(2, 1, 10, 70_100);
    let (cancel, _) = bench.cancel(CancelRequest::all(account(), order)).unwrap();
    bench.accept(cancel, 3);
    for ticket in [modify, cancel] {
        assert!(!bench.is_unknown(ticket));
    }
    assert_eq!(bench.desk.undecided().count(), 0);
    assert_eq!(bench.desk.counters().mixed_up, 0);
}
