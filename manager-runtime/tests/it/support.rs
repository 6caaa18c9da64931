//! What all areas share: a limit for every test, gates that hold handlers, a log to read, and an
//! HTTP/1.1 client that sends exactly the bytes it is given.

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, Once};
use std::task::Poll;
use std::time::Duration;

use manager_runtime::prelude::*;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

/// More than any test needs, and little enough to find a hang.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// Runs a test to its end; one that hangs fails. A thread that is stuck cannot look at a timer of its
/// own, so another one ends the process then.
pub(crate) async fn within<F: Future>(limit: Duration, future: F) -> F::Output {
    let name = std::thread::current().name().unwrap_or("?").to_owned();
    let (done, watched) = channel::<()>();
    std::thread::spawn(move || {
        if watched.recv_timeout(Duration::from_secs(60)) == Err(RecvTimeoutError::Timeout) {
            eprintln!("{name}: a thread is stuck");
            std::process::abort();
        }
    });
    let outcome = tokio::time::timeout(limit, future).await;
    drop(done);
    outcome.expect("the test did not end in time")
}

/// The same for tests whose clock is paused: time jumps, so only a real hang gets here.
pub(crate) const PAUSED_LIMIT: Duration = Duration::from_secs(100_000);

/// Polls a future once. A call that has to wait stands in its queue after that.
pub(crate) async fn poll_once<T>(
    future: &mut Pin<Box<dyn Future<Output = T> + Send + '_>>,
) -> Poll<T> {
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await
}

/// Starts a call that has to wait.
pub(crate) async fn start<'a, T>(
    future: impl IntoFuture<Output = T, IntoFuture = Pin<Box<dyn Future<Output = T> + Send + 'a>>>,
) -> Pin<Box<dyn Future<Output = T> + Send + 'a>> {
    // A task that has polled a lot is made to yield; that is not the waiting that is meant.
    tokio::task::yield_now().await;
    let mut future = future.into_future();
    assert!(poll_once(&mut future).await.is_pending(), "the call did not have to wait");
    future
}

/// Lets the other tasks of this thread run for as long as the condition does not hold.
pub(crate) async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    for _ in 0..5_000 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("never happened: {what}");
}

/// Holds handlers until the test lets them go, and counts them. Provided as a resource.
#[derive(Clone)]
pub(crate) struct Gate(Arc<GateInner>);

struct GateInner {
    entered: Semaphore,
    release: Semaphore,
    ended: Semaphore,
    inside: AtomicUsize,
    peak: AtomicUsize,
    passed: AtomicUsize,
    cut: AtomicUsize,
    log: Mutex<Vec<String>>,
}

impl Gate {
    pub(crate) fn new() -> Self {
        Gate(Arc::new(GateInner {
            entered: Semaphore::new(0),
            release: Semaphore::new(0),
            ended: Semaphore::new(0),
            inside: AtomicUsize::new(0),
            peak: AtomicUsize::new(0),
            passed: AtomicUsize::new(0),
            cut: AtomicUsize::new(0),
            log: Mutex::default(),
        }))
    }

    /// In a handler: waits until it may go on.
    pub(crate) async fn pass(&self) {
        let mut inside = self.enter();
        self.0.release.acquire().await.unwrap().forget();
        inside.passed = true;
    }

    /// In a handler: says that it runs, without waiting.
    pub(crate) fn enter(&self) -> Inside {
        let now = self.0.inside.fetch_add(1, Ordering::SeqCst) + 1;
        self.0.peak.fetch_max(now, Ordering::SeqCst);
        self.0.entered.add_permits(1);
        Inside { gate: self.clone(), passed: false }
    }

    /// Waits until so many more handlers run.
    pub(crate) async fn entered(&self, handlers: u32) {
        self.0.entered.acquire_many(handlers).await.unwrap().forget();
    }

    /// Waits until so many more handlers have ended, in whatever way.
    pub(crate) async fn ended(&self, handlers: u32) {
        self.0.ended.acquire_many(handlers).await.unwrap().forget();
    }

    /// Lets so many handlers go on.
    pub(crate) fn open(&self, handlers: usize) {
        self.0.release.add_permits(handlers);
    }

