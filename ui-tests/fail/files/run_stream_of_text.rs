//! `run_stream` takes an `Upload`.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Photos;

#[handler]
impl Photos {
    async fn run_stream(&mut self, name: String) -> String {
        name
    }
}

fn main() {}
