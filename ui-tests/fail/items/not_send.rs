//! A replica moves between threads.

use std::rc::Rc;

use manager_runtime::prelude::*;

#[derive(Default)]
struct Counter(Rc<u32>);

#[handler]
impl Counter {
    async fn run(&mut self) -> String {
        self.0.to_string()
    }
}

fn main() {}
