//! A handle is as visible as its function.

#![deny(warnings)]
#![expect(clippy::needless_pub_self, reason = "every form that is Rust")]

use manager_runtime::prelude::*;

#[handler]
async fn private() -> &'static str {
    "private"
}

pub mod outer {
    use manager_runtime::prelude::*;

    #[message]
    pub struct Name(pub String);

    #[handler]
    pub async fn everywhere(name: Name) -> Name {
        name
    }

    #[handler]
    pub(crate) async fn in_the_crate() -> &'static str {
        "crate"
    }

    mod inner {
        use manager_runtime::prelude::*;

        #[message]
        struct Secret(u32);

        // A private handler may have a private message.
        #[handler]
        async fn hidden(secret: Secret) -> Json<u32> {
            Json(secret.0)
        }

        #[handler]
        pub(super) async fn above(ctx: Context) -> Result<Json<u32>> {
            Ok(Json(ctx.call::<hidden>(Secret(5)).await?))
        }

        #[handler]
        pub(in crate::outer) async fn in_a_path() -> &'static str {
            "path"
        }
    }

    #[handler]
    pub(self) async fn here(ctx: Context) -> Result<String> {
        let above = ctx.call::<inner::above>(()).await?;
        Ok(format!("{above} {}", ctx.call::<inner::in_a_path>(()).await?))
    }

    #[handler]
    pub(super) async fn to_here(ctx: Context) -> Result<String> {
        ctx.call::<here>(()).await
    }
}

pub use outer::everywhere;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let running = Manager::new_default().without_http().spawn().await?;
    let ctx = running.context();
    assert_eq!(ctx.call::<private>(()).await?, "private");
    assert_eq!(ctx.call::<everywhere>(outer::Name("Ada".to_owned())).await?.0, "Ada");
    assert_eq!(ctx.call::<outer::in_the_crate>(()).await?, "crate");
    assert_eq!(ctx.call::<outer::to_here>(()).await?, "5 path");
    running.stop().await
}
