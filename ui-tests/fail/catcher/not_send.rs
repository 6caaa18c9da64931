//! A catcher may move to another thread while it waits.

use manager_runtime::prelude::*;

#[catcher(404)]
async fn not_found() {
    let count = std::rc::Rc::new(1);
    std::future::ready(()).await;
    drop(count);
}

fn main() {}
