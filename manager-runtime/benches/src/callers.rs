//! Tasks that share the operations of a turn, and the count of what was handled elsewhere.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use tokio::runtime::Runtime;
use tokio::sync::Notify;

use crate::measure::Lap;

/// A runtime with two worker threads.
///
/// # Panics
///
/// If the system has no thread left.
pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime can be made")
}

/// Lets some callers, each a task, share the operations. A caller gets its number and how many are its
/// own.
///
/// # Panics
///
/// If a caller panics.
pub fn share<F>(
    runtime: &Runtime,
    callers: u64,
    operations: u64,
    caller: impl Fn(u64, u64) -> F,
) -> Lap
where
    F: Future<Output = ()> + Send + 'static,
{
    let each = operations.div_ceil(callers);
    runtime.block_on(async {
        let begun = Instant::now();
        let tasks: Vec<_> = (0..callers).map(|number| tokio::spawn(caller(number, each))).collect();
        for task in tasks {
            task.await.expect("a caller does not panic");
        }
        Lap { operations: each * callers, time: begun.elapsed() }
    })
}

/// Counts down what was sent, so that a turn ends when the last message was handled.
#[derive(Debug)]
pub struct Tally {
    left: AtomicU64,
    done: Notify,
}

impl Tally {
    /// A tally that expects nothing.
    #[expect(clippy::new_without_default, reason = "it stands in statics, where no default can")]
    pub const fn new() -> Self {
        Tally { left: AtomicU64::new(0), done: Notify::const_new() }
    }

    /// So many messages will be handled.
    pub fn expect(&self, count: u64) {
        self.left.store(count, Ordering::Relaxed);
    }

    /// One was.
    pub fn take_one(&self) {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.done.notify_one();
        }
    }

    /// Waits for the last.
    pub async fn wait(&self) {
        self.done.notified().await;
    }
}
