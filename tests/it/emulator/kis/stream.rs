//! The WebSocket: registrations, heartbeats, frames, notices.

use std::time::Duration;

use gwanmun::Qty;
use gwanmun::emulator::kis::{Client, Issue, Layout};
use gwanmun::wire::kis::realtime::{Book, Frame, Message, Records, Splitter, Trade};
use tokio::time::{advance, timeout};
use tokio_tungstenite::tungstenite::Message as WsMessage;

use super::support::{SAMSUNG, Server, Stream, quiet, registration, settings, text};

#[tokio::test(start_paused = true)]
async fn registrations_are_answered_with_the_codes_of_kis() {
    let server = Server::start(quiet(false)).await;
    let approval = server.approval().await;
    let mut stream = server.stream().await;
    for (tr_id, key, code) in [
        ("H0STCNT0", SAMSUNG, "OPSP0000"),
        ("H0STCNT0", SAMSUNG, "OPSP0002"),
        ("H0STASP0", SAMSUNG, "OPSP0000"),
        ("H0NXCNT0", SAMSUNG, "OPSP0000"),
        ("H0NXCNT0", "069500", "OPSP8992"),
        ("H0UNASP0", "069500", "OPSP0000"),
        ("H0STCNT0", "999999", "OPSP8992"),
        ("H0STCNT0", "x", "OPSP8992"),
        ("H0STCNI0", "HTSDEMO1", "OPSP0000"),
        ("H0STCNI0", "SOMEBODY", "OPSP8992"),
        ("H0STCNI9", "HTSDEMO1", "OPSP8991"),
        ("HDFSCNT0", "DNASAAPL", "OPSP8991"),
        ("H0UPCNT0", "0001", "OPSP8991"),
    ] {
        assert_eq!(
            stream.register(&approval, tr_id, key).await,
            code,
            "{tr_id} {key}"
        );
    }
    for (message, code) in [
        (registration("wrong", "1", "H0STCNT0", SAMSUNG), "OPSP0011"),
        (
            registration(&approval, "7", "H0STCNT0", SAMSUNG),
            "OPSP8997",
        ),
        (
            registration(&approval, "2", "H0STCNT0", SAMSUNG),
            "OPSP0001",
        ),
        (
            registration(&approval, "2", "H0STCNT0", SAMSUNG),
            "OPSP0003",
        ),
        ("{".to_owned(), "OPSP9999"),
        ("{}".to_owned(), "OPSP9998"),
    ] {
        stream.send(&message).await;
        assert_eq!(stream.answer().await, code, "{message}");
    }
    assert_eq!(server.emulator.sessions(), (1, 4));
}

