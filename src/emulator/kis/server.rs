//! Connections: HTTP and WebSocket on one port.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::fault::{Point, Target};
use super::rest::{Delivery, Reply};
use super::settings::Settings;
use super::stream;
use super::world::World;
use crate::clock;
use crate::emulator::clock::Clock;
use crate::emulator::http::{Answer, ReadError, Reader, Request};
use crate::emulator::listen::{Listen, TlsListener, wait_for_resources};
use crate::emulator::tls::Certificate;
use crate::error::{Error, Result};

/// What the tasks of a server share.
#[derive(Debug)]
pub(super) struct Shared {
    world: Mutex<World>,
    /// Rises when all connections are to end.
    epoch: watch::Sender<u64>,
}

impl Shared {
    /// A plain mutex: held for one request or one step of the market, never across an await.
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        // What a panic left behind is still worth looking at.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn end_connections(&self) {
        self.epoch.send_modify(|epoch| *epoch += 1);
    }
}

/// A KIS server, and the hand that works it: what it does by itself, what goes wrong, and what it knows. A cheap handle;
/// clones are the same server.
#[derive(Clone, Debug)]
pub struct Emulator(pub(super) Arc<Shared>);

impl Emulator {
    /// A server at its start: the market is open as the settings say, nobody is connected.
    ///
    /// # Errors
    /// When the settings ask for what cannot be: two issues of one code, a price off its grid, a day that the calendar
    /// does not know.
    pub fn new(settings: Settings) -> Result<Self> {
        let clock = Clock::starting_at(settings.wall.unwrap_or_else(clock::now));
        let (epoch, _) = watch::channel(0);
        Ok(Self(Arc::new(Shared {
            world: Mutex::new(World::new(settings, clock)?),
            epoch,
        })))
    }

    /// Serves what `listener` accepts until `stop` is done, or this future is dropped. Its connections end with it.
    pub async fn serve<L: Listen>(&self, mut listener: L, stop: impl Future<Output = ()> + Send) {
        let mut connections = JoinSet::new();
        let tick = self.0.world().settings.timing.tick;
        let mut ticks = interval(tick);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut stop = std::pin::pin!(stop);
        loop {
            // In this order, so that one seed is one history.
            tokio::select! {
                biased;
                () = &mut stop => return,
                _ = ticks.tick() => self.0.world().advance(),
                Some(_) = connections.join_next() => {}
                accepted = listener.accept() => match accepted {
                    Ok(io) => {
                        let shared = Arc::clone(&self.0);
                        connections.spawn(connection(shared, io));
                    }
                    Err(_) => wait_for_resources().await,
                },
            }
        }
    }

    /// Binds an address of this machine, TCP or TLS, and serves it in a task.
    ///
    /// # Errors
    /// When the address is not of the loopback, is taken, or the settings ask for what cannot be.
    pub async fn start(
        settings: Settings,
        address: SocketAddr,
        certificate: Option<Certificate>,
    ) -> Result<Running> {
        if !address.ip().is_loopback() {
            return Err(Error::invalid(
                "address",
                address,
                "a loopback address: an emulator has no business in a network",
            ));
        }
        let emulator = Self::new(settings)?;
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| Error::io(format!("listening on {address}"), error))?;
        let address = listener
            .local_addr()
            .map_err(|error| Error::io("reading the bound address", error))?;
        let (stop, stopped) = oneshot::channel::<()>();
        let served = emulator.clone();
        let tls = certificate.clone();
        let task = tokio::spawn(async move {
            let stop = async {
                // A dropped sender stops the server as well.
                let _ = stopped.await;
            };
            match tls {
                None => served.serve(listener, stop).await,
                Some(certificate) => {
                    let listener = TlsListener::new(listener, &certificate);
                    served.serve(listener, stop).await;
                }
            }
        });
        Ok(Running {
            emulator,
            address,
            certificate,
            stop: Some(stop),
            task,
        })
    }
}

