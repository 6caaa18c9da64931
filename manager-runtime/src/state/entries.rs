//! The entries behind [`SharedState`](super::SharedState). This is the only file that takes a lock of a map.
//!
//! A value is dropped by whoever took it out, after the lock is gone: its `Drop` may use the state. For the
//! same reason wakers are woken, and values cloned and compared, without a lock.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use dashmap::DashMap;
use dashmap::Entry as Place;
use tokio::sync::watch;
use tokio::time::Instant;

use super::attempt::record_write;
use super::expiry::{Expiry, ExpiryQueue};
use super::kind::StateType;

/// How many ended entries one write removes. More than the one that a write can add, so that the queue shrinks;
/// few enough that no single write pays for an hour of others.
const SWEEP: usize = 8;

/// All entries, who watches them and when they end.
#[derive(Default)]
pub(super) struct Entries {
    map: DashMap<Box<str>, Entry>,
    /// One sender for each watched key, made by the first watcher and removed with the last.
    watchers: DashMap<Box<str>, watch::Sender<()>>,
    expiries: ExpiryQueue,
    /// Whether somebody sweeps, so that a swept value that writes as it is dropped does not sweep in turn.
    sweeping: AtomicBool,
}

/// A live entry as it was read.
pub(super) struct Found {
    pub(super) value: Arc<StateType>,
    pub(super) ends: Option<Instant>,
}

impl Entries {
    /// Reads a key. An entry that has ended is removed on the way.
    pub(super) fn find(&self, key: &str) -> Option<Found> {
        {
            let entry = self.map.get(key)?;
            if entry.is_live() {
                let ends = entry.expiry.map(|expiry| expiry.at);
                return Some(Found { value: Arc::clone(&entry.value), ends });
            }
        }
        self.expire(key);
        None
    }

    /// Stores a value, whatever stood there, and gives back what did.
    pub(super) fn insert(
        &self,
        key: &str,
        value: StateType,
        expiry: Option<Expiry>,
    ) -> Option<Arc<StateType>> {
        let value = Arc::new(value);
        let after = Version::of(Some(&value));
        let old = self.map.insert(key.into(), Entry { value, expiry });
        if let Some(expiry) = expiry {
            self.expiries.join(expiry, key);
        }
        self.finish_write(key, old, &after)
    }

    /// Removes a key and gives back what stood there.
    pub(super) fn remove(&self, key: &str) -> Option<Arc<StateType>> {
        let (_, old) = self.map.remove(key)?;
        self.finish_write(key, Some(old), &Version::ABSENT)
    }

    /// Stores `new`, or removes the key, if the key still has the version `seen`; says whether it had. A value
    /// that is replaced leaves its expiry to the new one.
    pub(super) fn swap(&self, key: &str, seen: &Version, new: Option<Arc<StateType>>) -> bool {
        let after = Version::of(new.as_ref());
        let Ok(old) = self.exchange(key, seen, new) else {
            return false;
        };
        self.finish_write(key, old, &after);
        true
    }

    /// All live entries whose key begins with `prefix`, in no order.
    pub(super) fn list(&self, prefix: &str) -> Vec<(String, Arc<StateType>)> {
        self.map
            .iter()
            .filter(|entry| entry.key().starts_with(prefix) && entry.is_live())
            .map(|entry| (entry.key().to_string(), Arc::clone(&entry.value)))
            .collect()
    }

    /// How many entries are live.
    pub(super) fn count(&self) -> usize {
        self.map.iter().filter(|entry| entry.is_live()).count()
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.map.iter().any(|entry| entry.is_live())
    }

    pub(super) fn expiries(&self) -> &ExpiryQueue {
        &self.expiries
    }

    /// Registers a watcher. It must call [`Entries::unsubscribe`] after the receiver has been dropped.
    pub(super) fn subscribe(&self, key: &str) -> watch::Receiver<()> {
        self.watchers.entry(key.into()).or_insert_with(|| watch::Sender::new(())).subscribe()
    }

    /// Forgets a key that nobody watches any more.
    pub(super) fn unsubscribe(&self, key: &str) {
        // The receivers are counted under the lock that `subscribe` takes, so none can join in between.
        self.watchers.remove_if(key, |_, sender| sender.receiver_count() == 0);
    }

    /// How many keys are watched.
    pub(super) fn watched(&self) -> usize {
        self.watchers.len()
    }

