//! Flat sets of named strings, which is what every KIS request and every row of an answer is.
//!
//! On the wire each scalar is a JSON string, or a parameter of the query. A record keeps the strings as sent, and the
//! vendor's names beside them; [`number`](super::number) turns them into numbers. One reader and one writer serve
//! all records, so that what is lenient is lenient everywhere:
//!
//! | found | read as |
//! |---|---|
//! | a field that is not in the record | ignored: KIS adds fields without notice |
//! | a field of the record that is not there, or `null` | the empty string, which is how KIS says "absent" |
//! | a whole number in place of a string | its digits |
//! | a name in another case | the same field: the manual and the server do not always agree on the case |
//! | a field twice, with two values | an error |
//! | a fraction, a truth value, a list or an object in place of a string | an error |
//!
//! `Debug` shows neither secrets nor account numbers, and leaves empty fields out.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};

/// A flat set of named strings. Implemented by every request and every row; see the [module](self).
pub trait Record<'a>: Default {
    /// The type's name, for `Debug` and errors.
    const NAME: &'static str;
    /// The vendor's names, in the vendor's order.
    const FIELDS: &'static [&'static str];
    /// Other spellings that have been seen, of each field.
    const ALIASES: &'static [&'static [&'static str]];
    /// The values, in the order of [`Record::FIELDS`].
    type Values<'s>: AsRef<[&'s str]>
    where
        Self: 's;
    /// The places of the values, in the order of [`Record::FIELDS`].
    type Slots<'s>: AsMut<[&'s mut Cow<'a, str>]>
    where
        Self: 's,
        'a: 's;

    /// Reads all values.
    fn values(&self) -> Self::Values<'_>;

    /// Borrows the places of all values, to fill them.
    fn slots(&mut self) -> Self::Slots<'_>;

    /// Whether no field holds anything.
    fn is_blank(&self) -> bool {
        self.values().as_ref().iter().all(|value| value.is_empty())
    }
}

/// Where `name` stands in a record, trying `next` first: fields mostly come in the order of the manual.
pub(crate) fn position<'a, R: Record<'a>>(name: &str, next: usize) -> Option<usize> {
    if R::FIELDS.get(next).is_some_and(|field| *field == name) {
        return Some(next);
    }
    let fields = || R::FIELDS.iter();
    fields()
        .position(|field| *field == name)
        .or_else(|| fields().position(|field| field.eq_ignore_ascii_case(name)))
        .or_else(|| {
            R::ALIASES.iter().position(|spellings| {
                spellings
                    .iter()
                    .any(|other| other.eq_ignore_ascii_case(name))
            })
        })
}

/// Whether values under this vendor name stay out of logs: secrets, account numbers (the paging keys begin with one),
/// telephone numbers and addresses.
fn is_private(name: &str) -> bool {
    const NAMES: [&str; 8] = [
        "CANO",
        "appkey",
        "appsecret",
        "secretkey",
        "token",
        "CTAC_TLNO",
        "CTAL_TLNO",
        "INQR_IP_ADDR",
    ];
    let starts = |prefix: &str| {
        name.get(..prefix.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    };
    starts("CTX_AREA_") || NAMES.iter().any(|other| other.eq_ignore_ascii_case(name))
}

pub(crate) fn debug<'a, R: Record<'a>>(
    record: &R,
    formatter: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let mut shown = formatter.debug_struct(R::NAME);
    let values = record.values();
    for (name, value) in R::FIELDS.iter().zip(values.as_ref()) {
        if value.trim().is_empty() {
            continue;
        }
        if is_private(name) {
            shown.field(name, &format_args!("(hidden)"));
        } else {
            shown.field(name, value);
        }
    }
    shown.finish_non_exhaustive()
}

pub(crate) fn serialize<'a, R: Record<'a>, S: Serializer>(
    record: &R,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(R::FIELDS.len()))?;
    for (name, value) in R::FIELDS.iter().zip(record.values().as_ref()) {
        map.serialize_entry(name, value)?;
    }
    map.end()
}

pub(crate) fn deserialize<'de: 'a, 'a, R: Record<'a>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<R, D::Error> {
    deserializer.deserialize_map(Fields(PhantomData))
}

