//! The function stays a function.

#![deny(warnings)]

use manager_runtime::prelude::*;

#[handler]
async fn add(Json((a, b)): Json<(i64, i64)>) -> Json<i64> {
    Json(a + b)
}

#[handler]
fn twice(text: String) -> String {
    text.repeat(2)
}

#[derive(Default)]
struct Counter {
    count: u64,
}

#[handler]
impl Counter {
    /// Serves a call.
    async fn run(&mut self) -> Json<u64> {
        self.step();
        Json(self.count)
    }

    fn step(&mut self) {
        self.count += 1;
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    assert_eq!(add(Json((2, 3))).await.0, 5);
    assert_eq!(twice("ab".to_owned()), "abab");
    assert_eq!(["a", "b"].map(str::to_owned).map(twice), ["aa", "bb"]);
    let mut counter = Counter::default();
    counter.step();
    assert_eq!(counter.run().await.0, 2);
    let add: fn(String) -> String = twice;
    assert_eq!(add("x".to_owned()), "xx");
}
