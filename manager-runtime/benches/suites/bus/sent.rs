//! Dispatches: nobody waits for the reply.

use std::time::{Duration, Instant};

use manager_bench::callers::Tally;
use manager_bench::measure::{Candidate, Lap, compare};
use manager_runtime::prelude::*;
use tokio::sync::mpsc;

use crate::Bench;
#[cfg(feature = "rivals")]
use crate::actors::{Actors, Part};
#[cfg(feature = "rivals")]
use crate::floor;

static TALLY: Tally = Tally::new();

/// Takes a message and counts it.
#[handler(queue = 16777216)]
pub(crate) async fn counts(Json(number): Json<u64>) {
    take(number);
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
    #[cfg(feature = "rivals")]
    Told,
    #[cfg(feature = "rivals")]
    Cast,
}

/// Whoever takes messages beside the handler.
#[derive(Clone)]
struct Others {
    mailbox: mpsc::Sender<u64>,
    #[cfg(feature = "rivals")]
    actors: Actors,
}

fn take(number: u64) {
    std::hint::black_box(number);
    TALLY.take_one();
}

/// Messages to one consumer, from the first that is sent to the last that is handled.
pub(crate) fn dispatches(bench: &Bench) {
    let (mailbox, mut letters) = mpsc::channel::<u64>(2 * BATCH as usize);
    bench.runtime.spawn(async move {
        while let Some(number) = letters.recv().await {
            take(number);
        }
    });
    #[cfg(feature = "rivals")]
    let part = Part { answers: floor::quick(), takes: take };
    let others = Others {
        mailbox,
        #[cfg(feature = "rivals")]
        actors: Actors::start(bench, 1, &part, 2 * BATCH as usize),
    };
    for senders in [1, 64] {
        let candidate = |name, way| {
            let others = others.clone();
            Candidate::new(name, move |times| batches(bench, senders, times, &others, way))
        };
        compare(
            &format!("a dispatch to one replica, sent and handled, {senders} senders"),
            bench.scale,
            Vec::from([
                candidate("bounded mpsc, one consumer", Way::Mailbox),
                candidate("ctx.send", Way::Typed),
                candidate("ctx.dispatch of a value", Way::Value),
                candidate("ctx.dispatch of text", Way::Text),
                #[cfg(feature = "rivals")]
                candidate("kameo, tell", Way::Told),
                #[cfg(feature = "rivals")]
                candidate("ractor, cast", Way::Cast),
            ]),
        );
    }
}

/// Sends in batches that the queue can hold, and waits until each was handled.
fn batches(bench: &Bench, senders: u64, times: u64, others: &Others, way: Way) -> Lap {
    let mut whole = Lap { operations: 0, time: Duration::ZERO };
    while whole.operations < times {
        let each = (times - whole.operations).min(BATCH).div_ceil(senders);
        TALLY.expect(each * senders);
        let begun = Instant::now();
        let lap = bench.share(senders, each * senders, |_, times| {
            let ctx = bench.running.context().clone();
            let others = others.clone();
            async move { send(&ctx, &others, way, times).await }
        });
        bench.runtime.block_on(TALLY.wait());
        whole.operations += lap.operations;
        whole.time += begun.elapsed();
    }
    whole
}

async fn send(ctx: &Context, others: &Others, way: Way, times: u64) {
    const ACCEPTED: &str = "the queue is long enough";
    for number in 0..times {
        match way {
            Way::Mailbox => others.mailbox.send(number).await.expect(ACCEPTED),
            Way::Typed => ctx.send::<counts>(number).await.expect(ACCEPTED),
            Way::Value => ctx.dispatch("counts", Json(number)).await.expect(ACCEPTED),
            Way::Text => ctx.dispatch("counts", "12345678").await.expect(ACCEPTED),
            #[cfg(feature = "rivals")]
            Way::Told => others.actors.tell(number).await,
            #[cfg(feature = "rivals")]
            Way::Cast => others.actors.cast(number),
        }
    }
}
