//! HTTP/2 with prior knowledge, through hyper's own client.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;

use http::{Request, Response};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use manager_runtime::prelude::*;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::task::{JoinHandle, JoinSet};

use crate::support::{Gate, LIMIT, fetch, post, within};

#[handler(replicas = 64)]
async fn two_text(text: String) -> String {
    tokio::task::yield_now().await;
    format!("<{text}>")
}

#[handler]
async fn two_gate(gate: Res<Gate>, text: String) -> String {
    gate.pass().await;
    text
}

#[handler]
async fn two_panic(text: String) {
    panic!("{text}");
}

struct Client {
    sender: SendRequest<String>,
    connection: JoinHandle<hyper::Result<()>>,
    authority: String,
}

impl Client {
    async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        let (sender, connection) =
            handshake::<_, _, String>(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        let authority = format!("localhost:{}", address.port());
        Client { sender, connection: tokio::spawn(connection), authority }
    }

    fn request(&self, method: &str, path: &str, body: &str) -> Request<String> {
        Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.authority))
            .body(body.to_owned())
            .unwrap()
    }

    async fn ask(&mut self, method: &str, path: &str, body: &str) -> (u16, serde_json::Value) {
        let request = self.request(method, path, body);
        self.sender.ready().await.unwrap();
        read(self.sender.send_request(request).await.unwrap()).await
    }
}

async fn read(answer: Response<Incoming>) -> (u16, serde_json::Value) {
    assert!(answer.headers().get("connection").is_none(), "HTTP/2 has no such header");
    let (parts, mut body) = answer.into_parts();
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        if let Ok(data) = frame.unwrap().into_data() {
            bytes.extend_from_slice(&data);
        }
    }
    let json = if bytes.is_empty() { json!(null) } else { serde_json::from_slice(&bytes).unwrap() };
    (parts.status.as_u16(), json)
}

async fn spawn(gate: &Gate) -> Running {
    Manager::empty()
        .add::<two_text>()
        .add::<two_gate>()
        .add::<two_panic>()
        .provide(gate.clone())
        .with_bind("127.0.0.1:0")
        .spawn()
        .await
        .unwrap()
}

#[tokio::test]
async fn the_same_answers_as_over_http1() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let mut client = Client::connect(running.addr()).await;
        let (status, json) = client.ask("POST", "/two_text", "x").await;
        assert_eq!((status, &json["message"]), (200, &json!("<x>")));
        assert_eq!(client.ask("GET", "/two_text", "").await.0, 405);
        assert_eq!(client.ask("OPTIONS", "/two_text", "").await.0, 204);
        assert_eq!(client.ask("POST", "/ghost", "x").await.0, 404);
        assert_eq!(client.ask("POST", "/%ff", "x").await.0, 400);
        assert_eq!(client.ask("GET", "/livez", "").await.0, 200);
        let (status, json) = client.ask("POST", "/two_panic", "secret").await;
        assert_eq!(status, 500);
        assert!(!json.to_string().contains("secret"), "{json}");
        let long = "x".repeat(3 * 1024 * 1024);
        assert_eq!(client.ask("POST", "/two_text", &long).await.0, 413);
        // The connection has survived all of it.
        assert_eq!(client.ask("POST", "/two_text", "y").await.0, 200);
        client.authority = "example.com".to_owned();
        assert_eq!(client.ask("POST", "/two_text", "y").await.0, 403);
        // And HTTP/1.1 goes on beside it.
        assert_eq!(fetch(running.addr(), post("/two_text", "1")).await.message(), "<1>");
    })
    .await;
}

#[tokio::test]
async fn many_streams_at_once() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let client = Client::connect(running.addr()).await;
        let mut streams = JoinSet::new();
        for number in 0..500 {
            let request = client.request("POST", "/two_text", &number.to_string());
            let mut sender = client.sender.clone();
            streams.spawn(async move {
                sender.ready().await.unwrap();
                let (status, json) = read(sender.send_request(request).await.unwrap()).await;
                assert_eq!((status, &json["message"]), (200, &json!(format!("<{number}>"))));
            });
        }
        let mut count = 0;
        while let Some(stream) = streams.join_next().await {
            stream.unwrap();
            count += 1;
        }
        assert_eq!(count, 500);
    })
    .await;
}

#[tokio::test]
async fn a_stream_that_is_reset_cancels_its_call() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let mut client = Client::connect(running.addr()).await;
        let request = client.request("POST", "/two_gate", "cut");
        client.sender.ready().await.unwrap();
        let call = tokio::spawn(client.sender.send_request(request));
        gate.entered(1).await;
        call.abort();
        gate.ended(1).await;
        assert_eq!(gate.cut(), 1);
        gate.open(1);
        let (status, json) = client.ask("POST", "/two_gate", "good").await;
        assert_eq!((status, &json["message"]), (200, &json!("good")));
    })
    .await;
}

#[tokio::test]
async fn a_stop_finishes_open_streams_and_closes_the_connection() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let mut client = Client::connect(running.addr()).await;
        let idle = Client::connect(running.addr()).await;
        client.ask("POST", "/two_text", "x").await;
        let request = client.request("POST", "/two_gate", "held");
        client.sender.ready().await.unwrap();
        let call = tokio::spawn(client.sender.send_request(request));
        gate.entered(1).await;
        let stopping = tokio::spawn(running.stop());
        let _ = idle.connection.await.unwrap();
        gate.open(1);
        let (status, json) = read(call.await.unwrap().unwrap()).await;
        assert_eq!((status, &json["message"]), (200, &json!("held")));
        let _ = client.connection.await.unwrap();
        stopping.await.unwrap().unwrap();
    })
    .await;
}
