//! Reaching what a path leads to: health, the end, a handler by its envelope or its route.

use std::mem;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Method, StatusCode};

use crate::body::Body;
use crate::captures::Captures;
use crate::context::{HttpOrigin, Origin};
use crate::error::{Error, Kind, Result};
use crate::fields::Fields;
use crate::handler::Reads;
use crate::head::{Head, REQUEST_ID, Request, Response};
use crate::http::arrival::Arrival;
use crate::http::site::{Aim, Goal, MountAim, RouteAim, Site};
use crate::http::ways::Own;
#[cfg(feature = "ws")]
use crate::http::ws;
use crate::http::{envelope, path, reply, serve, shelf, stream, transfer};
use crate::message::Payload;
use crate::panics;
use crate::replica::pool::Endpoint;
use crate::replica::run::catch;
use crate::route::{Moved, Piece};
use crate::shutdown::Phase;

/// Answers a request that may be answered.
pub(super) async fn reach(
    site: &Arc<Site>,
    goal: &Goal,
    arrival: &mut Arrival,
    captures: &mut Captures,
) -> Result<Response> {
    let (number, route) = match &goal.aim {
        Aim::Envelope(number) => (*number, None),
        Aim::Route(route) => (route.endpoint, Some(route)),
        // What is not the daily business is boxed, so that the future of every request is small.
        aim => {
            let captures = mem::take(captures);
            return Box::pin(elsewhere(site, goal, aim, arrival, captures)).await;
        }
    };
    let Some(endpoint) = endpoint(site, number) else { return Err(vanished()) };
    let mut in_flight = Some(site.enter()?);
    let limit = goal.limit(site.limits());
    let (http, body) = (&mut arrival.http, mem::take(&mut arrival.body));
    let payload = match route {
        None => {
            check_coding(&http.head)?;
            let opened = envelope::open(body.collect(limit).await?, http.head.headers());
            if opened.claimed.is_some() {
                Arc::make_mut(http).claimed = opened.claimed;
            }
            if opened.dispatch {
                return match endpoint.dispatch(opened.payload, Origin::Http(http.clone())) {
                    Ok(()) => Ok(accepted()),
                    Err(error) => Err(failed(&**endpoint, http, error)),
                };
            }
            opened.payload
        }
        Some(route) => {
            let head = &mut Arc::make_mut(http).head;
            head.take(Some(route.pattern), mem::take(captures));
            tracing::debug!(
                handler = &*endpoint.options().name,
                route = route.pattern,
                captures = ?head.captures().collect::<Vec<_>>(),
                "a route was taken"
            );
            #[cfg(feature = "ws")]
            if route.reads == Reads::Upgrade {
                let request = Request::from_parts(head.to_parts(), body);
                let accepted = reply::accepted(request.headers());
                let style = goal.style.for_client(accepted.as_ref());
                return Box::pin(ws::open(site, endpoint, request, http.clone(), limit, style))
                    .await;
            }
            // What cannot be read is an error for whoever reads it: a handler may want to see it.
            read(route, head, body, limit).await.unwrap_or_else(Payload::failed)
        }
    };
    // As at a path for uploads: it takes as long as the client does.
    let open = match route {
        Some(route) if route.reads == Reads::Upload => {
            in_flight = None;
            Some(site.open_stream()?)
        }
        _ => None,
    };
    let reply = match endpoint.call(payload, Origin::Http(http.clone()), None).await {
        Ok(reply) => reply,
        Err(error) => return Err(failed(&**endpoint, http, error)),
    };
    drop((open, in_flight));
    let response = match route {
        None => envelope::seal(reply).map(|body| reply::json(StatusCode::OK, body)),
        // What is rare is boxed apart.
        Some(_) if reply.is_download() => Box::pin(serve::download(reply, &http.head)).await,
        Some(_) => reply::plain(reply),
    };
    let mut response = match response {
        Ok(response) => response,
        Err(error) => return Err(failed(&**endpoint, http, error)),
    };
    if response.body().is_stream() {
        response = stream::counted(site, &endpoint.options().name, http.trace(), response)?;
    }
    Ok(response)
}

/// The runtime's own answers, and what is no handler.
async fn elsewhere(
    site: &Arc<Site>,
    goal: &Goal,
    aim: &Aim,
    arrival: &mut Arrival,
    captures: Captures,
) -> Result<Response> {
    match aim {
        Aim::Own(own) => Ok(answer_own(site, *own)),
        Aim::Files(folder) => {
            let _in_flight = site.enter()?;
            let response = folder.answer(arrival.request()).await?;
            stream::counted(site, folder.prefix(), &Arc::default(), response)
        }
        Aim::Gone(handler) => Err(Error::gone(format!("`{handler}` was here and is gone"))),
        Aim::Moved(moved) => moved_to(site, moved, arrival.head(), &captures),
        Aim::Mount(mount) => mounted(site, mount, arrival.request()).await,
        Aim::Shelf(shelf, errand) => {
            shelf::answer(site, shelf, *errand, arrival.request(), captures).await
        }
        Aim::Port(port) => transfer::visit(site, goal, port, arrival, captures).await,
        // Reached above.
        Aim::Envelope(_) | Aim::Route(_) => Err(vanished()),
    }
}

