//! A reply without a name is asked for by the handler's name.

use manager_runtime::IntoReply;
use manager_runtime::prelude::*;

#[handler]
async fn add(text: String) -> impl IntoReply {
    text
}

#[handler]
async fn ask(ctx: Context) -> Result<String> {
    let reply = ctx.call::<add>("five".to_owned()).await?;
    Ok(reply)
}

fn main() {}
