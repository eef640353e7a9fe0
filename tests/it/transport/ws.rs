//! Sessions: whatever way messages are cut up, whoever is slow, whoever closes.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use gwanmun::transport::ws::{
    Ended, Frame, SendError, Verdict, WsEvent, WsReceiver, WsSender, WsSettings, WsTarget,
};
use gwanmun::transport::{Backoff, BackoffSettings, ConnectError};
use http::HeaderMap;
use http::uri::PathAndQuery;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::{WebSocketStream, accept_async};

use super::support::*;

const PINGPONG: &str = r#"{"header":{"tr_id":"PINGPONG","datetime":"20260923100000"}}"#;

/// What KIS wants: its own ping comes back as it is.
fn echo(frame: &Frame) -> Verdict {
    if frame.as_bytes() == PINGPONG.as_bytes() {
        Verdict::Answer(frame.clone())
    } else {
        Verdict::Queue
    }
}

fn target(wire: &Wire, settings: WsSettings) -> WsTarget<Wire> {
    WsTarget {
        connector: wire.clone(),
        endpoint: endpoint(),
        path: PathAndQuery::from_static("/tryitout"),
        headers: HeaderMap::new(),
        settings,
    }
}

/// A session, and its peer.
pub(super) async fn session(
    settings: WsSettings,
) -> (WsSender, WsReceiver, WebSocketStream<DuplexStream>) {
    let (wire, mut accepted) = Wire::new();
    let peer = async { accept_async(accepted.recv().await.unwrap()).await.unwrap() };
    let target = target(&wire, settings);
    let (session, peer) = tokio::join!(target.connect(echo), peer);
    let (sender, receiver) = session.unwrap();
    (sender, receiver, peer)
}

fn text(text: &str) -> WsEvent {
    WsEvent::Frame(Frame::Text(text.into()))
}

/// One frame of a server: not masked.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first, u8::try_from(payload.len()).unwrap()];
    assert!(payload.len() < 126);
    frame.extend_from_slice(payload);
    frame
}

const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const TEXT_BEGINS: u8 = 0x01;
const GOES_ON: u8 = 0x00;
const ENDS: u8 = 0x80;
const PING: u8 = 0x89;

/// N13: text, a ping in the middle of a message in three fragments, one of which is empty and one cut within a letter,
/// and text marked as binary; cut at each byte.
#[tokio::test(start_paused = true)]
async fn a_stream_cut_at_each_byte_gives_the_same_messages() {
    let name = "삼성전자".as_bytes();
    let bytes = [
        frame(TEXT, b"0|H0STCNT0|001|005930^093000"),
        frame(TEXT_BEGINS, &name[..4]),
        frame(PING, b"?"),
        frame(GOES_ON, b""),
        frame(ENDS, &name[4..]),
        frame(BINARY, b"1|H0STCNI0|001|abc"),
        frame(TEXT, PINGPONG.as_bytes()),
        frame(TEXT, b""),
    ]
    .concat();
    for k in 0..=bytes.len() {
        let (_sender, mut receiver, peer) = session(WsSettings::default()).await;
        let mut raw = peer.into_inner();
        raw.write_all(&bytes[..k]).await.unwrap();
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        raw.write_all(&bytes[k..]).await.unwrap();
        let expected = [
            text("0|H0STCNT0|001|005930^093000"),
            text("삼성전자"),
            WsEvent::Frame(Frame::Binary("1|H0STCNI0|001|abc".into())),
            text(""),
        ];
        for expected in expected {
            assert_eq!(receiver.recv().await, expected, "{k}");
        }
    }
}

/// N13: the same message in two fragments, at each byte of it.
#[tokio::test(start_paused = true)]
async fn a_message_fragmented_at_each_byte_is_one_message() {
    let whole = "0|H0STASP0|001|005930^70900^71000^삼성";
    let (_sender, mut receiver, peer) = session(WsSettings::default()).await;
    let mut raw = peer.into_inner();
    for k in 0..=whole.len() {
        let (head, tail) = whole.as_bytes().split_at(k);
        let both = [frame(TEXT_BEGINS, head), frame(ENDS, tail)].concat();
        raw.write_all(&both).await.unwrap();
        assert_eq!(receiver.recv().await, text(whole), "{k}");
    }
}

