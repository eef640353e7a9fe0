//! KIS: Korea Investment & Securities (한국투자증권), domestic stocks on KRX, NXT and SOR.
//!
//! ```text
//! contract ─► orders   ── broker/live (order desks) ─► lines of orders ─┐
//!          ─► account, market_data ─► client ─────────► lines of queries├─► KIS, REST
//!          ─► stream   ◄─ notices, trades, books ◄───── WebSocket       │
//!             auth     ── one token for all ────────────────────────────┘
//! ```
//!
//! Everything that lives while the gateway is connected is a `session`, on a thread of its own, which no caller's code can
//! block.

mod account;
mod auth;
mod capabilities;
mod client;
mod contract;
mod convert;
mod doctor;
mod instruments;
mod login;
mod market_data;
mod numbers;
mod orders;
mod paging;
mod session;
mod site;
mod stream;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use jiff::civil::Date;
use tokio::time::{Instant, sleep};

use crate::broker::live::{Clocks, Executions, Journals, Runtime, StageTimes};
use crate::broker::status::AtomicStatus;
use crate::config::{AccountConfig, BrokerConfig};
use crate::contract::{Capabilities, Overflow, Publisher};
use crate::domain::{BrokerType, ConnectionStatus, MarketEvent, TradingCalendar, TradingState};
use crate::error::{Block, Error, Result};
use crate::limiter::RateLimiter;
use crate::orders::desk;
use crate::orders::gate::GateRules;
use crate::transport::{Connect, Net};
use numbers::Accounts;
use session::{Listings, Session};

pub use doctor::{Finding, Verdict};
pub use site::{Access, Address, Environment, Keys, Paper, Real, Site};
pub use stream::{NoticeState, StreamCounts};

/// The handle of a KIS gateway. Clones share one connection to the broker.
pub struct Kis<C: Connect = Net>(Arc<Inner<C>>);

impl<C: Connect> Clone for Kis<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C: Connect> fmt::Debug for Kis<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kis")
            .field("name", &self.0.config.name())
            .field("status", &self.0.status.load())
            .finish_non_exhaustive()
    }
}

/// What a gateway may be given in place of the machine's own, for tests, simulated networks and programs with wishes.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct KisOptions {
    /// Where the gateway's tasks run. Default: a thread of their own.
    pub runtime: Option<Runtime>,
    /// Where the order desks write down what they do. Default: files in the configuration's `data_dir`.
    pub journals: Option<Journals>,
    /// What tells the time. Default: the machine's clocks.
    pub clocks: Option<Clocks>,
    /// The desks' waits and bounds.
    pub desk: Option<desk::Config>,
    /// The caller's own limits. Default: none.
    pub rules: Option<GateRules>,
    /// Where the jitter of reconnects comes from. Default: another one in each process.
    pub seed: Option<u64>,
    /// Keeps the login token in memory alone.
    pub without_token_cache: bool,
}

struct Inner<C: Connect> {
    config: BrokerConfig,
    /// `None` with a gateway server in between, which this version does not speak to.
    access: Option<Arc<Access>>,
    is_paper: bool,
    accounts: Accounts,
    connector: C,
    options: KisOptions,
    status: AtomicStatus,
    limiter: Arc<RateLimiter>,
    executions: Executions,
    market_data: Arc<Publisher<MarketEvent>>,
    listings: Listings,
    /// What KIS's calendar said of days. It asks to be read about once a day.
    days: Mutex<BTreeMap<Date, bool>>,
    /// Read for every order: a lock that many may hold at once, for the copy of a pointer.
    session: RwLock<Option<Arc<Session<C>>>>,
    /// One at a time connects or disconnects.
    connecting: tokio::sync::Mutex<()>,
}

impl Kis {
    /// The gateway of that configuration. Nothing is connected yet.
    ///
    /// # Errors
    /// When the configuration is of another broker, an account number is none of KIS's, or an address is a KIS host of the
    /// other environment.
    pub fn new(config: BrokerConfig) -> Result<Self> {
        Self::with(config, Net, KisOptions::default())
    }
}

impl<C: Connect> Kis<C> {
    /// The same over another network, or with other means.
    ///
    /// # Errors
    /// As [`Kis::new`].
    pub fn with(config: BrokerConfig, connector: C, options: KisOptions) -> Result<Self> {
        let access = match config.grpc_host() {
            None => Some(Arc::new(Access::of(&config)?)),
            Some(_) => None,
        };
        Ok(Self(Arc::new(Inner {
            accounts: Accounts::of(config.accounts())?,
            is_paper: access.as_ref().is_some_and(|access| access.is_paper()),
            access,
            connector,
            options,
            status: AtomicStatus::new(ConnectionStatus::Disconnected),
            limiter: Arc::new(RateLimiter::of_gateway(&config)),
            executions: Executions::new(config.executions_capacity()),
            market_data: Arc::new(Publisher::new(
                config.market_data_capacity(),
                Overflow::DropOldest,
            )),
            listings: Listings::default(),
            days: Mutex::default(),
            session: RwLock::new(None),
            connecting: tokio::sync::Mutex::new(()),
            config,
        })))
    }

    /// Where the stream of execution notices stands. Without it orders work, and fills are found in the order list.
    pub fn notices(&self) -> NoticeState {
        self.0.session().map_or(NoticeState::Down, |session| {
            session.stream.watch().notices()
        })
    }

