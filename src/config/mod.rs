//! Typed settings: a file and the environment become a [`BrokerConfig`], or a list of every mistake in them.
//!
//! A configuration that exists is valid; what it means to a broker is the broker's business. One gateway stands at the
//! top of a file, or several in sections `[[gateway]]`, each with the same keys:
//!
//! ```toml
//! broker_type = "KIS"                  # KIS, CREON, KIWOOM or MOCK
//! name = "kis-main"                    # default: the broker, lower case
//! # grpc_host = "10.0.0.5"             # through a gateway server instead of the broker's own hosts
//! # grpc_port = 50051
//! rate_limit = 10                      # requests per second; can only lower the broker's own limits
//! health_check_interval_ms = 10_000
//! # hts_id = "myid"                    # KIS: whose execution notices to listen to
//! # data_dir = "state"                 # journals and login tokens
//!
//! [[accounts]]
//! account_id = "12345678-01"
//! account_name = "main"
//! account_type = "PAPER"               # REAL or PAPER
//!
//! # [credentials]                      # better in GWANMUN_KIS_MAIN_APP_KEY and GWANMUN_KIS_MAIN_APP_SECRET;
//! # app_key = "…"                      # in a file, its mode must be 0600
//! # app_secret = "…"
//!
//! [timeouts]
//! order_ms = 5_000
//! ```
//!
//! Every key is described at the type that holds it: [`BrokerConfig`], [`AccountConfig`], [`Endpoints`], [`Timeouts`],
//! [`Retry`], [`MockConfig`], [`MockSymbol`].

mod account;
mod bounds;
mod builder;
mod checks;
mod document;
mod env;
mod faults;
mod file;
mod mock;
mod problems;
mod reader;
mod secret;
mod setting;
mod settings;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::domain::{AccountId, AccountType, BrokerType};
use crate::error::ConfigError;

pub use account::AccountConfig;
pub use builder::BrokerConfigBuilder;
pub use faults::FaultConfig;
pub use file::GatewayConfigs;
pub use mock::{FeeTariff, JournalDurability, MarketSource, MockConfig, MockSymbol};
pub use secret::{Credentials, Secret};
pub use settings::{Endpoints, Retry, Timeouts};

/// Everything a gateway needs to know before it connects. Valid, and does not change.
///
/// ```
/// use gwanmun::{BrokerConfig, BrokerType};
///
/// let text = r#"
///     broker_type = "MOCK"
///     rate_limit = 20
///     [mock]
///     seed = 7
/// "#;
/// let config = BrokerConfig::from_toml_str("example.toml", text)?;
/// assert_eq!((config.broker_type(), config.rate_limit()), (BrokerType::Mock, Some(20)));
///
/// let mistaken = BrokerConfig::from_toml_str("example.toml", "broker_type = \"MOCK\"\nrate_limt = 0").unwrap_err();
/// assert!(mistaken.to_string().contains("example.toml:2: rate_limt"));
/// # Ok::<(), gwanmun::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct BrokerConfig {
    broker_type: BrokerType,
    name: Box<str>,
    grpc_host: Option<Box<str>>,
    grpc_port: Option<u16>,
    rate_limit: Option<u32>,
    accounts: Vec<AccountConfig>,
    credentials: Option<Credentials>,
    hts_id: Option<Box<str>>,
    data_dir: Option<PathBuf>,
    endpoints: Endpoints,
    timeouts: Timeouts,
    retry: Retry,
    health_check_interval: Duration,
    executions_capacity: usize,
    market_data_capacity: usize,
    mock: MockConfig,
}

impl BrokerConfig {
    /// Where a gateway server listens unless the configuration says otherwise.
    pub const DEFAULT_GRPC_PORT: u16 = 50_051;
    /// Where CREON's Windows bridge is unless the configuration says otherwise: on this machine.
    pub const DEFAULT_CREON_HOST: &'static str = "127.0.0.1";
    const DEFAULT_HEALTH_CHECK_INTERVAL: Duration = Duration::from_secs(10);
    const DEFAULT_EXECUTIONS_CAPACITY: usize = 65_536;
    const DEFAULT_MARKET_DATA_CAPACITY: usize = 4_096;
    /// The account of a MOCK configuration that names none.
    const DEFAULT_MOCK_ACCOUNT: &'static str = "MOCK-01";

    /// MOCK with every default: one paper account, one issue, a seeded market.
    pub fn mock() -> Self {
        // The mistakes need no look: a test puts the same defaults through `build`.
        Self::builder(BrokerType::Mock).finish(&|_| None, &mut problems::Problems::default())
    }

    /// Starts a configuration with every default.
    pub fn builder(broker_type: BrokerType) -> BrokerConfigBuilder {
        BrokerConfigBuilder::new(broker_type)
    }

    /// This configuration, to be changed and checked anew.
    pub fn into_builder(self) -> BrokerConfigBuilder {
        BrokerConfigBuilder::from_config(self)
    }

