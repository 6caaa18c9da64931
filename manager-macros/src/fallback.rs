//! What comes out when an item cannot be a handler: the item as it was, and what is wrong with it.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Ident, Visibility};

use crate::diag::Mistakes;
use crate::item::Item;

/// The type of a function's own name, without which every typed call would add an error of its own.
pub(crate) struct Handle {
    vis: Visibility,
    ident: Ident,
}

/// The handle of this item, if it would have had one and it can stand beside the item.
pub(crate) fn handle(item: &Item) -> Option<Handle> {
    match item {
        // A method stands in an impl block, where no struct can stand.
        Item::Function(function) if function.signature.receiver().is_none() => {
            Some(Handle { vis: function.vis.clone(), ident: function.signature.ident.clone() })
        }
        Item::Function(_) | Item::Block(_) => None,
    }
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
    let handle = handle.map(|Handle { vis, ident }| {
        let span = crate::expand::at(ident.span());
        quote_spanned! {span=>
            #[doc(hidden)]
            #[allow(dead_code, non_camel_case_types, unreachable_pub)]
            #vis struct #ident {}
        }
    });
    quote!(#item #handle #mistakes)
}
