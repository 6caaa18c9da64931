//! The one error that a caller of a handler sees.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

/// Any error at all, boxed: what a hand-written [`Base`](crate::Base) returns.
///
/// ```
/// use manager_runtime::{BoxError, Error};
///
/// fn older_code(paid: bool) -> Result<(), BoxError> {
///     if paid {
///         return Err(Error::conflict("the order was already paid").into());
///     }
///     Err("no such order".into())
/// }
/// assert_eq!(older_code(true).unwrap_err().to_string(), "the order was already paid");
/// ```
pub type BoxError = Box<dyn StdError + Send + Sync + 'static>;

/// A result whose error is [`Error`], unless another is named.
///
/// ```
/// use manager_runtime::{Error, Result};
///
/// fn positive(number: i64) -> Result<i64> {
///     if number > 0 { Ok(number) } else { Err(Error::unprocessable("not positive")) }
/// }
/// assert!(positive(-1).is_err());
/// ```
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in a closed list that transports translate: HTTP into a status, the command
/// line into an exit status.
///
/// Over HTTP each kind is one status. A 401 says `WWW-Authenticate: Bearer` (RFC 9110, section
/// 11.6.1; RFC 6750, section 3), a 405 `Allow` (RFC 9110, section 10.2.1), a 429 and a 503
/// `Retry-After` (RFC 9110, section 10.2.3).
///
/// | kind | status | where it stands |
/// |---|---|---|
/// | `BadRequest` | 400 | RFC 9110, section 15.5.1 |
/// | `Unauthorized` | 401 | RFC 9110, section 15.5.2 |
/// | `Forbidden` | 403 | RFC 9110, section 15.5.4 |
/// | `NotFound` | 404 | RFC 9110, section 15.5.5 |
/// | `MethodNotAllowed` | 405 | RFC 9110, section 15.5.6 |
/// | `Conflict` | 409 | RFC 9110, section 15.5.10 |
/// | `Gone` | 410 | RFC 9110, section 15.5.11 |
/// | `PreconditionFailed` | 412 | RFC 9110, section 15.5.13 |
/// | `TooLarge` | 413 | RFC 9110, section 15.5.14 |
/// | `UnsupportedMediaType` | 415 | RFC 9110, section 15.5.16 |
/// | `RangeNotSatisfiable` | 416 | RFC 9110, section 15.5.17 |
/// | `Unprocessable` | 422 | RFC 9110, section 15.5.21 |
/// | `TooManyRequests` | 429 | RFC 6585, section 4 |
/// | `Internal`, `Panicked` | 500 | RFC 9110, section 15.6.1 |
/// | `NotImplemented` | 501 | RFC 9110, section 15.6.2 |
/// | `Overloaded`, `ShuttingDown`, `Unavailable` | 503 | RFC 9110, section 15.6.4 |
/// | `Timeout` | 504 | RFC 9110, section 15.6.5 |
/// | `InsufficientStorage` | 507 | RFC 4918, section 11.5 |
/// | `Cycle` | 508 | RFC 5842, section 7.2 |
///
/// ```
/// use manager_runtime::{Error, Kind};
///
/// let error = Error::conflict("the order was already paid");
/// assert_eq!(error.kind(), Kind::Conflict);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// The message could not be read.
    BadRequest,
    /// No key, or a wrong one.
    Unauthorized,
    /// The caller is known and may not do this.
    Forbidden,
    /// There is no such handler, or the handler found no such thing.
    NotFound,
    /// The thing exists but not for this method.
    MethodNotAllowed,
    /// The state of the thing does not allow this.
    Conflict,
    /// The thing was here and will not come back.
    Gone,
    /// What the caller made the call depend on does not hold.
    PreconditionFailed,
    /// The message is longer than its limit.
    TooLarge,
    /// The message is in a format that the handler does not read.
    UnsupportedMediaType,
    /// Nothing of the part that was asked for is there.
    RangeNotSatisfiable,
    /// The message was read, and its shape or its values do not fit.
    Unprocessable,
    /// The caller asks too often.
    TooManyRequests,
    /// The handler returned an error of its own.
    Internal,
    /// The handler panicked.
    Panicked,
    /// The handler does not offer this kind of call.
    NotImplemented,
    /// All replicas are busy and the queue is full.
    Overloaded,
    /// The manager is stopping.
    ShuttingDown,
    /// Something that the handler cannot do without is not there at the moment.
    Unavailable,
    /// The deadline passed.
    Timeout,
    /// There is no room left for what was to be stored.
    InsufficientStorage,
    /// The call would wait for itself.
    Cycle,
}

