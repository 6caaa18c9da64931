//! Directories that are served as they are.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use manager_runtime::prelude::*;

use crate::support::{Answer, Client, LIMIT, fails, fetch, get, request, within};

const KEY: &str = "files-key-308";

#[handler(get = "/files/{*rest}")]
async fn files_rival(_: manager_runtime::Path<String>) {}

#[handler(get = "/files/made")]
async fn files_made() -> &'static str {
    "made"
}

/// Its envelope endpoint is the path of the directory.
#[handler(name = "files")]
async fn files_beside(text: String) -> String {
    text
}

#[handler(put = "/files", get = "/files")]
async fn files_owner() -> &'static str {
    "the handler's"
}

/// A directory with what a page consists of, and beside it what is nobody's business.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("secret.txt", "secret");
    write("public/index.html", "<h1>index</h1>");
    write("public/ten.txt", "0123456789");
    write("public/empty.css", "");
    write("public/a b/é.txt", "accents");
    write("public/sub/index.html", "sub");
    write("public/bare/x.unknown", "x");
    write("public/.env", "secret");
    write("public/.git/config", "secret");
    write("public/app.js", "let app = 'plain';");
    write("public/app.js.br", "br");
    write("public/app.js.gz", "gz");
    write("public/old.js", "new");
    write("public/old.js.gz", "stale");
    // Older than what it was made of.
    let past = SystemTime::now() - Duration::from_secs(3600);
    fs::File::options()
        .write(true)
        .open(folder.path().join("public/old.js.gz"))
        .unwrap()
        .set_modified(past)
        .unwrap();
    folder
}

async fn spawn(folder: &Path, build: impl FnOnce(&mut Manager)) -> Running {
    let mut manager = Manager::empty();
    manager
        .add::<files_made>()
        .with_static_files("/files", folder.join("public"))
        .with_bind("127.0.0.1:0");
    build(&mut manager);
    manager.spawn().await.unwrap()
}

async fn ask(running: &Running, line: &str, headers: &str) -> Answer {
    fetch(running.addr(), request(line, headers, "")).await
}

async fn ask_head(running: &Running, path: &str, headers: &str) -> Answer {
    let mut client = Client::connect(running.addr()).await;
    client.send(request(&format!("HEAD {path}"), headers, "")).await;
    client.head().await
}

#[tokio::test]
async fn files_are_served_as_they_are() {
    within(LIMIT, async {
        let folder = folder();
        let running = spawn(folder.path(), |_| ()).await;
        for (path, kind, text) in [
            ("/files/ten.txt", "text/plain; charset=utf-8", "0123456789"),
            ("/files/", "text/html; charset=utf-8", "<h1>index</h1>"),
            ("/files/index.html", "text/html; charset=utf-8", "<h1>index</h1>"),
            ("/files/sub/", "text/html; charset=utf-8", "sub"),
            ("/files/empty.css", "text/css; charset=utf-8", ""),
            ("/files/a%20b/%C3%A9.txt?v=1", "text/plain; charset=utf-8", "accents"),
            ("/files/bare/x.unknown", "application/octet-stream", "x"),
            ("/files/%74en.txt", "text/plain; charset=utf-8", "0123456789"),
        ] {
            let answer = fetch(running.addr(), get(path)).await;
            assert_eq!((answer.status, answer.text()), (200, text.into()), "{path}");
            assert_eq!(answer.header("content-type"), Some(kind), "{path}");
            assert_eq!(answer.header("accept-ranges"), Some("bytes"));
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
            assert_eq!(answer.header("vary"), Some("accept-encoding"));
            let tag = answer.header("etag").unwrap();
            assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
            assert!(answer.header("last-modified").unwrap().ends_with(" GMT"));

            // HEAD says the same and sends nothing.
            let mut client = Client::connect(running.addr()).await;
            client.send(request(&format!("HEAD {path}"), "", "")).await;
            let head = client.head().await;
            assert_eq!(head.status, 200);
            let without_date = |answer: &Answer| {
                let mut headers = answer.headers.clone();
                headers.retain(|(name, _)| name != "date");
                headers
            };
            assert_eq!(without_date(&head), without_date(&answer), "{path}");
            assert_eq!(client.ask(get("/livez")).await.status, 200, "nothing came after the head");
        }
        // A directory is asked for with a slash; its query stays.
        for (path, to) in [
            ("/files", "/files/"),
            ("/files/sub", "/files/sub/"),
            ("/files/sub?a=/b&c", "/files/sub/?a=/b&c"),
        ] {
            let answer = fetch(running.addr(), get(path)).await;
            assert_eq!((answer.status, answer.header("location")), (308, Some(to)), "{path}");
        }
        // Handlers come first where they are more exact.
        assert_eq!(fetch(running.addr(), get("/files/made")).await.text(), "made");
        for path in
            ["/files/ghost", "/files/bare/", "/files/bare", "/files/ten.txt/", "/filesten.txt"]
        {
            assert_eq!(fetch(running.addr(), get(path)).await.status, 404, "{path}");
        }
        for method in ["POST", "PUT", "DELETE", "PATCH"] {
            let answer = ask(&running, &format!("{method} /files/ten.txt"), "").await;
            assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD, OPTIONS")));
        }
        assert_eq!(ask(&running, "OPTIONS /files/ghost", "").await.status, 204);
    })
    .await;
}

