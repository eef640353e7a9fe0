//! Section 6 of the fault list: deciding an unknown order.

use gwanmun::Error;
use gwanmun::domain::{CancelRequest, ExecutionEvent, OrderCommand, OrderStatus, Qty, Resolution};
use gwanmun::orders::desk::{Config, Decision, News, OrderList, Row};

use super::harness::{Bench, SAMSUNG, account, buy, filled, id, no, row, won};

fn unresolved(bench: &Bench, number: u64) -> Option<Vec<u64>> {
    match bench.resolutions(id(number)).last() {
        Some(Resolution::Unresolved { candidates }) => {
            Some(candidates.iter().map(|number| number.get()).collect())
        }
        _ => None,
    }
}

#[test]
fn u_numbers_known_before_the_send_are_never_it() {
    let mut bench = Bench::new();
    // The same words twice: the first has its number, the second's answer is lost.
    bench.working(buy(10, 70_000), 5);
    let (ticket, order) = bench.place(buy(10, 70_000)).unwrap();
    bench.cut(ticket, 100);
    let at = bench.at();
    bench.pass_with(2_000, &[row(5, 10, 70_000, at)]);
    assert!(
        bench.desk.order(order).is_none(),
        "a known number was taken"
    );
    bench.pass_with(3_000, &[row(5, 10, 70_000, at), row(7, 10, 70_000, at)]);
    assert_eq!(bench.desk.order(order).unwrap().order_no, no(7));
}

#[test]
fn u_two_candidates_stay_unresolved_and_block_only_the_same_order() {
    let mut bench = Bench::new();
    let (ticket, order) = bench.place(buy(10, 70_000)).unwrap();
    bench.cut(ticket, 100);
    let at = bench.at();
    let rows = [row(7, 10, 70_000, at), row(6, 10, 70_000, at)];
    bench.pass_with(5_000, &rows);
    assert_eq!(unresolved(&bench, order.get()), Some(vec![6, 7]));
    assert_eq!(
        bench.resolutions(order).len(),
        1,
        "told again with nothing new"
    );
    assert!(matches!(
        bench.place(buy(10, 70_000)),
        Err(Error::Busy { .. })
    ));
    bench.place(buy(10, 70_100)).unwrap();
    bench.pass_with(600_000, &rows);
    assert!(!bench.resolutions(order).contains(&Resolution::Absent));
    bench
        .act(|desk, now, out| desk.resolve(now, order, Decision::Is(no(6)), out))
        .unwrap();
    assert_eq!(bench.desk.order(order).unwrap().order_no, no(6));
    bench.place(buy(10, 70_000)).unwrap();
}

#[test]
fn u_fills_of_candidates_are_told_and_move_to_the_order_that_is_chosen() {
    let mut bench = Bench::new();
    let (ticket, order) = bench.place(buy(10, 70_000)).unwrap();
    bench.cut(ticket, 100);
    let at = bench.at();
    let rows = [
        filled(row(6, 10, 70_000, at), 4, 280_000, 6),
        row(7, 10, 70_000, at),
    ];
    bench.pass_with(5_000, &rows);
    assert_eq!(bench.told(id(0)).0, 4);
    bench
        .act(|desk, now, out| desk.resolve(now, order, Decision::Is(no(6)), out))
        .unwrap();
    assert_eq!(bench.desk.order(order).unwrap().filled.get(), 4);
    assert_eq!(bench.told(order).0, 0, "told twice");
    bench.fill(6, 6, 70_000);
    let done = bench.desk.order(order).unwrap();
    assert_eq!((done.filled.get(), done.status), (10, OrderStatus::Filled));
}

#[test]
fn u_a_row_that_is_too_old_or_too_young_is_not_taken() {
    let second = 1_000_000_000;
    let outcome = |shift_s: i64| {
        let mut bench = Bench::new();
        bench.ms += 100_000;
        let (_, order) = bench.place(buy(10, 70_000)).unwrap();
        let shown = row(
            7,
            10,
            70_000,
            bench.at().saturating_add_nanos(shift_s * second),
        );
        bench.pass_with(30_000, &[shown]);
        bench.desk.order(order).map(|order| order.order_no)
    };
    for shift_s in [-5, 0, 10, 15] {
        assert_eq!(outcome(shift_s), Some(no(7)), "{shift_s} s");
    }
    for shift_s in [-6, 16] {
        assert_eq!(outcome(shift_s), None, "{shift_s} s");
    }
}

