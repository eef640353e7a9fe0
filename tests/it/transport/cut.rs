//! The request and the answer are cut at each of their bytes; what comes of it is classified by what left, and by
//! nothing else.

use std::sync::atomic::Ordering;

use gwanmun::transport::{Cut, Exchange, NotSent};
use tokio::io::AsyncWriteExt;

use super::support::*;

/// The length of the order's request, as written.
async fn request_len() -> usize {
    let (wire, accepted) = Wire::new();
    serve(accepted, ok("{}"));
    answered(lines(&wire).exchange(order(), soon()).await);
    wire.writes().iter().sum()
}

/// S4, S5: cut at each byte of the request. No byte is proof that nothing was sent; any byte is none, whether or not the
/// rest followed. The peer never sees a whole request before the last byte, and never two.
#[tokio::test(start_paused = true)]
async fn a_request_cut_at_each_byte() {
    let whole = request_len().await;
    for k in 0..=whole {
        let (wire, mut accepted) = Wire::new();
        wire.cut(Cuts {
            written: k,
            ..Cuts::NONE
        });
        let peer = tokio::spawn(async move {
            let mut stream = accepted.recv().await.unwrap();
            let mut buffer = Vec::new();
            let request = read_request(&mut stream, &mut buffer).await;
            // Silent: the connection ends with the reading of it.
            (request, buffer.len())
        });
        let lines = lines(&wire);
        let exchange = lines.exchange(order(), soon()).await;
        let (request, rest) = peer.await.unwrap();
        match k {
            0 => assert!(
                matches!(exchange, Exchange::NotSent(NotSent::Closed)),
                "{exchange:?}"
            ),
            _ => assert!(
                matches!(exchange, Exchange::Unknown(_)),
                "{k}: {exchange:?}"
            ),
        }
        assert_eq!(request.is_some(), k == whole, "{k}");
        assert_eq!(rest, if k == whole { 0 } else { k });
        assert_eq!(wire.opened(), 1, "nothing is tried again");
        until("the line ends", || lines.open() == 0).await;
    }
}

/// S6, S7: cut at each byte of the answer. Only the whole of it is an answer; whatever came before is unknown, also when
/// the visible part tells of success.
async fn cut_answers(answer: &str, whole_at: usize) {
    for k in 0..=answer.len() {
        let (wire, accepted) = Wire::new();
        wire.cut(Cuts {
            read: k,
            ..Cuts::NONE
        });
        let requests = serve(accepted, answer);
        let lines = lines(&wire);
        let exchange = lines.exchange(order(), soon()).await;
        if k >= whole_at {
            let reply = answered(exchange);
            assert_eq!(
                (reply.status, &reply.body[..]),
                (200, &b"{\"rt_cd\":\"0\"}"[..])
            );
        } else {
            assert!(
                matches!(exchange, Exchange::Unknown(_)),
                "{k}: {exchange:?}"
            );
        }
        assert_eq!(requests.load(Ordering::SeqCst), 1);
        assert_eq!(wire.opened(), 1);
        // The end of the stream has come, or will: such a line serves nobody any more.
        until("the line ends", || lines.open() == 0).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_announced_length_cut_at_each_byte() {
    let answer = ok(r#"{"rt_cd":"0"}"#);
    // The stream ends where it should: the cut behind the last byte is none.
    cut_answers(&answer, answer.len()).await;
}

#[tokio::test(start_paused = true)]
async fn a_chunked_answer_cut_at_each_byte() {
    let answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                  6\r\n{\"rt_c\r\n7\r\nd\":\"0\"}\r\n0\r\n\r\n";
    cut_answers(answer, answer.len()).await;
}

/// Without a length the end of a plain connection is no proof of the answer's end, wherever it comes.
#[tokio::test(start_paused = true)]
async fn an_answer_without_a_length_is_never_whole() {
    let answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"rt_cd\":\"0\"}";
    cut_answers(answer, answer.len() + 1).await;
}

/// S7, L9, X7: answers that are not what they say.
#[tokio::test(start_paused = true)]
async fn answers_that_are_not_http_or_too_long_are_unknown() {
    let long_head = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(1 << 20));
    type Expected = fn(&Cut) -> bool;
    let cases: [(&str, Expected); 7] = [
        ("\u{1b}[2J<html>", |cut| matches!(cut, Cut::Malformed)),
        ("HTTP/2 200 OK\r\n\r\n", |cut| matches!(cut, Cut::Malformed)),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
            |cut| matches!(cut, Cut::Malformed),
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", |cut| {
            matches!(cut, Cut::Malformed)
        }),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
            |cut| matches!(cut, Cut::Io(_) | Cut::Malformed),
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 4194305\r\n\r\n",
            |cut| matches!(cut, Cut::TooLarge { limit: 4_194_304 }),
        ),
        (&long_head, |cut| matches!(cut, Cut::Malformed)),
    ];
    for (answer, expected) in cases {
        let (wire, accepted) = Wire::new();
        serve(accepted, answer);
        let lines = lines(&wire);
        let shown = &answer[..answer.len().min(60)];
        match lines.exchange(order(), soon()).await {
            Exchange::Unknown(cut) => assert!(expected(&cut), "{shown}: {cut:?}"),
            other => panic!("{shown}: {other:?}"),
        }
        until("the line ends", || lines.open() == 0).await;
    }
}

/// L9: a peer that sends without end is cut off at the bound.
#[tokio::test(start_paused = true)]
async fn an_endless_chunked_answer_ends_at_the_bound() {
    let (wire, mut accepted) = Wire::new();
    let peer = tokio::spawn(async move {
        let mut stream = accepted.recv().await.unwrap();
        read_request(&mut stream, &mut Vec::new()).await.unwrap();
        let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        stream.write_all(head).await.unwrap();
        let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
        let mut sent = 0_usize;
        while stream.write_all(chunk.as_bytes()).await.is_ok() {
            sent += 0x10000;
        }
        sent
    });
    let exchange = lines(&wire).exchange(order(), soon()).await;
    assert!(
        matches!(exchange, Exchange::Unknown(Cut::TooLarge { .. })),
        "{exchange:?}"
    );
    // Less than what the stream itself buffers beyond the bound.
    let sent = peer.await.unwrap();
    assert!((4 << 20..6 << 20).contains(&sent), "{sent}");
}

/// S11, S16, X5: any whole answer is one, whatever its status; redirects are not followed.
#[tokio::test(start_paused = true)]
async fn every_status_is_an_answer_and_none_is_followed() {
    for status in [301, 302, 307, 308, 400, 403, 404, 429, 500, 502, 503, 504] {
        let body = "<html>moved</html>";
        let answer = format!(
            "HTTP/1.1 {status} X\r\nLocation: http://elsewhere.test/\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let (wire, accepted) = Wire::new();
        let requests = serve(accepted, answer);
        let reply = answered(lines(&wire).exchange(order(), soon()).await);
        assert_eq!((reply.status, &reply.body[..]), (status, body.as_bytes()));
        assert_eq!((requests.load(Ordering::SeqCst), wire.opened()), (1, 1));
    }
}
