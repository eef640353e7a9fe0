//! Whole files through the whole reader.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::domain::{InstrumentKind, Market, Money, Price};
use crate::error::ConfigProblem;

const CANARY: &str = "PScanarySecret0123456789";

/// The problems of a text, as `(line, field)`; line 0 is none.
fn problems(text: &str) -> Vec<(usize, String)> {
    places(&BrokerConfig::from_toml_str("t.toml", text).expect_err("the text is mistaken"))
}

fn places(error: &ConfigError) -> Vec<(usize, String)> {
    assert!(!error.to_string().contains("canary"), "{error}");
    let place = |problem: &ConfigProblem| {
        assert!(!problem.found.is_empty() && !problem.expected.is_empty());
        let line = problem.place.as_ref().map_or(0, |(_, line)| *line);
        (line, problem.field.to_string())
    };
    error.problems.iter().map(place).collect()
}

/// The only problem of a text, as it is printed.
fn problem(text: &str) -> String {
    let error = BrokerConfig::from_toml_str("t.toml", text).expect_err("the text is mistaken");
    assert_eq!(error.problems.len(), 1, "{error}");
    error.problems[0].to_string()
}

fn env(variables: &[(&str, &str)]) -> impl Fn(&str) -> Option<OsString> {
    let variables: BTreeMap<String, OsString> = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.into()))
        .collect();
    move |name| variables.get(name).cloned()
}

const KIS: &str = r#"
broker_type = "KIS"
[[accounts]]
account_id = "50123456-01"
account_type = "PAPER"
"#;

#[test]
fn a_file_without_a_choice_is_the_mock_of_the_code() {
    let from_file = BrokerConfig::from_toml_str("t.toml", "broker_type = \"MOCK\"").unwrap();
    let built = BrokerConfig::builder(BrokerType::Mock).build().unwrap();
    let mock = BrokerConfig::mock();
    for other in [
        from_file,
        built,
        mock.clone().into_builder().build().unwrap(),
    ] {
        assert_eq!(format!("{mock:?}"), format!("{other:?}"));
    }
    assert_eq!(mock.name(), "mock");
    assert_eq!(mock.accounts().len(), 1);
    let account = &mock.accounts()[0];
    assert_eq!(account.account_type, AccountType::Paper);
    assert_eq!(mock.account(account.account_id), Some(account));
    assert_eq!(mock.account("MOCK-02".parse().unwrap()), None);
}

#[test]
fn every_key_reaches_its_setting() {
    let text = r#"
        broker_type = "mock"
        name = "desk_2"
        grpc_host = "gw.example"
        rate_limit = 7
        health_check_interval_ms = 1_500
        executions_capacity = 32
        market_data_capacity = 64
        [[accounts]]
        account_id = "A-1"
        account_name = "주 계좌"
        account_type = "REAL"
        [[accounts]]
        account_id = "A-2"
        [timeouts]
        connect_ms = 1_001
        order_ms = 1_002
        query_ms = 1_003
        [retry]
        attempts_max = 3
        backoff_initial_ms = 20
        backoff_max_ms = 40
        [mock]
        seed = 9
        trading_date = 2025-10-14
        cash = 1_234_567
        history = 2_000
        fees = "KIWOOM_PAPER"
        market = "REPLAY"
        candles = "bars.csv"
        pace = 60
        journal_dir = "journal"
        durability = "POWER_LOSS"
        [mock.faults]
        seed = 5
        restart = 1_000
        [[mock.symbols]]
        symbol = "0155E0"
        name = "Letters"
        market = "KOSDAQ"
        kind = "RIGHT"
        base_price = 12_340
        volatility_percent = 45
        drift_percent = -5
    "#;
    let config = BrokerConfig::from_toml_str("t.toml", text).unwrap();
    assert_eq!(config.broker_type(), BrokerType::Mock);
    assert_eq!(config.name(), "desk_2");
    assert_eq!(
        (config.grpc_host(), config.grpc_port()),
        (Some("gw.example"), Some(50_051))
    );
    assert_eq!(config.rate_limit(), Some(7));
    assert_eq!(config.health_check_interval(), Duration::from_millis(1_500));
    assert_eq!(
        (config.executions_capacity(), config.market_data_capacity()),
        (32, 64)
    );
    let accounts = config
        .accounts()
        .iter()
        .map(|account| {
            (
                account.account_id.as_str(),
                &*account.account_name,
                account.account_type,
            )
        })
        .collect::<Vec<_>>();
    assert_eq!(
        accounts,
        [
            ("A-1", "주 계좌", AccountType::Real),
            ("A-2", "*-2", AccountType::Paper)
        ]
    );
    let ms = Duration::from_millis;
    assert_eq!(
        *config.timeouts(),
        Timeouts {
            connect: ms(1_001),
            order: ms(1_002),
            query: ms(1_003),
        }
    );
    assert_eq!(
        *config.retry(),
        Retry {
            attempts_max: 3,
            backoff_initial: ms(20),
            backoff_max: ms(40),
        }
    );
    let expected = MockConfig {
        seed: 9,
        trading_date: Some(jiff::civil::date(2025, 10, 14)),
        cash: Money::from_won(1_234_567).unwrap(),
        history: 2_000,
        fees: FeeTariff::KiwoomPaper,
        market: MarketSource::Replay,
        candles: Some("bars.csv".into()),
        pace: 60,
        symbols: vec![MockSymbol {
            symbol: crate::symbol!("0155E0"),
            name: "Letters".into(),
            market: Market::Kosdaq,
            kind: InstrumentKind::Right,
            base_price: Price::from_won(12_340).unwrap(),
            volatility_percent: 45,
            drift_percent: -5,
        }],
        journal_dir: Some("journal".into()),
        durability: JournalDurability::PowerLoss,
        faults: Some(FaultConfig {
            restart: 1_000,
            ..FaultConfig::new(5)
        }),
    };
    assert_eq!(*config.mock_config(), expected);
}

