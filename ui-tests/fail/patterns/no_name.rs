//! A capture has a name, whatever its form.

use manager_runtime::prelude::*;

#[handler(get = ["/{}", "/{*}", "/{+}", "/{:[0-9]+}"])]
async fn user() {}

fn main() {}
