//! MOCK and its journal: what is written, and what a gateway finds that begins again.
//!
//! A gateway that is dropped leaves the files that a killed process leaves, because nothing is buffered; what lies between
//! two records is made by cutting the file.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test looks for one kind and passes over the others"
)]

use std::path::{Path, PathBuf};
use std::time::Duration;

use gwanmun::orders::journal::{Ending, Entry, JournalRecord, RECORD_LEN, inspect};
use gwanmun::{
    AccountId, BrokerConfig, BrokerGateway, CancelReason, CancelRequest, ClientOrderId, Error,
    ExecutionEvent, Gateway, ModifyRequest, Order, OrderRequest, OrderResult, OrderStatus, Price,
    Qty, Resolution, Symbol, TradingState, symbol,
};
use tempfile::TempDir;

const SAMSUNG: Symbol = symbol!("005930");
const NO_MARKET: &str = "market = \"NONE\"";

/// A MOCK of two accounts with a journal in that folder.
fn config(folder: &Path, more: &str) -> BrokerConfig {
    let folder = folder.display();
    let account = |id| {
        format!(
            "[[accounts]]\naccount_id = \"{id}\"\naccount_name = \"a\"\naccount_type = \"PAPER\"\n"
        )
    };
    let (first, second) = (account("11111111-01"), account("22222222-01"));
    let text = format!(
        "broker_type = \"MOCK\"\n{first}{second}[mock]\njournal_dir = '{folder}'\n{more}\n"
    );
    BrokerConfig::from_toml_str("test.toml", &text).unwrap()
}

/// Without a market of its own.
async fn start(folder: &Path) -> Gateway {
    let gateway = Gateway::new(config(folder, NO_MARKET)).unwrap();
    gateway.connect().await.unwrap();
    gateway
}

fn accounts(gateway: &Gateway) -> [AccountId; 2] {
    [0, 1].map(|place: usize| gateway.accounts()[place].account_id)
}

fn journal(folder: &Path, account: u32, day: u32) -> PathBuf {
    folder.join(format!("account-{account}/mock-2026-11-{day}.journal"))
}

/// The file of an account's first day.
fn records(folder: &Path, account: u32) -> Vec<JournalRecord> {
    let contents = inspect(&journal(folder, account, 24)).unwrap();
    assert!(matches!(contents.ending, Ending::Clean));
    contents.entries.iter().map(|entry| entry.record).collect()
}

fn count(records: &[JournalRecord], is_counted: impl Fn(&JournalRecord) -> bool) -> usize {
    records.iter().filter(|&record| is_counted(record)).count()
}

/// Makes the file end behind its first `kept` records, as a process leaves it that is killed there.
fn cut(path: &Path, kept: usize) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[RECORD_LEN * (kept + 1)..].fill(0);
    std::fs::write(path, bytes).unwrap();
}

fn won(won: i64) -> Price {
    Price::from_won(won).unwrap()
}

fn bid(account: AccountId, qty: u64, price: i64) -> OrderRequest {
    OrderRequest::limit_buy(account, SAMSUNG, Qty::new(qty), won(price))
}

fn offer(account: AccountId, qty: u64, price: i64) -> OrderRequest {
    OrderRequest::limit_sell(account, SAMSUNG, Qty::new(qty), won(price))
}

async fn order(gateway: &Gateway, account: AccountId, id: ClientOrderId) -> Order {
    gateway.order(account, id.into()).await.unwrap()
}

