//! WebSockets over raw sockets: the handshake, and what becomes of the handler behind one. What RFC 6455
//! demands of a server in frames is a table of its own in [`cases`]; [`peer`] is the client of both.

mod cases;
mod peer;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use manager_runtime::prelude::*;
use manager_runtime::{Parameter, Part, Parts, Subprotocols, role};

use self::peer::{BINARY, CLOSE, FIN, PING, PONG, Peer, TEXT, close, frame, handshake, text};
use crate::support::{
    Client, Gate, LIMIT, fails, fetch, get, keep_log, logged, post, until, within,
};

#[handler(get = "/echo", post = "/echo")]
async fn ws_echo(mut socket: WebSocket) -> Result<()> {
    while let Some(message) = socket.next().await? {
        socket.send(message).await?;
    }
    Ok(())
}

#[handler(get = "/small", body_limit = "1KiB")]
async fn ws_small(mut socket: WebSocket) -> Result<()> {
    while let Some(message) = socket.next().await? {
        socket.send(message).await?;
    }
    Ok(())
}

struct Speaks;

impl Subprotocols for Speaks {
    const NAMES: &'static [&'static str] = &["chat.v2", "chat.v1"];
}

#[handler(get = "/speaks")]
async fn ws_speaks(mut socket: WebSocket<Speaks>) -> Result<()> {
    let protocol = socket.protocol().unwrap_or("none");
    socket.send(protocol).await
}

/// Does what it is told.
#[handler(get = "/told/{what}")]
async fn ws_told(ctx: Context, gate: Res<Gate>, what: What, mut socket: WebSocket) -> Result<()> {
    let mut inside = gate.enter();
    match &*what.0 {
        "return" => {}
        "fail" => return Err(Error::conflict("told to fail")),
        "panic" => panic!("told to panic"),
        "close" => socket.close(4321, "told to close").await?,
        "drop" => {
            drop(socket);
            gate.pass().await;
        }
        "wrong-code" => {
            let error = fails(socket.close(1005, "").await, Kind::Internal);
            gate.note(error.to_string());
            fails(socket.close(1000, "x".repeat(124)).await, Kind::Internal);
            socket.close(1000, "x".repeat(123)).await?;
        }
        "deadline" => {
            socket.send(format!("{:?}", ctx.deadline())).await?;
            assert!(socket.next().await?.is_none());
        }
        "stream" => {
            // More than the buffers of two kernels take.
            let piece = vec![7; 64 * 1024];
            for number in 0..1_000 {
                socket.send(piece.clone()).await?;
                gate.note(number.to_string());
            }
        }
        "split" => {
            let (mut sender, mut receiver) = socket.split();
            let sending = tokio::spawn(async move {
                for number in 0..100 {
                    sender.send(number.to_string()).await?;
                }
                Ok::<_, Error>(())
            });
            let mut seen = 0;
            while receiver.next().await?.is_some() {
                seen += 1;
            }
            sending.await??;
            gate.note(format!("seen {seen}, closed with {}", receiver.closed().unwrap().code));
        }
        "ping" => {
            socket.ping_every(Duration::from_millis(100));
            gate.note(format!("{:?}", socket.next().await.map_err(|error| error.kind())));
            gate.note(format!("{:?}", socket.next().await.map_err(|error| error.kind())));
        }
        "watch" => {
            let outcome = loop {
                match socket.next().await {
                    Ok(Some(message)) => gate.note(format!("got {}", message.len())),
                    other => break other,
                }
            };
            let kind = outcome.as_ref().err().map(Error::kind);
            gate.note(format!("{kind:?} {}", socket.closed().unwrap().code));
            assert!(socket.next().await?.is_none(), "an error is told once");
            fails(socket.send("too late").await, Kind::Gone);
            outcome?;
        }
        "stay" => std::future::pending().await,
        other => panic!("{other}"),
    }
    inside.passed = true;
    Ok(())
}

/// The last segment of the path.
struct What(String);

