//! The reply has the fields that it has.

use manager_runtime::prelude::*;

#[message]
struct Total {
    total: i64,
}

#[handler]
async fn add(text: String) -> Total {
    Total { total: text.len() as i64 }
}

#[handler]
async fn ask(ctx: Context) -> Result<String> {
    let reply = ctx.call::<add>("five".to_owned()).await?;
    Ok(reply.sum.to_string())
}

fn main() {}
