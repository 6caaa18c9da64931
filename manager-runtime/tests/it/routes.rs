//! Routes of their own: which handler a request reaches, and what plain HTTP it gets back.

use manager_runtime::Manager;
use manager_runtime::prelude::*;

use crate::support::{
    Client, LIMIT, fetch, get, keep_log, logged, post, post_json, request, within,
};

#[message]
struct Sum {
    a: i64,
    b: i64,
}

#[message]
struct Rename {
    id: u64,
    name: String,
}

/// Every way of writing a number of a route.
#[handler(get = "/sums", post = "/sums", put = ["/sums", "/totals"])]
async fn route_sum(sum: Sum) -> Json<i64> {
    Json(sum.a + sum.b)
}

#[handler(patch = "/users/{id}", delete = "/users/{id}")]
async fn route_rename(Json(rename): Json<Rename>) -> String {
    format!("{} is {}", rename.id, rename.name)
}

#[handler(get = "/users/me")]
async fn route_me() -> &'static str {
    "me"
}

#[handler(get = "/users/{n:[0-9]+}-days")]
async fn route_days(ctx: Context, _: Path<u64>) -> String {
    ctx.source().to_string()
}

#[handler(get = "/texts", post = "/texts")]
async fn route_text(text: String) -> String {
    text
}

#[handler(any = "/any", method("LOCK", "/lock"), head = "/heads", options = "/heads")]
async fn route_any() -> &'static str {
    "any"
}

#[handler(get = "/folder/")]
async fn route_folder() -> &'static str {
    "folder"
}

#[handler(get = "/strict", slash = "strict")]
async fn route_strict() -> &'static str {
    "strict"
}

#[handler(get = "/lenient/ ?")]
async fn route_lenient() -> &'static str {
    "lenient"
}

#[handler(get = "/tree *")]
async fn route_tree() -> &'static str {
    "tree"
}

#[handler(get = "/", host = "api.example.com")]
async fn route_api() -> &'static str {
    "api"
}

#[handler(get = "/", host = "{sub}.example.com")]
async fn route_sub(_: Path<String>) -> &'static str {
    "sub"
}

#[handler(get = "/old", moved = "/sums")]
async fn route_old() {}

#[handler(get = "/old/{id}", moved = "/new/{id}/x")]
async fn route_old_one() {}

#[handler(get = "/gone", gone)]
async fn route_gone() {}

#[handler(get = "/aged", deprecated = "until 2031-05-06, use \"/sums\"")]
async fn route_aged() -> &'static str {
    "aged"
}

#[handler(get = "/aging/{id}", deprecated = "use /sums; since 2026-01-01, until 2031-05-06")]
async fn route_aging(Path(id): Path<u8>) -> Result<String> {
    if id == 0 { Err(Error::conflict("none")) } else { Ok(id.to_string()) }
}

#[handler(deprecated = "use /sums")]
async fn route_aged_envelope(text: String) {
    drop(text);
}

#[handler(get = "/fails")]
async fn route_fails() -> Result<()> {
    Err(std::io::Error::other("the password is hunter2"))?
}

#[handler(get = "/unit")]
async fn route_unit() {}

#[handler(get = "/none")]
async fn route_none() -> Option<String> {
    None
}

fn manager() -> Manager {
    let mut manager = Manager::empty();
    manager
        .add::<route_sum>()
        .add::<route_rename>()
        .add::<route_me>()
        .add::<route_days>()
        .add::<route_text>()
        .add::<route_any>()
        .add::<route_folder>()
        .add::<route_strict>()
        .add::<route_lenient>()
        .add::<route_tree>()
        .add::<route_api>()
        .add::<route_sub>()
        .add::<route_old>()
        .add::<route_old_one>()
        .add::<route_gone>()
        .add::<route_aged>()
        .add::<route_aging>()
        .add::<route_aged_envelope>()
        .add::<route_fails>()
        .add::<route_unit>()
        .add::<route_none>()
        .with_bind("127.0.0.1:0");
    manager
}

/// What a request is answered: its status and its text.
async fn check(running: &Running, line: &str, headers: &str, body: &str, expected: (u16, &str)) {
    let answer = fetch(running.addr(), request(line, headers, body)).await;
    assert_eq!((answer.status, &*answer.text()), expected, "{line} {headers}");
}

