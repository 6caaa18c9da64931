//! What is documented and what is deprecated, in all forms.
//! Links to a handler are written with parentheses: [`add()`].
#![deny(warnings, missing_docs)]

use manager_runtime::prelude::*;

/// Adds.
///
/// With "quotes", a `{brace}` and a \ in it.
#[handler]
pub async fn add(text: String) -> String {
    text
}

#[doc = "Adds"]
#[doc = concat!("in ", "parts")]
#[handler]
pub async fn parts(text: String) -> String {
    text
}

/** Adds
 * over several lines. */
#[handler]
#[doc(alias = "plus")]
/// Also after the attribute.
pub async fn lines(text: String) -> String {
    text
}

#[doc(hidden)]
#[handler]
pub async fn hidden() {}

/// Was there before.
#[handler]
#[deprecated(since = "0.1.0", note = "call `add`")]
pub async fn old(text: String) -> String {
    text
}

/// Also in this order.
#[deprecated]
#[handler]
pub async fn older() {}

/// A message that goes.
#[deprecated]
#[message]
pub struct Gone {
    /// A field.
    pub field: u8,
}

/// Its handler goes as well.
#[expect(deprecated, reason = "both go together")]
#[handler]
pub async fn gone(Json(gone): Json<Gone>) -> Json<u8> {
    Json(gone.field)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let running = Manager::new_default().without_http().spawn().await?;
    assert_eq!(running.context().call::<add>("a".to_owned()).await?, "a");
    #[expect(deprecated, reason = "the warning is what is shown")]
    let old = running.context().call::<old>("b".to_owned()).await?;
    assert_eq!(old, "b");
    running.stop().await
}
