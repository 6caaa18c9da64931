//! One request: what it is for, whether it may, and its answer.
//!
//! ```text
//! shape -> (layers of the program) -> router -> (global) -> key -> (groups, the handler's own) -> goal
//! ```
//!
//! The ready-made parts stand around all of this, if any of them is on.
//!
//! Until it is written, an error is an [`Error`]: whatever stands around sees what kind it is.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use http::header::{
    ACCEPT, ALLOW, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HOST, LOCATION, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, Version};

use crate::captures::Captures;
use crate::context::{BoxFuture, fresh_request_id};
use crate::error::{Error, Kind, Result};
use crate::head::{Head, Request, Response};
use crate::http::goal;
use crate::http::guard;
use crate::http::path;
use crate::http::reply::{self, Style};
use crate::http::router::Found;
use crate::http::site::{Aim, Catching, Goal, Site};
use crate::http::status;
use crate::http::ways::Own;
use crate::middleware::{Caught, CaughtError, End, Next};
use crate::panics;
use crate::replica::run::catch;

/// How many header fields a request may have.
pub(crate) const MAX_HEADERS: usize = 100;

/// How long a request target may be, in bytes.
const MAX_URI: usize = 8 * 1024;

/// Answers one request.
pub(crate) async fn serve(
    site: &Arc<Site>,
    // In a box on its way through: each of these futures would keep and move all of it.
    mut request: Box<Request>,
    peer: SocketAddr,
    stage: Stage,
) -> Response {
    let ready = site.ready.as_ref();
    let mut seen = ready
        .filter(|_| stage == Stage::Outside)
        .map(|ready| (ready, ready.see(&mut request, peer)));
    // One future: what is called with the request would keep it twice.
    let response = 'answered: {
        if stage == Stage::Outside {
            if let Some(refusal) = refuse_shape(&request, site.is_embedded()) {
                break 'answered refusal;
            }
            if !site.table.layers.is_empty() {
                // What is rare is boxed, so that the future of every request is small.
                let response = Box::pin(layered(site, *request, peer)).await;
                if let (Some((_, seen)), Some(Took(goal))) =
                    (&mut seen, response.extensions().get::<Took>())
                {
                    seen.took(site, Some(*goal));
                }
                break 'answered response;
            }
        }
        let matched = find(site, &request);
        let number = matched.number();
        if let Some((_, seen)) = &mut seen {
            seen.took(site, number);
        }
        if let Some(preflight) = ready.and_then(|ready| ready.preflight(site, &request)) {
            break 'answered preflight;
        }
        if let Some(limit) = matched.goal(site).and_then(|goal| goal.body_limit) {
            request.body_mut().limit(limit);
        }
        let about = About::of(site, &request, Some(&matched), peer);
        let around = &site.table.around;
        let outcome = if around.is_empty() {
            guarded(site, request, matched, &about, peer).await
        } else {
            let matched = matched.kept(&request);
            let inside =
                Inside { site: site.clone(), about: about.clone(), matched, peer, then: Then::Key };
            Box::pin(sheltered(Next::new(around.clone(), Arc::new(inside)), *request)).await
        };
        let mut response = match outcome {
            Ok(response) if site.table.catchers.is_empty() => response,
            outcome => Box::pin(settle(site, &about, outcome)).await,
        };
        if let (Stage::Behind, Some(number)) = (stage, number) {
            response.extensions_mut().insert(Took(number));
        }
        response
    };
    match seen {
        None => response,
        Some((ready, seen)) => ready.finish(seen, response),
    }
}

/// Where a request is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It has just come.
    Outside,
    /// It has come through the layers of the program.
    Behind,
}

/// Which goal it was, for the log outside of the layers.
#[derive(Clone)]
struct Took(u32);

/// The layers of the program stand around the router too: one that changes the path of a request changes
/// where it goes.
async fn layered(site: &Arc<Site>, request: Request, peer: SocketAddr) -> Response {
    let about = About::of(site, &request, None, peer);
    let end = Whole { site: site.clone(), about: about.clone(), peer };
    let outcome = sheltered(Next::new(site.table.layers.clone(), Arc::new(end)), request).await;
    settle(site, &about, outcome).await
}