#[test]
fn endpoints_and_credentials_reach_a_direct_broker() {
    let text = format!(
        "{KIS}\n[endpoints]\nrest_url = \"http://127.0.0.1:1\"\nws_url = \"ws://127.0.0.1:2\"\nca_file = \"ca.pem\"\n\
         [credentials]\napp_key = \"{CANARY}\"\napp_secret = \"{CANARY}2\""
    );
    let config = BrokerConfig::from_toml_str("t.toml", &text).unwrap();
    let pair = config.credentials().unwrap();
    assert_eq!(pair.app_key.expose(), CANARY);
    assert_eq!(pair.app_secret.expose(), format!("{CANARY}2"));
    let endpoints = config.endpoints();
    assert_eq!(endpoints.rest_url.as_deref(), Some("http://127.0.0.1:1"));
    assert_eq!(endpoints.ws_url.as_deref(), Some("ws://127.0.0.1:2"));
    assert_eq!(endpoints.ca_file.as_deref(), Some(Path::new("ca.pem")));
    assert!(!format!("{config:?} {config:#?}").contains("canary"));
    assert!(!format!("{config:?}").contains("50123456"));
    let builder = format!("{:?}", config.into_builder());
    assert!(!builder.contains("canary"), "{builder}");
}

#[test]
fn six_mistakes_on_six_lines_are_six_problems() {
    let text = r#"broker_type = "MOCK"
grpc_host = "gateway.local"
grpc_port = 70000
rate_limit = "ten"
executions_capcity = 64

[[accounts]]
account_id = "MOCK-01"
account_type = "PAPR"

[timeouts]
order_ms = -5

[mock]
cash = 1e8
"#;
    let expected = [
        (3, "grpc_port"),
        (4, "rate_limit"),
        (5, "executions_capcity"),
        (9, "accounts[0].account_type"),
        (12, "timeouts.order_ms"),
        (15, "mock.cash"),
    ];
    let expected = expected.map(|(line, field)| (line, field.to_owned()));
    assert_eq!(problems(text), expected);
    // Also when one of them is a mistake of syntax.
    let text = text.replace("-5", "12.");
    assert_eq!(problems(&text), expected);
}