#[tokio::test]
async fn nothing_outside_of_the_directory_is_served() {
    within(LIMIT, async {
        let folder = folder();
        let public = folder.path().join("public");
        #[cfg(unix)]
        {
            use std::os::unix::fs::symlink;
            symlink("../secret.txt", public.join("out.txt")).unwrap();
            symlink(folder.path(), public.join("outside")).unwrap();
            symlink("ten.txt", public.join("inside.txt")).unwrap();
            symlink("loop", public.join("loop")).unwrap();
            symlink("../secret.txt", public.join("ten.txt.gz")).unwrap();
            symlink("..", public.join("up")).unwrap();
        }
        let running = spawn(folder.path(), |_| ()).await;
        for path in [
            "/files/../secret.txt",
            "/files/sub/../../secret.txt",
            "/files/%2e%2e/secret.txt",
            "/files/%2E%2E/secret.txt",
            "/files/..%2fsecret.txt",
            "/files/..%2Fsecret.txt",
            "/files/sub/..%2f..%2f..%2fsecret.txt",
            "/files/..%5csecret.txt",
            "/files/..\\secret.txt",
            "/files/%2e%2e%5csecret.txt",
            "/files/.%2e/secret.txt",
            "/files//secret.txt",
            "/files//ten.txt",
            "/files/./ten.txt",
            "/files/%2fetc%2fpasswd",
            "/files//etc/passwd",
            "/files/C:/secret.txt",
            "/files/c%3a%5csecret.txt",
            "/files/ten.txt%00",
            "/files/ten.txt%00.html",
            "/files/.env",
            "/files/.git/config",
            "/files/%2eenv",
            "/files/sub/.",
            "/files/..",
            "/files/../",
            "/files/out.txt",
            "/files/outside/secret.txt",
            "/files/outside/",
            "/files/up/secret.txt",
            "/files/up/public/ten.txt",
            "/files/loop",
        ] {
            let answer = fetch(running.addr(), get(path)).await;
            // A link up and down again is in the directory; what counts is where it ends.
            let inside = path == "/files/up/public/ten.txt" && cfg!(unix);
            assert_eq!(answer.status, if inside { 200 } else { 404 }, "{path}: {}", answer.text());
            assert!(!answer.text().contains("secret\n") && answer.body != b"secret", "{path}");
        }
        assert_eq!(fetch(running.addr(), get("/files/%ff")).await.status, 400);
        assert_eq!(fetch(running.addr(), get("/files/%zz")).await.status, 400);
        #[cfg(unix)]
        {
            assert_eq!(fetch(running.addr(), get("/files/inside.txt")).await.text(), "0123456789");
            let beside = ask(&running, "GET /files/ten.txt", "Accept-Encoding: gzip\r\n").await;
            assert_eq!(
                (beside.text(), beside.header("content-encoding")),
                ("0123456789".into(), None)
            );
        }
    })
    .await;
}

