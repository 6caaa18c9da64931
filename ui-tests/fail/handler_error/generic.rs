//! The kinds are found by the one type that it is.

use manager_runtime::prelude::*;

#[derive(Debug, HandlerError)]
enum Wrapped<T> {
    #[error(kind = NotFound, "nothing")]
    _Nothing(T),
}

fn main() {}
