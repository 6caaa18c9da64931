//! A flag is there or not there.

use manager_runtime::prelude::*;

#[handler(internal = true)]
async fn internal() {}

#[handler(public = false)]
async fn public() {}

#[handler(blocking = "yes")]
fn blocking() {}

#[handler(detached = 1)]
async fn detached() {}

#[derive(Default)]
struct Rebuilt;

#[handler(rebuild_on_cancel = true)]
impl Rebuilt {
    async fn run(&self) {}
}

fn main() {}
