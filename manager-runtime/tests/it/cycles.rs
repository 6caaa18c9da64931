//! Calls that would wait for themselves are refused, and no others.

use std::future::IntoFuture;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use manager_runtime::prelude::*;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::support::{Gate, LIMIT, fails, start, until, within};

#[handler]
async fn cycle_self(ctx: Context) -> Result<()> {
    ctx.call::<cycle_self>(()).await
}

#[handler]
async fn cycle_a(ctx: Context) -> Result<()> {
    ctx.call::<cycle_b>(()).await
}

#[handler]
async fn cycle_b(ctx: Context) -> Result<()> {
    ctx.publish("cycle_c", ()).await.map(drop)
}

#[handler]
async fn cycle_c(ctx: Context) -> Result<()> {
    ctx.call::<cycle_a>(()).await
}

/// A place where chains meet before they call on.
struct Meeting(Barrier);

#[handler]
async fn cross_left(ctx: Context, meeting: Res<Meeting>, Json(first): Json<bool>) -> Result<()> {
    if first {
        meeting.0.wait().await;
        ctx.call::<cross_right>(false).await?;
    }
    Ok(())
}

#[handler]
async fn cross_right(ctx: Context, meeting: Res<Meeting>, Json(first): Json<bool>) -> Result<()> {
    if first {
        meeting.0.wait().await;
        ctx.call::<cross_left>(false).await?;
    }
    Ok(())
}

/// How deep to go: four of these, four callers, and each wants another one.
#[handler(replicas = 4)]
async fn cycle_four(ctx: Context, meeting: Res<Meeting>, Json(depth): Json<u32>) -> Result<()> {
    if depth > 0 {
        meeting.0.wait().await;
        ctx.call::<cycle_between>(depth - 1).await?;
    }
    Ok(())
}

#[handler(replicas = 4)]
async fn cycle_between(ctx: Context, Json(depth): Json<u32>) -> Result<()> {
    ctx.call::<cycle_four>(depth).await
}

#[handler(replicas = 2)]
async fn free_outer(ctx: Context, gate: Res<Gate>, text: String) -> Result<String> {
    if text == "hold" {
        gate.pass().await;
        return Ok(text);
    }
    if text == "fine" {
        return Ok(text);
    }
    ctx.call::<free_inner>(text).await
}

#[handler]
async fn free_inner(ctx: Context, text: String) -> Result<String> {
    if text == "again" {
        return ctx.call::<free_outer>("fine".to_owned()).await;
    }
    Ok(text)
}

#[handler]
async fn cycle_keeps(ctx: Context, kept: Res<Arc<Mutex<Option<Context>>>>) {
    *kept.lock().unwrap() = Some(ctx);
}

#[handler]
async fn cycle_dispatches(ctx: Context, gate: Res<Gate>, Json(depth): Json<u32>) -> Result<()> {
    gate.note(depth.to_string());
    if depth > 0 {
        ctx.dispatch("cycle_dispatches", Json(depth - 1)).await?;
    }
    Ok(())
}

/// Waits for itself through a task of its own, with its own context.
#[handler]
async fn cycle_task(ctx: Context) -> Result<()> {
    let task = tokio::spawn(async move { ctx.call::<cycle_task>(()).await });
    task.await?
}

#[handler(blocking)]
fn cycle_blocking(ctx: Context, Json(again): Json<bool>) -> Result<()> {
    let runtime = tokio::runtime::Handle::current();
    if again {
        return runtime.block_on(async { ctx.call::<cycle_blocking>(false).await });
    }
    runtime.block_on(async { ctx.call::<free_inner>("x".to_owned()).await }).map(drop)
}

#[handler(detached)]
async fn cycle_detached(ctx: Context) -> Result<()> {
    ctx.call::<cycle_detached>(()).await
}

/// Waits for two at once.
#[handler]
async fn cycle_fork(ctx: Context) -> Result<()> {
    let (one, two) =
        tokio::join!(ctx.call::<free_inner>("x".to_owned()), ctx.call::<cycle_fork>(()));
    one?;
    two
}

async fn spawn(gate: &Gate, meeting: usize) -> (Running, Arc<Mutex<Option<Context>>>) {
    let kept: Arc<Mutex<Option<Context>>> = Arc::default();
    let running = Manager::empty()
        .add::<cycle_self>()
        .add::<cycle_a>()
        .add::<cycle_b>()
        .add::<cycle_c>()
        .add::<cross_left>()
        .add::<cross_right>()
        .add::<cycle_four>()
        .add::<cycle_between>()
        .add::<free_outer>()
        .add::<free_inner>()
        .add::<cycle_keeps>()
        .add::<cycle_dispatches>()
        .add::<cycle_task>()
        .add::<cycle_blocking>()
        .add::<cycle_detached>()
        .add::<cycle_fork>()
        .provide(gate.clone())
        .provide(kept.clone())
        .provide(Meeting(Barrier::new(meeting)))
        .without_http()
        .with_drain("3s")
        .spawn()
        .await
        .unwrap();
    (running, kept)
}

