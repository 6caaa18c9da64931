//! The answer with a representation, or with a part of it, or why there is none.

use std::time::SystemTime;

use http::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_LOCATION, CONTENT_RANGE, CONTENT_TYPE,
    TRANSFER_ENCODING, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::conditions::{Validators, Verdict};
use super::range::{self, Wanted};
use crate::context::fresh_request_id;
use crate::error::{Error, Result};
use crate::head::Response;
use crate::http::reply;
use crate::message::{ReplyHead, overridden};
use crate::representation::{Part, Piece, Planned, REPR_DIGEST, Representation};

/// What is known of the request.
pub(in crate::http) struct Asked<'a> {
    /// `GET` or `HEAD`: who asks in another way has had something done, for which it is too late to set
    /// conditions (RFC 9110, section 13.2.1).
    pub(in crate::http) method: &'a Method,
    pub(in crate::http) headers: &'a HeaderMap,
    /// The date of the answer.
    pub(in crate::http) now: SystemTime,
}

/// An answer of which only the bytes are still to be had.
pub(in crate::http) struct Decided {
    status: StatusCode,
    headers: HeaderMap,
    extensions: http::Extensions,
    content: Option<Planned>,
}

impl Decided {
    /// Whether [`into_response`](Self::into_response) waits for a disk.
    pub(in crate::http) fn waits(&self) -> bool {
        self.content.as_ref().is_some_and(Planned::waits)
    }

    pub(in crate::http) fn into_response(self) -> Result<Response> {
        let Decided { status, headers, extensions, content } = self;
        let mut response = match content {
            Some(content) => Response::new(content.into_body_now()?),
            None => reply::empty(status),
        };
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        *response.extensions_mut() = extensions;
        Ok(response)
    }
}

/// Decides what a request gets of this, whose answer otherwise has this head and the status 200.
///
/// # Errors
///
/// `PreconditionFailed` and `RangeNotSatisfiable`.
pub(in crate::http) fn decide(
    representation: Representation,
    head: ReplyHead,
    asked: &Asked<'_>,
) -> Result<Decided> {
    let (headers, mut content) = representation.into_parts(asked.now);
    let ReplyHead { status: _, headers: said, extensions, whole: _ } = head;
    // Whoever wrote the reply has the last word, apart from what follows from what is sent.
    let mut headers = overridden(headers, said)?;
    for name in [CONTENT_LENGTH, CONTENT_RANGE, TRANSFER_ENCODING, ACCEPT_RANGES] {
        headers.remove(name);
    }
    let validators = Validators::of(&headers);
    let mut status = StatusCode::OK;
    match validators.judge(asked.headers) {
        Verdict::Send => {}
        Verdict::NotModified => {
            retain_for_not_modified(&mut headers);
            let status = StatusCode::NOT_MODIFIED;
            return Ok(Decided { status, headers, extensions, content: None });
        }
        Verdict::Failed => {
            let text = "what is here is not what the conditions of the request say";
            return Err(Error::precondition_failed(text));
        }
    }
    // What has parts has a length.
    let length = content.source().length().filter(|_| content.source().has_parts());
    let ranges = if length.is_some() { "bytes" } else { "none" };
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static(ranges));
    // Of `GET` alone (RFC 9110, section 14.2).
    if let Some(length) = length
        && *asked.method == Method::GET
        && validators.allow_range(asked.headers, asked.now)
    {
        match range::wanted(asked.headers, length) {
            Wanted::Whole => {}
            Wanted::Nothing => {
                let range = written(&format!("bytes */{length}"))?;
                let text = format!("none of these bytes are there: there are {length}");
                return Err(Error::range_not_satisfiable(text).with_header(CONTENT_RANGE, range));
            }
            Wanted::Parts(parts) => {
                status = StatusCode::PARTIAL_CONTENT;
                content.choose(pieces(&parts, length, &mut headers)?);
            }
        }
    }
    if *asked.method == Method::HEAD {
        content.withhold();
    }
    if content.source().length() == Some(0) {
        // Of a body that is empty nothing is said to `HEAD` otherwise.
        headers.insert(CONTENT_LENGTH, HeaderValue::from(0));
    }
    Ok(Decided { status, headers, extensions, content: Some(content) })
}

/// Leaves out what is said of content (RFC 9110, section 15.4.5).
fn retain_for_not_modified(headers: &mut HeaderMap) {
    let of_content = |name: &HeaderName| {
        name.as_str().starts_with("content-") && name != CONTENT_LOCATION
            || *name == X_CONTENT_TYPE_OPTIONS
            || *name == REPR_DIGEST
    };
    let left: Vec<HeaderName> = headers.keys().filter(|name| of_content(name)).cloned().collect();
    for name in left {
        headers.remove(name);
    }
}

/// What is sent of these parts, and what is said of that.
fn pieces(parts: &[Part], length: u64, headers: &mut HeaderMap) -> Result<Vec<Piece>> {
    if let [part] = *parts {
        headers.insert(CONTENT_RANGE, written(&content_range(part, length))?);
        return Ok(vec![Piece::Part(part)]);
    }
    let boundary = fresh_boundary();
    let kind = written(&format!("multipart/byteranges; boundary={boundary}"))?;
    let media_type = headers.insert(CONTENT_TYPE, kind);
    Ok(multipart(parts, &boundary, media_type.as_ref(), length))
}

fn content_range(Part { first, last }: Part, length: u64) -> String {
    format!("bytes {first}-{last}/{length}")
}

/// Several parts in one body (RFC 9110, section 14.6).
fn multipart(
    parts: &[Part],
    boundary: &str,
    media_type: Option<&HeaderValue>,
    length: u64,
) -> Vec<Piece> {
    let kind = media_type.and_then(|kind| kind.to_str().ok()).unwrap_or("application/octet-stream");
    let mut pieces = Vec::new();
    let mut line_end = "";
    for part in parts {
        let range = content_range(*part, length);
        let head = format!(
            "{line_end}--{boundary}\r\nContent-Type: {kind}\r\nContent-Range: {range}\r\n\r\n"
        );
        pieces.push(Piece::Text(head.into()));
        pieces.push(Piece::Part(*part));
        line_end = "\r\n";
    }
    pieces.push(Piece::Text(format!("\r\n--{boundary}--\r\n").into()));
    pieces
}

/// What no file has in it: nobody who writes one knows the next.
fn fresh_boundary() -> String {
    use std::hash::{BuildHasher, RandomState};
    format!("{:016x}{}", RandomState::new().hash_one(0), fresh_request_id())
}

fn written(text: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(text)
        .map_err(|error| Error::internal("a header cannot be written").with_source(error))
}
