//! Forms with files, read as they come.

use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use multer::{Constraints, SizeLimit};

use crate::body::Body;
use crate::error::{Error, Result};
use crate::fields::shown;
use crate::handler::{Message, Parameter, Reads, role};
use crate::message::Payload;

/// How many parts a form may have if nothing else is said.
const COUNT: usize = 100;

/// How much is read in search of the head of a part before it is given up, in bytes.
const HEAD: u64 = 64 * 1024;

/// A form in `multipart/form-data` (RFC 7578), part by part as it comes. With the feature `multipart`.
///
/// The limits: the whole body has `body_limit`, a part has [`part_limit`](Self::part_limit) (as much as the
/// body, unless it is set), the form has [`count_limit`](Self::count_limit) parts (100), and the head of a
/// part 64 KiB.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// #[handler(post = "/photos", body_limit = "100MiB")]
/// async fn photos(form: Multipart) -> Result<String> {
///     let mut form = form.part_limit(10 * 1024 * 1024).count_limit(20);
///     let mut lengths = Vec::new();
///     while let Some(mut part) = form.next().await? {
///         let mut length = 0;
///         while let Some(piece) = part.next().await? {
///             length += piece.len();
///         }
///         lengths.push(format!("{}: {length}", part.name().unwrap_or("?")));
///     }
///     Ok(lengths.join(", "))
/// }
/// # fn main() {}
/// ```
///
/// # Errors
///
/// `UnsupportedMediaType` if the message is not `multipart/form-data`, `BadRequest` if it names no
/// boundary; so is a message over the bus, which has no media type.
pub struct Multipart {
    boundary: String,
    part_limit: u64,
    count_limit: usize,
    /// How many parts have begun.
    count: usize,
    state: State,
}

enum State {
    /// Nothing was read, and the limits may still change. In a lock that is never waited for, because a
    /// body by itself cannot be shared and a form should be.
    Waiting(Mutex<Body>),
    Begun(Box<Begun>),
}

/// A form of which something was read.
struct Begun {
    form: multer::Multipart<'static>,
    /// The part that is being read. It is here, and not with who reads it, so that what is left of it is
    /// skipped before the next.
    part: Option<multer::Field<'static>>,
    /// How much of the body was taken in search of a head.
    searched: Arc<AtomicU64>,
}

impl Multipart {
    /// Sets how long a part may be, in bytes, before the first is read.
    ///
    /// ```
    /// # use manager_runtime::Multipart;
    /// fn small(form: Multipart) -> Multipart { form.part_limit(64 * 1024) }
    /// ```
    #[must_use]
    pub fn part_limit(self, bytes: u64) -> Self {
        Multipart { part_limit: bytes, ..self }
    }

    /// Sets how many parts there may be.
    ///
    /// ```
    /// # use manager_runtime::Multipart;
    /// fn few(form: Multipart) -> Multipart { form.count_limit(3) }
    /// ```
    #[must_use]
    pub fn count_limit(self, parts: usize) -> Self {
        Multipart { count_limit: parts, ..self }
    }

    /// The next part, `None` after the last. What was not read of the one before is skipped. [`Multipart`]
    /// shows a use.
    ///
    /// # Errors
    ///
    /// `BadRequest` for what is no form or is cut off, `TooLarge` over one of the limits, and whatever ends
    /// the body early.
    pub async fn next(&mut self) -> Result<Option<MultipartField<'_>>> {
        self.begin();
        let State::Begun(begun) = &mut self.state else { return Ok(None) };
        let Begun { form, part, searched } = &mut **begun;
        if let Some(mut before) = part.take() {
            while before.chunk().await.map_err(refused)?.is_some() {}
        }
        searched.store(0, Ordering::Relaxed);
        let next = form.next_field().await.map_err(refused)?;
        // The part itself may be long.
        searched.store(u64::MAX, Ordering::Relaxed);
        let Some(next) = next else { return Ok(None) };
        if self.count == self.count_limit {
            let limit = self.count_limit;
            return Err(Error::too_large(format!("the form has more than {limit} parts")));
        }
        self.count += 1;
        Ok(Some(MultipartField(part.insert(next))))
    }

    fn begin(&mut self) {
        let State::Waiting(body) = &mut self.state else { return };
        let body = std::mem::take(body.get_mut().unwrap_or_else(PoisonError::into_inner));
        let searched = Arc::new(AtomicU64::new(0));
        let pieces = Pieces { body, searched: searched.clone(), paused: false };
        let limits = Constraints::new().size_limit(SizeLimit::new().per_field(self.part_limit));
        let form = multer::Multipart::with_constraints(pieces, &*self.boundary, limits);
        self.state = State::Begun(Box::new(Begun { form, part: None, searched }));
    }
}

impl fmt::Debug for Multipart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Multipart").field("count", &self.count).finish_non_exhaustive()
    }
}

/// A part of a form. [`Multipart`] shows a use.
pub struct MultipartField<'a>(&'a mut multer::Field<'static>);

