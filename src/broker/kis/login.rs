//! The calls that need no token: for a token, and for the approval key of a stream.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method};
use jiff::civil::DateTime;
use serde::Serialize;
use tokio::time::Instant;

use super::auth::{IssueError, Issued, Issuer};
use super::site::Access;
use crate::config::Secret;
use crate::domain::{BrokerCode, BrokerType, Timestamp, ValueError};
use crate::error::{BrokerError, ConnectionError};
use crate::limiter::{Lane, RateLimiter};
use crate::transport::{Connect, Cut, Exchange, Lines, Reply, Request};
use crate::wire::kis::rest::auth::{
    APPROVAL_PATH, ApprovalAnswer, ApprovalRequest, GRANT_TYPE, TOKEN_PATH, TokenAnswer,
    TokenRequest,
};
use crate::wire::kis::rest::envelope::Answer;
use crate::wire::kis::rest::headers;

/// The token server says that the last token is less than a minute old.
const TOO_SOON: &str = "EGW00133";

/// Logs in at the hosts of an [`Access`].
#[derive(Debug)]
pub(super) struct Login<C: Connect> {
    access: Arc<Access>,
    lines: Lines<C>,
    limiter: Arc<RateLimiter>,
    within: Duration,
}

impl<C: Connect> Login<C> {
    pub(super) fn new(
        access: Arc<Access>,
        lines: Lines<C>,
        limiter: Arc<RateLimiter>,
        within: Duration,
    ) -> Self {
        Self {
            access,
            lines,
            limiter,
            within,
        }
    }

    /// A key to open a stream with. Any number may be in use at once; each opens sessions for 24 hours.
    pub(super) async fn approval_key(&self) -> Result<Secret, IssueError> {
        const OPERATION: &str = "Approval";
        let credentials = self.access.credentials();
        let request = ApprovalRequest {
            grant_type: GRANT_TYPE.into(),
            appkey: credentials.app_key.expose().into(),
            secretkey: credentials.app_secret.expose().into(),
        };
        let reply = self.post(OPERATION, APPROVAL_PATH, &request).await?;
        let text = String::from_utf8_lossy(&reply.body);
        let answer: ApprovalAnswer<'_> =
            serde_json::from_str(&text).map_err(|_| unreadable(OPERATION))?;
        if answer.approval_key.is_empty() {
            return Err(refused(OPERATION, &text));
        }
        Secret::new(answer.approval_key.into_owned()).map_err(|_| unreadable(OPERATION))
    }

    async fn post(
        &self,
        operation: &'static str,
        path: &'static str,
        request: &impl Serialize,
    ) -> Result<Reply, IssueError> {
        let deadline = Instant::now() + self.within;
        self.limiter
            .acquire(Lane::Reconciliation, self.within)
            .await
            .map_err(|error| not_sent(operation, &error))?;
        let body = serde_json::to_vec(request).map_err(|error| not_sent(operation, &error))?;
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(headers::JSON));
        let request = Request {
            method: Method::POST,
            path_and_query: PathAndQuery::from_static(path),
            headers,
            body: Bytes::from(body),
        };
        match self.lines.exchange(request, deadline).await {
            Exchange::NotSent(reason) => Err(not_sent(operation, &reason)),
            Exchange::Unknown(cut) => Err(lost(operation, &cut)),
            Exchange::Answered(reply) => Ok(reply),
        }
    }
}

impl<C: Connect> Issuer for Login<C> {
    async fn issue(&self) -> Result<Issued, IssueError> {
        const OPERATION: &str = "tokenP";
        let credentials = self.access.credentials();
        let request = TokenRequest {
            grant_type: GRANT_TYPE.into(),
            appkey: credentials.app_key.expose().into(),
            appsecret: credentials.app_secret.expose().into(),
        };
        let reply = self.post(OPERATION, TOKEN_PATH, &request).await?;
        let text = String::from_utf8_lossy(&reply.body);
        // A refusal has none of the answer's fields, and is read as an empty one.
        let answer: TokenAnswer<'_> =
            serde_json::from_str(&text).map_err(|_| unreadable(OPERATION))?;
        if answer.access_token.is_empty() {
            return Err(refused(OPERATION, &text));
        }
        Ok(Issued {
            expires_at: expiry(&answer.access_token_token_expired),
            token: Secret::new(answer.access_token.into_owned())
                .map_err(|_| unreadable(OPERATION))?,
            life: Duration::from_secs(answer.expires_in),
        })
    }
}

/// `YYYY-MM-DD HH:MM:SS`, Korean time. One that cannot be read is left to the life in seconds.
fn expiry(text: &str) -> Option<Timestamp> {
    let at: DateTime = text.trim().parse().ok()?;
    Timestamp::from_kst(at.date(), at.time()).ok()
}

fn refused(operation: &'static str, text: &str) -> IssueError {
    let Ok(answer) = serde_json::from_str::<Answer<'_>>(text) else {
        return unreadable(operation);
    };
    match answer.code() {
        TOO_SOON => IssueError::TooSoon,
        "" => unreadable(operation),
        code => IssueError::Refused(broker_error(operation, code, answer.message())),
    }
}

/// What KIS said, as an error that may be shown.
pub(super) fn broker_error(operation: &'static str, code: &str, message: &str) -> BrokerError {
    BrokerError {
        broker: BrokerType::Kis,
        operation,
        code: BrokerCode::new(code),
        message: ValueError::new("message", message, "").found,
    }
}

fn connection_error(
    operation: &'static str,
    reason: &(impl std::error::Error + ?Sized),
) -> ConnectionError {
    ConnectionError {
        broker: BrokerType::Kis,
        operation,
        reason: chain(reason).into(),
    }
}

/// An error with its causes, on one line.
pub(super) fn chain(error: &(impl std::error::Error + ?Sized)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

fn not_sent(operation: &'static str, reason: &(impl std::error::Error + ?Sized)) -> IssueError {
    IssueError::NotSent(connection_error(operation, reason))
}

fn lost(operation: &'static str, cut: &Cut) -> IssueError {
    IssueError::Lost(connection_error(operation, cut))
}

fn unreadable(operation: &'static str) -> IssueError {
    IssueError::Lost(ConnectionError {
        broker: BrokerType::Kis,
        operation,
        reason: "the answer is not KIS's".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_token_is_korean_time() {
        let at = expiry("2026-11-25 09:30:00").unwrap();
        assert_eq!(at.to_string(), "2026-11-25T09:30:00+09:00");
        assert_eq!(expiry("tomorrow"), None);
        assert_eq!(expiry(""), None);
    }

    #[test]
    fn s18_the_token_servers_own_envelope_is_understood() {
        let too_soon = r#"{"error_code":"EGW00133","error_description":"접근토큰 발급 잠시 후 다시 시도하세요(1분당 1회)"}"#;
        assert!(matches!(refused("tokenP", too_soon), IssueError::TooSoon));
        let key = r#"{"error_code":"EGW00103","error_description":"유효하지 않은 AppKey입니다."}"#;
        assert!(
            matches!(refused("tokenP", key), IssueError::Refused(error) if error.code.as_str() == "EGW00103")
        );
        for page in ["<html>502</html>", "", "[]", "{}"] {
            assert!(
                matches!(refused("tokenP", page), IssueError::Lost(_)),
                "{page}"
            );
        }
    }
}
