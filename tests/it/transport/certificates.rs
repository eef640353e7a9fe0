//! Who is believed, over TLS that runs in this process.

use std::sync::Arc;

use gwanmun::transport::{
    Connect, ConnectError, Cut, Endpoint, Exchange, LineSettings, Lines, Net, NotSent, Security,
    Tls,
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio_rustls::TlsAcceptor;

use super::support::*;

const HOST: &str = "broker.test";

/// An authority of its own, in a file, and what it certifies.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    file: tempfile::NamedTempFile,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), params.self_signed(&key).unwrap().pem()).unwrap();
        Self {
            issuer: Issuer::new(params, key),
            file,
        }
    }

    fn certify(&self, name: &str, expired: bool) -> TlsAcceptor {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        if expired {
            params.not_before = date_time_ymd(2019, 1, 1);
            params.not_after = date_time_ymd(2020, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        acceptor(certificate.der().clone(), &key)
    }

    fn endpoint(&self) -> Endpoint {
        let tls = Tls::with_ca_file(self.file.path()).unwrap();
        Endpoint::new(HOST, 9443, Security::Tls(tls)).unwrap()
    }
}

fn acceptor(certificate: CertificateDer<'static>, key: &KeyPair) -> TlsAcceptor {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// Answers one request over TLS; whether there was one.
async fn answer_one(acceptor: TlsAcceptor, stream: DuplexStream) -> bool {
    let Ok(mut stream) = acceptor.accept(stream).await else {
        return false;
    };
    let received = read_request(&mut stream, &mut Vec::new()).await;
    // The client may be gone by now.
    let _ = stream.write_all(ok("{}").as_bytes()).await;
    received.is_some()
}

async fn exchange_with(acceptor: TlsAcceptor, endpoint: Endpoint, cuts: Cuts) -> (Exchange, bool) {
    let (wire, mut accepted) = Wire::new();
    wire.cut(cuts);
    let lines = Lines::new(wire, endpoint, LineSettings::default());
    let pending = lines.exchange(order(), soon());
    let stream = accepted.recv().await.unwrap();
    let server = tokio::spawn(answer_one(acceptor, stream));
    let exchange = pending.await;
    drop(lines);
    (exchange, server.await.unwrap())
}

#[tokio::test(start_paused = true)]
async fn an_authority_from_a_file_is_believed() {
    let authority = Authority::new();
    let (exchange, came) = exchange_with(
        authority.certify(HOST, false),
        authority.endpoint(),
        Cuts::NONE,
    )
    .await;
    answered(exchange);
    assert!(came);
}

/// S3: wrong name, expired, of a foreign authority, self-signed: nothing is sent.
#[tokio::test(start_paused = true)]
async fn certificates_that_do_not_hold_send_nothing() {
    let (ours, foreign) = (Authority::new(), Authority::new());
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(vec![HOST.to_owned()]).unwrap();
    let own = own.self_signed(&key).unwrap();
    let public = Endpoint::new(HOST, 9443, Security::Tls(Tls::public())).unwrap();
    for (acceptor, endpoint) in [
        (ours.certify("other.test", false), ours.endpoint()),
        (ours.certify(HOST, true), ours.endpoint()),
        (foreign.certify(HOST, false), ours.endpoint()),
        (ours.certify(HOST, false), public),
        (acceptor(own.der().clone(), &key), ours.endpoint()),
    ] {
        let (exchange, came) = exchange_with(acceptor, endpoint, Cuts::NONE).await;
        assert!(
            matches!(
                exchange,
                Exchange::NotSent(NotSent::Connect(ConnectError::Tls(_)))
            ),
            "{exchange:?}"
        );
        assert!(!came);
    }
}

/// S3, X6: a server without TLS sees no request in plain text, whatever it says.
#[tokio::test(start_paused = true)]
async fn tls_never_falls_back_to_plain_text() {
    let (wire, mut accepted) = Wire::new();
    let lines = Lines::new(wire, Authority::new().endpoint(), LineSettings::default());
    let pending = lines.exchange(order(), soon());
    let mut stream = accepted.recv().await.unwrap();
    stream.write_all(ok("{}").as_bytes()).await.unwrap();
    let exchange = pending.await;
    assert!(
        matches!(
            exchange,
            Exchange::NotSent(NotSent::Connect(ConnectError::Tls(_)))
        ),
        "{exchange:?}"
    );
    let mut seen = Vec::new();
    stream.read_to_end(&mut seen).await.unwrap();
    assert_eq!(seen[0], 22, "a TLS handshake record");
    assert!(!seen.windows(4).any(|window| window == b"POST"));
}

/// S4, S5 below TLS: what is encrypted but not handed to the socket has not left.
#[tokio::test(start_paused = true)]
async fn the_proof_holds_below_tls() {
    let authority = Authority::new();
    let acceptor = authority.certify(HOST, false);
    let (wire, mut accepted) = Wire::new();
    let warm = Lines::new(wire.clone(), authority.endpoint(), LineSettings::default());
    let server = acceptor.clone();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Some(stream) = accepted.recv().await {
            kept.push(server.accept(stream).await);
        }
    });
    warm.warm().await.unwrap();
    // Two handshakes of one length each.
    let handshake = wire.writes().iter().sum::<usize>() / 2;
    for k in [
        0,
        1,
        handshake - 1,
        handshake,
        handshake + 1,
        handshake + 40,
    ] {
        let cuts = Cuts {
            written: k,
            ..Cuts::NONE
        };
        let (exchange, came) = exchange_with(acceptor.clone(), authority.endpoint(), cuts).await;
        assert!(!came, "{k}");
        match exchange {
            Exchange::NotSent(NotSent::Connect(_)) => assert!(k < handshake, "{k}"),
            Exchange::NotSent(NotSent::Closed) => assert_eq!(k, handshake),
            Exchange::Unknown(Cut::Io(_) | Cut::Closed) => assert!(k > handshake, "{k}"),
            other => panic!("{k}: {other:?}"),
        }
    }
}