impl Parameter for What {
    type Role = role::Part;
}

impl Part for What {
    async fn part(parts: &mut Parts<'_>) -> Result<Self> {
        let what = parts.head()?.captures().map(|(_, what)| what.to_owned()).next();
        match what.as_deref() {
            Some("forbidden") => Err(Error::forbidden("not for you")),
            _ => Ok(What(what.unwrap_or_default())),
        }
    }
}

#[handler(get = "/timed", timeout = "200ms")]
async fn ws_timed(mut socket: WebSocket) -> Result<()> {
    while socket.next().await?.is_some() {}
    Ok(())
}

/// Each connection has an instance to itself, one after the other.
#[derive(Default)]
struct WsCounter {
    connections: usize,
}

#[handler(get = "/counter", replicas = 1)]
impl WsCounter {
    async fn run(&mut self, mut socket: WebSocket) -> Result<()> {
        self.connections += 1;
        socket.send(self.connections.to_string()).await?;
        while socket.next().await?.is_some() {}
        Ok(())
    }
}

/// Without a route there is no way in.
#[handler]
async fn ws_nowhere(_socket: WebSocket) {}

#[handler(get = "/plain")]
async fn ws_plain() -> &'static str {
    "plain"
}

fn manager(gate: &Gate) -> Manager {
    let mut manager = Manager::empty();
    manager
        .add::<ws_echo>()
        .add::<ws_small>()
        .add::<ws_speaks>()
        .add::<ws_told>()
        .add::<ws_timed>()
        .add::<WsCounter>()
        .add::<ws_nowhere>()
        .add::<ws_plain>()
        .provide(gate.clone())
        .with_bind("127.0.0.1:0")
        .with_drain("10s");
    manager
}

async fn spawn(gate: &Gate) -> Running {
    manager(gate).spawn().await.unwrap()
}

// ---- the handshake ----------------------------------------------------------------------------------

