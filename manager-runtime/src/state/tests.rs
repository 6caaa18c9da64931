//! The state as a whole: what its users rely on.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak, mpsc};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::advance;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

// Reading

#[test]
fn the_state_and_its_futures_cross_threads() {
    fn assert_shared<T: Send + Sync + 'static>() {}
    fn assert_send<T: Send>(_: T) {}
    assert_shared::<SharedState>();
    assert_shared::<Watch>();
    assert_shared::<StateType>();
    assert_shared::<StateError>();
    assert_send(SharedState::new().watch("k").changed());
}

#[test]
fn every_plain_kind_round_trips() {
    fn check<T>(value: T, kind: &str)
    where
        T: FromState + Into<StateType> + Clone + PartialEq + std::fmt::Debug,
    {
        let state = SharedState::new();
        state.insert("k", value.clone());
        assert_eq!(state.get::<T>("k").unwrap(), Some(value.clone()));
        let stored = state.get::<StateType>("k").unwrap().unwrap();
        assert_eq!((stored.kind(), &stored), (kind, &value.into()));
    }
    check("text".to_string(), "string");
    check(i32::MIN, "int");
    check(i64::MAX, "long");
    check(0.1_f32, "float");
    check(0.1_f64, "double");
    check(true, "json");
    check(json!({ "a": [1, null] }), "json");
    check(StateType::None, "none");
}

#[tokio::test]
async fn functions_round_trip() {
    let state = SharedState::new();
    state.insert("sync", StateType::function(|text| text + "!"));
    state.insert("async", StateType::async_function(|text| async move { text + "?" }));

    let sync: SyncFunction = state.get("sync").unwrap().unwrap();
    assert_eq!(sync("a".into()), "a!");
    let future: AsyncFunction = state.get("async").unwrap().unwrap();
    assert_eq!(future("a".into()).await, "a?");

    state.insert("sync again", sync);
    state.insert("async again", future);
    assert_eq!(state.get::<StateType>("sync").unwrap(), state.get("sync again").unwrap());
    assert_eq!(state.get::<StateType>("async").unwrap(), state.get("async again").unwrap());
}

#[test]
fn shared_values_round_trip() {
    let state = SharedState::new();
    let value = Arc::new(vec![1]);
    state.insert("arc", Arc::clone(&value));
    state.insert("dyn", Arc::clone(&value) as Arc<dyn Any + Send + Sync>);
    state.insert_any("any", vec![1]);

    for key in ["arc", "dyn"] {
        assert!(Arc::ptr_eq(&state.get_any::<Vec<i32>>(key).unwrap().unwrap(), &value));
    }
    assert_eq!(state.get_any::<Vec<i32>>("any").unwrap(), Some(value));
    assert_eq!(state.get_any::<Vec<i32>>("ghost").unwrap(), None);
}

#[test]
fn a_wrong_type_is_an_error_that_names_both() {
    fn check<T>(result: Result<T, StateError>, expected: &str) {
        assert_eq!(result.err().unwrap().to_string(), expected);
    }
    let state = SharedState::new();
    state.insert("text", "1");
    state.insert("any", Arc::new(1_u8));
    state.insert("json", json!({}));

    check(state.get::<i32>("text"), "wrong type under `text`: wanted int, found string");
    check(
        state.get::<SyncFunction>("any"),
        "wrong type under `any`: wanted sync function, found any",
    );
    check(state.get::<bool>("json"), "wrong type under `json`: wanted bool, found json");
    check(state.get_any::<u8>("text"), "wrong type under `text`: wanted u8, found string");
    check(
        state.get_any::<u16>("any"),
        "wrong type under `any`: wanted u16, found any of another type",
    );
    check(state.get_json::<u8>("text"), "wrong type under `text`: wanted json, found string");
    check(state.get_json::<u8>("json"), "unexpected shape of the json under `json`");
    check(state.increment("text", 1), "wrong type under `text`: wanted integer, found string");
    check(
        state.update("text", |_: Option<i64>| -> i64 { unreachable!("it is no number") }),
        "wrong type under `text`: wanted long, found string",
    );
    assert_eq!(state.get::<String>("text").unwrap().as_deref(), Some("1"));
}

