//! Looks at everything that a connection to KIS needs, and says what is wrong and what would be right. Places no order.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use http::uri::PathAndQuery;
use jiff::civil::Date;
use tokio::time::Instant;

use super::Inner;
use super::account::AccountReads;
use super::client::{Ask, Client};
use super::instruments::download;
use super::login::chain;
use super::market_data::digits_of;
use super::session::{Rest, masters_of, store};
use super::site::Access;
use crate::domain::{AccountId, BrokerType};
use crate::error::{Error, Result};
use crate::limiter::Lane;
use crate::transport::ws::{Frame, Verdict as Seen, WsSettings, WsTarget};
use crate::transport::{Connect, ConnectError};
use crate::wire::kis::hosts::STREAM_PATH;
use crate::wire::kis::rest::calendar::{ChkHolidayAnswer, ChkHolidayQuery};
use crate::wire::kis::tr::Tr;

/// How far the clocks may be apart: order times are told in whole seconds, and the desks allow for some more.
const CLOCK_APART: Duration = Duration::from_secs(3);

/// How a step went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// It works, and something should be known.
    Note,
    /// It does not work.
    Bad,
    /// Not looked at, because something before it does not work.
    Skipped,
}

/// What one step found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The step.
    pub step: &'static str,
    /// How it went.
    pub verdict: Verdict,
    /// What was found; nothing secret.
    pub found: Box<str>,
    /// What to do about it.
    pub remedy: Option<Box<str>>,
}

/// Collects findings.
#[derive(Debug, Default)]
struct Sheet(Vec<Finding>);

impl Sheet {
    fn add(&mut self, step: &'static str, verdict: Verdict, found: impl fmt::Display) {
        self.0.push(Finding {
            step,
            verdict,
            found: found.to_string().into(),
            remedy: None,
        });
    }

    fn bad(&mut self, step: &'static str, found: impl fmt::Display, remedy: impl fmt::Display) {
        self.with_remedy(step, Verdict::Bad, found, remedy);
    }

    fn with_remedy(
        &mut self,
        step: &'static str,
        verdict: Verdict,
        found: impl fmt::Display,
        remedy: impl fmt::Display,
    ) {
        self.add(step, verdict, found);
        if let Some(last) = self.0.last_mut() {
            last.remedy = Some(remedy.to_string().into());
        }
    }

