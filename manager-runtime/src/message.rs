//! What goes into a handler and what comes out of it, at the boundary where types end.
//!
//! Inside one process a typed value moves as it is. A [`Payload`] or a [`Reply`] stands where only a
//! name is known: it may still hold the value itself, and becomes JSON when somebody asks for bytes.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

use bytes::Bytes;
use http::header::SET_COOKIE;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, IgnoredAny, IntoDeserializer};

use crate::body::Body;
use crate::error::{Error, Result};
use crate::fields::{self, Fields, shown};
use crate::head::Request;
use crate::panics;
use crate::representation::Representation;
use crate::route::Port;

/// A JSON value (RFC 8259) of type `T`: as a parameter the message of a handler, as a result its
/// reply, as a payload whatever `serde` can write.
///
/// A message that is no JSON is `BadRequest`; one whose shape does not fit `T` is `Unprocessable`,
/// and the error names the field. A caller in the same process hands over the `T` itself.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// #[handler]
/// async fn shout(Json(words): Json<Vec<String>>) -> Json<String> {
///     Json(words.join(" ").to_uppercase())
/// }
/// # fn main() {}
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Json<T>(pub T);

/// A message in `application/x-www-form-urlencoded` (`a=1&b=two`; URL Standard, section 5).
///
/// A JSON object with the same fields is read as well. What does not fit is `Unprocessable`.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// #[message]
/// pub struct Login { pub user: String }
///
/// #[handler]
/// async fn login(Form(login): Form<Login>) -> String {
///     format!("hello {}", login.user)
/// }
/// # fn main() {}
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Form<T>(pub T);

/// A message on its way to a handler that is known by name only.
///
/// Made by [`IntoPayload`] from text, bytes, [`Json`] or a `#[message]` type. `Debug` shows its
/// kind and its size, and nothing of the content.
///
/// ```
/// use manager_runtime::{IntoPayload, Payload};
///
/// let payload: Payload = "secret".into_payload();
/// assert_eq!(format!("{payload:?}"), "Payload(text, 6 bytes)");
/// ```
pub struct Payload(Content);

/// What a handler that was called by name answered: text, JSON, bytes, or the value itself. A
/// handler may return one as well. `Debug` shows its kind and its size, and nothing of the content.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// # async fn example(ctx: Context) -> Result<()> {
/// let total: u64 = ctx.publish("count", "apples").await?.json()?;
/// let greeting = ctx.publish("greet", "Ada").await?.text()?;
/// # Ok(()) }
/// ```
pub struct Reply {
    content: Content,
    /// What HTTP says before it; most replies leave that to the transport.
    head: Option<Box<ReplyHead>>,
}

/// What a reply says to HTTP beside its content.
#[derive(Debug, Default)]
pub(crate) struct ReplyHead {
    pub(crate) status: Option<StatusCode>,
    pub(crate) headers: HeaderMap,
    /// What a response carried for whoever stands around the handler.
    pub(crate) extensions: Extensions,
    /// The head is whole: no media type is added to it.
    pub(crate) whole: bool,
}

/// What a payload or a reply holds. One type for both, because the reply of one handler is often the
/// payload of the next.
enum Content {
    Empty,
    /// Known to be UTF-8.
    Text(Bytes),
    /// Known to be one JSON value.
    Json(Bytes),
    /// Whatever somebody sent: text for a text handler, JSON for a typed one.
    Raw(Bytes),
    /// The value itself, written as JSON only if a boundary is crossed.
    Value(Box<dyn Carried>),
    /// What the path and the query of a request say.
    Fields(Box<Fields>),
    /// A request whose body nobody has read yet.
    Request(Box<Request>),
    /// Bytes that come bit by bit.
    Body(Box<Body>),
    /// Bytes of which a request may get a part.
    Download(Box<Representation>),
    /// Why there is no message; whoever reads one gets this error.
    Failed(Box<Failed>),
    /// A message for another entrance of the handler than `run`.
    At(Port, Box<Payload>),
}

/// A message that could not be had.
struct Failed {
    error: Error,
    /// Whether nothing was sent at all, which is no mistake to whoever can do without.
    nothing: bool,
}