/// Reads a whole record.
struct Fields<'a, R>(PhantomData<(&'a (), R)>);

impl<'de: 'a, 'a, R: Record<'a>> Visitor<'de> for Fields<'a, R> {
    type Value = R;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "an object of strings ({})", R::NAME)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<R, A::Error> {
        let mut record = R::default();
        {
            let mut slots = record.slots();
            let slots = slots.as_mut();
            let mut next = 0;
            while let Some(found) = map.next_key_seed(Name::<'a, R>(next, PhantomData))? {
                let Some(slot) = found.and_then(|index| slots.get_mut(index)) else {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                };
                let value = map.next_value_seed(Text)?;
                if !slot.is_empty() && **slot != value {
                    return Err(de::Error::custom(format_args!(
                        "a field of {} has two values",
                        R::NAME
                    )));
                }
                **slot = value;
                next = found.map_or(next, |index| index + 1);
            }
        }
        Ok(record)
    }
}

/// Reads a name as its position in the record.
struct Name<'a, R>(usize, PhantomData<(&'a (), R)>);

impl<'de, 'a, R: Record<'a>> DeserializeSeed<'de> for Name<'a, R> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<'a, R: Record<'a>> Visitor<'_> for Name<'a, R> {
    type Value = Option<usize>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a field")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(position::<R>(name, self.0))
    }
}

/// Reads a value as the string that it is.
pub(crate) struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string, a whole number or null")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Cow::Owned(number.to_string()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Cow::Owned(number.to_string()))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(""))
    }
}

/// For fields of structs that are not records: a string as [`Text`] reads it.
pub(crate) fn text<'de: 'a, 'a, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Cow<'a, str>, D::Error> {
    Text.deserialize(deserializer)
}

/// As [`text`], of a field that may be missing.
pub(crate) fn some_text<'de: 'a, 'a, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Cow<'a, str>>, D::Error> {
    text(deserializer).map(Some)
}

/// Declares records. A field is named as in the manual, in lower case; where the vendor writes it otherwise, the vendor's
/// spelling follows after `=`, and other spellings that were seen after `|`.
macro_rules! records {
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $wire:literal) => { $wire };
    ($(
        $(#[$meta:meta])*
        pub struct $name:ident {
            $( $(#[$field_meta:meta])* $field:ident $(= $wire:literal)? $(| $alias:literal)* ),* $(,)?
        }
    )*) => { $(
        $(#[$meta])*
        #[derive(Clone, Default, PartialEq, Eq)]
        pub struct $name<'a> {
            $( $(#[$field_meta])* pub $field: ::std::borrow::Cow<'a, str>, )*
        }

        impl $name<'_> {
            const COUNT: usize = [$(stringify!($field)),*].len();

            /// The same values, borrowed from nothing.
            #[must_use]
            pub fn into_owned(self) -> $name<'static> {
                $name { $($field: ::std::borrow::Cow::Owned(self.$field.into_owned())),* }
            }
        }

        impl<'a> $crate::wire::kis::record::Record<'a> for $name<'a> {
            const NAME: &'static str = stringify!($name);
            const FIELDS: &'static [&'static str] = &[$(
                $crate::wire::kis::record::records!(@name $field $($wire)?)
            ),*];
            const ALIASES: &'static [&'static [&'static str]] = &[$(&[$($alias),*]),*];
            type Values<'s> = [&'s str; $name::COUNT] where Self: 's;
            type Slots<'s> = [&'s mut ::std::borrow::Cow<'a, str>; $name::COUNT] where Self: 's, 'a: 's;

            fn values(&self) -> Self::Values<'_> {
                [$(&*self.$field),*]
            }

            fn slots(&mut self) -> Self::Slots<'_> {
                [$(&mut self.$field),*]
            }
        }

        impl ::std::fmt::Debug for $name<'_> {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::wire::kis::record::debug(self, formatter)
            }
        }

        impl ::serde::Serialize for $name<'_> {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::wire::kis::record::serialize(self, serializer)
            }
        }

        impl<'de: 'a, 'a> ::serde::Deserialize<'de> for $name<'a> {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::wire::kis::record::deserialize(deserializer)
            }
        }
    )* };
}

pub(crate) use records;
