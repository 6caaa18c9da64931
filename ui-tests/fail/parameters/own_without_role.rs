//! And what it is.

use manager_runtime::prelude::*;
use manager_runtime::{Part, Parts};

struct Caller;

impl Part for Caller {
    async fn part(_: &mut Parts<'_>) -> Result<Self> {
        Ok(Caller)
    }
}

fn main() {}
