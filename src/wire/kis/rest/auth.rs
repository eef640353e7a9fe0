//! 접근토큰, 접속키, 해쉬키 (access token, approval key of the stream, hash over an order body).
//!
//! A token lives 24 hours; one is handed out at most once a minute for an app key, and within six hours of the last issue
//! the same one comes back. Refusals come in an envelope of their own, which [`Answer`](super::envelope::Answer) reads:
//! ask [`Answer::code`](super::envelope::Answer::code) when the token is missing. KIS developers' portal, read 2026-07.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::super::record::{records, text};
use super::envelope::Nothing;

/// The path of the access token.
pub const TOKEN_PATH: &str = "/oauth2/tokenP";
/// The path that ends an access token.
pub const REVOKE_PATH: &str = "/oauth2/revokeP";
/// The path of the approval key, with which a stream is opened.
pub const APPROVAL_PATH: &str = "/oauth2/Approval";
/// The path of the hash over an order body.
pub const HASHKEY_PATH: &str = "/uapi/hashkey";
/// The only grant type there is.
pub const GRANT_TYPE: &str = "client_credentials";

records! {
    /// 접근토큰발급 (issue an access token), `tokenP`.
    pub struct TokenRequest {
        /// 권한부여 Type (grant type): [`GRANT_TYPE`].
        grant_type,
        /// 앱키 (app key): 36 characters.
        appkey,
        /// 앱시크릿키 (app secret): 180 characters.
        appsecret,
    }

    /// 접근토큰폐기 (end an access token), `revokeP`.
    pub struct RevokeRequest {
        /// 앱키 (app key).
        appkey,
        /// 앱시크릿키 (app secret).
        appsecret,
        /// 접근토큰 (the access token to end).
        token,
    }

    /// 실시간 접속키 발급 (issue an approval key), `Approval`. Any number of keys may be in use at once.
    pub struct ApprovalRequest {
        /// 권한부여 Type (grant type): [`GRANT_TYPE`].
        grant_type,
        /// 앱키 (app key).
        appkey,
        /// 앱시크릿키 (app secret), under another name here.
        secretkey,
    }

    /// What `revokeP` answers. The manual's example has a number for `code`.
    pub struct RevokeAnswer {
        /// 응답코드 (code): 200 when the token is ended.
        code,
        /// 응답메세지 (message): Korean.
        message,
    }
}

/// What `tokenP` answers when it hands a token out.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenAnswer<'a> {
    /// 접근토큰 (access token): up to 350 characters.
    #[serde(borrow, deserialize_with = "text")]
    pub access_token: Cow<'a, str>,
    /// 접근토큰 만료시간 (when it ends): `YYYY-MM-DD HH:MM:SS`, Korean time.
    #[serde(borrow, deserialize_with = "text")]
    pub access_token_token_expired: Cow<'a, str>,
    /// 접근토큰유형 (kind of token): "Bearer".
    #[serde(borrow, deserialize_with = "text")]
    pub token_type: Cow<'a, str>,
    /// 접근토큰 유효기간 (life of the token): seconds, 86,400 of a fresh one.
    pub expires_in: u64,
}

impl fmt::Debug for TokenAnswer<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TokenAnswer")
            .field(
                "access_token_token_expired",
                &self.access_token_token_expired,
            )
            .field("token_type", &self.token_type)
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

/// What `Approval` answers when it hands a key out.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ApprovalAnswer<'a> {
    /// 웹소켓 접속키 (approval key): 36 characters in captures.
    #[serde(borrow, deserialize_with = "text")]
    pub approval_key: Cow<'a, str>,
}

impl fmt::Debug for ApprovalAnswer<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ApprovalAnswer")
            .finish_non_exhaustive()
    }
}

/// What `hashkey` answers. The hash may be sent in the header `hashkey` of the order; the vendor's samples do not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    default,
    bound(
        serialize = "B: Serialize",
        deserialize = "B: Default + Deserialize<'de>"
    )
)]
pub struct HashkeyAnswer<'a, B = Nothing> {
    /// The body that was sent, again.
    #[serde(rename = "BODY")]
    pub body: B,
    /// 해쉬키 (the hash): 64 hexadecimal digits.
    #[serde(rename = "HASH", borrow, deserialize_with = "text")]
    pub hash: Cow<'a, str>,
}
