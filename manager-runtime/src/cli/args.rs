//! The command line: what there is to say, and what was said.

use std::ffi::OsString;
use std::iter;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::layers::Flags;
use super::program::Program;
use crate::config::{IntoDuration, Key};

/// What the command line says, as checked.
#[derive(Debug)]
pub(super) struct Arguments {
    pub(super) action: Action,
    /// How often `-v` was given, less how often `-q`.
    pub(super) loudness: i16,
    pub(super) flags: Flags,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Action {
    Serve,
    Routes { json: bool },
    Call(Order),
    Check,
    Upload(Upload),
    Download(Download),
}

/// What a running service is reached with, beside its address.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Access {
    pub(super) key_file: Option<PathBuf>,
    /// Whom to trust over TLS, instead of whom the system trusts.
    pub(super) ca: Option<String>,
    /// The certificate to show, and its key.
    pub(super) identity: Option<(String, String)>,
}

/// What `upload` is to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Upload {
    pub(super) files: Vec<PathBuf>,
    pub(super) url: String,
    pub(super) access: Access,
}

/// What `download` is to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Download {
    pub(super) name: String,
    pub(super) output: Output,
    pub(super) url: String,
    pub(super) access: Access,
}

/// Where a file goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Output {
    File(PathBuf),
    StandardOutput,
}

/// What `call` is to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) name: String,
    pub(super) data: Data,
    pub(super) timeout: Option<Duration>,
    /// The running service to ask; none runs the handler in this process.
    pub(super) url: Option<String>,
    pub(super) access: Access,
}

/// Where the message comes from.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Data {
    Nothing,
    Given(Vec<u8>),
    StandardInput,
}

/// Reads the command line.
///
/// # Errors
///
/// What clap has to say: a usage error, or the help or version that was asked for.
pub(super) fn read(
    program: &Program,
    arguments: impl IntoIterator<Item = OsString>,
) -> Result<Arguments, clap::Error> {
    let mut arguments = arguments.into_iter().peekable();
    let name = arguments.peek().and_then(name_of).unwrap_or_else(|| program.package().to_owned());
    let matches = command(name, program.own_version()).try_get_matches_from(arguments)?;
    let (action, last) = match matches.subcommand() {
        Some(("routes", routes)) => (Action::Routes { json: routes.get_flag("json") }, routes),
        Some(("call", call)) => (Action::Call(order(call)), call),
        Some(("check", check)) => (Action::Check, check),
        Some(("upload", upload)) => (Action::Upload(files_up(upload)), upload),
        Some(("download", download)) => (Action::Download(file_down(download)), download),
        Some((_, serve)) => (Action::Serve, serve),
        None => (Action::Serve, &matches),
    };
    // Flags for all commands may stand on both sides of the command; its own matches hold them all.
    let louder = i16::from(last.get_count("verbose"));
    let quieter = i16::from(last.get_count("quiet"));
    Ok(Arguments { action, loudness: louder - quieter, flags: flags(last) })
}

fn order(call: &ArgMatches) -> Order {
    Order {
        name: call.get_one::<String>("name").cloned().unwrap_or_default(),
        data: match call.get_one::<OsString>("data") {
            None => Data::Nothing,
            Some(dash) if dash == "-" => Data::StandardInput,
            // On Unix these are the very bytes that were given.
            Some(data) => Data::Given(data.clone().into_encoded_bytes()),
        },
        timeout: call.get_one::<Duration>("timeout").copied(),
        url: call.get_one::<String>("url").cloned(),
        access: access(call),
    }
}

fn access(matches: &ArgMatches) -> Access {
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    Access {
        key_file: matches.get_one::<PathBuf>("key-file").cloned(),
        ca: text("ca"),
        // clap has seen to it that both are there, or none.
        identity: text("cert").zip(text("cert-key")),
    }
}

fn files_up(upload: &ArgMatches) -> Upload {
    Upload {
        files: upload.get_many::<PathBuf>("paths").into_iter().flatten().cloned().collect(),
        url: upload.get_one::<String>("url").cloned().unwrap_or_default(),
        access: access(upload),
    }
}

fn file_down(download: &ArgMatches) -> Download {
    let name = download.get_one::<String>("name").cloned().unwrap_or_default();
    Download {
        output: match download.get_one::<PathBuf>("output") {
            None => Output::File(PathBuf::from(&name)),
            Some(dash) if dash.as_os_str() == "-" => Output::StandardOutput,
            Some(path) => Output::File(path.clone()),
        },
        name,
        url: download.get_one::<String>("url").cloned().unwrap_or_default(),
        access: access(download),
    }
}

