//! A request over HTTP, up to its body.

use std::sync::Arc;

use http::header::HOST;
use http::request::Parts;
use http::{Extensions, HeaderMap, HeaderName, Method, Uri, Version};

use crate::body::Body;
use crate::captures::Captures;
use crate::peer::Peer;

/// A request over HTTP, as middleware sees it.
///
/// ```
/// use manager_runtime::{Body, Method, Request};
///
/// let mut request = Request::new(Body::from("hello"));
/// *request.method_mut() = Method::POST;
/// ```
pub type Request = http::Request<Body>;

/// A response over HTTP, as middleware sees it.
///
/// ```
/// use manager_runtime::{Body, Response, StatusCode};
///
/// let mut response = Response::new(Body::from("not for you"));
/// *response.status_mut() = StatusCode::FORBIDDEN;
/// ```
pub type Response = http::Response<Body>;

/// What a request over HTTP says before its body: what an extractor is made from.
///
/// ```
/// use manager_runtime::prelude::*;
/// use manager_runtime::{Parameter, Part, Parts, role};
///
/// /// The languages that a client reads, as it says them.
/// struct Languages(String);
///
/// impl Parameter for Languages {
///     type Role = role::Part;
/// }
///
/// impl Part for Languages {
///     async fn part(parts: &mut Parts<'_>) -> Result<Self> {
///         let said = parts.head()?.headers().get("accept-language");
///         let said = said.and_then(|said| said.to_str().ok());
///         Ok(Languages(said.unwrap_or("en").to_owned()))
///     }
/// }
///
/// #[handler]
/// async fn greet(Languages(languages): Languages) -> &'static str {
///     if languages.starts_with("de") { "Guten Tag" } else { "Hello" }
/// }
/// # fn main() {}
/// ```
#[derive(Clone, Debug)]
pub struct Head {
    parts: Parts,
    peer: Peer,
    pub(crate) captures: Captures,
    /// The pattern of the route that was taken; none on an envelope endpoint.
    pattern: Option<&'static str>,
}

impl Head {
    /// A head of which no route is known yet.
    pub(crate) fn new(parts: Parts, peer: Peer) -> Self {
        Head { parts, peer, captures: Captures::default(), pattern: None }
    }

    /// Notes where the request leads: the route, if it is one, and what it captured.
    pub(crate) fn take(&mut self, pattern: Option<&'static str>, captures: Captures) {
        self.pattern = pattern;
        self.captures = captures;
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.parts.method
    }

    /// The target, as the client sent it.
    pub fn uri(&self) -> &Uri {
        &self.parts.uri
    }

    /// The version of HTTP.
    pub fn version(&self) -> Version {
        self.parts.version
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// What middleware left for the handler.
    pub fn extensions(&self) -> &Extensions {
        &self.parts.extensions
    }

    /// Who is at the other end.
    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    /// The pattern of the route that was taken, as it was written; `None` on the envelope endpoint of a
    /// handler, which has no pattern.
    pub fn pattern(&self) -> Option<&'static str> {
        self.pattern
    }

    /// What the pattern captured under this name, decoded.
    pub fn capture(&self, name: &str) -> Option<&str> {
        self.captures.get(self.parts.uri.path(), name)
    }

    /// What the pattern captured, decoded, with its names, in the order of the pattern.
    pub fn captures(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.captures.iter(self.parts.uri.path())
    }

    pub(crate) fn peer_mut(&mut self) -> &mut Peer {
        &mut self.peer
    }

    pub(crate) fn extensions_mut(&mut self) -> &mut Extensions {
        &mut self.parts.extensions
    }

    /// All of it but the extensions, which are the business of those that the request goes through.
    pub(crate) fn without_extensions(&self) -> Head {
        let (mut parts, ()) = http::Request::new(()).into_parts();
        parts.method = self.parts.method.clone();
        parts.uri = self.parts.uri.clone();
        parts.version = self.parts.version;
        parts.headers = self.parts.headers.clone();
        Head {
            parts,
            peer: self.peer.clone(),
            captures: self.captures.clone(),
            pattern: self.pattern,
        }
    }

    /// The head once more, for a message that is the request itself.
    pub(crate) fn to_parts(&self) -> Parts {
        self.parts.clone()
    }

    pub(crate) fn into_parts(self) -> Parts {
        self.parts
    }

    /// The number of the request: the one it was given on the way, or the client's own.
    pub(crate) fn request_id(&self) -> Option<Arc<str>> {
        match self.extensions().get::<RequestId>() {
            Some(RequestId(id)) => Some(id.clone()),
            None => given_request_id(self.headers()),
        }
    }
}

/// The number of a request, once somebody needed it.
#[derive(Clone)]
pub(crate) struct RequestId(pub(crate) Arc<str>);

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The client's own number for the request, if it can stand in a log line.
pub(crate) fn given_request_id(headers: &HeaderMap) -> Option<Arc<str>> {
    let given = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
    given
        .filter(|id| id.bytes().all(|byte| byte.is_ascii_graphic()))
        .filter(|id| (1..=128).contains(&id.len()))
        .map(Arc::from)
}

/// The host that the client asked for: from the target if that is absolute (RFC 9112, section 3.2.2),
/// from the header otherwise.
pub(crate) fn host_of<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> &'a str {
    match uri.authority() {
        Some(authority) => authority.as_str(),
        None => headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default(),
    }
}
