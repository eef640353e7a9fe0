//! HTTP/1.1 as a server needs it whose answers must be exact to the byte: requests are read, answers are written with
//! their header names as given.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};

use crate::domain::Timestamp;

/// The longest request head.
const HEAD_MAX: usize = 32 * 1024;
/// The longest request body.
const BODY_MAX: usize = 1024 * 1024;
const HEADERS_MAX: usize = 64;

/// A request, whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: String,
    /// Without the query.
    pub(super) path: String,
    /// As it came, percent-encoded.
    pub(super) query: String,
    /// Names in lower case, in their order.
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Request {
    /// A header by its name in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether the client wants the connection closed after the answer.
    pub(super) fn is_last(&self) -> bool {
        self.header("connection")
            .is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }

    /// The key of a WebSocket handshake, if that is what it is.
    pub(super) fn websocket_key(&self) -> Option<&str> {
        let upgrade = self.header("upgrade")?;
        if !upgrade.eq_ignore_ascii_case("websocket") {
            return None;
        }
        self.header("sec-websocket-key")
    }
}

/// Why no request came.
#[derive(Debug)]
pub(super) enum ReadError {
    /// The connection ended between two requests.
    Ended,
    /// The connection ended, or broke, in the middle of one.
    Torn,
    /// What came is not HTTP/1.1, or larger than is taken.
    Malformed,
}

impl From<io::Error> for ReadError {
    fn from(_: io::Error) -> Self {
        Self::Torn
    }
}

/// Reads requests off a connection.
#[derive(Debug, Default)]
pub(super) struct Reader {
    buffer: Vec<u8>,
}

impl Reader {
    /// The next request.
    pub(super) async fn next(
        &mut self,
        io: &mut (impl AsyncRead + Unpin),
    ) -> Result<Request, ReadError> {
        let (mut request, head_len) = loop {
            if let Some(parsed) = parse_head(&self.buffer)? {
                break parsed;
            }
            if self.buffer.len() > HEAD_MAX {
                return Err(ReadError::Malformed);
            }
            if self.fill(io).await? == 0 {
                return Err(match self.buffer.is_empty() {
                    true => ReadError::Ended,
                    false => ReadError::Torn,
                });
            }
        };
        self.buffer.drain(..head_len);
        request.body = match body_kind(&request)? {
            BodyKind::Length(len) => {
                while self.buffer.len() < len {
                    if self.fill(io).await? == 0 {
                        return Err(ReadError::Torn);
                    }
                }
                self.buffer.drain(..len).collect()
            }
            BodyKind::Chunked => self.chunks(io).await?,
        };
        Ok(request)
    }

    /// What was read beyond the last request.
    pub(super) fn into_rest(self) -> Vec<u8> {
        self.buffer
    }

    async fn chunks(&mut self, io: &mut (impl AsyncRead + Unpin)) -> Result<Vec<u8>, ReadError> {
        let mut body = Vec::new();
        loop {
            let parsed = httparse::parse_chunk_size(&self.buffer);
            let Ok(status) = parsed else {
                return Err(ReadError::Malformed);
            };
            if let httparse::Status::Complete((start, size)) = status {
                let size = usize::try_from(size).map_err(|_| ReadError::Malformed)?;
                if body.len().saturating_add(size) > BODY_MAX {
                    return Err(ReadError::Malformed);
                }
                // The chunk and the line end after it. The last chunk is empty; trailers are not taken.
                let end = start + size;
                while self.buffer.len() < end + 2 {
                    if self.fill(io).await? == 0 {
                        return Err(ReadError::Torn);
                    }
                }
                body.extend_from_slice(&self.buffer[start..end]);
                self.buffer.drain(..end + 2);
                if size == 0 {
                    return Ok(body);
                }
                continue;
            }
            if self.fill(io).await? == 0 {
                return Err(ReadError::Torn);
            }
        }
    }

    async fn fill(&mut self, io: &mut (impl AsyncRead + Unpin)) -> io::Result<usize> {
        io.read_buf(&mut self.buffer).await
    }
}

enum BodyKind {
    Length(usize),
    Chunked,
}

fn body_kind(request: &Request) -> Result<BodyKind, ReadError> {
    if let Some(coding) = request.header("transfer-encoding") {
        return match coding.eq_ignore_ascii_case("chunked") {
            true => Ok(BodyKind::Chunked),
            false => Err(ReadError::Malformed),
        };
    }
    let Some(text) = request.header("content-length") else {
        return Ok(BodyKind::Length(0));
    };
    let len = text.trim().parse().map_err(|_| ReadError::Malformed)?;
    if len > BODY_MAX {
        return Err(ReadError::Malformed);
    }
    Ok(BodyKind::Length(len))
}

