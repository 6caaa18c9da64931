//! A catcher comes to an end.

use manager_runtime::prelude::*;

#[catcher]
async fn all() -> ! {
    std::process::exit(1)
}

fn main() {}
