//! Building a configuration in code, and the checks that a file goes through as well.

use std::ffi::OsString;
use std::time::Duration;

use crate::domain::{BrokerType, Timestamp, UNITS_PER_WON};
use crate::error::ConfigError;

use super::account::AccountConfig;
use super::bounds::{self, Bounds};
use super::mock::{MarketSource, MockConfig, MockSymbol};
use super::problems::Problems;
use super::secret::{Credentials, Secret};
use super::settings::{Endpoints, Retry, Timeouts, check_url, is_host};
use super::{BrokerConfig, env};

/// Builds a [`BrokerConfig`]; nothing is checked before [`BrokerConfigBuilder::build`].
#[derive(Clone, Debug)]
#[must_use]
pub struct BrokerConfigBuilder {
    pub(super) draft: BrokerConfig,
    pub(super) name: Option<Box<str>>,
    pub(super) app_key: Option<Secret>,
    pub(super) app_secret: Option<Secret>,
}

impl BrokerConfigBuilder {
    pub(super) fn new(broker_type: BrokerType) -> Self {
        Self {
            draft: BrokerConfig {
                broker_type,
                name: "".into(),
                grpc_host: None,
                grpc_port: None,
                rate_limit: None,
                accounts: Vec::new(),
                credentials: None,
                endpoints: Endpoints::default(),
                timeouts: Timeouts::default(),
                retry: Retry::default(),
                health_check_interval: BrokerConfig::DEFAULT_HEALTH_CHECK_INTERVAL,
                executions_capacity: BrokerConfig::DEFAULT_EXECUTIONS_CAPACITY,
                market_data_capacity: BrokerConfig::DEFAULT_MARKET_DATA_CAPACITY,
                mock: MockConfig::default(),
            },
            name: None,
            app_key: None,
            app_secret: None,
        }
    }

    pub(super) fn from_config(config: BrokerConfig) -> Self {
        let (app_key, app_secret) = config
            .credentials
            .clone()
            .map(|pair| (pair.app_key, pair.app_secret))
            .unzip();
        Self {
            name: Some(config.name.clone()),
            draft: config,
            app_key,
            app_secret,
        }
    }

    /// See [`BrokerConfig::name`].
    pub fn name(mut self, name: impl Into<Box<str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// See [`BrokerConfig::grpc_host`].
    pub fn grpc_host(mut self, host: impl Into<Box<str>>) -> Self {
        self.draft.grpc_host = Some(host.into());
        self
    }

    /// See [`BrokerConfig::grpc_port`].
    pub fn grpc_port(mut self, port: u16) -> Self {
        self.draft.grpc_port = Some(port);
        self
    }

    /// See [`BrokerConfig::rate_limit`].
    pub fn rate_limit(mut self, requests_per_second: u32) -> Self {
        self.draft.rate_limit = Some(requests_per_second);
        self
    }

    /// Adds an account. See [`BrokerConfig::accounts`].
    pub fn account(mut self, account: AccountConfig) -> Self {
        self.draft.accounts.push(account);
        self
    }

    /// See [`BrokerConfig::credentials`].
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.app_key = Some(credentials.app_key);
        self.app_secret = Some(credentials.app_secret);
        self
    }

    /// See [`BrokerConfig::endpoints`].
    pub fn endpoints(mut self, endpoints: Endpoints) -> Self {
        self.draft.endpoints = endpoints;
        self
    }