/// What the desk did stands in the journal, in its order, and a second MOCK may not write into it.
#[tokio::test]
async fn orders_are_written_down_before_they_are_sent() {
    let folder = TempDir::new().unwrap();
    let config = config(folder.path(), "");
    let gateway = Gateway::new(config.clone()).unwrap();
    gateway.connect().await.unwrap();
    let account = gateway.accounts()[0].account_id;
    let buy = OrderRequest::market_buy(account, SAMSUNG, Qty::new(3));
    let id = gateway.submit_order(&buy).unwrap();
    let too_much = OrderRequest::market_buy(account, SAMSUNG, Qty::new(100_000));
    gateway.submit_order(&too_much).unwrap();

    let second = Gateway::new(config.clone()).unwrap_err();
    assert!(second.to_string().contains("journal"), "{second}");

    let records = records(folder.path(), 1);
    assert!(matches!(records[1], JournalRecord::Intent(intent) if intent.id == id));
    assert!(matches!(records[2], JournalRecord::Acked { command, .. } if command.order == id));
    let JournalRecord::Acked { order_no, .. } = records[2] else {
        unreachable!()
    };
    let filled = records.iter().rev().find_map(|record| match record {
        JournalRecord::FillTotal {
            order_no: number,
            qty,
            inferred: false,
            ..
        } if *number == order_no => Some(*qty),
        _ => None,
    });
    assert_eq!(filled, Some(Qty::new(3)));
    let is_refused = |record: &JournalRecord| matches!(record, JournalRecord::Refused { .. });
    assert!(is_refused(records.last().unwrap()), "{records:?}");

    // The next exchange goes on in the same file, with ids of its own.
    drop(gateway);
    let gateway = Gateway::new(config).unwrap();
    gateway.connect().await.unwrap();
    let next = gateway.submit_order(&buy).unwrap();
    assert!(next > id);
}

/// Orders, their fills and their ends are found again, and what the old exchange still held has ended with it.
#[tokio::test]
async fn p1_a_mock_that_begins_again_knows_its_orders() {
    let folder = TempDir::new().unwrap();
    let gateway = start(folder.path()).await;
    let [buyer, seller] = accounts(&gateway);
    let mock = gateway.as_mock().unwrap();
    mock.add_position(seller, SAMSUNG, Qty::new(10), won(60_000))
        .unwrap();
    let resting = gateway.submit_order(&bid(buyer, 5, 70_000)).unwrap();
    let changed = gateway.submit_order(&bid(buyer, 2, 65_000)).unwrap();
    let dearer = ModifyRequest::to_price(buyer, changed, won(66_000));
    let modified = gateway.modify_order(&dearer).await.unwrap();
    assert!(modified.accepted().is_some());
    let gone = gateway.submit_order(&bid(buyer, 1, 60_000)).unwrap();
    let cancel = CancelRequest::all(buyer, gone);
    let cancelled = gateway.cancel_order(&cancel).await.unwrap();
    assert!(cancelled.accepted().is_some());
    let sold = gateway.submit_order(&offer(seller, 3, 70_000)).unwrap();
    let before = order(&gateway, buyer, resting).await;
    assert_eq!(before.filled, Qty::new(3));
    drop(gateway);

    let gateway = start(folder.path()).await;
    let after = order(&gateway, buyer, resting).await;
    assert_eq!(
        (after.order_no, after.filled, after.filled_value),
        (before.order_no, before.filled, before.filled_value)
    );
    assert_eq!(
        (after.status, after.cancelled),
        (OrderStatus::Cancelled, Qty::new(2))
    );
    let after = order(&gateway, buyer, changed).await;
    assert_eq!(
        (after.status, after.kind.limit_price(), after.cancelled),
        (OrderStatus::Cancelled, Some(won(66_000)), Qty::new(2))
    );
    let after = order(&gateway, buyer, gone).await;
    assert_eq!(after.status, OrderStatus::Cancelled);
    assert!(order(&gateway, seller, sold).await.is_filled());
    assert!(gateway.open_orders(buyer).await.unwrap().is_empty());

    // Ids and numbers go on, an id of before is taken, and the new orders trade.
    let again = gateway.submit_order(&bid(buyer, 1, 60_000).with_id(resting));
    assert!(matches!(again, Err(Error::Invalid(_))), "{again:?}");
    let mut executions = gateway.executions();
    let mock = gateway.as_mock().unwrap();
    mock.add_position(seller, SAMSUNG, Qty::new(3), won(60_000))
        .unwrap();
    let next = gateway.submit_order(&bid(buyer, 3, 70_000)).unwrap();
    assert!(next > sold);
    gateway.submit_order(&offer(seller, 3, 70_000)).unwrap();
    let new = order(&gateway, buyer, next).await;
    assert!(new.is_filled() && new.order_no > before.order_no);
    let mut told = 0;
    while let Ok(event) = executions.try_recv() {
        if let ExecutionEvent::Filled { fill, .. } = event {
            assert!(!fill.inferred && fill.id >= next, "{fill:?}");
            told += fill.qty.get();
        }
    }
    assert_eq!(told, 6);
    assert_eq!(order(&gateway, buyer, resting).await.filled, Qty::new(3));

    // What ended with the old exchange is written down, and ends once.
    let is_end = |record: &JournalRecord| matches!(record, JournalRecord::Ended { .. });
    let ends = count(&records(folder.path(), 1), is_end);
    drop(gateway);
    let gateway = start(folder.path()).await;
    assert_eq!(count(&records(folder.path(), 1), is_end), ends);
    let after = order(&gateway, buyer, resting).await;
    assert_eq!(after.status, OrderStatus::Cancelled);
}

