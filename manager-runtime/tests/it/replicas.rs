//! Replicas and the queue behind them: how many run, who is next, who is refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use manager_runtime::prelude::*;
use tokio::task::JoinSet;

use crate::support::{Client, Gate, LIMIT, fails, poll_once, post, request, start, until, within};

#[handler(replicas = 3)]
async fn pool_three(gate: Res<Gate>, text: String) -> String {
    gate.note(text.clone());
    gate.pass().await;
    text
}

#[handler(queue = 4)]
async fn pool_short(gate: Res<Gate>, text: String) -> String {
    gate.note(text.clone());
    gate.pass().await;
    text
}

#[handler(queue = 0, replicas = 2)]
async fn pool_none(gate: Res<Gate>, text: String) -> String {
    gate.pass().await;
    text
}

#[handler]
async fn pool_quick(text: String) -> String {
    text
}

#[handler(replicas = 2)]
async fn pool_some_hold(gate: Res<Gate>, text: String) {
    if text.starts_with("hold") {
        gate.pass().await;
    } else {
        gate.note(text);
    }
}

/// How many calls have begun.
#[derive(Clone, Default)]
struct Begun(Arc<AtomicUsize>);

#[handler(replicas = 2)]
async fn pool_pair(begun: Res<Begun>) {
    begun.0.fetch_add(1, Ordering::SeqCst);
    std::future::pending::<()>().await;
}

/// Has a state, so that a panic ends the instance.
#[derive(Default)]
struct PoolInOrder;

#[handler]
impl PoolInOrder {
    async fn run(&mut self, gate: Res<Gate>, Json(number): Json<u32>) {
        tokio::task::yield_now().await;
        assert!(number % 7 != 0, "every seventh");
        gate.note(number.to_string());
    }
}

/// Counts its own calls: what an instance keeps from one to the next.
#[derive(Default)]
struct PoolCounter {
    calls: u64,
}

#[handler]
impl PoolCounter {
    async fn run(&mut self) -> Json<u64> {
        let before = self.calls;
        tokio::task::yield_now().await;
        // Lost if another call had the instance meanwhile.
        self.calls = before + 1;
        Json(self.calls)
    }
}

#[handler(replicas = 4)]
async fn chain_first(ctx: Context, Json(number): Json<u64>) -> Result<Json<u64>> {
    Ok(Json(ctx.call::<chain_second>(number + 1).await?))
}

#[handler(replicas = 3)]
async fn chain_second(ctx: Context, Json(number): Json<u64>) -> Result<Json<u64>> {
    if number % 7 == 0 {
        tokio::task::yield_now().await;
    }
    Ok(Json(ctx.publish("chain_third", Json(number + 1)).await?.json()?))
}

#[handler(replicas = 2)]
async fn chain_third(Json(number): Json<u64>) -> Json<u64> {
    if number % 3 == 0 {
        tokio::task::yield_now().await;
    }
    Json(number + 1)
}

#[handler(replicas = 8)]
async fn pool_increment(ctx: Context) -> Result<()> {
    tokio::task::yield_now().await;
    ctx.state().increment("count", 1)?;
    ctx.state().update("updated", |count: Option<i64>| count.unwrap_or(0) + 1)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_most_n_run_whoever_calls() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = Manager::empty()
            .add::<pool_three>()
            .provide(gate.clone())
            .with_bind("127.0.0.1:0")
            .spawn()
            .await
            .unwrap();
        let address = running.addr();
        let mut callers = JoinSet::new();
        for number in 0..100 {
            let ctx = running.context().clone();
            callers.spawn(async move {
                let text = number.to_string();
                match number % 4 {
                    0 => assert_eq!(ctx.call::<pool_three>(text.clone()).await.unwrap(), text),
                    1 => {
                        let reply = ctx.publish("pool_three", text.as_str()).await.unwrap();
                        assert_eq!(reply.text().unwrap(), text);
                    }
                    2 => ctx.dispatch("pool_three", text).await.unwrap(),
                    _ => {
                        let mut client = Client::connect(address).await;
                        let answer = client.ask(post("/pool_three", &text)).await;
                        assert_eq!(answer.message(), text);
                    }
                }
            });
        }
        gate.entered(3).await;
        assert_eq!(gate.inside(), 3);
        for _ in 0..97 {
            gate.open(1);
            gate.ended(1).await;
            gate.entered(1).await;
        }
        assert_eq!(gate.peak(), 3, "never more at a time");
        gate.open(3);
        while let Some(caller) = callers.join_next().await {
            caller.unwrap();
        }
        running.stop().await.unwrap();
        assert_eq!((gate.passed(), gate.cut(), gate.peak()), (100, 0, 3));
        let mut notes = gate.notes();
        notes.sort();
        notes.dedup();
        assert_eq!(notes.len(), 100, "each call ran once");
    })
    .await;
}

