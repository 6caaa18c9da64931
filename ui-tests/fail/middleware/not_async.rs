//! A middleware that takes a request waits for what comes after it.

use manager_runtime::prelude::*;

#[middleware]
fn log(_: Request, _: Next) -> Result<Response> {
    Err(Error::forbidden("nobody"))
}

fn main() {}
