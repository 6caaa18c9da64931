//! What handlers take of a request: good and bad input for each of them, over real sockets.

use std::collections::BTreeMap;

use manager_runtime::prelude::*;
use manager_runtime::{
    HeaderMap, Host, Method, OptionalPart, Parameter, Part, Parts, Rejection, Uri, role,
};

use crate::support::{Answer, Client, LIMIT, fails, fetch, keep_log, logged, request, within};

#[message]
struct User {
    id: u64,
    name: Option<String>,
}

#[message]
#[serde(rename_all = "lowercase")]
enum Colour {
    Red,
    Green,
}

#[message]
struct Filter {
    page: u32,
    #[serde(default)]
    tag: Vec<String>,
    colour: Option<Colour>,
    exact: Option<bool>,
    letter: Option<char>,
    ratio: Option<f64>,
}

#[message]
struct Archive {
    year: u16,
    month: Option<u8>,
}

// ---- path -------------------------------------------------------------------------------------------

#[handler(get = "/one/{id}")]
async fn path_one(Path(id): Path<i16>) -> String {
    id.to_string()
}

#[handler(get = "/two/{name}/{n:[0-9]+}-days")]
async fn path_two(Path((name, days)): Path<(String, u8)>) -> String {
    format!("{name} {days}")
}

#[handler(get = "/struct/{id}/{name}")]
async fn path_struct(Path(user): Path<User>) -> String {
    format!("{} {:?}", user.id, user.name)
}

#[handler(get = "/map/{a}/{*rest}")]
async fn path_map(Path(map): Path<BTreeMap<String, String>>) -> String {
    format!("{map:?}")
}

#[handler(get = "/host/{id}", host = "{sub}.example.com")]
async fn path_host(Path((sub, id)): Path<(String, u32)>) -> String {
    format!("{sub} {id}")
}

#[handler(get = ["/archive", "/archive/{year}", "/archive/{year}/{month}"])]
async fn path_optional(archive: Option<Path<Archive>>) -> String {
    match archive {
        Some(Path(Archive { year, month })) => format!("{year} {month:?}"),
        None => "all".to_owned(),
    }
}

#[handler(get = "/colour/{colour}")]
async fn path_rejected(colour: Result<Path<Colour>, Rejection>) -> Result<String> {
    match colour {
        Ok(Path(Colour::Red)) => Ok("red".to_owned()),
        Ok(Path(Colour::Green)) => Err(Rejection::from(Error::conflict("no green")))?,
        Err(rejection) => Ok(format!("{}: {rejection}", rejection.error().kind())),
    }
}

#[handler(post = "/both/{id}")]
async fn path_and_message(Path(id): Path<u64>, user: User) -> String {
    format!("{id} {} {:?}", user.id, user.name)
}

#[handler(get = "/both/{id}")]
async fn path_and_query(Path(id): Path<String>, user: User) -> String {
    format!("{id} {} {:?}", user.id, user.name)
}

// ---- query ------------------------------------------------------------------------------------------

#[handler(get = "/query")]
async fn query(Query(filter): Query<Filter>) -> String {
    let Filter { page, tag, colour, exact, letter, ratio } = filter;
    let colour = colour.map(|colour| matches!(colour, Colour::Red));
    format!("{page} {tag:?} {colour:?} {exact:?} {letter:?} {ratio:?}")
}

#[handler(get = "/maybe-query")]
async fn query_optional(filter: Option<Query<Filter>>) -> String {
    filter.map_or("none".to_owned(), |Query(filter)| filter.page.to_string())
}

#[handler(get = "/caught-query")]
async fn query_rejected(filter: Result<Query<Filter>, Rejection>) -> String {
    match filter {
        Ok(Query(filter)) => filter.page.to_string(),
        Err(rejection) => format!("caught {}", rejection.error().kind()),
    }
}

// ---- the head ---------------------------------------------------------------------------------------

#[handler(any = "/head/{*rest}")]
async fn head(method: Method, uri: Uri, Host(host): Host, headers: HeaderMap) -> String {
    format!("{method} {uri} {host} {}", headers["x-note"].to_str().unwrap())
}

