//! The access token: one for all callers, asked for at most once a minute, renewed before it ends.
//!
//! | rule of KIS (portal, read 2026-11) | what is done |
//! |---|---|
//! | one issue a minute for an app key (EGW00133) | one request for all callers and processes; the next not before the minute is over |
//! | each issue sends the customer a message | the token is kept on disk and shared ([`store`]) |
//! | a token lives 24 hours; asked again within 6 hours KIS returns the same one | renewed in the last half hour, while the old one is used on |
//! | a bad token is answered with EGW00121 to EGW00123 | that token is dropped and one other asked for; a loop cannot be, because of the minute |
//!
//! Nobody waits longer than his own deadline, and what did not get a token was not sent.

pub(super) mod store;

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderValue;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};
use zeroize::Zeroizing;

use crate::clock;
use crate::config::Secret;
use crate::domain::{BrokerType, Timestamp};
use crate::error::{BrokerError, ConnectionError, Error, Result, TimeoutPhase};
use store::{Cached, Store};

/// Between two requests for a token, with a second for clocks that differ. KIS: one a minute.
const ISSUE_GAP: Duration = Duration::from_secs(61);
/// A token is renewed this long before it ends. Ours: KIS names no time.
const RENEW_AHEAD: Duration = Duration::from_secs(30 * 60);
/// A token this near its end is not used for a new request.
const LAST_MOMENT: Duration = Duration::from_secs(10);
/// After a request that did not leave.
const UNSENT_GAP: Duration = Duration::from_secs(1);
/// After a renewal that brought no longer life: KIS returned the same token.
const SAME_TOKEN_GAP: Duration = Duration::from_secs(5 * 60);
/// How often another process is looked after that asks for a token at the moment, and how long at most.
const PEER_LOOK: Duration = Duration::from_millis(50);
const PEER_LOOKS_MAX: u32 = 600;
/// Requests that one refresh makes when KIS says that it is too soon.
const ISSUES_MAX: u32 = 3;

/// What KIS answered to a request for a token.
#[derive(Debug)]
pub(super) struct Issued {
    /// The token.
    pub(super) token: Secret,
    /// How long it lives.
    pub(super) life: Duration,
    /// When it ends, by KIS's clock.
    pub(super) expires_at: Option<Timestamp>,
}

/// Why there is no new token.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum IssueError {
    /// The last one was less than a minute ago (EGW00133).
    #[error("the last token is less than a minute old")]
    TooSoon,
    /// KIS does not take the login, or answers something else than a token.
    #[error(transparent)]
    Refused(BrokerError),
    /// Nothing was sent.
    #[error(transparent)]
    NotSent(ConnectionError),
    /// The answer did not come, or cannot be read: KIS may have counted the request.
    #[error(transparent)]
    Lost(ConnectionError),
}

/// Asks KIS for a token. A seam: tests put one here that counts.
pub(super) trait Issuer: Send + Sync + 'static {
    /// One request.
    fn issue(&self) -> impl Future<Output = std::result::Result<Issued, IssueError>> + Send;
}

/// A token that requests may carry.
pub(super) struct Token {
    bearer: HeaderValue,
    text: Secret,
    serial: u64,
    ends: Instant,
    expires_at: Timestamp,
}

impl Token {
    /// The value of the header `authorization`, marked as secret.
    pub(super) const fn bearer(&self) -> &HeaderValue {
        &self.bearer
    }

    /// Which token of this process it is.
    pub(super) const fn serial(&self) -> u64 {
        self.serial
    }

