//! An authenticator says who it is.

use manager_runtime::prelude::*;

#[authenticator]
async fn session(_: ClientAddr) {}

fn main() {}
