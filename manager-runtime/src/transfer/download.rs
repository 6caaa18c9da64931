//! Anything that a client saves, or reads in parts, as a reply.

use std::fmt::{self, Display};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bytes::Bytes;
use futures_core::Stream;
use http::header::CONTENT_DISPOSITION;
use http::{HeaderName, HeaderValue};
use tokio::io::AsyncRead;

use crate::body::Body;
use crate::error::{BoxError, Error, Result};
use crate::handler::IntoReply;
use crate::message::Reply;
use crate::reply::{disposition, media};
use crate::representation::{EntityTag, FromReader, REPR_DIGEST, Representation, Source, State};

const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// A download: a file, bytes, a reader or a stream, and what a client is told of it.
///
/// ```
/// use manager_runtime::prelude::*;
/// use manager_runtime::Download;
///
/// #[handler(get = "/terms")]
/// async fn terms() -> Result<Download> {
///     Ok(Download::open("documents/terms.pdf").await?.attachment("Terms and conditions.pdf"))
/// }
///
/// #[handler(get = "/export")]
/// async fn export() -> Result<Download> {
///     let (reader, mut writer) = tokio::io::duplex(64 * 1024);
///     tokio::spawn(async move { tokio::io::copy(&mut &b"id,name\n"[..], &mut writer).await });
///     Ok(Download::from_reader(reader).with_media_type("text/csv").attachment("export.csv"))
/// }
/// # fn main() {}
/// ```
///
/// # What a request may ask of it
///
/// On a route, to `GET` and `HEAD`, unless the reply has another status than 200:
///
/// * *Conditions* (RFC 9110, section 13): with an ETag or a modification time, `If-None-Match` and
///   `If-Modified-Since` lead to 304 for whoever has it already; `If-Match` and `If-Unmodified-Since` to
///   412, an error of the kind `PreconditionFailed`, for whoever believes it to be something else.
/// * *Ranges* (section 14): of a file or of bytes, `Range` gets one part or several (206), or, if nothing of
///   them is there, 416 with the length, an error of the kind `RangeNotSatisfiable`; `If-Range` only gets a
///   part of the very same. More than 16 parts, or more bytes in all than there are, are answered with the
///   whole. What comes from a reader or a stream can only be sent from its beginning: the answer says
///   `Accept-Ranges: none`.
/// * `HEAD` gets the same headers. Nothing is read for it.
///
/// Every answer says `X-Content-Type-Options: nosniff`. Headers that stand before a download in a tuple take
/// the place of its own; an ETag and a `Last-Modified` there count for conditions as well.
///
/// # While it is sent
///
/// The replica of the handler is free as soon as it has returned. The download counts for the setting
/// `streams` until it has been sent, and holds a buffer of 256 KiB at most. Without a length it is chunked on
/// HTTP/1.1. A source that ends before the length that was said, or fails, breaks the answer off: the client
/// sees that it is not whole. Of one that has more, the length that was said is sent.
///
/// A file with a strong ETag, which [`open`](Self::open) and [`from_file`](Self::from_file) give it, is those
/// very bytes: if it changes while it is sent, the answer breaks off. For a file that is being written to,
/// such as a log, see [`without_etag`](Self::without_etag).
///
/// A typed caller gets the download, one by name reads it with [`Reply::into_body`]. In an envelope it has no
/// place.
pub struct Download(Box<Made>);

struct Made {
    representation: Representation,
    /// The first thing that was said of it and cannot be sent.
    fault: Option<Error>,
}

impl Download {
    fn new(source: Source) -> Self {
        let representation = Representation::new(source, BYTES);
        Download(Box::new(Made { representation, fault: None }))
    }

