//! What an attribute stands on, as it was written: a function or an impl block.
//!
//! Bodies are not looked into, so that a half-typed one still goes through; of an impl block only
//! the signatures that a handler is made of are read.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{
    Attribute, Generics, Ident, Path, Signature, Token, Type, Visibility, WhereClause, braced,
    token,
};

use crate::diag::Diag;

/// An attribute, and what it may stand on.
pub(crate) struct Place {
    /// `#[handler]`
    pub(crate) attribute: &'static str,
    items: &'static str,
    blocks: bool,
}

pub(crate) const HANDLER: Place = Place {
    attribute: "#[handler]",
    items: "an `async fn`, a `fn` or an `impl` block",
    blocks: true,
};
pub(crate) const MIDDLEWARE: Place =
    Place { attribute: "#[middleware]", items: "an `async fn` or a `fn`", blocks: false };
pub(crate) const CATCHER: Place =
    Place { attribute: "#[catcher]", items: "an `async fn` or a `fn`", blocks: false };
pub(crate) const AUTHENTICATOR: Place =
    Place { attribute: "#[authenticator]", items: "an `async fn` or a `fn`", blocks: false };

/// A function or an impl block.
pub(crate) enum Item {
    Function(Function),
    Block(Block),
}

/// `pub async fn add(..) -> .. { .. }`
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) signature: Signature,
}

/// `impl Counter { .. }`
pub(crate) struct Block {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) unsafety: Option<Token![unsafe]>,
    pub(crate) generics: Generics,
    /// The trait, if it is a trait impl.
    pub(crate) of: Option<Path>,
    pub(crate) target: Type,
    /// The methods by the names that a handler knows.
    pub(crate) methods: Vec<Method>,
    /// The names of all others.
    pub(crate) helpers: Vec<Ident>,
}

impl Item {
    pub(crate) fn attrs(&self) -> &[Attribute] {
        match self {
            Item::Function(Function { attrs, .. }) | Item::Block(Block { attrs, .. }) => attrs,
        }
    }
}

impl Function {
    /// Whether it stands in an impl block or in a trait, as far as its signature shows it.
    pub(crate) fn is_method(&self) -> bool {
        self.signature.receiver().is_some()
            || find(self.signature.to_token_stream(), "Self").is_some()
    }
}

/// A method that a handler is made of.
pub(crate) struct Method {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) signature: Signature,
}

/// The methods of an impl block that are not helpers.
const KNOWN: [&str; 5] = ["new", "run", "run_stream", "run_file", "run_metadata"];

/// Reads the item; `None` if it is something else or cannot be read, which is reported.
pub(crate) fn parse(tokens: TokenStream, place: &Place, diag: &mut Diag) -> Option<Item> {
    let mut item = None;
    let parser = |input: ParseStream<'_>| {
        item = parse_item(input, place, diag)?;
        // What is left is a body.
        input.parse::<TokenStream>().map(drop)
    };
    match parser.parse2(tokens) {
        Ok(()) => item,
        Err(error) if is_reported(&error) => None,
        Err(error) => {
            diag.at(error.span(), format!("`{}` cannot read this: {error}", place.attribute));
            None
        }
    }
}

/// Reads a function where nothing else may stand.
pub(crate) fn parse_function(
    tokens: TokenStream,
    place: &Place,
    diag: &mut Diag,
) -> Option<Function> {
    match parse(tokens, place, diag)? {
        Item::Function(function) => Some(function),
        // No place takes one that does not ask for it.
        Item::Block(_) => None,
    }
}

/// Another of our attributes below this one, which would make something of the item as well.
pub(crate) enum Other {
    /// The same: it does all that there is to do.
    Same,
    /// One that makes something else of the item, and might find it wrong for that.
    Different,
}

pub(crate) fn refuse_others(attrs: &[Attribute], place: &Place, diag: &mut Diag) -> Option<Other> {
    let other = attrs.iter().find_map(|attr| Some((attr, of_ours(attr)?)));
    let (attr, text) = other?;
    let this = place.attribute;
    if text == this {
        diag.under(attr, format!("`{this}` stands here twice; keep one of them"));
        return Some(Other::Same);
    }
    diag.under(attr, format!("an item is one thing, and `{this}` stands here too; keep one"));
    Some(Other::Different)
}

