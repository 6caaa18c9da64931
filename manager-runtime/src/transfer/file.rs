//! A file as a reply.

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, LAST_MODIFIED};
use http_body::{Frame, SizeHint};
use tokio::io::{AsyncRead, ReadBuf};

use crate::body::Body;
use crate::error::{BoxError, Error, Result};
use crate::handler::IntoReply;
use crate::message::Reply;
use crate::reply::{disposition, media};

/// A file, sent as it is read: with its length, a `Content-Type` by the end of its name, and
/// `Last-Modified` (RFC 9110, sections 8.6, 8.3 and 8.8.2).
///
/// The whole file is sent, always: conditional requests and ranges are for static files. It counts for
/// the setting `streams` until it is sent; the replica of the handler is free before that. A file that
/// becomes shorter on the way breaks the response off; of one that grows the first part is sent.
///
/// A typed caller gets the file.
///
/// ```
/// use manager_runtime::prelude::*;
/// use manager_runtime::File;
///
/// #[handler(get = "/terms")]
/// async fn terms() -> Result<File> {
///     Ok(File::open("documents/terms.pdf").await?.attachment("Terms and conditions.pdf"))
/// }
/// # fn main() {}
/// ```
///
/// A name that a client sends is no path: `documents/{name}` with `..` in it leads out of `documents`.
#[derive(Debug)]
pub struct File {
    file: tokio::fs::File,
    length: u64,
    modified: Option<SystemTime>,
    content_type: HeaderValue,
    disposition: Option<HeaderValue>,
}

impl File {
    /// Opens the file at this path.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is no file there, or something else than a file. What the system says beyond
    /// that is `Internal`, and its text goes to the log only.
    ///
    /// ```
    /// use manager_runtime::{File, Kind};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// assert_eq!(File::open("no/such/file").await.unwrap_err().kind(), Kind::NotFound);
    /// # }
    /// ```
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        // Looked at before it is opened: opening a pipe waits for somebody to write.
        if !tokio::fs::metadata(path).await.map_err(unreadable)?.is_file() {
            return Err(no_file());
        }
        let file = tokio::fs::File::open(path).await.map_err(unreadable)?;
        let metadata = file.metadata().await.map_err(unreadable)?;
        if !metadata.is_file() {
            return Err(no_file());
        }
        Ok(File {
            file,
            length: metadata.len(),
            modified: metadata.modified().ok(),
            content_type: media::of_path(path),
            disposition: None,
        })
    }

    /// Has the client save the file under this name instead of showing it: `Content-Disposition` of RFC
    /// 6266, with the encoding of RFC 8187 where the name needs it. Slashes, backslashes and control
    /// characters in the name become `_`.
    ///
    /// ```
    /// use manager_runtime::{File, Result};
    ///
    /// # async fn example() -> Result<File> {
    /// Ok(File::open("reports/2026-10.csv").await?.attachment("Umsätze.csv"))
    /// # }
    /// ```
    #[must_use]
    pub fn attachment(mut self, name: impl AsRef<str>) -> Self {
        self.disposition = Some(disposition::attachment(name.as_ref()));
        self
    }

    /// How many bytes are sent.
    ///
    /// ```
    /// use manager_runtime::File;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> manager_runtime::Result<()> {
    /// assert!(File::open("Cargo.toml").await?.length() > 0);
    /// # Ok(()) }
    /// ```
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The content, to be read or sent in another way.
    ///
    /// ```
    /// use manager_runtime::File;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> manager_runtime::Result<()> {
    /// let body = File::open("Cargo.toml").await?.into_body();
    /// assert!(body.collect(1 << 20).await?.starts_with(b"[package]"));
    /// # Ok(()) }
    /// ```
    pub fn into_body(self) -> Body {
        match self.length {
            0 => Body::empty(),
            left => Body::wrap(Content { file: self.file, left }),
        }
    }
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

impl IntoReply for File {
    type Value = File;

    fn into_value(self) -> Result<File> {
        Ok(self)
    }

    fn encode(mut value: File) -> Result<Reply> {
        let content_type = value.content_type.clone();
        let (modified, disposition) = (value.modified.take(), value.disposition.take());
        let mut reply = Reply::from_body(value.into_body()).with_header(CONTENT_TYPE, content_type);
        if let Some(date) = modified.and_then(http_date) {
            reply = reply.with_header(LAST_MODIFIED, date);
        }
        if let Some(disposition) = disposition {
            reply = reply.with_header(CONTENT_DISPOSITION, disposition);
        }
        Ok(reply)
    }
}

/// A date for a header, never one that is to come (RFC 9110, section 8.8.2.1). Years that the format does
/// not have are left out.
fn http_date(time: SystemTime) -> Option<HeaderValue> {
    const END: Duration = Duration::from_secs(253_402_300_800);
    let time = time.min(SystemTime::now());
    time.duration_since(UNIX_EPOCH).ok().filter(|age| *age < END)?;
    HeaderValue::try_from(httpdate::fmt_http_date(time)).ok()
}

/// How much of a file is read at once.
const PIECE: u64 = 64 * 1024;

/// The content of a file, of which so much is left to send.
struct Content {
    file: tokio::fs::File,
    left: u64,
}

impl http_body::Body for Content {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, BoxError>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let mut piece = vec![0; self.left.min(PIECE) as usize];
        let mut buffer = ReadBuf::new(&mut piece);
        let read = ready!(Pin::new(&mut self.file).poll_read(cx, &mut buffer));
        let length = buffer.filled().len();
        Poll::Ready(Some(match read {
            Err(error) => Err(error.into()),
            Ok(()) if length == 0 => Err("the file became shorter while it was sent".into()),
            Ok(()) => {
                self.left -= length as u64;
                piece.truncate(length);
                Ok(Frame::data(piece.into()))
            }
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_that_shrinks_breaks_off_and_one_that_grows_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        std::fs::write(&path, "12345").unwrap();
        let body = File::open(&path).await.unwrap().into_body();
        std::fs::write(&path, "123").unwrap();
        assert!(body.collect(100).await.is_err());
        let body = File::open(&path).await.unwrap().into_body();
        std::fs::write(&path, "123456").unwrap();
        assert_eq!(body.collect(100).await.unwrap(), "123");
    }

    #[test]
    fn dates_are_of_the_past_and_of_this_calendar() {
        let check = |time: SystemTime, expected: Option<&str>| {
            let date = http_date(time);
            assert_eq!(date.as_ref().map(|date| date.to_str().unwrap()), expected);
        };
        check(UNIX_EPOCH, Some("Thu, 01 Jan 1970 00:00:00 GMT"));
        check(UNIX_EPOCH - Duration::from_secs(1), None);
        let future = SystemTime::now() + Duration::from_secs(1 << 40);
        assert!(http_date(future).is_some(), "it is the time of now");
    }
}
