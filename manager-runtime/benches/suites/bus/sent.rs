//! Dispatches: nobody waits for the reply.

use std::time::{Duration, Instant};

use manager_bench::callers::Tally;
use manager_bench::measure::{Candidate, Lap, compare};
use manager_runtime::prelude::*;
use tokio::sync::mpsc;

use crate::Bench;

static TALLY: Tally = Tally::new();

/// Takes a message and counts it.
#[handler(queue = 16777216)]
pub(crate) async fn counts(Json(number): Json<u64>) {
    std::hint::black_box(number);
    TALLY.take_one();
}

/// Beyond this a turn would measure how memory is made, not how messages are sent.
const BATCH: u64 = 50_000;

/// How a message is sent.
#[derive(Clone, Copy)]
enum Way {
    Mailbox,
    Typed,
    Value,
    Text,
}

/// Messages to one consumer, from the first that is sent to the last that is handled.
pub(crate) fn dispatches(bench: &Bench) {
    let (mailbox, mut letters) = mpsc::channel::<u64>(2 * BATCH as usize);
    bench.runtime.spawn(async move {
        while let Some(number) = letters.recv().await {
            std::hint::black_box(number);
            TALLY.take_one();
        }
    });
    for senders in [1, 64] {
        let candidate = |name, way| {
            let mailbox = mailbox.clone();
            Candidate::new(name, move |times| batches(bench, senders, times, &mailbox, way))
        };
        compare(
            &format!("a dispatch to one replica, sent and handled, {senders} senders"),
            bench.scale,
            vec![
                candidate("bounded mpsc, one consumer", Way::Mailbox),
                candidate("ctx.send", Way::Typed),
                candidate("ctx.dispatch of a value", Way::Value),
                candidate("ctx.dispatch of text", Way::Text),
            ],
        );
    }
}

/// Sends in batches that the queue can hold, and waits until each was handled.
fn batches(bench: &Bench, senders: u64, times: u64, mailbox: &mpsc::Sender<u64>, way: Way) -> Lap {
    let mut whole = Lap { operations: 0, time: Duration::ZERO };
    while whole.operations < times {
        let each = (times - whole.operations).min(BATCH).div_ceil(senders);
        TALLY.expect(each * senders);
        let begun = Instant::now();
        let lap = bench.share(senders, each * senders, |_, times| {
            let ctx = bench.running.context().clone();
            let mailbox = mailbox.clone();
            async move { send(&ctx, &mailbox, way, times).await }
        });
        bench.runtime.block_on(TALLY.wait());
        whole.operations += lap.operations;
        whole.time += begun.elapsed();
    }
    whole
}

async fn send(ctx: &Context, mailbox: &mpsc::Sender<u64>, way: Way, times: u64) {
    const ACCEPTED: &str = "the queue is long enough";
    for number in 0..times {
        match way {
            Way::Mailbox => mailbox.send(number).await.expect(ACCEPTED),
            Way::Typed => ctx.send::<counts>(number).await.expect(ACCEPTED),
            Way::Value => ctx.dispatch("counts", Json(number)).await.expect(ACCEPTED),
            Way::Text => ctx.dispatch("counts", "12345678").await.expect(ACCEPTED),
        }
    }
}
