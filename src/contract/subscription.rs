//! How news reaches a trading loop: bounded queues, one per subscriber, that never block the sender.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};

/// What a full queue does with the next event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overflow {
    /// The oldest event goes, and the subscriber is told how many went: right for quotes, where the newest counts.
    DropOldest,
    /// The event is kept all the same and [`Publisher::has_room`] turns false until the subscriber has caught up: right
    /// for fills. The sender takes no new orders and modifications then, so what can still be added is the news of the
    /// orders already open, and one refusal or confirmation a cancel.
    Keep,
}

/// The receiving end of a stream of events.
///
/// Dropping it unsubscribes. Events are delivered in the order in which they happened.
#[derive(Debug)]
pub struct Subscription<T> {
    queue: Arc<Queue<T>>,
}

/// Why there is no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecvError {
    /// That many events were dropped because this subscriber was slow. The next call gives the oldest one kept.
    #[error("{0} events were dropped because the subscriber was slow")]
    Lagged(u64),
    /// The gateway is gone and every event was read.
    #[error("the gateway is gone")]
    Closed,
}

/// As [`RecvError`], or nothing yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TryRecvError {
    /// No event yet.
    #[error("no event yet")]
    Empty,
    /// See [`RecvError::Lagged`].
    #[error("{0} events were dropped because the subscriber was slow")]
    Lagged(u64),
    /// See [`RecvError::Closed`].
    #[error("the gateway is gone")]
    Closed,
}

/// That many events were dropped because the subscriber was slow: the error of the stream form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} events were dropped because the subscriber was slow")]
pub struct Lagged(pub u64);

impl<T> Subscription<T> {
    /// The next event, when there is one.
    ///
    /// # Errors
    /// [`RecvError::Lagged`] once after events were dropped, [`RecvError::Closed`] at the end.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn recv(&mut self) -> Result<T, RecvError> {
        std::future::poll_fn(|context| self.poll_recv(context)).await
    }

    /// The next event, if there is one. Takes no wait and no allocation.
    ///
    /// # Errors
    /// [`TryRecvError::Empty`] when there is none yet, and as [`Subscription::recv`].
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        self.queue.lock().pop(&self.queue.over)
    }

    /// Events that wait to be read.
    pub fn len(&self) -> usize {
        self.queue.lock().events.len()
    }

    /// Why no event comes any more; `None` while some may. Events that wait can still be read.
    pub fn end(&self) -> Option<&'static str> {
        self.queue.lock().closed
    }

    /// Whether no event waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn poll_recv(&self, context: &Context<'_>) -> Poll<Result<T, RecvError>> {
        let mut state = self.queue.lock();
        match state.pop(&self.queue.over) {
            Ok(event) => Poll::Ready(Ok(event)),
            Err(TryRecvError::Lagged(count)) => Poll::Ready(Err(RecvError::Lagged(count))),
            Err(TryRecvError::Closed) => Poll::Ready(Err(RecvError::Closed)),
            Err(TryRecvError::Empty) => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl<T> futures_core::Stream for Subscription<T> {
    type Item = Result<T, Lagged>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut()
            .poll_recv(context)
            .map(|received| match received {
                Ok(event) => Some(Ok(event)),
                Err(RecvError::Lagged(count)) => Some(Err(Lagged(count))),
                Err(RecvError::Closed) => None,
            })
    }
}

impl<T> Drop for Subscription<T> {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        if state.counted_over {
            state.counted_over = false;
            self.queue.over.fetch_sub(1, Ordering::Relaxed);
        }
        state.abandoned = true;
        state.events = VecDeque::new();
    }
}

#[derive(Debug)]
struct Queue<T> {
    state: Mutex<QueueState<T>>,
    /// How many queues of the publisher are full.
    over: Arc<AtomicUsize>,
}

#[derive(Debug)]
struct QueueState<T> {
    events: VecDeque<T>,
    capacity: usize,
    /// Whether this queue is counted in `Queue::over`.
    counted_over: bool,
    lagged: u64,
    waker: Option<Waker>,
    /// Why no event comes any more, once that is so.
    closed: Option<&'static str>,
    /// The subscriber is gone.
    abandoned: bool,
}

