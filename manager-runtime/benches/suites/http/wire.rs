//! What goes over the wire, the same for every server.

use manager_runtime::message;

/// The key that every request carries.
pub(crate) const KEY: &str = "0123456789abcdef0123456789abcdef";

/// How long a body may be.
pub(crate) const BODY_LIMIT: usize = 2 * 1024 * 1024;

/// How many requests may be in flight.
pub(crate) const IN_FLIGHT: usize = 10_000;

/// How many replicas `add` has.
pub(crate) const REPLICAS: usize = 4;

/// What is asked.
#[message]
pub(crate) struct Sum {
    pub(crate) a: i64,
    pub(crate) b: i64,
}

/// What is answered.
#[message]
pub(crate) struct Total {
    pub(crate) total: i64,
}

/// One request, ready to be written to a socket.
pub(crate) fn request(path: &str) -> Vec<u8> {
    let body = r#"{"type":"request","src":"bench","data":{"a":19,"b":23}}"#;
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {KEY}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// What every right answer ends with.
pub(crate) const ANSWER: &[u8] = br#"{"status":"Ok","message":{"total":42}}"#;

/// The JSON around what is asked, for servers that read it by hand.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// Always `request` here.
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
    pub(crate) data: Sum,
    #[serde(rename = "src")]
    pub(crate) _src: Option<String>,
}

/// What the client wants done.
#[derive(PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Request,
    Dispatch,
}

/// The JSON around what is answered.
#[derive(serde::Serialize)]
pub(crate) struct Answered {
    pub(crate) status: &'static str,
    pub(crate) message: Total,
}

/// The work itself.
pub(crate) fn add(sum: &Sum) -> Total {
    Total { total: sum.a + sum.b }
}
