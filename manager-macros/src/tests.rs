//! All macros against reviewed files: `tests/errors/*.txt` say what is reported and where,
//! `tests/expand/*.in.rs` become `tests/expand/*.out.rs`. `BLESS=1 cargo test` writes both anew.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;
use syn::{Attribute, Item, Stmt};

#[test]
fn errors() {
    for file in files("errors", ".txt") {
        let text = read(&file);
        let answered: Vec<String> = text.trim().split("\n\n").map(answer).collect();
        compare(&file, &(answered.join("\n\n") + "\n"));
    }
}

#[test]
fn expansions() {
    for file in files("expand", ".in.rs") {
        let out = file.to_string_lossy().replace(".in.rs", ".out.rs");
        compare(Path::new(&out), &expand_file(&read(&file)));
    }
}

/// Any prefix of an item's tokens may be what an editor sends while somebody types.
#[test]
fn half_typed_items_never_panic() {
    let items = [
        "#[handler(name = \"a\", on = [\"x.*\"])] pub async fn add(Json(x): Json<u8>) -> Result<u8> { let x = ; }",
        "#[handler(get = [\"/a\", \"/{b}\"], method(\"LOCK\", \"/x\"), with = [a::b], gone)] fn add(x: u8) {}",
        "#[middleware(path = \"/a\", order = -1)] pub async fn log(r: Request, n: Next, x: u8) -> R { }",
        "#[catcher(404, 405, path = \"/a\")] fn not_found(caught: Caught) -> impl IntoReply { }",
        "#[handler] impl Counter { const X: u8 = { 5 }; fn new() -> Self { } async fn run(&mut self, x: u8) {} }",
        "#[derive(HandlerError)] #[error(crate = a)] enum E { #[error(kind = Gone, \"{0}\")] A(#[from] X) }",
        "#[handler(upload)] async fn save(mut upload: Upload) -> Result<String> { }",
        "#[handler] impl Files { fn run_stream(&mut self, u: Upload) {} fn run_file(&self, f: String) -> File { } }",
        "#[message(crate = a::b)] #[derive(Debug)] pub struct Sum<T> where T: Clone { a: T }",
        "manager! { bind: \"x\", state: { \"a\": 1 }, provide: [pool().await?], crates: [a::b], crate: c }",
        "manager! { tls: { cert: \"c\", key: k(), client_ca: \"a\", allowed_names: [\"b\"], dev: true }, drain: 1 }",
        "manager! { cors: [\"https://a\"], static_files: { \"/a\": b }, layers: [c], mount: { \"/d\": e } }",
    ];
    for item in items {
        let tokens: Vec<TokenTree> = item.parse::<TokenStream>().unwrap().into_iter().collect();
        for end in 2..=tokens.len() {
            drop(call(tokens[..end].iter().cloned().collect()));
        }
    }
}

// ---- errors --------------------------------------------------------------------------------------

const MARK: &str = "  --> ";

/// One case: what was written, then a line for each mistake. Comments and input stay as they are.
fn answer(case: &str) -> String {
    // A message may have several lines, so everything from the first on is the answer.
    let input: Vec<&str> = case.lines().take_while(|line| !line.starts_with(MARK)).collect();
    let input = input.join("\n");
    if input.lines().all(|line| line.starts_with("//")) {
        return input;
    }
    let tokens = input.parse().unwrap_or_else(|error| panic!("{error} in\n{input}"));
    let mut answer = input;
    for (place, message) in mistakes(call(tokens)) {
        answer += &format!("\n{MARK}`{place}`: {message}");
    }
    answer
}

/// What stands in the `compile_error!`s, and under which text.
fn mistakes(tokens: TokenStream) -> Vec<(String, String)> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut found = Vec::new();
    for (number, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(ident) if ident == "compile_error" => {
                let Some(TokenTree::Group(message)) = tokens.get(number + 2) else { continue };
                let span = ident.span().join(message.span()).unwrap_or(ident.span());
                let message: syn::LitStr = syn::parse2(message.stream()).unwrap();
                found.push((span.source_text().unwrap_or_default(), message.value()));
            }
            TokenTree::Group(group) => found.extend(mistakes(group.stream())),
            _ => {}
        }
    }
    found
}

