//! Files that come in and go out: the handlers, their paths, what is checked before they run, and what a
//! client gets that goes away, stalls, sends too much or is told too little.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::{Stream, StreamExt, stream};
use http_body::Body as _;
use hyper_util::rt::{TokioExecutor, TokioIo};
use manager_runtime::prelude::*;
use manager_runtime::{Body, BoxError, MultiBus};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{
    Answer, Client, Gate, LIMIT, fails, fetch, get, keep_log, logged, post, request, until, within,
};

// ---- functions ------------------------------------------------------------------------------------

/// Reads all of it and says what it knows; what went wrong is noted for the test.
#[handler(upload)]
async fn tr_save(ctx: Context, gate: Res<Gate>, mut upload: Upload) -> Result<Json<Value>> {
    let mut length = 0;
    loop {
        match upload.next().await {
            Ok(Some(piece)) => {
                length += piece.len();
                gate.note("piece");
            }
            Ok(None) => break,
            Err(error) => {
                gate.note(format!("{}: {error}", error.kind().as_str()));
                return Err(error);
            }
        }
    }
    gate.note("whole");
    Ok(Json(json!({
        "name": upload.name(),
        "length": length,
        "hint": upload.size_hint(),
        "type": upload.content_type(),
        "client": upload.client().map(|client| client.ip().to_string()),
        "deadline": ctx.deadline().is_some(),
    })))
}

/// Waits at the gate before it reads.
#[handler(upload)]
async fn tr_waits(gate: Res<Gate>, mut upload: Upload) -> Result<String> {
    gate.pass().await;
    let mut length = 0;
    while let Some(piece) = upload.next().await? {
        length += piece.len();
    }
    Ok(length.to_string())
}

#[handler(upload)]
async fn tr_early(upload: Upload) -> (StatusCode, String) {
    (StatusCode::CONFLICT, format!("{} is there already", upload.name()))
}

#[handler(upload, body_limit = "10B")]
async fn tr_ten(gate: Res<Gate>, mut upload: Upload) -> Result<String> {
    loop {
        match upload.next().await {
            Ok(Some(_)) => {}
            Ok(None) => return Ok("whole".to_owned()),
            Err(error) => {
                gate.note(error.to_string());
                return Err(error);
            }
        }
    }
}

#[handler(upload, timeout = "200ms")]
async fn tr_hurries(mut upload: Upload) -> Result<String> {
    while upload.next().await?.is_some() {}
    Ok("whole".to_owned())
}

/// The body itself does as well, and parts of a call stand beside it.
#[handler(upload)]
async fn tr_body(Path(file): Path<String>, body: BodyStream) -> Result<String> {
    Ok(format!("{file}: {} bytes", body.collect(100).await?.len()))
}

#[handler(put = "/tr/files/{file}")]
async fn tr_put(upload: Upload) -> Result<String> {
    let name = upload.name().to_owned();
    Ok(format!("{name}: {} bytes", upload.into_body().collect(u64::MAX).await?.len()))
}

#[handler(upload)]
async fn tr_upload_panics(upload: Upload) {
    panic!("a secret about {}", upload.name());
}

#[handler(download)]
async fn tr_load(ctx: Context, name: String) -> Result<Body> {
    assert!(ctx.deadline().is_some(), "only uploads are without");
    match &*name {
        "none" => Err(Error::not_found("there is no such file")),
        "panics" => panic!("a secret"),
        name => Ok(format!("the content of {name}").into()),
    }
}

/// Promises more than there is, in the way that the name says.
#[handler(download)]
async fn tr_short(name: String) -> ([(&'static str, &'static str); 1], Body) {
    let pieces = match &*name {
        "ends" => vec![Ok("12345"), Ok("67890")],
        _ => vec![Ok("12345"), Err(io::Error::other("a secret of the disk"))],
    };
    ([("content-length", "100")], Body::from_stream(stream::iter(pieces)))
}

/// The replica is free as soon as this returns; the content waits for the gate.
#[handler(download, replicas = 1, queue = 0)]
async fn tr_slow(gate: Res<Gate>, name: String) -> Body {
    let gate = (*gate).clone();
    let rest = async move {
        gate.pass().await;
        Ok::<_, io::Error>(name)
    };
    Body::from_stream(stream::iter([Ok("first ".to_owned())]).chain(stream::once(rest)))
}

#[handler(metadata)]
async fn tr_about(name: String) -> Json<Value> {
    Json(json!({ "name": name }))
}

#[handler(metadata, name = "tr_text")]
fn tr_text(name: String) -> String {
    format!("all about {name}")
}

#[handler(metadata)]
async fn tr_about_panics(name: String) {
    panic!("{name}");
}

// The names that are reached at `/stream` as well.

#[handler(name = "upload", upload)]
async fn tr_upload(mut upload: Upload) -> Result<String> {
    let mut length = 0;
    while let Some(piece) = upload.next().await? {
        length += piece.len();
    }
    Ok(format!("{} has {length}", upload.name()))
}

#[handler(name = "download", download)]
async fn tr_download(name: String) -> String {
    format!("this is {name}")
}

#[handler(name = "metadata", metadata)]
async fn tr_metadata(name: String) -> Json<String> {
    Json(name)
}

// ---- impl blocks ------------------------------------------------------------------------------------

/// Every instance has a number, and counts its calls.
struct TrBlock {
    instance: i64,
    calls: u32,
}

#[handler(name = "tr_block", queue = 8)]
impl TrBlock {
    async fn new(state: Arc<SharedState>) -> Result<Self> {
        let instance = state.increment("tr_instances", 1)?;
        if state.get::<i64>("tr_bad_instance").is_ok_and(|bad| bad == Some(instance)) {
            return Err(Error::internal("a secret of the disk"));
        }
        Ok(TrBlock { instance, calls: 0 })
    }

