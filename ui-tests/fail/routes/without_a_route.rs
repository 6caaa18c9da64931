//! These options say something of a route.

use manager_runtime::prelude::*;

#[handler(host = "example.com", slash = "strict", moved = "/b")]
async fn nowhere() {}

#[handler(gone)]
async fn gone() {}

fn main() {}
