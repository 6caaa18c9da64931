//! Mistakes in the options are reported together with those in the function.

use manager_runtime::prelude::*;

#[catcher(200, paht = "/a", path = "b")]
async fn all(_: &Caught) {}

fn main() {}
