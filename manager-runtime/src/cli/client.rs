//! Asking a running service over HTTP/1.1.

use std::ffi::OsStr;
use std::fs::File;
use std::future::poll_fn;
use std::io::Read;
use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

use http::header::{AUTHORIZATION, HOST, USER_AGENT};
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body::Body as _;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::args::Order;
use super::call::{Answer, read};
use crate::body::Body;
use crate::error::{Error, Result};
use crate::http::status;

/// How long the way to the service may take.
const CONNECT: Duration = Duration::from_secs(10);

/// How long the reply may take; how long a handler of another process may take is known there alone.
const REPLY: Duration = Duration::from_secs(300);

/// How large a reply may be.
const LONGEST_REPLY: usize = 1 << 30;

/// What need not be encoded in a path: the names of handlers as they are, and nothing that ends one.
const NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Sends the order to the service at the address.
pub(super) async fn ask(url: &str, order: Order) -> Result<Answer> {
    let target = Target::parse(url)?;
    let key = key(order.key_file.as_deref())?;
    let request = request(&target, &order.name, key, read(&order.data)?)?;
    let limit = order.timeout.unwrap_or(REPLY);
    let stream = timeout(CONNECT.min(limit), TcpStream::connect((&*target.host, target.port)))
        .await
        .map_err(|_| Error::timeout(format!("{} cannot be reached in time", target.authority)))?
        .map_err(|error| unreachable(&target, error))?;
    let exchange = exchange(stream, request, &target);
    timeout(limit, exchange).await.map_err(|_| {
        Error::timeout(format!(
            "{} did not answer in time; --timeout sets another",
            target.authority
        ))
    })?
}

/// Where the service is.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    /// As the `Host` header has it.
    authority: String,
    /// A name or an address without brackets.
    host: String,
    port: u16,
    /// What stands before the name of the handler, without a slash at its end.
    prefix: String,
}

impl Target {
    fn parse(url: &str) -> Result<Self> {
        let wrong = |why: &str| {
            Err(Error::bad_request(format!(
                "`{url}` cannot be called: {why}; write it like `http://127.0.0.1:8080`"
            )))
        };
        if url.contains('@') {
            // Not repeated: what stands before the sign may be a password.
            return Err(Error::bad_request(
                "an address with a user name cannot be called; the key goes into MANAGER_API_KEY",
            ));
        }
        let Ok(uri) = url.parse::<Uri>() else { return wrong("it is no address") };
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") => {
                return Err(Error::not_implemented(format!(
                    "`{url}` cannot be called: this build has no TLS; use an `http://` address"
                )));
            }
            Some(_) => return wrong("only http is spoken here"),
            None => return wrong("it has no `http://`"),
        }
        let Some(authority) = uri.authority() else { return wrong("it names no host") };
        if uri.query().is_some() {
            return wrong("it has a query");
        }
        let host = authority.host();
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        Ok(Target {
            authority: authority.to_string(),
            host: bare.to_owned(),
            port: authority.port_u16().unwrap_or(80),
            prefix: uri.path().trim_end_matches('/').to_owned(),
        })
    }
}

/// The key that opens the service: from a file or the environment, where no other process reads it.
fn key(file: Option<&Path>) -> Result<Option<HeaderValue>> {
    let set = |name: &str| std::env::var_os(name);
    let bytes = match (file, set("MANAGER_API_KEY"), set("MANAGER_API_KEY_FILE")) {
        (Some(file), _, _) => key_in(file.as_os_str())?,
        (None, Some(_), Some(_)) => {
            return Err(Error::bad_request(
                "MANAGER_API_KEY and MANAGER_API_KEY_FILE are both set; allowed is one of the two",
            ));
        }
        (None, Some(key), None) => key.into_encoded_bytes(),
        (None, None, Some(file)) => key_in(&file)?,
        (None, None, None) => return Ok(None),
    };
    if bytes.is_empty() || !bytes.iter().all(u8::is_ascii_graphic) {
        return Err(Error::bad_request(
            "the key is not what a key can be: visible ascii characters",
        ));
    }
    let mut value = HeaderValue::from_bytes(&[b"Bearer ", &*bytes].concat())?;
    value.set_sensitive(true);
    Ok(Some(value))
}

/// The content of the file without the newline at its end, as for the setting.
fn key_in(path: &OsStr) -> Result<Vec<u8>> {
    /// The longest key and its newline, and one more to see that it is too long.
    const MOST: u64 = 4096 + 3;
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MOST).read_to_end(&mut bytes));
    read.map_err(|error| {
        let path = path.to_string_lossy();
        Error::bad_request(format!("the key in `{path}` cannot be read")).with_source(error)
    })?;
    if bytes.ends_with(b"\n") {
        bytes.pop();
        if bytes.ends_with(b"\r") {
            bytes.pop();
        }
    }
    Ok(bytes)
}

