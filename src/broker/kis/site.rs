//! Where KIS is. Real and paper trading are different types, so that a key of one never meets a host of the other.

use std::marker::PhantomData;

use crate::config::{BrokerConfig, Credentials};
use crate::domain::{AccountType, BrokerType, ValueError};
use crate::error::{Error, Result};
use crate::transport::{Endpoint, Security, Tls};
use crate::wire::kis::hosts::{self, Host};
use crate::wire::kis::tr;

mod sealed {
    pub trait Sealed {}
}

/// One of KIS's two environments.
pub trait Environment: sealed::Sealed + Clone + std::fmt::Debug + Send + Sync + 'static {
    /// What its accounts are.
    const ACCOUNT_TYPE: AccountType;
    /// What the wire calls it: hosts and TR ids follow.
    const WIRE: tr::Environment;
}

/// Real trading (실전).
#[derive(Clone, Copy, Debug)]
pub enum Real {}

/// Paper trading (모의투자).
#[derive(Clone, Copy, Debug)]
pub enum Paper {}

impl sealed::Sealed for Real {}
impl sealed::Sealed for Paper {}

impl Environment for Real {
    const ACCOUNT_TYPE: AccountType = AccountType::Real;
    const WIRE: tr::Environment = tr::Environment::Real;
}

impl Environment for Paper {
    const ACCOUNT_TYPE: AccountType = AccountType::Paper;
    const WIRE: tr::Environment = tr::Environment::Paper;
}

/// Everything of KIS stands under this name. An address there has to be one of the environment's own.
const DOMAIN: &str = "koreainvestment.com";

/// A host, a port, and whether the way there is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub(super) host: Box<str>,
    pub(super) port: u16,
    pub(super) tls: bool,
    /// What stands behind the port, without a slash at its end.
    pub(super) folder: Box<str>,
}

impl Address {
    /// The address of a URL that the configuration has checked: `scheme://host[:port][/folder]`.
    pub(super) fn of_url(what: &'static str, url: &str) -> std::result::Result<Self, ValueError> {
        // The URL is not repeated: what does not belong there may be a secret.
        let mistaken = || ValueError::new(what, "a mistaken URL", "scheme://host[:port]");
        let (scheme, rest) = url.split_once("://").ok_or_else(mistaken)?;
        let tls = matches!(scheme, "https" | "wss");
        let (authority, folder) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                (host, port.parse().map_err(|_| mistaken())?)
            }
            _ => (authority, if tls { 443 } else { 80 }),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let folder = folder.trim_end_matches('/');
        Ok(Self {
            host: host.trim_end_matches('.').to_ascii_lowercase().into(),
            port,
            tls,
            folder: if folder.is_empty() {
                "".into()
            } else {
                format!("/{folder}").into()
            },
        })
    }

    pub(super) fn of_host(host: Host) -> Self {
        Self {
            host: host.name.into(),
            port: host.port,
            tls: host.tls,
            folder: "".into(),
        }
    }

    /// The endpoint to connect to; `tls` serves it where it is secure.
    pub(super) fn endpoint(&self, tls: &Tls) -> Result<Endpoint> {
        let security = if self.tls {
            Security::Tls(tls.clone())
        } else {
            Security::Plain
        };
        Endpoint::new(&self.host, self.port, security)
    }

    fn is_of_kis(&self) -> bool {
        self.host
            .strip_suffix(DOMAIN)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }
}

/// The hosts of one environment.
#[derive(Clone, Debug)]
pub struct Site<E: Environment> {
    rest: Address,
    ws: Address,
    environment: PhantomData<E>,
}

impl<E: Environment> Site<E> {
    /// The environment's own hosts, or those that the configuration puts in their place.
    ///
    /// # Errors
    /// When an address of the configuration is one of KIS's, but not of this environment.
    pub fn of(config: &BrokerConfig) -> Result<Self> {
        let endpoints = config.endpoints();
        let place = |what, given: &Option<Box<str>>, own: Host| match given {
            None => Ok(Address::of_host(own)),
            Some(url) => own_or_elsewhere::<E>(what, Address::of_url(what, url)?, own),
        };
        Ok(Self {
            rest: place(
                "endpoints.rest_url",
                &endpoints.rest_url,
                hosts::rest(E::WIRE),
            )?,
            ws: place(
                "endpoints.ws_url",
                &endpoints.ws_url,
                hosts::stream(E::WIRE),
            )?,
            environment: PhantomData,
        })
    }
}

fn own_or_elsewhere<E: Environment>(
    what: &'static str,
    address: Address,
    own: Host,
) -> std::result::Result<Address, ValueError> {
    let is_own = address.host.as_ref() == own.name && address.port == own.port;
    if address.is_of_kis() && !is_own {
        let found = format_args!("{}:{}", address.host, address.port);
        let expected = format!(
            "{}:{}, the host of {} accounts, or an address that is not KIS's",
            own.name,
            own.port,
            E::ACCOUNT_TYPE
        );
        return Err(ValueError::new(what, found, expected));
    }
    Ok(address)
}

/// The app key and secret of one environment. KIS issues a pair for each.
#[derive(Clone, Debug)]
pub struct Keys<E: Environment> {
    credentials: Credentials,
    environment: PhantomData<E>,
}

