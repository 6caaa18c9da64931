#[handler(keys = ["admin", "ops"], rate = "100/s", burst = 20)]
async fn add(user: Identity<User>) {}

#[handler(keys = "admin", rate = "5/h")]
async fn sub() {}

#[authenticator(timeout = "5s")]
async fn session(cookies: Cookies, db: Res<Db>) -> Result<User> {
    db.user(&cookies).await
}

#[authenticator(crate = my::runtime)]
#[cfg(unix)]
fn at_once() -> Result<User, NoUser> {
    Err(NoUser)
}

#[authenticator(global)]
async fn options_alone() -> Result<User> {}

#[authenticator]
async fn the_item_itself(cookies: Cookies) {}
