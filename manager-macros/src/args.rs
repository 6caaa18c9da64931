//! The options of an attribute as they were written: each at most once, its value of any kind.
//!
//! What options there are is the matter of each attribute: [`Options`].

mod handler;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Ident, Lit, LitInt, LitStr, Path, Token, bracketed, parenthesized, token};

pub(crate) use self::handler::{Args, Route};
use crate::diag::Diag;
use crate::suggest;

/// What may stand in the parentheses of an attribute.
pub(crate) trait Options: Default {
    /// Every option with an example of its use; a flag is its own example.
    const KNOWN: &'static [(&'static str, &'static str)];

    /// A use of one of them, for who writes something else.
    const EXAMPLE: &'static str;

    /// Words that others use for the same, and what is written here.
    const INSTEAD: &'static [(&'static str, &'static str)] = &[];

    /// Where an option goes that is known.
    fn slot(&mut self, word: &str) -> Slot<'_>;

    /// Which option a text was meant for that has no word before it.
    fn of_text(text: &str) -> &'static str;

    /// What to say of several values of this option that are not in brackets.
    fn list(_word: &str) -> Option<&'static str> {
        None
    }

    /// Takes a value without a word before it, if one may stand here.
    fn bare(&mut self, _input: ParseStream<'_>, _diag: &mut Diag) -> bool {
        false
    }
}

