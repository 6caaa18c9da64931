//! No key is in anything that a run prints or answers: everything is collected at the loudest, and searched.

use std::io::Write;
use std::net::TcpStream;

use crate::shop::{Ended, Program, Shop, shop};

/// The only right key. It stands nowhere else in this repository, so a hit is a leak.
const RIGHT: &str = "vn7Qk2-Xopensesame4-Zx41bb";
/// One that a client thought was right, which may be the right one of another service.
const WRONG: &str = "pL9wTy-Yforeignkey7-Mm83cc";
/// One that cannot be a key, where a key belongs.
const UNFIT: &str = "Hh27dd Zblankskey9 Rr55ee";

fn loud(program: Program) -> Program {
    program.env("RUST_LOG", "trace")
}

/// What no output may have of a secret: the whole, or enough of it to find it in a list.
fn search(what: &str, text: &str) {
    for secret in [RIGHT, WRONG, UNFIT] {
        let parts = secret.split(['-', ' ']).filter(|part| part.len() >= 6);
        for part in parts.chain([secret]) {
            assert!(!text.contains(part), "{what} shows {part:?}:\n{text}");
        }
    }
}

fn search_all(what: &str, ended: &Ended) {
    search(what, &ended.out);
    search(what, &ended.err);
}

/// Every way to present a key, the right one and others, over HTTP/1.1; and every answer.
fn present(shop: &Shop) {
    let values = [
        format!("Bearer {RIGHT}"),
        RIGHT.to_owned(),
        format!("bearer  {RIGHT}"),
        format!("Bearer {WRONG}"),
        format!("Basic {WRONG}"),
        format!("Bearer {RIGHT}{WRONG}"),
        format!("Bearer {RIGHT}\r\nAuthorization: Bearer {WRONG}"),
        format!("Bearer {WRONG}\u{e9}"),
        format!("Bearer {WRONG}\0"),
    ];
    let bodies =
        [("add", r#"{"a":1,"b":2}"#), ("add", "{"), ("boom", ""), ("fail", ""), ("no", "")];
    for value in &values {
        for (path, body) in bodies {
            let length = body.len();
            let request = format!(
                "POST /{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
                 Authorization: {value}\r\nContent-Length: {length}\r\n\r\n{body}"
            );
            search("an answer", &shop.exchange(&request));
        }
    }
    // A head that does not end, and one that is no HTTP after the key.
    let cut = format!("POST /add HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {RIGHT}");
    TcpStream::connect(shop.address).unwrap().write_all(cut.as_bytes()).unwrap();
    search("an answer", &shop.exchange(&format!("{cut}\r\n: {WRONG}\r\n\r\n")));
}

/// The same over HTTP/2, whose library has a log of its own.
fn present_over_http2(shop: &Shop) {
    use hyper_util::rt::{TokioExecutor, TokioIo};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let stream = tokio::net::TcpStream::connect(shop.address).await.unwrap();
        let handshake =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
        let (mut client, connection) = handshake.await.unwrap();
        tokio::spawn(connection);
        for (key, status) in [(RIGHT, 200), (WRONG, 401)] {
            let request = http::Request::post("http://localhost/who")
                .header("authorization", format!("Bearer {key}"))
                .header("cookie", format!("session={key}"))
                .body(String::new())
                .unwrap();
            assert_eq!(client.send_request(request).await.unwrap().status(), status);
        }
    });
}

#[test]
fn a_service_that_runs_keeps_its_key() {
    let shop =
        loud(shop(&["-vv", "--access-log", "--request-id"])).env("MANAGER_API_KEY", RIGHT).serve();
    present(&shop);
    present_over_http2(&shop);
    // Nothing of what was tried may have broken the door.
    assert!(shop.post_with_key("/who", RIGHT, "").contains("HTTP/1.1 200 "));
    assert!(shop.post_with_key("/shutdown", RIGHT, "").contains("Shutting down"));
    let ended = shop.ended();
    assert_eq!(ended.status, 0, "{}", ended.err);
    assert!(ended.err.contains("TRACE"), "it was not as loud as that:\n{}", ended.err);
    search_all("the log", &ended);
}

