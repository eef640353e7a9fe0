//! What an emulator is to be: whose server, whose accounts, which market, which clock.

use std::sync::Arc;
use std::time::Duration;

use super::fault::Rule;
use crate::domain::{
    AccountId, AccountType, InstrumentKind, Market, Money, Price, Qty, Symbol, Timestamp,
};
use crate::error::{Error, Result};
use crate::sim::RecordedCandles;
use crate::symbol;
use crate::wire::kis::realtime::Layout;

/// Settings of an emulator of KIS. [`Settings::real`] and [`Settings::paper`] are ready to use.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Which of KIS's two servers it is: TR ids, codes, page sizes and limits differ.
    pub account_type: AccountType,
    /// How wide stream records are: those of 2023, of mid-2026, or of today.
    pub layout: Layout,
    /// Who may log in.
    pub clients: Vec<Client>,
    /// What trades.
    pub market: MarketSettings,
    /// What the wall clock shows at the start; the machine's without one. Tokens live by it.
    pub wall: Option<Timestamp>,
    /// How much is taken.
    pub limits: Limits,
    /// How connections are kept.
    pub timing: Timing,
    /// Faults from the start.
    pub faults: Vec<Rule>,
    /// Where tokens, keys and chance come from: one seed, one history.
    pub seed: u64,
}

impl Settings {
    /// The real server, with the demo client, a market that never sleeps and the newest layout.
    pub fn real() -> Self {
        Self {
            account_type: AccountType::Real,
            layout: Layout::Current,
            clients: vec![Client::demo(AccountType::Real)],
            market: MarketSettings::default(),
            wall: None,
            limits: Limits::of(AccountType::Real),
            timing: Timing::default(),
            faults: Vec::new(),
            seed: 1,
        }
    }

    /// The paper server (모의투자), otherwise as [`Settings::real`].
    pub fn paper() -> Self {
        Self {
            account_type: AccountType::Paper,
            clients: vec![Client::demo(AccountType::Paper)],
            limits: Limits::of(AccountType::Paper),
            ..Self::real()
        }
    }

    pub(super) const fn is_paper(&self) -> bool {
        matches!(self.account_type, AccountType::Paper)
    }
}

/// A customer with an app key.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Client {
    /// 36 characters.
    pub app_key: Arc<str>,
    /// 180 characters.
    pub app_secret: Arc<str>,
    /// The customer's HTS id, which execution notices are subscribed by: up to 8 characters.
    pub hts_id: Arc<str>,
    /// CANO and ACNT_PRDT_CD: 10 digits.
    pub account: AccountId,
    /// The name that notices carry.
    pub name: Arc<str>,
    /// Cash at the start.
    pub cash: Money,
    /// Shares at the start, with what each cost.
    pub positions: Vec<(Symbol, Qty, Price)>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// A customer with 100,000,000 won and no shares.
    ///
    /// # Errors
    /// When a length is not what KIS hands out, or the account is not 10 digits.
    pub fn new(app_key: &str, app_secret: &str, hts_id: &str, account: &str) -> Result<Self> {
        const APP_KEY_LEN: usize = 36;
        const APP_SECRET_LEN: usize = 180;
        let sized = |what, text: &str, len: usize, expected: &str| match text.len() == len
            && text.is_ascii()
        {
            true => Ok(()),
            // A mistyped secret is not repeated.
            false => Err(Error::invalid(
                what,
                format_args!("{} characters", text.chars().count()),
                expected,
            )),
        };
        sized("app_key", app_key, APP_KEY_LEN, "36 ASCII characters")?;
        sized(
            "app_secret",
            app_secret,
            APP_SECRET_LEN,
            "180 ASCII characters",
        )?;
        if !(1..=8).contains(&hts_id.len()) || !hts_id.is_ascii() {
            return Err(Error::invalid("hts_id", hts_id, "1 to 8 ASCII characters"));
        }
        let digits = account.len() == 10 && account.bytes().all(|byte| byte.is_ascii_digit());
        if !digits {
            return Err(Error::invalid("account", "another text", "10 digits"));
        }
        Ok(Self {
            app_key: app_key.into(),
            app_secret: app_secret.into(),
            hts_id: hts_id.into(),
            account: account.parse()?,
            name: "홍길동".into(),
            cash: DEMO_CASH,
            positions: Vec::new(),
        })
    }

    /// The customer of a demo: made-up keys of the lengths that KIS hands out.
    #[expect(
        clippy::missing_panics_doc,
        reason = "it is made of constants of the right lengths"
    )]
    pub fn demo(account_type: AccountType) -> Self {
        let (letter, account) = match account_type {
            AccountType::Real => ("P", "1234567801"),
            AccountType::Paper => ("V", "5012345601"),
        };
        let app_key = format!("{letter}SDEMO{}", "0".repeat(30));
        let app_secret = format!("{letter}DEMOSECRET{}", "0".repeat(169));
        // Made of constants of the right lengths.
        Self::new(&app_key, &app_secret, "HTSDEMO1", account).expect("a valid demo client")
    }

    /// CANO (종합계좌번호): the first 8 digits.
    pub fn cano(&self) -> &str {
        self.account.as_str().get(..8).unwrap_or_default()
    }

    /// ACNT_PRDT_CD (계좌상품코드): the last 2 digits.
    pub fn product(&self) -> &str {
        self.account.as_str().get(8..).unwrap_or_default()
    }
}

