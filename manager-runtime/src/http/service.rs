//! One request: what it is for, whether it may, and its answer.
//!
//! ```text
//! shape -> (layers of the program) -> router -> (global) -> key, authenticator, rate
//!       -> (groups, the handler's own) -> goal
//! ```
//!
//! The ready-made parts stand around all of this, if any of them is on.
//!
//! Until it is written, an error is an [`Error`]: whatever stands around sees what kind it is.

use std::future::Future;
use std::sync::{Arc, OnceLock};

use http::header::{
    ACCEPT, ALLOW, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, TRANSFER_ENCODING,
    UPGRADE, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};

use crate::captures::Captures;
use crate::context::{BoxFuture, fresh_request_id};
use crate::error::{Error, Kind, Result};
use crate::head::{Head, Request, RequestId, Response};
use crate::http::arrival::Arrival;
use crate::http::goal;
use crate::http::guard;
use crate::http::host;
use crate::http::path;
use crate::http::rates;
use crate::http::reply::{self, Style};
use crate::http::router::Found;
use crate::http::site::{Aim, Authenticating, Catching, Goal, Site};
use crate::http::status;
use crate::middleware::{Caught, CaughtError, Chain, End, Next};
use crate::panics;
use crate::peer::Peer;
use crate::replica::run::catch;

/// How many header fields a request may have.
pub(crate) const MAX_HEADERS: usize = 100;

/// How long a request target may be, in bytes.
const MAX_URI: usize = 8 * 1024;

/// Answers one request.
// One future for what every request goes through: each that is awaited in another one hands its response
// over by copying it. What is rarer is boxed, so that this one is small.
pub(super) async fn serve(site: &Arc<Site>, mut arrival: Arrival) -> Response {
    if site.ready.is_some() || !site.table.layers.is_empty() {
        return Box::pin(surrounded(site, arrival)).await;
    }
    if let Some(refusal) = refuse_shape(site, &arrival) {
        return refusal;
    }
    let mut matched = find(site, &mut arrival);
    let goal = matched.goal(site);
    if !site.table.is_direct(goal) {
        return Box::pin(routed(site, arrival, matched)).await;
    }
    let mut was_reached = false;
    // With an authenticator to ask it would not be direct.
    let known = admit(site, &mut arrival, goal).map_err(Error::discreet);
    let mut outcome = match known.and_then(|_| guard::check_names(goal, arrival.peer())) {
        Err(error) => Err(error),
        Ok(()) => match goal {
            Some(goal) => {
                was_reached = true;
                goal::reach(site, goal, &mut arrival, &mut matched.captures).await
            }
            None => no_goal(site, arrival.head(), &matched.found),
        },
    };
    if let Some(goal) = goal.filter(|goal| was_reached && goal.says_more()) {
        outcome = goal.mark(outcome);
    }
    match outcome {
        Ok(response) if site.table.catchers.is_empty() => response,
        outcome => {
            let about = About::of(site, arrival.head(), Some(&matched));
            Box::pin(settle(site, &about, outcome)).await
        }
    }
}

/// Answers a request of which it is known where it leads.
async fn routed(site: &Arc<Site>, arrival: Arrival, matched: Matched) -> Response {
    let about = About::of(site, arrival.head(), Some(&matched));
    let around = &site.table.around;
    let outcome = if around.is_empty() {
        guarded(site, arrival, matched, &about).await
    } else {
        inside(site, around.clone(), arrival, matched, &about, Then::Key).await
    };
    settle(site, &about, outcome).await
}

/// Answers a request inside of the ready-made parts and of the layers of the program.
async fn surrounded(site: &Arc<Site>, mut arrival: Arrival) -> Response {
    let mut seen = site.ready.as_ref().map(|ready| (ready, ready.see(&mut arrival)));
    let mut note = |goal| {
        if let Some((_, seen)) = &mut seen {
            seen.took(site, goal);
        }
    };
    let response = match refuse_shape(site, &arrival) {
        Some(refusal) => refusal,
        None if site.table.layers.is_empty() => found(site, arrival, note).await,
        None => {
            let (response, goal) = layered(site, arrival).await;
            note(goal);
            response
        }
    };
    match seen {
        None => response,
        Some((ready, seen)) => ready.finish(seen, response),
    }
}