    /// Counts of the stream since the last `connect`.
    pub fn stream_counts(&self) -> StreamCounts {
        self.0
            .session()
            .map(|session| session.stream.watch().counts())
            .unwrap_or_default()
    }

    /// How long each stage of an order took since the last `connect`.
    pub fn latency(&self) -> Vec<StageTimes> {
        self.0
            .session()
            .map(|session| session.dealer.latency())
            .unwrap_or_default()
    }

    /// Looks at everything that a connection needs, step by step: hosts and certificates, the login, the clock, the stream, the
    /// issues of the day, each account's balance. Places no order, and does not connect the gateway.
    ///
    /// # Errors
    /// When the gateway has no thread to look on, or goes through a gateway server.
    pub async fn examine(&self) -> Result<Vec<Finding>> {
        Box::pin(doctor::examine(Arc::clone(&self.0))).await
    }

    /// Whether the market opens on a day: by KIS's own calendar, asked once for each day; in paper trading, which has none, by
    /// the calendar that is built in.
    ///
    /// # Errors
    /// When not connected, or for a day that the calendar does not know.
    pub async fn is_trading_day(&self, day: Date) -> Result<bool> {
        Box::pin(self.0.is_trading_day(day)).await
    }

    /// The kill switch.
    ///
    /// # Errors
    /// When not connected.
    pub fn trading_state(&self) -> Result<TradingState> {
        self.0.session()?.dealer.trading_state()
    }

    /// Sets the kill switch, at once and over restarts. Cancels pass in every state.
    ///
    /// # Errors
    /// When not connected, or when it cannot be kept over a restart.
    pub fn set_trading_state(&self, to: TradingState) -> Result<()> {
        self.0.session()?.dealer.set_trading_state(to)
    }
}

impl<C: Connect> Inner<C> {
    fn capabilities(&self) -> &'static Capabilities {
        match &self.access {
            Some(access) => capabilities::of(access),
            None => &Capabilities::NONE,
        }
    }

    #[inline]
    fn session(&self) -> Result<Arc<Session<C>>> {
        let session = self.session.read().unwrap_or_else(PoisonError::into_inner);
        match &*session {
            Some(session) => Ok(Arc::clone(session)),
            None => Err(self.not_connected()),
        }
    }

    #[cold]
    fn not_connected(&self) -> Error {
        Error::NotConnected {
            broker: BrokerType::Kis,
            status: self.status.load(),
        }
    }

    fn set_session(&self, session: Option<Arc<Session<C>>>) -> Option<Arc<Session<C>>> {
        let mut place = self.session.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *place, session)
    }

    async fn connect(self: &Arc<Self>) -> Result<()> {
        let _alone = self.connecting.lock().await;
        if let Ok(session) = self.session() {
            if !session.dealer.has_failed() {
                return Ok(());
            }
            self.set_session(None);
        }
        let access = self.access.clone().ok_or(Error::Unsupported {
            broker: BrokerType::Kis,
            operation: "a gateway server in this version: leave grpc_host out",
        })?;
        self.status.store(ConnectionStatus::Connecting);
        let opened = self.open(access).await;
        self.status.store(match &opened {
            Ok(()) => ConnectionStatus::Connected,
            Err(_) => ConnectionStatus::Disconnected,
        });
        opened
    }

    async fn is_trading_day(&self, day: Date) -> Result<bool> {
        let session = self.session()?;
        if self.is_paper {
            return Ok(TradingCalendar::builtin().is_trading_day(day)?);
        }
        let known = || self.days.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = known().get(&day) {
            return Ok(*open);
        }
        let open = doctor::is_open(&session.client, day).await?;
        known().insert(day, open);
        Ok(open)
    }

    fn runtime(&self) -> Result<Runtime> {
        match &self.options.runtime {
            Some(runtime) => Ok(runtime.clone()),
            None => Runtime::own_thread("gwanmun-kis"),
        }
    }

    async fn open(self: &Arc<Self>, access: Arc<Access>) -> Result<()> {
        let runtime = self.runtime()?;
        let opening = session::open(Arc::clone(self), access, runtime.clone());
        let session = runtime.spawn(opening).await.map_err(|_| {
            Error::connection(BrokerType::Kis, "connect", "the gateway's thread broke")
        })??;
        let session = Arc::new(session);
        self.set_session(Some(Arc::clone(&session)));
        self.until_ready(&session).await;
        Ok(())
    }

    /// Waits until new orders are taken: the order lists and the issues of the day are read. No longer than a connection
    /// may take: whatever is missing then is told to whoever orders.
    async fn until_ready(&self, session: &Session<C>) {
        const LOOK: Duration = Duration::from_millis(5);
        let deadline = Instant::now() + self.config.timeouts().connect;
        let waits = |account: &AccountConfig| {
            let by = session.dealer.blocked_by(account.account_id);
            matches!(by, Ok(Some(Block::Reconciling)))
        };
        while Instant::now() < deadline
            && (self.listings.get().is_none() || self.config.accounts().iter().any(waits))
        {
            sleep(LOOK).await;
        }
    }

    async fn disconnect(&self) -> Result<()> {
        let _alone = self.connecting.lock().await;
        let Some(session) = self.set_session(None) else {
            self.status.store(ConnectionStatus::Disconnected);
            return Ok(());
        };
        self.status.store(ConnectionStatus::Disconnected);
        let stopped = session.dealer.stop().await?;
        for (_, command, pending) in &stopped.undecided {
            tracing::warn!(id = %pending.id, %command, "undecided at the end: the next start looks it up");
        }
        Ok(())
    }
}