#[tokio::test]
async fn a_handshake_is_answered_and_anything_else_is_refused() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let address = running.addr();
        let (_peer, answer) = Peer::ask(address, handshake("/echo", "")).await;
        assert_eq!(answer.status, 101);
        assert_eq!(answer.header("upgrade"), Some("websocket"));
        assert_eq!(answer.header("connection"), Some("Upgrade"));
        assert_eq!(answer.header("sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
        assert_eq!(answer.header("sec-websocket-protocol"), None);

        // No compression is agreed upon, whoever offers it.
        let offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
        let (_peer, answer) = Peer::ask(address, handshake("/echo", offer)).await;
        assert_eq!((answer.status, answer.header("sec-websocket-extensions")), (101, None));

        let plain = fetch(address, get("/echo")).await;
        assert_eq!(plain.status, 426);
        assert_eq!(plain.header("upgrade"), Some("websocket"));
        assert_eq!(plain.header("content-type"), Some("application/problem+json"));
        let changed =
            |from: &str, to: &str| fetch(address, handshake("/echo", "").replace(from, to));
        let old = changed("Version: 13", "Version: 8").await;
        assert_eq!((old.status, old.header("sec-websocket-version")), (426, Some("13")));
        assert_eq!(changed("Upgrade: websocket", "Upgrade: h2c").await.status, 426);
        assert_eq!(changed("Connection: Upgrade", "Connection: close").await.status, 426);
        assert_eq!(changed("dGhlIHNhbXBsZSBub25jZQ==", "short").await.status, 400);
        assert_eq!(changed("HTTP/1.1", "HTTP/1.0").await.status, 400);
        let posted = changed("GET", "POST").await;
        assert_eq!((posted.status, posted.header("allow")), (405, Some("GET")));
        let body = handshake("/echo", "Content-Length: 1\r\n") + "x";
        assert_eq!(fetch(address, body).await.status, 400);
        // The connection is one for HTTP still.
        let mut client = Client::connect(address).await;
        assert_eq!(client.ask(get("/echo")).await.status, 426);
        assert_eq!(client.ask(get("/plain")).await.text(), "plain");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_sub_protocol_is_agreed_upon_by_the_order_of_the_client() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let address = running.addr();
        for (offered, agreed) in [
            ("Sec-WebSocket-Protocol: chat.v1, chat.v2\r\n", Some("chat.v1")),
            (
                "Sec-WebSocket-Protocol: x\r\nSec-WebSocket-Protocol: chat.v2,chat.v1\r\n",
                Some("chat.v2"),
            ),
            ("Sec-WebSocket-Protocol: CHAT.V1, other\r\n", None),
            ("", None),
        ] {
            let (mut peer, answer) = Peer::ask(address, handshake("/speaks", offered)).await;
            assert_eq!(answer.status, 101);
            assert_eq!(answer.header("sec-websocket-protocol"), agreed, "{offered}");
            peer.expect(FIN | TEXT, agreed.unwrap_or("none")).await;
            peer.answers_close(1000).await;
        }
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_keeps_the_handler_from_taking_the_socket_is_an_answer_over_http() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let address = running.addr();
        let mut client = Client::connect(address).await;
        let answer = client.ask(handshake("/told/forbidden", "")).await;
        assert_eq!(answer.status, 403);
        assert!(answer.text().contains("not for you"), "{}", answer.text());
        assert_eq!(client.ask(get("/plain")).await.status, 200);
        // A page of another site.
        let foreign = fetch(address, handshake("/echo", "Origin: https://evil.example\r\n")).await;
        assert_eq!(foreign.status, 403);
        let own = fetch(address, handshake("/echo", "Origin: http://localhost\r\n")).await;
        assert_eq!(own.status, 101);
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn nobody_but_a_client_on_a_route_brings_a_socket() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let address = running.addr();
        let refusal = fetch(address, post("/ws_nowhere", "hello")).await.refusal(400);
        assert!(refusal.contains("WebSocket"), "{refusal}");
        let ctx = running.context();
        let error = fails(ctx.publish("ws_echo", "hello").await, Kind::BadRequest);
        assert!(error.message().contains("a client opens one on its route"), "{error}");
        fails(ctx.dispatch("ws_echo", ()).await, Kind::BadRequest);
        running.stop().await.unwrap();
    })
    .await;
}

// ---- the end ----------------------------------------------------------------------------------------

#[tokio::test]
async fn a_close_of_the_server_waits_for_its_answer() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let mut peer = Peer::open(running.addr(), "/told/close").await;
        let (first, payload) = peer.frame().await.unwrap();
        assert_eq!(first, FIN | CLOSE);
        assert_eq!(payload, [&4321u16.to_be_bytes()[..], b"told to close"].concat());
        // What is on its way is not an answer, and is read all the same.
        peer.send([text("on its way"), frame(FIN | PING, "")].concat()).await;
        let early = tokio::time::timeout(Duration::from_millis(50), peer.0.bytes(1)).await;
        assert!(early.is_err(), "the connection is open until the peer has answered");
        peer.send(close(4321, "")).await;
        assert_eq!(peer.0.bytes(1).await.unwrap(), None);
        gate.ended(1).await;
        assert_eq!(gate.passed(), 1);
        running.stop().await.unwrap();
    })
    .await;
}

