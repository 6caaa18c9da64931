//! `#[handler]` from its tokens to its expansion.

use proc_macro2::TokenStream;
use quote::quote;

use crate::diag::Diag;
use crate::{args, emits, expand, fallback, item, model};

pub(crate) fn handler(args: TokenStream, tokens: TokenStream) -> TokenStream {
    let mut diag = Diag::new();
    let args = args::parse(args, &mut diag);
    let item = item::parse(tokens.clone(), &item::HANDLER, &mut diag);
    let attrs = item.as_ref().map_or(&[][..], item::Item::attrs);
    let other = item::refuse_others(attrs, &item::HANDLER, &mut diag);
    let handle = match &item {
        Some(item::Item::Block(_)) => None,
        Some(item::Item::Function(function)) => fallback::handle(Some(function), &tokens),
        None => fallback::handle(None, &tokens),
    };
    if let Some(other) = other {
        let mistakes = diag.finish();
        return match other {
            item::Other::Same => quote!(#tokens #mistakes),
            item::Other::Different => {
                fallback::fallback(item::without_ours(tokens), handle, mistakes)
            }
        };
    }
    let handler = item.and_then(|item| model::check(args, item, emits::topics(&tokens), &mut diag));
    let mistakes = diag.finish();
    match handler {
        // Mistakes in the options alone: the calls of the handler stay sound.
        Some(handler) => {
            let expansion = expand::expand(&handler);
            quote!(#tokens #expansion #mistakes)
        }
        None => fallback::fallback(tokens, handle, mistakes),
    }
}