#[tokio::test]
async fn conditions_are_kept() {
    within(LIMIT, async {
        let folder = folder();
        let running = spawn(folder.path(), |_| ()).await;
        let whole = fetch(running.addr(), get("/files/ten.txt")).await;
        let (tag, date) = (whole.header("etag").unwrap(), whole.header("last-modified").unwrap());
        let past = "Sun, 06 Nov 1994 08:49:37 GMT";
        for (headers, status) in [
            (format!("If-None-Match: {tag}\r\n"), 304),
            (format!("If-None-Match: \"x\", W/{tag}\r\n"), 304),
            ("If-None-Match: *\r\n".to_owned(), 304),
            ("If-None-Match: \"x\"\r\n".to_owned(), 200),
            (format!("If-Modified-Since: {date}\r\n"), 304),
            (format!("If-Modified-Since: {past}\r\n"), 200),
            (format!("If-None-Match: \"x\"\r\nIf-Modified-Since: {date}\r\n"), 200),
            (format!("If-Match: {tag}\r\n"), 200),
            ("If-Match: \"x\"\r\n".to_owned(), 412),
            (format!("If-Match: W/{tag}\r\n"), 412),
            (format!("If-Unmodified-Since: {date}\r\n"), 200),
            (format!("If-Unmodified-Since: {past}\r\n"), 412),
            (format!("If-Match: \"x\"\r\nIf-None-Match: {tag}\r\n"), 412),
            (format!("If-None-Match: {tag}\r\nRange: bytes=0-1\r\n"), 304),
        ] {
            let answer = ask(&running, "GET /files/ten.txt", &headers).await;
            assert_eq!(answer.status, status, "{headers}");
            if status == 304 {
                assert_eq!(answer.header("etag"), Some(tag));
                assert_eq!(answer.header("last-modified"), Some(date));
                assert_eq!(answer.header("vary"), Some("accept-encoding"));
                assert_eq!(answer.header("content-type"), None);
            }
            if status == 412 {
                assert_eq!(answer.json()["status"], 412);
            }
            assert_eq!(ask_head(&running, "/files/ten.txt", &headers).await.status, status);
        }
        // Another content is another tag, in the same second and of the same length, too.
        fs::write(folder.path().join("public/ten.txt"), "9876543210").unwrap();
        let other = ask(&running, "GET /files/ten.txt", &format!("If-None-Match: {tag}\r\n")).await;
        assert_eq!((other.status, other.text()), (200, "9876543210".into()));
    })
    .await;
}

