//! Responses: what a reply and an error become.

use http::header::{
    ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, TRANSFER_ENCODING, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;

use crate::body::Body;
use crate::error::{Error, Kind, Result};
use crate::head::Response;
use crate::http::status;
use crate::message::{Reply, ReplyHead};
use crate::middleware::hidden;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const BEARER: HeaderValue = HeaderValue::from_static("Bearer");

pub(crate) fn json(status: StatusCode, body: Vec<u8>) -> Response {
    with_type(status, JSON, body.into())
}

pub(crate) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// What a handler returned, as plain HTTP.
pub(crate) fn plain(reply: Reply) -> Result<Response> {
    let (head, kind, body) = reply.into_parts()?;
    let Some(head) = head else {
        let mut response = Response::new(body);
        if let Some(kind) = kind {
            response.headers_mut().insert(CONTENT_TYPE, kind);
        }
        return Ok(response);
    };
    let ReplyHead { status, mut headers, extensions, whole } = *head;
    let status = status.unwrap_or(StatusCode::OK);
    // One that is no final answer (RFC 9110, section 15.2), apart from the change of protocol.
    if status.is_informational() && status != StatusCode::SWITCHING_PROTOCOLS {
        return Err(Error::internal(format!("a reply cannot have the status {}", status.as_u16())));
    }
    let body = if has_content(status) { body } else { Body::empty() };
    let is_empty = http_body::Body::is_end_stream(&body);
    if let Some(kind) = kind.filter(|_| !whole && has_content(status))
        && !headers.contains_key(CONTENT_TYPE)
    {
        headers.insert(CONTENT_TYPE, kind);
    }
    // How a body is framed is up to the connection (RFC 9112, section 6.1). A length that is not that of
    // the body would have the client wait for the rest, or take the rest for another answer.
    headers.remove(TRANSFER_ENCODING);
    if !is_empty && !says_the_length(&headers, &body) {
        headers.remove(CONTENT_LENGTH);
    }
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    *response.extensions_mut() = extensions;
    Ok(response)
}

/// Whether an answer of this status has content (RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5).
fn has_content(status: StatusCode) -> bool {
    !matches!(status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED)
}

/// Whether the length that is said, if one is, can be that of the body.
fn says_the_length(headers: &HeaderMap, body: &Body) -> bool {
    let mut said = headers.get_all(CONTENT_LENGTH).iter();
    let (first, second) = (said.next(), said.next());
    let length = first.and_then(|first| first.to_str().ok()?.parse::<u64>().ok());
    let hint = http_body::Body::size_hint(body);
    length.is_some_and(|length| {
        second.is_none()
            && length >= hint.lower()
            && hint.upper().is_none_or(|longest| length <= longest)
    })
}

/// How an error is written: in the envelope where the path is one segment, as a problem elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Envelope,
    Problem,
    /// What a client asked for instead of a problem.
    Text,
    Html,
}

impl Style {
    /// A problem, or what the client rather reads (RFC 9110, section 12.5.1). Where nothing that there is
    /// would do, it is a problem all the same: an error that says why is more use than 406.
    pub(crate) fn for_client(self, accept: Option<&HeaderValue>) -> Self {
        if self != Style::Problem {
            return self;
        }
        let accept = accept.and_then(|accept| accept.to_str().ok()).unwrap_or("*/*");
        let offers = [
            (Style::Problem, "application", "problem+json"),
            (Style::Problem, "application", "json"),
            (Style::Text, "text", "plain"),
            (Style::Html, "text", "html"),
        ];
        let mut best = (Style::Problem, 0);
        for (style, kind, subtype) in offers {
            let quality = quality(accept, kind, subtype);
            if quality > best.1 {
                best = (style, quality);
            }
        }
        best.0
    }
}

