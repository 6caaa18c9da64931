//! One request: what it is for, whether it may, and its answer.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::header::{CONNECTION, CONTENT_TYPE, EXPECT, HOST};
use http::request::Parts;
use http::{HeaderValue, Method, Request, StatusCode, Version};
use hyper::body::{Body as _, Incoming};

use crate::bus::Directory;
use crate::config::{ApiKeys, Settings};
use crate::context::{HttpOrigin, Origin};
use crate::error::{Error, Kind, Result};
use crate::http::body::{self, Limits};
use crate::http::reply::{self, Answer, Style};
use crate::http::{envelope, guard, path, status};
use crate::replica::pool::Endpoint;
use crate::shutdown::{Life, Phase};

/// How many header fields a request may have.
pub(crate) const MAX_HEADERS: usize = 100;

/// How long a request target may be, in bytes.
const MAX_URI: usize = 8 * 1024;

/// What all connections of one listener share.
pub(crate) struct Site {
    directory: Arc<Directory>,
    keys: ApiKeys,
    limits: SiteLimits,
    life: Arc<Life>,
    /// Whether only this machine reaches the listener.
    loopback: bool,
    in_flight: AtomicUsize,
}

/// The limits, as the settings have them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SiteLimits {
    pub(crate) connections: usize,
    pub(crate) max_requests: usize,
    pub(crate) keep_alive: Duration,
    pub(crate) head_limit: usize,
    pub(crate) head_timeout: Duration,
    pub(crate) body_limit: u64,
    pub(crate) body_timeout: Duration,
}

impl Site {
    pub(crate) fn new(
        directory: Arc<Directory>,
        settings: &Settings,
        life: Arc<Life>,
        address: SocketAddr,
    ) -> Self {
        Site {
            directory,
            keys: settings.api_keys.clone(),
            limits: SiteLimits {
                connections: settings.connections,
                max_requests: settings.max_requests,
                keep_alive: settings.keep_alive,
                head_limit: settings.head_limit as usize,
                head_timeout: settings.head_timeout,
                body_limit: settings.body_limit,
                body_timeout: settings.body_timeout,
            },
            life,
            loopback: address.ip().is_loopback(),
            in_flight: AtomicUsize::new(0),
        }
    }

    pub(crate) fn limits(&self) -> &SiteLimits {
        &self.limits
    }

    pub(crate) fn life(&self) -> &Arc<Life> {
        &self.life
    }

    fn is_draining(&self) -> bool {
        self.life.phase() != Phase::Serving
    }
}

/// What a path stands for.
enum Goal<'a> {
    Live,
    Ready,
    Health,
    Shutdown,
    Handler(&'a dyn Endpoint),
    Nothing(Error, Style),
}

