//! The limits of a connection and of a request, each with what the client reads.

use std::time::{Duration, Instant};

use manager_runtime::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Client, Gate, LIMIT, fetch, get, post, request, until, within};

#[handler]
async fn limit_length(bytes: Bytes) -> String {
    bytes.len().to_string()
}

#[handler(body_limit = "10B")]
async fn limit_ten(bytes: Bytes) -> String {
    bytes.len().to_string()
}

#[handler(post = "/limits/route", put = "/limits/{id}", body_limit = "10B")]
async fn limit_route(_: Option<Path<String>>, bytes: Bytes) -> String {
    bytes.len().to_string()
}

#[handler(body_limit = "4MiB")]
async fn limit_large(bytes: Bytes) -> String {
    bytes.len().to_string()
}

#[handler(replicas = 4)]
async fn limit_gate(gate: Res<Gate>) {
    gate.pass().await;
}

fn manager(gate: &Gate) -> Manager {
    let mut manager = Manager::empty();
    manager
        .add::<limit_length>()
        .add::<limit_ten>()
        .add::<limit_route>()
        .add::<limit_large>()
        .add::<limit_gate>()
        .provide(gate.clone())
        .with_bind("127.0.0.1:0");
    manager
}

async fn still_good(running: &Running) {
    assert_eq!(fetch(running.addr(), post("/limit_length", "four")).await.message(), "4");
}

fn chunked(path: &str, pieces: &[&[u8]]) -> Vec<u8> {
    let mut bytes =
        format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
            .into_bytes();
    for piece in pieces {
        bytes.extend(format!("{:x}\r\n", piece.len()).bytes());
        bytes.extend_from_slice(piece);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    bytes
}

#[tokio::test]
async fn a_body_that_is_announced_too_long_is_refused_before_it_is_read() {
    within(LIMIT, async {
        let running = manager(&Gate::new()).spawn().await.unwrap();
        let two = 2 * 1024 * 1024;
        for (path, length, status) in [
            ("/limit_length", two + 1, 413),
            ("/limit_length", usize::MAX / 4, 413),
            ("/limit_ten", 11, 413),
            ("/limit_large", 2 * two + 1, 413),
        ] {
            let mut client = Client::connect(running.addr()).await;
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
            );
            client.send(head).await;
            let answer = client.answer().await;
            assert!(!answer.refusal(status).is_empty());
            assert!(answer.closes());
            still_good(&running).await;
        }
        // The limit itself is allowed.
        for (path, length) in
            [("/limit_length", two), ("/limit_ten", 10), ("/limit_large", 2 * two)]
        {
            let answer = fetch(running.addr(), post(path, vec![b'x'; length])).await;
            assert_eq!(answer.message(), length.to_string());
        }
        let running = manager(&Gate::new()).with_body_limit("1KiB").spawn().await.unwrap();
        assert_eq!(
            fetch(running.addr(), post("/limit_length", vec![b'x'; 1024])).await.message(),
            "1024"
        );
        fetch(running.addr(), post("/limit_length", vec![b'x'; 1025])).await.refusal(413);
        // A handler's own limit counts, smaller or larger.
        fetch(running.addr(), post("/limit_ten", vec![b'x'; 11])).await.refusal(413);
        assert_eq!(
            fetch(running.addr(), post("/limit_large", vec![b'x'; 5000])).await.message(),
            "5000"
        );
    })
    .await;
}

#[tokio::test]
async fn a_route_has_the_limit_of_its_handler() {
    within(LIMIT, async {
        let running = manager(&Gate::new()).spawn().await.unwrap();
        for line in ["POST /limits/route", "PUT /limits/7"] {
            let mut client = Client::connect(running.addr()).await;
            // Announced and never sent.
            client
                .send(format!("{line} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\n\r\n"))
                .await;
            let answer = client.answer().await;
            assert_eq!((answer.status, answer.closes()), (413, true), "{line}");
            assert_eq!(fetch(running.addr(), request(line, "", "0123456789")).await.text(), "10");
        }
        let counted = fetch(running.addr(), chunked("/limits/route", &[b"012345", b"67890"])).await;
        assert_eq!(counted.status, 413);
        let counted = fetch(running.addr(), chunked("/limits/route", &[b"01234", b"56789"])).await;
        assert_eq!(counted.text(), "10");
        still_good(&running).await;
    })
    .await;
}

