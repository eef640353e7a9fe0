//! Vendor numbers to values of the domain: exact, or an error that names the field.
//!
//! Every scalar of KIS is text: padded with zeros or spaces, with a sign or without, with up to ten decimals, or empty for
//! "absent" (portal, read 2026-07). Nothing is rounded, and nothing passes through a float.

use jiff::civil::{Date, Time};

use crate::domain::{Money, OrderNo, Price, Qty, Symbol, Timestamp, ValueError};
use crate::wire::kis::number::{self, NumberError};

/// What the conversion of one field answers.
pub(in crate::broker::kis) type Field<T> = Result<T, ValueError>;

/// Decimals of prices and money.
const DECIMALS: u32 = 4;

/// 1/10,000 of a won; `None` when the text is empty.
fn units(what: &'static str, text: &str) -> Field<Option<i64>> {
    number::scaled(text, DECIMALS).map_err(|error| mistaken(what, text, error))
}

fn mistaken(what: &'static str, text: &str, error: NumberError) -> ValueError {
    let expected = match error {
        NumberError::NotANumber => "a decimal number",
        NumberError::OutOfRange => "a number within bounds",
        NumberError::Decimals => "at most 4 decimals",
    };
    ValueError::new(what, text, expected)
}

/// A price that has to be there.
pub(in crate::broker::kis) fn price(what: &'static str, text: &str) -> Field<Price> {
    some_price(what, text)?.ok_or_else(|| ValueError::new(what, text, "a price above 0"))
}

/// A price, or `None` for an empty text and for 0, which KIS sends where there is none.
pub(in crate::broker::kis) fn some_price(what: &'static str, text: &str) -> Field<Option<Price>> {
    match units(what, text)? {
        None | Some(0) => Ok(None),
        Some(units) => Price::from_units(units)
            .map(Some)
            .ok_or_else(|| ValueError::new(what, text, "a price of 0 or more")),
    }
}

/// An amount that has to be there.
pub(in crate::broker::kis) fn money(what: &'static str, text: &str) -> Field<Money> {
    units(what, text)?
        .map(Money::from_units)
        .ok_or_else(|| ValueError::new(what, text, "an amount"))
}

/// An amount; none where KIS leaves it empty.
pub(in crate::broker::kis) fn money_or_none(what: &'static str, text: &str) -> Field<Money> {
    units(what, text).map(|units| units.map_or(Money::ZERO, Money::from_units))
}

/// Shares that have to be there.
pub(in crate::broker::kis) fn qty(what: &'static str, text: &str) -> Field<Qty> {
    some_qty(what, text)?.ok_or_else(|| ValueError::new(what, text, "a number of shares"))
}

/// Shares, or `None` for an empty text.
pub(in crate::broker::kis) fn some_qty(what: &'static str, text: &str) -> Field<Option<Qty>> {
    number::unsigned(text)
        .map(|shares| shares.map(Qty::new))
        .map_err(|_| ValueError::new(what, text, "a whole number of shares"))
}

/// Shares; none where KIS leaves it empty.
pub(in crate::broker::kis) fn qty_or_none(what: &'static str, text: &str) -> Field<Qty> {
    some_qty(what, text).map(|qty| qty.unwrap_or(Qty::ZERO))
}

/// An order number, or `None` for an empty text and for zeros.
pub(in crate::broker::kis) fn some_order_no(
    what: &'static str,
    text: &str,
) -> Field<Option<OrderNo>> {
    let digits = text.trim();
    if digits.bytes().all(|byte| byte == b'0') {
        return Ok(None);
    }
    digits
        .parse()
        .map(Some)
        .map_err(|_| ValueError::new(what, text, "an order number"))
}

/// An order number that has to be there.
pub(in crate::broker::kis) fn order_no(what: &'static str, text: &str) -> Field<OrderNo> {
    some_order_no(what, text)?.ok_or_else(|| ValueError::new(what, text, "an order number"))
}

/// An issue: six characters, or seven with the Q of an ETN in front.
pub(in crate::broker::kis) fn symbol(what: &'static str, text: &str) -> Field<Symbol> {
    text.trim()
        .parse()
        .map_err(|_| ValueError::new(what, text, "an issue's short code"))
}

/// `YYYYMMDD`.
pub(in crate::broker::kis) fn date(what: &'static str, text: &str) -> Field<Date> {
    number::date(text)
        .ok()
        .flatten()
        .ok_or_else(|| ValueError::new(what, text, "a date as YYYYMMDD"))
}

/// `HHMMSS` of a day in Korea.
pub(in crate::broker::kis) fn time_on(
    date: Date,
    what: &'static str,
    text: &str,
) -> Field<Timestamp> {
    Timestamp::from_kst(date, time(what, text)?)
}

