//! A method that is almost one.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Photos;

#[handler]
impl Photos {
    async fn run_files(&self, name: String) -> String {
        name
    }
}

fn main() {}
