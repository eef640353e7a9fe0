//! Connections that are kept, given up, and never used for more than one thing at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gwanmun::transport::{
    Backoff, BackoffSettings, Connect, ConnectError, Cut, Endpoint, Exchange, LineSettings, Lines,
    NotSent,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, advance, sleep};

use super::support::*;

/// Head and body leave in one write, and the request says what it should and nothing else.
#[tokio::test(start_paused = true)]
async fn head_and_body_leave_in_one_write() {
    let (wire, mut accepted) = Wire::new();
    let lines = lines(&wire);
    let pending = lines.exchange(order(), soon());
    let mut stream = accepted.recv().await.unwrap();
    let request = read_request(&mut stream, &mut Vec::new()).await.unwrap();
    let mut head = request.head.lines();
    assert_eq!(head.next(), Some("POST /uapi/order-cash?x=1 HTTP/1.1"));
    let mut headers = head.collect::<Vec<_>>();
    headers.sort_unstable();
    assert_eq!(
        headers,
        [
            &format!("content-length: {}", BODY.len()) as &str,
            "content-type: application/json",
            "host: broker.test:9443",
            "tr_id: TTTC0012U",
        ]
    );
    assert_eq!(request.body, BODY);
    assert_eq!(wire.writes().len(), 1, "{:?}", wire.writes());
    stream.write_all(ok("{}").as_bytes()).await.unwrap();
    answered(pending.await);
}

#[tokio::test(start_paused = true)]
async fn orders_find_warm_lines_and_open_none() {
    let (wire, accepted) = Wire::new();
    let requests = serve(accepted, ok("{}"));
    let lines = lines(&wire);
    lines.warm().await.unwrap();
    lines.warm().await.unwrap();
    assert_eq!((wire.opened(), lines.open()), (2, 2));
    assert_eq!(wire.writes().len(), 0, "warming sends nothing");
    for _ in 0..10 {
        answered(lines.exchange(order(), soon()).await);
    }
    // Two at once have a line each.
    let both = [
        lines.exchange(order(), soon()),
        lines.exchange(order(), soon()),
    ];
    for pending in both {
        answered(pending.await);
    }
    assert_eq!((wire.opened(), requests.load(Ordering::SeqCst)), (2, 12));
}

/// S8: the server closes idle connections while orders are sent, at every moment around the sending. The server counts
/// no request twice, and every order that it counts is not claimed as not sent.
#[tokio::test(start_paused = true)]
async fn the_race_with_a_server_that_closes_idle_connections() {
    let mut outcomes = [0_u32; 3];
    for turns in 0..60 {
        let (wire, mut accepted) = Wire::new();
        let seen = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&seen);
        let server = tokio::spawn(async move {
            let mut stream = accepted.recv().await.unwrap();
            let mut buffer = Vec::new();
            for _ in 0..turns / 2 {
                tokio::task::yield_now().await;
            }
            // It closes in spite of a request that is on its way, having read it or not.
            if turns % 2 == 1 {
                let came = read_request(&mut stream, &mut buffer).await.is_some();
                count.fetch_add(usize::from(came), Ordering::SeqCst);
            }
            drop(stream);
            // A second connection would have brought the same order again.
            let second = accepted.recv().await;
            if let Some(mut second) = second {
                let again = read_request(&mut second, &mut Vec::new()).await;
                count.fetch_add(usize::from(again.is_some()), Ordering::SeqCst);
                second.write_all(ok("{}").as_bytes()).await.unwrap();
            }
        });
        let lines = lines(&wire);
        let exchange = lines.exchange(order(), soon()).await;
        drop(lines);
        drop(wire);
        server.await.unwrap();
        let seen = seen.load(Ordering::SeqCst);
        assert!(seen <= 1, "sent twice");
        match exchange {
            Exchange::NotSent(_) => {
                assert_eq!(seen, 0);
                outcomes[0] += 1;
            }
            Exchange::Unknown(_) => outcomes[1] += 1,
            Exchange::Answered(_) => outcomes[2] += 1,
        }
    }
    assert!(outcomes[1] > 0, "{outcomes:?}");
}

/// S8: a line that the server has closed is found out before it is written to, and the order takes another.
#[tokio::test(start_paused = true)]
async fn a_closed_line_is_not_written_to() {
    let (wire, mut accepted) = Wire::new();
    let lines = lines(&wire);
    lines.warm().await.unwrap();
    drop(accepted.recv().await.unwrap());
    // Not a turn in between: the closed line is still the uppermost, or is not.
    let requests = serve(accepted, ok("{}"));
    for _ in 0..3 {
        answered(lines.exchange(order(), soon()).await);
    }
    assert_eq!(requests.load(Ordering::SeqCst), 3);
    assert_eq!(wire.opened(), 2);
}

