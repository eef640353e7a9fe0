//! Rows L1 to L10: what an order list can be.

use gwanmun::domain::{
    CancelRequest, ClientOrderId, ExecutionEvent, ModifyRequest, OrderCommand, OrderStatus,
    OrderType, Qty,
};
use gwanmun::orders::desk::{Config, News, OrderList};

use super::harness::{Bench, account, buy, change, filled, no, row, won};

#[test]
fn l1_a_list_that_lags_is_waited_for() {
    for lag_ms in [0, 1_000, 15_000, 45_000, 60_000] {
        let mut bench = Bench::new();
        let (_, order) = bench.place(buy(10, 70_000)).unwrap();
        let shown = row(55, 10, 70_000, bench.at());
        bench.pass_with(lag_ms.max(1), &[]);
        bench.pass_with(40_000, &[shown]);
        assert_eq!(
            bench.desk.order(order).map(|order| order.order_no),
            Some(no(55)),
            "{lag_ms}"
        );
    }
}

#[test]
fn l2_a_row_that_comes_twice_counts_once() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 55);
    let early = filled(row(55, 10, 70_000, bench.at()), 3, 210_000, 7);
    let later = filled(row(55, 10, 70_000, bench.at()), 5, 350_000, 5);
    for rows in [
        [early, early, later],
        [later, early, early],
        [early, later, early],
    ] {
        bench.pass_with(31_000, &rows);
    }
    assert_eq!(bench.told(order).0, 5);
}

#[test]
fn l2_a_list_beyond_the_bound_is_unreadable() {
    let config = Config {
        rows_max: 2,
        reconcile_first: false,
        ..Config::default()
    };
    let mut bench = Bench::with(config);
    let order = bench.working(buy(10, 70_000), 55);
    let shown = filled(row(55, 10, 70_000, bench.at()), 10, 700_000, 0);
    bench.pass_with(10_000, &[shown, shown, shown]);
    assert_eq!(bench.desk.order(order).unwrap().filled, Qty::ZERO);
    assert!(bench.desk.counters().failed_reads > 0);
    bench.pass_with(10_000, &[shown]);
    assert_eq!(bench.desk.order(order).unwrap().status, OrderStatus::Filled);
}

#[test]
fn l4_a_failed_read_is_no_empty_list() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 55);
    let (_, unknown) = bench.place(buy(11, 70_000)).unwrap();
    for _ in 0..100 {
        bench.pass(1_000);
        bench.fail_read();
    }
    assert_eq!(bench.desk.order(order).unwrap().status, OrderStatus::New);
    assert!(
        bench.resolutions(unknown).is_empty(),
        "decided without a list"
    );
    assert!(bench.desk.counters().failed_reads > 10);
}

#[test]
fn l5_a_chain_of_changes_is_one_order_and_counts_once() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 1);
    let mut number = 1;
    for price in [70_100, 70_200, 70_300] {
        let (ticket, _) = bench
            .modify(ModifyRequest::to_price(account(), order, won(price)))
            .unwrap();
        bench.accept(ticket, number + 1);
        bench.modified(number + 1, number, 10 - number, price);
        // One share trades at each price before it moves on.
        number += 1;
        bench.ms += 1_000;
        if number < 4 {
            bench.fill(number, 1, price);
        } else {
            bench.fill_of(number, None, 1, price, None, None);
        }
        bench.ms += 1_000;
    }
    let (ticket, _) = bench.cancel(CancelRequest::all(account(), order)).unwrap();
    bench.accept(ticket, 5);
    // Of the first number 1 share traded unseen; the list tells of it.
    let at = bench.at();
    let rows = [
        filled(row(1, 10, 70_000, at), 1, 70_000, 0),
        filled(
            change(row(2, 9, 70_100, at), OrderCommand::Modify, 1, 9),
            1,
            70_100,
            0,
        ),
        filled(
            change(row(3, 8, 70_200, at), OrderCommand::Modify, 2, 8),
            1,
            70_200,
            0,
        ),
        filled(
            change(row(4, 7, 70_300, at), OrderCommand::Modify, 3, 7),
            1,
            70_300,
            0,
        ),
        change(row(5, 6, 70_300, at), OrderCommand::Cancel, 4, 6),
    ];
    for _ in 0..3 {
        bench.pass_with(31_000, &rows);
    }
    let done = bench.desk.order(order).unwrap();
    assert_eq!(
        (done.filled.get(), done.cancelled.get(), done.status),
        (4, 6, OrderStatus::Cancelled)
    );
    assert_eq!(done.filled_value.won(), 280_600);
    assert_eq!(bench.told(order), (4, 280_600, 1));
    for number in 1..=5 {
        assert_eq!(
            bench.desk.order(no(number)).unwrap().id,
            order,
            "number {number}"
        );
    }
    assert_eq!(bench.desk.counters().contradictions, 0);
}

