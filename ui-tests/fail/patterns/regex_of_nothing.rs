//! A capture is never empty, so that its expression matches something.

use manager_runtime::prelude::*;

#[handler(get = ["/{n:[0-9]*}", "/{n:a?}", "/{n:^$}"])]
async fn number() {}

fn main() {}
