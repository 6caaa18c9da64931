//! Wherever they stand.

use manager_runtime::prelude::*;

#[handler]
async fn add(first: Json<u32>, ctx: Context, second: Bytes) {
    drop((first, ctx, second));
}

fn main() {}