impl<E: Environment> Keys<E> {
    /// The pair of a configuration.
    ///
    /// # Errors
    /// When its accounts are of the other environment, or it has no pair.
    pub fn of(config: &BrokerConfig) -> Result<Self> {
        if let Some(other) = config
            .accounts()
            .iter()
            .find(|account| account.account_type != E::ACCOUNT_TYPE)
        {
            return Err(Error::invalid(
                "account_type",
                other.account_type,
                E::ACCOUNT_TYPE.as_str(),
            ));
        }
        let credentials = config.credentials().cloned().ok_or_else(|| {
            Error::invalid(
                "credentials",
                "nothing",
                "the app key and app secret that KIS issued",
            )
        })?;
        Ok(Self {
            credentials,
            environment: PhantomData,
        })
    }
}

/// The keys and hosts of one environment, together. Made only of a [`Site`] and [`Keys`] of the same type.
#[derive(Clone, Debug)]
pub struct Access {
    environment: tr::Environment,
    rest: Address,
    ws: Address,
    credentials: Credentials,
}

impl Access {
    /// Puts keys and hosts of one environment together.
    pub fn new<E: Environment>(site: Site<E>, keys: Keys<E>) -> Self {
        Self {
            environment: E::WIRE,
            rest: site.rest,
            ws: site.ws,
            credentials: keys.credentials,
        }
    }

    /// The access that a configuration's accounts ask for.
    ///
    /// # Errors
    /// When the configuration is of another broker, has no keys, or names a host of the other environment.
    pub fn of(config: &BrokerConfig) -> Result<Self> {
        if config.broker_type() != BrokerType::Kis {
            return Err(Error::invalid(
                "broker_type",
                config.broker_type(),
                BrokerType::Kis.as_str(),
            ));
        }
        match config.accounts().first().map(|first| first.account_type) {
            Some(AccountType::Real) => Ok(Self::new(
                Site::<Real>::of(config)?,
                Keys::<Real>::of(config)?,
            )),
            Some(AccountType::Paper) => Ok(Self::new(
                Site::<Paper>::of(config)?,
                Keys::<Paper>::of(config)?,
            )),
            None => Err(Error::invalid("accounts", "none", "one or more")),
        }
    }

    /// What the wire calls the environment.
    pub(super) const fn environment(&self) -> tr::Environment {
        self.environment
    }

    /// Whether this is paper trading.
    pub const fn is_paper(&self) -> bool {
        matches!(self.environment, tr::Environment::Paper)
    }

    /// Whether requests go to KIS itself, and not to an emulator or a proxy.
    pub fn is_kis(&self) -> bool {
        self.rest.is_of_kis()
    }

    /// Where REST requests go.
    pub const fn rest(&self) -> &Address {
        &self.rest
    }

    /// Where the WebSocket is.
    pub const fn ws(&self) -> &Address {
        &self.ws
    }

    /// The app key and secret.
    pub const fn credentials(&self) -> &Credentials {
        &self.credentials
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(account_type: &str, endpoints: &str) -> BrokerConfig {
        let text = format!(
            "broker_type = \"KIS\"\n[[accounts]]\naccount_id = \"50123456-01\"\naccount_type = \"{account_type}\"\n\
             [credentials]\napp_key = \"k\"\napp_secret = \"s\"\n[endpoints]\n{endpoints}"
        );
        BrokerConfig::from_toml_str("t.toml", &text).unwrap()
    }

    #[test]
    fn each_environment_goes_to_its_own_hosts() {
        for (account_type, rest, ws) in [
            ("REAL", ("openapi.koreainvestment.com", 9443), 21000),
            ("PAPER", ("openapivts.koreainvestment.com", 29443), 31000),
        ] {
            let access = Access::of(&config(account_type, "")).unwrap();
            assert_eq!((&*access.rest.host, access.rest.port), rest);
            assert!(access.rest.tls && !access.ws.tls);
            assert_eq!(access.ws.port, ws);
        }
    }

    #[test]
    fn a_paper_configuration_cannot_name_a_real_host() {
        for url in [
            "rest_url = \"https://openapi.koreainvestment.com:9443\"",
            "rest_url = \"https://OPENAPI.koreainvestment.com:9443\"",
            "rest_url = \"https://openapivts.koreainvestment.com:9443\"",
            "ws_url = \"ws://ops.koreainvestment.com:21000\"",
            "ws_url = \"ws://openapi.koreainvestment.com\"",
        ] {
            let error = Access::of(&config("PAPER", url)).unwrap_err();
            assert!(error.to_string().contains("endpoints."), "{error}");
        }
        let own = "rest_url = \"https://openapivts.koreainvestment.com:29443\"";
        assert!(Access::of(&config("PAPER", own)).is_ok());
        assert!(Access::of(&config("REAL", own)).is_err());
    }

    #[test]
    fn an_emulator_takes_the_place_of_either() {
        let urls = "rest_url = \"http://127.0.0.1:8080\"\nws_url = \"ws://[::1]:8081/\"";
        for account_type in ["REAL", "PAPER"] {
            let access = Access::of(&config(account_type, urls)).unwrap();
            assert_eq!((&*access.rest.host, access.rest.port), ("127.0.0.1", 8080));
            assert_eq!((&*access.ws.host, access.ws.port), ("::1", 8081));
            assert!(!access.rest.tls);
        }
        // A name that only ends alike is somebody else's.
        let other = "rest_url = \"https://notkoreainvestment.com\"";
        assert!(Access::of(&config("PAPER", other)).is_ok());
    }

    #[test]
    fn keys_never_show() {
        let shown = format!("{:?}", Access::of(&config("PAPER", "")).unwrap());
        assert!(shown.contains("***") && !shown.contains("\"k\""), "{shown}");
    }
}
