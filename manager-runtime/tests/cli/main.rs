//! The command line of a real binary, from the outside: what it prints, what it answers, how it ends.
//!
//! `cargo test` builds the programs, which are examples of this package. With `--test cli` alone,
//! `cargo build -p manager-runtime --examples` comes first.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod link;
mod load;
mod shop;

mod call;
mod check;
mod download;
mod secrets;
mod serve;
mod start;
mod stop;
#[cfg(target_os = "linux")]
mod supervised;
mod upload;
