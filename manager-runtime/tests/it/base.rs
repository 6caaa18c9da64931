//! Hand-written handlers in the ancestor's shape.

use std::sync::Arc;
use std::time::Duration;

use manager_runtime::prelude::*;
use manager_runtime::{BoxError, MultiBus};

use crate::support::{LIMIT, PAUSED_LIMIT, fails, fetch, post, until, within};

macro_rules! by_hand {
    ($name:ident, |$this:ident, $src:ident, $data:ident| $run:expr) => {
        struct $name {
            bus: Arc<MultiBus>,
            state: Arc<SharedState>,
            served: u64,
        }

        impl Base for $name {
            fn new(bus: Arc<MultiBus>, state: Arc<SharedState>) -> Self {
                $name { bus, state, served: 0 }
            }

            fn get_communication_line(&self) -> Arc<MultiBus> {
                self.bus.clone()
            }

            fn get_shared_state(&self) -> Arc<SharedState> {
                self.state.clone()
            }

            async fn run(&mut self, $src: String, $data: String) -> Result<String, BoxError> {
                let $this = self;
                $this.served += 1;
                $run
            }
        }
    };
}

by_hand!(Echo, |this, src, data| Ok(format!("{data} from {src}, number {}", this.served)));

by_hand!(Asks, |this, _src, data| {
    let reply = this.publish(data, "echo".to_owned()).await?;
    Ok(format!("asked: {reply}"))
});

by_hand!(Tells, |this, _src, data| {
    let line = this.get_communication_line();
    assert_eq!(line.emit("base.told", data.as_str()).await?, 1);
    this.dispatch(data, "store".to_owned()).await?;
    Ok("told".to_owned())
});

by_hand!(Store, |this, src, data| {
    let count = this.get_shared_state().increment("stored", 1)?;
    this.state.insert("last", format!("{data} from {src}"));
    Ok(count.to_string())
});

by_hand!(AsksGhost, |this, _src, data| this.publish(data, "ghost".to_owned()).await);
by_hand!(DispatchesGhost, |this, _src, data| {
    this.dispatch(data, "ghost".to_owned()).await?;
    Ok(String::new())
});
by_hand!(Falls, |_this, _src, data| panic!("{data}"));
by_hand!(Refuses, |_this, _src, data| Err(Error::conflict(data).into()));
by_hand!(RefusesForeign, |_this, _src, data| Err(std::io::Error::other(data).into()));
by_hand!(Ping, |this, _src, data| this.publish(data, "pong".to_owned()).await);
by_hand!(Pong, |this, _src, data| this.publish(data, "ping".to_owned()).await);
by_hand!(AsksThrough, |this, _src, data| {
    let through = this.publish(data.clone(), "base_uses_the_bus".to_owned()).await?;
    let itself = this.publish(data, "echo".to_owned()).await?;
    Ok(format!("{through}; {itself}"))
});
by_hand!(Waits, |this, _src, data| {
    tokio::time::sleep(Duration::from_secs(2)).await;
    this.publish(data, "left".to_owned()).await
});

struct Bare(Arc<MultiBus>, Arc<SharedState>);

impl Base for Bare {
    fn new(bus: Arc<MultiBus>, state: Arc<SharedState>) -> Self {
        Bare(bus, state)
    }

    fn get_communication_line(&self) -> Arc<MultiBus> {
        self.0.clone()
    }

    fn get_shared_state(&self) -> Arc<SharedState> {
        self.1.clone()
    }
}

#[handler(name = "base_hears", on = "base.told")]
async fn base_hears(ctx: Context, text: String) {
    ctx.state().insert("heard", text);
}

#[handler(name = "left", timeout = "1m")]
async fn left(ctx: Context) -> String {
    let left = ctx.deadline().unwrap() - tokio::time::Instant::now();
    format!("{left:?} left for a call of {}", ctx.source())
}

