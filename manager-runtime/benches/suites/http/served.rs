//! The server that is measured.

use std::collections::HashMap;

use manager_bench::serving;
use manager_runtime::prelude::*;

use crate::wire::{BODY_LIMIT, GREETING, IN_FLIGHT, KEY, Sum, Total};

/// Plain text on a route.
#[handler(replicas = 4, get = "/plain")]
async fn plain() -> &'static str {
    GREETING
}

/// Adds two numbers.
#[handler(replicas = 4)]
async fn add(sum: Sum) -> Total {
    crate::wire::add(&sum)
}

/// The first of three handlers, each of which names the next by its type.
#[handler(replicas = 4, post = "/chain")]
async fn first(ctx: Context, sum: Sum) -> Result<Total> {
    ctx.call::<second>(sum).await
}

/// The second.
#[handler(replicas = 4, internal)]
async fn second(ctx: Context, sum: Sum) -> Result<Total> {
    ctx.call::<third>(sum).await
}

/// The third.
#[handler(replicas = 4, internal)]
async fn third(sum: Sum) -> Total {
    crate::wire::add(&sum)
}

/// The first of three handlers, each of which knows the next by name only.
#[handler(replicas = 4, post = "/chain_by_name")]
async fn first_by_name(ctx: Context, sum: Sum) -> Result<Total> {
    ctx.publish("second_by_name", sum).await?.json()
}

/// The second.
#[handler(replicas = 4, internal)]
async fn second_by_name(ctx: Context, sum: Sum) -> Result<Total> {
    ctx.publish("third", sum).await?.json()
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

/// Runs it on a free port.
pub(crate) fn run() {
    serving::on_tokio(async {
        let mut manager = Manager::empty();
        manager
            .add::<plain>()
            .add::<add>()
            .add::<first>()
            .add::<second>()
            .add::<third>()
            .add::<first_by_name>()
            .add::<second_by_name>()
            .add::<sum>()
            .add::<order>()
            .add::<other>()
            .with_bind(serving::ANY)
            .with_api_key(KEY)
            .with_max_requests(IN_FLIGHT)
            .with_body_limit(BODY_LIMIT);
        let running = manager.spawn().await.expect("the manager starts");
        serving::listens(running.addr());
        std::future::pending().await
    });
}
