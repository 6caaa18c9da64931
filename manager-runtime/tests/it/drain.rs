//! The end under load: what has begun is finished, what was connected is served, and then the port
//! refuses.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use manager_runtime::prelude::*;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::support::{Client, Gate, LIMIT, fails, fetch, get, post, post_json, until, within};

#[handler]
async fn drain_text(text: String) -> String {
    tokio::task::yield_now().await;
    text
}

#[handler(replicas = 2)]
async fn drain_gate(gate: Res<Gate>, text: String) -> String {
    gate.note(text.clone());
    gate.pass().await;
    text
}

async fn spawn(gate: &Gate, drain: &str) -> Running {
    Manager::empty()
        .add::<drain_text>()
        .add::<drain_gate>()
        .provide(gate.clone())
        .with_bind("127.0.0.1:0")
        .with_drain(drain)
        .spawn()
        .await
        .unwrap()
}

/// Connects until the port refuses.
async fn refused(address: SocketAddr) {
    loop {
        match tokio::time::timeout(Duration::from_secs(5), TcpStream::connect(address)).await {
            Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => return,
            Ok(_) => tokio::task::yield_now().await,
            Err(_) => panic!("the port neither accepts nor refuses"),
        }
    }
}

#[tokio::test]
async fn while_it_drains_it_is_not_ready_and_finishes_what_it_has() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate, "10s").await;
        let address = running.addr();
        assert_eq!(fetch(address, get("/readyz")).await.status, 200);
        let mut busy = Client::connect(address).await;
        busy.send(post("/drain_gate", "in flight")).await;
        gate.entered(1).await;
        let (mut ready, mut live, mut last) = (
            Client::connect(address).await,
            Client::connect(address).await,
            Client::connect(address).await,
        );
        for client in [&mut ready, &mut live, &mut last] {
            assert!(!client.ask(post("/drain_text", "before")).await.closes());
        }
        let mut fresh = Client::connect(address).await;
        let life = running.context().clone();
        let stopping = tokio::spawn(running.stop());
        tokio::task::yield_now().await;
        // A last request on a connection that was idle, in time.
        let answer = ready.ask(get("/readyz")).await;
        assert_eq!(answer.status, 503);
        assert!(answer.closes(), "every answer says that it is the last");
        let answer = live.ask(get("/livez")).await;
        assert_eq!(answer.status, 200);
        assert!(answer.closes());
        let answer = last.ask(post("/drain_text", "last")).await;
        assert_eq!(answer.message(), "last");
        assert!(answer.closes());
        for client in [&mut ready, &mut live, &mut last] {
            assert_eq!(client.closed().await, b"");
        }
        // A connection that was open and had not said anything yet.
        let answer = fresh.ask(post("/drain_text", "fresh")).await;
        assert_eq!(answer.message(), "fresh");
        assert!(answer.closes());
        refused(address).await;
        assert!(!stopping.is_finished());
        // The call that runs may still call others.
        assert_eq!(life.call::<drain_text>("inside".to_owned()).await.unwrap(), "inside");
        gate.open(1);
        let answer = busy.answer().await;
        assert_eq!(answer.message(), "in flight");
        assert!(answer.closes());
        assert_eq!(busy.closed().await, b"");
        stopping.await.unwrap().unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_idle_connection_is_closed_soon_and_not_at_once() {
    within(LIMIT, async {
        let running = spawn(&Gate::new(), "10s").await;
        let mut used = Client::connect(running.addr()).await;
        used.ask(post("/drain_text", "x")).await.message();
        let mut fresh = Client::connect(running.addr()).await;
        let begin = Instant::now();
        let stopping = tokio::spawn(running.stop());
        assert_eq!(used.closed().await, b"");
        let took = begin.elapsed();
        assert!(took >= Duration::from_millis(190), "{took:?} is less than a client was promised");
        assert_eq!(fresh.closed().await, b"");
        stopping.await.unwrap().unwrap();
        assert!(begin.elapsed() < Duration::from_secs(3), "{:?}", begin.elapsed());
    })
    .await;
}

#[tokio::test]
async fn queued_requests_and_dispatches_are_finished() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate, "10s").await;
        let address = running.addr();
        let ctx = running.context().clone();
        let mut clients = Vec::new();
        for number in 0..6 {
            let mut client = Client::connect(address).await;
            client.send(post("/drain_gate", format!("call {number}"))).await;
            clients.push(client);
        }
        gate.entered(2).await;
        let answer =
            fetch(address, post_json("/drain_gate", r#"{"type":"dispatch","data":"over http"}"#));
        assert_eq!(answer.await.status, 202);
        for _ in 0..10 {
            ctx.dispatch("drain_gate", "dispatched").await.unwrap();
        }
        let stopping = tokio::spawn(running.stop());
        refused(address).await;
        gate.open(17);
        for (number, mut client) in clients.into_iter().enumerate() {
            let answer = client.answer().await;
            assert_eq!(answer.message(), format!("call {number}"));
            assert!(answer.closes());
        }
        stopping.await.unwrap().unwrap();
        assert_eq!((gate.passed(), gate.cut()), (17, 0));
    })
    .await;
}