/// Answers one request.
pub(crate) async fn serve(site: &Site, request: Request<Incoming>, peer: SocketAddr) -> Answer {
    let (parts, body) = request.into_parts();
    let mut body = Some(body);
    let mut answer = answer(site, &parts, &mut body, peer).await;
    if parts.version < Version::HTTP_2 {
        let unread = body.filter(|body| !body.is_end_stream());
        if site.is_draining() || unread.is_some() {
            answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        // Reading on would invite a client that waits for "100 Continue" to send.
        if let Some(body) = unread.filter(|_| !parts.headers.contains_key(EXPECT)) {
            body::linger(body);
        }
    }
    answer
}

async fn answer(
    site: &Site,
    parts: &Parts,
    body: &mut Option<Incoming>,
    peer: SocketAddr,
) -> Answer {
    if let Some(refusal) = refuse_shape(parts) {
        return refusal;
    }
    let goal = find(&site.directory, parts.uri.path());
    let style = match &goal {
        Goal::Nothing(_, style) => *style,
        _ => Style::Envelope,
    };
    if let Err(error) = admit(site, parts, &goal) {
        return refuse(&error, style);
    }
    match goal {
        Goal::Live => probe(parts, StatusCode::OK, "ok"),
        Goal::Ready if site.is_draining() => {
            probe(parts, StatusCode::SERVICE_UNAVAILABLE, "draining")
        }
        Goal::Ready => probe(parts, StatusCode::OK, "ready"),
        Goal::Health => health(site, parts),
        Goal::Shutdown => shut_down(site, parts),
        Goal::Nothing(error, style) => refuse(&error, style),
        Goal::Handler(endpoint) => match parts.method {
            Method::POST => call(site, endpoint, parts, body, peer).await,
            _ => other_method(parts, "POST, OPTIONS"),
        },
    }
}

/// What hyper leaves to its user: the length of the target, and one host (RFC 9112, section 3.2).
fn refuse_shape(parts: &Parts) -> Option<Answer> {
    let length = parts.uri.path_and_query().map_or(0, |target| target.as_str().len());
    if length > MAX_URI {
        let text = format!("the request target is longer than {MAX_URI} bytes");
        return Some(reply::refusal(status::URI_TOO_LONG, "uri too long", &text, Style::Problem));
    }
    let mut hosts = parts.headers.get_all(HOST).iter();
    let one_host = match (hosts.next(), hosts.next()) {
        (Some(_), None) => true,
        // HTTP/2 says it in `:authority`, HTTP/1.0 need not say it.
        (None, None) => parts.version != Version::HTTP_11,
        _ => false,
    };
    if !one_host {
        let error = Error::bad_request("the request must have exactly one Host");
        return Some(refuse(&error, Style::Problem));
    }
    None
}

fn find<'a>(directory: &'a Directory, path: &str) -> Goal<'a> {
    let name = match path::parse(path) {
        path::Path::One(name) => name,
        path::Path::Other => {
            let error = Error::not_found(format!("nothing is at {path}"));
            return Goal::Nothing(error, Style::Problem);
        }
        path::Path::Malformed => {
            let error = Error::bad_request("the path is not percent-encoded UTF-8");
            return Goal::Nothing(error, Style::Problem);
        }
    };
    match &*name {
        "livez" => Goal::Live,
        "readyz" => Goal::Ready,
        "healthz" => Goal::Health,
        "shutdown" => Goal::Shutdown,
        name => match directory.find(name) {
            Some(endpoint) if !endpoint.options().internal => Goal::Handler(&**endpoint),
            // An internal handler is nothing to the outside.
            _ => {
                let error = Error::not_found(format!("Handler not found: {name}"));
                Goal::Nothing(error, Style::Envelope)
            }
        },
    }
}

/// Whether the request may go on. What there is stays a secret to whoever has no key: to them a path
/// that exists and one that does not are the same.
fn admit(site: &Site, parts: &Parts, goal: &Goal<'_>) -> Result<()> {
    let open_to_all = match goal {
        Goal::Live | Goal::Ready | Goal::Health => true,
        Goal::Handler(endpoint) => endpoint.options().public,
        Goal::Shutdown | Goal::Nothing(..) => false,
    };
    if site.keys.is_empty() {
        guard::check_site(parts, site.loopback)?;
        if matches!(goal, Goal::Shutdown) && !guard::may_stop_without_key(parts, site.loopback) {
            return Err(Error::forbidden(
                "without a key only a request from this machine may stop the manager",
            ));
        }
        return Ok(());
    }
    if open_to_all { Ok(()) } else { guard::check_key(&site.keys, &parts.headers) }
}