const JSON: &str = "Content-Type: application/json\r\n";

#[tokio::test]
async fn a_route_answers_plain_http() {
    within(LIMIT, async {
        let running = manager().spawn().await.unwrap();
        check(&running, "GET /sums?a=1&b=2", "", "", (200, "3")).await;
        check(&running, "POST /sums", JSON, r#"{"a":1,"b":2}"#, (200, "3")).await;
        check(&running, "PUT /totals", JSON, r#"{"a":1,"b":2}"#, (200, "3")).await;
        check(&running, "POST /texts", "", "a text", (200, "a text")).await;
        check(&running, "GET /unit", "", "", (200, "")).await;
        let answer = fetch(running.addr(), get("/sums?a=1&b=2")).await;
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let answer = fetch(running.addr(), get("/any")).await;
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        // A handler with a route has no envelope endpoint, and is on the bus and in the program.
        let answer = fetch(running.addr(), post("/route_sum", "{}")).await;
        assert_eq!(answer.refusal(404), "Handler not found: route_sum");
        let sum = running.context().call::<route_sum>(Sum { a: 1, b: 2 }).await.unwrap();
        assert_eq!(sum, 3);
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_the_path_captured_is_part_of_the_message() {
    within(LIMIT, async {
        let running = manager().spawn().await.unwrap();
        check(&running, "PATCH /users/7", JSON, r#"{"name":"Ada"}"#, (200, "7 is Ada")).await;
        // The path counts more than the body.
        let both = r#"{"id":8,"name":"Ada"}"#;
        check(&running, "PATCH /users/7", JSON, both, (200, "7 is Ada")).await;
        check(&running, "DELETE /users/7?name=Bob%20B", "", "", (200, "7 is Bob B")).await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn bodies_that_do_not_fit() {
    within(LIMIT, async {
        let running = manager().spawn().await.unwrap();
        for (headers, body, status) in [
            ("", r#"{"a":1,"b":2}"#, 415),
            ("Content-Type: text/plain\r\n", r#"{"a":1,"b":2}"#, 415),
            (JSON, "{", 400),
            (JSON, "\u{e9}", 400),
            (JSON, "", 400),
            (JSON, r#"{"a":1,"b":"x"}"#, 422),
            (JSON, "[]", 422),
        ] {
            let answer = fetch(running.addr(), request("POST /sums", headers, body)).await;
            assert_eq!(answer.status, status, "{headers} {body} {}", answer.text());
            assert_eq!(answer.header("content-type"), Some("application/problem+json"));
            assert_eq!(answer.json()["status"], status);
            check(&running, "POST /sums", JSON, r#"{"a":1,"b":2}"#, (200, "3")).await;
        }
        let vendor = "Content-Type: Application/Vnd.Sum+JSON; charset=utf-8\r\n";
        check(&running, "POST /sums", vendor, r#"{"a":1,"b":2}"#, (200, "3")).await;
        let answer = fetch(running.addr(), get("/sums?a=1&b=x")).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        assert!(answer.text().contains('b'));
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_more_exact_segment_wins() {
    within(LIMIT, async {
        let running = manager().spawn().await.unwrap();
        check(&running, "GET /users/me", "", "", (200, "me")).await;
        let answer = fetch(running.addr(), get("/users/30-days")).await;
        assert_eq!(answer.status, 200);
        assert!(answer.text().starts_with("http:127.0.0.1"));
        // The path decides, then the method: `/users/me` has GET alone.
        let answer = fetch(running.addr(), request("DELETE /users/me", "", "")).await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD, OPTIONS")));
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn methods() {
    within(LIMIT, async {
        let running = manager().spawn().await.unwrap();
        for method in ["GET", "POST", "DELETE", "PURGE"] {
            check(&running, &format!("{method} /any"), "", "", (200, "any")).await;
        }
        check(&running, "LOCK /lock", "", "", (200, "any")).await;
        let answer = fetch(running.addr(), request("lock /lock", "", "")).await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some("LOCK, OPTIONS")));
        let answer = fetch(running.addr(), request("OPTIONS /sums", "", "")).await;
        assert_eq!(answer.status, 204);
        assert_eq!(answer.header("allow"), Some("GET, HEAD, OPTIONS, POST, PUT"));
        // HEAD is what GET says, without the body.
        let mut client = Client::connect(running.addr()).await;
        client.send("HEAD /sums?a=1&b=2 HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        let head = client.head().await;
        assert_eq!((head.status, head.header("content-length")), (200, Some("1")));
        assert_eq!(client.ask(get("/any")).await.text(), "any");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_slash_at_the_end() {
    within(LIMIT, async {
        let running = manager().spawn().await.unwrap();
        let redirect = async |path: &str, location: Option<&str>| {
            let answer = fetch(running.addr(), get(path)).await;
            let expected = if location.is_some() { 308 } else { 404 };
            assert_eq!((answer.status, answer.header("location")), (expected, location), "{path}");
        };
        redirect("/folder", Some("/folder/")).await;
        redirect("/folder?a=1&b=%20", Some("/folder/?a=1&b=%20")).await;
        redirect("/sums/?a=1", Some("/sums?a=1")).await;
        redirect("/strict/", None).await;
        redirect("//folder", None).await;
        redirect("/folder//", None).await;
        redirect("//example.com/", None).await;
        check(&running, "GET /folder/", "", "", (200, "folder")).await;
        check(&running, "GET /strict", "", "", (200, "strict")).await;
        check(&running, "GET /lenient", "", "", (200, "lenient")).await;
        check(&running, "GET /lenient/", "", "", (200, "lenient")).await;
        check(&running, "GET /tree", "", "", (200, "tree")).await;
        check(&running, "GET /tree/with/leaves", "", "", (200, "tree")).await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn hosts() {
    within(LIMIT, async {
        let mut manager = manager();
        // A host of another name on a loopback address is refused where there is no key.
        manager.with_api_key("key");
        let running = manager.spawn().await.unwrap();
        let key = "Authorization: Bearer key\r\n";
        let on = |host: &str| format!("{key}Host: {host}\r\n");
        check(&running, "GET /", &on("api.example.com"), "", (200, "api")).await;
        check(&running, "GET /", &on("API.Example.com.:8080"), "", (200, "api")).await;
        check(&running, "GET /", &on("www.example.com"), "", (200, "sub")).await;
        check(&running, "GET /any", &on("other.org"), "", (200, "any")).await;
        // A host that is known has its own paths and no others, but for what watches over the process.
        let answer = fetch(running.addr(), request("GET /any", &on("www.example.com"), "")).await;
        assert_eq!(answer.status, 404);
        let answer =
            fetch(running.addr(), request("GET /livez", "Host: api.example.com\r\n", "")).await;
        assert_eq!(answer.status, 200);
        // What the target says in full counts more than the header (RFC 9112, section 3.2.2).
        let line = "GET http://api.example.com/";
        check(&running, line, &on("www.example.com"), "", (200, "api")).await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_has_moved_what_is_gone_and_what_is_to_go() {
    within(LIMIT, async {
        let running = manager().spawn().await.unwrap();
        let moved = async |path: &str, location: &str| {
            let answer = fetch(running.addr(), get(path)).await;
            assert_eq!((answer.status, answer.header("location")), (301, Some(location)));
        };
        moved("/old?a=1&b=2", "/sums?a=1&b=2").await;
        moved("/old/a%2Fb%20c", "/new/a%2Fb%20c/x").await;
        let answer = fetch(running.addr(), get("/gone")).await;
        assert_eq!(answer.status, 410);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        let answer = fetch(running.addr(), get("/aged")).await;
        assert_eq!((answer.status, &*answer.text()), (200, "aged"));
        assert_eq!(answer.header("deprecation"), Some("@0"));
        assert_eq!(answer.header("sunset"), Some("Tue, 06 May 2031 00:00:00 GMT"));
        let warning = answer.header("warning").unwrap();
        assert!(
            warning.starts_with("299 - \"") && warning.contains("use \\\"/sums\\\""),
            "{warning}"
        );
        // Since when, on every answer: what was made, what failed, and what was not even asked for.
        // Also where nobody waits for the reply.
        for (kind, status) in [("request", 200), ("dispatch", 202)] {
            let body = format!(r#"{{"type":"{kind}","data":"x"}}"#);
            let answer = fetch(running.addr(), post_json("/route_aged_envelope", body)).await;
            assert_eq!((answer.status, answer.header("deprecation")), (status, Some("@0")));
        }
        for (path, status) in [("/aging/7", 200), ("/aging/0", 409), ("/aging/x", 404)] {
            let answer = fetch(running.addr(), get(path)).await;
            assert_eq!(
                (answer.status, answer.header("deprecation")),
                (status, Some("@1767225600"))
            );
            assert_eq!(answer.header("sunset"), Some("Tue, 06 May 2031 00:00:00 GMT"));
        }
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_error_is_a_problem_or_what_the_client_reads() {
    within(LIMIT, async {
        keep_log();
        let running = manager().spawn().await.unwrap();
        let ask =
            async |headers: &str| fetch(running.addr(), request("GET /none", headers, "")).await;
        let answer = ask("").await;
        assert_eq!((answer.status, answer.json()["title"].as_str()), (404, Some("not found")));
        let answer = ask("Accept: text/html\r\n").await;
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(answer.text().contains("<h1>not found</h1>"));
        let answer = ask("Accept: text/plain\r\n").await;
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        // What is not the client's to know has a number instead.
        let answer = fetch(running.addr(), get("/fails")).await;
        let number = answer.header("x-request-id").unwrap();
        assert_eq!(answer.status, 500);
        assert!(answer.text().contains(number) && !answer.text().contains("hunter2"));
        assert_eq!(logged(&["hunter2", number]).len(), 1);
        let line = "GET /users/%3Cscript%3E/x";
        let answer = fetch(running.addr(), request(line, "Accept: text/html\r\n", "")).await;
        assert_eq!(answer.status, 404);
        assert!(!answer.text().contains("<script>"), "{}", answer.text());
        running.stop().await.unwrap();
    })
    .await;
}

#[handler(get = "/one/{a}")]
async fn conflict_one(_: Path<String>) {}

#[handler(get = "/one/{b}")]
async fn conflict_two(_: Path<String>) {}

#[handler(get = "/livez")]
async fn conflict_livez() {}

#[tokio::test]
async fn routes_that_cannot_stand_side_by_side_end_the_start() {
    let mut manager = Manager::empty();
    manager.add::<conflict_one>().add::<conflict_two>().add::<conflict_livez>();
    manager.with_bind("127.0.0.1:0");
    let error = manager.spawn().await.unwrap_err().to_string();
    for words in ["`GET /one/{a}`", "`GET /one/{b}`", "conflict_one", "conflict_two", "/livez"] {
        assert!(error.contains(words), "{error}");
    }
    assert!(error.matches("tests/it/routes.rs:").count() >= 3, "{error}");
}

#[handler(get = "/inside", private)]
async fn route_inside() -> &'static str {
    "inside"
}

/// With an envelope endpoint.
#[handler(private)]
async fn route_reload(text: String) -> String {
    text
}

#[tokio::test]
async fn private_handlers_are_at_the_second_address_and_nowhere_else() {
    within(LIMIT, async {
        let mut manager = Manager::empty();
        manager.add::<route_me>().add::<route_inside>().add::<route_reload>();
        manager.with_bind("127.0.0.1:0");
        let error = manager.spawn().await.unwrap_err().to_string();
        assert!(error.contains("route_inside") && error.contains("private_bind"), "{error}");

        let mut manager = Manager::empty();
        manager.add::<route_me>().add::<route_inside>().add::<route_reload>();
        manager.with_bind("127.0.0.1:0").with_private_bind("127.0.0.1:0");
        let running = manager.spawn().await.unwrap();
        let (public, private) = (running.addr(), running.private_addr().unwrap());
        assert_eq!(fetch(public, get("/users/me")).await.text(), "me");
        assert_eq!(fetch(private, get("/users/me")).await.status, 404);
        assert_eq!(fetch(private, get("/inside")).await.text(), "inside");
        assert_eq!(fetch(private, post("/route_reload", "now")).await.message(), "now");
        assert_eq!(fetch(public, get("/inside")).await.status, 404);
        assert_eq!(fetch(public, post("/route_reload", "now")).await.status, 404);
        for address in [public, private] {
            assert_eq!(fetch(address, get("/livez")).await.status, 200);
        }
        // Both end with the manager.
        running.stop().await.unwrap();
        for address in [public, private] {
            assert!(Client::try_connect(address).await.is_err());
        }
    })
    .await;
}
