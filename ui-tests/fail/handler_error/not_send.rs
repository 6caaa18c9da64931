//! An error goes from thread to thread.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
#[error(kind = NotFound, "no order")]
struct NoOrder(std::rc::Rc<u64>);

fn main() {
    let _ = |error: NoOrder| error.0;
}
