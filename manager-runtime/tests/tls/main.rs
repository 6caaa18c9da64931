//! TLS from outside: real sockets, real files, certificates that are made for each test.

#![allow(missing_docs, reason = "tests")]
#![allow(clippy::unwrap_used, reason = "tests: helpers outside of test functions as well")]
#![cfg(any(feature = "tls", feature = "tls-ring"))]

#[allow(dead_code, reason = "shared with other tests")]
#[path = "../it/support.rs"]
mod support;

#[allow(dead_code, reason = "shared with other tests")]
#[path = "../cli/shop.rs"]
mod shop;

mod caller;
mod pki;

mod clients;
mod command_line;
mod handshakes;
mod reload;
mod serving;
mod start;
mod stopping;
