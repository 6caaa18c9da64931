//! What the runtime promises, shown from outside: typed calls, topics, replicas, HTTP, the drain.

#![allow(missing_docs, reason = "tests")]
#![allow(clippy::unwrap_used, reason = "tests: helpers outside of test functions as well")]

mod support;

mod base;
mod calls;
mod cycles;
mod deadlines;
mod drain;
mod http;
mod http2;
mod key;
mod limits;
mod manager;
mod panics;
mod replicas;
mod routes;
mod topics;
#[cfg(feature = "ws")]
mod ws;