/// Whoever answers a close with anything but a close gets to read it all the same, and the end in order.
#[tokio::test]
async fn a_close_of_the_server_reaches_whoever_goes_on_talking() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let garbage: [Vec<u8>; 4] = [
            frame(FIN | 3, "x"),
            frame(FIN | TEXT, b"\xff"),
            vec![0; 100_000],
            vec![0xff; 100_000],
        ];
        for answer in garbage {
            let mut peer = Peer::open(running.addr(), "/told/return").await;
            let _ = peer.0.try_send(&answer).await;
            // Not read before the server has seen it.
            gate.ended(1).await;
            let (first, payload) = peer.frame().await.expect("a close");
            assert_eq!((first, &payload[..2]), (FIN | CLOSE, &1000u16.to_be_bytes()[..]));
            assert_eq!(peer.0.bytes(1).await.expect("no reset"), None);
        }
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn limits_are_1009() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let address = running.addr();
        let mut peer = Peer::open(address, "/small").await;
        peer.send(frame(FIN | BINARY, vec![1; 1024])).await;
        peer.expect(FIN | BINARY, vec![1; 1024]).await;
        peer.send([frame(BINARY, vec![1; 1000]), frame(FIN, vec![1; 24])].concat()).await;
        peer.expect(FIN | BINARY, vec![1; 1024]).await;
        peer.send(frame(FIN | BINARY, vec![1; 1025])).await;
        peer.closed_with(1009).await;
        let mut peer = Peer::open(address, "/small").await;
        peer.send([frame(TEXT, [b'x'; 1000]), frame(0, [b'x'; 25])].concat()).await;
        peer.closed_with(1009).await;
        // By its announcement alone, though it would never fit into any memory.
        for path in ["/small", "/echo"] {
            let mut peer = Peer::open(address, path).await;
            peer.send(b"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04").await;
            peer.closed_with(1009).await;
        }
        running.stop().await.unwrap();
    })
    .await;
}

// ---- many, slow, lost -------------------------------------------------------------------------------

#[tokio::test]
async fn many_messages_come_back_in_order() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let mut peer = Peer::open(running.addr(), "/echo").await;
        for round in 0..20 {
            let sent: Vec<u8> = (0..500).flat_map(|at| text(&format!("{round} {at}"))).collect();
            peer.send(sent).await;
            for at in 0..500 {
                peer.expect(FIN | TEXT, format!("{round} {at}")).await;
            }
        }
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_slow_reader_holds_up_whoever_sends() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let mut peer = Peer::open(running.addr(), "/told/stream").await;
        // It goes on until the buffers are full, and then waits.
        let mut before = usize::MAX;
        while gate.notes().len() != before {
            before = gate.notes().len();
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        assert!(before < 500, "{before} messages of 64 KiB were sent into the void");
        for _ in 0..1_000 {
            peer.expect(FIN | BINARY, [7; 64 * 1024]).await;
        }
        peer.answers_close(1000).await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_handler_hears_how_its_socket_ended() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let address = running.addr();
        keep_log();
        let mut peer = Peer::open(address, "/told/watch").await;
        peer.send([text("12345"), close(4000, "")].concat()).await;
        peer.closed_with(4000).await;
        gate.ended(1).await;
        let mut peer = Peer::open(address, "/told/watch").await;
        peer.send(frame(FIN | CLOSE, "")).await;
        peer.closed().await;
        gate.ended(1).await;
        // The end of the stream is no close.
        drop(Peer::open(address, "/told/watch").await);
        gate.ended(1).await;
        // A part of a frame.
        let mut peer = Peer::open(address, "/told/watch").await;
        peer.send(&text("12345")[..5]).await;
        drop(peer);
        gate.ended(1).await;
        let mut peer = Peer::open(address, "/told/watch").await;
        peer.send(frame(FIN | 3, "")).await;
        peer.closed_with(1002).await;
        gate.ended(1).await;
        let mut peer = Peer::open(address, "/told/watch").await;
        peer.send(b"\x82\xff\x00\x00\x00\x00\x01\x00\x00\x00\x01\x02\x03\x04").await;
        peer.closed_with(1009).await;
        gate.ended(1).await;
        let expected = [
            "got 5",
            "None 4000",
            "None 1005",
            "Some(BadRequest) 1006",
            "Some(BadRequest) 1006",
            "Some(BadRequest) 1002",
            "Some(TooLarge) 1009",
        ];
        assert_eq!(gate.notes(), expected);
        running.stop().await.unwrap();
        let blamed = logged(&["ERROR", "WebSocket", "lost without a close"]);
        assert!(blamed.is_empty(), "a lost peer is no fault of the handler: {blamed:?}");
    })
    .await;
}