/// The outcome as a response: an error is written, and what says nothing is a matter for the catchers.
async fn settle(site: &Site, about: &About, outcome: Result<Response>) -> Response {
    match outcome {
        Ok(response) => catch_empty(site, about, response).await,
        Err(error) => render(site, about, error).await,
    }
}

/// What hyper leaves to its user: the length of the target, and one host (RFC 9112, section 3.2).
fn refuse_shape(request: &Request, embedded: bool) -> Option<Response> {
    let length = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if length > MAX_URI {
        let text = format!("the request target is longer than {MAX_URI} bytes");
        return Some(reply::refusal(status::URI_TOO_LONG, "uri too long", &text, Style::Problem));
    }
    let mut hosts = request.headers().get_all(HOST).iter();
    let one_host = match (hosts.next(), hosts.next()) {
        (Some(_), None) => true,
        // HTTP/2 says it in `:authority`, HTTP/1.0 need not say it, and a request that did not come over
        // a connection of ours was looked at by whoever has it.
        (None, None) => request.version() != Version::HTTP_11 || embedded,
        _ => false,
    };
    if !one_host {
        let error = Error::bad_request("the request must have exactly one Host");
        return Some(reply::error(&error, Style::Problem, ""));
    }
    None
}

/// What the router said of a request, free of what it borrowed.
#[derive(Clone)]
struct Matched {
    found: Outcome,
    captures: Captures,
}

#[derive(Clone)]
enum Outcome {
    Goal(u32),
    OtherMethods(HeaderValue),
    Redirect { with_slash: bool },
    Nothing,
    Malformed,
}

fn find(site: &Site, request: &Request) -> Matched {
    let host = guard::host_of(request.uri(), request.headers());
    let mut captures = Captures::default();
    let found = match site.table.find(host, request.uri().path(), request.method().as_str()) {
        Found::Route { target, captures: captured } => {
            captures = captured;
            Outcome::Goal(*target)
        }
        Found::OtherMethods { allow } => Outcome::OtherMethods(allow.clone()),
        Found::Redirect { with_slash } => Outcome::Redirect { with_slash },
        Found::Nothing => Outcome::Nothing,
        Found::Malformed => Outcome::Malformed,
    };
    Matched { found, captures }
}

impl Matched {
    /// The same, whatever becomes of the request's path on the way.
    fn kept(mut self, request: &Request) -> Self {
        self.captures.keep(request.uri().path());
        self
    }

    fn number(&self) -> Option<u32> {
        match self.found {
            Outcome::Goal(number) => Some(number),
            _ => None,
        }
    }

    fn goal<'s>(&self, site: &'s Site) -> Option<&'s Goal> {
        site.table.goals.get(self.number()? as usize)
    }
}

/// What is kept of a request for the case that its answer is an error.
#[derive(Clone)]
struct About {
    style: Style,
    method: Method,
    uri: Uri,
    accept: Option<HeaderValue>,
    /// Known already where something stands around everything.
    request_id: Option<Arc<str>>,
    /// Kept where a catcher may want to look at it.
    head: Option<Arc<Head>>,
}

impl About {
    fn of(site: &Site, request: &Request, matched: Option<&Matched>, peer: SocketAddr) -> Self {
        let style = match matched.and_then(|matched| matched.goal(site)) {
            Some(goal) => goal.style,
            // Where a handler could be, the answer is what a handler's would be.
            None if path::one_segment(request.uri().path()).is_some() => Style::Envelope,
            None => Style::Problem,
        };
        let accept = match style {
            Style::Envelope => None,
            _ => reply::accepted(request.headers()),
        };
        let request_id = request.extensions().get::<RequestId>().map(|id| id.0.clone());
        let head = (!site.table.catchers.is_empty()).then(|| {
            let matched = matched.map(|matched| matched.clone().kept(request));
            Arc::new(head_of(site, copied(request), peer, matched.as_ref()))
        });
        About {
            style,
            method: request.method().clone(),
            uri: request.uri().clone(),
            accept,
            request_id,
            head,
        }
    }
}

