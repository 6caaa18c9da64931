//! A middleware takes the request and what comes after it.

use manager_runtime::prelude::*;

#[middleware]
async fn log() -> Result<Response> {
    Err(Error::forbidden("nobody"))
}

fn main() {}
