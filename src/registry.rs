//! Many gateways by name: their life, their health, and an orderly end.
//!
//! A gateway that is [`start`](Registry::start)ed gets a supervisor: it connects, asks for a sign of life at the
//! configured interval, and when that fails connects again with exponential backoff and jitter. After a bounded number of
//! attempts it gives up, and the gateway stands at [`ConnectionStatus::Error`] until it is started anew.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::{BrokerConfig, Retry};
use crate::contract::BrokerGateway;
use crate::domain::{BrokerType, ConnectionStatus};
use crate::error::{Error, Result};
use crate::gateway::Gateway;
use crate::limiter::{LimitLevel, Usage};

/// How a registered gateway is doing.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BrokerInfo {
    /// The name that it is registered under.
    pub name: Arc<str>,
    /// Its broker.
    pub broker_type: BrokerType,
    /// Where its connection stands; `ERROR` after the last attempt failed.
    pub status: ConnectionStatus,
    /// Number of its accounts.
    pub accounts: usize,
    /// Use of its rate limit.
    pub usage: Usage,
    /// Used ÷ limit, 0 to 1.
    pub usage_ratio: f64,
    /// Where the ratio stands.
    pub level: LimitLevel,
    /// Failed attempts to connect since it was last connected.
    pub failed_attempts: u32,
    /// What the last failure said.
    pub last_error: Option<Arc<str>>,
}

/// Gateways by name. A cheap handle: clones share the same gateways.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    // Held for a look-up or an insertion, never across an await.
    entries: Arc<RwLock<HashMap<Arc<str>, Arc<Member>>>>,
}

#[derive(Debug)]
struct Member {
    name: Arc<str>,
    gateway: Gateway,
    supervision: Mutex<Supervision>,
    /// Turns true when the supervisor is to stop.
    stop: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Supervision {
    failed_attempts: u32,
    last_error: Option<Arc<str>>,
    given_up: bool,
    task: Option<JoinHandle<()>>,
}

impl Supervision {
    /// The gateway's own status, but ERROR after the last attempt and CONNECTING between attempts.
    const fn status(&self, own: ConnectionStatus) -> ConnectionStatus {
        match own {
            ConnectionStatus::Disconnected if self.given_up => ConnectionStatus::Error,
            ConnectionStatus::Disconnected if self.failed_attempts > 0 => {
                ConnectionStatus::Connecting
            }
            ConnectionStatus::Disconnected
            | ConnectionStatus::Connecting
            | ConnectionStatus::Connected
            | ConnectionStatus::Error => own,
        }
    }
}

impl Registry {
    /// An empty registry.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the gateway of that configuration and registers it under the configuration's name.
    ///
    /// # Errors
    /// As [`Gateway::new`] and [`Registry::register`].
    pub fn open(&self, config: BrokerConfig) -> Result<Gateway> {
        let name = config.name().to_owned();
        let gateway = Gateway::new(config)?;
        self.register(&name, gateway.clone())?;
        Ok(gateway)
    }

    /// Registers a gateway under a name.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the name is taken; the registry is unchanged.
    pub fn register(&self, name: &str, gateway: Gateway) -> Result<()> {
        let name: Arc<str> = name.into();
        match self.write().entry(Arc::clone(&name)) {
            Entry::Occupied(_) => Err(Error::invalid(
                "gateway name",
                &name,
                "a name that is not registered yet",
            )),
            Entry::Vacant(place) => {
                let supervision = Mutex::default();
                place.insert(Arc::new(Member {
                    name,
                    gateway,
                    supervision,
                    stop: watch::Sender::new(false),
                }));
                Ok(())
            }
        }
    }

    /// The gateway of that name.
    pub fn get(&self, name: &str) -> Option<Gateway> {
        self.read().get(name).map(|member| member.gateway.clone())
    }

    /// The registered names, sorted.
    pub fn names(&self) -> Vec<Arc<str>> {
        let mut names: Vec<_> = self.read().keys().cloned().collect();
        names.sort();
        names
    }

    /// How the gateway of that name is doing.
    pub fn info(&self, name: &str) -> Option<BrokerInfo> {
        self.read().get(name).map(|member| member.info())
    }

    /// How every gateway is doing, by name.
    pub fn infos(&self) -> Vec<BrokerInfo> {
        let mut infos: Vec<_> = self.read().values().map(|member| member.info()).collect();
        infos.sort_by(|left, right| left.name.cmp(&right.name));
        infos
    }

    /// Starts a supervisor that connects the gateway of that name and keeps it connected; does nothing while one runs.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a name that is not registered.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start(&self, name: &str) -> Result<()> {
        let member = self.member(name)?;
        let mut supervision = member.supervision();
        if supervision
            .task
            .as_ref()
            .is_none_or(JoinHandle::is_finished)
        {
            member.stop.send_replace(false);
            supervision.given_up = false;
            supervision.failed_attempts = 0;
            supervision.task = Some(tokio::spawn(
                Arc::clone(&member).supervise(member.stop.subscribe()),
            ));
        }
        Ok(())
    }

