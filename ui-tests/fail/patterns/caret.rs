//! The caret stands under the place, whatever stands before it.

use manager_runtime::prelude::*;

#[handler(
    get = "/größe/{id",
    post = "/naïve/a//b",
    put = "/日本語/id}",
    patch = "/🦀/{n:[0-9}",
    delete = r"/\d/{n:\d*}",
    head = "/a\u{301}/%20",
    options = "/größe/{größe}/{größe}"
)]
async fn user() {}

fn main() {}