#[test]
fn messages_say_where_what_was_found_and_what_is_allowed() {
    for (text, message) in [
        (
            "broker_type = \"MOCK\"\ngrpc_host = \"h\"\ngrpc_port = 70_000",
            "t.toml:3: grpc_port: found 70000, expected a whole number from 1 to 65535 (port)",
        ),
        (
            "broker_type = \"MOCK\"\nrate_limit = \"ten\"",
            "t.toml:2: rate_limit: found the string \"ten\", expected a whole number from 1 to 1000 (requests per second)",
        ),
        (
            "broker_type = \"MOCK\"\n[mock]\ncash = 1e8",
            "t.toml:3: mock.cash: found the float 1e8, expected whole won, such as 100_000_000",
        ),
        (
            "broker_type = \"KISS\"",
            "t.toml:1: broker_type: found \"KISS\", expected one of KIS, CREON, KIWOOM, MOCK",
        ),
        (
            "broker_type = \"MOCK\"\n[mock]\nsede = 1",
            "t.toml:3: mock.sede: found the unknown key \"sede\", expected a known key; the nearest is `seed`",
        ),
        (
            "broker_type = \"MOCK\"\nrate_limit = 5\nrate_limit = 6",
            "t.toml:3: rate_limit: found a second one, expected each key and section once",
        ),
        (
            "",
            "t.toml:1: broker_type: found nothing, expected one of KIS, CREON, KIWOOM, MOCK",
        ),
        (
            "broker_type = \"MOCK\"\n[mock]\ntrading_date = 2026-10-03",
            "t.toml:3: mock.trading_date: found 2026-10-03, without trading, expected a trading day; the next one is 2026-10-06",
        ),
        (
            "broker_type = \"MOCK\"\n[[mock.symbols]]\nsymbol = \"005930\"\nbase_price = 71_050",
            "t.toml:4: mock.symbols[0].base_price: found 71050, expected a price on the grid of 100 won, such as 71000 or 71100",
        ),
        (
            "broker_type = \"MOCK\"\n[timeouts]\norder_ms = 1_",
            "t.toml:3: timeouts.order_ms: found no TOML (`_` may only go between digits), expected TOML",
        ),
        (
            "broker_type = MOCK",
            "t.toml:1: broker_type: found text without quotation marks, expected a number, or text in quotation marks",
        ),
    ] {
        assert_eq!(problem(text), message);
    }
}

#[test]
fn one_mistake_is_one_problem_and_not_its_consequences() {
    let cases: &[(&str, usize, &str)] = &[
        // A misspelt required section or key is not missing as well.
        (
            "broker_type = \"CREON\"\n[[acounts]]\naccount_id = \"1\"\naccount_type = \"REAL\"",
            2,
            "acounts",
        ),
        ("brokertype = \"MOCK\"", 1, "brokertype"),
        (
            "broker_type = \"CREON\"\n[[accounts]]\nacount_id = \"1\"\naccount_type = \"REAL\"",
            3,
            "accounts[0].acount_id",
        ),
        (
            "broker_type = \"CREON\"\n[[accounts]]\naccount_type = \"REAL\"",
            2,
            "accounts[0].account_id",
        ),
        // Whether KIS needs credentials depends on a host that cannot be read.
        (
            "broker_type = \"KIS\"\ngrpc_host = 1\n[[accounts]]\naccount_id = \"1\"\naccount_type = \"REAL\"",
            2,
            "grpc_host",
        ),
        (
            "broker_type = \"KIS\"\ngrpc_hots = \"h\"\n[[accounts]]\naccount_id = \"1\"\naccount_type = \"REAL\"",
            2,
            "grpc_hots",
        ),
        // A single table where sections are meant.
        (
            "broker_type = \"CREON\"\n[accounts]\naccount_id = \"1\"",
            2,
            "accounts",
        ),
        ("broker_type = \"MOCK\"\nmock = 5", 2, "mock"),
        ("broker_type = \"MOCK\"\naccounts = [5]", 2, "accounts[0]"),
        ("broker_type = \"MOCK\"\n[mock", 2, "mock"),
        ("broker_type = \"MOCK\"\nrate_limit", 2, "syntax"),
    ];
    for (text, line, field) in cases {
        assert_eq!(problems(text), [(*line, (*field).to_owned())], "{text}");
    }
}

