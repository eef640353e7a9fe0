//! A trading loop on MOCK: subscribe, submit, read executions, stop cleanly.
//!
//! `cargo run --example trading_loop`
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a strategy reads the news that it trades on"
)]

use gwanmun::{
    BrokerConfig, BrokerGateway, BrokerType, CancelRequest, ExecutionEvent, Gateway, MarketEvent,
    MockConfig, OrderRequest, Qty, Topic, Venue, symbol,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The simulated market runs sixty times as fast as a real one.
    let mut market = MockConfig::default();
    market.pace = 60;
    let gateway = Gateway::new(
        BrokerConfig::builder(BrokerType::Mock)
            .mock(market)
            .build()?,
    )?;
    gateway.connect().await?;
    let account = gateway.accounts()[0].account_id;
    let symbol = symbol!("005930");

    // Subscribe before the first order: executions tell of everything from then on.
    let mut executions = gateway.executions();
    let mut market_data = gateway.market_data();
    gateway
        .subscribe(&[Topic::Book {
            symbol,
            venue: Venue::Krx,
        }])
        .await?;

    // Join the best bid of the next 20 books.
    let mut books = 0;
    while books < 20 {
        tokio::select! {
            biased;
            event = executions.recv() => match event? {
                ExecutionEvent::Filled { fill, remaining, .. } => {
                    println!("filled {} at {}, {remaining} left", fill.qty, fill.price);
                }
                ExecutionEvent::Refused { refusal, .. } => println!("{refusal}"),
                _ => {}
            },
            event = market_data.recv() => {
                let MarketEvent::Book(book) = event? else { continue };
                books += 1;
                let Some(bid) = book.best_bid() else { continue };
                // Plain and without waiting: the outcome comes on `executions`.
                let id = gateway.submit_order(&OrderRequest::limit_buy(account, symbol, Qty::new(10), bid.price))?;
                if books % 2 == 0 {
                    let _ = gateway.cancel_order(&CancelRequest::all(account, id)).await?;
                }
            }
        }
    }

    // Stop cleanly: nothing stays in the market.
    let cancelled = gateway.cancel_all_orders(account).await?;
    println!("{} orders were still open", cancelled.len());
    for position in gateway.positions(account).await? {
        println!("holding {} of {}", position.qty, position.symbol);
    }
    gateway.disconnect().await?;
    Ok(())
}
