//! Downloads: what a request may ask of a file, of bytes and of what comes once, and what becomes of those
//! that break their promise.

use std::fs;
use std::future::poll_fn;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::Request;
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http2::handshake;
use hyper_util::rt::{TokioExecutor, TokioIo};
use manager_runtime::prelude::*;
use manager_runtime::{Bytes, Download, File};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::TcpStream;

use crate::support::{
    Answer, Client, LIMIT, fails, fetch, get, keep_log, logged, post, request, until, within,
};

const DIGITS: &str = "0123456789";
const MODIFIED: &str = "Sun, 09 Sep 2001 01:46:40 GMT";
const BEFORE: &str = "Sun, 09 Sep 2001 01:46:39 GMT";
const DIGEST: &str = "sha-256=:hNiYd/DUBB77a/kaFvAkjy/VcxL2uVeXGrCg1Mh0vXI=:";

fn modified() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_000_000_000)
}

/// How often the readers of this test were read. Provided as a resource.
#[derive(Default)]
struct Reads(AtomicUsize);

/// A reader of so many bytes that counts how often it is read.
struct Counting(Arc<Reads>, usize);

impl AsyncRead for Counting {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.0.0.fetch_add(1, Ordering::SeqCst);
        let now = self.1.min(buffer.remaining()).min(1000);
        buffer.put_slice(&[b'x'; 1000][..now]);
        self.1 -= now;
        Poll::Ready(Ok(()))
    }
}

type Folder = Res<tempfile::TempDir>;

#[handler(get = "/dl/bytes", post = "/dl/bytes")]
fn dl_bytes() -> Download {
    Download::from_bytes(DIGITS)
        .with_media_type("text/plain")
        .with_etag("v1")
        .with_modified(modified())
        .with_repr_digest(DIGEST)
        .inline("digits.txt")
}

#[handler(get = "/dl/weak")]
fn dl_weak() -> Download {
    Download::from_bytes(DIGITS).with_etag("W/\"v1\"")
}

#[handler(get = "/dl/bare")]
fn dl_bare() -> Download {
    Download::from_bytes(DIGITS)
}

#[handler(get = "/dl/file/{name}")]
async fn dl_file(name: manager_runtime::Path<String>, folder: Folder) -> Result<Download> {
    Download::open(folder.path().join(name.0)).await
}

#[handler(get = "/dl/log/{name}")]
async fn dl_log(name: manager_runtime::Path<String>, folder: Folder) -> Result<Download> {
    Ok(Download::open(folder.path().join(name.0)).await?.without_etag())
}

#[handler(get = "/dl/plain-file")]
async fn dl_plain_file(folder: Folder) -> Result<File> {
    File::open(folder.path().join("ten.txt")).await
}

#[handler(get = "/dl/reader")]
fn dl_reader(reads: Res<Reads>) -> Download {
    Download::from_reader(Counting(reads.into_arc(), 2500)).with_etag("r1")
}

#[handler(get = "/dl/promised")]
fn dl_promised(reads: Res<Reads>) -> Download {
    Download::from_reader(Counting(reads.into_arc(), 2500)).with_length(2500)
}

#[handler(get = "/dl/short", replicas = 4)]
fn dl_short() -> Download {
    Download::from_reader(DIGITS.as_bytes()).with_length(20)
}

#[handler(get = "/dl/long")]
fn dl_long() -> Download {
    Download::from_reader(DIGITS.as_bytes()).with_length(4)
}

#[handler(get = "/dl/stream")]
fn dl_stream() -> Download {
    let pieces = ["one", "", "two"].map(Ok::<_, io::Error>);
    Download::from_stream(futures_util::stream::iter(pieces)).attachment("two.txt")
}

#[handler(get = "/dl/torn")]
fn dl_torn() -> Download {
    let pieces = [Ok("one"), Err(io::Error::other("the tape is torn"))];
    Download::from_stream(futures_util::stream::iter(pieces))
}

