//! `#[error(kind = NotFound, "no order {id}")]` and `#[kind(NotFound)]`.
//!
//! `thiserror` reads `#[error("..")]` as well. Such an attribute is left alone where `#[kind(..)]`
//! stands beside it.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Attribute, Ident, LitStr, Meta, Path, Token};

use crate::args::{Value, next, parse_comma, skip_to_comma};
use crate::diag::Diag;
use crate::krate::Krate;
use crate::suggest;

/// What a type or a variant says about itself; each at most once.
#[derive(Default)]
pub(super) struct Attrs {
    kind: Option<KindAttr>,
    text: Option<LitStr>,
    /// Whether values follow the text, which is reported: what they are for, it does not name.
    has_values: bool,
    krate: Option<(Ident, Value)>,
    /// An `#[error("..")]` in the style of `thiserror`.
    other: Option<Attribute>,
    /// Whether `#[kind(..)]` was written.
    has_kind_attr: bool,
    /// Whether something here was reported, so that what is missing may be just that.
    is_wrong: bool,
}

/// A kind where it was written; `None` if it was wrong, which is reported.
pub(super) struct KindAttr {
    kind: Option<Kind>,
    span: Span,
}

/// A variant of the runtime's `Kind`.
#[derive(Clone)]
pub(super) struct Kind {
    name: &'static str,
    span: Span,
}

/// The variants of the runtime's `Kind`.
const KINDS: [&str; 22] = [
    "BadRequest",
    "Unauthorized",
    "Forbidden",
    "NotFound",
    "MethodNotAllowed",
    "Conflict",
    "Gone",
    "PreconditionFailed",
    "TooLarge",
    "UnsupportedMediaType",
    "RangeNotSatisfiable",
    "Unprocessable",
    "TooManyRequests",
    "Internal",
    "Panicked",
    "NotImplemented",
    "Overloaded",
    "ShuttingDown",
    "Unavailable",
    "Timeout",
    "InsufficientStorage",
    "Cycle",
];

const EXAMPLE: &str = "`#[error(kind = NotFound, \"no order {id}\")]`";

impl Attrs {
    pub(super) fn read(attrs: &[Attribute], diag: &mut Diag) -> Self {
        let mut read = Attrs::default();
        let before = diag.count();
        for attr in attrs {
            if attr.path().is_ident("kind") {
                read.has_kind_attr = true;
                read.read_kind(attr, diag);
            } else if attr.path().is_ident("error") {
                match &attr.meta {
                    Meta::List(list) if is_other(&list.tokens) => read.other = Some(attr.clone()),
                    Meta::List(list) => read.read_error(list.tokens.clone(), attr, diag),
                    _ => diag.under(attr, format!("`#[error]` takes a kind and a text: {EXAMPLE}")),
                }
            }
        }
        read.is_wrong = diag.count() > before;
        read
    }

