//! Files come in a later version.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Files;

#[handler]
impl Files {
    async fn run_file(&self, filename: String) -> String {
        filename
    }
}

fn main() {}
