//! `download`: files from a service that runs, through connections that break.

use std::fs;
use std::path::Path;
use std::process::Command;

use manager_runtime::store::Digest;

use crate::link::{self, Link};
use crate::shop::{Ended, Shop, shop};

const LARGE: usize = 6 << 20;

/// A service with the ready-made store, and files in it.
fn store(folder: &Path) -> Shop {
    fs::write(folder.join("a.txt"), "hello").unwrap();
    fs::write(folder.join("film.bin"), bytes()).unwrap();
    shop(&[]).env("MANAGER_FILES", folder.to_str().unwrap()).serve()
}

fn bytes() -> Vec<u8> {
    (0..LARGE as u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

#[track_caller]
fn check(ended: &Ended, status: i32, out: &str) {
    assert_eq!((ended.status, &*ended.out), (status, out), "{}", ended.err);
}

#[track_caller]
fn refused(ended: &Ended, part: &str) {
    check(ended, 1, "");
    let line = ended.err.lines().find(|line| line.starts_with("error: "));
    assert!(line.is_some_and(|line| line.contains(part)), "{}", ended.err);
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_file_comes_under_its_name_another_or_to_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let service = store(folder.path());
    let url = format!("http://{}", service.address);
    let line = "a.txt: downloaded, 5 bytes, sha-256 \
                2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    let ended = shop(&["download", "a.txt", "--url", &url]).run();
    check(&ended, 0, "");
    // No bar, and nothing else, where nobody looks.
    assert_eq!(ended.err_lines(), [line]);
    assert_eq!(names(ended.folder.path()), ["a.txt"]);
    assert_eq!(fs::read(ended.folder.path().join("a.txt")).unwrap(), b"hello");

    let ended = shop(&["download", "a.txt", "-o", "b", "--url", &url]).file("b", "old").run();
    check(&ended, 0, "");
    assert_eq!(names(ended.folder.path()), ["b"]);
    assert_eq!(fs::read(ended.folder.path().join("b")).unwrap(), b"hello");

    let ended = shop(&["download", "a.txt", "-o", "-", "--url", &url]).run();
    check(&ended, 0, "hello");
    assert_eq!(ended.err_lines(), [line]);
    assert!(names(ended.folder.path()).is_empty());
}

#[test]
fn a_client_that_was_killed_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let service = store(folder.path());
    let link = Link::to(service.address);
    let here = tempfile::tempdir().unwrap();
    let file = here.path().join("film");
    fs::write(&file, "an old film").unwrap();
    let command = ["download", "film.bin", "-o", file.to_str().unwrap(), "--url", &link.url];

    link.stop_down(4 << 20);
    let client = shop(&command).start();
    link.wait_until_stopped();
    let part = here.path().join("film.part");
    client.wait_until(|| part.metadata().is_ok_and(|part| part.len() > 3 << 20));
    client.signal("KILL");
    drop(client);
    link.cut(Some(service.address));
    assert_eq!(names(here.path()), ["film", "film.part", "film.part.etag"]);
    assert_eq!(fs::read(&file).unwrap(), b"an old film");
    let before = link.passed().1;

    let ended = shop(&command).run();
    check(&ended, 0, "");
    let came = link.passed().1 - before;
    assert!(came < 4 << 20, "it went on, and {came} bytes came");
    assert_eq!(fs::read(&file).unwrap(), bytes());
    assert_eq!(names(here.path()), ["film"]);
}

#[test]
fn a_connection_that_is_cut_goes_on_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let service = store(folder.path());
    for output in ["film", "-"] {
        let link = Link::to(service.address);
        link.stop_down(4 << 20);
        let here = tempfile::tempdir().unwrap();
        let to = if output == "-" { output.into() } else { here.path().join(output) };
        let command = ["download", "film.bin", "-o", to.to_str().unwrap(), "--url", &link.url];
        let client = shop(&command).start_with_file("out");
        link.wait_until_stopped();
        link.cut(Some(service.address));
        let ended = client.ended();
        assert_eq!(ended.status, 0, "{}", ended.err);
        assert!(ended.err.contains("trying again"), "{}", ended.err);
        let came = link.passed().1;
        assert!(came < LARGE as u64 + (2 << 20), "it went on, and {came} bytes came");
        let to = if output == "-" { ended.folder.path().join("out") } else { to };
        assert!(fs::read(to).unwrap() == bytes(), "{output}");
    }
}