/// Looks where a request leads, notes which goal that is, and answers it.
async fn found(site: &Arc<Site>, mut arrival: Arrival, note: impl FnOnce(Option<u32>)) -> Response {
    let matched = find(site, &mut arrival);
    note(matched.number());
    let preflight = site.ready.as_ref().and_then(|ready| ready.preflight(site, arrival.head()));
    match preflight {
        Some(preflight) => preflight,
        None => routed(site, arrival, matched).await,
    }
}

/// The layers of the program stand around the router too: one that changes the path of a request changes
/// where it goes.
async fn layered(site: &Arc<Site>, arrival: Arrival) -> (Response, Option<u32>) {
    let about = About::of(site, arrival.head(), None);
    let (site, peer) = (site.clone(), arrival.peer().clone());
    let end = Arc::new(Whole { site, about, peer, took: OnceLock::new() });
    let chain = Next::new(end.site.table.layers.clone(), end.clone());
    let outcome = sheltered(chain, arrival.into_request()).await;
    let response = settle(&end.site, &end.about, outcome).await;
    (response, end.took.get().copied().flatten())
}

/// The outcome as a response: an error is written, and what says nothing is a matter for the catchers.
async fn settle(site: &Site, about: &About, outcome: Result<Response>) -> Response {
    match outcome {
        Ok(response) => catch_empty(site, about, response).await,
        Err(error) => render(site, about, error).await,
    }
}

/// What hyper leaves to its user: the length of the target, one host (RFC 9112, section 3.2), and transfer
/// codings that nobody here takes off (section 6.1).
fn refuse_shape(site: &Site, arrival: &Arrival) -> Option<Response> {
    let head = arrival.head();
    let length = head.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if length > MAX_URI {
        site.edge().large_heads.one();
        let text = format!("the request target is longer than {MAX_URI} bytes");
        return Some(reply::refusal(status::URI_TOO_LONG, "uri too long", &text, Style::Problem));
    }
    let error = match host::check(head, site.is_embedded()) {
        Err(why) => Error::bad_request(why),
        Ok(()) if arrival.body.is_chunked() && !is_chunked_alone(head) => {
            Error::not_implemented("no transfer coding but chunked is known here")
        }
        Ok(()) => return None,
    };
    site.edge().malformed.one();
    Some(reply::error(&error, Style::Problem, ""))
}

