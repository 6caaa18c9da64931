//! The ready-made store over HTTP: files that come, stay, are found and go.

use std::fs;
use std::path::Path;
use std::time::Duration;

use manager_runtime::prelude::*;
use manager_runtime::store::{Digest, DirectoryStore};
use tempfile::TempDir;
use tokio::time::timeout;

use crate::support::{
    Answer, Client, LIMIT, fails, fetch, get, keep_log, logged, request, until, within,
};

/// Rival of the store's own entrance.
#[handler(post = "/stream/upload/{file}")]
async fn shelf_rival(_: manager_runtime::Path<String>) {}

#[handler(get = "/shelf/hello")]
async fn shelf_hello() -> &'static str {
    "hello"
}

struct Shelf {
    folder: TempDir,
    running: Running,
}

impl Shelf {
    async fn start(build: impl FnOnce(&mut Manager)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let running = spawn(folder.path(), build).await.unwrap();
        Shelf { folder, running }
    }

    async fn ask(&self, line: &str, headers: &str, body: impl AsRef<[u8]>) -> Answer {
        fetch(self.running.addr(), request(line, headers, body)).await
    }

    /// What lies in the directory, the store's own left out.
    fn files(&self) -> Vec<String> {
        names(self.folder.path())
    }

    fn partial(&self) -> Vec<String> {
        names(&self.folder.path().join(".manager/partial"))
    }
}

async fn spawn(folder: &Path, build: impl FnOnce(&mut Manager)) -> Result<Running> {
    let mut manager = Manager::empty();
    manager.add::<shelf_hello>().with_files(folder).with_bind("127.0.0.1:0");
    build(&mut manager);
    manager.spawn().await
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name != ".manager");
    names.sort();
    names
}