#[test]
fn what_contradicts_itself_is_a_problem_at_its_line() {
    let cases: &[(&str, usize, &str)] = &[
        ("grpc_port = 50051", 2, "grpc_port"),
        ("grpc_host = \"http://gw\"", 2, "grpc_host"),
        ("name = \"Main Desk\"", 2, "name"),
        (
            "accounts = [{account_id = \"1\"}, {account_id = \"2\"},\n{account_id = \"1\"}]",
            3,
            "accounts[2].account_id",
        ),
        ("accounts = []", 2, "accounts"),
        (
            "retry = {backoff_initial_ms = 500, backoff_max_ms = 400}",
            2,
            "retry.backoff_max_ms",
        ),
        (
            "retry.backoff_initial_ms = 60_000",
            2,
            "retry.backoff_max_ms",
        ),
        ("mock.candles = \"x.csv\"", 2, "mock.candles"),
        ("mock.symbols = []", 2, "mock.symbols"),
        (
            "mock.symbols = [{symbol = \"005930\", base_price = 1},{symbol = \"A005930\", base_price = 1}]",
            2,
            "mock.symbols[1].symbol",
        ),
        ("mock.trading_date = 2026-13-01", 2, "mock.trading_date"),
        ("mock.trading_date = \"9999-01-01\"", 2, "mock.trading_date"),
        (
            "mock.trading_date = 2026-11-24T09:00:00",
            2,
            "mock.trading_date",
        ),
        (
            "mock.symbols = [{symbol = \"005930\", base_price = 1, kind = \"ETF\", market = \"KOSDAQ\"}]",
            2,
            "mock.symbols[0].kind",
        ),
        ("mock.trading_date = 2019-01-02", 2, "mock.trading_date"),
        ("mock.cash = 10_000_000_000_001", 2, "mock.cash"),
        ("mock.cash = 9_223_372_036_854_775_807", 2, "mock.cash"),
        ("mock.seed = 99999999999999999999", 2, "mock.seed"),
        (
            "endpoints.rest_url = \"http://canary@h\"",
            2,
            "endpoints.rest_url",
        ),
        (
            "grpc_host = \"h\"\nendpoints.ws_url = \"ws://127.0.0.1\"",
            3,
            "endpoints.ws_url",
        ),
        (
            "grpc_host = \"h\"\nendpoints.ca_file = \"ca.pem\"",
            3,
            "endpoints.ca_file",
        ),
        ("endpoints.ca_file = \"\"", 2, "endpoints.ca_file"),
    ];
    for (lines, line, field) in cases {
        let found = problems(&format!("broker_type = \"MOCK\"\n{lines}"));
        let expected = (*line, (*field).to_owned());
        assert_eq!(found, [expected], "{lines}");
    }
}

#[test]
fn an_unreadable_entry_does_not_shift_the_ones_after_it() {
    let text = r#"broker_type = "MOCK"
accounts = [
    {account_id = 5},
    {account_id = "7"},
    {account_id = "7"},
]
[mock]
symbols = [
    {symbol = "5930", base_price = 1},
    {symbol = "005930", base_price = 1},
    {symbol = "005930", base_price = 1},
]
"#;
    let expected = [
        (3, "accounts[0].account_id"),
        (5, "accounts[2].account_id"),
        (9, "mock.symbols[0].symbol"),
        (11, "mock.symbols[2].symbol"),
    ];
    assert_eq!(
        problems(text),
        expected.map(|(line, field)| (line, field.to_owned()))
    );
}

#[test]
fn a_gateway_is_all_real_or_all_paper() {
    let text = |broker: &str| {
        format!(
            "broker_type = \"{broker}\"\n[[accounts]]\naccount_id = \"1\"\naccount_type = \"REAL\"\n\
             [[accounts]]\naccount_id = \"2\"\naccount_type = \"PAPER\""
        )
    };
    assert_eq!(
        problems(&text("CREON")),
        [(7, "accounts[1].account_type".to_owned())]
    );
    assert!(BrokerConfig::from_toml_str("t.toml", &text("MOCK")).is_ok());
}

