//! A call that is answered at once, and waits only when it must.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Calls `now` at the first poll; only when that is pending does it make, box and await what `later` gives.
///
/// An `async` block with a rare wait in it carries the wait's state machine through every call. Here the usual path is a
/// plain call that the compiler inlines into its caller, and the rare one pays for a box.
#[derive(Debug)]
pub(crate) struct AtOnce<N, L, F> {
    calls: Option<(N, L)>,
    waiting: Option<Pin<Box<F>>>,
}

impl<N, L, F> AtOnce<N, L, F> {
    /// Nothing is called before the first poll.
    #[inline]
    pub(crate) const fn new(now: N, later: L) -> Self {
        Self {
            calls: Some((now, later)),
            waiting: None,
        }
    }
}

// Nothing is pinned in place: the calls are moved out before they are made, and the wait stands in a box.
impl<N, L, F> Unpin for AtOnce<N, L, F> {}

impl<T, N, L, F> Future for AtOnce<N, L, F>
where
    N: FnOnce() -> Poll<T>,
    L: FnOnce() -> F,
    F: Future<Output = T>,
{
    type Output = T;

    // The usual path is a handful of instructions around `now`, which is not worth a call.
    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let mut begin = None;
        if let Some((now, later)) = self.calls.take() {
            let answer = now();
            if answer.is_ready() {
                return answer;
            }
            begin = Some(later);
        }
        self.poll_waiting(begin, context)
    }
}

impl<T, N, L: FnOnce() -> F, F: Future<Output = T>> AtOnce<N, L, F> {
    #[cold]
    #[inline(never)]
    fn poll_waiting(&mut self, begin: Option<L>, context: &mut Context<'_>) -> Poll<T> {
        if let Some(later) = begin {
            self.waiting = Some(Box::pin(later()));
        }
        // A future that was ready is not polled again; one that is all the same stays pending.
        self.waiting
            .as_mut()
            .map_or(Poll::Pending, |waiting| waiting.as_mut().poll(context))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_at_once_makes_no_wait() {
        let call = AtOnce::new(
            || Poll::Ready(1),
            || async { unreachable!("nothing to wait for") },
        );
        assert_eq!(call.await, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pending_answer_is_awaited() {
        let call = AtOnce::new(
            || Poll::Pending,
            || async {
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                2
            },
        );
        assert_eq!(call.await, 2);
    }
}