#[test]
fn another_content_is_not_mixed_with_what_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let service = store(folder.path());
    let url = format!("http://{}", service.address);
    let program = shop(&["download", "a.txt", "--url", &url]);
    let ended = program.file("a.txt.part", "HEL").file("a.txt.part.etag", "\"another\"").run();
    check(&ended, 0, "");
    assert_eq!(fs::read(ended.folder.path().join("a.txt")).unwrap(), b"hello");
    // Without a tag nobody knows what it is.
    let ended = shop(&["download", "a.txt", "--url", &url]).file("a.txt.part", "HEL").run();
    check(&ended, 0, "");
    assert_eq!(fs::read(ended.folder.path().join("a.txt")).unwrap(), b"hello");
    assert_eq!(names(ended.folder.path()), ["a.txt"]);
}

#[test]
fn all_of_it_may_be_there_already() {
    let folder = tempfile::tempdir().unwrap();
    let service = store(folder.path());
    let url = format!("http://{}", service.address);
    let head = service.exchange(
        "HEAD /stream/download/a.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    );
    let tag = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
    let program = shop(&["download", "a.txt", "--url", &url]);
    let ended = program.file("a.txt.part", "hello").file("a.txt.part.etag", tag).run();
    check(&ended, 0, "");
    assert_eq!(fs::read(ended.folder.path().join("a.txt")).unwrap(), b"hello");
    assert_eq!(names(ended.folder.path()), ["a.txt"]);
}

#[test]
fn a_service_that_lies_is_found_out() {
    let lie = |headers: String, metadata: String| {
        link::service(move |request| {
            let (headers, body) = match request.starts_with("GET /stream/metadata/") {
                true => ("", &*metadata),
                false => (&*headers, "hello"),
            };
            let length = body.len();
            format!(
                "HTTP/1.1 200 OK\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            )
            .into()
        })
    };
    let (good, bad) = (Digest::of(b"hello"), Digest::of(b"other"));
    let run = |url: &str| shop(&["download", "a", "--url", url]).run();
    for url in [
        lie(format!("Repr-Digest: {}\r\n", bad.to_header()), String::new()),
        lie(String::new(), format!(r#"{{"sha256":"{bad}"}}"#)),
    ] {
        let ended = run(&url);
        refused(&ended, "is not what ");
        assert!(names(ended.folder.path()).is_empty(), "nothing is kept");
    }
    check(&run(&lie(String::new(), format!(r#"{{"sha256":"{good}"}}"#))), 0, "");
    let unknown = run(&lie(String::new(), r#"{"status":"ok"}"#.to_owned()));
    check(&unknown, 0, "");
    assert!(unknown.err.contains("does not tell of its own"), "{}", unknown.err);
}

#[test]
fn refusals_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let service = store(folder.path());
    let url = format!("http://{}", service.address);
    let download = |name: &str, url: &str| shop(&["download", name, "--url", url]).run();
    let ghost = download("ghost", &url);
    refused(&ghost, "ghost: ");
    assert!(names(ghost.folder.path()).is_empty(), "nothing is left over");
    refused(
        &shop(&["download", "a.txt", "-o", "d", "--url", &url]).file("d/x", "").run(),
        "a directory",
    );
    refused(&shop(&["download", "a.txt", "-o", "d/x", "--url", &url]).run(), "d/x.part");
    let plain = shop(&[]).serve();
    refused(&download("a", &format!("http://{}", plain.address)), "has no files");
    let keyed = shop(&[]).env("MANAGER_API_KEY", "k").serve();
    refused(&download("a", &format!("http://{}", keyed.address)), "set MANAGER_API_KEY");
    refused(&download("a", "http://127.0.0.1:1"), "cannot be reached");
    refused(&download("a", "https://127.0.0.1:1"), crate::shop::NOBODY_OVER_TLS);
    for name in ["../a", "a/b", ".."] {
        check(&download(name, &url), 2, "");
    }
    check(&shop(&["download", "a"]).run(), 2, "");
}

/// In a terminal there is a bar; `script` makes one.
#[test]
fn a_bar_is_drawn_on_a_terminal_only() {
    let folder = tempfile::tempdir().unwrap();
    let service = store(folder.path());
    if !cfg!(all(feature = "progress", target_os = "linux"))
        || !Command::new("script").arg("--version").output().is_ok_and(|out| out.status.success())
    {
        return;
    }
    let here = tempfile::tempdir().unwrap();
    let line = format!(
        "{} download film.bin --url http://{}",
        crate::shop::executable("shop").display(),
        service.address
    );
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).current_dir(here.path()).env("TERM", "xterm");
    let out = script.output().unwrap();
    let out = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.contains("film.bin ["), "{out}");
    assert!(out.contains("film.bin: downloaded"), "{out}");
}
