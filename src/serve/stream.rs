//! The socket of a connection: reports what happens on it, and closes without losing the answer.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};

use super::pulse::Pulse;

/// A TCP stream that tells its [`Pulse`] of reads and writes.
#[derive(Debug)]
pub(super) struct Stream {
    tcp: TcpStream,
    pulse: Arc<Pulse>,
    closing: Closing,
}

#[derive(Debug)]
enum Closing {
    NotYet,
    /// Our side is shut; what the peer still sends is read and thrown away. Closing a socket that holds unread bytes
    /// resets it, and a reset can overtake the 413 or 431 that the peer has not read.
    Lingering {
        until: Pin<Box<Sleep>>,
        left: usize,
    },
    Done,
}

impl Stream {
    pub(super) const fn new(tcp: TcpStream, pulse: Arc<Pulse>) -> Self {
        Self {
            tcp,
            pulse,
            closing: Closing::NotYet,
        }
    }

    fn note(&self, written: &Poll<io::Result<usize>>) {
        match written {
            Poll::Pending => self.pulse.stalled(),
            Poll::Ready(_) => self.pulse.wrote(),
        }
    }

    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut scrap = [0; 8 * 1024];
        while let Closing::Lingering { until, left } = &mut self.closing {
            let mut buf = ReadBuf::new(&mut scrap);
            let read = Pin::new(&mut self.tcp).poll_read(cx, &mut buf);
            if read.is_pending() {
                ready!(until.as_mut().poll(cx));
            }
            *left = left.saturating_sub(buf.filled().len());
            if *left == 0 || buf.filled().is_empty() {
                self.closing = Closing::Done;
            }
        }
        Poll::Ready(())
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.tcp).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.pulse.heard();
        }
        read
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.tcp).poll_write(cx, buf);
        self.note(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.tcp).poll_write_vectored(cx, bufs);
        self.note(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if matches!(self.closing, Closing::NotYet) {
            ready!(Pin::new(&mut self.tcp).poll_shutdown(cx))?;
            self.closing = if self.pulse.close() {
                Closing::Lingering {
                    until: Box::pin(sleep(LINGER)),
                    left: LINGER_BYTES,
                }
            } else {
                Closing::Done
            };
        }
        self.poll_linger(cx).map(Ok)
    }
}

/// How long to go on reading after the last answer.
pub(super) const LINGER: Duration = Duration::from_secs(2);

/// How much to throw away after the last answer.
const LINGER_BYTES: usize = 16 * 1024 * 1024;
