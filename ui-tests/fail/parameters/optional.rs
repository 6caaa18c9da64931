//! A context is never absent.

use manager_runtime::prelude::*;

#[handler]
async fn add(ctx: Option<Context>, text: Option<String>) {
    drop((ctx, text));
}

fn main() {}
