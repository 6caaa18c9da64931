//! `#[message]`: surface, model and expansion.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DeriveInput, Ident, Path, Token, WhereClause, parse_quote_spanned};

use crate::args::{self, Value};
use crate::diag::Diag;
use crate::expand::at;
use crate::krate::{Krate, private};
use crate::suggest;

pub(crate) fn message(args: TokenStream, tokens: TokenStream) -> TokenStream {
    let mut diag = Diag::new();
    let krate = parse_args(args, &mut diag);
    let message = parse_item(&tokens, &mut diag);
    let mistakes = diag.finish();
    let (Some(krate), Some(message)) = (krate, message) else { return quote!(#tokens #mistakes) };
    let item = &message.item;
    let derives = derives(&krate, &message);
    let impls = message.sound.then(|| impls(&krate, &message));
    quote!(#derives #item #impls #mistakes)
}

/// A struct or an enum that can be a message.
struct Message {
    item: DeriveInput,
    /// Whether it can be one after all; the derives alone keep its `#[serde(..)]` known.
    sound: bool,
    /// What the item does not derive by itself.
    derives: Vec<&'static str>,
}

const DERIVES: [&str; 2] = ["Serialize", "Deserialize"];

// ---- surface and model ---------------------------------------------------------------------------

/// The one option that there is, `crate = path`; `None` if its value is wrong.
fn parse_args(tokens: TokenStream, diag: &mut Diag) -> Option<Krate> {
    let mut krate = Some(Krate::default());
    let options = |input: ParseStream<'_>| {
        let mut seen = false;
        while !input.is_empty() {
            if input.peek(Token![crate]) {
                parse_crate(input, &mut seen, &mut krate, diag)?;
            } else {
                refuse_arg(input, diag);
            }
            args::parse_comma(input, |input| input.peek(Token![crate]), diag);
        }
        Ok(())
    };
    if let Err(error) = options.parse2(tokens) {
        diag.push(error);
    }
    krate
}

fn parse_crate(
    input: ParseStream<'_>,
    seen: &mut bool,
    krate: &mut Option<Krate>,
    diag: &mut Diag,
) -> syn::Result<()> {
    let key: Token![crate] = input.parse()?;
    if input.parse::<Token![=]>().is_err() || input.is_empty() || input.peek(Token![,]) {
        args::skip_to_comma(input);
        diag.under(key, "`crate` needs a value: `crate = path`");
        return Ok(());
    }
    let value: Value = input.parse()?;
    if std::mem::replace(seen, true) {
        diag.under(key, "`crate` stands here twice; keep one of them");
    } else {
        *krate = Krate::check(&value, diag);
    }
    Ok(())
}

fn refuse_arg(input: ParseStream<'_>, diag: &mut Diag) {
    let first = args::next(input);
    let word = first.as_ref().map(ToString::to_string).unwrap_or_default();
    let near = suggest::did_you_mean(&word, ["crate"]);
    let separator = if near.is_empty() { ";" } else { "" };
    diag.under(
        first,
        format!("unknown option `{word}`{near}{separator} `#[message]` takes `crate = path` only"),
    );
    args::skip_to_comma(input);
}

fn parse_item(tokens: &TokenStream, diag: &mut Diag) -> Option<Message> {
    let item = match syn::parse2::<DeriveInput>(tokens.clone()) {
        Ok(item) => item,
        Err(_) => {
            diag.at(
                item_keyword(tokens),
                "`#[message]` stands on a struct or an enum: a message is data",
            );
            return None;
        }
    };
    // The one below does all that there is to do.
    if let Some(again) = item.attrs.iter().find(|attr| attr.path().is_ident("message")) {
        diag.under(again, "`#[message]` stands here twice; keep one of them");
        return None;
    }
    if let Data::Union(union) = &item.data {
        diag.under(
            union.union_token,
            "`#[message]` stands on a struct or an enum: nobody can tell what a union holds",
        );
        return None;
    }
    let lifetime = item.generics.lifetimes().next();
    if let Some(lifetime) = lifetime {
        diag.under(
            lifetime,
            "a message owns its data, because it outlives the caller; take `String` instead of \
             `&str`",
        );
    }
    let sound = lifetime.is_none();
    let derives = check_derives(&item.attrs, diag);
    Some(Message { item, sound, derives })
}

/// The word that says what an item is.
fn item_keyword(tokens: &TokenStream) -> Span {
    let parser = |input: ParseStream<'_>| {
        input.call(Attribute::parse_outer)?;
        input.parse::<syn::Visibility>()?;
        let span = input.span();
        input.parse::<TokenStream>()?;
        Ok(span)
    };
    parser.parse2(tokens.clone()).unwrap_or_else(|error| error.span())
}

/// The derives that are still to be added; one that was written already is a mistake.
fn check_derives(attrs: &[Attribute], diag: &mut Diag) -> Vec<&'static str> {
    let mut missing = DERIVES.to_vec();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("derive")) {
        let Ok(paths) = attr.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated)
        else {
            // The compiler says what is wrong with it.
            continue;
        };
        for ident in paths.iter().filter_map(|path| path.segments.last()).map(|last| &last.ident) {
            if let Some(derive) = DERIVES.into_iter().find(|derive| ident == derive) {
                diag.under(
                    ident,
                    format!("`#[message]` derives `{derive}` already; remove this one"),
                );
                missing.retain(|missing| *missing != derive);
            }
        }
    }
    missing
}

