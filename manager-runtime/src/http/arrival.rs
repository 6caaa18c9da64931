//! A request on its way to whoever answers it.

use std::mem;
use std::sync::Arc;

use http::request::Parts;

use crate::body::Body;
use crate::context::HttpOrigin;
use crate::head::{Head, Request};
use crate::peer::Peer;

/// A request that has come over HTTP. Its head stands from the beginning where the call of the handler will
/// have it, so it is not moved on the way; only middleware gets it as a [`Request`].
pub(super) struct Arrival {
    pub(super) http: Arc<HttpOrigin>,
    pub(super) body: Body,
}

impl Arrival {
    pub(super) fn new(parts: Parts, body: Body, peer: Peer) -> Self {
        Arrival { http: Arc::new(HttpOrigin::new(Head::new(parts, peer))), body }
    }

    pub(super) fn of(request: Request, peer: Peer) -> Self {
        let (parts, body) = request.into_parts();
        Arrival::new(parts, body, peer)
    }

    pub(super) fn head(&self) -> &Head {
        &self.http.head
    }

    /// Nobody shares the head yet, so this copies nothing.
    pub(super) fn head_mut(&mut self) -> &mut Head {
        &mut Arc::make_mut(&mut self.http).head
    }

    pub(super) fn peer(&self) -> &Peer {
        self.head().peer()
    }

    /// The request for somebody else, with the body; the head stays here as well.
    pub(super) fn request(&mut self) -> Request {
        Request::from_parts(self.head().to_parts(), mem::take(&mut self.body))
    }

    /// The request as middleware sees it.
    pub(super) fn into_request(self) -> Request {
        let parts = match Arc::try_unwrap(self.http) {
            Ok(http) => http.head.into_parts(),
            Err(shared) => shared.head.to_parts(),
        };
        Request::from_parts(parts, self.body)
    }
}
