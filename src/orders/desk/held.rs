//! Notices of numbers that nobody knows yet, while they may be of a command in flight.

use std::collections::VecDeque;
use std::time::Duration;

use crate::domain::OrderNo;

use super::input::Notice;

#[derive(Debug)]
pub(super) struct Held {
    notices: VecDeque<(Duration, Notice)>,
    max: usize,
}

impl Held {
    pub(super) fn new(max: usize) -> Self {
        Self {
            notices: VecDeque::with_capacity(max.max(1)),
            max: max.max(1),
        }
    }

    /// Holds a notice; gives back the oldest where there is no room.
    pub(super) fn push(&mut self, now: Duration, notice: Notice) -> Option<Notice> {
        let oldest = if self.notices.len() == self.max {
            self.notices.pop_front()
        } else {
            None
        };
        self.notices.push_back((now, notice));
        oldest.map(|(_, notice)| notice)
    }

    pub(super) fn len(&self) -> usize {
        self.notices.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.notices.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Notice> {
        self.notices.iter().map(|(_, notice)| notice)
    }

    /// The oldest notice about a number, or about a change of it.
    pub(super) fn take_about(&mut self, order_no: OrderNo) -> Option<Notice> {
        let index = self.notices.iter().position(|(_, notice)| {
            notice.order_no == order_no || notice.original_no == Some(order_no)
        })?;
        self.notices.remove(index).map(|(_, notice)| notice)
    }

    /// The oldest notice that was held since `until` or longer.
    pub(super) fn take_older(&mut self, until: Duration) -> Option<Notice> {
        let (since, _) = self.notices.front()?;
        if *since > until {
            return None;
        }
        self.notices.pop_front().map(|(_, notice)| notice)
    }

    /// The oldest notice that is not `wanted` any more.
    pub(super) fn take_unless(&mut self, wanted: impl Fn(&Notice) -> bool) -> Option<Notice> {
        let index = self
            .notices
            .iter()
            .position(|(_, notice)| !wanted(notice))?;
        self.notices.remove(index).map(|(_, notice)| notice)
    }

    /// Since when the oldest is held.
    pub(super) fn oldest(&self) -> Option<Duration> {
        self.notices.front().map(|&(since, _)| since)
    }
}
