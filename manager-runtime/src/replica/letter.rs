//! One value from one task to another. The channel says only that it is there, so it is compiled once, and not
//! for every handler.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// Who writes it.
pub(super) struct Writer<T> {
    place: Arc<Mutex<Option<T>>>,
    written: oneshot::Sender<()>,
}

/// Who takes it, once the signal beside has come.
pub(super) struct Reader<T>(Arc<Mutex<Option<T>>>);

/// A letter, and the signal that it was written: an error if it never will be.
pub(super) fn letter<T>() -> (Writer<T>, Reader<T>, oneshot::Receiver<()>) {
    let place = Arc::new(Mutex::new(None));
    let (written, signal) = oneshot::channel();
    (Writer { place: place.clone(), written }, Reader(place), signal)
}

impl<T> Writer<T> {
    /// Writes it; it comes back if nobody waits for it any more.
    pub(super) fn write(self, value: T) -> Option<T> {
        *lock(&self.place) = Some(value);
        match self.written.send(()) {
            Ok(()) => None,
            Err(()) => lock(&self.place).take(),
        }
    }
}

impl<T> Reader<T> {
    pub(super) fn take(self) -> Option<T> {
        lock(&self.0).take()
    }
}

fn lock<T>(place: &Mutex<Option<T>>) -> MutexGuard<'_, Option<T>> {
    // Nothing runs under this lock.
    place.lock().unwrap_or_else(PoisonError::into_inner)
}