#[handler(get = "/peer")]
async fn peer(ClientAddr(address): ClientAddr) -> String {
    address.ip().to_string()
}

#[handler(get = "/no-host")]
async fn host_optional(host: Option<Host>) -> String {
    host.map_or("none".to_owned(), |Host(host)| host)
}

#[handler]
async fn nothing_of_http(
    host: Option<Host>,
    peer: Option<ClientAddr>,
    query: Option<Query<Filter>>,
    mark: Option<Extension<Mark>>,
    path: Option<Path<u8>>,
    method: Option<Method>,
) -> Json<bool> {
    Json(
        host.is_none()
            && peer.is_none()
            && query.is_none()
            && mark.is_none()
            && path.is_none()
            && method.is_none(),
    )
}

#[handler]
async fn needs_http(ClientAddr(address): ClientAddr) -> String {
    address.to_string()
}

// ---- extensions -------------------------------------------------------------------------------------

#[derive(Clone)]
struct Mark(&'static str);

#[middleware]
async fn leave_mark(mut request: Request, next: Next) -> Result<Response> {
    request.extensions_mut().insert(Mark("was here"));
    next.run(request).await
}

#[handler(get = "/marked", with = [leave_mark])]
async fn marked(Extension(mark): Extension<Mark>) -> &'static str {
    mark.0
}

#[handler(get = "/unmarked")]
async fn unmarked(Extension(mark): Extension<Mark>) -> &'static str {
    mark.0
}

#[handler(get = "/maybe-marked")]
async fn maybe_marked(mark: Option<Extension<Mark>>) -> &'static str {
    mark.map_or("nobody was here", |Extension(mark)| mark.0)
}

// ---- bodies -----------------------------------------------------------------------------------------

#[handler(post = "/form", get = "/form")]
async fn form(Form(filter): Form<Filter>) -> String {
    format!("{} {:?}", filter.page, filter.tag)
}

#[handler(post = "/maybe-json")]
async fn json_optional(user: Option<Json<User>>) -> String {
    user.map_or("none".to_owned(), |Json(user)| user.id.to_string())
}

#[handler(post = "/maybe-form")]
async fn form_optional(user: Option<Form<User>>) -> String {
    user.map_or("none".to_owned(), |Form(user)| user.id.to_string())
}

/// The path says all that a user has to have.
#[handler(post = "/merged/{id}")]
async fn json_merged(user: User) -> String {
    user.id.to_string()
}

#[handler(get = "/maybe-message")]
async fn message_optional(user: Option<User>) -> String {
    user.map_or("none".to_owned(), |user| user.id.to_string())
}

#[handler(post = "/caught-json", body_limit = "32B")]
async fn json_rejected(user: Result<Json<User>, Rejection>) -> String {
    match user {
        Ok(Json(user)) => user.id.to_string(),
        Err(rejection) => format!("caught {}", rejection.error().kind()),
    }
}

#[handler(post = "/stream", body_limit = "100KiB")]
async fn streamed(mut body: BodyStream) -> Result<String> {
    let mut length = 0;
    while let Some(piece) = body.next().await? {
        length += piece.len();
    }
    Ok(length.to_string())
}

#[handler(any = "/request/{*rest}")]
async fn whole_request(request: Request) -> Result<String> {
    let (head, body) = request.into_parts();
    let body = body.collect(1024).await?;
    Ok(format!("{} {} {}", head.method, head.uri, String::from_utf8_lossy(&body)))
}

// ---- one of the user's own --------------------------------------------------------------------------

struct Language(String);

impl Parameter for Language {
    type Role = role::Part;
}

impl Part for Language {
    async fn part(parts: &mut Parts<'_>) -> Result<Self> {
        let found = Self::optional_part(parts).await?;
        found.ok_or_else(|| Error::bad_request("say which language"))
    }
}

impl OptionalPart for Language {
    async fn optional_part(parts: &mut Parts<'_>) -> Result<Option<Self>> {
        let said = parts.head()?.headers().get("accept-language");
        match said.map(|said| said.to_str()) {
            Some(Ok(said)) => Ok(Some(Language(said.to_owned()))),
            Some(Err(_)) => Err(Error::bad_request("that is no language")),
            None => Ok(None),
        }
    }
}

