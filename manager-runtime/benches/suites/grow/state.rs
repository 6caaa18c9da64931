//! More and more keys in the state.

use std::hint::black_box;

use manager_bench::measure::Scale;
use manager_runtime::SharedState;

use crate::curve::Curve;
use crate::memory;
use crate::row::{Child, Row, nanos};

pub(crate) async fn row(count: usize, scale: Scale) -> Row {
    let keys: Vec<String> = (0..count).map(|number| format!("user:{number:07}")).collect();
    // No neighbours: as keys come to a service.
    let order: Vec<usize> = (0..count).map(|at| (at * 7_919 + 13) % count).collect();
    let (held, resident) = (memory::held(), memory::resident());
    let state = filled(&keys);
    let held = (memory::held() - held) / count as f64;
    let resident = memory::resident_each(memory::resident() - resident, count);
    let get = nanos(scale, async |times| {
        for number in 0..times {
            let key = &keys[order[number as usize % count]];
            black_box(state.get::<i64>(key).expect("a number"));
        }
    })
    .await;
    // Ten of them, wherever there are as many.
    let ten = nanos(scale, async |times| {
        for _ in 0..times {
            assert_eq!(state.list("user:000000").len(), count.min(10));
        }
    })
    .await;
    let all = nanos(scale, async |times| {
        for _ in 0..times {
            assert_eq!(state.list("user:").len(), count);
        }
    })
    .await;
    let per_key = |nanos: f64| nanos / count as f64;
    let insert = inserts(&keys, scale).await;
    let figures = vec![insert, get, ten / 1000.0, per_key(all), held, resident];
    Row { figures, address: None, running: None }
}

fn filled(keys: &[String]) -> SharedState {
    let state = SharedState::new();
    for (number, key) in (0_i64..).zip(keys) {
        state.insert(key, number);
    }
    state
}

/// The time of each insert from an empty state to a full one.
async fn inserts(keys: &[String], scale: Scale) -> f64 {
    let filled = nanos(scale, async |times| {
        for _ in 0..times {
            black_box(filled(keys));
        }
    });
    filled.await / keys.len() as f64
}

pub(crate) fn table(counts: &[usize], scale: Scale) {
    let mut curve = Curve::begin(
        "keys in the state",
        "keys",
        &["insert ns", "get ns", "list 10 us", "list all ns/key", "held B each", "resident B each"],
    );
    for count in counts {
        let child = Child::start("state", *count, scale);
        curve.row(&count.to_string(), &child.figures);
    }
}