/// A killed process left the intent of an order and no answer. The exchange of before is gone, so it is not found.
#[tokio::test]
async fn p1_an_order_without_an_answer_in_the_file_is_looked_for_and_absent() {
    let folder = TempDir::new().unwrap();
    let gateway = start(folder.path()).await;
    let [buyer, _] = accounts(&gateway);
    let kept = gateway.submit_order(&bid(buyer, 5, 70_000)).unwrap();
    let lost = gateway.submit_order(&bid(buyer, 4, 70_000)).unwrap();
    drop(gateway);
    // The start, the first order's intent and number, and the second order's intent.
    let all = records(folder.path(), 1);
    assert!(matches!(all[3], JournalRecord::Intent(intent) if intent.id == lost));
    cut(&journal(folder.path(), 1, 24), 4);

    let gateway = start(folder.path()).await;
    let mut executions = gateway.executions();
    let found = order(&gateway, buyer, kept).await;
    assert_eq!(found.status, OrderStatus::Cancelled);
    // Nobody knows: no order that looks the same leaves, and another does.
    let same = gateway.submit_order(&bid(buyer, 4, 70_000));
    assert!(
        matches!(same, Err(Error::Busy { id }) if id == lost),
        "{same:?}"
    );
    gateway.submit_order(&bid(buyer, 3, 70_000)).unwrap();
    let resolved = gateway.resolve_order(lost).await;
    let is_found = matches!(resolved, Ok(OrderResult::Accepted(_)));
    assert!(!is_found, "{resolved:?}");
    gateway.as_mock().unwrap().advance(Duration::from_secs(180));
    let mut resolutions = Vec::new();
    while let Ok(event) = executions.try_recv() {
        if let ExecutionEvent::Resolved { id, resolution, .. } = event {
            resolutions.push((id, resolution));
        }
    }
    assert_eq!(resolutions, [(lost, Resolution::Absent)]);
    gateway.submit_order(&bid(buyer, 4, 70_000)).unwrap();
    drop(gateway);
    // The third start needs no second look.
    let gateway = start(folder.path()).await;
    gateway.submit_order(&bid(buyer, 4, 70_000)).unwrap();
}

/// One file an account and trading day; the kill switch belongs to no day and to no start.
#[tokio::test]
async fn each_account_and_day_has_its_file_and_the_kill_switch_outlives_them() {
    let folder = TempDir::new().unwrap();
    let gateway = start(folder.path()).await;
    let [buyer, seller] = accounts(&gateway);
    let day = Duration::from_secs(24 * 3_600);
    let mock = gateway.as_mock().unwrap();
    gateway.submit_order(&bid(buyer, 1, 70_000)).unwrap();
    mock.advance(day);
    gateway.submit_order(&bid(seller, 2, 70_000)).unwrap();
    let intents = [(1, 24), (1, 25), (2, 24), (2, 25)].map(|(account, day)| {
        let contents = inspect(&journal(folder.path(), account, day)).unwrap();
        let is_intent = |entry: &&Entry| matches!(entry.record, JournalRecord::Intent(_));
        contents.entries.iter().filter(is_intent).count()
    });
    assert_eq!(intents, [1, 0, 0, 1]);

    let before = mock.set_trading_state(TradingState::Halted).unwrap();
    assert_eq!(before, TradingState::Active);
    drop(gateway);
    let gateway = start(folder.path()).await;
    let mock = gateway.as_mock().unwrap();
    assert_eq!(mock.trading_state(), TradingState::Halted);
    let order = bid(buyer, 1, 69_000);
    assert!(gateway.submit_order(&order).is_err());
    mock.advance(day);
    assert!(gateway.submit_order(&order).is_err(), "the next day too");
    let is_halt = |record: &JournalRecord| {
        let halted = TradingState::Halted;
        matches!(record, JournalRecord::TradingState { state, .. } if *state == halted)
    };
    assert_eq!(count(&records(folder.path(), 1), is_halt), 1);
    mock.set_trading_state(TradingState::Active).unwrap();
    gateway.submit_order(&order).unwrap();
    drop(gateway);
    let gateway = start(folder.path()).await;
    let state = gateway.as_mock().unwrap().trading_state();
    assert_eq!(state, TradingState::Active);
    gateway.submit_order(&order).unwrap();
}