#[tokio::test]
async fn a_call_that_comes_back_to_itself_fails_with_the_names() {
    within(LIMIT, async {
        let (running, _kept) = spawn(&Gate::new(), 1).await;
        let ctx = running.context();
        for _ in 0..3 {
            let error = fails(ctx.call::<cycle_self>(()).await, Kind::Cycle);
            assert!(error.to_string().ends_with("cycle_self -> cycle_self"), "{error}");
            let error = fails(ctx.call::<cycle_a>(()).await, Kind::Cycle);
            let names = "cycle_a -> cycle_b -> cycle_c -> cycle_a";
            assert!(error.to_string().ends_with(names), "{error}");
            let error = fails(ctx.publish("cycle_b", ()).await, Kind::Cycle);
            let names = "cycle_b -> cycle_c -> cycle_a -> cycle_b";
            assert!(error.to_string().ends_with(names), "{error}");
        }
        assert_eq!(ctx.call::<free_inner>("good".to_owned()).await.unwrap(), "good");
    })
    .await;
}

#[tokio::test]
async fn every_way_to_wait_for_oneself_is_found() {
    within(LIMIT, async {
        let (running, _kept) = spawn(&Gate::new(), 1).await;
        let ctx = running.context();
        let limit = Duration::from_secs(5);
        fails(ctx.call::<cycle_task>(()).timeout(limit).await, Kind::Cycle);
        fails(ctx.call::<cycle_detached>(()).timeout(limit).await, Kind::Cycle);
        fails(ctx.call::<cycle_fork>(()).timeout(limit).await, Kind::Cycle);
    })
    .await;
}

#[tokio::test]
async fn a_blocking_function_may_wait_for_a_call_and_not_for_itself() {
    within(LIMIT, async {
        let (running, _kept) = spawn(&Gate::new(), 1).await;
        let ctx = running.context();
        let limit = Duration::from_secs(5);
        ctx.call::<cycle_blocking>(false).timeout(limit).await.unwrap();
        fails(ctx.call::<cycle_blocking>(true).timeout(limit).await, Kind::Cycle);
    })
    .await;
}

