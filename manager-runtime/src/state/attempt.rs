//! Lets an update recognise the writes of its own closure.
//!
//! An update stores its result only if the entry is still the one that its closure was given. A closure that
//! itself writes the key would spoil every attempt, and the update would never end. So while a closure runs,
//! its attempt is known to the thread, and a write of this thread to the same key moves the attempt's
//! expectation on: what the closure wrote is then replaced by what it returns, as in sequential code. A write
//! of another thread in between breaks the chain, and the attempt fails as it should.

use std::cell::RefCell;
use std::sync::Arc;

use super::entries::Version;
use super::kind::StateType;

/// One run of an update's closure. It begins before the closure does and ends on drop, after a panic as well.
pub(super) struct Attempt {
    /// What the closure was given; it counts where the thread can keep no list, because the thread is ending.
    given: Version,
}

impl Attempt {
    /// Begins an attempt on `key`, of which `given` was read, in the store that `store` identifies.
    pub(super) fn begin(store: usize, key: &str, given: Version) -> Self {
        let expected = Expectation { store, key: key.into(), version: given.clone() };
        let _ = RUNNING.try_with(|running| running.borrow_mut().push(expected));
        Attempt { given }
    }

    /// What must still stand under the key for the closure's result to be stored.
    pub(super) fn expected(&self) -> Version {
        RUNNING
            .try_with(|running| running.borrow().last().map(|expected| expected.version.clone()))
            .ok()
            .flatten()
            .unwrap_or_else(|| self.given.clone())
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        // Attempts of one thread are nested, so the last one is this one.
        let _ = RUNNING.try_with(|running| running.borrow_mut().pop());
    }
}

/// Tells the attempts of this thread that it replaced `before` by `after` under `key`.
pub(super) fn record_write(
    store: usize,
    key: &str,
    before: Option<&Arc<StateType>>,
    after: &Version,
) {
    let _ = RUNNING.try_with(|running| {
        for expected in running.borrow_mut().iter_mut() {
            if expected.store == store && *expected.key == *key && expected.version.is(before) {
                expected.version = after.clone();
            }
        }
    });
}

thread_local! {
    /// The attempts of this thread, the innermost last. It holds no value of the user's, only versions, so
    /// nothing of the user's runs while it is borrowed.
    static RUNNING: RefCell<Vec<Expectation>> = const { RefCell::new(Vec::new()) };
}

struct Expectation {
    store: usize,
    key: Box<str>,
    version: Version,
}
