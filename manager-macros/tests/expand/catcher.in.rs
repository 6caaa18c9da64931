#[catcher(404, 405, path = "/api")]
async fn not_found(ctx: Context, caught: Caught) -> Json<Problem> {
    Json(caught.into())
}

#[catcher]
#[cfg(unix)]
fn all() -> impl IntoReply {
    "sorry"
}

#[catcher(crate = my::runtime)]
async fn nothing() {}

#[catcher(200)]
async fn options_alone() {}

#[catcher]
async fn the_item_itself(caught: &Caught) {}
