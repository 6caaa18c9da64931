//! Catchers in every shape that they may have.

#![deny(warnings)]

use manager_runtime::prelude::*;
use ui_tests::ask;

#[catcher(404)]
async fn not_found(caught: Caught) -> String {
    format!("nothing at {}", caught.uri().path())
}

/// Above a part of the paths, several statuses, and parts before and after what was caught.
#[catcher(409, 410, path = "/api")]
pub async fn api(ctx: Context, caught: Caught, name: Res<String>) -> Result<Json<String>> {
    let _ = ctx.state().increment("caught", 1)?;
    Ok(Json(format!("{} {}", *name, caught.status().as_u16())))
}

/// Without parameters, and not async.
#[catcher(path = "/quiet")]
fn quiet() -> &'static str {
    "hush"
}

/// Without a name for what it returns.
#[catcher(422, path = "/opaque")]
async fn opaque(_: Caught) -> impl IntoReply {
    Json(422)
}

/// Nothing at all.
#[catcher(501)]
async fn nothing() {}

#[catcher(403)]
async fn r#match() -> &'static str {
    "match"
}

#[catcher(404)]
#[cfg(any())]
async fn absent(_: NoSuchType) {}

// One with the name of a handler, and of a type.
#[catcher(405, crate = manager_runtime)]
async fn conflict() -> &'static str {
    "no"
}

mod handlers {
    use manager_runtime::prelude::*;

    #[handler(get = "/api/conflict")]
    pub async fn conflict() -> Result<()> {
        Err(Error::conflict("again"))
    }

    #[handler(get = ["/quiet/conflict", "/quiet"])]
    pub async fn quiet() -> Result<()> {
        Err(Error::conflict("again"))
    }

    #[handler(get = "/opaque/x")]
    pub async fn wrong() -> Result<()> {
        Err(Error::new(Kind::Unprocessable, "no"))
    }

    #[handler(get = "/forbidden")]
    pub async fn forbidden() -> Result<()> {
        Err(Error::forbidden("no"))
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let running =
        Manager::new_default().provide("api".to_owned()).with_bind("127.0.0.1:0").spawn().await?;
    let check = |request: &str, status: u16, body: &str| -> Result<()> {
        assert_eq!(ask(running.addr(), request, "")?, (status, body.to_owned()), "{request}");
        Ok(())
    };
    check("GET /no/thing", 404, "nothing at /no/thing")?;
    check("GET /api/conflict", 409, "\"api 409\"")?;
    check("GET /quiet", 409, "hush")?;
    check("GET /quiet/conflict", 409, "hush")?;
    check("GET /opaque/x", 422, "422")?;
    check("GET /forbidden", 403, "match")?;
    check("POST /forbidden", 405, "no")?;
    assert_eq!(running.state().get::<i64>("caught")?, Some(1));
    // They are functions as before.
    assert_eq!(quiet(), "hush");
    running.stop().await
}
