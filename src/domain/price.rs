//! Price, money and quantity: integers with checked arithmetic.
//!
//! | operation | yields |
//! |---|---|
//! | [`Price::value`] (price × qty) | [`Money`] |
//! | [`Money::per_share`] (money ÷ qty, half-up at 4 decimals) | [`Price`] |
//! | [`Money::share_of`] (money × part ÷ whole, half-up at 4 decimals) | [`Money`] |
//! | `checked_add`, `checked_sub` | the same type, or `None` out of range |
//!
//! Prices and money count 1/10,000 of the currency unit in an `i64`. Outside they are decimal strings; a float never
//! stands in between.

use std::fmt;
use std::num::NonZeroI64;
use std::str::FromStr;

use rust_decimal::Decimal;

use super::text::{ValueError, deserialize_from_str};

/// How many units one won (or one dollar) has.
pub const UNITS_PER_WON: i64 = 10_000;
/// Decimals of the finest price and amount.
const DECIMALS: u32 = 4;

/// A price of one share: positive, in 1/10,000 of the currency unit.
///
/// `Option<Price>` is as small as `Price`; there is no price of zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Price(NonZeroI64);

impl Price {
    /// The price of that many whole won.
    ///
    /// # Errors
    /// When `won` is not positive or beyond [`Price::MAX_WON`].
    pub fn from_won(won: i64) -> Result<Self, ValueError> {
        Self::checked_won(won).ok_or_else(|| {
            ValueError::new(
                "price",
                won,
                format!("whole won from 1 to {}", Self::MAX_WON),
            )
        })
    }

    /// The highest price in whole won.
    pub const MAX_WON: i64 = i64::MAX / UNITS_PER_WON;

    /// As [`Price::from_won`], for constants and loops.
    pub const fn checked_won(won: i64) -> Option<Self> {
        match won.checked_mul(UNITS_PER_WON) {
            Some(units) => Self::from_units(units),
            None => None,
        }
    }

    /// The price of that many 1/10,000 of the currency unit; `None` unless positive.
    pub const fn from_units(units: i64) -> Option<Self> {
        if units <= 0 {
            return None;
        }
        match NonZeroI64::new(units) {
            Some(units) => Some(Self(units)),
            None => None,
        }
    }

    /// In 1/10,000 of the currency unit.
    pub const fn units(self) -> i64 {
        self.0.get()
    }

    /// In whole won, the fraction cut off.
    pub const fn won(self) -> i64 {
        self.0.get() / UNITS_PER_WON
    }

    /// Whether the price has no fraction of a won.
    pub const fn is_whole_won(self) -> bool {
        self.0.get() % UNITS_PER_WON == 0
    }

    /// Price × quantity; `None` beyond the range of [`Money`].
    pub const fn value(self, qty: Qty) -> Option<Money> {
        if qty.0 > i64::MAX as u64 {
            return None;
        }
        match self.0.get().checked_mul(qty.0.cast_signed()) {
            Some(units) => Some(Money(units)),
            None => None,
        }
    }
}

/// An amount of money: any sign, in 1/10,000 of the currency unit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(i64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The largest amount.
    pub const MAX: Self = Self(i64::MAX);

    /// That many whole won.
    ///
    /// # Errors
    /// Beyond ± 922 trillion won.
    pub fn from_won(won: i64) -> Result<Self, ValueError> {
        Self::checked_won(won)
            .ok_or_else(|| ValueError::new("money", won, "at most 922,337,203,685,477 won"))
    }

    /// As [`Money::from_won`], for constants and loops.
    pub const fn checked_won(won: i64) -> Option<Self> {
        match won.checked_mul(UNITS_PER_WON) {
            Some(units) => Some(Self(units)),
            None => None,
        }
    }

    /// That many 1/10,000 of the currency unit.
    pub const fn from_units(units: i64) -> Self {
        Self(units)
    }

    /// In 1/10,000 of the currency unit.
    pub const fn units(self) -> i64 {
        self.0
    }

    /// In whole won, rounded towards zero.
    pub const fn won(self) -> i64 {
        self.0 / UNITS_PER_WON
    }

    /// Whether there is no fraction of a won.
    pub const fn is_whole_won(self) -> bool {
        self.0 % UNITS_PER_WON == 0
    }

    /// The sum; `None` out of range.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(units) => Some(Self(units)),
            None => None,
        }
    }

    /// The difference; `None` out of range.
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(units) => Some(Self(units)),
            None => None,
        }
    }

    /// The opposite amount; `None` out of range.
    pub const fn checked_neg(self) -> Option<Self> {
        match self.0.checked_neg() {
            Some(units) => Some(Self(units)),
            None => None,
        }
    }

    /// Money ÷ quantity, half-up at 4 decimals; `None` for no shares or when that is not a price.
    pub fn per_share(self, qty: Qty) -> Option<Price> {
        let units = divide_half_up(i128::from(self.0), i128::from(qty.0))?;
        Price::from_units(units)
    }

    /// Money × part ÷ whole, half-up at 4 decimals; `None` when `whole` is zero or the result out of range.
    pub fn share_of(self, part: Qty, whole: Qty) -> Option<Self> {
        let product = i128::from(self.0).checked_mul(i128::from(part.0))?;
        divide_half_up(product, i128::from(whole.0)).map(Self)
    }

    /// `self ÷ base` in per cent with 2 decimals, half-up; `None` when `base` is zero or the result out of range.
    pub fn percent_of(self, base: Self) -> Option<Decimal> {
        // Half-up fits the samples that brokers publish (2.977 → 2.98, −52.714 → −52.71).
        let product = i128::from(self.0).checked_mul(10_000)?;
        let base_units = i128::from(base.0);
        let (product, base_units) = if base_units < 0 {
            (-product, -base_units)
        } else {
            (product, base_units)
        };
        divide_half_up(product, base_units).map(|hundredths| Decimal::new(hundredths, 2))
    }
}

