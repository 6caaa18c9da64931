//! Every error can be printed for those who look for its cause.

use manager_runtime::prelude::*;

#[derive(HandlerError)]
#[error(kind = NotFound, "no order")]
struct NoOrder;

fn main() {}
