//! `buy`, `sell`, `cancel`, `orders`.

use std::time::Duration;

use gwanmun::{
    BrokerGateway, CancelRequest, ExecutionEvent, Order, OrderRef, OrderRequest, OrderResult,
    Receipt, RecvError, Side, Subscription,
};
use serde::Serialize;

use super::args::{CancelArgs, OrderArgs};
use super::connect::Session;
use super::exit::Failure;
use super::format;
use super::output::Output;

/// What became of a command.
#[derive(Debug, Serialize)]
struct Outcome<'a> {
    #[serde(flatten)]
    result: &'a OrderResult,
    /// The order as it stands now, where the broker took it.
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<Order>,
    /// What happened to it while it was watched.
    events: Vec<ExecutionEvent>,
}

pub(crate) async fn place(
    session: &Session,
    side: Side,
    args: &OrderArgs,
    output: &mut Output,
) -> Result<(), Failure> {
    let kind = args.kind().map_err(Failure::Usage)?;
    let issue = &args.issue;
    let request = OrderRequest::new(session.account_id(), issue.symbol, side, args.qty, kind)
        .with_venue(issue.venue)
        .with_time_in_force(args.time_in_force);
    session.confirm(&describe(&request))?;
    let mut executions = session.gateway.executions();
    let result = session.gateway.place_order(&request).await?;
    let mut events = Vec::new();
    let mut order = None;
    if let OrderResult::Accepted(receipt) = &result {
        events = news(session, &mut executions, receipt, args.watch_for).await;
        order = order_now(session, receipt.id.into()).await;
    }
    answer(&result, order, events, output)
}

pub(crate) async fn cancel(
    session: &Session,
    args: &CancelArgs,
    output: &mut Output,
) -> Result<(), Failure> {
    let request = CancelRequest {
        account: session.account_id(),
        order: args.order_no.into(),
        qty: args.qty,
    };
    session.confirm(&format!("cancel order {}", args.order_no))?;
    let result = session.gateway.cancel_order(&request).await?;
    let order = match &result {
        OrderResult::Accepted(_) => order_now(session, args.order_no.into()).await,
        OrderResult::Refused(_) | OrderResult::Unknown(_) => None,
    };
    answer(&result, order, Vec::new(), output)
}

pub(crate) async fn list(session: &Session, output: &mut Output) -> Result<(), Failure> {
    let orders = session.gateway.open_orders(session.account_id()).await?;
    output.answer(&orders, |orders| {
        if orders.is_empty() {
            "no open orders".to_owned()
        } else {
            orders_table(orders)
        }
    })
}

fn describe(request: &OrderRequest) -> String {
    let price = request
        .kind
        .limit_price()
        .map_or_else(String::new, |price| {
            format!(" at {}", format::grouped(price))
        });
    format!(
        "{} {} {} {} {}{price}",
        request.side,
        format::shares(request.qty),
        request.symbol,
        request.kind.order_type(),
        request.time_in_force,
    )
}

/// Prints the outcome; a refusal and an unknown outcome are failures all the same.
fn answer(
    result: &OrderResult,
    order: Option<Order>,
    events: Vec<ExecutionEvent>,
    output: &mut Output,
) -> Result<(), Failure> {
    let outcome = Outcome {
        result,
        order,
        events,
    };
    output.answer(&outcome, people)?;
    match result {
        OrderResult::Accepted(_) => Ok(()),
        OrderResult::Refused(refusal) => Err(Failure::Refused((**refusal).clone())),
        OrderResult::Unknown(pending) => Err(Failure::Unknown(*pending)),
    }
}

fn people(outcome: &Outcome<'_>) -> String {
    let mut lines = vec![match outcome.result {
        OrderResult::Accepted(receipt) => format!("accepted: order number {}", receipt.order_no),
        OrderResult::Refused(refusal) => format!("refused: {}", refusal.reason),
        OrderResult::Unknown(pending) => format!("unknown: client order id {}", pending.id),
    }];
    lines.extend(outcome.events.iter().filter_map(event_line));
    if let Some(order) = &outcome.order {
        lines.push(orders_table(std::slice::from_ref(order)));
    }
    lines.join("\n")
}

/// What happened to an order after it was accepted, in a line.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the acceptance is the first line already, and later kinds of events are not known here"
)]
fn event_line(event: &ExecutionEvent) -> Option<String> {
    match event {
        ExecutionEvent::Filled {
            fill, remaining, ..
        } => Some(format!(
            "filled: {} at {}, {} left",
            format::shares(fill.qty),
            format::grouped(fill.price),
            format::shares(*remaining)
        )),
        ExecutionEvent::Cancelled { qty, reason, .. } => {
            Some(format!("cancelled: {} ({reason})", format::shares(*qty)))
        }
        _ => None,
    }
}

/// The order as it stands now. The command was taken whatever comes of this question, so its failure is only logged.
async fn order_now(session: &Session, order: OrderRef) -> Option<Order> {
    let answer = session.gateway.order(session.account_id(), order).await;
    answer
        .inspect_err(|error| tracing::warn!(%error, %order, "how the order stands is not known"))
        .ok()
}

/// The news of one order: what is there, and what comes within `patience`, until the order has ended.
async fn news(
    session: &Session,
    executions: &mut Subscription<ExecutionEvent>,
    receipt: &Receipt,
    patience: Option<Duration>,
) -> Vec<ExecutionEvent> {
    let mut events = Vec::new();
    while let Ok(event) = executions.try_recv() {
        events.push(event);
    }
    let Some(patience) = patience else {
        return events;
    };
    let deadline = tokio::time::Instant::now() + patience;
    let mut order = order_now(session, receipt.id.into()).await;
    while order.is_none_or(|order| order.is_active()) {
        tokio::select! {
            biased;
            event = executions.recv() => match event {
                Ok(event) => events.push(event),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => break,
            },
            () = tokio::time::sleep_until(deadline) => break,
        }
        order = order_now(session, receipt.id.into()).await;
    }
    events
}

fn orders_table(orders: &[Order]) -> String {
    format::table(
        &[
            "number", "symbol", "side", "type", "price", "shares", "filled", "left", "average",
            "status",
        ],
        &[4, 5, 6, 7, 8],
        orders.iter().map(|order| {
            vec![
                order.order_no.to_string(),
                order.symbol.to_string(),
                order.side.to_string(),
                order.kind.order_type().to_string(),
                format::price(order.kind.limit_price()),
                format::shares(order.qty),
                format::shares(order.filled),
                format::shares(order.remaining()),
                format::price(order.average_price()),
                order.status.to_string(),
            ]
        }),
    )
}
