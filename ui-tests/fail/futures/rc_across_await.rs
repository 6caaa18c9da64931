//! What lives over an await moves between threads.

use std::rc::Rc;

use manager_runtime::prelude::*;

#[handler]
async fn add(ctx: Context) -> Result<String> {
    let shared = Rc::new(String::from("five"));
    ctx.dispatch("audit", "added").await?;
    Ok(shared.to_string())
}

fn main() {}