impl MultipartField<'_> {
    /// The name of the field.
    ///
    /// ```
    /// # use manager_runtime::MultipartField;
    /// fn is_photo(part: &MultipartField<'_>) -> bool { part.name() == Some("photo") }
    /// ```
    pub fn name(&self) -> Option<&str> {
        self.0.name()
    }

    /// The name of the file, as the client says it: anything at all may stand here, `../` as well.
    ///
    /// ```
    /// # use manager_runtime::MultipartField;
    /// fn is_file(part: &MultipartField<'_>) -> bool { part.file_name().is_some() }
    /// ```
    pub fn file_name(&self) -> Option<&str> {
        self.0.file_name()
    }

    /// The media type, as the client says it.
    ///
    /// ```
    /// # use manager_runtime::MultipartField;
    /// fn is_png(part: &MultipartField<'_>) -> bool { part.content_type() == Some("image/png") }
    /// ```
    pub fn content_type(&self) -> Option<&str> {
        self.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok())
    }

    /// All headers of the part.
    ///
    /// ```
    /// # use manager_runtime::MultipartField;
    /// fn has_type(part: &MultipartField<'_>) -> bool { part.headers().contains_key("content-type") }
    /// ```
    pub fn headers(&self) -> &HeaderMap {
        self.0.headers()
    }

    /// The next piece of the part, `None` at its end. [`Multipart`] shows a use.
    ///
    /// # Errors
    ///
    /// As for [`Multipart::next`].
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        self.0.chunk().await.map_err(refused)
    }

    /// The rest of the part, in memory: set a [`part_limit`](Multipart::part_limit) that you have room for.
    ///
    /// # Errors
    ///
    /// As for [`Multipart::next`].
    ///
    /// ```
    /// # use manager_runtime::{MultipartField, Result};
    /// # async fn example(part: MultipartField<'_>) -> Result<usize> {
    /// let length = part.bytes().await?.len();
    /// # Ok(length) }
    /// ```
    pub async fn bytes(mut self) -> Result<Bytes> {
        let Some(first) = self.next().await? else { return Ok(Bytes::new()) };
        let Some(second) = self.next().await? else { return Ok(first) };
        let mut whole = BytesMut::from(&*first);
        let mut piece = Some(second);
        while let Some(bytes) = piece {
            whole.extend_from_slice(&bytes);
            piece = self.next().await?;
        }
        Ok(whole.freeze())
    }

    /// The rest of the part as text.
    ///
    /// # Errors
    ///
    /// `BadRequest` for what is not UTF-8; otherwise as for [`Multipart::next`].
    ///
    /// ```
    /// # use manager_runtime::{MultipartField, Result};
    /// # async fn example(part: MultipartField<'_>) -> Result<String> {
    /// let title = part.text().await?;
    /// # Ok(title) }
    /// ```
    pub async fn text(self) -> Result<String> {
        let name = shown(self.name().unwrap_or_default());
        String::from_utf8(self.bytes().await?.into())
            .map_err(|_| Error::bad_request(format!("the part `{name}` is not UTF-8")))
    }
}

impl fmt::Debug for MultipartField<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MultipartField").field("name", &self.name()).finish_non_exhaustive()
    }
}

/// What the parser says, in our kinds.
fn refused(error: multer::Error) -> Error {
    let text = match error {
        // An error of the body comes back as what it was.
        multer::Error::StreamReadFailed(error) => return Error::from_boxed(error),
        multer::Error::FieldSizeExceeded { limit, field_name } => {
            let name = shown(field_name.as_deref().unwrap_or_default());
            return Error::too_large(format!("the part `{name}` is longer than {limit} bytes"));
        }
        multer::Error::IncompleteStream
        | multer::Error::IncompleteHeaders
        | multer::Error::IncompleteFieldData { .. } => "the form is cut off".to_owned(),
        other => format!("the form cannot be read: {}", shown(&other.to_string())),
    };
    Error::bad_request(text)
}

/// The body, one piece at a time. The parser takes whatever it can get at once, and would have all of a
/// long body in memory if the client is fast; so after each piece there is none for a moment.
struct Pieces {
    body: Body,
    searched: Arc<AtomicU64>,
    paused: bool,
}

impl Stream for Pieces {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        if std::mem::take(&mut self.paused) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let searched = self.searched.load(Ordering::Relaxed);
        if searched != u64::MAX && searched >= HEAD {
            let text = format!("the head of a part is longer than {HEAD} bytes");
            return Poll::Ready(Some(Err(Error::bad_request(text))));
        }
        let piece = ready!(Pin::new(&mut self.body).poll_next(cx));
        if let Some(Ok(piece)) = &piece {
            self.paused = true;
            if searched != u64::MAX {
                self.searched.store(searched + piece.len() as u64, Ordering::Relaxed);
            }
        }
        Poll::Ready(piece)
    }
}

impl Parameter for Multipart {
    type Role = role::Message;
}

impl Message for Multipart {
    type Value = Multipart;

    const READS: Reads = Reads::Stream;

    fn from_value(value: Multipart) -> Self {
        value
    }

    fn decode(payload: Payload) -> Result<Multipart> {
        let request = payload.into_request()?;
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let boundary = multer::parse_boundary(kind.unwrap_or_default()).map_err(|error| {
            if matches!(error, multer::Error::NoBoundary) {
                Error::bad_request("the Content-Type of the form names no boundary")
            } else {
                Error::unsupported_media_type("the body has to be multipart/form-data")
            }
        })?;
        // RFC 2046, section 5.1.1.
        if boundary.is_empty() || boundary.len() > 70 {
            return Err(Error::bad_request("the boundary of the form has 1 to 70 characters"));
        }
        let state = State::Waiting(Mutex::new(request.into_body()));
        Ok(Multipart { boundary, part_limit: u64::MAX, count_limit: COUNT, count: 0, state })
    }
}