fn probe(parts: &Parts, status: StatusCode, text: &str) -> Answer {
    match parts.method {
        Method::GET | Method::HEAD => {
            reply::json(status, format!(r#"{{"status":"{text}"}}"#).into_bytes())
        }
        _ => other_method(parts, "GET, HEAD, OPTIONS"),
    }
}

/// Which handlers are short of replicas is for the log: this path needs no key.
fn health(site: &Site, parts: &Parts) -> Answer {
    let missing = |endpoint: &Arc<dyn Endpoint>| endpoint.figures().missing > 0;
    let degraded = site.directory.endpoints().iter().any(missing);
    probe(parts, StatusCode::OK, if degraded { "degraded" } else { "ok" })
}

fn shut_down(site: &Site, parts: &Parts) -> Answer {
    if parts.method != Method::POST {
        return other_method(parts, "POST, OPTIONS");
    }
    tracing::info!("stopping: asked over HTTP");
    site.life.advance(Phase::Draining);
    reply::json(StatusCode::OK, br#"{"status":"Shutting down"}"#.to_vec())
}

fn other_method(parts: &Parts, allowed: &'static str) -> Answer {
    if parts.method == Method::OPTIONS {
        return reply::with_allow(reply::empty(StatusCode::NO_CONTENT), allowed);
    }
    let error = Error::method_not_allowed(format!(
        "{} is not allowed here; allowed: {allowed}",
        parts.method
    ));
    reply::with_allow(refuse(&error, Style::Envelope), allowed)
}

/// Calls a handler with what the body says.
async fn call(
    site: &Site,
    endpoint: &dyn Endpoint,
    parts: &Parts,
    body: &mut Option<Incoming>,
    peer: SocketAddr,
) -> Answer {
    let Some(_in_flight) = InFlight::enter(site) else {
        let error = Error::overloaded("too many requests are in flight");
        return refuse(&error, Style::Envelope);
    };
    let limits = Limits {
        bytes: endpoint.options().body_limit.map_or(site.limits.body_limit, |limit| limit as u64),
        stall: site.limits.body_timeout,
    };
    let bytes = match body {
        Some(incoming) => match body::collect(incoming, limits).await {
            Ok(bytes) => bytes,
            Err(error) => return refuse(&error, Style::Envelope),
        },
        None => Default::default(),
    };
    *body = None;
    let media_type = parts.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let opened = envelope::open(bytes, media_type.is_some_and(envelope::is_json));
    let http = Arc::new(HttpOrigin::new(peer, opened.claimed, given_request_id(parts)));
    let origin = Origin::Http(http.clone());
    let outcome = if opened.dispatch {
        endpoint.dispatch(opened.payload, origin).map(|()| {
            reply::json(StatusCode::ACCEPTED, br#"{"status":"Ok","message":null}"#.to_vec())
        })
    } else {
        let reply = endpoint.call(opened.payload, origin, None).await;
        reply.and_then(envelope::seal).map(|body| reply::json(StatusCode::OK, body))
    };
    outcome.unwrap_or_else(|error| {
        let request_id = http.trace().id();
        if matches!(error.kind(), Kind::Internal | Kind::Panicked) {
            let (handler, error) = (&*endpoint.options().name, error.story());
            tracing::error!(handler, request_id = &*request_id, error, "a request failed");
        }
        reply::error(&error, Style::Envelope, &request_id)
    })
}

/// The client's own number for the request, if it can stand in a log line.
fn given_request_id(parts: &Parts) -> Option<Arc<str>> {
    let given = parts.headers.get("x-request-id").and_then(|id| id.to_str().ok());
    given.filter(|id| !id.is_empty() && id.len() <= 128 && !id.contains(' ')).map(Arc::from)
}

/// An error that was ours to make, and so holds nothing to hide.
fn refuse(error: &Error, style: Style) -> Answer {
    reply::error(error, style, "")
}

/// One of the requests in flight.
struct InFlight<'a>(&'a AtomicUsize);

impl<'a> InFlight<'a> {
    fn enter(site: &'a Site) -> Option<Self> {
        let before = site.in_flight.fetch_add(1, Ordering::Relaxed);
        // Made first, so that it counts itself off again if there was no room.
        let entered = InFlight(&site.in_flight);
        (before < site.limits.max_requests).then_some(entered)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
