//! What clients write into what others read: headers, JSON. Bytes that end a line never get into a header,
//! and JSON is neither too deep nor ambiguous.

use std::time::{Duration, Instant};

use manager_runtime::prelude::*;

use crate::served::{Smuggled, manager, settled};
use crate::support::{Client, Gate, LIMIT, fetch, get, post, post_json, request, within};

async fn spawn() -> Running {
    manager(&Gate::new(), &Smuggled::default()).with_request_id(true).spawn().await.unwrap()
}

#[tokio::test]
async fn nothing_that_ends_a_line_gets_into_a_header() {
    within(LIMIT, async {
        let running = spawn().await;
        let marks = ["\r\n", "\n", "\r", "\0", "\x0b", "\u{85}", "\u{2028}"];
        let mut asked = Vec::new();
        for mark in marks {
            let evil = format!("/a{mark}Set-Cookie: evil=1{mark}{mark}<b>");
            asked.push(post("/redirect", &evil));
            asked.push(post("/header", &evil));
            asked.push(post("/attachment", &evil));
            #[cfg(feature = "cookies")]
            asked.push(post("/cookie", &evil));
        }
        for mark in ["%0d%0a", "%0D%0A", "%0a", "%0d", "%00", "%E5%98%8A%E5%98%8D"] {
            let evil = format!("a{mark}Set-Cookie:%20evil=1");
            // The redirect to the path with its slash; a host of its own; an unknown path in the text.
            asked.push(get(&format!("/folder/{evil}")));
            asked.push(get(&format!("/folder/{evil}/")));
            asked.push(get(&format!("/moved/{evil}")));
            asked.push(get(&format!("/{evil}")));
            asked.push(get(&format!("//evil.example/{evil}")));
            asked.push(get(&format!("/hello?next={evil}")));
            asked.push(request("GET /hello", &format!("X-Request-Id: {evil}\r\n"), ""));
        }
        for request in asked {
            let mut client = Client::connect(running.addr()).await;
            client.send(&request).await;
            let answer = client.answer().await;
            let shown = String::from_utf8_lossy(&request).into_owned();
            let cookie = answer.header("set-cookie");
            assert!(cookie.is_none_or(|it| it.starts_with("seen=")), "{shown:?}: {answer:?}");
            assert!(
                answer.headers.iter().all(|(_, value)| !value.contains(['\r', '\n', '\0'])),
                "{answer:?}"
            );
            if let Some(location) = answer.header("location") {
                assert!(!location.starts_with("//"), "{shown:?} leads to another host: {location}");
            }
            // Nothing came after the answer that could be taken for another one.
            assert_eq!(client.ask(get("/hello")).await.text(), "hello", "{shown:?}");
        }
        settled(&running).await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn json_is_only_so_deep() {
    within(LIMIT, async {
        let running = spawn().await;
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
            for depth in [200, 10_000, 400_000] {
                let (open, close) = (open.repeat(depth), close.repeat(depth));
                let (open, close) =
                    (&open[..open.len().min(900_000)], &close[..close.len().min(900_000)]);
                let deep = format!("{open}1{close}");
                let enveloped = format!("{{\"type\":\"request\",\"data\":{deep}}}");
                for (path, body) in [
                    ("/add", &deep),
                    ("/any_value", &deep),
                    ("/enveloped", &deep),
                    ("/any_value", &enveloped),
                    ("/enveloped", &enveloped),
                ] {
                    let answer = fetch(running.addr(), post_json(path, body)).await;
                    assert!(
                        matches!(answer.status, 400 | 413 | 422),
                        "{path} {depth}: {}",
                        answer.status
                    );
                }
                // What nobody asked for is skipped, without a stack that grows with it.
                let more = format!("{{\"a\":1,\"b\":2,\"more\":{deep}}}");
                let answer = fetch(running.addr(), post_json("/add", &more)).await;
                assert!(matches!(answer.status, 200 | 400 | 413), "{depth}: {}", answer.status);
            }
        }
        settled(&running).await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_key_that_comes_twice_is_refused() {
    within(LIMIT, async {
        let running = spawn().await;
        for (path, body) in [
            ("/add", r#"{"a":1,"b":2,"a":3}"#),
            ("/enveloped", r#"{"a":1,"b":2,"a":3}"#),
            ("/enveloped", r#"{"type":"request","data":{"a":1,"b":2,"b":3}}"#),
        ] {
            let answer = fetch(running.addr(), post_json(path, body)).await;
            assert!(
                matches!(answer.status, 400 | 422),
                "{body}: {} {}",
                answer.status,
                answer.text()
            );
        }
        // An envelope that says two things is none: it is a message, and does not fit.
        for body in [
            r#"{"type":"request","type":"dispatch","data":{"a":1,"b":2}}"#,
            r#"{"type":"request","data":{"a":1,"b":2},"data":{"a":3,"b":4}}"#,
        ] {
            let answer = fetch(running.addr(), post_json("/enveloped", body)).await;
            assert!(
                matches!(answer.status, 400 | 422),
                "{body}: {} {}",
                answer.status,
                answer.text()
            );
        }
        settled(&running).await;
        running.stop().await.unwrap();
    })
    .await;
}

/// Names that fall into one bucket of a hasher without a secret would make this quadratic.
#[tokio::test]
async fn many_names_cost_no_more_than_their_bytes() {
    within(LIMIT, async {
        let running = spawn().await;
        // The largest body of names there is.
        let names: String = (0..90_000).map(|number| format!("\"{number:016x}\":0,")).collect();
        let body = format!("{{{}}}", names.trim_end_matches(','));
        let begin = Instant::now();
        let answer = fetch(running.addr(), post_json("/any_value", &body)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
        settled(&running).await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_message_in_a_coding_is_refused_and_bytes_are_taken_as_they_are() {
    within(LIMIT, async {
        let running = spawn().await;
        let sum = r#"{"a":1,"b":2}"#;
        for coding in ["gzip", "br", "gzip, br", "identity, gzip", "x-odd"] {
            let lines = format!("Content-Type: application/json\r\nContent-Encoding: {coding}\r\n");
            for path in ["/add", "/enveloped"] {
                let answer =
                    fetch(running.addr(), request(&format!("POST {path}"), &lines, sum)).await;
                assert_eq!(answer.status, 415, "{path} {coding}: {}", answer.text());
                assert_eq!(answer.header("accept-encoding"), Some("identity"), "{path}");
            }
            // Nothing is unpacked, so there is nothing to explode.
            let answer = fetch(running.addr(), request("POST /echo", &lines, "\x1f\u{8b}")).await;
            assert_eq!((answer.status, answer.text().as_str()), (200, "\x1f\u{8b}"));
        }
        for coding in ["identity", "Identity", ""] {
            let lines = format!("Content-Type: application/json\r\nContent-Encoding: {coding}\r\n");
            let answer = fetch(running.addr(), request("POST /add", &lines, sum)).await;
            assert_eq!((answer.status, answer.text().as_str()), (200, "3"), "{coding}");
        }
        settled(&running).await;
        running.stop().await.unwrap();
    })
    .await;
}
