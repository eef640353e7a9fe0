//! Control messages: subscriptions out, answers and heartbeats in, and for an emulator the other way round.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::cipher::{KeyError, NoticeKey};
use super::codes::{Code, codes};
use super::feed::Feed;

/// The TR id of heartbeats.
const PINGPONG: &str = "PINGPONG";
/// A longer control message is not read; KIS sends some 300 bytes.
const LEN_MAX: usize = 1 << 16;

/// A control message of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control<'a> {
    /// A heartbeat. The same text is to be sent back, as a text message or in a WebSocket pong; either keeps the session alive.
    Heartbeat(&'a [u8]),
    /// The answer to a subscription or its end.
    Answer(Answer<'a>),
}

impl<'a> Control<'a> {
    /// Reads a control message.
    ///
    /// # Errors
    /// When it is not JSON, or without a header or body.
    pub fn parse(text: &'a [u8]) -> Result<Self, ControlError> {
        if text.len() > LEN_MAX {
            return Err(ControlError::TooLong);
        }
        let text_utf8 = str::from_utf8(text).map_err(|_| ControlError::NotText)?;
        let message: Envelope<'a> =
            serde_json::from_str(text_utf8).map_err(|error| ControlError::NotJson {
                line: error.line(),
                column: error.column(),
            })?;
        if message.header.tr_id.as_deref() == Some(PINGPONG) {
            return Ok(Self::Heartbeat(text));
        }
        let Envelope { header, body } = message;
        let body = body.ok_or(ControlError::NoBody)?;
        Ok(Self::Answer(Answer {
            tr_id: header.tr_id.unwrap_or_default(),
            tr_key: header.tr_key.unwrap_or_default(),
            encrypt: header.encrypt.unwrap_or_default(),
            success: body.rt_cd == "0",
            rt_cd: body.rt_cd,
            code: Code::read(body.msg_cd.as_bytes())
                .unwrap_or_default()
                .into(),
            message: body.msg1,
            key: body.output,
        }))
    }
}

/// A control message that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// Longer than any.
    #[error("longer than {LEN_MAX} bytes")]
    TooLong,
    /// Not UTF-8.
    #[error("not UTF-8")]
    NotText,
    /// Not JSON of the right form.
    #[error("not the JSON of a control message, line {line} column {column}")]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// An answer without a body.
    #[error("an answer without a body")]
    NoBody,
}

/// The heartbeat that an emulator sends; `datetime` is `YYYYMMDDHHMMSS`.
pub fn heartbeat(datetime: &str) -> String {
    // Digits need no escaping.
    let datetime = datetime
        .chars()
        .filter(char::is_ascii_digit)
        .collect::<String>();
    format!(r#"{{"header":{{"tr_id":"{PINGPONG}","datetime":"{datetime}"}}}}"#)
}

/// The answer to a subscription or its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The feed's TR id; in some failures the text `(null)`.
    pub tr_id: Cow<'a, str>,
    /// The key of the subscription; in some failures empty.
    pub tr_key: Cow<'a, str>,
    /// `N`, also for feeds that are encrypted. Not to be relied on.
    pub encrypt: Cow<'a, str>,
    /// Whether `rt_cd` is `0`.
    pub success: bool,
    /// `0` for success, `1` or `9` for failures.
    pub rt_cd: Cow<'a, str>,
    /// What happened.
    pub code: OpspCode,
    /// The same in words.
    pub message: Cow<'a, str>,
    /// The key of encrypted feeds. It comes with every success.
    pub key: Option<SessionKey<'a>>,
}

impl Answer<'_> {
    /// The feed, when it is one that is known here.
    pub fn feed(&self) -> Option<Feed> {
        Feed::from_tr_id(self.tr_id.as_bytes())
    }

    /// Whether the feed is subscribed now: by this answer, or already before.
    pub fn is_subscribed(&self) -> bool {
        (self.success && self.code == OpspCode::Subscribed)
            || self.code == OpspCode::AlreadySubscribed
    }

    /// Whether the feed is not subscribed any more: by this answer, or was not before.
    pub fn is_released(&self) -> bool {
        (self.success && self.code == OpspCode::Released) || self.code == OpspCode::NotSubscribed
    }

    /// The JSON of the answer: what an emulator sends.
    pub fn to_json(&self) -> String {
        let text = |text: &'_ str| Cow::Owned::<str>(text.to_owned());
        let envelope = Envelope {
            header: Header {
                tr_id: Some(text(&self.tr_id)),
                tr_key: Some(text(&self.tr_key)),
                encrypt: Some(text(&self.encrypt)),
            },
            body: Some(Body {
                rt_cd: text(&self.rt_cd),
                msg_cd: text(self.code.as_str()),
                msg1: text(&self.message),
                output: self.key.clone(),
            }),
        };
        json(&envelope)
    }
}

/// Key and initial vector of an answer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionKey<'a> {
    /// Initial vector, 16 characters.
    #[serde(borrow)]
    pub iv: Cow<'a, str>,
    /// Key, 32 characters.
    #[serde(borrow)]
    pub key: Cow<'a, str>,
}

