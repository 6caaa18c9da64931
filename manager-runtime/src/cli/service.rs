//! A running service, as commands reach it: over HTTP/1.1, with or without TLS, with a key.

use std::ffi::OsStr;
use std::fmt;
use std::fs::File;
use std::future::poll_fn;
use std::io::{self, Read};
use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, HOST, USER_AGENT};
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, request};
use http_body::Body as _;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::args::Access;
use crate::body::Body;
use crate::error::{Error, Kind, Result};
use crate::http::status;
use crate::tls::{Connector, ServerStream};

/// How long the way to the service may take.
const CONNECT: Duration = Duration::from_secs(10);

/// How long a connection that has failed may take to say why.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How long an explanation may be that comes with a refusal.
const LONGEST_REFUSAL: usize = 64 << 10;

/// What need not be encoded in a path: most names as they are, and nothing that ends one.
const NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why a request came to nothing.
#[derive(Debug)]
pub(super) enum Failure {
    /// The service was not there, not to the end, or not now: asking again may help.
    Lost(Error),
    /// What the service said, or what is wrong on this side.
    Final(Error),
}

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure::Final(error.into())
    }
}

impl Failure {
    pub(super) fn into_error(self) -> Error {
        match self {
            Failure::Lost(error) | Failure::Final(error) => error,
        }
    }
}

/// A running service and the key for it.
pub(super) struct Service {
    target: Target,
    /// What TLS is opened with, if it is https.
    tls: Option<Connector>,
    /// Marked as sensitive, and in no `Debug`.
    key: Option<HeaderValue>,
}

impl Service {
    /// The service at an address such as `http://127.0.0.1:8080`.
    ///
    /// # Errors
    ///
    /// What is wrong with the address, with the key of the file or the environment, or with what is to be used
    /// over TLS.
    pub(super) fn new(url: &str, access: &Access) -> Result<Self> {
        let Access { key_file, ca, identity } = access;
        let target = Target::parse(url)?;
        let identity = identity.as_ref().map(|(cert, key)| (&**cert, &**key));
        let tls = match target.secure {
            true => {
                let connector = Connector::new(ca.as_deref(), identity);
                let wrong = |wrong: Vec<String>| {
                    Error::bad_request(format!("`{url}` cannot be called: {}", wrong.join("; ")))
                };
                Some(connector.map_err(wrong)?)
            }
            false if ca.is_some() || identity.is_some() => {
                let why = "--ca and --cert are for an `https://` address";
                return Err(Error::bad_request(format!("`{url}` cannot be called so: {why}")));
            }
            false => None,
        };
        Ok(Service { target, tls, key: key(key_file.as_deref())? })
    }

