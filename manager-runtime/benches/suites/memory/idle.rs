//! What idle connections cost a server, and what is left of them when they have gone.
//!
//! The server is a process of its own, so that nothing else is in its memory; the connections are made by
//! this one.

use std::io::{Read, Write};
use std::time::Duration;

use manager_bench::child::{Server, this_program};
use manager_bench::process;
use manager_runtime::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How many connections there are.
const CONNECTIONS: usize = 10_000;

/// Longer than a connection stays ready for its next request.
const REST: Duration = Duration::from_secs(2);

#[handler(get = "/hello")]
async fn hello() -> &'static str {
    "hello"
}

/// How many bytes are allocated.
#[handler(get = "/held")]
async fn held() -> String {
    let stats = crate::ALLOCATOR.stats();
    (stats.bytes_allocated as i64 - stats.bytes_deallocated as i64).to_string()
}

/// What a connection has seen before it idles.
#[derive(Clone, Copy)]
enum Shape {
    Silent,
    OneRequest,
    ManyRequests,
    Http2,
}

/// Serves until standard input ends.
pub(crate) fn serve() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let running = runtime
        .block_on(async {
            Manager::empty()
                .add::<hello>()
                .add::<held>()
                .with_bind("127.0.0.1:0")
                .with_connections_per_address(2 * CONNECTIONS)
                .with_keep_alive("10m")
                .spawn()
                .await
        })
        .expect("the manager starts");
    println!("{}", running.addr());
    let mut rest = Vec::new();
    let _ = std::io::stdin().lock().read_to_end(&mut rest);
}

/// Prints the table.
pub(crate) fn table() {
    println!("\n{CONNECTIONS} idle connections, the resident memory of the server");
    println!(
        "  {:<26} {:>9} {:>9} {:>11} {:>10} {:>14} {:>11} {:>14} {:>12}",
        "",
        "allocated",
        "resident",
        "MiB before",
        "with them",
        "without again",
        "with again",
        "held after it",
        "descriptors"
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    for (name, shape) in [
        ("silent", Shape::Silent),
        ("after one request", Shape::OneRequest),
        ("after 20 requests", Shape::ManyRequests),
        ("HTTP/2, after one request", Shape::Http2),
    ] {
        runtime.block_on(measure(name, shape));
    }
}

async fn measure(name: &str, shape: Shape) {
    let server = Server::start(this_program(None), &["serve"]);
    // Everything has run once.
    for shape in [Shape::OneRequest, Shape::Http2] {
        drop(open(&server.address, shape).await);
    }
    tokio::time::sleep(REST).await;
    let held_before = held_by(&server.address).await;
    let (before, descriptors) = (process::resident(server.pid()), descriptors(server.pid()));
    let idle = open_all(&server.address, shape).await;
    let with = process::resident(server.pid());
    let held = held_by(&server.address).await - held_before;
    close_all(&server.address, idle).await;
    let after = process::resident(server.pid());
    let idle = open_all(&server.address, shape).await;
    let again = process::resident(server.pid());
    close_all(&server.address, idle).await;
    let kept = held_by(&server.address).await - held_before;
    let left = self::descriptors(server.pid()) as i64 - descriptors as i64;
    let mebibytes = |bytes: u64| bytes as f64 / (1 << 20) as f64;
    println!(
        "  {name:<26} {:>9} {:>9} {:>11.1} {:>10.1} {:>14.1} {:>11.1} {:>14} {:>12}",
        held / CONNECTIONS as i64,
        with.saturating_sub(before) / CONNECTIONS as u64,
        mebibytes(before),
        mebibytes(with),
        mebibytes(after),
        mebibytes(again),
        kept,
        format!("{left:+}"),
    );
    let _ = std::io::stdout().flush();
}

async fn open_all(address: &str, shape: Shape) -> Vec<TcpStream> {
    let mut idle = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        idle.push(open(address, shape).await);
    }
    tokio::time::sleep(REST).await;
    idle
}

/// Closes them, and goes on a little as every server does: an allocator keeps what was freed last at hand.
async fn close_all(address: &str, idle: Vec<TcpStream>) {
    drop(idle);
    tokio::time::sleep(REST).await;
    for _ in 0..500 {
        drop(open(address, Shape::OneRequest).await);
    }
    tokio::time::sleep(REST).await;
}

/// How many bytes the server has allocated.
async fn held_by(address: &str) -> i64 {
    let mut stream = TcpStream::connect(address).await.expect("the server accepts");
    let request = "GET /held HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.expect("the server reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer.rsplit("\r\n").next().and_then(|held| held.parse().ok()).expect("a number")
}

async fn open(address: &str, shape: Shape) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("the server accepts");
    match shape {
        Shape::Silent => {}
        Shape::OneRequest => ask(&mut stream).await,
        Shape::ManyRequests => {
            for _ in 0..20 {
                ask(&mut stream).await;
            }
        }
        Shape::Http2 => ask_http2(&mut stream).await,
    }
    stream
}

async fn ask(stream: &mut TcpStream) {
    // About as long as what a browser sends.
    const REQUEST: &str = concat!(
        "GET /hello HTTP/1.1\r\nHost: localhost\r\n",
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n",
        "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n",
        "Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\n\r\n",
    );
    stream.write_all(REQUEST.as_bytes()).await.expect("the server reads");
    let mut answer = Vec::new();
    while !answer.ends_with(b"hello") {
        assert!(stream.read_buf(&mut answer).await.expect("an answer") > 0, "the server closed");
    }
}

/// One request in frames: `:method GET`, `:scheme http`, `:path` and `:authority`.
async fn ask_http2(stream: &mut TcpStream) {
    let mut request = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec();
    let block = b"\x82\x86\x04\x06/hello\x01\x09localhost";
    request.extend([0, 0, block.len() as u8, 1, 5, 0, 0, 0, 1]);
    request.extend(block);
    stream.write_all(&request).await.expect("the server reads");
    let mut answer = Vec::new();
    while !answer.ends_with(b"hello") {
        assert!(stream.read_buf(&mut answer).await.expect("an answer") > 0, "the server closed");
    }
    // Its settings are acknowledged, as every client does.
    stream.write_all(b"\0\0\0\x04\x01\0\0\0\0").await.expect("the server reads");
}

fn descriptors(pid: u32) -> usize {
    std::fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count)
}
