//! Files do not make a replica movable.

use std::rc::Rc;

use manager_runtime::prelude::*;

#[derive(Default)]
struct Photos(Rc<u8>);

#[handler]
impl Photos {
    async fn run_file(&self, name: String) -> String {
        format!("{} {name}", self.0)
    }
}

fn main() {}