/// The settings that were given as flags, lists item by item.
fn flags(matches: &ArgMatches) -> Flags {
    let mut flags = Flags::new();
    for flag in Key::all().iter().filter_map(Key::flag) {
        for text in matches.get_many::<String>(&flag).into_iter().flatten() {
            flags.push((flag.clone(), text.clone()));
        }
    }
    for flag in SECRETS {
        if matches.contains_id(flag) {
            // The settings refuse it by its name; its value goes nowhere.
            flags.push((flag.to_owned(), String::new()));
        }
    }
    flags
}

/// Flags that there are not: the refusal says where a key belongs, which clap's own would not.
const SECRETS: [&str; 3] = ["api-key", "api-keys", "api-key-file"];

fn command(name: String, version: Option<&'static str>) -> Command {
    let version = version.unwrap_or(concat!("(manager-runtime ", env!("CARGO_PKG_VERSION"), ")"));
    Command::new(name)
        .version(version)
        .about("A service of handlers. Without a command it serves.")
        .after_help(
            "Settings come from the program, manager.toml in the current directory, MANAGER_*\n\
             variables and these flags; the later wins. RUST_LOG chooses what is logged.",
        )
        // Of a flag that stands twice the last one counts, as in a script that adds to another's flags.
        .args_override_self(true)
        .disable_help_subcommand(true)
        .max_term_width(100)
        .args(settings())
        .args(SECRETS.map(|flag| {
            Arg::new(flag).long(flag).hide(true).global(true).num_args(0..=1).action(ArgAction::Set)
        }))
        .arg(loudness("verbose", 'v', "Log more; -vv still more"))
        .arg(loudness("quiet", 'q', "Log less; -qq still less"))
        .subcommands([serve(), routes(), call(), check(), upload(), download()])
}

fn settings() -> impl Iterator<Item = Arg> {
    Key::all().into_iter().filter_map(|key| {
        let flag = key.flag()?;
        let action = if key.list { ArgAction::Append } else { ArgAction::Set };
        let Key { about, default, allowed, switch, .. } = key;
        let argument = Arg::new(flag.clone());
        // A switch is on by being there; its value, if it has one, cannot be the next word.
        let argument = match switch {
            true => argument.num_args(0..=1).require_equals(true).default_missing_value("true"),
            false => argument,
        };
        Some(
            argument
                .long(flag)
                .global(true)
                .action(action)
                .value_name("VALUE")
                .help(format!("{about} [default: {default}]"))
                .long_help(format!("{about}\n\n[default: {default}]\n[allowed: {allowed}]"))
                .help_heading("Settings"),
        )
    })
}

fn loudness(name: &'static str, short: char, help: &'static str) -> Arg {
    Arg::new(name).short(short).long(name).global(true).action(ArgAction::Count).help(help)
}

fn serve() -> Command {
    Command::new("serve").about("Serves until it is stopped; what happens without a command")
}

fn routes() -> Command {
    Command::new("routes").about("Lists the handlers and how they are reached").arg(
        Arg::new("json")
            .long("json")
            .action(ArgAction::SetTrue)
            .help("As JSON, with everything that is known of each"),
    )
}

fn call() -> Command {
    Command::new("call")
        .about("Runs one handler, internal ones too, and prints its reply")
        .arg(Arg::new("name").value_name("NAME").required(true).help("The name of the handler"))
        .arg(
            Arg::new("data")
                .value_name("DATA")
                .value_parser(value_parser!(OsString))
                .allow_negative_numbers(true)
                .help("The message as a client would send it; `-` reads it from standard input"),
        )
        .arg(
            Arg::new("timeout")
                .long("timeout")
                .value_name("TIME")
                .value_parser(timeout)
                .help("How long it may take [default: what the handler says; 5m with --url]"),
        )
        .arg(
            Arg::new("url")
                .long("url")
                .value_name("URL")
                .help("Asks a running service, such as http://127.0.0.1:8080, instead of this process")
                .long_help(
                    "Asks a running service, such as http://127.0.0.1:8080, instead of this process. \
                     The key is that of MANAGER_API_KEY, MANAGER_API_KEY_FILE or --key-file. With https, --ca \
                     says whom to trust, and --cert what to show.",
                ),
        )
        .args(with().map(|argument| argument.requires("url")))
}

/// What a service may be reached with.
fn with() -> [Arg; 4] {
    let file = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name("FILE").help(help)
    };
    [
        key_file(),
        file("ca", "Whom to trust over https, in PEM [default: whom this system trusts]"),
        file("cert", "The certificate to show over https, in PEM").requires("cert-key"),
        file("cert-key", "The private key of --cert, in PEM").requires("cert"),
    ]
}

fn key_file() -> Arg {
    Arg::new("key-file")
        .long("key-file")
        .value_name("FILE")
        .value_parser(value_parser!(PathBuf))
        .help("The file with the key for --url; every process could read a key given here")
}

