//! The keys that open the service.

use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq};

use super::finding::{Finding, Problem, Warning};
use super::key_file;
use super::layer::{Source, quoted};

/// The longest key. What a client presents is looked at only up to here, so a long header costs nothing.
pub(super) const LONGEST_KEY: usize = 4096;
const LONGEST_NAME: usize = 128;
const ONLY: &str = "default";
/// What a key that is given by its digest begins with.
const DIGEST: &str = "sha256:";

/// The keys that open the service, each under a name that may be shown.
///
/// The keys themselves are gone by now: only their digests are kept. Neither `Debug` nor `Display` shows one,
/// and nothing gives one back.
#[derive(Debug, Clone, Default)]
pub(crate) struct ApiKeys {
    /// In the order in which they were written, each name once.
    keys: Vec<ApiKey>,
    /// The file whose keys are among them, by the setting `api_keys_file`.
    table: Option<PathBuf>,
}

/// A key as it is compared.
#[derive(Clone)]
struct ApiKey {
    /// Cloned into every request that presents the key.
    name: Arc<str>,
    digest: Digest,
    source: Source,
    file: Option<KeyFile>,
}

/// Which file a key came out of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KeyFile {
    /// One with nothing but this key in it.
    Own(PathBuf),
    /// The one with all of them.
    Table,
}

/// A key as written.
#[derive(Debug, Clone)]
pub(super) struct WrittenKey {
    pub(super) name: String,
    pub(super) secret: Secret,
    pub(super) source: Source,
    pub(super) file: Option<KeyFile>,
}

/// A key, or `sha256:` and its digest, as it was written; never shown.
#[derive(Clone)]
pub(super) struct Secret(Vec<u8>);

/// The SHA-256 digest of a key (FIPS 180-4), in words: they are compared for every request.
#[derive(Clone, Copy)]
pub(crate) struct Digest([u64; 4]);

impl Digest {
    /// The digest of what a client presents; `None` for what is no key whatever the keys are.
    pub(crate) fn of(presented: &[u8]) -> Option<Self> {
        // Public bounds, so leaving here tells nothing.
        let possible = !presented.is_empty() && presented.len() <= LONGEST_KEY;
        possible.then(|| Self::from_bytes(&Sha256::digest(presented).into()))
    }

    fn from_bytes(bytes: &[u8; 32]) -> Self {
        let (chunks, _) = bytes.as_chunks::<8>();
        let mut words = [0; 4];
        for (word, chunk) in words.iter_mut().zip(chunks) {
            *word = u64::from_be_bytes(*chunk);
        }
        Self(words)
    }

    fn from_hex(hex: &[u8]) -> Option<Self> {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|it| u8::try_from(it).ok());
        let (pairs, rest) = hex.as_chunks::<2>();
        let mut bytes = [0; 32];
        if pairs.len() != bytes.len() || !rest.is_empty() {
            return None;
        }
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Some(Self::from_bytes(&bytes))
    }

    /// In a time that does not depend on what is compared.
    fn is(&self, other: &Digest) -> bool {
        let same = Choice::from(1);
        self.0.iter().zip(&other.0).fold(same, |same, (own, other)| same & own.ct_eq(other)).into()
    }
}

impl ApiKeys {
    /// The keys, or everything that is wrong with them and their names.
    pub(super) fn check(written: &[WrittenKey]) -> Result<Self, Vec<Finding>> {
        let mut findings = Vec::new();
        let mut names = HashSet::new();
        let mut keys = Vec::new();
        for WrittenKey { name, secret, source, file } in written {
            let at = || source.clone();
            if !is_name(name) {
                let allowed = "1 to 128 visible ascii characters as the name of a key";
                findings.push(Finding::impossible(at(), "api_keys", quoted(name), allowed));
            } else if !names.insert(name) {
                findings.push(Finding::new(at(), Problem::TwoKeys { name: name.clone() }));
            }
            match secret.digest() {
                Ok(digest) => {
                    let (name, source, file) = (name.as_str().into(), at(), file.clone());
                    keys.push(ApiKey { name, digest, source, file });
                }
                Err((flaw, allowed)) => {
                    let key =
                        if name == ONLY { "api_key".into() } else { format!("api_keys.{name}") };
                    findings.push(Finding::impossible(at(), key, flaw, allowed));
                }
            }
        }
        if findings.is_empty() { Ok(Self { keys, table: None }) } else { Err(findings) }
    }

    /// These, and those of a file with names and keys.
    pub(super) fn with_table(
        &self,
        path: &Path,
        source: &Source,
    ) -> Result<(Self, Vec<Warning>), Vec<Finding>> {
        let (table, warning) = key_file::read_table(path, source)?;
        let mut written: Vec<WrittenKey> = self.keys.iter().map(ApiKey::written).collect();
        written.extend(table);
        let keys = Self::check(&written)?;
        Ok((Self { table: Some(path.to_owned()), ..keys }, warning.into_iter().collect()))
    }

