//! What a manager is made of, how it starts and how it ends, without a client.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use manager_runtime::prelude::*;
use tokio::net::TcpStream;

use crate::support::{Gate, LIMIT, fails, fetch, post, start, until, within};

#[handler]
async fn own_count(ctx: Context) -> Result<Json<i64>> {
    Ok(Json(ctx.state().increment("count", 1)?))
}

#[handler]
async fn own_echo(text: String) -> String {
    text
}

#[handler]
async fn own_price(item: String) -> Result<Json<u32>> {
    Err(Error::internal(format!("no price server in tests, asked for {item}")))
}

#[handler]
async fn own_order(ctx: Context, item: String) -> Result<String> {
    let by_type = ctx.call::<own_price>(item.clone()).await?;
    let by_name: u32 = ctx.publish("own_price", item).await?.json()?;
    Ok(format!("{by_type} and {by_name}"))
}

struct Database(&'static str);
struct Cache(&'static str);

#[handler]
async fn own_needs(database: Res<Database>, cache: Res<Cache>) -> String {
    format!("{} and {}", database.0, cache.0)
}

struct OwnNeedsToBuild(String);

#[handler]
impl OwnNeedsToBuild {
    fn new(database: Res<Database>) -> Self {
        OwnNeedsToBuild(database.0.to_owned())
    }

    async fn run(&self) -> String {
        self.0.clone()
    }
}

#[handler(replicas = 2, queue = 8)]
async fn own_gate(gate: Res<Gate>, text: String) -> String {
    gate.note(text.clone());
    gate.pass().await;
    text
}

#[handler(detached)]
async fn own_detached(gate: Res<Gate>) {
    gate.pass().await;
}

#[handler]
async fn own_outer(ctx: Context) -> Result<String> {
    ctx.call::<own_gate>("from outer".to_owned()).await
}

/// Two that send each other a message, so often.
#[handler]
async fn own_a_ping(ctx: Context, gate: Res<Gate>, Json(left): Json<u32>) -> Result<()> {
    if left == 0 {
        gate.note("the end");
        return Ok(());
    }
    ctx.send::<own_z_pong>(left - 1).await
}

#[handler]
async fn own_z_pong(ctx: Context, gate: Res<Gate>, Json(left): Json<u32>) -> Result<()> {
    if left == 0 {
        gate.note("the end");
        return Ok(());
    }
    ctx.send::<own_a_ping>(left - 1).await
}

#[derive(Default)]
struct OwnRebuilt;

#[handler(rebuild_on_cancel)]
impl OwnRebuilt {
    async fn run(&mut self, gate: Res<Gate>) {
        gate.pass().await;
    }
}

static ALIVE: AtomicUsize = AtomicUsize::new(0);

/// Counts its instances.
struct OwnAlive;

#[handler(replicas = 3)]
impl OwnAlive {
    fn new() -> Self {
        ALIVE.fetch_add(1, Ordering::SeqCst);
        OwnAlive
    }

    async fn run(&mut self) {}
}

impl Drop for OwnAlive {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn managers_in_one_process_have_nothing_in_common() {
    within(LIMIT, async {
        let spawn = async || {
            let mut manager = Manager::empty();
            manager.add::<own_count>().with_bind("127.0.0.1:0").spawn().await.unwrap()
        };
        let (one, two) = (spawn().await, spawn().await);
        let bus_only = Manager::empty().add::<own_echo>().without_http().spawn().await.unwrap();
        assert_ne!(one.addr(), two.addr());
        for expected in 1..=3 {
            assert_eq!(one.context().call::<own_count>(()).await.unwrap(), expected);
        }
        assert_eq!(fetch(two.addr(), post("/own_count", "")).await.message(), 1);
        assert_eq!(fetch(one.addr(), post("/own_count", "")).await.message(), 4);
        fails(bus_only.context().publish("own_count", ()).await, Kind::NotFound);
        assert!(bus_only.state().is_empty());
        one.stop().await.unwrap();
        assert_eq!(two.context().call::<own_count>(()).await.unwrap(), 2, "the other one runs on");
    })
    .await;
}

#[tokio::test]
async fn state_set_before_the_start_is_there() {
    within(LIMIT, async {
        let mut manager = Manager::empty();
        manager.state().insert("count", 41_i64);
        manager.add_global_state("greeting", "hi").add::<own_count>().without_http();
        let running = manager.spawn().await.unwrap();
        assert_eq!(running.context().call::<own_count>(()).await.unwrap(), 42);
        assert_eq!(running.state().get::<String>("greeting").unwrap().as_deref(), Some("hi"));
    })
    .await;
}

#[tokio::test]
async fn without_http_there_is_no_socket() {
    within(LIMIT, async {
        // The address would be taken: nobody asks for it.
        let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let running = Manager::empty()
            .add::<own_echo>()
            .with_bind(taken.local_addr().unwrap())
            .without_http()
            .spawn()
            .await
            .unwrap();
        assert_eq!(running.context().call::<own_echo>("x".to_owned()).await.unwrap(), "x");
        let address = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| running.addr()));
        assert!(address.is_err(), "no address without HTTP");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_busy_port_is_one_clear_error() {
    within(LIMIT, async {
        let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = taken.local_addr().unwrap();
        let spawn = async || Manager::empty().add::<OwnAlive>().with_bind(address).spawn().await;
        let error = spawn().await.unwrap_err().to_string();
        assert!(error.contains(&address.to_string()), "{error}");
        assert!(error.contains("another program has this port"), "{error}");
        assert!(!error.contains('\n'), "{error}");
        assert_eq!(ALIVE.load(Ordering::SeqCst), 0, "the replicas of a failed start are gone");
        drop(taken);
        let running = spawn().await.unwrap();
        assert_eq!((running.addr(), ALIVE.load(Ordering::SeqCst)), (address, 3));
        running.stop().await.unwrap();
        assert_eq!(ALIVE.load(Ordering::SeqCst), 0, "and so are those of one that stopped");
        // The port is free at once.
        spawn().await.unwrap().stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn settings_that_cannot_be_are_all_listed() {
    within(LIMIT, async {
        let error = Manager::empty()
            .with_bind("nowhere")
            .with_drain("soon")
            .with_max_requests(0)
            .with_api_key("")
            .spawn()
            .await
            .unwrap_err();
        let text = error.to_string();
        assert_eq!(error.kind(), Kind::BadRequest);
        let words = ["bind", "nowhere", "drain", "soon", "max_requests", "key"];
        assert!(words.iter().all(|word| text.contains(word)), "{text}");
    })
    .await;
}

#[tokio::test]
async fn a_fake_answers_by_type_and_by_name() {
    within(LIMIT, async {
        let asked = Arc::new(AtomicUsize::new(0));
        let running = Manager::empty()
            .add::<own_order>()
            .fake::<own_price, _>({
                let asked = asked.clone();
                move |item| {
                    asked.fetch_add(1, Ordering::SeqCst);
                    async move { if item == "gold" { Err(Error::gone("sold")) } else { Ok(7) } }
                }
            })
            .with_bind("127.0.0.1:0")
            .spawn()
            .await
            .unwrap();
        let ctx = running.context();
        assert_eq!(ctx.call::<own_order>("tea".to_owned()).await.unwrap(), "7 and 7");
        fails(ctx.call::<own_order>("gold".to_owned()).await, Kind::Gone);
        assert_eq!(fetch(running.addr(), post("/own_price", "tea")).await.message(), 7);
        assert_eq!(asked.load(Ordering::SeqCst), 4);
        // Without the fake it is the real one.
        let running =
            Manager::empty().add::<own_order>().add::<own_price>().without_http().spawn().await;
        let error =
            running.unwrap().context().call::<own_order>("tea".to_owned()).await.unwrap_err();
        assert!(error.to_string().contains("no price server"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn a_fake_needs_nothing_that_the_real_one_needs() {
    within(LIMIT, async {
        let running = Manager::empty()
            .fake::<own_needs, _>(|()| async { Ok("faked".to_owned()) })
            .fake::<OwnNeedsToBuild, _>(|()| async { Ok("faked too".to_owned()) })
            .without_http()
            .spawn()
            .await
            .unwrap();
        assert_eq!(running.context().call::<own_needs>(()).await.unwrap(), "faked");
        assert_eq!(running.context().call::<OwnNeedsToBuild>(()).await.unwrap(), "faked too");
    })
    .await;
}

#[tokio::test]
async fn resources_are_checked_before_the_start() {
    within(LIMIT, async {
        let manager = || {
            let mut manager = Manager::empty();
            manager.add::<own_needs>().add::<OwnNeedsToBuild>().without_http();
            manager
        };
        let error = manager().provide(Cache("c")).spawn().await.unwrap_err().to_string();
        let words = ["`own_needs`", "`own_needs_to_build`", "manager::Database", "manager.rs:"];
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
        assert!(!error.contains("manager::Cache"), "{error}");
        let error = manager()
            .provide(Database("one"))
            .provide(Database("two"))
            .provide(Cache("c"))
            .spawn()
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains("two resources") && error.contains("manager::Database"), "{error}");
        let running = manager().provide(Database("d")).provide(Cache("c")).spawn().await.unwrap();
        assert_eq!(running.context().call::<own_needs>(()).await.unwrap(), "d and c");
        assert_eq!(running.context().call::<OwnNeedsToBuild>(()).await.unwrap(), "d");
    })
    .await;
}

#[tokio::test]
async fn only_the_handlers_that_are_named_run() {
    within(LIMIT, async {
        let running = Manager::new_default()
            .with_handlers(["own_c*", "own_echo"])
            .without_http()
            .spawn()
            .await
            .unwrap();
        let ctx = running.context();
        ctx.call::<own_count>(()).await.unwrap();
        ctx.call::<own_echo>(String::new()).await.unwrap();
        // Linked, but not wanted; and what it needs is not asked for.
        fails(ctx.publish("own_needs", ()).await, Kind::NotFound);
        fails(ctx.publish("own_order", ()).await, Kind::NotFound);
        let error = Manager::new_default()
            .with_handlers(["own_echo", "nobody_*"])
            .without_http()
            .spawn()
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains("`nobody_*`"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn adding_twice_changes_nothing() {
    within(LIMIT, async {
        let running = Manager::new_default()
            .add::<own_echo>()
            .add::<own_echo>()
            .with_handlers(["own_echo"])
            .without_http()
            .spawn()
            .await
            .unwrap();
        assert_eq!(running.context().call::<own_echo>("x".to_owned()).await.unwrap(), "x");
    })
    .await;
}

async fn gated(gate: &Gate, drain: &str) -> Running {
    Manager::empty()
        .add::<own_gate>()
        .add::<own_outer>()
        .add::<own_echo>()
        .add::<own_detached>()
        .provide(gate.clone())
        .with_bind("127.0.0.1:0")
        .with_drain(drain)
        .spawn()
        .await
        .unwrap()
}

#[tokio::test]
async fn stop_waits_for_what_has_begun() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = gated(&gate, "10s").await;
        let ctx = running.context().clone();
        let calls: Vec<_> = ["one", "two", "queued"]
            .map(|text| {
                let ctx = ctx.clone();
                tokio::spawn(async move { ctx.call::<own_gate>(text.to_owned()).await })
            })
            .into();
        gate.entered(2).await;
        for text in ["dispatched", "dispatched too"] {
            ctx.dispatch("own_gate", text).await.unwrap();
        }
        ctx.send::<own_detached>(()).await.unwrap();
        gate.entered(1).await;
        let stopping = tokio::spawn(running.stop());
        // It drains for as long as something runs; the handlers that run may still call others.
        for _ in 0..20 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert!(!stopping.is_finished());
        gate.open(6);
        for call in calls {
            call.await.unwrap().unwrap();
        }
        stopping.await.unwrap().unwrap();
        assert_eq!((gate.passed(), gate.cut()), (6, 0));
    })
    .await;
}

#[tokio::test]
async fn a_stop_ends_no_chain_of_messages_halfway() {
    within(LIMIT, async {
        for round in 0..20 {
            let gate = Gate::new();
            let running = Manager::empty()
                .add::<own_a_ping>()
                .add::<own_z_pong>()
                .provide(gate.clone())
                .without_http()
                .with_drain("10s")
                .spawn()
                .await
                .unwrap();
            running.context().send::<own_a_ping>(2_000 + round).await.unwrap();
            running.stop().await.unwrap();
            assert_eq!(gate.notes(), ["the end"], "round {round}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_ends_no_chain_of_messages_halfway_on_two_threads() {
    within(LIMIT, async {
        for round in 0..20 {
            let gate = Gate::new();
            let running = Manager::empty()
                .add::<own_a_ping>()
                .add::<own_z_pong>()
                .provide(gate.clone())
                .without_http()
                .with_drain("10s")
                .spawn()
                .await
                .unwrap();
            running.context().send::<own_a_ping>(3_000 + round).await.unwrap();
            running.stop().await.unwrap();
            assert_eq!(gate.notes(), ["the end"], "round {round}");
        }
    })
    .await;
}

/// Whoever is told tells the next one.
#[handler(on = "own.relay")]
async fn own_relay(ctx: Context, gate: Res<Gate>, Json(left): Json<u32>) -> Result<()> {
    if left == 0 {
        gate.note("the end");
        return Ok(());
    }
    ctx.emit("own.relay", Json(left - 1)).await.map(drop)
}

/// A handler may go on for ever by sending itself the next message; what it was sent before is over.
/// A past that is kept would grow, and overflow the stack of whoever drops it: that ends a process,
/// so this is shown in one of its own.
#[test]
fn a_chain_of_messages_keeps_nothing_of_its_past() {
    for chain in ["long_chain_of_dispatches", "long_chain_of_events"] {
        let outcome = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &format!("manager::{chain}"), "--ignored"])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&outcome.stdout);
        let errors = String::from_utf8_lossy(&outcome.stderr);
        assert!(outcome.status.success() && text.contains("1 passed"), "{text}\n{errors}");
    }
}

#[tokio::test]
#[ignore = "run by a_chain_of_messages_keeps_nothing_of_its_past"]
async fn long_chain_of_dispatches() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = Manager::empty()
            .add::<own_a_ping>()
            .add::<own_z_pong>()
            .provide(gate.clone())
            .without_http()
            .spawn()
            .await
            .unwrap();
        running.context().send::<own_a_ping>(100_000).await.unwrap();
        running.stop().await.unwrap();
        assert_eq!(gate.notes(), ["the end"]);
    })
    .await;
}

#[tokio::test]
#[ignore = "run by a_chain_of_messages_keeps_nothing_of_its_past"]
async fn long_chain_of_events() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = Manager::empty()
            .add::<own_relay>()
            .provide(gate.clone())
            .without_http()
            .spawn()
            .await
            .unwrap();
        running.context().emit("own.relay", Json(100_000_u32)).await.unwrap();
        running.stop().await.unwrap();
        assert_eq!(gate.notes(), ["the end"]);
    })
    .await;
}

#[tokio::test]
async fn the_drain_limit_cuts_what_is_left() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = gated(&gate, "100ms").await;
        let ctx = running.context().clone();
        ctx.dispatch("own_gate", "dispatched").await.unwrap();
        ctx.send::<own_detached>(()).await.unwrap();
        gate.entered(2).await;
        let begin = std::time::Instant::now();
        fails(running.stop().await, Kind::Timeout);
        let took = begin.elapsed();
        assert!(took >= Duration::from_millis(100) && took < Duration::from_secs(5), "{took:?}");
        until("what ran was cut", || gate.cut() == 2).await;
    })
    .await;
}

#[tokio::test]
async fn what_the_drain_limit_cuts_keeps_nothing_alive() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = Manager::empty()
            .add::<OwnRebuilt>()
            .provide(gate.clone())
            .without_http()
            .with_drain("50ms")
            .spawn()
            .await
            .unwrap();
        let state = Arc::downgrade(running.state());
        for _ in 0..20 {
            running.context().send::<OwnRebuilt>(()).await.unwrap();
        }
        // After the first one, the replica takes others along.
        gate.open(1);
        gate.entered(2).await;
        fails(running.stop().await, Kind::Timeout);
        until("the state is freed", || state.upgrade().is_none()).await;
        assert_eq!((gate.passed(), gate.cut()), (1, 1), "the others never ran");
    })
    .await;
}

#[tokio::test]
async fn a_drop_cuts_everything_at_once() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = gated(&gate, "10s").await;
        let ctx = running.context().clone();
        let address = running.addr();
        ctx.dispatch("own_gate", "one").await.unwrap();
        ctx.send::<own_detached>(()).await.unwrap();
        gate.entered(2).await;
        drop(running);
        until("what ran was cut", || gate.cut() == 2).await;
        until("the context says so", || {
            let mut call = ctx.publish("own_echo", "x").into_future();
            let polled = call.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
            matches!(polled, std::task::Poll::Ready(Err(error)) if error.kind() == Kind::ShuttingDown)
        })
        .await;
        // The port is closed soon after.
        let refused = async { while TcpStream::connect(address).await.is_ok() {} };
        tokio::time::timeout(Duration::from_secs(5), refused).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_caller_hears_of_the_cut() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = gated(&gate, "10s").await;
        let ctx = running.context().clone();
        let (one, two) = (
            start(ctx.call::<own_gate>("one".to_owned())).await,
            start(ctx.call::<own_outer>(())).await,
        );
        let queued = start(ctx.call::<own_gate>("queued".to_owned())).await;
        drop(running);
        fails(
            tokio::time::timeout(Duration::from_secs(2), queued).await.unwrap(),
            Kind::ShuttingDown,
        );
        for call in [one, two] {
            let outcome = tokio::time::timeout(Duration::from_secs(2), call).await;
            fails(outcome.expect("a running call is cut as well"), Kind::ShuttingDown);
        }
    })
    .await;
}

#[tokio::test]
async fn after_the_stop_every_call_says_so() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = gated(&gate, "10s").await;
        let ctx = running.context().clone();
        running.stop().await.unwrap();
        fails(ctx.call::<own_echo>("x".to_owned()).await, Kind::ShuttingDown);
        fails(ctx.send::<own_echo>("x".to_owned()).await, Kind::ShuttingDown);
        fails(ctx.publish("own_echo", "x").await, Kind::ShuttingDown);
        fails(ctx.publish("ghost", "x").await, Kind::ShuttingDown);
        fails(ctx.dispatch("own_echo", "x").await, Kind::ShuttingDown);
        fails(ctx.emit("any.topic", "x").await, Kind::ShuttingDown);
        fails(ctx.call::<own_detached>(()).await, Kind::ShuttingDown);
        ctx.state().insert("still", "here");
    })
    .await;
}
