//! The process and the machine: restarts, disks, panics, stops.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gwanmun::broker::live::{Clocks, Dealer, DiskJournals, Executions, Journals, MemoryJournals};
use gwanmun::broker::live::{Runtime, Setup};
use gwanmun::domain::{
    BrokerType, CancelRequest, ExecutionEvent, OrderRequest, OrderResult, Qty, Resolution,
    TradingState,
};
use gwanmun::limiter::RateLimiter;
use gwanmun::{Block, Error, RecvError};

use super::support::{Desk, FakeWire, MORNING, Play, SAMSUNG, account, buy, pass, won};

/// A dealer in place of one that is gone, with what that left: its journal and the broker.
async fn restarted(old: Desk) -> Desk {
    let (wire, clocks, memory) = (
        Arc::clone(&old.wire),
        old.clocks.clone(),
        old.memory.clone(),
    );
    drop(old);
    let new = Desk::start(wire, clocks, memory, |_| {}).unwrap();
    let blocked = new.dealer.blocked_by(account()).unwrap();
    assert_eq!(blocked, Some(Block::Reconciling));
    assert!(new.dealer.submit(&buy(99, 70_000)).is_err());
    new.open().await;
    new
}

/// The process ends while an order is on its way: the next one finds it, sends nothing again, and counts on.
#[tokio::test(start_paused = true)]
async fn p1_a_restart_looks_up_what_was_on_its_way() {
    let desk = Desk::new().await;
    desk.wire.script([Play::Silent]);
    let id = desk.dealer.submit(&buy(10, 70_000)).unwrap();
    pass(100).await;
    let mut desk = restarted(desk).await;
    let resolved = desk.dealer.resolve(id).await.unwrap();
    assert!(resolved.accepted().unwrap().inferred);
    assert_eq!(desk.wire.writes().len(), 1);
    assert!(desk.events().iter().any(|event| matches!(
        event,
        ExecutionEvent::Resolved { id: found, resolution: Resolution::Accepted(_), .. } if *found == id
    )));
    let next = desk.dealer.submit(&buy(11, 70_000)).unwrap();
    assert!(next > id, "a number was given twice");
    // Fills of before the restart are totals only.
    let order_no = desk.dealer.open_orders(account()).unwrap()[0].order_no;
    desk.wire.fill(order_no, 2, 70_000);
    desk.tell_fill(order_no, 2, 70_000, 1);
    assert!(desk.dealer.fills(account()).unwrap().is_some());
    let desk = restarted(desk).await;
    assert_eq!(desk.dealer.fills(account()).unwrap(), None);
    let order = desk.dealer.order(account(), order_no.into()).unwrap();
    assert_eq!(order.filled, Qty::new(2));
}

/// The process ends before midnight and begins again after it: yesterday's journal is looked at, too.
#[tokio::test(start_paused = true)]
async fn p1_a_restart_on_the_next_day_looks_up_what_yesterday_left() {
    let desk = Desk::new().await;
    desk.wire.script([Play::Silent]);
    let id = desk.dealer.submit(&buy(10, 70_000)).unwrap();
    pass(100).await;
    desk.clocks.jump(24 * 3_600 * 1_000_000_000);
    let desk = restarted(desk).await;
    let resolved = desk.dealer.resolve(id).await.unwrap();
    assert!(resolved.accepted().unwrap().inferred);
    assert!(desk.dealer.open_orders(account()).unwrap().is_empty());
}

/// The disk fails: no new order and no modification leaves, cancels do.
#[tokio::test(start_paused = true)]
async fn p3_a_journal_that_fails_stops_orders_and_lets_cancels_go() {
    let desk = Desk::new().await;
    let placed = desk.dealer.place(&buy(10, 70_000)).await.unwrap();
    let order_no = placed.accepted().unwrap().order_no;
    desk.memory.set_failing(true);
    let failed = desk.dealer.place(&buy(11, 70_000)).await;
    assert!(matches!(failed, Err(Error::Io(_))), "{failed:?}");
    desk.memory.set_failing(false);
    let refused = desk.dealer.submit(&buy(12, 70_000));
    let by = Block::Journal;
    assert!(matches!(refused, Err(Error::Blocked { by: found }) if found == by));
    desk.memory.set_failing(true);
    let cancel = CancelRequest::all(account(), order_no);
    let cancelled = desk.dealer.cancel(&cancel).await.unwrap();
    assert!(cancelled.accepted().is_some());
    assert_eq!(desk.wire.writes().len(), 2);
}

fn on_disk(directory: &Path) -> Journals {
    let name = "kis-main".parse().unwrap();
    Journals::Disk(DiskJournals::new(directory, name, BrokerType::Kis))
}

