//! One gateway, and the task that keeps it connected while it is started.
//!
//! Each start is a run with a stop signal of its own, so that nothing is ever reset under a task that has not looked yet.
//! A run waits for the end of the one before it: no gateway has two.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;

use super::BrokerInfo;
use super::backoff::Backoff;
use crate::contract::BrokerGateway;
use crate::domain::ConnectionStatus;
use crate::error::{Error, Result, TimeoutPhase};
use crate::gateway::Gateway;

/// Starts and stops the runs of one gateway. Dropped, it ends the run and leaves the connection as it is.
#[derive(Debug)]
pub(super) struct Supervisor {
    /// What the task holds too. The stop signal is not in there: a task that held its own would never be abandoned.
    charge: Arc<Charge>,
    /// A plain mutex: held for a few loads and stores, never across an await.
    life: Mutex<Life>,
}

#[derive(Debug, Default)]
struct Life {
    removed: bool,
    /// The latest run. True tells it to stop and to disconnect; a sender that is gone tells it to leave everything as it
    /// is. The task owns the one receiver, so the channel is closed when the task has ended, however it did.
    run: Option<watch::Sender<bool>>,
}

impl Life {
    fn is_running(&self) -> bool {
        self.run
            .as_ref()
            .is_some_and(|run| !run.is_closed() && !*run.borrow())
    }

    /// Tells the latest run to stop; gives what its end can be awaited with.
    fn tell_to_stop(&self) -> Option<watch::Sender<bool>> {
        let run = self.run.as_ref()?;
        run.send_replace(true);
        Some(run.clone())
    }
}

impl Supervisor {
    pub(super) fn new(name: Arc<str>, gateway: Gateway) -> Self {
        Self {
            charge: Arc::new(Charge {
                name,
                gateway,
                condition: Mutex::default(),
            }),
            life: Mutex::default(),
        }
    }

    pub(super) fn gateway(&self) -> &Gateway {
        &self.charge.gateway
    }

    pub(super) fn info(&self) -> BrokerInfo {
        let Charge { name, gateway, .. } = &*self.charge;
        let usage = gateway.rate_limiter().usage();
        let is_running = self.life().is_running();
        let condition = self.charge.condition();
        BrokerInfo {
            name: Arc::clone(name),
            broker_type: gateway.broker_type(),
            status: condition.status(gateway.status(), is_running),
            accounts: gateway.accounts().len(),
            usage,
            usage_ratio: usage.ratio(),
            level: usage.level(),
            failed_attempts: condition.failed_attempts,
            last_error: condition.last_error.clone(),
        }
    }

    /// Begins a run unless one is going on; false when the gateway was removed.
    ///
    /// # Errors
    /// [`Error::Invalid`] outside of a tokio runtime.
    pub(super) fn start(&self) -> Result<bool> {
        let runtime = Handle::try_current().map_err(|_| {
            Error::invalid("caller", "no tokio runtime", "a call from within a runtime")
        })?;
        let mut life = self.life();
        if life.removed {
            return Ok(false);
        }
        if !life.is_running() {
            self.charge.condition().begin();
            let (stop, stopped) = watch::channel(false);
            let before = life.run.replace(stop);
            runtime.spawn(Arc::clone(&self.charge).run(before, Stop(stopped)));
        }
        Ok(true)
    }

    /// Ends the run, if there is one, and disconnects.
    ///
    /// # Errors
    /// What disconnecting fails with.
    ///
    /// # Cancel safety
    /// The run is told at the first poll, and disconnects on its own. Only a gateway without a run may stay connected.
    pub(super) async fn stop(&self) -> Result<()> {
        let run = self.life().tell_to_stop();
        self.after(run).await
    }

    /// As [`stop`](Self::stop), and for good: it cannot be started again.
    pub(super) async fn retire(&self) -> Result<()> {
        let run = {
            let mut life = self.life();
            life.removed = true;
            life.tell_to_stop()
        };
        self.after(run).await
    }

