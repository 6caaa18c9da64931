//! Calls by type and by name: what goes in, what comes out, what moves and what is written.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use manager_runtime::prelude::*;
use manager_runtime::{BoxError, Source};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::support::{Gate, LIMIT, fails, keep_log, logged, start, until, within};

#[message]
#[derive(Clone, Debug, PartialEq)]
struct Sum {
    a: i64,
    b: i64,
}

#[message]
#[derive(Clone, Debug, PartialEq)]
struct Total {
    total: i64,
}

#[handler]
async fn calls_add(Json(Sum { a, b }): Json<Sum>) -> Json<Total> {
    Json(Total { total: a + b })
}

#[handler]
async fn calls_bare(sum: Sum) -> Total {
    Total { total: sum.a + sum.b }
}

#[handler]
async fn calls_text(text: String) -> String {
    format!("<{text}>")
}

#[handler]
async fn calls_bytes(bytes: Bytes) -> Bytes {
    bytes.iter().rev().copied().collect::<Vec<u8>>().into()
}

#[handler]
async fn calls_nothing() {}

#[handler]
async fn calls_form(Form(sum): Form<Sum>) -> String {
    (sum.a + sum.b).to_string()
}

#[handler]
async fn calls_option(Json(wanted): Json<bool>) -> Option<String> {
    wanted.then(|| "here".to_owned())
}

#[derive(Debug, thiserror::Error)]
#[error("number {0} is not wanted")]
struct Unwanted(i64);

#[handler]
async fn calls_result(Json(number): Json<i64>) -> Result<Json<i64>, Unwanted> {
    if number < 0 { Err(Unwanted(number)) } else { Ok(Json(number)) }
}

#[handler]
async fn calls_boxed(Json(number): Json<i64>) -> Result<Option<Json<i64>>, BoxError> {
    match number {
        0 => Ok(None),
        1.. => Ok(Some(Json(number))),
        _ => Err(Error::conflict("below zero").into()),
    }
}

#[handler]
fn calls_plain(text: String) -> &'static str {
    if text.is_empty() { "empty" } else { "full" }
}

#[handler]
async fn calls_order_one(text: String, ctx: Context, gate: Res<Gate>) -> String {
    gate.note(text.clone());
    format!("{} {text}", ctx.handler())
}

#[handler]
async fn calls_order_two(gate: Res<Gate>, ctx: Context, text: String) -> String {
    gate.note(text.clone());
    format!("{} {text}", ctx.handler())
}

#[handler]
async fn calls_source(ctx: Context) -> String {
    ctx.source().to_string()
}

#[handler]
async fn calls_through(ctx: Context, name: String) -> Result<String> {
    assert_eq!(ctx.source(), Source::Program);
    ctx.publish(name, "").await?.text()
}

/// Counts how often it is written, and stays at one address for as long as it is only moved.
#[derive(Debug)]
struct Tracked {
    written: Arc<AtomicUsize>,
    value: Box<u64>,
}

impl Tracked {
    fn new(value: u64) -> (Self, Arc<AtomicUsize>, usize) {
        let written = Arc::new(AtomicUsize::new(0));
        let tracked = Tracked { written: written.clone(), value: Box::new(value) };
        let address = tracked.address();
        (tracked, written, address)
    }

    fn address(&self) -> usize {
        &raw const *self.value as usize
    }
}

impl Serialize for Tracked {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.written.fetch_add(1, Ordering::SeqCst);
        serializer.serialize_u64(*self.value)
    }
}

impl<'de> Deserialize<'de> for Tracked {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Box::new(u64::deserialize(deserializer)?);
        Ok(Tracked { written: Arc::default(), value })
    }
}

#[handler]
async fn calls_move(Json(mut tracked): Json<Tracked>) -> Json<Tracked> {
    *tracked.value += 1;
    Json(tracked)
}

#[handler]
async fn calls_number(Json(number): Json<u64>) -> Json<u64> {
    Json(number)
}

#[handler]
async fn calls_value(Json(value): Json<serde_json::Value>) -> Json<serde_json::Value> {
    Json(value)
}

#[handler(on = "calls.tracked")]
async fn calls_hear_one(gate: Res<Gate>, Json(tracked): Json<Tracked>) {
    gate.note(tracked.value.to_string());
}

