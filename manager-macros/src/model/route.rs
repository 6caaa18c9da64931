//! How a handler is reached over HTTP.

use quote::ToTokens;
use syn::{Ident, LitStr, Path};

use super::deprecation::Deprecation;
use super::pattern::parse::Slash;
use super::pattern::{self, Host, Moved, Pattern};
use super::spec::is_internal;
use crate::args::{self, Args, Call, Keyed, Value};
use crate::diag::Diag;
use crate::suggest;

/// Everything that a handler says of HTTP.
pub(crate) struct Http {
    pub(crate) routes: Vec<Route>,
    pub(crate) hosts: Vec<Host>,
    pub(crate) private: bool,
    pub(crate) with: Vec<Path>,
    pub(crate) deprecated: Option<Deprecation>,
    pub(crate) moved: Option<Moved>,
    pub(crate) gone: bool,
    /// How many captures its patterns have, each number once; nothing where a mistake in a pattern
    /// would make every parameter look wrong as well.
    pub(crate) captures: Vec<usize>,
}

/// A method and a pattern.
pub(crate) struct Route {
    method: Method,
    pattern: Pattern,
}

/// The name of a method, or nothing for every method.
#[derive(Clone, PartialEq)]
struct Method(String);

/// The options about HTTP as they were written.
pub(super) struct Written {
    pub(super) routes: Vec<args::Route>,
    pub(super) host: Option<Keyed>,
    pub(super) slash: Option<Keyed>,
    pub(super) with: Option<Keyed>,
    pub(super) private: Option<Ident>,
    pub(super) deprecated: Option<Value>,
    pub(super) moved: Option<Keyed>,
    pub(super) gone: Option<Ident>,
}

impl Route {
    /// Empty for every method.
    pub(crate) fn method(&self) -> &str {
        &self.method.0
    }

    pub(crate) fn pattern(&self) -> &Pattern {
        &self.pattern
    }
}

pub(super) fn check(written: Written, diag: &mut Diag) -> Http {
    let Written { routes, host, slash, with, private, deprecated, moved, gone } = written;
    let before = diag.count();
    let slash = slash.and_then(|Keyed { value, .. }| check_slash(&value, diag));
    let routes = check_routes(routes, slash, diag);
    let hosts = host.map_or_else(Vec::new, |Keyed { value, .. }| check_hosts(value, diag));
    for route in &routes {
        // One mistake is one error, on however many hosts it is one.
        let before = diag.count();
        for host in &hosts {
            if diag.count() == before {
                route.pattern.check_on(host, diag);
            }
        }
    }
    let captures = if diag.count() == before { counts(&routes, &hosts) } else { Vec::new() };
    let moved = moved.and_then(|Keyed { value, .. }| check_moved(value, &routes, &hosts, diag));
    let with = with.map_or_else(Vec::new, |Keyed { value, .. }| check_with(value, diag));
    let deprecated = deprecated.and_then(|value| Deprecation::check(&value, diag));
    let (private, gone) = (private.is_some(), gone.is_some());
    Http { routes, hosts, private, with, deprecated, moved, gone, captures }
}

/// What excludes each other, and what needs a route.
///
/// `files` says that there are paths for files, which are on hosts as well.
pub(super) fn check_combinations(args: &Args, files: bool, diag: &mut Diag) {
    let Args { routes, host, slash, with, internal, private, moved, gone, .. } = args;
    if internal.is_some() {
        if let Some(route) = routes.first() {
            let word = route.key();
            diag.under(
                word,
                format!(
                    "`{word}` puts a handler on HTTP and `internal` keeps it off HTTP; keep one of \
                     them"
                ),
            );
        }
        if let Some(private) = private {
            diag.under(
                private,
                "`private` moves a handler to the second address of HTTP and `internal` keeps it \
                 off HTTP; keep one of them",
            );
        }
    }
    if let Some(with) = with
        && is_internal(args)
    {
        diag.under(
            &with.key,
            "`with` runs around requests over HTTP, which never reach an internal handler; give \
             it a route, as in `get = \"/x\"`, or remove `with`",
        );
    }
    if routes.is_empty() {
        let host = host.as_ref().filter(|_| !files);
        let others = [slash, moved].into_iter().flatten();
        let keyed = host.into_iter().chain(others).map(|Keyed { key, .. }| key);
        for key in keyed.chain(gone) {
            let way_out = match files {
                true => format!("remove `{key}`"),
                false => format!("add one, as in `get = \"/x\"`, or remove `{key}`"),
            };
            diag.under(
                key,
                format!("`{key}` is about a route, and this handler has none; {way_out}"),
            );
        }
    }
    if let (Some(_), Some(gone)) = (moved, gone) {
        diag.under(
            gone,
            "`moved` says where the handler is now and `gone` that it is nowhere; keep one of them",
        );
    }
}

