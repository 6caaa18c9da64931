//! `call` of a running service.

use std::time::Duration;

use http::{Method, Response};
use tokio::time::timeout;

use super::args::Order;
use super::call::{Answer, read};
use super::service::{Envelope, Failure, Service, collect, explanation};
use crate::body::Body;
use crate::error::{Error, Result};
use crate::http::status;

/// How long the reply may take; how long a handler of another process may take is known there alone.
const REPLY: Duration = Duration::from_secs(300);

/// How large a reply may be.
const LONGEST_REPLY: usize = 1 << 30;

/// Sends the order to the service at the address.
pub(super) async fn ask(url: &str, order: Order) -> Result<Answer> {
    let service = Service::new(url, &order.access)?;
    // The message as it is: without a media type the service takes it verbatim, as text or JSON by what the
    // handler reads.
    let body = Body::from(read(&order.data)?);
    let request = service.request(Method::POST, &[&order.name]).body(body)?;
    let exchange = async {
        let (parts, body) = service.send(request).await?.into_parts();
        Ok(Response::from_parts(parts, collect(body, LONGEST_REPLY).await?))
    };
    let answer: std::result::Result<_, Failure> =
        timeout(order.timeout.unwrap_or(REPLY), exchange).await.map_err(|_| {
            Error::timeout(format!("{service} did not answer in time; --timeout sets another"))
        })?;
    open(&answer.map_err(Failure::into_error)?)
}

fn open(answer: &Response<impl AsRef<[u8]>>) -> Result<Answer> {
    let (code, body) = (answer.status(), answer.body().as_ref());
    if !code.is_success() {
        return Err(Error::new(status::kind(code), explanation(code, body)));
    }
    let envelope: Option<Envelope<'_>> = serde_json::from_slice(body).ok();
    match envelope.map(|envelope| envelope.message) {
        Some(Some(message)) => Ok(Answer::of_json(message.get().as_bytes().to_vec())),
        // `null` is no message to serde.
        Some(None) => Ok(Answer::of_json(b"null".to_vec())),
        // A body without an envelope is somebody else's.
        None => Ok(Answer::Text(body.to_vec().into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_opened() {
        let check = |code: u16, body: &str, expected: std::result::Result<&str, &str>| {
            let answer = Response::builder().status(code).body(body.as_bytes().to_vec()).unwrap();
            match (open(&answer), expected) {
                (Ok(Answer::Text(text)), Ok(expected)) => assert_eq!(text, expected, "{body}"),
                (Ok(Answer::Json(json)), Ok(expected)) => {
                    assert_eq!(json, expected.as_bytes(), "{body}");
                }
                (Err(error), Err(expected)) => assert_eq!(error.to_string(), expected, "{body}"),
                (outcome, _) => panic!("{body}: {outcome:?}"),
            }
        };
        check(200, r#"{"status":"Ok","message":"hi"}"#, Ok("hi"));
        check(200, r#"{"status":"Ok","message":{"b":1,"a":2}}"#, Ok(r#"{"b":1,"a":2}"#));
        check(200, r#"{"status":"Ok","message":null}"#, Ok(""));
        check(200, "plain", Ok("plain"));
        check(
            404,
            r#"{"status":"error","message":"Handler not found: x"}"#,
            Err("Handler not found: x"),
        );
        check(404, r#"{"type":"about:blank","status":404,"detail":"nothing"}"#, Err("nothing"));
        check(500, r#"{"message":"a\u001b[2Jb\nc"}"#, Err("a [2Jb\nc"));
        check(502, "<html>", Err("the service answered 502 Bad Gateway"));
    }
}
