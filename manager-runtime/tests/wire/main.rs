//! The edge from outside, byte by byte: what the RFCs allow in answer to odd and hostile input, and what every
//! limit does to those that it is for.

#![allow(missing_docs, reason = "tests")]
#![allow(clippy::unwrap_used, reason = "tests: helpers outside of test functions as well")]

#[path = "../it/support.rs"]
#[allow(dead_code, reason = "not all of it is used here")]
mod support;

mod frames;
mod served;

mod descriptors;
mod draining;
mod floods;
mod http1;
mod http2;
mod injection;
mod slow;