/// A value that can still be taken out as itself, and written as JSON if that fails.
trait Carried: Any + Send {
    fn write_json(&self, out: &mut Vec<u8>) -> serde_json::Result<()>;
    /// Moves the value into an `Option` of its type; it comes back if the place is of another.
    fn take_into(self: Box<Self>, place: &mut dyn Any)
    -> std::result::Result<(), Box<dyn Carried>>;
    fn as_any(&self) -> &dyn Any;
}

impl<T: Serialize + Send + 'static> Carried for T {
    fn write_json(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        serde_json::to_writer(out, self)
    }

    fn take_into(
        self: Box<Self>,
        place: &mut dyn Any,
    ) -> std::result::Result<(), Box<dyn Carried>> {
        match place.downcast_mut::<Option<T>>() {
            Some(place) => {
                *place = Some(*self);
                Ok(())
            }
            None => Err(self),
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Payload {
    /// No message at all: what `()` becomes. A text handler reads it as `""`, a handler of
    /// `Json<T>` as `null`.
    ///
    /// ```
    /// use manager_runtime::Payload;
    /// assert_eq!(format!("{:?}", Payload::empty()), "Payload(empty)");
    /// ```
    pub fn empty() -> Self {
        Payload(Content::Empty)
    }

    /// Bytes of which nothing is known: text for a text handler, JSON for a typed one.
    pub(crate) fn raw(bytes: Bytes) -> Self {
        Payload(if bytes.is_empty() { Content::Empty } else { Content::Raw(bytes) })
    }

    /// Bytes that a JSON parser has accepted as one value.
    pub(crate) fn json_bytes(bytes: Bytes) -> Self {
        Payload(Content::Json(bytes))
    }

    /// What the path and the query of a request say, for a handler that reads them as its message.
    pub(crate) fn fields(fields: Fields) -> Self {
        Payload(Content::Fields(Box::new(fields)))
    }

    /// The same for another entrance of an impl block than `run`.
    pub(crate) fn at(self, port: Port) -> Self {
        Payload(Content::At(port, Box::new(self)))
    }

    /// Which entrance it is for, `None` for `run`, and what it says there.
    pub(crate) fn into_port(self) -> (Option<Port>, Payload) {
        match self.0 {
            Content::At(port, payload) => (Some(port), *payload),
            content => (None, Payload(content)),
        }
    }

    /// A request whose body the handler reads itself.
    pub(crate) fn request(request: Request) -> Self {
        Payload(Content::Request(Box::new(request)))
    }

    /// No payload, because of this error. It is returned to whoever reads the message, so that a handler
    /// that wants to see it can.
    pub(crate) fn failed(error: Error) -> Self {
        Payload(Content::Failed(Box::new(Failed { error, nothing: false })))
    }

    /// No payload, because nothing was sent; the error is for who needs one.
    pub(crate) fn missing(error: Error) -> Self {
        Payload(Content::Failed(Box::new(Failed { error, nothing: true })))
    }

    /// Whether nothing was sent. The `null` of JSON is nothing as well.
    pub(crate) fn is_nothing(&self) -> bool {
        match &self.0 {
            Content::Empty => true,
            Content::Text(bytes) | Content::Raw(bytes) => bytes.is_empty(),
            Content::Json(json) => json.trim_ascii() == b"null",
            Content::Value(_) => false,
            Content::Fields(fields) => fields.is_empty(),
            Content::Request(request) => http_body::Body::is_end_stream(request.body()),
            Content::Body(body) => http_body::Body::is_end_stream(&**body),
            Content::Download(download) => download.source.length() == Some(0),
            Content::Failed(failed) => failed.nothing,
            Content::At(_, payload) => payload.is_nothing(),
        }
    }

    /// The request, for a message that reads the body itself; a payload of another kind becomes the body
    /// of a request without a head.
    pub(crate) fn into_request(self) -> Result<Request> {
        match self.0 {
            Content::Request(request) => Ok(*request),
            Content::Body(body) => Ok(Request::new(*body)),
            Content::Download(download) => Ok(Request::new(download.into_body())),
            Content::Failed(failed) => Err(failed.error),
            Content::At(_, payload) => payload.into_request(),
            content => Ok(Request::new(Body::from(content_to_bytes(content)?))),
        }
    }

    /// A form that can be cloned cheaply, for the subscribers of a topic.
    pub(crate) fn share(self) -> Result<SharedPayload> {
        Ok(SharedPayload(match self.0 {
            Content::Empty => Shared::Empty,
            Content::Text(bytes) => Shared::Text(bytes),
            Content::Json(bytes) => Shared::Json(bytes),
            Content::Raw(bytes) => Shared::Raw(bytes),
            Content::Value(value) => Shared::Json(value_to_json(&*value)?),
            Content::Failed(failed) => return Err(failed.error),
            Content::At(_, payload) => return payload.share(),
            Content::Fields(_) | Content::Request(_) | Content::Body(_) | Content::Download(_) => {
                return Err(Error::internal("a stream cannot be an event: it has one reader"));
            }
        }))
    }
}

/// A payload for many: no value, only reference-counted bytes.
#[derive(Clone)]
pub(crate) struct SharedPayload(Shared);

#[derive(Clone)]
enum Shared {
    Empty,
    Text(Bytes),
    Json(Bytes),
    Raw(Bytes),
}

impl SharedPayload {
    pub(crate) fn to_payload(&self) -> Payload {
        Payload(match self.0.clone() {
            Shared::Empty => Content::Empty,
            Shared::Text(bytes) => Content::Text(bytes),
            Shared::Json(bytes) => Content::Json(bytes),
            Shared::Raw(bytes) => Content::Raw(bytes),
        })
    }
}

impl Reply {
    fn of(content: Content) -> Self {
        Reply { content, head: None }
    }

    /// A reply that is sent as its pieces come. Only HTTP can deliver it, and whoever reads it with
    /// [`into_body`](Self::into_body).
    ///
    /// ```
    /// use manager_runtime::{Body, Reply};
    /// let reply = Reply::from_body(Body::from("a text"));
    /// ```
    pub fn from_body(body: Body) -> Self {
        Reply::of(Content::Body(Box::new(body)))
    }

    /// A reply of which a request may get a part.
    pub(crate) fn from_download(download: Representation) -> Self {
        Reply::of(Content::Download(Box::new(download)))
    }

    /// Whether it is one of which a request may get a part.
    pub(crate) fn is_download(&self) -> bool {
        matches!(self.content, Content::Download(_))
    }

    /// The download and what else is said of it, unless the answer is something else than a plain 200, of
    /// which there are no parts.
    pub(crate) fn take_download(&mut self) -> Option<(Box<Representation>, ReplyHead)> {
        let is_ok = |head: &ReplyHead| head.status.is_none_or(|status| status == StatusCode::OK);
        if !self.is_download() || !self.head.as_deref().is_none_or(is_ok) {
            return None;
        }
        match std::mem::replace(&mut self.content, Content::Empty) {
            Content::Download(download) => {
                Some((download, self.head.take().map(|head| *head).unwrap_or_default()))
            }
            _ => None,
        }
    }

    /// The status that HTTP answers with, instead of 200. In an envelope and to other callers it means
    /// nothing.
    ///
    /// ```
    /// use manager_runtime::{Reply, StatusCode};
    /// let reply = Reply::from_text("made").with_status(StatusCode::CREATED);
    /// ```
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.head_mut().status = Some(status);
        self
    }

    /// Adds a header for HTTP; those of the same name stay.
    ///
    /// ```
    /// use manager_runtime::{HeaderName, HeaderValue, Reply};
    /// let kind = HeaderValue::from_static("text/csv");
    /// let reply = Reply::from_text("a,b").with_header(HeaderName::from_static("content-type"), kind);
    /// ```
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.head_mut().headers.append(name, value);
        self
    }

    /// Sets headers for HTTP in place of those of the same names; cookies add up.
    pub(crate) fn with_headers(mut self, headers: HeaderMap) -> Result<Self> {
        if headers.is_empty() {
            return Ok(self);
        }
        let own = &mut self.head_mut().headers;
        for name in headers.keys().filter(|name| *name != SET_COOKIE) {
            own.remove(name);
        }
        add_headers(own, headers)?;
        Ok(self)
    }

    pub(crate) fn head_mut(&mut self) -> &mut ReplyHead {
        self.head.get_or_insert_default()
    }

    /// The reply as the body of a response, whatever it holds.
    ///
    /// # Errors
    ///
    /// `Internal` if the value cannot be written as JSON.
    ///
    /// ```
    /// use manager_runtime::Reply;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> manager_runtime::Result<()> {
    /// let body = Reply::from_text("a text").into_body()?;
    /// assert_eq!(body.collect(100).await?, "a text");
    /// # Ok(()) }
    /// ```
    pub fn into_body(self) -> Result<Body> {
        Ok(self.into_parts()?.2)
    }

    /// What HTTP sends: what was said of the head, the media type that the content has by itself, and
    /// the body.
    pub(crate) fn into_parts(self) -> Result<(Option<Box<ReplyHead>>, Option<HeaderValue>, Body)> {
        const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
        const JSON: HeaderValue = HeaderValue::from_static("application/json");
        const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");
        let Reply { content, mut head } = self;
        let (kind, body) = match content {
            Content::Empty => (None, Body::empty()),
            Content::Text(text) => (Some(TEXT), text.into()),
            Content::Json(json) => (Some(JSON), json.into()),
            Content::Raw(bytes) => (Some(BYTES), bytes.into()),
            Content::Value(value) => (Some(JSON), value_to_json(&*value)?.into()),
            Content::Body(body) => (Some(BYTES), *body),
            Content::Download(download) => {
                let (headers, content) = download.into_parts(SystemTime::now());
                let head = head.get_or_insert_default();
                head.headers = overridden(headers, std::mem::take(&mut head.headers))?;
                (None, content.into_body())
            }
            // Only a payload holds these.
            Content::Fields(_) => (None, Body::empty()),
            Content::Request(request) => (None, request.into_body()),
            Content::At(..) => (None, Body::empty()),
            Content::Failed(failed) => return Err(failed.error),
        };
        Ok((head, kind, body))
    }

    /// A reply without content: what `()` becomes. As text it is `""`, as JSON `null`.
    ///
    /// ```
    /// use manager_runtime::Reply;
    /// assert_eq!(Reply::empty().text()?, "");
    /// # Ok::<(), manager_runtime::Error>(())
    /// ```
    pub fn empty() -> Self {
        Reply::of(Content::Empty)
    }

    /// A reply of text.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    ///
    /// #[handler]
    /// async fn shout(text: String) -> Reply {
    ///     if text.is_empty() { Reply::empty() } else { Reply::from_text(text.to_uppercase()) }
    /// }
    /// # fn main() {}
    /// ```
    pub fn from_text(text: impl Into<String>) -> Self {
        Reply::of(Content::Text(text.into().into()))
    }

    /// Reads the reply as text. A JSON string comes without its quotes, other JSON as compact text.
    ///
    /// # Errors
    ///
    /// [`Kind::BadRequest`](crate::Kind::BadRequest) if the reply is bytes that are not UTF-8,
    /// [`Kind::Internal`](crate::Kind::Internal) if the value that the handler returned cannot be
    /// written as JSON.
    ///
    /// ```
    /// use manager_runtime::Reply;
    /// assert_eq!(Reply::from_text("hello").text()?, "hello");
    /// # Ok::<(), manager_runtime::Error>(())
    /// ```
    pub fn text(self) -> Result<String> {
        content_to_text(self.content, "the reply")
    }

    /// Reads the reply as a value: the very value that the handler returned if the type is the same,
    /// through JSON otherwise.
    ///
    /// # Errors
    ///
    /// [`Kind::BadRequest`](crate::Kind::BadRequest) if the reply is no JSON,
    /// [`Kind::Unprocessable`](crate::Kind::Unprocessable) if it has another shape,
    /// [`Kind::Internal`](crate::Kind::Internal) if the value that the handler returned cannot be
    /// written as JSON.
    ///
    /// ```
    /// use manager_runtime::Reply;
    /// assert_eq!(Reply::from_text("[1, 2]").json::<Vec<u8>>()?, [1, 2]);
    /// assert!(Reply::from_text("[1, 2]").json::<u8>().is_err());
    /// # Ok::<(), manager_runtime::Error>(())
    /// ```
    pub fn json<T: DeserializeOwned + Send + 'static>(self) -> Result<T> {
        content_to_value(self.content, "the reply")
    }

    /// Reads the reply as bytes; JSON as compact text, a JSON string without its quotes.
    ///
    /// # Errors
    ///
    /// [`Kind::Internal`](crate::Kind::Internal) if the value that the handler returned cannot be
    /// written as JSON.
    ///
    /// ```
    /// use manager_runtime::Reply;
    /// assert_eq!(Reply::from_text("hello").bytes()?, "hello");
    /// # Ok::<(), manager_runtime::Error>(())
    /// ```
    pub fn bytes(self) -> Result<Bytes> {
        content_to_bytes(self.content)
    }

    /// What stands in the reply, for a transport to write.
    pub(crate) fn write_json(self, out: &mut Vec<u8>) -> Result<()> {
        match self.content {
            Content::Empty => out.extend_from_slice(b"null"),
            Content::Json(json) => out.extend_from_slice(&json),
            Content::Value(value) => write_value(&*value, out)?,
            Content::Text(text) | Content::Raw(text) => {
                // Bytes that are no text have no place in JSON; what is lost is shown as U+FFFD.
                serde_json::to_writer(out, &*String::from_utf8_lossy(&text)).map_err(unwritable)?;
            }
            Content::Failed(failed) => return Err(failed.error),
            Content::Fields(_)
            | Content::Request(_)
            | Content::Body(_)
            | Content::Download(_)
            | Content::At(..) => {
                return Err(Error::not_implemented(
                    "the reply is a stream, which has no place in an envelope: give the handler a route",
                ));
            }
        }
        Ok(())
    }

    /// Whether the reply is JSON rather than text or bytes.
    pub(crate) fn is_json(&self) -> bool {
        matches!(self.content, Content::Json(_) | Content::Value(_))
    }
}

