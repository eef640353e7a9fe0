//! What is to be listened to, what is, and who waits for it.

use std::collections::{BTreeMap, BTreeSet};

use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::broker::kis::convert::feed::{feed_of, symbol_of};
use crate::broker::kis::login::broker_error;
use crate::domain::{Topic, ValueError};
use crate::error::{Bounded, Error, Result};
use crate::wire::kis::realtime::{Answer, OpspCode};

/// Where a topic stands on the session that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// To be registered.
    Wanted,
    /// Registered, and not answered yet.
    Sent(Instant),
    /// Confirmed.
    Up,
}

/// A caller that waits for topics.
#[derive(Debug)]
struct Caller {
    left: BTreeSet<Topic>,
    refused: Vec<(Topic, OpspCode)>,
    reply: oneshot::Sender<Result<()>>,
}

/// The topics of a gateway, over all its sessions.
#[derive(Debug)]
pub(super) struct Topics {
    standing: BTreeMap<Topic, Standing>,
    callers: Vec<Caller>,
    most: usize,
}

impl Topics {
    /// None yet; at most `most` at once.
    pub(super) const fn new(most: usize) -> Self {
        Self {
            standing: BTreeMap::new(),
            callers: Vec::new(),
            most,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.standing.is_empty()
    }

    /// Whether events of a topic are for anybody.
    pub(super) fn wants(&self, topic: Topic) -> bool {
        self.standing.contains_key(&topic)
    }

    /// More topics. The caller is told when each is confirmed or refused; at once, when there is no room for all of them.
    pub(super) fn add(&mut self, topics: &[Topic], reply: oneshot::Sender<Result<()>>) {
        let new: BTreeSet<Topic> = topics
            .iter()
            .copied()
            .filter(|topic| !self.wants(*topic))
            .collect();
        if self.standing.len() + new.len() > self.most {
            // Whoever does not wait any more does not need the answer.
            let _ = reply.send(Err(Error::Full {
                what: Bounded::Topics,
                limit: u32::try_from(self.most).unwrap_or(u32::MAX),
            }));
            return;
        }
        for topic in new {
            self.standing.insert(topic, Standing::Wanted);
        }
        let left = topics
            .iter()
            .copied()
            .filter(|topic| self.standing.get(topic) != Some(&Standing::Up))
            .collect();
        self.callers.push(Caller {
            left,
            refused: Vec::new(),
            reply,
        });
        self.tell();
    }

    /// Fewer topics; those that were registered, to be released.
    pub(super) fn remove(&mut self, topics: &[Topic]) -> Vec<Topic> {
        let mut registered = Vec::new();
        for topic in topics {
            match self.standing.remove(topic) {
                Some(Standing::Sent(_) | Standing::Up) => registered.push(*topic),
                Some(Standing::Wanted) | None => {}
            }
            for caller in &mut self.callers {
                caller.left.remove(topic);
            }
        }
        self.tell();
        registered
    }

    /// The next topic to register.
    pub(super) fn next(&self) -> Option<Topic> {
        let wanted = |(topic, standing): (&Topic, &Standing)| {
            (*standing == Standing::Wanted).then_some(*topic)
        };
        self.standing.iter().find_map(wanted)
    }

    /// A registration was sent.
    pub(super) fn sent(&mut self, topic: Topic, now: Instant) {
        if let Some(standing) = self.standing.get_mut(&topic) {
            *standing = Standing::Sent(now);
        }
    }

    /// The session has ended: everything has to be registered anew.
    pub(super) fn session_ended(&mut self) {
        for standing in self.standing.values_mut() {
            *standing = Standing::Wanted;
        }
    }

    /// A topic stalled: it is registered anew.
    pub(super) fn again(&mut self, topic: Topic) {
        if let Some(standing) = self.standing.get_mut(&topic) {
            *standing = Standing::Wanted;
        }
    }

    /// An answer to a registration: the topic that is confirmed by it, if one is.
    ///
    /// # Errors
    /// When the session is worth nothing: another has the app key, or the approval key is not taken.
    pub(super) fn answered(
        &mut self,
        answer: &Answer<'_>,
    ) -> std::result::Result<Option<Topic>, OpspCode> {
        if answer.is_released() {
            return Ok(None);
        }
        if matches!(answer.code, OpspCode::InUse | OpspCode::UnknownApproval) {
            return Err(answer.code);
        }
        // Some refusals name neither feed nor key; the oldest that is not answered is meant.
        let Some(topic) = self.named(answer).or_else(|| self.oldest_sent()) else {
            return Ok(None);
        };
        let mut confirmed = None;
        if answer.is_subscribed() {
            if let Some(standing) = self.standing.get_mut(&topic) {
                *standing = Standing::Up;
                confirmed = Some(topic);
            }
            for caller in &mut self.callers {
                caller.left.remove(&topic);
            }
        } else {
            tracing::warn!(code = answer.code.as_str(), message = %answer.message, ?topic, "KIS refused a topic");
            self.standing.remove(&topic);
            for caller in &mut self.callers {
                if caller.left.remove(&topic) {
                    caller.refused.push((topic, answer.code));
                }
            }
        }
        self.tell();
        Ok(confirmed)
    }

    /// Callers that do not wait any more. What they waited for is not wanted then, unless others do; those that were
    /// registered are to be released.
    pub(super) fn forget_gone(&mut self) -> Vec<Topic> {
        let (gone, there): (Vec<_>, Vec<_>) = std::mem::take(&mut self.callers)
            .into_iter()
            .partition(|caller| caller.reply.is_closed());
        self.callers = there;
        let unwanted: Vec<Topic> = gone
            .into_iter()
            .flat_map(|caller| caller.left)
            .filter(|topic| {
                !self
                    .callers
                    .iter()
                    .any(|caller| caller.left.contains(topic))
            })
            .collect();
        self.remove(&unwanted)
    }

    fn named(&self, answer: &Answer<'_>) -> Option<Topic> {
        let feed = answer.feed()?;
        let symbol = answer.tr_key.trim().parse().ok()?;
        self.standing
            .keys()
            .copied()
            .find(|topic| feed_of(*topic) == feed && symbol_of(*topic) == symbol)
    }

    fn oldest_sent(&self) -> Option<Topic> {
        let sent = |(topic, standing): (&Topic, &Standing)| match standing {
            Standing::Sent(at) => Some((*at, *topic)),
            Standing::Wanted | Standing::Up => None,
        };
        let oldest = self.standing.iter().filter_map(sent).min();
        oldest.map(|(_, topic)| topic)
    }

    /// Tells callers whose topics are all decided.
    fn tell(&mut self) {
        let mut at = 0;
        while let Some(caller) = self.callers.get(at) {
            if !caller.left.is_empty() {
                at += 1;
                continue;
            }
            let caller = self.callers.swap_remove(at);
            // Whoever does not wait any more does not need the answer.
            let _ = caller.reply.send(outcome(&caller.refused));
        }
    }
}

/// What a caller is told: each refused topic with its code.
fn outcome(refused: &[(Topic, OpspCode)]) -> Result<()> {
    let Some((_, first)) = refused.first() else {
        return Ok(());
    };
    let words: Vec<String> = refused
        .iter()
        .map(|(topic, code)| format!("{} {}", name_of(*topic), code.as_str()))
        .collect();
    let mut error = broker_error("subscribe", first.as_str(), first.message());
    let all = format!("{}: {}", first.message(), words.join(", "));
    // Longer than one message of the broker's, because it names every topic.
    error.message = ValueError::new("topics", "", all).expected;
    Err(Error::Broker(Box::new(error)))
}

fn name_of(topic: Topic) -> String {
    match topic {
        Topic::Trades { symbol, venue } => format!("{symbol} {venue} trades"),
        Topic::Book { symbol, venue } => format!("{symbol} {venue} book"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Venue;
    use crate::wire::kis::realtime::Control;

    fn trades(code: &str) -> Topic {
        Topic::Trades {
            symbol: code.parse().unwrap(),
            venue: Venue::Krx,
        }
    }

    fn answer(
        topics: &mut Topics,
        tr_id: &str,
        key: &str,
        rt_cd: &str,
        code: &str,
    ) -> std::result::Result<Option<Topic>, OpspCode> {
        let text = format!(
            r#"{{"header":{{"tr_id":"{tr_id}","tr_key":"{key}","encrypt":"N"}},"body":{{"rt_cd":"{rt_cd}","msg_cd":"{code}","msg1":"x"}}}}"#
        );
        let Ok(Control::Answer(answer)) = Control::parse(text.as_bytes()) else {
            panic!("an answer")
        };
        topics.answered(&answer)
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_hears_of_each_refused_topic() {
        let mut topics = Topics::new(40);
        let (reply, told) = oneshot::channel();
        let (good, bad) = (trades("005930"), trades("999999"));
        topics.add(&[good, bad], reply);
        while let Some(topic) = topics.next() {
            topics.sent(topic, Instant::now());
        }
        assert_eq!(
            answer(&mut topics, "H0STCNT0", "005930", "0", "OPSP0000"),
            Ok(Some(good))
        );
        assert_eq!(answer(&mut topics, "(null)", "", "1", "OPSP8992"), Ok(None));
        let error = told.await.unwrap().unwrap_err().to_string();
        assert!(
            error.contains("999999 KRX trades") && error.contains("OPSP8992"),
            "{error}"
        );
        assert!(topics.wants(good) && !topics.wants(bad));
    }

    #[tokio::test(start_paused = true)]
    async fn n17_the_budget_is_kept_before_anything_is_sent() {
        let mut topics = Topics::new(2);
        let (reply, told) = oneshot::channel();
        topics.add(
            &[trades("000001"), trades("000002"), trades("000003")],
            reply,
        );
        assert!(matches!(
            told.await.unwrap(),
            Err(Error::Full { limit: 2, .. })
        ));
        assert!(topics.is_empty() && topics.next().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn n17_a_session_that_is_taken_is_told_apart_from_a_refused_topic() {
        let mut topics = Topics::new(2);
        let (reply, mut told) = oneshot::channel();
        topics.add(&[trades("005930")], reply);
        topics.sent(trades("005930"), Instant::now());
        let taken = answer(&mut topics, "(null)", "", "9", "OPSP8996");
        assert_eq!(taken, Err(OpspCode::InUse));
        assert!(
            told.try_recv().is_err(),
            "the caller waits for the next session"
        );
        topics.session_ended();
        assert_eq!(topics.next(), Some(trades("005930")));
        assert_eq!(topics.remove(&[trades("005930")]), []);
        assert!(
            told.try_recv().unwrap().is_ok(),
            "nothing is left to wait for"
        );
    }
}