#[test]
fn u_a_row_after_the_deadline_keeps_the_order_from_being_absent() {
    let mut bench = Bench::new();
    let (_, order) = bench.place(buy(10, 70_000)).unwrap();
    let late = row(
        7,
        10,
        70_000,
        bench.at().saturating_add_nanos(40_000_000_000),
    );
    bench.pass_with(300_000, &[late]);
    assert_eq!(unresolved(&bench, order.get()), Some(vec![7]));
}

#[test]
fn u_absence_needs_a_minute_three_reads_and_a_complete_last_one() {
    let mut bench = Bench::new();
    let (_, order) = bench.place(buy(10, 70_000)).unwrap();
    bench.pass_with(69_999, &[]);
    assert!(bench.resolutions(order).is_empty(), "absent too early");
    bench.pass(5_000);
    bench.fail_read();
    assert!(
        bench.resolutions(order).is_empty(),
        "absent after a failed read"
    );
    bench.pass_with(12_000, &[]);
    assert_eq!(bench.resolutions(order), [Resolution::Absent]);
    assert_eq!((bench.writes.len(), bench.desk.undecided().count()), (1, 0));
    bench.place(buy(10, 70_000)).unwrap();
}

#[test]
fn u_without_a_stream_absence_needs_lists_of_all_venues() {
    let mut bench = Bench::with(Config {
        reconcile_first: false,
        ..Config::default()
    });
    let (_, order) = bench.place(buy(10, 70_000)).unwrap();
    let read_all = |bench: &mut Bench, all_venues: bool, ms: u64| {
        let until = bench.ms + ms;
        while bench.ms < until {
            bench.pass(500);
            if let Some(&(_, read)) = bench.reads.last() {
                let list = OrderList {
                    rows: &[],
                    all_venues,
                };
                if bench.answered.insert(read) {
                    bench.act(|desk, now, out| desk.list_read(now, read, list, out));
                }
            }
        }
    };
    read_all(&mut bench, false, 100_000);
    assert!(
        bench.resolutions(order).is_empty(),
        "one venue proved absence"
    );
    read_all(&mut bench, true, 25_000);
    assert_eq!(bench.resolutions(order), [Resolution::Absent]);
}

#[test]
fn u_an_unexplained_fill_or_position_defers_absence() {
    let mut bench = Bench::new();
    let (_, order) = bench.place(buy(10, 70_000)).unwrap();
    bench.pass_with(60_000, &[]);
    // A fill of a number that nobody knows, and that does not say how large its order is.
    bench.fill(99, 3, 70_000);
    bench.pass_with(20_000, &[]);
    assert!(
        bench.resolutions(order).is_empty(),
        "absent beside an unexplained fill"
    );

    let mut bench = Bench::new();
    let (_, order) = bench.place(buy(10, 70_000)).unwrap();
    bench.pass_with(65_000, &[]);
    bench.act(|desk, now, out| desk.unexplained_position(now, SAMSUNG, out));
    bench.pass_with(9_000, &[]);
    assert!(
        bench.resolutions(order).is_empty(),
        "absent beside an unexplained position"
    );
    bench.pass_with(40_000, &[]);
    assert_eq!(bench.resolutions(order), [Resolution::Absent]);
}

#[test]
fn u_an_unreadable_list_makes_it_unresolved_and_a_readable_one_decides_later() {
    let mut bench = Bench::new();
    let (_, order) = bench.place(buy(10, 70_000)).unwrap();
    let at = bench.at();
    for _ in 0..140 {
        bench.pass(1_000);
        bench.fail_read();
    }
    assert_eq!(unresolved(&bench, order.get()), Some(vec![]));
    assert!(matches!(
        bench.place(buy(10, 70_000)),
        Err(Error::Busy { .. })
    ));
    bench.pass_with(35_000, &[row(7, 10, 70_000, at)]);
    assert_eq!(bench.desk.order(order).unwrap().order_no, no(7));
}

#[test]
fn u_an_acceptance_on_the_stream_is_a_candidate_where_the_list_lacks_it() {
    // Paper lists are often empty even though orders exist.
    let mut bench = Bench::new();
    let (ticket, order) = bench.place(buy(10, 70_000)).unwrap();
    bench.cut(ticket, 100);
    let news = News::Accepted {
        command: OrderCommand::Place,
        price: Some(won(70_000)),
    };
    let mut notice = bench.notice(7, None, news);
    notice.order_qty = Some(Qty::new(10));
    bench.tell(notice);
    bench.pass_with(1_000, &[]);
    assert_eq!(bench.desk.order(order).unwrap().order_no, no(7));
}

