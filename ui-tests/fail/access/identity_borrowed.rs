//! An identity lives as long as the request.

use manager_runtime::prelude::*;

pub struct User<'a>(pub &'a str);

#[handler]
async fn me(user: Identity<User<'_>>) -> String {
    user.0.0.to_owned()
}

fn main() {}
