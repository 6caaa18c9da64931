//! Calls behind a long queue, which run where a replica came free and not in the task of their caller: that
//! it makes no difference to the caller.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use manager_runtime::prelude::*;
use tokio::task::JoinSet;

use crate::support::{
    Gate, LIMIT, PAUSED_LIMIT, fails, keep_log, logged, poll_once, start, until, within,
};

/// Says which tasks it ran in.
#[handler(queue = 8)]
async fn errand_task(gate: Res<Gate>, text: String) -> String {
    gate.note(text.clone());
    gate.pass().await;
    match tokio::task::try_id() {
        Some(id) => format!("{text} in {id}"),
        None => format!("{text} in none"),
    }
}

#[handler(queue = 8, timeout = "1s")]
async fn errand_timed(gate: Res<Gate>, text: String) -> String {
    gate.note(text.clone());
    gate.pass().await;
    text
}

#[derive(Default)]
struct ErrandPanics {
    calls: u64,
}

#[handler(queue = 8)]
impl ErrandPanics {
    async fn run(&mut self, gate: Res<Gate>, text: String) -> Json<u64> {
        gate.pass().await;
        assert!(text != "panic", "as asked");
        self.calls += 1;
        Json(self.calls)
    }
}

#[handler(queue = 8)]
async fn errand_logs(gate: Res<Gate>, text: String) {
    gate.pass().await;
    tracing::info!(text, "an errand ran");
}

/// A message that counts how many of it there are.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Counted(count.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl manager_runtime::Parameter for Counted {
    type Role = manager_runtime::role::Message;
}

impl manager_runtime::Message for Counted {
    type Value = Counted;

    fn from_value(value: Counted) -> Self {
        value
    }

    fn decode(_: manager_runtime::Payload) -> Result<Counted> {
        Err(Error::not_implemented("only by type"))
    }
}

#[handler(queue = 8)]
async fn errand_counted(gate: Res<Gate>, message: Counted) {
    gate.pass().await;
    drop(message);
}

#[handler(replicas = 2, queue = 1000)]
async fn errand_pair(Json(number): Json<u64>) -> Json<u64> {
    tokio::task::yield_now().await;
    Json(number)
}

/// Calls another one, which is busy.
#[handler(queue = 8, replicas = 4)]
async fn errand_outer(ctx: Context, text: String) -> Result<String> {
    ctx.call::<errand_inner>(text).await
}

#[handler(queue = 8)]
async fn errand_inner(ctx: Context, gate: Res<Gate>, text: String) -> Result<String> {
    gate.pass().await;
    if text == "back" {
        return ctx.call::<errand_outer>("again".to_owned()).timeout(Duration::from_secs(1)).await;
    }
    Ok(format!("{text} from {}", ctx.source()))
}

async fn manager(gate: &Gate) -> Running {
    let mut manager = Manager::empty();
    manager
        .add::<errand_task>()
        .add::<errand_timed>()
        .add::<ErrandPanics>()
        .add::<errand_logs>()
        .add::<errand_counted>()
        .add::<errand_pair>()
        .add::<errand_outer>()
        .add::<errand_inner>()
        .provide(gate.clone())
        .without_http();
    manager.spawn().await.unwrap()
}

#[tokio::test]
async fn they_run_in_order_and_in_another_task() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = manager(&gate).await;
        let ctx = running.context();
        let text = |text: &str| text.to_owned();
        let running_one = start(ctx.call::<errand_task>(text("a"))).await;
        // It is handed the replica: nobody waits before it.
        let granted = start(ctx.call::<errand_task>(text("b"))).await;
        let errand = start(ctx.call::<errand_task>(text("c"))).await;
        let last = start(ctx.call::<errand_task>(text("d"))).await;
        gate.open(4);
        let (a, b, c, d) = tokio::join!(running_one, granted, errand, last);
        let (a, b, c, d) = (a.unwrap(), b.unwrap(), c.unwrap(), d.unwrap());
        assert_eq!(gate.notes(), ["a", "b", "c", "d"]);
        let task = |answer: &str| answer.split_once(" in ").unwrap().1.to_owned();
        assert_eq!(task(&a), task(&b), "both in that of the test");
        assert_ne!(task(&b), task(&c));
        assert_eq!(task(&c), task(&d), "one worker for whatever is in line");
        assert_eq!(gate.peak(), 1);
        let figures = running.figures("errand_task").unwrap();
        assert_eq!((figures.calls, figures.busy, figures.waiting), (4, 0, 0));
    })
    .await;
}