// ---- expansion -----------------------------------------------------------------------------------

/// ```text
/// #[message]              #[derive(serde::Serialize, serde::Deserialize)]
/// struct Sum { .. }       #[serde(crate = "::manager_runtime::__private::serde")]
///                         struct Sum { .. }
/// ```
fn derives(krate: &Krate, message: &Message) -> TokenStream {
    let span = at(message.item.ident.span());
    let private = krate.path(span);
    let derives = message.derives.iter().map(|derive| Ident::new(derive, span));
    let serde = krate.serde();
    let which = (message.derives.len() == DERIVES.len())
        .then(|| quote_spanned!(span=> #[serde(crate = #serde)]));
    quote_spanned! {span=>
        #[derive(#(#private::serde::#derives),*)]
        #which
    }
}

/// The traits that make it a message, a reply and a payload. Three of them say the same of every
/// message; one blanket impl for all would forbid those of `String` and `Json`.
fn impls(krate: &Krate, message: &Message) -> TokenStream {
    let ident = &message.item.ident;
    let span = at(ident.span());
    let (import, private) = (krate.import(), private(span));
    let mut generics = message.item.generics.clone();
    if !generics.params.is_empty() {
        let bounds: WhereClause = parse_quote_spanned! {span=>
            where Self: #private::serde::Serialize
                + #private::serde::de::DeserializeOwned
                + ::core::marker::Send
                + 'static
        };
        generics.make_where_clause().predicates.extend(bounds.predicates);
    }
    let (params, args, bounds) = generics.split_for_impl();
    let result =
        |value: TokenStream| quote_spanned!(span=> ::core::result::Result<#value, #private::Error>);
    let (of_self, of_reply) =
        (result(quote_spanned!(span=> Self)), result(quote_spanned!(span=> #private::Reply)));
    let attrs: Vec<&Attribute> =
        message.item.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).collect();
    quote_spanned! {span=>
        #(#attrs)*
        #[allow(deprecated, unused_qualifications, clippy::all)]
        const _: () = {
            #import
            #[automatically_derived]
            impl #params #private::Parameter for #ident #args #bounds {
                type Role = #private::role::Message;
            }
            #[automatically_derived]
            impl #params #private::Message for #ident #args #bounds {
                type Value = Self;
                const READS: #private::Reads = #private::Reads::Json;
                fn from_value(__manager_value: Self) -> Self {
                    __manager_value
                }
                fn decode(__manager_payload: #private::Payload) -> #of_self {
                    #private::decode_json(__manager_payload)
                }
                fn needs(__manager_needs: &mut #private::Needs) {
                    __manager_needs.message::<Self>();
                }
            }
            #[automatically_derived]
            impl #params #private::IntoReply for #ident #args #bounds {
                type Value = Self;
                fn into_value(self) -> #of_self {
                    ::core::result::Result::Ok(self)
                }
                fn encode(__manager_value: Self) -> #of_reply {
                    ::core::result::Result::Ok(#private::encode_json(__manager_value))
                }
            }
            #[automatically_derived]
            impl #params #private::IntoPayload for #ident #args #bounds {
                fn into_payload(self) -> #private::Payload {
                    #private::payload_json(self)
                }
            }
        };
    }
}
