//! A request that becomes a WebSocket: the handshake of RFC 6455, section 4.2, and what runs after it.
//!
//! ```text
//! request -> check -> a task: the handler's pool -> a replica -> its parameters -> the loop
//!                       |                                             |
//!            the connection goes over <- 101 <- the handler takes the socket
//! ```
//!
//! The task holds the replica for as long as the handler runs; the request is over with the 101. What keeps
//! the handler from taking the socket is an answer like any other.

use std::sync::{Arc, Mutex, PoisonError};

use http::header::{
    ALLOW, CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version};
use hyper::upgrade::OnUpgrade;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::context::{HttpOrigin, Origin};
use crate::error::{Error, Kind, Result};
use crate::head::{Request, Response};
use crate::http::goal::failed;
use crate::http::reply::{self, Style};
use crate::http::site::{OpenStream, Site};
use crate::http::status;
use crate::message::{Payload, Reply};
use crate::replica::pool::Endpoint;
use crate::shutdown::{Life, Phase};
use crate::ws::{self, Handed, Link, Opening};

const WEBSOCKET: HeaderValue = HeaderValue::from_static("websocket");
const CONNECTION_UPGRADE: HeaderValue = HeaderValue::from_static("Upgrade");
const VERSION: HeaderValue = HeaderValue::from_static("13");

/// What runs on a connection after HTTP: put here by the request, waited for by the connection.
#[derive(Clone, Default)]
pub(super) struct Takeover(Arc<Mutex<Option<JoinHandle<Result<Reply>>>>>);

impl Takeover {
    /// Lets a request that may become something else find its connection.
    pub(super) fn offered_to<B>(&self, mut request: http::Request<B>) -> http::Request<B> {
        if request.headers().contains_key(UPGRADE) {
            request.extensions_mut().insert(self.clone());
        }
        request
    }

    fn put(&self, running: JoinHandle<Result<Reply>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(running);
    }

    /// Waits for the end of what took over, if something did.
    pub(super) async fn ended(&self) {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(running) = running {
            let _ = running.await;
        }
    }
}

/// Answers a request for a WebSocket. `origin` has its head; `limit` is how long a message may be.
pub(super) async fn open(
    site: &Arc<Site>,
    endpoint: &Arc<dyn Endpoint>,
    mut request: Request,
    origin: Arc<HttpOrigin>,
    limit: u64,
    style: Style,
) -> Result<Response> {
    let key = match check(&request)? {
        Asked::Rightly { key } => key,
        Asked::Otherwise { why } => return Ok(upgrade_required(why, style)),
    };
    if site.is_draining() {
        return Err(Error::shutting_down("the manager is stopping"));
    }
    let extensions = request.extensions_mut();
    let Some(upgrade) = extensions.remove::<OnUpgrade>() else {
        return Err(Error::internal("a middleware lost the connection of the request"));
    };
    // Without one the connection is somebody else's, and nobody waits there.
    let takeover = extensions.remove::<Takeover>().unwrap_or_default();
    let open = site.open_stream()?;
    let (link, (taken, answer)) = (Arc::new(Link::new()), oneshot::channel());
    let offers = listed(request.headers(), &SEC_WEBSOCKET_PROTOCOL).map(str::to_owned).collect();
    request.extensions_mut().insert(Handed::new(Opening { link: link.clone(), offers, taken }));
    let visit = Visit {
        endpoint: endpoint.clone(),
        origin: origin.clone(),
        link,
        limit: usize::try_from(limit).unwrap_or(usize::MAX),
        life: site.life().clone(),
        _open: open,
    };
    // A task of its own, because it outlives the request; until then it ends with it.
    let mut running = EndOnDrop(Some(tokio::spawn(visit.run(Payload::request(request), upgrade))));
    match answer.await {
        Ok(protocol) => {
            if let Some(running) = running.0.take() {
                takeover.put(running);
            }
            Ok(switching(&key, protocol))
        }
        // The handler has ended without taking the socket.
        Err(_) => match running.outcome().await {
            Some(outcome) => {
                outcome.and_then(reply::plain).map_err(|error| failed(&**endpoint, &origin, error))
            }
            None => Err(Error::shutting_down("the manager is stopping")),
        },
    }
}