    /// Tells this store from every other that exists.
    pub(super) fn identity(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// The conditional write itself; it gives the entry that was replaced, if there was one.
    fn exchange(
        &self,
        key: &str,
        seen: &Version,
        new: Option<Arc<StateType>>,
    ) -> Result<Option<Entry>, Changed> {
        match (seen.is_absent(), new) {
            (false, Some(new)) => {
                let mut entry = self.map.get_mut(key).ok_or(Changed)?;
                if !entry.has(seen) {
                    // `new` outlives the guard, since it was declared before it.
                    return Err(Changed);
                }
                let value = std::mem::replace(&mut entry.value, new);
                // The expiry stays where it is, so the replaced entry goes without.
                Ok(Some(Entry { value, expiry: None }))
            }
            (false, None) => {
                let (_, old) =
                    self.map.remove_if(key, |_, entry| entry.has(seen)).ok_or(Changed)?;
                Ok(Some(old))
            }
            (true, Some(value)) => {
                let new = Entry { value, expiry: None };
                match self.map.entry(key.into()) {
                    Place::Vacant(place) => {
                        place.insert(new);
                        Ok(None)
                    }
                    Place::Occupied(place) if place.get().is_live() => Err(Changed),
                    Place::Occupied(mut place) => Ok(Some(place.insert(new))),
                }
            }
            // It was absent when it was read, and absent is what it shall be.
            (true, None) => Ok(None),
        }
    }

    /// What follows every write, with no lock held. Gives back what was replaced, if it had not ended.
    fn finish_write(
        &self,
        key: &str,
        old: Option<Entry>,
        after: &Version,
    ) -> Option<Arc<StateType>> {
        if let Some(expiry) = old.as_ref().and_then(|old| old.expiry) {
            self.expiries.leave(expiry);
        }
        let live = old.as_ref().filter(|old| old.is_live());
        record_write(self.identity(), key, live.map(|old| &old.value), after);
        self.notify(key);
        self.sweep();
        // A value that had ended is dropped only here: its `Drop` must not come before the watchers are told.
        old.filter(Entry::is_live).map(|old| old.value)
    }

    /// Wakes the watchers of a key.
    fn notify(&self, key: &str) {
        // The sender is cloned out of the map because waking runs code of the executor's.
        let sender = self.watchers.get(key).map(|sender| sender.clone());
        if let Some(sender) = sender {
            sender.send_replace(());
        }
    }

    /// Removes a few entries that have ended, so that memory does not grow with keys that are never read again.
    fn sweep(&self) {
        if self.expiries.waiting() == 0 {
            return;
        }
        let Some(_turn) = Turn::take(&self.sweeping) else {
            return;
        };
        for _ in 0..SWEEP {
            // One at a time: if the drop of a value panics, the keys after it are still in the queue.
            let Some(key) = self.expiries.take_due() else {
                return;
            };
            self.expire(&key);
        }
    }

    /// Removes a key if its time has passed.
    fn expire(&self, key: &str) {
        let ended = self.map.remove_if(key, |_, entry| !entry.is_live());
        if let Some((_, entry)) = ended {
            if let Some(expiry) = entry.expiry {
                self.expiries.leave(expiry);
            }
            self.notify(key);
        }
    }
}

/// The key no longer has the version that was read.
struct Changed;

/// Which value stood under a key, or that none did.
///
/// A value is identified by its allocation. The weak pointer keeps that from being used again, so two versions
/// are never mistaken for one another, and it does not keep the value itself alive.
#[derive(Clone)]
pub(super) struct Version(Option<Weak<StateType>>);

impl Version {
    pub(super) const ABSENT: Self = Version(None);

    pub(super) fn of(value: Option<&Arc<StateType>>) -> Self {
        Version(value.map(Arc::downgrade))
    }

    /// Whether it is `value` that stood there.
    pub(super) fn is(&self, value: Option<&Arc<StateType>>) -> bool {
        match (&self.0, value) {
            (None, None) => true,
            (Some(seen), Some(value)) => std::ptr::eq(seen.as_ptr(), Arc::as_ptr(value)),
            _ => false,
        }
    }

    fn is_absent(&self) -> bool {
        self.0.is_none()
    }
}

struct Entry {
    /// Shared, so that reading under the lock costs a count and the copy is made after it.
    value: Arc<StateType>,
    /// When it ends. Every entry that ends has its key in the queue, as soon as the write has finished.
    expiry: Option<Expiry>,
}

impl Entry {
    fn is_live(&self) -> bool {
        // Most entries never end, and for those no clock is read.
        !self.expiry.is_some_and(Expiry::has_passed)
    }

    fn has(&self, seen: &Version) -> bool {
        seen.is(Some(&self.value)) && self.is_live()
    }
}

/// The turn to sweep; it ends on drop. Nobody waits for it: who does not get it leaves the sweeping to the other.
struct Turn<'a>(&'a AtomicBool);

impl<'a> Turn<'a> {
    fn take(taken: &'a AtomicBool) -> Option<Self> {
        (!taken.swap(true, Ordering::Acquire)).then(|| Turn(taken))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}
