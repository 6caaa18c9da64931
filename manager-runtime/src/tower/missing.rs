//! What there is without the feature `tower`: traits that nothing has, to tell what is missing.

use std::sync::Arc;

use crate::middleware::{Layered, Mounted};

/// A layer of tower; without the feature `tower` nothing is one.
#[diagnostic::on_unimplemented(
    message = "layers of tower need the feature `tower`",
    label = "a tower layer, or none at all",
    note = "write `manager-runtime = {{ version = \"..\", features = [\"tower\"] }}` in Cargo.toml",
    note = "a middleware without tower is `async fn(request: Request, next: Next) -> Result<Response>`"
)]
pub trait TowerLayer {}

/// A service of tower; without the feature `tower` nothing is one.
#[diagnostic::on_unimplemented(
    message = "mounting a service of tower needs the feature `tower`",
    label = "a tower service, or none at all",
    note = "write `manager-runtime = {{ version = \"..\", features = [\"tower\"] }}` in Cargo.toml"
)]
pub trait TowerService {}

/// Makes a middleware of a layer.
pub fn tower_layer<L: TowerLayer>(_: L) -> Layered {
    unreachable!("nothing is a layer")
}

/// The service, whatever its type.
pub(crate) fn mounted<S: TowerService>(_: S) -> Arc<dyn Mounted> {
    unreachable!("nothing is a service")
}
