//! Also one of many values.

use manager_runtime::prelude::*;

#[handler]
async fn add(ctx: Context, bytes: &[u8]) {
    drop((ctx, bytes));
}

fn main() {}