#[tokio::test]
async fn ranges_are_parts() {
    within(LIMIT, async {
        let folder = folder();
        let path = folder.path().join("public/ten.txt");
        // A date is good for a range when its second is over.
        let past = SystemTime::now() - Duration::from_secs(10);
        fs::File::options().write(true).open(path).unwrap().set_modified(past).unwrap();
        let running = spawn(folder.path(), |_| ()).await;
        let range = async |range: &str, more: &str| {
            ask(&running, "GET /files/ten.txt", &format!("Range: {range}\r\n{more}")).await
        };
        for (given, text, content_range) in [
            ("bytes=0-0", "0", "bytes 0-0/10"),
            ("bytes=2-4", "234", "bytes 2-4/10"),
            ("bytes=7-", "789", "bytes 7-9/10"),
            ("bytes=-3", "789", "bytes 7-9/10"),
            ("bytes=-99", "0123456789", "bytes 0-9/10"),
            ("bytes=8-99", "89", "bytes 8-9/10"),
            ("bytes=3-4,50-60", "34", "bytes 3-4/10"),
        ] {
            let answer = range(given, "").await;
            assert_eq!((answer.status, answer.text()), (206, text.into()), "{given}");
            assert_eq!(answer.header("content-range"), Some(content_range));
            assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
            assert!(answer.header("etag").is_some());
        }
        for given in ["bytes=10-", "bytes=-0", "bytes=99-100"] {
            let answer = range(given, "").await;
            assert_eq!((answer.status, answer.header("content-range")), (416, Some("bytes */10")));
            assert_eq!(answer.json()["status"], 416);
        }
        let many = vec!["0-0"; 17].join(",");
        for given in ["items=0-1", "bytes=4-2", "bytes=x", "bytes=0-,0-", &format!("bytes={many}")] {
            let answer = range(given, "").await;
            assert_eq!((answer.status, answer.text()), (200, "0123456789".into()), "{given}");
        }
        // Several, each with where it belongs.
        let answer = range("bytes=0-1, 4-4,-2", "").await;
        assert_eq!(answer.status, 206);
        let kind = answer.header("content-type").unwrap();
        let boundary = kind.strip_prefix("multipart/byteranges; boundary=").unwrap();
        let part = |range: &str, text: &str| {
            format!(
                "--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes {range}/10\
                 \r\n\r\n{text}\r\n"
            )
        };
        let expected = [part("0-1", "01"), part("4-4", "4"), part("8-9", "89")].concat();
        assert_eq!(answer.text(), format!("{expected}--{boundary}--\r\n"));
        assert_eq!(answer.header("content-range"), None);

        // Only to whoever has the other parts of the same.
        let whole = fetch(running.addr(), get("/files/ten.txt")).await;
        let (tag, date) = (whole.header("etag").unwrap(), whole.header("last-modified").unwrap());
        for (condition, status) in [
            (tag, 206),
            (date, 206),
            ("\"x\"", 200),
            (&format!("W/{tag}"), 200),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 200),
        ] {
            let answer = range("bytes=0-0", &format!("If-Range: {condition}\r\n")).await;
            assert_eq!(answer.status, status, "{condition}");
        }
        // HEAD knows no ranges, and of nothing there is no part.
        let head = ask_head(&running, "/files/ten.txt", "Range: bytes=0-0\r\n").await;
        assert_eq!((head.status, head.header("content-length")), (200, Some("10")));
        let empty = ask(&running, "GET /files/empty.css", "Range: bytes=0-\r\n").await;
        assert_eq!((empty.status, empty.header("content-range")), (416, Some("bytes */0")));
    })
    .await;
}

#[tokio::test]
async fn what_was_compressed_before_is_sent_to_who_reads_it() {
    within(LIMIT, async {
        let folder = folder();
        let running = spawn(folder.path(), |_| ()).await;
        let mut tags = Vec::new();
        for (accept, text, coding) in [
            ("gzip, deflate, br", "br", Some("br")),
            ("br;q=0.5, gzip", "gz", Some("gzip")),
            ("gzip", "gz", Some("gzip")),
            ("identity", "let app = 'plain';", None),
            ("gzip;q=0, br;q=0", "let app = 'plain';", None),
            ("zstd", "let app = 'plain';", None),
        ] {
            let headers = format!("Accept-Encoding: {accept}\r\n");
            let answer = ask(&running, "GET /files/app.js", &headers).await;
            assert_eq!((answer.text(), answer.header("content-encoding")), (text.into(), coding));
            assert_eq!(answer.header("content-type"), Some("text/javascript; charset=utf-8"));
            assert_eq!(answer.header("vary"), Some("accept-encoding"));
            tags.push(answer.header("etag").unwrap().to_owned());
        }
        assert!(tags[0] != tags[1] && tags[1] == tags[2] && tags[2] != tags[3], "{tags:?}");
        // Parts are parts of what is sent.
        let part = "Accept-Encoding: br\r\nRange: bytes=1-\r\n";
        let answer = ask(&running, "GET /files/app.js", part).await;
        assert_eq!((answer.status, answer.text()), (206, "r".into()));
        assert_eq!(answer.header("content-encoding"), Some("br"));
        // One that is older was made of something else.
        let answer = ask(&running, "GET /files/old.js", "Accept-Encoding: gzip\r\n").await;
        assert_eq!((answer.text(), answer.header("content-encoding")), ("new".into(), None));
        // By its own name it is a file like any other.
        let answer = ask(&running, "GET /files/app.js.gz", "Accept-Encoding: gzip\r\n").await;
        assert_eq!(answer.header("content-type"), Some("application/gzip"));
        assert_eq!(answer.header("content-encoding"), None);
    })
    .await;
}

