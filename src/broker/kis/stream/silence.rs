//! The watchdog of the data: a topic that is silent while its issue trades has stalled.
//!
//! Answered pings say that the connection stands, and nothing of what is sent over it; and a market that is quiet is not
//! one that has stalled. So a silent topic is compared with the volume that a query tells: more shares traded than the
//! stream told of means that news are missing.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::{Qty, Topic};

/// A topic is looked at when it was silent for so long.
const SILENT_FOR: Duration = Duration::from_secs(60);
/// Between two looks at any topic: one query each.
const LOOK_GAP: Duration = Duration::from_secs(30);
/// A query that tells more than the stream may only be ahead of it by a moment, so it is asked again so much later.
pub(super) const GRACE: Duration = Duration::from_secs(3);

/// What was last heard of a topic.
#[derive(Clone, Copy, Debug)]
struct Heard {
    at: Instant,
    /// Shares traded today, by the last trade or by the last look.
    volume: Option<Qty>,
}

/// When trades of each issue were last heard of.
#[derive(Debug)]
pub(super) struct Silence {
    heard: BTreeMap<Topic, Heard>,
    next_look: Instant,
}

impl Silence {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            heard: BTreeMap::new(),
            next_look: now + LOOK_GAP,
        }
    }

    /// A topic was confirmed: from now on it should be heard of.
    pub(super) fn began(&mut self, topic: Topic, now: Instant) {
        if matches!(topic, Topic::Trades { .. }) {
            let heard = Heard {
                at: now,
                volume: None,
            };
            self.heard.insert(topic, heard);
        }
    }

    /// A trade was heard of.
    pub(super) fn heard(&mut self, topic: Topic, volume: Qty, now: Instant) {
        let heard = Heard {
            at: now,
            volume: Some(volume),
        };
        self.heard.insert(topic, heard);
    }

    /// The session has ended.
    pub(super) fn clear(&mut self) {
        self.heard.clear();
    }

    /// A topic that is not wanted any more.
    pub(super) fn forget(&mut self, topic: Topic) {
        self.heard.remove(&topic);
    }

    /// The topic to look at now: the one that is silent the longest, if any is for long enough.
    pub(super) fn due(&mut self, now: Instant) -> Option<Topic> {
        if now < self.next_look {
            return None;
        }
        let (topic, heard) = self.heard.iter().min_by_key(|(_, heard)| heard.at)?;
        if now.saturating_duration_since(heard.at) < SILENT_FOR {
            return None;
        }
        self.next_look = now + LOOK_GAP;
        Some(*topic)
    }

    /// What a query told of a silent topic; whether it has stalled. The first look of one that was never heard of only
    /// notes where it stands.
    pub(super) fn looked(&mut self, topic: Topic, volume: Qty, now: Instant) -> bool {
        let Some(heard) = self.heard.get_mut(&topic) else {
            return false;
        };
        let missing = heard.volume.is_some_and(|told| volume > told);
        *heard = Heard {
            at: now,
            volume: Some(volume),
        };
        missing
    }

    /// Whether a topic is still as silent as when a look at it began.
    pub(super) fn is_silent_since(&self, topic: Topic, since: Instant) -> bool {
        self.heard
            .get(&topic)
            .is_some_and(|heard| heard.at <= since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Venue;

    const TOPIC: Topic = Topic::Trades {
        symbol: crate::symbol!("005930"),
        venue: Venue::Krx,
    };

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[tokio::test(start_paused = true)]
    async fn n15_a_quiet_market_is_no_stall_and_missing_trades_are() {
        let start = Instant::now();
        let mut silence = Silence::new(start);
        silence.began(TOPIC, start);
        silence.heard(TOPIC, Qty::new(100), after(start, 5));
        assert_eq!(silence.due(after(start, 50)), None, "not silent for long");
        assert_eq!(silence.due(after(start, 70)), Some(TOPIC));
        assert_eq!(
            silence.due(after(start, 71)),
            None,
            "one query each half minute"
        );
        assert!(
            !silence.looked(TOPIC, Qty::new(100), after(start, 71)),
            "nobody traded"
        );
        assert_eq!(silence.due(after(start, 140)), Some(TOPIC));
        assert!(
            silence.looked(TOPIC, Qty::new(130), after(start, 141)),
            "30 shares are missing"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn n15_a_topic_that_was_never_heard_of_is_measured_first() {
        let start = Instant::now();
        let mut silence = Silence::new(start);
        silence.began(TOPIC, start);
        assert_eq!(silence.due(after(start, 61)), Some(TOPIC));
        assert!(!silence.looked(TOPIC, Qty::new(5_000), after(start, 61)));
        assert!(silence.looked(TOPIC, Qty::new(5_001), after(start, 130)));
        silence.forget(TOPIC);
        assert!(!silence.looked(TOPIC, Qty::new(9_999), after(start, 200)));
    }

    #[tokio::test(start_paused = true)]
    async fn books_are_not_judged_by_trades() {
        let start = Instant::now();
        let mut silence = Silence::new(start);
        let book = Topic::Book {
            symbol: crate::symbol!("005930"),
            venue: Venue::Krx,
        };
        silence.began(book, start);
        assert_eq!(silence.due(after(start, 600)), None);
    }
}