#[test]
fn an_absent_key_is_no_error() {
    let state = SharedState::new();
    assert_eq!(state.get::<i32>("k").unwrap(), None);
    assert_eq!(state.get_json::<Value>("k").unwrap(), None);
    assert_eq!(state.delete("k"), None);
    assert!(!state.contains("k") && state.is_empty() && state.list("").is_empty());
}

#[test]
fn list_is_sorted_and_limited_to_the_prefix() {
    let state = SharedState::new();
    for key in ["b", "ab", "a", "aa", "ä"] {
        state.insert(key, key);
    }
    let keys = |prefix: &str| -> Vec<String> {
        state.list(prefix).into_iter().map(|(key, _)| key).collect()
    };
    assert_eq!(keys("a"), ["a", "aa", "ab"]);
    assert_eq!(keys(""), ["a", "aa", "ab", "b", "ä"]);
    assert_eq!(keys("x"), [""; 0]);
    assert_eq!(state.len(), 5);
}

#[test]
fn debug_shows_no_contents() {
    let state = SharedState::new();
    state.insert("password", "hunter2");
    let watch = state.watch("mode");
    assert_eq!(format!("{state:?}"), "SharedState { keys: 1, watched: 1, ending: 0 }");
    assert_eq!(format!("{watch:?}"), r#"Watch { key: "mode", .. }"#);
}

// Changing

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_parallel_increments_make_a_thousand() {
    let state = Arc::new(SharedState::new());
    let tasks: Vec<_> = (0..1_000)
        .map(|_| {
            let state = Arc::clone(&state);
            tokio::spawn(async move { state.increment("n", 1).unwrap() })
        })
        .collect();
    let mut sums = Vec::new();
    for task in tasks {
        sums.push(task.await.unwrap());
    }
    sums.sort_unstable();
    assert_eq!(sums, (1..=1_000).collect::<Vec<i64>>());
    assert_eq!(state.get::<i64>("n").unwrap(), Some(1_000));
}

#[test]
fn increment_keeps_the_kind_and_refuses_to_overflow() {
    fn check(start: impl Into<StateType>, by: i64, expected: Option<impl Into<StateType>>) {
        let start = start.into();
        let state = SharedState::new();
        state.insert("n", start.clone());
        let sum = state.increment("n", by);
        match &expected {
            Some(_) => assert!(sum.is_ok(), "{start:?} + {by}: {sum:?}"),
            None => assert!(matches!(sum, Err(StateError::Overflow { .. })), "{start:?} + {by}"),
        }
        let expected = expected.map_or(start, Into::into);
        assert_eq!(state.get::<StateType>("n").unwrap(), Some(expected));
    }
    check(1_i32, 2, Some(3_i32));
    check(-1_i32, i64::from(i32::MAX) + 1, Some(i32::MAX));
    check(i32::MAX, 1, None::<i32>);
    check(0_i32, i64::MIN, None::<i32>);
    check(1_i64, -2, Some(-1_i64));
    check(i64::MAX, 1, None::<i32>);
    check(json!(1), 2, Some(json!(3)));
    check(json!(i64::MIN), -1, None::<i32>);
    check(json!(u64::MAX), -1, None::<i32>);

    let state = SharedState::new();
    assert_eq!(state.increment("new", 5).unwrap(), 5);
    assert_eq!(state.get::<StateType>("new").unwrap(), Some(StateType::Long(5)));
    for other in [json!(1.0).into(), 1.0_f64.into(), true.into(), StateType::None] {
        state.insert("k", other);
        assert!(matches!(state.increment("k", 1), Err(StateError::WrongType { .. })));
    }
}

#[test]
fn updates_of_two_threads_lose_nothing() {
    let state = SharedState::new();
    thread::scope(|scope| {
        for name in ["a", "b"] {
            let state = &state;
            scope.spawn(move || {
                for _ in 0..500 {
                    state
                        .update("log", |log: Option<String>| log.unwrap_or_default() + name)
                        .unwrap();
                }
            });
        }
    });
    let log = state.get::<String>("log").unwrap().unwrap();
    assert_eq!((log.matches('a').count(), log.matches('b').count()), (500, 500));
}

#[test]
fn an_update_runs_again_when_another_thread_came_between() {
    // An equal value, and a delete that is undone, are changes too: what counts is the entry, not its content.
    let disturbances: [fn(&SharedState); 3] = [
        |state| drop(state.insert("n", 1)),
        |state| {
            state.delete("n");
            state.insert("n", 1);
        },
        |state| drop(state.delete("n")),
    ];
    for disturb in disturbances {
        let state = SharedState::new();
        state.insert("n", 1);
        let runs = AtomicUsize::new(0);
        let result = state.update("n", |n: Option<i32>| {
            if runs.fetch_add(1, Ordering::Relaxed) == 0 {
                elsewhere(|| disturb(&state));
            }
            n.unwrap_or(10) + 1
        });
        assert_eq!(runs.into_inner(), 2);
        assert_eq!(result.unwrap(), state.get::<i32>("n").unwrap().unwrap());
    }
}

#[test]
fn the_closure_of_an_update_may_use_the_state() {
    in_time(|| {
        let state = SharedState::new();
        let nested = state.update("k", |k: Option<i32>| {
            assert_eq!(state.get::<i32>("k").unwrap(), k);
            assert!(state.list("ghost").is_empty());
            // Each run writes the same key in every way there is, and still the first run is the last.
            state.insert("k", 5);
            state.increment("k", 1).unwrap();
            state.update("k", |k: Option<i32>| k.map(|k| k + 1)).unwrap();
            assert!(state.compare_and_swap("k", Some(7.into()), 8));
            state.delete("k");
            state.insert_with_ttl("k", 9, SECOND);
            state.increment("runs", 1).unwrap();
            1
        });
        assert_eq!(nested.unwrap(), 1);
        assert_eq!(state.get::<i32>("k").unwrap(), Some(1));
        assert_eq!(state.get::<i64>("runs").unwrap(), Some(1));
    });
}

#[test]
fn own_writes_do_not_hide_those_of_others() {
    in_time(|| {
        let state = SharedState::new();
        let runs = AtomicUsize::new(0);
        state
            .update("n", |n: Option<i64>| {
                if runs.fetch_add(1, Ordering::Relaxed) == 0 {
                    elsewhere(|| drop(state.insert("n", 10_i64)));
                }
                state.insert("n", -1_i64);
                n.unwrap_or(0) + 1
            })
            .unwrap();
        assert_eq!(runs.into_inner(), 2);
    });
}

#[test]
fn a_panic_in_a_closure_changes_nothing() {
    let state = SharedState::new();
    state.insert("n", 1);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        state.update("n", |_: Option<i32>| -> i32 { panic!("on purpose") })
    }));
    assert!(panicked.is_err());
    assert_eq!(state.update("n", |n: Option<i32>| n.unwrap_or(0) + 1).unwrap(), 2);
}