#[test]
fn l8_what_the_list_does_not_say_does_not_decide() {
    let found = |order_type| {
        let mut bench = Bench::new();
        let (_, order) = bench.place(buy(10, 70_000)).unwrap();
        let mut shown = row(55, 10, 70_000, bench.at());
        shown.order_type = order_type;
        bench.pass(10_300);
        bench.answer_read(&[shown]);
        bench.desk.order(order).is_some()
    };
    assert!(found(None) && found(Some(OrderType::Limit)));
    assert!(!found(Some(OrderType::ConditionalLimit)));
}

#[test]
fn l10_two_swapped_answers_are_found_out() {
    for (first_words, second_words) in [((10, 70_000), (20, 70_000)), ((10, 70_000), (10, 70_100))]
    {
        let mut bench = Bench::new();
        let (first_ticket, first) = bench.place(buy(first_words.0, first_words.1)).unwrap();
        let (second_ticket, second) = bench.place(buy(second_words.0, second_words.1)).unwrap();
        bench.accept(first_ticket, 52);
        bench.accept(second_ticket, 51);
        let at = bench.at();
        let traded = row(52, second_words.0, second_words.1, at);
        let rows = [
            row(51, first_words.0, first_words.1, at),
            filled(traded, 5, 350_000, second_words.0 - 5),
        ];
        bench.pass_with(40_000, &rows);
        assert_eq!(bench.desk.order(first).unwrap().order_no, no(51));
        assert_eq!(bench.desk.order(second).unwrap().order_no, no(52));
        assert_eq!((bench.told(first).0, bench.told(second).0), (0, 5));
        assert_eq!(bench.desk.counters().mixed_up, 2);
        assert_eq!(bench.writes.len(), 2);
    }
}

#[test]
fn a_number_that_is_given_twice_makes_the_second_order_unknown() {
    let mut bench = Bench::new();
    let first = bench.working(buy(10, 70_000), 51);
    let (ticket, second) = bench.place(buy(20, 70_000)).unwrap();
    bench.accept(ticket, 51);
    assert!(bench.is_unknown(ticket));
    let at = bench.at();
    bench.pass(300);
    bench.answer_read(&[row(51, 10, 70_000, at), row(52, 20, 70_000, at)]);
    assert_eq!(bench.desk.order(first).unwrap().order_no, no(51));
    assert_eq!(bench.desk.order(second).unwrap().order_no, no(52));
}

#[test]
fn orders_of_before_the_start_are_somebody_elses() {
    let mut bench = Bench::with(Config::default());
    let at = bench.at();
    let rows = [filled(row(3, 10, 70_000, at), 4, 280_000, 6)];
    bench.act(|desk, now, out| desk.tick(now, out));
    let (_, read) = bench.reads[0];
    let list = OrderList {
        rows: &rows,
        all_venues: true,
    };
    bench.act(|desk, now, out| desk.list_read(now, read, list, out));
    assert!(matches!(
        bench.events[..],
        [
            ExecutionEvent::External { order_no, .. },
            ExecutionEvent::Filled { fill, .. }
        ] if order_no == no(3) && fill.id.is_auto() && fill.inferred
    ));
    // It is known from now on, so that an order of the same words is another one.
    let (_, order) = bench.place(buy(10, 70_000)).unwrap();
    bench.pass_with(80_000, &rows);
    assert!(bench.desk.order(order).is_none());
}

