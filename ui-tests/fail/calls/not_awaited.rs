//! A call that is not awaited is not made.

#![deny(unused_must_use)]

use manager_runtime::prelude::*;

#[handler]
async fn add(text: String) -> String {
    text
}

#[handler]
async fn ask(ctx: Context) {
    ctx.call::<add>("five".to_owned());
    ctx.publish("add", "five");
}

fn main() {}
