//! Enums that are words: one macro gives each the spec's upper-case spelling in `Display`, `FromStr` and serde.

use std::fmt;

/// A text or number from outside that is not a value of the wanted kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}: found {found:?}, expected {expected}")]
pub struct ValueError {
    /// What was being read: `price`, `symbol`, `broker type`.
    pub what: &'static str,
    /// What was found, control characters escaped and cut to 64 characters.
    pub found: Box<str>,
    /// What is allowed, in words.
    pub expected: Box<str>,
}

impl ValueError {
    /// An error for `found`, which came from outside and is cut and escaped here.
    pub fn new(
        what: &'static str,
        found: impl fmt::Display,
        expected: impl Into<Box<str>>,
    ) -> Self {
        const CHARS_MAX: usize = 64;
        let text = found.to_string();
        let found = text
            .chars()
            .take(CHARS_MAX)
            .flat_map(char::escape_debug)
            .collect::<String>();
        Self {
            what,
            found: found.into(),
            expected: expected.into(),
        }
    }
}

/// Defines a field-less enum whose variants are words of a closed list.
macro_rules! text_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident($what:literal) {
            $( $(#[$vmeta:meta])* $variant:ident = $word:literal ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $( $(#[$vmeta])* $variant ),+
        }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$( Self::$variant ),+];

            /// The word of the specification, upper case.
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $word ),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::ValueError;

            /// Reads the word in either case.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $( if text.eq_ignore_ascii_case($word) { return Ok(Self::$variant); } )+
                let allowed = [$( $word ),+].join(", ");
                Err($crate::domain::ValueError::new($what, text, format!("one of {allowed}")))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::domain::text::deserialize_from_str(deserializer)
            }
        }
    };
}
pub(crate) use text_enum;

/// Reads a value through its `FromStr`, from a string and nothing else.
pub(crate) fn deserialize_from_str<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: std::str::FromStr<Err = ValueError>,
{
    struct Visitor<T>(std::marker::PhantomData<T>);

    impl<T: std::str::FromStr<Err = ValueError>> serde::de::Visitor<'_> for Visitor<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
            text.parse().map_err(E::custom)
        }
    }

    deserializer.deserialize_str(Visitor(std::marker::PhantomData))
}
