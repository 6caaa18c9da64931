//! `keys = [..]`, the name of the key that a handler is told, digests and files.

use std::path::Path;

use manager_runtime::Peer;
use manager_runtime::prelude::*;

use crate::support::{Client, LIMIT, fetch, get, keep_log, logged, post, request, within};

#[handler]
async fn for_all(peer: Peer) -> String {
    peer.key().unwrap_or("-").to_owned()
}

#[handler(keys = "admin")]
async fn for_admin(peer: Peer, text: String) -> String {
    format!("{}: {text}", peer.key().unwrap_or("-"))
}

#[handler(get = "/ops", put = "/ops/all", keys = ["admin", "ops"])]
async fn for_ops() -> &'static str {
    "ops"
}

#[handler(keys = "admin", upload)]
async fn for_admin_files(_file: Upload) {}

#[handler(public)]
async fn for_everybody(ctx: Context, peer: Option<Peer>) -> Result<String> {
    let inner = ctx.publish("for_admin_by_bus", "x").await?.text()?;
    Ok(format!("{} {inner}", peer.and_then(|peer| peer.key().map(str::to_owned)).is_none()))
}

#[handler(keys = "admin")]
async fn for_admin_by_bus(text: String) -> String {
    text
}

fn manager() -> Manager {
    let mut manager = Manager::empty();
    manager
        .add::<for_all>()
        .add::<for_admin>()
        .add::<for_ops>()
        .add::<for_admin_files>()
        .add::<for_everybody>()
        .add::<for_admin_by_bus>()
        .with_bind("127.0.0.1:0");
    manager
}

const KEYS: [(&str, &str); 3] = [("admin", "k-admin"), ("ops", "k-ops"), ("shop", "k-shop")];

fn with_key(line: &str, key: &str, body: &str) -> Vec<u8> {
    request(line, &format!("Authorization: Bearer {key}\r\n"), body)
}