/// What is said of a thing, and what is said in place of that.
pub(crate) fn overridden(mut headers: HeaderMap, said: HeaderMap) -> Result<HeaderMap> {
    for name in said.keys() {
        headers.remove(name);
    }
    add_headers(&mut headers, said)?;
    Ok(headers)
}

/// Adds headers to those that are there.
pub(crate) fn add_headers(to: &mut HeaderMap, headers: HeaderMap) -> Result<()> {
    let mut last = None;
    for (name, value) in headers {
        last = name.or(last);
        if let Some(name) = &last {
            to.try_append(name, value).map_err(|error| {
                Error::internal("the reply has too many headers").with_source(error)
            })?;
        }
    }
    Ok(())
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({})", self.0.describe())
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({})", self.content.describe())
    }
}

impl Content {
    /// Its kind and size; the content itself may be a secret.
    fn describe(&self) -> Cow<'static, str> {
        match self {
            Content::Empty => "empty".into(),
            Content::Text(bytes) => format!("text, {} bytes", bytes.len()).into(),
            Content::Json(bytes) => format!("JSON, {} bytes", bytes.len()).into(),
            Content::Raw(bytes) => format!("{} bytes", bytes.len()).into(),
            Content::Value(_) => "a value".into(),
            Content::Fields(_) => "path and query".into(),
            Content::Request(_) => "a request".into(),
            Content::Body(_) => "a stream".into(),
            Content::Download(_) => "a download".into(),
            Content::Failed(_) => "an error".into(),
            Content::At(port, payload) => {
                format!("{}: {}", port.word(), payload.0.describe()).into()
            }
        }
    }
}

