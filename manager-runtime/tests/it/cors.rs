//! Pages of other sites: which may ask, and what they may read.

use manager_runtime::prelude::*;

use crate::support::{Answer, LIMIT, fails, fetch, get, request, within};

const KEY: &str = "cors-key-771";
const APP: &str = "https://app.example.com";

#[handler]
async fn cors_text(text: String) -> String {
    text
}

#[handler(get = "/cors/items/{id}", put = "/cors/items/{id}", delete = "/cors/items/{id}", public)]
async fn cors_items(_: Path<String>) -> &'static str {
    "items"
}

#[handler(any = "/cors/any")]
async fn cors_any() -> &'static str {
    "any"
}

#[handler(get = "/cors/folder/")]
async fn cors_folder() -> &'static str {
    "folder"
}

async fn spawn(build: impl FnOnce(&mut Manager)) -> Running {
    let mut manager = Manager::empty();
    manager
        .add::<cors_text>()
        .add::<cors_items>()
        .add::<cors_any>()
        .add::<cors_folder>()
        .with_bind("127.0.0.1:0");
    build(&mut manager);
    manager.spawn().await.unwrap()
}

async fn preflight(running: &Running, path: &str, origin: &str, method: &str) -> Answer {
    let headers = format!(
        "Origin: {origin}\r\nAccess-Control-Request-Method: {method}\r\n\
         Access-Control-Request-Headers: authorization,content-type\r\nSec-Fetch-Site: cross-site\r\n"
    );
    fetch(running.addr(), request(&format!("OPTIONS {path}"), &headers, "")).await
}

async fn ask(running: &Running, line: &str, origin: &str, more: &str) -> Answer {
    let headers = format!("Origin: {origin}\r\nSec-Fetch-Site: cross-site\r\n{more}");
    fetch(running.addr(), request(line, &headers, "x")).await
}

fn shared(answer: &Answer) -> Option<&str> {
    answer.header("access-control-allow-origin")
}

fn varies(answer: &Answer) -> bool {
    answer.headers.iter().any(|(name, value)| {
        name == "vary" && value.split(", ").any(|on| on.eq_ignore_ascii_case("origin"))
    })
}

#[tokio::test]
async fn a_preflight_says_what_the_path_has() {
    within(LIMIT, async {
        let running = spawn(|manager| _ = manager.with_cors([APP])).await;
        let answer = preflight(&running, "/cors/items/7", APP, "PUT").await;
        assert_eq!((answer.status, answer.body.len()), (204, 0));
        assert_eq!(shared(&answer), Some(APP));
        assert!(varies(&answer));
        assert_eq!(
            answer.header("access-control-allow-methods"),
            Some("DELETE, GET, HEAD, OPTIONS, PUT")
        );
        assert_eq!(
            answer.header("access-control-allow-headers"),
            Some("authorization,content-type")
        );
        assert_eq!(answer.header("access-control-max-age"), Some("3600"));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        let answer = preflight(&running, "/cors_text", APP, "POST").await;
        assert_eq!(answer.header("access-control-allow-methods"), Some("OPTIONS, POST"));
        let answer = preflight(&running, "/cors/any", APP, "PURGE").await;
        assert_eq!(answer.header("access-control-allow-methods"), Some("PURGE"));

        // A path that is not there is not there, and one that is elsewhere is elsewhere: a browser takes
        // neither for a yes, and the page sees which it is.
        assert_eq!(preflight(&running, "/cors/ghost", APP, "GET").await.status, 404);
        assert_eq!(preflight(&running, "/cors/folder", APP, "GET").await.status, 308);

        // Another page, or no page: the answer to an OPTIONS like any other.
        let foreign = preflight(&running, "/cors_text", "https://evil.example", "POST").await;
        assert_eq!((foreign.status, shared(&foreign)), (403, None));
        let plain = fetch(running.addr(), request("OPTIONS /cors_text", "", "")).await;
        assert_eq!((plain.status, plain.header("allow")), (204, Some("OPTIONS, POST")));
        assert_eq!(plain.header("access-control-allow-methods"), None);
        assert!(varies(&plain));
    })
    .await;
}

