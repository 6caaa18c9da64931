//! `#[catcher]`: surface, model and expansion.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Attribute, Ident, LitInt, LitStr, Token, Visibility, token};

use crate::args::{self, Keyed, Options, Slot, Value};
use crate::diag::Diag;
use crate::expand::{
    Takes, at, awaited, bare_handle, list, parameters, private_block, slots, spec_of, values,
};
use crate::item::{self, CATCHER, Other};
use crate::krate::{Krate, private};
use crate::model::{Call, Output, Prefix, check_call, keep, refuse_method};
use crate::suggest;

pub(crate) fn catcher(args: TokenStream, tokens: TokenStream) -> TokenStream {
    let mut diag = Diag::new();
    let args: Args = args::parse(args, &mut diag);
    let function = item::parse_function(tokens.clone(), &CATCHER, &mut diag);
    let attrs = function.as_ref().map_or(&[][..], |function| &function.attrs);
    if let Some(other) = item::refuse_others(attrs, &CATCHER, &mut diag) {
        let mistakes = diag.finish();
        let tokens = match other {
            Other::Same => tokens,
            Other::Different => item::without_ours(tokens),
        };
        return quote!(#tokens #mistakes);
    }
    let (krate, spec) = check_args(args, &mut diag);
    let catcher = function.and_then(|function| check(function, &mut diag));
    let mistakes = diag.finish();
    // Only `Manager::with_catcher` names one: what is missing there says as much as a type that is none.
    let expansion = catcher.map(|catcher| expand(&krate, &spec, &catcher));
    quote!(#tokens #expansion #mistakes)
}

// ---- surface -------------------------------------------------------------------------------------

/// What stands in the parentheses.
#[derive(Default)]
struct Args {
    statuses: Vec<LitInt>,
    path: Option<Keyed>,
    krate: Option<Value>,
}

const STATUS: &str = "a status stands alone, as in `#[catcher(404, path = \"/api\")]`";

impl Options for Args {
    const KNOWN: &'static [(&'static str, &'static str)] =
        &[("path", "path = \"/api\""), ("crate", "crate = path")];

    const EXAMPLE: &'static str = "path = \"/api\"";

    const INSTEAD: &'static [(&'static str, &'static str)] = &[
        ("status", STATUS),
        ("statuses", STATUS),
        ("code", STATUS),
        ("prefix", "the beginning of paths is written `path = \"/api\"`"),
    ];

    fn slot(&mut self, word: &str) -> Slot<'_> {
        let Args { statuses: _, path, krate } = self;
        match word {
            "path" => Slot::Keyed(path),
            _ => Slot::Value(krate),
        }
    }

    fn of_text(_: &str) -> &'static str {
        "path"
    }

    /// `404`
    fn bare(&mut self, input: ParseStream<'_>, diag: &mut Diag) -> bool {
        if let Ok(text) = input.fork().parse::<LitStr>()
            && text.value().parse::<u16>().is_ok()
        {
            let _: syn::Result<LitStr> = input.parse();
            let number = text.value();
            diag.under(text, format!("a status is a number without quotes: write `{number}`"));
            return true;
        }
        let rule = "statuses are named one by one, as in `#[catcher(404, 410)]`";
        if let Ok(number) = input.fork().parse::<LitInt>()
            && !input.peek(Token![-])
        {
            let _: syn::Result<LitInt> = input.parse();
            if input.peek(Token![..]) || input.peek(Token![..=]) {
                diag.under(args::skip_to_comma(input), rule);
            } else if number.suffix() == "xx" {
                diag.under(number, rule);
                return true;
            }
            self.statuses.push(number);
            return true;
        }
        if input.peek(token::Bracket) {
            diag.under(args::skip_to_comma(input), rule);
            return true;
        }
        if is_no_option(input) {
            let rule = "a status is a number from 400 to 599, as in `#[catcher(404, 410)]`";
            let options = match input.peek(Ident::peek_any) {
                true => "; the options are `path` and `crate`",
                false => "",
            };
            diag.under(args::skip_to_comma(input), format!("{rule}{options}"));
            return true;
        }
        false
    }
}

/// Whether neither an option begins here nor what might be meant for one: `NOT_FOUND`, `-1`, `4.5`.
fn is_no_option(input: ParseStream<'_>) -> bool {
    let Ok(word) = input.fork().call(Ident::parse_any) else {
        return !input.peek(Token![,]) && !input.peek(LitStr);
    };
    let word = word.unraw().to_string();
    let words = || Args::KNOWN.iter().map(|(word, _)| *word);
    let is_known = suggest::nearest(&word, words()).is_some();
    let is_alone = input.peek2(Token![,]) || input.peek2(Token![::]) || {
        let ahead = input.fork();
        ahead.call(Ident::parse_any).is_ok() && ahead.is_empty()
    };
    is_alone && !is_known
}

// ---- model ---------------------------------------------------------------------------------------

/// What gives errors their body.
struct Catcher {
    cfgs: Vec<Attribute>,
    vis: Visibility,
    call: Call,
}

/// Which errors; no status stands for all.
struct Spec {
    statuses: Vec<Status>,
    path: Option<Prefix>,
}

