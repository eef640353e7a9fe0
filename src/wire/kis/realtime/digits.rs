//! Numbers of a frame, read exactly: whole, signed, or with a fixed number of decimals as integers.

use super::record::FieldFault;

/// Digits after which a number is not one: 2^64 has 20.
const DIGITS_MAX: usize = 20;

/// The number that `text[start..end]` spells in digits.
///
/// Eight digits are read at once: the eight bytes before `end`, of which those before `start` are masked out. In a frame
/// there are always that many, because a head stands before the values.
#[inline]
pub(super) fn unsigned(text: &[u8], start: usize, end: usize) -> Result<u64, FieldFault> {
    let len = end.wrapping_sub(start);
    if (1..=8).contains(&len)
        && let Some(word) = word_before(text, end)
    {
        return eight(word, len).ok_or(FieldFault::NotANumber);
    }
    unsigned_long(text, start, end)
}

fn unsigned_long(text: &[u8], start: usize, end: usize) -> Result<u64, FieldFault> {
    let len = end.wrapping_sub(start);
    if (9..=16).contains(&len)
        && let (Some(high), Some(low)) = (word_before(text, end - 8), word_before(text, end))
    {
        let (Some(high), Some(low)) = (eight(high, len - 8), eight(low, 8)) else {
            return Err(FieldFault::NotANumber);
        };
        return Ok(high * 100_000_000 + low);
    }
    let digits = text.get(start..end).ok_or(FieldFault::Missing)?;
    if digits.is_empty() {
        return Err(FieldFault::Empty);
    }
    if !digits.iter().all(u8::is_ascii_digit) {
        return Err(FieldFault::NotANumber);
    }
    if digits.len() > DIGITS_MAX {
        return Err(FieldFault::OutOfRange);
    }
    digits
        .iter()
        .try_fold(0_u64, |number, digit| {
            number.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
        })
        .ok_or(FieldFault::OutOfRange)
}

/// As [`unsigned`], with a sign in front or none.
#[inline]
pub(super) fn signed(text: &[u8], start: usize, end: usize) -> Result<i64, FieldFault> {
    let (negative, start) = sign(text, start, end);
    with_sign(unsigned(text, start, end)?, negative)
}

/// A number with a point, in units of its last decimal of `decimals`: `-8.44` with two of them is -844. Decimals beyond must be
/// zeros.
pub(super) fn scaled(
    text: &[u8],
    start: usize,
    end: usize,
    decimals: usize,
) -> Result<i64, FieldFault> {
    let (negative, start) = sign(text, start, end);
    let number = text.get(start..end).ok_or(FieldFault::Missing)?;
    let (whole, fraction) = match number.iter().position(|byte| *byte == b'.') {
        Some(point) if point + 1 == number.len() => return Err(FieldFault::NotANumber),
        Some(point) => (start + point, &number[point + 1..]),
        None => (end, &[][..]),
    };
    let mut units = unsigned(text, start, whole)?;
    if !fraction.iter().all(u8::is_ascii_digit) {
        return Err(FieldFault::NotANumber);
    }
    let (fraction, beyond) = fraction.split_at(fraction.len().min(decimals));
    if beyond.iter().any(|digit| *digit != b'0') {
        return Err(FieldFault::OutOfRange);
    }
    let zeros = std::iter::repeat_n(b'0', decimals - fraction.len());
    for digit in fraction.iter().copied().chain(zeros) {
        units = units
            .checked_mul(10)
            .and_then(|units| units.checked_add(u64::from(digit - b'0')))
            .ok_or(FieldFault::OutOfRange)?;
    }
    with_sign(units, negative)
}

#[inline]
fn sign(text: &[u8], start: usize, end: usize) -> (bool, usize) {
    match text.get(start) {
        Some(b'-') if start < end => (true, start + 1),
        Some(b'+') if start < end => (false, start + 1),
        _ => (false, start),
    }
}

#[inline]
fn with_sign(magnitude: u64, negative: bool) -> Result<i64, FieldFault> {
    let number = i64::try_from(magnitude).map_err(|_| FieldFault::OutOfRange)?;
    Ok(if negative { -number } else { number })
}

/// The eight bytes before `end`.
#[inline]
fn word_before(text: &[u8], end: usize) -> Option<u64> {
    let (_, word) = text.get(..end)?.split_last_chunk::<8>()?;
    Some(u64::from_le_bytes(*word))
}

