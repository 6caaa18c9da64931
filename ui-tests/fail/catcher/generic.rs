//! A catcher is one set of types.

use manager_runtime::prelude::*;

#[catcher]
async fn all<T>(_: Res<T>) {}

fn main() {}
