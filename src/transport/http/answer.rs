//! Reading an answer: whole and bounded, or a cut.

use std::error::Error as _;
use std::future::Future;
use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{HeaderName, TRANSFER_ENCODING};
use http::{HeaderMap, Response};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use super::Cut;

/// How long the server keeps an idle connection, where it says so: `Keep-Alive: timeout=5`.
const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");

/// Status, headers and the whole body.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// What an answer is held to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    /// Bytes of body.
    pub(super) body_max: usize,
    /// Whether the end of the connection is protected, as TLS does: then it may end an answer.
    pub(super) end_is_proof: bool,
}

pub(super) async fn read_answer(
    response: impl Future<Output = hyper::Result<Response<Incoming>>>,
    terms: Terms,
) -> Result<Answer, Cut> {
    let (head, mut body) = response.await.map_err(|error| cut(&error))?.into_parts();
    let announced = body.size_hint().exact();
    if announced.is_none() && !terms.end_is_proof && !is_chunked(&head.headers) {
        return Err(Cut::Endless);
    }
    let limit = terms.body_max;
    let fits = |length: u64| usize::try_from(length).is_ok_and(|length| length <= limit);
    if !announced.is_none_or(fits) {
        return Err(Cut::TooLarge { limit });
    }

    // Most answers are one piece, which is handed on as it is.
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame.map_err(|error| cut(&error))?.into_data() else {
            continue;
        };
        if first.len() + whole.len() + piece.len() > limit {
            return Err(Cut::TooLarge { limit });
        }
        if whole.is_empty() && first.is_empty() {
            first = piece;
        } else {
            whole.extend_from_slice(&std::mem::take(&mut first));
            whole.extend_from_slice(&piece);
        }
    }
    let body = if whole.is_empty() {
        first
    } else {
        whole.freeze()
    };
    let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
    if announced.is_some_and(|announced| announced != length) {
        return Err(Cut::Closed);
    }
    Ok(Answer {
        status: head.status.as_u16(),
        headers: head.headers,
        body,
    })
}

/// Whether the last transfer coding is `chunked`, whose end is marked.
fn is_chunked(headers: &HeaderMap) -> bool {
    headers
        .get_all(TRANSFER_ENCODING)
        .iter()
        .next_back()
        .and_then(|value| value.to_str().ok())
        .and_then(|codings| codings.rsplit(',').next())
        .is_some_and(|last| last.trim().eq_ignore_ascii_case("chunked"))
}

fn cut(error: &hyper::Error) -> Cut {
    if error.is_parse() {
        return Cut::Malformed;
    }
    let io = error
        .source()
        .and_then(|source| source.downcast_ref::<io::Error>());
    match io.map(io::Error::kind) {
        None | Some(io::ErrorKind::UnexpectedEof) => Cut::Closed,
        Some(kind) => Cut::Io(kind),
    }
}

/// How long the server says that it keeps the connection while nothing happens.
pub(super) fn kept_for(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(KEEP_ALIVE)?.to_str().ok()?;
    let timeout = value.split(',').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("timeout").then_some(value)
    })?;
    timeout.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(name: HeaderName, values: &[&'static str]) -> HeaderMap {
        let values = values.iter().copied().map(HeaderValue::from_static);
        values.map(|value| (name.clone(), value)).collect()
    }

    #[test]
    fn the_last_coding_decides() {
        for (values, chunked) in [
            (&["chunked"][..], true),
            (&["gzip, Chunked"], true),
            (&["gzip", "chunked"], true),
            (&["chunked, gzip"], false),
            (&["chunked", "gzip"], false),
            (&["chunkedd"], false),
            (&[], false),
        ] {
            assert_eq!(
                is_chunked(&headers(TRANSFER_ENCODING, values)),
                chunked,
                "{values:?}"
            );
        }
    }

    #[test]
    fn the_servers_own_timeout_is_read() {
        for (value, seconds) in [
            ("timeout=5, max=100", Some(5)),
            ("max=100, Timeout = 60", Some(60)),
            ("timeout=", None),
            ("timeout=-1", None),
            ("timeout=99999999999999999999", None),
            ("5", None),
        ] {
            let kept = kept_for(&headers(KEEP_ALIVE, &[value]));
            assert_eq!(kept, seconds.map(Duration::from_secs), "{value}");
        }
        assert_eq!(kept_for(&HeaderMap::new()), None);
    }
}
