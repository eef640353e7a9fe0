//! `quote`, `book`, `candles`, `watch`.

use gwanmun::{
    BrokerGateway, Candle, CandleRequest, Level, MarketEvent, OrderBook, Quote, RecvError, Topic,
};
use jiff::ToSpan;

use super::args::{CandleArgs, IssueArgs, WatchArgs};
use super::connect::Session;
use super::exit::Failure;
use super::format;
use super::output::Output;

pub(crate) async fn quote(
    session: &Session,
    args: &IssueArgs,
    output: &mut Output,
) -> Result<(), Failure> {
    let quote = session.gateway.quote(args.symbol, args.venue).await?;
    output.answer(&quote, quote_facts)
}

pub(crate) async fn book(
    session: &Session,
    args: &IssueArgs,
    output: &mut Output,
) -> Result<(), Failure> {
    let book = session.gateway.order_book(args.symbol, args.venue).await?;
    output.answer(&book, book_table)
}

pub(crate) async fn candles(
    session: &Session,
    args: &CandleArgs,
    output: &mut Output,
) -> Result<(), Failure> {
    const DEFAULT_DAYS: i64 = 30;
    let issue = &args.issue;
    let to = match args.to {
        Some(to) => to,
        None => {
            let quote = session.gateway.quote(issue.symbol, issue.venue).await?;
            quote.at.kst_date()
        }
    };
    let from = match args.from {
        Some(from) => from,
        // Fails only before the year -9999.
        None => to.checked_sub(DEFAULT_DAYS.days()).unwrap_or(to),
    };
    if from > to {
        return Err(Failure::Usage(format!(
            "--from {from} is after --to {to}: give the earlier date first"
        )));
    }
    let request = CandleRequest {
        symbol: issue.symbol,
        timeframe: args.timeframe,
        from,
        to,
    };
    let candles = session.gateway.candles(&request).await?;
    output.answer(&candles, |candles| candle_table(candles))
}

pub(crate) async fn watch(
    session: &Session,
    args: &WatchArgs,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut events = session.gateway.market_data();
    let mut topics = Vec::new();
    for &symbol in &args.symbols {
        let venue = args.venue;
        if !args.books {
            topics.push(Topic::Trades { symbol, venue });
        }
        if !args.trades {
            topics.push(Topic::Book { symbol, venue });
        }
    }
    session.gateway.subscribe(&topics).await?;
    let mut left = args.count;
    let interrupt = tokio::signal::ctrl_c();
    tokio::pin!(interrupt);
    while left != Some(0) {
        tokio::select! {
            biased;
            interrupted = &mut interrupt => {
                interrupted.map_err(|error| Failure::Other(format!("waiting for Ctrl-C: {error}")))?;
                break;
            }
            event = events.recv() => match event {
                Ok(event) => {
                    output.line(&event, event_line)?;
                    left = left.map(|left| left - 1);
                }
                Err(RecvError::Lagged(count)) => {
                    tracing::warn!(count, "events were dropped because the output was slow");
                }
                Err(RecvError::Closed) => break,
            },
        }
    }
    session.gateway.unsubscribe(&topics).await?;
    Ok(())
}

fn quote_facts(quote: &Quote) -> String {
    format::facts(&[
        ("symbol", format!("{} {}", quote.symbol, quote.venue)),
        ("at", quote.at.to_string()),
        ("last", format::price(Some(quote.last))),
        ("bid", level(quote.bid)),
        ("ask", level(quote.ask)),
        ("open", format::price(quote.open)),
        ("high", format::price(quote.high)),
        ("low", format::price(quote.low)),
        ("base", format::price(Some(quote.base))),
        ("upper limit", format::price(quote.upper_limit)),
        ("lower limit", format::price(quote.lower_limit)),
        ("volume", format::shares(quote.volume)),
        ("value", format::won(quote.value)),
    ])
}

/// Shares and price of a level, or a dash.
fn level(level: Option<Level>) -> String {
    level.map_or_else(
        || "-".to_owned(),
        |level| {
            format!(
                "{} × {}",
                format::shares(level.qty),
                format::grouped(level.price)
            )
        },
    )
}

fn book_table(book: &OrderBook) -> String {
    let asks = book.asks.iter().rev().flatten();
    let asks = asks.map(|ask| {
        vec![
            format::shares(ask.qty),
            format::grouped(ask.price),
            String::new(),
        ]
    });
    let bids = book.bids.iter().flatten().map(|bid| {
        vec![
            String::new(),
            format::grouped(bid.price),
            format::shares(bid.qty),
        ]
    });
    let table = format::table(&["ask", "price", "bid"], &[0, 1, 2], asks.chain(bids));
    format!("{} {} at {}\n{table}", book.symbol, book.venue, book.at)
}

fn candle_table(candles: &[Candle]) -> String {
    if candles.is_empty() {
        return "no candles: nothing traded on these dates".to_owned();
    }
    format::table(
        &["start", "open", "high", "low", "close", "volume"],
        &[1, 2, 3, 4, 5],
        candles.iter().map(|candle| {
            vec![
                candle.start.kst().strftime("%Y-%m-%d %H:%M").to_string(),
                format::grouped(candle.open),
                format::grouped(candle.high),
                format::grouped(candle.low),
                format::grouped(candle.close),
                format::shares(candle.volume),
            ]
        }),
    )
}

fn event_line(event: &MarketEvent) -> String {
    match event {
        MarketEvent::Trade(trade) => format!(
            "{} {} trade {} {} {}",
            trade.at.kst().strftime("%H:%M:%S%.3f"),
            trade.symbol,
            trade.aggressor.map_or("-", gwanmun::Side::as_str),
            format::grouped(trade.price),
            format::shares(trade.qty),
        ),
        MarketEvent::Book(book) => format!(
            "{} {} book  {} | {}",
            book.at.kst().strftime("%H:%M:%S%.3f"),
            book.symbol,
            level(book.best_bid()),
            level(book.best_ask()),
        ),
        // Kinds of news that are added later.
        other => format!("{other:?}"),
    }
}
