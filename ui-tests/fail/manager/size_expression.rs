//! A size is no fraction.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    let half = 0.5_f32;
    manager! { body_limit: half }
}