/// The answer to a message that nobody waits for.
fn accepted() -> Response {
    reply::json(StatusCode::ACCEPTED, br#"{"status":"Ok","message":null}"#.to_vec())
}

fn answer_own(site: &Site, own: Own) -> Response {
    match own {
        Own::Live => probe(StatusCode::OK, "ok"),
        Own::Ready if site.is_draining() => probe(StatusCode::SERVICE_UNAVAILABLE, "draining"),
        Own::Ready => probe(StatusCode::OK, "ready"),
        Own::Health => health(site),
        Own::Shutdown => {
            tracing::info!("stopping: asked over HTTP");
            site.life().advance(Phase::Draining);
            reply::json(StatusCode::OK, br#"{"status":"Shutting down"}"#.to_vec())
        }
    }
}

fn endpoint(site: &Site, number: usize) -> Option<&Arc<dyn Endpoint>> {
    site.directory.endpoints().get(number)
}

/// No goal names a handler that the directory does not have.
fn vanished() -> Error {
    Error::internal("a route leads to no handler")
}

fn probe(status: StatusCode, text: &str) -> Response {
    reply::json(status, format!(r#"{{"status":"{text}"}}"#).into_bytes())
}

/// Which handlers are short of replicas is for the log: this path needs no key.
fn health(site: &Site) -> Response {
    let missing = |endpoint: &Arc<dyn Endpoint>| endpoint.figures().missing > 0;
    let degraded = site.directory.endpoints().iter().any(missing);
    probe(StatusCode::OK, if degraded { "degraded" } else { "ok" })
}

/// Another place on the same host, with what the path captured and the query.
fn moved_to(site: &Site, moved: &Moved, head: &Head, captures: &Captures) -> Result<Response> {
    use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
    /// What is no part of a path (RFC 3986, section 3.3).
    const OUTSIDE: &AsciiSet = &CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'#')
        .add(b'%')
        .add(b'<')
        .add(b'>')
        .add(b'?')
        .add(b'[')
        .add(b'\\')
        .add(b']')
        .add(b'^')
        .add(b'`')
        .add(b'{')
        .add(b'|')
        .add(b'}');
    /// And what would end a segment.
    const OUTSIDE_SEGMENT: &AsciiSet = &OUTSIDE.add(b'/');
    let mut location = String::new();
    for piece in moved.pieces {
        match *piece {
            Piece::Text(text) => location.extend(utf8_percent_encode(text, OUTSIDE)),
            Piece::Param(name) | Piece::Regex(name, _) => {
                let captured = captures.iter(head.uri().path()).find(|(own, _)| *own == name);
                let value = captured.map_or("", |(_, value)| value);
                location.extend(utf8_percent_encode(value, OUTSIDE_SEGMENT));
            }
        }
    }
    if site.is_embedded() {
        location = path::relative(head.uri().path(), &location);
    }
    if let Some(query) = head.uri().query() {
        location.push('?');
        location.push_str(query);
    }
    let location = HeaderValue::try_from(location)
        .map_err(|error| Error::internal("the new place is no header").with_source(error))?;
    let mut response = reply::empty(StatusCode::MOVED_PERMANENTLY);
    response.headers_mut().insert(LOCATION, location);
    Ok(response)
}

/// An error of a handler. What the process keeps to itself goes to the log under the number of the
/// request, which the client is told.
pub(super) fn failed(endpoint: &dyn Endpoint, http: &HttpOrigin, error: Error) -> Error {
    if !matches!(error.kind(), Kind::Internal | Kind::Panicked) {
        return error;
    }
    let request_id = http.trace().id();
    let (handler, story) = (&*endpoint.options().name, error.story());
    tracing::error!(handler, request_id = &*request_id, error = story, "a request failed");
    tag(error, &request_id)
}

/// The error with the number of its request.
pub(super) fn tag(error: Error, request_id: &str) -> Error {
    match HeaderValue::from_str(request_id) {
        Ok(id) => error.with_header(REQUEST_ID, id),
        Err(_) => error,
    }
}

/// What the message of a handler is read of.
async fn read(route: &RouteAim, head: &Head, body: Body, limit: u64) -> Result<Payload> {
    Ok(match route.reads {
        Reads::Nothing => Payload::empty(),
        Reads::Bytes => Payload::raw(body.collect(limit).await?),
        Reads::Json | Reads::Form if reads_the_query(head.method()) => {
            let query = head.uri().query().map(str::to_owned);
            Payload::fields(Fields { captures: captured(route, head), query, body: None })
        }
        Reads::Json => json(route, head, body, limit).await?,
        Reads::Form => {
            let fits =
                |essence: &[u8]| essence.eq_ignore_ascii_case(b"application/x-www-form-urlencoded");
            match check_media(head, "application/x-www-form-urlencoded", fits) {
                Ok(()) => Payload::raw(body.collect(limit).await?),
                Err(error) => Payload::missing(unless_empty(body, error).await?),
            }
        }
        // What announces that it is too long is refused before anybody reads it.
        Reads::Stream if http_body::Body::size_hint(&body).lower() > limit => {
            return Err(body.too_large(limit));
        }
        Reads::Upload => transfer::upload_on_a_route(head, body, limit)?,
        Reads::Stream | Reads::Upgrade => {
            Payload::request(Request::from_parts(head.to_parts(), body))
        }
    })
}

/// What is asked for stands in the path and the query (RFC 9110, section 9.3).
fn reads_the_query(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::DELETE)
}

/// What the path captured, if that is part of the message.
fn captured(route: &RouteAim, head: &Head) -> Vec<(&'static str, String)> {
    let captures = head.captures().filter(|_| route.merges);
    captures.map(|(name, value)| (name, value.to_owned())).collect()
}

/// A body of JSON, with what the path captured if that is part of the message.
async fn json(route: &RouteAim, head: &Head, body: Body, limit: u64) -> Result<Payload> {
    let merged = |members| {
        let captures = captured(route, head);
        Payload::fields(Fields { captures, query: None, body: Some(members) })
    };
    let checked = check_media(head, "application/json", |essence| {
        essence.eq_ignore_ascii_case(b"application/json")
            || essence.len() > 5 && essence[essence.len() - 5..].eq_ignore_ascii_case(b"+json")
    });
    let bytes: Bytes = match checked {
        Ok(()) => body.collect(limit).await?,
        Err(error) => match unless_empty(body, error).await? {
            _ if route.merges => Bytes::new(),
            error => return Ok(Payload::missing(error)),
        },
    };
    if !route.merges {
        return Ok(if bytes.is_empty() { Payload::empty() } else { Payload::json_bytes(bytes) });
    }
    if bytes.is_empty() {
        return Ok(merged(serde_json::Map::new()));
    }
    let members = serde_json::from_slice(&bytes).map_err(|error| {
        if error.is_data() {
            Error::unprocessable("the message does not fit: an object is expected")
        } else {
            Error::bad_request(format!("the message is not valid JSON: {error}"))
        }
    })?;
    Ok(merged(members))
}

/// The error of a body that is empty, which is no mistake to a handler that can do without. One in chunks
/// says only by its end that it is.
async fn unless_empty(mut body: Body, error: Error) -> Result<Error> {
    let is_there = http_body::Body::size_hint(&body).lower() > 0 || body.next().await?.is_some();
    if is_there { Err(error) } else { Ok(error) }
}

fn check_media(head: &Head, wanted: &str, fits: impl Fn(&[u8]) -> bool) -> Result<()> {
    let said = head.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let essence = said.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    if fits(essence) {
        return check_coding(head);
    }
    Err(Error::unsupported_media_type(match said {
        [] => format!("the body has no Content-Type; it has to be {wanted}"),
        _ => format!("the body has to be {wanted}"),
    }))
}

/// Nothing that comes is unpacked, so what has to be read must not be packed (RFC 9110, section 15.5.16).
fn check_coding(head: &Head) -> Result<()> {
    let codings = head.headers().get_all(CONTENT_ENCODING).iter();
    let mut named = codings.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    let is_plain = |coding: &[u8]| {
        let coding = coding.trim_ascii();
        coding.is_empty() || coding.eq_ignore_ascii_case(b"identity")
    };
    if named.all(is_plain) {
        return Ok(());
    }
    let error = Error::unsupported_media_type("the body must not be in a content coding");
    Err(error.with_header(ACCEPT_ENCODING, HeaderValue::from_static("identity")))
}

/// What a service of somebody else's answers. An error of it has its kind if it is one of ours.
async fn mounted(site: &Arc<Site>, mount: &MountAim, request: Request) -> Result<Response> {
    let _in_flight = site.enter()?;
    let MountAim { service, path, pattern: _, segments } = mount;
    let response = match catch(service.call(request, *segments)).await {
        Ok(response) => response?,
        Err(panic) => {
            tracing::error!(mount = &**path, "a service panicked{}", panics::story(&*panic));
            return Err(Error::panicked("a mounted service panicked"));
        }
    };
    // What the service has whole comes in a body of its own type, and tells so by its length.
    if http_body::Body::size_hint(response.body()).exact().is_some() {
        return Ok(response);
    }
    stream::counted(site, path, &Arc::default(), response)
}
