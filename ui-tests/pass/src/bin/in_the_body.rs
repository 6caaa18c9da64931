//! What a handler may do over an await.

#![deny(warnings)]

use std::rc::Rc;
use std::sync::Mutex;
use std::time::Duration;

use manager_runtime::prelude::*;

static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

#[handler(replicas = 3)]
async fn length(text: String) -> Json<usize> {
    Json(text.len())
}

#[handler]
async fn everything(ctx: Context, text: String) -> Result<Json<usize>> {
    // What is not `Send` is gone before the await.
    let owned = {
        let shared = Rc::new(text);
        let again = shared.clone();
        format!("{shared}{again}")
    };
    if let Ok(mut seen) = SEEN.lock() {
        seen.push(owned.clone());
    }
    let timed = ctx.call::<length>(owned.clone()).timeout(Duration::from_secs(1)).await?;
    let (left, right) =
        tokio::try_join!(ctx.call::<length>(owned.clone()), ctx.call::<length>(owned.clone()))?;
    let spawned = tokio::spawn({
        let ctx = ctx.clone();
        async move { ctx.call::<length>(owned).await }
    });
    let calls = ["a", "bb"].map(|text| ctx.call::<length>(text.to_owned()));
    let mut sum = 0;
    for call in calls {
        sum += call.await?;
    }
    Ok(Json(timed + left + right + spawned.await?? + sum))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let running = Manager::new_default().without_http().spawn().await?;
    assert_eq!(running.context().call::<everything>("ab".to_owned()).await?, 19);
    running.stop().await
}
