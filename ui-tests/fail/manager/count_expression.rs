//! A count out of an expression is a number as well.

use manager_runtime::prelude::*;

fn main() -> ExitCode {
    let many = String::from("many");
    manager! { max_requests: many }
}
