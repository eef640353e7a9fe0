//! The knobs of a connection: addresses, waiting times, retries.

use std::path::PathBuf;
use std::time::Duration;

use crate::domain::ValueError;

/// How long each kind of call may take. In a file: section `[timeouts]`, whole milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// Opening a connection and logging in: `connect_ms`, 100 to 120,000, default 10,000.
    pub connect: Duration,
    /// An order command: how long it may wait for room under the rate limit, after which nothing was sent, and then how
    /// long from the first byte sent to its answer, after which its outcome is unknown: `order_ms`, 100 to 60,000,
    /// default 5,000.
    pub order: Duration,
    /// A query, each page of it: `query_ms`, 100 to 120,000, default 10,000.
    pub query: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            order: Duration::from_secs(5),
            query: Duration::from_secs(10),
        }
    }
}

/// How a lost connection is won back. In a file: section `[retry]`.
///
/// It is about connecting only: an order is never sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retry {
    /// Attempts in a row before the gateway's status is ERROR: `attempts_max`, 1 to 1,000, default 10.
    pub attempts_max: u32,
    /// The wait before the second attempt; it doubles with each one: `backoff_initial_ms`, 1 to 3,600,000, default 500.
    pub backoff_initial: Duration,
    /// The longest wait: `backoff_max_ms`, from `backoff_initial_ms` to 3,600,000, default 30,000.
    pub backoff_max: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts_max: 10,
            backoff_initial: Duration::from_millis(500),
            backoff_max: Duration::from_secs(30),
        }
    }
}

/// Addresses in place of the broker's own, for an emulator or a proxy. In a file: section `[endpoints]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Endpoints {
    /// Where REST requests go: `rest_url`, `https://host[:port]`, or `http://` on this machine only, because app keys
    /// travel there. Default: the broker's host for the type of the accounts.
    pub rest_url: Option<Box<str>>,
    /// Where the WebSocket is: `ws_url`, `wss://host[:port]` or `ws://` (KIS has no other). Default: as above.
    pub ws_url: Option<Box<str>>,
    /// Where the broker's files of issues are: `masters_url`, `https://host[:port][/folder]`, or `http://` on this machine
    /// only, because prices and lots are taken from there. Default: the broker's own place.
    pub masters_url: Option<Box<str>>,
    /// A PEM file of certificate authorities that are believed besides the public ones, for an emulator or a proxy with a
    /// certificate of its own: `ca_file`, relative to the folder of the configuration file. No check is ever switched off.
    pub ca_file: Option<PathBuf>,
}

/// The URL, when its scheme, host and port are acceptable and it holds nothing secret.
///
/// Errors describe the mistake and never repeat the URL: a user name, a password or a key may stand in it.
pub(super) fn check_url(
    url: &str,
    schemes: [&'static str; 2],
    plain_on_loopback_only: bool,
) -> Result<(), ValueError> {
    let [secure, plain] = schemes;
    let expected = if plain_on_loopback_only {
        format!("{secure}://host[:port], or {plain}:// on 127.0.0.1, [::1] or localhost")
    } else {
        format!("{secure}://host[:port] or {plain}://host[:port]")
    };
    let error = |found: &str| Err(ValueError::new("URL", found, expected.as_str()));

    if !url.bytes().all(|byte| byte.is_ascii_graphic()) {
        return error("spaces or special characters");
    }
    let Some((scheme, rest)) = url.split_once("://") else {
        return error("no scheme");
    };
    if !schemes.contains(&scheme) {
        return error("another scheme");
    }
    if rest.contains(['?', '#', '@']) {
        return error("a URL with a user, a query or a fragment");
    }
    let authority = rest.split('/').next().unwrap_or_default();
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    if !bare.map_or_else(|| is_host_name(host), is_ipv6) {
        return error("no valid host");
    }
    if port.is_some_and(|port| !matches!(port.parse::<u16>(), Ok(1..))) {
        return error("no valid port");
    }
    if plain_on_loopback_only && scheme == plain && !is_loopback(bare.unwrap_or(host)) {
        return error("an unencrypted URL of another machine");
    }
    Ok(())
}

/// Whether the text is a host name, an IPv4 or an IPv6 address, without scheme, brackets and port.
pub(super) fn is_host(text: &str) -> bool {
    is_host_name(text) || is_ipv6(text)
}

fn is_ipv6(text: &str) -> bool {
    text.parse::<std::net::Ipv6Addr>().is_ok()
}

fn is_host_name(text: &str) -> bool {
    const HOST_LEN_MAX: usize = 253;
    const LABEL_LEN_MAX: usize = 63;
    let is_label = |label: &str| {
        (1..=LABEL_LEN_MAX).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    text.len() <= HOST_LEN_MAX && text.split('.').all(is_label)
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn app_keys_never_travel_in_the_clear_to_another_machine() {
        let rest = |url| check_url(url, ["https", "http"], true);
        for url in [
            "https://openapi.koreainvestment.com:9443",
            "https://api.kiwoom.com/",
            "http://127.0.0.1:8080",
            "http://[::1]:8080",
            "http://localhost",
        ] {
            assert_eq!(rest(url), Ok(()), "{url}");
        }
        for url in [
            "",
            "api.kiwoom.com",
            "http://api.kiwoom.com",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "ftp://127.0.0.1",
            "https://",
            "https://:443",
            "https://host:0",
            "https://host:65536",
            "https://host:port",
            "https://user:canary@host",
            "https://host?key=canary",
            "https://ho st",
            "https://[::1",
            "https://호스트",
        ] {
            let error = rest(url).unwrap_err();
            assert!(!error.to_string().contains("canary"), "{error}");
        }
        let ws = |url| check_url(url, ["wss", "ws"], false);
        assert_eq!(ws("ws://ops.koreainvestment.com:21000"), Ok(()));
        assert_eq!(ws("wss://api.kiwoom.com:10000"), Ok(()));
        assert!(ws("https://api.kiwoom.com").is_err());
    }

    #[test]
    fn a_host_is_a_name_or_an_address_and_nothing_around_it() {
        for host in ["127.0.0.1", "::1", "creon-pc", "gw.example.kr"] {
            assert!(is_host(host), "{host}");
        }
        for host in [
            "",
            "http://gw",
            "gw:50051",
            "[::1]",
            "a b",
            "a..b",
            "a/b",
            &"a".repeat(64),
        ] {
            assert!(!is_host(host), "{host}");
        }
    }
}
