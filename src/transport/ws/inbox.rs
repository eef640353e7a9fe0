//! What was read and not yet taken: bounded, and the newest wins.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::{Ended, Frame, WsEvent};

/// Both ends of the queue. One task puts, one takes.
#[derive(Clone, Debug)]
pub(super) struct Inbox(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// A plain mutex, held for a push or a pop.
    state: Mutex<State>,
    news: Notify,
    messages_max: usize,
    bytes_max: usize,
}

#[derive(Debug, Default)]
struct State {
    frames: VecDeque<Frame>,
    bytes: usize,
    /// Thrown away before the first of `frames`, and not yet told.
    lost: u64,
    ended: Option<Ended>,
}

impl Inbox {
    pub(super) fn new(messages_max: usize, bytes_max: usize) -> Self {
        Self(Arc::new(Shared {
            state: Mutex::default(),
            news: Notify::new(),
            messages_max: messages_max.max(1),
            bytes_max,
        }))
    }

    /// Takes a message in; the oldest make room. The last one stays whatever its size, which the socket bounds.
    pub(super) fn put(&self, frame: Frame) {
        let mut state = self.state();
        state.bytes += frame.as_bytes().len();
        state.frames.push_back(frame);
        while state.frames.len() > self.0.messages_max
            || (state.bytes > self.0.bytes_max && state.frames.len() > 1)
        {
            let Some(oldest) = state.frames.pop_front() else {
                break;
            };
            state.bytes -= oldest.as_bytes().len();
            state.lost += 1;
        }
        drop(state);
        self.0.news.notify_one();
    }

    /// The end: after what is still there. The first reason stays.
    pub(super) fn end(&self, ended: Ended) {
        self.state().ended.get_or_insert(ended);
        self.0.news.notify_one();
    }

    /// The next event, if it is there.
    pub(super) fn pop(&self) -> Option<WsEvent> {
        let mut state = self.state();
        if state.lost > 0 {
            return Some(WsEvent::Lagged(std::mem::take(&mut state.lost)));
        }
        if let Some(frame) = state.frames.pop_front() {
            state.bytes -= frame.as_bytes().len();
            return Some(WsEvent::Frame(frame));
        }
        state.ended.clone().map(WsEvent::Closed)
    }

    pub(super) async fn recv(&self) -> WsEvent {
        loop {
            if let Some(event) = self.pop() {
                return event;
            }
            // A notice that came between is kept.
            self.0.news.notified().await;
        }
    }

    /// No code that holds it can panic half way, so a poisoned one is as good as any.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &'static str) -> Frame {
        Frame::Text(text.into())
    }

    #[test]
    fn the_newest_stay_and_the_loss_is_told_in_its_place() {
        let inbox = Inbox::new(2, 100);
        for name in ["a", "b", "c", "d"] {
            inbox.put(text(name));
        }
        inbox.end(Ended::ByUs);
        inbox.end(Ended::Stopped);
        let events = std::iter::from_fn(|| inbox.pop())
            .take(5)
            .collect::<Vec<_>>();
        assert_eq!(
            events,
            [
                WsEvent::Lagged(2),
                WsEvent::Frame(text("c")),
                WsEvent::Frame(text("d")),
                WsEvent::Closed(Ended::ByUs),
                WsEvent::Closed(Ended::ByUs),
            ]
        );
    }

    #[test]
    fn bytes_are_bounded_too_and_the_last_message_stays() {
        let inbox = Inbox::new(100, 4);
        inbox.put(text("abc"));
        inbox.put(text("de"));
        inbox.put(text("longer than all"));
        assert_eq!(inbox.pop(), Some(WsEvent::Lagged(2)));
        assert_eq!(inbox.pop(), Some(WsEvent::Frame(text("longer than all"))));
        assert_eq!(inbox.pop(), None);
        inbox.put(text("abc"));
        assert_eq!(inbox.pop(), Some(WsEvent::Frame(text("abc"))));
    }
}
