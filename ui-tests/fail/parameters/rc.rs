//! A message moves between threads.

use manager_runtime::prelude::*;

#[handler]
async fn add(text: std::rc::Rc<String>) {}

fn main() {}