/// The head of a request that is not, or not yet, with a handler.
fn head_of(
    site: &Site,
    parts: http::request::Parts,
    peer: SocketAddr,
    matched: Option<&Matched>,
) -> Head {
    let pattern = matched.and_then(|matched| matched.goal(site)).and_then(|goal| match &goal.aim {
        Aim::Route(route) => Some(route.pattern),
        _ => None,
    });
    let captures = matched.map(|matched| matched.captures.clone()).unwrap_or_default();
    Head::new(parts, peer, captures, pattern)
}

/// All of a head but the extensions, which are the business of those that the request goes through.
fn copied(request: &Request) -> http::request::Parts {
    let (mut parts, ()) = http::Request::new(()).into_parts();
    parts.method = request.method().clone();
    parts.uri = request.uri().clone();
    parts.version = request.version();
    parts.headers = request.headers().clone();
    parts
}

/// The number of a request, once somebody needed it.
#[derive(Clone)]
pub(super) struct RequestId(pub(super) Arc<str>);

/// What a chain needs of one request to go on behind it.
#[derive(Clone)]
struct Inside {
    site: Arc<Site>,
    about: About,
    matched: Matched,
    peer: SocketAddr,
    then: Then,
}

/// Where a request goes on behind a chain.
#[derive(Clone, Copy)]
enum Then {
    /// To the key, from what stands around everything.
    Key,
    /// To its goal, from what stands around that.
    Goal,
}

impl End for Inside {
    fn head(&self, parts: http::request::Parts) -> Head {
        head_of(&self.site, parts, self.peer, Some(&self.matched))
    }

    fn call(self: Arc<Self>, request: Request) -> BoxFuture<'static, Result<Response>> {
        Box::pin(async move {
            let Inside { site, about, matched, peer, then } = Arc::unwrap_or_clone(self);
            match then {
                Then::Key => guarded(&site, Box::new(request), matched, &about, peer).await,
                Then::Goal => goal(&site, Box::new(request), matched, peer).await,
            }
        })
    }

    fn settle(
        self: Arc<Self>,
        rest: BoxFuture<'static, Result<Response>>,
    ) -> BoxFuture<'static, Response> {
        Box::pin(async move { settle(&self.site, &self.about, caught_panic(rest).await).await })
    }
}

/// What stands inside of the layers of the program.
struct Whole {
    site: Arc<Site>,
    about: About,
    peer: SocketAddr,
}

impl End for Whole {
    fn head(&self, parts: http::request::Parts) -> Head {
        head_of(&self.site, parts, self.peer, None)
    }

    fn call(self: Arc<Self>, request: Request) -> BoxFuture<'static, Result<Response>> {
        Box::pin(
            async move { Ok(serve(&self.site, Box::new(request), self.peer, Stage::Behind).await) },
        )
    }

    fn settle(
        self: Arc<Self>,
        rest: BoxFuture<'static, Result<Response>>,
    ) -> BoxFuture<'static, Response> {
        Box::pin(async move { settle(&self.site, &self.about, caught_panic(rest).await).await })
    }
}

/// Looks whether the request may go on, and goes on.
async fn guarded(
    site: &Arc<Site>,
    request: Box<Request>,
    matched: Matched,
    about: &About,
    peer: SocketAddr,
) -> Result<Response> {
    admit(site, &request, matched.goal(site))?;
    let chain = site.table.chain_at(request.uri().path(), matched.goal(site));
    if chain.is_empty() {
        return goal(site, request, matched, peer).await;
    }
    let matched = matched.kept(&request);
    let inside =
        Inside { site: site.clone(), about: about.clone(), matched, peer, then: Then::Goal };
    Box::pin(sheltered(Next::new(chain, Arc::new(inside)), *request)).await
}

