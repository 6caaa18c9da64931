//! The options of `#[handler(..)]` as they were written: each at most once, its value of any kind.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Ident, Lit, LitInt, LitStr, Path, Token, bracketed, token};

use crate::diag::Diag;
use crate::suggest;

/// What stands in the parentheses.
#[derive(Default)]
pub(crate) struct Args {
    pub(crate) name: Option<Value>,
    pub(crate) replicas: Option<Value>,
    pub(crate) queue: Option<Value>,
    pub(crate) timeout: Option<Value>,
    pub(crate) on: Option<Value>,
    pub(crate) internal: Option<Ident>,
    pub(crate) public: Option<Ident>,
    pub(crate) blocking: Option<Ident>,
    pub(crate) detached: Option<Ident>,
    pub(crate) rebuild_on_cancel: Option<Ident>,
    pub(crate) body_limit: Option<Value>,
    pub(crate) krate: Option<Value>,
}

/// A value as it was written.
pub(crate) enum Value {
    Text(LitStr),
    Number(LitInt),
    List(token::Bracket, Vec<Value>),
    Path(Path),
    /// Whatever else stood there, for the error to point at.
    Other(TokenStream),
}

/// Every option with an example of its use; a flag is its own example.
const OPTIONS: [(&str, &str); 12] = [
    ("name", "name = \"add\""),
    ("replicas", "replicas = 5"),
    ("queue", "queue = 1024"),
    ("timeout", "timeout = \"30s\""),
    ("on", "on = \"topic\""),
    ("internal", "internal"),
    ("public", "public"),
    ("blocking", "blocking"),
    ("detached", "detached"),
    ("rebuild_on_cancel", "rebuild_on_cancel"),
    ("body_limit", "body_limit = \"2MiB\""),
    ("crate", "crate = path"),
];

/// Options to come. Somebody who writes one has read of it, and means no other.
const PLANNED: [&str; 21] = [
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "head",
    "options",
    "any",
    "host",
    "private",
    "with",
    "slash",
    "upload",
    "download",
    "metadata",
    "keys",
    "peers",
    "rate",
    "burst",
    "deprecated",
    "moved",
];

/// Reads the options. A mistake in one does not hide those in the others.
pub(crate) fn parse(tokens: TokenStream, diag: &mut Diag) -> Args {
    let mut args = Args::default();
    let options = |input: ParseStream<'_>| {
        let mut seen = Vec::new();
        while !input.is_empty() {
            parse_option(input, &mut args, &mut seen, diag);
            parse_comma(input, |input| input.peek(Ident::peek_any), diag);
        }
        Ok(())
    };
    if let Err(error) = options.parse2(tokens) {
        diag.push(error);
    }
    args
}

fn parse_option(input: ParseStream<'_>, args: &mut Args, seen: &mut Vec<Ident>, diag: &mut Diag) {
    let Some(key) = parse_key(input, seen, diag) else { return };
    let word = key.unraw().to_string();
    let Some((_, example)) = OPTIONS.iter().find(|(known, _)| *known == word) else {
        diag.under(&key, unknown(&word));
        // Of what nobody knows, nobody can say what is wrong with its value.
        drop(parse_value(input));
        return;
    };
    let value = parse_value(input);
    if seen.contains(&key) {
        return diag.under(&key, format!("`{word}` stands here twice; keep one of them"));
    }
    seen.push(key.clone());
    match (slot(args, &word), value) {
        (Slot::Flag(slot), Written::Nothing) => *slot = Some(key),
        (Slot::Value(slot), Written::Value(value)) => *slot = Some(value),
        (Slot::Value(_), Written::Nothing) => {
            diag.under(&key, format!("`{word}` needs a value: `{example}`"));
        }
        (Slot::Value(_), Written::Odd(value)) => {
            diag.under(value, format!("a value follows `=`: write `{example}`"));
        }
        (Slot::Flag(_), Written::Value(Value::Other(value)) | Written::Odd(value)) => {
            diag.under(value, flag_with_value(&word));
        }
        (Slot::Flag(_), Written::Value(value)) => diag.under(value, flag_with_value(&word)),
        (_, Written::Unreadable(error)) => diag.push(error),
    }
}

fn flag_with_value(word: &str) -> String {
    format!("`{word}` is a flag and takes no value; write `{word}` alone, or leave it out")
}

enum Slot<'a> {
    Flag(&'a mut Option<Ident>),
    Value(&'a mut Option<Value>),
}

fn slot<'a>(args: &'a mut Args, word: &str) -> Slot<'a> {
    let Args {
        name,
        replicas,
        queue,
        timeout,
        on,
        internal,
        public,
        blocking,
        detached,
        rebuild_on_cancel,
        body_limit,
        krate,
    } = args;
    match word {
        "name" => Slot::Value(name),
        "replicas" => Slot::Value(replicas),
        "queue" => Slot::Value(queue),
        "timeout" => Slot::Value(timeout),
        "on" => Slot::Value(on),
        "internal" => Slot::Flag(internal),
        "public" => Slot::Flag(public),
        "blocking" => Slot::Flag(blocking),
        "detached" => Slot::Flag(detached),
        "rebuild_on_cancel" => Slot::Flag(rebuild_on_cancel),
        "body_limit" => Slot::Value(body_limit),
        _ => Slot::Value(krate),
    }
}

