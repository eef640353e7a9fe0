//! Over sockets of this machine, plain and TLS, and as the program runs it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use gwanmun::emulator::kis::{Emulator, Running};
use gwanmun::emulator::{Certificate, CertificateFlaw};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::support::{Http, SAMSUNG, Stream, registration, request, settings};

async fn start(certificate: Option<Certificate>) -> Running {
    Emulator::start(settings(false), ([127, 0, 0, 1], 0).into(), certificate)
        .await
        .unwrap()
}

fn login(running: &Running) -> (Value, Value) {
    let settings = running.emulator().settings();
    let client = &settings.clients[0];
    let (key, secret) = (&*client.app_key, &*client.app_secret);
    (
        json!({ "grant_type": "client_credentials", "appkey": key, "appsecret": secret }),
        json!({ "grant_type": "client_credentials", "appkey": key, "secretkey": secret }),
    )
}

#[tokio::test]
async fn rest_and_stream_share_a_port() {
    let running = start(None).await;
    assert_eq!(running.rest_url(), format!("http://{}", running.address()));
    let (token, approval) = login(&running);
    let dial = async || TcpStream::connect(running.address()).await.unwrap();
    let mut http = Http::new(dial().await);
    let answer = http
        .exchange(&request("POST", "/oauth2/tokenP", &[], &token))
        .await
        .unwrap();
    assert_eq!(answer.status, 200);
    let answer = http
        .exchange(&request("POST", "/oauth2/Approval", &[], &approval))
        .await
        .unwrap();
    let key = answer.json()["approval_key"].as_str().unwrap().to_owned();
    let mut stream = Stream::open(dial().await).await;
    assert_eq!(stream.register(&key, "H0STCNT0", SAMSUNG).await, "OPSP0000");
    let records = timeout(Duration::from_secs(30), stream.records("H0STCNT0"))
        .await
        .unwrap();
    assert_eq!((records[0][0].as_str(), records[0].len()), (SAMSUNG, 47));
    // The client's own ping is answered.
    {
        use futures::SinkExt;
        use tokio_tungstenite::tungstenite::Message;

        stream
            .socket
            .send(Message::Ping(b"hello".to_vec().into()))
            .await
            .unwrap();
        let pong = async {
            loop {
                if let Some(Message::Pong(payload)) = stream.next().await {
                    return payload;
                }
            }
        };
        assert_eq!(
            &timeout(Duration::from_secs(30), pong).await.unwrap()[..],
            b"hello"
        );
    }
    let address = running.address();
    running.stop().await;
    assert!(
        TcpStream::connect(address).await.is_err(),
        "nobody listens any more"
    );
}

#[tokio::test]
async fn what_is_not_http_is_refused() {
    let running = start(None).await;
    let mut http = Http::new(TcpStream::connect(running.address()).await.unwrap());
    http.send(b"\x16\x03\x01\x02\x00\x01\x00").await;
    let said = http.rest(Duration::from_secs(30)).await;
    assert!(
        said.starts_with(b"HTTP/1.1 400 "),
        "{}",
        String::from_utf8_lossy(&said)
    );
    let mut http = Http::new(TcpStream::connect(running.address()).await.unwrap());
    let answer = http
        .exchange(&request("GET", "/nowhere", &[], &Value::Null))
        .await
        .unwrap();
    assert_eq!(answer.status, 404);
}

/// A TLS handshake by a client that trusts the authority that was handed out.
async fn handshake(
    running: &Running,
) -> Result<Http<tokio_rustls::client::TlsStream<TcpStream>>, String> {
    let mut roots = rustls::RootCertStore::empty();
    let ca = CertificateDer::from_pem_slice(running.ca_pem().unwrap().as_bytes()).unwrap();
    roots.add(ca).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let tcp = TcpStream::connect(running.address()).await.unwrap();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let io = TlsConnector::from(Arc::new(config))
        .connect(name, tcp)
        .await;
    io.map(Http::new).map_err(|error| error.to_string())
}

