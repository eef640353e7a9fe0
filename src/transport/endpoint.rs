//! Where a connection goes.

use http::HeaderValue;
use http::uri::{Authority, Uri};

use super::tls::Tls;
use crate::error::{Error, Result};

/// One address of one server, and how it is spoken to.
///
/// Which servers are real and which are paper is not known here: brokers keep them apart in types of their own.
#[derive(Clone, Debug)]
pub struct Endpoint {
    host: Box<str>,
    port: u16,
    security: Security,
    /// What the `Host` header says: the port is left out where it is the scheme's own.
    host_header: HeaderValue,
}

/// How an endpoint is spoken to. There is no third way, and none falls back to another.
#[derive(Clone, Debug)]
pub enum Security {
    /// Bare TCP.
    Plain,
    /// TLS 1.2 or later, with the peer's certificate checked.
    Tls(Tls),
}

impl Endpoint {
    /// An endpoint from its parts. An IPv6 address comes without brackets.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when `host` is not a host name or address, or `port` is 0.
    pub fn new(host: &str, port: u16, security: Security) -> Result<Self> {
        let bracketed = if host.contains(':') {
            format!("[{host}]")
        } else {
            host.to_owned()
        };
        let default_port = match security {
            Security::Plain => 80,
            Security::Tls(_) => 443,
        };
        let named = if port == default_port {
            bracketed
        } else {
            format!("{bracketed}:{port}")
        };
        let error = || Error::invalid("host", "another text", "a host name or an IP address");
        let authority = named.parse::<Authority>().map_err(|_| error())?;
        if host.is_empty() || port == 0 || named.contains('@') {
            return Err(error());
        }
        let host_header = HeaderValue::from_str(authority.as_str()).map_err(|_| error())?;
        Ok(Self {
            host: host.into(),
            port,
            security,
            host_header,
        })
    }

    /// An endpoint from `https://host[:port]`, `http://…`, `wss://…` or `ws://…`; `tls` serves the secure ones.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for any other URL, also for one with a path or a user name. It does not repeat the URL, in which
    /// a secret may stand.
    pub fn from_url(url: &str, tls: &Tls) -> Result<Self> {
        let error = || {
            let expected = "https://host[:port], http://…, wss://… or ws://…, without a path";
            Error::invalid("URL", "another text", expected)
        };
        let uri = url.parse::<Uri>().map_err(|_| error())?;
        let (secure, default_port) = match uri.scheme_str() {
            Some("https" | "wss") => (true, 443),
            Some("http" | "ws") => (false, 80),
            _ => return Err(error()),
        };
        let authority = uri.authority().ok_or_else(error)?;
        let bare = matches!(uri.path(), "" | "/") && uri.query().is_none();
        if !bare || authority.as_str().contains('@') {
            return Err(error());
        }
        // A port that is not a number is no port at all to the parser.
        let port = match authority.port_u16() {
            Some(port) => port,
            None if authority.as_str().len() == authority.host().len() => default_port,
            None => return Err(error()),
        };
        let host = authority.host();
        let host = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host);
        let security = if secure {
            Security::Tls(tls.clone())
        } else {
            Security::Plain
        };
        Self::new(host, port, security)
    }

    /// The name or address, an IPv6 address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The TCP port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// How it is spoken to.
    pub const fn security(&self) -> &Security {
        &self.security
    }

    /// Whether everything that travels is protected by TLS.
    pub const fn is_secure(&self) -> bool {
        matches!(self.security, Security::Tls(_))
    }

    /// The value of the `Host` header.
    pub(super) const fn host_header(&self) -> &HeaderValue {
        &self.host_header
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_become_endpoints() {
        let tls = Tls::public();
        for (url, host, port, secure, header) in [
            (
                "https://a.example:9443",
                "a.example",
                9443,
                true,
                "a.example:9443",
            ),
            ("https://a.example/", "a.example", 443, true, "a.example"),
            (
                "http://127.0.0.1:8080",
                "127.0.0.1",
                8080,
                false,
                "127.0.0.1:8080",
            ),
            (
                "ws://ops.example:21000",
                "ops.example",
                21000,
                false,
                "ops.example:21000",
            ),
            ("wss://[::1]:7", "::1", 7, true, "[::1]:7"),
            ("http://[::1]", "::1", 80, false, "[::1]"),
        ] {
            let endpoint = Endpoint::from_url(url, &tls).unwrap();
            assert_eq!((endpoint.host(), endpoint.port()), (host, port), "{url}");
            assert_eq!(endpoint.is_secure(), secure, "{url}");
            assert_eq!(endpoint.host_header(), header, "{url}");
        }
    }

    #[test]
    fn anything_else_is_refused_and_not_repeated() {
        let tls = Tls::public();
        for url in [
            "",
            "canary",
            "ftp://canary",
            "https://",
            "https://host:0",
            "https://host:canary",
            "https://host:",
            "https://host/canary",
            "https://host?canary",
            "https://canary@host",
            "https://ho st",
        ] {
            let error = Endpoint::from_url(url, &tls).unwrap_err().to_string();
            assert!(!error.contains("canary"), "{url}: {error}");
        }
        for host in ["", "a b", "user@host", "host/path"] {
            assert!(Endpoint::new(host, 1, Security::Plain).is_err(), "{host}");
        }
    }
}
