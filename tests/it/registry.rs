//! Many gateways: names, supervision, an orderly end. Time is paused.

use std::time::Duration;

use gwanmun::{BrokerConfig, BrokerGateway, BrokerType, ConnectionStatus, Error, Registry};

/// A MOCK named `name` that is tried five times, 100 ms to 1 s apart, and looked at every 10 s.
fn config(name: &str) -> BrokerConfig {
    BrokerConfig::from_toml_str(
        "test.toml",
        &format!(
            "broker_type = \"MOCK\"\nname = \"{name}\"\nhealth_check_interval_ms = 10000\n\
             [[accounts]]\naccount_id = \"1\"\naccount_name = \"a\"\naccount_type = \"PAPER\"\n\
             [retry]\nattempts_max = 5\nbackoff_initial_ms = 100\nbackoff_max_ms = 1000\n\
             [mock]\npace = 0\n"
        ),
    )
    .unwrap()
}

async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    for _ in 0..1_000 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("waited in vain until {what}");
}

#[tokio::test(start_paused = true)]
async fn names_are_unique_and_found() {
    let registry = Registry::new();
    registry.open(config("first")).unwrap();
    registry.open(config("second")).unwrap();
    assert_eq!(
        registry
            .names()
            .iter()
            .map(AsRef::as_ref)
            .collect::<Vec<&str>>(),
        ["first", "second"]
    );
    assert_eq!(
        registry.get("first").unwrap().broker_type(),
        BrokerType::Mock
    );
    assert!(registry.get("third").is_none());
    let taken = registry.open(config("first")).unwrap_err();
    assert!(matches!(taken, Error::Invalid(_)), "{taken}");
    let missing = registry.start("third").unwrap_err();
    assert!(missing.to_string().contains("first, second"), "{missing}");
}

#[tokio::test(start_paused = true)]
async fn a_started_gateway_is_connected_and_kept_so() {
    let registry = Registry::new();
    let gateway = registry.open(config("live")).unwrap();
    registry.start("live").unwrap();
    registry.start("live").unwrap();
    until("it is connected", || {
        gateway.status() == ConnectionStatus::Connected
    })
    .await;
    gateway.as_mock().unwrap().drop_connection();
    assert_ne!(gateway.status(), ConnectionStatus::Connected);
    until("it is connected again", || {
        gateway.status() == ConnectionStatus::Connected
    })
    .await;
    registry.shutdown().await.unwrap();
    assert_eq!(
        registry.info("live").unwrap().status,
        ConnectionStatus::Disconnected
    );
}

#[tokio::test(start_paused = true)]
async fn bounded_attempts_end_in_error_and_a_new_start_tries_again() {
    let registry = Registry::new();
    let gateway = registry.open(config("down")).unwrap();
    gateway.as_mock().unwrap().fail_connects(7);
    registry.start("down").unwrap();
    until("it gives up", || {
        registry.info("down").unwrap().status == ConnectionStatus::Error
    })
    .await;
    let info = registry.info("down").unwrap();
    assert_eq!(info.failed_attempts, 5);
    assert!(info.last_error.is_some());
    registry.start("down").unwrap();
    until("it is connected", || {
        gateway.status() == ConnectionStatus::Connected
    })
    .await;
    let info = registry.info("down").unwrap();
    assert_eq!(
        (info.status, info.failed_attempts),
        (ConnectionStatus::Connected, 0)
    );
    let gateway = registry.remove("down").await.unwrap();
    assert_eq!(gateway.status(), ConnectionStatus::Disconnected);
    assert!(registry.infos().is_empty());
}

#[tokio::test(start_paused = true)]
async fn stopping_does_not_wait_for_the_backoff() {
    let registry = Registry::new();
    registry
        .open(config("down"))
        .unwrap()
        .as_mock()
        .unwrap()
        .fail_connects(u32::MAX);
    registry.start_all();
    tokio::time::sleep(Duration::from_millis(10)).await;
    let started = tokio::time::Instant::now();
    registry.shutdown().await.unwrap();
    assert!(started.elapsed() < Duration::from_millis(1));
}