    /// Waits for the end of a run, and disconnects what that left connected.
    async fn after(&self, run: Option<watch::Sender<bool>>) -> Result<()> {
        if let Some(run) = run {
            run.closed().await;
        }
        {
            let life = self.life();
            if life.is_running() {
                // Somebody started it anew meanwhile, and that is the last word.
                return Ok(());
            }
            self.charge.condition().end();
        }
        self.charge.disconnect().await
    }

    fn life(&self) -> MutexGuard<'_, Life> {
        self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The gateway and how it is doing.
#[derive(Debug)]
struct Charge {
    name: Arc<str>,
    gateway: Gateway,
    /// A plain mutex: held for a few loads and stores, never across an await.
    condition: Mutex<Condition>,
}

#[derive(Debug, Default)]
struct Condition {
    phase: Phase,
    failed_attempts: u32,
    last_error: Option<Arc<str>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// Nothing to do: not started, stopped, or connected.
    #[default]
    Idle,
    /// Between the start or the loss of a connection and the next sign of life.
    Connecting,
    /// The last attempt failed.
    GivenUp,
}

impl Condition {
    const fn begin(&mut self) {
        (self.phase, self.failed_attempts) = (Phase::Connecting, 0);
    }

    /// Connected, or stopped.
    const fn end(&mut self) {
        (self.phase, self.failed_attempts) = (Phase::Idle, 0);
    }

    /// The gateway's own status, but CONNECTING between attempts and ERROR after the last.
    const fn status(&self, own: ConnectionStatus, is_running: bool) -> ConnectionStatus {
        match (own, self.phase) {
            (ConnectionStatus::Disconnected, Phase::GivenUp) => ConnectionStatus::Error,
            // A run may also have ended with its runtime; then nobody connects any more.
            (ConnectionStatus::Disconnected, Phase::Connecting) if is_running => {
                ConnectionStatus::Connecting
            }
            (own, _) => own,
        }
    }
}

/// Why a connection is no good.
struct Broken {
    error: Error,
    /// Whether there was a sign of life on it.
    has_lived: bool,
}

impl Charge {
    /// One run, from the end of the run before to its own.
    async fn run(self: Arc<Self>, before: Option<watch::Sender<bool>>, mut stop: Stop) {
        if let Some(before) = before {
            before.closed().await;
            // The run before may have written after this one was started.
            self.condition().begin();
        }
        self.keep_connected(&mut stop).await;
        if stop.is_to_disconnect() {
            self.condition().end();
            self.hang_up().await;
        }
    }

    /// Keeps the gateway connected until told to stop, or until the last attempt failed.
    async fn keep_connected(&self, stop: &mut Stop) {
        let mut backoff = Backoff::new(*self.gateway.config().retry(), &self.name);
        while let Some(Broken { error, has_lived }) = stop.or(self.hold()).await {
            // `connect` does nothing while the gateway believes itself connected.
            self.hang_up().await;
            let is_lasting = is_lasting(&error);
            if has_lived && !is_lasting {
                tracing::warn!(gateway = &*self.name, %error, "no sign of life; connecting again");
                backoff.restart();
                let mut condition = self.condition();
                condition.begin();
                condition.last_error = Some(error.to_string().into());
                continue;
            }
            let delay = backoff.next_delay().filter(|_| !is_lasting);
            let attempt = backoff.failed_attempts();
            {
                let mut condition = self.condition();
                condition.failed_attempts = attempt;
                condition.last_error = Some(error.to_string().into());
                if delay.is_none() {
                    condition.phase = Phase::GivenUp;
                }
            }
            let Some(delay) = delay else {
                tracing::error!(gateway = &*self.name, attempt, %error, "giving up");
                return;
            };
            tracing::warn!(gateway = &*self.name, attempt, ?delay, %error, "cannot connect");
            if stop.or(tokio::time::sleep(delay)).await.is_none() {
                return;
            }
        }
    }

    /// Connects and asks for signs of life, the first at once, until one fails to come. Can be dropped at any point.
    async fn hold(&self) -> Broken {
        let mut has_lived = false;
        if let Err(error) = self.gateway.connect().await {
            return Broken { error, has_lived };
        }
        let every: Duration = self.gateway.config().health_check_interval();
        loop {
            match self.is_alive().await {
                Ok(true) => {
                    has_lived = true;
                    self.condition().end();
                }
                Ok(false) => {}
                Err(error) => return Broken { error, has_lived },
            }
            tokio::time::sleep(every).await;
        }
    }

