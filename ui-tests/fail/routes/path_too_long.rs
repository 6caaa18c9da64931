//! A tuple has no more places than there are captures.

use manager_runtime::prelude::*;

#[handler(get = "/orders/{order}")]
async fn order(ctx: Context, Path((shop, order)): Path<(String, u64)>) -> String {
    format!("{shop} {order} {}", ctx.source())
}

fn main() {}
