//! What gives errors their body: which catcher, what it may say, and what stays as it is.

use manager_runtime::prelude::*;
use manager_runtime::{Body, Parameter, Part, Parts, StatusCode, role};

use crate::support::{Client, LIMIT, fails, fetch, get, keep_log, logged, post, request, within};

#[catcher(404)]
async fn catch_missing(caught: Caught) -> String {
    format!("404 {} {}: {}", caught.method(), caught.uri(), caught.message())
}

#[catcher(404, path = "/api")]
fn catch_api_missing(caught: Caught) -> Json<String> {
    Json(caught.message())
}

#[catcher(404, path = "/api/v2")]
fn catch_api_v2_missing() -> &'static str {
    "v2"
}

#[catcher(path = "/api/v2")]
fn catch_api_v2(caught: Caught) -> String {
    format!("v2 {}", caught.status().as_u16())
}

#[catcher]
fn catch_all(caught: Caught) -> String {
    let kind =
        caught.error().map_or_else(|| "no error".to_owned(), |error| error.kind().to_string());
    format!("{} {kind}: {} [{}]", caught.status().as_u16(), caught.message(), caught.request_id())
}

struct Brand(&'static str);

/// One that is not linked, because a manager of every linked catcher would need a brand as well.
mod branded {
    use manager_runtime::__private as private;
    use manager_runtime::prelude::*;

    use super::Brand;

    #[expect(non_camel_case_types, reason = "what the macro makes of a function")]
    pub(super) struct catch_method;

    impl private::At<0> for catch_method {
        type Parameter = Context;
    }

    impl private::At<1> for catch_method {
        type Parameter = Res<Brand>;
    }

    impl private::At<2> for catch_method {
        type Parameter = Caught;
    }

    type Slot<const N: usize> = private::Slot<catch_method, N>;

    impl private::Catcher for catch_method {
        const SPEC: private::CatcherSpec = private::CatcherSpec::new(
            "catch_method",
            private::Place::new(file!(), line!(), column!(), module_path!()),
        )
        .statuses(&[405]);

        type Parameters = (Slot<0>, (Slot<1>, (Slot<2>, ())));

        async fn run(
            (ctx, (brand, (caught, ()))): (Context, (Res<Brand>, (Caught, ()))),
        ) -> Result<Reply> {
            let times = ctx.state().increment("caught", 1)?;
            private::reply(format!("{}: {} {times}", brand.0, caught.message()))
        }
    }
}

use branded::catch_method;

/// What was asked, by whom, and of which route.
#[catcher(403)]
async fn catch_parts(
    headers: manager_runtime::HeaderMap,
    method: manager_runtime::Method,
    ClientAddr(peer): ClientAddr,
    path: Option<Path<(String,)>>,
) -> String {
    let path = path.map(|Path((path,))| path);
    format!("{method} {:?} {} {path:?}", headers.get("user-agent"), peer.ip())
}

#[handler(get = "/forbidden/{name}")]
async fn err_forbidden(_: Path<String>) -> Result<()> {
    Err(Error::forbidden("nobody"))
}

#[tokio::test]
async fn it_takes_parts_of_the_request_that_failed() {
    within(LIMIT, async {
        let running = Manager::empty()
            .add::<err_forbidden>()
            .with_catcher::<catch_parts>()
            .with_bind("127.0.0.1:0")
            .spawn()
            .await
            .unwrap();
        let asked = request("GET /forbidden/a%20b", "User-Agent: me\r\n", "");
        let answer = fetch(running.addr(), asked).await;
        let expected = "GET Some(\"me\") 127.0.0.1 Some(\"a b\")";
        assert_eq!((answer.status, &*answer.text()), (403, expected));
        // Without a route: a page of another site asks.
        let headers = "User-Agent: you\r\nOrigin: https://elsewhere.example\r\n";
        let answer = fetch(running.addr(), request("POST /x/y", headers, "")).await;
        assert_eq!((answer.status, &*answer.text()), (403, "POST Some(\"you\") 127.0.0.1 None"));
        running.stop().await.unwrap();
    })
    .await;
}

#[catcher(410)]
async fn catch_fails(_: Caught) -> Result<String> {
    Err(Error::internal("catch_fails has failed"))
}

#[catcher(409)]
async fn catch_panics(_: Caught) -> String {
    panic!("catch_panics lost its temper")
}

#[handler(get = "/errors/{kind}")]
async fn err_by_kind(error: Asked) -> Result<String> {
    Err(match &*error.kind {
        "missing" => Error::not_found("no order 7"),
        "gone" => Error::gone("deleted"),
        "conflict" => Error::conflict("twice"),
        "busy" => Error::overloaded("busy"),
        "foreign" => std::io::Error::other("hunter2").into(),
        _ => return Ok(error.kind),
    })
}

/// What the path asks for.
struct Asked {
    kind: String,
}

impl Parameter for Asked {
    type Role = role::Part;
}

impl Part for Asked {
    async fn part(parts: &mut Parts<'_>) -> Result<Self> {
        let kind = parts.head()?.captures().next().map(|(_, kind)| kind.to_owned());
        Ok(Asked { kind: kind.unwrap_or_default() })
    }
}

#[handler(get = "/api/{kind}")]
async fn err_api(error: Asked) -> Result<String> {
    Err(Error::not_found(format!("no {}", error.kind)))
}

#[handler(get = "/api/v2/{kind}")]
async fn err_api_v2(error: Asked) -> Result<String> {
    match &*error.kind {
        "missing" => Err(Error::not_found("nothing")),
        _ => Err(Error::forbidden("never")),
    }
}

#[handler]
async fn err_envelope(what: String) -> Result<String> {
    Err(Error::not_found(format!("no {what}")))
}

/// Answers with a status and no body, without an error.
#[middleware]
async fn err_empty(request: Request, _: Next) -> Result<Response> {
    let body = match request.uri().query() {
        Some("body") => Body::from("my own words"),
        _ => Body::empty(),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::NOT_FOUND;
    for cookie in ["a=1", "b=2"] {
        response.headers_mut().append("set-cookie", cookie.parse()?);
    }
    response.headers_mut().insert("content-length", request_length(&request).parse()?);
    Ok(response)
}

fn request_length(request: &Request) -> &'static str {
    if request.uri().query().is_some() { "12" } else { "0" }
}

#[handler(get = "/empty", with = [err_empty])]
async fn err_answered() {}

async fn catching(add: impl FnOnce(&mut Manager)) -> Running {
    let mut manager = Manager::empty();
    manager
        .add::<err_by_kind>()
        .add::<err_api>()
        .add::<err_api_v2>()
        .add::<err_envelope>()
        .add::<err_answered>()
        .with_bind("127.0.0.1:0");
    add(&mut manager);
    manager.spawn().await.unwrap()
}

#[tokio::test]
async fn it_goes_by_status_and_by_the_longest_path() {
    within(LIMIT, async {
        let running = catching(|manager| {
            manager
                .with_catcher::<catch_missing>()
                .with_catcher::<catch_api_v2>()
                .with_catcher::<catch_api_missing>()
                .with_catcher::<catch_api_v2_missing>();
        })
        .await;
        let mut client = Client::connect(running.addr()).await;
        for (path, status, text) in [
            ("/errors/missing", 404, "404 GET /errors/missing: no order 7"),
            ("/no/such?q=1", 404, "404 GET /no/such?q=1: nothing is at /no/such"),
            ("/api/tea", 404, "\"no tea\""),
            ("/%61pi/tea", 404, "\"no tea\""),
            ("/api/v2/missing", 404, "v2"),
            ("/api/v2/other", 403, "v2 403"),
            ("/api/v2/a/b/c", 404, "v2"),
            ("/api/v2x/a/b", 404, "\"nothing is at /api/v2x/a/b\""),
            ("/apis/v2/x", 404, "404 GET /apis/v2/x: nothing is at /apis/v2/x"),
        ] {
            let answer = client.ask(get(path)).await;
            assert_eq!((answer.status, &*answer.text()), (status, text), "{path}");
        }
        let json = client.ask(get("/api/tea")).await;
        assert_eq!(json.header("content-type"), Some("application/json"));
        // What nobody catches is what it would be without.
        let busy = client.ask(get("/errors/busy")).await;
        assert_eq!(busy.header("content-type"), Some("application/problem+json"));
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_is_caught_keeps_its_status_and_its_headers() {
    within(LIMIT, async {
        let running = catching(|manager| {
            manager
                .with_catcher::<catch_all>()
                .with_catcher::<catch_method>()
                .provide(Brand("Shop"))
                .with_api_key("sesame");
        })
        .await;
        let mut client = Client::connect(running.addr()).await;
        let key = "Authorization: Bearer sesame\r\n";
        let refused = client.ask(get("/errors/missing")).await;
        assert_eq!(refused.status, 401);
        assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
        assert!(refused.text().starts_with("401 unauthorized: a valid key"), "{}", refused.text());

        let busy = client.ask(request("GET /errors/busy", key, "")).await;
        assert_eq!((busy.status, busy.header("retry-after")), (503, Some("1")));
        assert_eq!(busy.text(), "503 overloaded: busy []");
        assert_eq!(busy.header("content-type"), Some("text/plain; charset=utf-8"));

        for times in 1..=2 {
            let answer = client.ask(request("PUT /errors/missing", key, "")).await;
            assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD, OPTIONS")));
            let text = answer.text();
            assert!(text.starts_with("Shop: PUT is not allowed here"), "{text}");
            assert!(text.ends_with(&format!(" {times}")), "{text}");
        }

        // What is not for the client, a catcher does not tell by accident either.
        let hidden = client.ask(request("GET /errors/foreign", key, "")).await;
        let id = hidden.header("x-request-id").unwrap().to_owned();
        assert_eq!(hidden.status, 500);
        let text = hidden.text();
        assert!(text.ends_with(&format!("[{id}]")) && !text.contains("hunter2"), "{text}");

        // The envelope is for errors that nobody catches.
        let answer = client.ask(request("POST /err_envelope", key, "tea")).await;
        assert_eq!((answer.status, &*answer.text()), (404, "404 not found: no tea []"));
        assert_eq!(fetch(running.addr(), request("GET /errors/ok", key, "")).await.text(), "ok");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn one_that_fails_changes_nothing() {
    within(LIMIT, async {
        keep_log();
        let running = catching(|manager| {
            manager
                .with_catcher::<catch_all>()
                .with_catcher::<catch_fails>()
                .with_catcher::<catch_panics>();
        })
        .await;
        let mut client = Client::connect(running.addr()).await;
        for (path, status, detail, story) in [
            ("/errors/gone", 410, "deleted", "catch_fails has failed"),
            ("/errors/conflict", 409, "twice", "catch_panics lost its temper"),
        ] {
            let answer = client.ask(get(path)).await;
            assert_eq!(answer.status, status);
            assert_eq!(answer.header("content-type"), Some("application/problem+json"));
            assert_eq!(answer.json()["detail"], detail);
            assert_eq!(logged(&["a catcher failed", story]).len(), 1, "{path}");
        }
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_says_nothing_is_caught_and_one_that_does_is_not() {
    within(LIMIT, async {
        let running = catching(|manager| {
            manager.with_catcher::<catch_all>();
        })
        .await;
        let mut client = Client::connect(running.addr()).await;
        let empty = client.ask(get("/empty")).await;
        assert_eq!((empty.status, &*empty.text()), (404, "404 no error: not found []"));
        let cookies = empty.headers.iter().filter(|(name, _)| name == "set-cookie").count();
        assert_eq!(cookies, 2, "{:?}", empty.headers);
        let own = client.ask(get("/empty?body")).await;
        assert_eq!((own.status, &*own.text()), (404, "my own words"));
        let head = request("HEAD /empty", "", "");
        client.send(head).await;
        assert_eq!(client.head().await.status, 404);
        assert_eq!(client.ask(get("/errors/ok")).await.text(), "ok");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn without_catchers_errors_are_problems_and_envelopes() {
    within(LIMIT, async {
        let running = catching(|_| {}).await;
        let mut client = Client::connect(running.addr()).await;
        let problem = client.ask(get("/errors/missing")).await;
        assert_eq!(problem.status, 404);
        assert_eq!(problem.json()["title"], "not found");
        assert_eq!(problem.json()["status"], 404);
        let envelope = client.ask(post("/err_envelope", "tea")).await;
        assert_eq!(envelope.refusal(404), "no tea");
        let unknown = client.ask(post("/ghost", "tea")).await;
        assert_eq!(unknown.refusal(404), "Handler not found: ghost");
        // Its body was not read, so the connection ended with that answer.
        let empty = fetch(running.addr(), get("/empty")).await;
        assert_eq!((empty.status, &*empty.text()), (404, ""));
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_it_needs_is_asked_for_at_the_start() {
    within(LIMIT, async {
        let error = fails(
            Manager::empty().with_catcher::<catch_method>().without_http().spawn().await,
            Kind::Internal,
        );
        let text = error.to_string();
        assert!(text.contains("catcher `catch_method` ("), "{text}");
        assert!(text.contains("tests/it/catchers.rs:"), "{text}");
        assert!(text.contains("needs a resource of type `it::catchers::Brand`"), "{text}");
    })
    .await;
}
