//! Any text as rows of KIS's lists, and their fields as numbers, dates and times: no panic, and a number that is read is the
//! number that stands there.
#![no_main]

use gwanmun::wire::kis::number;
use gwanmun::wire::kis::record::Record;
use gwanmun::wire::kis::rest::balance::{InquireBalanceRow, InquireBalanceTotals};
use gwanmun::wire::kis::rest::candles::InquireTimeItemchartpriceRow;
use gwanmun::wire::kis::rest::envelope::Rows;
use gwanmun::wire::kis::rest::lists::{InquireDailyCcldRow, InquirePsblRvsecnclRow};
use libfuzzer_sys::fuzz_target;
use serde::Deserialize;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    numbers(text);
    rows::<InquirePsblRvsecnclRow<'_>>(text);
    rows::<InquireDailyCcldRow<'_>>(text);
    rows::<InquireBalanceRow<'_>>(text);
    rows::<InquireBalanceTotals<'_>>(text);
    rows::<InquireTimeItemchartpriceRow<'_>>(text);
});

fn rows<'a, R: Record<'a> + Deserialize<'a> + 'a>(text: &'a str) {
    let Ok(Rows(rows)) = serde_json::from_str::<Rows<R>>(text) else {
        return;
    };
    for row in rows {
        assert!(!row.is_blank());
        for value in row.values().as_ref() {
            numbers(value);
        }
    }
}

fn numbers(text: &str) {
    for decimals in [0, 2, 4, 8] {
        let exact = number::scaled(text, decimals);
        let rounded = number::scaled_nearest(text, decimals);
        if let Ok(Some(value)) = exact {
            assert_eq!(rounded, Ok(Some(value)));
            assert_eq!(number::scaled(&value.to_string(), 0), Ok(Some(value)));
        }
    }
    if let Ok(Some(value)) = number::integer(text) {
        let plain = text.trim_matches([' ', '\t', '\n', '\r', '\u{c}']);
        let digits = plain.trim_start_matches(['+', '-']).trim_start_matches('0');
        let digits = digits.split('.').next().unwrap_or("");
        let shown = value.unsigned_abs().to_string();
        assert_eq!(if digits.is_empty() { "0" } else { digits }, shown);
        assert!(value >= 0 || plain.starts_with('-'));
    }
    let _ = number::date(text);
    let _ = number::time(text);
}
