//! Mistakes in routes are reported together with those in other options and in the function.

use manager_runtime::prelude::*;

#[handler(
    gett = "/x",
    get = "/{",
    post = "/{a}/{a}",
    host = "",
    slash = "no",
    with = [5],
    deprecated = "until x",
    moved = "y",
    replicas = 0,
)]
async fn add(_: &str) {}

fn main() {}
