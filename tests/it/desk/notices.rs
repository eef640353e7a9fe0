//! Rows N1 to N19: what the stream can do.

use gwanmun::domain::{
    CancelReason, CancelRequest, ExecutionEvent, ModifyRequest, OrderCommand, OrderStatus, Qty,
    RefusalReason, Resolution, Side,
};
use gwanmun::orders::desk::{Config, News};
use gwanmun::{Block, Error, symbol};

use super::harness::{Bench, account, buy, change, code, filled, id, no, row, won};

fn accepted() -> News {
    News::Accepted {
        command: OrderCommand::Place,
        price: Some(won(70_000)),
    }
}

#[test]
fn n1_a_notice_before_the_answer_waits_for_its_number() {
    for wait_ms in [0, 1, 1_000, 5_000] {
        let mut bench = Bench::new();
        let (ticket, order) = bench.place(buy(10, 70_000)).unwrap();
        let early = bench.notice(55, None, accepted());
        bench.tell(early);
        bench.fill(55, 4, 70_000);
        assert!(bench.events.is_empty(), "told before its number was known");
        bench.pass(wait_ms);
        bench.accept(ticket, 55);
        assert_eq!(bench.told(order), (4, 280_000, 0));
        assert!(
            matches!(bench.events[0], ExecutionEvent::Accepted { .. }),
            "the fill came first"
        );
    }
}

#[test]
fn n1_held_notices_are_bounded_and_joined_later_without_counting_twice() {
    let config = Config {
        reconcile_first: false,
        held_max: 1,
        ..Config::default()
    };
    let mut bench = Bench::with(config);
    let (ticket, order) = bench.place(buy(10, 70_000)).unwrap();
    let mut early = bench.notice(55, None, accepted());
    early.order_qty = Some(Qty::new(10));
    bench.tell(early);
    bench.fill(55, 4, 70_000);
    // The acceptance had to make room for the fill, and so became somebody else's.
    assert!(
        matches!(bench.events[..], [ExecutionEvent::External { order_no, .. }] if order_no == no(55))
    );
    bench.ms += 1_000;
    bench.fill(55, 1, 70_100);
    assert_eq!(bench.told(id(0)), (1, 70_100, 0));
    bench.accept(ticket, 55);
    let found = bench.desk.order(order).unwrap();
    assert_eq!(
        found.filled.get(),
        bench.told(id(0)).0 + bench.told(order).0
    );
    bench.pass_with(
        40_000,
        &[filled(row(55, 10, 70_000, bench.at()), 5, 350_100, 5)],
    );
    let found = bench.desk.order(order).unwrap();
    assert_eq!((found.filled.get(), found.filled_value.won()), (5, 350_100));
    assert_eq!(bench.told(id(0)).0 + bench.told(order).0, 5);
}

#[test]
fn n1_a_notice_that_no_command_can_explain_is_somebody_elses_at_once() {
    let mut bench = Bench::new();
    let mut notice = bench.notice(55, None, accepted());
    notice.order_qty = Some(Qty::new(10));
    bench.tell(notice);
    assert!(matches!(
        bench.events[..],
        [ExecutionEvent::External { .. }]
    ));
    bench.fill(55, 4, 70_000);
    assert_eq!(bench.told(id(0)), (4, 280_000, 0));
}

#[test]
fn n2_an_acceptance_says_nothing_of_shares_filled() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 55);
    let mut notice = bench.notice(55, None, accepted());
    notice.order_qty = Some(Qty::new(10));
    bench.tell(notice);
    assert_eq!(bench.desk.order(order).unwrap().filled, Qty::ZERO);
}

#[test]
fn n3_a_repeated_numbered_fill_counts_once() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 55);
    for _ in 0..3 {
        bench.fill_of(55, None, 4, 70_000, Some(9), None);
    }
    bench.fill_of(55, None, 4, 70_000, Some(10), None);
    assert_eq!(bench.told(order), (8, 560_000, 0));
    assert_eq!(bench.desk.counters().repeated, 2);
}

