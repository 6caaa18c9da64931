//! Clients that do too much of something: resets, frames that carry nothing, connections, requests.

use std::time::Duration;

use manager_runtime::prelude::*;

use crate::frames::{
    ACK, CONTINUATION, DATA, END_STREAM, Event, HEADERS, PING, PRIORITY, Peer, RST_STREAM,
    SETTINGS, WINDOW_UPDATE, field, frame, get as get2, post as post2, request, setting,
};
use crate::served::{Smuggled, manager, settled};
use crate::support::{Client, Gate, LIMIT, fetch, get, until, within};

/// Sends a frame over and over and reads what comes back, until the connection ends.
async fn flood(running: &Running, first: Vec<u8>, frame: &[u8]) -> usize {
    let peer = Peer::connect(running.addr(), []).await;
    let (mut reader, mut writer) = peer.stream.into_split();
    let reading = tokio::spawn(async move {
        let mut sink = tokio::io::sink();
        let _ = tokio::io::copy(&mut reader, &mut sink).await;
    });
    let many = frame.repeat(1_000);
    let mut sent = 0;
    use tokio::io::AsyncWriteExt;
    let _ = writer.write_all(&first).await;
    while sent < 1_000_000 && writer.write_all(&many).await.is_ok() {
        sent += 1_000;
    }
    drop(writer);
    reading.await.unwrap();
    sent
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn floods_of_frames_end_the_connection() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = manager(&gate, &Smuggled::default()).spawn().await.unwrap();
        let opened = post2(1, "/gate");
        for (name, first, one) in [
            ("PING (CVE-2019-9512)", vec![], frame(PING, 0, 0, [0; 8])),
            ("PONG", vec![], frame(PING, ACK, 0, [0; 8])),
            ("SETTINGS (CVE-2019-9515)", vec![], frame(SETTINGS, 0, 0, setting(3, 100))),
            (
                "SETTINGS of windows",
                vec![],
                [frame(SETTINGS, 0, 0, setting(4, 1)), frame(SETTINGS, 0, 0, setting(4, 70_000))]
                    .concat(),
            ),
            ("PRIORITY (CVE-2019-9513)", vec![], frame(PRIORITY, 0, 1, [0, 0, 0, 3, 9])),
            ("WINDOW_UPDATE", vec![], frame(WINDOW_UPDATE, 0, 0, [0, 0, 0, 1])),
            ("WINDOW_UPDATE of a stream", opened.clone(), frame(WINDOW_UPDATE, 0, 1, [0, 0, 0, 1])),
            ("empty DATA (CVE-2019-9518)", opened.clone(), frame(DATA, 0, 1, [])),
            (
                "empty CONTINUATION (CVE-2024-27316)",
                frame(HEADERS, END_STREAM, 1, request("GET", "/hello")),
                frame(CONTINUATION, 0, 1, []),
            ),
            (
                "CONTINUATION",
                frame(HEADERS, END_STREAM, 1, request("GET", "/hello")),
                frame(CONTINUATION, 0, 1, field("x-a", "b")),
            ),
            ("an unknown frame", vec![], frame(0xfa, 0, 0, [])),
        ] {
            let before = running.edge().floods;
            let sent = flood(&running, first, &one).await;
            assert!(sent < 1_000_000, "{name}: no end");
            until(name, || running.edge().floods > before || running.edge().connections == 0).await;
            assert_eq!(
                running.edge().floods,
                before + 1,
                "{name} after {sent}: {:?}",
                running.edge()
            );
            settled(&running).await;
        }
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_updates_its_windows_a_lot_while_it_reads_is_no_flood() {
    within(LIMIT, async {
        let running = manager(&Gate::new(), &Smuggled::default()).spawn().await.unwrap();
        let mut peer = Peer::connect(running.addr(), []).await;
        // Ten times 64 MiB, with two updates for each frame: 80 000 of them.
        for number in 0..10 {
            let stream = 2 * number + 1;
            peer.send(get2(stream, "/big")).await.unwrap();
            loop {
                match peer.event(Duration::from_secs(5)).await {
                    Event::Data { ends: true, .. } => break,
                    Event::Data { length, .. } => {
                        let by = (length as u32).to_be_bytes();
                        let both =
                            [frame(WINDOW_UPDATE, 0, 0, by), frame(WINDOW_UPDATE, 0, stream, by)];
                        peer.send(both.concat()).await.unwrap();
                    }
                    Event::Closed | Event::Silence => panic!("{:?}", running.edge()),
                    _ => {}
                }
            }
            // What the last piece took.
            peer.send(frame(WINDOW_UPDATE, 0, 0, 16_384_u32.to_be_bytes())).await.unwrap();
        }
        assert_eq!(running.edge().floods, 0);
        drop(peer);
        settled(&running).await;
        running.stop().await.unwrap();
    })
    .await;
}

/// CVE-2023-44487.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rapid_resets_end_the_connection() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = manager(&gate, &Smuggled::default()).spawn().await.unwrap();
        let reset = |stream| frame(RST_STREAM, 0, stream, 8_u32.to_be_bytes());

        // All at once: hardly any of them reaches a handler.
        let mut peer = Peer::connect(running.addr(), []).await;
        let all: Vec<u8> = (0..20_000)
            .flat_map(|number| [get2(2 * number + 1, "/gate"), reset(2 * number + 1)].concat())
            .collect();
        let _ = peer.send(&all).await;
        assert!(peer.until(|event| matches!(event, Event::Goaway(11) | Event::Closed)).await);
        until("the connection has ended", || running.edge().connections == 0).await;
        let edge = running.edge();
        assert_eq!(edge.floods + edge.resets, 1, "{edge:?}");
        let asked = gate.cut() + gate.inside();
        assert!(asked < 1_000, "{asked} of 20 000");

        // One after the other, each when it has been begun: a patient client gets a few hundred.
        let before = running.edge().resets;
        let mut peer = Peer::connect(running.addr(), []).await;
        let mut number = 0;
        let ended = loop {
            let stream = 2 * number + 1;
            let frames = [get2(stream, "/gate"), frame(PING, 0, 0, [0; 8])].concat();
            if peer.send(frames).await.is_err() || !peer.until(|event| *event == Event::Pong).await
            {
                break true;
            }
            let frames = [reset(stream), frame(PING, 0, 0, [0; 8])].concat();
            if peer.send(frames).await.is_err() || !peer.until(|event| *event == Event::Pong).await
            {
                break true;
            }
            number += 1;
            if number > 20_000 {
                break false;
            }
        };
        assert!(ended, "{number} and no end");
        assert!(number >= 400, "{number} are too few for a client that means no harm");
        assert_eq!(running.edge().resets, before + 1, "{number}: {:?}", running.edge());
        settled(&running).await;
        assert_eq!(gate.inside(), 0);
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_client_that_leaves_a_page_is_no_flood() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = manager(&gate, &Smuggled::default()).spawn().await.unwrap();
        let mut peer = Peer::connect(running.addr(), []).await;
        for page in 0..3 {
            let stream = |number: u32| 2 * (100 * page + number) + 1;
            for number in 0..100 {
                peer.send(get2(stream(number), "/gate")).await.unwrap();
            }
            gate.entered(100).await;
            for number in 0..100 {
                peer.send(frame(RST_STREAM, 0, stream(number), 8_u32.to_be_bytes())).await.unwrap();
            }
            gate.ended(100).await;
        }
        peer.send(get2(1_001, "/hello")).await.unwrap();
        assert!(peer.until(|event| *event == Event::Status(1_001, 200)).await);
        let edge = running.edge();
        assert_eq!((edge.resets, edge.floods), (0, 0));
        drop(peer);
        settled(&running).await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn one_address_has_only_so_many_connections() {
    within(LIMIT, async {
        let running = manager(&Gate::new(), &Smuggled::default())
            .with_connections_per_address(3)
            .spawn()
            .await
            .unwrap();
        let mut open = Vec::new();
        for _ in 0..3 {
            let mut client = Client::connect(running.addr()).await;
            assert_eq!(client.ask(get("/hello")).await.text(), "hello");
            open.push(client);
        }
        for _ in 0..10 {
            let mut refused = Client::connect(running.addr()).await;
            assert_eq!(refused.closed().await, b"", "closed without a word");
        }
        assert_eq!(running.edge().refused_connections, 10);
        assert_eq!(running.edge().connections, 3);
        // Another address has its own.
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
        let mut other = Client::over(socket.connect(running.addr()).await.unwrap());
        assert_eq!(other.ask(get("/hello")).await.text(), "hello");
        // Who leaves makes room.
        open.pop();
        until("there is room", || running.edge().connections == 3).await;
        assert_eq!(fetch(running.addr(), get("/hello")).await.text(), "hello");
        drop((open, other));
        settled(&running).await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_is_refused_is_counted() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = manager(&gate, &Smuggled::default())
            .with_max_requests(1)
            .with_streams(1)
            .spawn()
            .await
            .unwrap();
        let mut busy = Client::connect(running.addr()).await;
        busy.send(get("/gate")).await;
        gate.entered(1).await;
        assert_eq!(running.edge().requests, 1);
        assert_eq!(fetch(running.addr(), get("/hello")).await.status, 503);
        gate.open(1);
        assert_eq!(busy.answer().await.status, 200);
        let mut streaming = Client::connect(running.addr()).await;
        streaming.send(get("/late")).await;
        assert_eq!(streaming.head().await.status, 200);
        assert_eq!(running.edge().streams, 1);
        assert_eq!(fetch(running.addr(), get("/late")).await.status, 503);
        let edge = running.edge();
        assert_eq!((edge.refused_requests, edge.refused_streams), (1, 1));
        drop((busy, streaming));
        settled(&running).await;
        running.stop().await.unwrap();
    })
    .await;
}
