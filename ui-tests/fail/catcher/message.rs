//! There is no body to read: the request may be gone.

use manager_runtime::prelude::*;

#[catcher(404)]
async fn not_found(body: String) {
    drop(body);
}

fn main() {}