    fn said(&mut self, how: &str) -> String {
        self.calls += 1;
        format!("{how} by {}, call {}", self.instance, self.calls)
    }

    async fn run(&mut self, gate: Res<Gate>, what: String) -> String {
        match &*what {
            "wait" => gate.pass().await,
            "panic" => panic!("a secret"),
            _ => {}
        }
        self.said("run")
    }

    async fn run_stream(&mut self, gate: Res<Gate>, mut upload: Upload) -> Result<String> {
        match upload.name() {
            "wait" => gate.pass().await,
            "panic" => panic!("a secret"),
            _ => {}
        }
        while upload.next().await?.is_some() {}
        Ok(self.said("upload"))
    }

    async fn run_file(&mut self, gate: Res<Gate>, name: String) -> String {
        match &*name {
            "wait" => gate.pass().await,
            "panic" => panic!("a secret"),
            _ => {}
        }
        self.said("download")
    }

    async fn run_metadata(&mut self, name: String) -> Json<String> {
        if name == "panic" {
            panic!("a secret");
        }
        Json(self.said("metadata"))
    }
}

/// Has one way only.
#[derive(Default)]
struct TrOnly;

#[handler]
impl TrOnly {
    fn run_file(&self, name: String) -> Result<Bytes> {
        Ok(name.into_bytes().into())
    }
}

// ---- by hand ----------------------------------------------------------------------------------------

struct TrHand {
    bus: Arc<MultiBus>,
    state: Arc<SharedState>,
}

impl Base for TrHand {
    fn new(bus: Arc<MultiBus>, state: Arc<SharedState>) -> Self {
        TrHand { bus, state }
    }

    fn get_communication_line(&self) -> Arc<MultiBus> {
        self.bus.clone()
    }

    fn get_shared_state(&self) -> Arc<SharedState> {
        self.state.clone()
    }

    async fn run(&mut self, _src: String, data: String) -> Result<String, BoxError> {
        Ok(format!("run {data}"))
    }

    async fn run_stream(
        &mut self,
        src: String,
        mut stream: Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>,
        file_name: String,
        size: usize,
    ) -> Result<String, BoxError> {
        let mut length = 0;
        while let Some(piece) = stream.next().await {
            length += piece?.len();
        }
        // The bus is there as in `run`, and knows who calls.
        let heard = self.publish(file_name, "tr_hears".to_owned()).await?;
        Ok(format!("{length} of {size}, {heard}, {}", src.starts_with("http:127.0.0.1")))
    }

    async fn run_file(
        &mut self,
        _src: String,
        filename: String,
    ) -> Result<(Box<dyn AsyncRead + Send + Unpin>, u64), BoxError> {
        let content = &b"0123456789"[..];
        match &*filename {
            "short" => Ok((Box::new(content), 20)),
            "part" => Ok((Box::new(content), 5)),
            "none" => Err(Error::not_found("no such file").into()),
            "foreign" => Err(io::Error::other("a secret").into()),
            "panic" => panic!("a secret"),
            _ => Ok((Box::new(content), 10)),
        }
    }