/// What can be sent to a handler by name.
///
/// Text (`&str`, `String`), bytes (`Bytes`, `Vec<u8>`, `&[u8]`), [`Json`] around anything that
/// `serde` writes, a [`serde_json::Value`], `()` for no message, a type with `#[message]`, and a
/// [`Reply`] as it came.
///
/// ```
/// use manager_runtime::{IntoPayload, Json};
///
/// fn send(payload: impl IntoPayload) { let _ = payload.into_payload(); }
///
/// send("text");
/// send(vec![0u8, 159]);
/// send(Json([1, 2, 3]));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent to a handler by name",
    label = "not text, bytes, `Json(..)` or a `#[message]` type",
    note = "wrap a type that implements `serde::Serialize` in `Json(..)`"
)]
pub trait IntoPayload {
    /// The value as a payload; nothing is written yet.
    ///
    /// ```
    /// use manager_runtime::{IntoPayload, Payload};
    ///
    /// /// A type of your own, sent as text.
    /// struct Order(u64);
    ///
    /// impl IntoPayload for Order {
    ///     fn into_payload(self) -> Payload {
    ///         format!("order {}", self.0).into_payload()
    ///     }
    /// }
    /// # let _ = Order(7).into_payload();
    /// ```
    fn into_payload(self) -> Payload;
}

