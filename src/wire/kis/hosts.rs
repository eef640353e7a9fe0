//! Where the servers are. The portal's page on environments, read 2026-07.
//!
//! A key, its secret and an account belong to one environment. The stream is not encrypted.

use super::tr::Environment;

/// A server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host {
    /// Its name.
    pub name: &'static str,
    /// Its port.
    pub port: u16,
    /// Whether it speaks TLS.
    pub tls: bool,
}

/// The path under which the stream is opened. The server takes any path; the samples use this one.
pub const STREAM_PATH: &str = "/tryitout";

/// The REST server.
pub const fn rest(environment: Environment) -> Host {
    let (name, port) = match environment {
        Environment::Real => ("openapi.koreainvestment.com", 9443),
        Environment::Paper => ("openapivts.koreainvestment.com", 29443),
    };
    Host {
        name,
        port,
        tls: true,
    }
}

/// The stream's server.
pub const fn stream(environment: Environment) -> Host {
    let port = match environment {
        Environment::Real => 21_000,
        Environment::Paper => 31_000,
    };
    Host {
        name: "ops.koreainvestment.com",
        port,
        tls: false,
    }
}

/// The server of the master files, which asks for no login.
pub const MASTERS: Host = Host {
    name: "new.real.download.dws.co.kr",
    port: 443,
    tls: true,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_environments_share_no_address() {
        let address = |host: Host| (host.name, host.port);
        for server in [rest, stream] {
            assert_ne!(
                address(server(Environment::Real)),
                address(server(Environment::Paper))
            );
        }
    }

    #[test]
    fn what_carries_a_secret_goes_over_tls() {
        for environment in [Environment::Real, Environment::Paper] {
            assert!(rest(environment).tls);
        }
    }
}