/// `numerator ÷ denominator` rounded half away from zero; `None` when the denominator is not positive or the result
/// does not fit.
fn divide_half_up(numerator: i128, denominator: i128) -> Option<i64> {
    if denominator <= 0 {
        return None;
    }
    let half = denominator / 2;
    let quotient = if numerator >= 0 {
        numerator.checked_add(half)? / denominator
    } else {
        // An odd denominator has no exact half, so flooring it is right for both signs.
        numerator.checked_sub(half)? / denominator
    };
    i64::try_from(quotient).ok()
}

/// A number of shares. Zero is a number; what may not be zero (an order) says so where it is checked.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Qty(u64);

impl Qty {
    /// No shares.
    pub const ZERO: Self = Self(0);

    /// That many shares.
    pub const fn new(shares: u64) -> Self {
        Self(shares)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Whether there are none.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum; `None` out of range.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(shares) => Some(Self(shares)),
            None => None,
        }
    }

    /// The difference; `None` below zero.
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(shares) => Some(Self(shares)),
            None => None,
        }
    }

    /// The difference, or none where `other` is larger.
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Debug for Qty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Qty({})", self.0)
    }
}

impl fmt::Display for Qty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for Qty {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(shares) if digits => Ok(Self(shares)),
            _ => Err(ValueError::new(
                "quantity",
                text,
                "a whole number of shares",
            )),
        }
    }
}

/// What [`Price`] and [`Money`] share: decimal strings, decimals and serde.
macro_rules! decimal_text {
    ($name:ident, $what:literal, $expected:literal, $from_units:expr) => {
        impl $name {
            /// The exact decimal.
            pub fn to_decimal(self) -> Decimal {
                Decimal::new(self.units(), DECIMALS)
            }
        }

        impl TryFrom<Decimal> for $name {
            type Error = ValueError;

            /// Exact, or an error: nothing is rounded.
            fn try_from(decimal: Decimal) -> Result<Self, ValueError> {
                let normal = decimal.normalize();
                let error = || ValueError::new($what, decimal, $expected);
                if normal.scale() > DECIMALS {
                    return Err(error());
                }
                let scale_up = 10_i128.pow(DECIMALS - normal.scale());
                let units = normal
                    .mantissa()
                    .checked_mul(scale_up)
                    .and_then(|u| i64::try_from(u).ok());
                units.and_then($from_units).ok_or_else(error)
            }
        }

        impl FromStr for $name {
            type Err = ValueError;

            /// Reads a plain decimal: an optional minus, digits, at most 4 decimals. No exponent, no separators.
            fn from_str(text: &str) -> Result<Self, ValueError> {
                parse_units(text)
                    .and_then($from_units)
                    .ok_or_else(|| ValueError::new($what, text, $expected))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut buffer = [0_u8; TEXT_LEN_MAX];
                let text = format_units(self.units(), &mut buffer);
                f.pad_integral(self.units() >= 0, "", text)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserialize_from_str(deserializer)
            }
        }
    };
}

