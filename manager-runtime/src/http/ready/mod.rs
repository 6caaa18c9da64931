//! The ready-made parts around everything: the number of a request, the line in the log, CORS, compression.
//!
//! ```text
//! see (number, line) -> preflight -> shape, router, key, middleware, goal -> finish (CORS, encoding, number, line)
//! ```
//!
//! They stand outside of all middleware, and so they hold for what the router or the key refuses as well.
//! Where none of them is on, there is no [`Ready`], and a request costs one look at that.

mod access;
#[cfg(feature = "compression")]
mod compress;
mod cors;
pub(super) mod encoding;

use std::sync::Arc;

#[cfg(feature = "compression")]
use http::header::ETAG;
use http::header::VARY;
use http::{HeaderMap, HeaderName, HeaderValue};

use self::access::Line;
use self::cors::Cors;
use crate::config::Settings;
use crate::context::fresh_request_id;
use crate::head::{Head, REQUEST_ID, RequestId, Response, given_request_id};
use crate::http::arrival::Arrival;
use crate::http::site::Site;

/// Which of the parts are on.
pub(super) struct Ready {
    request_id: bool,
    access_log: bool,
    cors: Option<Cors>,
    #[cfg(feature = "compression")]
    compression: bool,
}

impl Ready {
    pub(super) fn of(settings: &Settings) -> Option<Self> {
        let &Settings { request_id, access_log, compression, .. } = settings;
        let cors = Cors::of(&settings.cors);
        let any = request_id || access_log || compression || cors.is_some();
        any.then_some(Ready {
            request_id,
            access_log,
            cors,
            #[cfg(feature = "compression")]
            compression,
        })
    }

    /// Looks at a request before anything else does.
    pub(super) fn see(&self, arrival: &mut Arrival) -> Seen {
        let mut request_id = None;
        // The line and whatever else the log says of the request have the same number.
        if self.request_id || self.access_log {
            let id = given_request_id(arrival.head().headers()).unwrap_or_else(fresh_request_id);
            arrival.head_mut().extensions_mut().insert(RequestId(id.clone()));
            request_id = Some(id);
        }
        let head = arrival.head();
        let line = match &request_id {
            Some(id) if self.access_log => Line::begin(head, id.clone()),
            _ => None,
        };
        let allowed = self.cors.as_ref().and_then(|cors| cors.allowed(head.headers()));
        #[cfg(feature = "compression")]
        let codings = encoding::Codings::of(head.headers());
        Seen {
            request_id,
            line,
            allowed,
            #[cfg(feature = "compression")]
            codings,
        }
    }

    /// Whether a page of another site may ask this, for where nothing else says who may.
    pub(super) fn shares(&self, head: &Head) -> bool {
        self.cors.as_ref().is_some_and(|cors| cors.allowed(head.headers()).is_some())
    }

    /// The answer to a preflight of a page that may ask.
    pub(super) fn preflight(&self, site: &Site, head: &Head) -> Option<Response> {
        self.cors.as_ref()?.preflight(site, head)
    }

    /// Completes an answer.
    pub(super) fn finish(&self, seen: Seen, mut response: Response) -> Response {
        if let Some(cors) = &self.cors {
            cors.mark(seen.allowed, response.headers_mut());
        }
        #[cfg(feature = "compression")]
        if self.compression {
            response = compress::compress(response, seen.codings);
        }
        if let Some(id) = seen.request_id.filter(|_| self.request_id)
            && let Ok(id) = HeaderValue::from_str(&id)
        {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        match seen.line {
            Some(line) => line.end(response),
            None => response,
        }
    }
}

/// What is kept of a request until it is answered.
pub(super) struct Seen {
    request_id: Option<Arc<str>>,
    /// Dropped before the answer, it says that there was none.
    line: Option<Line>,
    /// The page that asks, if it may read the answer.
    allowed: Option<HeaderValue>,
    #[cfg(feature = "compression")]
    codings: encoding::Codings,
}

impl Seen {
    /// What the router found: the number of a goal.
    pub(super) fn took(&mut self, site: &Site, goal: Option<u32>) {
        if let (Some(line), Some(goal)) = (&mut self.line, goal) {
            line.took(site, goal);
        }
    }
}

/// Says that the answer depends on this header of the request.
pub(super) fn vary(headers: &mut HeaderMap, on: HeaderName) {
    let named = headers.get_all(VARY).iter().any(|line| {
        let names = line.to_str().unwrap_or_default().split(',').map(str::trim);
        names.into_iter().any(|name| name == "*" || name.eq_ignore_ascii_case(on.as_str()))
    });
    if !named {
        headers.append(VARY, HeaderValue::from(on));
    }
}

/// Makes the entity tag one of which nobody expects the same bytes (RFC 9110, section 8.8.1).
#[cfg(feature = "compression")]
fn weaken(headers: &mut HeaderMap) {
    let Some(tag) = headers.get(ETAG).filter(|tag| !tag.as_bytes().starts_with(b"W/")) else {
        return;
    };
    match HeaderValue::from_bytes(&[b"W/", tag.as_bytes()].concat()) {
        Ok(weak) => headers.insert(ETAG, weak),
        Err(_) => headers.remove(ETAG),
    };
}
