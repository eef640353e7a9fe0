//! Sending orders: what leaves, what does not, and what becomes known of it.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use gwanmun::domain::{
    CancelRequest, ClientOrderId, ExecutionEvent, ModifyRequest, OrderCommand, OrderRef,
    OrderResult, Resolution,
};
use gwanmun::limiter::RateLimiter;
use gwanmun::orders::desk::{Decision, Record};
use gwanmun::{Error, TimeoutPhase};
use tokio::time::Instant;

use super::support::{Desk, Play, accepted, account, buy, pass, won};

/// The whole life of an order: placed, modified, cancelled, each with its outcome and its number.
#[tokio::test(start_paused = true)]
async fn an_order_is_placed_modified_and_cancelled() {
    let mut desk = Desk::new().await;
    let placed = desk.dealer.place(&buy(10, 70_000)).await.unwrap();
    let receipt = *placed.accepted().unwrap();
    assert!(!receipt.inferred);
    let modify = ModifyRequest::to_price(account(), receipt.id, won(70_100));
    assert!(
        desk.dealer
            .modify(&modify)
            .await
            .unwrap()
            .accepted()
            .is_some()
    );
    // The modification takes effect by the list, because nobody told of it.
    desk.until(|desk| {
        let order = desk.dealer.order(account(), OrderRef::Client(receipt.id));
        order.unwrap().kind.limit_price() == Some(won(70_100))
    })
    .await;
    let open = desk.dealer.open_orders(account()).unwrap();
    assert_eq!((open.len(), open[0].id), (1, receipt.id));
    let cancelled = desk.dealer.cancel_all(account()).await.unwrap();
    assert!(matches!(cancelled[..], [Ok(OrderResult::Accepted(_))]));
    desk.until(|desk| desk.dealer.open_orders(account()).unwrap().is_empty())
        .await;
    let commands: Vec<OrderCommand> = desk
        .wire
        .writes()
        .iter()
        .map(|job| job.request.instruction.command())
        .collect();
    let all = [
        OrderCommand::Place,
        OrderCommand::Modify,
        OrderCommand::Cancel,
    ];
    assert_eq!(commands, all);
    let events = desk.events();
    assert!(
        events
            .iter()
            .any(|event| matches!(event, ExecutionEvent::Modified { .. }))
    );
    assert!(
        events
            .iter()
            .any(|event| matches!(event, ExecutionEvent::Cancelled { .. }))
    );
}

/// `submit` returns at once, and the outcome comes under its number.
#[tokio::test(start_paused = true)]
async fn a_submitted_order_tells_its_outcome_on_the_stream() {
    let mut desk = Desk::new().await;
    desk.events();
    let start = Instant::now();
    let id = desk.dealer.submit(&buy(10, 70_000)).unwrap();
    assert_eq!(Instant::now(), start);
    assert!(
        desk.wire.writes().is_empty(),
        "written by the caller's thread"
    );
    pass(30).await;
    let [ExecutionEvent::Accepted { receipt, .. }] = desk.events()[..] else {
        panic!("not accepted");
    };
    assert_eq!(receipt.id, id);
}

/// The broker takes the order and never answers: unknown when the answer is due, and found in the first list, which is
/// read 300 ms later.
#[tokio::test(start_paused = true)]
async fn s6_silence_is_unknown_when_the_answer_is_due_and_the_list_decides() {
    let mut desk = Desk::new().await;
    desk.wire.script([Play::Silent]);
    let start = Instant::now();
    let placed = desk.dealer.place(&buy(10, 70_000)).await.unwrap();
    assert_eq!(start.elapsed(), Duration::from_secs(5));
    let OrderResult::Unknown(pending) = placed else {
        panic!("{placed:?}");
    };
    let resolved = desk.dealer.resolve(pending.id).await.unwrap();
    assert!(resolved.accepted().unwrap().inferred);
    assert!(start.elapsed() < Duration::from_millis(5_500));
    assert_eq!(desk.wire.writes().len(), 1, "sent again");
    let told = desk.events();
    assert!(
        told.iter()
            .any(|event| matches!(event, ExecutionEvent::Unknown { .. }))
    );
    let again = desk.dealer.resolve(pending.id).await.unwrap();
    assert_eq!(again, resolved);
}

