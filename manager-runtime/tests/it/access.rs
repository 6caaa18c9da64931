//! The line that every request leaves in the log, and the number that its answer carries.

use std::time::Duration;

use manager_runtime::prelude::*;
use manager_runtime::{Body, Request, Response};
use tokio::sync::mpsc;

use crate::support::{
    Client, Gate, LIMIT, fetch, get, keep_log, logged, post, request, until, within,
};

const KEY: &str = "access-key-5521";

#[handler]
async fn access_text(ctx: Context) -> String {
    ctx.request_id().to_string()
}

#[handler(get = "/access/users/{id}")]
async fn access_route(_: Path<String>) -> &'static str {
    "route"
}

#[handler]
async fn access_gate(gate: Res<Gate>) {
    gate.pass().await;
}

#[handler]
async fn access_panics() {
    panic!("access");
}

/// Five bytes, then nothing until the test says more; `break` is an error.
#[middleware]
async fn access_pieces(_request: Request, next: Next, lines: Res<Lines>) -> Result<Response> {
    drop(next);
    let (sender, receiver) = mpsc::unbounded_channel::<&'static str>();
    sender.send("first").unwrap();
    *lines.0.lock().unwrap() = Some(sender);
    Ok(Response::new(Body::from_stream(Pieces(receiver))))
}

#[derive(Default, Clone)]
struct Lines(std::sync::Arc<std::sync::Mutex<Option<mpsc::UnboundedSender<&'static str>>>>);

struct Pieces(mpsc::UnboundedReceiver<&'static str>);

impl futures_core::Stream for Pieces {
    type Item = std::io::Result<&'static str>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0.poll_recv(cx).map(|next| match next {
            Some("break") => Some(Err(std::io::Error::other("access breaks"))),
            other => other.map(Ok),
        })
    }
}

#[handler(get = "/access/stream/{name}", with = [access_pieces])]
async fn access_stream(_: Path<String>) {}

async fn spawn(build: impl FnOnce(&mut Manager)) -> Running {
    keep_log();
    let mut manager = Manager::empty();
    manager
        .add::<access_text>()
        .add::<access_route>()
        .add::<access_panics>()
        .with_bind("127.0.0.1:0");
    build(&mut manager);
    manager.spawn().await.unwrap()
}

/// The one line with these words.
async fn line(words: &[&str]) -> String {
    let words = [&["manager::access: request"], words].concat();
    until(&format!("a line with {words:?}"), || !logged(&words).is_empty()).await;
    let lines = logged(&words);
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines.into_iter().next().unwrap()
}

#[track_caller]
fn has(line: &str, parts: &[&str]) {
    for part in parts {
        assert!(line.contains(part), "no {part} in {line}");
    }
}

#[tokio::test]
async fn every_request_has_one_line() {
    within(LIMIT, async {
        let running = spawn(|manager| _ = manager.with_access_log(true)).await;
        let mut client = Client::connect(running.addr()).await;
        let peer = format!("peer={}", client.stream.local_addr().unwrap());

        let ask = |line: &str, id: &str| request(line, &format!("X-Request-Id: {id}\r\n"), "");
        client.ask(ask("POST /access_text?key=topsecret", "acc-1")).await.message();
        let line1 = line(&["request_id=\"acc-1\""]).await;
        has(&line1, &["INFO", "method=\"POST\"", "path=\"/access_text\"", "status=200", &peer]);
        has(&line1, &["handler=\"access_text\"", "bytes=33", "micros="]);
        assert!(!line1.contains("topsecret") && !line1.contains("broken"), "{line1}");

        assert_eq!(client.ask(ask("GET /access/users/7", "acc-2")).await.status, 200);
        has(
            &line(&["request_id=\"acc-2\""]).await,
            &["route=\"/access/users/{id}\"", "handler=\"access_route\""],
        );

        client.ask(ask("POST /access_ghost", "acc-3")).await.refusal(404);
        has(&line(&["request_id=\"acc-3\""]).await, &["status=404"]);
        client.ask(ask("GET /access_text", "acc-4")).await.refusal(405);
        has(&line(&["request_id=\"acc-4\""]).await, &["status=405"]);
        client.ask(ask("POST /access_panics", "acc-5")).await.refusal(500);
        has(&line(&["request_id=\"acc-5\""]).await, &["status=500", "handler=\"access_panics\""]);
        client.ask(ask("GET /access/%ff", "acc-6")).await;
        has(&line(&["request_id=\"acc-6\""]).await, &["status=400", "path=\"/access/%ff\""]);

        // What is refused before the router sees it.
        let twice = "GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\nX-Request-Id: acc-7\r\n\r\n";
        assert_eq!(client.ask(twice).await.status, 400);
        has(&line(&["request_id=\"acc-7\""]).await, &["status=400"]);
        let long =
            format!("GET /{} HTTP/1.1\r\nHost: a\r\nX-Request-Id: acc-8\r\n\r\n", "x".repeat(9000));
        assert_eq!(client.ask(long).await.status, 414);
        has(&line(&["request_id=\"acc-8\""]).await, &["status=414"]);

        // The answer to HEAD has no body, whatever it says of one.
        client.send(ask("HEAD /access/users/7", "acc-9")).await;
        assert_eq!(client.head().await.header("content-length"), Some("5"));
        has(&line(&["request_id=\"acc-9\""]).await, &["status=200", "bytes=0"]);
    })
    .await;
}

