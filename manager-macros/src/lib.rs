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
//! `message`, `middleware`, `catcher`, `authenticator`, `handler_error` and `manager` hold a smaller macro each, whole.

mod args;
mod authenticator;
mod caret;
mod catcher;
mod diag;
mod emits;
mod expand;
mod fallback;
mod handler;
mod handler_error;
mod item;
mod krate;
mod manager;
mod message;
mod middleware;
mod model;
mod origin;
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

/// Turns a function into a middleware: see `manager_runtime::middleware`.
#[proc_macro_attribute]
pub fn middleware(args: TokenStream, item: TokenStream) -> TokenStream {
    middleware::middleware(args.into(), item.into()).into()
}

/// Turns a function into a catcher: see `manager_runtime::catcher`.
#[proc_macro_attribute]
pub fn catcher(args: TokenStream, item: TokenStream) -> TokenStream {
    catcher::catcher(args.into(), item.into()).into()
}

/// Turns a function into an authenticator: see `manager_runtime::authenticator`.
#[proc_macro_attribute]
pub fn authenticator(args: TokenStream, item: TokenStream) -> TokenStream {
    authenticator::authenticator(args.into(), item.into()).into()
}

/// Gives the values of an error type their kinds: see `manager_runtime::HandlerError`.
#[proc_macro_derive(HandlerError, attributes(error, kind, source, from))]
pub fn handler_error(item: TokenStream) -> TokenStream {
    handler_error::handler_error(item.into()).into()
}

/// Runs the program: see `manager_runtime::manager`.
#[proc_macro]
pub fn manager(input: TokenStream) -> TokenStream {
    manager::manager(input.into()).into()
}