/// Calls the macro that begins these tokens: `#[handler(..)] item` or `manager! { .. }`.
fn call(tokens: TokenStream) -> TokenStream {
    let mut tokens = tokens.into_iter();
    let first = tokens.next().expect("a macro call");
    if first.to_string() == "manager" {
        return match tokens.nth(1) {
            Some(TokenTree::Group(input)) => crate::manager::manager(input.stream()),
            _ => TokenStream::new(),
        };
    }
    let all: TokenStream = [first].into_iter().chain(tokens.clone()).collect();
    let Some(TokenTree::Group(attribute)) = tokens.next() else { panic!("no attribute") };
    let mut attribute = attribute.stream().into_iter();
    let name = attribute.next().expect("the name of the attribute").to_string();
    let args = match attribute.next() {
        Some(TokenTree::Group(args)) => args.stream(),
        _ => TokenStream::new(),
    };
    match name.as_str() {
        "handler" => crate::handler::handler(args, tokens.collect()),
        "derive" if args.to_string().contains("HandlerError") => {
            let expanded = crate::handler_error::handler_error(tokens.collect());
            quote!(#all #expanded)
        }
        "message" => crate::message::message(args, tokens.collect()),
        "middleware" => crate::middleware::middleware(args, tokens.collect()),
        "catcher" => crate::catcher::catcher(args, tokens.collect()),
        "authenticator" => crate::authenticator::authenticator(args, tokens.collect()),
        other => panic!("no macro `{other}`"),
    }
}

// ---- expansions ----------------------------------------------------------------------------------

/// A file with every call of our macros expanded.
fn expand_file(text: &str) -> String {
    let file: syn::File = syn::parse_str(text).unwrap_or_else(|error| panic!("{error}"));
    let tokens: TokenStream = file.items.into_iter().map(expand_item).collect();
    let expanded = syn::parse2(tokens.clone()).unwrap_or_else(|error| panic!("{error}\n{tokens}"));
    prettyplease::unparse(&expanded)
}

fn expand_item(mut item: Item) -> TokenStream {
    let attrs = match &mut item {
        Item::Fn(function) => &mut function.attrs,
        Item::Impl(block) => &mut block.attrs,
        Item::Struct(item) => &mut item.attrs,
        Item::Enum(item) => &mut item.attrs,
        _ => return quote!(#item),
    };
    let names = ["handler", "message", "middleware", "catcher", "authenticator"];
    let ours = |attr: &Attribute| names.iter().any(|name| attr.path().is_ident(name));
    let derives = |attr: &Attribute| {
        attr.path().is_ident("derive") && quote!(#attr).to_string().contains("HandlerError")
    };
    if let Some(place) = attrs.iter().position(derives) {
        let attr = attrs.remove(place);
        return call(quote!(#attr #item));
    }
    if let Some(place) = attrs.iter().position(ours) {
        let attr = attrs.remove(place);
        return call(quote!(#attr #item));
    }
    if let Item::Fn(function) = &mut item
        && let [Stmt::Macro(statement)] = function.block.stmts.as_slice()
    {
        let input = Group::new(Delimiter::Brace, statement.mac.tokens.clone());
        *function.block = syn::parse2(call(quote!(manager! #input))).unwrap();
    }
    quote!(#item)
}

// ---- files ---------------------------------------------------------------------------------------

fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        files.filter(|file| file.to_string_lossy().ends_with(ending)).collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_default()
}

fn compare(file: &Path, found: &str) {
    if std::env::var_os("BLESS").is_some() {
        return fs::write(file, found).unwrap();
    }
    let reviewed = read(file);
    let differs = reviewed.lines().zip(found.lines()).find(|(reviewed, found)| reviewed != found);
    let length = (reviewed.lines().count(), found.lines().count());
    assert!(reviewed == found, "{} differs at {differs:?} (lines {length:?})", file.display());
}