#[tokio::test]
async fn tls_is_trusted_by_its_authority_and_flaws_are_seen() {
    let certificate = |flaw| Some(Certificate::generate(flaw).unwrap());
    let running = start(certificate(CertificateFlaw::None)).await;
    assert!(
        running.rest_url().starts_with("https://") && running.stream_url().starts_with("wss://")
    );
    let mut http = handshake(&running)
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    let (token, _) = login(&running);
    let answer = http
        .exchange(&request("POST", "/oauth2/tokenP", &[], &token))
        .await
        .unwrap();
    assert_eq!(answer.status, 200);
    for (flaw, said) in [
        (CertificateFlaw::WrongName, "not valid for name"),
        (CertificateFlaw::Expired, "expired"),
        (
            CertificateFlaw::ForeignAuthority,
            "invalid peer certificate",
        ),
    ] {
        let running = start(certificate(flaw)).await;
        let error = handshake(&running).await.map(|_| ()).unwrap_err();
        assert!(error.contains(said), "{flaw:?}: {error}");
    }
}

/// The program, ended with the test.
#[cfg(feature = "cli")]
struct Program(Child);

#[cfg(feature = "cli")]
impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(feature = "cli")]
impl Program {
    fn start(arguments: &[&str]) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_gwanmun"))
            .args(["emulate", "kis"])
            .args(arguments)
            .env_remove("GWANMUN_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        Self(child.unwrap())
    }

    fn facts(&mut self) -> Value {
        let mut text = String::new();
        for line in BufReader::new(self.0.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            text.push_str(&line);
            if line == "}" {
                break;
            }
        }
        serde_json::from_str(&text).unwrap()
    }
}

#[cfg(feature = "cli")]
#[tokio::test]
async fn the_program_prints_what_a_client_needs_and_serves() {
    let folder = tempfile::TempDir::new().unwrap();
    let ca = folder.path().join("ca.pem");
    let mut program = Program::start(&[
        "--port",
        "0",
        "--json",
        "--paper",
        "--layout",
        "2023",
        "--fault",
        "clock-offset=60",
        "--tls",
        "--ca",
        ca.to_str().unwrap(),
    ]);
    let facts = program.facts();
    assert_eq!(
        (&facts["environment"], &facts["layout"]),
        (&"paper".into(), &"2023".into())
    );
    assert_eq!(facts["account"], "50123456-01");
    assert_eq!(facts["faults"], json!(["clock-offset=60@any"]));
    assert!(
        std::fs::read_to_string(&ca)
            .unwrap()
            .starts_with("-----BEGIN CERTIFICATE-----")
    );
    let address = facts["rest"]
        .as_str()
        .unwrap()
        .strip_prefix("https://")
        .unwrap();
    assert!(TcpStream::connect(address).await.is_ok());
    // A port in use is said to be in use.
    let port = address.rsplit(':').next().unwrap();
    let mut second = Program::start(&["--port", port]);
    let mut error = String::new();
    second
        .0
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut error)
        .unwrap();
    assert!(error.contains(&format!("port {port} is in use")), "{error}");
    assert_eq!(second.0.wait().unwrap().code(), Some(1));
    for wrong in [
        ["--fault", "nothing"],
        ["--layout", "2022"],
        ["--market", "no-such-file.csv"],
    ] {
        let mut program = Program::start(&wrong);
        assert_eq!(program.0.wait().unwrap().code(), Some(2), "{wrong:?}");
    }
}

#[tokio::test]
async fn garbage_on_the_stream_is_answered_and_survived() {
    let running = start(None).await;
    let mut stream = Stream::open(TcpStream::connect(running.address()).await.unwrap()).await;
    for text in [
        "",
        "x",
        "null",
        "[]",
        &"{".repeat(70_000),
        &registration("", "", "", ""),
    ] {
        stream.send(text).await;
        assert!(stream.answer().await.starts_with("OPSP"));
    }
}
