//! What comes out when an item cannot be a handler: the item as it was, and what is wrong with it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Ident, Visibility};

use crate::diag::Mistakes;
use crate::expand::bare_handle;
use crate::item::Item;

/// The type of a function's own name, without which every typed call would add an error of its own.
pub(crate) struct Handle {
    cfgs: Vec<Attribute>,
    vis: Visibility,
    ident: Ident,
}

/// The handle of this item, if it would have had one and it can stand beside the item.
pub(crate) fn handle(item: &Item) -> Option<Handle> {
    match item {
        // A method stands in an impl block, where no struct can stand.
        Item::Function(function) if !function.is_method() => Some(Handle {
            cfgs: function
                .attrs
                .iter()
                .filter(|attr| attr.path().is_ident("cfg"))
                .cloned()
                .collect(),
            vis: function.vis.clone(),
            ident: function.signature.ident.clone(),
        }),
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
    let handle = handle.map(|Handle { cfgs, vis, ident }| bare_handle(&cfgs, &vis, &ident));
    quote!(#item #handle #mistakes)
}