/// An order that never arrived is absent after the rule of absence, and its resolution says that it is not there.
#[tokio::test(start_paused = true)]
async fn an_order_that_never_arrived_is_found_absent() {
    let mut desk = Desk::new().await;
    desk.wire.script([Play::Lose]);
    let OrderResult::Unknown(pending) = desk.dealer.place(&buy(10, 70_000)).await.unwrap() else {
        panic!("known");
    };
    let resolved = desk.dealer.resolve(pending.id).await;
    assert!(matches!(resolved, Err(Error::NotFound(_))), "{resolved:?}");
    assert!(desk.events().iter().any(|event| matches!(
        event,
        ExecutionEvent::Resolved {
            resolution: Resolution::Absent,
            ..
        }
    )));
    // Somebody who knows better may say so of the next one.
    desk.wire.script([Play::Lose]);
    let OrderResult::Unknown(pending) = desk.dealer.place(&buy(10, 70_000)).await.unwrap() else {
        panic!("known");
    };
    desk.dealer.decide(pending.id, Decision::Absent).unwrap();
    assert!(desk.dealer.decide(pending.id, Decision::Absent).is_err());
}

/// The answer comes 10 s after it was due: it goes to the same order.
#[tokio::test(start_paused = true)]
async fn s9_an_answer_that_is_late_goes_to_the_same_order() {
    let mut desk = Desk::with(|setup| {
        // The list says nothing in this test.
        setup.desk.read_gap = Duration::from_secs(60);
    })
    .await;
    desk.wire.script([Play::Silent]);
    let placed = desk.dealer.place(&buy(10, 70_000)).await.unwrap();
    assert!(matches!(placed, OrderResult::Unknown(_)));
    pass(10_000).await;
    desk.events();
    let (late, order_no) = desk.wire.late.lock().unwrap().pop().unwrap();
    late.answered(accepted(order_no, desk.clocks.moment().at));
    let events = desk.events();
    let [
        ExecutionEvent::Resolved {
            resolution: Resolution::Accepted(receipt),
            ..
        },
    ] = &events[..]
    else {
        panic!("{events:?}");
    };
    assert_eq!(receipt.order_no, order_no);
    assert_eq!(desk.dealer.open_orders(account()).unwrap().len(), 1);
    assert_eq!(desk.wire.writes().len(), 1);
}

/// A wire that does not keep its own deadline is not waited for.
#[tokio::test(start_paused = true)]
async fn s9_a_wire_that_overruns_leaves_the_order_unknown() {
    let desk = Desk::new().await;
    desk.wire.script([Play::Hang]);
    let start = Instant::now();
    let placed = desk.dealer.place(&buy(10, 70_000)).await.unwrap();
    assert!(matches!(placed, OrderResult::Unknown(_)));
    assert!(start.elapsed() <= Duration::from_secs(6));
    // The writer goes on.
    assert!(
        desk.dealer
            .place(&buy(11, 70_000))
            .await
            .unwrap()
            .accepted()
            .is_some()
    );
}

/// Polls the future `polls` times, as often as it wakes, and drops it.
async fn drop_after<F: Future>(polls: u32, future: F) {
    let mut future = pin!(future);
    for _ in 0..polls {
        let done = poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready())).await;
        if done {
            return;
        }
        pass(7).await;
    }
}

/// Wherever the caller gives up, an order that was begun goes on to its end, exactly once.
#[tokio::test(start_paused = true)]
async fn s10_a_future_that_is_dropped_changes_nothing() {
    let mut desk = Desk::with(|setup| setup.limiter = Arc::new(RateLimiter::per_second(1))).await;
    for polls in 0..6 {
        let written = desk.wire.writes().len();
        desk.events();
        drop_after(
            polls,
            desk.dealer.place(&buy(10 + u64::from(polls), 70_000)),
        )
        .await;
        pass(6_000).await;
        let sent = desk.wire.writes().len() - written;
        let accepted = desk
            .events()
            .iter()
            .filter(|event| matches!(event, ExecutionEvent::Accepted { .. }))
            .count();
        // A future that was never polled has done nothing.
        assert_eq!(
            (sent, accepted),
            if polls == 0 { (0, 0) } else { (1, 1) },
            "{polls}"
        );
    }
    assert_eq!(desk.dealer.open_orders(account()).unwrap().len(), 5);
    // The same of a cancel.
    let open = desk.dealer.open_orders(account()).unwrap();
    for (polls, order) in (1..).zip(&open) {
        let cancel = CancelRequest::all(account(), order.order_no);
        drop_after(polls, desk.dealer.cancel(&cancel)).await;
    }
    desk.until(|desk| desk.dealer.open_orders(account()).unwrap().is_empty())
        .await;
}

