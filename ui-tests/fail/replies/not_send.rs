//! A reply moves between threads.

use manager_runtime::prelude::*;

#[handler]
async fn add() -> std::rc::Rc<String> {
    std::rc::Rc::new(String::new())
}

fn main() {}
