//! From `connect` to `disconnect`: everything that lives while the gateway is connected.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::civil::{Time, time};
use sha2::{Digest, Sha256};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep};

use super::account::AccountReads;
use super::auth::Tokens;
use super::auth::store::Store;
use super::client::Client;
use super::instruments::{Code, Listing, download};
use super::login::Login;
use super::orders::KisOrders;
use super::site::{Access, Address};
use super::stream::{self, Stream, Watch};
use super::{Inner, KisOptions};
use crate::broker::live::{Clocks, Dealer, DiskJournals, Journals, Runtime, Setup};
use crate::config::BrokerConfig;
use crate::domain::{BrokerType, ConnectionStatus, Price, Symbol};
use crate::error::{Error, Result};
use crate::transport::{Backoff, BackoffSettings, Connect, LineSettings, Lines, Tls};
use crate::wire::kis::hosts;

/// How often the broker's clock is told to the desks.
const CLOCK_EVERY: Duration = Duration::from_secs(5);
/// Between two attempts to read the issues of the day.
const LISTING_RETRY: Duration = Duration::from_secs(30);
/// How long reading them may take.
const LISTING_WITHIN: Duration = Duration::from_secs(60);
/// When the issues are read anew: KIS writes the files several times a trading day and recommends reading them before the
/// open (portal, read 2026-07). The times are ours.
const LISTING_TIMES: [Time; 4] = [
    time(0, 1, 0, 0),
    time(6, 30, 0, 0),
    time(7, 30, 0, 0),
    time(8, 25, 0, 0),
];

/// The issues of the day, for everybody who needs them. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Listings(Arc<RwLock<Option<Arc<Listing>>>>);

impl Listings {
    /// The issues, if they were read.
    pub(super) fn get(&self) -> Option<Arc<Listing>> {
        let listing = self.0.read().unwrap_or_else(PoisonError::into_inner);
        listing.clone()
    }

    fn set(&self, listing: Arc<Listing>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(listing);
    }

    /// The code that KIS knows an issue by. Before the issues are read, the plain one.
    pub(super) fn code_of(&self, symbol: Symbol) -> Code {
        let listing = self.0.read().unwrap_or_else(PoisonError::into_inner);
        match &*listing {
            Some(listing) => listing.code_of(symbol),
            None => Code::of(symbol, None),
        }
    }

    /// An issue traded at that price.
    pub(super) fn set_last(&self, symbol: Symbol, price: Price) {
        let listing = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(listing) = &*listing {
            listing.issues.set_last(symbol, price);
        }
    }
}

/// A connected gateway.
pub(super) struct Session<C: Connect> {
    pub(super) client: Arc<Client<C>>,
    pub(super) tokens: Arc<Tokens<Login<C>>>,
    pub(super) dealer: Dealer<KisOrders<C>>,
    pub(super) stream: Stream,
    masters: Masters<C>,
    tasks: Vec<AbortHandle>,
    /// The tasks' place, kept as long as they are.
    _runtime: Runtime,
}

impl<C: Connect> Session<C> {
    /// Reads the issues now.
    pub(super) async fn read_listing(&self) -> Result<Arc<Listing>> {
        self.masters.read(&self.dealer).await
    }
}

impl<C: Connect> Drop for Session<C> {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Where the issues of the day come from, and where they go.
#[derive(Clone, Debug)]
struct Masters<C: Connect> {
    lines: Lines<C>,
    folder: Box<str>,
    listings: Listings,
}

impl<C: Connect> Masters<C> {
    async fn read(&self, dealer: &Dealer<KisOrders<C>>) -> Result<Arc<Listing>> {
        let date = dealer.trading_date()?;
        let deadline = Instant::now() + LISTING_WITHIN;
        let listing = Arc::new(download(&self.lines, &self.folder, date, deadline).await?);
        dealer.set_issues(&listing.issues)?;
        self.listings.set(Arc::clone(&listing));
        tracing::info!(issues = listing.instruments.len(), %date, "the issues of the day are read");
        Ok(listing)
    }

    /// Reads them anew at the times of the day, and when a day begins.
    async fn keep(self, dealer: Dealer<KisOrders<C>>, clocks: Clocks) {
        let mut read_at = None;
        loop {
            let now = clocks.moment().at.kst();
            let due = LISTING_TIMES.into_iter().rev().find(|at| *at <= now.time());
            let slot = Some((now.date(), due));
            if read_at == slot {
                sleep(CLOCK_EVERY).await;
                continue;
            }
            match self.read(&dealer).await {
                Ok(_) => read_at = slot,
                Err(error) => {
                    tracing::warn!(%error, "the issues of the day cannot be read: no new order passes without them");
                    sleep(LISTING_RETRY).await;
                }
            }
        }
    }
}

/// The login and the queries.
pub(super) struct Rest<C: Connect> {
    pub(super) tls: Tls,
    pub(super) queries: Lines<C>,
    pub(super) tokens: Arc<Tokens<Login<C>>>,
    pub(super) client: Arc<Client<C>>,
}

impl<C: Connect> Rest<C> {
    /// Opens nothing yet. To be called on the runtime where the connections are to live.
    pub(super) fn new(
        inner: &Inner<C>,
        access: &Arc<Access>,
        store: Option<Store>,
    ) -> Result<Self> {
        let config = &inner.config;
        let within = config.timeouts().connect;
        let tls = match &config.endpoints().ca_file {
            Some(path) => Tls::with_ca_file(path)?,
            None => Tls::public(),
        };
        let queries = make_lines(inner, &tls, access.rest())?;
        let limiter = &inner.limiter;
        let login = Login::new(
            Arc::clone(access),
            queries.clone(),
            Arc::clone(limiter),
            within,
        );
        let tokens = Arc::new(Tokens::new(login, store));
        let client = Arc::new(Client::new(
            Arc::clone(access),
            queries.clone(),
            Arc::clone(&tokens),
            Arc::clone(limiter),
            config.timeouts().query,
        )?);
        Ok(Self {
            tls,
            queries,
            tokens,
            client,
        })
    }