    async fn run_metadata(&mut self, _: String, filename: String) -> Result<String, BoxError> {
        Ok(format!(r#"{{"name":"{filename}"}}"#))
    }
}

#[handler]
async fn tr_hears(ctx: Context, name: String) -> String {
    format!("{name} from {}", ctx.source())
}

struct TrBare(Arc<MultiBus>, Arc<SharedState>);

impl Base for TrBare {
    fn new(bus: Arc<MultiBus>, state: Arc<SharedState>) -> Self {
        TrBare(bus, state)
    }

    fn get_communication_line(&self) -> Arc<MultiBus> {
        self.0.clone()
    }

    fn get_shared_state(&self) -> Arc<SharedState> {
        self.1.clone()
    }
}

// ---- what the tests share -----------------------------------------------------------------------------

fn manager(gate: &Gate) -> Manager {
    let mut manager = Manager::empty();
    manager
        .add::<tr_save>()
        .add::<tr_waits>()
        .add::<tr_early>()
        .add::<tr_ten>()
        .add::<tr_hurries>()
        .add::<tr_body>()
        .add::<tr_put>()
        .add::<tr_upload_panics>()
        .add::<tr_load>()
        .add::<tr_short>()
        .add::<tr_slow>()
        .add::<tr_about>()
        .add::<tr_text>()
        .add::<tr_about_panics>()
        .add::<tr_upload>()
        .add::<tr_download>()
        .add::<tr_metadata>()
        .add::<TrBlock>()
        .add::<TrOnly>()
        .add::<tr_hears>()
        .add_handler::<TrHand>("tr_hand", 1)
        .add_handler::<TrBare>("tr_bare", 1)
        .provide(gate.clone())
        .with_bind("127.0.0.1:0");
    manager
}

async fn spawn(gate: &Gate) -> Running {
    manager(gate).spawn().await.unwrap()
}

/// The head of an upload whose length is announced.
fn head(path: &str, length: u64) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n")
}

/// The same on a connection that ends with the answer.
fn last_head(path: &str, length: u64) -> String {
    head(path, length).replace("\r\nHost", "\r\nConnection: close\r\nHost")
}

fn chunked_head(path: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    chunk
}

/// The detail of a problem (RFC 9457).
#[track_caller]
fn problem(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    answer.json()["detail"].as_str().unwrap().to_owned()
}

async fn until_noted(gate: &Gate, note: &str) {
    until(note, || gate.notes().iter().any(|noted| noted.contains(note))).await;
}

// ---- paths --------------------------------------------------------------------------------------------

#[tokio::test]
async fn every_entrance_has_its_path() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let ask = |request: Vec<u8>| fetch(running.addr(), request);
        for path in ["/upload/upload/a.txt", "/stream/upload/a.txt"] {
            let answer = ask(post(path, "12345")).await;
            assert_eq!((answer.status, &*answer.text()), (200, "a.txt has 5"));
            assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        }
        for path in ["/download/download/a.txt", "/stream/download/a.txt"] {
            assert_eq!(ask(get(path)).await.text(), "this is a.txt");
        }
        for path in ["/metadata/metadata/a.txt", "/stream/metadata/a.txt"] {
            let answer = ask(get(path)).await;
            assert_eq!(answer.header("content-type"), Some("application/json"));
            assert_eq!(answer.json(), json!("a.txt"));
        }
        assert_eq!(ask(get("/tr_load/download/x")).await.text(), "the content of x");
        assert_eq!(ask(get("/tr_about/metadata/x")).await.json(), json!({ "name": "x" }));
        assert_eq!(ask(get("/tr_text/metadata/x")).await.text(), "all about x");
        // A query is none of the name.
        assert_eq!(ask(get("/tr_text/metadata/x?y=z")).await.text(), "all about x");
        assert_eq!(ask(post("/tr_body/upload/a%20b", "123")).await.text(), "a b: 3 bytes");
        // A route of its own has the name as its capture.
        let put = request("PUT /tr/files/b.txt", "", "1234");
        assert_eq!(ask(put).await.text(), "b.txt: 4 bytes");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn there_is_no_other_way_in() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let ask = |request: Vec<u8>| fetch(running.addr(), request);
        // Such a function has no envelope, and no path of another kind.
        ask(post("/tr_save", "x")).await.refusal(404);
        for path in
            ["/tr_save/download/a", "/tr_load/upload/a", "/tr_load/metadata/a", "/stream/x/a"]
        {
            problem(&ask(get(path)).await, 404);
            problem(&ask(post(path, "x")).await, 404);
        }
        for (request, allowed) in [
            (get("/tr_save/upload/a"), "OPTIONS, POST"),
            (request("PUT /tr_save/upload/a", "", "x"), "OPTIONS, POST"),
            (post("/tr_load/download/a", "x"), "GET, HEAD, OPTIONS"),
            (post("/tr_about/metadata/a", "x"), "GET, HEAD, OPTIONS"),
        ] {
            let answer = ask(request).await;
            problem(&answer, 405);
            assert_eq!(answer.header("allow"), Some(allowed));
        }
        // An impl block has them beside its envelope, or instead of it.
        assert_eq!(ask(post("/tr_block", "x")).await.message(), "run by 1, call 1");
        ask(post("/tr_only", "x")).await.refusal(404);
        assert_eq!(ask(get("/tr_only/download/x")).await.text(), "x");
        problem(&ask(post("/tr_only/upload/x", "x")).await, 404);
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_name_is_one_segment_and_stays_one() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let bad = [
            "..",
            ".",
            "%2e%2e",
            "%2E.",
            ".%2e",
            "%2e",
            "a%2Fb",
            "%2f",
            "..%2f..%2fetc%2fpasswd",
            "..%5c..%5cx",
            "a%5Cb",
            "a\\b",
            "a%00",
            "%00",
            "a%00.txt",
        ];
        for name in bad {
            for (method, entrance) in [
                ("POST", "tr_save/upload"),
                ("GET", "tr_load/download"),
                ("GET", "tr_about/metadata"),
                ("POST", "stream/upload"),
                ("GET", "stream/download"),
                ("GET", "stream/metadata"),
                ("POST", "tr_hand/upload"),
                ("GET", "tr_block/download"),
                ("HEAD", "tr_block/download"),
            ] {
                let mut client = Client::connect(running.addr()).await;
                client.send(request(&format!("{method} /{entrance}/{name}"), "", "")).await;
                let answer = match method {
                    "HEAD" => client.head().await,
                    _ => client.answer().await,
                };
                assert_eq!(answer.status, 400, "{method} /{entrance}/{name}: {}", answer.text());
            }
        }
        // What is no segment at all is nothing; what is no text is told before.
        for (name, status) in [("", 404), ("a/b", 404), ("../a", 404), ("%ff", 400), ("%", 400)] {
            let answer = fetch(running.addr(), get(&format!("/tr_load/download/{name}"))).await;
            assert_eq!(answer.status, status, "{name}: {}", answer.text());
        }
        for (raw, name) in [
            ("a.txt", "a.txt"),
            ("%61", "a"),
            ("...", "..."),
            (".a", ".a"),
            ("a..b", "a..b"),
            ("%C3%A4%20%2B", "ä +"),
            ("a+b", "a+b"),
            ("%252e%252e", "%2e%2e"),
            ("a%0Ab", "a\nb"),
            ("c:", "c:"),
        ] {
            let answer = fetch(running.addr(), get(&format!("/tr_about/metadata/{raw}"))).await;
            assert_eq!(answer.json(), json!({ "name": name }), "{raw}");
            let answer = fetch(running.addr(), post(&format!("/tr_save/upload/{raw}"), "")).await;
            assert_eq!(answer.json()["name"], name, "{raw}");
        }
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_upload_knows_what_the_client_says_of_it() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let ask = |headers: &str| {
            fetch(running.addr(), request("POST /tr_save/upload/a", headers, "12345"))
        };
        let said = ask("Approximate-Size: 1000\r\nContent-Type: text/csv\r\n").await.json();
        assert_eq!(
            said,
            json!({ "name": "a", "length": 5, "hint": 1000, "type": "text/csv", "client": "127.0.0.1",
                    "deadline": false })
        );
        let said = ask("").await.json();
        assert_eq!((&said["hint"], &said["type"]), (&json!(5), &json!(null)));
        for wrong in ["", "-1", "+1", "ten", "1 000", "0x10", "1.5", "99999999999999999999"] {
            let answer = ask(&format!("Approximate-Size: {wrong}\r\n")).await;
            assert!(problem(&answer, 400).contains("Approximate-Size"), "{wrong}");
        }
        let twice = ask("Approximate-Size: 5\r\nApproximate-Size: 5\r\n").await;
        assert!(problem(&twice, 400).contains("Approximate-Size"));
        // Without a length nobody knows.
        let mut client = Client::connect(running.addr()).await;
        client.send(chunked_head("/tr_save/upload/a")).await;
        client.send([chunk(b"123"), chunk(b"45"), chunk(b"")].concat()).await;
        let said = client.answer().await.json();
        assert_eq!((&said["length"], &said["hint"]), (&json!(5), &json!(null)));
        running.stop().await.unwrap();
    })
    .await;
}

