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

/// What a server is asked: the request line's method and path, its body, and how the answer ends.
#[derive(Clone, Copy)]
pub(crate) struct Question {
    method: &'static str,
    path: &'static str,
    body: &'static str,
    pub(crate) answer: &'static str,
}

const ENVELOPE: &str = r#"{"type":"request","src":"bench","data":{"a":19,"b":23}}"#;
const SEALED: &str = r#"{"status":"Ok","message":{"total":42}}"#;

/// Everything that is asked, by the name under which processes speak of it.
pub(crate) fn question(name: &str) -> Question {
    let envelope = |path| Question { method: "POST", path, body: ENVELOPE, answer: SEALED };
    match name {
        "add" => envelope("/add"),
        "through" => envelope("/through"),
        "by_name" => envelope("/by_name"),
        "sum" => Question {
            method: "POST",
            path: "/sums",
            body: r#"{"a":19,"b":23}"#,
            answer: r#"{"total":42}"#,
        },
        "order" => Question {
            method: "GET",
            path: "/shops/19/orders/23",
            body: "",
            answer: r#"{"total":42}"#,
        },
        other => panic!("nobody asks for {other}"),
    }
}

impl Question {
    /// The request, ready to be written to a socket.
    pub(crate) fn request(&self) -> Vec<u8> {
        let Question { method, path, body, answer: _ } = self;
        let content = match body.len() {
            0 => String::new(),
            length => {
                format!("content-type: application/json\r\ncontent-length: {length}\r\n")
            }
        };
        format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {KEY}\r\n\
             {content}\r\n{body}"
        )
        .into_bytes()
    }
}

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
