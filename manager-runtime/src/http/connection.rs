//! One connection: which HTTP it speaks, when it is idle, how it ends.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io;
use std::mem;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::header::{CONNECTION, CONTENT_LENGTH, EXPECT, UPGRADE};
use http::{HeaderValue, Method, Request, StatusCode, Version};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::{http1, http2};
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep, timeout, timeout_at};

use crate::body::Body;
use crate::edge::Edge;
use crate::head::Response;
use crate::http::activity::{Activity, Busy};
use crate::http::arrival::Arrival;
use crate::http::service;
use crate::http::site::{Site, SiteLimits};
use crate::http::streams::{Paced, Sending, Streams};
use crate::http::tls::{self, Begun};
use crate::http::watched::Watched;
#[cfg(feature = "ws")]
use crate::http::ws;
use crate::peer::Peer;
use crate::shutdown::Phase;
use crate::tls::{Secured, Tls};

/// How long an idle connection may still send a last request when the manager drains.
const LAST_REQUEST: Duration = Duration::from_millis(200);

/// How much of a body is read at a time at most, from a client who sends that much: it begins with 8 KiB.
const BUFFER: usize = 256 * 1024;

/// How much of an answer lies ready for a stream of HTTP/2 at most, before its client takes it.
const SEND_BUFFER: usize = 64 * 1024;

/// What a connection runs over, with or without TLS.
trait Socket: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Socket for S {}

/// Serves a connection to its end. Errors end it and nothing else.
pub(crate) async fn serve(stream: TcpStream, address: SocketAddr, site: Arc<Site>) {
    // Answers are written whole; waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    match site.tls().cloned() {
        // Beside it, so that a connection without TLS is no larger for it.
        Some(tls) => Box::pin(secured(stream, address, tls, site)).await,
        None => plain(stream, address, site).await,
    }
}

async fn secured(stream: TcpStream, address: SocketAddr, tls: Arc<Tls>, site: Arc<Site>) {
    let opened = Box::pin(tls::open(stream, address, &tls, &site, drained(&site))).await;
    let Some(Secured { stream, certificate, protocol }) = opened else { return };
    drop(tls);
    let peer = Peer::connected(address, certificate);
    let mut stream = Begun::new(stream);
    let http2 = tokio::select! {
        biased;
        version = stream.speaks_http2(protocol, site.limits()) => version,
        () = drained(&site) => return,
    };
    match http2 {
        Ok(false) => serve_http1(stream, peer, site).await,
        Ok(true) => serve_http2(stream, peer, site).await,
        Err(_) => {}
    }
}

async fn plain(stream: TcpStream, address: SocketAddr, site: Arc<Site>) {
    let http2 = tokio::select! {
        // A first byte that comes with the end of the time is still in time.
        biased;
        version = speaks_http2(&stream, &site) => version,
        () = drained(&site) => return,
    };
    let peer = Peer::connected(address, None);
    match http2 {
        Ok(false) => serve_http1(stream, peer, site).await,
        Ok(true) => serve_http2(stream, peer, site).await,
        Err(_) => {}
    }
}

async fn serve_http1<S: Socket>(stream: S, peer: Peer, site: Arc<Site>) {
    let activity = Arc::new(Activity::new(site.edge().clone()));
    #[cfg(feature = "ws")]
    let takeover = ws::Takeover::default();
    let mut io = Watched::http1(stream, activity.clone(), site.limits());
    loop {
        let service = service_fn({
            let (site, activity, peer) = (site.clone(), activity.clone(), peer.clone());
            #[cfg(feature = "ws")]
            let takeover = takeover.clone();
            move |request| {
                #[cfg(feature = "ws")]
                let request = takeover.offered_to(request);
                answer(site.clone(), activity.begin(), request, peer.clone(), None)
            }
        });
        // Boxed, so that the task is small while there is nothing of this.
        let mut connection = Box::new(Http1::new(io, service, &activity, site.limits()));
        match drive(&mut *connection, &site, LAST_REQUEST, || activity.takes_its_rest()).await {
            Some(back) => io = back,
            None => break,
        }
        let goes_on = tokio::select! {
            biased;
            more = io.hears_more() => more,
            () = drained(&site) => false,
        };
        if !goes_on {
            // Over TLS the end is said, so that nobody takes it for one that was cut.
            let _ = timeout(LAST_REQUEST, io.shutdown()).await;
            break;
        }
    }
    // What took the connection over is a part of it: it holds its place, and a drain waits for it.
    #[cfg(feature = "ws")]
    takeover.ended().await;
}

