//! Responses, with their headers made ahead.

use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use serde::Serialize;

use crate::error::{Error, Kind};
use crate::http::body::Body;
use crate::http::status;

pub(crate) type Answer = Response<Body>;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");
const BEARER: HeaderValue = HeaderValue::from_static("Bearer");

pub(crate) fn json(status: StatusCode, body: Vec<u8>) -> Answer {
    with_type(status, JSON, body)
}

pub(crate) fn empty(status: StatusCode) -> Answer {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = status;
    answer
}

/// Which methods there are, as the answer to `OPTIONS` and part of every 405.
pub(crate) fn with_allow(mut answer: Answer, methods: &'static str) -> Answer {
    answer.headers_mut().insert(ALLOW, HeaderValue::from_static(methods));
    answer
}

/// How an error is written: in the envelope where the path is one segment, as a problem elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Envelope,
    Problem,
}

/// An error for a client. What the process keeps to itself is replaced by the number of the request
/// under which the log has it.
pub(crate) fn error(error: &Error, style: Style, request_id: &str) -> Answer {
    let message = match error.public_message() {
        Some(message) => message.to_owned(),
        None => format!("internal error, see the log for request {request_id}"),
    };
    let mut answer = refusal(status::of(error.kind()), error.kind().as_str(), &message, style);
    let headers = answer.headers_mut();
    if error.kind() == Kind::Unauthorized {
        headers.insert(WWW_AUTHENTICATE, BEARER);
    }
    if let Some(after) = error.retry_after() {
        headers.insert(RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)));
    }
    answer
}

pub(crate) fn refusal(status: StatusCode, title: &str, message: &str, style: Style) -> Answer {
    match style {
        Style::Envelope => json(status, write(&Failure { status: "error", message })),
        Style::Problem => {
            let status_number = status.as_u16();
            let problem =
                Problem { kind: "about:blank", title, status: status_number, detail: message };
            with_type(status, PROBLEM, write(&problem))
        }
    }
}

/// An error in the envelope.
#[derive(Serialize)]
struct Failure<'a> {
    status: &'static str,
    message: &'a str,
}

/// A problem of RFC 9457, section 3.1.
#[derive(Serialize)]
struct Problem<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'a str,
    status: u16,
    detail: &'a str,
}

fn write(body: &impl Serialize) -> Vec<u8> {
    // Strings and a number: there is nothing in them that cannot be written.
    serde_json::to_vec(body).unwrap_or_default()
}

fn with_type(status: StatusCode, kind: HeaderValue, body: Vec<u8>) -> Answer {
    let mut answer = Response::new(Body::full(body));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, kind);
    answer
}