#[handler(on = "calls.*")]
async fn calls_hear_two(gate: Res<Gate>, text: String) {
    gate.note(text);
}

#[handler(queue = 2)]
async fn calls_queue(gate: Res<Gate>, text: String) {
    gate.note(text);
    gate.pass().await;
}

#[handler]
async fn calls_fail(text: String) -> Result<()> {
    Err(Error::internal(format!("refused {text}")))
}

async fn spawn(gate: &Gate) -> Running {
    Manager::empty()
        .add::<calls_add>()
        .add::<calls_bare>()
        .add::<calls_text>()
        .add::<calls_bytes>()
        .add::<calls_nothing>()
        .add::<calls_form>()
        .add::<calls_option>()
        .add::<calls_result>()
        .add::<calls_boxed>()
        .add::<calls_plain>()
        .add::<calls_order_one>()
        .add::<calls_order_two>()
        .add::<calls_source>()
        .add::<calls_through>()
        .add::<calls_move>()
        .add::<calls_number>()
        .add::<calls_value>()
        .add::<calls_hear_one>()
        .add::<calls_hear_two>()
        .add::<calls_queue>()
        .add::<calls_fail>()
        .provide(gate.clone())
        .without_http()
        .spawn()
        .await
        .unwrap()
}

#[tokio::test]
async fn typed_calls_give_the_handlers_own_types() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let ctx = running.context();
        assert_eq!(ctx.call::<calls_add>(Sum { a: 1, b: 2 }).await.unwrap(), Total { total: 3 });
        assert_eq!(ctx.call::<calls_bare>(Sum { a: 4, b: 5 }).await.unwrap().total, 9);
        assert_eq!(ctx.call::<calls_text>("t".to_owned()).await.unwrap(), "<t>");
        assert_eq!(
            ctx.call::<calls_bytes>(Bytes::from_static(b"\xff\x00")).await.unwrap(),
            &b"\x00\xff"[..]
        );
        ctx.call::<calls_nothing>(()).await.unwrap();
        assert_eq!(ctx.call::<calls_form>(Sum { a: 1, b: 1 }).await.unwrap(), "2");
        assert_eq!(ctx.call::<calls_plain>(String::new()).await.unwrap(), "empty");
        assert_eq!(ctx.call::<calls_option>(true).await.unwrap().as_deref(), Some("here"));
        assert_eq!(
            ctx.call::<calls_option>(false).await.unwrap(),
            None,
            "no error for a typed caller"
        );
        assert_eq!(ctx.call::<calls_result>(7).await.unwrap(), 7);
        let error = fails(ctx.call::<calls_result>(-7).await, Kind::Internal);
        assert_eq!(error.to_string(), "number -7 is not wanted");
        assert!(error.source().unwrap().is::<Unwanted>(), "the error itself is the source");
        assert_eq!(ctx.call::<calls_boxed>(3).await.unwrap(), Some(3));
        assert_eq!(ctx.call::<calls_boxed>(0).await.unwrap(), None);
        fails(ctx.call::<calls_boxed>(-1).await, Kind::Conflict);
        running.stop().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_annotated_function_stays_a_function() {
    let Json(total) = calls_add(Json(Sum { a: 20, b: 22 })).await;
    assert_eq!(total, Total { total: 42 });
    assert_eq!(calls_plain("x".to_owned()), "full");
    assert_eq!(calls_option(Json(false)).await, None);
    let calls_add = 1;
    assert_eq!(calls_add, 1);
}

#[tokio::test]
async fn parameters_come_in_any_order() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let ctx = running.context();
        let one = ctx.call::<calls_order_one>("one".to_owned()).await.unwrap();
        let two = ctx.call::<calls_order_two>("two".to_owned()).await.unwrap();
        assert_eq!([one, two], ["calls_order_one one", "calls_order_two two"]);
        assert_eq!(gate.notes(), ["one", "two"]);
    })
    .await;
}

#[tokio::test]
async fn the_source_is_who_really_called() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let ctx = running.context();
        assert_eq!(ctx.call::<calls_source>(()).await.unwrap(), "program");
        let through = ctx.call::<calls_through>("calls_source".to_owned()).await.unwrap();
        assert_eq!(through, "calls_through");
    })
    .await;
}

