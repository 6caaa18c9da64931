//! What a catcher takes and returns is owned.

use manager_runtime::prelude::*;

#[catcher]
async fn all(_: &Caught) -> &str {
    "sorry"
}

fn main() {}
