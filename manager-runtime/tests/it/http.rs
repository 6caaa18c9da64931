//! The envelope endpoint: bodies in, answers out, paths, methods, health.

use manager_runtime::prelude::*;
use serde_json::json;

use crate::support::{
    Client, Gate, LIMIT, fetch, get, keep_log, logged, post, post_json, request, until, within,
};

#[message]
struct WebSum {
    a: i64,
    b: i64,
}

#[handler]
async fn web_add(sum: WebSum) -> Json<i64> {
    Json(sum.a + sum.b)
}

#[handler]
async fn web_text(text: String) -> String {
    format!("<{text}>")
}

#[handler]
async fn web_bytes(bytes: Bytes) -> Bytes {
    bytes
}

#[handler]
async fn web_value(Json(value): Json<serde_json::Value>) -> Json<serde_json::Value> {
    Json(value)
}

#[handler]
async fn web_unit(gate: Res<Gate>, text: String) {
    gate.note(text);
}

#[handler]
async fn web_option(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

#[handler]
async fn web_source(ctx: Context) -> String {
    ctx.source().to_string()
}

#[handler(internal)]
async fn web_internal(text: String) -> String {
    text
}

#[handler(on = "web.only")]
async fn web_hears(text: String) -> String {
    text
}

#[handler(name = "web.dotted-name_1")]
async fn web_dotted() -> &'static str {
    "dotted"
}

#[handler]
async fn web_gate(gate: Res<Gate>) {
    gate.pass().await;
}

/// Fails as it is told.
#[handler]
async fn web_fail(kind: String) -> Result<()> {
    let kind = KINDS.iter().find(|(name, ..)| *name == kind).map(|(_, kind, _)| *kind);
    Err(Error::new(kind.unwrap(), "said by the handler")
        .with_source(std::io::Error::other("for the log")))
}

#[handler]
async fn web_foreign(ctx: Context, text: String) -> Result<String> {
    ctx.state().insert("id", ctx.request_id().to_string());
    let number: u8 = std::fs::read_to_string(format!("/nowhere/{text}"))?.parse()?;
    Ok(number.to_string())
}

#[handler]
async fn web_foreign_below(ctx: Context, text: String) -> Result<String> {
    ctx.call::<web_foreign>(text).await
}

#[handler(timeout = "30ms")]
async fn web_slow() {
    std::future::pending::<()>().await;
}

#[handler]
async fn web_cycle(ctx: Context) -> Result<()> {
    ctx.call::<web_cycle>(()).await
}

const KINDS: [(&str, Kind, u16); 22] = [
    ("bad_request", Kind::BadRequest, 400),
    ("unauthorized", Kind::Unauthorized, 401),
    ("forbidden", Kind::Forbidden, 403),
    ("not_found", Kind::NotFound, 404),
    ("method", Kind::MethodNotAllowed, 405),
    ("conflict", Kind::Conflict, 409),
    ("gone", Kind::Gone, 410),
    ("precondition", Kind::PreconditionFailed, 412),
    ("too_large", Kind::TooLarge, 413),
    ("media_type", Kind::UnsupportedMediaType, 415),
    ("range", Kind::RangeNotSatisfiable, 416),
    ("unprocessable", Kind::Unprocessable, 422),
    ("too_many", Kind::TooManyRequests, 429),
    ("internal", Kind::Internal, 500),
    ("panicked", Kind::Panicked, 500),
    ("not_implemented", Kind::NotImplemented, 501),
    ("overloaded", Kind::Overloaded, 503),
    ("shutting_down", Kind::ShuttingDown, 503),
    ("unavailable", Kind::Unavailable, 503),
    ("timeout", Kind::Timeout, 504),
    ("storage", Kind::InsufficientStorage, 507),
    ("cycle", Kind::Cycle, 508),
];