/// The number in the last `len` of eight characters; `len` is 1 to 8.
#[inline]
fn eight(word: u64, len: usize) -> Option<u64> {
    const ASCII_ZEROS: u64 = 0x3030_3030_3030_3030;
    // A digit is at most 9 once its zero is taken off; adding this carries into the top bit of a byte above 9.
    const ABOVE_NINE: u64 = 0x7676_7676_7676_7676;
    const TOP_BITS: u64 = 0x8080_8080_8080_8080;
    // The first characters are the low bytes. Those before the number become zeros in front of it.
    let digits = (word ^ ASCII_ZEROS) & (u64::MAX << (64 - 8 * len));
    if (digits | (digits & !TOP_BITS).wrapping_add(ABOVE_NINE)) & TOP_BITS != 0 {
        return None;
    }
    // Neighbours are joined to pairs, then pairs to the whole, in one multiplication each.
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    const EVERY_FOURTH: u64 = 0x0000_00ff_0000_00ff;
    let first = (pairs & EVERY_FOURTH).wrapping_mul(0x000f_4240_0000_0064);
    let second = ((pairs >> 16) & EVERY_FOURTH).wrapping_mul(0x0000_2710_0000_0001);
    Some(first.wrapping_add(second) >> 32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn whole(text: &str) -> Result<u64, FieldFault> {
        unsigned(text.as_bytes(), 0, text.len())
    }

    fn decimal(text: &str, decimals: usize) -> Result<i64, FieldFault> {
        scaled(text.as_bytes(), 0, text.len(), decimals)
    }

    #[test]
    fn digits_are_a_number() {
        for (text, number) in [
            ("0", 0),
            ("0000000001", 1),
            ("000015470", 15_470),
            ("4895129339500", 4_895_129_339_500),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(whole(text), Ok(number), "{text}");
        }
    }

    #[test]
    fn what_is_not_digits_is_not_a_number() {
        for text in [
            "NaN",
            "1e5",
            "-1",
            "+1",
            " 1",
            "1 ",
            "1.0",
            "0x1",
            "1_0",
            "(null)",
            "１",
            "/",
            ":",
            "\u{80}",
            "12345678a",
            "a12345678",
            "1234567890123456a",
        ] {
            assert_eq!(whole(text), Err(FieldFault::NotANumber), "{text}");
        }
        assert_eq!(whole(""), Err(FieldFault::Empty));
        for text in ["18446744073709551616", &"9".repeat(30), &"0".repeat(30)] {
            assert_eq!(whole(text), Err(FieldFault::OutOfRange), "{text}");
        }
    }

    #[test]
    fn decimals_are_exact() {
        for (text, decimals, units) in [
            ("-8.44", 2, -844),
            ("+0.06", 2, 6),
            ("2049536.80", 2, 204_953_680),
            ("0.4", 2, 40),
            ("7", 2, 700),
            ("3145.0000", 2, 314_500),
        ] {
            assert_eq!(decimal(text, decimals), Ok(units), "{text}");
        }
        assert_eq!(decimal("0.001", 2), Err(FieldFault::OutOfRange));
        for text in ["1.", ".5", "1.2.3", "1.-2", "--1", "1e5", "-", "nan"] {
            assert!(decimal(text, 2).is_err(), "{text}");
        }
        assert_eq!(
            decimal(&i64::MAX.to_string(), 1),
            Err(FieldFault::OutOfRange)
        );
    }

    #[test]
    fn signs_are_read() {
        let number = |text: &str| signed(text.as_bytes(), 0, text.len());
        assert_eq!(number("-184000"), Ok(-184_000));
        assert_eq!(number("+5"), Ok(5));
        assert_eq!(number("5"), Ok(5));
        assert_eq!(number("-"), Err(FieldFault::Empty));
        assert_eq!(number("--5"), Err(FieldFault::NotANumber));
        assert_eq!(number("9223372036854775808"), Err(FieldFault::OutOfRange));
    }

    proptest! {
        /// Whatever stands around a field, it reads as the standard library reads it alone.
        #[test]
        fn a_field_reads_as_it_would_alone(
            before in "[0-9^|a]{0,20}",
            field in "[0-9]{1,19}|[0-9^./:-]{0,12}|\\PC{0,6}",
            after in "[0-9^]{0,9}",
        ) {
            let text = format!("{before}{field}{after}");
            let found = unsigned(text.as_bytes(), before.len(), before.len() + field.len());
            let alone = (!field.starts_with('+')).then(|| field.parse::<u64>().ok()).flatten();
            prop_assert_eq!(found.ok(), alone);
        }
    }
}