    /// See [`BrokerConfig::timeouts`].
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.draft.timeouts = timeouts;
        self
    }

    /// See [`BrokerConfig::retry`].
    pub fn retry(mut self, retry: Retry) -> Self {
        self.draft.retry = retry;
        self
    }

    /// See [`BrokerConfig::health_check_interval`].
    pub fn health_check_interval(mut self, interval: Duration) -> Self {
        self.draft.health_check_interval = interval;
        self
    }

    /// See [`BrokerConfig::executions_capacity`].
    pub fn executions_capacity(mut self, events: usize) -> Self {
        self.draft.executions_capacity = events;
        self
    }

    /// See [`BrokerConfig::market_data_capacity`].
    pub fn market_data_capacity(mut self, events: usize) -> Self {
        self.draft.market_data_capacity = events;
        self
    }

    /// See [`BrokerConfig::mock_config`].
    pub fn mock(mut self, mock: MockConfig) -> Self {
        self.draft.mock = mock;
        self
    }

    /// The checked configuration.
    ///
    /// # Errors
    /// Every mistake at once.
    pub fn build(self) -> Result<BrokerConfig, ConfigError> {
        self.build_with_env(|_| None)
    }

    /// The checked configuration, with secrets from the environment `env` (usually `std::env::var_os`) ahead of those
    /// set here.
    ///
    /// # Errors
    /// Every mistake at once, those of the variables among them.
    pub fn build_with_env(
        self,
        env: impl Fn(&str) -> Option<OsString>,
    ) -> Result<BrokerConfig, ConfigError> {
        let mut problems = Problems::default();
        let config = self.finish(&env, &mut problems);
        let problems = problems.into_sorted();
        if problems.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError { problems })
        }
    }

    /// Fills in the defaults that depend on other fields and checks everything.
    pub(super) fn finish(
        self,
        env: &impl Fn(&str) -> Option<OsString>,
        problems: &mut Problems,
    ) -> BrokerConfig {
        let mut config = self.draft;
        let broker = config.broker_type;
        config.name = self
            .name
            .unwrap_or_else(|| broker.as_str().to_ascii_lowercase().into());
        if broker == BrokerType::Mock && config.accounts.is_empty() {
            config.accounts.push(BrokerConfig::default_mock_account());
        }
        if broker == BrokerType::Creon && config.grpc_host.is_none() {
            config.grpc_host = Some(BrokerConfig::DEFAULT_CREON_HOST.into());
        }
        if config.grpc_host.is_some() {
            config
                .grpc_port
                .get_or_insert(BrokerConfig::DEFAULT_GRPC_PORT);
        }
        check_identity(&config, problems);
        check_accounts(&config, problems);
        check_numbers(&config, problems);
        check_mock(&config.mock, problems);
        check_endpoints(&config, problems);
        config.credentials =
            check_credentials(&config, self.app_key, self.app_secret, env, problems);
        config
    }
}

/// Longest name of a gateway.
const NAME_LEN_MAX: usize = 32;

fn check_identity(config: &BrokerConfig, problems: &mut Problems) {
    let name = &config.name;
    let plain = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_'
    };
    if !(1..=NAME_LEN_MAX).contains(&name.len()) || !name.bytes().all(plain) {
        problems.add(
            "name",
            shown(name),
            "1 to 32 lower-case letters, digits, hyphens and underscores",
        );
    }
    match (&config.grpc_host, config.grpc_port) {
        (Some(host), _) if !is_host(host) => problems.add(
            "grpc_host",
            shown(host),
            "a host name or address alone, such as 127.0.0.1",
        ),
        (None, Some(port)) => problems.add(
            "grpc_port",
            format!("{port} without grpc_host"),
            "both, or none of them",
        ),
        (_, Some(0)) => problems.add("grpc_port", "0", bounds::PORT.expected()),
        _ => {}
    }
}

fn check_accounts(config: &BrokerConfig, problems: &mut Problems) {
    let accounts = &config.accounts;
    if !(1..=bounds::ENTRIES_MAX).contains(&accounts.len()) {
        problems.add(
            "accounts",
            format!("{} accounts", accounts.len()),
            "1 to 256 accounts, each a section [[accounts]]",
        );
    }
    for (at, account) in accounts.iter().enumerate() {
        let earlier = &accounts[..at];
        if earlier
            .iter()
            .any(|other| other.account_id == account.account_id)
        {
            problems.add(
                format!("accounts[{at}].account_id"),
                format!("{}, which another account has", account.account_id),
                "an account number of its own",
            );
        }
        check_text(
            &account.account_name,
            || format!("accounts[{at}].account_name"),
            problems,
        );
        // KIS and KIWOOM issue one app key for real trading and another for paper trading, and so do their hosts
        // differ; CREON is logged in to one of the two. Only a simulation can be both.
        let first = accounts[0].account_type;
        if config.broker_type != BrokerType::Mock && account.account_type != first {
            problems.add(
                format!("accounts[{at}].account_type"),
                format!("{} beside a {first} account", account.account_type),
                "one type for all accounts of a gateway: make two gateways",
            );
        }
    }
}