#[test]
fn a_row_that_does_not_fit_its_number_is_counted_and_left_alone() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 55);
    let other = change(
        row(55, 10, 70_000, bench.at()),
        OrderCommand::Modify,
        54,
        10,
    );
    bench.pass_with(31_000, &[other]);
    assert_eq!(bench.told(order).0, 0);
    assert!(bench.desk.counters().contradictions > 0);
}

#[test]
fn orders_of_somebody_else_beyond_the_room_are_counted_once_and_their_fills_told() {
    let config = Config {
        orders_max: 1,
        reconcile_first: false,
        ..Config::default()
    };
    let mut bench = Bench::with(config);
    bench.working(buy(10, 70_000), 55);
    let ours = row(55, 10, 70_000, bench.at());
    let theirs = filled(row(90, 8, 70_000, bench.at()), 3, 210_000, 5);
    for _ in 0..2 {
        bench.pass_with(70_000, &[ours, theirs]);
    }
    assert_eq!(bench.desk.counters().unfollowed, 1);
    assert_eq!(bench.told(ClientOrderId::AUTO).0, 3);
}

#[test]
fn a_whole_change_that_moves_less_than_was_left_asks_for_the_list() {
    for (moved, asks) in [(10, false), (7, true)] {
        let mut bench = Bench::new();
        let order = bench.working(buy(10, 70_000), 1);
        let request = ModifyRequest::to_price(account(), order, won(69_900));
        let (ticket, _) = bench.modify(request).unwrap();
        bench.accept(ticket, 2);
        bench.reads.clear();
        bench.modified(2, 1, moved, 69_900);
        bench.pass(2_000);
        assert_eq!(!bench.reads.is_empty(), asks, "{moved}");
    }
}

/// The number of a cancel has no totals that a list could agree with, and holds nothing up.
#[test]
fn a_cancelled_order_settles_with_the_first_list_after_the_lag() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 1);
    let (ticket, _) = bench.cancel(CancelRequest::all(account(), order)).unwrap();
    bench.accept(ticket, 2);
    bench.cancelled(2, Some(1), 10);
    let ended = filled(row(1, 10, 70_000, bench.at()), 0, 0, 0);
    let cancel = change(row(2, 10, 70_000, bench.at()), OrderCommand::Cancel, 1, 10);
    bench.pass_with(59_000, &[ended, cancel]);
    assert_eq!(bench.desk.is_settled(order), Some(false));
    bench.pass_with(35_000, &[ended, cancel]);
    assert_eq!(bench.desk.is_settled(order), Some(true));
}

#[test]
fn a_fill_that_only_the_list_tells_has_a_number_that_no_broker_gives() {
    let mut bench = Bench::new();
    bench.working(buy(10, 70_000), 55);
    let listed = filled(row(55, 10, 70_000, bench.at()), 10, 700_000, 0);
    bench.pass_with(31_000, &[listed]);
    let numbers: Vec<u64> = bench
        .events
        .iter()
        .filter_map(|event| match event {
            ExecutionEvent::Filled { fill, .. } => Some(fill.fill_no),
            _ => None,
        })
        .collect();
    assert!(!numbers.is_empty());
    assert!(
        numbers.iter().all(|&number| number >= 1 << 63),
        "{numbers:?}"
    );
}

/// A notice of somebody else's order may have told of less than there is.
#[test]
fn an_order_of_somebody_else_that_ended_too_small_goes_on_once_the_list_shows_it_whole() {
    let mut bench = Bench::new();
    let mut accepted = bench.notice(
        9,
        None,
        News::Accepted {
            command: OrderCommand::Place,
            price: Some(won(70_000)),
        },
    );
    accepted.order_qty = Some(Qty::new(5));
    bench.tell(accepted);
    bench.fill(9, 5, 70_000);
    assert_eq!(bench.desk.order(no(9)).unwrap().status, OrderStatus::Filled);
    let whole = filled(row(9, 8, 70_000, bench.at()), 5, 350_000, 3);
    bench.pass_with(31_000, &[whole]);
    let order = bench.desk.order(no(9)).unwrap();
    assert_eq!(
        (order.status, order.remaining().get()),
        (OrderStatus::PartiallyFilled, 3)
    );
}

