//! The server that is measured.

use std::net::SocketAddr;

use manager_runtime::prelude::*;

use crate::wire::{BODY_LIMIT, IN_FLIGHT, KEY, Sum, Total};

/// Adds two numbers.
#[handler(replicas = 4)]
async fn add(sum: Sum) -> Total {
    crate::wire::add(&sum)
}

/// Lets another handler add, which it names by type.
#[handler(replicas = 4)]
async fn through(ctx: Context, sum: Sum) -> Result<Total> {
    ctx.call::<add>(sum).await
}

/// Lets another handler add, which it knows by name only.
#[handler(replicas = 4)]
async fn by_name(ctx: Context, sum: Sum) -> Result<Total> {
    ctx.publish("add", sum).await?.json()
}

/// Starts it on a free port. It lives as long as what is returned.
pub(crate) async fn start() -> (SocketAddr, manager_runtime::Running) {
    let mut manager = Manager::empty();
    manager
        .add::<add>()
        .add::<through>()
        .add::<by_name>()
        .with_bind("127.0.0.1:0")
        .with_api_key(KEY)
        .with_max_requests(IN_FLIGHT)
        .with_body_limit(BODY_LIMIT);
    let running = manager.spawn().await.expect("the manager starts");
    (running.addr(), running)
}