// ---- limits -------------------------------------------------------------------------------------------

#[tokio::test]
async fn a_file_may_be_longer_than_a_message_and_not_longer_than_its_limit() {
    within(LIMIT, async {
        let gate = Gate::new();
        let mut manager = manager(&gate);
        manager.with_body_limit("1KiB").with_upload_limit("1MiB");
        let running = manager.spawn().await.unwrap();
        let mib = 1024 * 1024;
        for path in ["/tr_save/upload/a", "/stream/upload/a", "/tr_block/upload/a"] {
            assert_eq!(fetch(running.addr(), post(path, vec![7; mib])).await.status, 200, "{path}");
            // What is announced is refused before anything is sent, and what runs does not run.
            let mut client = Client::connect(running.addr()).await;
            client.send(head(path, mib as u64 + 1)).await;
            let answer = client.answer().await;
            assert!(problem(&answer, 413).contains("1048576"), "{path}");
            assert!(answer.closes());
        }
        // By a route of its own, too.
        let long = fetch(running.addr(), request("PUT /tr/files/b", "", vec![7; mib])).await;
        assert_eq!(long.text(), "b: 1048576 bytes");
        let longer = fetch(running.addr(), request("PUT /tr/files/b", "", vec![7; mib + 1])).await;
        problem(&longer, 413);
        // What is not announced is counted, and the handler hears of it.
        let mut client = Client::connect(running.addr()).await;
        client.send(chunked_head("/tr_save/upload/a")).await;
        client.send(chunk(&vec![7; mib])).await;
        client.send(chunk(b"x")).await;
        problem(&client.answer().await, 413);
        assert!(gate.notes().iter().any(|note| note.contains("too large")), "{:?}", gate.notes());
        // The handler's own word wins.
        assert_eq!(fetch(running.addr(), post("/tr_ten/upload/a", "1234567890")).await.status, 200);
        let answer = fetch(running.addr(), post("/tr_ten/upload/a", "12345678901")).await;
        assert!(problem(&answer, 413).contains("10 bytes"));
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_upload_that_is_cut_ends_with_an_error_for_the_handler() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        for (beginning, rest) in [
            (head("/tr_save/upload/a", 1000), b"1234567890".to_vec()),
            (chunked_head("/tr_save/upload/a"), chunk(b"1234567890")),
            // In the middle of a chunk, and before the last one.
            (chunked_head("/tr_save/upload/a"), b"a\r\n12345".to_vec()),
        ] {
            let notes = gate.notes().len();
            let mut client = Client::connect(running.addr()).await;
            client.send(beginning).await;
            client.send(rest).await;
            until("the first piece", || gate.notes().len() > notes).await;
            drop(client);
            until("the end", || gate.notes()[notes..].iter().any(|note| note != "piece")).await;
            let end = gate.notes().pop().unwrap();
            assert!(end.starts_with("bad request"), "{end}");
        }
        // No one of them was taken for a file.
        assert!(!gate.notes().iter().any(|note| note == "whole"));
        assert_eq!(fetch(running.addr(), post("/tr_save/upload/a", "x")).await.status, 200);
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_upload_that_stalls_ends_with_an_error_for_both() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = manager(&gate).with_body_timeout("200ms").spawn().await.unwrap();
        let mut client = Client::connect(running.addr()).await;
        client.send(head("/tr_save/upload/a", 1000)).await;
        client.send("12345").await;
        let answer = client.answer().await;
        assert!(problem(&answer, 400).contains("stalled"));
        assert!(answer.closes());
        until_noted(&gate, "bad request: the body stalled").await;
        assert!(!gate.notes().iter().any(|note| note == "whole"));
        // One that goes on, however slowly, is none: longer in all than any pause may be.
        let mut client = Client::connect(running.addr()).await;
        client.send(head("/tr_save/upload/a", 8)).await;
        let begin = Instant::now();
        for _ in 0..8 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            client.send("x").await;
        }
        assert_eq!(client.answer().await.json()["length"], 8);
        assert!(begin.elapsed() > Duration::from_millis(200));
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_deadline_holds_only_where_it_is_written() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let mut client = Client::connect(running.addr()).await;
        client.send(head("/tr_hurries/upload/a", 10)).await;
        client.send("12345").await;
        problem(&client.answer().await, 504);
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_early_return_answers_at_once() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let mut client = Client::connect(running.addr()).await;
        client.send(head("/tr_early/upload/a.txt", 9 << 30)).await;
        client.send(vec![7; 10_000]).await;
        let answer = client.answer().await;
        assert_eq!((answer.status, &*answer.text()), (409, "a.txt is there already"));
        // Where the rest would begin, another request cannot.
        assert!(answer.closes());
        client.closed().await;
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_handler_that_does_not_read_stops_the_client() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        const WHOLE: usize = 64 << 20;
        let mut stream = TcpStream::connect(running.addr()).await.unwrap();
        stream.write_all(last_head("/tr_waits/upload/a", WHOLE as u64).as_bytes()).await.unwrap();
        gate.entered(1).await;
        // Everything that fits between the two: the buffers of two sockets, and one of the server.
        let piece = vec![7; 64 * 1024];
        let mut sent = 0;
        let pause = Duration::from_millis(300);
        while let Ok(written) = tokio::time::timeout(pause, stream.write(&piece)).await {
            sent += written.unwrap();
            assert!(sent < WHOLE / 2, "{sent} bytes were taken that nobody read");
        }
        gate.open(1);
        while sent < WHOLE {
            sent += stream.write(&piece[..piece.len().min(WHOLE - sent)]).await.unwrap();
        }
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.ends_with(&WHOLE.to_string()), "{answer}");
        running.stop().await.unwrap();
    })
    .await;
}

