//! The manager inside of a server that is not its own.

use std::convert::Infallible;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use tower_service::Service;

use crate::body::{Body, Intake};
use crate::context::BoxFuture;
use crate::error::{BoxError, Error};
use crate::head::Response;
use crate::http::arrival::Arrival;
use crate::http::reply::{self, Style};
use crate::http::service;
use crate::http::site::Site;
use crate::peer::Peer;
use crate::shutdown::Phase;

/// A whole manager as a service of tower: made by [`Running::service`](crate::Running::service), cloned
/// as often as needed.
///
/// It answers as the manager does over a socket of its own, with these differences:
///
/// * Nothing is known of the connection. A request has the address of its client in the extensions, as a
///   [`Peer`], or none: then it is `0.0.0.0:0`. Who puts it there is the server around it, never a client.
/// * Nobody is taken to be on this machine. Without a key, `POST /shutdown` is a 403, and so is what a
///   browser sends from another site, as always; under which name the server is reached is its own matter.
/// * The path is what the server left of it. `nest_service("/api", ..)` of axum takes the prefix off, and
///   where the manager redirects, it says so relative to the path of the request (RFC 3986, section 4.2),
///   which is right below any prefix.
/// * The limits of bodies, of a pause within one, of requests in flight and of streams hold; those of
///   connections and heads are the server's, and so are `Connection: close` and HTTP/2.
///
/// A request counts as in flight until its answer has been handed out, or read if it is a stream, and a
/// stop of the manager waits for it. Once the manager has ended, every request is a 503.
#[derive(Clone)]
pub struct ManagerService {
    site: Arc<Site>,
}

/// Where a request comes from of which that is not known.
const NOWHERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

impl ManagerService {
    pub(crate) fn new(site: Arc<Site>) -> Self {
        ManagerService { site }
    }
}

impl<B> Service<http::Request<B>> for ManagerService
where
    B: http_body::Body + Send + 'static,
    B::Data: Into<Bytes>,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Who is refused is told so at once: the limits answer with 503.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let site = self.site.clone();
        Box::pin(async move {
            let visit = site.visit();
            let (parts, body) = request.into_parts();
            let peer =
                parts.extensions.get::<Peer>().cloned().unwrap_or_else(|| Peer::new(NOWHERE));
            let arrival = Arrival::new(
                parts,
                Body::foreign(
                    body,
                    site.limits().of_bodies(),
                    Arc::new(Intake::new(site.edge().clone())),
                ),
                peer,
            );
            // Whoever was there before the cut is cut, and whoever comes after it is told.
            let response = tokio::select! {
                biased;
                () = site.life().reaches(Phase::Cut) => stopped(),
                response = service::serve(&site, arrival) => response,
            };
            if response.body().is_stream() {
                return Ok(response.map(|body| body.holding(visit)));
            }
            Ok(response)
        })
    }
}

fn stopped() -> Response {
    reply::error(&Error::shutting_down("the manager has ended"), Style::Problem, "")
}

impl fmt::Debug for ManagerService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManagerService").finish_non_exhaustive()
    }
}
