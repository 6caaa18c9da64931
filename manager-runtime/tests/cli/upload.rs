//! `upload`: files to a service that runs, through connections that break.

use std::fs;
use std::path::Path;

use crate::link::{self, Link};
use crate::shop::{Ended, Shop, depot, shop};

const KEY: &str = "correct-horse-battery-staple";

/// A service with the ready-made store.
fn store(folder: &Path) -> Shop {
    shop(&[]).env("MANAGER_FILES", folder.to_str().unwrap()).serve()
}

fn url(shop: &Shop) -> String {
    format!("http://{}", shop.address)
}

/// Bytes that do not repeat within a part.
fn bytes(length: usize) -> Vec<u8> {
    (0..length as u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

#[track_caller]
fn check(ended: &Ended, status: i32) {
    assert_eq!(ended.status, status, "{}", ended.err);
    assert_eq!(ended.out, "");
}

#[track_caller]
fn refused(ended: &Ended, part: &str) {
    check(ended, 1);
    let line = ended.err.lines().find(|line| line.starts_with("error: "));
    assert!(line.is_some_and(|line| line.contains(part)), "{}", ended.err);
}

#[test]
fn files_go_to_the_store_and_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    let service = store(folder.path());
    let large = bytes(700_000);
    let program = shop(&["upload", "a.txt", "inner/b ä.bin", "empty", "--url", &url(&service)]);
    let program = program.file("a.txt", "hello").file("empty", "").bytes("inner/b ä.bin", &large);
    let ended = program.run();
    check(&ended, 0);
    // No bar, and nothing else, where nobody looks.
    assert_eq!(
        ended.err_lines(),
        [
            "a.txt: uploaded, 5 bytes, sha-256 \
             2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
            &*format!(
                "b ä.bin: uploaded, 700000 bytes, sha-256 {}",
                manager_runtime::store::Digest::of(&large)
            ),
            "empty: uploaded, 0 bytes, sha-256 \
             e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ]
    );
    assert_eq!(fs::read(folder.path().join("a.txt")).unwrap(), b"hello");
    assert_eq!(fs::read(folder.path().join("b ä.bin")).unwrap(), large);
    assert_eq!(fs::read(folder.path().join("empty")).unwrap(), b"");
    assert_eq!(names(ended.folder.path()), ["a.txt", "empty", "inner"], "nothing is left over");
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn all_files_are_tried_and_the_status_tells() {
    let folder = tempfile::tempdir().unwrap();
    let service = store(folder.path());
    let ended = shop(&["upload", "ghost", "d", "a", "--url", &url(&service)])
        .file("a", "1")
        .file("d/x", "")
        .run();
    check(&ended, 1);
    let lines = ended.err_lines();
    assert_eq!(lines.len(), 3, "{}", ended.err);
    assert!(lines[0].starts_with("error: ghost: it cannot be read: "), "{}", ended.err);
    assert_eq!(lines[1], "error: d: it is a directory; name the files in it");
    assert!(lines[2].starts_with("a: uploaded, 1 bytes"), "{}", ended.err);
    assert_eq!(fs::read(folder.path().join("a")).unwrap(), b"1");
}

#[test]
fn mistakes_of_the_command_are_two() {
    check(&shop(&["upload", "a"]).run(), 2);
    check(&shop(&["upload", "--url", "http://127.0.0.1:1"]).run(), 2);
    let ended = shop(&["upload", "x/a", "y/a", "--url", "http://127.0.0.1:1"]).run();
    check(&ended, 2);
    assert!(ended.err.contains("are called `a`"), "{}", ended.err);
}

#[test]
fn a_client_that_was_killed_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let service = store(folder.path());
    let link = Link::to(service.address);
    let content = bytes(6 << 20);
    let here = tempfile::tempdir().unwrap();
    let file = here.path().join("film.bin");
    fs::write(&file, &content).unwrap();
    let command = ["upload", file.to_str().unwrap(), "--url", &link.url];

    link.stop_up(4 << 20);
    let client = shop(&command).start();
    link.wait_until_stopped();
    assert_eq!(names(here.path()), [".film.bin.upload", "film.bin"]);
    client.signal("KILL");
    drop(client);
    link.cut(Some(service.address));
    let before = link.passed().0;

    let ended = shop(&command).run();
    check(&ended, 0);
    let sent = link.passed().0 - before;
    assert!(sent < 4 << 20, "it went on, and sent {sent} bytes");
    assert_eq!(fs::read(folder.path().join("film.bin")).unwrap(), content);
    assert_eq!(names(here.path()), ["film.bin"]);
}

#[test]
fn a_file_that_was_changed_meanwhile_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let service = store(folder.path());
    let link = Link::to(service.address);
    let here = tempfile::tempdir().unwrap();
    let file = here.path().join("film.bin");
    fs::write(&file, bytes(2 << 20)).unwrap();
    let command = ["upload", file.to_str().unwrap(), "--url", &link.url];
    link.stop_up(1 << 20);
    let client = shop(&command).start();
    link.wait_until_stopped();
    client.signal("KILL");
    drop(client);
    link.cut(Some(service.address));
    let other = vec![7; 3 << 20];
    fs::write(&file, &other).unwrap();
    check(&shop(&command).run(), 0);
    assert_eq!(fs::read(folder.path().join("film.bin")).unwrap(), other);
}

#[test]
fn a_service_that_was_killed_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let service = store(folder.path());
    let link = Link::to(service.address);
    // More than one part: what was finished of it is kept by the service.
    let content = bytes(18 << 20);
    let program = shop(&["upload", "film.bin", "--url", &link.url]).bytes("film.bin", &content);

    link.stop_up(17 << 20);
    let client = program.start();
    link.wait_until_stopped();
    service.signal("KILL");
    drop(service);
    let before = link.passed().0;
    link.cut(None);
    client.line("trying again");
    let service = store(folder.path());
    link.cut(Some(service.address));

    let ended = client.ended();
    check(&ended, 0);
    let sent = link.passed().0 - before;
    assert!(sent < 3 << 20, "it went on, and sent {sent} bytes");
    assert_eq!(fs::read(folder.path().join("film.bin")).unwrap(), content);
}

