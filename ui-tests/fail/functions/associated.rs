//! Nor does an associated function stand alone.

use manager_runtime::prelude::*;

struct Counter;

impl Counter {
    #[handler]
    async fn count(text: String) {
        drop(text);
    }
}

fn main() {}
