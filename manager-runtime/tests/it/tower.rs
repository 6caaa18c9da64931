//! Layers and services of tower: around handlers, in their place, and the manager as one.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use manager_runtime::prelude::*;
use manager_runtime::{
    Body, BoxError, HeaderValue, ManagerService, OriginalUri, Peer, Source, StatusCode,
};
use tokio::sync::Semaphore;
use tower_layer::Layer;
use tower_service::Service;

use crate::support::{Client, Gate, LIMIT, fails, fetch, get, post, request, within};

type Answering = Pin<Box<dyn Future<Output = Result<Response, BoxError>> + Send>>;

// ---- layers --------------------------------------------------------------------------------------

/// Writes the status that it saw into a header, as one that traces writes it into a log.
#[derive(Clone)]
struct Traces(&'static str);

#[derive(Clone)]
struct Traced<S>(S, &'static str);

impl<S> Layer<S> for Traces {
    type Service = Traced<S>;

    fn layer(&self, inner: S) -> Traced<S> {
        Traced(inner, self.0)
    }
}

impl<S> Service<Request> for Traced<S>
where
    S: Service<Request, Response = Response>,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = BoxError;
    type Future = Answering;

    fn poll_ready(&mut self, cx: &mut TaskContext<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: Request) -> Answering {
        let (answer, name) = (self.0.call(request), self.1);
        Box::pin(async move {
            let mut response = answer.await.map_err(Into::into)?;
            let saw = format!("{name}={}", response.status().as_u16());
            response.headers_mut().append("x-saw", HeaderValue::try_from(saw)?);
            Ok(response)
        })
    }
}

/// Counts how often it is applied; lets one request through at a time, and says so when it is ready.
#[derive(Clone)]
struct OneAtATime {
    applied: Arc<AtomicUsize>,
    peak: Arc<AtomicUsize>,
}

struct Limited<S> {
    inner: S,
    permits: Arc<Semaphore>,
    held: Option<tokio::sync::OwnedSemaphorePermit>,
    waiting: Option<Pin<Box<dyn Future<Output = tokio::sync::OwnedSemaphorePermit> + Send>>>,
    inside: Arc<AtomicUsize>,
    peak: Arc<AtomicUsize>,
}

impl<S: Clone> Clone for Limited<S> {
    fn clone(&self) -> Self {
        Limited {
            inner: self.inner.clone(),
            permits: self.permits.clone(),
            held: None,
            waiting: None,
            inside: self.inside.clone(),
            peak: self.peak.clone(),
        }
    }
}

impl<S> Layer<S> for OneAtATime {
    type Service = Limited<S>;

    fn layer(&self, inner: S) -> Limited<S> {
        self.applied.fetch_add(1, Ordering::SeqCst);
        Limited {
            inner,
            permits: Arc::new(Semaphore::new(1)),
            held: None,
            waiting: None,
            inside: Arc::default(),
            peak: self.peak.clone(),
        }
    }
}

impl<S> Service<Request> for Limited<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut TaskContext<'_>) -> Poll<Result<(), Infallible>> {
        let permits = self.permits.clone();
        let waiting = self
            .waiting
            .get_or_insert_with(|| Box::pin(async { permits.acquire_owned().await.unwrap() }));
        if self.held.is_none() {
            self.held = Some(std::task::ready!(waiting.as_mut().poll(cx)));
            self.waiting = None;
        }
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let permit = self.held.take().expect("called before it was ready");
        let (inside, peak) = (self.inside.clone(), self.peak.clone());
        let answer = self.inner.call(request);
        Box::pin(async move {
            let now = inside.fetch_add(1, Ordering::SeqCst) + 1;
            peak.fetch_max(now, Ordering::SeqCst);
            let answer = answer.await;
            inside.fetch_sub(1, Ordering::SeqCst);
            drop(permit);
            answer
        })
    }
}

/// What a layer may do to a request, by its query.
#[derive(Clone)]
struct Meddles;

#[derive(Clone)]
struct Meddled<S>(S);

impl<S> Layer<S> for Meddles {
    type Service = Meddled<S>;

    fn layer(&self, inner: S) -> Meddled<S> {
        Meddled(inner)
    }
}

