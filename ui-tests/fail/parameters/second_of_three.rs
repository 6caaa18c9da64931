//! The error stands under the one that is wrong.

use manager_runtime::prelude::*;

#[handler]
async fn add(ctx: Context, number: u32, text: String) {
    drop((ctx, number, text));
}

fn main() {}
