//! The name is part of the `Upload`.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Photos;

#[handler]
impl Photos {
    async fn run_stream(&mut self, upload: Upload, name: String) -> String {
        format!("{} {name}", upload.name())
    }
}

fn main() {}
