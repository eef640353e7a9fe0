//! The stream, the list, and those who listen.

use std::time::Duration;

use gwanmun::domain::{CancelRequest, ExecutionEvent, OrderResult, Qty};
use gwanmun::{Error, broker::live::Executions};
use tokio::time::Instant;

use super::support::{Desk, Play, account, buy, pass};

/// Shares filled, as told.
fn filled(events: &[ExecutionEvent]) -> Vec<(Qty, bool)> {
    events
        .iter()
        .filter_map(|event| {
            let ExecutionEvent::Filled { fill, .. } = event else {
                return None;
            };
            Some((fill.qty, fill.inferred))
        })
        .collect()
}

/// The fill is told while the order's own answer is on its way.
#[tokio::test(start_paused = true)]
async fn n1_a_fill_before_the_answer_is_joined_to_its_order() {
    let mut desk = Desk::new().await;
    desk.wire.script([Play::Accept(Duration::from_secs(2))]);
    let id = desk.dealer.submit(&buy(10, 70_000)).unwrap();
    pass(100).await;
    let order_no = desk.wire.rows.lock().unwrap()[0].order_no;
    desk.wire.fill(order_no, 4, 70_000);
    desk.tell_fill(order_no, 4, 70_000, 1);
    assert_eq!(filled(&desk.events()), []);
    pass(2_100).await;
    let events = desk.events();
    assert_eq!(filled(&events), [(Qty::new(4), false)]);
    assert!(events.iter().all(|event| event.id() == Some(id)));
    assert_eq!(desk.dealer.fills(account()).unwrap().unwrap().len(), 1);
}

/// A fill that nobody told comes with the next list, once; lists are read every 30 s while an order is open.
#[tokio::test(start_paused = true)]
async fn n4_lists_are_read_while_an_order_is_open_and_bring_what_was_lost() {
    let mut desk = Desk::new().await;
    let placed = desk.dealer.place(&buy(10, 70_000)).await.unwrap();
    let order_no = placed.accepted().unwrap().order_no;
    desk.wire.fill(order_no, 3, 70_000);
    let (reads, start) = (desk.wire.reads(), Instant::now());
    desk.until(|desk| desk.wire.reads() > reads).await;
    assert!(
        start.elapsed() <= Duration::from_secs(31),
        "{:?}",
        start.elapsed()
    );
    pass(90_000).await;
    assert_eq!(filled(&desk.events()), [(Qty::new(3), true)]);
    let during = desk.wire.reads() - reads;
    assert!((3..=6).contains(&during), "{during} reads in two minutes");
}

/// A reconnect is a gap, closed by a list; a list that fails closes nothing.
#[tokio::test(start_paused = true)]
async fn n4_a_reconnect_reads_the_list_until_one_is_whole() {
    let mut desk = Desk::new().await;
    let placed = desk.dealer.place(&buy(10, 70_000)).await.unwrap();
    let order_no = placed.accepted().unwrap().order_no;
    desk.events();
    desk.dealer
        .stream_down(account(), desk.clocks.moment().at)
        .unwrap();
    assert!(matches!(desk.events()[..], [ExecutionEvent::Gap { .. }]));
    desk.wire.fill(order_no, 3, 70_000);
    desk.wire
        .failing_reads
        .store(3, std::sync::atomic::Ordering::Relaxed);
    let reads = desk.wire.reads();
    desk.dealer.stream_up(account()).unwrap();
    desk.until(|desk| desk.wire.reads() >= reads + 4).await;
    pass(100).await;
    let events = desk.events();
    assert_eq!(filled(&events), [(Qty::new(3), true)]);
    assert!(
        matches!(events.last(), Some(ExecutionEvent::Resynced { .. })),
        "{events:?}"
    );
}

/// A subscriber that stands still stops new orders; cancels and fills go on, and nothing is dropped.
#[tokio::test(start_paused = true)]
async fn n19_a_subscriber_that_stands_still_stops_new_orders_and_no_cancel() {
    let mut desk = Desk::with(|setup| setup.executions = Executions::new(3)).await;
    desk.events();
    let placed = desk.dealer.place(&buy(10, 70_000)).await.unwrap();
    let order_no = placed.accepted().unwrap().order_no;
    for fill_no in 1..=4 {
        desk.wire.fill(order_no, 1, 70_000);
        desk.tell_fill(order_no, 1, 70_000, fill_no);
    }
    let refused = desk.dealer.submit(&buy(11, 70_000));
    assert!(matches!(
        refused,
        Err(Error::ConsumerBehind { capacity: 3 })
    ));
    let cancel = CancelRequest::all(account(), order_no);
    let cancelled = desk.dealer.cancel(&cancel).await.unwrap();
    assert!(matches!(cancelled, OrderResult::Accepted(_)));
    assert_eq!(filled(&desk.events()).len(), 4);
    assert!(desk.dealer.submit(&buy(11, 70_000)).is_ok());
}
