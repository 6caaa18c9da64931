//! A host is a name, without what surrounds it in a URI.

use manager_runtime::prelude::*;

#[handler(
    get = "/a",
    host = [
        "",
        "https://example.com",
        "example.com:8080",
        "example.com/users",
        "example.com.",
        "api..example.com",
        "*.example.com",
        "größe.example.com",
        "example com",
    ],
)]
async fn hosts() {}

fn main() {}