#[test]
fn n3_two_equal_fills_without_numbers_are_decided_by_the_list() {
    // One fill told twice, or two equal fills of one second: the notices are the same.
    for (truth, value) in [(4, 280_000), (8, 560_000)] {
        let mut bench = Bench::new();
        let order = bench.working(buy(10, 70_000), 55);
        bench.fill(55, 4, 70_000);
        bench.fill(55, 4, 70_000);
        assert_eq!(bench.told(order).0, 4, "counted before the list decided");
        let shown = filled(row(55, 10, 70_000, bench.at()), truth, value, 10 - truth);
        bench.pass_with(70_000, &[shown]);
        assert_eq!(bench.told(order), (truth, value, usize::from(truth == 8)));
        assert_eq!(bench.desk.counters().doubted, 1);
    }
}

#[test]
fn n3_more_than_was_ordered_freezes_the_count_until_the_list() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 55);
    bench.fill(55, 8, 70_000);
    bench.ms += 1_000;
    bench.fill(55, 5, 70_000);
    bench.ms += 1_000;
    bench.fill(55, 2, 70_000);
    assert_eq!(bench.told(order).0, 8, "a frozen count went on");
    let shown = filled(row(55, 10, 70_000, bench.at()), 10, 700_000, 0);
    bench.pass_with(1_000, &[shown]);
    assert_eq!(bench.told(order), (10, 700_000, 1));
}

/// Doubt about one notice is none about the next, unless the order cannot have what was told.
#[test]
fn n3_a_doubtful_fill_that_fits_does_not_freeze_the_count() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 55);
    let shown = filled(row(55, 10, 70_000, bench.at()), 6, 420_000, 4);
    bench.pass_with(31_000, &[shown]);
    // The list explained 6, so this may be among them.
    bench.fill_of(55, None, 2, 70_000, Some(7), Some(7));
    assert_eq!((bench.told(order).0, bench.desk.counters().doubted), (6, 1));
    bench.fill_of(55, None, 1, 70_000, Some(8), Some(8));
    assert_eq!(bench.told(order).0, 7);
}

#[test]
fn n3_a_repeat_does_not_freeze_the_count_however_large() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 55);
    bench.fill(55, 8, 70_000);
    bench.fill(55, 8, 70_000);
    assert_eq!((bench.told(order).0, bench.desk.counters().doubted), (8, 1));
    bench.ms += 1_000;
    bench.fill(55, 2, 70_000);
    assert_eq!(bench.told(order).0, 10);
}

#[test]
fn n3_a_count_above_the_list_stays_and_is_disputed_once() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 55);
    bench.fill(55, 8, 70_000);
    let shown = filled(row(55, 10, 70_000, bench.at()), 5, 350_000, 5);
    bench.pass_with(50_000, &[shown]);
    let disputes = |bench: &Bench| {
        bench
            .events
            .iter()
            .filter(|event| matches!(event, ExecutionEvent::Disputed { .. }))
            .count()
    };
    assert_eq!(disputes(&bench), 0, "the list may lag");
    bench.pass_with(120_000, &[shown]);
    assert_eq!(disputes(&bench), 1);
    assert_eq!(
        bench.desk.order(order).unwrap().filled.get(),
        8,
        "the count fell"
    );
    bench.ms += 1_000;
    bench.fill(55, 1, 70_000);
    assert_eq!(bench.told(order).0, 8, "a disputed count grew by a notice");
    bench.pass_with(60_000, &[filled(shown, 9, 630_000, 1)]);
    assert_eq!(bench.told(order).0, 9);
}

#[test]
fn n4_a_lost_fill_comes_once_at_its_exact_average() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 55);
    bench.fill(55, 3, 70_000);
    // 2 at 69,900 and 1 at 69,800 were lost: 209,600 won for 3 shares.
    let shown = filled(row(55, 10, 70_000, bench.at()), 6, 419_600, 4);
    for _ in 0..4 {
        bench.pass_with(31_000, &[shown]);
    }
    let inferred: Vec<_> = bench
        .events
        .iter()
        .filter_map(|event| match event {
            ExecutionEvent::Filled { fill, .. } if fill.inferred => {
                Some((fill.qty.get(), fill.price))
            }
            _ => None,
        })
        .collect();
    assert_eq!(inferred, [(3, "69866.6667".parse().unwrap())]);
    assert_eq!(bench.desk.order(order).unwrap().filled_value.won(), 419_600);
}

