//! Numbers, dates and times in KIS's strings, exactly.
//!
//! A number may be padded with spaces or zeros, may carry a sign, and may have decimals; an empty string is absent. What is
//! not a number, or does not fit, is an error: no float is ever made, and nothing is cut off without being asked.
//!
//! | text | [`integer`] | [`scaled`] to 4 decimals |
//! |---|---|---|
//! | `""`, `"   "` | absent | absent |
//! | `"0000000012"`, `" 12 "`, `"+12"` | 12 | 120,000 |
//! | `"-00000029"` | -29 | -290,000 |
//! | `"3145.0000"` | 3,145 | 31,450,000 |
//! | `"-1.61"` | error: decimals | -16,100 |
//! | `"1.23456"` | error: decimals | error: decimals |
//! | `"1e5"`, `"NaN"`, `"1,000"`, `"--1"`, `"."` | error | error |
//! | 30 digits | error: range | error: range |

use std::fmt;

use jiff::civil::{Date, Time};

/// Why a text is not the number that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberError {
    /// It holds something else than a sign, digits and one point.
    NotANumber,
    /// It does not fit.
    OutOfRange,
    /// It has more decimals than the value may have.
    Decimals,
}

impl fmt::Display for NumberError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NotANumber => "not a number",
            Self::OutOfRange => "a number that is out of range",
            Self::Decimals => "a number with too many decimals",
        })
    }
}

impl std::error::Error for NumberError {}

/// Reads a whole number. `None`: the text is empty.
///
/// # Errors
/// When the text is not a whole number, or does not fit.
pub fn integer(text: &str) -> Result<Option<i64>, NumberError> {
    scaled(text, 0)
}

/// Reads a whole number that is never negative, such as shares. `None`: the text is empty.
///
/// # Errors
/// When the text is not a whole number, is negative, or does not fit.
pub fn unsigned(text: &str) -> Result<Option<u64>, NumberError> {
    integer(text)?
        .map(|value| u64::try_from(value).map_err(|_| NumberError::OutOfRange))
        .transpose()
}

/// Reads a number as its multiple of 10 to the power of `-decimals`, exactly. `None`: the text is empty.
///
/// # Errors
/// When the text is not a number, has more decimals than that which are not zero, or does not fit.
pub fn scaled(text: &str, decimals: u32) -> Result<Option<i64>, NumberError> {
    read(text, decimals, Beyond::Refuse)
}

/// As [`scaled`], but decimals beyond that are rounded, half of one away from zero. For averages and rates that the broker
/// has rounded itself; never for what was traded.
///
/// # Errors
/// When the text is not a number, or does not fit.
pub fn scaled_nearest(text: &str, decimals: u32) -> Result<Option<i64>, NumberError> {
    read(text, decimals, Beyond::Round)
}

/// What to do with decimals that the value has no room for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beyond {
    Refuse,
    Round,
}

fn read(text: &str, decimals: u32, beyond: Beyond) -> Result<Option<i64>, NumberError> {
    let text = text.trim_ascii();
    if text.is_empty() {
        return Ok(None);
    }
    let (negative, digits) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let point = digits.iter().position(|byte| *byte == b'.');
    let (whole, fraction) = match point {
        Some(at) => (&digits[..at], &digits[at + 1..]),
        None => (digits, &digits[..0]),
    };
    if whole.is_empty() && fraction.is_empty() || point.is_some() && fraction.is_empty() {
        return Err(NumberError::NotANumber);
    }
    if !whole.iter().chain(fraction).all(u8::is_ascii_digit) {
        return Err(NumberError::NotANumber);
    }
    let room = usize::try_from(decimals).map_err(|_| NumberError::OutOfRange)?;
    let (kept, cut) = fraction.split_at(room.min(fraction.len()));
    if beyond == Beyond::Refuse && cut.iter().any(|digit| *digit != b'0') {
        return Err(NumberError::Decimals);
    }
    let zeros = std::iter::repeat_n(&b'0', room - kept.len());
    let mut value: i64 = 0;
    // Counted downwards from zero, because the lowest value has no positive twin.
    for digit in whole.iter().chain(kept).chain(zeros) {
        value = value
            .checked_mul(10)
            .and_then(|value| value.checked_sub(i64::from(digit - b'0')))
            .ok_or(NumberError::OutOfRange)?;
    }
    if cut.first().is_some_and(|digit| *digit >= b'5') {
        value = value.checked_sub(1).ok_or(NumberError::OutOfRange)?;
    }
    if !negative {
        value = value.checked_neg().ok_or(NumberError::OutOfRange)?;
    }
    Ok(Some(value))
}

/// Reads `YYYYMMDD`. `None`: the text is empty, or all zeros, which is how some fields say the same.
///
/// # Errors
/// When the text is not such a date.
pub fn date(text: &str) -> Result<Option<Date>, NumberError> {
    let Some(digits) = fixed_digits::<8>(text)? else {
        return Ok(None);
    };
    let [y1, y2, y3, y4, m1, m2, d1, d2] = digits;
    if digits == [0; 8] {
        return Ok(None);
    }
    let year = i16::from(y1) * 1000 + i16::from(y2) * 100 + i16::from(y3) * 10 + i16::from(y4);
    Date::new(year, two(m1, m2), two(d1, d2))
        .map(Some)
        .map_err(|_| NumberError::OutOfRange)
}

/// Reads `HHMMSS`. `None`: the text is empty.
///
/// # Errors
/// When the text is not such a time of day.
pub fn time(text: &str) -> Result<Option<Time>, NumberError> {
    let Some([h1, h2, m1, m2, s1, s2]) = fixed_digits::<6>(text)? else {
        return Ok(None);
    };
    Time::new(two(h1, h2), two(m1, m2), two(s1, s2), 0)
        .map(Some)
        .map_err(|_| NumberError::OutOfRange)
}

