//! How long a program takes from its start to its first answer.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use manager_bench::measure::{Scale, median};
use manager_bench::process;

/// What was seen of the start of a program.
pub(crate) struct Started {
    pub(crate) millis: f64,
    /// The memory after the first answer, in bytes.
    pub(crate) resident: f64,
}

/// Starts a program some times, each time until it has answered.
pub(crate) fn first_answer(program: &Path, scale: Scale) -> Started {
    let starts: Vec<Started> = (0..scale.rounds).map(|_| once(program)).collect();
    Started {
        millis: median(starts.iter().map(|one| one.millis)),
        resident: median(starts.iter().map(|one| one.resident)),
    }
}

fn once(program: &Path) -> Started {
    let address = free_address();
    let begun = Instant::now();
    let child = Command::new(program)
        .env("BIND", &address)
        .env("MANAGER_BIND", &address)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program can be started");
    let child = Killed(child);
    let mut stream = loop {
        match TcpStream::connect(&address) {
            Ok(stream) => break stream,
            Err(error) => {
                assert!(begun.elapsed() < Duration::from_secs(60), "it does not listen: {error}");
                std::thread::sleep(Duration::from_micros(100));
            }
        }
    };
    let request = b"GET /hello HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n";
    stream.write_all(request).expect("the server reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the server answers");
    let millis = begun.elapsed().as_secs_f64() * 1e3;
    assert!(answer.ends_with("hello"), "another answer: {answer}");
    Started { millis, resident: process::resident(child.0.id()) as f64 }
}

/// An address that was free a moment ago.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it has an address").to_string()
}

/// A process that ends with this.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