    /// `kind = NotFound, "no order {id}", crate = path`
    fn read_error(&mut self, tokens: TokenStream, attr: &Attribute, diag: &mut Diag) {
        if tokens.is_empty() {
            return diag.under(attr, format!("`#[error]` takes a kind and a text: {EXAMPLE}"));
        }
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                self.read_part(input, diag)?;
                parse_comma(input, |input| input.peek(Ident::peek_any), diag);
            }
            Ok(())
        };
        if let Err(error) = parser.parse2(tokens) {
            diag.push(error);
        }
    }

    fn read_part(&mut self, input: ParseStream<'_>, diag: &mut Diag) -> syn::Result<()> {
        if let Ok(text) = input.parse::<LitStr>() {
            match self.text {
                None => self.text = Some(text),
                Some(_) => diag.under(text, "an error has one text; keep one of them"),
            }
            return Ok(());
        }
        let word = input.fork().call(Ident::parse_any).map(|key| key.unraw().to_string());
        let is_ours = word.is_ok_and(|word| {
            KINDS.contains(&word.as_str()) || suggest::nearest(&word, ["kind", "crate"]).is_some()
        });
        if self.text.is_some() && !is_ours {
            // Several of them are one mistake.
            let values: TokenStream = input.parse()?;
            let rule = "no values follow a text: it names the fields, as in `\"no order {id}\"`";
            diag.under(values, rule);
            self.has_values = true;
            return Ok(());
        }
        let Ok(key) = input.call(Ident::parse_any) else {
            diag.under(skip_to_comma(input), format!("a kind and a text stand here: {EXAMPLE}"));
            return Ok(());
        };
        let word = key.unraw().to_string();
        if !matches!(word.as_str(), "kind" | "crate") {
            skip_to_comma(input);
            diag.under(&key, unknown(&word));
            return Ok(());
        }
        if input.parse::<Token![=]>().is_err() || input.is_empty() || input.peek(Token![,]) {
            skip_to_comma(input);
            let example = if word == "kind" { "NotFound" } else { "path" };
            diag.under(&key, format!("`{word}` needs a value: `{word} = {example}`"));
            // Something was said of it, so that it is not missing as well.
            if word == "kind" {
                self.kind.get_or_insert(KindAttr { kind: None, span: key.span() });
            }
            return Ok(());
        }
        let value: Value = input.parse()?;
        if word == "kind" {
            self.set_kind(&value, "kind = NotFound", diag);
        } else {
            self.set_crate(key, value, diag);
        }
        Ok(())
    }

    /// `#[kind(NotFound)]`, `#[kind(NotFound, crate = path)]`
    fn read_kind(&mut self, attr: &Attribute, diag: &mut Diag) {
        let tokens = match &attr.meta {
            Meta::List(list) if !list.tokens.is_empty() => list.tokens.clone(),
            _ => {
                self.kind.get_or_insert(KindAttr { kind: None, span: attr.span() });
                return diag.under(attr, "`#[kind]` takes a kind: `#[kind(NotFound)]`");
            }
        };
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                let is_crate = input.peek(Token![crate]) && input.peek2(Token![=]);
                if is_crate {
                    let key = input.call(Ident::parse_any)?;
                    input.parse::<Token![=]>()?;
                    self.set_crate(key, input.parse()?, diag);
                } else if input.peek(Token![,]) {
                    diag.under(next(input), "a kind is missing before this `,`");
                } else {
                    self.set_kind(&input.parse()?, "#[kind(NotFound)]", diag);
                }
                parse_comma(input, |_| false, diag);
            }
            Ok(())
        };
        if let Err(error) = parser.parse2(tokens) {
            diag.push(error);
        }
    }

    fn set_kind(&mut self, value: &Value, example: &str, diag: &mut Diag) {
        if self.kind.is_some() {
            return diag.under(value, "an error has one kind, and this is the second; keep one");
        }
        self.kind = Some(KindAttr { kind: Kind::check(value, example, diag), span: value.span() });
    }

    fn set_crate(&mut self, key: Ident, value: Value, diag: &mut Diag) {
        match self.krate {
            None => self.krate = Some((key, value)),
            Some(_) => diag.under(key, "`crate` stands here twice; keep one of them"),
        }
    }

    /// The text, if it is ours.
    pub(super) fn text(&self) -> Option<&LitStr> {
        self.text.as_ref()
    }

    pub(super) fn has_values(&self) -> bool {
        self.has_values
    }

    pub(super) fn has_kind(&self) -> bool {
        self.kind.is_some()
    }

    /// Whether another derive may read the attributes here.
    pub(super) fn is_shared(&self) -> bool {
        self.has_kind_attr || self.other.is_some()
    }

    /// The kind of what is called `name`. A wrong one is no reason for errors elsewhere.
    pub(super) fn kind(&self, name: &Ident, diag: &mut Diag) -> Kind {
        let fallback = |span| Kind { name: "Internal", span };
        match &self.kind {
            Some(KindAttr { kind, span }) => kind.clone().unwrap_or_else(|| fallback(*span)),
            None if self.is_wrong => fallback(name.span()),
            None => {
                let way_out = match &self.other {
                    None => format!("write {EXAMPLE}"),
                    Some(_) => "write it before the text, as in `kind = NotFound, \"..\"`, or as \
                                `#[kind(NotFound)]` beside the attribute of `thiserror`"
                        .to_owned(),
                };
                let kinds = suggest::list(KINDS);
                diag.under(
                    name,
                    format!("`{name}` needs a kind: {way_out}; the kinds are {kinds}"),
                );
                fallback(name.span())
            }
        }
    }

    pub(super) fn krate(&self, diag: &mut Diag) -> Krate {
        let krate = self.krate.as_ref().and_then(|(_, value)| Krate::check(value, diag));
        krate.unwrap_or_else(Krate::default)
    }

    pub(super) fn refuse_crate(&self, diag: &mut Diag) {
        if let Some((key, _)) = &self.krate {
            diag.under(key, "`crate` stands on the type: `#[error(crate = path)]` above `enum`");
        }
    }

    /// What an enum cannot say of all its variants.
    pub(super) fn refuse_all_but_crate(&self, diag: &mut Diag) {
        if let Some(KindAttr { span, .. }) = &self.kind {
            diag.at(*span, "a kind stands on each variant of an enum; move it there");
        }
        if let Some(text) = &self.text {
            diag.under(text, "a text stands on each variant of an enum; move it there");
        }
    }

    /// There is no text beside the kind. In a type whose texts stand here that is a mistake, and so
    /// is a text in another attribute that only `thiserror` would read.
    pub(super) fn refuse_without_text(&self, name: &Ident, is_whole: bool, diag: &mut Diag) {
        let example = "`#[error(kind = NotFound, \"..\")]`";
        if self.kind.is_none() {
            // Which is enough to say of it.
            return;
        }
        match &self.other {
            Some(other) if is_whole || !self.has_kind_attr => diag.under(
                other,
                format!("a text stands in the same attribute as its kind: {example}"),
            ),
            None if is_whole => diag.under(
                name,
                format!(
                    "`{name}` needs a text, {example}: texts stand on all variants, or on none if \
                     `Display` is implemented elsewhere"
                ),
            ),
            _ => {}
        }
    }
}

