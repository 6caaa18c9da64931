//! Runs every example as a user would: the binary, a port, requests, a stop.

#![allow(missing_docs, reason = "tests")]

use std::io::Read;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use support::{Example, ask};

#[macro_use]
mod support;

fn ok(message: &str) -> (u16, String) {
    (200, format!(r#"{{"status":"Ok","message":{message}}}"#))
}

#[test]
fn hello() {
    let hello = example!("hello");
    assert_eq!(hello.post("/add", r#"{"a":1,"b":2}"#), ok(r#"{"total":3}"#));
    assert_eq!(hello.post("/double", r#"{"a":1,"b":2}"#), ok(r#"{"total":6}"#));
    let (status, body) = hello.post("/add", r#"{"a":1,"b":"two"}"#);
    assert_eq!(status, 422);
    assert!(body.contains("at `b`"), "{body}");
    let unknown = r#"{"status":"error","message":"Handler not found: ghost"}"#;
    assert_eq!(hello.post("/ghost", "hi"), (404, unknown.to_owned()));
    assert_eq!(hello.post("/audit", "hi").0, 404, "an internal handler is nothing to the outside");
    assert_eq!(hello.stop(), Some(0));
}

#[test]
fn typed_calls() {
    let example = example!("typed_calls");
    let described = ok(r#""3 words, the longest is \"typed\"""#);
    assert_eq!(example.post("/describe", "a typed call"), described);
    assert_eq!(example.stop(), Some(0));
}

#[test]
fn counter() {
    let example = example!("counter");
    assert_eq!(example.post("/counter", "2"), ok("102"));
    assert_eq!(example.post("/counter", "3"), ok("105"));
    assert_eq!(example.post("/counter", &u64::MAX.to_string()).0, 409);
    assert_eq!(example.post("/counter", "1"), ok("106"), "an error leaves the counter as it was");
    assert_eq!(example.stop(), Some(0));
}

#[test]
fn replicas() {
    let example = example!("replicas");
    // Two run, two wait, and whoever comes fifth is refused.
    let statuses = thread::scope(|scope| {
        let calls: Vec<_> =
            (0..5).map(|_| scope.spawn(|| example.post("/oven", "bread").0)).collect();
        let mut statuses: Vec<u16> =
            calls.into_iter().map(|call| call.join().expect("an answer")).collect();
        statuses.sort_unstable();
        statuses
    });
    assert_eq!(statuses, [200, 200, 200, 200, 503]);
    assert_eq!(example.post("/late", "").0, 504);
    assert_eq!(example.post("/clumsy", "glass").0, 500);
    assert_eq!(example.post("/clumsy", "soup"), ok(r#""served the soup""#));
    assert_eq!(example.stop(), Some(0));
}

#[test]
fn topics() {
    let example = example!("topics");
    assert_eq!(example.post("/order", "tea"), ok(r#""tea is ordered, 2 were told""#));
    // The subscriber runs beside the answer: ask until it has.
    let packed = (0..500).any(|_| {
        thread::sleep(Duration::from_millis(2));
        example.post("/packed", "") == ok("1")
    });
    assert!(packed, "the event was heard");
    assert_eq!(example.stop(), Some(0));
}

#[test]
fn state() {
    let example = example!("state");
    assert_eq!(example.post("/visit", "Ada"), ok(r#""hello Ada, you are number 1""#));
    assert_eq!(example.post("/greet_with", "welcome"), ok(r#""hello""#));
    assert_eq!(example.post("/visit", "Bob"), ok(r#""welcome Bob, you are number 2""#));
    assert_eq!(example.post("/seen", ""), ok(r#"["Ada","Bob"]"#));
    assert_eq!(example.stop(), Some(0));
}

#[test]
fn resources() {
    let example = example!("resources");
    assert_eq!(example.post("/price", "tea"), ok("250"));
    assert_eq!(example.post("/price", "gold").0, 404);
    assert_eq!(example.stop(), Some(0));
}

#[test]
fn library() {
    let example = example!("library");
    let item = r#"{"name":"tea","cents":250}"#;
    assert_eq!(example.post("/sell", item), ok(r#""sold, tea: 2.50""#));
    assert_eq!(example.post("/invoice", item), ok(r#""tea: 2.50""#));
    assert_eq!(example.stop(), Some(0));
}

#[test]
fn routes() {
    let example = example!("routes");
    let ask = |method: &str, path: &str, headers: &str, body: &str| {
        let (status, _, body) = ask(&example.address, method, path, headers, body);
        (status, body)
    };
    let json = "Content-Type: application/json\r\n";
    assert_eq!(ask("GET", "/days?from=1&to=3", "", ""), (200, "[1,2,3]".to_owned()));
    assert_eq!(ask("GET", "/days?from=1&to=x", "", "").0, 400);
    assert_eq!(ask("PUT", "/notes/7", json, r#"{"text":"milk"}"#), (201, String::new()));
    assert_eq!(ask("GET", "/notes/7", "", ""), (200, "milk".to_owned()));
    assert_eq!(ask("GET", "/notes/8", "", "").0, 404);
    assert_eq!(ask("GET", "/notes/milk", "", "").0, 404);
    assert_eq!(ask("GET", "/weeks/0", "", ""), (200, "[1,2,3,4,5,6,7]".to_owned()));
    let (status, head, _) = self::ask(&example.address, "GET", "/calendar/3?a=b", "", "");
    assert!(status == 301 && head.contains("location: /weeks/3?a=b"), "{head}");
    assert_eq!(example.stop(), Some(0));
    let called = Command::new(env!("CARGO_BIN_EXE_routes"))
        .args(["call", "days", r#"{"from":1,"to":2}"#])
        .env_clear()
        .output()
        .expect("it runs");
    assert_eq!(String::from_utf8_lossy(&called.stdout).trim(), "[1,2]");
}

#[test]
fn files() {
    let example = example!("files");
    let ask = |method: &str, path: &str, body: &str| {
        let (status, _, body) = ask(&example.address, method, path, "", body);
        (status, body)
    };
    assert_eq!(ask("GET", "/stream/download/book.txt", "").0, 404);
    let here = (200, "book.txt is here, 11 bytes".to_owned());
    assert_eq!(ask("POST", "/stream/upload/book.txt", "Once upon a"), here);
    assert_eq!(ask("GET", "/download/download/book.txt", ""), (200, "Once upon a".to_owned()));
    assert_eq!(ask("GET", "/stream/metadata/book.txt", ""), (200, "11".to_owned()));
    assert_eq!(ask("POST", "/stream/upload/..%2Fbook.txt", "x").0, 400);
    assert_eq!(ask("GET", "/stream/download/..", "").0, 400);
    assert_eq!(example.stop(), Some(0));
}

#[test]
fn middleware() {
    let example = example!("middleware");
    let get = |path: &str, headers: &str| ask(&example.address, "GET", path, headers, "");
    let (status, head, body) = get("/desk/drawer", "X-User: Ada\r\n");
    assert_eq!((status, &*body), (200, "Ada opens the drawer, number 1"));
    assert!(head.contains("x-millis: "), "{head}");
    let (status, _, body) = get("/desk/drawer", "");
    assert!(status == 403 && body.contains("X-User"), "{body}");
    assert_eq!(get("/desk/drawer", "X-User: Bob\r\n").2, "Bob opens the drawer, number 2");
    let (status, _, body) = get("/cellar", "");
    assert_eq!((status, &*body), (404, "there is nothing at /cellar"));
    assert_eq!(example.stop(), Some(0));
}

#[test]
fn access() {
    let example = example!("access");
    let ask = |method: &str, path: &str, headers: &str| {
        let (status, _, body) = ask(&example.address, method, path, headers, "");
        (status, body)
    };
    let (ada, key) = ("X-Ticket: b7f1\r\n", "Authorization: Bearer opensesame\r\n");
    assert_eq!(ask("GET", "/me", "").0, 401);
    assert_eq!(ask("GET", "/me", ada), (200, "Ada".to_owned()));
    assert_eq!(ask("GET", "/me", key).0, 401, "a key has no name");
    assert_eq!(ask("GET", "/", ada), (200, "Hello Ada".to_owned()));
    assert_eq!(ask("GET", "/", ""), (200, "Hello".to_owned()));
    assert_eq!((ask("GET", "/", "").0, ask("GET", "/", "").0), (200, 429));
    assert_eq!(ask("POST", "/count_tickets", ada).0, 403);
    assert_eq!(ask("POST", "/count_tickets", key), ok("2"));
    assert_eq!(ask("POST", "/shutdown", ada).0, 401);
    assert_eq!(ask("POST", "/shutdown", key).0, 200);
    assert_eq!(example.ended(), Some(0));
}

#[test]
fn fake() {
    let example = example!("fake");
    assert_eq!(example.post("/shout", "hey"), ok(r#""HEY""#));
    assert_eq!(example.post("/umbrella", "Bergen").0, 500);
    assert_eq!(example.stop(), Some(0));
}

#[test]
fn every_example_checks_clean_and_calls() {
    let run = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).env_clear().output().expect("it runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code(), text)
    };
    let hello = env!("CARGO_BIN_EXE_hello");
    let (status, text) = run(hello, &["call", "add", r#"{"a":1,"b":2}"#]);
    assert_eq!((status, text.trim()), (Some(0), r#"{"total":3}"#));
    for program in [
        hello,
        env!("CARGO_BIN_EXE_access"),
        env!("CARGO_BIN_EXE_counter"),
        env!("CARGO_BIN_EXE_files"),
        env!("CARGO_BIN_EXE_library"),
        env!("CARGO_BIN_EXE_middleware"),
        env!("CARGO_BIN_EXE_replicas"),
        env!("CARGO_BIN_EXE_resources"),
        env!("CARGO_BIN_EXE_routes"),
        env!("CARGO_BIN_EXE_state"),
        env!("CARGO_BIN_EXE_topics"),
        env!("CARGO_BIN_EXE_typed_calls"),
    ] {
        let (status, text) = run(program, &["check"]);
        assert_eq!(status, Some(0), "{program} check:\n{text}");
        assert_eq!(run(program, &["routes"]).0, Some(0));
    }
}

/// `ported` has no command line: it is a program that starts the manager itself.
#[test]
fn ported() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ported"))
        .env_clear()
        .env("MANAGER_BIND", "127.0.0.1:0")
        .env("MANAGER_KEEP_ALIVE", "forever")
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut text = String::new();
    let mut stderr = child.stderr.take().expect("stderr is piped");
    stderr.read_to_string(&mut text).expect("it says why");
    assert_ne!(child.wait().expect("it ends").code(), Some(0));
    assert!(text.contains("MANAGER_KEEP_ALIVE") && text.contains("forever"), "{text}");
}
