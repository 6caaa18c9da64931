#[handler(
    get = ["/users/{id}", "/users/{id}/orders/{n:[0-9]+}-{kind}"],
    method("LOCK", "/files/{+rest}"),
    any = "/docs/ ?*",
    host = "{sub}.Example.com",
    with = [log, crate::middleware::auth],
    private,
    deprecated = "since 2026-01-01, until 2027-01-01, use /v2/users",
    moved = "/v2/users",
)]
async fn user(Path((sub, id)): Path<(String, u64)>, ctx: Context) -> Result<Json<User>> {
    find(id)
}

#[handler(post = "/")]
async fn root(text: String) {}

#[handler(delete = "/{{a}}", gone, deprecated = "use nothing")]
impl Counter {
    async fn run(&mut self) {}
}
