//! Everything about the settings enters by one door: what is written where, and what comes of it.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use super::handlers::Handlers;
use super::*;

const PHRASES: [(&str, &str); 11] = [
    (
        "ORIGINS",
        "`*`, `none`, or a list of origins as a browser sends them, such as `https://app.example.com` or \
         `http://localhost:3000`: in lower case, without a path and without the port that the scheme has anyway",
    ),
    ("FOLDERS", "a list of paths with their directories, such as `/assets=public`, each path once"),
    ("DURATIONS", "`500ms`, `10s`, `5m`, `1h` or as a number of seconds"),
    ("SIZES", "`512B`, `64KiB`, `2MiB`, `10GiB` or as a number of bytes"),
    ("A_COUNT", "a whole number from 1 to 536870911"),
    ("AN_ADDRESS", "host and port, such as `127.0.0.1:8080`, `[::1]:8080` or `localhost:8080`"),
    ("SOME_HANDLERS", "a list of names of handlers, such as `add`, `billing.*` or `*`"),
    (
        "A_LIST_OF_CLIENTS",
        "a list of names as they stand in certificates, such as `client.example.com`, or `none`",
    ),
    ("A_KEY", "1 to 4096 visible ascii characters"),
    ("AN_ODD_KEY", "a key with a space, a control character or a character beyond ascii"),
    (
        "ALL_KEYS",
        "`bind`, `private_bind`, `api_keys`, `api_keys_file`, `rate`, `burst`, `max_requests`, `streams`, `connections`, `connections_per_address`, `keep_alive`, `drain`, `body_limit`, \
         `upload_limit`, `head_limit`, `head_timeout`, `body_timeout`, `min_rate`, `handshake_timeout`, `tls_cert`, `tls_key`, \
         `tls_client_ca`, `allowed_names`, `tls_dev`, `handlers`, `request_id`, `access_log`, `cors`, `compression`, \
         `files`, `files_quota`, `static_files`, `public_static`, `api_key`, `tls`",
    ),
];

/// Reads `input` line by line: `--key text` is a flag, `NAME=text` in capitals a variable, everything else
/// `manager.toml`. What comes of it is the list of the findings, or of the settings that are not at their
/// defaults, with the warnings; that nobody set a key on a loopback address goes without saying.
///
/// Words in capitals in `expected` stand for the [`PHRASES`] that many findings share.
#[track_caller]
fn check(input: &str, expected: &str) {
    check_program(|_| {}, input, expected);
}

/// Like [`check`], with something written in the program as well.
#[track_caller]
fn check_program(write: impl FnOnce(&mut Layer), input: &str, expected: &str) {
    let outcome = match Settings::resolve(layers(write, input)) {
        Ok((settings, warnings)) => {
            let rows = report(&settings).rows.into_iter().filter(|row| row.source != "default");
            let rows = rows.map(|row| format!("{} = {} ({})", row.key, row.value, row.source));
            let warnings = warnings.iter().filter(|warning| match warning {
                Warning::Open { bind } => !bind.is_loopback(),
                Warning::UnknownVariable { .. }
                | Warning::ReadableByAll { .. }
                | Warning::Certificate(_) => true,
            });
            rows.chain(warnings.map(|warning| format!("warning: {warning}"))).collect()
        }
        Err(findings) => findings.iter().map(ToString::to_string).collect::<Vec<_>>(),
    };
    let expected =
        PHRASES.iter().fold(expected.to_owned(), |text, (word, is)| text.replace(word, is));
    let expected: Vec<&str> =
        expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(outcome, expected, "\n{}\n\nfrom\n{input}", outcome.join("\n"));
}

fn layers(write: impl FnOnce(&mut Layer), input: &str) -> Layers {
    let (mut toml, mut variables, mut flags) = (String::new(), Vec::new(), Vec::new());
    for line in input.lines() {
        let line = line.trim_start();
        let variable = line.split_once('=').filter(|(name, _)| {
            name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_') && !name.is_empty()
        });
        if let Some((name, value)) = variable {
            variables.push((OsString::from(name), OsString::from(value)));
        } else if line.starts_with("--") {
            let (flag, text) = line.split_once(' ').unwrap_or((line, ""));
            flags.push((flag.to_owned(), text.to_owned()));
        } else {
            toml.push_str(line);
            toml.push('\n');
        }
    }
    let mut program = Layer::program();
    write(&mut program);
    Layers {
        program,
        file: Layer::from_toml("manager.toml", toml.as_bytes()),
        environment: Layer::from_environment(variables),
        flags: Layer::from_flags(flags),
    }
}

#[test]
fn nothing_written_is_the_defaults() {
    check("", "");
    let settings = Settings::default();
    let expected = "\
bind                     127.0.0.1:8080  default
private_bind             none            default
api_keys                 none            default
api_keys_file            none            default
rate                     none            default
burst                    none            default
max_requests             10000           default
streams                  1000            default
connections              25000           default
connections_per_address  5000            default
keep_alive               75s             default
drain                    30s             default
body_limit               2MiB            default
upload_limit             10GiB           default
head_limit               16KiB           default
head_timeout             10s             default
body_timeout             20s             default
min_rate                 500B            default
handshake_timeout        10s             default
tls_cert                 none            default
tls_key                  none            default
tls_client_ca            none            default
allowed_names            none            default
tls_dev                  false           default
handlers                 all             default
request_id               false           default
access_log               false           default
cors                     none            default
compression              false           default
files                    none            default
files_quota              none            default
static_files             none            default
public_static            none            default";
    assert_eq!(report(&settings).to_string(), expected);
}

#[test]
fn the_later_source_wins() {
    let program = |layer: &mut Layer| {
        layer.drain("1s").keep_alive(1).max_requests(1).body_limit(1).connections(1);
    };
    check_program(
        program,
        r#"drain = "2s"
           keep_alive = 2
           max_requests = 2
           body_limit = "2B"
           MANAGER_DRAIN=3s
           MANAGER_KEEP_ALIVE=3
           MANAGER_MAX_REQUESTS=3
           --drain 4s
           --keep-alive 4"#,
        "max_requests = 3 (MANAGER_MAX_REQUESTS)
         connections = 1 (with_connections)
         keep_alive = 4s (--keep-alive)
         drain = 4s (--drain)
         body_limit = 2B (manager.toml line 4)",
    );
}

