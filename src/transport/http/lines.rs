//! Warm connections to one endpoint.

use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::{HeaderValue, Uri, Version};
use http_body_util::Full;
use tokio::runtime::Handle as Runtime;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::{Instant, sleep, timeout_at};

use super::line::{Handle, Job, Line};
use super::{NotSent, Pending, Request};
use crate::transport::backoff::Backoff;
use crate::transport::connect::{Connect, ConnectError};
use crate::transport::endpoint::Endpoint;
use crate::transport::stream::open;

/// The bounds of [`Lines`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LineSettings {
    /// Connections that are held open, so that no order pays for a handshake. Default: 2.
    pub warm: usize,
    /// Requests in flight, each on a connection of its own. Default: 16.
    pub most: usize,
    /// Requests that wait for one of those to end; more are not sent. Default: 256.
    pub waiting_max: usize,
    /// How long a connection may lie unused before we close it, which has to be sooner than the server does. Default:
    /// 45 s, a choice below the 60 s and more that web servers commonly grant; what KIS grants is not published
    /// (UNCONFIRMED). A server that names its own time in `Keep-Alive: timeout=…` is believed, and half of that is used.
    pub idle: Duration,
    /// Opening a connection, TLS handshake included. Default: 10 s.
    pub connect_timeout: Duration,
    /// The longest body of an answer, in bytes. Default: 4 MiB.
    pub body_max: usize,
    /// How long an answer that missed its deadline is still waited for. Default: 30 s.
    pub late: Duration,
    /// Connections that wait for such answers; a further one is closed. Default: 64.
    pub late_max: usize,
}

impl LineSettings {
    /// The defaults, with so long to open a connection.
    pub fn within(connect_timeout: Duration) -> Self {
        Self {
            connect_timeout,
            ..Self::default()
        }
    }
}

impl Default for LineSettings {
    fn default() -> Self {
        Self {
            warm: 2,
            most: 16,
            waiting_max: 256,
            idle: Duration::from_secs(45),
            connect_timeout: Duration::from_secs(10),
            body_max: 4 * 1024 * 1024,
            late: Duration::from_secs(30),
            late_max: 64,
        }
    }
}

/// Connections to one endpoint, each of which carries one request at a time. A cheap handle; when the last clone is
/// dropped, unused connections close and requests in flight go on to their end.
///
/// A connection is used again only after an exchange that ended well. Each is watched while it lies unused, so that one
/// that the server closes is found out before it is written to, as far as that can be.
pub struct Lines<C: Connect>(Arc<Shared<C>>);

impl<C: Connect> Lines<C> {
    /// Opens nothing yet.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime. The connections live on the runtime that this is called in.
    pub fn new(connector: C, endpoint: Endpoint, settings: LineSettings) -> Self {
        Self(Arc::new(Shared {
            connector,
            endpoint,
            settings,
            runtime: Runtime::current(),
            free: Mutex::default(),
            standing: Arc::default(),
            generation: AtomicU64::new(0),
            warming: tokio::sync::Mutex::new(()),
            in_flight: room(settings.most.max(1)),
            waiting: room(settings.waiting_max),
            late: room(settings.late_max),
        }))
    }

    /// Where they go.
    pub fn endpoint(&self) -> &Endpoint {
        &self.0.endpoint
    }

    /// Connections that stand, in use or not.
    pub fn open(&self) -> usize {
        self.0.standing.count.load(Ordering::Relaxed)
    }

    /// Opens what is missing of [`LineSettings::warm`].
    ///
    /// # Errors
    ///
    /// Why a connection could not be opened; those that were stay.
    ///
    /// # Cancel safety
    ///
    /// Dropping it leaves what is already open.
    pub async fn warm(&self) -> Result<(), ConnectError> {
        // Two at once would both see the same gap.
        let _alone = self.0.warming.lock().await;
        while self.open() < self.0.settings.warm {
            let line = self.0.open_line(self.0.settings.connect_timeout).await?;
            self.0.give_back(line);
        }
        Ok(())
    }

    /// Keeps [`LineSettings::warm`] connections open, waiting between attempts as `backoff` says. Never returns: to be
    /// spawned, and stopped by aborting it.
    pub async fn keep_warm(&self, mut backoff: Backoff) {
        loop {
            let ended = self.0.standing.ended.notified();
            let began = Instant::now();
            if self.warm().await.is_ok() {
                if self.open() >= self.0.settings.warm {
                    ended.await;
                }
                backoff.lived(began.elapsed());
            }
            sleep(backoff.next_delay(Instant::now())).await;
        }
    }

    /// Gives up all connections: unused ones now, the others after their exchange. After the machine slept, what they are
    /// worth is not known.
    pub fn retire(&self) {
        self.0.generation.fetch_add(1, Ordering::Relaxed);
        self.0.free().clear();
    }