#[tokio::test(start_paused = true)]
async fn idle_lines_are_closed_before_the_server_does() {
    for (keep_alive, idle_secs) in [("", 45), ("Keep-Alive: timeout=10\r\n", 5)] {
        let (wire, accepted) = Wire::new();
        serve(
            accepted,
            format!("HTTP/1.1 200 OK\r\n{keep_alive}Content-Length: 2\r\n\r\n{{}}"),
        );
        let lines = lines(&wire);
        answered(lines.exchange(order(), soon()).await);
        sleep(Duration::from_secs(idle_secs) - Duration::from_millis(1)).await;
        assert_eq!(lines.open(), 1);
        sleep(Duration::from_millis(2)).await;
        until("the line ends", || lines.open() == 0).await;
    }
}

#[tokio::test(start_paused = true)]
async fn lines_that_end_are_opened_again() {
    let (wire, accepted) = Wire::new();
    serve(accepted, ok("{}"));
    let lines = lines(&wire);
    let keeper = lines.clone();
    let task = tokio::spawn(async move {
        keeper
            .keep_warm(Backoff::new(BackoffSettings::default(), 1))
            .await;
    });
    sleep(Duration::from_secs(1)).await;
    assert_eq!((lines.open(), wire.opened()), (2, 2));
    // They lie idle, are closed, and others take their place: never for long, and not in a storm.
    for _ in 0..60 {
        sleep(Duration::from_secs(10)).await;
        let opened = wire.opened();
        assert!(opened <= 2 + 4 * 14, "{opened}");
    }
    assert!(wire.opened() > 20, "{}", wire.opened());
    until("both stand", || lines.open() == 2).await;
    task.abort();
}

/// L10: what follows an answer belongs to nobody, and is not taken for the next answer.
#[tokio::test(start_paused = true)]
async fn a_second_answer_behind_the_first_is_not_the_next_ones() {
    let (wire, mut accepted) = Wire::new();
    let lines = lines(&wire);
    let pending = lines.exchange(order(), soon());
    let mut first = accepted.recv().await.unwrap();
    read_request(&mut first, &mut Vec::new()).await.unwrap();
    let both = ok("{\"n\":1}") + &ok("{\"n\":99}");
    first.write_all(both.as_bytes()).await.unwrap();
    assert_eq!(&answered(pending.await).body[..], b"{\"n\":1}");

    let pending = lines.exchange(order(), soon());
    let mut second = accepted.recv().await.unwrap();
    read_request(&mut second, &mut Vec::new()).await.unwrap();
    second.write_all(ok("{\"n\":2}").as_bytes()).await.unwrap();
    assert_eq!(&answered(pending.await).body[..], b"{\"n\":2}");
    assert_eq!(
        first.read(&mut [0; 64]).await.unwrap(),
        0,
        "nothing more came"
    );
}

/// An answer to nothing, before anything was asked: the line ends, and the order goes elsewhere.
#[tokio::test(start_paused = true)]
async fn an_answer_to_nothing_is_nobodys() {
    let (wire, mut accepted) = Wire::new();
    let lines = lines(&wire);
    lines.warm().await.unwrap();
    let mut streams = [
        accepted.recv().await.unwrap(),
        accepted.recv().await.unwrap(),
    ];
    for stream in &mut streams {
        stream.write_all(ok("{\"n\":99}").as_bytes()).await.unwrap();
    }
    let pending = lines.exchange(order(), soon());
    let mut third = accepted.recv().await.unwrap();
    read_request(&mut third, &mut Vec::new()).await.unwrap();
    third.write_all(ok("{\"n\":1}").as_bytes()).await.unwrap();
    assert_eq!(&answered(pending.await).body[..], b"{\"n\":1}");
}

