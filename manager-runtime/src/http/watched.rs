//! A socket that ends by itself: when nothing comes any more, when a head comes too slowly, when nobody
//! takes what is written, and when what comes carries nothing.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::edge::Pace;
use crate::http::activity::Activity;
use crate::http::frames::Frames;
use crate::http::site::SiteLimits;

/// How long a connection of HTTP/1 stays ready for its next request, with the buffers of the last one. A
/// client that asks again within that time finds everything in place; for any other one, making it anew is
/// nothing beside the time it was away.
const READY: Duration = Duration::from_millis(200);

/// How much is read to see whether anything comes, before there is a buffer.
const FIRST: usize = 1024;

/// A socket that ends by itself: after `keep_alive` without a request; when the head of a request
/// takes longer than `head_timeout` from its first byte; and when the client takes less of an answer than it
/// has to. A head whose first bytes came in one piece with the request before it lies in hyper's buffer,
/// where nobody sees it until the connection rests; its time begins then. One timer for all that is read: it
/// is not touched per request, it looks again when it fires.
pub(super) struct Watched<S> {
    stream: S,
    activity: Arc<Activity>,
    limits: Limits,
    http: Http,
    timer: Option<Timer>,
    /// What was read before there was anybody to read it.
    early: Bytes,
    /// What is written, as far as it is waited for.
    written: Written,
}

#[derive(Clone, Copy)]
struct Limits {
    keep_alive: Duration,
    head_timeout: Duration,
    pause: Duration,
    min_rate: u64,
}

/// What there is to know of the version that is spoken.
enum Http {
    One {
        /// The head that is being read: how many requests had begun before it, and since when it is late.
        head: Option<(u64, Option<Instant>)>,
        /// How many requests had begun when it was last said that nothing comes.
        rested: u64,
    },
    Two {
        frames: Box<Frames>,
        /// When it is looked next at the answers that wait to be taken.
        look: Instant,
    },
}

#[derive(Default)]
struct Written {
    /// Since when the client takes nothing.
    waits_since: Option<Instant>,
    pace: Pace,
    timer: Option<Timer>,
}

/// What becomes of a connection on which nothing comes.
enum Then {
    /// It need not be ready any more.
    Rest,
    /// It ends between two requests.
    Idle,
    /// It ends within a head.
    SlowHead,
    /// It is looked again.
    Look,
}

impl<S> Watched<S> {
    pub(super) fn http1(stream: S, activity: Arc<Activity>, limits: &SiteLimits) -> Self {
        Self::new(stream, activity, limits, Http::One { head: None, rested: 0 })
    }

    pub(super) fn http2(stream: S, activity: Arc<Activity>, limits: &SiteLimits) -> Self {
        let look = Instant::now() + limits.body_timeout;
        Self::new(stream, activity, limits, Http::Two { frames: Box::new(Frames::new()), look })
    }

    fn new(stream: S, activity: Arc<Activity>, limits: &SiteLimits, http: Http) -> Self {
        let limits = Limits {
            keep_alive: limits.keep_alive,
            head_timeout: limits.head_timeout,
            pause: limits.body_timeout,
            min_rate: limits.min_rate,
        };
        let (early, written) = (Bytes::new(), Written::default());
        Watched { stream, activity, limits, http, timer: None, early, written }
    }

    /// Puts back what was read, to be read again. It is the beginning of a head, whose time begins now.
    pub(super) fn put_back(&mut self, bytes: Bytes) {
        if bytes.is_empty() {
            return;
        }
        if let Http::One { head, .. } = &mut self.http {
            *head = Some((self.activity.begun(), None));
        }
        // A copy, so that the whole buffer is not kept for it.
        self.early = Bytes::copy_from_slice(&bytes);
    }

