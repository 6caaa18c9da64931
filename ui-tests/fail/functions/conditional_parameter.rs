//! A handler has the same parameters everywhere.

use manager_runtime::prelude::*;

#[handler]
async fn add(#[cfg(unix)] text: String) {
    drop(text);
}

fn main() {}