/// The detail of a problem.
#[track_caller]
fn problem(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    answer.json()["detail"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_file_comes_is_found_and_goes() {
    within(LIMIT, async {
        let shelf = Shelf::start(|_| ()).await;
        let kind = "Content-Type: text/html\r\n";
        let saved = shelf.ask("POST /stream/upload/%C3%A4%20b.html", kind, "<b>bold</b>").await;
        assert_eq!(saved.status, 201, "{}", saved.text());
        let digest = Digest::of(b"<b>bold</b>");
        assert_eq!(saved.header("location"), Some("/stream/download/%C3%A4%20b.html"));
        assert_eq!(saved.header("repr-digest"), Some(&*digest.to_header()));
        let json = saved.json();
        assert_eq!((&json["name"], &json["size"]), (&"ä b.html".into(), &11.into()));
        assert_eq!(json["sha256"], digest.to_string());
        assert_eq!(json["media_type"], "text/html");
        let etag = saved.header("etag").unwrap();
        assert_eq!(json["etag"], etag);
        assert_eq!(fs::read(shelf.folder.path().join("ä b.html")).unwrap(), b"<b>bold</b>");

        let path = "/stream/download/%C3%A4%20b.html";
        let got = shelf.ask(&format!("GET {path}"), "", "").await;
        assert_eq!((got.status, got.text().as_str()), (200, "<b>bold</b>"));
        for (name, value) in [
            ("content-type", "text/html"),
            ("content-length", "11"),
            ("accept-ranges", "bytes"),
            ("x-content-type-options", "nosniff"),
            ("etag", etag),
            ("repr-digest", &digest.to_header()),
        ] {
            assert_eq!(got.header(name), Some(value), "{name}");
        }
        let disposition = got.header("content-disposition").unwrap();
        assert!(disposition.starts_with("attachment;"), "{disposition}");
        assert!(disposition.contains("filename*=UTF-8''%C3%A4%20b.html"), "{disposition}");
        let modified = got.header("last-modified").unwrap().to_owned();

        let part = shelf.ask(&format!("GET {path}"), "Range: bytes=3-6\r\n", "").await;
        assert_eq!((part.status, part.text().as_str()), (206, "bold"));
        assert_eq!(part.header("content-range"), Some("bytes 3-6/11"));
        let range = format!("Range: bytes=3-6\r\nIf-Range: {etag}\r\n");
        assert_eq!(shelf.ask(&format!("GET {path}"), &range, "").await.status, 206);
        let range = "Range: bytes=3-6\r\nIf-Range: \"other\"\r\n";
        assert_eq!(shelf.ask(&format!("GET {path}"), range, "").await.status, 200);
        let none = shelf.ask(&format!("GET {path}"), "Range: bytes=11-\r\n", "").await;
        assert_eq!((none.status, none.header("content-range")), (416, Some("bytes */11")));
        for same in
            [format!("If-None-Match: {etag}\r\n"), format!("If-Modified-Since: {modified}\r\n")]
        {
            assert_eq!(shelf.ask(&format!("GET {path}"), &same, "").await.status, 304, "{same}");
        }
        let mut client = Client::connect(shelf.running.addr()).await;
        client.send(request(&format!("HEAD {path}"), "", "")).await;
        let head = client.head().await;
        assert_eq!((head.status, head.header("content-length")), (200, Some("11")));

        let metadata = shelf.ask("GET /stream/metadata/%C3%A4%20b.html", "", "").await;
        assert_eq!(metadata.json(), json);
        let replaced = shelf.ask("POST /stream/upload/%C3%A4%20b.html", "", "other").await;
        assert_eq!(
            (replaced.status, &replaced.json()["media_type"]),
            (200, &serde_json::Value::Null)
        );
        // By its name, as nobody said anything else.
        let got = shelf.ask(&format!("GET {path}"), "", "").await;
        assert_eq!(got.header("content-type"), Some("text/html; charset=utf-8"));

        let gone = shelf.ask(&format!("DELETE {path}"), "", "").await;
        assert_eq!((gone.status, gone.text().as_str()), (204, ""));
        for line in [format!("GET {path}"), format!("DELETE {path}")] {
            problem(&shelf.ask(&line, "", "").await, 404);
        }
        problem(&shelf.ask("GET /stream/metadata/%C3%A4%20b.html", "", "").await, 404);
        assert!(shelf.files().is_empty());
        let other = shelf.ask("PUT /stream/upload/x", "", "").await;
        problem(&other, 405);
        assert!(other.header("allow").unwrap().contains("POST"));
    })
    .await;
}

#[tokio::test]
async fn what_is_not_as_it_was_said_is_not_stored() {
    within(LIMIT, async {
        let shelf = Shelf::start(|manager| {
            manager.with_upload_limit(1000).with_files_quota(1500);
        })
        .await;
        let refused = async |headers: &str, body: &str, status: u16| {
            let answer = shelf.ask("POST /stream/upload/a", headers, body).await;
            problem(&answer, status);
        };
        refused("If-Match: *\r\n", "abc", 412).await;
        let first = shelf.ask("POST /stream/upload/a", "If-None-Match: *\r\n", "abc").await;
        assert_eq!(first.status, 201);
        refused("If-None-Match: *\r\n", "abd", 412).await;
        refused("If-Match: \"other\"\r\n", "abd", 412).await;
        refused("If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", "abd", 412).await;
        let other = Digest::of(b"other").to_header();
        refused(&format!("Repr-Digest: {other}\r\n"), "abd", 422).await;
        refused(&format!("Content-Digest: {other}\r\n"), "abd", 422).await;
        let old = other.replacen(":", "", 1).replace(":", "");
        refused(&format!("Digest: {old}\r\n"), "abd", 422).await;
        refused("Repr-Digest: sha-256=x\r\n", "abd", 400).await;
        refused("Approximate-Size: many\r\n", "abd", 400).await;
        refused("Content-Encoding: gzip\r\n", "abd", 415).await;
        refused("Content-Range: bytes 0-2/6\r\n", "abd", 400).await;
        refused("", &"x".repeat(1001), 413).await;
        assert_eq!(shelf.ask("POST /stream/upload/b", "", "x".repeat(1000)).await.status, 201);
        refused("", &"x".repeat(900), 507).await;
        // Without a length, too.
        let mut client = Client::connect(shelf.running.addr()).await;
        client
            .send("POST /stream/upload/a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
            .await;
        client.send(format!("384\r\n{}\r\n0\r\n\r\n", "x".repeat(900))).await;
        problem(&client.answer().await, 507);

        let got = shelf.ask("GET /stream/download/a", "", "").await;
        assert_eq!(got.text(), "abc");
        let mine = format!("If-Match: {}\r\n", got.header("etag").unwrap());
        let digest = format!("Repr-Digest: {}\r\n", Digest::of(b"abd").to_header());
        let saved = shelf.ask("POST /stream/upload/a", &format!("{mine}{digest}"), "abd").await;
        assert_eq!(saved.status, 200, "{}", saved.text());
        let gone = shelf.ask("DELETE /stream/download/a", &mine, "").await;
        problem(&gone, 412);
        assert_eq!((shelf.files().len(), shelf.partial().len()), (2, 0));
    })
    .await;
}

#[tokio::test]
async fn names_that_lead_elsewhere_are_refused() {
    within(LIMIT, async {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "mine").unwrap();
        let running = spawn(&outside.path().join("files"), |_| ()).await.unwrap();
        for name in [
            "..%2fsecret",
            "..%2Fsecret",
            "%2e%2e%2fsecret",
            "%2e%2e",
            "..",
            ".",
            "%2e",
            "..%5csecret",
            "..\\secret",
            "a%2f..%2f..%2fsecret",
            "%2fetc%2fpasswd",
            "secret%00",
            "%00",
            "%ff",
            "%c0%ae%c0%ae%c0%afsecret",
            "%zz",
            "%",
            ".manager%2flock",
        ] {
            for line in [
                format!("GET /stream/download/{name}"),
                format!("DELETE /stream/download/{name}"),
                format!("GET /stream/metadata/{name}"),
                format!("POST /stream/upload/{name}"),
            ] {
                let answer = fetch(running.addr(), request(&line, "", "x")).await;
                assert_eq!(answer.status, 400, "{line}: {}", answer.text());
            }
        }
        // More segments than one are another path.
        for path in ["/stream/download/../secret", "/stream/download/a/b", "/stream/download/"] {
            assert_eq!(fetch(running.addr(), get(path)).await.status, 404, "{path}");
        }
        // What only looks so is a name, and a name of its own.
        for name in ["%252e%252e%252fsecret", "...", ".manager", "%2eenv", "~", "C%3a"] {
            let line = format!("POST /stream/upload/{name}");
            let answer = fetch(running.addr(), request(&line, "", name)).await;
            assert_eq!(answer.status, 201, "{name}");
            let answer = fetch(running.addr(), get(&format!("/stream/download/{name}"))).await;
            assert_eq!(answer.text(), name);
        }
        assert_eq!(names(outside.path()), ["files", "secret"]);
        assert_eq!(fs::read_to_string(outside.path().join("secret")).unwrap(), "mine");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn pages_list_what_there_is() {
    within(LIMIT, async {
        let shelf = Shelf::start(|_| ()).await;
        for name in ["c", "a%26b", "b"] {
            shelf.ask(&format!("POST /stream/upload/{name}"), "", name).await;
        }
        let page = shelf.ask("GET /stream/metadata?limit=2", "", "").await.json();
        assert_eq!(page["files"].as_array().unwrap().len(), 2);
        assert_eq!(
            (&page["files"][0]["name"], &page["files"][1]["name"]),
            (&"a&b".into(), &"b".into())
        );
        assert_eq!(page["next"], "b");
        let page = shelf.ask("GET /stream/metadata?after=a%26b&limit=100", "", "").await.json();
        assert_eq!(
            (&page["files"][1]["name"], &page["next"]),
            (&"c".into(), &serde_json::Value::Null)
        );
        let all = shelf.ask("GET /stream/metadata", "", "").await.json();
        assert_eq!(all["files"].as_array().unwrap().len(), 3);
        for query in ["limit=x", "limit=-1", "before=a"] {
            problem(&shelf.ask(&format!("GET /stream/metadata?{query}"), "", "").await, 400);
        }
    })
    .await;
}

#[tokio::test]
async fn an_upload_that_is_cut_leaves_nothing() {
    within(LIMIT, async {
        let shelf = Shelf::start(|_| ()).await;
        shelf.ask("POST /stream/upload/a", "", "old").await;
        let head = "POST /stream/upload/a HTTP/1.1\r\nHost: localhost\r\n";
        for framing in
            ["Content-Length: 2000000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nf4240\r\n"]
        {
            let mut client = Client::connect(shelf.running.addr()).await;
            client.send(format!("{head}{framing}")).await;
            client.send(vec![1; 1_000_000]).await;
            until("it has begun", || !shelf.partial().is_empty()).await;
            assert_eq!(shelf.files(), ["a"], "nobody sees it before it is whole");
            drop(client);
            until("it is gone", || shelf.partial().is_empty()).await;
            assert_eq!(fs::read_to_string(shelf.folder.path().join("a")).unwrap(), "old");
        }
        assert_eq!(fetch(shelf.running.addr(), get("/shelf/hello")).await.text(), "hello");
    })
    .await;
}

const TUS: &str = "Tus-Resumable: 1.0.0\r\n";
const PART: &str = "Tus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\n";

#[tokio::test]
async fn a_resumable_upload_survives_a_cut_and_a_restart() {
    within(LIMIT, async {
        let whole: Vec<u8> = (0..3_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let folder = tempfile::tempdir().unwrap();
        let mut running = spawn(folder.path(), |_| ()).await.unwrap();
        // `filename big.bin, filetype x/y`.
        let create = format!(
            "{TUS}Upload-Length: {}\r\nUpload-Metadata: filename YmlnLmJpbg==,filetype eC95\r\n",
            whole.len()
        );
        let created = fetch(running.addr(), request("POST /stream/tus/", &create, "")).await;
        assert_eq!(created.status, 201, "{}", created.text());
        let path = created.header("location").unwrap().to_owned();
        assert!(path.starts_with("/stream/tus/"), "{path}");

        let offset = async |running: &Running| {
            let mut client = Client::connect(running.addr()).await;
            client.send(request(&format!("HEAD {path}"), TUS, "")).await;
            let head = client.head().await;
            assert_eq!((head.status, head.header("cache-control")), (200, Some("no-store")));
            head.header("upload-offset").unwrap().parse::<usize>().unwrap()
        };
        // The connection breaks, and then the server stops.
        let mut client = Client::connect(running.addr()).await;
        let head = format!(
            "PATCH {path} HTTP/1.1\r\nHost: localhost\r\n{PART}Upload-Offset: 0\r\nContent-Length: {}\r\n\r\n",
            whole.len()
        );
        client.send(&head).await;
        client.send(&whole[..1_000_000]).await;
        let tus = folder.path().join(".manager/tus");
        let written = |least: u64| {
            let parts = names(&tus).into_iter().filter(|name| name.ends_with(".part"));
            let sizes = parts.map(|name| fs::metadata(tus.join(name)).unwrap().len());
            sizes.sum::<u64>() >= least
        };
        until("some of it is there", || written(500_000)).await;
        drop(client);
        while offset(&running).await == 0 {
            tokio::task::yield_now().await;
        }
        running.stop().await.unwrap();
        running = spawn(folder.path(), |_| ()).await.unwrap();
        let reached = offset(&running).await;
        assert!((500_000..=1_000_000).contains(&reached), "{reached}");
        let wrong = format!("{PART}Upload-Offset: 0\r\n");
        problem(&fetch(running.addr(), request(&format!("PATCH {path}"), &wrong, "x")).await, 409);
        let rest = format!("{PART}Upload-Offset: {reached}\r\n");
        let line = format!("PATCH {path}");
        let done = fetch(running.addr(), request(&line, &rest, &whole[reached..])).await;
        assert_eq!((done.status, done.header("upload-offset")), (204, Some("3000000")));
        let got = fetch(running.addr(), get("/stream/download/big.bin")).await;
        assert!(got.body == whole);
        assert_eq!(got.header("content-type"), Some("x/y"));
        let options = fetch(running.addr(), request("OPTIONS /stream/tus", "", "")).await;
        assert_eq!((options.status, options.header("tus-max-size")), (204, Some("10737418240")));
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_part_that_is_refused_says_so_in_the_words_of_tus() {
    within(LIMIT, async {
        let shelf = Shelf::start(|_| ()).await;
        let create = format!("{TUS}Upload-Length: 6\r\n");
        let created = shelf.ask("POST /stream/tus", &create, "").await;
        let path = created.header("location").unwrap().to_owned();
        let line = format!("PATCH {path}");
        let sum = format!("{PART}Upload-Offset: 0\r\nUpload-Checksum: sha1 AAAA\r\n");
        problem(&shelf.ask(&line, &sum, "abc").await, 460);
        // One writes, another wants to.
        let mut client = Client::connect(shelf.running.addr()).await;
        let head = format!(
            "{line} HTTP/1.1\r\nHost: localhost\r\n{PART}Upload-Offset: 0\r\nContent-Length: 6\r\n\r\nabc"
        );
        client.send(&head).await;
        let at_the_begin = format!("{PART}Upload-Offset: 0\r\n");
        loop {
            let answer = shelf.ask(&line, &at_the_begin, "").await;
            assert_eq!(answer.header("tus-resumable"), Some("1.0.0"));
            match answer.status {
                423 => break,
                // It may have been this one that stood in the way of the other.
                204 => {
                    if let Ok(refused) = timeout(Duration::from_millis(20), client.answer()).await {
                        assert_eq!(refused.status, 423, "{}", refused.text());
                        client = Client::connect(shelf.running.addr()).await;
                        client.send(&head).await;
                    }
                }
                status => panic!("{status}: {}", answer.text()),
            }
        }
        client.send("def").await;
        assert_eq!(client.answer().await.status, 204);
        let unversioned = shelf.ask(&line, "Upload-Offset: 0\r\n", "").await;
        problem(&unversioned, 412);
        assert_eq!(unversioned.header("tus-version"), Some("1.0.0"));
        let unknown = format!("DELETE /stream/tus/{}", "0".repeat(32));
        problem(&shelf.ask(&unknown, TUS, "").await, 404);
        assert_eq!(shelf.ask(&format!("DELETE {path}"), TUS, "").await.status, 204);
    })
    .await;
}

#[tokio::test]
async fn all_of_it_is_behind_the_key() {
    within(LIMIT, async {
        let shelf = Shelf::start(|manager| {
            manager.with_api_key("shelf-key");
        })
        .await;
        for line in [
            "POST /stream/upload/a",
            "GET /stream/download/a",
            "DELETE /stream/download/a",
            "GET /stream/metadata/a",
            "GET /stream/metadata",
            "POST /stream/tus",
            "OPTIONS /stream/tus",
            "PATCH /stream/tus/0",
        ] {
            assert_eq!(shelf.ask(line, TUS, "").await.status, 401, "{line}");
        }
        assert!(shelf.files().is_empty());
        let key = "Authorization: Bearer shelf-key\r\n";
        assert_eq!(shelf.ask("POST /stream/upload/a", key, "abc").await.status, 201);
    })
    .await;
}

#[tokio::test]
async fn trouble_with_the_disk_is_said_and_the_server_lives() {
    within(LIMIT, async {
        keep_log();
        let outside = tempfile::tempdir().unwrap();
        let folder = outside.path().join("shelf-9041");
        let running = spawn(&folder, |_| ()).await.unwrap();
        let ask = async |line: &str| fetch(running.addr(), request(line, "", "abc")).await;
        assert_eq!(ask("POST /stream/upload/a").await.status, 201);
        let elsewhere = outside.path().join("elsewhere");
        fs::rename(&folder, &elsewhere).unwrap();
        for line in [
            "POST /stream/upload/a",
            "GET /stream/download/a",
            "GET /stream/metadata/a",
            "GET /stream/metadata",
            "DELETE /stream/download/a",
        ] {
            let answer = ask(line).await;
            let text = problem(&answer, 503);
            assert_eq!(text, "the store cannot be reached at the moment", "{line}");
            assert!(answer.header("retry-after").is_some());
        }
        assert!(!logged(&["trouble with the store", "No such file"]).is_empty());
        fs::rename(&elsewhere, &folder).unwrap();
        assert_eq!(ask("GET /stream/download/a").await.text(), "abc");
        fs::remove_file(folder.join("a")).unwrap();
        problem(&ask("GET /stream/download/a").await, 404);
        assert_eq!(ask("POST /stream/upload/a").await.status, 201);
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_ends_the_start() {
    within(LIMIT, async {
        let folder = tempfile::tempdir().unwrap();
        let start = async |directory: &Path, build: fn(&mut Manager)| {
            let error = fails(spawn(directory, build).await.map(|_| ()), Kind::Internal);
            format!("{error:?}")
        };
        // Two for one path, both named.
        let text = start(folder.path(), |manager| {
            manager.add::<shelf_rival>();
        })
        .await;
        for part in ["/stream/upload/{file}", "`shelf_rival`", "shelf.rs", "`files`"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        // The directory of another.
        let store = DirectoryStore::open(folder.path()).await.unwrap();
        let text = start(folder.path(), |_| ()).await;
        assert!(
            text.contains("that `files` names cannot be used") && text.contains("is open"),
            "{text}"
        );
        drop(store);
        let text = start(&folder.path().join("no/such"), |_| ()).await;
        assert!(text.contains("the directory above it does not exist"), "{text}");
        fs::write(folder.path().join("file"), "").unwrap();
        let text = start(&folder.path().join("file"), |_| ()).await;
        assert!(text.contains("it is no directory"), "{text}");
        spawn(folder.path(), |_| ()).await.unwrap().stop().await.unwrap();
    })
    .await;
}