    /// A request for the path of these segments.
    pub(super) fn request(&self, method: Method, segments: &[&str]) -> request::Builder {
        let mut path = self.target.prefix.clone();
        for segment in segments {
            path.push('/');
            path.extend(utf8_percent_encode(segment, NAME));
        }
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.target.authority)
            .header(USER_AGENT, concat!("manager-runtime/", env!("CARGO_PKG_VERSION")));
        if let Some(key) = &self.key {
            request = request.header(AUTHORIZATION, key);
        }
        request
    }

    /// Sends a request over a connection of its own, and gives the answer as soon as its head is there. How
    /// long that may take is up to the caller.
    ///
    /// # Errors
    ///
    /// `Lost`, whatever happens on the way.
    pub(super) async fn send(
        &self,
        request: Request<Body>,
    ) -> std::result::Result<Response<Incoming>, Failure> {
        let Target { authority, host, port, .. } = &self.target;
        let stream = timeout(CONNECT, TcpStream::connect((&**host, *port)))
            .await
            .map_err(|_| Error::timeout(format!("{authority} cannot be reached in time")))
            .and_then(|stream| {
                stream.map_err(|error| {
                    let text = format!("{authority} cannot be reached");
                    Error::not_found(text).with_source(error)
                })
            })
            .map_err(Failure::Lost)?;
        let broken = |error: hyper::Error| {
            let text = format!("{authority} does not speak HTTP/1.1 to the end");
            Failure::Lost(Error::internal(text).with_source(error))
        };
        // The connection ends with the sender.
        let (mut sender, connection) = match &self.tls {
            None => {
                let (sender, connection) =
                    http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
                (sender, tokio::spawn(connection))
            }
            Some(tls) => {
                let stream = self.secure(tls, stream).await?;
                let (sender, connection) =
                    http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
                (sender, tokio::spawn(connection))
            }
        };
        let error = match sender.send_request(request).await {
            Ok(response) => return Ok(response),
            Err(error) => error,
        };
        drop(sender);
        // A refusal may come before there is a request that it could be told to, and only the connection knows
        // of it then.
        match timeout(LAST_WORDS, connection).await {
            Ok(Ok(Err(cause))) => Err(broken(cause)),
            _ => Err(broken(error)),
        }
    }

    /// Opens TLS. A service that is not trusted now will not be in a moment.
    async fn secure(
        &self,
        tls: &Connector,
        stream: TcpStream,
    ) -> std::result::Result<ServerStream, Failure> {
        let Target { authority, host, .. } = &self.target;
        match timeout(CONNECT, tls.connect(host, stream)).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => {
                let (text, last) = match error.kind() {
                    io::ErrorKind::PermissionDenied => ("is not trusted", true),
                    io::ErrorKind::InvalidData => ("does not open TLS", true),
                    _ => ("does not open TLS", false),
                };
                let error = Error::internal(format!("{authority} {text}")).with_source(error);
                Err(if last { Failure::Final(error) } else { Failure::Lost(error) })
            }
            Err(_) => {
                let text = format!("{authority} does not open TLS in time");
                Err(Failure::Lost(Error::timeout(text)))
            }
        }
    }

    /// The same for short answers: sent, and read within a time.
    ///
    /// # Errors
    ///
    /// As for [`send`](Self::send) and [`collect`].
    pub(super) async fn ask(
        &self,
        request: Request<Body>,
        limit: Duration,
    ) -> std::result::Result<Response<Bytes>, Failure> {
        let asked = async {
            let (head, body) = self.send(request).await?.into_parts();
            Ok(Response::from_parts(head, collect(body, LONGEST_REFUSAL).await?))
        };
        timeout(limit, asked).await.unwrap_or_else(|_| {
            Err(Failure::Lost(Error::timeout(format!("{self} did not answer in time"))))
        })
    }

    /// Whether there is anything at a path (RFC 9110, section 9.3.7).
    ///
    /// # Errors
    ///
    /// As for [`ask`](Self::ask).
    pub(super) async fn has(&self, segments: &[&str]) -> std::result::Result<bool, Failure> {
        let request = self.request(Method::OPTIONS, segments).body(Body::empty())?;
        Ok(status::kind(self.ask(request, CONNECT).await?.status()) != Kind::NotFound)
    }

    /// What an answer that is no success says, with what can be done about it.
    pub(super) async fn refused(&self, answer: Response<Incoming>) -> Failure {
        let (head, body) = answer.into_parts();
        // An explanation that is cut off, or too long, is none.
        let body = timeout(CONNECT, collect(body, LONGEST_REFUSAL)).await;
        let body = body.ok().and_then(std::result::Result::ok).unwrap_or_default();
        self.refusal(head.status, &body)
    }

    /// The same for an answer that was read.
    pub(super) fn refusal(&self, code: StatusCode, body: &[u8]) -> Failure {
        let said = explanation(code, body);
        let kind = status::kind(code);
        let text = match (kind, &self.key) {
            (Kind::Unauthorized, None) => format!(
                "{self} wants a key, and none was given: set MANAGER_API_KEY or MANAGER_API_KEY_FILE, or name a \
                 file with --key-file"
            ),
            (Kind::Unauthorized, Some(_)) => {
                format!(
                    "{self} does not take the key of MANAGER_API_KEY, MANAGER_API_KEY_FILE or --key-file"
                )
            }
            (Kind::TooLarge, _) => {
                format!("{said}; the setting `upload_limit` of {self} says how much")
            }
            (Kind::InsufficientStorage, _) => {
                format!(
                    "{said}; make room at {self} (its disk, or the setting `files_quota`) and run this again"
                )
            }
            _ => said,
        };
        let error = Error::new(kind, text);
        if status::is_passing(code) { Failure::Lost(error) } else { Failure::Final(error) }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.target.authority, self.target.prefix)
    }
}

