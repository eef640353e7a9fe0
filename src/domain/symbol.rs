//! What is traded and where: issue codes and venues.

use std::fmt;
use std::str::FromStr;

use super::text::{ValueError, deserialize_from_str, text_enum};

/// An issue's short code: 6 characters of `0-9A-Z`, inline and `Copy`.
///
/// Since 2024 new codes hold letters (`0155E0`), so a code is never a number: no stripping, no padding.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol([u8; Self::LEN]);

impl Symbol {
    /// Characters of a code.
    pub const LEN: usize = 6;

    /// Reads a code of exactly 6 upper-case letters and digits; `None` otherwise. [`symbol!`](crate::symbol) calls it
    /// at compile time.
    pub const fn from_ascii(text: &[u8]) -> Option<Self> {
        if text.len() != Self::LEN {
            return None;
        }
        let mut code = [0; Self::LEN];
        let mut at = 0;
        while at < Self::LEN {
            if !(text[at].is_ascii_digit() || text[at].is_ascii_uppercase()) {
                return None;
            }
            code[at] = text[at];
            at += 1;
        }
        Some(Self(code))
    }

    /// Whether it holds an I, O or U, which new codes never do: probably a mistyped 1 or 0. Old codes may.
    pub fn holds_unissued_letter(self) -> bool {
        self.0
            .iter()
            .any(|letter| matches!(letter, b'I' | b'O' | b'U'))
    }

    /// The code as one integer, in the order of the codes: compared faster than text.
    pub(crate) const fn bits(self) -> u64 {
        let [a, b, c, d, e, f] = self.0;
        u64::from_be_bytes([0, 0, a, b, c, d, e, f])
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        // Only ASCII enters, so the text is always UTF-8.
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Symbol {
    type Err = ValueError;

    /// Reads `005930`, or the exchange's 7-character form with its type letter in front (`A005930`, `Q500001`).
    fn from_str(text: &str) -> Result<Self, ValueError> {
        const TYPE_LETTERS: &[u8] = b"AQJ";
        let bytes = text.as_bytes();
        let short = match bytes {
            [letter, rest @ ..] if rest.len() == Self::LEN && TYPE_LETTERS.contains(letter) => rest,
            _ => bytes,
        };
        Self::from_ascii(short).ok_or_else(|| {
            ValueError::new(
                "symbol",
                text,
                "6 characters of 0-9 and A-Z, such as 005930 or 0155E0",
            )
        })
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Symbol({})", self.as_str())
    }
}

impl serde::Serialize for Symbol {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Symbol {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_from_str(deserializer)
    }
}

/// A [`Symbol`] checked at compile time: `symbol!("005930")`.
#[macro_export]
macro_rules! symbol {
    ($code:literal) => {{
        // A named constant, which the compiler evaluates even where the value is not used.
        const SYMBOL: $crate::Symbol = match $crate::Symbol::from_ascii($code.as_bytes()) {
            Some(symbol) => symbol,
            None => panic!("a symbol is 6 characters of 0-9 and A-Z"),
        };
        SYMBOL
    }};
}

text_enum! {
    /// Where an order is sent.
    pub enum Venue("venue") {
        /// Korea Exchange.
        Krx = "KRX",
        /// Nextrade, the alternative trading system, since 2025-03-04.
        Nxt = "NXT",
        /// The broker's smart order routing over both.
        Sor = "SOR",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S-100 of the worked scenarios: code normalisation.
    #[test]
    fn codes_are_kept_and_never_guessed() {
        for (text, code) in [
            ("005930", "005930"),
            ("A005930", "005930"),
            ("0155E0", "0155E0"),
            ("00104K", "00104K"),
            ("Q500001", "500001"),
        ] {
            assert_eq!(text.parse::<Symbol>().unwrap().as_str(), code);
        }
        let suspicious = |text: &str| text.parse::<Symbol>().unwrap().holds_unissued_letter();
        assert!(suspicious("0155I0") && !suspicious("0155E0"));
        for text in [
            "5930",
            "",
            "00593",
            "0059300",
            "00593a",
            "00593 ",
            "005930_NX",
            "００５９３０",
            "B005930",
        ] {
            assert!(
                text.parse::<Symbol>().is_err(),
                "{text:?} was read as a symbol"
            );
        }
    }
}
