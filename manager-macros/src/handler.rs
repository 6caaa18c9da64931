//! `#[handler]` from its tokens to its expansion.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Attribute;

use crate::diag::Diag;
use crate::{args, emits, expand, fallback, item, model};

pub(crate) fn handler(args: TokenStream, tokens: TokenStream) -> TokenStream {
    let mut diag = Diag::new();
    let args = args::parse(args, &mut diag);
    let item = item::parse(tokens.clone(), &mut diag);
    if let Some(again) = item.as_ref().and_then(again) {
        diag.under(again, "`#[handler]` stands here twice; keep one of them");
        let mistakes = diag.finish();
        return quote!(#tokens #mistakes);
    }
    let handle = fallback::handle(item.as_ref(), &tokens);
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

/// The same attribute below this one, which does all that there is to do.
fn again(item: &item::Item) -> Option<&Attribute> {
    item.attrs().iter().find(|attr| attr.path().is_ident("handler"))
}