/// The login does not come before the order's deadline: nothing was sent, and the same order may be sent again.
#[tokio::test(start_paused = true)]
async fn s18_no_order_waits_for_a_login_beyond_its_deadline() {
    let mut desk = Desk::new().await;
    desk.events();
    desk.wire.script([Play::NoLogin]);
    let start = Instant::now();
    let placed = desk.dealer.place(&buy(10, 70_000)).await;
    assert!(
        matches!(
            placed,
            Err(Error::Timeout {
                phase: TimeoutPhase::Connect,
                ..
            })
        ),
        "{placed:?}"
    );
    assert_eq!(start.elapsed(), Duration::from_secs(5));
    assert!(desk.wire.writes().is_empty());
    assert!(matches!(
        desk.events()[..],
        [ExecutionEvent::NotSent { .. }]
    ));
    assert!(
        desk.dealer
            .place(&buy(10, 70_000))
            .await
            .unwrap()
            .accepted()
            .is_some()
    );
}

/// One request a second: `submit` is turned away at once and leaves no trace, `place` waits, and one whose turn cannot
/// come in time was not sent.
#[tokio::test(start_paused = true)]
async fn s22_a_wait_for_the_rate_limit_ends_before_anything_is_sent() {
    let desk = Desk::with(|setup| {
        setup.limiter = Arc::new(RateLimiter::per_second(1));
        setup.order_timeout = Duration::from_secs(3);
        setup.desk.poll = Duration::from_secs(600);
        setup.desk.list_lag = Duration::ZERO;
    })
    .await;
    pass(5_000).await;
    let records = || {
        let date = desk.clocks.moment().at.kst_date();
        desk.memory.records(0, date).len()
    };
    desk.dealer.submit(&buy(1, 70_000)).unwrap();
    let before = records();
    let refused = desk.dealer.submit(&buy(2, 70_000));
    assert!(
        matches!(refused, Err(Error::RateLimited { .. })),
        "{refused:?}"
    );
    assert_eq!(
        records(),
        before,
        "a refusal by the limiter was written down"
    );
    let orders: Vec<_> = (3..9).map(|qty| buy(qty, 70_000)).collect();
    let start = Instant::now();
    let placed =
        futures::future::join_all(orders.iter().map(|order| desk.dealer.place(order))).await;
    let sent = placed.iter().filter(|placed| placed.is_ok()).count();
    let not_sent = placed.iter().filter(|placed| {
        matches!(
            placed,
            Err(Error::Timeout {
                phase: TimeoutPhase::Limiter,
                ..
            })
        ) || matches!(placed, Err(Error::RateLimited { .. }))
    });
    assert_eq!((sent, not_sent.count()), (2, 4), "{placed:?}");
    assert!(start.elapsed() < Duration::from_millis(2_200));
    assert_eq!(desk.wire.writes().len(), 3);
}

/// The broker says that we are too fast: refused, not sent again, and the limiter slows down.
#[tokio::test(start_paused = true)]
async fn s21_an_over_rate_answer_slows_the_limiter_down() {
    let desk = Desk::with(|setup| setup.limiter = Arc::new(RateLimiter::per_second(10))).await;
    pass(2_000).await;
    desk.wire.script([Play::Refuse("EGW00201")]);
    let placed = desk.dealer.place(&buy(1, 70_000)).await.unwrap();
    assert!(placed.refused().is_some());
    assert_eq!(desk.wire.writes().len(), 1);
    pass(1_100).await;
    let sent = (10..30)
        .filter(|&qty| desk.dealer.submit(&buy(qty, 70_000)).is_ok())
        .count();
    assert_eq!(sent, 5, "half of ten a second");
}

