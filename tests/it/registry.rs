//! Many gateways: names, supervision, an orderly end. Time is paused.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use futures::poll;
use gwanmun::limiter::Lane;
use gwanmun::{
    BrokerConfig, BrokerGateway, BrokerType, ConnectionStatus, Error, Gateway, LimitLevel, Registry,
};

/// Far longer than anything here takes, far shorter than anybody waits for a test.
const PATIENCE: Duration = Duration::from_secs(60);

/// A MOCK named `name` that is tried five times, 100 ms to 1 s apart, and looked at every 10 s.
fn config(name: &str) -> BrokerConfig {
    config_with(name, "")
}

/// The same, with further lines ahead of its tables.
fn config_with(name: &str, lines: &str) -> BrokerConfig {
    BrokerConfig::from_toml_str(
        "test.toml",
        &format!(
            "broker_type = \"MOCK\"\nname = \"{name}\"\nhealth_check_interval_ms = 10000\n\
             {lines}\n[[accounts]]\naccount_id = \"1\"\naccount_name = \"a\"\naccount_type = \"PAPER\"\n\
             [retry]\nattempts_max = 5\nbackoff_initial_ms = 100\nbackoff_max_ms = 1000\n\
             [mock]\npace = 0\n"
        ),
    )
    .unwrap()
}

/// Ten milliseconds, in which a task that has something to do does it.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(10)).await;
}

fn status(registry: &Registry, name: &str) -> ConnectionStatus {
    registry.info(name).unwrap().status
}

/// Requests of the last second: each supervisor asks for a sign of life once at the start and then every 10 s.
fn signs_of_life(gateway: &Gateway) -> usize {
    gateway.rate_limiter().usage().used
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
    registry.start_all().unwrap();
    tokio::time::sleep(Duration::from_millis(10)).await;
    let started = tokio::time::Instant::now();
    registry.shutdown().await.unwrap();
    assert!(started.elapsed() < Duration::from_millis(1));
}