async fn serve_http2<S: Socket>(stream: S, peer: Peer, site: Arc<Site>) {
    let activity = Arc::new(Activity::new(site.edge().clone()));
    let limits = *site.limits();
    let io = Watched::http2(stream, activity.clone(), &limits);
    let streams = Streams::new(activity.clone());
    let connection = http2::Builder::new(streams.clone())
        .timer(TokioTimer::new())
        .max_concurrent_streams(100)
        .initial_stream_window_size(64 * 1024)
        .initial_connection_window_size(1024 * 1024)
        .max_header_list_size(limits.head_limit as u32)
        .max_send_buf_size(SEND_BUFFER)
        .serve_connection(TokioIo::new(io), {
            let site = site.clone();
            service_fn(move |request| {
                let sending = Some(streams.begin());
                answer(site.clone(), activity.begin(), request, peer.clone(), sending)
            })
        });
    // GOAWAY tells the client at once; streams that it has opened are finished.
    let mut connection = Box::new(Http2(connection));
    let _: Option<Watched<S>> = drive(&mut *connection, &site, Duration::ZERO, || false).await;
}

/// A connection of hyper's.
trait Connection<S> {
    /// Goes on with it, to its end.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<hyper::Result<()>>;

    /// Takes no further requests.
    fn shut_down(&mut self);

    /// Takes the connection down and gives the socket back.
    fn socket(&mut self) -> Option<Watched<S>>;
}

/// A connection of HTTP/1.1. One that can be taken down cannot become something else than HTTP, so it is made
/// into the other kind when a request asks for that.
struct Http1<S, V>
where
    V: Answers,
{
    connection: Either<S, V>,
    activity: Arc<Activity>,
}

enum Either<S, V>
where
    V: Answers,
{
    Plain(http1::Connection<TokioIo<Watched<S>>, V>),
    Upgradeable(http1::UpgradeableConnection<TokioIo<Watched<S>>, V>),
    Gone,
}

/// The service of a connection.
trait Answers: Service<Request<Incoming>, Response = Response, Error = Infallible> + Send {}

impl<V> Answers for V where
    V: Service<Request<Incoming>, Response = Response, Error = Infallible> + Send
{
}

impl<S: Socket, V: Answers> Http1<S, V> {
    fn new(io: Watched<S>, service: V, activity: &Arc<Activity>, limits: &SiteLimits) -> Self {
        let connection = http1::Builder::new()
            .max_headers(service::MAX_HEADERS)
            .max_header_size(limits.head_limit)
            .max_buf_size(BUFFER.max(limits.head_limit))
            .serve_connection(TokioIo::new(io), service);
        Http1 { connection: Either::Plain(connection), activity: activity.clone() }
    }
}

impl<S: Socket, V: Answers> Connection<S> for Http1<S, V> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<hyper::Result<()>> {
        let polled = match &mut self.connection {
            Either::Plain(connection) => Pin::new(connection).poll(cx),
            Either::Upgradeable(connection) => Pin::new(connection).poll(cx),
            Either::Gone => Poll::Ready(Ok(())),
        };
        // The request waits for this before it goes on.
        if polled.is_pending() && self.activity.asks_to_upgrade() {
            self.connection = match mem::replace(&mut self.connection, Either::Gone) {
                Either::Plain(connection) => Either::Upgradeable(connection.with_upgrades()),
                other => other,
            };
        }
        polled
    }

    fn shut_down(&mut self) {
        match &mut self.connection {
            Either::Plain(connection) => Pin::new(connection).graceful_shutdown(),
            Either::Upgradeable(connection) => Pin::new(connection).graceful_shutdown(),
            Either::Gone => {}
        }
    }

    fn socket(&mut self) -> Option<Watched<S>> {
        match mem::replace(&mut self.connection, Either::Gone) {
            Either::Plain(connection) => {
                let parts = connection.into_parts();
                let mut io = parts.io.into_inner();
                io.put_back(parts.read_buf);
                Some(io)
            }
            Either::Upgradeable(_) | Either::Gone => None,
        }
    }
}

/// A connection of HTTP/2, which is never taken down: its state is not only in the socket.
struct Http2<S, V: Answers>(http2::Connection<TokioIo<Watched<S>>, V, Streams>);