#[tokio::test]
async fn two_chains_that_cross_cannot_both_wait() {
    within(LIMIT, async {
        let (running, _kept) = spawn(&Gate::new(), 2).await;
        let ctx = running.context();
        let limit = Duration::from_secs(5);
        for _ in 0..20 {
            let (left, right) = tokio::join!(
                ctx.call::<cross_left>(true).timeout(limit),
                ctx.call::<cross_right>(true).timeout(limit),
            );
            // The later of the two closes the ring and is refused; that lets the other one go on.
            let (refused, served) = if left.is_err() { (left, right) } else { (right, left) };
            fails(refused, Kind::Cycle);
            served.unwrap();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_callers_that_hold_all_four_replicas_and_want_another_one_do_not_stop() {
    within(LIMIT, async {
        let (running, _kept) = spawn(&Gate::new(), 4).await;
        for _ in 0..25 {
            let mut callers = JoinSet::new();
            for _ in 0..4 {
                let ctx = running.context().clone();
                callers.spawn(async move {
                    ctx.call::<cycle_four>(1).timeout(Duration::from_secs(5)).await
                });
            }
            let (mut served, mut refused) = (0, 0);
            while let Some(outcome) = callers.join_next().await {
                match outcome.unwrap() {
                    Ok(()) => served += 1,
                    Err(error) => {
                        assert_eq!(error.kind(), Kind::Cycle, "{error:?}");
                        refused += 1;
                    }
                }
            }
            assert_eq!(served + refused, 4);
            assert!(refused >= 1, "somebody closed the ring");
            assert!(served >= 1, "once one is refused, its replica is free for the others");
        }
    })
    .await;
}

#[tokio::test]
async fn a_wait_that_is_no_cycle_is_not_refused() {
    within(LIMIT, async {
        let gate = Gate::new();
        let (running, _kept) = spawn(&gate, 1).await;
        let ctx = running.context();
        // Two replicas: one is the chain's own, the other one is free.
        assert_eq!(ctx.call::<free_outer>("again".to_owned()).await.unwrap(), "fine");
        // The other one is held by a stranger who will end.
        let stranger = start(ctx.call::<free_outer>("hold".to_owned())).await;
        let waits = start(ctx.call::<free_outer>("again".to_owned())).await;
        gate.open(1);
        assert_eq!(stranger.await.unwrap(), "hold");
        assert_eq!(waits.await.unwrap(), "fine");
    })
    .await;
}

#[tokio::test]
async fn a_dispatch_to_oneself_is_no_cycle() {
    within(LIMIT, async {
        let gate = Gate::new();
        let (running, _kept) = spawn(&gate, 1).await;
        running.context().call::<cycle_dispatches>(5).await.unwrap();
        running.stop().await.unwrap();
        assert_eq!(gate.notes(), ["5", "4", "3", "2", "1", "0"]);
    })
    .await;
}

#[tokio::test]
async fn a_context_that_outlives_its_handler_holds_nothing() {
    within(LIMIT, async {
        let gate = Gate::new();
        let (running, kept) = spawn(&gate, 1).await;
        let ctx = running.context();
        ctx.call::<cycle_keeps>(()).await.unwrap();
        let old = kept.lock().unwrap().take().unwrap();
        // Its own handler is free, so it may call it.
        old.call::<cycle_keeps>(()).await.unwrap();
        drop(kept.lock().unwrap().take());
        // And it may wait in the line of its own handler, whose replica somebody else holds by then.
        let outer = start(ctx.call::<free_outer>("hold".to_owned())).await;
        let other = start(ctx.call::<free_outer>("hold".to_owned())).await;
        let waits = start(old.call::<free_outer>("late".to_owned())).await;
        gate.open(2);
        outer.await.unwrap();
        other.await.unwrap();
        assert_eq!(waits.await.unwrap(), "late");
        // Kept and used while a second turn of the same replica runs.
        assert_eq!(old.publish("free_inner", "x").await.unwrap().text().unwrap(), "x");
    })
    .await;
}

#[handler(queue = 8)]
async fn turn_holder(
    ctx: Context,
    gate: Res<Gate>,
    kept: Res<Arc<Mutex<Option<Context>>>>,
    text: String,
) {
    if text == "keep" {
        *kept.lock().unwrap() = Some(ctx);
        return;
    }
    gate.pass().await;
}

#[tokio::test]
async fn a_context_of_an_earlier_turn_may_wait_for_the_present_one() {
    within(LIMIT, async {
        let gate = Gate::new();
        let kept: Arc<Mutex<Option<Context>>> = Arc::default();
        let running = Manager::empty()
            .add::<turn_holder>()
            .provide(gate.clone())
            .provide(kept.clone())
            .without_http()
            .spawn()
            .await
            .unwrap();
        let ctx = running.context();
        ctx.call::<turn_holder>("keep".to_owned()).await.unwrap();
        let old = kept.lock().unwrap().take().unwrap();
        let present = start(ctx.call::<turn_holder>("hold".to_owned())).await;
        // The replica is busy with another call: no cycle, a wait.
        let waits = start(old.call::<turn_holder>("hold".to_owned())).await;
        gate.open(2);
        present.await.unwrap();
        waits.await.unwrap();
    })
    .await;
}

/// Waits no longer than a moment for a call that goes on without it, and then for the gate.
#[handler]
async fn loses_patience(ctx: Context, gate: Res<Gate>, text: String) {
    let moment = Duration::from_millis(10);
    match &*text {
        "detached" => {
            let call = ctx.call::<lingers>(()).into_future();
            tokio::time::timeout(moment, call).await.unwrap_err();
        }
        "blocking" => {
            let call = ctx.call::<lingers_on_a_thread>(()).into_future();
            tokio::time::timeout(moment, call).await.unwrap_err();
        }
        _ => return,
    }
    gate.pass().await;
}

#[handler(detached)]
async fn lingers(ctx: Context, gate: Res<Gate>) {
    comes_back(ctx, gate).await;
}

#[handler(blocking)]
fn lingers_on_a_thread(ctx: Context, gate: Res<Gate>) {
    tokio::runtime::Handle::current().block_on(comes_back(ctx, gate));
}

async fn comes_back(ctx: Context, gate: Res<Gate>) {
    gate.pass().await;
    let outcome = ctx.call::<loses_patience>("again".to_owned()).await;
    gate.note(outcome.map_or_else(|error| error.to_string(), |()| "answered".to_owned()));
}

#[tokio::test]
async fn a_call_may_wait_for_the_caller_that_waits_no_more_for_it() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = Manager::empty()
            .add::<loses_patience>()
            .add::<lingers>()
            .add::<lingers_on_a_thread>()
            .provide(gate.clone())
            .without_http()
            .spawn()
            .await
            .unwrap();
        for (round, what) in (1..).zip(["detached", "blocking"]) {
            let first = tokio::spawn({
                let ctx = running.context().clone();
                async move { ctx.call::<loses_patience>(what.to_owned()).await }
            });
            // What was called stands at the gate before its caller does.
            gate.entered(2).await;
            gate.open(1);
            let waits = || running.figures("loses_patience").is_some_and(|now| now.waiting == 1);
            until("it waits or fails", || waits() || gate.notes().len() == round).await;
            gate.open(1);
            first.await.unwrap().unwrap();
            until("it ended", || gate.notes().len() == round).await;
            assert_eq!(gate.notes()[round - 1], "answered", "{what}");
        }
    })
    .await;
}
