//! A handler is one type.

use manager_runtime::prelude::*;

#[derive(Default)]
struct Counter<T>(T);

#[handler]
impl<T: Default + Send + 'static> Counter<T> {
    async fn run(&self) {}
}

fn main() {}
