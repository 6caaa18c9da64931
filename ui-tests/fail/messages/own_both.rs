//! Nor are both.

use manager_runtime::prelude::*;
use serde::{Deserialize, Serialize};

#[message]
#[derive(Clone, Serialize, Deserialize)]
struct Sum {
    a: i64,
}

fn main() {}