// ---- routes --------------------------------------------------------------------------------------

fn check_routes(written: Vec<args::Route>, slash: Option<Slash>, diag: &mut Diag) -> Vec<Route> {
    let mut routes: Vec<Route> = Vec::new();
    for route in written {
        let (method, value) = match route {
            args::Route::Option(Keyed { key, value }) => (Method::of_option(&key), value),
            args::Route::Call(call) => match Method::of_call(call, diag) {
                Some(found) => found,
                None => continue,
            },
        };
        let word = method.word();
        let rule = format!("`{word}` takes a pattern as text, or a list of patterns");
        let example = match word.as_str() {
            "method" => "method(\"LOCK\", [\"/a\", \"/b\"])".to_owned(),
            word => format!("{word} = \"/users/{{id}}\""),
        };
        for literal in texts(value, &rule, &example, diag) {
            let Some(pattern) = Pattern::check(literal, slash, diag) else { continue };
            let route = Route { method: method.clone(), pattern };
            match routes.iter().find(|other| other.is_like(&route)) {
                Some(other) => diag.under(route.pattern.literal(), other.refuse(&route)),
                None => routes.push(route),
            }
        }
    }
    routes
}

impl Route {
    fn is_like(&self, other: &Route) -> bool {
        self.method == other.method && self.pattern.is_like(&other.pattern)
    }

    /// What to say of another that is like this one.
    fn refuse(&self, other: &Route) -> String {
        let (first, second) = (self.pattern.text(), other.pattern.text());
        let method = self.method.shown();
        if first == second {
            return format!("`{method}{second}` stands here twice; keep one of them");
        }
        format!(
            "`{method}{second}` matches the same paths as `{method}{first}`: neither the names of \
             captures nor suffixes tell patterns apart; keep one of them"
        )
    }
}

impl Method {
    /// The method that an option is called after.
    fn of_option(key: &Ident) -> Self {
        match key.to_string().trim_start_matches("r#") {
            "any" => Method(String::new()),
            word => Method(word.to_uppercase()),
        }
    }

    /// `method("LOCK", "/x")`: the method, and what it takes.
    fn of_call(call: Call, diag: &mut Diag) -> Option<(Self, Value)> {
        let Call { key, values } = call;
        let rule = "`method` takes a method and a pattern, or a list of patterns: \
                    `method(\"LOCK\", \"/files/{*path}\")`";
        let mut values = values.into_iter();
        let (Some(method), Some(patterns)) = (values.next(), values.next()) else {
            diag.under(key, rule);
            return None;
        };
        let method = match method {
            Value::Text(text) => Method::check(&text, diag),
            other => {
                diag.under(other, rule);
                None
            }
        };
        if let Some(more) = values.next() {
            diag.under(
                more,
                "several patterns are a list: write `method(\"LOCK\", [\"/a\", \"/b\"])`",
            );
        }
        Some((method?, patterns))
    }

    /// A token by RFC 9110, section 5.6.2.
    fn check(literal: &LitStr, diag: &mut Diag) -> Option<Self> {
        let text = literal.value();
        let upper = text.to_ascii_uppercase();
        let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        let problem = if text.is_empty() {
            "a method cannot be empty; write `any = \"/x\"` for every method".to_owned()
        } else if let Some(wrong) = text.chars().find(|c| !allowed(*c)) {
            format!(
                "`{}` in `{}` cannot stand in a method: it is made of letters, digits and \
                 ``!#$%&'*+-.^_`|~`` (RFC 9110, section 5.6.2)",
                wrong.escape_debug(),
                text.escape_debug()
            )
        } else if OPTIONS.contains(&upper.as_str()) && upper != text {
            let option = text.to_ascii_lowercase();
            format!(
                "`{text}` is not `{upper}`: methods are told apart by case; write it as an option, \
                 `{option} = \"/x\"`"
            )
        } else if OTHERS.contains(&upper.as_str()) && upper != text {
            format!("`{text}` is not `{upper}`: methods are told apart by case; write `{upper}`")
        } else {
            return Some(Method(text));
        };
        diag.under(literal, problem);
        None
    }

    /// The option that it is written with.
    fn word(&self) -> String {
        match self.0.as_str() {
            "" => "any".to_owned(),
            method if OPTIONS.contains(&method) => method.to_ascii_lowercase(),
            _ => "method".to_owned(),
        }
    }

    fn shown(&self) -> String {
        if self.0.is_empty() { String::new() } else { format!("{} ", self.0) }
    }
}