#[test]
fn credentials_are_needed_where_a_broker_is_reached_directly() {
    for broker in ["KIS", "KIWOOM"] {
        let text = KIS.replace("\"KIS\"", &format!("\"{broker}\""));
        let keys = ["credentials.app_key", "credentials.app_secret"];
        assert_eq!(problems(&text), keys.map(|key| (1, key.to_owned())));
        let remote = format!("grpc_host = \"10.0.0.5\"\n{text}");
        let config = BrokerConfig::from_toml_str("t.toml", &remote).unwrap();
        assert!(config.credentials().is_none());
        assert_eq!(config.grpc_port(), Some(50_051));
    }
    let half = format!("{KIS}[credentials]\napp_key = \"{CANARY}\"");
    assert_eq!(problems(&half), [(6, "credentials.app_secret".to_owned())]);
    let wrong =
        format!("{KIS}[credentials]\napp_key = [\"{CANARY}\"]\napp_secret = \"{CANARY} x\"");
    assert_eq!(
        problems(&wrong),
        [
            (7, "credentials.app_key".to_owned()),
            (8, "credentials.app_secret".to_owned())
        ]
    );
}

#[test]
fn creon_is_behind_its_bridge_on_this_machine() {
    let text = KIS.replace("\"KIS\"", "\"CREON\"");
    let config = BrokerConfig::from_toml_str("t.toml", &text).unwrap();
    assert_eq!(
        (config.grpc_host(), config.grpc_port()),
        (Some("127.0.0.1"), Some(50_051))
    );
    let elsewhere = format!("grpc_port = 1\n{text}");
    let config = BrokerConfig::from_toml_str("t.toml", &elsewhere).unwrap();
    assert_eq!(config.grpc_port(), Some(1));
}

