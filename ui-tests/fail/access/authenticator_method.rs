//! An authenticator stands by itself.

use manager_runtime::prelude::*;

pub struct User;

pub struct Door;

impl Door {
    #[authenticator]
    async fn session(&self) -> Result<User> {
        Ok(User)
    }
}

fn main() {
    let _ = Door;
}