#[tokio::test]
async fn a_silent_peer_is_asked_and_then_gone() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let mut peer = Peer::open(running.addr(), "/told/ping").await;
        let begin = Instant::now();
        // Whoever answers stays.
        for _ in 0..4 {
            peer.expect(FIN | PING, "").await;
            peer.send(frame(FIN | PONG, "")).await;
        }
        assert!(begin.elapsed() > Duration::from_millis(350), "{:?}", begin.elapsed());
        peer.expect(FIN | PING, "").await;
        assert!(!matches!(peer.0.bytes(1).await, Ok(Some(_))), "no more is said");
        gate.ended(1).await;
        assert_eq!(gate.notes(), ["Err(Timeout)", "Ok(None)"]);
        running.stop().await.unwrap();
    })
    .await;
}

// ---- the handler ------------------------------------------------------------------------------------

#[tokio::test]
async fn the_end_of_the_handler_is_the_end_of_the_socket() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let address = running.addr();
        keep_log();
        for (path, code) in [("return", 1000), ("fail", 1011), ("panic", 1011)] {
            let mut peer = Peer::open(address, &format!("/told/{path}")).await;
            peer.answers_close(code).await;
        }
        assert_eq!(logged(&["ERROR", "ws_told", "told to fail"]).len(), 1);
        assert_eq!(logged(&["ERROR", "ws_told", "told to panic"]).len(), 1);
        // The handler goes on, the socket is closed.
        let mut peer = Peer::open(address, "/told/drop").await;
        peer.answers_close(1000).await;
        gate.open(1);
        let mut peer = Peer::open(address, "/told/wrong-code").await;
        peer.answers_close(1000).await;
        assert!(gate.notes()[0].contains("1005"));
        let mut peer = Peer::open(address, "/timed").await;
        peer.answers_close(1011).await;
        let mut peer = Peer::open(address, "/told/deadline").await;
        peer.expect(FIN | TEXT, "None").await;
        drop(peer);
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_two_directions_work_apart() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let mut peer = Peer::open(running.addr(), "/told/split").await;
        peer.send([text("one"), text("two")].concat()).await;
        for number in 0..100 {
            peer.expect(FIN | TEXT, number.to_string()).await;
        }
        peer.send(close(1000, "")).await;
        peer.closed_with(1000).await;
        gate.ended(1).await;
        assert_eq!(gate.notes(), ["seen 2, closed with 1000"]);
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn streams_are_the_bound_of_functions_and_replicas_that_of_instances() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = manager(&gate).with_streams(2).with_max_requests(1).spawn().await.unwrap();
        let address = running.addr();
        let one = Peer::open(address, "/echo").await;
        let mut two = Peer::open(address, "/counter").await;
        two.expect(FIN | TEXT, "1").await;
        let full = fetch(address, handshake("/echo", "")).await;
        assert_eq!(full.status, 503);
        assert!(full.header("retry-after").is_some());
        // An open socket is no request in flight.
        assert_eq!(fetch(address, get("/plain")).await.status, 200);
        drop(one);
        until("a stream is free", || running.figures("ws_echo").unwrap().busy == 0).await;
        let (_peer, answer) = loop {
            let (peer, answer) = Peer::ask(address, handshake("/counter", "")).await;
            // The stream is counted off after the replica.
            if !answer.text().contains("streams") {
                break (peer, answer);
            }
        };
        assert_eq!(answer.status, 503, "one instance");
        assert!(answer.text().contains("replicas"), "{}", answer.text());
        two.send(close(1000, "")).await;
        two.closed_with(1000).await;
        until("the instance is free", || running.figures("ws_counter").unwrap().busy == 0).await;
        let mut three = Peer::open(address, "/counter").await;
        three.expect(FIN | TEXT, "2").await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_idle_socket_outlives_the_idle_time_of_http() {
    within(LIMIT, async {
        let running = manager(&Gate::new())
            .with_keep_alive("100ms")
            .with_head_timeout("100ms")
            .spawn()
            .await
            .unwrap();
        let mut peer = Peer::open(running.addr(), "/echo").await;
        tokio::time::sleep(Duration::from_millis(400)).await;
        peer.send(&text("still here")[..3]).await;
        tokio::time::sleep(Duration::from_millis(400)).await;
        peer.send(&text("still here")[3..]).await;
        peer.expect(FIN | TEXT, "still here").await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn frames_may_come_with_the_handshake() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let mut bytes = handshake("/echo", "").into_bytes();
        bytes.extend(text("at once"));
        let (mut peer, answer) = Peer::ask(running.addr(), bytes).await;
        assert_eq!(answer.status, 101);
        peer.expect(FIN | TEXT, "at once").await;
        running.stop().await.unwrap();
    })
    .await;
}