const DEMO_CASH: Money = Money::from_units(100_000_000 * crate::domain::UNITS_PER_WON);

/// What trades, and when.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MarketSettings {
    /// Where prices come from: one seed, one history.
    pub seed: u64,
    /// What is listed: at least one, no two alike.
    pub issues: Vec<Issue>,
    /// Moves the first issue's price instead of the seed, and brings its own dates.
    pub recording: Option<Arc<RecordedCandles>>,
    /// When the market is open.
    pub hours: Hours,
    /// How much faster than the wall clock trading time runs, at least 1.
    pub pace: u32,
    /// Whether the market's own orders stand in the book and trade. Without them only customers do.
    pub house: bool,
}

impl Default for MarketSettings {
    fn default() -> Self {
        Self {
            seed: 1,
            issues: Issue::defaults(),
            recording: None,
            hours: Hours::RoundTheClock,
            pace: 1,
            house: true,
        }
    }
}

/// When the emulated market is open. The `Date` of answers, order times and stream times all show trading time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hours {
    /// Always, on weekends too; trading time is the wall clock's.
    RoundTheClock,
    /// In KRX's continuous session; trading time is the wall clock's.
    Krx,
    /// In KRX's continuous session, beginning at this moment, with nights of no length: the next trading day begins
    /// when one ends.
    Simulated(Timestamp),
}

/// A listed issue.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Issue {
    /// The short code.
    pub symbol: Symbol,
    /// Its Korean name.
    pub name: Arc<str>,
    /// Its English name.
    pub english: Arc<str>,
    /// Where it is listed.
    pub market: Market,
    /// What it is.
    pub kind: InstrumentKind,
    /// The base price of the first day, on the tick grid.
    pub base: Price,
    /// Whether NXT trades it too.
    pub nxt: bool,
    /// Standard deviation of a year's log return.
    pub volatility_percent: u32,
}

impl Issue {
    /// A KOSPI stock that NXT trades too, with 30 % volatility.
    pub fn new(symbol: Symbol, name: &str, base: Price) -> Self {
        Self {
            symbol,
            name: name.into(),
            english: symbol.as_str().into(),
            market: Market::Kospi,
            kind: InstrumentKind::Stock,
            base,
            nxt: true,
            volatility_percent: 30,
        }
    }

    /// Ten well-known issues, at prices of no particular day.
    pub fn defaults() -> Vec<Self> {
        use InstrumentKind::{Etf, Stock};
        use Market::{Kosdaq, Kospi};
        let rows = [
            (
                symbol!("005930"),
                "삼성전자",
                "SAMSUNG ELECTRONICS",
                Kospi,
                Stock,
                71_000,
                30,
            ),
            (
                symbol!("000660"),
                "SK하이닉스",
                "SK HYNIX",
                Kospi,
                Stock,
                210_000,
                40,
            ),
            (
                symbol!("035420"),
                "NAVER",
                "NAVER",
                Kospi,
                Stock,
                195_000,
                32,
            ),
            (
                symbol!("005380"),
                "현대차",
                "HYUNDAI MOTOR",
                Kospi,
                Stock,
                240_000,
                28,
            ),
            (
                symbol!("035720"),
                "카카오",
                "KAKAO",
                Kospi,
                Stock,
                41_000,
                38,
            ),
            (
                symbol!("088350"),
                "한화생명",
                "HANWHA LIFE",
                Kospi,
                Stock,
                3_145,
                30,
            ),
            (
                symbol!("069500"),
                "KODEX 200",
                "KODEX 200",
                Kospi,
                Etf,
                43_300,
                18,
            ),
            (
                symbol!("114800"),
                "KODEX 인버스",
                "KODEX INVERSE",
                Kospi,
                Etf,
                4_150,
                18,
            ),
            (
                symbol!("247540"),
                "에코프로비엠",
                "ECOPRO BM",
                Kosdaq,
                Stock,
                152_000,
                55,
            ),
            (
                symbol!("293490"),
                "카카오게임즈",
                "KAKAO GAMES",
                Kosdaq,
                Stock,
                16_400,
                45,
            ),
        ];
        rows.into_iter()
            .filter_map(
                |(symbol, name, english, market, kind, won, volatility_percent)| {
                    Some(Self {
                        english: english.into(),
                        market,
                        kind,
                        nxt: kind == Stock,
                        volatility_percent,
                        ..Self::new(symbol, name, Price::checked_won(won)?)
                    })
                },
            )
            .collect()
    }
}