#[handler]
async fn base_uses_the_bus(bus: Arc<MultiBus>, text: String) -> Result<String> {
    bus.publish("echo", text).await?.text()
}

#[handler(name = "base_calls")]
async fn base_calls(ctx: Context, name: String) -> Result<String> {
    ctx.publish(name, "x").timeout(Duration::from_secs(5)).await?.text()
}

async fn spawn() -> Running {
    Manager::empty()
        .add_handler::<Echo>("echo", 1)
        .add_handler::<Asks>("asks", 2)
        .add_handler::<Tells>("tells", 1)
        .add_handler::<Store>("store", 3)
        .add_handler::<AsksGhost>("asks_ghost", 1)
        .add_handler::<DispatchesGhost>("dispatches_ghost", 1)
        .add_handler::<Falls>("falls", 1)
        .add_handler::<Refuses>("refuses", 1)
        .add_handler::<RefusesForeign>("refuses_foreign", 1)
        .add_handler::<Ping>("ping", 1)
        .add_handler::<Pong>("pong", 1)
        .add_handler::<Waits>("waits", 1)
        .add_handler::<Bare>("bare", 1)
        .add::<base_hears>()
        .add_handler::<AsksThrough>("asks_through", 1)
        .add::<base_calls>()
        .add::<base_uses_the_bus>()
        .add::<left>()
        .with_bind("127.0.0.1:0")
        .spawn()
        .await
        .unwrap()
}

async fn text(running: &Running, name: &str, data: &str) -> Result<String> {
    running.context().publish(name, data).await?.text()
}

