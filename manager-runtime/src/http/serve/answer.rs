//! The answer with a file, or why there is none.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::{
    ACCEPT_ENCODING, ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE,
    ETAG, LAST_MODIFIED, LOCATION, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};

use super::conditions::{Validators, Verdict};
use super::content::{self, Piece};
use super::find::{Opened, State};
use super::range::{self, Part, Wanted};
use crate::context::fresh_request_id;
use crate::error::{Error, Result};
use crate::head::Response;
use crate::http::ready::encoding::Coding;
use crate::http::reply::{self, Style};
use crate::http::status;

/// Answers a request for this file.
pub(super) fn file(opened: Opened, head: &Parts, now: SystemTime) -> Result<Response> {
    let Opened { file, state, media_type, coding } = opened;
    let validators = validators(state, coding, now);
    let length = state.length;
    let verdict = validators.judge(&head.headers);
    if verdict == Verdict::Failed {
        let text = "the file is not what the conditions of the request say";
        return Ok(refusal(head, status::PRECONDITION_FAILED, "precondition failed", text));
    }
    let mut headers = HeaderMap::new();
    headers.insert(ETAG, written(&validators.tag)?);
    let modified = httpdate::fmt_http_date(validators.modified);
    headers.insert(LAST_MODIFIED, written(&modified)?);
    // Also where there is nothing beside the file yet.
    headers.insert(VARY, HeaderValue::from(ACCEPT_ENCODING));
    if verdict == Verdict::NotModified {
        return Ok(answer(StatusCode::NOT_MODIFIED, headers, reply::empty(StatusCode::OK)));
    }
    // Of `GET` alone (RFC 9110, section 14.2).
    let wanted = if head.method == Method::GET && validators.allow_range(&head.headers, now) {
        range::wanted(&head.headers, length)
    } else {
        Wanted::Whole
    };
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Some(coding) = coding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    }
    let (status, pieces) = match wanted {
        Wanted::Nothing => {
            let text = format!("none of these bytes are there: the file has {length}");
            let status = status::RANGE_NOT_SATISFIABLE;
            let mut response = refusal(head, status, "range not satisfiable", &text);
            let range = written(&format!("bytes */{length}"))?;
            response.headers_mut().insert(CONTENT_RANGE, range);
            return Ok(response);
        }
        Wanted::Whole => {
            headers.insert(CONTENT_TYPE, media_type);
            if length == 0 {
                // Of a body that is empty nothing is said to `HEAD` otherwise.
                headers.insert(CONTENT_LENGTH, HeaderValue::from(0));
            }
            let whole = length.checked_sub(1).map(|last| Piece::Part(Part { first: 0, last }));
            (StatusCode::OK, whole.into_iter().collect())
        }
        Wanted::Parts(parts) => {
            let pieces = match parts[..] {
                [part] => {
                    headers.insert(CONTENT_TYPE, media_type);
                    headers.insert(CONTENT_RANGE, written(&content_range(part, length))?);
                    vec![Piece::Part(part)]
                }
                _ => {
                    let boundary = fresh_boundary();
                    let kind = format!("multipart/byteranges; boundary={boundary}");
                    headers.insert(CONTENT_TYPE, written(&kind)?);
                    multipart(&parts, &boundary, &media_type, length)
                }
            };
            (StatusCode::PARTIAL_CONTENT, pieces)
        }
    };
    Ok(answer(status, headers, Response::new(content::body(file, state, pieces)?)))
}

/// Where a directory is that was asked for without the slash at its end: its pages name each other from
/// there.
pub(super) fn with_slash(uri: &Uri) -> Result<Response> {
    let path = uri.path();
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut response = reply::empty(StatusCode::PERMANENT_REDIRECT);
    response.headers_mut().insert(LOCATION, written(&format!("{path}/{query}"))?);
    Ok(response)
}

fn answer(status: StatusCode, headers: HeaderMap, mut response: Response) -> Response {
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

fn refusal(head: &Parts, status: StatusCode, title: &str, text: &str) -> Response {
    let style = Style::Problem.for_client(reply::accepted(&head.headers).as_ref());
    reply::refusal(status, title, text, style)
}

/// The tag of a state: the length and the time, which is what a system says of a file without reading it. An
/// encoded file is another representation, so it has another tag.
fn validators(state: State, coding: Option<Coding>, now: SystemTime) -> Validators {
    let time = match state.modified.duration_since(UNIX_EPOCH) {
        Ok(after) => format!("{:x}", after.as_nanos()),
        Err(before) => format!("m{:x}", before.duration().as_nanos()),
    };
    let of = coding.map(|coding| format!("-{}", coding.name())).unwrap_or_default();
    // Nothing was modified after it was sent (section 8.8.2.1), nor before there were dates.
    let modified = state.modified.clamp(UNIX_EPOCH, now.max(UNIX_EPOCH));
    let seconds = modified.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    Validators {
        tag: format!("\"{:x}-{time}{of}\"", state.length),
        modified: UNIX_EPOCH + Duration::from_secs(seconds),
    }
}

fn content_range(Part { first, last }: Part, length: u64) -> String {
    format!("bytes {first}-{last}/{length}")
}

/// Several parts in one body (RFC 9110, section 14.6).
fn multipart(parts: &[Part], boundary: &str, media_type: &HeaderValue, length: u64) -> Vec<Piece> {
    let kind = media_type.to_str().unwrap_or_default();
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