/// Whether an `#[error(..)]` is one of `thiserror`: it begins with a text, or with a word of its own,
/// and says nothing of ours.
fn is_other(tokens: &TokenStream) -> bool {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let word = |token: &TokenTree, words: &[&str]| match token {
        TokenTree::Ident(ident) => words.iter().any(|word| ident == word),
        _ => false,
    };
    let is_equals = |token: Option<&TokenTree>| match token {
        Some(TokenTree::Punct(punct)) => punct.as_char() == '=',
        _ => false,
    };
    let ours = tokens
        .iter()
        .enumerate()
        .any(|(place, token)| word(token, &["kind", "crate"]) && is_equals(tokens.get(place + 1)));
    let theirs = tokens.first().is_some_and(|first| {
        matches!(first, TokenTree::Literal(_)) || word(first, &["transparent", "fmt"])
    });
    theirs && !ours
}

fn unknown(word: &str) -> String {
    let rule = "`#[error]` takes `kind`, a text and `crate`";
    let near = suggest::did_you_mean(word, ["kind", "crate"]);
    if near.is_empty() && KINDS.contains(&word) {
        return format!("a kind stands after its word: `kind = {word}`");
    }
    let separator = if near.is_empty() { ";" } else { "" };
    format!("unknown option `{word}`{near}{separator} {rule}: {EXAMPLE}")
}

impl Kind {
    /// `NotFound`, or `Kind::NotFound` by whatever path.
    fn check(value: &Value, example: &str, diag: &mut Diag) -> Option<Self> {
        let kinds = suggest::list(KINDS);
        let known = |name: &str| KINDS.into_iter().find(|kind| *kind == name);
        match value {
            Value::Path(path) => {
                let name = last_of_kind(path)?.unraw().to_string();
                if let Some(name) = known(&name) {
                    return Some(Kind { name, span: path.span() });
                }
                let near = suggest::did_you_mean(&name, KINDS);
                let separator = if near.is_empty() { ";" } else { "" };
                diag.under(
                    path,
                    format!("unknown kind `{name}`{near}{separator} the kinds are {kinds}"),
                );
            }
            Value::Text(text) if known(&text.value()).is_some() => {
                let name = text.value();
                diag.under(text, format!("a kind stands without quotes: write `{name}`"));
            }
            other => {
                diag.under(
                    other,
                    format!("a kind is one word: `{example}`; the kinds are {kinds}"),
                );
            }
        }
        None
    }

    pub(super) fn ident(&self, span: Span) -> Ident {
        Ident::new(self.name, span)
    }

    pub(super) fn span(&self) -> Span {
        self.span
    }
}

/// The last word of a path that may lead to a kind.
fn last_of_kind(path: &Path) -> Option<&Ident> {
    path.segments.last().map(|segment| &segment.ident)
}
