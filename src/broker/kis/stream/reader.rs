//! What the task that reads the socket does itself: answers heartbeats, and puts what may be a fill where no quote can
//! push it out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc;

use crate::transport::ws::{Frame, Reader, Verdict};
use crate::wire::kis::realtime::{self as wire, Control, FeedKind};

/// Answers and notices that may wait for the stream's task.
pub(super) const IMPORTANT_MAX: usize = 8_192;

/// Sees each message first.
#[derive(Debug)]
pub(super) struct KisReader {
    important: mpsc::Sender<Frame>,
    overflow: Arc<AtomicBool>,
}

impl KisReader {
    pub(super) const fn new(important: mpsc::Sender<Frame>, overflow: Arc<AtomicBool>) -> Self {
        Self {
            important,
            overflow,
        }
    }
}

impl Reader for KisReader {
    fn read(&mut self, frame: &Frame) -> Verdict {
        let bytes = frame.as_bytes();
        match bytes.first() {
            Some(b'{') => {
                if let Ok(Control::Heartbeat(_)) = Control::parse(bytes) {
                    // The identical text keeps the session alive.
                    return Verdict::Answer(frame.clone());
                }
            }
            _ if is_market_data(bytes) => return Verdict::Queue,
            _ => {}
        }
        if self.important.try_send(frame.clone()).is_err() {
            // It may have been a fill: the list is asked.
            self.overflow.store(true, Ordering::Release);
        }
        Verdict::Done
    }
}

/// Whether a frame is surely no notice. What cannot be read may be one.
fn is_market_data(bytes: &[u8]) -> bool {
    wire::Frame::parse(bytes).is_ok_and(|frame| frame.feed().kind() != FeedKind::Notice)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Frame {
        Frame::Text(text.into())
    }

    #[test]
    fn n16_a_heartbeat_is_answered_with_itself() {
        let (sender, mut queue) = mpsc::channel(1);
        let mut reader = KisReader::new(sender, Arc::default());
        let ping = text(r#"{"header":{"tr_id":"PINGPONG","datetime":"20260923100000"}}"#);
        assert_eq!(reader.read(&ping), Verdict::Answer(ping.clone()));
        assert!(queue.try_recv().is_err());
    }

    #[test]
    fn n19_notices_and_what_may_be_one_do_not_wait_behind_quotes() {
        let (sender, mut queue) = mpsc::channel(8);
        let overflow = Arc::default();
        let mut reader = KisReader::new(sender, Arc::clone(&overflow));
        assert_eq!(
            reader.read(&text("0|H0STCNT0|001|005930^1")),
            Verdict::Queue
        );
        for important in [
            "1|H0STCNI0|001|abc",
            "1|H0ST",
            "nonsense",
            "",
            r#"{"header":{}}"#,
        ] {
            assert_eq!(reader.read(&text(important)), Verdict::Done);
            assert_eq!(queue.try_recv().unwrap(), text(important));
        }
        assert!(!overflow.load(Ordering::Acquire));
        for _ in 0..9 {
            reader.read(&text("1|H0STCNI0|001|abc"));
        }
        assert!(overflow.load(Ordering::Acquire), "the loss is told");
    }
}