    /// How long it lives, by the clock that tells less: one jumps and the other stands still while the machine sleeps.
    fn life(&self) -> Duration {
        let wall = self.expires_at.nanos_since(clock::now());
        let wall = Duration::from_nanos(u64::try_from(wall).unwrap_or(0));
        self.ends
            .saturating_duration_since(Instant::now())
            .min(wall)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("serial", &self.serial)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct State {
    token: Option<Arc<Token>>,
    /// The text of a token that KIS no longer takes, so that it is not taken from the disk again.
    dropped: Option<Secret>,
    serial: u64,
    refreshing: bool,
    /// KIS is not asked before that.
    not_before: Option<Instant>,
    failure: Option<IssueError>,
}

/// The token of one app key.
#[derive(Debug)]
pub(super) struct Tokens<I> {
    issuer: I,
    store: Option<Store>,
    state: Mutex<State>,
    /// Counts the news of a refresh, for those who wait for it.
    news: watch::Sender<u64>,
}

impl<I: Issuer> Tokens<I> {
    /// No token yet. Without a store each process asks for its own.
    pub(super) fn new(issuer: I, store: Option<Store>) -> Self {
        Self {
            issuer,
            store,
            state: Mutex::default(),
            news: watch::Sender::new(0),
        }
    }

    /// A token, asked for when there is none, by `deadline`.
    ///
    /// # Errors
    /// [`Error::RateLimited`] at once when KIS may not be asked before the deadline, [`Error::Timeout`] at it, and what
    /// went wrong with the request. The caller's own request was not sent.
    ///
    /// # Cancel safety
    /// A request for a token goes on without the caller, for the next one.
    pub(super) async fn token(self: &Arc<Self>, deadline: Instant) -> Result<Arc<Token>> {
        let asked = Instant::now();
        let mut news = self.news.subscribe();
        loop {
            news.mark_unchanged();
            match self.look(deadline) {
                Look::There(token) => return Ok(token),
                Look::Failed(error) => return Err(error),
                Look::Wait => {}
            }
            if timeout_at(deadline, news.changed()).await.is_err() {
                return Err(Error::Timeout {
                    phase: TimeoutPhase::Login,
                    after: deadline - asked,
                });
            }
        }
    }

    /// The token that is there, if it can be used now.
    pub(super) fn ready(&self) -> Option<Arc<Token>> {
        let state = self.lock();
        state
            .token
            .clone()
            .filter(|token| token.life() > LAST_MOMENT)
    }

    /// How long the token lives; `None` without one.
    pub(super) fn life(&self) -> Option<Duration> {
        self.lock().token.as_ref().map(|token| token.life())
    }

    /// KIS did not take that token: it is not used again. Answers that come late, about a token from before, change
    /// nothing.
    pub(super) fn rejected(&self, serial: u64) {
        let mut state = self.lock();
        if let Some(token) = state.token.take_if(|token| token.serial == serial) {
            state.dropped = Some(token.text.clone());
        }
    }

    /// What stands in `State`, and whether to wait for more.
    fn look(self: &Arc<Self>, deadline: Instant) -> Look {
        let mut state = self.lock();
        if let Some(token) = &state.token {
            let (token, life) = (Arc::clone(token), token.life());
            if life > LAST_MOMENT {
                let may_ask = state.not_before.is_none_or(|at| at <= Instant::now());
                if life < RENEW_AHEAD && may_ask {
                    self.start_refresh(&mut state);
                }
                return Look::There(token);
            }
        }
        let wait_until = state.not_before.filter(|&at| at > Instant::now());
        match (wait_until, &state.failure) {
            // Who waited for a refresh that failed, and who comes soon after it, is told why.
            (Some(at), Some(failure)) if !state.refreshing || at > deadline => {
                Look::Failed(into_error(failure.clone(), at))
            }
            (Some(at), _) if at > deadline => Look::Failed(too_soon(at)),
            _ => {
                self.start_refresh(&mut state);
                Look::Wait
            }
        }
    }

    fn start_refresh(self: &Arc<Self>, state: &mut State) {
        if state.refreshing {
            return;
        }
        state.refreshing = true;
        let this = Arc::clone(self);
        tokio::spawn(async move {
            let outcome = this.obtain().await;
            this.settle(outcome);
        });
    }

    fn settle(&self, outcome: std::result::Result<(Cached, bool), IssueError>) {
        let mut state = self.lock();
        state.refreshing = false;
        match outcome {
            Ok((cached, asked)) => {
                let before = state.token.as_ref().map(|token| token.expires_at);
                let is_longer = before.is_none_or(|before| cached.expires_at > before);
                if !is_longer {
                    state.not_before = Some(Instant::now() + SAME_TOKEN_GAP);
                } else if asked {
                    state.not_before = Some(Instant::now() + ISSUE_GAP);
                }
                state.failure = None;
                state.serial += 1;
                match make_token(&cached, state.serial) {
                    Some(token) => state.token = Some(Arc::new(token)),
                    None => state.failure = Some(unusable("a token that no header can carry")),
                }
            }
            Err(error) => {
                let gap = match &error {
                    IssueError::NotSent(_) => UNSENT_GAP,
                    IssueError::TooSoon | IssueError::Refused(_) | IssueError::Lost(_) => ISSUE_GAP,
                };
                state.not_before = Some(Instant::now() + gap);
                state.failure = Some(error);
            }
        }
        drop(state);
        self.news.send_modify(|news| *news += 1);
    }

    /// A token from the disk, or from KIS; and whether KIS was asked.
    async fn obtain(&self) -> std::result::Result<(Cached, bool), IssueError> {
        let _held = self.hold().await?;
        if let Some(cached) = self.on_disk()? {
            return Ok((cached, false));
        }
        let mut asked = 0;
        loop {
            self.wait_for_minute().await;
            let issued = self.issuer.issue().await;
            asked += 1;
            match issued {
                Ok(issued) => {
                    let cached = kept(issued);
                    if let Some(store) = &self.store
                        && let Err(error) = store.write(&cached)
                    {
                        // The token is good; only the next process asks again.
                        tracing::warn!(%error, "the KIS token cannot be kept on disk");
                    }
                    return Ok((cached, true));
                }
                Err(IssueError::TooSoon) if asked < ISSUES_MAX => {
                    let mut state = self.lock();
                    state.not_before = Some(Instant::now() + ISSUE_GAP);
                    state.failure = Some(IssueError::TooSoon);
                    drop(state);
                    self.news.send_modify(|news| *news += 1);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Waits until no other process asks for a token.
    async fn hold(&self) -> std::result::Result<Option<store::Held>, IssueError> {
        let Some(store) = &self.store else {
            return Ok(None);
        };
        for _ in 0..PEER_LOOKS_MAX {
            if let Some(held) = store.try_hold().map_err(|error| unusable(&error))? {
                return Ok(Some(held));
            }
            sleep(PEER_LOOK).await;
        }
        Err(unusable("another process holds the token's lock"))
    }

    /// A token that another process has put on the disk, if it is better than what is here.
    fn on_disk(&self) -> std::result::Result<Option<Cached>, IssueError> {
        let Some(store) = &self.store else {
            return Ok(None);
        };
        let Some(cached) = store.read().map_err(|error| unusable(&error))? else {
            return Ok(None);
        };
        let now = clock::now();
        let mut state = self.lock();
        let is_dropped = state
            .dropped
            .as_ref()
            .is_some_and(|dropped| dropped.expose() == cached.token.expose());
        let ahead = i64::try_from(RENEW_AHEAD.as_nanos()).unwrap_or(i64::MAX);
        if !is_dropped && cached.expires_at.nanos_since(now) > ahead {
            return Ok(Some(cached));
        }
        // Whoever asked last, the minute counts.
        let since = now.nanos_since(cached.issued_at);
        if let Ok(since) = u64::try_from(since)
            && let Some(left) = ISSUE_GAP.checked_sub(Duration::from_nanos(since))
        {
            let at = Instant::now() + left;
            state.not_before = Some(state.not_before.map_or(at, |before| before.max(at)));
            drop(state);
            self.news.send_modify(|news| *news += 1);
        }
        Ok(None)
    }

    async fn wait_for_minute(&self) {
        let at = self.lock().not_before;
        if let Some(at) = at {
            sleep_until(at).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Look {
    There(Arc<Token>),
    Wait,
    Failed(Error),
}

/// The earlier of the two ends that KIS names.
fn kept(issued: Issued) -> Cached {
    let issued_at = clock::now();
    let life = i64::try_from(issued.life.as_nanos()).unwrap_or(i64::MAX);
    let by_life = issued_at.saturating_add_nanos(life);
    Cached {
        token: issued.token,
        issued_at,
        expires_at: issued
            .expires_at
            .map_or(by_life, |expires_at| expires_at.min(by_life)),
    }
}

fn make_token(cached: &Cached, serial: u64) -> Option<Token> {
    let text = Zeroizing::new(format!("Bearer {}", cached.token.expose()));
    let mut bearer = HeaderValue::from_str(&text).ok()?;
    bearer.set_sensitive(true);
    let life = cached.expires_at.nanos_since(clock::now());
    let life = Duration::from_nanos(u64::try_from(life).unwrap_or(0));
    Some(Token {
        bearer,
        text: cached.token.clone(),
        serial,
        ends: Instant::now() + life,
        expires_at: cached.expires_at,
    })
}

fn unusable(reason: impl fmt::Display) -> IssueError {
    IssueError::NotSent(ConnectionError {
        broker: BrokerType::Kis,
        operation: "tokenP",
        reason: reason.to_string().into(),
    })
}

fn too_soon(at: Instant) -> Error {
    Error::RateLimited {
        retry_after: at.saturating_duration_since(Instant::now()),
    }
}

fn into_error(error: IssueError, at: Instant) -> Error {
    match error {
        IssueError::TooSoon => too_soon(at),
        IssueError::Refused(error) => Error::Broker(Box::new(error)),
        IssueError::NotSent(error) | IssueError::Lost(error) => Error::Connection(Box::new(error)),
    }
}

#[cfg(test)]
mod tests;
