//! Files in and out: the paths `/{handler}/upload/{file}`, `/download/{file}` and `/metadata/{file}`.
//!
//! To the handler, the name of a file is its message, and a file that comes is one as well. What is checked
//! here is what holds for all handlers: the name, what the client says of the size, the limits.

use std::mem;
use std::sync::Arc;

use crate::body::Body;
use crate::captures::Captures;
use crate::context::Origin;
use crate::error::{Error, Result};
use crate::head::{Head, Request, Response};
use crate::http::arrival::Arrival;
use crate::http::goal::failed;
use crate::http::site::{Goal, PortAim, Site};
use crate::http::{reply, serve, stream};
use crate::message::{IntoPayload, Payload};
use crate::route::Port;
use crate::transfer::{Announced, approximate_size, check_name};

/// What a path calls the name of a file.
pub(super) const FILE: &str = "file";

/// Answers a request for a file.
pub(super) async fn visit(
    site: &Arc<Site>,
    goal: &Goal,
    aim: &PortAim,
    arrival: &mut Arrival,
    captures: Captures,
) -> Result<Response> {
    let PortAim { endpoint, port, pattern } = *aim;
    let mut in_flight = Some(site.enter()?);
    let Some((endpoint, shared)) = site.directory.entrance(endpoint, port) else {
        return Err(Error::internal("a path for files leads to no handler"));
    };
    let (http, body) = (&mut arrival.http, mem::take(&mut arrival.body));
    let head = &mut Arc::make_mut(http).head;
    head.take(Some(pattern), captures);
    let mut open = None;
    let payload = match port {
        Port::Upload => {
            let payload = upload(head, body, goal.limit(site.limits()))?;
            // It takes as long as the client does, so it counts as a stream, and as a request no longer.
            open = Some(site.open_stream()?);
            in_flight = None;
            payload
        }
        Port::Download | Port::Metadata => file_name(head)?.into_payload(),
    };
    let payload = if shared { payload.at(port) } else { payload };
    let reply = endpoint.call(payload, Origin::Http(http.clone()), None).await;
    drop((open, in_flight));
    let response = match reply {
        // What is rare is boxed apart.
        Ok(reply) if reply.is_download() => Box::pin(serve::download(reply, &http.head)).await,
        reply => reply.and_then(reply::plain),
    };
    let response = response.map_err(|error| failed(&**endpoint, http, error))?;
    stream::counted(site, &endpoint.options().name, http.trace(), response)
}

fn file_name(head: &Head) -> Result<&str> {
    let name = head.capture(FILE).unwrap_or_default();
    check_name(name)?;
    Ok(name)
}

/// The message of an upload at its own path.
fn upload(head: &Head, body: Body, limit: u64) -> Result<Payload> {
    let name = file_name(head)?.to_owned();
    arriving(head, name, body, limit)
}

/// The message of an upload on a route, whose path need not name a file.
pub(super) fn upload_on_a_route(head: &Head, body: Body, limit: u64) -> Result<Payload> {
    match head.capture(FILE) {
        Some(_) => upload(head, body, limit),
        None => arriving(head, String::new(), body, limit),
    }
}

fn arriving(head: &Head, name: String, body: Body, limit: u64) -> Result<Payload> {
    let size_hint = approximate_size(head.headers())?;
    // What announces that it is too long is refused before anybody reads it.
    if http_body::Body::size_hint(&body).lower() > limit {
        return Err(body.too_large(limit));
    }
    let mut request = Request::from_parts(head.to_parts(), body);
    request.extensions_mut().insert(Announced {
        name,
        size_hint,
        client: Some(head.peer().address()),
    });
    Ok(Payload::request(request))
}
