//! A route leads to `run`.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Photos;

#[handler(get = "/photos")]
impl Photos {
    async fn run_file(&self, name: String) -> String {
        name
    }
}

fn main() {}
