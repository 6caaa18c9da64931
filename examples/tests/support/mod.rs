//! Running an example as a user would, for the tests beside it and those of `features`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// A running example; killed if a test fails.
pub(crate) struct Example {
    pub(crate) child: Child,
    pub(crate) address: String,
}

impl Example {
    pub(crate) fn start(program: &str) -> Self {
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
            .find_map(|line| {
                let address = line.strip_prefix("listening on ")?;
                address.split_once("://").map(|(_, address)| address.to_owned())
            })
            .expect("it says where it listens");
        // Read on, so that the example never waits for somebody to read its log.
        thread::spawn(move || lines.for_each(drop));
        Example { child, address }
    }

    /// The status and the body of `POST path`.
    pub(crate) fn post(&self, path: &str, body: &str) -> (u16, String) {
        post(&self.address, path, body)
    }

    /// Stops it and says its exit status.
    pub(crate) fn stop(self) -> Option<i32> {
        assert_eq!(self.post("/shutdown", ""), (200, r#"{"status":"Shutting down"}"#.to_owned()));
        self.ended()
    }

    /// The exit status of one that was stopped.
    pub(crate) fn ended(mut self) -> Option<i32> {
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn post(address: &str, path: &str, body: &str) -> (u16, String) {
    let (status, _, body) = ask(address, "POST", path, "", body);
    (status, body)
}

/// The status, the head and the body of an answer.
pub(crate) fn ask(
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

macro_rules! example {
    ($name:literal) => {
        Example::start(env!(concat!("CARGO_BIN_EXE_", $name)))
    };
}
