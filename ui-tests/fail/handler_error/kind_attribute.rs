//! The attribute for the kind alone takes one.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum ShopError {
    #[kind]
    _Nothing,
    #[kind()]
    _Empty,
    #[kind = "Gone"]
    _Equals,
    #[kind(404)]
    _Status,
    #[kind(Gone, NotFound)]
    _Two,
}

fn main() {}