#[test]
fn every_source_knows_every_setting() {
    let keys = Key::all();
    let open: Vec<&Key> = keys.iter().filter(|key| !key.secret).collect();
    assert_eq!(open.len() + 1, keys.len());
    for key in open {
        let plain = key.default.replace("all", "*");
        let (variable, flag) = (key.variable().unwrap(), key.flag().unwrap());
        let shown = |source: &str| format!("{} = {plain} ({source})", key.name);
        check(&format!("{variable}={plain}"), &shown(&variable));
        check(&format!("--{flag} {plain}"), &shown(&format!("--{flag}")));
        let toml = match plain.parse::<u64>() {
            Ok(number) => number.to_string(),
            Err(_) if key.switch => plain.clone(),
            Err(_) if key.list => format!("[\"{plain}\"]"),
            Err(_) => format!("\"{plain}\""),
        };
        check(&format!("{} = {toml}", key.name), &shown("manager.toml line 1"));
    }
}

#[test]
fn the_program_names_its_door() {
    check_program(
        |layer| {
            layer
                .drain("1m")
                .door(Door::Macro)
                .bind("[::1]:0")
                .api_keys([("ci", "k1"), ("qa", "k2")]);
            layer.api_key("k3").handlers(["add", "b*"]);
        },
        "",
        "bind = [::1]:0 (manager! { bind })
         api_keys.ci = set (manager! { api_keys })
         api_keys.qa = set (manager! { api_keys })
         api_keys.default = set (manager! { api_key })
         drain = 1m (with_drain)
         handlers = add, b* (manager! { handlers })",
    );
    // Passing nothing takes back what was written.
    check_program(
        |layer| {
            layer.api_key("k").api_key(None).drain(5).drain(None::<u64>);
            layer.max_requests(5).max_requests(None).body_limit(5).body_limit(None::<&str>);
        },
        "",
        "",
    );
    let socket: std::net::SocketAddr = "[::1]:80".parse().unwrap();
    check_program(|layer| _ = layer.bind(socket), "", "bind = [::1]:80 (with_bind)");
    let small = String::from("1KiB");
    check_program(
        |layer| {
            layer.keep_alive("10x").drain(-5).body_limit(String::from("2mb")).connections(0);
            layer.head_timeout(Duration::from_micros(1)).body_timeout(Duration::MAX);
            layer.door(Door::Macro).max_requests(536_870_912).head_limit(&small);
            layer.bind("8080").handlers(["Add", "ok", ""]);
        },
        "",
        "manager! { bind }: `bind` cannot be `8080`; allowed is AN_ADDRESS
         manager! { max_requests }: `max_requests` cannot be `536870912`; allowed is A_COUNT
         with_connections: `connections` cannot be `0`; allowed is A_COUNT
         with_keep_alive: `keep_alive` cannot be `10x`; allowed is 1ms to 8760h, written like DURATIONS
         with_drain: `drain` cannot be `-5`; allowed is 0s to 8760h, written like DURATIONS
         with_body_limit: `body_limit` cannot be `2mb`; allowed is 1B to 1TiB, written like SIZES
         manager! { head_limit }: `head_limit` cannot be `1KiB`; allowed is 8KiB to 1MiB, written like SIZES
         with_head_timeout: `head_timeout` cannot be `1µs`; allowed is 1ms to 8760h, written like DURATIONS
         with_body_timeout: `body_timeout` cannot be `18446744073709551615.999999999s`; allowed is 1ms to 8760h, written like DURATIONS
         manager! { handlers }: `handlers` cannot be `Add`, ``; allowed is SOME_HANDLERS",
    );
}

#[test]
fn every_mistake_in_every_source_is_listed() {
    // A value that a later source hides is checked as well.
    check_program(
        |layer| _ = layer.drain("soon"),
        r#"bnid = "127.0.0.1:1"
           drain = true
           max_requests = "10"
           completely_else = 1
           handlers = "add"
           [connections]
           a = 1
           MANAGER_DRAIN=never
           MANAGER_CONNECTIONS=+5
           --drain 5 s
           --dra1n 5s
           --api-key secret
           --drain 5s"#,
        "with_drain: `drain` cannot be `soon`; allowed is 0s to 8760h, written like DURATIONS
         manager.toml line 1: unknown key `bnid`; did you mean `bind`?
         manager.toml line 2: `drain` cannot be `true`; allowed is 0s to 8760h, written like DURATIONS
         manager.toml line 3: `max_requests` cannot be `\"10\"`; allowed is A_COUNT
         manager.toml line 4: unknown key `completely_else`; allowed are ALL_KEYS
         manager.toml line 5: `handlers` cannot be `\"add\"`; allowed is SOME_HANDLERS
         manager.toml line 6: `connections` cannot be a table; allowed is A_COUNT
         MANAGER_CONNECTIONS: `connections` cannot be `+5`; allowed is A_COUNT
         MANAGER_DRAIN: `drain` cannot be `never`; allowed is 0s to 8760h, written like DURATIONS
         --dra1n: unknown key `--dra1n`; did you mean `--drain`?
         --api-key: no flag takes a key, for every process could read it; set `MANAGER_API_KEY` or `MANAGER_API_KEY_FILE`",
    );
}

#[test]
fn values_of_the_file_have_types() {
    let count = "allowed is A_COUNT";
    for (value, given) in [
        ("0", "`0`"),
        ("-1", "`-1`"),
        ("1.5", "`1.5`"),
        ("true", "`true`"),
        ("99999999999", "`99999999999`"),
        ("9_223_372_036_854_775_808", "`9223372036854775808`"),
        ("-9_000", "`-9_000`"),
        ("99_999_999_999_999_999_999", "`99_999_999_999_999_999_999`"),
        ("2024-01-01", "`2024-01-01`"),
        ("[]", "an empty list"),
        ("[1]", "`[1]`"),
        ("{ a = 1 }", "a table"),
        ("\"5\"", "`\"5\"`"),
    ] {
        let finding = format!("manager.toml line 1: `max_requests` cannot be {given}; {count}");
        check(&format!("max_requests = {value}"), &finding);
    }
    check("max_requests = 1_000", "max_requests = 1000 (manager.toml line 1)");
    check("max_requests = 0x10", "max_requests = 16 (manager.toml line 1)");
    check("body_limit = 512", "body_limit = 512B (manager.toml line 1)");
    check("handlers = ['a', \"b.*\"]", "handlers = a, b.* (manager.toml line 1)");
}

