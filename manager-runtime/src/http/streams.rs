//! The streams of a connection of HTTP/2: each waits for its client only so long.
//!
//! On HTTP/1 the socket shows whether the client takes an answer. On HTTP/2 it shows only that of all streams
//! together, and a window that the client keeps closed holds back one of them. So the body of each answer is
//! handed over piece by piece, and the task that hands it over looks how long the next piece is waited for.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::body::Body;
use crate::edge::Pace;
use crate::error::BoxError;
use crate::http::activity::{Activity, Busy, Tail};
use crate::http::site::SiteLimits;

/// How much of a body is handed over at a time: what goes into one frame, unless the client allows more.
const PIECE: usize = 16 * 1024;

/// How the answer of one stream gets on.
pub(super) struct Sending {
    begun: Instant,
    /// By when the client has to have taken what was handed over, in milliseconds after the beginning;
    /// `NEVER` while it is not waited for.
    due: AtomicU64,
    /// Whether all of it was handed over.
    is_done: AtomicBool,
}

const NEVER: u64 = u64::MAX;

impl Sending {
    fn new() -> Self {
        let (due, is_done) = (AtomicU64::new(NEVER), AtomicBool::new(false));
        Sending { begun: Instant::now(), due, is_done }
    }

    /// There is nothing to hand over but a head.
    pub(super) fn done(&self) {
        self.is_done.store(true, Ordering::Release);
    }

    fn wait_until(&self, due: Instant) {
        let due = due.saturating_duration_since(self.begun).as_millis() as u64;
        self.due.store(due, Ordering::Release);
    }

    fn wait_no_more(&self) {
        self.due.store(NEVER, Ordering::Release);
    }

    fn due(&self) -> Option<Instant> {
        match self.due.load(Ordering::Acquire) {
            NEVER => None,
            due => Some(self.begun + Duration::from_millis(due)),
        }
    }
}

/// Runs the streams of a connection. hyper hands over the task of a stream right after the service was called
/// for it, so the two find each other here.
#[derive(Clone)]
pub(super) struct Streams {
    activity: Arc<Activity>,
    newest: Arc<Mutex<Option<Arc<Sending>>>>,
}

impl Streams {
    pub(super) fn new(activity: Arc<Activity>) -> Self {
        Streams { activity, newest: Arc::default() }
    }

    /// A stream has begun.
    pub(super) fn begin(&self) -> Arc<Sending> {
        let sending = Arc::new(Sending::new());
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = Some(sending.clone());
        sending
    }
}

impl<F> hyper::rt::Executor<F> for Streams
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, task: F) {
        match self.newest.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(sending) => {
                let activity = self.activity.clone();
                tokio::spawn(Stream { task, sending, activity, timer: None });
            }
            None => _ = tokio::spawn(task),
        }
    }
}

pin_project_lite::pin_project! {
    /// The task of a stream, which ends when the client has not taken in time what was handed over. hyper
    /// then resets the stream.
    struct Stream<F> {
        #[pin]
        task: F,
        sending: Arc<Sending>,
        activity: Arc<Activity>,
        timer: Option<Pin<Box<Sleep>>>,
    }
}

impl<F: Future<Output = ()>> Future for Stream<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        if this.task.poll(cx).is_ready() {
            if !this.sending.is_done.load(Ordering::Acquire) {
                this.activity.reset();
            }
            return Poll::Ready(());
        }
        loop {
            let Some(due) = this.sending.due() else { return Poll::Pending };
            let timer = this.timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
            if timer.deadline() > due {
                timer.as_mut().reset(due);
            }
            ready!(timer.as_mut().poll(cx));
            if Instant::now() >= due {
                this.activity.edge().slow_readers.one();
                return Poll::Ready(());
            }
            timer.as_mut().reset(due);
        }
    }
}

/// The body of an answer, piece by piece, with the time that the client takes for each.
pub(super) struct Paced {
    body: Body,
    /// What is left of the piece that the body gave.
    rest: Bytes,
    sending: Arc<Sending>,
    busy: Busy,
    pace: Pace,
    pause: Duration,
    min_rate: u64,
    /// What was handed over last, and when.
    handed: Option<(Instant, u64)>,
}

impl Paced {
    pub(super) fn new(body: Body, sending: Arc<Sending>, busy: Busy, limits: &SiteLimits) -> Self {
        let mut paced = Paced {
            body,
            rest: Bytes::new(),
            sending,
            busy,
            pace: Pace::default(),
            pause: limits.body_timeout,
            min_rate: limits.min_rate,
            handed: None,
        };
        paced.hand(0);
        paced
    }

    fn hand(&mut self, length: u64) {
        let now = Instant::now();
        self.handed = Some((now, length));
        self.sending.wait_until(now + self.pace.patience(self.pause));
    }

    /// The next piece of what is there. The last one of all says when it is written.
    fn piece(&mut self) -> Frame<Bytes> {
        let piece = self.rest.split_to(self.rest.len().min(PIECE));
        let is_last = self.is_end_stream();
        self.hand(piece.len() as u64);
        if !is_last {
            return Frame::data(piece);
        }
        self.sending.done();
        let tail = self.busy.activity().tail();
        Frame::data(Bytes::from_owner(Last { piece, _tail: tail }))
    }
}

impl http_body::Body for Paced {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Some((since, length)) = self.handed.take() {
            let (waited, min_rate) = (since.elapsed(), self.min_rate);
            self.pace.came(waited, length, min_rate);
            // From here on it is not the client who is waited for.
            self.sending.wait_no_more();
        }
        if !self.rest.is_empty() {
            return Poll::Ready(Some(Ok(self.piece())));
        }
        match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
            Some(Ok(frame)) => Poll::Ready(Some(Ok(match frame.into_data() {
                Ok(data) if !data.is_empty() => {
                    self.rest = data;
                    self.piece()
                }
                Ok(data) => Frame::data(data),
                Err(trailers) => {
                    self.sending.done();
                    trailers
                }
            }))),
            ended => {
                // An error of our own is nothing that the client did.
                self.sending.done();
                Poll::Ready(ended)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.len() as u64;
        let hint = self.body.size_hint();
        let mut all = SizeHint::new();
        if let Some(upper) = hint.upper() {
            all.set_upper(upper + rest);
        }
        all.set_lower(hint.lower() + rest);
        all
    }
}

/// The last piece of a body, which lies in the buffer of the connection until it is written or given up.
struct Last {
    piece: Bytes,
    _tail: Tail,
}

impl AsRef<[u8]> for Last {
    fn as_ref(&self) -> &[u8] {
        &self.piece
    }
}