/// The service that has the files; there is none in this process.
fn keeper() -> impl Iterator<Item = Arg> {
    let url = Arg::new("url")
        .long("url")
        .value_name("URL")
        .required(true)
        .help("The running service, such as http://127.0.0.1:8080")
        .long_help(
            "The running service, such as http://127.0.0.1:8080. The key is that of MANAGER_API_KEY, \
             MANAGER_API_KEY_FILE or --key-file. With https, --ca says whom to trust, and --cert what to show.",
        );
    iter::once(url).chain(with())
}

fn upload() -> Command {
    Command::new("upload")
        .about("Uploads files to a running service; what was interrupted goes on")
        .after_help(
            "Each file is there under its last name. With the setting `files` of the service, an upload that\n\
             was interrupted goes on when the same command runs again; how far it is stands in the file\n\
             .NAME.upload beside it until it is done. The SHA-256 is compared at the end. Exit status: 0 if\n\
             all are there, 1 if not, 2 for a mistake in the command.",
        )
        .arg(
            // `files` is a setting.
            Arg::new("paths")
                .value_name("FILE")
                .required(true)
                .num_args(1..)
                .value_parser(value_parser!(PathBuf))
                .help("What to upload"),
        )
        .args(keeper())
}

fn download() -> Command {
    Command::new("download")
        .about("Downloads a file from a running service; what was interrupted goes on")
        .after_help(
            "Until it is whole and its SHA-256 is right, what there is lies in FILE.part, beside its ETag in\n\
             FILE.part.etag; a FILE that is there already stays until then, and is overwritten. When the same\n\
             command runs again, it goes on from there, if the service still has the same content. Exit\n\
             status: 0 if it is there, 1 if not, 2 for a mistake in the command.",
        )
        .arg(
            Arg::new("name")
                .value_name("NAME")
                .required(true)
                .value_parser(file_name)
                .help("The name of the file there"),
        )
        .arg(
            Arg::new("output")
                .short('o')
                .long("output")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help("Where to write it; `-` is standard output [default: NAME in this directory]"),
        )
        .args(keeper())
}

/// A name that a file of a service can have. Without `-o` it becomes a file here, and never one elsewhere.
fn file_name(text: &str) -> Result<String, String> {
    if text.is_empty() || matches!(text, "." | "..") || text.contains(['/', '\\']) {
        let why = "the name of a file is not empty, `.` or `..`, and has no `/` or `\\` in it; where it is \
                   written to is said by `-o`";
        return Err(why.to_owned());
    }
    Ok(text.to_owned())
}

fn check() -> Command {
    Command::new("check")
        .about("Checks settings, handlers, resources and topics without starting anything")
}

