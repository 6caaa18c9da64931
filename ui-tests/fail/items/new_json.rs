//! Whatever the message is wrapped in.

use manager_runtime::prelude::*;

struct Counter(u32);

#[handler]
impl Counter {
    async fn new(ctx: Context, Json(from): Json<u32>) -> Self {
        drop(ctx);
        Counter(from)
    }

    async fn run(&self) -> Json<u32> {
        Json(self.0)
    }
}

fn main() {}
