//! MOCK on a bad line: whatever goes wrong between desk and exchange, both come to the same books.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test looks for one kind and passes over the others"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use gwanmun::broker::mock::Reconciliation;
use gwanmun::{
    BrokerConfig, BrokerGateway, CancelRequest, ClientOrderId, Error, ExecutionEvent, Gateway,
    ModifyRequest, OrderRequest, OrderResult, Price, Qty, Symbol, Venue, symbol,
};

const SAMSUNG: Symbol = symbol!("005930");
const ORDERS: u64 = 150;

/// What one run came to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Run {
    sent: u64,
    not_sent: u64,
    unknown: u64,
    inferred: u64,
    resolved: u64,
    /// Shares filled of each order, as told.
    filled: BTreeMap<ClientOrderId, u64>,
    books: Reconciliation,
}

fn config(seed: u64) -> BrokerConfig {
    let text = format!(
        "broker_type = \"MOCK\"\n[[accounts]]\naccount_id = \"1\"\naccount_name = \"a\"\naccount_type = \"PAPER\"\n\
         [mock]\ncash = 1000000000\n[mock.faults]\nseed = {seed}\nrestart = 10\nstream_cut = 20\n"
    );
    BrokerConfig::from_toml_str("test.toml", &text).unwrap()
}

async fn run(seed: u64) -> Run {
    let gateway = Gateway::new(config(seed)).unwrap();
    gateway.connect().await.unwrap();
    let mock = gateway.as_mock().unwrap();
    let account = gateway.accounts()[0].account_id;
    let mut executions = gateway.executions();
    let mut run = Run::default();
    let mut working = Vec::new();
    for number in 0..ORDERS {
        mock.advance(Duration::from_secs(4));
        let book = gateway.order_book(SAMSUNG, Venue::Krx).await.unwrap();
        let (bid, ask) = (
            book.best_bid().unwrap().price,
            book.best_ask().unwrap().price,
        );
        let qty = Qty::new(1 + number % 7);
        let request = match number % 3 {
            0 => OrderRequest::limit_buy(account, SAMSUNG, qty, ask),
            1 => OrderRequest::limit_buy(account, SAMSUNG, qty, bid),
            _ => OrderRequest::limit_sell(account, SAMSUNG, qty, ask),
        };
        let placed = if number % 2 == 0 {
            gateway.place_order(&request).await.map(|result| {
                run.unknown += u64::from(matches!(result, OrderResult::Unknown(_)));
                match result {
                    OrderResult::Accepted(receipt) => receipt.id,
                    OrderResult::Refused(refusal) => refusal.id,
                    OrderResult::Unknown(pending) => pending.id,
                }
            })
        } else {
            gateway.submit_order(&request)
        };
        match placed {
            Ok(id) => {
                run.sent += 1;
                working.push(id);
            }
            Err(error) => {
                assert!(
                    matches!(
                        error,
                        Error::Blocked { .. } | Error::Busy { .. } | Error::Timeout { .. }
                    ),
                    "{error}"
                );
                run.not_sent += 1;
            }
        }
        // Older orders change price, and go; what is not there any more is an error that sends nothing.
        if number % 5 == 4 {
            let id = working[working.len() / 2];
            let lower = Price::from_won(bid.won() - 200).unwrap();
            let _ = gateway
                .modify_order(&ModifyRequest::to_price(account, id, lower))
                .await;
        }
        if number % 5 == 2 {
            let id = working[working.len() / 3];
            let _ = gateway.cancel_order(&CancelRequest::all(account, id)).await;
        }
    }
    mock.heal();
    // Twice: an order whose outcome was unknown has a number by then.
    for _ in 0..2 {
        mock.advance(Duration::from_secs(180));
        let _ = gateway.cancel_all_orders(account).await.unwrap();
    }
    mock.advance(Duration::from_secs(180));
    assert!(gateway.open_orders(account).await.unwrap().is_empty());
    while let Ok(event) = executions.try_recv() {
        match event {
            ExecutionEvent::Filled {
                fill, cumulative, ..
            } => {
                let so_far = run.filled.entry(fill.id).or_default();
                *so_far += fill.qty.get();
                assert_eq!(*so_far, cumulative.get(), "seed {seed}: {fill:?}");
                run.inferred += u64::from(fill.inferred);
            }
            ExecutionEvent::Resolved { .. } => run.resolved += 1,
            _ => {}
        }
    }
    run.books = mock.reconciliation();
    run
}

#[tokio::test]
async fn no_order_is_doubled_and_no_fill_lost_on_a_bad_line() {
    let mut total = Run::default();
    for seed in 1..=12 {
        let run = run(seed).await;
        let books = &run.books;
        assert!(books.agrees(), "seed {seed}: {run:?}");
        assert!(books.orders <= run.sent, "seed {seed}: {run:?}");
        let told: u64 = run.filled.values().sum();
        assert_eq!(told, books.shares, "seed {seed}");
        total.unknown += run.unknown;
        total.inferred += run.inferred;
        total.resolved += run.resolved;
        total.books.orders += books.orders;
    }
    // The line was a bad one, and trade went on.
    assert!(total.books.orders > 12 * ORDERS / 2, "{total:?}");
    assert!(total.unknown > 20 && total.resolved > 20, "{total:?}");
    assert!(total.inferred > 20, "{total:?}");
}

#[tokio::test]
async fn one_seed_is_one_sequence_of_faults() {
    assert_eq!(run(3).await, run(3).await);
    assert_ne!(run(3).await, run(4).await);
}