/// S9: around the deadline, and long after it. The late answer is still read, and the line serves nobody else.
#[tokio::test(start_paused = true)]
async fn a_late_answer_is_delivered_and_its_line_given_up() {
    for (after_ms, in_time) in [(4_999, true), (5_001, false), (15_000, false)] {
        let (wire, mut accepted) = Wire::new();
        let lines = lines(&wire);
        let deadline = soon();
        let began = Instant::now();
        let pending = lines.exchange(order(), deadline);
        let mut stream = accepted.recv().await.unwrap();
        read_request(&mut stream, &mut Vec::new()).await.unwrap();
        let answer = tokio::spawn(async move {
            sleep(Duration::from_millis(after_ms)).await;
            stream.write_all(ok("{\"n\":1}").as_bytes()).await.unwrap();
            stream
        });
        match pending.await {
            Exchange::Answered(_) => assert!(in_time, "{after_ms}"),
            Exchange::Unknown(Cut::Deadline(late)) => {
                assert!(!in_time, "{after_ms}");
                assert_eq!(began.elapsed(), Duration::from_secs(5));
                let reply = late.await.expect("the late answer");
                assert_eq!(&reply.body[..], b"{\"n\":1}");
                assert_eq!(began.elapsed(), Duration::from_millis(after_ms));
                until("the line ends", || lines.open() == 0).await;
            }
            other => panic!("{other:?}"),
        }
        drop(answer.await.unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_never_comes_is_not_waited_for_without_end() {
    let (wire, mut accepted) = Wire::new();
    let lines = lines(&wire);
    let began = Instant::now();
    let pending = lines.exchange(order(), soon());
    let mut silent = accepted.recv().await.unwrap();
    read_request(&mut silent, &mut Vec::new()).await.unwrap();
    let Exchange::Unknown(Cut::Deadline(late)) = pending.await else {
        panic!("there is no answer");
    };
    assert!(late.await.is_none());
    assert_eq!(began.elapsed(), Duration::from_secs(35));
    until("the line ends", || lines.open() == 0).await;
}

/// S10: dropped before it was polled, and after each poll: the request is written once, whatever the caller does.
#[tokio::test(start_paused = true)]
async fn a_dropped_future_changes_nothing() {
    for (warm, polls) in [(false, 0), (false, 1), (true, 0), (true, 1), (true, 2)] {
        let (wire, accepted) = Wire::new();
        let requests = serve(accepted, ok("{}"));
        let lines = lines(&wire);
        if warm {
            lines.warm().await.unwrap();
        }
        let mut pending = Box::pin(lines.exchange(order(), soon()));
        for _ in 0..polls {
            let _ = futures::poll!(&mut pending);
        }
        drop(pending);
        until("it arrives", || requests.load(Ordering::SeqCst) == 1).await;
        // The answer was read all the same: the line serves the next.
        answered(lines.exchange(order(), soon()).await);
        assert_eq!(requests.load(Ordering::SeqCst), 2);
        assert_eq!(wire.opened(), if warm { 2 } else { 1 });
    }
}

/// Even when all handles are gone.
#[tokio::test(start_paused = true)]
async fn a_request_outlives_its_lines() {
    let (wire, accepted) = Wire::new();
    serve(accepted, ok("{}"));
    let lines = lines(&wire);
    lines.warm().await.unwrap();
    let pending = lines.exchange(order(), soon());
    drop(lines);
    answered(pending.await);
}

/// A connector that fails, or takes its time.
#[derive(Clone, Debug)]
struct Failing {
    after: Duration,
}

impl Connect for Failing {
    type Io = tokio::io::DuplexStream;

    async fn connect(&self, _: &Endpoint) -> Result<Self::Io, ConnectError> {
        sleep(self.after).await;
        Err(ConnectError::Resolve(std::io::ErrorKind::NotFound.into()))
    }
}

/// S2: no connection is proof that nothing was sent, and so is one that takes too long.
#[tokio::test(start_paused = true)]
async fn without_a_connection_nothing_is_sent() {
    for (after_secs, deadline_secs, took_secs) in [(0, 5, 0), (3600, 60, 10), (3600, 2, 2)] {
        let connector = Failing {
            after: Duration::from_secs(after_secs),
        };
        let lines = Lines::new(connector, endpoint(), LineSettings::default());
        let began = Instant::now();
        let deadline = began + Duration::from_secs(deadline_secs);
        let exchange = lines.exchange(order(), deadline).await;
        match exchange {
            Exchange::NotSent(NotSent::Connect(ConnectError::Resolve(_))) => {
                assert_eq!(after_secs, 0);
            }
            Exchange::NotSent(NotSent::Connect(ConnectError::Timeout { after })) => {
                assert_eq!(after.as_secs(), took_secs);
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(began.elapsed().as_secs(), took_secs);
    }
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_has_passed_sends_nothing() {
    let (wire, accepted) = Wire::new();
    let requests = serve(accepted, ok("{}"));
    let lines = lines(&wire);
    lines.warm().await.unwrap();
    let now = Instant::now();
    for _ in 0..2 {
        let exchange = lines.exchange(order(), now).await;
        assert!(
            matches!(exchange, Exchange::NotSent(NotSent::Deadline)),
            "{exchange:?}"
        );
    }
    assert_eq!(wire.writes().len(), 0);
    // The lines are none the worse for it.
    answered(lines.exchange(order(), soon()).await);
    assert_eq!((wire.opened(), requests.load(Ordering::SeqCst)), (2, 1));
}

/// Law 5: so many in flight, so many behind them, and no more. The waiting ones come in turn.
#[tokio::test(start_paused = true)]
async fn requests_in_flight_and_waiting_are_bounded() {
    let (wire, mut accepted) = Wire::new();
    let mut settings = LineSettings::default();
    settings.most = 2;
    settings.waiting_max = 2;
    let lines = Lines::new(wire.clone(), endpoint(), settings);
    let pendings = (0..5)
        .map(|_| lines.exchange(order(), soon()))
        .collect::<Vec<_>>();
    let mut streams = [
        accepted.recv().await.unwrap(),
        accepted.recv().await.unwrap(),
    ];
    assert!(accepted.try_recv().is_err(), "a third connection");
    let mut pendings = pendings.into_iter();
    let last = pendings.next_back().unwrap().await;
    assert!(matches!(last, Exchange::NotSent(NotSent::Busy)), "{last:?}");
    for stream in &mut streams {
        let mut buffer = Vec::new();
        for _ in 0..2 {
            read_request(stream, &mut buffer).await.unwrap();
            stream.write_all(ok("{}").as_bytes()).await.unwrap();
        }
    }
    for pending in pendings {
        answered(pending.await);
    }
    assert_eq!(wire.opened(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_waits_past_its_deadline_is_not_sent() {
    let (wire, mut accepted) = Wire::new();
    let mut settings = LineSettings::default();
    settings.most = 1;
    let lines = Lines::new(wire.clone(), endpoint(), settings);
    let first = lines.exchange(order(), Instant::now() + Duration::from_secs(60));
    let stream = accepted.recv().await.unwrap();
    let second = lines.exchange(order(), soon()).await;
    assert!(
        matches!(second, Exchange::NotSent(NotSent::Deadline)),
        "{second:?}"
    );
    drop(stream);
    assert!(matches!(
        first.await,
        Exchange::Unknown(Cut::Closed | Cut::Io(_))
    ));
}

/// S24: after the machine slept no line is trusted, not even one that is in use.
#[tokio::test(start_paused = true)]
async fn retired_lines_serve_nobody_any_more() {
    let (wire, accepted) = Wire::new();
    serve(accepted, ok("{}"));
    let lines = lines(&wire);
    lines.warm().await.unwrap();
    let in_use = lines.exchange(order(), soon());
    lines.retire();
    answered(in_use.await);
    until("they end", || lines.open() == 0).await;
    answered(lines.exchange(order(), soon()).await);
    assert_eq!(wire.opened(), 3);
}

/// The times that latency is told from.
#[tokio::test(start_paused = true)]
async fn a_reply_knows_when_it_was_asked_for_and_when_it_came() {
    let (wire, mut accepted) = Wire::new();
    let lines = lines(&wire);
    let began = Instant::now();
    let pending = lines.exchange(order(), soon());
    let mut stream = accepted.recv().await.unwrap();
    read_request(&mut stream, &mut Vec::new()).await.unwrap();
    advance(Duration::from_millis(30)).await;
    stream.write_all(ok("{}").as_bytes()).await.unwrap();
    let reply = answered(pending.await);
    assert_eq!(reply.sent, began);
    assert_eq!(reply.received - began, Duration::from_millis(30));
}

/// A server that takes connections only to close them is asked once for each order.
#[tokio::test(start_paused = true)]
async fn a_server_that_closes_each_connection_at_once_is_not_stormed() {
    let (wire, mut accepted) = Wire::new();
    tokio::spawn(async move { while accepted.recv().await.is_some() {} });
    let lines = lines(&wire);
    for orders in 1..4 {
        let exchange = lines.exchange(order(), soon()).await;
        assert!(!matches!(exchange, Exchange::Answered(_)), "{exchange:?}");
        assert_eq!(wire.opened(), orders);
    }
}
