//! Also where the reply has no name.

use std::rc::Rc;

use manager_runtime::IntoReply;
use manager_runtime::prelude::*;

#[handler]
async fn add(ctx: Context) -> impl IntoReply {
    let shared = Rc::new(String::from("five"));
    let _ = ctx.dispatch("audit", "added").await;
    shared.to_string()
}

fn main() {}