decimal_text!(
    Price,
    "price",
    "a positive decimal with at most 4 decimals",
    Self::from_units
);
decimal_text!(
    Money,
    "money",
    "a decimal with at most 4 decimals",
    |units| Some(Self::from_units(units))
);

/// 15 digits, a point, 4 decimals.
const TEXT_LEN_MAX: usize = 20;

/// The digits of `|units|` without trailing zeros after the point.
fn format_units(units: i64, buffer: &mut [u8; TEXT_LEN_MAX]) -> &str {
    use std::io::Write;

    let magnitude = units.unsigned_abs();
    let scale = UNITS_PER_WON.unsigned_abs();
    let (whole, fraction) = (magnitude / scale, magnitude % scale);
    let mut rest = &mut buffer[..];
    // The buffer holds the longest text, so the write cannot fail; a failed one would only shorten the text.
    let written = if fraction == 0 {
        write!(rest, "{whole}")
    } else {
        write!(rest, "{whole}.{fraction:04}")
    };
    let left = rest.len();
    debug_assert!(written.is_ok());
    let text = str::from_utf8(&buffer[..TEXT_LEN_MAX - left]).unwrap_or_default();
    if fraction == 0 {
        text
    } else {
        text.trim_end_matches('0')
    }
}

/// `-123.45` to units; `None` when it is not a plain decimal of at most 4 decimals, or out of range.
fn parse_units(text: &str) -> Option<i64> {
    let (negative, digits) = text
        .strip_prefix('-')
        .map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(fraction) || fraction.len() > DECIMALS as usize {
        return None;
    }
    let mut units = 0_i64;
    let padding = std::iter::repeat_n(b'0', DECIMALS as usize - fraction.len());
    for byte in whole.bytes().chain(fraction.bytes()).chain(padding) {
        let digit = i64::from(byte - b'0');
        units = units.checked_mul(10)?;
        units = if negative {
            units.checked_sub(digit)?
        } else {
            units.checked_add(digit)?
        };
    }
    Some(units)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_exact_and_trimmed() {
        for (text, units) in [
            ("0", 0),
            ("71000", 710_000_000),
            ("70128.5714", 701_285_714),
            ("-0.5", -5_000),
            ("100", 1_000_000),
            ("-922337203685477.5808", i64::MIN),
            ("922337203685477.5807", i64::MAX),
        ] {
            assert_eq!(text.parse::<Money>().map(Money::units), Ok(units));
            assert_eq!(Money::from_units(units).to_string(), text);
        }
    }

    #[test]
    fn strange_texts_are_errors() {
        for text in [
            "",
            "-",
            ".",
            "1.",
            ".5",
            "1e5",
            "NaN",
            "+1",
            " 1",
            "1 ",
            "1,000",
            "1.00001",
            "--1",
            "1.2.3",
            "٣",
            "922337203685477.5808",
            "100000000000000000000000000000",
        ] {
            assert!(text.parse::<Money>().is_err(), "{text:?} was read as money");
        }
        for text in ["0", "-1", "0.0000"] {
            assert!(
                text.parse::<Price>().is_err(),
                "{text:?} was read as a price"
            );
        }
        for text in ["", "-1", "+1", "1.0", "1e3", "18446744073709551616"] {
            assert!(
                text.parse::<Qty>().is_err(),
                "{text:?} was read as a quantity"
            );
        }
    }

    #[test]
    fn rounding_is_half_away_from_zero() {
        let money = Money::from_units;
        assert_eq!(money(5).share_of(Qty::new(1), Qty::new(2)), Some(money(3)));
        assert_eq!(
            money(-5).share_of(Qty::new(1), Qty::new(2)),
            Some(money(-3))
        );
        assert_eq!(money(4).share_of(Qty::new(1), Qty::new(3)), Some(money(1)));
        assert_eq!(
            money(-4).share_of(Qty::new(1), Qty::new(3)),
            Some(money(-1))
        );
        assert_eq!(money(5).share_of(Qty::new(1), Qty::ZERO), None);
    }

    proptest! {
        #[test]
        fn decimals_and_texts_agree(units in any::<i64>()) {
            let money = Money::from_units(units);
            prop_assert_eq!(money.to_decimal().normalize().to_string(), money.to_string());
            prop_assert_eq!(Money::try_from(money.to_decimal()), Ok(money));
            prop_assert_eq!(money.to_string().parse::<Money>(), Ok(money));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,24}") {
            if let Ok(money) = text.parse::<Money>() {
                prop_assert_eq!(money.to_decimal(), text.parse::<Decimal>().unwrap());
            }
        }
    }
}