#[tokio::test]
async fn a_large_file_is_sent_whole_and_one_that_changes_breaks_off() {
    within(LIMIT, async {
        let folder = folder();
        let path = folder.path().join("public/large.bin");
        let content: Vec<u8> = (0..40_000_000_u32).map(|at| (at / 7 % 251) as u8).collect();
        fs::write(&path, &content).unwrap();
        let running = spawn(folder.path(), |_| ()).await;
        let answer = fetch(running.addr(), get("/files/large.bin")).await;
        assert_eq!(answer.header("content-length"), Some("40000000"));
        assert!(answer.body == content);
        let part = ask(&running, "GET /files/large.bin", "Range: bytes=100000-300000\r\n").await;
        assert!(part.body == content[100_000..=300_000]);
        let parts = "Range: bytes=0-99999,200000-299999\r\n";
        let parts = ask(&running, "GET /files/large.bin", parts).await;
        assert_eq!(parts.status, 206);
        let has = |part: &[u8]| parts.body.windows(part.len()).any(|window| window == part);
        assert!(has(&content[..100_000]) && has(&content[200_000..300_000]));

        // Far more than the sockets hold, so most of it is not read when it changes.
        for change in ["shorter", "longer", "other"] {
            fs::write(&path, &content).unwrap();
            let mut client = Client::connect(running.addr()).await;
            client.send(get("/files/large.bin")).await;
            client.stream.readable().await.unwrap();
            let file = fs::File::options().write(true).open(&path).unwrap();
            match change {
                "shorter" => file.set_len(20_000_000).unwrap(),
                "longer" => file.set_len(50_000_000).unwrap(),
                _ => fs::write(&path, &content[1..]).unwrap(),
            }
            let sent = client.closed().await;
            assert!(sent.len() < content.len(), "{change}: {}", sent.len());
            let body = sent.windows(4).position(|end| end == b"\r\n\r\n").unwrap() + 4;
            assert!(content.starts_with(&sent[body..]), "{change}: nothing else was sent");
        }
        // A new one in its place is another file, and whoever has begun gets the old one.
        fs::write(&path, &content).unwrap();
        let mut client = Client::connect(running.addr()).await;
        client.send(get("/files/large.bin")).await;
        client.stream.readable().await.unwrap();
        fs::write(folder.path().join("new"), "new").unwrap();
        fs::rename(folder.path().join("new"), &path).unwrap();
        assert!(client.answer().await.body == content);
        assert_eq!(fetch(running.addr(), get("/files/large.bin")).await.text(), "new");
    })
    .await;
}

