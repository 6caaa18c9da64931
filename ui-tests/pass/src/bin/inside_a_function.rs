//! A handler, its message and an impl block inside of a function.

#![deny(warnings)]

use manager_runtime::prelude::*;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    #[message]
    struct Sum {
        a: i64,
        b: i64,
    }

    #[handler]
    async fn add(sum: Sum) -> Json<i64> {
        Json(sum.a + sum.b)
    }

    #[derive(Default)]
    struct Counter(u64);

    #[handler]
    impl Counter {
        async fn run(&mut self) -> Json<u64> {
            self.0 += 1;
            Json(self.0)
        }
    }

    let running = Manager::new_default().without_http().spawn().await?;
    assert_eq!(running.context().call::<add>(Sum { a: 2, b: 3 }).await?, 5);
    assert_eq!(running.context().call::<Counter>(()).await?, 1);
    let nested = {
        #[handler(name = "nested")]
        async fn add() -> &'static str {
            "nested"
        }
        running.context().call::<add>(()).await?
    };
    assert_eq!(nested, "nested");
    running.stop().await
}