#[handler(get = "/own")]
async fn own(language: Option<Language>) -> String {
    language.map_or("none".to_owned(), |Language(language)| language)
}

fn manager() -> Manager {
    let mut manager = Manager::empty();
    manager
        .add::<path_one>()
        .add::<path_two>()
        .add::<path_struct>()
        .add::<path_map>()
        .add::<path_optional>()
        .add::<path_rejected>()
        .add::<path_and_message>()
        .add::<path_and_query>()
        .add::<query>()
        .add::<query_optional>()
        .add::<query_rejected>()
        .add::<head>()
        .add::<peer>()
        .add::<host_optional>()
        .add::<nothing_of_http>()
        .add::<needs_http>()
        .add::<marked>()
        .add::<unmarked>()
        .add::<maybe_marked>()
        .add::<form>()
        .add::<json_optional>()
        .add::<form_optional>()
        .add::<json_merged>()
        .add::<message_optional>()
        .add::<json_rejected>()
        .add::<streamed>()
        .add::<whole_request>()
        .add::<own>()
        .with_bind("127.0.0.1:0");
    manager
}

const JSON: &str = "Content-Type: application/json\r\n";
const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

async fn ask(running: &Running, line: &str, headers: &str, body: impl AsRef<[u8]>) -> Answer {
    fetch(running.addr(), request(line, headers, body)).await
}

/// What a good request is answered.
async fn good(running: &Running, line: &str, headers: &str, body: &str, expected: &str) {
    let answer = ask(running, line, headers, body).await;
    assert_eq!((answer.status, &*answer.text()), (200, expected), "{line} {headers} {body}");
}

