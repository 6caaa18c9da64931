//! Who may ask and how often: an authentication of the program's own, a key for one handler, a rate.

use std::collections::HashMap;

use manager_runtime::HeaderMap;
use manager_runtime::prelude::*;

/// Whom a ticket belongs to.
pub struct User {
    name: &'static str,
}

/// Who has which ticket; another program asks its database.
pub struct Tickets(HashMap<&'static str, &'static str>);

/// Asked about every request that presents no key, before its body is read.
#[authenticator]
async fn ticket(headers: HeaderMap, tickets: Res<Tickets>) -> Result<User> {
    let ticket = headers.get("x-ticket").and_then(|ticket| ticket.to_str().ok());
    let name = ticket.and_then(|ticket| tickets.0.get(ticket));
    let name = name.ok_or_else(|| Error::unauthorized("show your ticket in X-Ticket"))?;
    Ok(User { name })
}

#[handler(get = "/me")]
async fn me(user: Identity<User>) -> &'static str {
    user.name
}

/// Everybody may come in, and whoever is known is greeted by name; three times at once, and then every
/// six seconds.
#[handler(get = "/", public, rate = "10/m", burst = 3)]
async fn home(user: Option<Identity<User>>) -> String {
    user.map_or_else(|| "Hello".to_owned(), |user| format!("Hello {}", user.name))
}

/// Whoever has a ticket has no key, and is refused here.
#[handler(keys = "ops")]
async fn count_tickets(tickets: Res<Tickets>) -> Json<usize> {
    Json(tickets.0.len())
}

fn main() -> ExitCode {
    manager! {
        // The key is `opensesame`; its digest is all that the program has to know.
        api_keys: { "ops": "sha256:d9fb92e3bbe65be1f1aad4a82eef4567f7a1ebe2cd110c8049b9698be7a70c88" },
        provide: [Tickets(HashMap::from([("b7f1", "Ada"), ("94c3", "Bob")]))],
    }
}
