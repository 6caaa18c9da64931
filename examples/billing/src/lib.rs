//! Handlers that live in a library crate. A program that names the crate in `manager!` has them.

use manager_runtime::prelude::*;

/// Something that was bought.
#[message]
pub struct Item {
    /// What it is called.
    pub name: String,
    /// What it costs, in cents.
    pub cents: u64,
}

/// Writes an invoice.
#[handler(replicas = 2)]
pub async fn invoice(item: Item) -> String {
    format!("{}: {}.{:02}", item.name, item.cents / 100, item.cents % 100)
}
