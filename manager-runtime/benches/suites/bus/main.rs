//! Calls, dispatches and events inside one process, against the floor of each.
//!
//! The payload is a `u64`, the pools have four replicas, the runtime two worker threads.

mod called;
mod events;
mod floor;
mod handlers;
mod sent;

use manager_bench::machine;
use manager_bench::measure::{Lap, Scale};
use manager_runtime::Running;
use std::future::Future;
use std::time::Instant;
use tokio::runtime::Runtime;

fn main() {
    let bench = Bench::new();
    println!("{}", machine::describe());
    let wanted = |name: &str| {
        let only = std::env::args().skip_while(|argument| argument != "--only").nth(1);
        only.is_none_or(|only| only == name)
    };
    if wanted("free") {
        called::to_a_free_replica(&bench);
    }
    if wanted("waiting") {
        called::to_busy_replicas(&bench);
    }
    if wanted("nested") {
        called::by_a_handler_that_calls(&bench);
    }
    if wanted("dispatch") {
        sent::dispatches(&bench);
    }
    if wanted("events") {
        events::to_a_hundred_subscribers(&bench);
    }
}

/// What every table is measured with.
struct Bench {
    runtime: Runtime,
    running: Running,
    scale: Scale,
}

impl Bench {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime can be made");
        let running = runtime.block_on(handlers::spawn());
        Bench { runtime, running, scale: Scale::from_arguments() }
    }

    /// Lets some callers, each a task, share the operations. A caller gets its number and how many
    /// are its own.
    fn share<F>(&self, callers: u64, operations: u64, caller: impl Fn(u64, u64) -> F) -> Lap
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let each = operations.div_ceil(callers);
        self.runtime.block_on(async {
            let begun = Instant::now();
            let tasks: Vec<_> =
                (0..callers).map(|number| tokio::spawn(caller(number, each))).collect();
            for task in tasks {
                task.await.expect("a caller does not panic");
            }
            Lap { operations: each * callers, time: begun.elapsed() }
        })
    }
}
