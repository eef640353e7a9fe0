//! Our streams as hyper wants them.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hyper::rt::ReadBufCursor;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::transport::stream::Stream;

/// The most that is read at once: a TLS record.
const READ_MAX: usize = 16 * 1024;

/// A stream for hyper. What is read passes through a buffer, since hyper's own may only be filled in place by unsafe code.
#[derive(Debug)]
pub(super) struct HyperIo<Io> {
    stream: Stream<Io>,
    buffer: Box<[u8]>,
}

impl<Io> HyperIo<Io> {
    pub(super) fn new(stream: Stream<Io>) -> Self {
        Self {
            stream,
            buffer: vec![0; READ_MAX].into(),
        }
    }
}

impl<Io: AsyncRead + AsyncWrite + Unpin> hyper::rt::Read for HyperIo<Io> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut cursor: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let room = cursor.remaining().min(this.buffer.len());
        let mut read = ReadBuf::new(&mut this.buffer[..room]);
        ready!(Pin::new(&mut this.stream).poll_read(cx, &mut read))?;
        cursor.put_slice(read.filled());
        Poll::Ready(Ok(()))
    }
}

/// Not vectored: hyper then joins head and body, and they leave in one write.
impl<Io: AsyncRead + AsyncWrite + Unpin> hyper::rt::Write for HyperIo<Io> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
