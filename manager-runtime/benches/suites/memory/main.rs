//! What a queued dispatch costs in memory, counted by the allocator; and with `idle`, what an idle connection
//! does, as the kernel counts it.
//!
//! A program of its own, because an allocator that counts would slow down everything else.

mod idle;

use std::alloc::System;

use manager_bench::{machine, process};
use manager_runtime::prelude::*;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::sync::{Semaphore, mpsc};

#[global_allocator]
pub(crate) static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// How many messages are queued.
const QUEUED: u64 = 1_000_000;

/// The payload.
#[message]
#[derive(Clone, Copy)]
struct Pair {
    one: u64,
    other: u64,
}

const PAIR: Pair = Pair { one: 1, other: 2 };

/// The same as text, for those who know the name only.
const TEXT: &str = r#"{"one":1,"other":2}"#;

/// Keeps its only replica until the gate opens, so that whatever comes after the first message waits.
#[handler(queue = 16777216, timeout = "10m")]
async fn gated(gate: Res<Semaphore>, pair: Pair) {
    std::hint::black_box(pair.one + pair.other);
    let _open = gate.acquire().await;
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match *words {
        ["serve"] => idle::serve(),
        ["idle", ..] => {
            println!("{}", machine::describe());
            idle::table();
        }
        _ => {
            println!("{}", machine::describe());
            dispatches();
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn dispatches() {
    println!("\nbytes for each of {QUEUED} queued messages, its payload of 16 bytes included");
    println!("  {:<34} {:>10} {:>10}", "", "allocated", "resident");
    let (mailbox, letters) = mpsc::channel::<Pair>(QUEUED as usize);
    measure("bounded mpsc", async || {
        for _ in 0..QUEUED {
            mailbox.send(PAIR).await.expect("a consumer");
        }
    })
    .await;
    drop((mailbox, letters));
    for way in [Way::Typed, Way::Value, Way::Text] {
        queue(way).await;
    }
}

#[derive(Clone, Copy)]
enum Way {
    Typed,
    Value,
    Text,
}

/// Fills the queue of a manager that was made for it.
async fn queue(way: Way) {
    let running = Manager::empty()
        .add::<gated>()
        .provide(Semaphore::new(0))
        .without_http()
        .spawn()
        .await
        .expect("the manager starts");
    let ctx = running.context();
    // The first one takes the replica.
    ctx.send::<gated>(PAIR).await.expect("a replica");
    tokio::task::yield_now().await;
    let name = match way {
        Way::Typed => "ctx.send",
        Way::Value => "ctx.dispatch of a value",
        Way::Text => "ctx.dispatch of text",
    };
    measure(name, async || {
        const ACCEPTED: &str = "the queue is long enough";
        for _ in 0..QUEUED {
            match way {
                Way::Typed => ctx.send::<gated>(PAIR).await.expect(ACCEPTED),
                Way::Value => ctx.dispatch("gated", PAIR).await.expect(ACCEPTED),
                Way::Text => ctx.dispatch("gated", TEXT).await.expect(ACCEPTED),
            }
        }
    })
    .await;
}

/// Prints what is held after the work that was not held before it.
async fn measure(name: &str, work: impl AsyncFnOnce()) {
    let pid = std::process::id();
    let resident = process::resident(pid);
    let region = Region::new(ALLOCATOR);
    work().await;
    let change = region.change();
    // What a reallocation adds or takes is part of both already.
    let held = change.bytes_allocated as f64 - change.bytes_deallocated as f64;
    let grown = process::resident(pid).saturating_sub(resident) as f64;
    let each = |bytes: f64| bytes / QUEUED as f64;
    println!("  {name:<34} {:>10.1} {:>10.1}", each(held), each(grown));
}