// ---- downloads ----------------------------------------------------------------------------------------

/// The answer to a GET over HTTP/2: its status, and its content if that is whole.
async fn get_http2(
    address: SocketAddr,
    method: &str,
    path: &str,
) -> (http::Response<()>, Result<Vec<u8>, String>) {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    tokio::spawn(connection);
    let request = http::Request::builder().method(method).uri(format!("http://localhost{path}"));
    let answer = sender.send_request(request.body(String::new()).unwrap()).await.unwrap();
    let (parts, mut body) = answer.into_parts();
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        match frame {
            Ok(frame) => bytes.extend(frame.into_data().unwrap_or_default()),
            Err(error) => return (http::Response::from_parts(parts, ()), Err(error.to_string())),
        }
    }
    (http::Response::from_parts(parts, ()), Ok(bytes))
}

#[tokio::test]
async fn a_reader_that_ends_too_early_cuts_the_connection() {
    within(LIMIT, async {
        keep_log();
        let running = spawn(&Gate::new()).await;
        for (path, came) in [
            ("/tr_short/download/ends", "1234567890"),
            ("/tr_short/download/fails", "12345"),
            ("/tr_hand/download/short", "0123456789"),
        ] {
            let mut client = Client::connect(running.addr()).await;
            client.send(get(path)).await;
            let end = client.try_answer(true).await.unwrap_err();
            assert_eq!(end.kind(), io::ErrorKind::UnexpectedEof, "{path}");
            let (answer, content) = get_http2(running.addr(), "GET", path).await;
            assert_eq!(answer.status(), 200);
            assert!(content.is_err(), "{path}: {content:?} was taken for the whole");
            // What there was has been sent, and the connection is over.
            let mut client = Client::connect(running.addr()).await;
            client.send(get(path)).await;
            let all = String::from_utf8(client.closed().await).unwrap();
            assert!(all.ends_with(&format!("\r\n\r\n{came}")), "{path}: {all}");
        }
        assert!(!logged(&["tr_short", "a secret of the disk"]).is_empty());
        assert!(!logged(&["tr_hand", "broke off"]).is_empty());
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn head_says_what_get_would_and_sends_nothing() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        for (path, length) in [
            ("/tr_load/download/a", Some("16")),
            ("/tr_hand/download/a", Some("10")),
            ("/stream/metadata/a", Some("3")),
            ("/tr_slow/download/a", None),
        ] {
            let mut client = Client::connect(running.addr()).await;
            client.send(request(&format!("HEAD {path}"), "", "")).await;
            let answer = client.head().await;
            assert_eq!((answer.status, answer.header("content-length")), (200, length), "{path}");
            // The next answer begins right behind it.
            assert_eq!(client.ask(get("/livez")).await.status, 200, "{path}");
            let (answer, content) = get_http2(running.addr(), "HEAD", path).await;
            let said =
                answer.headers().get("content-length").map(|length| length.to_str().unwrap());
            assert_eq!((said, content), (length, Ok(Vec::new())), "{path}");
        }
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_download_frees_its_replica_when_the_handler_returns() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        // One replica and no queue: whoever finds it taken is refused.
        let mut clients = Vec::new();
        for name in ["a", "b", "c"] {
            let mut client = Client::connect(running.addr()).await;
            client.send(get(&format!("/tr_slow/download/{name}"))).await;
            assert_eq!(client.try_answer(false).await.unwrap().unwrap().status, 200);
            assert_eq!(client.chunk().await.unwrap().unwrap(), "first ");
            clients.push((client, name));
        }
        gate.open(3);
        for (mut client, name) in clients {
            assert_eq!(client.chunk().await.unwrap().unwrap(), name);
            assert_eq!(client.chunk().await.unwrap(), None);
        }
        running.stop().await.unwrap();
    })
    .await;
}

// ---- replicas -----------------------------------------------------------------------------------------

