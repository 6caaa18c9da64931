//! What a client uploads, as a handler gets it.

use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::body::Body;
use crate::error::{Error, Result};
use crate::handler::{Message, Needs, Parameter, Reads, role};
use crate::head::Request;
use crate::message::{IntoPayload, Payload};

/// A file on its way in: its name, what is known of it, and its content as a [`Stream`] of [`Bytes`].
///
/// It is the message of an upload: of a function with the option `upload`, and of `run_stream` in an impl
/// block. Read it with [`next`](Self::next) or as a stream. Whoever does not read slows the client down, and
/// nothing piles up in between. The stream ends with an *error* if the client goes away or stalls
/// (`BadRequest`, after the setting `body_timeout`) or sends more than `upload_limit` or the handler's own
/// `body_limit` (`TooLarge`): only a file that is whole ends it without one.
///
/// Such a handler has no deadline unless `timeout` is written, and is one of `streams` instead of a replica
/// that other calls need. A return before the end answers at once.
///
/// ```
/// use manager_runtime::prelude::*;
///
/// /// `POST /count/upload/{file}`
/// #[handler(upload)]
/// async fn count(mut upload: Upload) -> Result<String> {
///     let mut length = 0;
///     while let Some(piece) = upload.next().await? {
///         length += piece.len();
///     }
///     Ok(format!("{} has {length} bytes", upload.name()))
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// // It is a function like any other.
/// assert_eq!(count(Upload::new("a.txt", "four")).await?, "a.txt has 4 bytes");
///
/// # let running = Manager::empty().add::<count>().without_http().spawn().await?;
/// # let ctx = running.context();
/// assert_eq!(ctx.call::<count>(Upload::new("b", "12")).await?, "b has 2 bytes");
/// # running.stop().await
/// # }
/// ```
///
/// Sent by name over the bus, it is what the payload holds, without a name unless the payload is an `Upload`.
/// On a route of the handler's own (`put = "/files/{file}"`) the name is what the path captured as `file`.
#[derive(Debug)]
pub struct Upload {
    name: String,
    size_hint: Option<u64>,
    client: Option<SocketAddr>,
    content_type: Option<HeaderValue>,
    body: Body,
}

/// What is known of an upload when its request comes. It goes along with the request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Announced {
    pub(crate) name: String,
    pub(crate) size_hint: Option<u64>,
    pub(crate) client: Option<SocketAddr>,
}

impl Upload {
    /// An upload that no client sends: for a typed call, or a test of the function itself. The content is
    /// text, bytes, or any [`Body`], such as one of a stream; there is no limit to it.
    ///
    /// ```
    /// use manager_runtime::Upload;
    ///
    /// let upload = Upload::new("hello.txt", "hello");
    /// assert_eq!(upload.name(), "hello.txt");
    /// assert_eq!(upload.size_hint(), Some(5));
    /// assert_eq!(upload.client(), None);
    /// ```
    pub fn new(name: impl Into<String>, content: impl Into<Body>) -> Self {
        let body = content.into();
        let size_hint = http_body::Body::size_hint(&body).exact();
        Upload { name: name.into(), size_hint, client: None, content_type: None, body }
    }

    /// The name of the file, decoded: one segment of a path. One that came over HTTP is not empty, is neither
    /// `.` nor `..`, and has no `/`, `\` or NUL in it; everything else is possible, such as line breaks, a dot
    /// at its beginning, or a name that the file system does not take. The client chose it.
    ///
    /// ```
    /// use manager_runtime::Upload;
    /// assert_eq!(Upload::new("a.txt", "").name(), "a.txt");
    /// ```
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many bytes there will be, as far as anybody says: the client's `Approximate-Size` if there is one,
    /// otherwise its `Content-Length` (RFC 9110, section 8.6). A claim, to show how far an upload has come, and
    /// nothing to allocate by.
    ///
    /// ```
    /// use manager_runtime::{Body, Upload};
    ///
    /// # fn example(pieces: impl futures_core::Stream<Item = std::io::Result<String>> + Send + 'static) {
    /// assert_eq!(Upload::new("a.txt", Body::from_stream(pieces)).size_hint(), None);
    /// # }
    /// ```
    pub fn size_hint(&self) -> Option<u64> {
        self.size_hint
    }

    /// The address that the upload comes from; `None` if it does not come over HTTP. Behind a proxy it is that
    /// of the proxy.
    ///
    /// ```
    /// use manager_runtime::Upload;
    /// assert_eq!(Upload::new("a.txt", "").client(), None);
    /// ```
    pub fn client(&self) -> Option<SocketAddr> {
        self.client
    }

