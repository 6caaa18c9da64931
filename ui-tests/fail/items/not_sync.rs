//! A `&self` that is held over an await is shared between threads.

use std::cell::Cell;

use manager_runtime::prelude::*;

#[derive(Default)]
struct Counter(Cell<u32>);

#[handler]
impl Counter {
    async fn run(&self, ctx: Context) -> Result<String> {
        ctx.dispatch("audit", "counted").await?;
        self.0.set(self.0.get() + 1);
        Ok(self.0.get().to_string())
    }
}

fn main() {}
