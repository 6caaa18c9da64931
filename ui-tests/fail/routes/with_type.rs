//! A type is no middleware.

use manager_runtime::prelude::*;

pub struct Log;

#[handler(get = "/a", with = [Log])]
async fn logged() {}

fn main() {}