/// The second gateway on one journal does not start; after the first has ended it does, and knows its orders.
#[tokio::test(start_paused = true)]
async fn p4_a_second_gateway_on_the_same_journal_does_not_start() {
    let directory = tempfile::tempdir().unwrap();
    let first = Desk::with(|setup| setup.journals = on_disk(directory.path())).await;
    let placed = first.dealer.place(&buy(10, 70_000)).await.unwrap();
    let second = || {
        let wire = Arc::clone(&first.wire);
        Desk::start(
            wire,
            first.clocks.clone(),
            MemoryJournals::default(),
            |setup| {
                setup.journals = on_disk(directory.path());
            },
        )
    };
    let refused = second().err().unwrap();
    assert!(
        refused.to_string().contains("two gateways must not share"),
        "{refused}"
    );
    first
        .dealer
        .set_trading_state(TradingState::Halted)
        .unwrap();
    first.dealer.stop().await.unwrap();
    let second = second().unwrap();
    second.open().await;
    let open = second.dealer.open_orders(account()).unwrap();
    assert_eq!(open[0].order_no, placed.accepted().unwrap().order_no);
    assert_eq!(second.dealer.trading_state().unwrap(), TradingState::Halted);
}

/// The day turns while yesterday's file is still in use: both are open under the one lock.
#[tokio::test(start_paused = true)]
async fn s26_the_next_days_file_is_opened_beside_the_last_ones() {
    let directory = tempfile::tempdir().unwrap();
    let desk = Desk::with(|setup| setup.journals = on_disk(directory.path())).await;
    desk.wire.script([Play::Lose]);
    let id = desk.dealer.submit(&buy(10, 70_000)).unwrap();
    pass(100).await;
    desk.clocks.jump(24 * 3_600 * 1_000_000_000);
    pass(300).await;
    desk.until(|desk| desk.dealer.blocked_by(account()).unwrap().is_none())
        .await;
    for day in ["24", "25"] {
        let file = directory
            .path()
            .join(format!("kis-main-2026-11-{day}.journal"));
        assert!(file.is_file(), "no journal of the {day}th");
    }
    assert!(matches!(
        desk.dealer.resolve(id).await,
        Err(Error::NotFound(_))
    ));
}

/// A task of ours panics: whoever waits learns that the outcome is unknown, subscriptions end with a reason, nothing is
/// taken any more, and a new gateway finds the order.
#[tokio::test(start_paused = true)]
async fn p5_a_panic_of_ours_ends_the_gateway_visibly() {
    let mut desk = Desk::new().await;
    desk.events();
    desk.wire.script([Play::Panic]);
    let (order, failed) = (buy(10, 70_000), desk.dealer.failed());
    let (placed, ()) = tokio::join!(desk.dealer.place(&order), failed);
    let OrderResult::Unknown(pending) = placed.unwrap() else {
        panic!("known");
    };
    assert_eq!(desk.events.recv().await, Err(RecvError::Closed));
    assert!(desk.events.end().unwrap().contains("broke inside"));
    let mut late = desk.executions.subscribe();
    assert_eq!(late.recv().await, Err(RecvError::Closed));
    let refused = desk.dealer.submit(&buy(11, 70_000));
    let by = Block::Failed;
    assert!(matches!(refused, Err(Error::Blocked { by: found }) if found == by));
    let cancel = CancelRequest::all(account(), pending.id);
    assert!(matches!(
        desk.dealer.cancel(&cancel).await,
        Err(Error::Blocked { .. })
    ));
    assert!(desk.dealer.has_failed());
    assert_eq!(desk.wire.writes().len(), 1);

    let desk = restarted(desk).await;
    let resolved = desk.dealer.resolve(pending.id).await;
    assert!(matches!(resolved, Err(Error::NotFound(_))), "{resolved:?}");
}

/// Breaks whoever wakes it.
struct Breaking;

impl std::task::Wake for Breaking {
    fn wake(self: Arc<Self>) {
        panic!("the waker breaks");
    }
}

/// A panic in the middle of a step of a desk, which nobody can go on from.
#[tokio::test(start_paused = true)]
async fn p5_a_panic_under_the_lock_ends_the_gateway_visibly() {
    let mut desk = Desk::new().await;
    desk.events();
    let mut other = desk.executions.subscribe();
    let waker = std::task::Waker::from(Arc::new(Breaking));
    let mut receiving = Box::pin(other.recv());
    let polled = receiving
        .as_mut()
        .poll(&mut std::task::Context::from_waker(&waker));
    assert!(polled.is_pending());
    let placed = desk.dealer.place(&buy(10, 70_000)).await.unwrap();
    assert!(matches!(
        placed,
        OrderResult::Unknown(_) | OrderResult::Accepted(_)
    ));
    assert!(desk.dealer.has_failed());
    let by = Block::Failed;
    let refused = desk.dealer.submit(&buy(11, 70_000));
    assert!(matches!(refused, Err(Error::Blocked { by: found }) if found == by));
    desk.until(|desk| desk.events.end().is_some()).await;
    drop(receiving);
    let desk = restarted(desk).await;
    let open = desk.dealer.open_orders(account()).unwrap();
    assert_eq!(open.len(), 1, "the order is lost");
}

