//! Replicas bound how much runs at once, the queue how much may wait, the timeout how long it takes.
//!
//! Of five calls at once to `oven`, two run, two wait, and one is refused with 503.

use std::time::Duration;

use manager_runtime::prelude::*;

/// Bakes for half a second.
#[handler(replicas = 2, queue = 2, timeout = "5s")]
async fn oven(dough: String) -> String {
    tokio::time::sleep(Duration::from_millis(500)).await;
    format!("{dough}, baked")
}

/// Takes longer than it may: 504.
#[handler(timeout = "100ms")]
async fn late() -> &'static str {
    tokio::time::sleep(Duration::from_secs(60)).await;
    "nobody reads this"
}

/// Panics: 500 with a generic text, and the next call is served all the same.
#[handler]
async fn clumsy(dish: String) -> String {
    assert!(dish != "glass", "dropped the {dish}");
    format!("served the {dish}")
}

fn main() -> ExitCode {
    manager!()
}
