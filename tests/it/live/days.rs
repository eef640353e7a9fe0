//! Clocks and trading days.

use std::future::Future;
use std::sync::atomic::Ordering;
use std::task::{Context, Waker};
use std::time::Duration;

use gwanmun::domain::{ExecutionEvent, OrderNo, OrderRef, OrderResult, Resolution};
use gwanmun::{Block, Error};
use jiff::civil::date;

use super::support::{Desk, Play, account, buy, pass};

const SECOND: i64 = 1_000_000_000;

/// The machine slept for 90 s, or its clock was set an hour back: the very next order is refused, every connection counts
/// as dead, and orders go again after a list. Deadlines do not move.
#[tokio::test(start_paused = true)]
async fn s24_after_a_clock_jump_the_list_comes_before_new_orders() {
    for (times, jump) in [(1, 90 * SECOND), (2, -3_600 * SECOND)] {
        let desk = Desk::new().await;
        pass(1_000).await;
        desk.wire.script([Play::Silent]);
        let start = tokio::time::Instant::now();
        let order = buy(10, 70_000);
        let (placed, ()) = tokio::join!(desk.dealer.place(&order), async {
            pass(100).await;
            let reads = desk.wire.reads();
            desk.clocks.jump(jump);
            let refused = desk.dealer.submit(&buy(11, 70_000));
            let by = Block::Reconciling;
            assert!(
                matches!(refused, Err(Error::Blocked { by: found }) if found == by),
                "{refused:?}"
            );
            desk.until(|desk| desk.dealer.blocked_by(account()).unwrap().is_none())
                .await;
            assert!(desk.wire.reads() > reads, "no list was read");
            assert_eq!(desk.wire.jumps.load(Ordering::Relaxed), 1);
        });
        assert!(matches!(placed.unwrap(), OrderResult::Unknown(_)));
        assert_eq!(start.elapsed().as_secs(), 5, "a deadline moved ({times})");
    }
}

/// The process was stopped for 90 s and goes on: both clocks went on, and the timers did not.
#[tokio::test(start_paused = true)]
async fn s24_a_process_that_stood_still_reads_the_list_before_new_orders() {
    let desk = Desk::new().await;
    pass(1_000).await;
    let reads = desk.wire.reads();
    // Nobody is polled in between.
    let (mut advance, mut context) = (
        Box::pin(tokio::time::advance(Duration::from_secs(90))),
        Context::from_waker(Waker::noop()),
    );
    let _ = advance.as_mut().poll(&mut context);
    let refused = desk.dealer.submit(&buy(11, 70_000));
    let by = Block::Reconciling;
    assert!(
        matches!(refused, Err(Error::Blocked { by: found }) if found == by),
        "{refused:?}"
    );
    desk.until(|desk| desk.dealer.blocked_by(account()).unwrap().is_none())
        .await;
    assert!(desk.wire.reads() > reads, "no list was read");
    assert_eq!(desk.wire.jumps.load(Ordering::Relaxed), 1);
    assert!(desk.dealer.submit(&buy(11, 70_000)).is_ok());
}

/// An order is unknown when the day turns. It stays with its day: that day's list decides it, while the new day has a desk
/// of its own, in which the broker's numbers begin anew.
#[tokio::test(start_paused = true)]
async fn s26_what_a_day_left_undecided_ends_in_the_list_of_that_day() {
    let mut desk = Desk::new().await;
    desk.wire.failing_reads.store(u32::MAX, Ordering::Relaxed);
    desk.wire.script([Play::Silent]);
    let OrderResult::Unknown(pending) = desk.dealer.place(&buy(10, 70_000)).await.unwrap() else {
        panic!("known");
    };
    // To a minute after midnight.
    desk.clocks.jump((14 * 3_600 + 60) * SECOND);
    let (yesterday, today) = (date(2026, 11, 24), date(2026, 11, 25));
    desk.until(|desk| {
        let reads = desk.wire.reads.lock().unwrap();
        reads.iter().any(|&(_, date)| date == today)
    })
    .await;
    assert_eq!(desk.dealer.trading_date().unwrap(), today);
    // Nothing of yesterday passes for today's.
    assert!(desk.dealer.open_orders(account()).unwrap().is_empty());
    let at_night = desk.dealer.submit(&buy(10, 70_000));
    assert!(matches!(at_night, Err(Error::NotFound(_))), "{at_night:?}");
    desk.events();
    desk.wire.failing_reads.store(0, Ordering::Relaxed);
    let resolved = desk.dealer.resolve(pending.id).await.unwrap();
    let receipt = *resolved.accepted().unwrap();
    assert!(receipt.inferred);
    assert!(desk.events().iter().any(|event| matches!(
        event,
        ExecutionEvent::Resolved { resolution: Resolution::Accepted(found), .. } if *found == receipt
    )));
    let reads = desk.wire.reads.lock().unwrap().clone();
    let turned = reads.iter().find(|&&(_, date)| date == today).unwrap().0;
    assert!(
        reads
            .iter()
            .any(|&(at, date)| at >= turned && date == yesterday)
    );

    // The next morning the broker begins with the same number.
    desk.clocks.jump(10 * 3_600 * SECOND);
    desk.set_issues();
    pass(10).await;
    desk.until(|desk| desk.dealer.blocked_by(account()).unwrap().is_none())
        .await;
    desk.wire.restart_numbers();
    let placed = desk.dealer.place(&buy(10, 70_000)).await.unwrap();
    let OrderResult::Accepted(placed) = placed else {
        panic!("{placed:?}");
    };
    assert_eq!(placed.order_no, receipt.order_no);
    assert_ne!(placed.id, receipt.id);
    assert_eq!(desk.wire.writes().last().unwrap().date, today);
    let number: OrderNo = placed.order_no;
    let order = desk
        .dealer
        .order(account(), OrderRef::Number(number))
        .unwrap();
    assert_eq!(order.id, placed.id);
}
