//! An order's way over TLS on loopback and back, against what the bytes alone cost and against a common client.
//!
//! A slower `lines` delays every order by as much. All three speak to a server on a thread of its own, which answers as
//! soon as it has the whole request, over the same TLS. `ping_pong` is the floor: the same bytes, written and read
//! by hand. Rounds alternate, so that a change of the machine's speed falls on all alike; the goals are ratios of the
//! medians: `lines` at most 1.4 times the floor, `reqwest` at least 1.4 times `lines`. Run it pinned to one core:
//! `taskset -c 1 cargo bench --bench transport`.
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on stops")]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use gwanmun::transport::{Endpoint, Exchange, LineSettings, Lines, Net, Request, Security, Tls};
use hdrhistogram::Histogram;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::client::TlsStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};

const PATH: &str = "/uapi/domestic-stock/v1/trading/order-cash";
const BODY: &str = r#"{"CANO":"12345678","ACNT_PRDT_CD":"01","PDNO":"005930","ORD_DVSN":"00","ORD_QTY":"10","ORD_UNPR":"71000","EXCG_ID_DVSN_CD":"KRX","SLL_TYPE":"","CNDT_PRIC":""}"#;
const ANSWER: &str = r#"{"rt_cd":"0","msg_cd":"APBK0013","msg1":"order sent","output":{"KRX_FWDG_ORD_ORGNO":"06010","ODNO":"0000139744","ORD_TMD":"093000"}}"#;

/// As many bytes of headers as an order to KIS has.
fn headers() -> HeaderMap {
    [
        ("content-type", "application/json; charset=utf-8"),
        (
            "authorization",
            concat!(
                "Bearer ",
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            ),
        ),
        ("appkey", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
        (
            "appsecret",
            concat!(
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            ),
        ),
        ("tr_id", "TTTC0012U"),
        ("custtype", "P"),
    ]
    .into_iter()
    .map(|(name, value)| {
        (
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        )
    })
    .collect()
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// A server, and whoever believes it.
struct Server {
    port: u16,
    authority: tempfile::NamedTempFile,
    client: Arc<ClientConfig>,
}

/// Answers every request of announced length that comes over TLS.
fn serve() -> Server {
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let certificate = CertificateDer::from(certified.cert.der().to_vec());
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let authority = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(authority.path(), certified.cert.pem()).unwrap();

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let client = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let accept = async move {
        let listener = TcpListener::from_std(listener).unwrap();
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            socket.set_nodelay(true).unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // A client that goes away is the end of a round.
                let Ok(mut stream) = acceptor.accept(socket).await else {
                    return;
                };
                let answer = answer();
                let (mut buffer, mut filled) = (vec![0; 8192], 0);
                while let Ok(read @ 1..) = stream.read(&mut buffer[filled..]).await {
                    filled += read;
                    // The body is the last thing of a request, and ends in a brace, which no header holds.
                    if buffer[filled - 1] == b'}' {
                        filled = 0;
                        stream.write_all(answer.as_bytes()).await.unwrap();
                        stream.flush().await.unwrap();
                    }
                }
            });
        }
    };
    // Ends with the process.
    std::thread::spawn(move || runtime().block_on(accept));
    Server {
        port,
        authority,
        client: Arc::new(client),
    }
}

fn answer() -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: {}\r\ntr_id: TTTC0012U\r\n\r\n{ANSWER}",
        ANSWER.len()
    )
}

/// The bytes of the request, as a client writes them.
fn request_bytes(port: u16) -> Vec<u8> {
    let mut text = format!("POST {PATH} HTTP/1.1\r\n");
    for (name, value) in &headers() {
        text += &format!("{name}: {}\r\n", value.to_str().unwrap());
    }
    text += &format!(
        "host: localhost:{port}\r\ncontent-length: {}\r\n\r\n{BODY}",
        BODY.len()
    );
    text.into_bytes()
}

struct PingPong {
    stream: TlsStream<TcpStream>,
    request: Vec<u8>,
    answer_len: usize,
    buffer: Vec<u8>,
}

impl PingPong {
    async fn new(server: &Server) -> Self {
        let socket = TcpStream::connect(("127.0.0.1", server.port))
            .await
            .unwrap();
        socket.set_nodelay(true).unwrap();
        let connector = TlsConnector::from(Arc::clone(&server.client));
        let name = ServerName::try_from("localhost").unwrap();
        Self {
            stream: connector.connect(name, socket).await.unwrap(),
            request: request_bytes(server.port),
            answer_len: answer().len(),
            buffer: vec![0; 8192],
        }
    }

