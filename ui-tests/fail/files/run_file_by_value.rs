//! A replica is borrowed, by every method.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Photos;

#[handler]
impl Photos {
    async fn run_file(self, name: String) -> String {
        name
    }
}

fn main() {}