#[test]
fn secrets_of_the_environment_come_first_and_by_name_before_broker() {
    let text = format!("name = \"kis-main\"\n{KIS}[credentials]\napp_key = \"file\"");
    let read = |variables: &[(&str, &str)]| {
        BrokerConfig::from_toml_str_with_env("t.toml", &text, env(variables))
    };
    let config = read(&[
        ("GWANMUN_KIS_MAIN_APP_KEY", "by-name"),
        ("GWANMUN_KIS_APP_KEY", "by-broker"),
        ("GWANMUN_KIS_APP_SECRET", "secret-by-broker"),
        ("GWANMUN_KIWOOM_APP_SECRET", "of-another"),
    ])
    .unwrap();
    let pair = config.credentials().unwrap();
    assert_eq!(pair.app_key.expose(), "by-name");
    assert_eq!(pair.app_secret.expose(), "secret-by-broker");

    let config = read(&[("GWANMUN_KIS_APP_SECRET", "s")]).unwrap();
    assert_eq!(config.credentials().unwrap().app_key.expose(), "file");

    // A set but unusable variable is a mistake, not a reason to take another one.
    let error = read(&[
        ("GWANMUN_KIS_MAIN_APP_SECRET", "canary with spaces"),
        ("GWANMUN_KIS_APP_SECRET", "s"),
        ("GWANMUN_KIS_APP_KEY", ""),
    ])
    .unwrap_err();
    assert_eq!(
        places(&error),
        [
            (0, "GWANMUN_KIS_APP_KEY".to_owned()),
            (0, "GWANMUN_KIS_MAIN_APP_SECRET".to_owned())
        ]
    );
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_text_is_a_mistake() {
    use std::os::unix::ffi::OsStringExt;

    let error = BrokerConfig::from_toml_str_with_env("t.toml", KIS, |_| {
        Some(OsString::from_vec(b"canary\xff".to_vec()))
    })
    .unwrap_err();
    let fields = places(&error).into_iter().map(|(_, field)| field);
    assert_eq!(
        fields.collect::<Vec<_>>(),
        ["GWANMUN_KIS_APP_KEY", "GWANMUN_KIS_APP_SECRET"]
    );
}

#[test]
fn several_gateways_are_read_with_their_mistakes_told_apart() {
    let text = "[[gateway]]\nbroker_type = \"MOCK\"\n[[gateway.accounts]]\naccount_id = \"1\"\n\
                [[gateway]]\nbroker_type = \"MOCK\"\nname = \"other\"\n[gateway.mock]\nseed = 2\n";
    let configs = GatewayConfigs::from_toml_str("t.toml", text).unwrap();
    let seeds = configs.iter().map(|config| config.mock_config().seed);
    assert_eq!(seeds.collect::<Vec<_>>(), [1, 2]);
    assert!(BrokerConfig::from_toml_str("t.toml", text).is_err());
    let same = GatewayConfigs::new(configs.into_iter().collect()).unwrap();
    assert_eq!((&same).into_iter().count(), 2);

    let mistaken = text
        .replace("account_id = \"1\"", "account_id = 1")
        .replace("name = \"other\"\n", "")
        .replace("seed = 2", "seed = true\n[typo]\nx = 1");
    let error = GatewayConfigs::from_toml_str("t.toml", &mistaken).unwrap_err();
    let expected = [
        (4, "gateway[0].accounts[0].account_id"),
        (5, "gateway[1].name"),
        (8, "gateway[1].mock.seed"),
        (9, "typo"),
    ];
    assert_eq!(
        places(&error),
        expected.map(|(line, field)| (line, field.to_owned()))
    );

    let twice = vec![BrokerConfig::mock(), BrokerConfig::mock()];
    let error = GatewayConfigs::new(twice).unwrap_err();
    assert_eq!(places(&error), [(0, "gateway[1].name".to_owned())]);
    let none = GatewayConfigs::from_toml_str("t.toml", "gateway = []").unwrap_err();
    assert_eq!(places(&none), [(1, "gateway".to_owned())]);
}

#[test]
fn one_app_key_is_one_gateway() {
    let config = |name: &str, broker: BrokerType, key: &str| {
        let pair = Credentials::new(key.parse().unwrap(), CANARY.parse().unwrap());
        let account = AccountConfig::new("1".parse().unwrap(), AccountType::Paper);
        BrokerConfig::builder(broker)
            .name(name)
            .account(account)
            .credentials(pair)
            .build()
            .unwrap()
    };
    let error = GatewayConfigs::new(vec![
        config("a", BrokerType::Kis, CANARY),
        config("b", BrokerType::Kis, CANARY),
        config("c", BrokerType::Kis, "another"),
        config("d", BrokerType::Kiwoom, CANARY),
    ])
    .unwrap_err();
    assert_eq!(
        places(&error),
        [(0, "gateway[1].credentials.app_key".to_owned())]
    );
}

#[test]
fn a_builder_is_checked_as_a_file_is() {
    let mut mock = MockConfig {
        cash: Money::from_units(1),
        ..MockConfig::default()
    };
    mock.symbols[0].name = "\u{1b}[2J".into();
    let account = AccountConfig::new("1".parse().unwrap(), AccountType::Paper).named("");
    let timeouts = Timeouts {
        order: Duration::from_micros(1_500_500),
        ..Timeouts::default()
    };
    let error = BrokerConfig::builder(BrokerType::Mock)
        .name("")
        .grpc_host("h")
        .grpc_port(0)
        .rate_limit(0)
        .account(account)
        .timeouts(timeouts)
        .executions_capacity(usize::MAX)
        .health_check_interval(Duration::MAX)
        .mock(mock)
        .build()
        .unwrap_err();
    let mut fields = error
        .problems
        .iter()
        .map(|problem| &*problem.field)
        .collect::<Vec<_>>();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            "accounts[0].account_name",
            "executions_capacity",
            "grpc_port",
            "health_check_interval_ms",
            "mock.cash",
            "mock.symbols[0].name",
            "name",
            "rate_limit",
            "timeouts.order_ms",
        ]
    );
    assert!(!error.to_string().contains('\u{1b}'));
}

#[test]
fn a_byte_order_mark_and_carriage_returns_are_read_over() {
    let text = "\u{feff}broker_type = \"MOCK\"\r\nrate_limit = 0\r\n";
    assert_eq!(problems(text), [(2, "rate_limit".to_owned())]);
}

mod files {
    use super::*;
    use std::fs;

    fn fields(error: &ConfigError) -> Vec<(usize, String)> {
        places(error)
    }

    #[test]
    fn what_is_no_readable_text_file_is_one_clear_problem() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gwanmun.toml");

        let missing = BrokerConfig::from_file(&path).unwrap_err();
        assert!(
            missing
                .to_string()
                .contains("gwanmun.toml: found no readable file"),
            "{missing}"
        );
        let directory = BrokerConfig::from_file(folder.path()).unwrap_err();
        assert!(
            directory.to_string().contains("found a directory"),
            "{directory}"
        );

