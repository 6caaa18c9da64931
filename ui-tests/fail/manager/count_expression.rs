//! What an expression gives has the right type.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    let many = String::from("many");
    manager! { max_requests: many }
}
