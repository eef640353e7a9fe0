//! Many gateways by name: their life, their health, and an orderly end.
//!
//! A gateway that is [`start`](Registry::start)ed gets a supervisor: it connects, asks for a sign of life at once and then at
//! the configured interval, and when that fails disconnects and connects again. An attempt that fails is followed by
//! another with exponential backoff and jitter. After a bounded number of them, or at once after an error that no retry
//! cures, it gives up: [`BrokerInfo::status`] is [`ConnectionStatus::Error`] until the gateway is started anew.
//!
//! A busy rate limiter is no failure: the question is asked again at the next interval.

mod backoff;
mod supervisor;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::task::Poll;

use serde::Serialize;

use crate::config::BrokerConfig;
use crate::domain::{BrokerType, ConnectionStatus};
use crate::error::{Error, Result};
use crate::gateway::Gateway;
use crate::limiter::{LimitLevel, Usage};
use supervisor::Supervisor;

/// How a registered gateway is doing.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BrokerInfo {
    /// The name that it is registered under.
    pub name: Arc<str>,
    /// Its broker.
    pub broker_type: BrokerType,
    /// Where its connection stands: the gateway's own status, but CONNECTING while its supervisor tries to connect it, and
    /// ERROR after the supervisor gave up. The gateway itself knows of neither: its own
    /// [`status`](crate::BrokerGateway::status) is DISCONNECTED then.
    pub status: ConnectionStatus,
    /// Number of its accounts.
    pub accounts: usize,
    /// Use of its rate limit.
    pub usage: Usage,
    /// Used ÷ limit, 0 to 1.
    pub usage_ratio: f64,
    /// Where the ratio stands.
    pub level: LimitLevel,
    /// Failed attempts in a row; 0 again with the next sign of life, start or stop. An attempt is to connect and to get a
    /// first sign of life.
    pub failed_attempts: u32,
    /// What the last failure said. It stays after the next success.
    pub last_error: Option<Arc<str>>,
}

/// Gateways by name. A cheap handle: clones share the same gateways.
///
/// Dropping the last handle ends every supervisor and leaves the connections as they are, in the hands of whoever holds the
/// gateways. [`shutdown`](Self::shutdown) disconnects them too.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    // Held for one look-up, insertion or removal, never across an await nor while another lock is taken.
    entries: Arc<RwLock<Entries>>,
}

type Entries = HashMap<Arc<str>, Arc<Supervisor>>;

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
                place.insert(Arc::new(Supervisor::new(name, gateway)));
                Ok(())
            }
        }
    }

    /// The gateway of that name.
    pub fn get(&self, name: &str) -> Option<Gateway> {
        self.find(name)
            .map(|supervisor| supervisor.gateway().clone())
    }

    /// The registered names, sorted.
    pub fn names(&self) -> Vec<Arc<str>> {
        let mut names: Vec<_> = self.read().keys().cloned().collect();
        names.sort();
        names
    }

    /// How the gateway of that name is doing.
    pub fn info(&self, name: &str) -> Option<BrokerInfo> {
        self.find(name).map(|supervisor| supervisor.info())
    }

    /// How every gateway is doing, by name.
    pub fn infos(&self) -> Vec<BrokerInfo> {
        let all = self.all();
        let mut infos: Vec<_> = all.iter().map(|supervisor| supervisor.info()).collect();
        infos.sort_by(|left, right| left.name.cmp(&right.name));
        infos
    }

    /// Starts a supervisor that connects the gateway of that name and keeps it connected; does nothing while one runs. It
    /// runs on the tokio runtime of this call, which must have its timer on.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a name that is not registered, [`Error::Invalid`] outside of a tokio runtime.
    pub fn start(&self, name: &str) -> Result<()> {
        let supervisor = self.find(name).ok_or_else(|| self.unknown(name))?;
        if supervisor.start()? {
            Ok(())
        } else {
            // Removed since it was found.
            Err(self.unknown(name))
        }
    }

    /// Starts every gateway.
    ///
    /// # Errors
    /// [`Error::Invalid`] outside of a tokio runtime.
    pub fn start_all(&self) -> Result<()> {
        for supervisor in self.all() {
            // One that was removed meanwhile needs no start.
            let _ = supervisor.start()?;
        }
        Ok(())
    }

    /// Takes the gateway of that name out, stops its supervisor and disconnects it.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a name that is not registered. What disconnecting fails with: the gateway is out all the
    /// same, and a handle to it is what [`get`](Self::get) gave before.
    ///
    /// # Cancel safety
    /// The first poll takes the gateway out and tells its supervisor to stop, which then disconnects on its own. Dropped
    /// after that, a gateway that was connected without a supervisor may stay connected.
    pub async fn remove(&self, name: &str) -> Result<Gateway> {
        let removed = self.write().remove(name);
        let supervisor = removed.ok_or_else(|| self.unknown(name))?;
        supervisor.retire().await?;
        Ok(supervisor.gateway().clone())
    }

    /// Stops every supervisor and disconnects every gateway, all at the same time. They stay registered and can be started
    /// again; a start that comes before the end of the old supervisor waits for it.
    ///
    /// # Errors
    /// What the first failing disconnect says; the others are disconnected all the same.
    ///
    /// # Cancel safety
    /// The first poll tells every supervisor to stop, and each disconnects its gateway on its own. Dropped after that,
    /// gateways that were connected without a supervisor may stay connected.
    pub async fn shutdown(&self) -> Result<()> {
        let stops = self
            .all()
            .into_iter()
            .map(|supervisor| Box::pin(async move { supervisor.stop().await }));
        all_of(stops.collect()).await
    }

    /// The lock is free again when this returns, so that no caller takes it twice.
    fn find(&self, name: &str) -> Option<Arc<Supervisor>> {
        self.read().get(name).cloned()
    }

    fn all(&self) -> Vec<Arc<Supervisor>> {
        self.read().values().cloned().collect()
    }

    fn unknown(&self, name: &str) -> Error {
        let known = self.names().join(", ");
        Error::not_found(
            "gateway",
            name,
            format!("one of the registered names: {known}"),
        )
    }

    fn read(&self) -> RwLockReadGuard<'_, Entries> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Entries> {
        self.entries.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Awaits all at the same time; the first error, after the last has ended.
async fn all_of<F: Future<Output = Result<()>>>(mut futures: Vec<Pin<Box<F>>>) -> Result<()> {
    let mut outcome = Ok(());
    std::future::poll_fn(|context| {
        futures.retain_mut(|future| match future.as_mut().poll(context) {
            Poll::Ready(ended) => {
                if outcome.is_ok() {
                    outcome = ended;
                }
                false
            }
            Poll::Pending => true,
        });
        if futures.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    outcome
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn all_are_awaited_at_the_same_time_and_the_first_error_is_kept() {
        let started = tokio::time::Instant::now();
        let one = |seconds: u64, fails: bool| {
            Box::pin(async move {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                if fails {
                    Err(Error::invalid("future", seconds, ""))
                } else {
                    Ok(())
                }
            })
        };
        let error = all_of(vec![
            one(3, true),
            one(1, false),
            one(2, true),
            one(4, false),
        ])
        .await
        .unwrap_err();
        assert!(error.to_string().contains('2'), "{error}");
        assert_eq!(started.elapsed(), Duration::from_secs(4));
        assert!(all_of(vec![one(1, false)]).await.is_ok());
    }
}
