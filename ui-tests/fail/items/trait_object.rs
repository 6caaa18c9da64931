//! A replica has a size, so a trait object is none.

use manager_runtime::prelude::*;

trait Job: Send {}

#[handler]
impl dyn Job {
    async fn run(&self) {}
}

fn main() {}
