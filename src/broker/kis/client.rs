//! Queries: one page of an answer, with everything around it: token, limiter, deadline, and what KIS's codes ask for.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, DATE};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Deserialize;
use tokio::time::{Instant, sleep};

use super::auth::{Token, Tokens};
use super::convert::refusals::{is_over_rate, is_token_code};
use super::login::{Login, broker_error, chain};
use super::site::Access;
use crate::clock;
use crate::domain::{BrokerType, Timestamp, ValueError};
use crate::error::{Error, Result, TimeoutPhase};
use crate::limiter::{Lane, RateLimiter};
use crate::transport::{Connect, Cut, Exchange, Lines, NotSent, Reply, Request};
use crate::wire::kis::messages::Message;
use crate::wire::kis::query;
use crate::wire::kis::record::Record;
use crate::wire::kis::rest::envelope::Answer;
use crate::wire::kis::rest::headers;
use crate::wire::kis::tr::Tr;

/// How often one page is asked for when KIS says that it may be asked for again. Ours.
const ATTEMPTS_MAX: u32 = 4;
/// The pause before that. KIS recommends 100 to 150 ms between parallel calls (notice on limits, 2026-04-20).
const PAUSE: Duration = Duration::from_millis(150);

/// The REST side of KIS.
#[derive(Debug)]
pub(super) struct Client<C: Connect> {
    access: Arc<Access>,
    /// The lines of queries; orders have their own.
    lines: Lines<C>,
    tokens: Arc<Tokens<Login<C>>>,
    limiter: Arc<RateLimiter>,
    head: HeaderMap,
    within: Duration,
    /// By how many nanoseconds the broker's clock is ahead of ours.
    ahead: AtomicI64,
}

/// A page that KIS answered with success.
#[derive(Debug)]
pub(super) struct Page {
    body: Bytes,
    tr: Tr,
    /// Whether another page follows.
    pub(super) is_continued: bool,
}

impl Page {
    /// The text. Names may be lossy; a field that decides anything is not a name, and is an error when it is not ASCII.
    pub(super) fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// The answer in that text.
    pub(super) fn read<'t, T: Deserialize<'t>>(&self, text: &'t str) -> Result<T> {
        serde_json::from_str(text).map_err(|error| unreadable(self.tr, error))
    }
}

/// What is asked for.
#[derive(Debug)]
pub(super) struct Ask {
    tr: Tr,
    query: String,
    is_next: bool,
    lane: Option<Lane>,
    deadline: Option<Instant>,
}

impl Ask {
    /// A first page, through the limiter's lane.
    pub(super) fn new<'a, R: Record<'a>>(tr: Tr, lane: Lane, record: &R) -> Self {
        let mut text = String::new();
        query::write(record, &mut text);
        Self {
            tr,
            query: text,
            is_next: false,
            lane: Some(lane),
            deadline: None,
        }
    }

    /// The page behind another.
    pub(super) const fn next(mut self, is_next: bool) -> Self {
        self.is_next = is_next;
        self
    }

    /// The limiter has let it pass already.
    pub(super) const fn admitted(mut self) -> Self {
        self.lane = None;
        self
    }

    /// With a deadline of its own.
    pub(super) const fn by(mut self, deadline: Instant) -> Self {
        self.deadline = Some(deadline);
        self
    }
}

impl<C: Connect> Client<C> {
    pub(super) fn new(
        access: Arc<Access>,
        lines: Lines<C>,
        tokens: Arc<Tokens<Login<C>>>,
        limiter: Arc<RateLimiter>,
        within: Duration,
    ) -> Result<Self> {
        Ok(Self {
            head: head(&access)?,
            access,
            lines,
            tokens,
            limiter,
            within,
            ahead: AtomicI64::new(0),
        })
    }

    pub(super) const fn lines(&self) -> &Lines<C> {
        &self.lines
    }

    /// The headers that every call carries, the token and the TR id apart.
    pub(super) const fn head(&self) -> &HeaderMap {
        &self.head
    }