#[test]
fn a_handler_of_ones_own_is_reached_as_well() {
    let service = depot(&[]).serve();
    let ended = shop(&["upload", "a", "--url", &url(&service)]).file("a", "hello").run();
    check(&ended, 0);
    assert!(ended.err.contains("a: uploaded, 5 bytes"), "{}", ended.err);
    assert!(ended.err.contains("does not tell of its own"), "{}", ended.err);
    let large = bytes(3 << 20);
    let ended = shop(&["upload", "b", "--url", &url(&service)]).bytes("b", &large).run();
    refused(&ended, "`upload_limit`");
    let kept = shop(&["download", "a", "--url", &url(&service)]).run();
    check(&kept, 0);
    assert_eq!(fs::read(kept.folder.path().join("a")).unwrap(), b"hello");
}

#[test]
fn refusals_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path().to_str().unwrap();
    let upload = |url: &str| shop(&["upload", "a", "--url", url]).file("a", "hello");

    let service = shop(&[]).env("MANAGER_FILES", files).env("MANAGER_API_KEY", KEY).serve();
    refused(&upload(&url(&service)).run(), "set MANAGER_API_KEY");
    let wrong = upload(&url(&service)).env("MANAGER_API_KEY", "hunter2").run();
    refused(&wrong, "does not take the key");
    assert!(!wrong.err.contains("hunter2"), "{}", wrong.err);
    check(&upload(&url(&service)).env("MANAGER_API_KEY", KEY).run(), 0);
    drop(service);

    let service = shop(&[]).env("MANAGER_FILES", files).env("MANAGER_UPLOAD_LIMIT", "4").serve();
    refused(&upload(&url(&service)).run(), "a: it has 5 bytes, and ");
    drop(service);

    let service = shop(&[]).env("MANAGER_FILES", files).env("MANAGER_FILES_QUOTA", "6").serve();
    let large = shop(&["upload", "b", "--url", &url(&service)]).file("b", "1234567");
    refused(&large.run(), "make room");
    drop(service);

    let service = shop(&[]).serve();
    refused(&upload(&url(&service)).run(), "takes no files");
    refused(&upload("https://127.0.0.1:1").run(), crate::shop::NOBODY_OVER_TLS);
    refused(&upload("http://127.0.0.1:1").run(), "cannot be reached");
}

#[test]
fn a_service_that_has_something_else_is_found_out() {
    let other = manager_runtime::store::Digest::of(b"other");
    let url = link::service(move |request| {
        let body = format!(r#"{{"name":"a","sha256":"{other}"}}"#);
        let body = if request.starts_with("GET /stream/metadata/a ") { &*body } else { "" };
        let length = body.len();
        format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
            .into()
    });
    let ended = shop(&["upload", "a", "--url", &url]).file("a", "hello").run();
    refused(&ended, "is not what was sent");
    assert!(ended.err.contains(&other.to_string()), "{}", ended.err);
}
