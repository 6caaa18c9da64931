//! `call`: in this process, and against a running one.

use crate::shop::{Ended, shop};

const KEY: &str = "correct-horse-battery-staple";

fn check(ended: &Ended, status: i32, out: &str) {
    assert_eq!((ended.status, &*ended.out), (status, out), "{}", ended.err);
}

/// The line of the finding, past the log.
fn error(ended: &Ended) -> &str {
    let line = ended.err.lines().find(|line| line.starts_with("error: "));
    line.unwrap_or_else(|| panic!("no error: {ended:?}"))
}

#[test]
fn text_is_raw_and_json_is_compact_in_a_pipe() {
    check(&shop(&["call", "greet", "Ada"]).run(), 0, "hello Ada\n");
    check(&shop(&["call", "add", r#"{"a": 1, "b": 2}"#]).run(), 0, "{\"total\":3}\n");
    check(&shop(&["call", "price"]).run(), 0, "7\n");
    check(&shop(&["call", "greet", "Ada\n"]).run(), 0, "hello Ada\n");
    check(&shop(&["call", "boom_elsewhere"]).run(), 0, "");
}

#[test]
fn the_message_may_come_from_standard_input() {
    check(&shop(&["call", "greet", "-"]).input("Ada and Bob").run(), 0, "hello Ada and Bob\n");
    check(&shop(&["call", "add", "-"]).input(r#"{"a":1,"b":2}"#).run(), 0, "{\"total\":3}\n");
    // Without the dash nobody reads it.
    check(&shop(&["call", "greet"]).input("Ada").run(), 0, "hello \n");
}

#[test]
fn the_handler_knows_who_called() {
    check(&shop(&["call", "who"]).run(), 0, "command line\n");
}

#[test]
fn internal_handlers_can_be_called_and_dispatched_work_ends() {
    let ended = shop(&["call", "note", "by hand"]).run();
    check(&ended, 0, "");
    assert_eq!(std::fs::read_to_string(ended.folder.path().join("noted")).unwrap(), "by hand");

    let ended = shop(&["call", "sell", "tea"]).run();
    check(&ended, 0, "sold\n");
    assert_eq!(std::fs::read_to_string(ended.folder.path().join("noted")).unwrap(), "tea");
    assert!(ended.err.contains("heard"), "the topic was heard as well: {}", ended.err);
    assert!(!ended.err.contains("listening on"), "there is no socket: {}", ended.err);
    assert!(!ended.err.contains("no api key"), "nobody can come in: {}", ended.err);
}

#[test]
fn errors_are_one_line_and_status_one() {
    let ended = shop(&["call", "gret", "Ada"]).run();
    check(&ended, 1, "");
    assert_eq!(error(&ended), "error: Handler not found: gret; did you mean `greet`?");

    let ended = shop(&["call", "fail"]).run();
    check(&ended, 1, "");
    assert_eq!(error(&ended), "error: the till is open");

    let ended = shop(&["call", "add", "{"]).run();
    check(&ended, 1, "");
    assert!(error(&ended).contains("not valid JSON"), "{}", ended.err);

    let ended = shop(&["call", "boom"]).run();
    check(&ended, 1, "");
    assert_eq!(error(&ended), "error: `boom` panicked");

    let ended = shop(&["call", "wait", "--timeout", "50ms"]).run();
    check(&ended, 1, "");
    assert!(error(&ended).contains("in time"), "{}", ended.err);

    let ended = shop(&["call", "greet", "--handlers", "add"]).run();
    check(&ended, 1, "");
    assert!(error(&ended).contains("left out"), "{}", ended.err);
}

#[test]
fn a_running_service_is_asked_with_the_same_words() {
    let running = shop(&[]).env("MANAGER_API_KEY", KEY).serve();
    let url = format!("http://{}", running.address);
    let ask = |arguments: &[&str]| {
        let all = [&["call"], arguments, &["--url", &url]].concat();
        shop(&all).env("MANAGER_API_KEY", KEY).run()
    };
    check(&ask(&["greet", "Ada"]), 0, "hello Ada\n");
    check(&ask(&["add", r#"{"a":1,"b":2}"#]), 0, "{\"total\":3}\n");
    check(&ask(&["price"]), 0, "7\n");
    check(&ask(&["boom_elsewhere"]), 0, "");
    let who = ask(&["who"]);
    assert!(who.out.starts_with("http:127.0.0.1:"), "{who:?}");

    let ghost = ask(&["ghost"]);
    check(&ghost, 1, "");
    assert_eq!(error(&ghost), "error: Handler not found: ghost");
    let fail = ask(&["fail"]);
    check(&fail, 1, "");
    assert_eq!(error(&fail), "error: the till is open");
    let slow = ask(&["wait", "--timeout", "100ms"]);
    check(&slow, 1, "");
    assert!(error(&slow).contains("in time"), "{}", slow.err);
}

#[test]
fn the_key_comes_from_a_file_or_the_environment() {
    let running = shop(&[]).env("MANAGER_API_KEY", KEY).serve();
    let url = format!("http://{}", running.address);
    let call = ["call", "price", "--url", &url];
    let with_file = [&call[..], &["--key-file", "secret"]].concat();

    let none = shop(&call).run();
    check(&none, 1, "");
    assert!(error(&none).contains("key"), "{}", none.err);
    check(&shop(&with_file).file("secret", &format!("{KEY}\n")).run(), 0, "7\n");
    let variable = shop(&call).file("secret", KEY).env("MANAGER_API_KEY_FILE", "secret").run();
    check(&variable, 0, "7\n");
    let wrong = shop(&with_file).file("secret", "hunter2").run();
    check(&wrong, 1, "");
    assert!(!wrong.err.contains("hunter2"), "{}", wrong.err);
    let missing = shop(&with_file).run();
    check(&missing, 1, "");
    assert!(error(&missing).contains("`secret`"), "{}", missing.err);
}

#[test]
fn addresses_that_cannot_be_asked() {
    let refused = |url: &str, part: &str| {
        let ended = shop(&["call", "greet", "--url", url]).run();
        check(&ended, 1, "");
        assert!(error(&ended).contains(part), "{url}: {}", ended.err);
    };
    refused("https://127.0.0.1:1", crate::shop::NOBODY_OVER_TLS);
    refused("127.0.0.1:1", "http://");
    // Port 1 is reserved and nobody listens there.
    refused("http://127.0.0.1:1", "cannot be reached");
}