impl SessionKey<'_> {
    /// The key, ready for use.
    ///
    /// # Errors
    /// When it has another length.
    pub fn notice_key(&self) -> Result<NoticeKey, KeyError> {
        NoticeKey::new(&self.key, &self.iv)
    }
}

/// Shows that there is a key, and nothing of it.
impl fmt::Debug for SessionKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(..)")
    }
}

#[derive(Serialize, Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    header: Header<'a>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    body: Option<Body<'a>>,
}

#[derive(Serialize, Deserialize)]
struct Header<'a> {
    #[serde(borrow, default)]
    tr_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    tr_key: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    encrypt: Option<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    rt_cd: Cow<'a, str>,
    #[serde(borrow, default)]
    msg_cd: Cow<'a, str>,
    #[serde(borrow, default)]
    msg1: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    output: Option<SessionKey<'a>>,
}

/// What a client asks for.
#[derive(Clone, PartialEq, Eq)]
pub struct Registration<'a> {
    /// The approval key of the session: a secret.
    pub approval_key: Cow<'a, str>,
    /// Who asks.
    pub customer: CustomerCode,
    /// Begin or end.
    pub action: RegisterCode,
    /// The feed.
    pub tr_id: Cow<'a, str>,
    /// An issue's code; a sector's code for an index; the customer's HTS id for notices.
    pub tr_key: Cow<'a, str>,
}

/// Leaves the approval key and the key of the subscription out.
impl fmt::Debug for Registration<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration")
            .field("customer", &self.customer)
            .field("action", &self.action)
            .field("tr_id", &self.tr_id)
            .finish_non_exhaustive()
    }
}

codes! {
    /// tr_type (begin or end of a subscription).
    pub enum RegisterCode {
        /// 등록: begin.
        Register = "1",
        /// 해제: end.
        Release = "2",
    }
}

codes! {
    /// 고객타입 (who asks).
    pub enum CustomerCode {
        /// 개인: a person.
        Person = "P",
        /// 법인: a company.
        Company = "B",
    }
}

impl<'a> Registration<'a> {
    /// The JSON of the message, in the order of the documentation.
    pub fn to_json(&self) -> String {
        json(&RequestEnvelope {
            header: Some(RequestHeader {
                approval_key: Some(Cow::Borrowed(&*self.approval_key)),
                custtype: Some(Cow::Borrowed(self.customer.as_str())),
                tr_type: Some(Cow::Borrowed(self.action.as_str())),
                content_type: Some(Cow::Borrowed("utf-8")),
            }),
            body: Some(RequestBody {
                input: Some(RequestInput {
                    tr_id: Some(Cow::Borrowed(&*self.tr_id)),
                    tr_key: Some(Cow::Borrowed(&*self.tr_key)),
                }),
            }),
        })
    }

    /// Reads the message of a client. Whether the feed and the key exist is left to the server.
    ///
    /// # Errors
    /// The code that KIS answers with.
    pub fn parse(text: &'a [u8]) -> Result<Self, OpspCode> {
        if text.len() > LEN_MAX {
            return Err(OpspCode::InvalidJson);
        }
        let message: RequestEnvelope<'a> = str::from_utf8(text)
            .ok()
            .and_then(|text| serde_json::from_str(text).ok())
            .ok_or(OpspCode::InvalidJson)?;
        let header = message.header.ok_or(OpspCode::NoHeader)?;
        let body = message.body.ok_or(OpspCode::NoBody)?;
        let input = body.input.ok_or(OpspCode::NoInput)?;
        let customer = header.custtype.ok_or(OpspCode::NoCustomerType)?;
        let customer = read_code(&customer);
        if matches!(customer, CustomerCode::Other(_)) {
            return Err(OpspCode::InvalidCustomerType);
        }
        let action = read_code(header.tr_type.as_deref().unwrap_or_default());
        if matches!(action, RegisterCode::Other(_)) {
            return Err(OpspCode::InvalidTrType);
        }
        Ok(Self {
            approval_key: header.approval_key.ok_or(OpspCode::NoAppKey)?,
            customer,
            action,
            tr_id: input.tr_id.ok_or(OpspCode::InvalidTrId)?,
            tr_key: input.tr_key.ok_or(OpspCode::NoTrKey)?,
        })
    }
}

fn read_code<C: From<Code>>(text: &str) -> C {
    Code::new(text).unwrap_or_default().into()
}

#[derive(Serialize, Deserialize)]
struct RequestEnvelope<'a> {
    #[serde(borrow)]
    header: Option<RequestHeader<'a>>,
    #[serde(borrow)]
    body: Option<RequestBody<'a>>,
}

#[derive(Serialize, Deserialize)]
struct RequestHeader<'a> {
    #[serde(borrow)]
    approval_key: Option<Cow<'a, str>>,
    #[serde(borrow)]
    custtype: Option<Cow<'a, str>>,
    #[serde(borrow)]
    tr_type: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "content-type")]
    content_type: Option<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
