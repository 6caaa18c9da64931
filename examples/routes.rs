//! Routes: a handler that knows nothing of HTTP is a route, a place on the bus and a command.

use manager_runtime::prelude::*;

/// Some days of the year.
#[message]
pub struct Range {
    /// The first.
    pub from: u32,
    /// The last.
    pub to: u32,
}

/// Read from the query: `GET /days?from=1&to=3`. On the bus it is `ctx.call::<days>(..)`, and on the
/// command line `routes call days '{"from":1,"to":3}'`.
#[handler(get = "/days")]
async fn days(range: Range) -> Json<Vec<u32>> {
    Json((range.from..=range.to).collect())
}

/// Something not to be forgotten.
#[message]
pub struct Note {
    /// Its number.
    pub id: u64,
    /// What it says.
    pub text: String,
}

/// Read from the body, and the number from the path: `PUT /notes/7`.
#[handler(put = "/notes/{id}")]
async fn write(ctx: Context, note: Note) -> Result<StatusCode> {
    ctx.state().insert(&format!("note/{}", note.id), note.text);
    Ok(StatusCode::CREATED)
}

#[handler(get = "/notes/{id}")]
async fn read(ctx: Context, Path(id): Path<u64>) -> Result<Option<String>> {
    Ok(ctx.state().get::<String>(&format!("note/{id}"))?)
}

/// A handler calls another one by its type, whatever its route.
#[handler(get = "/weeks/{number:[0-9]+}")]
async fn week(ctx: Context, Path(number): Path<u32>) -> Result<Json<Vec<u32>>> {
    Ok(Json(ctx.call::<days>(Range { from: number * 7 + 1, to: number * 7 + 7 }).await?))
}

/// Where it was before.
#[handler(get = "/calendar/{number}", moved = "/weeks/{number}")]
async fn calendar() {}

fn main() -> ExitCode {
    manager!()
}
