//! The timers: tells the desks the time, reads order lists for them, and sees the day turn.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::journals::Log;
use super::shared::{Alarm, Shared};
use super::state::{DayKey, LOOK};
use super::wire::{ListJob, ListRead, OrderWire};
use crate::error::Result;
use crate::orders::desk::{OrderList, ReadId, Row};

/// What was due already and is due still waits for something else: it is looked at again so much later.
const GAP: Duration = Duration::from_millis(1);

/// Runs until the gateway ends.
pub(super) async fn keep_time<W: OrderWire>(shared: Arc<Shared>, wire: Arc<W>) {
    let _alarm = Alarm(&shared);
    let mut reads = JoinSet::new();
    let mut jumps = 0;
    let mut wanted = Vec::new();
    while !shared.outbox.is_closed() {
        let looked = shared.act(|state, now, _| {
            let wake = state.tick(now);
            (now.elapsed, wake, state.jumps)
        });
        let Ok((now, wake, jumped)) = looked else {
            return;
        };
        if jumped != jumps {
            jumps = jumped;
            tracing::warn!("the machine slept, its clock was set, or the process stood still");
            wire.clock_jumped();
        }
        // Apart from the look, because what the desks ask for is settled behind it.
        let asked = shared.act(|state, _, _| {
            let window = (state.setup.desk.read_within, state.setup.list_pages_max);
            std::mem::swap(&mut wanted, &mut state.reads);
            window
        });
        let Ok((within, pages_max)) = asked else {
            return;
        };
        for (day, id) in wanted.drain(..) {
            let (shared, wire) = (Arc::clone(&shared), Arc::clone(&wire));
            reads.spawn(read(shared, wire, day, id, within, pages_max));
        }
        // A read that panicked has rung the alarm itself.
        while reads.try_join_next().is_some() {}
        let wake = wake.map_or(now + LOOK, |wake| wake.clamp(now + GAP, now + LOOK));
        tokio::select! {
            biased;
            () = shared.turn.notified() => {}
            () = tokio::time::sleep_until(shared.clocks.instant(wake)) => {}
        }
    }
}

/// Brings the journals to the disk every 50 ms, which bounds by that what a power loss can take. Another thread waits for
/// the disk. A failure poisons the journal, and the next record finds that out.
pub(super) async fn flush_all(shared: Arc<Shared>) {
    const PERIOD: Duration = Duration::from_millis(50);
    let _alarm = Alarm(&shared);
    while !shared.outbox.is_closed() {
        tokio::time::sleep(PERIOD).await;
        let unflushed = shared.act(|state, _, _| {
            let logs = state.days_mut().map(|day| day.desk.journal_mut());
            logs.filter_map(Log::unflushed).collect::<Vec<_>>()
        });
        let Ok(unflushed) = unflushed else {
            return;
        };
        for flusher in unflushed {
            let flushed = tokio::task::spawn_blocking(move || flusher.flush()).await;
            if let Ok(Err(error)) = flushed {
                tracing::error!(%error, "the journal does not reach the disk");
            }
        }
    }
}

/// Reads an order list once and tells its desk.
async fn read<W: OrderWire>(
    shared: Arc<Shared>,
    wire: Arc<W>,
    day: DayKey,
    id: ReadId,
    within: Duration,
    pages_max: u32,
) {
    let _alarm = Alarm(&shared);
    let mut rows = Vec::new();
    let deadline = Instant::now() + within;
    let wanted = shared.act(|state, _, _| {
        let day = state.day(day)?;
        Some(ListJob {
            account: day.account,
            account_index: day.account_index,
            date: day.date,
            deadline,
            limiter: Arc::clone(&shared.limiter),
            pages_left: pages_max,
            within,
        })
    });
    let Ok(Some(mut job)) = wanted else {
        return;
    };
    let read = tokio::time::timeout_at(deadline, wire.read_list(&mut job, &mut rows)).await;
    let read = match read {
        Ok(Ok(read)) => Some(read),
        Ok(Err(error)) => {
            tracing::warn!(account = %job.account, date = %job.date, %error, "the order list cannot be read");
            None
        }
        Err(_) => {
            tracing::warn!(account = %job.account, date = %job.date, "the order list did not come in time");
            None
        }
    };
    // The gateway's end is told by itself.
    let _ = tell(&shared, day, id, read, &rows);
}

fn tell(
    shared: &Shared,
    day: DayKey,
    id: ReadId,
    read: Option<ListRead>,
    rows: &[Row],
) -> Result<()> {
    shared.act(|state, now, _| {
        state.with(day, |day, out| match read {
            Some(ListRead { all_venues }) => {
                let list = OrderList { rows, all_venues };
                day.desk.list_read(now, id, list, out);
            }
            None => day.desk.list_failed(now, id, out),
        });
    })
}