/// Whether the request may go on. What there is stays a secret to whoever has no key: to them a path
/// that exists and one that does not are the same.
fn admit(site: &Site, request: &Request, goal: Option<&Goal>) -> Result<()> {
    if !site.keys.is_empty() {
        let open_to_all = goal.is_some_and(|goal| goal.is_public);
        return if open_to_all { Ok(()) } else { guard::check_key(&site.keys, request.headers()) };
    }
    let stops = goal.is_some_and(|goal| matches!(goal.aim, Aim::Own(Own::Shutdown)));
    // Reading from here is one thing, and stopping what others read from is another.
    let shared = !stops && site.ready.as_ref().is_some_and(|ready| ready.shares(request));
    guard::check_site(request, site.loopback, shared)?;
    if stops && !guard::may_stop_without_key(request, site.loopback) {
        return Err(Error::forbidden(
            "without a key only a request from this machine may stop the manager",
        ));
    }
    Ok(())
}

async fn goal(
    site: &Arc<Site>,
    request: Box<Request>,
    matched: Matched,
    peer: SocketAddr,
) -> Result<Response> {
    let Some(goal) = matched.goal(site) else { return no_goal(site, &request, matched.found) };
    let said = goal.headers.iter().map(|(name, value)| (name.clone(), value.clone()));
    match goal::reach(site, goal, request, matched.captures, peer).await {
        Ok(mut response) => {
            for (name, value) in said {
                response.headers_mut().append(name, value);
            }
            Ok(response)
        }
        Err(error) => Err(said.fold(error, |error, (name, value)| error.with_header(name, value))),
    }
}

/// The answer where the path leads nowhere, or not with this method, or not in this form.
fn no_goal(site: &Site, request: &Request, outcome: Outcome) -> Result<Response> {
    match outcome {
        Outcome::OtherMethods(allowed) if request.method() == Method::OPTIONS => {
            let mut response = reply::empty(StatusCode::NO_CONTENT);
            response.headers_mut().insert(ALLOW, allowed);
            Ok(response)
        }
        Outcome::OtherMethods(allowed) => {
            let listed = allowed.to_str().unwrap_or_default();
            let method = request.method();
            let text = format!("{method} is not allowed here; allowed: {listed}");
            Err(Error::method_not_allowed(text).with_header(ALLOW, allowed))
        }
        Outcome::Redirect { with_slash } => {
            let (path, query) = (request.uri().path(), request.uri().query());
            let mut location = match with_slash {
                true => format!("{path}/"),
                false => path.strip_suffix('/').unwrap_or(path).to_owned(),
            };
            // Two slashes at the beginning would name another host.
            if location.starts_with("//") {
                return Err(nothing(path));
            }
            if site.is_embedded() {
                location = path::relative(path, &location);
            }
            if let Some(query) = query {
                location.push('?');
                location.push_str(query);
            }
            let mut response = reply::empty(StatusCode::PERMANENT_REDIRECT);
            match HeaderValue::from_str(&location) {
                Ok(location) => response.headers_mut().insert(LOCATION, location),
                Err(_) => return Err(nothing(path)),
            };
            Ok(response)
        }
        Outcome::Malformed => Err(Error::bad_request("the path is not percent-encoded UTF-8")),
        Outcome::Nothing | Outcome::Goal(_) => Err(nothing(request.uri().path())),
    }
}

fn nothing(path: &str) -> Error {
    match path::one_segment(path) {
        Some(name) => Error::not_found(format!("Handler not found: {name}")),
        None => Error::not_found(format!("nothing is at {path}")),
    }
}

/// Runs middleware, whose panic is nobody's but the request's.
async fn sheltered(chain: Next, request: Request) -> Result<Response> {
    caught_panic(chain.run(request)).await
}

async fn caught_panic(rest: impl Future<Output = Result<Response>>) -> Result<Response> {
    match catch(rest).await {
        Ok(outcome) => outcome,
        Err(panic) => {
            tracing::error!("a middleware panicked{}", panics::story(&*panic));
            Err(Error::panicked("a middleware panicked"))
        }
    }
}

