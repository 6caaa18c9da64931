//! What is derived already is not derived again.

use manager_runtime::prelude::*;

#[message]
#[derive(Clone, serde::Serialize)]
struct Sum {
    a: i64,
}

fn main() {}
