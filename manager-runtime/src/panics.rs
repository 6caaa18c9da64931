//! What is said of a panic, and where.
//!
//! A panic in a handler is caught, and whoever catches it logs it with the name of the handler. The
//! process's hook runs before that: it keeps the place for the log line instead of printing a message of
//! its own. A panic that nobody of us will catch is reported by the hook, in a line.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::thread;

thread_local! {
    /// How many stand ready, one inside the other, to catch and log a panic of this thread.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// Where the last one was.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs something whose panic the caller will log.
pub(crate) fn catch<T>(run: impl FnOnce() -> T) -> thread::Result<T> {
    let outer = depth();
    DEPTH.set(outer + 1);
    let outcome = catch_unwind(AssertUnwindSafe(run));
    DEPTH.set(outer);
    outcome
}

/// How deep this thread is in what is caught: one for each handler that another one is polling.
#[inline]
pub(crate) fn depth() -> u32 {
    DEPTH.get()
}

/// Where the panic was that this thread has just caught; known only once [`report`] was called.
pub(crate) fn place() -> Option<String> {
    PLACE.take()
}

/// What a panic said.
pub(crate) fn text<'a>(panic: &'a (dyn Any + Send + 'static)) -> &'a str {
    if let Some(text) = panic.downcast_ref::<&str>() {
        text
    } else if let Some(text) = panic.downcast_ref::<String>() {
        text
    } else {
        "(no text)"
    }
}

/// What a panic said and where, to go on a line after what panicked.
pub(crate) fn story(panic: &(dyn Any + Send)) -> String {
    let place = place().map_or_else(String::new, |place| format!(" at {place}"));
    format!("{place}: {}", text(panic))
}

/// Installs the hook of a process that is a service: panics are one line each, never a backtrace.
pub(crate) fn report() {
    std::panic::set_hook(Box::new(hook));
}

fn hook(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    if depth() > 0 {
        PLACE.set(Some(place));
        return;
    }
    let text = text(panic.payload());
    if tracing::event_enabled!(tracing::Level::ERROR) {
        tracing::error!(place, panic = text, "a panic outside of a handler");
    } else {
        use std::io::Write;
        let _ = writeln!(std::io::stderr(), "error: a panic at {place}: {text}");
    }
}
