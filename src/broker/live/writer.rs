//! The writers: each takes a command, waits for the limiter where it has to, writes it once, and tells the desk.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::latency::Stage;
use super::outbox::{Post, Tray};
use super::shared::{Alarm, Shared};
use super::wire::{LateAnswer, OrderWire, Reply, WriteJob, Written};
use crate::error::{Error, TimeoutPhase};
use crate::limiter::Lane;
use crate::orders::desk::{Answer, Instruction};

/// How much longer than its deadline a wire may take to say so.
const GRACE: Duration = Duration::from_secs(1);

/// Writes the commands of one queue until nothing is to be written any more.
pub(super) async fn write_all<W: OrderWire>(
    shared: Arc<Shared>,
    wire: Arc<W>,
    tray: Tray,
    order_timeout: Duration,
) {
    let _alarm = Alarm(&shared);
    while let Some(post) = shared.outbox.take(tray).await {
        write(&shared, &*wire, post, order_timeout).await;
    }
}

async fn write<W: OrderWire>(
    shared: &Arc<Shared>,
    wire: &W,
    mut post: Post,
    order_timeout: Duration,
) {
    let (day, ticket) = (post.day, post.request.ticket);
    let lane = match post.request.instruction {
        Instruction::Place | Instruction::Modify { .. } => Lane::Order,
        Instruction::Cancel { .. } => Lane::Cancel,
    };
    let taken = shared.latency.now();
    post.spans.set(Stage::HandOver, post.posted, taken);
    if let Err(error) = admit(shared, &post, lane, order_timeout).await {
        // The gateway's end is told by itself.
        let _ = shared.not_written(day, ticket, error);
        return;
    }
    if shared.outbox.is_closed() {
        // The wait was long, and the gateway ended meanwhile. The journal says that it was begun.
        return;
    }
    let begun = shared.latency.now();
    if !post.admitted {
        post.spans.set(Stage::Limiter, taken, begun);
    }
    let due = shared.clocks.instant(post.request.deadline);
    let job = WriteJob {
        account_index: post.account_index,
        date: post.date,
        request: post.request,
        deadline: (Instant::now() + order_timeout).min(due),
    };
    let late = LateAnswer {
        shared: Arc::downgrade(shared),
        day,
        ticket,
    };
    let reply = tokio::time::timeout_at(job.deadline + GRACE, wire.write(&job, late))
        .await
        .unwrap_or_else(|_| Reply::from(Written::Unknown));
    let Reply {
        written,
        encoded,
        sent,
        received,
    } = reply;
    let told = match written {
        Written::NotSent(error) => shared.not_written(day, ticket, error),
        Written::Unknown => shared.answered(day, ticket, Answer::Unclear),
        Written::Answered(answer) => {
            shared.heed(lane, &answer);
            let told = shared.answered(day, ticket, answer);
            let done = shared.latency.now();
            post.spans.set(Stage::Encode, begun, encoded);
            post.spans.set(Stage::Write, encoded, sent);
            post.spans.set(Stage::Wire, sent, received);
            post.spans.set(Stage::Decode, received, done);
            post.spans.set(Stage::Total, post.entered, done);
            shared.latency.record(&post.spans);
            told
        }
    };
    // The gateway's end is told by itself.
    let _ = told;
}

/// Waits for the limiter, no longer than the command's patience.
async fn admit(
    shared: &Shared,
    post: &Post,
    lane: Lane,
    order_timeout: Duration,
) -> Result<(), Error> {
    if post.admitted && Instant::now() < post.patience {
        return Ok(());
    }
    let patience = post.patience.saturating_duration_since(Instant::now());
    if patience.is_zero() {
        return Err(Error::Timeout {
            phase: TimeoutPhase::Limiter,
            after: order_timeout,
        });
    }
    shared.limiter.acquire(lane, patience).await
}