/// Where the service is.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    /// Whether it is https.
    secure: bool,
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
        let secure = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            Some(_) => return wrong("only http and https are spoken here"),
            None => return wrong("it has no `http://`"),
        };
        let Some(authority) = uri.authority() else { return wrong("it names no host") };
        if uri.query().is_some() {
            return wrong("it has a query");
        }
        let host = authority.host();
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        Ok(Target {
            secure,
            authority: authority.to_string(),
            host: bare.to_owned(),
            port: authority.port_u16().unwrap_or(if secure { 443 } else { 80 }),
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

/// A whole body, at most so many bytes of it.
///
/// # Errors
///
/// `Lost` if it is cut off, `TooLarge` if it is longer.
pub(super) async fn collect(
    mut body: Incoming,
    most: usize,
) -> std::result::Result<Bytes, Failure> {
    let mut bytes = Vec::new();
    while let Some(piece) = next(&mut body).await? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > most {
            return Err(Error::too_large(format!("the reply is longer than {most} bytes")).into());
        }
    }
    Ok(bytes.into())
}

/// The next piece of a body.
///
/// # Errors
///
/// `Lost` if it is cut off.
pub(super) async fn next(body: &mut Incoming) -> std::result::Result<Option<Bytes>, Failure> {
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await {
        let frame = frame.map_err(|error| {
            Failure::Lost(Error::internal("the reply was cut off").with_source(error))
        })?;
        if let Ok(data) = frame.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

/// What the endpoint of a handler answers, and what a path of more segments does.
#[derive(Deserialize)]
pub(super) struct Envelope<'a> {
    #[serde(borrow)]
    pub(super) message: Option<&'a RawValue>,
    detail: Option<String>,
}

/// What the service says of a refusal, or its status.
pub(super) fn explanation(code: StatusCode, body: &[u8]) -> String {
    let envelope: Option<Envelope<'_>> = serde_json::from_slice(body).ok();
    let text = envelope.and_then(|Envelope { message, detail }| {
        let message = message.and_then(|message| serde_json::from_str(message.get()).ok());
        message.or(detail)
    });
    let text = text.unwrap_or_else(|| format!("the service answered {code}"));
    // It is shown on a terminal, which takes orders by such characters.
    text.replace(|one: char| one.is_control() && one != '\n', " ")
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
        check("https://example.com/inner/", "example.com", 443, "/inner");
        check("https://127.0.0.1:8443", "127.0.0.1", 8443, "");
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
        check("ftp://example.com", "only http");
        check("http://example.com?a=1", "a query");
        check("http://me:secret@example.com", "MANAGER_API_KEY");
        for url in ["http://me:secret@example.com", "http://me:secret@a b"] {
            let error = Target::parse(url).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn what_is_for_https_is_not_for_http() {
        let access = Access { ca: Some("ca.pem".to_owned()), ..Access::default() };
        let error = Service::new("http://h", &access).err().unwrap().to_string();
        assert!(error.contains("--ca and --cert are for an `https://` address"), "{error}");
        let error = Service::new("https://h", &access).err().unwrap().to_string();
        let expected = match cfg!(feature = "_tls") {
            true => "`ca.pem` (`--ca`) cannot be read",
            false => "this build has no TLS; use an `http://` address",
        };
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn names_stay_one_segment() {
        let service = Service::new("http://h/in", &Access::default()).unwrap();
        let check = |name: &str, path: &str| {
            let request = service.request(Method::POST, &[name]).body(()).unwrap();
            assert_eq!(request.uri().path(), path, "{name}");
        };
        check("billing.pay", "/in/billing.pay");
        check("a/b?c", "/in/a%2Fb%3Fc");
        check("ä b", "/in/%C3%A4%20b");
    }
}