#[tokio::test]
async fn files_need_the_key_unless_they_are_public() {
    within(LIMIT, async {
        let folder = folder();
        let running = spawn(folder.path(), |manager| {
            manager
                .with_api_key(KEY)
                .with_static_files("/", folder.path().join("public/sub"))
                .with_public_static(["/"]);
        })
        .await;
        for path in ["/files/ten.txt", "/files/ghost", "/files/sub"] {
            assert_eq!(fetch(running.addr(), get(path)).await.status, 401, "{path}");
        }
        let key = format!("Authorization: Bearer {KEY}\r\n");
        assert_eq!(ask(&running, "GET /files/ten.txt", &key).await.status, 200);
        assert_eq!(fetch(running.addr(), get("/")).await.text(), "sub");
        assert_eq!(fetch(running.addr(), get("/index.html")).await.text(), "sub");
        assert_eq!(fetch(running.addr(), get("/ghost")).await.status, 404);
        assert_eq!(fetch(running.addr(), get("/%2e%2e/ten.txt")).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_served_is_found_at_the_start() {
    within(LIMIT, async {
        let folder = folder();
        let public = folder.path().join("public");
        let check = async |build: &dyn Fn(&mut Manager), kind: Kind, parts: &[&str]| {
            let mut manager = Manager::empty();
            manager.with_bind("127.0.0.1:0");
            build(&mut manager);
            let error = fails(manager.spawn().await.map(|_| ()), kind).to_string();
            for part in parts {
                assert!(error.contains(part), "no {part} in {error}");
            }
        };
        let absent = folder.path().join("absent");
        check(
            &|manager| _ = manager.with_static_files("/a", &absent),
            Kind::Internal,
            &["absent` that `static_files` has at `/a` cannot be served"],
        )
        .await;
        let file = public.join("ten.txt");
        check(
            &|manager| _ = manager.with_static_files("/a", &file),
            Kind::Internal,
            &["ten.txt` that `static_files` has at `/a` cannot be served"],
        )
        .await;
        check(
            &|manager| _ = manager.add::<files_rival>().with_static_files("/files", &public),
            Kind::Internal,
            &["`GET /files/{*path}` of `static_files`", "`GET /files/{*rest}` of handler `files_rival`"],
        )
        .await;
        for prefix in ["files", "/files/", "", "/a//b", "/a/..", "/a%20b", "/a?b"] {
            check(
                &|manager| _ = manager.with_static_files(prefix, &public),
                Kind::BadRequest,
                &[&format!("with_static_files: `static_files` cannot be `{prefix}=")],
            )
            .await;
        }
        check(
            &|manager| {
                manager.with_static_files("/a", &public).with_public_static(["/b"]);
            },
            Kind::BadRequest,
            &["with_public_static: `public_static` cannot be `/b`; allowed is a path that `static_files` serves"],
        )
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_handler_at_the_path_of_a_directory_leaves_it_what_it_does_not_take() {
    within(LIMIT, async {
        let folder = folder();
        let running = spawn(folder.path(), |manager| _ = manager.add::<files_beside>()).await;
        let posted = ask(&running, "POST /files", "").await;
        assert_eq!((posted.status, posted.message()), (200, "".into()));
        let answer = fetch(running.addr(), get("/files")).await;
        assert_eq!((answer.status, answer.header("location")), (308, Some("/files/")));
        assert_eq!(fetch(running.addr(), get("/files/")).await.text(), "<h1>index</h1>");
        assert_eq!(ask_head(&running, "/files", "").await.status, 308);
        let other = ask(&running, "PUT /files", "").await;
        assert_eq!((other.status, other.header("allow")), (405, Some("GET, HEAD, OPTIONS, POST")));
        running.stop().await.unwrap();
        // What it takes is its own.
        let running = spawn(folder.path(), |manager| _ = manager.add::<files_owner>()).await;
        assert_eq!(fetch(running.addr(), get("/files")).await.text(), "the handler's");
        assert_eq!(fetch(running.addr(), get("/files/ten.txt")).await.status, 200);
        running.stop().await.unwrap();
    })
    .await;
}

/// A pipe would wait for somebody to write.
#[cfg(unix)]
#[tokio::test]
async fn only_files_are_files() {
    within(LIMIT, async {
        let folder = folder();
        let pipe = folder.path().join("public/pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        if !made.is_ok_and(|status| status.success()) {
            return;
        }
        let running = spawn(folder.path(), |_| ()).await;
        assert_eq!(fetch(running.addr(), get("/files/pipe")).await.status, 404);
    })
    .await;
}