    /// By how many nanoseconds the broker's clock is ahead of ours, to about a second.
    pub(super) fn broker_ahead(&self) -> i64 {
        self.ahead.load(Ordering::Relaxed)
    }

    /// The broker's clock.
    pub(super) fn broker_now(&self) -> Timestamp {
        clock::now().saturating_add_nanos(self.broker_ahead())
    }

    /// One page. Repeated where KIS says that nothing was done and asking again may help, within the deadline.
    pub(super) async fn ask(&self, ask: &Ask) -> Result<Page> {
        let began = Instant::now();
        let deadline = ask.deadline.unwrap_or(began + self.within);
        let timed_out = || Error::Timeout {
            phase: TimeoutPhase::Answer,
            after: began.elapsed(),
        };
        let mut attempt = 1;
        loop {
            let token = self.tokens.token(deadline).await?;
            // Whoever was admitted before was so for one request.
            let lane = ask
                .lane
                .or_else(|| (attempt > 1).then_some(Lane::Reconciliation));
            if let Some(lane) = lane {
                let left = deadline.saturating_duration_since(Instant::now());
                self.limiter.acquire(lane, left).await?;
            }
            let request = self.request(ask, &token)?;
            let reply = match self.lines.exchange(request, deadline).await {
                Exchange::Answered(reply) => reply,
                Exchange::NotSent(NotSent::Deadline) | Exchange::Unknown(Cut::Deadline(_)) => {
                    return Err(timed_out());
                }
                Exchange::NotSent(reason) => return Err(unreachable(ask.tr, &reason)),
                Exchange::Unknown(cut) => return Err(unreachable(ask.tr, &cut)),
            };
            self.note_clock(&reply);
            match self.judge(ask, &token, reply)? {
                Judged::Page(page) => return Ok(page),
                Judged::Again(error) if attempt < ATTEMPTS_MAX => {
                    let pause = PAUSE * attempt;
                    if Instant::now() + pause >= deadline {
                        return Err(error);
                    }
                    sleep(pause).await;
                    attempt += 1;
                }
                Judged::Again(error) => return Err(error),
            }
        }
    }

    fn request(&self, ask: &Ask, token: &Token) -> Result<Request> {
        let id = self.tr_id(ask.tr)?;
        let path = format!("{}?{}", ask.tr.path(), ask.query);
        let path_and_query = PathAndQuery::try_from(path)
            .map_err(|_| Error::invalid("query", "characters that no URL holds", "ASCII text"))?;
        let mut headers = self.head.clone();
        headers.insert(AUTHORIZATION, token.bearer().clone());
        headers.insert(TR_ID, HeaderValue::from_static(id));
        if ask.is_next {
            headers.insert(TR_CONT, HeaderValue::from_static(headers::TR_CONT_NEXT));
        }
        Ok(Request {
            method: Method::GET,
            path_and_query,
            headers,
            body: Bytes::new(),
        })
    }