/// `POST /name` with the message as it is: without a media type the service takes it verbatim, as text
/// or JSON by what the handler reads.
fn request(
    target: &Target,
    name: &str,
    key: Option<HeaderValue>,
    data: Vec<u8>,
) -> Result<Request<Body>> {
    let path = format!("{}/{}", target.prefix, utf8_percent_encode(name, NAME));
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(HOST, &target.authority)
        .header(USER_AGENT, concat!("manager-runtime/", env!("CARGO_PKG_VERSION")))
        .body(Body::from(data))?;
    if let Some(key) = key {
        request.headers_mut().insert(AUTHORIZATION, key);
    }
    Ok(request)
}

async fn exchange(stream: TcpStream, request: Request<Body>, target: &Target) -> Result<Answer> {
    let broken = |error: hyper::Error| {
        Error::internal(format!("{} does not speak HTTP/1.1 to the end", target.authority))
            .with_source(error)
    };
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    // Ends with the sender; what goes wrong on the way is told to who waits for the answer.
    tokio::spawn(connection);
    let answer = sender.send_request(request).await.map_err(broken)?;
    let (parts, body) = answer.into_parts();
    let body = collect(body).await?;
    open(&Response::from_parts(parts, body))
}

async fn collect(mut body: Incoming) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let frame =
            frame.map_err(|error| Error::internal("the reply was cut off").with_source(error))?;
        if let Ok(data) = frame.into_data() {
            bytes.extend_from_slice(&data);
        }
        if bytes.len() > LONGEST_REPLY {
            return Err(Error::too_large("the reply is longer than 1GiB"));
        }
    }
    Ok(bytes)
}

/// What the endpoint of a handler answers, and what a path of more segments does.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    detail: Option<String>,
}

fn open(answer: &Response<Vec<u8>>) -> Result<Answer> {
    let (code, body) = (answer.status(), answer.body());
    let envelope: Option<Envelope<'_>> = serde_json::from_slice(body).ok();
    if code.is_success() {
        return match envelope.and_then(|envelope| envelope.message) {
            Some(message) => Ok(Answer::of_json(message.get().as_bytes().to_vec())),
            // `null` is no message to serde; a body without an envelope is somebody else's.
            None if serde_json::from_slice::<Envelope<'_>>(body).is_ok() => {
                Ok(Answer::of_json(b"null".to_vec()))
            }
            None => Ok(Answer::Text(body.clone().into())),
        };
    }
    Err(Error::new(status::kind(code), refusal(code, envelope)))
}

fn refusal(code: StatusCode, envelope: Option<Envelope<'_>>) -> String {
    let text = envelope.and_then(|Envelope { message, detail }| {
        let message = message.and_then(|message| serde_json::from_str(message.get()).ok());
        message.or(detail)
    });
    text.unwrap_or_else(|| format!("the service answered {code}"))
}

fn unreachable(target: &Target, error: std::io::Error) -> Error {
    Error::not_found(format!("{} cannot be reached", target.authority)).with_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let check = |url: &str, host: &str, port: u16, prefix: &str| {
            let target = Target::parse(url).unwrap();
            assert_eq!(
                (&*target.host, target.port, &*target.prefix),
                (host, port, prefix),
                "{url}"
            );
        };
        check("http://127.0.0.1:8080", "127.0.0.1", 8080, "");
        check("http://127.0.0.1:8080/", "127.0.0.1", 8080, "");
        check("http://[::1]:9", "::1", 9, "");
        check("http://example.com/inner/", "example.com", 80, "/inner");
    }

    #[test]
    fn addresses_that_cannot_be_called() {
        let check = |url: &str, expected: &str| {
            let error = Target::parse(url).unwrap_err().to_string();
            assert!(error.contains(expected), "{url}: {error}");
        };
        check("127.0.0.1:8080", "no `http://`");
        check("http://a b", "no address");
        check("localhost", "no `http://`");
        check("https://example.com", "this build has no TLS");
        check("ftp://example.com", "only http");
        check("http://example.com?a=1", "a query");
        check("http://me:secret@example.com", "MANAGER_API_KEY");
        for url in ["http://me:secret@example.com", "http://me:secret@a b"] {
            let error = Target::parse(url).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }

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
        check(502, "<html>", Err("the service answered 502 Bad Gateway"));
    }

    #[test]
    fn names_stay_one_segment() {
        let target = Target::parse("http://h/in").unwrap();
        let check = |name: &str, path: &str| {
            let request = request(&target, name, None, Vec::new()).unwrap();
            assert_eq!(request.uri().path(), path, "{name}");
        };
        check("billing.pay", "/in/billing.pay");
        check("a/b?c", "/in/a%2Fb%3Fc");
    }
}