#[test]
fn n4_a_fill_that_the_list_told_first_is_not_counted_again() {
    for (fill_no, cumulative) in [(None, None), (Some(7), None), (Some(7), Some(6))] {
        let mut bench = Bench::new();
        let order = bench.working(buy(10, 70_000), 55);
        let late = bench.notice(
            55,
            None,
            News::Filled {
                qty: Qty::new(6),
                price: won(70_000),
                fill_no,
                cumulative: cumulative.map(Qty::new),
            },
        );
        let shown = filled(row(55, 10, 70_000, bench.at()), 6, 420_000, 4);
        bench.pass_with(31_000, &[shown]);
        bench.tell(late);
        bench.pass_with(100_000, &[shown]);
        assert_eq!(bench.told(order), (6, 420_000, 1));
        // And a later one is news again.
        bench.fill_of(
            55,
            None,
            1,
            70_000,
            fill_no.map(|_| 8),
            cumulative.map(|_| 7),
        );
        assert_eq!(bench.told(order), (7, 490_000, 1));
    }
}

#[test]
fn n4_a_gap_is_an_event_and_so_is_its_end() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 55);
    bench.events.clear();
    let since = bench.at();
    bench.act(|desk, now, out| desk.stream_down(now, since, out));
    assert!(matches!(bench.events[..], [ExecutionEvent::Gap { since: told, .. }] if told == since));
    let shown = filled(row(55, 10, 70_000, since), 4, 280_000, 6);
    bench.pass_with(20_000, &[shown]);
    assert_eq!(
        bench.told(order).0,
        4,
        "nothing was read without the stream"
    );
    assert!(
        !bench
            .events
            .iter()
            .any(|event| matches!(event, ExecutionEvent::Resynced { .. }))
    );
    bench.act(|desk, now, out| desk.stream_up(now, out));
    let shown = filled(shown, 9, 630_000, 1);
    bench.pass_with(1_000, &[shown]);
    assert!(
        matches!(bench.events.last(), Some(ExecutionEvent::Resynced { .. })),
        "fills come before the end"
    );
    assert_eq!(bench.told(order).0, 9);
}

#[test]
fn n6_a_refused_cancel_is_no_error_of_the_order() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 55);
    let (ticket, _) = bench.cancel(CancelRequest::all(account(), order)).unwrap();
    bench.fill(55, 10, 70_000);
    bench.answer(ticket, code("APBK0927"));
    assert_eq!(bench.refusal(ticket), Some(RefusalReason::UnknownOrder));
    assert_eq!(bench.desk.order(order).unwrap().status, OrderStatus::Filled);
}

#[test]
fn n6_the_confirmed_quantity_counts_and_not_the_asked_one() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 55);
    let (ticket, _) = bench
        .cancel(CancelRequest::part(account(), order, Qty::new(8)))
        .unwrap();
    bench.accept(ticket, 56);
    assert_eq!(
        bench.desk.order(order).unwrap().cancelled,
        Qty::ZERO,
        "an answer cancelled"
    );
    bench.fill(55, 5, 70_000);
    bench.cancelled(56, Some(55), 5);
    let done = bench.desk.order(order).unwrap();
    assert_eq!((done.filled.get(), done.cancelled.get()), (5, 5));
    assert_eq!(done.status, OrderStatus::Cancelled);
}

#[test]
fn n6_a_cancel_that_the_exchange_turns_away_is_over() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 55);
    let (ticket, _) = bench
        .cancel(CancelRequest::part(account(), order, Qty::new(8)))
        .unwrap();
    bench.accept(ticket, 56);
    assert!(matches!(
        bench.cancel(CancelRequest::part(account(), order, Qty::new(1))),
        Err(Error::Busy { .. })
    ));
    let (command, reason) = (OrderCommand::Cancel, RefusalReason::Other);
    let refused = bench.notice(56, Some(55), News::Refused { command, reason });
    bench.tell(refused);
    assert!(matches!(
        bench.events.last(),
        Some(ExecutionEvent::Rejected { command: OrderCommand::Cancel, order_no, .. }) if *order_no == no(56)
    ));
    assert_eq!(bench.desk.order(order).unwrap().status, OrderStatus::New);
    bench
        .cancel(CancelRequest::part(account(), order, Qty::new(1)))
        .unwrap();
}

