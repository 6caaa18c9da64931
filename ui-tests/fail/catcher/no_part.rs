//! A parameter of a catcher is a part of the call.

use manager_runtime::prelude::*;

#[catcher(404)]
async fn not_found(path: u32) {
    drop(path);
}

fn main() {}
