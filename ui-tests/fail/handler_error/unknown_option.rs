//! There are a kind, a text and the path of the runtime.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[error(knd = NotFound, "no order")]
    _Near,
    #[error(status = 404, "no shop")]
    _Other,
}

fn main() {}
