#[middleware(global)]
/// Logs each request.
pub async fn log(mut request: Request, next: Next, users: Res<Users>, ctx: Context) -> Result<Response> {
    next.run(request).await
}

#[middleware]
#[cfg(unix)]
async fn named(_: Request, _: Next) -> impl IntoResult {
    todo!()
}

#[middleware(path = "/admin/{{a}}", order = -10, crate = my::runtime)]
pub(crate) fn r#try() -> CorsLayer {
    CorsLayer::permissive()
}

#[middleware]
fn timeout() -> impl Layer<Inner> {
    TimeoutLayer::new(SECOND)
}

#[middleware(gobal)]
async fn options_alone(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

#[middleware]
pub async fn the_item_itself(request: Request) -> Result<Response> {
    todo!()
}