/// At most 99, of digits.
fn two(tens: i8, ones: i8) -> i8 {
    tens * 10 + ones
}

/// Exactly `N` digits, as numbers.
fn fixed_digits<const N: usize>(text: &str) -> Result<Option<[i8; N]>, NumberError> {
    let text = text.trim_ascii();
    if text.is_empty() {
        return Ok(None);
    }
    let bytes: [u8; N] = text
        .as_bytes()
        .try_into()
        .map_err(|_| NumberError::NotANumber)?;
    let mut digits = [0; N];
    for (digit, byte) in digits.iter_mut().zip(bytes) {
        *digit = char::from(byte)
            .to_digit(10)
            .and_then(|value| i8::try_from(value).ok())
            .ok_or(NumberError::NotANumber)?;
    }
    Ok(Some(digits))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn padding_and_signs_do_not_change_a_number() {
        for (text, value) in [
            ("12", 12),
            (" 12 ", 12),
            ("0000000012", 12),
            ("+12", 12),
            ("-00000029", -29),
            ("-0", 0),
            ("3145.0000", 3145),
            ("000000000000000000000000000007", 7),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(integer(text), Ok(Some(value)), "{text:?}");
        }
    }

    #[test]
    fn an_empty_text_is_absent() {
        for text in ["", "  ", "          "] {
            assert_eq!(integer(text), Ok(None));
            assert_eq!(unsigned(text), Ok(None));
            assert_eq!(scaled_nearest(text, 4), Ok(None));
            assert_eq!(date(text), Ok(None));
            assert_eq!(time(text), Ok(None));
        }
    }

    #[test]
    fn what_is_not_a_number_is_an_error() {
        for text in [
            "1e5",
            "NaN",
            "inf",
            "1,000",
            "--1",
            "+-1",
            "1-",
            ".",
            "1.",
            "-",
            "+",
            "1.2.3",
            "0x10",
            "١٢",
            "1 2",
            "\u{feff}1",
            "12원",
        ] {
            assert_eq!(integer(text), Err(NumberError::NotANumber), "{text:?}");
            assert_eq!(
                scaled_nearest(text, 4),
                Err(NumberError::NotANumber),
                "{text:?}"
            );
        }
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let digits = "9".repeat(30);
        assert_eq!(integer(&digits), Err(NumberError::OutOfRange));
        assert_eq!(integer("9223372036854775808"), Err(NumberError::OutOfRange));
        assert_eq!(
            integer("-9223372036854775809"),
            Err(NumberError::OutOfRange)
        );
        assert_eq!(
            scaled("9223372036854775807", 1),
            Err(NumberError::OutOfRange)
        );
        assert_eq!(
            scaled_nearest("9223372036854775807.5", 0),
            Err(NumberError::OutOfRange)
        );
        assert_eq!(unsigned("-1"), Err(NumberError::OutOfRange));
        assert_eq!(scaled("1", u32::MAX), Err(NumberError::OutOfRange));
    }

    #[test]
    fn decimals_are_kept_exactly_or_refused() {
        assert_eq!(scaled("-1.61", 2), Ok(Some(-161)));
        assert_eq!(scaled("71833.3333", 4), Ok(Some(718_333_333)));
        assert_eq!(scaled(".5", 1), Ok(Some(5)));
        assert_eq!(scaled("0.12345", 4), Err(NumberError::Decimals));
        assert_eq!(integer("1.5"), Err(NumberError::Decimals));
        assert_eq!(scaled_nearest("0.12345", 4), Ok(Some(1235)));
        assert_eq!(scaled_nearest("-0.12345", 4), Ok(Some(-1235)));
        assert_eq!(scaled_nearest("0.12344999", 4), Ok(Some(1234)));
    }

    #[test]
    fn dates_and_times_are_of_the_calendar() {
        assert_eq!(date("20260504"), Ok(Some(jiff::civil::date(2026, 5, 4))));
        assert_eq!(date("00000000"), Ok(None));
        assert_eq!(date("20260230"), Err(NumberError::OutOfRange));
        assert_eq!(date("2026-5-4"), Err(NumberError::NotANumber));
        assert_eq!(date("202605"), Err(NumberError::NotANumber));
        assert_eq!(time("094414"), Ok(Some(jiff::civil::time(9, 44, 14, 0))));
        assert_eq!(time("000000"), Ok(Some(jiff::civil::time(0, 0, 0, 0))));
        assert_eq!(time("250000"), Err(NumberError::OutOfRange));
        assert_eq!(time("94414"), Err(NumberError::NotANumber));
    }

    proptest! {
        #[test]
        fn every_number_is_read_as_it_is_printed(value: i64) {
            prop_assert_eq!(integer(&value.to_string()), Ok(Some(value)));
        }

        #[test]
        fn every_decimal_is_read_as_it_is_printed(whole in 0_i64..=99_999_999_999, fraction in 0_i64..10_000) {
            let text = format!("{whole}.{fraction:04}");
            prop_assert_eq!(scaled(&text, 4), Ok(Some(whole * 10_000 + fraction)));
            prop_assert_eq!(scaled(&format!("-{text}"), 4), Ok(Some(-(whole * 10_000 + fraction))));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".*", decimals in 0_u32..40) {
            let _ = scaled(&text, decimals);
            let _ = scaled_nearest(&text, decimals);
            let _ = date(&text);
            let _ = time(&text);
        }
    }
}