#[test]
fn n7_a_partial_cancel_is_never_repeated_and_the_rest_may_be() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 55);
    let part = CancelRequest::part(account(), order, Qty::new(3));
    let all = CancelRequest::all(account(), order);
    let (ticket, _) = bench.cancel(part).unwrap();
    assert!(
        matches!(bench.cancel(all), Err(Error::Busy { .. })),
        "while it is on its way"
    );
    bench.cut(ticket, 100);
    assert!(matches!(bench.cancel(part), Err(Error::Busy { .. })));
    for _ in 0..2 {
        let (ticket, _) = bench.cancel(all).unwrap();
        bench.cut(ticket, 100);
    }
    bench.pass(300_000);
    assert_eq!(bench.writes.len(), 4, "one was repeated by the desk");
    // All three arrived: 3 shares, then the rest, then nothing.
    let at = bench.at();
    let mut third = change(row(58, 0, 70_000, at), OrderCommand::Cancel, 55, 0);
    third.refused = true;
    let rows = [
        filled(row(55, 10, 70_000, at), 0, 0, 0),
        change(row(56, 3, 70_000, at), OrderCommand::Cancel, 55, 3),
        change(row(57, 7, 70_000, at), OrderCommand::Cancel, 55, 7),
        third,
    ];
    bench.pass_with(40_000, &rows);
    assert_eq!(bench.desk.undecided().count(), 0);
    let done = bench.desk.order(order).unwrap();
    assert_eq!(
        (done.cancelled.get(), done.status),
        (10, OrderStatus::Cancelled)
    );
}

#[test]
fn n8_fills_of_both_numbers_go_to_the_one_order() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 1);
    let (ticket, _) = bench
        .modify(ModifyRequest::to_price(account(), order, won(70_100)))
        .unwrap();
    bench.fill(1, 3, 70_000);
    bench.accept(ticket, 2);
    bench.modified(2, 1, 7, 70_100);
    bench.ms += 1_000;
    bench.fill_of(2, Some(1), 7, 70_100, None, None);
    let done = bench.desk.order(order).unwrap();
    assert_eq!(
        (done.filled.get(), done.status, done.order_no),
        (10, OrderStatus::Filled, no(2))
    );
    assert_eq!(
        (done.original_no, done.kind.limit_price()),
        (Some(no(1)), Some(won(70_100)))
    );
    assert_eq!(bench.told(order), (10, 700_700, 0));
}

#[test]
fn n8_an_unknown_modification_is_found_by_the_number_that_it_changes() {
    for by_notice in [true, false] {
        let mut bench = Bench::new();
        let order = bench.working(buy(10, 70_000), 1);
        let (ticket, _) = bench
            .modify(ModifyRequest::to_price(account(), order, won(70_100)))
            .unwrap();
        bench.cut(ticket, 100);
        assert!(bench.is_unknown(ticket));
        assert!(
            bench
                .cancel(CancelRequest::part(account(), order, Qty::new(1)))
                .is_err()
        );
        if by_notice {
            bench.modified(2, 1, 10, 70_100);
        } else {
            let at = bench.at();
            let rows = [
                filled(row(1, 10, 70_000, at), 0, 0, 0),
                change(row(2, 10, 70_100, at), OrderCommand::Modify, 1, 10),
            ];
            bench.pass_with(1_000, &rows);
        }
        assert!(
            matches!(bench.resolutions(order)[..], [Resolution::Accepted(receipt)] if receipt.order_no == no(2))
        );
        let now = bench.desk.order(order).unwrap();
        assert_eq!(
            (now.order_no, now.remaining().get(), now.status),
            (no(2), 10, OrderStatus::New)
        );
    }
}

