//! Panics and failing `new`s: what the caller reads, and what is left standing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use manager_runtime::prelude::*;
use manager_runtime::{Parameter, Part, Parts, role};
use serde::{Deserialize, Serialize};

use crate::support::{
    Client, Gate, LIMIT, PAUSED_LIMIT, fails, fetch, get, keep_log, logged, post, start, until,
    within,
};

const SECRET: &str = "hunter2-in-a-panic";

#[handler]
async fn panic_now(text: String) -> String {
    assert!(text != "panic", "{SECRET}");
    text
}

#[handler]
async fn panic_later(gate: Res<Gate>) {
    gate.pass().await;
    panic!("{SECRET}");
}

/// A part that cannot be made.
struct Unmade;

impl Parameter for Unmade {
    type Role = role::Part;
}

impl Part for Unmade {
    async fn part(_: &mut Parts<'_>) -> Result<Self> {
        panic!("{SECRET}");
    }
}

#[handler]
async fn panic_in_a_part(Unmade: Unmade) {}

/// A message that panics while it is read or written.
#[derive(Debug)]
struct Mined(bool);

impl<'de> Deserialize<'de> for Mined {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        assert!(!bool::deserialize(deserializer)?, "{SECRET}");
        Ok(Mined(false))
    }
}

impl Serialize for Mined {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        assert!(!self.0, "{SECRET}");
        serializer.serialize_bool(self.0)
    }
}

#[handler]
async fn panic_in_the_message(Json(mined): Json<Mined>) -> Json<bool> {
    Json(mined.0)
}

#[handler]
async fn panic_in_the_reply(Json(mined): Json<bool>) -> Json<Mined> {
    Json(Mined(mined))
}

/// Panics when it is dropped.
struct Grenade;

impl Drop for Grenade {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("{SECRET}");
        }
    }
}

#[handler]
async fn panic_in_drop(text: String) -> String {
    let _grenade = (text == "panic").then(|| Grenade);
    text
}

/// A reply that panics when it is dropped.
#[derive(Debug, Serialize, Deserialize)]
struct Trapped {
    armed: bool,
}

impl Drop for Trapped {
    fn drop(&mut self) {
        assert!(!self.armed || std::thread::panicking(), "{SECRET}");
    }
}

#[handler]
async fn panic_in_the_drop_of_the_reply(Json(armed): Json<bool>) -> Json<Trapped> {
    Json(Trapped { armed })
}

#[handler(timeout = "50ms")]
async fn panic_in_drop_at_the_deadline(text: String) -> String {
    let _grenade = (text == "panic").then(|| Grenade);
    if text == "panic" {
        std::future::pending::<()>().await;
    }
    text
}

#[handler(blocking)]
fn panic_blocking(text: String) -> String {
    assert!(text != "panic", "{SECRET}");
    text
}

#[handler(detached)]
async fn panic_detached(text: String) -> String {
    assert!(text != "panic", "{SECRET}");
    text
}

/// Says which instance it is, and can panic after it has changed itself.
struct PanicInstance {
    number: usize,
    dirty: bool,
}

static INSTANCES: AtomicUsize = AtomicUsize::new(0);

#[handler]
impl PanicInstance {
    fn new() -> Self {
        PanicInstance { number: INSTANCES.fetch_add(1, Ordering::SeqCst), dirty: false }
    }

    async fn run(&mut self, text: String) -> Json<usize> {
        assert!(!self.dirty, "a broken instance served a call");
        if text == "panic" {
            self.dirty = true;
            tokio::task::yield_now().await;
            panic!("{SECRET}");
        }
        Json(self.number)
    }
}

/// An instance whose own `Drop` panics.
#[derive(Default)]
struct PanicOnDrop;

#[handler]
impl PanicOnDrop {
    async fn run(&mut self, text: String) -> String {
        assert!(text != "panic", "{SECRET}");
        text
    }
}

impl Drop for PanicOnDrop {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("an instance that does not want to go");
        }
    }
}

#[handler]
async fn panic_outer(ctx: Context, text: String) -> Result<String> {
    ctx.call::<panic_now>(text).await
}

#[handler]
async fn panic_healed(ctx: Context, text: String) -> String {
    match ctx.call::<panic_now>(text).await {
        Ok(text) => text,
        Err(error) => format!("healed {}", error.kind()),
    }
}

