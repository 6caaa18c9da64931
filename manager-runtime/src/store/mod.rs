//! Files in a directory, kept so that nothing is lost: [`DirectoryStore`].
//!
//! ```
//! use bytes::Bytes;
//! use manager_runtime::store::{DirectoryStore, Save};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> manager_runtime::Result<()> {
//! # let folder = tempfile::tempdir()?;
//! # let directory = folder.path().join("uploads");
//! let store = DirectoryStore::open(directory).await?;
//! let content = manager_runtime::Body::from("to be or not to be");
//! let saved = store.save("hamlet.txt", content, Save::new().media_type("text/plain")).await?;
//! assert_eq!(saved.metadata.size, 18);
//!
//! let stored = store.get("hamlet.txt").await?;
//! assert_eq!(stored.metadata.etag(), saved.metadata.etag());
//! # Ok(()) }
//! ```
//!
//! # What lies in the directory
//!
//! ```text
//! uploads/
//!   hamlet.txt                 a file: its content is the upload, and nothing else
//!   100%25.txt                 the file `100%.txt`
//!   .manager/                  the store's own
//!     lock                     held while a process has the store open
//!     meta/hamlet.txt.json     digest and media type of what is in `hamlet.txt`
//!     partial/                 what has not been put in place yet; emptied when the store is opened
//!     tus/                     resumable uploads that are not complete
//! ```
//!
//! Files that were put there by other means are served as well, if their names are written as the store
//! writes them and they are neither hidden, nor links, nor directories. Nothing that the store does
//! follows a link out of the directory.
//!
//! # How a file gets its name
//!
//! A name is any text of 1 to 1024 bytes without `/`, `\` and NUL that is not `.` or `..`. Two names are
//! the same only if they are the same bytes: case and Unicode normal form count.
//!
//! In the directory a name stands as it is, but for what is written as `%` and two hexadecimal digits, byte
//! by byte, in capitals: control characters, `"`, `%`, `*`, `:`, `<`, `>`, `?`, `|`; a dot at the
//! beginning; a dot or a blank at the end; the first character of what is a device to Windows (`nul.txt`
//! is `%6Eul.txt`). Where the file system takes `A` and `a`, or two normal forms, for the same, capitals,
//! `~` and everything beyond ASCII are written so as well. What is longer than 240 bytes then is cut, and
//! ends in `%~` and the SHA-256 of the name; the whole name is in the metadata.
//!
//! # What a crash leaves
//!
//! An upload is written to `partial/`, synced, and renamed over its place; the directory is synced after
//! that. So there is the old file or the new one. Before the rename its metadata is written, *beside* that of
//! the old file: each record says which file it is of (length, time, number of the file), and whoever
//! reads takes the record that fits what is there. If none fits, because somebody else changed the file,
//! the digest is computed anew; a media type is kept as long as the content is.
//!
//! # Who may have it open
//!
//! One process at a time, and once in it: opening it again is [`Conflict`](crate::Kind::Conflict). So
//! conditions and the quota hold whatever comes at the same time.

mod checksum;
mod conditions;
mod digest;
mod directory;
mod disk;
mod draft;
mod list;
mod metadata;
mod name;
mod quota;
mod record;
pub(crate) mod tus;

#[cfg(test)]
mod tests;

pub(crate) use checksum::Checksum;
pub use conditions::Conditions;
pub use digest::Digest;
pub use directory::{DirectoryStore, Options, Save, Saved, Stored};
pub use list::{Entry, Page};
pub use metadata::Metadata;
