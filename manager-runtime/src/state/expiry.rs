//! Which entries end, and which of them next.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// When an entry ends. Each is unique, so that removing one from the queue never removes another entry's that
/// happens to end in the same instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Expiry {
    pub(super) at: Instant,
    number: u64,
}

impl Expiry {
    pub(super) fn has_passed(self) -> bool {
        self.at <= Instant::now()
    }
}

/// The keys that end, soonest first.
///
/// A key joins after its entry was written and leaves when the entry is replaced or removed. Two writers that
/// overtake each other in between can leave a key here whose entry has gone; it leaves when its time comes.
#[derive(Default)]
pub(super) struct ExpiryQueue {
    /// No code of the user's runs under this lock, and no other lock is taken under it.
    keys: Mutex<BTreeMap<Expiry, Box<str>>>,
    /// How many keys wait, so that a state without expiring keys never takes the lock.
    waiting: AtomicUsize,
    /// What the next `Expiry` is numbered.
    next: AtomicU64,
}

impl ExpiryQueue {
    /// An expiry `ttl` from now, or none if that lies beyond what the clock can say.
    pub(super) fn after(&self, ttl: Duration) -> Option<Expiry> {
        let at = Instant::now().checked_add(ttl)?;
        Some(Expiry { at, number: self.next.fetch_add(1, Ordering::Relaxed) })
    }

    pub(super) fn join(&self, expiry: Expiry, key: &str) {
        let mut keys = self.lock();
        keys.insert(expiry, key.into());
        self.waiting.store(keys.len(), Ordering::Relaxed);
    }

    pub(super) fn leave(&self, expiry: Expiry) {
        let mut keys = self.lock();
        keys.remove(&expiry);
        self.waiting.store(keys.len(), Ordering::Relaxed);
    }

    /// Takes out the soonest key if its time has come.
    pub(super) fn take_due(&self) -> Option<Box<str>> {
        if self.waiting() == 0 {
            return None;
        }
        let mut keys = self.lock();
        let soonest = keys.first_entry().filter(|soonest| soonest.key().has_passed())?;
        let key = soonest.remove();
        self.waiting.store(keys.len(), Ordering::Relaxed);
        Some(key)
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Expiry, Box<str>>> {
        // Nothing under the lock can stop half-way, so a poisoned map is a whole one.
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn keys_come_out_soonest_first_and_not_before_their_time() {
        let queue = ExpiryQueue::default();
        queue.join(queue.after(2 * SECOND).unwrap(), "later");
        queue.join(queue.after(SECOND).unwrap(), "sooner");
        assert_eq!(queue.take_due(), None);

        tokio::time::advance(2 * SECOND).await;
        assert_eq!(queue.take_due().as_deref(), Some("sooner"));
        assert_eq!(queue.take_due().as_deref(), Some("later"));
        assert_eq!(queue.take_due(), None);
        assert_eq!(queue.waiting(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn equal_instants_stay_apart() {
        let queue = ExpiryQueue::default();
        let (first, second) = (queue.after(SECOND).unwrap(), queue.after(SECOND).unwrap());
        queue.join(first, "key");
        queue.join(second, "key");
        queue.leave(first);
        assert_eq!(queue.waiting(), 1);
    }

    #[test]
    fn a_time_beyond_the_clock_never_comes() {
        assert_eq!(ExpiryQueue::default().after(Duration::MAX), None);
    }
}
