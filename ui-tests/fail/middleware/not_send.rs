//! A middleware may move to another thread while it waits.

use manager_runtime::prelude::*;

#[middleware]
async fn log(request: Request, next: Next) -> Result<Response> {
    let count = std::rc::Rc::new(1);
    let response = next.run(request).await;
    drop(count);
    response
}

fn main() {}