fn check_numbers(config: &BrokerConfig, problems: &mut Problems) {
    let mut number = |field: &str, number: i128, bounds: Bounds| {
        if !bounds.contains(number) {
            problems.add(field, number.to_string(), bounds.expected());
        }
    };
    if let Some(limit) = config.rate_limit {
        number("rate_limit", limit.into(), bounds::RATE_LIMIT);
    }
    let attempts = config.retry.attempts_max;
    number("retry.attempts_max", attempts.into(), bounds::ATTEMPTS_MAX);
    for (field, capacity) in [
        ("executions_capacity", config.executions_capacity),
        ("market_data_capacity", config.market_data_capacity),
    ] {
        number(field, wide(capacity), bounds::CAPACITY);
    }

    let Timeouts {
        connect,
        order,
        query,
    } = config.timeouts;
    let Retry {
        backoff_initial,
        backoff_max,
        ..
    } = config.retry;
    for (field, duration, bounds) in [
        ("timeouts.connect_ms", connect, bounds::CONNECT_MS),
        ("timeouts.order_ms", order, bounds::ORDER_MS),
        ("timeouts.query_ms", query, bounds::QUERY_MS),
        (
            "retry.backoff_initial_ms",
            backoff_initial,
            bounds::BACKOFF_MS,
        ),
        ("retry.backoff_max_ms", backoff_max, bounds::BACKOFF_MS),
        (
            "health_check_interval_ms",
            config.health_check_interval,
            bounds::HEALTH_CHECK_MS,
        ),
    ] {
        if !bounds.contains_ms(duration) {
            problems.add(field, format!("{duration:?}"), bounds.expected());
        }
    }
    if backoff_max < backoff_initial && bounds::BACKOFF_MS.contains_ms(backoff_max) {
        problems.add(
            "retry.backoff_max_ms",
            format!("{} ms", backoff_max.as_millis()),
            format!(
                "backoff_initial_ms ({} ms) or more",
                backoff_initial.as_millis()
            ),
        );
    }
}

fn check_mock(mock: &MockConfig, problems: &mut Problems) {
    let mut number = |field: &str, number: i128, bounds: Bounds| {
        if !bounds.contains(number) {
            problems.add(field, number.to_string(), bounds.expected());
        }
    };
    number("mock.seed", mock.seed.into(), bounds::SEED);
    number("mock.history", wide(mock.history), bounds::HISTORY);
    number("mock.pace", mock.pace.into(), bounds::PACE);
    for (at, symbol) in mock.symbols.iter().enumerate() {
        let volatility = i128::from(symbol.volatility_percent);
        number(
            &format!("mock.symbols[{at}].volatility_percent"),
            volatility,
            bounds::VOLATILITY,
        );
        number(
            &format!("mock.symbols[{at}].drift_percent"),
            symbol.drift_percent.into(),
            bounds::DRIFT,
        );
    }

    if !is_whole_won(mock.cash.units(), bounds::CASH_WON) {
        problems.add(
            "mock.cash",
            mock.cash.to_string(),
            bounds::CASH_WON.expected(),
        );
    }
    if let Some(date) = mock.trading_date {
        let midday = jiff::civil::time(12, 0, 0, 0);
        if Timestamp::from_kst(date, midday).is_err() {
            problems.add(
                "mock.trading_date",
                date.to_string(),
                "a date in the years 1678 to 2262",
            );
        }
    }
    let replay = mock.market == MarketSource::Replay;
    if mock.candles.is_some() && !replay {
        problems.add(
            "mock.candles",
            format!("a recording, while mock.market is {}", mock.market),
            "market = \"REPLAY\", or no candles",
        );
    }
    let symbols = &mock.symbols;
    if replay && symbols.len() != 1 {
        problems.add(
            "mock.symbols",
            format!("{} issues", symbols.len()),
            "exactly one under market = \"REPLAY\": the recorded one",
        );
    } else if !(1..=bounds::ENTRIES_MAX).contains(&symbols.len()) {
        problems.add(
            "mock.symbols",
            format!("{} issues", symbols.len()),
            "1 to 256 issues, each a section [[mock.symbols]]",
        );
    }
    for (at, symbol) in symbols.iter().enumerate() {
        check_symbol(symbol, at, &symbols[..at], problems);
    }
}