#[tokio::test]
async fn every_answer_says_who_may_read_it() {
    within(LIMIT, async {
        let running = spawn(|manager| {
            manager.with_cors([APP, "http://localhost:3000"]).with_api_key(KEY);
        })
        .await;
        let key = format!("Authorization: Bearer {KEY}\r\n");
        for (line, more, status) in [
            ("POST /cors_text", &*key, 200),
            ("POST /cors_text", "", 401),
            ("POST /cors_ghost", &key, 404),
            ("GET /cors_text", &key, 405),
            ("GET /cors/%ff", &key, 400),
            ("GET /cors/items/7", "", 200),
            ("GET /livez", "", 200),
        ] {
            let answer = ask(&running, line, "http://localhost:3000", more).await;
            assert_eq!(answer.status, status, "{line}");
            assert_eq!(shared(&answer), Some("http://localhost:3000"), "{line}");
            assert_eq!(answer.header("access-control-expose-headers"), Some("*"));
            assert!(varies(&answer), "{line}");
            let foreign = ask(&running, line, "https://evil.example", more).await;
            assert_eq!((foreign.status, shared(&foreign)), (status, None), "{line}");
            assert!(varies(&foreign), "a cache must not give it to another page");
        }
        // Only as browsers write it.
        for other in ["https://app.example.com:443", "HTTPS://APP.EXAMPLE.COM", "null", "*"] {
            let answer = ask(&running, "GET /livez", other, "").await;
            assert_eq!(shared(&answer), None, "{other}");
        }
        let twice = ask(&running, "GET /livez", APP, &format!("Origin: {APP}\r\n")).await;
        assert_eq!(shared(&twice), None);
    })
    .await;
}

#[tokio::test]
async fn a_preflight_needs_no_key_and_tells_nothing() {
    within(LIMIT, async {
        let running = spawn(|manager| _ = manager.with_cors([APP]).with_api_key(KEY)).await;
        for path in ["/cors_text", "/cors_ghost", "/cors/ghost", "/shutdown"] {
            let answer = preflight(&running, path, APP, "POST").await;
            assert_eq!((answer.status, shared(&answer)), (204, Some(APP)), "{path}");
            assert_eq!(answer.header("access-control-allow-methods"), Some("POST"), "{path}");
            assert_eq!(answer.header("allow"), None, "{path}");
        }
        let foreign = preflight(&running, "/cors_text", "https://evil.example", "POST").await;
        assert_eq!((foreign.status, shared(&foreign)), (401, None));
        // The request itself needs it.
        assert_eq!(ask(&running, "POST /cors_text", APP, "").await.status, 401);
    })
    .await;
}

#[tokio::test]
async fn without_a_key_allowed_pages_may_ask_and_nobody_from_elsewhere_may_stop() {
    within(LIMIT, async {
        let running = spawn(|manager| _ = manager.with_cors([APP])).await;
        assert_eq!(ask(&running, "POST /cors_text", APP, "").await.message(), "x");
        let evil = ask(&running, "POST /cors_text", "https://evil.example", "").await;
        assert_eq!(evil.status, 403);
        // A request that names no page is none that was allowed.
        let no_page = request("GET /livez", "Sec-Fetch-Site: cross-site\r\n", "");
        assert_eq!(fetch(running.addr(), no_page).await.status, 403);
        // A name that was bound to this machine by somebody else stays refused.
        let rebound = format!("Host: evil.example\r\nOrigin: {APP}\r\n");
        assert_eq!(
            fetch(running.addr(), request("POST /cors_text", &rebound, "")).await.status,
            403
        );

        let stop = ask(&running, "POST /shutdown", APP, "").await;
        assert_eq!((stop.status, shared(&stop)), (403, Some(APP)));
        let asks_first = preflight(&running, "/shutdown", APP, "POST").await;
        assert_eq!(asks_first.header("access-control-allow-methods"), None);
        assert_eq!(fetch(running.addr(), get("/readyz")).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn a_star_is_every_page() {
    within(LIMIT, async {
        let running = spawn(|manager| _ = manager.with_cors("*")).await;
        for origin in ["https://anything.example", "null"] {
            let answer = ask(&running, "POST /cors_text", origin, "").await;
            assert_eq!((answer.message(), shared(&answer)), ("x".into(), Some("*")));
            assert!(!varies(&answer), "it is the same for all");
            let answer = preflight(&running, "/cors_text", origin, "POST").await;
            assert_eq!((answer.status, shared(&answer)), (204, Some("*")));
            assert_eq!(ask(&running, "POST /shutdown", origin, "").await.status, 403);
        }
        assert_eq!(shared(&fetch(running.addr(), get("/livez")).await), None);
    })
    .await;
}

#[tokio::test]
async fn without_the_setting_nothing_is_said() {
    within(LIMIT, async {
        let running = spawn(|manager| _ = manager.with_api_key(KEY)).await;
        let answer = ask(&running, "GET /livez", APP, "").await;
        assert_eq!((answer.status, shared(&answer)), (200, None));
        assert!(!varies(&answer));
        assert_eq!(preflight(&running, "/cors_text", APP, "POST").await.status, 401);
    })
    .await;
}

#[tokio::test]
async fn an_origin_that_no_browser_sends_is_found_at_the_start() {
    within(LIMIT, async {
        let mut manager = Manager::empty();
        manager.with_cors([APP, "https://app.example.com/", "App.example.com"]);
        let error = fails(manager.spawn().await.map(|_| ()), Kind::BadRequest).to_string();
        assert!(
            error.contains(
                "with_cors: `cors` cannot be `https://app.example.com/`, `App.example.com`"
            ),
            "{error}"
        );
    })
    .await;
}