/// From 400 to 599.
#[derive(PartialEq)]
struct Status(u16);

/// With mistakes in it, the options are what could be saved.
fn check_args(args: Args, diag: &mut Diag) -> (Krate, Spec) {
    let Args { statuses: written, path, krate } = args;
    let mut statuses: Vec<Status> = Vec::new();
    for number in written {
        match Status::check(&number, diag) {
            Some(status) if statuses.contains(&status) => {
                diag.under(&number, format!("`{number}` stands here twice; keep one of them"));
            }
            status => statuses.extend(status),
        }
    }
    let path = path.and_then(|Keyed { value, .. }| Prefix::check("path", &value, diag));
    let krate = krate.and_then(|value| Krate::check(&value, diag)).unwrap_or_else(Krate::default);
    (krate, Spec { statuses, path })
}

impl Status {
    fn check(number: &LitInt, diag: &mut Diag) -> Option<Self> {
        if !number.suffix().is_empty() {
            let suffix = number.suffix();
            diag.under(number, format!("a status is a number without `{suffix}`"));
            return None;
        }
        let status = number.base10_parse().ok().filter(|status| (400..=599).contains(status));
        if status.is_none() {
            diag.under(
                number,
                "a catcher gives errors their body, and the statuses of errors go from 400 to 599; \
                 without any it catches all",
            );
        }
        status.map(Status)
    }
}

fn check(function: item::Function, diag: &mut Diag) -> Option<Catcher> {
    let item::Function { attrs, vis, signature } = function;
    let before = diag.count();
    let way_out = "a catcher stands by itself; move it out of the impl block";
    refuse_method(&signature, way_out, diag);
    let call = check_call(signature, "a catcher", diag);
    let cfgs = keep(&attrs, &["cfg"]);
    (diag.count() == before).then_some(Catcher { cfgs, vis, call })
}

// ---- expansion -----------------------------------------------------------------------------------

/// ```text
/// #[catcher(404, path = "/api")]    async fn not_found(..) -> .. { .. }
/// async fn not_found(               #[doc(hidden)] struct not_found {}
///     caught: Caught,               const _: () = {
/// ) -> String { .. }                    impl BesideAt<0> for not_found { type Parameter = Caught; }
///                                       impl Catcher for not_found {
///                                           const SPEC: CatcherSpec = CatcherSpec::new(..)
///                                               .statuses(&[404]).path("/api");
///                                           type Parameters = (Slot<Self, 0>, ());
///                                           fn run(values: ..) -> impl Future<..> + Send {
///                                               let (p0, ()) = values;
///                                               async move { reply::<String>(not_found(p0).await) }
///                                           }
///                                       }
///                                       inventory::submit! { CatcherEntry::of::<..>() }
///                                   };
/// ```
fn expand(krate: &Krate, spec: &Spec, catcher: &Catcher) -> TokenStream {
    let Catcher { cfgs, vis, call } = catcher;
    let ident = &call.ident;
    let span = at(ident.span());
    let private = private(span);
    let target = ident.to_token_stream();
    let handle = bare_handle(cfgs, vis, ident);
    let at_each = parameters(&target, &call.parameters, 0, Takes::Parts);
    let slots = slots(&quote_spanned!(span=> Self), span, 0..call.parameters.len());
    let values = values(span, call.parameters.len());
    let pattern = list(span, &values);
    let called = awaited(call, quote_spanned!(span=> #ident(#(#values),*)));
    let reply = match &call.output {
        Output::Type(kind) => {
            let span = at(kind.span());
            let private = self::private(span);
            quote_spanned!(span=> #private::reply::<#kind>)
        }
        Output::Unit | Output::Opaque(_) => quote_spanned!(span=> #private::reply),
    };
    let spec = expand_spec(spec, ident);
    let content = quote_spanned! {span=>
        #at_each
        #[automatically_derived]
        impl #private::Catcher for #target {
            const SPEC: #private::CatcherSpec = #spec;
            type Parameters = #slots;
            fn run(
                __manager_values: <Self::Parameters as #private::Parameters>::Values,
            ) -> impl ::core::future::Future<
                Output = ::core::result::Result<#private::Reply, #private::Error>,
            > + ::core::marker::Send {
                let #pattern = __manager_values;
                async move { #reply(#called) }
            }
        }
        #private::inventory::submit! { #private::CatcherEntry::of::<#target>() }
    };
    let block = private_block(krate, cfgs, span, content);
    quote!(#handle #block)
}

fn expand_spec(spec: &Spec, ident: &Ident) -> TokenStream {
    let Spec { statuses, path } = spec;
    let span = at(ident.span());
    let mut tokens = spec_of(quote_spanned!(span=> CatcherSpec), ident);
    if !statuses.is_empty() {
        let statuses = statuses.iter().map(|Status(status)| Literal::u16_unsuffixed(*status));
        tokens.extend(quote_spanned!(span=> .statuses(&[#(#statuses),*])));
    }
    if let Some(path) = path {
        let (span, path) = (at(path.span()), path.text());
        tokens.extend(quote_spanned!(span=> .path(#path)));
    }
    tokens
}
