//! What stands around handlers: in which order, what it may do, and what it cannot break.

use std::time::Duration;

use manager_runtime::prelude::*;
use manager_runtime::{
    Body, HeaderMap, HeaderValue, Method, Parameter, Part, Parts, StatusCode, role,
};
use serde_json::Value;

use crate::support::{
    Client, Gate, LIMIT, fails, fetch, get, keep_log, logged, post, request, until, within,
};

/// Notes that a request passed here, on its way in and on its way out.
async fn note(name: &str, gate: &Gate, request: Request, next: Next) -> Result<Response> {
    gate.note(format!("{name} in"));
    let outcome = next.run(request).await;
    gate.note(match &outcome {
        Ok(response) => format!("{name} out {}", response.status().as_u16()),
        Err(error) => format!("{name} out {}", error.kind()),
    });
    outcome
}

macro_rules! noting {
    ($($(#[$options:meta])* $name:ident;)*) => {
        $(
            $(#[$options])*
            async fn $name(request: Request, next: Next, gate: Res<Gate>) -> Result<Response> {
                note(stringify!($name), &gate, request, next).await
            }
        )*
    };
}

noting! {
    #[middleware] mw_around;
    #[middleware] mw_around_too;
    #[middleware] mw_own;
    #[middleware] mw_own_too;
}

/// Those with a reach of their own are linked into this whole binary, so they need nothing that only the
/// managers of this file have.
fn visited(request: &mut Request, name: &str) {
    let headers = request.headers_mut();
    let so_far = headers.get("x-visited").map_or("", |value| value.to_str().unwrap()).to_owned();
    headers.insert("x-visited", HeaderValue::try_from(format!("{so_far} {name}")).unwrap());
}

#[middleware(path = "/mw-linked")]
async fn mw_outer(mut request: Request, next: Next) -> Result<Response> {
    visited(&mut request, "outer");
    next.run(request).await
}

#[middleware(path = "/mw-linked/inner")]
async fn mw_inner(mut request: Request, next: Next) -> Result<Response> {
    visited(&mut request, "inner");
    next.run(request).await
}

#[middleware(path = "/mw-linked/inner", order = -1)]
async fn mw_inner_first(mut request: Request, next: Next) -> Result<Response> {
    visited(&mut request, "inner_first");
    next.run(request).await
}

#[middleware]
async fn mw_visited_own(mut request: Request, next: Next) -> Result<Response> {
    visited(&mut request, "own");
    next.run(request).await
}

#[middleware]
async fn mw_visited_everything(mut request: Request, next: Next) -> Result<Response> {
    visited(&mut request, "everything");
    next.run(request).await
}

/// What the request says of whom it met.
struct Visited(String);

impl Parameter for Visited {
    type Role = role::Part;
}

impl Part for Visited {
    async fn part(parts: &mut Parts<'_>) -> Result<Self> {
        let visited = parts.head()?.headers().get("x-visited");
        Ok(Visited(visited.map_or("", |value| value.to_str().unwrap()).trim().to_owned()))
    }
}

#[handler(get = "/mw-linked/inner/x", with = [mw_visited_own])]
async fn mw_inner_route(Visited(visited): Visited) -> String {
    visited
}

#[handler(get = "/mw-linked/{name}/y")]
async fn mw_perhaps_inner(Visited(visited): Visited) -> String {
    visited
}

#[handler(get = "/mw-linkedless")]
async fn mw_beside(Visited(visited): Visited) -> String {
    visited
}

#[handler(get = "/mw/noted", post = "/mw/noted", with = [mw_own, mw_own_too])]
async fn mw_noted(gate: Res<Gate>) -> &'static str {
    gate.note("handler");
    "noted"
}

/// What stands in the head of a request, for whoever takes it in parts.
#[middleware]
async fn mw_parts(
    request: Request,
    next: Next,
    method: Method,
    headers: HeaderMap,
    ClientAddr(peer): ClientAddr,
    path: Option<Path<(u8,)>>,
    gate: Res<Gate>,
) -> Result<Response> {
    let path = path.map(|Path((number,))| number);
    let agent = headers["user-agent"].to_str()?;
    let visited = headers.contains_key("x-visited");
    gate.note(format!("{method} {agent} {} {path:?} {visited}", peer.ip()));
    next.run(request).await
}

#[handler(post = "/mw/parts/{number}", with = [mw_parts])]
async fn mw_parted(_: Path<String>, text: String) -> String {
    text
}

/// What the head of a request says counts before the request goes on.
#[tokio::test]
async fn middleware_takes_parts_of_the_request() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = Manager::empty()
            .add::<mw_parted>()
            .with_middleware::<mw_visited_everything>()
            .provide(gate.clone())
            .with_bind("127.0.0.1:0")
            .spawn()
            .await
            .unwrap();
        let agent = "User-Agent: me\r\n";
        let ask = async |path: &str| fetch(running.addr(), request(path, agent, "body")).await;
        assert_eq!(ask("POST /mw/parts/7").await.text(), "body");
        assert_eq!(gate.notes(), ["POST me 127.0.0.1 Some(7) true"]);
        // What does not fit is what it would be for the handler, which is not reached.
        assert_eq!(ask("POST /mw/parts/x").await.status, 404);
        assert_eq!(gate.notes().len(), 1);
        running.stop().await.unwrap();
        // Around everything as well, where there may be no route.
        let running = Manager::empty()
            .with_middleware::<mw_parts>()
            .provide(gate.clone())
            .with_bind("127.0.0.1:0")
            .spawn()
            .await
            .unwrap();
        let answer = fetch(running.addr(), request("PUT /a/b", "User-Agent: you\r\n", "")).await;
        assert_eq!(answer.status, 404);
        assert_eq!(gate.notes()[1], "PUT you 127.0.0.1 None false");
        running.stop().await.unwrap();
    })
    .await;
}