#[test]
fn u_an_absent_order_that_appears_after_all_comes_back() {
    let mut bench = Bench::new();
    let (_, order) = bench.place(buy(10, 70_000)).unwrap();
    bench.pass_with(75_000, &[]);
    assert_eq!(bench.resolutions(order), [Resolution::Absent]);
    let shown = filled(row(7, 10, 70_000, bench.at()), 10, 700_000, 0);
    bench.pass_with(61_000, &[shown]);
    assert!(matches!(
        bench.resolutions(order)[..],
        [Resolution::Absent, Resolution::Accepted(_)]
    ));
    assert_eq!((bench.told(order).0, bench.told(id(0)).0), (10, 0));
}

#[test]
fn u_several_unknown_orders_share_one_list_read() {
    let mut bench = Bench::new();
    let mut rows: Vec<Row> = Vec::new();
    for number in 0..10 {
        let (ticket, _) = bench.place(buy(10 + number, 70_000)).unwrap();
        bench.cut(ticket, 100);
        rows.push(row(50 + number, 10 + number, 70_000, bench.at()));
    }
    bench.reads.clear();
    bench.pass_with(400, &rows);
    assert_eq!(bench.reads.len(), 1);
    assert_eq!(bench.desk.undecided().count(), 0);
    assert_eq!(bench.desk.open_orders().count(), 10);
}

#[test]
fn u_identical_orders_in_flight_are_matched_by_count() {
    let bench_of = |orders: usize| {
        let config = Config {
            identical_max: 3,
            reconcile_first: false,
            ..Config::default()
        };
        let mut bench = Bench::with(config);
        for _ in 0..orders {
            let (ticket, _) = bench.place(buy(10, 70_000)).unwrap();
            bench.cut(ticket, 100);
        }
        bench
    };
    let mut bench = bench_of(3);
    assert!(matches!(
        bench.place(buy(10, 70_000)),
        Err(Error::Busy { .. })
    ));
    let at = bench.at();
    let rows = [
        row(8, 10, 70_000, at),
        row(7, 10, 70_000, at),
        row(9, 10, 70_000, at),
    ];
    // Two of the three: interchangeable, so the first two sent are these, and one is still looked for.
    bench.pass_with(400, &rows[..2]);
    let numbers = |bench: &Bench| {
        [1, 2, 3].map(|n| bench.desk.order(id(n)).map(|order| order.order_no.get()))
    };
    assert_eq!(numbers(&bench), [Some(7), Some(8), None]);
    bench.pass_with(2_000, &rows);
    assert_eq!(numbers(&bench), [Some(7), Some(8), Some(9)]);

    let mut bench = bench_of(2);
    bench.pass_with(400, &rows);
    assert_eq!(
        numbers(&bench),
        [None, None, None],
        "three for two were told apart"
    );
    assert_eq!(unresolved(&bench, 1), Some(vec![7, 8, 9]));
}

#[test]
fn u_two_orders_that_the_list_cannot_tell_apart_are_not_guessed() {
    let mut bench = Bench::new();
    for request in [
        buy(10, 70_000),
        buy(10, 70_000).with_time_in_force(gwanmun::domain::TimeInForce::Ioc),
    ] {
        let (ticket, _) = bench.place(request).unwrap();
        bench.cut(ticket, 100);
    }
    let at = bench.at();
    bench.pass_with(5_000, &[row(7, 10, 70_000, at)]);
    assert_eq!(
        (unresolved(&bench, 1), unresolved(&bench, 2)),
        (Some(vec![7]), Some(vec![7]))
    );
}

#[test]
fn u_an_absent_cancel_leaves_the_order_as_it_is() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 1);
    let (ticket, _) = bench
        .cancel(CancelRequest::part(account(), order, Qty::new(3)))
        .unwrap();
    bench.cut(ticket, 100);
    assert!(matches!(
        bench.events.last(),
        Some(ExecutionEvent::Unknown {
            command: OrderCommand::Cancel,
            ..
        })
    ));
    bench.pass_with(90_000, &[row(1, 10, 70_000, bench.at())]);
    assert_eq!(bench.resolutions(order), [Resolution::Absent]);
    assert_eq!(bench.desk.order(order).unwrap().status, OrderStatus::New);
    bench
        .cancel(CancelRequest::part(account(), order, Qty::new(3)))
        .unwrap();
}

#[test]
fn u_an_unknown_cancel_is_not_looked_for_among_new_orders() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 1);
    let (ticket, _) = bench.cancel(CancelRequest::all(account(), order)).unwrap();
    bench.cut(ticket, 100);
    // Somebody else's, of the same words as the order that is to be cancelled.
    let rows = [
        row(1, 10, 70_000, bench.at()),
        row(9, 10, 70_000, bench.at()),
    ];
    bench.pass_with(90_000, &rows);
    assert_eq!(bench.resolutions(order), [Resolution::Absent]);
}