    pub(crate) fn inside(&self) -> usize {
        self.0.inside.load(Ordering::SeqCst)
    }

    pub(crate) fn peak(&self) -> usize {
        self.0.peak.load(Ordering::SeqCst)
    }

    pub(crate) fn passed(&self) -> usize {
        self.0.passed.load(Ordering::SeqCst)
    }

    /// How many were dropped before they could go on.
    pub(crate) fn cut(&self) -> usize {
        self.0.cut.load(Ordering::SeqCst)
    }

    pub(crate) fn note(&self, text: impl Into<String>) {
        self.0.log.lock().unwrap().push(text.into());
    }

    pub(crate) fn notes(&self) -> Vec<String> {
        self.0.log.lock().unwrap().clone()
    }
}

/// A handler inside the gate.
pub(crate) struct Inside {
    gate: Gate,
    pub(crate) passed: bool,
}

impl Drop for Inside {
    fn drop(&mut self) {
        let counter = if self.passed { &self.gate.0.passed } else { &self.gate.0.cut };
        counter.fetch_add(1, Ordering::SeqCst);
        self.gate.0.inside.fetch_sub(1, Ordering::SeqCst);
        self.gate.0.ended.add_permits(1);
    }
}

// ---- errors ---------------------------------------------------------------------------------------

#[track_caller]
pub(crate) fn fails<T: std::fmt::Debug>(outcome: Result<T>, kind: Kind) -> Error {
    let error = outcome.expect_err("an error was expected");
    assert_eq!(error.kind(), kind, "{error:?}");
    error
}

// ---- the log --------------------------------------------------------------------------------------

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct LogWriter;

impl io::Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Begins to keep what is logged. One log for the whole process: look for names of your own.
pub(crate) fn keep_log() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        tracing_subscriber::fmt().with_ansi(false).with_writer(|| LogWriter).init();
    });
}

/// The lines of the log that contain all of these.
pub(crate) fn logged(words: &[&str]) -> Vec<String> {
    let log = String::from_utf8_lossy(&LOG.lock().unwrap()).into_owned();
    let has_all = |line: &&str| words.iter().all(|word| line.contains(word));
    log.lines().filter(has_all).map(str::to_owned).collect()
}

// ---- HTTP -----------------------------------------------------------------------------------------

