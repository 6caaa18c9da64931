//! Checksums of parts of an upload (tus 1.0, the extension for checksums).

use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// The checksum of what is being written, and what it has to be.
#[derive(Clone, Debug)]
pub(crate) struct Checksum {
    hasher: Hasher,
    expected: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Hasher {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Checksum {
    /// The algorithms, as tus has them in a list.
    pub(crate) const ALGORITHMS: &str = "sha1,sha256";

    /// `None` for an algorithm that is not known here.
    pub(crate) fn new(algorithm: &str, expected: Vec<u8>) -> Option<Self> {
        let hasher = match algorithm {
            "sha1" => Hasher::Sha1(Sha1::new()),
            "sha256" => Hasher::Sha256(Sha256::new()),
            _ => return None,
        };
        Some(Checksum { hasher, expected })
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match &mut self.hasher {
            Hasher::Sha1(hasher) => hasher.update(bytes),
            Hasher::Sha256(hasher) => hasher.update(bytes),
        }
    }

    /// Whether it is what it has to be.
    pub(super) fn holds(self) -> bool {
        match self.hasher {
            Hasher::Sha1(hasher) => hasher.finalize().as_slice() == self.expected,
            Hasher::Sha256(hasher) => hasher.finalize().as_slice() == self.expected,
        }
    }
}