    /// Starts every gateway.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start_all(&self) {
        for name in self.names() {
            // A name that was removed meanwhile needs no start.
            let _ = self.start(&name);
        }
    }

    /// Stops the supervisor of the gateway of that name, disconnects it and takes it out.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a name that is not registered, and what disconnecting fails with.
    pub async fn remove(&self, name: &str) -> Result<Gateway> {
        let member = self.member(name)?;
        self.write().remove(name);
        member.stop().await?;
        Ok(member.gateway.clone())
    }

    /// Stops every supervisor and disconnects every gateway. They stay registered and can be started again.
    ///
    /// # Errors
    /// What the first failing disconnect says; the others are disconnected all the same.
    pub async fn shutdown(&self) -> Result<()> {
        let members: Vec<_> = self.read().values().cloned().collect();
        let mut outcome = Ok(());
        for member in members {
            outcome = outcome.and(member.stop().await);
        }
        outcome
    }

    fn member(&self, name: &str) -> Result<Arc<Member>> {
        self.read().get(name).cloned().ok_or_else(|| {
            let known = self.names().join(", ");
            Error::not_found(
                "gateway",
                name,
                format!("one of the registered names: {known}"),
            )
        })
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<Arc<str>, Arc<Member>>> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<Arc<str>, Arc<Member>>> {
        self.entries.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Member {
    fn info(&self) -> BrokerInfo {
        let usage = self.gateway.rate_limiter().usage();
        let supervision = self.supervision();
        BrokerInfo {
            name: Arc::clone(&self.name),
            broker_type: self.gateway.broker_type(),
            status: supervision.status(self.gateway.status()),
            accounts: self.gateway.accounts().len(),
            usage,
            usage_ratio: usage.ratio(),
            level: usage.level(),
            failed_attempts: supervision.failed_attempts,
            last_error: supervision.last_error.clone(),
        }
    }

    /// Keeps the gateway connected until told to stop, or until the last attempt failed.
    async fn supervise(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut backoff = Backoff::new(*self.gateway.config().retry(), &self.name);
        let health_every = self.gateway.config().health_check_interval();
        while self.connect(&mut backoff, &mut stop).await {
            loop {
                if stopped_within(&mut stop, health_every).await {
                    return;
                }
                match self.gateway.health().await {
                    Ok(health) if health.status == ConnectionStatus::Connected => {}
                    Ok(_) => break,
                    Err(error) => {
                        self.supervision().last_error = Some(error.to_string().into());
                        break;
                    }
                }
            }
            tracing::warn!(gateway = &*self.name, "no sign of life; connecting again");
        }
    }

    /// Connects, with backoff; false when told to stop or when the last attempt failed.
    async fn connect(&self, backoff: &mut Backoff, stop: &mut watch::Receiver<bool>) -> bool {
        backoff.attempt = 0;
        loop {
            let outcome = tokio::select! {
                biased;
                _ = stop.wait_for(|&stop| stop) => return false,
                outcome = self.gateway.connect() => outcome,
            };
            let Err(error) = outcome else {
                let mut supervision = self.supervision();
                supervision.failed_attempts = 0;
                return true;
            };
            let next = backoff.next_delay();
            {
                let mut supervision = self.supervision();
                supervision.failed_attempts = backoff.attempt;
                supervision.last_error = Some(error.to_string().into());
                supervision.given_up = next.is_none();
            }
            let Some(delay) = next else {
                tracing::error!(gateway = &*self.name, attempts = backoff.attempt, %error, "giving up");
                return false;
            };
            tracing::warn!(gateway = &*self.name, attempt = backoff.attempt, ?delay, %error, "cannot connect");
            if stopped_within(stop, delay).await {
                return false;
            }
        }
    }

    async fn stop(&self) -> Result<()> {
        self.stop.send_replace(true);
        let task = self.supervision().task.take();
        if let Some(task) = task {
            // The task ends at its next look at `stop`; a panic in it has nothing to add to a shutdown.
            let _ = task.await;
        }
        {
            let mut supervision = self.supervision();
            (supervision.failed_attempts, supervision.given_up) = (0, false);
        }
        self.gateway.disconnect().await
    }

    /// A plain mutex: held for a few loads and stores, never across an await.
    fn supervision(&self) -> MutexGuard<'_, Supervision> {
        self.supervision
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for that long; true as soon as told to stop.
async fn stopped_within(stop: &mut watch::Receiver<bool>, span: Duration) -> bool {
    tokio::time::timeout(span, stop.wait_for(|&stop| stop))
        .await
        .is_ok()
}

/// Doubling delays with jitter: each is drawn from the upper half of its span, so that gateways that fell together do not
/// come back together.
#[derive(Debug)]
struct Backoff {
    settings: Retry,
    attempt: u32,
    random: ChaCha8Rng,
}

impl Backoff {
    fn new(settings: Retry, name: &str) -> Self {
        // Jitter must differ between processes, so it is seeded by the process's own random hash keys.
        let random = ChaCha8Rng::seed_from_u64(RandomState::new().hash_one(name));
        Self {
            settings,
            attempt: 0,
            random,
        }
    }

    /// Counts a failed attempt and says how long to wait before the next; `None` after the last.
    fn next_delay(&mut self) -> Option<Duration> {
        self.attempt += 1;
        if self.attempt >= self.settings.attempts_max {
            return None;
        }
        let doubled = self
            .settings
            .backoff_initial
            .saturating_mul(1 << (self.attempt - 1).min(20));
        let span_ms =
            u64::try_from(doubled.min(self.settings.backoff_max).as_millis()).unwrap_or(u64::MAX);
        let half_ms = span_ms / 2;
        let jitter_ms = self.random.next_u64() % (span_ms - half_ms + 1);
        Some(Duration::from_millis(half_ms + jitter_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_with_jitter_up_to_the_bound_and_end() {
        let settings = Retry {
            attempts_max: 8,
            backoff_initial: Duration::from_millis(100),
            backoff_max: Duration::from_millis(1_000),
        };
        let mut backoff = Backoff::new(settings, "test");
        let spans_ms = [100, 200, 400, 800, 1_000, 1_000, 1_000];
        for span_ms in spans_ms {
            let delay = backoff.next_delay().unwrap();
            assert!(
                delay >= Duration::from_millis(span_ms / 2)
                    && delay <= Duration::from_millis(span_ms)
            );
        }
        assert_eq!((backoff.next_delay(), backoff.attempt), (None, 8));
    }
}
