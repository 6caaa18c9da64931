//! Events over real sockets: how they look, and everything that ends them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_body::Body as _;
use hyper::client::conn::http2::handshake;
use hyper_util::rt::{TokioExecutor, TokioIo};
use manager_runtime::prelude::*;
use manager_runtime::{Body, EventSender};
use tokio::net::TcpStream;

use crate::support::{Client, LIMIT, fetch, get, keep_log, logged, post, request, until, within};

/// The senders of the streams that are open, for the test to send with.
#[derive(Clone, Default)]
struct Open(Arc<Mutex<Vec<EventSender>>>);

impl Open {
    fn add(&self, sender: EventSender) {
        self.0.lock().unwrap().push(sender);
    }

    fn take(&self) -> EventSender {
        self.0.lock().unwrap().pop().expect("a stream is open")
    }
}

#[handler(get = "/sse/open")]
async fn sse_open(open: Res<Open>, LastEventId(seen): LastEventId) -> Sse {
    let (sender, events) = Sse::channel(16);
    let seen = seen.unwrap_or_else(|| "nothing".to_owned());
    drop(sender.send(Event::data(seen).event("seen")).await);
    open.add(sender);
    events
}

/// The same by hand: what a user's own response says counts as well.
#[handler(get = "/sse/by-hand")]
async fn sse_by_hand(open: Res<Open>) -> (Vec<(&'static str, &'static str)>, Body) {
    let (sender, events) = Sse::channel(16);
    open.add(sender);
    let body = Sse::encode(events).unwrap().into_body().unwrap();
    (vec![("content-type", "Text/Event-Stream; charset=utf-8")], body)
}

/// No events, and so no business of a stop.
#[handler(get = "/sse/lines")]
async fn sse_lines(open: Res<Open>) -> ((&'static str, &'static str), Body) {
    let (sender, events) = Sse::channel(16);
    open.add(sender);
    (("content-type", "text/plain"), Sse::encode(events).unwrap().into_body().unwrap())
}

#[handler(get = "/sse/often")]
async fn sse_often(open: Res<Open>) -> Sse {
    let (sender, events) = Sse::channel(16);
    open.add(sender);
    events.keep_alive(Duration::from_millis(20))
}

#[handler(get = "/sse/fails")]
async fn sse_fails() -> Sse {
    let (sender, events) = Sse::channel(16);
    drop(sender.send("one").await);
    drop(sender.send(Event::data("two").id("\n")).await);
    events
}

#[handler]
async fn sse_envelope(open: Res<Open>) -> Sse {
    let (sender, events) = Sse::channel(16);
    open.add(sender);
    events
}

fn manager(open: &Open) -> Manager {
    let mut manager = Manager::empty();
    manager
        .add::<sse_open>()
        .add::<sse_by_hand>()
        .add::<sse_lines>()
        .add::<sse_often>()
        .add::<sse_fails>()
        .add::<sse_envelope>()
        .provide(open.clone())
        .with_bind("127.0.0.1:0");
    manager
}

async fn serve() -> (Running, Open) {
    let open = Open::default();
    (manager(&open).spawn().await.unwrap(), open)
}