impl IntoPayload for Payload {
    fn into_payload(self) -> Payload {
        self
    }
}

impl IntoPayload for Reply {
    fn into_payload(self) -> Payload {
        Payload(self.content)
    }
}

impl IntoPayload for () {
    fn into_payload(self) -> Payload {
        Payload::empty()
    }
}

impl IntoPayload for String {
    fn into_payload(self) -> Payload {
        Payload(Content::Text(self.into()))
    }
}

impl IntoPayload for &str {
    fn into_payload(self) -> Payload {
        Payload(Content::Text(Bytes::copy_from_slice(self.as_bytes())))
    }
}

impl IntoPayload for &String {
    fn into_payload(self) -> Payload {
        self.as_str().into_payload()
    }
}

impl IntoPayload for Bytes {
    fn into_payload(self) -> Payload {
        Payload(Content::Raw(self))
    }
}

impl IntoPayload for Vec<u8> {
    fn into_payload(self) -> Payload {
        Payload(Content::Raw(self.into()))
    }
}

impl IntoPayload for &[u8] {
    fn into_payload(self) -> Payload {
        Payload(Content::Raw(Bytes::copy_from_slice(self)))
    }
}

impl<T: Serialize + Send + 'static> IntoPayload for Json<T> {
    fn into_payload(self) -> Payload {
        value_payload(self.0)
    }
}

