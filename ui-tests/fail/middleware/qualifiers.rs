//! Nobody could call such a function.

use manager_runtime::prelude::*;

#[middleware]
unsafe extern "C" fn log(_: Request, _: Next) -> Result<Response> {
    Err(Error::forbidden("nobody"))
}

fn main() {}
