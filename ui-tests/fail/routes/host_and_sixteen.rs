//! Sixteen captures are the most, those of the host included.

use manager_runtime::prelude::*;

#[handler(
    get = "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}/{j}/{k}/{l}/{m}/{n}/{o}/{p}",
    host = "{sub}.org"
)]
async fn many() {}

fn main() {}
