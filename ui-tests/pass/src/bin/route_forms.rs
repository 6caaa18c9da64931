//! Every form of a route, and every option about one.

#![deny(warnings)]

use std::collections::BTreeMap;

use manager_runtime::prelude::*;
use ui_tests::ask;

#[middleware]
async fn first(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

mod others {
    use manager_runtime::prelude::*;

    #[middleware]
    pub async fn second(request: Request, next: Next) -> Result<Response> {
        next.run(request).await
    }
}

#[handler(
    get = "/all",
    post = ["/all", "/all/more"],
    put = "/all",
    patch = "/all",
    delete = "/all",
    head = "/all/head",
    options = "/all",
    any = ["/any"],
    method("LOCK", "/all"),
    method("PROPFIND", ["/all", "/all/{+below}"]),
    method("X-~!", "/all"),
    with = [first, others::second],
    slash = "lenient",
    public,
)]
async fn all(_: Option<Path<BTreeMap<String, String>>>) -> &'static str {
    "all"
}

#[handler(get = "/on-one", host = "LocalHost")]
async fn on_one() -> &'static str {
    "one"
}

#[handler(get = "/on-some/{id}", host = ["{sub}.example.org", "{sub}-x.{n:[0-9]+}.example.org"])]
async fn on_some(Path(captures): Path<BTreeMap<String, String>>) -> Json<usize> {
    Json(captures.len())
}

#[handler(get = "/heard", on = "orders.*")]
async fn heard() -> &'static str {
    "heard"
}

#[handler(get = "/old", deprecated = "until 2027-01-01, use /new")]
async fn old() -> &'static str {
    "old"
}

#[handler(deprecated = "use old")]
async fn older() -> &'static str {
    "older"
}

#[handler(get = ["/users/{id}", "/people/{id}/{more}"], moved = "/v2/users/{id}")]
async fn moved() {}

#[handler(get = "/gone", gone)]
async fn gone() {}

#[handler(get = "/inside", private)]
async fn inside() {}

#[handler(private, with = first)]
async fn inside_too() {}

#[handler(get = "/a", slash = "strict")]
async fn strict() {}

#[handler(get = "/b", slash = "redirect", r#private)]
async fn redirect() {}

#[derive(Default)]
struct Counter(u64);

#[handler(post = "/counter", any = "/counter/any", with = [others::second])]
impl Counter {
    async fn run(&mut self) -> Json<u64> {
        self.0 += 1;
        Json(self.0)
    }
}

#[handler(post = "/blocking", blocking)]
fn blocking() -> &'static str {
    "blocking"
}

#[handler(get = "/opaque")]
async fn opaque() -> impl IntoReply {
    "opaque"
}

#[tokio::main]
async fn main() -> Result<()> {
    let running = Manager::new_default()
        .with_bind("127.0.0.1:0")
        .with_private_bind("127.0.0.1:0")
        .spawn()
        .await?;
    let check = |request: &str, expected: u16| -> Result<()> {
        let (status, _) = ask(running.addr(), request, "")?;
        assert_eq!(status, expected, "{request}");
        Ok(())
    };
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "LOCK", "PROPFIND", "X-~!"] {
        check(&format!("{method} /all/"), 200)?;
    }
    check("PROPFIND /all/a/b", 200)?;
    check("PURGE /any", 200)?;
    check("POST /all/more", 200)?;
    check("GET http://localhost/on-one", 200)?;
    check("GET /on-one", 404)?;
    check("GET /on-some/5", 404)?;
    check("GET /heard", 200)?;
    check("GET /old", 200)?;
    check("GET /users/5", 301)?;
    check("GET /gone", 410)?;
    check("GET /inside", 404)?;
    check("POST /counter", 200)?;
    check("POST /blocking", 200)?;
    check("GET /opaque", 200)?;
    // Whatever leads to it, it is one handler.
    let ctx = running.context();
    assert_eq!(ctx.call::<all>(()).await?, "all");
    assert_eq!(ctx.call::<older>(()).await?, "older");
    assert_eq!(ctx.call::<Counter>(()).await?, 2);
    assert_eq!(ctx.emit("orders.new", ()).await?, 1);
    running.stop().await
}
