//! A download in the middle of a stop: it comes to its end, or to the limit.

use std::time::Duration;

use manager_runtime::prelude::*;
use tokio::io::AsyncReadExt;

use crate::served::{BIG, Smuggled, manager};
use crate::support::{Client, Gate, LIMIT, fails, get, within};

/// Asks for more than all buffers hold, and reads up to the end of the head and a little more.
async fn begun(running: &Running) -> (Client, usize) {
    let mut client = Client::connect(running.addr()).await;
    client.send(get("/big")).await;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 200 "), "{head}");
    assert!(head.contains(&format!("content-length: {BIG}\r\n")), "{head}");
    let mut some = vec![0; 100_000];
    let read = client.stream.read_exact(&mut some).await.unwrap();
    (client, read)
}

#[tokio::test]
async fn a_download_comes_to_its_end() {
    within(LIMIT, async {
        let running = manager(&Gate::new(), &Smuggled::default()).spawn().await.unwrap();
        let (mut client, mut read) = begun(&running).await;
        let stopping = tokio::spawn(running.stop());
        // Longer than an idle connection would be left.
        tokio::time::sleep(Duration::from_millis(400)).await;
        assert!(!stopping.is_finished(), "it does not wait for the download");
        let mut piece = vec![0; 1024 * 1024];
        loop {
            match client.stream.read(&mut piece).await.unwrap() {
                0 => break,
                more => read += more,
            }
        }
        assert_eq!(read, BIG);
        stopping.await.unwrap().unwrap();
    })
    .await;
}

#[tokio::test]
async fn one_that_takes_too_long_is_cut_and_is_seen_to_be() {
    within(LIMIT, async {
        let mut manager = manager(&Gate::new(), &Smuggled::default());
        let running = manager.with_drain("300ms").spawn().await.unwrap();
        let (mut client, mut read) = begun(&running).await;
        fails(running.stop().await, Kind::Timeout);
        let mut piece = vec![0; 1024 * 1024];
        // What lies in the buffers still comes; then it ends before its length.
        while let Ok(more @ 1..) = client.stream.read(&mut piece).await {
            read += more;
        }
        assert!(read < BIG, "all {read} bytes came");
    })
    .await;
}