#[tokio::test]
async fn by_name_every_payload_reaches_every_message_that_can_take_it() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let ctx = running.context();
        macro_rules! check {
            ($name:literal, $payload:expr, $expected:literal) => {
                let reply = ctx.publish($name, $payload).await.unwrap();
                assert_eq!(reply.text().unwrap(), $expected, "{} {}", $name, stringify!($payload));
            };
        }
        let sum = || Sum { a: 1, b: 2 };
        check!("calls_add", sum(), r#"{"total":3}"#);
        check!("calls_add", Json(sum()), r#"{"total":3}"#);
        check!("calls_add", json!({"a": 1, "b": 2}), r#"{"total":3}"#);
        check!("calls_add", r#"{"a":1,"b":2}"#, r#"{"total":3}"#);
        check!("calls_add", r#"{"a":1,"b":2}"#.to_owned(), r#"{"total":3}"#);
        check!("calls_add", br#" {"a":1,"b":2} "#.to_vec(), r#"{"total":3}"#);
        check!("calls_add", Bytes::from_static(br#"{"a":1,"b":2}"#), r#"{"total":3}"#);
        check!("calls_add", &br#"{"a":1,"b":2}"#[..], r#"{"total":3}"#);
        check!("calls_add", Json(r#"{"a":1,"b":2}"#), r#"{"total":3}"#);
        check!("calls_bare", sum(), r#"{"total":3}"#);
        check!("calls_form", "a=1&b=2", "3");
        check!("calls_form", sum(), "3");
        check!("calls_text", "plain", "<plain>");
        check!("calls_text", Json("quoted \" text"), "<quoted \" text>");
        check!("calls_text", json!("value"), "<value>");
        check!("calls_text", json!({"b": [1, 2]}), r#"<{"b":[1,2]}>"#);
        check!("calls_text", sum(), r#"<{"a":1,"b":2}>"#);
        check!("calls_text", b"bytes".to_vec(), "<bytes>");
        check!("calls_text", (), "<>");
        check!("calls_bytes", "abc", "cba");
        check!("calls_bytes", Json("abc"), "cba");
        check!("calls_nothing", "ignored", "");
        check!("calls_option", Json(true), "here");
        check!("calls_boxed", "5", "5");
        // The reply of one is the payload of the next.
        let reply = ctx.publish("calls_add", sum()).await.unwrap();
        check!("calls_text", reply, r#"<{"total":3}>"#);
    })
    .await;
}

#[tokio::test]
async fn a_reply_reads_as_text_or_as_any_type() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let ctx = running.context();
        let sum = || Sum { a: 1, b: 2 };
        let total: Total = ctx.publish("calls_add", sum()).await.unwrap().json().unwrap();
        assert_eq!(total, Total { total: 3 });
        let value: serde_json::Value =
            ctx.publish("calls_add", sum()).await.unwrap().json().unwrap();
        assert_eq!(value, json!({"total": 3}));
        #[derive(Deserialize)]
        struct Other {
            total: f64,
        }
        let other: Other = ctx.publish("calls_add", sum()).await.unwrap().json().unwrap();
        assert!((other.total - 3.0).abs() < f64::EPSILON);
        let text: String = ctx.publish("calls_text", "x").await.unwrap().json().unwrap();
        assert_eq!(text, "<x>");
        let bytes = ctx.publish("calls_bytes", vec![0, 255]).await.unwrap().bytes().unwrap();
        assert_eq!(bytes, &[255, 0][..]);
        fails(ctx.publish("calls_bytes", vec![0, 255]).await.unwrap().text(), Kind::BadRequest);
        let misfit = ctx.publish("calls_add", sum()).await.unwrap().json::<Sum>();
        fails(misfit, Kind::Unprocessable);
        fails(ctx.publish("calls_text", "x").await.unwrap().json::<Total>(), Kind::BadRequest);
        fails(ctx.publish("calls_option", Json(false)).await, Kind::NotFound);
        fails(ctx.publish("calls_boxed", "0").await, Kind::NotFound);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_by_its_kind() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let ctx = running.context();
        macro_rules! check {
            ($name:literal, $payload:expr, $kind:ident, $text:literal) => {
                let error = fails(ctx.publish($name, $payload).await, Kind::$kind);
                assert!(error.to_string().contains($text), "{error}");
                // Nothing else is broken by it.
                let reply = ctx.publish("calls_add", Sum { a: 1, b: 1 }).await.unwrap();
                assert_eq!(reply.json::<Total>().unwrap().total, 2);
            };
        }
        check!("calls_add", "{", BadRequest, "JSON");
        check!("calls_add", "", BadRequest, "");
        check!("calls_add", (), BadRequest, "empty");
        check!("calls_add", vec![0xff, 0xfe], BadRequest, "JSON");
        check!("calls_add", r#"{"a":1,"b":2} x"#, BadRequest, "JSON");
        check!("calls_add", r#"{"a":1}"#, Unprocessable, "b");
        check!("calls_add", r#"{"a":1,"b":"two"}"#, Unprocessable, "b");
        check!("calls_add", json!(7), Unprocessable, "");
        check!("calls_add", Json("no JSON"), Unprocessable, "");
        check!("calls_add", Total { total: 1 }, Unprocessable, "a");
        check!("calls_text", vec![0xff], BadRequest, "UTF-8");
        check!("calls_form", "a=1", Unprocessable, "b");
        check!("calls_number", Json(-1), Unprocessable, "");
        let deep = "[".repeat(100_000);
        check!("calls_value", deep.as_bytes(), BadRequest, "");
    })
    .await;
}

#[tokio::test]
async fn json_that_is_valid_and_too_long_has_the_wrong_shape() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let outcome = running.context().publish("calls_add", json!([1, 2, 3])).await;
        fails(outcome, Kind::Unprocessable);
    })
    .await;
}

#[tokio::test]
async fn an_unknown_name_is_not_found_a_thousand_times_and_then_a_good_one_answers() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let ctx = running.context();
        for number in 0..1_000 {
            let error = fails(ctx.publish(format!("ghost{number}"), "x").await, Kind::NotFound);
            assert_eq!(error.to_string(), format!("Handler not found: ghost{number}"));
            fails(ctx.dispatch("ghost", "x").await, Kind::NotFound);
        }
        assert_eq!(ctx.publish("calls_text", "x").await.unwrap().text().unwrap(), "<x>");
    })
    .await;
}

#[tokio::test]
async fn a_type_that_this_manager_runs_without_is_not_found() {
    within(LIMIT, async {
        let running = Manager::empty().add::<calls_text>().without_http().spawn().await.unwrap();
        let ctx = running.context();
        let error = fails(ctx.call::<calls_add>(Sum { a: 1, b: 1 }).await, Kind::NotFound);
        assert_eq!(error.to_string(), "Handler not found: calls_add");
        fails(ctx.send::<calls_add>(Sum { a: 1, b: 1 }).await, Kind::NotFound);
        ctx.call::<calls_text>(String::new()).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_value_moves_and_nothing_is_written() {
    within(LIMIT, async {
        let running = spawn(&Gate::new()).await;
        let ctx = running.context();
        let (tracked, written, address) = Tracked::new(1);
        let back = ctx.call::<calls_move>(tracked).await.unwrap();
        assert_eq!((*back.value, back.address()), (2, address), "by type, the very same value");
        let reply = ctx.publish("calls_move", Json(back)).await.unwrap();
        let back: Tracked = reply.json().unwrap();
        assert_eq!((*back.value, back.address()), (3, address), "by name too");
        assert_eq!(written.load(Ordering::SeqCst), 0);
        // The counter does count: another type is reached through JSON, once.
        let number: u64 = ctx.publish("calls_number", Json(back)).await.unwrap().json().unwrap();
        assert_eq!((number, written.load(Ordering::SeqCst)), (3, 1));
        let (tracked, written, _) = Tracked::new(1);
        let reply = ctx.publish("calls_move", Json(tracked)).await.unwrap();
        assert_eq!((reply.text().unwrap(), written.load(Ordering::SeqCst)), ("2".to_owned(), 1));
    })
    .await;
}

#[tokio::test]
async fn a_value_sent_or_dispatched_moves_and_an_emitted_one_is_written_once() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let ctx = running.context();
        let (tracked, written, _) = Tracked::new(5);
        ctx.send::<calls_hear_one>(tracked).await.unwrap();
        let (tracked, also, _) = Tracked::new(6);
        ctx.dispatch("calls_hear_one", Json(tracked)).await.unwrap();
        until("both were heard", || gate.notes().len() == 2).await;
        assert_eq!(gate.notes(), ["5", "6"]);
        assert_eq!(written.load(Ordering::SeqCst) + also.load(Ordering::SeqCst), 0);
        let (tracked, written, _) = Tracked::new(9);
        assert_eq!(ctx.emit("calls.tracked", Json(tracked)).await.unwrap(), 2);
        until("both subscribers heard", || gate.notes().len() == 4).await;
        assert_eq!(gate.notes()[2..], ["9", "9"]);
        assert_eq!(written.load(Ordering::SeqCst), 1);
    })
    .await;
}

#[tokio::test]
async fn dispatches_run_in_the_order_they_were_sent() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let ctx = running.context();
        let mut expected = Vec::new();
        for number in 0..500 {
            // By type and by name share one order.
            if number % 2 == 0 {
                ctx.send::<calls_order_one>(number.to_string()).await.unwrap();
            } else {
                ctx.dispatch("calls_order_one", number.to_string()).await.unwrap();
            }
            expected.push(number.to_string());
        }
        running.stop().await.unwrap();
        assert_eq!(gate.notes(), expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dispatches_of_one_task_keep_their_order_on_many_threads() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let senders = ["a", "b", "c", "d"].map(|sender| {
            let ctx = running.context().clone();
            tokio::spawn(async move {
                for number in 0..300 {
                    let text = format!("{sender}{number:03}");
                    // A full queue is told, so nothing is lost in silence.
                    while ctx.dispatch("calls_order_one", text.as_str()).await.is_err() {
                        tokio::task::yield_now().await;
                    }
                }
            })
        });
        for sender in senders {
            sender.await.unwrap();
        }
        running.stop().await.unwrap();
        let notes = gate.notes();
        assert_eq!(notes.len(), 1_200);
        for sender in ["a", "b", "c", "d"] {
            let own: Vec<_> = notes.iter().filter(|note| note.starts_with(sender)).collect();
            assert_eq!(own.len(), 300);
            assert!(own.is_sorted(), "{own:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_dispatch_to_a_full_queue_is_an_error_to_the_sender() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let ctx = running.context();
        ctx.dispatch("calls_queue", "runs").await.unwrap();
        gate.entered(1).await;
        ctx.dispatch("calls_queue", "first").await.unwrap();
        ctx.send::<calls_queue>("second".to_owned()).await.unwrap();
        fails(ctx.dispatch("calls_queue", "lost").await, Kind::Overloaded);
        fails(ctx.send::<calls_queue>("lost".to_owned()).await, Kind::Overloaded);
        fails(ctx.publish("calls_queue", "lost").await, Kind::Overloaded);
        gate.open(3);
        gate.ended(3).await;
        ctx.dispatch("calls_queue", "again").await.unwrap();
        gate.open(1);
        running.stop().await.unwrap();
        assert_eq!(gate.notes(), ["runs", "first", "second", "again"]);
    })
    .await;
}

#[tokio::test]
async fn a_dispatch_that_fails_is_logged_and_the_next_one_runs() {
    within(LIMIT, async {
        keep_log();
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let ctx = running.context();
        ctx.dispatch("calls_fail", "dispatch-61543").await.unwrap();
        ctx.send::<calls_fail>("send-61543".to_owned()).await.unwrap();
        // What cannot be read is an error to the sender.
        fails(ctx.dispatch("calls_add", "no-json-61543").await, Kind::BadRequest);
        ctx.dispatch("calls_order_one", "after").await.unwrap();
        running.stop().await.unwrap();
        assert_eq!(logged(&["calls_fail", "refused dispatch-61543"]).len(), 1);
        assert_eq!(logged(&["calls_fail", "refused send-61543"]).len(), 1);
        assert_eq!(gate.notes(), ["after"]);
    })
    .await;
}

#[tokio::test]
async fn a_dropped_call_that_was_never_awaited_does_nothing() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = spawn(&gate).await;
        let ctx = running.context();
        drop(ctx.call::<calls_queue>("never".to_owned()));
        drop(ctx.publish("calls_queue", "never"));
        let call = start(ctx.call::<calls_queue>("begun".to_owned())).await;
        drop(call);
        gate.open(1);
        ctx.call::<calls_queue>("last".to_owned()).await.unwrap();
        assert_eq!(gate.notes(), ["begun", "last"]);
    })
    .await;
}