    /// Whether the broker gave a sign of life. False says nothing: a busy limiter kept the question back.
    async fn is_alive(&self) -> Result<bool> {
        let (status, asked) = match self.gateway.health().await {
            Ok(health) => (health.status, true),
            Err(
                Error::RateLimited { .. }
                | Error::Timeout {
                    phase: TimeoutPhase::Limiter,
                    ..
                },
            ) => (self.gateway.status(), false),
            Err(error) => return Err(error),
        };
        if status == ConnectionStatus::Connected {
            Ok(asked)
        } else {
            Err(Error::NotConnected {
                broker: self.gateway.broker_type(),
                status,
            })
        }
    }

    /// Disconnects, unless that is done or there was nothing to disconnect.
    async fn disconnect(&self) -> Result<()> {
        if self.gateway.status() == ConnectionStatus::Disconnected {
            return Ok(());
        }
        self.gateway.disconnect().await
    }

    async fn hang_up(&self) {
        if let Err(error) = self.disconnect().await {
            tracing::warn!(gateway = &*self.name, %error, "cannot disconnect");
        }
    }

    fn condition(&self) -> MutexGuard<'_, Condition> {
        self.condition
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// A run's end of its stop signal.
#[derive(Debug)]
struct Stop(watch::Receiver<bool>);

impl Stop {
    /// What the future gives; `None`, and the future is dropped, as soon as told to stop or abandoned.
    async fn or<T>(&mut self, future: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            // An error is a signal that nobody can give any more.
            _ = self.0.wait_for(|&stop| stop) => None,
            output = future => Some(output),
        }
    }

    /// Whether told to stop, as against abandoned or still running.
    fn is_to_disconnect(&self) -> bool {
        *self.0.borrow()
    }
}

/// Whether no further attempt can end otherwise. What is not listed is tried again, a bounded number of times.
const fn is_lasting(error: &Error) -> bool {
    matches!(
        error,
        Error::Invalid(_)
            | Error::Unsupported { .. }
            | Error::MissingFeature { .. }
            | Error::Config(_)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::BrokerConfig;

    fn supervisor() -> Supervisor {
        let gateway = Gateway::new(BrokerConfig::mock()).unwrap();
        Supervisor::new("test".into(), gateway)
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_waits_for_the_end_of_the_one_before() {
        let supervisor = supervisor();
        let (before, still_running) = watch::channel(false);
        supervisor.life().run = Some(before);
        // A start while it runs changes nothing; one after it was told to stop begins a run that waits.
        assert!(supervisor.start().unwrap());
        assert!(!supervisor.life().run.as_ref().unwrap().is_closed());
        supervisor.life().tell_to_stop();
        assert!(supervisor.start().unwrap());
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!(
            supervisor.gateway().status(),
            ConnectionStatus::Disconnected
        );
        drop(still_running);
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(supervisor.gateway().status(), ConnectionStatus::Connected);
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_that_was_started_after_a_stop_is_not_disconnected_by_it() {
        let supervisor = supervisor();
        let (before, still_running) = watch::channel(false);
        supervisor.life().run = Some(before);
        let stop = supervisor.stop();
        let start = async {
            assert!(supervisor.start().unwrap());
            drop(still_running);
            tokio::time::sleep(Duration::from_secs(1)).await;
        };
        // Polled in this order: told to stop, started anew, and only then ended.
        let (stopped, ()) = tokio::join!(biased; stop, start);
        stopped.unwrap();
        assert_eq!(supervisor.gateway().status(), ConnectionStatus::Connected);
        assert!(supervisor.life().is_running());
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_found_before_its_removal_does_not_start_any_more() {
        let supervisor = supervisor();
        assert!(supervisor.start().unwrap());
        supervisor.retire().await.unwrap();
        assert!(!supervisor.start().unwrap());
        assert!(!supervisor.life().is_running());
        assert_eq!(
            supervisor.gateway().status(),
            ConnectionStatus::Disconnected
        );
    }
}