#[handler(get = "/dl/made")]
fn dl_made() -> (StatusCode, Download) {
    (StatusCode::CREATED, Download::from_bytes(DIGITS).with_etag("v1"))
}

#[handler(get = "/dl/own")]
fn dl_own() -> ([(&'static str, &'static str); 4], Download) {
    let own = [
        ("etag", "\"own\""),
        ("content-type", "text/x-own"),
        ("cache-control", "max-age=60"),
        ("content-length", "77"),
    ];
    (own, Download::from_bytes(DIGITS).with_etag("v1").with_modified(modified()))
}

#[handler(post = "/dl/named")]
fn dl_named(name: String) -> Download {
    Download::from_bytes("x").attachment(name)
}

#[handler(get = "/dl/bad")]
fn dl_bad() -> Download {
    Download::from_bytes("x").with_etag("a \"secret\" place")
}

/// One replica, and more than all sockets hold.
#[handler(get = "/dl/large", replicas = 1)]
fn dl_large(large: Res<Bytes>) -> Download {
    Download::from_bytes((*large).clone())
}

#[handler]
fn dl_envelope() -> Download {
    Download::from_bytes(DIGITS)
}

#[handler(get = "/dl/option/{there}")]
fn dl_option(there: manager_runtime::Path<bool>) -> Option<Download> {
    there.0.then(|| Download::from_bytes(DIGITS))
}

#[catcher(412)]
fn dl_catch_412(caught: Caught) -> String {
    format!("caught {:?}", caught.error().unwrap().kind())
}

#[catcher(416)]
fn dl_catch_416(caught: Caught) -> String {
    format!("caught {:?}", caught.error().unwrap().kind())
}

struct World {
    folder: tempfile::TempDir,
    reads: Arc<Reads>,
}

/// A file with a date for which no second is open any more.
fn write(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    fs::File::options().write(true).open(path).unwrap().set_modified(modified()).unwrap();
}

fn digits(length: u32) -> Vec<u8> {
    (0..length).map(|at| (at / 7 % 251) as u8).collect()
}

async fn serve(build: impl FnOnce(&mut Manager)) -> (Running, World) {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "ten.txt", DIGITS.as_bytes());
    write(folder.path(), "empty.txt", b"");
    let reads = Arc::new(Reads::default());
    let mut manager = Manager::empty();
    manager
        .add::<dl_bytes>()
        .add::<dl_weak>()
        .add::<dl_bare>()
        .add::<dl_file>()
        .add::<dl_log>()
        .add::<dl_plain_file>()
        .add::<dl_reader>()
        .add::<dl_promised>()
        .add::<dl_short>()
        .add::<dl_long>()
        .add::<dl_stream>()
        .add::<dl_torn>()
        .add::<dl_made>()
        .add::<dl_own>()
        .add::<dl_named>()
        .add::<dl_bad>()
        .add::<dl_large>()
        .add::<dl_envelope>()
        .add::<dl_option>()
        .provide_arc(reads.clone())
        .provide(Bytes::from(digits(40_000_000)))
        .provide(tempfile::tempdir_in(folder.path()).unwrap())
        .with_bind("127.0.0.1:0");
    build(&mut manager);
    (manager.spawn().await.unwrap(), World { folder, reads })
}

async fn ask(running: &Running, line: &str, headers: &str) -> Answer {
    fetch(running.addr(), request(line, headers, "")).await
}

async fn ask_head(running: &Running, path: &str, headers: &str) -> Answer {
    let mut client = Client::connect(running.addr()).await;
    client.send(request(&format!("HEAD {path}"), headers, "")).await;
    let head = client.head().await;
    assert_eq!(client.ask(get("/livez")).await.status, 200, "nothing came after the head");
    head
}

fn without_date(answer: &Answer) -> Vec<(String, String)> {
    let mut headers = answer.headers.clone();
    headers.retain(|(name, _)| name != "date");
    headers
}