/// How much a client wants a media type, in thousandths. The most exact range counts.
fn quality(accept: &str, kind: &str, subtype: &str) -> u32 {
    let mut found = (0, 0);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let Some((of, sub)) = parts.next().and_then(|range| range.split_once('/')) else {
            continue;
        };
        let exact = match (of.eq_ignore_ascii_case(kind), sub.eq_ignore_ascii_case(subtype)) {
            (true, true) => 3,
            (true, false) if sub == "*" => 2,
            _ if of == "*" && sub == "*" => 1,
            _ => continue,
        };
        let weight = parts
            .find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
            .map_or(Some(1.0), |weight| weight.parse::<f32>().ok())
            .unwrap_or(0.0);
        if exact > found.0 {
            found = (exact, (weight.clamp(0.0, 1.0) * 1000.0) as u32);
        }
    }
    found.1
}

/// What a client says that it reads; several headers are one list (RFC 9110, section 5.3).
pub(crate) fn accepted(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut said = headers.get_all(ACCEPT).iter();
    let first = said.next()?.clone();
    if said.next().is_none() {
        return Some(first);
    }
    let all: Vec<_> = headers.get_all(ACCEPT).iter().map(HeaderValue::as_bytes).collect();
    HeaderValue::from_bytes(&all.join(&b","[..])).ok()
}

/// An error for a client. What the process keeps to itself is replaced by the number of the request
/// under which the log has it.
pub(crate) fn error(error: &Error, style: Style, request_id: &str) -> Response {
    let message = match error.public_message() {
        Some(message) => message.to_owned(),
        None => hidden(request_id),
    };
    let status = status::of(error.kind());
    let mut response = refusal(status, error.kind().as_str(), &message, style);
    add_headers(error, response.headers_mut());
    response
}

/// What an answer says beside the error itself.
pub(crate) fn add_headers(error: &Error, headers: &mut HeaderMap) {
    if error.kind() == Kind::Unauthorized {
        headers.insert(WWW_AUTHENTICATE, BEARER);
    }
    if let Some(after) = error.retry_after() {
        headers.insert(RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)));
    }
    for (name, value) in error.headers().into_iter().flatten() {
        headers.insert(name, value.clone());
    }
}

pub(crate) fn refusal(status: StatusCode, title: &str, message: &str, style: Style) -> Response {
    match style {
        Style::Envelope => json(status, write(&Failure { status: "error", message })),
        Style::Problem => {
            let number = status.as_u16();
            let problem = Problem { kind: "about:blank", title, status: number, detail: message };
            with_type(status, PROBLEM, write(&problem).into())
        }
        Style::Text => with_type(status, TEXT, format!("{title}: {message}\n").into()),
        Style::Html => with_type(status, HTML, page(status, title, message).into()),
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

fn page(status: StatusCode, title: &str, message: &str) -> String {
    let (number, title, message) = (status.as_u16(), escape(title), escape(message));
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{number} {title}\
         </title></head><body><h1>{title}</h1><p>{message}</p></body></html>\n"
    )
}

/// A text that stands in a page as itself.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

fn with_type(status: StatusCode, kind: HeaderValue, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_says_how_it_reads_errors() {
        let check = |accept: Option<&'static str>, expected: Style| {
            let accept = accept.map(HeaderValue::from_static);
            assert_eq!(Style::Problem.for_client(accept.as_ref()), expected, "{accept:?}");
            assert_eq!(Style::Envelope.for_client(accept.as_ref()), Style::Envelope);
        };
        check(None, Style::Problem);
        check(Some("*/*"), Style::Problem);
        check(Some("application/json"), Style::Problem);
        check(Some("text/plain"), Style::Text);
        check(Some("text/html,application/xhtml+xml,*/*;q=0.8"), Style::Html);
        check(Some("text/*"), Style::Text);
        check(Some("text/plain;q=0.3, text/html; q=0.5, application/json;q=0.1"), Style::Html);
        check(Some("image/png"), Style::Problem);
        check(Some("nonsense"), Style::Problem);
        check(Some("text/html;q=0"), Style::Problem);
    }

    #[test]
    fn a_page_shows_text_as_text() {
        assert!(page(StatusCode::NOT_FOUND, "x", "<b>\"'&").contains("&lt;b&gt;&quot;&#39;&amp;"));
    }
}
