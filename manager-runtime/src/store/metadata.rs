//! What a store knows of a file.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::digest::Digest;

/// What a store knows of a file. As JSON it is an object of `name`, `size`, `sha256`, `media_type`,
/// `modified` (RFC 3339, in UTC) and `etag`.
///
/// ```
/// # use manager_runtime::Body;
/// # use manager_runtime::store::{DirectoryStore, Save};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> manager_runtime::Result<()> {
/// # let folder = tempfile::tempdir()?;
/// # let store = DirectoryStore::open(folder.path()).await?;
/// # store.save("a.txt", Body::from("abc"), Save::new()).await?;
/// let metadata = store.metadata("a.txt").await?;
/// assert_eq!(metadata.size, 3);
/// assert!(serde_json::to_string(&metadata)?.starts_with(r#"{"name":"a.txt","size":3,"#));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metadata {
    /// The name, as it was given.
    pub name: String,
    /// The length in bytes.
    pub size: u64,
    /// The SHA-256 of the content.
    pub digest: Digest,
    /// The media type, if whoever saved the file named one.
    pub media_type: Option<String>,
    /// When the content was written.
    pub modified: SystemTime,
}

impl Metadata {
    /// A strong entity tag (RFC 9110, section 8.8.3): equal where the content is.
    ///
    /// ```
    /// # use manager_runtime::Body;
    /// # use manager_runtime::store::{DirectoryStore, Save};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> manager_runtime::Result<()> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = DirectoryStore::open(folder.path()).await?;
    /// let one = store.save("a", Body::from("abc"), Save::new()).await?;
    /// let other = store.save("b", Body::from("abc"), Save::new()).await?;
    /// assert_eq!(one.metadata.etag(), other.metadata.etag());
    /// # Ok(()) }
    /// ```
    pub fn etag(&self) -> String {
        etag(&self.digest)
    }

    /// As a date in a header has it.
    pub(super) fn modified_second(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(since_epoch(self.modified))
    }
}

/// Half of the digest is more than enough to tell two contents of one name apart.
pub(super) fn etag(digest: &Digest) -> String {
    let (half, _) = digest.as_bytes().split_at(16);
    let hex: String = half.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}

fn since_epoch(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Metadata { name, size, digest, media_type, modified } = self;
        let digest = Some(digest);
        fields(serializer, "Metadata", name, *size, digest, media_type.as_deref(), *modified)
    }
}

/// What is told of a file as JSON, whole or in a list.
pub(super) fn fields<S: Serializer>(
    serializer: S,
    of: &'static str,
    name: &str,
    size: u64,
    digest: Option<&Digest>,
    media_type: Option<&str>,
    modified: SystemTime,
) -> Result<S::Ok, S::Error> {
    let mut object = serializer.serialize_struct(of, 6)?;
    object.serialize_field("name", name)?;
    object.serialize_field("size", &size)?;
    object.serialize_field("sha256", &digest.map(Digest::to_string))?;
    object.serialize_field("media_type", &media_type)?;
    object.serialize_field("modified", &rfc3339(modified))?;
    object.serialize_field("etag", &digest.map(etag))?;
    object.end()
}

/// A time in UTC, in whole seconds (RFC 3339, section 5.6).
pub(crate) fn rfc3339(time: SystemTime) -> String {
    let seconds = since_epoch(time);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Days since the first of March of the year 0, in the calendar of 400 years that repeats itself.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = era * 400 + year + next;
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_people_read_them() {
        let check = |seconds: u64, expected: &str| {
            assert_eq!(rfc3339(UNIX_EPOCH + Duration::from_secs(seconds)), expected);
        };
        check(0, "1970-01-01T00:00:00Z");
        check(951_782_399, "2000-02-28T23:59:59Z");
        check(951_782_400, "2000-02-29T00:00:00Z");
        check(951_868_800, "2000-03-01T00:00:00Z");
        check(784_111_777, "1994-11-06T08:49:37Z");
        check(1_709_164_800, "2024-02-29T00:00:00Z");
        check(4_107_542_399, "2100-02-28T23:59:59Z");
        check(4_107_542_400, "2100-03-01T00:00:00Z");
        check(1_798_761_599, "2026-12-31T23:59:59Z");
        assert_eq!(rfc3339(UNIX_EPOCH - Duration::from_secs(5)), "1970-01-01T00:00:00Z");
    }
}