/// The status of a bad one, and what its problem says.
async fn bad(running: &Running, line: &str, headers: &str, body: &str, status: u16, detail: &str) {
    let answer = ask(running, line, headers, body).await;
    assert_eq!(answer.status, status, "{line} {headers} {body}: {}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(answer.json()["detail"], detail, "{line} {headers} {body}");
}

#[tokio::test]
async fn paths() {
    within(LIMIT, async {
        let running = manager().spawn().await.unwrap();
        let good = async |line: &str, expected: &str| good(&running, line, "", "", expected).await;
        good("GET /one/-7", "-7").await;
        good("GET /two/a%2Fb%20%C3%A4/12-days", "a/b ä 12").await;
        good("GET /struct/7/Ada", "7 Some(\"Ada\")").await;
        good("GET /map/x/y/z%20", r#"{"a": "x", "rest": "y/z "}"#).await;
        good("GET /archive", "all").await;
        good("GET /archive/2026", "2026 None").await;
        good("GET /archive/2026/11", "2026 Some(11)").await;
        good("GET /colour/red", "red").await;
        // Without a key, a loopback address answers to loopback names alone.
        let mut keyed = Manager::empty();
        keyed.add::<path_host>().with_api_key("a-key").with_bind("127.0.0.1:0");
        let keyed = keyed.spawn().await.unwrap();
        let headers = "Authorization: Bearer a-key\r\nHost: shop.Example.com:80\r\n";
        let answer = ask(&keyed, "GET /host/7", headers, "").await;
        assert_eq!((answer.status, &*answer.text()), (200, "shop 7"));
        keyed.stop().await.unwrap();
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_path_that_does_not_fit_leads_nowhere() {
    within(LIMIT, async {
        let running = manager().spawn().await.unwrap();
        let bad = async |line: &str, detail: &str| bad(&running, line, "", "", 404, detail).await;
        let number = "expected a whole number from -32768 to 32767, found";
        bad("GET /one/x", &format!("the path does not fit at `id`: {number} \"x\"")).await;
        bad("GET /one/32768", &format!("the path does not fit at `id`: {number} \"32768\"")).await;
        bad("GET /one/%0A%3Cb%3E", &format!("the path does not fit at `id`: {number} \"\\n<b>\"")).await;
        let long = format!("GET /one/{}", "x".repeat(200));
        bad(&long, &format!("the path does not fit at `id`: {number} \"{}…\"", "x".repeat(64))).await;
        bad(
            "GET /two/a/300-days",
            "the path does not fit at `n`: expected a whole number from 0 to 255, found \"300\"",
        )
        .await;
        // An `Option` is for what is absent, not for what is wrong.
        bad(
            "GET /archive/long-ago",
            "the path does not fit at `year`: expected a whole number from 0 to 65535, found \"long-ago\"",
        )
        .await;
        let caught = "not found: the path does not fit at `colour`: \"blue\" is none of `red`, `green`";
        good(&running, "GET /colour/blue", "", "", caught).await;
        let answer = ask(&running, "GET /colour/green", "", "").await;
        assert_eq!((answer.status, &answer.json()["detail"]), (409, &"no green".into()));
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_path_that_a_parameter_takes_is_none_of_the_message() {
    within(LIMIT, async {
        let running = manager().spawn().await.unwrap();
        good(&running, "POST /both/7", JSON, r#"{"id":8}"#, "7 8 None").await;
        good(&running, "GET /both/x?id=8&name=a", "", "", "x 8 Some(\"a\")").await;
        let missing = "the query does not fit: `id` is missing";
        bad(&running, "GET /both/7?name=a", "", "", 400, missing).await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn queries() {
    within(LIMIT, async {
        let running = manager().spawn().await.unwrap();
        let ok = async |line: &str, expected: &str| good(&running, line, "", "", expected).await;
        ok("GET /query?page=2", "2 [] None None None None").await;
        ok(
            "GET /query?tag=b&page=2&tag=a+%26&colour=red&exact=true&letter=%C3%A4&ratio=-1.5&more=1",
            r#"2 ["b", "a &"] Some(true) Some(true) Some('ä') Some(-1.5)"#,
        )
        .await;
        ok("GET /maybe-query", "none").await;
        ok("GET /maybe-query?page=3", "3").await;
        ok("GET /caught-query?page=3", "3").await;
        ok("GET /caught-query?page=x", "caught bad request").await;
        ok("GET /caught-query", "caught bad request").await;
        let no = async |line: &str, detail: &str| bad(&running, line, "", "", 400, detail).await;
        no("GET /query", "the query does not fit: `page` is missing").await;
        let number = "expected a whole number from 0 to 4294967295, found";
        no("GET /query?page=", &format!("the query does not fit at `page`: {number} \"\"")).await;
        no("GET /query?page=%22%0d", &format!("the query does not fit at `page`: {number} \"\\\"\\r\"")).await;
        no("GET /query?page=1&page=2", "the query does not fit at `page`: given 2 times, and one value is expected").await;
        no("GET /query?page=1&exact=1", "the query does not fit at `exact`: expected `true` or `false`, found \"1\"").await;
        no("GET /query?page=1&colour=%3Cb%3E", "the query does not fit at `colour`: \"<b>\" is none of `red`, `green`").await;
        no("GET /query?page=%ff", "the query cannot be read: the value of \"page\" is not UTF-8").await;
        no("GET /maybe-query?", "the query does not fit: `page` is missing").await;
        no("GET /maybe-query?page=x", &format!("the query does not fit at `page`: {number} \"x\"")).await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_head_of_a_request() {
    within(LIMIT, async {
        let running = manager().spawn().await.unwrap();
        let headers = "Host: LocalHost:8080\r\nX-Note: hello\r\n";
        good(
            &running,
            "PURGE /head/a%20b?c=d",
            headers,
            "",
            "PURGE /head/a%20b?c=d localhost hello",
        )
        .await;
        let forged = "X-Forwarded-For: 10.9.8.7\r\nForwarded: for=10.9.8.7\r\n";
        good(&running, "GET /peer", forged, "", "127.0.0.1").await;
        good(&running, "GET /no-host", "", "", "localhost").await;
        good(&running, "GET /own", "", "", "none").await;
        good(&running, "GET /own", "Accept-Language: de\r\n", "", "de").await;
        bad(&running, "GET /own", "Accept-Language: \u{e4}\r\n", "", 400, "that is no language")
            .await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn over_the_bus_there_is_no_request() {
    within(LIMIT, async {
        let running = manager().spawn().await.unwrap();
        let ctx = running.context();
        assert!(ctx.call::<nothing_of_http>(()).await.unwrap());
        let words = |handler: &str| {
            format!("`{handler}` reads an HTTP request, and this call did not come over HTTP")
        };
        let error = fails(ctx.call::<needs_http>(()).await, Kind::BadRequest);
        assert_eq!(error.message(), words("needs_http"));
        for handler in ["path_one", "query", "peer", "marked"] {
            let error = fails(ctx.publish(handler, ()).await, Kind::BadRequest);
            assert_eq!(error.message(), words(handler));
        }
        // A body is a payload there, and a message that may be absent is one that was not sent.
        let text = async |name: &'static str, payload: &'static str| {
            ctx.publish(name, payload).await.unwrap().text().unwrap()
        };
        assert_eq!(text("streamed", "four").await, "4");
        assert_eq!(text("whole_request", "four").await, "GET / four");
        assert_eq!(text("json_optional", "").await, "none");
        assert_eq!(text("json_optional", r#"{"id":7}"#).await, "7");
        assert_eq!(text("json_rejected", "[]").await, "caught unprocessable");
        let user = User { id: 7, name: None };
        assert_eq!(ctx.call::<json_rejected>(Ok(user)).await.unwrap(), "7");
        assert_eq!(ctx.call::<json_optional>(None).await.unwrap(), "none");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_a_middleware_left() {
    keep_log();
    within(LIMIT, async {
        let running = manager().spawn().await.unwrap();
        good(&running, "GET /marked", "", "", "was here").await;
        good(&running, "GET /maybe-marked", "", "", "nobody was here").await;
        let answer = ask(&running, "GET /unmarked", "X-Request-Id: extract-unmarked\r\n", "").await;
        assert_eq!(answer.status, 500);
        assert_eq!(
            answer.json()["detail"],
            "a part of the request is missing, which a middleware has to leave"
        );
        assert_eq!(logged(&["extract-unmarked", "extract::Mark"]).len(), 1);
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn forms() {
    within(LIMIT, async {
        let running = manager().spawn().await.unwrap();
        good(&running, "POST /form", FORM, "tag=b+c&page=2&tag=%61", r#"2 ["b c", "a"]"#).await;
        good(&running, "GET /form?page=2&tag=a", "", "", r#"2 ["a"]"#).await;
        let no = async |headers: &str, body: &str, status: u16, detail: &str| {
            bad(&running, "POST /form", headers, body, status, detail).await;
        };
        no(FORM, "tag=a", 422, "the form does not fit: `page` is missing").await;
        no(FORM, "page=%ff", 400, "the form cannot be read: the value of \"page\" is not UTF-8")
            .await;
        let media = "the body has to be application/x-www-form-urlencoded";
        no(JSON, "page=1", 415, media).await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn messages_that_may_be_absent_or_wrong() {
    within(LIMIT, async {
        let running = manager().spawn().await.unwrap();
        let ok = async |line: &str, headers: &str, body: &str, expected: &str| good(&running, line, headers, body, expected).await;
        ok("POST /maybe-json", "", "", "none").await;
        ok("POST /maybe-json", JSON, "", "none").await;
        ok("POST /maybe-json", JSON, "null", "none").await;
        ok("POST /maybe-json", JSON, r#"{"id":7}"#, "7").await;
        ok("GET /maybe-message", "", "", "none").await;
        ok("GET /maybe-message?id=7", "", "", "7").await;
        let wrong = "the message does not fit at `id`: invalid type: string \"x\", expected u64 at line 1 column 9";
        bad(&running, "POST /maybe-json", JSON, r#"{"id":"x"}"#, 422, wrong).await;
        let media = "the body has to be application/json";
        bad(&running, "POST /maybe-json", FORM, "{}", 415, media).await;
        let missing = "the query does not fit: `id` is missing";
        bad(&running, "GET /maybe-message?name=a", "", "", 400, missing).await;
        ok("POST /caught-json", JSON, r#"{"id":7}"#, "7").await;
        ok("POST /caught-json", JSON, r#"{"id":"x"}"#, "caught unprocessable").await;
        ok("POST /caught-json", JSON, "{", "caught bad request").await;
        ok("POST /caught-json", FORM, "id=7", "caught unsupported media type").await;
        ok("POST /caught-json", "", "", "caught unsupported media type").await;
        let long = format!(r#"{{"id":7,"name":"{}"}}"#, "x".repeat(32));
        ok("POST /caught-json", JSON, &long, "caught too large").await;
        // What is written into a page or a log is quoted, wherever it came from.
        let field = format!(r#"{{"id":7,"name":{{"{}\n":1}}}}"#, "<b>");
        let answer = ask(&running, "POST /maybe-json", JSON, field).await;
        assert_eq!(answer.status, 422);
        assert!(!answer.json()["detail"].as_str().unwrap().contains('\n'));
        running.stop().await.unwrap();
    })
    .await;
}

/// A body in chunks says only by its end that it is empty (RFC 9112, section 7.1); then it is none.
#[tokio::test]
async fn an_empty_body_in_chunks_is_no_body() {
    within(LIMIT, async {
        let running = manager().spawn().await.unwrap();
        let chunked = |path: &str, headers: &str, chunks: &str| {
            format!(
                "POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Transfer-Encoding: chunked\r\n\r\n\
                 {chunks}0\r\n\r\n"
            )
        };
        let something = "2\r\n{}\r\n";
        for (path, headers, chunks, expected) in [
            ("/maybe-json", "", "", (200, "none")),
            ("/maybe-json", FORM, "", (200, "none")),
            ("/maybe-form", "", "", (200, "none")),
            ("/merged/7", "", "", (200, "7")),
            ("/merged/7", FORM, "", (200, "7")),
            ("/merged/7", JSON, something, (200, "7")),
            ("/maybe-json", "", something, (415, "")),
            ("/maybe-form", "", something, (415, "")),
            ("/merged/7", "", something, (415, "")),
            ("/caught-json", "", "", (200, "caught unsupported media type")),
        ] {
            let mut client = Client::connect(running.addr()).await;
            let answer = client.ask(chunked(path, headers, chunks)).await;
            let text = if answer.status == 200 { answer.text() } else { "".into() };
            assert_eq!((answer.status, &*text), expected, "{path} {headers} {chunks}");
        }
        // Nothing is waited for where the length says that there is something.
        let head = "POST /maybe-json HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n";
        assert_eq!(Client::connect(running.addr()).await.ask(head).await.status, 415);
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn bodies_that_the_handler_reads_itself() {
    within(LIMIT, async {
        let running = manager().spawn().await.unwrap();
        good(&running, "POST /stream", "", &"x".repeat(100 * 1024), "102400").await;
        good(&running, "POST /stream", "", "", "0").await;
        let answer = ask(&running, "POST /stream", "", "x".repeat(100 * 1024 + 1)).await;
        assert_eq!(answer.status, 413);
        good(&running, "PUT /request/a/b?c", "", "hello", "PUT /request/a/b?c hello").await;
        running.stop().await.unwrap();
    })
    .await;
}

// ---- with features ----------------------------------------------------------------------------------

#[cfg(feature = "headers")]
mod typed_headers {
    use manager_runtime::headers::{ContentLength, IfModifiedSince};

    use super::*;

    #[handler(get = "/since")]
    async fn since(Header(since): Header<IfModifiedSince>) -> String {
        format!("{since:?}")
    }

    #[handler(get = "/length")]
    async fn length(length: Option<Header<ContentLength>>) -> String {
        length.map_or("none".to_owned(), |Header(length)| length.0.to_string())
    }

    #[tokio::test]
    async fn headers_with_types() {
        within(LIMIT, async {
            let mut manager = Manager::empty();
            manager.add::<since>().add::<length>().with_bind("127.0.0.1:0");
            let running = manager.spawn().await.unwrap();
            let date = "If-Modified-Since: Sat, 29 Oct 1994 19:43:31 GMT\r\n";
            assert_eq!(ask(&running, "GET /since", date, "").await.status, 200);
            bad(&running, "GET /since", "", "", 400, "the header `if-modified-since` is missing")
                .await;
            let unread = "the header `if-modified-since` cannot be read";
            bad(&running, "GET /since", "If-Modified-Since: <b>\r\n", "", 400, unread).await;
            good(&running, "GET /length", "", "four", "4").await;
            let none = fetch(running.addr(), crate::support::get("/length")).await;
            assert_eq!(none.text(), "none");
            running.stop().await.unwrap();
        })
        .await;
    }
}

#[cfg(feature = "cookies")]
mod with_cookies {
    use manager_runtime::CookieKey;
    use manager_runtime::cookie::Cookie;

    use super::*;

    #[handler(get = "/plain")]
    async fn plain(mut cookies: Cookies) -> (Cookies, String) {
        let seen = cookies.get("seen").map_or(0, |seen| seen.value().parse().unwrap_or(0));
        cookies.add(Cookie::build(("seen", (seen + 1).to_string())).path("/").http_only(true));
        cookies.remove(Cookie::build("old").path("/"));
        (cookies, format!("{seen} {:?}", cookies_of(seen)))
    }

    fn cookies_of(seen: u32) -> Option<u32> {
        (seen > 0).then_some(seen)
    }

    #[handler(get = "/signed")]
    async fn signed(mut cookies: SignedCookies) -> (SignedCookies, String) {
        let user = cookies.get("user").map(|user| user.value().to_owned());
        cookies.add(("user", "Ada ä;"));
        (cookies, format!("{user:?}"))
    }

    #[handler(get = "/private")]
    async fn private(mut cookies: PrivateCookies) -> (PrivateCookies, String) {
        let cart = cookies.get("cart").map(|cart| cart.value().to_owned());
        cookies.add(("cart", "three apples"));
        (cookies, format!("{cart:?}"))
    }

    fn manager() -> Manager {
        let mut manager = Manager::empty();
        manager.add::<plain>().add::<signed>().add::<private>().with_bind("127.0.0.1:0");
        manager
    }

    #[tokio::test]
    async fn cookies_go_to_and_fro() {
        within(LIMIT, async {
            let mut manager = manager();
            manager.provide(CookieKey::new([7; 32]).unwrap());
            let running = manager.spawn().await.unwrap();
            let answer = ask(&running, "GET /plain", "", "").await;
            assert_eq!(answer.text(), "0 None");
            assert_eq!(answer.header("set-cookie"), Some("seen=1; HttpOnly; Path=/"));
            // What cannot be read is left out, and what was sent is removed.
            let sent = "Cookie: =; junk; seen=4; x=%ff; old=1\r\n";
            let answer = ask(&running, "GET /plain", sent, "").await;
            assert_eq!(answer.text(), "4 Some(4)");
            let set = answer.headers.iter().filter(|(name, _)| name == "set-cookie");
            assert_eq!(set.count(), 2);
            for (line, name, value) in
                [("GET /signed", "user", "Ada ä;"), ("GET /private", "cart", "three apples")]
            {
                let answer = ask(&running, line, "", "").await;
                assert_eq!(answer.text(), "None");
                let set = answer.header("set-cookie").unwrap();
                let given = set.split(';').next().unwrap();
                assert!(!given.contains("apples"), "{given}");
                let back = format!("Cookie: {given}\r\n");
                good(&running, line, &back, "", &format!("{:?}", Some(value))).await;
                // A changed one is none.
                let forged = format!("Cookie: {given}x\r\n");
                good(&running, line, &forged, "", "None").await;
                let bare = format!("Cookie: {name}=admin\r\n");
                good(&running, line, &bare, "", "None").await;
            }
            running.stop().await.unwrap();
        })
        .await;
    }

    #[tokio::test]
    async fn a_missing_key_ends_the_start() {
        within(LIMIT, async {
            let error = manager().spawn().await.map(|_| ()).unwrap_err();
            assert!(error.message().contains("CookieKey"), "{error}");
        })
        .await;
    }
}

#[cfg(feature = "multipart")]
mod multipart {
    use manager_runtime::Multipart;

    use super::*;

    #[handler(post = "/upload", body_limit = "300KiB")]
    async fn form_upload(form: Multipart) -> Result<String> {
        let mut form = form.part_limit(1000).count_limit(3);
        let mut seen = String::new();
        while let Some(part) = form.next().await? {
            let name = part.name().unwrap_or("-").to_owned();
            let file = part.file_name().unwrap_or("-").to_owned();
            let kind = part.content_type().unwrap_or("-").to_owned();
            match &*name {
                "skip" => seen.push_str("skipped "),
                "bytes" => seen.push_str(&format!("{} ", part.bytes().await?.len())),
                _ => seen.push_str(&format!("{name}/{file}/{kind}={} ", part.text().await?)),
            }
        }
        Ok(seen)
    }

    #[handler(post = "/maybe-upload")]
    async fn maybe_upload(form: Result<Multipart, Rejection>) -> String {
        form.map_or_else(|rejection| rejection.error().kind().to_string(), |_| "a form".to_owned())
    }

    fn part(head: &str, body: &str) -> String {
        format!("--XX\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n")
    }

    #[tokio::test]
    async fn forms_with_files() {
        within(LIMIT, async {
            let mut manager = Manager::empty();
            manager.add::<form_upload>().add::<maybe_upload>().with_bind("127.0.0.1:0");
            let running = manager.spawn().await.unwrap();
            let kind = "Content-Type: multipart/form-data; boundary=XX\r\n";
            let send =
                async |kind: &str, body: String| ask(&running, "POST /upload", kind, body).await;
            let file = "name=\"f\"; filename=\"../a.txt\"\r\nContent-Type: text/csv";
            let body = part(file, "1,2")
                + &part("name=skip", &"x".repeat(900))
                + &part("name=bytes", "1234")
                + "--XX--\r\n";
            let answer = send(kind, body).await;
            assert_eq!(
                (answer.status, &*answer.text()),
                (200, "f/../a.txt/text/csv=1,2 skipped 4 ")
            );
            let refused = async |kind: &str, body: String, status: u16, detail: &str| {
                let answer = send(kind, body).await;
                assert_eq!(answer.status, status, "{}", answer.text());
                assert_eq!(answer.json()["detail"], detail);
            };
            let end = "--XX--\r\n";
            let media = "the body has to be multipart/form-data";
            refused("", part("name=a", "1") + end, 415, media).await;
            refused(JSON, part("name=a", "1") + end, 415, media).await;
            refused(
                "Content-Type: multipart/form-data\r\n",
                part("name=a", "1") + end,
                400,
                "the Content-Type of the form names no boundary",
            )
            .await;
            refused(
                "Content-Type: multipart/form-data; boundary=YY\r\n",
                part("name=a", "1") + end,
                400,
                "the form is cut off",
            )
            .await;
            refused(kind, part("name=a", "1"), 400, "the form is cut off").await;
            refused(
                kind,
                part("name=a", &"x".repeat(1001)) + end,
                413,
                "the part `a` is longer than 1000 bytes",
            )
            .await;
            refused(
                kind,
                part("name=skip", &"x".repeat(1001)) + end,
                413,
                "the part `skip` is longer than 1000 bytes",
            )
            .await;
            refused(
                kind,
                part("name=a", "1").repeat(4) + end,
                413,
                "the form has more than 3 parts",
            )
            .await;
            refused(
                kind,
                "--XX\r\nContent-Disposition: ".to_owned() + &"x".repeat(250 * 1024),
                400,
                "the head of a part is longer than 65536 bytes",
            )
            .await;
            let answer = send(kind, "x".repeat(301 * 1024)).await;
            assert_eq!(answer.status, 413, "{}", answer.text());
            good(&running, "POST /maybe-upload", JSON, "{}", "unsupported media type").await;
            good(&running, "POST /maybe-upload", kind, end, "a form").await;
            let over_the_bus = running.context().publish("form_upload", "x").await;
            fails(over_the_bus, Kind::UnsupportedMediaType);
            running.stop().await.unwrap();
        })
        .await;
    }
}
