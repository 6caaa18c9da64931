//! A file as a reply.

use std::path::Path;

use super::download::Download;
use crate::body::Body;
use crate::error::Result;
use crate::handler::IntoReply;
use crate::message::Reply;

/// A file, sent as it is read: with its length, a `Content-Type` by the end of its name, `Last-Modified`
/// and an `ETag` (RFC 9110, sections 8.6, 8.3 and 8.8), whole, in parts, or not at all if the client has it.
///
/// It is the [`Download`] of [`Download::open`], for which nothing has to be said; see there for what a
/// request may ask of it, and for files that change while they are sent.
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
pub struct File(Download);

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
        Ok(File(Download::open(path).await?))
    }

    /// Has the client save the file under this name instead of showing it, as
    /// [`Download::attachment`] does.
    ///
    /// ```
    /// use manager_runtime::{File, Result};
    ///
    /// # async fn example() -> Result<File> {
    /// Ok(File::open("reports/2026-10.csv").await?.attachment("Umsätze.csv"))
    /// # }
    /// ```
    #[must_use]
    pub fn attachment(self, name: impl AsRef<str>) -> Self {
        File(self.0.attachment(name))
    }

    /// How many bytes there are.
    ///
    /// ```
    /// use manager_runtime::File;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> manager_runtime::Result<()> {
    /// assert!(File::open("Cargo.toml").await?.length() > 0);
    /// # Ok(()) }
    /// ```
    pub fn length(&self) -> u64 {
        // Of a file it is always known.
        self.0.length().unwrap_or_default()
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
        self.0.into_body()
    }
}

/// More can be said of a download than of a file.
///
/// ```
/// use manager_runtime::{Download, File, Result};
///
/// # async fn example() -> Result<Download> {
/// Ok(Download::from(File::open("data/export.bin").await?).with_media_type("application/x-export"))
/// # }
/// ```
impl From<File> for Download {
    fn from(file: File) -> Self {
        file.0
    }
}

impl IntoReply for File {
    type Value = File;

    fn into_value(self) -> Result<File> {
        Ok(self)
    }

    fn encode(value: File) -> Result<Reply> {
        Download::encode(value.0)
    }
}
