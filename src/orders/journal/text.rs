//! Text of a bounded length that is safe to keep and to print.

use std::fmt;

use serde::{Serialize, Serializer};

/// A text inside a record: at most 60 bytes of UTF-8, inline and `Copy`.
///
/// Made from words of brokers, so it is cleaned on the way in: control, line-end and direction characters become `?`,
/// and runs of 8 digits or more (hyphens inside count as part of the run) keep only their last two, because they may
/// be an account number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct JournalText {
    len: u8,
    bytes: [u8; Self::LEN_MAX],
}

impl JournalText {
    /// The longest text, in bytes of UTF-8.
    pub const LEN_MAX: usize = 60;
    /// No text.
    pub const EMPTY: Self = Self {
        len: 0,
        bytes: [0; Self::LEN_MAX],
    };

    /// The text, cleaned, and cut at the last whole character that fits.
    pub fn new(text: &str) -> Self {
        let mut out = Self::EMPTY;
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let run = digit_run_len(rest);
            let took = if run > 0 {
                out.push_run(&rest[..run])
            } else {
                out.push(if is_unprintable(first) { '?' } else { first })
            };
            if !took {
                break;
            }
            rest = &rest[run.max(first.len_utf8())..];
        }
        out
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        // Only whole characters enter, so the text is always UTF-8.
        str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds a run of digits and hyphens, masked where it is long. Whether all of it fitted.
    fn push_run(&mut self, run: &str) -> bool {
        const MASKED_FROM: usize = 8;
        const SHOWN: usize = 2;
        let digits = run.bytes().filter(u8::is_ascii_digit).count();
        let mut hidden = if digits >= MASKED_FROM {
            digits - SHOWN
        } else {
            0
        };
        run.chars().all(|char| {
            let masked = hidden > 0 && char.is_ascii_digit();
            if masked {
                hidden -= 1;
            }
            self.push(if masked { '*' } else { char })
        })
    }

    /// Adds a character. Whether it fitted.
    fn push(&mut self, char: char) -> bool {
        let (from, to) = (usize::from(self.len), char.len_utf8());
        let Some(room) = self.bytes.get_mut(from..from + to) else {
            return false;
        };
        char.encode_utf8(room);
        // At most `LEN_MAX`, which is below 256.
        self.len = u8::try_from(from + to).unwrap_or(u8::MAX);
        true
    }
}

/// Bytes of the run of ASCII digits at the front of `text`, single hyphens between digits included.
fn digit_run_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut len = 0;
    while digit(len) || (len > 0 && bytes.get(len) == Some(&b'-') && digit(len + 1)) {
        len += 1;
    }
    len
}

/// Control characters, line and paragraph ends, and marks that change direction or are not seen.
fn is_unprintable(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

impl fmt::Display for JournalText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for JournalText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JournalText({:?})", self.as_str())
    }
}

impl Serialize for JournalText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn x1_account_numbers_are_masked() {
        for (text, kept) in [
            ("계좌번호 12345678-01 오류", "계좌번호 ********-01 오류"),
            ("123-45-678901", "***-**-****01"),
            ("가격 71000 수량 1234567", "가격 71000 수량 1234567"),
            ("12345678", "******78"),
        ] {
            assert_eq!(JournalText::new(text).as_str(), kept);
        }
    }

    #[test]
    fn a_text_is_empty_without_characters_only() {
        assert!(JournalText::new("").is_empty());
        assert!(!JournalText::new(" ").is_empty());
    }

    #[test]
    fn x3_control_and_direction_marks_do_not_pass() {
        assert_eq!(
            JournalText::new("a\r\nb\u{1b}[31mc\u{202E}d").as_str(),
            "a??b?[31mc?d"
        );
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let text = "주".repeat(30);
        let kept = JournalText::new(&text);
        assert_eq!(kept.as_str(), "주".repeat(20));
        let text = format!("a{text}");
        assert_eq!(JournalText::new(&text).as_str().len(), 1 + 19 * 3);
    }

    proptest! {
        // What a record holds must read back as itself, so cleaning a cleaned text changes nothing.
        #[test]
        fn cleaning_twice_is_cleaning_once(text in "[0-9\\-a가\r\u{202E}]{0,80}|\\PC{0,80}") {
            let once = JournalText::new(&text);
            prop_assert_eq!(JournalText::new(once.as_str()), once);
            prop_assert!(once.as_str().len() <= JournalText::LEN_MAX);
        }
    }
}