#[tokio::test]
async fn the_ways_into_a_block_share_its_replicas_and_uploads_do_not() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let address = running.addr();
        let ask = |request: Vec<u8>| tokio::spawn(fetch(address, request));
        let waiting = || running.figures("tr_block").unwrap().waiting;
        // An upload runs, and nobody waits for it.
        let mut held = vec![ask(post("/tr_block/upload/wait", "12345"))];
        gate.entered(1).await;
        assert_eq!(fetch(address, post("/tr_block", "x")).await.message(), "run by 1, call 1");
        assert_eq!(
            fetch(address, get("/tr_block/download/x")).await.text(),
            "download by 1, call 2"
        );
        assert_eq!(
            fetch(address, get("/tr_block/metadata/x")).await.json(),
            json!("metadata by 1, call 3")
        );
        // A call of `run` holds the one replica, and so does a download: the others wait.
        for (first, free, ended) in [
            (post("/tr_block", "wait"), 3, "upload by 2, call 1"),
            (get("/tr_block/download/wait"), 2, "upload by 3, call 2"),
        ] {
            let first = ask(first);
            gate.entered(1).await;
            let others = [
                ask(post("/tr_block", "x")),
                ask(get("/tr_block/download/x")),
                ask(get("/tr_block/metadata/x")),
            ];
            until("they wait", || waiting() == 3).await;
            // Another upload goes on all the same, in an instance of its own.
            let beside = fetch(address, post("/tr_block/upload/x", "12345")).await.text();
            assert!(beside.starts_with(&format!("upload by {free}, call")), "{beside}");
            // The upload stands first at the gate, and another one takes its place there.
            held.push(ask(post("/tr_block/upload/wait", "12345")));
            gate.entered(1).await;
            gate.open(2);
            assert_eq!(first.await.unwrap().status, 200);
            assert_eq!(held.remove(0).await.unwrap().text(), ended);
            for other in others {
                let answer = other.await.unwrap();
                assert!(answer.text().contains("by 1, call"), "{}", answer.text());
            }
        }
        gate.open(1);
        for upload in held {
            assert_eq!(upload.await.unwrap().status, 200);
        }
        let figures = running.figures("tr_block").unwrap();
        assert_eq!((figures.busy, figures.waiting, figures.panicked), (0, 0, 0));
        assert_eq!(figures.calls, 16, "uploads count as well");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_instance_for_uploads_is_made_when_it_is_needed_and_kept() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let made = || running.context().state().get::<i64>("tr_instances").unwrap().unwrap();
        let upload =
            |name: &str| fetch(running.addr(), post(&format!("/tr_block/upload/{name}"), "x"));
        // The replica of `run`, and one that shows that uploads can be had.
        assert_eq!(made(), 2);
        for call in 1..4 {
            assert_eq!(upload("x").await.text(), format!("upload by 2, call {call}"));
        }
        assert_eq!(made(), 2);
        let held = tokio::spawn(fetch(running.addr(), post("/tr_block/upload/wait", "x")));
        gate.entered(1).await;
        // The next one cannot be made, which is nobody's but its own matter; then it can.
        running.context().state().insert("tr_bad_instance", 3_i64);
        let answer = upload("x").await;
        assert_eq!(answer.status, 500);
        assert!(!answer.text().contains("secret"), "{}", answer.text());
        assert_eq!(upload("x").await.text(), "upload by 4, call 1");
        assert_eq!(upload("x").await.text(), "upload by 4, call 2");
        gate.open(1);
        assert_eq!(held.await.unwrap().text(), "upload by 2, call 4");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_instance_for_uploads_that_cannot_be_made_ends_the_start() {
    within(LIMIT, async {
        let mut manager = manager(&Gate::new());
        manager.state().insert("tr_bad_instance", 2_i64);
        let error = fails(manager.spawn().await.map(drop), Kind::Internal);
        assert!(error.to_string().contains("`tr_block` cannot start"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn streams_are_the_bound_of_uploads() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = manager(&gate).with_streams(1).spawn().await.unwrap();
        for path in ["/tr_waits/upload/wait", "/tr_block/upload/wait"] {
            let held = tokio::spawn(fetch(running.addr(), post(path, "12345")));
            gate.entered(1).await;
            for other in ["/tr_save/upload/a", "/tr_block/upload/a", "/tr_hand/upload/a"] {
                let answer = fetch(running.addr(), post(other, "x")).await;
                problem(&answer, 503);
                assert!(answer.header("retry-after").is_some());
            }
            // Everything else has its replicas.
            assert_eq!(fetch(running.addr(), post("/tr_block", "x")).await.status, 200);
            assert_eq!(fetch(running.addr(), get("/tr_load/download/a")).await.status, 200);
            gate.open(1);
            assert_eq!(held.await.unwrap().status, 200);
            assert_eq!(fetch(running.addr(), post("/tr_save/upload/a", "x")).await.status, 200);
        }
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_upload_is_no_request_in_flight_for_as_long_as_it_takes() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = manager(&gate).with_max_requests(1).spawn().await.unwrap();
        let held = tokio::spawn(fetch(running.addr(), post("/tr_waits/upload/a", "12345")));
        gate.entered(1).await;
        assert_eq!(fetch(running.addr(), get("/tr_load/download/a")).await.status, 200);
        gate.open(1);
        assert_eq!(held.await.unwrap().text(), "5");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_drain_waits_for_an_upload() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let mut client = Client::connect(running.addr()).await;
        client.send(head("/tr_save/upload/a", 10)).await;
        client.send("12345").await;
        until_noted(&gate, "piece").await;
        let stop = running.stop();
        let mut stop = Box::pin(stop);
        tokio::select! {
            _ = &mut stop => panic!("it did not wait"),
            () = tokio::time::sleep(Duration::from_millis(300)) => {}
        }
        client.send("67890").await;
        let (stopped, answer) = tokio::join!(stop, client.answer());
        assert_eq!((answer.status, answer.json()["length"].clone()), (200, json!(10)));
        assert!(answer.closes());
        stopped.unwrap();
        assert!(gate.notes().iter().any(|note| note == "whole"));
    })
    .await;
}

#[tokio::test]
async fn a_drain_that_is_over_cuts_an_upload() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = manager(&gate).with_drain("100ms").spawn().await.unwrap();
        let mut client = Client::connect(running.addr()).await;
        client.send(head("/tr_save/upload/a", 10)).await;
        client.send("12345").await;
        until_noted(&gate, "piece").await;
        fails(running.stop().await, Kind::Timeout);
        let _ = client.closed().await;
        assert!(!gate.notes().iter().any(|note| note == "whole"));
    })
    .await;
}

