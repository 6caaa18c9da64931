//! The server that is measured.

use std::collections::HashMap;
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

/// JSON in and out on a route.
#[handler(replicas = 4, post = "/sums")]
async fn sum(sum: Sum) -> Total {
    crate::wire::add(&sum)
}

/// One of 50 routes.
#[handler(replicas = 4, get = "/shops/{shop}/orders/{order}")]
async fn order(Path((a, b)): Path<(i64, i64)>) -> Total {
    crate::wire::add(&Sum { a, b })
}

/// The other 48.
#[handler(get = [
    "/books", "/books/{id}", "/books/{id}/notes", "/books/{id}/notes/{note}",
    "/shelves", "/shelves/{id}", "/shelves/{id}/notes", "/shelves/{id}/notes/{note}",
    "/authors", "/authors/{id}", "/authors/{id}/notes", "/authors/{id}/notes/{note}",
    "/readers", "/readers/{id}", "/readers/{id}/notes", "/readers/{id}/notes/{note}",
    "/loans", "/loans/{id}", "/loans/{id}/notes", "/loans/{id}/notes/{note}",
    "/fines", "/fines/{id}", "/fines/{id}/notes", "/fines/{id}/notes/{note}",
    "/rooms", "/rooms/{id}", "/rooms/{id}/notes", "/rooms/{id}/notes/{note}",
    "/desks", "/desks/{id}", "/desks/{id}/notes", "/desks/{id}/notes/{note}",
    "/clerks", "/clerks/{id}", "/clerks/{id}/notes", "/clerks/{id}/notes/{note}",
    "/shifts", "/shifts/{id}", "/shifts/{id}/notes", "/shifts/{id}/notes/{note}",
    "/news", "/news/{id}", "/news/{id}/notes", "/news/{id}/notes/{note}",
    "/events", "/events/{id}", "/events/{id}/notes", "/events/{id}/notes/{note}",
])]
async fn other(captured: Path<HashMap<String, String>>) {
    drop(captured);
}

/// Starts it on a free port. It lives as long as what is returned.
pub(crate) async fn start() -> (SocketAddr, manager_runtime::Running) {
    let mut manager = Manager::empty();
    manager
        .add::<add>()
        .add::<through>()
        .add::<by_name>()
        .add::<sum>()
        .add::<order>()
        .add::<other>()
        .with_bind("127.0.0.1:0")
        .with_api_key(KEY)
        .with_max_requests(IN_FLIGHT)
        .with_body_limit(BODY_LIMIT);
    let running = manager.spawn().await.expect("the manager starts");
    (running.addr(), running)
}