/// Files of other accounts and damaged ones stop the start, and a kill switch that cannot be read stops new orders.
#[tokio::test]
async fn p2_what_cannot_be_read_stops_the_start_of_a_mock() {
    let folder = TempDir::new().unwrap();
    let gateway = start(folder.path()).await;
    let [buyer, _] = accounts(&gateway);
    gateway.submit_order(&bid(buyer, 1, 70_000)).unwrap();
    drop(gateway);
    let refused = || {
        let error = Gateway::new(config(folder.path(), NO_MARKET)).unwrap_err();
        error.to_string()
    };
    let (first, second) = (journal(folder.path(), 1, 24), journal(folder.path(), 2, 24));
    let own = std::fs::read(&second).unwrap();
    std::fs::copy(&first, &second).unwrap();
    let words = refused();
    assert!(
        words.contains("the account whose journal this is"),
        "{words}"
    );

    std::fs::write(&second, own).unwrap();
    let whole = std::fs::read(&first).unwrap();
    let mut damaged = whole.clone();
    damaged[RECORD_LEN * 2 + 40] ^= 1;
    std::fs::write(&first, &damaged).unwrap();
    let words = refused();
    assert!(words.contains("is damaged at byte"), "{words}");

    std::fs::write(&first, &whole).unwrap();
    std::fs::write(folder.path().join("mock.trading-state"), "HAL").unwrap();
    let gateway = start(folder.path()).await;
    let state = gateway.as_mock().unwrap().trading_state();
    assert_eq!(state, TradingState::Halted);
    assert!(gateway.submit_order(&bid(buyer, 1, 69_000)).is_err());
}

/// On a bad line each restart of a desk reads its file, and the books agree in the end; inferred fills are marked so.
#[tokio::test]
async fn p1_desks_that_begin_again_from_their_files_keep_their_books() {
    let (mut marked, mut inferred) = (0, 0);
    for seed in 1..=3 {
        let folder = TempDir::new().unwrap();
        let more = format!(
            "cash = 1000000000\n[mock.faults]\nseed = {seed}\nrestart = 60\nstream_cut = 20"
        );
        let gateway = Gateway::new(config(folder.path(), &more)).unwrap();
        gateway.connect().await.unwrap();
        let [account, _] = accounts(&gateway);
        let mock = gateway.as_mock().unwrap();
        let mut executions = gateway.executions();
        for number in 0..60 {
            mock.advance(Duration::from_secs(5));
            let buy = OrderRequest::market_buy(account, SAMSUNG, Qty::new(1 + number));
            // Some are not sent: a desk that begins again reads the list first.
            let _ = gateway.submit_order(&buy);
        }
        mock.heal();
        mock.advance(Duration::from_secs(600));
        let books = mock.reconciliation();
        assert!(
            books.agrees() && books.orders > 20,
            "seed {seed}: {books:?}"
        );
        let mut told = 0;
        while let Ok(event) = executions.try_recv() {
            match event {
                ExecutionEvent::Filled { fill, .. } => {
                    told += fill.qty.get();
                    inferred += usize::from(fill.inferred);
                }
                ExecutionEvent::Cancelled { reason, .. } => {
                    assert_ne!(reason, CancelReason::External);
                }
                _ => {}
            }
        }
        assert_eq!(told, books.shares, "seed {seed}");
        marked += count(&records(folder.path(), 1), |record| {
            matches!(record, JournalRecord::FillTotal { inferred: true, .. })
        });
    }
    assert_eq!(marked, inferred);
    assert!(inferred > 3, "only {inferred} fills were inferred");
}
