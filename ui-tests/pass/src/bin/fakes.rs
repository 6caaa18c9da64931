//! A typed stand-in for a handler.

#![deny(warnings)]

use manager_runtime::prelude::*;

#[message]
struct Item {
    name: String,
}

#[message]
struct Price {
    cents: u32,
}

#[handler]
async fn price(item: Item) -> Result<Price> {
    Err(Error::internal(format!("no price of {} in tests", item.name)))
}

#[handler]
async fn order(ctx: Context, name: String) -> Result<String> {
    let price = ctx.call::<price>(Item { name }).await?;
    Ok(format!("that is {}", price.cents))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let running = Manager::empty()
        .add::<order>()
        .fake::<price, _>(|item| async move { Ok(Price { cents: item.name.len() as u32 }) })
        .without_http()
        .spawn()
        .await?;
    assert_eq!(running.context().call::<order>("tea".to_owned()).await?, "that is 3");
    running.stop().await
}
