//! A plain fn that returns a future is an async fn.

use manager_runtime::prelude::*;

#[handler]
fn add() -> std::future::Ready<String> {
    std::future::ready(String::new())
}

fn main() {}
