//! Clients that keep the server waiting, in every way there is; each has its limit and its count, and leaves
//! nothing behind.

use std::time::{Duration, Instant};

use manager_runtime::prelude::*;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpSocket;

use crate::frames::{
    DATA, END_STREAM, Event, Peer, SETTINGS, WINDOW_UPDATE, frame, get as get2, post as post2,
    setting,
};
use crate::served::{BIG, Smuggled, manager, settled};
use crate::support::{Client, Gate, LIMIT, get, post, until, within};

const PATIENCE: Duration = Duration::from_secs(5);

async fn spawn(change: impl FnOnce(&mut Manager)) -> Running {
    let mut manager = manager(&Gate::new(), &Smuggled::default());
    manager.with_body_timeout("300ms");
    change(&mut manager);
    manager.spawn().await.unwrap()
}

/// A client whose buffer is small, so that it is soon full.
async fn narrow(running: &Running) -> Client {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 * 1024).unwrap();
    let stream = socket.connect(running.addr()).await.unwrap();
    Client::over(stream)
}

#[tokio::test]
async fn who_does_not_read_an_answer_is_not_waited_for() {
    within(LIMIT, async {
        let running = spawn(|_| {}).await;
        let mut client = narrow(&running).await;
        let begin = Instant::now();
        client.send(get("/big")).await;
        until("it is given up", || running.edge().slow_readers == 1).await;
        assert!(begin.elapsed() >= Duration::from_millis(300));
        // With the client still there.
        settled(&running).await;
        assert!(client.closed().await.len() < BIG, "the answer is not whole");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn who_reads_slowly_but_fast_enough_gets_all_of_it() {
    within(LIMIT, async {
        let running = spawn(|_| {}).await;
        let mut client = Client::connect(running.addr()).await;
        let begin = Instant::now();
        client.send(get("/big")).await;
        let head = client.head().await;
        assert_eq!(head.header("content-length"), Some(&*BIG.to_string()));
        let mut rest = BIG;
        let mut number = 0;
        while rest > 0 {
            let count = rest.min(2 * 1024 * 1024);
            assert!(client.exactly(count).await, "{rest} are missing");
            rest -= count;
            number += 1;
            if number % 4 == 0 {
                // Longer in all than any pause may be.
                tokio::time::sleep(Duration::from_millis(80)).await;
            }
        }
        assert!(begin.elapsed() > Duration::from_millis(500));
        assert_eq!(running.edge().slow_readers, 0);
        drop(client);
        settled(&running).await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn who_asks_and_asks_and_reads_nothing_is_not_waited_for() {
    within(LIMIT, async {
        let running = spawn(|_| {}).await;
        let mut client = narrow(&running).await;
        let many = get("/hello").repeat(1_000);
        let mut sent = 0;
        // What is not answered is not read: the buffers between the two are full at some point.
        while let Ok(Ok(())) = tokio::time::timeout(PATIENCE, client.stream.write_all(&many)).await
        {
            sent += many.len();
            assert!(sent < 1 << 30, "it reads without end");
        }
        until("it is given up", || running.edge().slow_readers == 1).await;
        settled(&running).await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_body_that_drips_is_not_waited_for() {
    within(LIMIT, async {
        let running = spawn(|manager| _ = manager.with_upload_limit("1MiB")).await;
        let mut client = Client::connect(running.addr()).await;
        let begin = Instant::now();
        client
            .send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n")
            .await;
        // Each pause is a third of what may be.
        let dripping = async {
            loop {
                client.send("x").await;
                tokio::time::sleep(Duration::from_millis(100)).await;
                if running.edge().slow_bodies > 0 {
                    break;
                }
            }
        };
        tokio::time::timeout(PATIENCE, dripping).await.expect("it ends");
        let took = begin.elapsed();
        assert!(took >= Duration::from_millis(500), "{took:?}");
        let answer = client.answer().await;
        assert_eq!(answer.status, 400);
        assert!(answer.text().contains("the body stalled"), "{}", answer.text());
        settled(&running).await;

        // The same on HTTP/2, where the connection goes on.
        let mut peer = Peer::connect(running.addr(), []).await;
        peer.send(post2(1, "/echo")).await.unwrap();
        let dripping = async {
            while running.edge().slow_bodies < 2 {
                peer.send(frame(DATA, 0, 1, "x")).await.unwrap();
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(PATIENCE, dripping).await.expect("it ends");
        assert!(peer.until(|event| *event == Event::Status(1, 400)).await);
        peer.send(get2(3, "/hello")).await.unwrap();
        assert!(peer.until(|event| *event == Event::Status(3, 200)).await);
        drop(peer);
        settled(&running).await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn slow_heads_and_idle_connections_are_counted() {
    within(LIMIT, async {
        let running = spawn(|manager| {
            manager.with_head_timeout("100ms").with_keep_alive("200ms");
        })
        .await;
        for sent in ["G", "PRI", "GET /hello HTTP/1.1\r\nHo"] {
            let mut client = Client::connect(running.addr()).await;
            client.send(sent).await;
            client.closed().await;
        }
        assert_eq!(running.edge().slow_heads, 3);
        // Silent from the beginning, after a request, and on HTTP/2.
        Client::connect(running.addr()).await.closed().await;
        let mut client = Client::connect(running.addr()).await;
        client.ask(get("/hello")).await;
        client.closed().await;
        let mut peer = Peer::connect(running.addr(), []).await;
        assert!(peer.until(|event| *event == Event::Closed).await);
        assert_eq!((running.edge().idle, running.edge().slow_heads), (3, 3));
        settled(&running).await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_connection_that_rests_is_as_good_as_before() {
    within(LIMIT, async {
        let running = spawn(|_| {}).await;
        let mut client = Client::connect(running.addr()).await;
        for _ in 0..2 {
            assert_eq!(client.ask(get("/hello")).await.text(), "hello");
            // Its buffers are given back after 200 ms.
            tokio::time::sleep(Duration::from_millis(400)).await;
        }
        // The start of a request that came in one piece with the one before.
        let (one, two) = (get("/hello"), post("/echo", vec![b'x'; 3_000]));
        client.send([&one[..], &two[..30]].concat()).await;
        assert_eq!(client.answer().await.text(), "hello");
        tokio::time::sleep(Duration::from_millis(400)).await;
        client.send(&two[30..]).await;
        assert_eq!(client.answer().await.text(), "x".repeat(3_000));
        // A stop is heard while it rests.
        tokio::time::sleep(Duration::from_millis(400)).await;
        assert_eq!(running.edge().connections, 1);
        running.stop().await.unwrap();
        assert_eq!(client.closed().await, b"");
    })
    .await;
}

/// A connection that rested becomes a WebSocket, and then has times of its own.
#[cfg(feature = "ws")]
#[tokio::test]
async fn a_connection_that_rested_becomes_something_else() {
    within(LIMIT, async {
        let running = spawn(|manager| _ = manager.with_keep_alive("600ms")).await;
        let mut client = Client::connect(running.addr()).await;
        assert_eq!(client.ask(get("/hello")).await.text(), "hello");
        tokio::time::sleep(Duration::from_millis(400)).await;
        let handshake = "GET /twice HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        client.send(handshake).await;
        assert_eq!(client.head().await.status, 101);
        for _ in 0..2 {
            // A text of two bytes, masked with zeros.
            client.send(b"\x81\x82\0\0\0\0hi").await;
            assert_eq!(client.bytes(8).await.unwrap().unwrap(), b"\x81\x02hi\x81\x02hi");
            tokio::time::sleep(Duration::from_millis(900)).await;
        }
        assert_eq!(running.edge().idle, 0);
        drop(client);
        settled(&running).await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_window_that_stays_closed_resets_the_stream() {
    within(LIMIT, async {
        let running = spawn(|_| {}).await;
        // INITIAL_WINDOW_SIZE of nothing.
        let mut peer = Peer::connect(running.addr(), setting(4, 0)).await;
        for (stream, path) in [(1, "/big"), (3, "/hello"), (5, "/late")] {
            peer.send(get2(stream, path)).await.unwrap();
            assert!(peer.until(|event| *event == Event::Status(stream, 200)).await);
            let begin = Instant::now();
            assert!(
                peer.until(|event| matches!(event, Event::Reset(number, _) if *number == stream))
                    .await,
                "{path}"
            );
            assert!(begin.elapsed() >= Duration::from_millis(250), "{path}: {:?}", begin.elapsed());
        }
        assert_eq!(running.edge().slow_readers, 3);
        assert_eq!(running.edge().streams, 0);
        drop(peer);
        settled(&running).await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_window_that_opens_byte_by_byte_resets_the_stream() {
    within(LIMIT, async {
        let running = spawn(|_| {}).await;
        let mut peer = Peer::connect(running.addr(), setting(4, 1)).await;
        peer.send(get2(1, "/big")).await.unwrap();
        let begin = Instant::now();
        let reset = loop {
            match peer.event(Duration::from_millis(50)).await {
                Event::Reset(1, _) => break true,
                Event::Closed => break false,
                _ => _ = peer.send(frame(WINDOW_UPDATE, 0, 1, [0, 0, 0, 1])).await,
            }
            if begin.elapsed() > PATIENCE {
                break false;
            }
        };
        assert!(reset, "{:?}", running.edge());
        assert_eq!(running.edge().slow_readers, 1);
        drop(peer);
        settled(&running).await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_end_of_an_answer_that_nobody_takes_ends_the_connection() {
    within(LIMIT, async {
        let running = spawn(|_| {}).await;
        // Room for a part of it: the rest lies ready, and nothing is left to hand over.
        let mut peer = Peer::connect(running.addr(), setting(4, 3)).await;
        peer.send(get2(1, "/hello")).await.unwrap();
        assert!(peer.until(|event| matches!(event, Event::Data { length: 3, .. })).await);
        assert!(peer.until(|event| *event == Event::Closed).await);
        assert_eq!(running.edge().slow_readers, 1);
        settled(&running).await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_client_of_http2_that_reads_nothing_at_all_is_not_waited_for() {
    within(LIMIT, async {
        let running = spawn(|_| {}).await;
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4 * 1024).unwrap();
        let mut stream = socket.connect(running.addr()).await.unwrap();
        let wide = (1_u32 << 31) - 1;
        let mut bytes = crate::frames::PREFACE.to_vec();
        bytes.extend(frame(SETTINGS, 0, 0, setting(4, wide)));
        bytes.extend(frame(WINDOW_UPDATE, 0, 0, (wide - 65_535).to_be_bytes()));
        bytes.extend(get2(1, "/big"));
        stream.write_all(&bytes).await.unwrap();
        until("it is given up", || running.edge().slow_readers >= 1).await;
        settled(&running).await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_waits_for_the_server_is_not_the_clients_fault() {
    within(LIMIT, async {
        let running = spawn(|_| {}).await;
        let mut client = Client::connect(running.addr()).await;
        client.send(get("/late")).await;
        client.head().await;
        assert_eq!(client.chunk().await.unwrap().as_deref(), Some("early,"));
        assert_eq!(client.chunk().await.unwrap().as_deref(), Some("late"));
        assert_eq!(client.chunk().await.unwrap(), None);
        let mut peer = Peer::connect(running.addr(), []).await;
        peer.send(get2(1, "/late")).await.unwrap();
        let ends = |event: &Event| matches!(event, Event::Data { stream: 1, ends: true, .. });
        assert!(peer.until(ends).await);
        // A handler that takes its time before it reads is none either.
        peer.send(post2(3, "/echo")).await.unwrap();
        peer.send(frame(DATA, END_STREAM, 3, "x")).await.unwrap();
        assert!(peer.until(|event| *event == Event::Status(3, 200)).await);
        let edge = running.edge();
        assert_eq!((edge.slow_readers, edge.slow_bodies), (0, 0));
        drop((client, peer));
        settled(&running).await;
        running.stop().await.unwrap();
    })
    .await;
}
