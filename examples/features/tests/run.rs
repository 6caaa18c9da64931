//! Runs every example as a user would: the binary, a port, requests, a stop.

#![allow(missing_docs, reason = "tests")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::thread;
use std::time::Duration;

use support::{Example, ask};

#[macro_use]
#[path = "../../tests/support/mod.rs"]
mod support;

#[test]
fn chat() {
    let example = example!("chat");
    let mut guests: Vec<TcpStream> = (0..2).map(|_| guest(&example.address)).collect();
    // A final frame of text, five bytes under a mask of zeros (RFC 6455, section 5.2).
    guests[0].write_all(b"\x81\x85\0\0\0\0hello").expect("it reads");
    for guest in &mut guests {
        let mut heard = [0; 7];
        guest.read_exact(&mut heard).expect("it sends");
        assert_eq!(&heard, b"\x81\x05hello");
    }
    let (status, _, heard_by) = ask(&example.address, "POST", "/say", "", "bye");
    assert_eq!((status, &*heard_by), (200, "2"));
    // Before the stop: a loop that ends sends no more of what it has heard.
    for guest in &mut guests {
        let mut heard = [0; 5];
        guest.read_exact(&mut heard).expect("it sends");
        assert_eq!(&heard, b"\x81\x03bye");
    }
    // The drain closes with 1001, and waits for the answers.
    let stopping = thread::spawn(move || example.stop());
    for guest in &mut guests {
        let mut heard = [0; 4];
        guest.read_exact(&mut heard).expect("it sends");
        assert_eq!(&heard, b"\x88\x02\x03\xe9");
        guest.write_all(b"\x88\x82\0\0\0\0\x03\xe9").expect("it reads");
    }
    assert_eq!(stopping.join().ok(), Some(Some(0)));
}

/// An open WebSocket to the chat.
fn guest(address: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("it accepts connections");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout can be set");
    let request = format!(
        "GET /chat HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("it answers");
        head.push(byte[0]);
    }
    assert!(head.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&head));
    stream
}

#[test]
fn tower() {
    let example = example!("tower");
    let get = |path: &str, headers: &str| {
        let (status, head, _) = ask(&example.address, "GET", path, headers, "");
        (status, head)
    };
    let (status, head) =
        get("/poem", "Accept-Encoding: gzip\r\nOrigin: https://elsewhere.example\r\n");
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
    assert!(
        status == 200 && body.contains("hello Ada from") && body.contains("127.0.0.1"),
        "{body}"
    );
    assert_eq!(get("/api/orders/7"), (200, "order 7, as ever".to_owned()));
    assert_eq!(get("/api/orders/new"), (200, "this one has moved to the manager".to_owned()));
    assert_eq!(get("/api/orders/seven").0, 400, "axum's own words");
    assert_eq!(get("/api/nowhere").0, 404);
    assert_eq!(example.post("/api/shutdown", "").0, 403, "nobody knows who is on this machine");
    #[cfg(unix)]
    {
        let interrupt =
            Command::new("kill").args(["-INT", &example.child.id().to_string()]).status();
        assert!(interrupt.expect("kill is there").success());
        assert_eq!(example.ended(), Some(0));
    }
}

#[test]
fn tls() {
    let example = example!("tls");
    let (status, _, said) = ask(&example.address, "POST", "/hello", "", "Ada");
    assert!(status == 400 && said.contains("this port speaks TLS"), "{said}");
    let url = |path: &str| format!("https://{}{path}", example.address);
    let curl = |arguments: &[&str]| {
        let ended = Command::new("curl").args(["-skS"]).args(arguments).output().ok()?;
        Some(String::from_utf8_lossy(&ended.stdout).into_owned())
    };
    match curl(&["-d", "Ada", &url("/hello")]) {
        Some(said) => {
            assert_eq!(said, r#"{"status":"Ok","message":"hello Ada"}"#);
            let stopped = curl(&["-X", "POST", &url("/shutdown")]);
            assert_eq!(stopped.as_deref(), Some(r#"{"status":"Shutting down"}"#));
            assert_eq!(example.ended(), Some(0));
        }
        None => eprintln!("SKIPPED: what is said over TLS, for `curl` is not here"),
    }
}

#[test]
fn every_example_checks_clean() {
    let programs =
        [env!("CARGO_BIN_EXE_chat"), env!("CARGO_BIN_EXE_tls"), env!("CARGO_BIN_EXE_tower")];
    for program in programs {
        for command in ["check", "routes"] {
            let ended = Command::new(program).arg(command).env_clear().output().expect("it runs");
            let text = String::from_utf8_lossy(&ended.stdout);
            assert_eq!(ended.status.code(), Some(0), "{program} {command}:\n{text}");
        }
    }
}