impl Kind {
    /// The kind in words, the same wherever it is shown: `bad request`, `timeout`.
    ///
    /// ```
    /// use manager_runtime::Kind;
    ///
    /// assert_eq!(Kind::NotFound.as_str(), "not found");
    /// assert_eq!(Kind::Internal.to_string(), "internal error");
    /// ```
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::BadRequest => "bad request",
            Kind::Unauthorized => "unauthorized",
            Kind::Forbidden => "forbidden",
            Kind::NotFound => "not found",
            Kind::MethodNotAllowed => "method not allowed",
            Kind::Conflict => "conflict",
            Kind::Gone => "gone",
            Kind::PreconditionFailed => "precondition failed",
            Kind::TooLarge => "too large",
            Kind::UnsupportedMediaType => "unsupported media type",
            Kind::RangeNotSatisfiable => "range not satisfiable",
            Kind::Unprocessable => "unprocessable",
            Kind::TooManyRequests => "too many requests",
            Kind::Internal => "internal error",
            Kind::Panicked => "panicked",
            Kind::NotImplemented => "not implemented",
            Kind::Overloaded => "overloaded",
            Kind::ShuttingDown => "shutting down",
            Kind::Unavailable => "unavailable",
            Kind::Timeout => "timeout",
            Kind::InsufficientStorage => "insufficient storage",
            Kind::Cycle => "cycle",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a call has no reply: a [`Kind`], a message for whoever called, and a source for the log.
///
/// Like `anyhow::Error` it does not implement [`std::error::Error`] itself, so that `?` takes any
/// error in a handler that returns [`Result`]. It converts into [`BoxError`], and comes back out of
/// one with its kind.
///
/// An error made by one of the constructors below carries its message to every caller, HTTP clients
/// included. An error that came in through `?` is *foreign*: callers in the process and the log read
/// its text, a client on the network reads a generic one.
///
/// ```
/// use manager_runtime::{Error, Kind, Result};
///
/// fn parse(text: &str) -> Result<u16> {
///     Ok(text.trim().parse()?) // any std error
/// }
///
/// assert_eq!(parse("no").unwrap_err().kind(), Kind::Internal);
/// assert_eq!(Error::not_found("no order 7").to_string(), "no order 7");
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    message: Cow<'static, str>,
    source: Option<BoxError>,
    /// The message came from somebody else's error: true for what `?` converted.
    foreign: bool,
    /// What an answer over HTTP says beside it.
    headers: Option<Box<HeaderMap>>,
    /// Whether whoever gets it may not know what they asked for.
    discreet: bool,
}

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident => $kind:ident;)*) => {
        impl Error {
            $(
                $(#[$doc])*
                pub fn $name(message: impl Into<Cow<'static, str>>) -> Self {
                    Self::new(Kind::$kind, message)
                }
            )*
        }
    };
}