struct RequestBody<'a> {
    #[serde(borrow)]
    input: Option<RequestInput<'a>>,
}

#[derive(Serialize, Deserialize)]
struct RequestInput<'a> {
    #[serde(borrow)]
    tr_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    tr_key: Option<Cow<'a, str>>,
}

fn json<T: Serialize>(value: &T) -> String {
    // Never taken: text and structs of text always become JSON.
    serde_json::to_string(value).unwrap_or_default()
}

/// Defines the codes of answers together with their texts.
macro_rules! opsp {
    ( $( $(#[$meta:meta])* $code:ident = $number:literal $text:literal; )+ ) => {
        codes! {
            /// Code of an answer. Source: the list of error codes of the KIS developer portal, as public projects quote it.
            pub enum OpspCode {
                $( $(#[$meta])* $code = $number ),+
            }
        }

        impl OpspCode {
            /// Every known code.
            pub const ALL: &'static [Self] = &[$( Self::$code ),+];

            /// The text that KIS sends with it; empty for an unknown code.
            pub const fn message(self) -> &'static str {
                match self {
                    $( Self::$code => $text, )+
                    Self::Other(_) => "",
                }
            }
        }
    };
}

opsp! {
    /// Subscribed.
    Subscribed = "OPSP0000" "SUBSCRIBE SUCCESS";
    /// The subscription has ended.
    Released = "OPSP0001" "UNSUBSCRIBE SUCCESS";
    /// It was subscribed before: as good as success.
    AlreadySubscribed = "OPSP0002" "ALREADY IN SUBSCRIBE";
    /// It was not subscribed: as good as ended.
    NotSubscribed = "OPSP0003" "UNSUBSCRIBE ERROR(not found!)";
    /// May be asked for again.
    InternalError = "OPSP0007" "SUBSCRIBE INTERNAL ERROR";
    /// More subscriptions than a session may have: another one has to end first.
    TooMany = "OPSP0008" "MAX SUBSCRIBE OVER";
    /// May be asked for again.
    SendFailed = "OPSP0009" "SUBSCRIBE ERROR : mci send failed";
    /// The app key is not valid.
    InvalidAppKey = "OPSP0010" "SUBSCRIBE WARNING : invalid appkey";
    /// The approval key is unknown or too old: a new one has to be issued.
    UnknownApproval = "OPSP0011" "invalid approval(appkey) : NOT FOUND";
    /// No such feed.
    InvalidTrId = "OPSP8991" "SUBSCRIBE ERROR : invalid tr_id";
    /// No such issue, or not the customer's own HTS id.
    InvalidTrKey = "OPSP8992" "SUBSCRIBE ERROR : invalid tr_key";
    /// The key of the subscription is not one.
    MalformedTrKey = "OPSP8993" "JSON PARSING ERROR : invalid tr_key";
    /// Companies have to send more.
    NoPersonalSecret = "OPSP8994" "JSON PARSING ERROR : personalseckey not found";
    /// The app secret is missing.
    NoAppSecret = "OPSP8995" "JSON PARSING ERROR : appsecret not found";
    /// Another session has the same app key: to be tried again once that has ended.
    InUse = "OPSP8996" "ALREADY IN USE appkey";
    /// Neither begin nor end.
    InvalidTrType = "OPSP8997" "JSON PARSING ERROR : invalid tr_type";
    /// Neither person nor company.
    InvalidCustomerType = "OPSP8998" "JSON PARSING ERROR : invalid custtype";
    /// May be asked for again.
    NoResource = "OPSP8999" "resource not available (ALLOC_CALL_PARAM)";
    /// No key of the subscription.
    NoTrKey = "OPSP9990" "JSON PARSING ERROR : tr_key not found";
    /// No input.
    NoInput = "OPSP9991" "JSON PARSING ERROR : input not found";
    /// No body.
    NoBody = "OPSP9992" "JSON PARSING ERROR : body not found";
    /// May be asked for again.
    ParserFailed = "OPSP9993" "JSON PARSING ERROR : internal error";
    /// The app key is not valid.
    MalformedAppKey = "OPSP9994" "JSON PARSING ERROR : INVALID appkey";
    /// May be asked for again.
    ParserBusy = "OPSP9995" "JSON PARSING ERROR : resource not available";
    /// No approval key.
    NoAppKey = "OPSP9996" "JSON PARSING ERROR : appkey";
    /// Neither person nor company is said.
    NoCustomerType = "OPSP9997" "JSON PARSING ERROR : custtype not found";
    /// No header.
    NoHeader = "OPSP9998" "JSON PARSING ERROR : header not found";
    /// Not JSON.
    InvalidJson = "OPSP9999" "JSON PARSING ERROR : invalid json format";
}

impl OpspCode {
    /// Whether the same message may succeed later without anything else being done.
    pub const fn may_be_repeated(self) -> bool {
        matches!(
            self,
            Self::InternalError
                | Self::SendFailed
                | Self::InUse
                | Self::NoResource
                | Self::ParserFailed
                | Self::ParserBusy
        )
    }
}
