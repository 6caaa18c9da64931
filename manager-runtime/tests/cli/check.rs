//! `check` and `routes`, and where settings come from.

use serde_json::Value;

use crate::shop::{broken, shop};

const KEY: &str = "correct-horse-battery-staple";

/// The value and the source of a setting in what `check` prints.
fn setting(out: &str, key: &str) -> (String, String) {
    let line =
        out.lines().find(|line| line.starts_with(key)).unwrap_or_else(|| panic!("{key}: {out}"));
    let mut cells = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).skip(1);
    (cells.next().unwrap().to_owned(), cells.next().unwrap().to_owned())
}

#[test]
fn a_clean_program_is_clean() {
    let ended = shop(&["check"]).run();
    assert_eq!(ended.status, 0, "{}", ended.err);
    assert!(ended.out.contains("nothing is wrong: 13 handlers"), "{}", ended.out);
    assert_eq!(setting(&ended.out, "bind"), ("127.0.0.1:8080".into(), "default".into()));
    assert_eq!(setting(&ended.out, "drain"), ("10s".into(), "manager! { drain }".into()));
    assert!(ended.err.contains("warning: no api key is set"), "{}", ended.err);
}

#[test]
fn the_later_source_wins() {
    let ended = shop(&["check", "--drain", "4s"])
        .file("manager.toml", "drain = \"1s\"\nbody_limit = \"1KiB\"\nkeep_alive = \"1s\"\n")
        .env("MANAGER_DRAIN", "2s")
        .env("MANAGER_KEEP_ALIVE", "2s")
        .env("PORT", "1234")
        .run();
    assert_eq!(ended.status, 0, "{}", ended.err);
    let check = |key: &str, value: &str, source: &str| {
        assert_eq!(setting(&ended.out, key), (value.to_owned(), source.to_owned()));
    };
    check("drain", "4s", "--drain");
    check("keep_alive", "2s", "MANAGER_KEEP_ALIVE");
    check("body_limit", "1KiB", "manager.toml line 2");
    check("bind", "0.0.0.0:1234", "PORT");
    assert!(ended.err.contains("public address"), "{}", ended.err);
}

#[test]
fn every_kind_of_finding_is_shown() {
    let ended = broken(&["check"]).run();
    assert_eq!(ended.status, 1, "{}", ended.err);
    let errors = ended.err.lines().filter(|line| line.starts_with("error: ")).count();
    assert_eq!(errors, 3, "{}", ended.err);
    assert!(ended.err.contains("crates: [bytes]"), "{}", ended.err);
    assert!(ended.out.contains("bind"), "the settings are shown all the same: {}", ended.out);
    assert!(!ended.out.contains("nothing is wrong"), "{}", ended.out);

    let ended = broken(&["check", "--drain", "soon"]).run();
    assert_eq!(ended.status, 2, "{}", ended.err);
    let errors = ended.err.lines().filter(|line| line.starts_with("error: ")).count();
    assert_eq!(errors, 4, "settings do not hide the rest: {}", ended.err);
}

#[test]
fn warnings_do_not_fail() {
    let ended = shop(&["check"]).env("MANAGER_DRIAN", "1s").env("RUST_LOG", "a=loud").run();
    assert_eq!(ended.status, 0);
    assert!(ended.err.contains("did you mean `MANAGER_DRAIN`"), "{}", ended.err);
    assert!(ended.err.contains("warning: RUST_LOG is ignored"), "{}", ended.err);
}

#[test]
fn a_topic_that_nobody_hears_is_named() {
    let ended = shop(&["check"]).run();
    let warning = ended.err.lines().find(|line| line.contains("orders.forgotten"));
    let warning = warning.unwrap_or_else(|| panic!("{}", ended.err));
    assert!(
        warning.starts_with("warning: handler `sell` (") && warning.contains("shop.rs:"),
        "{warning}"
    );
    assert!(!ended.err.contains("orders.created"), "{}", ended.err);
}

