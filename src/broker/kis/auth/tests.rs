//! The token under paused time, with an issuer that keeps KIS's rule of the minute.

use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::domain::BrokerCode;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// An authority that counts, and refuses a second request within the minute.
#[derive(Debug)]
struct Kis {
    issued: AtomicU32,
    refused: AtomicU32,
    last: Mutex<Option<Instant>>,
    life: Duration,
    delay: Duration,
    same: bool,
    broken: Option<IssueError>,
}

impl Kis {
    fn new() -> Self {
        Self {
            issued: AtomicU32::new(0),
            refused: AtomicU32::new(0),
            last: Mutex::default(),
            life: DAY,
            delay: Duration::from_millis(20),
            same: false,
            broken: None,
        }
    }

    fn counts(&self) -> (u32, u32) {
        (
            self.issued.load(Ordering::Relaxed),
            self.refused.load(Ordering::Relaxed),
        )
    }
}

impl Issuer for Kis {
    async fn issue(&self) -> std::result::Result<Issued, IssueError> {
        sleep(self.delay).await;
        if let Some(error) = &self.broken {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return Err(error.clone());
        }
        let now = Instant::now();
        let mut last = self.last.lock().unwrap();
        if last.is_some_and(|last| now - last < Duration::from_secs(60)) {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return Err(IssueError::TooSoon);
        }
        *last = Some(now);
        let number = self.issued.fetch_add(1, Ordering::Relaxed);
        let number = if self.same { 0 } else { number };
        Ok(Issued {
            token: format!("canary-token-{number}").parse().unwrap(),
            life: self.life,
            expires_at: None,
        })
    }
}

fn tokens(kis: Kis) -> Arc<Tokens<Kis>> {
    Arc::new(Tokens::new(kis, None))
}

fn within(seconds: u64) -> Instant {
    Instant::now() + Duration::from_secs(seconds)
}

fn text(token: &Token) -> &str {
    token.bearer().to_str().unwrap()
}

