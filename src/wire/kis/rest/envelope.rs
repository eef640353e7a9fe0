//! What every answer of `/uapi` comes in: `rt_cd`, `msg_cd`, `msg1`, up to three outputs, and the keys of the next page.
//!
//! An answer says it succeeded with `rt_cd` "0" and nothing else. A refusal says "1", "7" (the ledger) or "9" (some
//! gateways), and its outputs may be missing, `null`, `{}` or `[]`. The token server answers in another envelope,
//! `error_code` and `error_description`; it is read here too, so that one reader meets whatever a gateway sends.
//! Manual pages of the KIS developers' portal (apiportal.koreainvestment.com), read 2026-07.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use super::super::record::{Record, some_text, text};

/// A whole answer. `O`, `O1` and `O2` are what stands under `output`, `output1` and `output2`: [`One`], [`Rows`] or
/// [`Nothing`]. `Answer<'_>` alone reads the head and skips the rest.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    default,
    bound(
        serialize = "O: Output, O1: Output, O2: Output",
        deserialize = "O: Output + Deserialize<'de>, O1: Output + Deserialize<'de>, O2: Output + Deserialize<'de>"
    )
)]
pub struct Answer<'a, O = Nothing, O1 = Nothing, O2 = Nothing> {
    /// 연속조회검색조건 (search condition of the next page): 100 characters, padded with spaces. `None`: not sent.
    #[serde(
        borrow,
        deserialize_with = "some_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub ctx_area_fk100: Option<Cow<'a, str>>,
    /// 연속조회키 (key of the next page): 100 characters, padded with spaces.
    #[serde(
        borrow,
        deserialize_with = "some_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub ctx_area_nk100: Option<Cow<'a, str>>,
    /// As `ctx_area_fk100`, of lists that use 200 characters.
    #[serde(
        borrow,
        deserialize_with = "some_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub ctx_area_fk200: Option<Cow<'a, str>>,
    /// As `ctx_area_nk100`, of lists that use 200 characters.
    #[serde(
        borrow,
        deserialize_with = "some_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub ctx_area_nk200: Option<Cow<'a, str>>,
    /// As `ctx_area_fk100`, of the holiday calendar.
    #[serde(
        borrow,
        deserialize_with = "some_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub ctx_area_fk: Option<Cow<'a, str>>,
    /// As `ctx_area_nk100`, of the holiday calendar.
    #[serde(
        borrow,
        deserialize_with = "some_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub ctx_area_nk: Option<Cow<'a, str>>,
    /// The only output, of answers that have one.
    #[serde(skip_serializing_if = "Output::is_absent")]
    pub output: O,
    /// The first output, of answers that have several.
    #[serde(skip_serializing_if = "Output::is_absent")]
    pub output1: O1,
    /// The second output.
    #[serde(skip_serializing_if = "Output::is_absent")]
    pub output2: O2,
    /// 성공 실패 여부 (success or failure): "0" is success, anything else is not. Empty: this is not such an envelope.
    #[serde(
        borrow,
        deserialize_with = "text",
        skip_serializing_if = "str::is_empty"
    )]
    pub rt_cd: Cow<'a, str>,
    /// 응답코드 (message code): up to 8 characters; [`messages`](super::super::messages) lists those that are known.
    #[serde(
        borrow,
        deserialize_with = "text",
        skip_serializing_if = "str::is_empty"
    )]
    pub msg_cd: Cow<'a, str>,
    /// 응답메세지 (message): Korean, often padded with spaces to 80 bytes. For people; no decision hangs on it.
    #[serde(
        borrow,
        deserialize_with = "text",
        skip_serializing_if = "str::is_empty"
    )]
    pub msg1: Cow<'a, str>,
    /// The message code of the token server's envelope.
    #[serde(
        borrow,
        deserialize_with = "text",
        skip_serializing_if = "str::is_empty"
    )]
    pub error_code: Cow<'a, str>,
    /// The message of the token server's envelope.
    #[serde(
        borrow,
        deserialize_with = "text",
        skip_serializing_if = "str::is_empty"
    )]
    pub error_description: Cow<'a, str>,
}

