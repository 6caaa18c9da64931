//! A timer of 1 ms on the threads on which calls run in a hot loop.
//!
//! A call that finds its replica free never waits. Without anything else a task that makes such calls in a
//! loop would keep its thread for itself, and timers, sockets and other tasks would wait for it.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use manager_runtime::prelude::*;

use crate::Bench;
use crate::floor::{self, Workers};
use crate::handlers::quick;

const TICK: Duration = Duration::from_millis(1);

/// Beside how many loops the timer runs: more than there are threads.
const CALLERS: u64 = 8;

/// What keeps the threads busy.
#[derive(Clone)]
enum Loop {
    Nothing,
    Workers(Workers),
    Typed,
    Named,
    #[cfg(feature = "rivals")]
    Kameo(crate::actors::Actors),
    #[cfg(feature = "rivals")]
    Ractor(crate::actors::Actors),
}

/// Prints how late a timer is beside loops of calls.
pub(crate) fn beside_a_hot_loop(bench: &Bench) {
    // A table of some seconds for each row: what is rare has to have its chance.
    let time = bench.scale.turn * bench.scale.rounds as u32 * 5;
    println!("\na timer of 1 ms beside {CALLERS} loops of calls on two threads, {time:.1?} each");
    println!("  {:<34} {:>9} {:>9} {:>9} {:>9}", "", "ticks", "p50 us", "p99 us", "most us");
    let function = floor::quick();
    let workers = bench.runtime.block_on(async { Workers::start(4, &function) });
    #[cfg(feature = "rivals")]
    let actors = {
        let part = crate::actors::Part { answers: function.clone(), takes: |_| () };
        crate::actors::Actors::start(bench, 4, &part, 1024)
    };
    let loops = [
        ("nothing beside it", Loop::Nothing),
        ("mpsc + oneshot, 4 workers", Loop::Workers(workers)),
        ("ctx.call", Loop::Typed),
        ("ctx.publish", Loop::Named),
        #[cfg(feature = "rivals")]
        ("kameo, ask", Loop::Kameo(actors.clone())),
        #[cfg(feature = "rivals")]
        ("ractor, call!", Loop::Ractor(actors)),
    ];
    for (name, kind) in loops {
        let mut late = ticks(bench, &kind, time);
        late.sort_unstable();
        let at = |part: usize| late.get(late.len() * part / 100).map_or(0, Duration::as_micros);
        let most = late.last().map_or(0, Duration::as_micros);
        let (ticks, half, most_of_them) = (late.len(), at(50), at(99));
        println!("  {name:<34} {ticks:>9} {half:>9} {most_of_them:>9} {most:>9}");
    }
}

/// How late each tick was.
fn ticks(bench: &Bench, kind: &Loop, time: Duration) -> Vec<Duration> {
    let stop = Arc::new(AtomicBool::new(false));
    bench.runtime.block_on(async {
        let timer = tokio::spawn(timer(time, stop.clone()));
        let loops: Vec<_> = (0..CALLERS)
            .filter(|_| !matches!(kind, Loop::Nothing))
            .map(|caller| {
                let (ctx, kind) = (bench.running.context().clone(), kind.clone());
                tokio::spawn(calls(ctx, kind, caller, stop.clone()))
            })
            .collect();
        let late = timer.await.expect("a timer does not panic");
        for one in loops {
            one.await.expect("a caller does not panic");
        }
        late
    })
}

/// Ticks on a worker thread, as tasks of a program do, and not on the one that waits for the end.
async fn timer(time: Duration, stop: Arc<AtomicBool>) -> Vec<Duration> {
    let end = Instant::now() + time;
    let mut late = Vec::new();
    while Instant::now() < end {
        let due = Instant::now() + TICK;
        tokio::time::sleep_until(due.into()).await;
        late.push(due.elapsed());
    }
    stop.store(true, Ordering::Relaxed);
    late
}

async fn calls(ctx: Context, kind: Loop, caller: u64, stop: Arc<AtomicBool>) {
    const ANSWERED: &str = "an answer";
    while !stop.load(Ordering::Relaxed) {
        let answer = match &kind {
            Loop::Nothing => return,
            Loop::Workers(workers) => workers.ask(caller, caller).await.expect(ANSWERED),
            Loop::Typed => ctx.call::<quick>(caller).await.expect(ANSWERED),
            Loop::Named => {
                let reply = ctx.publish("quick", Json(caller)).await;
                reply.expect(ANSWERED).json().expect("a number")
            }
            #[cfg(feature = "rivals")]
            Loop::Kameo(actors) => actors.ask(caller, caller).await,
            #[cfg(feature = "rivals")]
            Loop::Ractor(actors) => actors.call(caller, caller).await,
        };
        black_box(answer);
    }
}
