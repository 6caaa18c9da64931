//! What a download returns is a reply.

use manager_runtime::prelude::*;

struct Photo;

#[derive(Default)]
struct Photos;

#[handler]
impl Photos {
    async fn run_file(&self, name: String) -> Photo {
        let _ = name;
        Photo
    }
}

fn main() {}
