//! What comes out when an item cannot be a handler: the item as it was, and what is wrong with it.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Attribute, Ident, Visibility};

use crate::diag::Mistakes;
use crate::expand::{at, bare_handle, private_block, spec_of};
use crate::item;
use crate::krate::{Krate, private};
use crate::model::keep;

/// The type of a function's own name, without which every typed call would add an error of its own.
pub(crate) struct Handle {
    cfgs: Vec<Attribute>,
    vis: Visibility,
    ident: Ident,
}

/// The handle of this function, if it would have had one and it can stand beside the function.
pub(crate) fn handle(function: Option<&item::Function>, tokens: &TokenStream) -> Option<Handle> {
    let (attrs, vis, ident) = match function {
        None => item::outline(tokens)?,
        // A method stands in an impl block, where no struct can stand.
        Some(function) if function.is_method() => return None,
        Some(item::Function { attrs, vis, signature }) => {
            (attrs.clone(), vis.clone(), signature.ident.clone())
        }
    };
    Some(Handle { cfgs: keep(&attrs, &["cfg"]), vis, ident })
}

/// ```text
/// #[handler]                     async fn add<T>(x: T) { .. }
/// async fn add<T>(x: T) { .. }   #[allow(..)] struct add {}
///                                ::core::compile_error! { ".." }
/// ```
pub(crate) fn fallback(
    item: TokenStream,
    handle: Option<Handle>,
    mistakes: Mistakes,
) -> TokenStream {
    let handle = handle.map(|Handle { cfgs, vis, ident }| bare_handle(&cfgs, &vis, &ident));
    quote!(#item #handle #mistakes)
}

/// The same for a middleware, whose type stands for it in `with = [log]`:
///
/// ```text
/// #[middleware]            fn log(x: u8) { .. }
/// fn log(x: u8) { .. }     #[allow(..)] struct log {}
///                          const _: () = { impl Middleware for log { .. } };
///                          ::core::compile_error! { ".." }
/// ```
pub(crate) fn middleware(
    item: TokenStream,
    handle: Option<Handle>,
    krate: &Krate,
    mistakes: Mistakes,
) -> TokenStream {
    let handle = handle.map(|Handle { cfgs, vis, ident }| {
        let span = at(ident.span());
        let private = private(span);
        let stub = bare_handle(&cfgs, &vis, &ident);
        let spec = spec_of(quote_spanned!(span=> MiddlewareSpec), &ident);
        let implementation = quote_spanned! {span=>
            #[automatically_derived]
            impl #private::Middleware for #ident {
                const SPEC: #private::MiddlewareSpec = #spec;
                fn layered() -> #private::Layered {
                    ::core::unreachable!()
                }
            }
        };
        let block = private_block(krate, &cfgs, span, implementation);
        quote!(#stub #block)
    });
    quote!(#item #handle #mistakes)
}
