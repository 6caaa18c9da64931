//! Downloads: what a request may ask of a file, of bytes and of what comes once, and what becomes of those
//! that break their promise.

use std::fs;
use std::future::poll_fn;
use std::io;
use std::path::{Path, PathBuf};
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
#[derive(Clone, Default)]
struct Reads(Arc<AtomicUsize>);

impl Reads {
    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// A reader of so many bytes that counts how often it is read.
struct Counting(Reads, usize);

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

/// Where the files are. Provided as a resource.
struct Place(PathBuf);

type Folder = Res<Place>;

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
    Download::open(folder.0.join(name.0)).await
}

#[handler(get = "/dl/log/{name}")]
async fn dl_log(name: manager_runtime::Path<String>, folder: Folder) -> Result<Download> {
    Ok(Download::open(folder.0.join(name.0)).await?.without_etag())
}

#[handler(get = "/dl/plain-file")]
async fn dl_plain_file(folder: Folder) -> Result<File> {
    File::open(folder.0.join("ten.txt")).await
}

#[handler(get = "/dl/reader")]
fn dl_reader(reads: Res<Reads>) -> Download {
    Download::from_reader(Counting((*reads).clone(), 2500)).with_etag("r1")
}

#[handler(get = "/dl/promised")]
fn dl_promised(reads: Res<Reads>) -> Download {
    Download::from_reader(Counting((*reads).clone(), 2500)).with_length(2500)
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
    reads: Reads,
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
    let reads = Reads::default();
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
        .provide(reads.clone())
        .provide(Bytes::from(digits(40_000_000)))
        .provide(Place(folder.path().to_owned()))
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

#[tokio::test]
async fn a_download_says_what_it_is() {
    within(LIMIT, async {
        let (running, _world) = serve(|_| ()).await;
        let always = [("x-content-type-options", "nosniff")];
        let check = async |path: &str, text: &str, said: &[(&str, &str)], unsaid: &[&str]| {
            let answer = fetch(running.addr(), get(path)).await;
            assert_eq!((answer.status, answer.text()), (200, text.into()), "{path}");
            for (name, value) in said.iter().chain(&always) {
                assert_eq!(answer.header(name), Some(*value), "{path}: {name}");
            }
            for name in unsaid {
                assert_eq!(answer.header(name), None, "{path}: {name}");
            }
            assert_eq!(without_date(&ask_head(&running, path, "").await), without_date(&answer));
            answer
        };
        check(
            "/dl/bytes",
            DIGITS,
            &[
                ("content-type", "text/plain"),
                ("content-length", "10"),
                ("etag", "\"v1\""),
                ("last-modified", MODIFIED),
                ("accept-ranges", "bytes"),
                ("content-disposition", r#"inline; filename="digits.txt""#),
                ("repr-digest", DIGEST),
            ],
            &[],
        )
        .await;
        let bytes = ("content-type", "application/octet-stream");
        check(
            "/dl/bare",
            DIGITS,
            &[bytes, ("content-length", "10"), ("accept-ranges", "bytes")],
            &["etag", "last-modified", "content-disposition", "repr-digest"],
        )
        .await;
        let text = ("content-type", "text/plain; charset=utf-8");
        let file = [text, ("last-modified", MODIFIED), ("accept-ranges", "bytes")];
        let answer = check("/dl/file/ten.txt", DIGITS, &file, &["content-disposition"]).await;
        let tag = answer.header("etag").unwrap();
        assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
        check("/dl/plain-file", DIGITS, &[text, ("etag", tag)], &[]).await;
        check("/dl/file/empty.txt", "", &[text, ("content-length", "0")], &[]).await;
        check("/dl/log/ten.txt", DIGITS, &[("last-modified", MODIFIED)], &["etag"]).await;
        let own = [
            ("etag", "\"own\""),
            ("content-type", "text/x-own"),
            ("cache-control", "max-age=60"),
            ("last-modified", MODIFIED),
            ("content-length", "10"),
        ];
        check("/dl/own", DIGITS, &own, &[]).await;
        check("/dl/promised", &"x".repeat(2500), &[("content-length", "2500")], &[]).await;
        check("/dl/option/true", DIGITS, &[bytes], &[]).await;
        for nothing in ["/dl/file/ghost", "/dl/file/.", "/dl/option/false"] {
            assert_eq!(fetch(running.addr(), get(nothing)).await.status, 404, "{nothing}");
        }
        // Not a header, and so nothing that a client could read.
        let bad = fetch(running.addr(), get("/dl/bad")).await;
        assert_eq!(bad.status, 500);
        assert!(!bad.text().contains("secret") && bad.text().contains("ETag"), "{}", bad.text());
    })
    .await;
}

#[tokio::test]
async fn conditions_are_kept_in_their_order() {
    within(LIMIT, async {
        let (running, _world) = serve(|_| ()).await;
        for (path, headers, status) in [
            ("/dl/bytes", "If-None-Match: \"v1\"\r\n".to_owned(), 304),
            ("/dl/bytes", "If-None-Match: \"x\", W/\"v1\"\r\n".to_owned(), 304),
            ("/dl/bytes", "If-None-Match: *\r\n".to_owned(), 304),
            ("/dl/bytes", "If-None-Match: \"x\"\r\n".to_owned(), 200),
            ("/dl/bytes", format!("If-Modified-Since: {MODIFIED}\r\n"), 304),
            ("/dl/bytes", format!("If-Modified-Since: {BEFORE}\r\n"), 200),
            // The tag is asked first, and the date is not asked then.
            (
                "/dl/bytes",
                format!("If-None-Match: \"x\"\r\nIf-Modified-Since: {MODIFIED}\r\n"),
                200,
            ),
            ("/dl/bytes", "If-Match: \"v1\"\r\n".to_owned(), 200),
            ("/dl/bytes", "If-Match: *\r\n".to_owned(), 200),
            ("/dl/bytes", "If-Match: W/\"v1\"\r\n".to_owned(), 412),
            ("/dl/bytes", "If-Match: \"x\"\r\n".to_owned(), 412),
            ("/dl/bytes", format!("If-Unmodified-Since: {MODIFIED}\r\n"), 200),
            ("/dl/bytes", format!("If-Unmodified-Since: {BEFORE}\r\n"), 412),
            ("/dl/bytes", format!("If-Match: \"v1\"\r\nIf-Unmodified-Since: {BEFORE}\r\n"), 200),
            ("/dl/bytes", "If-Match: \"x\"\r\nIf-None-Match: \"v1\"\r\n".to_owned(), 412),
            ("/dl/bytes", "If-None-Match: \"v1\"\r\nRange: bytes=0-1\r\n".to_owned(), 304),
            ("/dl/bytes", "If-Match: \"x\"\r\nRange: bytes=50-\r\n".to_owned(), 412),
            // A weak one is good for this and not for that.
            ("/dl/weak", "If-None-Match: \"v1\"\r\n".to_owned(), 304),
            ("/dl/weak", "If-Match: W/\"v1\"\r\n".to_owned(), 412),
            // Without any, only whether it is there counts.
            ("/dl/bare", "If-Match: *\r\n".to_owned(), 200),
            ("/dl/bare", "If-Match: \"v1\"\r\n".to_owned(), 412),
            ("/dl/bare", format!("If-Modified-Since: {MODIFIED}\r\n"), 200),
            // What the handler said in its own words counts.
            ("/dl/own", "If-None-Match: \"own\"\r\n".to_owned(), 304),
            ("/dl/own", "If-None-Match: \"v1\"\r\n".to_owned(), 200),
            ("/dl/file/ten.txt", format!("If-Modified-Since: {MODIFIED}\r\n"), 304),
            ("/dl/plain-file", format!("If-Modified-Since: {MODIFIED}\r\n"), 304),
            ("/dl/reader", "If-None-Match: \"r1\"\r\n".to_owned(), 304),
            ("/dl/reader", "If-Match: \"x\"\r\n".to_owned(), 412),
        ] {
            let answer = ask(&running, &format!("GET {path}"), &headers).await;
            assert_eq!(answer.status, status, "{path} {headers}");
            if status == 412 {
                assert_eq!(answer.json()["title"], "precondition failed");
            }
            assert_eq!(ask_head(&running, path, &headers).await.status, status, "{path} {headers}");
        }
        let answer = ask(&running, "GET /dl/own", "If-None-Match: \"own\"\r\n").await;
        let mut names: Vec<_> = answer.headers.iter().map(|(name, _)| &**name).collect();
        names.sort_unstable();
        assert_eq!(names, ["cache-control", "date", "etag", "last-modified"], "RFC 9110, 15.4.5");
        // What was brought about is answered with, whatever the conditions.
        for (line, status) in [("POST /dl/bytes", 200), ("GET /dl/made", 201)] {
            let headers = "If-None-Match: \"v1\"\r\nIf-Match: \"x\"\r\nRange: bytes=0-1\r\n";
            let answer = ask(&running, line, headers).await;
            assert_eq!((answer.status, answer.text()), (status, DIGITS.into()), "{line}");
            assert_eq!(answer.header("etag"), Some("\"v1\""));
            assert_eq!(answer.header("accept-ranges"), None);
        }
    })
    .await;
}

#[tokio::test]
async fn ranges_of_files_and_bytes_are_parts() {
    within(LIMIT, async {
        let (running, world) = serve(|_| ()).await;
        for path in ["/dl/bytes", "/dl/file/ten.txt", "/dl/plain-file", "/dl/log/ten.txt"] {
            let line = format!("GET {path}");
            let range = async |given: &str, more: &str| {
                ask(&running, &line, &format!("Range: {given}\r\n{more}")).await
            };
            for (given, text, content_range) in [
                ("bytes=0-0", "0", "bytes 0-0/10"),
                ("bytes=2-4", "234", "bytes 2-4/10"),
                ("bytes=7-", "789", "bytes 7-9/10"),
                ("bytes=-3", "789", "bytes 7-9/10"),
                ("bytes=-99", DIGITS, "bytes 0-9/10"),
                ("bytes=3-4,50-60", "34", "bytes 3-4/10"),
            ] {
                let answer = range(given, "").await;
                assert_eq!((answer.status, answer.text()), (206, text.into()), "{path} {given}");
                assert_eq!(answer.header("content-range"), Some(content_range));
                assert_eq!(answer.header("content-length"), Some(&*text.len().to_string()));
                assert!(answer.header("content-type").unwrap().starts_with("text/plain"));
                assert_eq!(answer.header("last-modified"), Some(MODIFIED));
            }
            for given in ["bytes=10-", "bytes=-0", "bytes=99-100"] {
                let answer = range(given, "").await;
                assert_eq!((answer.status, answer.header("content-range")), (416, Some("bytes */10")));
                assert_eq!(answer.json()["title"], "range not satisfiable");
            }
            let bomb = format!("bytes={}", vec!["0-0"; 17].join(","));
            for given in ["items=0-1", "bytes=4-2", "bytes=0-,0-", "bytes=0-9,1-9", &bomb] {
                let answer = range(given, "").await;
                assert_eq!((answer.status, answer.text()), (200, DIGITS.into()), "{path} {given}");
            }
            let answer = range("bytes=-2,0-1", "").await;
            let kind = answer.header("content-type").unwrap();
            let boundary = kind.strip_prefix("multipart/byteranges; boundary=").unwrap();
            let whole = fetch(running.addr(), get(path)).await;
            let inner = whole.header("content-type").unwrap();
            let part = |range: &str, text: &str| {
                format!("--{boundary}\r\nContent-Type: {inner}\r\nContent-Range: bytes {range}/10\r\n\r\n{text}\r\n")
            };
            let expected = [part("8-9", "89"), part("0-1", "01")].concat();
            assert_eq!(answer.text(), format!("{expected}--{boundary}--\r\n"));
            // To whoever has the other parts of the very same.
            let tag = whole.header("etag").unwrap_or("\"none\"");
            let status = |has: bool| if has { 206 } else { 200 };
            for (condition, expected) in [
                (tag, status(whole.header("etag").is_some())),
                (MODIFIED, 206),
                (BEFORE, 200),
                ("\"x\"", 200),
            ] {
                let answer = range("bytes=0-0", &format!("If-Range: {condition}\r\n")).await;
                assert_eq!(answer.status, expected, "{path} {condition}");
            }
            let head = ask_head(&running, path, "Range: bytes=0-0\r\n").await;
            assert_eq!((head.status, head.header("content-length")), (200, Some("10")));
        }
        let weak = ask(&running, "GET /dl/weak", "Range: bytes=0-0\r\nIf-Range: W/\"v1\"\r\n").await;
        assert_eq!(weak.status, 200, "RFC 9110, section 13.1.5");
        let empty = ask(&running, "GET /dl/file/empty.txt", "Range: bytes=0-\r\n").await;
        assert_eq!((empty.status, empty.header("content-range")), (416, Some("bytes */0")));
        // Larger than what is read at once.
        let all = digits(3_000_000);
        write(world.folder.path(), "large.bin", &all);
        for (first, last) in [(0, 2_999_999), (1, 65_536), (99_999, 700_000), (2_999_999, 2_999_999)] {
            let headers = format!("Range: bytes={first}-{last}\r\n");
            let answer = ask(&running, "GET /dl/file/large.bin", &headers).await;
            assert!(answer.body == all[first..=last], "{first}-{last}");
        }
        // What comes once comes whole.
        let once = ask(&running, "GET /dl/promised", "Range: bytes=0-1\r\n").await;
        assert_eq!((once.status, once.body.len()), (200, 2500));
        assert_eq!(once.header("accept-ranges"), Some("none"));
    })
    .await;
}

#[tokio::test]
async fn what_comes_once_is_chunked_without_a_length_and_read_for_nobody_else() {
    within(LIMIT, async {
        let (running, world) = serve(|_| ()).await;
        for path in ["/dl/reader", "/dl/promised"] {
            assert_eq!(ask_head(&running, path, "").await.status, 200);
        }
        let refused = ask(&running, "GET /dl/reader", "If-None-Match: \"r1\"\r\n").await;
        assert_eq!((refused.status, world.reads.count()), (304, 0), "nothing was read");

        let mut client = Client::connect(running.addr()).await;
        let answer = client.ask(get("/dl/reader")).await;
        assert_eq!(answer.header("transfer-encoding"), Some("chunked"));
        assert_eq!(answer.header("accept-ranges"), Some("none"));
        let mut length = 0;
        while let Some(chunk) = client.chunk_bytes().await.unwrap() {
            length += chunk.len();
        }
        assert_eq!((length, world.reads.count() > 0), (2500, true));
        client.ask(get("/dl/stream")).await;
        assert_eq!(client.chunk().await.unwrap().unwrap(), "one");
        assert_eq!(client.chunk().await.unwrap().unwrap(), "two");
        assert_eq!(client.chunk().await.unwrap(), None);
        // HTTP/1.0 knows no chunks: the end of the connection is the end.
        let mut old = Client::connect(running.addr()).await;
        old.send("GET /dl/stream HTTP/1.0\r\nHost: localhost\r\n\r\n").await;
        let text = String::from_utf8(old.closed().await).unwrap();
        assert!(text.ends_with("\r\n\r\nonetwo") && !text.contains("chunked"), "{text}");
    })
    .await;
}

#[tokio::test]
async fn a_promise_that_is_broken_is_never_a_short_200() {
    within(LIMIT, async {
        keep_log();
        let (running, _world) = serve(|_| ()).await;
        let mut client = Client::connect(running.addr()).await;
        let id = "X-Request-Id: of-short\r\n";
        client.send(request("GET /dl/short", id, "")).await;
        let sent = String::from_utf8(client.closed().await).unwrap();
        assert!(sent.contains("content-length: 20\r\n") && sent.ends_with(DIGITS), "{sent}");
        let said = ["an answer broke off", "of-short", "10 bytes before its length"];
        until("it is logged", || !logged(&said).is_empty()).await;
        // Without a length, the end that says "this was all" does not come.
        let mut client = Client::connect(running.addr()).await;
        client.ask(get("/dl/torn")).await;
        assert_eq!(client.chunk().await.unwrap().unwrap(), "one");
        client.chunk().await.unwrap_err();
        // What is too much is not sent, and the next answer stands where it belongs.
        let mut client = Client::connect(running.addr()).await;
        let long = client.ask(get("/dl/long")).await;
        assert_eq!((long.header("content-length"), long.text()), (Some("4"), "0123".into()));
        assert_eq!(client.ask(get("/livez")).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn a_file_that_changes_is_not_sent_on_and_one_that_grows_may_be() {
    within(LIMIT, async {
        let (running, world) = serve(|_| ()).await;
        let content = digits(40_000_000);
        let path = world.folder.path().join("large.bin");
        for (route, change, whole) in [
            ("file", "shorter", false),
            ("file", "longer", false),
            ("log", "shorter", false),
            ("log", "longer", true),
        ] {
            write(world.folder.path(), "large.bin", &content);
            let mut client = Client::connect(running.addr()).await;
            client.send(get(&format!("/dl/{route}/large.bin"))).await;
            // Far more than the sockets hold, so most of it is not read when it changes.
            client.stream.readable().await.unwrap();
            let length = if change == "shorter" { 20_000_000 } else { 50_000_000 };
            fs::File::options().write(true).open(&path).unwrap().set_len(length).unwrap();
            let answer = client.try_answer(true).await;
            match answer {
                Ok(answer) => assert!(whole && answer.unwrap().body == content, "{route} {change}"),
                Err(_) => assert!(!whole, "{route} {change}"),
            }
        }
        // A new one in its place is another file, and whoever has begun gets the old one.
        write(world.folder.path(), "large.bin", &content);
        let mut client = Client::connect(running.addr()).await;
        client.send(get("/dl/file/large.bin")).await;
        client.stream.readable().await.unwrap();
        fs::remove_file(&path).unwrap();
        assert!(client.answer().await.body == content);
        assert_eq!(fetch(running.addr(), get("/dl/file/large.bin")).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn names_are_said_as_rfc_6266_and_8187_have_it() {
    within(LIMIT, async {
        let (running, _world) = serve(|_| ()).await;
        for (name, expected) in [
            ("report.pdf", r#"attachment; filename="report.pdf""#),
            (
                "a \"b\".txt",
                r#"attachment; filename="a _b_.txt"; filename*=UTF-8''a%20%22b%22.txt"#,
            ),
            (
                "Größe.txt",
                r#"attachment; filename="Gr__e.txt"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.txt"#,
            ),
            (
                "€ 名.txt",
                r#"attachment; filename="_ _.txt"; filename*=UTF-8''%E2%82%AC%20%E5%90%8D.txt"#,
            ),
            ("../../etc/passwd", r#"attachment; filename=".._.._etc_passwd""#),
            ("..\\..\\boot.ini", r#"attachment; filename=".._.._boot.ini""#),
            ("a\r\nX-Bad: 1\r\n\r\n<html>", r#"attachment; filename="a__X-Bad: 1____<html>""#),
            ("a\0b\x7f", r#"attachment; filename="a_b_""#),
            ("100%41", r#"attachment; filename="100_41"; filename*=UTF-8''100%2541"#),
            ("", r#"attachment; filename="""#),
        ] {
            let answer = fetch(running.addr(), post("/dl/named", name)).await;
            assert_eq!(answer.header("content-disposition"), Some(expected), "{name:?}");
            assert_eq!((answer.header("x-bad"), answer.text()), (None, "x".into()));
        }
    })
    .await;
}

#[tokio::test]
async fn refusals_reach_the_catchers() {
    within(LIMIT, async {
        let (running, _world) = serve(|manager| {
            manager.with_catcher::<dl_catch_412>().with_catcher::<dl_catch_416>();
        })
        .await;
        let answer = ask(&running, "GET /dl/bytes", "If-Match: \"x\"\r\n").await;
        assert_eq!((answer.status, answer.text()), (412, "caught PreconditionFailed".into()));
        let answer = ask(&running, "GET /dl/bytes", "Range: bytes=99-\r\n").await;
        assert_eq!((answer.status, answer.text()), (416, "caught RangeNotSatisfiable".into()));
        assert_eq!(answer.header("content-range"), Some("bytes */10"));
    })
    .await;
}

#[tokio::test]
async fn a_slow_reader_holds_no_replica_and_is_served_to_the_end() {
    within(LIMIT, async {
        let (running, _world) = serve(|_| ()).await;
        let mut slow = Client::connect(running.addr()).await;
        slow.send(get("/dl/large")).await;
        slow.stream.readable().await.unwrap();
        // There is one replica, and the first answer is far from its end.
        let other = ask(&running, "GET /dl/large", "Range: bytes=0-9\r\n").await;
        assert_eq!((other.status, other.body.len()), (206, 10));
        assert_eq!(running.figures("dl_large").unwrap().busy, 0);
        assert!(slow.answer().await.body == digits(40_000_000));
    })
    .await;
}

#[tokio::test]
async fn other_callers_get_the_content() {
    within(LIMIT, async {
        let (running, _world) = serve(|_| ()).await;
        let ctx = running.context();
        let download = ctx.call::<dl_bytes>(()).await.unwrap();
        assert_eq!(download.length(), Some(10));
        assert_eq!(download.into_body().collect(100).await.unwrap(), DIGITS);
        let reply = ctx.publish("dl_bytes", ()).await.unwrap();
        assert_eq!(reply.into_body().unwrap().collect(100).await.unwrap(), DIGITS);
        let short = ctx.publish("dl_short", ()).await.unwrap();
        assert!(short.into_body().unwrap().collect(100).await.is_err());
        fails(ctx.publish("dl_bytes", ()).await.unwrap().text(), Kind::NotImplemented);
        let answer = fetch(running.addr(), post("/dl_envelope", "")).await;
        assert!(answer.refusal(501).contains("give the handler a route"));
    })
    .await;
}

/// One request over HTTP/2: status, headers and what came of the body, or how that ended.
async fn ask_http2(
    running: &Running,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> (u16, http::HeaderMap, Result<Vec<u8>, hyper::Error>) {
    let stream = TcpStream::connect(running.addr()).await.unwrap();
    let (mut sender, connection) =
        handshake::<_, _, String>(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut request =
        Request::builder().method(method).uri(format!("http://{}{path}", running.addr()));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = sender.send_request(request.body(String::new()).unwrap()).await.unwrap();
    let (parts, body) = answer.into_parts();
    (parts.status.as_u16(), parts.headers, read(body).await)
}

async fn read(mut body: Incoming) -> Result<Vec<u8>, hyper::Error> {
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        if let Ok(data) = frame?.into_data() {
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
}

#[tokio::test]
async fn http2_says_the_same() {
    within(LIMIT, async {
        let (running, world) = serve(|_| ()).await;
        let all = digits(3_000_000);
        write(world.folder.path(), "large.bin", &all);
        let (status, headers, body) =
            ask_http2(&running, "GET", "/dl/file/large.bin", &[("range", "bytes=5-2000000")]).await;
        assert_eq!(
            (status, &headers["content-range"]),
            (206, &"bytes 5-2000000/3000000".parse().unwrap())
        );
        assert!(body.unwrap() == all[5..=2_000_000]);
        // The head alone, of a download and of anything else.
        for path in ["/dl/bytes", "/dl/promised", "/dl/file/ten.txt", "/livez"] {
            let (status, mut headers, body) = ask_http2(&running, "HEAD", path, &[]).await;
            assert_eq!((status, body.unwrap().len()), (200, 0), "{path}");
            let (_, mut whole, body) = ask_http2(&running, "GET", path, &[]).await;
            assert!(!body.unwrap().is_empty());
            headers.remove("date");
            whole.remove("date");
            assert_eq!(headers, whole, "{path}");
        }
        let (status, headers, body) = ask_http2(&running, "GET", "/dl/short", &[]).await;
        assert_eq!((status, &headers["content-length"]), (200, &"20".parse().unwrap()));
        body.unwrap_err();
        let (_, _, body) = ask_http2(&running, "GET", "/dl/torn", &[]).await;
        body.unwrap_err();
        let (_, _, body) = ask_http2(&running, "GET", "/dl/long", &[]).await;
        assert_eq!(body.unwrap(), b"0123");
        let none_match = [("if-none-match", "\"v1\"")];
        assert_eq!(ask_http2(&running, "GET", "/dl/bytes", &none_match).await.0, 304);
    })
    .await;
}

/// A client of somebody else's.
#[tokio::test]
async fn curl_resumes_and_takes_parts() {
    if !Command::new("curl").arg("--version").output().is_ok_and(|curl| curl.status.success()) {
        eprintln!("SKIPPED: curl is not installed, so nobody resumed a download with it");
        return;
    }
    within(LIMIT, async {
        let (running, world) = serve(|_| ()).await;
        let all = digits(5_000_000);
        write(world.folder.path(), "large.bin", &all);
        let url = format!("http://{}/dl/file/large.bin", running.addr());
        let copy = world.folder.path().join("copy.bin");
        let curl = async |arguments: &[&str]| {
            let mut command = tokio::process::Command::new("curl");
            command.args(["--silent", "--show-error", "--fail"]).args(arguments).arg(&url);
            let done = command.output().await.unwrap();
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            done.stdout
        };
        let place = copy.to_str().unwrap();
        // A part of it is there already, as an interruption leaves it.
        fs::write(&copy, &all[..1_234_567]).unwrap();
        let said = curl(&["-C", "-", "-o", place, "-w", "%{http_code} %{size_download}"]).await;
        assert_eq!(String::from_utf8(said).unwrap(), format!("206 {}", 5_000_000 - 1_234_567));
        assert!(fs::read(&copy).unwrap() == all);
        assert!(curl(&["-r", "1000000-1999999"]).await == all[1_000_000..2_000_000]);
        assert!(curl(&["-r", "-10"]).await == all[all.len() - 10..]);
        let several = curl(&["-r", "0-9,100-109"]).await;
        let has = |part: &[u8]| several.windows(part.len()).any(|window| window == part);
        assert!(has(&all[..10]) && has(&all[100..110]) && several.len() < 500);
        // Only if it is newer than the copy.
        let modified = fs::File::options().write(true).open(&copy).unwrap();
        modified.set_modified(SystemTime::now()).unwrap();
        let said = curl(&["-z", place, "-o", "/dev/null", "-w", "%{http_code}"]).await;
        assert_eq!(String::from_utf8(said).unwrap(), "304");
    })
    .await;
}
