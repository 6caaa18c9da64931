//! A middleware comes to an end.

use manager_runtime::prelude::*;

#[middleware]
async fn log(_: Request, _: Next) -> ! {
    std::process::exit(1)
}

fn main() {}