#[tokio::test]
async fn they_end_with_their_caller_queued_or_running() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = manager(&gate).await;
        let ctx = running.context();
        let count = Arc::new(AtomicUsize::new(0));
        let call = || start(ctx.call::<errand_counted>(Counted::new(&count)));
        let first = call().await;
        let second = call().await;
        let third = call().await;
        let fourth = call().await;
        let fifth = call().await;
        assert_eq!(count.load(Ordering::SeqCst), 5);
        let figures = || running.figures("errand_counted").unwrap();
        assert_eq!(figures().waiting, 4);
        drop(fourth);
        assert_eq!(figures().waiting, 3, "its place is free");
        assert_eq!(count.load(Ordering::SeqCst), 4, "and its message is gone");
        gate.entered(1).await;
        gate.open(2);
        first.await.unwrap();
        second.await.unwrap();
        gate.entered(2).await;
        // The third runs, in a task that is not its caller's.
        drop(third);
        gate.ended(3).await;
        assert_eq!((gate.passed(), gate.cut()), (2, 1));
        gate.open(1);
        fifth.await.unwrap();
        assert_eq!(count.load(Ordering::SeqCst), 0);
        let figures = figures();
        assert_eq!((figures.calls, figures.failed, figures.timed_out), (4, 0, 0));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn they_keep_their_deadline() {
    within(PAUSED_LIMIT, async {
        let gate = Gate::new();
        let running = manager(&gate).await;
        let ctx = running.context();
        let call = |text: &str| ctx.call::<errand_timed>(text.to_owned());
        let first = start(call("first").timeout(Duration::from_secs(10))).await;
        let second = start(call("second").timeout(Duration::from_secs(10))).await;
        let late_in_line = start(call("late in line")).await;
        let late_in_run = start(call("late in run").timeout(Duration::from_secs(5))).await;
        let good = start(call("good").timeout(Duration::from_secs(20))).await;
        let error = fails(late_in_line.await, Kind::Timeout);
        assert!(
            error.to_string().contains("no replica of `errand_timed` got free in time"),
            "{error}"
        );
        gate.open(2);
        first.await.unwrap();
        second.await.unwrap();
        let begun = tokio::time::Instant::now();
        let error = fails(late_in_run.await, Kind::Timeout);
        assert!(error.to_string().contains("did not answer in time"), "{error}");
        let waited = begun.elapsed();
        assert!(
            waited > Duration::from_millis(3900) && waited < Duration::from_millis(4100),
            "{waited:?}"
        );
        gate.open(1);
        assert_eq!(good.await.unwrap(), "good");
        assert_eq!(gate.notes(), ["first", "second", "late in run", "good"]);
        assert_eq!(running.figures("errand_timed").unwrap().timed_out, 2);
    })
    .await;
}

#[tokio::test]
async fn a_panic_reaches_the_caller_and_the_instance_is_made_anew() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = manager(&gate).await;
        let ctx = running.context();
        let call = |text: &str| ctx.call::<ErrandPanics>(text.to_owned());
        let first = start(call("")).await;
        let second = start(call("")).await;
        let panics = start(call("panic")).await;
        let after = start(call("")).await;
        gate.open(4);
        assert_eq!(first.await.unwrap(), 1);
        assert_eq!(second.await.unwrap(), 2);
        let error = fails(panics.await, Kind::Panicked);
        assert!(!error.to_string().contains("as asked"), "{error}");
        assert_eq!(after.await.unwrap(), 1, "a new instance");
        assert_eq!(
            running.figures("ErrandPanics").or(running.figures("errand_panics")).unwrap().panicked,
            1
        );
    })
    .await;
}

#[tokio::test]
async fn a_caller_may_move_to_another_task_before_and_meanwhile() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = manager(&gate).await;
        let ctx: &'static Context = Box::leak(Box::new(running.context().clone()));
        let call = |text: &str| start(ctx.call::<errand_task>(text.to_owned()));
        let first = call("first").await;
        let second = call("second").await;
        let moved_in_line = call("moved in line").await;
        let moved_in_run = call("moved in run").await;
        let moved_in_line = tokio::spawn(moved_in_line);
        tokio::task::yield_now().await;
        gate.open(3);
        first.await.unwrap();
        second.await.unwrap();
        assert!(moved_in_line.await.unwrap().unwrap().starts_with("moved in line"));
        gate.entered(4).await;
        let moved_in_run = tokio::spawn(moved_in_run);
        tokio::task::yield_now().await;
        gate.open(1);
        assert!(moved_in_run.await.unwrap().unwrap().starts_with("moved in run"));
    })
    .await;
}

