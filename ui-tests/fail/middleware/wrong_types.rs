//! The types of the first two are given.

use manager_runtime::prelude::*;

#[middleware]
async fn log(_: String, _: u32) -> Result<Response> {
    Err(Error::forbidden("nobody"))
}

fn main() {}