    fn skip(&mut self, steps: &[&'static str]) {
        for step in steps {
            self.add(step, Verdict::Skipped, "not looked at");
        }
    }
}

/// Looks at everything, one step after the other.
pub(super) async fn examine<C: Connect>(inner: Arc<Inner<C>>) -> Result<Vec<Finding>> {
    let access = inner.access.clone().ok_or(Error::Unsupported {
        broker: BrokerType::Kis,
        operation: "a gateway server in this version: leave grpc_host out",
    })?;
    let runtime = inner.runtime()?;
    let looking = look(Arc::clone(&inner), access);
    runtime
        .spawn(looking)
        .await
        .map_err(|_| Error::connection(BrokerType::Kis, "doctor", "the gateway's thread broke"))
}

async fn look<C: Connect>(inner: Arc<Inner<C>>, access: Arc<Access>) -> Vec<Finding> {
    let mut sheet = Sheet::default();
    configuration(&inner, &access, &mut sheet);
    let store = match store(&inner.options, &inner.config, &access) {
        Ok(store) => {
            sheet.add("token cache", Verdict::Good, "open to its owner alone");
            store
        }
        Err(error) => {
            sheet.bad(
                "token cache",
                &error,
                "put it right as said, or set another data_dir",
            );
            sheet.skip(&[
                "certificate",
                "token",
                "clock",
                "approval key",
                "stream",
                "issues",
                "balance",
            ]);
            return sheet.0;
        }
    };
    let rest = match Rest::new(&inner, &access, store) {
        Ok(rest) => rest,
        Err(error) => {
            sheet.bad("certificate", &error, "correct endpoints.ca_file");
            sheet.skip(&[
                "token",
                "clock",
                "approval key",
                "stream",
                "issues",
                "balance",
            ]);
            return sheet.0;
        }
    };
    if let Err(error) = rest.queries.warm().await {
        sheet.bad("certificate", chain(&error), remedy_of(&error));
        sheet.skip(&[
            "token",
            "clock",
            "approval key",
            "stream",
            "issues",
            "balance",
        ]);
        return sheet.0;
    }
    let how = if access.rest().tls {
        "reached, and its certificate is good"
    } else {
        "reached, without encryption, as an emulator on this machine may be"
    };
    sheet.add(
        "certificate",
        Verdict::Good,
        format_args!("{} is {how}", access.rest().host),
    );
    if !token(&inner, &rest, &mut sheet).await {
        sheet.skip(&["clock", "approval key", "stream", "issues", "balance"]);
        return sheet.0;
    }
    approval(&inner, &access, &rest, &mut sheet).await;
    stream(&inner, &access, &rest, &mut sheet).await;
    let day = rest.client.broker_now().kst_date();
    issues(&inner, &access, &rest, day, &mut sheet).await;
    for account in inner.config.accounts() {
        balance(&inner, &rest.client, account.account_id, &mut sheet).await;
    }
    // Behind the first query, which brought the broker's clock.
    clock(&rest.client, &mut sheet);
    trading_day(&inner, &rest.client, day, &mut sheet).await;
    sheet.0
}

fn configuration<C: Connect>(inner: &Inner<C>, access: &Access, sheet: &mut Sheet) {
    let config = &inner.config;
    let kind = if access.is_paper() { "paper" } else { "REAL" };
    let accounts = config.accounts().len();
    let found = format_args!(
        "{accounts} {kind} account(s), REST at {}:{}",
        access.rest().host,
        access.rest().port
    );
    sheet.add("configuration", Verdict::Good, found);
    match config.hts_id() {
        Some(_) => sheet.add(
            "hts_id",
            Verdict::Good,
            "set: executions are told as they happen",
        ),
        None => sheet.with_remedy(
            "hts_id",
            Verdict::Note,
            "not set: executions come from the order list, seconds late",
            "set hts_id to the id of the HTS login",
        ),
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is added later is told as it is"
)]
async fn token<C: Connect>(inner: &Inner<C>, rest: &Rest<C>, sheet: &mut Sheet) -> bool {
    let deadline = Instant::now() + inner.config.timeouts().connect;
    match rest.tokens.token(deadline).await {
        Ok(_) => {
            let life = rest.tokens.life().unwrap_or_default();
            let minutes = life.as_secs() / 60;
            sheet.add(
                "token",
                Verdict::Good,
                format_args!("good for {} h {} min", minutes / 60, minutes % 60),
            );
            true
        }
        Err(error) => {
            let remedy = match &error {
                Error::RateLimited { .. } => "wait a minute: KIS hands out one token a minute",
                Error::Broker(_) => {
                    "check app key and app secret: real and paper trading have pairs of their own"
                }
                other if other.is_retryable() => {
                    "try again; if it stays so, look whether KIS is in maintenance"
                }
                _ => "look at what is said, and at the address",
            };
            sheet.bad("token", &error, remedy);
            false
        }
    }
}

async fn approval<C: Connect>(
    inner: &Inner<C>,
    access: &Arc<Access>,
    rest: &Rest<C>,
    sheet: &mut Sheet,
) {
    match rest.login(inner, access).approval_key().await {
        Ok(_) => sheet.add("approval key", Verdict::Good, "issued"),
        Err(error) => sheet.bad(
            "approval key",
            &error,
            "without it there is no stream: check that the app key is allowed to use it",
        ),
    }
}

async fn stream<C: Connect>(inner: &Inner<C>, access: &Access, rest: &Rest<C>, sheet: &mut Sheet) {
    let endpoint = match access.ws().endpoint(&rest.tls) {
        Ok(endpoint) => endpoint,
        Err(error) => return sheet.bad("stream", &error, "correct endpoints.ws_url"),
    };
    let settings = WsSettings::within(inner.config.timeouts().connect);
    // Nothing is registered, so that a gateway that runs keeps its session.
    let target = WsTarget {
        connector: inner.connector.clone(),
        endpoint,
        path: PathAndQuery::from_static(STREAM_PATH),
        headers: HeaderMap::new(),
        settings,
    };
    let opened = target.connect(|_: &Frame| Seen::Done).await;
    match opened {
        Ok(_) => sheet.add(
            "stream",
            Verdict::Good,
            format_args!("{}:{} answers", access.ws().host, access.ws().port),
        ),
        Err(error) => sheet.bad("stream", chain(&error), remedy_of(&error)),
    }
}

async fn issues<C: Connect>(
    inner: &Inner<C>,
    access: &Access,
    rest: &Rest<C>,
    day: Date,
    sheet: &mut Sheet,
) {
    const REMEDY: &str =
        "no new order passes without them: check endpoints.masters_url and the way to the host";
    let read = async {
        let (address, folder) = masters_of(&inner.config, access)?;
        let lines = rest.lines(inner, &address)?;
        let deadline = Instant::now() + Duration::from_secs(60);
        download(&lines, &folder, day, deadline).await
    };
    match read.await {
        Ok(listing) => {
            let count = listing.instruments.len();
            sheet.add(
                "issues",
                Verdict::Good,
                format_args!("{count} issues with base prices of {day}"),
            );
        }
        Err(error) => sheet.bad("issues", &error, REMEDY),
    }
}

async fn balance<C: Connect>(
    inner: &Inner<C>,
    client: &Client<C>,
    account: AccountId,
    sheet: &mut Sheet,
) {
    let reads = AccountReads {
        client,
        accounts: &inner.accounts,
        is_paper: inner.is_paper,
    };
    match reads.balance(account).await {
        // The amount is nobody's business here.
        Ok(_) => sheet.add(
            "balance",
            Verdict::Good,
            format_args!("account {account} can be read"),
        ),
        Err(error) => sheet.bad(
            "balance",
            format_args!("account {account}: {error}"),
            "check the account number and that the app key belongs to it",
        ),
    }
}

fn clock<C: Connect>(client: &Client<C>, sheet: &mut Sheet) {
    let ahead = client.broker_ahead();
    let apart = Duration::from_nanos(ahead.unsigned_abs());
    let which = if ahead >= 0 { "behind" } else { "ahead of" };
    let found = format_args!("{:.1} s {which} KIS's", apart.as_secs_f64());
    if apart <= CLOCK_APART {
        sheet.add("clock", Verdict::Good, found);
    } else {
        sheet.with_remedy(
            "clock",
            Verdict::Note,
            found,
            "set this machine's clock by NTP",
        );
    }
}

/// KIS asks that the calendar be read about once a day; paper trading has none.
async fn trading_day<C: Connect>(
    inner: &Inner<C>,
    client: &Client<C>,
    day: Date,
    sheet: &mut Sheet,
) {
    if inner.is_paper {
        return;
    }
    match is_open(client, day).await {
        Ok(true) => sheet.add("trading day", Verdict::Good, format_args!("{day} is one")),
        Ok(false) => sheet.add(
            "trading day",
            Verdict::Note,
            format_args!("{day} is none: orders will be refused"),
        ),
        Err(error) => sheet.add("trading day", Verdict::Note, &error),
    }
}

/// Whether the market opens on a day, by KIS's own calendar (개장일여부).
pub(super) async fn is_open<C: Connect>(client: &Client<C>, day: Date) -> Result<bool> {
    let digits = digits_of(day);
    let query = ChkHolidayQuery {
        bass_dt: digits.as_str().into(),
        ctx_area_nk: "".into(),
        ctx_area_fk: "".into(),
    };
    let page = client
        .ask(&Ask::new(Tr::ChkHoliday, Lane::Market, &query))
        .await?;
    let text = page.text();
    let answer: ChkHolidayAnswer<'_> = page.read(&text)?;
    let row = answer
        .output
        .0
        .iter()
        .find(|row| row.bass_dt.trim() == digits);
    match row.map(|row| row.opnd_yn.trim()) {
        Some("Y") => Ok(true),
        Some("N") => Ok(false),
        other => Err(Error::answer(
            "chk-holiday",
            other.unwrap_or("no such day"),
            "Y or N",
        )),
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is added later may have the same remedy"
)]
fn remedy_of(error: &ConnectError) -> &'static str {
    match error {
        ConnectError::Resolve(_) => "check the network and the name of the host",
        ConnectError::Tcp(_) | ConnectError::Timeout { .. } => {
            "check that a firewall lets the host and port through, and that KIS is not in maintenance"
        }
        ConnectError::Tls(_) => {
            "check this machine's clock; behind a proxy with a certificate of its own, set endpoints.ca_file"
        }
        _ => "check that the address is KIS's or an emulator's",
    }
}