#[tokio::test]
async fn a_panic_is_the_callers_error_and_nobody_elses() {
    within(LIMIT, async {
        keep_log();
        let gate = Gate::new();
        let running = Manager::empty()
            .add::<panic_now>()
            .add::<panic_later>()
            .add::<panic_in_a_part>()
            .add::<panic_in_drop>()
            .add::<panic_in_drop_at_the_deadline>()
            .add::<panic_blocking>()
            .add::<panic_detached>()
            .add::<panic_outer>()
            .add::<panic_healed>()
            .provide(gate.clone())
            .without_http()
            .spawn()
            .await
            .unwrap();
        let ctx = running.context();
        // A second caller waits while the first one panics, and is served after it.
        let falls = start(ctx.call::<panic_later>(())).await;
        let waits = start(ctx.call::<panic_later>(())).await;
        gate.open(2);
        fails(falls.await, Kind::Panicked);
        fails(waits.await, Kind::Panicked);
        for name in
            ["panic_now", "panic_in_drop", "panic_blocking", "panic_detached", "panic_outer"]
        {
            for _ in 0..5 {
                let error = fails(ctx.publish(name, "panic").await, Kind::Panicked);
                assert!(!format!("{error} {error:?}").contains(SECRET), "{error:?}");
                let good = ctx.publish(name, "good").await.unwrap();
                assert_eq!(good.text().unwrap(), "good", "{name}");
            }
        }
        fails(ctx.call::<panic_in_a_part>(()).await, Kind::Panicked);
        fails(ctx.call::<panic_in_a_part>(()).await, Kind::Panicked);
        let late = ctx.call::<panic_in_drop_at_the_deadline>("panic".to_owned()).await.unwrap_err();
        assert!(matches!(late.kind(), Kind::Timeout | Kind::Panicked), "{late:?}");
        let good = ctx.call::<panic_in_drop_at_the_deadline>("good".to_owned()).await;
        assert_eq!(good.unwrap(), "good");
        let healed = ctx.call::<panic_healed>("panic".to_owned()).await.unwrap();
        assert_eq!(healed, "healed panicked");
        assert!(!logged(&["panic_now", SECRET]).is_empty(), "the text is for the log");
        // By dispatch: logged, and the worker goes on.
        ctx.dispatch("panic_now", "panic").await.unwrap();
        ctx.dispatch("panic_now", "good").await.unwrap();
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_cancelled_call_whose_drop_panics_still_frees_its_replica() {
    within(LIMIT, async {
        let running = Manager::empty()
            .add::<panic_in_drop_at_the_deadline>()
            .without_http()
            .spawn()
            .await
            .unwrap();
        let ctx = running.context().clone();
        let task = tokio::spawn({
            let ctx = ctx.clone();
            async move {
                let call = ctx.call::<panic_in_drop_at_the_deadline>("panic".to_owned());
                call.timeout(Duration::from_secs(100)).await
            }
        });
        tokio::task::yield_now().await;
        task.abort();
        let _ = task.await;
        let good = ctx.call::<panic_in_drop_at_the_deadline>("good".to_owned()).await;
        assert_eq!(good.unwrap(), "good");
    })
    .await;
}

#[tokio::test]
async fn a_message_or_reply_that_panics_is_caught_like_a_handler() {
    within(LIMIT, async {
        let running = Manager::empty()
            .add::<panic_in_the_message>()
            .add::<panic_in_the_reply>()
            .with_bind("127.0.0.1:0")
            .spawn()
            .await
            .unwrap();
        for name in ["panic_in_the_message", "panic_in_the_reply"] {
            let path = format!("/{name}");
            let mut client = Client::connect(running.addr()).await;
            client.send(post(&path, "true")).await;
            let answer = client.try_answer(true).await.ok().flatten();
            let answer = answer.unwrap_or_else(|| panic!("{name}: the connection was closed"));
            assert!(!answer.text().contains(SECRET));
            answer.refusal(500);
            assert_eq!(client.ask(post(&path, "false")).await.message(), false);
        }
        // In the process too.
        let ctx = running.context();
        for name in ["panic_in_the_message"] {
            let call = tokio::spawn({
                let ctx = ctx.clone();
                async move { ctx.publish(name, "true").await }
            });
            fails(call.await.expect("the caller does not panic"), Kind::Panicked);
        }
    })
    .await;
}

#[tokio::test]
async fn a_dispatched_message_that_panics_while_it_is_read_is_an_error_to_the_sender() {
    within(LIMIT, async {
        keep_log();
        let running =
            Manager::empty().add::<panic_in_the_message>().without_http().spawn().await.unwrap();
        let ctx = running.context();
        fails(ctx.dispatch("panic_in_the_message", "true").await, Kind::Panicked);
        ctx.dispatch("panic_in_the_message", "false").await.unwrap();
        let reply = ctx.publish("panic_in_the_message", "false").await.unwrap();
        assert_eq!(reply.text().unwrap(), "false");
        running.stop().await.unwrap();
        assert!(!logged(&["panic_in_the_message"]).is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_dispatched_call_whose_reply_panics_in_drop_loses_no_replica() {
    within(LIMIT, async {
        let running = Manager::empty()
            .add::<panic_in_the_drop_of_the_reply>()
            .without_http()
            .spawn()
            .await
            .unwrap();
        let ctx = running.context();
        for _ in 0..3 {
            ctx.send::<panic_in_the_drop_of_the_reply>(true).await.unwrap();
            ctx.dispatch("panic_in_the_drop_of_the_reply", Json(true)).await.unwrap();
        }
        let call = ctx.call::<panic_in_the_drop_of_the_reply>(false);
        let reply = call.timeout(Duration::from_secs(5)).await.unwrap();
        assert!(!reply.armed);
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_replica_that_panicked_is_made_anew() {
    within(LIMIT, async {
        let running = Manager::empty()
            .add::<PanicInstance>()
            .add::<PanicOnDrop>()
            .with_bind("127.0.0.1:0")
            .with_drain("2s")
            .spawn()
            .await
            .unwrap();
        let ctx = running.context();
        let before = ctx.call::<PanicInstance>("good".to_owned()).await.unwrap();
        assert_eq!(ctx.call::<PanicInstance>("good".to_owned()).await.unwrap(), before);
        for _ in 0..5 {
            fails(ctx.call::<PanicInstance>("panic".to_owned()).await, Kind::Panicked);
            assert_ne!(ctx.call::<PanicInstance>("good".to_owned()).await.unwrap(), before);
        }
        for _ in 0..5 {
            fails(ctx.call::<PanicOnDrop>("panic".to_owned()).await, Kind::Panicked);
            assert_eq!(ctx.call::<PanicOnDrop>("good".to_owned()).await.unwrap(), "good");
        }
        let answer = fetch(running.addr(), post("/panic_on_drop", "good")).await;
        assert_eq!(answer.message(), "good");
    })
    .await;
}

#[tokio::test]
async fn an_instance_that_panics_when_it_goes_does_not_spoil_the_stop() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = Manager::empty()
            .add::<PanicOnDrop>()
            .add::<panic_now>()
            .add::<PanicZzLast>()
            .provide(gate.clone())
            .without_http()
            .with_drain("2s")
            .spawn()
            .await
            .unwrap();
        running.context().call::<PanicOnDrop>("good".to_owned()).await.unwrap();
        assert_eq!(gate.inside(), 1);
        running.stop().await.unwrap();
        // Those that come after it are dropped as well.
        assert_eq!(gate.inside(), 0);
    })
    .await;
}

/// Shows by its gate that it lives.
struct PanicZzLast {
    _inside: crate::support::Inside,
}

#[handler(name = "panic_zz_last")]
impl PanicZzLast {
    fn new(gate: Res<Gate>) -> Self {
        PanicZzLast { _inside: gate.enter() }
    }

    async fn run(&self) {}
}

#[tokio::test]
async fn a_panic_over_http_is_500_with_a_generic_text_and_the_connection_lives() {
    within(LIMIT, async {
        keep_log();
        let running = Manager::empty()
            .add::<panic_now>()
            .add::<panic_outer>()
            .with_bind("127.0.0.1:0")
            .spawn()
            .await
            .unwrap();
        let mut client = Client::connect(running.addr()).await;
        for path in ["/panic_now", "/panic_outer"] {
            for _ in 0..3 {
                let answer = client.ask(post(path, "panic")).await;
                let text = answer.refusal(500);
                assert!(!text.contains(SECRET), "{text}");
                assert!(!answer.closes());
                assert_eq!(client.ask(post(path, "good")).await.message(), "good");
            }
        }
        assert_eq!(fetch(running.addr(), post("/panic_now", "good")).await.message(), "good");
    })
    .await;
}

// ---- `new` ------------------------------------------------------------------------------------------

/// What `new` does: provided by the test.
#[derive(Clone, Default)]
struct Making(Arc<MakingInner>);

#[derive(Default)]
struct MakingInner {
    fails: AtomicBool,
    panics: AtomicBool,
    tries: AtomicUsize,
}

struct MadeHard;

#[handler(name = "made_hard", queue = 8)]
impl MadeHard {
    async fn new(making: Res<Making>) -> Result<Self> {
        making.0.tries.fetch_add(1, Ordering::SeqCst);
        assert!(!making.0.panics.load(Ordering::SeqCst), "panicked in new");
        if making.0.fails.load(Ordering::SeqCst) {
            return Err(Error::internal("no database yet"));
        }
        Ok(MadeHard)
    }

    async fn run(&mut self, text: String) -> String {
        assert!(text != "panic", "as the test wants");
        text
    }
}

#[tokio::test]
async fn a_new_that_fails_or_panics_ends_the_start_and_names_the_handler() {
    within(LIMIT, async {
        let making = Making::default();
        let spawn = async || {
            Manager::empty()
                .add::<panic_now>()
                .add::<MadeHard>()
                .provide(making.clone())
                .with_bind("127.0.0.1:0")
                .spawn()
                .await
        };
        making.0.fails.store(true, Ordering::SeqCst);
        let error = spawn().await.unwrap_err().to_string();
        assert!(error.contains("`made_hard`") && error.contains("no database yet"), "{error}");
        making.0.fails.store(false, Ordering::SeqCst);
        making.0.panics.store(true, Ordering::SeqCst);
        let error = spawn().await.unwrap_err().to_string();
        assert!(error.contains("`made_hard`") && error.contains("panic"), "{error}");
        making.0.panics.store(false, Ordering::SeqCst);
        let running = spawn().await.unwrap();
        assert_eq!(fetch(running.addr(), post("/made_hard", "good")).await.message(), "good");
    })
    .await;
}

#[tokio::test]
async fn a_new_that_fails_later_is_retried_while_the_handler_is_degraded() {
    within(LIMIT, async {
        keep_log();
        let making = Making::default();
        let running = Manager::empty()
            .add::<MadeHard>()
            .add::<panic_now>()
            .provide(making.clone())
            .with_bind("127.0.0.1:0")
            .spawn()
            .await
            .unwrap();
        let address = running.addr();
        let ctx = running.context();
        assert_eq!(fetch(address, get("/healthz")).await.json()["status"], "ok");
        for panics in [false, true] {
            let before = making.0.tries.load(Ordering::SeqCst);
            let switch = if panics { &making.0.panics } else { &making.0.fails };
            switch.store(true, Ordering::SeqCst);
            fails(ctx.call::<MadeHard>("panic".to_owned()).await, Kind::Panicked);
            let waits = start(ctx.call::<MadeHard>("waits".to_owned())).await;
            let short = ctx.call::<MadeHard>("short".to_owned()).timeout(Duration::from_millis(5));
            fails(short.await, Kind::Timeout);
            assert_eq!(fetch(address, get("/healthz")).await.json()["status"], "degraded");
            assert_eq!(fetch(address, get("/livez")).await.status, 200);
            assert_eq!(fetch(address, post("/panic_now", "good")).await.message(), "good");
            until("it was tried more than once", || {
                making.0.tries.load(Ordering::SeqCst) >= before + 2
            })
            .await;
            switch.store(false, Ordering::SeqCst);
            assert_eq!(waits.await.unwrap(), "waits", "who waited meanwhile is served");
            assert_eq!(fetch(address, get("/healthz")).await.json()["status"], "ok");
        }
        assert!(!logged(&["made_hard", "no database yet"]).is_empty());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_new_that_keeps_failing_is_tried_ever_more_slowly() {
    within(PAUSED_LIMIT, async {
        let making = Making::default();
        let running = Manager::empty()
            .add::<MadeHard>()
            .provide(making.clone())
            .without_http()
            .with_drain("1s")
            .spawn()
            .await
            .unwrap();
        let ctx = running.context();
        making.0.fails.store(true, Ordering::SeqCst);
        fails(ctx.call::<MadeHard>("panic".to_owned()).await, Kind::Panicked);
        tokio::time::sleep(Duration::from_secs(3)).await;
        let early = making.0.tries.load(Ordering::SeqCst) - 1;
        assert!((3..=10).contains(&early), "{early} tries in 3 s");
        tokio::time::sleep(Duration::from_secs(600)).await;
        let before = making.0.tries.load(Ordering::SeqCst);
        tokio::time::sleep(Duration::from_secs(600)).await;
        let late = making.0.tries.load(Ordering::SeqCst) - before;
        assert!((1..=120).contains(&late), "{late} tries in 10 min: slow, and never given up");
        fails(ctx.call::<MadeHard>("x".to_owned()).await, Kind::Timeout);
        making.0.fails.store(false, Ordering::SeqCst);
        assert_eq!(ctx.call::<MadeHard>("good".to_owned()).await.unwrap(), "good");
        running.stop().await.unwrap();
    })
    .await;
}
