//! What is in a store, page by page.

use std::collections::BinaryHeap;
use std::fs;
use std::time::SystemTime;

use serde::{Serialize, Serializer};

use super::digest::Digest;
use super::directory::{Inner, modified};
use super::metadata::fields;
use super::name::Decoded;
use super::record::Stamp;
use crate::error::Result;

/// The longest page.
const LONGEST: usize = 1000;

/// A part of the list of all files. As JSON it is an object of `files` and `next`.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> manager_runtime::Result<()> {
/// # let folder = tempfile::tempdir()?;
/// # let store = manager_runtime::store::DirectoryStore::open(folder.path()).await?;
/// let mut after = None;
/// loop {
///     let page = store.list(after.as_deref(), 100).await?;
///     for file in page.files {
///         println!("{} has {} bytes", file.name, file.size);
///     }
///     after = page.next;
///     if after.is_none() {
///         break;
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Page {
    /// In the order of the bytes of their names.
    pub files: Vec<Entry>,
    /// What to ask for the next page with; `None` on the last.
    pub next: Option<String>,
}

/// A file in a list: what is known of it without reading it. As JSON it has the members of
/// [`Metadata`](super::Metadata), of which some may be `null`.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> manager_runtime::Result<()> {
/// # let folder = tempfile::tempdir()?;
/// # let store = manager_runtime::store::DirectoryStore::open(folder.path()).await?;
/// std::fs::write(folder.path().join("put-there"), "abc")?;
/// assert_eq!(store.list(None, 1).await?.files[0].digest, None);
/// store.metadata("put-there").await?;
/// assert!(store.list(None, 1).await?.files[0].digest.is_some());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The name, as it was given.
    pub name: String,
    /// The length in bytes.
    pub size: u64,
    /// The SHA-256 of the content; `None` for a file that was put there by other means and that nobody has
    /// asked for yet.
    pub digest: Option<Digest>,
    /// The media type, if whoever saved the file named one.
    pub media_type: Option<String>,
    /// When the content was written.
    pub modified: SystemTime,
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Entry { name, size, digest, media_type, modified } = self;
        fields(serializer, "Entry", name, *size, digest.as_ref(), media_type.as_deref(), *modified)
    }
}

/// The page after a name.
pub(super) fn page(inner: &Inner, after: Option<&str>, limit: usize) -> Result<Page> {
    let limit = limit.clamp(1, LONGEST);
    // The greatest on top: it goes when a lesser one comes. One more than asked for says whether that is all.
    let mut least: BinaryHeap<(String, String)> = BinaryHeap::with_capacity(limit + 2);
    for entry in inner.disk.entries(inner.disk.root())? {
        let entry = entry?;
        if !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let Ok(written) = entry.file_name().into_string() else { continue };
        let name = match inner.encoding.decode(&written) {
            None => continue,
            Some(Decoded::Name(name)) => name,
            // One that nobody wrote down has no name to be asked for by.
            Some(Decoded::Cut) => match inner.sidecar(&written) {
                Some(sidecar) if inner.encoding.encode(&sidecar.name) == written => sidecar.name,
                _ => continue,
            },
        };
        if after.is_some_and(|after| name.as_str() <= after) {
            continue;
        }
        least.push((name, written));
        if least.len() > limit + 1 {
            least.pop();
        }
    }
    let mut names = least.into_sorted_vec();
    let more = names.len() > limit;
    names.truncate(limit);
    let next = names.last().filter(|_| more).map(|(name, _)| name.clone());
    let files = names.into_iter().filter_map(|(name, written)| entry(inner, name, &written));
    Ok(Page { files: files.collect(), next })
}

/// What is known of a file, if it is still there.
fn entry(inner: &Inner, name: String, written: &str) -> Option<Entry> {
    let attributes = fs::symlink_metadata(inner.disk.file(written)).ok()?;
    let sidecar = inner.sidecar(written);
    let record = sidecar.as_ref().and_then(|known| known.of_stamp(Stamp::of(&attributes)));
    Some(Entry {
        name,
        size: attributes.len(),
        digest: record.map(|record| record.sha256),
        media_type: record.and_then(|record| record.media_type.clone()),
        modified: modified(&attributes),
    })
}