#[test]
fn broken_toml_has_a_line_and_a_column_and_shows_no_text() {
    check(
        "max_requests = 1\napi_key = hunter2",
        "manager.toml line 2, column 11: broken toml: string values must be quoted, expected literal string",
    );
    check(
        "api_key = \"topsecret",
        "manager.toml line 1, column 21: broken toml: invalid basic string, expected `\"`",
    );
    check("drain = 1\ndrain = 2", "manager.toml line 2, column 1: broken toml: duplicate key");
    // The other sources are still checked.
    check(
        "= 1\n--drain x",
        "manager.toml line 1, column 1: broken toml: unquoted keys cannot be empty, expected letters, numbers, `-`, `_`
         --drain: `drain` cannot be `x`; allowed is 0s to 8760h, written like DURATIONS",
    );
    let layer = Layer::from_toml("manager.toml", b"drain = 1\n# \xff");
    assert_eq!(
        layer.findings[0].to_string(),
        "manager.toml line 2, column 3: broken toml: the text is not utf-8"
    );
}

#[test]
fn an_absent_file_says_nothing_and_an_unreadable_one_is_a_finding() {
    let absent = Layer::from_file(Path::new("no/such/manager.toml"));
    assert!(absent.findings.is_empty());
    // A directory can be opened and not read.
    let layer = Layer::from_file(&std::env::temp_dir());
    let text = layer.findings[0].to_string();
    assert!(text.contains("` cannot be read: "), "{text}");
}

#[test]
fn port_replaces_the_port_of_the_environment_and_below() {
    let public = "warning: no api key is set, so the service is open: everyone who reaches";
    let rest = "a public address, can call it; set `MANAGER_API_KEY` or bind to 127.0.0.1";
    check("PORT=80", &format!("bind = 0.0.0.0:80 (PORT)\n{public} `0.0.0.0:80`, {rest}"));
    check(
        "bind = 'localhost:1'\nPORT=80",
        "bind = localhost:80 (manager.toml line 1, port of PORT)",
    );
    check("MANAGER_BIND=[::1]:1\nPORT=80", "bind = [::1]:80 (MANAGER_BIND, port of PORT)");
    check_program(
        |layer| _ = layer.bind("127.0.0.1:1"),
        "PORT=80",
        "bind = 127.0.0.1:80 (with_bind, port of PORT)",
    );
    check("PORT=80\n--bind 127.0.0.1:1", "bind = 127.0.0.1:1 (--bind)");
    for port in ["", "http", "65536", "-1", "+80", " 80", "tcp://10.0.0.1:80"] {
        let given = format!("PORT: `bind` cannot be `{port}`; allowed is a port from 0 to 65535");
        check(&format!("PORT={port}\n--bind 127.0.0.1:1"), &given);
    }
}

#[test]
fn addresses() {
    for (text, shown) in [
        ("127.0.0.1:0", "127.0.0.1:0"),
        ("[::1]:8080", "[::1]:8080"),
        ("[0:0::1]:65535", "[::1]:65535"),
        ("localhost:1", "localhost:1"),
        ("LocalHost:01", "localhost:1"),
        ("127.1.2.3:1", "127.1.2.3:1"),
        ("[::ffff:127.0.0.1]:1", "[::ffff:127.0.0.1]:1"),
    ] {
        check(&format!("--bind {text}"), &format!("bind = {shown} (--bind)"));
    }
    for text in ["my_host.example-1.com:80", "example:80", "10.0.0.1:1", "[::]:1", "0.0.0.0:1"] {
        let (settings, warnings) =
            Settings::resolve(layers(|_| {}, &format!("--bind {text}"))).unwrap();
        assert_eq!(settings.bind.to_string(), text);
        assert!(!settings.bind.is_loopback(), "{text}");
        assert_eq!(warnings.len(), 1, "{text}");
    }
    for text in [
        "",
        ":80",
        "80",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:65536",
        "127.0.0.1:+1",
        "::1:80",
        "[::1]",
        "[::1:80",
        "[127.0.0.1]:80",
        "1.2.3:80",
        "300.1.1.1:80",
        "a..b:80",
        "-a:80",
        "a-:80",
        "*:80",
        "http://localhost:80",
        "a b:80",
        "localhost:80/",
        "é:80",
        "[fe80::1%eth0]:1",
    ] {
        let finding = format!("--bind: `bind` cannot be `{text}`; allowed is AN_ADDRESS");
        check(&format!("--bind {text}"), &finding);
    }
}

#[test]
fn an_unknown_variable_only_warns() {
    check(
        "MANAGER_BNID=1
         MANAGER_PORT=tcp://10.0.0.1:80
         MANAGER_API_KEYS=x
         MANAGER=1
         MANAGERS_BIND=1
         BIND=1
         MANAGER_SERVICE_HOST=10.0.0.1",
        "warning: `MANAGER_API_KEYS` is no setting and is ignored; did you mean `MANAGER_API_KEY`?
         warning: `MANAGER_BNID` is no setting and is ignored; did you mean `MANAGER_BIND`?
         warning: `MANAGER_PORT` is no setting and is ignored
         warning: `MANAGER_SERVICE_HOST` is no setting and is ignored",
    );
}

#[cfg(unix)]
#[test]
fn bytes_that_are_no_text_are_refused_where_they_matter() {
    use std::os::unix::ffi::OsStringExt;

    let bytes = || OsString::from_vec(b"\xff".to_vec());
    let environment = Layer::from_environment([
        ("MANAGER_DRAIN".into(), bytes()),
        ("MANAGER_API_KEY".into(), bytes()),
        ("PORT".into(), bytes()),
        (OsString::from_vec(b"MANAGER_\xff".to_vec()), bytes()),
        ("HOME".into(), bytes()),
        (bytes(), bytes()),
    ]);
    assert_eq!(environment.warnings.len(), 1);
    let findings = Settings::resolve(Layers { environment, ..Layers::default() }).unwrap_err();
    let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        findings,
        [
            "MANAGER_DRAIN: `drain` cannot be bytes; allowed is utf-8 text",
            "PORT: `bind` cannot be bytes; allowed is utf-8 text",
            "MANAGER_API_KEY: `api_key` cannot be a key with a space, a control character or a character beyond ascii; allowed is 1 to 4096 visible ascii characters",
        ]
    );
}

#[test]
fn lists_are_split_at_commas_and_flags_add_up() {
    check("MANAGER_HANDLERS=a, b.*,c", "handlers = a, b.*, c (MANAGER_HANDLERS)");
    check("--handlers a,b\n--handlers c*", "handlers = a, b, c* (--handlers)");
    let allowed = "allowed is SOME_HANDLERS";
    check("MANAGER_HANDLERS=", &format!("MANAGER_HANDLERS: `handlers` cannot be ``; {allowed}"));
    check("--handlers a,,B", &format!("--handlers: `handlers` cannot be ``, `B`; {allowed}"));
    check(
        "handlers = []",
        &format!("manager.toml line 1: `handlers` cannot be an empty list; {allowed}"),
    );
}