    /// The file at this path: with a media type by the end of its name, its modification time, and an ETag
    /// made of its length and that time.
    ///
    /// A name that a client sends is no path: one with `..` in it leads elsewhere.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is no file there, or something else than a file. What the system says beyond
    /// that is `Internal`, and its text goes to the log only.
    ///
    /// ```
    /// use manager_runtime::{Download, Kind};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> manager_runtime::Result<()> {
    /// assert!(Download::open("Cargo.toml").await?.length() > Some(0));
    /// assert_eq!(Download::open("no/such/file").await.unwrap_err().kind(), Kind::NotFound);
    /// # Ok(()) }
    /// ```
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path: PathBuf = path.as_ref().to_owned();
        let media_type = media::of_path(&path);
        let work = move || {
            // Looked at before it is opened: opening a pipe waits for somebody to write.
            if !std::fs::metadata(&path).map_err(unreadable)?.is_file() {
                return Err(no_file());
            }
            of_file(std::fs::File::open(&path).map_err(unreadable)?)
        };
        let mut download = on_disk(work).await?;
        download.0.representation.media_type = media_type;
        Ok(download)
    }

    /// A file that is open already, from its first byte, wherever it stands: with its modification time and
    /// an ETag made of its length and that time. Takes a file of `tokio` or of the standard library.
    ///
    /// # Errors
    ///
    /// `NotFound` if it is something else than a file (read a pipe with [`from_reader`](Self::from_reader));
    /// what the system says beyond that is `Internal`.
    ///
    /// ```
    /// use manager_runtime::Download;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> manager_runtime::Result<()> {
    /// let file = std::fs::File::open("Cargo.toml")?;
    /// let download = Download::from_file(file).await?.with_media_type("application/toml");
    /// # Ok(()) }
    /// ```
    pub async fn from_file(file: impl Into<tokio::fs::File>) -> Result<Self> {
        let file = file.into().into_std().await;
        on_disk(move || of_file(file)).await
    }

    /// Bytes in memory. They are not copied, however many requests they are sent to.
    ///
    /// ```
    /// use manager_runtime::Download;
    /// let picture = Download::from_bytes(&b"<svg/>"[..]).with_media_type("image/svg+xml");
    /// assert_eq!(picture.length(), Some(6));
    /// ```
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Self {
        Download::new(Source::Bytes(bytes.into()))
    }

    /// Whatever can be read, to its end or up to the [length](Self::with_length).
    ///
    /// ```
    /// use manager_runtime::Download;
    /// let download = Download::from_reader(tokio::io::empty());
    /// assert_eq!(download.length(), None);
    /// ```
    pub fn from_reader(reader: impl AsyncRead + Send + 'static) -> Self {
        Download::new(Source::Once(Body::wrap(FromReader::new(reader)), None))
    }

    /// A stream of pieces, to its end or up to the [length](Self::with_length).
    ///
    /// ```
    /// use manager_runtime::Download;
    ///
    /// # fn example(rows: impl futures_core::Stream<Item = std::io::Result<String>> + Send + 'static) {
    /// let download = Download::from_stream(rows).with_media_type("text/csv");
    /// # }
    /// ```
    pub fn from_stream<S, D, E>(stream: S) -> Self
    where
        S: Stream<Item = std::result::Result<D, E>> + Send + 'static,
        D: Into<Bytes> + 'static,
        E: Into<BoxError> + 'static,
    {
        Download::new(Source::Once(Body::from_stream(stream), None))
    }

    /// Has the client save it under this name: `Content-Disposition: attachment` of RFC 6266, with the
    /// encoding of RFC 8187 where the name needs it. Slashes, backslashes and control characters in the name
    /// become `_`.
    ///
    /// ```
    /// use manager_runtime::Download;
    /// let report = Download::from_bytes("a;b\n").attachment("Umsätze 2026.csv");
    /// ```
    #[must_use]
    pub fn attachment(self, name: impl AsRef<str>) -> Self {
        let value = disposition::named("attachment", name.as_ref());
        self.said(CONTENT_DISPOSITION, value)
    }

    /// Lets the client show it, and save it under this name if it saves it: `Content-Disposition: inline`,
    /// written as by [`attachment`](Self::attachment). Only for what may be shown: a page from a stranger
    /// that is shown as your own acts as your own.
    ///
    /// ```
    /// use manager_runtime::Download;
    /// let terms = Download::from_bytes("terms").with_media_type("text/plain").inline("terms.txt");
    /// ```
    #[must_use]
    pub fn inline(self, name: impl AsRef<str>) -> Self {
        let value = disposition::named("inline", name.as_ref());
        self.said(CONTENT_DISPOSITION, value)
    }

    /// The media type (RFC 9110, section 8.3). What cannot stand in a header makes the reply an `Internal`
    /// error.
    ///
    /// ```
    /// use manager_runtime::Download;
    /// let download = Download::from_bytes("{}").with_media_type("application/json");
    /// ```
    #[must_use]
    pub fn with_media_type(
        mut self,
        media_type: impl TryInto<HeaderValue, Error: Display>,
    ) -> Self {
        match media_type.try_into() {
            Ok(media_type) => self.0.representation.media_type = media_type,
            Err(error) => self.fault("the media type of a download cannot be sent", &error),
        }
        self
    }

    /// The entity tag (RFC 9110, section 8.8.3): `v7` or `"v7"` for a strong one, `W/"v7"` for a weak one.
    /// The same strong tag means the same bytes, so that parts of two answers fit together. What is no tag
    /// (white space, quotes within, anything but ASCII) makes the reply an `Internal` error.
    ///
    /// ```
    /// use manager_runtime::Download;
    /// let download = Download::from_bytes("text").with_etag("v7");
    /// ```
    #[must_use]
    pub fn with_etag(mut self, tag: impl AsRef<str>) -> Self {
        match EntityTag::new(tag.as_ref()) {
            Some(tag) => self.0.representation.tag = Some(tag),
            None => {
                self.fault("the ETag of a download is none", &format_args!("{:?}", tag.as_ref()))
            }
        }
        self
    }

    /// Takes away the entity tag that a file has by itself. What such a file has at the start of the answer
    /// is sent even if more is written to its end meanwhile; only if it becomes shorter the answer breaks
    /// off.
    ///
    /// ```
    /// use manager_runtime::{Download, Result};
    ///
    /// # async fn example() -> Result<Download> {
    /// Ok(Download::open("logs/today.txt").await?.without_etag())
    /// # }
    /// ```
    #[must_use]
    pub fn without_etag(mut self) -> Self {
        self.0.representation.tag = None;
        self
    }

    /// When it was modified last, in whole seconds (RFC 9110, section 8.8.2). A time that is to come is sent
    /// as the present; one before 1970 or after 9999 is not sent.
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use manager_runtime::Download;
    /// let download = Download::from_bytes("text").with_modified(SystemTime::now());
    /// ```
    #[must_use]
    pub fn with_modified(mut self, time: SystemTime) -> Self {
        self.0.representation.modified = Some(time);
        self
    }

    /// How many bytes a reader or a stream is going to give. Fewer break the answer off, and more are not
    /// sent. For a file and for bytes the length is known: another one makes the reply an `Internal` error.
    ///
    /// ```
    /// use manager_runtime::Download;
    /// let download = Download::from_reader(&b"0123456789"[..]).with_length(10);
    /// assert_eq!(download.length(), Some(10));
    /// ```
    #[must_use]
    pub fn with_length(mut self, bytes: u64) -> Self {
        match &mut self.0.representation.source {
            Source::Once(_, length) => *length = Some(bytes),
            source if source.length() == Some(bytes) => {}
            source => {
                let known = source.length().unwrap_or_default();
                self.fault("a download has another length", &format_args!("{known}, not {bytes}"));
            }
        }
        self
    }

    /// The digest of the whole (RFC 9530, section 3), as it is sent: `sha-256=:..:` with the digest in
    /// Base64. It stays the same for parts. What cannot stand in a header makes the reply an `Internal`
    /// error.
    ///
    /// ```
    /// use manager_runtime::Download;
    /// let digest = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";
    /// let nothing = Download::from_bytes("").with_repr_digest(digest);
    /// ```
    #[must_use]
    pub fn with_repr_digest(mut self, digest: impl TryInto<HeaderValue, Error: Display>) -> Self {
        match digest.try_into() {
            Ok(digest) => self.said(REPR_DIGEST, digest),
            Err(error) => {
                self.fault("the digest of a download cannot be sent", &error);
                self
            }
        }
    }

    /// How many bytes there are; `None` for a reader or a stream of which that was not said.
    ///
    /// ```
    /// use manager_runtime::Download;
    /// assert_eq!(Download::from_bytes("text").length(), Some(4));
    /// ```
    pub fn length(&self) -> Option<u64> {
        self.0.representation.source.length()
    }

    /// The bytes, to be read or sent in another way.
    ///
    /// ```
    /// use manager_runtime::Download;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> manager_runtime::Result<()> {
    /// let download = Download::from_reader(&b"more than that"[..]).with_length(4);
    /// assert_eq!(download.into_body().collect(100).await?, "more");
    /// # Ok(()) }
    /// ```
    pub fn into_body(self) -> Body {
        self.0.representation.into_body()
    }

    fn said(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.representation.headers.insert(name, value);
        self
    }

    fn fault(&mut self, what: &'static str, cause: &dyn Display) {
        // The cause is for the log: a client has no use for it.
        self.0.fault.get_or_insert_with(|| Error::internal(what).with_source(cause.to_string()));
    }
}

