//! What a catcher returns is a reply, also one without a name.

use manager_runtime::prelude::*;

#[catcher(404)]
async fn not_found() -> impl Clone {
    404
}

fn main() {}
