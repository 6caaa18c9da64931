//! What an expression gives has the right type.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    let forever = f32::INFINITY;
    manager! { keep_alive: forever }
}