constructors! {
    /// The message could not be read (400).
    ///
    /// ```
    /// use manager_runtime::{Error, Kind};
    /// assert_eq!(Error::bad_request("the date is cut off").kind(), Kind::BadRequest);
    /// ```
    bad_request => BadRequest;
    /// No key, or a wrong one (401).
    ///
    /// ```
    /// use manager_runtime::{Error, Kind};
    /// assert_eq!(Error::unauthorized("the token has expired").kind(), Kind::Unauthorized);
    /// ```
    unauthorized => Unauthorized;
    /// Known, and not allowed (403).
    ///
    /// ```
    /// use manager_runtime::{Error, Kind};
    /// assert_eq!(Error::forbidden("only the owner may do this").kind(), Kind::Forbidden);
    /// ```
    forbidden => Forbidden;
    /// No such handler or thing (404).
    ///
    /// ```
    /// use manager_runtime::{Error, Kind};
    /// assert_eq!(Error::not_found("no order 7").kind(), Kind::NotFound);
    /// ```
    not_found => NotFound;
    /// Not with this method (405).
    ///
    /// ```
    /// use manager_runtime::{Error, Kind};
    /// let error = Error::method_not_allowed("orders are never replaced");
    /// assert_eq!(error.kind(), Kind::MethodNotAllowed);
    /// ```
    method_not_allowed => MethodNotAllowed;
    /// The state of the thing does not allow it (409).
    ///
    /// ```
    /// use manager_runtime::{Error, Kind};
    /// assert_eq!(Error::conflict("the order was already paid").kind(), Kind::Conflict);
    /// ```
    conflict => Conflict;
    /// It was here and will not come back (410).
    ///
    /// ```
    /// use manager_runtime::{Error, Kind};
    /// assert_eq!(Error::gone("the order was deleted").kind(), Kind::Gone);
    /// ```
    gone => Gone;
    /// What the caller made it depend on does not hold (412).
    ///
    /// ```
    /// use manager_runtime::{Error, Kind};
    /// let error = Error::precondition_failed("the order was changed by somebody else");
    /// assert_eq!(error.kind(), Kind::PreconditionFailed);
    /// ```
    precondition_failed => PreconditionFailed;
    /// Longer than the limit (413).
    ///
    /// ```
    /// use manager_runtime::{Error, Kind};
    /// assert_eq!(Error::too_large("more than 100 items").kind(), Kind::TooLarge);
    /// ```
    too_large => TooLarge;
    /// A format that is not read here (415).
    ///
    /// ```
    /// use manager_runtime::{Error, Kind};
    /// let error = Error::unsupported_media_type("only png images are read");
    /// assert_eq!(error.kind(), Kind::UnsupportedMediaType);
    /// ```
    unsupported_media_type => UnsupportedMediaType;
    /// Nothing of the part that was asked for is there (416).
    ///
    /// ```
    /// use manager_runtime::{Error, Kind};
    /// let error = Error::range_not_satisfiable("the recording has 90 seconds");
    /// assert_eq!(error.kind(), Kind::RangeNotSatisfiable);
    /// ```
    range_not_satisfiable => RangeNotSatisfiable;
    /// Read, but of a wrong shape or value (422).
    ///
    /// ```
    /// use manager_runtime::{Error, Kind};
    /// assert_eq!(Error::unprocessable("the amount is negative").kind(), Kind::Unprocessable);
    /// ```
    unprocessable => Unprocessable;
    /// Too often (429).
    ///
    /// ```
    /// use manager_runtime::{Error, Kind};
    /// let error = Error::too_many_requests("ten orders a minute are enough");
    /// assert_eq!(error.kind(), Kind::TooManyRequests);
    /// ```
    too_many_requests => TooManyRequests;
    /// The handler's own failure (500). The message reaches the client: say nothing secret.
    ///
    /// ```
    /// use manager_runtime::{Error, Kind};
    /// assert_eq!(Error::internal("the price list is empty").kind(), Kind::Internal);
    /// ```
    internal => Internal;
    /// The handler panicked (500).
    ///
    /// ```
    /// use manager_runtime::{Error, Kind};
    /// assert_eq!(Error::panicked("the plugin panicked").kind(), Kind::Panicked);
    /// ```
    panicked => Panicked;
    /// Not offered by this handler (501).
    ///
    /// ```
    /// use manager_runtime::{Error, Kind};
    /// assert_eq!(Error::not_implemented("refunds are not offered").kind(), Kind::NotImplemented);
    /// ```
    not_implemented => NotImplemented;
    /// All replicas busy, the queue full (503).
    ///
    /// ```
    /// use manager_runtime::{Error, Kind};
    /// assert_eq!(Error::overloaded("the printer is busy").kind(), Kind::Overloaded);
    /// ```
    overloaded => Overloaded;
    /// The manager is stopping (503).
    ///
    /// ```
    /// use manager_runtime::{Error, Kind};
    /// let error = Error::shutting_down("the printer is being turned off");
    /// assert_eq!(error.kind(), Kind::ShuttingDown);
    /// ```
    shutting_down => ShuttingDown;
    /// What is needed for it is not there at the moment (503).
    ///
    /// ```
    /// use manager_runtime::{Error, Kind};
    /// assert_eq!(Error::unavailable("the printer is off").kind(), Kind::Unavailable);
    /// ```
    unavailable => Unavailable;
    /// The deadline passed (504).
    ///
    /// ```
    /// use manager_runtime::{Error, Kind};
    /// assert_eq!(Error::timeout("the bank did not answer").kind(), Kind::Timeout);
    /// ```
    timeout => Timeout;
    /// No room left to store it (507).
    ///
    /// ```
    /// use manager_runtime::{Error, Kind};
    /// let error = Error::insufficient_storage("the archive is full");
    /// assert_eq!(error.kind(), Kind::InsufficientStorage);
    /// ```
    insufficient_storage => InsufficientStorage;
    /// The call would wait for itself (508).
    ///
    /// ```
    /// use manager_runtime::{Error, Kind};
    /// assert_eq!(Error::cycle("the order contains itself").kind(), Kind::Cycle);
    /// ```
    cycle => Cycle;
}