#[test]
fn an_update_to_nothing_deletes() {
    let state = SharedState::new();
    state.insert("n", 1);
    assert_eq!(state.update("n", |_: Option<i32>| None::<i32>).unwrap(), None);
    assert_eq!(state.update("n", |_: Option<i32>| None::<i32>).unwrap(), None);
    assert!(!state.contains("n"));
}

#[test]
fn compare_and_swap_goes_by_equality() {
    let state = SharedState::new();
    assert!(!state.compare_and_swap("k", Some(1.into()), 2));
    assert!(state.compare_and_swap("k", None, None::<StateType>));
    assert!(state.compare_and_swap("k", None, f64::NAN));
    assert!(!state.compare_and_swap("k", None, 1));
    assert!(state.compare_and_swap("k", Some(f64::NAN.into()), 1));
    assert!(!state.compare_and_swap("k", Some(1_i64.into()), 2));

    let function = StateType::function(|text| text);
    assert!(state.compare_and_swap("k", Some(1.into()), function.clone()));
    assert!(!state.compare_and_swap("k", Some(StateType::function(|text| text)), 2));
    assert!(state.compare_and_swap("k", Some(function), None::<StateType>));
    assert!(state.is_empty());
}

#[test]
fn one_of_many_wins_a_compare_and_swap() {
    let state = SharedState::new();
    let winners = AtomicUsize::new(0);
    thread::scope(|scope| {
        for number in 0..8 {
            let (state, winners) = (&state, &winners);
            scope.spawn(move || {
                if state.compare_and_swap("leader", None, number) {
                    winners.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(winners.into_inner(), 1);
}

/// Uses the state in every way when it is dropped.
struct Meddler(Weak<SharedState>, Arc<AtomicUsize>);

impl Drop for Meddler {
    fn drop(&mut self) {
        if let Some(state) = self.0.upgrade() {
            state.insert("k", 1);
            state.get::<StateType>("k").unwrap();
            state.update("k", |_: Option<StateType>| 2).unwrap();
            state.insert_with_ttl("short", 1, Duration::ZERO);
            assert!(state.list("ghost").is_empty());
            state.delete("k");
            self.1.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[test]
fn a_value_may_use_the_state_as_it_is_dropped() {
    let ways: [fn(&SharedState); 7] = [
        |state| drop(state.insert("k", 1)),
        |state| drop(state.delete("k")),
        |state| assert!(state.update("k", |_: Option<StateType>| 1).is_ok()),
        |state| assert!(state.update("k", |_: Option<StateType>| None::<i32>).is_ok()),
        |state| {
            let old = state.get("k").unwrap();
            assert!(state.compare_and_swap("k", old, 1));
        },
        |state| {
            // Its time has passed when it is read.
            let value = state.delete("k").unwrap();
            state.insert_with_ttl("k", value, Duration::ZERO);
            assert!(!state.contains("k"));
        },
        |state| {
            // The value that a closure made is thrown away, since it is made again.
            let first = Mutex::new(state.delete("k"));
            state
                .update("k", |_: Option<StateType>| {
                    let first = first.lock().unwrap().take();
                    if first.is_some() {
                        elsewhere(|| drop(state.insert("k", 3)));
                    }
                    first.unwrap_or(StateType::None)
                })
                .unwrap();
        },
    ];
    for way in ways {
        in_time(move || {
            let state = Arc::new(SharedState::new());
            let dropped = Arc::new(AtomicUsize::new(0));
            state.insert_any("k", Meddler(Arc::downgrade(&state), Arc::clone(&dropped)));
            way(&state);
            assert_eq!(dropped.load(Ordering::Relaxed), 1);
        });
    }
}

#[tokio::test(start_paused = true)]
async fn swept_values_may_use_the_state_however_many_they_are() {
    let state = Arc::new(SharedState::new());
    let dropped = Arc::new(AtomicUsize::new(0));
    for number in 0..4_000 {
        let value = Meddler(Arc::downgrade(&state), Arc::clone(&dropped));
        state.insert_with_ttl(&number.to_string(), StateType::any(value), SECOND);
    }
    advance(SECOND).await;
    // If what a drop writes could sweep in turn, the stack would not suffice.
    for _ in 0..4_000 {
        state.insert("other", 1);
    }
    assert_eq!(dropped.load(Ordering::Relaxed), 4_000);
}

// Ending

#[tokio::test(start_paused = true)]
async fn an_ended_key_is_gone_for_every_way_of_reading() {
    let ways: [fn(&SharedState) -> bool; 11] = [
        |state| state.get::<i32>("k").unwrap().is_some(),
        |state| state.get_json::<i32>("k").is_err(),
        |state| state.get_any::<i32>("k").is_err(),
        |state| state.contains("k"),
        |state| state.len() == 1,
        |state| !state.is_empty(),
        |state| !state.list("").is_empty(),
        |state| state.update("k", |n: Option<i32>| n).unwrap().is_some(),
        |state| !state.compare_and_swap("k", None, 2),
        |state| state.insert("k", 1).is_some(),
        |state| state.delete("k").is_some(),
    ];
    for (number, is_there) in ways.into_iter().enumerate() {
        let state = SharedState::new();
        state.insert_with_ttl("k", 1, SECOND);
        advance(SECOND - Duration::from_millis(1)).await;
        assert!(is_there(&state), "way {number} while it lives");

        let state = SharedState::new();
        state.insert_with_ttl("k", 1, SECOND);
        advance(SECOND).await;
        assert!(!is_there(&state), "way {number} after it ended");
    }

    let state = SharedState::new();
    state.insert_with_ttl("k", 7, SECOND);
    advance(SECOND).await;
    assert_eq!(state.increment("k", 1).unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn only_an_insert_changes_the_time_to_live() {
    let keeping: [fn(&SharedState); 3] = [
        |state| assert!(state.update("k", |n: Option<i32>| n).is_ok()),
        |state| assert!(state.increment("k", 1).is_ok()),
        |state| assert!(state.compare_and_swap("k", Some(1.into()), 2)),
    ];
    for keep in keeping {
        let state = SharedState::new();
        state.insert_with_ttl("k", 1, SECOND);
        keep(&state);
        assert!(state.contains("k"));
        advance(SECOND).await;
        assert!(!state.contains("k"));
        // A key that begins anew owes nothing to the one that ended.
        state.increment("k", 1).unwrap();
        advance(SECOND).await;
        assert!(state.contains("k"));
    }

    let state = SharedState::new();
    state.insert_with_ttl("k", 1, SECOND);
    state.insert("k", 2);
    state.insert_with_ttl("longer", 1, SECOND);
    state.insert_with_ttl("longer", 2, 3 * SECOND);
    state.insert_with_ttl("for ever", 1, Duration::MAX);
    advance(2 * SECOND).await;
    assert_eq!(state.len(), 3);
    advance(SECOND).await;
    assert_eq!(state.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn keys_that_are_never_read_again_do_not_stay() {
    let state = SharedState::new();
    let value = Arc::new(());
    for number in 0..100 {
        state.insert_with_ttl(&number.to_string(), Arc::clone(&value), SECOND);
    }
    advance(SECOND).await;
    assert_eq!(Arc::strong_count(&value), 101);
    for _ in 0..20 {
        state.insert("other", 1);
    }
    assert_eq!(Arc::strong_count(&value), 1);
    assert_eq!(format!("{state:?}"), "SharedState { keys: 1, watched: 0, ending: 0 }");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_renewed_waits_once() {
    let state = SharedState::new();
    for _ in 0..100 {
        state.insert_with_ttl("session", 1, SECOND);
    }
    assert_eq!(format!("{state:?}"), "SharedState { keys: 1, watched: 0, ending: 1 }");
    state.delete("session");
    assert_eq!(format!("{state:?}"), "SharedState { keys: 0, watched: 0, ending: 0 }");
}

// Watching

#[tokio::test]
async fn a_watch_sees_each_way_of_changing() {
    let state = SharedState::new();
    let mut watch = state.watch("k");
    assert!(is_waiting(&mut watch));

    state.insert("k", 1);
    assert_eq!(watch.changed().await, Some(1.into()));
    state.update("k", |n: Option<i32>| n.map(|n| n + 1)).unwrap();
    assert_eq!(watch.changed().await, Some(2.into()));
    state.increment("k", 1).unwrap();
    assert_eq!(watch.changed().await, Some(3.into()));
    assert!(state.compare_and_swap("k", Some(3.into()), 4));
    assert_eq!(watch.changed().await, Some(4.into()));
    state.insert("k", 4);
    assert_eq!(watch.changed().await, Some(4.into()));
    state.delete("k");
    assert_eq!(watch.changed().await, None);

    state.insert("another", 1);
    assert!(!state.compare_and_swap("k", Some(3.into()), 4));
    assert!(is_waiting(&mut watch));
}

#[tokio::test]
async fn a_watch_begins_with_what_is_there() {
    let state = SharedState::new();
    state.insert("k", 1);
    let mut watch = state.watch("k");
    assert_eq!(watch.current(), Some(1.into()));
    assert!(is_waiting(&mut watch));

    state.insert("k", 2);
    assert_eq!(watch.current(), Some(2.into()));
    assert_eq!(watch.changed().await, Some(2.into()));
    assert!(is_waiting(&mut watch));
}

#[tokio::test(start_paused = true)]
async fn a_waiting_watch_is_woken_when_the_time_passes() {
    let state = Arc::new(SharedState::new());
    let mut watch = state.watch("k");
    state.insert_with_ttl("k", 1, SECOND);
    assert_eq!(watch.changed().await, Some(1.into()));
    let start = tokio::time::Instant::now();
    let waiting = tokio::spawn(async move { (watch.changed().await, watch) });
    assert_eq!(waiting.await.unwrap().0, None);
    assert_eq!(start.elapsed().as_secs(), 1);
    assert!(state.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_watch_follows_a_time_to_live_that_moves() {
    let state = Arc::new(SharedState::new());
    state.insert_with_ttl("k", 1, 10 * SECOND);
    let mut watch = state.watch("k");
    assert!(is_waiting(&mut watch));
    state.insert_with_ttl("k", 2, SECOND);
    assert_eq!(watch.changed().await, Some(2.into()));
    let start = tokio::time::Instant::now();
    assert_eq!(watch.changed().await, None);
    assert_eq!(start.elapsed().as_secs(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_watch_sees_the_latest_of_a_burst() {
    let state = Arc::new(SharedState::new());
    let watching: Vec<_> = (0..8)
        .map(|_| {
            let mut watch = state.watch("n");
            tokio::spawn(async move {
                let mut last = 0;
                while last < 1_000 {
                    let Some(StateType::Long(now)) = watch.changed().await else {
                        panic!("the key only grows")
                    };
                    assert!(now > last, "{now} after {last}");
                    last = now;
                }
            })
        })
        .collect();
    for _ in 0..1_000 {
        state.increment("n", 1).unwrap();
    }
    for watch in watching {
        watch.await.unwrap();
    }
}

#[tokio::test]
async fn nothing_is_left_of_dropped_watches() {
    let state = SharedState::new();
    let watched = |state: &SharedState| format!("{state:?}");
    let (mut first, second, other) = (state.watch("k"), state.watch("k"), state.watch("other"));
    assert_eq!(watched(&state), "SharedState { keys: 0, watched: 2, ending: 0 }");
    // Dropping a future that waits takes back nothing but the wait.
    assert!(is_waiting(&mut first));
    drop(second);
    assert_eq!(watched(&state), "SharedState { keys: 0, watched: 2, ending: 0 }");
    drop(other);
    assert_eq!(watched(&state), "SharedState { keys: 0, watched: 1, ending: 0 }");
    state.insert("k", 1);
    assert_eq!(first.changed().await, Some(1.into()));
    drop(first);
    assert_eq!(watched(&state), "SharedState { keys: 1, watched: 0, ending: 0 }");
}

#[test]
fn watches_come_and_go_in_parallel_and_leave_nothing() {
    let state = SharedState::new();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..1_000 {
                    drop(state.watch("k"));
                    state.increment("k", 1).unwrap();
                }
            });
        }
    });
    assert_eq!(format!("{state:?}"), "SharedState { keys: 1, watched: 0, ending: 0 }");
}

#[tokio::test]
async fn a_watch_keeps_no_value_alive_and_outlives_the_handle() {
    let state = SharedState::new();
    let value = Arc::new(());
    state.insert("k", Arc::clone(&value));
    let mut watch = state.watch("k");
    state.delete("k");
    assert_eq!(Arc::strong_count(&value), 1);
    drop(state);
    assert_eq!(watch.changed().await, None);
    assert!(is_waiting(&mut watch));
}

/// Whether `changed` has nothing to tell yet.
fn is_waiting(watch: &mut Watch) -> bool {
    let changed = pin!(watch.changed());
    changed.poll(&mut Context::from_waker(Waker::noop())) == Poll::Pending
}

/// Runs something on a thread of its own and waits for it.
fn elsewhere(run: impl FnOnce() + Send) {
    thread::scope(|scope| scope.spawn(run).join().unwrap());
}

/// Runs something that would hang for ever if it were wrong.
fn in_time(run: impl FnOnce() + Send + 'static) {
    let (done, result) = mpsc::channel();
    let running = thread::spawn(move || {
        run();
        let _ = done.send(());
    });
    match result.recv_timeout(Duration::from_secs(60)) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("it hangs"),
        _ => running.join().unwrap(),
    }
}
