//! Values as KIS writes them: decimal text, dates and times of Korea, padding.

use jiff::civil::Date;

use crate::domain::{Money, Price, Timestamp, UNITS_PER_WON};

/// Whole won.
pub(super) fn won(price: Price) -> String {
    price.won().to_string()
}

/// Whole won of an amount, rounded down.
pub(super) fn amount(money: Money) -> String {
    (money.units().div_euclid(UNITS_PER_WON)).to_string()
}

/// An average price with its four decimals; `0.0000` without one.
pub(super) fn average(price: Option<Price>) -> String {
    let units = price.map_or(0, Price::units);
    format!("{}.{:04}", units / UNITS_PER_WON, units % UNITS_PER_WON)
}

/// `part` of `whole` in percent, with two decimals, cut; `0.00` of nothing.
pub(super) fn percent(part: i64, whole: i64) -> String {
    let hundredths = match whole {
        0 => 0,
        whole => i128::from(part) * 10_000 / i128::from(whole),
    };
    let sign = if hundredths < 0 { "-" } else { "" };
    let size = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}", size / 100, size % 100)
}

/// The sign of a change: 1 upper limit, 2 up, 3 unchanged, 4 lower limit, 5 down.
pub(super) const fn sign(change: i64) -> &'static str {
    match change {
        1.. => "2",
        0 => "3",
        ..0 => "5",
    }
}

/// YYYYMMDD.
pub(super) fn date(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
}

/// Reads YYYYMMDD. KIS's clients send 00000101 for "from the beginning", which is the year 0.
pub(super) fn parse_date(text: &str) -> Option<Date> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Date::new(
        text.get(..4)?.parse().ok()?,
        text.get(4..6)?.parse().ok()?,
        text.get(6..)?.parse().ok()?,
    )
    .ok()
}

/// HHMMSS in Korea.
pub(super) fn time(at: Timestamp) -> String {
    let time = at.kst_time();
    format!("{:02}{:02}{:02}", time.hour(), time.minute(), time.second())
}

/// Reads digits and nothing else, up to 18 of them.
pub(super) fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = (1..=18).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// Padded on the right with spaces to so many bytes.
pub(super) fn padded(text: &str, len: usize) -> String {
    let mut padded = text.to_owned();
    padded.extend(std::iter::repeat_n(' ', len.saturating_sub(text.len())));
    padded
}

/// A message as KIS sends it: 80 bytes of CP949, where a Korean letter is two.
pub(super) fn msg1(words: &str) -> String {
    const WIDTH: usize = 80;
    let width: usize = words
        .chars()
        .map(|letter| 1 + usize::from(!letter.is_ascii()))
        .sum();
    let mut message = words.to_owned();
    message.extend(std::iter::repeat_n(' ', WIDTH.saturating_sub(width)));
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_kis_does() {
        assert_eq!(average(Price::from_units(31_450_000)), "3145.0000");
        assert_eq!(average(None), "0.0000");
        for (part, whole, text) in [
            (-184_000, 2_180_000, "-8.44"),
            (395, 2_525, "15.64"),
            (-1, 300, "-0.33"),
            (1, 0, "0.00"),
        ] {
            assert_eq!(percent(part, whole), text);
        }
        assert_eq!(amount(Money::from_units(-1)), "-1");
        assert_eq!(number("0000000012"), Some(12));
        for wrong in ["", "-1", "1.5", " ", "1e5", "1234567890123456789"] {
            assert_eq!(number(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn dates_and_times_are_of_korea() {
        let at: Timestamp = "2026-11-24T23:59:59+09:00".parse().unwrap();
        assert_eq!(
            (date(at.kst_date()), time(at)),
            ("20261124".into(), "235959".into())
        );
        assert_eq!(parse_date("20261124"), Some(at.kst_date()));
        assert!(parse_date("00000101").is_some());
        for wrong in ["", "2026112", "20261324", "2026-1-1"] {
            assert_eq!(parse_date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn messages_are_padded_by_their_width_in_cp949() {
        let message = msg1("조회가 완료되었습니다");
        assert_eq!(message.chars().count(), 80 - 10);
        assert_eq!(padded("ab", 4), "ab  ");
    }
}