/// A server that runs in a task. It stops when this is dropped.
#[derive(Debug)]
pub struct Running {
    emulator: Emulator,
    address: SocketAddr,
    certificate: Option<Certificate>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Running {
    /// The server's handle.
    pub const fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What clients are to trust, when it speaks TLS: PEM.
    pub fn ca_pem(&self) -> Option<&str> {
        self.certificate.as_ref().map(Certificate::ca_pem)
    }

    /// The address of REST, without a path.
    pub fn rest_url(&self) -> String {
        let scheme = if self.certificate.is_some() {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://{}", self.address)
    }

    /// The address of the stream, without a path: any path is taken.
    pub fn stream_url(&self) -> String {
        let scheme = if self.certificate.is_some() {
            "wss"
        } else {
            "ws"
        };
        format!("{scheme}://{}", self.address)
    }

    /// Stops it and waits until it has stopped.
    pub async fn stop(mut self) {
        self.stop = None;
        // It ends by itself, or it has panicked, and then it has stopped too.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One connection, until one side or the hand ends it.
async fn connection<Io>(shared: Arc<Shared>, io: Io)
where
    Io: AsyncRead + AsyncWrite + Send + Unpin,
{
    let mut epoch = shared.epoch.subscribe();
    epoch.mark_unchanged();
    {
        let mut world = shared.world();
        world.counts.connections += 1;
        if world.faults.strike(Point::Connect, Target::Any).is_some() {
            return;
        }
    }
    tokio::select! {
        biased;
        // Either the hand ends all connections, or the server is gone.
        _ = epoch.changed() => {}
        () = converse(Arc::clone(&shared), io) => {}
    }
}

async fn converse<Io>(shared: Arc<Shared>, mut io: Io)
where
    Io: AsyncRead + AsyncWrite + Send + Unpin,
{
    let idle = shared.world().settings.timing.idle;
    let mut reader = Reader::default();
    loop {
        let request = match timeout(idle, reader.next(&mut io)).await {
            Ok(Ok(request)) => request,
            Ok(Err(ReadError::Malformed)) => {
                let _ = io.write_all(&bad_request(&shared)).await;
                return;
            }
            Ok(Err(ReadError::Torn)) => {
                shared.world().counts.torn += 1;
                return;
            }
            Ok(Err(ReadError::Ended)) | Err(_) => return,
        };
        if let Some(key) = request.websocket_key() {
            let accept = derive_accept_key(key.as_bytes());
            let head = format!(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                 Sec-WebSocket-Accept: {accept}\r\n\r\n"
            );
            if io.write_all(head.as_bytes()).await.is_err() {
                return;
            }
            let rest = reader.into_rest();
            let socket = WebSocketStream::from_partially_read(io, rest, Role::Server, None).await;
            return stream::serve(shared, socket).await;
        }
        let reply = shared.world().respond(&request);
        if !deliver(&mut io, reply).await || is_last(&request) {
            let _ = io.shutdown().await;
            return;
        }
    }
}

fn is_last(request: &Request) -> bool {
    request.is_last()
}

fn bad_request(shared: &Shared) -> Vec<u8> {
    let answer = Answer {
        status: 400,
        headers: vec![("Content-Type", "text/html".into())],
        body: Vec::new(),
    };
    answer.to_bytes(shared.world().floor.now())
}

/// Writes an answer as its delivery says, and says whether the connection goes on.
async fn deliver(io: &mut (impl AsyncRead + AsyncWrite + Unpin), reply: Reply) -> bool {
    let Reply {
        answer,
        delivery,
        date,
    } = reply;
    match delivery {
        Delivery::Whole => io.write_all(&answer.to_bytes(date)).await.is_ok(),
        Delivery::Close => false,
        Delivery::Never => {
            until_closed(io).await;
            false
        }
        Delivery::Late(time) => {
            sleep(time).await;
            io.write_all(&answer.to_bytes(date)).await.is_ok()
        }
        Delivery::Cut(len) => {
            let bytes = answer.to_bytes(date);
            let cut = bytes.get(..len).unwrap_or(&bytes);
            let _ = io.write_all(cut).await;
            false
        }
        Delivery::Short(missing) => {
            let len = answer.body.len().saturating_add(missing);
            let mut bytes = answer.head(date, Some(len));
            bytes.extend_from_slice(&answer.body);
            if io.write_all(&bytes).await.is_ok() {
                until_closed(io).await;
            }
            false
        }
        Delivery::Padded(mut blanks) => {
            /// What goes out at once: an answer may be larger than the memory.
            static BLANKS: [u8; 1 << 16] = [b' '; 1 << 16];
            let len = answer.body.len().saturating_add(blanks);
            let mut bytes = answer.head(date, Some(len));
            bytes.extend_from_slice(&answer.body);
            let mut going = io.write_all(&bytes).await.is_ok();
            while going && blanks > 0 {
                let part = BLANKS.get(..blanks).unwrap_or(&BLANKS);
                going = io.write_all(part).await.is_ok();
                blanks -= part.len();
            }
            going
        }
        Delivery::Endless => {
            let mut answer = answer;
            answer.headers.push(("Transfer-Encoding", "chunked".into()));
            let mut bytes = answer.head(date, None);
            bytes.extend_from_slice(format!("{:x}\r\n", answer.body.len()).as_bytes());
            bytes.extend_from_slice(&answer.body);
            bytes.extend_from_slice(b"\r\n");
            if io.write_all(&bytes).await.is_ok() {
                until_closed(io).await;
            }
            false
        }
        Delivery::Swap(other) => {
            /// How long an answer waits for another to be exchanged for.
            const PATIENCE: std::time::Duration = std::time::Duration::from_secs(3);
            let answer = match timeout(PATIENCE, other).await {
                Ok(Ok(theirs)) => theirs,
                Ok(Err(_)) | Err(_) => answer,
            };
            io.write_all(&answer.to_bytes(date)).await.is_ok()
        }
    }
}

/// Reads and forgets until the client hangs up.
async fn until_closed(io: &mut (impl AsyncRead + Unpin)) {
    let mut scrap = [0; 1024];
    while let Ok(1..) = io.read(&mut scrap).await {}
}
