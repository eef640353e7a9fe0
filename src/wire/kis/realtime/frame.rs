//! Frames of values: `flag|TR id|count|values`, the values between `^`.

use super::control::{Control, ControlError};
use super::feed::Feed;

/// Between the parts of a frame's head.
const BAR: u8 = b'|';

/// A longer frame is not read: 999 of the widest records have a quarter of it.
pub const FRAME_LEN_MAX: usize = 1 << 20;

/// What the server sends in one text message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// An answer to a subscription, or a heartbeat.
    Control(Control<'a>),
    /// Records of a feed.
    Frame(Frame<'a>),
}

impl<'a> Message<'a> {
    /// Reads a message. Only the head of a frame is looked at.
    ///
    /// # Errors
    /// When it is neither form. Nothing in it is to be believed then; with a notice's TR id it may have been a fill.
    pub fn parse(text: &'a [u8]) -> Result<Self, MessageError> {
        match text.first() {
            Some(b'{') => Ok(Self::Control(Control::parse(text)?)),
            _ => Ok(Self::Frame(Frame::parse(text)?)),
        }
    }
}

/// A message that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// A control message.
    #[error("an unreadable control message")]
    Control(#[from] ControlError),
    /// A frame.
    #[error("an unreadable frame")]
    Frame(#[from] FrameError),
}

/// A frame that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The head is not `0|TR id|count|` or `1|TR id|count|`.
    #[error("the head of the frame is not flag, TR id and count")]
    Head,
    /// The TR id is of no feed that is known here.
    #[error("the TR id of the frame is unknown")]
    UnknownFeed,
    /// Longer than [`FRAME_LEN_MAX`].
    #[error("the frame is longer than {FRAME_LEN_MAX} bytes")]
    TooLong,
    /// The values are still encrypted.
    #[error("a frame of {0} is encrypted")]
    Encrypted(Feed),
    /// The values cannot be shared out evenly among the records.
    #[error("{feed}: {values} values are not {records} records")]
    Uneven {
        /// The feed.
        feed: Feed,
        /// Values found.
        values: u32,
        /// Records announced.
        records: u16,
    },
    /// The records have fewer values than any that were ever seen.
    #[error("{feed}: a record of {width} values is too narrow")]
    TooNarrow {
        /// The feed.
        feed: Feed,
        /// Values of each record.
        width: u16,
    },
    /// Each record would be as wide as two: the count is wrong.
    #[error("{0}: more values than the announced records can have")]
    TooWide(Feed),
}

/// A frame of which only the head has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    pub(super) feed: Feed,
    pub(super) encrypted: bool,
    pub(super) records: u16,
    /// The whole frame, head included.
    pub(super) text: &'a [u8],
    /// Where the values begin.
    pub(super) from: usize,
}

impl<'a> Frame<'a> {
    /// Reads the head of a frame.
    ///
    /// # Errors
    /// [`FrameError::Head`], [`FrameError::UnknownFeed`] or [`FrameError::TooLong`].
    #[inline]
    pub fn parse(text: &'a [u8]) -> Result<Self, FrameError> {
        if text.len() > FRAME_LEN_MAX {
            return Err(FrameError::TooLong);
        }
        let (encrypted, rest) = match text {
            [b'0', BAR, rest @ ..] => (false, rest),
            [b'1', BAR, rest @ ..] => (true, rest),
            _ => return Err(FrameError::Head),
        };
        // Every TR id of a known feed has eight characters.
        let Some((tr_id, [BAR, rest @ ..])) = rest.split_first_chunk::<8>() else {
            return Err(match until_bar(rest) {
                Some(_) => FrameError::UnknownFeed,
                None => FrameError::Head,
            });
        };
        let feed = Feed::from_tr_id(tr_id).ok_or(FrameError::UnknownFeed)?;
        let (count, values) = match rest {
            [_, _, _, BAR, values @ ..] => (&rest[..3], values),
            _ => until_bar(rest).ok_or(FrameError::Head)?,
        };
        Ok(Self {
            feed,
            encrypted,
            records: count_of(count).ok_or(FrameError::Head)?,
            text,
            from: text.len() - values.len(),
        })
    }

    /// The feed.
    pub const fn feed(&self) -> Feed {
        self.feed
    }

    /// Whether the values are encrypted. The server's own `encrypt` mark in the answer to the subscription says `N` even for
    /// feeds that are; the flag of the frame is what counts.
    pub const fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// How many records the head announces; not 0.
    pub const fn records(&self) -> u16 {
        self.records
    }

    /// What stands behind the head.
    pub fn payload(&self) -> &'a [u8] {
        self.text.get(self.from..).unwrap_or_default()
    }
}

/// What stands before the first bar, which is near, and what behind it.
#[inline]
fn until_bar(text: &[u8]) -> Option<(&[u8], &[u8])> {
    const PART_MAX: usize = 16;
    let at = text.iter().take(PART_MAX).position(|byte| *byte == BAR)?;
    Some((&text[..at], &text[at + 1..]))
}

/// One to four digits, above 0. KIS sends three.
#[inline]
fn count_of(digits: &[u8]) -> Option<u16> {
    if !(1..=4).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let count = digits
        .iter()
        .fold(0, |count, digit| 10 * count + u16::from(digit - b'0'));
    (count > 0).then_some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_ends_at_the_third_bar() {
        let frame = Frame::parse(b"0|H0STCNT0|003|a|b^c").expect("a frame");
        assert_eq!(frame.feed(), Feed::TradeKrx);
        assert_eq!((frame.records(), frame.is_encrypted()), (3, false));
        assert_eq!(frame.payload(), b"a|b^c");
        let frame = Frame::parse(b"1|H0STCNI9|1|").expect("a frame");
        assert_eq!((frame.records(), frame.is_encrypted()), (1, true));
        assert_eq!(frame.payload(), b"");
    }

    #[test]
    fn a_wrong_head_is_an_error() {
        for text in [
            "",
            "0",
            "0|",
            "2|H0STCNT0|001|a",
            "0|H0STCNT0|001",
            "0|H0STCNT0|000|a",
            "0|H0STCNT0||a",
            "0|H0STCNT0|-01|a",
            "0|H0STCNT0|00001|a",
            "00|H0STCNT0|001|a",
        ] {
            assert_eq!(
                Frame::parse(text.as_bytes()),
                Err(FrameError::Head),
                "{text}"
            );
        }
        for text in ["0|HDFSCNT0|001|a", "0||001|a", "0|h0stcnt0|001|a"] {
            assert_eq!(
                Frame::parse(text.as_bytes()),
                Err(FrameError::UnknownFeed),
                "{text}"
            );
        }
        let long = vec![b'0'; FRAME_LEN_MAX + 1];
        assert_eq!(Frame::parse(&long), Err(FrameError::TooLong));
    }
}