fn unknown(word: &str) -> String {
    let words = || OPTIONS.iter().map(|(word, _)| *word);
    if PLANNED.contains(&word) {
        let known = suggest::list(words());
        return format!("`{word}` is not an option of this version; the options are {known}");
    }
    let near = suggest::did_you_mean(word, words());
    let separator = if near.is_empty() { ";" } else { "" };
    format!("unknown option `{word}`{near}{separator} the options are {}", suggest::list(words()))
}

/// The word of an option. Anything else is reported once and skipped up to the next comma.
fn parse_key(input: ParseStream<'_>, seen: &[Ident], diag: &mut Diag) -> Option<Ident> {
    if let Ok(key) = input.call(Ident::parse_any) {
        return Some(key);
    }
    if input.peek(Token![,]) {
        diag.under(next(input), "an option is missing before this `,`");
        return None;
    }
    let rest = skip_to_comma(input);
    match syn::parse2::<LitStr>(rest.clone()) {
        Ok(text) if seen.last().is_some_and(|last| last == "on") => {
            diag.under(text, "several topics are a list: write `on = [\"orders.*\", \"bills\"]`")
        }
        Ok(text) => diag.under(
            &text,
            format!("an option begins with its name: write `name = {}`", text.to_token_stream()),
        ),
        Err(_) => diag.under(rest, "an option begins with its name, as in `replicas = 5`"),
    }
    None
}

/// What follows the word of an option.
enum Written {
    Nothing,
    Value(Value),
    /// A value without `=` before it.
    Odd(TokenStream),
    Unreadable(syn::Error),
}

fn parse_value(input: ParseStream<'_>) -> Written {
    if ends(input) {
        return Written::Nothing;
    }
    if input.parse::<Token![=]>().is_err() {
        return Written::Odd(skip_to_comma(input));
    }
    if input.is_empty() || input.peek(Token![,]) {
        return Written::Nothing;
    }
    input.parse().map_or_else(Written::Unreadable, Written::Value)
}

impl Parse for Value {
    /// Takes everything up to the next comma, or up to a word that looks like the next option.
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ahead = input.fork();
        if let Some(value) = parse_simple(&ahead)
            && ends(&ahead)
        {
            // The fork has shown what it is; now it is taken.
            return parse_simple(input).map_or_else(|| Ok(value), Ok);
        }
        if input.peek(token::Bracket) {
            let content;
            let brackets = bracketed!(content in input);
            return parse_list(&content).map(|values| Value::List(brackets, values));
        }
        Ok(Value::Other(skip_to_comma(input)))
    }
}

fn parse_list(input: ParseStream<'_>) -> syn::Result<Vec<Value>> {
    let mut values = Vec::new();
    while !input.is_empty() {
        values.push(input.parse()?);
        if input.parse::<Option<Token![,]>>()?.is_none() && !input.is_empty() {
            let rest: TokenStream = input.parse()?;
            return Err(syn::Error::new_spanned(
                rest.into_iter().next(),
                "a `,` belongs here instead of this",
            ));
        }
    }
    Ok(values)
}

/// Whether a value may end here: what follows is no part of it.
fn ends(input: ParseStream<'_>) -> bool {
    input.is_empty()
        || input.peek(Token![,])
        || input.peek(Token![;])
        || input.peek(Ident::peek_any)
}

/// A literal or a path.
fn parse_simple(input: ParseStream<'_>) -> Option<Value> {
    // syn takes `-1` for one literal, which the compiler then underlines by half.
    if input.peek(Token![-]) {
        return None;
    }
    if let Ok(literal) = input.fork().parse::<Lit>() {
        let _: syn::Result<Lit> = input.parse();
        return Some(match literal {
            Lit::Str(text) => Value::Text(text),
            Lit::Int(number) => Value::Number(number),
            other => Value::Other(other.to_token_stream()),
        });
    }
    let path = input.fork().call(Path::parse_mod_style).ok()?;
    let _ = input.call(Path::parse_mod_style);
    Some(Value::Path(path))
}

/// The comma after an option. Without one, what comes next may still be an option.
pub(crate) fn parse_comma(
    input: ParseStream<'_>,
    is_next: impl Fn(ParseStream<'_>) -> bool,
    diag: &mut Diag,
) {
    if input.is_empty() || input.parse::<Token![,]>().is_ok() {
        return;
    }
    if let Ok(semicolon) = input.parse::<Token![;]>() {
        return diag.under(semicolon, "a `,` belongs here instead of this");
    }
    diag.under(next(input), "a `,` is missing before this");
    if !is_next(input) {
        skip_to_comma(input);
        let _: syn::Result<Token![,]> = input.parse();
    }
}

/// What stands next, for an error to point at; it is not taken.
pub(crate) fn next(input: ParseStream<'_>) -> Option<TokenTree> {
    input.fork().parse().ok()
}

/// Everything up to the next comma.
pub(crate) fn skip_to_comma(input: ParseStream<'_>) -> TokenStream {
    let mut skipped = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        match input.parse::<TokenTree>() {
            Ok(token) => skipped.extend([token]),
            Err(_) => break,
        }
    }
    skipped
}

impl ToTokens for Value {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Value::Text(text) => text.to_tokens(tokens),
            Value::Number(number) => number.to_tokens(tokens),
            Value::List(brackets, values) => brackets.surround(tokens, |inner| {
                for value in values {
                    value.to_tokens(inner);
                }
            }),
            Value::Path(path) => path.to_tokens(tokens),
            Value::Other(other) => other.to_tokens(tokens),
        }
    }
}
