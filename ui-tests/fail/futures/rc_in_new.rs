//! And in `new`.

use std::rc::Rc;

use manager_runtime::prelude::*;

struct Counter;

#[handler]
impl Counter {
    async fn new(ctx: Context) -> Result<Self> {
        let shared = Rc::new(String::from("five"));
        ctx.dispatch("audit", "made").await?;
        drop(shared);
        Ok(Counter)
    }

    async fn run(&self) {}
}

fn main() {}