fn check_symbol(symbol: &MockSymbol, at: usize, earlier: &[MockSymbol], problems: &mut Problems) {
    if earlier.iter().any(|other| other.symbol == symbol.symbol) {
        problems.add(
            format!("mock.symbols[{at}].symbol"),
            format!("{} a second time", symbol.symbol),
            "each issue once",
        );
    }
    check_text(
        &symbol.name,
        || format!("mock.symbols[{at}].name"),
        problems,
    );
    if !is_whole_won(symbol.base_price.units(), bounds::BASE_PRICE_WON) {
        problems.add(
            format!("mock.symbols[{at}].base_price"),
            symbol.base_price.to_string(),
            bounds::BASE_PRICE_WON.expected(),
        );
    }
}

fn check_endpoints(config: &BrokerConfig, problems: &mut Problems) {
    let Endpoints { rest_url, ws_url } = &config.endpoints;
    let checks = [
        ("endpoints.rest_url", rest_url, ["https", "http"], true),
        ("endpoints.ws_url", ws_url, ["wss", "ws"], false),
    ];
    for (field, url, schemes, plain_on_loopback_only) in checks {
        let Some(url) = url else { continue };
        if let Err(error) = check_url(url, schemes, plain_on_loopback_only) {
            problems.add(field, error.found, error.expected);
        } else if config.grpc_host.is_some() {
            problems.add(
                field,
                "a broker's address together with grpc_host",
                "one of the two: grpc_host goes through a server that has its own",
            );
        }
    }
}

/// The credentials, the environment's ahead of the file's, where the broker is reached with any.
fn check_credentials(
    config: &BrokerConfig,
    app_key: Option<Secret>,
    app_secret: Option<Secret>,
    env: &impl Fn(&str) -> Option<OsString>,
    problems: &mut Problems,
) -> Option<Credentials> {
    let broker = config.broker_type;
    let direct =
        matches!(broker, BrokerType::Kis | BrokerType::Kiwoom) && config.grpc_host.is_none();
    if !direct {
        return app_key
            .zip(app_secret)
            .map(|(key, secret)| Credentials::new(key, secret));
    }
    let mut either = |suffix: &str, field: &str, given: Option<Secret>| {
        let variables = env::variables(&config.name, broker.as_str(), suffix);
        let mistakes = problems.count();
        let secret = env::secret(env, &variables, problems).or(given);
        if secret.is_none() && problems.count() == mistakes {
            let [variable, _] = variables;
            problems.add(
                format!("credentials.{field}"),
                "nothing",
                format!("one in the environment variable {variable} or in the file, or grpc_host"),
            );
        }
        secret
    };
    let app_key = either("APP_KEY", "app_key", app_key);
    let app_secret = either("APP_SECRET", "app_secret", app_secret);
    app_key
        .zip(app_secret)
        .map(|(key, secret)| Credentials::new(key, secret))
}

/// A text that people read: a few characters, none of which moves the cursor.
fn check_text(text: &str, field: impl Fn() -> String, problems: &mut Problems) {
    let length = text.chars().count();
    if !bounds::TEXT_LEN.contains(length) {
        problems.add(
            field(),
            format!("{length} characters"),
            bounds::TEXT_LEN.expected(),
        );
    } else if text.chars().any(char::is_control) {
        problems.add(field(), shown(text), "text without control characters");
    }
}

/// Escaped and cut, for a message.
pub(super) fn shown(text: &str) -> Box<str> {
    let cut = crate::domain::ValueError::new("text", text, "");
    format!("\"{}\"", cut.found).into()
}

const fn is_whole_won(units: i64, bounds: Bounds) -> bool {
    let won = units / UNITS_PER_WON;
    units % UNITS_PER_WON == 0 && bounds.min <= won && won <= bounds.max
}

/// Lossless on every platform: `usize` is at most 64 bits wide.
fn wide(number: usize) -> i128 {
    i128::try_from(number).unwrap_or(i128::MAX)
}
