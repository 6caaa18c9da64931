/// Adds two numbers.
///
///     indented
pub async fn untouched() {}

#[handler(name = "add", replicas = 5)]
/// Adds two numbers.
///
///     indented
#[deprecated]
#[tracing::instrument]
pub async fn add(ctx: Context, Json(sum): Json<Sum>) -> Json<Total> {
    Json(Total { total: sum.a + sum.b })
}

#[handler(blocking)]
fn plain(_: String) {}

#[handler]
async fn erased(text: String) -> Result<impl IntoReply> {
    Ok(text)
}

#[handler(
    queue = 0,
    timeout = "1500ms",
    on = ["orders.*", "bills.>"],
    public,
    detached,
    body_limit = "64KiB",
    crate = my::runtime
)]
#[cfg(unix)]
pub(crate) async fn r#type() -> &'static str {
    "every option"
}

#[handler(on = "orders")]
async fn implied() {}