impl<T> Queue<T> {
    /// A plain mutex: it is held for a push or a pop, never across an await. No code that can panic runs under it, so
    /// a poisoned one is as good as any.
    fn lock(&self) -> MutexGuard<'_, QueueState<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> QueueState<T> {
    fn push(&mut self, event: T, overflow: Overflow, over: &AtomicUsize) {
        if self.events.len() >= self.capacity {
            match overflow {
                Overflow::DropOldest => {
                    self.events.pop_front();
                    self.lagged += 1;
                }
                Overflow::Keep => {}
            }
        }
        self.events.push_back(event);
        if overflow == Overflow::Keep && !self.counted_over && self.events.len() >= self.capacity {
            self.counted_over = true;
            over.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn pop(&mut self, over: &AtomicUsize) -> Result<T, TryRecvError> {
        if self.lagged > 0 {
            return Err(TryRecvError::Lagged(std::mem::take(&mut self.lagged)));
        }
        let Some(event) = self.events.pop_front() else {
            return Err(if self.closed.is_some() {
                TryRecvError::Closed
            } else {
                TryRecvError::Empty
            });
        };
        if self.counted_over && self.events.len() < self.capacity {
            self.counted_over = false;
            over.fetch_sub(1, Ordering::Relaxed);
        }
        Ok(event)
    }
}

/// The sending end: any number of subscribers, each with its own queue.
#[derive(Debug)]
pub(crate) struct Publisher<T> {
    queues: Mutex<Vec<Arc<Queue<T>>>>,
    /// Number of queues, so that nobody listening costs one load.
    count: AtomicUsize,
    over: Arc<AtomicUsize>,
    capacity: usize,
    overflow: Overflow,
    /// Why it was closed, once it was.
    closed: OnceLock<&'static str>,
}

impl<T: Clone> Publisher<T> {
    /// A publisher whose subscribers hold `capacity` events each.
    pub(crate) fn new(capacity: usize, overflow: Overflow) -> Self {
        Self {
            queues: Mutex::new(Vec::new()),
            count: AtomicUsize::new(0),
            over: Arc::default(),
            capacity: capacity.max(1),
            overflow,
            closed: OnceLock::new(),
        }
    }

    /// A new subscriber, which hears of everything from now on.
    pub(crate) fn subscribe(&self) -> Subscription<T> {
        let queue = Arc::new(Queue {
            state: Mutex::new(QueueState {
                events: VecDeque::with_capacity(self.capacity),
                capacity: self.capacity,
                counted_over: false,
                lagged: 0,
                waker: None,
                closed: self.closed.get().copied(),
                abandoned: false,
            }),
            over: Arc::clone(&self.over),
        });
        let mut queues = self.lock();
        queues.retain(|queue| !queue.lock().abandoned);
        queues.push(Arc::clone(&queue));
        self.count.store(queues.len(), Ordering::Release);
        Subscription { queue }
    }

    /// Whether anybody listens.
    pub(crate) fn has_subscribers(&self) -> bool {
        self.count.load(Ordering::Acquire) > 0
    }

    /// Whether every subscriber has room: false only with [`Overflow::Keep`].
    pub(crate) fn has_room(&self) -> bool {
        self.over.load(Ordering::Relaxed) == 0
    }

    /// Events a subscriber holds before it counts as full.
    pub(crate) const fn capacity(&self) -> usize {
        self.capacity
    }

    /// Hands an event to every subscriber and wakes those that wait.
    pub(crate) fn publish(&self, event: &T) {
        if !self.has_subscribers() {
            return;
        }
        let mut queues = self.lock();
        let mut abandoned = false;
        for queue in queues.iter() {
            let mut state = queue.lock();
            if state.abandoned {
                abandoned = true;
                continue;
            }
            state.push(event.clone(), self.overflow, &self.over);
            let waker = state.waker.take();
            drop(state);
            if let Some(waker) = waker {
                waker.wake();
            }
        }
        if abandoned {
            queues.retain(|queue| !queue.lock().abandoned);
            self.count.store(queues.len(), Ordering::Release);
        }
    }
}

impl<T> Publisher<T> {
    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Queue<T>>>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Publisher<T> {
    /// Ends every subscription, those to come too, behind the events that are there. The first reason counts.
    pub(crate) fn close(&self, reason: &'static str) {
        // Under the lock of the queues, so that no new one misses it.
        let queues = self.lock();
        let reason = *self.closed.get_or_init(|| reason);
        for queue in queues.iter() {
            let mut state = queue.lock();
            state.closed = Some(reason);
            let waker = state.waker.take();
            drop(state);
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }
}

impl<T> Drop for Publisher<T> {
    fn drop(&mut self) {
        self.close("the gateway is gone");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::StreamExt;

    #[tokio::test]
    async fn quotes_drop_the_oldest_and_say_how_many() {
        let publisher = Publisher::new(3, Overflow::DropOldest);
        let mut subscription = publisher.subscribe();
        (1..=5).for_each(|event| publisher.publish(&event));
        assert!(publisher.has_room());
        assert_eq!(subscription.recv().await, Err(RecvError::Lagged(2)));
        for event in 3..=5 {
            assert_eq!(subscription.try_recv(), Ok(event));
        }
        assert_eq!(subscription.try_recv(), Err(TryRecvError::Empty));
    }

    #[test]
    fn fills_are_kept_and_the_sender_is_told() {
        let publisher = Publisher::new(2, Overflow::Keep);
        let mut slow = publisher.subscribe();
        let mut other = publisher.subscribe();
        (1..=3).for_each(|event| publisher.publish(&event));
        assert!(!publisher.has_room());
        for event in 1..=3 {
            assert_eq!((slow.try_recv(), other.try_recv()), (Ok(event), Ok(event)));
        }
        assert!(publisher.has_room());
        (1..=2).for_each(|event| publisher.publish(&event));
        assert!(!publisher.has_room());
        drop(slow);
        assert!(!publisher.has_room());
        drop(other);
        assert!(publisher.has_room());
        publisher.publish(&4);
        assert!(!publisher.has_subscribers());
    }

    #[tokio::test]
    async fn a_waiting_reader_is_woken_and_told_of_the_end() {
        let publisher = Publisher::new(4, Overflow::Keep);
        let mut subscription = publisher.subscribe();
        let reader = tokio::spawn(async move {
            let first = subscription.recv().await;
            let rest = subscription.collect::<Vec<_>>().await;
            (first, rest)
        });
        tokio::task::yield_now().await;
        publisher.publish(&1);
        tokio::task::yield_now().await;
        publisher.publish(&2);
        drop(publisher);
        assert_eq!(reader.await.unwrap(), (Ok(1), vec![Ok(2)]));
    }

    #[tokio::test]
    async fn a_closed_stream_ends_with_its_reason_behind_the_last_event() {
        let publisher = Publisher::new(4, Overflow::Keep);
        let mut subscription = publisher.subscribe();
        publisher.publish(&1);
        assert_eq!(subscription.end(), None);
        publisher.close("it broke");
        publisher.close("another reason");
        assert_eq!(subscription.recv().await, Ok(1));
        assert_eq!(subscription.recv().await, Err(RecvError::Closed));
        let late = publisher.subscribe();
        assert_eq!(
            (subscription.end(), late.end()),
            (Some("it broke"), Some("it broke"))
        );
    }
}
