//! A middleware has to be there.

use manager_runtime::prelude::*;

#[handler(get = "/a", with = [lgo])]
async fn logged() {}

fn main() {}