/// The first order is unknown, so its twin stays here; any other leaves.
#[tokio::test(start_paused = true)]
async fn s23_the_same_order_does_not_leave_while_the_first_is_unknown() {
    let desk = Desk::new().await;
    desk.wire.script([Play::Lose]);
    let first = desk.dealer.submit(&buy(10, 70_000)).unwrap();
    let twin = desk.dealer.submit(&buy(10, 70_000));
    assert!(matches!(twin, Err(Error::Busy { id }) if id == first));
    pass(6_000).await;
    let twin = desk.dealer.place(&buy(10, 70_000)).await;
    assert!(matches!(twin, Err(Error::Busy { id }) if id == first));
    assert!(
        desk.dealer
            .place(&buy(11, 70_000))
            .await
            .unwrap()
            .accepted()
            .is_some()
    );
    assert_eq!(desk.wire.writes().len(), 2);
}

/// What the gate turns away leaves no trace.
#[tokio::test(start_paused = true)]
async fn s1_what_the_gate_turns_away_is_neither_written_down_nor_sent() {
    let desk = Desk::new().await;
    let date = desk.clocks.moment().at.kst_date();
    let before = desk.memory.records(0, date).len();
    for order in [buy(0, 70_000), buy(1, 70_001), buy(1, 700_000)] {
        assert!(matches!(
            desk.dealer.place(&order).await,
            Err(Error::Invalid(_))
        ));
    }
    let mut stranger = buy(1, 70_000);
    stranger.symbol = gwanmun::symbol!("000660");
    assert!(matches!(
        desk.dealer.submit(&stranger),
        Err(Error::NotFound(_))
    ));
    let mut foreign = buy(1, 70_000);
    foreign.account = "99".parse().unwrap();
    assert!(matches!(
        desk.dealer.submit(&foreign),
        Err(Error::Invalid(_))
    ));
    assert_eq!(desk.memory.records(0, date).len(), before);
    assert!(desk.wire.writes().is_empty());
}

/// Numbers are given once, whoever gives them.
#[tokio::test(start_paused = true)]
async fn order_ids_are_given_once() {
    let desk = Desk::new().await;
    let own = buy(1, 70_000).with_id(ClientOrderId::new(7));
    assert_eq!(desk.dealer.submit(&own).unwrap().get(), 7);
    let again = buy(2, 70_000).with_id(ClientOrderId::new(7));
    assert!(matches!(desk.dealer.submit(&again), Err(Error::Invalid(_))));
    assert_eq!(desk.dealer.submit(&buy(3, 70_000)).unwrap().get(), 8);
    let date = desk.clocks.moment().at.kst_date();
    let places = desk.memory.records(0, date);
    let places = places
        .iter()
        .filter(|record| matches!(record, Record::Place { .. }));
    assert_eq!(places.count(), 2);
}

/// Stages are measured for every order that was answered, and not when they are switched off.
#[tokio::test(start_paused = true)]
async fn the_stages_of_an_order_are_measured() {
    let desk = Desk::new().await;
    let _ = desk.dealer.place(&buy(1, 70_000)).await.unwrap();
    let times = desk.dealer.latency();
    let wire = times
        .iter()
        .find(|times| times.stage == gwanmun::broker::live::Stage::Wire)
        .unwrap();
    assert_eq!(wire.count, 1);
    assert!(wire.p50.abs_diff(Duration::from_millis(20)) < Duration::from_millis(1));
    assert_eq!(times.len(), gwanmun::broker::live::Stage::ALL.len());
    desk.dealer.measure_latency(false);
    let _ = desk.dealer.place(&buy(2, 70_000)).await.unwrap();
    assert_eq!(desk.dealer.latency(), times);
}

/// Futures stay small enough to be moved around.
#[tokio::test(start_paused = true)]
async fn the_dealers_futures_stay_under_256_bytes() {
    let desk = Desk::new().await;
    let (order, id) = (buy(1, 70_000), ClientOrderId::new(1));
    let modify = ModifyRequest::to_price(account(), id, won(70_000));
    let cancel = CancelRequest::all(account(), id);
    let sizes = [
        size_of_val(&desk.dealer.place(&order)),
        size_of_val(&desk.dealer.modify(&modify)),
        size_of_val(&desk.dealer.cancel(&cancel)),
        size_of_val(&desk.dealer.cancel_all(account())),
        size_of_val(&desk.dealer.resolve(id)),
        size_of_val(&desk.dealer.stop()),
        size_of_val(&desk.dealer.failed()),
    ];
    assert!(sizes.iter().all(|&size| size <= 256), "{sizes:?}");
}
