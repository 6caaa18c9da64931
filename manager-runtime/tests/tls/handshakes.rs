//! Clients that open TLS slowly, in part, or not at all: they end, and nobody else notices.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use manager_runtime::prelude::*;
use rustls::ClientConnection;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::caller::Caller;
use crate::pki::{Authority, Folder};
use crate::support::{Client, LIMIT, get, within};

#[handler(get = "/hello")]
async fn shake_hello() -> &'static str {
    "hello"
}

async fn serve(authority: &Authority, change: impl FnOnce(&mut Manager)) -> Running {
    let folder = Folder::new();
    let (cert, key) = folder.write_pair(&authority.server("own"));
    let mut manager = Manager::empty();
    manager.add::<shake_hello>().with_bind("127.0.0.1:0").with_tls(cert, key);
    change(&mut manager);
    manager.spawn().await.unwrap()
}

/// The hello of a client, as it is sent.
fn hello() -> Vec<u8> {
    let mut client = client();
    let mut bytes = Vec::new();
    client.write_tls(&mut bytes).unwrap();
    bytes
}

fn client() -> ClientConnection {
    let name = ServerName::try_from("localhost").unwrap();
    ClientConnection::new(Caller::careless().config(), name).unwrap()
}

/// Connections that do not come to an end by themselves: silent ones, halves of a hello, a hello and nothing
/// after it, a record that promises more than comes.
async fn crowd(address: SocketAddr, each: usize) -> Vec<Client> {
    let whole = hello();
    let half = whole[..whole.len() / 2].to_vec();
    let mut crowd = Vec::new();
    for bytes in [vec![], vec![22], half, whole, vec![22, 3, 1, 0x3f, 0xff, 1, 0, 0x3f, 0xfb]] {
        for _ in 0..each {
            let mut client = Client::connect(address).await;
            client.send(&bytes).await;
            crowd.push(client);
        }
    }
    crowd
}

#[tokio::test]
async fn a_crowd_that_says_little_delays_nobody() {
    within(LIMIT, async {
        let authority = Authority::new("test authority");
        let running = serve(&authority, |_| ()).await;
        let caller = Caller::trusting(&authority.pem());
        let ask = async || {
            let begun = Instant::now();
            let mut client = caller.connect(running.addr()).await;
            assert_eq!(client.ask(get("/hello")).await.text(), "hello");
            begun.elapsed()
        };
        ask().await;
        let crowd = crowd(running.addr(), 60).await;
        for _ in 0..5 {
            let took = ask().await;
            assert!(took < Duration::from_secs(2), "with {} others: {took:?}", crowd.len());
        }
        drop(crowd);
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn garbage_is_refused_at_once() {
    within(LIMIT, async {
        let authority = Authority::new("test authority");
        // Not by the limit.
        let running = serve(&authority, |manager| _ = manager.with_handshake_timeout("1h")).await;
        let mut odd = hello();
        odd[5] = 99;
        let alert = [21, 3, 3, 0, 2, 2, 40];
        for bytes in [vec![0; 64], vec![22, 9, 9, 0, 5, 1, 2, 3, 4, 5], alert.to_vec(), odd] {
            let mut client = Client::connect(running.addr()).await;
            client.send(&bytes).await;
            let said = client.closed().await;
            // An alert, or nothing.
            assert!(said.is_empty() || said[0] == 21, "{bytes:?}: {said:?}");
        }
        // Noise that never ends is not read to its end.
        let mut client = Client::connect(running.addr()).await;
        let noise: Vec<u8> =
            (0..65_536_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8 | 128).collect();
        while client.try_send(&noise).await.is_ok() {}
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_handshake_has_a_limit() {
    within(LIMIT, async {
        let authority = Authority::new("test authority");
        let running = serve(&authority, |it| _ = it.with_handshake_timeout("300ms")).await;
        let begun = Instant::now();
        let crowd = crowd(running.addr(), 3).await;
        for mut client in crowd {
            client.closed().await;
        }
        let took = begun.elapsed();
        assert!(took >= Duration::from_millis(300), "too early: {took:?}");
        assert!(took < Duration::from_secs(5), "too late: {took:?}");

        // The limit is one of the whole: who sends a byte now and then has no more time.
        let mut slow = Client::connect(running.addr()).await;
        let mut sent = 0;
        for byte in hello().iter().cycle() {
            if slow.try_send([*byte]).await.is_err() {
                break;
            }
            sent += 1;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(sent < 200, "{sent} bytes");
        // Once it is open, other limits count.
        let mut client = Caller::trusting(&authority.pem()).connect(running.addr()).await;
        tokio::time::sleep(Duration::from_millis(400)).await;
        assert_eq!(client.ask(get("/hello")).await.text(), "hello");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_drain_ends_what_has_not_begun_and_not_who_is_about_to_ask() {
    within(LIMIT, async {
        let authority = Authority::new("test authority");
        let running = serve(&authority, |_| ()).await;
        let address = running.addr();
        let mut crowd = crowd(address, 3).await;

        // One that has the server's part of the handshake, and has still to send its own.
        let mut session = client();
        let mut stream = TcpStream::connect(address).await.unwrap();
        let mut bytes = Vec::new();
        session.write_tls(&mut bytes).unwrap();
        stream.write_all(&bytes).await.unwrap();
        while session.is_handshaking() && !session.wants_write() {
            take(&mut session, &mut stream).await;
        }

        let begun = Instant::now();
        let stopping = tokio::spawn(running.stop());
        // While it serves out its queue the kernel answers nobody new, and then the port is closed.
        let try_again = || timeout(Duration::from_millis(20), TcpStream::connect(address));
        while !matches!(try_again().await, Ok(Err(_))) {}
        session.writer().write_all(&get("/hello")).unwrap();
        let mut bytes = Vec::new();
        while session.wants_write() {
            session.write_tls(&mut bytes).unwrap();
        }
        stream.write_all(&bytes).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"hello") {
            take(&mut session, &mut stream).await;
            let mut piece = [0; 1024];
            if let Ok(count) = session.reader().read(&mut piece) {
                assert!(count > 0, "it ended without an answer");
                answer.extend_from_slice(&piece[..count]);
            }
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 "));
        for client in &mut crowd {
            client.closed().await;
        }
        // Far below both the limit of a handshake and that of the drain.
        stopping.await.unwrap().unwrap();
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    })
    .await;
}

/// Reads what the server has sent.
async fn take(session: &mut ClientConnection, stream: &mut TcpStream) {
    let mut bytes = [0; 4096];
    let count = stream.read(&mut bytes).await.unwrap();
    assert!(count > 0, "the server has closed");
    let mut bytes = &bytes[..count];
    while !bytes.is_empty() {
        session.read_tls(&mut bytes).unwrap();
        session.process_new_packets().unwrap();
    }
}
