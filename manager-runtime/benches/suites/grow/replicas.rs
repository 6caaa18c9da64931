//! More and more replicas of one handler.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use manager_bench::measure::Scale;
use manager_runtime::prelude::*;
use tokio::sync::Semaphore;

use crate::curve::Curve;
use crate::handlers::{STARTED, Started};
use crate::row::{Child, Row, nanos};

/// Where calls that keep a replica stand until they may go.
#[derive(Clone)]
struct Gate {
    /// Each call that holds a replica adds one as soon as it does.
    held: Arc<Semaphore>,
    /// Each takes one to go on.
    go: Arc<Semaphore>,
}

async fn work(gate: &Gate, holds: bool) {
    if holds {
        gate.held.add_permits(1);
        gate.go.acquire().await.expect("nobody closes it").forget();
    }
}

/// A handler for each number of replicas, and the measurement of it: a typed call is to one type.
macro_rules! handlers {
    ($($name:ident $count:literal)*) => {
        $(
            #[handler(replicas = $count, timeout = "10m")]
            async fn $name(gate: Res<Gate>, Json(holds): Json<bool>) {
                work(&gate, holds).await;
            }
        )*

        pub(crate) const SIZES: &[usize] = &[$($count),*];

        pub(crate) async fn row(count: usize, scale: Scale) -> Row {
            let mut manager = Manager::empty();
            let closed = || Arc::new(Semaphore::new(0));
            let gate = Gate { held: closed(), go: closed() };
            manager.provide(gate.clone());
            match count {
                $($count => {
                    manager.add::<$name>();
                    let (started, running) = Started::of(manager).await;
                    let ctx = running.context().clone();
                    let call = |holds| {
                        let ctx = ctx.clone();
                        async move { ctx.call::<$name>(holds).await.expect("an answer") }
                    };
                    let mut figures = started.each(count);
                    figures.extend(measure(count, scale, &gate, call).await);
                    Row::serving(figures, running)
                })*
                other => panic!("there is no handler with {other} replicas"),
            }
        }
    };
}

handlers! { r1 1 r10 10 r100 100 r1000 1_000 r10000 10_000 }

/// A call with all replicas free, with all but one busy, with all busy.
async fn measure<F>(count: usize, scale: Scale, gate: &Gate, call: impl Fn(bool) -> F) -> [f64; 3]
where
    F: Future<Output = ()> + Send + 'static,
{
    let quick = || {
        nanos(scale, async |times| {
            for _ in 0..times {
                call(false).await;
            }
        })
    };
    let free = quick().await;
    // The task ends with its call, when the gate lets it go.
    let hold = async || {
        drop(tokio::spawn(call(true)));
        gate.held.acquire().await.expect("nobody closes it").forget();
    };
    for _ in 1..count {
        hold().await;
    }
    let one_free = quick().await;
    hold().await;
    let none_free = nanos(scale, async |times| {
        for _ in 0..times {
            let mut waiting = pin!(call(false));
            let polled = poll_fn(|cx| Poll::Ready(waiting.as_mut().poll(cx))).await;
            assert!(polled.is_pending(), "no replica is free");
            gate.go.add_permits(1);
            waiting.await;
            hold().await;
        }
    })
    .await;
    // All of them may go.
    gate.go.add_permits(count);
    [free, one_free, none_free]
}

pub(crate) fn table(counts: &[usize], scale: Scale) {
    let [start, held, resident] = STARTED;
    let mut curve = Curve::begin(
        "replicas of one handler; the last figure is a call that waits, the end of one that holds a replica, \
         and the next that holds it",
        "replicas",
        &[start, held, resident, "all free ns", "one free ns", "none free ns"],
    );
    for count in counts {
        let child = Child::start("replicas", *count, scale);
        curve.row(&count.to_string(), &child.figures);
    }
}