impl Client {
    /// Opens a stream; the first event of `/sse/open` is read, so it is open then.
    async fn listen(&mut self, path: &str) {
        let answer = self.ask(get(path)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        if path == "/sse/open" {
            assert_eq!(self.event().await, "event: seen\ndata: nothing\n\n");
        }
    }

    async fn event(&mut self) -> String {
        self.chunk().await.expect("no error").expect("an event before the end")
    }
}

#[tokio::test]
async fn events_come_as_they_are_sent() {
    within(LIMIT, async {
        let (running, open) = serve().await;
        let mut client = Client::connect(running.addr()).await;
        let answer = client.ask(request("GET /sse/open", "Last-Event-ID: 7\r\n", "")).await;
        assert_eq!(answer.status, 200);
        for (name, value) in [
            ("content-type", "text/event-stream"),
            ("cache-control", "no-cache"),
            ("x-accel-buffering", "no"),
            ("transfer-encoding", "chunked"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{name}");
        }
        assert_eq!(client.event().await, "event: seen\ndata: 7\n\n");
        let sender = open.take();
        sender.send(Event::data("two\nlines").id("8")).await.unwrap();
        assert_eq!(client.event().await, "id: 8\ndata: two\ndata: lines\n\n");
        sender.send(Json([1, 2])).await.unwrap();
        assert_eq!(client.event().await, "data: [1,2]\n\n");
        drop(sender);
        assert_eq!(client.chunk().await.unwrap(), None, "a clean end");
        // And the connection goes on.
        client.listen("/sse/open").await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_last_event_is_what_the_client_says() {
    within(LIMIT, async {
        let (running, _open) = serve().await;
        let check = async |header: &str, expected: &str| {
            let mut client = Client::connect(running.addr()).await;
            assert_eq!(client.ask(request("GET /sse/open", header, "")).await.status, 200);
            assert_eq!(client.event().await, format!("event: seen\ndata: {expected}\n\n"));
        };
        check("", "nothing").await;
        check("Last-Event-ID: \r\n", "nothing").await;
        check("last-event-id: größe 7\r\n", "größe 7").await;
        let bad = b"GET /sse/open HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: \xff\r\n\r\n";
        let answer = fetch(running.addr(), bad).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        // Not over HTTP there is none.
        let mut events = running.context().call::<sse_open>(()).await.unwrap();
        let event = events.next().await.unwrap().unwrap();
        assert_eq!(event.text().unwrap(), "event: seen\ndata: nothing\n\n");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn silence_is_broken_and_keeps_the_connection() {
    within(LIMIT, async {
        let open = Open::default();
        let running = manager(&open).with_keep_alive("1s").spawn().await.unwrap();
        let mut often = Client::connect(running.addr()).await;
        often.listen("/sse/often").await;
        for _ in 0..3 {
            assert_eq!(often.event().await, ":\n\n");
        }
        // A stream is no idle connection, however long it says nothing.
        let mut silent = Client::connect(running.addr()).await;
        silent.listen("/sse/open").await;
        tokio::time::sleep(Duration::from_millis(2500)).await;
        assert!(!often.event().await.is_empty());
        let (silents, _) = (open.take(), open.take());
        silents.send("still").await.unwrap();
        assert_eq!(silent.event().await, "data: still\n\n");
        drop(silents);
        assert_eq!(silent.chunk().await.unwrap(), None);
        // Now it is.
        assert!(silent.closed().await.is_empty());
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_client_that_goes_away_drops_the_stream() {
    within(LIMIT, async {
        let (running, open) = serve().await;
        let mut client = Client::connect(running.addr()).await;
        client.listen("/sse/open").await;
        let sender = open.take();
        // The handler has one replica, and that is free.
        let mut other = Client::connect(running.addr()).await;
        other.listen("/sse/open").await;
        drop(client);
        sender.closed().await;
        assert_eq!(sender.send("late").await.unwrap_err().kind(), Kind::Gone);
        open.take().send("here").await.unwrap();
        assert_eq!(other.event().await, "data: here\n\n");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_stop_ends_events_and_lets_other_streams_finish() {
    within(LIMIT, async {
        let (running, open) = serve().await;
        let mut events = Client::connect(running.addr()).await;
        events.listen("/sse/open").await;
        let own = open.take();
        let mut by_hand = Client::connect(running.addr()).await;
        by_hand.listen("/sse/by-hand").await;
        let own_by_hand = open.take();
        let mut lines = Client::connect(running.addr()).await;
        lines.listen("/sse/lines").await;
        let own_lines = open.take();
        let stopping = tokio::spawn(running.stop());
        assert_eq!(events.chunk().await.unwrap(), None, "a clean end");
        assert_eq!(by_hand.chunk().await.unwrap(), None, "a clean end");
        own.closed().await;
        own_by_hand.closed().await;
        assert!(events.closed().await.is_empty());
        own_lines.send("more").await.unwrap();
        assert_eq!(lines.event().await, "data: more\n\n");
        drop(own_lines);
        assert_eq!(lines.chunk().await.unwrap(), None);
        stopping.await.unwrap().unwrap();
    })
    .await;
}

#[tokio::test]
async fn streams_are_counted_until_they_end() {
    within(LIMIT, async {
        let open = Open::default();
        let running = manager(&open).with_streams(2).spawn().await.unwrap();
        let mut clients = Vec::new();
        for path in ["/sse/open", "/sse/lines"] {
            let mut client = Client::connect(running.addr()).await;
            client.listen(path).await;
            clients.push(client);
        }
        let answer = fetch(running.addr(), get("/sse/open")).await;
        assert_eq!(answer.status, 503);
        assert_eq!(answer.header("retry-after"), Some("1"));
        assert_eq!(answer.json()["detail"], "too many streams are open");
        // What was refused is dropped, and its place was never taken.
        open.take().closed().await;
        let sender = open.take();
        drop(clients.pop());
        sender.closed().await;
        let mut client = Client::connect(running.addr()).await;
        client.listen("/sse/open").await;
        // An answer that is no stream needs no place.
        assert_eq!(fetch(running.addr(), get("/livez")).await.status, 200);
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_event_that_cannot_be_sent_breaks_the_stream_off() {
    within(LIMIT, async {
        keep_log();
        let (running, _open) = serve().await;
        let mut client = Client::connect(running.addr()).await;
        let answer = client.ask(request("GET /sse/fails", "X-Request-Id: sse-fails\r\n", "")).await;
        assert_eq!(answer.status, 200);
        assert_eq!(client.event().await, "data: one\n\n");
        client.chunk().await.unwrap_err();
        let line = ["an answer broke off", "sse_fails", "sse-fails", "the identifier of an event"];
        until("it is logged", || !logged(&line).is_empty()).await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_envelope_has_no_place_for_events() {
    within(LIMIT, async {
        let (running, open) = serve().await;
        let answer = fetch(running.addr(), post("/sse_envelope", "")).await;
        assert!(answer.refusal(501).contains("give the handler a route"));
        open.take().closed().await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn over_http2_events_end_with_their_stream_or_with_a_stop() {
    within(LIMIT, async {
        let (running, open) = serve().await;
        let stream = TcpStream::connect(running.addr()).await.unwrap();
        let io = TokioIo::new(stream);
        let (mut client, connection) =
            handshake::<_, _, String>(TokioExecutor::new(), io).await.unwrap();
        let connection = tokio::spawn(connection);
        let uri = format!("http://localhost:{}/sse/open", running.addr().port());
        let mut listen = async || {
            let request = http::Request::get(&uri).body(String::new()).unwrap();
            let answer = client.send_request(request).await.unwrap();
            assert_eq!(answer.headers()["content-type"], "text/event-stream");
            (answer.into_body(), open.take())
        };
        let (mut stays, stays_open) = listen().await;
        let (leaves, leaves_open) = listen().await;
        drop(leaves);
        leaves_open.closed().await;
        stays_open.send("here").await.unwrap();
        let mut next = async || {
            let mut body = std::pin::Pin::new(&mut stays);
            std::future::poll_fn(move |cx| body.as_mut().poll_frame(cx)).await
        };
        let mut read = Vec::new();
        while !read.ends_with(b"data: here\n\n") {
            read.extend_from_slice(&next().await.unwrap().unwrap().into_data().unwrap());
        }
        let stopping = tokio::spawn(running.stop());
        while let Some(frame) = next().await {
            let data = frame.expect("a clean end").into_data().unwrap();
            assert!(data.is_empty(), "{data:?}");
        }
        stays_open.closed().await;
        stopping.await.unwrap().unwrap();
        drop(client);
        connection.await.unwrap().ok();
    })
    .await;
}
