//! The stream: execution notices, trades and books over one WebSocket.
//!
//! | fault | what is done |
//! |---|---|
//! | the connection ends or falls silent | connected anew with backoff and jitter, notices registered first; the desks fetch what was missed from the list |
//! | a notice that cannot be read | the list is read: it may have been a fill |
//! | notices are not confirmed | there is no stream: the desks read the list instead, and say so with a gap |
//! | another session has the app key (OPSP8996) | given up and tried again later |
//! | a topic is silent while its issue trades | registered anew |
//!
//! The way there is not encrypted (KIS has no other), so nothing rests on its honesty: fills are settled by the list.

mod frames;
mod reader;
mod silence;
mod task;
mod topics;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::domain::{BrokerType, Topic};
use crate::error::{Error, Result, TimeoutPhase};

pub(super) use task::{Parts, run};

/// Where the stream of execution notices stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoticeState {
    /// Not asked for: the configuration has no HTS id.
    Off,
    /// Not connected, or not confirmed yet. Fills are found in the order list.
    Down,
    /// Confirmed.
    Up,
    /// Another program has the session of this app key. Tried again later.
    InUse,
    /// KIS does not take the registration: the HTS id is not this customer's, or no notices come for it.
    Refused,
}

impl NoticeState {
    const fn of(number: u8) -> Self {
        match number {
            0 => Self::Off,
            2 => Self::Up,
            3 => Self::InUse,
            4 => Self::Refused,
            _ => Self::Down,
        }
    }
}

/// Counts of what needs no event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamCounts {
    /// Frames that could not be read.
    pub unreadable: u64,
    /// Quotes that were thrown away, because this machine was too slow.
    pub lagged: u64,
    /// Sessions that were opened.
    pub sessions: u64,
}

/// What the stream's task tells.
#[derive(Debug)]
pub(super) struct Watch {
    origin: Instant,
    /// Milliseconds since `origin`; negative before the first frame.
    heard_ms: AtomicI64,
    notices: AtomicU8,
    unreadable: AtomicU64,
    lagged: AtomicU64,
    sessions: AtomicU64,
}

impl Watch {
    pub(super) fn new(has_notices: bool) -> Self {
        let state = if has_notices {
            NoticeState::Down
        } else {
            NoticeState::Off
        };
        Self {
            origin: Instant::now(),
            heard_ms: AtomicI64::new(-1),
            notices: AtomicU8::new(state as u8),
            unreadable: AtomicU64::new(0),
            lagged: AtomicU64::new(0),
            sessions: AtomicU64::new(0),
        }
    }

    pub(super) fn notices(&self) -> NoticeState {
        NoticeState::of(self.notices.load(Ordering::Acquire))
    }

    fn set_notices(&self, state: NoticeState) {
        self.notices.store(state as u8, Ordering::Release);
    }

    /// How long ago the last frame came.
    pub(super) fn age(&self) -> Option<Duration> {
        let heard = u64::try_from(self.heard_ms.load(Ordering::Relaxed)).ok()?;
        Some(
            self.origin
                .elapsed()
                .saturating_sub(Duration::from_millis(heard)),
        )
    }

    fn heard(&self, now: Instant) {
        let since = now.saturating_duration_since(self.origin).as_millis();
        let since = i64::try_from(since).unwrap_or(i64::MAX);
        self.heard_ms.store(since, Ordering::Relaxed);
    }

    pub(super) fn counts(&self) -> StreamCounts {
        StreamCounts {
            unreadable: self.unreadable.load(Ordering::Relaxed),
            lagged: self.lagged.load(Ordering::Relaxed),
            sessions: self.sessions.load(Ordering::Relaxed),
        }
    }
}

/// What callers ask of the stream's task.
#[derive(Debug)]
enum Wish {
    Subscribe(Vec<Topic>, oneshot::Sender<Result<()>>),
    Unsubscribe(Vec<Topic>),
    /// The machine slept: the connection counts as dead.
    Reconnect,
}

/// Wishes that may wait.
const WISHES_MAX: usize = 256;

/// The callers' end of the stream.
#[derive(Clone, Debug)]
pub(super) struct Stream {
    wishes: mpsc::Sender<Wish>,
    watch: Arc<Watch>,
}

/// The task's end.
#[derive(Debug)]
pub(super) struct Wishes(mpsc::Receiver<Wish>);

impl Stream {
    pub(super) fn new(watch: Arc<Watch>) -> (Self, Wishes) {
        let (wishes, receiver) = mpsc::channel(WISHES_MAX);
        (Self { wishes, watch }, Wishes(receiver))
    }

    pub(super) fn watch(&self) -> &Watch {
        &self.watch
    }

    /// Subscribes, and waits until each topic is confirmed or refused.
    pub(super) async fn subscribe(&self, topics: &[Topic], within: Duration) -> Result<()> {
        let (reply, told) = oneshot::channel();
        self.wish(Wish::Subscribe(topics.to_vec(), reply)).await?;
        match tokio::time::timeout(within, told).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(gone()),
            Err(_) => {
                // What was not confirmed is not wanted any more; what was confirmed stays.
                Err(Error::Timeout {
                    phase: TimeoutPhase::Answer,
                    after: within,
                })
            }
        }
    }

    pub(super) async fn unsubscribe(&self, topics: &[Topic]) -> Result<()> {
        self.wish(Wish::Unsubscribe(topics.to_vec())).await
    }

    /// Gives the connection up and opens another.
    pub(super) fn reconnect(&self) {
        // A full queue means that the task has not come to the last wishes; it will look at its connection then.
        let _ = self.wishes.try_send(Wish::Reconnect);
    }

    async fn wish(&self, wish: Wish) -> Result<()> {
        self.wishes.send(wish).await.map_err(|_| gone())
    }
}

fn gone() -> Error {
    Error::connection(BrokerType::Kis, "subscribe", "the stream has ended")
}
