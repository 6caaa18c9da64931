//! What pools do beside their calls, in functions that know no handler: whatever stands in a pool is compiled
//! once more for each.

use std::time::Duration;

use crate::error::Error;
use crate::panics;

/// Runs something that drops what is the user's, and logs a panic in that.
pub(super) fn shield(handler: &str, run: &mut dyn FnMut()) {
    if let Err(panic) = panics::catch(run) {
        let story = panics::story(&*panic);
        tracing::error!(handler, "something panicked while it was dropped{story}");
    }
}

/// Runs a waker, which may be anybody's: a panic in it must not end the watch.
pub(super) fn wake(waker: &mut dyn FnMut()) {
    if let Err(panic) = panics::catch(waker) {
        tracing::error!("a waker panicked{}", panics::story(&*panic));
    }
}

/// An error that nobody hears of otherwise.
pub(super) fn log_failure(handler: &str, error: &Error, what: &str) {
    tracing::error!(handler, error = error.story(), "{what}");
}

pub(super) fn log_lost(handler: &str, lost: usize) {
    tracing::error!(handler, lost, "messages were lost");
}

/// An instance that could not be made, and when it is tried again if that is not for the next call.
pub(super) fn log_not_made(handler: &str, error: &Error, retry_in: Option<Duration>) {
    let error = error.story();
    match retry_in {
        Some(retry_in) => tracing::error!(handler, error, ?retry_in, "`new` failed"),
        None => tracing::error!(handler, error, "`new` failed"),
    }
}
