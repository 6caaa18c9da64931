//! Whether one waits or not.

use manager_runtime::prelude::*;

struct Counter;

#[handler]
async fn ask(ctx: Context) -> Result<()> {
    ctx.send::<Counter>("five".to_owned()).await
}

fn main() {}