/// The methods that have an option.
const OPTIONS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// Registered methods that people may write in lower case.
const OTHERS: [&str; 20] = [
    "ACL",
    "BIND",
    "CHECKIN",
    "CHECKOUT",
    "CONNECT",
    "COPY",
    "LINK",
    "LOCK",
    "MKCALENDAR",
    "MKCOL",
    "MOVE",
    "PROPFIND",
    "PROPPATCH",
    "PURGE",
    "QUERY",
    "REPORT",
    "SEARCH",
    "TRACE",
    "UNLINK",
    "UNLOCK",
];

/// How many captures each pattern has on each host, every number once.
fn counts(routes: &[Route], hosts: &[Host]) -> Vec<usize> {
    let of_hosts: Vec<usize> = match hosts {
        [] => vec![0],
        hosts => hosts.iter().map(|host| host.captures().len()).collect(),
    };
    let mut counts = Vec::new();
    for route in routes {
        for of_host in &of_hosts {
            let count = route.pattern.captures().len() + of_host;
            if !counts.contains(&count) {
                counts.push(count);
            }
        }
    }
    counts
}

// ---- the other options ---------------------------------------------------------------------------

/// The texts of a value that is one or a list of them.
fn texts(value: Value, rule: &str, example: &str, diag: &mut Diag) -> Vec<LitStr> {
    let values = match value {
        Value::List(brackets, values) if values.is_empty() => {
            diag.at(brackets.span.join(), format!("{rule}, and this one is empty: `{example}`"));
            values
        }
        Value::List(_, values) => values,
        value => vec![value],
    };
    let mut texts = Vec::new();
    for value in values {
        match value {
            Value::Text(text) => texts.push(text),
            other => diag.under(other, format!("{rule}: `{example}`")),
        }
    }
    texts
}

fn check_hosts(value: Value, diag: &mut Diag) -> Vec<Host> {
    let rule = "`host` takes a host as text, or a list of hosts";
    let mut hosts: Vec<Host> = Vec::new();
    for literal in texts(value, rule, "host = \"api.example.com\"", diag) {
        let Some(host) = Host::check(literal, diag) else { continue };
        if hosts.iter().any(|other| other.is_like(&host)) {
            let text = host.text();
            diag.under(host.literal(), format!("the host `{text}` stands here twice; keep one"));
        } else {
            hosts.push(host);
        }
    }
    hosts
}

fn check_slash(value: &Value, diag: &mut Diag) -> Option<Slash> {
    let all = [Slash::Redirect, Slash::Strict, Slash::Lenient];
    let words = || all.into_iter().map(pattern::word);
    let rule = "`slash` says what becomes of a path that differs by the `/` at its end";
    if let Value::Text(text) = value {
        let text = text.value();
        if let Some(slash) = all.into_iter().find(|slash| pattern::word(*slash) == text) {
            return Some(slash);
        }
        let near = suggest::did_you_mean(&text, words());
        let separator = if near.is_empty() { ";" } else { "" };
        let list = suggest::list(words());
        diag.under(value, format!("{rule}{near}{separator} it is one of {list}"));
        return None;
    }
    let list = suggest::list(words());
    diag.under(value, format!("{rule}; it is one of {list}, as text: `slash = \"strict\"`"));
    None
}

fn check_with(value: Value, diag: &mut Diag) -> Vec<Path> {
    let rule = "`with` takes the names of middlewares: `with = [log, auth]`";
    let values = match value {
        Value::List(brackets, values) if values.is_empty() => {
            diag.at(brackets.span.join(), rule);
            values
        }
        Value::List(_, values) => values,
        value => vec![value],
    };
    let mut paths: Vec<Path> = Vec::new();
    for value in values {
        let Value::Path(path) = value else {
            diag.under(value, rule);
            continue;
        };
        let text = |path: &Path| path.to_token_stream().to_string().replace(' ', "");
        if paths.iter().any(|other| text(other) == text(&path)) {
            let text = text(&path);
            diag.under(path, format!("`{text}` stands in `with` twice; keep one of them"));
        } else {
            paths.push(path);
        }
    }
    paths
}

fn check_moved(value: Value, routes: &[Route], hosts: &[Host], diag: &mut Diag) -> Option<Moved> {
    let Value::Text(literal) = value else {
        diag.under(value, "`moved` takes the new path as text: `moved = \"/v2/users/{id}\"`");
        return None;
    };
    let moved = Moved::check(literal, diag)?;
    // The first pattern that it does not follow from says it all.
    let sound = routes.iter().all(|route| moved.check_from(&route.pattern, hosts, diag));
    sound.then_some(moved)
}