#[test]
fn n8_a_modification_of_a_part_makes_an_order_of_its_own() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 1);
    let mut request = ModifyRequest::to_price(account(), order, won(70_100)).with_qty(Qty::new(4));
    request.part_id = id(77);
    let (ticket, _) = bench.modify(request).unwrap();
    bench.accept(ticket, 2);
    bench.modified(2, 1, 4, 70_100);
    assert!(matches!(
        bench.events.last(),
        Some(ExecutionEvent::Modified { id: parent, part_id, qty, .. })
            if *parent == order && *part_id == id(77) && qty.get() == 4
    ));
    let (parent, part) = (
        bench.desk.order(order).unwrap(),
        bench.desk.order(id(77)).unwrap(),
    );
    assert_eq!(
        (
            parent.order_no,
            parent.remaining().get(),
            parent.cancelled.get()
        ),
        (no(1), 6, 4)
    );
    assert_eq!(
        (part.order_no, part.qty.get(), part.original_no),
        (no(2), 4, Some(no(1)))
    );
    bench.fill(1, 6, 70_000);
    bench.fill_of(2, Some(1), 4, 70_100, None, None);
    assert_eq!((bench.told(order).0, bench.told(id(77)).0), (6, 4));
    assert_eq!(
        bench.desk.order(id(77)).unwrap().status,
        OrderStatus::Filled
    );
}

#[test]
fn n9_somebody_elses_changes_of_an_order_are_adopted_with_their_mark() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 1);
    bench.events.clear();
    bench.modified(2, 1, 10, 70_500);
    bench.cancelled(3, Some(2), 10);
    assert!(matches!(
        bench.events[..],
        [
            ExecutionEvent::External { command: OrderCommand::Modify, .. },
            ExecutionEvent::Modified { id, .. },
            ExecutionEvent::External { command: OrderCommand::Cancel, .. },
            ExecutionEvent::Cancelled { reason: CancelReason::External, .. },
        ] if id == order
    ));
    assert_eq!(
        bench.desk.order(order).unwrap().status,
        OrderStatus::Cancelled
    );
}

#[test]
fn n9_an_order_that_ends_by_itself_is_seen_in_the_list() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 1);
    let shown = filled(row(1, 10, 70_000, bench.at()), 4, 280_000, 0);
    bench.pass_with(31_000, &[shown]);
    let done = bench.desk.order(order).unwrap();
    assert_eq!(
        (done.filled.get(), done.cancelled.get(), done.status),
        (4, 6, OrderStatus::Cancelled)
    );
}

#[test]
fn n9_shares_that_end_without_a_cancel_are_laid_to_none() {
    let mut bench = Bench::new();
    bench.working(buy(10, 70_000), 1);
    bench.events.clear();
    let ended = filled(row(1, 10, 70_000, bench.at()), 0, 0, 0);
    bench.pass_with(31_000, &[ended]);
    assert!(
        matches!(
            bench.events[..],
            [ExecutionEvent::Cancelled {
                cancel_no: None,
                reason: CancelReason::External,
                ..
            }]
        ),
        "{:?}",
        bench.events
    );
}

#[test]
fn n9_a_session_that_ends_expires_what_is_left() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 1);
    let (qty, reason) = (Some(Qty::new(10)), CancelReason::SessionEnd);
    let ended = bench.notice(1, None, News::Cancelled { qty, reason });
    bench.tell(ended);
    bench.tell(ended);
    assert_eq!(
        bench.desk.order(order).unwrap().status,
        OrderStatus::Expired
    );
    assert_eq!(bench.desk.counters().repeated, 1);
}

#[test]
fn n12_an_unreadable_frame_has_the_list_read() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 1);
    bench.reads.clear();
    bench.ms += 1_000;
    bench.act(|desk, now, out| desk.unreadable_frame(now, out));
    assert_eq!(bench.reads.len(), 1);
    bench.answer_read(&[filled(row(1, 10, 70_000, bench.at()), 10, 700_000, 0)]);
    assert_eq!(
        (bench.told(order).0, bench.desk.counters().unreadable),
        (10, 1)
    );
}