    /// Bytes have come.
    fn note_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.http {
            Http::One { head, .. } => {
                if !bytes.is_empty() && !self.activity.is_busy() {
                    let begun = self.activity.begun();
                    if head.is_none_or(|(before, _)| before != begun) {
                        *head = Some((begun, None));
                    }
                }
            }
            Http::Two { frames, .. } => {
                if !frames.read(bytes) {
                    let edge = self.activity.edge();
                    edge.floods.one();
                    if edge.may_tell() {
                        tracing::warn!("a client floods its connection with frames; it ends");
                    }
                    return Err(io::ErrorKind::InvalidData.into());
                }
            }
        }
        Ok(())
    }

    /// Nothing to read now: ready when the connection has to end for that, and how.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.activity.is_handed_over() {
            return Poll::Pending;
        }
        // As long as the timer sleeps, nothing is over but perhaps a head, which has less time.
        if self.timer.as_ref().is_some_and(|timer| timer.sleeps(cx)) && !self.reads_a_head() {
            return Poll::Pending;
        }
        loop {
            let (deadline, then) = self.deadline();
            let timer = self.timer.get_or_insert_with(|| Timer::new(deadline));
            if timer.sleep.deadline() > deadline {
                timer.reset(deadline);
            }
            ready!(timer.poll(cx));
            if Instant::now() >= deadline {
                match self.pass(then) {
                    Some(end) => return Poll::Ready(end),
                    None => continue,
                }
            }
            timer.reset(deadline);
        }
    }

    /// The time for it has come: how the connection ends, if it does.
    fn pass(&mut self, then: Then) -> Option<io::Result<()>> {
        let edge = self.activity.edge();
        match (then, &mut self.http) {
            (Then::Rest, Http::One { rested, .. }) => {
                *rested = self.activity.begun();
                self.activity.rest();
                None
            }
            (Then::Look, Http::Two { look, .. }) => {
                *look = Instant::now() + self.limits.pause;
                if !self.activity.has_old_tails() {
                    return None;
                }
                edge.slow_readers.one();
                Some(Err(io::ErrorKind::TimedOut.into()))
            }
            (Then::SlowHead, _) => {
                edge.slow_heads.one();
                Some(Err(io::ErrorKind::TimedOut.into()))
            }
            // An end of the stream: between two requests that is a clean close.
            (Then::Idle, _) => {
                edge.idle.one();
                Some(Ok(()))
            }
            (Then::Rest | Then::Look, _) => None,
        }
    }

    fn reads_a_head(&self) -> bool {
        match self.http {
            Http::One { head: Some((before, _)), .. } => before == self.activity.begun(),
            _ => false,
        }
    }

    /// When it has to be looked again, and for what.
    fn deadline(&mut self) -> (Instant, Then) {
        // What is written and not taken yet is still being answered.
        let is_busy = self.activity.is_busy() || self.written.waits_since.is_some();
        let begun = self.activity.begun();
        let idle = self.activity.idle_since() + self.limits.keep_alive;
        match &mut self.http {
            // A request is being answered, and nothing ends. The timer has to run all the same: hyper may
            // not read again when the answer is written, and somebody has to look then.
            Http::One { .. } if is_busy => {
                (Instant::now() + self.limits.keep_alive.min(READY), Then::Look)
            }
            Http::One { head, rested } => {
                if let Some((before, since)) = head
                    && *before == begun
                {
                    let since = *since.get_or_insert_with(Instant::now);
                    return (since + self.limits.head_timeout, Then::SlowHead);
                }
                *head = None;
                let rest = self.activity.idle_since() + READY;
                if begun > *rested && rest < idle { (rest, Then::Rest) } else { (idle, Then::Idle) }
            }
            Http::Two { look, .. } if is_busy || *look < idle => (*look, Then::Look),
            Http::Two { .. } => (idle, Then::Idle),
        }
    }
}

impl<S: AsyncRead + Unpin> Watched<S> {
    /// Waits without a buffer for the next bytes, which are then there to be read; `false` if the connection
    /// ends instead.
    pub(super) async fn hears_more(&mut self) -> bool {
        if !self.early.is_empty() {
            return true;
        }
        let read = poll_fn(|cx| {
            // On the stack, and only while it is looked.
            let mut first = [0; FIRST];
            let mut buffer = ReadBuf::new(&mut first);
            ready!(Pin::new(&mut *self).poll_read(cx, &mut buffer))?;
            Poll::Ready(io::Result::Ok(Bytes::copy_from_slice(buffer.filled())))
        });
        match read.await {
            Ok(bytes) if !bytes.is_empty() => {
                self.early = bytes;
                true
            }
            _ => false,
        }
    }
}

impl<S> Watched<S> {
    /// What came of an attempt to write.
    fn poll_written(
        &mut self,
        polled: Poll<io::Result<usize>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        match polled {
            Poll::Ready(Ok(count)) => {
                if let Some(since) = self.written.waits_since.take() {
                    self.written.pace.came(since.elapsed(), count as u64, self.limits.min_rate);
                }
                if let Http::Two { frames, .. } = &mut self.http {
                    frames.wrote(count);
                }
                Poll::Ready(Ok(count))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => self.poll_unread(cx),
        }
    }

    /// The client takes nothing now: ready when it has had its time.
    fn poll_unread(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let written = &mut self.written;
        let since = *written.waits_since.get_or_insert_with(Instant::now);
        let deadline = since + written.pace.patience(self.limits.pause);
        let timer = written.timer.get_or_insert_with(|| Timer::new(deadline));
        if timer.sleep.deadline() != deadline {
            timer.reset(deadline);
        }
        ready!(timer.poll(cx));
        self.activity.edge().slow_readers.one();
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

/// A timer that is asked at every request and hardly ever set.
struct Timer {
    sleep: Pin<Box<Sleep>>,
    /// Whom it wakes, once it was polled.
    wakes: Option<Waker>,
}

impl Timer {
    fn new(deadline: Instant) -> Self {
        Timer { sleep: Box::pin(sleep_until(deadline)), wakes: None }
    }

    fn reset(&mut self, deadline: Instant) {
        self.sleep.as_mut().reset(deadline);
        self.wakes = None;
    }

    /// Whether it is not over yet and will wake this task: then there is nothing to poll.
    fn sleeps(&self, cx: &Context<'_>) -> bool {
        self.wakes.as_ref().is_some_and(|waker| waker.will_wake(cx.waker()))
            && !self.sleep.is_elapsed()
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.wakes = Some(cx.waker().clone());
        self.sleep.as_mut().poll(cx)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.activity.is_over() {
            return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
        }
        if !self.early.is_empty() {
            let count = self.early.len().min(buffer.remaining());
            buffer.put_slice(self.early.get(..count).unwrap_or_default());
            self.early.advance(count);
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(cx, buffer) {
            Poll::Ready(Ok(())) => {
                Poll::Ready(self.note_bytes(buffer.filled().get(before..).unwrap_or_default()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => self.poll_end(cx),
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.poll_written(polled, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.poll_written(polled, cx)
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
