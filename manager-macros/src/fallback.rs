//! What comes out when an item cannot be a handler: the item as it was, and what is wrong with it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Ident, Visibility};

use crate::diag::Mistakes;
use crate::expand::bare_handle;
use crate::item::{self, Item};
use crate::model::keep;

/// The type of a function's own name, without which every typed call would add an error of its own.
pub(crate) struct Handle {
    cfgs: Vec<Attribute>,
    vis: Visibility,
    ident: Ident,
}

/// The handle of this item, if it would have had one and it can stand beside the item.
pub(crate) fn handle(item: Option<&Item>, tokens: &TokenStream) -> Option<Handle> {
    let (attrs, vis, ident) = match item {
        None => item::outline(tokens)?,
        // A method stands in an impl block, where no struct can stand.
        Some(Item::Function(function)) if !function.is_method() => {
            let item::Function { attrs, vis, signature } = function;
            (attrs.clone(), vis.clone(), signature.ident.clone())
        }
        Some(Item::Function(_) | Item::Block(_)) => return None,
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
