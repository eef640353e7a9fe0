//! What must hold of a configuration, whether it came from a file or from code.

use std::ffi::OsString;

use jiff::civil::Date;

use crate::domain::{BrokerType, TickTable, TradingCalendar, UNITS_PER_WON, ValueError};

use super::bounds::{self, Bounds};
use super::mock::{JournalDurability, MarketSource, MockConfig, MockSymbol};
use super::problems::Problems;
use super::secret::{Credentials, Secret};
use super::settings::{Endpoints, Retry, Timeouts, check_url, is_host};
use super::{BrokerConfig, env};

/// Checks everything but the credentials.
pub(super) fn all(config: &BrokerConfig, problems: &mut Problems) {
    check_identity(config, problems);
    check_accounts(config, problems);
    check_numbers(config, problems);
    check_mock(&config.mock, problems);
    check_endpoints(config, problems);
    check_hts_id(config, problems);
}

/// The credentials, the environment's ahead of the file's, where the broker is reached with any.
pub(super) fn credentials(
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
    if let Some(mut faults) = mock.faults {
        number("mock.faults.seed", faults.seed.into(), bounds::SEED);
        for (name, chance) in faults.chances() {
            let chance = i128::from(*chance);
            number(&format!("mock.faults.{name}"), chance, bounds::CHANCE);
        }
    }
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
    let date = mock.trading_date.unwrap_or(MockConfig::DEFAULT_DATE);
    check_trading_day(date, problems);
    let replay = mock.market == MarketSource::Replay;
    if mock.candles.is_some() && !replay {
        problems.add(
            "mock.candles",
            format!("a recording, while mock.market is {}", mock.market),
            "market = \"REPLAY\", or no candles",
        );
    }
    let durability = mock.durability;
    if durability != JournalDurability::ProcessCrash && mock.journal_dir.is_none() {
        problems.add(
            "mock.durability",
            format!("{durability} without a journal"),
            "journal_dir, or no durability",
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
        check_tick(symbol, at, date, problems);
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

fn check_trading_day(date: Date, problems: &mut Problems) {
    let calendar = TradingCalendar::builtin();
    match calendar.is_trading_day(date) {
        Ok(true) => {}
        Ok(false) => {
            let next = calendar.next_trading_day(date).map_or_else(
                |_| String::new(),
                |next| format!("; the next one is {next}"),
            );
            problems.add(
                "mock.trading_date",
                format!("{date}, without trading"),
                format!("a trading day{next}"),
            );
        }
        Err(error) => problems.add("mock.trading_date", date.to_string(), error.expected),
    }
}

/// The exchange takes no base price off its own grid.
fn check_tick(symbol: &MockSymbol, at: usize, date: Date, problems: &mut Problems) {
    let price = symbol.base_price;
    match TickTable::of(symbol.kind, symbol.market, date) {
        Ok(ticks) if ticks.is_valid(price) => {}
        Ok(ticks) => {
            let near = [ticks.floor(price), ticks.ceil(price)];
            let near = near.into_iter().flatten().map(|price| price.to_string());
            problems.add(
                format!("mock.symbols[{at}].base_price"),
                price.to_string(),
                format!(
                    "a price on the grid of {} won, such as {}",
                    ticks.tick_at(price),
                    near.collect::<Vec<_>>().join(" or "),
                ),
            );
        }
        Err(_) => problems.add(
            format!("mock.symbols[{at}].kind"),
            format!("{} on {}", symbol.kind, symbol.market),
            format!("a kind that the market lists on {date}"),
        ),
    }
}

fn check_endpoints(config: &BrokerConfig, problems: &mut Problems) {
    let Endpoints {
        rest_url,
        ws_url,
        masters_url,
        ca_file,
    } = &config.endpoints;
    let checks = [
        ("endpoints.rest_url", rest_url, ["https", "http"], true),
        ("endpoints.ws_url", ws_url, ["wss", "ws"], false),
        (
            "endpoints.masters_url",
            masters_url,
            ["https", "http"],
            true,
        ),
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
    if ca_file.is_some() && config.grpc_host.is_some() {
        problems.add(
            "endpoints.ca_file",
            "a certificate authority together with grpc_host",
            "one of the two: it is for a broker's own addresses",
        );
    }
}

/// Longest HTS id. KIS publishes no width of it: ours.
const HTS_ID_LEN_MAX: usize = 40;

fn check_hts_id(config: &BrokerConfig, problems: &mut Problems) {
    let Some(id) = &config.hts_id else { return };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"@._-".contains(&byte);
    // The id is a login name, so it is not repeated.
    if !(1..=HTS_ID_LEN_MAX).contains(&id.len()) || !id.bytes().all(plain) {
        problems.add(
            "hts_id",
            format!("{} characters", id.chars().count()),
            "the id of the HTS login: 1 to 40 letters, digits and @ . _ -",
        );
    } else if config.broker_type != BrokerType::Kis {
        problems.add(
            "hts_id",
            format!("an HTS id for {}", config.broker_type),
            "none: only KIS sends notices by it",
        );
    }
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
    let cut = ValueError::new("text", text, "");
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
