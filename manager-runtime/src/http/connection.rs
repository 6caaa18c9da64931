//! One connection: which HTTP it speaks, when it is idle, how it ends.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use http::header::{CONNECTION, CONTENT_LENGTH, EXPECT};
use http::{HeaderValue, Method, Request, StatusCode, Version};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep, timeout, timeout_at};

use crate::body::{Body, Limits};
use crate::head::Response;
use crate::http::arrival::Arrival;
use crate::http::service;
use crate::http::site::{Site, SiteLimits};
use crate::http::tls::{self, Begun};
use crate::http::watched::{Activity, Busy, Watched};
#[cfg(feature = "ws")]
use crate::http::ws;
use crate::peer::Peer;
use crate::shutdown::Phase;
use crate::tls::{Secured, Tls};

/// How long an idle connection may still send a last request when the manager drains.
const LAST_REQUEST: Duration = Duration::from_millis(200);

/// How much of a body is read at a time at most, from a client who sends that much: it begins with 8 KiB.
const BUFFER: usize = 256 * 1024;

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
    let peer = Peer::new(address).with_certificate(certificate);
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
        version = speaks_http2(&stream, site.limits()) => version,
        () = drained(&site) => return,
    };
    let peer = Peer::new(address);
    match http2 {
        Ok(false) => serve_http1(stream, peer, site).await,
        Ok(true) => serve_http2(stream, peer, site).await,
        Err(_) => {}
    }
}

async fn serve_http1<S: Socket>(stream: S, peer: Peer, site: Arc<Site>) {
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
                answer(site.clone(), activity.begin(), request, peer.clone())
            })
        })
        .with_upgrades();
    drive(connection, &site, LAST_REQUEST, http1::UpgradeableConnection::graceful_shutdown).await;
    // What took the connection over is a part of it: it holds its place, and a drain waits for it.
    #[cfg(feature = "ws")]
    takeover.ended().await;
}

async fn serve_http2<S: Socket>(stream: S, peer: Peer, site: Arc<Site>) {
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
            service_fn(move |request| answer(site.clone(), activity.begin(), request, peer.clone()))
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
    peer: Peer,
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