/// Work that may wait for a disk.
async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(_) => Err(Error::internal("a file could not be opened")),
    }
}

fn of_file(file: std::fs::File) -> Result<Download> {
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(no_file());
    }
    let state = State::read(&metadata);
    let mut download = Download::new(Source::File(file, state));
    download.0.representation.tag = state.tag("");
    download.0.representation.modified = state.modified;
    Ok(download)
}

fn no_file() -> Error {
    Error::not_found("there is no such file")
}

fn unreadable(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::NotFound
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::InvalidFilename
        | io::ErrorKind::InvalidInput => no_file().with_source(error),
        _ => error.into(),
    }
}

impl IntoReply for Download {
    type Value = Download;

    fn into_value(self) -> Result<Download> {
        Ok(self)
    }

    fn encode(value: Download) -> Result<Reply> {
        let Made { representation, fault } = *value.0;
        match fault {
            Some(fault) => Err(fault),
            None => Ok(Reply::from_download(representation)),
        }
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Representation { source, media_type, tag, modified, headers } = &self.0.representation;
        f.debug_struct("Download")
            .field("length", &source.length())
            .field("media_type", media_type)
            .field("tag", tag)
            .field("modified", modified)
            .field("headers", headers)
            .field("fault", &self.0.fault)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[tokio::test]
    async fn what_is_promised_is_sent_or_broken_off() {
        let sized = |length| Download::from_reader(&b"12345"[..]).with_length(length).into_body();
        assert_eq!(sized(5).collect(10).await.unwrap(), "12345");
        assert_eq!(sized(3).collect(10).await.unwrap(), "123");
        assert_eq!(sized(0).collect(10).await.unwrap(), "");
        assert!(sized(6).collect(10).await.is_err());
    }

    #[test]
    fn what_cannot_be_sent_is_an_error_that_keeps_its_cause_to_the_log() {
        let check = |download: Download, cause: &str| {
            let error = Download::encode(download).unwrap_err();
            assert_eq!(error.kind(), Kind::Internal);
            assert!(error.story().contains(cause), "{}", error.story());
            assert!(!error.message().contains(cause), "{}", error.message());
        };
        let bytes = || Download::from_bytes("12345");
        check(bytes().with_etag("a\"b"), "a\\\"b");
        check(bytes().with_etag("a\r\nX-Bad: 1"), "X-Bad");
        check(bytes().with_length(6), "5, not 6");
        check(bytes().with_media_type("text/plain\r\nX-Bad: 1"), "failed to parse header value");
        check(bytes().with_repr_digest("\n"), "failed to parse header value");
        assert!(Download::encode(bytes().with_length(5).attachment("a\r\nb")).is_ok());
    }

    #[tokio::test]
    async fn an_open_file_is_sent_from_its_beginning() {
        use std::io::{Seek, SeekFrom};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        std::fs::write(&path, "12345").unwrap();
        let mut file = std::fs::File::open(&path).unwrap();
        file.seek(SeekFrom::Start(3)).unwrap();
        let download = Download::from_file(file).await.unwrap();
        assert_eq!(download.length(), Some(5));
        assert_eq!(download.into_body().collect(10).await.unwrap(), "12345");
        let folder = std::fs::File::open(folder.path()).unwrap();
        assert_eq!(Download::from_file(folder).await.unwrap_err().kind(), Kind::NotFound);
    }
}
