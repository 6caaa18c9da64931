//! What the runtime promises, shown from outside: typed calls, topics, replicas, HTTP, the drain.

#![allow(missing_docs, reason = "tests")]

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
mod topics;
