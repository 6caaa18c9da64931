//! One connection: which HTTP it speaks, when it is idle, how it ends.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use http::header::{CONNECTION, CONTENT_LENGTH, EXPECT};
use http::{HeaderValue, Method, Request, StatusCode, Version};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep, sleep_until, timeout, timeout_at};

use crate::body::{Body, Limits, Unread};
use crate::head::Response;
use crate::http::arrival::Arrival;
use crate::http::service;
use crate::http::site::{Site, SiteLimits};
#[cfg(feature = "ws")]
use crate::http::ws;
use crate::shutdown::Phase;

/// How long an idle connection may still send a last request when the manager drains.
const LAST_REQUEST: Duration = Duration::from_millis(200);

/// How much of a body is read at a time at most, from a client who sends that much: it begins with 8 KiB.
const BUFFER: usize = 256 * 1024;

/// Serves a connection to its end. Errors end it and nothing else.
pub(crate) async fn serve(stream: TcpStream, peer: SocketAddr, site: Arc<Site>) {
    // Answers are written whole; waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    let http2 = tokio::select! {
        // A first byte that comes with the end of the time is still in time.
        biased;
        version = speaks_http2(&stream, site.limits()) => version,
        () = drained(&site) => return,
    };
    match http2 {
        Ok(false) => serve_http1(stream, peer, site).await,
        Ok(true) => serve_http2(stream, peer, site).await,
        Err(_) => {}
    }
}

async fn serve_http1(stream: TcpStream, peer: SocketAddr, site: Arc<Site>) {
    let activity = Arc::new(Activity::new());
    let limits = *site.limits();
    let io = Watched::new(stream, activity.clone(), limits.keep_alive, Some(limits.head_timeout));
    #[cfg(feature = "ws")]
    let takeover = ws::Takeover::default();
    let connection = http1::Builder::new()
        .max_headers(service::MAX_HEADERS)
        .max_header_size(limits.head_limit)
        .max_buf_size(BUFFER.max(limits.head_limit))
        .serve_connection(TokioIo::new(io), {
            let site = site.clone();
            #[cfg(feature = "ws")]
            let takeover = takeover.clone();
            service_fn(move |request| {
                #[cfg(feature = "ws")]
                let request = takeover.offered_to(request);
                answer(site.clone(), activity.begin(), request, peer)
            })
        })
        .with_upgrades();
    drive(connection, &site, LAST_REQUEST, http1::UpgradeableConnection::graceful_shutdown).await;
    // What took the connection over is a part of it: it holds its place, and a drain waits for it.
    #[cfg(feature = "ws")]
    takeover.ended().await;
}

async fn serve_http2(stream: TcpStream, peer: SocketAddr, site: Arc<Site>) {
    let activity = Arc::new(Activity::new());
    let limits = *site.limits();
    let io = Watched::new(stream, activity.clone(), limits.keep_alive, None);
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(100)
        .initial_stream_window_size(64 * 1024)
        .initial_connection_window_size(1024 * 1024)
        .max_header_list_size(limits.head_limit as u32)
        .serve_connection(TokioIo::new(io), {
            let site = site.clone();
            service_fn(move |request| answer(site.clone(), activity.begin(), request, peer))
        });
    // GOAWAY tells the client at once; streams that it has opened are finished.
    drive(connection, &site, Duration::ZERO, http2::Connection::graceful_shutdown).await;
}

/// The answer to HEAD (RFC 9110, section 9.3.2): what GET would say of the body, without it.
fn head_alone(mut response: Response) -> Response {
    let length = http_body::Body::size_hint(response.body()).exact();
    if let Some(length) = length.filter(|length| *length > 0) {
        response.headers_mut().entry(CONTENT_LENGTH).or_insert_with(|| length.into());
    }
    response.map(|_| Body::empty())
}

