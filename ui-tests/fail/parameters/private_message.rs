//! A `pub` handler shows its message.

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

fn main() {}
