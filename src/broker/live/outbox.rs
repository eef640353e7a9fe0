//! Commands between the desks and the writers: two queues, so that a cancel never waits behind an order.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::latency::Spans;
use super::state::DayKey;
use crate::orders::desk::{Instruction, WriteRequest};

/// A command to be written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Post {
    pub(super) day: DayKey,
    pub(super) account_index: usize,
    pub(super) date: Date,
    pub(super) request: WriteRequest,
    /// Whether the limiter has let it pass.
    pub(super) admitted: bool,
    /// Until when it may wait for the limiter.
    pub(super) patience: Instant,
    pub(super) spans: Spans,
    /// When the desk was asked for it, where that is measured.
    pub(super) entered: Option<Instant>,
    pub(super) posted: Option<Instant>,
}

/// Which of the two queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tray {
    /// New orders and modifications.
    Orders,
    /// Cancels.
    Cancels,
}

/// The queues. Orders are bounded by the desks' bound of commands in flight; of cancels there is at most one for each
/// order.
#[derive(Debug)]
pub(super) struct Outbox {
    orders: Queue,
    cancels: Queue,
    closed: AtomicBool,
}

#[derive(Debug)]
struct Queue {
    /// A plain mutex: held for a push or a pop.
    posts: Mutex<VecDeque<Post>>,
    ready: Notify,
}

impl Outbox {
    pub(super) fn new(capacity: usize) -> Self {
        let queue = || Queue {
            posts: Mutex::new(VecDeque::with_capacity(capacity)),
            ready: Notify::new(),
        };
        Self {
            orders: queue(),
            cancels: queue(),
            closed: AtomicBool::new(false),
        }
    }

    /// Hands a command to the writers.
    pub(super) fn push(&self, post: Post) {
        let queue = match post.request.instruction {
            Instruction::Place | Instruction::Modify { .. } => &self.orders,
            Instruction::Cancel { .. } => &self.cancels,
        };
        queue.lock().push_back(post);
        queue.ready.notify_one();
    }

    /// The next command of a queue; `None` when nothing is to be written any more.
    pub(super) async fn take(&self, tray: Tray) -> Option<Post> {
        let queue = match tray {
            Tray::Orders => &self.orders,
            Tray::Cancels => &self.cancels,
        };
        loop {
            if self.closed.load(Ordering::Acquire) {
                // The next writer has to hear of it, too.
                queue.ready.notify_one();
                return None;
            }
            if let Some(post) = queue.pop() {
                return Some(post);
            }
            queue.ready.notified().await;
        }
    }

    /// Nothing is written any more.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.orders.ready.notify_one();
        self.cancels.ready.notify_one();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }
}

impl Queue {
    fn pop(&self) -> Option<Post> {
        let mut posts = self.lock();
        let post = posts.pop_front();
        if post.is_some() && !posts.is_empty() {
            // Several pushes between two polls leave one permit: each writer wakes the next.
            self.ready.notify_one();
        }
        post
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Post>> {
        self.posts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