#[test]
fn a_key_is_never_shown() {
    let check = |ended: &crate::shop::Ended| {
        assert!(!ended.out.contains(KEY), "{}", ended.out);
        assert!(!ended.err.contains(KEY), "{}", ended.err);
    };
    for (variable, value) in [("MANAGER_API_KEY", KEY), ("MANAGER_API_KEY_FILE", "key")] {
        let program = |arguments: &[&str]| {
            shop(arguments).file("key", &format!("{KEY}\n")).env(variable, value)
        };
        let ended = program(&["check", "-vvv"]).run();
        assert_eq!(ended.status, 0);
        assert_eq!(setting(&ended.out, "api_key"), ("set".into(), variable.into()));
        assert!(!ended.err.contains("no api key"), "{}", ended.err);
        check(&ended);
        check(&program(&["routes", "--json"]).run());
        check(&program(&["call", "who", "-vvv"]).run());
        check(&program(&["--drain", "soon"]).run());

        let shop = program(&["-vvv"]).serve();
        assert!(shop.post("/who", "").starts_with("HTTP/1.1 401 "));
        assert!(shop.post_with_key("/who", "wrong", "").starts_with("HTTP/1.1 401 "));
        assert!(shop.post_with_key("/who", KEY, "").starts_with("HTTP/1.1 200 "));
        assert!(shop.post("/greet", "Ada").ends_with(r#""message":"hello Ada"}"#), "it is public");
        assert!(!shop.post_with_key("/fail", KEY, "").contains(KEY));
        shop.signal("TERM");
        check(&shop.ended());
    }
    // A broken file is not quoted.
    check(&shop(&["check"]).file("manager.toml", &format!("api_key = \"{KEY}\n")).run());
    check(&shop(&["--api-key", KEY]).run());
}

#[test]
fn both_ways_to_give_a_key_are_one_too_many() {
    let ended = shop(&["check"])
        .file("key", KEY)
        .env("MANAGER_API_KEY", KEY)
        .env("MANAGER_API_KEY_FILE", "key")
        .run();
    assert_eq!(ended.status, 2);
    assert!(ended.err.contains("MANAGER_API_KEY_FILE"), "{}", ended.err);
}

#[test]
fn routes_for_people() {
    let ended = shop(&["routes", "--handlers", "add,note"]).run();
    assert_eq!((ended.status, &*ended.err), (0, ""));
    let lines: Vec<_> = ended.out.lines().collect();
    assert_eq!(lines.len(), 7, "{}", ended.out);
    for part in ["add ", "5 ", "7 ", "5s ", "POST /add", "shop.rs:", "Adds two numbers."] {
        assert!(lines[1].contains(part), "{part}: {}", ended.out);
    }
    assert!(lines[2].starts_with("note ") && lines[2].contains("internal"), "{}", ended.out);
    assert!(
        lines[3].starts_with("left out by the setting `handlers`: block, boom"),
        "{}",
        ended.out
    );
    // The paths as a tree.
    assert_eq!(
        lines[5].split_whitespace().collect::<Vec<_>>(),
        ["path", "methods", "handler", "declared"]
    );
    let words: Vec<_> = lines[6].split_whitespace().collect();
    assert_eq!(words[..3], ["/add", "POST", "add"], "{}", ended.out);
}

#[test]
fn routes_for_machines() {
    let ended = shop(&["routes", "--json", "--handlers", "s*,hear,add"]).run();
    assert_eq!((ended.status, &*ended.err), (0, ""));
    let all: Value = serde_json::from_str(&ended.out).unwrap();
    let handlers = all["handlers"].as_array().unwrap();
    let names: Vec<_> = handlers.iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert!(names.is_sorted() && names.len() == 13, "{names:?}");
    let find = |name: &str| handlers.iter().find(|one| one["name"] == name).unwrap();
    let add = find("add");
    assert_eq!(add["replicas"], 5);
    assert_eq!(add["queue"], 7);
    assert_eq!(add["timeout_ms"], 5000);
    assert_eq!(add["about"], "Adds two numbers.");
    assert_eq!(add["routes"][0]["method"], "POST");
    assert_eq!(add["routes"][0]["path"], "/add");
    assert_eq!(add["runs"], true);
    assert!(add["declared"]["file"].as_str().unwrap().ends_with("shop.rs"));
    assert!(add["declared"]["line"].as_u64().unwrap() > 20);
    let hear = find("hear");
    assert_eq!(
        (&hear["internal"], hear["routes"].as_array().unwrap().len()),
        (&Value::Bool(true), 0)
    );
    assert_eq!(hear["on"][0], "orders.created");
    assert_eq!(find("sell")["emits"], serde_json::json!(["orders.created", "orders.forgotten"]));
    assert_eq!(find("price")["runs"], false);
    assert_eq!(find("price")["needs"][0], "shop::Prices");
}
