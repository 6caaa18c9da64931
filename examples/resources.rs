//! Resources: what handlers share and a program makes once. One that is missing ends the start, with
//! the names of the handler and the type, and never a request.

use std::collections::BTreeMap;

use manager_runtime::prelude::*;

/// What things cost, in cents.
pub struct Prices(BTreeMap<&'static str, u64>);

impl Prices {
    /// Stands for a pool or a client: making it may wait and may fail.
    async fn load() -> Result<Self> {
        tokio::task::yield_now().await;
        Ok(Prices(BTreeMap::from([("tea", 250), ("cake", 420)])))
    }
}

/// Looks a price up; `None` is 404.
#[handler(replicas = 4)]
async fn price(prices: Res<Prices>, item: String) -> Option<Json<u64>> {
    prices.0.get(item.as_str()).copied().map(Json)
}

fn main() -> ExitCode {
    manager! { provide: [Prices::load().await?] }
}