    /// Sends a request, at most once, on a warm connection or else on a new one. Nothing is ever repeated.
    ///
    /// From this call on it goes its way whether or not the answer is awaited. After `deadline` the outcome is
    /// [`NotSent`] when no byte was written by then, else unknown.
    pub fn exchange(&self, request: Request, deadline: Instant) -> Pending {
        let (answer, pending) = oneshot::channel();
        let mut job = Job {
            request: self.0.http_request(request),
            deadline,
            answer,
            permit: None,
            home: None,
            on_new_line: false,
        };
        let shared = &self.0;
        if let Ok(permit) = Arc::clone(&shared.in_flight).try_acquire_owned() {
            job.permit = Some(permit);
            shared.dispatch(job);
        } else if let Ok(seat) = Arc::clone(&shared.waiting).try_acquire_owned() {
            let shared = Arc::clone(shared);
            self.0.runtime.spawn(async move {
                let room = Arc::clone(&shared.in_flight).acquire_owned();
                match timeout_at(deadline, room).await {
                    Ok(permit) => {
                        drop(seat);
                        job.permit = permit.ok();
                        shared.dispatch(job);
                    }
                    Err(_) => job.not_sent(NotSent::Deadline),
                }
            });
        } else {
            job.not_sent(NotSent::Busy);
        }
        Pending(pending)
    }
}

impl<C: Connect> Clone for Lines<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C: Connect> fmt::Debug for Lines<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines")
            .field("endpoint", &self.0.endpoint)
            .field("open", &self.open())
            .finish_non_exhaustive()
    }
}

/// What the lines of one endpoint share.
pub(super) struct Shared<C> {
    connector: C,
    endpoint: Endpoint,
    settings: LineSettings,
    runtime: Runtime,
    /// Unused connections, the last used on top: it is the likeliest to stand. A plain mutex, held for a push or a pop.
    free: Mutex<Vec<Handle>>,
    standing: Arc<Standing>,
    generation: AtomicU64,
    warming: tokio::sync::Mutex<()>,
    in_flight: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    late: Arc<Semaphore>,
}

/// Connections that stand.
#[derive(Debug, Default)]
struct Standing {
    count: AtomicUsize,
    /// Told whenever one ends.
    ended: Notify,
}

impl Standing {
    fn one_more(self: &Arc<Self>) -> Stands {
        self.count.fetch_add(1, Ordering::Relaxed);
        Stands(Arc::clone(self))
    }
}

/// Counts a connection for as long as it lives.
#[derive(Debug)]
pub(super) struct Stands(Arc<Standing>);

impl Drop for Stands {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::Relaxed);
        self.0.ended.notify_one();
    }
}

fn room(most: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS)))
}

impl<C> Shared<C> {
    /// Forgets the free lines that have ended.
    pub(super) fn sweep(&self) {
        self.free().retain(|line| !line.jobs.is_closed());
    }

    /// A line that may serve again, unless it was retired meanwhile.
    pub(super) fn give_back(&self, line: Handle) {
        if line.generation == self.generation.load(Ordering::Relaxed) {
            self.free().push(line);
        }
    }

    /// Room to wait for one more late answer.
    pub(super) fn room_for_late(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.late).try_acquire_owned().ok()
    }

    /// No code that holds it can panic half way, so a poisoned one is as good as any.
    fn free(&self) -> MutexGuard<'_, Vec<Handle>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn http_request(&self, request: Request) -> http::Request<Full<bytes::Bytes>> {
        let mut http_request = http::Request::new(Full::new(request.body));
        *http_request.method_mut() = request.method;
        *http_request.uri_mut() = Uri::from(request.path_and_query);
        *http_request.version_mut() = Version::HTTP_11;
        let mut headers = request.headers;
        // The lengths are what the body says, whatever a caller wrote.
        headers.remove(TRANSFER_ENCODING);
        headers.remove(CONTENT_LENGTH);
        headers.insert(HOST, HeaderValue::clone(self.endpoint.host_header()));
        *http_request.headers_mut() = headers;
        http_request
    }
}

impl<C: Connect> Shared<C> {
    /// Gives a request to a free line, or to a new one. It is in one place at a time: a line that has ended hands it back.
    pub(super) fn dispatch(self: &Arc<Self>, mut job: Job) {
        loop {
            // The guard is gone before the line is spoken to.
            let free = self.free().pop();
            let Some(line) = free else { break };
            job.home = Some(line.clone());
            match line.jobs.try_send(job) {
                Ok(()) => return,
                Err(
                    mpsc::error::TrySendError::Closed(back) | mpsc::error::TrySendError::Full(back),
                ) => {
                    job = back;
                }
            }
        }
        let shared = Arc::clone(self);
        self.runtime.spawn(async move {
            let left = job.deadline.saturating_duration_since(Instant::now());
            let limit = left.min(shared.settings.connect_timeout);
            if limit.is_zero() {
                return job.not_sent(NotSent::Deadline);
            }
            match shared.open_line(limit).await {
                Ok(line) => {
                    job.on_new_line = true;
                    job.home = Some(line.clone());
                    if let Err(error) = line.jobs.try_send(job) {
                        error.into_inner().not_sent(NotSent::Closed);
                    }
                }
                Err(error) => job.not_sent(NotSent::Connect(error)),
            }
        });
    }

    /// Opens a line and starts its task.
    async fn open_line(self: &Arc<Self>, limit: Duration) -> Result<Handle, ConnectError> {
        // Read before: whoever retires all lines means this one, too.
        let generation = self.generation.load(Ordering::Relaxed);
        let (stream, meter) = open(&self.connector, &self.endpoint, limit).await?;
        let line = Line::new(stream, meter, self.settings)
            .await
            .map_err(|error| ConnectError::Handshake(error.to_string().into()))?;
        // One place: a line is given one request at a time.
        let (jobs, queue) = mpsc::channel(1);
        let run = line.run(queue, Arc::downgrade(self), self.standing.one_more());
        self.runtime.spawn(run);
        Ok(Handle { jobs, generation })
    }
}