#[tokio::test]
async fn a_refused_key_has_a_line_and_is_in_none() {
    within(LIMIT, async {
        let running = spawn(|manager| {
            manager.with_access_log(true).with_request_id(true).with_api_key(KEY);
        })
        .await;
        let ask = async |id: &str, key: &str| {
            let headers = format!(
                "X-Request-Id: {id}\r\nAuthorization: Bearer {key}\r\nCookie: s=access-cookie\r\n"
            );
            fetch(running.addr(), request("POST /access_text", &headers, "")).await
        };
        let refused = ask("acc-20", "wrong-key-5521").await;
        refused.refusal(401);
        assert_eq!(refused.header("x-request-id"), Some("acc-20"));
        has(&line(&["request_id=\"acc-20\""]).await, &["status=401"]);
        assert_eq!(ask("acc-21", KEY).await.message(), "acc-21");
        has(&line(&["request_id=\"acc-21\""]).await, &["status=200"]);
        for secret in [KEY, "wrong-key-5521", "access-cookie"] {
            assert!(logged(&[secret]).is_empty(), "{secret}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_injected_line_stays_on_its_line() {
    within(LIMIT, async {
        let running = spawn(|manager| _ = manager.with_access_log(true)).await;
        for (path, shown) in [
            ("/access/evil-1%0d%0aINFO%20forged", "/access/evil-1%0d%0aINFO%20forged"),
            (
                "/access/evil-2\u{2028}x\u{202e}y\u{85}z",
                "/access/evil-2%E2%80%A8x%E2%80%AEy%C2%85z",
            ),
        ] {
            let answer = fetch(running.addr(), get(path)).await;
            assert_eq!(answer.status, 404, "{path}");
            line(&[&format!("path=\"{shown}\"")]).await;
        }
        assert!(logged(&[]).iter().all(|line| !line.starts_with("INFO forged")));
    })
    .await;
}

#[tokio::test]
async fn a_stream_is_logged_at_its_end() {
    within(LIMIT, async {
        let lines = Lines::default();
        let running = spawn(|manager| {
            manager.add::<access_stream>().with_access_log(true).provide(lines.clone());
        })
        .await;
        let open = async |name: &str| {
            let mut client = Client::connect(running.addr()).await;
            client.send(get(&format!("/access/stream/{name}"))).await;
            // The head is there, and no line.
            assert_eq!(client.answer().await.status, 200);
            assert!(logged(&["manager::access", name]).is_empty());
            let sender = lines.0.lock().unwrap().take().unwrap();
            (client, sender)
        };
        let (_client, sender) = open("ends").await;
        sender.send("second").unwrap();
        drop(sender);
        let ended = line(&["/access/stream/ends"]).await;
        has(&ended, &["status=200", "bytes=11", "handler=\"access_stream\""]);
        assert!(!ended.contains("broken"), "{ended}");

        let (mut client, sender) = open("breaks").await;
        sender.send("break").unwrap();
        has(&line(&["/access/stream/breaks"]).await, &["status=200", "bytes=5", "broken=true"]);
        client.closed().await;

        let (client, sender) = open("leaves").await;
        drop(client);
        // It is seen at the next piece at the latest.
        let _ = sender.send("second");
        has(&line(&["/access/stream/leaves"]).await, &["status=200", "broken=true"]);
    })
    .await;
}

#[tokio::test]
async fn a_client_that_does_not_wait_has_a_line() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(|manager| {
            manager.add::<access_gate>().provide(gate.clone()).with_access_log(true);
        })
        .await;
        let mut client = Client::connect(running.addr()).await;
        client.send(post("/access_gate", "")).await;
        gate.entered(1).await;
        drop(client);
        let line = line(&["path=\"/access_gate\""]).await;
        has(&line, &["broken=true", "handler=\"access_gate\""]);
        assert!(!line.contains("status="), "{line}");
    })
    .await;
}

#[tokio::test]
async fn every_answer_has_its_number() {
    within(LIMIT, async {
        let running = spawn(|manager| _ = manager.with_request_id(true)).await;
        let mut client = Client::connect(running.addr()).await;
        let ask = |path: &str, id: &str| request(path, &format!("X-Request-Id: {id}\r\n"), "");
        let answer = client.ask(ask("POST /access_text", "mine-1")).await;
        assert_eq!(answer.header("x-request-id"), Some("mine-1"));
        assert_eq!(answer.message(), "mine-1");
        // A fresh one where there is none, or none that can stand in a log.
        let mut seen = Vec::new();
        for bad in ["", "a b", "a\tb", "\u{e9}", &"x".repeat(129)] {
            let answer = client.ask(ask("POST /access_text", bad)).await;
            let id = answer.header("x-request-id").unwrap().to_owned();
            assert_eq!(answer.message(), id.as_str());
            assert_ne!(id, bad);
            assert!(!seen.contains(&id), "{id}");
            seen.push(id);
        }
        for (request, status) in [
            (get("/livez"), 200),
            (post("/access_ghost", ""), 404),
            (get("/access_text"), 405),
            (post("/access_panics", ""), 500),
            (request("OPTIONS /access_text", "", ""), 204),
            (b"GET /livez HTTP/1.1\r\n\r\n".to_vec(), 400),
        ] {
            let answer = client.ask(request).await;
            assert_eq!(answer.status, status);
            assert_eq!(answer.header("x-request-id").map(str::len), Some(16), "{status}");
        }
        // No line without the setting.
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(logged(&["manager::access", "mine-1"]).is_empty());
    })
    .await;
}

#[tokio::test]
async fn without_the_settings_there_is_neither() {
    within(LIMIT, async {
        let running = spawn(|_| ()).await;
        let headers = "X-Request-Id: quiet-1\r\n";
        let answer = fetch(running.addr(), request("POST /access_text", headers, "")).await;
        assert_eq!(answer.header("x-request-id"), None);
        assert_eq!(answer.message(), "quiet-1");
        assert!(logged(&["manager::access", "quiet-1"]).is_empty());
    })
    .await;
}
