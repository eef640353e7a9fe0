//! When a session counts as dead: N14. Under paused time, to the second.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use gwanmun::transport::ws::{Ended, Frame, WsEvent, WsSettings};
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::tungstenite::Message;

use super::ws::session;

/// The cable is pulled from under a peer that answered pings: dead within 10 s + 5 s of the last that was heard.
#[tokio::test(start_paused = true)]
async fn a_half_open_connection_is_found_dead_in_fifteen_seconds() {
    let (_sender, mut receiver, mut peer) = session(WsSettings::default()).await;
    // The library answers the ping as it reads on.
    let served = timeout(Duration::from_secs(60), async {
        while let Some(Ok(_)) = peer.next().await {}
    })
    .await;
    assert!(served.is_err(), "a quiet peer that answers pings lives");
    assert_eq!(receiver.try_recv(), None);
    let unplugged = Instant::now();
    let ended = receiver.recv().await;
    assert!(
        matches!(ended, WsEvent::Closed(Ended::Silent { .. })),
        "{ended:?}"
    );
    let took = unplugged.elapsed();
    assert!(
        (Duration::from_secs(5)..=Duration::from_secs(15)).contains(&took),
        "{took:?}"
    );
    drop(peer);
}

/// A peer that answers no ping, as KIS may not, is judged by its silence alone.
#[tokio::test(start_paused = true)]
async fn a_peer_that_answers_no_pings_may_be_quiet_for_longer() {
    let (_sender, mut receiver, peer) = session(WsSettings::default()).await;
    let mut raw = peer.into_inner();
    let began = Instant::now();
    for _ in 0..10 {
        sleep(Duration::from_secs(100)).await;
        raw.write_all(&[0x81, 1, b'x']).await.unwrap();
        assert_eq!(
            receiver.recv().await,
            WsEvent::Frame(Frame::Text("x".into()))
        );
    }
    let ended = receiver.recv().await;
    assert!(
        matches!(ended, WsEvent::Closed(Ended::Silent { .. })),
        "{ended:?}"
    );
    assert_eq!(began.elapsed(), Duration::from_secs(1_000 + 150));
}

/// Anything that is heard is a sign of life, also from a peer that answered pings once and is too busy to now.
#[tokio::test(start_paused = true)]
async fn a_peer_that_talks_is_alive() {
    let (_sender, mut receiver, mut peer) = session(WsSettings::default()).await;
    let _ = timeout(Duration::from_secs(1), peer.next()).await;
    peer.flush().await.unwrap();
    let mut raw = peer.into_inner();
    for _ in 0..30 {
        sleep(Duration::from_secs(4)).await;
        raw.write_all(&[0x81, 1, b'x']).await.unwrap();
        assert_eq!(
            receiver.recv().await,
            WsEvent::Frame(Frame::Text("x".into()))
        );
    }
}

/// A peer that talks and takes nothing: what we owe it does not leave.
#[tokio::test(start_paused = true)]
async fn a_peer_that_takes_nothing_is_left() {
    let (sender, mut receiver, mut peer) = session(WsSettings::default()).await;
    let began = Instant::now();
    // More than the stream holds.
    for _ in 0..3 {
        sender.text("x".repeat(1 << 20)).unwrap();
    }
    let talk = tokio::spawn(async move {
        loop {
            sleep(Duration::from_secs(1)).await;
            if peer.send(Message::text("x")).await.is_err() {
                break;
            }
        }
    });
    let ended = loop {
        match receiver.recv().await {
            WsEvent::Frame(_) => {}
            other => break other,
        }
    };
    assert!(
        matches!(ended, WsEvent::Closed(Ended::Stalled { .. })),
        "{ended:?}"
    );
    assert_eq!(began.elapsed(), Duration::from_secs(10));
    talk.abort();
}
