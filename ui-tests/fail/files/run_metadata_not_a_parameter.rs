//! What a method takes are parameters.

use manager_runtime::prelude::*;

struct Name;

#[derive(Default)]
struct Photos;

#[handler]
impl Photos {
    fn run(&self) {}

    async fn run_metadata(&self, name: Name) {
        let _ = name;
    }
}

fn main() {}