impl IntoPayload for serde_json::Value {
    fn into_payload(self) -> Payload {
        value_payload(self)
    }
}

/// A payload that is the value itself.
pub fn value_payload<T: Serialize + Send + 'static>(value: T) -> Payload {
    Payload(Content::Value(Box::new(value)))
}

/// A reply that is the value itself.
pub fn value_reply<T: Serialize + Send + 'static>(value: T) -> Reply {
    Reply::of(Content::Value(Box::new(value)))
}

/// A reply of a text that is never copied.
pub(crate) fn static_text(text: &'static str) -> Reply {
    Reply::of(Content::Text(Bytes::from_static(text.as_bytes())))
}

/// A reply of bytes.
pub(crate) fn bytes_reply(bytes: Bytes) -> Reply {
    Reply::of(Content::Raw(bytes))
}

/// Reads a payload as a typed value: the value itself if it is one, JSON otherwise.
pub fn decode_value<T: DeserializeOwned + Send + 'static>(payload: Payload) -> Result<T> {
    content_to_value(payload.0, "the message")
}

/// Reads a payload as text.
pub(crate) fn decode_text(payload: Payload) -> Result<String> {
    content_to_text(payload.0, "the message")
}

/// Reads a payload as bytes.
pub(crate) fn decode_bytes(payload: Payload) -> Result<Bytes> {
    content_to_bytes(payload.0)
}

/// Reads a payload as a form; a JSON object with the same fields does as well.
pub(crate) fn decode_form<T: DeserializeOwned + Send + 'static>(payload: Payload) -> Result<T> {
    match payload.0 {
        Content::Text(bytes) | Content::Raw(bytes) => fields::read_form(&bytes),
        Content::Empty => fields::read_form(b""),
        content => content_to_value(content, "the message"),
    }
}

fn is_stream() -> Error {
    Error::not_implemented("a stream cannot be read as a value here; read it with `into_body`")
}

