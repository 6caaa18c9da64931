//! An impl block says by its methods what it is.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Photos;

#[handler(upload)]
impl Photos {
    async fn run_stream(&mut self, upload: Upload) -> String {
        upload.name().to_owned()
    }
}

fn main() {}