/// N16: the consumer takes nothing, for as long as it likes; the broker's ping comes back at once, and the newest
/// messages are kept.
#[tokio::test(start_paused = true)]
async fn the_brokers_ping_is_answered_while_the_consumer_sleeps() {
    let mut settings = WsSettings::default();
    settings.queue_messages = 100;
    let (_sender, mut receiver, mut peer) = session(settings).await;
    for round in 0..6 {
        for n in 0..1_000 {
            let number = round * 1_000 + n;
            peer.send(Message::text(number.to_string())).await.unwrap();
        }
        let asked = Instant::now();
        peer.send(Message::text(PINGPONG)).await.unwrap();
        let answer = loop {
            match timeout(Duration::from_secs(1), peer.next()).await {
                Ok(Some(Ok(Message::Text(text)))) => break text,
                Ok(Some(Ok(_))) => {}
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(answer.as_str(), PINGPONG);
        assert_eq!(asked.elapsed(), Duration::ZERO);
        tokio::time::advance(Duration::from_secs(10)).await;
    }
    assert_eq!(receiver.recv().await, WsEvent::Lagged(5_900));
    for number in 5_900..6_000 {
        assert_eq!(receiver.recv().await, text(&number.to_string()));
    }
    assert_eq!(receiver.try_recv(), None);
}

#[tokio::test(start_paused = true)]
async fn what_is_sent_arrives_in_order_and_is_bounded() {
    let mut settings = WsSettings::default();
    settings.outgoing_max = 4;
    let (sender, _receiver, mut peer) = session(settings).await;
    // Nothing is taken between two calls: the task does not run.
    let sent = (0..10)
        .map(|n| sender.text(n.to_string()))
        .collect::<Vec<_>>();
    assert_eq!(sent.iter().filter(|sent| sent.is_ok()).count(), 4);
    assert_eq!(sent[9], Err(SendError::Full));
    for n in 0..4 {
        let message = loop {
            match peer.next().await.unwrap().unwrap() {
                Message::Text(text) => break text,
                other => assert!(matches!(other, Message::Ping(_)), "{other:?}"),
            }
        };
        assert_eq!(message.as_str(), n.to_string());
    }
}

#[tokio::test(start_paused = true)]
async fn the_end_says_why_and_comes_last() {
    // The peer says goodbye.
    let (sender, mut receiver, mut peer) = session(WsSettings::default()).await;
    peer.send(Message::text("last")).await.unwrap();
    let code = CloseFrame {
        code: CloseCode::Restart,
        reason: "".into(),
    };
    peer.close(Some(code)).await.unwrap();
    let closed = WsEvent::Closed(Ended::ByPeer { code: Some(1012) });
    assert_eq!(receiver.recv().await, text("last"));
    assert_eq!(receiver.recv().await, closed);
    assert_eq!(receiver.recv().await, closed, "for ever");
    until("the sender knows", || {
        sender.text("x") == Err(SendError::Closed)
    })
    .await;

    // The peer is gone.
    let (_sender, mut receiver, peer) = session(WsSettings::default()).await;
    drop(peer);
    let ended = receiver.recv().await;
    assert!(
        matches!(
            ended,
            WsEvent::Closed(Ended::Io(_) | Ended::ByPeer { code: None })
        ),
        "{ended:?}"
    );

    // We are.
    let (_sender, receiver, mut peer) = session(WsSettings::default()).await;
    drop(receiver);
    let mut last = None;
    while let Some(Ok(message)) = peer.next().await {
        last = Some(message);
    }
    assert!(matches!(last, Some(Message::Close(_))), "{last:?}");
}

/// X7: what no peer may send.
#[tokio::test(start_paused = true)]
async fn a_peer_that_breaks_the_protocol_is_left() {
    let mut settings = WsSettings::default();
    settings.message_max = 100;
    let long = frame(TEXT, &[b'x'; 101]);
    let in_parts = [frame(TEXT_BEGINS, &[b'x'; 60]), frame(ENDS, &[b'x'; 60])].concat();
    for (bytes, too_large) in [
        (long, true),
        (in_parts, true),
        (
            vec![TEXT, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255],
            true,
        ),
        (frame(TEXT, &[0xff, 0xfe]), false),
        (frame(0x83, b"reserved"), false),
        (frame(GOES_ON, b"of nothing"), false),
        (
            format!("HTTP/1.1 200 OK\r\n{}", "x".repeat(100)).into_bytes(),
            false,
        ),
    ] {
        let (_sender, mut receiver, peer) = session(settings).await;
        // It closes at once, too: what it sent is read all the same.
        peer.into_inner().write_all(&bytes).await.unwrap();
        let event = receiver.recv().await;
        match &event {
            WsEvent::Closed(Ended::TooLarge) => assert!(too_large, "{bytes:?}"),
            WsEvent::Closed(Ended::Protocol(_)) => assert!(!too_large, "{bytes:?}"),
            other => panic!("{bytes:?}: {other:?}"),
        }
    }
}

/// X5: a redirect is not followed; a peer that does not answer is not waited for without end.
#[tokio::test(start_paused = true)]
async fn a_handshake_that_fails_is_an_error() {
    for status in [302, 401, 503] {
        let (wire, mut accepted) = Wire::new();
        let peer = async {
            let mut stream = accepted.recv().await.unwrap();
            let request = read_request(&mut stream, &mut Vec::new()).await.unwrap();
            assert!(request.head.starts_with("GET /tryitout HTTP/1.1\r\n"));
            let answer = format!(
                "HTTP/1.1 {status} X\r\nLocation: ws://elsewhere.test/\r\nContent-Length: 0\r\n\r\n"
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream
        };
        let target = target(&wire, WsSettings::default());
        let (session, _stream) = tokio::join!(target.connect(echo), peer);
        match session {
            Err(ConnectError::Status { status: found }) => assert_eq!(found, status),
            other => panic!("{other:?}"),
        }
        assert_eq!(wire.opened(), 1);
    }
    let (wire, accepted) = Wire::new();
    let silent = keep(accepted);
    let began = Instant::now();
    let session = target(&wire, WsSettings::default()).connect(echo).await;
    assert!(
        matches!(session, Err(ConnectError::Timeout { .. })),
        "{session:?}"
    );
    assert_eq!(began.elapsed(), Duration::from_secs(10));
    silent.abort();
}

/// Takes connections and says nothing.
fn keep(mut accepted: UnboundedReceiver<DuplexStream>) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Some(stream) = accepted.recv().await {
            kept.push(stream);
        }
    })
}

/// N18: the broker refuses for ten minutes, then restarts.
#[tokio::test(start_paused = true)]
async fn a_session_comes_back_without_a_storm() {
    let (wire, mut accepted) = Wire::new();
    let began = Instant::now();
    let server = tokio::spawn(async move {
        loop {
            let mut stream = accepted.recv().await.unwrap();
            if began.elapsed() >= Duration::from_secs(600) {
                return accept_async(stream).await.unwrap();
            }
            let refusal = b"HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n";
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).await.unwrap();
            stream.write_all(refusal).await.unwrap();
        }
    });
    let mut backoff = Backoff::new(BackoffSettings::default(), 3);
    let mut failures = 0;
    let (_sender, mut receiver) = target(&wire, WsSettings::default())
        .reconnect(
            &mut backoff,
            || echo,
            |error| {
                assert!(matches!(error, ConnectError::Status { status: 503 }));
                failures += 1;
            },
        )
        .await;
    assert!((20..60).contains(&failures), "{failures}");
    assert!(began.elapsed() < Duration::from_secs(631));
    let mut peer = server.await.unwrap();
    peer.send(Message::text("back")).await.unwrap();
    assert_eq!(receiver.recv().await, text("back"));
}
