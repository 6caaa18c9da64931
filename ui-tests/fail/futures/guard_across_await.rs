//! So does a lock.

use std::sync::Mutex;

use manager_runtime::prelude::*;

static COUNT: Mutex<u32> = Mutex::new(0);

#[handler]
async fn add(ctx: Context) -> Result<String> {
    let mut count = COUNT.lock().unwrap();
    *count += 1;
    ctx.dispatch("audit", "added").await?;
    Ok(count.to_string())
}

fn main() {}