/// Whether what is said of a body that came in chunks is that and no more. HTTP/2 has no transfer codings.
fn is_chunked_alone(head: &Head) -> bool {
    let mut codings = head.headers().get_all(TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (Some(coding), None) => coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked"),
        (None, _) => true,
        _ => false,
    }
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

/// Looks where a request leads, whose body may then be as long as it may be there.
fn find(site: &Site, arrival: &mut Arrival) -> Matched {
    let matched = look_up(site, arrival.head());
    if let Some(goal) = matched.goal(site) {
        arrival.body.limit(goal.limit(site.limits()));
    }
    matched
}

fn look_up(site: &Site, head: &Head) -> Matched {
    let mut captures = Captures::default();
    let found = match site.table.find(head, head.method().as_str()) {
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
    fn kept(mut self, head: &Head) -> Self {
        self.captures.keep(head.uri().path());
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
    fn of(site: &Site, head: &Head, matched: Option<&Matched>) -> Self {
        let style = match matched.and_then(|matched| matched.goal(site)) {
            Some(goal) => goal.style,
            None => style_of(head.uri()),
        };
        let accept = match style {
            Style::Envelope => None,
            _ => reply::accepted(head.headers()),
        };
        let request_id = head.extensions().get::<RequestId>().map(|id| id.0.clone());
        let kept = || Arc::new(head_of(site, head.without_extensions(), matched));
        About {
            style,
            method: head.method().clone(),
            uri: head.uri().clone(),
            accept,
            request_id,
            head: (!site.table.catchers.is_empty()).then(kept),
        }
    }
}

/// How an error is written where nothing is: where a handler could be, as a handler's would be.
fn style_of(uri: &Uri) -> Style {
    match path::one_segment(uri.path()) {
        Some(_) => Style::Envelope,
        None => Style::Problem,
    }
}

/// The head of a request that need not be with a handler yet.
fn head_of(site: &Site, mut head: Head, matched: Option<&Matched>) -> Head {
    if let Some(matched) = matched.filter(|_| head.pattern().is_none()) {
        let pattern = match matched.goal(site).map(|goal| &goal.aim) {
            Some(Aim::Route(route)) => Some(route.pattern),
            _ => None,
        };
        head.take(pattern, matched.captures.clone());
    }
    head
}

/// What a chain needs of one request to go on behind it.
#[derive(Clone)]
struct Inside {
    site: Arc<Site>,
    about: About,
    matched: Matched,
    peer: Peer,
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
        head_of(&self.site, Head::new(parts, self.peer.clone()), Some(&self.matched))
    }

    fn call(self: Arc<Self>, request: Request) -> BoxFuture<'static, Result<Response>> {
        Box::pin(async move {
            let Inside { site, about, matched, peer, then } = Arc::unwrap_or_clone(self);
            let arrival = Arrival::of(request, peer);
            match then {
                Then::Key => guarded(&site, arrival, matched, &about).await,
                Then::Goal => at_goal(&site, arrival, matched).await,
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
    peer: Peer,
    /// Which goal it was, for the log outside of the layers.
    took: OnceLock<Option<u32>>,
}

impl End for Whole {
    fn head(&self, parts: http::request::Parts) -> Head {
        Head::new(parts, self.peer.clone())
    }

    fn call(self: Arc<Self>, request: Request) -> BoxFuture<'static, Result<Response>> {
        Box::pin(async move {
            let arrival = Arrival::of(request, self.peer.clone());
            // A layer that tries again asks for the same.
            let note = |goal| _ = self.took.set(goal);
            Ok(found(&self.site, arrival, note).await)
        })
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
    mut arrival: Arrival,
    matched: Matched,
    about: &About,
) -> Result<Response> {
    let goal = matched.goal(site);
    if let Some(authenticator) = admit(site, &mut arrival, goal).map_err(Error::discreet)? {
        identify(site, authenticator, &mut arrival, goal).await.map_err(Error::discreet)?;
    }
    guard::check_names(goal, arrival.peer())?;
    let Some(quota) = site.table.quota_of(goal) else {
        return behind_the_guard(site, arrival, matched, about).await;
    };
    let left = quota.take(&site.table.rates, arrival.peer()).inspect_err(|_| {
        let handler = goal.and_then(Goal::endpoint);
        if let Some(endpoint) = handler.and_then(|one| site.directory.endpoints().get(one)) {
            endpoint.count_limited();
        }
    })?;
    let policy = quota.policy().clone();
    let said = [(rates::POLICY, Some(policy)), (rates::LIMIT, left)];
    let said = said.into_iter().filter_map(|(name, value)| Some((name, value?)));
    match behind_the_guard(site, arrival, matched, about).await {
        Ok(mut response) => {
            said.for_each(|(name, value)| _ = response.headers_mut().insert(name, value));
            Ok(response)
        }
        Err(error) => Err(said.fold(error, |error, (name, value)| error.with_header(name, value))),
    }
}

/// Goes on with a request that may.
async fn behind_the_guard(
    site: &Arc<Site>,
    arrival: Arrival,
    matched: Matched,
    about: &About,
) -> Result<Response> {
    let chain = site.table.chain_at(arrival.head().uri().path(), matched.goal(site));
    if chain.is_empty() {
        return at_goal(site, arrival, matched).await;
    }
    inside(site, chain, arrival, matched, about, Then::Goal).await
}

async fn at_goal(site: &Arc<Site>, mut arrival: Arrival, matched: Matched) -> Result<Response> {
    match matched.goal(site) {
        Some(goal) => {
            let mut captures = matched.captures;
            goal.mark(goal::reach(site, goal, &mut arrival, &mut captures).await)
        }
        None => no_goal(site, arrival.head(), &matched.found),
    }
}

/// Goes on inside of a chain, to whose end the request is handed.
async fn inside(
    site: &Arc<Site>,
    chain: Chain,
    arrival: Arrival,
    matched: Matched,
    about: &About,
    then: Then,
) -> Result<Response> {
    let matched = matched.kept(arrival.head());
    let (site, about, peer) = (site.clone(), about.clone(), arrival.peer().clone());
    let end = Arc::new(Inside { site, about, matched, peer, then });
    sheltered(Next::new(chain, end), arrival.into_request()).await
}

/// Whether it is known who asks, or who has to be asked about that. What there is stays a secret to whoever
/// is not known: to them a path that exists and one that does not are the same.
fn admit<'s>(
    site: &'s Site,
    arrival: &mut Arrival,
    goal: Option<&Goal>,
) -> Result<Option<&'s Authenticating>> {
    let authenticator = site.table.authenticator.as_ref();
    if site.is_open() {
        admit_without_key(site, arrival.head(), goal)?;
        return Ok(None);
    }
    if let Some(goal) = goal.filter(|goal| goal.is_public) {
        let asks = goal.asks_who && admit_to_authenticator(site, arrival.head()).is_ok();
        return Ok(authenticator.filter(|_| asks));
    }
    if let Some(keys) = &site.keys
        && let Some(name) = guard::key_of(keys, arrival.head())
    {
        arrival.head_mut().peer_mut().presented(name);
        return Ok(None);
    }
    if !goal.is_some_and(Goal::stops) {
        let authenticator = authenticator.ok_or_else(guard::unauthorized)?;
        admit_to_authenticator(site, arrival.head())?;
        return Ok(Some(authenticator));
    }
    // Who is somebody need not be whoever may end it all: that takes a key, or this machine where there is
    // none.
    match site.keys {
        Some(_) => Err(guard::unauthorized()),
        None => admit_without_key(site, arrival.head(), goal).map(|()| None),
    }
}

/// Whether the authenticator may be asked. What it goes by may be a cookie, and a browser sends that along for
/// pages of other sites too; so whatever is more than reading (RFC 9110, section 9.2.1) is not for them, nor
/// is a connection that may become one for both.
fn admit_to_authenticator(site: &Site, head: &Head) -> Result<()> {
    if head.method().is_safe() && !head.headers().contains_key(UPGRADE) {
        return Ok(());
    }
    let shared = site.ready.as_ref().is_some_and(|ready| ready.shares(head));
    guard::check_site(head, false, shared)
}

/// Asks the program's own authenticator who the client is.
async fn identify(
    site: &Site,
    authenticator: &Authenticating,
    arrival: &mut Arrival,
    goal: Option<&Goal>,
) -> Result<()> {
    let Authenticating { entry, context } = authenticator;
    let outcome = {
        // It may ask a database, so it counts as what it is the beginning of.
        let _in_flight = site.enter()?;
        let run = (entry.run)(context, arrival.head());
        tokio::time::timeout(entry.spec.timeout, catch(run)).await
    };
    let outcome = match outcome {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(panic)) => {
            let (authenticator, story) = (entry.spec.name, panics::story(&*panic));
            tracing::error!(authenticator, "an authenticator panicked{story}");
            Err(Error::panicked("an authenticator panicked"))
        }
        Err(_) => Err(Error::timeout("it took too long to find out who asks")),
    };
    match outcome {
        Ok(who) => arrival.head_mut().peer_mut().identified(who),
        // Everybody may come in here, known or not.
        Err(error) if error.kind() == Kind::Unauthorized && goal.is_some_and(|it| it.is_public) => {
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

fn admit_without_key(site: &Site, head: &Head, goal: Option<&Goal>) -> Result<()> {
    let stops = goal.is_some_and(Goal::stops);
    // Reading from here is one thing, and stopping what others read from is another.
    let shared = !stops && site.ready.as_ref().is_some_and(|ready| ready.shares(head));
    guard::check_site(head, site.loopback, shared)?;
    if stops && !guard::may_stop_without_key(head, site.loopback) {
        return Err(Error::forbidden(
            "without a key only a request from this machine may stop the manager",
        ));
    }
    Ok(())
}

/// The answer where the path leads nowhere, or not with this method, or not in this form.
fn no_goal(site: &Site, head: &Head, outcome: &Outcome) -> Result<Response> {
    match outcome {
        Outcome::OtherMethods(allowed) if head.method() == Method::OPTIONS => {
            let mut response = reply::empty(StatusCode::NO_CONTENT);
            response.headers_mut().insert(ALLOW, allowed.clone());
            Ok(response)
        }
        Outcome::OtherMethods(allowed) => {
            let listed = allowed.to_str().unwrap_or_default();
            let method = head.method();
            let text = format!("{method} is not allowed here; allowed: {listed}");
            Err(Error::method_not_allowed(text).with_header(ALLOW, allowed.clone()))
        }
        Outcome::Redirect { with_slash } => {
            let (path, query) = (head.uri().path(), head.uri().query());
            let mut location = match *with_slash {
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
        Outcome::Nothing | Outcome::Goal(_) => Err(nothing(head.uri().path())),
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
    let style = if error.is_discreet() { style_of(&about.uri) } else { about.style };
    let written = style.for_client(about.accept.as_ref());
    let request_id: Arc<str> = request_id_of(error.headers()).into();
    let response = reply::error(&error, written, &request_id);
    let (mut response, was_caught) = replaced(site, about, Some(error), response, request_id).await;
    if style != Style::Envelope && !was_caught {
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