/// How much the server takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Requests of an app key in any second; beyond it EGW00201.
    pub requests_per_second: u32,
    /// Order commands and account queries of an app key in any second; beyond it EGW00215. KIS has such a limit and does
    /// not say which.
    pub ledger_per_second: Option<u32>,
    /// Approval keys of an app key in any second; beyond it EGW00201.
    pub approvals_per_second: u32,
    /// Between two issues of a token; sooner EGW00133.
    pub token_interval: Duration,
    /// How long after an issue the same token is handed out again.
    pub token_repeats: Duration,
    /// How long a token and an approval key live.
    pub token_life: Duration,
    /// Registrations of a stream session, over all feeds.
    pub registrations: usize,
}

impl Limits {
    /// KIS's own: 18 requests a second on the real server and 1 on the paper server (notice of 2026-04-20), one token a
    /// minute, the same one within six hours, 41 registrations.
    pub const fn of(account_type: AccountType) -> Self {
        Self {
            requests_per_second: match account_type {
                AccountType::Real => 18,
                AccountType::Paper => 1,
            },
            ledger_per_second: None,
            approvals_per_second: 1,
            token_interval: Duration::from_secs(60),
            token_repeats: Duration::from_secs(6 * 3600),
            token_life: Duration::from_secs(24 * 3600),
            registrations: 41,
        }
    }
}

/// How the server keeps its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timing {
    /// How long an idle HTTP connection stays open. UNCONFIRMED for KIS.
    pub idle: Duration,
    /// From PINGPONG to PINGPONG. UNCONFIRMED: reports go from 10 to 100 seconds.
    pub ping_every: Duration,
    /// PINGPONGs in a row without an answer before the session is closed. UNCONFIRMED.
    pub pings_unanswered: u32,
    /// How often the market moves and frames go out.
    pub tick: Duration,
    /// The most trades in one frame.
    pub records_per_frame: usize,
    /// Frames that wait for a client that does not read, before it is cut off.
    pub backlog: usize,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(60),
            ping_every: Duration::from_secs(10),
            pings_unanswered: 3,
            tick: Duration::from_millis(50),
            records_per_frame: 4,
            backlog: 4_096,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demo_keys_have_the_lengths_that_clients_check() {
        for account_type in [AccountType::Real, AccountType::Paper] {
            let client = Client::demo(account_type);
            assert_eq!((client.app_key.len(), client.app_secret.len()), (36, 180));
            assert_eq!((client.cano().len(), client.product()), (8, "01"));
        }
    }

    #[test]
    fn wrong_lengths_are_errors_that_repeat_nothing() {
        let (key, secret) = ("k".repeat(36), "s".repeat(180));
        assert!(Client::new(&key, &secret, "ID", "1234567801").is_ok());
        for (key, secret, id, account) in [
            ("tooshort", secret.as_str(), "ID", "1234567801"),
            (key.as_str(), "alsoshort", "ID", "1234567801"),
            (key.as_str(), secret.as_str(), "", "1234567801"),
            (key.as_str(), secret.as_str(), "ID", "12345678-01"),
        ] {
            let error = Client::new(key, secret, id, account)
                .unwrap_err()
                .to_string();
            assert!(
                !error.contains("short") && !error.contains("12345678"),
                "{error}"
            );
        }
    }

    #[test]
    fn default_issues_are_all_there() {
        assert_eq!(Issue::defaults().len(), 10);
    }
}
