//! What goes wrong on request, and whether the exchange knows of it.

use std::time::Duration;

use gwanmun::emulator::kis::{Fault, PageBody, Rule, Target};
use tokio::time::Instant;

use super::support::{Answer, Http, SAMSUNG, Server, TRADING, quiet, settings};

/// How long nothing has to come to count as silence.
const SILENCE: Duration = Duration::from_secs(120);

async fn order_under(fault: Fault) -> (Server, Vec<u8>) {
    let server = Server::start(quiet(false)).await;
    server.emulator.inject(Rule::once(fault).at(Target::Orders));
    let order = server.order("00", "10", "70000");
    let bytes = server.post_bytes("TTTC0012U", &format!("{TRADING}order-cash"), &order);
    let mut http = Http::new(server.dial().await);
    http.send(&bytes).await;
    let read = http.rest(SILENCE).await;
    (server, read)
}

fn orders(server: &Server) -> usize {
    server.emulator.orders(server.account()).len()
}

#[tokio::test(start_paused = true)]
async fn an_order_is_taken_or_not_whatever_its_answer_says() {
    use Fault as F;
    let html = |read: &[u8]| read.starts_with(b"HTTP/1.1 50") && read.ends_with(b"</html>");
    let nothing = |read: &[u8]| read.is_empty();
    type Check<'a> = &'a dyn Fn(&[u8]) -> bool;
    let cases: &[(Fault, usize, Check<'_>)] = &[
        (F::CloseUnread, 0, &nothing),
        (F::CloseAfterActing, 1, &nothing),
        (F::Swallow, 0, &nothing),
        (F::NeverAnswer, 1, &nothing),
        (F::Page(502, PageBody::Html), 0, &html),
        (F::PageAfterActing(504, PageBody::Html), 1, &html),
        (F::Page(503, PageBody::Empty), 0, &|read| {
            read.starts_with(b"HTTP/1.1 503") && read.ends_with(b"\r\n\r\n")
        }),
        (F::Page(502, PageBody::Huge), 0, &|read| {
            read.len() > 10_000_000
        }),
        (F::Code("EGW00201".into()), 0, &|read| {
            contains(read, "EGW00201")
        }),
        (F::CodeAfterActing("EGW00302".into()), 1, &|read| {
            contains(read, "EGW00302")
        }),
        (F::Redirect, 1, &|read| {
            read.starts_with(b"HTTP/1.1 302") && contains(read, "Location: ")
        }),
        (F::NoOrderNumber, 1, &|read| contains(read, r#""ODNO":"""#)),
        (F::BadOrderNumber, 1, &|read| {
            contains(read, r#""ODNO":"ABCDEFGHIJ""#)
        }),
        (F::CutAnswer(100), 1, &|read| read.len() == 100),
        (F::WrongLength(10), 1, &|read| read.ends_with(b"}")),
        (F::EndlessChunks, 1, &|read| {
            contains(read, "Transfer-Encoding: chunked") && !read.ends_with(b"0\r\n\r\n")
        }),
        (F::Huge(100_000), 1, &|read| read.len() > 100_000),
        (F::Gzip, 1, &|read| contains(read, "Content-Encoding: gzip")),
        (F::Deep(1_000), 1, &|read| read.ends_with(&[b']'; 1_000])),
    ];
    for (fault, taken, check) in cases {
        let (server, read) = order_under(fault.clone()).await;
        let text = String::from_utf8_lossy(&read);
        assert!(check(&read), "{fault}: {}", &text[..text.len().min(400)]);
        assert_eq!(orders(&server), *taken, "{fault}");
        assert_eq!(server.emulator.struck(), [(fault.name(), 1)]);
        // Once was said.
        assert_eq!(server.buy("00", 1, 70_000).await.code(), "APBK0013");
    }
}

fn contains(read: &[u8], text: &str) -> bool {
    String::from_utf8_lossy(read).contains(text)
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_cut_at_every_byte_and_the_order_stands() {
    let (server, whole) = order_under(Fault::CutAnswer(usize::MAX)).await;
    assert!(whole.len() > 300);
    let order = server.order("00", "1", "70000");
    let bytes = server.post_bytes("TTTC0012U", &format!("{TRADING}order-cash"), &order);
    for cut in 0..whole.len() {
        server.emulator.inject(Rule::once(Fault::CutAnswer(cut)));
        let mut http = Http::new(server.dial().await);
        http.send(&bytes).await;
        assert_eq!(http.rest(SILENCE).await.len(), cut);
    }
    assert_eq!(orders(&server), 1 + whole.len());
}

#[tokio::test(start_paused = true)]
async fn a_request_that_breaks_off_is_no_order() {
    let server = Server::start(quiet(false)).await;
    let order = server.order("00", "10", "70000");
    let bytes = server.post_bytes("TTTC0012U", &format!("{TRADING}order-cash"), &order);
    for cut in 1..bytes.len() {
        let mut http = Http::new(server.dial().await);
        http.send(&bytes[..cut]).await;
        drop(http);
    }
    let settled = async {
        while server.emulator.counts().torn < bytes.len() as u64 - 1 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(SILENCE, settled).await.unwrap();
    assert_eq!(orders(&server), 0);
    assert_eq!(
        server.emulator.counts().of("order-cash"),
        0,
        "none was whole"
    );
    assert_eq!(server.buy("00", 1, 70_000).await.code(), "APBK0013");
    assert_eq!(server.emulator.counts().of("TTTC0802U"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_comes_when_it_was_said_to() {
    let server = Server::start(quiet(false)).await;
    server
        .emulator
        .inject(Rule::once(Fault::AnswerLate(Duration::from_secs(7))));
    let before = Instant::now();
    let answer = server.buy("00", 1, 70_000).await;
    assert_eq!(answer.code(), "APBK0013");
    let waited = before.elapsed();
    assert!((7_000..7_100).contains(&waited.as_millis()), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn two_answers_are_exchanged() {
    let server = Server::start(quiet(false)).await;
    server
        .emulator
        .inject(Rule::once(Fault::Swap).at(Target::NewOrders));
    let (first, second) = tokio::join!(server.buy("00", 1, 70_000), async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        server.buy("00", 2, 70_000).await
    });
    assert!(
        first.number() > second.number(),
        "{} {}",
        first.number(),
        second.number()
    );
    assert_eq!(orders(&server), 2);
}

#[tokio::test(start_paused = true)]
async fn idle_connections_are_closed_and_others_kept() {
    let mut settings = settings(false);
    settings.timing.idle = Duration::from_secs(5);
    let server = Server::start(settings).await;
    let mut http = Http::new(server.dial().await);
    let request = server.post_bytes(
        "TTTC0012U",
        &format!("{TRADING}order-cash"),
        &server.order("00", "1", "70000"),
    );
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_secs(4)).await;
        let answer: Answer = http.exchange(&request).await.unwrap();
        assert_eq!(answer.code(), "APBK0013");
    }
    let before = Instant::now();
    assert!(http.rest(SILENCE).await.is_empty());
    assert!(
        (5..6).contains(&before.elapsed().as_secs()),
        "{:?}",
        before.elapsed()
    );
    server.emulator.inject(Rule::once(Fault::CloseOnConnect));
    let mut http = Http::new(server.dial().await);
    assert!(http.rest(SILENCE).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn clocks_and_tokens_go_wrong_on_request() {
    let server = Server::start(quiet(false)).await;
    server.emulator.inject(Rule::once(Fault::ClockOffset(-120)));
    let answer = server.buy("00", 1, 70_000).await;
    assert_eq!(answer.header("Date"), Some("Tue, 24 Nov 2026 00:58:00 GMT"));
    server
        .emulator
        .inject(Rule::once(Fault::ExpireToken).at(Target::Orders).after(1));
    assert_eq!(
        server.buy("00", 1, 70_000).await.code(),
        "APBK0013",
        "the rule skips one"
    );
    assert_eq!(server.buy("00", 1, 70_000).await.code(), "EGW00123");
    assert_eq!(orders(&server), 2);
}

#[tokio::test(start_paused = true)]
async fn the_exchange_turns_away_what_the_broker_took() {
    let server = Server::start(quiet(false)).await;
    let approval = server.approval().await;
    let mut stream = server.stream().await;
    stream.register(&approval, "H0STCNI0", "HTSDEMO1").await;
    server.emulator.inject(Rule::once(Fault::RejectOrder));
    let number = server.buy("00", 10, 70_000).await.number();
    let refusal = stream.notice().await.unwrap();
    assert_eq!(
        (refusal[2].as_str(), refusal[9].as_str()),
        (number.as_str(), "0000000010")
    );
    assert_eq!(refusal[12..14], ["1", "1"]);
    let row = &server.daily("", &[]).await.rows("output1")[0];
    assert_eq!(
        (&row["rjct_qty"], &row["rmn_qty"]),
        (&"10".into(), &"0".into())
    );
    assert_eq!(orders(&server), 0);
    assert_eq!(server.cancel(&number).await.code(), "APBK0927");
}

#[tokio::test(start_paused = true)]
async fn notices_are_lost_repeated_delayed_exchanged_and_unreadable() {
    let server = Server::start(quiet(false)).await;
    let approval = server.approval().await;
    let mut stream = server.stream().await;
    stream.register(&approval, "H0STCNI0", "HTSDEMO1").await;
    let buy = async |fault: Option<Fault>| {
        if let Some(fault) = fault {
            server.emulator.inject(Rule::once(fault));
        }
        server.buy("00", 1, 70_000).await.number()
    };
    buy(Some(Fault::DropNotice)).await;
    let twice = buy(Some(Fault::RepeatNotice)).await;
    for _ in 0..2 {
        assert_eq!(stream.notice().await.unwrap()[2], twice);
    }
    let late = buy(Some(Fault::DelayNotice(Duration::from_secs(5)))).await;
    let soon = buy(None).await;
    assert_eq!(stream.notice().await.unwrap()[2], soon);
    assert_eq!(stream.notice().await.unwrap()[2], late);
    let second = buy(Some(Fault::SwapNotices)).await;
    let first = buy(None).await;
    assert_eq!(stream.notice().await.unwrap()[2], first);
    assert_eq!(stream.notice().await.unwrap()[2], second);
    for fault in [Fault::WrongKey, Fault::BadPadding, Fault::BadBase64] {
        buy(Some(fault.clone())).await;
        assert_eq!(stream.notice().await, None, "{fault}");
    }
    assert!(stream_is_quiet(&mut stream).await);
}

async fn stream_is_quiet(stream: &mut super::support::Stream<tokio::io::DuplexStream>) -> bool {
    stream.is_silent(Duration::from_secs(3)).await
}

#[tokio::test(start_paused = true)]
async fn subscriptions_are_refused_ignored_and_answered_late() {
    let server = Server::start(quiet(false)).await;
    let approval = server.approval().await;
    let mut stream = server.stream().await;
    server.emulator.inject(Rule::once(Fault::SessionInUse));
    assert_eq!(
        stream.register(&approval, "H0STCNI0", "HTSDEMO1").await,
        "OPSP8996"
    );
    server
        .emulator
        .inject(Rule::once(Fault::RefuseSubscription("OPSP0007".into())));
    assert_eq!(
        stream.register(&approval, "H0STCNI0", "HTSDEMO1").await,
        "OPSP0007"
    );
    server.emulator.inject(Rule::once(Fault::NoAck));
    stream
        .send(&super::support::registration(
            &approval, "1", "H0STCNI0", "HTSDEMO1",
        ))
        .await;
    assert!(stream_is_quiet(&mut stream).await);
    server.buy("00", 1, 70_000).await;
    assert!(
        stream_is_quiet(&mut stream).await,
        "an unconfirmed subscription is none"
    );
    server
        .emulator
        .inject(Rule::once(Fault::LateAck(Duration::from_secs(2))));
    stream
        .send(&super::support::registration(
            &approval, "1", "H0STCNI0", "HTSDEMO1",
        ))
        .await;
    tokio::time::sleep(Duration::from_millis(10)).await;
    server.buy("00", 1, 70_000).await;
    let early = stream.text().await.unwrap();
    assert!(
        early.starts_with("1|H0STCNI0|"),
        "the notice is ahead of its key: {early}"
    );
    assert_eq!(stream.answer().await, "OPSP0000");
    assert!(stream.opened(&early).is_some());
}

#[tokio::test(start_paused = true)]
async fn frames_are_stalled_widened_miscounted_and_torn() {
    use tokio_tungstenite::tungstenite::Message;

    let server = Server::start(settings(false)).await;
    let approval = server.approval().await;
    let mut stream = server.stream().await;
    stream.register(&approval, "H0STCNT0", SAMSUNG).await;
    stream.register(&approval, "H0STASP0", "000660").await;
    server.emulator.inject(Rule::once(Fault::WiderRecords(5)));
    let widths = async |stream: &mut super::support::Stream<_>, tr_id: &str| {
        stream
            .records(tr_id)
            .await
            .iter()
            .map(Vec::len)
            .collect::<Vec<_>>()
    };
    let mut wide = false;
    for _ in 0..4 {
        let text = stream.text().await.unwrap();
        let values = text.matches('^').count() + 1;
        let records: usize = text.split('|').nth(2).unwrap().parse().unwrap();
        wide |= values / records == 52 || values == 68;
    }
    assert!(wide, "one frame had five values more a record");
    server.emulator.inject(Rule::once(Fault::WrongCount));
    let mut wrong = false;
    for _ in 0..4 {
        let text = stream.text().await.unwrap();
        let values = text.matches('^').count() + 1;
        let records: usize = text.split('|').nth(2).unwrap().parse().unwrap();
        wrong |= values % records != 0;
    }
    assert!(wrong);
    // Fragments are put together by any WebSocket; a binary frame is not a text.
    server.emulator.inject(Rule::once(Fault::Fragment));
    assert!(!widths(&mut stream, "H0STCNT0").await.is_empty());
    server.emulator.inject(Rule::once(Fault::Binary));
    loop {
        if let Message::Binary(bytes) = stream.next().await.unwrap() {
            assert!(bytes.starts_with(b"0|H0ST"));
            break;
        }
    }
    server.emulator.inject(Rule::once(Fault::Stall));
    let mut last = std::collections::BTreeMap::new();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(60) {
        let text = stream.text().await.unwrap();
        last.insert(text.split('|').nth(1).unwrap().to_owned(), Instant::now());
    }
    let silent = ["H0STCNT0", "H0STASP0"].iter().filter(|feed| {
        last.get(**feed)
            .is_none_or(|at| begun.elapsed() - (*at - begun) > Duration::from_secs(50))
    });
    assert_eq!(
        silent.count(),
        1,
        "one feed stalls, the other goes on: {last:?}"
    );
    server.emulator.inject(Rule::once(Fault::CloseStream));
    while stream.text().await.is_some() {}
    assert_eq!(server.emulator.sessions().0, 0);
}

#[tokio::test(start_paused = true)]
async fn a_bad_day_repeats_by_its_seed() {
    let day = async |seed: u64| {
        let mut settings = quiet(false);
        settings.seed = seed;
        settings.faults = Rule::bad_day();
        let server = Server::without_token(settings);
        let mut said = Vec::new();
        for _ in 0..60 {
            let body = server.login();
            let mut http = Http::new(server.dial().await);
            http.send(&super::support::request(
                "POST",
                "/oauth2/tokenP",
                &[],
                &body,
            ))
            .await;
            said.push(http.rest(Duration::from_millis(10)).await.len());
        }
        (said, server.emulator.struck(), server.emulator.counts())
    };
    let first = day(3).await;
    assert_eq!(first, day(3).await);
    assert_ne!(first.0, day(4).await.0);
    assert!(!first.1.is_empty());
}