#[tokio::test(start_paused = true)]
async fn a_gateway_has_one_supervisor_however_often_it_is_started() {
    let registry = Registry::new();
    let gateway = registry
        .open(config_with("live", "rate_limit = 100"))
        .unwrap();
    registry.start("live").unwrap();
    registry.start("live").unwrap();
    settle().await;
    registry.start_all().unwrap();
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(signs_of_life(&gateway), 1);
    registry.shutdown().await.unwrap();
    registry.start("live").unwrap();
    settle().await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(signs_of_life(&gateway), 1);
    assert_eq!(gateway.status(), ConnectionStatus::Connected);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_that_is_dropped_half_way_leaves_one_supervisor_to_the_next_start() {
    let registry = Registry::new();
    let gateway = registry
        .open(config_with("live", "rate_limit = 100"))
        .unwrap();
    registry.start("live").unwrap();
    settle().await;
    assert_eq!(gateway.status(), ConnectionStatus::Connected);

    let mut shutdown = Box::pin(registry.shutdown());
    assert!(poll!(&mut shutdown).is_pending());
    drop(shutdown);
    registry.start("live").unwrap();
    settle().await;
    assert_eq!(gateway.status(), ConnectionStatus::Connected);
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(signs_of_life(&gateway), 1);

    tokio::time::timeout(PATIENCE, registry.shutdown())
        .await
        .expect("the shutdown ends")
        .unwrap();
    assert_eq!(gateway.status(), ConnectionStatus::Disconnected);
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(gateway.status(), ConnectionStatus::Disconnected);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_shutdown_disconnects_all_the_same() {
    let registry = Registry::new();
    let gateway = registry.open(config("live")).unwrap();
    registry.start("live").unwrap();
    settle().await;
    let mut shutdown = Box::pin(registry.shutdown());
    assert!(poll!(&mut shutdown).is_pending());
    drop(shutdown);
    settle().await;
    assert_eq!(gateway.status(), ConnectionStatus::Disconnected);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_disconnects_what_was_connected_by_hand() {
    let registry = Registry::new();
    let gateway = registry.open(config("hand")).unwrap();
    gateway.connect().await.unwrap();
    registry.shutdown().await.unwrap();
    assert_eq!(gateway.status(), ConnectionStatus::Disconnected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn starts_and_stops_at_the_same_time_never_hang_and_the_last_word_holds() {
    let registry = Registry::new();
    let gateway = registry.open(config("live")).unwrap();
    let rounds = async {
        for _ in 0..500 {
            let starting = tokio::spawn({
                let registry = registry.clone();
                async move {
                    registry.start("live").unwrap();
                    tokio::task::yield_now().await;
                    registry.start("live").unwrap();
                }
            });
            registry.shutdown().await.unwrap();
            starting.await.unwrap();
        }
        registry.shutdown().await.unwrap();
        assert_eq!(gateway.status(), ConnectionStatus::Disconnected);
        registry.start("live").unwrap();
        while gateway.status() != ConnectionStatus::Connected {
            tokio::task::yield_now().await;
        }
        registry.shutdown().await.unwrap();
        assert_eq!(gateway.status(), ConnectionStatus::Disconnected);
    };
    tokio::time::timeout(PATIENCE, rounds)
        .await
        .expect("nothing hangs");
}

#[tokio::test(start_paused = true)]
async fn a_connection_without_a_sign_of_life_is_made_anew() {
    let registry = Registry::new();
    let gateway = registry.open(config("mute")).unwrap();
    registry.start("mute").unwrap();
    settle().await;
    gateway.as_mock().unwrap().fail_health(3);
    // One at the interval, two at the attempts that follow it.
    tokio::time::sleep(Duration::from_secs(12)).await;
    let info = registry.info("mute").unwrap();
    assert_eq!(
        (info.status, info.failed_attempts),
        (ConnectionStatus::Connected, 0)
    );
    let last_error = info.last_error.unwrap();
    assert!(
        last_error.contains("waiting for the answer"),
        "{last_error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_never_gives_a_sign_of_life_ends_in_error() {
    let registry = Registry::new();
    let gateway = registry.open(config("mute")).unwrap();
    gateway.as_mock().unwrap().fail_health(u32::MAX);
    registry.start("mute").unwrap();
    assert_eq!(status(&registry, "mute"), ConnectionStatus::Connecting);
    settle().await;
    let info = registry.info("mute").unwrap();
    assert_eq!(
        (info.status, info.failed_attempts),
        (ConnectionStatus::Connecting, 1)
    );
    until("it gives up", || {
        status(&registry, "mute") == ConnectionStatus::Error
    })
    .await;
    assert_eq!(registry.info("mute").unwrap().failed_attempts, 5);
    assert_eq!(gateway.status(), ConnectionStatus::Disconnected);
    registry.shutdown().await.unwrap();
    let info = registry.info("mute").unwrap();
    assert_eq!(
        (info.status, info.failed_attempts),
        (ConnectionStatus::Disconnected, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn a_busy_limiter_is_no_failure_and_keeps_no_shutdown_waiting() {
    let registry = Registry::new();
    let gateway = registry
        .open(config_with(
            "busy",
            "rate_limit = 1\ntimeouts = { query_ms = 500 }",
        ))
        .unwrap();
    registry.start("busy").unwrap();
    settle().await;
    let asked_at = tokio::time::Instant::now() + Duration::from_millis(9_990);
    tokio::time::sleep_until(asked_at - Duration::from_millis(100)).await;
    gateway.rate_limiter().try_acquire(Lane::Order).unwrap();
    // The limiter has no room in time, and the connection stands.
    tokio::time::sleep_until(asked_at + Duration::from_secs(2)).await;
    let info = registry.info("busy").unwrap();
    assert_eq!(
        (info.status, info.last_error),
        (ConnectionStatus::Connected, None)
    );

    // The limiter said at once that there is no room in time, so the next question is an interval later.
    let asked_at = asked_at + Duration::from_millis(10_000);
    tokio::time::sleep_until(asked_at - Duration::from_millis(100)).await;
    gateway.rate_limiter().try_acquire(Lane::Order).unwrap();
    tokio::time::sleep_until(asked_at + Duration::from_millis(100)).await;
    let started = tokio::time::Instant::now();
    registry.shutdown().await.unwrap();
    assert!(started.elapsed() < Duration::from_millis(1));
    assert_eq!(gateway.status(), ConnectionStatus::Disconnected);
}

#[cfg(feature = "kis")]
#[tokio::test(start_paused = true)]
async fn a_broker_that_cannot_connect_is_given_up_at_once_and_ends_cleanly() {
    let config = BrokerConfig::builder(BrokerType::Kis)
        .account(gwanmun::AccountConfig::new(
            "12345678-01".parse().unwrap(),
            gwanmun::AccountType::Paper,
        ))
        .grpc_host("127.0.0.1")
        .build()
        .unwrap();
    let registry = Registry::new();
    registry
        .register("unbuilt", Gateway::new(config).unwrap())
        .unwrap();
    let live = registry.open(self::config("live")).unwrap();
    registry.shutdown().await.unwrap();
    registry.start_all().unwrap();
    settle().await;
    let info = registry.info("unbuilt").unwrap();
    assert_eq!(
        (info.status, info.failed_attempts),
        (ConnectionStatus::Error, 1)
    );
    assert!(info.last_error.unwrap().contains("does not support"));
    registry.shutdown().await.unwrap();
    assert_eq!(live.status(), ConnectionStatus::Disconnected);
    let removed = registry.remove("unbuilt").await.unwrap();
    assert_eq!(removed.broker_type(), BrokerType::Kis);
}

#[tokio::test(start_paused = true)]
async fn what_is_removed_is_what_is_stopped_and_only_one_removes_it() {
    let registry = Registry::new();
    let old = registry.open(config("name")).unwrap();
    registry.start("name").unwrap();
    settle().await;
    let mut first = Box::pin(registry.remove("name"));
    assert!(poll!(&mut first).is_pending());
    // The name is free from here on, whatever becomes of the old gateway.
    let new = registry.open(config("name")).unwrap();
    registry.start("name").unwrap();
    first.await.unwrap();
    settle().await;
    assert_eq!(old.status(), ConnectionStatus::Disconnected);
    assert_eq!(new.status(), ConnectionStatus::Connected);
    let (one, other) = tokio::join!(registry.remove("name"), registry.remove("name"));
    assert!(one.is_ok());
    assert!(matches!(other, Err(Error::NotFound(_))));
    assert_eq!(new.status(), ConnectionStatus::Disconnected);
}

#[tokio::test(start_paused = true)]
async fn the_last_handle_takes_the_supervisors_along_and_leaves_the_connections() {
    let registry = Registry::new();
    let gateway = registry.open(config("left")).unwrap();
    registry.start("left").unwrap();
    settle().await;
    let other = registry.clone();
    drop(registry);
    gateway.as_mock().unwrap().drop_connection();
    until("the other handle's supervisor connects it again", || {
        gateway.status() == ConnectionStatus::Connected
    })
    .await;
    drop(other);
    settle().await;
    assert_eq!(gateway.status(), ConnectionStatus::Connected);
    gateway.as_mock().unwrap().drop_connection();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(gateway.status(), ConnectionStatus::Disconnected);
}

#[test]
fn a_start_outside_of_a_runtime_is_an_error() {
    let registry = Registry::new();
    registry.open(config("live")).unwrap();
    for error in [
        registry.start("live").unwrap_err(),
        registry.start_all().unwrap_err(),
    ] {
        assert!(matches!(error, Error::Invalid(_)), "{error}");
        assert!(error.to_string().contains("runtime"), "{error}");
    }
    assert_eq!(status(&registry, "live"), ConnectionStatus::Disconnected);
}

#[test]
fn a_supervisor_that_went_with_its_runtime_can_be_stopped_and_started_on_another() {
    let registry = Registry::new();
    let gateway = registry.open(config("live")).unwrap();
    for _ in 0..2 {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            registry.start("live").unwrap();
            settle().await;
        });
        assert_eq!(gateway.status(), ConnectionStatus::Connected);
        drop(runtime);
        futures::executor::block_on(registry.shutdown()).unwrap();
        assert_eq!(gateway.status(), ConnectionStatus::Disconnected);
    }
}

#[test]
fn unknown_names_are_told_while_others_register_and_remove() {
    let registry = Registry::new();
    let gateway = registry.open(config("first")).unwrap();
    let (done, all_done) = mpsc::channel();
    let work = |work: Box<dyn FnOnce(Registry) + Send>| {
        let (registry, done) = (registry.clone(), done.clone());
        thread::spawn(move || {
            work(registry);
            done.send(()).unwrap();
        });
    };
    for thread in 0..2 {
        let gateway = gateway.clone();
        work(Box::new(move |registry| {
            for round in 0..2_000 {
                let name = format!("{thread}-{round}");
                registry.register(&name, gateway.clone()).unwrap();
                let removing = registry.remove(&name);
                let removed = futures::executor::block_on(removing).unwrap();
                assert_eq!(removed.broker_type(), BrokerType::Mock);
            }
        }));
        work(Box::new(|registry| {
            for _ in 0..2_000 {
                let error = registry.start("nobody").unwrap_err();
                assert!(error.to_string().contains("first"), "{error}");
                assert!(registry.info("first").is_some());
                assert!(!registry.infos().is_empty());
            }
        }));
    }
    for _ in 0..4 {
        all_done
            .recv_timeout(PATIENCE)
            .expect("no thread waits for ever, and none fails");
    }
    assert_eq!(registry.names().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn infos_show_the_use_of_the_rate_limit_by_name() {
    let registry = Registry::new();
    let limited = registry
        .open(config_with("b-limited", "rate_limit = 4"))
        .unwrap();
    registry.open(config("a-free")).unwrap();
    for _ in 0..3 {
        limited.rate_limiter().try_acquire(Lane::Order).unwrap();
    }
    let infos = registry.infos();
    let shown = infos.iter().map(|info| {
        let (used, limit) = (info.usage.used, info.usage.limit);
        (&*info.name, used, limit, info.usage_ratio, info.level)
    });
    assert_eq!(
        shown.collect::<Vec<_>>(),
        [
            ("a-free", 0, None, 0.0, LimitLevel::Normal),
            ("b-limited", 3, Some(4), 0.75, LimitLevel::Caution)
        ]
    );
    assert!(infos.iter().all(|info| info.accounts == 1));
}