/// What a request says of the protocol that it wants.
#[derive(Debug)]
enum Asked {
    Rightly {
        key: HeaderValue,
    },
    /// It has to ask in another way.
    Otherwise {
        why: &'static str,
    },
}

/// Checks the request of a client (RFC 6455, section 4.2.1), from what is furthest from a handshake on.
fn check(request: &Request) -> Result<Asked> {
    let headers = request.headers();
    match request.version() {
        Version::HTTP_11 => {}
        Version::HTTP_2 => {
            return Err(Error::bad_request(
                "a WebSocket is opened over HTTP/1.1; this server has no extended CONNECT (RFC 8441)",
            ));
        }
        _ => return Err(Error::bad_request("a WebSocket is opened over HTTP/1.1")),
    }
    if request.method() != Method::GET {
        let error = Error::method_not_allowed("a WebSocket is opened with GET");
        return Err(error.with_header(ALLOW, HeaderValue::from_static("GET")));
    }
    let asks = has(headers, &CONNECTION, "upgrade") && has(headers, &UPGRADE, "websocket");
    if !asks {
        return Ok(Asked::Otherwise { why: "this is a WebSocket; ask for an upgrade to it" });
    }
    if only(headers, &SEC_WEBSOCKET_VERSION).is_none_or(|version| version != VERSION) {
        return Ok(Asked::Otherwise { why: "the version of the WebSocket has to be 13" });
    }
    let Some(key) = only(headers, &SEC_WEBSOCKET_KEY).filter(|key| is_key(key.as_bytes())) else {
        return Err(Error::bad_request(
            "the handshake needs one Sec-WebSocket-Key of 16 bytes in Base64",
        ));
    };
    if !http_body::Body::is_end_stream(request.body()) {
        return Err(Error::bad_request("a handshake has no body"));
    }
    Ok(Asked::Rightly { key: key.clone() })
}

/// The words of a header that is a list (RFC 9110, section 5.6.1), however many lines it has.
fn listed<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim).filter(|word| !word.is_empty())
}

fn has(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    listed(headers, name).any(|said| said.eq_ignore_ascii_case(word))
}

fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut lines = headers.get_all(name).iter();
    lines.next().filter(|_| lines.next().is_none())
}

/// Whether these are 16 bytes in Base64 (RFC 4648, section 4): 22 digits and two signs of filling. The last
/// digit has four bits that mean nothing, and which are not looked at.
fn is_key(text: &[u8]) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    text.len() == 24 && text.ends_with(b"==") && text[..22].iter().all(is_digit)
}

/// The answer to somebody who asks in another way (RFC 9110, section 15.5.22): what to ask for.
fn upgrade_required(why: &str, style: Style) -> Response {
    let mut response = reply::refusal(status::UPGRADE_REQUIRED, "upgrade required", why, style);
    let headers = response.headers_mut();
    headers.insert(CONNECTION, CONNECTION_UPGRADE);
    headers.insert(UPGRADE, WEBSOCKET);
    headers.insert(SEC_WEBSOCKET_VERSION, VERSION);
    response
}

/// The answer of section 4.2.2.
fn switching(key: &HeaderValue, protocol: Option<&'static str>) -> Response {
    let mut response = reply::empty(StatusCode::SWITCHING_PROTOCOLS);
    let headers = response.headers_mut();
    headers.insert(CONNECTION, CONNECTION_UPGRADE);
    headers.insert(UPGRADE, WEBSOCKET);
    if let Ok(accept) = HeaderValue::try_from(derive_accept_key(key.as_bytes())) {
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    }
    // It was offered in a header, so it can stand in one.
    if let Some(protocol) = protocol.and_then(|name| HeaderValue::from_str(name).ok()) {
        headers.insert(SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    response
}

/// What may run on after its request.
struct EndOnDrop(Option<JoinHandle<Result<Reply>>>);

impl EndOnDrop {
    /// What became of it; `None` if it was cut off.
    async fn outcome(&mut self) -> Option<Result<Reply>> {
        match &mut self.0 {
            Some(running) => running.await.ok(),
            None => None,
        }
    }
}

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        if let Some(running) = self.0.take() {
            running.abort();
        }
    }
}

