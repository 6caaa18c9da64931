//! Who may ask: keys, and what is refused where there is none; `POST /shutdown`.

use manager_runtime::prelude::*;
use serde_json::json;

use crate::support::{Client, Gate, LIMIT, fetch, get, keep_log, logged, post, request, within};

const KEY: &str = "s3cret-key-90210";

#[handler]
async fn key_text(text: String) -> String {
    text
}

#[handler(public)]
async fn key_public(text: String) -> String {
    text
}

#[handler]
async fn key_gate(gate: Res<Gate>) {
    gate.pass().await;
}

fn manager(gate: &Gate) -> Manager {
    let mut manager = Manager::empty();
    manager
        .add::<key_text>()
        .add::<key_public>()
        .add::<key_gate>()
        .provide(gate.clone())
        .with_bind("127.0.0.1:0");
    manager
}

async fn locked() -> Running {
    manager(&Gate::new()).with_api_key(KEY).spawn().await.unwrap()
}

#[tokio::test]
async fn a_key_opens_in_every_accepted_form() {
    within(LIMIT, async {
        keep_log();
        let running = locked().await;
        let ask = async |headers: &str| {
            fetch(running.addr(), request("POST /key_text", headers, "x")).await
        };
        for good in [
            format!("Authorization: Bearer {KEY}\r\n"),
            format!("authorization: bearer {KEY}\r\n"),
            format!("AUTHORIZATION: BEARER {KEY}\r\n"),
            format!("Authorization: bEaReR {KEY}  \r\n"),
            format!("Authorization: {KEY}\r\n"),
        ] {
            assert_eq!(ask(&good).await.message(), "x", "{good}");
        }
        for bad in [
            String::new(),
            "Authorization: \r\n".to_owned(),
            "Authorization: Bearer\r\n".to_owned(),
            "Authorization: Bearer \r\n".to_owned(),
            "Authorization: Bearer wrong\r\n".to_owned(),
            format!("Authorization: Bearer {KEY}x\r\n"),
            format!("Authorization: Bearer {}\r\n", &KEY[1..]),
            format!("Authorization: Bearer {}\r\n", KEY.to_uppercase()),
            format!("Authorization: Basic {KEY}\r\n"),
            format!("Authorization: Bearer{KEY}\r\n"),
            format!("X-Api-Key: {KEY}\r\n"),
            format!("Authorization: Bearer {KEY}\r\nAuthorization: Bearer {KEY}\r\n"),
            format!("Authorization: Bearer {KEY}\r\nAuthorization: Bearer wrong\r\n"),
        ] {
            let answer = ask(&bad).await;
            let text = answer.refusal(401);
            assert!(!text.contains(KEY));
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{bad}");
        }
        assert!(logged(&[KEY]).is_empty(), "a key is in no log");
        assert!(!format!("{running:?}").contains(KEY));
    })
    .await;
}

