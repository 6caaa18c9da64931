//! The keys of a running service, which may change while it runs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::bus::Declared;
use crate::config::{ApiKeys, Digest};
use crate::peer::Peer;

/// The keys that open the service: at least one, at all times.
pub(crate) struct Keyring {
    /// Read for as long as a request is compared, written when files were read again.
    keys: RwLock<ApiKeys>,
    /// How often they have changed.
    edition: AtomicU64,
    wanted: Vec<Wanted>,
}

/// A key that a handler names.
struct Wanted {
    handler: Arc<str>,
    key: &'static str,
}

impl Keyring {
    /// `None` where nobody needs a key.
    pub(crate) fn new(keys: &ApiKeys, declared: &[Declared]) -> Option<Self> {
        let wanted = declared.iter().flat_map(|one| {
            let name = &one.options.name;
            one.options.http.keys.iter().map(|key| Wanted { handler: name.clone(), key })
        });
        (!keys.is_empty()).then(|| Keyring {
            wanted: wanted.collect(),
            keys: RwLock::new(keys.clone()),
            edition: AtomicU64::new(0),
        })
    }

    /// The name of the key that a peer has presented, if it is one.
    pub(super) fn verify(&self, presented: &[u8], peer: &Peer) -> Option<Arc<str>> {
        // Before the keys, so that what is kept is at worst older than it is said to be.
        let edition = self.edition.load(Ordering::Acquire);
        if let Some(name) = peer.recall_key(presented, edition) {
            return Some(name);
        }
        // Before the lock, which is then held for a few comparisons.
        let digest = Digest::of(presented)?;
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        Some(peer.keep_key(presented, keys.verify(&digest)?, edition))
    }

    /// Reads the files again. The keys that are there now stay until all is known to be right.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the files; then nothing has changed.
    pub(crate) fn reload(&self) -> Result<(), Vec<String>> {
        // A copy, so that no request waits for a disk.
        let before = self.keys.read().unwrap_or_else(PoisonError::into_inner).clone();
        let (keys, warnings) = before.read_again().map_err(|findings| {
            findings.iter().map(ToString::to_string).collect::<Vec<String>>()
        })?;
        for warning in warnings {
            tracing::warn!("{warning}");
        }
        for Wanted { handler, key } in &self.wanted {
            if !keys.names().any(|name| name == *key) {
                tracing::warn!(
                    "handler `{handler}` asks for the key `{key}`, which is not there any more: nobody reaches it \
                     by that key"
                );
            }
        }
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        self.edition.fetch_add(1, Ordering::Release);
        Ok(())
    }
}

/// Handlers that ask for keys that there are none of, said at the start.
pub(crate) fn check(keys: &ApiKeys, declared: &[Declared]) -> Vec<String> {
    let mut findings = Vec::new();
    for one in declared {
        let name = &one.options.name;
        let place = one.options.place.map_or_else(String::new, |place| format!(" ({place})"));
        let quoted = |names: Vec<&str>| {
            names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        };
        let wanted = one.options.http.keys;
        if keys.is_empty() && !wanted.is_empty() {
            findings.push(format!(
                "handler `{name}`{place} is for {} alone, and no key is set; set `api_keys` or \
                 `api_keys_file`",
                quoted(wanted.to_vec())
            ));
            continue;
        }
        for key in wanted.iter().filter(|key| !keys.names().any(|name| name == **key)) {
            findings.push(format!(
                "handler `{name}`{place} asks for the key `{key}`, and none of this name is set; there is {}",
                quoted(keys.names().collect())
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::config::{Layer, Layers, Settings};

    #[test]
    fn keys_change_as_a_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.toml");
        fs::write(&path, "shop = 'k1'\ncron = 'k2'").unwrap();
        let mut program = Layer::program();
        program.api_key("k0").api_keys_file(path.display().to_string());
        let (settings, _) = Settings::resolve(Layers { program, ..Layers::default() }).unwrap();
        let ring = Keyring::new(&settings.api_keys, &[]).unwrap();
        // One for each key, open over every change.
        let connections = [(); 4].map(|()| Peer::connected(([127, 0, 0, 1], 80).into(), None));
        let names = |expected: [Option<&str>; 4]| {
            let found = ["k0", "k1", "k2", "k3"];
            let mut at = connections.iter();
            let found = found.map(|key| ring.verify(key.as_bytes(), at.next().unwrap()));
            assert_eq!(found.each_ref().map(Option::as_deref), expected);
        };
        let before = [Some("default"), Some("shop"), Some("cron"), None];
        names(before);
        for (broken, why) in [
            ("", "a file without a key"),
            ("shop = 'k3'\ncron = 5", "line 2: `api_keys.cron` cannot be an integer"),
            ("shop = 'k3", "broken toml"),
            ("default = 'k3'", "a second key is named `default`"),
        ] {
            fs::write(&path, broken).unwrap();
            let findings = ring.reload().unwrap_err().join("\n");
            assert!(findings.contains(why) && !findings.contains("k3"), "{findings}");
            names(before);
        }
        fs::remove_file(&path).unwrap();
        assert!(ring.reload().unwrap_err().concat().contains("cannot be read"));
        names(before);
        fs::write(&path, "shop = 'k3'").unwrap();
        ring.reload().unwrap();
        names([Some("default"), None, None, Some("shop")]);
    }

    #[test]
    fn without_keys_there_is_no_ring() {
        assert!(Keyring::new(&ApiKeys::default(), &[]).is_none());
    }
}
