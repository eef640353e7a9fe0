//! Building a configuration in code, and the checks that a file goes through as well.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::domain::BrokerType;
use crate::error::ConfigError;

use super::account::AccountConfig;
use super::mock::MockConfig;
use super::problems::Problems;
use super::secret::{Credentials, Secret};
use super::settings::{Endpoints, Retry, Timeouts};
use super::{BrokerConfig, checks};

/// Builds a [`BrokerConfig`]; nothing is checked before [`BrokerConfigBuilder::build`].
#[derive(Clone, Debug)]
#[must_use]
pub struct BrokerConfigBuilder {
    pub(super) draft: BrokerConfig,
    pub(super) name: Option<Box<str>>,
    pub(super) app_key: Option<Secret>,
    pub(super) app_secret: Option<Secret>,
}

impl BrokerConfigBuilder {
    pub(super) fn new(broker_type: BrokerType) -> Self {
        Self {
            draft: BrokerConfig {
                broker_type,
                name: "".into(),
                grpc_host: None,
                grpc_port: None,
                rate_limit: None,
                accounts: Vec::new(),
                credentials: None,
                hts_id: None,
                data_dir: None,
                endpoints: Endpoints::default(),
                timeouts: Timeouts::default(),
                retry: Retry::default(),
                health_check_interval: BrokerConfig::DEFAULT_HEALTH_CHECK_INTERVAL,
                executions_capacity: BrokerConfig::DEFAULT_EXECUTIONS_CAPACITY,
                market_data_capacity: BrokerConfig::DEFAULT_MARKET_DATA_CAPACITY,
                mock: MockConfig::default(),
            },
            name: None,
            app_key: None,
            app_secret: None,
        }
    }

    pub(super) fn from_config(config: BrokerConfig) -> Self {
        let (app_key, app_secret) = config
            .credentials
            .clone()
            .map(|pair| (pair.app_key, pair.app_secret))
            .unzip();
        Self {
            name: Some(config.name.clone()),
            draft: config,
            app_key,
            app_secret,
        }
    }

    /// See [`BrokerConfig::name`].
    pub fn name(mut self, name: impl Into<Box<str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// See [`BrokerConfig::grpc_host`].
    pub fn grpc_host(mut self, host: impl Into<Box<str>>) -> Self {
        self.draft.grpc_host = Some(host.into());
        self
    }

    /// See [`BrokerConfig::grpc_port`].
    pub fn grpc_port(mut self, port: u16) -> Self {
        self.draft.grpc_port = Some(port);
        self
    }

    /// See [`BrokerConfig::rate_limit`].
    pub fn rate_limit(mut self, requests_per_second: u32) -> Self {
        self.draft.rate_limit = Some(requests_per_second);
        self
    }

    /// Adds an account. See [`BrokerConfig::accounts`].
    pub fn account(mut self, account: AccountConfig) -> Self {
        self.draft.accounts.push(account);
        self
    }

    /// See [`BrokerConfig::credentials`].
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.app_key = Some(credentials.app_key);
        self.app_secret = Some(credentials.app_secret);
        self
    }

    /// See [`BrokerConfig::hts_id`].
    pub fn hts_id(mut self, hts_id: impl Into<Box<str>>) -> Self {
        self.draft.hts_id = Some(hts_id.into());
        self
    }

    /// See [`BrokerConfig::data_dir`].
    pub fn data_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.draft.data_dir = Some(folder.into());
        self
    }

    /// See [`BrokerConfig::endpoints`].
    pub fn endpoints(mut self, endpoints: Endpoints) -> Self {
        self.draft.endpoints = endpoints;
        self
    }

    /// See [`BrokerConfig::timeouts`].
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.draft.timeouts = timeouts;
        self
    }

    /// See [`BrokerConfig::retry`].
    pub fn retry(mut self, retry: Retry) -> Self {
        self.draft.retry = retry;
        self
    }

    /// See [`BrokerConfig::health_check_interval`].
    pub fn health_check_interval(mut self, interval: Duration) -> Self {
        self.draft.health_check_interval = interval;
        self
    }

    /// See [`BrokerConfig::executions_capacity`].
    pub fn executions_capacity(mut self, events: usize) -> Self {
        self.draft.executions_capacity = events;
        self
    }

    /// See [`BrokerConfig::market_data_capacity`].
    pub fn market_data_capacity(mut self, events: usize) -> Self {
        self.draft.market_data_capacity = events;
        self
    }

    /// See [`BrokerConfig::mock_config`].
    pub fn mock(mut self, mock: MockConfig) -> Self {
        self.draft.mock = mock;
        self
    }

    /// The checked configuration.
    ///
    /// # Errors
    /// Every mistake at once.
    pub fn build(self) -> Result<BrokerConfig, ConfigError> {
        self.build_with_env(|_| None)
    }

    /// The checked configuration, with secrets from the environment `env` (usually `std::env::var_os`) ahead of those
    /// set here.
    ///
    /// # Errors
    /// Every mistake at once, those of the variables among them.
    pub fn build_with_env(
        self,
        env: impl Fn(&str) -> Option<OsString>,
    ) -> Result<BrokerConfig, ConfigError> {
        let mut problems = Problems::default();
        let config = self.finish(&env, &mut problems);
        let problems = problems.into_sorted();
        if problems.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError { problems })
        }
    }

    /// Fills in the defaults that depend on other fields and checks everything.
    pub(super) fn finish(
        self,
        env: &impl Fn(&str) -> Option<OsString>,
        problems: &mut Problems,
    ) -> BrokerConfig {
        let mut config = self.draft;
        let broker = config.broker_type;
        config.name = self
            .name
            .unwrap_or_else(|| broker.as_str().to_ascii_lowercase().into());
        if broker == BrokerType::Mock && config.accounts.is_empty() {
            config.accounts.push(BrokerConfig::default_mock_account());
        }
        if broker == BrokerType::Creon && config.grpc_host.is_none() {
            config.grpc_host = Some(BrokerConfig::DEFAULT_CREON_HOST.into());
        }
        if config.grpc_host.is_some() {
            config
                .grpc_port
                .get_or_insert(BrokerConfig::DEFAULT_GRPC_PORT);
        }
        config.credentials =
            checks::credentials(&config, self.app_key, self.app_secret, env, problems);
        checks::all(&config, problems);
        config
    }
}
