//! Certificates made on the spot, good and deliberately bad ones.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::error::{Error, Result};

/// What is wrong with a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum CertificateFlaw {
    /// Nothing: for 127.0.0.1, `::1` and `localhost`, signed by the authority that is handed out.
    #[default]
    None,
    /// For another name.
    WrongName,
    /// Ended in 2020.
    Expired,
    /// Signed by an authority that is not the one handed out.
    ForeignAuthority,
}

/// A server certificate and the authority that clients are to trust.
#[derive(Clone, Debug)]
pub struct Certificate {
    ca_pem: Arc<str>,
    server: Arc<ServerConfig>,
}

impl Certificate {
    /// A new key and certificate.
    ///
    /// # Errors
    /// When the machine has no randomness to make a key of.
    pub fn generate(flaw: CertificateFlaw) -> Result<Self> {
        Self::make(flaw).map_err(|what| Error::Simulation(what.into()))
    }

    fn make(flaw: CertificateFlaw) -> std::result::Result<Self, String> {
        let authority = Authority::new()?;
        let foreign = match flaw {
            CertificateFlaw::ForeignAuthority => Some(Authority::new()?),
            CertificateFlaw::None | CertificateFlaw::WrongName | CertificateFlaw::Expired => None,
        };
        let names: &[&str] = match flaw {
            CertificateFlaw::WrongName => &["elsewhere.invalid"],
            CertificateFlaw::None
            | CertificateFlaw::Expired
            | CertificateFlaw::ForeignAuthority => &["127.0.0.1", "::1", "localhost"],
        };
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let mut leaf = CertificateParams::new(names).map_err(|error| error.to_string())?;
        leaf.distinguished_name
            .push(DnType::CommonName, "gwanmun emulator");
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.use_authority_key_identifier_extension = true;
        if flaw == CertificateFlaw::Expired {
            (leaf.not_before, leaf.not_after) =
                (date_time_ymd(2019, 1, 1), date_time_ymd(2020, 1, 1));
        }
        let key = KeyPair::generate().map_err(|error| error.to_string())?;
        let issuer = &foreign.as_ref().unwrap_or(&authority).issuer;
        let leaf = leaf
            .signed_by(&key, issuer)
            .map_err(|error| error.to_string())?;
        let chain = vec![CertificateDer::from(leaf.der().to_vec())];
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(|error| error.to_string())?;
        Ok(Self {
            ca_pem: authority.pem.into(),
            server: Arc::new(server),
        })
    }

    /// The authority's certificate, for clients to trust: PEM.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    pub(super) fn server_config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.server)
    }
}

/// Who signs.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> std::result::Result<Self, String> {
        let mut params = CertificateParams::new(Vec::new()).map_err(|error| error.to_string())?;
        params
            .distinguished_name
            .push(DnType::CommonName, "gwanmun emulator authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().map_err(|error| error.to_string())?;
        let certificate = params
            .self_signed(&key)
            .map_err(|error| error.to_string())?;
        Ok(Self {
            pem: certificate.pem(),
            issuer: Issuer::new(params, key),
        })
    }
}
