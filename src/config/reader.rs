//! From the sections of a TOML document to configurations: which key is which setting.

use std::ffi::OsString;

use toml::de::DeTable;

use crate::domain::{AccountType, BrokerType};
use crate::error::ConfigProblem;

use super::BrokerConfig;
use super::account::AccountConfig;
use super::bounds;
use super::checks::shown;
use super::document::{Document, Section};
use super::faults::FaultConfig;
use super::mock::{MockConfig, MockSymbol};
use super::problems::Problems;
use super::secret::Secret;
use super::setting::{Hidden, Mistake, Url};
use super::settings::{Endpoints, Retry, Timeouts};

/// Reads a document: one gateway at its top, or several under `[[gateway]]`.
///
/// `open_to_others` says that other users of the machine may read the file; then it must hold no secret.
pub(super) fn read(
    file: &str,
    text: &str,
    open_to_others: Option<&str>,
    env: &impl Fn(&str) -> Option<OsString>,
) -> Result<Vec<BrokerConfig>, Vec<ConfigProblem>> {
    let mut document = Document::new(file, text);
    let configs = match document.parse() {
        Some(table) => read_document(&mut document, &table, open_to_others, env),
        None => Vec::new(),
    };
    let problems = document.problems.into_sorted();
    if problems.is_empty() {
        Ok(configs)
    } else {
        Err(problems)
    }
}

fn read_document<'t>(
    document: &mut Document<'t>,
    table: &DeTable<'t>,
    open_to_others: Option<&str>,
    env: &impl Fn(&str) -> Option<OsString>,
) -> Vec<BrokerConfig> {
    let mut root = Section::root(document, table);
    let configs = if root.has("gateway") {
        root.sections("gateway", |section| {
            read_gateway(section, open_to_others, env)
        })
        .unwrap_or_default()
    } else {
        vec![read_gateway(&mut root, open_to_others, env)]
    };
    root.finish();

    let mut problems = Problems::default();
    check_together(configs.iter().map(Option::as_ref), &mut problems);
    document.add_problems_of("", problems);
    configs.into_iter().flatten().collect()
}

/// Mistakes between gateways, each of which is right by itself.
pub(super) fn check_together<'c>(
    configs: impl Iterator<Item = Option<&'c BrokerConfig>>,
    problems: &mut Problems,
) {
    let app_key = |config: &'c BrokerConfig| {
        let pair = config.credentials()?;
        config.grpc_host().is_none().then(|| pair.app_key.expose())
    };
    let mut earlier: Vec<(usize, &BrokerConfig)> = Vec::new();
    for (at, config) in configs.enumerate() {
        let Some(config) = config else { continue };
        let name = config.name();
        if let Some((twin, _)) = earlier.iter().find(|(_, other)| other.name() == name) {
            problems.add(
                format!("gateway[{at}].name"),
                format!("{} as in gateway[{twin}]", shown(name)),
                "a name that no other gateway has",
            );
        }
        let key = app_key(config);
        let same_key = |other: &'c BrokerConfig| {
            let same_broker = other.broker_type() == config.broker_type();
            same_broker && key.is_some() && app_key(other) == key
        };
        if let Some((twin, _)) = earlier.iter().find(|(_, other)| same_key(other)) {
            problems.add(
                format!("gateway[{at}].credentials.app_key"),
                format!("the app key of gateway[{twin}]"),
                "one gateway for an app key, since the broker counts its requests by key",
            );
        }
        earlier.push((at, config));
    }
}

/// Reads one gateway; `None` when its broker is not known, so that nothing can be said about the whole.
fn read_gateway(
    section: &mut Section<'_, '_>,
    open_to_others: Option<&str>,
    env: &impl Fn(&str) -> Option<OsString>,
) -> Option<BrokerConfig> {
    let one_of = || {
        let words = BrokerType::ALL.iter().map(|broker| broker.as_str());
        format!("one of {}", words.collect::<Vec<_>>().join(", "))
    };
    let broker_type = section.required("broker_type", one_of());
    let mut builder = BrokerConfig::builder(broker_type.unwrap_or(BrokerType::Mock));

    builder.name = section.read("name");
    builder.draft.grpc_host = section.read("grpc_host");
    builder.draft.grpc_port = section.number("grpc_port", bounds::PORT);
    builder.draft.hts_id = section.read::<Hidden>("hts_id").map(|id| id.0);
    builder.draft.data_dir = section.read("data_dir");
    builder.draft.rate_limit = section.number("rate_limit", bounds::RATE_LIMIT);
    section
        .millis("health_check_interval_ms", bounds::HEALTH_CHECK_MS)
        .assign_to(&mut builder.draft.health_check_interval);
    section
        .number("executions_capacity", bounds::CAPACITY)
        .assign_to(&mut builder.draft.executions_capacity);
    section
        .number("market_data_capacity", bounds::CAPACITY)
        .assign_to(&mut builder.draft.market_data_capacity);

    let accounts = section.sections("accounts", |section| read_account(section, broker_type));
    let (account_places, accounts) = readable(accounts.unwrap_or_default());
    builder.draft.accounts = accounts;
    section.section("credentials", |section| {
        builder.app_key = read_secret(section, "app_key", open_to_others);
        builder.app_secret = read_secret(section, "app_secret", open_to_others);
    });
    let draft = &mut builder.draft;
    section
        .section("endpoints", read_endpoints)
        .assign_to(&mut draft.endpoints);
    section
        .section("timeouts", read_timeouts)
        .assign_to(&mut draft.timeouts);
    section
        .section("retry", read_retry)
        .assign_to(&mut draft.retry);
    let (symbol_places, mock) = section.section("mock", read_mock).unwrap_or_default();
    draft.mock = mock;

    let path = section.path().to_owned();
    // First the unknown keys: what they were meant for is then not missing as well.
    section.report();
    broker_type?;
    let mut problems = Problems::default();
    let config = builder.finish(env, &mut problems);
    problems.renumber("accounts", &account_places);
    problems.renumber("mock.symbols", &symbol_places);
    section.document.add_problems_of(&path, problems);
    Some(config)
}