#[tokio::test]
async fn a_panic_is_an_answer_and_nothing_else() {
    within(LIMIT, async {
        keep_log();
        let running = spawn(&Gate::new()).await;
        let address = running.addr();
        for request in [
            post("/tr_upload_panics/upload/a", "12345"),
            get("/tr_load/download/panics"),
            get("/tr_about_panics/metadata/a"),
            post("/tr_block/upload/panic", "12345"),
            get("/tr_block/download/panic"),
            get("/tr_block/metadata/panic"),
            get("/tr_hand/download/panic"),
            get("/tr_hand/download/foreign"),
        ] {
            let answer = fetch(address, request).await;
            let text = problem(&answer, 500);
            assert!(!text.contains("secret"), "{text}");
        }
        // Every replica was made anew, the one of uploads when it was needed.
        let answer = fetch(address, post("/tr_block/upload/x", "12345")).await;
        assert!(answer.text().starts_with("upload by") && answer.text().ends_with("call 1"));
        let answer = fetch(address, get("/tr_block/download/x")).await;
        assert!(answer.text().ends_with("call 1"), "{}", answer.text());
        assert_eq!(fetch(address, get("/tr_hand/download/x")).await.text(), "0123456789");
        assert_eq!(running.figures("tr_block").unwrap().panicked, 3);
        assert!(!logged(&["tr_upload_panics", "a secret about a"]).is_empty());
        running.stop().await.unwrap();
    })
    .await;
}

// ---- other ways to them -------------------------------------------------------------------------------