#[tokio::test]
async fn what_they_log_is_inside_of_the_span_of_their_caller() {
    keep_log();
    within(LIMIT, async {
        let gate = Gate::new();
        let running = manager(&gate).await;
        let ctx = running.context();
        let call = |text: &str| ctx.call::<errand_logs>(text.to_owned());
        let first = start(call("span-first")).await;
        let second = start(call("span-second")).await;
        let third = {
            let span = tracing::info_span!("around_the_errand", number = 7);
            let _inside = span.enter();
            let mut third = std::future::IntoFuture::into_future(call("span-third"));
            assert!(poll_once(&mut third).await.is_pending());
            third
        };
        gate.open(3);
        let (first, second, third) = tokio::join!(first, second, third);
        first.and(second).and(third).unwrap();
        let line = logged(&["an errand ran", "span-third"]).remove(0);
        assert!(line.contains("around_the_errand{number=7}"), "{line}");
        let line = logged(&["an errand ran", "span-second"]).remove(0);
        assert!(!line.contains("around_the_errand"), "{line}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_one_of_many_gets_its_own_answer() {
    within(LIMIT, async {
        let running = manager(&Gate::new()).await;
        let mut callers = JoinSet::new();
        for caller in 0..200 {
            let ctx = running.context().clone();
            callers.spawn(async move {
                for round in 0..50 {
                    let number = caller * 1000 + round;
                    if round % 10 == 9 {
                        // Dropped wherever it is by then.
                        let call = ctx.call::<errand_pair>(number);
                        let _ =
                            tokio::time::timeout(Duration::from_micros(300), call.into_future())
                                .await;
                    }
                    assert_eq!(ctx.call::<errand_pair>(number).await.unwrap(), number);
                }
            });
        }
        while let Some(caller) = callers.join_next().await {
            caller.unwrap();
        }
        until("it is at rest", || {
            let figures = running.figures("errand_pair").unwrap();
            figures.busy == 0 && figures.waiting == 0
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_handler_that_waits_for_one_is_part_of_its_chain() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = manager(&gate).await;
        let ctx = running.context();
        let call = |text: &str| start(ctx.call::<errand_outer>(text.to_owned()));
        let first = call("first").await;
        let second = call("second").await;
        let third = call("third").await;
        // With this the outer ones are all busy, and it calls one of them.
        let back = call("back").await;
        gate.open(4);
        let (first, second, third, back) = tokio::join!(first, second, third, back);
        assert_eq!(first.unwrap(), "first from errand_outer");
        assert_eq!(second.unwrap(), "second from errand_outer");
        assert_eq!(third.unwrap(), "third from errand_outer");
        // The way back finds an outer one free, which then waits for the only inner one: for its own chain.
        let error = fails(back, Kind::Cycle);
        assert!(
            error
                .to_string()
                .contains("errand_outer -> errand_inner -> errand_outer -> errand_inner"),
            "{error}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_stop_refuses_those_in_line_and_cuts_what_runs_past_the_limit() {
    within(LIMIT, async {
        let gate = Gate::new();
        let mut manager = Manager::empty();
        manager.add::<errand_task>().provide(gate.clone()).without_http().with_drain("50ms");
        let running = manager.spawn().await.unwrap();
        let ctx = running.context().clone();
        let call = |text: &str| start(ctx.call::<errand_task>(text.to_owned()));
        let first = call("first").await;
        let second = call("second").await;
        let in_run = call("in run").await;
        let in_line = call("in line").await;
        gate.open(2);
        first.await.unwrap();
        second.await.unwrap();
        gate.entered(3).await;
        let stopped = running.stop().await;
        assert!(stopped.is_err(), "something was cut");
        fails(in_run.await, Kind::ShuttingDown);
        fails(in_line.await, Kind::ShuttingDown);
        assert_eq!(gate.cut(), 1);
    })
    .await;
}
