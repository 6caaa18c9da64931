//! What comes after a middleware is its second parameter.

use manager_runtime::prelude::*;

#[middleware]
async fn log(_: Request) -> Result<Response> {
    Err(Error::forbidden("nobody"))
}

fn main() {}
