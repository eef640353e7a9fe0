//! Row N5: notices in any order.

use gwanmun::domain::{
    CancelReason, Money, OrderCommand, OrderNo, OrderStatus, Qty, Side, Timestamp,
};
use gwanmun::orders::desk::{Config, Desk, News, Notice, OpenGate, Row};

use super::harness::{Bench, REFUSALS, SAMSUNG, START, account, buy, change, filled, no, row, won};

/// Calls `visit` with every order of the items, by Heap's algorithm.
fn permutations<T>(items: &mut [T], visit: &mut impl FnMut(&[T])) {
    fn heap<T>(len: usize, items: &mut [T], visit: &mut impl FnMut(&[T])) {
        if len <= 1 {
            return visit(items);
        }
        for index in 0..len {
            heap(len - 1, items, visit);
            if index < len - 1 {
                items.swap(if len.is_multiple_of(2) { index } else { 0 }, len - 1);
            }
        }
    }
    heap(items.len(), items, visit);
}

fn small_bench() -> Bench {
    let config = Config {
        reconcile_first: false,
        orders_max: 4,
        pending_max: 4,
        held_max: 16,
        marks_max: 32,
        ..Config::default()
    };
    let mut bench = Bench::of(Desk::new(account(), config, REFUSALS, Vec::new(), OpenGate));
    let now = bench.now();
    bench.desk.stream_up(now, &mut bench.out);
    bench.sort();
    bench.answer_read(&[]);
    bench
}

fn notice(order_no: OrderNo, original_no: Option<OrderNo>, second: i64, news: News) -> Notice {
    Notice {
        order_no,
        original_no,
        symbol: SAMSUNG,
        side: Side::Buy,
        order_qty: None,
        news,
        at: Timestamp::from_nanos(START + second * 1_000_000_000),
    }
}

fn fill(qty: u64, price: i64, told: Option<(u64, u64)>) -> News {
    News::Filled {
        qty: Qty::new(qty),
        price: won(price),
        fill_no: told.map(|(fill_no, _)| fill_no),
        cumulative: told.map(|(_, cumulative)| Qty::new(cumulative)),
    }
}

#[test]
fn n5_fills_and_the_cancel_of_the_rest_come_in_any_order_without_the_list() {
    for numbered in [false, true] {
        let told = |fill_no, cumulative| numbered.then_some((fill_no, cumulative));
        let (qty, reason) = (Some(Qty::new(5)), CancelReason::Requested);
        let mut notices = [
            notice(no(1), None, 2, fill(3, 70_000, told(1, 3))),
            notice(no(1), None, 3, fill(1, 69_900, told(2, 4))),
            notice(no(1), None, 3, fill(1, 69_800, told(3, 5))),
            notice(no(1), None, 4, News::Cancelled { qty, reason }),
        ];
        let mut count = 0;
        permutations(&mut notices, &mut |notices| {
            let mut bench = small_bench();
            let order = bench.working(buy(10, 70_000), 1);
            for notice in notices {
                bench.tell(*notice);
            }
            let done = bench.desk.order(order).unwrap();
            let state = (
                done.filled.get(),
                done.filled_value.won(),
                done.cancelled.get(),
                done.status,
            );
            assert_eq!(
                state,
                (5, 349_700, 5, OrderStatus::Cancelled),
                "{notices:?}"
            );
            assert_eq!(bench.told(order), (5, 349_700, 0), "{notices:?}");
            count += 1;
        });
        assert_eq!(count, 24);
    }
}

/// 7 notices of one order that is modified and cancelled: all 5,040 orders end in the same books once the list was read,
/// and at no time is more told than happened.
#[test]
fn n5_a_whole_life_in_any_order_ends_in_the_same_books() {
    for numbered in [false, true] {
        let told = |fill_no, cumulative| numbered.then_some((fill_no, cumulative));
        let (reason, price) = (CancelReason::Requested, Some(won(70_100)));
        let mut notices = [
            notice(
                no(1),
                None,
                1,
                News::Accepted {
                    command: OrderCommand::Place,
                    price: Some(won(70_000)),
                },
            ),
            notice(no(1), None, 2, fill(3, 70_000, told(1, 3))),
            notice(no(1), None, 3, fill(2, 69_900, told(2, 5))),
            notice(
                no(2),
                Some(no(1)),
                4,
                News::Accepted {
                    command: OrderCommand::Modify,
                    price,
                },
            ),
            notice(
                no(2),
                Some(no(1)),
                4,
                News::Modified {
                    qty: Some(Qty::new(5)),
                    price,
                },
            ),
            notice(no(2), Some(no(1)), 5, fill(2, 70_100, told(3, 2))),
            notice(
                no(3),
                Some(no(2)),
                6,
                News::Cancelled {
                    qty: Some(Qty::new(3)),
                    reason,
                },
            ),
        ];
        let at = Timestamp::from_nanos(START + 1_000_000_000);
        let rows = [
            filled(row(1, 10, 70_000, at), 5, 349_800, 0),
            filled(
                change(row(2, 5, 70_100, at), OrderCommand::Modify, 1, 5),
                2,
                140_200,
                0,
            ),
            change(row(3, 3, 70_100, at), OrderCommand::Cancel, 2, 3),
        ];
        let mut count = 0;
        permutations(&mut notices, &mut |notices| {
            live(notices, &rows);
            count += 1;
        });
        assert_eq!(count, 5_040);
    }
}

fn live(notices: &[Notice], rows: &[Row]) {
    let mut bench = small_bench();
    let order = bench.working(buy(10, 70_000), 1);
    let mut before = 0;
    for notice in notices {
        bench.tell(*notice);
        let filled = bench.desk.order(order).unwrap().filled.get();
        assert!(
            (before..=7).contains(&filled),
            "{before} to {filled}: {notices:?}"
        );
        before = filled;
    }
    bench.answer_read(rows);
    bench.pass_with(1_000, rows);
    let done = bench.desk.order(order).unwrap();
    let state = (
        done.filled.get(),
        done.filled_value,
        done.cancelled.get(),
        done.status,
    );
    let value = Money::from_won(490_000).unwrap();
    assert_eq!(state, (7, value, 3, OrderStatus::Cancelled), "{notices:?}");
    assert_eq!(
        (bench.told(order).0, bench.told(order).1),
        (7, 490_000),
        "{notices:?}"
    );
    assert_eq!(bench.desk.order(no(2)).unwrap().id, order);
}
