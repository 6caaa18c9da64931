//! A socket that ends by itself: when nothing comes any more, and when a head comes too slowly.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::body::Unread;

/// What happens on a connection, shared by its socket and its requests.
pub(super) struct Activity {
    opened: Instant,
    /// Requests that are being answered.
    active: AtomicUsize,
    /// Requests that have begun.
    begun: AtomicU64,
    /// When the last one ended, in milliseconds after the connection was opened.
    idle_since: AtomicU64,
    /// Of HTTP/1.1, where one request follows another.
    unread: Arc<Unread>,
    /// HTTP has ended, and what follows has times of its own.
    handed_over: AtomicBool,
}

impl Activity {
    pub(super) fn new() -> Self {
        Activity {
            opened: Instant::now(),
            active: AtomicUsize::new(0),
            begun: AtomicU64::new(0),
            idle_since: AtomicU64::new(0),
            unread: Arc::default(),
            handed_over: AtomicBool::new(false),
        }
    }

    pub(super) fn begin(self: &Arc<Self>) -> Busy {
        self.active.fetch_add(1, Ordering::Relaxed);
        self.begun.fetch_add(1, Ordering::Relaxed);
        self.unread.reset();
        Busy(self.clone())
    }

    fn idle_since(&self) -> Instant {
        self.opened + Duration::from_millis(self.idle_since.load(Ordering::Relaxed))
    }
}

/// A request that is being answered.
pub(super) struct Busy(Arc<Activity>);

impl Busy {
    pub(super) fn unread(&self) -> Arc<Unread> {
        self.0.unread.clone()
    }

    pub(super) fn hand_over(&self) {
        self.0.handed_over.store(true, Ordering::Relaxed);
    }

    pub(super) fn left_a_body_unread(&self) -> bool {
        self.0.unread.is_set()
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let now = self.0.opened.elapsed().as_millis() as u64;
        self.0.idle_since.store(now, Ordering::Relaxed);
        self.0.active.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A socket that ends by itself: after `keep_alive` without a request, and when the head of a request
/// takes longer than `head_timeout` from its first byte. A head whose first bytes came in one piece with
/// the request before it lies in hyper's buffer, where nobody sees it; such a one is ended by
/// `keep_alive`. One timer for the whole connection: it is not
/// touched per request, it looks again when it fires.
pub(super) struct Watched<S> {
    stream: S,
    activity: Arc<Activity>,
    keep_alive: Duration,
    head_timeout: Option<Duration>,
    /// The head that is being read: how many requests had begun before it, and since when it is late.
    head: Option<(u64, Option<Instant>)>,
    timer: Option<Timer>,
}

impl<S> Watched<S> {
    pub(super) fn new(
        stream: S,
        activity: Arc<Activity>,
        keep_alive: Duration,
        head_timeout: Option<Duration>,
    ) -> Self {
        Watched { stream, activity, keep_alive, head_timeout, head: None, timer: None }
    }

    fn note_bytes(&mut self) {
        if self.head_timeout.is_some() && self.activity.active.load(Ordering::Relaxed) == 0 {
            let begun = self.activity.begun.load(Ordering::Relaxed);
            if self.head.is_none_or(|(before, _)| before != begun) {
                self.head = Some((begun, None));
            }
        }
    }

    /// Nothing to read now: ready when the connection has to end for that, and how.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.activity.handed_over.load(Ordering::Relaxed) {
            return Poll::Pending;
        }
        // As long as the timer sleeps, nothing is over but perhaps a head, which has less time.
        if self.timer.as_ref().is_some_and(|timer| timer.sleeps(cx)) && !self.reads_a_head() {
            return Poll::Pending;
        }
        if self.activity.active.load(Ordering::Relaxed) > 0 {
            return self.poll_busy(cx);
        }
        loop {
            let (deadline, end) = self.deadline();
            let timer = self.timer.get_or_insert_with(|| Timer::new(deadline));
            if timer.sleep.deadline() > deadline {
                timer.reset(deadline);
            }
            ready!(timer.poll(cx));
            if Instant::now() >= deadline {
                return Poll::Ready(end);
            }
            timer.reset(deadline);
        }
    }

    /// A request is being answered, and nothing ends. The timer has to run all the same: hyper may not
    /// read again when the answer is written, and somebody has to look then.
    fn poll_busy(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let later = || Instant::now() + self.keep_alive;
        let timer = self.timer.get_or_insert_with(|| Timer::new(later()));
        while timer.poll(cx).is_ready() {
            timer.reset(later());
        }
        Poll::Pending
    }

    fn reads_a_head(&self) -> bool {
        self.head.is_some_and(|(before, _)| before == self.activity.begun.load(Ordering::Relaxed))
    }

    fn deadline(&mut self) -> (Instant, io::Result<()>) {
        let begun = self.activity.begun.load(Ordering::Relaxed);
        if let (Some((before, since)), Some(limit)) = (&mut self.head, self.head_timeout)
            && *before == begun
        {
            let since = *since.get_or_insert_with(Instant::now);
            return (since + limit, Err(io::ErrorKind::TimedOut.into()));
        }
        self.head = None;
        // An end of the stream: between two requests that is a clean close.
        (self.activity.idle_since() + self.keep_alive, Ok(()))
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
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(cx, buffer) {
            Poll::Ready(Ok(())) => {
                if buffer.filled().len() > before {
                    self.note_bytes();
                }
                Poll::Ready(Ok(()))
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
