//! How a service ends, and with which status.

use std::time::{Duration, Instant};

use crate::shop::{answer, executable, send_signal, shop};

#[test]
fn what_has_begun_is_answered() {
    let shop = shop(&[]).serve();
    let request = shop.begin("/wait");
    shop.wait_for_file("begun");
    shop.signal("TERM");
    shop.line("stopping: terminated");
    shop.make_file("release");
    let answer = answer(request);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.ends_with(r#""message":"released"}"#), "{answer}");
    assert_eq!(shop.ended().status, 0);
}

#[test]
fn ctrl_c_is_the_same() {
    let shop = shop(&[]).serve();
    shop.signal("INT");
    let ended = shop.ended();
    assert_eq!(ended.status, 0, "{}", ended.err);
    assert!(ended.err.contains("stopping: interrupted"), "{}", ended.err);
}

#[test]
fn so_is_a_request() {
    let shop = shop(&[]).serve();
    assert!(shop.post("/shutdown", "").ends_with(r#"{"status":"Shutting down"}"#));
    assert_eq!(shop.ended().status, 0);
}

#[test]
fn the_drain_limit_cuts() {
    let shop = shop(&["--drain", "50ms"]).serve();
    let request = shop.begin("/wait");
    shop.wait_for_file("begun");
    shop.signal("TERM");
    let ended = shop.ended();
    assert_eq!(ended.status, 3, "{}", ended.err);
    assert!(ended.err.contains("drain limit"), "{}", ended.err);
    assert!(!answer(request).contains("released"));
}

#[test]
fn a_thread_that_blocks_does_not_hold_the_end() {
    let shop = shop(&["--drain", "50ms"]).serve();
    let _request = shop.begin("/block");
    shop.wait_for_file("begun");
    let begun = Instant::now();
    shop.signal("TERM");
    assert_eq!(shop.ended().status, 3);
    assert!(begun.elapsed() < Duration::from_secs(5), "the process waited for the thread");
}

#[test]
fn a_second_signal_cuts_at_once() {
    for (signal, status) in [("TERM", 143), ("INT", 130)] {
        let shop = shop(&[]).serve();
        let _request = shop.begin("/wait");
        shop.wait_for_file("begun");
        shop.signal(signal);
        shop.line("stopping");
        shop.signal(signal);
        let ended = shop.ended();
        assert_eq!(ended.status, status, "{}", ended.err);
    }
}

#[test]
fn a_start_that_hangs_can_be_stopped() {
    let shop = shop(&[]).env("SHOP_PRICES", "never").start();
    shop.wait_for_file("begun");
    shop.signal("TERM");
    let ended = shop.ended();
    assert_eq!(ended.status, 143, "{}", ended.err);
    assert!(!ended.err.contains("listening on"), "{}", ended.err);
}

/// The first process of a container gets no signal that it does not listen to.
#[test]
#[cfg(target_os = "linux")]
fn as_the_first_process_it_ends_all_the_same() {
    let alone = || std::process::Command::new("unshare").args(["--pid", "--fork", "true"]).output();
    if !alone().is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: this machine lets nobody make a namespace of processes");
        return;
    }
    for (signal, stops) in [("TERM", "terminated"), ("INT", "interrupted")] {
        let shop = shop(&[]).first_of_its_own().serve();
        assert!(shop.post("/greet", "you").contains("hello you"));
        shop.signal_to_child(signal);
        let ended = shop.ended();
        assert_eq!(ended.status, 0, "{}", ended.err);
        assert!(ended.err.contains(&format!("stopping: {stops}")), "{}", ended.err);
    }
    let shop = shop(&[]).env("SHOP_PRICES", "never").first_of_its_own().start();
    shop.wait_for_file("begun");
    shop.signal_to_child("TERM");
    assert_eq!(shop.ended().status, 143, "while it starts");
}

/// Started from a terminal that is closed, it would go on where nobody sees it.
#[test]
#[cfg(target_os = "linux")]
fn it_ends_with_its_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let program = executable("shop");
    let command = format!("exec '{}' --bind 127.0.0.1:0 2>log", program.display());
    // It gives the program a terminal, which goes with it.
    let terminal = std::process::Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .current_dir(folder.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn();
    let Ok(mut terminal) = terminal else {
        eprintln!("SKIPPED: no `script` (util-linux) on this machine");
        return;
    };
    let wait_for = |part: &str| {
        let begun = Instant::now();
        while !std::fs::read_to_string(&log).unwrap_or_default().contains(part) {
            assert!(begun.elapsed() < Duration::from_secs(30), "no {part:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    wait_for("listening on");
    let id = terminal.id();
    let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
    let own = format!("/proc/{}", children.trim());
    // With the terminal there, it is somebody who wants files to be read again.
    send_signal("HUP", children.trim());
    wait_for("nothing to load again");
    terminal.kill().unwrap();
    terminal.wait().unwrap();
    wait_for("the terminal has gone");
    let begun = Instant::now();
    while std::path::Path::new(&own).exists() {
        assert!(begun.elapsed() < Duration::from_secs(30), "it goes on");
        std::thread::sleep(Duration::from_millis(5));
    }
}
