//! In an impl block as well.

use std::rc::Rc;

use manager_runtime::prelude::*;

#[derive(Default)]
struct Counter;

#[handler]
impl Counter {
    async fn run(&mut self, ctx: Context) -> Result<String> {
        let shared = Rc::new(String::from("five"));
        ctx.dispatch("audit", "added").await?;
        Ok(shared.to_string())
    }
}

fn main() {}
