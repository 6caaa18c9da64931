//! What replies become on routes, in envelopes and for callers in the process; errors with kinds, and how
//! a client reads them.

use std::fmt;
use std::time::Duration;

use manager_runtime::prelude::*;
use manager_runtime::{__private, Body, BoxError, File, HeaderName, HeaderValue, Response};
use serde_json::json;

use crate::support::{
    Answer, Client, LIMIT, fails, fetch, get, keep_log, logged, post, request, until, within,
};

#[handler(get = "/replies/html")]
async fn rep_html() -> Html<String> {
    Html("<p>ä</p>".to_owned())
}

#[handler(get = "/replies/form")]
async fn rep_form() -> Form<Vec<(String, u8)>> {
    Form(vec![("a b".to_owned(), 1), ("ä".to_owned(), 2)])
}

#[handler(get = "/replies/json", head = "/replies/head")]
async fn rep_created() -> (StatusCode, Json<u8>) {
    (StatusCode::CREATED, Json(7))
}

#[handler(get = "/replies/status")]
async fn rep_status() -> StatusCode {
    StatusCode::IM_A_TEAPOT
}

type Pairs = [(&'static str, &'static str); 2];

#[handler(get = "/replies/headers")]
async fn rep_headers() -> (StatusCode, Pairs, (HeaderName, u64), Html<&'static str>) {
    let pairs = [("x-one", "1"), ("content-type", "text/x-own")];
    (StatusCode::ACCEPTED, pairs, (HeaderName::from_static("x-two"), 2), Html("page"))
}

