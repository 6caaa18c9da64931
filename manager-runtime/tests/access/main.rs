//! Who may ask and how often, from outside: keys by name and out of files, the program's own authentication,
//! rates.

#![allow(missing_docs, reason = "tests")]
#![allow(clippy::unwrap_used, reason = "tests: helpers outside of test functions as well")]

#[allow(dead_code, reason = "shared with the other tests, which need more of it")]
#[path = "../it/support.rs"]
mod support;

mod identity;
mod keys;
mod rates;
