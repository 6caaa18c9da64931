//! Following one key.

use std::fmt;
use std::sync::Arc;

use tokio::sync::watch;

use super::entries::{Entries, Found, Version};
use super::kind::StateType;

/// A subscription to one key, made by `SharedState::watch`.
///
/// It sees what happens after it was made. Changes that come faster than they are asked for melt into one, and
/// the latest is always seen. Dropping it ends the subscription.
///
/// ```
/// use std::sync::Arc;
/// use manager_runtime::{SharedState, StateType};
///
/// async fn follow(state: Arc<SharedState>) {
///     let mut mode = state.watch("mode");
///     println!("it begins with {:?}", mode.current());
///     loop {
///         match mode.changed().await {
///             Some(StateType::String(mode)) => println!("it is {mode} now"),
///             Some(other) => println!("somebody set it to a {}", other.kind()),
///             None => println!("it was deleted, or its time has passed"),
///         }
///     }
/// }
/// ```
pub struct Watch {
    /// Learns that something was written. It stands before the registration and so is dropped before it.
    receiver: watch::Receiver<()>,
    /// What `changed` compares with: the entry at the start, then the one it returned last.
    seen: Version,
    registration: Registration,
}

impl Watch {
    /// Waits until the key was inserted, updated or deleted, or its time has passed, and gives what stands there
    /// now: `None` for a key that is absent.
    ///
    /// An insert counts as a change even if the new value equals the old one. A key that was absent, came and went
    /// again unseen has not changed. If nothing changes, it waits for ever.
    ///
    /// It is cancel safe: dropped before it is ready, it has lost no change. It needs a tokio runtime with
    /// its timer enabled once the key was inserted with a time to live.
    ///
    /// ```
    /// use manager_runtime::{SharedState, StateType};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let state = SharedState::new();
    /// let mut colour = state.watch("colour");
    ///
    /// state.insert("colour", "red");
    /// state.insert("colour", "blue");
    /// assert_eq!(colour.changed().await, Some(StateType::from("blue")));
    ///
    /// state.delete("colour");
    /// assert_eq!(colour.changed().await, None);
    /// # }
    /// ```
    pub async fn changed(&mut self) -> Option<StateType> {
        loop {
            // What is written after this look makes the receiver ready, so no change falls between the two.
            let ends = match self.look() {
                Look::Changed(value) => return value.map(Arc::unwrap_or_clone),
                Look::Same { ends } => ends,
            };
            let woken = self.receiver.changed();
            // Waking says only that it is time to look again. The sender lives as long as this watch is
            // registered, so that the receiver never sees it closed.
            match ends {
                Some(at) => drop(tokio::time::timeout_at(at, woken).await),
                None => drop(woken.await),
            }
        }
    }

    /// What stands under the key now. It does not count as seen: a change still is one for [`Watch::changed`].
    ///
    /// ```
    /// use manager_runtime::{SharedState, StateType};
    ///
    /// let state = SharedState::new();
    /// let watch = state.watch("n");
    /// assert_eq!(watch.current(), None);
    /// state.insert("n", 1);
    /// assert_eq!(watch.current(), Some(StateType::Int(1)));
    /// ```
    #[must_use]
    pub fn current(&self) -> Option<StateType> {
        self.registration.find().map(|found| Arc::unwrap_or_clone(found.value))
    }

    /// The key that is watched.
    ///
    /// ```
    /// let state = manager_runtime::SharedState::new();
    /// assert_eq!(state.watch("mode").key(), "mode");
    /// ```
    #[must_use]
    pub fn key(&self) -> &str {
        &self.registration.key
    }

    pub(super) fn new(entries: Arc<Entries>, key: &str) -> Self {
        // It registers first and looks then: what is written in between is either seen here or reported later.
        let receiver = entries.subscribe(key);
        let registration = Registration { entries, key: key.into() };
        let seen = Version::of(registration.find().map(|found| found.value).as_ref());
        Watch { receiver, seen, registration }
    }

    fn look(&mut self) -> Look {
        let (value, ends) = match self.registration.find() {
            Some(Found { value, ends }) => (Some(value), ends),
            None => (None, None),
        };
        if self.seen.is(value.as_ref()) {
            return Look::Same { ends };
        }
        self.seen = Version::of(value.as_ref());
        Look::Changed(value)
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("key", &self.key()).finish_non_exhaustive()
    }
}

/// What a watch found.
enum Look {
    Changed(Option<Arc<StateType>>),
    Same { ends: Option<tokio::time::Instant> },
}

/// Keeps the key among the watched ones; the last to be dropped takes it out.
struct Registration {
    /// Keeps the entries alive, so that a watch may outlive the state's own handle.
    entries: Arc<Entries>,
    key: Box<str>,
}

impl Registration {
    fn find(&self) -> Option<Found> {
        self.entries.find(&self.key)
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.entries.unsubscribe(&self.key);
    }
}
