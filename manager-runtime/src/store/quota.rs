//! How many bytes all files of a store may have together.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, Result};

/// What is in use, and how much that may be.
#[derive(Debug)]
pub(super) struct Quota {
    limit: Option<u64>,
    used: AtomicU64,
}

impl Quota {
    pub(super) fn new(limit: Option<u64>, used: u64) -> Arc<Self> {
        Arc::new(Quota { limit, used: AtomicU64::new(used) })
    }

    pub(super) fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// Gives back what a file had that is gone.
    pub(super) fn give_back(&self, bytes: u64) {
        let less = |used: u64| Some(used.saturating_sub(bytes));
        // Somebody may have put a file there that nobody counted.
        let _ = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }

    /// Whether so much more would fit at this moment.
    ///
    /// # Errors
    ///
    /// `InsufficientStorage`.
    pub(super) fn has_room(&self, bytes: u64) -> Result<()> {
        match self.sum(self.used(), bytes) {
            Some(_) => Ok(()),
            None => Err(full()),
        }
    }

    fn sum(&self, used: u64, bytes: u64) -> Option<u64> {
        used.checked_add(bytes).filter(|sum| self.limit.is_none_or(|limit| *sum <= limit))
    }
}

fn full() -> Error {
    Error::insufficient_storage("the store has no room left for this file")
}

/// What an upload has taken so far; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Reservation {
    quota: Arc<Quota>,
    bytes: u64,
}

impl Reservation {
    pub(super) fn new(quota: Arc<Quota>) -> Self {
        Reservation { quota, bytes: 0 }
    }

    /// Takes so much more.
    ///
    /// # Errors
    ///
    /// `InsufficientStorage` if there is not so much; then nothing is taken.
    pub(super) fn grow(&mut self, bytes: u64) -> Result<()> {
        let more = |used: u64| self.quota.sum(used, bytes);
        self.quota
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more)
            .map_err(|_| full())?;
        self.bytes += bytes;
        Ok(())
    }

    /// Gives so much back.
    pub(super) fn shrink(&mut self, bytes: u64) {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        self.quota.give_back(bytes);
    }

    /// Leaves it to the file that was put in place, or to what waits to be resumed.
    pub(super) fn keep(&mut self) {
        self.bytes = 0;
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.quota.give_back(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn what_is_taken_is_given_back_unless_it_is_kept() {
        let quota = Quota::new(Some(10), 4);
        let mut one = Reservation::new(quota.clone());
        let mut other = Reservation::new(quota.clone());
        one.grow(3).unwrap();
        other.grow(3).unwrap();
        assert_eq!(one.grow(1).unwrap_err().kind(), Kind::InsufficientStorage);
        assert!(quota.has_room(0).is_ok() && quota.has_room(1).is_err());
        drop(one);
        other.grow(3).unwrap();
        other.keep();
        drop(other);
        assert_eq!(quota.used(), 10);
        quota.give_back(11);
        assert_eq!(quota.used(), 0);
        assert!(quota.has_room(u64::MAX).is_err());
    }

    #[test]
    fn together_they_never_take_more_than_there_is() {
        let quota = Quota::new(Some(1000), 0);
        let taken: u64 = std::thread::scope(|scope| {
            let take = || {
                let mut own = Reservation::new(quota.clone());
                let taken = (0..400).filter(|_| own.grow(1).is_ok()).count() as u64;
                own.keep();
                taken
            };
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(take)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!((taken, quota.used()), (1000, 1000));
    }
}