fn content_to_value<T: DeserializeOwned + Send + 'static>(
    content: Content,
    what: &str,
) -> Result<T> {
    let bytes = match content {
        Content::Value(value) => {
            let mut taken = None::<T>;
            match value.take_into(&mut taken) {
                Ok(()) => {
                    return taken.ok_or_else(|| Error::internal("a value was lost on the way"));
                }
                Err(other) => value_to_json(&*other)?,
            }
        }
        Content::Empty => {
            return serde_json::from_slice(b"null").map_err(|_| {
                Error::bad_request(format!("{what} is empty, and a JSON value is expected"))
            });
        }
        Content::Text(text) => {
            return read_json(&text, what).or_else(|error| read_string(&text).ok_or(error));
        }
        Content::Json(bytes) | Content::Raw(bytes) => bytes,
        Content::Fields(fields) => return fields::read_message(&fields),
        Content::Failed(failed) => return Err(failed.error),
        Content::At(_, payload) => return content_to_value(payload.0, what),
        Content::Request(_) | Content::Body(_) | Content::Download(_) => return Err(is_stream()),
    };
    read_json(&bytes, what).or_else(|error| read_quoted(&bytes).ok_or(error))
}

/// Text that is no JSON still fits a type that is made from a string.
fn read_string<T: DeserializeOwned>(text: &[u8]) -> Option<T> {
    let text = std::str::from_utf8(text).ok()?;
    let deserializer: StrDeserializer<'_, serde::de::value::Error> = text.into_deserializer();
    T::deserialize(deserializer).ok()
}

/// A JSON string that does not fit directly may hold the JSON that does.
fn read_quoted<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    if !json.trim_ascii_start().starts_with(b"\"") {
        return None;
    }
    let inner: String = serde_json::from_slice(json).ok()?;
    serde_json::from_str(&inner).ok()
}

fn read_json<T: DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T> {
    // Of a text the parser need not look at each string for itself.
    let read = match std::str::from_utf8(bytes) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(bytes),
    };
    read.map_err(|error| {
        // Too long an array is an error of syntax to the parser, which stops at the first element too
        // many; what is valid JSON as such has a wrong shape.
        if !error.is_data() && serde_json::from_slice::<IgnoredAny>(bytes).is_err() {
            return Error::bad_request(format!("{what} is not valid JSON: {error}"));
        }
        // Read again with the path recorded: only who errs pays for it.
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        match serde_path_to_error::deserialize::<_, T>(&mut reader) {
            Ok(_) => Error::unprocessable(format!("{what} does not fit: {error}")),
            Err(error) => Error::unprocessable(describe_misfit(&error, what)),
        }
    })
}

fn describe_misfit(error: &serde_path_to_error::Error<serde_json::Error>, what: &str) -> String {
    let (path, why) = (error.path().to_string(), shown(&error.inner().to_string()));
    if path == "." {
        format!("{what} does not fit: {why}")
    } else {
        format!("{what} does not fit at `{}`: {why}", shown(&path))
    }
}

fn content_to_text(content: Content, what: &str) -> Result<String> {
    match content {
        Content::Empty => Ok(String::new()),
        Content::Text(bytes) | Content::Raw(bytes) => utf8(bytes, what),
        Content::Json(json) => json_to_text(&json, what),
        Content::Value(value) => match value.as_any().downcast_ref::<String>() {
            Some(text) => Ok(text.clone()),
            None => json_to_text(&value_to_json(&*value)?, what),
        },
        Content::Failed(failed) => Err(failed.error),
        Content::At(_, payload) => content_to_text(payload.0, what),
        Content::Fields(_) | Content::Request(_) | Content::Body(_) | Content::Download(_) => {
            Err(is_stream())
        }
    }
}

fn content_to_bytes(content: Content) -> Result<Bytes> {
    match content {
        Content::Empty => Ok(Bytes::new()),
        Content::Text(bytes) | Content::Raw(bytes) => Ok(bytes),
        json @ (Content::Json(_) | Content::Value(_)) => {
            Ok(content_to_text(json, "the message")?.into())
        }
        Content::Failed(failed) => Err(failed.error),
        Content::At(_, payload) => content_to_bytes(payload.0),
        Content::Fields(_) | Content::Request(_) | Content::Body(_) | Content::Download(_) => {
            Err(is_stream())
        }
    }
}

