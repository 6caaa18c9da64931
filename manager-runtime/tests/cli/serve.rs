//! What a service prints and answers while it runs.

use crate::shop::shop;

#[test]
fn it_says_where_it_listens_and_what_it_found() {
    let shop = shop(&[]).serve();
    let line = shop.line("listening on");
    assert_eq!(line, format!("listening on http://{}", shop.address));
    let words = |part: &str| -> Vec<String> {
        shop.line(part)
            .split("  ")
            .map(|cell| cell.trim().to_owned())
            .filter(|cell| !cell.is_empty())
            .collect()
    };
    assert_eq!(words("handler "), ["handler", "replicas", "route", "declared"]);
    let add = words("add ");
    assert_eq!(add[..3], ["add", "5", "POST /add"]);
    assert!(add[3].starts_with("manager-runtime/examples/shop.rs:"), "{add:?}");
    assert_eq!(words("greet ")[2], "POST /greet (public)");
    assert_eq!(words("note ")[2], "internal");
    assert_eq!(words("hear ")[2], "internal, on orders.created");
    // Columns stand under each other.
    let column = |part: &str, what: &str| shop.line(part).find(what).unwrap();
    assert_eq!(column("handler ", "route"), column("add ", "POST"));
    assert_eq!(column("handler ", "route"), column("note ", "internal"));
}

#[test]
fn it_answers() {
    let shop = shop(&["serve"]).serve();
    assert!(
        shop.post("/add", r#"{"a":1,"b":2}"#).ends_with(r#"{"status":"Ok","message":{"total":3}}"#)
    );
    assert!(shop.post("/price", "").ends_with(r#""message":7}"#), "what is provided is made");
    assert!(shop.post("/opened", "").ends_with(r#""message":"at nine"}"#), "the state is set");
    assert!(shop.post("/who", "").contains("http:127.0.0.1"));
    assert!(shop.post("/note", "x").starts_with("HTTP/1.1 404 "), "what is internal stays so");
}

#[test]
fn every_request_is_one_line_of_json() {
    let shop = shop(&["--access-log", "--request-id"]).file("public/x.txt", "x");
    let shop = shop.env("MANAGER_STATIC_FILES", "/files=public").serve();
    let ask = |path: &str, id: &str| {
        shop.exchange(&format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Request-Id: {id}\r\n\r\n"
        ))
    };
    assert!(ask("/files/x.txt?key=topsecret", "line-1").ends_with("\r\n\r\nx"));
    let line: serde_json::Value = serde_json::from_str(&shop.line("line-1")).unwrap();
    for (field, expected) in [
        ("level", "INFO".into()),
        ("target", "manager::access".into()),
        ("method", "GET".into()),
        ("path", "/files/x.txt".into()),
        ("status", 200.into()),
        ("bytes", 1.into()),
        ("request_id", "line-1".into()),
        ("route", "/files/{*path}".into()),
    ] as [(&str, serde_json::Value); 8]
    {
        assert_eq!(line[field], expected, "{line}");
    }
    assert!(line["micros"].is_u64() && line["peer"].is_string(), "{line}");
    let answer = ask("/ghost/\u{2028}{\"level\":\"ERROR\"}%0a", "line-2");
    assert!(answer.contains("x-request-id: line-2\r\n"), "{answer}");
    let line: serde_json::Value = serde_json::from_str(&shop.line("line-2")).unwrap();
    assert_eq!(line["status"], 404, "{line}");
    shop.signal("TERM");
    assert!(!shop.ended().err.contains("topsecret"));
}

#[test]
fn a_panic_is_one_line_with_its_place() {
    let shop = shop(&[]).serve();
    let answer = shop.post("/boom", "");
    assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
    assert!(!answer.contains("shelf"), "{answer}");
    assert!(shop.post("/boom_elsewhere", "").starts_with("HTTP/1.1 200 "));
    shop.signal("TERM");
    let ended = shop.ended();
    assert_eq!(ended.status, 0);
    let lines = |text: &str| {
        let lines: Vec<_> = ended.err.lines().filter(|line| line.contains(text)).collect();
        assert_eq!(lines.len(), 1, "{}", ended.err);
        lines[0].to_owned()
    };
    let inside = lines("the shelf fell down\"");
    assert!(inside.contains(r#""handler":"boom""#) && inside.contains("shop.rs:"), "{inside}");
    let outside = lines("the shelf fell down elsewhere");
    assert!(outside.contains("shop.rs:"), "{outside}");
    assert!(!ended.err.contains("stack backtrace"), "{}", ended.err);
    assert!(!ended.err.contains("note: run with"), "{}", ended.err);
}

#[test]
fn the_log_is_lines_of_json_where_nobody_looks() {
    let shop = shop(&[]).env("RUST_LOG", "info,shop=loud").serve();
    shop.signal("TERM");
    let ended = shop.ended();
    let line = ended.err.lines().find(|line| line.contains("RUST_LOG is ignored")).unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["level"], "WARN");
    assert!(ended.err.contains("stopping: terminated"), "the default level stays: {}", ended.err);
    assert!(!ended.err.contains('\u{1b}'), "no colours: {}", ended.err);
}

#[test]
fn flags_and_the_variable_choose_the_level() {
    let check = |flags: &[&str], level: &str, expected: bool| {
        let shop = shop(flags).env("RUST_LOG", level).serve();
        shop.signal("TERM");
        let ended = shop.ended();
        assert_eq!(ended.err.contains("stopping"), expected, "{flags:?} {level}: {}", ended.err);
        assert!(ended.err.contains("listening on"), "that is no log");
    };
    check(&["-q"], "", false);
    check(&["-q"], "debug", true);
    check(&[], "warn", false);
    check(&["-v"], "warn", true);
}
