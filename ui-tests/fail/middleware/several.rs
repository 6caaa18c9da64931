//! Mistakes in the options are reported together with those in the function.

use manager_runtime::prelude::*;

#[middleware(gobal, path = "admin", order = "first", crate = 5)]
async fn log(_: &Request) -> &str {
    ""
}

fn main() {}
