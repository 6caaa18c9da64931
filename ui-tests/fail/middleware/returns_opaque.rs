//! The answer of a middleware is a response, also one without a name.

use manager_runtime::prelude::*;

#[middleware]
async fn log(_: Request, _: Next) -> impl Clone {
    5
}

fn main() {}
