//! Each option stands once.

use manager_runtime::prelude::*;

#[handler(name = "add", name = "sum")]
async fn named() {}

#[handler(replicas = 1, replicas = 2)]
async fn replicas() {}

#[handler(queue = 1, queue = 1)]
async fn queue() {}

#[handler(timeout = "1s", timeout = "2s")]
async fn timeout() {}

#[handler(on = "a", on = "b")]
async fn on() {}

#[handler(internal, internal)]
async fn internal() {}

#[handler(public, public)]
async fn public() {}

#[handler(blocking, blocking)]
fn blocking() {}

#[handler(detached, detached)]
async fn detached() {}

#[handler(body_limit = 1, body_limit = 2)]
async fn body_limit() {}

#[handler(crate = manager_runtime, crate = manager_runtime)]
async fn krate() {}

#[derive(Default)]
struct Rebuilt;

#[handler(rebuild_on_cancel, rebuild_on_cancel)]
impl Rebuilt {
    async fn run(&self) {}
}

fn main() {}
