//! Runs every example as a user would: the binary, a port, requests, a stop.

#![allow(missing_docs, reason = "tests")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// A running example; killed if a test fails.
struct Example {
    child: Child,
    address: String,
}

impl Example {
    fn start(program: &str) -> Self {
        // A port of its own, whatever the environment says.
        let mut child = Command::new(program)
            .args(["--bind", "127.0.0.1:0"])
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the example starts");
        let mut lines = BufReader::new(child.stderr.take().expect("stderr is piped")).lines();
        let address = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("listening on http://").map(str::to_owned))
            .expect("it says where it listens");
        // Read on, so that the example never waits for somebody to read its log.
        thread::spawn(move || lines.for_each(drop));
        Example { child, address }
    }

    /// The status and the body of `POST path`.
    fn post(&self, path: &str, body: &str) -> (u16, String) {
        post(&self.address, path, body)
    }

    /// Stops it and says its exit status.
    fn stop(self) -> Option<i32> {
        assert_eq!(self.post("/shutdown", ""), (200, r#"{"status":"Shutting down"}"#.to_owned()));
        self.ended()
    }

    /// The exit status of one that was stopped.
    fn ended(mut self) -> Option<i32> {
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn post(address: &str, path: &str, body: &str) -> (u16, String) {
    let (status, _, body) = ask(address, "POST", path, "", body);
    (status, body)
}

/// The status, the head and the body of an answer.
fn ask(
    address: &str,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> (u16, String, String) {
    let mut stream = TcpStream::connect(address).expect("it accepts connections");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout can be set");
    let length = body.len();
    let head =
        format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {length}\r\n");
    let request = format!("{head}{headers}Connection: close\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("it answers");
    // A compressed body is no text, and nobody looks at it.
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    (status, head.to_ascii_lowercase(), body.to_owned())
}

fn ok(message: &str) -> (u16, String) {
    (200, format!(r#"{{"status":"Ok","message":{message}}}"#))
}

macro_rules! example {
    ($name:literal) => {
        Example::start(env!(concat!("CARGO_BIN_EXE_", $name)))
    };
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
fn tower() {
    let example = example!("tower");
    let get = |path: &str, headers: &str| {
        let (status, head, _) = ask(&example.address, "GET", path, headers, "");
        (status, head)
    };
    let (status, head) = get("/poem", "Accept-Encoding: gzip\r\nOrigin: https://elsewhere.example\r\n");
    assert_eq!(status, 200);
    assert!(head.contains("content-encoding: gzip"), "{head}");
    assert!(head.contains("access-control-allow-origin: *"), "{head}");
    let (status, _, poem) = ask(&example.address, "GET", "/poem", "", "");
    assert!(status == 200 && poem.starts_with("A service"), "{poem}");
    let (status, _, text) = ask(&example.address, "GET", "/nap", "", "");
    assert_eq!((status, &*text), (408, "that took too long"));
    // The layers see what the key refuses as well.
    let (status, head) = get("/nowhere/at/all", "Origin: https://elsewhere.example\r\n");
    assert!(status == 401 && head.contains("access-control-allow-origin: *"), "{head}");
    let key = "Authorization: Bearer sesame\r\n";
    assert_eq!(ask(&example.address, "POST", "/shutdown", key, "").0, 200);
    assert_eq!(example.ended(), Some(0));
}

#[test]
fn in_axum() {
    let example = example!("in_axum");
    let get = |path: &str| {
        let (status, _, body) = ask(&example.address, "GET", path, "", "");
        (status, body)
    };
    assert_eq!(get("/"), (200, "an axum program".to_owned()));
    let (status, body) = example.post("/api/greet", "Ada");
    assert!(status == 200 && body.contains("hello Ada from") && body.contains("127.0.0.1"), "{body}");
    assert_eq!(get("/api/orders/7"), (200, "order 7, as ever".to_owned()));
    assert_eq!(get("/api/orders/new"), (200, "this one has moved to the manager".to_owned()));
    assert_eq!(get("/api/orders/seven").0, 400, "axum's own words");
    assert_eq!(get("/api/nowhere").0, 404);
    assert_eq!(example.post("/api/shutdown", "").0, 403, "nobody knows who is on this machine");
    let (status, head, _) = ask(&example.address, "GET", "/api/orders/new/", "", "");
    assert!(status == 308 && head.contains("location: ../../orders/new\r\n"), "{head}");
    #[cfg(unix)]
    {
        let interrupt = Command::new("kill").args(["-INT", &example.child.id().to_string()]).status();
        assert!(interrupt.expect("kill is there").success());
        assert_eq!(example.ended(), Some(0));
    }
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
        env!("CARGO_BIN_EXE_counter"),
        env!("CARGO_BIN_EXE_library"),
        env!("CARGO_BIN_EXE_middleware"),
        env!("CARGO_BIN_EXE_replicas"),
        env!("CARGO_BIN_EXE_resources"),
        env!("CARGO_BIN_EXE_routes"),
        env!("CARGO_BIN_EXE_state"),
        env!("CARGO_BIN_EXE_topics"),
        env!("CARGO_BIN_EXE_tower"),
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