    /// Reads once more what came out of files.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the files. A file without a key is wrong: whoever empties it by accident
    /// must not open the service.
    pub(crate) fn read_again(&self) -> Result<(Self, Vec<Warning>), Vec<Finding>> {
        let mut written = Vec::new();
        let mut findings = Vec::new();
        for key in &self.keys {
            match &key.file {
                None => written.push(key.written()),
                Some(KeyFile::Own(path)) => match key_file::read_one(path, &key.source) {
                    Ok(secret) => written.push(WrittenKey { secret, ..key.written() }),
                    Err(mut found) => findings.append(&mut found),
                },
                Some(KeyFile::Table) => {}
            }
        }
        let checked = Self::check(&written).map_err(|flaws| findings.extend(flaws));
        let whole = self.table.as_deref().map(|path| {
            let source = Source::File { path: path.display().to_string(), line: 0, column: None };
            checked.clone().unwrap_or_default().with_table(path, &source)
        });
        match (checked, whole) {
            (Ok(_), Some(Ok(whole))) if findings.is_empty() => Ok(whole),
            (Ok(keys), None) if findings.is_empty() => Ok((keys, Vec::new())),
            (_, whole) => {
                findings.extend(whole.and_then(Result::err).into_iter().flatten());
                Err(findings)
            }
        }
    }

    /// The files that the keys came out of.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        let own = self.keys.iter().filter_map(|key| match &key.file {
            Some(KeyFile::Own(path)) => Some(path.as_path()),
            _ => None,
        });
        own.chain(self.table.as_deref())
    }

    /// Nobody needs a key.
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The name of the key with this digest, or `None` if it is that of none of them.
    ///
    /// Every key is compared in full, also after one has matched, so the time tells neither which key it
    /// was nor how much of its digest was right. Of two names for one key the first is given.
    pub(crate) fn verify(&self, presented: &Digest) -> Option<&Arc<str>> {
        let mut found = None;
        for key in self.keys.iter().rev() {
            if key.digest.is(presented) {
                found = Some(&key.name);
            }
        }
        found
    }

    /// The names, in the order in which they were written.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|key| &*key.name)
    }

    /// Each name and where its key stands.
    pub(super) fn places(&self) -> impl Iterator<Item = (&str, &Source)> {
        self.keys.iter().map(|key| (&*key.name, &key.source))
    }
}

impl fmt::Display for ApiKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("none");
        }
        write!(f, "set ({})", self.names().collect::<Vec<_>>().join(", "))
    }
}

impl ApiKey {
    /// The key as it could be written, by its digest.
    fn written(&self) -> WrittenKey {
        let ApiKey { name, digest, source, file } = self;
        let hex: String = digest.0.iter().map(|word| format!("{word:016x}")).collect();
        WrittenKey {
            name: name.to_string(),
            secret: Secret::from(format!("{DIGEST}{hex}").into_bytes()),
            source: source.clone(),
            file: file.clone(),
        }
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ApiKey { name, digest: _, source, file } = self;
        f.debug_struct("ApiKey")
            .field("name", name)
            .field("source", source)
            .field("file", file)
            .finish_non_exhaustive()
    }
}

impl WrittenKey {
    /// A key that stands where its name does.
    pub(super) fn new(name: String, secret: Secret, source: Source) -> Self {
        Self { name, secret, source, file: None }
    }

    /// The key where there is but one.
    pub(super) fn only(secret: Secret, source: Source) -> Self {
        Self::new(ONLY.into(), secret, source)
    }
}

impl Secret {
    /// The digest to compare with, or what is wrong, in words that show nothing of it, and what is allowed.
    fn digest(&self) -> Result<Digest, (&'static str, &'static str)> {
        let flaw = match self.0.as_slice() {
            [] => "an empty key",
            bytes if bytes.len() > LONGEST_KEY => "a longer key",
            // What cannot stand in a header cannot be presented.
            bytes if !bytes.iter().all(u8::is_ascii_graphic) => {
                "a key with a space, a control character or a character beyond ascii"
            }
            bytes => match self.given_digest() {
                Some(hex) => {
                    let digest = Digest::from_hex(hex);
                    return digest
                        .ok_or(("a broken digest", "`sha256:` and 64 hexadecimal digits"));
                }
                None => return Ok(Digest::from_bytes(&Sha256::digest(bytes).into())),
            },
        };
        Err((flaw, "1 to 4096 visible ascii characters"))
    }

    /// What stands behind `sha256:`, if it begins so.
    fn given_digest(&self) -> Option<&[u8]> {
        self.0.strip_prefix(DIGEST.as_bytes())
    }

    /// Whether whoever reads it can present it.
    pub(super) fn is_plain(&self) -> bool {
        self.given_digest().is_none()
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl From<Vec<u8>> for Secret {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("set")
    }
}

fn is_name(text: &str) -> bool {
    (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}