/// `#[handler]`, if the attribute is one of ours.
fn of_ours(attr: &Attribute) -> Option<&'static str> {
    let places = [&HANDLER, &MIDDLEWARE, &CATCHER, &AUTHENTICATOR];
    let ours = places.map(|place| place.attribute);
    let text = format!("#[{}]", attr.path().get_ident()?);
    ours.into_iter().find(|ours| *ours == text)
}

/// The item without any attribute of ours.
pub(crate) fn without_ours(tokens: TokenStream) -> TokenStream {
    let parser = |input: ParseStream<'_>| {
        let mut attrs = input.call(Attribute::parse_outer)?;
        attrs.retain(|attr| of_ours(attr).is_none());
        let rest: TokenStream = input.parse()?;
        Ok(quote!(#(#attrs)* #rest))
    };
    parser.parse2(tokens.clone()).unwrap_or(tokens)
}

/// Whether the compiler, which has read the item before, has said so already. There is no Rust in
/// which something may be missing before the end of a group, or the type of a parameter.
fn is_reported(error: &syn::Error) -> bool {
    let error = error.to_string();
    error.starts_with("unexpected end of input") || error == "expected `:`"
}

/// What can be said of a function that cannot be read: its attributes, its visibility, its name.
pub(crate) fn outline(tokens: &TokenStream) -> Option<(Vec<Attribute>, Visibility, Ident)> {
    let parser = |input: ParseStream<'_>| {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis: Visibility = input.parse()?;
        let name = is_fn(input).then(|| name_of_fn(input)).flatten();
        input.parse::<TokenStream>()?;
        Ok(name.map(|name| (attrs, vis, name)))
    };
    let method = find(tokens.clone(), "self").or_else(|| find(tokens.clone(), "Self"));
    method.map_or_else(|| parser.parse2(tokens.clone()).ok().flatten(), |_| None)
}

fn parse_item(input: ParseStream<'_>, place: &Place, diag: &mut Diag) -> syn::Result<Option<Item>> {
    let attrs = input.call(Attribute::parse_outer)?;
    let vis: Visibility = input.parse()?;
    if is_fn(input) {
        let signature = input.parse()?;
        return Ok(Some(Item::Function(Function { attrs, vis, signature })));
    }
    let ahead = input.fork();
    let _: Option<Token![unsafe]> = ahead.parse()?;
    if place.blocks && ahead.peek(Token![impl]) {
        return parse_block(input, attrs).map(|block| Some(Item::Block(block)));
    }
    refuse(input, place, diag);
    Ok(None)
}

fn refuse(input: ParseStream<'_>, place: &Place, diag: &mut Diag) {
    let span = input.span();
    let word = || input.call(Ident::parse_any).map_or(String::new(), |word| word.to_string());
    let kind = match word().as_str() {
        "unsafe" => kind(&word(), place),
        _ if input.peek(Token![!]) || input.peek(Token![::]) => "a macro".to_owned(),
        first => kind(first, place),
    };
    let Place { attribute, items, .. } = place;
    diag.at(span, format!("`{attribute}` stands on {items}, not on {kind}"));
    // The rest is nobody's mistake.
    let _: syn::Result<TokenStream> = input.parse();
}

/// What the word begins that an item begins with.
fn kind(word: &str, place: &Place) -> String {
    let way_out = if place.blocks { ": put it on an `impl` block of it" } else { "" };
    match word {
        "struct" | "union" => format!("a `{word}`{way_out}"),
        "enum" => format!("an `enum`{way_out}"),
        "impl" => "an `impl` block".to_owned(),
        "trait" | "static" | "const" => format!("a `{word}`"),
        "auto" => "a `trait`".to_owned(),
        "extern" => "an `extern`".to_owned(),
        "mod" => "a module".to_owned(),
        "type" => "a type alias".to_owned(),
        "use" => "an import".to_owned(),
        _ => "this".to_owned(),
    }
}

