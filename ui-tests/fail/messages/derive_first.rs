//! In whichever order they stand.

use manager_runtime::prelude::*;

#[derive(Clone, serde::Deserialize)]
#[message]
struct Sum {
    a: i64,
}

fn main() {}