#[tokio::test]
async fn a_handler_is_reached_by_the_keys_that_it_names() {
    within(LIMIT, async {
        let running = manager().with_api_keys(KEYS).spawn().await.unwrap();
        for (line, key, status) in [
            ("POST /for_all", "k-shop", 200),
            ("POST /for_admin", "k-admin", 200),
            ("POST /for_admin", "k-ops", 403),
            ("POST /for_admin", "k-shop", 403),
            ("POST /for_admin", "wrong", 401),
            ("GET /ops", "k-admin", 200),
            ("GET /ops", "k-ops", 200),
            ("GET /ops", "k-shop", 403),
            ("PUT /ops/all", "k-shop", 403),
            ("GET /ops", "wrong", 401),
            ("DELETE /ops", "k-shop", 405),
            ("POST /for_admin_files/upload/f", "k-admin", 200),
            ("POST /for_admin_files/upload/f", "k-shop", 403),
            ("POST /for_everybody", "wrong", 200),
        ] {
            let answer = fetch(running.addr(), with_key(line, key, "x")).await;
            assert_eq!(answer.status, status, "{line} with {key}: {}", answer.text());
            assert_eq!(answer.header("www-authenticate").is_some(), status == 401);
        }
        // The bus is inside of the house.
        let answer = fetch(running.addr(), post("/for_everybody", "")).await;
        assert_eq!(answer.message(), "true x");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_handler_is_told_the_name_of_the_key() {
    within(LIMIT, async {
        let running = manager().with_api_keys(KEYS).spawn().await.unwrap();
        for (name, key) in KEYS {
            let answer = fetch(running.addr(), with_key("POST /for_all", key, "")).await;
            assert_eq!(answer.message(), name);
        }
        let answer = fetch(running.addr(), with_key("POST /for_admin", "k-admin", "hi")).await;
        assert_eq!(answer.message(), "admin: hi");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_refusal_comes_before_the_body_and_tells_nothing_without_a_key() {
    within(LIMIT, async {
        let running = manager().with_api_keys(KEYS).spawn().await.unwrap();
        for (key, status) in [("k-shop", 403), ("wrong", 401)] {
            let mut client = Client::connect(running.addr()).await;
            // Announced and never sent.
            let head = format!(
                "POST /for_admin HTTP/1.1\r\nHost: localhost\r\nAuthorization: {key}\r\nContent-Length: 1000\r\n\r\n"
            );
            client.send(head).await;
            let answer = client.answer().await;
            answer.refusal(status);
            assert!(answer.closes(), "what is left of the body is not read as a request");
        }
        // A route with one segment, an endpoint, a file, and what there is not.
        let mut client = Client::connect(running.addr()).await;
        let mut one_segment = Vec::new();
        for line in ["GET /ops", "PATCH /ops", "POST /for_admin", "POST /ghost", "GET /ghost"] {
            let answer = client.ask(with_key(line, "wrong", "")).await;
            one_segment.push((answer.status, answer.text(), without_date(&answer.headers)));
        }
        one_segment.dedup();
        assert_eq!(one_segment.len(), 1, "{one_segment:?}");
        let mut deeper = Vec::new();
        for line in ["PUT /ops/all", "GET /ops/all", "POST /for_admin_files/upload/f", "GET /a/b/c"] {
            let answer = client.ask(with_key(line, "wrong", "")).await;
            deeper.push((answer.status, answer.text(), without_date(&answer.headers)));
        }
        deeper.dedup();
        assert_eq!(deeper.len(), 1, "{deeper:?}");
        running.stop().await.unwrap();
    })
    .await;
}

fn without_date(headers: &[(String, String)]) -> Vec<(String, String)> {
    headers.iter().filter(|(name, _)| name != "date").cloned().collect()
}

#[tokio::test]
async fn keys_that_there_are_none_of_end_the_start() {
    within(LIMIT, async {
        let error =
            manager().with_api_keys([("ci", "k"), ("ops", "k2")]).spawn().await.unwrap_err();
        let text = error.message();
        for name in ["for_admin", "for_admin_by_bus", "for_admin_files", "for_ops"] {
            let start = format!("handler `{name}` (manager-runtime/tests/access/keys.rs:");
            let line = text.lines().find(|line| line.contains(&start)).expect(text);
            let end =
                "asks for the key `admin`, and none of this name is set; there is `ci`, `ops`";
            assert!(line.ends_with(end), "{line}");
        }
        assert_eq!(text.matches("asks for the key").count(), 4, "`ops` is there: {text}");
        let error = manager().spawn().await.unwrap_err();
        let text = error.message();
        let alone =
            "is for `admin`, `ops` alone, and no key is set; set `api_keys` or `api_keys_file`";
        assert!(text.contains(alone), "{text}");
        assert_eq!(text.matches("alone, and no key is set").count(), 4, "{text}");
    })
    .await;
}

#[tokio::test]
async fn digests_and_files_open_as_keys_do_and_nothing_shows_them() {
    within(LIMIT, async {
        keep_log();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.toml");
        let content = format!("shop = 't0psecret-of-shop'\nops = 'sha256:{OPS}'\n");
        std::fs::write(&path, content).unwrap();
        let running = manager()
            .with_api_keys([("admin", "t0psecret-of-admin")])
            .with_api_keys_file(&path)
            .spawn()
            .await
            .unwrap();
        for name in ["admin", "shop", "ops"] {
            let key = format!("t0psecret-of-{name}");
            let answer = fetch(running.addr(), with_key("POST /for_all", &key, "")).await;
            assert_eq!(answer.message(), name);
        }
        let digest = format!("sha256:{OPS}");
        fetch(running.addr(), with_key("POST /for_all", &digest, "")).await.refusal(401);
        assert!(logged(&["t0psecret"]).is_empty() && logged(&[OPS]).is_empty(), "in no log");
        assert!(!format!("{running:?}").contains("t0psecret"));
        running.stop().await.unwrap();
    })
    .await;
}

/// `printf t0psecret-of-ops | sha256sum`
const OPS: &str = "1948406facaa3ea1baa6d172cf808b665b36198fba04c4a9bbecdf4d58e19ea7";

#[tokio::test]
async fn a_file_of_keys_that_cannot_be_ends_the_start() {
    within(LIMIT, async {
        let refuses = async |content: &str, expected: &str| {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("keys.toml");
            std::fs::write(&path, content).unwrap();
            let error = manager().with_api_keys_file(&path).spawn().await.unwrap_err();
            assert_eq!(error.kind(), Kind::BadRequest);
            assert!(error.message().contains(expected), "{error}");
            assert!(!error.message().contains("t0psecret"), "{error}");
        };
        refuses("", "cannot be a file without a key").await;
        refuses("admin = t0psecret", "line 1, column 9: broken toml").await;
        refuses("\nadmin = ['t0psecret']", "line 2: `api_keys.admin` cannot be an array").await;
        let nowhere = Path::new("/nowhere/keys.toml");
        let error = manager().with_api_keys_file(nowhere).spawn().await.unwrap_err();
        assert!(error.message().contains("`/nowhere/keys.toml` cannot be read"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn health_asks_for_nothing_and_the_stop_takes_any_key() {
    within(LIMIT, async {
        let running = manager().with_api_keys(KEYS).spawn().await.unwrap();
        assert_eq!(fetch(running.addr(), get("/healthz")).await.status, 200);
        assert_eq!(fetch(running.addr(), post("/shutdown", "")).await.status, 401);
        assert_eq!(
            fetch(running.addr(), with_key("POST /shutdown", "k-shop", "")).await.status,
            200
        );
        running.ended().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_file_of_keys_is_followed() {
    within(LIMIT * 2, async {
        keep_log();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("followed.toml");
        std::fs::write(&file, "admin = 'k1'").unwrap();
        let mut manager = manager();
        manager.with_handlers(["for_all", "for_admin"]);
        let running = manager.with_api_keys_file(file.display().to_string()).spawn().await.unwrap();
        let status = async |key: &str| {
            fetch(running.addr(), with_key("POST /for_admin", key, "x")).await.status
        };
        assert_eq!(status("k1").await, 200);
        std::fs::write(&file, "admin = 5").unwrap();
        while logged(&["cannot load the file of keys again", "followed.toml"]).is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert_eq!(status("k1").await, 200, "what was there stays");
        std::fs::write(&file, "admin = 'k2'").unwrap();
        while status("k2").await != 200 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert_eq!(status("k1").await, 401);
        running.stop().await.unwrap();
    })
    .await;
}