impl<O, O1, O2> Answer<'_, O, O1, O2> {
    /// Whether the broker says that it did what was asked.
    pub fn is_success(&self) -> bool {
        self.rt_cd.trim() == "0" && self.error_code.is_empty()
    }

    /// The message code, whichever envelope it came in, without padding. Empty when there was none.
    pub fn code(&self) -> &str {
        let code = self.msg_cd.trim();
        if code.is_empty() {
            self.error_code.trim()
        } else {
            code
        }
    }

    /// The message for people, whichever envelope it came in, without padding.
    pub fn message(&self) -> &str {
        let message = self.msg1.trim();
        if message.is_empty() {
            self.error_description.trim()
        } else {
            message
        }
    }

    /// The search condition and the key of the next page, without padding, whatever their width. `None`: the answer
    /// carries none. Whether there is a next page says the header `tr_cont`, not these.
    pub fn context(&self) -> Option<(&str, &str)> {
        [
            (&self.ctx_area_fk100, &self.ctx_area_nk100),
            (&self.ctx_area_fk200, &self.ctx_area_nk200),
            (&self.ctx_area_fk, &self.ctx_area_nk),
        ]
        .into_iter()
        .find(|(fk, nk)| fk.is_some() || nk.is_some())
        .map(|(fk, nk)| (unpadded(fk), unpadded(nk)))
    }
}

fn unpadded<'s>(key: &'s Option<Cow<'_, str>>) -> &'s str {
    key.as_deref().map_or("", str::trim_end)
}

/// The paging keys begin with the account number and stay out of logs.
impl<O: fmt::Debug, O1: fmt::Debug, O2: fmt::Debug> fmt::Debug for Answer<'_, O, O1, O2> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Answer")
            .field("rt_cd", &self.rt_cd)
            .field("code", &self.code())
            .field("message", &self.message())
            .field("output", &self.output)
            .field("output1", &self.output1)
            .field("output2", &self.output2)
            .finish_non_exhaustive()
    }
}

/// What can stand under `output`, `output1` or `output2`.
pub trait Output: Default + Serialize {
    /// Whether the key is left out of the answer.
    fn is_absent(&self) -> bool;
}

/// An output that is not there, or that nobody reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Nothing;

impl Output for Nothing {
    fn is_absent(&self) -> bool {
        true
    }
}

impl Serialize for Nothing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl<'de> Deserialize<'de> for Nothing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer)?;
        Ok(Self)
    }
}

/// An output that holds one record. `null`, `{}`, `[]`, a record without any value, and no output at all are `None`;
/// a list of one is its record; a list of more is an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct One<T>(pub Option<T>);

impl<T> Default for One<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Serialize> Output for One<T> {
    fn is_absent(&self) -> bool {
        self.0.is_none()
    }
}

impl<T: Serialize> Serialize for One<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de: 'a, 'a, T: Record<'a> + Deserialize<'de> + 'a> Deserialize<'de> for One<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut rows = Rows::<T>::deserialize(deserializer)?.0;
        let first = rows.pop();
        if !rows.is_empty() {
            return Err(de::Error::invalid_length(
                rows.len() + 1,
                &"one record at most",
            ));
        }
        Ok(Self(first))
    }
}

/// An output that holds a list of records. `null`, `{}` and no output at all are empty lists, a single record is a list
/// of one, and records without any value, with which KIS pads some lists, are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows<T>(pub Vec<T>);

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Serialize> Output for Rows<T> {
    fn is_absent(&self) -> bool {
        false
    }
}

impl<T: Serialize> Serialize for Rows<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de: 'a, 'a, T: Record<'a> + Deserialize<'de> + 'a> Deserialize<'de> for Rows<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Records(PhantomData))
    }
}

struct Records<'a, T>(PhantomData<(&'a (), T)>);

impl<'de: 'a, 'a, T: Record<'a> + Deserialize<'de>> Visitor<'de> for Records<'a, T> {
    type Value = Rows<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "records ({}), one of them, or null", T::NAME)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Rows::default())
    }

    /// Some outputs that should hold something are sent as an empty string when they do not.
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        if text.trim().is_empty() {
            Ok(Rows::default())
        } else {
            Err(E::invalid_type(de::Unexpected::Str("text"), &self))
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let row = T::deserialize(de::value::MapAccessDeserializer::new(map))?;
        Ok(Rows(if row.is_blank() {
            Vec::new()
        } else {
            vec![row]
        }))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut rows = Vec::new();
        while let Some(row) = list.next_element::<T>()? {
            if !row.is_blank() {
                rows.push(row);
            }
        }
        Ok(Rows(rows))
    }
}