/// The head, and its length, once it is there whole.
fn parse_head(bytes: &[u8]) -> Result<Option<(Request, usize)>, ReadError> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut head = httparse::Request::new(&mut headers);
    let len = match head.parse(bytes) {
        Ok(httparse::Status::Complete(len)) => len,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(_) => return Err(ReadError::Malformed),
    };
    let target = head.path.unwrap_or("/");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers = head
        .headers
        .iter()
        .map(|header| {
            let value = String::from_utf8_lossy(header.value);
            (header.name.to_ascii_lowercase(), value.trim().to_owned())
        })
        .collect();
    let request = Request {
        method: head.method.unwrap_or_default().to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        body: Vec::new(),
    };
    Ok(Some((request, len)))
}

/// An answer. Header names go out in the case they are given in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The bytes on the wire, with length and date.
    pub(super) fn to_bytes(&self, date: Timestamp) -> Vec<u8> {
        let mut bytes = self.head(date, Some(self.body.len()));
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// The head alone; without a length the caller frames the body.
    pub(super) fn head(&self, date: Timestamp, length: Option<usize>) -> Vec<u8> {
        let reason = reason(self.status);
        let mut head = format!("HTTP/1.1 {} {reason}\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if let Some(length) = length {
            head.push_str(&format!("Content-Length: {length}\r\n"));
        }
        head.push_str(&format!("Date: {}\r\n\r\n", http_date(date)));
        head.into_bytes()
    }
}

/// The date as HTTP writes it, to the second.
pub(super) fn http_date(at: Timestamp) -> String {
    const NANOS_PER_SECOND: i64 = 1_000_000_000;
    let seconds = at.nanos().div_euclid(NANOS_PER_SECOND);
    let since_epoch = std::time::Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    httpdate::fmt_http_date(std::time::UNIX_EPOCH + since_epoch)
}

const fn reason(status: u16) -> &'static str {
    match status {
        101 => "Switching Protocols",
        200 => "OK",
        302 => "Found",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bytes: &[u8]) -> Result<Request, ReadError> {
        let mut io = bytes;
        Reader::default().next(&mut io).await
    }

    #[tokio::test]
    async fn requests_are_the_same_however_they_arrive() {
        let bytes =
            b"POST /a/b?X=1&y=%41+b&z HTTP/1.1\r\nContent-Length: 4\r\nTR_ID: T\r\n\r\n{\"a\"GET";
        let whole = read(bytes).await.unwrap();
        assert_eq!(
            (whole.method.as_str(), whole.path.as_str()),
            ("POST", "/a/b")
        );
        assert_eq!(whole.query, "X=1&y=%41+b&z");
        assert_eq!(whole.header("tr_id"), Some("T"));
        assert_eq!(whole.body, b"{\"a\"");
        for cut in 1..bytes.len() {
            let (mut client, mut server) = tokio::io::duplex(1024);
            let (first, rest) = bytes.split_at(cut);
            use tokio::io::AsyncWriteExt;
            client.write_all(first).await.unwrap();
            let mut reader = Reader::default();
            let both = tokio::join!(reader.next(&mut server), async {
                tokio::task::yield_now().await;
                client.write_all(rest).await.unwrap();
                drop(client);
            });
            assert_eq!(both.0.unwrap(), whole, "cut at {cut}");
        }
    }

    #[tokio::test]
    async fn chunked_bodies_are_put_together() {
        let bytes =
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n";
        assert_eq!(read(bytes).await.unwrap().body, b"abcd");
    }

    #[tokio::test]
    async fn an_end_between_requests_is_not_a_torn_one() {
        assert!(matches!(read(b"").await, Err(ReadError::Ended)));
        assert!(matches!(read(b"GET / HT").await, Err(ReadError::Torn)));
        let short = b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc";
        assert!(matches!(read(short).await, Err(ReadError::Torn)));
        assert!(matches!(
            read(b"\x16\x03\x01\x02\x00\x01").await,
            Err(ReadError::Malformed)
        ));
        let huge = b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n";
        assert!(matches!(read(huge).await, Err(ReadError::Malformed)));
    }

    #[test]
    fn names_keep_their_case() {
        let answer = Answer {
            status: 500,
            headers: vec![("Content-Type", "a".into()), ("tr_id", "b".into())],
            body: b"xy".to_vec(),
        };
        let text =
            String::from_utf8(answer.to_bytes(Timestamp::from_nanos(784_111_777_000_000_000)));
        assert_eq!(
            text.unwrap(),
            "HTTP/1.1 500 Internal Server Error\r\nContent-Type: a\r\ntr_id: b\r\nContent-Length: 2\r\n\
             Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\nxy"
        );
    }
}