#[tokio::test]
async fn a_body_that_is_not_announced_is_counted() {
    within(LIMIT, async {
        let running = manager(&Gate::new()).spawn().await.unwrap();
        for pieces in [&[&b"01234567890"[..]][..], &[b"012345", b"67890"], &[&b"0"[..]; 11]] {
            let answer = fetch(running.addr(), chunked("/limit_ten", pieces)).await;
            answer.refusal(413);
            still_good(&running).await;
        }
        for pieces in [&[][..], &[&b"0123456789"[..]], &[b"01234", b"56789"], &[&b"0"[..]; 10]] {
            let answer = fetch(running.addr(), chunked("/limit_ten", pieces)).await;
            let length: usize = pieces.iter().map(|piece| piece.len()).sum();
            assert_eq!(answer.message(), length.to_string());
        }
    })
    .await;
}

#[tokio::test]
async fn a_client_that_keeps_sending_reads_why_it_was_refused() {
    within(LIMIT, async {
        let running = manager(&Gate::new()).spawn().await.unwrap();
        // So much stands in no socket buffer, and more than is read on.
        for extra in [40 * 1024, 1024 * 1024, 16 * 1024 * 1024] {
            let length = 3 * 1024 * 1024 + extra;
            let head = format!(
                "POST /limit_length HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
            );
            let client = Client::connect(running.addr()).await;
            let (mut reader, mut writer) = client.stream.into_split();
            let writing = tokio::spawn(async move {
                let _ = writer.write_all(head.as_bytes()).await;
                let piece = vec![b'x'; 64 * 1024];
                let mut rest = length;
                while rest > 0 {
                    let count = rest.min(piece.len());
                    if writer.write_all(&piece[..count]).await.is_err() {
                        break;
                    }
                    rest -= count;
                }
            });
            let mut text = Vec::new();
            // The reset may come after the answer.
            let mut piece = [0; 1024];
            while let Ok(count @ 1..) = reader.read(&mut piece).await {
                text.extend_from_slice(&piece[..count]);
            }
            writing.await.unwrap();
            let text = String::from_utf8_lossy(&text);
            assert!(text.starts_with("HTTP/1.1 413 "), "{extra}: {text:?}");
            still_good(&running).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_client_that_sends_a_little_too_much_before_it_reads_gets_the_whole_answer() {
    within(LIMIT, async {
        let running = manager(&Gate::new()).spawn().await.unwrap();
        for _ in 0..20 {
            let mut client = Client::connect(running.addr()).await;
            client.send(post("/limit_ten", vec![b'x'; 32 * 1024])).await;
            client.answer().await.refusal(413);
            assert_eq!(client.closed().await, b"");
        }
    })
    .await;
}

#[tokio::test]
async fn a_body_that_stalls_is_given_up() {
    within(LIMIT, async {
        let running = manager(&Gate::new()).with_body_timeout("100ms").spawn().await.unwrap();
        for start in [
            "POST /limit_length HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n",
            "POST /limit_length HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf",
            "POST /limit_length HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nha",
        ] {
            let begin = Instant::now();
            let mut client = Client::connect(running.addr()).await;
            client.send(start).await;
            client.answer().await.refusal(400);
            assert!(begin.elapsed() >= Duration::from_millis(100));
            client.closed().await;
            still_good(&running).await;
        }
        // Slow is not stalled: each pause is shorter, all of them are longer.
        let begin = Instant::now();
        let mut client = Client::connect(running.addr()).await;
        client
            .send("POST /limit_length HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8\r\n\r\n")
            .await;
        for _ in 0..8 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            client.send("x").await;
        }
        assert_eq!(client.answer().await.message(), "8");
        assert!(begin.elapsed() > Duration::from_millis(150));
    })
    .await;
}

#[tokio::test]
async fn exactly_one_host() {
    within(LIMIT, async {
        let running = manager(&Gate::new()).spawn().await.unwrap();
        for head in [
            "POST /limit_length HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
            "POST /limit_length HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
            "GET /livez HTTP/1.1\r\n\r\n",
            "GET /livez HTTP/1.1\r\nHost: localhost\r\nHost: example.com\r\n\r\n",
        ] {
            assert_eq!(fetch(running.addr(), head).await.status, 400, "{head}");
            still_good(&running).await;
        }
    })
    .await;
}

#[tokio::test]
async fn heads_that_are_too_long() {
    within(LIMIT, async {
        let running = manager(&Gate::new()).spawn().await.unwrap();
        let check = async |request: Vec<u8>, allowed: &[u16]| {
            let mut client = Client::connect(running.addr()).await;
            // Who sends more than is read may be cut off while it sends, and reads the answer then.
            let _ = client.stream.write_all(&request).await;
            let head = String::from_utf8_lossy(&request[..40]).into_owned();
            match client.try_answer(true).await {
                Ok(Some(answer)) => {
                    let (status, length) = (answer.status, request.len());
                    assert!(allowed.contains(&status), "{status} for {length} bytes of {head}");
                }
                other => panic!("{other:?} for {} bytes of {head}", request.len()),
            }
            still_good(&running).await;
        };
        let uri = |length: usize| post(&format!("/limit_length?{}", "q".repeat(length - 14)), "");
        check(uri(8 * 1024), &[200]).await;
        check(uri(8 * 1024 + 1), &[414]).await;
        check(uri(12 * 1024), &[414]).await;
        check(uri(40 * 1024), &[414, 431]).await;
        check(uri(200 * 1024), &[414, 431]).await;
        let one = |length: usize| {
            request("POST /limit_length", &format!("X-Long: {}\r\n", "h".repeat(length)), "")
        };
        check(one(15 * 1024), &[200]).await;
        check(one(17 * 1024), &[431]).await;
        check(one(64 * 1024), &[431]).await;
        let many = |count: usize| {
            let headers: String =
                (0..count - 2).map(|number| format!("X-{number}: v\r\n")).collect();
            request("POST /limit_length", &headers, "")
        };
        check(many(100), &[200]).await;
        check(many(101), &[431]).await;
        check(many(500), &[431]).await;
    })
    .await;
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_keep_alive() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = manager(&gate).with_keep_alive("150ms").spawn().await.unwrap();
        let mut silent = Client::connect(running.addr()).await;
        let mut client = Client::connect(running.addr()).await;
        let begin = Instant::now();
        client.ask(post("/limit_length", "x")).await.message();
        // Busy is not idle.
        client.send(post("/limit_gate", "")).await;
        gate.entered(1).await;
        assert_eq!(silent.closed().await, b"", "one that never says anything is idle too");
        until("longer than keep_alive", || begin.elapsed() > Duration::from_millis(400)).await;
        gate.open(1);
        client.answer().await.message();
        let begin = Instant::now();
        assert_eq!(client.closed().await, b"", "closed without a word");
        let took = begin.elapsed();
        assert!(took >= Duration::from_millis(140) && took < Duration::from_secs(5), "{took:?}");
        still_good(&running).await;
    })
    .await;
}

#[tokio::test]
async fn a_connection_whose_first_request_had_to_wait_is_closed_when_idle() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = manager(&gate).with_keep_alive("200ms").spawn().await.unwrap();
        let mut client = Client::connect(running.addr()).await;
        client.send(post("/limit_gate", "")).await;
        gate.entered(1).await;
        gate.open(1);
        client.answer().await.message();
        let closed = tokio::time::timeout(Duration::from_secs(5), client.closed()).await;
        assert!(closed.is_ok(), "still open long after keep_alive");
    })
    .await;
}