#[test]
fn keys_of_a_later_source_replace_those_of_an_earlier_one() {
    check(
        "api_key = 'k1'
         [api_keys]
         zed = 'k2'
         ci = 'k3'",
        "api_keys.default = set (manager.toml line 1)
         api_keys.zed = set (manager.toml line 3)
         api_keys.ci = set (manager.toml line 4)",
    );
    check(
        "[api_keys]
         ci = 'k'
         MANAGER_API_KEY=k2",
        "api_keys.default = set (MANAGER_API_KEY)",
    );
}

#[test]
fn impossible_keys_are_described_and_never_shown() {
    let allowed = "allowed is A_KEY";
    let odd = "AN_ODD_KEY";
    let long = "k".repeat(4097);
    for (key, flaw) in
        [("", "an empty key"), (" k", odd), ("k\tk", odd), ("ké", odd), (&long, "a longer key")]
    {
        let finding = format!("`api_key` cannot be {flaw}; {allowed}");
        check(&format!("MANAGER_API_KEY={key}"), &format!("MANAGER_API_KEY: {finding}"));
        check(
            &format!("api_key = \"{}\"", key.escape_default().to_string().replace("\\u{e9}", "é")),
            &format!("manager.toml line 1: {finding}"),
        );
        check_program(|layer| _ = layer.api_key(key), "", &format!("with_api_key: {finding}"));
    }
    check(
        "api_key = 12345
         [api_keys]
         ci = ['topsecret']
         qa = { key = 'topsecret' }
         ok = 'k'
         'a b' = 'k'
         default = 'k'",
        "manager.toml line 1: `api_key` cannot be an integer; allowed is a string
         manager.toml line 3: `api_keys.ci` cannot be an array; allowed is a string
         manager.toml line 4: `api_keys.qa` cannot be a table; allowed is a string
         manager.toml line 6: `api_keys` cannot be `a b`; allowed is 1 to 128 visible ascii characters as the name of a key",
    );
    check(
        "api_keys = 'topsecret'",
        "manager.toml line 1: `api_keys` cannot be a string; allowed is a table of names and keys",
    );
    check(
        "api_key = 'a'\napi_keys.default = 'b'",
        "manager.toml line 2: a second key is named `default`; allowed is one key for each name",
    );
    check_program(
        |layer| _ = layer.api_keys([("ci", "a"), ("ci", "b"), ("qa", "")]),
        "",
        "with_api_keys: a second key is named `ci`; allowed is one key for each name
         with_api_keys: `api_keys.qa` cannot be an empty key; allowed is A_KEY",
    );
    // An explicit nothing would open the service.
    let nothing = "`api_keys` cannot be an empty list; allowed is at least one key of A_KEY";
    check("[api_keys]", &format!("manager.toml line 1: {nothing}"));
    check_program(
        |layer| _ = layer.api_keys(Vec::<(String, String)>::new()),
        "",
        &format!("with_api_keys: {nothing}"),
    );
}

#[test]
fn a_key_comes_out_of_a_file_without_its_newline() {
    let path = std::env::temp_dir().join(format!("manager-config-{}", std::process::id()));
    let input = format!("MANAGER_API_KEY_FILE={}", path.display());
    let odd = "MANAGER_API_KEY_FILE: `api_key` cannot be AN_ODD_KEY; allowed is A_KEY";
    let set = "api_keys.default = set (MANAGER_API_KEY_FILE)";
    let long = "k".repeat(4096) + "\r\n";
    for (content, expected) in [
        ("k", set),
        ("k\n", set),
        ("k\r\n", set),
        (&long, set),
        ("k\n\n", odd),
        ("k\r", odd),
        ("k \n", odd),
        ("\n", "MANAGER_API_KEY_FILE: `api_key` cannot be an empty key; allowed is A_KEY"),
    ] {
        std::fs::write(&path, content).unwrap();
        check(&input, expected);
        if expected == set {
            let (settings, _) = Settings::resolve(layers(|_| {}, &input)).unwrap();
            assert_eq!(verified(&settings.api_keys, content.trim_end()), Some("default".into()));
        }
    }
    std::fs::remove_file(&path).unwrap();
    let findings = Settings::resolve(layers(|_| {}, &input)).unwrap_err();
    let text = findings[0].to_string();
    let start = format!("MANAGER_API_KEY_FILE: `{}` cannot be read: ", path.display());
    assert!(text.starts_with(&start), "{text}");

    check(
        "MANAGER_API_KEY=k\nMANAGER_API_KEY_FILE=/k",
        "MANAGER_API_KEY: `MANAGER_API_KEY_FILE` is set as well; allowed is one of the two",
    );
}

