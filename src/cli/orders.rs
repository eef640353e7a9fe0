//! `buy`, `sell`, `cancel`, `orders`.

use std::time::Duration;

use gwanmun::{
    BrokerGateway, BrokerType, CancelRequest, ClientOrderId, ExecutionEvent, Order, OrderRef,
    OrderRequest, OrderResult, Receipt, RecvError, Side, Subscription,
};
use serde::Serialize;
use tokio::task::JoinHandle;
use tokio::time::Instant;

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
    let told = tell_placed(session, &result, &mut executions, args.watch_for, output).await;
    verdict(result, told)
}

/// People read each line when it happens, programs all of it at the end.
async fn tell_placed(
    session: &Session,
    result: &OrderResult,
    executions: &mut Subscription<ExecutionEvent>,
    patience: Option<Duration>,
    output: &mut Output,
) -> Result<(), Failure> {
    let watch = match patience {
        Some(patience) => Some(Watch::begin(patience).await),
        None => None,
    };
    // Before the watching, so that nothing that ends it takes the order number along.
    output.progress(|| headline(session.gateway.broker_type(), result))?;
    let mut events = Vec::new();
    let mut order = None;
    if let OrderResult::Accepted(receipt) = result {
        events = news(session, executions, receipt, watch, output).await?;
        order = order_now(session, receipt.id.into()).await;
    }
    tell_end(result, order, events, output)
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
    let told = output
        .progress(|| headline(session.gateway.broker_type(), &result))
        .and_then(|()| tell_end(&result, order, Vec::new(), output));
    verdict(result, told)
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

/// How the order stands, for people; the whole answer, for programs.
fn tell_end(
    result: &OrderResult,
    order: Option<Order>,
    events: Vec<ExecutionEvent>,
    output: &mut Output,
) -> Result<(), Failure> {
    if let Some(order) = &order {
        output.progress(|| orders_table(std::slice::from_ref(order)))?;
    }
    output.whole(&Outcome {
        result,
        order,
        events,
    })
}

/// A refusal and an unknown outcome are failures, also where nobody read of them.
fn verdict(result: OrderResult, told: Result<(), Failure>) -> Result<(), Failure> {
    match result {
        OrderResult::Accepted(_) => told,
        OrderResult::Refused(refusal) => Err(Failure::Refused(*refusal)),
        OrderResult::Unknown(pending) => Err(Failure::Unknown(pending)),
    }
}

/// Names the broker: without a configuration it is MOCK, and nobody should take that for a real order.
fn headline(broker: BrokerType, result: &OrderResult) -> String {
    match result {
        OrderResult::Accepted(receipt) => {
            format!("accepted by {broker}: order number {}", receipt.order_no)
        }
        OrderResult::Refused(refusal) => format!("refused by {broker}: {}", refusal.reason),
        OrderResult::Unknown(pending) => {
            format!("unknown to {broker}: client order id {}", pending.id)
        }
    }
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

/// What ends the watching of an order that does not end itself.
#[derive(Debug)]
struct Watch {
    deadline: Instant,
    interrupt: JoinHandle<()>,
}

impl Watch {
    /// Ctrl-C ends this watch, and no longer the program, from here on.
    async fn begin(patience: Duration) -> Self {
        let interrupt = tokio::spawn(async {
            if tokio::signal::ctrl_c().await.is_err() {
                // Where no signal can be waited for, the deadline has to do.
                std::future::pending().await
            }
        });
        // A task listens from its first turn on.
        tokio::task::yield_now().await;
        Self {
            deadline: Instant::now() + patience,
            interrupt,
        }
    }
}

/// The news of one order: what is there, and what comes while it is watched, until it has ended.
async fn news(
    session: &Session,
    executions: &mut Subscription<ExecutionEvent>,
    receipt: &Receipt,
    watch: Option<Watch>,
    output: &mut Output,
) -> Result<Vec<ExecutionEvent>, Failure> {
    let mut events = Vec::new();
    while let Ok(event) = executions.try_recv() {
        note(event, receipt.id, &mut events, output)?;
    }
    let Some(mut watch) = watch else {
        return Ok(events);
    };
    let mut order = order_now(session, receipt.id.into()).await;
    while order.is_none_or(|order| order.is_active()) {
        tokio::select! {
            biased;
            // The order stays where it is; how it stands is told all the same.
            _ = &mut watch.interrupt => break,
            event = executions.recv() => match event {
                Ok(event) => note(event, receipt.id, &mut events, output)?,
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => break,
            },
            () = tokio::time::sleep_until(watch.deadline) => break,
        }
        order = order_now(session, receipt.id.into()).await;
    }
    Ok(events)
}

/// Takes up an event, when it is one of this order.
fn note(
    event: ExecutionEvent,
    id: ClientOrderId,
    events: &mut Vec<ExecutionEvent>,
    output: &mut Output,
) -> Result<(), Failure> {
    if !is_about(&event, id) {
        return Ok(());
    }
    if let Some(line) = event_line(&event) {
        output.progress(|| line)?;
    }
    events.push(event);
    Ok(())
}

/// An account's news tell of all its orders, those of other programs included.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "only a modification names two orders"
)]
fn is_about(event: &ExecutionEvent, wanted: ClientOrderId) -> bool {
    let part = match event {
        ExecutionEvent::Modified { part_id, .. } => Some(*part_id),
        _ => None,
    };
    [event.id(), part].contains(&Some(wanted))
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
