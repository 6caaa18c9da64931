//! A `pub` handler shows its message.

use manager_runtime::prelude::*;

pub mod math {
    use manager_runtime::prelude::*;

    #[message]
    struct Sum {
        a: i64,
    }

    #[handler]
    pub async fn add(Json(sum): Json<Sum>) -> Json<i64> {
        Json(sum.a)
    }
}

async fn call(ctx: Context) {
    let _ = ctx.call::<math::add>(math::Sum { a: 1 }).await;
}

fn main() {}