#[test]
fn a_service_without_a_key_warns_once() {
    for (input, expected) in [
        (
            "",
            &[
                "no api key is set, so the service is open: every program on this machine can call it; set `MANAGER_API_KEY`",
            ][..],
        ),
        (
            "--bind 0.0.0.0:80",
            &[
                "no api key is set, so the service is open: everyone who reaches `0.0.0.0:80`, a public address, can call it; set `MANAGER_API_KEY` or bind to 127.0.0.1",
            ],
        ),
        ("--bind 0.0.0.0:80\nMANAGER_API_KEY=k", &[]),
    ] {
        let (_, warnings) = Settings::resolve(layers(|_| {}, input)).unwrap();
        assert_eq!(warnings.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn a_key_opens_only_as_a_whole() {
    let input = "[api_keys]\nci = 'opensesame'\nqa = 'open'\nagain = 'open'";
    let (settings, _) = Settings::resolve(layers(|_| {}, input)).unwrap();
    let keys = &settings.api_keys;
    for (presented, name) in [
        ("opensesame", Some("ci")),
        ("open", Some("qa")),
        ("", None),
        ("o", None),
        ("opens", None),
        ("opensesam", None),
        ("opensesame ", None),
        ("opensesame\0", None),
        ("Opensesame", None),
        ("opensesamf", None),
    ] {
        assert_eq!(verified(keys, presented), name.map(Into::into), "{presented}");
    }
    assert_eq!(verified(keys, &"o".repeat(5000)), None);
    assert_eq!(verified(&ApiKeys::default(), ""), None);
    assert_eq!(keys.to_string(), "set (ci, qa, again)");
}

/// The name of the key that this is.
fn verified(keys: &ApiKeys, presented: &str) -> Option<String> {
    Digest::of(presented.as_bytes())
        .and_then(|digest| keys.verify(&digest))
        .map(|it| it.to_string())
}

/// The digest of `hunter2`, by `printf hunter2 | sha256sum`.
const HUNTER2: &str = "f52fbd32b2b3b86ff88ef6c490628285f482af15ddcb29541f94bcf526a3f6c7";

#[test]
fn a_key_may_be_given_by_its_digest() {
    let input = format!(
        "api_key = 'sha256:{HUNTER2}'\n[api_keys]\nupper = 'sha256:{}'",
        HUNTER2.to_uppercase()
    );
    let (settings, _) = Settings::resolve(layers(|_| {}, &input)).unwrap();
    let keys = &settings.api_keys;
    assert_eq!(verified(keys, "hunter2"), Some("default".into()));
    // Whoever reads the digest has no key.
    assert_eq!(verified(keys, &format!("sha256:{HUNTER2}")), None);
    assert_eq!(verified(keys, HUNTER2), None);
    for broken in ["", "0", &HUNTER2[1..], &format!("{HUNTER2}0"), &HUNTER2.replace('f', "g")] {
        check(
            &format!("api_key = 'sha256:{broken}'"),
            "manager.toml line 1: `api_key` cannot be a broken digest; allowed is `sha256:` and 64 hexadecimal \
             digits",
        );
    }
}

/// A file with keys, which only its owner may read.
fn key_file(folder: &tempfile::TempDir, name: &str, content: &str) -> std::path::PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    let_all_read(&path, false);
    path
}

#[cfg(unix)]
fn let_all_read(path: &Path, all: bool) {
    use std::os::unix::fs::PermissionsExt;

    let mode = if all { 0o644 } else { 0o640 };
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn let_all_read(_: &Path, _: bool) {}

#[test]
fn named_keys_come_out_of_a_file_beside_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let content = format!(
        "# who may\n\nshop = \"k1\" # plain\n'the.cron' = 'sha256:{HUNTER2}'\nadd = 'k3'\n"
    );
    let path = key_file(&folder, "keys.toml", &content);
    let shown = path.display().to_string();
    for input in [
        format!("MANAGER_API_KEYS_FILE={shown}"),
        format!("--api-keys-file {shown}"),
        format!("api_keys_file = '{shown}'"),
    ] {
        let source = match input.split_once(['=', ' ']).unwrap().0 {
            "api_keys_file" => "manager.toml line 1",
            name => name,
        };
        check_program(
            |layer| _ = layer.api_key("k0"),
            &input,
            &format!(
                "api_keys.default = set (with_api_key)
                 api_keys.shop = set ({shown} line 3)
                 api_keys.the.cron = set ({shown} line 4)
                 api_keys.add = set ({shown} line 5)
                 api_keys_file = {shown} ({source})"
            ),
        );
    }
    let input = format!("MANAGER_API_KEYS_FILE={shown}");
    let (settings, _) = Settings::resolve(layers(|layer| _ = layer.api_key("k0"), &input)).unwrap();
    for (presented, name) in
        [("k0", "default"), ("k1", "shop"), ("hunter2", "the.cron"), ("k3", "add")]
    {
        assert_eq!(verified(&settings.api_keys, presented), Some(name.into()));
    }
    assert_eq!(settings.api_keys.files().collect::<Vec<_>>(), [path]);
}

#[test]
fn what_is_wrong_with_a_file_of_keys_is_said_with_its_lines() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |content: &str, expected: &str| {
        let path = key_file(&folder, "keys.toml", content);
        let shown = path.display().to_string();
        let expected = expected.replace("FILE", &shown);
        check_program(|layer| _ = layer.api_keys_file(shown).api_key("topsecret0"), "", &expected);
    };
    refused(
        "a = 'k'\nb = 5\n[c]\nd = 'topsecret'\n",
        "FILE line 2: `api_keys.b` cannot be an integer; allowed is a string
         FILE line 3: `api_keys.c` cannot be a table; allowed is a string",
    );
    refused(
        "a = ''\n'a b' = 'k'\nc = 'top secret'\ndefault = 'k'\nd = 'sha256:topsecret'",
        "FILE line 1: `api_keys.a` cannot be an empty key; allowed is A_KEY
         FILE line 2: `api_keys` cannot be `a b`; allowed is 1 to 128 visible ascii characters as the name of a key
         FILE line 3: `api_keys.c` cannot be AN_ODD_KEY; allowed is A_KEY
         FILE line 4: a second key is named `default`; allowed is one key for each name
         FILE line 5: `api_keys.d` cannot be a broken digest; allowed is `sha256:` and 64 hexadecimal digits",
    );
    let nothing = "FILE: `api_keys_file` cannot be a file without a key; allowed is a line `name = \"key\"` for each key";
    refused("", nothing);
    refused("# nobody\n", nothing);
    let long = format!("a = 'k'\n# {}", "x".repeat(1 << 20));
    refused(&long, "FILE: `api_keys_file` cannot be a longer file; allowed is at most 1 MiB");
    // A key stands on the line that is broken.
    let path = key_file(&folder, "keys.toml", "a = topsecret\n");
    let input = format!("--api-keys-file {}", path.display());
    let findings = Settings::resolve(layers(|_| {}, &input)).unwrap_err();
    let text: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(
        text[0].starts_with(&format!("{} line 1, column 5: broken toml", path.display())),
        "{text:?}"
    );
    assert!(!text.concat().contains("topsecret"), "{text:?}");
    check_program(
        |layer| _ = layer.api_keys_file("/nowhere/keys".into()),
        "",
        "with_api_keys_file: `/nowhere/keys` cannot be read: No such file or directory (os error 2)",
    );
}

#[cfg(unix)]
#[test]
fn a_file_of_keys_that_everybody_may_read_warns_unless_it_holds_digests() {
    let folder = tempfile::tempdir().unwrap();
    for (content, warns) in
        [("a = 'k'".to_owned(), true), (format!("a = 'sha256:{HUNTER2}'"), false)]
    {
        let path = key_file(&folder, "keys.toml", &content);
        let_all_read(&path, true);
        let shown = path.display();
        let warning = match warns {
            true => format!(
                "warning: `{shown}` holds keys and everybody on this machine may read it; take that right away \
                 (`chmod o-r`), or write digests (`sha256:..`)"
            ),
            false => String::new(),
        };
        check(
            &format!("--api-keys-file {shown}"),
            &format!(
                "api_keys.a = set ({shown} line 1)
                 api_keys_file = {shown} (--api-keys-file)
                 {warning}"
            ),
        );
    }
}

#[test]
fn keys_out_of_files_are_read_again_and_never_lost() {
    let folder = tempfile::tempdir().unwrap();
    let own = key_file(&folder, "key", "k1\n");
    let table = key_file(&folder, "keys.toml", "shop = 'k2'\n");
    let input = format!(
        "MANAGER_API_KEY_FILE={}\nMANAGER_API_KEYS_FILE={}",
        own.display(),
        table.display()
    );
    let (settings, _) = Settings::resolve(layers(|_| {}, &input)).unwrap();
    let keys = settings.api_keys;
    assert_eq!(keys.files().collect::<Vec<_>>(), [&*own, &*table]);
    let check = |keys: &ApiKeys, expected: &[(&str, Option<&str>)]| {
        for (presented, name) in expected {
            assert_eq!(verified(keys, presented), name.map(Into::into), "{presented}");
        }
    };
    check(&keys, &[("k1", Some("default")), ("k2", Some("shop"))]);
    std::fs::write(&own, "k3").unwrap();
    std::fs::write(&table, "ops = 'k4'\nshop = 'k5'").unwrap();
    let (keys, _) = keys.read_again().unwrap();
    check(
        &keys,
        &[
            ("k1", None),
            ("k2", None),
            ("k3", Some("default")),
            ("k4", Some("ops")),
            ("k5", Some("shop")),
        ],
    );
    let flaws = |own_text: Option<&str>, table_text: &str| -> Vec<String> {
        match own_text {
            Some(text) => std::fs::write(&own, text).unwrap(),
            None => std::fs::remove_file(&own).unwrap(),
        }
        std::fs::write(&table, table_text).unwrap();
        keys.read_again().unwrap_err().iter().map(ToString::to_string).collect()
    };
    let shown = table.display();
    let empty = format!(
        "{shown}: `api_keys_file` cannot be a file without a key; allowed is a line `name = \"key\"` for each key"
    );
    assert_eq!(flaws(Some("k3"), ""), [&*empty]);
    assert_eq!(
        flaws(Some(""), "a = 1"),
        [
            "MANAGER_API_KEY_FILE: `api_key` cannot be an empty key; allowed is 1 to 4096 visible ascii characters",
            &format!("{shown} line 1: `api_keys.a` cannot be an integer; allowed is a string"),
        ]
    );
    assert_eq!(flaws(Some("k"), "default = 'k'").len(), 1, "two of one name");
    let both = flaws(None, "");
    assert!(both[0].starts_with("MANAGER_API_KEY_FILE: `") && both[1] == empty, "{both:?}");
}

#[test]
fn rates_are_so_many_in_a_time() {
    check(
        "rate = '100/s'\nburst = 20",
        "rate = 100/s (manager.toml line 1)\nburst = 20 (manager.toml line 2)",
    );
    check("MANAGER_RATE=5/h\n--rate none", "rate = none (--rate)");
    let allowed =
        "allowed is 1 to 1000000 in a time, written like `100/s`, `30/m` or `5/h`, or `none`";
    for (input, given) in [("'100'", "`\"100\"`"), ("100", "`100`"), ("'0/s'", "`\"0/s\"`")] {
        check(
            &format!("rate = {input}"),
            &format!("manager.toml line 1: `rate` cannot be {given}; {allowed}"),
        );
    }
    check(
        "burst = 20",
        "manager.toml line 1: `burst` cannot be `20` without a rate; allowed is a burst beside `rate`",
    );
    check(
        "rate = '1/s'\nMANAGER_BURST=0",
        "MANAGER_BURST: `burst` cannot be `0`; allowed is a whole number from 1 to 1000000, or `none`",
    );
    let (settings, _) = Settings::resolve(layers(|_| {}, "rate = '100/s'\nburst = 20")).unwrap();
    assert_eq!(settings.rate, Some(crate::rate::Rate::new(100, 1).burst(20)));
}

#[test]
fn no_listing_shows_a_key() {
    let input = "api_key = 'topsecret'\n[api_keys]\nci = 'topsecret2'";
    let write = |layer: &mut Layer| _ = layer.api_key("topsecret3").api_keys([("a", "topsecret4")]);
    let layers = layers(write, input);
    let before = format!("{layers:?}");
    let (settings, warnings) = Settings::resolve(layers).unwrap();
    let keys = &settings.api_keys;
    let after = format!("{settings:?} {warnings:?} {keys} {keys:?} {}", report(&settings));
    assert!(!before.contains("topsecret") && !after.contains("topsecret"), "{before}\n{after}");
}

#[test]
fn what_is_given_cannot_break_the_line_of_a_finding() {
    let long = "x".repeat(100);
    let shown = "x".repeat(80);
    check_program(
        |layer| _ = layer.drain("a\nb\u{1b}[31m\u{202e}").keep_alive(long.as_str()),
        "",
        &format!(
            "with_keep_alive: `keep_alive` cannot be `{shown}..`; allowed is 1ms to 8760h, written like DURATIONS
             with_drain: `drain` cannot be `a\\nb\\u{{1b}}[31m\\u{{202e}}`; allowed is 0s to 8760h, written like DURATIONS"
        ),
    );
    check(
        "\"a\\nb\\u001B[31m\" = 1",
        "manager.toml line 1: unknown key `a\\nb\\u{1b}[31m`; allowed are ALL_KEYS",
    );
}

#[test]
fn durations_and_sizes() {
    for (text, shown) in [
        ("0", "0s"),
        ("0ms", "0s"),
        ("500ms", "500ms"),
        ("1500ms", "1500ms"),
        ("1000ms", "1s"),
        ("75", "75s"),
        ("60s", "1m"),
        ("90m", "90m"),
        ("120m", "2h"),
        ("8760h", "8760h"),
    ] {
        check(&format!("--drain {text}"), &format!("drain = {shown} (--drain)"));
    }
    for text in [
        "",
        "s",
        "1d",
        "1.5s",
        "-1s",
        "+1s",
        "1 s",
        " 1s",
        "1s ",
        "1S",
        "1sec",
        "8761h",
        "1h30m",
        "18446744073709551615h",
        "18446744073709551616",
        "１s",
    ] {
        let finding = format!(
            "--drain: `drain` cannot be `{text}`; allowed is 0s to 8760h, written like DURATIONS"
        );
        check(&format!("--drain {text}"), &finding);
    }
    for (text, shown) in [
        ("1", "1B"),
        ("512B", "512B"),
        ("1024", "1KiB"),
        ("64KiB", "64KiB"),
        ("2048KiB", "2MiB"),
        ("10GiB", "10GiB"),
        ("1TiB", "1TiB"),
        ("1025B", "1025B"),
    ] {
        check(&format!("--body-limit {text}"), &format!("body_limit = {shown} (--body-limit)"));
    }
    for text in
        ["", "0", "B", "64KB", "64kib", "64K", "1.5MiB", "-1", "2TiB", "18446744073709551615GiB"]
    {
        let finding = format!(
            "--body-limit: `body_limit` cannot be `{text}`; allowed is 1B to 1TiB, written like SIZES"
        );
        check(&format!("--body-limit {text}"), &finding);
    }
}

#[test]
fn globs() {
    for (pattern, yes, no) in [
        ("add", &["add"][..], &["", "ad", "addd", "xadd"][..]),
        ("*", &["", "a", "a.b"], &[]),
        ("a*", &["a", "ab", "a.b"], &["", "ba"]),
        ("*a", &["a", "ba", "aa"], &["ab", ""]),
        ("a*a", &["aa", "aba", "aaa"], &["a", "ab"]),
        ("a*b*c", &["abc", "axbxc", "abbcc", "abcbc"], &["ac", "acb", "abcb"]),
        ("*.b.*", &["a.b.c", ".b.", "b.b.b.b"], &["a.b", "b.c"]),
        ("**", &["", "a"], &[]),
        ("a**b", &["ab", "axb"], &["a", "b"]),
        ("", &[""], &["a"]),
    ] {
        assert!(yes.iter().all(|name| glob(pattern, name)), "{pattern} {yes:?}");
        assert!(!no.iter().any(|name| glob(pattern, name)), "{pattern} {no:?}");
    }
    let (settings, _) = Settings::resolve(layers(|_| {}, "--handlers add,b.*")).unwrap();
    let admitted = ["add", "b.c", "b", "c"].map(|name| settings.handlers.admits(name));
    assert_eq!(admitted, [true, true, false, false]);
    assert!(Handlers::All.admits("anything") && Handlers::All.patterns().is_none());
}

#[test]
fn switches_are_on_or_off() {
    check("MANAGER_ACCESS_LOG=true", "access_log = true (MANAGER_ACCESS_LOG)");
    check("access_log = true\n--access-log false", "access_log = false (--access-log)");
    check_program(
        |layer| _ = layer.request_id(true).door(Door::Macro).access_log(true),
        "",
        "request_id = true (with_request_id)
         access_log = true (manager! { access_log })",
    );
    for (input, source, given) in [
        ("MANAGER_ACCESS_LOG=1", "MANAGER_ACCESS_LOG", "`1`"),
        ("MANAGER_ACCESS_LOG=", "MANAGER_ACCESS_LOG", "``"),
        ("--access-log yes", "--access-log", "`yes`"),
        ("access_log = 'true'", "manager.toml line 1", "`\"true\"`"),
        ("access_log = 1", "manager.toml line 1", "`1`"),
    ] {
        let finding =
            format!("{source}: `access_log` cannot be {given}; allowed is `true` or `false`");
        check(input, &finding);
    }
}

#[cfg(not(feature = "compression"))]
#[test]
fn what_a_feature_brings_needs_the_feature() {
    check(
        "compression = true\n--compression false",
        "manager.toml line 1: `compression` cannot be `true`; allowed is `false`, because this program was \
         built without the feature `compression` of `manager-runtime`",
    );
}

#[test]
fn origins_are_those_that_browsers_send() {
    for origin in [
        "https://app.example.com",
        "http://localhost:3000",
        "https://a.b:8443",
        "http://127.0.0.1:8080",
        "https://[::1]:8443",
        "capacitor://localhost",
        "http://xn--bcher-kva.example",
        "https://localhost:80",
    ] {
        check(&format!("--cors {origin}"), &format!("cors = {origin} (--cors)"));
    }
    check("MANAGER_CORS=*", "cors = * (MANAGER_CORS)");
    check("cors = '*'", "cors = * (manager.toml line 1)");
    check("cors = ['*']\nMANAGER_CORS=none", "cors = none (MANAGER_CORS)");
    check("cors = []", "cors = none (manager.toml line 1)");
    check("--cors http://a.b\n--cors http://c.d", "cors = http://a.b, http://c.d (--cors)");
    for wrong in [
        "",
        "app.example.com",
        "https://",
        "https://app.example.com/",
        "https://app.example.com/x",
        "https://App.example.com",
        "HTTPS://app.example.com",
        "https://app.example.com:443",
        "http://a.b:80",
        "http://a.b:080",
        "http://a.b:0",
        "http://a.b:",
        "http://a.b:99999",
        "https://u@a.b",
        "https://*.a.b",
        "https://a b",
        "https://b\u{fc}cher.example",
        "https://[0:0::1]",
        "://a.b",
        "1a://a.b",
        "null",
        "https://a.b?x",
    ] {
        let finding = format!("--cors: `cors` cannot be `{wrong}`; allowed is ORIGINS");
        check(&format!("--cors {wrong}"), &finding);
    }
    check("--cors *,http://a.b", "--cors: `cors` cannot be `*`; allowed is ORIGINS");
}

#[test]
fn the_store_of_files_is_a_directory_and_a_size() {
    check("--files uploads", "files = uploads (--files)");
    check("MANAGER_FILES=../a b", "files = ../a b (MANAGER_FILES)");
    check("files = 'uploads'", "files = uploads (manager.toml line 1)");
    check("--files-quota 2TiB", "files_quota = 2TiB (--files-quota)");
    check_program(
        |layer| _ = layer.files("uploads".into()).files_quota("1GiB"),
        "--files none\n--files-quota none",
        "files = none (--files)\nfiles_quota = none (--files-quota)",
    );
    let allowed = "allowed is a directory, such as `uploads`, or `none`";
    check("files = ''", &format!("manager.toml line 1: `files` cannot be `\"\"`; {allowed}"));
    check("files = 5", &format!("manager.toml line 1: `files` cannot be `5`; {allowed}"));
}

#[test]
fn static_files_are_paths_and_directories() {
    check("--static-files /a=public", "static_files = /a=public (--static-files)");
    check(
        "MANAGER_STATIC_FILES=/=site, /a/b=../x y",
        "static_files = /=site, /a/b=../x y (MANAGER_STATIC_FILES)",
    );
    check(
        "[static_files]
         '/b' = 'two'
         '/a' = 'one'",
        "static_files = /b=two, /a=one (manager.toml line 1)",
    );
    check("static_files = ['/a=b=c']", "static_files = /a=b=c (manager.toml line 1)");
    check_program(
        |layer| {
            layer.static_files("/a".into(), "x".into()).static_files("/b".into(), "y".into());
            layer.public_static(["/b"]);
        },
        "",
        "static_files = /a=x, /b=y (with_static_files)
         public_static = /b (with_public_static)",
    );
    check_program(
        |layer| _ = layer.static_files("/a".into(), "x".into()),
        "--static-files none",
        "static_files = none (--static-files)",
    );
    for wrong in
        ["a=x", "/a", "/a=", "/a/=x", "//a=x", "/./a=x", "/../a=x", "/a%20b=x", "/a?b=x", "=x"]
    {
        let (prefix, directory) = wrong.split_once('=').unwrap_or((wrong, ""));
        check(
            &format!("--static-files {wrong}"),
            &format!(
                "--static-files: `static_files` cannot be `{prefix}={directory}`; allowed is FOLDERS"
            ),
        );
    }
    check(
        "--static-files /a=x,/a=y",
        "--static-files: `static_files` cannot be `/a=y`; allowed is FOLDERS",
    );
    check(
        "static_files = { '/a' = 5 }",
        "manager.toml line 1: `static_files` cannot be a table; allowed is FOLDERS",
    );
    check(
        "--static-files /a=x\n--public-static /a,/b",
        "--public-static: `public_static` cannot be `/b`; allowed is a path that `static_files` serves",
    );
}

#[cfg(feature = "_tls")]
#[test]
fn tls_stands_together_or_alone() {
    check(
        "handshake_timeout = 3
         [tls]
         cert = \"c.pem\"
         key = \"k.pem\"
         client_ca = \"ca.pem\"
         allowed_names = [\"a\", \"b.example.com\"]",
        "handshake_timeout = 3s (manager.toml line 1)
         tls_cert = c.pem (manager.toml line 3)
         tls_key = k.pem (manager.toml line 4)
         tls_client_ca = ca.pem (manager.toml line 5)
         allowed_names = a, b.example.com (manager.toml line 6)",
    );
    check(
        "tls.cert = \"c.pem\"
         tls_key = \"k.pem\"
         MANAGER_TLS_CERT=d.pem
         MANAGER_TLS_CLIENT_CA=ca.pem
         MANAGER_ALLOWED_NAMES=a, b
         --tls-key l.pem
         --allowed-names c
         --allowed-names d,e",
        "tls_cert = d.pem (MANAGER_TLS_CERT)
         tls_key = l.pem (--tls-key)
         tls_client_ca = ca.pem (MANAGER_TLS_CLIENT_CA)
         allowed_names = c, d, e (--allowed-names)",
    );
    check("MANAGER_TLS_DEV=true", "tls_dev = true (MANAGER_TLS_DEV)");
    let write = |layer: &mut Layer| {
        layer.tls_cert(Some("c".into())).tls_key(Some("k".into()));
        layer.door(Door::Macro).tls_client_ca(Some("ca".into())).allowed_names(["x"]);
    };
    check_program(
        write,
        "",
        "tls_cert = c (with_tls)
         tls_key = k (with_tls)
         tls_client_ca = ca (manager! { tls })
         allowed_names = x (manager! { tls })",
    );
    // What a program says can be taken back.
    check_program(
        write,
        "MANAGER_TLS_CERT=none
         MANAGER_TLS_KEY=none
         MANAGER_TLS_CLIENT_CA=none
         MANAGER_ALLOWED_NAMES=none",
        "tls_cert = none (MANAGER_TLS_CERT)
         tls_key = none (MANAGER_TLS_KEY)
         tls_client_ca = none (MANAGER_TLS_CLIENT_CA)
         allowed_names = none (MANAGER_ALLOWED_NAMES)",
    );
}

#[cfg(feature = "_tls")]
#[test]
fn what_of_tls_cannot_be() {
    check(
        "tls.cert = \"c.pem\"",
        "manager.toml line 1: `tls_cert` needs `tls_key`, the file with its private key",
    );
    check("--tls-key k", "--tls-key: `tls_key` needs `tls_cert`, the file with its certificate");
    check(
        "MANAGER_ALLOWED_NAMES=a
         --tls-dev true",
        "MANAGER_ALLOWED_NAMES: `allowed_names` needs `tls_client_ca`: without it no client is asked for a certificate",
    );
    check(
        "MANAGER_TLS_CLIENT_CA=ca",
        "MANAGER_TLS_CLIENT_CA: `tls_client_ca` needs `tls_cert` and `tls_key`: clients show certificates over TLS alone",
    );
    check(
        "MANAGER_TLS_CERT=c
         MANAGER_TLS_KEY=k
         --tls-dev true",
        "--tls-dev: `tls_dev` cannot stand beside `tls_cert` (MANAGER_TLS_CERT); keep one of them",
    );
    check_program(
        |layer| _ = layer.allowed_names([""; 0]),
        "tls.allowed_names = []
         tls.name = 1
         MANAGER_ALLOWED_NAMES=a,,b
         MANAGER_TLS_CERT=",
        "with_allowed_names: `allowed_names` cannot be an empty list; allowed is A_LIST_OF_CLIENTS
         manager.toml line 1: `allowed_names` cannot be an empty list; allowed is A_LIST_OF_CLIENTS
         manager.toml line 2: unknown key `name`; allowed are `cert`, `key`, `client_ca`, `allowed_names`, `dev`
         MANAGER_TLS_CERT: `tls_cert` cannot be ``; allowed is a file in PEM, such as `cert.pem`, or `none`
         MANAGER_ALLOWED_NAMES: `allowed_names` cannot be ``; allowed is A_LIST_OF_CLIENTS",
    );
    check(
        "tls.cert = \"c\"
         tls_cert = \"d\"
         tls.key = 5",
        "manager.toml line 2: `tls_cert` and `tls.cert` are the same setting; keep one of them
         manager.toml line 3: `tls_key` cannot be `5`; allowed is a file in PEM, such as `cert.pem`, or `none`",
    );
    check(
        "tls = \"cert.pem\"",
        "manager.toml line 1: `tls` cannot be a string; allowed is a table of what TLS is spoken with",
    );
}

#[cfg(not(feature = "_tls"))]
#[test]
fn tls_needs_its_feature() {
    let needs = "because this program was built without the feature `tls` of `manager-runtime`";
    check(
        "MANAGER_TLS_CERT=c
         MANAGER_TLS_DEV=true
         --allowed-names a",
        &format!(
            "MANAGER_TLS_CERT: `tls_cert` cannot be `c`; allowed is `none`, {needs}
             MANAGER_TLS_DEV: `tls_dev` cannot be `true`; allowed is `false`, {needs}
             --allowed-names: `allowed_names` cannot be `a`; allowed is `none`, {needs}"
        ),
    );
    check("MANAGER_TLS_CERT=none", "tls_cert = none (MANAGER_TLS_CERT)");
}
