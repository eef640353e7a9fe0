//! Whom we believe.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::connect::ConnectError;
use crate::error::{Error, Result};

/// TLS as every connection uses it: 1.2 or later, the peer's certificate checked against its name, the clock and the
/// public authorities that are built in, the same on every machine. No early data, which could be replayed. There is no
/// switch that turns a check off; an authority of one's own can be added.
///
/// Cheap to clone; the clones share their sessions, so that a second connection resumes.
#[derive(Clone)]
pub struct Tls {
    connector: TlsConnector,
    authorities: usize,
}

impl Tls {
    /// With the public authorities (Mozilla's list, of `webpki-roots`).
    pub fn public() -> Self {
        Self::from_roots(public_roots())
    }

    /// With the public authorities and those of a PEM file.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when the file cannot be read, holds no certificate, or one that is no authority's.
    pub fn with_ca_file(path: &Path) -> Result<Self> {
        let context = || format!("reading the certificate authorities of {}", path.display());
        let failed = |error| Error::io(context(), error);
        let mut roots = public_roots();
        let built_in = roots.len();
        let certificates =
            CertificateDer::pem_file_iter(path).map_err(|error| failed(io_of(error)))?;
        for certificate in certificates {
            let certificate = certificate.map_err(|error| failed(io_of(error)))?;
            roots
                .add(certificate)
                .map_err(|error| failed(io::Error::new(io::ErrorKind::InvalidData, error)))?;
        }
        if roots.len() == built_in {
            let empty = io::Error::new(io::ErrorKind::InvalidData, "no certificate in PEM form");
            return Err(failed(empty));
        }
        Ok(Self::from_roots(roots))
    }

    fn from_roots(roots: RootCertStore) -> Self {
        let authorities = roots.len();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            // The provider that is built in has cipher suites of both versions.
            .expect("a provider with TLS 1.2 and 1.3")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self {
            connector: TlsConnector::from(Arc::new(config)),
            authorities,
        }
    }

    /// The handshake, over a stream that is already open.
    pub(super) async fn handshake<Io>(
        &self,
        host: &str,
        io: Io,
    ) -> std::result::Result<TlsStream<Io>, ConnectError>
    where
        Io: AsyncRead + AsyncWrite + Unpin,
    {
        let name = ServerName::try_from(host.to_owned()).map_err(|error| {
            ConnectError::Tls(io::Error::new(io::ErrorKind::InvalidInput, error))
        })?;
        self.connector
            .connect(name, io)
            .await
            .map_err(ConnectError::Tls)
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("authorities", &self.authorities)
            .finish_non_exhaustive()
    }
}

fn public_roots() -> RootCertStore {
    RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned())
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "every other mistake is one of the file's content"
)]
fn io_of(error: PemError) -> io::Error {
    match error {
        PemError::Io(error) => error,
        other => io::Error::new(io::ErrorKind::InvalidData, other.to_string()),
    }
}