impl Error {
    /// An error of `kind` whose `message` every caller may read.
    ///
    /// ```
    /// use manager_runtime::{Error, Kind};
    /// let error = Error::new(Kind::Gone, "this list has moved");
    /// assert_eq!(error.kind(), Kind::Gone);
    /// ```
    pub fn new(kind: Kind, message: impl Into<Cow<'static, str>>) -> Self {
        Error(Box::new(Inner {
            kind,
            message: message.into(),
            source: None,
            foreign: false,
            headers: None,
            discreet: false,
        }))
    }

    /// Adds the cause, for the log. Callers do not see it; [`Display`](fmt::Display) does not repeat it.
    ///
    /// ```
    /// use manager_runtime::Error;
    /// let cause = "x".parse::<u8>().unwrap_err();
    /// let error = Error::unprocessable("the age is no number").with_source(cause);
    /// assert!(error.source().is_some());
    /// ```
    #[must_use]
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Adds a header for the answer over HTTP, beside those that the kind brings. One of the same
    /// name is replaced. Other callers do not see it.
    ///
    /// ```
    /// use manager_runtime::{Error, HeaderName, HeaderValue};
    /// let challenge = HeaderValue::from_static("Basic realm=\"shop\"");
    /// let error = Error::unauthorized("log in first")
    ///     .with_header(HeaderName::from_static("www-authenticate"), challenge);
    /// ```
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.get_or_insert_default().insert(name, value);
        self
    }

    /// What went wrong.
    ///
    /// ```
    /// use manager_runtime::{Error, Kind};
    /// let is_retried = |error: &Error| matches!(error.kind(), Kind::Overloaded | Kind::Timeout);
    /// assert!(is_retried(&Error::timeout("the bank did not answer")));
    /// ```
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The message, as a caller in this process reads it.
    ///
    /// ```
    /// use manager_runtime::Error;
    /// assert_eq!(Error::gone("the order was deleted").message(), "the order was deleted");
    /// ```
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The cause that [`with_source`](Self::with_source) or `?` kept.
    ///
    /// ```
    /// use manager_runtime::Error;
    /// let error = Error::from("x".parse::<u8>().unwrap_err()); // what `?` does
    /// assert!(error.source().is_some_and(|source| source.is::<std::num::ParseIntError>()));
    /// ```
    pub fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }

    /// After what time it makes sense to try again, where the kind allows to say so: one second for
    /// `Overloaded`, `ShuttingDown`, `Unavailable` and `TooManyRequests`. HTTP sends it as `Retry-After` (RFC
    /// 9110, section 10.2.3).
    ///
    /// ```
    /// use manager_runtime::Error;
    /// assert!(Error::overloaded("busy").retry_after().is_some());
    /// assert!(Error::not_found("no").retry_after().is_none());
    /// ```
    pub fn retry_after(&self) -> Option<Duration> {
        match self.0.kind {
            Kind::Overloaded | Kind::ShuttingDown | Kind::Unavailable | Kind::TooManyRequests => {
                Some(Duration::from_secs(1))
            }
            _ => None,
        }
    }

    /// What `?` does not reach: an error that is already boxed. An [`Error`] that was boxed on the
    /// way comes out as it went in, one with [`#[derive(HandlerError)]`](derive@crate::HandlerError)
    /// with the kind of its variant; anything else is a foreign [`Kind::Internal`].
    ///
    /// ```
    /// use manager_runtime::{BoxError, Error, Kind};
    /// let boxed: BoxError = Error::conflict("twice").into();
    /// assert_eq!(Error::from_boxed(boxed).kind(), Kind::Conflict);
    /// ```
    pub fn from_boxed(error: BoxError) -> Self {
        match error.downcast::<Boxed>() {
            Ok(boxed) => boxed.0,
            Err(error) => {
                let kind = declared_kind(&*error);
                Error(Box::new(Inner {
                    kind: kind.unwrap_or(Kind::Internal),
                    message: error.to_string().into(),
                    // Whoever gave a variant a kind of the client's own wrote its text for the client.
                    foreign: kind.is_none_or(|kind| kind == Kind::Internal),
                    source: Some(error),
                    headers: None,
                    discreet: false,
                }))
            }
        }
    }

    /// The error that was boxed, if it is one of ours.
    pub(crate) fn typed(error: BoxError) -> Result<Self, BoxError> {
        error.downcast::<Boxed>().map(|boxed| boxed.0)
    }

    /// What an answer over HTTP says beside the error.
    pub(crate) fn headers(&self) -> Option<&HeaderMap> {
        self.0.headers.as_deref()
    }

    /// The text for somebody outside the process: `None` where the message is not ours to show.
    /// The same for whoever may not know whether there is anything where they asked: nothing of the answer may
    /// depend on that.
    pub(crate) fn discreet(mut self) -> Self {
        self.0.discreet = true;
        self
    }

    pub(crate) fn is_discreet(&self) -> bool {
        self.0.discreet
    }

    pub(crate) fn public_message(&self) -> Option<&str> {
        (!self.0.foreign).then_some(&*self.0.message)
    }

    /// The whole story for the log: the message and every cause below it.
    pub(crate) fn story(&self) -> String {
        let mut story = self.0.message.to_string();
        // A foreign error's own text is the message already, and so is that of a user's type.
        let mut next = match &self.0.source {
            Some(source) if self.0.foreign || declared_kind(&**source).is_some() => source.source(),
            source => source.as_deref().map(|source| source as &(dyn StdError + 'static)),
        };
        while let Some(cause) = next {
            story.push_str(": ");
            story.push_str(&cause.to_string());
            next = cause.source();
        }
        story
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.kind, self.story())
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        Error::from_boxed(Box::new(error))
    }
}

