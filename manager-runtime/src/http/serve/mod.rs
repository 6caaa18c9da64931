//! How much of a representation a request gets, for whatever is served: files of a directory, downloads of
//! handlers.
//!
//! ```text
//! conditions (304, 412) -> range (206, 416) -> answer
//! ```
//!
//! [`conditions`] and [`range`] say how much of it the client still needs (RFC 9110, sections 13 and 14);
//! [`answer`] writes that down.

mod answer;
mod conditions;
mod range;

use std::time::SystemTime;

use http::Method;

pub(super) use self::answer::{Asked, Decided, decide};
use crate::error::{Error, Result};
use crate::head::{Head, Response};
use crate::http::reply;
use crate::message::Reply;

/// Answers a request with what a handler returned, if that is a download to choose from.
pub(super) async fn download(mut reply: Reply, head: &Head) -> Result<Response> {
    // What a request has brought about is sent whole.
    let download = match *head.method() {
        Method::GET | Method::HEAD => reply.take_download(),
        _ => None,
    };
    let Some((representation, own)) = download else { return reply::plain(reply) };
    let asked = Asked { method: head.method(), headers: head.headers(), now: SystemTime::now() };
    finish(decide(*representation, own, &asked)?).await
}

/// Has the bytes of an answer read where that may wait.
pub(super) async fn finish(decided: Decided) -> Result<Response> {
    if !decided.waits() {
        return decided.into_response();
    }
    match tokio::task::spawn_blocking(move || decided.into_response()).await {
        Ok(response) => response,
        Err(_) => Err(Error::internal("a file could not be read")),
    }
}