/// Answers one request; the connection is busy until that is done.
// No `async fn`, which would keep the request twice.
#[expect(clippy::manual_async_fn, reason = "an async fn keeps its arguments twice")]
fn answer(
    site: Arc<Site>,
    busy: Busy,
    request: Request<Incoming>,
    peer: SocketAddr,
) -> impl Future<Output = Result<Response, Infallible>> {
    async move {
        let is_http1 = request.version() < Version::HTTP_2;
        // On HTTP/1 hyper itself leaves the body out.
        let wants_no_body = !is_http1 && request.method() == Method::HEAD;
        // Reading on would invite a client that waits for "100 Continue" to send.
        let lingers = !request.headers().contains_key(EXPECT);
        let (parts, incoming) = request.into_parts();
        let body = if incoming.is_end_stream() {
            Body::empty()
        } else {
            let limits =
                Limits { bytes: site.limits().body_limit, stall: site.limits().body_timeout };
            Body::received(incoming, limits, lingers, busy.unread())
        };
        let arrival = Arrival::new(parts, body, peer);
        let mut response = service::serve(&site, arrival).await;
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            busy.hand_over();
        } else if is_http1 && (site.is_draining() || busy.left_a_body_unread()) {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if wants_no_body {
            response = head_alone(response);
        }
        if response.body().is_stream() {
            // As long as there is something to send, nothing on the connection is idle.
            return Ok(response.map(|body| body.holding(busy)));
        }
        drop(busy);
        Ok(response)
    }
}

/// Runs a connection until it ends, is told to end, or is cut.
async fn drive<C: Future>(
    connection: C,
    site: &Site,
    last_request: Duration,
    shut_down: impl Fn(Pin<&mut C>),
) {
    let mut connection = pin!(connection);
    let mut watcher = site.life().watch();
    let mut grace = pin!(None::<Sleep>);
    let mut told = false;
    poll_fn(|cx| {
        match watcher.poll(cx) {
            Phase::Serving => {}
            Phase::Cut => return Poll::Ready(()),
            Phase::Draining if told => {}
            Phase::Draining => {
                if grace.is_none() {
                    grace.set(Some(sleep(last_request)));
                }
                let over =
                    grace.as_mut().as_pin_mut().is_none_or(|grace| grace.poll(cx).is_ready());
                if over {
                    // Whatever has arrived by now is still a request.
                    if connection.as_mut().poll(cx).is_ready() {
                        return Poll::Ready(());
                    }
                    told = true;
                    shut_down(connection.as_mut());
                }
            }
        }
        connection.as_mut().poll(cx).map(|_| ())
    })
    .await;
}

/// The end of the time in which a connection that has not said anything may still begin.
async fn drained(site: &Site) {
    site.life().reaches(Phase::Draining).await;
    tokio::select! {
        () = sleep(LAST_REQUEST) => {}
        () = site.life().reaches(Phase::Cut) => {}
    }
}

/// Looks at the first bytes without taking them. `PRI ` opens HTTP/2 (RFC 9113, section 3.4), and no
/// method of HTTP/1.1 begins like that.
async fn speaks_http2(stream: &TcpStream, limits: &SiteLimits) -> io::Result<bool> {
    const PREFACE: &[u8; 4] = b"PRI ";
    let mut start = [0; 4];
    timeout(limits.keep_alive, stream.peek(&mut start)).await??;
    let late = Instant::now() + limits.head_timeout;
    loop {
        let seen = timeout_at(late, stream.peek(&mut start)).await??;
        if seen == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if start[..seen] != PREFACE[..seen] {
            return Ok(false);
        }
        if seen == PREFACE.len() {
            return Ok(true);
        }
        if Instant::now() >= late {
            return Err(io::ErrorKind::TimedOut.into());
        }
        // A part of the preface: the socket stays readable, so only time brings the rest.
        sleep(Duration::from_millis(5)).await;
    }
}

/// What happens on a connection, shared by its socket and its requests.
struct Activity {
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
    fn new() -> Self {
        Activity {
            opened: Instant::now(),
            active: AtomicUsize::new(0),
            begun: AtomicU64::new(0),
            idle_since: AtomicU64::new(0),
            unread: Arc::default(),
            handed_over: AtomicBool::new(false),
        }
    }

    fn begin(self: &Arc<Self>) -> Busy {
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
struct Busy(Arc<Activity>);

impl Busy {
    fn unread(&self) -> Arc<Unread> {
        self.0.unread.clone()
    }

    fn hand_over(&self) {
        self.0.handed_over.store(true, Ordering::Relaxed);
    }

    fn left_a_body_unread(&self) -> bool {
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
struct Watched {
    stream: TcpStream,
    activity: Arc<Activity>,
    keep_alive: Duration,
    head_timeout: Option<Duration>,
    /// The head that is being read: how many requests had begun before it, and since when it is late.
    head: Option<(u64, Option<Instant>)>,
    timer: Option<Timer>,
}

impl Watched {
    fn new(
        stream: TcpStream,
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

impl AsyncRead for Watched {
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

impl AsyncWrite for Watched {
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
