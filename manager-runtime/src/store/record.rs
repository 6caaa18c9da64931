//! What is written down of a file beside it.

use std::fs::Metadata as Attributes;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::digest::Digest;

/// The metadata of one name: of what is there, and of what was there before or is about to be.
///
/// Both stand there while a file is replaced, so there is no moment in which the file has none.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Sidecar {
    /// In full: in the directory it may be cut.
    pub(super) name: String,
    pub(super) records: Vec<Record>,
}

/// What is known of one content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// Which file it is of.
    pub(super) stamp: Stamp,
    #[serde(with = "hex")]
    pub(super) sha256: Digest,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) media_type: Option<String>,
}

/// What tells one file from another without reading it. Two that were there at one time differ in `number`,
/// even if they were written within one tick of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    pub(super) size: u64,
    seconds: i64,
    nanos: u32,
    number: u64,
}

impl Stamp {
    pub(super) fn of(attributes: &Attributes) -> Self {
        let modified = attributes.modified().unwrap_or(UNIX_EPOCH);
        let (seconds, nanos) = match modified.duration_since(UNIX_EPOCH) {
            Ok(after) => (after.as_secs() as i64, after.subsec_nanos()),
            Err(before) => {
                let before = before.duration();
                (-(before.as_secs() as i64), before.subsec_nanos())
            }
        };
        Stamp { size: attributes.len(), seconds, nanos, number: number(attributes) }
    }
}

/// The number of the file.
#[cfg(unix)]
fn number(attributes: &Attributes) -> u64 {
    std::os::unix::fs::MetadataExt::ino(attributes)
}

/// When the file was made, in the finest that there is.
#[cfg(not(unix))]
fn number(attributes: &Attributes) -> u64 {
    let made = attributes.created().ok().and_then(|made| made.duration_since(UNIX_EPOCH).ok());
    made.map_or(0, |made| made.as_nanos() as u64)
}

impl Sidecar {
    /// The record of the file with this stamp.
    pub(super) fn of_stamp(&self, stamp: Stamp) -> Option<&Record> {
        self.records.iter().find(|record| record.stamp == stamp)
    }

    /// A record of this content, wherever it was.
    pub(super) fn of_digest(&self, digest: Digest) -> Option<&Record> {
        self.records.iter().find(|record| record.sha256 == digest)
    }
}

mod hex {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Digest;
    use crate::error::Error;

    pub(super) fn serialize<S: Serializer>(digest: &Digest, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(digest)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Digest, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(|error: Error| serde::de::Error::custom(error.message()))
    }
}
