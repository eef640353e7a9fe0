//! How one TOML value becomes one typed setting.

use std::path::PathBuf;

use jiff::civil::Date;
use toml::de::DeValue;
use toml::value::Datetime;

use crate::domain::{
    AccountId, AccountType, BrokerType, InstrumentKind, Market, Money, Price, Symbol, ValueError,
};

use super::mock::{FeeTariff, JournalDurability, MarketSource};
use super::secret::Secret;

/// What was found in place of a setting, and what is allowed.
#[derive(Debug)]
pub(super) struct Mistake {
    pub(super) found: Box<str>,
    pub(super) expected: Box<str>,
}

/// A type that a TOML value can be read as.
pub(super) trait Setting: Sized {
    fn read(value: &DeValue<'_>) -> Result<Self, Mistake>;
}

/// The integer of a value, if it is one of 64 bits.
pub(super) fn integer(value: &DeValue<'_>) -> Option<i64> {
    let DeValue::Integer(integer) = value else {
        return None;
    };
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// A value in a message: shown when it is small, escaped and cut.
pub(super) fn describe(value: &DeValue<'_>) -> Box<str> {
    let cut = |text: &str| ValueError::new("value", text, "").found;
    match value {
        DeValue::String(text) => format!("the string \"{}\"", cut(text)).into(),
        DeValue::Integer(number) => cut(&number.to_string()),
        DeValue::Float(number) => format!("the float {}", cut(number.as_str())).into(),
        DeValue::Boolean(flag) => flag.to_string().into(),
        DeValue::Datetime(time) => time.to_string().into(),
        DeValue::Array(_) | DeValue::Table(_) => kind(value).into(),
    }
}

/// What kind of value it is, for those that must not be shown.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a section",
    }
}

fn wrong_type(value: &DeValue<'_>, expected: &str) -> Mistake {
    Mistake {
        found: describe(value),
        expected: expected.into(),
    }
}

/// Types with a closed or checked text form, whose errors show the text.
macro_rules! shown_texts {
    ($($name:ty: $sample:literal),+ $(,)?) => { $(
        impl Setting for $name {
            fn read(value: &DeValue<'_>) -> Result<Self, Mistake> {
                let DeValue::String(text) = value else {
                    return Err(wrong_type(value, concat!("a string such as ", $sample)));
                };
                text.parse::<Self>().map_err(|error| Mistake {
                    found: format!("\"{}\"", error.found).into(),
                    expected: error.expected,
                })
            }
        }
    )+ };
}

shown_texts! {
    BrokerType: "\"KIS\"",
    AccountType: "\"PAPER\"",
    FeeTariff: "\"KIS\"",
    MarketSource: "\"GBM\"",
    JournalDurability: "\"PROCESS_CRASH\"",
    Market: "\"KOSPI\"",
    InstrumentKind: "\"STOCK\"",
    Symbol: "\"005930\"",
}

/// Types whose text is never shown: their errors describe it.
macro_rules! hidden_texts {
    ($($name:ty),+ $(,)?) => { $(
        impl Setting for $name {
            fn read(value: &DeValue<'_>) -> Result<Self, Mistake> {
                let DeValue::String(text) = value else {
                    let expected = "a string in quotation marks".into();
                    return Err(Mistake { found: kind(value).into(), expected });
                };
                text.parse::<Self>()
                    .map_err(|error| Mistake { found: error.found, expected: error.expected })
            }
        }
    )+ };
}

hidden_texts!(AccountId, Secret);

impl Setting for Box<str> {
    fn read(value: &DeValue<'_>) -> Result<Self, Mistake> {
        let text = value
            .as_str()
            .ok_or_else(|| wrong_type(value, "a string"))?;
        Ok(text.into())
    }
}

/// An address, which may hold a user and a password by mistake.
#[derive(Debug)]
pub(super) struct Url(pub(super) Box<str>);

impl Setting for Url {
    fn read(value: &DeValue<'_>) -> Result<Self, Mistake> {
        let text = value.as_str().ok_or_else(|| Mistake {
            found: kind(value).into(),
            expected: "a URL in quotation marks".into(),
        })?;
        Ok(Self(text.into()))
    }
}

/// A text that says who somebody is: a mistaken one is described and not repeated.
#[derive(Debug)]
pub(super) struct Hidden(pub(super) Box<str>);

impl Setting for Hidden {
    fn read(value: &DeValue<'_>) -> Result<Self, Mistake> {
        let text = value.as_str().ok_or_else(|| Mistake {
            found: kind(value).into(),
            expected: "a string in quotation marks".into(),
        })?;
        Ok(Self(text.into()))
    }
}

impl Setting for PathBuf {
    fn read(value: &DeValue<'_>) -> Result<Self, Mistake> {
        value
            .as_str()
            .filter(|text| !text.is_empty() && !text.contains('\0'))
            .map(Self::from)
            .ok_or_else(|| wrong_type(value, "the path of a file"))
    }
}

/// Exact amounts: a float is refused, since it may already have lost a won.
macro_rules! won_amounts {
    ($($name:ty: $expected:literal),+ $(,)?) => { $(
        impl Setting for $name {
            fn read(value: &DeValue<'_>) -> Result<Self, Mistake> {
                integer(value)
                    .and_then(Self::checked_won)
                    .ok_or_else(|| wrong_type(value, $expected))
            }
        }
    )+ };
}

won_amounts! {
    Money: "whole won, such as 100_000_000",
    Price: "whole won, such as 71_000",
}

impl Setting for Date {
    fn read(value: &DeValue<'_>) -> Result<Self, Mistake> {
        let plain = |time: &Datetime| {
            if time.time.is_some() || time.offset.is_some() {
                return None;
            }
            let date = time.date?;
            let year = i16::try_from(date.year).ok()?;
            let (month, day) = (i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?);
            Self::new(year, month, day).ok()
        };
        let date = match value.as_str() {
            Some(text) => text.parse().ok(),
            None => value.as_datetime().and_then(plain),
        };
        date.ok_or_else(|| wrong_type(value, "a date such as 2026-11-24"))
    }
}