/// One connection.
pub(crate) struct Client<S = TcpStream> {
    pub(crate) stream: S,
    unread: Vec<u8>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| &**value)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        match serde_json::from_slice(&self.body) {
            Ok(value) => value,
            Err(error) => panic!("{error} in {:?}", self.text()),
        }
    }

    /// What stands in a good envelope.
    #[track_caller]
    pub(crate) fn message(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        let json = self.json();
        assert_eq!(json["status"], "Ok", "{json}");
        assert_eq!(json.as_object().unwrap().len(), 2, "{json}");
        json["message"].clone()
    }

    /// The message of an error in the envelope.
    #[track_caller]
    pub(crate) fn refusal(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), Some("application/json"));
        let json = self.json();
        assert_eq!(json["status"], "error", "{json}");
        assert_eq!(json.as_object().unwrap().len(), 2, "{json}");
        json["message"].as_str().unwrap().to_owned()
    }

    pub(crate) fn closes(&self) -> bool {
        self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::try_connect(address).await.expect("the port is open")
    }

    pub(crate) async fn try_connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Client::over(stream))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub(crate) fn over(stream: S) -> Self {
        Client { stream, unread: Vec::new() }
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.try_send(bytes).await.expect("the server reads");
    }

    /// Sends to a server that may have gone.
    pub(crate) async fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref()).await
    }

    /// Sends a request and reads its answer.
    pub(crate) async fn ask(&mut self, request: impl AsRef<[u8]>) -> Answer {
        self.send(request).await;
        self.answer().await
    }

    pub(crate) async fn answer(&mut self) -> Answer {
        self.try_answer(true).await.expect("no error").expect("an answer before the end")
    }

    /// The answer to HEAD, which ends with its head.
    pub(crate) async fn head(&mut self) -> Answer {
        self.try_answer(false).await.expect("no error").expect("an answer before the end")
    }

    /// The next answer, `None` if the connection ended before one.
    pub(crate) async fn try_answer(&mut self, with_body: bool) -> io::Result<Option<Answer>> {
        let end = loop {
            if let Some(at) = find(&self.unread, b"\r\n\r\n") {
                break at + 4;
            }
            if !self.read_more().await? {
                if self.unread.is_empty() {
                    return Ok(None);
                }
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        };
        let head = String::from_utf8(self.unread.drain(..end).collect()).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length = length.map_or(0, |(_, value)| value.parse().unwrap());
        let length: usize = if with_body && status != 204 && status != 304 { length } else { 0 };
        while self.unread.len() < length {
            if !self.read_more().await? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let body = self.unread.drain(..length).collect();
        Ok(Some(Answer { status, headers, body }))
    }

    /// So many bytes, whatever they are; `None` if the connection ends before.
    #[cfg(feature = "ws")]
    pub(crate) async fn bytes(&mut self, count: usize) -> io::Result<Option<Vec<u8>>> {
        while self.unread.len() < count {
            if !self.read_more().await? {
                return Ok(None);
            }
        }
        Ok(Some(self.unread.drain(..count).collect()))
    }

    /// Takes so many bytes away, whatever they are; `false` if the connection ends before.
    #[allow(dead_code, reason = "not every target that shares this needs it")]
    pub(crate) async fn exactly(&mut self, mut count: usize) -> bool {
        loop {
            let there = count.min(self.unread.len());
            self.unread.drain(..there);
            count -= there;
            if count == 0 {
                return true;
            }
            if !matches!(self.read_more().await, Ok(true)) {
                return false;
            }
        }
    }

    /// The next piece of a chunked body (RFC 9112, section 7.1), `None` at its end; an error if the
    /// connection ended before that.
    pub(crate) async fn chunk(&mut self) -> io::Result<Option<String>> {
        let chunk = self.chunk_bytes().await?;
        Ok(chunk.map(|chunk| String::from_utf8(chunk).unwrap()))
    }

    /// The same for what is no text.
    pub(crate) async fn chunk_bytes(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            if let Some(at) = find(&self.unread, b"\r\n") {
                let size = std::str::from_utf8(&self.unread[..at]).unwrap();
                let size = usize::from_str_radix(size, 16).unwrap();
                if self.unread.len() >= at + 2 + size + 2 {
                    let chunk: Vec<u8> = self.unread.drain(..at + 2 + size + 2).collect();
                    return Ok((size > 0).then(|| chunk[at + 2..at + 2 + size].to_vec()));
                }
            }
            if !self.read_more().await? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    async fn read_more(&mut self) -> io::Result<bool> {
        let mut piece = [0; 16 * 1024];
        let count = self.stream.read(&mut piece).await?;
        self.unread.extend_from_slice(&piece[..count]);
        Ok(count > 0)
    }

    /// Waits until the server has closed the connection; what it sent before that.
    pub(crate) async fn closed(&mut self) -> Vec<u8> {
        // A reset is an end as well.
        while let Ok(true) = self.read_more().await {}
        std::mem::take(&mut self.unread)
    }
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

/// Sends one request on a connection of its own.
pub(crate) async fn fetch(address: SocketAddr, request: impl AsRef<[u8]>) -> Answer {
    Client::connect(address).await.ask(request).await
}

/// A request with headers of its own (each with its line end) and a body.
pub(crate) fn request(line: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let length = body.len();
    let has_host = headers.lines().any(|line| line.to_ascii_lowercase().starts_with("host:"));
    let host = if has_host { "" } else { "Host: localhost\r\n" };
    let mut bytes =
        format!("{line} HTTP/1.1\r\n{host}{headers}Content-Length: {length}\r\n\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

pub(crate) fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").into_bytes()
}

/// A raw body.
pub(crate) fn post(path: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    request(&format!("POST {path}"), "", body)
}

pub(crate) fn post_json(path: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    request(&format!("POST {path}"), "Content-Type: application/json\r\n", body)
}