/// Where an option goes.
pub(crate) enum Slot<'a> {
    Flag(&'a mut Option<Ident>),
    Value(&'a mut Option<Value>),
    /// A value whose option is pointed at as well.
    Keyed(&'a mut Option<Keyed>),
    /// A value that adds to a list.
    Route(&'a mut Vec<Route>),
    /// Values in parentheses, any number of times.
    Call(&'a mut Vec<Route>),
}

/// `key = value`
pub(crate) struct Keyed {
    pub(crate) key: Ident,
    pub(crate) value: Value,
}

/// `key(value, value)`
pub(crate) struct Call {
    pub(crate) key: Ident,
    pub(crate) values: Vec<Value>,
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

/// Reads the options. A mistake in one does not hide those in the others.
pub(crate) fn parse<T: Options>(tokens: TokenStream, diag: &mut Diag) -> T {
    let mut args = T::default();
    let options = |input: ParseStream<'_>| {
        let mut seen = Vec::new();
        while !input.is_empty() {
            if !args.bare(input, diag) {
                parse_option(input, &mut args, &mut seen, diag);
            }
            parse_comma(input, |input| input.peek(Ident::peek_any), diag);
        }
        Ok(())
    };
    if let Err(error) = options.parse2(tokens) {
        diag.push(error);
    }
    args
}

fn parse_option<T: Options>(
    input: ParseStream<'_>,
    args: &mut T,
    seen: &mut Vec<Ident>,
    diag: &mut Diag,
) {
    let Some(key) = parse_key::<T>(input, seen, diag) else { return };
    let word = key.unraw().to_string();
    let Some((_, example)) = T::KNOWN.iter().find(|(known, _)| *known == word) else {
        diag.under(&key, unknown::<T>(&word, seen));
        // Of what nobody knows, nobody can say what is wrong with its value.
        drop(parse_value(input));
        return;
    };
    if let Slot::Call(calls) = args.slot(&word) {
        return parse_call(input, key, calls, example, diag);
    }
    let value = parse_value(input);
    if seen.contains(&key) {
        let way_out = T::list(&word).unwrap_or("keep one of them");
        return diag.under(&key, format!("`{word}` stands here twice; {way_out}"));
    }
    seen.push(key.clone());
    match (args.slot(&word), value) {
        (Slot::Flag(slot), Written::Nothing) => *slot = Some(key),
        (Slot::Value(slot), Written::Value(value)) => *slot = Some(value),
        (Slot::Keyed(slot), Written::Value(value)) => *slot = Some(Keyed { key, value }),
        (Slot::Route(routes), Written::Value(value)) => {
            routes.push(Route::Option(Keyed { key, value }));
        }
        (Slot::Flag(_), Written::Value(Value::Other(value)) | Written::Odd(value)) => {
            diag.under(value, flag_with_value(&word));
        }
        (Slot::Flag(_), Written::Value(value)) => diag.under(value, flag_with_value(&word)),
        (_, Written::Nothing) => {
            diag.under(&key, format!("`{word}` needs a value: `{example}`"));
        }
        (_, Written::Odd(value)) => {
            diag.under(value, format!("a value follows `=`: write `{example}`"));
        }
        (_, Written::Unreadable(error)) => diag.push(error),
        // Has returned before.
        (Slot::Call(_), Written::Value(_)) => {}
    }
}

fn flag_with_value(word: &str) -> String {
    format!("`{word}` is a flag and takes no value; write `{word}` alone, or leave it out")
}

/// `method("LOCK", "/x")`
fn parse_call(
    input: ParseStream<'_>,
    key: Ident,
    calls: &mut Vec<Route>,
    example: &str,
    diag: &mut Diag,
) {
    if !input.peek(token::Paren) {
        diag.under(&key, format!("`{key}` takes its values in parentheses: `{example}`"));
        drop(parse_value(input));
        return;
    }
    let values = || {
        let content;
        parenthesized!(content in input);
        parse_list(&content)
    };
    match values() {
        Ok(values) => calls.push(Route::Call(Call { key, values })),
        Err(error) => diag.push(error),
    }
    let odd = if ends(input) { TokenStream::new() } else { skip_to_comma(input) };
    if !odd.is_empty() {
        diag.under(odd, format!("nothing follows the parentheses: write `{example}`"));
    }
}

fn unknown<T: Options>(word: &str, seen: &[Ident]) -> String {
    let words = || T::KNOWN.iter().map(|(word, _)| *word);
    let known = suggest::list(words());
    if let Some((_, instead)) = T::INSTEAD.iter().find(|(other, _)| *other == word) {
        return format!("unknown option `{word}`: {instead}; the options are {known}");
    }
    let near = suggest::did_you_mean(word, words());
    if near.is_empty()
        && let Some(list) = seen.last().and_then(|last| T::list(&last.unraw().to_string()))
    {
        return format!("unknown option `{word}`; {list}; the options are {known}");
    }
    let separator = if near.is_empty() { ";" } else { "" };
    format!("unknown option `{word}`{near}{separator} the options are {known}")
}

/// The word of an option. Anything else is reported once and skipped up to the next comma.
fn parse_key<T: Options>(input: ParseStream<'_>, seen: &[Ident], diag: &mut Diag) -> Option<Ident> {
    if let Ok(key) = input.call(Ident::parse_any) {
        return Some(key);
    }
    if input.peek(Token![,]) {
        diag.under(next(input), "an option is missing before this `,`");
        return None;
    }
    let rest = skip_to_comma(input);
    let list = seen.last().and_then(|last| T::list(&last.unraw().to_string()));
    match (syn::parse2::<LitStr>(rest.clone()), list) {
        (Ok(text), Some(list)) => diag.under(text, list),
        (Ok(text), None) => {
            let (word, text_tokens) = (T::of_text(&text.value()), text.to_token_stream());
            let rule = "an option begins with its name";
            diag.under(text, format!("{rule}: write `{word} = {text_tokens}`"));
        }
        (Err(_), _) => {
            let example = T::EXAMPLE;
            diag.under(rest, format!("an option begins with its name, as in `{example}`"));
        }
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
        // Two literals side by side are two values, and no value of a kind that nobody knows.
        let ahead = input.fork();
        let value = match parse_simple(&ahead) {
            Some(value) if ahead.peek(Lit) => parse_simple(input).unwrap_or(value),
            _ => input.parse()?,
        };
        values.push(value);
        if input.parse::<Option<Token![,]>>()?.is_none() && !input.is_empty() {
            let what = match input.peek(Lit) || input.peek(Ident::peek_any) {
                true => "a `,` is missing before this",
                false => "a `,` belongs here instead of this",
            };
            let rest: TokenStream = input.parse()?;
            return Err(syn::Error::new_spanned(rest.into_iter().next(), what));
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