/// The target of a cancel may have shown its effect under its own number before.
#[test]
fn a_cancel_that_the_list_confirms_is_over_where_its_order_shows_nothing_new() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 1);
    let part = CancelRequest::part(account(), order, Qty::new(3));
    let (ticket, _) = bench.cancel(part).unwrap();
    bench.accept(ticket, 2);
    bench.cancelled(1, None, 3);
    assert!(bench.cancel(part).is_err(), "the first one is still open");
    let rows = [
        filled(row(1, 10, 70_000, bench.at()), 0, 0, 7),
        change(row(2, 3, 70_000, bench.at()), OrderCommand::Cancel, 1, 3),
    ];
    bench.pass_with(31_000, &rows);
    assert_eq!(bench.desk.order(order).unwrap().cancelled.get(), 3);
    bench.cancel(part).unwrap();
}

#[test]
fn a_change_is_not_given_the_number_of_an_order_that_made_room() {
    let config = Config {
        orders_max: 1,
        reconcile_first: false,
        ..Config::default()
    };
    let mut bench = Bench::with(config);
    bench.working(buy(1, 70_000), 1);
    bench.fill(1, 1, 70_000);
    let ended = filled(row(1, 1, 70_000, bench.at()), 1, 70_000, 0);
    bench.pass_with(120_000, &[ended]);
    let order = bench.working(buy(2, 70_000), 2);
    assert!(bench.desk.order(no(1)).is_none(), "nothing made room");
    let (ticket, _) = bench.cancel(CancelRequest::all(account(), order)).unwrap();
    bench.accept(ticket, 1);
    assert!(bench.is_unknown(ticket));
    assert_eq!(bench.desk.counters().mixed_up, 1);
}

#[test]
fn a_late_fill_of_an_archived_order_adds_to_its_total() {
    let config = Config {
        orders_max: 1,
        reconcile_first: false,
        ..Config::default()
    };
    let mut bench = Bench::with(config);
    let order = bench.working(buy(2, 70_000), 1);
    bench.fill(1, 1, 70_000);
    bench.cancelled(1, None, 1);
    let ended = filled(row(1, 2, 70_000, bench.at()), 1, 70_000, 0);
    bench.pass_with(120_000, &[ended]);
    bench.working(buy(3, 70_000), 2);
    assert!(bench.desk.order(no(1)).is_none(), "nothing made room");
    let before = bench.desk.counters().inferred;
    let more = filled(row(1, 2, 70_000, bench.at()), 2, 140_000, 0);
    bench.pass_with(31_000, &[more, row(2, 3, 70_000, bench.at())]);
    let told = bench.events.iter().rev().find_map(|event| match event {
        ExecutionEvent::Filled {
            fill, cumulative, ..
        } if fill.id == order => Some((fill.qty.get(), cumulative.get())),
        _ => None,
    });
    assert_eq!(told, Some((1, 2)));
    assert_eq!(bench.desk.counters().inferred, before + 1);
}

#[test]
fn a_change_of_a_part_that_only_the_list_tells_makes_an_order_of_the_part() {
    let mut bench = Bench::new();
    let order = bench.working(buy(10, 70_000), 1);
    let rows = [
        filled(row(1, 10, 70_000, bench.at()), 0, 0, 6),
        change(row(2, 4, 69_900, bench.at()), OrderCommand::Modify, 1, 4),
    ];
    bench.pass_with(31_000, &rows);
    let part = bench.desk.order(no(2)).unwrap();
    assert!(part.id != order, "it was taken for the whole");
    assert_eq!(part.qty.get(), 4);
    assert_eq!(bench.desk.order(order).unwrap().order_no, no(1));
}