/// An error as a response: what a catcher makes of it, or what we do.
async fn render(site: &Site, about: &About, error: Error) -> Response {
    let error = with_request_id(about, error);
    let style = about.style.for_client(about.accept.as_ref());
    let request_id: Arc<str> = request_id_of(error.headers()).into();
    let response = reply::error(&error, style, &request_id);
    let (mut response, was_caught) = replaced(site, about, Some(error), response, request_id).await;
    if about.style != Style::Envelope && !was_caught {
        // To another client it would read differently (RFC 9110, section 12.5.5).
        response.headers_mut().append(VARY, HeaderValue::from_name(ACCEPT));
    }
    response
}

/// What the process keeps to itself is found in the log under a number, so such an error has one.
fn with_request_id(about: &About, error: Error) -> Error {
    let hidden = matches!(error.kind(), Kind::Internal | Kind::Panicked);
    if !hidden || !request_id_of(error.headers()).is_empty() {
        return error;
    }
    let request_id = about.request_id.clone().unwrap_or_else(fresh_request_id);
    tracing::error!(request_id = &*request_id, error = error.story(), "a request failed");
    goal::tag(error, &request_id)
}

fn request_id_of(headers: Option<&HeaderMap>) -> &str {
    let id = headers.and_then(|headers| headers.get("x-request-id"));
    id.and_then(|id| id.to_str().ok()).unwrap_or_default()
}

/// A response that says nothing but that something went wrong is a matter for the catchers as well.
async fn catch_empty(site: &Site, about: &About, response: Response) -> Response {
    let status = response.status();
    let says_nothing = http_body::Body::is_end_stream(response.body());
    let is_error = status.is_client_error() || status.is_server_error();
    // What was caught further inside has been given its body there, even if that is none.
    if !is_error || !says_nothing || response.extensions().get::<Caught>().is_some() {
        return response;
    }
    let request_id = about.request_id.clone().unwrap_or_default();
    replaced(site, about, None, response, request_id).await.0
}

/// The response with the body that the first catcher gives it that fits, and whether one did. It carries
/// what was caught, for whoever stands further outside.
async fn replaced(
    site: &Site,
    about: &About,
    error: Option<Error>,
    response: Response,
    request_id: Arc<str>,
) -> (Response, bool) {
    let (status, method, uri) = (response.status(), about.method.clone(), about.uri.clone());
    let head = about.head.clone();
    let caught = Caught::new(CaughtError { error, status, method, uri, request_id, head });
    let path = about.uri.path();
    let catchers = &site.table.catchers;
    let catcher = catchers.iter().find(|one| one.catches(status.as_u16(), path));
    let theirs = match catcher {
        Some(catcher) => run_catcher(catcher, caught.clone()).await,
        None => None,
    };
    let was_caught = theirs.is_some();
    let mut response = match theirs {
        Some(theirs) => replace(response, theirs),
        None => response,
    };
    response.extensions_mut().insert(caught);
    (response, was_caught)
}

/// What a catcher makes of it. One that fails itself is logged, and the answer is what it would be without
/// it.
async fn run_catcher(catcher: &Catching, caught: Caught) -> Option<Response> {
    let run = (catcher.entry.run)(catcher.context.clone(), caught);
    let failed = match catch(run).await {
        Ok(Ok(reply)) => match reply::plain(reply) {
            Ok(response) => return Some(response),
            Err(error) => error.story(),
        },
        Ok(Err(error)) => error.story(),
        Err(panic) => format!("panicked{}", panics::story(&*panic)),
    };
    let name = catcher.entry.spec.name;
    tracing::error!(catcher = name, error = failed, "a catcher failed");
    None
}

/// The response of a catcher in place of ours: its body and its headers, our status unless it has one of
/// its own, and what the error said in headers.
fn replace(ours: Response, theirs: Response) -> Response {
    let (ours, _) = ours.into_parts();
    let (mut theirs, body) = theirs.into_parts();
    if theirs.status == StatusCode::OK {
        theirs.status = ours.status;
    }
    let own = |name: &HeaderName| {
        // What is said of a body is not said of another one.
        [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING].contains(name)
    };
    let kept: Vec<_> = ours
        .headers
        .iter()
        .filter(|(name, _)| !own(name) && !theirs.headers.contains_key(*name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    for (name, value) in kept {
        theirs.headers.append(name, value);
    }
    Response::from_parts(theirs, body)
}
