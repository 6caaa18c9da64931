#[handler(rebuild_on_cancel)]
impl OrderBook {
    /// Takes an order.
    pub async fn run(&mut self, ctx: Context, Json(order): Json<Order>) -> Result<Json<Self>> {
        self.help(order)
    }

    fn help<T>(&self, order: T) -> T {
        order
    }
}

/// Counts.
#[handler(name = "counter")]
impl Counter {
    pub async fn new(state: Arc<SharedState>, pool: Res<Pool>) -> Result<Self, Failed> {
        connect(state, pool).await
    }

    pub fn run(&self, n: Json<u64>) -> impl IntoReply {
        n
    }
}

#[handler]
impl a::Plain {
    fn new() -> Self {
        Plain
    }

    async fn run(&self) {}
}
