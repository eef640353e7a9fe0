//! Texts that must never be seen: app keys and app secrets.

use std::fmt;
use std::str::FromStr;

use zeroize::Zeroizing;

use crate::domain::ValueError;

/// A secret text. `Debug` and `Display` show `***`, there is no `Serialize`, and the memory is wiped on drop.
///
/// A secret is 1 to 1000 visible ASCII characters (KIWOOM documents 1000 as the longest; KIS issues 36 and 180, KIWOOM
/// 43): it travels in HTTP headers, where a space or a line break would change the request.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The longest secret, in characters.
    pub const LEN_MAX: usize = 1000;

    const EXPECTED: &str = "1 to 1000 visible ASCII characters without spaces";

    /// Takes the text over; it is wiped also when it is refused.
    ///
    /// # Errors
    /// When the text is empty, too long, or holds anything but visible ASCII characters. The error does not repeat it.
    pub fn new(text: String) -> Result<Self, ValueError> {
        let text = Zeroizing::new(text);
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if (1..=Self::LEN_MAX).contains(&text.len()) && visible {
            return Ok(Self(text));
        }
        let found = match text.chars().count() {
            0 => "an empty text".to_owned(),
            count if visible => format!("{count} characters"),
            count => format!("{count} characters, with spaces or special ones among them"),
        };
        Err(ValueError::new("secret", found, Self::EXPECTED))
    }

    /// The text itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        Self::new(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What a broker's REST service knows a program by: an app key and its secret.
///
/// Brokers issue separate pairs for real and for paper trading.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Credentials {
    /// The app key (`appkey`).
    pub app_key: Secret,
    /// The app secret (KIS `appsecret`, KIWOOM `secretkey`).
    pub app_secret: Secret,
}

impl Credentials {
    /// The pair.
    pub const fn new(app_key: Secret, app_secret: Secret) -> Self {
        Self {
            app_key,
            app_secret,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANARY: &str = "PScanary0123456789";

    #[test]
    fn a_secret_is_exposed_but_never_printed() {
        let short: Secret = CANARY.parse().unwrap();
        let long: Secret = CANARY.repeat(10).parse().unwrap();
        assert_eq!(short.expose(), CANARY);
        for secret in [&short, &long] {
            assert_eq!(format!("{secret:?} {secret} {secret:#?}"), "*** *** ***");
        }
        let pair = Credentials::new(short, long);
        assert_eq!(
            format!("{pair:?}"),
            "Credentials { app_key: ***, app_secret: *** }"
        );
    }

    #[test]
    fn what_cannot_stand_in_a_header_is_refused_without_repeating_it() {
        let too_long = "x".repeat(Secret::LEN_MAX + 1);
        for text in [
            "",
            "PScanary 1",
            "PScanary\r\nX: y",
            "PScanary\0",
            "PScanary한글",
            &too_long,
        ] {
            let error = text.parse::<Secret>().unwrap_err();
            assert!(!error.to_string().contains("PScanary"), "{error}");
        }
        assert!("x".repeat(Secret::LEN_MAX).parse::<Secret>().is_ok());
    }
}
