//! Captures of a host are made by the same rules as those of a path.

use manager_runtime::prelude::*;

#[handler(get = "/a", host = ["{sub.example.com", "{*sub}.org", "{a}.{a}.org", "{a}{b}.org", "sub}.org"])]
async fn hosts() {}

fn main() {}
