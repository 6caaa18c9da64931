//! The keys that open the service.

use std::collections::HashSet;
use std::fmt;

use subtle::ConstantTimeEq;

use super::finding::{Finding, Problem};
use super::layer::{Source, quoted};

/// The longest key. What a client presents is compared only up to here, so a long header costs nothing.
pub(super) const LONGEST_KEY: usize = 4096;
const LONGEST_NAME: usize = 128;
const ONLY: &str = "default";

/// The keys that open the service, each under a name that may be shown.
///
/// Neither `Debug` nor `Display` shows a key, and nothing gives one back.
#[derive(Debug, Clone, Default)]
pub(crate) struct ApiKeys {
    /// In the order in which they were written; names are unique once [`ApiKeys::flaws`] found nothing.
    keys: Vec<ApiKey>,
}

/// A key as written.
#[derive(Debug, Clone)]
pub(super) struct ApiKey {
    pub(super) name: String,
    pub(super) secret: Secret,
    pub(super) source: Source,
}

/// Bytes that are compared and never shown.
#[derive(Clone)]
pub(super) struct Secret(Vec<u8>);

impl Secret {
    /// Whether it is this, in a time that depends on the lengths alone. Eight bytes at a time: this runs
    /// for every request.
    fn is(&self, presented: &[u8]) -> bool {
        if self.0.len() != presented.len() {
            return false;
        }
        let (own, own_rest) = self.0.as_chunks::<8>();
        let (given, given_rest) = presented.as_chunks::<8>();
        let mut same = own_rest.ct_eq(given_rest);
        for (own, given) in own.iter().zip(given) {
            same &= u64::from_ne_bytes(*own).ct_eq(&u64::from_ne_bytes(*given));
        }
        same.into()
    }
}

impl ApiKeys {
    pub(super) fn new(keys: Vec<ApiKey>) -> Self {
        Self { keys }
    }

    /// Nobody needs a key.
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The name of the key that was presented, or `None` if it is none of them.
    ///
    /// Every key is compared in full, also after one has matched, so the time tells neither which key it
    /// was nor how many of its bytes were right. Keys of another length never match; that a length differs
    /// may be seen in the time, which helps nobody to guess a key. Of two names for one key the first is
    /// given.
    pub(crate) fn verify(&self, presented: &[u8]) -> Option<&str> {
        // A public bound, so leaving here tells nothing.
        if presented.is_empty() || presented.len() > LONGEST_KEY {
            return None;
        }
        let mut found = None;
        for key in self.keys.iter().rev() {
            if key.secret.is(presented) {
                found = Some(key.name.as_str());
            }
        }
        found
    }

    /// The names, in the order in which they were written.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|key| key.name.as_str())
    }

    /// Each name and where its key stands.
    pub(super) fn places(&self) -> impl Iterator<Item = (&str, &Source)> {
        self.keys.iter().map(|key| (key.name.as_str(), &key.source))
    }

    /// Everything that is wrong with the keys and their names.
    pub(super) fn flaws(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut names = HashSet::new();
        for ApiKey { name, secret, source } in &self.keys {
            let at = || source.clone();
            if !is_name(name) {
                let allowed = "1 to 128 visible ascii characters as the name of a key";
                findings.push(Finding::impossible(at(), "api_keys", quoted(name), allowed));
            } else if !names.insert(name) {
                findings.push(Finding::new(at(), Problem::TwoKeys { name: name.clone() }));
            }
            if let Some(flaw) = secret.flaw() {
                let allowed = "1 to 4096 visible ascii characters";
                let key = if name == ONLY { "api_key".into() } else { format!("api_keys.{name}") };
                findings.push(Finding::impossible(at(), key, flaw, allowed));
            }
        }
        findings
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
    /// The key where there is but one.
    pub(super) fn only(secret: Secret, source: Source) -> Self {
        Self { name: ONLY.into(), secret, source }
    }
}

impl Secret {
    /// Why this can be no key, in words that show nothing of it.
    fn flaw(&self) -> Option<&'static str> {
        match self.0.as_slice() {
            [] => Some("an empty key"),
            bytes if bytes.len() > LONGEST_KEY => Some("a longer key"),
            // What cannot stand in a header cannot be presented.
            bytes if !bytes.iter().all(u8::is_ascii_graphic) => {
                Some("a key with a space, a control character or a character beyond ascii")
            }
            _ => None,
        }
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