#[tokio::test]
async fn without_the_key_everything_looks_the_same() {
    within(LIMIT, async {
        let running = locked().await;
        let mut client = Client::connect(running.addr()).await;
        let known = client.ask(post("/key_text", "")).await;
        known.refusal(401);
        for hidden in [
            post("/ghost", ""),
            get("/key_text"),
            get("/ghost"),
            post("/shutdown", ""),
            get("/shutdown"),
            request("OPTIONS /key_text", "", ""),
        ] {
            let answer = client.ask(hidden).await;
            assert_eq!((answer.status, answer.text()), (401, known.text()));
            assert_eq!(answer.header("allow"), None);
        }
        for other in ["/", "/a/b", "/key_text/x", "/%ff"] {
            assert_eq!(client.ask(post(other, "")).await.status, 401, "{other}");
        }
        // Only what is public, and the health paths, need none.
        assert_eq!(client.ask(post("/key_public", "p")).await.message(), "p");
        let wrong = request("POST /key_public", "Authorization: Bearer wrong\r\n", "p");
        assert_eq!(client.ask(wrong).await.message(), "p");
        for path in ["/livez", "/readyz", "/healthz"] {
            assert_eq!(client.ask(get(path)).await.status, 200);
        }
        // With the key they are what they are.
        let with_key = |line: &str| request(line, &format!("Authorization: Bearer {KEY}\r\n"), "");
        client.ask(with_key("POST /ghost")).await.refusal(404);
        client.ask(with_key("GET /key_text")).await.refusal(405);
        assert_eq!(client.ask(with_key("POST /a/b")).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn the_key_is_checked_before_the_body_is_read() {
    within(LIMIT, async {
        let running = locked().await;
        let mut client = Client::connect(running.addr()).await;
        // Announced and never sent.
        client
            .send("POST /key_text HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n")
            .await;
        let answer = client.answer().await;
        answer.refusal(401);
        assert!(answer.closes(), "what is left of the body is not read as a request");
    })
    .await;
}

#[tokio::test]
async fn each_of_several_keys_opens() {
    within(LIMIT, async {
        let running = manager(&Gate::new())
            .with_api_keys([("one", "first-key"), ("two", "second-key")])
            .spawn()
            .await
            .unwrap();
        for (key, status) in
            [("first-key", 200), ("second-key", 200), ("third-key", 401), ("one", 401)]
        {
            let headers = format!("Authorization: Bearer {key}\r\n");
            let answer = fetch(running.addr(), request("POST /key_text", &headers, "x")).await;
            assert_eq!(answer.status, status, "{key}");
        }
    })
    .await;
}

#[tokio::test]
async fn with_a_key_a_browser_and_another_host_may_ask() {
    within(LIMIT, async {
        let running = locked().await;
        let headers = format!(
            "Authorization: Bearer {KEY}\r\nHost: example.com\r\nOrigin: https://evil.example\r\nSec-Fetch-Site: cross-site\r\n"
        );
        let answer = fetch(running.addr(), request("POST /key_text", &headers, "x")).await;
        assert_eq!(answer.message(), "x");
    })
    .await;
}

#[tokio::test]
async fn without_a_key_pages_of_other_sites_are_refused() {
    within(LIMIT, async {
        let running = manager(&Gate::new()).spawn().await.unwrap();
        let port = running.addr().port();
        let ask = async |line: &str, headers: &str| {
            fetch(running.addr(), request(line, headers, "x")).await
        };
        for good in [
            String::new(),
            "Host: LOCALHOST\r\n".to_owned(),
            "Host: localhost.\r\n".to_owned(),
            format!("Host: localhost:{port}\r\n"),
            format!("Host: 127.0.0.1:{port}\r\n"),
            "Host: 127.8.8.8\r\n".to_owned(),
            format!("Host: [::1]:{port}\r\n"),
            "Sec-Fetch-Site: none\r\n".to_owned(),
            "Sec-Fetch-Site: same-origin\r\n".to_owned(),
            format!("Host: localhost:{port}\r\nOrigin: http://localhost:{port}\r\n"),
        ] {
            assert_eq!(ask("POST /key_text", &good).await.message(), "x", "{good}");
        }
        for bad in [
            "Sec-Fetch-Site: cross-site\r\n".to_owned(),
            "Sec-Fetch-Site: same-site\r\n".to_owned(),
            "Origin: https://evil.example\r\n".to_owned(),
            "Origin: null\r\n".to_owned(),
            "Origin: \r\n".to_owned(),
            format!(
                "Host: localhost:{port}\r\nOrigin: http://localhost:{}\r\n",
                port.wrapping_add(1)
            ),
            "Host: example.com\r\n".to_owned(),
            "Host: localhost.example.com\r\n".to_owned(),
            "Host: 127.0.0.1.example.com\r\n".to_owned(),
            "Host: 10.0.0.1\r\n".to_owned(),
        ] {
            let answer = ask("POST /key_text", &bad).await;
            assert_eq!(answer.status, 403, "{bad}: {}", answer.text());
            // On every endpoint.
            assert_eq!(ask("POST /key_public", &bad).await.status, 403, "{bad}");
            assert_eq!(ask("POST /shutdown", &bad).await.status, 403, "{bad}");
            assert_eq!(ask("POST /ghost", &bad).await.status, 403, "{bad}");
            assert_eq!(ask("POST /key_text", "").await.message(), "x");
        }
        // What is no host at all is a mistake.
        for none in ["Host: \r\n", "Host: localhost@example.com\r\n"] {
            assert_eq!(ask("POST /key_text", none).await.status, 400, "{none}");
        }
        // The absolute form wins over the header.
        let evil = "POST http://evil.example/key_text";
        assert_eq!(ask(evil, "Host: localhost\r\n").await.status, 403);
        let own = format!("POST http://localhost:{port}/key_text");
        assert_eq!(ask(&own, "Host: evil.example\r\n").await.message(), "x");
    })
    .await;
}

// ---- /shutdown --------------------------------------------------------------------------------------

#[tokio::test]
async fn shutdown_is_post_and_drains() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = manager(&gate).spawn().await.unwrap();
        let address = running.addr();
        let answer = fetch(address, get("/shutdown")).await;
        answer.refusal(405);
        assert!(answer.header("allow").unwrap().contains("POST"));
        let mut client = Client::connect(address).await;
        client.send(post("/key_gate", "")).await;
        gate.entered(1).await;
        let answer = fetch(address, post("/shutdown", "")).await;
        assert_eq!((answer.status, answer.json()), (200, json!({"status": "Shutting down"})));
        assert!(answer.closes());
        gate.open(1);
        let answer = client.answer().await;
        assert_eq!(answer.message(), json!(null));
        assert!(answer.closes());
        running.ended().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn shutdown_without_a_key_is_for_this_machine() {
    within(LIMIT, async {
        let running = manager(&Gate::new()).spawn().await.unwrap();
        for headers in [
            "X-Forwarded-For: 10.0.0.1\r\n",
            "x-forwarded-proto: https\r\n",
            "X-Forwarded-Host: localhost\r\n",
            "Forwarded: for=10.0.0.1\r\n",
            "Host: example.com\r\n",
            "Origin: https://evil.example\r\n",
        ] {
            fetch(running.addr(), request("POST /shutdown", headers, "")).await.refusal(403);
            assert_eq!(fetch(running.addr(), get("/readyz")).await.status, 200, "{headers}");
        }
        // Not on an address that others reach.
        let open = manager(&Gate::new()).with_bind("0.0.0.0:0").spawn().await.unwrap();
        let address = std::net::SocketAddr::from(([127, 0, 0, 1], open.addr().port()));
        fetch(address, post("/shutdown", "")).await.refusal(403);
        assert_eq!(fetch(address, post("/key_text", "x")).await.message(), "x");
        assert_eq!(fetch(running.addr(), post("/shutdown", "")).await.status, 200);
        running.ended().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn shutdown_with_a_key_needs_it() {
    within(LIMIT, async {
        let running = locked().await;
        let wrong = request("POST /shutdown", "Authorization: Bearer wrong\r\n", "");
        fetch(running.addr(), wrong).await.refusal(401);
        fetch(running.addr(), post("/shutdown", "")).await.refusal(401);
        assert_eq!(fetch(running.addr(), get("/readyz")).await.status, 200);
        let headers = format!("Authorization: Bearer {KEY}\r\nX-Forwarded-For: 10.0.0.1\r\n");
        let answer = fetch(running.addr(), request("POST /shutdown", &headers, "")).await;
        assert_eq!(answer.status, 200, "the key is enough");
        running.ended().await.unwrap();
    })
    .await;
}