#[test]
fn neither_does_a_file_of_keys_nor_one_that_is_read_again() {
    let keys = format!("admin = \"{RIGHT}\"\nshop = \"sha256:{}\"\n", "0".repeat(64));
    let shop =
        loud(shop(&["-vv"])).file("keys", &keys).env("MANAGER_API_KEYS_FILE", "keys").serve();
    assert!(shop.post_with_key("/who", RIGHT, "").contains("HTTP/1.1 200 "));
    // One that is broken, with a key on the line that is.
    shop.write_file("keys", &format!("admin = \"{WRONG}\"\nother = [\"{UNFIT}\"]\n"));
    shop.signal("HUP");
    shop.line("stays as it was");
    assert!(shop.post_with_key("/who", RIGHT, "").contains("HTTP/1.1 200 "));
    shop.write_file("keys", &format!("admin = \"{WRONG}\"\n"));
    shop.signal("HUP");
    shop.line("loaded the file of keys again");
    assert!(shop.post_with_key("/who", RIGHT, "").contains("HTTP/1.1 401 "));
    assert!(shop.post_with_key("/who", WRONG, "").contains("HTTP/1.1 200 "));
    shop.signal("TERM");
    search_all("the log", &shop.ended());
}

#[test]
fn commands_and_mistakes_show_no_key() {
    let commands: [&[&str]; 4] =
        [&["check"], &["routes"], &["routes", "--json"], &["call", "greet", "you"]];
    for command in commands {
        let files = |program: Program| program.file("key", RIGHT).file("other", UNFIT);
        search_all("with a key", &loud(files(shop(command))).env("MANAGER_API_KEY", RIGHT).run());
        let ended = loud(files(shop(command))).env("MANAGER_API_KEY_FILE", "key").run();
        search_all("with a key in a file", &ended);
        let ended = loud(files(shop(command))).env("MANAGER_API_KEY_FILE", "other").run();
        search_all("with a key that can be none", &ended);
        let ended = loud(files(shop(command)))
            .env("MANAGER_API_KEY", RIGHT)
            .env("MANAGER_API_KEY_FILE", "key")
            .run();
        search_all("with two keys", &ended);
        for text in [
            format!("api_key = \"{RIGHT}\""),
            format!("api_key = \"{UNFIT}\""),
            format!("api_key = [\"{RIGHT}\"]"),
            format!("api_key = \"{RIGHT}"),
            format!("api_keys = \"{RIGHT}\""),
            format!("[api_keys]\nadmin = \"{RIGHT}\"\nother = \"{UNFIT}\""),
            format!("[api_keys]\nadmin = [\"{RIGHT}\"]"),
            format!("api_kee = \"{RIGHT}\""),
            format!("apikey: {RIGHT}"),
        ] {
            let ended = loud(shop(command)).file("manager.toml", &text).run();
            search_all("with a file", &ended);
        }
        for flag in ["--api-key", "--api-keys", "--api-key-file"] {
            for given in [vec![flag.to_owned(), RIGHT.to_owned()], vec![format!("{flag}={RIGHT}")]]
            {
                let given: Vec<&str> =
                    command.iter().copied().chain(given.iter().map(|x| &**x)).collect();
                let ended = loud(shop(&given)).run();
                assert_eq!(ended.status, 2, "{}", ended.err);
                search_all("with a flag", &ended);
            }
        }
    }
}

#[test]
fn a_client_keeps_the_key_that_it_was_given() {
    let shop_ = loud(shop(&[])).env("MANAGER_API_KEY", RIGHT).serve();
    let url = format!("http://{}", shop_.address);
    for key in [RIGHT, WRONG, UNFIT] {
        let asked = ["call", "greet", "you", "--url", &url, "--key-file", "key", "-vv"];
        search_all("a client", &loud(shop(&asked)).file("key", key).run());
    }
    // The address of a service may carry what looks like a password; it is no key of ours, but it is one.
    let with_password = url.replace("http://", &format!("http://me:{WRONG}@"));
    let asked = ["call", "greet", "you", "--url", &with_password, "--key-file", "key"];
    search_all("a client", &loud(shop(&asked)).file("key", RIGHT).run());
    shop_.signal("TERM");
    search_all("the log", &shop_.ended());
}