    /// The id of a call in this environment.
    pub(super) fn tr_id(&self, tr: Tr) -> Result<&'static str> {
        tr.id(self.access.environment()).ok_or(Error::Unsupported {
            broker: BrokerType::Kis,
            operation: "this call in paper trading",
        })
    }

    fn judge(&self, ask: &Ask, token: &Token, reply: Reply) -> Result<Judged> {
        let text = String::from_utf8_lossy(&reply.body);
        let Ok(answer) = serde_json::from_str::<Answer<'_>>(&text) else {
            // A page of some proxy, or half an answer.
            return Err(unreadable(
                ask.tr,
                format_args!("HTTP status {}", reply.status),
            ));
        };
        if answer.is_success() {
            let is_continued = is_continued(ask.tr, &reply.headers)?;
            drop(text);
            return Ok(Judged::Page(Page {
                body: reply.body,
                tr: ask.tr,
                is_continued,
            }));
        }
        let code = answer.code();
        if code.is_empty() {
            return Err(unreadable(ask.tr, "neither success nor a code"));
        }
        let error = Error::Broker(Box::new(broker_error(
            operation(ask.tr),
            code,
            answer.message(),
        )));
        if is_token_code(code) {
            self.tokens.rejected(token.serial());
            return Ok(Judged::Again(error));
        }
        if is_over_rate(code) {
            self.limiter
                .on_over_rate(ask.lane.unwrap_or(Lane::Reconciliation));
        }
        if Message::find(code).is_some_and(Message::invites_repetition) {
            return Ok(Judged::Again(error));
        }
        Err(error)
    }

    /// Reads the broker's clock off an answer. The header tells whole seconds, so half a second is added.
    pub(super) fn note_clock(&self, reply: &Reply) {
        const HALF_SECOND: i64 = 500_000_000;
        let date = reply.headers.get(DATE).and_then(|date| date.to_str().ok());
        let Some(date) = date.and_then(|date| httpdate::parse_http_date(date).ok()) else {
            return;
        };
        let Ok(since) = date.duration_since(std::time::UNIX_EPOCH) else {
            return;
        };
        let told = i64::try_from(since.as_nanos()).unwrap_or(i64::MAX);
        let passed = reply.received.elapsed();
        let passed = i64::try_from(passed.as_nanos()).unwrap_or(0);
        let ours = clock::now().nanos().saturating_sub(passed);
        let ahead = told.saturating_add(HALF_SECOND).saturating_sub(ours);
        self.ahead.store(ahead, Ordering::Relaxed);
    }
}

enum Judged {
    Page(Page),
    Again(Error),
}

/// The header names that are KIS's own.
pub(super) const TR_ID: HeaderName = HeaderName::from_static(headers::TR_ID);
const TR_CONT: HeaderName = HeaderName::from_static(headers::TR_CONT);

/// What every call carries. The app key and secret travel in each: they are marked as secret.
fn head(access: &Access) -> Result<HeaderMap> {
    let secret = |text: &str| {
        let mut value = HeaderValue::from_str(text).map_err(|_| {
            Error::invalid(
                "credentials",
                "characters that no header holds",
                "ASCII text",
            )
        })?;
        value.set_sensitive(true);
        Ok::<_, Error>(value)
    };
    let credentials = access.credentials();
    let mut head = HeaderMap::with_capacity(8);
    head.insert(CONTENT_TYPE, HeaderValue::from_static(headers::JSON));
    head.insert(
        HeaderName::from_static(headers::APPKEY),
        secret(credentials.app_key.expose())?,
    );
    head.insert(
        HeaderName::from_static(headers::APPSECRET),
        secret(credentials.app_secret.expose())?,
    );
    head.insert(
        HeaderName::from_static(headers::CUSTTYPE),
        HeaderValue::from_static(headers::CUSTTYPE_PERSON),
    );
    Ok(head)
}

/// Whether another page follows. A word that the manual does not have leaves open whether the list is whole: an error.
fn is_continued(tr: Tr, headers: &HeaderMap) -> Result<bool> {
    let Some(value) = headers.get(TR_CONT) else {
        return Ok(false);
    };
    value
        .to_str()
        .ok()
        .and_then(headers::is_continued)
        .ok_or_else(|| unreadable(tr, "a header tr_cont that is not in the manual"))
}

/// What a call is called in an error: the last part of its path.
pub(super) fn operation(tr: Tr) -> &'static str {
    tr.path().rsplit('/').next().unwrap_or_default()
}

pub(super) fn unreadable(tr: Tr, found: impl std::fmt::Display) -> Error {
    Error::Answer(Box::new(ValueError::new(
        operation(tr),
        found,
        "an answer of KIS",
    )))
}

fn unreachable(tr: Tr, reason: &(impl std::error::Error + ?Sized)) -> Error {
    Error::connection(BrokerType::Kis, operation(tr), chain(reason))
}