        fs::write(&path, b"broker_type = \"MOCK\"\nname = \"\xb0\xfc\"\n").unwrap();
        let encoding = BrokerConfig::from_file(&path).unwrap_err();
        assert_eq!(fields(&encoding), [(2, "encoding".to_owned())]);

        fs::write(&path, "").unwrap();
        let empty = BrokerConfig::from_file(&path).unwrap_err();
        assert_eq!(fields(&empty), [(1, "broker_type".to_owned())]);

        fs::write(&path, "#".repeat(256 * 1024 + 1)).unwrap();
        let large = BrokerConfig::from_file(&path).unwrap_err();
        assert!(large.to_string().contains("256 KiB"), "{large}");
    }

    #[test]
    fn files_are_found_beside_the_file_that_names_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gwanmun.toml");
        fs::write(
            &path,
            "broker_type = \"MOCK\"\nmock.market = \"REPLAY\"\nmock.candles = \"bars.csv\"\n\
             endpoints.ca_file = \"ca.pem\"",
        )
        .unwrap();
        let config = BrokerConfig::from_file(&path).unwrap();
        assert_eq!(
            config.mock_config().candles,
            Some(folder.path().join("bars.csv"))
        );
        assert_eq!(
            config.endpoints().ca_file,
            Some(folder.path().join("ca.pem"))
        );
        let configs = GatewayConfigs::from_file(&path).unwrap();
        assert_eq!(configs.iter().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_with_secrets_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kis.toml");
        let secrets = format!("[credentials]\napp_key = \"{CANARY}\"\napp_secret = \"{CANARY}\"\n");
        let remote = format!("grpc_host = \"h\"\n{KIS}");
        for (text, mode, lines) in [
            (format!("{KIS}{secrets}"), 0o600, &[][..]),
            (format!("{KIS}{secrets}"), 0o400, &[]),
            (format!("{KIS}{secrets}"), 0o640, &[7, 8]),
            (format!("{KIS}{secrets}"), 0o604, &[7, 8]),
            (remote.clone(), 0o644, &[]),
            (format!("{remote}{secrets}"), 0o644, &[8, 9]),
        ] {
            // Removed first, since a file that only its owner may read cannot be written again.
            let _ = fs::remove_file(&path);
            fs::write(&path, &text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            match BrokerConfig::from_file(&path) {
                Ok(_) => assert!(lines.is_empty(), "{mode:o} was taken"),
                Err(error) => {
                    assert!(error.to_string().contains("chmod 600"), "{error}");
                    let found = fields(&error).into_iter().map(|(line, _)| line);
                    assert_eq!(found.collect::<Vec<_>>(), lines, "{mode:o}: {error}");
                }
            }
        }
    }
}

/// Lines that look like a configuration, whole and broken.
fn line() -> impl Strategy<Value = String> {
    let key = prop::sample::select(vec![
        "broker_type",
        "name",
        "grpc_host",
        "grpc_port",
        "rate_limit",
        "accounts",
        "gateway",
        "mock",
        "mock.symbols",
        "credentials.app_key",
        "app_secret",
        "account_id",
        "account_type",
        "trading_date",
        "cash",
        "timeouts.order_ms",
        "a.b",
        "",
        "\"\"",
    ]);
    let value = prop::sample::select(vec![
        "\"MOCK\"",
        "\"KIS\"",
        "1",
        "-9223372036854775808",
        "0xffff_ffff_ffff_ffff_ffff",
        "1.5",
        "nan",
        "true",
        "2026-02-30",
        "2026-11-24",
        "07:32:00",
        "'x",
        "[1, 2",
        "[{}]",
        "[[[]]]",
        "{account_id = \"1\"",
        "\"\"\"x",
        "",
        "관문",
        "\u{0}",
    ]);
    // A secret stands only where secrets stand; there it must not come out, however broken the lines around it are.
    let secret = prop::sample::select(vec![
        "credentials.app_key = \"PScanarySecret0123456789\"",
        "app_secret = \"PScanarySecret0123456789",
        "credentials.app_secret = [\"PScanarySecret0123456789\"",
        "app_key = 'PScanary Secret",
        "app_key = PScanarySecret",
        "[credentials]",
        "[gateway.credentials]",
    ])
    .prop_map(str::to_owned);
    prop_oneof![
        4 => (key.clone(), value).prop_map(|(key, value)| format!("{key} = {value}")),
        1 => key.clone().prop_map(|key| format!("[{key}]")),
        1 => key.prop_map(|key| format!("[[{key}]]")),
        1 => secret,
        1 => "\\PC{0,20}",
    ]
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_with_lines(text in any::<String>()) {
        check_any(&text)?;
    }

    #[test]
    fn any_near_configuration_is_read_or_refused_with_lines(
        lines in prop::collection::vec(line(), 0..24),
    ) {
        check_any(&lines.join("\n"))?;
    }
}

