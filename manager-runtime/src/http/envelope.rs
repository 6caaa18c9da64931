//! The JSON around messages and replies on the endpoint that every handler has.
//!
//! A request may be wrapped: `{"type":"request","src":"client","data":<any>}`. Anything else is the
//! message itself. A reply always is: `{"status":"Ok","message":<any>}`.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::Result;
use crate::message::{Payload, Reply};

/// What a client wants, taken out of the body.
pub(crate) struct Opened {
    /// Nobody waits for the reply.
    pub(crate) dispatch: bool,
    pub(crate) payload: Payload,
    /// Who the client says it is.
    pub(crate) claimed: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope<'a> {
    #[serde(rename = "type")]
    kind: Wanted,
    #[serde(borrow)]
    data: &'a RawValue,
    #[serde(borrow, default)]
    src: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Wanted {
    Request,
    /// The ancestor's word for a request.
    Publish,
    Dispatch,
}

/// Opens a body. Only JSON that says so is opened, and only if it is an envelope and nothing else.
pub(crate) fn open(body: Bytes, headers: &HeaderMap) -> Opened {
    let kind = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    // As a text the parser need not look at each string for itself.
    if kind.is_some_and(is_json)
        && body.trim_ascii_start().starts_with(b"{")
        && let Ok(text) = std::str::from_utf8(&body)
        && let Ok(Envelope { kind, data, src }) = serde_json::from_str(text)
    {
        return Opened {
            dispatch: matches!(kind, Wanted::Dispatch),
            payload: Payload::json_bytes(body.slice_ref(data.get().as_bytes())),
            claimed: src.map(Cow::into_owned),
        };
    }
    Opened { dispatch: false, payload: Payload::raw(body), claimed: None }
}

/// Whether a media type is `application/json`, with or without parameters.
fn is_json(media_type: &[u8]) -> bool {
    // As nearly everybody writes it.
    if media_type == b"application/json" {
        return true;
    }
    let essence = media_type.split(|byte| *byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(b"application/json")
}

/// Wraps a reply; a value is written straight into the body.
pub(crate) fn seal(reply: Reply) -> Result<Vec<u8>> {
    let mut body = Vec::with_capacity(128);
    body.extend_from_slice(br#"{"status":"Ok","message":"#);
    reply.write_json(&mut body)?;
    body.push(b'}');
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::decode_text;

    fn of_type(kind: &'static str) -> HeaderMap {
        [(CONTENT_TYPE, HeaderValue::from_static(kind))].into_iter().collect()
    }

    #[test]
    fn envelopes_are_opened_and_anything_else_is_the_message() {
        let check = |body: &'static str, dispatch: bool, claimed: Option<&str>, message: &str| {
            let opened = open(Bytes::from_static(body.as_bytes()), &of_type("application/json"));
            assert_eq!(opened.dispatch, dispatch, "{body}");
            assert_eq!(opened.claimed.as_deref(), claimed, "{body}");
            assert_eq!(decode_text(opened.payload).unwrap(), message, "{body}");
        };
        check(r#"{"type":"request","src":"me","data":"hi"}"#, false, Some("me"), "hi");
        check(r#" {"data":{"a": 1},"type":"publish"}"#, false, None, r#"{"a":1}"#);
        check(r#"{"type":"dispatch","data":null}"#, true, None, "null");
        let verbatim = |body: &'static str| check(body, false, None, body);
        verbatim(r#"{"type":"request","data":1,"extra":2}"#);
        verbatim(r#"{"type":"other","data":1}"#);
        verbatim(r#"{"type":"request"}"#);
        verbatim(r#"{"type":"request","data":1,"data":2}"#);
        verbatim(r#"[1, 2]"#);
        verbatim(r#"{"#);
    }

    #[test]
    fn only_what_says_it_is_json_is_opened() {
        let body = r#"{"type":"request","data":"hi"}"#;
        let opened = open(Bytes::from_static(body.as_bytes()), &of_type("text/plain"));
        assert_eq!(decode_text(opened.payload).unwrap(), body);
        assert!(is_json(b"Application/JSON; charset=utf-8"));
        assert!(!is_json(b"application/jsonx"));
        assert!(!is_json(b"text/plain"));
    }
}