fn utf8(bytes: Bytes, what: &str) -> Result<String> {
    String::from_utf8(bytes.into())
        .map_err(|_| Error::bad_request(format!("{what} is not valid UTF-8, and text is expected")))
}

/// A JSON string without its quotes, anything else without the white space between its tokens.
fn json_to_text(json: &[u8], what: &str) -> Result<String> {
    if json.trim_ascii_start().starts_with(b"\"") {
        return serde_json::from_slice(json)
            .map_err(|error| Error::bad_request(format!("{what} is not valid JSON: {error}")));
    }
    utf8(compact(json).into(), what)
}

/// Drops the white space between tokens. Numbers and the order of keys stay to the letter, which a
/// round trip through a parsed value would not promise.
fn compact(json: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len());
    let (mut in_string, mut escaped) = (false, false);
    for &byte in json {
        if in_string {
            out.push(byte);
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
        } else if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            out.push(byte);
            in_string = byte == b'"';
        }
    }
    out
}

fn value_to_json(value: &dyn Carried) -> Result<Bytes> {
    let mut out = Vec::with_capacity(128);
    write_value(value, &mut out)?;
    Ok(out.into())
}

/// Runs the user's `Serialize`, which may fail and may panic.
fn write_value(value: &dyn Carried, out: &mut Vec<u8>) -> Result<()> {
    match panics::catch(|| value.write_json(out)) {
        Ok(written) => written.map_err(unwritable),
        Err(panic) => {
            tracing::error!("writing a value as JSON panicked{}", panics::story(&*panic));
            Err(Error::panicked("writing the value as JSON panicked"))
        }
    }
}

fn unwritable(error: serde_json::Error) -> Error {
    Error::internal("the value cannot be written as JSON").with_source(error)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::error::Kind;

    fn json(text: &str) -> Payload {
        Payload::json_bytes(Bytes::copy_from_slice(text.as_bytes()))
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Sum {
        a: i64,
        b: i64,
    }

    #[test]
    fn text_reads_as_the_issue_of_quotes_demands() {
        let check = |payload: Payload, expected: &str| {
            assert_eq!(decode_text(payload).unwrap(), expected);
        };
        check("plain".into_payload(), "plain");
        check(json("\"quoted\\n\""), "quoted\n");
        check(json("{ \"a\" : [1, \"x y\\\" z\"] }"), r#"{"a":[1,"x y\" z"]}"#);
        check(json("12345678901234567890.50"), "12345678901234567890.50");
        check(Payload::raw(Bytes::from_static(b"\"verbatim\"")), "\"verbatim\"");
        check(Json("value").into_payload(), "value");
        check(().into_payload(), "");
    }

    #[test]
    fn a_value_moves_or_is_read_from_whatever_holds_it() {
        let check = |payload: Payload| {
            assert_eq!(decode_value::<Sum>(payload).unwrap(), Sum { a: 1, b: 2 })
        };
        check(Json(Sum { a: 1, b: 2 }).into_payload());
        check(serde_json::json!({"a": 1, "b": 2}).into_payload());
        check(r#"{"a":1,"b":2}"#.into_payload());
        check(json(r#""{\"a\":1,\"b\":2}""#));
        check(Payload::raw(Bytes::from_static(br#"{"a":1,"b":2}"#)));
        assert_eq!(decode_value::<String>("no json".into_payload()).unwrap(), "no json");
        assert_eq!(decode_value::<Option<u8>>(Payload::empty()).unwrap(), None);
    }

    #[test]
    fn misfits_name_the_field_and_their_kind() {
        let check = |payload: Payload, kind: Kind, text: &str| {
            let error = decode_value::<Sum>(payload).unwrap_err();
            assert_eq!((error.kind(), error.message().contains(text)), (kind, true), "{error}");
        };
        check(Payload::raw(Bytes::from_static(b"{")), Kind::BadRequest, "not valid JSON");
        check(Payload::raw(Bytes::from_static(b"\xff")), Kind::BadRequest, "not valid JSON");
        check(json(r#"{"a":1,"b":"x"}"#), Kind::Unprocessable, "at `b`");
        check(json(r#"{"a":1}"#), Kind::Unprocessable, "missing field `b`");
        check(Payload::empty(), Kind::BadRequest, "empty");
    }
}
