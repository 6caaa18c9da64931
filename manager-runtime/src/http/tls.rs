//! A connection over TLS, up to the point where HTTP begins.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::http::site::{Site, SiteLimits};
use crate::shutdown::Phase;
use crate::tls::{Hello, Protocol, Secured, Stream, Tls};

/// How long a client that has begun to open TLS may go on with it when the manager drains: it is about to
/// send a request.
const LAST_HANDSHAKE: Duration = Duration::from_secs(2);

/// For who speaks HTTP to a port that speaks TLS.
const PLAIN: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: 87\r\n\
    Connection: close\r\n\r\n\
    {\"status\":\"error\",\"message\":\"this port speaks TLS: its address begins with `https://`\"}";

/// How much of what such a client sends is read, so that it reads the answer.
const LINGER: u64 = 64 * 1024;

/// Opens TLS with a client; `None` if that comes to nothing. `idle` ends when a client that has said nothing
/// yet is to be closed.
pub(super) async fn open(
    stream: TcpStream,
    address: SocketAddr,
    tls: &Tls,
    site: &Site,
    idle: impl Future<Output = ()>,
) -> Option<Secured> {
    let late = Instant::now() + site.limits().handshake_timeout;
    let greeted = tokio::select! {
        // What comes with the end of the time is still in time.
        biased;
        greeted = timeout_at(late, greet(stream, tls)) => greeted,
        () = idle => return None,
    };
    let outcome = match greeted {
        Ok(Ok(Some(hello))) => tokio::select! {
            biased;
            finished = timeout_at(late, tls.finish(hello)) => finished,
            () = drained(site) => return None,
        },
        Ok(Ok(None)) => return None,
        Ok(Err(error)) => Ok(Err(error)),
        Err(late) => Err(late),
    };
    match outcome {
        Ok(Ok(secured)) => Some(secured),
        Ok(Err(error)) => {
            tracing::debug!(peer = %address, %error, "a client did not open TLS");
            None
        }
        Err(_) => {
            tracing::debug!(peer = %address, "a client did not open TLS in time");
            None
        }
    }
}

/// Waits for the hello of a client, unless it speaks HTTP: TLS begins with the number 22 (RFC 8446, section
/// 5.1), and a method with a letter.
async fn greet(mut stream: TcpStream, tls: &Tls) -> io::Result<Option<Hello>> {
    let mut first = [0];
    if stream.peek(&mut first).await? == 0 {
        return Ok(None);
    }
    if first[0].is_ascii_uppercase() {
        stream.write_all(PLAIN).await?;
        stream.shutdown().await?;
        tokio::io::copy(&mut stream.take(LINGER), &mut tokio::io::sink()).await?;
        return Ok(None);
    }
    tls.hello(stream).await.map(Some)
}

/// The end of the time in which a client that opens TLS may still do so.
async fn drained(site: &Site) {
    site.life().reaches(Phase::Draining).await;
    tokio::select! {
        () = sleep(LAST_HANDSHAKE) => {}
        () = site.life().reaches(Phase::Cut) => {}
    }
}

/// A stream of which the beginning was read already.
pub(super) struct Begun {
    /// What was read, and how much of it has been given again.
    start: [u8; 4],
    read: usize,
    given: usize,
    stream: Stream,
}

impl Begun {
    pub(super) fn new(stream: Stream) -> Self {
        Begun { start: [0; 4], read: 0, given: 0, stream }
    }

    /// Whether it is HTTP/2 that is spoken: agreed on, or begun by the client with its preface.
    pub(super) async fn speaks_http2(
        &mut self,
        agreed: Protocol,
        limits: &SiteLimits,
    ) -> io::Result<bool> {
        const PREFACE: &[u8; 4] = b"PRI ";
        match agreed {
            Protocol::Http1 => return Ok(false),
            Protocol::Http2 => return Ok(true),
            Protocol::Unsaid => {}
        }
        timeout(limits.keep_alive, self.read_more()).await??;
        let late = Instant::now() + limits.head_timeout;
        while self.start[..self.read] == PREFACE[..self.read] {
            if self.read == PREFACE.len() {
                return Ok(true);
            }
            timeout_at(late, self.read_more()).await??;
        }
        Ok(false)
    }

    async fn read_more(&mut self) -> io::Result<()> {
        match self.stream.read(&mut self.start[self.read..]).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            more => {
                self.read += more;
                Ok(())
            }
        }
    }
}

impl AsyncRead for Begun {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.given < this.read {
            let rest = &this.start[this.given..this.read];
            let count = rest.len().min(buffer.remaining());
            buffer.put_slice(&rest[..count]);
            this.given += count;
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut this.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Begun {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
