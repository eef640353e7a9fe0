//! A peer that speaks HTTP by hand, and streams that are cut where a test says.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::Bytes;
use gwanmun::transport::{
    Connect, ConnectError, Endpoint, Exchange, LineSettings, Lines, Reply, Request, Security,
};
use http::{HeaderMap, HeaderValue, Method};
use tokio::io::{
    AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, duplex,
};
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Where the stream of a connection is cut, in bytes of the client.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cuts {
    /// The socket takes so many bytes and then fails.
    pub(super) written: usize,
    /// The peer's end comes after so many bytes, but not before anything was written.
    pub(super) read: usize,
}

impl Cuts {
    pub(super) const NONE: Self = Self {
        written: usize::MAX,
        read: usize::MAX,
    };
}

/// Opens streams within this process; the peer's ends come out of a channel. Counts what it opens.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    peers: mpsc::UnboundedSender<DuplexStream>,
    cuts: Arc<Mutex<Cuts>>,
    opened: Arc<AtomicUsize>,
    /// How many bytes each call of the client's wrote.
    writes: Arc<Mutex<Vec<usize>>>,
}

impl Wire {
    pub(super) fn new() -> (Self, mpsc::UnboundedReceiver<DuplexStream>) {
        let (peers, accepted) = mpsc::unbounded_channel();
        let wire = Self {
            peers,
            cuts: Arc::new(Mutex::new(Cuts::NONE)),
            opened: Arc::default(),
            writes: Arc::default(),
        };
        (wire, accepted)
    }

    /// For the streams that are opened from now on.
    pub(super) fn cut(&self, cuts: Cuts) {
        *self.cuts.lock().unwrap() = cuts;
    }

    pub(super) fn opened(&self) -> usize {
        self.opened.load(Ordering::SeqCst)
    }

    pub(super) fn writes(&self) -> Vec<usize> {
        self.writes.lock().unwrap().clone()
    }
}

impl Connect for Wire {
    type Io = CutStream;

    async fn connect(&self, _: &Endpoint) -> Result<CutStream, ConnectError> {
        let (near, far) = duplex(1 << 20);
        let gone = |_| ConnectError::Tcp(io::ErrorKind::ConnectionRefused.into());
        self.peers.send(far).map_err(gone)?;
        self.opened.fetch_add(1, Ordering::SeqCst);
        Ok(CutStream {
            stream: near,
            left: *self.cuts.lock().unwrap(),
            has_written: false,
            reading: None,
            writes: Arc::clone(&self.writes),
        })
    }
}

/// A stream that is cut.
#[derive(Debug)]
pub(super) struct CutStream {
    stream: DuplexStream,
    left: Cuts,
    has_written: bool,
    reading: Option<Waker>,
    writes: Arc<Mutex<Vec<usize>>>,
}

impl AsyncRead for CutStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.left.read == 0 {
            if self.has_written {
                return Poll::Ready(Ok(()));
            }
            self.reading = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let most = self.left.read.min(buffer.remaining());
        let mut bytes = vec![0; most];
        let mut part = ReadBuf::new(&mut bytes);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut part))?;
        buffer.put_slice(part.filled());
        self.left.read -= part.filled().len();
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for CutStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let most = self.left.written.min(bytes.len());
        if most == 0 {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let polled = Pin::new(&mut self.stream).poll_write(cx, &bytes[..most]);
        if let Poll::Ready(Ok(taken)) = &polled {
            self.left.written -= taken;
            self.has_written = true;
            if let Some(reading) = self.reading.take() {
                reading.wake();
            }
            self.writes.lock().unwrap().push(*taken);
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

pub(super) const BODY: &str = r#"{"PDNO":"005930","ORD_QTY":"10","ORD_UNPR":"71000"}"#;

/// An order, as far as this layer knows any.
pub(super) fn order() -> Request {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    headers.insert("tr_id", HeaderValue::from_static("TTTC0012U"));
    Request {
        method: Method::POST,
        path_and_query: "/uapi/order-cash?x=1".parse().unwrap(),
        headers,
        body: Bytes::from_static(BODY.as_bytes()),
    }
}

/// A request that came whole: its head and its body.
#[derive(Clone, Debug)]
pub(super) struct Received {
    pub(super) head: String,
    pub(super) body: String,
}

/// Reads one request; `None` when the client's end comes first. What was read of it is left in `buffer`.
pub(super) async fn read_request(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut Vec<u8>,
) -> Option<Received> {
    loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8(buffer[..end].to_vec()).unwrap();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse::<usize>().unwrap());
            let whole = end + 4 + length;
            if buffer.len() >= whole {
                let body = String::from_utf8(buffer[end + 4..whole].to_vec()).unwrap();
                buffer.drain(..whole);
                return Some(Received { head, body });
            }
        }
        let mut piece = [0; 4096];
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => buffer.extend_from_slice(&piece[..read]),
        }
    }
}

/// An answer of announced length.
pub(super) fn ok(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Answers each request of each connection with the same bytes, counting the requests.
pub(super) fn serve(
    mut accepted: mpsc::UnboundedReceiver<DuplexStream>,
    answer: impl Into<Vec<u8>>,
) -> Arc<AtomicUsize> {
    let requests = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&requests);
    let answer = answer.into();
    tokio::spawn(async move {
        while let Some(mut stream) = accepted.recv().await {
            let (count, answer) = (Arc::clone(&count), answer.clone());
            tokio::spawn(async move {
                let mut buffer = Vec::new();
                while read_request(&mut stream, &mut buffer).await.is_some() {
                    count.fetch_add(1, Ordering::SeqCst);
                    if stream.write_all(&answer).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    requests
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new("broker.test", 9443, Security::Plain).unwrap()
}

pub(super) fn lines(wire: &Wire) -> Lines<Wire> {
    Lines::new(wire.clone(), endpoint(), LineSettings::default())
}

pub(super) fn soon() -> Instant {
    Instant::now() + Duration::from_secs(5)
}

/// The answer, where nothing else will do.
pub(super) fn answered(exchange: Exchange) -> Reply {
    match exchange {
        Exchange::Answered(reply) => reply,
        other => panic!("{other:?}"),
    }
}

/// Waits until something holds; under paused time this costs none. Fails after many turns.
pub(super) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..10_000 {
        if holds() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("never: {what}");
}
