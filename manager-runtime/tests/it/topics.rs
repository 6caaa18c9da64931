//! Topics: who hears what, and that no subscriber is in another one's way.

use manager_runtime::Source;
use manager_runtime::prelude::*;

use crate::support::{Gate, LIMIT, fails, keep_log, logged, until, within};

#[handler(on = "orders.created")]
async fn topics_exact(gate: Res<Gate>, text: String) {
    gate.note(format!("exact {text}"));
}

#[handler(on = "orders.*")]
async fn topics_word(ctx: Context, gate: Res<Gate>, text: String) {
    let Source::Topic(topic) = ctx.source() else { panic!("{:?}", ctx.source()) };
    gate.note(format!("word {text} on {topic}"));
}

#[handler(on = "orders.>")]
async fn topics_rest(gate: Res<Gate>, text: String) {
    gate.note(format!("rest {text}"));
}

#[handler(on = ["bills.paid", "orders.created", "*.created"])]
async fn topics_many(gate: Res<Gate>, text: String) {
    gate.note(format!("many {text}"));
}

#[handler(on = "orders.*.items.>", name = "topics_inner")]
async fn topics_inner(gate: Res<Gate>, text: String) {
    gate.note(format!("inner {text}"));
}

#[handler(on = "trouble", queue = 1)]
async fn topics_slow(gate: Res<Gate>, _text: String) {
    gate.pass().await;
}

#[handler(on = "trouble", queue = 0)]
async fn topics_narrow(gate: Res<Gate>, _text: String) {
    gate.pass().await;
}

#[handler(on = "trouble")]
async fn topics_failing(text: String) -> Result<()> {
    Err(Error::internal(format!("will not hear {text}")))
}

#[handler(on = "trouble")]
async fn topics_panicking(text: String) {
    panic!("cannot hear {text}");
}

#[handler(on = "trouble")]
async fn topics_numbers(Json(number): Json<u64>) -> Json<u64> {
    Json(number)
}

#[handler(on = "trouble", queue = 10_000)]
async fn topics_well(gate: Res<Gate>, text: String) {
    gate.note(format!("well {text}"));
}

#[tokio::test]
async fn an_event_reaches_everyone_who_subscribes_once() {
    within(LIMIT, async {
        let check = async |topic: &str, expected: &[&str]| {
            let gate = Gate::new();
            let running = Manager::empty()
                .add::<topics_exact>()
                .add::<topics_word>()
                .add::<topics_rest>()
                .add::<topics_many>()
                .add::<topics_inner>()
                .provide(gate.clone())
                .without_http()
                .spawn()
                .await
                .unwrap();
            let count = running.context().emit(topic, "e").await.unwrap();
            assert_eq!(count, expected.len(), "{topic}");
            running.stop().await.unwrap();
            let mut heard = gate.notes();
            heard.sort();
            assert_eq!(heard, expected, "{topic}");
        };
        check("orders.created", &["exact e", "many e", "rest e", "word e on orders.created"]).await;
        check("orders.deleted", &["rest e", "word e on orders.deleted"]).await;
        check("orders.7.paid", &["rest e"]).await;
        check("orders.7.items.3", &["inner e", "rest e"]).await;
        check("orders.7.items.3.4", &["inner e", "rest e"]).await;
        check("orders.7.items", &["rest e"]).await;
        check("bills.paid", &["many e"]).await;
        check("bills.created", &["many e"]).await;
        check("orders", &[]).await;
        check("Orders.created", &["many e"]).await;
        check("nobody.hears.this", &[]).await;
    })
    .await;
}

#[tokio::test]
async fn what_is_no_topic_is_refused_and_reaches_nobody() {
    within(LIMIT, async {
        let gate = Gate::new();
        let running = Manager::empty()
            .add::<topics_rest>()
            .provide(gate.clone())
            .without_http()
            .spawn()
            .await
            .unwrap();
        let ctx = running.context();
        let long = "a".repeat(256);
        for topic in [
            "",
            ".",
            "orders.",
            ".orders",
            "orders..x",
            "orders.*",
            "orders.>",
            "or ders.x",
            "é.x",
            &long,
        ] {
            fails(ctx.emit(topic, "e").await, Kind::BadRequest);
        }
        assert_eq!(ctx.emit("orders.good", "good").await.unwrap(), 1);
        running.stop().await.unwrap();
        assert_eq!(gate.notes(), ["rest good"]);
    })
    .await;
}

#[tokio::test]
async fn a_slow_a_full_and_a_failing_subscriber_hold_nobody() {
    within(LIMIT, async {
        keep_log();
        let gate = Gate::new();
        let running = Manager::empty()
            .add::<topics_slow>()
            .add::<topics_narrow>()
            .add::<topics_failing>()
            .add::<topics_panicking>()
            .add::<topics_numbers>()
            .add::<topics_well>()
            .provide(gate.clone())
            .without_http()
            .spawn()
            .await
            .unwrap();
        let ctx = running.context();
        let mut expected = Vec::new();
        for number in 0..20 {
            let count = ctx.emit("trouble", format!("event-{number}")).await.unwrap();
            assert_eq!(count, 6, "all who subscribe are counted, whatever becomes of it");
            expected.push(format!("well event-{number}"));
        }
        until("the one who listens heard all", || gate.notes().len() == 20).await;
        assert_eq!(gate.notes(), expected, "all of it, in order");
        // One runs in each of the slow ones, one waits in the queue of the first.
        assert_eq!(gate.inside(), 2);
        let missed = |name: &str| logged(&["missed", name, "trouble"]).len();
        assert_eq!(missed("topics_slow"), 18);
        assert_eq!(missed("topics_narrow"), 19);
        assert_eq!(missed("topics_well"), 0);
        let counted = |name: &str| running.figures(name).unwrap().missed;
        assert_eq!(counted("topics_slow"), 18);
        assert_eq!(counted("topics_narrow"), 19);
        assert_eq!(counted("topics_well"), 0);
        until("all failures were logged", || {
            logged(&["topics_failing", "will not hear"]).len() == 20
        })
        .await;
        gate.open(100);
        running.stop().await.unwrap();
        assert_eq!(gate.passed(), 3);
    })
    .await;
}
