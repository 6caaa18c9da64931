//! Calls and dispatches inside one process, against the floor of each.
//!
//! The payload is a `u64`, the pools have four replicas, the runtime two worker threads.

#[cfg(feature = "rivals")]
mod actors;
mod called;
mod floor;
mod handlers;
mod sent;
mod timer;

use std::future::Future;

use manager_bench::measure::{Lap, Scale};
use manager_bench::{callers, machine};
use manager_runtime::Running;
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
    if wanted("timer") {
        timer::beside_a_hot_loop(&bench);
    }
}

/// What every table is measured with.
struct Bench {
    runtime: Runtime,
    running: Running,
    store: floor::Store,
    scale: Scale,
}

impl Bench {
    fn new() -> Self {
        let runtime = callers::runtime();
        let (store, running) = runtime.block_on(async {
            let store = floor::Store::start(2, &floor::quick());
            (store.clone(), handlers::spawn(store).await)
        });
        Bench { runtime, running, store, scale: Scale::from_arguments() }
    }

    fn share<F>(&self, callers: u64, operations: u64, caller: impl Fn(u64, u64) -> F) -> Lap
    where
        F: Future<Output = ()> + Send + 'static,
    {
        callers::share(&self.runtime, callers, operations, caller)
    }
}