    /// Reads the file of one gateway. Secrets of the environment come before those in the file:
    /// `GWANMUN_<NAME>_APP_KEY` and `GWANMUN_<NAME>_APP_SECRET`, where `<NAME>` is the gateway's name or else its broker,
    /// in upper case with hyphens as underscores. A file that holds secrets must be mode 0600 (on Unix).
    ///
    /// # Errors
    /// Every mistake at once, each with its line; also a file that cannot be read, is larger than 256 KiB or is not
    /// UTF-8.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        file::one(file::read(path.as_ref(), &|name| std::env::var_os(name))?)
    }

    /// Reads the text of a file called `name` in messages. The environment is not looked at.
    ///
    /// # Errors
    /// Every mistake at once, each with its line.
    pub fn from_toml_str(name: &str, text: &str) -> Result<Self, ConfigError> {
        Self::from_toml_str_with_env(name, text, |_| None)
    }

    /// As [`BrokerConfig::from_toml_str`], with secrets from `env`, usually `std::env::var_os`.
    ///
    /// # Errors
    /// Every mistake at once, each with its line, and those of the variables.
    pub fn from_toml_str_with_env(
        name: &str,
        text: &str,
        env: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, ConfigError> {
        file::one(file::read_text(name, text, None, &env)?)
    }

    /// Which broker: `broker_type`, required.
    pub const fn broker_type(&self) -> BrokerType {
        self.broker_type
    }

    /// What the gateway is called: `name`, 1 to 32 lower-case letters, digits, hyphens and underscores; default: the
    /// broker, lower case.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The gateway server to go through: `grpc_host`, a host name or address. Default: none, the broker's own hosts; for
    /// CREON, whose bridge is such a server, [`BrokerConfig::DEFAULT_CREON_HOST`]. MOCK is always in this process.
    pub fn grpc_host(&self) -> Option<&str> {
        self.grpc_host.as_deref()
    }

    /// The port at [`BrokerConfig::grpc_host`]: `grpc_port`, 1 to 65,535, default 50,051. There whenever the host is.
    pub const fn grpc_port(&self) -> Option<u16> {
        self.grpc_port
    }

    /// Requests per second: `rate_limit`, 1 to 1,000. It overrides the steady rate and can only lower the broker's own
    /// limits. Default: the broker's own.
    pub const fn rate_limit(&self) -> Option<u32> {
        self.rate_limit
    }

    /// The accounts traded for: `[[accounts]]`, 1 to 256, all real or all paper except for MOCK, which has one by
    /// default.
    pub fn accounts(&self) -> &[AccountConfig] {
        &self.accounts
    }

    /// The account of that number.
    pub fn account(&self, account_id: AccountId) -> Option<&AccountConfig> {
        self.accounts
            .iter()
            .find(|account| account.account_id == account_id)
    }

    /// App key and secret: `[credentials]` with `app_key` and `app_secret`, or the environment. Always there for KIS
    /// and KIWOOM without [`BrokerConfig::grpc_host`].
    pub const fn credentials(&self) -> Option<&Credentials> {
        self.credentials.as_ref()
    }

    /// The customer's HTS id, by which KIS sends execution notices: `hts_id`, 1 to 40 letters, digits and `@ . _ -`. Default:
    /// none, and then fills are known only from the order list, seconds late. Only for KIS.
    pub fn hts_id(&self) -> Option<&str> {
        self.hts_id.as_deref()
    }

    /// The folder of journals and login tokens: `data_dir`; a relative one stands beside the configuration's file. Default:
    /// none, and then brokers take `gwanmun` in the user's state folder.
    pub fn data_dir(&self) -> Option<&Path> {
        self.data_dir.as_deref()
    }

    /// Addresses in place of the broker's own.
    pub const fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// How long calls may take.
    pub const fn timeouts(&self) -> &Timeouts {
        &self.timeouts
    }

    /// How a lost connection is won back.
    pub const fn retry(&self) -> &Retry {
        &self.retry
    }

    /// Time between two health checks: `health_check_interval_ms`, 100 to 3,600,000, default 10,000.
    pub const fn health_check_interval(&self) -> Duration {
        self.health_check_interval
    }

    /// Events that an executions subscription holds before new orders are refused: `executions_capacity`, 16 to
    /// 1,048,576, default 65,536.
    pub const fn executions_capacity(&self) -> usize {
        self.executions_capacity
    }

    /// Events that a market-data subscription holds before the oldest are dropped: `market_data_capacity`, 16 to
    /// 1,048,576, default 4,096.
    pub const fn market_data_capacity(&self) -> usize {
        self.market_data_capacity
    }

    /// The settings of MOCK.
    pub const fn mock_config(&self) -> &MockConfig {
        &self.mock
    }

    fn default_mock_account() -> AccountConfig {
        let account_id = Self::DEFAULT_MOCK_ACCOUNT
            .parse()
            // A constant of letters, digits and a hyphen, which is what an account number is.
            .expect("a valid account number");
        AccountConfig::new(account_id, AccountType::Paper)
    }
}
