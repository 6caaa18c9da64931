//! What the runtime promises, shown from outside: typed calls, topics, replicas, HTTP, the drain.

#![allow(missing_docs, reason = "tests")]
#![allow(clippy::unwrap_used, reason = "tests: helpers outside of test functions as well")]

mod support;

mod access;
mod base;
mod calls;
mod catchers;
mod compression;
mod cors;
mod cycles;
mod deadlines;
mod download;
mod drain;
mod extract;
mod http;
mod http2;
mod key;
mod limits;
mod manager;
mod middleware;
mod panics;
mod replicas;
mod replies;
mod routes;
mod shelf;
mod sse;
mod static_files;
mod topics;
#[cfg(feature = "tower")]
mod tower;
mod transfer;
#[cfg(feature = "ws")]
mod ws;