    /// Further lines.
    pub(super) fn lines(&self, inner: &Inner<C>, address: &Address) -> Result<Lines<C>> {
        make_lines(inner, &self.tls, address)
    }

    /// The calls that need no token, on the lines of queries.
    pub(super) fn login(&self, inner: &Inner<C>, access: &Arc<Access>) -> Login<C> {
        Login::new(
            Arc::clone(access),
            self.queries.clone(),
            Arc::clone(&inner.limiter),
            inner.config.timeouts().connect,
        )
    }
}

fn make_lines<C: Connect>(inner: &Inner<C>, tls: &Tls, address: &Address) -> Result<Lines<C>> {
    let settings = LineSettings::within(inner.config.timeouts().connect);
    let endpoint = address.endpoint(tls)?;
    Ok(Lines::new(inner.connector.clone(), endpoint, settings))
}

/// Opens everything. Runs on the gateway's own runtime, where the connections then live.
pub(super) async fn open<C: Connect>(
    inner: Arc<Inner<C>>,
    access: Arc<Access>,
    runtime: Runtime,
) -> Result<Session<C>> {
    let config = &inner.config;
    let within = config.timeouts().connect;
    let deadline = Instant::now() + within;
    let rest = Rest::new(&inner, &access, store(&inner.options, config, &access)?)?;
    let Rest {
        tls,
        tokens,
        client,
        ..
    } = &rest;
    let lines = |address: &Address| rest.lines(&inner, address);
    let login = || rest.login(&inner, &access);
    let access = &access;
    // The login is the first thing that has to work.
    tokens.token(deadline).await?;

    let watch = Arc::new(Watch::new(config.hts_id().is_some()));
    let (stream, wishes) = Stream::new(Arc::clone(&watch));
    let orders = Arc::new(KisOrders::new(
        Arc::clone(client),
        lines(access.rest())?,
        Arc::clone(tokens),
        Arc::clone(&inner.limiter),
        inner.accounts.clone(),
        inner.listings.clone(),
        stream.clone(),
        access.is_paper(),
    )?);
    orders.lines().warm().await.map_err(|error| {
        Error::connection(BrokerType::Kis, "orders", super::login::chain(&error))
    })?;
    let setup = setup(&inner, access)?;
    let clocks = setup.clocks.clone();
    let dealer = Dealer::start(setup, Arc::clone(&orders), &runtime)?;

    let (masters_address, folder) = masters_of(config, access)?;
    let masters = Masters {
        lines: lines(&masters_address)?,
        folder,
        listings: inner.listings.clone(),
    };
    let seed = inner.options.seed.unwrap_or_else(rand_seed);
    let parts = stream::Parts {
        connector: inner.connector.clone(),
        endpoint: access.ws().endpoint(tls)?,
        login: login(),
        client: Arc::clone(client),
        dealer: dealer.clone(),
        accounts: inner.accounts.clone(),
        ids: config
            .accounts()
            .iter()
            .map(|account| account.account_id)
            .collect(),
        hts_id: config.hts_id().map(Into::into),
        market_data: Arc::clone(&inner.market_data),
        listings: inner.listings.clone(),
        is_paper: access.is_paper(),
        watch,
        backoff: Backoff::new(BackoffSettings::default(), seed),
        connect_timeout: within,
    };
    let keep_warm = {
        let lines = orders.lines().clone();
        let backoff = Backoff::new(BackoffSettings::default(), seed.wrapping_add(1));
        async move { lines.keep_warm(backoff).await }
    };
    let tell_clock = {
        let (client, dealer) = (Arc::clone(client), dealer.clone());
        async move {
            loop {
                // The gateway's end is told by itself.
                let _ = dealer.set_clock_offset(client.broker_ahead());
                sleep(CLOCK_EVERY).await;
            }
        }
    };
    // A gateway that breaks inside says so.
    let watch_over = {
        let (weak, dealer) = (Arc::downgrade(&inner), dealer.clone());
        async move {
            dealer.failed().await;
            if let Some(inner) = weak.upgrade() {
                inner.status.store(ConnectionStatus::Error);
            }
        }
    };
    let learn = learn_sellable(Arc::clone(&inner), Arc::clone(client), dealer.clone());
    let tasks = vec![
        runtime.spawn(watch_over).abort_handle(),
        runtime.spawn(learn).abort_handle(),
        runtime.spawn(stream::run(parts, wishes)).abort_handle(),
        runtime.spawn(keep_warm).abort_handle(),
        runtime.spawn(tell_clock).abort_handle(),
        runtime
            .spawn(masters.clone().keep(dealer.clone(), clocks))
            .abort_handle(),
    ];
    Ok(Session {
        client: Arc::clone(client),
        tokens: Arc::clone(tokens),
        dealer,
        stream,
        masters,
        tasks,
        _runtime: runtime,
    })
}

/// Tells the desks once what can be sold: while trading only reduces, that is the bound of sales.
async fn learn_sellable<C: Connect>(
    inner: Arc<Inner<C>>,
    client: Arc<Client<C>>,
    dealer: Dealer<KisOrders<C>>,
) {
    for account in inner.config.accounts() {
        let account = account.account_id;
        let reads = AccountReads {
            client: &client,
            accounts: &inner.accounts,
            is_paper: inner.is_paper,
        };
        match reads.positions(account).await {
            Ok(positions) => {
                for position in positions {
                    // The gateway's end is told by itself.
                    let _ = dealer.set_sellable(account, position.symbol, position.sellable);
                }
            }
            Err(error) => tracing::warn!(%account, %error, "what can be sold is not known yet"),
        }
    }
}

fn setup<C: Connect>(inner: &Inner<C>, access: &Access) -> Result<Setup> {
    let config = &inner.config;
    let journals = match &inner.options.journals {
        Some(journals) => journals.clone(),
        None => Journals::Disk(DiskJournals::new(
            folder_of(config, "journals")?,
            config.name().parse()?,
            BrokerType::Kis,
        )),
    };
    let accounts = config.accounts().iter().map(|account| account.account_id);
    let mut setup = Setup::new(
        BrokerType::Kis,
        accounts.collect(),
        journals,
        inner.executions.clone(),
        Arc::clone(&inner.limiter),
    );
    setup.order_timeout = config.timeouts().order;
    // An emulator trades at any hour; KIS's own hosts do not.
    setup.always_open = !access.is_kis();
    if let Some(desk) = inner.options.desk {
        setup.desk = desk;
    }
    if let Some(rules) = inner.options.rules {
        setup.rules = rules;
    }
    if let Some(clocks) = &inner.options.clocks {
        setup.clocks = clocks.clone();
    }
    Ok(setup)
}

/// The token cache of an app key at a host.
pub(super) fn store(
    options: &KisOptions,
    config: &BrokerConfig,
    access: &Access,
) -> Result<Option<Store>> {
    if options.without_token_cache {
        return Ok(None);
    }
    let folder = folder_of(config, "tokens")?;
    Store::open(&folder, &store_name(access)).map(Some)
}

/// Tells app keys and hosts apart, and tells nobody what they are.
fn store_name(access: &Access) -> String {
    let rest = access.rest();
    let mut hash = Sha256::new();
    for part in [
        "gwanmun kis token",
        &rest.host,
        &rest.port.to_string(),
        access.credentials().app_key.expose(),
        access.credentials().app_secret.expose(),
    ] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let hash = hash.finalize();
    let name: String = hash
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("kis-{name}")
}

/// A folder of the gateway's: in the configured one, or else in the user's state folder.
pub(super) fn folder_of(config: &BrokerConfig, name: &str) -> Result<PathBuf> {
    let base = config
        .data_dir()
        .map(Path::to_path_buf)
        .or_else(user_folder)
        .ok_or_else(|| {
            Error::invalid(
                "data_dir",
                "nothing, and no home folder",
                "a folder for journals and login tokens",
            )
        })?;
    Ok(base.join(name))
}

/// `$XDG_STATE_HOME/gwanmun`, or its usual place below the home folder; on Windows below the local application data.
fn user_folder() -> Option<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    if cfg!(windows) {
        return variable("LOCALAPPDATA").map(|folder| PathBuf::from(folder).join("gwanmun"));
    }
    variable("XDG_STATE_HOME")
        .map(PathBuf::from)
        .or_else(|| variable("HOME").map(|home| PathBuf::from(home).join(".local/state")))
        .map(|folder| folder.join("gwanmun"))
}

/// Where the master files are: as configured, at the emulator that takes KIS's place, or at KIS's own server.
pub(super) fn masters_of(config: &BrokerConfig, access: &Access) -> Result<(Address, Box<str>)> {
    let endpoints = config.endpoints();
    let address = match (&endpoints.masters_url, &endpoints.rest_url) {
        (Some(url), _) => Address::of_url("endpoints.masters_url", url)?,
        (None, Some(_)) if !access.is_kis() => access.rest().clone(),
        (None, _) => Address::of_host(hosts::MASTERS),
    };
    let folder = address.folder.clone();
    Ok((address, folder))
}

/// A seed that differs between processes, for jitter.
fn rand_seed() -> u64 {
    let now = crate::clock::now().nanos().unsigned_abs();
    now ^ (u64::from(std::process::id()) << 32)
}
