//! `manager!`: surface, model and expansion.

use std::net::SocketAddr;

use proc_macro2::{Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, Ident, Lit, LitStr, Path, Token, braced, bracketed, token};

use crate::args::{Value, next, parse_comma, skip_to_comma};
use crate::diag::Diag;
use crate::expand::at;
use crate::krate::{Krate, private};
use crate::model::{Prefix, Rate};
use crate::origin;
use crate::suggest;
use crate::units::{Millis, Size};

pub(crate) fn manager(tokens: TokenStream) -> TokenStream {
    let mut diag = Diag::new();
    let entries = parse(tokens, &mut diag);
    let program = check(entries, &mut diag);
    let mistakes = diag.finish();
    if mistakes.is_empty() { expand(&program) } else { quote!({ #mistakes }) }
}

// ---- surface -------------------------------------------------------------------------------------

/// `key: value`, the value in the shape that its key asks for.
struct Entry {
    key: Ident,
    shape: Shape,
    value: Written,
}

enum Written {
    Expr(Expr),
    List(Vec<Expr>),
    Map(Vec<(LitStr, Expr)>),
    Crates(Vec<Path>),
    Krate(Value),
    /// Entries of its own, and the keys of all of them, of those too that hold a mistake.
    Table(Vec<Entry>, Vec<Ident>),
}

/// What the value of a key looks like.
#[derive(Clone, Copy, PartialEq)]
enum Shape {
    Address,
    Secret,
    Count,
    Duration,
    /// A duration that may be nothing.
    Drain,
    Size,
    /// The size of a head.
    Head,
    Flag,
    Names,
    Origins,
    Secrets,
    Values,
    /// How much all files may have together.
    Quota,
    Directory,
    File,
    /// So many in a time.
    Rate,
    /// Prefixes of paths and the directories below them.
    Directories,
    /// Some of these prefixes.
    Prefixes,
    Resources,
    Layers,
    /// Prefixes of paths and the services below them.
    Services,
    Crates,
    Krate,
    /// What TLS is spoken with.
    Tls,
    /// A file in PEM.
    Pem,
    /// Names in certificates of clients.
    ClientNames,
}

/// A key with its shape and an example of a value.
type Known = (&'static str, Shape, &'static str);

/// What stands in `tls: { .. }`.
const TLS_KEYS: &[Known] = &[
    ("cert", Shape::Pem, "\"cert.pem\""),
    ("key", Shape::Pem, "\"key.pem\""),
    ("client_ca", Shape::Pem, "\"ca.pem\""),
    ("allowed_names", Shape::ClientNames, "[\"client.example.com\"]"),
    ("dev", Shape::Flag, "true"),
];

/// Every key.
const KEYS: &[Known] = &[
    ("bind", Shape::Address, "\"127.0.0.1:8080\""),
    ("private_bind", Shape::Address, "\"127.0.0.1:9000\""),
    ("api_key", Shape::Secret, "KEY"),
    ("api_keys", Shape::Secrets, "{ \"name\": KEY }"),
    ("api_keys_file", Shape::File, "\"keys.toml\""),
    ("rate", Shape::Rate, "\"100/s\""),
    ("burst", Shape::Count, "20"),
    ("max_requests", Shape::Count, "10_000"),
    ("connections", Shape::Count, "25_000"),
    ("connections_per_address", Shape::Count, "5_000"),
    ("streams", Shape::Count, "1_000"),
    ("keep_alive", Shape::Duration, "\"75s\""),
    ("drain", Shape::Drain, "\"30s\""),
    ("body_limit", Shape::Size, "\"2MiB\""),
    ("upload_limit", Shape::Size, "\"10GiB\""),
    ("head_limit", Shape::Head, "\"16KiB\""),
    ("head_timeout", Shape::Duration, "\"10s\""),
    ("body_timeout", Shape::Duration, "\"20s\""),
    ("min_rate", Shape::Size, "\"500B\""),
    ("tls", Shape::Tls, "{ cert: \"cert.pem\", key: \"key.pem\" }"),
    ("handshake_timeout", Shape::Duration, "\"10s\""),
    ("cors", Shape::Origins, "[\"https://app.example.com\"]"),
    ("request_id", Shape::Flag, "true"),
    ("access_log", Shape::Flag, "true"),
    ("compression", Shape::Flag, "true"),
    ("files", Shape::Directory, "\"uploads\""),
    ("files_quota", Shape::Quota, "\"50GiB\""),
    ("static_files", Shape::Directories, "{ \"/assets\": \"public\" }"),
    ("public_static", Shape::Prefixes, "[\"/assets\"]"),
    ("layers", Shape::Layers, "[layer]"),
    ("mount", Shape::Services, "{ \"/legacy\": service }"),
    ("handlers", Shape::Names, "[\"add\", \"billing.*\"]"),
    ("state", Shape::Values, "{ \"count\": 0 }"),
    ("provide", Shape::Resources, "[pool]"),
    ("crates", Shape::Crates, "[billing, shipping]"),
    ("crate", Shape::Krate, "path"),
];

/// Reads the entries. A mistake in one does not hide those in the others.
fn parse(tokens: TokenStream, diag: &mut Diag) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let parser = |input: ParseStream<'_>| {
        entries = parse_entries(input, KEYS, diag).0;
        Ok(())
    };
    if let Err(error) = parser.parse2(tokens) {
        diag.push(error);
    }
    entries
}

/// All entries up to the end, and all keys that stand there.
fn parse_entries(
    input: ParseStream<'_>,
    keys: &[Known],
    diag: &mut Diag,
) -> (Vec<Entry>, Vec<Ident>) {
    let (mut entries, mut seen) = (Vec::new(), Vec::new());
    while !input.is_empty() {
        entries.extend(parse_entry(input, keys, &mut seen, diag));
        parse_comma(input, is_entry, diag);
    }
    (entries, seen)
}

fn parse_entry(
    input: ParseStream<'_>,
    keys: &[Known],
    seen: &mut Vec<Ident>,
    diag: &mut Diag,
) -> Option<Entry> {
    let Ok(key) = input.call(Ident::parse_any) else {
        let example = keys.first().map_or_else(String::new, |(key, _, it)| format!("{key}: {it}"));
        diag.under(next(input), format!("a setting begins with its key, as in `{example}`"));
        skip_to_comma(input);
        return None;
    };
    let word = key.unraw().to_string();
    let Some((_, shape, example)) = keys.iter().find(|(known, ..)| *known == word) else {
        diag.under(&key, unknown(&word, keys));
        skip_value(input);
        return None;
    };
    let twice = seen.contains(&key);
    if twice {
        diag.under(&key, format!("`{word}` stands here twice; keep one of them"));
    }
    seen.push(key.clone());
    if input.peek(Token![=]) {
        diag.under(next(input), format!("a `:` follows a key: write `{word}: {example}`"));
        skip_value(input);
        return None;
    }
    if input.parse::<Option<Token![:]>>().ok().flatten().is_none() {
        diag.under(&key, format!("`{word}` needs a `:` and a value: `{word}: {example}`"));
        skip_value(input);
        return None;
    }
    if input.is_empty() || input.peek(Token![,]) {
        diag.under(&key, format!("`{word}` needs a value: `{word}: {example}`"));
        return None;
    }
    let value = parse_value(input, &word, *shape, example, diag)?;
    (!twice).then_some(Entry { key, shape: *shape, value })
}

fn unknown(word: &str, keys: &[Known]) -> String {
    let words = || keys.iter().map(|(word, ..)| *word);
    let near = suggest::did_you_mean(word, words());
    let separator = if near.is_empty() { ";" } else { "" };
    format!("unknown key `{word}`{near}{separator} the keys are {}", suggest::list(words()))
}

fn parse_value(
    input: ParseStream<'_>,
    word: &str,
    shape: Shape,
    example: &str,
    diag: &mut Diag,
) -> Option<Written> {
    let start = next(input);
    let braces = input.peek(token::Brace);
    let brackets = input.peek(token::Bracket);
    let filled = matches!(&start, Some(TokenTree::Group(group)) if !group.stream().is_empty());
    let value = match shape {
        Shape::Secrets | Shape::Values | Shape::Directories | Shape::Services if braces => {
            parse_map(input, word, diag).map(Written::Map)
        }
        Shape::Names
        | Shape::Origins
        | Shape::Prefixes
        | Shape::Resources
        | Shape::Layers
        | Shape::ClientNames
            if brackets =>
        {
            parse_list(input, "a value", diag).map(Written::List)
        }
        Shape::Tls if braces && filled => parse_table(input, TLS_KEYS, diag),
        Shape::Tls => Err(syn::Error::new_spanned(start, "keys and values in braces")),
        // One alone is a list as well; `"*"` is never anything else.
        Shape::Origins => parse_whole(input)
            .map(|origin| Written::List(vec![origin]))
            .ok_or_else(|| syn::Error::new_spanned(start, "a list")),
        Shape::Crates if brackets => {
            parse_list(input, "the name of a crate, without quotes,", diag).map(Written::Crates)
        }
        Shape::Secrets | Shape::Values => {
            Err(syn::Error::new_spanned(start, "names and values in braces"))
        }
        Shape::Directories | Shape::Services => {
            Err(syn::Error::new_spanned(start, "paths and what is below them in braces"))
        }
        Shape::Names
        | Shape::Prefixes
        | Shape::Resources
        | Shape::Layers
        | Shape::ClientNames
        | Shape::Crates => Err(syn::Error::new_spanned(start, "a list")),
        Shape::Krate => input.parse().map(Written::Krate),
        Shape::Address
        | Shape::Secret
        | Shape::Count
        | Shape::Duration
        | Shape::Drain
        | Shape::Size
        | Shape::Head
        | Shape::Quota
        | Shape::Directory
        | Shape::File
        | Shape::Rate
        | Shape::Pem
        | Shape::Flag => parse_whole(input)
            .map(Written::Expr)
            .ok_or_else(|| syn::Error::new_spanned(start, "a value")),
    };
    match value {
        Ok(value) => Some(value),
        Err(what) => {
            diag.at(what.span(), format!("`{word}` takes {what}: `{word}: {example}`"));
            skip_value(input);
            None
        }
    }
}

/// What is asked for, if it stands here; otherwise nothing is taken.
fn parse_whole<T: Parse>(input: ParseStream<'_>) -> Option<T> {
    input.fork().parse::<T>().is_ok().then(|| input.parse().ok()).flatten()
}

/// `[a, b]`
fn parse_list<T: Parse>(
    input: ParseStream<'_>,
    what: &str,
    diag: &mut Diag,
) -> syn::Result<Vec<T>> {
    let content;
    bracketed!(content in input);
    let mut values = Vec::new();
    while !content.is_empty() {
        match parse_whole(&content) {
            Some(value) => values.push(value),
            None => {
                diag.under(next(&content), format!("{what} is expected here"));
                skip_to_comma(&content);
            }
        }
        parse_comma(&content, |_| false, diag);
    }
    Ok(values)
}

/// `{ cert: "cert.pem", key: "key.pem" }`
fn parse_table(input: ParseStream<'_>, keys: &[Known], diag: &mut Diag) -> syn::Result<Written> {
    let content;
    braced!(content in input);
    let (entries, seen) = parse_entries(&content, keys, diag);
    Ok(Written::Table(entries, seen))
}

/// `{ "a": 1, "b": 2 }`
fn parse_map(
    input: ParseStream<'_>,
    word: &str,
    diag: &mut Diag,
) -> syn::Result<Vec<(LitStr, Expr)>> {
    let content;
    braced!(content in input);
    let mut pairs: Vec<(LitStr, Expr)> = Vec::new();
    while !content.is_empty() {
        if let Some((name, value)) = parse_pair(&content, word, diag) {
            if pairs.iter().any(|(other, _)| other.value() == name.value()) {
                let text = name.value();
                diag.under(&name, format!("`{text}` stands in `{word}` twice; keep one of them"));
            }
            pairs.push((name, value));
        }
        parse_comma(&content, |input| input.peek(LitStr), diag);
    }
    Ok(pairs)
}

fn parse_pair(input: ParseStream<'_>, word: &str, diag: &mut Diag) -> Option<(LitStr, Expr)> {
    let Some(name) = parse_whole::<LitStr>(input) else {
        diag.under(next(input), format!("the names in `{word}` are text: `\"name\": value`"));
        skip_to_comma(input);
        return None;
    };
    if input.parse::<Option<Token![:]>>().ok().flatten().is_some()
        && let Some(value) = parse_whole(input)
    {
        return Some((name, value));
    }
    skip_to_comma(input);
    diag.under(
        &name,
        format!("`{}` needs a value: `{}: value`", name.value(), name.to_token_stream()),
    );
    None
}

/// Whether an entry begins here.
fn is_entry(input: ParseStream<'_>) -> bool {
    input.peek(Ident::peek_any) && input.peek2(Token![:])
}

/// Skips a value that nobody will use. It may hold commas that no bracket hides: `a::<B, C>()`.
fn skip_value(input: ParseStream<'_>) {
    if input.parse::<Option<Token![:]>>().is_ok() && parse_whole::<Expr>(input).is_some() {
        return;
    }
    skip_to_comma(input);
}

// ---- model ---------------------------------------------------------------------------------------

/// The program as it was checked: what is called on it, in this order.
struct Program {
    krate: Krate,
    calls: Vec<Call>,
    crates: Vec<CrateName>,
}

/// One method of the runtime's `Program` with its arguments.
enum Call {
    /// `.bind(value)`: the method of the key's own name.
    Setting(Ident, Expr),
    /// `.state("name", value)`, once for each.
    Named(Ident, LitStr, Expr),
    /// `.handlers([..])`
    List(Ident, Vec<Expr>),
    /// `.static_files("/assets", value)`, once for each.
    Below(Ident, Prefix, Expr),
    /// `.provide(..)`, `.layers(..)`: once for each, and made inside of the runtime.
    Made(Ident, Expr),
    /// `.mount("/legacy", ..)`, in the same way.
    MadeBelow(Ident, Prefix, Expr),
}

/// The path of a crate, without the `::` that it may begin with.
struct CrateName(Path);

fn check(entries: Vec<Entry>, diag: &mut Diag) -> Program {
    let mut program = Program { krate: Krate::default(), calls: Vec::new(), crates: Vec::new() };
    let mut taken = Vec::new();
    for entry in entries {
        check_entry(entry, &mut program, &mut taken, diag);
    }
    program
}

/// `taken` holds every path that something stands below, with its key.
fn check_entry(
    entry: Entry,
    program: &mut Program,
    taken: &mut Vec<(String, String)>,
    diag: &mut Diag,
) {
    let Entry { key, shape, value } = entry;
    let word = key.unraw().to_string();
    let Program { krate, calls, crates } = &mut *program;
    match value {
        Written::Expr(value) => {
            if let Some(literal) = literal(&value) {
                check_literal(&word, shape, literal, diag);
            }
            calls.push(Call::Setting(key, value));
        }
        Written::Map(pairs) if matches!(shape, Shape::Directories | Shape::Services) => {
            for (path, value) in pairs {
                let Some(prefix) = check_prefix(&word, &path, taken, diag) else { continue };
                let key = key.clone();
                calls.push(match shape {
                    Shape::Services => Call::MadeBelow(key, prefix, value),
                    _ => {
                        check_directory(&word, &value, diag);
                        Call::Below(key, prefix, value)
                    }
                });
            }
        }
        Written::Map(pairs) => {
            if pairs.is_empty() && shape == Shape::Secrets {
                diag.under(&key, format!("`{word}` holds no key; leave it out for no key at all"));
            }
            for (name, value) in pairs {
                check_name(&word, shape, &name, &value, diag);
                calls.push(Call::Named(key.clone(), name, value));
            }
        }
        Written::List(values) if matches!(shape, Shape::Resources | Shape::Layers) => {
            calls.extend(values.into_iter().map(|value| Call::Made(key.clone(), value)));
        }
        Written::List(values) if shape == Shape::ClientNames => {
            check_client_names(&key, &values, diag);
            calls.push(Call::List(key, values));
        }
        Written::List(mut values) => {
            match shape {
                Shape::Prefixes => values.iter_mut().for_each(|value| plain(&word, value, diag)),
                Shape::Origins => check_origins(&key, &values, diag),
                _ => check_patterns(&key, &values, diag),
            }
            calls.push(Call::List(key, values));
        }
        Written::Crates(paths) => {
            crates.extend(paths.into_iter().filter_map(|path| CrateName::check(path, diag)));
        }
        Written::Table(entries, seen) => {
            check_tls(&seen, &entries, diag);
            for Entry { key, shape, value } in entries {
                // The settings are flat, and the names of clients are said of more than TLS.
                let key = match shape {
                    Shape::ClientNames => key,
                    _ => Ident::new(&format!("tls_{}", key.unraw()), key.span()),
                };
                check_entry(Entry { key, shape, value }, program, taken, diag);
            }
        }
        Written::Krate(value) => {
            *krate = Krate::check(&value, diag).unwrap_or_else(Krate::default);
        }
    }
}

/// The literal that an expression is, also with a minus before it.
fn literal(value: &Expr) -> Option<Value> {
    match value {
        Expr::Lit(ExprLit { lit, .. }) => Some(match lit {
            Lit::Str(text) => Value::Text(text.clone()),
            Lit::Int(number) => Value::Number(number.clone()),
            other => Value::Other(other.to_token_stream()),
        }),
        Expr::Unary(unary) if literal(&unary.expr).is_some() => {
            Some(Value::Other(unary.to_token_stream()))
        }
        Expr::Group(group) => literal(&group.expr),
        Expr::Paren(paren) => literal(&paren.expr),
        _ => None,
    }
}

/// What can be known to be wrong before the program runs. The rest is for the settings to find.
fn check_literal(word: &str, shape: Shape, value: Value, diag: &mut Diag) {
    match shape {
        Shape::Duration => drop(Millis::check(word, &value, Millis::OF_A_SETTING, diag)),
        Shape::Drain => drop(Millis::check(word, &value, Millis::OR_NONE, diag)),
        Shape::Size => drop(Size::check(word, &value, Size::OF_A_BODY, diag)),
        Shape::Head => drop(Size::check(word, &value, Size::OF_A_HEAD, diag)),
        Shape::Quota => drop(Size::check(word, &value, Size::OF_A_STORE, diag)),
        Shape::Directory => match &value {
            Value::Text(text) if !text.value().is_empty() => {}
            _ => diag
                .under(value, format!("`{word}` takes a directory as text: `{word}: \"uploads\"`")),
        },
        Shape::File => match &value {
            Value::Text(text) if !text.value().is_empty() => {}
            _ => {
                diag.under(value, format!("`{word}` takes a file as text: `{word}: \"keys.toml\"`"))
            }
        },
        Shape::Rate => drop(Rate::check(&value, diag)),
        Shape::Pem => match &value {
            Value::Text(text) if !text.value().is_empty() => {}
            _ => {
                let word = word.trim_start_matches("tls_");
                diag.under(
                    value,
                    format!("`{word}` takes a file as text: `{word}: \"{word}.pem\"`"),
                );
            }
        },
        Shape::Count => match &value {
            Value::Number(number) if number.base10_parse::<u64>().is_ok_and(|n| n > 0) => {}
            _ => diag.under(value, format!("`{word}` takes a whole number from 1 on")),
        },
        Shape::Address => match &value {
            Value::Text(text) if is_address(&text.value()) => {}
            _ => diag.under(
                value,
                format!(
                    "`{word}` takes an address with a port: `\"127.0.0.1:8080\"`, \
                     `\"[::1]:8080\"` or `\"localhost:0\"`"
                ),
            ),
        },
        Shape::Secret => check_secret(word, &value, diag),
        Shape::Flag => match value.to_token_stream().to_string().as_str() {
            "true" | "false" => {}
            _ => {
                let word = word.trim_start_matches("tls_");
                diag.under(value, format!("`{word}` takes `true` or `false`"));
            }
        },
        _ => {}
    }
}

fn check_secret(word: &str, value: &Value, diag: &mut Diag) {
    match value {
        Value::Text(text) if text.value().trim().is_empty() => diag.under(
            text,
            format!(
                "a key in `{word}` cannot be empty: everybody would have it; leave it out for no \
                 key at all"
            ),
        ),
        Value::Text(_) => {}
        other => diag.under(other, format!("a key in `{word}` is text")),
    }
}

fn check_name(word: &str, shape: Shape, name: &LitStr, value: &Expr, diag: &mut Diag) {
    if name.value().is_empty() {
        diag.under(name, format!("a name in `{word}` cannot be empty"));
    }
    if shape == Shape::Secrets
        && let Some(secret) = literal(value)
    {
        check_secret(word, &secret, diag);
    }
}

fn check_patterns(key: &Ident, values: &[Expr], diag: &mut Diag) {
    if values.is_empty() {
        diag.under(key, "`handlers` names no handler; leave it out to run all");
    }
    let allowed = |c: char| {
        c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.' | '-' | '*')
    };
    for value in values {
        match literal(value) {
            None => {}
            Some(Value::Text(text))
                if !text.value().is_empty() && text.value().chars().all(allowed) => {}
            Some(other) => diag.under(
                other,
                "`handlers` takes names of handlers, in which `*` stands for any characters: \
                 `[\"add\", \"billing.*\"]`",
            ),
        }
    }
}

/// What of TLS cannot stand without the other, as far as can be seen here: all keys that were written count,
/// those too whose values hold a mistake.
fn check_tls(seen: &[Ident], entries: &[Entry], diag: &mut Diag) {
    let find = |word: &str| seen.iter().find(|key| key.unraw() == word);
    match (find("cert"), find("key")) {
        (Some(cert), None) => diag.under(
            cert,
            "`cert` needs `key`, the file with the private key of the certificate: `key: \"key.pem\"`",
        ),
        (None, Some(key)) => diag.under(
            key,
            "`key` needs `cert`, the file with the certificate of the key: `cert: \"cert.pem\"`",
        ),
        _ => {}
    }
    if let (Some(names), None) = (find("allowed_names"), find("client_ca")) {
        diag.under(
            names,
            "`allowed_names` needs `client_ca`, the file with the certificate that has signed those of the \
             clients: `client_ca: \"ca.pem\"`",
        );
    }
    let is_on = |entry: &&Entry| match &entry.value {
        Written::Expr(value) => value.to_token_stream().to_string() == "true",
        _ => false,
    };
    let dev = entries.iter().filter(|entry| entry.key.unraw() == "dev").find(is_on);
    if let (Some(Entry { key, .. }), Some(_)) = (dev, find("cert").or(find("key"))) {
        diag.under(key, "`dev` makes a certificate of its own; leave it out, or `cert` and `key`");
    }
}

fn check_client_names(key: &Ident, values: &[Expr], diag: &mut Diag) {
    if values.is_empty() {
        diag.under(
            key,
            "`allowed_names` holds no name, so no client could come in; leave it out to let in all whom \
             `client_ca` has signed",
        );
    }
    let mut seen: Vec<String> = Vec::new();
    for value in values {
        match literal(value) {
            None => {}
            Some(Value::Text(text)) if text.value().is_empty() => {
                diag.under(text, "a name in `allowed_names` cannot be empty");
            }
            Some(Value::Text(text)) if seen.contains(&text.value()) => {
                let name = text.value();
                diag.under(
                    text,
                    format!("`{name}` stands in `allowed_names` twice; keep one of them"),
                );
            }
            Some(Value::Text(text)) => seen.push(text.value()),
            Some(other) => diag.under(
                other,
                "`allowed_names` takes names as text: `allowed_names: [\"client.example.com\"]`",
            ),
        }
    }
}

/// A prefix that nothing else stands below.
fn check_prefix(
    word: &str,
    path: &LitStr,
    taken: &mut Vec<(String, String)>,
    diag: &mut Diag,
) -> Option<Prefix> {
    let prefix = Prefix::read(path, diag)?;
    let text = prefix.text().to_owned();
    match taken.iter().find(|(other, _)| *other == text) {
        // The same key has reported it already.
        Some((_, key)) if key == word => {}
        Some((_, key)) => diag.under(
            path,
            format!(
                "`{text}` stands in `{key}` as well, and only one thing can be there; keep one"
            ),
        ),
        None => taken.push((text, word.to_owned())),
    }
    Some(prefix)
}

fn check_directory(word: &str, value: &Expr, diag: &mut Diag) {
    match literal(value) {
        None => {}
        Some(Value::Text(text)) if !text.value().is_empty() => {}
        Some(Value::Text(text)) => diag.under(
            text,
            "a directory cannot be empty: the one that the program runs in is `\".\"`",
        ),
        Some(other) => diag.under(
            other,
            format!("`{word}` takes directories as text: `{word}: {{ \"/assets\": \"public\" }}`"),
        ),
    }
}

/// Puts the plain text of a prefix in its place, as the other keys that take prefixes do.
fn plain(word: &str, value: &mut Expr, diag: &mut Diag) {
    let text = match literal(value) {
        None => return,
        Some(Value::Text(text)) => text,
        Some(other) => {
            let rule = format!("`{word}` takes paths as text: `{word}: [\"/assets\"]`");
            return diag.under(other, rule);
        }
    };
    if let Some(prefix) = Prefix::read(&text, diag) {
        let text = LitStr::new(prefix.text(), prefix.span());
        *value = syn::parse_quote!(#text);
    }
}

fn check_origins(key: &Ident, values: &[Expr], diag: &mut Diag) {
    if values.is_empty() {
        diag.under(key, "`cors` allows no origin; leave it out to allow none");
    }
    let mut seen: Vec<String> = Vec::new();
    for value in values {
        let text = match literal(value) {
            None => continue,
            Some(Value::Text(text)) => text.value(),
            Some(other) => {
                diag.under(
                    other,
                    "`cors` takes origins as text: `cors: [\"https://app.example.com\"]`",
                );
                continue;
            }
        };
        if seen.contains(&text) {
            diag.under(value, format!("`{text}` stands in `cors` twice; keep one of them"));
        } else if text == "*" {
            if values.len() > 1 {
                diag.under(value, "`*` allows every origin; leave it out, or the others");
            }
        } else if let Err(problem) = origin::check(&text) {
            diag.under(value, problem);
        }
        seen.push(text);
    }
}

/// `host:port`, the host an address or a name.
fn is_address(text: &str) -> bool {
    if text.parse::<SocketAddr>().is_ok() {
        return true;
    }
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    // What looks like a number was no address, so it is none.
    let number = host.chars().all(|c| c.is_ascii_digit() || c == '.');
    !number && host.chars().all(name) && port.parse::<u16>().is_ok()
}

impl CrateName {
    fn check(path: Path, diag: &mut Diag) -> Option<Self> {
        let inside = ["crate", "self", "super"];
        match path.segments.first() {
            Some(first) if inside.iter().any(|word| first.ident == word) => {
                diag.under(
                    path,
                    "`crates` names other crates that hold handlers; this one is always there",
                );
                None
            }
            _ if path.segments.iter().any(|segment| !segment.arguments.is_none()) => {
                diag.under(
                    path,
                    "`crates` takes the names of crates: `crates: [billing, shipping]`",
                );
                None
            }
            _ => Some(CrateName(Path { leading_colon: None, ..path })),
        }
    }

    fn text(&self) -> String {
        self.0.to_token_stream().to_string().replace(' ', "")
    }
}

// ---- expansion -----------------------------------------------------------------------------------

/// ```text
/// manager! {                            {
///     bind: "0.0.0.0:80",                   const _: () = { use ::billing as _; };
///     state: { "k": 1 },                    run(Program::new(module_path!())
///     provide: [pool().await?],                 .version(option_env!("CARGO_PKG_VERSION"))
///     mount: { "/old": old() },                 .bind("0.0.0.0:80")
///     crates: [billing],                        .state("k", 1)
/// }                                             .provide(move || async move { Ok(pool().await?) })
///                                               .mount("/old", move || async move { Ok(old()) })
///                                               .crates(&["billing"]))
///                                       }
/// ```
fn expand(program: &Program) -> TokenStream {
    let Program { krate, calls, crates } = program;
    let span = at(Span::call_site());
    let (import, private) = (krate.import(), private(span));
    let links = link(crates, span);
    let calls = calls.iter().map(expand_call);
    let names: Vec<String> = crates.iter().map(CrateName::text).collect();
    let crates = (!names.is_empty()).then(|| quote_spanned!(span=> .crates(&[#(#names),*])));
    quote_spanned! {span=>
        {
            #import
            #links
            #private::run(
                #private::Program::new(::core::module_path!())
                    .version(::core::option_env!("CARGO_PKG_VERSION"))
                    #(#calls)*
                    #crates
            )
        }
    }
}

/// A crate that nothing names is not linked, and its handlers with it.
fn link(crates: &[CrateName], span: Span) -> Option<TokenStream> {
    let uses = crates.iter().map(|CrateName(path)| {
        let span = at(path.span());
        quote_spanned!(span=> use ::#path as _;)
    });
    let uses: TokenStream = uses.collect();
    (!uses.is_empty()).then(|| {
        quote_spanned! {span=>
            #[allow(unused_extern_crates, unused_imports)]
            const _: () = { #uses };
        }
    })
}

fn expand_call(call: &Call) -> TokenStream {
    match call {
        Call::Setting(key, value) => {
            let span = at(value.span());
            let method = Ident::new(&key.to_string(), span);
            quote_spanned!(span=> .#method(#value))
        }
        Call::Named(key, name, value) => {
            let span = at(value.span());
            let method = Ident::new(&key.to_string(), span);
            quote_spanned!(span=> .#method(#name, #value))
        }
        Call::List(key, values) => {
            let span = at(key.span());
            let method = Ident::new(&key.to_string(), span);
            quote_spanned!(span=> .#method([#(#values),*]))
        }
        Call::Below(key, prefix, value) => {
            let span = at(value.span());
            let (method, prefix) = (Ident::new(&key.to_string(), span), below(prefix));
            quote_spanned!(span=> .#method(#prefix, #value))
        }
        Call::Made(key, value) => {
            let span = at(value.span());
            let (method, made) = (Ident::new(&key.to_string(), span), made(value));
            quote_spanned!(span=> .#method(#made))
        }
        Call::MadeBelow(key, prefix, value) => {
            let span = at(value.span());
            let (method, prefix) = (Ident::new(&key.to_string(), span), below(prefix));
            let made = made(value);
            quote_spanned!(span=> .#method(#prefix, #made))
        }
    }
}

/// An expression that is evaluated inside of the runtime, and may wait and fail there.
fn made(value: &Expr) -> TokenStream {
    let span = at(value.span());
    let private = private(span);
    quote_spanned! {span=>
        move || async move { ::core::result::Result::Ok::<_, #private::Error>(#value) }
    }
}

/// A prefix as text.
fn below(prefix: &Prefix) -> Literal {
    let mut text = Literal::string(prefix.text());
    text.set_span(at(prefix.span()));
    text
}