/// Whether a function follows, whatever stands before `fn`.
fn is_fn(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    loop {
        if ahead.peek(Token![fn]) {
            return true;
        }
        let modifier = ahead.peek(Token![const])
            || ahead.peek(Token![async])
            || ahead.peek(Token![unsafe])
            || ahead.peek(Token![extern])
            || ahead.peek(syn::LitStr);
        if !modifier || ahead.parse::<TokenTree>().is_err() {
            return false;
        }
    }
}

fn parse_block(input: ParseStream<'_>, attrs: Vec<Attribute>) -> syn::Result<Block> {
    let unsafety = input.parse()?;
    input.parse::<Token![impl]>()?;
    let generic = input.peek(Token![<])
        && (input.peek2(Token![>])
            || input.peek2(Token![#])
            || input.peek2(Token![const])
            || input.peek2(syn::Lifetime)
            || input.peek2(Ident) && !input.peek3(Token![::]) && !input.peek3(Token![as]));
    let mut generics: Generics = if generic { input.parse()? } else { Generics::default() };
    let _: Option<Token![const]> = input.parse()?;
    let _: Option<Token![!]> = input.parse()?;
    let first: Type = input.parse()?;
    let (of, target) = match input.parse::<Option<Token![for]>>()? {
        Some(_) => (Some(path_of(first)?), input.parse()?),
        None => (None, first),
    };
    generics.where_clause = input.parse::<Option<WhereClause>>()?;
    let content;
    braced!(content in input);
    content.call(Attribute::parse_inner)?;
    let (mut methods, mut helpers) = (Vec::new(), Vec::new());
    while !content.is_empty() {
        parse_member(&content, &mut methods, &mut helpers)?;
    }
    Ok(Block { attrs, unsafety, generics, of, target, methods, helpers })
}

fn path_of(of: Type) -> syn::Result<Path> {
    match of {
        Type::Path(of) => Ok(of.path),
        other => Err(syn::Error::new_spanned(other, "a trait stands here")),
    }
}

/// One member of an impl block: read if a handler knows it, skipped otherwise.
fn parse_member(
    input: ParseStream<'_>,
    methods: &mut Vec<Method>,
    helpers: &mut Vec<Ident>,
) -> syn::Result<()> {
    let attrs = input.call(Attribute::parse_outer)?;
    let _: Visibility = input.parse()?;
    let function = is_fn(input);
    if function {
        match name_of_fn(input) {
            Some(name) if KNOWN.iter().any(|known| name.unraw() == known) => {
                methods.push(Method { attrs, signature: input.parse()? });
            }
            name => helpers.extend(name),
        }
    }
    skip_member(input, function)
}

/// The word after `fn`.
fn name_of_fn(input: ParseStream<'_>) -> Option<Ident> {
    let ahead = input.fork();
    while !ahead.peek(Token![fn]) {
        ahead.parse::<TokenTree>().ok()?;
    }
    ahead.parse::<Token![fn]>().ok()?;
    ahead.call(Ident::parse_any).ok()
}

/// Skips to the end of a member: its `;`, or its body.
fn skip_member(input: ParseStream<'_>, function: bool) -> syn::Result<()> {
    // `const X: T = { .. };` has braces that are not its end; a function may have a `=` in a bound.
    let mut value = false;
    while !input.is_empty() {
        if input.peek(Token![;]) {
            return input.parse::<Token![;]>().map(drop);
        }
        value |= !function && input.peek(Token![=]);
        let body = input.peek(token::Brace) && !value;
        input.parse::<TokenTree>()?;
        if body {
            return Ok(());
        }
    }
    Ok(())
}

/// Where the word stands in the tokens, if it does.
pub(crate) fn find(tokens: TokenStream, word: &str) -> Option<Span> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(ident) if ident == word => Some(ident.span()),
        TokenTree::Group(group) => find(group.stream(), word),
        _ => None,
    })
}