impl<S> Service<Request> for Meddled<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = BoxError;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request) -> Answering {
        let mut inner = self.0.clone();
        Box::pin(async move {
            match request.uri().query().unwrap_or_default() {
                "own-error" => Err("the layer broke".into()),
                "typed-error" => Err(Error::too_many_requests("slow down").into()),
                "own-answer" => {
                    let mut response = Response::default();
                    *response.status_mut() = StatusCode::REQUEST_TIMEOUT;
                    Ok(response)
                }
                "lost" => {
                    let mut fresh = Request::new(Body::empty());
                    *fresh.uri_mut() = request.uri().clone();
                    Ok(inner.call(fresh).await?)
                }
                "twice" => {
                    let mut first = Request::new(Body::empty());
                    *first.uri_mut() = request.uri().clone();
                    *first.extensions_mut() = request.extensions().clone();
                    let first = inner.call(first).await?.status();
                    let mut response = inner.call(request).await?;
                    let first = HeaderValue::from(first.as_u16());
                    response.headers_mut().insert("x-first", first);
                    Ok(response)
                }
                "elsewhere" => {
                    *request.uri_mut() = "/tw/fine".parse()?;
                    Ok(inner.call(request).await?)
                }
                "panic" => panic!("the layer lost its temper"),
                _ => Ok(inner.call(request).await?),
            }
        })
    }
}

#[middleware]
fn tw_traces() -> Traces {
    Traces("own")
}

#[middleware]
fn tw_meddles() -> Meddles {
    Meddles
}

/// Sees what an error was, after a layer made a response of it.
#[middleware]
async fn tw_sees(request: Request, next: Next, gate: Res<Gate>) -> Result<Response> {
    let outcome = next.run(request).await;
    gate.note(match &outcome {
        Ok(response) => match response.extensions().get::<Caught>().and_then(Caught::error) {
            Some(error) => format!("{} behind a layer", error.kind()),
            None => response.status().as_u16().to_string(),
        },
        Err(error) => error.kind().to_string(),
    });
    outcome
}

#[handler(get = "/tw/fine", with = [tw_traces])]
async fn tw_fine(ctx: Context) -> String {
    match ctx.source() {
        Source::Http { peer, .. } => format!("fine, {peer}"),
        other => format!("{other}"),
    }
}

#[handler(get = "/tw/broken", with = [tw_sees, tw_traces])]
async fn tw_broken(gate: Res<Gate>) -> Result<String> {
    gate.note("broken");
    Err(Error::conflict("twice"))
}

#[handler(get = "/tw/meddled", with = [tw_sees, tw_meddles])]
async fn tw_meddled(ctx: Context) -> Result<String> {
    Ok(format!("call {}", ctx.state().increment("calls", 1)?))
}

#[handler]
async fn tw_echo(text: String) -> String {
    text
}

#[handler(replicas = 4)]
async fn tw_gate(gate: Res<Gate>) {
    gate.pass().await;
}

#[catcher(408, path = "/tw")]
fn tw_caught(caught: Caught) -> String {
    format!("caught {}", caught.status().as_u16())
}

async fn running(add: impl FnOnce(&mut Manager)) -> Running {
    let mut manager = Manager::empty();
    manager
        .add::<tw_fine>()
        .add::<tw_broken>()
        .add::<tw_meddled>()
        .add::<tw_echo>()
        .add::<tw_gate>()
        .with_catcher::<tw_caught>()
        .with_bind("127.0.0.1:0");
    add(&mut manager);
    manager.spawn().await.unwrap()
}

fn saw(answer: &crate::support::Answer) -> Vec<&str> {
    let saw = answer.headers.iter().filter(|(name, _)| name == "x-saw");
    saw.map(|(_, value)| &**value).collect()
}

