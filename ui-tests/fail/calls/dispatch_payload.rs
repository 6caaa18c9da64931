//! Whether one waits or not.

use manager_runtime::prelude::*;

#[derive(serde::Serialize)]
struct Sum {
    a: i64,
}

#[handler]
async fn ask(ctx: Context) -> Result<()> {
    ctx.dispatch("add", Sum { a: 5 }).await
}

fn main() {}