/// A text is read, or every problem has a line of it and none repeats a secret.
fn check_any(text: &str) -> Result<(), TestCaseError> {
    let lines = text.lines().count().max(1);
    match GatewayConfigs::from_toml_str("t.toml", text) {
        Ok(configs) => {
            let debug = format!("{configs:?}");
            prop_assert!(!debug.contains("canary"));
        }
        Err(error) => {
            prop_assert!(!error.problems.is_empty());
            for problem in &error.problems {
                let (_, line) = problem.place.as_ref().expect("a line");
                prop_assert!(
                    (1..=lines).contains(line),
                    "{} of {}: {}",
                    line,
                    lines,
                    problem
                );
                prop_assert!(!problem.to_string().contains("canary"), "{}", problem);
            }
        }
    }
    Ok(())
}

#[test]
fn a_durability_needs_a_journal_and_chances_have_bounds() {
    let text = "broker_type = \"MOCK\"\n[mock]\ndurability = \"POWER_LOSS\"\n[mock.faults]\ndelay = 1_001\nlose = 1\n";
    let error = BrokerConfig::from_toml_str("t.toml", text).unwrap_err();
    let words = error.to_string();
    for expected in ["journal_dir", "0 to 1000", "lose"] {
        assert!(words.contains(expected), "{words}");
    }
    let mock = MockConfig {
        durability: JournalDurability::PowerLoss,
        faults: Some(FaultConfig {
            restart: 1_001,
            ..FaultConfig::new(1)
        }),
        ..MockConfig::default()
    };
    let built = BrokerConfig::builder(BrokerType::Mock).mock(mock).build();
    let words = built.unwrap_err().to_string();
    assert!(
        words.contains("mock.durability") && words.contains("mock.faults.restart"),
        "{words}"
    );
}

#[test]
fn what_only_kis_has_is_read_and_checked() {
    let text = format!(
        "{}\nhts_id = \"myid@1\"\ndata_dir = \"state\"\n{}[credentials]\napp_key = \"k\"\napp_secret = \"s\"\n\
         [endpoints]\nmasters_url = \"https://files.example/kis\"",
        "broker_type = \"KIS\"",
        KIS.trim_start()
            .trim_start_matches("broker_type = \"KIS\"\n"),
    );
    let config = BrokerConfig::from_toml_str("t.toml", &text).unwrap();
    assert_eq!(config.hts_id(), Some("myid@1"));
    assert_eq!(config.data_dir(), Some(Path::new("state")));
    let masters = config.endpoints().masters_url.as_deref();
    assert_eq!(masters, Some("https://files.example/kis"));

    let long = "x".repeat(41);
    for id in ["", "my id", "아이디", &long] {
        let mistaken = text.replace("myid@1", id);
        let error = BrokerConfig::from_toml_str("t.toml", &mistaken).unwrap_err();
        assert_eq!(places(&error), [(2, "hts_id".to_owned())], "{id}");
        assert!(
            id.is_empty() || !error.to_string().contains(id),
            "not repeated: {error}"
        );
    }
    let plain = text.replace("https://files.example/kis", "http://files.example");
    let error = BrokerConfig::from_toml_str("t.toml", &plain).unwrap_err();
    assert!(
        error.to_string().contains("endpoints.masters_url"),
        "{error}"
    );
    let mock = "broker_type = \"MOCK\"\nhts_id = \"myid\"";
    assert!(problem(mock).contains("only KIS"));
}