#[handler(public, get = "/mw/missing")]
async fn mw_missing() -> Result<String> {
    Err(Error::not_found("no order 7"))
}

#[handler(public)]
async fn mw_envelope(text: String) -> String {
    text
}

#[tokio::test]
async fn middleware_is_met_from_the_outside_to_the_inside() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = Manager::empty()
            .add::<mw_noted>()
            .with_middleware::<mw_around>()
            .with_middleware::<mw_around_too>()
            .provide(gate.clone())
            .with_bind("127.0.0.1:0")
            .spawn()
            .await
            .unwrap();
        assert_eq!(fetch(running.addr(), get("/mw/noted")).await.text(), "noted");
        assert_eq!(
            gate.notes(),
            [
                "mw_around in",
                "mw_around_too in",
                "mw_own in",
                "mw_own_too in",
                "handler",
                "mw_own_too out 200",
                "mw_own out 200",
                "mw_around_too out 200",
                "mw_around out 200",
            ]
        );
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn groups_go_by_whole_segments_and_the_shorter_path_stands_outside() {
    within(LIMIT, async {
        let running = Manager::empty()
            .add::<mw_inner_route>()
            .add::<mw_perhaps_inner>()
            .add::<mw_beside>()
            .with_middleware::<mw_inner>()
            .with_middleware::<mw_outer>()
            .with_middleware::<mw_inner_first>()
            .with_middleware::<mw_visited_everything>()
            .with_bind("127.0.0.1:0")
            .spawn()
            .await
            .unwrap();
        let mut client = Client::connect(running.addr()).await;
        for (path, expected) in [
            ("/mw-linked/inner/x", "everything outer inner_first inner own"),
            ("/mw-linked/%69nner/x", "everything outer inner_first inner own"),
            ("/mw-linked/inner/y", "everything outer inner_first inner"),
            ("/mw-linked/innermost/y", "everything outer"),
            ("/mw-linkedless", "everything"),
        ] {
            assert_eq!(client.ask(get(path)).await.text(), expected, "{path}");
        }
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_was_linked_follows_what_was_linked() {
    within(LIMIT, async {
        // Every handler that was linked, and with them every middleware.
        let linked = Manager::new_default()
            .with_handlers(["mw_inner_route"])
            .with_bind("127.0.0.1:0")
            .spawn()
            .await
            .unwrap();
        let answer = fetch(linked.addr(), get("/mw-linked/inner/x")).await;
        assert_eq!(answer.text(), "outer inner_first inner own");
        // None of them; what a handler names itself is a part of it.
        let by_hand = Manager::empty()
            .add::<mw_inner_route>()
            .with_bind("127.0.0.1:0")
            .spawn()
            .await
            .unwrap();
        assert_eq!(fetch(by_hand.addr(), get("/mw-linked/inner/x")).await.text(), "own");
        // Adding what is there already changes nothing.
        let twice = Manager::new_default()
            .with_middleware::<mw_outer>()
            .with_handlers(["mw_perhaps_inner"])
            .with_bind("127.0.0.1:0")
            .spawn()
            .await
            .unwrap();
        assert_eq!(fetch(twice.addr(), get("/mw-linked/z/y")).await.text(), "outer");
        for running in [linked, by_hand, twice] {
            running.stop().await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_global_sees_every_answer() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = Manager::empty()
            .add::<mw_noted>()
            .add::<mw_missing>()
            .with_middleware::<mw_around>()
            .provide(gate.clone())
            .with_api_key("sesame")
            .with_bind("127.0.0.1:0")
            .spawn()
            .await
            .unwrap();
        let address = running.addr();
        let key = "Authorization: Bearer sesame\r\n";
        let mut expected = Vec::new();
        for (line, headers, status, seen) in [
            ("GET /mw/noted", "", 401, "unauthorized"),
            ("GET /nowhere/at/all", "", 401, "unauthorized"),
            ("GET /nowhere/at/all", key, 404, "not found"),
            ("DELETE /mw/noted", key, 405, "method not allowed"),
            ("OPTIONS /mw/noted", key, 204, "204"),
            ("GET /mw/noted/", key, 308, "308"),
            ("GET /mw/%zz", key, 400, "bad request"),
            ("GET /mw/missing", "", 404, "not found"),
            ("GET /livez", "", 200, "200"),
        ] {
            let answer = fetch(address, request(line, headers, "")).await;
            assert_eq!(answer.status, status, "{line}: {}", answer.text());
            expected.extend(["mw_around in".to_owned(), format!("mw_around out {seen}")]);
        }
        assert_eq!(gate.notes(), expected);
        running.stop().await.unwrap();
    })
    .await;
}

// ---- what it may do ------------------------------------------------------------------------------

#[middleware]
async fn mw_closed(_: Request, _: Next) -> Result<Response> {
    let mut response = Response::new(Body::from("closed"));
    *response.status_mut() = StatusCode::IM_A_TEAPOT;
    Ok(response)
}

#[middleware]
async fn mw_refuses(_: Request, _: Next) -> Result<Response> {
    Err(Error::forbidden("only on Mondays"))
}

#[middleware]
async fn mw_changes(mut request: Request, next: Next) -> Result<Response> {
    *request.body_mut() = Body::from("changed");
    let mut response = next.run(request).await?;
    response.headers_mut().insert("x-changed", HeaderValue::from_static("yes"));
    *response.status_mut() = StatusCode::ACCEPTED;
    Ok(response.map(|body| {
        Body::from_stream(Shouted(body)) // made while it is sent
    }))
}

/// A body in capitals.
struct Shouted(Body);

impl futures_core::Stream for Shouted {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        let next = futures_core::Stream::poll_next(std::pin::Pin::new(&mut self.0), cx);
        next.map(|piece| {
            piece.map(|piece| {
                let piece = piece.map_err(|error| std::io::Error::other(error.to_string()))?;
                Ok(Bytes::from(piece.to_ascii_uppercase()))
            })
        })
    }
}

/// Turns one kind of error into another, and one into an answer.
#[middleware]
async fn mw_maps(request: Request, next: Next) -> Result<Response> {
    match next.run(request).await {
        Err(error) if error.kind() == Kind::NotFound => {
            Err(Error::gone(format!("gone, because: {}", error.message())))
        }
        Err(error) if error.kind() == Kind::Conflict => {
            Ok(Response::new(Body::from(format!("never mind: {}", error.message()))))
        }
        outcome => outcome,
    }
}

/// Who is asking, for handlers to read.
#[derive(Clone)]
struct Caller(&'static str);

#[middleware]
async fn mw_introduces(mut request: Request, next: Next) -> Result<Response> {
    request.extensions_mut().insert(Caller("Ada"));
    next.run(request).await
}

struct Introduced(Option<&'static str>);

impl Parameter for Introduced {
    type Role = role::Part;
}

impl Part for Introduced {
    async fn part(parts: &mut Parts<'_>) -> Result<Self> {
        Ok(Introduced(parts.head()?.extensions().get::<Caller>().map(|Caller(name)| *name)))
    }
}

/// Reads the whole body, counts it in the state, and hands on one like it.
#[middleware]
async fn mw_reads(request: Request, next: Next, ctx: Context) -> Result<Response> {
    let (parts, body) = request.into_parts();
    let bytes = body.collect(64).await?;
    ctx.state().increment("read", bytes.len() as i64)?;
    next.run(Request::from_parts(parts, Body::from(bytes))).await
}

#[middleware]
async fn mw_tries_again(request: Request, next: Next) -> Result<Response> {
    let (parts, body) = request.into_parts();
    let bytes = body.collect(64).await?;
    let request = || Request::from_parts(parts.clone(), Body::from(bytes.clone()));
    match next.clone().run(request()).await {
        Err(error) if error.kind() == Kind::Overloaded => next.run(request()).await,
        outcome => outcome,
    }
}

#[middleware]
async fn mw_moves_on(mut request: Request, next: Next) -> Result<Response> {
    *request.uri_mut() = "/x".parse()?;
    next.run(request).await
}

#[handler(post = "/mw/closed", with = [mw_closed])]
async fn mw_is_closed(gate: Res<Gate>) {
    gate.note("never");
}

#[handler(post = "/mw/refused", with = [mw_refuses])]
async fn mw_is_refused(gate: Res<Gate>) {
    gate.note("never");
}

#[handler(post = "/mw/changed", with = [mw_changes])]
async fn mw_is_changed(text: String) -> String {
    format!("{text} twice")
}

#[handler(post = "/mw/mapped", with = [mw_maps])]
async fn mw_is_mapped(text: String) -> Result<String> {
    match &*text {
        "missing" => Err(Error::not_found("no order 7")),
        "conflict" => Err(Error::conflict("twice")),
        "foreign" => Err(std::io::Error::other("hunter2").into()),
        _ => Ok(text),
    }
}

#[handler(get = "/mw/introduced", with = [mw_introduces])]
async fn mw_is_introduced(Introduced(name): Introduced) -> String {
    name.unwrap_or("nobody").to_owned()
}

#[handler(get = "/mw/stranger")]
async fn mw_is_stranger(Introduced(name): Introduced) -> String {
    name.unwrap_or("nobody").to_owned()
}

#[handler(post = "/mw/read", with = [mw_reads])]
async fn mw_is_read(text: String) -> String {
    text
}

#[handler(post = "/mw/again", with = [mw_tries_again])]
async fn mw_again(ctx: Context, text: String) -> Result<String> {
    match ctx.state().increment("tries", 1)? {
        1 => Err(Error::overloaded("come again")),
        tries => Ok(format!("{text} {tries}")),
    }
}

/// What the path captured, and the path as the handler sees it.
struct Named(String);

impl Parameter for Named {
    type Role = role::Part;
}

impl Part for Named {
    async fn part(parts: &mut Parts<'_>) -> Result<Self> {
        let head = parts.head()?;
        let captured: Vec<_> = head.captures().collect();
        Ok(Named(format!("{captured:?} at {}", head.uri())))
    }
}

#[handler(get = "/mw/named/{name}", with = [mw_moves_on])]
async fn mw_named(Named(named): Named) -> String {
    named
}

async fn doing(gate: &Gate) -> Running {
    Manager::empty()
        .add::<mw_is_closed>()
        .add::<mw_is_refused>()
        .add::<mw_is_changed>()
        .add::<mw_is_mapped>()
        .add::<mw_is_introduced>()
        .add::<mw_is_stranger>()
        .add::<mw_is_read>()
        .add::<mw_again>()
        .add::<mw_panicked>()
        .add::<mw_waits>()
        .add::<mw_envelope>()
        .provide(gate.clone())
        .with_bind("127.0.0.1:0")
        .spawn()
        .await
        .unwrap()
}

#[tokio::test]
async fn it_may_answer_itself() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = doing(&gate).await;
        let mut client = Client::connect(running.addr()).await;
        let answer = client.ask(post("/mw/closed", "knock")).await;
        assert_eq!((answer.status, &*answer.text()), (418, "closed"));
        let answer = fetch(running.addr(), post("/mw/refused", "knock")).await;
        assert_eq!(answer.status, 403);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert_eq!(answer.json()["detail"], "only on Mondays");
        assert!(gate.notes().is_empty(), "no handler ran");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn it_may_change_both_sides() {
    within(LIMIT, async {
        let running = doing(&Gate::new()).await;
        let mut client = Client::connect(running.addr()).await;
        client.send(post("/mw/changed", "original")).await;
        let answer = client.try_answer(false).await.unwrap().unwrap();
        assert_eq!(answer.status, 202);
        assert_eq!(answer.header("x-changed"), Some("yes"));
        assert_eq!(answer.header("transfer-encoding"), Some("chunked"));
        running.stop().await.unwrap();
        let rest = String::from_utf8(client.closed().await).unwrap();
        assert!(rest.contains("CHANGED TWICE"), "{rest}");
    })
    .await;
}

#[tokio::test]
async fn errors_come_back_typed() {
    within(LIMIT, async {
        let running = doing(&Gate::new()).await;
        let mut client = Client::connect(running.addr()).await;
        let gone = client.ask(post("/mw/mapped", "missing")).await;
        assert_eq!(gone.status, 410);
        assert_eq!(gone.json()["detail"], "gone, because: no order 7");
        let answer = client.ask(post("/mw/mapped", "conflict")).await;
        assert_eq!((answer.status, &*answer.text()), (200, "never mind: twice"));
        let hidden = client.ask(post("/mw/mapped", "foreign")).await;
        assert_eq!(hidden.status, 500);
        assert!(!hidden.text().contains("hunter2"), "{}", hidden.text());
        assert_eq!(client.ask(post("/mw/mapped", "fine")).await.text(), "fine");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn it_leaves_values_for_the_handler() {
    within(LIMIT, async {
        let running = doing(&Gate::new()).await;
        let mut client = Client::connect(running.addr()).await;
        assert_eq!(client.ask(get("/mw/introduced")).await.text(), "Ada");
        assert_eq!(client.ask(get("/mw/stranger")).await.text(), "nobody");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn it_may_read_the_body_and_hand_on_another() {
    within(LIMIT, async {
        let running = doing(&Gate::new()).await;
        let mut client = Client::connect(running.addr()).await;
        assert_eq!(client.ask(post("/mw/read", "seven..")).await.text(), "seven..");
        assert_eq!(client.ask(post("/mw/read", "")).await.text(), "");
        assert_eq!(running.state().get::<i64>("read").unwrap(), Some(7));
        // What the middleware itself allows is less than what the handler would.
        let answer = client.ask(post("/mw/read", "x".repeat(65))).await;
        assert_eq!(answer.status, 413);
        let answer = fetch(running.addr(), post("/mw/again", "third time")).await;
        assert_eq!(answer.text(), "third time 2");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_route_is_chosen_before() {
    within(LIMIT, async {
        let running =
            Manager::empty().add::<mw_named>().with_bind("127.0.0.1:0").spawn().await.unwrap();
        // The path was changed; what the route captured was not.
        for name in ["Ada%20L", "Ada"] {
            let answer = fetch(running.addr(), get(&format!("/mw/named/{name}"))).await;
            let expected = format!("[(\"name\", \"{}\")] at /x", name.replace("%20", " "));
            assert_eq!((answer.status, answer.text()), (200, expected));
        }
        running.stop().await.unwrap();
    })
    .await;
}

// ---- what it cannot break ------------------------------------------------------------------------

#[middleware]
async fn mw_panics(request: Request, next: Next) -> Result<Response> {
    if request.uri().query() == Some("after") {
        let _ = next.run(request).await;
    }
    panic!("mw_panics lost its temper");
}

#[handler(get = "/mw/panicked", with = [mw_own, mw_panics])]
async fn mw_panicked() {}

#[handler(post = "/mw/waits", with = [mw_own])]
async fn mw_waits(gate: Res<Gate>) {
    gate.pass().await;
}

#[tokio::test]
async fn a_panic_is_an_answer_and_the_connection_goes_on() {
    within(LIMIT, async {
        keep_log();
        let gate = Gate::new();
        let running = doing(&gate).await;
        let mut client = Client::connect(running.addr()).await;
        for path in ["/mw/panicked", "/mw/panicked?after"] {
            let answer = client.ask(get(path)).await;
            assert_eq!(answer.status, 500);
            assert!(!answer.text().contains("temper"), "{}", answer.text());
            let id = answer.header("x-request-id").unwrap();
            assert!(!logged(&[id, "a request failed"]).is_empty());
        }
        assert!(!logged(&["mw_panics lost its temper"]).is_empty());
        assert_eq!(client.ask(post("/mw_envelope", "still here")).await.message(), "still here");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_client_that_goes_away_ends_it() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = doing(&gate).await;
        let mut client = Client::connect(running.addr()).await;
        client.send(post("/mw/waits", "")).await;
        gate.entered(1).await;
        drop(client);
        gate.ended(1).await;
        assert_eq!((gate.passed(), gate.cut()), (0, 1));
        assert_eq!(gate.notes(), ["mw_own in"], "and what stood around it was dropped as well");
        running.stop().await.unwrap();
    })
    .await;
}

/// A body that is sent bit by bit, as the test says.
#[middleware]
async fn mw_passes_on(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

struct Trickle(tokio::sync::mpsc::Receiver<Bytes>);

impl futures_core::Stream for Trickle {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0.poll_recv(cx).map(|piece| piece.map(Ok))
    }
}

struct Pieces(std::sync::Mutex<Option<tokio::sync::mpsc::Receiver<Bytes>>>);

/// Answers everything itself, with what the test sends.
#[middleware]
async fn mw_trickles(_: Request, _: Next, pieces: Res<Pieces>) -> Result<Response> {
    let pieces = pieces.0.lock().unwrap().take().expect("one request");
    Ok(Response::new(Body::from_stream(Trickle(pieces))))
}

#[handler(get = "/mw/trickle", with = [mw_passes_on, mw_trickles])]
async fn mw_trickle() {}

#[tokio::test]
async fn streams_pass_as_they_come() {
    within(LIMIT, async {
        let (send, pieces) = tokio::sync::mpsc::channel(1);
        let running = Manager::empty()
            .add::<mw_trickle>()
            .provide(Pieces(Some(pieces).into()))
            .with_bind("127.0.0.1:0")
            .spawn()
            .await
            .unwrap();
        let mut client = Client::connect(running.addr()).await;
        client.send(get("/mw/trickle")).await;
        let head = client.try_answer(false).await.unwrap().unwrap();
        assert_eq!(head.status, 200);
        for piece in ["one", "two"] {
            send.send(Bytes::from(piece)).await.unwrap();
            let mut read = [0; 8];
            let expected = format!("3\r\n{piece}\r\n");
            tokio::io::AsyncReadExt::read_exact(&mut client.stream, &mut read).await.unwrap();
            assert_eq!(&read[..], expected.as_bytes());
        }
        drop(send);
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_waits_around_a_handler_is_finished_at_a_stop() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = Manager::empty()
            .add::<mw_waits>()
            .provide(gate.clone())
            .with_bind("127.0.0.1:0")
            .spawn()
            .await
            .unwrap();
        let mut client = Client::connect(running.addr()).await;
        client.send(post("/mw/waits", "")).await;
        gate.entered(1).await;
        let stop = tokio::spawn(running.stop());
        tokio::time::sleep(Duration::from_millis(20)).await;
        gate.open(1);
        assert_eq!(client.answer().await.status, 200);
        stop.await.unwrap().unwrap();
        until("it came to its end", || gate.notes() == ["mw_own in", "mw_own out 200"]).await;
    })
    .await;
}

// ---- findings ------------------------------------------------------------------------------------

#[middleware]
async fn mw_needy(request: Request, next: Next, _: Res<Value>) -> Result<Response> {
    next.run(request).await
}

#[handler(get = "/mw/needy", with = [mw_needy])]
async fn mw_is_needy() {}

#[handler(get = "/mw/needy-too", with = [mw_needy])]
async fn mw_is_needy_too() {}

#[tokio::test]
async fn what_it_needs_is_asked_for_at_the_start() {
    within(LIMIT, async {
        let error = fails(
            Manager::empty()
                .add::<mw_is_needy>()
                .add::<mw_is_needy_too>()
                .with_middleware::<mw_around>()
                .without_http()
                .spawn()
                .await,
            Kind::Internal,
        );
        let text = error.to_string();
        for (name, kind) in [("mw_needy", "serde_json::value::Value"), ("mw_around", "Gate")] {
            let said = text.lines().filter(|line| {
                line.contains(&format!("middleware `{name}` (")) && line.contains(kind)
            });
            let said: Vec<&str> = said.collect();
            assert_eq!(said.len(), 1, "once for each: {text}");
            assert!(said[0].contains("tests/it/middleware.rs:"), "{text}");
            assert!(said[0].contains("which nobody provides"), "{text}");
        }
    })
    .await;
}

/// One that is not linked, for a path that nothing lies under.
mod astray {
    use manager_runtime::__private as private;
    use manager_runtime::prelude::*;

    pub(super) struct Astray;

    impl private::Middleware for Astray {
        const SPEC: private::MiddlewareSpec = private::MiddlewareSpec::new(
            "astray",
            private::Place::new("src/shop.rs", 7, 1, "shop"),
        )
        .path("/mw/nyted");

        fn layered() -> private::Layered {
            private::around::<Astray>()
        }
    }

    impl private::Around for Astray {
        type Parameters = ();

        async fn run(request: Request, next: Next, (): ()) -> Result<Response> {
            next.run(request).await
        }
    }
}

#[tokio::test]
async fn a_path_that_nothing_lies_under_is_a_mistake() {
    within(LIMIT, async {
        let error = fails(
            Manager::empty()
                .add::<mw_noted>()
                .add::<mw_missing>()
                .add::<mw_envelope>()
                .add::<mw_beside>()
                .with_middleware::<astray::Astray>()
                .provide(Gate::new())
                .without_http()
                .spawn()
                .await,
            Kind::Internal,
        );
        let expected = "middleware `astray` (src/shop.rs:7) stands at `/mw/nyted`, and no route lies \
                        at or below it; the nearest are `/mw/noted`, `/mw/missing`, `/mw_envelope`";
        assert!(error.to_string().contains(expected), "{error}");
        let error = fails(
            Manager::empty().with_middleware::<astray::Astray>().without_http().spawn().await,
            Kind::Internal,
        );
        assert!(error.to_string().contains("there is no route at all"), "{error}");
    })
    .await;
}
