//! A request over HTTP, up to its body.

use std::net::SocketAddr;

use http::header::HOST;
use http::request::Parts;
use http::{Extensions, HeaderMap, Method, Uri, Version};

use crate::body::Body;
use crate::captures::Captures;

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
#[derive(Debug)]
pub struct Head {
    parts: Parts,
    peer: SocketAddr,
    pub(crate) captures: Captures,
    /// The pattern of the route that was taken; none on an envelope endpoint.
    pattern: Option<&'static str>,
}

impl Head {
    pub(crate) fn new(
        parts: Parts,
        peer: SocketAddr,
        captures: Captures,
        pattern: Option<&'static str>,
    ) -> Self {
        Head { parts, peer, captures, pattern }
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

    /// The address that the connection came from.
    pub fn peer(&self) -> SocketAddr {
        self.peer
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

    /// What it was made of.
    pub(crate) fn into_parts(self) -> Parts {
        self.parts
    }

    /// The head once more, for a message that is the request itself.
    pub(crate) fn to_parts(&self) -> Parts {
        self.parts.clone()
    }
}

/// The host that the client asked for: from the target if that is absolute (RFC 9112, section 3.2.2),
/// from the header otherwise.
pub(crate) fn host_of<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> &'a str {
    match uri.authority() {
        Some(authority) => authority.as_str(),
        None => headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default(),
    }
}