#[tokio::test]
async fn a_slow_head_is_given_up_from_its_first_byte() {
    within(LIMIT, async {
        let running = manager(&Gate::new()).with_head_timeout("150ms").spawn().await.unwrap();
        for first in ["", "POST /limit_length", "GET", "\r\n"] {
            let mut client = Client::connect(running.addr()).await;
            // Idle time is no head time.
            tokio::time::sleep(Duration::from_millis(30)).await;
            if first.is_empty() {
                client.ask(post("/limit_length", "x")).await.message();
                client.send("POST /limit_length HTTP/1.1\r\nHo").await;
            } else {
                client.send(first).await;
            }
            let begin = Instant::now();
            client.closed().await;
            let took = begin.elapsed();
            assert!(took >= Duration::from_millis(100), "{first:?} {took:?}");
            assert!(took < Duration::from_secs(5), "{first:?} {took:?}");
            still_good(&running).await;
        }
        // Dripping does not help.
        let mut client = Client::connect(running.addr()).await;
        let begin = Instant::now();
        for byte in
            b"POST /limit_length HTTP/1.1\r\nHost: localhost\r\nX-Long: aaaaaaaaaaaaaaaaaaaaaaaa"
        {
            if client.stream.write_all(&[*byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
            if begin.elapsed() > Duration::from_millis(600) {
                break;
            }
        }
        client.closed().await;
        assert!(begin.elapsed() < Duration::from_secs(5));
        still_good(&running).await;
    })
    .await;
}

#[tokio::test]
async fn the_start_of_an_http2_preface_is_a_head_that_can_be_slow() {
    within(LIMIT, async {
        let running = manager(&Gate::new()).with_head_timeout("150ms").spawn().await.unwrap();
        for first in ["P", "PRI"] {
            let mut client = Client::connect(running.addr()).await;
            client.send(first).await;
            let closed = tokio::time::timeout(Duration::from_secs(3), client.closed()).await;
            assert!(closed.is_ok(), "still open long after head_timeout: {first}");
            still_good(&running).await;
        }
    })
    .await;
}

#[tokio::test]
async fn the_start_of_a_pipelined_head_cannot_outlast_keep_alive() {
    within(LIMIT, async {
        // `head_timeout` cannot see it: the bytes came in one piece with the request before.
        let running = manager(&Gate::new()).with_keep_alive("150ms").spawn().await.unwrap();
        let mut client = Client::connect(running.addr()).await;
        let mut bytes = post("/limit_length", "x");
        bytes.extend_from_slice(b"POST /limit_length HTTP/1.1\r\nHo");
        client.send(bytes).await;
        let answer = tokio::time::timeout(Duration::from_secs(3), client.answer()).await;
        assert_eq!(answer.expect("the first one is answered").message(), "1");
        let closed = tokio::time::timeout(Duration::from_secs(3), client.closed()).await;
        assert!(closed.is_ok(), "still open long after keep_alive");
        still_good(&running).await;
    })
    .await;
}

#[tokio::test]
async fn requests_beyond_max_requests_are_refused_at_once() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = manager(&gate).with_max_requests(2).spawn().await.unwrap();
        let mut busy = Vec::new();
        for _ in 0..2 {
            let mut client = Client::connect(running.addr()).await;
            client.send(post("/limit_gate", "")).await;
            gate.entered(1).await;
            busy.push(client);
        }
        for _ in 0..5 {
            let answer = fetch(running.addr(), post("/limit_length", "x")).await;
            answer.refusal(503);
            assert!(answer.header("retry-after").is_some());
        }
        assert_eq!(
            fetch(running.addr(), get("/livez")).await.status,
            200,
            "health has no part in it"
        );
        // One that leaves and one that is answered make room.
        busy.pop();
        gate.ended(1).await;
        still_good(&running).await;
        gate.open(1);
        busy[0].answer().await.message();
        for _ in 0..5 {
            still_good(&running).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_connection_beyond_the_limit_waits_for_its_turn() {
    within(LIMIT, async {
        let running = manager(&Gate::new()).with_connections(2).spawn().await.unwrap();
        let mut one = Client::connect(running.addr()).await;
        one.ask(post("/limit_length", "x")).await.message();
        let mut two = Client::connect(running.addr()).await;
        two.ask(post("/limit_length", "x")).await.message();
        let mut three = Client::connect(running.addr()).await;
        three.send(post("/limit_length", "three")).await;
        let early = tokio::time::timeout(Duration::from_millis(100), three.answer()).await;
        assert!(early.is_err(), "a third one is served");
        drop(one);
        assert_eq!(three.answer().await.message(), "5");
        two.ask(post("/limit_length", "x")).await.message();
    })
    .await;
}
