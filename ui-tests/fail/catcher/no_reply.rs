//! What a catcher returns is a reply.

use manager_runtime::prelude::*;

#[catcher(404)]
async fn not_found() -> u32 {
    404
}

fn main() {}
