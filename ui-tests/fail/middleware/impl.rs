//! A middleware is a function, not a type with methods.

use manager_runtime::prelude::*;

struct Log;

#[middleware]
impl Log {
    async fn run(_: Request, _: Next) {}
}

fn main() {
    let _ = Log;
}