#[tokio::test]
async fn they_are_called_by_type_and_by_name_like_others() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let ctx = running.context();
        let said = ctx.call::<tr_save>(Upload::new("a", "12345")).await.unwrap();
        assert_eq!(
            (&said["name"], &said["length"], &said["client"]),
            (&json!("a"), &json!(5), &json!(null))
        );
        let pieces = stream::iter([Ok("12"), Err(io::Error::other("the source failed"))]);
        let upload = Upload::new("a", Body::from_stream(pieces));
        let error = ctx.call::<tr_save>(upload).await.unwrap_err();
        assert!(format!("{error:?}").contains("the source failed"), "{error:?}");
        let said: Value = ctx.publish("tr_save", "1234").await.unwrap().json().unwrap();
        assert_eq!(
            (&said["name"], &said["length"], &said["hint"]),
            (&json!(""), &json!(4), &json!(4))
        );
        let said: Value =
            ctx.publish("tr_save", Upload::new("b", "")).await.unwrap().json().unwrap();
        assert_eq!(said["name"], "b");
        let body = ctx.call::<tr_load>("a".to_owned()).await.unwrap();
        assert_eq!(body.collect(100).await.unwrap(), "the content of a");
        assert_eq!(ctx.publish("tr_text", "a").await.unwrap().text().unwrap(), "all about a");
        // An impl block answers messages by `run`, if it has one.
        assert_eq!(ctx.call::<TrBlock>("x".to_owned()).await.unwrap(), "run by 1, call 1");
        assert_eq!(ctx.publish("tr_block", "x").await.unwrap().text().unwrap(), "run by 1, call 2");
        ctx.send::<TrBlock>("x".to_owned()).await.unwrap();
        until("it was sent", || running.figures("tr_block").unwrap().calls == 3).await;
        let error = fails(ctx.call::<TrOnly>(()).await, Kind::NotImplemented);
        assert_eq!(error.message(), "`tr_only` does not answer messages");
        let error = fails(ctx.publish("tr_only", "x").await, Kind::NotImplemented);
        assert_eq!(error.message(), "`tr_only` does not answer messages");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_fake_of_a_block_answers_messages_and_has_no_files() {
    within(LIMIT, async {
        let running = Manager::empty()
            .fake::<TrBlock, _>(|what| async move { Ok(format!("a fake of {what}")) })
            .with_bind("127.0.0.1:0")
            .spawn()
            .await
            .unwrap();
        let made = running.context().state().get::<i64>("tr_instances").unwrap();
        assert_eq!(made, None, "`new` was run");
        assert_eq!(running.context().call::<TrBlock>("x".to_owned()).await.unwrap(), "a fake of x");
        for request in [
            post("/tr_block/upload/x", "12345"),
            get("/tr_block/download/x"),
            get("/tr_block/metadata/x"),
        ] {
            problem(&fetch(running.addr(), request).await, 501);
        }
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn hand_written_handlers_have_all_three() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let ask = |request: Vec<u8>| fetch(running.addr(), request);
        let upload = request("POST /tr_hand/upload/a.txt", "Approximate-Size: 7\r\n", "12345");
        assert_eq!(ask(upload).await.text(), "5 of 7, a.txt from tr_hand, true");
        let mut client = Client::connect(running.addr()).await;
        client.send(chunked_head("/tr_hand/upload/a")).await;
        client.send([chunk(b"123"), chunk(b"")].concat()).await;
        assert_eq!(client.answer().await.text(), "3 of 0, a from tr_hand, true");
        let answer = ask(get("/tr_hand/download/a")).await;
        assert_eq!((answer.header("content-length"), &*answer.text()), (Some("10"), "0123456789"));
        assert_eq!(answer.header("content-type"), Some("application/octet-stream"));
        assert_eq!(ask(get("/tr_hand/download/part")).await.text(), "01234");
        assert_eq!(problem(&ask(get("/tr_hand/download/none")).await, 404), "no such file");
        assert_eq!(ask(get("/tr_hand/metadata/a")).await.text(), r#"{"name":"a"}"#);
        assert_eq!(ask(post("/tr_hand", "x")).await.message(), "run x");
        // One that has none of them says so.
        for request in
            [post("/tr_bare/upload/a", "x"), get("/tr_bare/download/a"), get("/tr_bare/metadata/a")]
        {
            problem(&ask(request).await, 501);
        }
        running.stop().await.unwrap();
    })
    .await;
}

// ---- options ------------------------------------------------------------------------------------------

#[handler(upload, internal)]
async fn tr_internal(upload: Upload) -> String {
    upload.name().to_owned()
}

#[handler(download, private)]
async fn tr_private(name: String) -> String {
    name
}

#[middleware]
async fn tr_around(request: Request, next: Next) -> Result<Response> {
    let mut response = next.run(request).await?;
    response.headers_mut().insert("x-around", "yes".parse()?);
    Ok(response)
}

#[handler(upload, public, with = [tr_around], host = "files.example.com", deprecated = "use tus")]
async fn tr_public(upload: Upload) -> Result<String> {
    Ok(upload.into_body().collect(100).await?.len().to_string())
}

#[handler(get = "/tr_load/download/{name}")]
async fn tr_rival(Path(name): Path<String>) -> String {
    name
}

#[tokio::test]
async fn the_options_of_handlers_hold_for_files() {
    within(LIMIT, async {
        let mut manager = manager(&Gate::new());
        manager.add::<tr_internal>().add::<tr_private>().add::<tr_public>();
        manager.with_api_key("hunter2").with_private_bind("127.0.0.1:0");
        let running = manager.spawn().await.unwrap();
        let (public, private) = (running.addr(), running.private_addr().unwrap());
        let key = "Authorization: Bearer hunter2\r\n";
        let with_key = |line: &str, body: &str| request(line, key, body);
        // A key is asked for before anything is looked at.
        assert_eq!(fetch(public, post("/tr_save/upload/a", "x")).await.status, 401);
        assert_eq!(fetch(public, get("/tr_load/download/..")).await.status, 401);
        assert_eq!(fetch(public, with_key("POST /tr_save/upload/a", "x")).await.status, 200);
        let host = "Host: files.example.com\r\n";
        let answer = fetch(public, request("POST /tr_public/upload/a", host, "123")).await;
        assert_eq!((answer.status, &*answer.text()), (200, "3"));
        assert_eq!(answer.header("x-around"), Some("yes"));
        assert!(answer.header("deprecation").is_some());
        assert_eq!(fetch(public, with_key("POST /tr_public/upload/a", "x")).await.status, 404);
        assert_eq!(fetch(public, with_key("POST /tr_internal/upload/a", "x")).await.status, 404);
        let named = running.context().call::<tr_internal>(Upload::new("a", "")).await;
        assert_eq!(named.unwrap(), "a");
        assert_eq!(fetch(public, with_key("GET /tr_private/download/a", "")).await.status, 404);
        assert_eq!(fetch(private, with_key("GET /tr_private/download/a", "")).await.text(), "a");
        assert_eq!(fetch(private, with_key("GET /tr_load/download/a", "")).await.status, 404);
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_route_in_the_place_of_an_entrance_ends_the_start() {
    within(LIMIT, async {
        let mut manager = manager(&Gate::new());
        let error = fails(manager.add::<tr_rival>().spawn().await.map(drop), Kind::Internal);
        let text = error.to_string();
        assert!(text.contains("tr_load") && text.contains("tr_rival"), "{text}");
        assert!(text.contains("/tr_load/download/{file}"), "{text}");
    })
    .await;
}

// ---- memory -------------------------------------------------------------------------------------------

/// Takes a file in and forgets it.
#[handler(upload)]
async fn tr_sink(mut upload: Upload) -> Result<String> {
    let mut length = 0;
    while let Some(piece) = upload.next().await? {
        length += piece.len() as u64;
    }
    Ok(length.to_string())
}

/// Gives as many MiB as the name says.
#[handler(download)]
async fn tr_source(name: String) -> Result<Body> {
    let mib: u64 = name.parse()?;
    let piece = Bytes::from(vec![7; 64 * 1024]);
    Ok(Body::from_stream(stream::iter(
        (0..mib * 16).map(move |_| Ok::<_, io::Error>(piece.clone())),
    )))
}

/// The memory of this process that is in use.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

async fn send_up(address: SocketAddr, mib: u64) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(last_head("/tr_sink/upload/a", mib << 20).as_bytes()).await.unwrap();
    let piece = vec![7; 64 * 1024];
    for _ in 0..mib * 16 {
        stream.write_all(&piece).await.unwrap();
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with(&(mib << 20).to_string()), "{answer}");
}

async fn take_down(address: SocketAddr, mib: u64) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET /tr_source/download/{mib} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let (mut piece, mut length) = (vec![0; 64 * 1024], 0);
    loop {
        match stream.read(&mut piece).await.unwrap() {
            0 => break,
            read => length += read as u64,
        }
    }
    assert!(length > mib << 20, "{length}");
}

/// In a process of its own, where nothing else takes memory: `TRANSFER_MIB` up and as many down, 2 GiB if
/// nothing is said. The client is in the same process, and counts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it has to run alone"]
#[cfg(target_os = "linux")]
async fn memory_stays_flat_alone() {
    let mib = std::env::var("TRANSFER_MIB").map_or(2048, |mib| mib.parse().unwrap());
    let running = Manager::empty()
        .add::<tr_sink>()
        .add::<tr_source>()
        .with_bind("127.0.0.1:0")
        .spawn()
        .await
        .unwrap();
    let address = running.addr();
    send_up(address, 1).await;
    take_down(address, 1).await;
    let idle = resident();
    let peak = Arc::new(AtomicU64::new(idle));
    let watch = tokio::spawn({
        let peak = peak.clone();
        async move {
            loop {
                peak.fetch_max(resident(), Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }
    });
    send_up(address, mib).await;
    take_down(address, mib).await;
    watch.abort();
    let above = peak.load(Ordering::Relaxed) - idle;
    println!("{mib} MiB up and down: at most {} KiB above {} KiB", above / 1024, idle / 1024);
    assert!(above < 16 << 20, "{above} bytes above idle");
    running.stop().await.unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn memory_stays_flat() {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "transfer::memory_stays_flat_alone", "--ignored", "--nocapture"])
        .env("TRANSFER_MIB", "256")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("256 MiB up and down"), "{said}");
}