#[tokio::test]
async fn a_layer_sees_the_status_that_the_client_gets() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = running(|manager| {
            manager
                .with_layer(Traces("outer"))
                .with_layer(Traces("inner"))
                .provide(gate.clone())
                .with_api_key("sesame");
        })
        .await;
        let mut client = Client::connect(running.addr()).await;
        let key = "Authorization: Bearer sesame\r\n";
        for (line, headers, status, expected) in [
            ("GET /tw/fine", key, 200, &["own=200", "inner=200", "outer=200"][..]),
            ("GET /tw/broken", key, 409, &["own=409", "inner=409", "outer=409"]),
            ("GET /tw/fine", "", 401, &["inner=401", "outer=401"]),
            ("GET /tw/nowhere", key, 404, &["inner=404", "outer=404"]),
            ("PUT /tw/fine", key, 405, &["inner=405", "outer=405"]),
        ] {
            let answer = client.ask(request(line, headers, "")).await;
            assert_eq!((answer.status, saw(&answer)), (status, expected.to_vec()), "{line}");
        }
        let broken = client.ask(request("GET /tw/broken", key, "")).await;
        assert_eq!(broken.header("content-type"), Some("application/problem+json"));
        assert_eq!(broken.json()["detail"], "twice");
        assert_eq!(gate.notes(), ["broken", "conflict behind a layer"].repeat(2));
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_a_layer_does_ends_in_an_answer() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = running(|manager| {
            manager.provide(gate.clone());
        })
        .await;
        let mut client = Client::connect(running.addr()).await;
        for (query, status, note) in [
            ("", 200, "200"),
            ("own-error", 500, "internal error"),
            ("typed-error", 429, "too many requests"),
            ("lost", 500, "internal error"),
            ("twice", 200, "200"),
            ("own-answer", 408, "408"),
        ] {
            let answer = client.ask(get(&format!("/tw/meddled?{query}"))).await;
            assert_eq!(answer.status, status, "{query}: {}", answer.text());
            assert_eq!(gate.notes().last().unwrap(), note, "{query}");
            match query {
                "own-error" => assert!(!answer.text().contains("broke"), "{}", answer.text()),
                "typed-error" => assert_eq!(answer.header("retry-after"), Some("1")),
                "twice" => {
                    assert_eq!(answer.header("x-first"), Some("200"));
                    assert_eq!(answer.text(), "call 3");
                }
                // An empty answer of a layer is one for the catchers.
                "own-answer" => assert_eq!(answer.text(), "caught 408"),
                _ => {}
            }
        }
        let answer = client.ask(get("/tw/meddled?panic")).await;
        assert_eq!(answer.status, 500);
        assert_eq!(client.ask(get("/tw/meddled")).await.text(), "call 4");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_layers_of_a_program_stand_around_the_router() {
    within(LIMIT, async {
        let running = running(|manager| {
            manager.with_layer(Meddles).provide(Gate::new());
        })
        .await;
        let mut client = Client::connect(running.addr()).await;
        let answer = client.ask(get("/nowhere/at/all?elsewhere")).await;
        assert_eq!((answer.status, saw(&answer)), (200, vec!["own=200"]));
        assert_eq!(client.ask(get("/tw/fine?lost")).await.status, 500);
        assert_eq!(client.ask(get("/tw/fine?own-answer")).await.text(), "caught 408");
        assert_eq!(client.ask(get("/tw/fine?typed-error")).await.status, 429);
        assert_eq!(client.ask(get("/tw/fine?panic")).await.status, 500);
        let mut client = Client::connect(running.addr()).await;
        assert_eq!(client.ask(post("/tw_echo", "still here")).await.message(), "still here");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_layer_is_applied_once_and_asked_whether_it_is_ready() {
    within(LIMIT, async {
        let gate = Gate::new();
        let layer = OneAtATime { applied: Arc::default(), peak: Arc::default() };
        let (applied, peak) = (layer.applied.clone(), layer.peak.clone());
        let running = running(|manager| {
            manager.with_layer(layer).provide(gate.clone());
        })
        .await;
        assert_eq!(applied.load(Ordering::SeqCst), 1);
        let address = running.addr();
        let asked: Vec<_> =
            (0..3).map(|_| tokio::spawn(fetch(address, post("/tw_gate", "")))).collect();
        for _ in 0..3 {
            gate.entered(1).await;
            assert_eq!(gate.inside(), 1);
            gate.open(1);
        }
        for asked in asked {
            assert_eq!(asked.await.unwrap().status, 200);
        }
        assert_eq!((applied.load(Ordering::SeqCst), peak.load(Ordering::SeqCst)), (1, 1));
        running.stop().await.unwrap();
    })
    .await;
}

// ---- mounted -------------------------------------------------------------------------------------

/// Says what it was asked.
#[derive(Clone)]
struct Legacy(&'static str);

impl Service<Request> for Legacy {
    type Response = Response;
    type Error = BoxError;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Answering {
        let name = self.0;
        Box::pin(async move {
            match request.uri().path() {
                "/error" => return Err("hunter2".into()),
                "/panic" => panic!("the service lost its temper"),
                "/teapot" => {
                    let mut response = Response::new(Body::from("teapot"));
                    *response.status_mut() = StatusCode::IM_A_TEAPOT;
                    return Ok(response);
                }
                _ => {}
            }
            let OriginalUri(original) = request.extensions().get().cloned().unwrap();
            let (method, uri) = (request.method().clone(), request.uri().clone());
            let body = request.into_body().collect(u64::MAX).await?;
            let body = String::from_utf8_lossy(&body);
            Ok(Response::new(Body::from(format!("{name}: {method} {uri} {original} {body}"))))
        })
    }
}

#[middleware]
async fn tw_group(request: Request, next: Next) -> Result<Response> {
    let mut response = next.run(request).await?;
    response.headers_mut().insert("x-group", HeaderValue::from_static("yes"));
    Ok(response)
}

#[handler(get = "/legacy/new")]
async fn tw_new() -> &'static str {
    "new"
}

#[tokio::test]
async fn a_service_answers_below_its_path() {
    within(LIMIT, async {
        let running = running(|manager| {
            manager
                .add::<tw_new>()
                .mount("/legacy", Legacy("legacy"))
                .mount("/old/things", Legacy("things"))
                .with_layer(Traces("outer"))
                .with_body_limit("64")
                .provide(Gate::new());
        })
        .await;
        let address = running.addr();
        let mut client = Client::connect(address).await;
        for (line, body, expected) in [
            ("GET /legacy", "", "legacy: GET / /legacy "),
            ("GET /legacy/", "", "legacy: GET / /legacy/ "),
            (
                "POST /legacy/a%2Fb/?q=/1",
                "tea",
                "legacy: POST /a%2Fb/?q=/1 /legacy/a%2Fb/?q=/1 tea",
            ),
            ("OPTIONS /old/things/x", "", "things: OPTIONS /x /old/things/x "),
            ("GET /%6Fld/things/x", "", "things: GET /x /%6Fld/things/x "),
            ("GET /legacy/new", "", "new"),
            ("GET /legacy/new/er", "", "legacy: GET /new/er /legacy/new/er "),
        ] {
            let answer = client.ask(request(line, "", body)).await;
            assert_eq!((answer.status, &*answer.text()), (200, expected), "{line}");
            assert_eq!(saw(&answer), ["outer=200"]);
        }
        assert_eq!(client.ask(get("/legacy/teapot")).await.status, 418);
        assert_eq!(client.ask(get("/legacyx")).await.status, 404);
        assert_eq!(client.ask(get("/old")).await.status, 404);
        for path in ["/legacy/error", "/legacy/panic"] {
            let answer = client.ask(get(path)).await;
            assert_eq!(answer.status, 500);
            assert!(answer.header("x-request-id").is_some());
            assert!(!answer.text().contains("hunter2"), "{}", answer.text());
        }
        let long = fetch(address, post("/legacy/long", "x".repeat(65))).await;
        assert_eq!(long.status, 413);
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_service_stands_behind_the_key_and_within_the_groups() {
    within(LIMIT, async {
        let running = running(|manager| {
            manager
                .mount("/", Legacy("all the rest"))
                .with_middleware::<tw_group>()
                .with_api_key("sesame")
                .provide(Gate::new());
        })
        .await;
        let address = running.addr();
        assert_eq!(fetch(address, get("/anything")).await.status, 401);
        let key = "Authorization: Bearer sesame\r\n";
        let answer = fetch(address, request("GET /any/thing", key, "")).await;
        assert_eq!(answer.text(), "all the rest: GET /any/thing /any/thing ");
        assert_eq!(answer.header("x-group"), Some("yes"));
        assert_eq!(fetch(address, get("/livez")).await.status, 200);
        assert_eq!(fetch(address, request("POST /tw_echo", key, "hi")).await.message(), "hi");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn where_no_service_can_be_mounted_is_told() {
    within(LIMIT, async {
        let error = fails(
            Manager::empty()
                .add::<tw_fine>()
                .add::<tw_echo>()
                .mount("legacy", Legacy(""))
                .mount("/legacy/", Legacy(""))
                .mount("/{name}", Legacy(""))
                .mount("/a%20b", Legacy(""))
                .mount("/shutdown", Legacy(""))
                .mount("/tw_echo", Legacy(""))
                .mount("/tw/fine", Legacy(""))
                .mount("/twice", Legacy(""))
                .mount("/twice", Legacy(""))
                .mount("/assets", Legacy(""))
                .with_static_files("/assets", "src")
                .mount("/beside", Legacy(""))
                .with_static_files("/besides", "src")
                .without_http()
                .spawn()
                .await,
            Kind::Internal,
        );
        let text = error.to_string();
        for part in [
            "`Legacy` cannot be mounted at `legacy`: a path begins with `/`",
            "`Legacy` cannot be mounted at `/legacy/`: it is a path of whole segments",
            "`Legacy` cannot be mounted at `/{name}`: it is a path of plain text",
            "`Legacy` cannot be mounted at `/a%20b`: write the text itself",
            "`/shutdown` is the manager's own",
            "two services are mounted at `/twice`",
            "mounted at `/tw_echo`, and handler `tw_echo` (",
            "has the route `/tw/fine`; give one of them another path",
            "the service `Legacy` is mounted at `/assets`, where files are served",
        ] {
            assert_eq!(text.matches(part).count(), 1, "{part}\n{text}");
        }
        assert!(!text.contains("/beside"), "{text}");
    })
    .await;
}

// ---- the manager as a service --------------------------------------------------------------------

fn ask(method: &str, uri: &str, body: impl Into<Body>) -> Request {
    let mut request = Request::new(body.into());
    *request.method_mut() = method.parse().unwrap();
    *request.uri_mut() = uri.parse().unwrap();
    request
}

async fn text(service: &mut ManagerService, request: Request) -> (u16, String) {
    let response = service.call(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect(u64::MAX).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn is_shared<T: Clone + Send + Sync + 'static>(_: &T) {}

#[tokio::test]
async fn the_manager_is_a_service() {
    within(LIMIT, async {
        let running = running(|manager| {
            manager.without_http().with_body_limit("8").provide(Gate::new());
        })
        .await;
        let mut service = running.service();
        is_shared(&service);
        let (status, body) = text(&mut service, ask("GET", "/tw/fine", "")).await;
        assert_eq!((status, &*body), (200, "fine, 0.0.0.0:0"));
        let mut known = ask("GET", "/tw/fine", "");
        known.extensions_mut().insert(Peer::new("192.0.2.7:4711".parse().unwrap()));
        assert_eq!(text(&mut service, known).await.1, "fine, 192.0.2.7:4711");
        let (status, body) = text(&mut service, ask("POST", "/tw_echo", "hello")).await;
        assert_eq!((status, &*body), (200, r#"{"status":"Ok","message":"hello"}"#));
        // The limit holds for what another server received, announced or not.
        assert_eq!(text(&mut service, ask("POST", "/tw_echo", "123456789")).await.0, 413);
        let pieces = Body::from_stream(Nines(9));
        assert_eq!(text(&mut service, ask("POST", "/tw_echo", pieces)).await.0, 413);
        // Nobody is on this machine, as far as is known.
        let (status, body) = text(&mut service, ask("POST", "/shutdown", "")).await;
        assert_eq!(status, 403, "{body}");
        let mut foreign = ask("GET", "/tw/fine", "");
        foreign.headers_mut().insert("sec-fetch-site", HeaderValue::from_static("cross-site"));
        assert_eq!(text(&mut service, foreign).await.0, 403);
        assert_eq!(text(&mut service, ask("GET", "/readyz", "")).await.0, 200);
        running.stop().await.unwrap();
        assert_eq!(text(&mut service, ask("GET", "/tw/fine", "")).await.0, 503);
    })
    .await;
}

/// So many bytes, one by one.
struct Nines(usize);

impl futures_core::Stream for Nines {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut TaskContext<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.checked_sub(1).map(|left| {
            self.0 = left;
            Ok(Bytes::from("9"))
        }))
    }
}

/// Never sends anything.
struct Stalls;

impl futures_core::Stream for Stalls {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(self: Pin<&mut Self>, _: &mut TaskContext<'_>) -> Poll<Option<Self::Item>> {
        Poll::Pending
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_in_a_foreign_body_has_its_limit() {
    let running = running(|manager| {
        manager.without_http().with_body_timeout("5s").provide(Gate::new());
    })
    .await;
    let mut service = running.service();
    let begin = tokio::time::Instant::now();
    let (status, body) =
        text(&mut service, ask("POST", "/tw_echo", Body::from_stream(Stalls))).await;
    assert_eq!(status, 400, "{body}");
    assert!(body.contains("the body stalled"), "{body}");
    assert_eq!(begin.elapsed().as_secs(), 5);
    running.stop().await.unwrap();
}

#[handler(get = "/tw/folder/")]
async fn tw_folder() {}

#[tokio::test]
async fn redirects_are_right_below_any_prefix() {
    within(LIMIT, async {
        let running = running(|manager| {
            manager.add::<tw_folder>().provide(Gate::new());
        })
        .await;
        let mut service = running.service();
        let location = |response: Response| {
            assert_eq!(response.status(), StatusCode::PERMANENT_REDIRECT);
            response.headers()["location"].to_str().unwrap().to_owned()
        };
        let response = service.call(ask("GET", "/tw/folder?q=1", "")).await.unwrap();
        assert_eq!(location(response), "../tw/folder/?q=1");
        let response = service.call(ask("GET", "/tw/fine/", "")).await.unwrap();
        assert_eq!(location(response), "../../tw/fine");
        // Over a socket of its own nobody takes anything off.
        let answer = fetch(running.addr(), get("/tw/folder?q=1")).await;
        assert_eq!(answer.header("location"), Some("/tw/folder/?q=1"));
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_stop_waits_for_what_came_through_the_service() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = running(|manager| {
            manager.without_http().provide(gate.clone());
        })
        .await;
        let mut service = running.service();
        let asked = tokio::spawn({
            let mut service = service.clone();
            async move { text(&mut service, ask("POST", "/tw_gate", "")).await }
        });
        gate.entered(1).await;
        let stop = tokio::spawn(running.stop());
        while text(&mut service, ask("GET", "/readyz", "")).await.0 == 200 {
            tokio::task::yield_now().await;
        }
        gate.open(1);
        assert_eq!(asked.await.unwrap().0, 200);
        stop.await.unwrap().unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_drop_cuts_what_came_through_the_service() {
    within(LIMIT, async {
        let running = running(|manager| {
            manager.without_http().with_body_timeout("1h").provide(Gate::new());
        })
        .await;
        let mut service = running.service();
        // Waits for its body, which is no call yet.
        let asked = tokio::spawn(async move {
            text(&mut service, ask("POST", "/tw_echo", Body::from_stream(Stalls))).await
        });
        tokio::time::sleep(Duration::from_millis(20)).await;
        drop(running);
        assert_eq!(asked.await.unwrap().0, 503);
    })
    .await;
}

/// The manager below a path of another manager: one of each kind.
#[tokio::test]
async fn a_manager_is_mounted_in_a_manager() {
    within(LIMIT, async {
        let inner = running(|manager| {
            manager.without_http().provide(Gate::new());
        })
        .await;
        let outer = Manager::empty()
            .mount("/inner", inner.service())
            .with_bind("127.0.0.1:0")
            .spawn()
            .await
            .unwrap();
        let mut client = Client::connect(outer.addr()).await;
        assert_eq!(client.ask(post("/inner/tw_echo", "hi")).await.message(), "hi");
        let answer = client.ask(get("/inner/tw/fine/")).await;
        assert_eq!(answer.header("location"), Some("../../tw/fine"));
        outer.stop().await.unwrap();
        inner.stop().await.unwrap();
    })
    .await;
}

/// Answers with a stream.
#[derive(Clone)]
struct AtOnce;

impl Service<Request> for AtOnce {
    type Response = Response;
    type Error = Infallible;
    type Future = Ready<Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request) -> Self::Future {
        ready(Ok(Response::new(Body::from_stream(Nines(3)))))
    }
}

#[tokio::test]
async fn streams_of_a_service_are_counted() {
    within(LIMIT, async {
        let running = Manager::empty()
            .mount("/nines", AtOnce)
            .with_streams(1)
            .without_http()
            .spawn()
            .await
            .unwrap();
        let mut service = running.service();
        let first = service.call(ask("GET", "/nines", "")).await.unwrap();
        assert_eq!(text(&mut service, ask("GET", "/nines", "")).await.0, 503);
        assert_eq!(first.into_body().collect(3).await.unwrap(), "999");
        assert_eq!(text(&mut service, ask("GET", "/nines", "")).await, (200, "999".to_owned()));
        running.stop().await.unwrap();
    })
    .await;
}