/// A caller's task that panics with everything in its hands stops nothing.
#[tokio::test(start_paused = true)]
async fn p5_a_panic_of_the_caller_stops_nothing() {
    let mut desk = Desk::new().await;
    let (dealer, mut events) = (desk.dealer.clone(), desk.executions.subscribe());
    let task = tokio::spawn(async move {
        let order = buy(10, 70_000);
        let placing = dealer.place(&order);
        let event = tokio::select! {
            biased;
            _ = placing => panic!("placed before any event"),
            event = events.recv() => event,
        };
        panic!("the caller breaks at {event:?}");
    });
    assert!(task.await.unwrap_err().is_panic());
    desk.until(|desk| desk.dealer.open_orders(account()).unwrap().len() == 1)
        .await;
    assert!(!desk.dealer.has_failed());
    assert!(
        desk.dealer
            .place(&buy(11, 70_000))
            .await
            .unwrap()
            .accepted()
            .is_some()
    );
    assert!(!desk.events().is_empty());
}

/// The caller's runtime is blocked for as long as it takes: the gateway's own thread writes, and hears the answer.
#[tokio::test]
async fn p6_a_blocked_caller_does_not_hold_up_the_gateway() {
    let clocks = Clocks::simulated(MORNING.parse().unwrap());
    let wire = Arc::new(FakeWire::new(clocks.clone()));
    wire.script([Play::Refuse("APBK0918"), Play::Refuse("APBK0918")]);
    let executions = Executions::new(100);
    let mut events = executions.subscribe();
    let journals = Journals::Memory(MemoryJournals::default());
    let limiter = Arc::new(RateLimiter::unlimited());
    let accounts = vec![account()];
    let mut setup = Setup::new(BrokerType::Kis, accounts, journals, executions, limiter);
    (setup.clocks, setup.desk.reconcile_first) = (clocks.clone(), false);
    // A busy machine may hold this process up for longer than the desk takes for normal.
    setup.desk.clock_jump = Duration::from_secs(3_600);
    let runtime = Runtime::own_thread("gwanmun-kis").unwrap();
    let dealer = Dealer::start(setup, wire, &runtime).unwrap();
    let desk = Desk {
        dealer,
        wire: Arc::new(FakeWire::new(clocks.clone())),
        clocks,
        memory: MemoryJournals::default(),
        executions: Executions::new(1),
        events: Executions::new(1).subscribe(),
    };
    desk.set_issues();
    let id = desk.dealer.submit(&buy(10, 70_000)).unwrap();
    // Blocks this thread, and with it the only thread of this runtime.
    let told = futures::executor::block_on(events.recv()).unwrap();
    assert!(matches!(told, ExecutionEvent::Refused { .. }) && told.id() == Some(id));
    let placed = futures::executor::block_on(desk.dealer.place(&buy(11, 70_000))).unwrap();
    assert!(placed.refused().is_some());
}

