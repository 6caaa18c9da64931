//! Handlers name the type of an identity.

use manager_runtime::prelude::*;

#[authenticator]
async fn session() -> impl Sized {
    Result::<u8>::Ok(1)
}

fn main() {}
