//! Sixteen captures are the most.

use manager_runtime::prelude::*;

#[handler(get = "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}/{j}/{k}/{l}/{m}/{n}/{o}/{p}/{q}")]
async fn many() {}

fn main() {}
