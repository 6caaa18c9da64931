//! Starts that fail: everything that is wrong, a line for each, and the status that says what kind it is.

use std::net::{Ipv4Addr, TcpListener};

use crate::shop::{Ended, broken, shop};

/// The lines of the findings; nothing else is to be seen but the log.
fn errors(ended: &Ended) -> Vec<&str> {
    let lines = ended.err_lines();
    assert!(!ended.err.contains("backtrace"), "{}", ended.err);
    let errors = lines.into_iter().filter(|line| !line.starts_with('{'));
    let errors: Vec<_> = errors.collect();
    assert!(errors.iter().all(|line| line.starts_with("error: ")), "{}", ended.err);
    errors
}

#[test]
fn a_busy_port_is_one_line() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = shop(&["--bind", &address]).run();
    assert_eq!(ended.status, 1, "{}", ended.err);
    let errors = errors(&ended);
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].contains(&address) && errors[0].contains("--bind"), "{errors:?}");
}

#[test]
fn all_mistakes_in_the_settings_are_shown_at_once() {
    let ended = shop(&["--drain", "soon"])
        .env("MANAGER_MAX_REQUESTS", "none")
        .file("manager.toml", "bnd = \"127.0.0.1:1\"\n\nkeep_alive = -1\n")
        .run();
    assert_eq!(ended.status, 2, "{}", ended.err);
    let errors = errors(&ended);
    assert_eq!(errors.len(), 4, "{errors:?}");
    assert!(errors[0].contains("manager.toml line 1") && errors[0].contains("did you mean `bind`"));
    assert!(errors[1].contains("manager.toml line 3") && errors[1].contains("keep_alive"));
    assert!(errors[2].contains("MANAGER_MAX_REQUESTS"));
    assert!(errors[3].contains("--drain"));
}

#[test]
fn all_other_mistakes_are_shown_at_once() {
    for command in ["serve", "check", "routes"] {
        let ended = broken(&[command]).run();
        assert_eq!(ended.status, 1, "{command}: {}", ended.err);
        let has = |part: &str| {
            ended.err.lines().any(|line| line.starts_with("error: ") && line.contains(part))
        };
        assert!(has("two handlers are called `twin`"), "{command}: {}", ended.err);
        assert!(has("broken.rs:"), "{command}: {}", ended.err);
        assert!(has("handler `lonely`") && has("`broken::Pool`"), "{command}: {}", ended.err);
        assert!(!ended.err.contains("listening"), "{command}: {}", ended.err);
    }
}

#[test]
fn a_resource_that_cannot_be_made_is_named() {
    let check = |how: &str, why: &str| {
        for command in [&["serve"][..], &["call", "greet", "x"]] {
            let ended =
                shop(command).env("SHOP_PRICES", how).env("MANAGER_BIND", "127.0.0.1:0").run();
            assert_eq!(ended.status, 1, "{how}: {}", ended.err);
            let errors = errors(&ended);
            assert_eq!(errors.len(), 1, "{how}: {errors:?}");
            assert!(errors[0].contains("`shop::Prices`"), "{how}: {errors:?}");
            assert!(errors[0].contains(why), "{how}: {errors:?}");
        }
        for command in ["check", "routes"] {
            let ended = shop(&[command]).env("SHOP_PRICES", how).run();
            assert_eq!(ended.status, 0, "{how} {command}: nothing is made: {}", ended.err);
        }
    };
    check("fail", "the list is lost");
    check("panic", "the list burns");
}

#[test]
fn a_handler_that_is_not_there_cannot_be_chosen() {
    let ended = shop(&["--handlers", "add,gret"]).run();
    assert_eq!(ended.status, 1);
    assert!(errors(&ended)[0].contains("`gret`"), "{}", ended.err);
}

#[test]
fn inside_a_runtime_it_says_what_to_do() {
    let ended = shop(&[]).env("SHOP_NESTED", "1").run();
    assert_eq!(ended.status, 1);
    let errors = errors(&ended);
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].contains("Manager::new_default().spawn().await"), "{errors:?}");
}

#[test]
fn what_the_command_line_cannot_say() {
    let check = |arguments: &[&str], part: &str| {
        let ended = shop(arguments).run();
        assert_eq!(ended.status, 2, "{arguments:?}: {}", ended.err);
        assert!(ended.err.contains(part), "{arguments:?}: {}", ended.err);
        assert_eq!(ended.out, "", "{arguments:?}");
    };
    check(&["sell-everything"], "sell-everything");
    check(&["--bnd", "x"], "--bind");
    check(&["call"], "NAME");
    check(&["--api-key", "hunter2"], "MANAGER_API_KEY");
}

#[test]
fn help_and_version_are_answers() {
    let help = shop(&["--help"]).run();
    assert_eq!((help.status, &*help.err), (0, ""));
    for part in ["Usage: shop", "serve", "routes", "call", "check", "--keep-alive", "75s", "1ms to"]
    {
        assert!(help.out.contains(part), "{part}: {}", help.out);
    }
    // The name of a file is none.
    let keys = help.out.replace("--api-keys-file", "");
    assert!(!keys.contains("api-key"), "{}", help.out);
    let version = shop(&["--version"]).run();
    assert_eq!(version.status, 0);
    assert!(version.out.starts_with("shop "), "{}", version.out);
}