/// One WebSocket from the pool of its handler to its end.
struct Visit {
    endpoint: Arc<dyn Endpoint>,
    origin: Arc<HttpOrigin>,
    link: Arc<Link>,
    limit: usize,
    life: Arc<Life>,
    /// Counts as a stream until the connection has ended.
    _open: OpenStream,
}

impl Visit {
    /// Runs the handler and, beside it in the same task, its connection.
    async fn run(self, payload: Payload, upgrade: OnUpgrade) -> Result<Reply> {
        let handler = async {
            let call = self.endpoint.call(payload, Origin::Http(self.origin.clone()), None);
            let outcome = call.await;
            self.finish(&outcome);
            outcome
        };
        let wire = ws::serve(&self.link, upgrade, self.limit, &self.life);
        tokio::join!(handler, wire).0
    }

    /// The handler has ended: closes what is left of its socket, and says in the log what nobody else hears.
    fn finish(&self, outcome: &Result<Reply>) {
        let Err(error) = outcome else { return self.link.finish(1000) };
        let is_taken = self.link.is_taken();
        let has_failed = self.link.has_failed();
        self.link.finish(1011);
        // The pool has logged a panic; a cut is no fault of the handler; before the socket was taken the
        // client gets the error as an answer.
        let cut = self.life.phase() == Phase::Cut;
        if !is_taken || cut || error.kind() == Kind::Panicked {
            return;
        }
        let (handler, request_id) = (&*self.endpoint.options().name, self.origin.trace().id());
        let (request_id, story) = (&*request_id, error.story());
        if has_failed {
            tracing::debug!(handler, request_id, error = story, "a WebSocket ended in disorder");
        } else {
            tracing::error!(
                handler,
                request_id,
                error = story,
                "the handler of a WebSocket failed"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::Body;

    fn asked(change: impl FnOnce(&mut Request)) -> Result<Asked> {
        let mut request = Request::new(Body::empty());
        for (name, value) in [
            ("connection", "keep-alive, Upgrade"),
            ("upgrade", "WebSocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ] {
            request.headers_mut().append(name, HeaderValue::from_static(value));
        }
        change(&mut request);
        check(&request)
    }

    #[test]
    fn a_handshake_is_checked() {
        assert!(matches!(asked(|_| {}), Ok(Asked::Rightly { .. })));
        let otherwise = |name: &'static str, value: Option<&'static str>| {
            let asked = asked(|request| {
                request.headers_mut().remove(name);
                if let Some(value) = value {
                    request.headers_mut().insert(name, HeaderValue::from_static(value));
                }
            });
            assert!(matches!(asked, Ok(Asked::Otherwise { .. })), "{name}: {value:?} {asked:?}");
        };
        otherwise("connection", None);
        otherwise("connection", Some("keep-alive"));
        otherwise("upgrade", None);
        otherwise("upgrade", Some("h2c"));
        otherwise("sec-websocket-version", None);
        otherwise("sec-websocket-version", Some("8"));
        otherwise("sec-websocket-version", Some("13, 8"));
        let refused = |change: fn(&mut Request), kind: Kind| {
            assert_eq!(asked(change).unwrap_err().kind(), kind);
        };
        refused(|it| *it.method_mut() = Method::POST, Kind::MethodNotAllowed);
        refused(|it| *it.version_mut() = Version::HTTP_2, Kind::BadRequest);
        refused(|it| *it.version_mut() = Version::HTTP_10, Kind::BadRequest);
        refused(|it| *it.body_mut() = Body::from("x"), Kind::BadRequest);
        refused(
            |it| {
                it.headers_mut().remove(SEC_WEBSOCKET_KEY);
            },
            Kind::BadRequest,
        );
        refused(
            |it| {
                let second = HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ==");
                it.headers_mut().append(SEC_WEBSOCKET_KEY, second);
            },
            Kind::BadRequest,
        );
    }

    #[test]
    fn a_key_is_sixteen_bytes() {
        assert!(is_key(b"dGhlIHNhbXBsZSBub25jZQ=="));
        for wrong in
            ["", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZ===", "dGhlIHNhbXBsZSBub25jZQ=-"]
        {
            assert!(!is_key(wrong.as_bytes()), "{wrong}");
        }
    }

    #[test]
    fn the_answer_is_that_of_the_specification() {
        let key = HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ==");
        let response = switching(&key, None);
        assert_eq!(response.headers()[SEC_WEBSOCKET_ACCEPT], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