#[test]
fn n17_without_a_stream_the_list_is_read_often() {
    let count = |with_stream: bool| {
        let config = Config {
            reconcile_first: false,
            ..Config::default()
        };
        let mut bench = if with_stream {
            Bench::new()
        } else {
            Bench::with(config)
        };
        bench.working(buy(10, 70_000), 1);
        bench.pass_with(1_000, &[]);
        bench.reads.clear();
        bench.pass_with(60_000, &[row(1, 10, 70_000, bench.at())]);
        bench.reads.len()
    };
    let (with, without) = (count(true), count(false));
    assert!(
        (1..=3).contains(&with) && (11..=14).contains(&without),
        "{with} and {without} a minute"
    );
}

#[test]
fn n19_a_slow_consumer_stops_new_orders_and_no_cancel() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 1);
    bench.desk.set_consumer_behind(Some(1_024));
    assert!(matches!(
        bench.place(buy(11, 70_000)),
        Err(Error::ConsumerBehind { capacity: 1_024 })
    ));
    assert!(
        bench
            .modify(ModifyRequest::to_price(account(), order, won(70_100)))
            .is_err()
    );
    bench.fill(1, 1, 70_000);
    assert_eq!(bench.told(order).0, 1, "a fill was dropped");
    bench.cancel(CancelRequest::all(account(), order)).unwrap();
    bench.desk.set_consumer_behind(None);
    bench.place(buy(11, 70_000)).unwrap();
}

#[test]
fn cancel_all_stops_at_nothing() {
    let mut bench = Bench::new();
    bench.working(buy(10, 70_000), 1);
    bench.working(buy(11, 70_000), 2);
    bench.place(buy(12, 70_000)).unwrap();
    for by in [
        Block::Stopping,
        Block::Login,
        Block::Journal,
        Block::Reconciling,
    ] {
        bench.desk.block(by);
    }
    let done = bench.act(|desk, now, out| desk.cancel_all(now, out));
    assert_eq!((done.sent, done.left), (2, 1));
    let done = bench.act(|desk, now, out| desk.cancel_all(now, out));
    assert_eq!(
        (done.sent, done.left),
        (0, 3),
        "cancels that are on their way were sent again"
    );
    assert_eq!(bench.writes.len(), 5);
}

/// One word that does not fit is enough: an order's fill is never another's.
#[test]
fn a_fill_whose_issue_side_or_quantity_is_another_order_s_is_not_counted() {
    let news = News::Filled {
        qty: Qty::new(3),
        price: won(70_000),
        fill_no: Some(1),
        cumulative: None,
    };
    for other in 0..3 {
        let mut bench = Bench::new();
        let order = bench.working(buy(10, 70_000), 55);
        let mut notice = bench.notice(55, None, news);
        match other {
            0 => notice.symbol = symbol!("000660"),
            1 => notice.side = Side::Sell,
            _ => notice.order_qty = Some(Qty::new(11)),
        }
        bench.tell(notice);
        assert_eq!(bench.told(order).0, 0, "{other}");
        assert_eq!(bench.desk.counters().mixed_up, 1, "{other}");
    }
}

#[test]
fn a_notice_of_another_quantity_does_not_mix_up_an_order_of_somebody_else() {
    let mut bench = Bench::new();
    for qty in [5, 8] {
        let (command, price) = (OrderCommand::Place, Some(won(70_000)));
        let mut accepted = bench.notice(9, None, News::Accepted { command, price });
        accepted.order_qty = Some(Qty::new(qty));
        bench.tell(accepted);
    }
    assert_eq!(bench.desk.counters().mixed_up, 0);
}

#[test]
fn an_order_of_which_shares_ended_is_not_turned_away_any_more() {
    for (ended, status) in [(0, OrderStatus::Refused), (4, OrderStatus::New)] {
        let mut bench = Bench::new();
        let order = bench.working(buy(10, 70_000), 55);
        bench.cancelled(55, None, ended);
        let (command, reason) = (OrderCommand::Place, RefusalReason::Other);
        bench.tell(bench.notice(55, None, News::Refused { command, reason }));
        assert_eq!(bench.desk.order(order).unwrap().status, status, "{ended}");
    }
}
