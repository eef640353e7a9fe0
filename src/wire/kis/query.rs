//! Records as the query of a GET request.

use std::borrow::Cow;
use std::fmt;

use super::record::{Record, position};

/// Appends `record` as `NAME=value&…`, each field in the order of the manual, empty ones included.
pub fn write<'a, R: Record<'a>>(record: &R, query: &mut String) {
    let values = record.values();
    for (index, (name, value)) in R::FIELDS.iter().zip(values.as_ref()).enumerate() {
        if index > 0 {
            query.push('&');
        }
        query.push_str(name);
        query.push('=');
        push_escaped(value, query);
    }
}

/// Reads a query. Names are taken in any case, as python-kis sends some in lower case; unknown ones are ignored.
///
/// # Errors
/// When an escape is not two hexadecimal digits, or what it says is not UTF-8.
pub fn read<'a, R: Record<'a>>(query: &'a str) -> Result<R, QueryError> {
    let mut record = R::default();
    {
        let mut slots = record.slots();
        let slots = slots.as_mut();
        let mut next = 0;
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = unescaped(name)?;
            let Some(index) = position::<R>(&name, next) else {
                continue;
            };
            if let Some(slot) = slots.get_mut(index) {
                **slot = unescaped(value)?;
            }
            next = index + 1;
        }
    }
    Ok(record)
}

/// A query that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryError;

impl fmt::Display for QueryError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the query holds an escape that is not text")
    }
}

impl std::error::Error for QueryError {}

/// Letters, digits and `-._~` stand for themselves (RFC 3986), everything else as `%XX`.
fn push_escaped(value: &str, query: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            query.push(char::from(byte));
        } else {
            query.push('%');
            for digit in [byte >> 4, byte & 15] {
                query.push(char::from(DIGITS[usize::from(digit)]));
            }
        }
    }
}

/// `+` is a space, as forms have it: Python's clients send it so.
fn unescaped(text: &str) -> Result<Cow<'_, str>, QueryError> {
    if !text.contains(['%', '+']) {
        return Ok(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = rest.next().and_then(hex).ok_or(QueryError)?;
                let low = rest.next().and_then(hex).ok_or(QueryError)?;
                high << 4 | low
            }
            plain => plain,
        });
    }
    String::from_utf8(bytes)
        .map(Cow::Owned)
        .map_err(|_| QueryError)
}

fn hex(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::rest::lists::InquirePsblRvsecnclQuery;
    use super::*;

    #[test]
    fn a_query_has_every_field_in_the_order_of_the_manual() {
        let mut text = String::new();
        let query = InquirePsblRvsecnclQuery {
            cano: "12345678".into(),
            acnt_prdt_cd: "01".into(),
            ctx_area_fk100: "12345678^01^ ".into(),
            inqr_dvsn_1: "0".into(),
            inqr_dvsn_2: "0".into(),
            ..Default::default()
        };
        write(&query, &mut text);
        assert_eq!(
            text,
            "CANO=12345678&ACNT_PRDT_CD=01&CTX_AREA_FK100=12345678%5E01%5E%20&CTX_AREA_NK100=&\
             INQR_DVSN_1=0&INQR_DVSN_2=0"
        );
    }

    #[test]
    fn names_are_read_in_any_case_and_strangers_are_ignored() {
        let query: InquirePsblRvsecnclQuery<'_> =
            read("ctx_area_fk100=a%5eb+c&CANO=1&WHAT=x&&Inqr_Dvsn_1").unwrap();
        assert_eq!(query.ctx_area_fk100, "a^b c");
        assert_eq!(query.cano, "1");
        assert_eq!(query.inqr_dvsn_1, "");
    }

    #[test]
    fn half_an_escape_is_an_error() {
        for text in ["CANO=%", "CANO=%4", "CANO=%zz", "CANO=%ff"] {
            assert_eq!(
                read::<InquirePsblRvsecnclQuery<'_>>(text),
                Err(QueryError),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_back(cano in ".*", fk in ".*", dvsn in ".*") {
            let query = InquirePsblRvsecnclQuery {
                cano: cano.into(),
                ctx_area_fk100: fk.into(),
                inqr_dvsn_2: dvsn.into(),
                ..Default::default()
            };
            let mut text = String::new();
            write(&query, &mut text);
            prop_assert!(text.is_ascii());
            prop_assert_eq!(read::<InquirePsblRvsecnclQuery<'_>>(&text).unwrap(), query);
        }

        #[test]
        fn any_query_is_read_or_refused(text in ".*") {
            let _ = read::<InquirePsblRvsecnclQuery<'_>>(&text);
        }
    }
}