#[test]
fn a_file_without_an_authority_is_an_error_that_names_it() {
    let file = tempfile::NamedTempFile::new().unwrap();
    for text in [
        "",
        "nothing",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        std::fs::write(file.path(), text).unwrap();
        let error = Tls::with_ca_file(file.path()).unwrap_err().to_string();
        assert!(error.contains(file.path().to_str().unwrap()), "{error}");
    }
    assert!(Tls::with_ca_file(std::path::Path::new("/nowhere")).is_err());
}

/// S2 over real sockets: a closed port and a name that does not exist.
#[tokio::test]
async fn a_closed_port_takes_nothing() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let endpoint = Endpoint::new("127.0.0.1", port, Security::Plain).unwrap();
    assert!(matches!(
        Net::default().connect(&endpoint).await,
        Err(ConnectError::Tcp(_))
    ));
    let exchange = Lines::new(Net::default(), endpoint, LineSettings::default())
        .exchange(order(), soon())
        .await;
    assert!(
        matches!(
            exchange,
            Exchange::NotSent(NotSent::Connect(ConnectError::Tcp(_)))
        ),
        "{exchange:?}"
    );
}

/// Over a real socket, without Nagle's delay.
#[tokio::test]
async fn a_socket_sends_at_once() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let endpoint = Endpoint::new("localhost", port, Security::Plain).unwrap();
    let endpoint = match Net::default().connect(&endpoint).await {
        Ok(stream) => {
            assert!(stream.nodelay().unwrap());
            listener.accept().await.unwrap();
            endpoint
        }
        // A machine without the name.
        Err(_) => Endpoint::new("127.0.0.1", port, Security::Plain).unwrap(),
    };
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let received = read_request(&mut stream, &mut Vec::new()).await.unwrap();
        stream.write_all(ok("{}").as_bytes()).await.unwrap();
        received
    });
    let lines = Lines::new(Net::default(), endpoint, LineSettings::default());
    answered(lines.exchange(order(), soon()).await);
    assert_eq!(server.await.unwrap().body, BODY);
}