// ---- the drain --------------------------------------------------------------------------------------

#[tokio::test]
async fn a_drain_closes_every_socket_with_1001() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let address = running.addr();
        let mut peers = Vec::new();
        for _ in 0..20 {
            peers.push(Peer::open(address, "/told/watch").await);
        }
        peers[0].send(text("last words")).await;
        until("it was heard", || gate.notes().len() == 1).await;
        let begin = Instant::now();
        let stopping = tokio::spawn(running.stop());
        for peer in &mut peers {
            peer.answers_close(1001).await;
        }
        stopping.await.unwrap().unwrap();
        assert!(begin.elapsed() < Duration::from_secs(3), "{:?}", begin.elapsed());
        let notes = gate.notes();
        assert_eq!(notes[0], "got 10");
        assert!(notes[1..].iter().all(|note| note == "None 1001"), "{notes:?}");
        assert_eq!((notes.len(), gate.passed()), (21, 20));
    })
    .await;
}

#[tokio::test]
async fn a_handler_that_does_not_return_is_cut_at_the_drain_limit() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = manager(&gate).with_drain("500ms").spawn().await.unwrap();
        let mut peer = Peer::open(running.addr(), "/told/stay").await;
        gate.entered(1).await;
        let stopping = tokio::spawn(running.stop());
        peer.answers_close(1001).await;
        fails(stopping.await.unwrap(), Kind::Timeout);
        assert_eq!(gate.cut(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_peer_that_does_not_answer_holds_the_drain_up_for_no_longer_than_a_close_may_take() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let mut peer = Peer::open(running.addr(), "/echo").await;
        let begin = Instant::now();
        let stopping = tokio::spawn(running.stop());
        assert_eq!(peer.frame().await.unwrap().0, FIN | CLOSE);
        stopping.await.unwrap().unwrap();
        assert!(begin.elapsed() > Duration::from_secs(4), "it was given its time");
        assert!(begin.elapsed() < Duration::from_secs(8), "{:?}", begin.elapsed());
    })
    .await;
}

// ---- another client ---------------------------------------------------------------------------------

#[tokio::test]
async fn a_client_of_the_world_gets_along() {
    use futures_util::{SinkExt, StreamExt};
    use tokio_tungstenite::tungstenite::Message;

    static GOT: AtomicUsize = AtomicUsize::new(0);
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let url = format!("ws://{}/echo", running.addr());
        let (mut socket, answer) = tokio_tungstenite::connect_async(&url).await.unwrap();
        assert_eq!(answer.status(), 101);
        for message in [Message::text("hello"), Message::binary(vec![0, 255])] {
            socket.send(message.clone()).await.unwrap();
            assert_eq!(socket.next().await.unwrap().unwrap(), message);
            GOT.fetch_add(1, Ordering::Relaxed);
        }
        socket.close(None).await.unwrap();
        assert!(matches!(socket.next().await, Some(Ok(Message::Close(None)))));
        assert!(socket.next().await.is_none());
        assert_eq!(GOT.load(Ordering::Relaxed), 2);
        running.stop().await.unwrap();
    })
    .await;
}