/// A stop takes no new orders, waits for what is on its way, and says what it leaves.
#[tokio::test(start_paused = true)]
async fn p8_a_stop_waits_for_answers_and_says_what_it_leaves() {
    let desk = Desk::new().await;
    desk.wire
        .script([Play::Accept(Duration::from_secs(2)), Play::Silent]);
    let taken = desk.dealer.submit(&buy(10, 70_000)).unwrap();
    let silent = desk.dealer.submit(&buy(11, 70_000)).unwrap();
    pass(100).await;
    desk.wire
        .failing_reads
        .store(u32::MAX, std::sync::atomic::Ordering::Relaxed);
    let start = tokio::time::Instant::now();
    let (stopped, ()) = tokio::join!(desk.dealer.stop(), async {
        pass(50).await;
        let refused = desk.dealer.submit(&buy(12, 70_000));
        let by = Block::Stopping;
        assert!(matches!(refused, Err(Error::Blocked { by: found }) if found == by));
    });
    let stopped = stopped.unwrap();
    assert!(
        start.elapsed() <= Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(stopped.undecided.len(), 1);
    assert_eq!(stopped.undecided[0].2.id, silent);
    let open: Vec<_> = stopped.open.iter().map(|order| order.id).collect();
    assert_eq!(open, [taken]);
    let after = desk.dealer.place(&buy(13, 70_000)).await;
    assert!(matches!(after, Err(Error::Blocked { .. })), "{after:?}");
    desk.wire
        .failing_reads
        .store(0, std::sync::atomic::Ordering::Relaxed);
    let desk = restarted(desk).await;
    assert!(
        desk.dealer
            .resolve(silent)
            .await
            .unwrap()
            .accepted()
            .is_some()
    );
    assert_eq!(desk.wire.writes().len(), 2);
}

/// The kill switch holds at once and over restarts; what may be sold while trading only reduces is counted down.
#[tokio::test(start_paused = true)]
async fn the_kill_switch_holds_over_restarts() {
    let desk = Desk::new().await;
    let placed = desk.dealer.place(&buy(10, 70_000)).await.unwrap();
    let order_no = placed.accepted().unwrap().order_no;
    desk.dealer
        .set_trading_state(TradingState::ReduceOnly)
        .unwrap();
    assert!(desk.dealer.submit(&buy(11, 70_000)).is_err());
    let sell = |qty| OrderRequest::limit_sell(account(), SAMSUNG, Qty::new(qty), won(70_000));
    assert!(
        desk.dealer.submit(&sell(1)).is_err(),
        "nothing is known to be held"
    );
    desk.dealer
        .set_sellable(account(), SAMSUNG, Qty::new(5))
        .unwrap();
    assert!(desk.dealer.submit(&sell(3)).is_ok());
    assert!(desk.dealer.submit(&sell(4)).is_err(), "only two are left");
    assert!(desk.dealer.submit(&sell(2)).is_ok());
    desk.dealer.set_trading_state(TradingState::Halted).unwrap();
    assert!(desk.dealer.submit(&sell(1)).is_err());
    pass(100).await;
    let desk = restarted(desk).await;
    assert_eq!(desk.dealer.trading_state().unwrap(), TradingState::Halted);
    assert!(desk.dealer.submit(&buy(11, 70_000)).is_err());
    let cancel = CancelRequest::all(account(), order_no);
    assert!(
        desk.dealer
            .cancel(&cancel)
            .await
            .unwrap()
            .accepted()
            .is_some()
    );
}

/// A login that the broker no longer takes stops new orders until somebody repairs it, over the day's turn, too.
#[tokio::test(start_paused = true)]
async fn s20_a_broken_login_stops_new_orders_until_it_is_repaired() {
    let desk = Desk::new().await;
    let placed = desk.dealer.place(&buy(10, 70_000)).await.unwrap();
    let order_no = placed.accepted().unwrap().order_no;
    desk.dealer.block(Block::Login).unwrap();
    let refused = desk.dealer.place(&buy(11, 70_000)).await;
    let by = Block::Login;
    assert!(matches!(refused, Err(Error::Blocked { by: found }) if found == by));
    let cancel = CancelRequest::all(account(), order_no);
    assert!(
        desk.dealer
            .cancel(&cancel)
            .await
            .unwrap()
            .accepted()
            .is_some()
    );
    desk.clocks.jump(24 * 3_600 * 1_000_000_000);
    pass(300).await;
    desk.set_issues();
    assert_eq!(desk.dealer.blocked_by(account()).unwrap(), Some(by));
    desk.dealer.unblock(by).unwrap();
    desk.until(|desk| desk.dealer.blocked_by(account()).unwrap().is_none())
        .await;
    assert!(desk.dealer.submit(&buy(11, 70_000)).is_ok());
}

/// Each account has a desk of its own; numbers of orders are the gateway's.
#[tokio::test(start_paused = true)]
async fn each_account_has_a_desk_of_its_own() {
    let other = "1234567802".parse().unwrap();
    let desk = Desk::with(|setup| setup.accounts.push(other)).await;
    desk.dealer.stream_up(other).unwrap();
    desk.until(|desk| desk.dealer.blocked_by(other).unwrap().is_none())
        .await;
    let mut order = buy(10, 70_000);
    let first = desk.dealer.submit(&order).unwrap();
    order.account = other;
    // The same order of another account is another order, and the fake broker's one list does not say whose it is.
    let second = desk.dealer.submit(&order).unwrap();
    assert_ne!(first, second);
    let twice = desk.dealer.submit(&order.with_id(first));
    assert!(matches!(twice, Err(Error::Invalid(_))), "{twice:?}");
    pass(100).await;
    assert_eq!(desk.dealer.open_orders(account()).unwrap()[0].id, first);
    assert_eq!(desk.dealer.open_orders(other).unwrap()[0].id, second);
    let places: Vec<usize> = desk
        .wire
        .writes()
        .iter()
        .map(|job| job.account_index)
        .collect();
    assert_eq!(places, [0, 1]);
}