#[handler(get = "/replies/bad-header")]
async fn rep_bad_header() -> ((&'static str, String), &'static str) {
    (("x-bad", "1\r\nx-smuggled: 2".to_owned()), "text")
}

#[handler(get = "/replies/bad-status")]
async fn rep_bad_status() -> StatusCode {
    StatusCode::EARLY_HINTS
}

#[handler(get = "/replies/bad-length")]
async fn rep_bad_length() -> (Pairs, &'static str) {
    ([("content-length", "3"), ("transfer-encoding", "gzip")], "12345")
}

#[handler(get = "/replies/no-content")]
async fn rep_no_content() -> NoContent {
    NoContent
}

#[handler(get = "/replies/not-modified")]
async fn rep_not_modified() -> (StatusCode, &'static str) {
    (StatusCode::NOT_MODIFIED, "a body that is not sent")
}

#[handler(get = "/replies/redirect")]
async fn rep_redirect() -> Redirect {
    Redirect::to("/replies/html?a=b c")
}

#[handler(get = "/replies/bad-redirect")]
async fn rep_bad_redirect() -> Redirect {
    Redirect::permanent("/\r\nset-cookie: a=b")
}

#[handler(get = "/replies/option")]
async fn rep_option() -> Option<Html<String>> {
    None
}

#[handler(get = "/replies/response")]
async fn rep_response() -> Response {
    let mut response = Response::new(Body::from("by hand"));
    *response.status_mut() = StatusCode::NON_AUTHORITATIVE_INFORMATION;
    response.headers_mut().insert("x-one", HeaderValue::from_static("1"));
    response
}

/// In envelopes.
#[handler]
async fn rep_envelope(what: String) -> Reply {
    match &*what {
        "stream" => Reply::from_body(Body::from_stream(Pieces(vec![]))),
        _ => Reply::from_text(what).with_status(StatusCode::CREATED),
    }
}

/// What comes bit by bit: text, an error, a panic.
struct Pieces(Vec<&'static str>);

impl futures_core::Stream for Pieces {
    type Item = std::io::Result<&'static str>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        let next = (!self.0.is_empty()).then(|| self.0.remove(0));
        std::task::Poll::Ready(next.map(|piece| match piece {
            "error" => Err(std::io::Error::other("the source ran dry")),
            "panic" => panic!("the source burst"),
            text => Ok(text),
        }))
    }
}

#[handler(get = "/replies/stream")]
async fn rep_stream() -> ((&'static str, &'static str), Body) {
    (("content-type", "text/plain"), Body::from_stream(Pieces(vec!["one", "two"])))
}

#[handler(get = "/replies/breaks")]
async fn rep_breaks() -> Body {
    Body::from_stream(Pieces(vec!["one", "error", "never"]))
}

#[handler(get = "/replies/bursts")]
async fn rep_bursts() -> Body {
    Body::from_stream(Pieces(vec!["one", "panic", "never"]))
}

#[handler(get = "/replies/file")]
async fn rep_file(ctx: Context, folder: Res<tempfile::TempDir>) -> Result<File> {
    let name = ctx.state().get::<String>("name")?.unwrap_or_default();
    File::open(folder.path().join(name)).await
}

#[handler(get = "/replies/attachment")]
async fn rep_attachment(folder: Res<tempfile::TempDir>) -> Result<File> {
    Ok(File::open(folder.path().join("page.html")).await?.attachment("Größe \"1\".html"))
}

async fn serve() -> Running {
    Manager::empty()
        .add::<rep_html>()
        .add::<rep_form>()
        .add::<rep_created>()
        .add::<rep_status>()
        .add::<rep_headers>()
        .add::<rep_bad_header>()
        .add::<rep_bad_status>()
        .add::<rep_bad_length>()
        .add::<rep_no_content>()
        .add::<rep_not_modified>()
        .add::<rep_redirect>()
        .add::<rep_bad_redirect>()
        .add::<rep_option>()
        .add::<rep_response>()
        .add::<rep_envelope>()
        .add::<rep_stream>()
        .add::<rep_breaks>()
        .add::<rep_bursts>()
        .add::<rep_shop>()
        .add::<rep_shop_question>()
        .add::<rep_shop_boxed>()
        .add::<rep_shop_envelope>()
        .with_bind("127.0.0.1:0")
        .spawn()
        .await
        .unwrap()
}

#[track_caller]
fn has(answer: &Answer, status: u16, headers: &[(&str, &str)], body: &str) {
    assert_eq!((answer.status, &*answer.text()), (status, body), "{answer:?}");
    for (name, value) in headers {
        let expected = (!value.is_empty()).then_some(*value);
        assert_eq!(answer.header(name), expected, "{name}");
    }
}

#[tokio::test]
async fn a_reply_says_its_status_and_its_headers() {
    within(LIMIT, async {
        let running = serve().await;
        let mut client = Client::connect(running.addr()).await;
        let mut check = async |path: &str, status: u16, headers: &[(&str, &str)], body: &str| {
            // One connection for all: none of them may spoil it for the next.
            let answer = client.ask(get(&format!("/replies/{path}"))).await;
            has(&answer, status, headers, body);
        };
        let html = [("content-type", "text/html; charset=utf-8")];
        check("html", 200, &html, "<p>ä</p>").await;
        let form = [("content-type", "application/x-www-form-urlencoded")];
        check("form", 200, &form, "a+b=1&%C3%A4=2").await;
        check("json", 201, &[("content-type", "application/json")], "7").await;
        check("status", 418, &[("content-type", ""), ("content-length", "0")], "").await;
        let headers = [("x-one", "1"), ("x-two", "2"), ("content-type", "text/x-own")];
        check("headers", 202, &headers, "page").await;
        check("bad-length", 200, &[("content-length", "5"), ("transfer-encoding", "")], "12345")
            .await;
        let nothing = [("content-length", ""), ("content-type", "")];
        check("no-content", 204, &nothing, "").await;
        check("not-modified", 304, &nothing, "").await;
        check("redirect", 303, &[("location", "/replies/html?a=b%20c")], "").await;
        check("response", 203, &[("x-one", "1"), ("content-type", "")], "by hand").await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_sent_is_an_internal_error() {
    within(LIMIT, async {
        let running = serve().await;
        let mut client = Client::connect(running.addr()).await;
        let mut check = async |path: &str, detail: &str| {
            let answer = client.ask(get(&format!("/replies/{path}"))).await;
            assert_eq!(answer.status, 500, "{path}");
            let problem = answer.json();
            assert!(problem["detail"].as_str().unwrap().contains(detail), "{problem}");
            for smuggled in ["x-bad", "x-smuggled", "location", "set-cookie"] {
                assert_eq!(answer.header(smuggled), None);
            }
        };
        check("bad-header", "the header `x-bad` of the reply").await;
        check("bad-redirect", "the target of a redirect").await;
        check("bad-status", "the status 103").await;
        let answer = client.ask(get("/replies/option")).await;
        assert_eq!(answer.status, 404);
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    within(LIMIT, async {
        let running = serve().await;
        let mut client = Client::connect(running.addr()).await;
        for (path, status, length) in
            [("html", 200, "9"), ("headers", 202, "4"), ("head", 201, "1"), ("stream", 200, "")]
        {
            client.send(request(&format!("HEAD /replies/{path}"), "", "")).await;
            let answer = client.head().await;
            assert_eq!(answer.status, status);
            assert_eq!(answer.header("content-length").unwrap_or_default(), length, "{path}");
        }
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn typed_callers_get_values_and_callers_by_name_the_content() {
    within(LIMIT, async {
        let running = serve().await;
        let ctx = running.context();
        assert_eq!(ctx.call::<rep_html>(()).await.unwrap(), "<p>ä</p>");
        assert_eq!(ctx.call::<rep_created>(()).await.unwrap(), (StatusCode::CREATED, 7));
        let (status, headers, page) = ctx.call::<rep_headers>(()).await.unwrap();
        assert_eq!((status, headers.len(), page), (StatusCode::ACCEPTED, 3, "page"));
        ctx.call::<rep_no_content>(()).await.unwrap();
        assert_eq!(ctx.call::<rep_redirect>(()).await.unwrap().status(), StatusCode::SEE_OTHER);
        assert!(ctx.call::<rep_option>(()).await.unwrap().is_none());
        let body = ctx.call::<rep_stream>(()).await.unwrap().1;
        assert_eq!(body.collect(100).await.unwrap(), "onetwo");
        fails(ctx.call::<rep_bad_header>(()).await, Kind::Internal);
        fails(ctx.call::<rep_bad_redirect>(()).await, Kind::Internal);

        assert_eq!(ctx.publish("rep_created", ()).await.unwrap().json::<u8>().unwrap(), 7);
        assert_eq!(ctx.publish("rep_html", ()).await.unwrap().text().unwrap(), "<p>ä</p>");
        assert_eq!(ctx.publish("rep_response", ()).await.unwrap().text().unwrap(), "by hand");
        let reply = ctx.publish("rep_stream", ()).await.unwrap();
        assert_eq!(reply.into_body().unwrap().collect(100).await.unwrap(), "onetwo");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_envelope_has_the_content_alone() {
    within(LIMIT, async {
        let running = serve().await;
        let answer = fetch(running.addr(), post("/rep_envelope", "text")).await;
        assert_eq!(answer.message(), json!("text"));
        let answer = fetch(running.addr(), post("/rep_envelope", "stream")).await;
        assert!(answer.refusal(501).contains("give the handler a route"));
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_stream_is_sent_as_it_comes_and_breaks_off_where_it_fails() {
    within(LIMIT, async {
        keep_log();
        let running = serve().await;
        let mut client = Client::connect(running.addr()).await;
        let answer = client.ask(get("/replies/stream")).await;
        assert_eq!(answer.header("transfer-encoding"), Some("chunked"));
        assert_eq!(answer.header("content-type"), Some("text/plain"));
        assert_eq!(client.chunk().await.unwrap().unwrap(), "one");
        assert_eq!(client.chunk().await.unwrap().unwrap(), "two");
        assert_eq!(client.chunk().await.unwrap(), None);
        for (path, said) in [("breaks", "the source ran dry"), ("bursts", "the source burst")] {
            let id = format!("X-Request-Id: of-{path}\r\n");
            let answer = client.ask(request(&format!("GET /replies/{path}"), &id, "")).await;
            assert_eq!(answer.status, 200);
            assert_eq!(client.chunk().await.unwrap().unwrap(), "one");
            // The end that says "this was all" does not come.
            client.chunk().await.unwrap_err();
            let of = format!("of-{path}");
            until("it is logged", || !logged(&["an answer broke off", &of, said]).is_empty()).await;
            client = Client::connect(running.addr()).await;
        }
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_file_comes_with_what_is_known_of_it() {
    within(LIMIT, async {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            let past = std::time::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
            std::fs::File::options().write(true).open(path).unwrap().set_modified(past).unwrap();
        };
        let large: Vec<u8> = (0..300_000_u32).map(|number| number as u8).collect();
        write("page.html", b"<p>page</p>");
        write("empty", b"");
        write("large.bin", &large);
        std::fs::create_dir(folder.path().join("folder")).unwrap();
        let mut manager = Manager::empty();
        manager.add::<rep_file>().add::<rep_attachment>().provide(folder);
        let running = manager.with_bind("127.0.0.1:0").spawn().await.unwrap();
        let mut client = Client::connect(running.addr()).await;
        let mut ask = async |name: &str| {
            running.state().insert("name", name.to_owned());
            client.ask(get("/replies/file")).await
        };
        let modified = ("last-modified", "Sun, 09 Sep 2001 01:46:40 GMT");
        let answer = ask("page.html").await;
        let kind = ("content-type", "text/html; charset=utf-8");
        has(&answer, 200, &[kind, modified, ("content-disposition", "")], "<p>page</p>");
        assert_eq!(answer.header("content-length"), Some("11"));
        let bytes = ("content-type", "application/octet-stream");
        has(&ask("empty").await, 200, &[bytes, modified, ("content-length", "0")], "");
        let answer = ask("large.bin").await;
        assert!(answer.body == large, "{} bytes came", answer.body.len());
        for nothing in ["missing", "folder", "a/b", "page.html/x", "\0"] {
            let answer = ask(nothing).await;
            assert_eq!(answer.status, 404, "{nothing}");
            assert_eq!(answer.json()["detail"], "there is no such file");
        }
        let answer = client.ask(get("/replies/attachment")).await;
        let disposition = r#"attachment; filename="Gr__e _1_.html"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%221%22.html"#;
        has(&answer, 200, &[("content-disposition", disposition)], "<p>page</p>");
        client.send("HEAD /replies/attachment HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        assert_eq!(client.head().await.header("content-length"), Some("11"));
        let file = running.context().call::<rep_attachment>(()).await.unwrap();
        assert_eq!(file.length(), 11);
        running.stop().await.unwrap();
    })
    .await;
}

// ---- errors with kinds -----------------------------------------------------------------------------

/// What `#[derive(HandlerError)]` makes of an enum, by hand.
#[derive(Debug)]
enum ShopError {
    NoOrder(u64),
    Paid,
    Database(std::io::Error),
}

impl fmt::Display for ShopError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ShopError::NoOrder(id) => write!(f, "no order {id}"),
            ShopError::Paid => f.write_str("the order <is> paid"),
            ShopError::Database(_) => f.write_str("the database at 10.0.0.7 failed"),
        }
    }
}

impl std::error::Error for ShopError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ShopError::Database(source) => Some(source),
            _ => None,
        }
    }
}

impl __private::HasKind for ShopError {
    fn kind(&self) -> Kind {
        match self {
            ShopError::NoOrder(_) => Kind::NotFound,
            ShopError::Paid => Kind::Conflict,
            ShopError::Database(_) => Kind::Internal,
        }
    }
}

__private::inventory::submit! { __private::KindEntry::of::<ShopError>() }

fn shop(what: &str) -> Result<String, ShopError> {
    match what {
        "missing" => Err(ShopError::NoOrder(7)),
        "paid" => Err(ShopError::Paid),
        "database" => Err(ShopError::Database(std::io::Error::other("disk full"))),
        fine => Ok(fine.to_owned()),
    }
}

#[handler(post = "/replies/shop")]
async fn rep_shop(what: String) -> Result<String, ShopError> {
    shop(&what)
}

#[handler(post = "/replies/shop-question")]
async fn rep_shop_question(what: String) -> Result<String> {
    Ok(shop(&what)?)
}

#[handler(post = "/replies/shop-boxed")]
async fn rep_shop_boxed(what: String) -> Result<String, BoxError> {
    Ok(shop(&what)?)
}

#[handler]
async fn rep_shop_envelope(ctx: Context, what: String) -> Result<String> {
    ctx.call::<rep_shop_boxed>(what).await
}

#[tokio::test]
async fn an_error_keeps_the_kind_of_its_variant() {
    within(LIMIT, async {
        keep_log();
        let running = serve().await;
        let ctx = running.context();
        for handler in ["rep_shop", "rep_shop_question", "rep_shop_boxed", "rep_shop_envelope"] {
            let error = fails(ctx.publish(handler, "missing").await, Kind::NotFound);
            assert_eq!(error.message(), "no order 7");
            fails(ctx.publish(handler, "paid").await, Kind::Conflict);
            let error = fails(ctx.publish(handler, "database").await, Kind::Internal);
            assert_eq!(error.message(), "the database at 10.0.0.7 failed");
            assert_eq!(ctx.publish(handler, "fine").await.unwrap().text().unwrap(), "fine");
        }
        let error = fails(ctx.call::<rep_shop>("paid".to_owned()).await, Kind::Conflict);
        assert!(error.source().unwrap().is::<ShopError>(), "it is still there for who knows it");
        for path in ["shop", "shop-question", "shop-boxed"] {
            let ask = async |what: &str| {
                fetch(running.addr(), post(&format!("/replies/{path}"), what)).await
            };
            let answer = ask("missing").await;
            assert_eq!(answer.status, 404);
            assert_eq!(answer.header("content-type"), Some("application/problem+json"));
            assert_eq!(
                answer.json(),
                json!({
                    "type": "about:blank", "title": "not found", "status": 404, "detail": "no order 7",
                })
            );
            assert_eq!(ask("paid").await.status, 409);
            // The text of an internal error is for the log.
            let answer = ask("database").await;
            assert_eq!(answer.status, 500);
            assert!(!answer.text().contains("10.0.0.7"), "{}", answer.text());
            let id = answer.header("x-request-id").unwrap();
            let logged = logged(&[id, "the database at 10.0.0.7 failed", "disk full"]);
            assert_eq!(logged.len(), 1, "{logged:?}");
        }
        let answer = fetch(running.addr(), post("/rep_shop_envelope", "missing")).await;
        assert_eq!(answer.refusal(404), "no order 7");
        assert_eq!(answer.header("vary"), None);
        let answer = fetch(running.addr(), post("/rep_shop_envelope", "database")).await;
        assert!(answer.refusal(500).starts_with("internal error, see the log"));
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_client_reads_errors_in_the_form_that_it_asks_for() {
    const PROBLEM: &str = "application/problem+json";
    const TEXT: &str = "text/plain; charset=utf-8";
    const HTML: &str = "text/html; charset=utf-8";
    within(LIMIT, async {
        let running = serve().await;
        let mut client = Client::connect(running.addr()).await;
        let mut check = async |accept: &str, expected: &str| {
            for (line, body) in [("POST /replies/shop", "paid"), ("GET /no/such/path", "")] {
                let answer = client.ask(request(line, accept, body)).await;
                assert_eq!(answer.header("content-type"), Some(expected), "{accept:?}");
                assert_eq!(answer.header("vary"), Some("accept"));
                let text = answer.text();
                match (body, expected) {
                    ("", _) => assert_eq!(answer.status, 404),
                    (_, PROBLEM) => assert_eq!(answer.json()["detail"], "the order <is> paid"),
                    (_, TEXT) => assert_eq!(text, "conflict: the order <is> paid\n"),
                    _ => {
                        assert!(text.contains("<h1>conflict</h1><p>the order &lt;is&gt; paid</p>"))
                    }
                }
            }
        };
        check("", PROBLEM).await;
        check("Accept: */*\r\n", PROBLEM).await;
        check("Accept: application/problem+json\r\n", PROBLEM).await;
        check("Accept: application/json, text/html;q=0.9\r\n", PROBLEM).await;
        check("Accept: text/plain\r\n", TEXT).await;
        check("Accept: TEXT/PLAIN ; Q=0.4, application/*;q=0.3\r\n", TEXT).await;
        check("Accept: text/html\r\n", HTML).await;
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        check(&format!("Accept: {browser}\r\n"), HTML).await;
        check("Accept: image/png\r\n", PROBLEM).await;
        check("Accept: application/json;q=0.2\r\nAccept: text/html\r\n", HTML).await;
        running.stop().await.unwrap();
    })
    .await;
}