#[tokio::test]
async fn who_waits_is_served_in_the_order_of_coming() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = Manager::empty()
            .add::<pool_three>()
            .provide(gate.clone())
            .without_http()
            .spawn()
            .await
            .unwrap();
        let mut callers = JoinSet::new();
        let mut expected = Vec::new();
        for number in 0..60 {
            let ctx = running.context();
            let text = format!("{number:02}");
            expected.push(text.clone());
            if number % 3 == 0 {
                ctx.dispatch("pool_three", text).await.unwrap();
            } else {
                let mut call = Box::pin({
                    let ctx = ctx.clone();
                    async move { ctx.call::<pool_three>(text).await }
                })
                    as std::pin::Pin<Box<dyn Future<Output = _> + Send>>;
                assert!(poll_once(&mut call).await.is_pending());
                callers.spawn(call);
            }
            // A dispatch begins in a task of its own.
            tokio::task::yield_now().await;
        }
        for _ in 0..60 {
            gate.open(1);
            gate.ended(1).await;
        }
        running.stop().await.unwrap();
        assert_eq!(gate.notes(), expected);
    })
    .await;
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_and_exactly() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = Manager::empty()
            .add::<pool_short>()
            .add::<pool_none>()
            .provide(gate.clone())
            .with_bind("127.0.0.1:0")
            .spawn()
            .await
            .unwrap();
        let ctx = running.context();
        let call = |text: &str| ctx.call::<pool_short>(text.to_owned());
        let runs = start(call("runs")).await;
        let mut waiting = Vec::new();
        for _ in 0..4 {
            waiting.push(start(call("waits")).await);
        }
        for _ in 0..100 {
            let mut refused = call("refused").into_future();
            let std::task::Poll::Ready(outcome) = poll_once(&mut refused).await else {
                panic!("a full queue refuses at once");
            };
            let error = fails(outcome, Kind::Overloaded);
            assert!(error.to_string().contains("pool_short"), "{error}");
        }
        let mut client = Client::connect(running.addr()).await;
        let answer = client.ask(post("/pool_short", "refused")).await;
        answer.refusal(503);
        assert!(answer.header("retry-after").is_some_and(|after| after.parse::<u32>().is_ok()));
        let envelope = r#"{"type":"dispatch","data":"refused"}"#;
        let headers = "Content-Type: application/json\r\n";
        client.ask(request("POST /pool_short", headers, envelope)).await.refusal(503);
        // One leaves, one comes, and the next is refused again.
        drop(waiting.pop());
        waiting.push(start(call("waits")).await);
        fails(call("refused").await, Kind::Overloaded);
        gate.open(5);
        assert_eq!(runs.await.unwrap(), "runs");
        for call in waiting {
            assert_eq!(call.await.unwrap(), "waits");
        }
        assert_eq!(gate.notes().len(), 5, "what was refused never ran");
        // No queue at all: what runs is all there is.
        let none = || ctx.call::<pool_none>("x".to_owned());
        let (one, two) = (start(none()).await, start(none()).await);
        fails(none().await, Kind::Overloaded);
        gate.open(2);
        assert_eq!((one.await.unwrap(), two.await.unwrap()), ("x".to_owned(), "x".to_owned()));
        gate.open(1);
        none().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn messages_that_wait_count_for_the_queue_until_they_run() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = Manager::empty()
            .add::<pool_short>()
            .provide(gate.clone())
            .without_http()
            .spawn()
            .await
            .unwrap();
        let ctx = running.context();
        ctx.dispatch("pool_short", "runs").await.unwrap();
        gate.entered(1).await;
        for _ in 0..4 {
            ctx.dispatch("pool_short", "waits").await.unwrap();
        }
        fails(ctx.dispatch("pool_short", "refused").await, Kind::Overloaded);
        for _ in 0..20 {
            gate.open(1);
            gate.entered(1).await;
            // One has begun, so there is one place.
            ctx.dispatch("pool_short", "waits").await.unwrap();
            fails(ctx.dispatch("pool_short", "refused").await, Kind::Overloaded);
        }
        gate.open(5);
        running.stop().await.unwrap();
        assert!(!gate.notes().contains(&"refused".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn no_message_waits_for_another_one_while_a_replica_is_free() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = Manager::empty()
            .add::<pool_some_hold>()
            .provide(gate.clone())
            .without_http()
            .spawn()
            .await
            .unwrap();
        let ctx = running.context();
        for text in ["hold", "hold"] {
            ctx.dispatch("pool_some_hold", text).await.unwrap();
        }
        gate.entered(2).await;
        ctx.dispatch("pool_some_hold", "hold too").await.unwrap();
        let quick: Vec<String> = (10..50).map(|number| number.to_string()).collect();
        for text in &quick {
            ctx.dispatch("pool_some_hold", text.as_str()).await.unwrap();
        }
        // The next one to hold takes the place of the first.
        gate.open(1);
        gate.entered(1).await;
        // The second replica serves all the others.
        gate.open(1);
        until("all quick ones have run", || gate.notes().len() == quick.len()).await;
        assert_eq!(gate.notes(), quick);
        gate.open(1);
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_stay_in_order_although_some_of_them_panic() {
    within(LIMIT, async {
        for round in 0..5 {
            let gate = Gate::new();
            let running = Manager::empty()
                .add::<PoolInOrder>()
                .provide(gate.clone())
                .without_http()
                .spawn()
                .await
                .unwrap();
            for number in 1..=200 {
                running.context().send::<PoolInOrder>(number).await.unwrap();
                // Some are taken along while others still join the line.
                if number % 10 == 0 {
                    tokio::task::yield_now().await;
                }
            }
            running.stop().await.unwrap();
            let others = (1..=200).filter(|number| number % 7 != 0);
            let others: Vec<_> = others.map(|number| number.to_string()).collect();
            assert_eq!(gate.notes(), others, "round {round}");
        }
    })
    .await;
}

/// Where two threads wait for each other, without a sleep.
#[derive(Default)]
struct Meeting(AtomicUsize);

impl Meeting {
    /// Each of the two has met the other so often.
    fn meet(&self, times: &mut usize) {
        *times += 1;
        self.0.fetch_add(1, Ordering::SeqCst);
        for turn in 0_usize.. {
            if self.0.load(Ordering::SeqCst) >= *times * 2 {
                return;
            }
            if turn < 2_000 { std::hint::spin_loop() } else { std::thread::yield_now() }
        }
    }
}

fn poll_now<T>(call: &mut std::pin::Pin<Box<dyn Future<Output = T> + Send + '_>>) {
    let waker = std::task::Waker::noop();
    assert!(call.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending());
}

/// Both replicas come free on one thread, which calls at once, while another thread calls too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_caller_waits_while_a_replica_is_free() {
    within(LIMIT, async {
        let begun = Begun::default();
        let running = Manager::empty()
            .add::<pool_pair>()
            .provide(begun.clone())
            .without_http()
            .spawn()
            .await
            .unwrap();
        let ctx = running.context();
        let runtime = tokio::runtime::Handle::current();
        let (meeting, over) = (Meeting::default(), AtomicBool::new(false));
        // Threads of their own: a task would be made to yield now and then.
        let stranded = std::thread::scope(|scope| {
            scope.spawn(|| {
                let _runtime = runtime.enter();
                let mut met = 0;
                loop {
                    meeting.meet(&mut met);
                    if over.load(Ordering::SeqCst) {
                        return;
                    }
                    let mut caller = ctx.call::<pool_pair>(()).into_future();
                    poll_now(&mut caller);
                    meeting.meet(&mut met);
                    // Who was granted a replica runs now.
                    poll_now(&mut caller);
                    meeting.meet(&mut met);
                    meeting.meet(&mut met);
                    drop(caller);
                    meeting.meet(&mut met);
                }
            });
            let both = scope.spawn(|| {
                let _runtime = runtime.enter();
                let (begin, mut met, mut stranded) = (Instant::now(), 0, 0);
                for round in 0_usize.. {
                    if begin.elapsed() > Duration::from_millis(700) {
                        break;
                    }
                    let before = begun.0.load(Ordering::SeqCst);
                    let mut busy = [0; 2].map(|_| ctx.call::<pool_pair>(()).into_future());
                    busy.iter_mut().for_each(poll_now);
                    meeting.meet(&mut met);
                    // Each round a little later.
                    (0..round % 60).for_each(|_| std::hint::spin_loop());
                    drop(busy);
                    let mut caller = ctx.call::<pool_pair>(()).into_future();
                    poll_now(&mut caller);
                    meeting.meet(&mut met);
                    poll_now(&mut caller);
                    meeting.meet(&mut met);
                    stranded += usize::from(begun.0.load(Ordering::SeqCst) - before != 4);
                    meeting.meet(&mut met);
                    drop(caller);
                    meeting.meet(&mut met);
                }
                over.store(true, Ordering::SeqCst);
                meeting.meet(&mut met);
                stranded
            });
            both.join().unwrap()
        });
        assert_eq!(stranded, 0, "a caller waited beside a free replica");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_caller_that_leaves_the_queue_frees_its_place() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = Manager::empty()
            .add::<pool_short>()
            .provide(gate.clone())
            .without_http()
            .spawn()
            .await
            .unwrap();
        let ctx = running.context();
        let call = |text: &str| ctx.call::<pool_short>(text.to_owned());
        let runs = start(call("runs")).await;
        for _ in 0..1_000 {
            let mut waiting = Vec::new();
            for _ in 0..4 {
                waiting.push(start(call("leaves")).await);
            }
            fails(call("refused").await, Kind::Overloaded);
            // From the middle, from the ends.
            drop(waiting.remove(1));
            drop(waiting.remove(2));
            drop(waiting);
        }
        let stays = start(call("stays")).await;
        gate.open(2);
        assert_eq!(runs.await.unwrap(), "runs");
        assert_eq!(stays.await.unwrap(), "stays");
        assert_eq!(gate.notes(), ["runs", "stays"]);
    })
    .await;
}

#[tokio::test]
async fn a_caller_that_leaves_after_it_was_granted_the_replica_hands_it_on() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = Manager::empty()
            .add::<pool_short>()
            .provide(gate.clone())
            .without_http()
            .spawn()
            .await
            .unwrap();
        let ctx = running.context();
        let call = |text: &str| ctx.call::<pool_short>(text.to_owned());
        for _ in 0..100 {
            let runs = start(call("runs")).await;
            let leaves = start(call("leaves")).await;
            let next = start(call("next")).await;
            gate.open(1);
            runs.await.unwrap();
            // `leaves` holds the replica now and has not been polled since.
            drop(leaves);
            gate.open(1);
            assert_eq!(next.await.unwrap(), "next");
        }
        assert!(!gate.notes().contains(&"leaves".to_owned()));
        ctx.dispatch("pool_short", "still here").await.unwrap();
        gate.open(1);
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_running_call_that_is_dropped_frees_its_replica() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = Manager::empty()
            .add::<pool_short>()
            .provide(gate.clone())
            .without_http()
            .spawn()
            .await
            .unwrap();
        let ctx = running.context();
        let call = |text: &str| ctx.call::<pool_short>(text.to_owned());
        let runs = start(call("cut")).await;
        assert_eq!(gate.inside(), 1);
        let waits = start(call("next")).await;
        drop(runs);
        assert_eq!((gate.inside(), gate.cut()), (0, 1));
        gate.open(1);
        assert_eq!(waits.await.unwrap(), "next");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_replica_serves_one_call_at_a_time_by_mut() {
    within(LIMIT, async {
        let running = Manager::empty().add::<PoolCounter>().without_http().spawn().await.unwrap();
        let mut callers = JoinSet::new();
        for _ in 0..1_000 {
            let ctx = running.context().clone();
            callers.spawn(async move { ctx.call::<PoolCounter>(()).await.unwrap() });
        }
        let mut seen = Vec::new();
        while let Some(count) = callers.join_next().await {
            seen.push(count.unwrap());
        }
        seen.sort_unstable();
        assert_eq!(seen, (1..=1_000).collect::<Vec<u64>>());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_chains_through_three_handlers_finish_fifty_times_over() {
    // All of it is work for the processor, and the machine may have other work.
    within(Duration::from_secs(180), async {
        let running = Manager::empty()
            .add::<chain_first>()
            .add::<chain_second>()
            .add::<chain_third>()
            .without_http()
            .with_drain("5s")
            .spawn()
            .await
            .unwrap();
        for round in 0..50 {
            let mut chains = JoinSet::new();
            for number in 0..2_000_u64 {
                let ctx = running.context().clone();
                chains.spawn(async move {
                    // The queue holds 1 024: who is refused comes again, as a client would.
                    loop {
                        match ctx.call::<chain_first>(number).await {
                            Ok(reply) => return reply == number + 3,
                            Err(error) if error.kind() == Kind::Overloaded => {
                                tokio::task::yield_now().await;
                            }
                            Err(error) => panic!("{error:?}"),
                        }
                    }
                });
            }
            let mut finished = 0;
            while let Some(good) = chains.join_next().await {
                assert!(good.unwrap());
                finished += 1;
            }
            assert_eq!(finished, 2_000, "round {round}");
        }
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_parallel_increments_make_a_thousand() {
    within(LIMIT, async {
        let running =
            Manager::empty().add::<pool_increment>().without_http().spawn().await.unwrap();
        let mut callers = JoinSet::new();
        for _ in 0..1_000 {
            let ctx = running.context().clone();
            callers.spawn(async move { ctx.call::<pool_increment>(()).await.unwrap() });
        }
        while let Some(caller) = callers.join_next().await {
            caller.unwrap();
        }
        assert_eq!(running.state().get::<i64>("count").unwrap(), Some(1_000));
        assert_eq!(running.state().get::<i64>("updated").unwrap(), Some(1_000));
    })
    .await;
}

#[tokio::test]
async fn a_hot_loop_of_calls_leaves_the_timers_their_turn() {
    within(LIMIT, async {
        let running = Manager::empty().add::<pool_quick>().without_http().spawn().await.unwrap();
        let ctx = running.context().clone();
        let by_type = tokio::spawn({
            let ctx = ctx.clone();
            async move {
                loop {
                    ctx.call::<pool_quick>(String::new()).await.unwrap();
                }
            }
        });
        let by_name = tokio::spawn(async move {
            loop {
                ctx.publish("pool_quick", ()).await.unwrap();
            }
        });
        let begin = Instant::now();
        for _ in 0..50 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let took = begin.elapsed();
        by_type.abort();
        by_name.abort();
        // Starved, a single one of them took 200 ms.
        assert!(took < Duration::from_secs(2), "50 ticks of 1 ms took {took:?}");
    })
    .await;
}

#[tokio::test]
async fn a_hot_loop_of_dispatches_leaves_the_timers_their_turn() {
    within(LIMIT, async {
        let running = Manager::empty().add::<pool_quick>().without_http().spawn().await.unwrap();
        let ctx = running.context().clone();
        let hot = tokio::spawn(async move {
            loop {
                // Often full: that is the point of a loop without a pause.
                let _ = ctx.dispatch("pool_quick", ()).await;
            }
        });
        let begin = Instant::now();
        for _ in 0..50 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let took = begin.elapsed();
        hot.abort();
        assert!(took < Duration::from_secs(2), "50 ticks of 1 ms took {took:?}");
    })
    .await;
}

#[tokio::test]
async fn a_client_that_disconnects_while_it_waits_frees_its_place() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = Manager::empty()
            .add::<pool_short>()
            .provide(gate.clone())
            .with_bind("127.0.0.1:0")
            .spawn()
            .await
            .unwrap();
        let ctx = running.context();
        let full = || {
            let mut probe = ctx.call::<pool_short>("probe".to_owned()).into_future();
            let waker = std::task::Waker::noop();
            match probe.as_mut().poll(&mut std::task::Context::from_waker(waker)) {
                std::task::Poll::Ready(outcome) => {
                    fails(outcome, Kind::Overloaded);
                    true
                }
                std::task::Poll::Pending => false,
            }
        };
        let mut first = Client::connect(running.addr()).await;
        first.send(post("/pool_short", "runs")).await;
        gate.entered(1).await;
        let mut waiting = Vec::new();
        for _ in 0..4 {
            let mut client = Client::connect(running.addr()).await;
            client.send(post("/pool_short", "leaves")).await;
            waiting.push(client);
        }
        until("the queue is full", full).await;
        waiting.pop();
        until("a place is free again", || !full()).await;
        drop(waiting);
        let mut good = Client::connect(running.addr()).await;
        good.send(post("/pool_short", "good")).await;
        gate.open(2);
        assert_eq!(first.answer().await.message(), "runs");
        assert_eq!(good.answer().await.message(), "good");
        running.stop().await.unwrap();
        let ran = gate.notes();
        assert_eq!((&*ran[0], ran.last().unwrap().as_str()), ("runs", "good"));
        assert_eq!(gate.passed(), 2, "{ran:?}");
    })
    .await;
}

#[tokio::test]
async fn a_client_that_disconnects_cancels_its_running_call() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = Manager::empty()
            .add::<pool_short>()
            .provide(gate.clone())
            .with_bind("127.0.0.1:0")
            .spawn()
            .await
            .unwrap();
        let mut client = Client::connect(running.addr()).await;
        client.send(post("/pool_short", "cut")).await;
        gate.entered(1).await;
        drop(client);
        gate.ended(1).await;
        assert_eq!(gate.cut(), 1);
        gate.open(1);
        let mut good = Client::connect(running.addr()).await;
        assert_eq!(good.ask(post("/pool_short", "good")).await.message(), "good");
    })
    .await;
}