#[tokio::test]
async fn a_hand_written_handler_runs_publishes_dispatches_and_shares_the_state() {
    within(LIMIT, async {
        let running = spawn().await;
        assert_eq!(text(&running, "echo", "hi").await.unwrap(), "hi from program, number 1");
        assert_eq!(text(&running, "echo", "hi").await.unwrap(), "hi from program, number 2");
        let asked = text(&running, "asks", "hi").await.unwrap();
        assert_eq!(asked, "asked: hi from asks, number 3");
        assert_eq!(text(&running, "tells", "news").await.unwrap(), "told");
        let state = running.state().clone();
        until("it was stored", || state.contains("last") && state.contains("heard")).await;
        assert_eq!(state.get::<String>("last").unwrap().as_deref(), Some("news from tells"));
        assert_eq!(state.get::<String>("heard").unwrap().as_deref(), Some("news"));
        assert_eq!(state.get::<i64>("stored").unwrap(), Some(1));
        let answer = fetch(running.addr(), post("/asks", "http")).await;
        assert_eq!(answer.message(), "asked: http from asks, number 4");
        assert_eq!(text(&running, "base_calls", "store").await.unwrap(), "2");
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_handler_that_a_hand_written_one_calls_does_not_speak_for_it() {
    within(LIMIT, async {
        let running = spawn().await;
        let alone = text(&running, "base_uses_the_bus", "hi").await.unwrap();
        assert_eq!(alone, "hi from program, number 1");
        let below = text(&running, "asks_through", "hi").await.unwrap();
        assert_eq!(below, "hi from program, number 2; hi from asks_through, number 3");
    })
    .await;
}

#[tokio::test]
async fn every_way_to_fail_keeps_its_kind() {
    within(LIMIT, async {
        let running = spawn().await;
        let error = fails(text(&running, "bare", "x").await, Kind::NotImplemented);
        assert!(!error.to_string().is_empty());
        fetch(running.addr(), post("/bare", "x")).await.refusal(501);
        let error = fails(text(&running, "asks_ghost", "x").await, Kind::NotFound);
        assert_eq!(error.to_string(), "Handler not found: ghost");
        fails(text(&running, "dispatches_ghost", "x").await, Kind::NotFound);
        fails(text(&running, "falls", "secret-of-a-panic").await, Kind::Panicked);
        let answer = fetch(running.addr(), post("/falls", "secret-of-a-panic")).await;
        assert!(!answer.refusal(500).contains("secret-of-a-panic"));
        assert_eq!(
            fails(text(&running, "refuses", "taken").await, Kind::Conflict).message(),
            "taken"
        );
        assert_eq!(fetch(running.addr(), post("/refuses", "taken")).await.refusal(409), "taken");
        let error = fails(text(&running, "refuses_foreign", "secret path").await, Kind::Internal);
        assert_eq!(error.message(), "secret path", "callers in the process read it");
        let answer = fetch(running.addr(), post("/refuses_foreign", "secret path")).await;
        assert!(!answer.refusal(500).contains("secret path"));
        assert_eq!(text(&running, "echo", "good").await.unwrap(), "good from program, number 1");
    })
    .await;
}

#[tokio::test]
async fn a_cycle_between_hand_written_handlers_is_found() {
    within(LIMIT, async {
        let running = spawn().await;
        for _ in 0..3 {
            let error = fails(text(&running, "ping", "x").await, Kind::Cycle);
            assert!(error.to_string().ends_with("ping -> pong -> ping"), "{error}");
        }
        let error = fails(text(&running, "base_calls", "pong").await, Kind::Cycle);
        let names = "base_calls -> pong -> ping -> pong";
        assert!(error.to_string().ends_with(names), "{error}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_hand_written_handler_passes_the_deadline_on() {
    within(PAUSED_LIMIT, async {
        let running = Manager::empty()
            .add_handler::<Waits>("waits", 1)
            .add::<base_calls>()
            .add::<left>()
            .without_http()
            .spawn()
            .await
            .unwrap();
        let reply = text(&running, "base_calls", "waits").await.unwrap();
        assert_eq!(reply, "3s left for a call of waits");
        // By default a hand-written handler has thirty seconds.
        assert_eq!(text(&running, "waits", "x").await.unwrap(), "28s left for a call of waits");
    })
    .await;
}

#[tokio::test]
async fn names_and_numbers_that_cannot_be_end_the_start() {
    within(LIMIT, async {
        let check = async |name: &str, replicas: usize, words: &[&str]| {
            let error = Manager::empty()
                .add_handler::<Echo>(name, replicas)
                .without_http()
                .spawn()
                .await
                .unwrap_err()
                .to_string();
            assert!(words.iter().all(|word| error.contains(word)), "{name}: {error}");
        };
        let long = "a".repeat(129);
        for name in ["", "Echo", "-a", "_a", ".a", "a b", "a/b", "é", "a\n", &long] {
            check(name, 1, &["[a-z0-9][a-z0-9_.-]*"]).await;
        }
        for name in ["shutdown", "stream", "healthz", "readyz", "livez", "metrics", "openapi.json"]
        {
            check(name, 1, &[name, "reserved"]).await;
        }
        check("echo", 0, &["`echo`", "replicas"]).await;
        check("echo", usize::MAX, &["`echo`", "replicas"]).await;
        let error = Manager::empty()
            .add_handler::<Echo>("twice", 1)
            .add_handler::<Asks>("twice", 1)
            .add_handler::<Echo>("BAD", 0)
            .without_http()
            .spawn()
            .await
            .unwrap_err()
            .to_string();
        // All that is wrong, in one message.
        assert!(
            ["`twice`", "`BAD`", "0 replicas"].iter().all(|word| error.contains(word)),
            "{error}"
        );
        let error = Manager::empty()
            .add_handler::<Echo>("base_hears", 1)
            .add::<base_hears>()
            .without_http()
            .spawn()
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains("`base_hears`") && error.contains("base.rs:"), "{error}");
        let long = "a".repeat(128);
        for name in ["a", "0", "a_b.c-d9", &*long] {
            let running =
                Manager::empty().add_handler::<Echo>(name, 1).without_http().spawn().await.unwrap();
            assert_eq!(text(&running, name, "x").await.unwrap(), "x from program, number 1");
        }
    })
    .await;
}
