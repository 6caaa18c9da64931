//! A stop under load, against a real process: nobody who was connected is left without an answer.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::shop::{Shop, shop};

const KEPT: usize = 160;
const ANEW: usize = 32;
const PATIENCE: Duration = Duration::from_secs(30);

/// What the clients have seen.
#[derive(Default)]
struct Seen {
    answers: AtomicUsize,
    stopped: AtomicBool,
}

/// Asks on one connection until an answer says that it is the last.
fn keep_asking(address: SocketAddr, seen: &Seen) -> Result<(), String> {
    let mut stream = connect(address).map_err(|error| format!("connect: {error}"))?;
    loop {
        let last = ask(&mut stream, "keep-alive")?;
        seen.answers.fetch_add(1, Ordering::Relaxed);
        if last {
            return Ok(());
        }
    }
}

/// Asks on a new connection each time, until the port refuses.
fn ask_anew(address: SocketAddr, seen: &Seen) -> Result<(), String> {
    while !seen.stopped.load(Ordering::Relaxed) {
        let mut stream = match connect(address) {
            Ok(stream) => stream,
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                seen.stopped.store(true, Ordering::Relaxed);
                return Ok(());
            }
            Err(error) => return Err(format!("connect anew: {error}")),
        };
        ask(&mut stream, "close")?;
        seen.answers.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// One request and its whole answer; whether it is the last of its connection.
fn ask(stream: &mut TcpStream, connection: &str) -> Result<bool, String> {
    let request = format!(
        "POST /greet HTTP/1.1\r\nHost: localhost\r\nConnection: {connection}\r\nContent-Length: 5\r\n\r\nhello"
    );
    stream.write_all(request.as_bytes()).map_err(|error| format!("write: {error}"))?;
    let mut answer = Vec::new();
    let mut piece = [0; 1024];
    loop {
        let text = String::from_utf8_lossy(&answer);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
            let length: usize = length.and_then(|text| text.parse().ok()).ok_or("no length")?;
            if body.len() >= length {
                let is_right = head.starts_with("http/1.1 200") && body.contains("hello");
                return if is_right {
                    Ok(head.contains("connection: close"))
                } else {
                    Err(text.into())
                };
            }
        }
        match stream.read(&mut piece) {
            Ok(0) => return Err(format!("closed after {} bytes of an answer", answer.len())),
            Ok(read) => answer.extend_from_slice(&piece[..read]),
            Err(error) => return Err(format!("read: {error}")),
        }
    }
}

/// Has it serve a load, ends it in this way, and says what went wrong.
fn round(shop: Shop, end: impl Fn(&Shop)) -> (usize, Vec<String>) {
    let (address, seen) = (shop.address, Seen::default());
    let failures = thread::scope(|scope| {
        let kept = (0..KEPT).map(|_| scope.spawn(|| keep_asking(address, &seen)));
        let anew = (0..ANEW).map(|_| scope.spawn(|| ask_anew(address, &seen)));
        let clients: Vec<_> = kept.collect::<Vec<_>>().into_iter().chain(anew).collect();
        let begun = Instant::now();
        while seen.answers.load(Ordering::Relaxed) < 2_000 {
            assert!(begun.elapsed() < PATIENCE, "the load does not begin");
            thread::sleep(Duration::from_millis(1));
        }
        end(&shop);
        let outcomes = clients.into_iter().map(|client| client.join().unwrap());
        outcomes.filter_map(Result::err).collect()
    });
    let ended = shop.ended();
    assert_eq!(ended.status, 0, "{}", ended.err);
    (seen.answers.into_inner(), failures)
}

type End = fn(&Shop);

#[test]
fn no_way_to_stop_it_loses_a_request() {
    let ways: [(&str, End); 3] = [
        ("SIGTERM", |shop| shop.signal("TERM")),
        ("SIGINT", |shop| shop.signal("INT")),
        ("POST /shutdown", |shop| {
            assert!(shop.post("/shutdown", "").ends_with(r#"{"status":"Shutting down"}"#));
        }),
    ];
    let mut address = None::<SocketAddr>;
    for turn in 0..5 {
        let (way, end) = ways[turn % ways.len()];
        // Each takes the port of the one before it, at once.
        let bind = address.map_or("127.0.0.1:0".to_owned(), |address| address.to_string());
        let shop = shop(&[]).env("MANAGER_BIND", &bind).listen();
        address = Some(shop.address);
        let (answers, failures) = round(shop, end);
        assert!(failures.is_empty(), "{way} after {answers} answers: {failures:?}");
    }
}
