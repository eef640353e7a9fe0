//! One connection, and the task that owns it: one exchange at a time, watched while it waits.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::{self, Connection, SendRequest};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use super::answer::{Answer, Terms, kept_for, read_answer};
use super::io::HyperIo;
use super::lines::{LineSettings, Shared, Stands};
use super::{Cut, Exchange, Late, NotSent, Reply};
use crate::transport::connect::Connect;
use crate::transport::stream::{Meter, Stream};

/// How long saying goodbye may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// A request under way to a line.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) request: http::Request<Full<Bytes>>,
    pub(super) deadline: Instant,
    pub(super) answer: oneshot::Sender<Exchange>,
    /// Room among the requests in flight. Given back before the answer is.
    pub(super) permit: Option<OwnedSemaphorePermit>,
    /// The line that it was given to, which goes back to the others afterwards.
    pub(super) home: Option<Handle>,
    /// Whether that line was opened for it. If such a one ends at once, it does not ask for another: a server that takes
    /// connections only to close them would be stormed.
    pub(super) on_new_line: bool,
}

impl Job {
    /// Proof of the claim lies with the caller.
    pub(super) fn not_sent(self, reason: NotSent) {
        drop(self.permit);
        // Nobody waits for it: then nobody is told.
        let _ = self.answer.send(Exchange::NotSent(reason));
    }
}

/// How a line is reached while it is free.
#[derive(Clone, Debug)]
pub(super) struct Handle {
    pub(super) jobs: mpsc::Sender<Job>,
    /// Lines of an earlier generation are not used again.
    pub(super) generation: u64,
}

/// A connection over which HTTP is spoken.
pub(super) struct Line<Io>
where
    Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    requests: SendRequest<Full<Bytes>>,
    connection: Pin<Box<Connection<HyperIo<Io>, Full<Bytes>>>>,
    meter: Arc<Meter>,
    settings: LineSettings,
    terms: Terms,
    /// How long it may lie unused.
    idle: Duration,
    unused_since: Instant,
    alarm: Alarm,
}

/// How an exchange ended, if it did.
enum Outcome {
    Whole(Answer),
    Cut(Cut),
    Deadline,
}

impl<Io> Line<Io>
where
    Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    /// Over a stream that was just opened. Sends nothing.
    pub(super) async fn new(
        stream: Stream<Io>,
        meter: Arc<Meter>,
        settings: LineSettings,
    ) -> hyper::Result<Self> {
        let terms = Terms {
            body_max: settings.body_max,
            end_is_proof: matches!(stream, Stream::Tls(_)),
        };
        let (requests, connection) = http1::Builder::new()
            // Head and body are joined, so that they leave in one write.
            .writev(false)
            .handshake(HyperIo::new(stream))
            .await?;
        Ok(Self {
            requests,
            connection: Box::pin(connection),
            meter,
            settings,
            terms,
            idle: settings.idle,
            unused_since: Instant::now(),
            alarm: Alarm::new(Instant::now() + settings.idle),
        })
    }

    /// Serves until the server closes, nothing happens for too long, an exchange does not end well, or all [`Handle`]s
    /// are gone. A request that arrives too late for it goes to another line.
    pub(super) async fn run<C: Connect<Io = Io>>(
        self,
        mut jobs: mpsc::Receiver<Job>,
        shared: Weak<Shared<C>>,
        stands: Stands,
    ) {
        let mut line = Some(self);
        while let Some(mut live) = line.take() {
            match live.wait(&mut jobs).await {
                Some(job) => line = live.exchange(job, &shared).await,
                None => live.close().await,
            }
        }
        jobs.close();
        if let Some(shared) = shared.upgrade() {
            shared.sweep();
        }
        drop(stands);
        while let Ok(job) = jobs.try_recv() {
            // It never left the queue.
            match shared.upgrade() {
                Some(shared) if !job.on_new_line => shared.dispatch(job),
                Some(_) | None => job.not_sent(NotSent::Closed),
            }
        }
    }

    /// Watches the connection until there is something to do; `None` when it is to be closed.
    async fn wait(&mut self, jobs: &mut mpsc::Receiver<Job>) -> Option<Job> {
        let unused_until = self.unused_since + self.idle;
        poll_fn(|cx| {
            // First, so that a connection that the server has closed is found out before it is written to.
            if self.connection.as_mut().poll(cx).is_ready() {
                return Poll::Ready(None);
            }
            if let Poll::Ready(job) = jobs.poll_recv(cx) {
                return Poll::Ready(job);
            }
            self.alarm.poll(cx, unused_until).map(|()| None)
        })
        .await
    }

    /// Ends the connection as the protocols want it. Called between exchanges only.
    async fn close(self) {
        drop(self.requests);
        // How it went makes no difference to anybody.
        let _ = timeout(FAREWELL, self.connection).await;
    }

    /// One exchange; the line itself when it may serve another.
    async fn exchange<C: Connect<Io = Io>>(
        mut self,
        job: Job,
        shared: &Weak<Shared<C>>,
    ) -> Option<Self> {
        let Job {
            request,
            deadline,
            answer,
            permit,
            home,
            on_new_line: _,
        } = job;
        // Room first, then the answer: whoever asks again at once finds the line warm.
        let finish = |exchange, home: Option<Handle>| {
            if let (Some(home), Some(shared)) = (home, shared.upgrade()) {
                shared.give_back(home);
            }
            drop(permit);
            // Nobody waits for it: then nobody is told.
            let _ = answer.send(exchange);
        };
        let mut writing = Writing::begin(&self.meter);
        if writing.at >= deadline {
            finish(Exchange::NotSent(NotSent::Deadline), home);
            return Some(self);
        }

        let mut work = pin!(read_answer(self.requests.send_request(request), self.terms));
        let mut connection = Some(self.connection);
        match drive(
            &mut connection,
            work.as_mut(),
            &mut self.alarm,
            deadline,
            &mut writing,
        )
        .await
        {
            Outcome::Whole(answer) => {
                let reply = reply(answer, &writing);
                self.unused_since = reply.received;
                if let Some(kept) = kept_for(&reply.headers) {
                    // Well before the server does, so that the two do not meet on the way.
                    self.idle = self.settings.idle.min(kept / 2);
                }
                // Whatever came behind the answer belongs to no request of ours: hyper then ends the connection.
                let Some(connection) = still_quiet(connection).await else {
                    finish(Exchange::Answered(reply), None);
                    return None;
                };
                finish(Exchange::Answered(reply), home);
                Some(Self { connection, ..self })
            }
            Outcome::Cut(cut) => {
                // With the connection gone nothing more can leave, and the count is final.
                drop(connection);
                let exchange = if writing.began() {
                    Exchange::Unknown(cut)
                } else {
                    Exchange::NotSent(NotSent::Closed)
                };
                finish(exchange, None);
                None
            }
            Outcome::Deadline if !writing.began() => {
                drop(connection);
                finish(Exchange::NotSent(NotSent::Deadline), None);
                None
            }
            Outcome::Deadline => {
                let room = shared.upgrade().and_then(|shared| shared.room_for_late());
                let (tell, late) = oneshot::channel();
                finish(Exchange::Unknown(Cut::Deadline(Late(late))), None);
                // Held until the late answer is there.
                let _room = room?;
                let late_until = deadline + self.settings.late;
                let alarm = &mut self.alarm;
                let outcome = drive(&mut connection, work, alarm, late_until, &mut writing).await;
                if let Outcome::Whole(answer) = outcome {
                    // As above.
                    let _ = tell.send(reply(answer, &writing));
                }
                // An answer that came late may have been given up for lost by whatever lies between.
                None
            }
        }
    }
}

