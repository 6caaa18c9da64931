//! A handler called like a crate or a module hides it in its own scope, and nowhere else.

#![deny(warnings)]

use manager_runtime::prelude::*;

mod handlers {
    use ::manager_runtime::prelude::*;

    #[handler]
    pub(crate) async fn log(line: String) -> String {
        line
    }

    #[handler]
    pub(crate) async fn time() -> String {
        // The crate is still there by its absolute path.
        ::std::format!("{:?}", ::std::time::Duration::from_secs(1))
    }

    #[handler]
    pub(crate) async fn std(text: String) -> Result<Json<usize>> {
        Ok(Json(text.len()))
    }

    #[handler]
    pub(crate) async fn core(Json(number): Json<u32>) -> Json<u32> {
        Json(number)
    }

    #[handler]
    pub(crate) async fn serde(ctx: Context) -> Result<Json<usize>> {
        Ok(Json(ctx.call::<std>("five".to_owned()).await?))
    }

    #[handler]
    pub(crate) async fn manager_runtime() {}

    #[handler]
    pub(crate) async fn inventory() -> impl ::manager_runtime::IntoReply {}

    #[handler]
    pub(crate) async fn handler() {}
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let running = Manager::new_default().without_http().spawn().await?;
    let ctx = running.context();
    assert_eq!(ctx.call::<handlers::log>("line".to_owned()).await?, "line");
    assert_eq!(ctx.call::<handlers::time>(()).await?, "1s");
    assert_eq!(ctx.call::<handlers::core>(5).await?, 5);
    assert_eq!(ctx.call::<handlers::serde>(()).await?, 4);
    ctx.call::<handlers::manager_runtime>(()).await?;
    ctx.call::<handlers::handler>(()).await?;
    running.stop().await
}