#[tokio::test(start_paused = true)]
async fn paper_has_three_feeds() {
    let server = Server::start(quiet(true)).await;
    let approval = server.approval().await;
    let mut stream = server.stream().await;
    for (tr_id, key, code) in [
        ("H0STCNT0", SAMSUNG, "OPSP0000"),
        ("H0STASP0", SAMSUNG, "OPSP0000"),
        ("H0STCNI9", "HTSDEMO1", "OPSP0000"),
        ("H0STCNI0", "HTSDEMO1", "OPSP8991"),
        ("H0UNCNT0", SAMSUNG, "OPSP8991"),
        ("H0STMKO0", SAMSUNG, "OPSP8991"),
    ] {
        assert_eq!(
            stream.register(&approval, tr_id, key).await,
            code,
            "{tr_id}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn forty_one_registrations_over_all_feeds_and_not_one_more() {
    let mut settings = quiet(false);
    settings.market.issues = Issue::defaults();
    let server = Server::start(settings).await;
    let approval = server.approval().await;
    let mut stream = server.stream().await;
    let issues: Vec<String> = server
        .emulator
        .settings()
        .market
        .issues
        .iter()
        .map(|issue| issue.symbol.to_string())
        .collect();
    let feeds = ["H0STCNT0", "H0STASP0", "H0UNCNT0", "H0UNASP0"];
    let all = feeds
        .iter()
        .flat_map(|feed| issues.iter().map(move |issue| (*feed, issue)));
    assert_eq!(
        stream.register(&approval, "H0STCNI0", "HTSDEMO1").await,
        "OPSP0000"
    );
    for (feed, issue) in all {
        assert_eq!(stream.register(&approval, feed, issue).await, "OPSP0000");
    }
    assert_eq!(server.emulator.sessions(), (1, 41));
    assert_eq!(
        stream.register(&approval, "H0NXCNT0", SAMSUNG).await,
        "OPSP0008"
    );
    stream
        .send(&registration(&approval, "2", "H0STCNT0", SAMSUNG))
        .await;
    assert_eq!(stream.answer().await, "OPSP0001");
    assert_eq!(
        stream.register(&approval, "H0NXCNT0", SAMSUNG).await,
        "OPSP0000"
    );
}

#[tokio::test(start_paused = true)]
async fn one_session_an_app_key() {
    let mut settings = quiet(false);
    let other = Client::new(&"K".repeat(36), &"S".repeat(180), "OTHER", "7654321001").unwrap();
    settings.clients.push(other);
    let server = Server::start(settings).await;
    let approval = server.approval().await;
    let mut first = server.stream().await;
    assert_eq!(
        first.register(&approval, "H0STCNT0", SAMSUNG).await,
        "OPSP0000"
    );
    let mut second = server.stream().await;
    second
        .send(&registration(&approval, "1", "H0STCNT0", SAMSUNG))
        .await;
    let refused = second.text().await.unwrap();
    assert!(
        refused.contains(r#""tr_id":"(null)""#) && refused.contains(r#""rt_cd":"9""#),
        "{refused}"
    );
    assert!(refused.contains("OPSP8996"), "{refused}");
    drop(first);
    // The first one's end is seen in its own time.
    while second.register(&approval, "H0STCNT0", SAMSUNG).await == "OPSP8996" {
        advance(Duration::from_millis(10)).await;
    }
    assert_eq!(server.emulator.sessions(), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn heartbeats_are_answered_in_either_form_and_missed_ones_end_the_session() {
    use futures::SinkExt;

    let server = Server::start(quiet(false)).await;
    let mut stream = server.stream().await;
    for round in 0..8 {
        let Some(WsMessage::Text(ping)) = stream.next().await else {
            panic!("no heartbeat")
        };
        assert!(
            ping.starts_with(r#"{"header":{"tr_id":"PINGPONG","datetime":"20261124"#),
            "{ping}"
        );
        let answer = match round % 2 {
            0 => WsMessage::text(ping.as_str()),
            _ => WsMessage::Pong(ping.as_str().as_bytes().to_vec().into()),
        };
        stream.socket.send(answer).await.unwrap();
    }
    let mut unanswered = 0;
    while let Some(WsMessage::Text(_)) = stream.next().await {
        unanswered += 1;
    }
    assert_eq!(unanswered, 3);
    tokio::task::yield_now().await;
    assert_eq!(server.emulator.sessions().0, 0);
}

async fn frame_of(stream: &mut Stream<tokio::io::DuplexStream>, tr_id: &str) -> String {
    loop {
        let text = stream.text().await.unwrap();
        if text.split('|').nth(1) == Some(tr_id) {
            return text;
        }
    }
}

fn parse(text: &str) -> Frame<'_> {
    match Message::parse(text.as_bytes()).unwrap() {
        Message::Frame(frame) => frame,
        Message::Control(_) => panic!("a control message: {text}"),
    }
}

#[tokio::test(start_paused = true)]
async fn records_are_as_wide_as_the_layout_says_and_our_own_reader_reads_them() {
    for (layout, trade_width, book_width) in [
        (Layout::Y2023, 46, 59),
        (Layout::Mid2026, 46, 62),
        (Layout::Current, 47, 63),
    ] {
        let mut settings = settings(false);
        settings.layout = layout;
        let server = Server::start(settings).await;
        let approval = server.approval().await;
        let mut stream = server.stream().await;
        stream.register(&approval, "H0STCNT0", SAMSUNG).await;
        let text = frame_of(&mut stream, "H0STCNT0").await;
        let mut splitter = Splitter::new();
        let Records::Trades(table) = splitter.split(&parse(&text)).unwrap() else {
            panic!("{text}")
        };
        assert_eq!(table.width(), trade_width);
        let quote = server.emulator.quote(SAMSUNG.parse().unwrap()).unwrap();
        for record in table.records() {
            let trade = Trade::read(&record).unwrap_or_else(|error| panic!("{error}: {text}"));
            assert_eq!((trade.symbol, trade.date), (SAMSUNG, "20261124"));
            assert_eq!(trade.change, trade.price - quote.base.won());
            assert!(trade.low <= trade.price && trade.price <= trade.high);
            assert!(trade.volume >= trade.qty && trade.ask > trade.bid);
            assert_eq!(trade.volume, trade.buy_qty + trade.sell_qty);
        }
        stream.register(&approval, "H0STASP0", SAMSUNG).await;
        let text = frame_of(&mut stream, "H0STASP0").await;
        let Records::Books(table) = splitter.split(&parse(&text)).unwrap() else {
            panic!("{text}")
        };
        assert_eq!(table.width(), book_width);
        let book = Book::read(&table.records().next().unwrap()).unwrap();
        assert!(
            book.asks
                .windows(2)
                .all(|pair| pair[0].price < pair[1].price)
        );
        assert!(book.bids[0].price < book.asks[0].price);
        assert_eq!(
            book.ask_total,
            book.asks.iter().map(|level| level.qty).sum::<u64>()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn trades_that_come_together_share_a_frame_up_to_the_limit() {
    let mut settings = settings(false);
    settings.timing.tick = Duration::from_secs(20);
    settings.timing.records_per_frame = 3;
    let server = Server::start(settings).await;
    let approval = server.approval().await;
    let mut stream = server.stream().await;
    stream.register(&approval, "H0UNCNT0", SAMSUNG).await;
    let mut sizes = Vec::new();
    let mut volumes = Vec::new();
    while sizes.len() < 3 {
        let records = stream.records("H0UNCNT0").await;
        sizes.push(records.len());
        volumes.extend(
            records
                .iter()
                .map(|record| record[13].parse::<u64>().unwrap()),
        );
    }
    assert_eq!(sizes[0], 3, "{sizes:?}");
    assert!(
        volumes.is_sorted_by(|a, b| a < b),
        "each record has its own volume: {volumes:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn notices_tell_receipts_fills_changes_and_refusals() {
    for (paper, width) in [(false, 26), (true, 23)] {
        let server = Server::start(quiet(paper)).await;
        let account = server.account();
        let approval = server.approval().await;
        let mut stream = server.stream().await;
        let feed = if paper { "H0STCNI9" } else { "H0STCNI0" };
        assert_eq!(
            stream.register(&approval, feed, "HTSDEMO1").await,
            "OPSP0000"
        );
        let first = server.buy("00", 10, 70_000).await.number();
        let receipt = stream.notice().await.unwrap();
        assert_eq!(receipt.len(), width);
        assert_eq!(
            receipt[..2],
            ["HTSDEMO1".to_owned(), account.as_str().to_owned()]
        );
        // Side, class, division, condition, symbol; quantity and price of the order.
        assert_eq!(receipt[2..9], [&*first, "", "02", "0", "00", "0", SAMSUNG]);
        assert_eq!(receipt[9..12], ["0000000010", "000070000", "100000"]);
        assert_eq!(
            receipt[12..15],
            ["0", "1", "1"],
            "accepted, a receipt, received"
        );
        assert_eq!(receipt[16], "000000010");
        assert_eq!(receipt.last().unwrap(), "", "no order price on receipts");
        server
            .emulator
            .fill(account, first.parse().unwrap(), Qty::new(4))
            .unwrap();
        let fill = stream.notice().await.unwrap();
        assert_eq!(fill[2], first);
        assert_eq!(
            fill[9..15],
            ["0000000004", "000070000", "100000", "0", "2", "2"]
        );
        assert_eq!(fill.last().unwrap(), "000070000");
        let second = server
            .rvsecncl(&server.change(&first, "01", "70100"))
            .await
            .number();
        let modified = stream.notice().await.unwrap();
        assert_eq!(modified[2..6], [&*second, &first, "02", "1"]);
        assert_eq!(modified[9..11], ["0000000006", "000070100"]);
        assert_eq!(modified[12..15], ["0", "1", "2"]);
        let third = server.cancel(&second).await.number();
        let cancelled = stream.notice().await.unwrap();
        assert_eq!(cancelled[2..6], [&*third, &second, "02", "2"]);
        assert_eq!(cancelled[9], "0000000006");
        // The rest of an immediate-or-cancel order.
        let dropped = server.buy("11", 5, 70_000).await.number();
        assert_eq!(stream.notice().await.unwrap()[12..15], ["0", "1", "1"]);
        let gone = stream.notice().await.unwrap();
        assert_eq!(
            (gone[2].as_str(), gone[7].as_str()),
            (dropped.as_str(), "1")
        );
        assert_eq!(gone[12..15], ["0", "1", "3"]);
    }
}

#[tokio::test(start_paused = true)]
async fn notices_of_other_customers_stay_with_them() {
    let mut settings = quiet(false);
    let other = Client::new(&"K".repeat(36), &"S".repeat(180), "OTHER", "7654321001").unwrap();
    settings.clients.push(other.clone());
    let server = Server::start(settings).await;
    let approval = server.approval().await;
    let mut stream = server.stream().await;
    stream.register(&approval, "H0STCNI0", "HTSDEMO1").await;
    let request = gwanmun::OrderRequest::limit_buy(
        other.account,
        SAMSUNG.parse().unwrap(),
        Qty::new(1),
        gwanmun::Price::from_won(70_000).unwrap(),
    );
    server.emulator.place_by_person(&request).unwrap();
    assert!(stream.is_silent(Duration::from_secs(5)).await);
    server.buy("00", 1, 70_000).await;
    assert!(stream.notice().await.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_is_cut_off() {
    let mut settings = settings(false);
    settings.timing.backlog = 8;
    let server = Server::start(settings).await;
    let approval = server.approval().await;
    let mut stream = server.stream().await;
    for feed in ["H0STCNT0", "H0STASP0", "H0UNCNT0", "H0UNASP0"] {
        stream.register(&approval, feed, SAMSUNG).await;
    }
    let cut = async {
        while server.emulator.sessions().0 > 0 {
            advance(Duration::from_secs(1)).await;
        }
    };
    timeout(Duration::from_secs(3_600), cut).await.unwrap();
    let daily = server.daily("", &[]).await;
    assert_eq!(
        text(&daily.json(), "rt_cd"),
        "0",
        "everybody else is served"
    );
}