    async fn round(&mut self) {
        self.stream.write_all(&self.request).await.unwrap();
        self.stream.flush().await.unwrap();
        let mut read = 0;
        while read < self.answer_len {
            read += self.stream.read(&mut self.buffer).await.unwrap();
        }
    }
}

struct Ours {
    lines: Lines<Net>,
    headers: HeaderMap,
}

impl Ours {
    async fn new(server: &Server) -> Self {
        let tls = Tls::with_ca_file(server.authority.path()).unwrap();
        let endpoint = Endpoint::new("localhost", server.port, Security::Tls(tls)).unwrap();
        let lines = Lines::new(Net::default(), endpoint, LineSettings::default());
        lines.warm().await.unwrap();
        Self {
            lines,
            headers: headers(),
        }
    }

    async fn round(&self) {
        let request = Request {
            method: Method::POST,
            path_and_query: http::uri::PathAndQuery::from_static(PATH),
            headers: self.headers.clone(),
            body: Bytes::from_static(BODY.as_bytes()),
        };
        let deadline = tokio::time::Instant::now() + Duration::from_secs(5);
        let Exchange::Answered(reply) = self.lines.exchange(request, deadline).await else {
            panic!("no answer");
        };
        assert_eq!(reply.body.len(), ANSWER.len());
    }
}

struct Reqwest {
    client: reqwest::Client,
    url: reqwest::Url,
    headers: HeaderMap,
}

impl Reqwest {
    fn new(server: &Server) -> Self {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(ClientConfig::clone(&server.client))
            .no_proxy()
            .build()
            .unwrap();
        Self {
            client,
            url: format!("https://localhost:{}{PATH}", server.port)
                .parse()
                .unwrap(),
            headers: headers(),
        }
    }

    async fn round(&self) {
        let request = self
            .client
            .post(self.url.clone())
            .headers(self.headers.clone())
            .body(BODY);
        let body = request.send().await.unwrap().bytes().await.unwrap();
        assert_eq!(body.len(), ANSWER.len());
    }
}

fn order(criterion: &mut Criterion) {
    let runtime = runtime();
    let server = serve();
    let mut ping_pong = runtime.block_on(PingPong::new(&server));
    let ours = runtime.block_on(Ours::new(&server));
    let theirs = Reqwest::new(&server);

    let mut group = criterion.benchmark_group("transport/order");
    group.bench_function("ping_pong", |bencher| {
        bencher.iter(|| runtime.block_on(ping_pong.round()));
    });
    group.bench_function("lines", |bencher| {
        bencher.iter(|| runtime.block_on(ours.round()));
    });
    group.bench_function("reqwest", |bencher| {
        bencher.iter(|| runtime.block_on(theirs.round()));
    });
    group.finish();
    print_ratios(&runtime, &mut ping_pong, &ours, &theirs);
}

/// Blocks of each in turn, all within one run.
fn print_ratios(runtime: &Runtime, ping_pong: &mut PingPong, ours: &Ours, theirs: &Reqwest) {
    const BLOCKS: usize = 40;
    const ROUNDS: usize = 100;
    let blocks = if std::env::args().any(|argument| argument == "--test") {
        1
    } else {
        BLOCKS
    };
    let mut times = [(); 3].map(|()| Histogram::<u64>::new(3).unwrap());
    runtime.block_on(async {
        for _ in 0..blocks {
            for (which, times) in times.iter_mut().enumerate() {
                for _ in 0..ROUNDS {
                    let began = Instant::now();
                    match which {
                        0 => ping_pong.round().await,
                        1 => ours.round().await,
                        _ => theirs.round().await,
                    }
                    let nanos = u64::try_from(began.elapsed().as_nanos()).unwrap();
                    times.record(nanos).unwrap();
                }
            }
        }
    });
    for (name, times) in ["ping_pong", "lines", "reqwest"].iter().zip(&times) {
        println!(
            "transport/order/{name}: p50 {} p99 {} worst {} ns, of {}",
            times.value_at_quantile(0.5),
            times.value_at_quantile(0.99),
            times.max(),
            times.len()
        );
    }
    let p50 = times.map(|times| times.value_at_quantile(0.5));
    let hundredths = |dividend: u64, divisor: u64| {
        let ratio = dividend * 100 / divisor;
        format!("{}.{:02}", ratio / 100, ratio % 100)
    };
    println!(
        "transport/order: lines / ping_pong {}, reqwest / lines {}",
        hundredths(p50[1], p50[0]),
        hundredths(p50[2], p50[1])
    );
}

criterion_group!(benches, order);
criterion_main!(benches);