/// `HHMMSS` without a date: of the day that puts it at or before `now`, or little after it, since clocks differ.
pub(in crate::broker::kis) fn time_before(
    now: Timestamp,
    what: &'static str,
    text: &str,
) -> Field<Timestamp> {
    /// How far ahead a broker's clock may be.
    const AHEAD_NANOS: i64 = 10 * 60 * 1_000_000_000;
    let latest = now.saturating_add_nanos(AHEAD_NANOS);
    let time = time(what, text)?;
    let on_latest = Timestamp::from_kst(latest.kst_date(), time)?;
    if on_latest <= latest {
        return Ok(on_latest);
    }
    let eve = latest.kst_date().yesterday();
    let eve = eve.map_err(|_| ValueError::new(what, text, "a time of a representable day"))?;
    Timestamp::from_kst(eve, time)
}

/// `HHMMSS`.
pub(in crate::broker::kis) fn time(what: &'static str, text: &str) -> Field<Time> {
    number::time(text)
        .ok()
        .flatten()
        .ok_or_else(|| ValueError::new(what, text, "a time as HHMMSS"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn l6_numbers_are_exact_or_an_error() {
        let shown = |text| money("m", text).map(|money| money.to_string());
        for (text, expected) in [
            ("0000000001", "1"),
            (" 12 ", "12"),
            ("-60700", "-60700"),
            ("+60700", "60700"),
            ("3145.0000", "3145"),
            ("3145.5", "3145.5"),
            ("-00000029", "-29"),
            ("72023.1200000000", "72023.12"),
            ("-0.5", "-0.5"),
        ] {
            assert_eq!(shown(text).as_deref(), Ok(expected), "{text}");
        }
        for text in [
            "",
            "1e5",
            "NaN",
            "1,000",
            "0x1",
            "--1",
            "-",
            "+",
            ".",
            "1.",
            "1.23456",
            "123456789012345678901234567890",
            "１",
            "(null)",
        ] {
            assert!(shown(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_absent_is_told_apart_from_what_is_mistaken() {
        assert_eq!(some_price("p", ""), Ok(None));
        assert_eq!(some_price("p", "000000000"), Ok(None));
        assert!(some_price("p", "-1").is_err());
        assert!(price("p", "0").is_err());
        assert_eq!(some_qty("q", " "), Ok(None));
        assert_eq!(qty("q", "0000000010"), Ok(Qty::new(10)));
        assert!(qty("q", "1.5").is_err() && qty("q", "-1").is_err());
        assert_eq!(some_order_no("n", "0000000000"), Ok(None));
        assert_eq!(
            order_no("n", "0000457500"),
            Ok(OrderNo::new(457_500).unwrap())
        );
        assert!(some_order_no("n", "12a").is_err());
    }

    #[test]
    fn dates_and_times_are_korean() {
        let day = date("d", "20251217").unwrap();
        let at = time_on(day, "t", "094414").unwrap();
        assert_eq!(at.to_string(), "2025-12-17T09:44:14+09:00");
        for text in ["", "20251317", "2025121", "2025-12-17", "202512177"] {
            assert!(date("d", text).is_err(), "{text}");
        }
        for text in ["", "240000", "096000", "0944", "09:44:14"] {
            assert!(time("t", text).is_err(), "{text}");
        }
    }

    #[test]
    fn n20_a_time_without_a_date_is_of_the_day_before_midnight() {
        let now = |text: &str| text.parse::<Timestamp>().unwrap();
        for (at, text, expected) in [
            (
                "2026-11-25T00:00:01+09:00",
                "235959",
                "2026-11-24T23:59:59+09:00",
            ),
            (
                "2026-11-24T23:59:59+09:00",
                "000001",
                "2026-11-25T00:00:01+09:00",
            ),
            (
                "2026-11-24T15:00:00+09:00",
                "150005",
                "2026-11-24T15:00:05+09:00",
            ),
            (
                "2026-11-24T08:00:00+09:00",
                "153000",
                "2026-11-23T15:30:00+09:00",
            ),
        ] {
            let read = time_before(now(at), "t", text).unwrap();
            assert_eq!(read.to_string(), expected);
        }
    }

    proptest! {
        #[test]
        fn x7_any_text_is_a_value_or_an_error(text in ".{0,40}") {
            let _ = (money("m", &text), some_price("p", &text), some_qty("q", &text));
            let _ = (some_order_no("n", &text), symbol("s", &text), date("d", &text), time("t", &text));
        }

        #[test]
        fn every_amount_comes_back(units in any::<i64>()) {
            let amount = Money::from_units(units);
            prop_assert_eq!(money("m", &amount.to_string()), Ok(amount));
        }
    }
}