impl From<Error> for BoxError {
    fn from(error: Error) -> Self {
        Box::new(Boxed(error))
    }
}

/// An error type whose variants have kinds: what `#[derive(HandlerError)]` writes.
pub trait HasKind: StdError + Send + Sync + 'static {
    /// The kind of this value.
    fn kind(&self) -> Kind;
}

/// One such type, found through the registry: `?` knows only that it is some standard error.
pub struct KindEntry(fn(&(dyn StdError + 'static)) -> Option<Kind>);

inventory::collect!(KindEntry);

impl KindEntry {
    /// The entry of `E`.
    pub const fn of<E: HasKind>() -> Self {
        KindEntry(|error| error.downcast_ref::<E>().map(E::kind))
    }
}

/// A field as the source of an error: it may be an error, or a box of one, which is none itself.
pub trait AsSource {
    /// The source.
    fn as_source(&self) -> &(dyn StdError + 'static);
}

impl<E: StdError + 'static> AsSource for E {
    fn as_source(&self) -> &(dyn StdError + 'static) {
        self
    }
}

impl AsSource for dyn StdError + 'static {
    fn as_source(&self) -> &(dyn StdError + 'static) {
        self
    }
}

impl AsSource for dyn StdError + Send + 'static {
    fn as_source(&self) -> &(dyn StdError + 'static) {
        self
    }
}

impl AsSource for dyn StdError + Send + Sync + 'static {
    fn as_source(&self) -> &(dyn StdError + 'static) {
        self
    }
}

/// The kind that the user gave to the type of an error. There are few such types, and only errors ask.
fn declared_kind(error: &(dyn StdError + 'static)) -> Option<Kind> {
    inventory::iter::<KindEntry>.into_iter().find_map(|entry| (entry.0)(error))
}

/// An [`Error`] in the clothes of a standard one, so that a [`BoxError`] can carry it.
struct Boxed(Error);

impl fmt::Display for Boxed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Boxed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl StdError for Boxed {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boxed_error_keeps_its_kind_and_its_source() {
        let cause = "x".parse::<u8>().unwrap_err();
        let boxed: BoxError = Error::gone("moved away").with_source(cause).into();
        assert_eq!(boxed.to_string(), "moved away");
        let back = Error::from_boxed(boxed);
        assert_eq!(back.kind(), Kind::Gone);
        assert_eq!(back.story(), "moved away: invalid digit found in string");
    }

    #[test]
    fn a_foreign_error_shows_nothing_outside() {
        let error: Error = std::io::Error::other("password is hunter2").into();
        assert_eq!(error.message(), "password is hunter2");
        assert_eq!(error.public_message(), None);
        assert_eq!(error.story(), "password is hunter2");
    }
}