#[tokio::test(start_paused = true)]
async fn s18_a_hundred_callers_share_one_request() {
    let tokens = tokens(Kis::new());
    let callers: Vec<_> = (0..100)
        .map(|_| {
            let tokens = Arc::clone(&tokens);
            tokio::spawn(async move { tokens.token(within(5)).await.unwrap().serial() })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), 1);
    }
    assert_eq!(tokens.issuer.counts(), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn s18_no_caller_waits_longer_than_its_deadline() {
    let slow = Kis {
        delay: Duration::from_secs(30),
        ..Kis::new()
    };
    let tokens = tokens(slow);
    let asked = Instant::now();
    let error = tokens.token(within(2)).await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Timeout {
                phase: TimeoutPhase::Login,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(asked.elapsed(), Duration::from_secs(2));
    // The request went on, for the next caller, and was not made twice.
    assert_eq!(
        text(&tokens.token(within(60)).await.unwrap()),
        "Bearer canary-token-0"
    );
    assert_eq!(tokens.issuer.counts(), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn s18_within_the_minute_the_caller_is_told_when_to_come_back() {
    let tokens = tokens(Kis::new());
    let first = tokens.token(within(5)).await.unwrap();
    tokens.rejected(first.serial());
    let asked = Instant::now();
    let error = tokens.token(within(5)).await.unwrap_err();
    let retry_after = error.retry_after().unwrap();
    assert!(retry_after > Duration::from_secs(55), "{retry_after:?}");
    assert_eq!(asked.elapsed(), Duration::ZERO);
    let second = tokens.token(within(90)).await.unwrap();
    assert_eq!(text(&second), "Bearer canary-token-1");
    assert_eq!(tokens.issuer.counts(), (2, 0), "no request was refused");
}

#[tokio::test(start_paused = true)]
async fn s17_a_token_that_is_not_taken_is_replaced_once() {
    let tokens = tokens(Kis::new());
    let first = tokens.token(within(5)).await.unwrap();
    sleep(Duration::from_secs(120)).await;
    tokens.rejected(first.serial());
    let second = tokens.token(within(5)).await.unwrap();
    // An answer about the token from before comes late.
    tokens.rejected(first.serial());
    assert_eq!(
        tokens.token(within(5)).await.unwrap().serial(),
        second.serial()
    );
    assert_eq!(tokens.issuer.counts(), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn s18_the_minute_of_somebody_else_is_waited_for() {
    // Another program, without our cache, has just asked.
    let kis = Kis::new();
    *kis.last.lock().unwrap() = Some(Instant::now());
    let tokens = tokens(kis);
    let error = tokens.token(within(5)).await.unwrap_err();
    assert!(error.retry_after().is_some(), "{error}");
    assert_eq!(
        text(&tokens.token(within(90)).await.unwrap()),
        "Bearer canary-token-0"
    );
    assert_eq!(tokens.issuer.counts(), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn s18_the_token_is_renewed_before_it_ends_and_used_meanwhile() {
    let kis = Kis {
        life: Duration::from_secs(25 * 60),
        ..Kis::new()
    };
    let tokens = tokens(kis);
    let first = tokens.token(within(5)).await.unwrap();
    sleep(Duration::from_secs(120)).await;
    // Less than half an hour is left: the old one is given out, and another asked for behind it.
    assert_eq!(
        tokens.token(within(5)).await.unwrap().serial(),
        first.serial()
    );
    sleep(Duration::from_secs(1)).await;
    assert!(tokens.ready().unwrap().serial() > first.serial());
    assert_eq!(tokens.issuer.counts(), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_brings_the_same_token_is_not_repeated_at_once() {
    let kis = Kis {
        life: Duration::from_secs(25 * 60),
        same: true,
        ..Kis::new()
    };
    let tokens = tokens(kis);
    for _ in 0..20 {
        tokens.token(within(5)).await.unwrap();
        sleep(Duration::from_secs(10)).await;
    }
    assert!(
        tokens.issuer.counts().0 <= 4,
        "{:?}",
        tokens.issuer.counts()
    );
}

#[tokio::test(start_paused = true)]
async fn a_login_that_is_refused_is_told_to_all_and_not_asked_again_at_once() {
    let error = IssueError::Refused(BrokerError {
        broker: BrokerType::Kis,
        operation: "tokenP",
        code: BrokerCode::new("EGW00103"),
        message: "no such key".into(),
    });
    let tokens = tokens(Kis {
        broken: Some(error),
        ..Kis::new()
    });
    for _ in 0..5 {
        let error = tokens.token(within(5)).await.unwrap_err();
        assert!(matches!(error, Error::Broker(_)), "{error}");
    }
    assert_eq!(tokens.issuer.counts(), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn s18_a_caller_that_goes_away_does_not_stop_the_request() {
    let tokens = tokens(Kis::new());
    drop(tokio::time::timeout(Duration::from_millis(1), tokens.token(within(5))).await);
    sleep(Duration::from_secs(1)).await;
    assert!(tokens.ready().is_some());
    assert_eq!(tokens.issuer.counts(), (1, 0));
}

#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn s19_two_gateways_on_one_cache_ask_once() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("tokens");
    let open = || {
        let store = Store::open(&folder, "k").unwrap();
        Arc::new(Tokens::new(Kis::new(), Some(store)))
    };
    let (one, two) = (open(), open());
    let (first, second) = tokio::join!(one.token(within(9)), two.token(within(9)));
    assert_eq!(text(&first.unwrap()), text(&second.unwrap()));
    let asked = one.issuer.counts().0 + two.issuer.counts().0;
    assert_eq!(asked, 1);
    // A third process starts later, and asks nobody.
    let three = open();
    three.token(within(9)).await.unwrap();
    assert_eq!(three.issuer.counts(), (0, 0));
}

#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn s19_a_token_that_another_process_renewed_is_taken_from_the_disk() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("tokens");
    let store = Store::open(&folder, "k").unwrap();
    let tokens = Arc::new(Tokens::new(Kis::new(), Some(store)));
    let first = tokens.token(within(5)).await.unwrap();
    let other = Store::open(&folder, "k").unwrap();
    let mut renewed = other.read().unwrap().unwrap();
    renewed.token = "of-the-other".parse().unwrap();
    other.write(&renewed).unwrap();
    sleep(ISSUE_GAP).await;
    tokens.rejected(first.serial());
    let second = tokens.token(within(5)).await.unwrap();
    assert_eq!(text(&second), "Bearer of-the-other");
    assert_eq!(tokens.issuer.counts(), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn x1_a_token_never_shows() {
    let tokens = tokens(Kis::new());
    let token = tokens.token(within(5)).await.unwrap();
    let shown = format!("{token:?} {tokens:?} {:?}", token.bearer());
    assert!(!shown.contains("canary"), "{shown}");
}