fn reply(answer: Answer, writing: &Writing<'_>) -> Reply {
    Reply {
        status: answer.status,
        headers: answer.headers,
        body: answer.body,
        sent: writing.at,
        received: Instant::now(),
    }
}

/// What an exchange has handed to the socket.
struct Writing<'a> {
    meter: &'a Meter,
    before: u64,
    last: u64,
    /// When the last byte was handed over, as far as known.
    at: Instant,
}

impl<'a> Writing<'a> {
    fn begin(meter: &'a Meter) -> Self {
        let before = meter.written();
        Self {
            meter,
            before,
            last: before,
            at: Instant::now(),
        }
    }

    fn look(&mut self) {
        let now = self.meter.written();
        if now != self.last {
            self.last = now;
            self.at = Instant::now();
        }
    }

    fn began(&self) -> bool {
        self.meter.written() != self.before
    }
}

/// Polls a connection and the exchange on it in one task, and mostly in one poll, until the exchange ends or time
/// is up. A connection that ends is taken away.
async fn drive<Conn, Work>(
    connection: &mut Option<Pin<Box<Conn>>>,
    mut work: Pin<&mut Work>,
    alarm: &mut Alarm,
    until: Instant,
    writing: &mut Writing<'_>,
) -> Outcome
where
    Conn: Future,
    Work: Future<Output = Result<Answer, Cut>>,
{
    poll_fn(|cx| {
        // Whatever wakes the exchange happens while the connection is polled, here: no wake-up is needed for it.
        let mut unwoken = Context::from_waker(Waker::noop());
        // The request has to lie before the connection when that is polled.
        if let Poll::Ready(result) = work.as_mut().poll(&mut unwoken) {
            return Poll::Ready(result.into());
        }
        if let Some(live) = connection {
            let ended = live.as_mut().poll(cx).is_ready();
            writing.look();
            if ended {
                *connection = None;
            }
            // What it has just read is looked at now, not a wake-up later.
            if let Poll::Ready(result) = work.as_mut().poll(&mut unwoken) {
                return Poll::Ready(result.into());
            }
        }
        if connection.is_none() {
            return Poll::Ready(Outcome::Cut(Cut::Closed));
        }
        alarm.poll(cx, until).map(|()| Outcome::Deadline)
    })
    .await
}

/// The connection, if it still stands and nothing more has come over it.
async fn still_quiet<Conn: Future>(connection: Option<Pin<Box<Conn>>>) -> Option<Pin<Box<Conn>>> {
    let mut connection = connection?;
    poll_fn(|cx| Poll::Ready(connection.as_mut().poll(cx).is_pending()))
        .await
        .then_some(connection)
}

/// Rings when it should or later, and is then set anew: a timer that is set for each exchange and taken back after it
/// costs more than all other bookkeeping of the exchange.
struct Alarm(Pin<Box<Sleep>>);

impl Alarm {
    fn new(at: Instant) -> Self {
        Self(Box::pin(sleep_until(at)))
    }

    /// Ready at `at`.
    fn poll(&mut self, cx: &mut Context<'_>, at: Instant) -> Poll<()> {
        if self.0.deadline() > at {
            self.0.as_mut().reset(at);
        }
        while self.0.as_mut().poll(cx).is_ready() {
            if self.0.deadline() >= at {
                return Poll::Ready(());
            }
            self.0.as_mut().reset(at);
        }
        Poll::Pending
    }
}

impl From<Result<Answer, Cut>> for Outcome {
    fn from(result: Result<Answer, Cut>) -> Self {
        match result {
            Ok(answer) => Self::Whole(answer),
            Err(cut) => Self::Cut(cut),
        }
    }
}