/// The entries of a list that could be read, behind their places in it.
fn readable<T>(entries: Vec<Option<T>>) -> (Vec<usize>, Vec<T>) {
    entries
        .into_iter()
        .enumerate()
        .filter_map(|(at, entry)| Some((at, entry?)))
        .unzip()
}

fn read_account(
    section: &mut Section<'_, '_>,
    broker_type: Option<BrokerType>,
) -> Option<AccountConfig> {
    let account_id = section.required("account_id", "the account number in quotation marks");
    let name = section.read::<Box<str>>("account_name");
    let account_type = if broker_type == Some(BrokerType::Mock) {
        section.read("account_type").or(Some(AccountType::Paper))
    } else {
        section.required("account_type", "REAL or PAPER")
    };
    let account = AccountConfig::new(account_id?, account_type?);
    Some(match name {
        Some(name) => account.named(name),
        None => account,
    })
}

fn read_secret(
    section: &mut Section<'_, '_>,
    key: &'static str,
    open_to_others: Option<&str>,
) -> Option<Secret> {
    let secret = section.read(key);
    if let Some(mode) = open_to_others.filter(|_| section.has(key)) {
        let expected = "mode 0600, since it holds secrets: run `chmod 600` on it".into();
        let found = format!("a file of mode {mode}").into();
        section.add(key, Mistake { found, expected });
        return None;
    }
    secret
}

fn read_endpoints(section: &mut Section<'_, '_>) -> Endpoints {
    let mut url = |key| section.read::<Url>(key).map(|url| url.0);
    Endpoints {
        rest_url: url("rest_url"),
        ws_url: url("ws_url"),
        masters_url: url("masters_url"),
        ca_file: section.read("ca_file"),
    }
}

fn read_timeouts(section: &mut Section<'_, '_>) -> Timeouts {
    let mut timeouts = Timeouts::default();
    for (key, bounds, timeout) in [
        ("connect_ms", bounds::CONNECT_MS, &mut timeouts.connect),
        ("order_ms", bounds::ORDER_MS, &mut timeouts.order),
        ("query_ms", bounds::QUERY_MS, &mut timeouts.query),
    ] {
        section.millis(key, bounds).assign_to(timeout);
    }
    timeouts
}

fn read_retry(section: &mut Section<'_, '_>) -> Retry {
    let mut retry = Retry::default();
    section
        .number("attempts_max", bounds::ATTEMPTS_MAX)
        .assign_to(&mut retry.attempts_max);
    section
        .millis("backoff_initial_ms", bounds::BACKOFF_MS)
        .assign_to(&mut retry.backoff_initial);
    section
        .millis("backoff_max_ms", bounds::BACKOFF_MS)
        .assign_to(&mut retry.backoff_max);
    retry
}

/// The settings of MOCK, behind the places of its readable issues in the file.
fn read_mock(section: &mut Section<'_, '_>) -> (Vec<usize>, MockConfig) {
    let mut mock = MockConfig::default();
    let mut places = Vec::new();
    section
        .number("seed", bounds::SEED)
        .assign_to(&mut mock.seed);
    mock.trading_date = section.read("trading_date");
    section.read("cash").assign_to(&mut mock.cash);
    section
        .number("history", bounds::HISTORY)
        .assign_to(&mut mock.history);
    section.read("fees").assign_to(&mut mock.fees);
    section.read("market").assign_to(&mut mock.market);
    mock.candles = section.read("candles");
    section
        .number("pace", bounds::PACE)
        .assign_to(&mut mock.pace);
    if let Some(symbols) = section.sections("symbols", read_symbol) {
        (places, mock.symbols) = readable(symbols);
    }
    mock.journal_dir = section.read("journal_dir");
    section.read("durability").assign_to(&mut mock.durability);
    mock.faults = section.section("faults", read_faults).flatten();
    (places, mock)
}

fn read_faults(section: &mut Section<'_, '_>) -> Option<FaultConfig> {
    let seed = section.number("seed", bounds::SEED);
    let mut faults = FaultConfig::new(seed.unwrap_or_default());
    for (name, chance) in faults.chances() {
        section.number(name, bounds::CHANCE).assign_to(chance);
    }
    Some(faults)
}

fn read_symbol(section: &mut Section<'_, '_>) -> Option<MockSymbol> {
    let code = section.required("symbol", "the issue's code in quotation marks");
    let base_price = section.required("base_price", "the first day's base price in whole won");
    let name = section.read::<Box<str>>("name");
    let market = section.read("market");
    let kind = section.read("kind");
    let volatility = section.number("volatility_percent", bounds::VOLATILITY);
    let drift = section.number("drift_percent", bounds::DRIFT);

    let mut symbol = MockSymbol::new(code?, base_price?);
    name.map(|name| name.into_string().into())
        .assign_to(&mut symbol.name);
    market.assign_to(&mut symbol.market);
    kind.assign_to(&mut symbol.kind);
    volatility.assign_to(&mut symbol.volatility_percent);
    drift.assign_to(&mut symbol.drift_percent);
    Some(symbol)
}

/// Overwrites a default where the document has a value.
trait AssignTo<T> {
    fn assign_to(self, place: &mut T);
}

impl<T> AssignTo<T> for Option<T> {
    fn assign_to(self, place: &mut T) {
        if let Some(value) = self {
            *place = value;
        }
    }
}