    /// The media type that the client claims, `Content-Type` (RFC 9110, section 8.3); `None` if it says none,
    /// or one that is no text.
    ///
    /// ```
    /// use manager_runtime::Upload;
    /// assert_eq!(Upload::new("a.txt", "").content_type(), None);
    /// ```
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_ref().and_then(|kind| kind.to_str().ok())
    }

    /// The next piece of the content, `None` at its end.
    ///
    /// # Errors
    ///
    /// What keeps the file from being whole: `BadRequest` if the client stopped or stalled, `TooLarge` over
    /// the limit, and the stream's own error for a body that was made.
    ///
    /// ```
    /// use manager_runtime::Upload;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> manager_runtime::Result<()> {
    /// let mut upload = Upload::new("a.txt", "four");
    /// assert_eq!(upload.next().await?.as_deref(), Some(&b"four"[..]));
    /// assert_eq!(upload.next().await?, None);
    /// # Ok(()) }
    /// ```
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        self.body.next().await
    }

    /// The content alone, with the same limits.
    ///
    /// ```
    /// use manager_runtime::Upload;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> manager_runtime::Result<()> {
    /// let body = Upload::new("a.txt", "four").into_body();
    /// assert_eq!(body.collect(100).await?, "four");
    /// # Ok(()) }
    /// ```
    pub fn into_body(self) -> Body {
        self.body
    }

    fn of_request(mut request: Request) -> Self {
        let arrival = request.extensions_mut().remove::<Announced>().unwrap_or_default();
        let content_type = request.headers_mut().remove(CONTENT_TYPE);
        let Announced { name, size_hint, client } = arrival;
        let upload = Upload::new(name, request.into_body());
        Upload { size_hint: size_hint.or(upload.size_hint), client, content_type, ..upload }
    }
}

impl Stream for Upload {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}

impl Parameter for Upload {
    type Role = role::Message;
}

impl Message for Upload {
    type Value = Upload;

    const READS: Reads = Reads::Upload;

    fn from_value(value: Upload) -> Self {
        value
    }

    fn decode(payload: Payload) -> Result<Upload> {
        payload.into_request().map(Upload::of_request)
    }

    fn needs(needs: &mut Needs) {
        // The name is what the path captured.
        needs.whole_path();
    }
}

impl IntoPayload for Upload {
    fn into_payload(self) -> Payload {
        let Upload { name, size_hint, client, content_type, body } = self;
        let mut request = Request::new(body);
        request.extensions_mut().insert(Announced { name, size_hint, client });
        request.headers_mut().extend(content_type.map(|kind| (CONTENT_TYPE, kind)));
        Payload::request(request)
    }
}

const APPROXIMATE_SIZE: HeaderName = HeaderName::from_static("approximate-size");

/// What a client says of the size beforehand, in a header of this protocol's own.
pub(crate) fn approximate_size(headers: &HeaderMap) -> Result<Option<u64>> {
    let mut said = headers.get_all(APPROXIMATE_SIZE).iter();
    let Some(first) = said.next() else { return Ok(None) };
    let digits = first.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    match digits.and_then(|digits| digits.parse().ok()).filter(|_| said.next().is_none()) {
        Some(size) => Ok(Some(size)),
        None => Err(Error::bad_request("Approximate-Size has to be one number of bytes")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn a_hint_is_one_number() {
        let read = |said: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in said {
                headers.append(APPROXIMATE_SIZE, HeaderValue::from_static(value));
            }
            approximate_size(&headers)
        };
        assert_eq!(read(&[]).unwrap(), None);
        assert_eq!(read(&["0"]).unwrap(), Some(0));
        assert_eq!(read(&["18446744073709551615"]).unwrap(), Some(u64::MAX));
        for wrong in [
            &[""][..],
            &["-1"],
            &["+1"],
            &["1.5"],
            &["10 MB"],
            &["1e3"],
            &["18446744073709551616"],
            &["5", "5"],
        ] {
            assert_eq!(read(wrong).unwrap_err().kind(), Kind::BadRequest, "{wrong:?}");
        }
    }

    #[tokio::test]
    async fn an_upload_goes_through_a_payload_as_it_is() {
        let payload = Upload::new("a.txt", "four").into_payload();
        let upload = <Upload as Message>::decode(payload).unwrap();
        assert_eq!((upload.name(), upload.size_hint(), upload.client()), ("a.txt", Some(4), None));
        assert_eq!(upload.into_body().collect(10).await.unwrap(), "four");
        let upload = <Upload as Message>::decode("text".into_payload()).unwrap();
        assert_eq!((upload.name(), upload.size_hint()), ("", Some(4)));
    }
}
