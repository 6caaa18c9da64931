//! An upload that nobody takes is none.

use manager_runtime::prelude::*;

#[handler(upload)]
async fn photos(ctx: Context) -> String {
    ctx.handler().to_owned()
}

fn main() {}
