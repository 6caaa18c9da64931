//! A block without `run` takes no message.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Photos;

#[handler]
impl Photos {
    async fn run_file(&self, name: String) -> String {
        name
    }
}

#[handler]
async fn ask(ctx: Context) -> Result<String> {
    ctx.call::<Photos>("a".to_owned()).await
}

fn main() {}