async fn spawn(gate: &Gate) -> Running {
    Manager::empty()
        .add::<web_add>()
        .add::<web_text>()
        .add::<web_bytes>()
        .add::<web_value>()
        .add::<web_unit>()
        .add::<web_option>()
        .add::<web_source>()
        .add::<web_internal>()
        .add::<web_hears>()
        .add::<web_dotted>()
        .add::<web_gate>()
        .add::<web_fail>()
        .add::<web_foreign>()
        .add::<web_foreign_below>()
        .add::<web_slow>()
        .add::<web_cycle>()
        .provide(gate.clone())
        .with_bind("127.0.0.1:0")
        .spawn()
        .await
        .unwrap()
}

/// After each bad request a good one on a connection of its own.
async fn still_good(running: &Running) {
    let answer = fetch(running.addr(), post("/web_add", r#"{"a":1,"b":2}"#)).await;
    assert_eq!(answer.message(), 3);
}

#[tokio::test]
async fn an_envelope_is_opened_and_anything_else_is_the_message() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let mut client = Client::connect(running.addr()).await;
        // In JSON.
        for (path, body, expected) in [
            ("/web_add", r#"{"type":"request","src":"me","data":{"a":1,"b":2}}"#, json!(3)),
            ("/web_add", r#"{"type":"publish","data":{"a":1,"b":2}}"#, json!(3)),
            ("/web_add", r#" { "data" : { "a" : 1, "b" : 2 } , "type" : "request" } "#, json!(3)),
            ("/web_add", r#"{"a":1,"b":2}"#, json!(3)),
            // A typed handler that is given a string parses it.
            ("/web_add", r#"{"type":"request","data":"{\"a\":1,\"b\":2}"}"#, json!(3)),
            // A text handler gets a string as it is, other JSON as compact text.
            ("/web_text", r#"{"type":"request","data":"a \"b\" \u00e9"}"#, json!("<a \"b\" é>")),
            ("/web_text", r#"{"type":"request","data":{ "a": [1, 2.50] }}"#, json!("<{\"a\":[1,2.50]}>")),
            ("/web_text", r#"{"type":"request","data":null}"#, json!("<null>")),
            ("/web_text", r#"{"type":"request","data":7}"#, json!("<7>")),
            // No envelopes.
            ("/web_text", r#"{"type":"request"}"#, json!(r#"<{"type":"request"}>"#)),
            ("/web_text", r#"{"type":"other","data":1}"#, json!(r#"<{"type":"other","data":1}>"#)),
            ("/web_text", r#"{"type":"request","data":1,"x":2}"#, json!(r#"<{"type":"request","data":1,"x":2}>"#)),
            ("/web_text", r#"[1, 2]"#, json!("<[1, 2]>")),
            ("/web_text", r#""quoted""#, json!("<\"quoted\">")),
            ("/web_text", "no JSON at all", json!("<no JSON at all>")),
            ("/web_value", r#"{"type":"request","data":null}"#, json!(null)),
            ("/web_value", r#"{"type":1,"data":2}"#, json!({"type": 1, "data": 2})),
            ("/web_bytes", r#"{"type":"request","data":"bytes"}"#, json!("bytes")),
        ] {
            let answer = client.ask(post_json(path, body)).await;
            assert_eq!(answer.header("content-type"), Some("application/json"), "{body}");
            assert_eq!(answer.message(), expected, "{body}");
        }
        // Whatever the media type says: plain `curl -d` works.
        let form = "Content-Type: application/x-www-form-urlencoded\r\n";
        for headers in ["", form, "Content-Type: text/plain\r\n"] {
            let typed = request("POST /web_add", headers, r#"{"a":1,"b":2}"#);
            assert_eq!(client.ask(typed).await.message(), 3);
            let enveloped = r#"{"type":"request","data":"x"}"#;
            let text = request("POST /web_text", headers, enveloped);
            assert_eq!(client.ask(text).await.message(), format!("<{enveloped}>"));
        }
        let charset = "Content-Type: Application/JSON; charset=utf-8\r\n";
        let opened = request("POST /web_text", charset, r#"{"type":"request","data":"x"}"#);
        assert_eq!(client.ask(opened).await.message(), "<x>");
        // Chunked.
        let chunked = "POST /web_add HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n\
                       7\r\n{\"a\":1,\r\n6\r\n\"b\":2}\r\n0\r\n\r\n";
        assert_eq!(client.ask(chunked).await.message(), 3);
    })
    .await;
}

#[tokio::test]
async fn dispatch_is_accepted_and_nobody_waits() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let mut client = Client::connect(running.addr()).await;
        let answer =
            client.ask(post_json("/web_unit", r#"{"type":"dispatch","data":"later"}"#)).await;
        assert_eq!((answer.status, answer.json()), (202, json!({"status": "Ok", "message": null})));
        let answer = client.ask(post_json("/web_gate", r#"{"type":"dispatch","data":null}"#)).await;
        assert_eq!(answer.status, 202, "although the handler is held");
        // What fails later is nothing to the client; what cannot be read is.
        let answer =
            client.ask(post_json("/web_fail", r#"{"type":"dispatch","data":"gone"}"#)).await;
        assert_eq!(answer.status, 202);
        let unfit =
            client.ask(post_json("/web_add", r#"{"type":"dispatch","data":"no sum"}"#)).await;
        unfit.refusal(422);
        gate.open(1);
        running.stop().await.unwrap();
        assert_eq!(gate.notes(), ["later"]);
    })
    .await;
}

#[tokio::test]
async fn empty_replies() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let answer = fetch(running.addr(), post("/web_unit", "x")).await;
        assert_eq!((answer.status, answer.json()), (200, json!({"status": "Ok", "message": null})));
        assert_eq!(fetch(running.addr(), post("/web_option", "x")).await.message(), "x");
        fetch(running.addr(), post("/web_option", "")).await.refusal(404);
        // No body and no length at all.
        let bare = "POST /web_unit HTTP/1.1\r\nHost: localhost\r\n\r\n";
        assert_eq!(fetch(running.addr(), bare).await.message(), json!(null));
    })
    .await;
}

#[tokio::test]
async fn the_source_names_the_peer_and_what_was_claimed() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let mut client = Client::connect(running.addr()).await;
        let peer = client.stream.local_addr().unwrap();
        let plain = client.ask(post("/web_source", "")).await;
        assert_eq!(plain.message(), format!("http:{peer}"));
        let envelope = r#"{"type":"request","src":"boss\n","data":null}"#;
        let claimed = client.ask(post_json("/web_source", envelope)).await;
        assert_eq!(claimed.message(), format!("http:{peer} as \"boss\\n\""));
    })
    .await;
}

#[tokio::test]
async fn every_kind_has_its_status() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let mut client = Client::connect(running.addr()).await;
        for (name, kind, status) in KINDS {
            let answer = client.ask(post("/web_fail", name)).await;
            assert_eq!(answer.refusal(status), "said by the handler", "{kind:?}");
            assert!(!answer.text().contains("for the log"));
            let retry = answer.header("retry-after");
            match kind {
                Kind::Overloaded | Kind::ShuttingDown | Kind::Unavailable => {
                    assert!(retry.is_some_and(|after| after.parse::<u32>().is_ok()), "{retry:?}");
                }
                Kind::TooManyRequests => {}
                _ => assert_eq!(retry, None, "{kind:?}"),
            }
            if kind == Kind::Unauthorized {
                assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
            }
        }
        // What the runtime itself finds.
        client.ask(post("/web_slow", "")).await.refusal(504);
        let text = client.ask(post("/web_cycle", "")).await.refusal(508);
        assert!(text.ends_with("web_cycle -> web_cycle"), "{text}");
        still_good(&running).await;
    })
    .await;
}

#[tokio::test]
async fn a_foreign_error_stays_in_the_process() {
    within(LIMIT, async {
        keep_log();
        let running = spawn(&Gate::new()).await;
        let mut client = Client::connect(running.addr()).await;
        for path in ["/web_foreign", "/web_foreign_below"] {
            let id = format!("X-Request-Id: given-73911{}\r\n", path.len());
            let answer = client.ask(request(&format!("POST {path}"), &id, "secret-file")).await;
            let text = answer.refusal(500);
            assert!(!text.contains("No such file") && !text.contains("secret-file"), "{text}");
            let id = id.trim_end().split(' ').nth(1).unwrap();
            assert!(text.contains(id), "{text}");
            assert_eq!(running.state().get::<String>("id").unwrap().as_deref(), Some(id));
            assert_eq!(logged(&[id, "No such file"]).len(), 1, "the log has it under that number");
        }
        // One is made where none is given, or where it could not stand in a log.
        for headers in
            ["", "X-Request-Id: \r\n", "X-Request-Id: two words\r\n", "X-Request-Id: \u{e9}\r\n"]
        {
            let text = client.ask(request("POST /web_foreign", headers, "x")).await.refusal(500);
            let id = running.state().get::<String>("id").unwrap().unwrap();
            assert!(!id.is_empty() && text.contains(&id), "{text} and {id}");
            assert!(!id.contains(' '));
            assert_eq!(logged(&[&id, "No such file"]).len(), 1);
        }
        still_good(&running).await;
    })
    .await;
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused_and_the_connection_lives() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let deep = "[".repeat(200_000);
        for (path, body, status) in [
            ("/web_text", &b"\xff\xfe"[..], 400),
            ("/web_add", b"\xff\xfe", 400),
            ("/web_add", b"{", 400),
            ("/web_add", b"a=1&b=2", 400),
            ("/web_add", b"", 400),
            ("/web_add", br#"{"a":1,"b":2}}"#, 400),
            ("/web_add", br#"{"a":1}"#, 422),
            ("/web_add", br#"{"a":1,"b":"two"}"#, 422),
            ("/web_add", br#"{"a":1,"b":99999999999999999999}"#, 422),
            ("/web_add", b"[]", 422),
            ("/web_add", b"null", 422),
            ("/web_value", deep.as_bytes(), 400),
            ("/web_value", b"nul", 400),
        ] {
            let mut client = Client::connect(running.addr()).await;
            let text = client.ask(post(path, body)).await.refusal(status);
            assert!(!text.is_empty());
            assert_eq!(client.ask(post("/web_text", "x")).await.message(), "<x>");
            still_good(&running).await;
        }
        for (body, status) in [
            (r#"{"type":"request","data":{"a":1}}"#, 422),
            (r#"{"type":"request","data":"no sum"}"#, 422),
            (r#"{"type":"request","data":}"#, 400),
            (r#"{"type":"request","data":{"a":1,"b":2}"#, 400),
        ] {
            fetch(running.addr(), post_json("/web_add", body)).await.refusal(status);
            still_good(&running).await;
        }
    })
    .await;
}

#[tokio::test]
async fn bytes_that_are_no_text_do_not_break_the_envelope() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let answer = fetch(running.addr(), post("/web_bytes", b"a\xffb")).await;
        assert_eq!(answer.message(), "a\u{fffd}b");
    })
    .await;
}

#[tokio::test]
async fn unknown_paths() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        for method in ["POST", "GET", "PUT", "DELETE"] {
            let answer =
                fetch(running.addr(), request(&format!("{method} /ghost?x=1"), "", "x")).await;
            assert_eq!(answer.refusal(404), "Handler not found: ghost");
        }
        // An internal handler is nothing to the outside; neither is one that only hears a topic.
        let answer = fetch(running.addr(), post("/web_internal", "x")).await;
        assert_eq!(answer.refusal(404), "Handler not found: web_internal");
        assert_eq!(
            fetch(running.addr(), post("/web_hears", "x")).await.refusal(404),
            "Handler not found: web_hears"
        );
        for path in [
            "/",
            "//",
            "//web_add",
            "/web_add/",
            "/web_add/x",
            "/a/b/c",
            "/./web_add",
            "/x/../web_add",
        ] {
            let answer = fetch(running.addr(), post(path, "x")).await;
            assert_eq!(answer.status, 404, "{path}");
            assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{path}");
            let problem = answer.json();
            assert_eq!(problem["status"], 404, "{problem}");
            assert!(problem["title"].is_string() && problem["detail"].is_string(), "{problem}");
        }
        let ctx = running.context();
        assert_eq!(ctx.publish("web_internal", "x").await.unwrap().text().unwrap(), "x");
        still_good(&running).await;
    })
    .await;
}

#[tokio::test]
async fn paths_are_percent_decoded() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        for path in ["/web%5ftext", "/web%5Ftext", "/%77%65%62_text", "/web_text?query=%zz"] {
            assert_eq!(fetch(running.addr(), post(path, "x")).await.message(), "<x>", "{path}");
        }
        assert_eq!(fetch(running.addr(), post("/web.dotted-name_1", "")).await.message(), "dotted");
        // An encoded slash or NUL is part of the segment.
        let answer = fetch(running.addr(), post("/web%2Ftext", "x")).await;
        assert_eq!(answer.refusal(404), "Handler not found: web/text");
        fetch(running.addr(), post("/web_text%00", "x")).await.refusal(404);
        fetch(running.addr(), post("/WEB_TEXT", "x")).await.refusal(404);
        for path in ["/web%", "/web%5", "/web%5gtext", "/%ff", "/a/%C3%28", "/%c3"] {
            let answer = fetch(running.addr(), post(path, "x")).await;
            assert_eq!(answer.status, 400, "{path}");
            still_good(&running).await;
        }
    })
    .await;
}

#[tokio::test]
async fn methods() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let mut client = Client::connect(running.addr()).await;
        for method in ["GET", "PUT", "PATCH", "DELETE", "TRACE", "BREW"] {
            let answer = client.ask(request(&format!("{method} /web_text"), "", "")).await;
            answer.refusal(405);
            let allow = answer.header("allow").expect("405 says what is allowed");
            assert!(allow.split(", ").any(|one| one == "POST"), "{allow}");
            assert!(!allow.contains("GET"), "{allow}");
        }
        client.send(request("HEAD /web_text", "", "")).await;
        assert_eq!(client.head().await.status, 405);
        let answer = client.ask(request("OPTIONS /web_text", "", "")).await;
        assert_eq!((answer.status, answer.body.len()), (204, 0));
        assert!(answer.header("allow").unwrap().contains("POST"));
        for path in ["/livez", "/readyz", "/healthz"] {
            let full = client.ask(get(path)).await;
            assert_eq!(full.status, 200, "{path}");
            assert!(full.json()["status"].is_string());
            client.send(request(&format!("HEAD {path}"), "", "")).await;
            let head = client.head().await;
            assert_eq!(head.status, 200);
            assert_eq!(head.header("content-length"), full.header("content-length"));
            assert_eq!(head.header("content-type"), full.header("content-type"));
            let answer = client.ask(post(path, "")).await;
            assert_eq!(answer.status, 405);
            let allow = answer.header("allow").unwrap();
            assert!(allow.contains("GET") && allow.contains("HEAD"), "{allow}");
            let answer = client.ask(request(&format!("OPTIONS {path}"), "", "")).await;
            assert_eq!(answer.status, 204);
            assert!(answer.header("allow").unwrap().contains("GET"));
        }
        still_good(&running).await;
    })
    .await;
}

#[tokio::test]
async fn one_connection_serves_many_and_pipelined_requests_in_order() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let mut client = Client::connect(running.addr()).await;
        for number in 0..50 {
            let answer = client.ask(post("/web_text", number.to_string())).await;
            assert_eq!(answer.message(), format!("<{number}>"));
            assert!(!answer.closes());
        }
        let mut all = Vec::new();
        for number in 0..50 {
            all.extend(post("/web_text", format!("p{number}")));
            all.extend(post("/ghost", ""));
        }
        client.send(all).await;
        for number in 0..50 {
            assert_eq!(client.answer().await.message(), format!("<p{number}>"));
            client.answer().await.refusal(404);
        }
        // A byte at a time is a request as well.
        for byte in post("/web_text", "slow") {
            client.send([byte]).await;
            tokio::task::yield_now().await;
        }
        assert_eq!(client.answer().await.message(), "<slow>");
        // And who asks to close is obeyed.
        let answer = client.ask(request("POST /web_text", "Connection: close\r\n", "bye")).await;
        assert_eq!(answer.message(), "<bye>");
        assert_eq!(client.closed().await, b"");
    })
    .await;
}

#[tokio::test]
async fn a_client_that_waits_for_100_continue_is_invited_or_refused() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let mut client = Client::connect(running.addr()).await;
        let head = "Host: localhost\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n";
        client.send(format!("POST /web_text HTTP/1.1\r\n{head}")).await;
        assert_eq!(client.head().await.status, 100);
        client.send("x").await;
        assert_eq!(client.answer().await.message(), "<x>");
        let mut client = Client::connect(running.addr()).await;
        client.send(format!("POST /ghost HTTP/1.1\r\n{head}")).await;
        client.answer().await.refusal(404);
    })
    .await;
}

#[tokio::test]
async fn nonsense_instead_of_http_ends_the_connection_and_nothing_else() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        for nonsense in [
            &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
            b"hello\r\n\r\n",
            b"POST /web_text HTTP/9.9\r\nHost: localhost\r\n\r\n",
            b"POST /web_text HTTP/1.1\r\nHost : localhost\r\n\r\n",
            b"POST /web_text HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
            b"POST /web_text HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnonsense-instead-of-frames-of-http2",
            b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n",
            b"\0\0\0\0\0\0\0\0\r\n\r\n",
        ] {
            let mut client = Client::connect(running.addr()).await;
            client.send(nonsense).await;
            let rest = client.closed().await;
            assert!(!String::from_utf8_lossy(&rest).contains("HTTP/1.1 200"), "{nonsense:?}");
            still_good(&running).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_head_that_cannot_be_read_is_answered_with_400() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        for head in [
            "hello\r\n\r\n",
            "POST /web_text HTTP/9.9\r\nHost: localhost\r\n\r\n",
            "POST /web_text HTTP/1.1\r\nHost : localhost\r\n\r\n",
            "POST /web_text HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
        ] {
            assert_eq!(fetch(running.addr(), head).await.status, 400, "{head}");
            still_good(&running).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_body_that_is_cut_short_reaches_no_handler() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        for cut in [
            "POST /web_unit HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf",
            "POST /web_unit HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
            "POST /web_unit HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhalf\r\n0\r\n\r\n",
            "POST /web_unit HTTP/1.1\r\nHost: loc",
        ] {
            let mut client = Client::connect(running.addr()).await;
            client.send(cut).await;
            use tokio::io::AsyncWriteExt;
            client.stream.shutdown().await.unwrap();
            let rest = String::from_utf8_lossy(&client.closed().await).into_owned();
            assert!(rest.is_empty() || rest.starts_with("HTTP/1.1 400"), "{rest}");
            still_good(&running).await;
        }
        assert!(gate.notes().is_empty(), "{:?}", gate.notes());
        fetch(running.addr(), post("/web_unit", "whole")).await.message();
        until("the good one came", || gate.notes() == ["whole"]).await;
    })
    .await;
}
