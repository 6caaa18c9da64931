//! Calls that wait for their reply.

use std::hint::black_box;
use std::sync::Arc;

use manager_bench::measure::{Candidate, Lap, compare};
use manager_runtime::prelude::*;
use tokio::sync::Semaphore;

use crate::Bench;
#[cfg(feature = "rivals")]
use crate::actors::{Actors, Part};
use crate::floor::{self, Function, Workers};
use crate::handlers::{Job, What, asks, drives, quick, stored, waits};

const REPLICAS: usize = 4;

/// A call that finds a replica free, with few callers and with many.
pub(crate) fn to_a_free_replica(bench: &Bench) {
    for callers in [1, 64, 1_000] {
        let function = floor::quick();
        let workers = bench.runtime.block_on(async { Workers::start(REPLICAS, &function) });
        compare(
            &format!("a call to a free replica, {callers} callers"),
            bench.scale,
            with_actors(
                bench,
                callers,
                &function,
                vec![
                    Candidate::new("boxed future", |times| boxed(bench, callers, times, &function)),
                    Candidate::new("tokio semaphore, boxed, caught", |times| {
                        permitted(bench, callers, times, &function)
                    }),
                    Candidate::new("mpsc + oneshot, 4 workers", |times| {
                        asked(bench, callers, times, &workers)
                    }),
                    Candidate::new("ctx.call from the program", |times| {
                        let ctx = bench.running.context();
                        bench.share(callers, times, |_, times| {
                            let ctx = ctx.clone();
                            async move {
                                for number in 0..times {
                                    black_box(ctx.call::<quick>(number).await.expect("an answer"));
                                }
                            }
                        })
                    }),
                    Candidate::new("ctx.call from handlers", |times| {
                        driven(bench, callers, times, What::Quick)
                    }),
                    Candidate::new("ctx.publish from handlers", |times| {
                        driven(bench, callers, times, What::QuickByName)
                    }),
                ],
            ),
        );
    }
}

/// A call that finds every replica busy with a handler that waits: for its next turn, which leaves tokio
/// nothing to share between its threads but the four that hold a replica, or for another task.
pub(crate) fn to_busy_replicas(bench: &Bench) {
    let turn = (floor::waits(), What::Waits, "handlers that wait for a turn");
    let store = (floor::asks_a_store(&bench.store), What::Stored, "handlers that wait for a task");
    for (function, what, title) in [turn, store] {
        for callers in [64, 1_000] {
            let workers = bench.runtime.block_on(async { Workers::start(REPLICAS, &function) });
            compare(
                &format!("{title}, 4 replicas, {callers} callers"),
                bench.scale,
                with_actors(
                    bench,
                    callers,
                    &function,
                    vec![
                        Candidate::new("mpsc + oneshot, 4 workers", |times| {
                            asked(bench, callers, times, &workers)
                        }),
                        Candidate::new("tokio semaphore, boxed, caught", |times| {
                            permitted(bench, callers, times, &function)
                        }),
                        Candidate::new("ctx.call from the program", |times| {
                            waited_for(bench, callers, times, what)
                        }),
                        Candidate::new("ctx.call from handlers", |times| {
                            driven(bench, callers, times, what)
                        }),
                    ],
                ),
            );
        }
    }
}

/// The candidates, and behind them the actor crates with the same work if they are built.
#[cfg_attr(not(feature = "rivals"), expect(unused_mut, unused_variables, reason = "no rivals"))]
fn with_actors<'a>(
    bench: &'a Bench,
    callers: u64,
    function: &Function,
    mut candidates: Vec<Candidate<'a>>,
) -> Vec<Candidate<'a>> {
    #[cfg(feature = "rivals")]
    {
        let part = Part { answers: function.clone(), takes: |_| () };
        let actors = Actors::start(bench, REPLICAS, &part, 1024);
        candidates.extend(actors.asked(bench, callers));
    }
    candidates
}

fn waited_for(bench: &Bench, callers: u64, times: u64, what: What) -> Lap {
    let ctx = bench.running.context();
    bench.share(callers, times, |_, times| {
        let ctx = ctx.clone();
        async move {
            for number in 0..times {
                let answer = match what {
                    What::Stored => ctx.call::<stored>(number).await,
                    _ => ctx.call::<waits>(number).await,
                };
                black_box(answer.expect("an answer"));
            }
        }
    })
}

/// A handler that calls another one.
pub(crate) fn by_a_handler_that_calls(bench: &Bench) {
    let inner = floor::quick();
    let outer: Function = Arc::new(move |number| {
        let inner = inner.clone();
        Box::pin(async move { inner(number).await })
    });
    for callers in [1, 64] {
        compare(
            &format!("a handler that calls another, {callers} callers"),
            bench.scale,
            vec![
                Candidate::new("boxed future in a boxed future", |times| {
                    boxed(bench, callers, times, &outer)
                }),
                Candidate::new("ctx.call in ctx.call, from the program", |times| {
                    let ctx = bench.running.context();
                    bench.share(callers, times, |_, times| {
                        let ctx = ctx.clone();
                        async move {
                            for number in 0..times {
                                black_box(ctx.call::<asks>(number).await.expect("an answer"));
                            }
                        }
                    })
                }),
                Candidate::new("ctx.call in ctx.call, from handlers", |times| {
                    driven(bench, callers, times, What::Asks)
                }),
                Candidate::new("ctx.publish in ctx.call, from handlers", |times| {
                    driven(bench, callers, times, What::AsksByName)
                }),
            ],
        );
    }
}

fn boxed(bench: &Bench, callers: u64, times: u64, function: &Function) -> Lap {
    bench.share(callers, times, |_, times| {
        let function = function.clone();
        async move {
            for number in 0..times {
                black_box(function(number).await);
            }
        }
    })
}

fn permitted(bench: &Bench, callers: u64, times: u64, function: &Function) -> Lap {
    let semaphore = Arc::new(Semaphore::new(REPLICAS));
    bench.share(callers, times, |_, times| {
        let (semaphore, function) = (semaphore.clone(), function.clone());
        async move {
            for number in 0..times {
                black_box(floor::with_permit(&semaphore, &function, number).await);
            }
        }
    })
}

fn asked(bench: &Bench, callers: u64, times: u64, workers: &Workers) -> Lap {
    bench.share(callers, times, |caller, times| {
        let workers = workers.clone();
        async move {
            for number in 0..times {
                black_box(workers.ask(caller, number).await);
            }
        }
    })
}

/// Callers that are handlers themselves: each has a frame, a chain and a deadline of its own.
fn driven(bench: &Bench, callers: u64, times: u64, what: What) -> Lap {
    let ctx: &Context = bench.running.context();
    bench.share(callers, times, |_, times| {
        let ctx = ctx.clone();
        async move {
            ctx.call::<drives>(Job { what, times }).await.expect("all calls are answered");
        }
    })
}