impl<S, V> Connection<S> for Http2<S, V>
where
    S: Socket,
    V: Answers,
    V::Future: Send + 'static,
{
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<hyper::Result<()>> {
        Pin::new(&mut self.0).poll(cx)
    }

    fn shut_down(&mut self) {
        Pin::new(&mut self.0).graceful_shutdown();
    }

    fn socket(&mut self) -> Option<Watched<S>> {
        None
    }
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
    peer: Peer,
    sending: Option<Arc<Sending>>,
) -> impl Future<Output = Result<Response, Infallible>> {
    async move {
        let is_http1 = request.version() < Version::HTTP_2;
        // On HTTP/1 hyper itself leaves the body out.
        let wants_no_body = !is_http1 && request.method() == Method::HEAD;
        if is_http1 && request.headers().contains_key(UPGRADE) {
            busy.ask_to_upgrade();
            yield_once().await;
        }
        let (parts, incoming) = request.into_parts();
        let body = if incoming.is_end_stream() {
            Body::empty()
        } else {
            // Reading on would invite a client that waits for "100 Continue" to send.
            let lingers = !parts.headers.contains_key(EXPECT);
            Body::received(incoming, site.limits().of_bodies(), lingers, busy.intake())
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
        if let Some(sending) = sending {
            if response.body().is_end_stream() {
                sending.done();
                return Ok(response);
            }
            let limits = *site.limits();
            return Ok(response.map(|body| Body::wrap(Paced::new(body, sending, busy, &limits))));
        }
        if response.body().is_stream() {
            // As long as there is something to send, nothing on the connection is idle.
            return Ok(response.map(|body| body.holding(busy)));
        }
        drop(busy);
        Ok(response)
    }
}

/// Lets everybody else of the task go on once.
async fn yield_once() {
    let mut has_yielded = false;
    poll_fn(|cx| {
        if mem::replace(&mut has_yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Runs a connection until it ends, is told to end, or is cut; or until nothing of it is left but its socket,
/// which is given back then.
async fn drive<S, C: Connection<S>>(
    connection: &mut C,
    site: &Site,
    last_request: Duration,
    rests: impl Fn() -> bool,
) -> Option<Watched<S>> {
    let mut watcher = site.life().watch();
    let mut grace = None::<Pin<Box<Sleep>>>;
    let mut told = false;
    poll_fn(|cx| {
        match watcher.poll(cx) {
            Phase::Serving => {}
            Phase::Cut => return Poll::Ready(None),
            Phase::Draining if told => {}
            Phase::Draining => {
                let grace = grace.get_or_insert_with(|| Box::pin(sleep(last_request)));
                if grace.as_mut().poll(cx).is_ready() {
                    // Whatever has arrived by now is still a request.
                    if let Poll::Ready(ended) = connection.poll(cx) {
                        note(site.edge(), ended);
                        return Poll::Ready(None);
                    }
                    told = true;
                    connection.shut_down();
                }
            }
        }
        match connection.poll(cx) {
            Poll::Ready(ended) => {
                note(site.edge(), ended);
                Poll::Ready(None)
            }
            Poll::Pending if !told && rests() => match connection.socket() {
                Some(socket) => Poll::Ready(Some(socket)),
                None => Poll::Pending,
            },
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Counts what a connection ended for, if that was its client's doing.
fn note(edge: &Edge, ended: hyper::Result<()>) {
    let Err(error) = ended else { return };
    if error.is_parse_too_large() {
        return edge.large_heads.one();
    }
    if error.is_parse() {
        return edge.malformed.one();
    }
    let source = std::error::Error::source(&error);
    match source.and_then(|source| source.downcast_ref::<h2::Error>()) {
        Some(error) if error.reason() == Some(h2::Reason::ENHANCE_YOUR_CALM) => edge.floods.one(),
        Some(error) if error.is_library() => edge.malformed.one(),
        _ => {}
    }
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
async fn speaks_http2(stream: &TcpStream, site: &Site) -> io::Result<bool> {
    const PREFACE: &[u8; 4] = b"PRI ";
    let (limits, edge) = (site.limits(), site.edge());
    let slow = |edge: &Edge| edge.slow_heads.one();
    let mut start = [0; 4];
    let Ok(seen) = timeout(limits.keep_alive, stream.peek(&mut start)).await else {
        edge.idle.one();
        return Err(io::ErrorKind::TimedOut.into());
    };
    seen?;
    let late = Instant::now() + limits.head_timeout;
    loop {
        let seen =
            timeout_at(late, stream.peek(&mut start)).await.inspect_err(|_| slow(edge))??;
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
            slow(edge);
            return Err(io::ErrorKind::TimedOut.into());
        }
        // A part of the preface: the socket stays readable, so only time brings the rest.
        sleep(Duration::from_millis(5)).await;
    }
}
