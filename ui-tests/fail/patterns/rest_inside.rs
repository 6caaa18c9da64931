//! What takes the rest of a path is a segment of its own.

use manager_runtime::prelude::*;

#[handler(get = ["/file-{*path}", "/{+path}.html"])]
async fn files() {}

fn main() {}
