//! Deadlines and cancellation: who waits how long, and what a call leaves when it is cut.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use manager_runtime::prelude::*;
use tokio::time::Instant;

use crate::support::{Gate, LIMIT, PAUSED_LIMIT, fails, start, until, within};

#[handler(timeout = "5s")]
async fn time_slow(gate: Res<Gate>, text: String) -> String {
    gate.note(text.clone());
    gate.pass().await;
    text
}

#[handler(timeout = "3s")]
async fn time_outer(ctx: Context, gate: Res<Gate>, text: String) -> Result<String> {
    let before = ctx.deadline().unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(ctx.deadline(), Some(before), "a deadline stays");
    gate.note(format!("outer has {:?} left", before - Instant::now()));
    ctx.call::<time_inner>(text).await
}

#[handler(timeout = "10s", replicas = 2)]
async fn time_inner(ctx: Context, gate: Res<Gate>, text: String) -> Result<String> {
    let left = ctx.deadline().unwrap() - Instant::now();
    gate.note(format!("inner has {left:?} left"));
    if text == "hang" {
        std::future::pending::<()>().await;
    }
    Ok(text)
}

/// Asks for its deadline only after a while.
#[handler(timeout = "3s")]
async fn time_late(ctx: Context, gate: Res<Gate>) -> Result<String> {
    tokio::time::sleep(Duration::from_secs(1)).await;
    gate.note(format!("late has {:?} left", ctx.deadline().unwrap() - Instant::now()));
    ctx.call::<time_inner>("fine".to_owned()).await
}

#[handler(timeout = "3s")]
async fn time_dispatcher(ctx: Context) -> Result<()> {
    tokio::time::sleep(Duration::from_secs(1)).await;
    ctx.dispatch("time_inner", "fine").await
}

#[handler(timeout = "3s")]
async fn time_short_call(ctx: Context) -> Result<String> {
    // A longer limit than what is left changes nothing, a shorter one counts.
    let long = ctx.call::<time_inner>("fine".to_owned()).timeout(Duration::from_secs(60)).await?;
    let named = ctx.publish("time_inner", "hang").timeout(Duration::from_secs(1)).await;
    assert_eq!(named.unwrap_err().kind(), Kind::Timeout);
    Ok(long)
}

#[handler(timeout = "1m", blocking)]
fn time_blocking_inner(ctx: Context, gate: Res<Gate>) {
    gate.note(format!("inner has {:?} left", ctx.deadline().unwrap() - Instant::now()));
}

#[handler(timeout = "3s")]
async fn time_blocking_outer(ctx: Context) -> Result<()> {
    ctx.call::<time_blocking_inner>(()).await
}

#[handler]
async fn time_nap(text: String) -> String {
    tokio::time::sleep(Duration::from_millis(300)).await;
    text
}

/// Returns at once; its context lives on in a task.
#[handler(timeout = "200ms")]
async fn time_outlived(ctx: Context, gate: Res<Gate>) {
    tokio::spawn(async move {
        for number in 0..5 {
            tokio::time::sleep(Duration::from_millis(300)).await;
            let call = ctx.call::<time_nap>(number.to_string()).await;
            gate.note(call.unwrap_or_else(|error| error.to_string()));
        }
    });
}

#[handler(detached, queue = 4)]
async fn time_detached(gate: Res<Gate>, text: String) -> String {
    gate.note(text.clone());
    gate.pass().await;
    text
}

/// Holds a blocking function.
struct Valve {
    entered: tokio::sync::Semaphore,
    release: Mutex<mpsc::Receiver<()>>,
    ended: AtomicUsize,
}

#[handler(blocking)]
fn time_blocking(valve: Res<Valve>, text: String) -> String {
    valve.entered.add_permits(1);
    valve.release.lock().unwrap().recv().unwrap();
    valve.ended.fetch_add(1, Ordering::SeqCst);
    text
}

static NUMBERS: AtomicUsize = AtomicUsize::new(1);

/// Says which instance it is.
struct TimeStays {
    number: usize,
}

#[handler]
impl TimeStays {
    fn new() -> Self {
        TimeStays { number: NUMBERS.fetch_add(1, Ordering::SeqCst) }
    }

