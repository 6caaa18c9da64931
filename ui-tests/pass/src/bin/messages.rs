//! Structs and enums of every form.

#![deny(warnings)]

use std::collections::HashMap;

use manager_runtime::prelude::*;

#[message]
struct Unit;

#[message]
#[derive(Clone, Debug, PartialEq)]
struct Tuple(u8, String);

#[derive(Clone, Debug, PartialEq)]
#[message]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Fields {
    first_one: u8,
    #[serde(default)]
    r#type: Option<String>,
    #[serde(skip)]
    skipped: u8,
    nested: HashMap<String, Tuple>,
}

#[message]
#[derive(Debug, PartialEq)]
#[serde(tag = "kind")]
enum Shape {
    Point,
    Circle { radius: f64 },
}

#[message]
#[derive(Debug, PartialEq)]
struct Page<T> {
    items: Vec<T>,
}

#[message]
#[derive(Debug, PartialEq)]
struct Pair<A, B = u8>
where
    A: Clone,
{
    a: A,
    b: B,
}

#[message]
struct Array<const N: usize> {
    items: Vec<[u8; 2]>,
}

/// Messages by serde's own derives go into a wrapper.
#[derive(serde::Serialize, serde::Deserialize)]
struct Plain {
    plain: u8,
}

#[handler]
async fn unit(unit: Unit) -> Unit {
    unit
}

#[handler]
async fn tuple(Tuple(number, text): Tuple) -> Tuple {
    Tuple(number + 1, text)
}

#[handler]
async fn fields(fields: Fields) -> Fields {
    fields
}

#[handler]
async fn shape(shape: Shape) -> Shape {
    shape
}

#[handler]
async fn page(page: Page<Tuple>) -> Page<u8> {
    Page { items: page.items.into_iter().map(|tuple| tuple.0).collect() }
}

#[handler]
async fn pair(pair: Pair<String>) -> Pair<u8, String> {
    Pair { a: pair.b, b: pair.a }
}

#[handler]
async fn array(array: Array<2>) -> Json<usize> {
    Json(array.items.len())
}

#[handler]
async fn plain(Json(plain): Json<Plain>) -> Json<Plain> {
    Json(plain)
}

#[handler]
async fn by_name(ctx: Context) -> Result<String> {
    ctx.dispatch("unit", Unit).await?;
    let text =
        ctx.publish("page", Page { items: vec![Tuple(1, "one".to_owned())] }).await?.text()?;
    Ok(text)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let running = Manager::new_default().without_http().spawn().await?;
    let ctx = running.context();
    let one = Tuple(1, "one".to_owned());
    ctx.call::<unit>(Unit).await?;
    assert_eq!(ctx.call::<tuple>(one.clone()).await?.0, 2);
    let nested = HashMap::from([("one".to_owned(), one.clone())]);
    let fields = Fields { first_one: 1, r#type: None, skipped: 0, nested };
    let reply = ctx.publish("fields", fields.clone()).await?;
    assert_eq!(reply.json::<Fields>()?, fields);
    assert_eq!(ctx.call::<shape>(Shape::Point).await?, Shape::Point);
    let circle = ctx.publish("shape", r#"{"kind":"Circle","radius":2.0}"#).await?;
    assert_eq!(circle.json::<Shape>()?, Shape::Circle { radius: 2.0 });
    assert_eq!(ctx.call::<page>(Page { items: vec![one] }).await?.items, [1]);
    let pair = ctx.call::<pair>(Pair { a: "a".to_owned(), b: 1 }).await?;
    assert_eq!(pair, Pair { a: 1, b: "a".to_owned() });
    assert_eq!(ctx.call::<array>(Array { items: vec![[1, 2]] }).await?, 1);
    assert_eq!(ctx.call::<plain>(Plain { plain: 5 }).await?.plain, 5);
    assert_eq!(ctx.call::<by_name>(()).await?, r#"{"items":[1]}"#);
    running.stop().await
}
