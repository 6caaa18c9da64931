//! What stands in the place of `tower` without the feature of that name: it tells what is missing.

use crate::middleware::Layered;

/// A layer of tower; without the feature `tower` nothing is one.
#[diagnostic::on_unimplemented(
    message = "layers of tower need the feature `tower`",
    label = "a tower layer, or none at all",
    note = "write `manager-runtime = {{ version = \"..\", features = [\"tower\"] }}` in Cargo.toml",
    note = "a middleware without tower is `async fn(request: Request, next: Next) -> Result<Response>`"
)]
pub trait TowerLayer {
    #[doc(hidden)]
    fn never(self) -> Layered;
}

/// Makes a middleware of a layer.
pub fn tower_layer<L: TowerLayer>(layer: L) -> Layered {
    layer.never()
}