    async fn run(&mut self, gate: Res<Gate>) -> Json<usize> {
        gate.pass().await;
        Json(self.number)
    }
}

struct TimeRebuilt {
    number: usize,
}

#[handler(rebuild_on_cancel, timeout = "2s")]
impl TimeRebuilt {
    async fn new() -> Self {
        TimeRebuilt { number: NUMBERS.fetch_add(1, Ordering::SeqCst) }
    }

    async fn run(&mut self, gate: Res<Gate>) -> Json<usize> {
        gate.pass().await;
        Json(self.number)
    }
}

async fn spawn(gate: &Gate) -> Running {
    Manager::empty()
        .add::<time_slow>()
        .add::<time_outer>()
        .add::<time_inner>()
        .add::<time_dispatcher>()
        .add::<time_late>()
        .add::<time_short_call>()
        .add::<time_blocking_inner>()
        .add::<time_blocking_outer>()
        .add::<time_nap>()
        .add::<time_outlived>()
        .add::<time_detached>()
        .add::<TimeStays>()
        .add::<TimeRebuilt>()
        .provide(gate.clone())
        .without_http()
        .spawn()
        .await
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_running_call_ends_at_its_deadline() {
    within(PAUSED_LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let ctx = running.context();
        assert_eq!(ctx.deadline(), None, "a program has all the time");
        let begin = Instant::now();
        let error = fails(ctx.call::<time_slow>("x".to_owned()).await, Kind::Timeout);
        assert!(error.to_string().contains("time_slow"), "{error}");
        assert_eq!(begin.elapsed(), Duration::from_secs(5));
        assert_eq!((gate.inside(), gate.cut()), (0, 1), "the future is dropped");
        gate.open(1);
        assert_eq!(ctx.call::<time_slow>("good".to_owned()).await.unwrap(), "good");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_time_in_the_queue_counts() {
    within(PAUSED_LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let ctx = running.context();
        let begin = Instant::now();
        let holder = ctx.clone();
        let holder = tokio::spawn(async move {
            // Renewed each second, so that the replica is never free for long.
            holder.call::<time_slow>("holds".to_owned()).timeout(Duration::from_secs(1_000)).await
        });
        gate.entered(1).await;
        let waits = async { (ctx.call::<time_slow>("waits".to_owned()).await, begin.elapsed()) };
        let short = async {
            let call = ctx.call::<time_slow>("short".to_owned()).timeout(Duration::from_secs(2));
            (call.await, begin.elapsed())
        };
        let named = async {
            let call = ctx.publish("time_slow", "named").timeout(Duration::from_millis(1));
            (call.await, begin.elapsed())
        };
        let (waits, short, named) = tokio::join!(waits, short, named);
        fails(waits.0, Kind::Timeout);
        fails(short.0, Kind::Timeout);
        fails(named.0, Kind::Timeout);
        assert_eq!([waits.1, short.1], [5, 2].map(Duration::from_secs));
        assert_eq!(named.1, Duration::from_millis(1));
        assert_eq!(gate.notes(), ["holds"], "nobody else ran");
        // Partly in the queue, partly running: five seconds in all.
        let last = start(ctx.call::<time_slow>("last".to_owned())).await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        gate.open(1);
        assert_eq!(holder.await.unwrap().unwrap(), "holds");
        let begin = Instant::now();
        fails(last.await, Kind::Timeout);
        assert_eq!(begin.elapsed(), Duration::from_secs(2));
        assert_eq!(gate.notes(), ["holds", "last"]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_call_inside_a_call_has_what_is_left() {
    within(PAUSED_LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let ctx = running.context();
        assert_eq!(ctx.call::<time_outer>("fine".to_owned()).await.unwrap(), "fine");
        assert_eq!(gate.notes(), ["outer has 2s left", "inner has 2s left"]);
        let begin = Instant::now();
        fails(ctx.call::<time_outer>("hang".to_owned()).await, Kind::Timeout);
        assert_eq!(begin.elapsed(), Duration::from_secs(3));
        // On its own the inner one has all of its ten seconds.
        let begin = Instant::now();
        fails(ctx.call::<time_inner>("hang".to_owned()).await, Kind::Timeout);
        assert_eq!(begin.elapsed(), Duration::from_secs(10));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_deadline_is_the_same_whenever_it_is_asked_for() {
    within(PAUSED_LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        assert_eq!(running.context().call::<time_late>(()).await.unwrap(), "fine");
        assert_eq!(gate.notes(), ["late has 2s left", "inner has 2s left"]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_context_that_outlives_its_handler_has_no_deadline_to_hand_on() {
    within(PAUSED_LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        running.context().call::<time_outlived>(()).await.unwrap();
        until("all calls have returned", || gate.notes().len() == 5).await;
        assert_eq!(gate.notes(), ["0", "1", "2", "3", "4"]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_timeout_of_the_call_is_the_deadline_of_all_below() {
    within(PAUSED_LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let ctx = running.context();
        let begin = Instant::now();
        let call = ctx.call::<time_outer>("hang".to_owned()).timeout(Duration::from_millis(1_500));
        fails(call.await, Kind::Timeout);
        assert_eq!(begin.elapsed(), Duration::from_millis(1_500));
        assert_eq!(gate.notes(), ["outer has 500ms left", "inner has 500ms left"]);
        let long = ctx.call::<time_slow>("long".to_owned()).timeout(Duration::from_secs(60));
        let begin = Instant::now();
        fails(long.await, Kind::Timeout);
        assert_eq!(begin.elapsed(), Duration::from_secs(60), "a caller may give more");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_limit_inside_a_call_cannot_be_longer_than_what_is_left() {
    within(PAUSED_LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let begin = Instant::now();
        assert_eq!(running.context().call::<time_short_call>(()).await.unwrap(), "fine");
        assert_eq!(begin.elapsed(), Duration::from_secs(1));
        assert_eq!(gate.notes(), ["inner has 3s left", "inner has 1s left"]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_dispatch_inherits_no_deadline_and_begins_when_it_runs() {
    within(PAUSED_LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let ctx = running.context();
        ctx.call::<time_dispatcher>(()).await.unwrap();
        until("the dispatch ran", || gate.notes().len() == 1).await;
        assert_eq!(gate.notes(), ["inner has 10s left"]);
        // Eight seconds in the queue, and five still to run.
        let holder = ctx.call::<time_slow>("holds".to_owned()).timeout(Duration::from_secs(1_000));
        let holder = start(holder).await;
        ctx.dispatch("time_slow", "queued").await.unwrap();
        tokio::time::sleep(Duration::from_secs(8)).await;
        drop(holder);
        gate.entered(2).await;
        let begin = Instant::now();
        gate.ended(2).await;
        assert_eq!(begin.elapsed(), Duration::from_secs(5));
        assert_eq!(gate.notes()[1..], ["holds", "queued"]);
    })
    .await;
}

#[tokio::test]
async fn a_blocking_call_inside_a_call_has_what_is_left_too() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        running.context().call::<time_blocking_outer>(()).await.unwrap();
        let left = &gate.notes()[0];
        let seconds =
            left.strip_prefix("inner has ").and_then(|left| left.split(['.', 's']).next());
        assert!(seconds.unwrap().parse::<u64>().unwrap() <= 3, "{left}");
    })
    .await;
}

#[tokio::test]
async fn a_detached_call_finishes_although_its_caller_is_gone() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let ctx = running.context();
        let runs = start(ctx.call::<time_detached>("runs".to_owned())).await;
        gate.entered(1).await;
        let waits = start(ctx.publish("time_detached", "waits")).await;
        tokio::task::yield_now().await;
        drop(runs);
        drop(waits);
        assert_eq!(gate.cut(), 0);
        gate.open(2);
        gate.ended(2).await;
        assert_eq!((gate.passed(), gate.cut()), (2, 0));
        assert_eq!(gate.notes(), ["runs", "waits"]);
        gate.open(1);
        assert_eq!(ctx.call::<time_detached>("good".to_owned()).await.unwrap(), "good");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_detached_calls_caller_still_has_its_deadline() {
    within(PAUSED_LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let call = running.context().call::<time_detached>("x".to_owned());
        let begin = Instant::now();
        fails(call.timeout(Duration::from_secs(2)).await, Kind::Timeout);
        assert_eq!(begin.elapsed(), Duration::from_secs(2));
    })
    .await;
}

#[tokio::test]
async fn an_instance_whose_call_was_cancelled_stays_unless_it_says_otherwise() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let ctx = running.context();
        gate.open(1);
        let before = ctx.call::<TimeStays>(()).await.unwrap();
        drop(start(ctx.call::<TimeStays>(())).await);
        gate.open(1);
        assert_eq!(ctx.call::<TimeStays>(()).await.unwrap(), before);

        gate.open(1);
        let before = ctx.call::<TimeRebuilt>(()).await.unwrap();
        gate.open(1);
        assert_eq!(ctx.call::<TimeRebuilt>(()).await.unwrap(), before, "whole calls keep it");
        drop(start(ctx.call::<TimeRebuilt>(())).await);
        gate.open(1);
        let after = ctx.call::<TimeRebuilt>(()).await.unwrap();
        assert_ne!(after, before, "made anew");
        // A caller that leaves the queue has never had it.
        let runs = start(ctx.call::<TimeRebuilt>(())).await;
        drop(start(ctx.call::<TimeRebuilt>(())).await);
        gate.open(1);
        assert_eq!(runs.await.unwrap(), after);
        gate.open(1);
        assert_eq!(ctx.call::<TimeRebuilt>(()).await.unwrap(), after);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_instance_whose_time_was_over_is_made_anew_if_it_says_so() {
    within(PAUSED_LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let ctx = running.context();
        gate.open(1);
        let before = ctx.call::<TimeRebuilt>(()).await.unwrap();
        fails(ctx.call::<TimeRebuilt>(()).await, Kind::Timeout);
        gate.open(1);
        assert_ne!(ctx.call::<TimeRebuilt>(()).await.unwrap(), before);
    })
    .await;
}

#[tokio::test]
async fn a_blocking_function_keeps_its_replica_until_its_thread_is_done() {
    within(LIMIT, async {
        let (release, released) = mpsc::channel();
        let running = Manager::empty()
            .add::<time_blocking>()
            .provide(Valve {
                entered: tokio::sync::Semaphore::new(0),
                release: Mutex::new(released),
                ended: AtomicUsize::new(0),
            })
            .without_http()
            .spawn()
            .await
            .unwrap();
        let ctx = running.context();
        let call = |text: &str| ctx.call::<time_blocking>(text.to_owned());
        let begin = std::time::Instant::now();
        fails(call("given up").timeout(Duration::from_millis(20)).await, Kind::Timeout);
        assert!(
            begin.elapsed() < Duration::from_secs(10),
            "the caller does not wait for the thread"
        );
        // The thread goes on, so the replica is not free.
        fails(call("waits").timeout(Duration::from_millis(20)).await, Kind::Timeout);
        let next = start(call("next")).await;
        release.send(()).unwrap();
        release.send(()).unwrap();
        assert_eq!(next.await.unwrap(), "next");
        ctx.dispatch("time_blocking", "dispatched").await.unwrap();
        release.send(()).unwrap();
        running.stop().await.unwrap();
    })
    .await;
}

#[handler(blocking, replicas = 4)]
fn time_blocking_many(thread: Res<Arc<Mutex<Vec<String>>>>) -> String {
    let name = format!("{:?}", std::thread::current().id());
    thread.lock().unwrap().push(name.clone());
    name
}

#[tokio::test]
async fn a_blocking_function_runs_on_another_thread() {
    within(LIMIT, async {
        let seen = Arc::new(Mutex::new(Vec::<String>::new()));
        let running = Manager::empty()
            .add::<time_blocking_many>()
            .provide(seen.clone())
            .without_http()
            .spawn()
            .await
            .unwrap();
        let here = format!("{:?}", std::thread::current().id());
        for _ in 0..20 {
            assert_ne!(running.context().call::<time_blocking_many>(()).await.unwrap(), here);
        }
        assert_eq!(seen.lock().unwrap().len(), 20);
    })
    .await;
}