fn timeout(text: &str) -> Result<Duration, String> {
    match text.into_duration() {
        Ok(Some(time)) if !time.is_zero() => Ok(time),
        Ok(_) => Err("no time at all is not enough for any call; give at least `1ms`".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// What the binary is called: the file that was run, without its path.
fn name_of(first: &OsString) -> Option<String> {
    let name = Path::new(first).file_name()?.to_string_lossy().into_owned();
    let name = name.strip_suffix(std::env::consts::EXE_SUFFIX).unwrap_or(&name);
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Arguments, clap::Error> {
        let arguments = std::iter::once("/bin/shop").chain(line.split_whitespace());
        super::read(&Program::new("shop::main"), arguments.map(OsString::from))
    }

    fn order(name: &str, data: Data) -> Order {
        Order { name: name.to_owned(), data, timeout: None, url: None, access: Access::default() }
    }

    #[test]
    fn commands() {
        let check = |line: &str, action: Action| assert_eq!(read(line).unwrap().action, action);
        check("", Action::Serve);
        check("serve", Action::Serve);
        check("--bind x", Action::Serve);
        check("routes", Action::Routes { json: false });
        check("routes --json", Action::Routes { json: true });
        check("check", Action::Check);
        check("call add", Action::Call(order("add", Data::Nothing)));
        check("call add -", Action::Call(order("add", Data::StandardInput)));
        check("call add -5", Action::Call(order("add", Data::Given(b"-5".to_vec()))));
        check("call add -- --x", Action::Call(order("add", Data::Given(b"--x".to_vec()))));
        let timeout = Some(Duration::from_millis(1500));
        check(
            "call --timeout 1500ms add x",
            Action::Call(Order { timeout, ..order("add", Data::Given(b"x".to_vec())) }),
        );
        let (url, key_file) = (Some("http://h".to_owned()), Some(PathBuf::from("k")));
        let access = Access { key_file, ..Access::default() };
        check(
            "call add --url http://h --key-file k",
            Action::Call(Order { url, access, ..order("add", Data::Nothing) }),
        );
        let identity = Some(("c".to_owned(), "d".to_owned()));
        let access = Access { key_file: None, ca: Some("a".to_owned()), identity };
        let url = Some("https://h".to_owned());
        check(
            "call add --url https://h --ca a --cert c --cert-key d",
            Action::Call(Order { url, access, ..order("add", Data::Nothing) }),
        );
    }

    #[test]
    fn files_go_both_ways() {
        let check = |line: &str, action: Action| assert_eq!(read(line).unwrap().action, action);
        let url = || "http://h".to_owned();
        let files = vec![PathBuf::from("a"), PathBuf::from("d/b")];
        let key = |file: &str| Access { key_file: Some(PathBuf::from(file)), ..Access::default() };
        check(
            "upload a d/b --url http://h --key-file k",
            Action::Upload(Upload { files, url: url(), access: key("k") }),
        );
        let down = |line: &str, output: Output| {
            let name = "a b".replace(' ', ".");
            let access = Access::default();
            check(line, Action::Download(Download { name, output, url: url(), access }));
        };
        down("download a.b --url http://h", Output::File(PathBuf::from("a.b")));
        down("download a.b --url http://h -o d/c", Output::File(PathBuf::from("d/c")));
        down("download --url http://h -o - a.b", Output::StandardOutput);
    }

    #[test]
    fn settings_are_flags_on_both_sides_of_the_command() {
        let check = |line: &str, expected: &[(&str, &str)]| {
            let flags = read(line).unwrap().flags;
            let flags: Vec<_> = flags.iter().map(|(flag, text)| (&**flag, &**text)).collect();
            assert_eq!(flags, expected, "{line}");
        };
        check("", &[]);
        check("--bind a:1", &[("bind", "a:1")]);
        check("--bind a:1 serve --drain=5s", &[("bind", "a:1"), ("drain", "5s")]);
        check("check --bind a:1", &[("bind", "a:1")]);
        check("--bind a:1 --bind b:2", &[("bind", "b:2")]);
        check("--access-log serve", &[("access-log", "true")]);
        check("--access-log=false check", &[("access-log", "false")]);
        check("--cors https://a.b --cors *", &[("cors", "https://a.b"), ("cors", "*")]);
        check("--handlers a --handlers b,c", &[("handlers", "a"), ("handlers", "b,c")]);
    }

    #[test]
    fn every_setting_but_a_secret_has_a_flag() {
        let help = command("shop".to_owned(), None).render_help().to_string();
        for key in Key::all() {
            let flag = format!("--{}", key.name.replace('_', "-"));
            let has = [" ", "["].iter().any(|end| help.contains(&format!("{flag}{end}")));
            assert_eq!(has, !key.secret, "{flag}");
        }
    }

    #[test]
    fn a_key_on_the_command_line_reaches_nobody() {
        for line in
            ["--api-key hunter2", "--api-key=hunter2", "--api-key", "serve --api-keys hunter2"]
        {
            let arguments = read(line).unwrap();
            assert_eq!(arguments.flags.len(), 1, "{line}");
            assert!(!format!("{arguments:?}").contains("hunter2"), "{line}");
        }
    }

    #[test]
    fn loudness_counts_both_ways() {
        let check = |line: &str, expected: i16| assert_eq!(read(line).unwrap().loudness, expected);
        check("", 0);
        check("-v", 1);
        check("-vv serve", 2);
        check("serve -q", -1);
        check("-q -vv", 1);
    }

    #[test]
    fn mistakes_name_what_is_wrong() {
        let check = |line: &str, expected: &str| {
            let error = read(line).unwrap_err();
            assert!(error.use_stderr(), "{line}");
            assert!(error.to_string().contains(expected), "{line}: {error}");
        };
        check("nonsense", "nonsense");
        check("--bid x", "--bind");
        check("call", "NAME");
        check("call add --timeout soon", "no duration");
        check("call add --timeout 0", "1ms");
        check("call add --key-file k", "--url");
        check("call add --ca a", "--url");
        check("call add --url https://h --cert c", "--cert-key");
        check("upload a --url https://h --cert-key d", "--cert");
        check("--bind", "--bind <VALUE>");
        check("upload --url http://h", "<FILE>");
        check("upload a", "--url");
        check("download --url http://h", "<NAME>");
        check("download a", "--url");
        for name in ["..", "a/b", "/etc/passwd", "a\\b"] {
            check(&format!("download {name} --url http://h"), "`-o`");
        }
    }

    #[test]
    fn the_name_is_that_of_the_file() {
        let error = read("--version").unwrap_err();
        assert!(!error.use_stderr());
        assert!(error.to_string().starts_with("shop "), "{error}");
        let program = Program::new("shop::main").version("1.2.3");
        let error = super::read(&program, ["app", "--version"].map(OsString::from)).unwrap_err();
        assert_eq!(error.to_string(), "app 1.2.3\n");
        let error = super::read(&program, [OsString::new()]).map(|arguments| arguments.action);
        assert!(matches!(error, Ok(Action::Serve)));
    }
}