#[tokio::test]
async fn at_the_limit_connections_are_cut_and_stop_says_so() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate, "300ms").await;
        let address = running.addr();
        let mut client = Client::connect(address).await;
        client.send(post("/drain_gate", "for ever")).await;
        gate.entered(1).await;
        let begin = Instant::now();
        let error = fails(running.stop().await, Kind::Timeout);
        assert!(error.to_string().contains("drain"), "{error}");
        let took = begin.elapsed();
        assert!(took >= Duration::from_millis(300) && took < Duration::from_secs(5), "{took:?}");
        assert_eq!(client.closed().await, b"");
        until("the call was cut", || gate.cut() == 1).await;
        refused(address).await;
    })
    .await;
}

#[tokio::test]
async fn a_drain_of_nothing_waits_for_nothing() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate, "0s").await;
        let mut client = Client::connect(running.addr()).await;
        client.send(post("/drain_gate", "for ever")).await;
        gate.entered(1).await;
        fails(running.stop().await, Kind::Timeout);
        assert_eq!(client.closed().await, b"");
    })
    .await;
}

/// Clients that connect anew for each request, until the port refuses. Whoever was connected gets an
/// answer, always.
async fn load(address: SocketAddr, clients: usize, served: Arc<AtomicUsize>) -> Vec<String> {
    let mut tasks = JoinSet::new();
    let stopped = Arc::new(AtomicBool::new(false));
    for number in 0..clients {
        let (served, stopped) = (served.clone(), stopped.clone());
        tasks.spawn(async move {
            let mut turn = 0;
            while !stopped.load(Ordering::Relaxed) {
                turn += 1;
                let text = format!("{number}-{turn}");
                let connected =
                    tokio::time::timeout(Duration::from_secs(5), Client::try_connect(address))
                        .await;
                let mut client = match connected {
                    Ok(Ok(client)) => client,
                    Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
                        stopped.store(true, Ordering::Relaxed);
                        return None;
                    }
                    Ok(Err(error)) => return Some(format!("{text}: connect: {error}")),
                    Err(_) => return Some(format!("{text}: connect hangs")),
                };
                let asked = async {
                    use tokio::io::AsyncWriteExt;
                    client.stream.write_all(&post("/drain_text", &text)).await?;
                    client.try_answer(true).await
                };
                match asked.await {
                    Ok(Some(answer)) if answer.status == 200 => {
                        assert_eq!(answer.json()["message"], json!(text));
                        served.fetch_add(1, Ordering::Relaxed);
                    }
                    Ok(Some(answer)) => return Some(format!("{text}: {}", answer.status)),
                    Ok(None) => return Some(format!("{text}: closed without an answer")),
                    Err(error) => return Some(format!("{text}: {error}")),
                }
            }
            None
        });
    }
    let mut failures = Vec::new();
    while let Some(failure) = tasks.join_next().await {
        failures.extend(failure.unwrap());
    }
    failures
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_under_load_fails_no_request_that_was_connected() {
    within(LIMIT, async {
        for round in 0..5 {
            let running = spawn(&Gate::new(), "10s").await;
            let served = Arc::new(AtomicUsize::new(0));
            let clients = tokio::spawn(load(running.addr(), 32, served.clone()));
            until("the load has begun", || served.load(Ordering::Relaxed) > 200).await;
            running.stop().await.unwrap();
            let failures = clients.await.unwrap();
            assert!(failures.is_empty(), "round {round}: {failures:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_fails_no_request_on_busy_keep_alive_connections() {
    within(LIMIT, async {
        for round in 0..5 {
            let running = spawn(&Gate::new(), "10s").await;
            let address = running.addr();
            let served = Arc::new(AtomicUsize::new(0));
            let mut clients = JoinSet::new();
            for _ in 0..16 {
                let served = served.clone();
                clients.spawn(async move {
                    let mut client = Client::connect(address).await;
                    loop {
                        // Until an answer says that it is the last.
                        let answer = client.ask(post("/drain_text", "x")).await;
                        answer.message();
                        served.fetch_add(1, Ordering::Relaxed);
                        if answer.closes() {
                            return;
                        }
                    }
                });
            }
            until("the load has begun", || served.load(Ordering::Relaxed) > 200).await;
            running.stop().await.unwrap();
            while let Some(client) = clients.join_next().await {
                assert!(client.is_ok(), "round {round}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn what_stands_in_the_accept_queue_is_served() {
    within(LIMIT, async {
        let running = spawn(&Gate::new(), "10s").await;
        let address = running.addr();
        // One thread: nothing is accepted while this does not yield.
        let mut streams = Vec::new();
        for number in 0..64 {
            use std::io::Write;
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            stream.write_all(&post("/drain_text", number.to_string())).unwrap();
            streams.push(stream);
        }
        let stopping = tokio::spawn(running.stop());
        for (number, stream) in streams.into_iter().enumerate() {
            let answer = tokio::task::spawn_blocking(move || {
                use std::io::Read;
                let mut text = String::new();
                let mut stream = stream;
                stream.read_to_string(&mut text).map(|_| text)
            });
            let text = answer.await.unwrap().unwrap();
            assert!(text.starts_with("HTTP/1.1 200 "), "{number}: {text}");
            assert!(text.ends_with(&format!(r#""message":"{number}"}}"#)), "{number}: {text}");
        }
        stopping.await.unwrap().unwrap();
    })
    .await;
}
