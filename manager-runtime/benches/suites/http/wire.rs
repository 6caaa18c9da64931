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

/// What a server is asked: the request line's method and path, its body, and what the answer is.
#[derive(Clone, Copy)]
pub(crate) struct Question {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) body: &'static str,
    /// What the media type of the answer begins with.
    pub(crate) media: &'static str,
    pub(crate) answer: &'static str,
}

/// The plain text.
pub(crate) const GREETING: &str = "Hello, world!";

const ENVELOPE: &str = r#"{"type":"request","src":"bench","data":{"a":19,"b":23}}"#;
const SEALED: &str = r#"{"status":"Ok","message":{"total":42}}"#;
const SUM: &str = r#"{"a":19,"b":23}"#;
const TOTAL: &str = r#"{"total":42}"#;
const JSON: &str = "application/json";

/// Everything that is asked, by the name under which processes speak of it.
pub(crate) fn question(name: &str) -> Question {
    let sum = |path| Question { method: "POST", path, body: SUM, media: JSON, answer: TOTAL };
    match name {
        "plain" => Question {
            method: "GET",
            path: "/plain",
            body: "",
            media: "text/plain",
            answer: GREETING,
        },
        "add" => {
            Question { method: "POST", path: "/add", body: ENVELOPE, media: JSON, answer: SEALED }
        }
        "sum" => sum("/sums"),
        "order" => Question {
            method: "GET",
            path: "/shops/19/orders/23",
            body: "",
            media: JSON,
            answer: TOTAL,
        },
        "chain" => sum("/chain"),
        "chain_by_name" => sum("/chain_by_name"),
        other => panic!("nobody asks for {other}"),
    }
}

/// What the paths of [`OTHERS`] begin with.
pub(crate) const COLLECTIONS: [&str; 12] = [
    "books", "shelves", "authors", "readers", "loans", "fines", "rooms", "desks", "clerks",
    "shifts", "news", "events",
];

/// The routes beside those that are asked for under load, in the braces that most routers know: 48 of them.
/// All are answered with nothing, which is checked.
pub(crate) fn others() -> impl Iterator<Item = String> {
    const ENDS: [&str; 4] = ["", "/{id}", "/{id}/notes", "/{id}/notes/{note}"];
    COLLECTIONS.iter().flat_map(|name| ENDS.map(|end| format!("/{name}{end}")))
}

impl Question {
    /// The request, ready to be written to a socket.
    pub(crate) fn request(&self) -> Vec<u8> {
        self.request_with(KEY)
    }

    /// The same with another key.
    pub(crate) fn request_with(&self, key: &str) -> Vec<u8> {
        let Question { method, path, body, media: _, answer: _ } = self;
        let content = match body.len() {
            0 => String::new(),
            length => {
                format!("content-type: application/json\r\ncontent-length: {length}\r\n")
            }
        };
        format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {key}\r\n\
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
    kind: Kind,
    data: Sum,
    #[serde(rename = "src")]
    _src: Option<String>,
}

/// What the client wants done.
#[derive(PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Request,
    Dispatch,
}

impl Asked {
    /// What is to be added, if it is to be answered.
    pub(crate) fn sum(self) -> Option<Sum> {
        (self.kind == Kind::Request).then_some(self.data)
    }
}

/// The JSON around what is answered.
#[derive(serde::Serialize)]
pub(crate) struct Answered {
    pub(crate) status: &'static str,
    pub(crate) message: Total,
}

impl Answered {
    /// A success.
    pub(crate) fn ok(message: Total) -> Self {
        Answered { status: "Ok", message }
    }
}

/// The work itself.
pub(crate) fn add(sum: &Sum) -> Total {
    Total { total: sum.a + sum.b }
}
