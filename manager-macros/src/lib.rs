//! The macros of `manager-runtime`, which re-exports and documents them.
//!
//! Depend on `manager-runtime`, not on this crate. What happens here, in the order of the files:
//!
//! ```text
//! tokens ──► args, item ──► model ──────────► expand ──► tokens
//!            as written     as checked        cannot fail
//!                 │              │
//!                 └──► diag ◄────┘  ────────► fallback ──► the item + compile_error!s
//! ```
//!
//! `message` and `manager` hold the two smaller macros whole.

mod args;
mod caret;
mod diag;
mod emits;
mod expand;
mod fallback;
mod handler;
mod item;
mod krate;
mod manager;
mod message;
mod model;
mod suggest;
mod units;

#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

/// Turns a function or an impl block into a handler: see `manager_runtime::handler`.
#[proc_macro_attribute]
pub fn handler(args: TokenStream, item: TokenStream) -> TokenStream {
    handler::handler(args.into(), item.into()).into()
}

/// Turns a struct or an enum into a message: see `manager_runtime::message`.
#[proc_macro_attribute]
pub fn message(args: TokenStream, item: TokenStream) -> TokenStream {
    message::message(args.into(), item.into()).into()
}

/// Runs the program: see `manager_runtime::manager`.
#[proc_macro]
pub fn manager(input: TokenStream) -> TokenStream {
    manager::manager(input.into()).into()
}
